/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From samples to merged stacks. One pass over the samples sums weights by stack; one pass from the last trie node to the first makes
 * totals of them; one pass from the root lays siblings side by side in their order. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "model/call-tree-private.h"
#include "model/sample-filter-private.h"
#include "model/selection-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PARALLEL_FROM 500000
#define AHEAD 24
#define CONFIDENCE 0.95

GlowCallTree *
glow_call_tree_new (GlowProfile *profile, const GlowQuery *query)
{
  GlowCallTree *self = g_new0 (GlowCallTree, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->profile = g_object_ref (profile);
  self->query = glow_query_ref ((GlowQuery *) query);
  self->group_names = g_ptr_array_new_with_free_func (g_free);
  glow_profile_get_frames (profile, &self->n_profile_frames);
  self->n_frames = self->n_profile_frames;
  self->root_frame = GLOW_NONE;
  return self;
}

GlowCallTree *
glow_call_tree_ref (GlowCallTree *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glow_call_tree_unref (GlowCallTree *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  if (self->nodes.samples_total != self->nodes.total)
    {
      g_free ((gpointer) self->nodes.samples_total);
      g_free ((gpointer) self->nodes.samples_self);
    }
  g_free ((gpointer) self->nodes.parent);
  g_free ((gpointer) self->nodes.frame);
  g_free ((gpointer) self->nodes.first_child);
  g_free ((gpointer) self->nodes.n_children);
  g_free ((gpointer) self->nodes.depth);
  g_free ((gpointer) self->nodes.total);
  g_free ((gpointer) self->nodes.self);
  g_free (self->group_frames);
  g_ptr_array_unref (self->group_names);
  g_object_unref (self->profile);
  glow_query_unref (self->query);
  g_free (self);
}

const GlowCallTreeNodes *
glow_call_tree_get_nodes (GlowCallTree *self)
{
  return &self->nodes;
}

const GlowBase *
glow_call_tree_get_base (GlowCallTree *self)
{
  return &self->base;
}

GlowProfile *
glow_call_tree_get_profile (GlowCallTree *self)
{
  return self->profile;
}

const GlowQuery *
glow_call_tree_get_query (GlowCallTree *self)
{
  return self->query;
}

guint32
glow_call_tree_get_n_frames (GlowCallTree *self)
{
  return self->n_frames;
}

const GlowFrame *
glow_call_tree_get_frame (GlowCallTree *self, guint32 frame)
{
  if (frame < self->n_profile_frames)
    return &glow_profile_get_frames (self->profile, NULL)[frame];
  g_return_val_if_fail (frame < self->n_frames, NULL);
  return &self->group_frames[frame - self->n_profile_frames];
}

/**
 * glow_call_tree_get_frame_name:
 *
 * Returns: (transfer none): the raw name of a frame, those of groups included
 */
const char *
glow_call_tree_get_frame_name (GlowCallTree *self, guint32 frame)
{
  if (frame < self->n_profile_frames)
    return glow_profile_get_string (self->profile, glow_profile_get_frames (self->profile, NULL)[frame].name);
  if (frame < self->n_frames)
    return g_ptr_array_index (self->group_names, frame - self->n_profile_frames);
  return "all";
}

const char *
glow_call_tree_get_module_name (GlowCallTree *self, guint32 frame)
{
  guint32 n, module = frame < self->n_frames ? glow_call_tree_get_frame (self, frame)->module : GLOW_NONE;
  const GlowModule *modules = glow_profile_get_modules (self->profile, &n);

  return module < n ? glow_profile_get_string (self->profile, modules[module].name) : NULL;
}

GlowShare
glow_base_get_share (const GlowBase *base, guint64 weight)
{
  return glow_share_compute (weight, base->weight, base->effective_n, CONFIDENCE);
}

const char *
glow_call_tree_get_name (GlowCallTree *self, guint32 node)
{
  return glow_call_tree_get_frame_name (self, self->nodes.frame[node]);
}

char *
glow_call_tree_dup_display_name (GlowCallTree *self, guint32 node)
{
  guint32 frame = self->nodes.frame[node];

  if (frame < self->n_profile_frames)
    return glow_strings_dup_display (glow_profile_get_strings (self->profile), glow_profile_get_frames (self->profile, NULL)[frame].name);
  return g_utf8_make_valid (frame == GLOW_NONE ? _("all") : glow_call_tree_get_frame_name (self, frame), -1);
}

char *
glow_call_tree_dup_stack (GlowCallTree *self, guint32 node)
{
  GPtrArray *names = g_ptr_array_new ();
  GString *text = g_string_new (NULL);

  for (; node != 0; node = self->nodes.parent[node])
    g_ptr_array_add (names, (gpointer) glow_call_tree_get_name (self, node));
  for (guint i = names->len; i-- > 0;)
    g_string_append_printf (text, "%s%s", (const char *) g_ptr_array_index (names, i), i > 0 ? ";" : "");
  g_ptr_array_unref (names);
  return g_string_free (text, FALSE);
}

/* ---- nodes ---- */

typedef struct {
  GlowCallTree *tree;
  const GlowTreeInput *input;
  gboolean by_name;
} Ordering;

static gint
compare_nodes (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Ordering *ordering = user_data;
  guint32 left = *(const guint32 *) a, right = *(const guint32 *) b;
  const GlowTreeInput *input = ordering->input;
  int order;

  if (!ordering->by_name && input->self[left] != input->self[right])
    return input->self[left] > input->self[right] ? -1 : 1;
  order = strcmp (glow_call_tree_get_frame_name (ordering->tree, input->frame[left]),
                  glow_call_tree_get_frame_name (ordering->tree, input->frame[right]));
  return order != 0 ? order : left < right ? -1 : left > right;
}

/* Most nodes have one callee or a few: no call and no copy for those. */
static void
sort_few (guint32 *nodes, guint n, Ordering *ordering)
{
  for (guint i = 1; i < n; i++)
    {
      guint32 node = nodes[i];
      guint at = i;

      for (; at > 0 && compare_nodes (&node, &nodes[at - 1], ordering) < 0; at--)
        nodes[at] = nodes[at - 1];
      nodes[at] = node;
    }
}

/* Totals of what hangs below each node, in place. */
static void
add_up (GlowTreeInput *input)
{
  for (guint32 i = input->n - 1; i > 0; i--)
    {
      guint32 above = input->parent[i];

      input->self[above] += input->self[i];
      if (input->samples != NULL)
        input->samples[above] += input->samples[i];
    }
}

gboolean
glow_call_tree_build (GlowCallTree *self, GlowTreeInput *input, GCancellable *cancellable)
{
  guint32 n = 0, out = 1;
  g_autofree guint32 *head = g_new0 (guint32, input->n), *next = g_new0 (guint32, input->n), *raw = NULL;
  guint32 *parent, *frame, *first, *n_children;
  guint16 *depth;
  guint64 *total, *alone, *samples_total = NULL, *samples_alone = NULL, floor;
  g_autoptr(GArray) siblings = g_array_new (FALSE, FALSE, sizeof (guint32));
  Ordering ordering = { self, input, glow_query_get_order (self->query) == GLOW_ORDER_NAME };

  add_up (input);
  floor = self->min_share > 0 ? (guint64) (self->min_share * input->self[0]) : 0;
  for (guint32 i = input->n - 1; i > 0; i--)
    {
      guint32 above = input->parent[i];

      /* Whoever is narrower than the floor is not looked into: its callees are not needed, and their weight is already its own. */
      if (input->self[above] < floor || (input->self[i] == 0 && (input->samples == NULL || input->samples[i] == 0)))
        continue;
      next[i] = head[above];
      head[above] = i;
      n++;
    }
  n++;
  raw = g_new (guint32, n);
  parent = g_new (guint32, n);
  frame = g_new (guint32, n);
  first = g_new (guint32, n);
  n_children = g_new (guint32, n);
  depth = g_new (guint16, n);
  total = g_new (guint64, n);
  alone = g_new (guint64, n);
  if (input->samples != NULL)
    {
      samples_total = g_new (guint64, n);
      samples_alone = g_new (guint64, n);
    }
  raw[0] = parent[0] = 0;
  depth[0] = 0;
  frame[0] = self->root_frame;
  for (guint32 i = 0; i < n; i++)
    {
      guint32 r = raw[i];

      if (i + AHEAD < out)
        {
          __builtin_prefetch (&head[raw[i + AHEAD]]);
          __builtin_prefetch (&input->self[raw[i + AHEAD]]);
          if (input->samples != NULL)
            __builtin_prefetch (&input->samples[raw[i + AHEAD]]);
        }
      total[i] = alone[i] = input->self[r];
      if (samples_total != NULL)
        samples_total[i] = samples_alone[i] = input->samples[r];
      first[i] = out;
      g_array_set_size (siblings, 0);
      for (guint32 child = head[r]; child != 0; child = next[child])
        {
          g_array_append_val (siblings, child);
          alone[i] -= input->self[child];
          if (samples_total != NULL)
            samples_alone[i] -= input->samples[child];
        }
      n_children[i] = siblings->len;
      if (siblings->len > 1 && siblings->len < 9)
        sort_few ((guint32 *) siblings->data, siblings->len, &ordering);
      else if (siblings->len > 1)
        g_array_sort_with_data (siblings, compare_nodes, &ordering);
      for (guint k = 0; k < siblings->len; k++, out++)
        {
          raw[out] = g_array_index (siblings, guint32, k);
          parent[out] = i;
          frame[out] = input->frame[raw[out]];
          depth[out] = depth[i] < G_MAXUINT16 ? depth[i] + 1 : G_MAXUINT16;
        }
    }
  self->nodes = (GlowCallTreeNodes) {
    .n_nodes = n,
    .max_depth = depth[n - 1],
    .parent = parent,
    .frame = frame,
    .first_child = first,
    .n_children = n_children,
    .depth = depth,
    .total = total,
    .self = alone,
    .samples_total = samples_total != NULL ? samples_total : total,
    .samples_self = samples_alone != NULL ? samples_alone : alone,
  };
  return !g_cancellable_is_cancelled (cancellable);
}

/* ---- samples ---- */

/* Side by side: a sample touches one line of the cache. */
typedef struct {
  guint64 weight, count;
} Sum;

typedef struct {
  const GlowSelection *selection;
  const GlowSamples *samples;
  const GlowEvent *events;
  guint32 n_events;
  gsize from, to;
  Sum *sums;                   /* by stack, while they are made */
  guint64 *weight, *count;     /* by stack, afterwards; count NULL where it is the weight */
  double squares;
  guint64 base_weight, base_samples;
  GCancellable *cancellable;
} Block;

/* One sample's weights, FALSE where it is not selected. Sums what percentages are of on the way. */
static inline gboolean
take_sample (Block *block, gsize i, guint64 *weight, guint64 *count)
{
  guint event = block->samples->event != NULL ? block->samples->event[i] : 0;

  if (event >= block->n_events || !block->selection->event_ok[event])
    return FALSE;
  *weight = glow_selection_weight (block->selection, block->events, block->samples, i, event);
  *count = glow_selection_samples (&block->events[event], block->samples->weight != NULL ? block->samples->weight[i] : 1);
  block->base_weight += *weight;
  block->base_samples += *count;
  if (!glow_selection_has (block->selection, block->samples, i))
    return FALSE;
  block->squares += (double) *weight * (double) *weight;
  return TRUE;
}

static gpointer
sum_block (gpointer data)
{
  Block *block = data;
  guint64 weight, count;

  for (gsize i = block->from; i < block->to; i++)
    {
      if ((i & 0xfffff) == 0 && g_cancellable_is_cancelled (block->cancellable))
        break;
      /* Stacks lie anywhere: the memory is asked for while the samples before are still being added. */
      if (i + AHEAD < block->to)
        __builtin_prefetch (&block->sums[block->samples->stack[i + AHEAD]], 1);
      if (take_sample (block, i, &weight, &count))
        {
          block->sums[block->samples->stack[i]].weight += weight;
          block->sums[block->samples->stack[i]].count += count;
        }
    }
  return NULL;
}

/* By stack alone: two halves with sums of their own where there is enough to do. */
static void
sum_samples (Block *whole, guint32 n_stacks, gboolean with_counts)
{
  Block half;
  GThread *thread = NULL;

  whole->sums = g_new0 (Sum, n_stacks);
  half = *whole;
  if (whole->samples->n > PARALLEL_FROM && whole->samples->n > 2 * (gsize) n_stacks)
    {
      half.from = whole->samples->n / 2;
      half.sums = g_new0 (Sum, n_stacks);
      thread = g_thread_try_new ("glow-sum", sum_block, &half, NULL);
      if (thread != NULL)
        whole->to = half.from;
    }
  sum_block (whole);
  if (thread != NULL)
    {
      g_thread_join (thread);
      whole->squares += half.squares;
      whole->base_weight += half.base_weight;
      whole->base_samples += half.base_samples;
    }
  whole->weight = g_new (guint64, n_stacks);
  whole->count = with_counts ? g_new (guint64, n_stacks) : NULL;
  for (guint32 s = 0; s < n_stacks; s++)
    {
      whole->weight[s] = whole->sums[s].weight + (thread != NULL ? half.sums[s].weight : 0);
      if (with_counts)
        whole->count[s] = whole->sums[s].count + (thread != NULL ? half.sums[s].count : 0);
    }
  if (half.sums != whole->sums)
    g_free (half.sums);
  g_clear_pointer (&whole->sums, g_free);
}

/* ---- transforms ---- */

typedef struct {
  GlowCallTree *tree;
  GlowTrie trie;
  GArray *weight, *count;      /* of guint64, by node */
  guint8 *hidden;              /* by frame, NULL where nothing is hidden */
  gboolean collapse, inverted;
  GArray *path;
} Rewriter;

/* Adds one stack under @root as the query wants it to be seen. */
static void
add_stack (Rewriter *self, guint32 root, guint32 stack, guint64 weight, guint64 count)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->tree->profile);
  guint32 node = root, last = GLOW_NONE;

  g_array_set_size (self->path, 0);
  for (guint32 s = stack; s != 0; s = stacks->parent[s])
    {
      guint32 frame = stacks->item[s];

      if (self->hidden != NULL && self->hidden[frame])
        continue;
      if (self->collapse && frame == last)
        continue;
      last = frame;
      g_array_append_val (self->path, frame);
    }
  for (guint i = 0; i < self->path->len; i++)
    node = glow_trie_intern (&self->trie, node, g_array_index (self->path, guint32, self->inverted ? i : self->path->len - 1 - i));
  if (self->weight->len < self->trie.n)
    {
      g_array_set_size (self->weight, self->trie.n);
      g_array_set_size (self->count, self->trie.n);
    }
  g_array_index (self->weight, guint64, node) += weight;
  g_array_index (self->count, guint64, node) += count;
}

