/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stacks as they happened, where a lane is looked at closely: for how long a sample's stack is drawn, and which samples are one. */
#include <config.h>

#include "analysis/timeline-private.h"

#include <stdlib.h>

typedef struct {
  GlowTimeline *self;
  guint32 lane;
  const GlowLane *of;
  const GlowTaskChange *changes;
  const GlowSamples *samples;
  GArray *slices;
} Slicing;

static gboolean
is_off (guint8 state)
{
  return state == GLOW_TASK_QUEUED || state == GLOW_TASK_BLOCKED || state == GLOW_TASK_GONE;
}

/* Changes looked at for the end of a run: in sound recordings there are two or three, and a run that is longer is long enough. */
#define LOOK 64

/* The time around @time that the lane is not known to have been off the CPU. */
static void
find_bounds (const Slicing *self, guint64 time, guint64 *low, guint64 *high)
{
  guint32 at = self->of->is_cpu ? GLOW_NONE : glow_timeline_find_change (self->self, self->lane, time), end;
  guint steps = 0;

  *low = 0;
  *high = G_MAXUINT64;
  if (self->of->is_cpu || self->of->n_changes == 0)
    return;
  /* Taken at the very moment that it left the CPU: it ran until then. */
  while (at != GLOW_NONE && is_off (self->changes[at].state) && self->changes[at].time == time && steps++ < LOOK)
    at = at > 0 ? at - 1 : GLOW_NONE;
  end = at == GLOW_NONE ? 0 : at + 1;
  if (at != GLOW_NONE && is_off (self->changes[at].state))
    {
      *low = *high = time;
      return;
    }
  for (steps = 0; at != GLOW_NONE && at > 0 && !is_off (self->changes[at - 1].state) && steps < LOOK; steps++)
    at--;
  if (at != GLOW_NONE && at > 0)
    *low = self->changes[at].time;
  for (steps = 0; end < self->of->n_changes && !is_off (self->changes[end].state) && steps < LOOK; steps++)
    end++;
  if (end < self->of->n_changes)
    *high = self->changes[end].time;
}

static guint64
add (guint64 a, guint64 b)
{
  return a > G_MAXUINT64 - b ? G_MAXUINT64 : a + b;
}

static void
add_sample (Slicing *self, guint32 i, guint64 period)
{
  guint32 sample = glow_timeline_get_sample (self->self, self->lane, i);
  GlowLaneSlice *last = self->slices->len > 0 ? &g_array_index (self->slices, GlowLaneSlice, self->slices->len - 1) : NULL;
  GlowLaneSlice slice = { .stack = self->samples->stack[sample], .sample = sample, .n = 1, .state = GLOW_TASK_RUNNING };
  guint64 time = self->samples->time[sample], low, high, before, after, reach = period + period / 2;

  if (period == 0)
    {
      slice.start = slice.end = time;
      slice.state = GLOW_TASK_WOKEN;
      g_array_append_val (self->slices, slice);
      return;
    }
  before = time - MIN (time, period / 2);
  after = add (time, period / 2);
  if (i > 0)
    {
      guint64 other = self->samples->time[glow_timeline_get_sample (self->self, self->lane, i - 1)];

      if (time >= other && time - other <= reach)
        before = other + (time - other) / 2;
    }
  if (i + 1 < self->of->n_samples)
    {
      guint64 other = self->samples->time[glow_timeline_get_sample (self->self, self->lane, i + 1)];

      if (other >= time && other - time <= reach)
        after = time + (other - time) / 2;
    }
  find_bounds (self, time, &low, &high);
  slice.start = MIN (MAX (before, low), time);
  slice.end = MAX (MIN (after, high), time);
  if (last != NULL && last->state == GLOW_TASK_RUNNING && last->end == slice.start && last->stack == slice.stack)
    {
      last->end = slice.end;
      last->n++;
    }
  else
    g_array_append_val (self->slices, slice);
}

static void
add_wait (Slicing *self, guint32 at)
{
  const GlowTaskChange *own = &self->changes[at];
  guint32 left = glow_timeline_find_leaving (self->self, self->lane, at);
  GlowLaneSlice slice = { own->time, at + 1 < self->of->n_changes ? own[1].time : self->self->to, 0, GLOW_NONE, 0, own->state };

  if ((own->state != GLOW_TASK_QUEUED && own->state != GLOW_TASK_BLOCKED) || left == GLOW_NONE)
    return;
  /* The stack it left with is the one it waits in. */
  slice.sample = self->changes[left].sample;
  slice.stack = self->samples->stack[slice.sample];
  g_array_append_val (self->slices, slice);
}

static int
compare (const void *a, const void *b)
{
  const GlowLaneSlice *left = a, *right = b;

  if (left->start != right->start)
    return left->start < right->start ? -1 : 1;
  return left->end < right->end ? -1 : left->end > right->end;
}

GArray *
glow_timeline_slices (GlowTimeline *self, guint32 lane, guint64 from, guint64 to, guint most)
{
  const GlowLane *of = &self->lanes[lane];
  Slicing slicing = { self, lane, of, glow_timeline_get_changes (self, lane), glow_profile_get_samples (self->profile), NULL };
  guint32 first = glow_timeline_samples_before (self, lane, from), end = glow_timeline_samples_before (self, lane, to);
  guint32 change = glow_timeline_find_change (self, lane, from), last = glow_timeline_find_change (self, lane, to);

  change = change == GLOW_NONE ? 0 : change;
  last = last == GLOW_NONE ? 0 : last + 1;
  /* What stands before and behind may reach in. */
  first -= MIN (first, 1);
  end = MIN (end + 1, of->n_samples);
  if ((guint64) (end - MIN (first, end)) + (of->is_cpu ? 0 : last - MIN (change, last)) > most)
    return NULL;
  slicing.slices = g_array_new (FALSE, FALSE, sizeof (GlowLaneSlice));
  for (guint32 i = first; i < end; i++)
    {
      guint32 sample = glow_timeline_get_sample (self, lane, i);

      add_sample (&slicing, i, self->period[slicing.samples->event != NULL ? slicing.samples->event[sample] : 0]);
    }
  for (guint32 c = change; c < last && !of->is_cpu; c++)
    add_wait (&slicing, c);
  if (!of->is_cpu && last > change)
    g_array_sort (slicing.slices, compare);
  return slicing.slices;
}
