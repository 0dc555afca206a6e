/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histograms of durations. Bars are counted anew from the exact durations for every width, so that no choice of bars loses anything. */
#include <config.h>

#include <afterglow/duration-chart.h>

#include <math.h>
#include <string.h>

#define BAR_WIDTH 7.0          /* pixels, at least */
#define LINEAR_BARS 400

/* ---- bars ---- */

static gsize
count_below (const guint64 *sorted, gsize n, guint64 bound)
{
  gsize lower = 0, upper = n;

  while (lower < upper)
    {
      gsize middle = lower + (upper - lower) / 2;

      if (sorted[middle] < bound)
        lower = middle + 1;
      else
        upper = middle;
    }
  return lower;
}

static void
add_bar (GlowDurationChart *self, guint64 low, guint64 high)
{
  const GlowSpanChoice *choice = self->latency->choice;
  GlowDurationBar bar = { .low = low, .high = high };
  gsize from = count_below (choice->sorted, choice->n_base, low), to = count_below (choice->sorted, choice->n_base, high);

  bar.count = to - from;
  for (gsize i = from; i < to; i++)
    bar.time += (double) choice->sorted[i];
  g_array_append_val (self->bars, bar);
}

/* As many a decade as there is room for, at steps that lead from one power of ten to the next. */
static void
add_log_bars (GlowDurationChart *self, double ratio)
{
  double step = log (ratio);
  guint64 low = self->low;

  for (gint64 k = (gint64) floor (log ((double) self->low) / step + 1e-9);; k++)
    {
      double end = exp ((k + 1) * step);
      guint64 high = end >= (double) G_MAXINT64 ? G_MAXUINT64 : (guint64) ceil (end - 1e-6);

      if (high <= low)
        continue;
      add_bar (self, low, high);
      low = high;
      if (low > self->high || low == G_MAXUINT64)
        break;
    }
}

static void
add_linear_bars (GlowDurationChart *self)
{
  const GlowSpanChoice *choice = self->latency->choice;
  GlowBuckets buckets = glow_buckets_linear_for (choice->sorted, choice->n_base);
  guint64 step = MAX (buckets.step_ns, (self->high - self->low) / LINEAR_BARS + 1);

  self->low = self->low / step * step;
  for (guint64 low = self->low; low <= self->high; low += step)
    add_bar (self, low, low + step);
}

static void
mark (GlowDurationChart *self)
{
  const GlowSpans *spans = self->latency->choice->spans;

  for (gsize i = 0; i < spans->n; i++)
    if (self->options.marked[i] && self->latency->choice->is_base[i])
      {
        guint64 duration = spans->end[i] - spans->start[i];
        guint lower = 0, upper = self->bars->len;

        while (lower < upper)
          {
            guint middle = (lower + upper) / 2;

            if (g_array_index (self->bars, GlowDurationBar, middle).high <= duration)
              lower = middle + 1;
            else
              upper = middle;
          }
        if (lower < self->bars->len)
          {
            g_array_index (self->bars, GlowDurationBar, lower).marked++;
            g_array_index (self->bars, GlowDurationBar, lower).marked_time += (double) duration;
          }
      }
}

static double
value_of (const GlowDurationChart *self, const GlowDurationBar *bar)
{
  return self->options.by_time ? bar->time : (double) bar->count;
}

