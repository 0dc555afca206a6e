#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Both sides on every page: test-both.py AFTERGLOW AFTERGLOW_CLI SCHEMAS SOURCE SHOTS PLANTED

What the call tree and the sandwich tell of a comparison, choices that go from page to page, what is taken away from it; two recordings by perf of a program
whose change is known (planted.c), and containers of one recording."""
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "cli")]
import desktop  # noqa: E402
import perfdata as p  # noqa: E402
from changes import BUTTONS, SPACES, answered, chosen, panes, start, windows, write  # noqa: E402
from tap import plan, report, skip  # noqa: E402

PROGRAM, CLI, SCHEMAS, SOURCE, SHOTS, PLANTED = (os.path.abspath(path) for path in sys.argv[1:7])


def table(d, name):
    """The texts of a table, a list a row: what is read between two names of the first column is of the first."""
    node = desktop.wait(lambda: next((n for n in d.walk() if n.name == name and n.getRoleName() in ("table", "tree table", "list box", "panel", "tree")), None))
    return [n.name.translate(SPACES) for n in d.walk(node) if n.getRoleName() == "label" and n.name] if node is not None else []


def compare(d, before, after):
    report(start(d, after), "a recording opens")
    d.action("compare-path", before)
    return answered(d)


def cells(d, name, row, n=6):
    """What stands in a row behind the name."""
    texts = table(d, name)
    return texts[texts.index(row) + 1:texts.index(row) + 1 + n] if row in texts else []


def is_selected(d, name):
    """Whether the row of this name is."""
    node = next((n for n, text in d.named() if text == name and n.getRoleName() == "label"), None)
    for _ in range(5):
        if node is None or node.getState().contains(d.atspi.STATE_SELECTED):
            break
        node = node.parent
    else:
        node = None
    return node is not None


def point(d, name, *how):
    """Clicks on the row of this name."""
    node = desktop.wait(lambda: next(n for n, text in d.named() if text == name and n.getRoleName() == "label"))
    box = node.queryComponent().getExtents(d.atspi.WINDOW_COORDS)
    d.xdo("mousemove", str(box.x + 10), str(box.y + box.height // 2), "click", *how, "1")


def numbers(row):
    """What the table of changes says, as it is written there."""
    return ["%.1f%%" % (100 * float(row["before_share"])), "%.1f%%" % (100 * float(row["after_share"]))]


# ---- pages of both ----

def tree(d, before, after):
    out = subprocess.run([CLI, "diff", "--quiet", "--json", "--by", "path", before, after], capture_output=True, text=True, timeout=60).stdout
    paths = {row["path"]: row for row in json.loads(out)["paths"]}
    report(compare(d, before, after), "and is compared")
    d.key("Home", "Up", "Up", "Up")
    report(bool(chosen(d, "compress")), "a path is chosen", panes(d))
    d.key("3")
    report(d.has("before.folded ↔ after.folded · Shares") is not None, "the call tree is of both, and says so")
    row = desktop.wait(lambda: cells(d, "Function", "compress")) or []
    report(row[:2] == numbers(paths["main;serve;compress"]) and row[2].startswith("+10.5") and row[5] == "grew", "with before, after, change and evidence", row)
    row = cells(d, "Function", "idle")
    report(row[:2] == numbers(paths["main;idle"]) and "no evidence" in row, "or without", row)
    d.shot(os.path.join(SHOTS, "both-tree.png"))
    point(d, "hash")
    d.key("7")
    report(bool(chosen(d, "hash")), "a row that is chosen there is chosen in the panes", panes(d))
    d.key("3")
    d.action("both-sides")
    report(d.has("Double click or Enter shows the row in the flame graph") is not None and d.lacks("95 % of the Change"), "the switch leaves this recording alone")
    d.shot(os.path.join(SHOTS, "both-tree-alone.png"))
    d.key("v")
    report(d.has("95 % of the Change") is not None, "V brings both back")
    point(d, "main")
    d.key("7")
    report(bool(chosen(d, "main")), "a row higher up is chosen", panes(d))
    d.key("3")
    d.click("Unfold where most has changed")
    report(bool(desktop.wait(lambda: is_selected(d, "serve") and cells(d, "Function", "alpha"))), "and where most has changed can be unfolded")
    d.key("7")
    report(bool(chosen(d, "serve")), "which chooses where it leads to", panes(d))


def sandwich(d):
    d.key("Home", "Up", "Up", "Up")
    chosen(d, "compress")
    d.key("4")
    report(d.has("Callers: who it works for") is not None and bool(desktop.wait(lambda: cells(d, "Caller", "serve"))), "the sandwich is of both", d.texts()[-60:])
    row = cells(d, "Caller", "serve")
    report(row[:2] == ["16.2%", "26.8%"] and row[5] == "grew", "callers with before, after and evidence", row)
    report(d.has("total 16.2") is not None and d.has("self 16.2") is not None, "the function between with its own")
    d.shot(os.path.join(SHOTS, "both-sandwich.png"))
    d.key("7")
    point(d, "legacy")
    chosen(d, "legacy")
    d.key("4")
    report(bool(desktop.wait(lambda: cells(d, "Callee", "walk"))) and "gone" in cells(d, "Callee", "walk"), "what has gone has callees, that are gone", cells(d, "Callee", "walk"))
    point(d, "serve", "--repeat", "2", "--delay", "80")
    report(d.has("total 47.6") is not None, "a double click makes a caller the one between", d.texts()[-40:])


def everywhere(d):
    """Chosen on one page, chosen on the others."""
    d.key("1")
    d.action("select", "main;read")
    d.key("7")
    report(bool(chosen(d, "read")), "a frame of the flame graph is chosen in the panes", panes(d))
    report("Depth 2" in panes(d)[0], "on its path")
    d.action("select", "main;serve;beta;second")
    report(bool(chosen(d, "second")) and "Depth 4" in panes(d)[0], "and further ones", panes(d))
    d.key("Down", "Down")
    chosen(d, "serve")
    d.key("1")
    report(bool(desktop.wait(lambda: "serve" in (d.flame() or ""))), "what is chosen in the panes is chosen in the flame graph", d.flame())
    d.key("2")
    report(d.has("serve") is not None and bool(desktop.wait(lambda: any(n.name and n.getState().contains(d.atspi.STATE_SELECTED) for n in d.walk()))), "and in the table of functions")


def opened(d):
    d.key("7")
    d.key("Home", "Up", "Up", "Up")
    chosen(d, "compress")
    d.key("g")
    report(bool(desktop.wait(lambda: len(windows(d)) == 2, 15)), "G opens it in both recordings", windows(d))
    report(d.state("view") is not None and bool(desktop.wait(lambda: sum("compress" in (n.name or "") and n.getRoleName() == "tree" for n in d.walk()) == 2, 15)),
           "in both it is chosen", [n.name for n in d.walk() if n.getRoleName() == "tree"])
    d.shot(os.path.join(SHOTS, "both-opened.png"))
    d.action("view", "diff")
    d.action("open-in-both")
    d.xdo("sleep", "1")
    report(len(windows(d)) == 2, "a window that shows the other recording is used again", windows(d))
    d.action("close", window=2)
    desktop.wait(lambda: len(windows(d)) == 1)
    d.xdo("windowfocus", d.window)
    d.action("view", "diff")
    # A function that has gone is not in this recording: a filter about it is by its name all the same.
    point(d, "legacy")
    chosen(d, "legacy")
    d.action("hide-frame")
    report(d.has("without legacy") is not None, "what is on the other side alone can be hidden", d.texts()[:60])
    d.action("back")
    report(d.lacks("without legacy"), "and shown again")


# ---- taking it away ----

PICTURE = """
import gi, sys
gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, GLib, Gtk
Gtk.init()
loop = GLib.MainLoop()
def done(clipboard, result):
    texture = clipboard.read_texture_finish(result)
    texture.save_to_png(sys.argv[1])
    loop.quit()
