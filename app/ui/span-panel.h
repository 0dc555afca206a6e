/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/document.h"

G_BEGIN_DECLS

/* One span: its timeline, what lies in it as a tree that can be walked inward and outward, and the stack at its edge. "back": somebody is done with it. */
#define GLOW_TYPE_SPAN_PANEL (glow_span_panel_get_type ())
G_DECLARE_FINAL_TYPE (GlowSpanPanel, glow_span_panel, GLOW, SPAN_PANEL, GtkBox)

GtkWidget *glow_span_panel_new   (GlowDocument *document);
/* @kind: the id of its kind; @span: its row there. Told by a worker. */
void       glow_span_panel_show  (GlowSpanPanel *self, GlowProfile *profile, const char *kind, guint32 span);
void       glow_span_panel_clear (GlowSpanPanel *self);

G_END_DECLS
