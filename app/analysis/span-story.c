/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A single span: pieces on and off the CPU, samples, and the tree of what lies in it. */
#include <config.h>

#include <afterglow/span-story.h>

#include <stdlib.h>
#include <string.h>

void
glow_span_story_free (GlowSpanStory *self)
{
  g_ptr_array_unref (self->kinds);
  g_array_unref (self->nodes);
  g_array_unref (self->pieces);
  g_array_unref (self->samples);
  g_free (self);
}

static gboolean
is_same_task (const GlowThread *threads, guint32 a, guint32 b)
{
  return a == b || (threads[a].pid == threads[b].pid && threads[a].tid == threads[b].tid);
}

/* The first span that begins at @time or later. */
static gsize
find_start (const GlowSpans *spans, guint64 time)
{
  gsize lower = 0, upper = spans->n;

  while (lower < upper)
    {
      gsize middle = lower + (upper - lower) / 2;

      if (spans->start[middle] < time)
        lower = middle + 1;
      else
        upper = middle;
    }
  return lower;
}

/* ---- the tree ---- */

static int
compare_nodes (const void *a, const void *b)
{
  const GlowSpanNode *left = a, *right = b;

  if (left->start != right->start)
    return left->start < right->start ? -1 : 1;
  if (left->end != right->end)
    return left->end > right->end ? -1 : 1;
  /* What is listed first is the more particular. */
  return left->kind < right->kind ? -1 : left->kind > right->kind;
}

static void
add_kind (GlowSpanStory *self, const GlowThread *threads, const GlowSpans *spans, guint32 kind, const GlowSpanNode *own)
{
  for (gsize i = find_start (spans, own->start); i < spans->n && spans->start[i] < own->end && self->nodes->len < GLOW_SPAN_STORY_MOST; i++)
    {
      GlowSpanNode node = { spans->start[i], spans->end[i], kind, 0, spans->first[i], spans->last[i] };

      if (spans->end[i] <= own->end && is_same_task (threads, spans->thread[i], self->thread)
          && !(kind == own->kind && node.start == own->start && node.end == own->end && node.first == own->first))
        g_array_append_val (self->nodes, node);
    }
  for (gsize i = 0; i < spans->n && spans->start[i] <= own->start; i++)
    if (spans->end[i] >= own->end && spans->end[i] - spans->start[i] > own->end - own->start && is_same_task (threads, spans->thread[i], self->thread)
        && (!self->is_inside || spans->end[i] - spans->start[i] < self->around.end - self->around.start))
      {
        self->around = (GlowSpanNode) { spans->start[i], spans->end[i], kind, 0, spans->first[i], spans->last[i] };
        self->is_inside = TRUE;
      }
}

/* Depths by containment. Spans that overlap without one holding the other are siblings. */
static void
nest (GlowSpanStory *self)
{
  GlowSpanNode *nodes = (GlowSpanNode *) (gpointer) self->nodes->data;
  g_autofree guint *open = g_new (guint, self->nodes->len + 1);
  guint n_open = 1;

  qsort (nodes + 1, self->nodes->len - 1, sizeof (GlowSpanNode), compare_nodes);
  open[0] = 0;
  for (guint i = 1; i < self->nodes->len; i++)
    {
      while (n_open > 1 && nodes[open[n_open - 1]].end < nodes[i].end)
        n_open--;
      nodes[i].depth = n_open;
      open[n_open++] = i;
    }
}

/* ---- pieces ---- */

static void
add_piece (GlowSpanStory *self, guint64 from, guint64 to, guint32 sample, GlowPieceState state)
{
  GlowSpanPiece piece = { from, to, sample, state };

  if (to <= from)
    return;
  g_array_append_val (self->pieces, piece);
  self->time[state] += to - from;
}

typedef struct { guint64 from, to; guint32 sample; guint8 state; } Wait;

static int
compare_waits (const void *a, const void *b)
{
  const Wait *left = a, *right = b;

  if (left->from != right->from)
    return left->from < right->from ? -1 : 1;
  /* Off the CPU holds what it was split into. */
  return (left->state != GLOW_PIECE_OFF) - (right->state != GLOW_PIECE_OFF);
}

static void
collect_waits (GlowProfile *profile, guint32 thread, const GlowSpanNode *own, const char *kind, GlowPieceState state, GArray *waits, GCancellable *cancellable)
{
  const GlowThread *threads = glow_profile_get_threads (profile, NULL);
  g_autoptr(GlowSpans) spans = glow_spans_compute (profile, kind, cancellable, NULL);

  for (gsize i = 0; spans != NULL && i < spans->n && spans->start[i] < own->end; i++)
    if (spans->end[i] > own->start && is_same_task (threads, spans->thread[i], thread))
      {
        Wait wait = { MAX (spans->start[i], own->start), MIN (spans->end[i], own->end), spans->first[i], state };

        g_array_append_val (waits, wait);
      }
}

