#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the pictures of README.md: screenshot.py AFTERGLOW SCHEMAS SOURCE WINDOW.png [CAPTURE.png]"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import desktop  # noqa: E402

desktop.reexec()
program, schemas, source, out = (os.path.abspath(path) for path in sys.argv[1:5])
d = desktop.Desktop(program, schemas, os.path.join(source, "data", "examples"), size=(1440, 900))
try:
    d.start(os.path.join(source, "data", "examples", "orders.data"))
    d.has("100 % = ")
    d.action("select", "start_thread;worker_main;handle_request;store_order;append_log")
    d.has("__libc_write")
    d.has("Distinct stacks")
    d.shot(out)
    if len(sys.argv) > 5:
        d.action("capture")
        d.has("No command was given")
        d.type("make -j8 check")
        # Once it was probed.
        d.has("of the CPU time", 30)
        d.size = (760, 820)
        d.shot(os.path.abspath(sys.argv[5]))
finally:
    d.close()