Gdk.Display.get_default().get_clipboard().read_texture_async(None, done)
GLib.timeout_add(8000, loop.quit)
loop.run()
"""


def colours(path):
    """How many pixels of a picture have each colour, by ImageMagick."""
    out = subprocess.run(["convert", path, "-depth", "8", "-format", "%c", "histogram:info:"], capture_output=True, text=True, timeout=60).stdout
    return {m.group(2): int(m.group(1)) for m in re.finditer(r"(\d+):.*?(#[0-9A-F]{6})", out)}


def taken(d, folder, before, after):
    path = os.path.join(folder, "copied.png")
    d.action("view", "diff")
    d.action("copy-picture")
    report(d.has("Picture copied") is not None, "a picture is copied")
    subprocess.run(["/usr/bin/python3", "-c", PICTURE, path], capture_output=True, timeout=20)
    made = os.path.join(folder, "command.png")
    subprocess.run([CLI, "diff", "--quiet", before, after, "-o", made], capture_output=True, timeout=60)
    have, want = (colours(path) if os.path.exists(path) else {}), colours(made)
    orange = lambda seen: sum(n for colour, n in seen.items() if int(colour[1:3], 16) > 0xe0 and int(colour[5:7], 16) < 0x80)  # noqa: E731
    report(orange(want) > 500 and abs(orange(have) - orange(want)) < 0.2 * orange(want), "which is of both sides", (orange(have), orange(want)))
    path = os.path.join(folder, "taken.json")
    damaged = os.path.join(folder, "damaged.folded")
    with open(before, encoding="utf-8") as file, open(damaged, "w", encoding="utf-8") as out:
        out.write(file.read() + "this line has no number\n")
    d.action("compare-path", damaged)
    report(d.has("damaged.folded ↔ after.folded") is not None and answered(d), "a damaged file is compared")
    d.action("export-to", path)
    text = desktop.wait(lambda: os.path.exists(path) and json.load(open(path, encoding="utf-8"))) or {}
    told = json.loads(subprocess.run([CLI, "diff", "--quiet", "--json", damaged, after], capture_output=True, text=True, timeout=60).stdout)
    report(text.get("warnings") == told["warnings"] != [], "JSON has the warnings that the command has", (text.get("warnings"), told["warnings"]))
    report([os.path.basename(f) for f in text.get("files", [])] == [os.path.basename(f) for f in told["files"]], "and the files", text.get("files"))
    d.action("compare-path", before)
    d.has("before.folded ↔ after.folded")
    answered(d)
    d.action("export-folded")
    entry = desktop.wait(lambda: d.other_window())
    report(entry is not None, "folded text asks where to")
    path = os.path.join(folder, "diff.folded")
    d.xdo("windowfocus", entry or "0", "sleep", "0.5")
    d.key("Return")
    saved = desktop.wait(lambda: os.path.exists(path) and open(path, encoding="utf-8").read()) or ""
    subprocess.run([CLI, "diff", "--quiet", before, after, "-o", os.path.join(folder, "command.folded")], capture_output=True, timeout=60)
    report(saved == open(os.path.join(folder, "command.folded"), encoding="utf-8").read() != "", "and is of both sides, as the command's", saved[:200])


def printed(d, folder):
    """Onto a file in the program's folder, by the dialog of printing."""
    d.xdo("windowfocus", d.window)
    d.action("view", "diff")
    d.action("print")
    other = desktop.wait(lambda: d.other_window())
    d.xdo("windowfocus", other or "0", "sleep", "1")
    row = d.find("Print to File", None, 5)
    if row is None:
        d.key("Escape")
        skip("paper", "no printing to files here")
        return
    box = row.queryComponent().getExtents(d.atspi.WINDOW_COORDS)
    d.xdo("mousemove", str(box.x + 30), str(box.y + box.height // 2), "click", "1", "sleep", "0.5")
    d.click("Print", ("push button", "button"))
    path = os.path.join(folder, "output.pdf")
    data = desktop.wait(lambda: b"%%EOF" in open(path, "rb").read() and open(path, "rb").read(), 10)
    streams = b"".join(inflate(part) for part in re.findall(rb"stream\r?\n(.*?)endstream", data or b"", re.S))
    fills = set(re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) rg", streams))
    report(bool(data) and any(float(r) > 0.9 and float(b) < 0.5 for r, _, b in fills) and any(float(b) > 0.85 and float(r) < 0.5 for r, _, b in fills),
           "printed, it has what grew and what shrank", (len(data or b""), sorted(fills)[:20]))


def inflate(part):
    try:
        return zlib.decompress(part)
    except zlib.error:
        return b""


# ---- two real recordings ----

def record(path, compress, others):
    return subprocess.run(["perf", "record", "-q", "-F", "1999", "-g", "-e", "cpu-clock:u", "-o", path, "--", PLANTED, str(compress), str(others), "5000"],
                          capture_output=True, timeout=120).returncode == 0


def planted(d, folder):
    before, after = os.path.join(folder, "before.data"), os.path.join(folder, "after.data")
    if shutil.which("perf") is None or not record(before, 16, 10) or not record(after, 26, 5):
        skip("a real change", "perf cannot record here")
        return
    report(compare(d, before, after), "two recordings by perf are compared")
    # What is called a change is wrong one time in twenty, by intent; with what matters set to a point of share none of forty steps should reach it.
    d.click("Evidence", None)
    d.has("Matters from")
    spin = next(n for n in d.walk() if n.getRoleName() == "spin button" and "Matters from" in (n.name or ""))
    spin.queryValue().currentValue = 1.0
    report(d.has("q < 0.05, ≥ 1 pp") is not None, "what matters is set to a point")
    d.key("Escape")
    d.click("What Matters", BUTTONS)
    count = d.has("3 of ", 10)
    names = [text for text in table(d, "What changed") if text in ("compress", "expand", "collect") or text.startswith("step_")]
    report(count is not None and names[0] == "compress" and sorted(names) == ["collect", "compress", "expand"], "what was changed is all that is called changed, and comes first", names)
    d.shot(os.path.join(SHOTS, "both-planted.png"))
    path = os.path.join(folder, "planted.csv")
    d.action("export-to", path)
    rows = list(csv.DictReader(io.StringIO(desktop.wait(lambda: os.path.exists(path) and open(path, encoding="utf-8").read()) or "")))
    report(len(rows) == 3 and rows[0]["name"] == "compress", "and is taken away so", rows)
    path = os.path.join(folder, "planted.svg")
    d.action("export-to", path)
    text = desktop.wait(lambda: os.path.exists(path) and open(path, encoding="utf-8").read()) or ""
    coloured = set(coloured_names(text))
    report(coloured and coloured == {"compress", "expand", "collect"}, "nothing else is coloured", coloured)
    d.key("Home")
    d.key("3")
    # A C library without symbols is one nameless caller.
    row = desktop.wait(lambda: cells(d, "Function", "__libc_start_call_main") or cells(d, "Function", "main") or cells(d, "Function", "[libc.so.6]"))
    report(bool(row) and "no evidence" in row, "the call tree has its callers without evidence", row)


def coloured_names(svg):
    """Names of frames whose fill is neither grey nor the background."""
    for part in re.findall(r"<g\b[^>]*>(.*?)</g>", svg, re.S):
        fill = re.search(r'<rect\b[^>]*\bfill="#([0-9a-fA-F]{6})"', part)
        title = re.search(r"<title>([^<]*)", part)
        if fill and title:
            red, green, blue = (int(fill.group(1)[i:i + 2], 16) for i in (0, 2, 4))
            if max(red, green, blue) - min(red, green, blue) > 24:
                yield title.group(1).split(" ")[0].split("\n")[0].rstrip(":,")


# ---- containers ----

def containers(d, folder):
    writer = p.Writer()
    writer.event(p.IP | p.TID | p.TIME | p.CGROUP, [1])
    groups = [(100, "/system.slice/docker-%s.scope" % ("a" * 64), 21), (200, "/system.slice/docker-%s.scope" % ("b" * 64), 22), (300, "/user.slice", 23)]
    for ident, path, _ in groups:
        writer.record(19, writer.pack("Q", ident) + writer.text(path) + writer.trailer())
    for _, _, pid in groups:
        writer.comm(pid, pid, "work%d" % pid, time=1)
    for i in range(600):
        ident, _, pid = groups[i % 3]
        writer.record(p.SAMPLE, writer.pack("QIIQQ", 0x1000 + 0x100 * (i % (3 if pid == 21 else 5)), pid, pid, 1000000 * (i + 10), ident), misc=2)
    path = os.path.join(folder, "containers.data")
    with open(path, "wb") as file:
        file.write(writer.to_bytes())
    report(start(d, path), "a recording with containers opens")
    d.action("query", "--cgroup 'docker aaaaaaaaaaaa'")
    d.key("7")
    report(d.click("container docker aaaaaaaaaaaa against all other containers", BUTTONS, 10) and answered(d), "one container is compared with all others", d.texts()[-60:])
    report(d.has("before 400 samples") is not None and d.has("after 200 samples") is not None, "which have what they have", [t for t in d.texts() if "samples" in t])
    d.shot(os.path.join(SHOTS, "both-containers.png"))
    report(d.click("End the Comparison", BUTTONS, 5), "another comparison can be made")
    d.action("query", "--cgroup 'docker aaaaaaaaaaaa' --cgroup 'docker bbbbbbbbbbbb'")
    report(d.click("container docker bbbbbbbbbbbb against container docker aaaaaaaaaaaa", BUTTONS, 10) and answered(d), "one container is compared with another")
    report(d.has("before 200 samples") is not None and d.has("after 200 samples") is not None, "of as many samples", [t for t in d.texts() if "samples" in t])


def main():
    missing = desktop.missing()
    if missing:
        print("1..0 # SKIP both sides: no %s here" % missing)
        return 0
    desktop.reexec()
    os.makedirs(SHOTS, exist_ok=True)
    d = desktop.Desktop(PROGRAM, SCHEMAS, os.path.join(SOURCE, "data", "examples"))
    folder = os.path.join(os.environ[desktop.PRIVATE], "recordings")
    os.makedirs(folder)
    os.chdir(folder)
    before, after = write(os.path.join(folder, "before.folded"), 1), write(os.path.join(folder, "after.folded"), 2)
    try:
        tree(d, before, after)
        sandwich(d)
        everywhere(d)
        opened(d)
        taken(d, folder, before, after)
        printed(d, folder)
        report(d.stop(), "the window closes")
        planted(d, folder)
        report(d.stop(), "the window closes")
        containers(d, folder)
        report(d.stop(), "the window closes")
        report(not d.complaints(), "nothing was complained about", "\n".join(d.complaints()))
    finally:
        d.close()
    plan()
    return 0


sys.exit(main())
