/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/diff.h>
#include <afterglow/palette.h>

G_BEGIN_DECLS

/* How a diff is coloured: what grew is orange, what shrank blue, darker the more of it; grey where there is no evidence. Never by colour alone: new paths
 * have a plus and a border, gone ones a minus and a dashed border, uncertain ones are hatched. */

#define GLOW_DIFF_STEPS 5

/* For glow_flame_painter_paint(), which draws one pane with it. */
typedef struct {
  GlowDiff *diff;
  gint side;                   /* GLOW_BEFORE or GLOW_AFTER: a pane of its own; −1: both in one */
  GlowDiffWidth width;         /* of the tree that is laid out */
} GlowDiffPane;

typedef struct {
  GlowColor fill, text;
  double part;                 /* how much of the rectangle this side fills, from the left, in [0, 1]; 1 for what is not a part of anything */
  gint mark;                   /* 1: new, −1: gone, 0: neither */
  gboolean is_absent;          /* on this side: only its border is drawn */
  gboolean is_uncertain;       /* the interval is wider than the change: hatch it */
} GlowDiffStyle;

/* O(1). */
void      glow_diff_pane_get_style (const GlowDiffPane *self, GlowTheme theme, guint32 node, GlowDiffStyle *style);
/* @step: 1 … GLOW_DIFF_STEPS for what grew, negative for what shrank, 0: no evidence. */
GlowColor glow_diff_get_color      (GlowTheme theme, gint step);
/* The step of a change that matters, by thresholds from the floor up, each about three times the one before. */
gint      glow_diff_get_step       (GlowDiff *self, double change);
/* The least change of a step (1 … GLOW_DIFF_STEPS) in the base. */
double    glow_diff_get_step_least (GlowDiff *self, guint step);
/* "−10", "−3", … for a legend: what a step begins at. (transfer full) */
char     *glow_diff_dup_step_label (GlowDiff *self, gint step);

G_END_DECLS
