/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in a call tree stacks are torn: weights of samples whose callers end at a node too early, or whose immediate caller is missing there. Found when first
 * asked for: recordings with whole stacks pay nothing. */
#include "model/call-tree-private.h"
#include "model/memory-private.h"
#include "model/sample-filter-private.h"
#include "model/selection-private.h"

#include <afterglow/stack-quality.h>

#include <stdlib.h>

#define WIDE 32                /* callees of one node that are looked through one by one */
#define PARALLEL_FROM 200000   /* samples */

typedef struct {
  GlowCallTree *tree;
  const GlowCallTreeNodes *nodes;
  const GlowStacks *stacks;
  guint8 *hidden;              /* (nullable): by frame */
  gboolean collapse;
  GHashTable *found;           /* group and stack (guint64 *) → node + 1 */
  guint32 *known;              /* (nullable) instead of it, where there are no groups: by stack, node + 2; 0: not looked for yet */
  GHashTable *wide;            /* node and frame (guint64 *) → child + 1, of nodes with many callees */
  guint32 *open_end;           /* (nullable) where there are no groups: by stack, the node of its outermost function + 2; 0: not looked for yet */
  GArray *tears;               /* of GlowTear */
  guint32 *tear_of;            /* by node, its place in @tears + 1; 0: none */
} Finder;

static guint32
find_child (Finder *self, guint32 node, guint32 frame)
{
  guint32 first = self->nodes->first_child[node], n = self->nodes->n_children[node];
  guint64 key = (guint64) node << 32 | frame, mark = (guint64) node << 32 | GLOW_NONE;

  if (n <= WIDE)
    {
      for (guint32 i = first; i < first + n; i++)
        if (self->nodes->frame[i] == frame)
          return i;
      return GLOW_NONE;
    }
  if (!g_hash_table_contains (self->wide, &mark))
    {
      g_hash_table_insert (self->wide, g_memdup2 (&mark, sizeof mark), NULL);
      for (guint32 i = first; i < first + n; i++)
        {
          guint64 own = (guint64) node << 32 | self->nodes->frame[i];

          g_hash_table_insert (self->wide, g_memdup2 (&own, sizeof own), GUINT_TO_POINTER (i + 1));
        }
    }
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->wide, &key)) - 1;
}

/* The root of a stack's group. */
static guint32
group_root (Finder *self, guint32 group)
{
  return group == GLOW_NONE ? 0 : find_child (self, 0, self->tree->n_profile_frames + group);
}

/* One step from callers to callee. */
static guint32
step (Finder *self, guint32 node, guint32 frame)
{
  if (node == GLOW_NONE || (self->hidden != NULL && self->hidden[frame]) || (self->collapse && self->nodes->frame[node] == frame))
    return node;
  return find_child (self, node, frame);
}

/* The same without groups. Callers have lower numbers than callees: the way back is as long as what is not known yet. */
static guint32
find_known (Finder *self, guint32 stack)
{
  guint32 path[64], n = 0, at, node;

  if (self->known[stack] != 0)
    return self->known[stack] - 2;
  for (at = stack; at != 0 && self->known[at] == 0 && n < G_N_ELEMENTS (path); at = self->stacks->parent[at])
    path[n++] = at;
  node = at == 0 ? 0 : find_known (self, at);
  while (n-- > 0)
    {
      node = step (self, node, self->stacks->item[path[n]]);
      self->known[path[n]] = node + 2;
    }
  return node;
}

