/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One time against another: what was planted is found, and where nothing was, little is; which samples are on which side; words. */
#include "recording.h"

#define N_FUNCTIONS 20
#define MS G_GUINT64_CONSTANT (1000000)

/* Threads with a sample a millisecond each; for runs of about so many ms a thread keeps to one function, so that samples are alike. Between 2 and 3 s,
 * where @planted, half of the time is in f19. Eight seconds in all. */
static GlowProfile *
new_recording_of (guint32 seed, gboolean planted, guint n_threads, int run)
{
  GRand *random = g_rand_new_with_seed (seed);
  g_autoptr(Recording) recording = recording_new (N_FUNCTIONS, n_threads);
  GlowProfile *profile;

  for (guint thread = 0; thread < n_threads; thread++)
    {
      guint path[2] = { 0, 1 };

      for (guint64 ms = 0; ms < 8000; ms++)
        {
          if (g_rand_int_range (random, 0, run) == 0)
            path[1] = planted && ms >= 2000 && ms < 3000 && g_rand_boolean (random) ? N_FUNCTIONS - 1 : (guint) g_rand_int_range (random, 1, N_FUNCTIONS - 1);
          add (recording, 1000 + ms * MS + thread, thread, CLOCK, 2, path);
        }
    }
  profile = recording_finish (recording);
  g_rand_free (random);
  return profile;
}

static GlowProfile *
new_recording (guint32 seed, gboolean planted)
{
  return new_recording_of (seed, planted, 4, 20);
}

static GlowTail *
compare (GlowProfile *profile, const char *words)
{
  g_autoptr(GlowQuery) query = glow_query_parse_words (words, NULL);
  g_autoptr(GError) error = NULL;
  GlowTail *tail = glow_baseline_compute (profile, query, NULL, &error);

  g_assert_no_error (error);
  return tail;
}

static void
test_planted (void)
{
  for (guint32 seed = 0; seed < 10; seed++)
    {
      g_autoptr(GlowProfile) profile = new_recording (seed, TRUE);
      g_autoptr(GlowTail) tail = compare (profile, "--time 2,3 --baseline-time 4,8");
      gint cause = glow_tail_find_cause (tail, profile);
      const GlowTailRow *row = &g_array_index (tail->rows, GlowTailRow, 0);
      g_autofree char *sentence = glow_tail_dup_sentence (tail, profile);

      g_assert_cmpint (cause, ==, 0);
      g_assert_cmpuint (row->frame, ==, N_FUNCTIONS - 1);
      g_assert_cmpfloat (row->q, <, 0.01);
      g_assert_cmpfloat (row->share.share1, >, 0.25);
      g_assert_cmpfloat (row->share.share2, ==, 0);
      g_assert_nonnull (strstr (sentence, "f0 \xe2\x86\x92 f19"));
    }
}

/* As many false discoveries as 200 recordings may have where the rate is one in twenty; see test-spans.c. */
static void
test_nothing_planted (void)
{
  static const struct { guint n_threads; int run; } cases[] = { { 4, 20 }, { 1, 20 }, { 1, 1 }, { 4, 50 } };

  for (guint c = 0; c < G_N_ELEMENTS (cases); c++)
    {
      guint found = 0;

      for (guint32 seed = 1000; seed < 1200; seed++)
        {
          g_autoptr(GlowProfile) profile = new_recording_of (seed, FALSE, cases[c].n_threads, cases[c].run);
          g_autoptr(GlowTail) tail = compare (profile, "--time 2,3 --baseline-time 4,8");

          for (guint i = 0; i < tail->rows->len; i++)
            if (g_array_index (tail->rows, GlowTailRow, i).q < 0.05)
              {
                found++;
                break;
              }
        }
      g_test_message ("%u of 200 with %u threads and runs of %d ms", found, cases[c].n_threads, cases[c].run);
      g_assert_cmpuint (found, <=, 19);
    }
}

/* Without a time, everything but the baseline; what lies in both times is the selection's; threads and conditions hold on both sides. */
static void
test_sides (void)
{
  static const struct { const char *words; guint64 inside, baseline; gboolean rest; guint64 time_inside, time_baseline; } cases[] = {
    { "--time 2,3 --baseline-time 4,8", 4 * 1000, 4 * 4000, FALSE, 1000, 4000 },
    { "--baseline-time 2,3", 4 * 7000, 4 * 1000, TRUE, 7000, 1000 },
    { "--time 2,4 --baseline-time 3,5", 4 * 2000, 4 * 1000, FALSE, 2000, 2000 },
    { "--time 2,3 --time 5,6 --baseline-time ,1 --baseline-time 7,", 4 * 2000, 4 * 2000, FALSE, 2000, 2000 },
    { "--comm t1 --time 2,3 --baseline-time 4,8", 1000, 4000, FALSE, 1000, 4000 },
  };
  g_autoptr(GlowProfile) profile = new_recording (1, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GlowTail) tail = compare (profile, cases[i].words);

      g_assert_cmpuint (tail->samples_long, ==, cases[i].inside);
      g_assert_cmpuint (tail->samples_short, ==, cases[i].baseline);
      g_assert_cmpint (tail->is_of_rest, ==, cases[i].rest);
      g_assert_true (tail->is_of_time);
      g_assert_cmpuint ((tail->time_long + 2 * MS) / MS / 10, ==, cases[i].time_inside / 10);
      g_assert_cmpuint ((tail->time_short + 2 * MS) / MS / 10, ==, cases[i].time_baseline / 10);
    }
}

static void
test_empty (void)
{
  g_autoptr(GlowProfile) profile = new_recording (1, FALSE);
  g_autoptr(GlowQuery) query = glow_query_parse_words ("--time 2,3 --baseline-time 100,200", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_null (glow_baseline_compute (profile, query, NULL, &error));
  g_assert_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY);
}

/* A baseline is part of the words and selects nothing. */
static void
test_words (void)
{
  g_autoptr(GlowProfile) profile = new_recording (1, FALSE);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowQuery) query = glow_query_parse_words ("--baseline-time 1500ms,2 --time 4,5", NULL), again = NULL, wrong = NULL, baseline = NULL;
  g_autoptr(GlowCallTree) tree = glow_call_tree_compute (profile, query, NULL, NULL);
  g_autofree char *words = glow_query_dup_words (query), *chip = glow_query_dup_chip (query, 1), *of_baseline = NULL;

  g_assert_cmpstr (words, ==, "--time 4,5 --baseline-time 1.5,2");
  again = glow_query_parse_words (words, NULL);
  g_assert_true (glow_query_equal (query, again));
  g_assert_nonnull (strstr (chip, "baseline"));
  g_assert_cmpuint (glow_call_tree_get_base (tree)->samples, ==, 4000);
  baseline = glow_query_dup_baseline (query);
  of_baseline = glow_query_dup_words (baseline);
  g_assert_cmpstr (of_baseline, ==, "--time 1.5,2");
  wrong = glow_query_parse_words ("--baseline-time 3,2", &error);
  g_assert_null (wrong);
  g_assert_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/baseline/planted", test_planted);
  g_test_add_func ("/baseline/nothing-planted", test_nothing_planted);
  g_test_add_func ("/baseline/sides", test_sides);
  g_test_add_func ("/baseline/empty", test_empty);
  g_test_add_func ("/baseline/words", test_words);
  return g_test_run ();
}
