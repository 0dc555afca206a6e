/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <cairo.h>
#include <afterglow/call-tree.h>
#include <afterglow/palette.h>
#include <afterglow/timeline.h>

G_BEGIN_DECLS

/* A timeline as it is drawn: rows of lanes below one another, grouped by process; what lies in a lane at a place; painting. */

typedef enum { GLOW_LANES_BY_ACTIVITY, GLOW_LANES_BY_ID, GLOW_LANES_BY_FIRST } GlowLaneOrder;

typedef struct {
  GlowLaneOrder order;
  gboolean without_cpus;
  const guint8 *lane_ok;       /* (nullable): by lane, 1 where it is shown */
  const guint8 *folded;        /* (nullable): by process, and behind them one for the CPUs: its lanes are put away */
  const guint8 *unfolded;      /* (nullable): by lane: every frame of its stacks has a row, not the innermost alone */
} GlowTimelineArrangement;

typedef struct {
  gboolean is_group;
  guint32 process;             /* of a group: GlowProcess; GLOW_NONE: the CPUs */
  guint32 lane;                /* of a lane */
  guint32 n_lanes;             /* of a group */
  gboolean open;               /* a group that is not folded, a lane that is unfolded */
  double share;                /* of the activity of all of its kind: time that it ran, or samples where no switches were recorded */
  double ran;                  /* ns of a group's lanes; NAN where not known */
  double y, height;            /* pixels from the top of all rows */
} GlowTimelineRow;

typedef struct {
  GlowTimeline *timeline;
  GArray *rows;                /* of GlowTimelineRow */
  double height;               /* of all of them */
  guint32 n_shown, n_lanes;    /* lanes that have a row or are folded away; all that have something in them */
} GlowTimelineRows;

/* O(lanes × log). (transfer full) */
GlowTimelineRows *glow_timeline_rows_compute (GlowTimeline *timeline, const GlowTimelineArrangement *arrangement);
void              glow_timeline_rows_free    (GlowTimelineRows *self);
guint             glow_timeline_rows_at      (const GlowTimelineRows *self, double y);       /* index; the last where @y is beyond */
guint             glow_timeline_rows_find    (const GlowTimelineRows *self, guint32 lane);   /* G_MAXUINT where it has none */

typedef struct {
  guint64 from, to;            /* ns, from < to: what fills the width beside the gutter */
  double width, height;        /* pixels */
  double gutter;               /* pixels of names at the left */
  double axis;                 /* pixels of times at the top */
  double scroll;               /* pixels of rows above the first that is seen */
} GlowTimelineView;

double  glow_timeline_view_x    (const GlowTimelineView *self, guint64 time);   /* may lie outside */
guint64 glow_timeline_view_time (const GlowTimelineView *self, double x);       /* clamped to what is seen */

typedef enum { GLOW_TIMELINE_NOTHING, GLOW_TIMELINE_AXIS, GLOW_TIMELINE_NAME, GLOW_TIMELINE_BAND, GLOW_TIMELINE_SPAN, GLOW_TIMELINE_STACK } GlowTimelinePart;

typedef struct {
  GlowTimelinePart part;
  guint row;                   /* G_MAXUINT: below all */
  guint32 lane;                /* GLOW_NONE: of a group, or of nothing */
  guint64 time, width;         /* ns: at the pixel, and what a pixel is */
  guint32 change;              /* index of what is in force; GLOW_NONE */
  guint32 span;                /* GLOW_NONE */
  GlowLaneSlice slice;         /* of STACK: start = end: nothing is there */
  guint32 n_merged;            /* samples behind the pixel, where they are too dense to be told apart; else 0 */
  guint32 node;                /* of STACK: the stack down to the frame at the pointer; 0: none */
} GlowTimelineHit;

void glow_timeline_hit (const GlowTimelineRows *rows, const GlowTimelineView *view, double x, double y, GlowTimelineHit *hit);
/* The same at a moment of a lane, without a pointer: its deepest frame. */
void glow_timeline_hit_moment (const GlowTimelineRows *rows, const GlowTimelineView *view, guint32 lane, guint64 time, GlowTimelineHit *hit);

typedef struct _GlowTimelinePainter GlowTimelinePainter;

typedef struct {
  GlowPalette palette;
  GlowTheme theme;
  GlowCallTree *tree;          /* (nullable): gives frames their colours and names where it is of the timeline's profile */
  const GlowSearch *search;    /* (nullable) of @tree */
  const guint8 *stack_ok;      /* (nullable): by stack; others fade */
  const guint8 *lane_ok;       /* (nullable): by lane; others fade */
  GArray *ranges;              /* (nullable): of guint64 pairs that are selected */
  const char *span_kind;       /* (nullable): of this kind … */
  guint64 span_low, span_high; /* … those that last so long stand out */
  guint32 hover_frame, selected_frame;   /* GLOW_NONE */
  guint32 focus_lane;          /* has the ring, in [focus_from, focus_to); GLOW_NONE */
  guint64 focus_from, focus_to;
  gboolean focus_is_span;
  guint focus_row;             /* of the span */
  gboolean is_focused;         /* the keyboard is here */
} GlowTimelinePaintOptions;

GlowTimelinePainter *glow_timeline_painter_new   (const char *font);
void                 glow_timeline_painter_free  (GlowTimelinePainter *self);
/* O(lanes seen × pixels of width), whatever the recording holds. */
void                 glow_timeline_painter_paint (GlowTimelinePainter *self, cairo_t *cr, const GlowTimelineRows *rows, const GlowTimelineView *view,
                                                  const GlowTimelinePaintOptions *options);
GlowColor            glow_timeline_state_color   (GlowTaskState state, GlowTheme theme);

/* In words; see timeline-words.c. (transfer full) */
char *glow_timeline_dup_lane_name (GlowTimeline *timeline, guint32 lane);
char *glow_timeline_dup_row_name  (const GlowTimelineRows *rows, guint row);
/* What is under the pointer: a line each. */
char *glow_timeline_dup_hit_words (const GlowTimelineRows *rows, const GlowTimelineHit *hit);
/* In one line, for who hears it. */
char *glow_timeline_dup_spoken    (const GlowTimelineRows *rows, const GlowTimelineHit *hit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowTimelineRows, glow_timeline_rows_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowTimelinePainter, glow_timeline_painter_free)

G_END_DECLS
