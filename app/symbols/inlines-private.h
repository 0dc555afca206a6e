/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* The functions that were inlined at places of one file, from its DWARF. Not thread-safe. */
typedef struct _GlowInlines GlowInlines;

/* A place in source. The strings are good as long as what it was asked of; NULL and 0: not known. */
typedef struct {
  const char *file, *folder;   /* @folder: what @file counts from where it is not absolute */
  guint line;
} GlowSourceLine;

/* (nullable): the file, or its split debug information, has no DWARF, or it was cancelled; looked at while units are walked, too. @lines: lines will be
 * asked for, and not functions alone. */
GlowInlines *glow_inlines_open (const char *path, const char *const *debug_dirs, gboolean lines, GCancellable *cancellable);
void         glow_inlines_free (GlowInlines *self);
/* Adds to @names (of const char *, good as long as @self) the functions that were inlined at @offset in the file, innermost first; the function that
 * they were inlined into is not among them. Returns how many. */
guint        glow_inlines_find (GlowInlines *self, guint64 offset, GPtrArray *names);
/* Adds to @lines (of GlowSourceLine) where execution stands in each of those functions and in the one that they were inlined into, in the same order:
 * the line of the code at @offset, then the lines of the calls. Returns how many: one more than there are names. */
guint        glow_inlines_find_lines (GlowInlines *self, guint64 offset, GArray *lines);
/* Where the function is written that has code at @offset; with @inlined, the one of that (raw) name that was inlined there. Where it is not told, the
 * line of the code. */
gboolean     glow_inlines_find_declaration (GlowInlines *self, guint64 offset, const char *inlined, GlowSourceLine *found);

G_END_DECLS
