/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trees too large to be made whole each time a query changes: tens of millions of nodes of which a screen shows some thousands. Callees of what is
 * too narrow to be seen are left out; whoever looks closer asks again about one node. What is said of functions and searches comes from the
 * profile's stacks instead of the nodes then. */
#include <config.h>

#include "model/call-tree-private.h"
#include "model/sample-filter-private.h"

#include <stdlib.h>

/* Up to so many nodes a tree is made whole: a tenth of a second. */
#define WHOLE_AT_MOST 2000000
/* Four nodes a pixel on a screen of 4096. */
#define NARROWEST (1.0 / 16384)

void
glow_call_tree_cut_if_large (GlowCallTree *self, guint64 n_nodes)
{
  if (self->cuts_large && n_nodes > WHOLE_AT_MOST)
    self->min_share = NARROWEST;
}

GlowCallTree *
glow_call_tree_compute_for_view (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error)
{
  GlowTreeCut cut = { .cuts_large = TRUE, .only = GLOW_NONE };

  return glow_call_tree_compute_cut (profile, query, &cut, cancellable, error);
}

gboolean
glow_call_tree_is_whole (GlowCallTree *self)
{
  return self->min_share == 0;
}

/* Weight that is not its own must be somebody's. */
gboolean
glow_call_tree_is_cut (GlowCallTree *self, guint32 node)
{
  return self->nodes.n_children[node] == 0
         && (self->nodes.self[node] < self->nodes.total[node] || self->nodes.samples_self[node] < self->nodes.samples_total[node]);
}

static guint32 *
dup_way (GlowCallTree *self, guint32 node, guint *n)
{
  guint32 *way;

  *n = 0;
  for (guint32 at = node; at != 0; at = self->nodes.parent[at])
    (*n)++;
  way = g_new (guint32, *n + 1);
  for (guint32 at = node, i = *n; at != 0; at = self->nodes.parent[at])
    way[--i] = self->nodes.frame[at];
  return way;
}

/* @of: where @node is, a tree of the same profile and query. */
static GlowCallTree *
refine (GlowCallTree *self, GlowCallTree *of, guint32 node, GCancellable *cancellable, GError **error)
{
  guint n;
  g_autofree guint32 *way = dup_way (of, node, &n);
  GlowTreeCut cut = { .min_share = self->min_share, .cuts_large = self->cuts_large, .about = way, .n_about = n, .only = GLOW_NONE };

  return glow_call_tree_compute_cut (self->profile, self->query, &cut, cancellable, error);
}

GlowCallTree *
glow_call_tree_refine (GlowCallTree *self, guint32 node, GCancellable *cancellable, GError **error)
{
  return refine (self, self, node, cancellable, error);
}

GlowCallTree *
glow_call_tree_compute_whole_of (GlowCallTree *self, guint32 frame, GCancellable *cancellable)
{
  GlowTreeCut cut = { .only = frame };
  GlowCallTree *whole = glow_call_tree_compute_cut (self->profile, self->query, &cut, cancellable, NULL);

  /* Shares are of everything that is selected. */
  if (whole != NULL)
    whole->base = self->base;
  return whole;
}

GlowCallTree *
glow_call_tree_refine_frame (GlowCallTree *self, guint32 frame, GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowCallTree) whole = glow_call_tree_compute_whole_of (self, frame, cancellable);
  guint32 node = whole != NULL ? glow_call_tree_find_frame (whole, frame) : GLOW_NONE;

  if (whole == NULL)
    g_cancellable_set_error_if_cancelled (cancellable, error);
  return node != GLOW_NONE ? refine (self, whole, node, cancellable, error) : NULL;
}

/* ---- from stacks ---- */

static inline gboolean
is_hidden (const GlowCallTree *self, const guint8 *hidden, guint32 frame)
{
  return hidden != NULL && frame < self->n_profile_frames && hidden[frame];
}

typedef struct {
  guint32 node, next;
} Visit;

