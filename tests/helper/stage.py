# SPDX-License-Identifier: GPL-3.0-or-later
"""A system bus with polkit and the privileged service on it, of nobody else: in a mount namespace of its own, with files of the source and build.

Callers are connections of this process, made with another user's id: the bus knows a caller by who connected."""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import gi

gi.require_version("Polkit", "1.0")
from gi.repository import Gio, GLib, Polkit  # noqa: E402
from tap import plan, skip  # noqa: E402

NAME, PATH = "io.github.afterglow.Helper1", "/io/github/afterglow/Helper1"
ROOT, NOBODY, GAMES, MAN = 0, 65534, 5, 6
POLKITD = "/usr/lib/polkit-1/polkitd"
TRACEFS = "/sys/kernel/tracing"

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=%(folder)s/bus</listen><auth>EXTERNAL</auth><servicedir>%(folder)s/services</servicedir>
<policy context="default"><allow user="*"/><deny own="*"/><deny send_type="method_call"/><allow send_type="signal"/>
<allow send_requested_reply="true" send_type="method_return"/><allow send_requested_reply="true" send_type="error"/>
<allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/>
<allow send_destination="org.freedesktop.DBus"/></policy>
<policy user="root"><allow send_interface="org.freedesktop.PolicyKit1.AuthenticationAgent"/></policy>
<include>/usr/share/dbus-1/system.d/org.freedesktop.PolicyKit1.conf</include>
<include>%(source)s/data/helper/io.github.afterglow.Helper1.conf</include></busconfig>
"""

RULES = """polkit.addRule(function(action, subject) {
  if (action.id.indexOf("io.github.afterglow.helper.") != 0) return;
  if (subject.user == "games") return polkit.Result.YES;
  if (subject.user == "nobody" && action.id == "io.github.afterglow.helper.record-own") return polkit.Result.YES;
});
"""

AGENT = """<node><interface name='org.freedesktop.PolicyKit1.AuthenticationAgent'>
<method name='BeginAuthentication'><arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>
<arg type='a{ss}' direction='in'/><arg type='s' direction='in'/><arg type='a(sa{sv})' direction='in'/></method>
<method name='CancelAuthentication'><arg type='s' direction='in'/></method></interface></node>"""


def own_mounts():
    """Starts this program again where mounts are its own."""
    if os.environ.get("AFTERGLOW_OWN_MOUNTS") is None:
        # Not in a tree that is no mount by itself, as a changed root may be.
        if subprocess.run(["unshare", "-m", "--propagation", "private", "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            skip("the privileged service", "mounts cannot be made this program's own here")
            plan()
            sys.exit(0)
        os.execvpe("unshare", ["unshare", "-m", "--propagation", "private", sys.executable] + sys.argv, dict(os.environ, AFTERGLOW_OWN_MOUNTS="1"))


def start_time(pid):
    return int(open("/proc/%d/stat" % pid).read().rpartition(")")[2].split()[19])


def wait_for(what, seconds=10.0):
    """Whether what() comes true; D-Bus goes on meanwhile."""
    context, end = GLib.MainContext.default(), time.monotonic() + seconds
    source = GLib.timeout_add(10, lambda: True)         # what() may come true without D-Bus
    try:
        while not what():
            if time.monotonic() > end:
                return False
            context.iteration(True)
        return True
    finally:
        GLib.source_remove(source)


class Caller:
    """A connection of a user."""

    def __init__(self, stage, uid=ROOT):
        self.stage, self.uid, self.signals = stage, uid, []
        self.bus = stage.connect(uid)
        self.bus.signal_subscribe(None, NAME, None, PATH, None, Gio.DBusSignalFlags.NONE, self.on_signal)

    def on_signal(self, bus, sender, path, interface, name, arguments):
        self.signals.append((name,) + arguments.unpack())

    def begin(self, method, arguments=None, fds=(), kind=None, seconds=30):
        """A call whose answer is awaited elsewhere: a list that gets (value, None) or (None, error)."""
        handles, answer = Gio.UnixFDList.new(), []
        for fd in fds:
            handles.append(fd)

        def on_answer(bus, result):
            try:
                value, _ = bus.call_with_unix_fd_list_finish(result)
                answer.append((value.unpack(), None))
            except GLib.Error as error:
                answer.append((None, error.message))
        self.bus.call_with_unix_fd_list(NAME, PATH, NAME, method, arguments, kind, 0, seconds * 1000, handles, None, on_answer)
        return answer

    def call(self, method, arguments=None, fds=(), seconds=30):
        answer = self.begin(method, arguments, fds, None, seconds)
        wait_for(lambda: answer, seconds + 5)
        return answer[0] if answer else (None, "no answer")

    @staticmethod
    def record_arguments(request, outputs=1, first=0):
        return GLib.Variant("(a{sv}ah)", (request, [first + i for i in range(outputs)]))

    def record(self, request, fds, outputs=None, seconds=30):
        """(id, ns) or an error's words."""
        return self.call("Record", self.record_arguments(request, len(fds) if outputs is None else outputs), fds, seconds)

    def finished(self, number, seconds=15):
        """(reason, figures) of a recording, None where it does not end."""
        found = lambda: [s for s in self.signals if s[0] == "Finished" and s[1] == number]  # noqa: E731
        wait_for(found, seconds)
        return found()[0][2:] if found() else (None, {})

    def close(self):
        self.bus.close_sync(None)


