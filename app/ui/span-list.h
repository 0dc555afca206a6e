/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/document.h"

G_BEGIN_DECLS

/* Spans, slowest first or as its headers say; the one that is activated is shown in its place. "opened" (gboolean): it is, or no longer. */
#define GLOW_TYPE_SPAN_LIST (glow_span_list_get_type ())
G_DECLARE_FINAL_TYPE (GlowSpanList, glow_span_list, GLOW, SPAN_LIST, GtkBox)

GtkWidget *glow_span_list_new  (GlowDocument *document);
/* @choice (transfer full) (nullable): its base is what is listed; without it nothing is. */
void       glow_span_list_take (GlowSpanList *self, GlowProfile *profile, GlowSpanChoice *choice);

G_END_DECLS
