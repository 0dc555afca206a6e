#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names from a debuginfod server, asked for in the window: test-fetch.py AFTERGLOW AFTERGLOW_CLI SCHEMAS SOURCE SHOTS

A program is built, stripped, recorded and moved away; a real debuginfod serves what was stripped. Nothing may be asked before somebody agreed, names fill in
without the file being read again, a server that does not answer holds nothing up, and what was answered is remembered."""
import http.server
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "cli")]
import desktop  # noqa: E402
from tap import plan, report  # noqa: E402

PROGRAM, CLI, SCHEMAS, SOURCE, SHOTS = (os.path.abspath(path) for path in sys.argv[1:6])
CODE = """
__attribute__((noinline)) int hot_inner (int x) { for (volatile int i = 0; i < 1000; i++) x += i * x; return x; }
__attribute__((noinline)) int hot_outer (int x) { int sum = 0; for (int i = 0; i < 4000; i++) sum += hot_inner (x + i); return sum; }
int main (int argc, char **argv) { int sum = 0; for (int i = 0; i < 40; i++) sum += hot_outer (i); return sum == 42; }
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def make_recording(folder):
    """A recording whose program is gone, and an archive with what a server needs to name it. None where perf cannot record here."""
    served, path, data, tree = (os.path.join(folder, name) for name in ("served", "busy", "busy.data", "tree"))
    for inside in ("served", "tree/usr/bin", "tree/usr/src/afterglow-busy"):
        os.makedirs(os.path.join(folder, inside), exist_ok=True)
    with open(path + ".c", "w", encoding="utf-8") as file:
        file.write(CODE)
    subprocess.run(["gcc", "-O1", "-g", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-Wl,--build-id",
                    "-ffile-prefix-map=%s=/usr/src/afterglow-busy" % folder, path + ".c", "-o", path], check=True, cwd=folder)
    shutil.copy(path, os.path.join(tree, "usr/bin/busy"))
    shutil.copy(path + ".c", os.path.join(tree, "usr/src/afterglow-busy"))
    subprocess.run(["tar", "-C", tree, "-cf", os.path.join(served, "busy.tar"), "./usr"], check=True)
    subprocess.run(["strip", "-s", path], check=True)
    made = subprocess.run(["perf", "record", "-q", "-g", "-e", "cpu-clock:u", "-F", "999", "--buildid-mmap", "-o", data, "--", path], capture_output=True,
                          timeout=60)
    os.rename(path, path + ".gone")
    return (data, served) if made.returncode == 0 and os.path.exists(data) else None


class Server:
    """A real debuginfod; its log says what it was asked."""

    def __init__(self, folder, served):
        self.port, self.log = free_port(), os.path.join(folder, "debuginfod.log")
        self.url = "http://127.0.0.1:%d" % self.port
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(["debuginfod", "-v", "-p", str(self.port), "-d", ":memory:", "-Z", ".tar", served], stdout=log, stderr=log,
                                            env={k: v for k, v in os.environ.items() if k != "DEBUGINFOD_URLS"})
        desktop.wait(lambda: "groomed" in open(self.log, encoding="utf-8", errors="replace").read(), 30)

    def requests(self):
        return re.findall(r"GET (/buildid/\S+)", open(self.log, encoding="utf-8", errors="replace").read())

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Silent(http.server.BaseHTTPRequestHandler):
    """Takes questions and answers none."""
    asked = 0

    def do_GET(self):
        Silent.asked += 1
        time.sleep(40)

    def log_message(self, *arguments):
        pass


def is_named(d):
    d.action("view", "functions")
    return d.has("hot_inner", 0.5) is not None


def start(d, data, url, cache, setting=None):
    os.environ["DEBUGINFOD_CACHE_PATH"] = cache
    os.environ["DEBUGINFOD_TIMEOUT"] = "60"
    os.environ["DEBUGINFOD_URLS"] = url
    if setting is not None:
        subprocess.run(["gsettings", "set", desktop.NAME, "debuginfod", setting], check=True)
    d.start(data)
    d.has("100 % = ")


