/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each run has of each function, module, thread and container; and, where there are times, how its samples come in seconds. */
#include <config.h>

#include "analysis/diff-private.h"
#include "model/sample-filter-private.h"
#include "model/selection-private.h"

#include <afterglow/error.h>
#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define SECOND G_GUINT64_CONSTANT (1000000000)
/* Shorter recordings have shorter clusters: so many, or no variance is told from them. */
#define CLUSTERS_AT_LEAST 20
#define CLUSTERS_AT_MOST 100000
#define CHECK_EVERY 0xffff

/* ---- two threads ---- */

typedef struct {
  GlowDiff *self;
  GlowDiffPart func;
  gpointer data;
  guint n;
  gint next;
} Work;

static gpointer
work_on (gpointer data)
{
  Work *work = data;
  guint i;

  while ((i = (guint) g_atomic_int_add (&work->next, 1)) < work->n && !g_cancellable_is_cancelled (work->self->cancellable))
    work->func (work->self, i, work->data);
  return NULL;
}

void
glow_diff_in_parallel (GlowDiff *self, guint n, GlowDiffPart func, gpointer data)
{
  Work work = { self, func, data, n, 0 };
  GThread *thread = n > 1 && g_get_num_processors () > 1 ? g_thread_try_new ("glow-diff", work_on, &work, NULL) : NULL;

  work_on (&work);
  if (thread != NULL)
    g_thread_join (thread);
}

/* ---- trees ---- */

typedef struct {
  GCancellable *cancellable;
  GError *error;               /* the first */
  GMutex lock;
} Progress;

static void
fail (Progress *progress, GlowDiffSum *sum, GError *error)
{
  g_mutex_lock (&progress->lock);
  if (progress->error == NULL)
    progress->error = error;
  else
    g_error_free (error);
  g_mutex_unlock (&progress->lock);
  sum->failed = TRUE;
}

/* A base of time asks for time, where the recording has it. */
static void
make_trees (GlowDiff *self, guint i, gpointer data)
{
  GlowDiffSum *sum = glow_diff_nth_run (self, i);
  Progress *progress = data;
  g_autoptr(GlowQuery) from_roots = NULL;
  GError *error = NULL;

  if (self->options.base != GLOW_DIFF_SHARE && glow_query_get_weight (sum->query) == GLOW_WEIGHT_EVENT)
    {
      GlowQuery *timed = glow_query_with_weight (sum->query, GLOW_WEIGHT_TIME);

      sum->tree = glow_call_tree_compute (sum->run->profile, timed, progress->cancellable, NULL);
      if (sum->tree != NULL)
        {
          glow_query_unref (sum->query);
          sum->query = glow_query_ref (timed);
        }
      glow_query_unref (timed);
    }
  if (sum->tree == NULL)
    sum->tree = glow_call_tree_compute (sum->run->profile, sum->query, progress->cancellable, &error);
  if (sum->tree == NULL)
    {
      fail (progress, sum, error);
      return;
    }
  if (glow_call_tree_get_base (sum->tree)->weight == 0)
    {
      fail (progress, sum, g_error_new (GLOW_ERROR, GLOW_ERROR_EMPTY, _("“%s”: no samples, or none after the selection"), sum->run->label));
      return;
    }
  if (!glow_query_get_inverted (sum->query))
    {
      sum->plain = glow_call_tree_ref (sum->tree);
      return;
    }
  from_roots = glow_query_with_inverted (sum->query, FALSE);
  sum->plain = glow_call_tree_compute (sum->run->profile, from_roots, progress->cancellable, &error);
  if (sum->plain == NULL)
    fail (progress, sum, error);
}

/* ---- keys ---- */

