/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ui/document.h"

G_BEGIN_DECLS

/* The histogram of a recording's spans, under every view: what is brushed becomes part of the query, and a chosen function is shown in each of its
 * bars. Not there where the recording has no events that belong together. */
#define GLOW_TYPE_LATENCY_VIEW (glow_latency_view_get_type ())
/* "answered": another kind, another histogram or another range. */
G_DECLARE_FINAL_TYPE (GlowLatencyView, glow_latency_view, GLOW, LATENCY_VIEW, GtkBox)

GtkWidget  *glow_latency_view_new       (GlowDocument *document);
/* The kind that is shown, as a query would have it. (nullable): none. */
const char *glow_latency_view_get_kind  (GlowLatencyView *self);
/* What "slow" means now: what is brushed from, else p99 of what is shown; 0 where nothing is. */
guint64     glow_latency_view_get_bound (GlowLatencyView *self);
/* What people call that kind; "" where there is none. */
const char *glow_latency_view_get_label (GlowLatencyView *self);
/* What the query brushes, in ns, quantiles resolved. FALSE where nothing is brushed, or not yet known. */
gboolean    glow_latency_view_get_range (GlowLatencyView *self, guint64 *low, guint64 *high);
/* Makes @query with this range of the kind that is shown the document's; 0 to %G_MAXUINT64 is no range. Rounded as people write it. */
void        glow_latency_view_set_range (GlowLatencyView *self, const GlowQuery *query, guint64 low, guint64 high);
/* Another kind, by its id, as "a..b:key=field": the query's from now on. */
void        glow_latency_view_set_kind  (GlowLatencyView *self, const char *id);

G_END_DECLS
