#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""afterglow-cli diff against other tools' arithmetic, in pipelines, and in a browser: test-diff.py AFTERGLOW_CLI WORK SOURCE

AFTERGLOW_DIFF_TRUTH=1 records twenty real pairs of one program instead of four."""
import csv
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from collections import Counter

from browser import BROWSER, browse
from tap import plan, report, skip

CLI, WORK, SOURCE = (os.path.abspath(path) for path in sys.argv[1:4])
EXAMPLE = os.path.join(SOURCE, "data", "examples", "orders.data")
CORPUS = os.environ.get("AFTERGLOW_CORPUS", os.path.join(SOURCE, "..", "shared", "corpus"))
BENCH = os.environ.get("AFTERGLOW_BENCH", os.path.join(SOURCE, "..", "shared", "bench"))


def run(*arguments, **options):
    return subprocess.run([CLI, "diff", *arguments], capture_output=True, text=True, timeout=120, **options)


def diff(*arguments):
    result = run("--json", "--quiet", "--limit", "0", *arguments)
    if result.returncode not in (0, 1):
        report(False, "diff " + " ".join(arguments), result.stderr)
    return json.loads(result.stdout)


def write(path, stacks):
    with open(path, "w", encoding="utf-8") as file:
        file.writelines("%s %d\n" % item for item in sorted(stacks.items()))
    return path


def draw(seed, n, slower=1.0, extra=()):
    """A seeded program's folded stacks."""
    dice = random.Random(seed)
    paths = {"main;serve;parse;ParseJson;lex": 10 * slower, "main;serve;parse;ParseJson;alloc": 5, "main;serve;render;expand": 14, "main;serve;render;escape": 6,
             "main;serve;db;query;sys_sendto_[k];tcp_sendmsg_[k]": 9, "main;serve;db;query;sys_recvfrom_[k]": 11, "main;serve;log;format.isra.0": 4, "main;gc;mark": 10,
             "main;gc;sweep": 7, "main;gc;gc;sweep": 3, "main": 1}
    paths.update(extra)
    return Counter(dice.choices(list(paths), weights=list(paths.values()), k=n))


# ---- other tools' arithmetic ----

