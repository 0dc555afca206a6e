/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Scrolls to the pressed one of the buttons in @row, which holds a scrolled window of them, once they have their places: the page that is shown has
 * its name in sight however narrow the window is. */
void glow_tabs_reveal (GtkWidget *row);

G_END_DECLS
