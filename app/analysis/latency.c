/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations of spans in numbers: quantiles with their intervals, or that there are too few to tell. */
#include <config.h>

#include <afterglow/latency.h>

#define CONFIDENCE 0.95

GlowQuantile
glow_latency_get_quantile (const GlowLatency *self, double q)
{
  return glow_quantile_compute_cut (self->choice->sorted, self->choice->n_base, self->choice->cut, self->choice->n_cut, q, CONFIDENCE);
}

GlowLatency *
glow_latency_compute (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error)
{
  static const double wanted[GLOW_LATENCY_QUANTILES] = { 0.5, 0.9, 0.99, 0.999, 1 };
  GlowSpanChoice *choice = glow_span_choice_compute (profile, query, cancellable, error);
  GlowLatency *self;

  if (choice == NULL)
    return NULL;
  self = g_new0 (GlowLatency, 1);
  self->choice = choice;
  self->n_censored = choice->n_cut;
  for (guint i = 0; i < GLOW_LATENCY_QUANTILES; i++)
    self->quantiles[i] = glow_latency_get_quantile (self, wanted[i]);
  return self;
}

void
glow_latency_free (GlowLatency *self)
{
  glow_span_choice_free (self->choice);
  g_free (self);
}
