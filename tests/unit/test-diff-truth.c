/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether what a diff calls a change is one: recordings without a difference, made of one real recording by drawing blocks of its time and thinning; and
 * with a planted one, a function slowed by so many points. AFTERGLOW_DIFF_TRUTH=TIMES draws more (200 unless said otherwise, a few seconds),
 * AFTERGLOW_DIFF_RECORDING=FILE takes another recording. What was found is printed as remarks. */
#include <afterglow/afterglow.h>
#include "model/profile-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK G_GUINT64_CONSTANT (50000000)    /* ns: longer than a request and its bursts in the example */
#define BLOCKS 400             /* of a drawn recording: 20 s */
#define THIN 0.3               /* of the samples that are kept */

static GlowProfile *source;
static guint32 event;
static guint times;
static GArray *rows;           /* of guint32: the samples of the event, by time */
static GArray *blocks;         /* of guint32: where in rows each block begins; one more at the end */

/* Lines for whom the figures are; @wanted is in words. */
static void
tell (const char *what, double value, const char *wanted)
{
  g_test_message ("%s: %.3f (%s)", what, value, wanted);
}

/* ---- drawing ---- */

static void
load_source (void)
{
  const char *path = g_getenv ("AFTERGLOW_DIFF_RECORDING");
  g_autofree char *example = g_build_filename (g_getenv ("AFTERGLOW_SOURCE_DIR") != NULL ? g_getenv ("AFTERGLOW_SOURCE_DIR") : ".", "data", "examples", "orders.data", NULL);
  g_autoptr(GError) error = NULL;
  const GlowSamples *samples;
  guint64 start = 0;

  source = glow_profile_load_path (path != NULL ? path : example, NULL, NULL, &error);
  g_assert_no_error (error);
  samples = glow_profile_get_samples (source);
  event = glow_profile_get_main_event (source);
  rows = g_array_new (FALSE, FALSE, sizeof (guint32));
  blocks = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (guint32 i = 0; i < samples->n; i++)
    {
      if (samples->event != NULL && samples->event[i] != event)
        continue;
      if (rows->len == 0 || samples->time[i] >= start + BLOCK)
        {
          start = rows->len == 0 ? samples->time[i] : start + (samples->time[i] - start) / BLOCK * BLOCK;
          g_array_append_val (blocks, rows->len);
        }
      g_array_append_val (rows, i);
    }
  g_array_append_val (blocks, rows->len);
}

/* How a sample is kept: by chance @others, or @those where it holds the planted function. */
typedef struct {
  const guint8 *holds;         /* (nullable) by stack */
  double those, others;
  gboolean single;             /* samples are drawn one by one: nothing comes in bursts */
} Draw;

static gpointer
copy (gconstpointer data, gsize n, gsize size)
{
  gpointer made = malloc (MAX (n, 1) * size);

  return memcpy (made, data, n * size);
}