static void
rewriter_init (Rewriter *self, GlowCallTree *tree)
{
  memset (self, 0, sizeof *self);
  self->tree = tree;
  self->collapse = glow_query_get_collapse_recursion (tree->query);
  self->inverted = glow_query_get_inverted (tree->query);
  self->hidden = glow_sample_filter_dup_hidden_frames (tree->profile, tree->query);
  glow_trie_init (&self->trie, 0);
  self->weight = g_array_new (FALSE, TRUE, sizeof (guint64));
  self->count = g_array_new (FALSE, TRUE, sizeof (guint64));
  self->path = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_set_size (self->weight, 1);
  g_array_set_size (self->count, 1);
}

static void
rewriter_clear (Rewriter *self)
{
  glow_trie_clear (&self->trie);
  g_array_unref (self->weight);
  g_array_unref (self->count);
  g_array_unref (self->path);
  g_free (self->hidden);
}

/* A root for each comm, process or thread: by thread row, indices into the group frames. (transfer full) */
static guint32 *
make_groups (GlowCallTree *self)
{
  GlowRoots roots = glow_query_get_roots (self->query);
  g_autoptr(GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  guint32 n;
  const GlowThread *threads = glow_profile_get_threads (self->profile, &n);
  guint32 *group = g_new (guint32, n + 1);

  for (guint32 t = 0; t < n; t++)
    {
      const char *comm = glow_profile_get_string (self->profile, threads[t].comm);
      char *name = roots == GLOW_ROOTS_COMM ? g_strdup (comm)
                   : roots == GLOW_ROOTS_PROCESS ? g_strdup_printf ("%s-%d", comm, threads[t].pid)
                                                 : g_strdup_printf ("%s-%d/%d", comm, threads[t].pid, threads[t].tid);
      gpointer found;

      if (g_hash_table_lookup_extended (known, name, NULL, &found))
        g_free (name);
      else
        {
          found = GUINT_TO_POINTER (self->group_names->len);
          g_ptr_array_add (self->group_names, name);
          g_hash_table_insert (known, name, found);
        }
      group[t] = GPOINTER_TO_UINT (found);
    }
  self->group_frames = g_new0 (GlowFrame, self->group_names->len + 1);
  for (guint i = 0; i < self->group_names->len; i++)
    self->group_frames[i] = (GlowFrame) { .module = GLOW_NONE, .kind = GLOW_FRAME_GROUP };
  self->n_frames = self->n_profile_frames + self->group_names->len;
  return group;
}

static void
compute_grouped (GlowCallTree *self, Block *block, Rewriter *rewriter)
{
  g_autofree guint32 *group = make_groups (self), *roots = g_new0 (guint32, self->group_names->len + 1);
  g_autoptr(GArray) weights = g_array_new (FALSE, TRUE, sizeof (guint64)), counts = g_array_new (FALSE, TRUE, sizeof (guint64));
  GlowTrie pairs;
  guint64 weight, count;

  glow_trie_init (&pairs, 0);
  g_array_set_size (weights, 1);
  g_array_set_size (counts, 1);
  /* First by (group, stack), so that a stack is rewritten once and not a sample. */
  for (gsize i = 0; i < block->samples->n; i++)
    {
      guint32 pair;

      if (!take_sample (block, i, &weight, &count))
        continue;
      pair = glow_trie_intern (&pairs, block->samples->thread != NULL ? group[block->samples->thread[i]] : 0, block->samples->stack[i]);
      if (weights->len < pairs.n)
        {
          g_array_set_size (weights, pairs.n);
          g_array_set_size (counts, pairs.n);
        }
      g_array_index (weights, guint64, pair) += weight;
      g_array_index (counts, guint64, pair) += count;
    }
  for (guint32 p = 1; p < pairs.n; p++)
    {
      guint32 own = pairs.parent[p], root = 0;

      if (self->group_names->len > 0)
        {
          if (roots[own] == 0)
            roots[own] = glow_trie_intern (&rewriter->trie, 0, self->n_profile_frames + own);
          root = roots[own];
        }
      add_stack (rewriter, root, pairs.item[p], g_array_index (weights, guint64, p), g_array_index (counts, guint64, p));
    }
  glow_trie_clear (&pairs);
}

/* Whether every weight is a number of samples, so that one column does for both. */
static gboolean
weights_are_counts (const GlowSelection *selection, const GlowEvent *events, guint32 n_events)
{
  if (selection->fixed_weight != NULL)
    return FALSE;
  for (guint32 e = 0; e < n_events; e++)
    if (selection->event_ok[e] && (!events[e].weight_counts_samples || events[e].weight_decimals > 0))
      return FALSE;
  return TRUE;
}

static void
set_base (GlowCallTree *self, const GlowSelection *selection, const Block *block)
{
  GlowBase *base = &self->base;

  base->weight = self->nodes.total[0];
  base->samples = self->nodes.samples_total[0];
  base->profile_weight = block->base_weight;
  base->profile_samples = block->base_samples;
  base->unit = selection->unit;
  base->decimals = selection->decimals;
  base->seconds = selection->unit == GLOW_UNIT_NANOSECONDS ? base->weight / 1e9 : NAN;
  base->effective_n = block->squares > 0 ? (double) base->weight * (double) base->weight / block->squares : 0;
  for (guint32 e = 0; e < block->n_events; e++)
    if (selection->event_ok[e] && block->events[e].weight_counts_samples)
      base->effective_n = base->samples;
}

/**
 * glow_call_tree_compute:
 *
 * O(samples + nodes × log siblings); with hide, collapse, inversion or roots O(distinct stacks × depth) besides.
 */
GlowCallTree *
glow_call_tree_compute (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error)
{
  return glow_call_tree_compute_visible (profile, query, 0, cancellable, error);
}

GlowCallTree *
glow_call_tree_compute_visible (GlowProfile *profile, const GlowQuery *query, double min_share, GCancellable *cancellable, GError **error)
{
  const GlowStacks *stacks = glow_profile_get_stacks (profile);
  g_autoptr(GlowCallTree) self = NULL;
  GlowSelection selection;
  GlowTreeInput input;
  Block block = { .selection = &selection, .samples = glow_profile_get_samples (profile), .cancellable = cancellable };
  Rewriter rewriter;
  gboolean done;

  if (!glow_selection_init (&selection, profile, query, error))
    return NULL;
  self = glow_call_tree_new (profile, query);
  self->min_share = min_share;
  block.events = glow_profile_get_events (profile, &block.n_events);
  block.to = block.samples->n;
  rewriter_init (&rewriter, self);
  if (glow_query_get_roots (query) != GLOW_ROOTS_NONE && block.samples->thread != NULL)
    compute_grouped (self, &block, &rewriter);
  else
    {
      sum_samples (&block, stacks->n, rewriter.hidden != NULL || rewriter.collapse || rewriter.inverted
                                        || !weights_are_counts (&selection, block.events, block.n_events));
      if (rewriter.hidden != NULL || rewriter.collapse || rewriter.inverted)
        {
          for (guint32 s = 0; s < stacks->n; s++)
            if (block.weight[s] > 0 || block.count[s] > 0)
              add_stack (&rewriter, 0, s, block.weight[s], block.count[s]);
          g_clear_pointer (&block.weight, g_free);
          g_clear_pointer (&block.count, g_free);
        }
    }
  if (block.weight != NULL)
    input = (GlowTreeInput) { stacks->n, stacks->parent, stacks->item, block.weight, block.count };
  else
    input = (GlowTreeInput) { rewriter.trie.n, rewriter.trie.parent, rewriter.trie.item, (guint64 *) rewriter.weight->data,
                              (guint64 *) rewriter.count->data };
  if (block.weight == NULL && rewriter.weight->len < rewriter.trie.n)
    {
      g_array_set_size (rewriter.weight, rewriter.trie.n);
      g_array_set_size (rewriter.count, rewriter.trie.n);
      input.self = (guint64 *) rewriter.weight->data;
      input.samples = (guint64 *) rewriter.count->data;
    }
  done = glow_call_tree_build (self, &input, cancellable);
  set_base (self, &selection, &block);
  g_free (block.weight);
  g_free (block.count);
  rewriter_clear (&rewriter);
  glow_selection_clear (&selection);
  if (!done)
    {
      g_cancellable_set_error_if_cancelled (cancellable, error);
      return NULL;
    }
  return g_steal_pointer (&self);
}
