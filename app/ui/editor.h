/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Opens a source file at a line by the chosen command, or by the system's application for it. */
gboolean glow_editor_open (const char *path, guint line, GError **error);

G_END_DECLS
