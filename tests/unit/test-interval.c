/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Intervals against published numbers: Newcombe (1998) table I for Wilson, Garwood (1936) for Poisson. */
#include <afterglow/interval.h>

#include <math.h>

static void
assert_near (GlowInterval interval, double low, double high, double tolerance)
{
  g_assert_cmpfloat (fabs (interval.low - low), <=, tolerance);
  g_assert_cmpfloat (fabs (interval.high - high), <=, tolerance);
}

static void
test_wilson (void)
{
  assert_near (glow_interval_wilson (81, 263, 0.95), 0.2553, 0.3662, 0.00005);
  assert_near (glow_interval_wilson (15, 148, 0.95), 0.0624, 0.1605, 0.00005);
  assert_near (glow_interval_wilson (0, 20, 0.95), 0, 0.1611, 0.00005);
  assert_near (glow_interval_wilson (1, 29, 0.95), 0.0061, 0.1718, 0.00005);
  assert_near (glow_interval_wilson (3, 990, 0.95), 0.0010, 0.0089, 0.00005);
  assert_near (glow_interval_wilson (30, 990, 0.95), 0.021, 0.043, 0.0005);
  assert_near (glow_interval_wilson (300, 990, 0.95), 0.275, 0.332, 0.0005);
  assert_near (glow_interval_wilson (0, 0, 0.95), 0, 1, 0);
}

static void
test_poisson (void)
{
  assert_near (glow_interval_poisson (0, 0.95), 0, 3.689, 0.0005);
  assert_near (glow_interval_poisson (1, 0.95), 0.0253, 5.572, 0.0005);
  assert_near (glow_interval_poisson (10, 0.95), 4.795, 18.390, 0.0005);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/interval/wilson", test_wilson);
  g_test_add_func ("/interval/poisson", test_poisson);
  g_test_add_func ("/interval/share", test_share);
  return g_test_run ();
}
