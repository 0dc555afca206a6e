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


def texts(d):
    return [text.translate(SPACES) for text in d.texts()]


def base(d):
    """Samples that the graph is of."""
    return next((int(m.group(1)) for m in (re.search(r"= (\d+) sample", text) for text in texts(d)) if m), -1)


def counted(d):
    """Samples that the bar of the recording tells."""
    return next((int(m.group(1)) for m in (re.search(r"^\d+:\d\d · (\d+) sample", text) for text in texts(d)) if m), -1)


def button(d, name, seconds=10):
    """The button of exactly this name, which GTK may say twice, once with its underline."""
    return desktop.wait(lambda: next((n for n, text in d.named() if (text == name or text.replace("_", "") == name + " " + name) and n.getRoleName() in BUTTONS
                                      and n.getState().contains(d.atspi.STATE_SHOWING)), None), seconds)


def press(d, name, seconds=10):
    """Once it can be pressed."""
    return bool(desktop.wait(lambda: (node := button(d, name, 0.5)) is not None and node.getState().contains(d.atspi.STATE_SENSITIVE)
                             and node.queryAction().doAction(0), seconds))


def field(d, name):
    """A text that is typed into, by its name."""
    return d.find(name, ("text", "entry", "editbar", "text box", "search box"))


def fill(d, name, text):
    node = field(d, name)
    return node is not None and node.queryEditableText().setTextContents(text)


def ask(d):
    d.action("capture")
    return d.find("Whole Machine", BUTTONS) is not None


def record(d, command):
    """Launches a command from the dialog."""
    ask(d)
    fill(d, "Command and its arguments", command)
    return press(d, "Record")


def test_launch(d):
    d.start("--capture")
    report(d.find("Whole Machine", BUTTONS) is not None, "--capture: asks what to record")
    report(button(d, "Record") is not None and not button(d, "Record").getState().contains(d.atspi.STATE_SENSITIVE), "nothing is chosen, so nothing can be recorded")
    # By keyboard alone: the command has the focus.
    d.type(WORK + " for 60")
    report(bool(desktop.wait(lambda: any(WORK in text and text.startswith("perf record") for text in d.texts()))), "what is typed is in the perf command",
           [text for text in d.texts() if text.startswith("perf")])
    report(d.has("can miss anything below") is not None or d.has("miss") is not None, "what it could miss is said", d.texts()[-30:])
    report(d.has("no password is needed") is not None, "who records is said")
    report(d.has("a minute", 20) is not None, "a probe tells what it costs", d.texts()[-30:])
    d.shot(os.path.join(SHOTS, "capture-dialog.png"))
    d.key("ctrl+Return")
    report(d.has("Recording", 15) is not None, "Ctrl+Return records")
    report(bool(desktop.wait(lambda: base(d) > 0, 30)), "a graph appears while it runs", texts(d)[:40])
    first = base(d)
    report(bool(desktop.wait(lambda: base(d) > first, 20)), "and grows", (first, base(d)))
    report(counted(d) > 0, "the bar counts samples", texts(d)[:40])
    report(fill(d, "What a mark says", "here it hung"), "a mark has a text")
    d.key("ctrl+m")
    report(d.has("Marked: here it hung") is not None, "Ctrl+M marks")
    d.shot(os.path.join(SHOTS, "capture-running.png"))
    d.key("ctrl+shift+p")
    report(d.has("Paused") is not None, "Ctrl+Shift+P pauses")
    # What was in the buffers still comes; then nothing more does.
    still = desktop.wait(lambda: (before := counted(d), desktop.wait(lambda: counted(d) != before, 1.6), counted(d) == before and before)[2], 20)
    report(bool(still), "samples stand still", counted(d))
    report(press(d, "Resume") and bool(desktop.wait(lambda: counted(d) > still, 20)), "and go on", (still, counted(d)))
    d.key("ctrl+period")
    report(d.has("Recorded", 20) is not None, "Ctrl+. stops", texts(d)[:20])
    path = recordings(d)[-1]
    samples = info(path)["samples"]
    report(bool(desktop.wait(lambda: base(d) == samples, 20)), "all of the recording is shown", (base(d), samples))
    d.action("view", "functions")
    report(d.has("inner") is not None, "with the function that burnt the time", d.texts()[-40:])
    d.action("view", "warnings")
    report(d.has("How it was recorded") is not None and d.has("What it cost") is not None, "the page of warnings tells how it was made and what it cost", d.texts()[-30:])
    report(d.has("here it hung") is not None, "and what was marked")
    d.shot(os.path.join(SHOTS, "capture-recorded.png"))
    return path


def test_after(d, before):
    """The same once more, beside what is open."""
    windows = 2
    d.action("record-after")
    report(d.has("Record After") is not None and d.find(WORK, None) is not None, "Record After: the same plan again", d.texts()[:30])
    desktop.wait(lambda: any(WORK in text and text.startswith("perf record") for text in d.texts()))
    press(d, "Record")
    report(d.has("Recording", 15) is not None, "it runs in a window of its own")
    desktop.wait(lambda: "capture-stop" in d.state("capture-stop", windows) or True, 5)
    desktop.wait(lambda: counted(d) > 300, 20)
    d.action("capture-stop", window=windows)
    report(d.has("before ", 30) is not None and bool(desktop.wait(lambda: any("↔" in text and os.path.basename(before) in text for text in d.texts()), 30)),
           "and is compared with the first", d.texts()[:60])
    d.shot(os.path.join(SHOTS, "capture-after.png"))


