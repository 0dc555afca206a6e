/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations of which some were still running when the recording ended: Kaplan and Meier's curve, and quantiles of it. */
#include <afterglow/survival.h>

#include <gsl/gsl_cdf.h>
#include <math.h>

/* A product of a million factors is not exactly the share that it stands for. */
#define ROUNDING 1e-9

typedef struct {
  const guint64 *ended, *cut;
  gsize n_ended, n_cut, i, j;
  double survival, greenwood, z;
} Curve;

static Curve
curve_begin (const guint64 *ended, gsize n_ended, const guint64 *cut, gsize n_cut, double confidence)
{
  return (Curve) { ended, cut, n_ended, n_cut, 0, 0, 1, 0, gsl_cdf_ugaussian_Qinv ((1 - confidence) / 2) };
}

/* The next distinct duration that spans ended at; FALSE: none is left. */
static gboolean
curve_next (Curve *curve, GlowSurvivalStep *step)
{
  guint64 time;
  gsize first = curve->i;

  if (curve->i >= curve->n_ended)
    return FALSE;
  time = curve->ended[curve->i];
  /* What was cut at the very time others ended was still there: it goes after them. */
  while (curve->j < curve->n_cut && curve->cut[curve->j] < time)
    curve->j++;
  while (curve->i < curve->n_ended && curve->ended[curve->i] == time)
    curve->i++;
  *step = (GlowSurvivalStep) { .time_ns = time, .at_risk = curve->n_ended - first + curve->n_cut - curve->j, .ended = curve->i - first, .high = 1 };
  if (step->ended == step->at_risk)
    curve->survival = 0;
  else
    {
      double left = (double) (step->at_risk - step->ended), spread;

      curve->survival *= left / (double) step->at_risk;
      curve->greenwood += (double) step->ended / ((double) step->at_risk * left);
      spread = curve->z * sqrt (curve->greenwood) / -log (curve->survival);
      step->low = pow (curve->survival, exp (spread));
      step->high = pow (curve->survival, exp (-spread));
    }
  step->survival = curve->survival;
  return TRUE;
}

/**
 * glow_survival_compute:
 * @ended: (array length=n_ended): durations in ns of spans seen whole, ascending
 * @cut: (array length=n_cut): how long those were seen for that the recording's end cut, ascending
 *
 * Variance by Greenwood's formula, interval on the scale of log(−log S), so that it stays within 0 and 1.
 *
 * Source: Kaplan and Meier (1958), J. Am. Stat. Assoc. 53(282); Kalbfleisch and Prentice (2002), section 1.4.
 */
GArray *
glow_survival_compute (const guint64 *ended, gsize n_ended, const guint64 *cut, gsize n_cut, double confidence)
{
  GArray *steps = g_array_new (FALSE, FALSE, sizeof (GlowSurvivalStep));
  Curve curve = curve_begin (ended, n_ended, cut, n_cut, confidence);
  GlowSurvivalStep step;

  while (curve_next (&curve, &step))
    g_array_append_val (steps, step);
  return steps;
}

/**
 * glow_survival_quantile:
 *
 * The value is the shortest duration with S ≤ 1 − q, the interval the same of the curve's two bounds. Nothing cut: the value is that
 * of glow_quantile_compute(). O(n_ended + n_cut), no memory.
 *
 * Source: Brookmeyer and Crowley (1982), Biometrics 38(1), with log-log bounds.
 */
GlowQuantile
glow_survival_quantile (const guint64 *ended, gsize n_ended, const guint64 *cut, gsize n_cut, double q, double confidence)
{
  GlowQuantile result = { .q = q, .needs = glow_quantile_needs (q, confidence) };
  Curve curve = curve_begin (ended, n_ended, cut, n_cut, confidence);
  double goes_on = (1 - q) * (1 + ROUNDING) + 1e-15;
  gboolean has_low = FALSE;
  GlowSurvivalStep step;

  if (!(q >= 0 && q <= 1))
    return result;
  while (!result.is_known && curve_next (&curve, &step))
    {
      if (!has_low && step.low <= goes_on)
        {
          has_low = TRUE;
          result.low_ns = step.time_ns;
        }
      if (!result.has_value && step.survival <= goes_on)
        {
          result.has_value = TRUE;
          result.value_ns = step.time_ns;
        }
      if (result.has_value && step.high <= goes_on && result.needs > 0)
        {
          result.is_known = TRUE;
          result.high_ns = step.time_ns;
        }
    }
  /* More spans help if the curve gets as far as the quantile; if it was cut off before, only a longer recording does. */
  if (!result.is_known)
    result.needs = result.has_value && result.needs > 0 ? MAX (result.needs, n_ended + n_cut + 1) : 0;
  return result;
}

/**
 * glow_quantile_compute_cut:
 * @ended: (array length=n_ended): durations in ns, ascending
 * @cut: (array length=n_cut): of spans cut by the recording's edges, ascending
 *
 * The quantile to show: of the spans that ended while at most 1 % were cut (%GLOW_SURVIVAL_CUT_SHARE), else of the curve.
 */
GlowQuantile
glow_quantile_compute_cut (const guint64 *ended, gsize n_ended, const guint64 *cut, gsize n_cut, double q, double confidence)
{
  if ((double) n_cut > GLOW_SURVIVAL_CUT_SHARE * ((double) n_ended + (double) n_cut))
    return glow_survival_quantile (ended, n_ended, cut, n_cut, q, confidence);
  return glow_quantile_compute (ended, n_ended, q, confidence);
}
