#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stacks where they break: what frame pointers miss, other processors' programs, code and files that are gone. test-broken.py AFTERGLOW_CLI SOURCES

Programs are built here and know their chain. Those of AArch64 and ARM run under qemu-user and write down their own registers and stack (sampler.c), from
which a recording is made field by field."""
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import perfdata  # noqa: E402
from tap import plan, report, skip

CLI, SOURCES = sys.argv[1:3]
CHAIN = "main;plain_step;alpha_step;(lift;)?beta_step;gamma_step;burn"
HOME = None


def source(name):
    return os.path.join(SOURCES, name)


def run(*command, **options):
    environment = dict(os.environ, HOME=HOME, **options.pop("env", {}))
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120, env=environment, **options)


def build(path, *command):
    made = run(*command, "-o", path)
    if made.returncode != 0:
        raise RuntimeError(made.stderr)
    return path


def fold(path, *options):
    """Samples by stack."""
    rows = {}
    for line in run(CLI, "fold", "--quiet", "--prefix", "none", "--weight", "samples", *options, path).stdout.splitlines():
        stack, _, count = line.rpartition(" ")
        rows[stack] = rows.get(stack, 0) + int(count)
    return rows


def info(path, *options):
    return json.loads(run(CLI, "info", "--json", "--quiet", *options, path).stdout)


def record(path, *command, options=("-g",), rate=4000, event="cpu-clock:u", folder=None):
    return run("perf", "record", "-q", "-N", *options, "-e", event, "-F", str(rate), "-o", path, "--", *command, cwd=folder)


def check_chain(name, rows, chain, leaf, least=40, bar=0.995):
    """Of the samples in `leaf`, @bar must hold the chain; `leaf` may be a pattern."""
    held = whole = 0
    wrong = []
    for stack, count in rows.items():
        stack = re.sub(r"(;mix|;twist)+$", "", stack)
        if not re.search("(^|;)" + leaf + "$", stack):
            continue
        whole += count
        if re.search("(^|;)" + chain + "$", stack):
            held += count
        else:
            wrong.append("%d %s" % (count, stack))
    report(whole >= least and held >= bar * whole, "%s: %d samples in %s" % (name, whole, leaf), "%d of %d\n%s" % (held, whole, "\n".join(wrong[:4])))


# ---- frame pointers ----

def frame_pointers(directory):
    program = build(os.path.join(directory, "leaf"), "gcc", "-O2", "-fno-omit-frame-pointer", "-momit-leaf-frame-pointer", source("leaf.c"))
    path = program + ".data"
    record(path, program, "0.4")
    rows, raw = fold(path), fold(path, "--as-recorded")
    check_chain("a leaf without a frame pointer has its caller", rows, "main;outer_step;burn_step;leaf_step", "leaf_step")
    missed = sum(count for stack, count in raw.items() if stack.endswith("main;outer_step;leaf_step"))
    report(missed > 40, "frame pointers alone have missed it", raw)
    ours, perf = info(path), info(path, "--as-recorded")
    report(ours["stacks"]["repaired"] >= missed and perf["stacks"]["repaired"] == 0 and perf["stacks"]["skipped_callers"] >= ours["stacks"]["skipped_callers"] + missed,
           "info counts what was put back, and as recorded what is missing", (ours["stacks"], perf["stacks"], missed))
    # Who is called through a pointer cannot be told by the call: marked, not guessed.
    indirect = sum(count for stack, count in rows.items() if stack.endswith("main;pointed_step"))
    modules = {module["name"]: module for module in ours["stacks"]["modules"]}
    report(indirect > 40 and modules.get("leaf", {}).get("skipped_callers", 0) >= indirect and "missing-callers" in [w["code"] for w in ours["warnings"]],
           "a caller that no call names is marked as missing, by module", (indirect, ours["stacks"]["modules"]))
    lost = sum(count for stack, count in rows.items() if stack.split(";")[0].startswith("lost_step"))
    report(lost > 40 and modules.get("leaf", {}).get("broken", 0) >= lost and "stacks-without-start" in [w["code"] for w in ours["warnings"]],
           "a stack that ends where no thread begins is broken, by module", (lost, ours["stacks"], list(rows)[:9]))
    whole = sum(count for stack, count in raw.items() if stack.endswith("main;outer_step;burn_step") and "_start" in stack)
    report(ours["stacks"]["whole"] >= whole + missed and ours["stacks"]["samples"] == sum(rows.values()), "whole stacks are counted as whole", (whole, ours["stacks"]))
    text = run(CLI, "info", "--quiet", path).stdout
    report("Whole stacks: " in text and "Where stacks end too early" in text and "missing callers put back" in text, "info tells it in words", text)
    svg = path + ".svg"
    run(CLI, "render", "--quiet", path, "-o", svg)
    picture = open(svg, encoding="utf-8").read()
    torn = re.findall(r'<title>([^<]*)</title><rect[^>]*/><path class="t" data-torn="([0-9.]+)"', picture)
    report(any(title.startswith("pointed_step ") and "Callers missing here: " in title and float(share) > 0.9 for title, share in torn)
           and any(title.startswith("lost_step ") for title, _ in torn) and not any(title.startswith(("main ", "outer_step ", "burn_step ")) for title, _ in torn),
           "flame graphs have torn edges where callers are missing, and nowhere else", torn)
    for query in (("--roots", "comm"), ("--hide", "^main$"), ("--focus", "pointed_step"), ("--collapse-recursion",)):
        run(CLI, "render", "--quiet", *query, path, "-o", svg)
        shares = [float(share) for title, share in re.findall(r'<title>([^<]*)</title><rect[^>]*/><path class="t" data-torn="([0-9.]+)"', open(svg, encoding="utf-8").read())
                  if title.startswith("pointed_step ")]
        report(bool(shares) and max(shares) > 0.9, "and under %s as well" % " ".join(query), shares)
    inverted = run(CLI, "render", "--quiet", "--inverted", path, "-o", svg)
    report(inverted.returncode == 0 and 'class="t"' not in open(svg, encoding="utf-8").read(), "a graph from the leaves has none", inverted.stderr)


def limits(directory):
    program = build(os.path.join(directory, "deep"), "gcc", "-O0", "-fno-omit-frame-pointer", source("chains.c"))
    path = program + ".data"
    record(path, program, "deep", "0.3")
    stacks = info(path)["stacks"]
    rows = fold(path)
    deep = sum(count for stack, count in rows.items() if stack.count("deep") > 100)
    report(deep > 40 and stacks["limit"] >= 0.9 * deep > 0 and stacks["truncated"] == stacks["limit"] and stacks["broken"] < deep / 20, "stacks beyond the recording's limit are told as such",
           (deep, stacks))
    record(path, program, "deep", "0.3", options=("--call-graph", "dwarf,1024"))
    stacks = info(path)["stacks"]
    report(stacks["cut"] > 40 and stacks["limit"] == 0 and any(module["cut"] >= 0.9 * stacks["cut"] for module in stacks["modules"]), "dumps that end before their stacks do are told as such",
           stacks)


# ---- other processors ----

def read_samples(path):
    data, at, found = open(path, "rb").read(), 0, []
    while at < len(data):
        count, = struct.unpack_from("<Q", data, at)
        registers = struct.unpack_from("<%dQ" % count, data, at + 8)
        at += 8 + 8 * count
        size, = struct.unpack_from("<Q", data, at)
        found.append((registers, data[at + 8:at + 8 + size]))
        at += 8 + size
    return found


def write_recording(path, samples, arch, regs_mask, sp, pc, abi, chains=None, registers_of=None):
    """Samples of sampler.c as perf would have recorded them; with @chains the chain beside registers, and no stack."""
    kind = perfdata.IP | perfdata.TID | perfdata.TIME | perfdata.REGS_USER | (perfdata.CALLCHAIN if chains else perfdata.STACK_USER)
    writer = perfdata.Writer()
    writer.event(kind, regs_user=regs_mask)
    writer.features[6] = writer.feature_string(arch)
    writer.comm(7, 7, "chains", time=1)
    for line in open(samples + ".maps"):
        field = re.match(r"([0-9a-f]+)-([0-9a-f]+) r.xp ([0-9a-f]+) \S+ \d+ +(/\S+)", line)
        if field:
            start, end, offset = (int(text, 16) for text in field.groups()[:3])
            writer.mmap2(7, start, end - start, offset, field.group(4), time=2)
    for i, (registers, stack) in enumerate(read_samples(samples)):
        body = writer.pack("QIIQ", registers[pc], 7, 7, 100 + i)
        kept = registers if registers_of is None else registers_of(registers)
        if chains:
            ips = chains(registers, stack)
            body += writer.pack("Q%dQ" % len(ips), len(ips), *ips)
        body += writer.pack("Q%dQ" % len(kept), abi, *kept)
        if not chains:
            stack += b"\0" * (-len(stack) % 8)
            body += writer.pack("Q", len(stack)) + stack + writer.pack("Q", len(stack))
        writer.record(perfdata.SAMPLE, body, misc=2)
    with open(path, "wb") as file:
        file.write(writer.to_bytes())


def walk_pointers(registers, stack):
    """The chain as AArch64's kernel follows it: pairs of frame pointer and return address."""
    sp, pointer, ips = registers[31], registers[29], [perfdata.USER_CONTEXT, registers[32]]
    while pointer >= sp and pointer + 16 <= sp + len(stack) and len(ips) < 127:
        following, back = struct.unpack_from("<QQ", stack, pointer - sp)
        if back == 0:
            break
        ips.append(back)
        if following <= pointer:
            break
        pointer = following
    return ips


