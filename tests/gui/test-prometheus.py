#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service's histogram beside a recording, in the window: test-prometheus.py AFTERGLOW SCHEMAS SOURCE SHOTS REQUESTS

A real Prometheus server scrapes a page while perf records; a door before the server asks for a password, which a real keyring keeps where somebody wants
that, and only there."""
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path[:0] = [os.path.join(HERE, ".."), os.path.join(HERE, "..", "cli")]
import desktop  # noqa: E402
from tap import plan, report, skip  # noqa: E402

desktop.reexec()
import prometheus  # noqa: E402

PROGRAM, SCHEMAS, SOURCE, SHOTS, REQUESTS = (os.path.abspath(path) for path in sys.argv[1:6])
unlocked = False


def record(folder):
    """(path, why not)"""
    path = os.path.join(folder, "requests.data")
    if not shutil.which("perf"):
        return None, "no perf here"
    for what in ("handle_request", "handle_request%return"):
        if subprocess.run(["perf", "probe", "-q", "-x", REQUESTS, "-f", what], capture_output=True, check=False).returncode != 0:
            return None, "no probes here"
    subprocess.run(["perf", "record", "-q", "-k", "CLOCK_MONOTONIC", "-m", "2048", "-e", "probe_requests:*", "-e", "cpu-clock/freq=499/", "-g", "-o", path, "--",
                    REQUESTS, "lock", "12000"], capture_output=True, timeout=120, check=False)
    subprocess.run(["perf", "probe", "-q", "-d", "probe_requests:*"], capture_output=True, check=False)
    return (path, None) if os.path.exists(path) else (None, "perf cannot record here")


def in_dialog(d):
    """The dialog is there and has the keyboard: without a window manager it may have to be given to it."""
    window = d.other_window()
    if window:
        d.xdo("windowfocus", window)
    return window and subprocess.run(["xdotool", "getwindowfocus"], capture_output=True, text=True, check=False).stdout.strip() == window


def type_into(d, text):
    d.key("ctrl+a", "BackSpace")
    d.type(text)


def fill(d, address, promql, *more, last="Return"):
    """The dialog, by keyboard alone."""
    d.action("compare-prometheus")
    if not d.has("Address of a Prometheus server") or not desktop.wait(lambda: in_dialog(d), 20):
        return False
    type_into(d, address)
    if address.startswith("http") and not d.has("PromQL: a histogram's name", 5):
        type_into(d, address)
    d.key("Tab", "Tab")
    type_into(d, promql)
    for step in more:
        step()
    d.key(last)
    return True


def in_view(d):
    return [t for t in d.texts() if "as the service counted it" in t]


def compare(d, folder, server):
    os.makedirs(SHOTS, exist_ok=True)
    opened = fill(d, "http://127.0.0.1:%d" % prometheus.free_port(), "shop_seconds")
    report(opened and d.has("cannot be asked"), "a server that is not there is told in the dialog", d.texts()[:40])
    d.shot(os.path.join(SHOTS, "prometheus-dialog.png"))
    d.key("Escape")
    report(d.lacks("Address of a Prometheus server"), "Escape closes it")
    fill(d, server.url, "shop_seconds")
    report(d.has("shop_seconds over time, as the service counted it", 30), "the service's map stands under the strip", d.texts()[:60])
    seen = d.has("; p99: exact")
    report(seen and "service" in seen, "quantiles side by side", seen)
    verdict = d.has("observations ·")
    report(verdict and "differs from the spans by more than chance" in verdict, "and whether the two differ", verdict)
    d.shot(os.path.join(SHOTS, "prometheus.png"))
    x, y, width, height = d.extents("as the service counted it")
    d.drag(x + width // 4, y + 24, x + width // 2, y + height - 10)
    report(d.has("Time, selected"), "brushing the service's map selects a time", [t for t in d.texts() if "ime" in t][:12])
    during = desktop.wait(lambda: next((t for t in d.texts() if "observations ·" in t and t != verdict), None))
    report(during, "and what is compared is of that time", (verdict, during))
    d.key("e")
    report(d.has("trace_id = "), "E shows an exemplar with its trace", [t for t in d.texts() if "trace" in t.lower()])
    d.shot(os.path.join(SHOTS, "prometheus-exemplar.png"))
    d.key("Escape")
    report(d.lacks("trace_id = "), "Escape closes it")
    report(d.click("Stop comparing with it") and desktop.wait(lambda: not in_view(d)), "it can be closed again", in_view(d))
    path = os.path.join(folder, "page.om")
    with open(path, "wb") as file:
        file.write(server.page)
    fill(d, path, "")
    report(d.has("; p99: exact", 20) and d.has("observations ·"), "a file stands beside it too, without a map", d.texts()[:40])


def passwords(d, server):
    door = prometheus.Door(server.url, user="ann", password="s3cret")
    fill(d, door.url, "shop_seconds")
    report(d.has("wants to know who asks", 30), "a door that asks who it is")
    d.key("Escape")
    d.lacks("Address of a Prometheus server")
    # Down to whom it asks as, one further in the list, and to the two fields that come of it.
    fill(d, door.url, "shop_seconds", lambda: d.key("Tab", "Tab", "space", "Down", "Return"), lambda: desktop.wait(lambda: d.find("User", seconds=0.2)),
         lambda: d.key("Tab", "ctrl+a"), lambda: d.type("ann"), lambda: d.key("Tab"), lambda: d.type("s3cret"))
    came = d.has("shop_seconds over time, as the service counted it", 20)
    report(came, "a user and a password, by keyboard", [t for t in d.texts() if "assword" in t or "ann" in t][:10])
    settings = "".join(open(os.path.join(base, name), "rb").read().decode(errors="replace") for base, _, names in os.walk(os.environ[desktop.PRIVATE])
                       for name in names if os.path.isfile(os.path.join(base, name)) and os.path.getsize(os.path.join(base, name)) < 1000000)
    report("s3cret" not in settings, "a password that was not to be kept is in no file")
    keyring(d, door)
    door.close()


def is_kept(d):
    """A switch slides, and is on only then; Return would turn it off again."""
    switch = d.find("Keep in the Keyring", ("toggle button", "switch", "check box"), seconds=0.2)
    return switch is not None and (switch.getState().contains(d.atspi.STATE_CHECKED) or switch.getState().contains(d.atspi.STATE_PRESSED))


def keyring(d, door):
    """Kept once, it need not be typed again; the keyring is a real one, with a password of its own."""
    if not shutil.which("gnome-keyring-daemon"):
        skip("a password is kept in the keyring", "gnome-keyring is not installed")
        return
    if not unlocked:
        skip("a password is kept in the keyring", "gnome-keyring does not start here")
        return
    fill(d, door.url, "shop_seconds", lambda: d.key("Tab", "Tab", "Tab", "Tab"), lambda: d.type("s3cret"), lambda: d.key("Tab", "Tab", "Tab", "space"), lambda: desktop.wait(lambda: is_kept(d)),
         last="alt+o")
    report(d.lacks("Address of a Prometheus server", 20), "a password is kept in the keyring", d.texts()[-30:])
    before = len(door.seen)
    fill(d, door.url, "shop_seconds", last="alt+o")
    report(d.lacks("Address of a Prometheus server", 20) and len(door.seen) > before and door.seen[-1], "and need not be typed again",
           (door.seen[before:], [t for t in d.texts() if "who asks" in t or "kept" in t]))


def main():
    global unlocked
    if desktop.missing() or prometheus.missing():
        print("1..0 # SKIP %s" % (prometheus.missing() or desktop.missing() + " is not installed"))
        return
    with tempfile.TemporaryDirectory() as folder:
        service = prometheus.Service()
        server = prometheus.Prometheus(folder, [("shop", service.port, "/classic")])
        d = None
        try:
            prometheus.wait(lambda: server.last_scrape("shop_seconds_bucket") > 0, 60)
            path, why = record(folder)
            if path is None:
                print("1..0 # SKIP " + why)
                return
            end = time.time()
            prometheus.wait(lambda: server.last_scrape("shop_seconds_bucket") > end, 60)
            server.page = service.openmetrics()
            d = desktop.Desktop(PROGRAM, SCHEMAS, os.path.join(SOURCE, "data", "examples"), size=(1280, 1000))
            unlocked = shutil.which("gnome-keyring-daemon") and subprocess.run(["gnome-keyring-daemon", "--replace", "--unlock", "--daemonize", "--components=secrets"],
                                                                                input=b"keys", capture_output=True, timeout=20, check=False).returncode == 0
            d.start(path)
            d.has("Latency over time of", 40)
            compare(d, folder, server)
            passwords(d, server)
            report(not d.complaints(), "nothing complains", d.complaints()[:5])
        finally:
            if d is not None:
                d.close()
            server.close()
            service.close()
    plan()


main()
