/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Spans of each thread as disjoint intervals, so that a pass over the samples needs one step for each. */
#include <config.h>

#include "model/memory-private.h"
#include "model/span-tasks-private.h"

#include <stdlib.h>
#include <string.h>

#define PARALLEL_FROM 500000   /* samples */

static guint32 *
number_tasks (GlowProfile *profile, guint32 *n_tasks)
{
  guint32 n;
  const GlowThread *threads = glow_profile_get_threads (profile, &n);
  guint32 *task = g_new (guint32, n + 1);
  g_autoptr(GHashTable) known = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_autofree gint64 *keys = g_new (gint64, n + 1);

  *n_tasks = 0;
  for (guint32 t = 0; t < n; t++)
    {
      gpointer found;

      keys[t] = (gint64) ((guint64) (guint32) threads[t].pid << 32 | (guint32) threads[t].tid);
      found = g_hash_table_lookup (known, &keys[t]);
      if (found == NULL)
        {
          found = GUINT_TO_POINTER (++*n_tasks);
          g_hash_table_insert (known, &keys[t], found);
        }
      task[t] = GPOINTER_TO_UINT (found) - 1;
    }
  return task;
}

void
glow_span_tasks_init (GlowSpanTasks *self, GlowProfile *profile, const GlowSpans *spans, const guint8 *marks)
{
  gsize n_marked = 0;

  self->task = number_tasks (profile, &self->n);
  self->offset = g_new0 (guint32, self->n + 2);
  self->length = g_new0 (guint32, self->n + 1);
  for (gsize i = 0; i < spans->n; i++)
    if (marks[i])
      {
        self->offset[self->task[spans->thread[i]] + 1]++;
        n_marked++;
      }
  for (guint32 t = 0; t < self->n; t++)
    self->offset[t + 1] += self->offset[t];
  self->start = g_new (guint64, n_marked + 1);
  self->end = g_new (guint64, n_marked + 1);
  for (gsize i = 0; i < spans->n; i++)
    {
      guint32 task = self->task[spans->thread[i]], at = self->offset[task] + self->length[task];

      if (!marks[i])
        continue;
      if (self->length[task] > 0 && spans->start[i] < self->end[at - 1])
        self->end[at - 1] = MAX (self->end[at - 1], spans->end[i]);
      else
        {
          self->start[at] = spans->start[i];
          self->end[at] = spans->end[i];
          self->length[task]++;
        }
    }
}

void
glow_span_tasks_clear (GlowSpanTasks *self)
{
  g_free (self->task);
  g_free (self->offset);
  g_free (self->length);
  g_free (self->start);
  g_free (self->end);
}

guint64
glow_span_tasks_sum (const GlowSpanTasks *self)
{
  guint64 sum = 0;

  for (guint32 task = 0; task < self->n; task++)
    for (guint32 i = 0; i < self->length[task]; i++)
      sum += self->end[self->offset[task] + i] - self->start[self->offset[task] + i];
  return sum;
}

/* Samples that one thread goes through: its own cursors find their place at the first moment they are asked for. */
typedef struct {
  const GlowSpanTasks *tasks;
  const GlowSamples *samples;
  guint8 *rows;
  gsize from, to;
} Part;

/* The interval of a task that is now, or comes next: what most samples need is one line of the cache. */
typedef struct {
  guint64 start, end;          /* ns; both the largest there is where no more comes */
  guint32 next, last;          /* intervals */
} Now;

static inline void
step (Now *now, const GlowSpanTasks *tasks)
{
  gboolean more = now->next < now->last;

  now->start = more ? tasks->start[now->next] : G_MAXUINT64;
  now->end = more ? tasks->end[now->next] : G_MAXUINT64;
  now->next += more;
}

static gpointer
mark_part (gpointer data)
{
  const Part *part = data;
  const GlowSpanTasks *tasks = part->tasks;
  g_autofree Now *now = g_new (Now, tasks->n + 1);

  for (guint32 t = 0; t < tasks->n; t++)
    {
      now[t] = (Now) { 0, 0, tasks->offset[t], tasks->offset[t] + tasks->length[t] };
      step (&now[t], tasks);
    }
  for (gsize i = part->from; i < part->to; i++)
    {
      Now *own = &now[tasks->task[part->samples->thread[i]]];
      guint64 time = part->samples->time[i];

      if (time < own->start)
        continue;
      while (own->end <= time && own->start != G_MAXUINT64)
        step (own, tasks);
      part->rows[i] = own->start <= time && time < own->end;
    }
  return NULL;
}

guint8 *
glow_spans_mark_samples (GlowProfile *profile, GlowSpans *spans, const guint8 *marks)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  guint8 *rows = glow_allocate0 (samples->n + 1, 1);
  gsize half = samples->n >= PARALLEL_FROM ? samples->n / 2 : 0;
  GlowSpanTasks tasks;
  Part parts[2];
  GThread *thread = NULL;

  glow_span_tasks_init (&tasks, profile, spans, marks);
  parts[0] = (Part) { &tasks, samples, rows, 0, half };
  parts[1] = (Part) { &tasks, samples, rows, half, samples->n };
  if (half > 0)
    thread = g_thread_new ("glow-marks", mark_part, &parts[0]);
  mark_part (&parts[1]);
  if (thread != NULL)
    g_thread_join (thread);
  glow_span_tasks_clear (&tasks);
  return rows;
}
