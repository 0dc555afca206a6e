/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  double q;
  gboolean has_value;        /* FALSE: no data, or all that is longer was cut by the recording's edge */
  guint64 value_ns;          /* smallest duration that at least a share q of all does not exceed */
  gboolean is_known;         /* FALSE: “not determined”; value_ns is then a point without an interval, low_ns and high_ns mean nothing */
  guint64 low_ns, high_ns;   /* the interval, both ends are durations that were seen */
  double coverage;           /* of the interval, ≥ the confidence asked for; 0 where it is asymptotic (Kaplan–Meier) */
  guint64 needs;             /* durations at least needed to determine this quantile; 0: no number would (cut off) */
} GlowQuantile;

/* @sorted: ascending; @q in [0, 1]; @confidence two-sided, in (0, 1). Exact binomial ranks at every n. */
GlowQuantile glow_quantile_compute (const guint64 *sorted, gsize n, double q, double confidence);
/* The same where spans were cut: Kaplan–Meier if more than 1 % were, else the spans that ended. All four: ascending. */
GlowQuantile glow_quantile_compute_cut (const guint64 *ended, gsize n_ended, const guint64 *cut, gsize n_cut, double q, double confidence);
/* Smallest n for which an interval of the q-quantile exists: qⁿ + (1 − q)ⁿ ≤ 1 − confidence. 0 for q ≤ 0 or ≥ 1. */
guint64      glow_quantile_needs (double q, double confidence);

/* "p99", "P99.9", "p50", "max" (q = 1), "min" (0), "median" → q, nearest double to the decimal. FALSE: none of them. */
gboolean     glow_quantile_parse (const char *text, double *q);
/* (transfer full): "p99.9"; "max" and "min" at the ends. */
char        *glow_quantile_dup_label (double q);

typedef struct {
  double value;              /* what histogram_quantile() answers: may be NaN or ±Inf, as there */
  double low, high;          /* the bucket it falls into: all that the histogram can tell; high is Inf in the last bucket. NaN as value */
} GlowPrometheusQuantile;

/* Classic: @le ascending, the last +Inf; @cumulative counts. Unit of the answer is that of @le. */
GlowPrometheusQuantile glow_quantile_prometheus (const double *le, const double *cumulative, gsize n, double q);

/* A bucket of a native histogram with its own count, not cumulative; ascending, bounds as the wire format implies them. */
typedef struct { double lower, upper, count; } GlowNativeBucket;
/* @is_exponential: TRUE as Prometheus 3 and later, FALSE: linear, as 2.x; the zero bucket is always linear. */
GlowPrometheusQuantile glow_quantile_prometheus_native (const GlowNativeBucket *buckets, gsize n, double q, gboolean is_exponential);
/* Upper bound of positive bucket @index of a native histogram: 2^(index · 2^−schema), schema −4 to 8. */
double       glow_native_bucket_bound (int schema, int index);

G_END_DECLS