static void
find_keys (GlowDiff *self, GlowDiffSum *sum)
{
  guint32 n;
  const GlowThread *threads = glow_profile_get_threads (sum->run->profile, &n);

  glow_match_frames (&self->match, sum->tree, sum->side, &sum->functions, &sum->modules);
  if (sum->plain == sum->tree)
    {
      sum->plain_functions = sum->functions;
      sum->plain_modules = sum->modules;
    }
  else
    glow_match_frames (&self->match, sum->plain, sum->side, &sum->plain_functions, &sum->plain_modules);
  sum->threads = g_new (guint32, n + 1);
  sum->containers = g_new (guint32, n + 1);
  for (guint32 t = 0; t < n; t++)
    {
      const char *comm = glow_profile_get_string (sum->run->profile, threads[t].comm), *cgroup = glow_profile_get_string (sum->run->profile, threads[t].cgroup_name);

      sum->threads[t] = *comm != '\0' ? glow_match_name (&self->match, GLOW_DIFF_THREADS, comm) : GLOW_NONE;
      sum->containers[t] = *cgroup != '\0' ? glow_match_name (&self->match, GLOW_DIFF_CONTAINERS, cgroup) : GLOW_NONE;
    }
}

/* ---- sums over nodes ---- */

typedef struct { guint32 node, next_child; } Visit;

static inline void
enter (GlowDiffAmount *amount, guint32 *open, const GlowCallTreeNodes *nodes, guint32 node, double scale)
{
  if ((*open)++ == 0)
    {
      amount->total += (double) nodes->total[node] * scale;
      amount->samples_total += (double) nodes->samples_total[node];
    }
  amount->self += (double) nodes->self[node] * scale;
  amount->samples_self += (double) nodes->samples_self[node];
}

/* A function, or a module, that is on a stack twice counts once. */
static void
sum_nodes (const GlowDiff *self, GlowDiffSum *sum, GCancellable *cancellable)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (sum->plain);
  g_autofree guint32 *open = g_new0 (guint32, self->offset[GLOW_N_DIFF_KINDS] + 1);
  g_autofree Visit *path = g_new (Visit, (gsize) nodes->max_depth + 2);
  guint32 first_module = self->offset[GLOW_DIFF_MODULES], n_frames = glow_call_tree_get_n_frames (sum->plain);
  gsize depth = 1, steps = 0;

  path[0] = (Visit) { 0, 0 };
  while (depth > 0)
    {
      Visit *visit = &path[depth - 1];
      guint32 node = visit->node, frame = MIN (nodes->frame[node], n_frames);
      guint32 key = sum->plain_functions[frame], module = sum->plain_modules[frame];

      if ((++steps & CHECK_EVERY) == 0 && g_cancellable_is_cancelled (cancellable))
        return;
      if (visit->next_child == 0)
        {
          if (key != GLOW_NONE)
            enter (&sum->amounts[key], &open[key], nodes, node, sum->scale);
          if (module != GLOW_NONE)
            enter (&sum->amounts[first_module + module], &open[first_module + module], nodes, node, sum->scale);
        }
      if (visit->next_child < nodes->n_children[node])
        {
          path[depth++] = (Visit) { nodes->first_child[node] + visit->next_child++, 0 };
          continue;
        }
      if (key != GLOW_NONE)
        open[key]--;
      if (module != GLOW_NONE)
        open[first_module + module]--;
      depth--;
    }
}

/* ---- sums over samples ---- */

typedef struct {
  const GlowDiff *diff;
  GlowDiffSum *sum;
  const GlowStacks *stacks;
  guint8 *hidden;              /* (nullable): by frame */
  double *stack_weight;        /* of the cluster at hand */
  GArray *touched_stacks, *touched;     /* of guint32: stacks, items */
  double *weight[GLOW_N_DIFF_MEASURES]; /* by item, of the cluster at hand */
  guint32 *seen;               /* by item: the last stack it was seen on, + 1 */
  guint32 walk;
  double n;
} Cluster;

static inline void
touch (Cluster *self, guint32 item, GlowDiffMeasure measure, double weight)
{
  if (self->weight[GLOW_DIFF_TOTAL][item] == 0 && self->weight[GLOW_DIFF_SELF][item] == 0)
    g_array_append_val (self->touched, item);
  self->weight[measure][item] += weight;
}

