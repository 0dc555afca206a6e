/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/evidence.h>
#include <afterglow/histogram.h>
#include <afterglow/quantile.h>
#include <afterglow/spans.h>

G_BEGIN_DECLS

/* How long spans of one kind last: what a histogram is drawn from, and the quantiles beside it. */
#define GLOW_LATENCY_QUANTILES 5
typedef struct {
  GlowSpanChoice *choice;      /* its base is what the histogram is of */
  GlowQuantile quantiles[GLOW_LATENCY_QUANTILES];      /* p50, p90, p99, p99.9, the largest */
  guint64 n_censored;          /* of the query's threads: cut by the recording's edges, and so of unknown duration */
} GlowLatency;

/* @query must have a SPANS term. O(spans) once the kind is paired. (transfer full) */
GlowLatency *glow_latency_compute (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error);
void         glow_latency_free    (GlowLatency *self);
/* Any other quantile of the base; Kaplan and Meier's where more than 1 % are censored. */
GlowQuantile glow_latency_get_quantile (const GlowLatency *self, double q);

/* By span, 1 where a sample inside it, or a wait of it, has this function of the profile on its stack. (transfer full) (nullable) O(samples + stacks) */
guint8      *glow_latency_mark_spans   (GlowProfile *profile, const GlowQuery *query, const GlowSpanChoice *choice, guint32 frame, GCancellable *cancellable);

/* What spans of at least some duration spend their time in, against those that are shorter. Evidence counts spans, not samples: those of one span
 * are alike, and many of them prove no more than one. */
typedef struct {
  guint32 frame;               /* of the profile */
  GlowShareChange share;       /* share1: of the time of the long ones; with its interval and p */
  double q;                    /* Benjamini and Hochberg's, over all functions that were tested */
  guint64 samples1, samples2;  /* rows that hold it */
  guint32 spans1, spans2;      /* spans in which it was seen */
  guint32 depth;               /* mean depth of its outermost place, in the long ones */
  guint32 caller;              /* the function that calls it most in the long ones; GLOW_NONE */
} GlowTailRow;

typedef struct {
  guint64 bound;               /* ns: long is at least this */
  gsize n_long, n_short;       /* spans; of times (baseline.h): threads, each for a while */
  gsize clusters_long, clusters_short;         /* of these, those with samples: what evidence is counted in */
  guint64 samples_long, samples_short;
  gboolean has_waits;          /* time off the CPU is in it, on one base with what ran */
  gboolean is_of_time;         /* a selected time against a baseline: bound means nothing */
  gboolean is_of_rest;         /* and the first side is everything but the baseline */
  guint64 block;               /* ns: for how long a thread is one cluster there */
  guint64 time_long, time_short;               /* ns selected on either side there */
  GArray *rows;                /* of GlowTailRow: by evidence (q < 0.05 first), then by how much more in the long ones */
  guint n_evident;             /* the first rows: q < 0.05 and a larger share in the long ones */
} GlowTail;

/**
 * glow_tail_compute:
 * @query: with a SPANS term; its LONGER and SHORTER terms are left out
 * @bound: ns
 *
 * O(samples × depth). Source: shares with the design effect of unequal clusters, 1 + (Σn²/Σn − 1)ρ (Kish, Survey Sampling, 1965, 5.4), then two shares'
 * test and Newcombe's interval.
 *
 * Returns: (transfer full): or %NULL with @error, GLOW_ERROR_EMPTY where either side has no samples
 */
GlowTail    *glow_tail_compute    (GlowProfile *profile, const GlowQuery *query, guint64 bound, GCancellable *cancellable, GError **error);
void         glow_tail_free       (GlowTail *self);
/* The row that says most: of those that differ nearly as much as the first, the program's own innermost; the kernel's where there is none.
 * −1 where nothing is evident. */
gint         glow_tail_find_cause (const GlowTail *self, GlowProfile *profile);
/* One sentence of what was found, or that nothing was; see draw/latency-words.c. (transfer full) */
char        *glow_tail_dup_sentence (const GlowTail *self, GlowProfile *profile);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowLatency, glow_latency_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowTail, glow_tail_free)

G_END_DECLS
