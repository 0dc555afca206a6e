# SPDX-License-Identifier: GPL-3.0-or-later
"""Recordings of the program `requests` with probes on its functions, for tests called with AFTERGLOW_CLI REQUESTS SOURCE."""
import json
import os
import subprocess
import sys

from tap import report

CLI, PROGRAM, SOURCE = (os.path.abspath(path) for path in sys.argv[1:4])


def run(*arguments, status=0):
    result = subprocess.run([CLI, *arguments], capture_output=True, text=True, timeout=120)
    if status is not None and result.returncode != status:
        report(False, "exit status of " + " ".join(arguments), "%d: %s" % (result.returncode, result.stderr))
    return result.stdout


def latency(path, *arguments, status=0):
    text = run("latency", "--json", "--quiet", *arguments, path, status=status)
    return json.loads(text)["kinds"]


def quantile(values, q):
    values = sorted(values)
    at = max(0, -(-int(round(q * len(values) * 1000000)) // 1000000) - 1)
    return values[min(at, len(values) - 1)]


class Probes:
    """Probes on functions of the program, taken away again."""

    def __init__(self, *functions):
        self.names = []
        for function in functions:
            for what in (function, function + "%return"):
                done = subprocess.run(["perf", "probe", "-q", "-x", PROGRAM, "-f", what], capture_output=True, text=True)
                self.ok = done.returncode == 0
                if not self.ok:
                    self.why = (done.stderr.strip().splitlines() or ["perf probe failed"])[-1][:100]
                    return

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        subprocess.run(["perf", "probe", "-q", "-d", "probe_requests:*"], capture_output=True)


# Before all that is ordinary: what other programs do on a busy machine is then no cause of slow requests.
UNDISTURBED = ("chrt", "-f", "10") if os.geteuid() == 0 and subprocess.run(["chrt", "-f", "10", "true"], capture_output=True, check=False).returncode == 0 else ()


def record(folder, name, mode, n, *options, before=(), seed=0):
    path = os.path.join(folder, name + ".data")
    result = subprocess.run(["perf", "record", "-q", "-k", "CLOCK_MONOTONIC", "-m", "4096", "-e", "probe_requests:*", *(() if "--call-graph" in options else ("-g",)), *options, "-o", path, "--",
                             *before, PROGRAM, mode, str(n), str(seed)], capture_output=True, text=True, timeout=120)
    own = [tuple(int(word) for word in line.split()) for line in result.stdout.splitlines() if len(line.split()) == 3]
    return (path if os.path.exists(path) and own else None), own


def counted(path, kind, own):
    """As many spans as the program had, but for those whose records were lost or have no other end."""
    info = json.loads(run("info", "--json", "--quiet", path))
    return abs(kind["spans"] - len(own)) <= kind["unpaired"] + info["lost_samples"] + info["lost_events"]


def compare_durations(name, path, own):
    kind = next(k for k in latency(path) if k["kind"].startswith("probe_requests:handle_request"))
    report(counted(path, kind, own), name + ": as many spans as the program counted", (kind["spans"], len(own), kind["unpaired"]))
    for q in kind["quantiles"][:2]:
        wanted = quantile([duration for _, _, duration in own], q["q"])
        # The probe's trap is outside what the program measures, and inside what is recorded around it: some microseconds, more on a busy machine.
        report(abs(q["value_ns"] - wanted) < 60000 + 0.05 * wanted, name + ": p%g as the program's own" % (q["q"] * 100), (q["value_ns"], wanted))
