/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The perf command that a plan comes to: always there to be read and copied, and edited by who knows perf better than any dialog. */
#include <config.h>

#include "ui/capture-parts.h"
#include "ui/rows.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct {
  GlowCaptureDraft *draft;
  GtkWidget *group, *line, *edit, *editor, *text, *use, *cancel, *problem, *as_it_is;
  char **words;                /* (nullable): that no plan can say, offered to be run as they are */
} Command;

/* ---- a line that can be copied ---- */

static void
on_copy (GtkWidget *button, GtkLabel *label)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (button), gtk_label_get_text (label));
  gtk_button_set_icon_name (GTK_BUTTON (button), "object-select-symbolic");
}

GtkWidget *
glow_capture_line_new (const char *name)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *label = glow_rows_new_words ("monospace"), *copy = glow_rows_new_icon ("edit-copy-symbolic", _("Copy the Command"));
  g_autofree char *title = g_strdup_printf (_("Copy: %s"), name);

  gtk_widget_add_css_class (row, "card");
  gtk_widget_add_css_class (row, "capture-line");
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_set_valign (copy, GTK_ALIGN_START);
  gtk_accessible_update_property (GTK_ACCESSIBLE (copy), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  gtk_box_append (GTK_BOX (row), label);
  gtk_box_append (GTK_BOX (row), copy);
  g_object_set_data (G_OBJECT (row), "glow-label", label);
  g_object_set_data (G_OBJECT (row), "glow-copy", copy);
  g_signal_connect (copy, "clicked", G_CALLBACK (on_copy), label);
  return row;
}

void
glow_capture_line_set (GtkWidget *line, const char *text)
{
  gtk_button_set_icon_name (g_object_get_data (G_OBJECT (line), "glow-copy"), "edit-copy-symbolic");
  glow_rows_set_words (g_object_get_data (G_OBJECT (line), "glow-label"), text);
}

const char *
glow_capture_line_get (GtkWidget *line)
{
  return gtk_label_get_text (g_object_get_data (G_OBJECT (line), "glow-label"));
}

/* ---- the perf command ---- */

static void
show (Command *self)
{
  const char *const *words = glow_capture_draft_get_words (self->draft);
  g_autofree char *output = glow_capture_draft_dup_output (self->draft), *line = NULL;
  const char *problem = NULL;

  /* Without a command, or a process, it would be another one. */
  if (words != NULL)
    line = glow_capture_dup_line (words);
  else if (glow_capture_draft_is_whole (self->draft))
    line = glow_capture_plan_dup_shell (glow_capture_draft_get_plan (self->draft), output, FALSE, NULL);
  if (line != NULL)
    g_strchomp (line);
  glow_capture_draft_get_way (self->draft, NULL, &problem);
  glow_capture_line_set (self->line, line);
  gtk_widget_set_visible (self->line, !gtk_widget_get_visible (self->editor) && line != NULL);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->group), line == NULL ? problem : _("Exactly what runs."));
}

static void
show_editor (Command *self, gboolean edits)
{
  gtk_widget_set_visible (self->editor, edits);
  gtk_widget_set_visible (self->line, !edits && *glow_capture_line_get (self->line) != '\0');
  gtk_widget_set_visible (self->edit, !edits);
  glow_rows_set_words (self->problem, NULL);
  gtk_widget_set_visible (self->as_it_is, FALSE);
}

static void
on_edit (Command *self)
{
  const char *const *words = glow_capture_draft_get_words (self->draft);
  g_autofree char *output = glow_capture_draft_dup_output (self->draft), *line = NULL;
  g_auto(GStrv) command = words == NULL ? glow_capture_plan_dup_perf_command (glow_capture_draft_get_plan (self->draft), output, NULL) : NULL;

  /* Of several lines, which make probes and remove them, the one that records. */
  line = glow_capture_dup_line (words != NULL ? words : (const char *const *) command);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text)), line, -1);
  show_editor (self, TRUE);
  gtk_widget_grab_focus (self->text);
}

static void
on_cancel (Command *self)
{
  show_editor (self, FALSE);
  gtk_widget_grab_focus (self->edit);
}

static char *
dup_text (Command *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->text));
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return g_strdelimit (gtk_text_buffer_get_text (buffer, &start, &end, FALSE), "\n", ' ');
}