/* The node of a stack's innermost function; GLOW_NONE where the tree does not go so far. */
static guint32
find_node (Finder *self, guint32 group, guint32 stack)
{
  g_autoptr(GArray) path = NULL;
  guint32 node = GLOW_NONE;
  gboolean known = FALSE;

  if (self->known != NULL)
    return stack != 0 ? find_known (self, stack) : 0;
  path = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (; stack != 0; stack = self->stacks->parent[stack])
    {
      guint64 key = (guint64) group << 32 | stack;
      gpointer value;

      if (g_hash_table_lookup_extended (self->found, &key, NULL, &value))
        {
          node = GPOINTER_TO_UINT (value) - 1;
          known = TRUE;
          break;
        }
      g_array_append_val (path, stack);
    }
  if (!known)
    node = group_root (self, group);
  for (guint i = path->len; i-- > 0;)
    {
      guint32 at = g_array_index (path, guint32, i);
      guint64 key = (guint64) group << 32 | at;

      node = step (self, node, self->stacks->item[at]);
      g_hash_table_insert (self->found, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (node + 1));
    }
  return node;
}

static GlowTear *
tear_at (Finder *self, guint32 node)
{
  if (self->tear_of[node] == 0)
    {
      GlowTear tear = { .node = node };

      g_array_append_val (self->tears, tear);
      self->tear_of[node] = self->tears->len;
    }
  return &g_array_index (self->tears, GlowTear, self->tear_of[node] - 1);
}

static void
add_gap (Finder *self, guint32 group, guint32 stack, guint64 weight)
{
  guint32 node = find_node (self, group, stack);
  GlowTear *tear;

  if (node == GLOW_NONE || node == 0)
    return;
  tear = tear_at (self, node);
  tear->skipped += weight;
  tear->weight += weight;
}

/* The outermost function that is shown: hidden ones do not stand there. */
static guint32
outermost (const Finder *self, guint32 stack)
{
  guint32 found = 0;

  for (; stack != 0; stack = self->stacks->parent[stack])
    if (self->hidden == NULL || !self->hidden[self->stacks->item[stack]])
      found = stack;
  return found;
}

/* The node of it. */
static guint32
find_outermost (Finder *self, guint32 group, guint32 stack)
{
  guint32 root, top, node;

  if (self->open_end != NULL && self->open_end[stack] != 0)
    return self->open_end[stack] - 2;
  root = group_root (self, group);
  top = outermost (self, stack);
  node = top != 0 && root != GLOW_NONE ? find_child (self, root, self->stacks->item[top]) : GLOW_NONE;
  if (self->open_end != NULL)
    self->open_end[stack] = node + 2;
  return node;
}

static void
add_open_end (Finder *self, guint32 group, guint32 stack, guint8 status, guint64 weight)
{
  guint32 node = find_outermost (self, group, stack);
  GlowTear *tear;

  if (node == GLOW_NONE)
    return;
  tear = tear_at (self, node);
  tear->cut += status & GLOW_STACK_CUT ? weight : 0;
  tear->limit += status & GLOW_STACK_LIMIT ? weight : 0;
  tear->broken += status & GLOW_STACK_BROKEN ? weight : 0;
  tear->weight += weight;
}

/* Samples of one chain in one group that lack something. */
typedef struct {
  guint32 group, chain, stack;
  guint64 weight;
} Torn;

static guint
torn_hash (gconstpointer key)
{
  const Torn *torn = key;

  return torn->group * 2654435761u ^ torn->chain * 40503u;
}

static gboolean
torn_equal (gconstpointer a, gconstpointer b)
{
  const Torn *left = a, *right = b;

  return left->group == right->group && left->chain == right->chain;
}

static guint32
group_of (const GlowCallTree *tree, const GlowSamples *samples, gsize i)
{
  if (tree->group_of_row != NULL)
    return tree->group_of_row[i];
  return tree->group_of_thread != NULL ? tree->group_of_thread[samples->thread[i]] : GLOW_NONE;
}

static gboolean
has_groups (const GlowCallTree *tree)
{
  return tree->group_of_row != NULL || tree->group_of_thread != NULL;
}

/* What the samples of each chain come to, in a part of them. */
typedef struct {
  guint64 weight;
  guint32 stack;               /* + 1; 0: no sample */
} ChainSum;

