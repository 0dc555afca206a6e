/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spans of a recording beside a service's own histogram of the same durations. */
#include <config.h>

#include <afterglow/histogram-compare.h>

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* How many of @sorted are at most @bound, or below it where buckets are closed below. */
static gsize
count_up_to (const guint64 *sorted, gsize n, double bound, gboolean is_below)
{
  gsize lower = 0, upper = n;

  while (lower < upper)
    {
      gsize middle = lower + (upper - lower) / 2;

      if (is_below ? (double) sorted[middle] < bound : (double) sorted[middle] <= bound)
        lower = middle + 1;
      else
        upper = middle;
    }
  return lower;
}

static void
add_bucket (GlowHistogramComparison *self, double lower, double upper, double server)
{
  GlowComparedBucket bucket = { lower, upper, 0, server };

  if (lower < upper)
    g_array_append_val (self->buckets, bucket);
}

/* The service's buckets in ns, with what lies between and beyond them: a native histogram leaves out what is empty. */
static void
lay_buckets (GlowHistogramComparison *self)
{
  double ns = self->server->ns_per_unit, end = -INFINITY;

  for (guint i = 0; i < self->server->buckets->len; i++)
    {
      const GlowNativeBucket *bucket = &g_array_index (self->server->buckets, GlowNativeBucket, i);

      if (bucket->upper <= 0 && bucket->count <= 0)
        continue;
      add_bucket (self, end, bucket->lower * ns, 0);
      add_bucket (self, bucket->lower * ns, bucket->upper * ns, bucket->count);
      end = bucket->upper * ns;
    }
  add_bucket (self, end, INFINITY, 0);
}

/* No duration lies below 0: a first bucket that reaches there holds what is at 0. */
static void
count_spans (GlowHistogramComparison *self, const GlowSpanChoice *choice)
{
  gboolean is_below = self->server->form == GLOW_HISTOGRAM_HDR || self->server->form == GLOW_HISTOGRAM_TRACED;
  gsize before = 0;

  for (guint i = 0; i < self->buckets->len; i++)
    {
      GlowComparedBucket *bucket = &g_array_index (self->buckets, GlowComparedBucket, i);
      gsize to = isinf (bucket->upper) ? choice->n_base : count_up_to (choice->sorted, choice->n_base, bucket->upper, is_below);

      bucket->spans = (double) (to - before);
      before = to;
    }
}

/* What the histogram would be had it counted the spans. (transfer full) */
static GlowHistogram *
spans_as_histogram (const GlowHistogramComparison *self)
{
  GlowHistogram *histogram = g_new0 (GlowHistogram, 1);

  histogram->form = self->server->form;
  histogram->unit = "ns";
  histogram->ns_per_unit = 1;
  histogram->buckets = g_array_new (FALSE, FALSE, sizeof (GlowNativeBucket));
  for (guint i = 0; i < self->buckets->len; i++)
    {
      const GlowComparedBucket *bucket = &g_array_index (self->buckets, GlowComparedBucket, i);
      GlowNativeBucket row = { bucket->lower, bucket->upper, bucket->spans };

      /* A gap without spans is no bucket; one with spans is all that can be said of them. */
      if (isinf (row.lower) && row.lower < 0)
        {
          if (row.count <= 0)
            continue;
          row.lower = MIN (0, row.upper);
        }
      if (row.count > 0 || histogram->form == GLOW_HISTOGRAM_CLASSIC)
        g_array_append_val (histogram->buckets, row);
    }
  return histogram;
}

static GlowPrometheusQuantile
in_ns (GlowPrometheusQuantile quantile, double ns)
{
  return (GlowPrometheusQuantile) { quantile.value * ns, quantile.low * ns, quantile.high * ns };
}

