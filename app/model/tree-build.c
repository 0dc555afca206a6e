/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nodes of a call tree, breadth first: each level's nodes are looked into in their order, and what hangs below them is laid side by side,
 * widest first. Hiding and collapsing gather several nodes of the profile's trie into one; a tree from the leaves gathers stacks. */
#include "model/call-tree-private.h"
#include "model/memory-private.h"
#include "model/profile-storage-private.h"

#include <stdlib.h>
#include <string.h>

#define AHEAD 24
#define CHECK_EVERY 0xffff
/* Room for so many nodes is asked for at once: pages that are not written cost nothing, copies of a growing column do. */
#define ROOM_AT_MOST (32u << 20)

/* A node with less than this part of what is looked at is not looked into: far below what any screen can show. */
#define FINEST (1u << 14)

/* What will be a node: its frame and weight, and the entries it gathers. */
typedef struct {
  guint64 total, samples;
  guint32 frame, rank;
  guint32 from, n;             /* entries of the next level; @from alone is the trie's node where nothing is gathered */
} Child;

/* A stack on its way from the leaf to the root. */
typedef struct {
  guint32 at;
  guint64 weight, samples;
} Climber;

typedef struct {
  GlowCallTree *tree;
  const guint32 *rank;         /* of the profile's frames by name */
  gboolean by_name;
  guint64 floor;               /* what weighs less is not looked into … */
  /* … but on the way to one node, and below that one, where the floor is of its own weight. What lies below it is side by side on every level. */
  const guint32 *about;        /* frames from the root */
  guint n_about, n_passed;
  guint32 on_way;              /* the node that is looked at next on the way; GLOW_NONE: it is passed, or leads nowhere */
  guint32 inside, inside_end, next_inside, next_inside_end;
  guint64 inside_floor;
  /* the nodes */
  guint32 n, capacity;
  guint32 *parent, *frame, *first, *n_children;
  guint16 *depth;
  guint64 *total, *self, *samples_total, *samples_self;    /* samples NULL: they are the weights */
  guint32 *from, *n_entries;   /* of each node; @n_entries NULL where nothing is gathered */
  GArray *children;            /* of Child: below the node that is being looked into */
  guint32 *child_of_frame;     /* index + 1 into @children */
} Builder;

static guint32
rank_of (const Builder *self, guint32 frame)
{
  guint32 n = self->tree->n_profile_frames;

  return frame < n ? self->rank[frame] : n + self->tree->group_rank[frame - n];
}

static void
grow (Builder *self, guint32 capacity)
{
#define MOVE(column, type) \
  if (self->column != NULL || self->n == 0) \
    self->column = glow_grow (self->column, self->n, capacity, sizeof (type));
  MOVE (parent, guint32)
  MOVE (frame, guint32)
  MOVE (first, guint32)
  MOVE (n_children, guint32)
  MOVE (depth, guint16)
  MOVE (total, guint64)
  MOVE (self, guint64)
  MOVE (samples_total, guint64)
  MOVE (samples_self, guint64)
  MOVE (from, guint32)
  MOVE (n_entries, guint32)
#undef MOVE
  self->capacity = capacity;
}