class Stage:
    def __init__(self, source, build, helper):
        self.source, self.helper, self.processes = source, helper, []
        self.folder = tempfile.mkdtemp(prefix="afterglow-helper-")
        os.chmod(self.folder, 0o755)
        for name in ("actions", "rules", "more-rules", "services", "run", "out"):
            os.mkdir(os.path.join(self.folder, name))
        os.chmod(self.path("out"), 0o1777)
        shutil.copy("/usr/share/polkit-1/actions/org.freedesktop.policykit.policy", self.path("actions"))
        shutil.copy(os.path.join(build, "data", "helper", "io.github.afterglow.helper.policy"), self.path("actions"))
        shutil.copy("/usr/share/polkit-1/rules.d/50-default.rules", self.path("rules"))
        for name, place in (("actions", "/usr/share/polkit-1/actions"), ("rules", "/usr/share/polkit-1/rules.d"), ("more-rules", "/etc/polkit-1/rules.d")):
            subprocess.run(["mount", "--bind", self.path(name), place], check=True)
        with open(self.path("bus.conf"), "w") as file:
            file.write(BUS % {"folder": self.folder, "source": source})
        service = open(os.path.join(build, "data", "helper", NAME + ".service")).read()
        with open(self.path("services", NAME + ".service"), "w") as file:
            file.write(re.sub(r"(?m)^Exec=.*", "Exec=" + helper, re.sub(r"(?m)^SystemdService=.*\n", "", service)))
        self.log = open(self.path("log"), "w+")
        os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=" + self.path("bus")
        os.environ["RUNTIME_DIRECTORY"] = self.path("run")
        # The bus starts the service, with the bus's environment.
        self.run("dbus-daemon", "--config-file=" + self.path("bus.conf"), "--nofork")
        wait_for(lambda: os.path.exists(self.path("bus")))
        self.root = self.connect(ROOT)
        self.run(POLKITD, "--no-debug")
        if not wait_for(lambda: self.owner("org.freedesktop.PolicyKit1")):
            raise SystemExit("polkitd did not start: " + self.words())
        self.agent_answer, self.agent_said = None, []

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def run(self, *command):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.processes.append(process)
        return process

    def words(self):
        self.log.flush()
        return open(self.log.name, errors="replace").read()

    def connect(self, uid):
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        if uid != ROOT:
            os.setegid(uid if uid != NOBODY else 65534)
            os.seteuid(uid)
        try:
            bus = Gio.DBusConnection.new_for_address_sync("unix:path=" + self.path("bus"), flags, None, None)
        finally:
            os.seteuid(0)
            os.setegid(0)
        bus.set_exit_on_close(False)
        return bus

    def ask_bus(self, method, signature, *arguments):
        return self.root.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", method, GLib.Variant(signature, arguments),
                                   None, 0, 10000, None).unpack()[0]

    def owner(self, name=NAME):
        return self.ask_bus("NameHasOwner", "(s)", name)

    def helper_pid(self):
        return self.ask_bus("GetConnectionUnixProcessID", "(s)", NAME)

    def allow(self, allow=True):
        """Lets rules of the administrator come into force, or takes them away."""
        path = self.path("more-rules", "10-test.rules")
        if allow:
            with open(path + ".new", "w") as file:
                file.write(RULES)
            os.rename(path + ".new", path)
        elif os.path.exists(path):
            os.unlink(path)
        time.sleep(1.0)         # polkitd reads rules when it sees that they changed, and says so to nobody

    # ---- an agent that answers by itself ----
    def start_agent(self):
        self.agent = self.root.register_object("/agent", Gio.DBusNodeInfo.new_for_xml(AGENT).interfaces[0], self.on_agent, None, None)
        subject = ("unix-process", {"pid": GLib.Variant("u", os.getpid()), "start-time": GLib.Variant("t", start_time(os.getpid()))})
        self.polkit("RegisterAuthenticationAgent", GLib.Variant("((sa{sv})ss)", (subject, "C", "/agent")))

    def stop_agent(self):
        subject = ("unix-process", {"pid": GLib.Variant("u", os.getpid()), "start-time": GLib.Variant("t", start_time(os.getpid()))})
        self.polkit("UnregisterAuthenticationAgent", GLib.Variant("((sa{sv})s)", (subject, "/agent")))
        self.root.unregister_object(self.agent)

    def polkit(self, method, arguments):
        return self.root.call_sync("org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority", "org.freedesktop.PolicyKit1.Authority", method,
                                   arguments, None, 0, 10000, None)

    def on_agent(self, bus, sender, path, interface, method, arguments, invocation):
        if method == "CancelAuthentication":
            self.agent_said.append(("cancelled", "", {}))
            invocation.return_value(None)
            return
        action, message, _, details, cookie, identities = arguments.unpack()
        self.agent_said.append((action, message, details))
        self.question = (cookie, identities[0], invocation)
        if self.agent_answer == "yes":
            self.say_yes()
        elif self.agent_answer == "no":
            invocation.return_dbus_error("org.freedesktop.PolicyKit1.Error.Cancelled", "dismissed")
        # else: the question stays open

    def say_yes(self):
        cookie, identity, invocation = self.question
        self.polkit("AuthenticationAgentResponse2", GLib.Variant("(us(sa{sv}))", (
            0, cookie, (identity[0], {"uid": GLib.Variant("u", identity[1]["uid"])}))))
        invocation.return_value(None)

    # ---- what must not be left ----
    def recorders(self):
        """Children of the service."""
        found = []
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                fields = open(path).read().rpartition(")")[2].split()
                if self.owner() and int(fields[1]) == self.helper_pid():
                    found.append(int(path.split("/")[2]))
            except (OSError, GLib.Error):
                pass
        return found

    def probes(self):
        return [line for line in open(TRACEFS + "/uprobe_events").read().splitlines() if ":afterglow_" in line]

    def output(self, name, uid=NOBODY, flags=os.O_RDWR):
        path = self.path("out", name)
        fd = os.open(path, flags | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchown(fd, uid, -1)
        return path, fd

    def close(self):
        if self.owner():
            os.kill(self.helper_pid(), signal.SIGTERM)
            wait_for(lambda: not self.owner())
        for process in reversed(self.processes):
            process.terminate()
            process.wait()
        words = self.words()
        subprocess.run("umount %s/full" % self.folder, shell=True, stderr=subprocess.DEVNULL, check=False)
        if os.environ.get("AFTERGLOW_KEEP_LOG"):
            shutil.copy(self.log.name, os.environ["AFTERGLOW_KEEP_LOG"])
        shutil.rmtree(self.folder, ignore_errors=True)
        return words
