/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a diff is made: keys (match.c), sums of each run (diff-sums.c), tests (diff-tests.c), the union of trees (diff-union.c). */
#pragma once
#include "analysis/cluster-sums-private.h"
#include "analysis/match-private.h"

#include <afterglow/diff.h>

G_BEGIN_DECLS

/* What one item (function, module, thread, container) has in one run; weights in the event's unit, decimals applied. */
typedef struct { double total, self, samples_total, samples_self; } GlowDiffAmount;

/* Items of all kinds lie one after another: item = offset[kind] + key. */
typedef struct {
  GlowDiffRun *run;
  guint side;
  GlowQuery *query;            /* as summed: of time where the base is one */
  GlowCallTree *tree;          /* as the query has it */
  GlowCallTree *plain;         /* the same from the roots; may be @tree */
  guint32 *functions, *modules;         /* by frame of @tree: keys */
  guint32 *plain_functions, *plain_modules;   /* of @plain; the same arrays where it is @tree */
  guint32 *threads, *containers;        /* by row of the thread table: keys, or GLOW_NONE */
  GlowDiffAmount *amounts;     /* by item */
  GlowClusterPart *parts[GLOW_N_DIFF_MEASURES];   /* (nullable) by item */
  GlowClusterSide clusters;    /* 0 clusters: samples are taken as independent */
  double weight, samples, effective_n, seconds, duration;
  double exposure;             /* what weights are divided by: 1, seconds of recording, units */
  double scale;                /* 10^-decimals */
  GlowUnit unit;
  gboolean failed, borrows;    /* borrows: keys and amounts are another's */
} GlowDiffSum;

/* One side of a test, for one item or node. */
typedef struct {
  double value;                /* in the base */
  double k, n;                 /* effective samples that have it, and all */
} GlowDiffEstimate;

struct _GlowDiff {
  gatomicrefcount ref_count;
  GlowDiffOptions options;
  GCancellable *cancellable;   /* (nullable): while it is computed */
  GlowDiff *whole;             /* (nullable): of a sandwich's half the diff that tables and names are borrowed from */
  GlowMatch match;
  guint32 offset[GLOW_N_DIFF_KINDS + 1];
  GPtrArray *runs[GLOW_N_SIDES];        /* of GlowDiffSum */
  GlowDiffSide sides[GLOW_N_SIDES];
  GlowClusterSide clusters[GLOW_N_SIDES];
  gboolean by_runs;
  double cluster_scale, alike;          /* mean correlation over functions */
  double *correlation[GLOW_N_DIFF_MEASURES];   /* (nullable) by item */
  double *doubt[GLOW_N_DIFF_MEASURES];  /* (nullable) by item: how much of the mean is the least that is believed, in (0, 1] */
  GArray *rows[GLOW_N_DIFF_KINDS];      /* of GlowDiffRow */

  /* the union */
  GlowDiffNodes nodes;
  gboolean has_nodes;
  guint32 *source_first;                /* by node: where its sources begin; n_nodes + 1 long */
  struct _GlowDiffSource *sources;
  GMutex tree_lock;
  GlowProfile *tree_profile;            /* whose frames are keys */
  GlowCallTree *trees[GLOW_N_DIFF_WIDTHS];

  GPtrArray *caveats;
  GArray *renames;
};

typedef struct _GlowDiffSource { guint32 run, node; } GlowDiffSource;   /* run: those before, then those after */

static inline guint
glow_diff_n_runs (const GlowDiff *self)
{
  return self->runs[0]->len + self->runs[1]->len;
}

static inline GlowDiffSum *
glow_diff_nth_run (const GlowDiff *self, guint i)
{
  return i < self->runs[0]->len ? g_ptr_array_index (self->runs[0], i) : g_ptr_array_index (self->runs[1], i - self->runs[0]->len);
}

/* What a weight of this run adds to the value of its side. */
static inline double
glow_diff_factor (const GlowDiff *self, const GlowDiffSum *run)
{
  double whole = self->options.base == GLOW_DIFF_SHARE ? run->weight : run->exposure;

  /* Pooled: one long recording. */
  if (!self->by_runs)
    {
      whole = 0;
      for (guint i = 0; i < self->runs[run->side]->len; i++)
        {
          const GlowDiffSum *other = g_ptr_array_index (self->runs[run->side], i);

          whole += self->options.base == GLOW_DIFF_SHARE ? other->weight : other->exposure;
        }
      return whole > 0 ? 1 / whole : 0;
    }
  return whole > 0 ? 1 / whole / self->runs[run->side]->len : 0;
}

/* diff-sums.c. All runs; FALSE with @error. */
gboolean glow_diff_sum_runs     (GlowDiff *self, GCancellable *cancellable, GError **error);
void     glow_diff_sum_free     (gpointer sum);
/* Calls @func for 0 … n − 1 on up to two threads; where cancelled, not for all. */
typedef void (*GlowDiffPart) (GlowDiff *self, guint i, gpointer data);
void     glow_diff_in_parallel  (GlowDiff *self, guint n, GlowDiffPart func, gpointer data);

/* diff-tests.c */
void           glow_diff_sum_sides    (GlowDiff *self);
void           glow_diff_test_rows    (GlowDiff *self);
/* @values: of single runs, before then after; read where runs are the evidence. @item: whose correlation it has. p is NaN where not tested. */
GlowDiffChange glow_diff_test         (const GlowDiff *self, const double *share, const double *values, guint32 item, GlowDiffMeasure measure, gboolean permute);
void           glow_diff_judge        (const GlowDiff *self, GlowDiffChange *change, gboolean equivalent);

/* diff-union.c, diff-tree.c */
gboolean       glow_diff_build_union  (GlowDiff *self, GCancellable *cancellable, GError **error);

/* diff-caveats.c, diff-renames.c */
void           glow_diff_find_caveats (GlowDiff *self);
void           glow_diff_find_renames (GlowDiff *self);

G_END_DECLS
