/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histograms as pictures. A scene of rectangles, lines and words is laid out once; SVG and cairo both draw that scene. */
#include <config.h>

#include "draw/picture-private.h"
#include "draw/svg-text-private.h"

#include <afterglow/duration-chart.h>
#include <afterglow/latency-picture.h>
#include <afterglow/text.h>
#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define MARGIN 12.0
#define LEFT 64.0
#define TOP 62.0
#define HEADING 34.0
#define PLOT 170.0
#define AXIS 30.0
#define TEXT_SIZE 11.5
#define END_FACTOR 2.5         /* how far, on a logarithmic axis, a bucket without an end is drawn */

/* ---- panels ---- */

typedef struct { double lower, upper, value, other; char *words; } Bar;      /* value: count, or share where there is another */
typedef struct { double at, low, high; char *label, *words; } Line;

typedef struct {
  char *title;
  GArray *bars;                /* of Bar */
  GArray *lines;               /* of Line */
  gboolean is_linear, is_share, has_other;
  double ns_per_unit;          /* of the axis; 0: @unit */
  const char *unit;
} Panel;

struct _GlowLatencyPicture { GPtrArray *panels; };

static void
clear_bar (gpointer bar)
{
  g_free (((Bar *) bar)->words);
}

static void
clear_line (gpointer line)
{
  g_free (((Line *) line)->label);
  g_free (((Line *) line)->words);
}

static void
panel_free (gpointer data)
{
  Panel *panel = data;

  g_free (panel->title);
  g_array_unref (panel->bars);
  g_array_unref (panel->lines);
  g_free (panel);
}

static Panel *
add_panel (GlowLatencyPicture *self, double ns_per_unit, const char *unit)
{
  Panel *panel = g_new0 (Panel, 1);

  panel->bars = g_array_new (FALSE, FALSE, sizeof (Bar));
  g_array_set_clear_func (panel->bars, clear_bar);
  panel->lines = g_array_new (FALSE, FALSE, sizeof (Line));
  g_array_set_clear_func (panel->lines, clear_line);
  panel->ns_per_unit = ns_per_unit;
  panel->unit = unit;
  g_ptr_array_add (self->panels, panel);
  return panel;
}

GlowLatencyPicture *
glow_latency_picture_new (void)
{
  GlowLatencyPicture *self = g_new0 (GlowLatencyPicture, 1);

  self->panels = g_ptr_array_new_with_free_func (panel_free);
  return self;
}

void
glow_latency_picture_free (GlowLatencyPicture *self)
{
  g_ptr_array_unref (self->panels);
  g_free (self);
}

guint
glow_latency_picture_get_n (const GlowLatencyPicture *self)
{
  return self->panels->len;
}

static char *
dup_value (const Panel *panel, double value)
{
  if (isinf (value))
    return g_strdup (value < 0 ? "−∞" : "+Inf");
  if (panel->ns_per_unit > 0)
    return glow_text_duration (MAX (value, 0) * panel->ns_per_unit);
  return g_strdup_printf (panel->unit[0] != '\0' ? "%.4g\xe2\x80\x89%s" : "%.4g%s", value, panel->unit);
}

static void
add_bar (Panel *panel, double lower, double upper, double value, double other, double count, double all)
{
  g_autofree char *low = dup_value (panel, lower), *high = dup_value (panel, upper), *share = glow_text_share (count / MAX (all, 1));
  g_autofree char *number = glow_text_count ((guint64) llround (CLAMP (count, 0, 9e18)));
  Bar bar = { lower, upper, value, other, NULL };

  bar.words = g_strdup_printf (_("%s to %s: %s, %s"), low, high, number, share);
  if (panel->has_other)
    {
      g_autofree char *theirs = glow_text_share (other), *ours = g_steal_pointer (&bar.words);

      bar.words = g_strdup_printf (_("%s of the spans, %s of the service's"), ours, theirs);
    }
  g_array_append_val (panel->bars, bar);
}

static void
add_line (Panel *panel, double q, double at, double low, double high, gboolean is_bucket)
{
  g_autofree char *name = glow_quantile_dup_label (q), *value = dup_value (panel, at), *from = dup_value (panel, low), *to = dup_value (panel, high);
  Line line = { at, low, high, g_strdup_printf ("%s %s", name, value), NULL };

  line.words = is_bucket ? g_strdup_printf (_("%s: %s, in a bucket of %s to %s"), name, value, from, to)
                         : g_strdup_printf (_("%s: %s (95 %%: %s to %s)"), name, value, from, to);
  g_array_append_val (panel->lines, line);
}

