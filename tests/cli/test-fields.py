#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields of samples: what perf prints of tracepoints recorded here, and what it prints of memory samples written field by field, is what is
printed, selected, summed and split by here. test-fields.py CLI DUMP WORK"""
import collections
import gzip
import json
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

import perfdata as p
from tap import plan, report, skip

CLI, DUMP, WORK = sys.argv[1:4]


def run(*arguments):
    return subprocess.run([CLI, *arguments], capture_output=True, text=True, errors="replace", timeout=120)


def lines(text):
    """Lines with blanks evened out: perf pads columns to the widest seen so far."""
    return sorted(" ".join(line.split()) for line in text.splitlines() if line.strip())


def perf_script(path, fields):
    return lines(subprocess.run(["perf", "script", "--ns", "-G", "-i", path, "-F", "tid,time," + fields], capture_output=True, text=True,
                                errors="replace", timeout=120).stdout)


def our_script(path, fields, *options):
    return lines(run("script", "--quiet", "--ns", "--fields", "tid,time," + fields, *options, path).stdout)


def fold(*arguments):
    """(stack, weight) rows."""
    return [(stack, int(weight)) for stack, _, weight in (line.rpartition(" ") for line in run("fold", "--quiet", "--no-symbols", *arguments).stdout.splitlines())]


def total(*arguments):
    return sum(weight for _, weight in fold(*arguments))


def roots(*arguments):
    sums = collections.Counter()
    for stack, weight in fold(*arguments):
        sums[stack.split(";")[0]] += weight
    return dict(sums)


def info(path):
    return json.loads(run("info", "--json", "--quiet", path).stdout)


def write(directory, name, content):
    path = os.path.join(directory, name)
    with open(path, "wb") as file:
        file.write(content.to_bytes() if isinstance(content, p.Writer) else content)
    return path


def record(directory, name, *arguments):
    path = os.path.join(directory, name)
    result = subprocess.run(["perf", "record", "-q", "-o", path, *arguments], capture_output=True, timeout=120)
    return path if os.path.exists(path) and os.path.getsize(path) > 0 else result.stderr.decode(errors="replace")


# ---- tracepoints of the running kernel ----

EVENTS = ["sched:sched_switch", "sched:sched_wakeup", "raw_syscalls:sys_enter", "raw_syscalls:sys_exit", "syscalls:sys_enter_openat", "syscalls:sys_enter_read",
          "syscalls:sys_exit_read", "kmem:kmalloc", "kmem:mm_page_alloc", "irq:softirq_raise", "signal:signal_generate", "task:task_newtask"]
WORKLOAD = "for i in 1 2 3; do cat /etc/passwd /nowhere/x > /dev/null 2>&1; ls /usr/lib > /dev/null; sleep 0.02; done"


def known_events():
    root = "/sys/kernel/tracing/events"
    return [event for event in EVENTS if os.path.isdir(os.path.join(root, *event.split(":")))]


def traced(text, event):
    """What perf prints of each sample of an event."""
    return [match.group(1) for match in re.finditer(r" %s: (.*)$" % re.escape(event), "\n".join(text), re.M)]


def numbers(texts, pattern):
    return [int(match.group(1), 0) for match in (re.search(pattern, text) for text in texts) if match]


def compare_trace(name, path):
    theirs, ours = perf_script(path, "event,trace"), our_script(path, "event,trace")
    different = collections.Counter(theirs) - collections.Counter(ours)
    report(len(theirs) > 0 and not different and len(theirs) == len(ours), "%s: %d samples as perf script prints them" % (name, len(theirs)),
           "\n".join(list(different)[:3] + list(collections.Counter(ours) - collections.Counter(theirs))[:3]))
    return theirs


def tracepoints(directory):
    events = known_events()
    path = record(directory, "trace.data", *sum((["-e", event] for event in events), []), "-a", "-g", "--", "sh", "-c", WORKLOAD)
    if not path.startswith("/"):
        skip("tracepoints", "perf cannot record tracepoints here: " + path.strip().splitlines()[-1][:80])
        return
    text = compare_trace("tracepoints", path)
    switches, reads, allocations = (traced(text, event) for event in ("sched:sched_switch", "syscalls:sys_exit_read", "kmem:kmalloc"))
    # Conditions: perf's own text, searched by other means, says which samples they hold for.
    deep = sum("prev_state=D" in line or "prev_state=K" in line for line in switches)
    report(total("--event", "sched:sched_switch", "--where", "prev_state & 2", path) == deep, "where: bits of a field", deep)
    high = [line for line in switches if int(re.search(r"prev_prio=(\d+)", line).group(1)) < 120 or "next_comm=sh " in line]
    report(total("--where", "prev_prio < 120 || sched_switch:next_comm == 'sh'", path) == len(high) > 0, "where: comparison, alternative, text", len(high))
    report(total("--where", "!(prev_prio < 120 || next_comm == 'sh')", path) == len(switches) - len(high), "where: the opposite")
    swappers = sum("prev_comm=swapper" in line for line in switches)
    report(total("--where", "prev_comm ~ 'swapper*'", path) == swappers, "where: glob", swappers)
    runs = sum(re.search(r"prev_state=R\b", line) is not None and "prev_state=R+" not in line for line in switches)
    report(total("--event", "sched:sched_switch", "--where", "prev_state == 'R'", path) == runs > 0, "where: a number by its word", runs)
    both = sum("prev_comm=swapper" in line and "next_comm=sh " in line for line in switches)
    report(total("--where", "prev_comm ~ 'swapper*'", "--where", "next_comm == 'sh'", path) == both, "where: two conditions must both hold", both)
    if reads:
        results = numbers(reads, r"(0x[0-9a-f]+)")
        results = [value - (1 << 64) if value >> 63 else value for value in results]
        report(total("--weight", "field:sys_exit_read:ret", path) == sum(value for value in results if value > 0) > 0,
               "weight: bytes read, errors weigh nothing", sum(value for value in results if value > 0))
        failed = sum(value < 0 for value in results)
        report(total("--weight", "samples", "--where", "sys_exit_read:ret < 0", path) == failed, "where: failed calls alone", failed)
        document = json.loads(run("top", "--json", "--quiet", "--no-symbols", "--weight", "field:sys_exit_read:ret", path).stdout)
        report(document["weight_unit"] == "bytes", "weight: its unit is bytes", document["weight_unit"])
    if allocations:
        asked = sum(numbers(allocations, r"bytes_req=(\d+)"))
        report(total("--weight", "field:bytes_req", path) == asked > 0, "weight: bytes allocated", asked)
        large = sum(value for value in numbers(allocations, r"bytes_req=(\d+)") if value >= 4096)
        report(total("--weight", "field:bytes_req", "--where", "bytes_req >= 4K", path) == large, "weight under a condition", large)
        words = collections.Counter("gfp_flags=" + re.search(r"gfp_flags=(\S+)", line).group(1) for line in allocations)
        report(roots("--split", "kmalloc:gfp_flags", path) == dict(words), "split: by flags, in words", words.most_common(3))
    states = collections.Counter("prev_state=" + re.search(r"prev_state=(\S+)", line).group(1) for line in switches)
    report(roots("--split", "prev_state", path) == dict(states), "split: by state, in words", states.most_common(3))
    commands = collections.Counter("next_comm=" + re.search(r"next_comm=(.*?) next_pid", line).group(1) for line in switches)
    report(sum(roots("--split", "next_comm", path).values()) == sum(commands.values()) and len(roots("--split", "next_comm", path)) == len(commands),
           "split: by text")
    first = [int(match.group(1), 16) for match in (re.match(r"NR -?\d+ \(([0-9a-f]+),", line) for line in traced(text, "raw_syscalls:sys_enter")) if match]
    report(total("--where", "sys_enter:args[0] == 1", path) == sum(value == 1 for value in first), "where: an element of an array", sum(value == 1 for value in first))
    # Merged, rows are still read where they came from.
    other = record(directory, "other.data", "-e", "sched:sched_switch", "-a", "-g", "--", "sleep", "0.1")
    more = sum("prev_comm=swapper" in line for line in perf_script(other, "event,trace"))
    report(total("--event", "sched:sched_switch", "--where", "prev_comm ~ 'swapper*'", path, other) == swappers + more, "two recordings as one keep their fields",
           (swappers, more))
    with open(path, "rb") as plain, gzip.open(path + ".gz", "wb", 1) as packed:
        shutil.copyfileobj(plain, packed)
    report(our_script(path + ".gz", "event,trace") == our_script(path, "event,trace"), "fields of a recording inside gzip")
    # Without the formats in its header, a recording of this very kernel has those of tracefs.
    with open(path, "rb") as file:
        data = bytearray(file.read())
    data_at, data_size = struct.unpack_from("<QQ", data, 40)
    struct.pack_into("<QQ", data, data_at + data_size, data_at, 0)      # the first section, which is the tracing data
    bare = write(directory, "bare.data", bytes(data))
    report(bytes(data[72:73])[0] & 2 and our_script(bare, "event,trace") == our_script(path, "event,trace"), "formats of the running kernel stand in for those missing")
    sites = [re.search(r"call_site=(\S+)", line).group(1) for line in allocations]
    report(not sites or roots("--split", "kmalloc:call_site", path) == {"call_site=" + site: count for site, count in collections.Counter(sites).items()},
           "split: by places in code, which have names", collections.Counter(sites).most_common(2))
    names = {event["name"]: [field["name"] for field in event.get("fields", [])] for event in info(path)["events"]}
    report("prev_state" in names.get("sched:sched_switch", []) and "bytes_req" in names.get("kmem:kmalloc", ["bytes_req"]), "info lists fields", names)
    kinds = [record(directory, "zstd.data", "-z", "-e", "sched:*", "-e", "kmem:kmalloc", "-a", "--", "sleep", "0.1")]
    pipe = os.path.join(directory, "pipe.data")
    with open(pipe, "wb") as out:
        subprocess.run(["perf", "record", "-q", "-e", "sched:*", "-a", "-o", "-", "--", "sleep", "0.1"], stdout=out, stderr=subprocess.DEVNULL, timeout=60)
    for name, kind in (("compressed", kinds[0]), ("pipe", pipe)):
        if kind.startswith("/") and os.path.getsize(kind) > 0:
            compare_trace(name, kind)
        else:
            skip(name, "perf cannot record so here")


def wrong_words(directory):
    path = write(directory, "plain.data", memory(False))
    for condition, piece in (("weight >", "ends where"), ("weight = 1", "stands where"), ("weight == 'a' 1", "an operator"), ("1 == 1", "names no field"),
                             ("(weight", "ends where"), ("weight ~ 1", "texts are compared"), ("nonsense < 1", "There is no field"), ("weight < \"x\"", "texts are compared")):
        result = run("fold", "--quiet", "--where", condition, path)
        report(result.returncode == 2 and piece in result.stderr and len(result.stderr.strip().splitlines()) == 1, "refused in a sentence: %s" % condition, result.stderr)
    result = run("fold", "--weight", "field:addr", path)
    report(result.returncode == 2 and "cannot be added up" in result.stderr, "an address is no weight", result.stderr)


# ---- functions with arguments ----

PROGRAM = r"""
#include <stdio.h>
struct thing { int a; unsigned long big; };
__attribute__((noinline)) int work (int n, const char *name, struct thing *s, unsigned short h) { asm volatile ("" : : "r" (s) : "memory"); return n * 2 + name[0] + s->a + h; }
int main (void) { struct thing s = { 3, 0 }; int sum = 0;
  for (int i = -5; i < 40; i++) { char name[20]; snprintf (name, 20, "n%d", (i + 7) % 7); s.a = i; s.big = (1UL << 40) + i; sum += work (i, name, &s, i + 5); }
  return sum == 0; }