static void
walk_stack (Cluster *self, guint32 stack, double weight)
{
  const GlowDiffSum *sum = self->sum;
  guint32 first_module = self->diff->offset[GLOW_DIFF_MODULES];
  gboolean is_leaf = TRUE;

  self->walk++;
  for (guint32 at = stack; at != 0; at = self->stacks->parent[at])
    {
      guint32 frame = self->stacks->item[at], items[2] = { sum->plain_functions[frame], GLOW_NONE };

      if (self->hidden != NULL && self->hidden[frame])
        continue;
      items[1] = sum->plain_modules[frame] != GLOW_NONE ? first_module + sum->plain_modules[frame] : GLOW_NONE;
      for (guint i = 0; i < 2; i++)
        {
          if (items[i] == GLOW_NONE)
            continue;
          if (is_leaf)
            touch (self, items[i], GLOW_DIFF_SELF, weight);
          if (self->seen[items[i]] == self->walk)
            continue;
          self->seen[items[i]] = self->walk;
          touch (self, items[i], GLOW_DIFF_TOTAL, weight);
        }
      is_leaf = FALSE;
    }
}

static void
end_cluster (Cluster *self)
{
  GlowDiffSum *sum = self->sum;

  if (self->n <= 0)
    return;
  for (guint i = 0; i < self->touched_stacks->len; i++)
    {
      guint32 stack = g_array_index (self->touched_stacks, guint32, i);

      walk_stack (self, stack, self->stack_weight[stack]);
      self->stack_weight[stack] = 0;
    }
  for (guint i = 0; i < self->touched->len; i++)
    {
      guint32 item = g_array_index (self->touched, guint32, i);

      for (guint m = 0; m < GLOW_N_DIFF_MEASURES; m++)
        {
          GlowClusterPart *part = &sum->parts[m][item];
          double y = self->weight[m][item];

          if (y == 0)
            continue;
          part->y += y;
          part->y_y += y * y;
          part->y_n += y * self->n;
          part->clusters++;
          self->weight[m][item] = 0;
        }
    }
  sum->clusters.n += self->n;
  sum->clusters.n_n += self->n * self->n;
  sum->clusters.clusters++;
  g_array_set_size (self->touched_stacks, 0);
  g_array_set_size (self->touched, 0);
  self->n = 0;
}

/* Times of the selection, and rows of it second by second: a counting sort. *length: of such a second. (transfer full) */
static guint32 *
order_by_second (const GlowSelection *selection, const GlowSamples *samples, gsize *n, guint64 *first, guint64 *length)
{
  g_autofree gsize *place = NULL;
  guint64 last = 0;
  guint32 *rows;
  gsize n_seconds;

  *first = G_MAXUINT64;
  for (gsize i = 0; i < samples->n; i++)
    if (glow_selection_has (selection, samples, i))
      {
        *first = MIN (*first, samples->time[i]);
        last = MAX (last, samples->time[i]);
      }
  *first = MIN (*first, last);
  *length = MAX (CLAMP ((last - *first) / CLUSTERS_AT_LEAST, 1, SECOND), (last - *first) / CLUSTERS_AT_MOST);
  n_seconds = (last - *first) / *length + 1;
  place = g_new0 (gsize, n_seconds + 1);
  for (gsize i = 0; i < samples->n; i++)
    if (glow_selection_has (selection, samples, i))
      place[(samples->time[i] - *first) / *length + 1]++;
  for (gsize s = 0; s < n_seconds; s++)
    place[s + 1] += place[s];
  *n = place[n_seconds];
  rows = g_new (guint32, *n + 1);
  for (gsize i = 0; i < samples->n; i++)
    if (glow_selection_has (selection, samples, i))
      rows[place[(samples->time[i] - *first) / *length]++] = (guint32) i;
  return rows;
}

/* A second is a cluster, whatever ran in it: threads that wait for each other, or that have work of their own, are in it together, as they are in the
 * whole. */
