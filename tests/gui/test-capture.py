#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recording from the window: test-capture.py AFTERGLOW AFTERGLOW_CLI SCHEMAS SOURCE SHOTS WORK

A command is launched from the dialog and its graph grows while it runs; it is paused, marked, stopped; a process is attached to; what cannot be recorded is
explained; presets are saved and chosen; what was discarded is gone; what a dead window left is offered; a second recording is compared with the first."""
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
BUTTONS = ("push button", "button")


def recordings(d):
    folder = os.path.join(d.home, "data", "afterglow", "recordings")
    return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".data")) if os.path.isdir(folder) else []


def info(path):
    return json.loads(subprocess.run([CLI, "info", "--json", "--quiet", path], capture_output=True, text=True, timeout=60).stdout)


def named(d):
    """What is in the window that came last, with its name. Others are not looked through: that takes its time."""
    root = d.root()
    for node in d.walk(root.getChildAtIndex(root.childCount - 1)):
        try:
            name = node.name
        except Exception:
            continue
        if name:
            yield node, name


def texts(d):
    return [name.translate(SPACES) for _, name in named(d)]


def has(d, piece, seconds=10.0):
    return desktop.wait(lambda: next((text for text in texts(d) if piece in text), None), seconds)


def lacks(d, piece, seconds=10.0):
    return desktop.wait(lambda: all(piece not in text for text in texts(d)), seconds)


def says(d, words, seconds=10):
    """Whether just this is said."""
    return desktop.wait(lambda: words in texts(d), seconds)


def matching(d, pattern):
    """The number in the first text that matches."""
    return next((int(found.group(1)) for found in (re.search(pattern, text) for text in texts(d)) if found), -1)


def base(d):
    """Samples that the graph is of."""
    return matching(d, r"^100 % = (\d+) sample")


def counted(d):
    """Samples that the bar of the recording tells."""
    return matching(d, r"^\d+:\d\d · (\d+) sample")


def find(d, name, roles, seconds=10):
    """A control of this name, to which GTK may add that of its label."""
    return desktop.wait(lambda: next((n for n, text in named(d) if (text == name or text.startswith(name + " ") or text.replace("_", "") == name + " " + name)
                                      and n.getRoleName() in roles), None), seconds)


def press(d, name, seconds=10):
    return d.press(find(d, name, ("push button", "button", "radio button", "check box"), seconds))


def fill(d, name, text):
    node = find(d, name, ("text", "entry", "editbar", "text box", "search box"))
    return node is not None and node.queryEditableText().setTextContents(text)


def command(d):
    """The perf command that the dialog shows."""
    return next((text for text in texts(d) if text.startswith("perf record")), "")


def windows(d):
    out = subprocess.run(["gdbus", "introspect", "--session", "--dest", desktop.NAME, "--object-path", desktop.PATH + "/window"], capture_output=True, text=True,
                         timeout=10).stdout
    return sorted(int(number) for number in re.findall(r"node (\d+)", out))


def launched():
    """Processes of the command that is recorded here."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/cmdline" % pid, "rb") as file:
                if file.read().split(b"\0")[:3] == [WORK.encode(), b"for", b"600"]:
                    found.append(int(pid))
        except OSError:
            continue
    return found


def begin(d):
    """Presses Record, which can be pressed as soon as it is known who records; then the dialog is gone."""
    return bool(desktop.wait(lambda: find(d, "Record", BUTTONS, 0) is None or (press(d, "Record", 0) and False), 15))


def ask(d):
    d.action("capture")
    return find(d, "Whole Machine", BUTTONS) is not None


def record(d, line):
    """Launches a command from the dialog."""
    ask(d)
    press(d, "Command")
    fill(d, "Command and its arguments", line)
    return begin(d)


