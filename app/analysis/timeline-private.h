/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a timeline lies in memory. Changes and samples of a lane begin at multiples of GLOW_TIMELINE_BLOCK, so that a summary belongs to one lane. */
#pragma once
#include <afterglow/timeline.h>

G_BEGIN_DECLS

#define GLOW_TIMELINE_BLOCK 8

typedef struct { guint64 ns[GLOW_N_TASK_STATES]; } GlowStateSums;
/* A majority vote over the stacks of a block, which can be put together with others (Boyer and Moore, 1981). */
typedef struct { guint32 stack, votes; } GlowStackVote;

struct _GlowTimeline {
  gatomicrefcount ref_count;
  GlowProfile *profile;
  const guint64 *times;        /* of the profile's samples */
  guint64 from, to;            /* ns */

  GlowLane *lanes;
  guint32 n_lanes, n_threads;
  guint32 *lane_of_thread;     /* by thread row */
  guint32 *lane_of_cpu;        /* by number, G_MAXUINT16 + 1; GLOW_NONE */
  guint64 *period;             /* ns, by event */
  guint64 certain_period;      /* ns: a thread that runs for longer is sampled; 0: not known */
  guint16 *depths;             /* frames, by stack */

  gboolean has_switches, has_wakeups;
  gsize n_unseen;
  GlowTaskChange *changes;
  GlowStateSums *before;       /* by block of changes: from the recording's beginning to the block's */

  guint32 *rows;               /* samples by lane and time */
  guint32 *deltas;             /* ns behind the block's base; G_MAXUINT32: too far */
  guint64 *bases;              /* by block of rows */
  GlowStackVote *votes;        /* by block of rows */

  GPtrArray *kinds;            /* of GlowSpanKind */
  GlowLaneSpan *spans;
  guint32 *span_rows;          /* indices of spans within their lane, by lane and row */
  guint32 *span_row_offsets;   /* by lane: GLOW_TIMELINE_SPAN_ROWS + 1 each; NULL where there are no spans */
};

static inline guint64
glow_timeline_row_time (const GlowTimeline *self, guint32 row)
{
  guint32 delta = self->deltas[row];

  return delta != G_MAXUINT32 ? self->bases[row / GLOW_TIMELINE_BLOCK] + delta : self->times[self->rows[row]];
}

static inline GlowStackVote
glow_stack_vote_add (GlowStackVote a, GlowStackVote b)
{
  if (a.stack == b.stack)
    return (GlowStackVote) { a.stack, a.votes + b.votes };
  return a.votes >= b.votes ? (GlowStackVote) { a.stack, a.votes - b.votes } : (GlowStackVote) { b.stack, b.votes - a.votes };
}

/* timeline-states.c. @self has its lanes; fills in changes and what they sum to. */
gboolean glow_timeline_add_states (GlowTimeline *self, GCancellable *cancellable, GError **error);
/* timeline-levels.c: summaries of what is there. */
void     glow_timeline_sum_changes (GlowTimeline *self, gsize n);
gboolean glow_timeline_sum_rows    (GlowTimeline *self, gsize n, GCancellable *cancellable);
/* timeline-spans.c */
gboolean glow_timeline_add_spans   (GlowTimeline *self, GlowTimelineProgress progress, gpointer data, GCancellable *cancellable, GError **error);

G_END_DECLS
