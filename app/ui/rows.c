/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of groups: what libadwaita's later versions have as widgets of their own, from those that 1.2 has. */
#include <config.h>

#include "ui/rows.h"

GtkWidget *
glow_rows_add (AdwPreferencesGroup *group, const char *title, GtkWidget *row)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_preferences_group_add (group, row);
  return row;
}

void
glow_rows_let_scroll (GtkWidget *control)
{
  g_autoptr(GListModel) controllers = gtk_widget_observe_controllers (control);

  for (guint i = g_list_model_get_n_items (controllers); i > 0; i--)
    {
      g_autoptr(GtkEventController) controller = g_list_model_get_item (controllers, i - 1);

      if (GTK_IS_EVENT_CONTROLLER_SCROLL (controller))
        gtk_widget_remove_controller (control, controller);
    }
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_list_item_set_child (item, label);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), gtk_string_object_get_string (gtk_list_item_get_item (item)));
}

/* The row's own labels give way to a long subtitle. */
static GtkListItemFactory *
new_labels (void)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), NULL);
  return factory;
}

GtkWidget *
glow_rows_add_choice (AdwPreferencesGroup *group, const char *title, const char *const *labels)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr(GtkStringList) list = gtk_string_list_new (labels);
  g_autoptr(GtkListItemFactory) factory = new_labels ();

  adw_combo_row_set_factory (ADW_COMBO_ROW (row), factory);
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (list));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  return glow_rows_add (group, title, row);
}

static void
add_control (AdwPreferencesGroup *group, const char *title, const char *subtitle, GtkWidget *control)
{
  GtkWidget *row = adw_action_row_new ();

  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), control);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), control);
  glow_rows_add (group, title, row);
}

GtkWidget *
glow_rows_add_switch (AdwPreferencesGroup *group, const char *title, const char *subtitle)
{
  GtkWidget *control = gtk_switch_new ();

  add_control (group, title, subtitle, control);
  return control;
}

GtkWidget *
glow_rows_add_number (AdwPreferencesGroup *group, const char *title, const char *subtitle, double low, double high, double step)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (low, high, step);

  glow_rows_let_scroll (spin);
  add_control (group, title, subtitle, spin);
  return spin;
}

GtkWidget *
glow_rows_get_row (GtkWidget *control)
{
  return gtk_widget_get_ancestor (control, ADW_TYPE_PREFERENCES_ROW);
}

GtkWidget *
glow_rows_new_words (const char *class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, class);
  gtk_widget_set_visible (label, FALSE);
  return label;
}

void
glow_rows_set_words (GtkWidget *label, const char *text)
{
  gtk_label_set_text (GTK_LABEL (label), text != NULL ? text : "");
  gtk_widget_set_visible (label, text != NULL && *text != '\0');
}

GtkWidget *
glow_rows_new_icon (const char *icon, const char *name)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return button;
}