def test_ask(d, data, server):
    start(d, data, server.url, os.path.join(d.home, "cache-ask"))
    report(d.has("A debuginfod server may have them") is not None, "the banner asks", d.texts()[:30])
    report(d.find("Fetch Names…", ("push button", "button")) is not None, "and has a button")
    d.shot(os.path.join(SHOTS, "fetch-banner.png"))
    d.action("view", "warnings")
    report(d.find("Fetch names of busy", ("check box",)) is not None, "the list of modules has it to tick", d.texts()[-30:])
    report(d.has("of what is shown is in code of it without names") is not None, "with its share", d.texts()[-30:])
    d.shot(os.path.join(SHOTS, "fetch-list.png"))
    d.action("fetch-names")
    report(d.has("Fetch names from debuginfod servers?") is not None, "pressed: what would be sent is told first")
    report(d.has(server.url) is not None, "and where to", d.texts()[-10:])
    d.shot(os.path.join(SHOTS, "fetch-question.png"))
    report(d.click("Not Now"), "no, for now")
    d.lacks("Fetch names from debuginfod servers?")
    report(not is_named(d) and server.requests() == [], "nothing was asked, nothing is named", server.requests())
    d.action("fetch-names")
    d.has("Fetch names from debuginfod servers?")
    # The page behind has a button of nearly that name: the dialog's stands beside "Not Now".
    yes = desktop.wait(lambda: next((n for n, name in d.named() if n.getRoleName() in ("push button", "button") and name.endswith("Fetch Names")), None))
    report(yes is not None and yes.queryAction().doAction(0), "yes", d.texts()[-30:])
    report(bool(desktop.wait(lambda: is_named(d), 20)), "names fill in", (d.texts()[-40:], server.requests()))
    report(any("/executable" in r for r in server.requests()) and any("/debuginfo" in r for r in server.requests()), "the server was asked for both files",
           server.requests())
    report(d.lacks("A debuginfod server may have them"), "the banner is gone")
    d.action("view", "warnings")
    report(d.has("fetched, ") is not None, "the list says how much came", d.texts()[-30:])
    d.shot(os.path.join(SHOTS, "fetch-done.png"))
    report(d.stop(), "ask: ends")


def test_remembered(d, data, server):
    before = len(server.requests())
    copy = os.path.join(d.home, "copy.c")
    subprocess.run(["gsettings", "set", desktop.NAME, "editor", "cp %%f %s" % copy], check=True)
    start(d, data, server.url, os.path.join(d.home, "cache-again"))
    report(bool(desktop.wait(lambda: is_named(d), 20)), "the next file is named without a question", d.texts()[:40])
    report(len(server.requests()) > before, "from the server", server.requests())
    text = subprocess.run([CLI, "fold", "--quiet", "--prefix", "none", data], capture_output=True, text=True, timeout=60).stdout
    stack = next((line.rpartition(" ")[0] for line in text.splitlines() if ";hot_outer;hot_inner" in line), "")
    d.action("view", "flame")
    d.action("select", stack)
    report(bool(desktop.wait(lambda: d.flame().startswith("hot_inner"))), "a function is chosen", (d.flame(), stack, text[:300]))
    d.action("open-source")
    report(bool(desktop.wait(lambda: os.path.exists(copy) and "hot_outer" in open(copy, encoding="utf-8").read(), 20)), "its source is fetched and opened",
           (server.requests(), d.texts()[-20:]))
    report(d.stop(), "remembered: ends")
    before = len(server.requests())
    start(d, data, server.url, os.path.join(d.home, "cache-never"), "never")
    report(d.has("is in code without names.") is not None and d.lacks("A debuginfod server may have them", 1), "who said never is not asked")
    report(len(server.requests()) == before and not is_named(d), "and nothing is sent", server.requests()[before:])
    report(d.stop(), "never: ends")


def test_cancel(d, data):
    silent = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    threading.Thread(target=silent.serve_forever, daemon=True).start()
    start(d, data, "http://127.0.0.1:%d" % silent.server_address[1], os.path.join(d.home, "cache-silent"), "allow")
    report(d.has("Fetching names", 20) is not None, "a server that does not answer: progress", d.texts()[:30])
    report(bool(desktop.wait(lambda: Silent.asked > 0)), "it was asked")
    d.action("view", "warnings")
    report(d.has("asking…") is not None, "the list says so", d.texts()[-30:])
    d.shot(os.path.join(SHOTS, "fetch-running.png"))
    d.action("select", "busy")
    before = time.monotonic()
    report(d.click("Cancel"), "Cancel")
    d.lacks("Fetching names")
    took = time.monotonic() - before
    # Through the accessibility tree, which is slow where the machine is busy; tests/unit/test-fetch.c times the call itself.
    report(took < 12, "answers long before the server does (%.2f s, with looking)" % took)
    report(d.has("100 % = ") is not None, "and the window is there")
    report(d.stop(), "cancel: ends")
    silent.shutdown()