static void
builder_init (Builder *self, GlowCallTree *tree, guint32 root_frame, guint64 floor, guint32 capacity, gboolean with_samples, gboolean gathers,
              guint64 total, guint64 samples)
{
  memset (self, 0, sizeof *self);
  self->tree = tree;
  self->rank = glow_profile_get_name_ranks (tree->profile);
  self->by_name = glow_query_get_order (tree->query) == GLOW_ORDER_NAME;
  self->floor = floor;
  self->about = tree->about;
  self->n_about = tree->n_about;
  self->on_way = floor > 0 && self->n_about > 0 ? 0 : GLOW_NONE;
  if (root_frame != tree->root_frame && self->n_about > 0)
    {
      /* A part: the way begins with its own root, if it leads there. */
      self->on_way = floor > 0 && self->n_about > 1 && self->about[0] == root_frame ? 0 : GLOW_NONE;
      self->n_passed = 1;
      if (floor > 0 && self->n_about == 1 && self->about[0] == root_frame)
        {
          self->inside_end = 1;
          self->inside_floor = total / FINEST;
        }
    }
  self->children = g_array_new (FALSE, FALSE, sizeof (Child));
  grow (self, MAX (capacity, 1));
  if (!with_samples)
    {
      g_clear_pointer (&self->samples_total, free);
      g_clear_pointer (&self->samples_self, free);
    }
  if (gathers)
    self->child_of_frame = g_new0 (guint32, tree->n_frames + 1);
  else
    g_clear_pointer (&self->n_entries, free);
  self->parent[0] = 0;
  self->depth[0] = 0;
  self->frame[0] = root_frame;
  self->total[0] = total;
  if (with_samples)
    self->samples_total[0] = samples;
  self->from[0] = 0;
  self->n = 1;
}

static guint64
floor_of (const GlowCallTree *tree, guint64 total)
{
  return tree->min_share > 0 ? (guint64) (tree->min_share * total) : 0;
}

/* Whether the callees of a node become nodes. Nodes come in their order. */
static inline gboolean
is_looked_into (Builder *self, guint32 i)
{
  if (self->total[i] >= self->floor || i == self->on_way)
    return TRUE;
  return i >= self->inside && i < self->inside_end && self->total[i] >= self->inside_floor;
}

/* After the callees of @above are there: keeps to the way. */
static void
follow (Builder *self, guint32 above)
{
  guint32 first = self->first[above], end = first + self->n_children[above];

  if (above == self->on_way)
    {
      guint32 wanted = self->about[self->n_passed++];

      self->on_way = GLOW_NONE;
      for (guint32 i = first; i < end; i++)
        if (self->frame[i] == wanted)
          {
            if (self->n_passed < self->n_about)
              self->on_way = i;
            else
              {
                self->next_inside = i;
                self->next_inside_end = i + 1;
                self->inside_floor = self->total[i] / FINEST;
              }
            break;
          }
    }
  else if (above >= self->inside && above < self->inside_end && end > first)
    {
      if (self->next_inside == self->next_inside_end)
        self->next_inside = first;
      self->next_inside_end = end;
    }
  if (above + 1 >= self->inside_end && self->next_inside < self->next_inside_end)
    {
      self->inside = self->next_inside;
      self->inside_end = self->next_inside_end;
      self->next_inside = self->next_inside_end = 0;
    }
}

/* Gives back what was not needed. */
static gpointer
trimmed (gpointer column, gsize bytes)
{
  gpointer smaller = column != NULL ? realloc (column, bytes) : NULL;

  return smaller != NULL ? smaller : column;
}

/* The columns become @nodes. */
static gboolean
builder_finish (Builder *self, GlowCallTreeNodes *nodes, GCancellable *cancellable)
{
  if (self->n < self->capacity - self->capacity / 4)
    {
      self->parent = trimmed (self->parent, self->n * sizeof (guint32));
      self->frame = trimmed (self->frame, self->n * sizeof (guint32));
      self->first = trimmed (self->first, self->n * sizeof (guint32));
      self->n_children = trimmed (self->n_children, self->n * sizeof (guint32));
      self->depth = trimmed (self->depth, self->n * sizeof (guint16));
      self->total = trimmed (self->total, self->n * sizeof (guint64));
      self->self = trimmed (self->self, self->n * sizeof (guint64));
      self->samples_total = trimmed (self->samples_total, self->n * sizeof (guint64));
      self->samples_self = trimmed (self->samples_self, self->n * sizeof (guint64));
    }
  *nodes = (GlowCallTreeNodes) {
    .n_nodes = self->n,
    .max_depth = self->depth[self->n - 1],
    .parent = self->parent,
    .frame = self->frame,
    .first_child = self->first,
    .n_children = self->n_children,
    .depth = self->depth,
    .total = self->total,
    .self = self->self,
    .samples_total = self->samples_total != NULL ? self->samples_total : self->total,
    .samples_self = self->samples_self != NULL ? self->samples_self : self->self,
  };
  free (self->from);
  free (self->n_entries);
  g_array_unref (self->children);
  g_free (self->child_of_frame);
  return !g_cancellable_is_cancelled (cancellable);
}

