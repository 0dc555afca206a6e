/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two Poisson counts with exposures: CPU seconds, calls, requests. Given their sum, the first is binomial. */
#include <afterglow/evidence.h>
#include <stats/discrete-private.h>

#include <gsl/gsl_cdf.h>
#include <math.h>

/* GSL's continued fraction of the beta distribution takes about √n terms and gives up at 512; far above that Wilson's bounds are the same. */
#define EXACT_AT_MOST 50000
/* The smaller of the two expected counts: above, z and the sum cannot be told apart. */
#define SUMMED_AT_MOST 1e9
#define BISECTIONS 100

/**
 * glow_test_rates:
 * @k1: count in @exposure1; effective counts are rounded
 *
 * k1 | k1 + k2 ~ Binomial(k1 + k2, e1 / (e1 + e2)) if the rates are equal. O(√expected count);
 * where both expected counts are above 10⁹, by the normal distribution.
 *
 * Source: Przyborowski and Wilenski (1940), Biometrika 31; two sides as R's poisson.test().
 */
GlowTest
glow_test_rates (double k1, double exposure1, double k2, double exposure2)
{
  GlowTest test = { .statistic = NAN, .degrees = NAN, .p = NAN, .is_exact = TRUE };
  double n, share, spread;
  GlowDiscrete counts;

  if (!(exposure1 > 0 && exposure2 > 0))
    return test;
  k1 = MAX (round (k1), 0);
  n = k1 + MAX (round (k2), 0);
  share = exposure1 / (exposure1 + exposure2);
  if (n * MIN (share, 1 - share) > SUMMED_AT_MOST)
    {
      spread = sqrt (n * share * (1 - share));
      test.statistic = (k1 - n * share) / spread;
      test.p = 2 * gsl_cdf_ugaussian_Q (fabs (test.statistic));
      test.is_exact = FALSE;
      return test;
    }
  counts = glow_discrete_binomial (n, share);
  test.p = glow_discrete_two_sided (&counts, k1);
  return test;
}

/* Where the distribution function of Beta(a, b) is @p. */
static double
beta_quantile (double p, double a, double b)
{
  double low = 0, high = 1;

  for (guint i = 0; i < BISECTIONS; i++)
    {
      double middle = (low + high) / 2;

      if (gsl_cdf_beta_P (middle, a, b) < p)
        low = middle;
      else
        high = middle;
    }
  return (low + high) / 2;
}

static double
odds (double share)
{
  return share >= 1 ? INFINITY : share / (1 - share);
}

/**
 * glow_interval_rate_difference:
 *
 * Distances of each rate to its own bounds, put together as Newcombe does for shares.
 *
 * Source: Zou and Donner (2008), Stat. Med. 27, 1693–1702 (MOVER), on Garwood's intervals.
 * Returns: {−∞, ∞} where an exposure is 0
 */
GlowInterval
glow_interval_rate_difference (double k1, double exposure1, double k2, double exposure2, double confidence)
{
  GlowInterval one = glow_interval_poisson (k1, confidence), two = glow_interval_poisson (k2, confidence);
  double rate1 = k1 / exposure1, rate2 = k2 / exposure2;

  if (!(exposure1 > 0 && exposure2 > 0))
    return (GlowInterval) { -INFINITY, INFINITY };
  return (GlowInterval) { rate1 - rate2 - hypot (rate1 - one.low / exposure1, two.high / exposure2 - rate2),
                          rate1 - rate2 + hypot (one.high / exposure1 - rate1, rate2 - two.low / exposure2) };
}

/**
 * glow_interval_rate_ratio:
 *
 * Exact to 50,000 counts in all, then Wilson's bounds.
 *
 * Source: Clopper and Pearson (1934), Biometrika 26, on the binomial of glow_test_rates().
 * Returns: {0, ∞} where nothing was counted or an exposure is 0
 */
GlowInterval
glow_interval_rate_ratio (double k1, double exposure1, double k2, double exposure2, double confidence)
{
  GlowInterval share;
  double alpha = 1 - confidence;

  if (!(exposure1 > 0 && exposure2 > 0 && k1 + k2 > 0))
    return (GlowInterval) { 0, INFINITY };
  if (k1 + k2 > EXACT_AT_MOST)
    share = glow_interval_wilson (k1, k1 + k2, confidence);
  else
    {
      share.low = k1 > 0 ? beta_quantile (alpha / 2, k1, k2 + 1) : 0;
      share.high = k2 > 0 ? beta_quantile (1 - alpha / 2, k1 + 1, k2) : 1;
    }
  return (GlowInterval) { odds (share.low) * (exposure2 / exposure1), odds (share.high) * (exposure2 / exposure1) };
}