def test_unreachable(d, data):
    start(d, data, "http://127.0.0.1:1", os.path.join(d.home, "cache-nobody"), "allow")
    d.action("view", "warnings")
    report(d.has("No answer from debuginfod at http://127.0.0.1:1: ", 20) is not None, "a server that is not there: one line", d.texts()[-30:])
    d.shot(os.path.join(SHOTS, "fetch-unreachable.png"))
    report(d.stop(), "unreachable: ends")
    start(d, data, "", os.path.join(d.home, "cache-none"), "ask")
    d.action("view", "warnings")
    report(d.has("No debuginfod server is known") is not None, "no server: the button says why", d.texts()[-30:])
    report(d.stop(), "no server: ends")


def test_places(d, data, folder):
    """The same words as the command's say where names are: on the command line, and in the window."""
    root = os.path.join(folder, "sysroot")
    os.makedirs(root + folder)
    shutil.copy(os.path.join(folder, "tree", "usr", "bin", "busy"), root + folder)
    os.environ.update({"DEBUGINFOD_URLS": "", "DEBUGINFOD_CACHE_PATH": os.path.join(d.home, "cache-places")})
    d.start("--sysroot", root, data)
    d.has("100 % = ")
    # Options belong to one window: it takes no name on the bus, and is asked by keys.
    d.key("2")
    report(d.has("hot_inner") is not None, "--sysroot: names are found there", d.texts()[-30:])
    d.key("ctrl+q")
    report(bool(desktop.wait(lambda: d.app.poll() is not None)) and d.app.returncode == 0, "--sysroot: ends")
    d.start(data)
    d.has("100 % = ")
    report(not is_named(d), "without it there are none")
    d.action("set-names", "sysroot:" + root)
    report(bool(desktop.wait(lambda: is_named(d), 20)), "chosen in the window: names come", d.texts()[-30:])
    report(d.stop(), "places: ends")
    pack = os.path.join(folder, "busy.afterglow-pack")
    subprocess.run([CLI, "pack", "--quiet", "--sysroot", root, data, "-o", pack], check=True, timeout=60)
    shutil.rmtree(root)
    d.start(pack)
    d.has("100 % = ")
    report(bool(desktop.wait(lambda: is_named(d), 20)), "a packed recording opens with its names", d.texts()[-30:])
    d.shot(os.path.join(SHOTS, "pack.png"))
    report(d.stop(), "pack: ends")


def main():
    lack = desktop.missing() or next((tool for tool in ("debuginfod", "perf", "gcc", "strip", "gsettings", "tar") if shutil.which(tool) is None), None)
    if lack:
        print("1..0 # SKIP fetch: %s is not installed" % lack)
        return 0
    desktop.reexec()
    os.environ["GSETTINGS_BACKEND"] = "keyfile"
    os.makedirs(SHOTS, exist_ok=True)
    d = desktop.Desktop(PROGRAM, SCHEMAS, os.path.join(SOURCE, "data", "examples"))
    recording = make_recording(d.home)
    if recording is None:
        d.close()
        print("1..0 # SKIP fetch: perf cannot record here")
        return 0
    data, served = recording
    server = Server(d.home, served)
    try:
        for test, arguments in ((test_ask, (data, server)), (test_remembered, (data, server)), (test_cancel, (data,)), (test_unreachable, (data,)), (test_places, (data, d.home))):
            try:
                test(d, *arguments)
            except Exception as problem:
                report(False, test.__name__, repr(problem))
                d.shot(os.path.join(SHOTS, "fetch-failed.png"))
                d.stop()
        complaints = d.complaints()
        report(not complaints, "nothing is complained about", "\n".join(complaints))
    finally:
        server.stop()
        d.close()
    plan()
    return 0


sys.exit(main())
