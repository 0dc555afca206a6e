/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a query's spans leave of the samples: those inside them; or the stacks at which they begin, each weighing as long as it lasts; or both on one
 * time base: what ran inside them, and where their threads waited meanwhile. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "model/memory-private.h"
#include "model/selection-private.h"
#include "model/span-tasks-private.h"

#include <afterglow/error.h>

#include <stdlib.h>
#include <string.h>

static GlowFieldColumn *
new_column (gsize n)
{
  GlowFieldColumn *column = g_new0 (GlowFieldColumn, 1);

  g_atomic_ref_count_init (&column->ref_count);
  column->n = n;
  column->kind = GLOW_FIELD_UNSIGNED;
  column->unit = GLOW_UNIT_NANOSECONDS;
  column->value = glow_allocate0 (n + 1, sizeof (guint64));
  column->has = glow_allocate0 (n + 1, 1);
  return column;
}

/* Takes @column: samples weigh what it says, in ns. */
static void
weigh_by (GlowSelection *self, GlowFieldColumn *column)
{
  g_clear_pointer (&self->field, glow_field_column_unref);
  self->field = column;
  self->unit = GLOW_UNIT_NANOSECONDS;
  self->decimals = 0;
}

static void
only_event (GlowSelection *self, guint32 event)
{
  guint32 n;

  glow_profile_get_events (self->profile, &n);
  memset (self->event_ok, 0, n);
  self->event_ok[event] = 1;
}

/* Takes @rows. */
static void
keep_rows (GlowSelection *self, guint8 *rows)
{
  const GlowSamples *samples = glow_profile_get_samples (self->profile);

  for (gsize i = 0; self->row_ok != NULL && i < samples->n; i++)
    rows[i] &= self->row_ok[i];
  free (self->own_rows);
  self->own_rows = rows;
  self->row_ok = rows;
}

static void
keep_edges (GlowSelection *self, const GlowSpanChoice *choice, gboolean by_duration)
{
  const GlowSpans *spans = choice->spans;
  const GlowSamples *samples = glow_profile_get_samples (self->profile);
  GlowFieldColumn *column = new_column (samples->n);

  for (gsize i = 0; i < spans->n; i++)
    if (choice->is_chosen[i])
      {
        column->value[spans->first[i]] += spans->end[i] - spans->start[i];
        column->has[spans->first[i]] = 1;
      }
  /* A thread that waits for a CPU waits since it was woken, or since it was pushed off one: two events begin it. */
  if (spans->kind->pairing == GLOW_SPAN_RUN_QUEUE)
    self->event_ok[spans->kind->start_event] = self->event_ok[spans->kind->end_event] = 1;
  else
    only_event (self, spans->kind->start_event);
  if (by_duration)
    weigh_by (self, column);
  else
    {
      guint8 *rows = glow_allocate0 (samples->n + 1, 1);

      memcpy (rows, column->has, samples->n);
      keep_rows (self, rows);
      glow_field_column_unref (column);
    }
}

/* ---- both ---- */

/* How much of [from, to) lies in the intervals of a task. */
static guint64
overlap (const GlowSpanTasks *tasks, guint32 thread, guint64 from, guint64 to)
{
  guint32 task = tasks->task[thread], lower = 0, upper = tasks->length[task], base = tasks->offset[task];
  guint64 sum = 0;

  while (lower < upper)
    {
      guint32 middle = (lower + upper) / 2;

      if (tasks->end[base + middle] <= from)
        lower = middle + 1;
      else
        upper = middle;
    }
  for (; lower < tasks->length[task] && tasks->start[base + lower] < to; lower++)
    sum += MIN (tasks->end[base + lower], to) - MAX (tasks->start[base + lower], from);
  return sum;
}

/* What a sample of a running thread stands for, in ns; 0 where that is not known. */
static guint64
sample_time (const GlowEvent *event, guint64 weight)
{
  if (event->unit == GLOW_UNIT_NANOSECONDS)
    return weight;
  return event->frequency_hz > 0 ? (G_GUINT64_CONSTANT (1000000000) + event->frequency_hz / 2) / event->frequency_hz : 0;
}

/* Where no sample lies inside: a thread's running time stands at the beginning of each span, where it was seen to run. */
static void
add_running (const GlowSpanTasks *tasks, const GlowSpans *spans, const guint8 *marks, const GlowSpanTasks *waiting, GlowFieldColumn *column)
{
  g_autofree guint32 *next = g_new0 (guint32, tasks->n + 1);

  for (gsize i = 0; i < spans->n; i++)
    {
      guint32 task = tasks->task[spans->thread[i]], at = tasks->offset[task] + next[task];
      guint64 length;

      /* One span of each interval; those inside it, or joined to it, are the same time. */
      if (!marks[i] || next[task] >= tasks->length[task] || tasks->start[at] != spans->start[i])
        continue;
      length = tasks->end[at] - tasks->start[at];
      length -= MIN (length, overlap (waiting, spans->thread[i], tasks->start[at], tasks->end[at]));
      column->value[spans->first[i]] += length;
      column->has[spans->first[i]] |= length > 0;
      next[task]++;
    }
}

