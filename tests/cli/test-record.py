#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recording for real, with this machine's perf: test-record.py AFTERGLOW_CLI REQUESTS SOURCE [HELPER]

As root and as an ordinary user: what each goal records is paired, nothing of a command is missed, files are whole or not there, signals and exit statuses
are as scripts expect, and what is said of misses and costs agrees with what is counted by hand."""
import json
import math
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time

from tap import plan, report, skip

CLI, REQUESTS, SOURCE = (os.path.abspath(path) for path in sys.argv[1:4])
HELPER = os.path.abspath(sys.argv[4]) if len(sys.argv) > 4 else None
FOLDER = tempfile.mkdtemp(prefix="afterglow-record-")
os.chmod(FOLDER, 0o777)
ENVIRONMENT = dict(os.environ, XDG_STATE_HOME=FOLDER + "/state", XDG_CONFIG_HOME=FOLDER + "/config", LC_ALL="C.UTF-8")
if HELPER:
    ENVIRONMENT["AFTERGLOW_HELPER"] = HELPER
BUSY = "i=0; while [ $i -lt %d ]; do i=$((i+1)); done"
IS_ROOT = os.geteuid() == 0


def place(name):
    return os.path.join(FOLDER, name)


def record(*arguments, user=None, cwd=FOLDER, stdin=subprocess.DEVNULL, timeout=60, environment=None):
    words = [CLI, "record", *arguments]
    if user:
        words = ["setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups", *words]
    return subprocess.run(words, capture_output=True, text=True, cwd=cwd, stdin=stdin, timeout=timeout, env=environment or ENVIRONMENT, check=False)


def info(*paths):
    done = subprocess.run([CLI, "info", "--json", "--quiet", "--no-cache", *paths], capture_output=True, text=True, env=ENVIRONMENT, timeout=60, check=False)
    return json.loads(done.stdout) if done.stdout else {}


def spans(path, *arguments):
    done = subprocess.run([CLI, "latency", "--json", "--quiet", "--no-cache", *arguments, path], capture_output=True, text=True, env=ENVIRONMENT, timeout=60, check=False)
    return {kind["kind"]: kind for kind in json.loads(done.stdout)["kinds"]} if done.stdout else {}


def perf_samples(path):
    done = subprocess.run(["perf", "script", "-f", "-i", path, "-F", "comm,pid,event"], capture_output=True, text=True, timeout=60, check=False)
    return [line.split() for line in done.stdout.splitlines() if line.strip()]


def check_schema(text, name):
    try:
        import jsonschema
    except ImportError:
        skip(name, "python3-jsonschema is not installed")
        return {}
    document = json.loads(text)
    with open(os.path.join(SOURCE, "data", "schemas", document["schema"].split("/")[1] + "-1.json"), encoding="utf-8") as file:
        errors = list(jsonschema.Draft202012Validator(json.load(file)).iter_errors(document))
    report(not errors, name, errors[:2])
    return document


def start(*words):
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_until(what, seconds=10):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def test_command():
    path = place("cpu.data")
    done = record("--rate", "997", "--json", "-o", path, "--", "sh", "-c", BUSY % 200000 + "; exit 3")
    document = check_schema(done.stdout, "what it says of itself is as the schema says")
    facts, theirs = info(path), perf_samples(path)
    report(done.returncode == 0, "a command is recorded", done.stderr)
    report(stat.S_IMODE(os.stat(path).st_mode) == 0o600, "its file is of this user alone")
    report(facts["samples"] == len(theirs) == document["recording"]["samples"] > 50, "as many samples as perf reads", (facts["samples"], len(theirs), document))
    report({event["name"] for event in facts["events"] if event["samples"]} == {"clkA", "clkB", "clkC"}, "three clocks sample in turn", facts["events"])
    report(sum(event.get("frequency_hz", 0) for event in facts["events"]) == 997, "their rates are the rate that was asked")
    report(document["recording"]["exit_status"] == 3 and document["recording"]["reason"] == "ended", "how the command ended is told", document["recording"])
    report(facts["capture"]["reason"] == "ended" and facts["capture"]["words"].startswith("afterglow-cli record --rate 997 --"), "its notes are shown", facts.get("capture"))
    report(record("--pass-exit-status", "-q", "-o", path, "--", "sh", "-c", BUSY % 60000 + "; exit 7").returncode == 7, "its exit status is passed on")
    done = record("--pass-exit-status", "-q", "-o", path, "--", "sh", "-c", "kill -TERM $$")
    report(done.returncode == 128 + signal.SIGTERM, "and the signal that it died of", done)
    done = record("-q", "-o", path, "-C", FOLDER, "--env", "PLANTED=a b", "--", "sh", "-c", BUSY % 60000 + '; read line; echo "$PLANTED|$PWD|$line" > told',
                  stdin=subprocess.Popen(["echo", "from outside"], stdout=subprocess.PIPE).stdout)
    report(open(place("told"), encoding="utf-8").read() == "a b|%s|from outside\n" % FOLDER, "it has its folder, environment and input", done)
    done = record("-q", "-o", path, "--", "true")
    report(done.returncode == 4 and "no samples" in done.stderr, "without samples the exit status is 4", done)


def test_barrier():
    """Each system call from exec on is there: dd's own reads by number."""
    path = place("calls.data")
    done = record("-q", "--goal", "syscalls", "-o", path, "--", "dd", "if=/dev/zero", "of=/dev/null", "bs=64", "count=500")
    kinds = spans(path, "--spans", "syscall:read")
    names = [words[-1].rstrip(":") for words in perf_samples(path)]
    own = subprocess.run(["strace", "-c", "true"], capture_output=True, check=False).returncode == 0 if shutil.which("strace") else None
    report(done.returncode == 0 and kinds["syscall:read"]["spans"] >= 500, "nothing of a command is missed: every read", (kinds, own))
    enters, exits = names.count("raw_syscalls:sys_enter"), names.count("raw_syscalls:sys_exit")
    report(0 <= enters - exits <= 2, "from its exec to its exit", (enters, exits))


