/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs against runs: a value a run, because runs differ among themselves more than samples within one do. */
#include <afterglow/evidence.h>

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* All ways to divide 20 runs into 10 and 10 are 184,756. */
#define WAYS_AT_MOST 200000
#define DRAWS 99999
#define SEED 20161
/* Two sums of the same numbers in another order. */
#define ROUNDING 1e-9

static double
mean_of (const double *values, gsize n, double *variance)
{
  double mean = 0, squares = 0;

  for (gsize i = 0; i < n; i++)
    mean += values[i] / (double) n;
  for (gsize i = 0; i < n; i++)
    squares += (values[i] - mean) * (values[i] - mean);
  *variance = n > 1 ? squares / ((double) n - 1) : NAN;
  return mean;
}

/**
 * glow_test_welch:
 * @a: (array length=n_a): at least two
 *
 * p and interval are NaN where a side has fewer than two runs or no run differs from another on its side.
 *
 * Source: Welch (1947), Biometrika 34; degrees of freedom by Satterthwaite (1946).
 */
GlowWelch
glow_test_welch (const double *a, gsize n_a, const double *b, gsize n_b, double confidence)
{
  if (n_a < 2 || n_b < 2)
    {
      GlowWelch welch = { NAN, NAN, NAN, { NAN, NAN, NAN, FALSE } };
      double unused;

      if (n_a > 0 && n_b > 0)
        welch.difference = mean_of (a, n_a, &unused) - mean_of (b, n_b, &unused);
      return welch;
    }
  return glow_test_runs (a, n_a, b, n_b, 0, 0, confidence);
}

/**
 * glow_test_runs:
 * @a: (array length=n_a): at least one; at least two on one of the sides
 * @least_variance_a: of one run of @a: what sampling alone makes of it; 0 where not known
 *
 * Welch's test. One run alone on a side is taken to vary as those of the other do: Student's test of one more run against them. A variance below
 * what sampling alone gives is chance, and would make a function that was never seen before infinitely sure; degrees of freedom stay those
 * of the runs.
 *
 * Source: Welch (1947); Student's t with pooled variance for n = 1, as Sokal and Rohlf, Biometry (1995), section 9.5.
 */
GlowWelch
glow_test_runs (const double *a, gsize n_a, const double *b, gsize n_b, double least_variance_a, double least_variance_b, double confidence)
{
  GlowWelch welch = { NAN, NAN, NAN, { NAN, NAN, NAN, FALSE } };
  double variance_a, variance_b, error, half;

  if (n_a == 0 || n_b == 0)
    return welch;
  welch.difference = mean_of (a, n_a, &variance_a) - mean_of (b, n_b, &variance_b);
  if (n_a < 2 && n_b < 2)
    return welch;
  if (n_a < 2)
    variance_a = variance_b;
  if (n_b < 2)
    variance_b = variance_a;
  variance_a = MAX (variance_a, least_variance_a) / (double) n_a;
  variance_b = MAX (variance_b, least_variance_b) / (double) n_b;
  error = sqrt (variance_a + variance_b);
  if (!(error > 0))
    return welch;
  welch.test.statistic = welch.difference / error;
  if (n_a < 2 || n_b < 2)
    welch.test.degrees = (double) MAX (n_a, n_b) - 1;
  else
    welch.test.degrees = (variance_a + variance_b) * (variance_a + variance_b) /
                         (variance_a * variance_a / ((double) n_a - 1) + variance_b * variance_b / ((double) n_b - 1));
  welch.test.p = 2 * gsl_cdf_tdist_Q (fabs (welch.test.statistic), welch.test.degrees);
  half = error * gsl_cdf_tdist_Qinv ((1 - confidence) / 2, welch.test.degrees);
  welch.low = welch.difference - half;
  welch.high = welch.difference + half;
  return welch;
}

/**
 * glow_runs_needed:
 * @deviation: standard deviation of one run
 *
 * Least n with n ≥ 2 (t(1 − α/2, 2n − 2) + t(power, 2n − 2))² (deviation / change)²; at least 2. Infinite for no change.
 *
 * Source: Chow, Shao and Wang, Sample Size Calculations in Clinical Research (2008), section 3.2.1, with Student's quantiles.
 */
double
glow_runs_needed (double deviation, double change, double alpha, double power)
{
  double ratio = change != 0 ? deviation / change : INFINITY;

  if (!(fabs (ratio) < 1e6))
    return INFINITY;
  for (double n = 2;; n = n < 1000 ? n + 1 : ceil (n * 1.01))
    {
      double reach = gsl_cdf_tdist_Qinv (alpha / 2, 2 * n - 2) + gsl_cdf_tdist_Pinv (power, 2 * n - 2);

      if (n >= 2 * reach * reach * ratio * ratio)
        return n;
    }
}

/* n over k, or more than the limit. */
static double
ways (gsize n, gsize k)
{
  double count = 1;

  for (gsize i = 1; i <= MIN (k, n - k) && count <= WAYS_AT_MOST; i++)
    count *= (double) (n - MIN (k, n - k) + i) / (double) i;
  return count;
}

