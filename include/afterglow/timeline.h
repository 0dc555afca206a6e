/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/spans.h>

G_BEGIN_DECLS

/* A recording in the order it happened: a lane a thread and a lane a CPU, each with what it was doing when (from sched_switch and wake-ups), its
 * samples by time, and the tree of its spans. Built once, immutable, reference counted; every question afterwards costs what is seen, not what
 * was recorded.
 *
 * What is known of a thread's state is what switches, wake-ups and its own samples prove: a thread of which a sample was taken ran then. Nothing
 * else is filled in; what lies between is unknown. */
typedef struct _GlowTimeline GlowTimeline;

typedef enum {
  GLOW_TASK_UNKNOWN,           /* nothing proves anything: before its first event; or a switch is missing, for at most the period of a clock */
  GLOW_TASK_RUNNING,
  GLOW_TASK_WOKEN,             /* it could run, and did at the end: when it got a CPU was not recorded (some kernels tell no switch that leaves idle) */
  GLOW_TASK_QUEUED,            /* waiting for a CPU: it was woken, or pushed off one */
  GLOW_TASK_BLOCKED,           /* off the CPU until something wakes it */
  GLOW_TASK_GONE,              /* of a thread: it has ended; of a CPU: idle */
  GLOW_N_TASK_STATES
} GlowTaskState;
const char *glow_task_state_get_id    (GlowTaskState state);    /* "blocked", stable */
const char *glow_task_state_get_label (GlowTaskState state);    /* translated */

/* From @time on, until the lane's next change. */
typedef struct {
  guint64 time;                /* ns */
  guint32 sample;              /* what says so: the switch, the wake-up (of the waker's thread), a sample that proves that it runs */
  guint32 on;                  /* of a thread: the CPU, of a CPU: the lane of what runs there; GLOW_NONE */
  guint8 state;                /* GlowTaskState */
  char letter;                 /* as the kernel's tools write it, R S D T I …; 0 where the recording does not say */
} GlowTaskChange;

/* A span in the tree of its lane. */
typedef struct {
  guint64 start, end;          /* ns; where it is cut, the recording's edge */
  guint32 parent;              /* index among the lane's spans, the innermost that holds it; GLOW_NONE */
  guint32 first, last;         /* samples at its edges; GLOW_NONE where it is cut */
  guint16 kind;                /* glow_timeline_get_span_kinds() */
  guint8 row;                  /* 0 is outermost; spans of one row do not overlap, but in the last of GLOW_TIMELINE_SPAN_ROWS */
  guint8 cut;                  /* GlowSpanCut */
} GlowLaneSpan;
#define GLOW_TIMELINE_SPAN_ROWS 24

typedef struct {
  gboolean is_cpu;
  guint32 cpu;                 /* of a CPU's lane */
  guint32 thread;              /* GlowThread: its last row (a thread that renames itself has several); of a thread's lane */
  guint32 process;             /* GlowProcess */
  gint32 pid, tid;
  guint32 n_samples;           /* of the events that are drawn */
  guint32 n_changes, n_spans;
  guint8 n_span_rows;
  guint16 depth, wait_depth;   /* frames of its deepest stack, of samples and of waits */
  guint64 first_time, last_time;       /* ns: of anything it does */
  guint64 ns[GLOW_N_TASK_STATES];      /* how long it was in each, from the recording's beginning to its end */
  guint32 first_sample, first_change, first_span;      /* private: where its rows begin */
} GlowLane;

typedef struct {
  const guint8 *events;        /* (nullable): by GlowEvent, 1 where its samples are drawn; switches and wake-ups make bands instead */
  gboolean with_spans;         /* also pair events, of all kinds that the recording has */
} GlowTimelineOptions;

/* Called from the worker; @done in [0, 1]. */
typedef void (*GlowTimelineProgress) (double done, gpointer data);

/**
 * glow_timeline_compute:
 *
 * O(samples), and once more for each kind of spans. About 10 bytes a sample that is drawn, 30 a change, 44 a span.
 *
 * Returns: (transfer full): or %NULL with @error: GLOW_ERROR_SELECTION where the recording has no times or threads, or cancelled
 */
GlowTimeline *glow_timeline_compute (GlowProfile *profile, const GlowTimelineOptions *options, GlowTimelineProgress progress, gpointer data,
                                     GCancellable *cancellable, GError **error);
GlowTimeline *glow_timeline_ref     (GlowTimeline *self);
void          glow_timeline_unref   (GlowTimeline *self);
gsize         glow_timeline_get_memory (GlowTimeline *self);    /* bytes */

GlowProfile    *glow_timeline_get_profile (GlowTimeline *self); /* (transfer none) */
/* Threads first, then CPUs. */
const GlowLane *glow_timeline_get_lanes   (GlowTimeline *self, guint32 *n, guint32 *n_threads);
guint32         glow_timeline_find_lane   (GlowTimeline *self, guint32 thread);        /* of a GlowThread row; GLOW_NONE */
guint64         glow_timeline_get_from    (GlowTimeline *self);                        /* ns: the recording's first and last time */
guint64         glow_timeline_get_to      (GlowTimeline *self);
gboolean        glow_timeline_has_switches (GlowTimeline *self);        /* bands are from sched_switch; else only samples tell of a thread */
gboolean        glow_timeline_has_wakeups (GlowTimeline *self);
gsize           glow_timeline_get_n_unseen (GlowTimeline *self);        /* switches that must have been, but were not recorded */
/* The distance of samples of an event, ns; 0: they are moments (tracepoints). Estimated where it was recorded by count. */
guint64         glow_timeline_get_period  (GlowTimeline *self, guint32 event);