static void
add_exact_lines (Panel *panel, const GlowLatency *latency)
{
  for (guint i = 0; i + 1 < GLOW_LATENCY_QUANTILES; i++)
    if (latency->quantiles[i].has_value && latency->quantiles[i].is_known)
      add_line (panel, latency->quantiles[i].q, (double) latency->quantiles[i].value_ns, (double) latency->quantiles[i].low_ns,
                (double) latency->quantiles[i].high_ns, FALSE);
}

static char *
dup_spans_title (const GlowLatency *latency)
{
  const GlowSpanChoice *choice = latency->choice;
  g_autofree char *count = glow_text_count (choice->n_base), *cut = glow_text_count (latency->n_censored);
  g_autofree char *title = g_strdup_printf (ngettext ("%s: %s span", "%s: %s spans", choice->n_base), choice->spans->kind->label, count);

  if (latency->n_censored == 0)
    return g_steal_pointer (&title);
  return g_strdup_printf (_("%s, %s more cut by the recording's edges"), title, cut);
}

/* Every bucket between the first and the last, as they are; else bars as fine as a panel has room for. */
void
glow_latency_picture_add_latency (GlowLatencyPicture *self, const GlowLatency *latency, const GlowBuckets *buckets)
{
  const GlowSpanChoice *choice = latency->choice;
  Panel *panel;

  if (choice->n_base == 0)
    return;
  panel = add_panel (self, 1, "ns");
  panel->title = dup_spans_title (latency);
  if (buckets != NULL)
    {
      g_autoptr(GArray) rows = glow_buckets_count (buckets, choice->sorted, choice->n_base, TRUE);

      panel->is_linear = buckets->kind == GLOW_BUCKETS_LINEAR;
      for (guint i = 0; i < rows->len; i++)
        {
          const GlowBucketRow *row = &g_array_index (rows, GlowBucketRow, i);

          add_bar (panel, (double) row->lower_ns, row->upper_ns == GLOW_BUCKETS_INFINITE ? INFINITY : (double) row->upper_ns, (double) row->count, 0,
                   (double) row->count, (double) choice->n_base);
        }
    }
  else
    {
      GlowDurationChartOptions options = { .width = 780, .height = PLOT, .bars = GLOW_BARS_LOG };
      g_autoptr(GlowDurationChart) chart = glow_duration_chart_compute (latency, &options);

      for (guint i = 0; i < chart->bars->len; i++)
        {
          const GlowDurationBar *bar = &g_array_index (chart->bars, GlowDurationBar, i);

          add_bar (panel, (double) bar->low, (double) bar->high, (double) bar->count, 0, (double) bar->count, (double) choice->n_base);
        }
    }
  add_exact_lines (panel, latency);
}

void
glow_latency_picture_add_histogram (GlowLatencyPicture *self, const char *name, const GlowHistogram *histogram, gboolean is_exponential)
{
  static const double wanted[] = { 0.5, 0.9, 0.99, 0.999 };
  g_autofree char *count = glow_text_count ((guint64) llround (CLAMP (histogram->count, 0, 9e18)));
  gboolean any = FALSE;
  guint last = histogram->buckets->len;
  Panel *panel = add_panel (self, histogram->ns_per_unit, histogram->unit);

  panel->title = g_strdup_printf (_("%s: %s observations"), name[0] != '\0' ? name : _("all"), count);
  while (last > 0 && g_array_index (histogram->buckets, GlowNativeBucket, last - 1).count <= 0)
    last--;
  for (guint i = 0; i < last; i++)
    {
      const GlowNativeBucket *bucket = &g_array_index (histogram->buckets, GlowNativeBucket, i);

      /* Empty ones before the first that holds something say nothing. */
      any |= bucket->count > 0;
      if (any)
        add_bar (panel, bucket->lower, bucket->upper, bucket->count, 0, bucket->count, histogram->count);
      panel->is_linear |= any && bucket->count > 0 && isfinite (bucket->lower) && bucket->lower < 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      GlowPrometheusQuantile quantile = glow_histogram_get_quantile (histogram, wanted[i], is_exponential);

      if (isfinite (quantile.value))
        add_line (panel, wanted[i], quantile.value, quantile.low, quantile.high, TRUE);
    }
}

