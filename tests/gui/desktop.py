# SPDX-License-Identifier: GPL-3.0-or-later
"""A desktop for one test: Xvfb, a private session bus, the accessibility bus, and the window driven as a person would drive it."""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PRIVATE = "AFTERGLOW_GUI_PRIVATE"
NAME = "io.github.afterglow.Afterglow"
PATH = "/io/github/afterglow/Afterglow"


def missing():
    """What is not installed, or None."""
    for tool in ("Xvfb", "xdotool", "dbus-run-session", "gdbus", "import", "dbus-update-activation-environment"):
        if shutil.which(tool) is None:
            return tool
    if not os.path.exists("/usr/libexec/at-spi-bus-launcher"):
        return "at-spi-bus-launcher"
    try:
        import pyatspi  # noqa: F401
    except ImportError:
        return "pyatspi"
    return None


def reexec():
    """Runs this script again on a session bus of its own."""
    if os.environ.get(PRIVATE):
        return
    home = tempfile.mkdtemp(prefix="afterglow-gui-")
    environment = dict(os.environ, **{PRIVATE: home, "XDG_RUNTIME_DIR": home, "HOME": home, "XDG_DATA_HOME": home + "/data",
                                      "XDG_STATE_HOME": home + "/state", "XDG_CONFIG_HOME": home + "/config", "GSK_RENDERER": "cairo",
                                      "XDG_CACHE_HOME": home + "/cache", "GTK_A11Y": "atspi", "GTK_USE_PORTAL": "0", "NO_AT_BRIDGE": "0",
                                      "GSETTINGS_BACKEND": "memory", "GDK_BACKEND": "x11", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"})
    code = subprocess.run(["dbus-run-session", "--", "/usr/bin/python3", *sys.argv], env=environment, check=False).returncode
    try:
        shutil.rmtree(home, ignore_errors=True)
    except OSError:            # what a portal has mounted below it may be just going
        shutil.rmtree(home, ignore_errors=True)
    sys.exit(code)


def wait(condition, seconds=10.0):
    """The first true answer, or the last one. Never a fixed sleep."""
    end = time.monotonic() + seconds
    while True:
        try:
            answer = condition()
        except Exception:          # an accessible that vanished while it was asked
            answer = None
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.03)


def registry_answers():
    address = subprocess.run(["gdbus", "call", "--session", "--dest", "org.a11y.Bus", "--object-path", "/org/a11y/bus", "--method",
                              "org.a11y.Bus.GetAddress"], capture_output=True, text=True, timeout=10).stdout
    if "unix:" not in address:
        return False
    return subprocess.run(["gdbus", "call", "--address", address.split("'")[1], "--dest", "org.a11y.atspi.Registry", "--object-path",
                           "/org/a11y/atspi/accessible/root", "--method", "org.freedesktop.DBus.Peer.Ping"], capture_output=True,
                          timeout=10).returncode == 0


class Desktop:
    def __init__(self, program, schemas, examples, size=(1400, 900), scale=1):
        self.home = os.environ[PRIVATE]
        self.program, self.size = program, size
        # It picks a free number and tells it when it is ready. It must not start over when its last client leaves (-noreset): a program that
        # is just then coming would lose its connection.
        told, tell = os.pipe()
        self.x = subprocess.Popen(["Xvfb", "-displayfd", str(tell), "-screen", "0", "%dx%dx24" % (size[0] * scale, size[1] * scale), "-nolisten", "tcp",
                                   "-noreset"], pass_fds=(tell,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(tell)
        with os.fdopen(told) as line:
            self.display = ":" + line.readline().strip()
        os.environ.update({"DISPLAY": self.display, "GSETTINGS_SCHEMA_DIR": schemas, "AFTERGLOW_EXAMPLES": examples, "GDK_SCALE": str(scale)})
        subprocess.run(["dbus-update-activation-environment", "DISPLAY=" + self.display], check=False, stderr=subprocess.DEVNULL)
        self.bus = subprocess.Popen(["/usr/libexec/at-spi-bus-launcher", "--launch-immediately"], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL)
        # A program that starts before the registry answers is not in the tree, and never will be.
        wait(registry_answers, 30)
        import pyatspi
        self.atspi = pyatspi
        wait(lambda: pyatspi.Registry.getDesktop(0) is not None, 30)
        self.app = self.window = None
        self.log = open(os.path.join(self.home, "app.log"), "ab")

    def close(self):
        self.stop()
        for process in (self.bus, self.x):
            process.terminate()
            process.wait()

    # ---- the program ----

    def start(self, *arguments, stdin=None, position=True):
        self.app = subprocess.Popen([self.program, *arguments], stdin=stdin, stdout=self.log, stderr=self.log)
        wait(lambda: self.find_window() or self.app.poll() is not None, 20)
        self.window = self.find_window()
        if position and self.window:
            self.xdo("windowmove", self.window, "0", "0")
            self.xdo("windowsize", self.window, str(self.size[0]), str(self.size[1]))
        if not wait(lambda: self.root() or self.app.poll() is not None, 20) or self.app.poll() is not None:
            state = "the program runs" if self.app.poll() is None else "the program ended with %d" % self.app.returncode
            raise RuntimeError("no window: %s\n%s" % (state, "\n".join(self.written()[-20:])))

    def find_window(self):
        out = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(self.app.pid)], capture_output=True, text=True).stdout.split()
        return out[-1] if out else None

    def other_window(self):
        """A window of the program beside its own: a dialog."""
        out = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(self.app.pid)], capture_output=True, text=True).stdout.split()
        return next((w for w in out if w != self.window), None)

    def drag(self, from_x, from_y, to_x, to_y):
        """With the left button, in steps, as a hand does it: what is under the pointer must have time to answer."""
        self.xdo("mousemove", str(from_x), str(from_y), "sleep", "0.2", "mousedown", "1", "sleep", "0.2")
        for step in range(1, 21):
            self.xdo("mousemove", str(from_x + (to_x - from_x) * step // 20), str(from_y + (to_y - from_y) * step // 20), "sleep", "0.03")
        self.xdo("sleep", "0.4", "mouseup", "1")

    def stop(self):
        """Closes as a person would; returns whether it ended by itself."""
        if self.app is None:
            return True
        try:
            self.application("quit")
            self.app.wait(8)
            clean = self.app.returncode == 0
        except Exception:
            self.app.send_signal(signal.SIGKILL)
            self.app.wait()
            clean = False
        self.app = None
        return clean

    def written(self):
        """What the program has written to its standard output and error, in lines."""
        self.log.flush()
        return open(self.log.name, encoding="utf-8", errors="replace").read().splitlines()

    def complaints(self):
        return [line for line in self.written() if "CRITICAL" in line or "Sanitizer" in line or "runtime error" in line
                or ("WARNING" in line and "Afterglow" in line)]

    # ---- doing ----

    def xdo(self, *arguments):
        subprocess.run(["xdotool", *arguments], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def key(self, *keys):
        self.xdo("key", "--delay", "30", *keys)

    def type(self, text):
        self.xdo("type", "--delay", "15", text)

    def _activate(self, path, name, parameter):
        subprocess.run(["gdbus", "call", "--session", "--dest", NAME, "--object-path", path, "--method", "org.gtk.Actions.Activate", name,
                        "[<%s>]" % parameter if parameter is not None else "[]", "{}"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=10)

    def action(self, name, text=None, window=1):
        quoted = None if text is None else "'%s'" % text.replace("\\", "\\\\").replace("'", "\\'")
        self._activate("%s/window/%d" % (PATH, window), name, quoted)

    def application(self, name):
        self._activate(PATH, name, None)

    def state(self, name, window=1):
        out = subprocess.run(["gdbus", "call", "--session", "--dest", NAME, "--object-path", "%s/window/%d" % (PATH, window), "--method",
                              "org.gtk.Actions.Describe", name], capture_output=True, text=True, timeout=10).stdout
        return out.strip()

    # ---- seeing ----

    def root(self):
        desktop = self.atspi.Registry.getDesktop(0)
        for i in range(desktop.childCount):
            child = desktop.getChildAtIndex(i)
            if child is not None and child.get_process_id() == self.app.pid and child.childCount > 0:
                return child
        return None

    def walk(self, node=None):
        node = node or self.root()
        if node is None:
            return
        stack = [node]
        while stack:
            at = stack.pop()
            try:
                if at.getState().contains(self.atspi.STATE_VISIBLE) or at.getRoleName() == "application":
                    yield at
                    stack.extend(c for c in (at.getChildAtIndex(i) for i in reversed(range(at.childCount))) if c is not None)
            except Exception:
                continue

    def named(self):
        """What is there, with its name; an accessible that goes while it is asked is not there."""
        for node in self.walk():
            try:
                name = node.name
            except Exception:
                continue
            if name:
                yield node, name

    def texts(self):
        return [name for _, name in self.named()]

    def has(self, piece, seconds=10.0):
        return wait(lambda: next((t for t in self.texts() if piece in t), None), seconds)

    def lacks(self, piece, seconds=10.0):
        return wait(lambda: all(piece not in t for t in self.texts()), seconds)

    def find(self, piece, roles=None, seconds=10.0):
        return wait(lambda: next((n for n, name in self.named() if piece in name and (roles is None or n.getRoleName() in roles)), None), seconds)

    def click(self, piece, roles=("push button", "button", "check box", "toggle button"), seconds=10.0):
        return self.press(self.find(piece, roles, seconds))

    def press(self, node):
        """FALSE where there is none."""
        if node is None:
            return False
        try:
            return node.queryAction().doAction(0)
        except Exception:          # a kind of control that GTK gives no action: with the pointer, then
            box = node.queryComponent().getExtents(self.atspi.WINDOW_COORDS)
            self.xdo("mousemove", str(box.x + box.width // 2), str(box.y + box.height // 2), "click", "1")
            return True

    def extents(self, piece):
        """Left, top, width, height of what has this name, in the window; its shadow is not in it here."""
        box = self.find(piece).queryComponent().getExtents(self.atspi.WINDOW_COORDS)
        return box.x, box.y, box.width, box.height

    def crumbs(self):
        box = next((n for n in self.walk() if n.name == "Zoomed to"), None)
        return [c.name for c in self.walk(box) if c.getRoleName() in ("push button", "button")] if box is not None else []

    def flame(self):
        node = next((n for n in self.walk() if n.getRoleName() == "tree"), None)
        return node.name if node is not None else None

    def shot(self, path):
        subprocess.run(["import", "-window", "root", "-crop", "%dx%d+0+0" % self.size, path], check=False)
        return os.path.exists(path)
