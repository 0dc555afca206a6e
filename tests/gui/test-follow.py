#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A recording is shown while perf writes it, parts are opened as one, containers are chosen from: test-follow.py AFTERGLOW AFTERGLOW_CLI SCHEMAS
SOURCE SHOTS WORK"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "cli")]
import desktop  # noqa: E402
from tap import plan, report  # noqa: E402

PROGRAM, CLI, SCHEMAS, SOURCE, SHOTS, WORK = (os.path.abspath(path) for path in sys.argv[1:7])
SPACES = str.maketrans({"\u202f": "", "\u2009": "", "\u00a0": ""})


def samples(path):
    return json.loads(subprocess.run([CLI, "info", "--json", "--quiet", path], capture_output=True, text=True, timeout=60).stdout)["samples"]


def base(d):
    """Samples that the window says it shows."""
    text = d.has("100 % = ", 5)
    found = re.search(r"= (\d+) sample", text.translate(SPACES)) if text else None
    return int(found.group(1)) if found else -1


def chosen(d):
    return desktop.wait(lambda: (d.flame() or "").split(",")[0], 5)


def crumb(d):
    """What is zoomed to. The row of crumbs is made anew whenever the tree is."""
    return desktop.wait(lambda: d.crumbs()[-1], 5)


def gone(d, piece, seconds=10):
    """Whether text that may still be in a closed banner shows no more."""
    showing = d.atspi.STATE_SHOWING
    return desktop.wait(lambda: not [n for n in d.walk() if piece in (n.name or "") and n.getState().contains(showing)], seconds)


def way_to_main(path):
    """The stack down to main, as this machine's C library has names for it."""
    text = subprocess.run([CLI, "fold", "--quiet", "--prefix", "none", path], capture_output=True, text=True, timeout=60).stdout
    line = next(line for line in text.splitlines() if "main" in line.rpartition(" ")[0].split(";"))
    frames = line.rpartition(" ")[0].split(";")
    return ";".join(frames[:frames.index("main") + 1])


