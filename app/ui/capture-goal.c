/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why something is recorded, in the words of who has the question; each goal says what it records. */
#include <config.h>

#include "ui/capture-parts.h"
#include "ui/compat.h"
#include "ui/rows.h"

#include <glib/gi18n.h>
#include <string.h>

typedef struct {
  GlowCaptureDraft *draft;
  GtkWidget *group, *goals[GLOW_CAPTURE_CUSTOM], *custom, *revealer, *binary, *function;
  gboolean is_showing;
} Goal;

static void
on_goal (GtkCheckButton *button, Goal *self)
{
  GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);

  if (self->is_showing || !gtk_check_button_get_active (button))
    return;
  for (guint i = 0; i < GLOW_CAPTURE_CUSTOM; i++)
    if (GTK_WIDGET (button) == self->goals[i])
      plan->goal = i;
  glow_capture_draft_edited (self->draft, TRUE);
}

static void
on_function (Goal *self)
{
  GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);

  if (self->is_showing)
    return;
  g_free (plan->function_binary);
  g_free (plan->function);
  plan->function_binary = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->binary))));
  plan->function = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->function))));
  glow_capture_draft_edited (self->draft, TRUE);
}

typedef struct { Goal *goal; GtkWidget *group; } Browse;

static void
on_file (gpointer data, const char *const *paths)
{
  Browse *browse = data;

  if (paths[0] != NULL)
    gtk_editable_set_text (GTK_EDITABLE (browse->goal->binary), paths[0]);
  g_object_unref (browse->group);
  g_free (browse);
}

static void
on_browse (Goal *self)
{
  const GlowChooseOptions options = { .mode = GLOW_CHOOSE_FILES, .title = _("The Program or Library that Has the Function"), .accept = _("_Choose") };
  Browse *browse = g_new0 (Browse, 1);

  *browse = (Browse) { self, g_object_ref (self->group) };
  glow_compat_choose_files (GTK_WINDOW (gtk_widget_get_root (self->group)), &options, on_file, browse);
}

/* What is being typed stays as it is. */
static void
set_text (GtkWidget *entry, const char *text)
{
  g_autofree char *now = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (entry))));

  if (text == NULL)
    text = "";
  if (strcmp (now, text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (entry), text);
}

static void
show (Goal *self)
{
  const GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);

  self->is_showing = TRUE;
  for (guint i = 0; i < GLOW_CAPTURE_CUSTOM; i++)
    if (gtk_check_button_get_active (GTK_CHECK_BUTTON (self->goals[i])) != (plan->goal == i))
      gtk_check_button_set_active (GTK_CHECK_BUTTON (self->goals[i]), plan->goal == i);
  gtk_widget_set_visible (self->custom, plan->goal == GLOW_CAPTURE_CUSTOM);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), plan->goal == GLOW_CAPTURE_FUNCTION);
  gtk_widget_set_visible (self->revealer, plan->goal == GLOW_CAPTURE_FUNCTION);
  set_text (self->binary, plan->function_binary);
  set_text (self->function, plan->function);
  self->is_showing = FALSE;
}

static void
on_changed (GlowCaptureDraft *draft, guint changes, GtkWidget *group)
{
  if (changes & GLOW_DRAFT_PLAN)
    show (g_object_get_data (G_OBJECT (group), "glow-goal"));
}

/* ---- making ---- */

static GtkWidget *
new_goal (const char *title, const char *words)
{
  GtkWidget *check = gtk_check_button_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *heading = gtk_label_new (title), *line = gtk_label_new (words);
  GtkWidget *const labels[] = { heading, line };

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      gtk_label_set_xalign (GTK_LABEL (labels[i]), 0);
      gtk_label_set_wrap (GTK_LABEL (labels[i]), TRUE);
      gtk_label_set_width_chars (GTK_LABEL (labels[i]), 24);
      gtk_label_set_max_width_chars (GTK_LABEL (labels[i]), 34);
      gtk_box_append (GTK_BOX (box), labels[i]);
    }
  gtk_widget_add_css_class (line, "dim-label");
  gtk_widget_add_css_class (line, "caption");
  gtk_widget_add_css_class (check, "capture-goal");
  gtk_check_button_set_child (GTK_CHECK_BUTTON (check), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, title, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words, -1);
  return check;
}

