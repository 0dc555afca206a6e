/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trees with a root for each process, thread or command. Each group's nodes are made apart from the others', by two threads, from sums over the
 * profile's own trie; then the groups are laid side by side, level by level. */
#include "model/call-tree-private.h"
#include "model/memory-private.h"

#include <stdlib.h>
#include <string.h>

/* Groups with less than this part of the trie have one of their own. */
#define SPARSE 16

typedef struct {
  GlowCallTree *tree;
  GlowWeighedStack *stacks;
  const gsize *ends;
  guint n_groups;
  gboolean inverted;
  const GlowTreeTransform *transform;
  GCancellable *cancellable;
  GlowTreeSiblings siblings;   /* of the profile's trie */
  guint64 floor;
  gint next;
  GlowCallTreeNodes *parts;    /* by group; n_nodes 0: nothing in it */
} Groups;

/* Sums of one group at a time, by stack. One a thread. */
typedef struct {
  guint64 *weight, *samples;   /* zero between groups that are sparse */
  guint32 *place;              /* the same */
  GArray *needed;              /* of guint32 */
} Scratch;

static gint
compare_ids (gconstpointer a, gconstpointer b)
{
  guint32 left = *(const guint32 *) a, right = *(const guint32 *) b;

  return left < right ? -1 : left > right;
}

static void
build_dense (Groups *self, guint g, gsize from, Scratch *scratch)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->tree->profile);
  GlowTreeInput input = { stacks->n, stacks->parent, stacks->item, scratch->weight, scratch->samples };

  for (gsize i = from; i < self->ends[g]; i++)
    {
      if (i + 24 < self->ends[g])
        {
          __builtin_prefetch (&scratch->weight[self->stacks[i + 24].stack], 1);
          __builtin_prefetch (&scratch->samples[self->stacks[i + 24].stack], 1);
        }
      scratch->weight[self->stacks[i].stack] += self->stacks[i].weight;
      scratch->samples[self->stacks[i].stack] += self->stacks[i].samples;
    }
  if (self->inverted)
    {
      gsize n = from;

      /* The group's own entries have room for those that are left. */
      for (guint32 s = 0; s < stacks->n; s++)
        if (scratch->weight[s] > 0 || scratch->samples[s] > 0)
          self->stacks[n++] = (GlowWeighedStack) { s, scratch->weight[s], scratch->samples[s] };
      glow_call_tree_build_inverted_part (self->tree, self->tree->n_profile_frames + g, self->floor, self->stacks + from, n - from, self->transform,
                                          self->cancellable, &self->parts[g]);
    }
  else
    glow_call_tree_build_part (self->tree, self->tree->n_profile_frames + g, self->floor, &input, &self->siblings, self->transform, self->cancellable,
                               &self->parts[g]);
  memset (scratch->weight, 0, stacks->n * sizeof (guint64));
  memset (scratch->samples, 0, stacks->n * sizeof (guint64));
}

/* The part of the trie that the group's stacks need, numbered anew in the same order: callers before callees. */
static void
build_sparse (Groups *self, guint g, gsize from, Scratch *scratch)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->tree->profile);
  g_autofree guint32 *parent = NULL, *frame = NULL;
  g_autofree guint64 *weight = NULL, *samples = NULL;
  GlowTreeSiblings siblings;
  GlowTreeInput input;
  guint32 n;

  g_array_set_size (scratch->needed, 0);
  for (gsize i = from; i < self->ends[g]; i++)
    for (guint32 s = self->stacks[i].stack; s != 0 && scratch->place[s] == 0; s = stacks->parent[s])
      {
        scratch->place[s] = GLOW_NONE;
        g_array_append_val (scratch->needed, s);
      }
  g_array_sort (scratch->needed, compare_ids);
  n = scratch->needed->len + 1;
  parent = g_new0 (guint32, n);
  frame = g_new0 (guint32, n);
  weight = g_new0 (guint64, n);
  samples = g_new0 (guint64, n);
  for (guint32 k = 1; k < n; k++)
    {
      guint32 s = g_array_index (scratch->needed, guint32, k - 1);

      scratch->place[s] = k;
      parent[k] = stacks->parent[s] != 0 ? scratch->place[stacks->parent[s]] : 0;
      frame[k] = stacks->item[s];
    }
  for (gsize i = from; i < self->ends[g]; i++)
    {
      guint32 at = self->stacks[i].stack != 0 ? scratch->place[self->stacks[i].stack] : 0;

      weight[at] += self->stacks[i].weight;
      samples[at] += self->stacks[i].samples;
    }
  for (guint32 k = 1; k < n; k++)
    scratch->place[g_array_index (scratch->needed, guint32, k - 1)] = 0;
  input = (GlowTreeInput) { n, parent, frame, weight, samples };
  glow_tree_siblings_init (&siblings, &input);
  glow_call_tree_build_part (self->tree, self->tree->n_profile_frames + g, self->floor, &input, &siblings, self->transform, self->cancellable,
                             &self->parts[g]);
  glow_tree_siblings_clear (&siblings);
}