def test_goals():
    for goal, wanted in (("waiting", ["off-cpu", "asleep"]), ("syscalls", ["syscall"]), ("locks", ["syscalls:sys_enter_futex"]), ("io", ["syscalls:sys_enter_write"]),
                         ("everything", ["off-cpu", "syscall"])):
        path = place(goal + ".data")
        done = record("-q", "--goal", goal, "--kernel", "-o", path, "--", REQUESTS, "lock", "300")
        kinds = spans(path)
        counts = {kind: kinds[kind]["spans"] for kind in kinds}
        report(done.returncode == 0 and all(counts.get(kind, 0) > 0 for kind in wanted), "why: %s; its spans are found" % goal, (done.stderr, counts))
        rates = {event["name"]: event.get("frequency_hz", 0) for event in info(path)["events"]}
        report(not any(rate for name, rate in rates.items() if ":" in name and not name.startswith("dummy")), "%s: no tracepoint has a frequency" % goal, rates)
    path = place("sleeper.data")
    record("-q", "--goal", "waiting", "-o", path, "--", "sh", "-c", "for i in 1 2 3 4 5 6; do sleep 0.05; done")
    sleeps = subprocess.run([CLI, "latency", "--json", "--quiet", "--no-cache", "--spans", "asleep", "--comm", "sleep", "--gate", "p50>1ns", path], capture_output=True, text=True,
                            env=ENVIRONMENT, check=False)
    asleep = spans(path, "--spans", "asleep", "--comm", "sleep", "--longer", "40ms")["asleep"]
    report(asleep["spans"] >= 6, "six sleeps of 50 ms of a command recorded alone last as long as they did", (asleep, sleeps.stdout[:400]))
    path = place("function.data")
    done = subprocess.run([CLI, "record", "-q", "--function", REQUESTS + ":handle_request", "-o", path, "--", REQUESTS, "plain", "300"], capture_output=True, text=True,
                          env=ENVIRONMENT, timeout=60, check=False)
    own = [int(line.split()[2]) for line in done.stdout.splitlines() if len(line.split()) == 3]
    kind = next((kind for name, kind in spans(path).items() if name.endswith(":handle_request")), None)
    report(kind is not None and kind["spans"] == len(own) == 300, "each call of a function", (done.stderr, kind and kind["spans"], len(own)))
    left = open("/sys/kernel/tracing/uprobe_events", encoding="utf-8").read()
    report("afterglow_by_" not in left, "no probe is left behind", left)
    path = place("custom.data")
    done = record("-q", "-e", "sched:sched_switch", "-e", "cpu-clock/freq=331,name=mine/", "--kernel", "-o", path, "--", "sh", "-c", BUSY % 60000 + "; sleep 0.05")
    names = {event["name"] for event in info(path)["events"]}
    report(done.returncode == 0 and {"sched:sched_switch", "mine"} <= names, "events as somebody wrote them", (done.stderr, names))


