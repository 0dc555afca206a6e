/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The union of the call trees of all runs: a path that any of them has is a node, with what each side has of it. Made level by level; the children of a
 * node are found through a table of keys, so that each node of each tree is looked at once. */
#include <config.h>

#include "analysis/diff-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CHECK_EVERY 0xfff
/* What a family of tests below a rejected parent costs at most: Yekutieli (2008), J. Am. Stat. Assoc. 103, 309–316, 2 × δ* with δ* ≤ 1.44. */
#define TOP_DOWN_FACTOR 2.88

/* ---- growing arrays ---- */

typedef struct {
  gsize n, room;
  guint32 *parent, *key, *first_child, *n_children, *source_first;
  guint16 *depth;
  double *total[GLOW_N_SIDES], *self[GLOW_N_SIDES], *weight[GLOW_N_SIDES];
} Nodes;

static void
nodes_grow (Nodes *self, gsize n)
{
  if (n + 1 <= self->room)
    return;
  self->room = MAX (n + 1, self->room * 2);
  self->parent = g_renew (guint32, self->parent, self->room);
  self->key = g_renew (guint32, self->key, self->room);
  self->first_child = g_renew (guint32, self->first_child, self->room);
  self->n_children = g_renew (guint32, self->n_children, self->room);
  self->source_first = g_renew (guint32, self->source_first, self->room);
  self->depth = g_renew (guint16, self->depth, self->room);
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    {
      self->total[s] = g_renew (double, self->total[s], self->room);
      self->self[s] = g_renew (double, self->self[s], self->room);
      self->weight[s] = g_renew (double, self->weight[s], self->room);
    }
}

/* A child in the making. */
typedef struct {
  guint32 key, n_sources, place;        /* place: where it comes among its siblings; then where its next source goes */
  double total[GLOW_N_SIDES], self[GLOW_N_SIDES], weight[GLOW_N_SIDES];
} Child;

typedef struct { guint32 run, node, child; } Found;

typedef struct {
  GlowDiff *diff;
  Nodes nodes;
  GlowDiffSource *sources;
  gsize n_sources, room;
  const GlowCallTreeNodes **trees;      /* by run */
  const guint32 **keys;
  double *factor, *scale;
  guint32 *n_frames;
  guint *side;
  guint32 *slot, *stamp;       /* by key: its child of the node at hand, and which node that was */
  GArray *children, *found;    /* of Child, Found */
  guint32 *order;              /* scratch: children in order */
  gsize order_room;
} Union;

static int
compare_children (gconstpointer a, gconstpointer b, gpointer data)
{
  const Child *children = data, *left = &children[*(const guint32 *) a], *right = &children[*(const guint32 *) b];
  double first = MAX (left->total[0], left->total[1]), second = MAX (right->total[0], right->total[1]);

  if (first != second)
    return first > second ? -1 : 1;
  return left->key < right->key ? -1 : left->key > right->key;
}

static void
collect (Union *self, guint32 node)
{
  g_array_set_size (self->children, 0);
  g_array_set_size (self->found, 0);
  for (guint32 s = self->nodes.source_first[node]; s < self->nodes.source_first[node + 1]; s++)
    {
      guint run = self->sources[s].run, side = self->side[run];
      const GlowCallTreeNodes *tree = self->trees[run];
      guint32 first = tree->first_child[self->sources[s].node], end = first + tree->n_children[self->sources[s].node];

      for (guint32 at = first; at < end; at++)
        {
          guint32 key = self->keys[run][MIN (tree->frame[at], self->n_frames[run])];
          Found found = { run, at, 0 };
          Child *child;

          if (self->stamp[key] != node + 1)
            {
              Child fresh = { .key = key };

              self->stamp[key] = node + 1;
              self->slot[key] = self->children->len;
              g_array_append_val (self->children, fresh);
            }
          found.child = self->slot[key];
          g_array_append_val (self->found, found);
          child = &g_array_index (self->children, Child, found.child);
          child->n_sources++;
          child->total[side] += (double) tree->total[at] * self->factor[run];
          child->self[side] += (double) tree->self[at] * self->factor[run];
          child->weight[side] += (double) tree->self[at] * self->scale[run];
        }
    }
}