/* Of the same tables as the source. @n_blocks blocks, or as many samples as those have. */
static GlowProfile *
draw (GRand *random, const Draw *how, guint n_blocks)
{
  const GlowSamples *samples = glow_profile_get_samples (source);
  const GlowStacks *stacks = glow_profile_get_stacks (source);
  GlowProfileBuilder *builder = glow_profile_builder_new ();
  GlowSampleArrays columns = { 0 };
  GlowStackArrays paths = { stacks->n, copy (stacks->parent, stacks->n, sizeof (guint32)), copy (stacks->item, stacks->n, sizeof (guint32)) };
  guint32 n_source_blocks = blocks->len - 1, n, room = 0;
  const GlowFrame *frames = glow_profile_get_frames (source, &n);
  const GlowModule *modules;
  const GlowThread *threads;
  const GlowProcess *processes;

  glow_strings_unref (builder->strings);
  builder->strings = glow_strings_copy (glow_profile_get_strings (source));
  g_array_append_vals (builder->frames, frames, n);
  modules = glow_profile_get_modules (source, &n);
  g_array_append_vals (builder->modules, modules, n);
  threads = glow_profile_get_threads (source, &n);
  g_array_append_vals (builder->threads, threads, n);
  processes = glow_profile_get_processes (source, &n);
  g_array_append_vals (builder->processes, processes, n);
  g_array_append_vals (builder->events, &glow_profile_get_events (source, &n)[event], 1);
  builder->named = TRUE;
  room = n_blocks * (rows->len / n_source_blocks + 1) * 4 + 1024;
  columns.time = malloc (room * sizeof (guint64));
  columns.thread = malloc (room * sizeof (guint32));
  columns.weight = malloc (room * sizeof (guint64));
  columns.stack = malloc (room * sizeof (guint32));
  for (guint b = 0; b < n_blocks; b++)
    {
      guint32 chosen = (guint32) g_rand_int_range (random, 0, (gint32) n_source_blocks), from = g_array_index (blocks, guint32, chosen), to = g_array_index (blocks, guint32, chosen + 1);
      guint64 start = samples->time[g_array_index (rows, guint32, from)];

      for (guint32 r = from; r < to && columns.n < room; r++)
        {
          guint32 i = how->single ? g_array_index (rows, guint32, g_rand_int_range (random, 0, (gint32) rows->len)) : g_array_index (rows, guint32, r);

          if (g_rand_double (random) >= (how->holds != NULL && how->holds[samples->stack[i]] ? how->those : how->others))
            continue;
          columns.time[columns.n] = 1 + b * BLOCK + (how->single ? (guint64) (r - from) * 1000 : samples->time[g_array_index (rows, guint32, r)] - start);
          columns.thread[columns.n] = how->single ? 0 : samples->thread[i];
          columns.weight[columns.n] = samples->weight != NULL ? samples->weight[i] : 1;
          columns.stack[columns.n++] = samples->stack[i];
        }
    }
  builder->info.first_time = 1;
  builder->info.last_time = n_blocks * BLOCK;
  return glow_profile_builder_finish (builder, &columns, &paths, NULL, NULL, 0, NULL, 0);
}

static GlowDiff *
compare (GlowProfile *const *profiles, guint n_before, guint n_after, const GlowDiffOptions *options)
{
  g_autoptr(GPtrArray) before = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_diff_run_free), after = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_diff_run_free);
  g_autoptr(GlowQuery) query = glow_query_new ();
  g_autoptr(GError) error = NULL;
  GlowDiff *diff;

  for (guint i = 0; i < n_before + n_after; i++)
    g_ptr_array_add (i < n_before ? before : after, glow_diff_run_new (profiles[i], query, "drawn"));
  diff = glow_diff_compute (before, after, options, NULL, &error);
  g_assert_no_error (error);
  return diff;
}

static guint
count_found (GlowDiff *diff, GlowDiffKind kind, GlowDiffMeasure measure)
{
  return glow_diff_count (diff, kind, measure, GLOW_DIFF_GREW, FALSE) + glow_diff_count (diff, kind, measure, GLOW_DIFF_SHRANK, FALSE);
}

/* What a binomial count exceeds once in a thousand. */
static double
at_most (double share)
{
  return share * times + 3.1 * sqrt (share * (1 - share) * times) + 0.5;
}

/* ---- nothing has changed ---- */

