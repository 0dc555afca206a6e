/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is recorded: a command that is started for it, processes that run, a container, or the whole machine. */
#include <config.h>

#include "ui/capture-parts.h"
#include "ui/compat.h"
#include "ui/pages.h"
#include "ui/rows.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct {
  GlowCaptureDraft *draft;
  GtkWidget *group, *kinds[4], *stack, *command, *directory, *environment, *problem, *processes, *containers, *machine;
  gboolean is_showing;
} Target;

static const char *const pages[] = { "command", "processes", "container", "machine" };

static void
show_page (Target *self, GlowCaptureTarget target)
{
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), pages[target]);
  glow_pages_hide_others (gtk_stack_get_visible_child (GTK_STACK (self->stack)), self->stack);
}

static void
on_kind (GtkToggleButton *button, Target *self)
{
  GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);

  for (guint i = 0; i < G_N_ELEMENTS (self->kinds); i++)
    if (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->kinds[i])) && GTK_WIDGET (button) == self->kinds[i] && !self->is_showing)
      {
        show_page (self, i);
        plan->target = i;
        glow_capture_draft_edited (self->draft, TRUE);
      }
}

/* ---- a command ---- */

static void
set_problem (Target *self, GtkWidget *row, const GError *error)
{
  (error != NULL ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (row, "error");
  glow_rows_set_words (self->problem, error != NULL ? error->message : NULL);
}

static void
on_command (Target *self)
{
  g_autoptr(GError) error = NULL;

  if (self->is_showing)
    return;
  glow_capture_draft_set_command (self->draft, gtk_editable_get_text (GTK_EDITABLE (self->command)), &error);
  set_problem (self, self->command, error);
}

static void
on_directory (Target *self)
{
  GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->directory));
  g_autoptr(GError) error = NULL;

  if (self->is_showing)
    return;
  if (*text != '\0' && !g_file_test (text, G_FILE_TEST_IS_DIR))
    error = g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY, _("“%s” is not a folder"), text);
  set_problem (self, self->directory, error);
  g_free (plan->directory);
  plan->directory = *text != '\0' ? g_strdup (text) : NULL;
  glow_capture_draft_edited (self->draft, FALSE);
}

static void
on_environment (Target *self)
{
  GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->environment))));
  g_autoptr(GError) error = NULL;
  char **words = NULL;

  if (self->is_showing)
    return;
  if (*text != '\0' && g_shell_parse_argv (text, NULL, &words, &error))
    for (guint i = 0; words[i] != NULL && error == NULL; i++)
      if (strchr (words[i], '=') == NULL || words[i][0] == '=')
        error = g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("“%s” is not NAME=VALUE"), words[i]);
  set_problem (self, self->environment, error);
  g_strfreev (plan->environment);
  plan->environment = error == NULL ? g_steal_pointer (&words) : NULL;
  g_strfreev (words);
  glow_capture_draft_edited (self->draft, FALSE);
}

typedef struct { Target *target; GtkWidget *group; } Browse;

static void
on_folder (gpointer data, const char *const *paths)
{
  Browse *browse = data;

  if (paths[0] != NULL)
    gtk_editable_set_text (GTK_EDITABLE (browse->target->directory), paths[0]);
  g_object_unref (browse->group);
  g_free (browse);
}

static void
on_browse (Target *self)
{
  const GlowChooseOptions options = { .mode = GLOW_CHOOSE_FOLDER, .title = _("Run the Command in"), .accept = _("_Choose") };
  Browse *browse = g_new0 (Browse, 1);

  *browse = (Browse) { self, g_object_ref (self->group) };
  glow_compat_choose_files (GTK_WINDOW (gtk_widget_get_root (self->group)), &options, on_folder, browse);
}

static GtkWidget *
new_command (Target *self)
{
  AdwPreferencesGroup *rows = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  GtkWidget *browse = glow_rows_new_icon ("document-open-symbolic", _("Choose a Folder")), *more = adw_expander_row_new ();

  self->command = glow_rows_add (rows, _("Command and its arguments"), adw_entry_row_new ());
  self->directory = adw_entry_row_new ();
  self->environment = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->directory), _("In the folder (empty: the current one)"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->environment), _("With NAME=VALUE …"));
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (self->directory), browse);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (more), self->directory);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (more), self->environment);
  glow_rows_add (rows, _("Folder and environment"), more);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (more), _("Those of this program unless something else is said"));
  self->problem = glow_rows_new_words ("error");
  gtk_widget_add_css_class (self->problem, "capture-below");
  adw_preferences_group_add (rows, self->problem);
  g_signal_connect_swapped (self->command, "changed", G_CALLBACK (on_command), self);
  g_signal_connect_swapped (self->directory, "changed", G_CALLBACK (on_directory), self);
  g_signal_connect_swapped (self->environment, "changed", G_CALLBACK (on_environment), self);
  g_signal_connect_swapped (browse, "clicked", G_CALLBACK (on_browse), self);
  return GTK_WIDGET (rows);
}

