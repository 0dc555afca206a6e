/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of pages in a row that may be wider than the window. */
#include <config.h>

#include "ui/tabs.h"

#include <math.h>

#define FRAMES 3               /* until sizes have settled */

static GtkWidget *
find (GtkWidget *widget, GType type, gboolean pressed)
{
  if (g_type_is_a (G_OBJECT_TYPE (widget), type) && (!pressed || gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (widget))))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, type, pressed);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
reveal (GtkWidget *row, GdkFrameClock *clock, gpointer data)
{
  int *left = data;
  GtkWidget *scrolled = find (row, GTK_TYPE_SCROLLED_WINDOW, FALSE), *tab = scrolled != NULL ? find (scrolled, GTK_TYPE_TOGGLE_BUTTON, TRUE) : NULL;
  graphene_rect_t bounds;

  if (tab != NULL && gtk_widget_compute_bounds (tab, scrolled, &bounds))
    {
      GtkAdjustment *at = gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (scrolled));
      double from = gtk_adjustment_get_value (at) + bounds.origin.x;

      gtk_adjustment_clamp_page (at, floor (from), ceil (from + bounds.size.width));
    }
  return --*left > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void
glow_tabs_reveal (GtkWidget *row)
{
  int *left = g_new (int, 1);

  *left = FRAMES;
  gtk_widget_add_tick_callback (row, reveal, left, g_free);
}
