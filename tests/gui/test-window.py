#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The window, driven as a person would: test-window.py AFTERGLOW AFTERGLOW_CLI SCHEMAS SOURCE SHOTS WORK

Under Xvfb, through the accessibility tree, keys and D-Bus actions. Numbers that the window shows are compared with the command's."""
import json
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "cli")]
import desktop  # noqa: E402
from tap import plan, report, skip  # noqa: E402

PROGRAM, CLI, SCHEMAS, SOURCE, SHOTS, WORK = (os.path.abspath(path) for path in sys.argv[1:7])
EXAMPLE = os.path.join(SOURCE, "data", "examples", "orders.data")
SPACES = str.maketrans({"\u202f": "", "\u2009": "", "\u00a0": ""})


def cli(*arguments):
    return subprocess.run([CLI, *arguments], capture_output=True, text=True, timeout=60).stdout


def base(d):
    text = d.has("100 % = ")
    return text.translate(SPACES) if text else ""


def base_now(d):
    """The base as it stands, without waiting for it."""
    return next((text for text in d.texts() if "100 % = " in text), "").translate(SPACES).replace(" ", "")


def folded():
    rows = [line.rpartition(" ") for line in cli("fold", "--quiet", "--prefix", "none", "--weight", "samples", EXAMPLE).splitlines()]
    return [(stack, int(count)) for stack, _, count in rows]


