/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which spans a query means: of its threads and times, as long as it says. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "model/key-order-private.h"
#include "model/query-private.h"
#include "model/selection-private.h"

#include <afterglow/error.h>
#include <afterglow/quantile.h>
#include <afterglow/spans.h>

#include <string.h>

void
glow_span_choice_free (GlowSpanChoice *self)
{
  glow_spans_unref (self->spans);
  g_free (self->is_base);
  g_free (self->is_chosen);
  g_free (self->sorted);
  g_free (self->cut);
  g_free (self);
}

/* A span is of the time that it begins in; one whose beginning is not there, of the recording's. */
static gboolean
is_wanted (const GlowSelection *selection, const GlowSamples *samples, const GlowSpans *spans, gsize i)
{
  guint32 edge = spans->first[i] != GLOW_NONE ? spans->first[i] : spans->last[i];

  if (selection->thread_ok != NULL && !selection->thread_ok[spans->thread[i]])
    return FALSE;
  if (selection->cpu_ok != NULL && (samples->cpu == NULL || !selection->cpu_ok[samples->cpu[edge]]))
    return FALSE;
  if (selection->ranges == NULL)
    return TRUE;
  for (guint r = 0; r + 1 < selection->ranges->len; r += 2)
    if (spans->start[i] >= g_array_index (selection->ranges, guint64, r) && spans->start[i] < g_array_index (selection->ranges, guint64, r + 1))
      return TRUE;
  return FALSE;
}

static void
find_base (GlowSpanChoice *self, GlowProfile *profile, const GlowSelection *selection)
{
  const GlowSpans *spans = self->spans;
  const GlowSamples *samples = glow_profile_get_samples (profile);

  self->is_base = g_new0 (guint8, spans->n + 1);
  self->is_chosen = g_new0 (guint8, spans->n + 1);
  self->sorted = g_new (guint64, spans->n_whole + 1);
  self->cut = g_new (guint64, spans->n - spans->n_whole + 1);
  for (gsize i = 0; i < spans->n; i++)
    {
      if (!is_wanted (selection, samples, spans, i))
        continue;
      if (spans->cut[i] == GLOW_SPAN_WHOLE)
        {
          self->is_base[i] = 1;
          self->sorted[self->n_base++] = spans->end[i] - spans->start[i];
        }
      else
        self->cut[self->n_cut++] = spans->end[i] - spans->start[i];
    }
  glow_sort_numbers (self->cut, self->n_cut);
  if (self->n_base == spans->n_whole)
    memcpy (self->sorted, spans->sorted, self->n_base * sizeof (guint64));
  else
    glow_sort_numbers (self->sorted, self->n_base);
}

/* A bound in ns: as given, or the quantile of the base. */
static gboolean
find_bound (const GlowSpanChoice *self, const char *value, guint64 *ns, GError **error)
{
  GlowQuantile quantile;
  double q;

  if (value == NULL)
    return TRUE;
  glow_span_bound_parse (value, ns, &q);
  if (q < 0)
    return TRUE;
  if (self->n_base == 0)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” cannot be told: no span of this kind is whole and of what is selected"), value);
      return FALSE;
    }
  quantile = glow_quantile_compute_cut (self->sorted, self->n_base, self->cut, self->n_cut, q, 0.95);
  if (!quantile.has_value)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” cannot be told: the recording's edges cut what is longer"), value);
      return FALSE;
    }
  *ns = quantile.value_ns;
  return TRUE;
}

GlowSpanChoice *
glow_span_choice_compute (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowSpanChoice) self = g_new0 (GlowSpanChoice, 1);
  const char *kind = glow_query_get_only (query, GLOW_QUERY_SPANS);
  GlowSelection selection;

  g_return_val_if_fail (kind != NULL, NULL);
  self->high = G_MAXUINT64;
  self->spans = glow_spans_compute (profile, kind, cancellable, error);
  if (self->spans == NULL || !glow_selection_init_threads (&selection, profile, query, error))
    return NULL;
  find_base (self, profile, &selection);
  glow_selection_clear (&selection);
  if (!find_bound (self, glow_query_get_only (query, GLOW_QUERY_LONGER), &self->low, error)
      || !find_bound (self, glow_query_get_only (query, GLOW_QUERY_SHORTER), &self->high, error))
    return NULL;
  for (gsize i = 0; i < self->spans->n; i++)
    {
      guint64 duration = self->spans->end[i] - self->spans->start[i];

      self->is_chosen[i] = self->is_base[i] && duration >= self->low && duration < self->high;
      self->n_chosen += self->is_chosen[i];
    }
  return g_steal_pointer (&self);
}
