/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intervals of shares and counts: pure functions over numbers, distributions from GSL. */
#include <afterglow/interval.h>

#include <gsl/gsl_cdf.h>
#include <math.h>

/* GSL's quantiles of the gamma distribution do not converge for every count of some ten thousands and more. */
#define EXACT_AT_MOST 10000

GlowInterval
glow_interval_wilson (double k, double n, double confidence)
{
  double z, share, centre, half;

  if (!(n > 0) || !(confidence > 0 && confidence < 1))
    return (GlowInterval) { 0, 1 };
  z = gsl_cdf_ugaussian_Qinv ((1 - confidence) / 2);
  share = CLAMP (k / n, 0, 1);
  centre = (share + z * z / (2 * n)) / (1 + z * z / n);
  half = z / (1 + z * z / n) * sqrt (share * (1 - share) / n + z * z / (4 * n * n));
  /* At the ends one bound is the share itself; rounding must not move it. */
  return (GlowInterval) { share <= 0 ? 0 : MAX (centre - half, 0), share >= 1 ? 1 : MIN (centre + half, 1) };
}

/* The cube root of a gamma variable is nearly normal: Wilson and Hilferty (1931), Proc. Natl. Acad. Sci. 17; for counts as Breslow and Day (1987), Statistical
 * Methods in Cancer Research II, section 2.3 (Byar). */
static double
byar (double k, double z)
{
  double part = 1 - 1 / (9 * k) + z / (3 * sqrt (k));

  return k * part * part * part;
}

GlowInterval
glow_interval_poisson (double k, double confidence)
{
  double alpha = 1 - confidence, z;

  if (k > EXACT_AT_MOST)
    {
      z = gsl_cdf_ugaussian_Qinv (alpha / 2);
      return (GlowInterval) { byar (k, -z), byar (k + 1, z) };
    }
  return (GlowInterval) { k > 0 ? gsl_cdf_chisq_Pinv (alpha / 2, 2 * k) / 2 : 0, gsl_cdf_chisq_Qinv (alpha / 2, 2 * MAX (k, 0) + 2) / 2 };
}

double
glow_effective_n (double sum, double sum_of_squares)
{
  return sum_of_squares > 0 ? sum * sum / sum_of_squares : 0;
}

GlowShare
glow_share_compute (guint64 weight, guint64 base_weight, double effective_n, double confidence)
{
  GlowShare share = { .n = effective_n };
  GlowInterval bounds;

  share.share = base_weight > 0 ? MIN ((double) weight / (double) base_weight, 1) : 0;
  share.samples = share.share * effective_n;
  bounds = glow_interval_wilson (share.samples, base_weight > 0 ? effective_n : 0, confidence);
  share.low = bounds.low;
  share.high = bounds.high;
  return share;
}
