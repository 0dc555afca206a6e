/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ways of recording by name: chosen, saved, deleted, exchanged as files; and recordings that were made before, to be made again in the same way. */
#include <config.h>

#include "ui/capture-parts.h"
#include "ui/compat.h"
#include "ui/rows.h"

#include <glib/gi18n.h>
#include <string.h>

#define RECENT 5
#define PATTERN "*.afterglow-capture"

typedef struct {
  GlowCaptureDraft *draft;
  GtkWidget *button, *popover, *presets, *recent_box, *recent, *name, *save, *problem;
} Presets;

static void fill (Presets *self);

/* Those that are built in have the names of the command's words. (transfer none) */
static const char *
get_label (const char *name)
{
  static const struct { const char *name, *label; } labels[] = {
    { "cpu", N_("CPU time") },
    { "cpu-kernel", N_("CPU time, with the kernel’s") },
    { "cpu-dwarf", N_("CPU time, callers by DWARF") },
    { "cpu-fine", N_("CPU time, finely") },
    { "cpu-random", N_("CPU time, at random gaps") },
    { "waiting", N_("Waiting") },
    { "syscalls", N_("System calls") },
    { "locks", N_("Locks") },
    { "io", N_("Block and file I/O") },
    { "everything", N_("Everything for ten seconds") },
  };

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    if (strcmp (labels[i].name, name) == 0)
      return _(labels[i].label);
  return name;
}

static void
say (Presets *self, const GError *error)
{
  glow_rows_set_words (self->problem, error != NULL ? error->message : NULL);
}

static void
take (Presets *self, const char *name_or_path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowCapturePlan) plan = glow_capture_preset_load (name_or_path, &error);

  say (self, error);
  if (plan == NULL)
    return;
  glow_capture_draft_take_plan (self->draft, plan);
  gtk_popover_popdown (GTK_POPOVER (self->popover));
}

static const char *
subject_of (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (widget), "glow-subject");
}

static void
on_preset (GtkButton *button, Presets *self)
{
  g_autofree char *name = g_strdup (subject_of (GTK_WIDGET (button)));

  take (self, name);
}

static void
on_delete (GtkButton *button, Presets *self)
{
  g_autofree char *name = g_strdup (subject_of (GTK_WIDGET (button)));
  g_autoptr(GError) error = NULL;

  glow_capture_preset_delete (name, &error);
  fill (self);
  say (self, error);
  gtk_widget_grab_focus (self->name);
}

/* The whole plan, with its target where that still is one: processes are not, any more. */
static void
on_recent (GtkButton *button, Presets *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowCaptureNotes) notes = glow_capture_notes_load (subject_of (GTK_WIDGET (button)), &error);

  say (self, error);
  if (notes == NULL || notes->plan == NULL)
    return;
  if (notes->plan->target == GLOW_CAPTURE_PROCESSES)
    glow_capture_draft_take_plan (self->draft, notes->plan);
  else
    glow_capture_draft_take_whole_plan (self->draft, notes->plan);
  gtk_popover_popdown (GTK_POPOVER (self->popover));
}

static void
on_save (Presets *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));
  g_autoptr(GError) error = NULL;

  if (*name == '\0' || !gtk_widget_get_sensitive (self->save))
    return;
  if (glow_capture_preset_save (glow_capture_draft_get_plan (self->draft), name, &error))
    gtk_editable_set_text (GTK_EDITABLE (self->name), "");
  fill (self);
  say (self, error);
}

/* A slash would make a path of it. */
static void
on_name (Presets *self)
{
  const char *name = gtk_editable_get_text (GTK_EDITABLE (self->name));

  gtk_widget_set_sensitive (self->save, *name != '\0' && strchr (name, '/') == NULL);
}

/* ---- files ---- */

static void
on_import_path (gpointer data, const char *const *paths)
{
  g_autoptr(GtkWidget) button = data;

  if (paths[0] != NULL && gtk_widget_get_root (button) != NULL)
    {
      Presets *self = g_object_get_data (G_OBJECT (button), "glow-presets");

      take (self, paths[0]);
      if (gtk_widget_get_visible (self->problem))
        gtk_menu_button_popup (GTK_MENU_BUTTON (button));
    }
}

static void
on_export_path (gpointer data, const char *const *paths)
{
  g_autoptr(GtkWidget) button = data;
  g_autoptr(GError) error = NULL;
  Presets *self;

  if (paths[0] == NULL || gtk_widget_get_root (button) == NULL)
    return;
  self = g_object_get_data (G_OBJECT (button), "glow-presets");
  if (glow_capture_preset_save (glow_capture_draft_get_plan (self->draft), paths[0], &error))
    return;
  gtk_menu_button_popup (GTK_MENU_BUTTON (button));
  say (self, error);
}

static void
on_import (Presets *self)
{
  const char *const filters[] = { _("Presets of Afterglow"), PATTERN, _("All files"), "*", NULL };
  const GlowChooseOptions options = { GLOW_CHOOSE_FILES, _("Import a Preset"), _("_Import"), NULL, filters };

  gtk_popover_popdown (GTK_POPOVER (self->popover));
  glow_compat_choose_files (GTK_WINDOW (gtk_widget_get_root (self->button)), &options, on_import_path, g_object_ref (self->button));
}

