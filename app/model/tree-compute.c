/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From samples to a tree: one pass over the samples sums weights by stack (and by group, where the query asks for roots), in two threads
 * where there is enough to do; what comes of it is handed to the builder. */
#include <config.h>

#include "model/call-tree-private.h"
#include "model/event-totals-private.h"
#include "model/memory-private.h"
#include "model/sample-filter-private.h"
#include "model/selection-private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PARALLEL_FROM 500000
#define AHEAD 24
#define LARGE 1000000
/* Between looks at the cancellable: some milliseconds. */
#define STRIDE (1u << 18)

/* Side by side: a sample touches one line of the cache. */
typedef struct {
  guint64 weight, count;
} Sum;

typedef struct {
  const GlowSelection *selection;
  const GlowSamples *samples;
  const GlowEvent *events;
  guint32 n_events;
  gboolean all;                /* every sample of the events is selected */
  gboolean has_base;           /* what percentages are of is known without adding it up */
  gsize from, to;
  Sum *sums;                   /* by stack */
  double squares;
  guint64 base_weight, base_samples;
  guint64 known_weight, known_samples; /* where has_base */
  GCancellable *cancellable;
} Block;

static void
block_init (Block *self, const GlowSelection *selection, GCancellable *cancellable)
{
  *self = (Block) { .selection = selection, .samples = glow_profile_get_samples (selection->profile), .cancellable = cancellable };
  self->events = glow_profile_get_events (selection->profile, &self->n_events);
  self->to = self->samples->n;
  self->all = selection->thread_ok == NULL && selection->cpu_ok == NULL && selection->stack_ok == NULL && selection->ranges == NULL
              && selection->row_ok == NULL && selection->field == NULL;
  /* Where everything is read anyway, it is added up on the way. */
  self->has_base = !self->all && glow_event_totals_sum (selection, &self->known_weight, &self->known_samples);
}

/* One sample's weights, FALSE where it is not selected. Sums what percentages are of on the way. */
static inline gboolean
take_sample (Block *block, gsize i, guint64 *weight, guint64 *count)
{
  guint event = block->samples->event != NULL ? block->samples->event[i] : 0;

  if (event >= block->n_events || !block->selection->event_ok[event])
    return FALSE;
  if (block->has_base && !glow_selection_has (block->selection, block->samples, i))
    return FALSE;
  *weight = glow_selection_weight (block->selection, block->events, block->samples, i, event);
  *count = glow_selection_samples (&block->events[event], block->samples->weight != NULL ? block->samples->weight[i] : 1);
  block->base_weight += *weight;
  block->base_samples += *count;
  if (!block->all && !block->has_base && !glow_selection_has (block->selection, block->samples, i))
    return FALSE;
  block->squares += (double) *weight * (double) *weight;
  return TRUE;
}

static gpointer
sum_block (gpointer data)
{
  /* What is summed stays in registers: the block itself might be what a sum is written to, for all the compiler knows. */
  Block *whole = data, local = *whole, *block = &local;
  const guint32 *stack = block->samples->stack;
  const guint8 *wanted = block->has_base ? block->selection->row_ok : NULL;
  Sum *sums = block->sums;
  guint64 weight, count;

  for (gsize i = block->from; i < block->to; i++)
    {
      if ((i & (STRIDE - 1)) == 0 && g_cancellable_is_cancelled (block->cancellable))
        break;
      /* Of samples that a row rules out, nothing else is read. */
      if (wanted != NULL && !wanted[i])
        continue;
      /* Stacks lie anywhere: the memory is asked for while the samples before are still being added. */
      if (i + AHEAD < block->to)
        __builtin_prefetch (&sums[stack[i + AHEAD]], 1);
      if (take_sample (block, i, &weight, &count))
        {
          sums[stack[i]].weight += weight;
          sums[stack[i]].count += count;
        }
    }
  *whole = local;
  return NULL;
}

static void
add_figures (Block *whole, const Block *part)
{
  whole->squares += part->squares;
  whole->base_weight += part->base_weight;
  whole->base_samples += part->base_samples;
}

