/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intervals of shares and counts: pure functions over numbers, distributions from GSL. */
#include <afterglow/interval.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

#define EXACT_AT_MOST 10000
#define STEPS 200

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

/* Where the distribution function of a gamma variable of this shape is @p, by Newton's steps between two bounds, halved where a step leaves them. GSL's own
 * inverse does not converge everywhere, and ends the process then. */
static double
gamma_quantile (double p, double shape, double start)
{
  double low = 0, high = shape + 40 * sqrt (shape) + 100, x = CLAMP (start, 1e-300, high);

  for (guint i = 0; i < STEPS && high - low > 1e-14 * high; i++)
    {
      double off = gsl_cdf_gamma_P (x, shape, 1) - p, slope = gsl_ran_gamma_pdf (x, shape, 1), next = x - off / slope;

      if (off < 0)
        low = x;
      else
        high = x;
      if (!(next > low && next < high))
        next = (low + high) / 2;
      if (fabs (next - x) <= 1e-14 * x)
        break;
      x = next;
    }
  return x;
}

GlowInterval
glow_interval_poisson (double k, double confidence)
{
  double alpha = 1 - confidence, z = gsl_cdf_ugaussian_Qinv (alpha / 2);

  if (k > EXACT_AT_MOST)
    return (GlowInterval) { byar (k, -z), byar (k + 1, z) };
  k = MAX (k, 0);
  return (GlowInterval) { k > 0 ? gamma_quantile (alpha / 2, k, byar (k, -z)) : 0, gamma_quantile (1 - alpha / 2, k + 1, byar (k + 1, z)) };
}

GlowMean
glow_interval_mean (const double *values, gsize n, double confidence)
{
  GlowMean mean = { 0, NAN, { NAN, NAN } };
  double squares = 0, reach;

  for (gsize i = 0; i < n; i++)
    mean.mean += values[i] / (double) n;
  for (gsize i = 0; i < n; i++)
    squares += (values[i] - mean.mean) * (values[i] - mean.mean);
  if (n < 2)
    return mean;
  mean.error = sqrt (squares / ((double) n - 1) / (double) n);
  reach = mean.error * gsl_cdf_tdist_Qinv ((1 - confidence) / 2, (double) n - 1);
  mean.interval = (GlowInterval) { mean.mean - reach, mean.mean + reach };
  return mean;
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
