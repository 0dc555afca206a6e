/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples over time as a map of small cells, or as a line of their rate. Geometry and counts first, from a density that answers for any
 * interval; then painting, whose cost is the cells that can be seen. */
#include <config.h>

#include "draw/heat-private.h"

#include <afterglow/change-points.h>
#include <afterglow/heat-map.h>

#include <math.h>

#define SECOND G_GUINT64_CONSTANT (1000000000)
#define NARROWEST 5.0          /* pixels of a column */
#define SECOND_NARROWEST 3.0   /* columns of a second may be narrower: people know what they are looking at */
#define SECOND_WIDEST 24.0
#define LOWEST 4.0             /* pixels of a row */
#define SAMPLES_A_CELL 1.5     /* on average, where rows are chosen by the rate */

/* 1, 2, 5, 10, … ns: the least step whose columns are wide enough. */
guint64
glow_heat_map_choose_column (const GlowHeatMapOptions *options)
{
  double pixels = options->width / MAX ((double) (options->to - options->from), 1);
  guint64 step = 1;

  if (pixels * SECOND >= SECOND_NARROWEST && pixels * SECOND <= SECOND_WIDEST)
    return SECOND;
  for (guint i = 0; step * pixels < NARROWEST && step < G_MAXUINT64 / 10; i++)
    step = i % 3 == 1 ? step / 2 * 5 : step * 2;
  return step;
}

static guint
choose_rows (const GlowHeatMapOptions *options, GlowDensity *density, guint64 column)
{
  static const guint whole[] = { 50, 40, 25, 20, 10, 8, 5, 4, 2 };
  double duration = (double) (glow_density_get_to (density) - glow_density_get_from (density)) + 1;
  double a_column = glow_density_get_n (density) / duration * column;

  for (guint i = 0; i < G_N_ELEMENTS (whole); i++)
    if (options->height / whole[i] >= LOWEST && column % whole[i] == 0 && (options->rows == whole[i] || (options->rows == 0 && a_column / whole[i] >= SAMPLES_A_CELL)))
      return whole[i];
  return 1;
}

GlowHeatMap *
glow_heat_map_compute (GlowDensity *density, const GlowHeatMapOptions *options)
{
  GlowHeatMap *self = g_new0 (GlowHeatMap, 1);
  guint64 start = glow_density_get_from (density), from = MAX (options->from, start);

  self->options = *options;
  self->column = glow_heat_map_choose_column (options);
  self->n_rows = choose_rows (options, density, self->column);
  self->first = start + (from - start) / self->column * self->column;
  self->n_columns = (options->to - MIN (options->to, self->first)) / self->column + 1;
  self->counts = g_new (guint32, (gsize) self->n_columns * self->n_rows);
  self->largest = glow_density_count (density, self->first, self->column / self->n_rows, self->n_columns * self->n_rows, self->counts);
  return self;
}

void
glow_heat_map_free (GlowHeatMap *self)
{
  g_free (self->counts);
  g_free (self);
}

static double
pixels_a_ns (const GlowHeatMap *self)
{
  return self->options.width / MAX ((double) (self->options.to - self->options.from), 1);
}

double
glow_heat_map_x (const GlowHeatMap *self, guint64 time)
{
  double by = time >= self->options.from ? (double) (time - self->options.from) : -(double) (self->options.from - time);

  return by * pixels_a_ns (self);
}

guint
glow_heat_map_column_at (const GlowHeatMap *self, double x)
{
  double column = floor ((x - glow_heat_map_x (self, self->first)) / (self->column * pixels_a_ns (self)));

  return (guint) CLAMP (column, 0, self->n_columns - 1.0);
}

guint32
glow_heat_map_column_count (const GlowHeatMap *self, guint column)
{
  guint64 sum = 0;

  for (guint r = 0; r < self->n_rows; r++)
    sum += self->counts[(gsize) column * self->n_rows + r];
  return MIN (sum, G_MAXUINT32);
}

/* The segment of the columns' counts, by where their level changes (change-points.h), that holds the column. O(columns²) */
void
glow_heat_map_find_period (const GlowHeatMap *self, guint column, guint *first, guint *last)
{
  g_autofree double *counts = g_new (double, self->n_columns + 1);
  g_autofree guint *starts = NULL;
  guint n;

  for (guint c = 0; c < self->n_columns; c++)
    counts[c] = glow_heat_map_column_count (self, c);
  starts = glow_change_points_find (counts, self->n_columns, &n);
  while (n > 1 && starts[n - 1] > column)
    n--;
  *first = starts[n - 1];
  *last = starts[n] - 1;
}

static void
paint_cells (const GlowHeatMap *self, cairo_t *cr, GlowTheme theme)
{
  double width = self->column * pixels_a_ns (self), height = self->options.height / self->n_rows, x0 = glow_heat_map_x (self, self->first);
  double gap_x = width > 6 ? 1 : 0, gap_y = height > 5 ? 1 : 0;
  gsize n = (gsize) self->n_columns * self->n_rows;
  g_autofree guint8 *shades = g_new (guint8, n);

  for (gsize i = 0; i < n; i++)
    shades[i] = (guint8) glow_heat_shade (self->counts[i], self->largest);
  for (guint shade = 1; shade <= GLOW_HEAT_SHADES; shade++)
    {
      gboolean any = FALSE;

      for (guint c = 0; c < self->n_columns; c++)
        for (guint r = 0; r < self->n_rows; r++)
          {
            if (shades[(gsize) c * self->n_rows + r] != shade)
              continue;
            cairo_rectangle (cr, x0 + c * width, self->options.height - (r + 1) * height, width - gap_x, height - gap_y);
            any = TRUE;
          }
      if (!any)
        continue;
      glow_heat_set_color (cr, theme, (shade - 1.0) / (GLOW_HEAT_SHADES - 1));
      cairo_fill (cr);
    }
}

static void
paint_rate (const GlowHeatMap *self, cairo_t *cr, GlowTheme theme)
{
  double width = self->column * pixels_a_ns (self), x0 = glow_heat_map_x (self, self->first), height = self->options.height - 2;
  guint32 largest = 1;

  for (guint c = 0; c < self->n_columns; c++)
    largest = MAX (largest, glow_heat_map_column_count (self, c));
  cairo_move_to (cr, x0, self->options.height);
  for (guint c = 0; c < self->n_columns; c++)
    {
      double y = self->options.height - height * glow_heat_map_column_count (self, c) / largest;

      cairo_line_to (cr, x0 + c * width, y);
      cairo_line_to (cr, x0 + (c + 1) * width, y);
    }
  cairo_line_to (cr, x0 + self->n_columns * width, self->options.height);
  cairo_close_path (cr);
  glow_heat_set_color (cr, theme, 0.45);
  cairo_fill_preserve (cr);
  glow_heat_set_color (cr, theme, 0.75);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

void
glow_heat_map_paint (const GlowHeatMap *self, cairo_t *cr, GlowTheme theme, GlowStripStyle style)
{
  if (self->largest == 0)
    return;
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, self->options.width, self->options.height);
  cairo_clip (cr);
  if (style == GLOW_STRIP_HEAT)
    paint_cells (self, cr, theme);
  else
    paint_rate (self, cr, theme);
  cairo_restore (cr);
}
