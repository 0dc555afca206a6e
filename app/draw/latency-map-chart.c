/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A map of latencies over time as cells. It knows nothing of where the counts come from. */
#include <config.h>

#include "draw/heat-private.h"

#include <afterglow/latency-map-chart.h>

#include <math.h>
#include <stdlib.h>

/* ---- geometry ---- */

static int
compare_ratios (const void *a, const void *b)
{
  double left = *(const double *) a, right = *(const double *) b;

  return left < right ? -1 : left > right;
}

void
glow_latency_map_view_fit (GlowLatencyMapView *view, const GlowLatencyMap *map)
{
  g_autofree double *ratios = g_new (double, map->n_rows + 1);
  double ratio = 2, low = 0, high = 0;
  guint n = 0;

  for (guint r = 0; r < map->n_rows; r++)
    if (map->bound[r] > 0 && map->bound[r + 1] != GLOW_BUCKETS_INFINITE && map->bound[r + 1] > map->bound[r])
      ratios[n++] = (double) map->bound[r + 1] / (double) map->bound[r];
  if (n > 0)
    {
      qsort (ratios, n, sizeof (double), compare_ratios);
      ratio = ratios[n / 2];
    }
  for (guint r = 0; r <= map->n_rows; r++)
    if (map->bound[r] > 0 && map->bound[r] != GLOW_BUCKETS_INFINITE)
      {
        low = low > 0 ? low : (double) map->bound[r];
        high = (double) map->bound[r];
      }
  if (low <= 0)
    low = high = 1;            /* one bucket for everything */
  if (map->bound[0] == 0)
    low /= ratio;
  if (map->bound[map->n_rows] == GLOW_BUCKETS_INFINITE)
    high *= ratio;
  view->low = (guint64) MAX (floor (low), 1);
  view->high = high >= 1.8e19 ? GLOW_BUCKETS_INFINITE : MAX ((guint64) ceil (high), view->low + 1);
}

double
glow_latency_map_view_x (const GlowLatencyMapView *view, guint64 time)
{
  double by = time >= view->from ? (double) (time - view->from) : -(double) (view->from - time);

  return by * view->width / MAX ((double) (view->to - view->from), 1);
}

double
glow_latency_map_view_y (const GlowLatencyMapView *view, guint64 duration)
{
  double low = (double) view->low, high = (double) view->high;

  if (duration <= view->low)
    return view->height;
  if (duration >= view->high)
    return 0;
  return view->height * (1 - log ((double) duration / low) / log (high / low));
}

void
glow_latency_map_view_cell_at (const GlowLatencyMapView *view, const GlowLatencyMap *map, double x, double y, guint *column, guint *row)
{
  guint lower = 0, upper = map->n_columns;

  while (lower + 1 < upper)
    {
      guint middle = (lower + upper) / 2;

      if (glow_latency_map_view_x (view, map->time[middle]) <= x)
        lower = middle;
      else
        upper = middle;
    }
  *column = lower;
  lower = 0;
  upper = map->n_rows;
  while (lower + 1 < upper)
    {
      guint middle = (lower + upper) / 2;

      if (glow_latency_map_view_y (view, map->bound[middle]) > y)
        lower = middle;
      else
        upper = middle;
    }
  *row = lower;
}