/* Cancelled in the middle: what there is will be thrown away, and is only the root until then. */
static void
keep_root (Builder *self)
{
  self->n = 1;
  self->first[0] = 1;
  self->n_children[0] = 0;
  self->self[0] = self->total[0];
  if (self->samples_self != NULL)
    self->samples_self[0] = self->samples_total[0];
}

static gint
compare_children (gconstpointer a, gconstpointer b, gpointer by_name)
{
  const Child *left = a, *right = b;

  if (!by_name && left->total != right->total)
    return left->total > right->total ? -1 : 1;
  return left->rank < right->rank ? -1 : left->rank > right->rank;
}

/* Most nodes have one callee or a few: no call and no copy for those. */
static void
sort_children (Builder *self)
{
  Child *children = (Child *) self->children->data;
  guint n = self->children->len;

  if (n < 2)
    return;
  for (guint i = 0; i < n; i++)
    children[i].rank = rank_of (self, children[i].frame);
  if (n > 8)
    {
      g_array_sort_with_data (self->children, compare_children, GINT_TO_POINTER (self->by_name));
      return;
    }
  for (guint i = 1; i < n; i++)
    {
      Child child = children[i];
      guint at = i;

      for (; at > 0 && compare_children (&child, &children[at - 1], GINT_TO_POINTER (self->by_name)) < 0; at--)
        children[at] = children[at - 1];
      children[at] = child;
    }
}

/* What was found below @above becomes nodes; what of its weight is not theirs is its own. */
static void
add_children (Builder *self, guint32 above)
{
  guint n = self->children->len;
  guint64 below = 0, samples_below = 0;

  sort_children (self);
  if (self->n + n > self->capacity)
    grow (self, MAX (self->n + n, self->capacity + self->capacity / 2));
  self->first[above] = self->n;
  self->n_children[above] = n;
  for (guint k = 0; k < n; k++)
    {
      const Child *child = &g_array_index (self->children, Child, k);
      guint32 node = self->n++;

      self->parent[node] = above;
      self->frame[node] = child->frame;
      self->depth[node] = self->depth[above] < G_MAXUINT16 ? self->depth[above] + 1 : G_MAXUINT16;
      self->total[node] = child->total;
      below += child->total;
      if (self->samples_total != NULL)
        {
          self->samples_total[node] = child->samples;
          samples_below += child->samples;
        }
      self->from[node] = child->from;
      if (self->n_entries != NULL)
        self->n_entries[node] = child->n;
    }
  self->self[above] = self->total[above] - below;
  if (self->samples_self != NULL)
    self->samples_self[above] = self->samples_total[above] - samples_below;
  g_array_set_size (self->children, 0);
  if (self->floor > 0)
    follow (self, above);
}

/* The same where it is not looked into: only how much of its weight is its callees'. */
static void
add_leaf (Builder *self, guint32 above, guint64 below, guint64 samples_below)
{
  self->first[above] = self->n;
  self->n_children[above] = 0;
  self->self[above] = self->total[above] - below;
  if (self->samples_self != NULL)
    self->samples_self[above] = self->samples_total[above] - samples_below;
  follow (self, above);
}

/* ---- from the root ---- */

