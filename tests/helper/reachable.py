# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs for users who may not enter the folder that they were built in."""
import atexit
import os
import shutil
import tempfile


def reachable(*paths):
    """Copies of programs where every user can run them, for as long as this program runs."""
    folder = tempfile.mkdtemp(prefix="afterglow-programs-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chmod(folder, 0o755)
    copies = [os.path.join(folder, os.path.basename(path)) for path in paths]
    for path, copy in zip(paths, copies):
        shutil.copy(path, copy)
        os.chmod(copy, 0o755)
    return copies
