/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Functions that have gone and others that have come in their place: the same callers, the same callees. Proposed, never applied unasked. */
#include <config.h>

#include "analysis/diff-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of each side, the heaviest: with more, pairs by chance become likely. */
#define CANDIDATES 64
#define LIKELY 0.8

/* A function's neighbourhood: weight by key of callers and callees; the function's own weight is a callee of its own. */
typedef struct {
  guint32 key;
  double weight;
  GHashTable *neighbours;      /* key × 2 (callers), key × 2 + 1 (callees) → double * */
  double sum[2];
} Candidate;

static void
candidate_clear (gpointer data)
{
  g_clear_pointer (&((Candidate *) data)->neighbours, g_hash_table_unref);
}

static int
compare_weights (gconstpointer a, gconstpointer b)
{
  double one = ((const Candidate *) a)->weight, two = ((const Candidate *) b)->weight;

  return one > two ? -1 : one < two;
}

static GArray *
list_candidates (const GlowDiff *self, guint side)
{
  GArray *list = g_array_new (FALSE, FALSE, sizeof (Candidate));

  for (guint i = 0; i < self->rows[GLOW_DIFF_FUNCTIONS]->len; i++)
    {
      const GlowDiffRow *row = &g_array_index (self->rows[GLOW_DIFF_FUNCTIONS], GlowDiffRow, i);
      Candidate candidate = { row->key, row->change[GLOW_DIFF_TOTAL].value[side], NULL, { 0, 0 } };

      if (side == GLOW_BEFORE ? glow_diff_row_is_gone (row) && !glow_diff_row_is_new (row) : glow_diff_row_is_new (row) && !glow_diff_row_is_gone (row))
        g_array_append_val (list, candidate);
    }
  g_array_sort (list, compare_weights);
  if (list->len > CANDIDATES)
    g_array_set_size (list, CANDIDATES);
  g_array_set_clear_func (list, candidate_clear);
  for (guint i = 0; i < list->len; i++)
    g_array_index (list, Candidate, i).neighbours = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  return list;
}

static void
add_neighbour (Candidate *self, guint32 key, guint direction, double weight)
{
  gint64 place = (gint64) key * 2 + direction;
  double *sum = g_hash_table_lookup (self->neighbours, &place);

  if (weight <= 0)
    return;
  if (sum == NULL)
    {
      sum = g_new0 (double, 1);
      g_hash_table_insert (self->neighbours, g_memdup2 (&place, sizeof place), sum);
    }
  *sum += weight;
  self->sum[direction] += weight;
}

/* Over the trees of one side, as they are: no path may be left out here. */
static void
find_neighbours (const GlowDiff *self, guint side, GArray *list)
{
  guint32 n_keys = self->offset[GLOW_DIFF_MODULES];
  g_autofree guint32 *slot = g_new0 (guint32, n_keys + 1);

  for (guint i = 0; i < list->len; i++)
    slot[g_array_index (list, Candidate, i).key] = i + 1;
  for (guint r = 0; r < self->runs[side]->len; r++)
    {
      const GlowDiffSum *run = g_ptr_array_index (self->runs[side], r);
      const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (run->plain);
      double factor = glow_diff_factor (self, run) * run->scale;

      for (guint32 i = 1; i < nodes->n_nodes; i++)
        {
          guint32 key = run->plain_functions[nodes->frame[i]], parent = nodes->parent[i];
          guint32 caller = parent > 0 ? run->plain_functions[nodes->frame[parent]] : n_keys;

          if (slot[key] > 0)
            {
              Candidate *candidate = &g_array_index (list, Candidate, slot[key] - 1);

              add_neighbour (candidate, caller, 0, (double) nodes->total[i] * factor);
              add_neighbour (candidate, n_keys + 1, 1, (double) nodes->self[i] * factor);
            }
          if (caller < n_keys && slot[caller] > 0)
            add_neighbour (&g_array_index (list, Candidate, slot[caller] - 1), key, 1, (double) nodes->total[i] * factor);
        }
    }
}

/* What two distributions have in common, in [0, 1], the smaller of callers and callees. */
static double
likeness (const Candidate *a, const Candidate *b)
{
  double common[2] = { 0, 0 };
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, a->neighbours);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const double *other = g_hash_table_lookup (b->neighbours, key);
      guint direction = (guint) (*(gint64 *) key & 1);

      if (other != NULL)
        common[direction] += MIN (*(double *) value / a->sum[direction], *other / b->sum[direction]);
    }
  return MIN (common[0], common[1]) * MIN (a->weight, b->weight) / MAX (a->weight, b->weight) > 0.25 ? MIN (common[0], common[1]) : 0;
}

static int
compare_renames (gconstpointer a, gconstpointer b)
{
  double one = ((const GlowDiffRename *) a)->likeness, two = ((const GlowDiffRename *) b)->likeness;

  return one > two ? -1 : one < two;
}

/* The best of the other side; −1 where nothing is likely, or where two are equally so. */
static gint
find_best (const double *table, guint n, guint step)
{
  gint best = -1;
  gboolean is_tied = FALSE;

  for (guint i = 0; i < n; i++)
    {
      if (table[i * step] < LIKELY)
        continue;
      is_tied = best >= 0 && table[i * step] == table[best * (gint) step];
      if (best < 0 || table[i * step] > table[best * (gint) step])
        best = (gint) i;
    }
  return is_tied ? -1 : best;
}

void
glow_diff_find_renames (GlowDiff *self)
{
  g_autoptr(GArray) gone = list_candidates (self, GLOW_BEFORE), come = list_candidates (self, GLOW_AFTER);
  g_autofree double *table = g_new0 (double, (gsize) gone->len * come->len + 1);

  self->renames = g_array_new (FALSE, FALSE, sizeof (GlowDiffRename));
  if (gone->len == 0 || come->len == 0)
    return;
  find_neighbours (self, GLOW_BEFORE, gone);
  find_neighbours (self, GLOW_AFTER, come);
  for (guint i = 0; i < gone->len; i++)
    for (guint j = 0; j < come->len; j++)
      table[i * come->len + j] = likeness (&g_array_index (gone, Candidate, i), &g_array_index (come, Candidate, j));
  /* Each the other's best. */
  for (guint i = 0; i < gone->len; i++)
    {
      gint j = find_best (table + i * come->len, come->len, 1);

      if (j >= 0 && find_best (table + j, gone->len, come->len) == (gint) i)
        {
          GlowDiffRename rename = { g_array_index (gone, Candidate, i).key, g_array_index (come, Candidate, (guint) j).key, table[i * come->len + (guint) j] };

          g_array_append_val (self->renames, rename);
        }
    }
  g_array_sort (self->renames, compare_renames);
}
