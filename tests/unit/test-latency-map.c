/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Latency over time: cells against a count of every span, at any zoom; where cells stand; maps that others fill. */
#include <afterglow/afterglow.h>

#include <math.h>
#include <stdlib.h>

#define N 5000

typedef struct { GlowSpans spans; GlowSpanChoice choice; } Made;

/* Spans by start, of durations over twelve decades; one in seven is not of the base. */
static Made *
made_new (guint32 seed)
{
  GRand *random = g_rand_new_with_seed (seed);
  Made *self = g_new0 (Made, 1);
  guint64 time = 1000;

  self->spans.n = N;
  self->spans.start = g_new (guint64, N);
  self->spans.end = g_new (guint64, N);
  self->choice.spans = &self->spans;
  self->choice.is_base = g_new0 (guint8, N);
  for (guint i = 0; i < N; i++)
    {
      guint64 duration = (guint64) pow (10, g_rand_double_range (random, 0, 12));

      time += (guint64) g_rand_int_range (random, 0, 2000);
      self->spans.start[i] = time;
      self->spans.end[i] = time + (i % 11 == 0 ? (guint64) pow (10, i % 12) : i % 13 == 0 ? 0 : duration);
      self->choice.is_base[i] = i % 7 != 0;
      self->choice.n_base += self->choice.is_base[i];
    }
  g_rand_free (random);
  return self;
}

static void
made_free (Made *self)
{
  g_free (self->spans.start);
  g_free (self->spans.end);
  g_free (self->choice.is_base);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Made, made_free)

static gsize
count_spans (const Made *made, guint64 from, guint64 to, guint64 low, guint64 high)
{
  gsize n = 0;

  for (guint i = 0; i < N; i++)
    {
      guint64 duration = made->spans.end[i] - made->spans.start[i];

      n += made->choice.is_base[i] && made->spans.start[i] >= from && made->spans.start[i] < to && duration >= low && duration < high;
    }
  return n;
}

static void
test_cells (void)
{
  static const guint decades[] = { 1, 2, 5, 10, 20 };
  GRand *random = g_rand_new_with_seed (11);

  for (guint round = 0; round < 20; round++)
    {
      g_autoptr(Made) made = made_new (round);
      g_autoptr(GlowLatencyIndex) index = glow_latency_index_new (&made->choice);
      guint64 from = (guint64) g_rand_int_range (random, 0, 4000000), column = (guint64) g_rand_int_range (random, 1, 30000);
      guint a_decade = decades[round % G_N_ELEMENTS (decades)];
      g_autoptr(GlowLatencyMap) map = glow_latency_index_compute_map (index, from, column, 40, a_decade);
      double largest = 0;

      g_assert_cmpuint (glow_latency_index_get_n (index), ==, made->choice.n_base);
      g_assert_cmpuint (map->n_rows, ==, glow_latency_index_get_n_rows (index, a_decade));
      for (guint c = 0; c < map->n_columns; c++)
        for (guint r = 0; r < map->n_rows; r++)
          {
            double count = glow_latency_map_get (map, c, r);

            g_assert_cmpfloat (count, ==, count_spans (made, map->time[c], map->time[c + 1], map->bound[r], map->bound[r + 1]));
            largest = MAX (largest, count);
          }
      g_assert_cmpfloat (map->largest, ==, largest);
      g_assert_cmpfloat (glow_latency_map_sum (map, 0, 39, 0, map->n_rows - 1), ==, count_spans (made, from, from + 40 * column, 0, G_MAXUINT64));
      g_assert_cmpfloat (glow_latency_map_sum (map, 3, 9, 1, 2), ==, count_spans (made, map->time[3], map->time[10], map->bound[1], map->bound[3]));
    }
  g_rand_free (random);
}

/* Edges lie on the powers of ten, whatever the rows. */
static void
test_edges (void)
{
  g_autoptr(Made) made = made_new (1);
  g_autoptr(GlowLatencyIndex) index = glow_latency_index_new (&made->choice);
  g_autoptr(GlowLatencyMap) one = glow_latency_index_compute_map (index, 0, 1000, 1, 1), ten = glow_latency_index_compute_map (index, 0, 1000, 1, 10);
  guint found = 0;

  for (guint r = 0; r <= one->n_rows; r++)
    for (guint t = 0; t <= ten->n_rows; t++)
      found += one->bound[r] == ten->bound[t];
  g_assert_cmpuint (one->n_rows, ==, 12);
  g_assert_cmpuint (one->bound[0], ==, 0);
  g_assert_cmpuint (one->bound[6], ==, 1000000);
  g_assert_cmpuint (found, >=, 12);
}

