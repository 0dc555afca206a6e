#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inlined functions and lines of source at places picked by chance, as llvm-symbolizer and addr2line tell them. test-lines.py AFTERGLOW_CLI LINES SOURCES

Programs whose debug information is in each of its forms, this project's own command, and where there are compilers for them, programs in C++, Rust, Go
and D. What both tools say otherwise is a fault; what one of them says otherwise is counted. AFTERGLOW_PLACES says how many places of each."""
import collections
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

from chains import Impossible, build, run
from recorded import finish, report, skip

CLI, LINES, SOURCES = map(os.path.abspath, sys.argv[1:4])
PLACES = int(os.environ.get("AFTERGLOW_PLACES", "1200"))


def ask(command, addresses, form):
    return subprocess.run(command, input="".join(form % address + "\n" for address in addresses), capture_output=True, text=True, errors="replace", timeout=300).stdout


def place(text):
    """A line 0 is none."""
    file, _, line = text.split(" (")[0].rpartition(":")
    return "?" if line in ("0", "?", "") else os.path.normpath(file) + ":" + line


def ours(program, addresses):
    blocks = ask([LINES, program], addresses, "%x").split("\n\n")
    return [[line.rsplit("\t", 1) for line in block.splitlines()] for block in blocks[:len(addresses)]]


def llvm(program, addresses):
    blocks = ask(["llvm-symbolizer", "--no-demangle", "--inlines", "-e", program], addresses, "0x%x").split("\n\n")
    return [list(zip(lines[::2], (text.rsplit(":", 1)[0] for text in lines[1::2]))) for lines in (block.splitlines() for block in blocks[:len(addresses)])]


def binutils(program, addresses):
    found, lines = [], iter(ask(["addr2line", "-a", "-f", "-i", "-e", program], addresses, "0x%x").splitlines())
    for line in lines:
        if re.fullmatch("0x[0-9a-f]{16}", line):
            found.append([])
        else:
            found[-1].append((line, next(lines)))
    return found


def told(answer):
    """Names of the inlined functions, and all lines."""
    return [name for name, _ in answer[:-1]], [place(text) for _, text in answer]


def compare(name, program, inlined=True):
    sections = subprocess.run(["readelf", "-SW", program], capture_output=True, text=True, errors="replace").stdout
    text = re.search(r"\.text\s+PROGBITS\s+([0-9a-f]+)\s+[0-9a-f]+\s+([0-9a-f]+)", sections)
    start, size = (int(number, 16) for number in text.groups())
    chance = random.Random(PLACES)
    addresses = [start + chance.randrange(size) for _ in range(PLACES)]
    counts, wrong = collections.Counter(), []
    for address, own, first, second in zip(addresses, ours(program, addresses), llvm(program, addresses), binutils(program, addresses)):
        own, first, second = told(own), told(first), told(second)
        counts["scoped"] += any("::" in name and not name.startswith("_") for name in own[0])
        # The scopes of what has no name for the linker are told here alone.
        for other in (first, second):
            if len(other[0]) == len(own[0]):
                other[0][:] = [a if a.endswith("::" + b) else b for a, b in zip(own[0], other[0])]
        counts["inlined"] += bool(own[0])
        counts["llvm"] += own != first
        counts["binutils"] += own != second
        if any(own[i] != first[i] and own[i] != second[i] for i in range(2)):
            wrong.append("%x: %s\nllvm-symbolizer: %s\naddr2line: %s" % (address, own, first, second))
    report(len(addresses) == PLACES and not wrong and (counts["inlined"] > 0 or not inlined),
           "%s: %d places, %d with inlined functions, %d named by scopes; llvm-symbolizer otherwise at %d, addr2line at %d"
           % (name, PLACES, counts["inlined"], counts["scoped"], counts["llvm"], counts["binutils"]), "%d wrong\n%s" % (len(wrong), "\n".join(wrong[:3])))


def compare_names(name, program, mangled, filters):
    """All functions of the program, as the language's own tool writes them; without what compilers put behind the names of copies."""
    if shutil.which(filters[0]) is None:
        skip(name, "%s is not installed" % filters[0])
        return
    symbols = subprocess.run(["nm", program], capture_output=True, text=True, timeout=60).stdout
    names = sorted({name for name in re.findall(r"^[0-9a-f]+ [tTwW] (\S+)$", symbols, re.M) if re.match(mangled, name)})
    own, theirs = (subprocess.run(command, input="\n".join(names) + "\n", capture_output=True, text=True, timeout=60).stdout.splitlines()
                   for command in ([LINES, "--names"], filters))
    copies = re.compile(r"\.(\d+|llvm\.\d+)$")
    wrong = [(name, a, b) for name, a, b in zip(names, own, theirs) if a != b and a != copies.sub("", b)]
    report(len(names) > 50 and len(own) == len(theirs) == len(names) and not wrong, "%s: %d names as %s has them" % (name, len(names), filters[0]), wrong[:5])


RUSTC = ["rustc", "-g", "-O", "--crate-name", "names", "-C"]
# Compiler, source, command line; how mangled names begin, and the tool that reads them.
LANGUAGES = {
    "C++": ("g++", "names.cc", ["g++", "-std=c++20", "-g", "-O2", "-o", "gxx"], "_Z", ["c++filt", "-p"]),
    "C++ by clang, sections apart": ("clang++", "names.cc", ["clang++", "-std=c++20", "-g", "-O2", "-ffunction-sections", "-Wl,--gc-sections", "-o", "clangxx"], "_Z",
                                     ["c++filt", "-p"]),
    "Rust": ("rustc", "names.rs", RUSTC + ["symbol-mangling-version=v0", "-o", "rust"], "_R|_Z", ["rustfilt"]),
    "Rust, packed": ("rustc", "names.rs", RUSTC + ["split-debuginfo=packed", "-o", "rust-packed"], "_R|_Z", ["rustfilt"]),
    "Go": ("go", "names.go", ["go", "build", "-o", "go"], r"\w+\.", ["cat"]),
    "D": ("gdc", "names.d", ["gdc", "-g", "-O2", "-o", "d"], "_D", ["c++filt", "-s", "dlang"]),
}


def main():
    if shutil.which("llvm-symbolizer") is None:
        skip("places in source", "llvm-symbolizer is not installed")
        return finish()
    with tempfile.TemporaryDirectory() as directory:
        for number, (compiler, debug, lto) in enumerate((
                ("gcc", "dwarf-5", ""), ("clang", "dwarf-5", ""), ("gcc", "dwarf-4", "-flto"), ("gcc", "dwo-5", ""), ("clang", "dwo-4", ""), ("gcc", "dwp-4", ""),
                ("clang", "dwp-5", ""), ("gcc", "dwz", ""))):
            folder = os.path.join(directory, str(number))
            os.mkdir(folder)
            name = " ".join(filter(None, (compiler, debug, lto)))
            try:
                program = build(SOURCES, {"compiler": compiler, "level": "-O2", "frame": "-fomit-frame-pointer", "lto": lto, "link": "-pie", "debug": debug}, folder)[0]
                compare(name, program)
            except Impossible as reason:
                skip(name, reason)
        compare("this project's command", CLI, inlined=False)
        for name, (compiler, source, command, mangled, filters) in LANGUAGES.items():
            if shutil.which(compiler) is None:
                skip(name, "%s is not installed" % compiler)
                continue
            run(*command, os.path.join(SOURCES, source), cwd=directory)
            compare(name, os.path.join(directory, command[-1]))
            compare_names(name, os.path.join(directory, command[-1]), mangled, filters)
    return finish()


if __name__ == "__main__":
    sys.exit(main())
