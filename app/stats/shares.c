/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two shares: are they different, by how much, are they the same, how many samples does it take. */
#include <afterglow/evidence.h>
#include <stats/discrete-private.h>

#include <gsl/gsl_cdf.h>
#include <math.h>

/* Cochran's rule: below, the normal distribution is no good likeness. */
#define EXPECTED_AT_LEAST 5
/* The normal distribution's tail is too thin for skewed counts: 17 where 5 were expected would be 200 times too sure. What looks like a
   difference is tested exactly, unless counts are so large that both agree. */
#define SUSPECT 0.1
#define EXACT_AT_MOST 1000
/* Nobody can tell them apart any more, and the sum would take a second. */
#define SUMMED_AT_MOST 1e9
/* Beyond, 1 − confidence is nothing to a double. */
#define Z_AT_MOST 8.2
#define BISECTIONS 60

#define UNTESTED ((GlowTest) { NAN, NAN, NAN, FALSE })

static double
smallest_expected (double k1, double n1, double k2, double n2)
{
  double k = k1 + k2;

  return MIN (n1, n2) * (MIN (k, n1 + n2 - k) / (n1 + n2));
}

/**
 * glow_test_shares_z:
 * @k1: samples with the frame, of @n1; effective ones may be fractions
 *
 * z = (p̂1 − p̂2) / √(p̂(1 − p̂)(1/n1 + 1/n2)), p̂ of both together. p is 1 where p̂ is 0 or 1.
 *
 * Source: Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions (2003), section 3.1.
 */
GlowTest
glow_test_shares_z (double k1, double n1, double k2, double n2)
{
  GlowTest test = { .degrees = NAN, .p = 1 };
  double share, error;

  if (!(n1 > 0 && n2 > 0))
    return UNTESTED;
  share = (k1 + k2) / (n1 + n2);
  error = sqrt (MAX (share * (1 - share), 0) * (1 / n1 + 1 / n2));
  if (error > 0)
    {
      test.statistic = (k1 / n1 - k2 / n2) / error;
      test.p = 2 * gsl_cdf_ugaussian_Q (fabs (test.statistic));
    }
  return test;
}

/**
 * glow_test_shares_fisher:
 *
 * Two-sided: all tables with the same margins that are no likelier than this one. Effective counts are rounded to whole ones.
 * O(√expected count); p below 1e-290 is 0. Where all four expected counts are above 10⁹ the answer is that of z.
 *
 * Source: Fisher (1922), J. R. Stat. Soc. 85(1); two sides as R's fisher.test().
 */
GlowTest
glow_test_shares_fisher (double k1, double n1, double k2, double n2)
{
  GlowTest test = { .statistic = NAN, .degrees = NAN, .is_exact = TRUE };
  GlowDiscrete tables;

  if (!(n1 > 0 && n2 > 0))
    return UNTESTED;
  n1 = round (n1);
  n2 = round (n2);
  k1 = CLAMP (round (k1), 0, n1);
  k2 = CLAMP (round (k2), 0, n2);
  if (smallest_expected (k1, n1, k2, n2) > SUMMED_AT_MOST)
    return glow_test_shares_z (k1, n1, k2, n2);
  tables = glow_discrete_hypergeometric (k1 + k2, n1, n2);
  test.p = glow_discrete_two_sided (&tables, k1);
  return test;
}

/**
 * glow_test_shares:
 *
 * The test to show: Fisher's where any of the four expected counts is below 5, or where z says p < 0.1 and any is below 1,000; else z.
 * Every small p is exact then, which many tests at once (glow_q_values()) and a tail of one in a hundred need.
 */
GlowTest
glow_test_shares (double k1, double n1, double k2, double n2)
{
  GlowTest test = glow_test_shares_z (k1, n1, k2, n2);
  double expected = smallest_expected (k1, n1, k2, n2);

  if (expected < EXPECTED_AT_LEAST || (expected < EXACT_AT_MOST && test.p < SUSPECT))
    return glow_test_shares_fisher (k1, n1, k2, n2);
  return test;
}

/**
 * glow_interval_newcombe:
 *
 * Interval of k1/n1 − k2/n2 from the Wilson intervals of each, without continuity correction.
 *
 * Source: Newcombe (1998), Stat. Med. 17, 873–890, method 10.
 * Returns: bounds in [−1, 1]; {−1, 1} where a side has no samples
 */
GlowInterval
glow_interval_newcombe (double k1, double n1, double k2, double n2, double confidence)
{
  GlowInterval one = glow_interval_wilson (k1, n1, confidence), two = glow_interval_wilson (k2, n2, confidence);
  double p1, p2;

  if (!(n1 > 0 && n2 > 0))
    return (GlowInterval) { -1, 1 };
  p1 = CLAMP (k1 / n1, 0, 1);
  p2 = CLAMP (k2 / n2, 0, 1);
  return (GlowInterval) { p1 - p2 - hypot (p1 - one.low, two.high - p2), p1 - p2 + hypot (one.high - p1, p2 - two.low) };
}