void
glow_latency_picture_add_comparison (GlowLatencyPicture *self, const GlowLatency *latency, const GlowHistogramComparison *comparison)
{
  Panel *panel = add_panel (self, 1, "ns");
  g_autofree char *spans = dup_spans_title (latency), *count = glow_text_count ((guint64) llround (CLAMP (comparison->n_server, 0, 9e18)));
  guint first = 0, last = comparison->buckets->len;

  panel->is_share = panel->has_other = TRUE;
  panel->title = g_strdup_printf (_("%s (filled); %s: %s observations (outline)"), spans, comparison->server->name, count);
#define BUCKET(i) g_array_index (comparison->buckets, GlowComparedBucket, i)
  while (first < last && BUCKET (first).spans + BUCKET (first).server <= 0)
    first++;
  while (last > first && BUCKET (last - 1).spans + BUCKET (last - 1).server <= 0)
    last--;
  for (guint i = first; i < last; i++)
    add_bar (panel, MAX (BUCKET (i).lower, 0), BUCKET (i).upper, BUCKET (i).spans / MAX (comparison->n_spans, 1),
             BUCKET (i).server / MAX (comparison->n_server, 1), BUCKET (i).spans, comparison->n_spans);
#undef BUCKET
  add_exact_lines (panel, latency);
}

/* ---- the scene ---- */

typedef enum { INK, FAINT, BAR, OTHER, CURVE, QUANTILE, BAND, GRID, N_COLORS } ColorName;
typedef enum { FILL, STROKE, TEXT } ItemKind;

typedef struct {
  ItemKind kind;
  ColorName color;
  GArray *points;              /* of double, x and y: a path; of text: its anchor */
  double align, size;
  gboolean bold, dashed;
  char *text, *title;
} Item;

typedef struct {
  double width, height;
  GArray *items;               /* of Item */
  gboolean dark;
} Scene;

static void
clear_item (gpointer data)
{
  Item *item = data;

  g_array_unref (item->points);
  g_free (item->text);
  g_free (item->title);
}

static Item *
add_item (Scene *scene, ItemKind kind, ColorName color, const double *points, guint n)
{
  Item item = { .kind = kind, .color = color, .points = g_array_new (FALSE, FALSE, sizeof (double)), .size = TEXT_SIZE };

  g_array_append_vals (item.points, points, n);
  g_array_append_val (scene->items, item);
  return &g_array_index (scene->items, Item, scene->items->len - 1);
}

static void
add_text (Scene *scene, double x, double y, double align, double size, gboolean bold, ColorName color, const char *text)
{
  Item *item = add_item (scene, TEXT, color, (double[]) { x, y }, 2);

  item->align = align;
  item->size = size;
  item->bold = bold;
  item->text = g_utf8_make_valid (text, -1);
}

static Item *
add_rectangle (Scene *scene, ColorName color, double x, double y, double width, double height)
{
  return add_item (scene, FILL, color, (double[]) { x, y, x + width, y, x + width, y + height, x, y + height, x, y }, 10);
}

typedef struct { double low, high, left, width; gboolean is_linear; } Scale;

static double
to_x (const Scale *scale, double value)
{
  double share = scale->is_linear ? (value - scale->low) / (scale->high - scale->low)
                                  : value <= scale->low ? 0 : log (value / scale->low) / log (scale->high / scale->low);

  return scale->left + CLAMP (share, 0, 1) * scale->width;
}

