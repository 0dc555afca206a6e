/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The capture dialog: three steps on one page that scrolls, and below it, always in sight, what such a recording could miss and cost. */
#include <config.h>

#include "ui/capture-dialog.h"
#include "ui/capture-parts.h"
#include "ui/compat.h"
#include "ui/look.h"
#include "ui/rows.h"

#include <glib/gi18n.h>

#define WIDTH 760

struct _GlowCaptureDialog {
  AdwWindow parent_instance;

  GlowCaptureDraft *draft;
  GtkWidget *record, *target, *folder, *absent;
};

G_DEFINE_FINAL_TYPE (GlowCaptureDialog, glow_capture_dialog, ADW_TYPE_WINDOW)

static guint record_signal, open_signal;

GlowCaptureDraft *
glow_capture_dialog_get_draft (GlowCaptureDialog *self)
{
  return self->draft;
}

static void
on_record (GlowCaptureDialog *self)
{
  if (!glow_capture_draft_get_way (self->draft, NULL, NULL))
    return;
  glow_capture_draft_remember (self->draft);
  g_signal_emit (self, record_signal, 0);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
on_changed (GlowCaptureDialog *self, guint changes)
{
  const GlowCaptureAbilities *abilities = glow_capture_draft_get_abilities (self->draft);
  const char *problem = NULL;
  double fraction;
  gboolean has_way = glow_capture_draft_get_way (self->draft, NULL, &problem);

  /* Two recordings at once would measure each other. */
  gtk_widget_set_sensitive (self->record, has_way && !glow_capture_draft_is_measuring_overhead (self->draft, &fraction));
  gtk_widget_set_tooltip_text (self->record, has_way ? NULL : problem);
  gtk_widget_set_visible (self->absent, abilities != NULL && abilities->perf_version == NULL && !abilities->helper);
}

/* ---- where it is kept ---- */

static void
show_folder (GlowCaptureDialog *self)
{
  g_autofree char *folder = glow_capture_draft_dup_folder (), *shown = g_filename_display_name (folder);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (glow_rows_get_row (self->folder)), shown);
}

static void
on_folder (gpointer data, const char *const *paths)
{
  g_autoptr(GlowCaptureDialog) self = data;

  if (paths[0] != NULL)
    g_settings_set_string (glow_look_get_settings (), "capture-folder", paths[0]);
  show_folder (self);
  glow_capture_draft_edited (self->draft, FALSE);
}

static void
on_choose_folder (GlowCaptureDialog *self)
{
  const GlowChooseOptions options = { .mode = GLOW_CHOOSE_FOLDER, .title = _("Keep Recordings in"), .accept = _("_Choose") };

  glow_compat_choose_files (GTK_WINDOW (self), &options, on_folder, g_object_ref (self));
}

static GtkWidget *
new_kept (GlowCaptureDialog *self)
{
  GtkWidget *group = adw_preferences_group_new (), *row = adw_action_row_new ();

  self->folder = gtk_button_new_with_mnemonic (_("C_hange…"));
  gtk_widget_set_valign (self->folder, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->folder), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Change Where Recordings Are Kept"), -1);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), self->folder);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), self->folder);
  glow_rows_add (ADW_PREFERENCES_GROUP (group), _("Recordings are kept in"), row);
  g_signal_connect_object (self->folder, "clicked", G_CALLBACK (on_choose_folder), self, G_CONNECT_SWAPPED);
  show_folder (self);
  return group;
}

/* ---- making ---- */

static GtkWidget *
new_absent (void)
{
  GtkWidget *group = adw_preferences_group_new (), *row = adw_action_row_new (), *icon = gtk_image_new_from_icon_name ("dialog-warning-symbolic");

  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _("Install it (linux-perf on Debian, linux-tools on Ubuntu, perf on Fedora, Arch and openSUSE), or record on another machine: the commands "
                                                       "are below."));
  glow_rows_add (ADW_PREFERENCES_GROUP (group), _("There is no perf on this machine"), row);
  return group;
}

