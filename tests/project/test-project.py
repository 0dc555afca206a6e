#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What surrounds the program: test-project.py AFTERGLOW_CLI SOURCE BUILD

The template of translations is complete; what is installed is valid; JSON is as the schemas say; the command links no toolkit."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
from tap import plan, report, skip  # noqa: E402

CLI, SOURCE, BUILD = (os.path.abspath(path) for path in sys.argv[1:4])
EXAMPLE = os.path.join(SOURCE, "data", "examples", "orders.data")


def run(*arguments, **options):
    return subprocess.run(arguments, capture_output=True, text=True, timeout=120, check=False, **options)


def msgids(path):
    text = open(path, encoding="utf-8").read()
    return set(re.sub(r'"\n"', "", m) for m in re.findall(r'^msgid "((?:.|"\n")*?)"\n(?:msgstr|msgid_plural)', text, re.M))


def translations():
    listed = {line.strip() for line in open(os.path.join(SOURCE, "po", "POTFILES.in"), encoding="utf-8") if line.strip() and line[0] != "#"}
    marked = set()
    for path in glob.glob(SOURCE + "/app/**/*.c", recursive=True) + glob.glob(SOURCE + "/app/**/*.ui", recursive=True):
        text = open(path, encoding="utf-8").read()
        if re.search(r'\b(_|N_|ngettext) ?\("', text) or 'translatable="yes"' in text:
            marked.add(os.path.relpath(path, SOURCE))
    report(marked <= listed, "every file with texts is in POTFILES.in", sorted(marked - listed))
    report(all(os.path.exists(os.path.join(SOURCE, path)) for path in listed), "every file of POTFILES.in exists",
           [path for path in listed if not os.path.exists(os.path.join(SOURCE, path))])
    broken = [path for path in sorted(marked) if path.endswith(".c")
              and re.search(r'\b(_|N_|ngettext) ?\(".*%" G_G', open(os.path.join(SOURCE, path), encoding="utf-8").read())]
    report(not broken, "no text is cut by a macro that xgettext does not know", broken)
    if shutil.which("xgettext") is None:
        skip("the template is complete", "no xgettext")
        return
    with tempfile.TemporaryDirectory() as folder:
        pot = os.path.join(folder, "new.pot")
        made = run("xgettext", "--from-code=UTF-8", "--add-comments", "--keyword=_", "--keyword=N_", "--keyword=C_:1c,2", "--keyword=ngettext:1,2",
                   "-f", "po/POTFILES.in", "-o", pot, cwd=SOURCE)
        new, old = msgids(pot), msgids(os.path.join(SOURCE, "po", "afterglow.pot"))
        report(made.returncode == 0 and new <= old, "the template is complete (ninja afterglow-pot makes it)", sorted(new - old)[:8])
        report(old <= new, "the template holds nothing old", sorted(old - new)[:8])


