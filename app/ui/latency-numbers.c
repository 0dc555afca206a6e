/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles of spans in words: never a number without what it rests on. */
#include <config.h>

#include "ui/latency-numbers.h"

#include <afterglow/survival.h>
#include <afterglow/text.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

static gboolean
is_kaplan_meier (const GlowLatency *latency)
{
  guint64 all = latency->choice->n_base + latency->n_censored;

  return all > 0 && (double) latency->n_censored / all > GLOW_SURVIVAL_CUT_SHARE;
}

/* "633–640 µs": the unit once, where it is one. */
static char *
dup_interval (guint64 low_ns, guint64 high_ns)
{
  g_autofree char *low = glow_text_duration ((double) low_ns), *high = glow_text_duration ((double) high_ns);
  const char *low_unit = low + strcspn (low, "nmsh\xc2"), *high_unit = high + strcspn (high, "nmsh\xc2");
  glong space = 3;             /* bytes of the thin one before it */

  if (strcmp (low_unit, high_unit) == 0 && low_unit - low > space)
    low[low_unit - low - space] = '\0';
  return g_strdup_printf ("%s\xe2\x80\x93%s", low, high);
}

static char *
dup_quantile (const GlowQuantile *quantile)
{
  g_autofree char *label = glow_quantile_dup_label (quantile->q), *value = glow_text_duration ((double) quantile->value_ns);
  g_autofree char *interval = dup_interval (quantile->low_ns, quantile->high_ns);
  g_autofree char *needs = glow_text_count (quantile->needs);

  if (quantile->has_value && quantile->q >= 1)
    return g_strdup_printf ("%s %s", label, value);
  if (quantile->has_value && quantile->is_known)
    return g_strdup_printf ("%s %s (%s)", label, value, interval);
  if (quantile->needs > 0)
    return g_strdup_printf (_("%s not determined: needs \xe2\x89\xa5 %s"), label, needs);
  return g_strdup_printf (_("%s not determined: cut off"), label);
}

char *
glow_latency_numbers_dup (const GlowLatency *latency)
{
  GString *text = g_string_new (NULL);
  g_autofree char *n = glow_text_count (latency->choice->n_base);

  for (guint i = 0; i < GLOW_LATENCY_QUANTILES && latency->choice->n_base > 0; i++)
    {
      g_autofree char *quantile = dup_quantile (&latency->quantiles[i]);

      g_string_append_printf (text, "%s · ", quantile);
    }
  g_string_append_printf (text, "n = %s", n);
  if (latency->n_censored > 0)
    {
      g_autofree char *cut = glow_text_count (latency->n_censored);

      g_string_append_printf (text, ngettext (", %s cut", ", %s cut", latency->n_censored), cut);
      if (is_kaplan_meier (latency))
        g_string_append (text, _(" (quantiles by Kaplan and Meier)"));
    }
  return g_string_free (text, FALSE);
}

/* What a server that only has buckets with these bounds would answer: the whole bucket is as much as it can know. */
static void
append_prometheus (GString *text, const GlowLatency *latency, const GArray *le, double q)
{
  const GlowSpanChoice *choice = latency->choice;
  g_autofree double *bounds = g_new (double, le->len + 1), *counts = g_new (double, le->len + 1);
  g_autofree char *label = glow_quantile_dup_label (q), *value = NULL, *low = NULL, *high = NULL;
  GlowPrometheusQuantile answer;
  gsize n = 0;

  for (guint b = 0; b < le->len; b++)
    {
      while (n < choice->n_base && choice->sorted[n] <= g_array_index (le, guint64, b))
        n++;
      bounds[b] = (double) g_array_index (le, guint64, b);
      counts[b] = (double) n;
    }
  bounds[le->len] = INFINITY;
  counts[le->len] = (double) choice->n_base;
  answer = glow_quantile_prometheus (bounds, counts, le->len + 1, q);
  if (isnan (answer.value))
    return;
  value = glow_text_duration (answer.value);
  low = glow_text_duration (answer.low);
  high = isinf (answer.high) ? g_strdup ("+Inf") : glow_text_duration (answer.high);
  g_string_append_c (text, '\n');
  g_string_append_printf (text, _("histogram_quantile would say %s %s; its bucket is %s to %s"), label, value, low, high);
}

char *
glow_latency_numbers_dup_evidence (const GlowLatency *latency, const GArray *le)
{
  const GlowSpans *spans = latency->choice->spans;
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < GLOW_LATENCY_QUANTILES; i++)
    {
      const GlowQuantile *quantile = &latency->quantiles[i];
      g_autofree char *label = glow_quantile_dup_label (quantile->q), *value = glow_text_duration ((double) quantile->value_ns);
      g_autofree char *low = glow_text_duration ((double) quantile->low_ns), *high = glow_text_duration ((double) quantile->high_ns);
      g_autofree char *needs = glow_text_count (quantile->needs);

      if (text->len > 0)
        g_string_append_c (text, '\n');
      if (quantile->is_known)
        g_string_append_printf (text, _("%s %s, 95 %% interval %s to %s"), label, value, low, high);
      else if (quantile->has_value && quantile->q >= 1)
        g_string_append_printf (text, "%s %s", label, value);
      else if (quantile->needs > 0)
        g_string_append_printf (text, _("%s not determined: needs %s spans or more"), label, needs);
      else
        g_string_append_printf (text, _("%s not determined: what is longer was cut by the recording's edges"), label);
    }
  for (guint i = 0; le != NULL && i < 3; i++)
    append_prometheus (text, latency, le, latency->quantiles[i].q);
  if (latency->n_censored > 0)
    {
      g_autofree char *cut = glow_text_count (latency->n_censored);

      g_string_append_c (text, '\n');
      g_string_append_printf (text, is_kaplan_meier (latency) ? _("%s cut by the recording's edges: quantiles are Kaplan and Meier's")
                                                             : _("%s cut by the recording's edges: too few to matter for quantiles"), cut);
    }
  if (spans->unpaired_starts + spans->unpaired_ends > 0)
    {
      g_autofree char *starts = glow_text_count (spans->unpaired_starts), *ends = glow_text_count (spans->unpaired_ends);

      g_string_append_c (text, '\n');
      g_string_append_printf (text, _("Events without their other half: %s beginnings, %s ends"), starts, ends);
    }
  if (spans->ended_by_wakeup > 0)
    {
      g_autofree char *woken = glow_text_count (spans->ended_by_wakeup);

      g_string_append_c (text, '\n');
      g_string_append_printf (text, _("%s end at their wake-up: no switch back was recorded"), woken);
    }
  return g_string_free (text, FALSE);
}
