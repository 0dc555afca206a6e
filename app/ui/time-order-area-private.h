/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/time-order-area.h"

G_BEGIN_DECLS

/* A window of time that was looked at before. */
typedef struct { guint64 from, to; } GlowTimeWindow;

struct _GlowTimeOrderArea {
  GtkWidget parent_instance;

  GlowDocument *document;
  GlowTimelinePainter *painter;
  GlowTimeline *timeline;      /* (nullable) */
  GlowTimelineChoice *choice;  /* (nullable) */
  GlowTimelineArrangement arrangement;
  gboolean only_chosen;
  GlowTimelineRows *rows;      /* (nullable): to be arranged anew */
  GlowTimelineView view;       /* its size is that of the last allocation */
  GtkAdjustment *adjustment;
  guint8 *folded, *unfolded;   /* owned, of arrangement */
  GArray *windows;             /* of GlowTimeWindow: to go back to */

  /* Where the keyboard is. */
  guint row;                   /* G_MAXUINT: nowhere yet */
  guint64 time;
  guint32 span;                /* GLOW_NONE: in the moments, not the spans */
  guint32 chosen;              /* a stack, down to the function that was chosen at the moment by keys; 0: none */
  guint64 anchor;              /* of what Shift and the arrows select; G_MAXUINT64: none */

  double pointer_x, pointer_y, drag_x, drag_y, drag_to_x, drag_to_y;
  gboolean has_pointer, drags, pans;
  guint64 pan_from;
  double pan_scroll;
  guint64 pinch_from, pinch_to;

  GlowTimeWindow start, end;   /* of the animation */
  gint64 start_time;
  guint tick;
};

#define GLOW_TIME_ORDER_AXIS 20.0

/* ---- time-order-area.c ---- */
void    glow_time_order_area_tell_moved (GlowTimeOrderArea *self);
void    glow_time_order_area_select     (GlowTimeOrderArea *self, guint64 from, guint64 to, guint32 lane, gboolean add);

/* ---- time-order-lanes.c ---- */
GlowTimelineRows *glow_time_order_area_get_rows (GlowTimeOrderArea *self);      /* (transfer none) (nullable) */
void    glow_time_order_area_drop_rows  (GlowTimeOrderArea *self);
void    glow_time_order_area_update_adjustment (GlowTimeOrderArea *self);
void    glow_time_order_area_toggle     (GlowTimeOrderArea *self, guint row);
void    glow_time_order_area_fold_all   (GlowTimeOrderArea *self, gboolean folded);

/* ---- time-order-sight.c ---- */
void    glow_time_order_area_set_window (GlowTimeOrderArea *self, double from, double span);
/* There by an animation where that is wanted; the window left can be gone back to. */
void    glow_time_order_area_go         (GlowTimeOrderArea *self, guint64 from, guint64 to);
void    glow_time_order_area_go_back    (GlowTimeOrderArea *self);
void    glow_time_order_area_go_around  (GlowTimeOrderArea *self, guint64 start, guint64 end);
void    glow_time_order_area_stop       (GlowTimeOrderArea *self);      /* the animation */
void    glow_time_order_area_zoom_about (GlowTimeOrderArea *self, double x, double factor);
void    glow_time_order_area_pan_from   (GlowTimeOrderArea *self, guint64 origin, double pixels);
guint64 glow_time_order_area_end_of     (GlowTimeline *timeline);       /* ns: just behind its last moment */

/* ---- time-order-keys.c ---- */
/* What the focus is on: an interval of its lane. FALSE where it is on a group, or nowhere. */
gboolean glow_time_order_area_get_focus (GlowTimeOrderArea *self, GlowTimelineHit *hit, guint64 *from, guint64 *to);
void     glow_time_order_area_set_focus (GlowTimeOrderArea *self, guint row, guint64 time, guint32 span);
/* Where the pointer put it: nothing moves under a hand. */
void     glow_time_order_area_say_focus (GlowTimeOrderArea *self);
gboolean glow_time_order_area_key       (GlowTimeOrderArea *self, guint key, GdkModifierType state);

G_END_DECLS
