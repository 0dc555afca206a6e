/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Disjoint intervals of each thread, and whether moments lie in them. A thread is what has a number: its rows change with its name. */
#pragma once
#include <afterglow/spans.h>

G_BEGIN_DECLS

typedef struct {
  guint32 n;                   /* tasks */
  guint32 *task;               /* by thread row */
  guint32 *offset;             /* n + 1: of each task's intervals */
  guint32 *length;             /* by task */
  guint64 *start, *end;        /* ns; a task's are disjoint and ascending */
} GlowSpanTasks;

/* Of the spans with a mark: those of one task that overlap become one. */
void glow_span_tasks_init  (GlowSpanTasks *self, GlowProfile *profile, const GlowSpans *spans, const guint8 *marks);
void glow_span_tasks_clear (GlowSpanTasks *self);
/* ns of all intervals together */
guint64 glow_span_tasks_sum (const GlowSpanTasks *self);

/* For moments asked about in the order of time: *@cursor (by task, 0 at first) goes along. O(1) on the whole. */
static inline gboolean
glow_span_tasks_has (const GlowSpanTasks *self, guint32 *cursor, guint32 thread, guint64 time)
{
  guint32 task = self->task[thread], base = self->offset[task];

  while (cursor[task] < self->length[task] && self->end[base + cursor[task]] <= time)
    cursor[task]++;
  return cursor[task] < self->length[task] && self->start[base + cursor[task]] <= time;
}

G_END_DECLS