static void
add_children (Union *self, guint32 node)
{
  Child *children = (Child *) self->children->data;
  guint32 n = self->children->len, first = (guint32) self->nodes.n, next_source = (guint32) self->n_sources;

  if (n > self->order_room)
    {
      self->order_room = 2 * n;
      self->order = g_renew (guint32, self->order, self->order_room);
    }
  for (guint32 i = 0; i < n; i++)
    self->order[i] = i;
  if (n > 1)
    g_qsort_with_data (self->order, (gint) n, sizeof (guint32), compare_children, children);
  nodes_grow (&self->nodes, self->nodes.n + n);
  self->nodes.first_child[node] = first;
  self->nodes.n_children[node] = n;
  for (guint32 i = 0; i < n; i++)
    {
      Child *child = &children[self->order[i]];
      guint32 own = first + i;

      self->nodes.parent[own] = node;
      self->nodes.key[own] = child->key;
      self->nodes.depth[own] = (guint16) MIN ((guint) self->nodes.depth[node] + 1, G_MAXUINT16);
      self->nodes.first_child[own] = self->nodes.n_children[own] = 0;
      for (guint s = 0; s < GLOW_N_SIDES; s++)
        {
          self->nodes.total[s][own] = child->total[s];
          self->nodes.self[s][own] = child->self[s];
          self->nodes.weight[s][own] = child->weight[s];
        }
      child->place = next_source;
      self->nodes.source_first[own] = next_source;
      next_source += child->n_sources;
    }
  self->nodes.n += n;
  self->nodes.source_first[self->nodes.n] = next_source;
  if (next_source > self->room)
    {
      self->room = MAX (next_source, 2 * self->room);
      self->sources = g_renew (GlowDiffSource, self->sources, self->room);
    }
  for (guint32 i = 0; i < self->found->len; i++)
    {
      const Found *found = &g_array_index (self->found, Found, i);

      self->sources[children[found->child].place++] = (GlowDiffSource) { found->run, found->node };
    }
  self->n_sources = next_source;
}

static void
begin (Union *self, GlowDiff *diff)
{
  guint n = glow_diff_n_runs (diff);
  guint32 n_keys = glow_match_n (&diff->match, GLOW_DIFF_FUNCTIONS);

  *self = (Union) { .diff = diff };
  self->trees = g_new (const GlowCallTreeNodes *, n);
  self->keys = g_new (const guint32 *, n);
  self->factor = g_new (double, n);
  self->scale = g_new (double, n);
  self->n_frames = g_new (guint32, n);
  self->side = g_new (guint, n);
  self->slot = g_new (guint32, n_keys + 1);
  self->stamp = g_new0 (guint32, n_keys + 1);
  self->children = g_array_new (FALSE, FALSE, sizeof (Child));
  self->found = g_array_new (FALSE, FALSE, sizeof (Found));
  self->sources = g_new (GlowDiffSource, n);
  self->room = n;
  nodes_grow (&self->nodes, 1024);
  self->nodes.n = 1;
  self->nodes.parent[0] = GLOW_NONE;
  self->nodes.key[0] = GLOW_NONE;
  self->nodes.depth[0] = 0;
  self->nodes.first_child[0] = self->nodes.n_children[0] = 0;
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    self->nodes.total[s][0] = self->nodes.self[s][0] = self->nodes.weight[s][0] = 0;
  for (guint r = 0; r < n; r++)
    {
      GlowDiffSum *run = glow_diff_nth_run (diff, r);

      /* Of a sandwich: it does not occur in this run. */
      if (run->tree == NULL)
        continue;
      self->trees[r] = glow_call_tree_get_nodes (run->tree);
      self->keys[r] = run->functions;
      self->n_frames[r] = glow_call_tree_get_n_frames (run->tree);
      self->scale[r] = run->scale;
      self->factor[r] = glow_diff_factor (diff, run) * run->scale;
      self->side[r] = run->side;
      self->sources[self->n_sources++] = (GlowDiffSource) { r, 0 };
      self->nodes.total[run->side][0] += (double) self->trees[r]->total[0] * self->factor[r];
      self->nodes.self[run->side][0] += (double) self->trees[r]->self[0] * self->factor[r];
      self->nodes.weight[run->side][0] += (double) self->trees[r]->self[0] * run->scale;
    }
  self->nodes.source_first[0] = 0;
  self->nodes.source_first[1] = (guint32) self->n_sources;
}

static void
end (Union *self)
{
  g_free (self->trees);
  g_free (self->keys);
  g_free (self->factor);
  g_free (self->scale);
  g_free (self->n_frames);
  g_free (self->side);
  g_free (self->slot);
  g_free (self->stamp);
  g_free (self->order);
  g_array_unref (self->children);
  g_array_unref (self->found);
}

/* ---- tests of nodes ---- */

typedef struct { double *p; guint8 *is_uncertain; guint block; } Testing;

static GlowDiffChange
test_node (GlowDiff *self, guint32 node)
{
  const GlowDiffNodes *nodes = &self->nodes;
  guint n = glow_diff_n_runs (self);
  g_autofree double *values = self->by_runs ? g_new0 (double, n) : NULL;
  double share[2];

  for (guint s = 0; s < GLOW_N_SIDES; s++)
    share[s] = self->sides[s].value > 0 ? nodes->total[s][node] / self->sides[s].value : 0;
  if (values != NULL)
    {
      for (guint32 s = self->source_first[node]; s < self->source_first[node + 1]; s++)
        {
          const GlowDiffSum *run = glow_diff_nth_run (self, self->sources[s].run);

          values[self->sources[s].run] += (double) glow_call_tree_get_nodes (run->tree)->total[self->sources[s].node] * run->scale * glow_diff_factor (self, run) * self->runs[run->side]->len;
        }
    }
  return glow_diff_test (self, share, values, nodes->key[node] != GLOW_NONE ? nodes->key[node] : self->offset[GLOW_N_DIFF_KINDS], GLOW_DIFF_TOTAL, FALSE);
}

