#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The privileged service with the real polkitd: test-helper.py HELPER AFTERGLOW_CLI TARGET SOURCE BUILD

What is not allowed is not recorded; what is, is as perf records it; nothing is left behind and the service answers, whatever was done to it.
HELPER is built with sanitizers, which end it at the first fault."""
import ctypes
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
from tap import plan, report, skip  # noqa: E402

HELPER, CLI, TARGET, SOURCE, BUILD = (os.path.abspath(path) for path in sys.argv[1:6])
libc = ctypes.CDLL(None, use_errno=True)

if os.geteuid() != 0 or not all(shutil.which(tool) for tool in ("perf", "dbus-daemon", "unshare")) or not os.path.exists("/usr/lib/polkit-1/polkitd"):
    skip("the privileged service", "root, perf, dbus-daemon and polkitd are needed")
    plan()
    sys.exit(0)

import stage as stages  # noqa: E402
from reachable import reachable  # noqa: E402
from stage import GAMES, MAN, NOBODY, ROOT, Caller, GLib, Stage, own_mounts, start_time, wait_for  # noqa: E402

own_mounts()
HELPER, CLI, TARGET = reachable(HELPER, CLI, TARGET)
STAGE = Stage(SOURCE, BUILD, HELPER)
TARGETS = []


def target(*arguments, uid=NOBODY):
    process = subprocess.Popen((TARGET,) + arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, user=uid, group=uid, extra_groups=[])
    process.stdout.readline()
    TARGETS.append(process)
    return process


def clock(frequency=500, name="cpu-clock", **more):
    return dict({"name": GLib.Variant("s", name), "frequency": GLib.Variant("u", frequency)}, **more)


def tracepoint(name):
    return {"name": GLib.Variant("s", name)}


def probe(binary, **more):
    return dict({"binary": GLib.Variant("h", binary)}, **more)


def request(processes=None, events=None, probes=None, **more):
    """A request: processes by number, or the whole system; keys with _ for -."""
    items = {"target": GLib.Variant("s", "processes" if processes else "cgroup" if "cgroup" in more else "system")}
    if processes:
        items["processes"] = GLib.Variant("a(ut)", [(p if isinstance(p, tuple) else (p, start_time(p))) for p in processes])
    if events is not None or probes is None:
        items["events"] = GLib.Variant("aa{sv}", events or [clock()])
    if probes:
        items["probes"] = GLib.Variant("aa{sv}", probes)
    for key, value in more.items():
        kind = "b" if isinstance(value, bool) else "s" if isinstance(value, str) else "t" if key in ("size", "cgroup") else "u"
        items[key.replace("_", "-")] = GLib.Variant(kind, value)
    return items


def settled(name):
    """Nothing of a recording is left, and the service answers."""
    def nothing():
        return not STAGE.recorders() and not STAGE.probes()
    still = wait_for(nothing, 12)
    caller = Caller(STAGE, NOBODY)
    facts, error = caller.call("GetCapabilities")
    caller.close()
    state = STAGE.path("run", "probes")
    text = open(state).read() if os.path.exists(state) else ""
    report(still and error is None and facts[0]["cpus"] > 0 and text == "", name + ": nothing is left, the service answers",
           (STAGE.recorders(), STAGE.probes(), text, error))


def samples(path, event=None):
    """Samples by perf and by the command; -1 where it cannot be read."""
    script = subprocess.run(["perf", "script", "-f", "-F", "event,time", "-i", path], capture_output=True, text=True, check=False)
    lines = [line for line in script.stdout.splitlines() if ":" in line and (event is None or event in line)]
    own = subprocess.run([CLI, "script", "--quiet", path], capture_output=True, text=True, check=False)
    heads = [line for line in own.stdout.splitlines() if line and not line[0].isspace() and (event is None or event in line)]
    return (len(lines) if script.returncode == 0 else -1), (len(heads) if own.returncode == 0 else -1)


def kernel_addresses(path):
    """Words that are addresses of the kernel's memory or code; marks of callchains and the page of vsyscalls are at the same place on every machine."""
    data = open(path, "rb").read()
    words = struct.unpack("<%dQ" % (len(data) // 8), data[: len(data) // 8 * 8])
    return [hex(w) for w in words if 0xffff880000000000 <= w < 0xffffe90000000000 or 0xffffffff80000000 <= w < 0xffffffffff000000]


def record(caller, asked, name="out", seconds=0.4, uid=None, during=None, fds=()):
    """Records into a new file for a time: (path, error, reason, figures)."""
    path, fd = STAGE.output(name, caller.uid if uid is None else uid)
    arguments = Caller.record_arguments(asked, 1, len(fds))
    answer, error = caller.call("Record", arguments, list(fds) + [fd])
    os.close(fd)
    if error is not None:
        return path, error, None, {}
    if during is not None:
        during()
    wait_for(lambda: False, seconds)
    caller.call("Stop", GLib.Variant("(u)", (answer[0],)))
    return (path, None) + tuple(caller.finished(answer[0]))


def refused(caller, asked, name, words, **more):
    path, error, _, _ = record(caller, asked, **more)
    report(error is not None and re.search(words, error) is not None and os.path.getsize(path) == 0, name, (error, os.path.getsize(path)))


# ---- who may ----

def before_rules(spin, root_spin):
    nobody, root = Caller(STAGE, NOBODY), Caller(STAGE, ROOT)
    facts = nobody.call("GetCapabilities")[0]
    facts = facts[0] if facts else {}
    report(set(facts) == {"version", "perf", "paranoid", "max-rate", "cpu-percent", "cpus", "events", "tracepoints", "lbr", "compression"}
           and "cpu-clock" in facts["events"] and "sched:sched_switch" in facts["tracepoints"]
           and facts["perf"] in subprocess.run(["perf", "--version"], capture_output=True, text=True, check=False).stdout and facts["perf"] != "",
           "anybody learns what can be recorded here", {k: v for k, v in facts.items() if k != "tracepoints"})
    refused(nobody, request([spin.pid]), "without rights: refused", "asked for")
    refused(nobody, request(kernel=True), "without rights: the system is refused", "asked for")
    refused(nobody, request([spin.pid], interactive=True), "nobody there to ask: refused", "asked for")
    STAGE.start_agent()
    STAGE.agent_answer = "no"
    refused(nobody, request([root_spin.pid], interactive=True), "the question is dismissed: refused", "dismissed")
    action, message, details = STAGE.agent_said[-1]
    report(action.endswith("record-other") and "nobody" in message and "%d helper-target" % root_spin.pid in message,
           "the question says who asks for what", STAGE.agent_said[-1])
    n = len(STAGE.agent_said)
    refused(nobody, request([root_spin.pid]), "who does not want to be asked is not", "asked for")
    report(len(STAGE.agent_said) == n, "… indeed", STAGE.agent_said[n:])
    STAGE.agent_answer = "yes"
    man = Caller(STAGE, MAN)
    path, error, reason, _ = record(man, request([spin.pid], events=[tracepoint("sched:sched_switch"), clock()], interactive=True, kernel=True))
    asked = [said[0].rpartition(".")[2] for said in STAGE.agent_said[n:]]
    report(error is None and reason == "stopped" and asked == ["record-system", "record-probes"] and samples(path)[0] > 0,
           "who is allowed is recorded for, after each right was asked for", (error, reason, asked))
    STAGE.agent_answer = None
    n = len(STAGE.agent_said)
    other, fd = Caller(STAGE, NOBODY), STAGE.output("gone")[1]
    pending = other.begin("Record", Caller.record_arguments(request([root_spin.pid], interactive=True)), [fd])
    wait_for(lambda: len(STAGE.agent_said) > n)
    other.close()
    report(wait_for(lambda: STAGE.agent_said[-1][0] == "cancelled"), "the question goes with who asked it", (STAGE.agent_said[n:], pending))
    os.close(fd)
    STAGE.stop_agent()
    path, error, reason, figures = record(root, request([spin.pid]))
    report(error is None and reason == "stopped" and samples(path)[0] > 0, "root is allowed", (error, reason, figures))
    for caller in (nobody, root, man):
        caller.close()
    settled("rights")


def with_rules(spin, root_spin):
    nobody, games = Caller(STAGE, NOBODY), Caller(STAGE, GAMES)
    seen = {}

    def look():
        for pid in STAGE.recorders():
            status = open("/proc/%d/status" % pid).read()
            seen.update(re.findall(r"^(Uid|Cap\w+|NoNewPrivs):\s*(.*)$", status, re.M), fds=sorted(os.listdir("/proc/%d/fd" % pid), key=int),
                        environment=open("/proc/%d/environ" % pid).read(), stdin=os.readlink("/proc/%d/fd/0" % pid), cwd=os.readlink("/proc/%d/cwd" % pid),
                        session=os.getsid(pid) == pid)
    path, error, reason, figures = record(nobody, request([spin.pid]), during=look)
    by_perf, by_us = samples(path)
    report(error is None and reason == "stopped" and by_perf == by_us > 5, "own processes: perf and the command read the same", (error, reason, by_perf, by_us))
    report(figures.get("bytes", 0) >= os.path.getsize(path) // 2 > 0 and 0.2 < figures["elapsed"] < 3 and figures["cpu-seconds"] > 0, "figures", figures)
    report(seen.get("Uid", "").split() == [str(NOBODY)] * 4 and all(int(seen[c], 16) == 0 for c in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))
           and seen["NoNewPrivs"] == "1", "perf runs as the caller, with no capability at all", seen)
    report(seen.get("environment", "x") == "LC_ALL=C\0PERF_CONFIG=/dev/null\0" and seen["stdin"] == "/dev/null" and seen["cwd"] == "/" and seen["session"],
           "… with an empty environment, input and group of its own", seen)
    report(kernel_addresses(path) == [], "… and no address of the kernel in the file", kernel_addresses(path)[:5])
    for name, asked in (("another user's process", request([root_spin.pid])), ("own and another's", request([spin.pid, root_spin.pid])),
                        ("own with the kernel", request([spin.pid], kernel=True)), ("the system", request()),
                        ("own with tracepoints", request([spin.pid], events=[tracepoint("sched:sched_switch")]))):
        refused(nobody, asked, "only own is allowed: %s is refused" % name, "asked for")
    binary = os.open(TARGET, os.O_RDONLY)
    refused(nobody, request([spin.pid], probes=[probe(0, symbol=GLib.Variant("s", "afterglow_probed"))]), "… a probe is refused", "asked for", fds=[binary])
    hidden = subprocess.Popen([sys.executable, "-c", "import ctypes, time; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0); print('ready', flush=True); time.sleep(60)"],
                              stdout=subprocess.PIPE, user=NOBODY, group=NOBODY, extra_groups=[])
    hidden.stdout.readline()
    grouped = target("spin", uid=NOBODY)
    grouped.kill()
    other_group = subprocess.Popen([TARGET, "spin"], stdout=subprocess.PIPE, user=NOBODY, group=GAMES, extra_groups=[])
    other_group.stdout.readline()
    refused(nobody, request([hidden.pid]), "a process that is not to be looked into is not own", "asked for")
    refused(nobody, request([other_group.pid]), "one of a group that is not the caller's is not own", "asked for")
    hidden.kill()
    other_group.kill()
    hidden.wait()
    other_group.wait()

    path, error, reason, _ = record(games, request([root_spin.pid]), during=look)
    report(error is None and samples(path)[0] == samples(path)[1] > 5 and kernel_addresses(path) == [], "another user's process, without the kernel",
           (error, reason, samples(path), kernel_addresses(path)[:3]))
    report(seen["Uid"].split()[0] == str(GAMES) and int(seen["CapBnd"], 16) == int(seen["CapPrm"], 16) and int(seen["CapPrm"], 16) & ~(1 << 38 | 1 << 19) == 0,
           "… with the one capability for it", seen)
    path, error, reason, _ = record(games, request(events=[clock(200), clock(97, label=GLib.Variant("s", "b"))], kernel=True), during=look)
    report(error is None and samples(path)[0] == samples(path)[1] > 5 and kernel_addresses(path) != [], "the system with the kernel", (error, reason, samples(path)))
    report(int(seen["CapPrm"], 16) & ~(1 << 38 | 1 << 34 | 1 << 19) == 0, "… with no capability to write anything", seen["CapPrm"])
    path, error, reason, _ = record(games, request([spin.pid], events=[tracepoint("sched:sched_stat_runtime")]))
    report(error is None and samples(path)[0] == samples(path)[1] > 0, "tracepoints", (error, reason, samples(path)))
    refused(games, request([spin.pid], events=[tracepoint("sched:no_such")]), "a tracepoint that is not there", "no event")
    os.close(binary)
    for caller in (nobody, games):
        caller.close()
    settled("rights by rules")


# ---- probes ----

def calls(caller, extra, n=200, target_uid=NOBODY, key=None):
    """A probe on a function that is called n times: samples of it."""
    process, binary = target("calls", str(n), uid=target_uid), os.open(TARGET, os.O_RDONLY)

    def go():
        process.stdin.write(b"\n")
        process.stdin.flush()
        process.stdout.readline()
    path, error, reason, _ = record(caller, request([process.pid], probes=[probe(0, **dict(key or {"symbol": GLib.Variant("s", "afterglow_probed")}, **extra))]),
                                    fds=[binary], during=go, seconds=0.1)
    os.close(binary)
    process.kill()
    process.wait()
    return samples(path) if error is None else error


def probes():
    games, nobody = Caller(STAGE, GAMES), Caller(STAGE, NOBODY)
    symbol = re.search(r"^([0-9a-f]+) T afterglow_probed$", subprocess.run(["nm", TARGET], capture_output=True, text=True, check=False).stdout, re.M)
    loads = re.findall(r"LOAD\s+(0x\w+) (0x\w+) 0x\w+\s+(0x\w+) 0x\w+ R E", subprocess.run(["readelf", "-lW", TARGET], capture_output=True, text=True,
                                                                                        check=False).stdout)
    address = int(symbol.group(1), 16)
    offset = next(address - int(v, 16) + int(o, 16) for o, v, n in loads if int(v, 16) <= address < int(v, 16) + int(n, 16))
    report(calls(games, {}) == (200, 200), "a probe by symbol: each call", calls(games, {}))
    got = calls(games, {"return": GLib.Variant("b", True), "label": GLib.Variant("s", "back")})
    report(got == (200, 200), "… and each return", got)
    got = calls(games, {}, key={"offset": GLib.Variant("t", offset)})
    report(got == (200, 200), "a probe by offset: each call", got)
    for name, key, words in (("a symbol that is not there", {"symbol": GLib.Variant("s", "no_such_function")}, "no function"),
                             ("data is no function", {"symbol": GLib.Variant("s", "sink")}, "no function"),
                             ("another's process: not within a function", {"offset": GLib.Variant("t", offset + 4)}, "begin at"),
                             ("bytes that are no code", {"offset": GLib.Variant("t", 16)}, "no code"),
                             ("bytes past the end", {"offset": GLib.Variant("t", 1 << 40)}, "no code")):
        got = calls(games, {}, key=key)
        report(isinstance(got, str) and words in got, "a probe on " + name, got)
    process = target("spin")
    damaged = STAGE.path("out", "damaged")
    source = open(TARGET, "rb").read()
    rng = random.Random(5)
    bad = 0
    for i in range(24):
        copy = bytearray(source if i else source[:100])
        for _ in range(rng.randrange(1, 12)):
            copy[rng.randrange(min(len(copy), rng.choice((64, 1000, len(copy)))))] = rng.choice((0, 255, rng.randrange(256)))
        copy = copy[: rng.choice((len(copy), rng.randrange(len(copy))))]
        with open(damaged, "wb") as file:
            file.write(copy)
        binary, out = os.open(damaged, os.O_RDONLY), STAGE.output("damaged-out", GAMES)[1]
        answer, error = games.call("Record", Caller.record_arguments(request([process.pid], probes=[probe(0, symbol=GLib.Variant("s", "afterglow_probed"))]), 1, 1),
                                   [binary, out])
        if answer is not None:
            games.call("Stop", GLib.Variant("(u)", (answer[0],)))
            games.finished(answer[0])
        bad += answer is None
        os.close(binary)
        os.close(out)
    report(bad > 3 and STAGE.owner(), "damaged binaries are refused or probed (%d of 24 refused)" % bad)
    for name, flags, words in (("write-only", os.O_WRONLY, "reading"), ("by path only", os.O_PATH, "reading")):
        binary = os.open(damaged, flags)
        refused(games, request([process.pid], probes=[probe(0, symbol=GLib.Variant("s", "afterglow_probed"))]), "a binary opened " + name, words, fds=[binary])
        os.close(binary)
    os.unlink(damaged)
    process.kill()
    games.close()
    nobody.close()
    settled("probes")


# ---- its life ----

def life(spin):
    nobody = Caller(STAGE, NOBODY)
    path, fd = STAGE.output("gone", NOBODY)
    nobody.record(request([spin.pid]), [fd])
    os.close(fd)
    report(len(STAGE.recorders()) == 1, "it runs")
    nobody.close()
    report(wait_for(lambda: not STAGE.recorders()) and samples(path)[0] > 0, "the caller is gone: it ends, and the file is whole", samples(path))

    nobody, other = Caller(STAGE, NOBODY), Caller(STAGE, NOBODY)
    path, fd = STAGE.output("duration", NOBODY)
    began = time.monotonic()
    answer, error = nobody.record(request([spin.pid], duration=700), [fd])
    report(answer is not None and abs(answer[1] / 1e9 - time.monotonic()) < 2 and began < answer[1] / 1e9, "it says when it began", (answer, error))
    second = other.call("Stop", GLib.Variant("(u)", (answer[0],)))
    again = nobody.record(request([spin.pid]), [fd])
    reason, figures = nobody.finished(answer[0])
    report(second[1] is not None and "no recording" in second[1], "only who began a recording can stop it", second)
    report(again[1] is not None and "already" in again[1], "one recording a caller", again)
    report(reason == "duration" and 0.69 < figures["elapsed"] < 1.2, "its time is over", (reason, figures))
    report(any(s[0] == "Progress" for s in nobody.signals) or figures["elapsed"] < 1.01, "it says how far it is", nobody.signals)
    report(not other.signals, "… to the caller alone", other.signals)
    os.close(fd)

    path, fd = STAGE.output("size", NOBODY)
    answer, error = nobody.record(request([spin.pid], events=[clock(20000)], size=200000), [fd])
    reason, figures = nobody.finished(answer[0])
    report(reason == "size" and 200000 <= os.path.getsize(path) < 4000000, "it is large enough", (reason, os.path.getsize(path)))
    os.close(fd)

    dying = target("spin")
    path, fd = STAGE.output("ended", NOBODY)
    answer, error = nobody.record(request([dying.pid]), [fd])
    wait_for(lambda: False, 0.2)
    dying.kill()
    dying.wait()
    report(nobody.finished(answer[0])[0] == "ended" and samples(path)[0] == samples(path)[1] > 0, "nobody is left to record", samples(path))
    os.close(fd)

    mapping = target("maps")
    path, fd = STAGE.output("paused", NOBODY)
    answer, error = nobody.record(request([mapping.pid], paused=True), [fd])
    number = GLib.Variant("(u)", (answer[0],))
    wait_for(lambda: False, 0.4)
    resumed = time.monotonic()
    nobody.call("Resume", number)
    wait_for(lambda: False, 0.4)
    nobody.call("Pause", number)
    paused = time.monotonic()
    wait_for(lambda: False, 0.4)
    nobody.call("Stop", number)
    reason, figures = nobody.finished(answer[0])
    script = subprocess.run(["perf", "script", "-f", "-F", "event,time", "-i", path], capture_output=True, text=True, check=False).stdout
    times = [float(t) for t in re.findall(r"(\d+\.\d+): *cpu-clock", script)]
    # Between it began and was told to pause at once a sample or two may come.
    early, late = sum(t < resumed - 0.05 for t in times), sum(t > paused + 0.05 for t in times)
    report(len(times) > 3 and early <= 10 and late == 0 and 0.3 < figures["elapsed"] < 0.7, "paused, it records nothing", (len(times), early, late, figures))
    maps = subprocess.run(["perf", "script", "-f", "--show-mmap-events", "-i", path], capture_output=True, text=True, check=False).stdout
    while_paused = [float(t) for t in re.findall(r"(\d+\.\d+): PERF_RECORD_MMAP2", maps)]
    report(any(answer[1] / 1e9 + 0.05 < t < resumed for t in while_paused) and any(t > paused + 0.05 for t in while_paused), "… but which files are mapped", len(while_paused))
    os.close(fd)
    mapping.kill()
    mapping.wait()

    path, fd = STAGE.output("flooded", NOBODY)
    answer, error = nobody.record(request([spin.pid]), [fd])
    # Its descriptors 2 and 5, by pidfd_getfd().
    flooding = "import ctypes, os, sys; c = ctypes.CDLL(None); fd = c.syscall(438, os.pidfd_open(int(sys.argv[1])), int(sys.argv[2]), 0); " \
               "print(fd, flush=True); [os.write(fd, b'y\\n' * 2000) for _ in iter(int, 1)]"
    flood = [subprocess.Popen([sys.executable, "-c", flooding, str(STAGE.recorders()[0]), str(n)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, user=NOBODY,
                              group=NOBODY, extra_groups=[]) for n in (2, 5)]
    report(all(int(process.stdout.readline()) > 2 for process in flood), "a recorder without rights is its caller's to meddle with")
    wait_for(lambda: False, 0.3)
    began = time.monotonic()
    facts, error = other.call("GetCapabilities", seconds=10)
    nobody.call("Stop", GLib.Variant("(u)", (answer[0],)))
    reason, _ = nobody.finished(answer[0])
    report(facts is not None and reason in ("stopped", "failed") and time.monotonic() - began < 10, "a recorder that does not stop talking keeps nobody waiting",
           (error, reason, time.monotonic() - began))
    for process in flood:
        process.kill()
        process.wait()
    os.close(fd)

    # A recorder that takes no interrupt: stopped by a signal that nobody may ignore.
    path, fd = STAGE.output("stuck", NOBODY)
    answer, error = nobody.record(request([spin.pid]), [fd])
    os.kill(STAGE.recorders()[0], signal.SIGSTOP)
    began = time.monotonic()
    nobody.call("Stop", number if answer is None else GLib.Variant("(u)", (answer[0],)))
    reason, figures = nobody.finished(answer[0])
    report(4.5 < time.monotonic() - began < 8 and "killed" in figures.get("message", ""), "what does not end is killed after five seconds", (reason, figures))
    os.close(fd)
    other.close()
    nobody.close()
    settled("life")


def killed(spin):
    """The service is killed while a probe stands."""
    games, binary = Caller(STAGE, GAMES), os.open(TARGET, os.O_RDONLY)
    path, fd = STAGE.output("killed", GAMES)
    answer, error = games.call("Record", Caller.record_arguments(request(events=[clock()], probes=[probe(0, symbol=GLib.Variant("s", "afterglow_probed"))]), 1, 1),
                               [binary, fd])
    children = STAGE.recorders()
    report(answer is not None and len(STAGE.probes()) == 1 and open(STAGE.path("run", "probes")).read() != "", "a probe stands, and is written down",
           (error, STAGE.probes()))
    os.kill(STAGE.helper_pid(), signal.SIGKILL)
    wait_for(lambda: not STAGE.owner())
    report(wait_for(lambda: not any(os.path.exists("/proc/%d" % pid) for pid in children)), "the service is killed: recorders end", children)
    report(len(STAGE.probes()) == 1, "… and the probe stands still", STAGE.probes())
    report(Caller(STAGE, NOBODY).call("GetCapabilities")[1] is None and wait_for(lambda: not STAGE.probes()), "the next one removes it", STAGE.probes())
    os.close(fd)
    os.close(binary)
    games.close()
    settled("killed")


def full_disk(spin):
    os.mkdir(STAGE.path("full"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=262m,mode=1777", "tmpfs", STAGE.path("full")], check=True)
    nobody, root = Caller(STAGE, NOBODY), Caller(STAGE, ROOT)
    path = STAGE.path("full", "out")
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    answer, error = root.record(request(events=[clock(30000)], call_graph="dwarf", stack_size=32768), [fd])
    reason, figures = root.finished(answer[0], 40) if answer else (None, {})
    about = os.statvfs(STAGE.path("full"))
    report(reason == "disk" and about.f_bavail * about.f_frsize > 128 << 20 and samples(path)[0] > 0, "the disk fills: it ends in time, and the file is whole",
           (error, reason, figures, about.f_bavail * about.f_frsize >> 20))
    os.ftruncate(fd, 0)
    os.close(fd)
    filler = os.open(STAGE.path("full", "filler"), os.O_RDWR | os.O_CREAT)
    os.write(filler, b"x" * (8 << 20))
    fd = os.open(STAGE.path("full", "small"), os.O_RDWR | os.O_CREAT, 0o600)
    os.fchown(fd, NOBODY, -1)
    answer, error = nobody.record(request([spin.pid]), [fd])
    report(error is not None and "too full" in error, "a disk that is full: refused", error)
    for open_fd in (fd, filler):
        os.close(open_fd)
    nobody.close()
    root.close()
    settled("disk")


def descriptors(spin):
    nobody = Caller(STAGE, NOBODY)
    path, fd = STAGE.output("given", NOBODY)
    asked = request([spin.pid])
    link = STAGE.path("out", "link")
    os.symlink(path, link)
    with open(STAGE.path("out", "full"), "w") as file:
        file.write("something")
    os.chown(STAGE.path("out", "full"), NOBODY, -1)
    left, right = socket.socketpair()
    memory = os.memfd_create("out", os.MFD_ALLOW_SEALING)
    others = STAGE.output("others", ROOT)[1]
    unlinked = STAGE.output("unlinked", NOBODY)
    for name, given, words in (("read-only", os.open(path, os.O_RDONLY), "not open for writing"), ("by path only", os.open(path, os.O_PATH), "not open for writing"),
                               ("a link by path only", os.open(link, os.O_PATH | os.O_NOFOLLOW), "not open for writing"),
                               ("a folder", os.open(STAGE.path("out"), os.O_RDONLY), "not open for writing"), ("a device", os.open("/dev/null", os.O_RDWR), "neither"),
                               ("a terminal", os.open("/dev/ptmx", os.O_RDWR), "neither"), ("a socket", left.fileno(), "neither"),
                               ("a kernel's file", os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY), "holds|size|full|belongs"),
                               ("another's file", others, "belongs to the user 0"), ("a file that holds something", os.open(STAGE.path("out", "full"), os.O_RDWR), "holds 9"),
                               ("memory without a size", memory, "size|belongs"), ("an event", libc.eventfd(0, 0), "neither")):
        answer, error = nobody.record(asked, [given])
        report(error is not None and re.search(words, error) is not None, "an output that is %s: refused" % name, (answer, error))
        if answer:
            nobody.finished(answer[0])
    for name, arguments, fds in (("that is none", Caller.record_arguments(asked, 1), []), ("past the last", Caller.record_arguments(asked, 1, 7), [fd]),
                                 ("too many", Caller.record_arguments(asked, 2), [fd, fd]), ("none at all", Caller.record_arguments(asked, 0), [])):
        answer, error = nobody.call("Record", arguments, fds)
        report(error is not None, "outputs: %s" % name, (answer, error))
    two = target("spin")
    answer, error = nobody.call("Record", Caller.record_arguments(request([spin.pid, two.pid], per_process=True), 2), [fd, os.dup(fd)])
    report(error is not None and "same file" in error, "outputs: one file twice", (answer, error))
    report(os.path.getsize(path) == 0, "… and nothing was written")
    link_fd = os.open(link, os.O_RDWR)
    os.unlink(unlinked[0])
    for name, given in (("opened through a link", link_fd), ("without a name", unlinked[1]), ("open for writing only", STAGE.output("wronly", NOBODY, os.O_WRONLY)[1])):
        answer, error = nobody.record(asked, [given])
        wait_for(lambda: False, 0.3)
        if answer:
            nobody.call("Stop", GLib.Variant("(u)", (answer[0],)))
        report(answer is not None and nobody.finished(answer[0])[0] == "stopped" and os.fstat(given).st_size > 1000, "an output %s is written" % name, error)
    reader, writer = os.pipe()
    answer, error = nobody.record(asked, [writer])
    os.close(writer)
    piped = STAGE.path("out", "piped")
    copy = subprocess.Popen(["cat"], stdin=reader, stdout=open(piped, "wb"))
    os.close(reader)
    wait_for(lambda: False, 0.4)
    nobody.call("Stop", GLib.Variant("(u)", (answer[0],)))
    reason, figures = nobody.finished(answer[0])
    copy.wait()
    read = subprocess.run("perf script -f -F event,time -i - < %s" % piped, shell=True, capture_output=True, text=True, check=False).stdout
    report(reason == "stopped" and samples(piped)[1] == read.count("cpu-clock") > 5 and figures["bytes"] > 1000, "a pipe", (reason, samples(piped), figures))
    reader, writer = os.pipe()
    os.close(reader)
    answer, error = nobody.record(asked, [writer])
    os.close(writer)
    report(error is not None or nobody.finished(answer[0])[0] in ("failed", "ended"), "a pipe that is closed: it ends", (answer, error))
    # The file is taken back: made shorter, and owned by somebody else, while perf writes.
    path, fd = STAGE.output("shorter", NOBODY)
    answer, error = nobody.record(asked, [fd])
    os.ftruncate(fd, 0)
    if answer:
        nobody.call("Stop", GLib.Variant("(u)", (answer[0],)))
    report(answer is not None and nobody.finished(answer[0])[0] is not None, "a file that is cut off meanwhile: it ends", error)
    two.kill()
    nobody.close()
    settled("descriptors")


def identities(spin):
    nobody, games = Caller(STAGE, NOBODY), Caller(STAGE, GAMES)
    refused(nobody, request([(spin.pid, start_time(spin.pid) + 1)]), "a number that another process has now: refused", "another one")
    gone = subprocess.Popen(["true"])
    gone.wait()
    refused(nobody, request([(gone.pid, 1)]), "a process that is gone: refused", "no process")
    zombie = subprocess.Popen(["true"], user=NOBODY, group=NOBODY, extra_groups=[])
    time.sleep(0.1)
    refused(nobody, request([(zombie.pid, start_time(zombie.pid))]), "a process that has ended: refused", "any more")
    zombie.wait()
    refused(games, request(cgroup=1 << 60), "a control group that is not there: refused", "no control group")
    mount = "/sys/fs/cgroup/unified" if os.path.isdir("/sys/fs/cgroup/unified") else "/sys/fs/cgroup"
    group = os.path.join(mount, "afterglow-test-%d" % os.getpid())
    inside = target("spin")
    try:
        os.mkdir(group)
        with open(group + "/cgroup.procs", "w") as file:
            file.write(str(inside.pid))
        path, error, reason, _ = record(games, request(cgroup=os.stat(group).st_ino))
        pids = set(subprocess.run(["perf", "script", "-f", "-F", "pid", "-i", path], capture_output=True, text=True, check=False).stdout.split())
        report(error is None and pids == {str(inside.pid)}, "a control group: what runs in it, and nothing else", (error, reason, pids))
        refused(nobody, request(cgroup=os.stat(group).st_ino), "… not for who has the right for own processes alone", "asked for")
    except OSError as error:
        skip("a control group", error)
    inside.kill()
    inside.wait()
    if os.path.isdir(group):
        os.rmdir(group)
    # Asked while it is own, and another program's when it is recorded: what was own runs a program with root's rights meanwhile.
    STAGE.start_agent()
    STAGE.allow(False)                  # so that there is a question
    changing = subprocess.Popen(["sh", "-c", "read x; exec %s/set-id spin" % STAGE.path("out")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, user=NOBODY, group=NOBODY, extra_groups=[])
    shutil.copy(TARGET, STAGE.path("out", "set-id"))
    os.chmod(STAGE.path("out", "set-id"), 0o4755)
    n = len(STAGE.agent_said)
    STAGE.agent_answer = None
    path, fd = STAGE.output("changed", NOBODY)
    answer = nobody.begin("Record", Caller.record_arguments(request([changing.pid], interactive=True)), [fd])
    wait_for(lambda: len(STAGE.agent_said) > n)
    changing.stdin.write(b"\n")
    changing.stdin.flush()
    changing.stdout.readline()
    STAGE.say_yes()
    wait_for(lambda: answer, 20)
    report(bool(answer) and "not the caller's own any more" in (answer[0][1] or "") and os.path.getsize(path) == 0, "own when it was asked, root's when it would begin: nothing is recorded", answer)
    STAGE.stop_agent()
    changing.kill()
    changing.wait()
    os.close(fd)
    os.unlink(STAGE.path("out", "set-id"))
    nobody.close()
    games.close()
    settled("identities")


# ---- more than one, and other recorders ----

def many_kinds(spin):
    nobody, games = Caller(STAGE, NOBODY), Caller(STAGE, GAMES)
    two = target("spin")
    outputs = [STAGE.output("one", NOBODY), STAGE.output("two", NOBODY)]
    answer, error = nobody.record(request([spin.pid, two.pid], per_process=True), [fd for _, fd in outputs])
    wait_for(lambda: False, 0.5)
    nobody.call("Stop", GLib.Variant("(u)", (answer[0],)))
    reason, _ = nobody.finished(answer[0])
    pids = [set(subprocess.run(["perf", "script", "-f", "-F", "pid", "-i", path], capture_output=True, text=True, check=False).stdout.split()) for path, _ in outputs]
    report(reason == "stopped" and pids == [{str(spin.pid)}, {str(two.pid)}], "a file for each process", (error, reason, pids))
    for _, fd in outputs:
        os.close(fd)
    two.kill()
    path, error, reason, figures = record(nobody, request([spin.pid], sampler="random"), seconds=0.6)
    report(error is None and reason == "stopped" and samples(path)[0] == samples(path)[1] > 5 and kernel_addresses(path) == [], "random gaps, own process",
           (error, reason, figures, samples(path)))
    path, error, reason, _ = record(games, request(sampler="random", kernel=True), seconds=0.6)
    report(error is None and samples(path)[0] == samples(path)[1] > 5, "random gaps, the system", (error, reason, samples(path)))
    for name, more in (("zstd", {"compression": 3}), ("dwarf", {"call_graph": "dwarf"}), ("switches", {"switches": True}), ("no stacks", {"call_graph": "none"}),
                       ("few frames", {"max_stack": 3}), ("no inheritance", {"inherit": False}), ("control groups", {"cgroups": True})):
        path, error, reason, _ = record(nobody, request([spin.pid], **more), seconds=0.3)
        report(error is None and samples(path)[0] == samples(path)[1] > 0, "recorded with " + name, (error, reason, samples(path)))
    refused(nobody, request([spin.pid], buffer=65536), "more memory than there is for it: refused", "buffer|mmap_pages")
    path, fd = STAGE.output("symbols", NOBODY)
    report(nobody.call("ReadKernelSymbols", GLib.Variant("(bh)", (False, 0)), [fd])[1] is not None and os.path.getsize(path) == 0,
           "symbols of the kernel: not without the right")
    os.close(fd)
    path, fd = STAGE.output("symbols", GAMES)
    answer, error = games.call("ReadKernelSymbols", GLib.Variant("(bh)", (False, 0)), [fd])
    text = open(path).read()
    report(error is None and "# modules\n" in text and re.search(r"^f[0-9a-f]{15} T _text$", text, re.M) is not None, "symbols of the kernel", (error, text[:200]))
    os.close(fd)
    reader, writer = os.pipe()
    answer = games.begin("ReadKernelSymbols", GLib.Variant("(bh)", (False, 0)), [writer])
    wait_for(lambda: STAGE.recorders())
    games.close()
    report(wait_for(lambda: not STAGE.recorders(), 15), "… into a pipe that nobody reads: ends with the caller")
    os.close(reader)
    os.close(writer)
    nobody.close()
    settled("kinds")


def crowd(spin):
    callers = [Caller(STAGE, uid) for uid in ([NOBODY, GAMES, ROOT, MAN, 7] * 10)]
    answers = []
    for i, caller in enumerate(callers):
        path, fd = STAGE.output("crowd-%d" % i, caller.uid)
        answers.append((caller, path, caller.begin("Record", Caller.record_arguments(request([spin.pid], events=[clock(97)])), [fd])))
        os.close(fd)
    wait_for(lambda: all(answer for _, _, answer in answers), 40)
    running = [(caller, path, answer[0][0]) for caller, path, answer in answers if answer and answer[0][0]]
    refusals = [answer[0][1] for _, _, answer in answers if answer and answer[0][1]]
    report(len(running) + len(refusals) == 50 and 1 <= len(running) <= 8 and len(STAGE.recorders()) <= 8, "50 callers at once: %d recordings, the others are told why"
           % len(running), (len(running), set(refusals)))
    report(all(caller.uid != NOBODY or sum(c.uid == NOBODY for c, _, _ in running) <= 4 for caller, _, _ in running)
           and all(caller.uid in (NOBODY, GAMES, ROOT) for caller, _, _ in running), "… none of whom it is not allowed to", [c.uid for c, _, _ in running])
    wait_for(lambda: False, 0.3)
    for caller, _, answer in running:
        caller.call("Stop", GLib.Variant("(u)", (answer[0],)))
    report(all(caller.finished(answer[0])[0] == "stopped" and samples(path)[0] >= 0 for caller, path, answer in running), "… each is whole")
    report(all(os.path.getsize(path) == 0 for _, path, answer in answers if not answer or not answer[0][0]), "… and nothing is in the others")
    for caller in callers:
        caller.close()
    settled("50 callers")


# ---- nonsense ----

WORDS = ["target", "processes", "cgroup", "events", "probes", "call-graph", "stack-size", "max-stack", "kernel", "compression", "buffer", "duration", "size", "switches",
         "cgroups", "inherit", "sampler", "per-process", "paused", "interactive", "name", "frequency", "period", "label", "binary", "symbol", "offset", "return",
         "system", "cpu-clock", "sched:sched_switch", "random", "fp", "dwarf", "lbr", "none", "", "-", "--output=/etc/passwd", "/", "../..", "%s%n", "cycles:k", "a\nb", "\u00e4" * 40,
         "x" * 5000]


def nonsense(rng, depth=0):
    """A value of any type."""
    kind = rng.choice("bynqiuxtdsgoh" + ("v(a{A" if depth < 4 else ""))
    numbers = {"y": 8, "n": 15, "q": 16, "i": 31, "u": 32, "x": 63, "t": 64, "h": 31}
    if kind in numbers:
        return GLib.Variant(kind, rng.choice((0, 1, 2, 99, (1 << numbers[kind]) - 1, rng.randrange(1 << numbers[kind])))) if kind != "y" else GLib.Variant("y", rng.randrange(256))
    if kind == "b":
        return GLib.Variant("b", rng.random() < 0.5)
    if kind == "d":
        return GLib.Variant("d", rng.choice((0.0, -1.0, float("inf"), 1e300)))
    if kind == "s":
        return GLib.Variant("s", rng.choice(WORDS))
    if kind == "g":
        return GLib.Variant("g", rng.choice(("", "a{sv}", "u")))
    if kind == "o":
        return GLib.Variant("o", rng.choice(("/", "/a/b")))
    if kind == "v":
        return GLib.Variant.new_variant(nonsense(rng, depth + 1))
    if kind == "(":
        return GLib.Variant.new_tuple(*[nonsense(rng, depth + 1) for _ in range(rng.randrange(4))])
    if kind == "a":
        return GLib.Variant("a(ut)", [(rng.randrange(1 << 32), rng.randrange(1 << 64)) for _ in range(rng.choice((0, 1, 2, 65)))])
    if kind == "A":
        return GLib.Variant("aa{sv}", [{rng.choice(WORDS): nonsense(rng, depth + 1) for _ in range(rng.randrange(6))} for _ in range(rng.choice((0, 1, 3, 17)))])
    return GLib.Variant("a{sv}", {rng.choice(WORDS): nonsense(rng, depth + 1) for _ in range(rng.randrange(5))})


def sense(rng):
    """Something of a request that is nearly right."""
    items = {"target": GLib.Variant("s", "system"), "events": GLib.Variant("aa{sv}", [clock()])}
    for _ in range(rng.randrange(1, 4)):
        key = rng.choice(WORDS)
        items[key] = nonsense(rng)
    return items


def fuzz(n):
    seed = int(os.environ.get("AFTERGLOW_SEED", "20240229"))
    rng, nobody, pid = random.Random(seed), Caller(STAGE, NOBODY), STAGE.helper_pid()
    path, fd = STAGE.output("fuzz", NOBODY)
    pending, odd, right = [], [], 0
    for i in range(n):
        value = rng.random()
        asked = {rng.choice(WORDS): nonsense(rng) for _ in range(rng.randrange(8))} if value < 0.4 else sense(rng)
        outputs, first = rng.choice(((1, 0), (1, 0), (0, 0), (2, 0), (1, 9)))
        pending.append(nobody.begin("Record", Caller.record_arguments(asked, outputs, first), [fd] if rng.random() < 0.7 else []))
        if len(pending) >= 100 or i == n - 1:
            wait_for(lambda: all(pending), 60)
            odd += [p for p in pending if not p or p[0][0] is not None]
            right += sum("asked for" in (p[0][1] or "") for p in pending if p)
            pending = []
    report(not odd and STAGE.owner() and STAGE.helper_pid() == pid, "%d malformed requests, seed %d (%d came to a question of rights)" % (n, seed, right), odd[:3])
    for method, arguments in (("Pause", GLib.Variant("(u)", (0,))), ("Resume", GLib.Variant("(u)", (4294967295,))), ("Stop", GLib.Variant("(s)", ("x",))),
                              ("Record", GLib.Variant("(u)", (1,))), ("ReadKernelSymbols", GLib.Variant("(bh)", (True, 4))), ("Nothing", None)):
        answer, error = nobody.call(method, arguments)
        report(error is not None, "nonsense: " + method, answer)
    report(os.path.getsize(path) == 0, "… and nothing was written")
    os.close(fd)
    nobody.close()
    settled("nonsense")


def timed(step, *arguments):
    began = time.monotonic()
    step(*arguments)
    print("# %s: %.1f s" % (step.__name__, time.monotonic() - began), flush=True)


def main():
    spin, root_spin = target("spin"), target("spin", uid=ROOT)
    failed = True
    try:
        timed(before_rules, spin, root_spin)
        STAGE.allow()
        timed(with_rules, spin, root_spin)
        timed(probes)
        timed(life, spin)
        timed(killed, spin)
        timed(full_disk, spin)
        timed(descriptors, spin)
        timed(many_kinds, spin)
        timed(crowd, spin)
        timed(fuzz, int(os.environ.get("AFTERGLOW_FUZZ", "10000")))
        timed(identities, spin)
        failed = False
    finally:
        for process in TARGETS:
            process.kill()
        words = STAGE.close()
        found = re.findall(r"ERROR: AddressSanitizer.*|runtime error: .*|CRITICAL.*|WARNING \*\*.*|detected memory leaks.*", words)
        report(not found, "no sanitizer and no assertion had anything to say", (found[:5], words[-1500:] if found or failed else ""))
        starts = len(re.findall(r"Recording \d+ of user \d+ runs", words))
        report(starts > 20, "each recording is in the journal (%d)" % starts, words[-1000:])
    plan()


main()
