/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations of spans in numbers: quantiles with their intervals, or that there are too few to tell. */
#include <config.h>

#include <afterglow/latency.h>

#include <stdlib.h>

#define CONFIDENCE 0.95

static int
compare (const void *a, const void *b)
{
  guint64 left = *(const guint64 *) a, right = *(const guint64 *) b;

  return left < right ? -1 : left > right;
}

/* Spans that were cut by an edge, as far as they were seen. Which of them are of the query's threads is asked of a whole one of the same thread;
 * where the query chooses no threads, all are. (transfer full) */
static guint64 *
dup_censored (const GlowSpanChoice *choice, guint64 *n)
{
  const GlowSpans *spans = choice->spans;
  guint64 *cut = g_new (guint64, spans->n_censored + 1);
  g_autoptr(GHashTable) threads = g_hash_table_new (NULL, NULL);

  *n = 0;
  for (gsize i = 0; i < spans->n; i++)
    if (choice->is_base[i])
      g_hash_table_add (threads, GUINT_TO_POINTER (spans->thread[i] + 1));
  for (gsize i = 0; i < spans->n; i++)
    if (spans->cut[i] != GLOW_SPAN_WHOLE
        && (choice->n_base == spans->n_whole || g_hash_table_contains (threads, GUINT_TO_POINTER (spans->thread[i] + 1))))
      cut[(*n)++] = spans->end[i] - spans->start[i];
  qsort (cut, *n, sizeof (guint64), compare);
  return cut;
}

GlowQuantile
glow_latency_get_quantile (const GlowLatency *self, double q)
{
  guint64 n;
  g_autofree guint64 *cut = dup_censored (self->choice, &n);

  return glow_quantile_compute_cut (self->choice->sorted, self->choice->n_base, cut, n, q, CONFIDENCE);
}

GlowLatency *
glow_latency_compute (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error)
{
  static const double wanted[GLOW_LATENCY_QUANTILES] = { 0.5, 0.9, 0.99, 0.999, 1 };
  GlowSpanChoice *choice = glow_span_choice_compute (profile, query, cancellable, error);
  g_autofree guint64 *cut = NULL;
  GlowLatency *self;

  if (choice == NULL)
    return NULL;
  self = g_new0 (GlowLatency, 1);
  self->choice = choice;
  cut = dup_censored (choice, &self->n_censored);
  for (guint i = 0; i < GLOW_LATENCY_QUANTILES; i++)
    self->quantiles[i] = glow_quantile_compute_cut (choice->sorted, choice->n_base, cut, self->n_censored, wanted[i], CONFIDENCE);
  return self;
}

void
glow_latency_free (GlowLatency *self)
{
  glow_span_choice_free (self->choice);
  g_free (self);
}
