/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* The functions that were inlined at places of one file, from its DWARF. Not thread-safe. */
typedef struct _GlowInlines GlowInlines;

/* (nullable): the file, or its split debug information, has no DWARF, or it was cancelled; looked at while units are walked, too. */
GlowInlines *glow_inlines_open (const char *path, const char *const *debug_dirs, GCancellable *cancellable);
void         glow_inlines_free (GlowInlines *self);
/* Adds to @names (of const char *, good as long as @self) the functions that were inlined at @offset in the file, innermost first; the function that
 * they were inlined into is not among them. Returns how many. */
guint        glow_inlines_find (GlowInlines *self, guint64 offset, GPtrArray *names);

G_END_DECLS
