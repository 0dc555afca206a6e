/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of stacks. Readers number stacks as they meet them, which scatters the callees of one function over the whole trie; a query visits them
 * level by level. Numbered breadth first once, every later query walks memory in nearly the order it lies in. */
#include "model/cancelled-private.h"
#include "model/memory-private.h"
#include "model/stack-order-private.h"

#include <stdlib.h>

/* Whether callees of one caller lie side by side, callers in the same order. */
static gboolean
is_ordered (const GlowStackArrays *stacks)
{
  for (guint32 i = 2; i < stacks->n; i++)
    if (stacks->parent[i] < stacks->parent[i - 1])
      return FALSE;
  return TRUE;
}

/* Cancelled: the numbers stay as they are. */
static guint32 *
give_up (guint32 *first, guint32 *below, guint32 *order)
{
  free (first);
  free (below);
  free (order);
  return NULL;
}

/**
 * glow_stacks_order:
 * @stacks: renumbered breadth first; callees of one caller keep their order
 *
 * O(stacks).
 *
 * Returns: (transfer full) (nullable): the new number of each old one, for free(); %NULL where nothing changed
 */
guint32 *
glow_stacks_order (GlowStackArrays *stacks)
{
  guint32 n = stacks->n, *first, *below, *order, *parent, *item, *moved, at = 0, out = 1;

  if (n < 3 || is_ordered (stacks))
    return NULL;
  /* The callees of i are below[first[i]] … below[first[i + 1] − 1]. */
  first = glow_allocate0 (n + 1, sizeof (guint32));
  below = glow_allocate (n, sizeof (guint32));
  order = glow_allocate (n, sizeof (guint32));
  for (guint32 i = 1; i < n; i++)
    {
      if (glow_cancelled (i))
        return give_up (first, below, order);
      first[stacks->parent[i]]++;
    }
  for (guint32 i = 0; i <= n; i++)
    {
      guint32 count = first[i];

      first[i] = at;
      at += count;
    }
  for (guint32 i = 1; i < n; i++)
    {
      if (glow_cancelled (i))
        return give_up (first, below, order);
      below[first[stacks->parent[i]]++] = i;
    }
  for (guint32 i = n; i > 0; i--)
    first[i] = first[i - 1];
  first[0] = 0;
  order[0] = 0;
  for (guint32 k = 0; k < n; k++)
    {
      if (glow_cancelled (k))
        return give_up (first, below, order);
      if (k + 16 < out)
        __builtin_prefetch (&first[order[k + 16]]);
      for (guint32 c = first[order[k]]; c < first[order[k] + 1]; c++)
        order[out++] = below[c];
    }
  moved = first;               /* no longer needed as it was */
  for (guint32 k = 0; k < n; k++)
    {
      if (glow_cancelled (k))
        return give_up (first, below, order);
      moved[order[k]] = k;
    }
  parent = below;
  item = glow_allocate (n, sizeof (guint32));
  for (guint32 k = 0; k < n; k++)
    {
      if (glow_cancelled (k))
        {
          free (item);
          return give_up (first, below, order);
        }
      if (k + 16 < n)
        {
          __builtin_prefetch (&stacks->parent[order[k + 16]]);
          __builtin_prefetch (&stacks->item[order[k + 16]]);
        }
      parent[k] = moved[stacks->parent[order[k]]];
      item[k] = stacks->item[order[k]];
    }
  free (order);
  free (stacks->parent);
  free (stacks->item);
  stacks->parent = parent;
  stacks->item = item;
  return moved;
}
