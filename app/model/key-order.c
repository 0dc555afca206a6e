/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows in order of a number: samples and the side-band by time, symbols and places by address. */
#include "model/key-order-private.h"

#include <string.h>

static gboolean
is_sorted (const GlowKeyOrder *order, gsize n)
{
  for (gsize i = 1; i < n; i++)
    if (order[i - 1].key > order[i].key)
      return FALSE;
  return TRUE;
}

/**
 * glow_sort_by_key:
 * @order: (transfer full): freed with g_free()
 *
 * Stable, by the bits that differ: a recording of half a minute needs three passes.
 *
 * Returns: (transfer full): the rows in order of their keys
 */
GlowKeyOrder *
glow_sort_by_key (GlowKeyOrder *order, gsize n)
{
  guint64 low = G_MAXUINT64, high = 0;
  GlowKeyOrder *other;

  if (is_sorted (order, n))
    return order;
  other = g_new (GlowKeyOrder, n);
  for (gsize i = 0; i < n; i++)
    {
      low = MIN (low, order[i].key);
      high = MAX (high, order[i].key);
    }
  for (guint shift = 0; shift < 64 && (high - low) >> shift > 0; shift += 11)
    {
      gsize counts[2049] = { 0 };
      GlowKeyOrder *swap = other;

      for (gsize i = 0; i < n; i++)
        counts[((order[i].key - low) >> shift & 2047) + 1]++;
      for (guint d = 1; d < 2048; d++)
        counts[d] += counts[d - 1];
      for (gsize i = 0; i < n; i++)
        other[counts[(order[i].key - low) >> shift & 2047]++] = order[i];
      other = order;
      order = swap;
    }
  g_free (other);
  return order;
}

void
glow_sort_numbers (guint64 *numbers, gsize n)
{
  guint64 low = G_MAXUINT64, high = 0, *from = numbers, *to;
  gboolean sorted = TRUE;

  for (gsize i = 0; i < n; i++)
    {
      low = MIN (low, numbers[i]);
      high = MAX (high, numbers[i]);
      sorted &= i == 0 || numbers[i - 1] <= numbers[i];
    }
  if (sorted)
    return;
  to = g_new (guint64, n);
  for (guint shift = 0; shift < 64 && (high - low) >> shift > 0; shift += 11)
    {
      gsize counts[2049] = { 0 };
      guint64 *swap = to;

      for (gsize i = 0; i < n; i++)
        counts[((from[i] - low) >> shift & 2047) + 1]++;
      for (guint d = 1; d < 2048; d++)
        counts[d] += counts[d - 1];
      for (gsize i = 0; i < n; i++)
        to[counts[(from[i] - low) >> shift & 2047]++] = from[i];
      to = from;
      from = swap;
    }
  if (from != numbers)
    {
      memcpy (numbers, from, n * sizeof (guint64));
      to = from;
    }
  g_free (to);
}