/* Buckets that reach to 0 or have no end get as much room as a middle one. */
static void
fit (Scale *scale, const Panel *panel)
{
  scale->low = INFINITY;
  scale->high = -INFINITY;
  for (guint i = 0; i < panel->bars->len; i++)
    {
      const Bar *bar = &g_array_index (panel->bars, Bar, i);
      const double ends[] = { bar->lower, bar->upper };

      for (guint e = 0; e < 2; e++)
        if (isfinite (ends[e]) && (panel->is_linear || ends[e] > 0))
          {
            scale->low = MIN (scale->low, ends[e]);
            scale->high = MAX (scale->high, ends[e]);
          }
    }
  for (guint i = 0; i < panel->lines->len && isfinite (scale->low); i++)
    {
      double at = g_array_index (panel->lines, Line, i).at;

      if (panel->is_linear || at > 0)
        {
          scale->low = MIN (scale->low, at / (panel->is_linear ? 1 : 1.2));
          scale->high = MAX (scale->high, at * (panel->is_linear ? 1 : 1.2));
        }
    }
  scale->is_linear = panel->is_linear;
  if (!isfinite (scale->low))
    {
      scale->low = 1;
      scale->high = 10;
    }
  if (!panel->is_linear && panel->bars->len > 0 && g_array_index (panel->bars, Bar, 0).lower <= 0
      && g_array_index (panel->bars, Bar, 0).upper / END_FACTOR < scale->low)
    scale->low = g_array_index (panel->bars, Bar, 0).upper > 0 ? g_array_index (panel->bars, Bar, 0).upper / END_FACTOR : scale->low / END_FACTOR;
  if (panel->bars->len > 0 && isinf (g_array_index (panel->bars, Bar, panel->bars->len - 1).upper))
    {
      double last = g_array_index (panel->bars, Bar, panel->bars->len - 1).lower;

      scale->high = MAX (scale->high, panel->is_linear ? last + (scale->high - scale->low) / 10 : last * END_FACTOR);
    }
  if (scale->high <= scale->low)
    scale->high = panel->is_linear ? scale->low + 1 : scale->low * 10;
}

static double
end_x (const Scale *scale, double end)
{
  return isinf (end) ? end < 0 ? scale->left : scale->left + scale->width : to_x (scale, end);
}

static double
largest_of (const Panel *panel)
{
  double largest = 0;

  for (guint i = 0; i < panel->bars->len; i++)
    largest = MAX (largest, MAX (g_array_index (panel->bars, Bar, i).value, g_array_index (panel->bars, Bar, i).other));
  return MAX (largest, 1e-300);
}

static void
lay_bars (Scene *scene, const Panel *panel, const Scale *scale, double top)
{
  double largest = largest_of (panel);

  for (guint i = 0; i < panel->bars->len; i++)
    {
      const Bar *bar = &g_array_index (panel->bars, Bar, i);
      double x0 = end_x (scale, bar->lower), x1 = end_x (scale, bar->upper), gap = x1 - x0 > 4 ? 1 : 0;
      double height = bar->value > 0 ? MAX (bar->value / largest * PLOT, 1) : 0, other = bar->other / largest * PLOT;

      if (height > 0)
        add_rectangle (scene, BAR, x0, top + PLOT - height, MAX (x1 - x0 - gap, 0.5), height)->title = g_strdup (bar->words);
      if (panel->has_other)
        add_item (scene, STROKE, OTHER, (double[]) { x0, top + PLOT, x0, top + PLOT - other, x1 - gap, top + PLOT - other, x1 - gap, top + PLOT }, 8)->title = g_strdup (bar->words);
    }
}

static void
lay_curve (Scene *scene, const Panel *panel, const Scale *scale, double top)
{
  g_autoptr(GArray) points = g_array_new (FALSE, FALSE, sizeof (double));
  double all = 0, sum = 0;

  for (guint i = 0; i < panel->bars->len; i++)
    all += g_array_index (panel->bars, Bar, i).value;
  for (guint i = 0; i < panel->bars->len; i++)
    {
      const Bar *bar = &g_array_index (panel->bars, Bar, i);
      double x = end_x (scale, bar->lower), y = top + PLOT - sum / MAX (all, 1e-300) * PLOT;

      if (i == 0)
        {
          g_array_append_val (points, x);
          g_array_append_val (points, y);
        }
      sum += bar->value;
      x = end_x (scale, bar->upper);
      y = top + PLOT - sum / MAX (all, 1e-300) * PLOT;
      g_array_append_val (points, x);
      g_array_append_val (points, y);
    }
  add_item (scene, STROKE, CURVE, (double *) points->data, points->len)->title = g_strdup (_("share of all that are no longer"));
}

