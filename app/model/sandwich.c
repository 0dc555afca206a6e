/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trees about one function, which may have several frames. Every stack is cut at the outermost occurrence of it, so that callers and callees are of the
 * same samples and a function that calls itself counts once. */
#include <config.h>

#include "model/call-tree-private.h"

typedef struct {
  GlowTrie trie;
  GArray *weight, *samples;    /* of guint64, by node */
} Merged;

static void
merged_init (Merged *self)
{
  glow_trie_init (&self->trie, 0);
  self->weight = g_array_new (FALSE, TRUE, sizeof (guint64));
  self->samples = g_array_new (FALSE, TRUE, sizeof (guint64));
  g_array_set_size (self->weight, 1);
  g_array_set_size (self->samples, 1);
}

static void
merged_add (Merged *self, guint32 node, guint64 weight, guint64 samples)
{
  if (self->weight->len < self->trie.n)
    {
      g_array_set_size (self->weight, self->trie.n);
      g_array_set_size (self->samples, self->trie.n);
    }
  g_array_index (self->weight, guint64, node) += weight;
  g_array_index (self->samples, guint64, node) += samples;
}

/* Takes @self; a tree with the base of @tree, whose root is @frame. */
static GlowCallTree *
merged_finish (Merged *self, GlowCallTree *tree, guint32 frame, GCancellable *cancellable)
{
  GlowCallTree *result = glow_call_tree_new (tree->profile, tree->query);
  GlowTreeInput input;

  merged_add (self, 0, 0, 0);
  input = (GlowTreeInput) { self->trie.n, self->trie.parent, self->trie.item, (guint64 *) self->weight->data, (guint64 *) self->samples->data };
  result->root_frame = frame;
  result->n_frames = tree->n_frames;
  result->group_rank = g_memdup2 (tree->group_rank, (tree->n_frames - tree->n_profile_frames) * sizeof (guint32));
  result->group_frames = g_memdup2 (tree->group_frames, (tree->n_frames - tree->n_profile_frames) * sizeof (GlowFrame));
  for (guint i = 0; i < tree->group_names->len; i++)
    g_ptr_array_add (result->group_names, g_strdup (g_ptr_array_index (tree->group_names, i)));
  if (!glow_call_tree_build (result, &input, NULL, cancellable))
    g_clear_pointer (&result, glow_call_tree_unref);
  else
    result->base = tree->base;
  glow_trie_clear (&self->trie);
  g_array_unref (self->weight);
  g_array_unref (self->samples);
  return result;
}

/* Whether the function stands above this node. O(1) a node by the flags of the parents. (transfer full) */
static guint8 *
mark_below (const GlowCallTreeNodes *nodes, const guint8 *chosen)
{
  guint8 *below = g_new0 (guint8, nodes->n_nodes);

  /* The root is nobody's frame. */
  for (guint32 i = 1; i < nodes->n_nodes; i++)
    below[i] = nodes->parent[i] != 0 && (below[nodes->parent[i]] || chosen[nodes->frame[nodes->parent[i]]]);
  return below;
}

GlowCallTree *
glow_call_tree_compute_callers_of (GlowCallTree *self, const guint8 *chosen, guint32 frame, GCancellable *cancellable)
{
  const GlowCallTreeNodes *nodes = &self->nodes;
  g_autofree guint8 *below = mark_below (nodes, chosen);
  Merged merged;

  merged_init (&merged);
  for (guint32 i = 1; i < nodes->n_nodes; i++)
    {
      guint32 node = 0;

      if (!chosen[nodes->frame[i]] || below[i])
        continue;
      for (guint32 at = nodes->parent[i]; at != 0; at = nodes->parent[at])
        node = glow_trie_intern (&merged.trie, node, nodes->frame[at]);
      merged_add (&merged, node, nodes->total[i], nodes->samples_total[i]);
    }
  return merged_finish (&merged, self, frame, cancellable);
}

GlowCallTree *
glow_call_tree_compute_callees_of (GlowCallTree *self, const guint8 *chosen, guint32 frame, GCancellable *cancellable)
{
  const GlowCallTreeNodes *nodes = &self->nodes;
  g_autofree guint8 *below = mark_below (nodes, chosen);
  g_autofree guint32 *place = g_new0 (guint32, nodes->n_nodes);
  Merged merged;

  merged_init (&merged);
  for (guint32 i = 1; i < nodes->n_nodes; i++)
    {
      if (below[i])
        place[i] = glow_trie_intern (&merged.trie, place[nodes->parent[i]], nodes->frame[i]);
      else if (!chosen[nodes->frame[i]])
        continue;
      merged_add (&merged, place[i], nodes->self[i], nodes->samples_self[i]);
    }
  return merged_finish (&merged, self, frame, cancellable);
}

typedef GlowCallTree *(*Half) (GlowCallTree *self, const guint8 *chosen, guint32 frame, GCancellable *cancellable);

/* Of one frame; a tree that is cut is made whole first. */
static GlowCallTree *
compute_half (GlowCallTree *self, guint32 frame, Half half, GCancellable *cancellable)
{
  g_autoptr(GlowCallTree) whole = glow_call_tree_is_whole (self) ? glow_call_tree_ref (self) : glow_call_tree_compute_whole_of (self, frame, cancellable);
  g_autofree guint8 *chosen = NULL;

  if (whole == NULL)
    return NULL;
  chosen = g_new0 (guint8, whole->n_frames);
  chosen[frame] = 1;
  return half (whole, chosen, frame, cancellable);
}

/**
 * glow_call_tree_compute_callers:
 * @frame: the function
 *
 * Who calls it, turned round: its callers below the root, their callers below them. O(nodes + occurrences × depth).
 *
 * Returns: (transfer full) (nullable): %NULL where cancelled
 */
GlowCallTree *
glow_call_tree_compute_callers (GlowCallTree *self, guint32 frame, GCancellable *cancellable)
{
  return compute_half (self, frame, glow_call_tree_compute_callers_of, cancellable);
}

/**
 * glow_call_tree_compute_callees:
 * @frame: the function
 *
 * What it calls: the subtrees of its outermost occurrences, merged. O(nodes).
 *
 * Returns: (transfer full) (nullable): %NULL where cancelled
 */
GlowCallTree *
glow_call_tree_compute_callees (GlowCallTree *self, guint32 frame, GCancellable *cancellable)
{
  return compute_half (self, frame, glow_call_tree_compute_callees_of, cancellable);
}
