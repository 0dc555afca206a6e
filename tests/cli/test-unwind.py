#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stacks unwound by call frame information: programs whose chains are known, and perf script where it is right. test-unwind.py AFTERGLOW_CLI SOURCE

Each program is built here, by gcc and clang, with and without optimisation, position-independent or not, static, stripped; recorded with
perf record --call-graph dwarf; and at least 99.5 % of the samples in `burn` must hold the chain that led there."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

CLI, SOURCE = sys.argv[1:3]
number = 0
CHAINS = {"plain": "main;alpha_step;beta_step;gamma_step;burn", "deep": "main;" + "deep;" * 201 + "alpha_step;beta_step;gamma_step;burn",
          "signal": "main;raise_step;*;on_signal;burn", "jump": "main;land_step;(jump_step|gamma_step);burn"}


def report(ok, name, reason=""):
    global number
    number += 1
    print("%s %d - %s" % ("ok" if ok else "not ok", number, name), flush=True)
    if reason and not ok:
        print("# " + str(reason).replace("\n", "\n# ")[:1500], flush=True)


def fits(stack, chain):
    """A '*' stands for what the library calls on the way to a signal's handler."""
    pattern = "(^|;)" + chain.replace("*;", "([^;]+;)*?") + "$"
    return re.search(pattern, stack) is not None


def check(name, program, mode, dump, extra=()):
    path = program + ".data"
    made = subprocess.run(["perf", "record", "-q", *extra, "--call-graph", "dwarf,%d" % dump, "-e", "cpu-clock:u", "-F", "2000", "--buildid-mmap",
                           "-o", path, "--", program, mode, "0.3"], capture_output=True, timeout=60)
    text = subprocess.run([CLI, "fold", "--quiet", "--prefix", "none", "--weight", "samples", path], capture_output=True, text=True, errors="replace",
                          timeout=120).stdout
    whole = right = 0
    wrong = []
    for line in text.splitlines():
        stack, _, count = line.rpartition(" ")
        stack = re.sub(r"(;mix|;twist)+$", "", stack)
        if not stack.endswith(";burn") and stack != "burn":
            continue
        whole += int(count)
        if fits(stack, CHAINS[mode]):
            right += int(count)
        else:
            wrong.append(line)
    report(whole > 60 and right >= 0.995 * whole, "%s, %s: %d samples in burn" % (name, mode, whole),
           "%d of %d\n%s\n%s" % (right, whole, "\n".join(wrong[:3]), made.stderr.decode()[:200]))
    return path


def frames(text):
    """Addresses and module of each frame, sample by sample."""
    samples, current = [], None
    for line in text.splitlines():
        frame = re.match(r"\s+([0-9a-f]+) .* \(([^()]*)\)$", line)
        head = re.match(r"\s*.*?\s+(?:-?\d+/)?(-?\d+)\s+(?:\[\d+\]\s+)?(\d+\.\d+):", line)
        if frame and current is not None and line[0] in "\t " and frame.group(2) != "inlined":
            current[1].append(frame.group(1))
        elif head:
            current = (head.groups(), [])
            samples.append(current)
    return sorted(samples)


def against_perf(path):
    theirs = frames(subprocess.run(["perf", "script", "--no-inline", "-i", path], capture_output=True, text=True, errors="replace", timeout=120).stdout)
    ours = frames(subprocess.run([CLI, "script", "--quiet", path], capture_output=True, text=True, errors="replace", timeout=120).stdout)
    same = sum(a == b for a, b in zip(theirs, ours))
    report(len(theirs) == len(ours) > 0 and same >= 0.99 * len(theirs), "perf script has the same addresses in %d samples" % len(theirs),
           "%d of %d, %d ours; %s" % (same, len(theirs), len(ours), next(((a, b) for a, b in zip(theirs, ours) if a != b), None)))


