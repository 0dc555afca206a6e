/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles: ranks against SciPy's binomial distribution, coverage against simulated truth, buckets against Prometheus' own tests. */
#include <afterglow/quantile.h>
#include "near.h"

#include <gsl/gsl_cdf.h>
#include <stdlib.h>
#include <string.h>

static guint64 *
count_up (gsize n)
{
  guint64 *values = g_new (guint64, n);

  for (gsize i = 0; i < n; i++)
    values[i] = i + 1;
  return values;
}

/* Even tails, from scipy 1.10.1 (stats.binom.cdf and sf, searched): ranks and coverage. Ours may be shorter, never less sure than 95 %;
   GSL's distribution says how sure. */
static void
test_ranks (void)
{
  static const struct { gsize n; double q; guint64 low, high; double coverage; } cases[] = {
    { 6, 0.5, 1, 6, 0.96875 }, { 10, 0.5, 2, 9, 0.978515625 }, { 20, 0.5, 6, 15, 0.958610534667969 }, { 100, 0.5, 40, 61, 0.964799799782295 },
    { 100, 0.9, 84, 96, 0.955690107191223 }, { 1000, 0.5, 469, 532, 0.953708802639502 }, { 1000, 0.99, 983, 997, 0.976094763497977 },
    { 100000, 0.99, 98938, 99062, 0.951233861296791 }, { 10000000, 0.999, 9989804, 9990196, 0.950120375465998 },
    { 10000000, 0.5, 4996901, 5003100, 0.95003879296739 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree guint64 *values = count_up (cases[i].n);
      GlowQuantile quantile = glow_quantile_compute (values, cases[i].n, cases[i].q, 0.95);

      g_assert_true (quantile.is_known && quantile.has_value);
      g_assert_cmpuint (quantile.value_ns, ==, (guint64) round ((double) cases[i].n * cases[i].q));
      g_assert_cmpuint (quantile.low_ns, >=, cases[i].low);
      g_assert_cmpuint (quantile.high_ns, <=, cases[i].high);
      g_assert_cmpfloat (quantile.coverage, >=, 0.95 - 1e-12);
      g_assert_cmpfloat (quantile.coverage, <=, cases[i].coverage + 1e-9);
      if (quantile.low_ns == cases[i].low && quantile.high_ns == cases[i].high)
        assert_close (quantile.coverage, cases[i].coverage, 1e-9);
      if (cases[i].n <= 1000)
        assert_close (quantile.coverage,
                      gsl_cdf_binomial_P (quantile.high_ns - 1, cases[i].q, cases[i].n) - gsl_cdf_binomial_P (quantile.low_ns - 1, cases[i].q, cases[i].n), 1e-9);
    }
}

static void
test_needs (void)
{
  /* 59 for p95 is Wilks' (1941) number; the others are ln 0.05 / ln q rounded up, and the median needs both tails. */
  static const struct { double q; guint64 needs; } cases[] = { { 0.5, 6 }, { 0.9, 29 }, { 0.95, 59 }, { 0.99, 299 }, { 0.999, 2995 }, { 0.05, 59 }, { 0.001, 2995 }, { 0, 0 }, { 1, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 n = cases[i].needs;

      g_assert_cmpuint (glow_quantile_needs (cases[i].q, 0.95), ==, n);
      if (n > 0)
        {
          g_autofree guint64 *values = count_up (n);

          g_assert_true (glow_quantile_compute (values, n, cases[i].q, 0.95).is_known);
          g_assert_false (glow_quantile_compute (values, n - 1, cases[i].q, 0.95).is_known);
          g_assert_true (glow_quantile_compute (values, n - 1, cases[i].q, 0.95).has_value);
        }
    }
  {
    g_autofree guint64 *values = count_up (1000);
    GlowQuantile most = glow_quantile_compute (values, 1000, 1, 0.95), none = glow_quantile_compute (NULL, 0, 0.5, 0.95);

    g_assert_true (most.has_value && !most.is_known && most.needs == 0);
    g_assert_cmpuint (most.value_ns, ==, 1000);
    /* 1000 · 0.999 is 999, not the thousandth by a rounding error. */
    g_assert_cmpuint (glow_quantile_compute (values, 1000, 0.999, 0.95).value_ns, ==, 999);
    g_assert_cmpuint (glow_quantile_compute (values, 1000, 0, 0.95).value_ns, ==, 1);
    g_assert_true (!none.has_value && !none.is_known && none.needs == 6);
    g_assert_false (glow_quantile_compute (values, 1000, 1.5, 0.95).has_value);
  }
}

static int
compare (const void *a, const void *b)
{
  guint64 left = *(const guint64 *) a, right = *(const guint64 *) b;

  return left < right ? -1 : left > right;
}

/* A service with a slow one in fifty: the true quantile is inside the interval in 93–97 % of recordings. */
static void
test_coverage (void)
{
  static const struct { guint n; double q; } cases[] = { { 200, 0.5 }, { 400, 0.9 }, { 2904, 0.99 }, { 8000, 0.999 } };
  enum { RECORDINGS = 1000 };
  GRand *random = g_rand_new_with_seed (8);
  g_autofree guint64 *values = g_new (guint64, 8000);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      /* F(x) = 1 − 0.98·e^(−x/a) − 0.02·e^(−x/b), solved for the quantile by bisection. */
      double a = 1e6, b = 5e7, low = 0, high = 1e10;
      guint hits = 0;

      for (guint step = 0; step < 100; step++)
        {
          double middle = (low + high) / 2;

          if (1 - 0.98 * exp (-middle / a) - 0.02 * exp (-middle / b) < cases[i].q)
            low = middle;
          else
            high = middle;
        }
      for (guint r = 0; r < RECORDINGS; r++)
        {
          GlowQuantile quantile;

          for (guint d = 0; d < cases[i].n; d++)
            values[d] = (guint64) (-log1p (-g_rand_double (random)) * (g_rand_double (random) < 0.98 ? a : b));
          qsort (values, cases[i].n, sizeof *values, compare);
          quantile = glow_quantile_compute (values, cases[i].n, cases[i].q, 0.95);
          hits += (double) quantile.low_ns <= low && low <= (double) quantile.high_ns;
        }
      g_test_message ("n %u, q %g: %.2f %%", cases[i].n, cases[i].q, 100.0 * hits / RECORDINGS);
      g_assert_cmpuint (hits, >=, 0.93 * RECORDINGS);
      g_assert_cmpuint (hits, <=, 0.97 * RECORDINGS);
    }
  g_rand_free (random);
}

static void
test_words (void)
{
  static const struct { const char *text; double q; const char *label; } cases[] = {
    { "p99", 0.99, "p99" }, { "P99.9", 0.999, "p99.9" }, { "p50", 0.5, "p50" }, { "p0", 0, "min" }, { "p100", 1, "max" }, { "max", 1, "max" },
    { "median", 0.5, "p50" }, { "min", 0, "min" }, { "p99.99", 0.9999, "p99.99" }, { "p99.999", 0.99999, "p99.999" }, { "p2.5", 0.025, "p2.5" },
  };
  static const char *const wrong[] = { "", "p", "99", "p101", "pp", "p-1", "p99%", "p9.9.9", "p.", "p.5", "p1e1", "pinf", "pnan", "p0x10", "p99 ", "p99999999999999999999999999999999999999" };
  double q;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *label = NULL;

      g_assert_true (glow_quantile_parse (cases[i].text, &q));
      g_assert_true (q == cases[i].q);
      label = glow_quantile_dup_label (q);
      g_assert_cmpstr (label, ==, cases[i].label);
    }
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (glow_quantile_parse (wrong[i], &q));
}

