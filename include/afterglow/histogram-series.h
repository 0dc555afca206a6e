/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <afterglow/error.h>
#include <afterglow/quantile.h>
#include <afterglow/warnings.h>

G_BEGIN_DECLS

/* Histograms that something else has counted: a service for Prometheus, HdrHistogram, bpftrace. They know buckets, not durations; whatever is
 * asked of them is answered with the bucket it lies in. */

typedef enum {
  GLOW_HISTOGRAM_CLASSIC,      /* Prometheus, by le */
  GLOW_HISTOGRAM_NATIVE,       /* Prometheus, exponential or custom buckets in one value */
  GLOW_HISTOGRAM_HDR,
  GLOW_HISTOGRAM_TRACED,       /* bpftrace's or BCC's hist() and lhist() */
} GlowHistogramForm;
const char *glow_histogram_form_get_id (GlowHistogramForm form);        /* "classic", "native", "hdr", "traced": stable, for JSON */

#define GLOW_TIME_UNKNOWN G_MININT64

/* What was observed in one interval of time. */
typedef struct {
  gint64 from, to;             /* wall clock, ns since 1970; from GLOW_TIME_UNKNOWN: up to @to; both: no time is told */
  GArray *buckets;             /* of GlowNativeBucket: ascending, disjoint; own counts, which are fractions where a server gave rates */
  double count;                /* observations */
  double sum;                  /* of their values; NaN where not known */
} GlowHistogramInterval;

typedef struct { char *name, *value; } GlowLabel;

/* An observation that a service kept to show: where it came from. */
typedef struct {
  gint64 time;                 /* ns since 1970; GLOW_TIME_UNKNOWN */
  double value;                /* in the series' unit */
  GArray *labels;              /* of GlowLabel: trace_id and what else */
} GlowExemplar;

typedef struct {
  char *name;                  /* "http_request_duration_seconds", "@usecs", "" */
  GArray *labels;              /* of GlowLabel, by name; without le */
  GlowHistogramForm form;
  const char *unit;            /* "s", "ms", "us", "ns", "bytes"; "" where nothing says it */
  double ns_per_unit;          /* 0: not a time, or not known to be one */
  GPtrArray *intervals;        /* of GlowHistogramInterval, by time */
  GPtrArray *exemplars;        /* of GlowExemplar, by time */
  guint n_resets;              /* counters that began anew */
} GlowHistogramSeries;

/* Immutable once it is made; reference counted, for workers. */
typedef struct {
  gatomicrefcount ref_count;
  char *format;                /* "Prometheus text", "OpenMetrics", "Prometheus query", "HdrHistogram log", "bpftrace" */
  char *source;                /* the file's name or the server's address */
  char *server_version;        /* (nullable): "2.42.0" */
  GPtrArray *series;           /* of GlowHistogramSeries, as they came */
  GlowWarnings *warnings;
} GlowHistograms;

/* Recognised by content: Prometheus' text formats and its query API's JSON, HdrHistogram logs, bpftrace's and BCC's output, plain or compressed.
 * "-" is standard input. Damage is in the warnings as long as anything could be read; GLOW_ERROR_EMPTY where there are no histograms.
 * Several files are read as one: pages of one service that were fetched one after another tell what was counted in between. (transfer full) */
GlowHistograms *glow_histograms_load_paths (const char *const *paths, GCancellable *cancellable, GError **error);
GlowHistograms *glow_histograms_load_bytes (GBytes *bytes, const char *name, GCancellable *cancellable, GError **error);
/* Whether a file holds such histograms, from its first bytes; standard input is left as it was. FALSE for what cannot be opened. */
gboolean        glow_histograms_is_file   (const char *path);
GlowHistograms *glow_histograms_ref       (GlowHistograms *self);
void            glow_histograms_unref     (GlowHistograms *self);

/* "ns", "us", "ms", "s": says what the numbers are where the input cannot. FALSE: no such unit. */
gboolean        glow_histograms_set_unit  (GlowHistograms *self, const char *unit);

/* Series that a PromQL selector chooses: name{label="x",other=~"y.*"}; the name with or without _bucket. Keeps no others.
 * GLOW_ERROR_SELECTION where it is none, or chooses nothing. */
gboolean        glow_histograms_select    (GlowHistograms *self, const char *selector, GError **error);
gboolean        glow_prometheus_is_selector (const char *promql);

/* Names that differ, in order of appearance. (transfer container) (element-type utf8) */
GPtrArray      *glow_histograms_list_names (const GlowHistograms *self);

/* "{code=\"200\",method=\"GET\"}", or "" (transfer full) */
char           *glow_labels_dup_text      (const GArray *labels);
const char     *glow_labels_get           (const GArray *labels, const char *name);    /* (nullable) */

/* All that some series observed between two times, in one. */
typedef struct {
  char *name;
  GlowHistogramForm form;
  const char *unit;
  double ns_per_unit;
  guint n_series;
  gint64 from, to;             /* what the counts cover: intervals are taken whole; GLOW_TIME_UNKNOWN where not told */
  GArray *buckets;             /* of GlowNativeBucket */
  double count, sum;
} GlowHistogram;

/**
 * glow_histogram_new_sum:
 * @series: (element-type GlowHistogramSeries): of one unit
 * @from: ns since 1970; intervals that end at or before it are left out. GLOW_TIME_UNKNOWN: all
 * @to: ns since 1970; intervals that begin at or after it are left out. GLOW_TIME_UNKNOWN: all
 *
 * Sums bucket by bucket, as sum by (le) does. Buckets that do not fit into one another (one is not inside the other) are put together into one that
 * holds both, so that no count is given an edge it did not have. O(buckets log buckets).
 *
 * Returns: (transfer full): without buckets where nothing is left
 */
GlowHistogram  *glow_histogram_new_sum    (GPtrArray *series, gint64 from, gint64 to);
void            glow_histogram_free       (GlowHistogram *self);

/* A quantile and the bucket it lies in, in the histogram's unit. Classic ones as histogram_quantile() says, native ones too (exponential, as Prometheus 3
 * and later, or linear, as 2.x), others linear inside the bucket. */
GlowPrometheusQuantile glow_histogram_get_quantile (const GlowHistogram *self, double q, gboolean is_exponential);
/* Whether the server that gave them interpolates native histograms exponentially: from 3.0 on, and where no version is known. */
gboolean        glow_histograms_is_exponential (const GlowHistograms *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowHistograms, glow_histograms_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowHistogram, glow_histogram_free)

G_END_DECLS