def inlined(program, path):
    """Inlined functions of every address in the program, as addr2line tells them."""
    text = subprocess.run([CLI, "script", "--quiet", path], capture_output=True, text=True, timeout=120).stdout
    ours, pending = {}, []
    for line in text.splitlines():
        frame = re.match(r"\s+([0-9a-f]+) (.*) \(([^()]*)\)$", line)
        if not frame:
            pending = []
        elif frame.group(3) == "inlined":
            pending.append(frame.group(2))
        else:
            if frame.group(3) == program:
                ours[frame.group(1)] = pending + [frame.group(2).split("+0x")[0]]
            pending = []
    wrong = []
    for address, names in ours.items():
        # Addresses of a position-independent program are offsets in its file; its first segment has none between them and its own.
        told = subprocess.run(["addr2line", "-f", "-i", "-e", program, address], capture_output=True, text=True, timeout=30).stdout.splitlines()[::2]
        if told != names:
            wrong.append((address, names, told))
    report(len(ours) > 3 and any(len(names) > 1 for names in ours.values()) and not wrong, "inlined functions of %d addresses, as addr2line has them" % len(ours),
           wrong[:4])


def compiled(directory):
    """Code of a just-in-time compiler, named by its jitdump; one address that two functions had, told apart by time."""
    if os.uname().machine != "x86_64":
        print("ok %d - jitdump # SKIP its program is x86-64 code" % next_number(), flush=True)
        return
    program, path = os.path.join(directory, "jit"), os.path.join(directory, "jit.data")
    subprocess.run(["gcc", "-O1", "-fno-omit-frame-pointer", "-o", program, os.path.join(os.path.dirname(SOURCE), "jit.c")], check=True, capture_output=True, timeout=60)
    subprocess.run(["perf", "record", "-q", "-g", "-k", "mono", "-e", "cpu-clock:u", "-F", "2000", "-o", path, "--", program, directory, "0.2"], capture_output=True,
                   timeout=60)

    def leaves(*selection):
        text = subprocess.run([CLI, "fold", "--quiet", "--weight", "samples", "--prefix", "none", *selection, path], capture_output=True, text=True, timeout=60).stdout
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


def next_number():
    global number
    number += 1
    return number


def main():
    with tempfile.TemporaryDirectory() as directory:
        def build(name, compiler, *options):
            program = os.path.join(directory, name)
            subprocess.run([compiler, "-g", "-fomit-frame-pointer", *options, "-o", program, SOURCE], check=True, capture_output=True, timeout=120)
            return program
        plain = build("gcc-O2", "gcc", "-O2")
        path = check("gcc -O2", plain, "plain", 8192)
        against_perf(path)
        inlined(plain, path)
        check("gcc -O2", plain, "deep", 65528)
        check("gcc -O2", plain, "signal", 8192)
        check("gcc -O2", plain, "jump", 8192)
        check("gcc -O2, compressed recording", plain, "plain", 8192, ("-z",))
        check("gcc -O0", build("gcc-O0", "gcc", "-O0"), "plain", 8192)
        check("gcc -O3 -no-pie", build("gcc-O3", "gcc", "-O3", "-no-pie"), "plain", 8192)
        check("gcc -O2 -static", build("gcc-static", "gcc", "-O2", "-static"), "signal", 8192)
        if shutil.which("clang"):
            check("clang -O2", build("clang-O2", "clang", "-O2"), "plain", 8192)
            check("clang -O1 -no-pie", build("clang-O1", "clang", "-O1", "-no-pie"), "jump", 8192)
        # Rules in .debug_frame of a split debug file alone.
        apart = build("apart", "gcc", "-O2", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables")
        for command in (["objcopy", "--only-keep-debug", apart, apart + ".debug"],
                        ["objcopy", "--strip-all", "--add-gnu-debuglink=" + apart + ".debug", apart]):
            subprocess.run(command, check=True, capture_output=True, timeout=60)
        check("stripped, with a debug file", apart, "plain", 8192)
        compiled(directory)
    print("1..%d" % number)
    return 0


sys.exit(main())
