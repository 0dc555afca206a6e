/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/document.h"

G_BEGIN_DECLS

/* The histogram of a recording's spans, under every view: what is brushed becomes part of the query, and a chosen function is shown in each of its
 * bars. Not there where the recording has no events that belong together. */
#define GLOW_TYPE_LATENCY_VIEW (glow_latency_view_get_type ())
G_DECLARE_FINAL_TYPE (GlowLatencyView, glow_latency_view, GLOW, LATENCY_VIEW, GtkBox)

GtkWidget  *glow_latency_view_new       (GlowDocument *document);
/* The kind that is shown, as a query would have it. (nullable): none. */
const char *glow_latency_view_get_kind  (GlowLatencyView *self);
/* What "slow" means now: what is brushed from, else p99 of what is shown; 0 where nothing is. */
guint64     glow_latency_view_get_bound (GlowLatencyView *self);

G_END_DECLS
