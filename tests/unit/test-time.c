/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time: densities against a count of every sample, heat maps whose cells add up to them, labels of axes, histograms of durations. */
#include <afterglow/afterglow.h>
#include "model/profile-private.h"

#include <math.h>
#include <stdlib.h>

#define N 20000

/* Samples at random times, some at one and the same, of two threads. */
static GlowProfile *
new_profile (guint32 seed, guint64 start, guint64 span)
{
  GRand *random = g_rand_new_with_seed (seed);
  GlowProfileBuilder *builder = glow_profile_builder_new ();
  GlowSampleArrays columns = { .n = N, .time = malloc (N * 8), .thread = malloc (N * 4), .stack = calloc (N, 4) };
  GlowStackArrays stacks = { 1, calloc (1, 4), calloc (1, 4) };
  GlowEvent event = { .name = glow_strings_intern (builder->strings, "cpu-clock", -1), .unit = GLOW_UNIT_NANOSECONDS };
  guint64 time = start;

  for (guint t = 0; t < 2; t++)
    {
      GlowThread thread = { 1, (gint32) t + 1, glow_strings_intern (builder->strings, t == 0 ? "one" : "two", -1), 0, 0, 0, G_MAXUINT64 };

      g_array_append_val (builder->threads, thread);
    }
  g_array_append_val (builder->processes, ((GlowProcess) { 1, 0 }));
  g_array_append_val (builder->events, event);
  for (guint i = 0; i < N; i++)
    {
      columns.time[i] = i == N - 1 ? start + span : time;
      columns.thread[i] = (guint32) g_rand_int_range (random, 0, 2);
      if (g_rand_int_range (random, 0, 4) != 0)
        time = MIN (time + (guint64) g_rand_double_range (random, 0, 2.6 * span / N), start + span);
    }
  builder->info.first_time = start;
  builder->info.last_time = start + span;
  builder->named = TRUE;
  g_rand_free (random);
  return glow_profile_builder_finish (builder, &columns, &stacks, NULL, NULL, 0, NULL, 0);
}

static gsize
count_before (GlowProfile *profile, gint thread, guint64 time)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  gsize n = 0;

  for (gsize i = 0; i < samples->n; i++)
    n += samples->time[i] < time && (thread < 0 || (gint) samples->thread[i] == thread);
  return n;
}

static void
test_density (void)
{
  static const guint64 spans[] = { 3, 1000, 4000000000, G_GUINT64_CONSTANT (7200000000000) };
  GRand *random = g_rand_new_with_seed (7);

  for (guint s = 0; s < G_N_ELEMENTS (spans); s++)
    for (gint thread = -1; thread < 2; thread += 2)
      {
        g_autoptr(GlowProfile) profile = new_profile (s, 12345, spans[s]);
        g_autoptr(GlowQuery) all = glow_query_new (), query = NULL;
        g_autoptr(GlowDensity) density = NULL;
        g_autofree guint32 *counts = g_new (guint32, 640);
        guint64 sum = 0;

        query = thread < 0 ? glow_query_ref (all) : glow_query_with (all, GLOW_QUERY_COMM, "two", NULL);
        density = glow_density_compute (profile, query, NULL, NULL);
        g_assert_nonnull (density);
        g_assert_cmpuint (glow_density_get_n (density), ==, count_before (profile, thread, G_MAXUINT64));
        for (guint i = 0; i < 50; i++)
          {
            guint64 time = 12345 + (guint64) g_rand_double_range (random, -2, 1.1 * spans[s] + 2);

            g_assert_cmpuint (glow_density_before (density, time), ==, count_before (profile, thread, time));
          }
        g_assert_cmpuint (glow_density_before (density, G_MAXUINT64), ==, glow_density_get_n (density));
        g_assert_cmpuint (glow_density_before (density, 0), ==, 0);
        glow_density_count (density, 12345, spans[s] / 640 + 1, 640, counts);
        for (guint i = 0; i < 640; i++)
          sum += counts[i];
        g_assert_cmpuint (sum, ==, glow_density_get_n (density));
      }
  g_rand_free (random);
}

