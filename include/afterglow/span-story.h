/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/spans.h>

G_BEGIN_DECLS

/* One span told whole: when its thread ran and waited meanwhile, which samples were taken of it, and which spans of any kind lie in it: a request, its system
 * calls, their waits. */
typedef enum {
  GLOW_PIECE_RUNNING,          /* what is no wait */
  GLOW_PIECE_BLOCKED,          /* off the CPU until somebody woke it */
  GLOW_PIECE_QUEUED,           /* woken, or pushed off: waiting for a CPU */
  GLOW_PIECE_OFF               /* off the CPU; the recording has no wake-up that would tell which */
} GlowPieceState;

typedef struct {
  guint64 from, to;            /* ns */
  guint32 sample;              /* at its beginning; GLOW_NONE: not recorded */
  guint8 state;                /* GlowPieceState */
} GlowSpanPiece;

typedef struct {
  guint64 start, end;          /* ns */
  guint32 kind;                /* of GlowSpanStory.kinds */
  guint32 depth;               /* 0: the span itself */
  guint32 first, last;         /* samples at its edges; GLOW_NONE where it is cut */
} GlowSpanNode;

typedef struct {
  GPtrArray *kinds;            /* of GlowSpanKind */
  guint32 thread;              /* GlowThread row */
  GArray *nodes;               /* of GlowSpanNode: the span itself, then what lies in it, parents first, each followed by what it holds */
  gboolean is_inside;          /* another span of the same thread holds it: */
  GlowSpanNode around;         /* the shortest such one */
  gboolean has_pieces;         /* the recording tells when threads waited */
  GArray *pieces;              /* of GlowSpanPiece: the span's whole time, in order, without gaps; empty where it does not tell */
  guint64 time[4];             /* ns by GlowPieceState */
  GArray *samples;             /* of guint32: those of the main event taken of the thread inside it */
} GlowSpanStory;

/* At most so many spans are listed inside one. */
#define GLOW_SPAN_STORY_MOST 20000

/**
 * glow_span_story_compute:
 * @kind: the id of its kind
 * @span: its row among the spans of that kind
 *
 * O(samples) for each kind that was not paired yet, O(spans) for each that was.
 *
 * Returns: (transfer full): or %NULL with @error
 */
GlowSpanStory *glow_span_story_compute (GlowProfile *profile, const char *kind, gsize span, GCancellable *cancellable, GError **error);
void           glow_span_story_free    (GlowSpanStory *self);
/* The row of a node among the spans of its own kind: to have its story told. GLOW_NONE where it is not found. */
guint32        glow_span_story_find    (const GlowSpanStory *self, GlowProfile *profile, const GlowSpanNode *node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowSpanStory, glow_span_story_free)

G_END_DECLS