def foreign(directory):
    arm = ("arm", "arm-linux-gnueabihf", "qemu-arm", 0xffff, 13, 15, 1, "armv7l")
    aarch64 = ("aarch64", "aarch64-linux-gnu", "qemu-aarch64", (1 << 33) - 1, 31, 32, 2, "aarch64")
    for name, triple, emulator, mask, sp, pc, abi, machine in (aarch64, arm):
        if not shutil.which(triple + "-gcc") or not shutil.which(emulator):
            for case in range(4 if name == "arm" else 6):
                skip("%s, case %d" % (name, case), "no %s-gcc or %s here" % (triple, emulator))
            continue

        def sampled(label, mode, *options):
            program = build(os.path.join(directory, label), triple + "-gcc", "-g", "-DWITHOUT_LOG", *options, source("chains.c"), source("sampler.c"))
            samples = program + ".samples"
            run(emulator, "-L", "/usr/" + triple, program, mode, "0.8", env={"GLOW_SAMPLES": samples})
            return program, samples

        def check(label, samples, chain=CHAIN, what=""):
            path = samples + ".data"
            write_recording(path, samples, machine, mask, sp, pc, abi)
            check_chain("%s%s" % (label, what), fold(path), chain, "burn")
            return path
        _, samples = sampled(name + "-O2", "plain", "-O2", "-fomit-frame-pointer")
        path = check(name + " -O2", samples)
        stacks = info(path)["stacks"]
        # ARM's C library has functions without any table: there alone stacks may end.
        ends = sum(module["broken"] + module["cut"] for module in stacks["modules"] if name != "arm" or module["name"] != "libc.so.6")
        report(ends <= 0.01 * stacks["samples"] and stacks["repaired"] == 0, name + " -O2: stacks go to where the program starts", stacks)
        check(name + " -O0", sampled(name + "-O0", "plain", "-O0")[1])
        if name == "arm":
            # Without debug information ARM has its own tables alone, in the C library as well.
            program, samples = sampled(name + "-exidx", "plain", "-O2", "-funwind-tables")
            run(triple + "-strip", "--strip-debug", program)
            check("arm, its own tables", samples)
        else:
            program, samples = sampled(name + "-fp", "plain", "-O2", "-fno-omit-frame-pointer")
            path = samples + ".fp.data"
            write_recording(path, samples, machine, 1 << 30, sp, pc, abi, walk_pointers, lambda registers: registers[30:31])
            check_chain("aarch64, frame pointers and the link register", fold(path), CHAIN, "burn")
            stacks = info(path)["stacks"]
            report(stacks["repaired"] > 0 and stacks["skipped_callers"] <= 0.01 * stacks["samples"], "aarch64: callers in the link register are put back", stacks)
            write_recording(path, samples, machine, 1, sp, pc, abi, walk_pointers, lambda registers: registers[:1])
            stacks = info(path)["stacks"]
            report(stacks["skipped_callers"] > 0.5 * stacks["samples"] and stacks["repaired"] == 0, "aarch64: without it they are marked as missing", stacks)
    if run("gcc", "-m32", "-I/usr/include/x86_64-linux-gnu", "-o", os.path.join(directory, "try"), source("chains.c")).returncode != 0:
        skip("i386", "gcc -m32 cannot link here")
        skip("i386, static", "gcc -m32 cannot link here")
        return
    for name, options in (("i386", ("-O2",)), ("i386, static", ("-O2", "-static"))):
        program = build(os.path.join(directory, "i386" + "-static" * ("static" in name)), "gcc", "-m32", "-I/usr/include/x86_64-linux-gnu", "-g", "-fomit-frame-pointer", *options,
                        source("chains.c"))
        record(program + ".data", program, "plain", "0.3", options=("--call-graph", "dwarf,8192"), rate=2000)
        check_chain(name, fold(program + ".data"), CHAIN, "burn")


