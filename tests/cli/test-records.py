#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records that no perf here would write, written field by field, and counters and containers of real ones. test-records.py CLI DUMP WORK"""
import collections
import json
import os
import random
import re
import subprocess
import sys
import tempfile

import perfdata as p
from tap import plan, report, skip

CLI, DUMP, WORK = sys.argv[1:4]


def write(directory, name, writer):
    path = os.path.join(directory, name)
    with open(path, "wb") as file:
        file.write(writer.to_bytes() if isinstance(writer, p.Writer) else writer)
    return path


def dump(path):
    """time, pid, tid, cpu, weight, event, chain of each sample."""
    result = subprocess.run([DUMP, path], capture_output=True, text=True, timeout=60)
    rows = []
    for line in result.stdout.splitlines():
        time, pid, tid, cpu, weight, event, chain = line.split("\t")
        rows.append((int(time), int(pid), int(tid), cpu, int(weight), event, tuple(int(a, 16) for a in chain.split())))
    return rows


def info(path):
    return json.loads(subprocess.run([CLI, "info", "--json", "--quiet", path], capture_output=True, text=True, timeout=60).stdout)


def fold(path, *options):
    return subprocess.run([CLI, "fold", "--quiet", *options, path], capture_output=True, text=True, timeout=60).stdout.splitlines()


def warnings(path):
    return {warning["code"]: warning["count"] for warning in info(path)["warnings"]}


# ---- every field of a sample, in every combination ----

