/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <cairo.h>
#include <afterglow/latency-map.h>
#include <afterglow/palette.h>

G_BEGIN_DECLS

/* Where the cells of a map stand: time to the right, as on the strip of time above it; durations upward, logarithmic. A plain value. */
typedef struct {
  guint64 from, to;            /* ns on the recording's clock, from < to: what fills the width */
  double width, height;        /* pixels */
  guint64 low, high;           /* ns of duration, 0 < low < high: what fills the height */
} GlowLatencyMapView;

/* Sets low and high so that every row of @map can be seen; rows from 0 or to +Inf are as high as a middle one. */
void     glow_latency_map_view_fit   (GlowLatencyMapView *view, const GlowLatencyMap *map);
/* Pixels from the left edge, and from the top; x may lie outside, y is clamped: 0 ns at the foot, GLOW_BUCKETS_INFINITE at the top. */
double   glow_latency_map_view_x     (const GlowLatencyMapView *view, guint64 time);
double   glow_latency_map_view_y     (const GlowLatencyMapView *view, guint64 duration);
/* The cell at a place, clamped to the map. O(log) */
void     glow_latency_map_view_cell_at (const GlowLatencyMapView *view, const GlowLatencyMap *map, double x, double y, guint *column, guint *row);
/* Powers of ten, or 1-2-5 where there is room: at most @most labels. (transfer full) (element-type guint64) */
GArray  *glow_latency_map_view_dup_ticks (const GlowLatencyMapView *view, guint most);
/* Cells by count, at the origin of @cr; those that are not known are crossed out. O(cells that can be seen) */
void     glow_latency_map_paint      (const GlowLatencyMap *map, const GlowLatencyMapView *view, cairo_t *cr, GlowTheme theme);

G_END_DECLS
