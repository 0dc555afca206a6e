/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/document.h"
#include "ui/time-order-area.h"

G_BEGIN_DECLS

/* The page of threads and CPUs in the order of time. The lanes are summarised in a worker when the page is first looked at. */
#define GLOW_TYPE_TIME_ORDER_VIEW (glow_time_order_view_get_type ())
G_DECLARE_FINAL_TYPE (GlowTimeOrderView, glow_time_order_view, GLOW, TIME_ORDER_VIEW, GtkBox)

GtkWidget         *glow_time_order_view_new      (GlowDocument *document);
GlowTimeOrderArea *glow_time_order_view_get_area (GlowTimeOrderView *self);
GlowTimeline      *glow_time_order_view_get_timeline (GlowTimeOrderView *self);  /* (nullable): still being made */
/* Brings an interval into sight as soon as it can: see glow_time_order_area_show(). */
void               glow_time_order_view_show     (GlowTimeOrderView *self, guint64 start, guint64 end, guint32 thread);

G_END_DECLS