typedef struct {
  const GlowSelection *selection;
  const GlowSamples *samples;
  const GlowEvent *events;
  guint32 n_events;
  const guint8 *status;        /* by chain */
  gsize from, to;
  ChainSum *sums;              /* by chain, of those that lack something */
} Part;

static gboolean
lacks (const Part *part, gsize i, guint *event)
{
  *event = part->samples->event != NULL ? part->samples->event[i] : 0;
  return part->status[part->samples->chain[i]] & GLOW_STACK_LACKS && *event < part->n_events && part->selection->event_ok[*event]
         && glow_selection_has (part->selection, part->samples, i);
}

static gpointer
sum_chains (gpointer data)
{
  const Part *part = data;
  const guint32 *chain = part->samples->chain;
  guint event;

  for (gsize i = part->from; i < part->to; i++)
    {
      ChainSum *sum = &part->sums[chain[i]];

      if (i + GLOW_AHEAD < part->to)
        __builtin_prefetch (&part->sums[chain[i + GLOW_AHEAD]], 1);
      if (!lacks (part, i, &event))
        continue;
      sum->weight += glow_selection_weight (part->selection, part->events, part->samples, i, event);
      sum->stack = part->samples->stack[i] + 1;
    }
  return NULL;
}

/* Without groups: in two halves where there is enough to do. */
static void
collect_plain (const Part *all, guint32 n_chains, GArray *torn)
{
  Part half = *all, rest = *all;
  GThread *thread = NULL;

  half.sums = glow_allocate0 (n_chains, sizeof (ChainSum));
  if (all->to > PARALLEL_FROM && all->to > n_chains)
    {
      half.to = rest.from = all->to / 2;
      rest.sums = glow_allocate0 (n_chains, sizeof (ChainSum));
      thread = g_thread_new ("glow-torn", sum_chains, &rest);
    }
  sum_chains (&half);
  if (thread != NULL)
    g_thread_join (thread);
  for (guint32 c = 0; c < n_chains; c++)
    {
      Torn one = { GLOW_NONE, c, MAX (half.sums[c].stack, thread != NULL ? rest.sums[c].stack : 0), half.sums[c].weight + (thread != NULL ? rest.sums[c].weight : 0) };

      if (one.stack == 0)
        continue;
      one.stack--;
      g_array_append_val (torn, one);
    }
  free (half.sums);
  free (rest.sums);
}

static void
collect_grouped (GlowCallTree *tree, const Part *all, GArray *torn)
{
  g_autoptr(GHashTable) known = g_hash_table_new_full (torn_hash, torn_equal, g_free, NULL);    /* Torn → its place + 1 */
  guint event, at;

  for (gsize i = all->from; i < all->to; i++)
    {
      Torn one;

      if (!lacks (all, i, &event))
        continue;
      one = (Torn) { group_of (tree, all->samples, i), all->samples->chain[i], all->samples->stack[i], 0 };
      at = GPOINTER_TO_UINT (g_hash_table_lookup (known, &one));
      if (at == 0)
        {
          g_array_append_val (torn, one);
          at = torn->len;
          g_hash_table_insert (known, g_memdup2 (&one, sizeof one), GUINT_TO_POINTER (at));
        }
      g_array_index (torn, Torn, at - 1).weight += glow_selection_weight (all->selection, all->events, all->samples, i, event);
    }
}

/* (transfer full): of Torn */
static GArray *
collect (GlowCallTree *tree, const GlowSelection *selection, const GlowChains *chains)
{
  GArray *torn = g_array_new (FALSE, FALSE, sizeof (Torn));
  Part all = { .selection = selection, .samples = glow_profile_get_samples (tree->profile), .status = chains->status };

  all.events = glow_profile_get_events (tree->profile, &all.n_events);
  all.to = all.samples->n;
  if (has_groups (tree))
    collect_grouped (tree, &all, torn);
  else
    collect_plain (&all, chains->stacks.n, torn);
  return torn;
}