def test_ends():
    spin = start("sh", "-c", "while :; do :; done")
    try:
        path = place("duration.data")
        began = time.monotonic()
        done = record("--duration", "700ms", "--json", "-o", path, "--pid", str(spin.pid))
        document = json.loads(done.stdout)["recording"]
        report(done.returncode == 0 and document["reason"] == "duration" and 0.6 < document["elapsed_s"] < 1.5, "it ends at its time", (document, time.monotonic() - began))
        path = place("size.data")
        done = record("--size", "60K", "--rate", "4000", "--duration", "20", "--json", "-o", path, "--pid", str(spin.pid))
        document = json.loads(done.stdout)["recording"]
        report(document["reason"] == "size" and document["elapsed_s"] < 15 and info(path)["samples"] > 100, "it ends at its size", document)
        def has_samples(name):
            """It runs: samples come into it."""
            return wait_until(lambda: os.path.exists(name) and os.path.getsize(name) > 12000, 20)

        for number in (signal.SIGINT, signal.SIGTERM):
            path = place("signal-%d.data" % number)
            process = subprocess.Popen([CLI, "record", "-q", "--rate", "997", "-o", path, "--pid", str(spin.pid)], env=ENVIRONMENT, stderr=subprocess.PIPE)
            grew = has_samples(path)
            process.send_signal(number)
            status = process.wait(20)
            facts = info(path)
            report(grew and status == 0 and facts.get("samples", 0) > 50 and facts["capture"]["reason"] == "stopped", "%s ends it as it should" % signal.Signals(number).name,
                   (status, process.stderr.read(), facts.get("samples")))
        path = place("killed.data")
        process = subprocess.Popen([CLI, "record", "-q", "--rate", "997", "-o", path, "--pid", str(spin.pid)], env=ENVIRONMENT)
        has_samples(path)
        process.kill()
        process.wait()
        gone = wait_until(lambda: subprocess.run(["pgrep", "-f", "perf record --output=" + path], capture_output=True, check=False).returncode != 0)
        facts = info(path)
        report(gone and facts.get("samples", 0) > 50 and facts["capture"]["reason"] is None, "when it is killed perf ends too, what was recorded can be read",
               (gone, facts.get("samples"), facts.get("capture")))
        path = place("stopped.data")
        process = subprocess.Popen([CLI, "record", "-q", "-o", path, "--", "sh", "-c", "trap 'echo over > %s; exit 5' TERM; %s; : > %s; while :; do :; done" % (place("trapped"), BUSY % 100000, place("begun"))],
                                   env=ENVIRONMENT, stderr=subprocess.PIPE)
        wait_until(lambda: os.path.exists(place("begun")))
        process.send_signal(signal.SIGTERM)
        status = process.wait(20)
        report(status == 0 and os.path.exists(place("trapped")), "a signal that is sent to it reaches its command", (status, process.stderr.read()))
        two = [spin, start("sh", "-c", "while :; do :; done")]
        try:
            path = place("each.data")
            done = record("-q", "--per-process", "--duration", "600ms", "--rate", "499", "-o", path, "--pid", ",".join(str(p.pid) for p in two))
            files = [place("each-%d.data" % p.pid) for p in two]
            own = [{words[1] for words in perf_samples(file)} for file in files]
            merged = info(*files)
            report(done.returncode == 0 and own == [{str(p.pid)} for p in two], "a recording for each process", (done.stderr, own))
            report(merged.get("samples") == sum(info(file)["samples"] for file in files) > 0 and merged["processes"] == 2, "opened merged", merged.get("processes"))
        finally:
            two[1].kill()
            two[1].wait()
        if HELPER and os.path.exists(HELPER):
            path = place("random.data")
            done = record("-q", "--clock", "random", "--rate", "500", "--duration", "1", "-o", path, "--pid", str(spin.pid))
            ours, theirs = info(path).get("samples", 0), len(perf_samples(path))
            report(done.returncode == 0 and ours == theirs > 20, "random gaps, without the service", (done.stderr, ours, theirs))
        else:
            skip("random gaps, without the service", "the sampler was not built")
        path = place("lean.data")
        done = record("-q", "-z", "3", "--call-graph", "dwarf,16384", "--rate", "499", "--duration", "600ms", "--json", "-o", path, "--pid", str(spin.pid))
        told, facts = json.loads(done.stdout)["recording"], info(path)
        report(facts["samples"] == told["samples"] > 50 and told["bytes"] < 16384 * told["samples"] / 4, "compressed records are counted as they are read", (told, facts["samples"]))
    finally:
        spin.kill()
        spin.wait()


