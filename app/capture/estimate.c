/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a recording by a plan could not see, from its rates alone. Formulas: STATISTICS C2 of the design: with random phase a clock of period T sees one
 * stretch of d on the CPU with probability min (1, d/T), a sampler of random gaps with 1 − e^(−d/T); for c samples in t seconds of CPU
 * time at rate f, their number is taken as Poisson's: ln 20 / f for one with probability 0.95, 9.15 / f for five. */
#include <config.h>

#include "capture/measure-private.h"

#include <afterglow/text.h>

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define CERTAIN_ONE  2.995732273553991         /* ln 20 */
#define CERTAIN_FIVE 9.153519027              /* half the 0.95 quantile of χ² with 10 degrees of freedom: P (Poisson ≥ 5) = 0.95 */
#define SEEN_BY_LUCK 0.5

/* By the clocks that are there: independent phases, so that none of them sees it with the product of what each does not. */
static double
compute_probability (const GlowCapturePlan *plan, double seconds)
{
  double missed = 1;

  for (guint i = 0; i < plan->events->len; i++)
    {
      const GlowCaptureEvent *event = g_ptr_array_index (plan->events, i);

      if (event->frequency > 0)
        missed *= plan->clock == GLOW_CAPTURE_RANDOM ? exp (-seconds * event->frequency) : 1 - MIN (1, seconds * event->frequency);
    }
  return 1 - missed;
}

/**
 * glow_capture_estimate_init:
 * @event_seconds: a single stretch on the CPU that is asked about
 *
 * What can be said without measuring: what is measured is NAN.
 */
void
glow_capture_estimate_init (GlowCaptureEstimate *estimate, const GlowCapturePlan *plan, double event_seconds)
{
  double rate = glow_capture_plan_sum_rates (plan);

  *estimate = (GlowCaptureEstimate) {
    .samples = rate > 0,
    .certain_seconds = rate > 0 ? CERTAIN_ONE / rate : NAN, .five_seconds = rate > 0 ? CERTAIN_FIVE / rate : NAN,
    .event_seconds = event_seconds, .event_probability = rate > 0 ? compute_probability (plan, event_seconds) : NAN,
    .busy_cpus = NAN, .samples_per_second = NAN, .bytes_per_second = NAN, .overhead = NAN, .overhead_low = NAN, .overhead_high = NAN,
    .sample_seconds = NAN, .sample_seconds_low = NAN, .sample_seconds_high = NAN,
  };
}

static char *
dup_probability (double probability)
{
  return probability >= 0.995 ? g_strdup_printf ("%.4g", floor (probability * 1000) / 1000) : probability >= 0.01 ? g_strdup_printf ("%.2f", probability)
                                                                                                                 : g_strdup_printf ("%.1g", probability);
}

static gboolean
has_every_event (const GlowCapturePlan *plan)
{
  for (guint i = 0; i < plan->events->len; i++)
    {
      const GlowCaptureEvent *event = g_ptr_array_index (plan->events, i);

      if (event->frequency == 0 && event->period <= 1)
        return TRUE;
    }
  return plan->probes->len > 0;
}

/**
 * glow_capture_estimate_dup_sentence:
 *
 * Returns: (transfer full): what such a recording could not see, in words
 */
char *
glow_capture_estimate_dup_sentence (const GlowCaptureEstimate *estimate, const GlowCapturePlan *plan)
{
  GString *text = g_string_new (NULL);
  g_autofree char *certain = NULL, *duration = NULL, *event = NULL, *probability = NULL;

  if (has_every_event (plan))
    g_string_append (text, _("Each of the traced events is recorded, unless some are lost; their number is told."));
  if (!estimate->samples)
    {
      g_string_append (text, " ");
      g_string_append (text, _("What runs between them is not seen."));
      return g_string_free (text, FALSE);
    }
  certain = glow_text_duration (estimate->certain_seconds * 1e9);
  event = glow_text_duration (estimate->event_seconds * 1e9);
  probability = dup_probability (estimate->event_probability);
  if (text->len > 0)
    g_string_append_c (text, ' ');
  if (plan->duration > 0)
    {
      duration = glow_text_duration (plan->duration * 1e9);
      g_string_append_printf (text, has_every_event (plan) ? _("The clocks can miss anything below %s of CPU in these %s;") : _("Can miss anything below %s of CPU in these %s;"),
                              certain, duration);
    }
  else
    g_string_append_printf (text, has_every_event (plan) ? _("The clocks can miss anything below %s of CPU in all;") : _("Can miss anything below %s of CPU in all;"), certain);
  g_string_append_c (text, ' ');
  if (estimate->event_probability < SEEN_BY_LUCK)
    g_string_append_printf (text, has_every_event (plan) ? _("a single stretch of %s is sampled with probability %s.")
                                                         : _("a single %s event is seen with probability %s: trace it instead."), event, probability);
  else
    g_string_append_printf (text, _("a single %s event is seen with probability %s."), event, probability);
  return g_string_free (text, FALSE);
}

static char *
dup_share (double share)
{
  return share > 0 ? glow_text_share (share) : g_strdup (_("nothing that could be measured"));
}

/**
 * glow_capture_estimate_dup_cost:
 *
 * Returns: (transfer full): what such a recording costs in space and time, in words
 */
char *
glow_capture_estimate_dup_cost (const GlowCaptureEstimate *estimate, const GlowCapturePlan *plan)
{
  GString *text = g_string_new (NULL);
  gboolean launched = plan->target == GLOW_CAPTURE_COMMAND;

  if (isfinite (estimate->bytes_per_second))
    {
      g_autofree char *minute = glow_text_bytes ((guint64) (60 * estimate->bytes_per_second));

      g_string_append_printf (text, launched ? _("About %s for each minute of CPU time") : _("About %s a minute"), minute);
      if (plan->duration > 0 && !launched)
        {
          g_autofree char *all = glow_text_bytes ((guint64) (plan->duration * estimate->bytes_per_second));

          g_string_append_printf (text, _(", %s in all"), all);
        }
      g_string_append (text, "; ");
    }
  if (isfinite (estimate->overhead))
    {
      const GlowInterval interval = { MAX (estimate->overhead_low, 0), MAX (estimate->overhead_high, 0) };
      g_autofree char *share = dup_share (estimate->overhead), *bounds = glow_text_interval (&interval);

      g_string_append_printf (text, _("costs about %s (%s) of the CPU time."), share, bounds);
    }
  else if (launched && has_every_event (plan))
    g_string_append (text, _("What it costs depends on how often these events happen; attach to a running process to have it measured."));
  else if (estimate->busy_cpus == 0)
    g_string_append (text, _("what is recorded did nothing meanwhile, so that its cost is not known."));
  else
    g_string_append (text, _("what it costs was not measured."));
  return g_string_free (text, FALSE);
}