# ---- compiled while it ran ----

def compiled(directory):
    if os.uname().machine != "x86_64":
        skip("jitdump", "its program is x86-64 code")
        return
    program = build(os.path.join(directory, "jit-frames"), "gcc", "-O1", "-fomit-frame-pointer", source("jit-frames.c"))
    path = os.path.join(directory, "jit-frames.data")
    record(path, program, directory, "0.3", options=("-k", "mono", "--call-graph", "dwarf,4096"), rate=2000, folder=directory)
    rows = fold(path)
    check_chain("code with call frame information of its own", rows, "main;run_(code|moved);jit_frame;callee_step", "callee_step", bar=0.99)
    moved = sum(count for stack, count in rows.items() if stack.endswith("main;run_moved;jit_frame;callee_step"))
    report(moved > 30, "code that was moved keeps its name and its call frame information", rows)
    for name in os.listdir(directory):
        if re.fullmatch(r"jit-\d+\.dump", name):
            data = open(os.path.join(directory, name), "rb").read()
            with open(os.path.join(directory, name), "wb") as file:
                file.write(data.replace(struct.pack("<QQ", 96, 20), struct.pack("<QQ", 1 << 40, 20)))
    damaged = info(path)
    report("jitdump-damaged" in [warning["code"] for warning in damaged["warnings"]], "a table that is longer than its record is a warning", damaged["warnings"])


