/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sides of one recording, function by function. Every piece belongs to a cluster (a span; a thread for a while), whose pieces are alike: for each
 * function, its time and the cluster's make the sums that a share with clusters is told from. */
#include <config.h>

#include "analysis/cluster-sums-private.h"
#include "analysis/contrast-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONFIDENCE 0.95
#define EVIDENT 0.05

typedef struct {
  GlowProfile *profile;
  GArray *rows;                /* of GlowSpanRowPiece; a span is any cluster */
  const guint8 *is_first;      /* by cluster */
  guint32 n_frames;
  GlowClusterPart *sums[2];    /* by frame; 0: the first side */
  GlowClusterSide sides[2];
  guint64 n_rows[2];
  guint64 *depths;             /* by frame: Σ depth × 1 over the first side's rows */
} Contrast;

/* ---- sums ---- */

static int
compare_rows (const void *a, const void *b)
{
  const GlowSpanRowPiece *left = a, *right = b;

  return left->span != right->span ? (left->span < right->span ? -1 : 1) : left->stack < right->stack ? -1 : left->stack > right->stack;
}

typedef struct {
  double *weight;              /* by frame, of the span at hand */
  guint32 *rows;
  guint32 *seen;               /* by frame: the row that it was last seen in, + 1 */
  GArray *touched;             /* of guint32 */
} Scratch;

static void
sum_span (Contrast *self, Scratch *scratch, guint from, guint to)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->profile);
  const GlowSpanRowPiece *rows = &g_array_index (self->rows, GlowSpanRowPiece, 0);
  guint side = self->is_first[rows[from].span] ? 0 : 1;
  double n = 0;

  g_array_set_size (scratch->touched, 0);
  for (guint r = from; r < to; r++)
    {
      guint32 depth = 0;

      n += (double) rows[r].weight;
      self->sides[side].w_w += (double) rows[r].weight * rows[r].weight;
      for (guint32 at = rows[r].stack; at != 0; at = stacks->parent[at])
        depth++;
      for (guint32 at = rows[r].stack; at != 0; at = stacks->parent[at], depth--)
        {
          guint32 frame = stacks->item[at];

          if (side == 0 && scratch->seen[frame] != r + 1)
            self->depths[frame] += depth;
          if (scratch->seen[frame] == r + 1)
            continue;
          scratch->seen[frame] = r + 1;
          if (scratch->rows[frame] == 0)
            g_array_append_val (scratch->touched, frame);
          scratch->rows[frame]++;
          scratch->weight[frame] += (double) rows[r].weight;
        }
    }
  self->sides[side].n += n;
  self->sides[side].n_n += n * n;
  self->sides[side].clusters++;
  self->n_rows[side] += to - from;
  for (guint i = 0; i < scratch->touched->len; i++)
    {
      guint32 frame = g_array_index (scratch->touched, guint32, i);
      GlowClusterPart *sums = &self->sums[side][frame];
      double y = scratch->weight[frame];

      sums->y += y;
      sums->y_y += y * y;
      sums->y_n += y * n;
      sums->samples += scratch->rows[frame];
      sums->clusters++;
      scratch->weight[frame] = 0;
      scratch->rows[frame] = 0;
    }
}

static gboolean
sum_rows (Contrast *self, GCancellable *cancellable)
{
  Scratch scratch = { g_new0 (double, self->n_frames + 1), g_new0 (guint32, self->n_frames + 1), g_new0 (guint32, self->n_frames + 1),
                      g_array_new (FALSE, FALSE, sizeof (guint32)) };
  gboolean done = TRUE;

  if (self->rows->len > 1)
    qsort (self->rows->data, self->rows->len, sizeof (GlowSpanRowPiece), compare_rows);
  for (guint from = 0, to; from < self->rows->len && done; from = to)
    {
      for (to = from + 1; to < self->rows->len && g_array_index (self->rows, GlowSpanRowPiece, to).span == g_array_index (self->rows, GlowSpanRowPiece, from).span; to++)
        ;
      sum_span (self, &scratch, from, to);
      done = !g_cancellable_is_cancelled (cancellable);
    }
  g_free (scratch.weight);
  g_free (scratch.rows);
  g_free (scratch.seen);
  g_array_unref (scratch.touched);
  return done;
}

/* ---- tests ---- */

/* As if there were no difference. */
static double
correlation (const Contrast *self, guint32 frame, double scale)
{
  return MAX (glow_cluster_correlation (self->sides, &self->sums[0][frame], &self->sums[1][frame], scale, FALSE), 0);
}

/* The mean over functions, by the variance of their shares: what a function's own is not believed below, for it is a guess from few spans. */
static double
mean_correlation (const Contrast *self, double scale)
{
  double sum = 0, weights = 0;

  for (guint32 frame = 0; frame < self->n_frames; frame++)
    {
      double share = (self->sums[0][frame].y + self->sums[1][frame].y) / (self->sides[0].n + self->sides[1].n), variance = share * (1 - share);

      if (variance <= 0)
        continue;
      sum += variance * correlation (self, frame, scale);
      weights += variance;
    }
  return weights > 0 ? sum / weights : 0;
}

