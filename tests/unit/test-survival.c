/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kaplan–Meier's curve against textbook data as R's survival package (3.5-3) computes it, and against truth in simulations. */
#include <afterglow/survival.h>
#include "near.h"

#include <stdlib.h>

static int
compare (const void *a, const void *b)
{
  guint64 left = *(const guint64 *) a, right = *(const guint64 *) b;

  return left < right ? -1 : left > right;
}

/* Weeks of remission under 6-MP, Freireich and others (1963), the example of most textbooks; survfit (conf.type = "log-log"). */
static const guint64 ended_6mp[] = { 6, 6, 6, 7, 10, 13, 16, 22, 23 };
static const guint64 cut_6mp[] = { 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35 };

static void
test_remission (void)
{
  static const GlowSurvivalStep expected[] = {
    { 6, 21, 3, 0.857142857142857, 0.619717955265984, 0.951551747646997 }, { 7, 17, 1, 0.80672268907563, 0.563146564622233, 0.92280901920288 },
    { 10, 15, 1, 0.752941176470588, 0.503199510799957, 0.889361835169265 }, { 13, 12, 1, 0.690196078431372, 0.431610222486184, 0.849065963349451 },
    { 16, 11, 1, 0.627450980392157, 0.367510855987502, 0.804912189471841 }, { 22, 7, 1, 0.53781512605042, 0.267778936767135, 0.746790717635394 },
    { 23, 6, 1, 0.448179271708683, 0.188052005959232, 0.680142628495241 },
  };
  g_autoptr (GArray) steps = glow_survival_compute (ended_6mp, G_N_ELEMENTS (ended_6mp), cut_6mp, G_N_ELEMENTS (cut_6mp), 0.95);
  GlowQuantile quantile;

  g_assert_cmpuint (steps->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < steps->len; i++)
    {
      const GlowSurvivalStep *step = &g_array_index (steps, GlowSurvivalStep, i);

      g_assert_cmpuint (step->time_ns, ==, expected[i].time_ns);
      g_assert_cmpuint (step->at_risk, ==, expected[i].at_risk);
      g_assert_cmpuint (step->ended, ==, expected[i].ended);
      assert_close (step->survival, expected[i].survival, 1e-12);
      assert_close (step->low, expected[i].low, 1e-9);
      assert_close (step->high, expected[i].high, 1e-9);
    }
  /* quantile (survfit (…)): 13 (6, 22) at 25 %; the median is 23 with no upper bound, and 60 % are never reached: the rest was cut. */
  quantile = glow_survival_quantile (ended_6mp, G_N_ELEMENTS (ended_6mp), cut_6mp, G_N_ELEMENTS (cut_6mp), 0.25, 0.95);
  g_assert_true (quantile.is_known);
  g_assert_cmpuint (quantile.value_ns, ==, 13);
  g_assert_cmpuint (quantile.low_ns, ==, 6);
  g_assert_cmpuint (quantile.high_ns, ==, 22);
  quantile = glow_survival_quantile (ended_6mp, G_N_ELEMENTS (ended_6mp), cut_6mp, G_N_ELEMENTS (cut_6mp), 0.5, 0.95);
  g_assert_true (quantile.has_value && !quantile.is_known);
  g_assert_cmpuint (quantile.value_ns, ==, 23);
  g_assert_cmpuint (quantile.needs, >, 21);
  quantile = glow_survival_quantile (ended_6mp, G_N_ELEMENTS (ended_6mp), cut_6mp, G_N_ELEMENTS (cut_6mp), 0.6, 0.95);
  g_assert_true (!quantile.has_value && !quantile.is_known && quantile.needs == 0);
}

/* Days of survival with lung cancer, Loprinzi and others (1994): the data set “lung” of R's survival package, its quantiles by survfit. */
static const guint64 ended_lung[] = {
  5, 11, 11, 11, 12, 13, 13, 15, 26, 30, 31, 53, 53, 54, 59, 60, 60, 61, 62, 65, 65, 71, 79, 81, 81, 88, 88, 92, 93, 95, 95, 105, 107, 107, 110, 116,
  118, 122, 131, 132, 132, 135, 142, 144, 145, 145, 147, 153, 156, 156, 163, 163, 163, 166, 166, 167, 170, 175, 176, 177, 179, 179, 180, 181, 181, 182,
  183, 186, 189, 194, 197, 199, 201, 201, 202, 207, 208, 210, 212, 218, 222, 223, 226, 229, 230, 239, 239, 245, 246, 267, 268, 269, 270, 283, 284, 285,
  285, 286, 288, 291, 293, 301, 303, 305, 306, 310, 310, 320, 329, 337, 340, 345, 348, 350, 351, 353, 353, 361, 363, 363, 364, 371, 371, 387, 390, 394,
  426, 428, 429, 433, 442, 444, 450, 455, 457, 460, 473, 477, 519, 520, 524, 524, 533, 550, 558, 567, 574, 583, 613, 624, 641, 643, 654, 655, 687, 689,
  705, 707, 728, 731, 735, 765, 791, 814, 883,
};
static const guint64 cut_lung[] = {
  92, 105, 173, 174, 175, 177, 185, 188, 191, 192, 196, 197, 202, 203, 211, 221, 222, 224, 225, 225, 235, 237, 240, 243, 252, 259, 266, 269, 272, 276,
  279, 284, 292, 292, 296, 300, 301, 303, 315, 332, 356, 364, 376, 382, 384, 404, 413, 444, 458, 511, 511, 529, 543, 551, 559, 588, 740, 806, 821, 840,
  965, 1010, 1022,
};

