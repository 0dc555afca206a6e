#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real histograms of others, counted a second way: test-histograms.py AFTERGLOW_CLI

Pages of Prometheus by their +Inf buckets, bpftrace's and BCC's tables by their rows, HdrHistogram logs by what Java's HdrHistogram 2.1.11 says of them
(hdr-truth.tsv). The corpus is AFTERGLOW_CORPUS, or ../shared/corpus beside the project; where it is absent the test says so and is skipped."""
import glob
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
from tap import plan, report  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
CLI = os.path.abspath(sys.argv[1])
CORPUS = os.environ.get("AFTERGLOW_CORPUS") or os.path.join(HERE, "..", "..", "..", "shared", "corpus")


def read(path):
    result = subprocess.run([CLI, "latency", "--json", "--quiet", path], capture_output=True, text=True, timeout=60, check=False)
    return result.returncode, json.loads(result.stdout).get("histograms") if result.returncode == 0 else None


def expositions():
    for path in sorted(glob.glob(CORPUS + "/prometheus/prometheus__prometheus/model/textparse/testdata/*.txt") + [CORPUS + "/prometheus/prometheus__common/expfmt/testdata/text"]):
        text = open(path, encoding="utf-8").read()
        wanted = sum(float(value) for value in re.findall(r'^\w+_bucket\{[^}]*le="\+Inf"[^}]*\} (\S+)', text, re.M))
        status, histograms = read(path)
        if wanted == 0:
            report(status == 4, os.path.basename(path) + ": none in it", status)
            continue
        report(histograms is not None and sum(h["observations"] for h in histograms) == wanted, os.path.basename(path) + ": as many observations as its +Inf buckets",
               (wanted, histograms and sum(h["observations"] for h in histograms)))
    for path in sorted(glob.glob(CORPUS + "/prometheus/prometheus__OpenMetrics/tests/testdata/parsers/*/metrics")):
        status, _ = read(path)
        report(status in (0, 3, 4), os.path.basename(os.path.dirname(path)) + ": read or refused", status)
    _, histograms = read(CORPUS + "/prometheus/prometheus__OpenMetrics/tests/testdata/parsers/histogram_exemplars/metrics")
    report([e["value"] for h in histograms for e in h["exemplars"]] == [0.5, 0.5, 4.0], "exemplars of OpenMetrics' own page", histograms)


def tables():
    row = re.compile(r"^\s*(?:[\[(][^|]*[)\]]|\d+\s*(?:->\s*\d+)?\s*:)\s+(\d+)\s*\|[@*+ ]*\|", re.M)
    for path in sorted(glob.glob(CORPUS + "/bpf-text/**/*.txt", recursive=True)):
        wanted = sum(int(count) for count in row.findall(open(path, encoding="utf-8").read()))
        if wanted == 0:
            continue
        _, histograms = read(path)
        report(histograms is not None and sum(h["observations"] for h in histograms) == wanted, os.path.basename(path) + ": as many as its rows",
               (wanted, histograms and sum(h["observations"] for h in histograms)))
    for path in sorted(glob.glob(CORPUS + "/bpf-text/**/*hist*.json", recursive=True)):
        text = open(path, encoding="utf-8").read()
        wanted = sum(int(count) for count in re.findall(r'"count":\s*(\d+)', text))
        _, histograms = read(path)
        report(wanted == 0 or (histograms is not None and sum(h["observations"] for h in histograms) == wanted), os.path.basename(path) + ": as many as its counts", wanted)


def logs():
    truth = {}
    for line in open(os.path.join(HERE, "hdr-truth.tsv"), encoding="utf-8"):
        name, what, value = line.rstrip("\n").split("\t")
        truth.setdefault(tuple(name.split(" ", 1)), {})[what] = int(value)
    for (file, tag), values in sorted(truth.items()):
        path = glob.glob(CORPUS + "/hdrhistogram/**/" + file, recursive=True)
        if not path:
            continue
        _, histograms = read(path[0])
        got = next((h for h in histograms or [] if h["labels"].get("tag", "") == tag), None)
        report(got is not None and got["observations"] == values["count"], "%s %s: as many as Java counts" % (file, tag), (values["count"], got and got["observations"]))
        # Java added them up in a histogram of three digits, where each value stands as the lowest of its bucket: its answers are in that bucket.
        near = values["count"] == 0 or got is not None and all(q["low_ns"] <= values["p%s" % p] * 1.001 and values["p%s" % p] <= q["high_ns"] * 1.001 for q, p in
                                       zip(got["quantiles"], ("50.0", "90.0", "99.0", "99.9", "100.0")))
        report(near, "%s %s: quantiles are Java's" % (file, tag), (values, got and got["quantiles"]))


if not os.path.isdir(os.path.join(CORPUS, "hdrhistogram")):
    print("1..0 # SKIP corpus: no corpus at AFTERGLOW_CORPUS or ../shared/corpus")
else:
    expositions()
    tables()
    logs()
    plan()