/* What a plan can say becomes one; the rest can only be run by this program, as it stands. */
static void
on_use (Command *self)
{
  g_autofree char *line = dup_text (self);
  g_auto(GStrv) words = NULL;
  g_autoptr(GlowCapturePlan) plan = glow_capture_plan_copy (glow_capture_draft_get_plan (self->draft));
  g_autoptr(GError) error = NULL;

  gtk_widget_set_visible (self->as_it_is, FALSE);
  if (!g_shell_parse_argv (line, NULL, &words, &error))
    {
      glow_rows_set_words (self->problem, error->message);
      return;
    }
  if (glow_capture_plan_set_perf_command (plan, (const char *const *) words, &error))
    {
      show_editor (self, FALSE);
      glow_capture_draft_take_whole_plan (self->draft, plan);
      gtk_widget_grab_focus (self->edit);
      return;
    }
  glow_rows_set_words (self->problem, error->message);
  if (strcmp (words[0], "perf") == 0 && g_strv_length (words) > 1 && strcmp (words[1], "record") == 0)
    {
      g_strfreev (self->words);
      self->words = g_steal_pointer (&words);
      gtk_widget_set_visible (self->as_it_is, TRUE);
    }
}

static void
on_as_it_is (Command *self)
{
  show_editor (self, FALSE);
  glow_capture_draft_set_words (self->draft, (const char *const *) self->words);
  gtk_widget_grab_focus (self->edit);
}

static void
on_changed (GlowCaptureDraft *draft, guint changes, GtkWidget *group)
{
  if (changes & GLOW_DRAFT_PLAN)
    show (g_object_get_data (G_OBJECT (group), "glow-command"));
}

/* ---- making ---- */

static GtkWidget *
new_editor (Command *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8), *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->text = gtk_text_view_new ();
  gtk_text_view_set_monospace (GTK_TEXT_VIEW (self->text), TRUE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (self->text), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (self->text), FALSE);
  gtk_widget_add_css_class (self->text, "card");
  gtk_widget_add_css_class (self->text, "capture-line");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->text), GTK_ACCESSIBLE_PROPERTY_LABEL, _("The perf command"), -1);
  self->use = gtk_button_new_with_mnemonic (_("_Use This Command"));
  self->cancel = gtk_button_new_with_mnemonic (_("_Leave It as It Was"));
  self->problem = glow_rows_new_words ("error");
  self->as_it_is = gtk_button_new_with_mnemonic (_("Run It as It _Is"));
  gtk_widget_set_halign (self->as_it_is, GTK_ALIGN_START);
  gtk_widget_set_tooltip_text (self->as_it_is, _("By this program, with your rights: nothing of it is known to the estimate or the service"));
  gtk_box_append (GTK_BOX (row), self->use);
  gtk_box_append (GTK_BOX (row), self->cancel);
  gtk_box_append (GTK_BOX (box), self->text);
  gtk_box_append (GTK_BOX (box), row);
  gtk_box_append (GTK_BOX (box), self->problem);
  gtk_box_append (GTK_BOX (box), self->as_it_is);
  g_signal_connect_swapped (self->use, "clicked", G_CALLBACK (on_use), self);
  g_signal_connect_swapped (self->cancel, "clicked", G_CALLBACK (on_cancel), self);
  g_signal_connect_swapped (self->as_it_is, "clicked", G_CALLBACK (on_as_it_is), self);
  return box;
}

static void
command_free (gpointer data)
{
  Command *self = data;

  g_object_unref (self->draft);
  g_strfreev (self->words);
  g_free (self);
}

GtkWidget *
glow_capture_command_new (GlowCaptureDraft *draft)
{
  Command *self = g_new0 (Command, 1);
  GtkWidget *group = adw_preferences_group_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->draft = g_object_ref (draft);
  self->group = group;
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("The perf command"));
  self->edit = gtk_button_new_with_mnemonic (_("_Edit…"));
  gtk_widget_add_css_class (self->edit, "flat");
  gtk_widget_set_valign (self->edit, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->edit), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Edit the Perf Command"), -1);
  adw_preferences_group_set_header_suffix (ADW_PREFERENCES_GROUP (group), self->edit);
  self->line = glow_capture_line_new (_("the perf command"));
  self->editor = new_editor (self);
  gtk_box_append (GTK_BOX (box), self->line);
  gtk_box_append (GTK_BOX (box), self->editor);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), box);
  show_editor (self, FALSE);
  g_signal_connect_swapped (self->edit, "clicked", G_CALLBACK (on_edit), self);
  g_object_set_data_full (G_OBJECT (group), "glow-command", self, command_free);
  g_signal_connect_object (draft, "changed", G_CALLBACK (on_changed), group, 0);
  show (self);
  return group;
}
