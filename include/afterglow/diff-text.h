/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/diff.h>

G_BEGIN_DECLS

/* A diff in words, the same in window, command and files. Translated, for people. (transfer full) */

char *glow_diff_text_value    (GlowDiff *self, double value);            /* "13.9 %", "1.20 s", "18 µs per request" */
char *glow_diff_text_change   (GlowDiff *self, double change);           /* "+5.8 pp", "−120 ms" */
char *glow_diff_text_interval (GlowDiff *self, const GlowDiffChange *change);   /* "+4.9 … +6.7 pp" */
char *glow_diff_text_q        (double q);                                /* "< 0.001", "0.11", "–" where not tested */
/* What every number is of: "shares of cpu-clock", "CPU time per request". */
char *glow_diff_text_base     (GlowDiff *self);
/* "12 480 samples, 30.0 s" of one side; "8 runs, 99 840 samples" */
char *glow_diff_text_side     (GlowDiff *self, guint side);
/* What was found, in a sentence or two, that can stand in a review. */
char *glow_diff_text_findings (GlowDiff *self, GlowDiffKind kind, GlowDiffMeasure measure);
/* What this comparison can say and what not, and what it would take. */
char *glow_diff_text_limits   (GlowDiff *self);
/* A row's or path's whole evidence: "LZ4_compress_fast: 8.1 % → 13.9 %, +5.8 pp (+4.9 … +6.7 pp), q < 0.001: grew" */
char *glow_diff_text_evidence (GlowDiff *self, const GlowDiffChange *change);
/* "new", "gone", else the evidence's word. Translated, not to be freed. */
const char *glow_diff_row_get_word (const GlowDiffRow *row, GlowDiffMeasure measure);

G_END_DECLS
