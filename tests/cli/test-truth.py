#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stacks against the truth: chains.c says itself, in a file that it maps, which chain of functions stood from when to when. test-truth.py AFTERGLOW_CLI SOURCES

It is built in many ways, recorded with perf record --call-graph dwarf, and of the samples that were taken between a chain's two times (both read
while the chain stood) at least 99.5 % must have it, from the thread's first function on. Nearer than GUARD to one of the times a sample is not
counted: the sampler's clock may be that much before or behind the program's. What perf script makes of the same samples is counted as well.

AFTERGLOW_TRUTH=pairs builds so many ways that each two choices meet, =all every way; by default each two choices of compiler, optimisation, frame
pointers, link-time optimisation and kind of executable meet, and each kind of debug information is there with both compilers.
AFTERGLOW_TRUTH_TABLE=FILE writes a table of the results."""
import bisect
import collections
import itertools
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from chains import CHOICES, Impossible, build, possible, run
from recorded import finish, output_of, report, samples, skip

CLI, SOURCES = map(os.path.abspath, sys.argv[1:3])
GUARD = 2000                   # ns
HERTZ = 3000

# From main on; "*" is whatever a library calls on the way, "{lift}" stands where inlined functions can be known.
CHAINS = {
    "plain": "main;plain_step;alpha_step;{lift}beta_step;gamma_step;burn",
    "deep": "main;deep_step;" + "deep;" * 201 + "alpha_step;{lift}beta_step;gamma_step;burn",
    "aligned": "main;aligned_step;burn",
    "small": "main;small_step",
    "signal": "main;raise_step;*;on_signal;burn",
    "interrupted": "main;alarm_step",
    "alarm": "main;alarm_step;*;on_alarm;burn",
    "jump": "main;land_step;jump_step;burn",
    "landed": "main;land_step;burn",
    "noreturn": "main;noreturn_step;last_step;leave_step;burn",
    "tail": "main;tail_step;(?:tail_first;)?tail_second;burn",
    "cold": "main;cold_step;unlikely_work;burn",
    "context": "context_root;context_step;burn",
    "thread": "thread_root;alpha_step;{lift}beta_step;gamma_step;burn",
    "vdso": "main;clock_step",
    "plt": "main;plt_step",
    "first_work": "main;load_step;library_work;first_work;burn",
    "second_work": "main;load_step;library_work;second_work;burn",
    "throw": "main;throw_step;catch_step",
    "catch": "main;throw_step;catch_step;burn",
    "cleanup": "main;throw_step;catch_step;guarded_step;(?:[^;]*Guard::)?~Guard[^;]*;burn",
    "resume": "main;resume_step;*;[^;]*coroutine_body[^;]*;burn",
    "sort": "main;sort_step",
}
# What stands before: the libraries' own functions, which have no names where they are stripped.
ROOTS = {"main": "_start(?:;[^;]+){1,2};", "thread_root": "[^;]+;[^;]+;", "context_root": "(?:[^;]+;)?"}


def pattern(chain, inlines):
    elements = CHAINS[chain].replace("{lift}", "lift;" if inlines else "").replace(";*;", ";(?:[^;]+;)*?")
    return re.compile("^" + ROOTS[CHAINS[chain].split(";")[0]] + elements + "(?:;|$)")


# ---- judging ----

def read_log(path):
    """By thread: the times when chains began, and (begin, end, chain) in that order."""
    with open(path, "rb") as file:
        data = file.read()
    count = min(struct.unpack_from("<Q", data)[0], (len(data) - 16) // 40)
    threads = {}
    for begin, end, thread, _, name in struct.iter_unpack("<QQII16s", data[16:16 + 40 * count]):
        if end:
            threads.setdefault(thread, []).append((begin, end, name.rstrip(b"\0").decode()))
    for entries in threads.values():
        entries.sort()
    return {thread: ([entry[0] for entry in entries], entries) for thread, entries in threads.items()}


def chain_at(log, thread, time):
    """The innermost chain that stood at the time; None where none did for certain."""
    begins, entries = log.get(thread, ((), ()))
    at = bisect.bisect_right(begins, time)
    for begin, end, name in reversed(entries[max(0, at - 200):at]):
        if time < end:
            return name if begin + GUARD <= time <= end - GUARD else None
    return None


CLONES = re.compile(r"(?:\.(?:constprop|isra|part|lto_priv|cold|llvm|__uniq)(?:\.\d+)*)+$")


def text_of(frames):
    """Root first, without what compilers put behind the names of copies."""
    return ";".join(CLONES.sub("", re.sub(r"\+0x[0-9a-f]+$", "", name)) if name != "[unknown]" else name for _, name, _ in reversed(frames))


def judge(log, recorded, patterns):
    """By (thread, time): chain, whether it is there, the stack's text."""
    found = {}
    for thread, time, frames in recorded:
        chain = chain_at(log, thread, time)
        if chain is not None:
            text = text_of(frames)
            found[thread, time] = (chain, patterns[chain].match(text) is not None, text)
    return found