/* A function's total has each stack once, however often it is in it: the topmost has it. */
static void
add_totals (GlowCallTree *self, GlowFunction *sums, const guint8 *hidden, guint64 *weight, guint64 *samples, GCancellable *cancellable)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->profile);
  GlowTreeInput input = { stacks->n, stacks->parent, stacks->item, weight, samples };
  g_autofree guint32 *open = g_new0 (guint32, self->n_profile_frames + 1);
  g_autoptr(GArray) way = g_array_new (FALSE, FALSE, sizeof (Visit));
  GlowTreeSiblings siblings;
  Visit root = { 0, 0 };
  gsize steps = 0;

  for (guint32 i = stacks->n - 1; i > 0; i--)
    {
      weight[stacks->parent[i]] += weight[i];
      samples[stacks->parent[i]] += samples[i];
    }
  glow_tree_siblings_init (&siblings, &input);
  g_array_append_val (way, root);
  while (way->len > 0)
    {
      Visit *visit = &g_array_index (way, Visit, way->len - 1);
      guint32 s = visit->node, frame = stacks->item[s];
      gboolean counts = s != 0 && !is_hidden (self, hidden, frame);

      if ((steps++ & 0xffff) == 0 && g_cancellable_is_cancelled (cancellable))
        break;
      if (visit->next == 0 && counts && open[frame]++ == 0)
        {
          sums[frame].total += weight[s];
          sums[frame].samples_total += samples[s];
        }
      if (visit->next < siblings.count[s])
        {
          guint32 k = siblings.first[s] + visit->next++;
          Visit child = { siblings.list != NULL ? siblings.list[k] : k, 0 };

          if (weight[child.node] > 0 || samples[child.node] > 0)
            g_array_append_val (way, child);
          continue;
        }
      if (counts)
        open[frame]--;
      g_array_set_size (way, way->len - 1);
    }
  glow_tree_siblings_clear (&siblings);
}

/**
 * glow_tree_cut_functions:
 * @sums: by frame; added to
 *
 * What a whole tree's nodes would add up to.
 */
void
glow_tree_cut_functions (GlowCallTree *self, GlowFunction *sums, GCancellable *cancellable)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->profile);
  g_autofree guint8 *hidden = glow_sample_filter_dup_hidden_frames (self->profile, self->query);
  guint64 *weight, *samples;

  if (!glow_call_tree_sum_stacks (self, &weight, &samples, cancellable))
    return;
  for (guint32 s = 1; s < stacks->n; s++)
    {
      guint32 at = s;

      if (weight[s] == 0 && samples[s] == 0)
        continue;
      while (at != 0 && is_hidden (self, hidden, stacks->item[at]))
        at = stacks->parent[at];
      if (at == 0)
        continue;
      sums[stacks->item[at]].self += weight[s];
      sums[stacks->item[at]].samples_self += samples[s];
    }
  add_totals (self, sums, hidden, weight, samples, cancellable);
  free (weight);
  free (samples);
}

/**
 * glow_tree_cut_search:
 *
 * The weight of stacks that hold a match, those of a group that matches included.
 */
void
glow_tree_cut_search (GlowCallTree *self, const guint8 *frame_matches, guint64 *weight, guint64 *samples, GCancellable *cancellable)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->profile);
  g_autofree guint8 *hidden = glow_sample_filter_dup_hidden_frames (self->profile, self->query);
  g_autofree guint8 *marked = g_new0 (guint8, stacks->n);

  for (guint32 s = 1; s < stacks->n; s++)
    marked[s] = marked[stacks->parent[s]] || (frame_matches[stacks->item[s]] && !is_hidden (self, hidden, stacks->item[s]));
  glow_call_tree_sum_marked (self, marked, self->group_of_thread != NULL || self->group_of_row != NULL ? frame_matches + self->n_profile_frames : NULL, weight, samples, cancellable);
}

double
glow_call_tree_compute_unnamed_share (GlowCallTree *self, GCancellable *cancellable)
{
  const GlowCallTreeNodes *nodes = &self->nodes;
  gboolean inverted = glow_query_get_inverted (self->query);
  guint64 sum = 0;

  if (nodes->total[0] == 0)
    return 0;
  if (!glow_call_tree_is_whole (self))
    {
      g_autoptr(GArray) functions = glow_call_tree_compute_functions (self, cancellable);

      for (guint i = 0; i < functions->len; i++)
        if (glow_call_tree_get_frame (self, g_array_index (functions, GlowFunction, i).frame)->kind == GLOW_FRAME_UNKNOWN)
          sum += g_array_index (functions, GlowFunction, i).self;
      return (double) sum / nodes->total[0];
    }
  /* Innermost functions are the leaves, or where callers come first, what stands on the root. */
  for (guint32 i = 1; i < nodes->n_nodes; i++)
    {
      guint64 weight = !inverted ? nodes->self[i] : nodes->parent[i] == 0 ? nodes->total[i] : 0;

      if (weight > 0 && glow_call_tree_get_frame (self, nodes->frame[i])->kind == GLOW_FRAME_UNKNOWN)
        sum += weight;
    }
  return (double) sum / nodes->total[0];
}
