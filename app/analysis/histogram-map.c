/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a service observed over time, as cells beside a recording's own. */
#include <config.h>

#include <afterglow/histogram-compare.h>

#include <math.h>
#include <string.h>

#define ROWS_A_DECADE 16       /* finer ones are put together */

static gboolean
has_times (const GlowHistogramInterval *interval)
{
  return interval->from != GLOW_TIME_UNKNOWN && interval->to != GLOW_TIME_UNKNOWN && interval->to > interval->from;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  guint64 left = *(const guint64 *) a, right = *(const guint64 *) b;

  return left < right ? -1 : left > right;
}

static guint64
to_clock (gint64 wall, gint64 offset)
{
  return wall > offset ? (guint64) (wall - offset) : 0;
}

/* Edges of columns, ascending and distinct. (transfer full) (element-type guint64) */
static GArray *
lay_columns (GPtrArray *series, gint64 offset)
{
  GArray *edges = g_array_new (FALSE, FALSE, sizeof (guint64));
  const GlowHistogramSeries *most = NULL;
  guint n = 0;

  for (guint i = 0; i < series->len; i++)
    if (most == NULL || ((GlowHistogramSeries *) g_ptr_array_index (series, i))->intervals->len > most->intervals->len)
      most = g_ptr_array_index (series, i);
  for (guint k = 0; most != NULL && k < most->intervals->len; k++)
    {
      const GlowHistogramInterval *interval = g_ptr_array_index (most->intervals, k);
      guint64 ends[] = { to_clock (interval->from, offset), to_clock (interval->to, offset) };

      if (has_times (interval))
        g_array_append_vals (edges, ends, 2);
    }
  g_array_sort (edges, compare_times);
  for (guint i = 0; i < edges->len; i++)
    if (n == 0 || g_array_index (edges, guint64, i) > g_array_index (edges, guint64, n - 1))
      g_array_index (edges, guint64, n++) = g_array_index (edges, guint64, i);
  g_array_set_size (edges, n);
  return edges;
}

static guint64
to_ns (double value, double ns_per_unit)
{
  double ns = value * ns_per_unit;

  return !(ns > 0) ? 0 : ns >= (double) G_MAXINT64 ? GLOW_BUCKETS_INFINITE : (guint64) llround (ns);
}

static void
add_edge (GArray *edges, guint64 edge)
{
  guint64 last = edges->len > 0 ? g_array_index (edges, guint64, edges->len - 1) : 0;

  if (edges->len == 0 || edge > last)
    g_array_append_val (edges, edge);
}

/* Edges of rows: those of the buckets, without those that are closer to the one below than can be told apart. */
static GArray *
lay_rows (const GlowHistogram *all)
{
  GArray *edges = g_array_new (FALSE, FALSE, sizeof (guint64));
  double least = pow (10, 1.0 / ROWS_A_DECADE);

  for (guint i = 0; i < all->buckets->len; i++)
    {
      const GlowNativeBucket *bucket = &g_array_index (all->buckets, GlowNativeBucket, i);
      guint64 low = to_ns (bucket->lower, all->ns_per_unit), high = to_ns (bucket->upper, all->ns_per_unit);
      guint64 last = edges->len > 0 ? g_array_index (edges, guint64, edges->len - 1) : 0;

      if (high == 0)
        continue;
      if (edges->len == 0 || (double) low > (double) last * least)
        add_edge (edges, low);
      last = g_array_index (edges, guint64, edges->len - 1);
      if ((double) high >= (double) last * least || i + 1 == all->buckets->len)
        add_edge (edges, high);
    }
  return edges;
}

/* The row or column that holds @at: the last edge at or below it. */
static guint
find (const guint64 *edges, guint n, guint64 at)
{
  guint lower = 0, upper = n;

  while (lower + 1 < upper)
    {
      guint middle = lower + (upper - lower) / 2;

      if (edges[middle] <= at)
        lower = middle;
      else
        upper = middle;
    }
  return lower;
}

static void
add_cell (GlowLatencyMap *map, guint column, guint row, double count)
{
  double before = glow_latency_map_get (map, column, row);

  glow_latency_map_set (map, column, row, (isnan (before) ? 0 : before) + count);
}

static void
add_interval (GlowLatencyMap *map, const GlowHistogramInterval *interval, double ns_per_unit, gint64 offset)
{
  guint64 from = to_clock (interval->from, offset), to = to_clock (interval->to, offset);

  for (guint column = find (map->time, map->n_columns, from); column < map->n_columns && map->time[column] < to; column++)
    {
      guint64 first = MAX (from, map->time[column]), last = MIN (to, map->time[column + 1]);
      double share = last > first && to > from ? (double) (last - first) / (double) (to - from) : 0;

      if (share <= 0)
        continue;
      /* It was looked at: what is not counted is 0. */
      for (guint row = 0; row < map->n_rows; row++)
        add_cell (map, column, row, 0);
      for (guint i = 0; i < interval->buckets->len; i++)
        {
          const GlowNativeBucket *bucket = &g_array_index (interval->buckets, GlowNativeBucket, i);
          guint64 high = to_ns (bucket->upper, ns_per_unit), inside = high == GLOW_BUCKETS_INFINITE ? high - 1 : MAX (high, 1) - 1;

          if (bucket->count > 0)
            add_cell (map, column, find (map->bound, map->n_rows, inside), bucket->count * share);
        }
    }
}

GlowLatencyMap *
glow_histograms_compute_map (GPtrArray *series, gint64 wall_clock_offset)
{
  g_autoptr(GArray) columns = lay_columns (series, wall_clock_offset), rows = NULL;
  g_autoptr(GlowHistogram) all = NULL;
  GlowLatencyMap *map;

  if (columns->len < 2)
    return NULL;
  all = glow_histogram_new_sum (series, GLOW_TIME_UNKNOWN, GLOW_TIME_UNKNOWN);
  rows = lay_rows (all);
  if (rows->len < 2)
    return NULL;
  map = glow_latency_map_new ((const guint64 *) columns->data, columns->len - 1, (const guint64 *) rows->data, rows->len - 1);
  for (guint c = 0; c < map->n_columns; c++)
    for (guint r = 0; r < map->n_rows; r++)
      glow_latency_map_set (map, c, r, NAN);
  for (guint i = 0; i < series->len; i++)
    {
      const GlowHistogramSeries *one = g_ptr_array_index (series, i);

      for (guint k = 0; k < one->intervals->len; k++)
        if (has_times (g_ptr_array_index (one->intervals, k)))
          add_interval (map, g_ptr_array_index (one->intervals, k), one->ns_per_unit, wall_clock_offset);
    }
  return map;
}
