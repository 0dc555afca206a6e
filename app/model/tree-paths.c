/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the same place again: in the tree of another query, in a tree whose names have come since, in words that were kept. */
#include <config.h>

#include "model/call-tree-private.h"

#include <string.h>

/* The child of @node with this name, or 0. Siblings of one name from several modules: the heaviest. O(siblings). */
static guint32
find_child (GlowCallTree *self, guint32 node, const char *name, gsize length)
{
  const GlowCallTreeNodes *nodes = &self->nodes;
  guint32 best = 0;

  for (guint32 i = nodes->first_child[node], end = i + nodes->n_children[node]; i < end; i++)
    {
      const char *own = glow_call_tree_get_name (self, i);

      if (strncmp (own, name, length) == 0 && own[length] == '\0' && (best == 0 || nodes->total[i] > nodes->total[best]))
        best = i;
    }
  return best;
}

guint32
glow_call_tree_find_like (GlowCallTree *self, GlowCallTree *other, guint32 other_node, gboolean *exact)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new ();
  guint32 node = 0;

  for (guint32 at = other_node; at != 0; at = other->nodes.parent[at])
    g_ptr_array_add (names, (gpointer) glow_call_tree_get_name (other, at));
  for (guint i = names->len; i-- > 0;)
    {
      const char *name = g_ptr_array_index (names, i);
      guint32 child = find_child (self, node, name, strlen (name));

      if (child == 0)
        {
          *exact = FALSE;
          return node;
        }
      node = child;
    }
  *exact = TRUE;
  return node;
}

guint32
glow_call_tree_find_stack (GlowCallTree *self, const char *stack, gboolean *exact)
{
  guint32 node = 0;

  while (*stack != '\0')
    {
      /* A name may hold a semicolon of its own: the longest piece that names a child is taken. */
      guint32 child = 0;
      const char *end = stack + strlen (stack);

      while (child == 0 && end != NULL && end > stack)
        {
          child = find_child (self, node, stack, end - stack);
          if (child == 0)
            end = g_strrstr_len (stack, end - stack, ";");
        }
      if (child == 0)
        {
          *exact = FALSE;
          return node;
        }
      node = child;
      stack = *end == ';' ? end + 1 : end;
    }
  *exact = TRUE;
  return node;
}

guint32
glow_call_tree_find_frame (GlowCallTree *self, guint32 frame)
{
  guint32 best = GLOW_NONE;

  for (guint32 i = 1; i < self->nodes.n_nodes; i++)
    if (self->nodes.frame[i] == frame && (best == GLOW_NONE || self->nodes.total[i] > self->nodes.total[best]))
      best = i;
  return best;
}
