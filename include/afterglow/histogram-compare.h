/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/histogram-series.h>
#include <afterglow/latency.h>
#include <afterglow/latency-map.h>

G_BEGIN_DECLS

/* What a recording measured beside what a service counted of the same: the spans themselves, their counts in the service's own buckets, and the service's
 * counts. Of the exact quantile and what histogram_quantile() would say of either, in ns. */
typedef struct {
  GlowQuantile exact;                  /* of the spans, with its interval */
  GlowPrometheusQuantile spans;        /* of the spans' counts in the buckets */
  GlowPrometheusQuantile server;       /* of the service's counts; low and high are the bucket, which is its uncertainty */
} GlowComparedQuantile;

typedef struct {
  double lower, upper;                 /* ns, (lower, upper]; the ends may be infinite */
  double spans, server;                /* observations */
} GlowComparedBucket;

typedef struct {
  GlowHistogram *server;               /* owned */
  GArray *buckets;                     /* of GlowComparedBucket: ascending, without gaps */
  GlowComparedQuantile quantiles[GLOW_LATENCY_QUANTILES - 1];   /* p50, p90, p99, p99.9 */
  double n_spans, n_server;
  GlowTest test;                       /* χ² of the two, on common bins; statistic NaN where there is nothing to test */
} GlowHistogramComparison;

/**
 * glow_histogram_comparison_new:
 * @server: (transfer full): of durations
 * @is_exponential: see glow_histogram_get_quantile()
 *
 * O(buckets × log spans). The test asks whether both are draws of one distribution: few observations cannot tell, and very many tell what does not
 * matter; spans and observations are of the same requests, mostly, so that it is the service's clock, queue and buckets that it finds, not chance.
 *
 * Source: glow_test_histograms().
 *
 * Returns: (transfer full)
 */
GlowHistogramComparison *glow_histogram_comparison_new  (const GlowLatency *latency, GlowHistogram *server, gboolean is_exponential);
void                     glow_histogram_comparison_free (GlowHistogramComparison *self);

/* The wall clock of a recording's time, ns since 1970; FALSE where it does not tell. */
gboolean                 glow_profile_get_wall_window   (GlowProfile *profile, gint64 *from, gint64 *to);

/* Series of one name and form: those that are asked for are summed. Which name: the only one of durations, native before classic.
 * NULL with GLOW_ERROR_SELECTION where several could be meant, or none is of durations. (transfer container) */
GPtrArray               *glow_histograms_choose         (const GlowHistograms *histograms, GError **error);

/**
 * glow_histograms_compute_map:
 * @series: (element-type GlowHistogramSeries): of one unit, durations
 * @wall_clock_offset: ns: wall clock − recording's clock
 *
 * Observations over time, on the recording's clock. Columns are the intervals of the series that has most of them, rows the buckets, neighbours put together
 * where they are finer than can be seen. What other series observed in intervals that lie otherwise is spread over them evenly. O(buckets of all intervals
 * × log rows).
 *
 * Returns: (transfer full) (nullable): %NULL where no interval has both its times
 */
GlowLatencyMap          *glow_histograms_compute_map    (GPtrArray *series, gint64 wall_clock_offset);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowHistogramComparison, glow_histogram_comparison_free)

G_END_DECLS
