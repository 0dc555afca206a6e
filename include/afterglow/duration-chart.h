/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <cairo.h>
#include <afterglow/latency.h>
#include <afterglow/palette.h>

G_BEGIN_DECLS

/* A histogram of durations as it is drawn: bars on a logarithmic (or, for equal steps, linear) axis, quantile lines, what is brushed. */
typedef enum {
  GLOW_BARS_LOG,               /* as many a decade as there is room for */
  GLOW_BARS_LOG2,
  GLOW_BARS_LINEAR,            /* equal steps, by Freedman and Diaconis */
  GLOW_BARS_EXPLICIT           /* upper bounds, as a service has them; what is longer than the last is a bar without end */
} GlowBars;

typedef struct {
  double width, height;        /* pixels */
  GlowBars bars;
  gboolean by_time;            /* bars are as high as their spans last together, not as many as they are */
  gboolean log_count;          /* what bars are as high as is drawn logarithmically */
  const guint64 *bounds;       /* of GLOW_BARS_EXPLICIT: ns, ascending; borrowed, must outlive the chart */
  guint n_bounds;
  const guint8 *marked;        /* (nullable) by span: drawn in another colour within each bar */
} GlowDurationChartOptions;

typedef struct {
  guint64 low, high;           /* ns: low ≤ duration < high */
  guint64 count, marked;       /* spans */
  double time, marked_time;    /* ns together */
} GlowDurationBar;

typedef struct {
  GlowDurationChartOptions options;
  const GlowLatency *latency;  /* borrowed: must outlive the chart */
  GArray *bars;                /* of GlowDurationBar, ascending, without gaps */
  guint64 low, high;           /* ns: the axis */
  double largest, least;       /* of what bars are as high as; the least above 0 */
  double relative_error;       /* what stands for a bar is no further from any duration in it; 0: there is no such bound */
} GlowDurationChart;

/* O(bars × log spans), O(spans) where some are marked. (transfer full) */
GlowDurationChart *glow_duration_chart_compute (const GlowLatency *latency, const GlowDurationChartOptions *options);
void               glow_duration_chart_free    (GlowDurationChart *self);
double             glow_duration_chart_x       (const GlowDurationChart *self, double ns);     /* pixels; may lie outside */
guint              glow_duration_chart_bar_at  (const GlowDurationChart *self, double x);
double             glow_duration_chart_y       (const GlowDurationChart *self, double value);  /* pixels from the top: of a count, or of ns together */
/* What bars are as high as, round numbers, ascending. (transfer full) (element-type double) */
GArray            *glow_duration_chart_dup_value_ticks (const GlowDurationChart *self, guint most);
/* Labels of the axis: ns that are round where it is. (transfer full) (element-type double) */
GArray            *glow_duration_chart_dup_ticks (const GlowDurationChart *self, guint most);
/* @from, @to: ns that are brushed; to ≤ from: nothing. */
void               glow_duration_chart_paint   (const GlowDurationChart *self, cairo_t *cr, GlowTheme theme, guint64 from, guint64 to);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowDurationChart, glow_duration_chart_free)

G_END_DECLS
