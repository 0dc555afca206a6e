/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/document.h"

G_BEGIN_DECLS

/* What slow spans do that the others do not, and which spans were the slowest. */
#define GLOW_TYPE_TAIL_VIEW (glow_tail_view_get_type ())
G_DECLARE_FINAL_TYPE (GlowTailView, glow_tail_view, GLOW, TAIL_VIEW, GtkBox)

GtkWidget *glow_tail_view_new     (GlowDocument *document);
/* Compares spans of @kind that last at least @bound ns with the rest of what the document's query selects. */
void       glow_tail_view_compare (GlowTailView *self, const char *kind, guint64 bound);
/* Compares the time of the document's query, or everything else where it has none, with its baseline. */
void       glow_tail_view_compare_baseline (GlowTailView *self);

G_END_DECLS