/* Where nothing is true, the false discovery rate is the chance of any. */
static void
test_null (void)
{
  GRand *random = g_rand_new_with_seed (1);
  Draw how = { NULL, 0, THIN, FALSE };
  GlowDiffOptions down = { .top_down = TRUE };
  guint any[GLOW_N_DIFF_KINDS][GLOW_N_DIFF_MEASURES] = { { 0 } }, any_path = 0, any_down = 0, equivalent = 0, rows_seen = 0;
  double covered = 0, intervals = 0;

  for (guint t = 0; t < times; t++)
    {
      GlowProfile *profiles[2] = { draw (random, &how, BLOCKS), draw (random, &how, BLOCKS) };
      g_autoptr(GlowDiff) diff = compare (profiles, 1, 1, NULL), top = compare (profiles, 1, 1, &down);
      const GlowDiffNodes *nodes = glow_diff_get_nodes (diff), *below = glow_diff_get_nodes (top);
      guint found[2] = { 0, 0 };

      for (guint k = 0; k < GLOW_N_DIFF_KINDS; k++)
        for (guint m = 0; m < GLOW_N_DIFF_MEASURES; m++)
          any[k][m] += count_found (diff, k, m) > 0;
      for (guint32 i = 0; i < nodes->n_nodes; i++)
        {
          found[0] += nodes->evidence[i] != GLOW_DIFF_NO_EVIDENCE;
          found[1] += below->evidence[i] != GLOW_DIFF_NO_EVIDENCE;
        }
      any_path += found[0] > 0;
      any_down += found[1] > 0;
      equivalent += glow_diff_count (diff, GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL, GLOW_DIFF_EQUIVALENT, FALSE);
      rows_seen += glow_diff_get_rows (diff, GLOW_DIFF_FUNCTIONS)->len;
      for (guint i = 0; i < glow_diff_get_rows (diff, GLOW_DIFF_FUNCTIONS)->len; i++)
        {
          const GlowDiffChange *change = &g_array_index (glow_diff_get_rows (diff, GLOW_DIFF_FUNCTIONS), GlowDiffRow, i).change[GLOW_DIFF_TOTAL];

          /* Of those that have more than a handful of samples. */
          if (change->value[0] + change->value[1] < 0.01)
            continue;
          intervals++;
          covered += change->low <= 0 && change->high >= 0;
        }
      g_object_unref (profiles[0]);
      g_object_unref (profiles[1]);
    }
  tell ("pairs without a difference", times, "drawn in blocks and thinned");
  tell ("functions, total: any false discovery", (double) any[GLOW_DIFF_FUNCTIONS][GLOW_DIFF_TOTAL] / times, "at most 0.05");
  tell ("functions, self: any false discovery", (double) any[GLOW_DIFF_FUNCTIONS][GLOW_DIFF_SELF] / times, "at most 0.05");
  tell ("modules: any false discovery", (double) any[GLOW_DIFF_MODULES][GLOW_DIFF_TOTAL] / times, "at most 0.05");
  tell ("threads: any false discovery", (double) any[GLOW_DIFF_THREADS][GLOW_DIFF_TOTAL] / times, "at most 0.05");
  tell ("paths: any false discovery", (double) any_path / times, "at most 0.05");
  tell ("paths, top-down: any false discovery", (double) any_down / times, "at most 0.05");
  tell ("intervals of functions above 1 % that hold the truth", covered / intervals, "at least 0.93");
  tell ("functions called equivalent", (double) equivalent / rows_seen, "all are");
  for (guint k = 0; k < GLOW_N_DIFF_KINDS; k++)
    for (guint m = 0; m < GLOW_N_DIFF_MEASURES; m++)
      g_assert_cmpfloat (any[k][m], <=, at_most (0.05));
  g_assert_cmpfloat (any_path, <=, at_most (0.05));
  g_assert_cmpfloat (any_down, <=, at_most (0.05));
  g_assert_cmpfloat (covered / intervals, >=, 0.93);
  g_rand_free (random);
}

/* The same samples without their times: bursts cannot be told, and the error is not held. It is what the caveat says. */
static void
test_bursts (void)
{
  GRand *random = g_rand_new_with_seed (2);
  Draw how = { NULL, 0, 1, FALSE };
  guint blind = 0, told = 0;

  for (guint t = 0; t < MIN (times, 100); t++)
    {
      GlowProfile *profiles[2] = { draw (random, &how, 100), draw (random, &how, 100) };
      g_autoptr(GlowDiff) diff = compare (profiles, 1, 1, NULL);
      const GArray *found = glow_diff_get_rows (diff, GLOW_DIFF_FUNCTIONS);

      for (guint i = 0; i < found->len; i++)
        {
          const GlowDiffChange *change = &g_array_index (found, GlowDiffRow, i).change[GLOW_DIFF_TOTAL];
          double n[2] = { glow_diff_get_side (diff, 0)->effective_n, glow_diff_get_side (diff, 1)->effective_n };

          if (change->value[0] < 0.3 || change->value[0] > 0.7)
            continue;
          blind += glow_test_shares (change->value[1] * n[1], n[1], change->value[0] * n[0], n[0]).p < 0.05;
          told += change->p < 0.05;
        }
      g_object_unref (profiles[0]);
      g_object_unref (profiles[1]);
    }
  tell ("heavy functions, p below 0.05 with samples as if independent", blind, "bursts would be called changes");
  tell ("the same, with seconds told apart", told, "fewer");
  g_assert_cmpuint (told, <, blind);
  g_rand_free (random);
}

/* ---- a function was slowed ---- */