static GtkWidget *
new_function (Goal *self)
{
  AdwPreferencesGroup *rows = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  GtkWidget *browse = glow_rows_new_icon ("document-open-symbolic", _("Choose a Program or Library"));

  self->binary = glow_rows_add (rows, _("Program or library that has it"), adw_entry_row_new ());
  self->function = glow_rows_add (rows, _("Function, as its symbol is called"), adw_entry_row_new ());
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (self->binary), browse);
  g_signal_connect_swapped (browse, "clicked", G_CALLBACK (on_browse), self);
  g_signal_connect_swapped (self->binary, "changed", G_CALLBACK (on_function), self);
  g_signal_connect_swapped (self->function, "changed", G_CALLBACK (on_function), self);
  self->revealer = gtk_revealer_new ();
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), GTK_WIDGET (rows));
  return self->revealer;
}

static void
goal_free (gpointer data)
{
  Goal *self = data;

  g_object_unref (self->draft);
  g_free (self);
}

GtkWidget *
glow_capture_goal_new (GlowCaptureDraft *draft)
{
  const struct { const char *title, *words; } goals[GLOW_CAPTURE_CUSTOM] = {
    { _("Where CPU time goes"), _("Stacks of what runs, many times a second") },
    { _("Why it waits"), _("Every switch away from a CPU and every wake-up, with stacks") },
    { _("What is slow about one function"), _("Each call and its return, and what runs in between") },
    { _("System calls"), _("Each call and its return: how long, and from where") },
    { _("Locks"), _("Who waits for a contended lock, where and how long") },
    { _("Block and file I/O"), _("Each request to a disk, from its issue to its completion") },
    { _("Everything about a time window"), _("All of this at once: for seconds, not for minutes") },
  };
  Goal *self = g_new0 (Goal, 1);
  GtkWidget *group = adw_preferences_group_new (), *flow = gtk_flow_box_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  self->draft = g_object_ref (draft);
  self->group = group;
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("Why"));
  gtk_flow_box_set_selection_mode (GTK_FLOW_BOX (flow), GTK_SELECTION_NONE);
  gtk_flow_box_set_homogeneous (GTK_FLOW_BOX (flow), TRUE);
  gtk_flow_box_set_min_children_per_line (GTK_FLOW_BOX (flow), 1);
  gtk_flow_box_set_max_children_per_line (GTK_FLOW_BOX (flow), 2);
  gtk_flow_box_set_column_spacing (GTK_FLOW_BOX (flow), 6);
  gtk_widget_add_css_class (flow, "card");
  gtk_widget_add_css_class (flow, "capture-goals");
  for (guint i = 0; i < GLOW_CAPTURE_CUSTOM; i++)
    {
      self->goals[i] = new_goal (goals[i].title, goals[i].words);
      if (i > 0)
        gtk_check_button_set_group (GTK_CHECK_BUTTON (self->goals[i]), GTK_CHECK_BUTTON (self->goals[0]));
      g_signal_connect (self->goals[i], "toggled", G_CALLBACK (on_goal), self);
      gtk_flow_box_append (GTK_FLOW_BOX (flow), self->goals[i]);
      gtk_widget_set_focusable (gtk_widget_get_parent (self->goals[i]), FALSE);
    }
  self->custom = gtk_label_new (_("Events as they were written into the perf command below."));
  gtk_label_set_wrap (GTK_LABEL (self->custom), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->custom), 0);
  gtk_box_append (GTK_BOX (box), flow);
  gtk_box_append (GTK_BOX (box), self->custom);
  gtk_box_append (GTK_BOX (box), new_function (self));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), box);
  g_object_set_data_full (G_OBJECT (group), "glow-goal", self, goal_free);
  g_signal_connect_object (draft, "changed", G_CALLBACK (on_changed), group, 0);
  show (self);
  return group;
}