def installed():
    with tempfile.TemporaryDirectory() as folder:
        made = run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", folder)
        files = [os.path.join(base, name) for base, _, names in os.walk(folder) for name in names]
        report(made.returncode == 0, "meson install", made.stderr)
        for ending, tool in ((".desktop", ("desktop-file-validate",)), (".metainfo.xml", ("appstreamcli", "validate", "--no-net")),
                             ("packages/io.github.afterglow.Afterglow.xml", ("xmllint", "--noout")), (".gschema.xml", ("xmllint", "--noout"))):
            found = [path for path in files if path.endswith(ending)]
            if shutil.which(tool[0]) is None:
                skip("valid: " + ending, tool[0] + " is not installed")
                continue
            result = run(*tool, *found)
            report(bool(found) and result.returncode == 0, "valid: " + ending, result.stdout + result.stderr)
        service = [path for path in files if "helper" in os.path.basename(path).lower() and not path.endswith("afterglow-helper")]
        if service:
            policy = next((path for path in service if path.endswith(".policy")), "")
            catalogue = os.path.join(folder, "catalog")
            dtds = {"polkit Policy Configuration 1.0": "/usr/share/polkit-1/policyconfig-1.dtd", "D-BUS Bus Configuration 1.0": "/usr/share/xml/dbus-1/busconfig.dtd",
                    "D-BUS Object Introspection 1.0": "/usr/share/xml/dbus-1/introspect.dtd"}
            with open(catalogue, "w", encoding="utf-8") as file:
                file.write('<catalog xmlns="urn:oasis:names:tc:entity:xmlns:xml:catalog">%s</catalog>' % "".join(
                    '<public publicId="-//freedesktop//DTD %s//EN" uri="file://%s"/>' % pair for pair in dtds.items() if os.path.exists(pair[1])))
            for path in service:
                if path.endswith((".policy", ".conf", "Helper1.xml")):
                    text = open(path, encoding="utf-8").read()
                    known = any(name in text and os.path.exists(dtd) for name, dtd in dtds.items())
                    result = run("xmllint", "--noout", "--nonet", *(["--valid"] if known else []), path, env=dict(os.environ, XML_CATALOG_FILES=catalogue))
                    report(result.returncode == 0, "valid: " + os.path.basename(path), result.stderr)
            sources = "".join(open(path, encoding="utf-8").read() for path in glob.glob(SOURCE + "/app/helper/*.c"))
            actions = set(re.findall(r'action id="([^"]*)"', open(policy, encoding="utf-8").read()))
            report(actions == set(re.findall(r'"(io\.github\.afterglow\.helper\.[a-z-]*)"', sources)) and len(actions) == 4, "every right that is asked for is in the policy",
                   actions)
            for ending, line in (("system-services/io.github.afterglow.Helper1.service", "Exec="), ("system/afterglow-helper.service", "ExecStart=")):
                text = next((open(path, encoding="utf-8").read() for path in service if path.endswith(ending)), "")
                program = re.search("^" + line + "(.*)$", text, re.M)
                report(program is not None and os.access(folder + program.group(1), os.X_OK), "%s starts what is installed" % ending, text)
            if shutil.which("systemd-analyze"):
                unit = next((path for path in service if path.endswith("system/afterglow-helper.service")), "")
                result = run("systemd-analyze", "security", "--offline=yes", "--threshold=32", unit)
                report(result.returncode == 0, "the unit is hardened: exposure at most 3.2", result.stdout[-300:] + result.stderr)
            else:
                skip("the unit is hardened", "no systemd-analyze")
        else:
            skip("the privileged service is installed", "built without it")
        names = " ".join(files)
        for piece in ("bin/afterglow-cli", "bin/afterglow", "man1/afterglow-cli.1", "bash-completion/completions/afterglow-cli", "_afterglow-cli",
                      "afterglow-cli.fish", "examples/orders.data", "schemas/top-1.json", "scalable/apps/io.github.afterglow.Afterglow.svg"):
            report(piece in names, "installed: " + piece)
        manual = next((path for path in files if path.endswith("afterglow-cli.1")), None)
        text = open(manual, encoding="utf-8").read() if manual else ""
        lacking = [c for c in ("info", "fold", "script", "render", "top", "tree", "latency", "metrics") if c.upper() not in text]
        report(manual is not None and not lacking and "\\-\\-collapse\\-recursion" in text, "the manual holds every command", lacking)
        completion = next((path for path in files if path.endswith("completions/afterglow-cli")), "")
        result = run("bash", "-c", "source %s; COMP_WORDS=(afterglow-cli top --lim); COMP_CWORD=2; _afterglow_cli 2>/dev/null; echo ${COMPREPLY[*]}" % completion)
        report("--limit=" in result.stdout, "bash completes options", result.stdout + result.stderr)