void
glow_tree_siblings_init (GlowTreeSiblings *self, const GlowTreeInput *input)
{
  gboolean contiguous = TRUE;
  guint32 at = 0;

  self->first = glow_allocate0 (input->n, sizeof (guint32));
  self->count = glow_allocate0 (input->n, sizeof (guint32));
  self->list = NULL;
  for (guint32 i = 1; i < input->n; i++)
    {
      guint32 above = input->parent[i];

      if (self->count[above]++ == 0)
        self->first[above] = i;
      contiguous &= self->first[above] + self->count[above] - 1 == i;
    }
  if (contiguous)
    return;
  self->list = glow_allocate (input->n, sizeof (guint32));
  for (guint32 i = 0; i < input->n; i++)
    {
      self->first[i] = at;
      at += self->count[i];
      self->count[i] = 0;
    }
  for (guint32 i = 1; i < input->n; i++)
    self->list[self->first[input->parent[i]] + self->count[input->parent[i]]++] = i;
}

void
glow_tree_siblings_clear (GlowTreeSiblings *self)
{
  free (self->first);
  free (self->count);
  free (self->list);
}

/* Totals of what hangs below each node, in place; how many have any. */
static guint32
add_up (GlowTreeInput *input)
{
  guint32 n = 1;

  for (guint32 i = input->n - 1; i > 0; i--)
    {
      guint32 above = input->parent[i];

      if (input->samples != NULL)
        {
          n += input->self[i] > 0 || input->samples[i] > 0;
          input->samples[above] += input->samples[i];
        }
      else
        n += input->self[i] > 0;
      input->self[above] += input->self[i];
    }
  return n;
}

static inline gboolean
has_weight (const GlowTreeInput *input, guint32 i)
{
  return input->self[i] > 0 || (input->samples != NULL && input->samples[i] > 0);
}

/* A node of the tree is a node of the trie. */
static void
look_below_each (Builder *self, const GlowTreeInput *input, const GlowTreeSiblings *siblings, GCancellable *cancellable)
{
  for (guint32 i = 0; i < self->n; i++)
    {
      guint32 r = self->from[i];

      if ((i & CHECK_EVERY) == 0 && g_cancellable_is_cancelled (cancellable))
        {
          keep_root (self);
          return;
        }
      if (i + AHEAD < self->n)
        {
          __builtin_prefetch (&siblings->first[self->from[i + AHEAD]]);
          __builtin_prefetch (&siblings->count[self->from[i + AHEAD]]);
        }
      /* Whoever is narrower than the floor is not looked into: its callees are not needed, only what they weigh. */
      if (!is_looked_into (self, i))
        {
          guint64 below = 0, samples_below = 0;

          for (guint32 k = siblings->first[r], end = k + siblings->count[r]; k < end; k++)
            {
              guint32 c = siblings->list != NULL ? siblings->list[k] : k;

              below += input->self[c];
              samples_below += input->samples != NULL ? input->samples[c] : 0;
            }
          add_leaf (self, i, below, samples_below);
          continue;
        }
      for (guint32 k = siblings->first[r], end = k + siblings->count[r]; k < end; k++)
        {
          guint32 c = siblings->list != NULL ? siblings->list[k] : k;

          if (has_weight (input, c))
            {
              Child child = { input->self[c], input->samples != NULL ? input->samples[c] : 0, input->frame[c], 0, c, 1 };

              g_array_append_val (self->children, child);
            }
        }
      add_children (self, i);
    }
}

/* The child of this frame below the node that is looked into. */
static Child *
child_with_frame (Builder *self, guint32 frame)
{
  guint32 known = self->child_of_frame[frame];

  if (known == 0)
    {
      Child child = { .frame = frame };

      g_array_append_val (self->children, child);
      self->child_of_frame[frame] = known = self->children->len;
    }
  return &g_array_index (self->children, Child, known - 1);
}

/* Where each child's entries will lie in the next level's. */
static void
place_children (Builder *self, guint32 next)
{
  for (guint k = 0; k < self->children->len; k++)
    {
      Child *child = &g_array_index (self->children, Child, k);

      child->from = next;
      next += child->n;
      child->n = 0;
    }
}

