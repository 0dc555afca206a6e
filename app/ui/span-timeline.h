/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include <afterglow/span-story.h>

G_BEGIN_DECLS

/* One span from its beginning to its end: what lies in it above, when its thread ran and waited, its samples below. */
#define GLOW_TYPE_SPAN_TIMELINE (glow_span_timeline_get_type ())
G_DECLARE_FINAL_TYPE (GlowSpanTimeline, glow_span_timeline, GLOW, SPAN_TIMELINE, GtkWidget)

GtkWidget *glow_span_timeline_new (void);
/* Borrowed: @story (nullable) must stay until another is set. @chosen: a node, which stands out. */
void       glow_span_timeline_set (GlowSpanTimeline *self, GlowProfile *profile, const GlowSpanStory *story, guint chosen);
/* "running 3.2 ms · blocked 30.1 ms · 4 samples". (transfer full) */
char      *glow_span_timeline_dup_words (const GlowSpanStory *story);

G_END_DECLS