def test_example(d):
    top = json.loads(cli("top", "--json", "--quiet", "--weight", "samples", EXAMPLE))
    rows = folded()
    total = sum(count for _, count in rows)
    d.start(EXAMPLE)
    report(("100 %% = %d samples of cpu-clock" % total).replace(" ", "") in base(d).replace(" ", ""), "the base stands above the graph", base(d))
    report(d.has("999", 5) is not None, "the title tells rate and duration")
    report(bool(d.flame()) and "Flame graph" in d.flame(), "the graph has a name", d.flame())
    unnamed = [n.getRoleName() for n in d.walk() if n.getRoleName() in ("push button", "button", "toggle button", "check box", "entry", "text")
               and not n.name and not (n.parent is not None and n.parent.name)]
    report(not unnamed, "every control has a name", unnamed)
    d.shot(os.path.join(SHOTS, "flame.png"))

    # Walking by keys, heard by screen readers.
    d.action("view", "flame")
    d.key("Home")
    report(bool(desktop.wait(lambda: d.flame().startswith("all"))), "Home chooses the root", d.flame())
    d.key("Up")
    report(bool(desktop.wait(lambda: "depth 1" in d.flame())), "Up walks to the heaviest callee", d.flame())
    first = d.flame().split(",")[0]
    heaviest = max({s.split(";")[0] for s, _ in rows}, key=lambda f: sum(c for s, c in rows if s.split(";")[0] == f))
    report(first == heaviest, "which is the one with the most samples", (first, heaviest))
    d.key("Right")
    report(bool(desktop.wait(lambda: d.flame().split(",")[0] != first)), "Right walks to its neighbour", d.flame())
    d.key("Left", "Up", "Up")
    report(bool(desktop.wait(lambda: "depth 3" in d.flame())), "and deeper", d.flame())
    chosen = d.flame().split(",")[0]
    report(re.search(r"\d+ of \d+ callees", d.flame()) is not None, "place among siblings is told", d.flame())
    d.key("Return")
    report(bool(desktop.wait(lambda: d.crumbs()[-1] == chosen)), "Enter zooms: the breadcrumbs tell where", d.crumbs())
    d.key("Escape")
    report(bool(desktop.wait(lambda: chosen not in d.crumbs())), "Escape zooms out", d.crumbs())

    # What is chosen elsewhere is brought to where it can be seen.
    narrow, share = min(((s, c / total) for s, c in rows if s.startswith("start_thread;worker_main;") and s.count(";") > 8), key=lambda row: row[1])
    d.action("zoom-reset")
    d.action("select", narrow)
    report(bool(desktop.wait(lambda: len(d.crumbs()) > 1)), "a frame too narrow to see is zoomed to", d.crumbs())
    at = d.crumbs()[-1]
    frames = narrow.split(";")
    place = next((i for i, frame in enumerate(frames) if frame.startswith(at.rstrip("…"))), 0)
    way = ";".join(frames[:place + 1])
    shown = sum(c for s, c in rows if s == way or s.startswith(way + ";")) / total
    report(shown > 0 and share / shown * 700 > 6, "until it is some pixels wide", (at, share, shown))
    d.action("zoom-reset")
    d.action("select", "start_thread;worker_main;handle_request")
    chosen = "handle_request"

    # The query: focus, back, forward, hide, collapse.
    with_it = sum(c for s, c in rows if chosen in s.split(";"))
    d.key("f")
    wanted = "100 %% = %d of %d" % (with_it, total)
    report(bool(desktop.wait(lambda: wanted.replace(" ", "") in base(d).replace(" ", ""))), "F keeps stacks with this function", (base(d), wanted))
    report(d.find("Remove “", None) is not None, "and is a chip")
    d.key("alt+Left")
    report(bool(desktop.wait(lambda: ("%dsamples" % total) in base(d).replace(" ", ""))), "Alt+Left goes back", base(d))
    d.key("alt+Right")
    report(bool(desktop.wait(lambda: wanted.replace(" ", "") in base(d).replace(" ", ""))), "Alt+Right goes forward", base(d))
    report(d.click("Remove “"), "× on the chip")
    report(bool(desktop.wait(lambda: ("%dsamples" % total) in base(d).replace(" ", ""))), "removes it", base(d))
    d.action("select", "start_thread;worker_main;handle_request")
    d.action("hide-frame")
    report(d.has("hide") is not None, "hide is a chip")
    d.action("select", "start_thread;worker_main;price_order")
    report(bool(desktop.wait(lambda: d.flame().startswith("price_order"))), "callees of what is hidden join its caller", d.flame())
    d.action("back")

    # Kinds of code: chosen in the sidebar, from a frame, and left out.
    def kept(*selection):
        return sum(int(line.rpartition(" ")[2]) for line in cli("fold", "--quiet", "--prefix", "none", "--weight", "samples", *selection, EXAMPLE).splitlines())
    kernel, syscalls = kept("--kind", "kernel"), kept("--kind", "syscall")
    d.click("kernel")
    wanted = "100 %% = %d of %d" % (kernel, total)
    report(bool(desktop.wait(lambda: wanted.replace(" ", "") in base(d).replace(" ", ""))), "a kind of code is chosen in the sidebar", (base(d), wanted))
    d.action("back")
    desktop.wait(lambda: ("%dsamples" % total) in base(d).replace(" ", ""))
    frame = next(s[:s.index("do_syscall_64") + len("do_syscall_64")] for s, _ in rows if "do_syscall_64" in s)
    d.action("select", frame)
    desktop.wait(lambda: d.flame().startswith("do_syscall_64"))
    report(d.has("kernel, syscalls") is not None, "details tell what a function does", d.texts())
    d.action("only-kind")
    wanted = "100 %% = %d of %d" % (syscalls, total)
    report(bool(desktop.wait(lambda: wanted.replace(" ", "") in base(d).replace(" ", ""))), "Only This Kind keeps stacks with such code", (base(d), wanted))
    report(d.has("kind syscalls") is not None, "and is a chip in words")
    d.action("palette", "role")
    report(bool(desktop.wait(lambda: "role" in d.state("palette"))), "frames are coloured by what they do", d.state("palette"))
    d.shot(os.path.join(SHOTS, "roles.png"))
    d.action("palette", "kind")
    d.action("hide-kind")
    d.action("select", frame)
    report(bool(desktop.wait(lambda: d.flame() and not d.flame().startswith("do_syscall_64"))), "Hide This Kind takes it out", d.flame())
    d.action("query", "")
    desktop.wait(lambda: ("%dsamples" % total) in base(d).replace(" ", ""))
    d.action("select", "start_thread;worker_main;price_order")
    desktop.wait(lambda: d.flame().startswith("price_order"))
    d.key("r")
    report(bool(desktop.wait(lambda: "true" in d.state("collapse"))), "R collapses recursion", d.state("collapse"))
    d.key("r")
    d.key("c")
    report(d.has("callers first") is not None, "C turns it round")
    d.shot(os.path.join(SHOTS, "inverted.png"))
    d.key("c")
    d.key("i")
    report(bool(desktop.wait(lambda: "true" in d.state("icicle"))), "I hangs icicles", d.state("icicle"))
    d.shot(os.path.join(SHOTS, "icicle.png"))
    d.key("i")

    # Search marks and does not change shares.
    before = base(d)
    d.key("ctrl+f")
    d.type("parse_")
    share = sum(c for s, c in rows if "parse_" in s) / total * 100
    label = d.has("frames match, in")
    report(label is not None and ("%.1f" % share) in label, "search tells its share", (label, share))
    d.key("Return")
    report(d.has("1 of ") is not None, "Enter goes to the first match")
    report(bool(desktop.wait(lambda: "parse_" in d.flame())), "and chooses it", d.flame())
    report(base(d) == before, "the base is as before", (before, base(d)))
    d.shot(os.path.join(SHOTS, "search.png"))
    d.key("ctrl+f")
    d.type("(")
    report(d.has("missing terminating )") is not None, "a wrong regex is told", d.texts())
    d.key("Escape")

    # Letters typed into an entry are letters.
    d.key("ctrl+f")
    d.type("fhr")
    report(d.has("no match") is not None and d.lacks("Remove “"), "letters typed into an entry are letters")
    d.key("Escape")

    # Sidebar.
    report(d.click("sched:sched_switch"), "another event can be chosen")
    report(bool(desktop.wait(lambda: "sched_switch" in base(d))), "and is part of the base", base(d))
    d.action("back")
    desktop.wait(lambda: "sched_switch" not in base(d))

    test_time(d, total)
    test_fields(d)
    test_latency(d)

    # Tables.
    d.key("2")
    name = top["functions"][0]["name"]
    report(d.has(name) is not None, "Functions lists what top lists first", name)
    report(d.has("functions", 5) is not None, "and counts them")
    d.shot(os.path.join(SHOTS, "functions.png"))
    d.key("3")
    report(d.click("Unfold the heaviest path"), "Call Tree unfolds")
    report(d.has("handle_request") is not None, "down to where the weight is")
    d.shot(os.path.join(SHOTS, "tree.png"))
    d.action("select", "start_thread;worker_main;handle_request;price_order")
    d.action("select", "start_thread;compact_table")
    report(d.has("Callers missing here") is not None, "the details of a frame with a torn edge say what is missing")
    d.action("select", "start_thread;worker_main;handle_request;price_order")
    d.key("4")
    report(d.has("Callers: who it works for") is not None and d.has("sort_prices") is not None, "Sandwich shows both sides")
    d.shot(os.path.join(SHOTS, "sandwich.png"))
    d.key("8")
    report(d.has("Frame pointers missed a caller") is not None and d.has("Stacks that are not whole") is not None and d.has("a caller is missing") is not None,
           "Warnings tell where stacks are not whole, by module")
    report(d.has("of the stacks are not whole") is not None, "a banner says that many are not")
    d.shot(os.path.join(SHOTS, "warnings.png"))
    d.key("1")

    # Pictures.
    for ending, magic in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        path = os.path.join(d.home, "picture." + ending)
        d.action("export-to", path)
        ok = desktop.wait(lambda: os.path.exists(path) and os.path.getsize(path) > 1000)
        report(bool(ok) and open(path, "rb").read(8).startswith(magic), "saves " + ending)
    svg = open(os.path.join(d.home, "picture.svg"), encoding="utf-8").read()
    report("handle_request" in svg and subprocess.run(["xmllint", "--noout", os.path.join(d.home, "picture.svg")], check=False).returncode == 0,
           "the SVG holds the view and is well formed")
    d.action("copy-stack")
    report(d.has("Stack copied") is not None, "copying says so")

    # Other windows.
    d.key("ctrl+comma")
    report(d.has("Colour scheme") is not None, "preferences open")
    d.shot(os.path.join(SHOTS, "preferences.png"))
    d.key("Escape")
    d.lacks("Colour scheme")
    d.xdo("windowfocus", d.window)
    d.key("ctrl+question")
    report(d.has("Walk the frames") is not None, "shortcuts open")
    d.key("Escape")
    report(d.stop(), "it ends by itself")


