/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include <afterglow/interval.h>

G_BEGIN_DECLS

/* A share as a bar with its interval as a whisker, and the number beside it in tabular figures. */
#define GLOW_TYPE_SHARE_CELL (glow_share_cell_get_type ())
G_DECLARE_FINAL_TYPE (GlowShareCell, glow_share_cell, GLOW, SHARE_CELL, GtkWidget)

GtkWidget *glow_share_cell_new (int bar_width);   /* pixels */
/* @low and @high are bounds of the interval; equal to each other: no whisker. All in [0, 1]. */
void       glow_share_cell_set (GlowShareCell *self, double share, double low, double high);

G_END_DECLS