class Results:
    """Rows of the table."""
    rows = []
    wrong, wrong_in_perf = [], {}


def record(program, libraries, folder, mode, seconds, graph, options=()):
    data, log = os.path.join(folder, mode + ".data"), os.path.join(folder, mode + ".log")
    made = subprocess.run(["perf", "record", "-q", *options, "-k", "CLOCK_MONOTONIC", "--call-graph", graph, "-e", "cpu-clock:u", "-F", str(HERTZ), "--buildid-mmap",
                           "-o", data, "--", program, mode, str(seconds), log, *libraries], capture_output=True, text=True, timeout=120)
    if made.returncode != 0:
        raise RuntimeError(made.stderr[-1000:])
    return data, read_log(log)


def texts(data, perf=True):
    """Samples as this program and as perf script tell them."""
    fields = "comm,tid,time,ip,sym,dso"
    return (samples(output_of([CLI, "script", "--quiet", "--ns", "--fields", fields, data])),
            samples(output_of(["perf", "script", "--ns", "--max-stack", "1024", "-F", fields, "-i", data], 300)) if perf else [])


def check(name, choice, built, folder):
    program, libraries = built
    inlines = choice["debug"] != "stripped"
    patterns = {chain: pattern(chain, inlines) for chain in CHAINS}
    expected = set(CHAINS) - {"deep"} - (set() if libraries else {"first_work", "second_work"})
    # Something else on the machine may take the CPU for as long as a chain stands: once more, then.
    for _ in range(2):
        data, log = record(program, libraries, folder, "all", 0.05, "dwarf,8192")
        ours, theirs = texts(data)
        sampled = collections.Counter(chain for chain, _, _ in judge(log, ours, patterns).values())
        missing = [chain for chain in expected if sampled[chain] < 3]
        if not missing:
            break
    # perf reads no inlined functions where it is told not to, and not from every kind of debug information: that it may leave them out is no fault here.
    loose = {chain: re.compile(pattern(chain, True).pattern.replace("lift;", "(?:lift;)?")) for chain in CHAINS}
    right, perf_right = judge(log, ours, patterns), judge(log, theirs, loose)
    counts, wrong = {}, {}
    for key, (chain, is_right, text) in right.items():
        count = counts.setdefault(chain, [0, 0, 0])
        count[0] += 1
        count[1] += is_right
        count[2] += perf_right.get(key, (0, False))[1]
        if not is_right:
            wrong.setdefault(chain, []).append(text[-300:] + ("" if not perf_right.get(key, (0, False))[1] else " (perf: %s)" % perf_right[key][2][-300:]))
        elif not perf_right.get(key, (0, False))[1]:
            Results.wrong_in_perf.setdefault((chain, perf_right.get(key, (0, 0, "no stack"))[2][-300:]), name)
    n, good, perf_good = (sum(count[i] for count in counts.values()) for i in range(3))
    Results.wrong += ["%s (%s): %s" % (chain, name, stack) for chain, stacks in wrong.items() for stack in stacks]
    regressions = sum(not right[key][1] for key, value in perf_right.items() if value[1] and key in right)
    first = min(begins[0] for begins, _ in log.values())
    covered = n / max(1, sum(time >= first for _, time, _ in ours))
    Results.rows.append((name, n, good, perf_good, counts))
    report(n > 500 and good >= 0.995 * n and not missing and covered > 0.8, "%s: %.2f %% of %d samples have their chain (perf script: %.2f %%)"
           % (name, 100 * good / max(n, 1), n, 100 * perf_good / max(n, 1)),
           "%s\nchains without samples: %s\nof all samples %.0f %% in a chain's time\n%d right in perf script and wrong here\n%s"
           % ({chain: count for chain, count in counts.items() if count[1] < count[0]}, missing, 100 * covered, regressions, "\n".join("%s: %s" % (chain, stack) for chain, stacks in wrong.items() for stack in stacks[:2])))
    if inlines:
        check_lines(name, data)


