/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs against runs and histograms against histograms: R 4.2.2 and SciPy 1.10.1 on their own example data. */
#include <afterglow/evidence.h>
#include "near.h"

/* R's data set “sleep”, Student (1908): t.test (extra ~ group). */
static void
test_welch (void)
{
  static const double one[] = { 0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2 }, two[] = { 1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4 }, equal[] = { 2, 2, 2 };
  GlowWelch welch = glow_test_welch (one, 10, two, 10, 0.95);

  assert_close (welch.test.statistic, -1.86081346748685, 1e-9);
  assert_close (welch.test.degrees, 17.7764735161785, 1e-9);
  assert_close (welch.test.p, 0.0793941401873582, 1e-9);
  assert_close (welch.low, -3.36548323071171, 1e-7);
  assert_close (welch.high, 0.20548323071171, 1e-7);
  assert_close (welch.difference, -1.58, 1e-9);
  g_assert_true (isnan (glow_test_welch (one, 1, two, 10, 0.95).test.p));
  g_assert_true (isnan (glow_test_welch (equal, 3, equal, 3, 0.95).test.p));
  g_assert_true (isnan (glow_test_welch (NULL, 0, equal, 3, 0.95).difference));
}

static void
test_mann_whitney (void)
{
  /* R: example (wilcox.test), permeability of Hollander and Wolfe (1973), exact; ozone in May and August, many and with ties. */
  static const double term[] = { 0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46 }, early[] = { 1.15, 0.88, 0.90, 0.74, 1.21 };
  static const double may[] = { 41, 36, 12, 18, 28, 23, 19, 8, 7, 16, 11, 14, 18, 14, 34, 6, 30, 11, 1, 11, 4, 32, 23, 45, 115, 37 };
  static const double august[] = { 39, 9, 16, 78, 35, 66, 122, 89, 110, 44, 28, 65, 22, 59, 23, 31, 44, 21, 9, 45, 168, 73, 76, 118, 84, 85 };
  static const double fast[] = { 12.1, 11.8, 12.6, 13.0, 12.2 }, slow[] = { 12.9, 13.4, 13.1, 12.8, 14.0 };
  GlowTest test = glow_test_mann_whitney (term, 10, early, 5);

  g_assert_true (test.is_exact);
  assert_close (test.statistic, 35, 1e-12);
  assert_close (test.p, 0.254412254412254, 1e-9);
  test = glow_test_mann_whitney (may, 26, august, 26);
  g_assert_false (test.is_exact);
  assert_close (test.statistic, 127.5, 1e-12);
  assert_close (test.p / 0.000120807830768774, 1, 1e-9);
  /* scipy.stats.mannwhitneyu (method = "exact"). */
  test = glow_test_mann_whitney (fast, 5, slow, 5);
  assert_close (test.statistic, 2, 1e-12);
  assert_close (test.p, 0.031746031746031744, 1e-12);
  g_assert_true (isnan (glow_test_mann_whitney (NULL, 0, slow, 5).p));
}

static void
test_permutation (void)
{
  static const double fast[] = { 12.1, 11.8, 12.6, 13.0, 12.2 }, slow[] = { 12.9, 13.4, 13.1, 12.8, 14.0 };
  static const double low[] = { 1, 2, 3, 4 }, high[] = { 11, 12, 13, 14 };
  double many[24], more[24];
  GlowTest test = glow_test_permutation (fast, 5, slow, 5);

  /* scipy.stats.permutation_test (all permutations). */
  g_assert_true (test.is_exact);
  assert_close (test.p, 0.023809523809523808, 1e-12);
  assert_close (test.statistic, -0.9, 1e-9);
  /* As few runs can say no more than that: 2/20 and 2/70. */
  assert_close (glow_test_permutation (low, 3, high, 3).p, 0.1, 1e-12);
  assert_close (glow_test_permutation (low, 4, high, 4).p, 2 / 70.0, 1e-12);
  assert_close (glow_test_permutation (low, 4, low, 4).p, 1, 1e-12);
  for (guint i = 0; i < 24; i++)
    {
      many[i] = (i * 7) % 24;
      more[i] = (i * 5) % 24 + 4;
    }
  test = glow_test_permutation (many, 24, more, 24);
  g_assert_false (test.is_exact);
  /* Drawn and by the t distribution: alike at 24 runs a side. */
  assert_close (test.p, glow_test_welch (many, 24, more, 24, 0.95).test.p, 0.06);
  g_assert_cmpfloat (glow_test_permutation (low, 0, high, 3).p != 0, ==, TRUE);
}

static void
test_histograms (void)
{
  /* Agresti (2007), page 39, as in R's example (chisq.test). */
  static const double women[] = { 762, 327, 468 }, men[] = { 484, 239, 477 }, few[] = { 3, 1, 0, 2 }, split_a[] = { 1, 761, 327, 466, 2 }, split_b[] = { 2, 482, 239, 476, 1 };
  GlowTest test = glow_test_histograms (women, men, 3);

  assert_close (test.statistic, 30.0701490957547, 1e-12);
  assert_close (test.degrees, 2, 0);
  assert_close (test.p / 2.95358918321176e-07, 1, 1e-9);
  /* Bins of three samples go with their neighbours: the same test. */
  assert_close (glow_test_histograms (split_a, split_b, 5).statistic, test.statistic, 1e-12);
  g_assert_true (isnan (glow_test_histograms (few, few, 4).p));
  g_assert_true (isnan (glow_test_histograms (women, few, 0).p));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/runs/welch", test_welch);
  g_test_add_func ("/runs/mann-whitney", test_mann_whitney);
  g_test_add_func ("/runs/permutation", test_permutation);
  g_test_add_func ("/runs/histograms", test_histograms);
  return g_test_run ();
}
