/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tree of each lane's spans, of all kinds that a recording has: what lies within another is its child. Spans that overlap without one holding the
 * other (of work that is handed on) stand in rows of their own. */
#include <config.h>

#include "analysis/timeline-private.h"
#include "model/memory-private.h"
#include "model/spans-private.h"

#include <stdlib.h>
#include <string.h>

#define ROWS GLOW_TIMELINE_SPAN_ROWS
#define CANCEL_EVERY 0xffff

typedef struct {
  GlowLaneSpan span;
  guint32 lane;
} Entry;

static int
compare (const void *a, const void *b)
{
  const Entry *left = a, *right = b;

  if (left->lane != right->lane)
    return left->lane < right->lane ? -1 : 1;
  if (left->span.start != right->span.start)
    return left->span.start < right->span.start ? -1 : 1;
  if (left->span.end != right->span.end)
    return left->span.end > right->span.end ? -1 : 1;
  return left->span.kind < right->span.kind ? -1 : left->span.kind > right->span.kind;
}

/* Gives each of a lane's spans its row and parent. O(spans × rows) */
static void
nest (GlowLaneSpan *spans, guint32 n, guint8 *n_rows)
{
  guint32 current[ROWS];       /* the last span of each row */
  guint used = 0;

  for (guint32 i = 0; i < n; i++)
    {
      gint parent = -1;
      guint row;

      for (gint r = (gint) used - 1; r >= 0 && parent < 0; r--)
        if (spans[current[r]].end >= spans[i].end && spans[current[r]].end > spans[i].start)
          parent = r;
      spans[i].parent = parent >= 0 ? current[parent] : GLOW_NONE;
      for (row = parent + 1; row < used && spans[current[row]].end > spans[i].start; row++)
        ;
      row = MIN (row, ROWS - 1);
      spans[i].row = row;
      current[row] = i;
      used = MAX (used, row + 1);
    }
  *n_rows = used;
}

static void
index_rows (GlowTimeline *self, guint32 n)
{
  self->span_rows = glow_allocate (n + 1, sizeof (guint32));
  self->span_row_offsets = g_new0 (guint32, (gsize) self->n_lanes * (ROWS + 1));
  for (guint32 l = 0; l < self->n_lanes; l++)
    {
      const GlowLane *lane = &self->lanes[l];
      guint32 *offsets = self->span_row_offsets + (gsize) l * (ROWS + 1), at[ROWS];

      for (guint32 i = 0; i < lane->n_spans; i++)
        offsets[self->spans[lane->first_span + i].row + 1]++;
      for (guint r = 0; r < ROWS; r++)
        {
          at[r] = offsets[r];
          offsets[r + 1] += offsets[r];
        }
      for (guint32 i = 0; i < lane->n_spans; i++)
        self->span_rows[lane->first_span + at[self->spans[lane->first_span + i].row]++] = i;
    }
}

static gboolean
collect (GlowTimeline *self, GPtrArray *kinds, GArray *entries, GlowTimelineProgress progress, gpointer data, GCancellable *cancellable, GError **error)
{
  for (guint k = 0; k < kinds->len; k++)
    {
      const GlowSpanKind *kind = g_ptr_array_index (kinds, k);
      GlowUnpaired unpaired;
      g_autoptr(GArray) rows = NULL;

      if (kind->waits)
        continue;              /* bands tell them */
      rows = glow_spans_pair (self->profile, kind, &unpaired, cancellable, error);
      if (rows == NULL)
        return FALSE;
      for (guint r = 0; r < rows->len; r++)
        {
          const GlowSpanRow *row = &g_array_index (rows, GlowSpanRow, r);
          Entry entry = { { row->start, row->end, GLOW_NONE, row->first, row->last, (guint16) self->kinds->len, 0, row->cut },
                          self->lane_of_thread[row->thread] };

          if (row->end >= row->start)
            g_array_append_val (entries, entry);
        }
      if (rows->len > 0 && self->kinds->len < G_MAXUINT16)
        g_ptr_array_add (self->kinds, glow_span_kind_copy (kind));
      if (progress != NULL)
        progress (0.7 + 0.25 * (k + 1) / kinds->len, data);
    }
  return TRUE;
}

gboolean
glow_timeline_add_spans (GlowTimeline *self, GlowTimelineProgress progress, gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr(GPtrArray) kinds = glow_span_kinds_list (self->profile);
  g_autoptr(GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  guint32 at = 0;

  if (!collect (self, kinds, entries, progress, data, cancellable, error))
    return FALSE;
  g_array_sort (entries, compare);
  self->spans = glow_allocate (entries->len + 1, sizeof (GlowLaneSpan));
  for (guint i = 0; i < entries->len; i++)
    self->spans[i] = g_array_index (entries, Entry, i).span;
  for (guint32 l = 0; l < self->n_lanes; l++)
    {
      GlowLane *lane = &self->lanes[l];

      lane->first_span = at;
      while (at < entries->len && g_array_index (entries, Entry, at).lane == l)
        at++;
      lane->n_spans = at - lane->first_span;
      nest (self->spans + lane->first_span, lane->n_spans, &lane->n_span_rows);
    }
  index_rows (self, entries->len);
  return TRUE;
}

/* ---- asking ---- */

const GlowLaneSpan *
glow_timeline_get_spans (GlowTimeline *self, guint32 lane)
{
  return self->spans != NULL ? self->spans + self->lanes[lane].first_span : NULL;
}

const GPtrArray *
glow_timeline_get_span_kinds (GlowTimeline *self)
{
  return self->kinds;
}

const guint32 *
glow_timeline_get_span_row (GlowTimeline *self, guint32 lane, guint row, guint32 *n)
{
  const guint32 *offsets;

  *n = 0;
  if (self->span_row_offsets == NULL || row >= ROWS)
    return NULL;
  offsets = self->span_row_offsets + (gsize) lane * (ROWS + 1);
  *n = offsets[row + 1] - offsets[row];
  return self->span_rows + self->lanes[lane].first_span + offsets[row];
}

guint32
glow_timeline_find_span (GlowTimeline *self, guint32 lane, guint64 time)
{
  const GlowLaneSpan *spans = glow_timeline_get_spans (self, lane);
  guint32 n, lower, upper;

  for (gint row = self->lanes[lane].n_span_rows - 1; row >= 0; row--)
    {
      const guint32 *indices = glow_timeline_get_span_row (self, lane, row, &n);

      lower = 0;
      upper = n;
      while (lower < upper)
        {
          guint32 middle = lower + (upper - lower) / 2;

          if (spans[indices[middle]].start <= time)
            lower = middle + 1;
          else
            upper = middle;
        }
      if (lower > 0 && (spans[indices[lower - 1]].end > time || spans[indices[lower - 1]].start == time))
        return indices[lower - 1];
    }
  return GLOW_NONE;
}
