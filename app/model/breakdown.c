/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Weight by event, process, thread, CPU, module, container or kind of code under a query: what a sidebar offers to choose from. A choice among
 * alternatives must show them all, so the query's own terms of that field are left out first. */
#include <config.h>

#include "model/call-tree-private.h"
#include "model/selection-private.h"

#include <string.h>

#define BLOCK_NS G_GUINT64_CONSTANT (1000000000)
#define CONFIDENCE 0.95

typedef struct {
  GlowProfile *profile;
  GlowBreakdownKind kind;
  GlowBreakdownRow *rows;      /* by index of the thing itself, or by CPU number */
  guint32 n_rows;
  guint32 *row_of_thread;      /* for processes and containers */
  guint64 *stack_weight, *stack_samples;   /* for modules and kinds */
} Sums;

/* Takes @query. (transfer full) */
static GlowQuery *
without_own_terms (GlowQuery *query, GlowBreakdownKind kind)
{
  static const GlowQueryField fields[][3] = {
    [GLOW_BREAKDOWN_EVENT] = { GLOW_QUERY_EVENT, GLOW_N_QUERY_FIELDS },
    [GLOW_BREAKDOWN_PROCESS] = { GLOW_QUERY_PID, GLOW_QUERY_TID, GLOW_QUERY_COMM },
    [GLOW_BREAKDOWN_THREAD] = { GLOW_QUERY_PID, GLOW_QUERY_TID, GLOW_QUERY_COMM },
    [GLOW_BREAKDOWN_CPU] = { GLOW_QUERY_CPU, GLOW_N_QUERY_FIELDS },
    [GLOW_BREAKDOWN_MODULE] = { GLOW_QUERY_MODULE, GLOW_N_QUERY_FIELDS },
    [GLOW_BREAKDOWN_CGROUP] = { GLOW_QUERY_CGROUP, GLOW_N_QUERY_FIELDS },
    [GLOW_BREAKDOWN_KIND] = { GLOW_QUERY_KIND, GLOW_N_QUERY_FIELDS },
  };

  for (guint i = 0; i < 3 && fields[kind][i] != GLOW_N_QUERY_FIELDS; i++)
    {
      GlowQuery *less = glow_query_without (query, fields[kind][i], NULL);

      glow_query_unref (query);
      query = less;
    }
  return query;
}

/* Whether a sample is in several rows: those of the frames on its stack. */
static gboolean
is_by_stack (GlowBreakdownKind kind)
{
  return kind == GLOW_BREAKDOWN_MODULE || kind == GLOW_BREAKDOWN_KIND;
}

static void
sums_init (Sums *self, GlowProfile *profile, GlowBreakdownKind kind)
{
  guint32 n_threads;
  const GlowThread *threads = glow_profile_get_threads (profile, &n_threads);

  memset (self, 0, sizeof *self);
  self->profile = profile;
  self->kind = kind;
  switch (kind)
    {
    case GLOW_BREAKDOWN_EVENT: glow_profile_get_events (profile, &self->n_rows); break;
    case GLOW_BREAKDOWN_PROCESS: glow_profile_get_processes (profile, &self->n_rows); break;
    case GLOW_BREAKDOWN_THREAD: self->n_rows = n_threads; break;
    case GLOW_BREAKDOWN_CPU: self->n_rows = G_MAXUINT16; break;
    case GLOW_BREAKDOWN_MODULE: glow_profile_get_modules (profile, &self->n_rows); break;
    case GLOW_BREAKDOWN_KIND: self->n_rows = (guint) GLOW_N_FRAME_KINDS + (guint) GLOW_N_ROLES; break;
    case GLOW_BREAKDOWN_CGROUP: self->n_rows = glow_strings_get_n (glow_profile_get_strings (profile)); break;
    }
  self->rows = g_new0 (GlowBreakdownRow, self->n_rows + 1);
  for (guint32 i = 0; i < self->n_rows; i++)
    self->rows[i].index = i;
  if (kind == GLOW_BREAKDOWN_PROCESS || kind == GLOW_BREAKDOWN_CGROUP)
    {
      self->row_of_thread = g_new (guint32, n_threads + 1);
      for (guint32 t = 0; t < n_threads; t++)
        self->row_of_thread[t] = kind == GLOW_BREAKDOWN_PROCESS ? threads[t].process : threads[t].cgroup_name;
    }
  if (is_by_stack (kind))
    {
      self->stack_weight = g_new0 (guint64, glow_profile_get_stacks (profile)->n);
      self->stack_samples = g_new0 (guint64, glow_profile_get_stacks (profile)->n);
    }
}

