/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What readers of histograms share: each adds snapshots of series; glow_histograms_finish() makes intervals of them. */
#pragma once
#include <afterglow/histogram-series.h>

G_BEGIN_DECLS

/* One bucket of a classic histogram as it is told. */
typedef struct { double le, cumulative; } GlowLeCount;

/* A series at one moment. Either @le or @buckets. */
typedef struct {
  gint64 time;                 /* ns since 1970, GLOW_TIME_UNKNOWN */
  GArray *le;                  /* (nullable): of GlowLeCount, in any order */
  GArray *buckets;             /* (nullable): of GlowNativeBucket, ascending */
  double count, sum;           /* NaN: not told */
} GlowSnapshot;

typedef struct {
  GlowHistogramSeries *series; /* the result, owned by the histograms */
  GArray *snapshots;           /* of GlowSnapshot */
  GHashTable *by_time;         /* (nullable): time → index of snapshots, where they are many */
  gboolean is_counter;         /* counts go on from snapshot to snapshot */
  gint64 created;              /* when they began; GLOW_TIME_UNKNOWN */
  double scale;                /* what counts are multiplied with: a rate's seconds */
} GlowSeriesDraft;

typedef struct {
  GlowHistograms *histograms;
  GHashTable *by_key;          /* name and labels → GlowSeriesDraft */
  GPtrArray *drafts;
  gint64 file_time;            /* of what has no time of its own */
  double step;                 /* of a query over a range: seconds between its times, 0 where not known */
  gboolean are_rates;          /* what the query asked for is by second, and no counter */
} GlowHistogramsDraft;

GlowHistogramsDraft *glow_histograms_draft_new  (const char *source);
void                 glow_histograms_draft_free (GlowHistogramsDraft *self);
/* The series of that name and those labels (GlowLabel, copied and put in order); made where there is none. */
GlowSeriesDraft     *glow_histograms_draft_series (GlowHistogramsDraft *self, const char *name, const GArray *labels, GlowHistogramForm form);
/* The snapshot of that time; made where there is none. */
GlowSnapshot        *glow_series_draft_at       (GlowSeriesDraft *self, gint64 time);
/* Takes @labels. */
void                 glow_series_draft_exemplar (GlowSeriesDraft *self, gint64 time, double value, GArray *labels);
/* An interval as it is, of readers that have them. Takes @buckets. */
void                 glow_series_draft_interval (GlowSeriesDraft *self, gint64 from, gint64 to, GArray *buckets, double sum);
/* Frees the draft. NULL with GLOW_ERROR_EMPTY where there is no series with anything in it. (transfer full) */
GlowHistograms      *glow_histograms_draft_finish (GlowHistogramsDraft *self, GError **error);

/* snapshots.c */
void                 glow_series_draft_make_intervals (GlowSeriesDraft *self, GlowWarnings *warnings);

/* labels.c */
GArray *glow_labels_new  (void);                                         /* frees its names and values */
void    glow_labels_add  (GArray *labels, const char *name, gssize n_name, const char *value, gssize n_value);
void    glow_labels_sort (GArray *labels);
GArray *glow_labels_copy (const GArray *labels);
/* Reads {a="b",c="d"} (and, as Prometheus 3 writes names of any letters, {"name",a="b"}, whose name goes to *@name) from @at, which is at the brace.
 * Where it ends, or NULL: not as it should be. */
const char *glow_labels_parse (const char *at, const char *end, GArray *labels, char **name);

/* units.c: what a name says of its numbers. */
void    glow_unit_from_name (const char *name, const char **unit, double *ns_per_unit);
gboolean glow_unit_parse    (const char *word, const char **unit, double *ns_per_unit);

/* Whether it is one, 0 … 100 */
int glow_exposition_recognise (const char *text, gsize n);
int glow_query_json_recognise (const char *text, gsize n);
int glow_hlog_recognise       (const char *text, gsize n);
int glow_bpftrace_recognise   (const char *text, gsize n);
/* @text is not terminated. Each adds to the draft what it holds; FALSE with @error where it is nothing of the kind, or was cancelled. */
gboolean glow_exposition_read (GlowHistogramsDraft *draft, const char *text, gsize n, GCancellable *cancellable, GError **error);
gboolean glow_query_json_read (GlowHistogramsDraft *draft, const char *text, gsize n, GCancellable *cancellable, GError **error);
gboolean glow_hlog_read       (GlowHistogramsDraft *draft, const char *text, gsize n, GCancellable *cancellable, GError **error);
gboolean glow_bpftrace_read   (GlowHistogramsDraft *draft, const char *text, gsize n, GCancellable *cancellable, GError **error);
/* Exemplars of the query API, put to the series they are of. */
gboolean        glow_query_json_add_exemplars (GlowHistograms *histograms, const char *text, gsize n, GError **error);
/* What a server says went wrong, or NULL. (transfer full) */
char           *glow_query_json_dup_problem (const char *text, gsize n);

/* json-values.c: the next whole value at or behind *@at, of a text that may hold several; FALSE at the end, or (with *@problem) where the rest is none.
 * Values nested too deep for a reader that goes down with them are refused. */
gboolean glow_json_next (const char **at, const char *end, const char **value, gsize *n, const char **problem);

void glow_exemplar_free (gpointer exemplar);
void glow_interval_free_histogram (gpointer interval);

G_END_DECLS