/* Halves to one whole, as far as nobody cancels. */
static void
join_sums (const Block *whole, const Block *half, guint32 n_stacks, guint64 *weight, guint64 *count)
{
  for (guint32 from = 0, to; from < n_stacks && !g_cancellable_is_cancelled (whole->cancellable); from = to)
    {
      to = MIN (n_stacks, from + MIN (STRIDE, n_stacks - from));
      for (guint32 s = from; s < to; s++)
        weight[s] = whole->sums[s].weight + (half != NULL ? half->sums[s].weight : 0);
      for (guint32 s = from; count != NULL && s < to; s++)
        count[s] = whole->sums[s].count + (half != NULL ? half->sums[s].count : 0);
    }
}

/* Weights and, where @count is wanted, samples of each stack: two halves with sums of their own where there is enough to do. */
static void
sum_samples (Block *whole, guint32 n_stacks, guint64 *weight, guint64 *count)
{
  Block half = *whole;
  GThread *thread = NULL;

  if (whole->samples->n > PARALLEL_FROM && whole->samples->n > 2 * (gsize) n_stacks)
    {
      half.from = whole->samples->n / 2;
      half.sums = glow_allocate0 (n_stacks, sizeof (Sum));
      thread = g_thread_try_new ("glow-sum", sum_block, &half, NULL);
    }
  if (thread != NULL)
    whole->to = half.from;
  whole->sums = glow_allocate0 (n_stacks, sizeof (Sum));
  sum_block (whole);
  if (thread != NULL)
    {
      g_thread_join (thread);
      add_figures (whole, &half);
    }
  join_sums (whole, thread != NULL ? &half : NULL, n_stacks, weight, count);
  if (half.sums != NULL)
    free (half.sums);
  free (whole->sums);
  whole->sums = NULL;
}

/* ---- groups ---- */

typedef struct {
  const char *name;
  guint32 index;
} NamedGroup;

static gint
compare_groups (gconstpointer a, gconstpointer b)
{
  return strcmp (((const NamedGroup *) a)->name, ((const NamedGroup *) b)->name);
}

static void
rank_groups (GlowCallTree *self)
{
  guint n = self->group_names->len;
  g_autofree NamedGroup *named = g_new (NamedGroup, n + 1);

  for (guint i = 0; i < n; i++)
    named[i] = (NamedGroup) { g_ptr_array_index (self->group_names, i), i };
  qsort (named, n, sizeof *named, compare_groups);
  self->group_rank = g_new (guint32, n + 1);
  for (guint i = 0; i < n; i++)
    self->group_rank[named[i].index] = i;
}

/* The group of a sample: by its thread, or by its row. */
typedef struct {
  const guint32 *by_thread, *by_row;   /* one of them is NULL */
} Groups;

static inline guint32
group_of (const Groups *self, const GlowSamples *samples, gsize i)
{
  return self->by_row != NULL ? self->by_row[i] : self->by_thread[samples->thread[i]];
}

/* What stands at the root for a thread. Processes of several machines are told apart by their files. (transfer full) */
static char *
dup_group_name (GlowProfile *profile, GlowRoots roots, const GlowThread *thread)
{
  const char *comm = glow_profile_get_string (profile, thread->comm);
  guint32 origin = glow_profile_get_processes (profile, NULL)[thread->process].origin;
  g_autofree char *from = origin != 0 ? g_strdup_printf (" (%s)", glow_profile_get_string (profile, origin)) : g_strdup ("");

  switch (roots)
    {
    case GLOW_ROOTS_PROCESS: return g_strdup_printf ("%s-%d%s", comm, thread->pid, from);
    case GLOW_ROOTS_THREAD: return g_strdup_printf ("%s-%d/%d%s", comm, thread->pid, thread->tid, from);
    case GLOW_ROOTS_CGROUP: return thread->cgroup_name != 0 ? g_strdup (glow_profile_get_string (profile, thread->cgroup_name)) : g_strdup ("[no container]");
    case GLOW_ROOTS_COMM:
    case GLOW_ROOTS_FIELD:
    case GLOW_ROOTS_NONE: break;
    }
  return g_strdup (comm);
}