static void
sums_clear (Sums *self)
{
  g_free (self->rows);
  g_free (self->row_of_thread);
  g_free (self->stack_weight);
  g_free (self->stack_samples);
}

static inline guint32
row_of (const Sums *self, const GlowSamples *samples, gsize i, guint event)
{
  switch (self->kind)
    {
    case GLOW_BREAKDOWN_EVENT: return event;
    case GLOW_BREAKDOWN_THREAD: return samples->thread != NULL ? samples->thread[i] : GLOW_NONE;
    case GLOW_BREAKDOWN_PROCESS:
    case GLOW_BREAKDOWN_CGROUP: return samples->thread != NULL ? self->row_of_thread[samples->thread[i]] : GLOW_NONE;
    case GLOW_BREAKDOWN_CPU: return samples->cpu != NULL ? samples->cpu[i] : GLOW_NONE;
    case GLOW_BREAKDOWN_MODULE:
    case GLOW_BREAKDOWN_KIND: break;
    }
  return GLOW_NONE;
}

/* A sample is of every module, and of every kind and role, that it has a frame of, once. O(Σ depth of the stacks that occur). */
static void
sum_stacks (Sums *self, GCancellable *cancellable)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->profile);
  const GlowFrame *frames = glow_profile_get_frames (self->profile, NULL);
  g_autofree guint32 *seen_by = g_new0 (guint32, self->n_rows + 1);

  for (guint32 s = 1; s < stacks->n; s++)
    {
      if (self->stack_samples[s] == 0 && self->stack_weight[s] == 0)
        continue;
      if ((s & 0xfff) == 0 && g_cancellable_is_cancelled (cancellable))
        return;
      for (guint32 at = s; at != 0; at = stacks->parent[at])
        {
          const GlowFrame *frame = &frames[stacks->item[at]];
          guint32 rows[2] = { frame->module, GLOW_NONE };

          if (self->kind == GLOW_BREAKDOWN_KIND)
            {
              rows[0] = frame->kind;
              rows[1] = frame->role != GLOW_ROLE_NONE ? (guint32) GLOW_N_FRAME_KINDS + frame->role : GLOW_NONE;
            }
          for (guint i = 0; i < 2; i++)
            {
              if (rows[i] >= self->n_rows || seen_by[rows[i]] == s)
                continue;
              seen_by[rows[i]] = s;
              self->rows[rows[i]].weight += self->stack_weight[s];
              self->rows[rows[i]].samples += self->stack_samples[s];
            }
        }
    }
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  const GlowBreakdownRow *first = a, *second = b;

  if (first->weight != second->weight)
    return first->weight > second->weight ? -1 : 1;
  if (first->samples != second->samples)
    return first->samples > second->samples ? -1 : 1;
  return first->index < second->index ? -1 : first->index > second->index;
}

/**
 * glow_breakdown_compute:
 *
 * Rows without a sample are left out, but for events, of which all are told. O(samples), for modules and kinds O(distinct stacks × depth) besides.
 */
