#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes slow requests slow, planted and found again: test-causes.py AFTERGLOW_CLI REQUESTS SOURCE

Each program plants one cause and says how long each of its requests took. The recording must have as many spans, as long; the comparison of the slow
ones with the rest must name the cause first."""
import json
import os
import shutil
import subprocess
import tempfile

from probed import PROGRAM, UNDISTURBED, Probes, compare_durations, counted, latency, record, run
from tap import plan, report, skip

SYSTEM = ("-a", "-e", "sched:sched_switch", "-e", "sched:sched_waking", "-e", "cpu-clock/freq=2000/")


def evident(path, bound):
    tail = latency(path, "--spans", "handle_request", "--compare-tail", bound, "--comm", "requests")[0]["tail"]
    return tail, [f for f in tail["functions"] if f["evidence"]]


def names_cause(name, path, bound, causes):
    """The program's own functions that differ: the planted one leads, and is named in the sentence."""
    tail, found = evident(path, bound)
    own = [f for f in found if f["name"] in OWN]
    report(bool(own) and own[0]["name"] in causes and own[0]["q"] < 0.01 and any(cause in tail["sentence"] for cause in causes + WAITS),
           name + ": the planted cause is named first, q < 0.01", (tail["sentence"], [(f["name"], f["q"]) for f in own + found[:8]]))
    blamed = [f["name"] for f in own if f["name"] in INNOCENT]
    report(not blamed, name + ": nothing else of the program is blamed", blamed)


OWN = ("parse_request", "answer_request", "count_request", "wait_for_collector", "read_answer", "wait_for_log")
INNOCENT = ("parse_request", "answer_request")
# Where other programs take the CPU away, that is a cause too, and may be the larger one.
WAITS = ["__schedule", "pthread_mutex_lock", "lll_lock_wait", "pthread_cond_wait", "futex_abstimed_wait", "read"]


def test_planted(folder):
    # The C library keeps no frame pointers, and waiting for a condition is two functions deep in it.
    for mode, n, bound, causes, options in (("convoy", 3000, "p90", ["count_request"], ()), ("gc", 2500, "3ms", ["wait_for_collector"], ("--call-graph", "dwarf,1024")),
                                            ("read", 2000, "4ms", ["read_answer"], ())):
        path, own = record(folder, mode, mode, n, *SYSTEM, *options, before=UNDISTURBED)
        if path is None:
            skip(mode, "perf cannot record here")
            continue
        if mode == "convoy":
            kind = latency(path, "--spans", "handle_request")[0]
            report(counted(path, kind, own), mode + ": as many spans as the program counted", (kind["spans"], len(own), kind["unpaired"]))
        else:
            compare_durations(mode, path, own)
        names_cause(mode, path, bound, causes)
        os.unlink(path)


def test_starved(folder):
    """The only CPU is taken away: that is waiting for a CPU, not being blocked."""
    path = os.path.join(folder, "starve.data")
    result = subprocess.run(["perf", "record", "-q", "-k", "CLOCK_MONOTONIC", "-m", "4096", "-e", "probe_requests:*", *SYSTEM, "-g", "-o", path, "--", PROGRAM, "starve", "3000"],
                            capture_output=True, text=True, timeout=120)
    hogged = [int(line.split()[1]) for line in result.stdout.splitlines() if line.startswith("hog ")]
    worker = [line.split()[0] for line in result.stdout.splitlines() if len(line.split()) == 3]
    if not hogged or not os.path.exists(path):
        skip("starve", "perf cannot record here")
        return
    rows = {kind: json.loads(run("top", "--json", "--quiet", "--spans", kind, "--span-stacks", "edge", "--tid", worker[0], path, status=None) or "{}").get("total_weight", 0)
            for kind in ("run-queue", "blocked")}
    # Other programs of a busy machine take the CPU as well; before and after the requests nobody waits.
    report(rows["run-queue"] > 0.7 * hogged[0], "starve: it waits for a CPU as long as the hog runs", (rows, hogged))
    report(rows["blocked"] < 0.25 * rows["run-queue"], "starve: it is hardly ever blocked", rows)
    os.unlink(path)


def test_nothing_planted(folder):
    """Twenty recordings of a program without a cause: none of its functions is ever blamed but by chance. Each has requests of its own: a clock that keeps time
    with the same ones would be one chance, twenty times."""
    blamed = 0
    for seed in range(20):
        path, own = record(folder, "plain", "plain", 300, *SYSTEM, before=UNDISTURBED, seed=seed)
        if path is None:
            skip("plain", "perf cannot record here")
            return
        blamed += any(f["name"] in OWN for f in evident(path, "p90")[1])
        os.unlink(path)
    # Five of twenty would come once in four hundred times at 5 %.
    report(blamed <= 4, "plain: twenty recordings, nothing of the program is blamed", blamed)


if not shutil.which("perf"):
    skip("causes", "no perf here")
else:
    with tempfile.TemporaryDirectory() as working, Probes("handle_request") as probes:
        if probes.ok:
            test_planted(working)
            test_starved(working)
            test_nothing_planted(working)
        else:
            skip("causes", "no probes here: " + probes.why)
plan()