/* A root for each comm, process, thread or container: by thread row, indices into the group frames. (transfer full) */
static guint32 *
name_threads (GlowCallTree *self)
{
  GlowRoots roots = glow_query_get_roots (self->query);
  g_autoptr(GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  guint32 n;
  const GlowThread *threads = glow_profile_get_threads (self->profile, &n);
  guint32 *group = g_new (guint32, n + 1);

  for (guint32 t = 0; t < n; t++)
    {
      char *name = dup_group_name (self->profile, roots, &threads[t]);
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
  return group;
}

static gboolean
make_groups (GlowCallTree *self, const GlowSelection *selection, GCancellable *cancellable, GError **error)
{
  const char *split = glow_query_get_split (self->query);

  if (split != NULL)
    self->group_of_row = glow_field_groups_compute (selection, split, self->group_names, cancellable, error);
  else
    self->group_of_thread = name_threads (self);
  self->group_frames = g_new0 (GlowFrame, self->group_names->len + 1);
  for (guint i = 0; i < self->group_names->len; i++)
    self->group_frames[i] = (GlowFrame) { .module = GLOW_NONE, .kind = GLOW_FRAME_GROUP };
  self->n_frames = self->n_profile_frames + self->group_names->len;
  rank_groups (self);
  return self->group_of_row != NULL || self->group_of_thread != NULL;
}

/* The selected samples group by group. */
typedef struct {
  GlowWeighedStack *stacks;
  gsize n;
  gsize *ends;                 /* of each group */
  guint n_groups;
} Grouped;

static void
grouped_clear (Grouped *self)
{
  free (self->stacks);
  g_free (self->ends);
}

/* One thread's half of the samples. */
typedef struct {
  Block block;
  const Groups *groups;
  gsize *at;                   /* by group: how many, then where the next one goes */
  GlowWeighedStack *stacks;
} Scatter;

static gpointer
count_groups (gpointer data)
{
  Scatter *self = data;
  Block counting = self->block;
  guint64 weight, count;

  for (gsize i = counting.from; i < counting.to; i++)
    {
      if ((i & 0xfffff) == 0 && g_cancellable_is_cancelled (counting.cancellable))
        break;
      if (take_sample (&counting, i, &weight, &count))
        self->at[group_of (self->groups, counting.samples, i)]++;
    }
  return NULL;
}

static gpointer
scatter_groups (gpointer data)
{
  Scatter *self = data;
  Block local = self->block;
  guint64 weight, count;

  for (gsize i = local.from; i < local.to; i++)
    {
      if ((i & 0xfffff) == 0 && g_cancellable_is_cancelled (local.cancellable))
        break;
      if (take_sample (&local, i, &weight, &count))
        self->stacks[self->at[group_of (self->groups, local.samples, i)]++] = (GlowWeighedStack) { local.samples->stack[i], weight, count };
    }
  self->block = local;
  return NULL;
}

static void
in_halves (GThreadFunc func, Scatter halves[2], guint n)
{
  GThread *thread = n > 1 ? g_thread_try_new ("glow-groups", func, &halves[1], NULL) : NULL;

  func (&halves[0]);
  if (thread != NULL)
    g_thread_join (thread);
  else if (n > 1)
    func (&halves[1]);
}

/* The selected samples side by side by group, in two threads where there is enough to do. */
static void
group_samples (Block *block, const Groups *groups, guint n_groups, Grouped *out)
{
  guint n_halves = block->samples->n > PARALLEL_FROM ? 2 : 1;
  Scatter halves[2];
  gsize n = 0;

  for (guint h = 0; h < 2; h++)
    {
      halves[h] = (Scatter) { *block, groups, g_new0 (gsize, n_groups + 1), NULL };
      halves[h].block.from = h * (block->samples->n / 2);
      halves[h].block.to = h + 1 < n_halves ? block->samples->n / 2 : block->samples->n;
    }
  in_halves (count_groups, halves, n_halves);
  out->ends = g_new (gsize, n_groups + 1);
  out->n_groups = n_groups;
  for (guint g = 0; g < n_groups; g++)
    {
      for (guint h = 0; h < n_halves; h++)
        {
          gsize count = halves[h].at[g];

          halves[h].at[g] = n;
          n += count;
        }
      out->ends[g] = n;
    }
  out->n = n;
  out->stacks = glow_allocate (n, sizeof (GlowWeighedStack));
  for (guint h = 0; h < n_halves; h++)
    halves[h].stacks = out->stacks;
  if (!g_cancellable_is_cancelled (block->cancellable))
    in_halves (scatter_groups, halves, n_halves);
  /* Cancelled in the middle: nothing of it is looked at. */
  if (g_cancellable_is_cancelled (block->cancellable))
    {
      out->n = 0;
      memset (out->ends, 0, n_groups * sizeof (gsize));
    }
  for (guint h = 0; h < n_halves; h++)
    add_figures (block, &halves[h].block);
  for (guint h = 0; h < 2; h++)
    g_free (halves[h].at);
}

/* ---- the parts together ---- */

/* Whether every weight is a number of samples, so that one column does for both. */
static gboolean
weights_are_counts (const GlowSelection *selection, const GlowEvent *events, guint32 n_events)
{
  if (selection->fixed_weight != NULL || selection->field != NULL)
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
  base->profile_weight = block->has_base ? block->known_weight : block->base_weight;
  base->profile_samples = block->has_base ? block->known_samples : block->base_samples;
  base->unit = selection->unit;
  base->decimals = selection->decimals;
  base->seconds = selection->unit == GLOW_UNIT_NANOSECONDS ? base->weight / 1e9 : NAN;
  base->effective_n = block->squares > 0 ? (double) base->weight * (double) base->weight / block->squares : 0;
  for (guint32 e = 0; e < block->n_events; e++)
    if (selection->event_ok[e] && block->events[e].weight_counts_samples)
      base->effective_n = base->samples;
}

static gboolean
build_grouped (GlowCallTree *self, Block *block, const GlowTreeTransform *transform, gboolean inverted)
{
  const Groups groups = { self->group_of_thread, self->group_of_row };
  Grouped grouped = { 0 };
  gboolean done;

  group_samples (block, &groups, self->group_names->len, &grouped);
  done = glow_call_tree_build_grouped (self, grouped.stacks, grouped.ends, grouped.n_groups, inverted, transform, block->cancellable);
  grouped_clear (&grouped);
  return done;
}

/* Those that have any weight, and how many they are. */
static GlowWeighedStack *
list_stacks (const guint64 *weight, const guint64 *count, guint32 n_stacks, GCancellable *cancellable, gsize *n)
{
  GlowWeighedStack *list = glow_allocate (n_stacks, sizeof (GlowWeighedStack));

  *n = 0;
  for (guint32 s = 0; s < n_stacks; s++)
    {
      if ((s & (STRIDE - 1)) == 0 && g_cancellable_is_cancelled (cancellable))
        break;
      if (weight[s] > 0 || count[s] > 0)
        list[(*n)++] = (GlowWeighedStack) { s, weight[s], count[s] };
    }
  return list;
}

static gboolean
build_plain (GlowCallTree *self, Block *block, const GlowTreeTransform *transform, gboolean inverted)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->profile);
  gboolean counts = inverted || !weights_are_counts (block->selection, block->events, block->n_events);
  guint64 *weight = glow_allocate (stacks->n, sizeof (guint64)), *count = counts ? glow_allocate (stacks->n, sizeof (guint64)) : NULL;
  gboolean done;

  sum_samples (block, stacks->n, weight, count);
  if (inverted)
    {
      gsize n;
      GlowWeighedStack *list = list_stacks (weight, count, stacks->n, block->cancellable, &n);

      done = glow_call_tree_build_inverted (self, list, n, transform, block->cancellable);
      free (list);
    }
  else
    {
      GlowTreeInput input = { stacks->n, stacks->parent, stacks->item, weight, count };

      glow_call_tree_cut_if_large (self, stacks->n);
      done = glow_call_tree_build (self, &input, transform, block->cancellable);
    }
  free (weight);
  free (count);
  return done;
}