def test_launch(d):
    d.start("--capture")
    report(find(d, "Whole Machine", BUTTONS) is not None, "--capture: asks what to record")
    report(has(d, "No command") is not None, "nothing is chosen, and that is said", texts(d)[-12:])
    d.key("ctrl+Return")
    report(find(d, "Record", BUTTONS) is not None and recordings(d) == [], "so nothing can be recorded")
    # By keyboard alone: the command has the focus.
    d.type(WORK + " for 600")
    report(bool(desktop.wait(lambda: WORK in command(d))), "what is typed is in the perf command", command(d))
    report(has(d, "Can miss anything below") is not None, "what it could miss is said", texts(d)[-30:])
    report(has(d, "no password is needed") is not None, "who records is said")
    report(has(d, "of the CPU time.", 20) is not None, "a probe tells what it costs", texts(d)[-30:])
    d.shot(os.path.join(SHOTS, "capture-dialog.png"))
    d.key("ctrl+Return")
    report(says(d, "Recording", 15), "Ctrl+Return records")
    report(bool(desktop.wait(lambda: base(d) > 0, 30)), "a graph appears while it runs", texts(d)[:40])
    first = base(d)
    report(bool(desktop.wait(lambda: base(d) > first, 20)), "and grows", (first, base(d)))
    report(counted(d) > 0, "the bar counts samples", texts(d)[:40])
    report(fill(d, "What a mark says", "here it hung"), "a mark has a text")
    d.key("ctrl+m")
    report(has(d, "Marked: here it hung") is not None, "Ctrl+M marks")
    d.shot(os.path.join(SHOTS, "capture-running.png"))
    d.key("ctrl+shift+p")
    report(says(d, "Paused"), "Ctrl+Shift+P pauses")
    # What was in the buffers still comes; then nothing more does.
    still = desktop.wait(lambda: (before := counted(d), desktop.wait(lambda: counted(d) != before, 1.6), counted(d) == before and before)[2], 20)
    report(bool(still), "samples stand still", counted(d))
    report(press(d, "Resume") and bool(desktop.wait(lambda: counted(d) > still, 20)), "and go on", (still, counted(d)))
    d.key("ctrl+period")
    report(says(d, "Recorded", 20), "Ctrl+. stops", texts(d)[:20])
    report(bool(desktop.wait(lambda: launched() == [])), "the command ends with its recording", launched())
    path = recordings(d)[-1]
    samples = info(path)["samples"]
    report(bool(desktop.wait(lambda: base(d) == samples, 20)), "all of the recording is shown", (base(d), samples))
    d.action("view", "functions")
    report(has(d, "inner") is not None, "with the function that burnt the time", texts(d)[-40:])
    d.action("view", "warnings")
    report(has(d, "How it was recorded") is not None and has(d, "What it cost") is not None, "the page of warnings tells how it was made and what it cost", texts(d)[-30:])
    report(has(d, "here it hung") is not None, "and what was marked")
    d.shot(os.path.join(SHOTS, "capture-recorded.png"))
    return path


def test_after(d, before):
    """The same once more, beside what is open."""
    first = windows(d)
    d.action("record-after")
    report(has(d, "Record After") is not None and bool(desktop.wait(lambda: WORK in command(d))),
           "Record After: the same plan again", texts(d)[:30])
    begin(d)
    report(says(d, "Recording", 15), "it records")
    second = desktop.wait(lambda: set(windows(d)) - set(first))
    report(bool(second), "in a window of its own", (first, windows(d)))
    desktop.wait(lambda: counted(d) > 300, 20)
    d.action("capture-stop", window=second.pop())
    report(has(d, "before ", 30) is not None and bool(desktop.wait(lambda: any("↔" in text and os.path.basename(before) in text for text in texts(d)), 30)),
           "and is compared with the first", texts(d)[:60])
    d.shot(os.path.join(SHOTS, "capture-after.png"))


def test_attach(d, worker):
    ask(d)
    press(d, "Processes")
    report(fill(d, "Search processes", str(worker.pid)), "processes are searched")
    name = "Record work (%d)" % worker.pid
    report(find(d, name, ("check box",)) is not None, "the one that is meant is listed", [t for t in texts(d) if t.startswith("Record ")])
    press(d, name)
    report(has(d, "1 chosen: work (%d)" % worker.pid) is not None, "and chosen", [t for t in texts(d) if "chosen" in t])
    report(bool(desktop.wait(lambda: "--pid=%d" % worker.pid in command(d))), "and in the perf command", command(d))
    d.shot(os.path.join(SHOTS, "capture-processes.png"))
    begin(d)
    report(bool(desktop.wait(lambda: base(d) > 0, 30)), "a process that runs is recorded", texts(d)[:30])
    d.action("view", "functions")
    report(has(d, "inner") is not None, "with its functions")


def test_discard(d):
    n = len(recordings(d))
    d.action("capture-discard")
    report(has(d, "Discard the recording?") is not None, "discarding asks")
    report(press(d, "Discard"), "yes")
    report(has(d, "The recording was discarded", 20) is not None, "it is told")
    report(bool(desktop.wait(lambda: len(recordings(d)) == n - 1, 10)), "the file is gone", recordings(d))
    report(has(d, "Where did the time go?") is not None, "and the window is empty")