def check_lines(name, data):
    """Functions that are written in one line say themselves at which line execution stands in them."""
    with open(os.path.join(SOURCES, "chains.c"), encoding="utf-8") as file:
        source = file.read().splitlines()
    wanted = {function: next(i for i, line in enumerate(source, 1) if re.search(r"\b%s \(const char \*chain" % function, line) and "{" in line)
              for function in ("lift", "alpha_step", "gamma_step")}
    text = output_of([CLI, "script", "--quiet", "--fields", "+srcline", data])
    found = {function: set(re.findall(r"^\t +[0-9a-f]+ %s(?:\+0x[0-9a-f]+)?(?: \(.*\))?\n  \S*/(\S+)" % function, text, re.M)) for function in wanted}
    report(found == {function: {"chains.c:%d" % line} for function, line in wanted.items()}, "%s: lines of calls" % name, "%s, wanted %s" % (found, wanted))


def share_of(pattern, recorded, begins=0):
    """(samples, those whose stack has the pattern, one that has it not)."""
    stacks = [text_of(frames) for _, time, frames in recorded if time >= begins]
    bad = next((stack for stack in stacks if not re.search(pattern, stack)), "")
    return len(stacks), sum(re.search(pattern, stack) is not None for stack in stacks), bad


def others(folder):
    """A compressed recording, and rules that are in .debug_frame of a file of debug information alone."""
    bare, apart = ["gcc", "-g", "-O2", "-fomit-frame-pointer", "-pthread", os.path.join(SOURCES, "chains.c"), "-o"], os.path.join(folder, "apart")
    run(*bare, apart + ".whole")
    run(*bare, apart, "-fno-asynchronous-unwind-tables", "-fno-unwind-tables")
    run("objcopy", "--only-keep-debug", apart, apart + ".debug")
    run("objcopy", "--strip-all", "--add-gnu-debuglink=" + apart + ".debug", apart)
    patterns = {chain: pattern(chain, True) for chain in CHAINS}
    for name, program, mode, options in (("a compressed recording", apart + ".whole", "all", ("-z",)),
                                         ("rules in a file of debug information alone", apart, "plain", ())):
        data, log = record(program, [], folder, mode, 0.05 if mode == "all" else 0.3, "dwarf,8192", options)
        found = list(judge(log, texts(data, False)[0], patterns).values())
        right = sum(value[1] for value in found)
        report(len(found) > 300 and right >= 0.995 * len(found), "%s: %d of %d samples have their chain" % (name, right, len(found)),
               next((value for value in found if not value[1]), ""))