/* The values that Prometheus' own tests expect (promql/testdata/histograms.test, testhistogram), and its documented rules. */
static void
test_prometheus_classic (void)
{
  static const double positive[] = { 0.1, 0.2, 1, INFINITY }, in_positive[] = { 50, 70, 110, 120 };
  static const double negative[] = { -0.2, -0.1, 0.3, INFINITY }, in_negative[] = { 10, 20, 20, 30 };
  static const struct { double q, positive, low, high, negative; } cases[] = {
    { -0.1, -INFINITY, -INFINITY, -INFINITY, -INFINITY }, { 1.01, INFINITY, INFINITY, INFINITY, INFINITY }, { NAN, NAN, NAN, NAN, NAN }, { 0, 0, 0, 0.1, -0.2 },
    { 1, 1, 1, INFINITY, 0.3 }, { 0.2, 0.048, 0, 0.1, -0.2 }, { 0.5, 0.15, 0.1, 0.2, -0.15 }, { 0.8, 0.72, 0.2, 1, 0.3 },
  };
  static const double one[] = { INFINITY }, twice[] = { 0.1, 0.1, 0.2, INFINITY }, dips[] = { 4, 6, 8, 7 }, open[] = { 0.1, 0.2 }, zero[] = { 0, 0, 0, 0 };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GlowPrometheusQuantile answer = glow_quantile_prometheus (positive, in_positive, 4, cases[i].q);

      assert_close (answer.value, cases[i].positive, 1e-12);
      assert_close (answer.low, cases[i].low, 0);
      assert_close (answer.high, cases[i].high, 0);
      assert_close (glow_quantile_prometheus (negative, in_negative, 4, cases[i].q).value, cases[i].negative, 1e-12);
    }
  g_assert_true (isnan (glow_quantile_prometheus (one, in_positive, 1, 0.5).value));
  g_assert_true (isnan (glow_quantile_prometheus (open, in_positive, 2, 0.5).value));
  g_assert_true (isnan (glow_quantile_prometheus (positive, zero, 4, 0.5).value));
  g_assert_true (isnan (glow_quantile_prometheus (NULL, NULL, 0, 0.5).value));
  /* Equal bounds are one bucket of 10, the dips below it are 10 too. */
  assert_close (glow_quantile_prometheus (twice, dips, 4, 0.5).value, 0.05, 1e-12);
}

