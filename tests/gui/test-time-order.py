#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Threads in the order of time, as a person would walk them: test-time-order.py AFTERGLOW AFTERGLOW_CLI SCHEMAS SOURCE SHOTS

Under Xvfb, by keys, pointer and D-Bus actions; what is heard is compared with what the command prints of the same recording."""
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "cli")]
import desktop  # noqa: E402
from tap import plan, report, skip  # noqa: E402

PROGRAM, CLI, SCHEMAS, SOURCE, SHOTS = (os.path.abspath(path) for path in sys.argv[1:6])
EXAMPLE = os.path.join(SOURCE, "data", "examples", "orders.data")
SPACES = str.maketrans({"\u202f": "", "\u2009": "", "\u00a0": ""})
BEGIN, END = "probe_orders:handle_request", "probe_orders:handle_request__return"


def cli(*arguments):
    return subprocess.run([CLI, *arguments], capture_output=True, text=True, timeout=60).stdout


def lanes(d):
    """What the lanes say they are focused on."""
    node = next((n for n in d.walk() if n.getRoleName() in ("image", "icon") and not n.name.startswith(("Time, ", "Spans", "Histogram"))
                 and re.search(r"lane|, \d+\.\d+s|open$|put away$", n.name.translate(SPACES))), None)
    return node.name.translate(SPACES) if node is not None else ""


def heard(d, pattern, seconds=5):
    """The words of the focus once they are like this."""
    return desktop.wait(lambda: lanes(d) if re.search(pattern, lanes(d)) else None, seconds)


def seen(d):
    """Seconds that are in sight, and their beginning."""
    text = next((t for t in d.texts() if re.search(r" to .*\(.*\).* threads?$", t)), "").translate(SPACES)
    found = re.match(r"([\d.]+)s to ([\d.]+)s", text)
    return (float(found.group(2)) - float(found.group(1)), float(found.group(1)), text) if found else (0, 0, text)


def base(d):
    text = d.has("100 % = ", 5)
    return text.translate(SPACES).replace(" ", "") if text else ""


def requests(tid):
    """(start, end) in ns from the recording's first sample, of the requests of a thread, by the events themselves."""
    stamp = re.compile(r"^\S.*/%d\s+\[\d+\]\s+(\d+)\.(\d+):\s+.*?(\S*handle_request\S*?):" % tid)
    spans, begun = [], []
    text = cli("script", "--quiet", "--event", BEGIN, "--event", END, "--tid", str(tid), EXAMPLE)
    for line in text.splitlines():
        found = stamp.match(line)
        if not found:
            continue
        time = float("%s.%s" % found.group(1, 2))
        if "__return" in found.group(3):
            if begun:
                spans.append((begun.pop(), time))
        else:
            begun.append(time)
    return spans