static void
forget_frames (Builder *self)
{
  for (guint k = 0; k < self->children->len; k++)
    self->child_of_frame[g_array_index (self->children, Child, k).frame] = 0;
}

static inline gboolean
is_passed_over (const Builder *self, const GlowTreeTransform *transform, guint32 node, guint32 frame)
{
  return (transform->hidden != NULL && frame < self->tree->n_profile_frames && transform->hidden[frame])
         || (transform->collapse && frame == self->frame[node]);
}

/* A node of the tree is several of the trie: what is hidden or collapsed gives its callees to its caller. */
static void
look_below_gathered (Builder *self, const GlowTreeInput *input, const GlowTreeSiblings *siblings, const GlowTreeTransform *transform,
                     GCancellable *cancellable)
{
  g_autoptr(GArray) level = g_array_new (FALSE, FALSE, sizeof (guint32)), next = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr(GArray) todo = g_array_new (FALSE, FALSE, sizeof (guint32)), found = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 root = 0, level_end = 1;
  guint64 below, samples_below;
  gboolean looked_into;

  g_array_append_val (level, root);
  self->n_entries[0] = 1;
  for (guint32 i = 0; i < self->n; i++)
    {
      if (i == level_end)
        {
          GArray *swap = level;

          level = next;
          next = swap;
          g_array_set_size (next, 0);
          level_end = self->n;
        }
      if ((i & CHECK_EVERY) == 0 && g_cancellable_is_cancelled (cancellable))
        {
          keep_root (self);
          return;
        }
      g_array_set_size (found, 0);
      looked_into = is_looked_into (self, i);
      below = samples_below = 0;
      g_array_append_vals (todo, &g_array_index (level, guint32, self->from[i]), self->n_entries[i]);
      while (todo->len > 0)
        {
          guint32 r = g_array_index (todo, guint32, todo->len - 1);

          g_array_set_size (todo, todo->len - 1);
          for (guint32 k = siblings->first[r], end = k + siblings->count[r]; k < end; k++)
            {
              guint32 c = siblings->list != NULL ? siblings->list[k] : k;
              Child *child;

              if (!has_weight (input, c))
                continue;
              if (is_passed_over (self, transform, i, input->frame[c]))
                {
                  g_array_append_val (todo, c);
                  continue;
                }
              if (!looked_into)
                {
                  below += input->self[c];
                  samples_below += input->samples != NULL ? input->samples[c] : 0;
                  continue;
                }
              g_array_append_val (found, c);
              child = child_with_frame (self, input->frame[c]);
              child->total += input->self[c];
              child->samples += input->samples != NULL ? input->samples[c] : 0;
              child->n++;
            }
        }
      if (!looked_into)
        {
          add_leaf (self, i, below, samples_below);
          continue;
        }
      place_children (self, next->len);
      g_array_set_size (next, next->len + found->len);
      for (guint k = 0; k < found->len; k++)
        {
          guint32 c = g_array_index (found, guint32, k);
          Child *child = child_with_frame (self, input->frame[c]);

          g_array_index (next, guint32, child->from + child->n++) = c;
        }
      forget_frames (self);
      add_children (self, i);
    }
}

/* The nodes below one root from what lies in a trie. */
static void
build_from_trie (Builder *self, GlowCallTree *tree, guint32 root_frame, guint64 floor, GlowTreeInput *input, const GlowTreeSiblings *siblings,
                 const GlowTreeTransform *transform, GCancellable *cancellable)
{
  gboolean gathers = transform != NULL && (transform->hidden != NULL || transform->collapse);
  guint32 n = add_up (input);

  builder_init (self, tree, root_frame, floor != G_MAXUINT64 ? floor : floor_of (tree, input->self[0]), tree->min_share > 0 ? MIN (n, 1024) : n,
                input->samples != NULL, gathers, input->self[0], input->samples != NULL ? input->samples[0] : 0);
  if (gathers)
    look_below_gathered (self, input, siblings, transform, cancellable);
  else
    look_below_each (self, input, siblings, cancellable);
}

