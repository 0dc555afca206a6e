/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What long spans do that short ones do not. Every sample inside a span, and every wait of its thread on the same base of time, is a row of that
 * span; for each function, its time and the span's make the sums that a share with clusters is told from. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "analysis/cluster-sums-private.h"
#include "analysis/span-rows-private.h"

#include <afterglow/error.h>
#include <afterglow/latency.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CONFIDENCE 0.95
#define EVIDENT 0.05
#define NEARLY 0.6             /* of the largest difference: what lies on the same stacks */

typedef struct {
  GlowProfile *profile;
  const GlowSpanChoice *choice;
  GArray *rows;                /* of GlowSpanRowPiece */
  guint8 *is_long;             /* by span */
  guint32 n_frames;
  GlowClusterPart *sums[2];    /* by frame; 0: the long ones; clusters are spans */
  GlowClusterSide sides[2];
  guint64 n_rows[2];
  guint64 *depths;             /* by frame: Σ depth × 1 over the long ones' rows */
} Tail;

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
sum_span (Tail *self, Scratch *scratch, guint from, guint to)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->profile);
  const GlowSpanRowPiece *rows = &g_array_index (self->rows, GlowSpanRowPiece, 0);
  guint side = self->is_long[rows[from].span] ? 0 : 1;
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
sum_rows (Tail *self, GCancellable *cancellable)
{
  Scratch scratch = { g_new0 (double, self->n_frames + 1), g_new0 (guint32, self->n_frames + 1), g_new0 (guint32, self->n_frames + 1),
                      g_array_new (FALSE, FALSE, sizeof (guint32)) };
  gboolean done = TRUE;

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
correlation (const Tail *self, guint32 frame, double scale)
{
  return MAX (glow_cluster_correlation (self->sides, &self->sums[0][frame], &self->sums[1][frame], scale, FALSE), 0);
}

/* The mean over functions, by the variance of their shares: what a function's own is not believed below, for it is a guess from few spans. */
static double
mean_correlation (const Tail *self, double scale)
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
test_frame (const Tail *self, guint32 frame, double scale, double mean)
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
test_all (const Tail *self, GlowTail *tail)
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
find_callers (const Tail *self, GlowTail *tail)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->profile);
  g_autofree double *times = g_new0 (double, MAX (stacks->n, 1)), *sums = g_new (double, self->n_frames + 1);
  g_autofree guint32 *outermost = g_new0 (guint32, MAX (stacks->n, 1));        /* by stack: the one that ends in the row's frame; 0: none */

  for (guint r = 0; r < self->rows->len; r++)
    {
      const GlowSpanRowPiece *piece = &g_array_index (self->rows, GlowSpanRowPiece, r);

      if (self->is_long[piece->span])
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

static void
clear (Tail *self)
{
  g_array_unref (self->rows);
  g_free (self->is_long);
  g_free (self->sums[0]);
  g_free (self->sums[1]);
  g_free (self->depths);
}

GlowTail *
glow_tail_compute (GlowProfile *profile, const GlowQuery *query, guint64 bound, GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowQuery) any = glow_query_without (query, GLOW_QUERY_LONGER, NULL), all = glow_query_without (any, GLOW_QUERY_SHORTER, NULL);
  g_autoptr(GlowQuery) outside = glow_query_without (all, GLOW_QUERY_SPANS, NULL);
  g_autoptr(GlowSpanChoice) choice = glow_span_choice_compute (profile, all, cancellable, error);
  Tail self = { .profile = profile, .choice = choice };
  GlowTail *tail;

  if (choice == NULL)
    return NULL;
  tail = g_new0 (GlowTail, 1);
  self.rows = glow_span_rows_compute (profile, choice, outside, &tail->has_waits, cancellable, error);
  if (self.rows == NULL)
    {
      g_free (tail);
      return NULL;
    }
  tail->bound = bound;
  glow_profile_get_frames (profile, &self.n_frames);
  self.is_long = g_new0 (guint8, choice->spans->n + 1);
  self.sums[0] = g_new0 (GlowClusterPart, self.n_frames + 1);
  self.sums[1] = g_new0 (GlowClusterPart, self.n_frames + 1);
  self.depths = g_new0 (guint64, self.n_frames + 1);
  for (gsize i = 0; i < choice->spans->n; i++)
    if (choice->is_base[i])
      {
        self.is_long[i] = choice->spans->end[i] - choice->spans->start[i] >= bound;
        tail->n_long += self.is_long[i];
        tail->n_short += !self.is_long[i];
      }
  if (!sum_rows (&self, cancellable))
    g_cancellable_set_error_if_cancelled (cancellable, error);
  else if (self.n_rows[0] == 0 || self.n_rows[1] == 0)
    {
      g_autofree char *inside = g_strdup_printf ("%" G_GUINT64_FORMAT, self.n_rows[0]), *outside_of = g_strdup_printf ("%" G_GUINT64_FORMAT, self.n_rows[1]);
      g_autofree char *slow = g_strdup_printf ("%" G_GSIZE_FORMAT, tail->n_long), *others = g_strdup_printf ("%" G_GSIZE_FORMAT, tail->n_short);

      g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("There is nothing to compare: %s samples in the %s long spans, %s in the %s others"), inside, slow,
                   outside_of, others);
    }
  else
    {
      tail->samples_long = self.n_rows[0];
      tail->samples_short = self.n_rows[1];
      test_all (&self, tail);
      find_callers (&self, tail);
      clear (&self);
      return tail;
    }
  clear (&self);
  glow_tail_free (tail);
  return NULL;
}

void
glow_tail_free (GlowTail *self)
{
  g_clear_pointer (&self->rows, g_array_unref);
  g_free (self);
}

gint
glow_tail_find_cause (const GlowTail *self, GlowProfile *profile)
{
  const GlowFrame *frames = glow_profile_get_frames (profile, NULL);
  gint best = -1;
  gboolean best_is_user = FALSE;
  double most = self->n_evident > 0 ? g_array_index (self->rows, GlowTailRow, 0).share.change : 0;

  for (guint i = 0; i < self->n_evident; i++)
    {
      const GlowTailRow *row = &g_array_index (self->rows, GlowTailRow, i);
      gboolean is_user = frames[row->frame].kind != GLOW_FRAME_KERNEL && frames[row->frame].kind != GLOW_FRAME_UNKNOWN;

      if (row->share.change >= NEARLY * most && is_user >= best_is_user
          && (best < 0 || is_user > best_is_user || row->depth > g_array_index (self->rows, GlowTailRow, best).depth))
        {
          best = (gint) i;
          best_is_user = is_user;
        }
    }
  return best;
}
