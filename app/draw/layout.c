/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rectangles of the part of a call tree that can be seen. Siblings stand side by side in the tree's own order; those too narrow to
 * draw become one rectangle as wide as they are together, so that nothing seems to be missing. */
#include <afterglow/layout.h>

typedef struct {
  guint32 node;
  guint64 start;               /* weight to the left of it */
} Place;

static void
add_rect (GArray *rects, guint32 node, guint32 merged, guint depth, double x, double width)
{
  GlowRect rect = { node, merged, depth, (float) x, (float) width };

  g_array_append_val (rects, rect);
}

/* The children of one place, clipped to the window. */
static void
lay_children (const GlowCallTreeNodes *nodes, const GlowLayoutOptions *options, double scale, double origin, const Place *place, guint depth,
              GArray *rects, GArray *next)
{
  guint64 at = place->start;
  guint32 first = nodes->first_child[place->node], n = nodes->n_children[place->node], pending = 0, pending_node = 0;
  guint64 pending_start = 0;

  for (guint32 i = 0; i <= n; i++)
    {
      guint32 child = first + i;
      guint64 weight = i < n ? nodes->total[child] : 0;
      double left = at * scale - origin, right = (at + weight) * scale - origin;
      gboolean narrow = i < n && (right - left) < options->min_width;

      if (pending > 0 && !narrow)
        {
          double from = MAX (pending_start * scale - origin, 0), to = MIN (left, options->width);

          if (to - from >= options->min_width / 10 && depth >= options->first_depth)
            add_rect (rects, pending_node, pending, depth, from, to - from);
          pending = 0;
        }
      if (i == n || left >= options->width)
        break;
      if (right > 0 && narrow)
        {
          if (pending++ == 0)
            {
              pending_node = child;
              pending_start = at;
            }
        }
      else if (right > 0)
        {
          Place below = { child, at };
          double from = MAX (left, 0), to = MIN (right, options->width);

          if (depth >= options->first_depth)
            add_rect (rects, child, 0, depth, from, to - from);
          g_array_append_val (next, below);
        }
      at += weight;
    }
}

/**
 * glow_layout_compute:
 *
 * O(rectangles, and the siblings of those that are seen).
 */
GlowLayout *
glow_layout_compute (GlowCallTree *tree, const GlowLayoutOptions *options)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  GlowLayout *self = g_new0 (GlowLayout, 1);
  GArray *rects = g_array_new (FALSE, FALSE, sizeof (GlowRect));
  g_autoptr(GArray) row = g_array_new (FALSE, FALSE, sizeof (Place)), next = g_array_new (FALSE, FALSE, sizeof (Place));
  double all = nodes->total[0], span = options->to - options->from, scale, origin;
  Place root = { 0, 0 };
  guint last = options->n_depths > 0 ? options->first_depth + options->n_depths : G_MAXUINT16;

  self->options = *options;
  self->tree = glow_call_tree_ref (tree);
  if (all > 0 && span > 0)
    {
      scale = options->width / (span * all);
      origin = options->from * all * scale;
      if (options->first_depth == 0)
        add_rect (rects, 0, 0, 0, 0, options->width);
      g_array_append_val (row, root);
      for (guint depth = 1; row->len > 0 && depth < G_MAXUINT16; depth++)
        {
          GArray *swap = row;

          g_array_set_size (next, 0);
          for (guint i = 0; i < row->len; i++)
            lay_children (nodes, options, scale, origin, &g_array_index (row, Place, i), depth, rects, next);
          if (depth + 1 >= last)
            break;
          row = next;
          next = swap;
        }
    }
  if (rects->len > 0)
    self->max_depth = MAX (self->max_depth, g_array_index (rects, GlowRect, rects->len - 1).depth);
  self->n_rects = rects->len;
  self->rects = (const GlowRect *) g_array_free (rects, FALSE);
  return self;
}

void
glow_layout_free (GlowLayout *self)
{
  glow_call_tree_unref (self->tree);
  g_free ((gpointer) self->rects);
  g_free (self);
}

/**
 * glow_layout_find:
 *
 * Returns: (transfer none) (nullable): O(log rectangles)
 */
const GlowRect *
glow_layout_find (const GlowLayout *self, double x, guint depth)
{
  guint32 lower = 0, upper = self->n_rects;

  while (lower < upper)
    {
      guint32 middle = lower + (upper - lower) / 2;
      const GlowRect *rect = &self->rects[middle];

      if (rect->depth < depth || (rect->depth == depth && (double) rect->x + rect->width <= x))
        lower = middle + 1;
      else
        upper = middle;
    }
  if (lower == self->n_rects || self->rects[lower].depth != depth || self->rects[lower].x > x)
    return NULL;
  return &self->rects[lower];
}

void
glow_layout_node_extent (GlowCallTree *tree, guint32 node, double *from, double *to)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  guint64 start = 0, weight = nodes->total[node];

  for (guint32 at = node; at != 0; at = nodes->parent[at])
    for (guint32 sibling = nodes->first_child[nodes->parent[at]]; sibling < at; sibling++)
      start += nodes->total[sibling];
  *from = nodes->total[0] > 0 ? (double) start / nodes->total[0] : 0;
  *to = nodes->total[0] > 0 ? (double) (start + weight) / nodes->total[0] : 1;
}

guint32
glow_layout_find_container (GlowCallTree *tree, double from, double to)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  double all = nodes->total[0], slack = (to - from) * 1e-6;
  guint64 start = 0;
  guint32 node = 0;

  for (gboolean found = all > 0; found;)
    {
      guint64 at = start;

      found = FALSE;
      for (guint32 i = nodes->first_child[node], end = i + nodes->n_children[node]; i < end; at += nodes->total[i++])
        if (at / all <= from + slack && (at + nodes->total[i]) / all >= to - slack)
          {
            node = i;
            start = at;
            found = TRUE;
            break;
          }
    }
  return node;
}
