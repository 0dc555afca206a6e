/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What threads and CPUs did when, from the scheduler's events: one pass in the order of time with the state of every thread and CPU. What must have
 * happened without having been recorded is not made up: an interval that ends otherwise than its beginning allows is said to be unknown, or, where the
 * thread could run already, "woken". */
#include <config.h>

#include "analysis/timeline-private.h"
#include "model/memory-private.h"
#include "model/spans-private.h"

#include <afterglow/fields.h>

#include <stdlib.h>
#include <string.h>

#define CANCEL_EVERY 0xffff
#define LAST_TID (1 << 23)     /* larger numbers than the kernel gives are damage */

typedef struct {
  GlowTaskChange change;
  guint32 lane;
} Entry;

typedef struct {
  GlowTimeline *self;
  const GlowSamples *samples;
  const GlowEvent *events;
  guint32 switches, wakes;     /* events; GLOW_NONE */
  guint prev_field;            /* of the switch: whom it left */
  GlowFieldColumn *next, *state, *woken;
  guint32 *lane_of_tid;        /* the last lane seen with this number */
  guint32 n_tids;
  Entry *log;                  /* changes of all lanes, by time */
  gsize n, allocated;
  guint32 *last;               /* by lane: its last change in @log + 1; 0: none yet */
  guint32 *counts;             /* by lane: its changes */
} Pass;

static GlowTaskState
state_of (const Pass *self, guint32 lane)
{
  return self->last[lane] != 0 ? self->log[self->last[lane] - 1].change.state : GLOW_TASK_UNKNOWN;
}

static void
change_at (Pass *self, guint64 time, guint32 lane, GlowTaskState state, gsize sample, guint32 on, char letter)
{
  if (self->n == G_MAXUINT32 - 1)
    return;
  if (self->n == self->allocated)
    {
      self->allocated = MAX (self->allocated * 2, 4096);
      self->log = glow_grow (self->log, self->n, self->allocated, sizeof (Entry));
    }
  if (self->last[lane] != 0)
    time = MAX (time, self->log[self->last[lane] - 1].change.time);
  self->log[self->n++] = (Entry) { { time, (guint32) sample, on, state, letter }, lane };
  self->last[lane] = self->n;
  self->counts[lane]++;
}

static void
change (Pass *self, guint32 lane, GlowTaskState state, gsize sample, guint32 on, char letter)
{
  change_at (self, self->samples->time[sample], lane, state, sample, on, letter);
}

/* The thread runs though nothing was told that let it: switches to a thread are those of the one before it, and are not recorded where that one is
 * not. A clock that samples whatever runs bounds what is unknown: had the thread come back more than a period ago, there would be a sample of it. */
static void
doubt (Pass *self, guint32 lane, gsize i)
{
  GlowTaskChange *last = self->last[lane] != 0 ? &self->log[self->last[lane] - 1].change : NULL;
  guint64 time = self->samples->time[i], reach = self->self->certain_period;

  if (last == NULL || (last->state != GLOW_TASK_QUEUED && last->state != GLOW_TASK_BLOCKED))
    return;
  self->self->n_unseen++;
  if (last->state == GLOW_TASK_QUEUED)
    last->state = GLOW_TASK_WOKEN;
  else if (reach > 0 && time > last->time && time - last->time > reach)
    change_at (self, time - reach, lane, GLOW_TASK_UNKNOWN, i, GLOW_NONE, 0);
  else
    last->state = GLOW_TASK_UNKNOWN;
}

/* sched_switch prints the bits of prev_state as these letters (include/trace/events/sched.h); those that say "gone" come first. */
static char
letter_of (guint64 state)
{
  static const struct { guint64 bit; char letter; } letters[] = { { 0x20, 'Z' }, { 0x10, 'X' }, { 0x80, 'I' }, { 0x02, 'D' }, { 0x01, 'S' }, { 0x04, 'T' },
                                                                 { 0x08, 't' }, { 0x40, 'P' } };

  for (guint i = 0; i < G_N_ELEMENTS (letters); i++)
    if (state & letters[i].bit)
      return letters[i].letter;
  return 'R';
}

static guint32
find_tid (const Pass *self, gint64 tid)
{
  return tid > 0 && tid < self->n_tids ? self->lane_of_tid[tid] : GLOW_NONE;
}

/* @lane ran at this moment. @sample proves it. */
static void
prove (Pass *self, guint32 lane, gsize i, guint32 cpu)
{
  if (state_of (self, lane) == GLOW_TASK_RUNNING)
    return;
  doubt (self, lane, i);
  change (self, lane, GLOW_TASK_RUNNING, i, cpu, 0);
}

static void
run_on (Pass *self, guint32 cpu_lane, guint32 lane, gsize i)
{
  const GlowTaskChange *last = self->last[cpu_lane] != 0 ? &self->log[self->last[cpu_lane] - 1].change : NULL;

  if (last == NULL || last->state != GLOW_TASK_RUNNING || last->on != lane)
    change (self, cpu_lane, GLOW_TASK_RUNNING, i, lane, 0);
}

