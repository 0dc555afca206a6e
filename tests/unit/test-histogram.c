/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buckets against what they promise: every duration in one bucket, errors within the stated ones, nothing lost, whatever the kind. */
#include <afterglow/error.h>
#include <afterglow/histogram.h>
#include "near.h"

#include <stdlib.h>

enum { N = 20000 };
#define HOUR G_GUINT64_CONSTANT (3600000000000)

static const guint64 le_of_a_service[] = { 5000000, 10000000, 25000000, 50000000, 100000000, 1000000000, 10000000000 };

static GlowBuckets
nth_buckets (guint i)
{
  switch (i)
    {
    case 0: return glow_buckets_relative (0.01);
    case 1: return glow_buckets_relative (0.0001);
    case 2: return glow_buckets_relative (0.2);
    case 3: return glow_buckets_log_linear (0);
    case 4: return glow_buckets_log_linear (5);
    case 5: return glow_buckets_log_linear (10);
    case 6: return glow_buckets_log2 ();
    case 7: return glow_buckets_linear (1000, 333, 1000);
    case 8: return glow_buckets_linear (0, HOUR, 12);
    default: return glow_buckets_explicit (le_of_a_service, G_N_ELEMENTS (le_of_a_service));
    }
}
#define KINDS 10

/* From 1 ns to ten hours, each order of magnitude as often as any other. */
static guint64
random_duration (GRand *random)
{
  return (guint64) exp (g_rand_double (random) * log (10.0 * HOUR));
}

static int
compare (const void *a, const void *b)
{
  guint64 left = *(const guint64 *) a, right = *(const guint64 *) b;

  return left < right ? -1 : left > right;
}

static void
assert_one (const GlowBuckets *buckets, guint64 duration)
{
  gint64 index = glow_buckets_index (buckets, duration);
  double error = glow_buckets_relative_error (buckets);
  GlowBucketBounds bounds, next;

  g_assert_true (glow_buckets_get_bounds (buckets, index, &bounds));
  g_assert_cmpuint (bounds.first_ns, <=, duration);
  g_assert_cmpuint (bounds.last_ns, >=, duration);
  g_assert_cmpuint (bounds.lower_ns, <=, duration);
  g_assert_cmpuint (bounds.upper_ns, >=, duration);
  if (!isnan (error))
    g_assert_cmpfloat (fabs (glow_buckets_estimate (buckets, index) - (double) duration), <=, error * (double) duration * (1 + 1e-9));
  /* No gap and no overlap with the next bucket that can hold anything. */
  if (bounds.last_ns < G_MAXUINT64)
    {
      gint64 above = glow_buckets_index (buckets, bounds.last_ns + 1);

      g_assert_cmpint (above, >, index);
      g_assert_true (glow_buckets_get_bounds (buckets, above, &next));
      g_assert_cmpuint (next.first_ns, ==, bounds.last_ns + 1);
      for (gint64 between = index + 1; between < above; between++)
        g_assert_false (glow_buckets_get_bounds (buckets, between, &next));
    }
  else
    g_assert_false (glow_buckets_get_bounds (buckets, index + 1, &next));
}

static void
test_every_duration_has_one_bucket (void)
{
  static const guint64 edges[] = { 0, 1, 2, 3, 4, 31, 32, 33, 999, 1000, 1001, 1332, 1333, 4999999, 5000000, 5000001, 334000, 333999, 10000000000, 10000000001,
                                   (G_GUINT64_CONSTANT (1) << 53) + 1, G_MAXINT64, G_MAXUINT64 - 1, G_MAXUINT64 };
  GRand *random = g_rand_new_with_seed (5);

  for (guint kind = 0; kind < KINDS; kind++)
    {
      GlowBuckets buckets = nth_buckets (kind);

      for (guint i = 0; i < G_N_ELEMENTS (edges); i++)
        assert_one (&buckets, edges[i]);
      for (guint i = 0; i < N; i++)
        assert_one (&buckets, random_duration (random));
      /* Both ends of every bucket, where a logarithm's last bit would tell. */
      for (gint64 index = glow_buckets_index (&buckets, 0); index <= glow_buckets_index (&buckets, G_MAXUINT64); index++)
        {
          GlowBucketBounds bounds;

          if (!glow_buckets_get_bounds (&buckets, index, &bounds))
            continue;
          g_assert_cmpint (glow_buckets_index (&buckets, bounds.first_ns), ==, index);
          g_assert_cmpint (glow_buckets_index (&buckets, bounds.last_ns), ==, index);
        }
    }
  g_rand_free (random);
}