/* The longest there can be, and nothing at all. */
static void
test_ends (void)
{
  guint64 start[] = { 0, 0, 5 }, end[] = { G_MAXUINT64, 0, 6 };
  guint8 base[] = { 1, 1, 1 }, none[] = { 0, 0, 0 };
  GlowSpans spans = { .n = 3, .start = start, .end = end };
  GlowSpanChoice choice = { .spans = &spans, .is_base = base, .n_base = 3 }, empty = { .spans = &spans, .is_base = none };
  g_autoptr(GlowLatencyIndex) index = glow_latency_index_new (&choice), nothing = glow_latency_index_new (&empty);
  g_autoptr(GlowLatencyMap) map = glow_latency_index_compute_map (index, 0, G_MAXUINT64 / 2, 4, 2);

  g_assert_cmpfloat (glow_latency_map_sum (map, 0, 3, 0, map->n_rows - 1), ==, 3);
  g_assert_cmpuint (map->bound[map->n_rows], ==, GLOW_BUCKETS_INFINITE);
  g_assert_null (glow_latency_index_compute_map (nothing, 0, 10, 4, 2));
}

/* A map as a service's own histogram gives it: from 0, to +Inf, columns of any width, and an interval when nobody looked. */
static void
test_foreign (void)
{
  static const guint64 time[] = { 1000, 2000, 2500, 9000 }, bound[] = { 0, 5000000, 10000000, 25000000, GLOW_BUCKETS_INFINITE };
  g_autoptr(GlowLatencyMap) map = glow_latency_map_new (time, 3, bound, 4);
  GlowLatencyMapView view = { .from = 1000, .to = 9000, .width = 800, .height = 60 };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 800, 60);
  cairo_t *cr = cairo_create (surface);
  const guint32 *pixels;
  guint column, row;

  glow_latency_map_set (map, 0, 2, 7.5);
  glow_latency_map_set (map, 2, 3, 2);
  glow_latency_map_set (map, 1, 0, NAN);
  g_assert_cmpfloat (map->largest, ==, 7.5);
  g_assert_cmpfloat (glow_latency_map_sum (map, 0, 2, 0, 3), ==, 9.5);
  glow_latency_map_view_fit (&view, map);
  g_assert_cmpuint (view.low, <, 5000000);
  g_assert_cmpuint (view.high, >, 25000000);
  g_assert_cmpfloat (glow_latency_map_view_y (&view, 0), ==, 60);
  g_assert_cmpfloat (glow_latency_map_view_y (&view, GLOW_BUCKETS_INFINITE), ==, 0);
  g_assert_cmpfloat (glow_latency_map_view_x (&view, 2000), ==, 100);
  for (guint c = 0; c < 3; c++)
    for (guint r = 0; r < 4; r++)
      {
        double x = (glow_latency_map_view_x (&view, time[c]) + glow_latency_map_view_x (&view, time[c + 1])) / 2;
        double y = (glow_latency_map_view_y (&view, bound[r]) + glow_latency_map_view_y (&view, bound[r + 1])) / 2;

        glow_latency_map_view_cell_at (&view, map, x, y, &column, &row);
        g_assert_cmpuint (column, ==, c);
        g_assert_cmpuint (row, ==, r);
      }
  glow_latency_map_view_cell_at (&view, map, -5, 1000, &column, &row);
  g_assert_cmpuint (column, ==, 0);
  g_assert_cmpuint (row, ==, 0);
  glow_latency_map_view_cell_at (&view, map, 5000, -5, &column, &row);
  g_assert_cmpuint (column, ==, 2);
  g_assert_cmpuint (row, ==, 3);
  glow_latency_map_paint (map, &view, cr, GLOW_THEME_LIGHT);
  cairo_surface_flush (surface);
  pixels = (const guint32 *) (gpointer) cairo_image_surface_get_data (surface);
  /* What holds something is painted, what holds nothing is not. */
  g_assert_cmpuint (pixels[(gsize) glow_latency_map_view_y (&view, 17000000) * 800 + 50] >> 24, ==, 255);
  g_assert_cmpuint (pixels[(gsize) glow_latency_map_view_y (&view, 7000000) * 800 + 50] >> 24, ==, 0);
  g_assert_cmpuint (pixels[2 * 800 + 500] >> 24, ==, 255);
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
}

static void
test_ticks (void)
{
  GlowLatencyMapView view = { .low = 3, .high = G_GUINT64_CONSTANT (30000000000) };

  for (guint most = 1; most < 40; most++)
    {
      g_autoptr(GArray) ticks = glow_latency_map_view_dup_ticks (&view, most);

      g_assert_cmpuint (ticks->len, >, 0);
      g_assert_cmpuint (ticks->len, <=, most);
      for (guint i = 0; i < ticks->len; i++)
        g_assert_true (g_array_index (ticks, guint64, i) >= view.low && g_array_index (ticks, guint64, i) <= view.high);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/latency-map/cells", test_cells);
  g_test_add_func ("/latency-map/edges", test_edges);
  g_test_add_func ("/latency-map/ends", test_ends);
  g_test_add_func ("/latency-map/foreign", test_foreign);
  g_test_add_func ("/latency-map/ticks", test_ticks);
  return g_test_run ();
}