/* Whom the switch left. Of a thread that is just ending the kernel has no number any more; the event's own field has. */
static guint32
find_previous (Pass *self, gsize i, guint32 lane)
{
  GlowFieldValue value;

  if (self->self->lanes[lane].tid >= 0 || !glow_profile_read_field (self->self->profile, i, self->prev_field, 0, &value) || (gint64) value.number <= 0)
    return lane;
  return find_tid (self, (gint64) value.number) != GLOW_NONE ? find_tid (self, (gint64) value.number) : lane;
}

static void
on_switch (Pass *self, gsize i, guint32 lane, guint32 cpu)
{
  gint64 next = self->next->has[i] ? (gint64) self->next->value[i] : -1;
  guint32 to = find_tid (self, next), cpu_lane = cpu != GLOW_NONE ? self->self->lane_of_cpu[cpu] : GLOW_NONE;

  if (self->self->lanes[lane].tid > 0)
    {
      GlowTaskState state = state_of (self, lane);

      if (state == GLOW_TASK_QUEUED || state == GLOW_TASK_BLOCKED)
        doubt (self, lane, i);
      if (!self->state->has[i])
        change (self, lane, GLOW_TASK_UNKNOWN, i, cpu, 0);
      else
        {
          /* 0 is running; the bit that says "pre-empted" lies above what a task reports: 0x100 since Linux 4.14, 0x400 and 0x800 before. */
          guint64 value = self->state->value[i] & 0xff;
          char letter = letter_of (value);

          change (self, lane, value == 0 ? GLOW_TASK_QUEUED : letter == 'X' || letter == 'Z' ? GLOW_TASK_GONE : GLOW_TASK_BLOCKED, i, cpu, letter);
        }
    }
  if (to != GLOW_NONE)
    change (self, to, GLOW_TASK_RUNNING, i, cpu, 0);
  if (cpu_lane == GLOW_NONE)
    return;
  if (next == 0)
    change (self, cpu_lane, GLOW_TASK_GONE, i, GLOW_NONE, 0);
  else if (next > 0)
    change (self, cpu_lane, GLOW_TASK_RUNNING, i, to, 0);
}

static void
on_wake (Pass *self, gsize i)
{
  guint32 lane = self->woken->has[i] ? find_tid (self, (gint64) self->woken->value[i]) : GLOW_NONE;
  GlowTaskState state;

  if (lane == GLOW_NONE)
    return;
  /* One that runs is only told not to go to sleep. */
  state = state_of (self, lane);
  if (state == GLOW_TASK_BLOCKED || state == GLOW_TASK_UNKNOWN || state == GLOW_TASK_GONE)
    change (self, lane, GLOW_TASK_QUEUED, i, GLOW_NONE, 0);
}

static void
step (Pass *self, gsize i)
{
  GlowTimeline *timeline = self->self;
  guint event = self->samples->event != NULL ? self->samples->event[i] : 0;
  guint32 lane = timeline->lane_of_thread[self->samples->thread[i]];
  guint32 cpu = self->samples->cpu != NULL && self->samples->cpu[i] != G_MAXUINT16 ? self->samples->cpu[i] : GLOW_NONE;
  gint32 tid = timeline->lanes[lane].tid;

  if (tid > 0 && (guint32) tid < self->n_tids)
    self->lane_of_tid[tid] = lane;
  if (event == self->switches)
    {
      on_switch (self, i, find_previous (self, i, lane), cpu);
      return;
    }
  /* What tells of a time off the CPU, afterwards or in sum, proves nothing about now. */
  if (tid > 0 && !self->events[event].is_off_cpu)
    {
      prove (self, lane, i, cpu);
      if (cpu != GLOW_NONE)
        run_on (self, timeline->lane_of_cpu[cpu], lane, i);
    }
  if (event == self->wakes)
    on_wake (self, i);
}

static void
number_tids (Pass *self)
{
  GlowTimeline *timeline = self->self;
  gint32 largest = 0;

  for (guint32 l = 0; l < timeline->n_threads; l++)
    largest = MAX (largest, timeline->lanes[l].tid);
  self->n_tids = (guint32) MIN (largest, LAST_TID) + 1;
  self->lane_of_tid = g_new (guint32, self->n_tids);
  memset (self->lane_of_tid, 0xff, self->n_tids * sizeof (guint32));
  /* Of several with one number, the first is who is woken before it was seen. */
  for (guint32 l = timeline->n_threads; l-- > 0;)
    if (timeline->lanes[l].tid > 0 && (guint32) timeline->lanes[l].tid < self->n_tids)
      self->lane_of_tid[timeline->lanes[l].tid] = l;
}

