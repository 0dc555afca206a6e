/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intervals against what defines them: the test that is inverted, the probabilities that are summed. */
#include <afterglow/interval.h>

#include <math.h>

static void
assert_near (GlowInterval interval, double low, double high, double tolerance)
{
  g_assert_cmpfloat (fabs (interval.low - low), <=, tolerance);
  g_assert_cmpfloat (fabs (interval.high - high), <=, tolerance);
}

/* The 97.5 % point of the standard normal distribution, to the digits that every table prints. */
#define Z 1.959963984540054

/* A Wilson bound is where the score test is just significant: |p̂ − p| = z·√(p(1 − p)/n). */
static void
test_wilson (void)
{
  static const struct { double k, n; } cases[] = { { 81, 263 }, { 15, 148 }, { 1, 29 }, { 3, 990 }, { 30, 990 }, { 300, 990 }, { 0.5, 7.25 }, { 29, 29 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      double k = cases[i].k, n = cases[i].n, share = k / n;
      GlowInterval interval = glow_interval_wilson (k, n, 0.95);

      if (interval.low > 0)
        g_assert_cmpfloat (fabs (share - interval.low - Z * sqrt (interval.low * (1 - interval.low) / n)), <, 1e-9);
      if (interval.high < 1)
        g_assert_cmpfloat (fabs (interval.high - share - Z * sqrt (interval.high * (1 - interval.high) / n)), <, 1e-9);
      g_assert_cmpfloat (interval.low, <=, share);
      g_assert_cmpfloat (interval.high, >=, share);
    }
  /* The figures that this project's documents state. */
  assert_near (glow_interval_wilson (3, 990, 0.95), 0.0010, 0.0089, 0.00005);
  assert_near (glow_interval_wilson (30, 990, 0.95), 0.021, 0.043, 0.0005);
  assert_near (glow_interval_wilson (300, 990, 0.95), 0.275, 0.332, 0.0005);
  assert_near (glow_interval_wilson (0, 0, 0.95), 0, 1, 0);
}

/* P(X ≤ k) for a Poisson count of mean @mean, summed term by term. */
static double
poisson_at_most (double mean, int k)
{
  double term = exp (-mean), sum = 0;

  for (int i = 0; i <= k; term *= mean / ++i)
    sum += term;
  return sum;
}

/* P(X ≤ k) or P(X ≥ k) of a large count: terms from @k outwards, by @step. */
static double
tail_of_many (double mean, double k, int step)
{
  double term = exp (k * log (mean) - mean - lgamma (k + 1)), sum = 0;

  for (; k >= 0 && term > 1e-18; k += step)
    {
      sum += term;
      term *= step < 0 ? k / mean : mean / (k + 1);
    }
  return sum;
}

/* The exact interval: as few as were seen are unlikely at the upper bound, as many at the lower one, each with 2.5 %. */
static void
test_poisson (void)
{
  static const int counts[] = { 0, 1, 2, 5, 10, 50, 200 };

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      GlowInterval interval = glow_interval_poisson (counts[i], 0.95);

      g_assert_cmpfloat (fabs (poisson_at_most (interval.high, counts[i]) - 0.025), <, 1e-9);
      if (counts[i] > 0)
        g_assert_cmpfloat (fabs (1 - poisson_at_most (interval.low, counts[i] - 1) - 0.025), <, 1e-9);
      else
        g_assert_cmpfloat (interval.low, ==, 0);
    }
  /* Effective counts are fractions. */
  for (double k = 1e-6; k < 12000; k *= 1.0371)
    {
      GlowInterval interval = glow_interval_poisson (k, 0.95);

      g_assert_true (interval.low >= 0 && interval.low < k && interval.high > k && interval.high < k + 4 + 2.2 * sqrt (k));
      g_assert_cmpfloat (interval.high, >=, glow_interval_poisson (k / 1.0371, 0.95).high);
      g_assert_cmpfloat (interval.low, >=, glow_interval_poisson (k / 1.0371, 0.95).low);
    }
  /* On both sides of where exact quantiles end, and far above. */
  for (double k = 9990; k < 5e6; k = k < 10010 ? k + 1 : floor (k * 3.7))
    {
      GlowInterval interval = glow_interval_poisson (k, 0.95);

      g_assert_cmpfloat (fabs (tail_of_many (interval.high, k, -1) - 0.025), <, 1e-5);
      g_assert_cmpfloat (fabs (tail_of_many (interval.low, k, 1) - 0.025), <, 1e-5);
    }
}

