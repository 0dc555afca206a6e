/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Summaries of lanes, made once: what a lane did up to each block of its changes, and which stack has the majority in each block of its samples. An
 * interval is answered from the blocks within it and the rest of the two at its ends, so that a picture costs its columns, whatever lies behind one. */
#include <config.h>

#include "analysis/timeline-private.h"
#include "model/memory-private.h"

#include <stdlib.h>

#define BLOCK GLOW_TIMELINE_BLOCK
#define CANCEL_EVERY 0xfff
/* Samples in an interval from which on its majority is that of whole blocks: the few at the ends do not decide it. */
#define MANY 64

/* ---- making ---- */

void
glow_timeline_sum_changes (GlowTimeline *self, gsize n)
{
  const guint32 *stacks = glow_profile_get_samples (self->profile)->stack;

  self->before = glow_allocate (n / BLOCK + 1, sizeof (GlowStateSums));
  for (guint32 l = 0; l < self->n_lanes; l++)
    {
      GlowLane *lane = &self->lanes[l];
      const GlowTaskChange *changes = self->changes + lane->first_change;
      GlowStateSums sums = { { 0 } };

      for (guint32 c = 0; c < lane->n_changes; c++)
        {
          if (changes[c].letter != 0)
            lane->wait_depth = MAX (lane->wait_depth, self->depths[stacks[changes[c].sample]]);
          if (c == 0)
            sums.ns[GLOW_TASK_UNKNOWN] = changes[0].time - self->from;
          else
            sums.ns[changes[c - 1].state] += changes[c].time - changes[c - 1].time;
          if (c % BLOCK == 0)
            self->before[(lane->first_change + c) / BLOCK] = sums;
        }
      if (lane->n_changes > 0)
        sums.ns[changes[lane->n_changes - 1].state] += self->to - MIN (changes[lane->n_changes - 1].time, self->to);
      else
        sums.ns[GLOW_TASK_UNKNOWN] = self->to - self->from;
      for (guint s = 0; s < GLOW_N_TASK_STATES; s++)
        lane->ns[s] = sums.ns[s];
    }
}

gboolean
glow_timeline_sum_rows (GlowTimeline *self, gsize n, GCancellable *cancellable)
{
  const GlowSamples *samples = glow_profile_get_samples (self->profile);

  self->deltas = glow_allocate (n + 1, sizeof (guint32));
  self->bases = glow_allocate (n / BLOCK + 1, sizeof (guint64));
  self->votes = glow_allocate (n / BLOCK + 1, sizeof (GlowStackVote));
  for (guint32 l = 0; l < self->n_lanes; l++)
    for (guint32 first = 0; first < self->lanes[l].n_samples; first += BLOCK)
      {
        guint32 row = self->lanes[l].first_sample + first, count = MIN (self->lanes[l].n_samples - first, BLOCK);
        GlowStackVote vote = { 0, 0 };
        guint16 depth = 0;
        guint64 base = samples->time[self->rows[row]];

        if ((first / BLOCK & CANCEL_EVERY) == 0 && g_cancellable_is_cancelled (cancellable))
          return FALSE;
        self->bases[row / BLOCK] = base;
        for (guint32 i = 0; i < count; i++)
          {
            guint32 sample = self->rows[row + i];
            guint64 delta = samples->time[sample] - base;

            if (i + GLOW_AHEAD < count)
              __builtin_prefetch (&samples->stack[self->rows[row + i + GLOW_AHEAD]]);
            self->deltas[row + i] = delta < G_MAXUINT32 ? (guint32) delta : G_MAXUINT32;
            vote = glow_stack_vote_add (vote, (GlowStackVote) { samples->stack[sample], 1 });
            depth = MAX (depth, self->depths[samples->stack[sample]]);
          }
        self->lanes[l].depth = MAX (self->lanes[l].depth, depth);
        self->votes[row / BLOCK] = vote;
      }
  return TRUE;
}

/* ---- asking ---- */

typedef gboolean (*IsBefore) (const GlowTimeline *self, const GlowLane *lane, guint32 i, guint64 time);

static inline gboolean
is_change_until (const GlowTimeline *self, const GlowLane *lane, guint32 i, guint64 time)
{
  return self->changes[lane->first_change + i].time <= time;
}

static inline gboolean
is_sample_before (const GlowTimeline *self, const GlowLane *lane, guint32 i, guint64 time)
{
  return glow_timeline_row_time (self, lane->first_sample + i) < time;
}

/* How many of @n lie before @time, at least @hint of which it is known. Near the hint that is found in a few steps. */
static inline guint32
count_before (const GlowTimeline *self, const GlowLane *lane, guint32 n, guint64 time, guint32 hint, IsBefore is_before)
{
  guint32 lower = hint, stride = 1, upper;

  while (lower + stride <= n && is_before (self, lane, lower + stride - 1, time))
    {
      lower += stride;
      stride *= 2;
    }
  upper = MIN (lower + stride - 1, n);
  while (lower < upper)
    {
      guint32 middle = lower + (upper - lower) / 2;

      if (is_before (self, lane, middle, time))
        lower = middle + 1;
      else
        upper = middle;
    }
  return lower;
}

static guint32
changes_until (const GlowTimeline *self, const GlowLane *lane, guint64 time, guint32 hint)
{
  return count_before (self, lane, lane->n_changes, time, hint, is_change_until);
}