/* From the order of time into lanes, which begin at whole blocks. */
static gsize
distribute (Pass *self)
{
  GlowTimeline *timeline = self->self;
  g_autofree guint32 *at = g_new (guint32, timeline->n_lanes + 1);
  gsize n = 0;

  for (guint32 l = 0; l < timeline->n_lanes; l++)
    {
      timeline->lanes[l].n_changes = self->counts[l];
      timeline->lanes[l].first_change = at[l] = n;
      n += (timeline->lanes[l].n_changes + GLOW_TIMELINE_BLOCK - 1) / GLOW_TIMELINE_BLOCK * GLOW_TIMELINE_BLOCK;
    }
  if (n >= G_MAXUINT32)
    {
      /* More than can be numbered. */
      n = self->n = 0;
      for (guint32 l = 0; l < timeline->n_lanes; l++)
        timeline->lanes[l].n_changes = timeline->lanes[l].first_change = 0;
    }
  timeline->changes = glow_allocate (n + 1, sizeof (GlowTaskChange));
  for (gsize e = 0; e < self->n; e++)
    timeline->changes[at[self->log[e].lane]++] = self->log[e].change;
  return n;
}

static gboolean
find_columns (Pass *self, GCancellable *cancellable, GError **error)
{
  GlowProfile *profile = self->self->profile;
  const GlowEvent *events = glow_profile_get_events (profile, NULL);
  const char *name = glow_profile_get_string (profile, events[self->switches].name);
  g_autofree char *next = g_strconcat (name, ":next_pid", NULL), *state = g_strconcat (name, ":prev_state", NULL);

  self->next = glow_profile_compute_field (profile, next, cancellable, error);
  self->state = self->next != NULL ? glow_profile_compute_field (profile, state, cancellable, error) : NULL;
  if (self->state != NULL && self->wakes != GLOW_NONE)
    {
      g_autofree char *woken = g_strconcat (glow_profile_get_string (profile, events[self->wakes].name), ":pid", NULL);

      self->woken = glow_profile_compute_field (profile, woken, cancellable, error);
      return self->woken != NULL;
    }
  return self->state != NULL;
}

gboolean
glow_timeline_add_states (GlowTimeline *self, GCancellable *cancellable, GError **error)
{
  Pass pass = { .self = self, .samples = glow_profile_get_samples (self->profile), .events = glow_profile_get_events (self->profile, NULL) };
  guint field, element;
  gboolean done;

  pass.switches = glow_span_event (self->profile, "sched:sched_switch");
  pass.wakes = glow_span_wake_event (self->profile);
  if (pass.switches == GLOW_NONE || !glow_profile_find_field (self->profile, pass.switches, "next_pid", &field, &element)
      || !glow_profile_find_field (self->profile, pass.switches, "prev_state", &field, &element)
      || !glow_profile_find_field (self->profile, pass.switches, "prev_pid", &pass.prev_field, &element))
    {
      self->changes = glow_allocate (1, sizeof (GlowTaskChange));
      glow_timeline_sum_changes (self, 0);
      return TRUE;
    }
  self->has_switches = TRUE;
  self->has_wakeups = pass.wakes != GLOW_NONE;
  done = find_columns (&pass, cancellable, error);
  if (done)
    {
      number_tids (&pass);
      pass.last = g_new0 (guint32, self->n_lanes + 1);
      pass.counts = g_new0 (guint32, self->n_lanes + 1);
      for (gsize i = 0; i < pass.samples->n && done; i++)
        {
          done = (i & CANCEL_EVERY) != 0 || !g_cancellable_set_error_if_cancelled (cancellable, error);
          step (&pass, i);
        }
    }
  if (done)
    {
      /* Where switches to threads are missing at all, one that was woken and is not heard of again need not have waited since. */
      for (guint32 l = 0; self->n_unseen > 0 && l < self->n_threads; l++)
        if (state_of (&pass, l) == GLOW_TASK_QUEUED)
          pass.log[pass.last[l] - 1].change.state = GLOW_TASK_WOKEN;
      glow_timeline_sum_changes (self, distribute (&pass));
    }
  g_clear_pointer (&pass.next, glow_field_column_unref);
  g_clear_pointer (&pass.state, glow_field_column_unref);
  g_clear_pointer (&pass.woken, glow_field_column_unref);
  g_free (pass.lane_of_tid);
  g_free (pass.last);
  g_free (pass.counts);
  free (pass.log);
  return done;
}

/* ---- asking ---- */

const GlowTaskChange *
glow_timeline_get_changes (GlowTimeline *self, guint32 lane)
{
  return self->changes + self->lanes[lane].first_change;
}

guint32
glow_timeline_find_leaving (GlowTimeline *self, guint32 lane, guint32 at)
{
  const GlowTaskChange *changes = glow_timeline_get_changes (self, lane);

  if (self->lanes[lane].is_cpu || at >= self->lanes[lane].n_changes)
    return GLOW_NONE;
  /* A wake-up stands behind the switch that it ends; two at most in a row. */
  for (guint steps = 0; steps < 3; steps++, at--)
    {
      if (changes[at].letter != 0)
        return at;
      if (at == 0 || changes[at].state == GLOW_TASK_RUNNING)
        break;
    }
  return GLOW_NONE;
}
