/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where this program may not record, somebody else may: the exact commands to run there, and a place to drop what comes of them. */
#include <config.h>

#include "ui/capture-parts.h"
#include "ui/compat.h"
#include "ui/rows.h"

#include <glib/gi18n.h>

#define OUTPUT "perf.data"

typedef struct {
  GlowCaptureDraft *draft;
  GtkWidget *group, *row, *perf, *own, *place;
} Elsewhere;

static void
show (Elsewhere *self)
{
  const GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);
  const GlowCaptureAbilities *abilities = glow_capture_draft_get_abilities (self->draft);
  const char *const *words = glow_capture_draft_get_words (self->draft);
  const char *problem = NULL;
  gboolean has_way = glow_capture_draft_get_way (self->draft, NULL, &problem), stuck = abilities != NULL && !has_way && glow_capture_draft_is_whole (self->draft);
  g_autofree char *line = words != NULL ? glow_capture_dup_line (words) : glow_capture_plan_dup_shell (plan, OUTPUT, TRUE, NULL);
  g_autofree char *own = glow_capture_plan_dup_words (plan);

  glow_capture_line_set (self->perf, line);
  gtk_widget_set_visible (self->perf, line != NULL);
  glow_capture_line_set (self->own, own);
  gtk_widget_set_visible (self->own, words == NULL);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self->row), stuck ? problem : _("Commands to copy, and a place for what comes of them"));
  if (stuck)
    adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self->row), TRUE);
}

static void
on_changed (GlowCaptureDraft *draft, guint changes, GtkWidget *group)
{
  if (changes & (GLOW_DRAFT_PLAN | GLOW_DRAFT_ABILITIES))
    show (g_object_get_data (G_OBJECT (group), "glow-elsewhere"));
}

/* ---- the result ---- */

static void
open_result (GtkWidget *widget, const char *path)
{
  GtkWidget *dialog = GTK_WIDGET (gtk_widget_get_root (widget));

  gtk_widget_activate_action (dialog, "capture.open", "s", path);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, GtkWidget *place)
{
  GSList *files = g_value_get_boxed (value);
  g_autofree char *path = files != NULL ? g_file_get_path (files->data) : NULL;

  if (path != NULL)
    open_result (place, path);
  return path != NULL;
}

static void
on_files (gpointer data, const char *const *paths)
{
  g_autoptr(GtkWidget) place = data;

  if (paths[0] != NULL && gtk_widget_get_root (place) != NULL)
    open_result (place, paths[0]);
}

static void
on_open (GtkWidget *place)
{
  const GlowChooseOptions options = { .mode = GLOW_CHOOSE_FILES, .title = _("Open What Was Recorded"), .accept = _("_Open") };

  glow_compat_choose_files (GTK_WINDOW (gtk_widget_get_root (place)), &options, on_files, g_object_ref (place));
}

/* ---- making ---- */

static GtkWidget *
new_place (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *label = gtk_label_new (_("Drop the recording here")), *open = gtk_button_new_with_mnemonic (_("_Open It…"));
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY | GDK_ACTION_MOVE);

  gtk_widget_add_css_class (box, "capture-drop");
  gtk_widget_set_halign (open, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), open);
  g_signal_connect (target, "drop", G_CALLBACK (on_drop), box);
  g_signal_connect_swapped (open, "clicked", G_CALLBACK (on_open), box);
  gtk_widget_add_controller (box, GTK_EVENT_CONTROLLER (target));
  return box;
}

static GtkWidget *
new_caption (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, "dim-label");
  return label;
}

static void
elsewhere_free (gpointer data)
{
  Elsewhere *self = data;

  g_object_unref (self->draft);
  g_free (self);
}

GtkWidget *
glow_capture_elsewhere_new (GlowCaptureDraft *draft)
{
  Elsewhere *self = g_new0 (Elsewhere, 1);
  GtkWidget *group = adw_preferences_group_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8), *holder = gtk_list_box_row_new ();

  self->draft = g_object_ref (draft);
  self->group = group;
  self->row = adw_expander_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self->row), FALSE);
  self->perf = glow_capture_line_new (_("with perf"));
  self->own = glow_capture_line_new (_("with afterglow-cli"));
  self->place = new_place ();
  gtk_widget_add_css_class (box, "capture-elsewhere");
  gtk_box_append (GTK_BOX (box), new_caption (_("With perf, in a terminal of the machine that is to be recorded:")));
  gtk_box_append (GTK_BOX (box), self->perf);
  gtk_box_append (GTK_BOX (box), new_caption (_("Or with Afterglow’s own command:")));
  gtk_box_append (GTK_BOX (box), self->own);
  gtk_box_append (GTK_BOX (box), self->place);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (holder), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (holder), FALSE);
  gtk_widget_set_focusable (holder, FALSE);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self->row), holder);
  glow_rows_add (ADW_PREFERENCES_GROUP (group), _("Record it elsewhere"), self->row);
  g_object_set_data_full (G_OBJECT (group), "glow-elsewhere", self, elsewhere_free);
  g_signal_connect_object (draft, "changed", G_CALLBACK (on_changed), group, 0);
  show (self);
  return group;
}
