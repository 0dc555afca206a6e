/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/diff.h>
#include <afterglow/layout.h>

G_BEGIN_DECLS

/* A path of a diff in words. (transfer full) */
char *glow_diff_words_spoken  (GlowDiff *diff, guint32 node);                  /* for a screen reader */
char *glow_diff_words_tooltip (GlowDiff *diff, const GlowRect *rect);          /* Pango markup */
char *glow_diff_words_module  (GlowDiff *diff, guint32 key);                   /* "libc.so.6", or "" */
/* "new", "gone", else the evidence's word; translated, not to be freed. */
const char *glow_diff_words_evidence (GlowDiff *diff, guint32 node);

G_END_DECLS