static void
sum_clusters (const GlowDiff *diff, GlowDiffSum *sum, const GlowSelection *selection, GCancellable *cancellable)
{
  const GlowSamples *samples = glow_profile_get_samples (sum->run->profile);
  const GlowEvent *events = glow_profile_get_events (sum->run->profile, NULL);
  guint32 n_items = diff->offset[GLOW_N_DIFF_KINDS];
  guint64 first, length, block = 0;
  g_autofree guint32 *rows = NULL;
  Cluster cluster = { .diff = diff, .sum = sum, .stacks = glow_profile_get_stacks (sum->run->profile) };
  gsize n;

  rows = order_by_second (selection, samples, &n, &first, &length);
  for (guint m = 0; m < GLOW_N_DIFF_MEASURES; m++)
    {
      sum->parts[m] = g_new0 (GlowClusterPart, n_items + 1);
      cluster.weight[m] = g_new0 (double, n_items + 1);
    }
  cluster.hidden = glow_sample_filter_dup_hidden_frames (sum->run->profile, sum->query);
  cluster.stack_weight = g_new0 (double, MAX (cluster.stacks->n, 1));
  cluster.seen = g_new0 (guint32, n_items + 1);
  cluster.touched_stacks = g_array_new (FALSE, FALSE, sizeof (guint32));
  cluster.touched = g_array_new (FALSE, FALSE, sizeof (guint32));
  for (gsize r = 0; r < n; r++)
    {
      guint32 i = rows[r], stack = samples->stack[i];
      const guint32 own[2] = { sum->threads[samples->thread[i]], sum->containers[samples->thread[i]] };
      guint64 own_block = (samples->time[i] - first) / length;
      double weight = (double) glow_selection_weight (selection, events, samples, i, samples->event != NULL ? samples->event[i] : 0) * sum->scale;

      if (weight <= 0)
        continue;
      if (own_block != block)
        {
          end_cluster (&cluster);
          block = own_block;
          if (g_cancellable_is_cancelled (cancellable))
            break;
        }
      if (cluster.stack_weight[stack] == 0)
        g_array_append_val (cluster.touched_stacks, stack);
      cluster.stack_weight[stack] += weight;
      cluster.n += weight;
      sum->clusters.w_w += weight * weight;
      for (guint k = 0; k < 2; k++)
        for (guint m = 0; m < GLOW_N_DIFF_MEASURES && own[k] != GLOW_NONE; m++)
          touch (&cluster, diff->offset[GLOW_DIFF_THREADS + k] + own[k], m, weight);
    }
  end_cluster (&cluster);
  g_free (cluster.hidden);
  g_free (cluster.stack_weight);
  g_free (cluster.seen);
  g_free (cluster.weight[GLOW_DIFF_TOTAL]);
  g_free (cluster.weight[GLOW_DIFF_SELF]);
  g_array_unref (cluster.touched_stacks);
  g_array_unref (cluster.touched);
}

/* Threads and containers. */
static void
sum_threads (const GlowDiff *self, GlowDiffSum *sum, const GlowSelection *selection, GCancellable *cancellable)
{
  const GlowSamples *samples = glow_profile_get_samples (sum->run->profile);
  const GlowEvent *events = glow_profile_get_events (sum->run->profile, NULL);

  for (gsize i = 0; i < samples->n; i++)
    {
      guint event = samples->event != NULL ? samples->event[i] : 0;
      guint32 own[2];
      double weight, count;

      if ((i & CHECK_EVERY) == 0 && g_cancellable_is_cancelled (cancellable))
        return;
      if (!glow_selection_has (selection, samples, i))
        continue;
      weight = (double) glow_selection_weight (selection, events, samples, i, event) * sum->scale;
      count = (double) glow_selection_samples (&events[event], samples->weight != NULL ? samples->weight[i] : 1);
      own[0] = sum->threads[samples->thread[i]];
      own[1] = sum->containers[samples->thread[i]];
      for (guint k = 0; k < 2; k++)
        if (own[k] != GLOW_NONE)
          {
            GlowDiffAmount *amount = &sum->amounts[self->offset[GLOW_DIFF_THREADS + k] + own[k]];

            amount->total += weight;
            amount->self += weight;
            amount->samples_total += count;
            amount->samples_self += count;
          }
    }
}

/* Of folded text each line's weight is taken for a number of samples. Where all have a common divisor they are periods: so many fewer samples. */
static double
common_divisor (const GlowProfile *profile, const GlowSelection *selection)
{
  const GlowSamples *samples = glow_profile_get_samples ((GlowProfile *) profile);
  const GlowEvent *events = glow_profile_get_events ((GlowProfile *) profile, NULL);
  guint64 divisor = 0;
  gsize n = 0;

  for (gsize i = 0; i < samples->n && divisor != 1; i++)
    {
      guint64 a, b = divisor;

      if (!glow_selection_has (selection, samples, i))
        continue;
      if (!events[samples->event != NULL ? samples->event[i] : 0].weight_counts_samples)
        return 1;
      a = samples->weight != NULL ? samples->weight[i] : 1;
      n += a > 0;
      while (b != 0)
        {
          guint64 rest = a % b;

          a = b;
          b = rest;
        }
      divisor = a;
    }
  /* Three numbers may well be even by chance. */
  return n >= 20 ? MAX ((double) divisor, 1) : 1;
}

