/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From what counters stood at, moment by moment, to what was observed in between. */
#include <config.h>

#include "formats/histograms/histograms-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

void
glow_interval_free_histogram (gpointer data)
{
  GlowHistogramInterval *interval = data;

  g_array_unref (interval->buckets);
  g_free (interval);
}

static int
compare_le (gconstpointer a, gconstpointer b)
{
  double left = ((const GlowLeCount *) a)->le, right = ((const GlowLeCount *) b)->le;

  return left < right ? -1 : left > right;
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 left = ((const GlowSnapshot *) a)->time, right = ((const GlowSnapshot *) b)->time;

  return left < right ? -1 : left > right;
}

/* Cumulative counts at bounds → own counts of buckets. What Prometheus raises to be cumulative is raised here. */
static void
take_differences (GlowSnapshot *snapshot, const char *name, GlowWarnings *warnings)
{
  double below = 0, lower;

  g_array_sort (snapshot->le, compare_le);
  snapshot->buckets = g_array_new (FALSE, FALSE, sizeof (GlowNativeBucket));
  if (snapshot->le->len > 0 && !isinf (g_array_index (snapshot->le, GlowLeCount, snapshot->le->len - 1).le))
    {
      GlowLeCount last = { INFINITY, isnan (snapshot->count) ? g_array_index (snapshot->le, GlowLeCount, snapshot->le->len - 1).cumulative : snapshot->count };

      g_array_append_val (snapshot->le, last);
      glow_warnings_add (warnings, "histogram-without-infinity", name, 1, 0, NULL,
                         _("“%s” has no bucket le=\"+Inf\"; its count was taken for it"), name);
    }
  lower = snapshot->le->len > 0 && g_array_index (snapshot->le, GlowLeCount, 0).le > 0 ? 0 : -INFINITY;
  for (guint i = 0; i < snapshot->le->len; i++)
    {
      const GlowLeCount *le = &g_array_index (snapshot->le, GlowLeCount, i);
      double own = le->cumulative - below;
      GlowNativeBucket bucket = { lower, le->le, MAX (own, 0) };

      if (i > 0 && le->le == g_array_index (snapshot->le, GlowLeCount, i - 1).le)
        {
          glow_warnings_add (warnings, "histogram-bound-twice", name, 1, 0, NULL, _("“%s” has a bound twice at one time; the first was taken"), name);
          continue;
        }
      if (own < 0)
        glow_warnings_add (warnings, "histogram-not-cumulative", name, 1, 0, NULL,
                           _("“%s” has a bucket with fewer observations than the one below it; it was raised, as Prometheus does"), name);
      below = MAX (below, le->cumulative);
      lower = le->le;
      g_array_append_val (snapshot->buckets, bucket);
    }
}

static double
sum_counts (const GArray *buckets)
{
  double sum = 0;

  for (guint i = 0; i < buckets->len; i++)
    sum += g_array_index (buckets, GlowNativeBucket, i).count;
  return sum;
}

typedef enum { DIFFERENCE, RESET, OTHER_BUCKETS } Step;

/* What @now has more than @before. Buckets of before may be finer (a native histogram that became coarser); each must lie inside one of now. */
static Step
subtract (const GArray *before, const GArray *now, GArray *difference)
{
  guint b = 0;

  for (guint n = 0; n < now->len; n++)
    {
      GlowNativeBucket bucket = g_array_index (now, GlowNativeBucket, n);

      for (; b < before->len && g_array_index (before, GlowNativeBucket, b).upper <= bucket.upper; b++)
        {
          const GlowNativeBucket *old = &g_array_index (before, GlowNativeBucket, b);

          if (old->count <= 0)
            continue;
          if (old->upper <= bucket.lower)
            return RESET;                /* a bucket that was is gone: nothing takes observations back */
          if (old->lower < bucket.lower)
            return OTHER_BUCKETS;
          bucket.count -= old->count;
        }
      /* One that reaches over this one's end, and begins before it. */
      if (b < before->len && g_array_index (before, GlowNativeBucket, b).count > 0 && g_array_index (before, GlowNativeBucket, b).lower < bucket.upper)
        return OTHER_BUCKETS;
      if (bucket.count < 0)
        return RESET;
      g_array_append_val (difference, bucket);
    }
  for (; b < before->len; b++)
    if (g_array_index (before, GlowNativeBucket, b).count > 0)
      return RESET;
  return DIFFERENCE;
}

