#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings made here with real perf, read by perf script and by us. test-live.py AFTERGLOW_CLI WORK

Bars: 99.9 % of samples equal in pid, tid, time, event and addresses; 99 % of frames equal in name. Names may differ where one
address has several (memcpy and __pi_memcpy, printed with or without a symbol's version, entries of a procedure linkage table)."""
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

CLI, WORK = sys.argv[1:3]
PEERS = os.path.join(os.environ.get("AFTERGLOW_BENCH") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared", "bench"), "peers")
number = 0
FIELDS = "comm,pid,tid,time,period,event,ip,sym"


def report(ok, name, reason=""):
    global number
    number += 1
    print("%s %d - %s" % ("ok" if ok else "not ok", number, name), flush=True)
    if reason:
        print("# " + str(reason).replace("\n", "\n# ")[:1500], flush=True)


def parse(text):
    """Samples as (pid, tid, time, period, event), addresses, names."""
    found, current = [], None
    for line in text.splitlines():
        head = re.match(r"\s*.*?\s+(-?\d+)/(-?\d+)\s+(?:\[\d+\]\s+)?(\d+\.\d+):\s+(\d+)\s+(\S+):", line)
        if head and not line.startswith("\t"):
            current = [head.groups(), [], []]
            found.append(current)
        elif line.rstrip().endswith("(inlined)"):
            continue           # test-unwind.py has a better oracle for those than perf, which misnames the innermost
        elif line.strip() and current is not None:
            parts = line.split(None, 1)
            current[1].append(parts[0])
            current[2].append(re.sub(r"@@?[A-Z].*$", "", parts[1].strip() if len(parts) > 1 else ""))
    return found


def collapse(command):
    """A script's text through FlameGraph's stackcollapse-perf.pl: weights by folded stack."""
    text = subprocess.run(command, capture_output=True, timeout=120).stdout
    folded = subprocess.run([os.path.join(PEERS, "stackcollapse-perf.pl")], input=text, capture_output=True, timeout=120).stdout
    rows = {}
    for line in folded.decode(errors="replace").splitlines():
        stack, _, weight = line.rpartition(" ")
        rows[re.sub(r"@@?[A-Z][^;]*", "", stack)] = rows.get(stack, 0) + int(weight)
    return rows


def through_other_tools(path):
    """What reads perf script's text reads ours."""
    if not os.path.exists(os.path.join(PEERS, "stackcollapse-perf.pl")):
        global number
        number += 1
        print("ok %d - stackcollapse-perf.pl # SKIP it is not at AFTERGLOW_BENCH/peers" % number, flush=True)
        return
    theirs, ours = collapse(["perf", "script", "-i", path]), collapse([CLI, "script", "--quiet", path])
    same = sum(min(weight, ours.get(stack, 0)) for stack, weight in theirs.items())
    report(sum(theirs.values()) == sum(ours.values()) > 0 and same >= 0.99 * sum(theirs.values()), "stackcollapse-perf.pl makes the same of script's text",
           "%d of %d; %s" % (same, sum(theirs.values()), [stack for stack in theirs if stack not in ours][:2]))


def there_and_back(path):
    """perf's own text of a recording, and ours, read as recordings: the stacks are those of the recording."""
    def folded(file):
        return subprocess.run([CLI, "fold", "--quiet", "--as-recorded", file], capture_output=True, text=True, errors="replace", timeout=120).stdout
    for name, command in (("ours", [CLI, "script", "--quiet", path]), ("perf's", ["perf", "script", "-i", path])):
        with open(path + ".txt", "wb") as file:
            subprocess.run(command, stdout=file, stderr=subprocess.DEVNULL, timeout=120)
        before, after = ({row.rpartition(" ")[0]: int(row.rpartition(" ")[2]) for row in folded(file).splitlines()} for file in (path, path + ".txt"))
        # perf finds fewer inlined functions in libraries than there are: by weight, for such stacks are rare.
        same = sum(min(weight, after.get(stack, 0)) for stack, weight in before.items())
        report(sum(before.values()) == sum(after.values()) and same >= 0.9 * sum(before.values()) > 0,
               "perf script text, %s, has the stacks of its recording" % name,
               "%d of %d; %s" % (same, sum(before.values()), sorted(set(before) ^ set(after))[:2]))


def compare(name, path):
    perf = subprocess.run(["perf", "script", "--ns", "-i", path, "-F", FIELDS], capture_output=True, text=True, errors="replace", timeout=120)
    ours = subprocess.run([CLI, "script", "--quiet", "--ns", "--fields", FIELDS, path], capture_output=True, text=True, errors="replace", timeout=120)
    left, right = parse(perf.stdout), parse(ours.stdout)
    if not left:
        report(False, name + ": perf script printed nothing", perf.stderr)
        return
    # Samples of one time may stand in either order.
    left.sort(key=lambda s: (s[0], s[1]))
    right.sort(key=lambda s: (s[0], s[1]))
    equal = sum(a[0] == b[0] and a[1] == b[1] for a, b in zip(left, right))
    report(len(left) == len(right) and equal >= 0.999 * len(left), name + ": samples",
           "%d of %d samples equal, ours are %d" % (equal, len(left), len(right)))
    frames = [(a, b) for s, t in zip(left, right) if s[1] == t[1] for a, b in zip(s[2], t[2])]
    same = sum(a == b for a, b in frames)
    others = sorted({pair for pair in frames if pair[0] != pair[1]})[:6]
    report(same >= 0.99 * len(frames), name + ": names", "%d of %d frames equal; others: %s" % (same, len(frames), others))


def clocks(path):
    """Clocks beside each other are one clock of the sum of their rates; chosen alone, each is its own."""
    def total(*arguments):
        folded = subprocess.run([CLI, "fold", "--quiet", *arguments, path], capture_output=True, text=True, timeout=60).stdout
        return sum(int(line.rsplit(" ", 1)[1]) for line in folded.splitlines())

    rates = {"clkA": 397, "clkB": 401, "clkC": 409}
    counts = {name: 0 for name in rates}
    for event in json.loads(subprocess.run([CLI, "info", "--json", "--quiet", path], capture_output=True, text=True, timeout=60).stdout)["events"]:
        counts[event["name"]] = event["samples"]
    n = sum(counts.values())
    for weight in ("event", "time"):
        expected = n * 1e9 / sum(rates.values())
        report(min(counts.values()) > 10 and abs(total("--weight", weight) - expected) <= 2 * n, "clocks beside each other weigh as one, by " + weight,
               "%s samples weigh %d, expected %d" % (counts, total("--weight", weight), expected))
    report(total("--weight", "samples") == n, "all their samples count")
    alone = total("--event", "clkB")
    report(abs(alone - counts["clkB"] * 1e9 / rates["clkB"]) <= 2 * n, "one of them alone weighs as itself", "%d for %d samples" % (alone, counts["clkB"]))
    two = total("--event", "clkA", "--event", "clkC")
    report(abs(two - (counts["clkA"] + counts["clkC"]) * 1e9 / (rates["clkA"] + rates["clkC"])) <= 2 * n, "two of them weigh as the two", two)


def main():
    if not shutil.which("perf"):
        print("1..0 # SKIP live: no perf here")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        def record(name, *arguments, out=None):
            path = os.path.join(folder, name + ".data")
            result = subprocess.run(["perf", "record", "-q", "-o", path, *arguments], capture_output=True, timeout=120)
            return path if os.path.exists(path) and os.path.getsize(path) > 0 else result.stderr.decode(errors="replace")

        first = record("one", "-e", "cpu-clock", "-F", "2000", "-g", "--", WORK)
        if not first.startswith("/"):
            print("1..0 # SKIP live: perf cannot record here: " + first.strip().splitlines()[-1][:120])
            return 0
        compare("single thread", first)
        through_other_tools(first)
        there_and_back(first)
        compare("threads", record("threads", "-e", "cpu-clock", "-F", "2000", "-g", "--", WORK, "threads"))
        compare("forks and execs", record("forks", "-e", "cpu-clock", "-F", "4000", "-g", "--", WORK, "forks"))
        compare("two events", record("events", "-e", "cpu-clock", "-e", "task-clock", "-F", "1000", "-g", "--", WORK))
        compare("events of two units", record("units", "-e", "cpu-clock", "-e", "page-faults", "-F", "1000", "-g", "--", WORK, "forks"))
        clocks(record("clocks", "-g", *[word for name, rate in (("clkA", 397), ("clkB", 401), ("clkC", 409))
                                        for word in ("-e", "cpu-clock/freq=%d,name=%s/" % (rate, name))], "--", WORK))
        compare("compressed", record("zstd", "-z", "-e", "cpu-clock", "-F", "2000", "-g", "--", WORK, "threads"))
        pipe = os.path.join(folder, "pipe.data")
        with open(pipe, "wb") as out:
            subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-F", "2000", "-g", "-o", "-", "--", WORK], stdout=out,
                           stderr=subprocess.DEVNULL, timeout=120)
        compare("pipe", pipe)
        switches = record("switches", "-e", "sched:sched_switch", "-g", "--", WORK, "threads")
        if switches.startswith("/"):
            compare("sched_switch", switches)
            # Without the header's list of events, the tracing data names them.
            unlisted = os.path.join(folder, "unlisted.data")
            data = bytearray(open(switches, "rb").read())
            features = [bit for bit in range(256) if int.from_bytes(data[72:104], "little") >> bit & 1]
            data_at, data_size = struct.unpack_from("<QQ", data, 40)
            struct.pack_into("<QQ", data, data_at + data_size + 16 * features.index(12), data_at, 0)
            open(unlisted, "wb").write(data)
            told = json.loads(subprocess.run([CLI, "info", "--json", "--quiet", unlisted], capture_output=True, text=True, timeout=60).stdout)
            report([e["name"] for e in told["events"]] == ["sched:sched_switch"], "tracing data names tracepoints", told["events"])
        else:
            print("ok %d - sched_switch # SKIP no tracepoints here" % (number + 1))
        folded = subprocess.run([CLI, "fold", "--quiet", first], capture_output=True, text=True, timeout=60).stdout
        total = sum(int(line.rsplit(" ", 1)[1]) for line in folded.splitlines())
        weights = [int(s[0][3]) for s in parse(subprocess.run(["perf", "script", "-i", first, "-F", FIELDS], capture_output=True, text=True).stdout)]
        report(total == sum(weights), "fold: weights add up", "%d, perf says %d" % (total, sum(weights)))
        lines = folded.splitlines()
        report(lines == sorted(lines, key=lambda l: l.rsplit(" ", 1)[0].encode()), "fold: bytewise sorted")
        again = subprocess.run([CLI, "fold", "--quiet", "-"], input=folded, capture_output=True, text=True, timeout=60).stdout
        report(again == folded, "fold of folded text is the same text")
        for ending in ("svg", "png", "pdf"):
            out = os.path.join(folder, "picture." + ending)
            code = subprocess.run([CLI, "render", "--quiet", first, "-o", out], timeout=60).returncode
            head = open(out, "rb").read(8) if os.path.exists(out) else b""
            report(code == 0 and head[:4] in (b"<?xm", b"\x89PNG", b"%PDF"), "render to " + ending)
        for arguments, code in ((["top", "/nowhere"], 3), (["nonsense"], 2), (["top", "--comm", "none", first], 4), (["fold", "--focus", "(", first], 2)):
            got = subprocess.run([CLI, *arguments], capture_output=True, timeout=60).returncode
            report(got == code, "exit status of " + " ".join(arguments[:3]), "%d, expected %d" % (got, code) if got != code else "")
    print("1..%d" % (number + (0 if switches.startswith("/") else 1)))
    return 0


sys.exit(main())