/* A query's own time is not taken from what a time is chosen in. */
static void
test_own_time (void)
{
  g_autoptr(GlowProfile) profile = new_profile (1, 0, 1000000000);
  g_autoptr(GlowQuery) all = glow_query_new (), query = glow_query_with (all, GLOW_QUERY_TIME, "0.25,0.5", NULL);
  g_autoptr(GlowDensity) density = glow_density_compute (profile, query, NULL, NULL);
  g_autoptr(GArray) ranges = NULL;

  g_assert_cmpuint (glow_density_get_n (density), ==, N);
  g_assert_true (glow_query_dup_time_ranges (query, profile, &ranges, NULL));
  g_assert_cmpuint (ranges->len, ==, 2);
  g_assert_cmpuint (g_array_index (ranges, guint64, 0), ==, 250000000);
  g_assert_cmpuint (g_array_index (ranges, guint64, 1), ==, 500000000);
}

static void
test_heat_map (void)
{
  g_autoptr(GlowProfile) profile = new_profile (5, 777, G_GUINT64_CONSTANT (90000000000));
  g_autoptr(GlowQuery) all = glow_query_new ();
  g_autoptr(GlowDensity) density = glow_density_compute (profile, all, NULL, NULL);
  GRand *random = g_rand_new_with_seed (3);

  for (guint i = 0; i < 200; i++)
    {
      guint64 from = 777 + (guint64) g_rand_double_range (random, 0, 8e10), span = (guint64) exp2 (g_rand_double_range (random, 8, 33));
      GlowHeatMapOptions options = { from, from + span, g_rand_double_range (random, 50, 2000), 56, g_rand_int_range (random, 0, 2) * 10 };
      g_autoptr(GlowHeatMap) map = glow_heat_map_compute (density, &options);
      guint64 sum = 0, decade = map->column;
      guint first, last, column = g_rand_int_range (random, 0, map->n_columns);

      /* Columns are whole steps from the start, cover what is seen, and hold each of its samples once. */
      g_assert_cmpuint ((map->first - 777) % map->column, ==, 0);
      g_assert_cmpuint (map->first, <=, from);
      g_assert_cmpuint (map->first + map->n_columns * map->column, >, options.to);
      for (guint c = 0; c < map->n_columns; c++)
        sum += glow_heat_map_column_count (map, c);
      g_assert_cmpuint (sum, ==, glow_density_before (density, map->first + map->n_columns * map->column) - glow_density_before (density, map->first));
      while (decade % 10 == 0)
        decade /= 10;
      g_assert_true (decade == 1 || decade == 2 || decade == 5);
      g_assert_cmpuint (map->column % map->n_rows, ==, 0);
      g_assert_cmpuint (glow_heat_map_column_at (map, glow_heat_map_x (map, map->first + column * map->column) + 0.01 * options.width / map->n_columns), ==, column);
      glow_heat_map_find_period (map, column, &first, &last);
      g_assert_true (first <= column && column <= last && last < map->n_columns);
    }
  g_rand_free (random);
}

static double
poisson (GRand *random, double mean)
{
  double limit = exp (-mean), product = g_rand_double (random);
  guint n = 0;

  for (; product > limit; n++)
    product *= g_rand_double (random);
  return n;
}

/* Levels that were planted are found to within a column; a level that does not change is mostly left whole, also where it scatters more than Poisson's. */
static void
test_change_points (void)
{
  GRand *random = g_rand_new_with_seed (17);
  guint split = 0, n;
  double counts[200];

  for (guint round = 0; round < 200; round++)
    {
      g_autofree guint *starts = NULL, *again = NULL;

      for (guint i = 0; i < 200; i++)
        counts[i] = poisson (random, i < 60 ? 4 : i < 120 ? 16 : 9);
      starts = glow_change_points_find (counts, 200, &n);
      g_assert_cmpuint (n, >=, 3);
      g_assert_cmpuint (starts[0], ==, 0);
      g_assert_cmpuint (starts[n], ==, 200);
      g_assert_cmpint (ABS ((gint) starts[1] - 60), <=, 4);
      /* The same level throughout, each count five times what was drawn. */
      for (guint i = 0; i < 200; i++)
        counts[i] = poisson (random, 6) * (round % 2 == 0 ? 1 : 5);
      again = glow_change_points_find (counts, 200, &n);
      split += n > 1;
    }
  g_test_message ("%u of 200 split", split);
  g_assert_cmpuint (split, <, 20);
  {
    double none[] = { 0, 0, 0 }, one[] = { 7 };
    g_autofree guint *zero = glow_change_points_find (none, 3, &n), *single = NULL;

    g_assert_cmpuint (n, ==, 1);
    g_assert_cmpuint (zero[1], ==, 3);
    single = glow_change_points_find (one, 1, &n);
    g_assert_cmpuint (n, ==, 1);
    g_assert_cmpuint (single[1], ==, 1);
  }
  g_rand_free (random);
}

