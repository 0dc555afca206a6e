#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings of several places: containers, files on one clock, parts, and what is still being written. test-places.py AFTERGLOW_CLI WORK

Everything is recorded here with real perf, whose own reports are the oracle where it has an answer."""
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from tap import plan, report, skip

CLI, WORK = sys.argv[1:3]
ID = "4f2a1b3c9d0e5f6071829304a5b6c7d8e9f00112233445566778899aabbccdd0"
POD = "0a1b2c3d-1111-2222-3333-444455556666"


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120, **options)


def info(*files):
    text = run(CLI, "info", "--json", "--quiet", *files).stdout
    return json.loads(text) if text else {"samples": -1, "warnings": [], "containers": [], "modules": []}


def fold(*arguments):
    rows = {}
    for line in run(CLI, "fold", "--quiet", "--weight", "samples", *arguments).stdout.splitlines():
        stack, _, count = line.rpartition(" ")
        rows[stack] = rows.get(stack, 0) + int(count)
    return rows


def codes(told):
    return [warning["code"] for warning in told["warnings"]]


def until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.02)


def by_root(rows):
    sums = {}
    for stack, count in rows.items():
        root = stack.split(";")[0]
        sums[root] = sums.get(root, 0) + count
    return sums


# ---- containers ----

@contextlib.contextmanager
def control_groups(*paths):
    """Groups of these paths where perf looks for them; None where this machine allows none."""
    top = "/sys/fs/cgroup/unified" if os.path.isdir("/sys/fs/cgroup/unified") else "/sys/fs/cgroup"
    made = []
    try:
        for path in paths:
            at = top
            for part in path.strip("/").split("/"):
                at = os.path.join(at, part)
                if not os.path.isdir(at):
                    os.mkdir(at)
                    made.append(at)
        with open(os.path.join(made[-1], "cgroup.procs")):
            pass
        yield top
    except OSError as problem:
        yield None
        print("# " + str(problem), flush=True)
    finally:
        for at in reversed(made):
            # A process that was killed leaves its group a moment later.
            until(lambda: not os.path.isdir(at) or rmdir(at), 5)


def rmdir(path):
    try:
        os.rmdir(path)
        return True
    except OSError:
        return False


DOCKER = "/system.slice/docker-%s.scope" % ID
KUBERNETES = "/kubepods/burstable/pod%s/%s" % (POD, ID)


def recorded_containers(folder):
    with control_groups(DOCKER, KUBERNETES) as top:
        if top is None:
            skip("containers of each sample", "no control group can be made here")
            return
        path = os.path.join(folder, "groups.data")
        script = " & ".join("sh -c 'echo $$ > %s%s/cgroup.procs; exec %s %s'" % (top, group, WORK, mode)
                            for group, mode in ((DOCKER, "threads"), (KUBERNETES, "spin"))) + " & %s spin; wait" % WORK
        run("perf", "record", "-q", "--all-cgroups", "-e", "cpu-clock", "-F", "1000", "-g", "-o", path, "--", "sh", "-c", script)
    told = info(path)
    text = run("perf", "report", "-i", path, "--sort", "cgroup", "--no-children", "--stdio", "-n", "-g", "none").stdout
    oracle = {name: int(count) for count, name in re.findall(r"^\s*[\d.]+%\s+(\d+)\s+(\S+)", text, re.M)}
    ours = {at: row["samples"] for row in told["containers"] for at in row["paths"]}
    report(len(oracle) >= 3 and ours == oracle, "containers of each sample are those that perf report tells", (ours, oracle))
    named = {row["name"]: row for row in told["containers"]}
    docker, pod = "docker 4f2a1b3c9d0e", "pod %s › container 4f2a1b3c9d0e" % POD
    report(named.get(docker, {}).get("paths") == [DOCKER] and named.get(pod, {}).get("kind") == "container"
           and all(row["as_of"] == "recording" for row in named.values()), "and have names", told["containers"])
    roots = by_root(fold("--prefix", "cgroup", path))
    report(roots.get(docker) == oracle.get(DOCKER) and roots.get(pod) == oracle.get(KUBERNETES) and sum(roots.values()) == told["samples"],
           "stacks begin with them", (roots, oracle))
    for words in (["--cgroup", "docker 4f2a*"], ["--cgroup", "*/docker-4f2a*"], ["--cgroup", DOCKER]):
        report(sum(fold(*words, path).values()) == oracle.get(DOCKER), "--cgroup takes %s" % words[1][:16], fold(*words, path))


def old_enough(pid):
    """Whether a process began long enough ago for a recording that begins now to be surely of it."""
    ticks = int(open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()[19])
    up = float(open("/proc/uptime").read().split()[0])
    return up - ticks / os.sysconf("SC_CLK_TCK") > 1.0 + up / 2500


def living_containers(folder):
    """A recording that does not say containers, of a process that still runs."""
    path = os.path.join(folder, "living.data")
    with control_groups(DOCKER) as top:
        if top is None:
            skip("containers as of opening", "no control group can be made here")
            return
        process = subprocess.Popen(["sh", "-c", "echo $$ > %s%s/cgroup.procs; exec %s for 60" % (top, DOCKER, WORK)])
        try:
            until(lambda: old_enough(process.pid))
            run("perf", "record", "-q", "-e", "cpu-clock", "-F", "500", "-g", "-p", str(process.pid), "-o", path, "--", "sleep", "0.4")
            told = info(path)
            report([(row["name"], row["as_of"]) for row in told["containers"]] == [("docker 4f2a1b3c9d0e", "opening")]
                   and "containers-as-of-opening" in codes(told), "a process that still runs is asked for its container", (told["containers"], codes(told)))
            report(by_root(fold("--prefix", "cgroup", path)).get("docker 4f2a1b3c9d0e", 0) == told["samples"] > 20, "for its stacks too")
            # The same bytes with another date could be of another boot, with another process under this number.
            other = os.path.join(folder, "other.data")
            shutil.copyfile(path, other)
            os.utime(other, (time.time() - 5000, time.time() - 5000))
            report(info(other)["containers"] == [] and info(other)["samples"] == told["samples"], "where the file may be of another boot, it is not",
                   info(other)["containers"])
            monotonic = os.path.join(folder, "monotonic.data")
            run("perf", "record", "-q", "-k", "CLOCK_MONOTONIC", "-e", "cpu-clock", "-F", "500", "-p", str(process.pid), "-o", monotonic, "--", "sleep", "0.3")
            shutil.copyfile(monotonic, other)
            os.utime(other, (time.time() - 5000, time.time() - 5000))
            report(len(info(other)["containers"]) == 1, "unless the recording notes the wall clock", (info(other)["containers"], codes(info(other))))
        finally:
            process.kill()
            process.wait()
        report(info(path)["containers"] == [], "a process that has ended is not guessed at", info(path)["containers"])


def neighbours(folder):
    """Two processes of one namespace: the one that has ended was where the one that lives is."""
    path = os.path.join(folder, "namespaces.data")
    with control_groups(DOCKER) as top:
        if top is None or run("unshare", "-m", "true").returncode != 0:
            skip("containers by namespaces", "no control group or namespace can be made here")
            return
        script = "echo $$ > %s%s/cgroup.procs; exec unshare -m sh -c '%s for 60 & while :; do %s spin; done'" % (top, DOCKER, WORK, WORK)
        process = subprocess.Popen(["sh", "-c", script], start_new_session=True)
        try:
            until(lambda: old_enough(process.pid))
            run("perf", "record", "-q", "-a", "--namespaces", "-e", "cpu-clock", "-F", "500", "-o", path, "--", "sleep", "3")
            told, rows = info(path), fold("--prefix", "pid", "--comm", "work", "--cgroup", "docker*", path)
            ended = [root for root in by_root(rows) if not os.path.exists("/proc/" + root.rsplit("-", 1)[1])]
            report("containers-as-of-opening" in codes(told) and ended and len(by_root(rows)) > len(ended), "processes of one namespace share a container",
                   (by_root(rows), by_root(fold("--prefix", "pid", "--comm", "work", path)), told["containers"], codes(told)))
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def with_another_id(path, copy):
    """The same program, but of a build that nobody has seen."""
    data = bytearray(open(path, "rb").read())
    at = data.find(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0") + 16
    data[at:at + 20] = os.urandom(20)
    open(copy, "wb").write(data)
    os.chmod(copy, 0o755)


def own_root(folder):
    """A program that only its process can see, at a path where this machine has another one."""
    point = os.path.join(folder, "point")
    os.mkdir(point)
    if run("unshare", "-m", "-p", "--fork", "true").returncode != 0:
        skip("binaries under a process's own root", "no namespace can be made here")
        return
    shutil.copy("/bin/sleep", os.path.join(point, "inner"))
    program = os.path.join(folder, "program")
    with_another_id(WORK, program)
    script = "mount -t tmpfs none %s && cp %s %s/inner && exec %s/inner for 60" % (point, program, point, point)
    outer = subprocess.Popen(["unshare", "-m", "-p", "--fork", "--mount-proc", "sh", "-c", script], start_new_session=True)
    try:
        def inner():
            for pid in filter(str.isdigit, os.listdir("/proc")):
                with contextlib.suppress(OSError):
                    if os.readlink("/proc/%s/exe" % pid) == point + "/inner":
                        return int(pid)
            return None
        pid = until(inner)
        until(lambda: old_enough(pid))
        seen = {}
        for name, options in (("with", ["-N", "--buildid-mmap"]), ("without", ["-B", "-N"])):
            path = os.path.join(folder, name + "-id.data")
            run("perf", "record", "-q", *options, "-e", "cpu-clock:u", "-F", "500", "-g", "-p", str(pid), "-o", path, "--", "sleep", "0.4")
            told = info(path)
            seen[name] = path
            module = next((m for m in told["modules"] if m["path"] == point + "/inner"), {})
            rows = fold("--prefix", "none", path)
            good = sum(count for stack, count in rows.items() if re.search("main(;outer)?;inner$", stack))
            report(module.get("symbols") == "full" and good >= 0.9 * sum(rows.values()) > 0, "names from under a process's own root, %s build-id" % name,
                   (module, codes(told), list(rows)[:3]))
    finally:
        os.killpg(outer.pid, signal.SIGKILL)
        outer.wait()
    until(lambda: not os.path.exists("/proc/%d" % pid))
    module = next((m for m in info(seen["with"])["modules"] if m["path"] == point + "/inner"), {})
    report(module.get("symbols") == "build-id-mismatch", "when it is gone, the other file at its path is not taken", module)


# ---- clocks ----

def record_named(folder, name, *options, work=("spin",)):
    """The recorded program goes by @name."""
    program, path = os.path.join(folder, name), os.path.join(folder, name + ".data")
    shutil.copy(WORK, program)
    run("perf", "record", "-q", *options, "-e", "cpu-clock", "-F", "500", "-g", "-o", path, "--", program, *work)
    return path


def first_and_last(path):
    times = [float(t) for t in re.findall(r"(\d+\.\d+):", run("perf", "script", "--ns", "-i", path, "-F", "time").stdout)]
    return min(times), max(times)


def in_order(name, paths, warned):
    """Runs that came one after the other must do so when they are merged."""
    told = info(*paths)
    seconds = told["duration_ns"] / 1e9

    def has(comm, start, end):
        return bool(fold("--no-symbols", "--comm", comm, "--time", "%.9f,%.9f" % (start, end), *paths))

    def edge(holds):
        """The time at which it begins to hold, to the millisecond."""
        low, high = 0.0, seconds + 0.001
        while high - low > 0.001:
            middle = (low + high) / 2
            low, high = (low, middle) if holds(middle) else (middle, high)
        return high
    ordered = []
    for path in paths:
        comm = os.path.basename(path)[:-5]
        ordered.append((edge(lambda t: has(comm, 0, t)), edge(lambda t: not has(comm, t, seconds + 1))))
    good = all(a[1] <= b[0] + 0.002 for a, b in zip(ordered, ordered[1:])) and all(b > a for a, b in ordered)
    found = [code for code in codes(told) if code.startswith("clocks-")]
    report(good and sorted(set(found)) == warned, name, (ordered, found, seconds))
    return told


def clocks(folder):
    mono = [record_named(folder, name, "-k", "CLOCK_MONOTONIC") for name in ("ma", "mb", "mc")]
    told = in_order("recordings of one clock are in order", mono, warned=[])
    spans = [first_and_last(path) for path in mono]
    report(abs(told["duration_ns"] / 1e9 - (spans[2][1] - spans[0][0])) < 1e-5, "and as far apart as perf says", (told["duration_ns"], spans))
    # Given in any order they are the same.
    report(fold("--prefix", "pid", *reversed(mono)) == fold("--prefix", "pid", *mono) and info(*reversed(mono))["duration_ns"] == told["duration_ns"],
           "whatever order they are given in")
    other = [record_named(folder, "wa", "-k", "CLOCK_REALTIME"), record_named(folder, "wb", "-k", "CLOCK_BOOTTIME"), record_named(folder, "wc", "-k", "CLOCK_MONOTONIC")]
    in_order("three clocks are joined by the wall clock", other, warned=["clocks-by-wall"])
    own = [record_named(folder, name, work=("for", "2")) for name in ("ka", "kb")]
    name = "the kernel's own clock is joined within a boot, which the dates of the files tell"
    if run("stat", "-c", "%W", own[0]).stdout.strip().isdigit() and run("stat", "-c", "%W", own[0]).stdout.strip() != "0":
        in_order(name, own, warned=[])
    else:
        skip(name, "the file system does not note when files were made")
    copies = [os.path.join(folder, "copy-" + os.path.basename(path)) for path in own]
    for path, copy in zip(own, copies):
        shutil.copyfile(path, copy)
    told = info(*copies)
    report("clocks-not-joined" in codes(told), "copies have no such dates, and it is said", codes(told))
    spans = [first_and_last(path) for path in own]
    longest = max(last - first for first, last in spans)
    report(abs(told["duration_ns"] / 1e9 - longest) < 1e-5, "each then counts from its own start", (told["duration_ns"], spans))
    roots = by_root(fold("--prefix", "pid", *copies))
    report(len(roots) == 2 and all(any(root.endswith("(%s)" % os.path.basename(copy)) for root in roots) for copy in copies),
           "and processes are named by their file", roots)
    told = info(mono[0], own[0])
    report("clocks-not-joined" in codes(told) and info(mono[0])["samples"] + info(own[0])["samples"] == told["samples"],
           "a clock that nothing relates is said", codes(told))


# ---- parts ----

def parts(folder):
    path = os.path.join(folder, "parts.data")
    # The child is there before the first switch: perf tells later parts nothing of it.
    run("perf", "record", "-q", "--switch-output=1s", "-e", "cpu-clock:u", "-F", "500", "-g", "-o", path, "--", "sh", "-c", "%s for 3 & wait" % WORK)
    names = sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("parts.data."))
    counts = [run("perf", "script", "-i", name, "-F", "time").stdout.count(":") for name in names]
    whole, given = info(path), info(*names)
    report(len(names) >= 3 and whole["samples"] == given["samples"] == sum(counts) > 0, "parts are one recording, by name and by list",
           (names, counts, whole["samples"], given["samples"]))
    report(whole["stacks"]["unknown_leaf_share"] < 0.02 and whole["processes"] == info(names[0])["processes"],
           "whose later parts know the programs of the earlier", (whole["stacks"], whole["processes"]))
    report(not [code for code in codes(whole) if code.startswith("clocks") or code == "more-parts"] and "more-parts" in codes(info(names[1])),
           "one alone says that there are others", (codes(whole), codes(info(names[1]))))
    report(fold(*reversed(names)) == fold(path), "in any order")
    seconds = first_and_last(names[-1])[1] - first_and_last(names[0])[0]
    report(abs(whole["duration_ns"] / 1e9 - seconds) < 1e-5, "from the first sample to the last", (whole["duration_ns"], seconds))
    # Another run with the same name is not a part of this one.
    run("perf", "record", "-q", "--switch-output=1s", "-e", "cpu-clock:u", "-F", "400", "-g", "-o", path, "--", WORK, "for", "2")
    again = sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("parts.data."))
    latest = [name for name in again if name not in names]
    report(info(path)["samples"] == sum(run("perf", "script", "-i", name, "-F", "time").stdout.count(":") for name in latest)
           and info(*names)["samples"] == sum(counts), "the latest run is taken, and runs are not mixed", (latest, info(path)["samples"]))


def thread_folder(folder):
    path = os.path.join(folder, "threads.data")
    result = run("perf", "record", "-q", "--threads", "-e", "cpu-clock", "-F", "1000", "-g", "-o", path, "--", WORK, "forks")
    if not os.path.isdir(path):
        skip("folders of --threads", "perf here has no --threads: " + result.stderr.strip()[:60])
        return
    text = run("perf", "script", "-i", path, "-F", "comm,pid,time").stdout
    oracle = {}
    for comm, pid in re.findall(r"^\s*(\S+)\s+(\d+)\s+\d+\.\d+:", text, re.M):
        oracle["%s-%s" % (comm, pid)] = oracle.get("%s-%s" % (comm, pid), 0) + 1
    report(by_root(fold("--prefix", "pid", path)) == oracle and len(oracle) > 20, "the folder of --threads is one recording, as perf script reads it",
           (by_root(fold("--prefix", "pid", path)), oracle))
    report(fold(path) == fold(os.path.join(path, "data")), "its header alone leads to it")
    part = max((os.path.join(path, name) for name in os.listdir(path) if name != "data"), key=os.path.getsize)
    os.rename(part, part + ".away")
    report("truncated" in codes(info(path)) or int(part.rsplit(".", 1)[1]) == len(os.listdir(path)) - 2, "a file that is missing is said", codes(info(path)))


# ---- in the making ----

def unfinished(folder):
    path = os.path.join(folder, "making.data")
    perf = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", "2000", "-m", "16", "-g", "-o", path, "--", WORK, "for", "30"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: os.path.exists(path) and os.path.getsize(path) > 60000)
        perf.send_signal(signal.SIGSTOP)
        told = info(path)
        rows = fold("--prefix", "none", path)
        named = sum(count for stack, count in rows.items() if "main" in stack)
        report(told["samples"] > 50 and "truncated" in codes(told) and named > 0.5 * told["samples"], "a recording in the making is read as far as it goes",
               (told["samples"], codes(told), list(rows)[:2]))
        report(run(CLI, "info", "--strict", "--quiet", path).returncode == 3, "and is not whole")
    finally:
        perf.send_signal(signal.SIGCONT)
        perf.send_signal(signal.SIGINT)
        perf.wait(30)
    after = info(path)
    report(after["samples"] > told["samples"] and "truncated" not in codes(after), "finished, it is", (after["samples"], codes(after)))


def main():
    if not shutil.which("perf"):
        print("1..0 # SKIP places: no perf here")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        probe = os.path.join(folder, "probe.data")
        result = run("perf", "record", "-q", "-e", "cpu-clock", "-o", probe, "--", "true")
        if not os.path.exists(probe):
            print("1..0 # SKIP places: perf cannot record here: " + result.stderr.strip()[:120])
            return 0
        for test in (recorded_containers, living_containers, neighbours, own_root, clocks, parts, thread_folder, unfinished):
            test(folder)
    plan()
    return 0


sys.exit(main())