/* Waits are laid one behind the other; where a finer one begins, what it is part of gives way. */
static void
lay_pieces (GlowSpanStory *self, const GlowSpanNode *own, GArray *waits)
{
  guint64 at = own->start, off_until = 0;
  guint32 off_sample = GLOW_NONE;

  if (waits->len > 1)
    qsort (waits->data, waits->len, sizeof (Wait), compare_waits);
  for (guint i = 0; i <= waits->len; i++)
    {
      const Wait *wait = i < waits->len ? &g_array_index (waits, Wait, i) : NULL;
      guint64 from = wait != NULL ? MAX (wait->from, at) : own->end;

      /* Up to it: what was off the CPU without a finer account, then running. */
      if (off_until > at)
        {
          add_piece (self, at, MIN (off_until, from), off_sample, GLOW_PIECE_OFF);
          at = MIN (off_until, from);
        }
      add_piece (self, at, from, GLOW_NONE, GLOW_PIECE_RUNNING);
      at = from;
      if (wait == NULL)
        break;
      if (wait->state == GLOW_PIECE_OFF)
        {
          off_until = MAX (off_until, wait->to);
          off_sample = wait->sample;
        }
      else if (wait->to > at)
        {
          add_piece (self, at, wait->to, wait->sample, wait->state);
          at = wait->to;
        }
    }
}

static void
find_pieces (GlowSpanStory *self, GlowProfile *profile, GCancellable *cancellable)
{
  const GlowSpanNode own = g_array_index (self->nodes, GlowSpanNode, 0);
  g_autoptr(GArray) waits = g_array_new (FALSE, FALSE, sizeof (Wait));

  for (guint k = 0; k < self->kinds->len; k++)
    self->has_pieces |= strcmp (((GlowSpanKind *) g_ptr_array_index (self->kinds, k))->id, "off-cpu") == 0;
  if (!self->has_pieces)
    return;
  collect_waits (profile, self->thread, &own, "off-cpu", GLOW_PIECE_OFF, waits, cancellable);
  collect_waits (profile, self->thread, &own, "blocked", GLOW_PIECE_BLOCKED, waits, cancellable);
  collect_waits (profile, self->thread, &own, "run-queue", GLOW_PIECE_QUEUED, waits, cancellable);
  lay_pieces (self, &own, waits);
}

/* ---- samples ---- */

static void
find_samples (GlowSpanStory *self, GlowProfile *profile)
{
  const GlowSpanNode *own = &g_array_index (self->nodes, GlowSpanNode, 0);
  const GlowSamples *samples = glow_profile_get_samples (profile);
  const GlowThread *threads = glow_profile_get_threads (profile, NULL);
  const GlowEvent *events = glow_profile_get_events (profile, NULL), *main_event = &events[glow_profile_get_main_event (profile)];
  gsize lower = 0, upper = samples->n;

  while (lower < upper)
    {
      gsize middle = lower + (upper - lower) / 2;

      if (samples->time[middle] < own->start)
        lower = middle + 1;
      else
        upper = middle;
    }
  for (; lower < samples->n && samples->time[lower] < own->end; lower++)
    if (glow_event_is_beside (main_event, &events[samples->event != NULL ? samples->event[lower] : 0]) && is_same_task (threads, samples->thread[lower], self->thread))
      {
        guint32 row = (guint32) lower;

        g_array_append_val (self->samples, row);
      }
}

/* ---- all of it ---- */

GlowSpanStory *
glow_span_story_compute (GlowProfile *profile, const char *kind, gsize span, GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowSpans) spans = glow_spans_compute (profile, kind, cancellable, error);
  const GlowThread *threads = glow_profile_get_threads (profile, NULL);
  g_autoptr(GlowSpanStory) self = NULL;
  GlowSpanNode own;
  guint own_kind = GLOW_NONE;

  if (spans == NULL)
    return NULL;
  g_return_val_if_fail (span < spans->n, NULL);
  self = g_new0 (GlowSpanStory, 1);
  self->kinds = glow_span_kinds_list (profile);
  self->nodes = g_array_new (FALSE, FALSE, sizeof (GlowSpanNode));
  self->pieces = g_array_new (FALSE, FALSE, sizeof (GlowSpanPiece));
  self->samples = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->thread = spans->thread[span];
  for (guint k = 0; k < self->kinds->len; k++)
    if (strcmp (((GlowSpanKind *) g_ptr_array_index (self->kinds, k))->id, spans->kind->id) == 0)
      own_kind = k;
  /* Two events that somebody named are no kind of the list. */
  if (own_kind == GLOW_NONE)
    {
      own_kind = self->kinds->len;
      g_ptr_array_add (self->kinds, glow_span_kind_copy (spans->kind));
    }
  own = (GlowSpanNode) { spans->start[span], spans->end[span], own_kind, 0, spans->first[span], spans->last[span] };
  g_array_append_val (self->nodes, own);
  for (guint k = 0; k < self->kinds->len; k++)
    {
      const GlowSpanKind *other = g_ptr_array_index (self->kinds, k);
      /* Those of one letter are off the CPU too: they are listed as that. */
      g_autoptr(GlowSpans) others = k == own_kind || other->left == GLOW_LEFT_ANYHOW ? glow_spans_compute (profile, other->id, cancellable, NULL) : NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (others != NULL)
        add_kind (self, threads, others, k, &own);
    }
  nest (self);
  find_pieces (self, profile, cancellable);
  find_samples (self, profile);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

guint32
glow_span_story_find (const GlowSpanStory *self, GlowProfile *profile, const GlowSpanNode *node)
{
  const GlowSpanKind *kind = g_ptr_array_index (self->kinds, node->kind);
  g_autoptr(GlowSpans) spans = glow_spans_compute (profile, kind->id, NULL, NULL);

  if (spans == NULL)
    return GLOW_NONE;
  for (gsize i = find_start (spans, node->start); i < spans->n && spans->start[i] == node->start; i++)
    if (spans->end[i] == node->end && spans->first[i] == node->first && spans->last[i] == node->last)
      return (guint32) i;
  return GLOW_NONE;
}
