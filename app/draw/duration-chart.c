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

      if (low == G_MAXUINT64)
        break;
      if (high <= low)
        continue;
      /* A logarithm has no place for 0: the first bar holds what took no time. */
      add_bar (self, self->bars->len == 0 && self->latency->choice->sorted[0] == 0 ? 0 : low, high);
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
    {
      gboolean fits = low <= G_MAXUINT64 - step;

      add_bar (self, low, fits ? low + step : G_MAXUINT64);
      if (!fits)
        break;
    }
}

/* Upper bounds, each part of its bar as Prometheus has it, and what is longer than the last. Bars without a span before the first and behind the last that have
 * some are left out, or a few spans would stand on a point of a wide axis. */
static void
add_explicit_bars (GlowDurationChart *self)
{
  const GlowSpanChoice *choice = self->latency->choice;
  guint n = self->options.n_bounds, first = 0, last = n;
  guint64 shortest = choice->sorted[0], longest = choice->sorted[choice->n_base - 1];

  while (first < n && self->options.bounds[first] < shortest)
    first++;
  while (last > first && self->options.bounds[last - 1] >= longest)
    last--;
  for (guint b = first; b <= last; b++)
    add_bar (self, b > 0 ? self->options.bounds[b - 1] + 1 : 0, b < n ? self->options.bounds[b] + 1 : G_MAXUINT64);
  self->low = MAX (g_array_index (self->bars, GlowDurationBar, 0).low, 1);
  if (g_array_index (self->bars, GlowDurationBar, 0).low == 0)
    self->low = MAX (MIN (shortest, g_array_index (self->bars, GlowDurationBar, 0).high / 2), 1);
  self->high = last < n ? self->options.bounds[last] + 1 : longest < G_MAXUINT64 / 5 * 4 ? longest / 4 * 5 + 1 : G_MAXUINT64;
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
  if (options->bars == GLOW_BARS_EXPLICIT && options->n_bounds > 0)
    add_explicit_bars (self);
  else if (options->bars == GLOW_BARS_LINEAR)
    add_linear_bars (self);
  else if (options->bars == GLOW_BARS_LOG2)
    {
      self->low = G_GUINT64_CONSTANT (1) << (63 - __builtin_clzll (self->low));
      self->relative_error = 1 / 3.0;
      add_log_bars (self, 2);
    }
  else
    {
      double decades = MAX (log10 ((double) self->high / self->low), 0.3);
      static const double counts[] = { 100, 50, 40, 30, 20, 10, 5 };
      guint c = 0;

      while (c + 1 < G_N_ELEMENTS (counts) && counts[c] * decades * BAR_WIDTH > options->width)
        c++;
      /* That of DDSketch: γ is the ratio of a bar's ends, 2γ/(γ + 1) what stands for it. */
      self->relative_error = (pow (10, 1 / counts[c]) - 1) / (pow (10, 1 / counts[c]) + 1);
      add_log_bars (self, pow (10, 1 / counts[c]));
    }
  if (self->bars->len > 0 && options->bars != GLOW_BARS_EXPLICIT)
    self->high = g_array_index (self->bars, GlowDurationBar, self->bars->len - 1).high;
  if (options->marked != NULL)
    mark (self);
  for (guint i = 0; i < self->bars->len; i++)
    {
      double value = value_of (self, &g_array_index (self->bars, GlowDurationBar, i));

      self->largest = MAX (self->largest, value);
      if (value > 0)
        self->least = self->least > 0 ? MIN (self->least, value) : value;
    }
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

      for (double tick = ceil (low / step) * step; tick <= high && tick + step > tick; tick += step)
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

double
glow_duration_chart_y (const GlowDurationChart *self, double value)
{
  double room = self->options.height - 4, share;

  if (value <= 0 || self->largest <= 0)
    return self->options.height;
  /* The smallest bar is one step above nothing, so that a single span can be seen beside a million. */
  share = self->options.log_count ? log1p (value / self->least) / log1p (self->largest / self->least) : value / self->largest;
  return self->options.height - MAX (share * room, 1);
}

GArray *
glow_duration_chart_dup_value_ticks (const GlowDurationChart *self, guint most)
{
  GArray *ticks = g_array_new (FALSE, FALSE, sizeof (double));
  double decade, step;

  if (self->largest <= 0 || most == 0)
    return ticks;
  decade = pow (10, floor (log10 (self->largest)));
  if (self->options.log_count)
    {
      guint n = (guint) MAX (floor (log10 (self->largest / self->least)) + 1, 1), skip = (n + most - 1) / most;

      for (guint i = 0; i < n; i += skip)
        {
          double tick = decade / pow (10, i);

          if (tick >= self->least)
            g_array_prepend_val (ticks, tick);
        }
      return ticks;
    }
  step = self->largest / decade >= 5 ? decade * 5 : self->largest / decade >= 2 ? decade * 2 : decade;
  for (guint half = 0; half < 3 && floor (self->largest / step) * 2 <= most && !(step < 2 && !self->options.by_time); half++)
    step /= 2;
  for (double tick = step; tick <= self->largest * 1.0001; tick += step)
    g_array_append_val (ticks, tick);
  return ticks;
}

/* ---- painting ---- */

static void
paint_lines (const GlowDurationChart *self, cairo_t *cr, gboolean dark)
{
  g_autoptr(GArray) ticks = glow_duration_chart_dup_value_ticks (self, 3);

  cairo_set_source_rgba (cr, dark ? 1 : 0, dark ? 1 : 0, dark ? 1 : 0, 0.08);
  cairo_set_line_width (cr, 1);
  for (guint i = 0; i < ticks->len; i++)
    {
      double y = floor (glow_duration_chart_y (self, g_array_index (ticks, double, i))) + 0.5;

      cairo_move_to (cr, 0, y);
      cairo_line_to (cr, self->options.width, y);
    }
  cairo_stroke (cr);
}

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
  double height = self->options.height - glow_duration_chart_y (self, value);
  double gap;

  /* The last bar may go on for ever; the axis does not. */
  x0 = MAX (x0, 0);
  x1 = MIN (x1, self->options.width);
  gap = x1 - x0 > 4 ? 1 : 0;
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

  /* Where each lies with 95 % confidence. */
  for (guint i = 0; i + 1 < GLOW_LATENCY_QUANTILES; i++)
    {
      const GlowQuantile *quantile = &self->latency->quantiles[i];
      double low = glow_duration_chart_x (self, (double) quantile->low_ns), high = glow_duration_chart_x (self, (double) quantile->high_ns);

      if (!quantile->has_value || !quantile->is_known)
        continue;
      cairo_set_source_rgba (cr, dark ? 1 : 0, dark ? 1 : 0, dark ? 1 : 0, dark ? 0.13 : 0.08);
      cairo_rectangle (cr, low, 0, MAX (high - low, 1), self->options.height);
      cairo_fill (cr);
    }
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
  paint_lines (self, cr, dark);
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
