/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples over time. One pass marks which samples count; an index of equal steps of time into them answers every later question by a look
 * and a short search, at any zoom, so that painting never depends on how many samples there are. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "model/selection-private.h"

#include <afterglow/density.h>
#include <afterglow/error.h>

#include <math.h>
#include <stdlib.h>

#define N_STEPS (1u << 16)
#define CANCEL_EVERY 0xffff

struct _GlowDensity {
  gatomicrefcount ref_count;
  GlowProfile *profile;
  const guint64 *times;        /* of the profile's samples */
  guint32 *rows;               /* the samples that count, in order; NULL: all do */
  gsize n;
  guint64 from, to, step;      /* ns */
  gsize *before;               /* N_STEPS + 1: samples before from + i × step */
};

static inline guint64
time_of (const GlowDensity *self, gsize i)
{
  return self->times[self->rows != NULL ? self->rows[i] : i];
}

/* The samples that count; NULL in *@rows where all do. FALSE where it was cancelled. */
static gboolean
find_rows (const GlowSelection *selection, const GlowSamples *samples, guint32 **rows, gsize *n, GCancellable *cancellable)
{
  gsize count = 0;

  *rows = g_new (guint32, samples->n + 1);
  for (gsize i = 0; i < samples->n; i++)
    {
      if ((i & CANCEL_EVERY) == 0 && g_cancellable_is_cancelled (cancellable))
        {
          g_clear_pointer (rows, g_free);
          return FALSE;
        }
      (*rows)[count] = i;
      count += glow_selection_has (selection, samples, i);
    }
  *n = count;
  if (count == samples->n)
    g_clear_pointer (rows, g_free);
  else
    *rows = g_renew (guint32, *rows, count + 1);
  return TRUE;
}

static void
index_times (GlowDensity *self)
{
  gsize i = 0;

  self->step = (self->to - self->from) / N_STEPS + 1;
  self->before = g_new (gsize, N_STEPS + 1);
  for (guint s = 0; s <= N_STEPS; s++)
    {
      while (i < self->n && time_of (self, i) - self->from < s * self->step)
        i++;
      self->before[s] = i;
    }
  self->before[N_STEPS] = self->n;     /* where times span all of 64 bits, the last step's end does not fit */
}

/**
 * glow_density_compute:
 * @query: its time terms are left out
 *
 * O(samples), 4 bytes a sample where the query leaves some out.
 *
 * Returns: (transfer full): or %NULL with @error
 */
GlowDensity *
glow_density_compute (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  g_autoptr(GlowQuery) whole = glow_query_without (query, GLOW_QUERY_TIME, NULL);
  GlowDensity *self;
  GlowSelection selection;
  guint32 *rows;
  gsize n;
  gboolean done;

  if (samples->time == NULL || samples->n == 0)
    {
      g_set_error_literal (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("This recording has no times to select by"));
      return NULL;
    }
  if (!glow_selection_init (&selection, profile, whole, error))
    return NULL;
  done = find_rows (&selection, samples, &rows, &n, cancellable);
  glow_selection_clear (&selection);
  if (!done)
    {
      g_cancellable_set_error_if_cancelled (cancellable, error);
      return NULL;
    }
  self = g_new0 (GlowDensity, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->profile = g_object_ref (profile);
  self->times = samples->time;
  self->rows = rows;
  self->n = n;
  self->from = samples->time[0];
  self->to = samples->time[samples->n - 1];
  index_times (self);
  return self;
}

GlowDensity *
glow_density_ref (GlowDensity *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glow_density_unref (GlowDensity *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_object_unref (self->profile);
  g_free (self->rows);
  g_free (self->before);
  g_free (self);
}

GlowProfile *
glow_density_get_profile (GlowDensity *self)
{
  return self->profile;
}

gsize
glow_density_get_n (GlowDensity *self)
{
  return self->n;
}

guint64
glow_density_get_from (GlowDensity *self)
{
  return self->from;
}

guint64
glow_density_get_to (GlowDensity *self)
{
  return self->to;
}

gsize
glow_density_before (GlowDensity *self, guint64 time)
{
  guint64 s;
  gsize lower, upper;

  if (time <= self->from)
    return 0;
  s = (time - self->from) / self->step;
  if (s >= N_STEPS)
    return self->n;
  lower = self->before[s];
  upper = self->before[s + 1];
  while (lower < upper)
    {
      gsize middle = lower + (upper - lower) / 2;

      if (time_of (self, middle) < time)
        lower = middle + 1;
      else
        upper = middle;
    }
  return lower;
}

guint32
glow_density_count (GlowDensity *self, guint64 from, guint64 width, guint n_cells, guint32 *counts)
{
  gsize before = glow_density_before (self, from);
  guint32 largest = 0;

  for (guint i = 0; i < n_cells; i++)
    {
      guint64 end = width > (G_MAXUINT64 - from) / (i + 1) ? G_MAXUINT64 : from + (i + 1) * width;
      gsize next = glow_density_before (self, end);

      counts[i] = MIN (next - before, G_MAXUINT32);
      largest = MAX (largest, counts[i]);
      before = next;
    }
  return largest;
}

GArray *
glow_gaps_compute (GlowProfile *profile, GCancellable *cancellable)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  GArray *gaps = g_array_new (FALSE, FALSE, sizeof (guint64));
  double longest;

  if (samples->time == NULL || samples->n < 3)
    return gaps;
  /* Of n intervals of mean m, one in a hundred times the longest is more than m ln (100 n). */
  longest = (double) (samples->time[samples->n - 1] - samples->time[0]) / (samples->n - 1) * log (100.0 * samples->n);
  for (gsize i = 1; i < samples->n; i++)
    {
      if ((i & CANCEL_EVERY) == 0 && g_cancellable_is_cancelled (cancellable))
        {
          g_array_unref (gaps);
          return NULL;
        }
      if ((double) (samples->time[i] - samples->time[i - 1]) > longest)
        g_array_append_vals (gaps, (guint64[]) { samples->time[i - 1] + 1, samples->time[i] }, 2);
    }
  return gaps;
}