/* What ran inside the spans, and where their threads waited meanwhile. The waits are known to the nanosecond, and so is the rest of the spans' time: the
 * samples share it by what they stand for, so that all together is just as long as the spans are (nested and overlapping ones once). */
static gboolean
keep_both (GlowSelection *self, const GlowSpanChoice *choice, GError **error)
{
  const GlowSamples *samples = glow_profile_get_samples (self->profile);
  const GlowEvent *events = glow_profile_get_events (self->profile, NULL);
  g_autoptr(GlowSpans) waits = glow_spans_compute (self->profile, "off-cpu", NULL, error);
  g_autofree guint32 *cursor = NULL;
  g_autofree guint8 *known = NULL;
  GlowFieldColumn *column;
  GlowSpanTasks tasks, waiting;
  double scale, sum = 0;
  guint64 own, off = 0, given = 0, sampled = 0;

  if (waits == NULL)
    return FALSE;
  column = new_column (samples->n);
  glow_span_tasks_init (&tasks, self->profile, choice->spans, choice->is_chosen);
  own = glow_span_tasks_sum (&tasks);
  known = g_new0 (guint8, waits->n + 1);
  for (gsize i = 0; i < waits->n; i++)
    {
      guint64 inside = waits->first[i] != GLOW_NONE ? overlap (&tasks, waits->thread[i], waits->start[i], waits->end[i]) : 0;

      if (inside == 0)
        continue;
      column->value[waits->first[i]] += inside;
      column->has[waits->first[i]] = 1;
      off += inside;
      known[i] = 1;
    }
  cursor = g_new0 (guint32, tasks.n + 1);
  for (gsize i = 0; i < samples->n; i++)
    {
      guint event = samples->event != NULL ? samples->event[i] : 0;

      if (self->event_ok[event] && event != waits->kind->start_event && glow_span_tasks_has (&tasks, cursor, samples->thread[i], samples->time[i]))
        {
          column->value[i] = sample_time (&events[event], samples->weight != NULL ? samples->weight[i] : 1);
          sampled += column->value[i];
          column->has[i] = 2;
        }
    }
  scale = sampled > 0 ? (double) (own - MIN (own, off)) / (double) sampled : 0;
  for (gsize i = 0; i < samples->n && sampled > 0; i++)
    if (column->has[i] == 2)
      {
        guint64 until;

        /* Rounded together, so that nothing is lost. */
        sum += (double) column->value[i] * scale;
        until = (guint64) (sum + 0.5);
        column->value[i] = until - given;
        given = until;
        column->has[i] = 1;
      }
  if (sampled == 0)
    {
      glow_span_tasks_init (&waiting, self->profile, waits, known);
      add_running (&tasks, choice->spans, choice->is_chosen, &waiting, column);
      glow_span_tasks_clear (&waiting);
      self->event_ok[choice->spans->kind->start_event] = 1;
    }
  glow_span_tasks_clear (&tasks);
  self->event_ok[waits->kind->start_event] = 1;
  weigh_by (self, column);
  return TRUE;
}

gboolean
glow_selection_add_spans (GlowSelection *self, const GlowQuery *query, GError **error)
{
  g_autoptr(GlowSpanChoice) choice = glow_span_choice_compute (self->profile, query, NULL, error);
  const char *stacks = glow_query_get_only (query, GLOW_QUERY_SPAN_STACKS);

  if (choice == NULL)
    return FALSE;
  if (stacks == NULL)
    stacks = choice->spans->kind->waits ? "edge" : "inside";
  /* Where the spans are the waits themselves, their edges are both. */
  if (strcmp (stacks, "edge") == 0 || (strcmp (stacks, "both") == 0 && choice->spans->kind->waits))
    {
      g_clear_pointer (&self->ranges, g_array_unref);        /* the spans are of that time, not each of their samples */
      keep_edges (self, choice, glow_query_get_weight (query) != GLOW_WEIGHT_SAMPLES);
      return TRUE;
    }
  g_clear_pointer (&self->ranges, g_array_unref);
  if (strcmp (stacks, "both") == 0)
    return keep_both (self, choice, error);
  keep_rows (self, glow_spans_mark_samples (self->profile, choice->spans, choice->is_chosen));
  return TRUE;
}
