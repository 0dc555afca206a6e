#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""afterglow-cli record through the privileged service, with the real polkitd: test-record-helper.py HELPER AFTERGLOW_CLI TARGET SOURCE BUILD

Callers are ordinary users; what a rule allows them is recorded, what none does is refused and leaves nothing."""
import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
from tap import plan, report, skip  # noqa: E402

HELPER, CLI, TARGET, SOURCE, BUILD = (os.path.abspath(path) for path in sys.argv[1:6])

if os.geteuid() != 0 or not all(shutil.which(tool) for tool in ("perf", "dbus-daemon", "unshare")) or not os.path.exists("/usr/lib/polkit-1/polkitd"):
    skip("recording through the service", "root, perf, dbus-daemon and polkitd are needed")
    plan()
    sys.exit(0)

from reachable import reachable  # noqa: E402
from stage import GAMES, NOBODY, ROOT, Stage, own_mounts, wait_for  # noqa: E402

own_mounts()
HELPER, CLI, TARGET = reachable(HELPER, CLI, TARGET)
STAGE = Stage(SOURCE, BUILD, HELPER)
BUSY = "i=0; while [ $i -lt %d ]; do i=$((i+1)); done"


def begin(*arguments, uid=NOBODY):
    environment = dict(os.environ, XDG_STATE_HOME=STAGE.path("out", "state-%d" % uid), XDG_CONFIG_HOME=STAGE.path("out"), AFTERGLOW_HELPER=HELPER, LC_ALL="C.UTF-8")
    return subprocess.Popen([CLI, "record", "--way", "helper", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env=environment, cwd="/", user=uid, group=uid, extra_groups=[])


def record(*arguments, uid=NOBODY):
    process = begin(*arguments, uid=uid)
    out, words = process.communicate(timeout=60)
    return process.returncode, out, words


def out(name):
    return STAGE.path("out", name)


def info(*paths):
    done = subprocess.run([CLI, "info", "--json", "--quiet", "--no-cache", *paths], capture_output=True, text=True, timeout=60, check=False)
    return json.loads(done.stdout) if done.stdout else {}


def perf_samples(path):
    done = subprocess.run(["perf", "script", "-f", "-i", path, "-F", "comm,pid,event"], capture_output=True, text=True, timeout=60, check=False)
    return [line.split() for line in done.stdout.splitlines() if line.strip()]


def test_refused():
    status, _, words = record("-o", out("refused.data"), "--", "true")
    report(status == 3 and not os.path.exists(out("refused.data")), "without a rule it is refused, and nothing is left", (status, words))
    report(not os.path.exists(out("refused.data.capture.json")), "its notes neither")


def test_allowed():
    path = out("own.data")
    status, text, words = record("--rate", "997", "--json", "-o", path, "--", "sh", "-c", BUSY % 150000 + "; exit 6")
    document = json.loads(text) if text else {}
    theirs = perf_samples(path)
    report(status == 0 and document["way"] == "helper" and document["recording"]["exit_status"] == 6, "an ordinary user's command, through the service", words)
    report(info(path)["samples"] == len(theirs) == document["recording"]["samples"] > 30, "as many samples as perf reads", (info(path)["samples"], len(theirs), document["recording"]))
    report(os.stat(path).st_uid == NOBODY, "the file is the user's")
    report({words[0] for words in theirs} <= {"sh"}, "the command runs from its exec on, as itself", {words[0] for words in theirs})
    status, _, words = record("--kernel", "--goal", "waiting", "-o", out("more.data"), "--", "true")
    report(status == 3 and not os.path.exists(out("more.data")), "more than the rule allows is refused", words)
    spin = subprocess.Popen(["sh", "-c", "while :; do :; done"], user=NOBODY, group=NOBODY, extra_groups=[])
    two = [spin, subprocess.Popen(["sh", "-c", "while :; do :; done"], user=NOBODY, group=NOBODY, extra_groups=[])]
    try:
        path = out("each.data")
        status, _, words = record("--per-process", "--duration", "800ms", "--rate", "499", "-o", path, "--pid", ",".join(str(p.pid) for p in two))
        own = [{words[1] for words in perf_samples(out("each-%d.data" % p.pid))} for p in two]
        report(status == 0 and own == [{str(p.pid)} for p in two], "a recording for each process", (words, own))
        path = out("random.data")
        status, _, words = record("--clock", "random", "--rate", "500", "--duration", "1", "-o", path, "--pid", str(spin.pid))
        report(status == 0 and info(path)["samples"] == len(perf_samples(path)) > 5, "random gaps", words)
        path = out("interrupted.data")
        process = begin("-q", "--rate", "997", "-o", path, "--pid", str(spin.pid))
        wait_for(lambda: STAGE.recorders(), 10)
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        words = process.communicate(timeout=30)[1]
        report(process.returncode == 0 and info(path).get("samples", 0) > 20, "Ctrl+C ends it as it should", (process.returncode, words))
        path = out("killed.data")
        process = begin("-q", "--rate", "997", "-o", path, "--pid", str(spin.pid))
        wait_for(lambda: STAGE.recorders(), 10)
        time.sleep(0.5)
        process.kill()
        process.communicate()
        report(wait_for(lambda: not STAGE.recorders(), 12), "the service ends it when the command is killed", STAGE.recorders())
        process = begin("-q", "--rate", "997", "-o", out("orphan.data"), "--pid", str(spin.pid))
        wait_for(lambda: STAGE.recorders(), 10)
        time.sleep(1.5)
        os.kill(STAGE.helper_pid(), signal.SIGKILL)
        words = process.communicate(timeout=30)[1]
        report(process.returncode in (0, 3, 4), "when the service is killed the command ends", (process.returncode, words))
    finally:
        for process in two:
            process.kill()
            process.wait()


def test_probes():
    """Somebody to whom a rule allows all."""
    path = out("function.data")
    process = begin("-q", "--function", TARGET + ":afterglow_probed", "--kernel", "-o", path, "--", TARGET, "calls", "50", uid=GAMES)
    words = process.communicate(timeout=60)[1]
    done = subprocess.run([CLI, "latency", "--json", "--quiet", "--no-cache", path], capture_output=True, text=True, check=False)
    kinds = {kind["kind"]: kind["spans"] for kind in json.loads(done.stdout)["kinds"]} if done.stdout else {}
    count = next((count for kind, count in kinds.items() if kind.endswith(":afterglow_probed")), 0)
    report(process.returncode == 0 and count == 50, "a function's calls, through the service", (words, kinds))
    report(not STAGE.probes(), "no probe is left", STAGE.probes())
    status, text, words = record("--goal", "waiting", "--kernel", "--json", "-o", out("waiting.data"), "--", "sh", "-c", "for i in 1 2 3 4 5 6; do sleep 0.05; done", uid=GAMES)
    done = subprocess.run([CLI, "latency", "--json", "--quiet", "--no-cache", "--spans", "asleep", "--longer", "40ms", out("waiting.data")], capture_output=True, text=True, check=False)
    spans = json.loads(done.stdout)["kinds"][0]["spans"] if done.stdout else 0
    report(status == 0 and spans >= 6, "why it waits: six sleeps", (words, spans))
    status, text, words = record("--estimate", "--json", "--system", uid=GAMES)
    report(status == 0 and json.loads(text)["estimate"]["busy_cpus"] is not None, "an estimate of the whole machine", words)


try:
    test_refused()
    STAGE.allow()
    test_allowed()
    test_probes()
finally:
    words = STAGE.close()
report("Sanitizer" not in words and "runtime error" not in words, "no fault in the service", words[-1500:])
plan()