GArray *
glow_latency_map_view_dup_ticks (const GlowLatencyMapView *view, guint most)
{
  static const guint parts[][3] = { { 1, 2, 5 }, { 1, 0, 0 } };
  GArray *ticks = g_array_new (FALSE, FALSE, sizeof (guint64));

  for (guint p = 0; p < G_N_ELEMENTS (parts); p++)
    {
      g_array_set_size (ticks, 0);
      for (guint64 decade = 1; decade <= view->high; decade *= 10)
        {
          for (guint i = 0; i < 3 && parts[p][i] > 0; i++)
            {
              guint64 tick = decade > G_MAXUINT64 / parts[p][i] ? G_MAXUINT64 : decade * parts[p][i];

              if (tick >= view->low && tick <= view->high)
                g_array_append_val (ticks, tick);
            }
          if (decade > G_MAXUINT64 / 10)
            break;
        }
      if (ticks->len <= most)
        return ticks;
    }
  /* Every second decade, every third … */
  for (guint keep = 2; ticks->len > MAX (most, 1) && keep < 20; keep++)
    {
      guint n = 0;

      for (guint i = 0; i < ticks->len; i += keep)
        n++;
      if (n > MAX (most, 1))
        continue;
      n = 0;
      for (guint i = 0; i < ticks->len; i += keep)
        g_array_index (ticks, guint64, n++) = g_array_index (ticks, guint64, i);
      g_array_set_size (ticks, n);
    }
  return ticks;
}

/* ---- painting ---- */

typedef struct { double x, y, width, height; } Cell;

static Cell
cell_of (const GlowLatencyMap *map, const GlowLatencyMapView *view, guint column, guint row)
{
  double left = glow_latency_map_view_x (view, map->time[column]), right = glow_latency_map_view_x (view, map->time[column + 1]);
  double foot = glow_latency_map_view_y (view, map->bound[row]), head = glow_latency_map_view_y (view, map->bound[row + 1]);
  Cell cell = { left, head, right - left, foot - head };

  if (cell.width > 6)
    cell.width -= 1;
  if (cell.height > 5)
    cell.height -= 1;
  return cell;
}

static void
cross_out (const GlowLatencyMap *map, const GlowLatencyMapView *view, cairo_t *cr, GlowTheme theme, guint first, guint last)
{
  gboolean dark = theme == GLOW_THEME_DARK || theme == GLOW_THEME_DARK_CONTRAST, any = FALSE;

  for (guint c = first; c < last; c++)
    for (guint r = 0; r < map->n_rows; r++)
      if (isnan (map->count[(gsize) c * map->n_rows + r]))
        {
          Cell cell = cell_of (map, view, c, r);

          cairo_move_to (cr, cell.x, cell.y + cell.height);
          cairo_line_to (cr, cell.x + cell.width, cell.y);
          any = TRUE;
        }
  if (!any)
    return;
  cairo_set_source_rgba (cr, dark ? 1 : 0, dark ? 1 : 0, dark ? 1 : 0, 0.25);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

void
glow_latency_map_paint (const GlowLatencyMap *map, const GlowLatencyMapView *view, cairo_t *cr, GlowTheme theme)
{
  guint first = 0, last = map->n_columns;
  g_autofree guint8 *shades = NULL;

  while (first < last && glow_latency_map_view_x (view, map->time[first + 1]) < 0)
    first++;
  while (last > first && glow_latency_map_view_x (view, map->time[last - 1]) > view->width)
    last--;
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, view->width, view->height);
  cairo_clip (cr);
  cross_out (map, view, cr, theme, first, last);
  shades = g_new (guint8, (gsize) (last - first) * map->n_rows + 1);
  for (gsize i = 0; i < (gsize) (last - first) * map->n_rows; i++)
    shades[i] = (guint8) glow_heat_shade (map->count[(gsize) first * map->n_rows + i], map->largest);
  for (guint shade = 1; shade <= GLOW_HEAT_SHADES && map->largest > 0; shade++)
    {
      gboolean any = FALSE;

      for (guint c = first; c < last; c++)
        for (guint r = 0; r < map->n_rows; r++)
          if (shades[(gsize) (c - first) * map->n_rows + r] == shade)
            {
              Cell cell = cell_of (map, view, c, r);

              cairo_rectangle (cr, cell.x, cell.y, MAX (cell.width, 0.5), MAX (cell.height, 0.5));
              any = TRUE;
            }
      if (!any)
        continue;
      glow_heat_set_color (cr, theme, (shade - 1.0) / (GLOW_HEAT_SHADES - 1));
      cairo_fill (cr);
    }
  cairo_restore (cr);
}