GlowDurationChart *
glow_duration_chart_compute (const GlowLatency *latency, const GlowDurationChartOptions *options)
{
  GlowDurationChart *self = g_new0 (GlowDurationChart, 1);
  const GlowSpanChoice *choice = latency->choice;

  self->options = *options;
  self->latency = latency;
  self->bars = g_array_new (FALSE, FALSE, sizeof (GlowDurationBar));
  if (choice->n_base == 0)
    return self;
  self->low = MAX (choice->sorted[0], options->bars == GLOW_BARS_LINEAR ? 0 : 1);
  self->high = MAX (choice->sorted[choice->n_base - 1], self->low);
  if (options->bars == GLOW_BARS_LINEAR)
    add_linear_bars (self);
  else if (options->bars == GLOW_BARS_LOG2)
    {
      self->low = G_GUINT64_CONSTANT (1) << (63 - __builtin_clzll (self->low));
      add_log_bars (self, 2);
    }
  else
    {
      double decades = MAX (log10 ((double) self->high / self->low), 0.3);
      static const double counts[] = { 100, 50, 40, 30, 20, 10, 5 };
      guint c = 0;

      while (c + 1 < G_N_ELEMENTS (counts) && counts[c] * decades * BAR_WIDTH > options->width)
        c++;
      add_log_bars (self, pow (10, 1 / counts[c]));
    }
  if (self->bars->len > 0)
    self->high = g_array_index (self->bars, GlowDurationBar, self->bars->len - 1).high;
  if (options->marked != NULL)
    mark (self);
  for (guint i = 0; i < self->bars->len; i++)
    self->largest = MAX (self->largest, value_of (self, &g_array_index (self->bars, GlowDurationBar, i)));
  return self;
}

void
glow_duration_chart_free (GlowDurationChart *self)
{
  g_array_unref (self->bars);
  g_free (self);
}

/* ---- the axis ---- */

double
glow_duration_chart_x (const GlowDurationChart *self, double ns)
{
  double low = (double) self->low, high = (double) self->high;

  if (high <= low)
    return 0;
  if (self->options.bars == GLOW_BARS_LINEAR)
    return (ns - low) / (high - low) * self->options.width;
  return log (MAX (ns, 0.5) / low) / log (high / low) * self->options.width;
}

guint
glow_duration_chart_bar_at (const GlowDurationChart *self, double x)
{
  guint at = 0;

  while (at + 1 < self->bars->len && glow_duration_chart_x (self, (double) g_array_index (self->bars, GlowDurationBar, at).high) <= x)
    at++;
  return at;
}

GArray *
glow_duration_chart_dup_ticks (const GlowDurationChart *self, guint most)
{
  static const double parts[][3] = { { 1, 2, 5 }, { 1, 3, 0 }, { 1, 0, 0 } };
  GArray *ticks = g_array_new (FALSE, FALSE, sizeof (double));
  double low = (double) self->low, high = (double) self->high;

  if (high <= low)
    return ticks;
  if (self->options.bars == GLOW_BARS_LINEAR)
    {
      double raw = (high - low) / MAX (most, 1), decade = pow (10, floor (log10 (raw)));
      double step = raw / decade <= 1 ? decade : raw / decade <= 2 ? 2 * decade : raw / decade <= 5 ? 5 * decade : 10 * decade;

      for (double tick = ceil (low / step) * step; tick <= high; tick += step)
        g_array_append_val (ticks, tick);
      return ticks;
    }
  for (guint p = 0; p < G_N_ELEMENTS (parts); p++)
    {
      g_array_set_size (ticks, 0);
      for (double decade = pow (10, floor (log10 (low))); decade <= high; decade *= 10)
        for (guint i = 0; i < 3 && parts[p][i] > 0; i++)
          {
            double tick = decade * parts[p][i];

            if (tick >= low && tick <= high)
              g_array_append_val (ticks, tick);
          }
      if (ticks->len <= most)
        break;
    }
  return ticks;
}

/* ---- painting ---- */

static void
set_gray (cairo_t *cr, gboolean dark, double light, double in_dark)
{
  double level = dark ? in_dark : light;

  cairo_set_source_rgb (cr, level, level, level);
}

static void
bar_path (const GlowDurationChart *self, cairo_t *cr, const GlowDurationBar *bar, double value)
{
  double x0 = glow_duration_chart_x (self, (double) bar->low), x1 = glow_duration_chart_x (self, (double) bar->high);
  double height = value > 0 ? MAX (value / self->largest * (self->options.height - 4), 1) : 0;
  double gap = x1 - x0 > 4 ? 1 : 0;

  cairo_rectangle (cr, x0, self->options.height - height, MAX (x1 - x0 - gap, 0.5), height);
}