/* Stacks without @frame are no longer selected. */
static void
keep_stacks_with (GlowSelection *selection, const GlowStacks *stacks, guint32 frame)
{
  g_autofree guint8 *holds = g_new0 (guint8, stacks->n);

  for (guint32 s = 1; s < stacks->n; s++)
    holds[s] = holds[stacks->parent[s]] || stacks->item[s] == frame;
  if (selection->stack_ok == NULL)
    selection->stack_ok = g_steal_pointer (&holds);
  else
    for (guint32 s = 0; s < stacks->n; s++)
      selection->stack_ok[s] &= holds[s];
}

gboolean
glow_call_tree_sum_stacks (GlowCallTree *self, guint64 **weight, guint64 **samples, GCancellable *cancellable)
{
  guint32 n = glow_profile_get_stacks (self->profile)->n;
  GlowSelection selection;
  Block block;

  if (!glow_selection_init (&selection, self->profile, self->query, NULL))
    return FALSE;
  block_init (&block, &selection, cancellable);
  *weight = glow_allocate (n, sizeof (guint64));
  *samples = glow_allocate (n, sizeof (guint64));
  sum_samples (&block, n, *weight, *samples);
  glow_selection_clear (&selection);
  if (!g_cancellable_is_cancelled (cancellable))
    return TRUE;
  g_clear_pointer (weight, free);
  g_clear_pointer (samples, free);
  return FALSE;
}

