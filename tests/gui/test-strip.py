#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times, latencies and spans in the window: test-strip.py AFTERGLOW AFTERGLOW_CLI SCHEMAS SOURCE SHOTS WORK

A baseline, latency over time, the choices of the histogram, single spans and their trees, and spans between two events; by pointer and by keys."""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "cli")]
import desktop  # noqa: E402
from tap import plan, report  # noqa: E402

PROGRAM, CLI, SCHEMAS, SOURCE, SHOTS, WORK = (os.path.abspath(path) for path in sys.argv[1:7])
EXAMPLE = os.path.join(SOURCE, "data", "examples", "orders.data")
SPACES = str.maketrans({"\u202f": "", "\u2009": "", "\u00a0": ""})


def cli(*arguments):
    return json.loads(subprocess.run([CLI, *arguments, "--json", "--quiet", EXAMPLE], capture_output=True, text=True, timeout=60).stdout)


def base_is(d, count):
    wanted = "100%%=%dof" % count
    return bool(desktop.wait(lambda: any(wanted in t.translate(SPACES).replace(" ", "") for t in d.texts())))


def chip(d, piece, seconds_=10.0):
    said = d.has("Remove “" + piece, seconds_)
    return said[len("Remove “"):said.index("”")] if said else None


def seconds(words):
    return re.findall(r"[\d.]+", (words or "0 0").translate(SPACES))[:2]


def test_baseline(d):
    left, top, width, height = d.extents("Time, ")
    d.drag(left + width // 8, top + height // 2, left + width // 4, top + height // 2)
    selected = chip(d, "time ")
    d.xdo("keydown", "shift")
    d.drag(left + width // 2, top + height // 2, left + width * 3 // 4, top + height // 2)
    d.xdo("keyup", "shift")
    marked = chip(d, "baseline ")
    report(selected is not None and marked is not None, "Shift-drag marks a baseline beside the selection", d.texts()[:30])
    report(d.has("with a baseline") is not None, "the strip tells of it")
    d.shot(os.path.join(SHOTS, "baseline.png"))
    words = ("--time", ",".join(seconds(selected)), "--baseline-time", ",".join(seconds(marked)))
    wanted = cli("top", *words)["baseline"]
    d.click("Compare with baseline")
    report(d.has(wanted["sentence"]) is not None, "compared, the sentence is the command's", (wanted["sentence"], [t for t in d.texts() if "baseline" in t]))
    report(d.has("is the unit of evidence") is not None and d.has("Baseline") is not None, "with what evidence is counted in")
    d.shot(os.path.join(SHOTS, "compare-baseline.png"))
    d.action("view", "flame")
    d.action("back")
    report(d.lacks("Remove “baseline"), "Back takes the baseline away again")
    d.action("forward")
    report(d.has("Remove “baseline") is not None, "Forward brings it back")
    d.action("clear-times")
    report(d.lacks("Remove “"), "all times again")

    # By keys alone: select, B, select again, Shift+B.
    press(d, "Time, ")
    d.key("Home", "Right", "Right", "shift+Right", "shift+Right", "shift+Right")
    first = chip(d, "time ")
    d.key("b")
    report(chip(d, "baseline ") == (first or "").replace("time ", "baseline "), "B makes the selection the baseline", (first, chip(d, "baseline ")))
    d.key("End", "Left", "Left", "shift+Left", "shift+Left", "shift+Left")
    report(chip(d, "time ") is not None, "another time is selected")
    d.key("shift+b")
    report(bool(desktop.wait(lambda: any("of recording" in t or "otherwise than the baseline" in t for t in d.texts()))), "Shift+B compares", [t for t in d.texts() if "baseline" in t])
    d.action("view", "flame")
    press(d, "Time, ")
    d.key("Escape", "Escape")
    report(d.lacks("Remove “"), "Escape takes the selection away, then the baseline", [t for t in d.texts() if "Remove" in t])
    d.key("shift+F10")
    report(d.has("Selection as Baseline") is not None and d.has("Rows of the Heat Map") is not None, "the strip has a menu")
    d.key("Escape")
    before = d.extents("Time, ")[3]
    d.action("strip", "rate")
    desktop.wait(lambda: d.extents("Time, ")[3] > before)
    report(d.extents("Time, ")[3] > before, "each event has a lane of its own", (before, d.extents("Time, ")))
    d.shot(os.path.join(SHOTS, "rates.png"))
    d.action("strip", "heat")


def press(d, piece, times=1):
    """With the pointer, in its middle: what is pressed has the focus."""
    left, top, width, height = d.extents(piece)
    d.xdo("mousemove", str(left + width // 2), str(top + height // 2), "click", "--repeat", str(times), "--delay", "80", "1")


def spans_of(said):
    return int(re.search(r"(\d+) span", said.translate(SPACES)).group(1)) if said else -1


def test_map(d):
    said = d.has("Latency over time of handle_request")
    report(said is not None, "latency over time stands under the strip", d.texts()[:30])
    strip, own = d.extents("Time, "), d.extents("Latency over time")
    report(strip[0] == own[0] and strip[2] == own[2] and own[1] > strip[1], "in step with it", (strip, own))
    left, top, width, height = own
    d.drag(left + width // 3, top + 20, left + width // 2, top + height * 6 // 10)
    time, longer = chip(d, "time "), chip(d, "at least ")
    report(time is not None and longer is not None and chip(d, "spans handle_request") is not None, "a rectangle is a time and durations", d.texts()[:30])
    kept = cli("top", "--weight", "samples", "--spans", "handle_request", "--time", ",".join(seconds(time)), "--longer", longer.split()[-1])["samples"]
    report(base_is(d, kept), "and keeps the samples that the command keeps", (kept, [t for t in d.texts() if "100 %" in t]))
    d.shot(os.path.join(SHOTS, "map.png"))
    press(d, "Latency over time")
    d.key("Escape")
    report(d.lacks("Remove “"), "Escape takes it back", [t for t in d.texts() if "Remove" in t])
    d.key("Right", *["Down"] * 14)
    at = d.has("Latency over time, ")
    report(at is not None and spans_of(at) >= 0, "arrows walk its cells", at)
    d.key("shift+Right", "shift+Right", "shift+Up")
    said = desktop.wait(lambda: next((t for t in d.texts() if t.startswith("Latency over time, ") and chip(d, "time ")), None))
    time = chip(d, "time ")
    bounds = [chip(d, "at least ", 1), chip(d, "below ", 1)]
    selection = ["--spans", "handle_request", "--time", ",".join(seconds(time))]
    for word, bound in zip(("--longer", "--shorter"), bounds):
        if bound:
            selection += [word, bound.split()[-1]]
    edge = cli("top", "--weight", "samples", "--span-stacks", "edge", *selection)["samples"] if bounds != [None, None] else -1
    report(said is not None and spans_of(said) == edge, "with Shift they select just the spans that they say", (said, edge, selection))
    d.key("Escape")
    report(d.lacks("Remove “"), "everything again")
    d.action("latency-map")
    report(d.lacks("Latency over time of"), "it can be hidden")
    d.action("latency-map")
    report(d.has("Latency over time of") is not None, "and comes back")


def choose(d, control, place):
    """Of a list that drops down, with keys, as its entries have no action of their own."""
    press(d, control)
    d.xdo("sleep", "0.5")
    for _ in range(8):
        d.key("Up")
    for _ in range(place):
        d.key("Down")
    d.key("Return")
    d.xdo("sleep", "0.3")


def test_histogram(d):
    report(d.has("636") is not None and d.has("(633\u2013640") is not None, "quantiles stand with their intervals", [t for t in d.texts() if "p50" in t])
    d.action("query", "--time 0,0.2")
    report(d.has("not determined: needs \u2265") is not None, "or with what they would need")
    d.action("query", "")
    d.lacks("Remove “")
    choose(d, "Bars of the histogram", 3)
    entry = d.find("Upper bounds of bars", None)
    report(entry is not None, "own bounds can be typed")
    if entry is not None:
        press(d, entry.name)
        d.key("ctrl+a")
        d.type("500us, 1ms, 10ms, 50ms")
        d.key("Return")
    choose(d, "What bars are as high as", 2)
    d.shot(os.path.join(SHOTS, "bounds.png"))
    said = d.has("Histogram of handle_request")
    left, top, width, height = d.extents("Histogram of handle_request")
    d.xdo("mousemove", str(left + width // 2), str(top + height // 2))
    report(said is not None, "the histogram is still there")
    choose(d, "Bars of the histogram", 0)
    entry = d.find("Spans that last", None)
    press(d, entry.name)
    d.key("ctrl+a")
    d.type("\u2265 p99")
    d.key("Return")
    report(chip(d, "at least p99") is not None, "a range can be typed")
    total = cli("top", "--spans", "handle_request", "--longer", "p99", "--span-stacks", "both")["samples"]
    choose(d, "What the graph shows of brushed spans", 2)
    report(chip(d, "stacks: both") is not None and base_is(d, total), "what runs and what waits inside them is chosen beside it", (total, d.texts()[:30]))
    d.shot(os.path.join(SHOTS, "both.png"))
    d.action("query", "")
    d.lacks("Remove “")


def test_spans(d):
    kind = cli("latency", "--spans", "handle_request")["kinds"][0]
    slowest = kind["quantiles"][4]["value_ns"]
    d.action("compare-tail")
    report(d.has("Slowest spans: activate one") is not None, "the slowest spans are listed")
    cell = d.find("%.1f" % (slowest / 1e6), ("label", "table cell", "list item"))
    report(cell is not None, "the slowest first", (slowest, [t for t in d.texts() if "ms" in t][:20]))
    box = cell.queryComponent().getExtents(d.atspi.WINDOW_COORDS)
    d.xdo("mousemove", str(box.x + 10), str(box.y + box.height // 2), "click", "--repeat", "2", "--delay", "80", "1")
    title = d.has("handle_request: ")
    report(title is not None, "one of them is told whole", [t for t in d.texts() if "handle_request" in t])
    report(d.has("Timeline of the span: running") is not None, "with its timeline in words")
    inner = d.find("Off CPU (S)", None)
    report(inner is not None and d.has("worker_main") is not None, "with its waits and its stack", d.texts()[-30:])
    d.shot(os.path.join(SHOTS, "span.png"))
    if inner is not None:
        box = inner.queryComponent().getExtents(d.atspi.WINDOW_COORDS)
        d.xdo("mousemove", str(box.x + 20), str(box.y + box.height // 2), "click", "--repeat", "2", "--delay", "80", "1")
        report(d.has("Off CPU: ") is not None and d.has("Out to handle_request") is not None, "a wait in it is walked to", [t for t in d.texts() if "CPU" in t])
        d.click("Out to handle_request")
        report(d.has("handle_request: ") == title, "and out again", (title, d.has("handle_request: ")))
    d.click("Only This Span")
    report(chip(d, "time ") is not None and chip(d, "thread ") is not None, "its time and thread become the query")
    d.action("query", "")
    d.lacks("Remove “")


def test_dialog(d):
    d.action("spans-between")
    said = d.has(" pairs, half of them")
    report(said is not None and d.has("--spans 'sched:sched_switch..") is not None, "two events are asked for, with what pairs", d.texts()[-20:])
    words = next((t for t in d.texts() if t.startswith("--spans '")), "--spans ''")
    id_ = words.split("'")[1]
    kind = cli("latency", "--spans", id_)["kinds"][0]
    report(said is not None and int(re.match(r"\d+", said.translate(SPACES).replace(" ", "")).group(0)) == kind["spans"], "as many as the command pairs", (said, kind["spans"]))
    d.shot(os.path.join(SHOTS, "spans-dialog.png"))
    d.click("Show Spans")
    report(chip(d, "spans ") is not None and d.has("Histogram of " + id_) is not None, "they are the histogram's", (id_, [t for t in d.texts() if "Histogram" in t]))
    d.action("query", "")


def test_groups(d):
    d.action("clear-query")
    d.action("query", "--spans handle_request --longer 16ms")
    report(d.has("at least 16ms") is not None and d.find("handle_request", ("combo box", "list item", "label")) is not None, "a query may name a kind shorter than the list does")
    d.action("clear-query")
    d.action("compare-tail")
    said = cli("latency", "--spans", "handle_request", "--compare-tail", "p99")["kinds"][0]["tail"]["sentence"]
    report("two groups at" in said and d.has(said) is not None, "a tail that shows nothing says where durations fall into two groups", (said, d.texts()[-60:]))
    d.click("Compare Those of at Least")
    report(d.has("__lll_lock_wait, against") is not None and d.has("Remove “at least 16ms") is not None, "whose difference is a click away", d.texts()[-60:])
    d.action("clear-query")
    d.action("view", "flame")


def test_untimed(d):
    path = os.path.join(d.home, "untimed.folded")
    with open(path, "w", encoding="ascii") as file:
        file.write("main;a;b 10\nmain;c 5\n")
    d.action("open-path", path)
    d.has("100 % = 15")
    d.key("5")
    report(d.has("does not say when its samples were taken") is not None, "without times, the lanes say so")
    d.key("6")
    report(d.has("No spans") is not None, "and keys reach the window from there: no spans, says the next page", d.texts()[-40:])
    d.key("1")


def main():
    lack = desktop.missing()
    if lack:
        print("1..0 # SKIP strip: %s is not installed" % lack)
        return
    desktop.reexec()
    os.makedirs(SHOTS, exist_ok=True)
    d = desktop.Desktop(PROGRAM, SCHEMAS, os.path.join(SOURCE, "data", "examples"))
    try:
        d.start(EXAMPLE)
        d.has("100 % = ")
        d.has("Latency over time of")
        for test in (test_baseline, test_map, test_histogram, test_spans, test_dialog, test_groups, test_untimed):
            try:
                test(d)
            except Exception as problem:
                report(False, test.__name__, "%s: %s" % (type(problem).__name__, problem))
                d.shot(os.path.join(SHOTS, "failed.png"))
                d.action("query", "")
                d.action("view", "flame")
        clean = d.stop()
        report(clean, "it ends by itself")
        report(not d.complaints(), "and has nothing to complain of", d.complaints())
    finally:
        d.close()
        plan()


main()