def test_files():
    path = place("kept.data")
    with open(path, "w", encoding="utf-8") as file:
        file.write("precious")
    done = record("-o", path, "--", "/no/such/program")
    report(done.returncode == 3 and "/no/such/program" in done.stderr and open(path, encoding="utf-8").read() == "precious", "a command that cannot start leaves an older file", done.stderr)
    done = record("-o", path, "--", "sh", "-c", BUSY % 100000)
    report(done.returncode == 0 and info(path)["samples"] > 0, "a recording takes an older file's place", done.stderr)
    left = [name for name in os.listdir(FOLDER) if ".new-" in name]
    report(not left, "nothing lies beside it but its notes", left)
    done = record("-o", "/no/such/folder/out.data", "--", "true")
    report(done.returncode == 3 and "/no/such/folder" in done.stderr, "a folder that is not there is exit status 3", done.stderr)
    for words, said in ((("--goal", "nonsense", "--", "true"), "waiting"), (("--rate", "0", "--", "true"), "--rate"), ((), "command"), (("--pid", "1", "--", "true"), "one of them"),
                        (("--event", "sched:sched_switch/freq=9/", "--", "true"), "sched:sched_switch"), (("--preset", "nonsense", "--", "true"), "cpu-dwarf"),
                        (("--duration", "soon", "--", "true"), "--duration"), (("--nonsense",), "--nonsense"), (("--clock", "random", "--goal", "io", "--", "true"), "Random")):
        done = record(*words)
        report(done.returncode == 2 and said in done.stderr, "a wrong line is exit status 2: %s" % " ".join(words), done)
    alone = {"PATH": os.environ["PATH"], "HOME": FOLDER}
    done = subprocess.run([CLI, "record", "-o", place("cron.data"), "--", "sh", "-c", BUSY % 100000], stdin=subprocess.DEVNULL, capture_output=True, text=True, env=alone, cwd="/",
                          start_new_session=True, timeout=60, check=False)
    report(done.returncode == 0 and done.stdout == "" and "\r" not in done.stderr and "samples in" in done.stderr, "without terminal and session, as for cron", done)
    done = record("--print-command", "-o", "x y.data", "--function", REQUESTS + ":handle_request", "--", "sh", "-c", "echo 'a b'")
    lines = done.stdout.splitlines()
    report(len(lines) == 5 and lines[0].startswith("perf probe -x") and lines[4].startswith("perf probe --del") and "'--output=x y.data'" in lines[2], "what perf would be told", lines)