static void
test_lung (void)
{
  static const struct { double q; guint64 value, low, high; } expected[] = { { 0.1, 79, 54, 105 }, { 0.25, 170, 144, 194 }, { 0.5, 310, 284, 361 }, { 0.75, 550, 457, 643 }, { 0.9, 735, 687, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      GlowQuantile quantile = glow_quantile_compute_cut (ended_lung, G_N_ELEMENTS (ended_lung), cut_lung, G_N_ELEMENTS (cut_lung), expected[i].q, 0.95);

      g_assert_true (quantile.has_value);
      g_assert_true (quantile.is_known == (expected[i].high > 0));
      g_assert_cmpuint (quantile.value_ns, ==, expected[i].value);
      g_assert_cmpuint (quantile.low_ns, ==, expected[i].low);
      g_assert_cmpuint (quantile.high_ns, ==, expected[i].high);
    }
}

/* Nothing cut: the curve is the empirical one, its quantiles are the ordinary ones. */
static void
test_nothing_cut (void)
{
  enum { N = 5000 };
  static const double shares[] = { 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 1 };
  guint64 values[N];
  GRand *random = g_rand_new_with_seed (9);
  g_autoptr (GArray) steps = NULL;

  for (guint i = 0; i < N; i++)
    values[i] = (guint64) g_rand_int_range (random, 0, 2000);
  g_rand_free (random);
  qsort (values, N, sizeof *values, compare);
  steps = glow_survival_compute (values, N, NULL, 0, 0.95);
  for (guint i = 0, longer = 0; i < steps->len; i++)
    {
      const GlowSurvivalStep *step = &g_array_index (steps, GlowSurvivalStep, i);

      while (longer < N && values[longer] <= step->time_ns)
        longer++;
      assert_close (step->survival, (double) (N - longer) / N, 1e-9);
      g_assert_cmpfloat (step->low, <=, step->survival);
      g_assert_cmpfloat (step->high, >=, step->survival);
    }
  g_assert_cmpfloat (g_array_index (steps, GlowSurvivalStep, steps->len - 1).survival, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (shares); i++)
    {
      GlowQuantile curve = glow_survival_quantile (values, N, NULL, 0, shares[i], 0.95), plain = glow_quantile_compute (values, N, shares[i], 0.95);

      g_assert_cmpuint (curve.value_ns, ==, plain.value_ns);
      if (shares[i] < 0.99)
        g_assert_true (curve.is_known);
    }
  g_assert_false (glow_survival_quantile (NULL, 0, NULL, 0, 0.5, 0.95).has_value);
  g_assert_false (glow_survival_quantile (NULL, 0, values, N, 0.5, 0.95).has_value);
}

/* Up to 1 % cut, the ordinary quantile; above, the curve's, which is longer. */
static void
test_choice (void)
{
  guint64 ended[990], cut[20];

  for (guint i = 0; i < 990; i++)
    ended[i] = i;
  for (guint i = 0; i < 20; i++)
    cut[i] = 400;
  g_assert_cmpfloat (glow_quantile_compute_cut (ended, 990, cut, 10, 0.9, 0.95).coverage, >, 0.95);
  g_assert_cmpfloat (glow_quantile_compute_cut (ended, 990, cut, 11, 0.9, 0.95).coverage, ==, 0);
  g_assert_cmpuint (glow_quantile_compute_cut (ended, 990, cut, 20, 0.9, 0.95).value_ns, >, glow_quantile_compute (ended, 990, 0.9, 0.95).value_ns);
}

/* Spans of which about a fifth are cut at random: the true quantile is in the interval 93–97 % of the time, and the quantile of those that
   ended is not. */
static void
test_coverage (void)
{
  enum { N = 800, RECORDINGS = 1000 };
  static const double shares[] = { 0.5, 0.9 };
  GRand *random = g_rand_new_with_seed (10);
  guint64 ended[N], cut[N];

  for (guint s = 0; s < G_N_ELEMENTS (shares); s++)
    {
      double truth = -1e6 * log1p (-shares[s]);
      guint hits = 0, naive_hits = 0;

      for (guint r = 0; r < RECORDINGS; r++)
        {
          guint n_ended = 0, n_cut = 0;
          GlowQuantile quantile, naive;

          for (guint i = 0; i < N; i++)
            {
              double duration = -1e6 * log1p (-g_rand_double (random)), edge = 5e6 * g_rand_double (random);

              if (duration <= edge)
                ended[n_ended++] = (guint64) duration;
              else
                cut[n_cut++] = (guint64) edge;
            }
          qsort (ended, n_ended, sizeof *ended, compare);
          qsort (cut, n_cut, sizeof *cut, compare);
          quantile = glow_survival_quantile (ended, n_ended, cut, n_cut, shares[s], 0.95);
          naive = glow_quantile_compute (ended, n_ended, shares[s], 0.95);
          g_assert_true (quantile.is_known);
          hits += (double) quantile.low_ns <= truth && truth <= (double) quantile.high_ns;
          naive_hits += (double) naive.low_ns <= truth && truth <= (double) naive.high_ns;
        }
      g_test_message ("q %g: %.1f %%, without the cut ones %.1f %%", shares[s], 100.0 * hits / RECORDINGS, 100.0 * naive_hits / RECORDINGS);
      g_assert_cmpuint (hits, >=, 0.93 * RECORDINGS);
      g_assert_cmpuint (hits, <=, 0.97 * RECORDINGS);
      g_assert_cmpuint (naive_hits, <, 0.5 * RECORDINGS);
    }
  g_rand_free (random);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/survival/remission", test_remission);
  g_test_add_func ("/survival/lung", test_lung);
  g_test_add_func ("/survival/nothing-cut", test_nothing_cut);
  g_test_add_func ("/survival/choice", test_choice);
  g_test_add_func ("/survival/coverage", test_coverage);
  return g_test_run ();
}