# ---- modules that are gone, or elsewhere ----

def modules(directory):
    folder = os.path.join(directory, "gone")
    os.makedirs(folder)
    library = build(os.path.join(folder, "libstep.so"), "gcc", "-O2", "-g", "-fomit-frame-pointer", "-shared", "-fPIC", "-Wl,--build-id", "-DLIBRARY", source("loaded.c"))
    program = build(os.path.join(folder, "loaded"), "gcc", "-O2", "-g", "-fomit-frame-pointer", "-Wl,--build-id", source("loaded.c"), "-ldl")
    path = os.path.join(folder, "loaded.data")
    chain = "main;load_step;library_step;back_step;spin_step"
    record(path, program, library, "0.3", options=("--buildid-mmap", "--call-graph", "dwarf,4096"), rate=2000)
    check_chain("a library that was loaded and unloaded again and again", fold(path), chain, "spin_step")
    check_chain("the vdso's clock", fold(path), "main;load_step;(clock_gettime;)?(__vdso_clock_gettime|\\[vdso\\]|clock_gettime)", "(__vdso_clock_gettime|\\[vdso\\])", bar=0.98)
    # Moved away: where the recording says, there is nothing, or something else.
    away = os.path.join(directory, "away")
    root = os.path.join(away, "root" + folder)
    os.makedirs(root)
    shutil.move(library, root)
    shutil.move(program, root)
    gone = info(path)["stacks"]
    report(gone["broken"] > 0.5 * gone["samples"], "without their files stacks are broken, and told to be", gone)
    check_chain("files below another root", fold(path, "--symfs", os.path.join(away, "root")), chain, "spin_step")
    # The cache of perf buildid-cache, and debug directories, both by build-id.
    for name in ("libstep.so", "loaded"):
        file = os.path.join(root, name)
        found = re.search(r"Build ID: ([0-9a-f]+)", run("readelf", "-n", file).stdout).group(1)
        cache = os.path.join(HOME, ".debug", ".build-id", found[:2], found[2:])
        os.makedirs(cache)
        shutil.copy(file, os.path.join(cache, "elf"))
    check_chain("files of perf's cache, by build-id", fold(path), chain, "spin_step")
    build(program, "gcc", "-O0", "-fomit-frame-pointer", "-Wl,--build-id", source("chains.c"))
    check_chain("another build in a program's place is not taken", fold(path), chain, "spin_step")
    shutil.rmtree(os.path.join(HOME, ".debug"))
    debug = os.path.join(away, "debug")
    for name in ("libstep.so", "loaded"):
        file = os.path.join(root, name)
        found = re.search(r"Build ID: ([0-9a-f]+)", run("readelf", "-n", file).stdout).group(1)
        os.makedirs(os.path.join(debug, ".build-id", found[:2]), exist_ok=True)
        shutil.copy(file, os.path.join(debug, ".build-id", found[:2], found[2:] + ".debug"))
    check_chain("files of a debug directory, by build-id", fold(path, "--debug-dir", debug), chain, "spin_step")


