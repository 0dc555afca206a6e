/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/comparison.h"

G_BEGIN_DECLS

/* What the colours and signs of a comparison mean, with the numbers they begin at. */
#define GLOW_TYPE_DIFF_LEGEND (glow_diff_legend_get_type ())
G_DECLARE_FINAL_TYPE (GlowDiffLegend, glow_diff_legend, GLOW, DIFF_LEGEND, GtkWidget)

GtkWidget *glow_diff_legend_new (GlowComparison *comparison);

G_END_DECLS