def test_walk(d):
    d.start(EXAMPLE)
    d.has("100 % = ")
    d.key("5")
    report(d.has("5 threads") is not None, "the fifth page has a lane a thread", seen(d))
    report(d.has("From sched_switch without wake-ups") is not None, "and says where its bands are from", d.texts())
    report(heard(d, r"^Time order of 5 lanes") is not None, "the lanes have a name", lanes(d))
    whole = seen(d)[0]
    d.shot(os.path.join(SHOTS, "time-order.png"))

    # Lanes, busiest first.
    top = json.loads(cli("info", "--json", "--quiet", EXAMPLE))
    d.key("Down")
    report(heard(d, r"^CPUs, 2 lanes.*open$") is not None, "Down begins with the first group", lanes(d))
    d.key("Left")
    report(heard(d, r"put away$") is not None, "Left puts its lanes away", lanes(d))
    d.key("Down")
    report(heard(d, r"^orders \d+, 5 lanes") is not None, "and the next group follows", lanes(d))
    d.key("Down")
    said = heard(d, r"^worker-\d \d+, ")
    report(said is not None, "then the lane of its busiest thread", (lanes(d), top.get("threads")))
    tid = int(re.match(r"worker-\d (\d+)", said or "worker-0 0").group(1))

    # Moments and spans.
    d.key("Home")
    first = heard(d, r"^worker-\d %d, 0\.0" % tid)
    d.key("Right")
    report(heard(d, r"^worker-\d %d, 0\.0" % tid) is not None and desktop.wait(lambda: lanes(d) != first), "Right walks to what comes next", (first, lanes(d)))
    d.key("s")
    said = heard(d, r"handle_request: [\d.]+.s from")
    report(said is not None, "S goes to the request that this is part of", lanes(d))
    truth = requests(tid)
    match = re.search(r"handle_request: ([\d.]+)(µs|ms) from ([\d.]+)s", said or "")
    start = float(match.group(3)) if match else -1
    length = float(match.group(1)) / {"µs": 1e6, "ms": 1e3}[match.group(2)] if match else -1
    report(any(abs(e - s - length) < 0.06 * (e - s) for s, e in truth), "which lasts as long as its events say", (start, length, truth[:4]))
    d.key("Right")
    report(desktop.wait(lambda: "handle_request" in lanes(d) and lanes(d) != said), "Right walks to the next request", (said, lanes(d)))
    d.key("Return")
    report(desktop.wait(lambda: 0 < seen(d)[0] < whole / 50), "Enter brings it into sight alone", seen(d))
    d.key("s")
    report(desktop.wait(lambda: "handle_request:" not in lanes(d) and re.search("Running|Blocked|Left|Waiting", lanes(d))), "S goes on to what its thread did in it", lanes(d))
    d.key("p")
    report(heard(d, r"handle_request: ") is not None, "and P back out to it", lanes(d))
    d.shot(os.path.join(SHOTS, "time-order-span.png"))

    # The function at a moment, and its callers, by keys alone.
    d.key("Home", "g")
    said = desktop.wait(lambda: next((t for t in d.texts() if t.startswith("Chosen: ")), None))
    report(said is not None and d.has("Distinct stacks") is not None, "G chooses the function at the moment, and the details tell it", said)
    d.key("g")
    report(desktop.wait(lambda: any(t.startswith("Chosen: ") and t != said for t in d.texts())), "and again, its caller", said)
    d.key("s")

    # What is chosen becomes the query: a request in which samples were taken.
    for _ in range(20):
        if heard(d, r"[1-9]\d* samples? inside", 0.3):
            break
        d.key("Right")
    before = base(d)
    d.key("ctrl+Return")
    chip = d.has("Remove “time ")
    report(chip is not None and d.has("Remove “thread %d" % tid) is not None, "Ctrl+Enter makes it the query: a time and a thread", [t for t in d.texts() if "Remove" in t])
    times = [float(n) for n in re.findall(r"[\d.]+", (chip or "").translate(SPACES))[:2]]
    if len(times) == 2:
        kept = json.loads(cli("top", "--json", "--quiet", "--weight", "samples", "--time", "%.9f,%.9f" % tuple(times), "--tid", str(tid), EXAMPLE))["samples"]
        report(bool(desktop.wait(lambda: ("=%dof" % kept) in base(d))), "which keeps what the command keeps", (kept, base(d)))
    else:
        report(False, "which keeps what the command keeps", chip)
    d.key("alt+Left")
    report(bool(desktop.wait(lambda: base(d) == before)), "Alt+Left takes it back", base(d))
    d.key("BackSpace")
    report(desktop.wait(lambda: abs(seen(d)[0] - whole) < 0.02 * whole), "Backspace goes back to what was in sight before", seen(d))
    d.key("plus", "plus", "plus", "plus")
    report(desktop.wait(lambda: seen(d)[0] < whole / 4), "plus zooms in", seen(d))
    d.key("0")
    report(desktop.wait(lambda: abs(seen(d)[0] - whole) < 0.02 * whole), "and 0 shows everything", seen(d))


def test_pointer(d):
    """The pointer: a drag in a lane, a click on a frame, and what is told of it."""
    said = lanes(d)
    node = next(n for n in d.walk() if n.name.translate(SPACES) == said)
    box = node.queryComponent().getExtents(d.atspi.WINDOW_COORDS)
    d.action("clear-query")
    # Where the first thread's lane begins: below the axis, the folded CPUs and the group's heading.
    lane = box.y + 20 + 22 + 22
    d.drag(box.x + 300, lane + 22, box.x + 420, lane + 22)
    report(d.has("Remove “time ") is not None and d.has("Remove “thread ") is not None, "a drag in a lane is a time of a thread", [t for t in d.texts() if "Remove" in t])
    d.shot(os.path.join(SHOTS, "time-order-selected.png"))
    report(d.click("Only the Query", ("check box",)) and d.has("1 of 5 threads") is not None, "other lanes can be put away", seen(d))
    d.click("Only the Query", ("check box",))
    d.action("clear-query")
    d.drag(box.x + 300, box.y + 8, box.x + 420, box.y + 8)
    report(d.has("Remove “time ") is not None and d.lacks("Remove “thread ", 3), "a drag along the axis is a time", [t for t in d.texts() if "Remove" in t])
    d.action("clear-query")

    # A frame that is clicked is chosen everywhere: the details tell it, and the flame graph has it.
    for x in range(240, 700, 12):
        d.xdo("mousemove", str(box.x + x), str(lane + 48), "click", "1", "sleep", "0.1")
        if d.has("Distinct stacks", 0.1):
            break
    d.shot(os.path.join(SHOTS, "time-order-clicked.png"))
    report(d.has("Distinct stacks") is not None, "a frame that is clicked is told in the details", d.texts())
    d.key("1")
    report(bool(desktop.wait(lambda: re.match(r"(start_thread|worker_main|handle_request), ", d.flame() or ""))), "and chosen in the flame graph", d.flame())
    d.key("5")

    # Wheel and search.
    whole = seen(d)[0]
    d.xdo("mousemove", str(box.x + 500), str(lane + 30), "click", "4", "click", "4", "click", "4")
    report(desktop.wait(lambda: 0 < seen(d)[0] < whole * 0.7), "the wheel zooms", seen(d))
    d.action("search", "append_log")
    d.has("match, in")
    d.action("view", "time")
    d.key("Home", "n")
    report(heard(d, r"append_log|Running") is not None and desktop.wait(lambda: "append_log" in " ".join(d.texts())), "N goes to the next match", lanes(d))
    d.action("search", "")


