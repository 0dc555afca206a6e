/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One time of a recording against another: which functions take another share of it, with what evidence. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "analysis/contrast-private.h"
#include "model/selection-private.h"

#include <afterglow/baseline.h>
#include <afterglow/error.h>

#define SECOND G_GUINT64_CONSTANT (1000000000)
#define SHORTEST_BLOCK G_GUINT64_CONSTANT (1000000)
#define BLOCKS 5              /* fewer and longer ones are more honest where activity keeps on for long, and find less */
#define CANCEL_EVERY 0xffff

GlowQuery *
glow_query_dup_baseline (const GlowQuery *query)
{
  g_autoptr(GlowQuery) timeless = glow_query_without (query, GLOW_QUERY_TIME, NULL), bare = glow_query_without (timeless, GLOW_QUERY_BASELINE_TIME, NULL);
  gboolean any = FALSE;

  for (guint i = 0; i < glow_query_get_n_terms (query); i++)
    {
      GlowQueryField field;
      const char *value = glow_query_get_term (query, i, &field);
      GlowQuery *more;

      if (field != GLOW_QUERY_BASELINE_TIME)
        continue;
      more = glow_query_with (bare, GLOW_QUERY_TIME, value, NULL);
      glow_query_unref (bare);
      bare = more;
      any = TRUE;
    }
  return any ? g_steal_pointer (&bare) : NULL;
}

/* ns that a query's times hold of the recording; overlapping ones count twice, which nobody asks for. */
static guint64
length_of (const GlowQuery *query, GlowProfile *profile)
{
  const GlowProfileInfo *info = glow_profile_get_info (profile);
  g_autoptr(GArray) ranges = NULL;
  guint64 sum = 0;

  if (!glow_query_dup_time_ranges (query, profile, &ranges, NULL) || ranges == NULL)
    return info->last_time - info->first_time;
  for (guint r = 0; r + 1 < ranges->len; r += 2)
    {
      guint64 from = MAX (g_array_index (ranges, guint64, r), info->first_time), to = MIN (g_array_index (ranges, guint64, r + 1), info->last_time);

      sum += to > from ? to - from : 0;
    }
  return sum;
}

typedef struct { gint64 key; guint cluster; } Last;

typedef struct {
  GlowSelection side[2];
  Last *last;                  /* by thread: cluster + 1; 0: none yet */
  GArray *rows;                /* of GlowSpanRowPiece */
  GArray *is_first;            /* of guint8, by cluster */
  GHashTable *clusters;        /* "thread, block, side" → cluster + 1 */
  gboolean rest;               /* the first side is what the second is not */
} Sides;

static guint32
cluster_of (Sides *self, guint32 thread, guint64 block, guint side)
{
  gint64 key = (gint64) ((guint64) thread << 40 ^ block << 1 ^ side), *own;
  guint8 is_first = side == 0;
  guint found;

  /* Mostly the thread's sample before was of the same. */
  if (self->last[thread].cluster != 0 && self->last[thread].key == key)
    return self->last[thread].cluster - 1;
  found = GPOINTER_TO_UINT (g_hash_table_lookup (self->clusters, &key));
  if (found != 0)
    {
      self->last[thread] = (Last) { key, found };
      return found - 1;
    }
  own = g_new (gint64, 1);
  *own = key;
  g_array_append_val (self->is_first, is_first);
  g_hash_table_insert (self->clusters, own, GUINT_TO_POINTER (self->is_first->len));
  self->last[thread] = (Last) { key, self->is_first->len };
  return self->is_first->len - 1;
}

/* Threads are told apart by their number: a thread that changes its name is one. */
static guint32 *
number_threads (GlowProfile *profile)
{
  guint32 n;
  const GlowThread *threads = glow_profile_get_threads (profile, &n);
  g_autoptr(GHashTable) known = g_hash_table_new (NULL, NULL);
  guint32 *number = g_new (guint32, n + 1);

  for (guint32 t = 0; t < n; t++)
    {
      gpointer key = GSIZE_TO_POINTER (((gsize) (guint32) threads[t].pid << 32) ^ (guint32) threads[t].tid), found;

      if (!g_hash_table_lookup_extended (known, key, NULL, &found))
        {
          found = GUINT_TO_POINTER (t);
          g_hash_table_insert (known, key, found);
        }
      number[t] = GPOINTER_TO_UINT (found);
    }
  return number;
}