def test_presets():
    done = record("--goal", "waiting", "--rate", "251", "--kernel", "--duration", "5", "--save-preset", "mine")
    listed = record("--list-presets").stdout.split()
    words = record("--preset", "mine", "--rate", "499", "--print-command", "--", "true").stdout
    report(done.returncode == 0 and "mine" in listed and listed[0] == "cpu", "a preset is saved and listed", (done.stderr, listed))
    report("sched:sched_switch" in words and "/u" not in words and sum(int(n) for n in re.findall(r"freq=(\d+)", words)) == 499, "and changed by what is said beside it", words)
    path = place("given.afterglow-capture")
    record("--goal", "io", "--save-preset", path)
    report("block:block_rq_issue" in record("--preset", path, "--print-command", "--", "true").stdout, "one can be given to somebody as a file")
    report(record("--save-preset", "cpu").returncode == 3, "what is built in is not replaced")
    line = record("--preset", "everything", "--print-command", "--system").stdout
    report("page-faults" in line and "raw_syscalls:sys_enter" in line, "built-in ones set events", line)


def test_estimate():
    done = record("--estimate", "--json", "--duration", "30", "--rate", "99", "--", "sh")
    document = check_schema(done.stdout, "an estimate is as the schema says")["estimate"]
    # 1 − Π (1 − 200 µs × f) over the three clocks; C2: ln 20 / 99, 9.15 / 99.
    rates = [int(n) for n in re.findall(r"freq=(\d+)", record("--print-command", "--rate", "99", "--", "sh").stdout)]
    wanted = 1 - math.prod(1 - 200e-6 * rate for rate in rates)
    report(abs(document["certain_cpu_s"] - 0.03026) < 1e-4 and abs(document["five_samples_cpu_s"] - 0.09246) < 1e-4 and abs(document["event_probability"] - wanted) < 1e-9,
           "what it could miss", document)
    report("30.3 ms of CPU in these 30.0 s" in document["sentence"].replace("\u2009", " ")
           and "200 µs event is seen with probability 0.02: trace it instead" in document["sentence"].replace("\u2009", " "), "in words",
           document["sentence"])
    report(0 < document["sample_cost_s"] < 1e-3 and 0 <= document["overhead_low"] <= document["overhead_share"] <= document["overhead_high"] < 0.2,
           "what a sample costs on this machine", document)
    report(not os.path.exists(place("perf.data")), "nothing is recorded")
    spin = start("sh", "-c", "while :; do :; done")
    try:
        done = record("--estimate", "--json", "--rate", "997", "--pid", str(spin.pid))
        document = json.loads(done.stdout)["estimate"]
        path = place("probe.data")
        record("-q", "--rate", "997", "--duration", "2", "-o", path, "--pid", str(spin.pid))
        counted = info(path)["samples"] / 2
        # Another program may take the CPU for a while in one and not in the other: samples are counted by CPU time.
        report(document["busy_cpus"] > 0.02 and 0.2 * counted < document["samples_per_s"] < 5 * counted, "a running process is probed", (document, counted))
        ratio = document["samples_per_s"] / document["busy_cpus"]
        report(0.8 * 997 < ratio < 1.2 * 997, "as many samples for each busy CPU as the rate says", ratio)
    finally:
        spin.kill()
        spin.wait()


WORK = BUSY % 250000
BLOCKS = 4


def by_hand(rate):
    """perf stat around perf record around the same work: ln (on ÷ off) of the task clock, block by block."""
    line = record("--print-command", "--rate", str(rate), "-o", place("hand.data"), "--", "perf", "stat", "-x,", "-o", place("stat"), "-e", "task-clock", "--", "sh", "-c", WORK).stdout
    off = ["perf", "stat", "-x,", "-o", place("stat"), "-e", "task-clock", "--", "sh", "-c", WORK]
    values = []
    for _ in range(BLOCKS):
        sums = []
        for words in (off, ["sh", "-c", line], ["sh", "-c", line], off):
            subprocess.run(words, capture_output=True, check=False)
            sums.append(math.log(next(float(row.split(",")[0]) for row in open(place("stat"), encoding="utf-8") if "task-clock" in row)))
        values.append((sums[1] + sums[2] - sums[0] - sums[3]) / 2)
    return values


