#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Spans of real recordings against what the program itself measured: test-latency.py AFTERGLOW_CLI REQUESTS SOURCE

Probes are set with perf probe on the test's own program; what slow requests wait for is planted there."""
import json
import os
import shutil
import subprocess
import tempfile

from probed import CLI, SOURCE, Probes, compare_durations, latency, quantile, record, run
from tap import plan, report, skip

EXAMPLE = os.path.join(SOURCE, "data", "examples", "orders.data")


def test_example():
    """What the bundled recording holds, counted by hand from its own samples as text."""
    entries, spans = {}, []
    for line in run("script", "--quiet", "--ns", "-F", "tid,time,event", EXAMPLE).splitlines():
        words = line.split()
        if len(words) < 3 or "handle_request" not in words[2]:
            continue
        tid, time, event = words[0], words[1].rstrip(":").replace(".", ""), words[2].rstrip(":")
        if event.endswith("__return"):
            spans.append(int(time) - entries[tid].pop())
        else:
            entries.setdefault(tid, []).append(int(time))
    kind = next(k for k in latency(EXAMPLE) if k["kind"] == "probe_orders:handle_request")
    report(kind["spans"] == len(spans), "example: as many spans as its text has pairs", (kind["spans"], len(spans)))
    report(sum(b["count"] for b in kind["buckets"]) == len(spans), "example: buckets add up")
    exact = {q["q"]: q["value_ns"] for q in kind["quantiles"]}
    wanted = {q: quantile(spans, q) for q in exact}
    report(exact == wanted, "example: quantiles are durations of it", (exact, wanted))
    inside = all(b["lower_ns"] <= s <= b["upper_ns"] for s in spans[:50] for b in kind["buckets"] if b["lower_ns"] < s <= b["upper_ns"])
    report(inside, "example: bounds hold what they count")
    le = latency(EXAMPLE, "--spans", "handle_request", "--le", "0.001,0.01,0.1")[0]["buckets"]
    by_hand = [sum(low < s <= high for s in spans) for low, high in ((0, 1e6), (1e6, 1e7), (1e7, 1e8))]
    report([b["count"] for b in le][:3] == by_hand, "example: a service's own bounds", (le, by_hand))
    own = {kind: latency(EXAMPLE, "--spans", kind, "--buckets", "linear")[0]["buckets"] for kind in ("probe_orders:handle_request", "off-cpu")}
    together = {k["kind"]: k["buckets"] for k in latency(EXAMPLE, "--buckets", "linear") if k["kind"] in own}
    report(together == own, "example: equal steps are of each kind's own durations")
    tail = latency(EXAMPLE, "--spans", "handle_request", "--compare-tail", "10ms")[0]["tail"]
    slow = sum(s >= 10e6 for s in spans)
    report(tail["spans"] == slow and tail["rest_spans"] == len(spans) - slow, "example: slow ones and the rest", (tail["spans"], slow))
    report("lock_wait" in tail["sentence"], "example: waiting for the lock is what the slow ones do", tail["sentence"])
    report(subprocess.run([CLI, "latency", "--quiet", "--spans", "handle_request", "--gate", "p50<5ms", EXAMPLE], capture_output=True).returncode == 0,
           "a gate that holds")
    for more in ((), ("--longer", "p99"), ("--time", "1,2")):
        times = [json.loads(run("top", "--json", "--quiet", "--spans", "handle_request", *more, "--span-stacks", stacks, EXAMPLE))["total_weight"] for stacks in ("edge", "both")]
        report(times[0] == times[1] > 0, "example: on one base of time, all is as long as the spans are %s" % " ".join(more), times)
    kinds = {k["kind"]: k for k in latency(EXAMPLE)}
    report(kinds["preempted"]["spans"] + kinds["asleep"]["spans"] + kinds["uninterruptible"]["spans"] == kinds["off-cpu"]["spans"] and kinds["preempted"]["spans"] > 0,
           "example: off the CPU by the letter of the switch", {k: v["spans"] for k, v in kinds.items()})
    switches = [line for line in run("script", "--quiet", "--ns", "-F", "tid,time,event,trace", EXAMPLE).splitlines() if "sched_switch" in line]
    preempted = sum(" prev_state=R" in line for line in switches)
    report(kinds["preempted"]["spans"] + kinds["preempted"]["unpaired_starts"] + kinds["preempted"]["censored"] == preempted > 0, "example: every pre-emption is one of them",
           (kinds["preempted"], preempted))
    halves = [latency(EXAMPLE, "--spans", "handle_request", "--time", time)[0] for time in ("0.4,1", "1.8,3.2")]
    pair = latency(EXAMPLE, "--spans", "handle_request", "--time", "0.4,1", "--baseline-time", "1.8,3.2")[0]
    report(pair["spans"] == halves[0]["spans"] and pair["baseline"]["spans"] == halves[1]["spans"] and pair["baseline"]["quantiles"] == halves[1]["quantiles"],
           "example: a baseline has its own quantiles", pair["baseline"])
    told = json.loads(run("top", "--json", "--quiet", "--time", "0.4,1", "--baseline-time", "1.8,3.2", EXAMPLE))
    counts = [json.loads(run("top", "--json", "--quiet", "--weight", "samples", "--time", time, EXAMPLE))["total_weight"] for time in ("0.4,1", "1.8,3.2")]
    report([told["baseline"]["samples"], told["baseline"]["baseline_samples"]] == counts, "example: top compares a time with its baseline", (told["baseline"]["sentence"], counts))
    gaps = latency(EXAMPLE, "--spans", "probe_orders:handle_request..probe_orders:handle_request:key=tid")[0]
    report(gaps["spans"] + gaps["censored"] + gaps["unpaired_starts"] == len(spans), "example: from one event to the next of the same thread", (gaps["spans"], gaps["censored"]))
    with_units = latency(EXAMPLE, "--spans", "handle_request", "--le", "1ms,10ms,100000us")[0]["buckets"]
    report(with_units == le, "example: bounds with units are those in seconds", with_units)
    bad = subprocess.run([CLI, "latency", "--quiet", "--spans", "handle_request", "--gate", "p50<5ms", "--gate", "p99<5ms", EXAMPLE], capture_output=True, text=True)
    report(bad.returncode == 1 and "p99<5ms" in bad.stderr, "a gate that does not hold is exit status 1", bad.stderr)
    few = subprocess.run([CLI, "latency", "--quiet", "--spans", "handle_request", "--time", "0,0.005", "--gate", "p99<1s", EXAMPLE], capture_output=True, text=True)
    report(few.returncode == 1 and "299" in few.stderr, "a gate on what cannot be told does not hold, and says what it needs", few.stderr)
    report(subprocess.run([CLI, "latency", "--gate", "fast", EXAMPLE], capture_output=True).returncode == 2, "a gate that is none is exit status 2")
    folded = os.path.join(tempfile.gettempdir(), "afterglow-no-spans-%d.folded" % os.getpid())
    with open(folded, "w", encoding="utf-8") as file:
        file.write("main;work 3\n")
    report(subprocess.run([CLI, "latency", folded], capture_output=True).returncode == 4, "no spans is exit status 4")
    timeless = subprocess.run([CLI, "latency", folded, "--spans", "samples..samples"], capture_output=True, text=True)
    report(timeless.returncode == 2 and "no times" in timeless.stderr, "a recording without times has no spans", timeless)
    os.unlink(folded)