void
glow_call_tree_sum_marked (GlowCallTree *self, const guint8 *stack_marked, const guint8 *group_marked, guint64 *weight, guint64 *samples,
                           GCancellable *cancellable)
{
  const Groups groups = { self->group_of_thread, self->group_of_row };
  GlowSelection selection;
  Block block;
  guint64 one, count;

  *weight = *samples = 0;
  if (!glow_selection_init (&selection, self->profile, self->query, NULL))
    return;
  block_init (&block, &selection, cancellable);
  for (gsize i = 0; i < block.to; i++)
    {
      if ((i & 0xfffff) == 0 && g_cancellable_is_cancelled (cancellable))
        break;
      if (!stack_marked[block.samples->stack[i]] && (group_marked == NULL || !group_marked[group_of (&groups, block.samples, i)]))
        continue;
      if (!take_sample (&block, i, &one, &count))
        continue;
      *weight += one;
      *samples += count;
    }
  glow_selection_clear (&selection);
}

/**
 * glow_call_tree_compute:
 *
 * O(samples + nodes × log siblings); from the leaves O(Σ depths of the distinct stacks) besides.
 */
GlowCallTree *
glow_call_tree_compute (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error)
{
  return glow_call_tree_compute_visible (profile, query, 0, cancellable, error);
}

GlowCallTree *
glow_call_tree_compute_visible (GlowProfile *profile, const GlowQuery *query, double min_share, GCancellable *cancellable, GError **error)
{
  GlowTreeCut cut = { .min_share = min_share, .only = GLOW_NONE };

  return glow_call_tree_compute_cut (profile, query, &cut, cancellable, error);
}

static gpointer
give_back (gpointer tree)
{
  glow_call_tree_unref (tree);
  return NULL;
}

GlowCallTree *
glow_call_tree_compute_cut (GlowProfile *profile, const GlowQuery *query, const GlowTreeCut *cut, GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowCallTree) self = NULL;
  g_autofree guint8 *hidden = NULL;
  GlowSelection selection;
  GThread *thread;
  Block block;
  GlowTreeTransform transform = { .collapse = glow_query_get_collapse_recursion (query) };
  gboolean inverted = glow_query_get_inverted (query), grouped, done;

  if (!glow_selection_init (&selection, profile, query, error))
    return NULL;
  self = glow_call_tree_new (profile, query);
  self->min_share = cut->min_share;
  self->cuts_large = cut->cuts_large;
  self->about = g_memdup2 (cut->about, cut->n_about * sizeof (guint32));
  self->n_about = cut->n_about;
  /* Groups are those of everything that is selected, however little of it is looked at. */
  grouped = glow_query_get_roots (query) == GLOW_ROOTS_FIELD
            || (glow_query_get_roots (query) != GLOW_ROOTS_NONE && glow_profile_get_samples (profile)->thread != NULL);
  if (grouped && !make_groups (self, &selection, cancellable, error))
    {
      if (error == NULL || *error == NULL)
        g_cancellable_set_error_if_cancelled (cancellable, error);
      glow_selection_clear (&selection);
      return NULL;
    }
  if (cut->only != GLOW_NONE)
    keep_stacks_with (&selection, glow_profile_get_stacks (profile), cut->only);
  block_init (&block, &selection, cancellable);
  transform.hidden = hidden = glow_sample_filter_dup_hidden_frames (profile, query);
  if (grouped)
    done = build_grouped (self, &block, &transform, inverted);
  else
    done = build_plain (self, &block, &transform, inverted);
  if (done)
    set_base (self, &selection, &block);
  self->has_event = g_memdup2 (selection.event_ok, block.n_events);
  glow_selection_clear (&selection);
  if (!done)
    {
      if (error == NULL || *error == NULL)
        g_cancellable_set_error_if_cancelled (cancellable, error);
      /* Giving back gigabytes takes longer than anybody wants to wait who has cancelled. */
      thread = self->nodes.n_nodes > LARGE ? g_thread_try_new ("glow-free", give_back, self, NULL) : NULL;
      if (thread != NULL)
        {
          g_thread_unref (thread);
          self = NULL;
        }
      return NULL;
    }
  return g_steal_pointer (&self);
}
