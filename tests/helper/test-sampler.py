#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sampler of random gaps, run by hand: test-sampler.py HELPER AFTERGLOW_CLI TARGET

Its files are read by perf and by the command alike; rates are as asked, gaps as their law says; new threads and children are followed; it cannot run in
step with a program that one clock runs in step with. Works without rights on one's own processes."""
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
from lockstep import run as run_periodic, spread, start  # noqa: E402
from reachable import reachable  # noqa: E402
from tap import plan, report, skip  # noqa: E402

HELPER, CLI, TARGET = reachable(*(os.path.abspath(path) for path in sys.argv[1:4]))
FOLDER = tempfile.mkdtemp(prefix="afterglow-sampler-")
NOBODY = 65534
AS = dict(user=NOBODY, group=NOBODY, extra_groups=[]) if os.geteuid() == 0 else {}
os.chmod(FOLDER, 0o1777)


def target(*arguments):
    process = subprocess.Popen((TARGET,) + arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **AS)
    process.stdout.readline()
    return process


def cpu_seconds(pid):
    return int(open("/proc/%d/schedstat" % pid).read().split()[0]) / 1e9


def sample(*arguments, seconds=1.0, name="out", program=None):
    """Samples, for so long, or until a program has used so much of a CPU: the machine may be busy with something else."""
    path = os.path.join(FOLDER, name)
    if os.path.exists(path):
        os.unlink(path)
    process = start([], [HELPER, "sample", "-o", path] + list(arguments), stderr=subprocess.PIPE, text=True, **AS)
    begun, before = time.monotonic(), cpu_seconds(program.pid) if program else 0
    while process.poll() is None and time.monotonic() < begun + (20 if program else seconds) and (not program or cpu_seconds(program.pid) < before + seconds):
        time.sleep(0.02)
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    return path, process.communicate()[1], process.returncode


def perf(*arguments):
    return subprocess.run(("perf",) + arguments, capture_output=True, text=True, check=False)


def times(path, field="time"):
    out = perf("script", "-f", "--ns", "-F", "event," + field, "-i", path).stdout
    return [float(t) for t in re.findall(r"(\d+\.\d+): *cpu-clock", out)]


def count_own(path):
    out = subprocess.run([CLI, "script", "--quiet", path], capture_output=True, text=True, check=False)
    return sum(1 for line in out.stdout.splitlines() if line and not line[0].isspace()) if out.returncode == 0 else -1