GlowHistogramComparison *
glow_histogram_comparison_new (const GlowLatency *latency, GlowHistogram *server, gboolean is_exponential)
{
  GlowHistogramComparison *self = g_new0 (GlowHistogramComparison, 1);
  g_autoptr(GlowHistogram) spans = NULL;
  g_autofree double *a = NULL, *b = NULL;

  self->server = server;
  self->buckets = g_array_new (FALSE, FALSE, sizeof (GlowComparedBucket));
  lay_buckets (self);
  count_spans (self, latency->choice);
  a = g_new (double, self->buckets->len);
  b = g_new (double, self->buckets->len);
  for (guint i = 0; i < self->buckets->len; i++)
    {
      const GlowComparedBucket *bucket = &g_array_index (self->buckets, GlowComparedBucket, i);

      a[i] = bucket->spans;
      b[i] = bucket->server;
      self->n_spans += bucket->spans;
      self->n_server += bucket->server;
    }
  self->test = glow_test_histograms (a, b, self->buckets->len);
  spans = spans_as_histogram (self);
  for (guint i = 0; i < G_N_ELEMENTS (self->quantiles); i++)
    {
      self->quantiles[i].exact = latency->quantiles[i];
      self->quantiles[i].spans = glow_histogram_get_quantile (spans, latency->quantiles[i].q, is_exponential);
      self->quantiles[i].server = in_ns (glow_histogram_get_quantile (server, latency->quantiles[i].q, is_exponential), server->ns_per_unit);
    }
  return self;
}

void
glow_histogram_comparison_free (GlowHistogramComparison *self)
{
  glow_histogram_free (self->server);
  g_array_unref (self->buckets);
  g_free (self);
}

/**
 * glow_profile_get_wall_window:
 * @from: (out)
 * @to: (out)
 */
gboolean
glow_profile_get_wall_window (GlowProfile *profile, gint64 *from, gint64 *to)
{
  const GlowProfileInfo *info = glow_profile_get_info (profile);

  if (!info->has_wall_clock)
    return FALSE;
  *from = (gint64) (glow_profile_get_start (profile) + (guint64) info->wall_clock_offset);
  *to = *from + (gint64) glow_profile_get_duration (profile);
  return TRUE;
}

static gboolean
has_form (const GlowHistograms *histograms, const char *name, GlowHistogramForm form)
{
  for (guint i = 0; i < histograms->series->len; i++)
    {
      const GlowHistogramSeries *series = g_ptr_array_index (histograms->series, i);

      if (series->form == form && strcmp (series->name, name) == 0)
        return TRUE;
    }
  return FALSE;
}

/* What a name says of its unit may be nothing: of one name alone, Prometheus' base unit is meant. */
static gboolean
may_be_durations (const GlowHistogramSeries *series)
{
  return series->ns_per_unit > 0;
}

GPtrArray *
glow_histograms_choose (const GlowHistograms *histograms, GError **error)
{
  g_autoptr(GPtrArray) names = glow_histograms_list_names (histograms), durations = g_ptr_array_new ();
  GPtrArray *chosen;
  const char *name;

  for (guint i = 0; i < histograms->series->len; i++)
    {
      const GlowHistogramSeries *series = g_ptr_array_index (histograms->series, i);

      if (may_be_durations (series) && !g_ptr_array_find_with_equal_func (durations, series->name, g_str_equal, NULL))
        g_ptr_array_add (durations, series->name);
    }
  if (durations->len != 1)
    {
      GPtrArray *shown = durations->len > 1 ? durations : names;
      g_autofree char *list = NULL;

      g_ptr_array_set_size (shown, MIN (shown->len, 20));
      g_ptr_array_add (shown, NULL);
      list = g_strjoinv (", ", (char **) shown->pdata);
      if (durations->len > 1)
        g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” has several histograms of durations; choose one by its name: %s"), histograms->source, list);
      else
        g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION,
                     _("nothing in “%s” says that it is of durations (names ending in _seconds and the like, a UNIT); say what its numbers are: %s"),
                     histograms->source, list);
      return NULL;
    }
  name = g_ptr_array_index (durations, 0);
  chosen = g_ptr_array_new ();
  for (guint i = 0; i < histograms->series->len; i++)
    {
      GlowHistogramSeries *series = g_ptr_array_index (histograms->series, i);

      if (strcmp (series->name, name) == 0
          && (series->form == GLOW_HISTOGRAM_NATIVE || !has_form (histograms, name, GLOW_HISTOGRAM_NATIVE)))
        g_ptr_array_add (chosen, series);
    }
  return chosen;
}
