/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

/* Rows of groups, as every dialog has them: title, control, and the title as the control's accessible name. All (transfer none): the group owns them. */

/* Titles @row and adds it to @group. */
GtkWidget *glow_rows_add        (AdwPreferencesGroup *group, const char *title, GtkWidget *row);
/* One of @labels, which end with NULL: an AdwComboRow. */
GtkWidget *glow_rows_add_choice (AdwPreferencesGroup *group, const char *title, const char *const *labels);
/* The switch; its row is what activates it. */
GtkWidget *glow_rows_add_switch (AdwPreferencesGroup *group, const char *title, const char *subtitle);
/* A whole number in [@low, @high]: the spin button. */
GtkWidget *glow_rows_add_number (AdwPreferencesGroup *group, const char *title, const char *subtitle, double low, double high, double step);
/* The wheel scrolls the page over @control, and does not change it. */
void       glow_rows_let_scroll (GtkWidget *control);
/* The row that a control stands in. */
GtkWidget *glow_rows_get_row    (GtkWidget *control);
/* A wrapping, selectable line below or between rows; hidden while it is empty. */
GtkWidget *glow_rows_new_words  (const char *class);
void       glow_rows_set_words  (GtkWidget *label, const char *text);
/* A flat button with a symbol, and its name for who cannot see it. */
GtkWidget *glow_rows_new_icon   (const char *icon, const char *name);

G_END_DECLS
