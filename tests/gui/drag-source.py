#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A window whose contents can be dragged: files, as a file manager gives them. drag-source.py FILE…"""
import sys

import gi

gi.require_version("Gtk", "4.0")
gi.require_version("Gdk", "4.0")
from gi.repository import Gdk, Gio, GLib, Gtk  # noqa: E402


def activate(application):
    window = Gtk.ApplicationWindow(application=application, default_width=200, default_height=200, title="drag source")
    label = Gtk.Label(label="drag me")
    uris = "".join(Gio.File.new_for_path(path).get_uri() + "\r\n" for path in sys.argv[1:])
    source = Gtk.DragSource(actions=Gdk.DragAction.COPY | Gdk.DragAction.MOVE)
    source.connect("prepare", lambda *_: Gdk.ContentProvider.new_for_bytes("text/uri-list", GLib.Bytes.new(uris.encode())))
    label.add_controller(source)
    window.set_child(label)
    window.present()


application = Gtk.Application(flags=Gio.ApplicationFlags.NON_UNIQUE)
application.connect("activate", activate)
application.run([])
