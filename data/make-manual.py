#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The man page and the shell completions, from what the command itself says: make-manual.py AFTERGLOW_CLI VERSION KIND OUTPUT

KIND is man, bash, zsh or fish. One source, so that help, manual and completion cannot differ."""
import re
import subprocess
import sys

CLI, VERSION, KIND, OUTPUT = sys.argv[1:5]


def text(*arguments):
    return subprocess.run([CLI, *arguments], capture_output=True, text=True, check=True, env={"LC_ALL": "C.UTF-8"}).stdout


def commands():
    found = re.findall(r"^  ([a-z]+) +(.+)$", text("--help").split("Commands:\n")[1].split("\n\n")[0], re.M)
    return [(name, summary, text(name, "--help")) for name, summary in found]


def options(help_text):
    """[(section, [(short, long, argument, words)])]"""
    sections = []
    for block in re.split(r"\n\n", help_text):
        lines = block.splitlines()
        if not lines or not lines[0].endswith(":") or lines[0].startswith("Usage"):
            continue
        rows = []
        for line in lines[1:]:
            match = re.match(r"^  (?:-(\w), )?--([a-z-]+)(?:=(\S+))?(?:  +(.*))?$", line)
            if match:
                rows.append(list(match.groups()))
            elif rows:
                rows[-1][3] = ((rows[-1][3] or "") + " " + line.strip()).strip()
        if rows:
            sections.append((lines[0].rstrip(":"), rows))
    return sections


def after_options(help_text):
    """The paragraphs below the last section of options."""
    paragraphs = help_text.rstrip("\n").split("\n\n")
    last = max(i for i, text in enumerate(paragraphs) if text.startswith("General:"))
    return paragraphs[last + 1:]


def roff(line):
    line = line.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + line if line[:1] in ".'" else line


def man(found):
    out = ['.TH AFTERGLOW\\-CLI 1 "" "Afterglow %s" "User Commands"' % VERSION, ".SH NAME",
           "afterglow\\-cli \\- where the time of a recording went, as text, JSON or pictures", ".SH SYNOPSIS",
           ".B afterglow\\-cli", ".I COMMAND", "[\\fIOPTION\\fR…] \\fIFILE\\fR…", ".SH DESCRIPTION"]
    main = text("--help")
    out += [roff(line) for line in main.split("\n\n")[1].splitlines()]
    out += ["A FILE is a path, or \\- for standard input; its kind is found from its content. Data goes to standard output, everything else to",
            "standard error, one line a problem."]
    out.append(".SH COMMANDS")
    shared = {}
    for name, summary, help_text in found:
        out += [".TP", ".B " + name, roff(summary) + "."]
    for name, summary, help_text in found:
        own = [rows for title, rows in options(help_text) if title.startswith("Options of")]
        notes = after_options(help_text)
        out += ['.SH "COMMAND %s"' % name.upper(), roff(help_text.splitlines()[1].strip()), ".PP", roff(summary) + "."]
        for rows in own:
            out += option_rows(rows)
        for paragraph in notes:
            out.append(".PP")
            shown = False
            # What is indented is to be read as it stands.
            for line in paragraph.splitlines():
                if line.startswith("  ") != shown:
                    shown = not shown
                    out.append(".nf" if shown else ".fi")
                out.append(roff(line))
            out += [".fi"] if shown else []
        for title, rows in options(help_text):
            if not title.startswith("Options of"):
                shared.setdefault(re.sub(r" \(.*", "", title), rows)
    out.append(".SH OPTIONS OF SEVERAL COMMANDS")
    for title, rows in shared.items():
        out += [".SS " + title] + option_rows(rows)
    out += [".SH EXIT STATUS", ".TP", "0", "done; a file that is damaged in part is read as far as it goes", ".TP", "1", "a gate of diff or latency failed", ".TP", "2", "the command line is wrong", ".TP", "3",
            "an input could not be read at all, or an output could not be written", ".TP", "4", "there are no samples, or none after the selection", ".TP",
            "130, 143", "interrupted", ".SH EXAMPLES", ".nf", "perf record \\-g \\-\\- make", "afterglow\\-cli render perf.data \\-o build.svg",
            "afterglow\\-cli top \\-\\-comm cc1 \\-\\-json perf.data", "afterglow\\-cli fold perf.data | grep malloc",
            "afterglow\\-cli tree \\-\\-time 1.5,2.0 \\-\\-focus parse perf.data",
            "afterglow\\-cli diff before.data after.data \\-o diff.html \\-\\-gate 'total:*>+1pp'", ".fi", ".SH SEE ALSO", ".BR perf\\-record (1),", ".BR perf\\-script (1)"]
    return "\n".join(out) + "\n"


def option_rows(rows):
    out = []
    for short, long, argument, words in rows:
        flag = ("\\fB\\-%s\\fR, " % short if short else "") + "\\fB\\-\\-%s\\fR" % long.replace("-", "\\-")
        out += [".TP", flag + ("=\\fI%s\\fR" % roff(argument) if argument else ""), roff(words or "")]
    return out


def bash(found):
    cases = []
    for name, _, help_text in found:
        words = [("--%s=" if argument else "--%s") % long for _, rows in options(help_text) for _, long, argument, _ in rows]
        cases.append("    %s) words='%s' ;;" % (name, " ".join(words)))
    return """# bash completion of afterglow-cli
_afterglow_cli ()
{
  local current=${COMP_WORDS[COMP_CWORD]} words=
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '%s --help --version' -- "$current"))
    return
  fi
  case ${COMP_WORDS[1]} in
%s
  esac
  case $current in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")); [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace ;;
    *) compopt -o filenames; COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -F _afterglow_cli afterglow-cli
""" % (" ".join(name for name, _, _ in found), "\n".join(cases))


def quoted(words):
    return (words or "").replace("'", "’").replace("[", "(").replace("]", ")").replace(":", " ")


def zsh(found):
    cases = []
    for name, _, help_text in found:
        rows = [row for _, section in options(help_text) for row in section]
        specs = "\n".join("        '--%s[%s]%s' \\" % (long + ("=" if argument else ""), quoted(words), ":%s:_files" % quoted(argument) if argument else "")
                          for _, long, argument, words in rows)
        cases.append("      %s)\n        _arguments \\\n%s\n        '*:file:_files' ;;" % (name, specs))
    return """#compdef afterglow-cli
_afterglow_cli () {
  local -a commands
  commands=(%s)
  if (( CURRENT == 2 )); then
    _describe command commands
  else
    case $words[2] in
%s
    esac
  fi
}
_afterglow_cli "$@"
""" % (" ".join("'%s:%s'" % (name, quoted(summary)) for name, summary, _ in found), "\n".join(cases))


def fish(found):
    out = ["# fish completion of afterglow-cli"]
    for name, summary, help_text in found:
        out.append("complete -c afterglow-cli -n __fish_use_subcommand -a %s -d '%s'" % (name, quoted(summary)))
        for _, rows in options(help_text):
            for short, long, argument, words in rows:
                out.append("complete -c afterglow-cli -n '__fish_seen_subcommand_from %s' %s-l %s%s -d '%s'"
                           % (name, "-s %s " % short if short else "", long, " -r" if argument else "", quoted(words)))
    return "\n".join(out) + "\n"


with open(OUTPUT, "w", encoding="utf-8") as file:
    file.write({"man": man, "bash": bash, "zsh": zsh, "fish": fish}[KIND](commands()))
