/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ui/document.h"

G_BEGIN_DECLS

/* The flame graph of a document: a widget that asks the document, lays out what can be seen, and paints. */
#define GLOW_TYPE_FLAME_VIEW (glow_flame_view_get_type ())
G_DECLARE_FINAL_TYPE (GlowFlameView, glow_flame_view, GLOW, FLAME_VIEW, GtkWidget)

GtkWidget *glow_flame_view_new          (GlowDocument *document);
/* The part of the tree that is seen, as shares of its root. */
void       glow_flame_view_get_window   (GlowFlameView *self, double *from, double *to);
/* Moves the ring from a match of the search to the next (@step 1) or the one before (−1). Returns the place among all matches, from 1; 0: none. */
guint      glow_flame_view_step_match   (GlowFlameView *self, int step, guint *n);
/* One step out: to the nearest caller that is wider. */
void       glow_flame_view_zoom_out     (GlowFlameView *self);
void       glow_flame_view_zoom_by      (GlowFlameView *self, double factor);
void       glow_flame_view_pan          (GlowFlameView *self, double pixels);
/* A menu that pops up where a frame is clicked with the other button, or by keyboard. */
void       glow_flame_view_set_menu     (GlowFlameView *self, GMenuModel *menu);

G_END_DECLS