def extremes(folder):
    """Stacks that do not fit into what is recorded of them: what is there is shown, and it is told that it is not all."""
    choice = {"compiler": "gcc", "level": "-O2", "frame": "-fno-omit-frame-pointer", "lto": "", "link": "-pie", "debug": "dwarf-5"}
    program, libraries = build(SOURCES, choice, folder)
    end = "alpha_step;lift;beta_step;gamma_step;burn(;|$)"
    for name, mode, graph, wanted, cut in (
            ("200 calls deep, and a copy that holds them", "deep", "dwarf,65528", "^" + ROOTS["main"] + "main;deep_step;" + "deep;" * 201 + end, False),
            ("20000 calls deep", "abyss", "dwarf,65528", "^(deep;){100,}" + end, True),
            ("200 calls deep by frame pointers, of which the kernel follows 127", "deep", "fp", "^(deep;){100,}" + end, True),
            ("a handler on a stack of its own", "alternate", "dwarf,8192", "on_alternate;burn(;|$)", True)):
        data, log = record(program, libraries, folder, mode, 0.3, graph)
        recorded = [(thread, time, frames) for thread, time, frames in texts(data, False)[0] if chain_at(log, thread, time)]
        n, right, bad = share_of(wanted, recorded)
        info = json.loads(output_of([CLI, "info", "--quiet", "--json", data]))["stacks"]
        told = info["truncated"]
        report(n > 300 and right >= 0.995 * n and (told >= 0.95 * n if cut else told <= 0.01 * n), "%s: %d of %d samples, %d stacks told to be cut" % (name, right, n, told),
               "%s\n%s" % (info, bad[-600:]))


def write_table(path):
    with open(path, "w", encoding="utf-8") as file:
        file.write("| built | samples | with their chain | perf script |\n|---|---:|---:|---:|\n")
        for name, n, good, perf_good, _ in Results.rows:
            file.write("| %s | %d | %.2f %% | %.2f %% |\n" % (name, n, 100 * good / max(n, 1), 100 * perf_good / max(n, 1)))
        file.write("\nWithout their chain:\n\n" + "".join("- %s\n" % line for line in Results.wrong))
        file.write("\nWrong in perf script, one of each kind:\n\n")
        for (chain, stack), name in sorted(Results.wrong_in_perf.items()):
            file.write("- %s (%s): %s\n" % (chain, name, stack))


def pairs_of(choice, names):
    return {(a, choice[a], b, choice[b]) for a, b in itertools.combinations(names, 2)}


def chosen():
    """Ways to build, fewest first: greedily, the one with the most new pairs next."""
    everything = [dict(zip(CHOICES, values)) for values in itertools.product(*CHOICES.values())]
    everything = [choice for choice in everything if possible(choice)]
    how = os.environ.get("AFTERGLOW_TRUTH", "")
    if how == "all":
        return everything

    def wanted(choice):
        if how == "pairs":
            return pairs_of(choice, CHOICES)
        return pairs_of(choice, [name for name in CHOICES if name != "debug"]) | pairs_of(choice, ("compiler", "debug"))
    missing, found = set().union(*map(wanted, everything)), []
    while missing:
        best = max(everything, key=lambda choice: len(wanted(choice) & missing))
        missing -= wanted(best)
        found.append(best)
    return found


def main():
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(1) as builder:
        building = []
        for number, choice in enumerate(chosen()):
            folder = os.path.join(directory, str(number))
            os.mkdir(folder)
            building.append((choice, folder, builder.submit(build, SOURCES, choice, folder)))
        for choice, folder, program in building:
            name = " ".join(value for value in choice.values() if value)
            try:
                check(name, choice, program.result(), folder)
            except Impossible as reason:
                skip(name, reason)
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                report(False, name, error)
            shutil.rmtree(folder)
        others(directory)
        extremes(directory)
    if os.environ.get("AFTERGLOW_TRUTH_TABLE"):
        write_table(os.environ["AFTERGLOW_TRUTH_TABLE"])
    return finish()


if __name__ == "__main__":
    sys.exit(main())