static void
test_prometheus_native (void)
{
  /* Schema 0 with 1, 2 and 1 in (0.5, 1], (1, 2], (2, 4]: Prometheus' tests expect 3.0314331330207964 at 0.9, and 3.2 from the same as classic. */
  static const GlowNativeBucket three[] = { { 0.5, 1, 1 }, { 1, 2, 2 }, { 2, 4, 1 } };
  static const GlowNativeBucket around[] = { { -4, -2, 1 }, { -2, -1, 2 }, { -1, -0.5, 1 } }, at_zero[] = { { -0.001, 0.001, 4 }, { 1, 2, 4 } };
  static const double le[] = { 0.5, 1, 2, 4, INFINITY }, counts[] = { 0, 1, 3, 4, 4 };

  assert_close (glow_quantile_prometheus_native (three, 3, 0.9, TRUE).value, 3.0314331330207964, 1e-15);
  assert_close (glow_quantile_prometheus_native (three, 3, 0.9, FALSE).value, 3.2, 1e-15);
  assert_close (glow_quantile_prometheus (le, counts, 5, 0.9).value, 3.2, 1e-15);
  assert_close (glow_quantile_prometheus_native (three, 3, 0.9, TRUE).low, 2, 0);
  assert_close (glow_quantile_prometheus_native (three, 3, 0.9, TRUE).high, 4, 0);
  assert_close (glow_quantile_prometheus_native (three, 3, 1, TRUE).value, 4, 1e-15);
  assert_close (glow_quantile_prometheus_native (three, 3, 0, TRUE).value, 0.5, 1e-15);
  /* Mirrored buckets answer with the mirrored value. */
  assert_close (glow_quantile_prometheus_native (around, 3, 0.1, TRUE).value, -3.0314331330207964, 1e-14);
  /* Only positive buckets beside it: the zero bucket is (0, 0.001], and linear. */
  assert_close (glow_quantile_prometheus_native (at_zero, 2, 0.25, TRUE).value, 0.0005, 1e-12);
  assert_close (glow_quantile_prometheus_native (at_zero, 2, 0.25, TRUE).low, 0, 0);
  g_assert_true (isnan (glow_quantile_prometheus_native (three, 0, 0.5, TRUE).value));
  /* Bounds of schema 3 grow by 2^(1/8) = 1.0905, of schema −1 by 4. */
  assert_close (glow_native_bucket_bound (3, 1), 1.0905077326652577, 1e-15);
  assert_close (glow_native_bucket_bound (-1, 2), 16, 0);
  assert_close (glow_native_bucket_bound (0, -1), 0.5, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quantile/ranks", test_ranks);
  g_test_add_func ("/quantile/needs", test_needs);
  g_test_add_func ("/quantile/coverage", test_coverage);
  g_test_add_func ("/quantile/words", test_words);
  g_test_add_func ("/quantile/prometheus-classic", test_prometheus_classic);
  g_test_add_func ("/quantile/prometheus-native", test_prometheus_native);
  return g_test_run ();
}
