#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where names come from: packed recordings opened where nothing of the recorded machine is, sysroots, files of other architectures, perf archive, and a real
debuginfod server. test-files.py AFTERGLOW_CLI SOURCE_FOLDER"""
import hashlib
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time

CLI, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import perfdata  # noqa: E402
from tap import plan, report, skip

PROGRAM = """
#include <string.h>
static inline __attribute__((always_inline)) int inlined_step (int x) { for (volatile int i = 0; i < 500; i++) x += i * x; return x; }
__attribute__((noinline)) int hot_inner (int x) { return inlined_step (x) + 1; }
__attribute__((noinline)) int hot_outer (int x) { int sum = 0; for (int i = 0; i < 4000; i++) sum += hot_inner (x + i); return sum; }
int main (int argc, char **argv)
{
  static char a[1 << 16], b[1 << 16];
  int sum = 0;
  for (int i = 0; i < 60; i++) { sum += hot_outer (i); for (int k = 0; k < 200; k++) memcpy (a, b, sizeof a - (k & 1)); }
  return sum == 42;
}
"""
CROSS = "int ext (int); __attribute__((noinline)) int hot_inner (int x) { return x * 3 + ext (x); } int hot_outer (int x) { return hot_inner (x) + 1 + ext (2); }\n"


def run(*command, **options):
    return subprocess.run(list(command), capture_output=True, text=True, errors="replace", timeout=120, **options)


def fold(path, *options, env=None):
    return run(CLI, "fold", "--quiet", "--weight", "samples", *options, path, env=env).stdout


def build(folder, name="busy", *flags):
    path = os.path.join(folder, name)
    with open(path + ".c", "w", encoding="utf-8") as file:
        file.write(PROGRAM)
    subprocess.run(["gcc", "-O1", "-g", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-Wl,--build-id", *flags, path + ".c", "-o", path], check=True)
    return path


def split(path):
    """Debug information beside the program, under its link."""
    os.makedirs(os.path.join(os.path.dirname(path), ".debug"), exist_ok=True)
    debug = os.path.join(os.path.dirname(path), ".debug", os.path.basename(path) + ".debug")
    subprocess.run(["objcopy", "--only-keep-debug", path, debug], check=True)
    subprocess.run(["strip", "-s", path], check=True)
    subprocess.run(["objcopy", "--add-gnu-debuglink=" + debug, path], check=True, cwd=os.path.dirname(debug))
    return debug


def record(path, program, *options, arguments=()):
    made = run("perf", "record", "-q", "-F", "999", "-o", path, *options, "--", program, *arguments)
    return made.returncode == 0 and os.path.exists(path)


def build_id(path):
    return re.search(r"Build ID: ([0-9a-f]+)", run("readelf", "-n", path).stdout).group(1)


# ---- packed recordings ----

def make_root(folder):
    """A root without any file of the recorded machine at its place: the command, and what it is linked with, under another folder."""
    root = os.path.join(folder, "root")
    os.makedirs(os.path.join(root, "cli"))
    os.makedirs(os.path.join(root, "tmp"))
    shutil.copy(CLI, os.path.join(root, "cli", "afterglow-cli"))
    loader = None
    for line in run("ldd", CLI).stdout.splitlines():
        found = re.search(r"(?:=> )?(/\S+) \(0x", line)
        if found:
            shutil.copy(found.group(1), os.path.join(root, "cli"))
            if "/ld-linux" in found.group(1):
                loader = os.path.basename(found.group(1))
    # Text is written the same way in both.
    shutil.copytree("/usr/lib/locale/C.utf8", os.path.join(root, "usr/lib/locale/C.utf8"), dirs_exist_ok=True) if os.path.isdir("/usr/lib/locale/C.utf8") else None
    return root, ["/cli/" + loader, "--library-path", "/cli", "/cli/afterglow-cli"] if loader else None


proc = []


def chrooted(root, command, *arguments):
    """Without /proc where that does: sanitizers need theirs."""
    return run(*proc, "chroot", root, *command, *arguments, env={"LC_ALL": "C.UTF-8", "HOME": "/none", "TMPDIR": "/tmp", "PATH": os.environ["PATH"]})


def test_pack(folder):
    if os.geteuid() != 0 or run("chroot", "/", "true").returncode != 0:
        skip("packed recordings in a root of their own", "chroot is not allowed here")
        return
    root, command = make_root(folder)
    if command is not None and chrooted(root, command, "--version").returncode != 0:
        os.makedirs(os.path.join(root, "proc"), exist_ok=True)
        proc[:] = ["unshare", "--mount", "sh", "-c", 'mount -t proc proc "%s/proc" && exec "$0" "$@"' % root]
    if command is None or chrooted(root, command, "--version").returncode != 0:
        skip("packed recordings in a root of their own", "the command does not run in a root of its own")
        return
    split_program, whole = build(folder, "split"), build(folder, "whole", "-no-pie")
    split(split_program)
    jit = os.path.join(folder, "jit")
    reader = shutil.which("dd")
    has_jit = os.uname().machine == "x86_64" and run("gcc", "-O1", os.path.join(SOURCE, "jit.c"), "-o", jit).returncode == 0
    cases = [("split", split_program, ("-g", "--buildid-mmap"), ()), ("dwarf", whole, ("--call-graph", "dwarf,8192"), ()),
             ("nobuildid", whole, ("-g", "-B", "-N", "--no-buildid"), ())]
    if reader:
        cases.append(("kernel", reader, ("-g", "-e", "cpu-clock"), ("if=/dev/zero", "of=/dev/null", "bs=1", "count=1500000")))
    if has_jit:
        cases.append(("jit", jit, ("-g", "-k", "mono"), (folder, "0.4")))
    for name, program, options, arguments in cases:
        data, pack = os.path.join(folder, name + ".data"), os.path.join(root, name + ".afterglow-pack")
        if not record(data, program, *options, arguments=arguments):
            skip("pack %s" % name, "perf cannot record here")
            continue
        made = run(CLI, "pack", data, "-o", pack)
        # Callers that frame pointers missed are put back by the code around, which a pack has only where whole files were asked for.
        ways = {"fold": ("fold", "--as-recorded"), "script": ("script",)}
        here = {c: run(CLI, *way, "--quiet", data).stdout for c, way in ways.items()}
        there = {c: chrooted(root, command, *way, "--quiet", "/" + name + ".afterglow-pack") for c, way in ways.items()}
        report(made.returncode == 0 and "Taken:" in made.stdout, "pack %s: says what was taken" % name, made.stdout + made.stderr)
        for c in ("fold", "script"):
            # All samples may have one stack, and a short one.
            report(here[c] == there[c].stdout and len(here[c]) > 20, "%s of %s is the same where nothing of the machine is" % (c, name),
                   "%d and %d bytes\n" % (len(here[c]), len(there[c].stdout)) + "\n".join(a + " | " + b for a, b in zip(here[c].splitlines(), there[c].stdout.splitlines()) if a != b)[:900] + there[c].stderr)
        if name == "jit":
            report("jit" in there["fold"].stdout and ".maps/" in run("tar", "--zstd", "-tf", pack).stdout, "code of a just-in-time compiler among them", made.stdout)
        elif name == "kernel":
            kernel = re.search(r"entry_SYSCALL_64|do_syscall_64|el0_svc", here["fold"])
            report(not kernel or kernel.group(0) in there["fold"].stdout and ".kallsyms" in run("tar", "--zstd", "-tf", pack).stdout, "and functions of the kernel")
        else:
            report("hot_inner" in there["fold"].stdout, "with its functions", there["fold"].stdout[:300])
    # What it is made of.
    pack, data = os.path.join(root, "split.afterglow-pack"), os.path.join(folder, "split.data")
    names = run("tar", "--zstd", "-tf", pack).stdout.splitlines()
    hexed = build_id(split_program)
    report(names[:2] == ["afterglow-pack.txt", "split.data"] and "split.data.symbols/.build-id/%s/%s/elf" % (hexed[:2], hexed[2:]) in names
           and "split.data.symbols/.build-id/%s/%s/debug" % (hexed[:2], hexed[2:]) in names, "tar lists it", names)
    out = os.path.join(folder, "unpacked")
    os.makedirs(out)
    run("tar", "--zstd", "-xf", pack, "-C", out)
    report(hashlib.sha256(open(os.path.join(out, "split.data"), "rb").read()).digest() == hashlib.sha256(open(data, "rb").read()).digest(),
           "the recording in it is the recording")
    before = fold(data, "--as-recorded")
    os.rename(split_program, split_program + ".gone")
    shutil.rmtree(os.path.join(folder, ".debug"))
    report(fold(os.path.join(out, "split.data"), "--as-recorded") == before and "hot_inner" in before, "what tar unpacks opens as well")
    report("hot_inner" not in fold(data), "the recording alone has no names any more")
    report("inlined_step" in fold(pack), "inlined functions are in it", fold(pack)[:300])
    # A pack of a pack's own opening, and the options.
    slim, full = os.path.join(folder, "slim.afterglow-pack"), os.path.join(folder, "full.afterglow-pack")
    made = run(CLI, "pack", "--no-inlines", os.path.join(out, "split.data"), "-o", slim)
    report(made.returncode == 0 and "inlined_step" not in fold(slim) and "hot_inner" in fold(slim), "--no-inlines leaves them away", made.stderr)
    made = run(CLI, "pack", "--full", os.path.join(folder, "dwarf.data"), "-o", full)
    tables = os.path.getsize(os.path.join(root, "dwarf.afterglow-pack"))
    report(made.returncode == 0 and fold(full) == fold(os.path.join(folder, "dwarf.data")) and os.path.getsize(full) > tables,
           "--full takes whole files: %d bytes, tables %d" % (os.path.getsize(full), tables), made.stderr)
    report(run(CLI, "pack", os.path.join(folder, "nothing")).returncode == 3 and run(CLI, "pack", "--all", "--only-used", data).returncode == 2, "wrong uses are told")
    hostile(folder, pack)


def zstd(data, path):
    subprocess.run(["zstd", "-q", "-f", "-o", path], input=data, check=True)
    return path


def tar_member(name, data, kind=b"0", size=None, target=b""):
    block = bytearray(512)
    block[:len(name)] = name
    block[100:108], block[124:136] = b"0000644\0", b"%011o\0" % (len(data) if size is None else size)
    block[136:148], block[156:157], block[157:157 + len(target)], block[257:265] = b"00000000000\0", kind, target, b"ustar\x0000"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + data + b"\0" * (-len(data) % 512)


def hostile(folder, pack):
    raw = subprocess.run(["zstd", "-dc", pack], capture_output=True, check=True).stdout
    path = os.path.join(folder, "hostile.afterglow-pack")
    manifest = tar_member(b"afterglow-pack.txt", b"Afterglow pack 1\nrecording: split.data\n")
    body = raw[1024:]
    escaped = os.path.join(folder, "escaped")
    outside = tar_member(b"../escaped", b"x") + tar_member(escaped.encode(), b"x") + tar_member(b"link", b"", b"2", target=b"/etc/passwd") \
        + tar_member(b"split.data.symbols", b"", b"2", target=b"..")
    got = run(CLI, "fold", zstd(manifest + outside + body, path))
    report(got.returncode == 0 and not os.path.exists(escaped), "members that lead outside are not followed", got.stderr)
    for cut in (600, 1024, 1500, len(raw) // 3, len(raw) - 700):
        got = run(CLI, "fold", zstd(raw[:cut], path))
        report(got.returncode in (0, 3, 4) and got.stderr.strip() != "" or cut > len(raw) - 1100, "cut at %d of %d: told" % (cut, len(raw)), (got.returncode, got.stderr))
    huge = tar_member(b"split.data", b"", size=0o77777777777)
    got = run(CLI, "fold", zstd(manifest + huge, path))
    report(got.returncode == 3 and "without its recording" in got.stderr, "a size beyond the end", got.stderr)
    got = run(CLI, "fold", zstd(tar_member(b"afterglow-pack.txt", b"Afterglow pack 7\nrecording: split.data\n") + body, path))
    report(got.returncode == 3 and "version 7" in got.stderr, "a version to come is refused by number", got.stderr)
    got = run(CLI, "fold", zstd(manifest.replace(b"split.data", b"afterglow-p") + body, path))
    report(got.returncode == 3, "a manifest that was changed", got.stderr)
    loop = tar_member(b"a", b"", b"2", target=b"b") + tar_member(b"b", b"", b"2", target=b"a")
    got = run(CLI, "fold", zstd(tar_member(b"afterglow-pack.txt", b"Afterglow pack 1\nrecording: a\n") + loop, path))
    report(got.returncode == 3 and "without its recording" in got.stderr, "links in a circle", got.stderr)
    inner = tar_member(b"afterglow-pack.txt", b"Afterglow pack 1\nrecording: x\n") + tar_member(b"x", manifest + body)
    got = run(CLI, "fold", zstd(inner, path))
    report(got.returncode == 3 and "not read here" in got.stderr, "a pack in a pack", got.stderr)


# ---- what perf archive writes ----

def test_archive(folder):
    program = build(folder, "archived")
    data = os.path.join(folder, "archived.data")
    home = dict(os.environ, HOME=folder)
    if not record(data, program, "-g", "--buildid-mmap"):
        skip("perf archive", "perf cannot record here")
        return
    run("perf", "buildid-cache", "--add", program, env=home)
    made = run("perf", "archive", data, env=home)
    if not os.path.exists(data + ".tar.bz2"):
        skip("perf archive", "perf archive does not work here: " + (made.stderr.strip().splitlines() or ["?"])[-1][:60])
        return
    before = fold(data)
    shutil.rmtree(os.path.join(folder, ".debug"), ignore_errors=True)
    os.rename(program, program + ".gone")
    got = fold(data)
    report("hot_inner" in before and got == before, "an archive of perf archive beside the recording is looked into", got[:300])
    os.rename(data + ".tar.bz2", data + ".moved")
    report("hot_inner" not in fold(data), "and without it there are no names")


# ---- roots ----

def test_sysroot(folder):
    program = build(folder, "rooted")
    data, root = os.path.join(folder, "rooted.data"), os.path.join(folder, "sysroot")
    if not record(data, program, "-g", "--buildid-mmap"):
        skip("sysroot", "perf cannot record here")
        return
    debug = split(program)
    place, hexed = root + os.path.dirname(program), build_id(program)
    os.makedirs(place)
    shutil.move(program, os.path.join(place, "real"))
    os.symlink(os.path.dirname(program) + "/real", os.path.join(place, "rooted"))
    os.makedirs(root + "/usr/lib/debug/.build-id/" + hexed[:2])
    shutil.move(debug, root + "/usr/lib/debug/.build-id/%s/%s.debug" % (hexed[:2], hexed[2:]))
    report("hot_inner" not in fold(data), "without a root: no names")
    got = fold(data, "--sysroot", root)
    report("hot_inner" in got and "inlined_step" in got, "--sysroot: the program by a link that is absolute in it, its debug file in its /usr/lib/debug", got[:300])
    got = fold(data, "--symfs", root)
    report("hot_inner" in got and "inlined_step" in got, "--symfs: the same", got[:300])
    flat = os.path.join(folder, "flat")
    os.makedirs(flat)
    shutil.copy(os.path.join(place, "real"), os.path.join(flat, "rooted"))
    report("hot_inner" in fold(data, "--sysroot", flat, "--debug-dir", root + "/usr/lib/debug"), "a root without folders, and --debug-dir")
    cache = os.path.join(folder, "cache", ".build-id", hexed[:2], hexed[2:])
    os.makedirs(cache)
    shutil.copy(os.path.join(place, "real"), os.path.join(cache, "elf"))
    shutil.copy(root + "/usr/lib/debug/.build-id/%s/%s.debug" % (hexed[:2], hexed[2:]), os.path.join(cache, "debug"))
    report("hot_inner" in fold(data, "--debug-dir", os.path.join(folder, "cache")), "--debug-dir: a copy of perf's own cache")
    # Another build of the same name gives nothing.
    other = build(folder, "other", "-DOTHER", "-O2")
    shutil.copy(other, os.path.join(flat, "rooted"))
    got = run(CLI, "fold", "--sysroot", flat, data)
    report("hot_inner" not in got.stdout and "another build" in got.stderr, "another build is not taken", got.stderr)
    bare = os.path.join(folder, "bare")
    shutil.copy(other, bare)
    subprocess.run(["objcopy", "--remove-section=.note.gnu.build-id", bare], check=True)
    shutil.copy(bare, os.path.join(flat, "rooted"))
    report("hot_inner" not in fold(data, "--sysroot", flat), "nor one without a build-id, where the recording has one")


def test_shared(folder):
    """Debug information that dwz moved into a file of its own, which two programs share."""
    if shutil.which("dwz") is None:
        skip("shared debug information", "dwz is not installed")
        return
    data, root, debugs = os.path.join(folder, "first.data"), os.path.join(folder, "sysroot"), []
    programs = [build(folder, "first"), build(folder, "second", "-DSECOND")]
    if not record(data, programs[0], "-g", "--buildid-mmap"):
        skip("shared debug information", "perf cannot record here")
        return
    whole = fold(data, "--as-recorded")
    os.makedirs(root + "/usr/lib/debug/.dwz")
    os.makedirs(root + folder)
    for program in programs:
        hexed = build_id(program)
        place = root + "/usr/lib/debug/.build-id/%s/%s.debug" % (hexed[:2], hexed[2:])
        os.makedirs(os.path.dirname(place), exist_ok=True)
        shutil.move(split(program), place)
        debugs.append(place)
    made = run("dwz", "-m", root + "/usr/lib/debug/.dwz/both", "-M", "/usr/lib/debug/.dwz/both", *debugs)
    if made.returncode != 0 or "altlink" not in run("readelf", "-SW", debugs[0]).stdout:
        skip("shared debug information", "dwz does not share it: " + made.stderr.strip()[:60])
        return
    shutil.move(programs[0], root + programs[0])
    got = fold(data, "--as-recorded", "--sysroot", root)
    report(got == whole and "inlined_step" in got, "debug information shared by dwz is found in a root", got[:300])
    pack = os.path.join(folder, "first.afterglow-pack")
    run(CLI, "pack", data, "--sysroot", root, "-o", pack)
    os.remove(root + "/usr/lib/debug/.dwz/both")
    report("inlined_step" not in fold(data, "--sysroot", root), "which is where inlined functions are from")
    shutil.rmtree(root)
    report(fold(pack, "--as-recorded") == whole, "and packed", fold(pack)[:300])


# ---- other architectures ----

def elf_layout(path):
    """(vaddr, offset, size) of what is executable."""
    for line in run("readelf", "-lW", path).stdout.splitlines():
        part = line.split()
        if part and part[0] == "LOAD" and "E" in "".join(part[6:-1]):
            return int(part[2], 16), int(part[1], 16), int(part[5], 16)
    return None


def write_recording(path, module, places, layout, hexed, big, arch):
    vaddr, offset, size = layout
    page = vaddr & ~0xffff
    base = 0x10000000
    w = perfdata.Writer(big)
    w.event(perfdata.IP | perfdata.TID | perfdata.TIME)
    w.comm(7, 7, "board")
    w.mmap2(7, base, (size + 0x20000) & ~0xffff, (offset - (vaddr - page)) & 0xffffffffffffffff if offset >= vaddr - page else 0, module)
    shift = base - page if offset >= vaddr - page else base - (vaddr - offset)
    for time_, address in enumerate(places):
        w.record(perfdata.SAMPLE, w.pack("QIIQ", address + shift, 7, 7, 1000 + time_), 2)
    name = module.encode() + b"\0"
    name += b"\0" * (-len(name) % 64)
    w.features[2] = w.pack("IHHi", 67, 2, 8 + 4 + 24 + len(name), -1) + bytes.fromhex(hexed).ljust(24, b"\0") + name
    w.features[6] = w.feature_string(arch)
    with open(path, "wb") as file:
        file.write(w.to_bytes())


def test_architectures(folder):
    for prefix, arch, big, flags in (("aarch64-linux-gnu", "aarch64", False, ()), ("arm-linux-gnueabihf", "armv7l", False, ("-mthumb",)),
                                     ("arm-linux-gnueabihf", "armv7l", False, ("-marm",)), ("powerpc64-linux-gnu", "ppc64", True, ()),
                                     ("s390x-linux-gnu", "s390x", True, ()), ("mips-linux-gnu", "mips", True, ()), ("i686-linux-gnu", "i686", False, ())):
        title = " ".join((arch,) + flags)
        if shutil.which(prefix + "-gcc") is None:
            skip(title, prefix + "-gcc is not installed")
            continue
        root = os.path.join(folder, "board-" + title.replace(" ", ""))
        os.makedirs(root + "/usr/lib")
        module, source = "/usr/lib/libboard.so", os.path.join(folder, "board.c")
        with open(source, "w", encoding="utf-8") as file:
            file.write(CROSS)
        made = run(prefix + "-gcc", "-O1", "-g", "-fPIC", "-shared", "-nostdlib", "-fno-optimize-sibling-calls", "-Wl,--build-id", "-Wl,-z,lazy", *flags, source,
                   "-o", root + module)
        if made.returncode != 0:
            skip(title, made.stderr.strip().splitlines()[-1][:80])
            continue
        # objdump tells where the code is: no thumb bits, no descriptors.
        listing = run(prefix + "-objdump", "-d", root + module).stdout
        starts = [(int(a, 16), n.lstrip(".")) for a, n in re.findall(r"^([0-9a-f]+) <(\S+)>:$", listing, re.M)]
        sizes = {n.lstrip("."): int(z) for z, n in re.findall(r"^\s*\d+: [0-9a-f]+\s+(\d+) FUNC .* (\S+)$", run(prefix + "-readelf", "-sW", root + module).stdout, re.M)}
        wanted = {}
        for address, name in starts:
            if name in ("hot_inner", "hot_outer") or (name == "ext@plt" and arch not in ("ppc64", "mips")):
                body = listing[listing.index("<%s>:" % name if "<%s>:" % name in listing else "<.%s>:" % name):].split("\n\n")[0]
                # What fills up to the next function is nobody's.
                wanted[name] = [int(a, 16) for a in re.findall(r"^\s*([0-9a-f]+):\t", body, re.M) if int(a, 16) < address + sizes.get(name, 1 << 20)]
        places = [a for addresses in wanted.values() for a in addresses]
        expected = {name: len(addresses) for name, addresses in wanted.items()}
        data = os.path.join(folder, "board.data")
        write_recording(data, module, places, elf_layout(root + module), build_id(root + module), big, arch)
        got = {line.rpartition(" ")[0]: int(line.rpartition(" ")[2]) for line in fold(data, "--prefix", "none", "--sysroot", root).splitlines()}
        report(got == expected and "hot_inner" in got, "%s: every instruction is in its function" % title, (got, expected))
        # Tables alone say the same.
        pack = os.path.join(folder, "board.afterglow-pack")
        made = run(CLI, "pack", "--sysroot", root, data, "-o", pack)
        again = {line.rpartition(" ")[0]: int(line.rpartition(" ")[2]) for line in fold(pack, "--prefix", "none").splitlines()}
        report(again == expected, "%s: packed" % title, (again, made.stdout, made.stderr))
        shutil.rmtree(root)


# ---- debuginfod ----

def test_debuginfod(folder):
    if shutil.which("debuginfod") is None:
        skip("debuginfod", "debuginfod is not installed")
        return
    program, data, served = build(folder, "served"), os.path.join(folder, "served.data"), os.path.join(folder, "files")
    os.makedirs(served)
    shutil.copy(program, os.path.join(served, "served"))
    subprocess.run(["strip", "-s", program], check=True)
    if not record(data, program, "--call-graph", "dwarf,4096", "--buildid-mmap"):
        skip("debuginfod", "perf cannot record here")
        return
    os.rename(program, program + ".gone")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    log_path = os.path.join(folder, "debuginfod.log")
    with open(log_path, "wb") as log:
        server = subprocess.Popen(["debuginfod", "-v", "-p", str(port), "-d", ":memory:", "-F", served], stdout=log, stderr=log,
                                  env={k: v for k, v in os.environ.items() if k != "DEBUGINFOD_URLS"})
    try:
        end = time.monotonic() + 30
        while "groomed" not in open(log_path, encoding="utf-8", errors="replace").read() and time.monotonic() < end:
            time.sleep(0.1)
        url = "http://127.0.0.1:%d" % port
        env = dict(os.environ, DEBUGINFOD_URLS=url, DEBUGINFOD_CACHE_PATH=os.path.join(folder, "client"), LC_ALL="C.UTF-8")

        def requests():
            return re.findall(r"GET (/buildid/\S+)", open(log_path, encoding="utf-8", errors="replace").read())

        if "cannot ask debuginfod" in run(CLI, "fold", "--debuginfod", data, env=dict(env, DEBUGINFOD_CACHE_PATH=os.path.join(folder, "probe"))).stderr:
            skip("debuginfod", "this build has no libdebuginfod")
            return
        shutil.rmtree(os.path.join(folder, "probe"), ignore_errors=True)
        before = len(requests())
        without = fold(data, env=env)
        report("hot_inner" not in without and len(requests()) == before, "off by default: no request, no names", requests())
        got = run(CLI, "fold", "--quiet", "--weight", "samples", "--debuginfod", data, env=env)
        lines = [line for line in got.stdout.splitlines() if ";hot_outer;hot_inner" in line and ";main;" in line]
        report(len(requests()) > before and lines != [], "--debuginfod: names, and stacks unwound by what came", (got.stdout[:400], got.stderr, requests()))
        report("inlined_step" in got.stdout, "inlined functions too", got.stdout[:400])
        count = len(requests())
        report("hot_inner" in fold(data, env=env) and len(requests()) == count, "what came stays in the cache that other clients share", requests())
        find = shutil.which("debuginfod-find")
        if find:
            found = run(find, "debuginfo", build_id(os.path.join(served, "served")), env=env)
            report(found.returncode == 0 and found.stdout.startswith(env["DEBUGINFOD_CACHE_PATH"]) and len(requests()) == count,
                   "debuginfod-find finds it there", found.stdout + found.stderr)
        nobody = run(CLI, "fold", "--debuginfod", data, env=dict(env, DEBUGINFOD_URLS="http://127.0.0.1:1", DEBUGINFOD_CACHE_PATH=os.path.join(folder, "other")))
        said = [line for line in nobody.stderr.splitlines() if "debuginfod" in line]
        report(nobody.returncode == 0 and len(said) == 1 and "http://127.0.0.1:1" in said[0] and nobody.stdout != "", "a server that is not there: one line",
               nobody.stderr)
        none = run(CLI, "fold", "--debuginfod", data, env=dict(env, DEBUGINFOD_URLS="", DEBUGINFOD_CACHE_PATH=os.path.join(folder, "third")))
        report(none.returncode == 0 and "DEBUGINFOD_URLS is not set" in none.stderr, "no server: says what to set", none.stderr)
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen(8)
            waiting = subprocess.Popen([CLI, "fold", "--debuginfod", data], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       env=dict(env, DEBUGINFOD_URLS="http://127.0.0.1:%d" % silent.getsockname()[1],
                                                DEBUGINFOD_CACHE_PATH=os.path.join(folder, "fourth")))
            silent.settimeout(20)
            peer, _ = silent.accept()
            start = time.monotonic()
            waiting.terminate()
            waiting.wait(20)
            took = time.monotonic() - start
            peer.close()
        report(waiting.returncode == 143 and took < 1.5, "a server that does not answer is not waited for when interrupted (%.0f ms)" % (took * 1000),
               (waiting.returncode, took))
    finally:
        server.terminate()
        server.wait()


def main():
    lack = next((tool for tool in ("perf", "gcc", "objcopy", "strip", "readelf", "tar", "zstd") if shutil.which(tool) is None), None)
    if lack:
        print("1..0 # SKIP files: %s is not installed" % lack)
        return 0
    os.environ["LC_ALL"] = "C.UTF-8"
    for variable in ("DEBUGINFOD_URLS", "DEBUGINFOD_CACHE_PATH"):
        os.environ.pop(variable, None)
    for test in (test_pack, test_archive, test_sysroot, test_shared, test_architectures, test_debuginfod):
        folder = tempfile.mkdtemp(prefix="afterglow-files-")
        os.environ["XDG_CACHE_HOME"] = os.path.join(folder, "xdg-cache")
        try:
            test(folder)
        except Exception as problem:  # noqa: BLE001
            report(False, test.__name__, repr(problem))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    plan()
    return 0


sys.exit(main())
