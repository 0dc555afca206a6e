#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Before and after in the window: test-diff.py AFTERGLOW AFTERGLOW_CLI SCHEMAS SOURCE SHOTS

Two folded files with a planted change, and two times of one recording. Numbers that the window shows are compared with the command's; what can be done
is done by keys, the pointer and accessibility."""
import csv
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "cli")]
import desktop  # noqa: E402
from changes import BUTTONS, SPACES, STACKS, answered, chosen, panes, start, windows, write  # noqa: E402
from tap import plan, report  # noqa: E402

PROGRAM, CLI, SCHEMAS, SOURCE, SHOTS = (os.path.abspath(path) for path in sys.argv[1:6])
EXAMPLE = os.path.join(SOURCE, "data", "examples", "orders.data")


def cli(*arguments):
    return subprocess.run([CLI, *arguments], capture_output=True, text=True, timeout=60).stdout


def rows(d):
    """Names in the first column of the table, as they stand."""
    table = next((n for n in d.walk() if n.name == "What changed" and n.getRoleName() != "label"), None)
    names = {row[0].split(";")[-1] for row in STACKS} | {"serve", "main", "alpha", "beta", "legacy", "fresh"}
    return [n.name for n in d.walk(table) if n.name in names] if table is not None else []


def states(d, folder, before, after):
    bad = os.path.join(folder, "bad.bin")
    with open(bad, "wb") as file:
        file.write(b"\x00\x01\xff nothing of the kind" * 40)
    report(start(d, after), "a recording opens")
    d.key("7")
    report(d.has("What changed?") is not None, "7 is the page of before and after, which says what it is for")
    d.shot(os.path.join(SHOTS, "diff-empty.png"))
    d.action("compare-path", bad)
    report(d.has("These could not be compared") is not None and d.has("bad.bin") is not None, "a file that cannot be read is told of, by name", d.texts())
    d.shot(os.path.join(SHOTS, "diff-error.png"))
    report(d.click("Back", BUTTONS) and d.has("What changed?") is not None and d.lacks("These could not"), "and left again")
    # A pipe that nobody writes to is read for ever.
    pipe = os.path.join(folder, "pipe.folded")
    os.mkfifo(pipe)
    keeper = os.open(pipe, os.O_RDWR)
    d.action("compare-path", pipe)
    report(d.has("Comparing") is not None, "reading is told of")
    d.shot(os.path.join(SHOTS, "diff-loading.png"))
    cancel = desktop.wait(lambda: next((n for n, name in d.named() if name == "Cancel" and n.getRoleName() in BUTTONS and n.getState().contains(d.atspi.STATE_SENSITIVE)), None))
    report(cancel is not None and cancel.queryAction().doAction(0) and d.has("What changed?") is not None, "and can be cancelled")
    os.close(keeper)
    d.action("compare-path", before)
    report(answered(d), "a comparison can be made after all that")


def words(d, before, after):
    text = cli("diff", "--quiet", before, after)
    finding = desktop.wait(lambda: next((t for t in d.texts() if re.match(r"\d+ grew, ", t)), None))
    report(finding is not None and " ".join(finding.split()) in " ".join(text.split()), "what was found is said as the command says it", (finding, text[:300]))
    report(d.has("whether the recordings differ, not whether the code does") is not None, "and what it cannot say")
    report(d.has("No times: samples are taken as independent") is not None, "and why it is not quite fair")
    report(d.has("before.folded ↔ after.folded") is not None, "both are in the title")


def keys(d):
    d.key("Home")
    report(bool(chosen(d, "all")), "Home chooses the root in both panes", panes(d))
    report(len(panes(d)) == 2, "there are two panes", panes(d))
    d.key("Up", "Up")
    report(bool(chosen(d, "serve")), "Up walks to the widest callee, in both", panes(d))
    d.key("Up")
    first = panes(d)[0]
    report("Depth 3" in desktop.wait(lambda: next((t for t in panes(d) if "Depth 3" in t), None)), "and deeper", panes(d))
    seen = set()
    for _ in range(8):
        seen.add(panes(d)[0].split(": ")[1].split(",")[0])
        d.key("Right")
        desktop.wait(lambda: panes(d)[0] != first, 1)
        first = panes(d)[0]
    report({"compress", "hash", "legacy", "fresh"} <= seen, "Right walks through what is new and what is gone", seen)
    before = panes(d)[0]
    d.key("Return")
    d.xdo("sleep", "0.5")
    d.shot(os.path.join(SHOTS, "diff-zoomed.png"))
    d.key("BackSpace")
    report(panes(d)[0] == before, "Enter and Backspace zoom, the choice stays", panes(d))
    d.key("Home", "Up", "Up", "Up")
    change = panes(d)[0].translate(SPACES)
    report("compress" in change and "grew" in change and re.search(r"\+\d+\.\d pp", panes(d)[0].replace("\u2009", " ")) is not None, "the change is told with its evidence", panes(d))
    d.shot(os.path.join(SHOTS, "diff-side.png"))


def modes(d):
    d.key("v")
    report(bool(desktop.wait(lambda: len(panes(d)) == 1 and "both sides" in panes(d)[0])), "V merges both into one", panes(d))
    d.shot(os.path.join(SHOTS, "diff-merged.png"))
    for width in ("change", "before", "after", "larger"):
        d.key("w")
        d.xdo("sleep", "0.3")
        if width == "change":
            d.shot(os.path.join(SHOTS, "diff-change.png"))
            line = command(d)
            report("--widths change" in line, "W: widths by change", line)
    line = command(d)
    report("--view merged" in line and "--widths" not in line, "W goes round the widths", line)
    d.key("v")
    report(bool(desktop.wait(lambda: not panes(d))), "V again leaves the table alone", panes(d))
    d.shot(os.path.join(SHOTS, "diff-table.png"))
    d.click("Side by Side", BUTTONS)
    report(bool(desktop.wait(lambda: len(panes(d)) == 2)), "a button brings the panes back", panes(d))


READER = """
import gi
gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, GLib, Gtk
Gtk.init()
loop = GLib.MainLoop()
def done(clipboard, result):
    print(clipboard.read_text_finish(result) or "")
    loop.quit()
