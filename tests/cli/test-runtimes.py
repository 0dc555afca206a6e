#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Language runtimes: Node, Java and Python recorded by perf, what their compilers wrote found again, kinds and roles told. test-runtimes.py AFTERGLOW_CLI SOURCES

Each program works in one function below a chain that is known; at least 99.5 % of the samples in it must hold the whole chain."""
import glob
import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import perfdata as p
from tap import plan, report, skip

CLI, SOURCES = (os.path.abspath(argument) for argument in sys.argv[1:3])


def run(*command, timeout=120, **options):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=timeout, **options)


def probe(*command, cwd):
    """Whether a program takes its options; what it leaves for perf is removed."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=cwd) as program:
        code = program.wait(timeout=60)
        leaving = "/tmp/perf-%d.map" % program.pid
        if os.path.exists(leaving):
            os.remove(leaving)
        return code == 0


def record(path, *command, extra=()):
    return run("perf", "record", "-q", "-g", *extra, "-e", "cpu-clock:u", "-F", "1999", "-o", path, "--", *command, cwd=os.path.dirname(path))


def forget(directory):
    """What the recorded programs left in /tmp."""
    for path in glob.glob(os.path.join(directory, "*.data")):
        for line in run(CLI, "fold", "--quiet", "--no-symbols", "--prefix", "pid", path).stdout.splitlines():
            pid = line.split(";")[0].rpartition("-")[2]
            leaving = "/tmp/perf-%s.map" % pid
            if pid.isdigit() and os.path.exists(leaving) and not os.path.exists("/proc/" + pid):
                os.remove(leaving)


def fold(path, *selection):
    rows = {}
    for line in run(CLI, "fold", "--quiet", "--weight", "samples", "--prefix", "none", *selection, path).stdout.splitlines():
        stack, _, count = line.rpartition(" ")
        rows[stack] = int(count)
    return rows


def functions(path):
    text = run(CLI, "top", "--quiet", "--json", "--limit", "0", path).stdout
    return json.loads(text)["functions"] if text.startswith("{") else []


def warnings(path):
    return [warning["code"] for warning in json.loads(run(CLI, "info", "--json", path).stdout or '{"warnings":[]}')["warnings"]]


def check_chain(name, path, hot, chain, least=20):
    """Of the samples whose innermost named function is the hot one, those with its whole chain."""
    whole = right = 0
    wrong = []
    for stack, count in fold(path).items():
        if not re.search(hot, stack.split(";")[-1]):
            continue
        whole += count
        if re.search(chain, stack):
            right += count
        else:
            wrong.append(stack)
    report(whole >= least and right >= 0.995 * whole, "%s: the whole chain of %d samples in the hot function" % (name, whole),
           "%d of %d\n%s" % (right, whole, "\n".join(wrong[:3])))


def has(rows, pattern, **wanted):
    return any(re.search(pattern, row["name"]) and all(row.get(key) == value for key, value in wanted.items()) for row in rows)


# ---- Node ----

