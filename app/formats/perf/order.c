/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows in order of time: of samples, and of the side-band. */
#include "formats/perf/perf-private.h"

static gboolean
is_sorted (const PerfOrder *order, gsize n)
{
  for (gsize i = 1; i < n; i++)
    if (order[i - 1].time > order[i].time)
      return FALSE;
  return TRUE;
}

/**
 * perf_sort_by_time:
 * @order: (transfer full): freed with g_free()
 *
 * Stable, by the bits that differ: a recording of half a minute needs three passes.
 *
 * Returns: (transfer full): the rows in order of time
 */
PerfOrder *
perf_sort_by_time (PerfOrder *order, gsize n)
{
  guint64 low = G_MAXUINT64, high = 0;
  PerfOrder *other;

  if (is_sorted (order, n))
    return order;
  other = g_new (PerfOrder, n);
  for (gsize i = 0; i < n; i++)
    {
      low = MIN (low, order[i].time);
      high = MAX (high, order[i].time);
    }
  for (guint shift = 0; shift < 64 && (high - low) >> shift > 0; shift += 11)
    {
      gsize counts[2049] = { 0 };
      PerfOrder *swap = other;

      for (gsize i = 0; i < n; i++)
        counts[((order[i].time - low) >> shift & 2047) + 1]++;
      for (guint d = 1; d < 2048; d++)
        counts[d] += counts[d - 1];
      for (gsize i = 0; i < n; i++)
        other[counts[(order[i].time - low) >> shift & 2047]++] = order[i];
      other = order;
      order = swap;
    }
  g_free (other);
  return order;
}