def test_elsewhere(d):
    """A time that is chosen elsewhere comes into sight, and everything can be put away at once."""
    d.action("clear-query")
    d.key("0", "Home")
    d.key("plus", "plus", "plus", "plus", "plus", "plus")
    report(desktop.wait(lambda: 0 < seen(d)[0] < 0.5 and seen(d)[1] < 1), "a beginning is looked at", seen(d))
    d.action("query", "--time 3,3.1")
    report(desktop.wait(lambda: 2.9 < seen(d)[1] < 3 and seen(d)[0] < 0.2), "a time chosen elsewhere is brought into sight", seen(d))
    d.action("clear-query")
    d.key("Up", "Up", "Up", "Up", "Up", "Up", "Up", "Up", "shift+Right")
    report(heard(d, r"^CPUs, .*open$") is not None, "Shift+Right on a group opens all", lanes(d))
    d.key("shift+Left", "Down")
    report(heard(d, r"^orders \d+, .*put away$") is not None, "Shift+Left puts all away", lanes(d))
    d.key("Right", "0")


def test_show_span(d):
    """What other views ask for: an interval of a thread."""
    events = cli("script", "--quiet", "--event", BEGIN, EXAMPLE).splitlines()
    stamp = re.search(r"\s(\d+)\.(\d+):", next((line for line in events if "handle_request" in line), ""))
    if stamp is None:
        skip("an interval can be shown", "no text of the events")
        return
    start = int(stamp.group(1)) * 10 ** 9 + int(stamp.group(2).ljust(9, "0")) + 10 ** 9
    d._activate("%s/window/1" % desktop.PATH, "show-span", "(uint64 %d, uint64 %d, uint32 0)" % (start, start + 2000000))
    report(desktop.wait(lambda: abs(seen(d)[0] - 0.0024) < 0.0002), "an interval can be shown: it and a little around it", seen(d))


def test_looks(d):
    d.action("view", "time")
    d.action("close-banner")
    for name, size in (("narrow", (720, 700)), ("small", (480, 520))):
        d.xdo("windowsize", d.window, str(size[0]), str(size[1]), "sleep", "0.3")
        d.shot(os.path.join(SHOTS, "time-order-%s.png" % name))
    d.xdo("windowsize", d.window, "1400", "900", "sleep", "0.2")
    report(not d.complaints(), "the program did not complain", d.complaints())
    report(d.stop(), "and ends by itself")


def test_without_times(d):
    path = os.path.join(d.home, "text.folded")
    open(path, "w", encoding="ascii").write("main;work 3\nmain;rest 1\n")
    d.start(path)
    d.has("100 % = ")
    d.key("5")
    report(d.has("does not say when its samples were taken") is not None, "a recording without times says so", d.texts())
    d.shot(os.path.join(SHOTS, "time-order-none.png"))
    report(not d.complaints() and d.stop(), "without a complaint", d.complaints())


problem = desktop.missing()
if problem:
    print("1..0 # SKIP %s is not installed" % problem)
    sys.exit(0)
desktop.reexec()
os.makedirs(SHOTS, exist_ok=True)
screen = desktop.Desktop(PROGRAM, SCHEMAS, os.path.join(SOURCE, "data", "examples"))
try:
    test_walk(screen)
    test_pointer(screen)
    test_elsewhere(screen)
    test_show_span(screen)
    test_looks(screen)
    test_without_times(screen)
finally:
    screen.close()
plan()
