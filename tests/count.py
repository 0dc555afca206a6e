#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts single results in the TAP output of meson's logs: count.py LOG.json… prints "PASSED FAILED SKIPPED"; names skips on stderr."""
import json
import re
import sys

passed = failed = skipped = 0
for path in sys.argv[1:]:
    try:
        lines = open(path, encoding="utf-8", errors="replace").read().splitlines()
    except OSError:
        continue
    for line in lines:
        test = json.loads(line)
        rows = [row for row in (test.get("stdout") or "").splitlines() if re.match(r"(not )?ok\b", row)]
        own_failures = 0
        for row in rows:
            if re.search(r"#\s*skip", row, re.I):
                skipped += 1
                print("skipped:", test["name"], row, file=sys.stderr)
            elif row.startswith("not"):
                own_failures += 1
            else:
                passed += 1
        whole_failed = test["result"] not in ("OK", "SKIP", "EXPECTEDFAIL")
        if not rows and test["result"] == "SKIP":
            skipped += 1
            print("skipped:", test["name"], file=sys.stderr)
        elif not rows and not whole_failed:
            passed += 1
        # A crash after the last result is a failure too.
        failed += max(own_failures, 1 if whole_failed else 0)
print(passed, failed, skipped)