/* Those before @time: in a column lie those from its beginning on. */
static guint32
changes_before (const GlowTimeline *self, const GlowLane *lane, guint64 time, guint32 hint)
{
  return time > 0 ? changes_until (self, lane, time - 1, hint) : 0;
}

static inline gboolean
is_block_before (const GlowTimeline *self, const GlowLane *lane, guint32 i, guint64 time)
{
  return self->bases[lane->first_sample / BLOCK + i] < time;
}

/* First the block, whose beginnings lie side by side, then within it. */
static guint32
samples_until (const GlowTimeline *self, const GlowLane *lane, guint64 time, guint32 hint)
{
  guint32 n_blocks = lane->n_samples / BLOCK + (lane->n_samples % BLOCK != 0);
  guint32 blocks = count_before (self, lane, n_blocks, time, hint / BLOCK, is_block_before), first;

  if (blocks == 0)
    return hint;
  first = (blocks - 1) * BLOCK;
  return count_before (self, lane, MIN (first + BLOCK, lane->n_samples), time, MAX (hint, first), is_sample_before);
}

/* Time in each state from the recording's beginning to @time, before which @n changes lie. */
static GlowStateSums
sums_until (const GlowTimeline *self, const GlowLane *lane, guint64 time, guint32 n)
{
  const GlowTaskChange *changes = self->changes + lane->first_change;
  GlowStateSums sums = { { 0 } };

  if (n == 0)
    {
      sums.ns[GLOW_TASK_UNKNOWN] = time - self->from;
      return sums;
    }
  sums = self->before[(lane->first_change + n - 1) / BLOCK];
  for (guint32 c = (n - 1) / BLOCK * BLOCK; c + 1 < n; c++)
    sums.ns[changes[c].state] += changes[c + 1].time - changes[c].time;
  sums.ns[changes[n - 1].state] += time - changes[n - 1].time;
  return sums;
}

static guint32
majority (const GlowTimeline *self, const GlowLane *lane, guint32 first, guint32 end)
{
  const guint32 *stacks = glow_profile_get_samples (self->profile)->stack;
  guint32 low = lane->first_sample + first, high = lane->first_sample + end;
  GlowStackVote vote = { GLOW_NONE, 0 };

  if (first >= end)
    return GLOW_NONE;
  if (end - first < MANY)
    for (guint32 r = low; r < high; r++)
      {
        /* Samples lie far apart in memory: whole blocks are not looked into. */
        if (r % BLOCK == 0)
          for (; r + BLOCK <= high; r += BLOCK)
            vote = glow_stack_vote_add (vote, self->votes[r / BLOCK]);
        if (r < high)
          vote = glow_stack_vote_add (vote, (GlowStackVote) { stacks[self->rows[r]], 1 });
      }
  else
    for (guint32 b = (low + BLOCK - 1) / BLOCK; b < high / BLOCK; b++)
      vote = glow_stack_vote_add (vote, self->votes[b]);
  return vote.stack != GLOW_NONE ? vote.stack : stacks[self->rows[low]];
}

guint32
glow_timeline_find_change (GlowTimeline *self, guint32 lane, guint64 time)
{
  guint32 n = changes_until (self, &self->lanes[lane], time, 0);

  return n > 0 ? n - 1 : GLOW_NONE;
}

guint32
glow_timeline_samples_before (GlowTimeline *self, guint32 lane, guint64 time)
{
  return samples_until (self, &self->lanes[lane], time, 0);
}

void
glow_timeline_columns (GlowTimeline *self, guint32 l, guint64 from, guint64 to, guint n, GlowLaneSum *sums)
{
  const GlowLane *lane = &self->lanes[l];
  guint64 low = CLAMP (from, self->from, self->to), span, step, rest, owed = 0, at = from;
  guint32 changes = changes_before (self, lane, from, 0), samples = samples_until (self, lane, from, 0);
  GlowStateSums before = sums_until (self, lane, low, changes);

  to = MAX (from, to);
  span = to - from;
  step = span / MAX (n, 1);
  rest = span % MAX (n, 1);
  for (guint i = 0; i < n; i++)
    {
      guint64 next = at + step, seen;
      guint32 more_changes, more_samples;
      GlowStateSums until;

      /* What does not go into whole ns a column is spread over them. */
      owed += rest;
      if (owed >= n)
        {
          owed -= n;
          next++;
        }
      seen = CLAMP (next, self->from, self->to);
      more_changes = changes_before (self, lane, next, changes);
      more_samples = samples_until (self, lane, next, samples);
      until = sums_until (self, lane, seen, more_changes);
      for (guint s = 0; s < GLOW_N_TASK_STATES; s++)
        sums[i].ns[s] = until.ns[s] - before.ns[s];
      sums[i].n_changes = more_changes - changes;
      sums[i].n_samples = more_samples - samples;
      sums[i].stack = majority (self, lane, samples, more_samples);
      before = until;
      changes = more_changes;
      samples = more_samples;
      at = next;
    }
}

void
glow_timeline_sum (GlowTimeline *self, guint32 lane, guint64 from, guint64 to, GlowLaneSum *sum)
{
  glow_timeline_columns (self, lane, from, to, 1, sum);
}