/* How long was recorded, whoever's samples are chosen of it. */
static guint64
selected_duration (GlowProfile *profile, const GlowSelection *selection)
{
  const GlowProfileInfo *info = glow_profile_get_info (profile);
  guint64 sum = 0;

  if (selection->ranges == NULL)
    return glow_profile_get_duration (profile);
  for (guint r = 0; r + 1 < selection->ranges->len; r += 2)
    {
      guint64 from = MAX (g_array_index (selection->ranges, guint64, r), info->first_time), to = MIN (g_array_index (selection->ranges, guint64, r + 1), info->last_time);

      sum += to > from ? to - from : 0;
    }
  return sum;
}

static void
sum_run (GlowDiff *self, guint i, gpointer data)
{
  GlowDiffSum *sum = glow_diff_nth_run (self, i);
  Progress *progress = data;
  const GlowBase *base = glow_call_tree_get_base (sum->tree);
  const GlowSamples *samples = glow_profile_get_samples (sum->run->profile);
  GlowSelection selection;
  GError *error = NULL;

  sum->scale = pow (10, -(double) base->decimals);
  sum->weight = (double) base->weight * sum->scale;
  sum->samples = (double) base->samples;
  sum->effective_n = base->effective_n;
  sum->seconds = base->seconds;
  sum->unit = base->unit;
  sum->amounts = g_new0 (GlowDiffAmount, self->offset[GLOW_N_DIFF_KINDS] + 1);
  sum->duration = NAN;
  sum_nodes (self, sum, progress->cancellable);
  if (!glow_selection_init (&selection, sum->run->profile, sum->query, &error))
    {
      fail (progress, sum, error);
      return;
    }
  sum->effective_n /= common_divisor (sum->run->profile, &selection);
  if (samples->thread != NULL)
    sum_threads (self, sum, &selection, progress->cancellable);
  if (samples->time != NULL)
    sum->duration = (double) selected_duration (sum->run->profile, &selection) / 1e9;
  if (!self->by_runs && samples->thread != NULL && samples->time != NULL && samples->n < G_MAXUINT32)
    sum_clusters (self, sum, &selection, progress->cancellable);
  glow_selection_clear (&selection);
}

gboolean
glow_diff_sum_runs (GlowDiff *self, GCancellable *cancellable, GError **error)
{
  Progress progress = { cancellable, NULL };
  guint n = glow_diff_n_runs (self);

  g_mutex_init (&progress.lock);
  glow_diff_in_parallel (self, n, make_trees, &progress);
  if (progress.error == NULL && !g_cancellable_is_cancelled (cancellable))
    {
      for (guint i = 0; i < n; i++)
        find_keys (self, glow_diff_nth_run (self, i));
      for (guint k = 0; k < GLOW_N_DIFF_KINDS; k++)
        self->offset[k + 1] = self->offset[k] + glow_match_n (&self->match, k);
      glow_diff_in_parallel (self, n, sum_run, &progress);
    }
  g_mutex_clear (&progress.lock);
  if (progress.error == NULL && g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (progress.error != NULL)
    g_propagate_error (error, progress.error);
  return progress.error == NULL;
}

void
glow_diff_sum_free (gpointer data)
{
  GlowDiffSum *sum = data;

  if (sum->plain_functions != sum->functions && !sum->borrows)
    {
      g_free (sum->plain_functions);
      g_free (sum->plain_modules);
    }
  if (!sum->borrows)
    {
      g_free (sum->functions);
      g_free (sum->modules);
      g_free (sum->threads);
      g_free (sum->containers);
      g_free (sum->amounts);
      g_free (sum->parts[0]);
      g_free (sum->parts[1]);
    }
  g_clear_pointer (&sum->tree, glow_call_tree_unref);
  g_clear_pointer (&sum->plain, glow_call_tree_unref);
  g_clear_pointer (&sum->query, glow_query_unref);
  g_clear_pointer (&sum->run, glow_diff_run_free);
  g_free (sum);
}
