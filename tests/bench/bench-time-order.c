/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench-time-order [FILE | SAMPLES [THREADS]] [-o PICTURE.png]: lanes of a recording, or of 10,000,000 made-up samples of 10,000 threads of which a tenth are
 * switches with a state machine of their own. Prints how long the summaries take and what they need, and for zooming and panning over them the time
 * of a processor that a picture of 1400 × 800 takes: all lanes as people see them first, and unfolded. */
#include <afterglow/afterglow.h>
#include "analysis/timeline-private.h"
#include "model/profile-private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FRAMES 400

static GlowProfile *
make_up (gsize n, guint n_threads)
{
  GlowProfileBuilder *builder = glow_profile_builder_new ();
  GlowSampleArrays columns = { .n = n, .time = malloc (n * 8), .thread = malloc (n * 4), .cpu = malloc (n * 2), .stack = malloc (n * 4) };
  GlowEvent event = { .name = glow_strings_intern (builder->strings, "cpu-clock", -1), .unit = GLOW_UNIT_NANOSECONDS, .period = 1000000, .frequency_hz = 1000 };
  guint32 n_stacks = 20000;
  GlowStackArrays stacks = { n_stacks, calloc (n_stacks, 4), calloc (n_stacks, 4) };
  GRand *random = g_rand_new_with_seed (3);
  guint64 time = 1000000000;
  guint32 *at = g_new0 (guint32, n_threads);

  for (guint i = 0; i < 400; i++)
    {
      g_autofree char *name = g_strdup_printf ("function_%u", i);
      GlowFrame frame = { glow_strings_intern (builder->strings, name, -1), 0, GLOW_NONE, 0, 0, i % 5 == 0 ? GLOW_FRAME_KERNEL : GLOW_FRAME_USER, 0 };

      frame.raw_name = frame.name;
      glow_profile_builder_frame (builder, &frame);
    }
  for (guint32 s = 1; s < n_stacks; s++)
    {
      stacks.parent[s] = s < 10 ? 0 : (guint32) (s * (0.75 + 0.2 * g_rand_double (random)));
      stacks.item[s] = g_rand_int_range (random, 0, 400);
    }
  for (guint t = 0; t < n_threads; t++)
    {
      GlowThread thread = { (gint32) (t / 50 * 50 + 1000), (gint32) t + 1000, glow_strings_intern (builder->strings, t % 2 ? "worker" : "poller", -1), t / 50, 0, 0, G_MAXUINT64 };

      if (t % 50 == 0)
        g_array_append_val (builder->processes, ((GlowProcess) { (gint32) t + 1000, thread.comm }));
      g_array_append_val (builder->threads, thread);
    }
  g_array_append_val (builder->events, event);
  for (gsize i = 0; i < n; i++)
    {
      guint thread = (guint) (n_threads * pow (g_rand_double (random), 3));

      time += 1 + (g_rand_int (random) & 0x1fff);
      if ((g_rand_int (random) & 3) == 0)
        at[thread] = g_rand_int_range (random, 1, (gint32) n_stacks);
      columns.time[i] = time;
      columns.thread[i] = thread;
      columns.cpu[i] = i % 64;
      columns.stack[i] = at[thread];
    }
  builder->info.first_time = columns.time[0];
  builder->info.last_time = time;
  builder->named = TRUE;
  g_free (at);
  g_rand_free (random);
  return glow_profile_builder_finish (builder, &columns, &stacks, NULL, NULL, 0, NULL, 0);
}

/* States as a recording's own switches would give them: the columns they are read from need a recording. */
static void
make_up_states (GlowTimeline *timeline, gsize n)
{
  GlowLane *lanes = timeline->lanes;
  gsize at = 0;

  free (timeline->changes);
  free (timeline->before);
  timeline->changes = calloc (n + (gsize) timeline->n_lanes * 2 * GLOW_TIMELINE_BLOCK, sizeof (GlowTaskChange));
  for (guint32 l = 0; l < timeline->n_threads; l++)
    {
      guint32 count = (guint32) ((double) n * lanes[l].n_samples / (timeline->from < timeline->to ? glow_profile_get_samples (timeline->profile)->n : 1));

      lanes[l].first_change = at;
      lanes[l].n_changes = count / 3 * 3;
      for (guint32 c = 0; c < lanes[l].n_changes; c++)
        {
          static const guint8 states[] = { GLOW_TASK_BLOCKED, GLOW_TASK_QUEUED, GLOW_TASK_RUNNING };
          guint32 row = (guint32) ((guint64) c * lanes[l].n_samples / lanes[l].n_changes), sample = glow_timeline_get_sample (timeline, l, row);

          timeline->changes[at + c] = (GlowTaskChange) { timeline->times[sample] + c % 3, sample, 0, states[c % 3], c % 3 == 0 ? 'S' : 0 };
        }
      at += (lanes[l].n_changes + GLOW_TIMELINE_BLOCK - 1) / GLOW_TIMELINE_BLOCK * GLOW_TIMELINE_BLOCK;
    }
  timeline->has_switches = timeline->has_wakeups = TRUE;
  glow_timeline_sum_changes (timeline, at);
}

