# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of recorded stacks share: results in TAP, and the text of perf script and of afterglow-cli script taken apart."""
import re
import subprocess

from tap import plan, report, skip  # noqa: F401


def finish():
    plan()
    return 0


def output_of(command, timeout=120):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=timeout).stdout


HEAD = re.compile(r"\s*\S.*?\s+(?:-?\d+/)?(-?\d+)\s+(?:\[\d+\]\s+)?(\d+)\.(\d+):")
FRAME = re.compile(r"\s+([0-9a-f]+) (.*) \(([^()]*(?:\([^()]*\))?[^()]*)\)$")


def samples(text):
    """Of each sample its thread, its time in ns, and its frames, leaf first: address, name, module ("inlined" for those)."""
    found, frames = [], None
    for line in text.splitlines():
        if line[:1] == "\t":
            frame = FRAME.match(line)
            if frame and frames is not None:
                frames.append(frame.groups())
            continue
        head = HEAD.match(line)
        if head:
            frames = []
            found.append((int(head.group(1)), int(head.group(2)) * 10**9 + int(head.group(3).ljust(9, "0")), frames))
    return found
