/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/afterglow.h>

G_BEGIN_DECLS

/* A frame in words. (transfer full) */
char *glow_flame_words_spoken  (GlowCallTree *tree, guint32 node);             /* for a screen reader */
char *glow_flame_words_tooltip (GlowCallTree *tree, const GlowRect *rect);     /* Pango markup */
char *glow_flame_words_where   (GlowCallTree *tree, guint32 frame);            /* "libc.so.6 · malloc.c:93 · user" */
char *glow_flame_words_share   (GlowCallTree *tree, guint64 weight);           /* "0.8 % (0.3–1.9 %)" */

G_END_DECLS
