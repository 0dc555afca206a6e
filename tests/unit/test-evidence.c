/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tests of differences against published examples and R 4.2.2, SciPy 1.10.1, statsmodels 0.13.5 (named beside the numbers), and on data without a difference. */
#include <afterglow/evidence.h>
#include "near.h"

/* Newcombe (1998), Table II, column 10. */
static void
test_newcombe (void)
{
  static const struct { double k1, n1, k2, n2, low, high; } cases[] = {
    { 56, 70, 48, 80, 0.0524, 0.3339 }, { 9, 10, 3, 10, 0.1705, 0.8090 }, { 6, 7, 2, 7, 0.0582, 0.8062 }, { 5, 56, 0, 29, -0.0381, 0.1926 },
    { 0, 10, 0, 20, -0.1611, 0.2775 }, { 0, 10, 0, 10, -0.2775, 0.2775 }, { 10, 10, 0, 20, 0.6791, 1 }, { 10, 10, 0, 10, 0.6075, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GlowInterval interval = glow_interval_newcombe (cases[i].k1, cases[i].n1, cases[i].k2, cases[i].n2, 0.95);

      g_assert_cmpfloat (fabs (interval.low - cases[i].low), <=, 0.00006);
      g_assert_cmpfloat (fabs (interval.high - cases[i].high), <=, 0.00006);
    }
  g_assert_cmpfloat (glow_interval_newcombe (0, 0, 1, 2, 0.95).low, ==, -1);
}

/* R: prop.test (…, correct = FALSE), z the root of its χ². */
static void
test_z (void)
{
  static const struct { double k1, n1, k2, n2, z, p; } cases[] = {
    { 83, 86, 90, 93, -0.0975116339119808, 0.922320095734269 }, { 50, 990, 30, 990, 2.28265773075805, 0.0224505374768839 },
    { 300, 1000, 360, 1000, -2.85326350320551, 0.0043272723659044 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GlowTest test = glow_test_shares_z (cases[i].k1, cases[i].n1, cases[i].k2, cases[i].n2);

      assert_close (test.statistic, cases[i].z, 1e-9);
      assert_close (test.p, cases[i].p, 1e-9);
      g_assert_false (test.is_exact);
    }
  /* The smallest expected count is 6: z unless it looks like a difference; 2.9: exact. As is 30 and 50 where 40 are expected, not at a thousand times that. */
  g_assert_false (glow_test_shares (5, 100, 10, 150).is_exact);
  g_assert_true (glow_test_shares (50, 990, 30, 990).is_exact);
  g_assert_false (glow_test_shares (50000, 990000, 30000, 990000).is_exact);
  g_assert_true (glow_test_shares (3, 86, 3, 93).is_exact);
  g_assert_true (glow_test_shares (83, 86, 90, 93).is_exact);
  assert_close (glow_test_shares_z (0, 10, 0, 20).p, 1, 0);
  g_assert_true (isnan (glow_test_shares (0, 0, 1, 2).p));
  /* A design effect of 2 halves k and n and with them z². */
  assert_close (glow_test_shares_z (25, 495, 15, 495).statistic * M_SQRT2, 2.28265773075805, 1e-9);
}

/* R: fisher.test(); the first is Fisher's tea-taster, the last two scipy.stats.fisher_exact (). */
static void
test_fisher (void)
{
  static const struct { double k1, n1, k2, n2, p; } cases[] = {
    { 3, 4, 1, 4, 0.485714285714286 }, { 1, 12, 9, 12, 0.00275945618522009 }, { 0, 7, 10, 23, 0.063719422340112 }, { 2, 15, 998, 100985, 0.00944031201759872 },
    { 0, 40, 29, 2864, 1 }, { 21, 78, 8, 2826, 2.09521233616539e-28 }, { 12, 41, 5, 7, 0.0802685520741046 },
    { 40, 10000, 20, 1000000, 2.14781134798099e-65 }, { 2, 1002, 100, 10000100, 5.13102095145658e-05 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GlowTest test = glow_test_shares_fisher (cases[i].k1, cases[i].n1, cases[i].k2, cases[i].n2);

      g_assert_true (test.is_exact);
      /* SciPy goes through logarithms of factorials of ten millions and keeps seven digits of them. */
      assert_close (test.p * (cases[i].p < 1e-3 ? 1 / cases[i].p : 1), cases[i].p < 1e-3 ? 1 : cases[i].p, 1e-6);
      assert_close (glow_test_shares_fisher (cases[i].k2, cases[i].n2, cases[i].k1, cases[i].n1).p, test.p, 1e-9);
    }
  /* No overflow and no end of time where counts are those of a day: equal shares, and shares a world apart. */
  g_assert_cmpfloat (glow_test_shares_fisher (5e8, 1e9, 5e8, 1e9).p, ==, 1);
  g_assert_cmpfloat (glow_test_shares_fisher (9e8, 1e9, 1e8, 1e9).p, <, 1e-280);
  g_assert_cmpfloat (glow_test_shares_fisher (0, 3, 0, 5).p, ==, 1);
  /* The last that is summed and the first that is not say the same. */
  {
    GlowTest summed = glow_test_shares_fisher (9.5004e8, 1.9e9, 9.5e8, 1.9e9), z = glow_test_shares_fisher (1.99996e15, 4e15, 1.9999599e15, 4e15);

    g_assert_true (summed.is_exact && !z.is_exact);
    assert_close (summed.p, glow_test_shares_z (9.5004e8, 1.9e9, 9.5e8, 1.9e9).p, 1e-3);
    assert_close (z.p, glow_test_shares_z (1.99996e15, 4e15, 1.9999599e15, 4e15).p, 0);
  }
}

/* R: poisson.test (), p and interval of the ratio; the third has no count on one side. */
static void
test_rates (void)
{
  static const struct { double k1, e1, k2, e2, p, low, high; } cases[] = {
    { 11, 800, 6, 1083.857, 0.0844611556627606, 0.842009237034886, 8.17962806145687 }, { 15, 19, 7, 30, 0.00721470841990004, 1.29853956140727, 9.80934676781797 },
    { 0, 10, 9, 20, 0.0342935528120714, 0, 1.01326038058934 }, { 100, 1, 140, 1, 0.0116640923176777, 0.546997511733209, 0.929873670160512 },
    { 5000, 10, 5300, 10, 0.00321581967364524, 0.907456551701529, 0.980748555671124 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GlowInterval ratio = glow_interval_rate_ratio (cases[i].k1, cases[i].e1, cases[i].k2, cases[i].e2, 0.95), inverse = glow_interval_rate_ratio (cases[i].k2, cases[i].e2, cases[i].k1, cases[i].e1, 0.95);

      assert_close (glow_test_rates (cases[i].k1, cases[i].e1, cases[i].k2, cases[i].e2).p, cases[i].p, 1e-9);
      assert_close (ratio.low, cases[i].low, 1e-7);
      assert_close (ratio.high, cases[i].high, 1e-7);
      assert_close (inverse.high, cases[i].low > 0 ? 1 / cases[i].low : INFINITY, 1e-7);
    }
  /* Where the exact interval ends and Wilson's takes over they are the same to a thousandth of their width. */
  {
    GlowInterval exact = glow_interval_rate_ratio (30000, 1, 20000, 1, 0.95), score = glow_interval_rate_ratio (30000, 1, 20001, 1, 0.95);

    assert_close (exact.low, score.low, 1e-4);
    assert_close (exact.high, score.high, 2e-4);
  }
  assert_close (glow_test_rates (0, 1, 0, 1).p, 1, 0);
  assert_close (glow_test_rates (999000000, 1, 999050000, 1).p, glow_test_rates (999000000e4, 1, 999000500e4, 1).p, 0.01);
  g_assert_false (glow_test_rates (1e18, 1, 1e18, 1).is_exact);
  g_assert_true (isnan (glow_test_rates (1, 0, 1, 1).p));
  g_assert_true (isinf (glow_interval_rate_ratio (0, 1, 0, 1, 0.95).high));
  g_assert_true (isfinite (glow_interval_rate_ratio (49999, 1, 1, 1, 0.95).high));
}

static double
poisson (double k, double mean)
{
  return exp (k * log (mean) - mean - lgamma (k + 1));
}

/* Of all pairs of counts, by their chances: how often the interval holds the true difference. Large counts: the normal distribution's. */
static void
test_rate_difference (void)
{
  static const struct { double mean1, e1, mean2, e2; } cases[] = { { 10, 1, 10, 1 }, { 5, 1, 20, 1 }, { 30, 2, 12, 1 }, { 1, 1, 1, 1 } };
  GlowInterval large = glow_interval_rate_difference (40000, 2, 90000, 3, 0.95);

  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      double truth = cases[c].mean1 / cases[c].e1 - cases[c].mean2 / cases[c].e2, covered = 0;

      for (guint k1 = 0; k1 < 90; k1++)
        for (guint k2 = 0; k2 < 90; k2++)
          {
            GlowInterval interval = glow_interval_rate_difference (k1, cases[c].e1, k2, cases[c].e2, 0.95);

            if (interval.low <= truth && truth <= interval.high)
              covered += poisson (k1, cases[c].mean1) * poisson (k2, cases[c].mean2);
          }
      g_test_message ("rates of %g and %g: coverage %.4f", cases[c].mean1, cases[c].mean2, covered);
      /* Exact bounds are never short, and not much too long. */
      g_assert_cmpfloat (covered, >=, 0.95);
      g_assert_cmpfloat (covered, <=, cases[c].mean1 > 1 ? 0.98 : 1);
    }
  assert_close (large.low, -10000 - 1.959963985 * sqrt (40000 / 4. + 90000 / 9.), 2e-3);
  assert_close (large.high, -10000 + 1.959963985 * sqrt (40000 / 4. + 90000 / 9.), 2e-3);
  g_assert_true (isinf (glow_interval_rate_difference (1, 0, 1, 1, 0.95).high));
}

/* The fifteen p-values of Benjamini and Hochberg (1995), section 3.2: four are rejected at 5 %, Bonferroni rejects three. R: p.adjust (). */
static void
test_discovery (void)
{
  static const double p[] = { 0.6528, 0.0001, 0.0004, 0.0019, 0.0095, NAN, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.7590, 1 };
  static const double bh[] = { 0.753230769230769, 0.0015, 0.003, 0.0095, 0.035625, NAN, 0.0603, 0.0638571428571429, 0.0638571428571429, 0.0645, 0.0765, 0.486, 0.581181818181818,
                               0.714875, 0.813214285714286, 1 };
  static const double by[] = { 1, 0.00497734348984349, 0.00995468697968698, 0.0315231754356754, 0.118211907883783, NAN, 0.200089208291708, 0.211892622853337, 0.211892622853337,
                               0.21402577006327, 0.253844517982018, 1, 1, 1, 1, 1 };
  double q[G_N_ELEMENTS (p)];
  guint rejected = 0;

  glow_q_values (p, G_N_ELEMENTS (p), GLOW_DISCOVERY_BH, q);
  for (guint i = 0; i < G_N_ELEMENTS (p); i++)
    {
      assert_close (q[i], bh[i], 1e-12);
      rejected += q[i] < 0.05;
    }
  g_assert_cmpuint (rejected, ==, 4);
  glow_q_values (p, G_N_ELEMENTS (p), GLOW_DISCOVERY_BY, q);
  for (guint i = 0; i < G_N_ELEMENTS (p); i++)
    assert_close (q[i], by[i], 1e-12);
  glow_q_values (NULL, 0, GLOW_DISCOVERY_BH, NULL);
}

/* statsmodels: tost_proportions_2indep (500, 10000, 520, 10000, ±0.01): p = 0.005065 (Wald), 0.005167 (score). */
static void
test_equivalence (void)
{
  GlowTest test = glow_test_shares_equivalent (500, 10000, 520, 10000, 0.01);
  GlowInterval interval;

  g_assert_cmpfloat (test.p, >, 0.0048);
  g_assert_cmpfloat (test.p, <, 0.0054);
  /* p is where the interval of 1 − 2p touches the margin, at counts of any size. */
  test = glow_test_shares_equivalent (3, 40, 1, 25, 0.2);
  interval = glow_interval_newcombe (3, 40, 1, 25, 1 - 2 * test.p);
  assert_close (MAX (-interval.low, interval.high), 0.2, 1e-6);
  assert_close (glow_test_shares_equivalent (1, 25, 3, 40, 0.2).p, test.p, 1e-9);
  g_assert_cmpfloat (glow_test_shares_equivalent (500, 10000, 700, 10000, 0.01).p, >, 0.99);
  g_assert_cmpfloat (glow_test_shares_equivalent (5, 100, 5, 100, 0.01).p, >, 0.3);
  g_assert_true (isnan (glow_test_shares_equivalent (0, 0, 5, 100, 0.01).p));
}

/* R: power.prop.test (); the first three also stand in this project's documents. */
static void
test_power (void)
{
  assert_close (glow_shares_samples_needed (0.05, 0.06, 0.05, 0.8), 8158, 0);
  assert_close (glow_shares_samples_needed (0.05, 0.055, 0.05, 0.8), 31234, 0);
  assert_close (glow_shares_samples_needed (0.01, 0.015, 0.05, 0.8), 7750, 0);
  assert_close (glow_shares_power (0.5, 0.75, 100, 0.05), 0.960017506872477, 1e-9);
  assert_close (glow_shares_power (0.05, 0.06, 1000, 0.05), 0.163695367680719, 1e-9);
  assert_close (glow_shares_power (0.05, 0.06, 8158, 0.05), 0.8, 1e-4);
  g_assert_true (isinf (glow_shares_samples_needed (0.05, 0.05, 0.05, 0.8)));
}

/* Samples of the slow ones and of the others in a program without a difference, 60 frames each, 200 times: a false discovery in at most
   5 % of the comparisons, whether the slow ones are half of all or one in fifty. */
static void
test_no_false_discoveries (void)
{
  enum { FRAMES = 60, REPEATS = 200, SAMPLES = 4000 };
  static const guint slow[] = { SAMPLES / 2, SAMPLES / 5, SAMPLES / 50 };
  GRand *random = g_rand_new_with_seed (11);
  double p[FRAMES], q[FRAMES];

  for (guint s = 0; s < G_N_ELEMENTS (slow); s++)
    {
      guint wrong = 0, uncovered = 0, small = 0;

      for (guint r = 0; r < REPEATS; r++)
        {
          gboolean is_wrong = FALSE;

          for (guint f = 0; f < FRAMES; f++)
            {
              double share = 0.3 / (f + 1), counts[2] = { 0, 0 };
              GlowShareChange change;

              for (guint i = 0; i < SAMPLES; i++)
                counts[i >= slow[s]] += g_rand_double (random) < share;
              change = glow_share_change (counts[0], slow[s], counts[1], SAMPLES - slow[s], 0.95);
              p[f] = change.p;
              small += p[f] < 0.05;
              uncovered += change.change_low > 0 || change.change_high < 0;
            }
          glow_q_values (p, FRAMES, GLOW_DISCOVERY_BH, q);
          for (guint f = 0; f < FRAMES; f++)
            is_wrong |= q[f] < 0.05;
          wrong += is_wrong;
        }
      g_test_message ("%u of %u slow: false discoveries in %u of %u, p < 0.05 in %.2f %%, intervals without 0 %.2f %%", slow[s], SAMPLES, wrong, REPEATS,
                      100.0 * small / (REPEATS * FRAMES), 100.0 * uncovered / (REPEATS * FRAMES));
      g_assert_cmpuint (wrong, <=, REPEATS / 20);
      g_assert_cmpuint (small, <=, REPEATS * FRAMES * 0.05);
      g_assert_cmpuint (small, >=, REPEATS * FRAMES * 0.01);
      g_assert_cmpuint (uncovered, <=, REPEATS * FRAMES * 0.06);
    }
  g_rand_free (random);
}

/* Spans of 50 samples that all have the frame or all have not: an effect of 50. Independent samples: of 1. Weights: the effective n. */
static void
test_design_effect (void)
{
  enum { SPANS = 2000, EACH = 50 };
  GRand *random = g_rand_new_with_seed (12);
  GlowClusterSums bursts = { 0 }, even = { 0 }, none = { .n = 100, .clusters = 10 };

  for (guint i = 0; i < SPANS; i++)
    {
      double burst = g_rand_double (random) < 0.2 ? EACH : 0, independent = 0;

      for (guint s = 0; s < EACH; s++)
        independent += g_rand_double (random) < 0.2;
      bursts = (GlowClusterSums) { bursts.y + burst, bursts.n + EACH, bursts.y_y + burst * burst, bursts.y_n + burst * EACH, bursts.n_n + EACH * EACH, SPANS };
      even = (GlowClusterSums) { even.y + independent, even.n + EACH, even.y_y + independent * independent, even.y_n + independent * EACH, even.n_n + EACH * EACH, SPANS };
    }
  g_rand_free (random);
  assert_close (glow_design_effect (&bursts), EACH, 0.001);
  assert_close (glow_design_effect (&even), 1, 0.1);
  g_assert_cmpfloat (glow_design_effect (&none), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/evidence/newcombe", test_newcombe);
  g_test_add_func ("/evidence/z", test_z);
  g_test_add_func ("/evidence/fisher", test_fisher);
  g_test_add_func ("/evidence/rates", test_rates);
  g_test_add_func ("/evidence/rate-difference", test_rate_difference);
  g_test_add_func ("/evidence/discovery", test_discovery);
  g_test_add_func ("/evidence/equivalence", test_equivalence);
  g_test_add_func ("/evidence/power", test_power);
  g_test_add_func ("/evidence/no-false-discoveries", test_no_false_discoveries);
  g_test_add_func ("/evidence/design-effect", test_design_effect);
  return g_test_run ();
}
