/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/call-tree.h>
#include <afterglow/interval.h>

G_BEGIN_DECLS

/* Numbers and quantities in words, the same in window, command and pictures. Translated, by locale, thin spaces in thousands. (transfer full) */
char *glow_text_count    (guint64 count);                        /* "12 480" */
char *glow_text_share    (double share);                         /* "3.0 %"; "< 0.01 %" */
char *glow_text_interval (const GlowInterval *interval);         /* "2.1–4.3 %" */
char *glow_text_duration (double ns);                            /* "30.0 s", "18.4 ms" */
char *glow_text_bytes    (guint64 bytes);
char *glow_text_weight   (guint64 weight, GlowUnit unit, guint8 decimals);   /* "1.20 s", "3 400 samples" */
char *glow_text_base     (GlowCallTree *tree);                   /* "12 480 samples of cpu-clock": what percentages are of; with a filter "96 of 12 480 samples …" */
char *glow_text_evidence (GlowCallTree *tree, guint64 weight, guint64 samples);   /* "3.0 % (2.1–4.3 %), 30 of 990 samples, ≈ 0.30 s CPU" */
char *glow_text_tear     (GlowCallTree *tree, guint32 node);     /* (nullable) "Callers missing here: 12.0 % (copied stack ended)"; NULL where stacks are whole */

G_END_DECLS