/* Labels stand over their lines, one above the other where they would touch. */
static void
lay_lines (Scene *scene, const Panel *panel, const Scale *scale, double top)
{
  double ends[2] = { -INFINITY, -INFINITY };

  for (guint i = 0; i < panel->lines->len; i++)
    {
      const Line *line = &g_array_index (panel->lines, Line, i);
      double x = floor (to_x (scale, line->at)) + 0.5, low = end_x (scale, line->low), high = end_x (scale, line->high);
      double half = 3.6 * g_utf8_strlen (line->label, -1), at = CLAMP (x, scale->left + half, scale->left + scale->width - half);
      guint row = at - half > ends[0] ? 0 : at - half > ends[1] ? 1 : 0;
      Item *item;

      add_rectangle (scene, BAND, low, top, MAX (high - low, 1), PLOT)->title = g_strdup (line->words);
      item = add_item (scene, STROKE, QUANTILE, (double[]) { x, top, x, top + PLOT }, 4);
      item->dashed = TRUE;
      item->title = g_strdup (line->words);
      if (at - half > ends[row])
        {
          add_text (scene, at, top - 3 - 12.5 * row, 0.5, 10.5, FALSE, QUANTILE, line->label);
          ends[row] = at + half + 4;
        }
    }
}

static void
lay_axis (Scene *scene, const Panel *panel, const Scale *scale, double top)
{
  static const double parts[] = { 1, 2, 5 };
  double last = -INFINITY;

  add_item (scene, STROKE, FAINT, (double[]) { scale->left, top + PLOT + 0.5, scale->left + scale->width, top + PLOT + 0.5 }, 4);
  if (scale->is_linear)
    {
      double raw = (scale->high - scale->low) / 8, decade = pow (10, floor (log10 (raw)));
      double step = raw / decade <= 1 ? decade : raw / decade <= 2 ? 2 * decade : raw / decade <= 5 ? 5 * decade : 10 * decade;

      for (double tick = ceil (scale->low / step) * step; tick <= scale->high && tick + step > tick; tick += step)
        {
          g_autofree char *label = dup_value (panel, tick);

          add_text (scene, to_x (scale, tick), top + PLOT + 15, 0.5, TEXT_SIZE, FALSE, FAINT, label);
        }
      return;
    }
  /* Powers of ten first, so that they are the ones that have room. */
  for (double decade = pow (10, floor (log10 (scale->low))); decade <= scale->high; decade *= 10)
    for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
      {
        double tick = decade * parts[i], x = to_x (scale, tick);
        g_autofree char *label = dup_value (panel, tick);

        if (tick < scale->low || tick > scale->high)
          continue;
        add_item (scene, STROKE, GRID, (double[]) { x, top, x, top + PLOT }, 4);
        if (x - last < 62 || (i > 0 && to_x (scale, decade * 10) - x < 62 && decade * 10 <= scale->high))
          continue;
        add_text (scene, x, top + PLOT + 15, 0.5, TEXT_SIZE, FALSE, FAINT, label);
        last = x;
      }
}

static void
lay_panel (Scene *scene, const Panel *panel, double y)
{
  Scale scale = { .left = MARGIN + LEFT, .width = scene->width - 2 * MARGIN - LEFT };
  double top = y + HEADING + 14, largest = largest_of (panel);
  g_autofree char *most = panel->is_share ? glow_text_share (largest) : glow_text_count ((guint64) llround (CLAMP (largest, 0, 9e18)));

  fit (&scale, panel);
  add_text (scene, MARGIN, y + 12, 0, 13, TRUE, INK, panel->title);
  lay_axis (scene, panel, &scale, top);
  lay_bars (scene, panel, &scale, top);
  lay_curve (scene, panel, &scale, top);
  lay_lines (scene, panel, &scale, top);
  add_text (scene, MARGIN + LEFT - 6, top + 9, 1, TEXT_SIZE, FALSE, FAINT, most);
  add_text (scene, MARGIN + LEFT - 6, top + PLOT, 1, TEXT_SIZE, FALSE, FAINT, "0");
}