def node(directory):
    if not shutil.which("node"):
        return skip("Node", "node is not installed")
    script = os.path.join(SOURCES, "runtimes.js")
    flags = ("--interpreted-frames-native-stack", "--no-turbo-inlining", "--no-use-osr")
    if not probe("node", "--perf-basic-prof", *flags, "-e", "0", cwd=directory):
        return skip("Node", "this node does not have the options that perf needs")
    tier = r"(?:JS|LazyCompile|Function):[*~^+]?"
    chain = ";".join(tier + name + " [^;]*" for name in ("spin", "outer", "middle", "leafHot")) + "$"
    path = os.path.join(directory, "node.data")
    record(path, "node", "--perf-basic-prof", *flags, script, "700")
    check_chain("Node, perf map", path, tier + "leafHot ", chain)
    rows = functions(path)
    report(has(rows, tier + "leafHot ", kind="jit", language="JavaScript", line=3, file=script), "Node: a function is JIT code, JavaScript, of its file and line",
           [row for row in rows if "leafHot" in row["name"]])
    report(has(rows, "^v8::internal::", kind="runtime") or has(rows, "Builtins_|Builtin:", kind="runtime"), "Node: what V8 does itself is its runtime",
           [(row["name"], row["kind"]) for row in rows[:20]])
    told = run(CLI, "top", "--quiet", "--limit", "5", path).stdout
    report(re.search(r"leafHot \(runtimes\.js:3(, \w+)?\)", told) is not None, "Node: its name as people read it", told)
    path = os.path.join(directory, "dump.data")
    record(path, "node", "--perf-prof", *flags, script, "700", extra=("-k", "mono"))
    dumps = glob.glob(os.path.join(directory, "jit-*.dump"))
    if not dumps:
        return skip("Node, jitdump", "this node writes none")
    os.mkdir(path + ".maps")
    shutil.move(dumps[0], os.path.join(path + ".maps", os.path.basename(dumps[0])))
    check_chain("Node, jitdump that was moved beside the recording", path, tier + "leafHot ", chain)
    report("jitdump-clock" not in warnings(path), "Node, jitdump: the clocks agree", warnings(path))


# (module (func $spin (param i32) (result i32) …)) with one loop, named by the name section.
WASM = """
const bytes = new Uint8Array([0,97,115,109,1,0,0,0,1,6,1,96,1,127,1,127,3,2,1,0,7,8,1,4,115,112,105,110,0,0,10,30,1,28,1,1,127,3,64,32,1,65,31,108,32,0,106,33,1,
  32,0,65,1,107,34,0,13,0,11,32,1,11,0,14,4,110,97,109,101,1,7,1,0,4,115,112,105,110]);
const spin = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.spin, end = Date.now() + 500;
let total = 0;
while (Date.now() < end) total += spin(100000);
console.log(total);
"""


def webassembly(directory):
    if not shutil.which("node") or not probe("node", "--perf-basic-prof", "-e", WASM, cwd=directory):
        return skip("WebAssembly", "no node that runs it")
    path = os.path.join(directory, "wasm.data")
    record(path, "node", "--perf-basic-prof", "-e", WASM)
    rows = [row for row in functions(path) if row["language"] == "WebAssembly" and row["kind"] == "jit"]
    report(sum(row["samples_self"] for row in rows) > 20 and "spin" in rows[0]["name"], "WebAssembly: a function by its name", rows[:2])
    told = run(CLI, "top", "--quiet", "--limit", "3", path).stdout
    report(re.search(r"\bspin \((optimised|baseline)\)", told) is not None, "WebAssembly: as people read it", told)
    return None


# ---- Java ----

def java(directory):
    if not shutil.which("java"):
        return skip("Java", "java is not installed")
    compiled = run("javac", "-d", directory, os.path.join(SOURCES, "Runtimes.java")) if shutil.which("javac") else None
    program = ("-cp", directory, "Runtimes") if compiled is not None and compiled.returncode == 0 else (os.path.join(SOURCES, "Runtimes.java"),)
    flags = ("-Xmx128m", "-XX:+UseSerialGC", "-XX:+PreserveFramePointer", "-XX:+UnlockDiagnosticVMOptions", "-XX:+DumpPerfMapAtExit")
    if not probe("java", *flags, "-version", cwd=directory):
        return skip("Java", "this java writes no map for perf (17 does)")
    path = os.path.join(directory, "java.data")
    made = record(path, "java", *flags, "-Xcomp", "-XX:CompileOnly=Runtimes", "-XX:-Inline", *program, "1200")
    chain = ";".join(r"[\w.\[\]]+ Runtimes\.%s\([^;]*\)" % name for name in ("main", "spin", "outer", "middle", "leafHot")) + "$"
    check_chain("Java", path, r"Runtimes\.leafHot\(", chain)
    rows = functions(path)
    report(has(rows, r"Runtimes\.leafHot\(", kind="jit", language="Java"), "Java: a method is JIT code", made.stderr)
    report(has(rows, "", kind="runtime", role="compiler", module="libjvm.so") or has(rows, "", kind="runtime", role="support", module="libjvm.so"),
           "Java: what the virtual machine does itself is its runtime", [(row["name"], row["kind"], row["role"]) for row in rows[:20]])
    return None


