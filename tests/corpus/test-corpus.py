#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every perf.data and folded input of the corpus opens, or fails with one clear line; twins agree. test-corpus.py AFTERGLOW_CLI

The corpus is AFTERGLOW_CORPUS, or ../shared/corpus beside the project. Where it is absent the test says so and is skipped."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
from tap import plan, report  # noqa: E402

CLI = sys.argv[1]
TOP = os.environ.get("AFTERGLOW_SOURCE_DIR", os.path.join(os.path.dirname(__file__), "..", ".."))
CORPUS = os.environ.get("AFTERGLOW_CORPUS") or os.path.join(TOP, "..", "shared", "corpus")


def run(*arguments):
    return subprocess.run([CLI, *arguments], capture_output=True, timeout=120)


def samples(path):
    """What a recording says, without names: thread, time, weight, event and addresses of each sample."""
    result = run("script", "--no-symbols", "--ns", path)
    return result.stdout


def main():
    manifest = os.path.join(CORPUS, "MANIFEST.tsv")
    if not os.path.exists(manifest):
        print("1..0 # SKIP corpus: no corpus at AFTERGLOW_CORPUS or ../shared/corpus")
        return 0
    rows = [line.rstrip("\n").split("\t") for line in open(manifest, encoding="utf-8")][1:]
    opened = {}
    for path, kind, role, *_ in rows:
        if role != "input" or kind not in ("perf.data", "folded", "folded-diff", "perf-script"):
            continue
        result = run("info", "--json", "--quiet", os.path.join(CORPUS, path))
        errors = result.stderr.decode(errors="replace")
        name = path.split("/", 1)[1]
        if result.returncode in (0, 4) and result.stdout:
            try:
                document = json.loads(result.stdout)
                opened[path] = document
                report(document["schema"] == "afterglow/info/1", kind + " " + name, "schema")
            except ValueError as problem:
                report(False, kind + " " + name, str(problem))
        else:
            lines = [line for line in errors.splitlines() if line]
            report(result.returncode in (3, 4) and len(lines) == 1 and lines[0].startswith("afterglow-cli: "), kind + " " + name,
                   "exit %d\n%s" % (result.returncode, errors))
    big = "perf.data/google__perf_data_converter/derived-big-endian/"
    little = "perf.data/google__perf_data_converter/src/quipper/testdata/"
    for path in sorted(p for p in opened if p.startswith(big)):
        twin = little + os.path.basename(path)[:-len(".be")]
        ours, theirs = samples(os.path.join(CORPUS, path)), samples(os.path.join(CORPUS, twin))
        report(len(ours) > 0 and ours == theirs, "big-endian twin " + os.path.basename(path))
    plain = "perf.data/KDAB__hotspot/tests/integrationtests/file_content/perf.data.true.v2"
    if plain in opened:
        report(samples(os.path.join(CORPUS, plain)) == samples(os.path.join(CORPUS, plain + ".gz")), "gzip twin of perf.data.true.v2")
    # quipper's own reading of the same files: every sample's time, in order of time.
    for path in sorted(p for p in opened if p.startswith(little)):
        oracle = os.path.join(CORPUS, path + ".pb_text")
        if not os.path.exists(oracle):
            continue
        text = open(oracle, encoding="utf-8", errors="replace").read()
        expected = len(re.findall(r"sample_event \{", text))
        report(opened[path]["samples"] == expected, "sample count of " + os.path.basename(path),
               "%d, the oracle says %d" % (opened[path]["samples"], expected))
    plan()
    return 0


sys.exit(main())