static void
lay_scene (Scene *scene, const GlowLatencyPicture *self, const GlowLatencyPictureOptions *options)
{
  scene->width = options->width > 0 ? MAX (options->width, 300) : 900;
  scene->height = TOP + self->panels->len * (HEADING + 14 + PLOT + AXIS) + 6;
  scene->dark = options->theme == GLOW_THEME_DARK || options->theme == GLOW_THEME_DARK_CONTRAST;
  add_text (scene, MARGIN, 26, 0, 16, TRUE, INK, options->title != NULL ? options->title : _("Latency"));
  add_text (scene, MARGIN, 46, 0, 12, FALSE, FAINT, options->subtitle != NULL ? options->subtitle
            : _("Durations on a logarithmic axis; dashed: quantiles, with what they could be; line: share that is no longer"));
  for (guint i = 0; i < self->panels->len; i++)
    lay_panel (scene, g_ptr_array_index (self->panels, i), TOP + i * (HEADING + 14 + PLOT + AXIS));
}

/* ---- drawing it ---- */

typedef struct { double red, green, blue, alpha; } Color;

static Color
color_of (const Scene *scene, ColorName name)
{
  static const Color light[N_COLORS] = { { 0.13, 0.13, 0.13, 1 }, { 0.35, 0.35, 0.35, 1 }, { 0.42, 0.62, 0.86, 1 }, { 0.80, 0.33, 0.0, 1 },
                                         { 0.45, 0.45, 0.45, 1 }, { 0.13, 0.13, 0.13, 1 }, { 0.2, 0.2, 0.2, 0.10 }, { 0, 0, 0, 0.07 } };
  static const Color dark[N_COLORS] = { { 0.93, 0.93, 0.93, 1 }, { 0.74, 0.74, 0.74, 1 }, { 0.30, 0.50, 0.78, 1 }, { 1.0, 0.64, 0.28, 1 },
                                        { 0.70, 0.70, 0.70, 1 }, { 0.93, 0.93, 0.93, 1 }, { 1, 1, 1, 0.12 }, { 1, 1, 1, 0.09 } };

  return scene->dark ? dark[name] : light[name];
}

