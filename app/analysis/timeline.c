/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanes of a recording: which there are, and their samples by time. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "analysis/timeline-private.h"
#include "model/memory-private.h"
#include "model/spans-private.h"

#include <afterglow/error.h>

#include <stdlib.h>
#include <string.h>

#define CANCEL_EVERY 0xffff
#define GAPS 4096              /* between samples, from which a period is estimated */

const char *
glow_task_state_get_id (GlowTaskState state)
{
  static const char *const ids[GLOW_N_TASK_STATES] = { "unknown", "running", "woken", "queued", "blocked", "gone" };

  g_return_val_if_fail (state < GLOW_N_TASK_STATES, "unknown");
  return ids[state];
}

const char *
glow_task_state_get_label (GlowTaskState state)
{
  static const char *const labels[GLOW_N_TASK_STATES] = { N_("Not known"), N_("Running"), N_("Runnable, maybe running"), N_("Waiting for a CPU"), N_("Blocked"),
                                                          N_("Ended") };

  g_return_val_if_fail (state < GLOW_N_TASK_STATES, "");
  return _(labels[state]);
}

GlowTimeline *
glow_timeline_ref (GlowTimeline *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glow_timeline_unref (GlowTimeline *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_object_unref (self->profile);
  g_free (self->lanes);
  g_free (self->lane_of_thread);
  g_free (self->lane_of_cpu);
  g_free (self->period);
  g_free (self->depths);
  free (self->changes);
  free (self->before);
  free (self->rows);
  free (self->deltas);
  free (self->bases);
  free (self->votes);
  g_clear_pointer (&self->kinds, g_ptr_array_unref);
  free (self->spans);
  free (self->span_rows);
  g_free (self->span_row_offsets);
  g_free (self);
}

/* ---- which lanes ---- */

/* A thread is what has a number: its rows change with its name. */
static void
make_thread_lanes (GlowTimeline *self, GArray *lanes)
{
  guint32 n;
  const GlowThread *threads = glow_profile_get_threads (self->profile, &n);
  g_autoptr(GHashTable) known = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_autofree gint64 *keys = g_new (gint64, n + 1);

  self->lane_of_thread = g_new (guint32, n + 1);
  for (guint32 t = 0; t < n; t++)
    {
      gpointer found;

      keys[t] = (gint64) ((guint64) (guint32) threads[t].pid << 32 | (guint32) threads[t].tid);
      found = g_hash_table_lookup (known, &keys[t]);
      if (found == NULL)
        {
          GlowLane lane = { .pid = threads[t].pid, .tid = threads[t].tid, .process = threads[t].process, .first_time = G_MAXUINT64 };

          g_array_append_val (lanes, lane);
          found = GUINT_TO_POINTER (lanes->len);
          g_hash_table_insert (known, &keys[t], found);
        }
      self->lane_of_thread[t] = GPOINTER_TO_UINT (found) - 1;
      g_array_index (lanes, GlowLane, GPOINTER_TO_UINT (found) - 1).thread = t;
    }
  self->n_threads = lanes->len;
}

static void
make_cpu_lanes (GlowTimeline *self, const GlowSamples *samples, GArray *lanes)
{
  g_autofree guint8 *seen = g_new0 (guint8, G_MAXUINT16 + 1);

  self->lane_of_cpu = g_new (guint32, G_MAXUINT16 + 1);
  memset (self->lane_of_cpu, 0xff, (G_MAXUINT16 + 1) * sizeof (guint32));
  for (gsize i = 0; samples->cpu != NULL && i < samples->n; i++)
    seen[samples->cpu[i]] = 1;
  for (guint c = 0; c < G_MAXUINT16; c++)
    if (seen[c])
      {
        GlowLane lane = { .is_cpu = TRUE, .cpu = c, .pid = -1, .tid = -1, .thread = GLOW_NONE, .process = GLOW_NONE, .first_time = G_MAXUINT64 };

        self->lane_of_cpu[c] = lanes->len;
        g_array_append_val (lanes, lane);
      }
}

/* ---- samples of lanes ---- */

/* By event, whether its samples are drawn: those asked for, but not what bands are made of; where none is left, whatever samples a running thread. */
static guint8 *
choose_events (GlowTimeline *self, const GlowTimelineOptions *options)
{
  guint32 n, switches = glow_span_event (self->profile, "sched:sched_switch"), wakes = glow_span_wake_event (self->profile);
  const GlowEvent *events = glow_profile_get_events (self->profile, &n);
  guint8 *chosen = g_new0 (guint8, n + 1);
  gboolean any = FALSE;

  for (guint32 e = 0; e < n; e++)
    {
      chosen[e] = (options->events == NULL || options->events[e]) && e != switches && e != wakes && !events[e].is_off_cpu
                  && (options->events != NULL || !events[e].is_tracepoint);
      any |= chosen[e] && events[e].n_samples > 0;
    }
  for (guint32 e = 0; e < n && !any; e++)
    chosen[e] = !events[e].is_tracepoint && !events[e].is_off_cpu;
  return chosen;
}

static int
compare_gaps (const void *a, const void *b)
{
  guint64 left = *(const guint64 *) a, right = *(const guint64 *) b;

  return left < right ? -1 : left > right;
}

/* An event counted otherwise than by time comes as often as its threads let it: the median distance of its samples within a lane. */
static guint64
estimate_period (GlowTimeline *self, const GlowSamples *samples, guint32 event)
{
  g_autofree guint64 *gaps = g_new (guint64, GAPS), *last = g_new0 (guint64, self->n_threads + 1);
  guint n = 0;

  for (gsize i = 0; i < samples->n && n < GAPS; i++)
    if (samples->event == NULL || samples->event[i] == event)
      {
        guint32 lane = self->lane_of_thread[samples->thread[i]];

        if (last[lane] != 0 && samples->time[i] > last[lane])
          gaps[n++] = samples->time[i] - last[lane];
        last[lane] = samples->time[i];
      }
  qsort (gaps, n, sizeof (guint64), compare_gaps);
  return n > 0 ? gaps[n / 2] : 0;
}

static void
find_periods (GlowTimeline *self, const GlowSamples *samples, const guint8 *chosen)
{
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (self->profile, &n);
  const GlowProfileInfo *info = glow_profile_get_info (self->profile);

  self->period = g_new0 (guint64, n + 1);
  for (guint32 e = 0; e < n; e++)
    if (!chosen[e] || events[e].is_tracepoint || events[e].n_samples == 0)
      continue;
    else if (events[e].frequency_hz > 0)
      self->period[e] = G_GUINT64_CONSTANT (1000000000) / events[e].frequency_hz;
    else if (events[e].unit == GLOW_UNIT_NANOSECONDS && events[e].period > 0)
      self->period[e] = events[e].period;
    else
      self->period[e] = estimate_period (self, samples, e);
  /* Only a clock ticks whatever is run; and what was lost, or held back, proves nothing by its absence. */
  for (guint32 e = 0; e < n && info->lost_samples + info->lost_events + info->throttled == 0; e++)
    if (self->period[e] > 0 && events[e].unit == GLOW_UNIT_NANOSECONDS && (events[e].frequency_hz > 0 || events[e].period > 0)
        && (self->certain_period == 0 || self->period[e] < self->certain_period))
      self->certain_period = self->period[e];
}

/* Of a lane. Counted apart from the lanes: another thread reads those meanwhile, and would wait for each line of them that is written. */
typedef struct {
  guint64 first, last;
  gsize n;
  guint32 drawn;
} Count;

static void
count (Count *self, guint64 time, gboolean drawn)
{
  self->first = self->n == 0 ? time : MIN (self->first, time);
  self->last = MAX (self->last, time);
  self->n++;
  self->drawn += drawn;
}

/* Frames of each stack, so that lanes know how much room theirs need. O(stacks) */
static void
measure_depths (GlowTimeline *self)
{
  const GlowStacks *stacks = glow_profile_get_stacks (self->profile);

  self->depths = g_new0 (guint16, MAX (stacks->n, 1));
  for (guint32 s = 1; s < stacks->n; s++)
    self->depths[s] = MIN (self->depths[stacks->parent[s]] + 1, G_MAXUINT16);
}

static gboolean
add_rows (GlowTimeline *self, const GlowSamples *samples, const guint8 *chosen, gboolean of_cpus, GCancellable *cancellable)
{
  g_autofree Count *counts = g_new0 (Count, self->n_lanes + 1);
  g_autofree guint32 *at = g_new (guint32, self->n_lanes + 1);
  gsize n = 0;

  for (gsize i = 0; i < samples->n; i++)
    {
      guint32 lane = self->lane_of_thread[samples->thread[i]], cpu = of_cpus && samples->cpu != NULL ? self->lane_of_cpu[samples->cpu[i]] : GLOW_NONE;
      gboolean drawn = samples->event == NULL || chosen[samples->event[i]];

      if ((i & CANCEL_EVERY) == 0 && g_cancellable_is_cancelled (cancellable))
        return FALSE;
      count (&counts[lane], samples->time[i], drawn);
      if (cpu != GLOW_NONE)
        count (&counts[cpu], samples->time[i], drawn);
    }
  for (guint32 l = 0; l < self->n_lanes; l++)
    {
      if (counts[l].n > 0)
        {
          self->lanes[l].first_time = counts[l].first;
          self->lanes[l].last_time = counts[l].last;
        }
      self->lanes[l].n_samples = counts[l].drawn;
      self->lanes[l].first_sample = at[l] = n;
      n += (self->lanes[l].n_samples + GLOW_TIMELINE_BLOCK - 1) / GLOW_TIMELINE_BLOCK * GLOW_TIMELINE_BLOCK;
    }
  if (n >= G_MAXUINT32)
    n = 0;                     /* more than can be numbered: bands alone */
  for (guint32 l = 0; n == 0 && l < self->n_lanes; l++)
    self->lanes[l].n_samples = 0;
  self->rows = glow_allocate (n + 1, sizeof (guint32));
  for (gsize i = 0; n > 0 && i < samples->n; i++)
    {
      if ((i & CANCEL_EVERY) == 0 && g_cancellable_is_cancelled (cancellable))
        return FALSE;
      if (samples->event != NULL && !chosen[samples->event[i]])
        continue;
      self->rows[at[self->lane_of_thread[samples->thread[i]]]++] = i;
      if (of_cpus && samples->cpu != NULL && self->lane_of_cpu[samples->cpu[i]] != GLOW_NONE)
        self->rows[at[self->lane_of_cpu[samples->cpu[i]]]++] = i;
    }
  return glow_timeline_sum_rows (self, n, cancellable);
}

typedef struct {
  GlowTimeline *self;
  GCancellable *cancellable;
  GError *error;
} States;

static gpointer
run_states (gpointer data)
{
  States *states = data;

  return GINT_TO_POINTER (glow_timeline_add_states (states->self, states->cancellable, &states->error));
}

static void
report (GlowTimelineProgress progress, double done, gpointer data)
{
  if (progress != NULL)
    progress (done, data);
}

GlowTimeline *
glow_timeline_compute (GlowProfile *profile, const GlowTimelineOptions *options, GlowTimelineProgress progress, gpointer data, GCancellable *cancellable,
                       GError **error)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  g_autoptr(GlowTimeline) self = NULL;
  g_autofree guint8 *chosen = NULL;
  g_autoptr(GArray) lanes = NULL;
  States states = { 0 };
  gboolean done, done_states;
  GThread *thread;

  if (samples->time == NULL || samples->thread == NULL || samples->n == 0)
    {
      g_set_error_literal (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("This recording does not say when its samples were taken, or of which threads"));
      return NULL;
    }
  self = g_new0 (GlowTimeline, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->profile = g_object_ref (profile);
  self->times = samples->time;
  self->from = samples->time[0];
  self->to = MAX (samples->time[samples->n - 1], self->from);
  lanes = g_array_new (FALSE, TRUE, sizeof (GlowLane));
  make_thread_lanes (self, lanes);
  make_cpu_lanes (self, samples, lanes);
  self->n_lanes = lanes->len;
  self->lanes = (GlowLane *) g_array_free (g_steal_pointer (&lanes), FALSE);
  chosen = choose_events (self, options);
  measure_depths (self);
  find_periods (self, samples, chosen);
  report (progress, 0.05, data);
  /* Bands and samples touch nothing in common but the lanes, of which each has its own members. */
  states = (States) { self, cancellable, NULL };
  thread = g_thread_new ("timeline", run_states, &states);
  /* Switches say who ran on a CPU; without them its samples do. */
  done = add_rows (self, samples, chosen, glow_span_event (profile, "sched:sched_switch") == GLOW_NONE, cancellable);
  report (progress, 0.5, data);
  done_states = GPOINTER_TO_INT (g_thread_join (thread));
  if (!done_states && states.error != NULL)
    g_propagate_error (error, states.error);
  else if (!done)
    g_cancellable_set_error_if_cancelled (cancellable, error);
  if (!done || !done_states)
    return NULL;
  report (progress, 0.7, data);
  self->kinds = g_ptr_array_new_with_free_func (glow_span_kind_free);
  if (options->with_spans && !glow_timeline_add_spans (self, progress, data, cancellable, error))
    return NULL;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* ---- asking ---- */

GlowProfile *
glow_timeline_get_profile (GlowTimeline *self)
{
  return self->profile;
}

gsize
glow_timeline_get_memory (GlowTimeline *self)
{
  gsize samples = 0, changes = 0, spans = 0;

  for (guint32 l = 0; l < self->n_lanes; l++)
    {
      samples += self->lanes[l].n_samples;
      changes += self->lanes[l].n_changes;
      spans += self->lanes[l].n_spans;
    }
  return samples * 2 * sizeof (guint32) + samples / GLOW_TIMELINE_BLOCK * (sizeof (guint64) + sizeof (GlowStackVote))
         + changes * sizeof (GlowTaskChange) + changes / GLOW_TIMELINE_BLOCK * sizeof (GlowStateSums)
         + spans * (sizeof (GlowLaneSpan) + sizeof (guint32)) + self->n_lanes * sizeof (GlowLane);
}

const GlowLane *
glow_timeline_get_lanes (GlowTimeline *self, guint32 *n, guint32 *n_threads)
{
  if (n != NULL)
    *n = self->n_lanes;
  if (n_threads != NULL)
    *n_threads = self->n_threads;
  return self->lanes;
}

guint32
glow_timeline_find_lane (GlowTimeline *self, guint32 thread)
{
  guint32 n;

  glow_profile_get_threads (self->profile, &n);
  return thread < n ? self->lane_of_thread[thread] : GLOW_NONE;
}

guint64
glow_timeline_get_from (GlowTimeline *self)
{
  return self->from;
}

guint64
glow_timeline_get_to (GlowTimeline *self)
{
  return self->to;
}

gboolean
glow_timeline_has_switches (GlowTimeline *self)
{
  return self->has_switches;
}

gboolean
glow_timeline_has_wakeups (GlowTimeline *self)
{
  return self->has_wakeups;
}

gsize
glow_timeline_get_n_unseen (GlowTimeline *self)
{
  return self->n_unseen;
}

guint64
glow_timeline_get_period (GlowTimeline *self, guint32 event)
{
  return self->period[event];
}

guint
glow_timeline_get_depth (GlowTimeline *self, guint32 stack)
{
  return self->depths[stack];
}

guint32
glow_timeline_get_sample (GlowTimeline *self, guint32 lane, guint32 i)
{
  return self->rows[self->lanes[lane].first_sample + i];
}