/* Busy from 2 to 3 s of 8: a double click there takes just that. */
static void
test_period (void)
{
  GlowHeatMap map = { .n_columns = 80, .n_rows = 1, .counts = g_new (guint32, 80) };
  guint first, last;

  for (guint c = 0; c < 80; c++)
    map.counts[c] = (c >= 20 && c < 30 ? 40 : 6) + c % 3;
  glow_heat_map_find_period (&map, 25, &first, &last);
  g_assert_cmpuint (first, ==, 20);
  g_assert_cmpuint (last, ==, 29);
  glow_heat_map_find_period (&map, 79, &first, &last);
  g_assert_cmpuint (first, ==, 30);
  g_assert_cmpuint (last, ==, 79);
  glow_heat_map_find_period (&map, 0, &first, &last);
  g_assert_cmpuint (first, ==, 0);
  g_assert_cmpuint (last, ==, 19);
  g_free (map.counts);
}

/* What chance leaves is no gap; a second in which nothing was recorded is. */
static void
test_gaps (void)
{
  g_autoptr(GlowProfile) profile = new_profile (3, 1000, G_GUINT64_CONSTANT (20000000000));
  g_autoptr(GArray) none = glow_gaps_compute (profile, NULL), one = NULL;
  guint64 *times = (guint64 *) glow_profile_get_samples (profile)->time;

  /* The last sample of these stands apart from the rest. */
  g_assert_cmpuint (none->len, <=, 2);
  for (guint i = N / 2; i < N; i++)
    times[i] += 1000000000;
  one = glow_gaps_compute (profile, NULL);
  g_assert_cmpuint (one->len, ==, none->len + 2);
  g_assert_cmpuint (g_array_index (one, guint64, 0), ==, times[N / 2 - 1] + 1);
  g_assert_cmpuint (g_array_index (one, guint64, 1), ==, times[N / 2]);
}

/* A minute and a half on 1400 pixels is drawn by the second. */
static void
test_seconds (void)
{
  g_autoptr(GlowProfile) profile = new_profile (5, 0, G_GUINT64_CONSTANT (90000000000));
  g_autoptr(GlowQuery) all = glow_query_new ();
  g_autoptr(GlowDensity) density = glow_density_compute (profile, all, NULL, NULL);
  g_autoptr(GlowHeatMap) map = glow_heat_map_compute (density, &(GlowHeatMapOptions) { 0, G_GUINT64_CONSTANT (90000000000), 1400, 56, 0 });

  g_assert_cmpuint (map->column, ==, 1000000000);
  g_assert_cmpuint (map->n_columns, ==, 91);
}