/* ms of a processor: what others do meanwhile is not in it. */
static double
cpu_time (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static int
compare (const void *a, const void *b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return first < second ? -1 : first > second;
}

static void
run (const char *name, GlowTimelineRows *rows, const char *picture)
{
  GlowTimelinePainter *painter = glow_timeline_painter_new (NULL);
  guint64 from = glow_timeline_get_from (rows->timeline), span = glow_timeline_get_to (rows->timeline) - from;
  GlowTimelineView view = { from, from + span + 1, 1400, 800, 190, 20, 0 };
  GlowTimelinePaintOptions options = { .hover_frame = GLOW_NONE, .selected_frame = GLOW_NONE, .focus_lane = GLOW_NONE };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 1400, 800);
  double times[FRAMES], sum = 0;

  for (guint f = 0; f < FRAMES; f++)
    {
      cairo_t *cr = cairo_create (surface);
      double start = cpu_time (CLOCK_THREAD_CPUTIME_ID);
      double zoom = pow (1.25, f % 200 < 100 ? f % 100 * 0.9 : (100 - f % 100) * 0.9), width = MAX (span / zoom, 100);

      view.from = from + (guint64) ((span - width) * (f / (double) FRAMES));
      view.to = view.from + (guint64) width + 1;
      view.scroll = f < FRAMES / 2 ? 0 : MAX (rows->height - 800, 0) * (f - FRAMES / 2.0) / (FRAMES / 2.0);
      cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_paint (cr);
      glow_timeline_painter_paint (painter, cr, rows, &view, &options);
      cairo_destroy (cr);
      times[f] = cpu_time (CLOCK_THREAD_CPUTIME_ID) - start;
      sum += times[f];
      if (picture != NULL && f == 0)
        cairo_surface_write_to_png (surface, picture);
    }
  qsort (times, FRAMES, sizeof (double), compare);
  printf ("%-9s %4u pictures: median %.1f ms, p99 %.1f ms, worst %.1f ms of a processor, %.0f a second\n", name, FRAMES, times[FRAMES / 2], times[FRAMES * 99 / 100], times[FRAMES - 1],
          1e3 * FRAMES / sum);
  cairo_surface_destroy (surface);
  glow_timeline_painter_free (painter);
}

int
main (int argc, char **argv)
{
  const char *picture = argc > 2 && strcmp (argv[argc - 2], "-o") == 0 ? argv[argc - 1] : NULL;
  gboolean is_file = argc > 1 && g_file_test (argv[1], G_FILE_TEST_EXISTS);
  gsize n = !is_file && argc > 1 && *argv[1] != '-' ? strtoull (argv[1], NULL, 10) : 10000000;
  guint n_threads = !is_file && argc > 2 && *argv[1] != '-' && *argv[2] != '-' ? atoi (argv[2]) : 10000;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowProfile) profile = is_file ? glow_profile_load_path (argv[1], NULL, NULL, &error) : make_up (n, n_threads);
  g_autoptr(GlowTimeline) timeline = NULL;
  GlowTimelineOptions options = { NULL, TRUE };
  GlowTimelineArrangement arrangement = { 0 };
  GlowTimelineRows *rows;
  gint64 start;
  double cpu_before;
  guint32 n_lanes, n_lane_threads;
  g_autofree guint8 *unfolded = NULL;

  if (profile == NULL)
    {
      fprintf (stderr, "bench-time-order: %s\n", error->message);
      return 1;
    }
  start = g_get_monotonic_time ();
  cpu_before = cpu_time (CLOCK_PROCESS_CPUTIME_ID);
  timeline = glow_timeline_compute (profile, &options, NULL, NULL, NULL, &error);
  if (timeline == NULL)
    {
      fprintf (stderr, "bench-time-order: %s\n", error->message);
      return 1;
    }
  glow_timeline_get_lanes (timeline, &n_lanes, &n_lane_threads);
  printf ("%zu samples, %u threads: lanes and summaries %.0f ms, %.0f ms of processors\n", glow_profile_get_samples (profile)->n, n_lane_threads,
          (g_get_monotonic_time () - start) / 1e3, cpu_time (CLOCK_PROCESS_CPUTIME_ID) - cpu_before);
  if (!is_file)
    {
      start = g_get_monotonic_time ();
      make_up_states (timeline, n / 10 * 3);
      printf ("%zu changes of states summed: %.0f ms (with making them up)\n", n / 10 * 3, (g_get_monotonic_time () - start) / 1e3);
    }
  printf ("%.0f MB beside %.0f MB of the profile\n", glow_timeline_get_memory (timeline) / 1e6, glow_profile_get_memory (profile) / 1e6);
  start = g_get_monotonic_time ();
  rows = glow_timeline_rows_compute (timeline, &arrangement);
  printf ("%u lanes arranged: %.1f ms\n", rows->n_shown, (g_get_monotonic_time () - start) / 1e3);
  run ("folded", rows, picture);
  glow_timeline_rows_free (rows);
  unfolded = g_new (guint8, n_lanes + 1);
  memset (unfolded, 1, n_lanes + 1);
  arrangement.unfolded = unfolded;
  rows = glow_timeline_rows_compute (timeline, &arrangement);
  run ("unfolded", rows, NULL);
  glow_timeline_rows_free (rows);
  return 0;
}
