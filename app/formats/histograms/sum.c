/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histograms of several series and times in one, and quantiles of it. */
#include <config.h>

#include <afterglow/histogram-series.h>

#include <math.h>

static gboolean
is_within (const GlowHistogramInterval *interval, gint64 from, gint64 to)
{
  if (from != GLOW_TIME_UNKNOWN && interval->to != GLOW_TIME_UNKNOWN && interval->to <= from)
    return FALSE;
  return to == GLOW_TIME_UNKNOWN || interval->from == GLOW_TIME_UNKNOWN || interval->from < to;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const GlowNativeBucket *left = a, *right = b;

  if (left->lower != right->lower)
    return left->lower < right->lower ? -1 : 1;
  return left->upper > right->upper ? -1 : left->upper < right->upper;
}

/* Ascending; equal ones become one, those that overlap become one that holds both. */
static void
join (GArray *buckets)
{
  guint n = 0;

  g_array_sort (buckets, compare);
  for (guint i = 0; i < buckets->len; i++)
    {
      GlowNativeBucket bucket = g_array_index (buckets, GlowNativeBucket, i);
      GlowNativeBucket *last = n > 0 ? &g_array_index (buckets, GlowNativeBucket, n - 1) : NULL;

      if (last != NULL && bucket.lower < last->upper)
        {
          last->upper = MAX (last->upper, bucket.upper);
          last->count += bucket.count;
        }
      else
        g_array_index (buckets, GlowNativeBucket, n++) = bucket;
    }
  g_array_set_size (buckets, n);
}

GlowHistogram *
glow_histogram_new_sum (GPtrArray *series, gint64 from, gint64 to)
{
  GlowHistogram *self = g_new0 (GlowHistogram, 1);
  gboolean since_unknown = FALSE;

  self->buckets = g_array_new (FALSE, FALSE, sizeof (GlowNativeBucket));
  self->from = self->to = GLOW_TIME_UNKNOWN;
  self->unit = "";
  for (guint i = 0; i < series->len; i++)
    {
      const GlowHistogramSeries *one = g_ptr_array_index (series, i);
      gboolean any = FALSE;

      if (i == 0)
        {
          self->name = g_strdup (one->name);
          self->form = one->form;
          self->unit = one->unit;
          self->ns_per_unit = one->ns_per_unit;
        }
      for (guint k = 0; k < one->intervals->len; k++)
        {
          const GlowHistogramInterval *interval = g_ptr_array_index (one->intervals, k);

          if (!is_within (interval, from, to))
            continue;
          any = TRUE;
          g_array_append_vals (self->buckets, interval->buckets->data, interval->buckets->len);
          self->count += interval->count;
          self->sum += interval->sum;
          since_unknown |= interval->from == GLOW_TIME_UNKNOWN;
          if (interval->from != GLOW_TIME_UNKNOWN && (self->from == GLOW_TIME_UNKNOWN || interval->from < self->from))
            self->from = interval->from;
          if (interval->to != GLOW_TIME_UNKNOWN && (self->to == GLOW_TIME_UNKNOWN || interval->to > self->to))
            self->to = interval->to;
          /* Many short intervals of the same buckets: kept from growing with their number. */
          if (self->buckets->len > 100000)
            join (self->buckets);
        }
      self->n_series += any;
    }
  if (since_unknown)
    self->from = GLOW_TIME_UNKNOWN;
  join (self->buckets);
  return self;
}

void
glow_histogram_free (GlowHistogram *self)
{
  g_free (self->name);
  g_array_unref (self->buckets);
  g_free (self);
}

GlowPrometheusQuantile
glow_histogram_get_quantile (const GlowHistogram *self, double q, gboolean is_exponential)
{
  g_autofree double *le = NULL, *cumulative = NULL;
  double count = 0;
  gsize n = 0;

  if (self->form == GLOW_HISTOGRAM_NATIVE)
    return glow_quantile_prometheus_native ((const GlowNativeBucket *) self->buckets->data, self->buckets->len, q, is_exponential);
  /* Bounds of what is there, and of the gaps between. */
  le = g_new (double, 2 * self->buckets->len + 2);
  cumulative = g_new (double, 2 * self->buckets->len + 2);
  for (guint i = 0; i < self->buckets->len; i++)
    {
      const GlowNativeBucket *bucket = &g_array_index (self->buckets, GlowNativeBucket, i);

      if (!isinf (bucket->lower) && (n == 0 ? bucket->lower != 0 : bucket->lower > le[n - 1]))
        {
          le[n] = bucket->lower;
          cumulative[n++] = count;
        }
      count += bucket->count;
      le[n] = bucket->upper;
      cumulative[n++] = count;
    }
  if (n == 0 || le[n - 1] != INFINITY)
    {
      le[n] = INFINITY;
      cumulative[n++] = count;
    }
  return glow_quantile_prometheus (le, cumulative, n, q);
}