/* ---- making ---- */

static void
show_target (Target *self)
{
  const GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);
  g_autofree char *environment = glow_capture_dup_line ((const char *const *) plan->environment);

  self->is_showing = TRUE;
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->kinds[plan->target]), TRUE);
  show_page (self, plan->target);
  gtk_editable_set_text (GTK_EDITABLE (self->command), glow_capture_draft_get_command (self->draft));
  gtk_editable_set_text (GTK_EDITABLE (self->directory), plan->directory != NULL ? plan->directory : "");
  gtk_editable_set_text (GTK_EDITABLE (self->environment), environment);
  self->is_showing = FALSE;
}

static void
show_machine (Target *self)
{
  const GlowCaptureAbilities *abilities = glow_capture_draft_get_abilities (self->draft);
  g_autofree char *words = NULL;

  if (abilities != NULL)
    words = g_strdup_printf (ngettext ("Everything that runs on %u CPU, of every user, the kernel’s own threads among it.",
                                       "Everything that runs on all %u CPUs, of every user, the kernel’s own threads among it.", abilities->n_cpus), abilities->n_cpus);
  glow_rows_set_words (self->machine, words);
}

static void
on_changed (GlowCaptureDraft *draft, guint changes, GtkWidget *group)
{
  Target *self = g_object_get_data (G_OBJECT (group), "glow-target");

  if (changes & GLOW_DRAFT_TARGET)
    show_target (self);
  if (changes & GLOW_DRAFT_ABILITIES)
    show_machine (self);
}

void
glow_capture_target_focus (GtkWidget *target)
{
  const Target *self = g_object_get_data (G_OBJECT (target), "glow-target");

  if (glow_capture_draft_get_plan (self->draft)->target == GLOW_CAPTURE_COMMAND)
    gtk_widget_grab_focus (self->command);
  else
    gtk_widget_grab_focus (self->kinds[glow_capture_draft_get_plan (self->draft)->target]);
}

static void
target_free (gpointer data)
{
  Target *self = data;

  g_object_unref (self->draft);
  g_free (self);
}

GtkWidget *
glow_capture_target_new (GlowCaptureDraft *draft)
{
  const char *const names[] = { _("C_ommand"), _("_Processes"), _("Co_ntainer"), _("Whole _Machine") };
  Target *self = g_new0 (Target, 1);
  GtkWidget *group = adw_preferences_group_new (), *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  self->draft = g_object_ref (draft);
  self->group = group;
  self->stack = gtk_stack_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("What"));
  gtk_widget_add_css_class (row, "linked");
  gtk_widget_add_css_class (row, "capture-kinds");
  gtk_box_set_homogeneous (GTK_BOX (row), TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (self->kinds); i++)
    {
      GtkWidget *label = gtk_label_new_with_mnemonic (names[i]);

      self->kinds[i] = gtk_toggle_button_new ();
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
      gtk_button_set_child (GTK_BUTTON (self->kinds[i]), label);
      if (i > 0)
        gtk_toggle_button_set_group (GTK_TOGGLE_BUTTON (self->kinds[i]), GTK_TOGGLE_BUTTON (self->kinds[0]));
      gtk_label_set_mnemonic_widget (GTK_LABEL (label), self->kinds[i]);
      gtk_accessible_update_relation (GTK_ACCESSIBLE (self->kinds[i]), GTK_ACCESSIBLE_RELATION_LABELLED_BY, label, NULL, -1);
      gtk_box_append (GTK_BOX (row), self->kinds[i]);
      g_signal_connect (self->kinds[i], "toggled", G_CALLBACK (on_kind), self);
    }
  self->processes = glow_capture_processes_new (draft, FALSE);
  self->containers = glow_capture_processes_new (draft, TRUE);
  self->machine = glow_rows_new_words ("body");
  gtk_stack_set_vhomogeneous (GTK_STACK (self->stack), FALSE);
  gtk_stack_set_hhomogeneous (GTK_STACK (self->stack), FALSE);
  gtk_stack_add_named (GTK_STACK (self->stack), new_command (self), pages[GLOW_CAPTURE_COMMAND]);
  gtk_stack_add_named (GTK_STACK (self->stack), self->processes, pages[GLOW_CAPTURE_PROCESSES]);
  gtk_stack_add_named (GTK_STACK (self->stack), self->containers, pages[GLOW_CAPTURE_CGROUP]);
  gtk_stack_add_named (GTK_STACK (self->stack), self->machine, pages[GLOW_CAPTURE_SYSTEM]);
  gtk_box_append (GTK_BOX (box), row);
  gtk_box_append (GTK_BOX (box), self->stack);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), box);
  g_object_set_data_full (G_OBJECT (group), "glow-target", self, target_free);
  g_signal_connect_object (draft, "changed", G_CALLBACK (on_changed), group, 0);
  show_target (self);
  show_machine (self);
  return group;
}