Gdk.Display.get_default().get_clipboard().read_text_async(None, done)
GLib.timeout_add(5000, loop.quit)
loop.run()
"""


def command(d):
    """The line that Copy as Command gives, as another program pastes it."""
    d.action("copy-command")
    d.has("Command copied")
    return desktop.wait(lambda: subprocess.run(["/usr/bin/python3", "-c", READER], capture_output=True, text=True, timeout=20).stdout.strip(), 10) or ""


def table(d, before, after, folder):
    out = cli("diff", "--quiet", "--csv", before, after)
    wanted = [row for row in csv.DictReader(out.splitlines())]
    matters = [row for row in wanted if row.get("total_matters", row.get("matters", "")) in ("1", "true", "yes")]
    total = desktop.wait(lambda: next((t for t in d.texts() if re.match(r"\d+ of \d+ functions$", t)), None))
    report(total is not None and total.split()[2] == str(len({row["name"] for row in wanted if row.get("kind", "function") == "function"})), "all functions are in the table", (total, len(wanted)))
    report(d.click("What Matters", BUTTONS), "only what matters is asked for")
    count = desktop.wait(lambda: next((t for t in d.texts() if re.match(r"\d+ of \d+ functions$", t) and t != total), None))
    report(count is not None and int(count.split()[0]) < int(total.split()[0]) and "idle" not in rows(d) and "compress" in rows(d), "and is all there is then", (count, rows(d), len(matters)))
    d.click("What Matters", BUTTONS)
    desktop.wait(lambda: "idle" in rows(d))
    names = rows(d)
    report("idle" in names and names.index("compress") < names.index("idle"), "what changed comes first", names)
    node = next(n for n, name in d.named() if name == "hash" and n.getRoleName() == "label")
    box = node.queryComponent().getExtents(d.atspi.WINDOW_COORDS)
    d.xdo("mousemove", str(box.x + 20), str(box.y + box.height // 2), "click", "1")
    report(bool(chosen(d, "hash")), "a row that is clicked is chosen in the panes", panes(d))
    report(d.has("hash on this path:") is not None, "with its evidence below them")
    d.xdo("click", "--repeat", "2", "--delay", "80", "1")
    report(bool(desktop.wait(lambda: len(windows(d)) == 2)), "a double click opens it in both recordings", windows(d))
    d.action("close", window=2)
    desktop.wait(lambda: len(windows(d)) == 1)
    d.xdo("windowfocus", d.window)
    d.key("7")
    report(answered(d) and bool(chosen(d, "hash")), "the page is as it was left", panes(d))


def pointer(d):
    pane = next(n for n in d.walk() if n.getRoleName() == "tree" and (n.name or "").startswith("Flame graph after"))
    box = pane.queryComponent().getExtents(d.atspi.WINDOW_COORDS)
    d.xdo("mousemove", str(box.x + 30), str(box.y + box.height - 30), "click", "1")
    report(bool(chosen(d, "main")), "a click in one pane chooses in both", panes(d))
    d.xdo("click", "--repeat", "3", "--delay", "60", "4")
    d.xdo("sleep", "0.4")
    d.shot(os.path.join(SHOTS, "diff-wheel.png"))
    d.xdo("click", "--repeat", "4", "--delay", "60", "5")


def swapped(d):
    d.key("Home", "Up", "Up", "Up")
    chosen(d, "compress")
    d.key("x")
    report(d.has("after.folded ↔ before.folded") is not None and bool(desktop.wait(lambda: "compress, shrank" in panes(d)[0])), "X swaps the sides: what grew shrank, and stays chosen", panes(d))
    d.key("x")
    report(d.has("before.folded ↔ after.folded") is not None, "and back")


def renamed(d):
    button = d.find("Renamed?", None)
    report(button is not None, "a pair that is likely renamed is proposed", d.texts())
    report(any("alpha" in name for name in rows(d)) and any("beta" in name for name in rows(d)), "and not applied unasked", rows(d))
    d.click("Renamed?", None)
    d.xdo("sleep", "0.4")
    d.shot(os.path.join(SHOTS, "diff-renames.png"))
    report(d.click("Compare alpha and beta as One Function", BUTTONS), "it can be accepted")
    report(bool(desktop.wait(lambda: "alpha" not in rows(d) and "beta" in rows(d))), "then both are one", rows(d))
    line = command(d)
    report("--rename 'alpha=beta'" in line, "which the command knows", line)


def files(d, folder, before, after):
    for ending, start_of in (("svg", b"<?xml"), ("html", b"<!DOCTYPE html"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("csv", b""), ("json", b"{"), ("folded", b"")):
        path = os.path.join(folder, "out." + ending)
        d.action("export-to", path)
        saved = desktop.wait(lambda: os.path.exists(path) and os.path.getsize(path) > 100 and open(path, "rb").read(), 15) or b""
        report(saved.lower().startswith(start_of.lower()) and (ending in ("png", "pdf") or b"compress" in saved), "%s is written" % ending, saved[:80])
    d.action("export-to", "/nowhere/at/all.svg")
    report(d.has("could not be saved") is not None, "what cannot be written is told of")
    line = command(d)
    folder_out = os.path.join(folder, "by-command.svg")
    subprocess.run(["/bin/sh", "-c", line.replace("afterglow-cli", CLI, 1).replace("diff.svg", folder_out)], capture_output=True, timeout=60)
    report(os.path.exists(folder_out) and b"compress" in open(folder_out, "rb").read(), "the copied command does the same", line)


def runs(d, folder):
    for side, action in ((1, "compare-add-before"), (2, "compare-add-after")):
        for run in range(3):
            d.action(action, write(os.path.join(folder, "run-%d-%d.folded" % (side, run)), side, 10 * side + run))
            report(d.has("%d ↔ %d Runs" % ((run + 2, 1) if side == 1 else (4, run + 2)), 15) is not None, "a run more: side %d, run %d" % (side, run + 2))
    report(d.has("Runs are the evidence: 4 against 4", 15) is not None, "with four runs a side, runs are the evidence", d.texts())
    d.shot(os.path.join(SHOTS, "diff-runs.png"))


def selections(d):
    report(start(d, EXAMPLE), "a recording with times opens")
    d.action("query", "--time 0.5,1.5")
    d.action("view", "diff")
    report(d.click("The selected time against the rest", BUTTONS, 10) and answered(d), "a selected time is compared with the rest")
    report(d.has("After: time 0.5–1.5") is not None, "which stands over the panes", [t for t in d.texts() if "After" in t])
    line = command(d)
    report("--after" in line and "--before" in line and line.count("--time") >= 3, "the command has both selections", line)
    d.shot(os.path.join(SHOTS, "diff-selections.png"))


def dropped(d, before, after, shift):
    """A file from another program, with Shift held or on the place that shows itself."""
    report(start(d, after), "a recording opens, to drop another on")
    source = subprocess.Popen(["/usr/bin/python3", os.path.join(os.path.dirname(os.path.abspath(__file__)), "drag-source.py"), before],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    window = desktop.wait(lambda: subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(source.pid)], capture_output=True, text=True).stdout.split()[-1:])
    d.xdo("windowmove", "--sync", window[0] if window else "0", "1100", "100")
    for _ in range(4):
        d.xdo("mousemove", "1150", "150", "sleep", "0.2", "mousedown", "1", "sleep", "0.2")
        for step in range(1, 21):
            d.xdo("mousemove", str(1150 - 22 * step), str(150 + 14 * step), "sleep", "0.03")
        # A drag that begins before the other program has drawn itself takes nothing along; a person tries again.
        if d.has("Compare with this one", 3) is None:
            d.xdo("mouseup", "1", "sleep", "0.5")
            continue
        d.shot(os.path.join(SHOTS, "diff-drop.png"))
        if shift:
            d.xdo("keydown", "shift", "sleep", "0.2", "mousemove", "705", "425", "sleep", "0.3", "mouseup", "1", "sleep", "0.2", "keyup", "shift")
        else:
            box = d.extents("Compare with this one")
            d.xdo("mousemove", str(box[0] + box[2] // 2), str(box[1] + box[3] // 2), "sleep", "0.3", "mousemove_relative", "3", "3", "sleep", "0.3", "mouseup", "1")
        if d.has("Shares of each side", 5):
            break
    report(answered(d) and d.has("before.folded ↔ after.folded") is not None, "dropped %s it is compared" % ("with Shift" if shift else "there"))
    source.terminate()
    source.wait()
    report(d.lacks("Compare with this one", 5) and d.stop(), "the place goes, the window closes")


def main():
    missing = desktop.missing()
    if missing:
        print("1..0 # SKIP diff: no %s here" % missing)
        return 0
    desktop.reexec()
    os.makedirs(SHOTS, exist_ok=True)
    d = desktop.Desktop(PROGRAM, SCHEMAS, os.path.join(SOURCE, "data", "examples"))
    folder = os.path.join(os.environ[desktop.PRIVATE], "recordings")
    os.makedirs(folder)
    before, after = write(os.path.join(folder, "before.folded"), 1), write(os.path.join(folder, "after.folded"), 2)
    try:
        states(d, folder, before, after)
        words(d, before, after)
        keys(d)
        modes(d)
        table(d, before, after, folder)
        pointer(d)
        swapped(d)
        renamed(d)
        files(d, folder, before, after)
        runs(d, folder)
        report(d.stop(), "the window closes")
        dropped(d, before, after, False)
        dropped(d, before, after, True)
        selections(d)
        report(d.stop(), "the window closes")
        report(not d.complaints(), "nothing was complained about", "\n".join(d.complaints()))
    finally:
        d.close()
    plan()
    return 0


sys.exit(main())
