/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/heat-map.h>

G_BEGIN_DECLS

/* What is drawn over a map of time: what the recording missed, and what was chosen. All at the origin of @cr, as high as the map. */

/* How a chosen time stands out, each otherwise than by colour alone: a whole outline, or a dashed one with stripes. */
typedef enum { GLOW_BAND_SELECTED, GLOW_BAND_BASELINE } GlowBand;

/* @x0, @x1: pixels; what lies outside @width is cut off. */
void  glow_strip_draw_band  (cairo_t *cr, double width, double height, double x0, double x1, GlowBand band);
/* Stretches without any record (pairs of ns), hatched. */
void  glow_strip_draw_gaps  (cairo_t *cr, const GlowHeatMap *map, const GArray *gaps, GlowTheme theme);
/* Lost records and throttling. */
void  glow_strip_draw_marks (cairo_t *cr, const GlowHeatMap *map, GlowProfile *profile);
/* (transfer full) (nullable): what of all this happened in [from, to), in words */
char *glow_strip_dup_events (GlowProfile *profile, const GArray *gaps, guint64 from, guint64 to);

G_END_DECLS
