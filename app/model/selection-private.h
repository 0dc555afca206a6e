/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A query applied to a profile's samples: which rows count, with what weight. */
#pragma once
#include <afterglow/fields.h>
#include <afterglow/query.h>

G_BEGIN_DECLS

typedef struct {
  GlowProfile *profile;
  guint8 *event_ok, *thread_ok, *stack_ok;   /* thread_ok, stack_ok: NULL where all are */
  guint8 *cpu_ok;              /* G_MAXUINT16 + 1 entries; NULL where all are */
  GArray *ranges;              /* of guint64 pairs [from, to); NULL where all times are */
  const guint8 *row_ok;        /* by sample: the conditions on fields; NULL where there are none */
  GlowFieldColumn *condition;  /* (nullable): holds @row_ok */
  guint8 *own_rows;            /* (nullable): holds @row_ok where spans choose */
  GlowFieldColumn *field;      /* (nullable): what samples weigh; those without it are not selected, negative values weigh nothing */
  GlowWeight weight;
  guint64 *fixed_weight;       /* by event, for samples and time; NULL: the event's own */
  double *clock_share;         /* (nullable): by event, its part of the rate of all chosen clocks that count the same as it; 1: it counts alone */
  GlowUnit unit;
  guint8 decimals;
} GlowSelection;

gboolean glow_selection_init  (GlowSelection *self, GlowProfile *profile, const GlowQuery *query, GError **error);
void     glow_selection_clear (GlowSelection *self);

/* Only what says whose and when: times, threads, CPUs. Events, stacks and fields are left out. */
gboolean glow_selection_init_threads (GlowSelection *self, GlowProfile *profile, const GlowQuery *query, GError **error);
/* Narrows @self to what @query's spans choose; see span-filter.c. */
gboolean glow_selection_add_spans (GlowSelection *self, const GlowQuery *query, GError **error);
/* The value of the one term of a field; NULL where the query has none. */
const char *glow_query_get_only (const GlowQuery *query, GlowQueryField field);

/* By sample the group it falls into by a field's value; see field-groups.c. */
guint32 *glow_field_groups_compute (const GlowSelection *self, const char *name, GPtrArray *names, GCancellable *cancellable, GError **error);

/* What one sample counts as evidence: its weight where that is a number of samples, else one. */
static inline guint64
glow_selection_samples (const GlowEvent *event, guint64 weight)
{
  guint64 scale = 1;

  if (!event->weight_counts_samples)
    return 1;
  for (guint8 i = 0; i < event->weight_decimals; i++)
    scale *= 10;
  return (weight + scale / 2) / scale;
}

/* What one sample weighs under the query. */
static inline guint64
glow_selection_weight (const GlowSelection *self, const GlowEvent *events, const GlowSamples *samples, gsize i, guint event)
{
  guint64 weight = samples->weight != NULL ? samples->weight[i] : 1;

  if (G_UNLIKELY (self->field != NULL))
    return self->field->has[i] && !(self->field->kind == GLOW_FIELD_SIGNED && (gint64) self->field->value[i] < 0) ? self->field->value[i] : 0;
  if (self->fixed_weight == NULL || (self->weight == GLOW_WEIGHT_TIME && self->fixed_weight[event] == 0))
    return G_LIKELY (self->clock_share == NULL) ? weight : (guint64) ((double) weight * self->clock_share[event] + 0.5);
  return self->weight == GLOW_WEIGHT_SAMPLES ? glow_selection_samples (&events[event], weight) : self->fixed_weight[event];
}

static inline gboolean
glow_selection_has (const GlowSelection *self, const GlowSamples *samples, gsize i)
{
  if (samples->event != NULL && !self->event_ok[samples->event[i]])
    return FALSE;
  if (self->thread_ok != NULL && (samples->thread == NULL || !self->thread_ok[samples->thread[i]]))
    return FALSE;
  if (self->cpu_ok != NULL && (samples->cpu == NULL || !self->cpu_ok[samples->cpu[i]]))
    return FALSE;
  if (self->stack_ok != NULL && !self->stack_ok[samples->stack[i]])
    return FALSE;
  if (self->row_ok != NULL && !self->row_ok[i])
    return FALSE;
  if (self->field != NULL && !self->field->has[i])
    return FALSE;
  if (self->ranges != NULL)
    {
      guint64 time = samples->time != NULL ? samples->time[i] : 0;

      for (guint r = 0; r + 1 < self->ranges->len; r += 2)
        if (time >= g_array_index (self->ranges, guint64, r) && time < g_array_index (self->ranges, guint64, r + 1))
          return TRUE;
      return FALSE;
    }
  return TRUE;
}

G_END_DECLS