def following(d, folder):
    path = os.path.join(folder, "making.data")
    perf = subprocess.Popen(["perf", "record", "-q", "-e", "cpu-clock", "-F", "500", "-m", "8", "-g", "-o", path, "--", WORK, "for", "120"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        desktop.wait(lambda: os.path.exists(path) and os.path.getsize(path) > 40000, 30)
        d.start(path)
        d.action("weight", "samples")
        first = base(d)
        report(first > 10, "a recording in the making opens", first)
        report(d.has("still being written, and the view follows it", 30) is not None, "and the window says that it follows it")
        report(bool(desktop.wait(lambda: base(d) > first, 30)), "what perf writes is shown", (first, base(d)))
        d.action("select", way_to_main(path))
        desktop.wait(lambda: chosen(d) == "main")
        d.action("zoom-selected")
        desktop.wait(lambda: crumb(d) == "main")
        before = base(d)
        d.shot(os.path.join(SHOTS, "following.png"))
        report(bool(desktop.wait(lambda: base(d) > before + 20, 30)) and crumb(d) == "main" and chosen(d) == "main",
               "the view stays where it is while it grows", (before, base(d), crumb(d), chosen(d)))
        # A writer that stands still has nothing to add, and nothing is lost or read again.
        perf.send_signal(signal.SIGSTOP)
        desktop.wait(lambda: base(d) == samples(path), 30)
        report(base(d) == samples(path), "all that is in the file is shown", (base(d), samples(path)))
        report(d.click("Hold the View"), "the view can be held")
        report(d.has("the view is held") is not None, "which is said")
        held = base(d)
        perf.send_signal(signal.SIGCONT)
        report(d.has("changed since it was read", 30) is not None and base(d) == held, "then more is only told of", (held, base(d)))
        d.shot(os.path.join(SHOTS, "held.png"))
        report(d.click("Read Again") and bool(desktop.wait(lambda: base(d) > held, 30)), "and read when it is asked for", (held, base(d)))
        d.action("follow")
        perf.send_signal(signal.SIGINT)
        perf.wait(30)
        report(bool(desktop.wait(lambda: base(d) == samples(path), 30)), "the end of the recording is shown", (base(d), samples(path)))
        report(bool(gone(d, "still being written", 30) and gone(d, "Read as far as it goes")), "and that it is one")
        report(crumb(d) == "main", "still in the same place", crumb(d))
        # perf puts another file in its place: that is no continuation.
        subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-F", "500", "-g", "-o", path, "--", WORK], capture_output=True, timeout=60)
        report(d.has("changed since it was read", 30) is not None, "another recording in its place is told of")
    finally:
        if perf.poll() is None:
            perf.send_signal(signal.SIGCONT)
            perf.kill()
            perf.wait()
    report(d.stop(), "the window closes")


def appended(d, folder):
    path = os.path.join(folder, "stacks.folded")
    with open(path, "w", encoding="utf-8") as file:
        file.write("main;work;add 12\nmain;rest 5\n")
    d.start(path)
    report(base(d) == 17, "folded text opens", base(d))
    with open(path, "a", encoding="utf-8") as file:
        file.write("main;work;add 3\nmain;more 10\n")
    report(bool(desktop.wait(lambda: base(d) == 30, 20)), "lines that are appended are shown", base(d))
    report(d.stop(), "the window closes")


def parts(d, folder):
    path = os.path.join(folder, "parts.data")
    subprocess.run(["perf", "record", "-q", "--switch-output=1s", "-e", "cpu-clock", "-F", "500", "-g", "-o", path, "--", WORK, "for", "3"],
                   capture_output=True, timeout=60)
    names = sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.startswith("parts.data."))
    d.start(names[1])
    d.action("weight", "samples")
    report(base(d) == samples(names[1]), "a part opens", base(d))
    report(d.has("one of several parts") is not None, "and says that there are others")
    d.shot(os.path.join(SHOTS, "parts.png"))
    report(d.click("Open All Parts") and bool(desktop.wait(lambda: base(d) == samples(path), 20)), "they open as one", (base(d), samples(path)))
    report(bool(gone(d, "one of several parts")), "of which nothing is missing")
    report(d.stop(), "the window closes")


def containers(d, folder):
    sys.path.insert(0, os.path.join(SOURCE, "tests", "cli"))
    import perfdata as p
    path, ident = os.path.join(folder, "containers.data"), "4f2a1b3c9d0e5f6071829304a5b6c7d8e9f00112233445566778899aabbccdd0"
    writer = p.Writer()
    writer.event(p.IP | p.TID | p.TIME | p.CGROUP, [1])
    groups = ("/system.slice/docker-%s.scope" % ident, "/system.slice/nginx.service", "/user.slice/user-1000.slice/user@1000.service/app.slice/"
              "app-flatpak-org.foo.Bar-1234.scope", "/kubepods/burstable/pod0a1b2c3d-1111-2222-3333-444455556666/%s" % ident)
    for index, group in enumerate(groups):
        writer.record(19, writer.pack("Q", 100 + index) + writer.text(group) + writer.trailer())
        writer.comm(5 + index, 5 + index, "program-%d" % index, time=1)
    for time in range(200):
        index = time % 4 if time % 3 else 0
        writer.record(p.SAMPLE, writer.pack("QIIQQ", 0x1000 + index, 5 + index, 5 + index, 1000000 * (10 + time), 100 + index), misc=2)
    with open(path, "wb") as file:
        file.write(writer.to_bytes())
    d.start(path)
    d.action("weight", "samples")
    report(base(d) == 200 and all(d.has(name) for name in ("docker 4f2a1b3c9d0e", "nginx.service", "org.foo.Bar (Flatpak)", "container 4f2a1b3c9d0e")),
           "containers are called as people call them", [t for t in d.texts() if "docker" in t or "nginx" in t])
    d.action("roots", "cgroup")
    d.action("view", "flame")
    d.key("Home", "Up")
    report(bool(desktop.wait(lambda: chosen(d) == "docker 4f2a1b3c9d0e", 10)), "stacks begin with them", d.flame())
    report(d.has("by container") is not None, "which is a chip")
    d.shot(os.path.join(SHOTS, "containers.png"))
    wanted = int(subprocess.run([CLI, "fold", "--quiet", "--cgroup", "nginx*", "--prefix", "none", path], capture_output=True, text=True).stdout.split()[-1])
    report(d.click("nginx.service", ("check box",)) and bool(desktop.wait(lambda: d.has("%d of 200" % wanted, 1), 10)), "one is chosen from the sidebar",
           [t for t in d.texts() if "100 %" in t])
    d.shot(os.path.join(SHOTS, "container-chosen.png"))
    report(d.stop(), "the window closes")


def main():
    missing = desktop.missing()
    if missing or not shutil.which("perf"):
        print("1..0 # SKIP follow: no %s here" % (missing or "perf"))
        return 0
    desktop.reexec()
    os.makedirs(SHOTS, exist_ok=True)
    d = desktop.Desktop(PROGRAM, SCHEMAS, os.path.join(SOURCE, "data", "examples"))
    folder = os.path.join(os.environ[desktop.PRIVATE], "recordings")
    os.makedirs(folder)
    try:
        subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-o", os.path.join(folder, "probe.data"), "--", "true"], capture_output=True, timeout=60)
        if os.path.exists(os.path.join(folder, "probe.data")):
            following(d, folder)
            parts(d, folder)
        else:
            print("# perf cannot record here: following and parts are left out", flush=True)
        appended(d, folder)
        containers(d, folder)
        report(not d.complaints(), "nothing was complained about", "\n".join(d.complaints()))
    finally:
        d.close()
    plan()
    return 0


sys.exit(main())
