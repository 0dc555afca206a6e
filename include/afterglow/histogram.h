/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  GLOW_BUCKETS_RELATIVE,     /* DDSketch: a fixed relative error everywhere */
  GLOW_BUCKETS_LOG_LINEAR,   /* HdrHistogram: 2^bits equal parts of every octave */
  GLOW_BUCKETS_LOG2,         /* an octave a bucket, as bpftrace's hist() */
  GLOW_BUCKETS_LINEAR,       /* equal steps */
  GLOW_BUCKETS_EXPLICIT,     /* upper bounds, as Prometheus' le; +Inf is always the last */
} GlowBucketsKind;

/* The widest value of a bucket without an upper bound; JSON shows null, text “+Inf”. */
#define GLOW_BUCKETS_INFINITE G_MAXUINT64
#define GLOW_BUCKETS_DEFAULT_ERROR 0.01

/*
 * A way to sort durations into buckets. A plain value: copy it, compare it with glow_buckets_equal(), make it with glow_buckets_*() only.
 * Every duration (0 included) has exactly one bucket; indices ascend with durations. No data is lost by choosing other buckets
 * later, since the exact durations stay with whoever has them.
 */
typedef struct {
  GlowBucketsKind kind;
  double alpha;              /* RELATIVE: the largest relative error, in (0, 0.5] */
  double log_gamma;          /* RELATIVE: ln γ, γ = (1 + α) / (1 − α) */
  guint bits;                /* LOG_LINEAR: 0 to 10 */
  guint64 start_ns, step_ns; /* LINEAR: below start is one bucket */
  const guint64 *le_ns;      /* EXPLICIT: (array length=n): ascending, distinct, without +Inf; borrowed, must outlive the value */
  guint n;                   /* EXPLICIT: bounds; LINEAR: steps, above them is one bucket without end */
} GlowBuckets;

/* One bucket: durations d with first_ns ≤ d ≤ last_ns, whole nanoseconds, both included. */
typedef struct {
  guint64 first_ns, last_ns;
  /* The edges as the kind states them, for axes and tables. RELATIVE and EXPLICIT: (lower, upper]; the others: [lower, upper). */
  guint64 lower_ns, upper_ns;
} GlowBucketBounds;

typedef struct {
  gint64 index;
  guint64 first_ns, last_ns;
  guint64 lower_ns, upper_ns;
  guint64 count;
  guint64 sum_ns;            /* of the durations; stays at G_MAXUINT64 instead of wrapping */
} GlowBucketRow;

GlowBuckets      glow_buckets_relative (double alpha);
GlowBuckets      glow_buckets_log_linear (guint bits);
GlowBuckets      glow_buckets_log2 (void);
GlowBuckets      glow_buckets_linear (guint64 start_ns, guint64 step_ns, guint n);
/* Freedman–Diaconis. @sorted: ascending durations. */
GlowBuckets      glow_buckets_linear_for (const guint64 *sorted, gsize n);
GlowBuckets      glow_buckets_explicit (const guint64 *le_ns, guint n);
/* "0.005,0.01,+Inf": seconds as Prometheus writes them → ascending ns; NULL and @error where a bound is none, or not above the one before it. */
GArray          *glow_buckets_parse_le (const char *text, GError **error);

gboolean         glow_buckets_equal (const GlowBuckets *a, const GlowBuckets *b);
gint64           glow_buckets_index (const GlowBuckets *buckets, guint64 duration_ns);
/* FALSE: no such bucket, or one between two neighbours that no whole number of ns falls into. */
gboolean         glow_buckets_get_bounds (const GlowBuckets *buckets, gint64 index, GlowBucketBounds *bounds);
/* The number that stands for all of a bucket: within the relative error of each of its durations. NaN for a bucket without end. */
double           glow_buckets_estimate (const GlowBuckets *buckets, gint64 index);
/* Largest |estimate − d| / d over all durations above 0; NaN where there is no such bound (LINEAR, EXPLICIT). */
double           glow_buckets_relative_error (const GlowBuckets *buckets);
/* How many buckets stand between those of two durations, both counted: what a histogram of that range has at most. */
guint64          glow_buckets_span (const GlowBuckets *buckets, guint64 lowest_ns, guint64 highest_ns);

/* (element-type GlowBucketRow) (transfer full): ascending. @with_empty: also those between the first and the last that hold nothing. */
GArray          *glow_buckets_count (const GlowBuckets *buckets, const guint64 *durations, gsize n, gboolean with_empty);
/* Sum of two lists of rows of equal buckets; exactly the rows of both lists' durations together. */
GArray          *glow_bucket_rows_merge (const GArray *a, const GArray *b);

G_END_DECLS
