# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of system calls by name, as the C library of the machine that builds has them: syscall-names.py CC… < nothing > table"""
import re
import subprocess
import sys

text = subprocess.run([*sys.argv[1:], "-E", "-dM", "-"], input="#include <asm/unistd.h>\n", capture_output=True, text=True, check=True).stdout
rows = {}
for name, number in re.findall(r"^#define __NR_(\w+) (\d+)$", text, re.M):
    rows.setdefault(int(number), name)
print("/* Made by syscall-names.py. */\nstatic const struct { guint number; const char *name; } syscall_names[] = {")
for number in sorted(rows):
    print('  { %d, "%s" },' % (number, rows[number]))
print("};")
