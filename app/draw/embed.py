#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a C string of a text file: embed.py INPUT OUTPUT NAME."""
import sys

text = open(sys.argv[1], encoding="utf-8").read()
lines = (line.replace("\\", "\\\\").replace('"', '\\"') for line in text.splitlines())
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write("static const char %s[] =\n" % sys.argv[3])
    out.writelines('  "%s\\n"\n' % line for line in lines)
    out.write("  ;\n")