/* Weights of chains without groups run down to the root once, all together. */
static void
add_gaps (Finder *self, const GlowChains *chains, guint64 *weight)
{
  for (guint32 i = chains->stacks.n - 1; i > 0; i--)
    {
      if (weight[i] == 0)
        continue;
      if (chains->status[i] & GLOW_STACK_GAP)
        add_gap (self, GLOW_NONE, chains->call_stacks[i], weight[i]);
      weight[chains->stacks.parent[i]] += weight[i];
    }
}

static void
find_tears (Finder *self, const GArray *all)
{
  const GlowChains *chains = glow_profile_get_chains (self->tree->profile);
  guint64 *weight = chains->call_stacks != NULL && !has_groups (self->tree) ? glow_allocate0 (chains->stacks.n, sizeof (guint64)) : NULL;

  for (guint i = 0; i < all->len; i++)
    {
      const Torn *torn = &g_array_index (all, Torn, i);
      guint8 status = chains->status[torn->chain];

      if (status & GLOW_STACK_OPEN_ENDED)
        add_open_end (self, torn->group, torn->stack, status, torn->weight);
      if (!(status & GLOW_STACK_SKIPPED) || chains->call_stacks == NULL)
        continue;
      if (weight != NULL)
        weight[torn->chain] += torn->weight;
      else
        for (guint32 at = torn->chain; at != 0; at = chains->stacks.parent[at])
          if (chains->status[at] & GLOW_STACK_GAP)
            add_gap (self, torn->group, chains->call_stacks[at], torn->weight);
    }
  if (weight != NULL)
    add_gaps (self, chains, weight);
  free (weight);
}

static GHashTable *
compute_tears (GlowCallTree *tree)
{
  const GlowChains *chains = glow_profile_get_chains (tree->profile);
  GHashTable *tears = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_autofree guint8 *hidden = NULL;
  GlowSelection selection;

  if (tree->root_frame != GLOW_NONE || chains == NULL || chains->status == NULL || glow_query_get_inverted (tree->query)
      || !glow_selection_init (&selection, tree->profile, tree->query, NULL))
    return tears;
  hidden = glow_sample_filter_dup_hidden_frames (tree->profile, tree->query);
  {
    g_autoptr(GArray) all = collect (tree, &selection, chains);
    g_autoptr(GHashTable) found = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
    g_autoptr(GHashTable) wide = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
    const GlowStacks *stacks = glow_profile_get_stacks (tree->profile);
    g_autofree guint32 *known = has_groups (tree) ? NULL : g_new0 (guint32, stacks->n);
    g_autofree guint32 *open_end = has_groups (tree) ? NULL : g_new0 (guint32, stacks->n), *tear_of = g_new0 (guint32, tree->nodes.n_nodes);
    g_autoptr(GArray) own = g_array_new (FALSE, FALSE, sizeof (GlowTear));
    Finder finder = { tree, &tree->nodes, stacks, hidden, glow_query_get_collapse_recursion (tree->query), found, known, wide, open_end, own, tear_of };

    find_tears (&finder, all);
    for (guint i = 0; i < own->len; i++)
      {
        const GlowTear *tear = &g_array_index (own, GlowTear, i);

        g_hash_table_insert (tears, GUINT_TO_POINTER (tear->node), g_memdup2 (tear, sizeof *tear));
      }
  }
  glow_selection_clear (&selection);
  return tears;
}

/**
 * glow_call_tree_get_tear:
 *
 * Returns: (transfer none) (nullable): valid as long as the tree
 */
const GlowTear *
glow_call_tree_get_tear (GlowCallTree *tree, guint32 node)
{
  const GlowProfileInfo *info = glow_profile_get_info (tree->profile);

  if (info->torn_stacks == 0)
    return NULL;
  if (g_once_init_enter (&tree->tears))
    {
      GHashTable *tears = compute_tears (tree);

      g_once_init_leave (&tree->tears, tears);
    }
  return g_hash_table_lookup (tree->tears, GUINT_TO_POINTER (node));
}