/**
 * glow_call_tree_build_part:
 * @root_frame: what the nodes hang below
 * @floor: what weighs less is not looked into
 * @nodes: (out): numbered from their own root on
 *
 * A piece of a tree, to be put together with others.
 */
gboolean
glow_call_tree_build_part (GlowCallTree *self, guint32 root_frame, guint64 floor, GlowTreeInput *input, const GlowTreeSiblings *siblings,
                           const GlowTreeTransform *transform, GCancellable *cancellable, GlowCallTreeNodes *nodes)
{
  Builder builder;

  build_from_trie (&builder, self, root_frame, floor, input, siblings, transform, cancellable);
  return builder_finish (&builder, nodes, cancellable);
}

/**
 * glow_call_tree_build:
 * @transform: (nullable): NULL where stacks are seen as they are
 */
gboolean
glow_call_tree_build (GlowCallTree *self, GlowTreeInput *input, const GlowTreeTransform *transform, GCancellable *cancellable)
{
  GlowTreeSiblings siblings;
  Builder builder;

  glow_tree_siblings_init (&siblings, input);
  build_from_trie (&builder, self, self->root_frame, G_MAXUINT64, input, &siblings, transform, cancellable);
  glow_tree_siblings_clear (&siblings);
  return builder_finish (&builder, &self->nodes, cancellable);
}

/* ---- from the leaves ---- */

/* One step of a stack that nothing else falls together with: most are, away from the leaves. */
static void
climb_alone (Builder *self, guint32 node, Climber climber, GArray *next, const GlowStacks *stacks, const GlowTreeTransform *transform)
{
  while (climber.at != 0 && is_passed_over (self, transform, node, stacks->item[climber.at]))
    climber.at = stacks->parent[climber.at];
  if (climber.at != 0)
    {
      Child child = { climber.weight, climber.samples, stacks->item[climber.at], 0, next->len, 1 };

      climber.at = stacks->parent[climber.at];
      g_array_append_val (next, climber);
      g_array_append_val (self->children, child);
    }
  add_children (self, node);
}

static void
climb (Builder *self, GArray *level, const GlowTreeTransform *transform, GCancellable *cancellable)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->tree->profile);
  g_autoptr(GArray) first = level, second = g_array_new (FALSE, FALSE, sizeof (Climber)), found = g_array_new (FALSE, FALSE, sizeof (Climber));
  GArray *here = first, *next = second;
  guint32 level_end = self->n;
  guint64 below, samples_below;
  gboolean looked_into;

  for (guint32 i = 0; i < self->n; i++)
    {
      if (i == level_end)
        {
          GArray *swap = here;

          here = next;
          next = swap;
          g_array_set_size (next, 0);
          level_end = self->n;
        }
      if ((i & CHECK_EVERY) == 0 && g_cancellable_is_cancelled (cancellable))
        {
          keep_root (self);
          return;
        }
      looked_into = is_looked_into (self, i);
      if (self->n_entries[i] == 1 && looked_into)
        {
          climb_alone (self, i, g_array_index (here, Climber, self->from[i]), next, stacks, transform);
          continue;
        }
      g_array_set_size (found, 0);
      below = samples_below = 0;
      for (gsize e = self->from[i], end = e + self->n_entries[i]; e < end; e++)
        {
          Climber climber = g_array_index (here, Climber, e);
          Child *child;

          /* All stacks lie below the root. */
          if ((e & CHECK_EVERY) == CHECK_EVERY && g_cancellable_is_cancelled (cancellable))
            {
              forget_frames (self);
              g_array_set_size (self->children, 0);
              keep_root (self);
              return;
            }
          if (e + AHEAD < end)
            {
              __builtin_prefetch (&stacks->item[g_array_index (here, Climber, e + AHEAD).at]);
              __builtin_prefetch (&stacks->parent[g_array_index (here, Climber, e + AHEAD).at]);
            }
          while (climber.at != 0 && is_passed_over (self, transform, i, stacks->item[climber.at]))
            climber.at = stacks->parent[climber.at];
          if (climber.at == 0)
            continue;
          if (!looked_into)
            {
              below += climber.weight;
              samples_below += climber.samples;
              continue;
            }
          g_array_append_val (found, climber);
          child = child_with_frame (self, stacks->item[climber.at]);
          child->total += climber.weight;
          child->samples += climber.samples;
          child->n++;
        }
      if (!looked_into)
        {
          add_leaf (self, i, below, samples_below);
          continue;
        }
      place_children (self, next->len);
      g_array_set_size (next, next->len + found->len);
      for (guint k = 0; k < found->len; k++)
        {
          Climber climber = g_array_index (found, Climber, k);
          Child *child;

          if ((k & CHECK_EVERY) == CHECK_EVERY && g_cancellable_is_cancelled (cancellable))
            {
              forget_frames (self);
              g_array_set_size (self->children, 0);
              keep_root (self);
              return;
            }
          child = child_with_frame (self, stacks->item[climber.at]);

          climber.at = stacks->parent[climber.at];
          g_array_index (next, Climber, child->from + child->n++) = climber;
        }
      forget_frames (self);
      add_children (self, i);
    }
}