static void
test_counts_add_up (void)
{
  g_autofree guint64 *durations = g_new (guint64, N);
  GRand *random = g_rand_new_with_seed (6);
  guint64 sum = 0;

  for (guint i = 0; i < N; i++)
    sum += durations[i] = i % 100 == 0 ? 0 : random_duration (random);
  g_rand_free (random);
  for (guint kind = 0; kind < KINDS; kind++)
    {
      GlowBuckets buckets = nth_buckets (kind);
      g_autoptr (GArray) rows = glow_buckets_count (&buckets, durations, N, FALSE), all = glow_buckets_count (&buckets, durations, N, TRUE);
      g_autoptr (GArray) part = glow_buckets_count (&buckets, durations, N / 3, FALSE), rest = glow_buckets_count (&buckets, durations + N / 3, N - N / 3, FALSE);
      g_autoptr (GArray) merged = glow_bucket_rows_merge (part, rest);
      guint64 count = 0, time = 0, last = 0, held = 0;

      for (guint i = 0; i < rows->len; i++)
        {
          const GlowBucketRow *row = &g_array_index (rows, GlowBucketRow, i), *same = &g_array_index (merged, GlowBucketRow, i);

          g_assert_cmpuint (row->count, >, 0);
          g_assert_cmpuint (row->sum_ns, >=, row->first_ns * row->count);
          count += row->count;
          time += row->sum_ns;
          g_assert_cmpmem (row, sizeof *row, same, sizeof *same);
        }
      g_assert_cmpuint (merged->len, ==, rows->len);
      g_assert_cmpuint (count, ==, N);
      g_assert_cmpuint (time, ==, sum);
      for (guint i = 0; i < all->len; i++)
        {
          const GlowBucketRow *row = &g_array_index (all, GlowBucketRow, i);

          g_assert_true (i == 0 || row->first_ns == last + 1);
          last = row->last_ns;
          held += row->count > 0;
        }
      g_assert_cmpuint (held, ==, rows->len);
      qsort (durations, N, sizeof *durations, compare);
      {
        g_autoptr (GArray) sorted = glow_buckets_count (&buckets, durations, N, FALSE);

        g_assert_cmpmem (rows->data, rows->len * sizeof (GlowBucketRow), sorted->data, sorted->len * sizeof (GlowBucketRow));
      }
      /* In disorder again for the next kind. */
      for (guint i = 0; i < N / 2; i += 3)
        {
          guint64 kept = durations[i];

          durations[i] = durations[N - 1 - i];
          durations[N - 1 - i] = kept;
        }
    }
}

/* Figures that stand in the papers, or that the definition gives by hand. */
static void
test_known_edges (void)
{
  GlowBuckets buckets = glow_buckets_relative (0.01);
  GlowBucketBounds bounds;
  guint64 none = G_MAXUINT64;
  const guint64 longest[] = { G_MAXUINT64, G_MAXUINT64 };
  g_autoptr (GArray) empty = glow_buckets_count (&buckets, &none, 0, TRUE), full = glow_buckets_count (&buckets, longest, 2, FALSE);

  /* ln 10 / ln γ = 115.1 a decade at 1 %. DDSketch's documentation: at 2 %, 275 buckets from 1 ms to 1 min, 802 from 1 ns to 1 day. */
  assert_close ((double) (glow_buckets_index (&buckets, 10000000000) - glow_buckets_index (&buckets, 1000000)) / 4, 115.1, 0.003);
  buckets = glow_buckets_relative (0.02);
  assert_close ((double) (glow_buckets_index (&buckets, 60000000000) - glow_buckets_index (&buckets, 1000000)), 275, 1 / 275.0);
  assert_close ((double) (glow_buckets_index (&buckets, 24 * HOUR) - glow_buckets_index (&buckets, 1)), 802, 1.1 / 802);
  g_assert_cmpuint (glow_buckets_span (&buckets, 2, 1), ==, 0);
  g_assert_cmpuint (empty->len, ==, 0);
  g_assert_cmpuint (g_array_index (full, GlowBucketRow, 0).sum_ns, ==, G_MAXUINT64);
  buckets = glow_buckets_log_linear (3);
  g_assert_cmpint (glow_buckets_index (&buckets, 1000), ==, 63);
  g_assert_true (glow_buckets_get_bounds (&buckets, 63, &bounds));
  g_assert_cmpuint (bounds.lower_ns, ==, 960);
  g_assert_cmpuint (bounds.upper_ns, ==, 1024);
  g_assert_cmpuint (bounds.last_ns, ==, 1023);
  assert_close (glow_buckets_relative_error (&buckets), 0.0625, 0);
  /* bpftrace's hist() prints 1000 in [512, 1K). */
  buckets = glow_buckets_log2 ();
  g_assert_true (glow_buckets_get_bounds (&buckets, glow_buckets_index (&buckets, 1000), &bounds));
  g_assert_cmpuint (bounds.lower_ns, ==, 512);
  g_assert_cmpuint (bounds.upper_ns, ==, 1024);
  /* le is “less or equal”. */
  buckets = nth_buckets (9);
  g_assert_cmpint (glow_buckets_index (&buckets, 5000000), ==, 0);
  g_assert_cmpint (glow_buckets_index (&buckets, 5000001), ==, 1);
  g_assert_cmpint (glow_buckets_index (&buckets, 10000000001), ==, 7);
  g_assert_true (isnan (glow_buckets_estimate (&buckets, 7)));
  g_assert_true (isnan (glow_buckets_relative_error (&buckets)));
  g_assert_false (glow_buckets_get_bounds (&buckets, 8, &bounds));
  g_assert_false (glow_buckets_get_bounds (&buckets, -1, &bounds));
}