def random_sample(writer, rng, sample_type, event):
    """The bytes of a sample with every field its type has, and what is expected of it."""
    pack = writer.pack
    ids, read_format, branch_type, regs_user, regs_intr = event
    want = {"pid": -1, "tid": -1, "time": 0, "cpu": "-", "weight": 7, "chain": ()}
    ip = rng.randrange(0x1000, 1 << 40)
    body = b""
    if sample_type & p.IDENTIFIER:
        body += pack("Q", ids[0])
    if sample_type & p.IP:
        body += pack("Q", ip)
        want["chain"] = (ip,)
    if sample_type & p.TID:
        want["pid"], want["tid"] = rng.randrange(1, 5), rng.randrange(1, 9)
        body += pack("II", want["pid"], want["tid"])
    if sample_type & p.TIME:
        want["time"] = rng.randrange(1, 1 << 50)
        body += pack("Q", want["time"])
    if sample_type & p.ADDR:
        body += pack("Q", rng.getrandbits(64))
    if sample_type & p.ID:
        body += pack("Q", ids[0])
    if sample_type & p.STREAM_ID:
        body += pack("Q", ids[0])
    if sample_type & p.CPU:
        want["cpu"] = str(rng.randrange(300))
        body += pack("II", int(want["cpu"]), 0)
    if sample_type & p.PERIOD:
        want["weight"] = rng.randrange(1, 1 << 40)
        body += pack("Q", want["weight"])
    if sample_type & p.READ:
        times = [rng.getrandbits(40) for bit in (p.ENABLED, p.RUNNING) if read_format & bit]
        extra = [ids[0]] * bool(read_format & p.READ_ID) + [0] * bool(read_format & p.READ_LOST)
        if read_format & p.GROUP:
            n = rng.randrange(4)
            values = [n, *times] + [number for _ in range(n) for number in [rng.getrandbits(40), *extra]]
        else:
            values = [rng.getrandbits(40), *times, *extra]
        body += pack("%dQ" % len(values), *values)
    if sample_type & p.CALLCHAIN:
        chain = [rng.randrange(0x1000, 1 << 40) for _ in range(rng.randrange(6))]
        marked = [p.USER_CONTEXT, *chain] if chain and rng.random() < 0.7 else chain
        body += pack("%dQ" % (len(marked) + 1), len(marked), *marked)
        if chain:
            want["chain"] = tuple(chain)
    if sample_type & p.RAW:
        raw = rng.randbytes(rng.randrange(0, 5) * 8 + 4)
        body += pack("I", len(raw)) + raw
    if sample_type & p.BRANCH_STACK:
        n = rng.randrange(4)
        body += pack("Q", n) + (pack("Q", 0) if branch_type & 1 << 17 else b"") + rng.randbytes(24 * n)
    if sample_type & p.REGS_USER:
        abi = rng.randrange(2) * 2
        body += pack("Q", abi) + (rng.randbytes(8 * bin(regs_user).count("1")) if abi else b"")
    if sample_type & p.STACK_USER:
        size = rng.randrange(3) * 64
        body += pack("Q", size) + (rng.randbytes(size) + pack("Q", size // 2) if size else b"")
    for bit in (p.WEIGHT, p.DATA_SRC, p.TRANSACTION):
        if sample_type & bit:
            body += rng.randbytes(8)
    if sample_type & p.REGS_INTR:
        body += pack("Q", 2) + rng.randbytes(8 * bin(regs_intr).count("1"))
    if sample_type & p.PHYS_ADDR:
        body += rng.randbytes(8)
    if sample_type & p.CGROUP:
        want["cgroup"] = rng.choice((11, 12))
        body += pack("Q", want["cgroup"])
    for bit in (p.DATA_PAGE_SIZE, p.CODE_PAGE_SIZE):
        if sample_type & bit:
            body += rng.randbytes(8)
    return body, want


def combinations(directory):
    rng = random.Random(3)
    bits = (p.TID, p.TIME, p.ADDR, p.READ, p.CALLCHAIN, p.ID, p.CPU, p.PERIOD, p.STREAM_ID, p.RAW, p.BRANCH_STACK, p.REGS_USER, p.STACK_USER,
            p.WEIGHT, p.DATA_SRC, p.IDENTIFIER, p.TRANSACTION, p.REGS_INTR, p.PHYS_ADDR, p.CGROUP, p.DATA_PAGE_SIZE, p.CODE_PAGE_SIZE)
    wrong = []
    for turn in range(300):
        writer = p.Writer(big=turn % 2 == 1)
        sample_type = p.IP | sum(bit for bit in bits if rng.random() < 0.5)
        read_format = rng.getrandbits(5)
        flags = p.SAMPLE_ID_ALL if rng.random() < 0.7 else 0
        events = [([77], read_format, rng.choice((0, 1 << 17)), rng.getrandbits(20), rng.getrandbits(20))]
        if sample_type & (p.IDENTIFIER | p.ID) and rng.random() < 0.5:
            # A second event may differ in what stands behind its id.
            events.append(([78, 79], rng.getrandbits(5), 0, rng.getrandbits(10), 3))
        for number_of, (ids, form, branches, user, intr) in enumerate(events):
            writer.event(sample_type, ids, form, flags, config=number_of, period=7, branch_type=branches, regs_user=user, regs_intr=intr)
        for ident, path in ((11, "/one"), (12, "/two")):
            writer.record(19, writer.pack("Q", ident) + writer.text(path) + (writer.trailer() if flags else b""))
        expected = []
        for _ in range(20):
            which = rng.randrange(len(events))
            body, want = random_sample(writer, rng, sample_type, events[which])
            writer.record(p.SAMPLE, body, misc=2)
            name = ("cpu-clock", "task-clock")[which]
            expected.append((want["time"], want["pid"], want["tid"], want["cpu"], want["weight"], name, want["chain"]))
        path = write(directory, "combination.data", writer)
        if sorted(dump(path)) != sorted(expected):
            wrong.append("sample_type 0x%x read_format 0x%x order %s: %s" % (sample_type, read_format, writer.order,
                         [pair for pair in zip(sorted(expected), sorted(dump(path))) if pair[0] != pair[1]][:1]))
    report(not wrong, "300 combinations of sample_type, read_format, sample_id_all and byte order", "\n".join(wrong[:3]))


# ---- deferred chains ----

def deferred(directory):
    for big in (False, True):
        writer = p.Writer(big)
        writer.event(p.IP | p.TID | p.TIME | p.CALLCHAIN, [5])
        kernel = [0xffffffff81000010, 0xffffffff81000020]
        user = {1: [0x1111, 0x2222, 0x3333], 2: [0x4444]}

        def sample(time, tid, cookie):
            chain = [p.KERNEL_CONTEXT, *kernel, p.DEFERRED_CONTEXT, cookie]
            writer.record(p.SAMPLE, writer.pack("QIIQ", kernel[0], 1, tid, time) + writer.pack("%dQ" % (len(chain) + 1), len(chain), *chain), misc=1)

        def half(time, tid, cookie, addresses):
            chain = [p.USER_CONTEXT, *addresses]
            writer.record(22, writer.pack("%dQ" % (len(chain) + 2), cookie, len(chain), *chain) + writer.trailer(1, tid, time))

        sample(100, 1, 9)
        sample(110, 1, 9)
        half(120, 1, 9, user[1])
        sample(130, 2, 9)                # the same cookie in another thread is another chain
        half(140, 2, 9, user[2])
        sample(150, 2, 10)               # its user half never comes
        path = write(directory, "deferred.data", writer)
        rows = [(row[0], row[6]) for row in dump(path)]
        want = [(100, tuple(kernel + user[1])), (110, tuple(kernel + user[1])), (130, tuple(kernel + user[2])), (150, tuple(kernel))]
        order = "big" if big else "little"
        report(rows == want, "deferred chains are joined to the samples of their cookie and thread, %s-endian" % order, rows)
        report(warnings(path).get("deferred-chain-missing") == 1 and info(path)["stacks"]["truncated"] == 1,
               "a missing deferred chain is a warning and a cut stack, %s-endian" % order, warnings(path))


# ---- what is not decoded ----

def skipped(directory):
    writer = p.Writer()
    writer.event(p.IP | p.TID | p.TIME, [1])

    def sample(time):
        writer.record(p.SAMPLE, writer.pack("QIIQ", 0x1000, 1, 1, time), misc=2)

    sample(1)
    writer.record(70, writer.pack("II", 1, 0))                       # AUXTRACE_INFO: Intel PT
    writer.record(71, writer.pack("QQQIIII", 800, 0, 0, 0, 1, 0, 0), trailing=b"\xff" * 800)
    writer.record(40, b"\1" * 24)
    writer.record(95, b"\2" * 40)
    writer.record(95, b"\2" * 40)
    writer.record(p.AUX_RECORD, writer.pack("QQQ", 0, 800, 0) + writer.trailer(time=5))
    writer.record(16, writer.pack("IIQ", 1, 1, 0) + writer.trailer(time=5))
    writer.record(14, writer.trailer(time=6))
    sample(2)
    path = write(directory, "skipped.data", writer)
    document = info(path)
    counts = {row["name"]: row["count"] for row in document["records"]}
    report(document["samples"] == 2, "samples behind records that are not known, and behind AUX data, are read", document["samples"])
    report(counts == {"SAMPLE": 2, "AUXTRACE_INFO": 1, "AUXTRACE": 1, "type 40": 1, "type 95": 2, "AUX": 1, "NAMESPACES": 1, "SWITCH": 1},
           "every record is counted by its type", counts)
    texts = [warning["message"] for warning in document["warnings"]]
    report(any("type 40" in text for text in texts) and any("type 95" in text for text in texts) and any("Intel PT" in text for text in texts),
           "unknown types are reported by number, AUX data by its processor's name", texts)


# ---- containers ----

def containers(directory):
    writer = p.Writer()
    writer.event(p.IP | p.TID | p.TIME | p.CGROUP, [1])
    for ident, path in ((100, "/system.slice/docker-aa.scope"), (200, "/user.slice")):
        writer.record(19, writer.pack("Q", ident) + writer.text(path) + writer.trailer())
    writer.comm(5, 5, "mover", time=1)
    for time, ident in ((10, 100), (20, 100), (30, 200), (40, 300)):
        writer.record(p.SAMPLE, writer.pack("QIIQQ", 0x1000, 5, 5, time, ident), misc=2)
    path = write(directory, "cgroup.data", writer)
    report(len(fold(path, "--cgroup", "*docker*")) == 1 and fold(path, "--cgroup", "*docker*")[0].endswith(" 2"),
           "samples of a thread that moved are told apart by container", fold(path, "--cgroup", "*docker*"))
    report(fold(path, "--cgroup", "/user.slice")[0].endswith(" 1"), "the other container has its own sample")
    top = "/sys/fs/cgroup/unified" if os.path.isdir("/sys/fs/cgroup/unified") else "/sys/fs/cgroup"
    group = os.path.join(top, "afterglow-test-%d" % os.getpid())
    try:
        os.mkdir(group)
        with open(os.path.join(group, "cgroup.procs")):
            pass
    except OSError as problem:
        skip("containers of a real recording", "no cgroup can be made here: %s" % problem)
        return
    recording = os.path.join(directory, "live-cgroup.data")
    script = "echo $$ > %s/cgroup.procs; exec %s spin 0.3" % (group, WORK)
    try:
        subprocess.run(["perf", "record", "-q", "--all-cgroups", "-e", "cpu-clock", "-F", "500", "-o", recording, "--", "sh", "-c",
                        "%s spin 0.2; sh -c '%s'" % (WORK, script)], capture_output=True, timeout=60)
    finally:
        os.rmdir(group)
    inside, whole = (sum(int(line.rsplit(" ", 1)[1]) for line in fold(recording, "--weight", "samples", *options))
                     for options in (("--cgroup", "*afterglow-test*"), ()))
    text = subprocess.run(["perf", "report", "-i", recording, "--sort", "cgroup", "--stdio", "-n"], capture_output=True, text=True, timeout=60).stdout
    oracle = {row[1]: int(row[0]) for row in re.findall(r"^\s*[\d.]+%\s+(\d+)\s+(\S+)", text, re.M)}
    named = [count for name, count in oracle.items() if "afterglow-test" in name]
    report(named == [inside] and whole == sum(oracle.values()) and 0 < inside < whole, "containers of a real recording, as perf report counts them",
           "%d of %d, perf: %s" % (inside, whole, oracle))


# ---- counters ----

def counters(directory):
    path = os.path.join(directory, "read.data")
    subprocess.run(["perf", "record", "-q", "-e", "{cpu-clock,task-clock}:S", "-F", "500", "-o", path, "--", WORK, "spin", "0.4"],
                   capture_output=True, timeout=60)
    text = subprocess.run(["perf", "script", "-D", "-i", path], capture_output=True, text=True, errors="replace", timeout=60).stdout
    last = {}
    for ident, value in re.findall(r"^\.+ id ([0-9a-f]+), value ([0-9a-f]+)", text, re.M):
        last[int(ident, 16)] = int(value, 16)
    mine = sum(event.get("counted", 0) for event in info(path)["events"])
    report(len(last) >= 2 and mine == sum(last.values()), "what the kernel counted, summed over its counters", "%s, %d" % (last, mine))


# ---- simpleperf and hiperf ----

def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def message(*fields):
    out = b""
    for key, value in fields:
        if isinstance(value, int):
            out += varint(key << 3) + varint(value)
        else:
            data = value if isinstance(value, bytes) else value.encode()
            out += varint(key << 3 | 2) + varint(len(data)) + data
    return out


def dialects(directory):
    writer = p.Writer()
    writer.event(p.IP | p.TID | p.TIME, [1], kind=9, config=3)
    # The executable segment lies at 0x1000 in the file and at 0x5000 by its own addresses.
    elf = message((1, "/data/app/libx.so"), (2, 2), (3, 0x5000), (4, message((1, 0x5100), (2, 0x40), (3, "Outer::work"))), (6, message((1, 0x1000))))
    jit = message((1, "app_cache:1-2"), (2, 2), (3, 0), (4, message((1, 0x7f0010), (2, 0x20), (3, "jitted"))), (6, message((1, 0x600))))
    writer.features[132] = b"".join(writer.pack("I", len(data)) + data for data in (elf, jit))
    writer.features[129] = b"simpleperf_version\x001.test\0event_type_info\0my-event,9,3\0"
    writer.mmap2(4, 0x700000, 0x2000, 0x1000, "/data/app/libx.so", time=1)
    writer.mmap2(4, 0x7f0000, 0x1000, 0, "app_cache:1-2", prot=5 | 0x4000, time=1)
    for time, ip in ((10, 0x700110), (20, 0x7f0018)):
        writer.record(p.SAMPLE, writer.pack("QIIQ", ip, 4, 4, time), misc=2)
    # A record of 100 kB in two pieces; samples behind it are read.
    whole = writer.pack("IHH", 32769, (100008 >> 16), 100008 & 0xffff) + writer.pack("I", 10) + b"x" * 99996
    for piece in (whole[:60000], whole[60000:]):
        writer.record(32772, piece)
    writer.record(32773, b"")
    writer.record(p.SAMPLE, writer.pack("QIIQ", 0x700120, 4, 4, 30), misc=2)
    path = write(directory, "simpleperf.data", writer)
    lines = collections.Counter()
    for line in fold(path, "--weight", "samples"):
        stack, count = line.rsplit(" ", 1)
        lines[stack.split(";")[-1]] += int(count)
    report(lines == {"Outer::work": 2, "jitted": 1}, "simpleperf: symbols of its own, by segment and by address in memory", lines)
    document = info(path)
    report(document["events"][0]["name"] == "my-event" and "simpleperf" in document["format_detail"] and document["perf_version"] == "simpleperf 1.test",
           "simpleperf: names and version of its own", document["events"])

    writer = p.Writer()
    writer.event(p.IP | p.TID | p.TIME | p.CALLCHAIN, [1])
    prefix = 0xffffff << 40

    def node(address, before):
        return (address & (1 << 40) - 1) | before << 40 | (1 << 63 if address & prefix == prefix else 0)

    # A table of three nodes, and one that leads to itself.
    table = [(3, node(0xffffff8000001000, 7)), (7, node(p.USER_CONTEXT, 8)), (8, node(0x2000, 0)), (9, node(0x3000, 9))]
    writer.features[197] = writer.pack("IIII", 1, 4, 4096, len(table)) + b"".join(writer.pack("IQ", *row) for row in table)
    data = lambda text: writer.pack("I", len(text) + 1) + text.encode() + b"\0"
    writer.features[192] = writer.pack("I", 1) + data("/system/lib/libh.so") + writer.pack("IQQ", 3, 0x9000, 0x1000) + data("00112233") \
        + writer.pack("I", 1) + writer.pack("QI", 0xa000, 0x100) + data("h_work")
    writer.features[11] = data("hiperf record -d 1")
    writer.mmap2(4, 0x1000, 0x4000, 0x1000, "/system/lib/libh.so", time=1)
    for time, stack in ((10, 3 | 3 << 23), (20, 9 | 500 << 23)):
        writer.record(p.SAMPLE, writer.pack("QIIQQQ", 0x2000, 4, 4, time, 0, stack), misc=1)
    path = write(directory, "hiperf.data", writer)
    rows = dump(path)
    report(rows[0][6] == (0xffffff8000001000, 0x2000) and rows[1][6] == (0x3000,) * 500,
           "hiperf: chains from its table, a circle ends at the sample's own length", [(row[0], len(row[6])) for row in rows])
    report(info(path)["command_line"] == "hiperf record -d 1" and any("h_work" in line for line in fold(path)),
           "hiperf: symbols and command line of its own", fold(path)[:2])


# ---- names of events ----

def event_names(directory):
    writer = p.Writer()
    wanted = []
    for kind, config, name in ((0, 0, "cycles"), (0, 5, "branch-misses"), (1, 2, "page-faults"), (3, 0x10000, "L1-dcache-load-misses"), (3, 0x2, "LLC-loads"),
                               (3, 0x10103, "dTLB-store-misses"), (3, 0x205, "branch-prefetches"), (4, 0x1c2, "raw 0x1c2"),
                               (9, 0x3c, "cpu_core/config=0x3c/"), (2, 77, "tracepoint:77")):
        writer.event(p.IP | p.TID | p.TIME | p.IDENTIFIER, [100 + len(wanted)], kind=kind, config=config)
        wanted.append(name)
    writer.features[16] = writer.pack("I", 1) + writer.pack("I", 9) + writer.feature_string("cpu_core")
    for i in range(len(wanted)):
        writer.record(p.SAMPLE, writer.pack("QQIIQ", 100 + i, 0x1000, 1, 1, 5 + i), misc=2)
    path = write(directory, "events.data", writer)
    found = [event["name"] for event in info(path)["events"]]
    report(found == wanted and [row[5] for row in dump(path)] == wanted, "events without a name have perf's", found)


def main():
    with tempfile.TemporaryDirectory() as directory:
        for part in (combinations, deferred, skipped, containers, counters, dialects, event_names):
            part(directory)
    plan()
    return 0


sys.exit(main())