def samples_of(words):
    return int(re.search(r": (\d+) sample", words.translate(SPACES)).group(1))


def test_time(d, total):
    """The time strip: dragging, the keyboard, a period, and what comes back as a query."""
    said = d.has("Time, 0.00")
    report(bool(said) and samples_of(said) == total, "the time strip tells what there is", said)
    left, top, width, height = d.extents("Time, ")
    d.drag(left + width // 4, top + height // 2, left + width // 2, top + height // 2)
    said = d.has("Time, selected")
    report(said is not None, "a drag selects a time", d.texts()[:40])
    chip = d.has("Remove “time ")
    report(chip is not None and "\u2013" in chip, "and is a chip in words", chip)
    kept = "100 %% = %d of %d" % (samples_of(said or ": 0 sample"), total)
    report(bool(desktop.wait(lambda: kept.replace(" ", "") in base(d).replace(" ", ""))), "which keeps the samples that the strip says", (said, base(d)))
    seconds = [float(n) for n in re.findall(r"[\d.]+", (chip or "0 0").translate(SPACES))[:2]]
    cli_kept = json.loads(cli("top", "--json", "--quiet", "--weight", "samples", "--time", "%s,%s" % tuple(seconds), EXAMPLE))["samples"]
    report(cli_kept == samples_of(said or ": 0 sample"), "and that the command counts", (cli_kept, said))
    d.shot(os.path.join(SHOTS, "time.png"))
    d.key("Escape")
    report(bool(desktop.wait(lambda: ("%dsamples" % total) in base(d).replace(" ", ""))), "Escape on the strip takes it back", base(d))
    d.key("Right", "Right", "Right")
    d.key("shift+Right", "shift+Right")
    report(d.has("Remove “time ") is not None, "arrows with Shift select")
    d.key("Escape")
    desktop.wait(lambda: ("%dsamples" % total) in base(d).replace(" ", ""))
    d.key("plus", "plus", "plus", "plus")
    d.action("strip", "rate")
    d.shot(os.path.join(SHOTS, "rate.png"))
    d.action("strip", "hidden")
    report(d.lacks("Time, "), "the strip can be hidden")
    d.action("strip", "heat")
    report(d.has("Time, ") is not None, "and comes back")


def test_fields(d):
    """Conditions, splits and values of fields, in the window that has the example open."""
    d.action("clear-query")
    condition = "prev_comm ~ 'orders*' && prev_state & 1"
    kept = sum(int(row.rpartition(" ")[2]) for row in cli("fold", "--quiet", "--event", "sched:sched_switch", "--where", condition, EXAMPLE).splitlines())
    report(d.click("Fields", ("toggle button", "push button", "button")) and d.has("Only samples where") is not None, "fields can be asked about")
    d.type("prev_state &")
    d.key("Return")
    report(d.has("ends where") is not None, "half a condition is said to be one")
    d.key("ctrl+a")
    d.type(condition)
    d.key("Return")
    report(bool(desktop.wait(lambda: ("%dof" % kept) in base(d).replace(" ", "") and "sched_switch" in base(d))), "a condition selects, with the event that has its field",
           (base(d), kept))
    report(d.has("where prev_comm") is not None, "and is a chip")
    d.action("query", "--event sched:sched_switch --split prev_state --weight field:prev_prio")
    report(d.has("weighed by prev_prio") is not None and d.has("by prev_state") is not None, "weight and split by a field are chips")
    report(bool(desktop.wait(lambda: "of prev_prio" in base(d))), "and the base tells what is counted", base(d))
    d.action("select", "prev_state=S")
    report(bool(desktop.wait(lambda: d.flame().startswith("prev_state=S"))), "each value has its root", d.flame())
    d.action("query", "--event sched:sched_switch")
    desktop.wait(lambda: "of prev_prio" not in base(d))
    d.action("select", "start_thread;worker_main")
    row = d.find("Fields of its samples", None)
    if row is not None:
        box = row.queryComponent().getExtents(d.atspi.WINDOW_COORDS)
        d.xdo("mousemove", str(box.x + 20), str(box.y + 8), "click", "1")
    report(row is not None and d.has(" × ") is not None, "values of a function's fields are counted in the details", [t for t in d.texts() if "Count" in t])
    d.shot(os.path.join(SHOTS, "fields.png"))
    d.action("clear-query")


def test_latency(d):
    """The histogram: what it tells, a brush, words for a range, and slow spans against the rest."""
    kind = json.loads(cli("latency", "--json", "--quiet", "--spans", "handle_request", EXAMPLE))["kinds"][0]
    said = d.has("Histogram of handle_request")
    report(bool(said) and ("n = %d" % kind["spans"]) in said.translate(SPACES), "the histogram tells how many spans there are", said)
    left, top, width, height = d.extents("Histogram of handle_request")
    d.drag(left + width * 7 // 10, top + height // 2, left + width - 3, top + height // 2)
    chip = d.has("Remove “at least ")
    report(chip is not None and d.has("Remove “spans handle_request") is not None, "a brush is part of the query", d.texts()[:40])
    bound = re.search(r"at least ([\d.]+ms)", chip or "at least 0ms").group(1)
    kept = json.loads(cli("top", "--json", "--quiet", "--weight", "samples", "--spans", "handle_request", "--longer", bound, EXAMPLE))["samples"]
    report(bool(desktop.wait(lambda: ("100 %% = %d of" % kept).replace(" ", "") in base(d).replace(" ", ""))), "and keeps the samples that the command keeps",
           (kept, base(d)))
    d.shot(os.path.join(SHOTS, "latency.png"))
    d.key("t")
    wanted = json.loads(cli("latency", "--json", "--quiet", "--spans", "handle_request", "--compare-tail", bound, EXAMPLE))["kinds"][0]["tail"]["sentence"]
    said = d.has("of the time of the slowest")
    report(said == wanted, "slow spans against the rest: the sentence is the command's", (said, wanted))
    report(d.has("__lll_lock_wait") is not None and d.has("more in the slow") is not None, "with the functions behind it")
    d.shot(os.path.join(SHOTS, "slow.png"))
    d.key("1")
    d.action("query", "")
    report(d.lacks("Remove “"), "everything again")


def test_states(d):
    d.start()
    report(d.has("Where did the time go?") is not None, "empty: says what to do")
    report(d.find("Open the Example") is not None or d.find("Open the _Example") is not None, "empty: offers the example")
    d.shot(os.path.join(SHOTS, "empty.png"))
    report(d.stop(), "empty: ends")

    pipe = os.path.join(d.home, "pipe")
    os.mkfifo(pipe)
    keeper = os.open(pipe, os.O_RDWR)
    os.write(keeper, b"main;work 1\n")
    d.start(pipe)
    report(d.has("Opening “pipe”") is not None, "loading: says what")
    d.shot(os.path.join(SHOTS, "loading.png"))
    report(d.click("Cancel"), "loading: Cancel")
    report(d.has("Where did the time go?") is not None, "loading: cancelled")
    os.close(keeper)
    report(d.stop(), "loading: ends")

    garbage = os.path.join(d.home, "garbage.bin")
    with open(garbage, "wb") as file:
        file.write(bytes(range(256)) * 64)
    d.start(garbage)
    report(d.has("could not be shown") is not None, "error: one sentence")
    report(d.has("Open a file written by") is not None, "error: what to do")
    d.shot(os.path.join(SHOTS, "error.png"))
    d.stop()

    part = os.path.join(d.home, "part.data")
    data = open(EXAMPLE, "rb").read()
    with open(part, "wb") as file:
        file.write(data[:len(data) * 6 // 10])
    d.start(part)
    report(d.has("Read as far as it goes") is not None, "partial: banner", d.texts()[:30])
    d.shot(os.path.join(SHOTS, "partial.png"))
    d.stop()

    bare = os.path.join(d.home, "bare.data")
    shutil.copy(EXAMPLE, bare)
    d.start(bare)
    report(d.has("is in code without names") is not None, "unresolved: banner", d.texts()[:30])
    d.action("view", "warnings")
    report(d.has("Modules without all their names") is not None and d.has("Choose a Folder of Binaries") is not None, "unresolved: what would help")
    d.shot(os.path.join(SHOTS, "unresolved.png"))
    d.stop()


def test_files(d):
    text = os.path.join(d.home, "stacks.folded")
    with open(text, "w", encoding="utf-8") as file:
        file.write("main;parse 30\nmain;render;draw 60\nidle 10\n")
    d.start(text)
    report("100samples" in base(d).replace(" ", ""), "folded text opens", base(d))
    d.action("query", "--focus draw")
    report("60of100" in base(d).replace(" ", "") or bool(desktop.wait(lambda: "60of100" in base(d).replace(" ", ""))), "a query in words", base(d))
    d.action("zoom-to", "main;render")
    desktop.wait(lambda: "render" in d.crumbs())
    with open(text, "w", encoding="utf-8") as file:
        file.write("idle 10\nmain;parse 130\nmain;render;draw 60\n")
    report(d.has("The file has changed") is not None, "a changed file is noticed")
    d.action("reload")
    report(bool(desktop.wait(lambda: "60of200" in base(d).replace(" ", ""))), "and read again, the query kept", base(d))
    d.stop()
    d.start(text)
    report(bool(desktop.wait(lambda: "60of200" in base(d).replace(" ", ""))), "the view of a file is remembered", base(d))
    report(bool(desktop.wait(lambda: "render" in d.crumbs())), "its zoom too", d.crumbs())
    d.stop()

    # A query that this file cannot answer is refused; the file is shown.
    d.start("--event", "nonsense", text)
    report("200samples" in base(d).replace(" ", ""), "a query that cannot be answered leaves the file", base(d))
    d.stop()
    d.start("--focus", "parse", text)
    report(bool(desktop.wait(lambda: "130of200" in base(d).replace(" ", ""))), "a query of the command line", base(d))
    d.stop()

    with open(text, "rb") as stdin:
        d.start("-", stdin=stdin)
        report("200samples" in base(d).replace(" ", ""), "standard input opens", base(d))
        d.app.terminate()
        d.app.wait()
        d.app = None

    other = os.path.join(d.home, "other.folded")
    with open(other, "w", encoding="utf-8") as file:
        file.write("main;parse 50\n")
    d.start(text, other)
    report(d.click("Merge"), "two files: asks")
    report(bool(desktop.wait(lambda: "250samples" in base(d).replace(" ", ""))), "merged, weights are added", base(d))
    d.stop()


def test_dialogs(d):
    text = os.path.join(d.home, "chosen.folded")
    with open(text, "w", encoding="utf-8") as file:
        file.write("main;read 30\nmain;write 12\n")
    d.start()
    d.has("Where did the time go?")
    d.key("ctrl+o")
    report(d.has("Open a Recording") is not None or d.find("Open", ("dialog", "file chooser")) is not None, "Ctrl+O asks for a file", d.texts()[:20])
    type_path(d, text, "o")
    report(bool(desktop.wait(lambda: "42samples" in base(d).replace(" ", ""))), "a file chosen in the dialog opens", base(d))
    picture = os.path.join(d.home, "from-dialog.svg")
    d.xdo("windowfocus", d.window)
    d.key("ctrl+e")
    report(d.find("Save", ("push button", "button")) is not None, "Ctrl+E asks where to save", d.texts()[:20])
    type_path(d, picture, "s")
    ok = desktop.wait(lambda: os.path.exists(picture) and b"</svg>" in open(picture, "rb").read())
    report(bool(ok), "the picture is saved where the dialog says", os.listdir(d.home))
    d.xdo("windowfocus", d.window)
    d.key("ctrl+o")
    desktop.wait(lambda: d.find("Open", ("push button", "button"), 0.1))
    d.key("Escape")
    report(d.has("100 % = ") is not None, "a dialog that is cancelled changes nothing")
    report(d.stop(), "dialogs: ends")


def type_path(d, path, mnemonic):
    """Into the file dialog that has the focus: its entry opens at a slash."""
    dialog = desktop.wait(lambda: d.other_window())
    d.xdo("windowfocus", "--sync", dialog or d.window)
    d.key("ctrl+l")
    d.key("ctrl+a")
    d.type(path)
    d.key("Return")
    if not desktop.wait(lambda: not d.other_window(), 2):
        d.key("alt+" + mnemonic)         # a list of recent files keeps Return for itself
        desktop.wait(lambda: not d.other_window(), 5)


def test_drop(d):
    """Files dragged from another program, as a file manager gives them."""
    files = []
    for name, weight in (("one", 30), ("two", 12)):
        files.append(os.path.join(d.home, name + ".folded"))
        with open(files[-1], "w", encoding="utf-8") as file:
            file.write("main;%s %d\n" % (name, weight))
    for chosen, done in ((files[:1], "30samples"), (files, None)):
        d.start()
        d.has("Where did the time go?")
        d.xdo("windowsize", "--sync", d.window, "1000", "900")
        source = subprocess.Popen(["/usr/bin/python3", os.path.join(os.path.dirname(os.path.abspath(__file__)), "drag-source.py"), *chosen],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        window = desktop.wait(lambda: subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(source.pid)], capture_output=True,
                                                     text=True).stdout.split()[-1:])
        if not window:
            report(False, "a program to drag from")
            source.kill()
            return
        d.xdo("windowmove", "--sync", window[0], "1100", "100")
        # A drag that begins before the other program has drawn itself takes nothing along; a person tries again.
        for _ in range(3):
            d.drag(1150, 150, 500, 450)
            if desktop.wait(lambda: done in base_now(d) if done else "Merge" in " ".join(d.texts()), 4):
                break
        if done:
            report(bool(desktop.wait(lambda: done in base(d).replace(" ", ""))), "a file that is dropped opens", base(d))
        else:
            report(d.click("Merge"), "two files that are dropped: asks")
            report(bool(desktop.wait(lambda: "42samples" in base(d).replace(" ", ""))), "and merges them", base(d))
        source.terminate()
        source.wait()
        report(d.stop(), "drop: ends")


def test_source(d):
    """A program that was built with debug information says where its functions are written."""
    recording = os.path.join(d.home, "work.data")
    made = subprocess.run(["perf", "record", "-q", "-g", "-e", "cpu-clock", "-F", "999", "-o", recording, "--", WORK, "spin", "0.3"],
                          capture_output=True, timeout=60)
    if made.returncode != 0 or not os.path.exists(recording):
        skip("source lines", "perf cannot record here")
        return
    line = next(i for i, text in enumerate(open(os.path.join(SOURCE, "tests", "cli", "work.c"), encoding="utf-8"), 1) if re.match(r"main \(", text))
    d.start(recording)
    d.has("100 % = ")
    stack = next(s for s, _ in ((row.rpartition(" ")[0], 0) for row in cli("fold", "--quiet", "--prefix", "none", recording).splitlines())
                 if ";main;" in ";" + s + ";")
    d.action("select", stack[:stack.index("main") + 4] if stack.startswith("main") else stack[:stack.index(";main") + 5])
    report(bool(desktop.wait(lambda: d.flame().startswith("main"))), "main is chosen", d.flame())
    report(d.has("work.c:%d" % line) is not None, "its source stands in the details", [t for t in d.texts() if "ource" in t or ".c:" in t])
    d.shot(os.path.join(SHOTS, "source.png"))
    report(d.stop(), "source: ends")


def main():
    lack = desktop.missing()
    if lack:
        print("1..0 # SKIP window: %s is not installed" % lack)
        return 0
    desktop.reexec()
    os.makedirs(SHOTS, exist_ok=True)
    d = desktop.Desktop(PROGRAM, SCHEMAS, os.path.join(SOURCE, "data", "examples"))
    try:
        for test in (test_example, test_states, test_files, test_dialogs, test_drop, test_source):
            try:
                test(d)
            except Exception as problem:
                report(False, test.__name__, "%s: %s" % (type(problem).__name__, problem))
                d.shot(os.path.join(SHOTS, "failed.png"))
                d.stop()
        complaints = d.complaints()
        report(not complaints, "nothing is complained about", "\n".join(complaints))
    finally:
        d.close()
    plan()
    return 0


sys.exit(main())