static void
test_freedman_diaconis (void)
{
  guint64 even[1000], heavy[1000], equal[1000];
  GlowBuckets buckets;

  for (guint i = 0; i < 1000; i++)
    {
      even[i] = 7000 + i * 1000;
      heavy[i] = i < 999 ? 1000000 + i : 10 * HOUR;
      equal[i] = i < 900 ? 50000 : 50000 + i;
    }
  /* IQR 499,000 to 500,000 ns, n^(−1/3) = 0.1: 2·IQR/10 ≈ 99,900 → 100,000 ns. */
  buckets = glow_buckets_linear_for (even, 1000);
  g_assert_cmpuint (buckets.step_ns, ==, 100000);
  g_assert_cmpuint (buckets.start_ns, ==, 0);
  g_assert_cmpuint (buckets.n, ==, 11);
  buckets = glow_buckets_linear_for (heavy, 1000);
  g_assert_cmpuint (buckets.n, <=, 2000);
  g_assert_cmpuint (buckets.n, >, 500);
  g_assert_cmpint (glow_buckets_index (&buckets, heavy[999]), <, buckets.n);
  buckets = glow_buckets_linear_for (equal, 1000);
  g_assert_cmpuint (buckets.step_ns, ==, 100);
  g_assert_cmpuint (glow_buckets_linear_for (equal, 1).n, ==, 1);
  g_assert_cmpuint (glow_buckets_linear_for (NULL, 0).n, ==, 1);
  {
    static const guint64 ends[] = { 0, G_MAXUINT64 };

    buckets = glow_buckets_linear_for (ends, 2);
    g_assert_cmpuint (buckets.n, <=, 2000);
    assert_one (&buckets, G_MAXUINT64);
  }
}

static void
test_parse_le (void)
{
  static const char *const wrong[] = { "", ",", "0.1,0.1", "0.2,0.1", "1,x", "1,-2", "nan", "+Inf,1", "1e30", "0.1h", "5 ms", "1e-10,2e-10", "-0.5" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) bounds = glow_buckets_parse_le ("0.005, 0.01,0.1,0.3,2.5 +Inf", &error);
  static const guint64 expected[] = { 5000000, 10000000, 100000000, 300000000, 2500000000 };
  GlowBuckets a, b = glow_buckets_explicit (expected, G_N_ELEMENTS (expected)), c = glow_buckets_log2 ();

  g_assert_no_error (error);
  g_assert_cmpmem (bounds->data, bounds->len * sizeof (guint64), expected, sizeof expected);
  a = glow_buckets_explicit ((const guint64 *) bounds->data, bounds->len);
  g_assert_true (glow_buckets_equal (&a, &b));
  g_assert_false (glow_buckets_equal (&a, &c));
  a.n--;
  g_assert_false (glow_buckets_equal (&a, &b));
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) problem = NULL;

      g_assert_null (glow_buckets_parse_le (wrong[i], &problem));
      g_assert_error (problem, GLOW_ERROR, GLOW_ERROR_SELECTION);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/histogram/every-duration-has-one-bucket", test_every_duration_has_one_bucket);
  g_test_add_func ("/histogram/counts-add-up", test_counts_add_up);
  g_test_add_func ("/histogram/known-edges", test_known_edges);
  g_test_add_func ("/histogram/freedman-diaconis", test_freedman_diaconis);
  g_test_add_func ("/histogram/parse-le", test_parse_le);
  return g_test_run ();
}
