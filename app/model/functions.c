/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a call tree says of single functions, and of a search. */
#include <config.h>

#include "model/call-tree-private.h"

#include <afterglow/names.h>
#include "model/query-private.h"

/* A node that is open, depth first without recursion: deep stacks must not be deep calls. */
typedef struct {
  guint32 node, next_child;
} Visit;

/**
 * glow_call_tree_compute_functions:
 *
 * A function that calls itself counts once in its total. In an inverted tree the leaf of a stack is at the top, so that self and total are
 * those of the tree that is not inverted. O(nodes), of a tree that is cut O(samples + stacks).
 */
GArray *
glow_call_tree_compute_functions (GlowCallTree *self, GCancellable *cancellable)
{
  const GlowCallTreeNodes *nodes = &self->nodes;
  gboolean inverted = glow_query_get_inverted (self->query);
  guint32 n_frames = self->n_frames;
  g_autofree guint32 *open = g_new0 (guint32, n_frames + 1);
  g_autofree GlowFunction *sums = g_new0 (GlowFunction, n_frames + 1);
  g_autoptr(GArray) stack = g_array_new (FALSE, FALSE, sizeof (Visit));
  GArray *functions = g_array_new (FALSE, FALSE, sizeof (GlowFunction));
  Visit root = { 0, 0 };

  if (!glow_call_tree_is_whole (self))
    glow_tree_cut_functions (self, sums, cancellable);
  else
    g_array_append_val (stack, root);
  while (stack->len > 0)
    {
      Visit *visit = &g_array_index (stack, Visit, stack->len - 1);
      guint32 node = visit->node, frame = nodes->frame[node];

      if (visit->next_child == 0 && frame < n_frames)
        {
          GlowFunction *sum = &sums[frame];
          gboolean top = nodes->parent[node] == 0
                         || (nodes->frame[nodes->parent[node]] < n_frames
                             && glow_call_tree_get_frame (self, nodes->frame[nodes->parent[node]])->kind == GLOW_FRAME_GROUP);

          if (open[frame]++ == 0)
            {
              sum->total += nodes->total[node];
              sum->samples_total += nodes->samples_total[node];
            }
          if (inverted ? top : TRUE)
            {
              sum->self += inverted ? nodes->total[node] : nodes->self[node];
              sum->samples_self += inverted ? nodes->samples_total[node] : nodes->samples_self[node];
            }
        }
      if (visit->next_child < nodes->n_children[node])
        {
          Visit child = { nodes->first_child[node] + visit->next_child++, 0 };

          g_array_append_val (stack, child);
          continue;
        }
      if (frame < n_frames)
        open[frame]--;
      g_array_set_size (stack, stack->len - 1);
    }
  for (guint32 f = 0; f < n_frames; f++)
    if ((sums[f].total > 0 || sums[f].samples_total > 0) && glow_call_tree_get_frame (self, f)->kind != GLOW_FRAME_GROUP)
      {
        sums[f].frame = f;
        g_array_append_val (functions, sums[f]);
      }
  return functions;
}

/**
 * glow_search_compute:
 *
 * The weight of a match's subtree counts at the topmost match, so that each stack counts once. O(nodes + frames), of a tree that is cut O(samples + stacks) besides.
 */
GlowSearch *
glow_search_compute (GlowCallTree *tree, const char *pattern, gboolean case_sensitive, GCancellable *cancellable, GError **error)
{
  const GlowCallTreeNodes *nodes = &tree->nodes;
  g_autoptr(GRegex) regex = glow_regex_compile (pattern, case_sensitive, error);
  g_autofree guint8 *above = NULL;
  GlowSearch *self;

  if (regex == NULL)
    return NULL;
  self = g_new0 (GlowSearch, 1);
  self->frame_matches = g_new0 (guint8, tree->n_frames + 1);
  for (guint32 f = 0; f < tree->n_frames; f++)
    {
      g_autofree char *valid = g_utf8_make_valid (glow_call_tree_get_frame_name (tree, f), -1);

      self->frame_matches[f] = g_regex_match (regex, valid, 0, NULL);
      if (!self->frame_matches[f])
        {
          /* What is seen can be found. */
          g_autofree char *tidy = glow_name_dup_tidy (valid, glow_call_tree_get_frame (tree, f)->kind);

          self->frame_matches[f] = tidy != NULL && g_regex_match (regex, tidy, 0, NULL);
        }
    }
  above = g_new0 (guint8, nodes->n_nodes);
  for (guint32 i = 1; i < nodes->n_nodes; i++)
    {
      gboolean match = self->frame_matches[nodes->frame[i]];

      above[i] = above[nodes->parent[i]] | match;
      self->n_nodes += match;
      if (match && !above[nodes->parent[i]])
        {
          self->weight += nodes->total[i];
          self->samples += nodes->samples_total[i];
        }
    }
  if (!glow_call_tree_is_whole (tree))
    glow_tree_cut_search (tree, self->frame_matches, &self->weight, &self->samples, cancellable);
  return self;
}

void
glow_search_free (GlowSearch *self)
{
  g_free (self->frame_matches);
  g_free (self);
}