def oracles():
    folder = os.path.join(CORPUS, "folded-diff", "jonhoo__inferno", "tests", "data", "diff-folded")
    if not os.path.isdir(folder):
        skip("inferno's results are reproduced", "the corpus is not here")
        return
    for name, options in (("default", []), ("normalize", ["--normalize"])):
        got = run("--folded", "--annotate", "--exact-names", "--quiet", *options, folder + "/before.txt", folder + "/after.txt").stdout
        wanted = open("%s/results/%s.txt" % (folder, name), encoding="utf-8").read()
        report(sorted(got.splitlines()) == sorted(wanted.splitlines()), "inferno's %s result is reproduced" % name, got)
    two = os.path.join(CORPUS, "folded-diff", "jonhoo__inferno", "tests", "data", "flamegraph", "differential", "perf-cycles-instructions-01-collapsed-all-diff.txt")
    lines = [line.rsplit(" ", 2) for line in open(two, encoding="utf-8").read().splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        for column in (1, 2):
            with open("%s/%d" % (folder, column), "w", encoding="utf-8") as file:
                file.writelines("%s %s\n" % (line[0], line[column]) for line in lines)
        got = run("--folded", "--annotate", "--exact-names", "--quiet", folder + "/1", folder + "/2").stdout
        report(sorted(got.splitlines()) == sorted(" ".join(line) for line in lines), "two columns apart and together again are the same", got)


def sums(text):
    """Lines of two columns. A folded text does not tell a just-in-time compiler's runtime from the code that it compiled: _[j] is not looked at."""
    both = Counter(), Counter()
    for line in text.splitlines():
        stack, before, after = line.rsplit(" ", 2)
        for column, weight in zip(both, (before, after)):
            column[stack.replace("_[j]", "")] += int(weight)
    return both


def peers(folder):
    """difffolded.pl itself on texts of the corpus and drawn ones."""
    script = os.path.join(BENCH, "peers", "difffolded.pl")
    if not os.path.exists(script) or shutil.which("perl") is None:
        skip("difffolded.pl writes the same", "no difffolded.pl here")
        return
    pairs = [(write("%s/p%d" % (folder, i), draw(i, 5000)), write("%s/q%d" % (folder, i), draw(40 + i, 6000 + 700 * i, 1.3, {"main;new": i}))) for i in range(4)]
    texts = []
    for place in ("folded/jonhoo__inferno", "folded"):
        for top, _, names in os.walk(os.path.join(CORPUS, place)):
            texts += [os.path.join(top, name) for name in names if name.endswith((".txt", ".folded"))]
        if len(texts) > 8:
            break
    texts = sorted(set(texts))[:24]
    pairs += list(zip(texts[::2], texts[1::2]))
    same, wrong, tried = 0, [], 0
    for before, after in pairs:
        for options in ([], ["-n"]):
            theirs = subprocess.run(["perl", script, *options, before, after], capture_output=True, text=True, errors="surrogateescape")
            ours = subprocess.run([CLI, "diff", "--folded", "--annotate", "--exact-names", "--quiet", *(["--normalize"] if options else []), before, after], capture_output=True,
                                  text=True, errors="surrogateescape")
            plain = all(line.rsplit(" ", 1)[-1].isdigit() and not line.split()[-2:-1][0].isdigit() and "; " not in line for path in (before, after) for line in open(path, encoding="utf-8", errors="surrogateescape").read().splitlines() if len(line.split()) > 1)
            if theirs.stderr or ours.returncode != 0 or not plain:
                continue
            tried += 1
            if sums(theirs.stdout) == sums(ours.stdout) if "_[j]" in theirs.stdout else sorted(theirs.stdout.splitlines()) == sorted(ours.stdout.splitlines()):
                same += 1
            else:
                wrong.append((before, after, options, sorted(set(theirs.stdout.splitlines()) ^ set(ours.stdout.splitlines()))[:6]))
    report(tried >= 2 and not wrong, "difffolded.pl writes the same (%d of %d comparisons)" % (same, tried), wrong[:2])


def varint(value):
    out = b""
    while True:
        byte, value = value & 0x7f, value >> 7
        out += bytes([byte | (0x80 if value else 0)])
        if not value:
            return out


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def write_pprof(path, stacks):
    """The least that profile.proto asks for."""
    strings, functions, body = ["", "samples", "count"], {}, b""
    for stack, count in stacks.items():
        ids = b""
        for name in reversed(stack.split(";")):
            ids += varint(functions.setdefault(name, len(functions) + 1))
        body += field(2, field(1, ids) + field(2, varint(count)))
    for name, number in functions.items():
        strings.append(name)
        body += field(4, field(1, number) + field(4, field(1, number))) + field(5, field(1, number) + field(2, len(strings) - 1))
    with open(path, "wb") as file:
        file.write(field(1, field(1, 1) + field(2, 2)) + body + b"".join(field(6, s.encode()) for s in strings))


def pprof(folder):
    if shutil.which("go") is None or subprocess.run(["go", "tool", "-n", "pprof"], capture_output=True).returncode != 0:
        skip("pprof -diff_base has the same sums", "no go tool pprof here")
        return
    sides = [draw(3, 4000), draw(4, 6000, 1.5, {"main;new;inner": 3})]
    for side, name in zip(sides, ("b", "a")):
        write_pprof("%s/%s.pb" % (folder, name), side)
        write("%s/%s.folded" % (folder, name), side)
    text = subprocess.run(["go", "tool", "pprof", "-top", "-nodecount=100000", "-nodefraction=0", "-edgefraction=0", "-diff_base", folder + "/b.pb", folder + "/a.pb"], capture_output=True,
                          text=True, env=dict(os.environ, HOME=folder, PPROF_TMPDIR=folder)).stdout
    theirs = {}
    for line in text.split("cum%\n")[-1].splitlines():
        words = line.split(None, 5)
        theirs[words[5]] = (int(words[0]), int(words[3]))
    ours = {}
    for row in diff(folder + "/b.folded", folder + "/a.folded", "--base", "time", "--exact-names")["functions"]:
        name = row["name"] + ("_[k]" if row["name"] in ("sys_sendto", "tcp_sendmsg", "sys_recvfrom") else "")
        ours[name] = (round(row["self_change"]), round(row["change"]))
    ours = {name: sums for name, sums in ours.items() if sums != (0, 0) or name in theirs}
    report(len(theirs) > 10 and theirs == ours, "pprof -diff_base has the same sums (%d functions, flat and cum)" % len(theirs), set(theirs.items()) ^ set(ours.items()))


# ---- pipelines ----

def gates(folder):
    before, after, same = write(folder + "/before", draw(5, 20000)), write(folder + "/after", draw(6, 20000, 1.6)), write(folder + "/same", draw(7, 20000))
    issue = "total:ParseJson>+1pp, self:*>+2pp@q0.01, module:libssl*>10%"
    for name, arguments, status in (("a gate that fails", [before, after, "--gate", issue], 1), ("the same on runs that do not differ", [before, same, "--gate", issue], 0),
                                    ("no gate", [before, after], 0), ("with a picture", [before, after, "-o", folder + "/x.svg", "--gate", issue], 1),
                                    ("as JUnit", [before, after, "--junit", "--gate", issue], 1), ("what shrank fails no gate", [after, before, "--gate", "total:ParseJson>+1pp"], 0),
                                    ("unless asked", [after, before, "--gate", "total:ParseJson<-1pp"], 1), ("a gate that is none", [before, after, "--gate", "fast"], 2),
                                    ("a gate on time of shares", [before, after, "--gate", "total:x>1ms"], 2), ("one file", [before], 2), ("three files", [before, after, same], 2),
                                    ("nothing after --", [before, "--"], 2), ("a file that is not there", [before, folder + "/none"], 3), ("none left", [before, after, "--focus", "nothing"], 4),
                                    ("an unknown ending", [before, after, "-o", folder + "/x.doc"], 2), ("two forms at once", [before, after, "--json", "--csv"], 2),
                                    ("a base that is none", [before, after, "--base", "beauty"], 2), ("rate of what has no times", [before, after, "--base", "rate"], 2)):
        result = run("--quiet", *arguments)
        report(result.returncode == status, "%s is exit status %d" % (name, status), (result.returncode, result.stderr, result.stdout[-800:]))
    failed = run("--quiet", before, after, "--gate", issue).stdout
    report("ParseJson: " in failed.split("gate total")[-1] and "pp" in failed and "q < 0.001" in failed, "the table of what failed has its evidence", failed[-900:])
    suite = xml.fromstring(run("--quiet", before, after, "--junit", "--gate", issue).stdout).find("testsuite")
    report(suite.get("tests") == "3" and suite.get("failures") == "2" and len(suite.findall("testcase/failure")) == 2, "JUnit counts gates as cases", suite.attrib)
    markdown = run("--quiet", before, after, "--markdown", "--gate", issue).stdout
    report("| Evidence | Function |" in markdown and "ParseJson" in markdown and "❌" in markdown, "Markdown holds table and verdicts", markdown)
    rows = list(csv.DictReader(io.StringIO(run("--quiet", before, after, "--csv", "--limit", "0").stdout)))
    parsed = {row["name"]: row for row in diff(before, after)["functions"]}
    report(len(rows) == len(parsed) > 10 and all(abs(float(row["total_change"]) - parsed[row["name"]]["change"]) < 1e-7 for row in rows), "CSV and JSON say the same")
    middle = run("--quiet", "--json", before, "--", after, "--limit", "3", "--by", "module")
    report(middle.returncode == 0 and "modules" in json.loads(middle.stdout), "options may follow the files behind --", middle.stderr)
    report(run("--quiet", before, after, "-o", folder + "/gone/x.svg").returncode == 3, "an output that cannot be written is exit status 3")
    for ending in ("svg", "png", "pdf", "html", "csv", "md", "folded", "txt", "xml"):
        path = folder + "/out." + ending
        result = run("--quiet", before, after, "-o", path)
        report(result.returncode == 0 and result.stdout == "" and os.path.getsize(path) > 300, "-o OUT.%s is written, and nothing printed" % ending, result)
    again = run("--quiet", before, after, "-o", folder + "/again.html")
    report(again.returncode == 0 and open(folder + "/again.html", encoding="utf-8").read() == open(folder + "/out.html", encoding="utf-8").read(), "twice the same bytes")


def sides(folder):
    """The exposure of units, two parts of one recording, a folded file against a recording, baselines."""
    whole, first = diff(EXAMPLE, "--before-time", "0,2", "--after-time", "2,4"), diff(EXAMPLE, "--before", "--time 0,2", "--after", "--time 2,4")
    report(whole["functions"] == first["functions"] and whole["before"]["samples"] + whole["after"]["samples"] > 3000, "two parts of one recording, in either wording", whole["before"])
    report(all(not row["matters"] or row["q"] < 0.05 for row in whole["functions"]), "what matters has evidence")
    report(whole["before"]["clusters"] > 10, "seconds are told apart", whole["before"])
    tail = diff(EXAMPLE, "--spans", "handle_request", "--before", "--shorter p90", "--after", "--longer p90")
    report(tail["before"]["samples"] > tail["after"]["samples"] > 100 and tail["before"]["selection"] != tail["after"]["selection"], "the slow requests against the others",
           (tail["before"], tail["after"]))
    text = folder + "/text.folded"
    open(text, "w", encoding="utf-8").write(subprocess.run([CLI, "fold", "--quiet", "--prefix", "none", "--annotate", "--weight", "samples", EXAMPLE], capture_output=True, text=True).stdout)
    mixed = diff(text, EXAMPLE, "--weight", "samples")
    report(all(abs(row["change"]) < 1e-9 for row in mixed["functions"]) and any(c["code"] == "format" for c in mixed["caveats"]),
           "a recording against its own folded text has no change", [row for row in mixed["functions"] if row["change"]][:3])
    same = diff(EXAMPLE, EXAMPLE)
    report(all(row["change"] == 0 and row["evidence"] in ("equivalent", "no-evidence") for row in same["functions"]), "a recording against itself has none")
    unit = diff(write(folder + "/u1", draw(8, 10000)), write(folder + "/u2", draw(9, 12000)), "--base", "request=1000,1200")
    row = next(r for r in unit["functions"] if r["name"] == "main")
    report(abs(row["before_weight"] - 10) < 1e-9 and abs(row["after_weight"] - 10) < 1e-9 and row["evidence"] != "grew" and unit["unit"] == "request", "per request", row)
    timed = diff(EXAMPLE, "--before-time", "0,1", "--after-time", "1,4", "--base", "rate")
    row = next(r for r in timed["functions"] if r["name"] == "start_thread")
    report(0.5 < row["before_ns"] / row["after_ns"] < 2, "per second of recording: three seconds are not three times one", row)

    runs = folder + "/runs"
    os.mkdir(runs)
    for i in range(12):
        path = write("%s/%02d" % (runs, i), draw(100 + i, 20000))
        os.utime(path, (1e9 + i, 1e9 + i))
    write(runs + "/.hidden", {"x": 1})
    open(runs + "/notes", "w", encoding="utf-8").write("no recording\n")
    new, slow = write(folder + "/new", draw(200, 20000)), write(folder + "/slow", draw(201, 20000, 1.5))
    base = run("--json", "--quiet", "--baseline", runs, "--last", "8", new)
    parsed = json.loads(base.stdout)
    report(parsed["before"]["runs"] == 7 and parsed["evidence_of"] == "runs" and parsed["before"]["files"][-1].endswith("/11") and "left out" in base.stderr,
           "the last runs of a folder, but for what is none", (parsed["before"]["files"], base.stderr))
    report(run("--quiet", "--baseline", runs, new, "--gate", "total:*>+0.5pp").returncode == 0, "a run like those before passes")
    report(run("--quiet", "--baseline", runs, slow, "--gate", "total:lex>+1pp").returncode == 1, "a slower one does not")
    report(run("--quiet", "--baseline", runs, runs + "/11", "--json").stdout.count(runs + "/11") == 2, "the new run may lie in the folder: it is not its own noise")
    many = diff(*["%s/%02d" % (runs, i) for i in range(6)], "--", *["%s/%02d" % (runs, i) for i in range(6, 12)])
    report(not any(row["evidence"] in ("grew", "shrank") for row in many["functions"]), "six runs against six of the same program", [r for r in many["functions"] if r["matters"]])


def renames(folder):
    before, after = write(folder + "/r1", draw(10, 8000)), write(folder + "/r2", Counter({k.replace("sweep", "lazy_sweep"): v for k, v in draw(11, 8000).items()}))
    plain = diff(before, after)
    report([(r["before"], r["after"]) for r in plain["likely_renamed"]] == [("sweep", "lazy_sweep")], "a likely rename is proposed", plain["likely_renamed"])
    report({"sweep", "lazy_sweep"} <= {r["name"] for r in plain["functions"]}, "and not applied")
    table = folder + "/renames.txt"
    open(table, "w", encoding="utf-8").write("# of the refactoring\nsweep\tlazy_sweep\n")
    for arguments in (["--rename", "sweep=lazy_sweep"], ["--renames", table]):
        asked = diff(before, after, *arguments)
        report("sweep" not in {r["name"] for r in asked["functions"]} and asked["likely_renamed"] == [], "asked for with %s, it is" % arguments[0])


# ---- in a browser ----

PAGE = """<!DOCTYPE html><html><body><iframe id="f" src="FILE" width="1700" height="900"></iframe><pre id="out"></pre><script>
document.getElementById('f').onload = function () {
  var w = this.contentWindow, d = this.contentDocument, seen = {};
  try {
    var all = function (id) { return Array.from(d.querySelectorAll('#' + id + ' > g')); };
    var one = all('frames'), two = all('twins'), width = function (g) { return +g.querySelector('rect').getAttribute('width'); };
    var left = function (g, pane) { return +g.querySelector('rect').getAttribute('x') - +d.getElementById(pane).getAttribute('data-left'); };
    var name = function (g) { var t = g.querySelector('title').textContent; return t.slice(0, t.lastIndexOf(' — ')); };
    var inStep = function () { return one.every(function (g, i) { return g.getAttribute('display') === two[i].getAttribute('display') && (g.getAttribute('display') === 'none' || (Math.abs(width(g) - width(two[i])) < 0.02 && Math.abs(left(g, 'frames') - left(two[i], 'twins')) < 0.02)); }); };
    seen.frames = one.length; seen.twins = two.length; seen.names = one.map(name).join() === two.map(name).join(); seen.before = inStep();
    var target = one.findIndex(function (g) { return name(g) === 'ParseJson'; });
    seen.absent = one.filter(function (g) { return g.hasAttribute('data-absent'); }).map(name);
    two[target].dispatchEvent(new w.MouseEvent('mouseenter', {}));
    seen.hover = one[target].classList.contains('twin'); seen.details = d.getElementById('details').textContent;
    two[target].dispatchEvent(new w.MouseEvent('click', { bubbles: true }));
    seen.zoomed = width(one[target]); seen.pane = +d.getElementById('frames').getAttribute('data-width'); seen.zoomStep = inStep();
    var part = one[target].querySelector('[data-part]');
    seen.part = part ? Math.abs(+part.getAttribute('width') - seen.zoomed * part.getAttribute('data-part')) < 0.01 : null;
    two[target].dispatchEvent(new w.KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    seen.back = inStep() && width(one[0]) > 700;
    w.prompt = function () { return '^ParseJson$'; };
    d.getElementById('search').dispatchEvent(new w.MouseEvent('click', {}));
    seen.found = d.getElementById('found').textContent;
    seen.marked = one.concat(two).filter(function (g) { return g.classList.contains('m'); }).length;
    if (d.getElementById('rows')) {
      var rows = function () { return Array.from(d.querySelectorAll('#rows tbody:not([hidden]) tr:not([hidden])')); };
      seen.rows = rows().length;
      d.getElementById('only').click(); seen.only = rows().length;
      d.getElementById('only').click(); d.getElementById('words').value = 'parse'; d.getElementById('words').dispatchEvent(new w.Event('input'));
      seen.words = rows().map(function (r) { return r.cells[0].textContent; });
      d.getElementById('words').value = ''; d.getElementById('words').dispatchEvent(new w.Event('input'));
      d.querySelectorAll('#rows th button')[3].click();
      seen.sorted = rows().map(function (r) { return +r.cells[3].getAttribute('data-value'); });
      d.querySelector('input[value=self]').click(); seen.self = rows().length;
    }
  } catch (problem) { seen.problem = String(problem); }
  document.getElementById('out').textContent = JSON.stringify(seen);
};
</script></body></html>"""


def pictures(folder):
    if BROWSER is None:
        skip("pictures move in step", "no Chromium is installed")
        return
    before, after = write(folder + "/b1", draw(12, 20000)), write(folder + "/b2", draw(13, 20000, 1.6, {"main;serve;cache;lookup": 3}))
    share = {side: next(r for r in diff(before, after)["functions"] if r["name"] == "ParseJson")[side + "_share"] for side in ("before", "after")}
    for ending in ("svg", "html"):
        run("--quiet", before, after, "-o", "%s/d.%s" % (folder, ending))
        seen = browse(folder, PAGE.replace("FILE", "d." + ending))
        report("problem" not in seen, "%s: the script runs" % ending, seen)
        if "problem" in seen:
            continue
        report(seen["frames"] == seen["twins"] > 10 and seen["names"] and seen["before"], "%s: equal paths stand at equal places" % ending, seen)
        report("lookup" in seen["absent"], "%s: what is new has its place before" % ending, seen["absent"])
        report(seen["hover"] and "ParseJson" in seen["details"] and "pp" in seen["details"], "%s: pointing at one shows the other" % ending, seen["details"])
        report(abs(seen["zoomed"] - seen["pane"]) < 1.5 and seen["zoomStep"] and seen["part"] in (True, None), "%s: both zoom" % ending, seen)
        report(seen["back"], "%s: Escape zooms both out" % ending)
        wanted = "1 · %.1f %% → %.1f %%" % (100 * share["before"], 100 * share["after"])
        report(seen["found"] == wanted and seen["marked"] == 2, "%s: search marks both, and tells both shares" % ending, (seen["found"], wanted, seen["marked"]))
        if ending == "html":
            report(seen["rows"] > seen["only"] > 0 and all("arse" in text for text in seen["words"]) and len(seen["words"]) == 2 and seen["self"] > 0
                   and seen["sorted"] == sorted(seen["sorted"], reverse=True), "html: the table filters, searches and sorts", seen)


# ---- the same program twice ----

def pairs(folder):
    """False discoveries of real pairs, in the program's own code. Where the machine has other work, recordings of one program do differ in the kernel's: how often it was
    put off a CPU is seen at the return from the interrupt that did it."""
    if shutil.which("perf") is None or os.geteuid() != 0:
        skip("real pairs of one program", "needs perf and root")
        return
    wanted = 20 if os.environ.get("AFTERGLOW_DIFF_TRUTH") else 4
    found, elsewhere, problems = 0, 0, []
    for i in range(wanted):
        for side in "ba":
            subprocess.run(["perf", "record", "-q", "-F", "997", "-g", "-e", "cpu-clock", "-o", "%s/%s.data" % (folder, side), "--", WORK, "threads"], check=True, capture_output=True)
        result = diff(folder + "/b.data", folder + "/a.data")
        called = [(row["name"], row["module"], row["before_share"], row["after_share"], row["q"]) for row in result["functions"] if row["matters"]]
        own = [row for row in called if row[1] == "work"]
        found += bool(own)
        elsewhere += bool(called) and not own
        problems += own[:3]
    print("# %d real pairs of one program: %d told apart in its own code, %d by what the kernel did with it" % (wanted, found, elsewhere))
    report(found <= (4 if wanted == 20 else 2), "real pairs of one program (%d of %d told apart in its own code)" % (found, wanted), problems)


with tempfile.TemporaryDirectory() as directory:
    oracles()
    peers(directory)
    pprof(directory)
    gates(directory)
    sides(directory)
    renames(directory)
    pictures(directory)
    pairs(directory)
plan()