# ---- written field by field ----

def written(directory):
    def recording(name, writer):
        path = os.path.join(directory, name)
        with open(path, "wb") as file:
            file.write(writer.to_bytes())
        return path

    def addresses(path):
        text = run(CLI, "script", "--quiet", "--no-symbols", path).stdout
        return [[int(line.split()[0], 16) for line in block.splitlines()[1:]] for block in text.strip().split("\n\n")]
    writer = perfdata.Writer()
    writer.event(perfdata.IP | perfdata.TID | perfdata.TIME | perfdata.CALLCHAIN | perfdata.BRANCH_STACK, branch_type=1 << 11)
    writer.comm(7, 7, "a", time=1)
    # Frame pointers: leaf, then returns; the record of calls knows one between, and ends before they do.
    chain = [perfdata.USER_CONTEXT, 0x1100, 0x3305, 0x4405, 0x5505, 0x6605]
    calls = [(0x2200, 0x1000), (0x3300, 0x2000), (0x4400, 0x3000)]
    for pairs in (calls, calls[:2], [(0x7700, 0x1000)] * 16):
        writer.record(perfdata.SAMPLE, writer.pack("QIIQQ", 0x1100, 7, 7, 9, len(chain)) + writer.pack("%dQ" % len(chain), *chain) + writer.pack("Q", len(pairs))
                      + b"".join(writer.pack("QQQ", where, to, 0) for where, to in pairs), misc=2)
    path = recording("lbr.data", writer)
    got = addresses(path)
    report(got[0] == [0x1000, 0x2200, 0x3300, 0x4400, 0x5505, 0x6605] and got[1] == [0x1000, 0x2200, 0x3300, 0x4405, 0x5505, 0x6605], "a record of calls goes on with the frame pointers' chain",
           [[hex(a) for a in row] for row in got])
    stacks = info(path, "--no-symbols")["stacks"]
    report(stacks["repaired"] == 2 and stacks["limit"] == 1, "what it put back is counted, and one that is full without a join is at its limit", stacks)


def main():
    global HOME
    with tempfile.TemporaryDirectory() as directory:
        HOME = os.path.join(directory, "home")
        os.makedirs(HOME)
        frame_pointers(directory)
        limits(directory)
        foreign(directory)
        compiled(directory)
        modules(directory)
        written(directory)
    plan()
    return 0


sys.exit(main())
