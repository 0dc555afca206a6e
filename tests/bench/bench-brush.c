/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench-brush [SAMPLES [SPANS [BRUSH]]]: how long a brush over a histogram or over latency in time takes until the graph is there, on a profile in memory (10 million
 * samples and a million spans of 64 threads unless said otherwise), and how long it takes to paint what it is brushed in; with BRUSH (from 0) only that one. Each row is the least of five; where others use
 * the machine, the time of all threads on a CPU says more. */
#include <afterglow/afterglow.h>
#include "model/profile-private.h"
#include "model/trie-private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CLOCK, ENTRY, EXIT };

/* Threads take turns, a sample a microsecond; each calls and returns as often as there are spans, durations log-normal. */
static GlowProfile *
make_profile (gsize n, gsize n_spans)
{
  static const char *const events[] = { "cpu-clock", "app:call_entry", "app:call_exit" };
  GRand *random = g_rand_new_with_seed (1);
  GlowProfileBuilder *builder = glow_profile_builder_new ();
  GlowSampleArrays columns = { .n = n };
  GlowStackArrays stacks;
  GlowTrie trie;
  guint64 until[64] = { 0 };
  gsize left = n_spans;

  for (guint f = 0; f < 5000; f++)
    {
      g_autofree char *name = g_strdup_printf ("function_%u", f);
      GlowFrame frame = { .name = glow_strings_intern (builder->strings, name, -1), .module = GLOW_NONE, .kind = GLOW_FRAME_USER };

      frame.raw_name = frame.name;
      glow_profile_builder_frame (builder, &frame);
    }
  for (guint t = 0; t < 64; t++)
    {
      GlowThread thread = { 100, 100 + (gint32) t, glow_strings_intern (builder->strings, "worker", -1), 0, 0, 0, G_MAXUINT64 };

      g_array_append_val (builder->threads, thread);
    }
  g_array_append_val (builder->processes, ((GlowProcess) { 100, 0 }));
  for (guint e = 0; e < 3; e++)
    {
      GlowEvent event = { .name = glow_strings_intern (builder->strings, events[e], -1), .unit = e == CLOCK ? GLOW_UNIT_NANOSECONDS : GLOW_UNIT_EVENTS,
                          .is_tracepoint = e != CLOCK };

      g_array_append_val (builder->events, event);
    }
  builder->named = TRUE;
  glow_trie_init (&trie, 0);
  while (trie.n < 200000)
    {
      guint32 node = (guint32) g_rand_int_range (random, 0, trie.n);

      for (guint depth = 0, end = (guint) g_rand_int_range (random, 8, 30); depth < end; depth++)
        node = glow_trie_intern (&trie, node, (guint32) g_rand_int_range (random, 0, 5000));
    }
  columns.time = malloc (n * sizeof (guint64));
  columns.weight = malloc (n * sizeof (guint64));
  columns.thread = malloc (n * sizeof (guint32));
  columns.stack = malloc (n * sizeof (guint32));
  columns.event = calloc (n, sizeof (guint16));
  for (gsize i = 0; i < n; i++)
    {
      guint thread = (guint) g_rand_int_range (random, 0, 64);
      double place = g_rand_double (random);

      columns.time[i] = 1000 + i * 1000;
      columns.weight[i] = 1000000;
      columns.thread[i] = thread;
      columns.stack[i] = 1 + (guint32) (place * place * (trie.n - 1));
      if (until[thread] == 0 && left > 0 && g_rand_double (random) < 3.0 * n_spans / n)
        {
          columns.event[i] = ENTRY;
          until[thread] = columns.time[i] + (guint64) (30000 * exp (1.2 * (g_rand_double (random) + g_rand_double (random) + g_rand_double (random) - 1.5)));
          left--;
        }
      else if (until[thread] != 0 && columns.time[i] >= until[thread])
        {
          columns.event[i] = EXIT;
          until[thread] = 0;
        }
    }
  builder->info.first_time = 1000;
  builder->info.last_time = 1000 + n * 1000;
  stacks = (GlowStackArrays) { trie.n, malloc (trie.n * sizeof (guint32)), malloc (trie.n * sizeof (guint32)) };
  memcpy (stacks.parent, trie.parent, trie.n * sizeof (guint32));
  memcpy (stacks.item, trie.item, trie.n * sizeof (guint32));
  glow_trie_clear (&trie);
  g_rand_free (random);
  return glow_profile_builder_finish (builder, &columns, &stacks, NULL, NULL, 0, NULL, 0);
}

typedef void (*Step) (gpointer data);

static void
measure (const char *name, Step step, gpointer data)
{
  double least = G_MAXDOUBLE, least_cpu = G_MAXDOUBLE;

  for (guint i = 0; i < 5; i++)
    {
      gint64 start = g_get_monotonic_time ();
      clock_t cpu = clock ();

      step (data);
      least = MIN (least, (g_get_monotonic_time () - start) / 1e3);
      least_cpu = MIN (least_cpu, (double) (clock () - cpu) / CLOCKS_PER_SEC * 1e3);
    }
  printf ("%-60s %7.1f ms, %7.1f ms of CPU\n", name, least, least_cpu);
}

typedef struct {
  GlowProfile *profile;
  GlowQuery *query;
  GlowLatency *latency;
  GlowLatencyIndex *index;
  GlowDensity *density;
  cairo_t *cr;
} Bench;

static void
answer (gpointer data)
{
  const Bench *self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowCallTree) tree = glow_call_tree_compute_for_view (self->profile, self->query, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (tree);
}

