# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways in which chains.c and its companions are built: compilers, what they are told, and where the debug information is.

chains.py SOURCES FOLDER puts files with debug information of each kind into a folder: seeds for tests/fuzz."""
import os
import shutil
import subprocess
import sys
import tempfile

CHOICES = {
    "compiler": ["gcc", "clang"],
    "level": ["-O2", "-O0", "-O3", "-O1"],
    "frame": ["-fomit-frame-pointer", "-fno-omit-frame-pointer"],
    "lto": ["", "-flto"],
    "link": ["-pie", "-no-pie", "-static", "-static-pie"],
    "debug": ["dwarf-5", "dwarf-4", "dwo-5", "dwo-4", "dwp-5", "dwp-4", "debuglink", "zlib", "zstd", "dwz", "stripped"],
}



def run(*command, cwd=None, timeout=300):
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", cwd=cwd, timeout=timeout)
    if done.returncode != 0:
        raise RuntimeError("%s\n%s" % (" ".join(command), done.stderr[-1500:]))


class Impossible(Exception):
    """Not to be had with the tools that are there, or at all."""


def possible(choice):
    split = choice["debug"][:3] in ("dwo", "dwp")
    return not (split and choice["lto"])           # both compilers put the .dwo files of such a program where nothing says


def build(sources, choice, folder):
    """The program, and its two libraries where it can load any."""
    compiler, debug, cxx = choice["compiler"], choice["debug"], {"gcc": "g++", "clang": "clang++"}[choice["compiler"]]
    if shutil.which(cxx) is None:
        raise Impossible("%s is not installed" % cxx)
    static = choice["link"] in ("-static", "-static-pie")
    pic = {"-pie": "-fPIE", "-static-pie": "-fPIE", "-no-pie": "-fno-pie", "-static": "-fno-pie"}[choice["link"]]
    flags = [choice["level"], choice["frame"], pic, "-gdwarf-" + (debug[-1] if debug[-1] in "45" else "4" if debug == "dwz" and compiler == "clang" else "5")]
    flags += [choice["lto"]] if choice["lto"] else []
    flags += ["-gsplit-dwarf"] if debug[:3] in ("dwo", "dwp") else ["-gz=zlib"] if debug == "zlib" else []
    flags += ["-DWITHOUT_LIBRARIES"] if static else []
    linker = [choice["link"]]
    if compiler == "clang" and choice["lto"]:
        if shutil.which("ld.lld") is None:
            raise Impossible("lld is not installed")
        linker.append("-fuse-ld=lld")
    program = os.path.join(folder, "chains")
    run(compiler, *flags, "-c", "-o", "chains.o", os.path.join(sources, "chains.c"), cwd=folder)
    # Of binutils' dwp 2.40 DWARF 5 is the end, and of llvm-dwp 14 that of g++.
    bare = ["-g0"] if debug == "dwp-5" and compiler == "gcc" else []
    run(cxx, "-std=c++20", *flags, *bare, "-c", "-o", "chains-cxx.o", os.path.join(sources, "chains-cxx.cc"), cwd=folder)
    run(cxx, *flags, *linker, "-o", "chains", "chains.o", "chains-cxx.o", "-pthread", cwd=folder)
    libraries = []
    for name in () if static else ("first", "second"):
        libraries.append(os.path.join(folder, name + ".so"))
        run(compiler, *[flag for flag in flags if flag not in ("-fPIE", "-fno-pie", choice["lto"])], "-fPIC", "-shared", "-DWORK=%s_work" % name, "-o", name + ".so",
            os.path.join(sources, "chains-library.c"), cwd=folder)
    files = [program] + libraries
    if debug[:3] == "dwp":
        packer = "llvm-dwp" if compiler == "clang" or debug == "dwp-5" else "dwp"
        if shutil.which(packer) is None:
            raise Impossible("%s is not installed" % packer)
        try:
            run(packer, "-e", program, "-o", program + ".dwp", cwd=folder, timeout=30)
        except subprocess.TimeoutExpired as error:
            raise Impossible("%s does not end" % packer) from error
        for name in ("chains.dwo", "chains-cxx.dwo"):
            if os.path.exists(os.path.join(folder, name)):
                os.unlink(os.path.join(folder, name))
    elif debug in ("debuglink", "stripped"):
        for file in files:
            if debug == "debuglink":
                run("objcopy", "--only-keep-debug", file, file + ".debug")
                run("objcopy", "--strip-all", "--add-gnu-debuglink=" + file + ".debug", file)
            else:
                run("strip", "--strip-debug", file)
    elif debug == "zstd":
        for file in files:
            try:
                run("objcopy", "--compress-debug-sections=zstd", file)
            except RuntimeError as error:
                raise Impossible("objcopy has no zstd") from error
    elif debug == "dwz":
        if shutil.which("dwz") is None:
            raise Impossible("dwz is not installed")
        if static:                                 # what they share must be of two files at least
            shutil.copy(program, program + "-again")
            files.append(program + "-again")
        run("dwz", "-m", os.path.join(folder, "shared.debug"), *files)
    return program, libraries


def seeds(sources, folder):
    for compiler in CHOICES["compiler"]:
        for debug in CHOICES["debug"]:
            choice = {"compiler": compiler, "level": "-O2", "frame": "-fomit-frame-pointer", "lto": "", "link": "-pie", "debug": debug}
            with tempfile.TemporaryDirectory() as directory:
                try:
                    build(sources, choice, directory)
                except (Impossible, RuntimeError) as reason:
                    print("%s %s: %s" % (compiler, debug, reason), file=sys.stderr)
                for name in os.listdir(directory):
                    path = os.path.join(directory, name)
                    if not name.endswith(".o") and os.path.getsize(path) < 200000:
                        shutil.copy(path, os.path.join(folder, "%s-%s-%s" % (compiler, debug, name)))


if __name__ == "__main__":
    seeds(*map(os.path.abspath, sys.argv[1:3]))