GArray *
glow_breakdown_compute (GlowProfile *profile, const GlowQuery *query, GlowBreakdownKind kind, GCancellable *cancellable, GError **error)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  g_autoptr(GlowQuery) own = without_own_terms (glow_query_ref ((GlowQuery *) query), kind);
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (GlowBreakdownRow));
  GlowSelection selection;
  const GlowEvent *events;
  guint32 n_events;
  Sums sums;

  if (!glow_selection_init (&selection, profile, own, error))
    {
      g_array_unref (rows);
      return NULL;
    }
  events = glow_profile_get_events (profile, &n_events);
  if (kind == GLOW_BREAKDOWN_EVENT)
    memset (selection.event_ok, 1, n_events);
  sums_init (&sums, profile, kind);
  for (gsize i = 0; i < samples->n; i++)
    {
      guint event = samples->event != NULL ? samples->event[i] : 0;
      guint64 weight, count;
      guint32 row;

      if ((i & 0xfffff) == 0 && g_cancellable_is_cancelled (cancellable))
        break;
      if (event >= n_events || !glow_selection_has (&selection, samples, i) || !selection.event_ok[event])
        continue;
      weight = glow_selection_weight (&selection, events, samples, i, event);
      count = glow_selection_samples (&events[event], samples->weight != NULL ? samples->weight[i] : 1);
      if (is_by_stack (kind))
        {
          sums.stack_weight[samples->stack[i]] += weight;
          sums.stack_samples[samples->stack[i]] += count;
        }
      else if ((row = row_of (&sums, samples, i, event)) < sums.n_rows)
        {
          sums.rows[row].weight += weight;
          sums.rows[row].samples += count;
        }
    }
  if (is_by_stack (kind))
    sum_stacks (&sums, cancellable);
  for (guint32 i = 0; i < sums.n_rows; i++)
    if (sums.rows[i].samples > 0 || sums.rows[i].weight > 0 || kind == GLOW_BREAKDOWN_EVENT)
      g_array_append_val (rows, sums.rows[i]);
  g_array_sort (rows, compare_rows);
  sums_clear (&sums);
  glow_selection_clear (&selection);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    g_clear_pointer (&rows, g_array_unref);
  return rows;
}

/* By stack, whether the function is on it. (transfer full) */
static guint8 *
mark_stacks (GlowProfile *profile, guint32 frame)
{
  const GlowStacks *stacks = glow_profile_get_stacks (profile);
  guint8 *has = g_new0 (guint8, stacks->n + 1);

  for (guint32 s = 1; s < stacks->n; s++)
    has[s] = has[stacks->parent[s]] || stacks->item[s] == frame;
  return has;
}

guint8 *
glow_call_tree_compute_frame_samples (GlowCallTree *self, guint32 frame, GCancellable *cancellable)
{
  const GlowSamples *samples = glow_profile_get_samples (self->profile);
  g_autofree guint8 *has = NULL;
  guint8 *keep;
  GlowSelection selection;
  guint32 n_events;

  if ((frame != GLOW_NONE && frame >= self->n_profile_frames) || !glow_selection_init (&selection, self->profile, self->query, NULL))
    return NULL;
  glow_profile_get_events (self->profile, &n_events);
  has = frame != GLOW_NONE ? mark_stacks (self->profile, frame) : NULL;
  keep = g_malloc0 (samples->n + 1);
  for (gsize i = 0; i < samples->n; i++)
    {
      guint event = samples->event != NULL ? samples->event[i] : 0;

      if ((i & 0xfffff) == 0 && g_cancellable_is_cancelled (cancellable))
        {
          g_clear_pointer (&keep, g_free);
          break;
        }
      keep[i] = event < n_events && selection.event_ok[event] && (has == NULL || has[samples->stack[i]]) && glow_selection_has (&selection, samples, i);
    }
  glow_selection_clear (&selection);
  return keep;
}

/* Weights by second and thread: of the function, and of everything. */
typedef struct {
  GHashTable *index;           /* (thread, second) → index + 1 */
  GArray *part, *whole;        /* of double */
  guint64 key, last;
} BlockSums;