/* One-sided z against a difference of @margin or more: where the bound on that side of Newcombe's interval meets the margin. */
static double
z_below (double k1, double n1, double k2, double n2, double margin)
{
  gboolean is_below = k1 / n1 - k2 / n2 < margin;
  double low = 0, high = Z_AT_MOST;

  for (guint i = 0; i < BISECTIONS; i++)
    {
      double z = (low + high) / 2;
      GlowInterval interval = glow_interval_newcombe (k1, n1, k2, n2, erf (z * M_SQRT1_2));

      if (is_below ? interval.high < margin : interval.low > margin)
        low = z;
      else
        high = z;
    }
  return is_below ? low : -low;
}

/**
 * glow_test_shares_equivalent:
 * @margin: difference of shares that would matter, above 0
 *
 * Two one-sided tests (TOST) by Newcombe's bounds: p < 0.05 just where the 90 % interval lies within ±@margin. The statistic is the
 * smaller z.
 *
 * Source: Schuirmann (1987), J. Pharmacokinet. Biopharm. 15(6).
 */
GlowTest
glow_test_shares_equivalent (double k1, double n1, double k2, double n2, double margin)
{
  GlowTest test = { .degrees = NAN };

  if (!(n1 > 0 && n2 > 0 && margin > 0))
    return UNTESTED;
  test.statistic = MIN (z_below (k1, n1, k2, n2, margin), z_below (k2, n2, k1, n1, margin));
  test.p = gsl_cdf_ugaussian_Q (test.statistic);
  return test;
}

/**
 * glow_shares_samples_needed:
 *
 * Samples a side, rounded up; infinite where the shares are equal. 5 → 6 % at 80 % and α = 5 %: 8,158.
 *
 * Source: Fleiss, Levin and Paik (2003), section 4.2, without continuity correction.
 */
double
glow_shares_samples_needed (double p1, double p2, double alpha, double power)
{
  double mean = (p1 + p2) / 2, root;

  if (p1 == p2)
    return INFINITY;
  root = gsl_cdf_ugaussian_Qinv (alpha / 2) * sqrt (2 * mean * (1 - mean)) + gsl_cdf_ugaussian_Pinv (power) * sqrt (p1 * (1 - p1) + p2 * (1 - p2));
  return ceil (root * root / ((p1 - p2) * (p1 - p2)));
}

/* The inverse of glow_shares_samples_needed(); the chance to find the wrong sign is left out. */
double
glow_shares_power (double p1, double p2, double n, double alpha)
{
  double mean = (p1 + p2) / 2, spread = sqrt (p1 * (1 - p1) + p2 * (1 - p2));
  double reach = sqrt (n) * fabs (p1 - p2) - gsl_cdf_ugaussian_Qinv (alpha / 2) * sqrt (2 * mean * (1 - mean));

  if (!(spread > 0))
    return reach > 0 ? 1 : 0;
  return gsl_cdf_ugaussian_P (reach / spread);
}

/**
 * glow_share_change:
 *
 * Change with Newcombe's interval, p of glow_test_shares(). About 1 µs for small counts, 6 µs where some hundreds are expected.
 * Many of them: put their p through glow_q_values() and show q.
 */
GlowShareChange
glow_share_change (double k1, double n1, double k2, double n2, double confidence)
{
  GlowInterval interval = glow_interval_newcombe (k1, n1, k2, n2, confidence);
  GlowTest test = glow_test_shares (k1, n1, k2, n2);
  GlowShareChange change = { .change_low = interval.low, .change_high = interval.high, .p = test.p, .is_exact = test.is_exact };

  change.share1 = n1 > 0 ? CLAMP (k1 / n1, 0, 1) : 0;
  change.share2 = n2 > 0 ? CLAMP (k2 / n2, 0, 1) : 0;
  change.change = change.share1 - change.share2;
  return change;
}

/* Variance by clusters ÷ that of independent samples. */
static double
raw_effect (const GlowClusterSums *sums)
{
  double share = sums->n > 0 ? sums->y / sums->n : 0, squares, variance;

  if (!(sums->clusters >= 2) || !(share > 0 && share < 1))
    return 1;
  squares = sums->y_y - 2 * share * sums->y_n + share * share * sums->n_n;
  variance = sums->clusters / (sums->clusters - 1) * MAX (squares, 0) / (sums->n * sums->n);
  return variance / (share * (1 - share) / sums->n);
}

/**
 * glow_design_effect:
 *
 * Divide k and n by it before they go into a test or an interval. Also right for weights: Σn ÷ design effect is then the effective n.
 *
 * Source: Kish (1965), Survey Sampling; variance of a ratio as Cochran, Sampling Techniques (1977), section 9A.2 (Rao and Scott 1992).
 */
double
glow_design_effect (const GlowClusterSums *sums)
{
  return MAX (raw_effect (sums), 1);
}

/**
 * glow_intraclass_correlation:
 *
 * How alike the samples of a cluster are: (design effect − 1) ÷ (mean size of the cluster that a sample is in − 1). Not held at 0: a mean over many
 * functions would be too large otherwise.
 *
 * Source: Kish (1965), Survey Sampling, section 5.4.
 */
double
glow_intraclass_correlation (const GlowClusterSums *sums)
{
  double size = sums->n > 0 ? sums->n_n / sums->n : 1;

  return size > 1 ? MIN ((raw_effect (sums) - 1) / (size - 1), 1) : 0;
}
