/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench-cancel [TIMES] FILE…: how long cancelling takes to be answered, at moments spread over the whole of reading, naming and making a tree
 * (flame graph, then inverted). One line a file with the worst, and what was being done then; 100 moments unless said otherwise.
 * Exit status 1 where any took longer than 100 ms. */
#include <afterglow/afterglow.h>

#include <stdio.h>
#include <stdlib.h>

#define ALLOWED_MS 100.0

typedef struct {
  const char *path;
  GCancellable *cancellable;
  gint stage;                  /* GlowStage, or one of those below */
  gint64 ended;                /* monotonic, µs */
} Run;

enum { STAGE_TREE = GLOW_STAGE_DONE + 1, STAGE_INVERTED, STAGE_FUNCTIONS, N_STAGES };
static const char *const names[] = { "tree", "inverted tree", "functions" };

static void
on_progress (const GlowProgress *progress, gpointer data)
{
  g_atomic_int_set (&((Run *) data)->stage, progress->stage);
}

static void
on_partial (GlowProfile *profile, gpointer data)
{
  g_atomic_int_set (&((Run *) data)->stage, GLOW_STAGE_SYMBOLISING);
}

static gpointer
work (gpointer data)
{
  static const char *const queries[] = { "", "--inverted" };
  Run *run = data;
  GlowLoadOptions options = { .progress = on_progress, .partial = on_partial, .user_data = run };
  GlowProfile *profile = glow_profile_load_path (run->path, &options, run->cancellable, NULL);
  GlowCallTree *trees[2] = { NULL, NULL };

  for (guint q = 0; profile != NULL && q < G_N_ELEMENTS (queries); q++)
    {
      g_autoptr(GlowQuery) query = glow_query_parse_words (queries[q], NULL);

      g_atomic_int_set (&run->stage, STAGE_TREE + q);
      trees[q] = glow_call_tree_compute (profile, query, run->cancellable, NULL);
      if (trees[q] == NULL)
        break;
    }
  g_atomic_int_set (&run->stage, STAGE_FUNCTIONS);
  if (trees[1] != NULL && !g_cancellable_is_cancelled (run->cancellable))
    g_array_unref (glow_call_tree_compute_functions (trees[1], run->cancellable));
  /* What is given back afterwards is not waited for by anybody. */
  run->ended = g_get_monotonic_time ();
  for (guint q = 0; q < G_N_ELEMENTS (queries); q++)
    g_clear_pointer (&trees[q], glow_call_tree_unref);
  g_clear_object (&profile);
  return NULL;
}

/* ms from the cancellation to its answer, < 0 where the work was done before. */
static double
cancel_at (const char *path, gint64 moment, gint *stage, gint64 *whole)
{
  Run run = { .path = path, .cancellable = g_cancellable_new () };
  gint64 start = g_get_monotonic_time (), asked = G_MAXINT64;
  GThread *thread = g_thread_new ("work", work, &run);

  if (moment >= 0)
    {
      g_usleep (moment);
      *stage = g_atomic_int_get (&run.stage);
      asked = g_get_monotonic_time ();
      g_cancellable_cancel (run.cancellable);
    }
  g_thread_join (thread);
  g_object_unref (run.cancellable);
  if (whole != NULL)
    *whole = run.ended - start;
  return (run.ended - asked) / 1e3;
}

int
main (int argc, char **argv)
{
  gboolean has_times = argc > 1 && g_ascii_isdigit (*argv[1]) && !g_file_test (argv[1], G_FILE_TEST_EXISTS);
  guint times = has_times ? (guint) atoi (argv[1]) : 100;
  gboolean slow = FALSE;

  for (int f = has_times ? 2 : 1; f < argc; f++)
    {
      double worst = 0, worst_of[N_STAGES] = { 0 };
      gint64 whole;
      gint stage = 0;

      cancel_at (argv[f], -1, &stage, &whole);
      for (guint i = 0; i < times; i++)
        {
          double took = cancel_at (argv[f], whole * (2 * i + 1) / (2 * times), &stage, NULL);

          worst = MAX (worst, took);
          worst_of[stage] = MAX (worst_of[stage], took);
        }
      printf ("%-24s %6.0f ms in all; cancelled at %u moments, answered after %5.1f ms at worst (", argv[f], whole / 1e3, times, worst);
      for (gint s = 0; s < N_STAGES; s++)
        if (worst_of[s] > 0)
          printf ("%s%s %.1f", s > 0 ? ", " : "", s < STAGE_TREE ? glow_stage_get_label (s) : names[s - STAGE_TREE], worst_of[s]);
      printf (")\n");
      fflush (stdout);
      slow |= worst > ALLOWED_MS;
    }
  return slow;
}