def test_attach(d, worker):
    ask(d)
    d.click("Processes", BUTTONS)
    report(fill(d, "Search processes", str(worker.pid)), "processes are searched")
    name = "Record work (%d)" % worker.pid
    report(d.find(name, ("check box",)) is not None, "the one that is meant is listed", [t for t in d.texts() if t.startswith("Record ")])
    d.click(name, ("check box",))
    report(d.has("1 chosen: work (%d)" % worker.pid) is not None, "and chosen", [t for t in d.texts() if "chosen" in t])
    report(bool(desktop.wait(lambda: any("-p %d" % worker.pid in text or "--pid" in text for text in d.texts()))), "and in the perf command",
           [text for text in d.texts() if text.startswith("perf")])
    d.shot(os.path.join(SHOTS, "capture-processes.png"))
    press(d, "Record")
    report(bool(desktop.wait(lambda: base(d) > 0, 30)), "a process that runs is recorded", texts(d)[:30])
    d.action("view", "functions")
    report(d.has("inner") is not None, "with its functions")


def test_discard(d):
    n = len(recordings(d))
    d.action("capture-discard")
    report(d.has("Discard the recording?") is not None, "discarding asks")
    report(press(d, "Discard"), "yes")
    report(d.has("The recording was discarded", 20) is not None, "it is told")
    report(bool(desktop.wait(lambda: len(recordings(d)) == n - 1, 10)), "the file is gone", recordings(d))
    report(d.has("Where did the time go?") is not None, "and the window is empty")


def test_refused(d):
    report(record(d, "/no/such/program --at-all"), "a command that is not there")
    report(d.has("/no/such/program", 20) is not None and d.lacks("Recording", 5), "is named in what went wrong", d.texts()[:20])
    d.shot(os.path.join(SHOTS, "capture-refused.png"))
    report(press(d, "Capture…") and d.find("Whole Machine", BUTTONS) is not None, "and can be put right")
    fill(d, "Command and its arguments", "it's not a line")
    report(d.has("quot", 5) is not None or d.has("Unmatched", 5) is not None, "a line that no shell would take is refused while it is typed", d.texts()[-40:])


def test_presets(d):
    """In the dialog that is open."""
    fill(d, "Command and its arguments", WORK)
    report(d.click("System calls", ("radio button", "check box")), "a goal is chosen")
    report(d.has("syscalls:sys_enter") is not None or d.has("raw_syscalls") is not None, "its events are in the perf command", [t for t in d.texts() if "perf record" in t])
    d.click("Presets", BUTTONS)
    fill(d, "Name of the preset", "slow calls")
    report(press(d, "Save the preset"), "a preset is saved")
    report(button(d, "slow calls") is not None, "and listed")
    d.shot(os.path.join(SHOTS, "capture-presets.png"))
    d.key("Escape")
    d.click("Where CPU time goes", ("radio button", "check box"))
    report(d.lacks("raw_syscalls"), "another goal is another command")
    d.click("Presets", BUTTONS)
    report(press(d, "slow calls") and d.has("raw_syscalls") is not None, "the preset brings it back", [t for t in d.texts() if "perf record" in t])
    d.click("Presets", BUTTONS)
    report(press(d, "Delete “slow calls”") and d.lacks("slow calls"), "and is deleted")
    d.key("Escape")
    report(d.click("Cancel"), "the dialog is left")


def test_killed(d):
    record(d, WORK + " for 60")
    desktop.wait(lambda: base(d) > 0, 30)
    path = recordings(d)[-1]
    d.app.send_signal(signal.SIGKILL)
    d.app.wait()
    d.app = None
    d.start()
    report(d.has(os.path.basename(path), 20) is not None and d.has("was being recorded when Afterglow ended") is not None, "what a dead window recorded is offered",
           d.texts()[:20])
    d.shot(os.path.join(SHOTS, "capture-unfinished.png"))
    report(press(d, "Open It") and bool(desktop.wait(lambda: base(d) > 0, 30)), "and opens", texts(d)[:30])
    report(d.stop(), "the window closes")


def test_no_perf(d):
    os.environ["AFTERGLOW_PERF"] = "/no/perf/here"
    d.start("--capture")
    report(d.has("There is no perf on this machine", 20) is not None, "without perf it says so", d.texts()[:30])
    fill(d, "Command and its arguments", WORK)
    report(d.has("sudo perf record") is not None and d.has("afterglow-cli record") is not None, "with commands for elsewhere", [t for t in d.texts() if "perf" in t])
    report(d.has("Drop the recording here") is not None, "and a place for what comes of them")
    report(not button(d, "Record").getState().contains(d.atspi.STATE_SENSITIVE), "nothing can be recorded from here")
    d.shot(os.path.join(SHOTS, "capture-no-perf.png"))
    del os.environ["AFTERGLOW_PERF"]
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