/* A function that has about this share of the samples, and which stacks hold it. */
static guint32
find_function (double share, double *actual, guint8 **holds)
{
  const GlowSamples *samples = glow_profile_get_samples (source);
  const GlowStacks *stacks = glow_profile_get_stacks (source);
  guint32 n, best = 0;
  double nearest = INFINITY;

  glow_profile_get_frames (source, &n);
  for (guint32 f = 0; f < n; f++)
    {
      g_autofree guint8 *held = g_new0 (guint8, stacks->n);
      double count = 0;

      for (guint32 s = 1; s < stacks->n; s++)
        held[s] = held[stacks->parent[s]] || stacks->item[s] == f;
      for (guint r = 0; r < rows->len; r++)
        count += held[samples->stack[g_array_index (rows, guint32, r)]];
      count /= rows->len;
      if (fabs (count - share) >= nearest)
        continue;
      nearest = fabs (count - share);
      *actual = count;
      best = f;
      g_free (*holds);
      *holds = g_steal_pointer (&held);
    }
  return best;
}

static const GlowDiffRow *
find_row (GlowDiff *diff, guint32 frame)
{
  const GArray *found = glow_diff_get_rows (diff, GLOW_DIFF_FUNCTIONS);
  const char *name = glow_profile_get_string (source, glow_profile_get_frames (source, NULL)[frame].name);

  for (guint i = 0; i < found->len; i++)
    if (strcmp (glow_diff_get_name (diff, GLOW_DIFF_FUNCTIONS, g_array_index (found, GlowDiffRow, i).key), name) == 0)
      return &g_array_index (found, GlowDiffRow, i);
  return NULL;
}

/* Chances of being kept so that a share of @from becomes @to, and as many samples are left. */
static Draw
slow (const guint8 *holds, double from, double to, gboolean single)
{
  Draw how = { holds, THIN * to / from, THIN * (1 - to) / (1 - from), single };

  return how;
}

static guint
planted_times (void)
{
  return MAX (times / 2, 50);
}

typedef struct { double found, predicted, covered, width; guint n; } Power;

static Power
measure (GRand *random, double points, gboolean single, guint n_blocks, const GlowDiffOptions *options)
{
  double from = 0;
  g_autofree guint8 *holds = NULL;
  guint32 frame = find_function (0.1, &from, &holds);
  double to = from + points / 100;
  Draw before = slow (holds, from, from, single), after = slow (holds, from, to, single);
  Power power = { 0 };

  for (guint t = 0; t < planted_times (); t++)
    {
      GlowProfile *profiles[2] = { draw (random, &before, n_blocks), draw (random, &after, n_blocks) };
      g_autoptr(GlowDiff) diff = compare (profiles, 1, 1, options);
      const GlowDiffRow *row = find_row (diff, frame);
      const GlowDiffChange *change = &row->change[GLOW_DIFF_TOTAL];
      /* As many independent samples as the interval is worth; of these the helper knows. */
      double half = (change->high - change->low) / 2 / 1.959963985, n = (from * (1 - from) + to * (1 - to)) / (half * half);

      power.found += change->p < 0.05 && change->change > 0;
      power.predicted += glow_shares_power (from, to, n, 0.05);
      power.covered += change->low <= points / 100 && change->high >= points / 100;
      power.width += n;
      power.n++;
      g_object_unref (profiles[0]);
      g_object_unref (profiles[1]);
    }
  power.found /= power.n;
  power.predicted /= power.n;
  power.covered /= power.n;
  power.width /= power.n;
  return power;
}