/* Independent samples have a design effect of about one; bursts that fill whole blocks one of about the samples in a block. */
static void
test_blocks (void)
{
  enum { BLOCKS = 400, EACH = 50 };
  double part[BLOCKS], whole[BLOCKS], bursts[BLOCKS];
  GRand *random = g_rand_new_with_seed (7);
  GlowBlockShare share;

  for (guint b = 0; b < BLOCKS; b++)
    {
      whole[b] = EACH;
      part[b] = 0;
      for (guint i = 0; i < EACH; i++)
        part[b] += g_rand_double (random) < 0.3;
      bursts[b] = g_rand_double (random) < 0.3 ? EACH : 0;
    }
  share = glow_share_by_blocks (part, whole, BLOCKS, BLOCKS * EACH, 0.95);
  g_assert_true (share.is_known);
  g_assert_cmpuint (share.n_blocks, ==, BLOCKS);
  g_assert_cmpfloat (share.design_effect, >, 0.8);
  g_assert_cmpfloat (share.design_effect, <, 1.25);
  {
    GlowInterval wilson = glow_interval_wilson (0.3 * BLOCKS * EACH, BLOCKS * EACH, 0.95);

    g_assert_cmpfloat (fabs ((share.high - share.low) / (wilson.high - wilson.low) - 1), <, 0.15);
  }
  share = glow_share_by_blocks (bursts, whole, BLOCKS, BLOCKS * EACH, 0.95);
  g_assert_cmpfloat (share.design_effect, >, EACH * 0.8);
  g_assert_cmpfloat (share.design_effect, <, EACH * 1.25);
  g_assert_false (glow_share_by_blocks (part, whole, 4, 200, 0.95).is_known);
  g_assert_false (glow_share_by_blocks (whole, whole, BLOCKS, BLOCKS * EACH, 0.95).is_known);
  g_rand_free (random);
}

static void
test_share (void)
{
  GlowShare share = glow_share_compute (30, 990, 990, 0.95), none = glow_share_compute (0, 0, 0, 0.95);

  assert_near ((GlowInterval) { share.low, share.high }, 0.021, 0.043, 0.0005);
  assert_near ((GlowInterval) { none.low, none.high }, 0, 1, 0);
  g_assert_cmpfloat (glow_effective_n (10, 10), ==, 10);
  g_assert_cmpfloat (glow_effective_n (10, 36), <, 3);
  g_assert_cmpfloat (glow_effective_n (0, 0), ==, 0);
}

/* Student (1908), table of Cushny and Peebles' sleep hours: what R's t.test() says of the differences. */
static void
test_mean (void)
{
  const double hours[] = { 1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4 };
  GlowMean mean = glow_interval_mean (hours, G_N_ELEMENTS (hours), 0.95), one = glow_interval_mean (hours, 1, 0.95);

  g_assert_cmpfloat_with_epsilon (mean.mean, 1.58, 1e-12);
  g_assert_cmpfloat_with_epsilon (mean.interval.low, 0.7001142, 1e-7);
  g_assert_cmpfloat_with_epsilon (mean.interval.high, 2.4598858, 1e-7);
  g_assert_true (isnan (one.interval.low) && one.mean == 1.2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/interval/wilson", test_wilson);
  g_test_add_func ("/interval/poisson", test_poisson);
  g_test_add_func ("/interval/share", test_share);
  g_test_add_func ("/interval/blocks", test_blocks);
  g_test_add_func ("/interval/mean", test_mean);
  return g_test_run ();
}