static void
build_sparse_inverted (Groups *self, guint g, gsize from, Scratch *scratch)
{
  gsize out = from;

  for (gsize i = from; i < self->ends[g]; i++)
    {
      guint32 *known = &scratch->place[self->stacks[i].stack];

      if (*known != 0)
        {
          self->stacks[from + *known - 1].weight += self->stacks[i].weight;
          self->stacks[from + *known - 1].samples += self->stacks[i].samples;
          continue;
        }
      self->stacks[out] = self->stacks[i];
      *known = ++out - from;
    }
  for (gsize i = from; i < out; i++)
    scratch->place[self->stacks[i].stack] = 0;
  glow_call_tree_build_inverted_part (self->tree, self->tree->n_profile_frames + g, self->floor, self->stacks + from, out - from, self->transform,
                                      self->cancellable, &self->parts[g]);
}

static gpointer
build_groups (gpointer data)
{
  Groups *self = data;
  guint32 n_stacks = glow_profile_get_stacks (self->tree->profile)->n;
  Scratch scratch = { NULL, NULL, NULL, g_array_new (FALSE, FALSE, sizeof (guint32)) };
  guint g;

  while ((g = (guint) g_atomic_int_add (&self->next, 1)) < self->n_groups && !g_cancellable_is_cancelled (self->cancellable))
    {
      gsize from = g > 0 ? self->ends[g - 1] : 0;

      if (self->ends[g] == from)
        continue;
      if (self->ends[g] - from < n_stacks / SPARSE)
        {
          if (scratch.place == NULL)
            scratch.place = glow_allocate0 (n_stacks, sizeof (guint32));
          if (self->inverted)
            build_sparse_inverted (self, g, from, &scratch);
          else
            build_sparse (self, g, from, &scratch);
          continue;
        }
      if (scratch.weight == NULL)
        {
          scratch.weight = glow_allocate0 (n_stacks, sizeof (guint64));
          scratch.samples = glow_allocate0 (n_stacks, sizeof (guint64));
        }
      build_dense (self, g, from, &scratch);
    }
  free (scratch.weight);
  free (scratch.samples);
  free (scratch.place);
  g_array_unref (scratch.needed);
  return NULL;
}

/* ---- side by side ---- */

typedef struct {
  const Groups *groups;
  gboolean by_name;
} Order;

static gint
compare_groups (gconstpointer a, gconstpointer b, gpointer data)
{
  const Order *order = data;
  guint left = *(const guint *) a, right = *(const guint *) b;
  guint64 left_total = order->groups->parts[left].total[0], right_total = order->groups->parts[right].total[0];

  if (!order->by_name && left_total != right_total)
    return left_total > right_total ? -1 : 1;
  return order->groups->tree->group_rank[left] < order->groups->tree->group_rank[right] ? -1 : 1;
}

static void
part_clear (GlowCallTreeNodes *part)
{
  if (part->samples_total != part->total)
    {
      free ((gpointer) part->samples_total);
      free ((gpointer) part->samples_self);
    }
  free ((gpointer) part->parent);
  free ((gpointer) part->frame);
  free ((gpointer) part->first_child);
  free ((gpointer) part->n_children);
  free ((gpointer) part->depth);
  free ((gpointer) part->total);
  free ((gpointer) part->self);
  memset (part, 0, sizeof *part);
}