/* How many nodes there are at most: no two stacks may have any in common. */
static guint64
sum_depths (const GlowStacks *trie, const GlowWeighedStack *stacks, gsize n)
{
  guint16 *depth = glow_allocate0 (trie->n, sizeof (guint16));
  guint64 sum = 1;

  for (guint32 s = 1; s < trie->n; s++)
    depth[s] = MIN (depth[trie->parent[s]] + 1u, G_MAXUINT16);
  for (gsize i = 0; i < n; i++)
    sum += depth[stacks[i].stack];
  free (depth);
  return sum;
}

static gboolean
build_from_leaves (GlowCallTree *self, guint32 root_frame, guint64 floor, guint32 capacity, const GlowWeighedStack *stacks, gsize n,
                   const GlowTreeTransform *transform, GCancellable *cancellable, GlowCallTreeNodes *nodes)
{
  GArray *level = g_array_sized_new (FALSE, FALSE, sizeof (Climber), n);
  guint64 total = 0, samples = 0;
  Builder builder;

  for (gsize i = 0; i < n; i++)
    {
      Climber climber = { stacks[i].stack, stacks[i].weight, stacks[i].samples };

      total += climber.weight;
      samples += climber.samples;
      g_array_append_val (level, climber);
    }
  builder_init (&builder, self, root_frame, floor != G_MAXUINT64 ? floor : floor_of (self, total), capacity, TRUE, TRUE, total, samples);
  builder.n_entries[0] = n;
  climb (&builder, level, transform, cancellable);
  return builder_finish (&builder, nodes, cancellable);
}

/**
 * glow_call_tree_build_inverted_part:
 *
 * As glow_call_tree_build_part(), from the leaves.
 */
gboolean
glow_call_tree_build_inverted_part (GlowCallTree *self, guint32 root_frame, guint64 floor, const GlowWeighedStack *stacks, gsize n,
                                    const GlowTreeTransform *transform, GCancellable *cancellable, GlowCallTreeNodes *nodes)
{
  return build_from_leaves (self, root_frame, floor, 1024, stacks, n, transform, cancellable, nodes);
}

gboolean
glow_call_tree_build_inverted (GlowCallTree *self, const GlowWeighedStack *stacks, gsize n, const GlowTreeTransform *transform,
                               GCancellable *cancellable)
{
  guint64 room = sum_depths (glow_profile_get_stacks (self->profile), stacks, n);

  glow_call_tree_cut_if_large (self, room);
  return build_from_leaves (self, self->root_frame, G_MAXUINT64, self->min_share > 0 ? 1024 : MIN (room, ROOM_AT_MOST), stacks, n, transform, cancellable,
                            &self->nodes);
}