static void
test_planted (void)
{
  static const struct { double points; guint blocks; gboolean single; } cases[] = {
    { 1, 600, TRUE }, { 1, 1200, TRUE }, { 2, 300, TRUE }, { 3, 150, TRUE }, { 5, 60, TRUE }, { 10, 20, TRUE }, { 2, 400, FALSE }, { 5, 60, FALSE }, { 10, 20, FALSE },
  };
  GRand *random = g_rand_new_with_seed (3);
  GlowDiffOptions options = { .no_paths = TRUE };
  double covered = 0, worst = 0;
  /* Chance in both, found and covered, of so many draws. */
  double slack = 3.1 * sqrt (0.25 / planted_times ()), chance = 3.1 * sqrt (0.05 * 0.95 / planted_times ()), low = 0.93 - chance, high = 0.97 + chance;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Power power = measure (random, cases[i].points, cases[i].single, cases[i].blocks, &options);

      g_test_message ("10 %% + %g points, %s, %u blocks (%.0f independent samples): found %.3f, predicted %.3f; interval holds the truth %.3f", cases[i].points,
                      cases[i].single ? "samples by themselves" : "bursts", cases[i].blocks, power.width, power.found, power.predicted, power.covered);
      g_assert_cmpfloat (fabs (power.found - power.predicted), <=, 0.05 + slack);
      g_assert_cmpfloat (power.covered, >=, low);
      g_assert_cmpfloat (power.covered, <=, high);
      covered += power.covered / G_N_ELEMENTS (cases);
      worst = MAX (worst, fabs (power.found - power.predicted));
    }
  tell ("intervals that hold the truth, all cases", covered, "0.93 to 0.97");
  tell ("power found less predicted, worst case", worst, "at most 0.05, and chance");
  g_assert_cmpfloat (covered, >=, 0.93);
  g_assert_cmpfloat (covered, <=, 0.97 + chance / 3);
  g_rand_free (random);
}

/* Runs of one program differ among themselves: a function's own share goes up and down by a fifth. Samples call that a change, runs do not. */
static void
test_runs (void)
{
  GRand *random = g_rand_new_with_seed (4);
  double share = 0;
  g_autofree guint8 *holds = NULL;
  guint32 frame = find_function (0.1, &share, &holds);
  guint n = MAX (times / 4, 50), by_pair = 0, by_runs = 0, any_by_runs = 0, found = 0;

  for (guint t = 0; t < n; t++)
    {
      GlowProfile *profiles[10];
      GlowDiffOptions options = { .no_paths = TRUE };
      g_autoptr(GlowDiff) pair = NULL, runs = NULL;

      for (guint r = 0; r < 10; r++)
        {
          double own = share * (0.8 + 0.4 * g_rand_double (random)) + (r >= 5 && t % 2 == 1 ? 0.5 * share : 0);
          Draw how = slow (holds, share, own, TRUE);

          profiles[r] = draw (random, &how, 400);
        }
      pair = compare ((GlowProfile *[]) { profiles[0], profiles[5] }, 1, 1, &options);
      runs = compare (profiles, 5, 5, &options);
      if (t % 2 == 0)
        {
          by_pair += find_row (pair, frame)->change[GLOW_DIFF_TOTAL].p < 0.05;
          by_runs += find_row (runs, frame)->change[GLOW_DIFF_TOTAL].p < 0.05;
          any_by_runs += count_found (runs, GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL) > 0;
        }
      else
        found += find_row (runs, frame)->change[GLOW_DIFF_TOTAL].p < 0.05;
      for (guint r = 0; r < 10; r++)
        g_object_unref (profiles[r]);
    }
  tell ("same program, runs vary: one pair, p below 0.05", 2. * by_pair / n, "far above 0.05: a pair tells recordings apart, not code");
  tell ("the same, five runs against five: p below 0.05", 2. * by_runs / n, "about 0.05");
  tell ("the same, any false discovery", 2. * any_by_runs / n, "at most 0.05");
  tell ("half as much again slower: five runs against five find it", 2. * found / n, "nearly always");
  g_assert_cmpuint (by_pair, >, n / 2 / 5);
  g_assert_cmpfloat (by_runs, <=, 0.05 * n / 2 + 3.1 * sqrt (0.05 * 0.95 * n / 2) + 0.5);
  g_assert_cmpfloat (any_by_runs, <=, 0.05 * n / 2 + 3.1 * sqrt (0.05 * 0.95 * n / 2) + 0.5);
  g_assert_cmpuint (found, >, n / 2 * 8 / 10);
  g_rand_free (random);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  times = g_getenv ("AFTERGLOW_DIFF_TRUTH") != NULL ? (guint) atoi (g_getenv ("AFTERGLOW_DIFF_TRUTH")) : 200;
  times = CLAMP (times, 50, 100000);
  load_source ();
  g_test_add_func ("/diff-truth/null", test_null);
  g_test_add_func ("/diff-truth/bursts", test_bursts);
  g_test_add_func ("/diff-truth/planted", test_planted);
  g_test_add_func ("/diff-truth/runs", test_runs);
  status = g_test_run ();
  g_array_unref (rows);
  g_array_unref (blocks);
  g_object_unref (source);
  return status;
}