# ---- Python ----

PYTHON = """
import sys, time
def leaf_hot(n):
    s = 0
    for i in range(n): s = (s * 31 + i) % 1000003
    return s
def middle(n): return leaf_hot(n) + 1
def outer(n): return middle(n) + 1
end, t = time.time() + float(sys.argv[1]), 0
while time.time() < end: t += outer(20000)
print(t)
"""


def python(directory):
    script = os.path.join(directory, "hot.py")
    open(script, "w", encoding="utf-8").write(PYTHON)
    path = os.path.join(directory, "python.data")
    if os.path.exists("/usr/bin/python3"):
        run("perf", "record", "-q", "--call-graph", "dwarf,16384", "-e", "cpu-clock:u", "-F", "499", "-o", path, "--", "/usr/bin/python3", script, "0.7", cwd=directory)
        rows = functions(path)
        report(has(rows, "^_PyEval_EvalFrameDefault$", kind="runtime", role="interpreter"), "Python: the interpreter loop is told apart",
               [(row["name"], row["kind"], row["role"]) for row in rows[:10]])
        whole, inside = sum(fold(path).values()), sum(fold(path, "--kind", "interpreter").values())
        hidden = fold(path, "--hide-kind", "interpreter")
        report(whole > 20 and inside > 0.8 * whole and not any("_PyEval_EvalFrameDefault" in stack for stack in hidden) and sum(hidden.values()) == whole,
               "Python: stacks are chosen, and frames left out, by kind", (whole, inside, list(hidden)[:2]))
    else:
        skip("Python: the interpreter loop is told apart", "there is no /usr/bin/python3")
    for new in [shutil.which(name) for name in ("python3.14", "python3.13", "python3.12", "python3")] \
            + sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.1[2-9]*/bin/python3"))):
        check = "import sys; sys.exit(0 if sys.version_info >= (3, 12) and sys.is_stack_trampoline_active() else 1)"
        if new and probe(new, "-X", "perf", "-c", check, cwd=directory):
            break
    else:
        return skip("Python 3.12: trampolines", "no such Python is installed")
    path = os.path.join(directory, "trampoline.data")
    run("perf", "record", "-q", "--call-graph", "dwarf,16384", "-e", "cpu-clock:u", "-F", "499", "-o", path, "--", new, "-X", "perf", script, "0.7", cwd=directory)
    rows = functions(path)
    report(has(rows, "^py::leaf_hot:", kind="jit", language="Python", file=script) and has(rows, "^_PyEval_EvalFrameDefault", kind="runtime"),
           "Python 3.12: the script's functions, and the loop that runs them", [(row["name"], row["kind"]) for row in rows[:10]])
    whole = right = 0
    wrong = []
    for stack, count in fold(path).items():
        if "py::leaf_hot:" in stack:
            whole += count
            right += count * (re.search("py::<module>:%s;.*py::outer:.*py::middle:.*py::leaf_hot:" % re.escape(script), stack) is not None)
            wrong += [stack] if "py::<module>:" not in stack else []
    report(whole > 20 and right >= 0.995 * whole, "Python 3.12: the whole chain of %d samples below the hot function" % whole, "%d of %d\n%s" % (right, whole, wrong[:2]))
    return None


# ---- trampolines as Python makes them, in a program that is known; and in a container ----

SCRIPT = ("<module>", "Widget.spin", "outer", "middle", "leaf_hot")
LOOP = "_PyEval_EvalFrameDefault"
CHAIN = ";".join("py::%s:/srv/app/hot.py;%s" % (re.escape(name), LOOP) for name in SCRIPT) + "$"


