#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SVG in a real browser: zoom, search, details and keys, through its own script. test-svg.py AFTERGLOW_CLI

A page loads the SVG in a frame, does what a person would do and writes down what it sees; Chromium prints the page. Skipped where there is none."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from browser import BROWSER, browse
from tap import plan, report

CLI = sys.argv[1]
TOP = os.environ.get("AFTERGLOW_SOURCE_DIR", os.path.join(os.path.dirname(__file__), "..", ".."))
EXAMPLE = os.path.join(TOP, "data", "examples", "orders.data")

PAGE = """<!DOCTYPE html><html><body><iframe id="f" src="graph.svg" width="1220" height="700"></iframe><pre id="out"></pre><script>
document.getElementById('f').onload = function () {
  var w = this.contentWindow, d = this.contentDocument, seen = {}, $ = function (id) { return d.getElementById(id); };
  try {
    var frames = Array.from(d.querySelectorAll('#frames > g'));
    var name = function (g) { var t = g.querySelector('title').textContent; return t.slice(0, t.lastIndexOf(' — ')); };
    var visible = function (g) { return g.getAttribute('display') !== 'none'; };
    var width = function (g) { return +g.querySelector('rect').getAttribute('width'); };
    var click = function (n) { n.dispatchEvent(new w.MouseEvent('click', { bubbles: true })); };
    var key = function (k, more) { w.dispatchEvent(new w.KeyboardEvent('keydown', Object.assign({ key: k, bubbles: true, cancelable: true }, more))); };
    var find = function (n) { return frames.filter(function (g) { return name(g) === n; }).sort(function (a, b) { return width(b) - width(a); })[0]; };
    seen.names = frames.map(name);
    seen.full = width(frames[0]);
    var target = find(TARGET);
    seen.before = width(target);
    seen.summed = frames.filter(function (g) { return name(g) === TARGET; }).reduce(function (sum, g) { return sum + width(g) + 1; }, 0);
    target.dispatchEvent(new w.MouseEvent('mouseenter', {}));
    seen.details = $('details').textContent;
    click(target);
    seen.zoomed = width(target);
    seen.hidden = frames.filter(function (g) { return !visible(g); }).length;
    seen.resetShown = $('reset').getAttribute('visibility');
    seen.label = target.querySelector('text') ? target.querySelector('text').textContent : '';
    key('Escape');
    seen.after = width(target);
    seen.hiddenAfter = frames.filter(function (g) { return !visible(g); }).length;
    w.prompt = function () { return SEARCH; };
    key('f', { ctrlKey: true });
    seen.found = $('found').textContent;
    seen.marked = frames.filter(function (g) { return g.classList.contains('m'); }).map(name);
    w.prompt = function () { return '('; };
    click($('search'));
    seen.wrong = $('found').textContent;
    w.prompt = function () { return ''; };
    click($('search'));
    seen.cleared = frames.filter(function (g) { return g.classList.contains('m'); }).length;
    click(frames[0]);
    key('ArrowUp');
    seen.walked = d.activeElement && d.activeElement.querySelector('title') ? name(d.activeElement) : '';
    key('Enter');
    seen.entered = width(d.activeElement);
    seen.scripts = d.querySelectorAll('#evil, script[src]').length;
    seen.alerted = !!w.evil;
  } catch (problem) { seen.problem = String(problem); }
  document.getElementById('out').textContent = JSON.stringify(seen);
};
</script></body></html>"""


def browse_svg(directory, svg, target, search):
    shutil.copy(svg, os.path.join(directory, "graph.svg"))
    return browse(directory, PAGE.replace("TARGET", json.dumps(target)).replace("SEARCH", json.dumps(search)))


def main():
    with tempfile.TemporaryDirectory() as directory:
        svg = os.path.join(directory, "made.svg")
        subprocess.run([CLI, "render", "--quiet", EXAMPLE, "-o", svg], check=True, timeout=60)
        top = json.loads(subprocess.run([CLI, "top", "--json", "--quiet", "--limit", "10000", EXAMPLE], capture_output=True, text=True, timeout=60).stdout)
        share = next(row for row in top["functions"] if row["name"] == "handle_request")["total_share"]
        seen = browse_svg(directory, svg, "handle_request", "^handle_request$")
        report("problem" not in seen, "the script runs", seen)
        if "problem" in seen:
            plan()
            return
        report(abs(seen["summed"] / seen["full"] - share) < 0.01, "frames are as wide as their share", (seen["summed"], seen["full"], share))
        report("handle_request" in seen["details"] and "%" in seen["details"], "pointing tells details", seen["details"])
        report(abs(seen["zoomed"] - seen["full"]) < 1.5 and seen["hidden"] > 0 and seen["resetShown"] == "visible", "a click zooms to the full width",
               (seen["zoomed"], seen["hidden"]))
        report(seen["label"].startswith("handle_request"), "and there is room for its whole name", seen["label"])
        report(abs(seen["after"] - seen["before"]) < 0.01 and seen["hiddenAfter"] == 0, "Escape zooms out", (seen["after"], seen["hiddenAfter"]))
        found = re.search(r"([\d.]+) %$", seen["found"])
        report(found is not None and abs(float(found.group(1)) / 100 - share) < 0.002 and set(seen["marked"]) == {"handle_request"},
               "search marks and tells the share", (seen["found"], share))
        report(len(seen["wrong"]) > 5 and seen["cleared"] == 0, "a wrong pattern is told, an empty one clears", seen["wrong"])
        report(seen["walked"] in seen["names"] and seen["walked"] != "all" and abs(seen["entered"] - seen["full"]) < 1.5,
               "arrows walk and Enter zooms", (seen["walked"], seen["entered"]))

        hostile = ["</title><script id=\"evil\">evil=1</script>", "a\"b'c<d>&amp;", "]]><b>", "javascript:evil=1", "\u202eright to left", "\x01control"]
        folded = os.path.join(directory, "hostile.folded")
        with open(folded, "w", encoding="utf-8") as file:
            file.write("".join("main;%s 10\n" % name for name in hostile))
        subprocess.run([CLI, "render", "--quiet", folded, "-o", svg], check=True, timeout=60)
        seen = browse_svg(directory, svg, "main", hostile[0][:8])
        report("problem" not in seen and not seen["alerted"] and seen["scripts"] == 0 and any(name.startswith("</title>") for name in seen.get("names", [])),
               "names are text, whatever they hold", seen)
    plan()


if BROWSER is None:
    print("1..0 # SKIP svg: no Chromium is installed")
else:
    main()
