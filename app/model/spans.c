/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spans of a recording, by kind: made when first asked for, kept with the profile. */
#include <config.h>

#include "model/key-order-private.h"
#include "model/spans-private.h"

#include <stdlib.h>
#include <string.h>

#define CACHE_KEY "glow-spans"
#define MAX_CACHED 8

GlowSpans *
glow_spans_ref (GlowSpans *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glow_spans_unref (GlowSpans *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  glow_span_kind_free ((gpointer) self->kind);
  g_free (self->start);
  g_free (self->end);
  g_free (self->thread);
  g_free (self->first);
  g_free (self->last);
  g_free (self->parent);
  g_free (self->cut);
  g_free (self->sorted);
  g_free (self);
}

static int
compare_rows (const void *a, const void *b)
{
  const GlowSpanRow *left = a, *right = b;

  if (left->start != right->start)
    return left->start < right->start ? -1 : 1;
  if (left->end != right->end)
    return left->end > right->end ? -1 : 1;
  return left->thread < right->thread ? -1 : left->thread > right->thread;
}

/* The innermost open span of the same thread that reaches at least as far. O(spans × depth) */
static void
find_parents (GlowSpans *self, GlowProfile *profile)
{
  guint32 n_threads;
  g_autofree guint32 *top = NULL;

  glow_profile_get_threads (profile, &n_threads);
  top = g_new (guint32, n_threads + 1);
  memset (top, 0xff, (n_threads + 1) * sizeof (guint32));
  for (gsize i = 0; i < self->n; i++)
    {
      guint32 at = top[self->thread[i]];

      while (at != GLOW_NONE && self->end[at] < self->end[i])
        at = self->parent[at];
      self->parent[i] = at;
      top[self->thread[i]] = i;
    }
}

static GlowSpans *
assemble (GlowProfile *profile, const GlowSpanKind *kind, GArray *rows)
{
  GlowSpans *self = g_new0 (GlowSpans, 1);
  gsize n = rows->len;

  g_atomic_ref_count_init (&self->ref_count);
  if (n > 1)
    qsort (rows->data, n, sizeof (GlowSpanRow), compare_rows);
  self->kind = glow_span_kind_copy (kind);
  self->n = n;
  self->start = g_new (guint64, n + 1);
  self->end = g_new (guint64, n + 1);
  self->sorted = g_new (guint64, n + 1);
  self->thread = g_new (guint32, n + 1);
  self->first = g_new (guint32, n + 1);
  self->last = g_new (guint32, n + 1);
  self->parent = g_new (guint32, n + 1);
  self->cut = g_new (guint8, n + 1);
  for (gsize i = 0; i < n; i++)
    {
      const GlowSpanRow *row = &g_array_index (rows, GlowSpanRow, i);

      self->start[i] = row->start;
      self->end[i] = row->end;
      self->thread[i] = row->thread;
      self->first[i] = row->first;
      self->last[i] = row->last;
      self->cut[i] = row->cut;
      if (row->cut == GLOW_SPAN_WHOLE)
        self->sorted[self->n_whole++] = row->end - row->start;
    }
  self->n_censored = n - self->n_whole;
  glow_sort_numbers (self->sorted, self->n_whole);
  find_parents (self, profile);
  return self;
}

static GMutex cache_lock;

static GlowSpans *
lookup (GlowProfile *profile, const char *id)
{
  GHashTable *cache;
  GlowSpans *spans;

  g_mutex_lock (&cache_lock);
  cache = g_object_get_data (G_OBJECT (profile), CACHE_KEY);
  spans = cache != NULL ? g_hash_table_lookup (cache, id) : NULL;
  if (spans != NULL)
    glow_spans_ref (spans);
  g_mutex_unlock (&cache_lock);
  return spans;
}

static void
keep (GlowProfile *profile, const char *id, GlowSpans *spans)
{
  GHashTable *cache;

  g_mutex_lock (&cache_lock);
  cache = g_object_get_data (G_OBJECT (profile), CACHE_KEY);
  if (cache == NULL)
    {
      cache = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) glow_spans_unref);
      g_object_set_data_full (G_OBJECT (profile), CACHE_KEY, cache, (GDestroyNotify) g_hash_table_unref);
    }
  if (g_hash_table_size (cache) >= MAX_CACHED)
    g_hash_table_remove_all (cache);
  g_hash_table_insert (cache, g_strdup (id), glow_spans_ref (spans));
  g_mutex_unlock (&cache_lock);
}

GlowSpans *
glow_spans_compute (GlowProfile *profile, const char *id, GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowSpanKind) kind = NULL;
  GlowSpans *spans = lookup (profile, id);
  GlowUnpaired unpaired;
  GArray *rows;

  if (spans != NULL)
    return spans;
  kind = glow_span_kind_find (profile, id, error);
  rows = kind != NULL ? glow_spans_pair (profile, kind, &unpaired, cancellable, error) : NULL;
  if (rows == NULL)
    return NULL;
  spans = assemble (profile, kind, rows);
  spans->unpaired_starts = unpaired.starts;
  spans->unpaired_ends = unpaired.ends;
  spans->ended_by_wakeup = unpaired.by_wakeup;
  g_array_unref (rows);
  keep (profile, id, spans);
  return spans;
}
