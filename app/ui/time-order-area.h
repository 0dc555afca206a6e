/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include <afterglow/timeline-chart.h>
#include "ui/document.h"

G_BEGIN_DECLS

/* Lanes in the order of time, to look around in: zoomed and panned, walked by keys, dragged over for a time and a thread. Shows what it is given; what is
 * chosen goes to the document. "moved": what is seen, or where the focus is, has changed. */
#define GLOW_TYPE_TIME_ORDER_AREA (glow_time_order_area_get_type ())
G_DECLARE_FINAL_TYPE (GlowTimeOrderArea, glow_time_order_area, GLOW, TIME_ORDER_AREA, GtkWidget)

GtkWidget     *glow_time_order_area_new          (GlowDocument *document);
GtkAdjustment *glow_time_order_area_get_adjustment (GlowTimeOrderArea *self);    /* of the rows */
void           glow_time_order_area_set_timeline (GlowTimeOrderArea *self, GlowTimeline *timeline);     /* (nullable) */
void           glow_time_order_area_set_choice   (GlowTimeOrderArea *self, GlowTimelineChoice *choice); /* (transfer full) (nullable) */
void           glow_time_order_area_set_order    (GlowTimeOrderArea *self, GlowLaneOrder order);
void           glow_time_order_area_set_cpus     (GlowTimeOrderArea *self, gboolean shown);
/* Lanes that the query does not keep are put away, not only faded. */
void           glow_time_order_area_set_only_chosen (GlowTimeOrderArea *self, gboolean only);
/* Brings an interval of a thread (GlowThread row, GLOW_NONE: of none) into sight, with a little around it, and the focus there. */
void           glow_time_order_area_show         (GlowTimeOrderArea *self, guint64 start, guint64 end, guint32 thread);
void           glow_time_order_area_zoom_by      (GlowTimeOrderArea *self, double factor);
void           glow_time_order_area_pan          (GlowTimeOrderArea *self, double pixels);
/* "0.12 s to 0.15 s (30 ms) · 14 of 146 lanes": what is seen. (transfer full) (nullable) */
char          *glow_time_order_area_dup_seen     (GlowTimeOrderArea *self);

G_END_DECLS
