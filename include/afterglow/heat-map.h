/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <cairo.h>
#include <afterglow/density.h>
#include <afterglow/palette.h>

G_BEGIN_DECLS

/* A sub-second heat map: time runs through each column from its foot to its head, and on to the next. What repeats with the column's length
 * lies in rows; what does not, in stripes and speckles.
 *
 * Source of the idea: B. Gregg, FlameScope (2018); subsecond-offset heat maps (2014). */
typedef struct {
  guint64 from, to;            /* ns on the recording's clock, from < to: what fills the width */
  double width, height;        /* pixels */
  guint rows;                  /* 0: by the rate, as many as still hold some samples each */
} GlowHeatMapOptions;

typedef struct {
  GlowHeatMapOptions options;
  guint64 first;               /* ns: where the first column begins, at or before options.from; columns are whole steps from the recording's start */
  guint64 column;              /* ns a column: 1, 2 or 5 × 10^k, a second wherever that can be drawn */
  guint n_columns, n_rows;
  guint32 *counts;             /* of samples: column by column, each from its foot */
  guint32 largest;
} GlowHeatMap;

/* ns a column of what is seen: 1, 2 or 5 × 10^k, the least whose columns are wide enough. */
guint64      glow_heat_map_choose_column (const GlowHeatMapOptions *options);
/* O(cells × log). (transfer full) */
GlowHeatMap *glow_heat_map_compute (GlowDensity *density, const GlowHeatMapOptions *options);
void         glow_heat_map_free    (GlowHeatMap *self);
/* Where a time stands, in pixels from the left edge; may lie outside. */
double       glow_heat_map_x       (const GlowHeatMap *self, guint64 time);
/* The time at a place: the beginning of the column there. Clamped to the columns. */
guint        glow_heat_map_column_at (const GlowHeatMap *self, double x);
guint32      glow_heat_map_column_count (const GlowHeatMap *self, guint column);
/* The columns around @column whose counts are of one level, as change-points.h tells levels apart: what a double click means by a period. It depends on the
 * zoom, as what a period is does: from afar a second of work, from near one request of it. */
void         glow_heat_map_find_period (const GlowHeatMap *self, guint column, guint *first, guint *last);

typedef enum { GLOW_STRIP_HEAT, GLOW_STRIP_RATE } GlowStripStyle;
/* Cells by count, or the counts of columns as steps; at the origin of @cr, as large as the options say. */
void         glow_heat_map_paint   (const GlowHeatMap *self, cairo_t *cr, GlowTheme theme, GlowStripStyle style);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowHeatMap, glow_heat_map_free)

G_END_DECLS
