/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of a recording that was read before: what a profile in the cache keeps of them is where the records lie and how they are laid out; values
 * are read out of the same recording again. Everything that is kept is checked before it is used. */
#include "formats/input-private.h"
#include "formats/perf/sample-fields-private.h"

/* Offset and size of the data, unit of places, dialect, size of a long, byte order; events, their names and formats; compressed pieces. */
#define TYPE "(ttuuyba(aymaymay)a(ttb))"

static GVariant *
save_text (const char *text)
{
  return g_variant_new_maybe (G_VARIANT_TYPE_BYTESTRING, text != NULL ? g_variant_new_bytestring (text) : NULL);
}

/* (transfer full) (nullable) */
static char *
dup_text (GVariant *maybe)
{
  g_autoptr(GVariant) text = g_variant_get_maybe (maybe);

  return text != NULL ? g_variant_dup_bytestring (text, NULL) : NULL;
}

/**
 * perf_fields_save:
 * @rows: (out) (transfer full): where each row's record lies
 *
 * Returns: (transfer full) (nullable): the rest; %NULL where it takes more than one file as it lies on disk
 */
GVariant *
perf_fields_save (GlowFieldSource *source, GBytes **rows)
{
  const PerfFields *self = (const PerfFields *) source;
  const PerfSegment *segment = &g_array_index (self->segments, PerfSegment, 0);
  g_autoptr(GVariantBuilder) events = g_variant_builder_new (G_VARIANT_TYPE ("a(aymaymay)"));
  g_autoptr(GVariantBuilder) pieces = g_variant_builder_new (G_VARIANT_TYPE ("a(ttb)"));
  const guint8 *bytes;
  gsize n;

  if (self->segments->len != 1 || !glow_input_is_mapped (segment->input))
    return NULL;
  bytes = glow_input_map (segment->input, &n, NULL, NULL);
  if (bytes == NULL)
    return NULL;
  for (guint i = 0; i < self->events->len; i++)
    {
      PerfEvent event = g_array_index (self->events, PerfEvent, i);
      GVariant *name = save_text (event.name), *format = save_text (event.format);

      event.name = event.format = NULL;
      g_variant_builder_add (events, "(@ay@may@may)", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, &event, sizeof event, 1), name, format);
    }
  for (guint i = 0; self->packed != NULL && i < self->packed->len; i++)
    {
      const PerfPiece *piece = &g_array_index (self->packed, PerfPiece, i);

      g_variant_builder_add (pieces, "(ttb)", (guint64) (piece->bytes - bytes), (guint64) piece->n, piece->starts);
    }
  *rows = g_bytes_ref (self->rows);
  return g_variant_ref_sink (g_variant_new ("(ttuuyb@a(aymaymay)@a(ttb))", (guint64) (segment->data - bytes), (guint64) segment->n, self->unit,
                                            (guint32) self->dialect, self->long_size, self->swap, g_variant_builder_end (events),
                                            g_variant_builder_end (pieces)));
}

/* (transfer full) (nullable): NULL where it is not as it must be */
static GArray *
read_events (GVariant *saved)
{
  g_autoptr(GArray) events = g_array_new (FALSE, TRUE, sizeof (PerfEvent));

  g_array_set_clear_func (events, perf_event_clear);
  for (gsize i = 0, n = g_variant_n_children (saved); i < n; i++)
    {
      g_autoptr(GVariant) one = g_variant_get_child_value (saved, i), numbers = g_variant_get_child_value (one, 0);
      g_autoptr(GVariant) name = g_variant_get_child_value (one, 1), format = g_variant_get_child_value (one, 2);
      gsize size;
      gconstpointer bytes = g_variant_get_fixed_array (numbers, &size, 1);
      PerfEvent event;

      if (size != sizeof event)
        return NULL;
      memcpy (&event, bytes, sizeof event);
      event.name = dup_text (name);
      event.format = dup_text (format);
      g_array_append_val (events, event);
    }
  return events->len > 0 ? g_steal_pointer (&events) : NULL;
}

/* (transfer full) (nullable): NULL where it is not as it must be */
static GArray *
read_pieces (GVariant *saved, const guint8 *bytes, gsize n_bytes)
{
  g_autoptr(GArray) pieces = g_array_new (FALSE, FALSE, sizeof (PerfPiece));

  for (gsize i = 0, n = g_variant_n_children (saved); i < n; i++)
    {
      guint64 at, size;
      gboolean starts;
      PerfPiece piece;

      g_variant_get_child (saved, i, "(ttb)", &at, &size, &starts);
      if (at > n_bytes || size > n_bytes - at)
        return NULL;
      piece = (PerfPiece) { bytes + at, size, starts };
      g_array_append_val (pieces, piece);
    }
  return g_steal_pointer (&pieces);
}

/**
 * perf_fields_again:
 * @input: the recording that @saved is of
 * @rows: where each row's record lies
 *
 * Returns: (transfer full) (nullable): %NULL where anything is not as it must be
 */
GlowFieldSource *
perf_fields_again (GlowInput *input, GVariant *saved, GBytes *rows, const GlowProfileInfo *info, const GlowLoadOptions *options)
{
  g_autoptr(GVariant) event_list = NULL, piece_list = NULL;
  g_autoptr(GArray) events = NULL, pieces = NULL;
  gsize n_bytes;
  const guint8 *bytes = glow_input_is_mapped (input) ? glow_input_map (input, &n_bytes, NULL, NULL) : NULL;
  guint64 offset, n;
  guint32 unit, dialect;
  guint8 long_size;
  gboolean swap;
  PerfSegment segment;
  GArray *segments;
  PerfFields *self;

  if (bytes == NULL || !g_variant_is_of_type (saved, G_VARIANT_TYPE (TYPE)))
    return NULL;
  g_variant_get (saved, "(ttuuyb@a(aymaymay)@a(ttb))", &offset, &n, &unit, &dialect, &long_size, &swap, &event_list, &piece_list);
  if (offset > n_bytes || n > n_bytes - offset || (unit != 1 && unit != 4 && unit != 8) || dialect > PERF_DIALECT_HIPERF)
    return NULL;
  events = read_events (event_list);
  pieces = read_pieces (piece_list, bytes, n_bytes);
  if (events == NULL || pieces == NULL)
    return NULL;
  segment = (PerfSegment) { glow_input_ref (input), bytes + offset, n, 0 };
  segments = g_array_new (FALSE, FALSE, sizeof (PerfSegment));
  g_array_set_clear_func (segments, perf_segment_clear);
  g_array_append_val (segments, segment);
  self = perf_fields_alloc (segments, g_steal_pointer (&events), g_bytes_ref (rows), info, options);
  self->swap = swap;
  self->dialect = dialect;
  self->long_size = long_size;
  self->unit = unit;
  self->packed = pieces->len > 0 ? g_steal_pointer (&pieces) : NULL;
  return &self->parent;
}