static void
choose (gpointer data)
{
  const Bench *self = data;
  g_autoptr(GlowSpanChoice) choice = glow_span_choice_compute (self->profile, self->query, NULL, NULL);

  g_assert_nonnull (choice);
}

static void
histogram (gpointer data)
{
  const Bench *self = data;
  g_autoptr(GlowLatency) latency = glow_latency_compute (self->profile, self->query, NULL, NULL);

  g_assert_nonnull (latency);
}

static void
paint_histogram (gpointer data)
{
  const Bench *self = data;
  GlowDurationChartOptions options = { .width = 1200, .height = 110 };
  g_autoptr(GlowDurationChart) chart = glow_duration_chart_compute (self->latency, &options);

  glow_duration_chart_paint (chart, self->cr, GLOW_THEME_LIGHT, 100000, G_MAXUINT64);
}

static void
make_index (gpointer data)
{
  const Bench *self = data;
  g_autoptr(GlowLatencyIndex) index = glow_latency_index_new (self->latency->choice);

  g_assert_nonnull (index);
}

static void
paint_map (gpointer data)
{
  const Bench *self = data;
  const GlowProfileInfo *info = glow_profile_get_info (self->profile);
  GlowHeatMapOptions options = { info->first_time, info->last_time, 1200, 64, 0 };
  guint64 column = glow_heat_map_choose_column (&options);
  g_autoptr(GlowLatencyMap) map = glow_latency_index_compute_map (self->index, info->first_time, column, (guint) ((info->last_time - info->first_time) / column + 1), 10);
  GlowLatencyMapView view = { info->first_time, info->last_time, 1200, 64, 0, 0 };

  glow_latency_map_view_fit (&view, map);
  glow_latency_map_paint (map, &view, self->cr, GLOW_THEME_LIGHT);
}

static void
paint_strip (gpointer data)
{
  const Bench *self = data;
  const GlowProfileInfo *info = glow_profile_get_info (self->profile);
  GlowHeatMapOptions options = { info->first_time, info->last_time, 1200, 56, 0 };
  g_autoptr(GlowHeatMap) map = glow_heat_map_compute (self->density, &options);

  glow_heat_map_paint (map, self->cr, GLOW_THEME_LIGHT, GLOW_STRIP_HEAT);
}

static void
compare (gpointer data)
{
  const Bench *self = data;
  g_autoptr(GlowTail) tail = glow_tail_compute (self->profile, self->query, 100000, NULL, NULL);

  g_assert_nonnull (tail);
}

static void
compare_times (gpointer data)
{
  const Bench *self = data;
  g_autoptr(GlowTail) tail = glow_baseline_compute (self->profile, self->query, NULL, NULL);

  g_assert_nonnull (tail);
}

int
main (int argc, char **argv)
{
  static const char *const brushes[] = { "--longer p99", "--longer 60us --shorter 100us", "--shorter 20us", "--time 3,4 --longer 60us", "--longer p99 --span-stacks edge",
                                         "--longer 60us --comm worker --tid 110" };
  gsize n = argc > 1 ? strtoull (argv[1], NULL, 10) : 10000000, n_spans = argc > 2 ? strtoull (argv[2], NULL, 10) : 1000000;
  Bench self = { make_profile (n, n_spans) };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 1200, 120);
  gint64 start = g_get_monotonic_time ();
  g_autoptr(GlowSpans) spans = glow_spans_compute (self.profile, "call_entry", NULL, NULL);

  printf ("%zu samples; %zu spans, paired once in %.0f ms\n", n, spans->n, (g_get_monotonic_time () - start) / 1e3);
  self.cr = cairo_create (surface);
  for (guint b = 0; b < G_N_ELEMENTS (brushes); b++)
    {
      g_autofree char *words = g_strconcat ("--spans call_entry ", brushes[b], NULL), *name = g_strdup_printf ("graph of %s", brushes[b]);
      g_autofree char *choosing = g_strdup_printf ("  of which spans of %s", brushes[b]);

      if (argc > 3 && (guint) atoi (argv[3]) != b)
        continue;
      self.query = glow_query_parse_words (words, NULL);
      measure (name, answer, &self);
      measure (choosing, choose, &self);
      glow_query_unref (self.query);
    }
  if (argc > 3)
    return 0;
  self.query = glow_query_parse_words ("--spans call_entry --time 2,7", NULL);
  measure ("histogram of half of the time", histogram, &self);
  self.latency = glow_latency_compute (self.profile, self.query, NULL, NULL);
  measure ("histogram: bars and painting", paint_histogram, &self);
  glow_latency_free (self.latency);
  glow_query_unref (self.query);
  self.query = glow_query_parse_words ("--spans call_entry", NULL);
  self.latency = glow_latency_compute (self.profile, self.query, NULL, NULL);
  measure ("map: index, once", make_index, &self);
  self.index = glow_latency_index_new (self.latency->choice);
  measure ("map: cells and painting", paint_map, &self);
  self.density = glow_density_compute (self.profile, self.query, NULL, NULL);
  measure ("strip: cells and painting", paint_strip, &self);
  measure ("tail against the rest", compare, &self);
  glow_query_unref (self.query);
  self.query = glow_query_parse_words ("--time 2,4 --baseline-time 5,9", NULL);
  measure ("time against a baseline", compare_times, &self);
  glow_query_unref (self.query);
  glow_latency_free (self.latency);
  glow_latency_index_unref (self.index);
  glow_density_unref (self.density);
  cairo_destroy (self.cr);
  cairo_surface_destroy (surface);
  g_object_unref (self.profile);
  return 0;
}