def schemas():
    try:
        import jsonschema
    except ImportError:
        skip("JSON is as the schemas say", "python3-jsonschema is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        damaged, text = os.path.join(folder, "damaged.data"), os.path.join(folder, "text.folded")
        data = open(EXAMPLE, "rb").read()
        open(damaged, "wb").write(data[:len(data) // 2])
        open(text, "w", encoding="utf-8").write("a;b 1.5\nc\nd 2\n")
        everything = (("example", [EXAMPLE]), ("damaged", [damaged]), ("folded", [text]), ("two files", [text, text]))
        for command, cases in (("info", everything), ("top", everything), ("tree", everything),
                               ("diff", (("two files", [text, damaged]), ("selections", [EXAMPLE, "--before-time", "0,1", "--after-time", "1,2", "--gate", "total:*>+1pp"]),
                                         ("paths", [text, text, "--by", "path", "--limit", "0"]), ("runs", [text, text, "--", text, text, "--by", "module", "--base", "time"]),
                                         ("time", [EXAMPLE, "--before-time", "0,1", "--after-time", "1,2", "--base", "rate", "--by", "thread", "--gate", "thread:*>1ms@p0.9"]))),
                               ("latency", (everything[0], ("slow ones", ["--spans", "handle_request", "--compare-tail", "p99", EXAMPLE]),
                                            ("own bounds", ["--le", "0.001,0.01", EXAMPLE]),
                                            *((name, [os.path.join(SOURCE, "tests", "unit", "histograms", name)]) for name in
                                              ("classic.om", "text.prom", "native.json", "bpftrace.txt", "v2.hlog")),
                                            ("a service beside it", ["--spans", "handle_request", "--promql", "rpc_duration_seconds", "--prometheus",
                                                                     os.path.join(SOURCE, "tests", "unit", "histograms", "classic.om"), EXAMPLE])))):
            schema = json.load(open(os.path.join(SOURCE, "data", "schemas", command + "-1.json"), encoding="utf-8"))
            jsonschema.Draft202012Validator.check_schema(schema) if hasattr(jsonschema, "Draft202012Validator") else None
            for name, files in cases:
                out = run(CLI, command, "--json", "--quiet", *files).stdout
                try:
                    jsonschema.validate(json.loads(out), schema)
                    report(True, "%s --json of %s is as its schema says" % (command, name))
                except Exception as problem:
                    report(False, "%s --json of %s is as its schema says" % (command, name), str(problem)[:600])
            try:
                jsonschema.validate({"schema": "afterglow/%s/1" % command, "file": "x", "selection": "", "warnings": []}, schema)
                report(False, "the schema of %s refuses what lacks members" % command)
            except jsonschema.ValidationError:
                report(True, "the schema of %s refuses what lacks members" % command)


def command():
    linked = run("ldd", CLI).stdout
    report(not re.search(r"libgtk|libgdk|libadwaita|libwayland", linked), "the command links no toolkit", linked)
    log = json.loads(run("meson", "introspect", BUILD, "--targets").stdout or "[]")
    report(any(t["name"] == "afterglow-cli" for t in log), "and is built here")
    missing = run(CLI, "info", "/nonexistent/file")
    report(missing.returncode == 3 and missing.stderr.count("/nonexistent/file") == 1, "a missing file is named once", missing.stderr)
    wrong = run(CLI, "info", "--cpu", "x", EXAMPLE)
    report(wrong.returncode == 2 and wrong.stderr.count("--cpu") == 1 and len(wrong.stderr.splitlines()) == 1, "a wrong option is named once", wrong.stderr)
    for name in ("", "info", "fold", "script", "render", "top", "tree", "latency", "metrics", "diff", "pack"):
        lines = run(CLI, *([name] if name else []), "--help").stdout.splitlines()
        report(bool(lines) and max(len(line) for line in lines) <= 80, "help of %s fits eighty columns" % (name or "the command"),
               [line for line in lines if len(line) > 80])


translations()
installed()
schemas()
command()
plan()