def test_live():
    if not shutil.which("perf"):
        skip("live recordings", "no perf here")
        return
    with tempfile.TemporaryDirectory() as folder, Probes("handle_request") as probes:
        if not probes.ok:
            skip("live recordings", "no probes here: " + probes.why)
            return
        path, own = record(folder, "lock", "lock", 1500, "-a", "-e", "sched:sched_switch", "-e", "sched:sched_waking", "-e", "cpu-clock/freq=2000/")
        if path is None:
            skip("live recordings", "perf cannot record here")
            return
        compare_durations("lock", path, own)
        slow = sum(duration >= 3500000 for _, _, duration in own)
        kind = latency(path, "--spans", "handle_request", "--compare-tail", "3500us", "--comm", "requests")[0]
        tail = kind["tail"]
        report(abs(tail["spans"] - slow) <= max(2, slow // 10), "lock: the slow ones", (tail["spans"], slow))
        first = [f for f in tail["functions"] if f["evidence"]]
        report(bool(first) and any(f["name"] in ("wait_for_log", "pthread_mutex_lock", "__lll_lock_wait", "___pthread_mutex_lock", "futex_wait") for f in first[:12])
               and first[0]["q"] < 0.01, "lock: the planted wait is named, q < 0.01", (tail["sentence"], [(f["name"], f["q"]) for f in first[:6]]))
        report(tail["waits_included"], "lock: time off the CPU is in it")
        kinds = {k["kind"]: k for k in latency(path, "--comm", "requests")}
        report({"off-cpu", "blocked", "run-queue"} <= set(kinds), "lock: waits are blocked, or wait for a CPU", sorted(kinds))
        # On one base of time, what ran and what waited inside requests is how long they took. A busy machine interrupts between a probe and the program's
        # own clock.
        total = sum(duration for _, _, duration in own)
        edge = json.loads(run("top", "--json", "--quiet", "--spans", "handle_request", "--span-stacks", "edge", path))["total_weight"]
        report(0.98 * total < edge < 1.5 * total, "lock: weighed at their edges they are their durations", (edge, total))
        both = json.loads(run("top", "--json", "--quiet", "--spans", "handle_request", "--span-stacks", "both", path))["total_weight"]
        report(0.85 * edge < both < 1.1 * edge, "lock: running and waiting add up to the requests' time", (both, edge))
        path, own = record(folder, "nested", "nested", 800)
        compare_durations("nested", path, own)


def test_calls():
    """System calls by name: the raw ones of one number are those of the events that have its name."""
    if not shutil.which("perf"):
        skip("system calls by name", "no perf here")
        return
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "calls.data")
        subprocess.run(["perf", "record", "-q", "-m", "4096", "-e", "raw_syscalls:sys_enter", "-e", "raw_syscalls:sys_exit", "-e", "syscalls:sys_enter_read", "-e",
                        "syscalls:sys_exit_read", "-o", path, "--", "dd", "if=/dev/zero", "of=/dev/null", "bs=64", "count=3000"], capture_output=True, timeout=60)
        if not os.path.exists(path):
            skip("system calls by name", "perf cannot record system calls here")
            return
        raw, named, all_ = (latency(path, "--spans", kind)[0] for kind in ("syscall:read", "syscalls:sys_enter_read", "syscall"))
        report(raw["spans"] >= 3000 and abs(raw["spans"] - named["spans"]) <= raw["unpaired"] + named["unpaired"] + raw["censored"] + named["censored"],
               "reads of raw_syscalls are those of syscalls:sys_enter_read", (raw["spans"], named["spans"]))
        report(all_["spans"] > raw["spans"] + latency(path, "--spans", "syscall:write")[0]["spans"] - 1 and raw["label"].endswith("read"), "and some of all calls", (raw["label"], all_["spans"]))
        wrong = subprocess.run([CLI, "latency", "--quiet", "--spans", "syscall:nonsense", path], capture_output=True, text=True)
        report(wrong.returncode == 2 and "nonsense" in wrong.stderr, "a call that there is not is said", wrong.stderr)


test_example()
test_live()
test_calls()
plan()