static void
test_axis (void)
{
  static const struct { guint64 span; guint most; guint64 step; } cases[] = {
    { 4000000000, 7, 1000000000 }, { 4000000000, 10, 500000000 }, { 1000, 5, 200 }, { G_GUINT64_CONSTANT (3600000000000), 6, G_GUINT64_CONSTANT (600000000000) },
    { 0, 5, 1 },
  };
  g_autoptr(GlowProfile) profile = new_profile (1, 1000000000, 4000000000);
  static const struct { guint64 time, step; const char *label; } labels[] = {
    { 1500000000, 500000000, "0.5\xe2\x80\x89s" }, { 3000000000, 1000000000, "2\xe2\x80\x89s" }, { 1000000200, 200, "0.0000002\xe2\x80\x89s" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (glow_time_axis_choose_step (cases[i].span, cases[i].most), ==, cases[i].step);
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      g_autofree char *label = glow_time_axis_dup_label (profile, labels[i].time, labels[i].step);

      g_assert_cmpstr (label, ==, labels[i].label);
    }
}

/* Durations that damaged recordings have: bars hold them all, and nothing goes on for ever. */
static void
test_durations (void)
{
  static const guint64 longest = G_MAXUINT64, bounds[] = { 0, 5, 1000000, G_GUINT64_CONSTANT (1) << 62 };
  guint64 sets[][3] = {
    { 0, 0, 0 }, { 5, 5, 5 }, { 0, 1, longest }, { longest, longest, longest }, { longest - 2, longest - 1, longest }, { 1, G_GUINT64_CONSTANT (1) << 63, longest - 1 },
    { G_GUINT64_CONSTANT (1) << 62, (G_GUINT64_CONSTANT (1) << 62) + 300, (G_GUINT64_CONSTANT (1) << 62) + 700 }, { 700000, 800000, 30000000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (sets); i++)
    for (GlowBars bars = GLOW_BARS_LOG; bars <= GLOW_BARS_EXPLICIT; bars++)
      {
        GlowSpanChoice choice = { .n_base = 3, .sorted = sets[i] };
        GlowLatency latency = { .choice = &choice };
        GlowDurationChartOptions options = { .width = 600, .height = 100, .bars = bars, .bounds = bounds, .n_bounds = 4, .log_count = i % 2 };
        g_autoptr(GlowDurationChart) chart = glow_duration_chart_compute (&latency, &options);
        g_autoptr(GArray) ticks = glow_duration_chart_dup_ticks (chart, 8);
        guint64 sum = 0, within = 0;

        for (guint b = 0; b < chart->bars->len; b++)
          sum += g_array_index (chart->bars, GlowDurationBar, b).count;
        for (guint d = 0; d < 3; d++)
          within += sets[i][d] < longest;
        g_assert_cmpuint (sum, ==, within);
        g_assert_cmpuint (chart->bars->len, <=, 2100);
        g_assert_cmpuint (ticks->len, <, 100);
        for (guint b = 0; b < chart->bars->len; b++)
          {
            double y = glow_duration_chart_y (chart, (double) g_array_index (chart->bars, GlowDurationBar, b).count);

            g_assert_true (y >= 0 && y <= 100);
          }
      }
}

/* A service's own bounds: each duration in the bar whose upper bound it does not exceed. */
static void
test_explicit_bars (void)
{
  static const guint64 bounds[] = { 10, 100, 1000, 10000, 100000 };
  guint64 sorted[] = { 50, 100, 101, 5000, 2000000 };
  GlowSpanChoice choice = { .n_base = 5, .sorted = sorted };
  GlowLatency latency = { .choice = &choice };
  GlowDurationChartOptions options = { .width = 600, .height = 100, .bars = GLOW_BARS_EXPLICIT, .bounds = bounds, .n_bounds = 5, .log_count = TRUE };
  g_autoptr(GlowDurationChart) chart = glow_duration_chart_compute (&latency, &options);
  static const guint64 expected[] = { 2, 1, 1, 0, 1 };
  g_autoptr(GArray) values = glow_duration_chart_dup_value_ticks (chart, 3);

  g_assert_cmpuint (chart->bars->len, ==, 5);
  for (guint b = 0; b < 5; b++)
    g_assert_cmpuint (g_array_index (chart->bars, GlowDurationBar, b).count, ==, expected[b]);
  g_assert_cmpuint (g_array_index (chart->bars, GlowDurationBar, 0).low, ==, 11);
  g_assert_cmpuint (g_array_index (chart->bars, GlowDurationBar, 4).high, ==, G_MAXUINT64);
  g_assert_cmpuint (chart->high, >, 2000000);
  g_assert_cmpuint (values->len, >=, 1);
  /* One is seen, and two are higher. */
  g_assert_cmpfloat (glow_duration_chart_y (chart, 1), <, 60);
  g_assert_cmpfloat (glow_duration_chart_y (chart, 2), <, glow_duration_chart_y (chart, 1));
  g_assert_cmpfloat (glow_duration_chart_y (chart, 0), ==, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/time/density", test_density);
  g_test_add_func ("/time/own-time", test_own_time);
  g_test_add_func ("/time/heat-map", test_heat_map);
  g_test_add_func ("/time/change-points", test_change_points);
  g_test_add_func ("/time/period", test_period);
  g_test_add_func ("/time/gaps", test_gaps);
  g_test_add_func ("/time/seconds", test_seconds);
  g_test_add_func ("/time/axis", test_axis);
  g_test_add_func ("/time/durations", test_durations);
  g_test_add_func ("/time/explicit-bars", test_explicit_bars);
  return g_test_run ();
}
