/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Pages of a stack that are not looked at are not there for a screen reader either. */
void glow_pages_hide_others (GtkWidget *visible, GtkWidget *stack);

G_END_DECLS