def trampolines(directory):
    program = os.path.join(directory, "trampoline")
    run("gcc", "-O1", "-g", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-o", program, os.path.join(SOURCES, "trampoline.c"), check=True)
    path = os.path.join(directory, "stub.data")
    record(path, program, "0.3")
    check_chain("trampolines", path, LOOP, CHAIN)
    joined = fold(path, "--hide-kind", "interpreter")
    wanted = ";".join("py::%s:/srv/app/hot.py" % name for name in SCRIPT)
    report(sum(count for stack, count in joined.items() if stack.endswith(wanted)) > 20, "trampolines: without the loop, the script alone", list(joined)[:3])
    rows = functions(path)
    report(has(rows, "^py::leaf_hot:", kind="jit", role=None, language="Python", file="/srv/app/hot.py") and has(rows, "^%s$" % LOOP, kind="runtime", role="interpreter")
           and not has(rows, "dropped"), "trampolines: kinds, and the latest name of an address", [(row["name"], row["kind"], row["role"]) for row in rows[:9]])
    told = run(CLI, "top", "--quiet", path).stdout
    report("py::leaf_hot (hot.py)" in told, "trampolines: names as people read them", told)
    # CPython's own code, which keeps no frame pointer: unwound by the rule of its template.
    template, path = os.path.join(directory, "template"), os.path.join(directory, "template.data")
    run("gcc", "-O2", "-g", "-DTEMPLATE", "-fomit-frame-pointer", "-fno-optimize-sibling-calls", "-o", template, os.path.join(SOURCES, "trampoline.c"), check=True)
    run("perf", "record", "-q", "--call-graph", "dwarf,4096", "-e", "cpu-clock:u", "-F", "999", "-o", path, "--", template, "0.3")
    check_chain("trampolines of CPython, by call frame information", path, LOOP, "main;" + CHAIN)
    return program


def container(directory, program):
    """A process in a mount and a pid namespace of its own: /tmp is another one, and so is the number in the map's name."""
    path = os.path.join(directory, "container.data")
    # Not below /tmp, which the container does not see.
    with tempfile.TemporaryDirectory(prefix="glow-container-", dir="/var/tmp") as outside:
        return in_container(path, shutil.copy(program, os.path.join(outside, "trampoline")))


def in_container(path, program):
    inside = "mount -t tmpfs none /tmp && { %s 1.5 30 & child=$!; sleep 30 & wait $child; sleep 30; }" % program
    shell = subprocess.Popen(["unshare", "--mount", "--pid", "--fork", "sh", "-c", inside], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    try:
        if shutil.which("unshare") is None or shell.poll() is not None:
            return skip("a container", "namespaces cannot be made here")
        made = run("perf", "record", "-q", "-g", "--namespaces", "-a", "-e", "cpu-clock:u", "-F", "999", "-o", path, "--", "sleep", "0.8")
        line = shell.stdout.readline()
        if not line.startswith(b"waiting"):
            return skip("a container", "namespaces cannot be made here: " + shell.stderr.read(200).decode(errors="replace"))
        if not os.path.exists(path):
            return skip("a container", "perf cannot record the whole machine here: " + made.stderr[:100])
        pids = {int(row.split()[0]) for row in run("pgrep", "-x", "trampoline").stdout.splitlines()} if shutil.which("pgrep") else set()
        if not pids:
            for status in glob.glob("/proc/[0-9]*/comm"):
                try:
                    if open(status).read().strip() == "trampoline":
                        pids.add(int(status.split("/")[2]))
                except OSError:
                    pass
        select = ("--comm", "trampoline")
        alive = fold(path, *select)
        report(sum(count for stack, count in alive.items() if re.search(CHAIN, stack)) > 20 and "jit-map-guessed" not in warnings(path),
               "a container: the map is found below its process's root, by its inner number", list(alive)[:3])
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        for pid in pids:
            while os.path.exists("/proc/%d/ns/mnt" % pid):     # not of a process that is gone, waited for or not
                os.sched_yield()
        dead = fold(path, *select)
        report(sum(count for stack, count in dead.items() if re.search(CHAIN, stack)) > 20 and "jit-map-guessed" in warnings(path),
               "a container: when the process is gone, by another of its namespace and the addresses; it is said", (list(dead)[:3], warnings(path)))
    finally:
        os.killpg(shell.pid, signal.SIGKILL)
        shell.wait()
        for pipe in (shell.stdout, shell.stderr):
            pipe.close()
    return None


# ---- jitdump, field by field ----

def jitdump(pid, codes, arch_clock=False):
    """@codes: (time, address, size, name, lines)"""
    data = struct.pack("<IIIIIIQQ", 0x4A695444, 1, 40, 62, 0, pid, 0, 1 if arch_clock else 0)

    def add(kind, time, body):
        return struct.pack("<IIQ", kind, len(body) + 16, time) + body
    for index, (time, address, size, name, lines) in enumerate(codes):
        if lines:
            body = struct.pack("<QQ", address, len(lines))
            for at, line, file in lines:
                body += struct.pack("<QII", at, line, 0) + file + b"\0"
            data += add(2, time, body)
        data += add(0, time, struct.pack("<IIQQQQ", pid, pid, address, address, size, index) + name.encode() + b"\0" + b"\x90" * size)
    return data


def recording(path, dump, samples, clockid=None, conversion=None):
    writer = p.Writer()
    writer.event(p.IP | p.TID | p.TIME | p.IDENTIFIER, [7], flags=p.SAMPLE_ID_ALL | (1 << 25 if clockid is not None else 0))
    if clockid is not None:
        attr, ids, kind = writer.events[0]
        writer.events[0] = (attr[:92] + struct.pack("<i", clockid) + attr[96:], ids, kind)
    writer.comm(5, 5, "jitted", time=1)
    writer.mmap2(5, 0x70000000, 0x1000, 0, dump, time=1)
    writer.mmap2(5, 0x1000, 0x4000, 0, "//anon", time=1)
    if conversion:
        writer.record(79, struct.pack("<QQQ", *conversion))
    for time, address in samples:
        writer.record(p.SAMPLE, struct.pack("<QQIIQ", 7, address, 5, 5, time), misc=2)
    open(path, "wb").write(writer.to_bytes())
    return path


def by_hand(directory):
    dump = os.path.join(directory, "jit-5.dump")
    codes = [(100, 0x1000, 256, "first", [(0x1000, 10, b"/srv/a.src"), (0x1080, 12, b"\xff")]), (100, 0x2000, 256, "other", [(0x2000, 7, b"/srv/b.src")]),
             (500, 0x1000, 256, "second", [])]
    samples = [(200, 0x1010), (210, 0x1090), (220, 0x2004), (600, 0x1010)]
    open(dump, "wb").write(jitdump(5, codes))
    path = recording(os.path.join(directory, "hand.data"), dump, samples, clockid=1)
    report(fold(path) == {"first": 2, "other": 1, "second": 1} and "jitdump-clock" not in warnings(path), "jitdump: names by time, on one clock", fold(path))
    lines = run(CLI, "script", "--quiet", "--fields", "sym,srcline", path).stdout.split()
    report(lines == ["first", "/srv/a.src:10", "first", "/srv/a.src:12", "other", "/srv/b.src:7", "second"], "jitdump: lines of each place", lines)
    rows = {row["name"]: (row["file"], row.get("line")) for row in functions(path)}
    report(rows.get("first") == ("/srv/a.src", 10) and rows.get("second") == (None, None), "jitdump: where a function is written", rows)
    path = recording(os.path.join(directory, "clocks.data"), dump, samples)
    report(fold(path) == {"second": 3, "other": 1} and "jitdump-clock" in warnings(path), "jitdump: on another clock the last name holds, and it is said",
           (fold(path), warnings(path)))
    # The processor's counter runs at twice the clock and began 1000 before it: time = counter / 2 − 500.
    path = os.path.join(directory, "counter.data")
    open(dump, "wb").write(jitdump(5, [((time + 500) * 2,) + rest for time, *rest in (code for code in codes) for rest in [tuple(rest)]], arch_clock=True))
    recording(path, dump, samples, conversion=(1, 1, (1 << 64) - 500))
    report(fold(path) == {"first": 2, "other": 1, "second": 1} and "jitdump-clock" not in warnings(path), "jitdump: the processor's counter, turned into the clock",
           (fold(path), warnings(path)))
    # Lines counted from the ELF header that perf inject puts before the code, and one piece whose file names are no text.
    shifted = [(100, 0x1000 + 0x100 * i, 256, "f%d" % i, [(0x1040 + 0x100 * i, i + 1, b"/srv/a.src"), (0x1050 + 0x100 * i, 50 + i, b"\xff")]) for i in range(10)]
    shifted.append((100, 0x2000, 256, "bad", [(0x2040, 1, b"\x91\xfb")]))
    open(dump, "wb").write(jitdump(5, shifted))
    path = recording(os.path.join(directory, "shifted.data"), dump, [(200, 0x1001), (210, 0x1111), (220, 0x2004)], clockid=1)
    lines = run(CLI, "script", "--quiet", "--fields", "sym,srcline", path).stdout.split()
    report(lines == ["f0", "/srv/a.src:1", "f1", "/srv/a.src:51", "bad"] and "jitdump-lines" in warnings(path),
           "jitdump: lines behind an ELF header that is not there, and damaged ones", (lines, warnings(path)))
    os.remove(dump)
    os.mkdir(path + ".maps")
    open(os.path.join(path + ".maps", "jit-5.dump"), "wb").write(jitdump(5, codes))
    report(fold(path) == {"first": 1, "[perf-5.map]": 1, "other": 1}, "jitdump: found beside its recording", fold(path))
    # A file of that name which says that it is of another process, beside one that says it is of this.
    open(dump, "wb").write(jitdump(6, [(100, 0x1000, 0x2000, "wrong", [])]))
    report(not any("wrong" in stack for stack in fold(path)), "jitdump: another process's file of the same name is left alone", fold(path))


def hostile(directory):
    """Dumps and maps that are cut, or whose bytes are others: read as far as they go, never fatal."""
    dump = os.path.join(directory, "jit-5.dump")
    codes = [(100, 0x1000, 64, "first", [(0x1000, 10, b"/srv/a.src"), (0x1020, 12, b"\xff")]), (500, 0x1000, 64, "second", [(0x1000, 1, b"/srv/b.src")])]
    whole = jitdump(5, codes)
    path = recording(os.path.join(directory, "hostile.data"), dump, [(200, 0x1010), (600, 0x1010)], clockid=1)
    generator = random.Random(5)
    wrong = []
    variants = [whole[:cut] for cut in range(0, len(whole), 37)]
    for _ in range(60):
        bent = bytearray(whole)
        for _ in range(generator.randrange(1, 4)):
            at = generator.randrange(len(bent))
            bent[at] = generator.choice((0, 1, 0x7f, 0xff, generator.randrange(256)))
        variants.append(bytes(bent))
    for variant in variants:
        open(dump, "wb").write(variant)
        result = run(CLI, "script", "--quiet", "--fields", "sym,srcline", path)
        if result.returncode != 0:
            wrong.append((result.returncode, result.stderr[-300:]))
    os.remove(dump)
    report(not wrong, "jitdump: %d damaged ones are read as far as they go" % len(variants), wrong[:2])
    for text in (b"", b"\n\n", b"zz\n1000 10\n1000 10 \n", b"1000 ffffffffffffffff all\nffffffffffffffff 10 end\n", b"1000 0 empty\n1000 40 \xff\xfe\n", b"0x1000 0x40 x" * 50,
                 b"\n".join(b"%x 80 f%d" % (0x1000 + i, i) for i in range(3000))):
        open(os.path.join(directory, "perf-5.map"), "wb").write(text)
        if run(CLI, "top", "--quiet", path).returncode != 0:
            wrong.append(text[:60])
    report(not wrong and list(fold(path)) == ["f16"], "maps: damaged ones too; of overlapping lines the last that holds an address names it", (wrong[:2], fold(path)))
    open(os.path.join(directory, "perf-5.map"), "wb").write(b"900000 40 other_process\n")
    report("no-symbols" in warnings(path), "maps: one that knows none of the addresses is another process's", warnings(path))
    os.remove(os.path.join(directory, "perf-5.map"))


def roles(directory):
    text = os.path.join(directory, "roles.folded")
    open(text, "w", encoding="utf-8").write("main;runtime.mallocgc 1\nmain;runtime.gcBgMarkWorker;runtime.scanobject 2\nmain;sync.(*Mutex).Lock 3\n"
                                            "main;malloc 4\nmain;do_syscall_64_[k];__x64_sys_read_[k] 5\nmain;read 6\nmain;my_function.isra.0 7\n"
                                            "main;__libc_malloc.part.0 1\nmain;JavaThread::run(int) 1\n")
    told = {row["name"]: (row["kind"], row["role"]) for row in functions(text)}
    wanted = {"main": ("user", None), "runtime.mallocgc": ("user", "allocator"), "runtime.scanobject": ("runtime", "gc"), "sync.(*Mutex).Lock": ("user", "lock"),
              "malloc": ("user", "allocator"), "do_syscall_64": ("kernel", "syscall"), "read": ("user", None), "my_function.isra.0": ("user", None),
              "__libc_malloc.part.0": ("user", "allocator"), "JavaThread::run(int)": ("runtime", "support")}
    report(all(told.get(name) == value for name, value in wanted.items()), "roles of folded stacks",
           [(name, told.get(name), value) for name, value in wanted.items() if told.get(name) != value])
    report(fold(text, "--kind", "gc") == {"main;runtime.gcBgMarkWorker;runtime.scanobject": 2} and sum(fold(text, "--kind", "k*").values()) == 5
           and sum(fold(text, "--kind", "lock", "--kind", "gc").values()) == 5, "--kind takes kinds, roles and globs", fold(text, "--kind", "gc"))
    wrong = run(CLI, "top", "--kind", "garbage", text)
    report(wrong.returncode == 2 and "interpreter" in wrong.stderr, "a kind that does not exist is refused, with those that do", wrong.stderr)
    os.makedirs(os.path.join(directory, "config", "afterglow"))
    rules = os.path.join(directory, "config", "afterglow", "roles.txt")
    open(rules, "w", encoding="utf-8").write("# mine\ngc  *  my_func*\nnone  *  malloc\nnonsense  *  x\nlock  *\n")
    environment = dict(os.environ, XDG_CONFIG_HOME=os.path.join(directory, "config"))
    own = {row["name"]: (row["kind"], row["role"]) for row in json.loads(run(CLI, "top", "--quiet", "--json", "--limit", "0", text, env=environment).stdout)["functions"]}
    said = run(CLI, "top", text, env=environment).stderr
    report(own["my_function.isra.0"] == ("runtime", "gc") and own["malloc"] == ("user", None) and own["runtime.scanobject"] == ("runtime", "gc"),
           "rules of one's own come first", own)
    report("line 4" in said and "line 5" in said, "lines that are no rules are told", said)


def main():
    with tempfile.TemporaryDirectory(prefix="glow-runtimes-") as directory:
        roles(directory)
        by_hand(directory)
        hostile(directory)
        if not shutil.which("perf"):
            skip("recordings", "no perf here")
        elif record(os.path.join(directory, "try.data"), "true").returncode != 0:
            skip("recordings", "perf cannot record here")
        else:
            if os.uname().machine == "x86_64":
                container(directory, trampolines(directory))
            else:
                skip("trampolines", "the program is x86-64 code")
            node(directory)
            webassembly(directory)
            java(directory)
            python(directory)
            forget(directory)
    plan()
    return 0


sys.exit(main())