static GArray *
copy_scaled (const GArray *buckets, double scale)
{
  GArray *copy = g_array_sized_new (FALSE, FALSE, sizeof (GlowNativeBucket), buckets->len);

  for (guint i = 0; i < buckets->len; i++)
    {
      GlowNativeBucket bucket = g_array_index (buckets, GlowNativeBucket, i);

      bucket.count *= scale;
      g_array_append_val (copy, bucket);
    }
  return copy;
}

static void
add_step (GlowSeriesDraft *self, const GlowSnapshot *before, const GlowSnapshot *now, GlowWarnings *warnings)
{
  g_autoptr(GArray) difference = g_array_new (FALSE, FALSE, sizeof (GlowNativeBucket));
  Step step = subtract (before->buckets, now->buckets, difference);

  if (step == OTHER_BUCKETS)
    {
      glow_warnings_add (warnings, "histogram-buckets-changed", self->series->name, 1, 0, NULL,
                         _("“%s” changed its buckets between two times; what was observed in between cannot be told"), self->series->name);
      return;
    }
  if (step == RESET)
    {
      /* It began anew: what it stands at was observed since. */
      self->series->n_resets++;
      glow_series_draft_interval (self, before->time, now->time, copy_scaled (now->buckets, 1), now->sum);
      return;
    }
  glow_series_draft_interval (self, before->time, now->time, g_steal_pointer (&difference), now->sum - before->sum);
}

/**
 * glow_series_draft_make_intervals:
 *
 * Of counters, what was observed between each two times; where they fell, the service began anew, and what they stand at then was observed since
 * (Prometheus' own rule for counters). What the first time stood at belongs to the time before it, unless nothing else is known, or it is told when
 * the counters began. Of what is no counter, each time stands for itself, for as long as times lie apart.
 */
void
glow_series_draft_make_intervals (GlowSeriesDraft *self, GlowWarnings *warnings)
{
  GArray *snapshots = self->snapshots;

  /* A count or a sum alone says nothing of buckets. */
  for (guint i = snapshots->len; i-- > 0;)
    if (g_array_index (snapshots, GlowSnapshot, i).buckets == NULL && g_array_index (snapshots, GlowSnapshot, i).le == NULL)
      g_array_remove_index (snapshots, i);
  g_array_sort (snapshots, compare_times);
  for (guint i = 0; i < snapshots->len; i++)
    {
      GlowSnapshot *snapshot = &g_array_index (snapshots, GlowSnapshot, i);

      if (snapshot->buckets == NULL)
        take_differences (snapshot, self->series->name, warnings);
      if (!isnan (snapshot->count) && fabs (sum_counts (snapshot->buckets) - snapshot->count) > 0.5 && self->scale == 1 && snapshot->buckets->len > 0)
        glow_warnings_add (warnings, "histogram-count-differs", self->series->name, 1, 0, NULL,
                           _("“%s” says it counted another number of observations than its buckets hold; the buckets were taken"), self->series->name);
    }
  if (!self->is_counter)
    {
      for (guint i = 0; i < snapshots->len; i++)
        {
          const GlowSnapshot *snapshot = &g_array_index (snapshots, GlowSnapshot, i);
          gint64 apart = i > 0 ? snapshot->time - g_array_index (snapshots, GlowSnapshot, i - 1).time
                       : snapshots->len > 1 ? g_array_index (snapshots, GlowSnapshot, 1).time - snapshot->time : 0;

          glow_series_draft_interval (self, apart > 0 ? snapshot->time - apart : GLOW_TIME_UNKNOWN, snapshot->time,
                                      copy_scaled (snapshot->buckets, self->scale), snapshot->sum * self->scale);
        }
      return;
    }
  if (snapshots->len == 1 || (snapshots->len > 1 && self->created != GLOW_TIME_UNKNOWN && self->created < g_array_index (snapshots, GlowSnapshot, 0).time))
    {
      const GlowSnapshot *first = &g_array_index (snapshots, GlowSnapshot, 0);

      glow_series_draft_interval (self, self->created, first->time, copy_scaled (first->buckets, 1), first->sum);
    }
  for (guint i = 1; i < snapshots->len; i++)
    add_step (self, &g_array_index (snapshots, GlowSnapshot, i - 1), &g_array_index (snapshots, GlowSnapshot, i), warnings);
}

void
glow_series_draft_interval (GlowSeriesDraft *self, gint64 from, gint64 to, GArray *buckets, double sum)
{
  GlowHistogramInterval *interval = g_new0 (GlowHistogramInterval, 1);

  interval->from = from;
  interval->to = to;
  interval->buckets = buckets;
  interval->count = sum_counts (buckets);
  interval->sum = sum;
  g_ptr_array_add (self->series->intervals, interval);
}