/* Long spans hold many pieces each, so their design effect is the larger one: 1 + (size − 1) × correlation, size being that of the span a piece is of. */
static GlowTailRow
test_frame (const Contrast *self, guint32 frame, double scale, double mean)
{
  GlowTailRow row = { .frame = frame, .caller = GLOW_NONE };
  double effective[2], k[2], alike = MAX (correlation (self, frame, scale), mean);

  for (guint side = 0; side < 2; side++)
    {
      double kish = glow_effective_n (self->sides[side].n, self->sides[side].w_w);

      effective[side] = MAX (kish / glow_cluster_effect (&self->sides[side], scale, alike), 1);
      k[side] = effective[side] * self->sums[side][frame].y / self->sides[side].n;
    }
  row.share = glow_share_change (k[0], effective[0], k[1], effective[1], CONFIDENCE);
  row.samples1 = self->sums[0][frame].samples;
  row.samples2 = self->sums[1][frame].samples;
  row.spans1 = self->sums[0][frame].clusters;
  row.spans2 = self->sums[1][frame].clusters;
  row.depth = row.samples1 > 0 ? (guint32) (self->depths[frame] / row.samples1) : 0;
  return row;
}

static gboolean
is_evident (const GlowTailRow *row)
{
  return row->q < EVIDENT && row->share.change > 0;
}

static gint
compare_evidence (gconstpointer a, gconstpointer b)
{
  const GlowTailRow *left = a, *right = b;

  if (is_evident (left) != is_evident (right))
    return is_evident (left) ? -1 : 1;
  if (left->share.change != right->share.change)
    return left->share.change > right->share.change ? -1 : 1;
  return left->frame < right->frame ? -1 : left->frame > right->frame;
}

static void
test_all (const Contrast *self, GlowTail *tail)
{
  g_autofree double *p = g_new (double, self->n_frames + 1), *q = g_new (double, self->n_frames + 1);
  double scale = glow_cluster_scale (self->sides), mean = mean_correlation (self, scale);

  tail->rows = g_array_new (FALSE, FALSE, sizeof (GlowTailRow));
  for (guint32 frame = 0; frame < self->n_frames; frame++)
    {
      GlowTailRow row;

      if (self->sums[0][frame].samples + self->sums[1][frame].samples == 0)
        continue;
      row = test_frame (self, frame, scale, mean);
      p[tail->rows->len] = row.share.p;
      g_array_append_val (tail->rows, row);
    }
  glow_q_values (p, tail->rows->len, GLOW_DISCOVERY_BH, q);
  for (guint i = 0; i < tail->rows->len; i++)
    g_array_index (tail->rows, GlowTailRow, i).q = isnan (q[i]) ? 1 : q[i];
  g_array_sort (tail->rows, compare_evidence);
  while (tail->n_evident < tail->rows->len && is_evident (&g_array_index (tail->rows, GlowTailRow, tail->n_evident)))
    tail->n_evident++;
}

/* Who calls the evident ones most, by time in the long spans. O(evident × stacks) */
static void
find_callers (const Contrast *self, GlowTail *tail)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->profile);
  g_autofree double *times = g_new0 (double, MAX (stacks->n, 1)), *sums = g_new (double, self->n_frames + 1);
  g_autofree guint32 *outermost = g_new0 (guint32, MAX (stacks->n, 1));        /* by stack: the one that ends in the row's frame; 0: none */

  for (guint r = 0; r < self->rows->len; r++)
    {
      const GlowSpanRowPiece *piece = &g_array_index (self->rows, GlowSpanRowPiece, r);

      if (self->is_first[piece->span])
        times[piece->stack] += (double) piece->weight;
    }
  for (guint i = 0; i < MIN (tail->n_evident, 50); i++)
    {
      GlowTailRow *row = &g_array_index (tail->rows, GlowTailRow, i);
      double most = 0;

      memset (sums, 0, (self->n_frames + 1) * sizeof (double));
      for (guint32 s = 1; s < stacks->n; s++)
        {
          guint32 parent = stacks->parent[s], at = outermost[parent] != 0 ? outermost[parent] : stacks->item[s] == row->frame ? s : 0, caller;

          outermost[s] = at;
          if (at == 0 || stacks->parent[at] == 0)
            continue;
          caller = stacks->item[stacks->parent[at]];
          sums[caller] += times[s];
          if (sums[caller] > most)
            {
              most = sums[caller];
              row->caller = caller;
            }
        }
    }
}

gboolean
glow_contrast_compute (GlowProfile *profile, GArray *rows, const guint8 *is_first, GlowTail *tail, GCancellable *cancellable)
{
  Contrast self = { .profile = profile, .rows = rows, .is_first = is_first };
  gboolean done;

  glow_profile_get_frames (profile, &self.n_frames);
  self.sums[0] = g_new0 (GlowClusterPart, self.n_frames + 1);
  self.sums[1] = g_new0 (GlowClusterPart, self.n_frames + 1);
  self.depths = g_new0 (guint64, self.n_frames + 1);
  done = sum_rows (&self, cancellable);
  tail->samples_long = self.n_rows[0];
  tail->samples_short = self.n_rows[1];
  tail->clusters_long = self.sides[0].clusters;
  tail->clusters_short = self.sides[1].clusters;
  if (done && self.n_rows[0] > 0 && self.n_rows[1] > 0)
    {
      test_all (&self, tail);
      find_callers (&self, tail);
    }
  g_free (self.sums[0]);
  g_free (self.sums[1]);
  g_free (self.depths);
  return done;
}