static void
on_export (Presets *self)
{
  const char *const filters[] = { _("Presets of Afterglow"), PATTERN, NULL };
  const GlowChooseOptions options = { GLOW_CHOOSE_SAVE, _("Export as a Preset"), _("_Export"), "recording.afterglow-capture", filters };

  gtk_popover_popdown (GTK_POPOVER (self->popover));
  glow_compat_choose_files (GTK_WINDOW (gtk_widget_get_root (self->button)), &options, on_export_path, g_object_ref (self->button));
}

/* ---- filling ---- */

static void
clear (GtkWidget *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (box)) != NULL)
    gtk_box_remove (GTK_BOX (box), child);
}

static GtkWidget *
new_row (Presets *self, const char *label, const char *subject, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_with_label (label), *child = gtk_button_get_child (GTK_BUTTON (button));

  gtk_label_set_xalign (GTK_LABEL (child), 0);
  gtk_label_set_ellipsize (GTK_LABEL (child), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_max_width_chars (GTK_LABEL (child), 34);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_hexpand (button, TRUE);
  g_object_set_data_full (G_OBJECT (button), "glow-subject", g_strdup (subject), g_free);
  g_signal_connect (button, "clicked", clicked, self);
  return button;
}

static void
fill (Presets *self)
{
  g_autoptr(GPtrArray) names = glow_capture_presets_load (), recent = glow_capture_recent_load ();

  clear (self->presets);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

      gtk_box_append (GTK_BOX (row), new_row (self, glow_capture_preset_is_own (name) ? name : get_label (name), name, G_CALLBACK (on_preset)));
      if (glow_capture_preset_is_own (name))
        {
          g_autofree char *label = g_strdup_printf (_("Delete “%s”"), name);
          GtkWidget *remove = glow_rows_new_icon ("user-trash-symbolic", label);

          g_object_set_data_full (G_OBJECT (remove), "glow-subject", g_strdup (name), g_free);
          g_signal_connect (remove, "clicked", G_CALLBACK (on_delete), self);
          gtk_box_append (GTK_BOX (row), remove);
        }
      gtk_box_append (GTK_BOX (self->presets), row);
    }
  clear (self->recent);
  for (guint i = 0; i < MIN (recent->len, RECENT); i++)
    {
      g_autofree char *label = g_filename_display_basename (g_ptr_array_index (recent, i));

      gtk_box_append (GTK_BOX (self->recent), new_row (self, label, g_ptr_array_index (recent, i), G_CALLBACK (on_recent)));
    }
  gtk_widget_set_visible (self->recent_box, recent->len > 0);
  say (self, NULL);
}

/* ---- making ---- */

static GtkWidget *
new_heading (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  return label;
}

static GtkWidget *
new_saving (Presets *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->name = gtk_entry_new ();
  self->save = gtk_button_new_with_mnemonic (_("_Save"));
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->name), _("Save this as…"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->name), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Name of the preset"), -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->save), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Save the preset"), -1);
  gtk_widget_set_hexpand (self->name, TRUE);
  gtk_widget_set_sensitive (self->save, FALSE);
  gtk_box_append (GTK_BOX (row), self->name);
  gtk_box_append (GTK_BOX (row), self->save);
  g_signal_connect_swapped (self->name, "changed", G_CALLBACK (on_name), self);
  g_signal_connect_swapped (self->name, "activate", G_CALLBACK (on_save), self);
  g_signal_connect_swapped (self->save, "clicked", G_CALLBACK (on_save), self);
  return row;
}

static GtkWidget *
new_files (Presets *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *import = gtk_button_new_with_mnemonic (_("_Import…")), *export = gtk_button_new_with_mnemonic (_("_Export…"));

  gtk_box_set_homogeneous (GTK_BOX (row), TRUE);
  gtk_box_append (GTK_BOX (row), import);
  gtk_box_append (GTK_BOX (row), export);
  g_signal_connect_swapped (import, "clicked", G_CALLBACK (on_import), self);
  g_signal_connect_swapped (export, "clicked", G_CALLBACK (on_export), self);
  return row;
}

static void
presets_free (gpointer data)
{
  Presets *self = data;

  g_object_unref (self->draft);
  g_free (self);
}

GtkWidget *
glow_capture_presets_new (GlowCaptureDraft *draft)
{
  Presets *self = g_new0 (Presets, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->draft = g_object_ref (draft);
  self->button = gtk_menu_button_new ();
  self->popover = gtk_popover_new ();
  self->presets = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->recent = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->recent_box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->problem = glow_rows_new_words ("error");
  gtk_label_set_max_width_chars (GTK_LABEL (self->problem), 34);
  gtk_box_append (GTK_BOX (self->recent_box), new_heading (_("As recorded before")));
  gtk_box_append (GTK_BOX (self->recent_box), self->recent);
  gtk_box_append (GTK_BOX (box), self->presets);
  gtk_box_append (GTK_BOX (box), new_saving (self));
  gtk_box_append (GTK_BOX (box), new_files (self));
  gtk_box_append (GTK_BOX (box), self->problem);
  gtk_box_append (GTK_BOX (box), self->recent_box);
  gtk_popover_set_child (GTK_POPOVER (self->popover), box);
  gtk_menu_button_set_label (GTK_MENU_BUTTON (self->button), _("P_resets"));
  gtk_menu_button_set_use_underline (GTK_MENU_BUTTON (self->button), TRUE);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->button), self->popover);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Presets"), -1);
  g_signal_connect_swapped (self->popover, "show", G_CALLBACK (fill), self);
  g_object_set_data_full (G_OBJECT (self->button), "glow-presets", self, presets_free);
  return self->button;
}