def alike():
    program = target("spin")
    before = cpu_seconds(program.pid)
    path, words, status = sample("-F", "1000", "-p", str(program.pid), seconds=1, program=program)
    used = cpu_seconds(program.pid) - before
    found = times(path)
    report(status == 0 and len(found) == count_own(path) > 100, "perf and the command read the same", (status, words, len(found), count_own(path)))
    # It may begin late and is slowed by what else runs; more than asked would be wrong at any load.
    report(0.5 * used * 1000 < len(found) < 1.15 * used * 1000, "about as many samples as asked", (len(found), used))
    tree = perf("report", "-f", "--stdio", "-i", path).stdout
    report("hot_path" in tree and "helper-target" in tree, "perf finds the functions", tree[:500])
    own = subprocess.run([CLI, "top", "--quiet", path], capture_output=True, text=True, check=False).stdout
    report("hot_path" in own, "… and so does the command", own[:500])
    head = perf("report", "-f", "--header-only", "-i", path).stdout
    report(all(piece in head for piece in ("hostname : " + os.uname().nodename, "os release : " + os.uname().release, "nrcpus online : %d" % os.cpu_count(), "cmdline",
                                           "name = cpu-clock:u")), "the head says where it was recorded", head)
    periods = set(re.findall(r"^\s*(\d+)\s+cpu-clock", perf("script", "-f", "-F", "event,period", "-i", path).stdout, re.M))
    report(periods == {"1000000"}, "each sample counts the same", periods)
    # A stream is what a file is.
    stream = os.path.join(FOLDER, "stream")
    with open(stream, "wb") as file:
        process = start([], [HELPER, "sample", "-o", "-", "-F", "500", "-p", str(program.pid)], stdout=file, **AS)
        before, begun = cpu_seconds(program.pid), time.monotonic()
        while cpu_seconds(program.pid) < before + 0.3 and time.monotonic() < begun + 20:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        process.wait()
    with open(stream, "rb") as file:
        out = subprocess.run(["perf", "script", "-F", "event,time", "-i", "-"], stdin=file, capture_output=True, text=True, check=False).stdout
    report(out.count("cpu-clock") == count_own(stream) > 10, "a stream", (out.count("cpu-clock"), count_own(stream)))
    for name, more in (("no stacks", ["--call-graph=none"]), ("few frames", ["--max-stack=2"]), ("a name", ["--name=clk"]), ("a count", ["-c", "2000000"])):
        path, words, status = sample(*((["-F", "500"] if "-c" not in more else []) + more + ["-p", str(program.pid)]), seconds=0.3, program=program)
        lines = len(re.findall(r"\d+\.\d+: ", perf("script", "-f", "-F", "event,time", "-i", path).stdout))
        report(status == 0 and lines == count_own(path) > 5, "sampled with " + name, (words, lines, count_own(path)))
    path, words, status = sample("-F", "5000", "-p", str(program.pid), "--max-size=100000B", seconds=5, program=program)
    report(status == 0 and 100000 <= os.path.getsize(path) < 400000 and times(path), "as large as it may be", os.path.getsize(path))
    program.kill()
    program.wait()
    program = target("spin")
    process = start([], [HELPER, "sample", "-o", os.path.join(FOLDER, "ended"), "-F", "500", "-p", str(program.pid)], **AS)
    time.sleep(0.7)
    program.kill()
    program.wait()
    try:
        status = process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        status = None
    report(status == 0 and times(os.path.join(FOLDER, "ended")), "it ends with what it samples", status)


def gaps():
    """Of a program that has a CPU for itself, gaps in its own time are those in the file."""
    if os.geteuid() != 0 or subprocess.run(["chrt", "-f", "40", "true"], check=False).returncode != 0:
        skip("the law of gaps", "needs a place in front of what else runs")
        return
    program = subprocess.Popen(["chrt", "-f", "40", TARGET, "spin"], stdout=subprocess.PIPE)
    program.stdout.readline()
    path = os.path.join(FOLDER, "gaps")
    process = subprocess.Popen(["chrt", "-f", "41", HELPER, "sample", "-o", path, "-F", "200", "-p", str(program.pid)])
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    process.wait()
    program.kill()
    program.wait()
    found = times(path)
    between = [1000 * (b - a) for a, b in zip(found, found[1:])]
    # The kernel takes five in a hundred milliseconds from who is in front.
    mean, deviation = statistics.mean(between), statistics.pstdev([gap for gap in between if gap < 21])
    # T = 5 ms: bounds are T/4 and 4T; the mean of 800 draws is within 10 % of T, four times its own deviation; a little more for reading late.
    report(min(between) > 1.2 and sorted(between)[int(0.99 * len(between))] < 21 and 4.4 < mean < 6, "gaps are as their law says",
           (len(between), min(between), max(between), mean))
    report(2.4 < deviation < 5, "… and spread as it says", deviation)       # of the law: 0.69 T


def followed():
    program = target("threads")
    path, words, status = sample("-F", "2000", "-p", str(program.pid), seconds=2)
    out = perf("script", "-f", "-F", "pid,tid,event", "-i", path).stdout
    pairs = set(re.findall(r"^\s*(\d+)/(\d+)", out, re.M))
    threads = {tid for pid, tid in pairs if pid == str(program.pid) and tid != pid}
    children = {pid for pid, _ in pairs if pid != str(program.pid)}
    report(status == 0 and len(threads) >= 3 and len(children) >= 3, "threads and children that begin meanwhile are followed", (words, len(threads), len(children)))
    path, words, status = sample("-F", "2000", "-i", "-p", str(program.pid), seconds=1)
    pairs = set(re.findall(r"^\s*(\d+)/(\d+)", perf("script", "-f", "-F", "pid,tid,event", "-i", path).stdout, re.M))
    # One of its threads may live just when recording begins: that one was there before.
    others = {(pid, tid) for pid, tid in pairs if tid != str(program.pid)}
    report(status == 0 and len(others) <= 1 and all(pid == str(program.pid) for pid, _ in others), "… unless that is not wanted", (words, pairs))
    program.kill()
    program.wait()
    subprocess.run(["pkill", "-P", str(program.pid)], check=False)


