/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fields of several recordings as one: each row is read where it came from; fields of one name are one. */
#include "model/fields-private.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  GlowFieldSource parent;
  guint n_sources, n_events;
  GlowFieldSource **sources;   /* (nullable) each */
  guint16 *of;                 /* by row */
  guint32 *rows;               /* by row */
  guint **event_in;            /* by source and event of the whole: event of the source, G_MAXUINT: none */
  GlowField **fields;          /* by event */
  guint *n_fields;
  guint ***field_in;           /* by source, event and field of the whole: field of the source, G_MAXUINT: none */
} Merged;

static const GlowField *
merged_list (GlowFieldSource *source, guint32 event, guint *n)
{
  Merged *self = (Merged *) source;

  *n = event < self->n_events ? self->n_fields[event] : 0;
  return event < self->n_events ? self->fields[event] : NULL;
}

static gboolean
merged_prepare (GlowFieldSource *source, GCancellable *cancellable, GError **error)
{
  Merged *self = (Merged *) source;

  for (guint s = 0; s < self->n_sources; s++)
    if (self->sources[s] != NULL && !self->sources[s]->class->prepare (self->sources[s], cancellable, error))
      return FALSE;
  return TRUE;
}

static gboolean
merged_read (GlowFieldSource *source, gsize row, guint32 event, guint field, guint element, GlowFieldValue *value)
{
  Merged *self = (Merged *) source;
  guint s = self->of[row];

  if (self->sources[s] == NULL || self->event_in[s][event] == G_MAXUINT || self->field_in[s][event][field] == G_MAXUINT)
    return FALSE;
  return self->sources[s]->class->read (self->sources[s], self->rows[row], self->event_in[s][event], self->field_in[s][event][field], element, value);
}

static void
merged_append_text (GlowFieldSource *source, guint32 event, guint field, const GlowFieldValue *value, GString *text)
{
  Merged *self = (Merged *) source;

  for (guint s = 0; s < self->n_sources; s++)
    if (self->sources[s] != NULL && self->event_in[s][event] != G_MAXUINT && self->field_in[s][event][field] != G_MAXUINT)
      {
        self->sources[s]->class->append_text (self->sources[s], self->event_in[s][event], self->field_in[s][event][field], value, text);
        return;
      }
}

static gboolean
merged_append_trace (GlowFieldSource *source, gsize row, guint32 event, GString *text)
{
  Merged *self = (Merged *) source;
  guint s = self->of[row];

  return self->sources[s] != NULL && self->event_in[s][event] != G_MAXUINT
         && self->sources[s]->class->append_trace (self->sources[s], self->rows[row], self->event_in[s][event], text);
}

static gboolean
merged_is_damaged (GlowFieldSource *source)
{
  Merged *self = (Merged *) source;

  for (guint s = 0; s < self->n_sources; s++)
    if (self->sources[s] != NULL && self->sources[s]->class->is_damaged (self->sources[s]))
      return TRUE;
  return FALSE;
}

static void
merged_free (GlowFieldSource *source)
{
  Merged *self = (Merged *) source;

  for (guint s = 0; s < self->n_sources; s++)
    {
      for (guint e = 0; e < self->n_events; e++)
        g_free (self->field_in[s][e]);
      g_free (self->field_in[s]);
      g_free (self->event_in[s]);
      if (self->sources[s] != NULL)
        glow_field_source_unref (self->sources[s]);
    }
  for (guint e = 0; e < self->n_events; e++)
    g_free (self->fields[e]);
  g_free (self->field_in);
  g_free (self->event_in);
  g_free (self->sources);
  g_free (self->fields);
  g_free (self->n_fields);
  free (self->of);
  free (self->rows);
  g_free (self);
}

static const GlowFieldSourceClass merged_class = {
  merged_list, merged_prepare, merged_read, merged_append_text, merged_append_trace, merged_is_damaged, merged_free,
};

/* Fields of one name are one; a field of another kind in a later file is left to the first. */
static void
merge_fields (Merged *self, guint s, guint event)
{
  guint n = 0, own = self->event_in[s][event];
  const GlowField *fields = own != G_MAXUINT ? self->sources[s]->class->list (self->sources[s], own, &n) : NULL;

  for (guint i = 0; i < n; i++)
    {
      guint at = 0;

      while (at < self->n_fields[event] && strcmp (self->fields[event][at].name, fields[i].name) != 0)
        at++;
      if (at == self->n_fields[event])
        {
          self->fields[event] = g_renew (GlowField, self->fields[event], at + 1);
          self->fields[event][self->n_fields[event]++] = fields[i];
        }
    }
}

GlowFieldSource *
glow_field_source_merge (GlowFieldSource *const *sources, guint n, const guint32 *const *events, const guint *n_events, guint n_merged_events,
                         guint16 *of, guint32 *rows)
{
  Merged *self;
  gboolean any = FALSE;

  for (guint s = 0; s < n; s++)
    any |= sources[s] != NULL;
  if (!any)
    {
      free (of);
      free (rows);
      return NULL;
    }
  self = g_new0 (Merged, 1);
  glow_field_source_init (&self->parent, &merged_class);
  self->n_sources = n;
  self->n_events = n_merged_events;
  self->of = of;
  self->rows = rows;
  self->sources = g_new0 (GlowFieldSource *, n);
  self->event_in = g_new0 (guint *, n);
  self->field_in = g_new0 (guint **, n);
  self->fields = g_new0 (GlowField *, n_merged_events + 1);
  self->n_fields = g_new0 (guint, n_merged_events + 1);
  for (guint s = 0; s < n; s++)
    {
      self->sources[s] = sources[s] != NULL ? glow_field_source_ref (sources[s]) : NULL;
      self->event_in[s] = g_new (guint, n_merged_events + 1);
      self->field_in[s] = g_new0 (guint *, n_merged_events + 1);
      memset (self->event_in[s], 0xff, (n_merged_events + 1) * sizeof (guint));
      for (guint e = 0; sources[s] != NULL && e < n_events[s]; e++)
        self->event_in[s][events[s][e]] = e;
      for (guint e = 0; sources[s] != NULL && e < n_merged_events; e++)
        merge_fields (self, s, e);
    }
  for (guint s = 0; s < n; s++)
    for (guint e = 0; e < n_merged_events; e++)
      {
        guint n_own = 0, own = self->event_in[s][e];
        const GlowField *fields = own != G_MAXUINT ? self->sources[s]->class->list (self->sources[s], own, &n_own) : NULL;

        self->field_in[s][e] = g_new (guint, self->n_fields[e] + 1);
        for (guint f = 0; f < self->n_fields[e]; f++)
          {
            self->field_in[s][e][f] = G_MAXUINT;
            for (guint i = 0; i < n_own; i++)
              if (strcmp (fields[i].name, self->fields[e][f].name) == 0 && fields[i].kind == self->fields[e][f].kind)
                self->field_in[s][e][f] = i;
          }
      }
  return &self->parent;
}
