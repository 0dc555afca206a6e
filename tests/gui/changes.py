# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of before and after have in common: two folded files with a planted change, and what the panes say of it."""
import random
import subprocess

import desktop

SPACES = str.maketrans({"\u202f": "", "\u2009": "", "\u00a0": ""})
BUTTONS = ("push button", "button", "check box", "toggle button", "radio button")

# A stack, its samples before and after. What is planted: compress grew by half, hash shrank to a third, legacy is gone, fresh is new, alpha is called
# beta now; read and idle stay.
STACKS = [("main;serve;compress", 900, 1500), ("main;serve;hash", 900, 320), ("main;serve;legacy;walk", 260, 0), ("main;serve;fresh;walk", 0, 300),
          ("main;serve;alpha;first", 300, 0), ("main;serve;alpha;second", 280, 0), ("main;serve;beta;first", 0, 300), ("main;serve;beta;second", 0, 280),
          ("main;read", 1500, 1500), ("main;idle", 1400, 1400), ("main;read;tiny", 2, 3)]


def write(path, column, seed=0):
    dice = random.Random(seed)
    with open(path, "w", encoding="utf-8") as file:
        for row in STACKS:
            count = row[column] if seed == 0 else max(0, round(dice.gauss(row[column], row[column] ** 0.5)))
            if count:
                file.write("%s %d\n" % (row[0], count))
    return path


def panes(d):
    """What the panes that show say of the chosen path, by their first words."""
    return [n.name for n in d.walk() if n.getRoleName() == "tree" and (n.name or "").startswith("Flame graph ")]


def chosen(d, word, seconds=10):
    """Whether every pane says that @word is chosen."""
    return desktop.wait(lambda: panes(d) and all((": %s," % word) in text for text in panes(d)), seconds)


def windows(d):
    return subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(d.app.pid)], capture_output=True, text=True).stdout.split()


def answered(d):
    return d.has("Shares of each side", 20) is not None


def start(d, path):
    d.start(path)
    return d.has("100 % = ") is not None
