#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lanes of a real recording against perf sched and what the program itself measured: test-lanes.py LANES WAKES"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

from tap import plan, report, skip

LANES, WAKES = (os.path.abspath(path) for path in sys.argv[1:3])
ROUNDS = 150


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=120).stdout


def read_lanes(path):
    lanes, wakes, facts = {}, [], {}
    for line in output(LANES, path).splitlines():
        words = line.split(" ")
        if words[0] == "lane":
            lanes[int(words[1])] = {key: int(value) for key, value in (word.split("=") for word in words[2:])}
        elif words[0] == "wake":
            wakes.append((int(words[1]), int(words[2]), words[3].split(";")))
        else:
            facts[words[0]] = int(words[1])
    return lanes, wakes, facts


def is_like(own, ms, unseen):
    """Half a millisecond: perf does not count a thread's first run. Where switches are missing (some kernels tell of none that leaves idle, any lose some
    when they are busy) it counts from the CPU's last one, idle or not: then it can only be more."""
    low, high = own.get("running", 0) / 1e6, (own.get("running", 0) + 2 * own.get("woken", 0) + own.get("unknown", 0)) / 1e6
    return low - 0.001 * ms - 0.5 <= ms and (unseen > 0 or ms <= high + 0.001 * ms + 0.5)


def ran_by_perf(path):
    """ms that each thread ran, and how often it came in, as perf sched timehist sums them."""
    found = {}
    for line in output("perf", "sched", "timehist", "-s", "-i", path).splitlines():
        row = re.match(r"\s*\S.*\[(\d+)(?:/\d+)?\]\s+(-?\d+)\s+(\d+)\s+([\d.]+)\s", line)
        if row:
            found[int(row.group(1))] = (float(row.group(4)), int(row.group(3)))
    return found


def record(path, *how):
    done = subprocess.run(["perf", "record", "-q", "-m", "4096", "-g", "-e", "sched:sched_switch", "-e", "sched:sched_waking", "-e", "cpu-clock", "-c", "1000000", "-o", path, *how, "--",
                           WAKES, str(ROUNDS)], capture_output=True, text=True, timeout=120)
    return {name: (int(tid), float(seconds)) for name, tid, seconds in re.findall(r"^(\w+) (\d+) ([\d.]+)$", done.stdout, re.M)}


def test_system(folder):
    path = os.path.join(folder, "system.data")
    truth = record(path, "-a")
    if len(truth) != 2:
        skip("lanes of a recording of the whole system", "perf does not record the scheduler here")
        return
    lanes, wakes, facts = read_lanes(path)
    perf = ran_by_perf(path)
    for name, (tid, seconds) in truth.items():
        own = lanes.get(tid, {})
        # A host may take the CPU away meanwhile, which the thread's own clock leaves out.
        report(seconds * 0.99 - 0.001 <= (own.get("running", 0) + own.get("woken", 0) + own.get("unknown", 0)) / 1e9 and own.get("running", 0) / 1e9 <= seconds * 1.15 + 0.001,
               "%s ran as long as its own clock says" % name, (own, seconds))
        report(tid in perf and is_like(own, perf[tid][0], facts["unseen"]), "and as perf sched timehist says, to a thousandth", (own, perf.get(tid)))
        states = sum(value for key, value in own.items() if key not in ("samples", "changes"))
        report(states == facts["span"], "%s: its states add up to the recording" % name, (states, facts))
        # A clock of a millisecond: as many samples as it ran milliseconds.
        ran, may = own.get("running", 0) / 1e6, (own.get("running", 0) + own.get("woken", 0) + own.get("unknown", 0)) / 1e6
        report(0.75 * ran - 5 < own.get("samples", 0) < 1.25 * may + 5, "%s: a sample a millisecond that it ran" % name, own)
    server, client = truth["server"][0], truth["client"][0]
    to_server = [(waker, stack) for woken, waker, stack in wakes if woken == server]
    own = [stack for waker, stack in to_server if waker == client]
    report(len(to_server) >= ROUNDS * 0.9 and len(own) >= 0.95 * len(to_server), "the client woke the server, each time", (len(to_server), len(own)))
    report(sum("hand_over" in stack for stack in own) >= 0.9 * len(own), "in the function that hands over", own[:1])
    to_client = [waker for woken, waker, _ in wakes if woken == client]
    report(to_client.count(server) >= ROUNDS * 0.9, "and the server woke the client with its answer", to_client[:8])


def test_process(folder):
    """Of one process alone: switches to it are those of others, and not recorded. What is not known is not made up."""
    path = os.path.join(folder, "process.data")
    truth = record(path)
    if len(truth) != 2:
        skip("lanes of a recording of one process", "perf does not record the scheduler here")
        return
    lanes, _, facts = read_lanes(path)
    for name, (tid, seconds) in truth.items():
        own = lanes.get(tid, {})
        low, high = own.get("running", 0), own.get("running", 0) + own.get("woken", 0) + own.get("unknown", 0)
        report(low / 1e9 <= seconds * 1.15 + 0.001 and high / 1e9 >= seconds * 0.98 - 0.001, "%s of one process: what it ran lies between what is known and what may be" % name,
               (own, seconds))
    report(facts["unseen"] > 0, "and the missing switches are counted", facts)


if shutil.which("perf") is None:
    print("1..0 # SKIP perf is not installed")
    sys.exit(0)
with tempfile.TemporaryDirectory() as directory:
    test_system(directory)
    test_process(directory)
plan()