/* The lane's changes by time, n_changes long. Before the first the lane is unknown. */
const GlowTaskChange *glow_timeline_get_changes (GlowTimeline *self, guint32 lane);
/* What is in force at @time: index of the lane's change, GLOW_NONE before the first. O(log) */
guint32         glow_timeline_find_change (GlowTimeline *self, guint32 lane, guint64 time);
/* The last change at or before @change where the thread left a CPU: its sample's stack is where it waits. GLOW_NONE */
guint32         glow_timeline_find_leaving (GlowTimeline *self, guint32 lane, guint32 change);
/* Frames of a stack. */
guint           glow_timeline_get_depth   (GlowTimeline *self, guint32 stack);
/* By time: the lane's sample @i, as row of the profile's samples. */
guint32         glow_timeline_get_sample  (GlowTimeline *self, guint32 lane, guint32 i);
/* How many of the lane's samples lie before @time. O(log) */
guint32         glow_timeline_samples_before (GlowTimeline *self, guint32 lane, guint64 time);

/* By start, outer ones first. */
const GlowLaneSpan *glow_timeline_get_spans (GlowTimeline *self, guint32 lane);
const GPtrArray    *glow_timeline_get_span_kinds (GlowTimeline *self);  /* (element-type GlowSpanKind) */
/* The lane's spans of one row, by start: indices. */
const guint32      *glow_timeline_get_span_row (GlowTimeline *self, guint32 lane, guint row, guint32 *n);
/* The innermost span at a time; GLOW_NONE. O(rows × log) */
guint32             glow_timeline_find_span (GlowTimeline *self, guint32 lane, guint64 time);

/* What a lane did in an interval, summed from the summaries. */
typedef struct {
  guint64 ns[GLOW_N_TASK_STATES];      /* exactly */
  guint32 n_samples, n_changes;        /* that lie in it */
  guint32 stack;               /* of the majority of the samples where there is one, else of some; GLOW_NONE: no samples */
} GlowLaneSum;

/**
 * glow_timeline_sum:
 * @from, @to: ns, [from, to)
 *
 * O(log of the lane)
 */
void glow_timeline_sum     (GlowTimeline *self, guint32 lane, guint64 from, guint64 to, GlowLaneSum *sum);
/**
 * glow_timeline_columns:
 * @n: columns of equal width that [from, to) is cut into; boundaries are whole ns
 * @sums: (out caller-allocates): as many
 *
 * The same for each column. O(n × log of what a column holds); sums of columns add up to the sum of the interval.
 */
void glow_timeline_columns (GlowTimeline *self, guint32 lane, guint64 from, guint64 to, guint n, GlowLaneSum *sums);

/* A stack that stood, or a wait: what can be drawn of its own where a lane is looked at closely. */
typedef struct {
  guint64 start, end;          /* ns */
  guint32 stack;
  guint32 sample;              /* the first; of a wait: the switch */
  guint32 n;                   /* adjacent samples with this stack that were merged; 0: a wait */
  guint8 state;                /* GLOW_TASK_RUNNING, or what it waits for; GLOW_TASK_WOKEN for a sample that is a moment */
} GlowLaneSlice;

/**
 * glow_timeline_slices:
 * @most: the slices are not asked for where more samples and changes lie in [from, to)
 *
 * A sample stands for half a period on either side, or up to the middle between it and one that is nearer than 1.5 periods, and never for a time that
 * the thread is known to have been off the CPU. Equal stacks that touch are one slice.
 *
 * Returns: (transfer full) (nullable) (element-type GlowLaneSlice): by time
 */
GArray *glow_timeline_slices (GlowTimeline *self, guint32 lane, guint64 from, guint64 to, guint most);

/* What a query keeps of a timeline. Its times are not in it: they are to be drawn over it. */
typedef struct {
  guint8 *lane_ok;             /* (nullable): by lane; NULL: all */
  guint8 *stack_ok;            /* (nullable): by stack of the profile */
  char *span_kind;             /* (nullable): the query chooses spans of this kind … */
  guint64 span_low, span_high; /* … that last low ≤ duration < high, ns */
} GlowTimelineChoice;
/**
 * glow_timeline_choice_compute:
 *
 * A lane is kept that is of the query's threads, has a sample of its CPUs and conditions where it names some, and one of its spans. O(samples) where it
 * does, else O(stacks).
 *
 * Returns: (transfer full): or %NULL with @error
 */
GlowTimelineChoice *glow_timeline_choice_compute (GlowTimeline *self, const GlowQuery *query, GCancellable *cancellable, GError **error);
void                glow_timeline_choice_free    (GlowTimelineChoice *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowTimelineChoice, glow_timeline_choice_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowTimeline, glow_timeline_unref)

G_END_DECLS
