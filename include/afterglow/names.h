/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/profile.h>

G_BEGIN_DECLS

/* What language runtimes put into the names of their functions, taken apart: "JS:*fib /srv/app.js:3:12" is the function fib, in JavaScript, optimised,
 * written at line 3 of /srv/app.js. */
typedef struct {
  char *name;                  /* (nullable): as a person would write it; NULL where it is well as it is */
  char *file;                  /* (nullable): where it is written */
  guint line;                  /* 0 where not known */
  const char *language;        /* (nullable): "JavaScript"; a proper name, not translated */
  const char *tier;            /* (nullable): translated: "optimised", "interpreted" … */
} GlowNameParts;

/* @name is the raw one; @kind: of its frame. Clear @parts with glow_name_parts_clear(). */
void  glow_name_parts_read  (const char *name, GlowFrameKind kind, GlowNameParts *parts);
void  glow_name_parts_clear (GlowNameParts *parts);
/* (transfer full) (nullable): parts.name alone */
char *glow_name_dup_tidy    (const char *name, GlowFrameKind kind);

/* How much of a name somebody wrote: what is behind it compilers and linkers added (.isra.0, .cold, " [clone .part.0]", @GLIBC_2.2.5). */
gsize glow_name_length_written (const char *name);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GlowNameParts, glow_name_parts_clear)

G_END_DECLS
