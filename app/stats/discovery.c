/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many tests at once: of all frames that are called different, which share is not. And two whole histograms at once. */
#include <afterglow/evidence.h>

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#define EXPECTED_AT_LEAST 5

typedef struct { double p; gsize place; } Ranked;

static int
compare (const void *a, const void *b)
{
  const Ranked *left = a, *right = b;

  if (left->p != right->p)
    return left->p < right->p ? -1 : 1;
  return left->place < right->place ? -1 : left->place > right->place;
}

/**
 * glow_q_values:
 * @p: (array length=n): p-values; NaN is “not tested”
 * @q: (out caller-allocates) (array length=n): smallest false discovery rate at which each would be called different
 *
 * q of the i-th smallest of m is the least p(j)·m/j of all j ≥ i, at most 1; Yekutieli's is that times 1 + 1/2 + … + 1/m.
 *
 * Source: Benjamini and Hochberg (1995), J. R. Stat. Soc. B 57(1); Benjamini and Yekutieli (2001), Ann. Stat. 29(4).
 */
void
glow_q_values (const double *p, gsize n, GlowDiscovery method, double *q)
{
  g_autofree Ranked *ranked = g_new (Ranked, n + 1);
  double least = 1, factor = 1;
  gsize m = 0;

  for (gsize i = 0; i < n; i++)
    if (isnan (p[i]))
      q[i] = NAN;
    else
      ranked[m++] = (Ranked) { p[i], i };
  qsort (ranked, m, sizeof *ranked, compare);
  if (method == GLOW_DISCOVERY_BY)
    for (gsize i = 2; i <= m; i++)
      factor += 1 / (double) i;
  for (gsize i = m; i > 0; i--)
    {
      least = MIN (least, ranked[i - 1].p * ((double) m / (double) i) * factor);
      q[ranked[i - 1].place] = least;
    }
}

/**
 * glow_test_histograms:
 * @a: (array length=n): counts by bin
 * @b: (array length=n): counts in the same bins
 *
 * χ² of homogeneity. From the first bin on, bins are put together until the smaller side expects 5; what is left over at the end joins
 * the last. Degrees: bins so made − 1. p is NaN with fewer than two.
 *
 * Source: Pearson (1911), Biometrika 8; Cochran (1954), Biometrics 10, for the 5.
 */
GlowTest
glow_test_histograms (const double *a, const double *b, gsize n)
{
  GlowTest test = { .statistic = 0, .degrees = -1, .p = NAN };
  g_autofree double *left = g_new0 (double, n + 1);
  g_autofree double *right = g_new0 (double, n + 1);
  double sum_a = 0, sum_b = 0, total;
  gsize bins = 0;

  for (gsize i = 0; i < n; i++)
    {
      sum_a += a[i];
      sum_b += b[i];
    }
  total = sum_a + sum_b;
  for (gsize i = 0; i < n && sum_a > 0 && sum_b > 0; i++)
    {
      left[bins] += a[i];
      right[bins] += b[i];
      if ((left[bins] + right[bins]) * MIN (sum_a, sum_b) / total >= EXPECTED_AT_LEAST)
        bins++;
    }
  if (bins > 0)
    {
      left[bins - 1] += left[bins];
      right[bins - 1] += right[bins];
    }
  for (gsize i = 0; i < bins; i++)
    {
      double both = left[i] + right[i], expected = both * (sum_a / total), away = left[i] - expected;

      test.statistic += away * away / expected + away * away / (both - expected);
    }
  test.degrees = bins > 0 ? (double) bins - 1 : 0;
  if (bins > 1)
    test.p = gsl_cdf_chisq_Q (test.statistic, test.degrees);
  return test;
}
