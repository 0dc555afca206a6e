/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sums over all samples of each event: what 100 % of a profile are. They do not change with what is selected, so a brush need not add them up again: where it
 * leaves out most samples, their weights are then not read at all. */
#include <config.h>

#include "model/event-totals-private.h"

#define KEY "glow-event-totals"

static GMutex lock;

static GlowEventTotals *
compute (GlowProfile *profile)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (profile, &n);
  GlowEventTotals *totals = g_new0 (GlowEventTotals, n + 1);

  for (gsize i = 0; i < samples->n; i++)
    {
      guint event = samples->event != NULL ? samples->event[i] : 0;
      guint64 weight = samples->weight != NULL ? samples->weight[i] : 1;

      if (event >= n)
        continue;
      totals[event].weight += weight;
      totals[event].count += glow_selection_samples (&events[event], weight);
      totals[event].rows++;
    }
  return totals;
}

const GlowEventTotals *
glow_event_totals_get (GlowProfile *profile)
{
  GlowEventTotals *totals;

  g_mutex_lock (&lock);
  totals = g_object_get_data (G_OBJECT (profile), KEY);
  if (totals == NULL)
    {
      totals = compute (profile);
      g_object_set_data_full (G_OBJECT (profile), KEY, totals, g_free);
    }
  g_mutex_unlock (&lock);
  return totals;
}

gboolean
glow_event_totals_sum (const GlowSelection *selection, guint64 *weight, guint64 *samples)
{
  const GlowEventTotals *totals;
  guint32 n;

  *weight = *samples = 0;
  if (selection->field != NULL || selection->clock_share != NULL)
    return FALSE;
  totals = glow_event_totals_get (selection->profile);
  glow_profile_get_events (selection->profile, &n);
  for (guint32 e = 0; e < n; e++)
    {
      if (!selection->event_ok[e])
        continue;
      *samples += totals[e].count;
      if (selection->fixed_weight == NULL || (selection->weight == GLOW_WEIGHT_TIME && selection->fixed_weight[e] == 0))
        *weight += totals[e].weight;
      else
        *weight += selection->weight == GLOW_WEIGHT_SAMPLES ? totals[e].count : selection->fixed_weight[e] * totals[e].rows;
    }
  return TRUE;
}
