/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a query means in a timeline, where nothing is taken out that stands beside what was asked for: it fades. */
#include <config.h>

#include "analysis/timeline-private.h"
#include "model/selection-private.h"

#include <string.h>

#define CANCEL_EVERY 0xffff

void
glow_timeline_choice_free (GlowTimelineChoice *self)
{
  g_free (self->lane_ok);
  g_free (self->stack_ok);
  g_free (self->span_kind);
  g_free (self);
}

static gboolean
has_field (const GlowQuery *query, GlowQueryField wanted)
{
  GlowQueryField field;

  for (guint i = 0; i < glow_query_get_n_terms (query); i++)
    {
      glow_query_get_term (query, i, &field);
      if (field == wanted)
        return TRUE;
    }
  return FALSE;
}

static GlowQuery *
without (const GlowQuery *query, const GlowQueryField *fields, guint n)
{
  GlowQuery *left = glow_query_ref ((GlowQuery *) query);

  for (guint i = 0; i < n; i++)
    {
      GlowQuery *next = glow_query_without (left, fields[i], NULL);

      glow_query_unref (left);
      left = next;
    }
  return left;
}

/* Lanes that have a sample of the selection, whichever event it is of. */
static gboolean
mark_sampled (GlowTimeline *self, GlowSelection *selection, guint8 *lane_ok, GCancellable *cancellable)
{
  const GlowSamples *samples = glow_profile_get_samples (self->profile);
  g_autofree guint8 *has = g_new0 (guint8, self->n_lanes + 1);
  guint32 n_events;

  glow_profile_get_events (self->profile, &n_events);
  memset (selection->event_ok, 1, n_events);
  for (gsize i = 0; i < samples->n; i++)
    {
      if ((i & CANCEL_EVERY) == 0 && g_cancellable_is_cancelled (cancellable))
        return FALSE;
      if (glow_selection_has (selection, samples, i))
        has[self->lane_of_thread[samples->thread[i]]] = 1;
    }
  for (guint32 l = 0; l < self->n_threads; l++)
    lane_ok[l] &= has[l];
  return TRUE;
}

static void
mark_spans (GlowTimeline *self, const GlowSpanChoice *choice, guint8 *lane_ok)
{
  g_autofree guint8 *has = g_new0 (guint8, self->n_lanes + 1);

  for (gsize i = 0; i < choice->spans->n; i++)
    if (choice->is_chosen[i])
      has[self->lane_of_thread[choice->spans->thread[i]]] = 1;
  for (guint32 l = 0; l < self->n_threads; l++)
    lane_ok[l] &= has[l];
}

static gboolean
any_missing (const guint8 *ok, guint32 n)
{
  return memchr (ok, 0, n) != NULL;
}

GlowTimelineChoice *
glow_timeline_choice_compute (GlowTimeline *self, const GlowQuery *query, GCancellable *cancellable, GError **error)
{
  static const GlowQueryField of_time[] = { GLOW_QUERY_TIME, GLOW_QUERY_SPANS, GLOW_QUERY_LONGER, GLOW_QUERY_SHORTER, GLOW_QUERY_SPAN_STACKS };
  static const GlowQueryField of_samples[] = { GLOW_QUERY_CPU, GLOW_QUERY_WHERE };
  g_autoptr(GlowTimelineChoice) choice = g_new0 (GlowTimelineChoice, 1);
  g_autoptr(GlowQuery) timeless = without (query, of_time, G_N_ELEMENTS (of_time)), weighed = glow_query_with_weight (timeless, GLOW_WEIGHT_SAMPLES);
  GlowSelection selection;
  gboolean done = TRUE, by_samples = FALSE;
  guint32 n_threads;

  for (guint i = 0; i < G_N_ELEMENTS (of_samples); i++)
    by_samples |= has_field (query, of_samples[i]);
  choice->lane_ok = g_new0 (guint8, self->n_lanes + 1);
  if (!glow_selection_init (&selection, self->profile, weighed, error))
    return NULL;
  glow_profile_get_threads (self->profile, &n_threads);
  for (guint32 t = 0; t < n_threads; t++)
    choice->lane_ok[self->lane_of_thread[t]] |= selection.thread_ok == NULL || selection.thread_ok[t];
  for (guint32 l = self->n_threads; l < self->n_lanes; l++)
    choice->lane_ok[l] = selection.cpu_ok == NULL || selection.cpu_ok[self->lanes[l].cpu];
  if (selection.stack_ok != NULL)
    choice->stack_ok = g_memdup2 (selection.stack_ok, MAX (glow_profile_get_stacks (self->profile)->n, 1));
  if (by_samples)
    done = mark_sampled (self, &selection, choice->lane_ok, cancellable);
  glow_selection_clear (&selection);
  if (!done)
    {
      g_cancellable_set_error_if_cancelled (cancellable, error);
      return NULL;
    }
  if (has_field (query, GLOW_QUERY_SPANS))
    {
      g_autoptr(GlowSpanChoice) spans = glow_span_choice_compute (self->profile, query, cancellable, error);

      if (spans == NULL)
        return NULL;
      choice->span_kind = g_strdup (spans->spans->kind->id);
      choice->span_low = spans->low;
      choice->span_high = spans->high;
      mark_spans (self, spans, choice->lane_ok);
    }
  if (!any_missing (choice->lane_ok, self->n_lanes))
    g_clear_pointer (&choice->lane_ok, g_free);
  return g_steal_pointer (&choice);
}