def orders():
    program = target("spin")
    ours, theirs = os.pipe(), os.pipe()
    path = os.path.join(FOLDER, "orders")
    process = subprocess.Popen([HELPER, "sample", "-o", path, "-F", "1000", "-p", str(program.pid), "--delay=-1", "--control=fd:%d,%d" % (ours[0], theirs[1])],
                               pass_fds=(ours[0], theirs[1]), **AS)

    def say(order):
        os.write(ours[1], order)
        return os.read(theirs[0], 64)
    answers = [say(b"ping\n")]
    time.sleep(0.3)
    began = time.monotonic()
    answers.append(say(b"enable\n"))
    time.sleep(0.5)
    answers.append(say(b"disable\n"))
    ended = time.monotonic()
    time.sleep(0.3)
    answers.append(say(b"stop\n"))
    status = process.wait(10)
    found = times(path)
    report(status == 0 and answers == [b"ack\n"] * 4, "orders are answered", (status, answers))
    report(len(found) > 5 and began - 0.01 < min(found) and max(found) < ended + 0.01, "… and obeyed", (began, ended, found[:1], found[-1:]))
    for fd in ours + theirs:
        os.close(fd)
    program.kill()
    program.wait()


def refused():
    for name, arguments, words in (("no rate", ["-p", "1"], "needed"), ("two rates", ["-F", "9", "-c", "9", "-p", "1"], "needed"), ("no target", ["-F", "9"], "needed"),
                                   ("an event that is none", ["-F", "9", "-p", "1", "-e", "sched:sched_switch"], "needed"),
                                   ("a process that is not there", ["-F", "9", "-p", "4194303"], "kernel opens"), ("an option that is not", ["--exec"], "nknown option")):
        _, said, status = sample(*arguments, seconds=0.2, name="refused")
        report(status in (1, 2) and words in said, "refused: " + name, (status, said))
    if os.geteuid() == 0 and int(open("/proc/sys/kernel/perf_event_paranoid").read()) >= 2:
        for name, arguments in (("another's process", ["-p", str(os.getpid())]), ("the system", ["-a"]), ("the kernel", ["-p", "self"])):
            program = target("spin")
            arguments = ["-p", str(program.pid), "--kernel"] if arguments == ["-p", "self"] else arguments
            _, said, status = sample("-F", "99", *arguments, seconds=0.3, name="refused")
            program.kill()
            program.wait()
            report(status == 1 and "rights" in said, "without rights: not " + name, (status, said))


def in_step():
    """Half a minute of C3's experiment in small: tests/bench/bench-lockstep is the whole of it."""
    if os.geteuid() != 0 or subprocess.run(["chrt", "-f", "40", "true"], check=False).returncode != 0:
        skip("a program in step with a clock", "needs a place in front of what else runs")
        return
    path = os.path.join(FOLDER, "periodic")
    single = [run_periodic(HELPER, TARGET, "single", 0.8, path) for _ in range(6)]
    random = [run_periodic(HELPER, TARGET, "random", 0.8, path) for _ in range(6)]
    # Of one clock, shares are all or nothing: that six starts all come near 0.3 has no chance. Of independent samples, the spread of six starts exceeds
    # twice the binomial's less than once in 10,000 times (χ² with 6 degrees of freedom above 24 × …: 5·10⁻⁴ at 2.0; these are less spread than independent ones).
    report(spread(single)[1] > 3, "one clock of 100 Hz runs in step with the program", single)
    report(spread(random)[1] < 2.0 and all(n > 40 for _, n in random), "random gaps do not", (random, spread(random)))


def main():
    if shutil.which("perf") is None:
        skip("the sampler", "no perf")
    else:
        for step in (alike, gaps, followed, orders, refused, in_step):
            began = time.monotonic()
            step()
            print("# %s: %.1f s" % (step.__name__, time.monotonic() - began), flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    plan()


main()