/* Share of all ways to choose @k of @values whose sum is as far from the middle as that of the first @k. */
static double
share_of_all_ways (const double *values, gsize n, gsize k)
{
  g_autofree gsize *chosen = g_new (gsize, k + 1);
  double middle = 0, observed = 0, scale = 0, all = 0, hits = 0;

  for (gsize i = 0; i < n; i++)
    {
      middle += values[i] * (double) k / (double) n;
      scale += fabs (values[i]);
      observed += i < k ? values[i] : 0;
    }
  for (gsize i = 0; i < k; i++)
    chosen[i] = i;
  for (;;)
    {
      double sum = 0;
      gsize last = k;

      for (gsize i = 0; i < k; i++)
        sum += values[chosen[i]];
      hits += fabs (sum - middle) >= fabs (observed - middle) - ROUNDING * scale;
      all++;
      while (last > 0 && chosen[last - 1] == n - k + last - 1)
        last--;
      if (last == 0)
        return hits / all;
      chosen[last - 1]++;
      for (gsize i = last; i < k; i++)
        chosen[i] = chosen[i - 1] + 1;
    }
}

/* The same share by as many draws as fit; the observed way is one of them, so it is never 0. */
static double
share_of_draws (double *values, gsize n, gsize k)
{
  double middle = 0, observed = 0, scale = 0, hits = 1;
  GRand *random = g_rand_new_with_seed (SEED);

  for (gsize i = 0; i < n; i++)
    {
      middle += values[i] * (double) k / (double) n;
      scale += fabs (values[i]);
      observed += i < k ? values[i] : 0;
    }
  for (guint d = 0; d < DRAWS; d++)
    {
      double sum = 0;

      for (gsize i = 0; i < k; i++)
        {
          gsize j = i + (gsize) (g_rand_double (random) * (double) (n - i));
          double kept = values[i];

          values[i] = values[j];
          values[j] = kept;
          sum += values[i];
        }
      hits += fabs (sum - middle) >= fabs (observed - middle) - ROUNDING * scale;
    }
  g_rand_free (random);
  return hits / (DRAWS + 1);
}

static double *
join (const double *a, gsize n_a, const double *b, gsize n_b)
{
  double *values = g_new (double, n_a + n_b + 1);

  for (gsize i = 0; i < n_a + n_b; i++)
    values[i] = i < n_a ? a[i] : b[i - n_a];
  return values;
}

/**
 * glow_test_permutation:
 *
 * Of the difference of means. Exact up to 200,000 ways to divide the runs (10 against 10), else 99,999 seeded draws. 3 against 3 cannot
 * be below 0.1, 4 against 4 not below 0.029. The statistic is the difference of means.
 *
 * Source: Pitman (1937), Suppl. J. R. Stat. Soc. 4; draws as Phipson and Smyth (2010).
 */
GlowTest
glow_test_permutation (const double *a, gsize n_a, const double *b, gsize n_b)
{
  GlowTest test = { NAN, NAN, NAN, FALSE };
  g_autofree double *values = join (a, n_a, b, n_b);
  double unused;

  if (n_a == 0 || n_b == 0)
    return test;
  test.statistic = mean_of (a, n_a, &unused) - mean_of (b, n_b, &unused);
  test.is_exact = ways (n_a + n_b, n_a) <= WAYS_AT_MOST;
  test.p = test.is_exact ? share_of_all_ways (values, n_a + n_b, n_a) : share_of_draws (values, n_a + n_b, n_a);
  return test;
}

typedef struct { double value; gsize place; } Ranked;

static int
compare (const void *a, const void *b)
{
  double left = ((const Ranked *) a)->value, right = ((const Ranked *) b)->value;

  return left < right ? -1 : left > right;
}

/* Values become their ranks, equal ones share the middle of theirs. Returns Σ(t³ − t) over groups of equal values. */
static double
rank (double *values, gsize n)
{
  g_autofree Ranked *ranked = g_new (Ranked, n + 1);
  double ties = 0;

  for (gsize i = 0; i < n; i++)
    ranked[i] = (Ranked) { values[i], i };
  qsort (ranked, n, sizeof *ranked, compare);
  for (gsize i = 0, end; i < n; i = end)
    {
      double equal;

      for (end = i + 1; end < n && ranked[end].value == ranked[i].value;)
        end++;
      equal = (double) (end - i);
      ties += equal * equal * equal - equal;
      for (gsize j = i; j < end; j++)
        values[ranked[j].place] = (double) (i + end + 1) / 2;
    }
  return ties;
}

/**
 * glow_test_mann_whitney:
 *
 * Exact, ties included, up to 200,000 ways to divide the runs; else normal with the correction for ties and for continuity. The
 * statistic is U of @a: pairs in which @a's value is the larger, equal ones count half.
 *
 * Source: Mann and Whitney (1947), Ann. Math. Stat. 18; Lehmann, Nonparametrics (1975), section 1.4, for ties.
 */
GlowTest
glow_test_mann_whitney (const double *a, gsize n_a, const double *b, gsize n_b)
{
  GlowTest test = { NAN, NAN, NAN, FALSE };
  g_autofree double *values = join (a, n_a, b, n_b);
  double ties, n = (double) (n_a + n_b), product = (double) n_a * (double) n_b, variance;

  if (n_a == 0 || n_b == 0)
    return test;
  ties = rank (values, n_a + n_b);
  test.statistic = -(double) n_a * ((double) n_a + 1) / 2;
  for (gsize i = 0; i < n_a; i++)
    test.statistic += values[i];
  test.is_exact = ways (n_a + n_b, n_a) <= WAYS_AT_MOST;
  variance = product / 12 * (n + 1 - ties / (n * (n - 1)));
  if (test.is_exact)
    test.p = share_of_all_ways (values, n_a + n_b, n_a);
  else
    test.p = variance > 0 ? MIN (2 * gsl_cdf_ugaussian_Q ((fabs (test.statistic - product / 2) - 0.5) / sqrt (variance)), 1) : 1;
  return test;
}
