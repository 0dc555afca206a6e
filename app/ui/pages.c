/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stacks, as a screen reader meets them. */
#include <config.h>

#include "ui/pages.h"

void
glow_pages_hide_others (GtkWidget *visible, GtkWidget *stack)
{
  for (GtkWidget *child = gtk_widget_get_first_child (stack); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (child == visible)
      gtk_accessible_reset_state (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_STATE_HIDDEN);
    else
      gtk_accessible_update_state (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
}
