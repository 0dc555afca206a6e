/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ui/document.h"

G_BEGIN_DECLS

/* Samples over time above every view: a drag selects a time, which becomes a term of the query; with Shift, a baseline to compare it with. Not there for
 * recordings without times. "view-changed": another time is seen; what lies under it follows. */
#define GLOW_TYPE_TIME_STRIP (glow_time_strip_get_type ())
G_DECLARE_FINAL_TYPE (GlowTimeStrip, glow_time_strip, GLOW, TIME_STRIP, GtkWidget)

/* Pixels at either side, for what is to stand under it in step. */
#define GLOW_TIME_STRIP_MARGIN 8

GtkWidget *glow_time_strip_new      (GlowDocument *document);
/* ns on the recording's clock that are seen. FALSE where the strip is not. */
gboolean   glow_time_strip_get_view (GlowTimeStrip *self, guint64 *from, guint64 *to);
/* About a place, as a share of the width; a factor above 1 shows less, larger. */
void       glow_time_strip_zoom     (GlowTimeStrip *self, double share, double factor);
/* By a share of what is seen, to the right. */
void       glow_time_strip_move     (GlowTimeStrip *self, double share);

G_END_DECLS
