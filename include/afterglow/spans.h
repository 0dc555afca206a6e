/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/query.h>

G_BEGIN_DECLS

/* Intervals of one thread that a recording's events mark: a call and its return, a system call, waiting, any two events that belong together.
 *
 * A kind is named by what it is of: "off-cpu", "preempted", "asleep", "uninterruptible", "blocked", "run-queue", "syscall", "syscall:read" (of raw_syscalls only these), the name of the event that begins it
 * ("probe_orders:handle_request", "syscalls:sys_enter_read"), or two events and what they share: "a..b", "a..b:key=field,field" — by thread
 * where no key is named. */

typedef enum {
  GLOW_SPAN_TASK,              /* the events of one thread, nested */
  GLOW_SPAN_FIELDS,            /* events whose key fields agree, whichever thread they are of */
  GLOW_SPAN_CPU,               /* the events of one CPU, nested: handlers of interrupts */
  GLOW_SPAN_OFF_CPU, GLOW_SPAN_BLOCKED, GLOW_SPAN_RUN_QUEUE,    /* from sched_switch, and wake-ups */
  GLOW_SPAN_SAMPLED            /* each sample is a wait that its weight tells the length of: perf record --off-cpu, simpleperf --trace-offcpu */
} GlowSpanPairing;

/* How a thread left the CPU, by the letter that sched_switch has for it. */
typedef enum {
  GLOW_LEFT_ANYHOW,
  GLOW_LEFT_PREEMPTED,         /* R: it could have run on */
  GLOW_LEFT_ASLEEP,            /* S, and I of kernel threads: until something happens */
  GLOW_LEFT_UNINTERRUPTIBLE    /* D: as for a disk */
} GlowLeft;

typedef struct {
  char *id;                    /* as above */
  char *label;                 /* translated: what people call it */
  guint8 pairing;              /* GlowSpanPairing */
  guint8 left;                 /* GlowLeft: of off-CPU spans, which ones */
  gboolean waits;              /* the thread does not run: there are no samples inside, only stacks at the edge */
  guint32 start_event, end_event;      /* GlowEvent */
  gint64 syscall;              /* of raw_syscalls: only calls of this number; −1: all */
  char **keys;                 /* field names that must agree; NULL-terminated, empty where there are none */
} GlowSpanKind;

typedef enum { GLOW_SPAN_WHOLE = 0, GLOW_SPAN_NO_START = 1, GLOW_SPAN_NO_END = 2 } GlowSpanCut;

/* By start, then longest first. Immutable, reference counted. */
typedef struct {
  gatomicrefcount ref_count;
  const GlowSpanKind *kind;    /* owned */
  gsize n;
  guint64 *start, *end;        /* ns; where it is cut, the recording's own edge */
  guint32 *thread;             /* GlowThread row of its beginning (of its end where that is cut) */
  guint32 *first, *last;       /* samples at its edges; GLOW_NONE where it is cut, or its end was told by no sample */
  guint32 *parent;             /* the innermost span of the same thread around it; GLOW_NONE */
  guint8 *cut;                 /* GlowSpanCut */
  gsize n_whole;
  guint64 *sorted;             /* durations of the whole ones, ns, ascending */
  gsize unpaired_starts, unpaired_ends;        /* events without their other half: lost, jumped over, or before a fork */
  gsize ended_by_wakeup;       /* off the CPU: the switch back was not recorded (some kernels tell none that leave idle), so they end at the wake-up */
  guint64 recorded, counted;   /* samples of its events, and how many there were: fewer samples where the recorder kept only some, and then halves are
                                * missing, so that what is paired may not belong together and durations are too long */
  gsize across_losses;         /* whole ones during which records were lost: they may be several, whose ends and beginnings were among them */
  gsize n_censored;            /* cut by the recording's edges: known to last at least as long as was seen */
} GlowSpans;

/* What can be paired in a recording without being told. O(events²). (transfer full) (element-type GlowSpanKind) */
GPtrArray *glow_span_kinds_list   (GlowProfile *profile);
/* (transfer full): GLOW_ERROR_SELECTION where the recording has no such events. */
GlowSpanKind *glow_span_kind_find (GlowProfile *profile, const char *id, GError **error);
/* What a system call is called on the machine that the recording is of, where that is one whose numbers this program was built with. (nullable) */
const char *glow_syscall_get_name (GlowProfile *profile, guint64 number);
GlowSpanKind *glow_span_kind_copy (const GlowSpanKind *kind);
void       glow_span_kind_free    (gpointer kind);

/**
 * glow_spans_compute:
 * @id: a kind's
 *
 * O(samples), plus a column for each field that is needed; kept with the profile for the next who asks.
 *
 * Returns: (transfer full): or %NULL with @error
 */
GlowSpans *glow_spans_compute     (GlowProfile *profile, const char *id, GCancellable *cancellable, GError **error);
GlowSpans *glow_spans_ref         (GlowSpans *self);
void       glow_spans_unref       (GlowSpans *self);

/* Which spans a query means. */
typedef struct {
  GlowSpans *spans;
  guint8 *is_base;             /* by span: whole, and of the threads, CPUs and times of the query, however long */
  guint8 *is_chosen;           /* by span: of these, those whose duration the query wants */
  gsize n_base, n_chosen;
  guint64 *sorted;             /* durations of the base, ns, ascending */
  guint64 *cut;                /* those of the same threads, CPUs and times that the recording's edges cut: as far as they were seen, ns, ascending */
  gsize n_cut;
  guint64 low, high;           /* ns: chosen are those of low ≤ duration < high; quantiles are of the base, Kaplan and Meier's where many are cut */
} GlowSpanChoice;

/* @query must have a SPANS term. O(spans); GLOW_ERROR_SELECTION where a quantile cannot be told. */
GlowSpanChoice *glow_span_choice_compute (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error);
/* Where durations of the base fall into two groups: between neighbours of which one is half as long again as the other or more, the widest such gap
 * among the slowest quarter that has ten or more above it; in two digits, ns. 0: none. It is found without looking at stacks, so that what is
 * compared on its two sides is not chosen by what it finds. O(base) */
guint64         glow_span_choice_find_gap (const GlowSpanChoice *self);
void            glow_span_choice_free    (GlowSpanChoice *self);
/* By sample, 1 where a span of its own thread with a mark holds its time. (transfer full) O(samples + spans) */
guint8         *glow_spans_mark_samples  (GlowProfile *profile, GlowSpans *spans, const guint8 *marks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowSpanChoice, glow_span_choice_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowSpans, glow_spans_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowSpanKind, glow_span_kind_free)

G_END_DECLS
