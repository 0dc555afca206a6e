/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was fetched from debuginfod servers before, by this program or another. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Where the client's cache has a file of this build, whether it is there or not. @kind: "debuginfo", "executable". (transfer full) */
char *glow_debuginfod_dup_cached (const guint8 *build_id, guint n, const char *kind);

G_END_DECLS
