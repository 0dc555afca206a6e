/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/histogram-compare.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Quantiles side by side, a row each: exact from the spans with its interval, and what histogram_quantile() would say of a service's counts, whose bucket is
 * drawn as what it could be. */
#define GLOW_TYPE_QUANTILE_STRIP (glow_quantile_strip_get_type ())
G_DECLARE_FINAL_TYPE (GlowQuantileStrip, glow_quantile_strip, GLOW, QUANTILE_STRIP, GtkWidget)

GtkWidget *glow_quantile_strip_new (void);
/* (transfer full) (nullable): nothing to compare */
void       glow_quantile_strip_set (GlowQuantileStrip *self, GlowHistogramComparison *comparison);

G_END_DECLS
