/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What spans spend their time on, piece by piece. */
#include <config.h>

#include "analysis/span-rows-private.h"
#include "model/selection-private.h"
#include "model/span-tasks-private.h"

#include <afterglow/latency.h>

typedef struct {
  GlowProfile *profile;
  GArray *rows;
} Rows;

/* The outermost base spans, one after another in each task: whose a moment is. */
typedef struct {
  GlowSpanTasks tasks;
  guint32 *span;               /* by interval */
} Owners;

static gboolean
has_base_parent (const GlowSpanChoice *choice, gsize i)
{
  for (guint32 at = choice->spans->parent[i]; at != GLOW_NONE; at = choice->spans->parent[at])
    if (choice->is_base[at])
      return TRUE;
  return FALSE;
}

static void
owners_init (Owners *self, GlowProfile *profile, const GlowSpanChoice *choice)
{
  const GlowSpans *spans = choice->spans;
  g_autofree guint8 *outermost = g_new0 (guint8, spans->n + 1);
  g_autofree guint32 *next = NULL;

  for (gsize i = 0; i < spans->n; i++)
    outermost[i] = choice->is_base[i] && !has_base_parent (choice, i);
  glow_span_tasks_init (&self->tasks, profile, spans, outermost);
  self->span = g_new (guint32, spans->n + 1);
  next = g_new0 (guint32, self->tasks.n + 1);
  for (gsize i = 0; i < spans->n; i++)
    {
      guint32 task = self->tasks.task[spans->thread[i]], at;

      if (!outermost[i])
        continue;
      /* Spans that touch were joined: the time is the first one's. */
      at = self->tasks.offset[task] + next[task];
      if (next[task] < self->tasks.length[task] && self->tasks.start[at] == spans->start[i])
        {
          self->span[at] = i;
          next[task]++;
        }
    }
}

static void
owners_clear (Owners *self)
{
  glow_span_tasks_clear (&self->tasks);
  g_free (self->span);
}

static void
add_row (Rows *self, guint32 span, guint32 stack, guint64 weight)
{
  GlowSpanRowPiece row = { span, stack, weight };

  if (weight > 0)
    g_array_append_val (self->rows, row);
}

/* What ran. */
static void
add_samples (Rows *self, const GlowSelection *selection, const Owners *owners)
{
  const GlowSamples *samples = glow_profile_get_samples (self->profile);
  const GlowEvent *events = glow_profile_get_events (self->profile, NULL);
  g_autofree guint32 *cursor = g_new0 (guint32, owners->tasks.n + 1);

  for (gsize i = 0; i < samples->n; i++)
    {
      guint event = samples->event != NULL ? samples->event[i] : 0;
      guint32 task = owners->tasks.task[samples->thread[i]];

      if (!glow_selection_has (selection, samples, i) || !glow_span_tasks_has (&owners->tasks, cursor, samples->thread[i], samples->time[i]))
        continue;
      add_row (self, owners->span[owners->tasks.offset[task] + cursor[task]], samples->stack[i],
               glow_selection_weight (selection, events, samples, i, event));
    }
}

/* Where threads waited meanwhile, as far as it lies inside. Returns whether the recording tells. */
static gboolean
add_waits (Rows *self, const Owners *owners, GCancellable *cancellable)
{
  const GlowSamples *samples = glow_profile_get_samples (self->profile);
  g_autoptr(GlowSpans) waits = glow_spans_compute (self->profile, "off-cpu", cancellable, NULL);

  if (waits == NULL)
    return FALSE;
  for (gsize i = 0; i < waits->n; i++)
    {
      guint32 task = owners->tasks.task[waits->thread[i]], base = owners->tasks.offset[task], lower = 0, upper = owners->tasks.length[task];

      if (waits->first[i] == GLOW_NONE)
        continue;
      while (lower < upper)
        {
          guint32 middle = (lower + upper) / 2;

          if (owners->tasks.end[base + middle] <= waits->start[i])
            lower = middle + 1;
          else
            upper = middle;
        }
      for (; lower < owners->tasks.length[task] && owners->tasks.start[base + lower] < waits->end[i]; lower++)
        add_row (self, owners->span[base + lower], samples->stack[waits->first[i]],
                 MIN (owners->tasks.end[base + lower], waits->end[i]) - MAX (owners->tasks.start[base + lower], waits->start[i]));
    }
  return TRUE;
}

GArray *
glow_span_rows_compute (GlowProfile *profile, const GlowSpanChoice *choice, const GlowQuery *query, gboolean *has_waits, GCancellable *cancellable,
                        GError **error)
{
  g_autoptr(GlowQuery) by_time = glow_query_with_weight (query, GLOW_WEIGHT_TIME);
  Rows self = { profile, NULL };
  GlowSelection selection;
  Owners owners;
  gboolean has_time;

  /* What runs and what waits can be added where both are times. */
  has_time = glow_selection_init (&selection, profile, by_time, NULL);
  if (!has_time && !glow_selection_init (&selection, profile, query, error))
    return NULL;
  /* The spans are of the query's time, not each of their samples. */
  g_clear_pointer (&selection.ranges, g_array_unref);
  self.rows = g_array_new (FALSE, FALSE, sizeof (GlowSpanRowPiece));
  owners_init (&owners, profile, choice);
  if (!choice->spans->kind->waits)
    add_samples (&self, &selection, &owners);
  *has_waits = (has_time || choice->spans->kind->waits) && add_waits (&self, &owners, cancellable);
  owners_clear (&owners);
  glow_selection_clear (&selection);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    g_clear_pointer (&self.rows, g_array_unref);
  return self.rows;
}

guint8 *
glow_latency_mark_spans (GlowProfile *profile, const GlowQuery *query, const GlowSpanChoice *choice, guint32 frame, GCancellable *cancellable)
{
  g_autoptr(GlowQuery) outside = glow_query_without (query, GLOW_QUERY_SPANS, NULL);
  const GlowStacks *stacks = glow_profile_get_stacks (profile);
  g_autofree guint8 *has = g_new0 (guint8, stacks->n + 1);
  g_autoptr(GArray) rows = NULL;
  gboolean has_waits;
  guint8 *marks;

  rows = glow_span_rows_compute (profile, choice, outside, &has_waits, cancellable, NULL);
  if (rows == NULL)
    return NULL;
  for (guint32 s = 1; s < stacks->n; s++)
    has[s] = has[stacks->parent[s]] || stacks->item[s] == frame;
  marks = g_new0 (guint8, choice->spans->n + 1);
  for (guint r = 0; r < rows->len; r++)
    if (has[g_array_index (rows, GlowSpanRowPiece, r).stack])
      marks[g_array_index (rows, GlowSpanRowPiece, r).span] = 1;
  return marks;
}