def test_overhead():
    """At a rate at which it shows."""
    rate = 9973
    path = place("overhead.data")
    done = record("--overhead=%d" % BLOCKS, "--rate", str(rate), "--json", "-o", path, "--", "sh", "-c", WORK)
    overhead = check_schema(done.stdout, "measured overhead is as the schema says")["overhead"]
    hand = by_hand(rate)
    mean = sum(hand) / BLOCKS
    spread = math.sqrt(sum((value - mean) ** 2 for value in hand) / (BLOCKS - 1) / BLOCKS)
    low, high = mean - 3.182 * spread, mean + 3.182 * spread        # t of 3 degrees of freedom
    ours = [math.log1p(overhead["task_clock_" + key]) for key in ("low", "change", "high")]
    report(overhead["blocks"] == BLOCKS and overhead["by"] == "runs" and ours[0] <= ours[1] <= ours[2], "its interval holds it", overhead)
    report(ours[0] <= high and low <= ours[2], "task clock: the interval agrees with perf stat by hand", (ours, (low, mean, high)))
    report(overhead["task_clock_change"] < 0.03 or 1 <= overhead["proposed_rate_hz"] < rate, "above 3 % a rate is proposed", overhead)
    notes = info(path).get("capture", {})
    report(abs(notes.get("overhead", {}).get("task_clock_change", 9) - overhead["task_clock_change"]) < 1e-9, "it is kept with the recording", notes)
    spin = start("sh", "-c", "while :; do :; done")
    try:
        done = record("--overhead=2", "--estimate", "--json", "--rate", "997", "--pid", str(spin.pid))
        overhead = json.loads(done.stdout)["overhead"]
        report(overhead["by"] == "windows" and overhead["time_change"] is None and overhead["task_clock_low"] <= overhead["task_clock_change"] <= overhead["task_clock_high"],
               "of what runs, by windows", overhead)
    finally:
        spin.kill()
        spin.wait()


def test_ordinary_user():
    user, path = 65534, place("nobody.data")
    paranoid = int(open("/proc/sys/kernel/perf_event_paranoid", encoding="utf-8").read())
    mine = dict(ENVIRONMENT, XDG_STATE_HOME=FOLDER + "/their-state", XDG_CONFIG_HOME=FOLDER + "/their-config", DBUS_SYSTEM_BUS_ADDRESS="unix:path=/no/such/bus")
    os.makedirs(place("their"), exist_ok=True)
    os.chmod(place("their"), 0o777)
    path = place("their/own.data")
    done = record("--rate", "997", "-o", path, "--", "sh", "-c", BUSY % 150000, user=user, environment=mine)
    if done.returncode == 3 and paranoid > 2:
        skip("an ordinary user's own command", "kernel.perf_event_paranoid is %d" % paranoid)
        return
    report(done.returncode == 0 and os.stat(path).st_uid == user and len(perf_samples(path)) > 30, "an ordinary user's own command", done.stderr)
    if paranoid >= 2:
        done = record("--kernel", "-o", path, "--", "true", user=user, environment=mine)
        report(done.returncode == 3 and "perf_event_paranoid" in done.stderr and "sudo perf record" in done.stderr, "without rights it says what to run elsewhere", done.stderr)
        done = record("--goal", "waiting", "-o", path, "--", "true", user=user, environment=mine)
        report(done.returncode == 3 and "tracepoints" in done.stderr and "sched:sched_switch" in done.stderr, "tracepoints need rights", done.stderr)
        done = record("--system", "-o", path, user=user, environment=mine)
        report(done.returncode == 3 and "whole machine" in done.stderr and "service cannot be asked" in done.stderr, "so does the whole machine, and there is nobody to ask", done.stderr)
    done = record("-o", path, "--pid", str(os.getpid()), user=user, environment=mine)
    report(done.returncode == 3 and "may not be recorded" in done.stderr, "nor another user's process", done.stderr)


if not shutil.which("perf") or subprocess.run(["perf", "record", "-q", "-e", "cpu-clock:u", "-o", place("can"), "true"], capture_output=True, check=False).returncode != 0:
    skip("recording", "no perf that could record here")
else:
    test_command()
    test_files()
    test_presets()
    test_ends()
    test_estimate()
    if IS_ROOT:
        test_barrier()
        test_goals()
        test_ordinary_user()
    else:
        skip("goals that trace, rights of others", "not root")
    test_overhead()
shutil.rmtree(FOLDER, ignore_errors=True)
plan()
