/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

gboolean perf_event_header_append (const guint8 *bytes, gsize n, GString *text);

G_END_DECLS