/* The share of all spans that are no longer than this. */
static void
paint_cumulative (const GlowDurationChart *self, cairo_t *cr, gboolean dark)
{
  double sum = 0, all = 0;

  for (guint i = 0; i < self->bars->len; i++)
    all += value_of (self, &g_array_index (self->bars, GlowDurationBar, i));
  cairo_new_path (cr);
  cairo_move_to (cr, 0, self->options.height);
  for (guint i = 0; i < self->bars->len; i++)
    {
      const GlowDurationBar *bar = &g_array_index (self->bars, GlowDurationBar, i);

      sum += value_of (self, bar);
      cairo_line_to (cr, glow_duration_chart_x (self, (double) bar->high), self->options.height - sum / MAX (all, 1) * (self->options.height - 4));
    }
  set_gray (cr, dark, 0.55, 0.6);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
}

static void
paint_quantiles (const GlowDurationChart *self, cairo_t *cr, gboolean dark)
{
  static const double dashes[] = { 3, 3 };

  set_gray (cr, dark, 0.35, 0.75);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, dashes, 2, 0);
  for (guint i = 0; i + 1 < GLOW_LATENCY_QUANTILES; i++)
    {
      const GlowQuantile *quantile = &self->latency->quantiles[i];
      double x = floor (glow_duration_chart_x (self, (double) quantile->value_ns)) + 0.5;

      if (!quantile->has_value || !quantile->is_known)
        continue;
      cairo_move_to (cr, x, 0);
      cairo_line_to (cr, x, self->options.height);
      cairo_stroke (cr);
    }
  cairo_set_dash (cr, NULL, 0, 0);
}

void
glow_duration_chart_paint (const GlowDurationChart *self, cairo_t *cr, GlowTheme theme, guint64 from, guint64 to)
{
  gboolean dark = theme == GLOW_THEME_DARK || theme == GLOW_THEME_DARK_CONTRAST;
  double left = CLAMP (glow_duration_chart_x (self, (double) from), 0, self->options.width);
  double right = to == G_MAXUINT64 ? self->options.width : CLAMP (glow_duration_chart_x (self, (double) to), 0, self->options.width);

  if (self->bars->len == 0 || self->largest <= 0)
    return;
  cairo_save (cr);
  cairo_rectangle (cr, 0, 0, self->options.width, self->options.height);
  cairo_clip (cr);
  if (to > from)
    {
      cairo_set_source_rgba (cr, 0.21, 0.52, 0.89, dark ? 0.22 : 0.12);
      cairo_rectangle (cr, left, 0, right - left, self->options.height);
      cairo_fill (cr);
    }
  for (guint pass = 0; pass < 3; pass++)
    {
      for (guint i = 0; i < self->bars->len; i++)
        {
          const GlowDurationBar *bar = &g_array_index (self->bars, GlowDurationBar, i);
          gboolean chosen = to > from && bar->high > from && bar->low < to;

          if (pass < 2 && chosen == (pass == 1))
            bar_path (self, cr, bar, value_of (self, bar));
          else if (pass == 2)
            bar_path (self, cr, bar, self->options.by_time ? bar->marked_time : (double) bar->marked);
        }
      if (pass == 0)
        set_gray (cr, dark, 0.74, 0.42);
      else if (pass == 1)
        cairo_set_source_rgb (cr, dark ? 0.45 : 0.12, dark ? 0.68 : 0.38, dark ? 0.98 : 0.74);
      else
        cairo_set_source_rgb (cr, dark ? 1.0 : 0.85, dark ? 0.62 : 0.42, dark ? 0.25 : 0.05);
      cairo_fill (cr);
    }
  paint_cumulative (self, cr, dark);
  paint_quantiles (self, cr, dark);
  if (to > from)
    {
      cairo_set_source_rgb (cr, 0.21, 0.52, 0.89);
      cairo_set_line_width (cr, 2);
      cairo_move_to (cr, left, 0);
      cairo_line_to (cr, left, self->options.height);
      if (to != G_MAXUINT64)
        {
          cairo_move_to (cr, right, 0);
          cairo_line_to (cr, right, self->options.height);
        }
      cairo_stroke (cr);
    }
  cairo_restore (cr);
}