static GtkWidget *
new_page (GlowCaptureDialog *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new (), *clamp = adw_clamp_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24);

  self->absent = new_absent ();
  self->target = glow_capture_target_new (self->draft);
  gtk_box_append (GTK_BOX (box), self->absent);
  gtk_box_append (GTK_BOX (box), self->target);
  gtk_box_append (GTK_BOX (box), glow_capture_goal_new (self->draft));
  gtk_box_append (GTK_BOX (box), glow_capture_amount_new (self->draft));
  gtk_box_append (GTK_BOX (box), glow_capture_command_new (self->draft));
  gtk_box_append (GTK_BOX (box), glow_capture_elsewhere_new (self->draft));
  gtk_box_append (GTK_BOX (box), new_kept (self));
  gtk_widget_add_css_class (box, "capture-page");
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), WIDTH);
  adw_clamp_set_tightening_threshold (ADW_CLAMP (clamp), WIDTH);
  adw_clamp_set_child (ADW_CLAMP (clamp), box);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), clamp);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_vexpand (scrolled, TRUE);
  return scrolled;
}

static GtkWidget *
new_header (GlowCaptureDialog *self)
{
  GtkWidget *header = adw_header_bar_new (), *cancel = gtk_button_new_with_mnemonic (_("_Cancel"));

  self->record = gtk_button_new_with_mnemonic (_("_Record"));
  gtk_widget_add_css_class (self->record, "suggested-action");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (cancel), "window.close");
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->record);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), glow_capture_presets_new (self->draft));
  g_signal_connect_object (self->record, "clicked", G_CALLBACK (on_record), self, G_CONNECT_SWAPPED);
  return header;
}

static void
on_open (GtkWidget *widget, const char *action, GVariant *parameter)
{
  g_signal_emit (widget, open_signal, 0, g_variant_get_string (parameter, NULL));
  gtk_window_destroy (GTK_WINDOW (widget));
}

GlowCaptureDialog *
glow_capture_dialog_new (GtkWindow *parent, const char *title, const GlowCapturePlan *plan)
{
  GSettings *settings = glow_look_get_settings ();
  GlowCaptureDialog *self = g_object_new (GLOW_TYPE_CAPTURE_DIALOG, "transient-for", parent, "modal", TRUE, "title", title,
                                          "default-width", g_settings_get_int (settings, "capture-width"),
                                          "default-height", g_settings_get_int (settings, "capture-height"), NULL);
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *clamp = adw_clamp_new ();

  if (plan != NULL)
    glow_capture_draft_take_whole_plan (self->draft, plan);
  gtk_box_append (GTK_BOX (content), new_header (self));
  gtk_box_append (GTK_BOX (content), new_page (self));
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), WIDTH);
  adw_clamp_set_tightening_threshold (ADW_CLAMP (clamp), WIDTH);
  adw_clamp_set_child (ADW_CLAMP (clamp), glow_capture_cost_new (self->draft));
  gtk_widget_add_css_class (clamp, "capture-foot");
  gtk_box_append (GTK_BOX (content), clamp);
  adw_window_set_content (ADW_WINDOW (self), content);
  g_signal_connect_object (self->draft, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  on_changed (self, GLOW_DRAFT_PLAN);
  glow_capture_target_focus (self->target);
  return self;
}

static gboolean
on_escape (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  gtk_window_close (GTK_WINDOW (widget));
  return TRUE;
}

static gboolean
on_return (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  on_record (GLOW_CAPTURE_DIALOG (widget));
  return TRUE;
}

static gboolean
glow_capture_dialog_close_request (GtkWindow *window)
{
  glow_capture_draft_remember (GLOW_CAPTURE_DIALOG (window)->draft);
  return GTK_WINDOW_CLASS (glow_capture_dialog_parent_class)->close_request (window);
}

static void
glow_capture_dialog_dispose (GObject *object)
{
  GlowCaptureDialog *self = GLOW_CAPTURE_DIALOG (object);

  if (self->draft != NULL)
    {
      int width, height;

      gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
      g_settings_set_int (glow_look_get_settings (), "capture-width", MAX (width, 360));
      g_settings_set_int (glow_look_get_settings (), "capture-height", MAX (height, 360));
      glow_capture_draft_cancel (self->draft);
    }
  g_clear_object (&self->draft);
  G_OBJECT_CLASS (glow_capture_dialog_parent_class)->dispose (object);
}

static void
glow_capture_dialog_class_init (GlowCaptureDialogClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = glow_capture_dialog_dispose;
  GTK_WINDOW_CLASS (class)->close_request = glow_capture_dialog_close_request;
  record_signal = g_signal_new ("record", GLOW_TYPE_CAPTURE_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  open_signal = g_signal_new ("open", GLOW_TYPE_CAPTURE_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_install_action (widget_class, "capture.open", "s", on_open);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, on_escape, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Return, GDK_CONTROL_MASK, on_return, NULL);
}

static void
glow_capture_dialog_init (GlowCaptureDialog *self)
{
  self->draft = glow_capture_draft_new ();
}
