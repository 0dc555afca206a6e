# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of the Test Anything Protocol, numbered."""

number = 0


def report(ok, name, reason=""):
    global number
    number += 1
    print("%s %d - %s" % ("ok" if ok else "not ok", number, name), flush=True)
    if reason and not ok:
        print("# " + str(reason).replace("\n", "\n# ")[:1500], flush=True)


def skip(name, reason):
    global number
    number += 1
    print("ok %d - %s # SKIP %s" % (number, name, reason), flush=True)


def plan():
    print("1..%d" % number)
