/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A change as a bar from the middle, to the right for what grew, with its interval as a whisker. Grey where there is no evidence. */
#define GLOW_TYPE_CHANGE_CELL (glow_change_cell_get_type ())
G_DECLARE_FINAL_TYPE (GlowChangeCell, glow_change_cell, GLOW, CHANGE_CELL, GtkWidget)

GtkWidget *glow_change_cell_new (void);
/* All as parts of half the bar's room, which are cut at ±1. @step: of glow_diff_get_color(), 0 for grey. */
void       glow_change_cell_set (GlowChangeCell *self, double change, double low, double high, gint step);

G_END_DECLS
