#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stacks as perf script has them, and code of a just-in-time compiler. test-unwind.py AFTERGLOW_CLI SOURCES

Whether stacks are true is test-truth.py's to tell; here it is address by address that the unwinders agree."""
import os
import subprocess
import sys
import tempfile

from recorded import finish, output_of, report, samples, skip

CLI, SOURCES = sys.argv[1:3]


def addresses(command):
    """Of each sample thread, time and the addresses of its frames but those of inlined functions."""
    return sorted((thread, time, [address for address, _, module in frames if module != "inlined"]) for thread, time, frames in samples(output_of(command)))


def against_perf(directory):
    program, path = os.path.join(directory, "chains"), os.path.join(directory, "chains.data")
    subprocess.run(["gcc", "-g", "-O2", "-fomit-frame-pointer", "-o", program, os.path.join(SOURCES, "chains.c"), "-pthread"], check=True, capture_output=True, timeout=60)
    subprocess.run(["perf", "record", "-q", "--call-graph", "dwarf,8192", "-e", "cpu-clock:u", "-F", "2000", "--buildid-mmap", "-o", path, "--", program, "plain",
                    "0.3"], capture_output=True, timeout=60)
    theirs, ours = addresses(["perf", "script", "--ns", "--no-inline", "-i", path]), addresses([CLI, "script", "--quiet", "--ns", path])
    same = sum(a == b for a, b in zip(theirs, ours))
    report(len(theirs) == len(ours) > 0 and same >= 0.99 * len(theirs), "perf script has the same addresses in %d samples" % len(theirs),
           "%d of %d, %d ours; %s" % (same, len(theirs), len(ours), next(((a, b) for a, b in zip(theirs, ours) if a != b), None)))


def compiled(directory):
    """Code of a just-in-time compiler, named by its jitdump; one address that two functions had, told apart by time."""
    if os.uname().machine != "x86_64":
        skip("jitdump", "its program is x86-64 code")
        return
    program, path = os.path.join(directory, "jit"), os.path.join(directory, "jit.data")
    subprocess.run(["gcc", "-O1", "-fno-omit-frame-pointer", "-o", program, os.path.join(SOURCES, "jit.c")], check=True, capture_output=True, timeout=60)
    subprocess.run(["perf", "record", "-q", "-g", "-k", "mono", "-e", "cpu-clock:u", "-F", "2000", "-o", path, "--", program, directory, "0.2"], capture_output=True,
                   timeout=60)

    def leaves(*selection):
        text = output_of([CLI, "fold", "--quiet", "--weight", "samples", "--prefix", "none", *selection, path])
        counts = {}
        for line in text.splitlines():
            stack, _, count = line.rpartition(" ")
            counts[stack.split(";")[-1]] = counts.get(stack.split(";")[-1], 0) + int(count)
        return counts
    whole, early, late = leaves(), leaves("--time", "0,0.15"), leaves("--time", "0.45,")
    java = "org.example.Loop.run(int)"
    report(all(whole.get(name, 0) > 60 for name in ("jit_first", "jit_second", java)), "jitdump names the code of a just-in-time compiler", whole)
    report(early.get("jit_first", 0) > 30 and "jit_second" not in early and late.get("jit_second", 0) > 30 and "jit_first" not in late,
           "an address that was used again is told apart by time", "%s\n%s" % (early, late))


def main():
    with tempfile.TemporaryDirectory() as directory:
        against_perf(directory)
        compiled(directory)
    return finish()


sys.exit(main())