"""


def probes(directory):
    group = "glowtest%d" % os.getpid()
    binary = os.path.join(directory, "probed")
    with open(binary + ".c", "w", encoding="utf-8") as file:
        file.write(PROGRAM)
    if subprocess.run(["cc", "-g", "-O1", "-o", binary, binary + ".c"], capture_output=True).returncode != 0:
        skip("probes", "no compiler here")
        return
    try:
        if subprocess.run(["perf", "probe", "-q", "-x", binary, "-a", "%s:work=work n name:string h a=s->a big=s->big" % group], capture_output=True, timeout=60).returncode != 0:
            skip("probes", "perf probe cannot place a probe here")
            return
        path = record(directory, "probe.data", "-e", group + ":*", "-g", "--", binary)
        if not path.startswith("/"):
            skip("probes", "perf cannot record a probe here")
            return
        compare_trace("probe with arguments", path)
        report(total("--where", "n < 0", path) == 5 and total("--where", "n >= 0 && a == n", path) == 40, "where: a negative argument")
        report(total("--where", "big == 0x10000000003", path) == 1, "where: a 64-bit argument")
        report(roots("--split", "name_string", path) == {"name_string=n%d" % k: (7 if k in (2, 3, 4) else 6) for k in range(7)}
               or sum(roots("--split", "name_string", path).values()) == 45, "split: by a string argument", roots("--split", "name_string", path))
        report(total("--weight", "field:h", path) == sum(range(45)), "weight: an argument")
    finally:
        subprocess.run(["perf", "probe", "-q", "-d", group + ":*"], capture_output=True, timeout=60)


# ---- memory samples ----

MEMORY = p.IP | p.TID | p.TIME | p.ADDR | p.CPU | p.PERIOD | p.DATA_SRC | p.TRANSACTION | p.PHYS_ADDR | p.DATA_PAGE_SIZE | p.CODE_PAGE_SIZE


def memory(as_structure, big=False, n=1500):
    rng = random.Random(5)
    w = p.Writer(big)
    w.event(MEMORY | (p.WEIGHT_STRUCT if as_structure else p.WEIGHT), kind=0)
    w.comm(1, 1, "prog", time=1)
    w.mmap2(1, 0x400000, 0x10000, 0, "/nowhere/prog", time=2)
    for i in range(n):
        source = rng.choice([1, 2, 4, 8, 16, 0, 6]) | rng.getrandbits(14) << 5 | rng.getrandbits(5) << 19 | rng.getrandbits(2) << 24 | rng.getrandbits(7) << 26
        source |= rng.choice([0, 0, 1, 2, 3, 4, 11, 12, 13, 14, 15]) << 33 | rng.getrandbits(1) << 37 | rng.getrandbits(2) << 38 | rng.getrandbits(3) << 40
        source |= rng.choice([0, 0, 0, 1, 2, 3, 4]) << 43
        if i % 3 == 0:
            source = rng.choice([0x68100142, 0x5080184, 0x1e05080144])
        weight = rng.getrandbits(48) if as_structure else rng.getrandbits(20)
        w.record(p.SAMPLE, w.pack("QIIQQIIQQQQQQQ", 0x400100 + i, 1, 1, 10 + i, 0x7f0000000000 + 8 * i, 0, 0, 1000 + i, weight, source,
                                  rng.getrandbits(8) | rng.getrandbits(8) << 32, 0x1000 * i, rng.choice([0, 4096, 1 << 21, 1 << 30]), rng.choice([4096, 1 << 21])), misc=2)
    return w


def memory_samples(directory):
    plain, structure = write(directory, "mem.data", memory(False)), write(directory, "mem2.data", memory(True))
    for path, fields in ((plain, "addr,weight,phys_addr,data_page_size,code_page_size"), (structure, "addr,weight,ins_lat")):
        theirs, ours = perf_script(path, fields), our_script(path, fields)
        report(len(theirs) == len(ours) > 0 and theirs == ours, "%s as perf script prints them" % fields, (theirs[:2], ours[:2]))
    for path in (plain, structure):
        theirs = [line.strip() for line in subprocess.run(["perf", "script", "-i", path, "-F", "data_src"], capture_output=True, text=True).stdout.splitlines() if line.strip()]
        ours = [line.strip() for line in run("script", "--quiet", "--fields", "data_src", path).stdout.splitlines() if line.strip()]
        # perf's words end after 99 characters, whatever comes.
        report(len(theirs) == len(ours) > 0 and all(a == b or (len(a) >= 90 and b.startswith(a)) for a, b in zip(theirs, ours)), "data_src in perf's words",
               next(((a, b) for a, b in zip(theirs, ours) if a != b and not b.startswith(a)), ""))
    everything = "addr,weight,phys_addr,data_page_size,code_page_size,data_src,transaction"
    twin = write(directory, "mem.be", memory(False, big=True))
    report(our_script(plain, everything) == our_script(twin, everything), "memory samples of a big-endian recording")
    expected = [int(line.split()[3]) for line in perf_script(plain, "addr,weight")]
    report(total("--weight", "field:weight", plain) == sum(expected), "weight: cycles of memory accesses", sum(expected))
    levels = roots("--weight", "samples", "--split", "mem_lvl", "--where", "data_src == 0x68100142 || data_src == 0x5080184", plain)
    report(set(levels) == {"mem_lvl=L1 hit", "mem_lvl=L1 miss"}, "split: by memory level", levels)
    report(total("--weight", "samples", "--where", "mem_op == 'STORE'", plain) == sum("|OP STORE|" in line for line in theirs_of(plain)), "where: by the word of a memory access")
    # The records are gone while they are wanted: said, and no crash.
    w = memory(False, n=20)
    half = w.to_bytes()
    for cut in (len(half) - 40, 700, 300):
        result = run("script", "--quiet", "--fields", "+addr", write(directory, "cut.data", half[:cut]))
        report(result.returncode in (0, 3, 4), "memory samples of a file cut at byte %d" % cut, result.stderr)


def theirs_of(path):
    return subprocess.run(["perf", "script", "-i", path, "-F", "data_src"], capture_output=True, text=True).stdout.splitlines()


# ---- time off the processor ----

def off_cpu(directory):
    """As perf record --off-cpu writes it: sums at the end with a time that is none, and single waits in the raw data of a BPF output event."""
    both = p.IDENTIFIER | p.IP | p.TID | p.TIME | p.CPU | p.PERIOD
    w = p.Writer()
    w.event(both | p.CALLCHAIN, ids=(1,), kind=1, config=0)
    w.event(both | p.CALLCHAIN, ids=(2,), kind=1, config=10, flags=p.SAMPLE_ID_ALL | p.FREQ)
    w.features[12] = event_names(w, ["cpu-clock", "offcpu-time"])
    w.comm(7, 7, "waiter", time=1)
    w.mmap2(7, 0x400000, 0x10000, 0, "/nowhere/waiter", time=2)
    for i in range(10):
        w.record(p.SAMPLE, w.pack("QQIIQIIQQQQ", 1, 0x400100, 7, 7, 1000 + i, 1, 0, 1000000, 2, p.USER_CONTEXT, 0x400100), misc=2)
    for i, wait in enumerate((5000000, 70000000)):
        w.record(p.SAMPLE, w.pack("QQIIQIIQQQQQ", 2, 0x400200 + i, 7, 7, (0xffffffff << 32) + i, 0, 0, wait, 3, p.USER_CONTEXT, 0x400200 + i, 0x400300), misc=2)
    path = write(directory, "offcpu.data", w)
    told = {event["name"]: event for event in info(path)["events"]}
    report(told["offcpu-time"]["weight_unit"] == "ns" and told["offcpu-time"]["off_cpu"] and told["offcpu-time"]["weight"] == 75000000 and "period" not in told["offcpu-time"],
           "off-CPU sums: nanoseconds, as such", told)
    report(info(path)["duration_ns"] == 9, "off-CPU sums do not stretch the recording", info(path)["duration_ns"])
    report([weight for _, weight in fold("--event", "offcpu-time", path)] in ([75000000], [70000000, 5000000]), "off-CPU sums have their stacks", fold("--event", "offcpu-time", path))
    report("cpu-clock" in run("tree", "--quiet", path).stdout.splitlines()[0], "time on the processor is shown first")
    w = p.Writer()
    w.event(p.IDENTIFIER | p.IP | p.TID | p.TIME | p.CPU | p.PERIOD | p.RAW, ids=(2,), kind=1, config=10)
    w.features[12] = event_names(w, ["offcpu-time"])
    w.comm(7, 7, "waiter", time=1)
    w.comm(7, 8, "inner", time=1)
    w.mmap2(7, 0x400000, 0x10000, 0, "/nowhere/waiter", time=2)
    for i in range(5):
        raw = w.pack("IIQQQQQQ", 7, 8, 600000000 + i, 3, p.USER_CONTEXT, 0x400200 + i, 0x400300, 99)
        w.record(p.SAMPLE, w.pack("QQIIQIIQI", 2, 0, 3, 3, 1000 + i, 1, 0, 1, len(raw) + 4) + raw + b"\0" * 4, misc=1)
    for damaged in (b"", b"\x07\0\0\0", w.pack("IIQQ", 7, 8, 5, 1 << 60)):
        w.record(p.SAMPLE, w.pack("QQIIQIIQI", 2, 0, 3, 3, 2000, 1, 0, 1, len(damaged)) + damaged, misc=1)
    path = write(directory, "direct.data", w)
    rows = [line.split("\t") for line in subprocess.run([DUMP, path], capture_output=True, text=True, timeout=60).stdout.splitlines()]
    good = [(int(row[1]), int(row[2]), int(row[4]), row[6].split()) for row in rows[:5]]
    report(good == [(7, 8, 600000000 + i, ["%x" % (0x400200 + i), "400300"]) for i in range(5)], "single waits: thread, time and chain of the raw data", good)
    report({w_["code"]: w_["count"] for w_ in info(path)["warnings"]}.get("damaged-sample") == 3, "damaged waits are counted")
    waits_of_samples(directory)


def waits_of_samples(directory):
    """Single waits are spans as long as they say; sums of many are none."""
    w = p.Writer()
    w.event(p.IDENTIFIER | p.IP | p.TID | p.TIME | p.CPU | p.PERIOD | p.RAW, ids=(2,), kind=1, config=10)
    w.features[12] = event_names(w, ["offcpu-time"])
    w.comm(7, 8, "inner", time=1)
    waits = [600000000 + 1000 * i for i in range(40)]
    for i, wait in enumerate(waits):
        raw = w.pack("IIQQQQQ", 7, 8, wait, 2, p.USER_CONTEXT, 0x400200, 99)
        w.record(p.SAMPLE, w.pack("QQIIQIIQI", 2, 0, 3, 3, (i + 1) * 1000000000, 1, 0, 1, len(raw) + 4) + raw + b"\0" * 4, misc=1)
    path = write(directory, "waits.data", w)
    kinds = json.loads(run("latency", "--json", "--quiet", path).stdout)["kinds"]
    report([(k["kind"], k["spans"], k["quantiles"][0]["value_ns"], k["quantiles"][4]["value_ns"]) for k in kinds] == [("off-cpu-samples", 40, waits[19], waits[39])],
           "single waits are spans", kinds)
    edge = json.loads(run("top", "--json", "--quiet", "--spans", "off-cpu-samples", "--longer", "600030us", path).stdout)
    report(edge["total_weight"] == sum(wait for wait in waits if wait >= 600030000), "which weigh as long as they last", edge["total_weight"])
    sums = run("latency", "--json", "--quiet", "--spans", "off-cpu-samples", os.path.join(directory, "offcpu.data")).stdout
    report(json.loads(sums)["kinds"][0]["spans"] == 0, "sums of waits are no spans", sums[:300])


def event_names(w, names):
    """The EVENT_DESC feature."""
    out = w.pack("II", len(names), 112)
    for (attr, ids, _), name in zip(w.events, names):
        out += attr + w.pack("I", len(ids)) + w.feature_string(name) + w.pack("%dQ" % len(ids), *ids)
    return out


# ---- virtual machines ----

def guests(directory):
    w = p.Writer()
    w.event(p.IP | p.TID | p.TIME | p.CALLCHAIN, kind=0)
    w.comm(9, 9, "qemu", time=1)
    w.mmap2(9, 0x400000, 0x100000, 0, "/nowhere/qemu", time=2)
    for i in range(6):                     # the machine's user address is one of qemu's own, too
        ip = 0xffffffff81000000 + i if i % 2 else 0x400100
        w.record(p.SAMPLE, w.pack("QIIQQ", ip, 9, 9, 10 + i, 0), misc=4 if i % 2 else 5)
    w.record(p.SAMPLE, w.pack("QIIQQ", 0x400100, 9, 9, 20, 0), misc=2)
    path = write(directory, "guest.data", w)
    leaves = collections.Counter()
    for stack, weight in fold("--prefix", "none", path):
        leaves[stack.split(";")[-1]] += weight
    report(leaves == {"[guest.kernel]": 3, "[guest.user]": 3, "[qemu]": 1}, "code of virtual machines is told apart", dict(leaves))
    told = {w_["code"]: w_["count"] for w_ in info(path)["warnings"]}
    report(told.get("guest-samples") == 6, "samples of virtual machines are counted", told)


# ---- header ----

def header(directory):
    path = record(directory, "header.data", "-z", "-k", "CLOCK_MONOTONIC", "-e", "{cpu-clock,task-clock}", "--", WORK)
    if not path.startswith("/"):
        skip("header", "perf cannot record here")
        return
    text = subprocess.run(["perf", "report", "--header-only", "-I", "-i", path], capture_output=True, text=True, errors="replace", timeout=60).stdout
    told = info(path)["header"]
    mappings = dict(re.findall(r"(\S+) = (\d+)", re.search(r"# pmu mappings: (.*)", text).group(1)))
    report({name: int(number_of) for name, number_of in mappings.items()} == told["pmu_types"], "header: event sources", (mappings, told["pmu_types"]))
    cores = {int(cpu): (int(core), int(socket)) for cpu, core, socket in re.findall(r"# CPU (\d+): Core ID (\d+), (?:Die ID \d+, )?Socket ID (\d+)", text)}
    report({row["cpu"]: (row["core"], row["socket"]) for row in told["cpu_topology"].get("cpus", [])} == cores, "header: processors, cores, sockets", cores)
    nodes = {int(node): (int(all_of) * 1024, int(free) * 1024) for node, all_of, free in re.findall(r"# node(\d+) meminfo\s+: total = (\d+) kB, free = (\d+) kB", text)}
    report({row["node"]: (row["total_bytes"], row["free_bytes"]) for row in told.get("numa_nodes", [])} == nodes, "header: memory by node", nodes)
    caches = sorted(re.findall(r"#  L(\d) (\w+)\s+(\S+) \[(\S+)\]", text))
    report(sorted((str(row["level"]), row["type"], row["size"], row["cpus"]) for row in told.get("caches", [])) == caches, "header: caches", caches[:3])
    times = [round(float(value) * 10**9) for value in re.findall(r"# time of (?:first|last) sample : (\S+)", text)]
    report(all(abs(a - b) < 1000 for a, b in zip(times, (told["sample_time"]["first_ns"], told["sample_time"]["last_ns"]))) and len(times) == 2, "header: first and last time", times)
    packed = re.search(r"# compressed\s*: (\w+), level = (\d+), ratio = (\d+)", text)
    report(packed is not None and (packed.group(1).lower(), int(packed.group(2)), int(packed.group(3))) ==
           (told["compression"]["type"], told["compression"]["level"], told["compression"]["ratio"]), "header: compression", told.get("compression"))
    report(("groups" in told) == ("# group:" in text) and "clock_data" in told and "clock_resolution_ns" in told, "header: groups and clock", list(told))
    words = run("info", "--quiet", path).stdout
    report("Header" in words and "caches (" in words, "info shows the header as text")


def main():
    if not shutil.which("perf"):
        print("1..0 # SKIP fields: no perf here")
        return 0
    with tempfile.TemporaryDirectory() as directory:
        for part in (memory_samples, wrong_words, off_cpu, guests, header, probes, tracepoints):
            part(directory)
    plan()
    return 0


sys.exit(main())