def test_refused(d):
    report(record(d, "/no/such/program --at-all"), "a command that is not there")
    report(has(d, "/no/such/program", 20) is not None and not says(d, "Recording", 0.1), "is named in what went wrong", texts(d)[:20])
    d.shot(os.path.join(SHOTS, "capture-refused.png"))
    report(press(d, "Capture…") and find(d, "Whole Machine", BUTTONS) is not None, "and can be put right")
    fill(d, "Command and its arguments", "it's not a line")
    report(has(d, "matching quote") is not None, "a line that no shell would take is refused while it is typed", texts(d)[-40:])


def test_presets(d):
    """In the dialog that is open."""
    press(d, "Command")
    fill(d, "Command and its arguments", WORK)
    report(press(d, "System calls"), "a goal is chosen")
    report(bool(desktop.wait(lambda: "raw_syscalls" in command(d))), "its events are in the perf command", command(d))
    press(d, "Presets")
    fill(d, "Name of the preset", "slow calls")
    report(press(d, "Save the preset"), "a preset is saved")
    report(find(d, "slow calls", BUTTONS) is not None, "and listed")
    d.shot(os.path.join(SHOTS, "capture-presets.png"))
    d.key("Escape")
    press(d, "Where CPU time goes")
    report(bool(desktop.wait(lambda: "raw_syscalls" not in command(d))), "another goal is another command")
    press(d, "Presets")
    report(press(d, "slow calls") and bool(desktop.wait(lambda: "raw_syscalls" in command(d))), "the preset brings it back", command(d))
    press(d, "Presets")
    report(press(d, "Delete “slow calls”") and lacks(d, "slow calls"), "and is deleted")
    d.key("Escape")
    report(press(d, "Cancel") and bool(desktop.wait(lambda: find(d, "Record", BUTTONS, 0) is None)), "the dialog is left")


def test_killed(d):
    ask(d)
    press(d, "Where CPU time goes")
    fill(d, "Command and its arguments", WORK + " for 600")
    begin(d)
    desktop.wait(lambda: base(d) > 0, 30)
    path = recordings(d)[-1]
    d.app.send_signal(signal.SIGKILL)
    d.app.wait()
    d.app = None
    # What it had launched lives on.
    for pid in launched():
        os.kill(pid, signal.SIGTERM)
    d.start()
    report(has(d, os.path.basename(path), 20) is not None and has(d, "was being recorded when Afterglow ended") is not None, "what a dead window recorded is offered",
           texts(d)[:20])
    d.shot(os.path.join(SHOTS, "capture-unfinished.png"))
    report(press(d, "Open It") and bool(desktop.wait(lambda: base(d) > 0, 30)), "and opens", texts(d)[:30])
    report(d.stop(), "the window closes")


def test_no_perf(d):
    d.program = "/usr/bin/env"
    d.start("PATH=" + d.home, PROGRAM, "--capture")
    report(has(d, "There is no perf on this machine", 20) is not None, "without perf it says so", texts(d)[:30])
    fill(d, "Command and its arguments", WORK)
    report(has(d, "perf record --output=perf.data") is not None and has(d, "afterglow-cli record") is not None, "with commands for elsewhere", [t for t in texts(d) if "perf" in t])
    report(has(d, "Drop the recording here") is not None, "and a place for what comes of them")
    d.key("ctrl+Return")
    report(find(d, "Record", BUTTONS, 1) is not None, "nothing can be recorded from here")
    d.shot(os.path.join(SHOTS, "capture-no-perf.png"))
    d.key("Escape")
    report(d.stop(), "the window closes")


def main():
    missing = desktop.missing()
    if missing or not shutil.which("perf"):
        print("1..0 # SKIP capture: no %s here" % (missing or "perf"))
        return 0
    desktop.reexec()
    os.environ["GSETTINGS_BACKEND"] = "keyfile"
    os.makedirs(SHOTS, exist_ok=True)
    probe = os.path.join(os.environ[desktop.PRIVATE], "probe.data")
    subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-o", probe, "--", "true"], capture_output=True, timeout=60)
    if not os.path.exists(probe):
        print("1..0 # SKIP capture: perf cannot record here")
        return 0
    d = desktop.Desktop(PROGRAM, SCHEMAS, os.path.join(SOURCE, "data", "examples"))
    worker = subprocess.Popen([WORK, "for", "300"])
    try:
        path = test_launch(d)
        test_after(d, path)
        report(d.stop(), "the windows close")
        d.start()
        test_attach(d, worker)
        test_discard(d)
        test_refused(d)
        test_presets(d)
        test_killed(d)
        test_no_perf(d)
        report(not d.complaints(), "nothing was complained about", "\n".join(d.complaints()))
    finally:
        worker.kill()
        worker.wait()
        d.close()
    plan()
    return 0


sys.exit(main())