static gboolean
sort_samples (Sides *self, GlowProfile *profile, guint64 block, GCancellable *cancellable)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  const GlowEvent *events = glow_profile_get_events (profile, NULL);
  g_autofree guint32 *number = number_threads (profile);
  guint64 start = samples->n > 0 ? samples->time[0] : 0;

  for (gsize i = 0; i < samples->n; i++)
    {
      guint event = samples->event != NULL ? samples->event[i] : 0, side;
      gboolean first, second;
      GlowSpanRowPiece row;

      if ((i & CANCEL_EVERY) == 0 && g_cancellable_is_cancelled (cancellable))
        return FALSE;
      first = glow_selection_has (&self->side[0], samples, i);
      second = glow_selection_has (&self->side[1], samples, i);
      if (!first && !second)
        continue;
      side = self->rest ? second : !first;
      row.weight = glow_selection_weight (&self->side[side], events, samples, i, event);
      row.stack = samples->stack[i];
      if (row.weight == 0)
        continue;
      row.span = cluster_of (self, samples->thread != NULL ? number[samples->thread[i]] : 0, (samples->time[i] - start) / block, side);
      g_array_append_val (self->rows, row);
    }
  return TRUE;
}

static GlowTail *
compare (Sides *self, GlowProfile *profile, const GlowQuery *const queries[2], GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowTail) tail = g_new0 (GlowTail, 1);

  tail->is_of_time = TRUE;
  tail->is_of_rest = self->rest;
  tail->time_short = length_of (queries[1], profile);
  tail->time_long = length_of (queries[0], profile);
  if (self->rest)
    tail->time_long -= MIN (tail->time_long, tail->time_short);
  tail->block = CLAMP (MIN (tail->time_long, tail->time_short) / BLOCKS, SHORTEST_BLOCK, SECOND);
  if (!sort_samples (self, profile, tail->block, cancellable)
      || !glow_contrast_compute (profile, self->rows, (const guint8 *) self->is_first->data, tail, cancellable))
    {
      g_cancellable_set_error_if_cancelled (cancellable, error);
      return NULL;
    }
  tail->n_long = tail->clusters_long;
  tail->n_short = tail->clusters_short;
  if (tail->rows != NULL)
    return g_steal_pointer (&tail);
  {
    g_autofree char *inside = g_strdup_printf ("%" G_GUINT64_FORMAT, tail->samples_long), *outside = g_strdup_printf ("%" G_GUINT64_FORMAT, tail->samples_short);

    g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("There is nothing to compare: %s samples in the selection, %s in the baseline"), inside, outside);
  }
  return NULL;
}

GlowTail *
glow_baseline_compute (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowQuery) baseline = glow_query_dup_baseline (query);
  Sides self = { .rest = !glow_query_has_term (query, GLOW_QUERY_TIME, NULL) };
  GlowTail *tail = NULL;

  g_return_val_if_fail (baseline != NULL, NULL);
  if (!glow_selection_init (&self.side[0], profile, query, error))
    return NULL;
  if (glow_selection_init (&self.side[1], profile, baseline, error))
    {
      guint32 n_threads;

      glow_profile_get_threads (profile, &n_threads);
      self.last = g_new0 (Last, n_threads + 1);
      self.rows = g_array_new (FALSE, FALSE, sizeof (GlowSpanRowPiece));
      self.is_first = g_array_new (FALSE, FALSE, sizeof (guint8));
      self.clusters = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
      tail = compare (&self, profile, (const GlowQuery *const[]) { query, baseline }, cancellable, error);
      g_free (self.last);
      g_array_unref (self.rows);
      g_array_unref (self.is_first);
      g_hash_table_unref (self.clusters);
      glow_selection_clear (&self.side[1]);
    }
  glow_selection_clear (&self.side[0]);
  return tail;
}