/* Each part's nodes of a level follow those of the part before. */
static void
lay_side_by_side (Groups *self)
{
  Order order = { self, glow_query_get_order (self->tree->query) == GLOW_ORDER_NAME };
  g_autoptr(GArray) used = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree guint32 *at = NULL, *end = NULL, *moved = NULL;
  guint32 n = 1, out = 1, *parent, *frame, *first, *n_children, before = 0;
  guint16 *depth, max_depth = 0;
  guint64 *total, *own, *samples_total, *samples_self;

  for (guint g = 0; g < self->n_groups; g++)
    if (self->parts[g].n_nodes > 0)
      {
        g_array_append_val (used, g);
        n += self->parts[g].n_nodes;
      }
  g_array_sort_with_data (used, compare_groups, &order);
  parent = glow_allocate (n, sizeof (guint32));
  frame = glow_allocate (n, sizeof (guint32));
  first = glow_allocate (n, sizeof (guint32));
  n_children = glow_allocate (n, sizeof (guint32));
  depth = glow_allocate (n, sizeof (guint16));
  total = glow_allocate (n, sizeof (guint64));
  own = glow_allocate (n, sizeof (guint64));
  samples_total = glow_allocate (n, sizeof (guint64));
  samples_self = glow_allocate (n, sizeof (guint64));
  parent[0] = 0;
  frame[0] = self->tree->root_frame;
  first[0] = 1;
  n_children[0] = used->len;
  depth[0] = 0;
  total[0] = own[0] = samples_total[0] = samples_self[0] = 0;
  at = g_new0 (guint32, used->len + 1);        /* the part's first node that is not laid yet */
  end = g_new0 (guint32, used->len + 1);       /* where its next level ends */
  moved = g_new0 (guint32, used->len + 1);     /* new number less old one, of its last level */
  for (guint u = 0; u < used->len; u++)
    end[u] = 1;
  while (before < out)
    {
      before = out;
      for (guint u = 0; u < used->len; u++)
        {
          const GlowCallTreeNodes *part = &self->parts[g_array_index (used, guint, u)];
          guint32 start = at[u], stop = end[u], offset = out - start;

          for (guint32 i = start; i < stop; i++, out++)
            {
              guint32 above = i == 0 ? 0 : part->parent[i] + moved[u];

              parent[out] = above;
              /* The callees' own numbers are known when the first of them comes by. */
              if (i > 0 && part->first_child[part->parent[i]] == i)
                first[above] = out;
              frame[out] = part->frame[i];
              n_children[out] = part->n_children[i];
              depth[out] = depth[above] < G_MAXUINT16 ? depth[above] + 1 : G_MAXUINT16;
              total[out] = part->total[i];
              own[out] = part->self[i];
              samples_total[out] = part->samples_total[i];
              samples_self[out] = part->samples_self[i];
              if (i == 0)
                {
                  total[0] += part->total[0];
                  samples_total[0] += part->samples_total[0];
                }
            }
          if (stop > start)
            {
              moved[u] = offset;
              at[u] = stop;
              /* The next level ends where the callees of this one's last node that has any do. */
              for (guint32 i = stop; i > start; i--)
                if (part->n_children[i - 1] > 0)
                  {
                    end[u] = part->first_child[i - 1] + part->n_children[i - 1];
                    break;
                  }
            }
        }
    }
  /* Leaves say where their callees would begin, as in every tree. */
  for (guint32 i = n; i-- > 1;)
    {
      max_depth = MAX (max_depth, depth[i]);
      if (n_children[i] == 0)
        first[i] = i + 1 < n ? first[i + 1] : n;
    }
  for (guint u = 0; u < used->len; u++)
    part_clear (&self->parts[g_array_index (used, guint, u)]);
  self->tree->nodes = (GlowCallTreeNodes) { n, max_depth, parent, frame, first, n_children, depth, total, own, samples_total, samples_self };
}

/**
 * glow_call_tree_build_grouped:
 *
 * O(entries + for each large group the profile's stacks, for each small one its own), then O(nodes).
 */
gboolean
glow_call_tree_build_grouped (GlowCallTree *self, GlowWeighedStack *stacks, const gsize *group_ends, guint n_groups, gboolean inverted,
                              const GlowTreeTransform *transform, GCancellable *cancellable)
{
  const GlowStacks *trie = glow_profile_get_stacks (self->profile);
  Groups groups = { .tree = self, .stacks = stacks, .ends = group_ends, .n_groups = n_groups, .inverted = inverted, .transform = transform,
                    .cancellable = cancellable };
  GlowTreeInput whole = { trie->n, trie->parent, trie->item, NULL, NULL };
  gsize n = n_groups > 0 ? group_ends[n_groups - 1] : 0;
  GThread *thread = NULL;
  guint64 total = 0;

  for (gsize i = 0; self->min_share > 0 || self->cuts_large ? i < n : FALSE; i++)
    total += stacks[i].weight;
  glow_call_tree_cut_if_large (self, MIN ((guint64) n_groups * trie->n, (guint64) n * 16));
  groups.floor = self->min_share > 0 ? (guint64) (self->min_share * total) : 0;
  groups.parts = g_new0 (GlowCallTreeNodes, n_groups + 1);
  glow_tree_siblings_init (&groups.siblings, &whole);
  if (n_groups > 1 && n > 100000 && g_get_num_processors () > 1)
    thread = g_thread_try_new ("glow-groups", build_groups, &groups, NULL);
  build_groups (&groups);
  if (thread != NULL)
    g_thread_join (thread);
  glow_tree_siblings_clear (&groups.siblings);
  lay_side_by_side (&groups);
  g_free (groups.parts);
  return !g_cancellable_is_cancelled (cancellable);
}
