/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A box whose children stand side by side, each as wide as it wants to be, in as many rows as that takes: nothing is cut off where there is no
 * room, and nothing has to be scrolled to. Who is last in a
 * row and expands takes the rest of it. @spacing in pixels, between children and between rows. (transfer floating) */
GtkWidget *glow_wrap_new    (int spacing);
void       glow_wrap_append (GtkWidget *wrap, GtkWidget *child);

G_END_DECLS