static void
test_block (GlowDiff *self, guint block, gpointer data)
{
  Testing *testing = data;
  double least[2] = { self->options.min_share * self->sides[0].value, self->options.min_share * self->sides[1].value };
  guint32 end = MIN ((block + 1) * testing->block, self->nodes.n_nodes);

  for (guint32 i = MAX (block * testing->block, 1); i < end; i++)
    if (self->nodes.total[0][i] >= least[0] || self->nodes.total[1][i] >= least[1])
      {
        GlowDiffChange change = test_node (self, i);

        testing->p[i] = change.p;
        testing->is_uncertain[i] = (change.high - change.low) / 2 > 0.5 * fabs (change.change);
      }
}

/* Families of siblings below rejected parents; q of a path is never below its caller's. */
static void
control_top_down (const GlowDiff *self, const double *p, double *q)
{
  const GlowDiffNodes *nodes = &self->nodes;

  q[0] = 0;
  for (guint32 i = 0; i < nodes->n_nodes; i++)
    {
      guint32 first = nodes->first_child[i], n = nodes->n_children[i];

      if (n == 0)
        continue;
      if (!(q[i] < self->options.level))
        {
          for (guint32 c = first; c < first + n; c++)
            q[c] = NAN;
          continue;
        }
      glow_q_values (p + first, n, self->options.discovery, q + first);
      for (guint32 c = first; c < first + n; c++)
        q[c] = MAX (MIN (q[c] * TOP_DOWN_FACTOR, 1), q[i]);
    }
}

static void
test_nodes (GlowDiff *self)
{
  guint32 n = self->nodes.n_nodes;
  g_autofree double *p = g_new (double, n + 1), *q = g_new (double, n + 1);
  float *kept = g_new (float, n + 1);
  guint8 *evidence = g_new0 (guint8, n + 1), *matters = g_new0 (guint8, n + 1), *is_uncertain = g_new0 (guint8, n + 1);
  Testing testing = { p, is_uncertain, 1024 };

  for (guint32 i = 0; i < n; i++)
    p[i] = NAN;
  glow_diff_in_parallel (self, (n + testing.block - 1) / testing.block, test_block, &testing);
  if (self->options.top_down)
    control_top_down (self, p, q);
  else
    glow_q_values (p, n, self->options.discovery, q);
  q[0] = NAN;
  for (guint32 i = 0; i < n; i++)
    {
      GlowDiffChange change = { .change = self->nodes.total[1][i] - self->nodes.total[0][i], .q = q[i] };

      glow_diff_judge (self, &change, FALSE);
      kept[i] = (float) q[i];
      evidence[i] = change.evidence;
      matters[i] = change.matters;
      if (i > 0)
        self->nodes.largest_change = MAX (self->nodes.largest_change, fabs (change.change));
    }
  self->nodes.q = kept;
  self->nodes.evidence = evidence;
  self->nodes.matters = matters;
  self->nodes.is_uncertain = is_uncertain;
}

GlowDiffChange
glow_diff_get_node_change (GlowDiff *self, guint32 node)
{
  GlowDiffChange change = test_node (self, node);

  change.q = self->nodes.q[node];
  glow_diff_judge (self, &change, FALSE);
  return change;
}

gboolean
glow_diff_build_union (GlowDiff *self, GCancellable *cancellable, GError **error)
{
  double least[2] = { self->options.min_share * self->sides[0].value, self->options.min_share * self->sides[1].value };
  gboolean is_cancelled = FALSE;
  Union work;

  begin (&work, self);
  for (guint32 node = 0; node < work.nodes.n && !is_cancelled; node++)
    {
      if ((node & CHECK_EVERY) == 0)
        is_cancelled = g_cancellable_is_cancelled (cancellable);
      if (work.nodes.total[0][node] < least[0] && work.nodes.total[1][node] < least[1])
        continue;
      collect (&work, node);
      if (work.children->len > 0)
        add_children (&work, node);
    }
  end (&work);
  self->nodes = (GlowDiffNodes) {
    .n_nodes = (guint32) work.nodes.n,
    .parent = work.nodes.parent,
    .key = work.nodes.key,
    .first_child = work.nodes.first_child,
    .n_children = work.nodes.n_children,
    .depth = work.nodes.depth,
    .max_depth = work.nodes.depth[work.nodes.n - 1],
    .total = { work.nodes.total[0], work.nodes.total[1] },
    .self = { work.nodes.self[0], work.nodes.self[1] },
    .weight = { work.nodes.weight[0], work.nodes.weight[1] },
  };
  self->source_first = work.nodes.source_first;
  self->sources = work.sources;
  self->has_nodes = TRUE;
  if (is_cancelled)
    return !g_cancellable_set_error_if_cancelled (cancellable, error);
  test_nodes (self);
  if (!self->by_runs)
    {
      g_clear_pointer (&self->sources, g_free);
      g_clear_pointer (&self->source_first, g_free);
    }
  return TRUE;
}
