# SPDX-License-Identifier: GPL-3.0-or-later
"""Samples of a program that works in step with a clock: what share of them stands in one of its two functions, each time that it is started anew.

The program of STATISTICS C3: 3 ms of every 10 ms in hot_path(), the rest in cold_path(), from another phase each time."""
import os
import re
import signal
import statistics
import subprocess
import time

SHARE = 0.3
CLOCKS = {
    "single": ["-e", "cpu-clock/freq=100,name=a/u"],
    "interleaved": ["-e", "cpu-clock/freq=41,name=a/u", "-e", "cpu-clock/freq=37,name=b/u", "-e", "cpu-clock/freq=23,name=c/u"],
    "random": None,
}


def in_front(command):
    """In front of what else runs, where that is allowed: what is measured is clocks, not who else is busy."""
    return (["chrt", "-f", "40"] if os.geteuid() == 0 else []) + command


def start(front, command, **options):
    """Starts a recorder of either kind, and waits until it records."""
    ours, theirs = os.pipe(), os.pipe()
    recorder = subprocess.Popen(front + command + ["--control=fd:%d,%d" % (ours[0], theirs[1])], stdin=subprocess.DEVNULL, pass_fds=(ours[0], theirs[1]), **options)
    os.close(ours[0])
    os.close(theirs[1])
    try:
        os.write(ours[1], b"ping\n")
    except BrokenPipeError:             # it could not begin
        pass
    os.read(theirs[0], 64)
    recorder.ends = [os.fdopen(ours[1], "wb", 0), os.fdopen(theirs[0], "rb", 0)]        # open as long as it is: perf does not end well without
    return recorder


def run(helper, target, clock, seconds, path, frequency=100):
    """(samples in hot_path, samples) of one start."""
    program = subprocess.Popen(in_front([target, "periodic"]), stdout=subprocess.PIPE)
    program.stdout.readline()
    if CLOCKS[clock] is None:
        command = [helper, "sample", "-o", path, "-F", str(frequency), "-e", "cpu-clock", "-p", str(program.pid)]
    else:
        command = ["perf", "record", "-q", "-g", "-B", "-N", "-o", path, "-p", str(program.pid)] + CLOCKS[clock]
    # The sampler in front of the program, so that it draws the next gap while that one waits.
    recorder = start(["chrt", "-f", "41"] if os.geteuid() == 0 else [], command)
    time.sleep(seconds)
    recorder.send_signal(signal.SIGINT)
    recorder.wait()
    program.kill()
    program.wait()
    script = subprocess.run(["perf", "script", "-f", "-F", "event,ip,sym", "-i", path], capture_output=True, text=True, check=False).stdout
    stacks = [re.search(r"hot_path|cold_path", stack) for stack in script.split("\n\n")]
    found = [stack.group(0) for stack in stacks if stack]
    return found.count("hot_path"), len(found)


def spread(runs):
    """(mean share, spread over what a binomial has): 1 where samples are as good as independent ones."""
    shares = [k / n for k, n in runs if n]
    expected = statistics.mean(SHARE * (1 - SHARE) / n for _, n in runs if n) ** 0.5
    return statistics.mean(shares), (statistics.mean((s - SHARE) ** 2 for s in shares)) ** 0.5 / expected