static void
block_sums_add (BlockSums *self, guint64 key, double weight, gboolean has)
{
  double none = 0;

  /* Samples of one time lie together: most are of the block of the one before, or of one known. */
  if (key != self->key || self->part->len == 0)
    {
      gpointer known = g_hash_table_lookup (self->index, &key);

      if (known == NULL)
        {
          g_array_append_val (self->part, none);
          g_array_append_val (self->whole, none);
          known = GUINT_TO_POINTER (self->part->len);
          g_hash_table_insert (self->index, g_memdup2 (&key, sizeof key), known);
        }
      self->key = key;
      self->last = GPOINTER_TO_UINT (known) - 1;
    }
  g_array_index (self->whole, double, self->last) += weight;
  if (has)
    g_array_index (self->part, double, self->last) += weight;
}

gboolean
glow_call_tree_compute_frame_spread (GlowCallTree *self, guint32 frame, GlowFrameSpread *spread, GCancellable *cancellable)
{
  GlowProfile *profile = self->profile;
  const GlowSamples *samples = glow_profile_get_samples (profile);
  guint32 n_threads, n_processes, n_events;
  const GlowThread *threads = glow_profile_get_threads (profile, &n_threads);
  g_autofree guint8 *has = NULL, *seen_thread = NULL, *seen_process = NULL, *seen_stack = NULL;
  const GlowEvent *events = glow_profile_get_events (profile, &n_events);
  GlowSelection selection;
  BlockSums blocks;

  memset (spread, 0, sizeof *spread);
  if (frame >= self->n_profile_frames || !glow_selection_init (&selection, profile, self->query, NULL))
    return FALSE;
  glow_profile_get_processes (profile, &n_processes);
  has = mark_stacks (profile, frame);
  seen_thread = g_new0 (guint8, n_threads + 1);
  seen_process = g_new0 (guint8, n_processes + 1);
  seen_stack = g_new0 (guint8, glow_profile_get_stacks (profile)->n + 1);
  blocks = (BlockSums) { g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL), g_array_new (FALSE, FALSE, sizeof (double)),
                         g_array_new (FALSE, FALSE, sizeof (double)), 0, 0 };
  for (gsize i = 0; i < samples->n; i++)
    {
      guint32 stack = samples->stack[i];
      guint event = samples->event != NULL ? samples->event[i] : 0;

      if ((i & 0xfffff) == 0 && g_cancellable_is_cancelled (cancellable))
        break;
      if (event >= n_events || !selection.event_ok[event] || !glow_selection_has (&selection, samples, i))
        continue;
      if (samples->time != NULL)
        block_sums_add (&blocks, (samples->time[i] - samples->time[0]) / BLOCK_NS << 24 | (samples->thread != NULL ? samples->thread[i] & 0xffffff : 0),
                        glow_selection_weight (&selection, events, samples, i, event), has[stack]);
      if (!has[stack])
        continue;
      spread->n_stacks += !seen_stack[stack];
      seen_stack[stack] = TRUE;
      if (samples->time != NULL)
        {
          if (spread->first_time == 0)
            spread->first_time = samples->time[i];
          spread->last_time = samples->time[i];
        }
      if (samples->thread == NULL)
        continue;
      spread->has_threads = TRUE;
      spread->n_threads += !seen_thread[samples->thread[i]];
      seen_thread[samples->thread[i]] = TRUE;
      spread->n_processes += !seen_process[threads[samples->thread[i]].process];
      seen_process[threads[samples->thread[i]].process] = TRUE;
    }
  spread->blocks = glow_share_by_blocks ((const double *) blocks.part->data, (const double *) blocks.whole->data, blocks.part->len,
                                         self->base.effective_n, CONFIDENCE);
  g_hash_table_unref (blocks.index);
  g_array_unref (blocks.part);
  g_array_unref (blocks.whole);
  glow_selection_clear (&selection);
  return !g_cancellable_is_cancelled (cancellable);
}