static void
draw_item (const Scene *scene, cairo_t *cr, const Item *item)
{
  static const double dashes[] = { 4, 3 };
  Color color = color_of (scene, item->color);
  const double *points = (const double *) item->points->data;
  cairo_text_extents_t extents;

  cairo_set_source_rgba (cr, color.red, color.green, color.blue, color.alpha);
  if (item->kind == TEXT)
    {
      cairo_select_font_face (cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, item->bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
      cairo_set_font_size (cr, item->size);
      cairo_text_extents (cr, item->text, &extents);
      cairo_move_to (cr, points[0] - item->align * extents.x_advance, points[1]);
      cairo_show_text (cr, item->text);
      cairo_new_path (cr);
      return;
    }
  for (guint i = 0; i + 1 < item->points->len; i += 2)
    cairo_line_to (cr, points[i], points[i + 1]);
  if (item->kind == FILL)
    {
      cairo_fill (cr);
      return;
    }
  cairo_set_line_width (cr, item->color == OTHER ? 1.6 : 1);
  cairo_set_dash (cr, dashes, item->dashed ? 2 : 0, 0);
  cairo_stroke (cr);
}

static void
draw_scene (gconstpointer data, cairo_t *cr)
{
  const Scene *scene = data;
  double paper = scene->dark ? 0.12 : 1;

  cairo_set_source_rgb (cr, paper, paper, paper);
  cairo_paint (cr);
  for (guint i = 0; i < scene->items->len; i++)
    draw_item (scene, cr, &g_array_index (scene->items, Item, i));
}

static void
append_item (const Scene *scene, GString *out, const Item *item)
{
  static const char *const classes[N_COLORS] = { "ink", "faint", "bar", "other", "curve", "quantile", "band", "grid" };
  const double *points = (const double *) item->points->data;

  if (item->kind == TEXT)
    {
      g_string_append_printf (out, "<text class=\"t-%s\" font-size=\"", classes[item->color]);
      glow_svg_append_number (out, item->size);
      g_string_append_printf (out, "\"%s%s x=\"", item->bold ? " font-weight=\"bold\"" : "", item->align == 0 ? "" : item->align == 1 ? " text-anchor=\"end\"" : " text-anchor=\"middle\"");
      glow_svg_append_number (out, points[0]);
      g_string_append (out, "\" y=\"");
      glow_svg_append_number (out, points[1]);
      g_string_append (out, "\">");
      glow_svg_append_escaped (out, item->text);
      g_string_append (out, "</text>\n");
      return;
    }
  g_string_append_printf (out, "<path class=\"%s\"%s d=\"", classes[item->color], item->dashed ? " stroke-dasharray=\"4 3\"" : "");
  for (guint i = 0; i + 1 < item->points->len; i += 2)
    {
      g_string_append_c (out, i == 0 ? 'M' : 'L');
      glow_svg_append_number (out, points[i]);
      g_string_append_c (out, ' ');
      glow_svg_append_number (out, points[i + 1]);
    }
  g_string_append (out, item->title != NULL ? "\"><title>" : "\"/>\n");
  if (item->title == NULL)
    return;
  glow_svg_append_escaped (out, item->title);
  g_string_append (out, "</title></path>\n");
}

static void
append_style (const Scene *scene, GString *out, ColorName name, const char *class, gboolean is_fill)
{
  Color color = color_of (scene, name);

  g_string_append_printf (out, ".%s{%s:#%02x%02x%02x;%s-opacity:", class, is_fill ? "fill" : "stroke", (int) lround (color.red * 255), (int) lround (color.green * 255),
                          (int) lround (color.blue * 255), is_fill ? "fill" : "stroke");
  glow_svg_append_number (out, color.alpha);
  g_string_append (out, is_fill ? "}" : ";fill:none}");
}

static gboolean
write_svg (const Scene *scene, const char *title, GOutputStream *output, GCancellable *cancellable, GError **error)
{
  g_autoptr(GString) out = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title\" width=\"");

  glow_svg_append_number (out, scene->width);
  g_string_append (out, "\" height=\"");
  glow_svg_append_number (out, scene->height);
  g_string_append (out, "\" viewBox=\"0 0 ");
  glow_svg_append_number (out, scene->width);
  g_string_append_c (out, ' ');
  glow_svg_append_number (out, scene->height);
  g_string_append (out, "\">\n<title id=\"title\">");
  glow_svg_append_escaped (out, title);
  g_string_append (out, "</title>\n<style>text{font-family:'DejaVu Sans',Verdana,sans-serif}.bar:hover{opacity:.75}.other{stroke-width:1.6}");
  append_style (scene, out, INK, "t-ink", TRUE);
  append_style (scene, out, FAINT, "t-faint", TRUE);
  append_style (scene, out, QUANTILE, "t-quantile", TRUE);
  append_style (scene, out, BAR, "bar", TRUE);
  append_style (scene, out, BAND, "band", TRUE);
  append_style (scene, out, FAINT, "faint", FALSE);
  append_style (scene, out, OTHER, "other", FALSE);
  append_style (scene, out, CURVE, "curve", FALSE);
  append_style (scene, out, QUANTILE, "quantile", FALSE);
  append_style (scene, out, GRID, "grid", FALSE);
  g_string_append_printf (out, "</style>\n<rect width=\"100%%\" height=\"100%%\" fill=\"%s\"/>\n", scene->dark ? "#1f1f1f" : "#ffffff");
  for (guint i = 0; i < scene->items->len; i++)
    append_item (scene, out, &g_array_index (scene->items, Item, i));
  g_string_append (out, "</svg>\n");
  return g_output_stream_write_all (output, out->str, out->len, NULL, cancellable, error);
}

gboolean
glow_latency_picture_write (GlowLatencyPicture *self, GlowPictureFormat format, const GlowLatencyPictureOptions *options, GOutputStream *output,
                            GCancellable *cancellable, GError **error)
{
  Scene scene = { 0 };
  g_autofree char *title = g_utf8_make_valid (options->title != NULL ? options->title : _("Latency"), -1);
  gboolean written;

  if (self->panels->len == 0)
    {
      g_set_error_literal (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("Nothing is left to show: no durations, or none after the selection"));
      return FALSE;
    }
  scene.items = g_array_new (FALSE, FALSE, sizeof (Item));
  g_array_set_clear_func (scene.items, clear_item);
  lay_scene (&scene, self, options);
  if (format == GLOW_PICTURE_SVG)
    written = write_svg (&scene, title, output, cancellable, error);
  else
    {
      GlowPicturePage page = { format, scene.width, scene.height, options->scale, title };

      written = glow_picture_write_cairo (&page, draw_scene, &scene, output, cancellable, error);
    }
  g_array_unref (scene.items);
  return written;
}
