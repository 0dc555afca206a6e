/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sandwich of both sides: who calls the chosen function and what it calls, before and after, with the evidence for each change. */
#include <config.h>

#include "ui/both-sides.h"
#include "ui/diff-words.h"
#include "ui/job.h"
#include "ui/sandwich-layout.h"
#include "ui/tree-table.h"

#include <afterglow/diff-text.h>
#include <glib/gi18n.h>

struct _GlowDiffSandwich {
  GtkBox parent_instance;
  GlowComparison *comparison;
  GlowSandwichLayout layout;
  GlowDiff *diff;              /* (nullable): whose @key is shown, or looked into */
  guint32 key;
  GlowJobSlot job;
};

G_DEFINE_FINAL_TYPE (GlowDiffSandwich, glow_diff_sandwich, GTK_TYPE_BOX)

/* ---- looking into a function ---- */

typedef struct { GlowDiff *diff; guint32 key; } Question;
typedef struct { GlowDiff *callers, *callees; } Answer;

static void
question_free (gpointer data)
{
  glow_diff_unref (((Question *) data)->diff);
  g_free (data);
}

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->callers, glow_diff_unref);
  g_clear_pointer (&answer->callees, glow_diff_unref);
  g_free (answer);
}

static gpointer
compute (gpointer data, GCancellable *cancellable, GError **error)
{
  const Question *question = data;
  Answer *answer = g_new0 (Answer, 1);

  answer->callers = glow_diff_compute_about (question->diff, question->key, TRUE, cancellable);
  answer->callees = answer->callers != NULL ? glow_diff_compute_about (question->diff, question->key, FALSE, cancellable) : NULL;
  if (answer->callees == NULL)
    {
      answer_free (answer);
      return NULL;
    }
  glow_diff_get_tree (answer->callers, GLOW_DIFF_WIDTH_LARGER);
  glow_diff_get_tree (answer->callees, GLOW_DIFF_WIDTH_LARGER);
  return answer;
}

/* ---- showing it ---- */

static char *
dup_line (GlowDiffSandwich *self)
{
  const GArray *rows = glow_diff_get_rows (self->diff, GLOW_DIFF_FUNCTIONS);
  g_autofree char *module = glow_diff_words_module (self->diff, self->key), *total = NULL, *own = NULL;

  for (guint i = 0; i < rows->len; i++)
    {
      const GlowDiffRow *row = &g_array_index (rows, GlowDiffRow, i);

      if (row->key != self->key)
        continue;
      total = glow_diff_text_evidence (self->diff, &row->change[GLOW_DIFF_TOTAL]);
      own = glow_diff_text_evidence (self->diff, &row->change[GLOW_DIFF_SELF]);
      return g_strdup_printf (_("%s%stotal %s\nself %s"), module, *module != '\0' ? " · " : "", total, own);
    }
  return g_steal_pointer (&module);
}

static void
computed (gpointer owner, gpointer result, const GError *error)
{
  GlowDiffSandwich *self = owner;
  Answer *answer = result;
  g_autofree char *name = NULL, *line = NULL;

  if (answer == NULL)
    return;
  glow_tree_table_set_diff (GLOW_TREE_TABLE (self->layout.callers), answer->callers, glow_diff_get_tree (answer->callers, GLOW_DIFF_WIDTH_LARGER));
  glow_tree_table_set_diff (GLOW_TREE_TABLE (self->layout.callees), answer->callees, glow_diff_get_tree (answer->callees, GLOW_DIFF_WIDTH_LARGER));
  answer_free (answer);
  name = glow_diff_dup_display_name (self->diff, GLOW_DIFF_FUNCTIONS, self->key);
  line = dup_line (self);
  glow_sandwich_layout_show (&self->layout, name, line);
}

static void
forget (GlowDiffSandwich *self)
{
  glow_job_cancel (&self->job);
  g_clear_pointer (&self->diff, glow_diff_unref);
  glow_tree_table_set_diff (GLOW_TREE_TABLE (self->layout.callers), NULL, NULL);
  glow_tree_table_set_diff (GLOW_TREE_TABLE (self->layout.callees), NULL, NULL);
  glow_sandwich_layout_show (&self->layout, NULL, NULL);
}

static void
refresh (GlowDiffSandwich *self)
{
  GlowDiff *diff = glow_comparison_get_diff (self->comparison);
  guint32 key = glow_comparison_get_selected_key (self->comparison);
  Question *question;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || (diff == self->diff && (key == self->key || key == GLOW_NONE)))
    return;                    /* nothing chosen: the last function stays, as long as it is of what is shown */
  if (diff == NULL || key == GLOW_NONE)
    {
      forget (self);
      return;
    }
  g_clear_pointer (&self->diff, glow_diff_unref);
  self->diff = glow_diff_ref (diff);
  self->key = key;
  question = g_new0 (Question, 1);
  *question = (Question) { glow_diff_ref (diff), key };
  glow_job_start (&self->job, self, compute, question, question_free, answer_free, computed);
}

static void
glow_diff_sandwich_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (glow_diff_sandwich_parent_class)->map (widget);
  glow_comparison_watch (GLOW_DIFF_SANDWICH (widget)->comparison);
  refresh (GLOW_DIFF_SANDWICH (widget));
}

static void
glow_diff_sandwich_unmap (GtkWidget *widget)
{
  glow_comparison_unwatch (GLOW_DIFF_SANDWICH (widget)->comparison);
  GTK_WIDGET_CLASS (glow_diff_sandwich_parent_class)->unmap (widget);
}

static void
on_changed (GlowComparison *comparison, guint changes, gpointer data)
{
  GlowDiffSandwich *self = data;

  if ((changes & GLOW_COMPARED_DIFF) && glow_comparison_get_diff (self->comparison) == NULL)
    forget (self);
  else if (changes & (GLOW_COMPARED_DIFF | GLOW_COMPARED_SELECTION))
    refresh (self);
}

/* Double click makes the row's function the one between. */
static void
on_activated (GtkWidget *table, guint node, GlowDiffSandwich *self)
{
  glow_comparison_select_key (self->comparison, glow_diff_get_nodes (glow_tree_table_get_diff (GLOW_TREE_TABLE (table)))->key[node]);
}

static void
glow_diff_sandwich_dispose (GObject *object)
{
  GlowDiffSandwich *self = GLOW_DIFF_SANDWICH (object);

  glow_job_cancel (&self->job);
  g_clear_pointer (&self->diff, glow_diff_unref);
  g_clear_object (&self->comparison);
  G_OBJECT_CLASS (glow_diff_sandwich_parent_class)->dispose (object);
}

static void
glow_diff_sandwich_class_init (GlowDiffSandwichClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_diff_sandwich_dispose;
  GTK_WIDGET_CLASS (class)->map = glow_diff_sandwich_map;
  GTK_WIDGET_CLASS (class)->unmap = glow_diff_sandwich_unmap;
}

static void
glow_diff_sandwich_init (GlowDiffSandwich *self)
{
  GtkWidget *button = gtk_button_new_with_label (_("Open in Both"));

  self->key = GLOW_NONE;
  glow_sandwich_layout_init (&self->layout, glow_tree_table_new_of_both (_("Caller")), glow_tree_table_new_of_both (_("Callee")));
  gtk_widget_set_vexpand (self->layout.stack, TRUE);
  gtk_widget_set_hexpand (self->layout.stack, TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.open-in-both");
  gtk_widget_set_tooltip_text (button, _("Shows this function in both recordings, the other one in a window of its own (G)"));
  glow_sandwich_layout_add (&self->layout, button);
  gtk_box_append (GTK_BOX (self), self->layout.stack);
  g_signal_connect (self->layout.callers, "node-activated", G_CALLBACK (on_activated), self);
  g_signal_connect (self->layout.callees, "node-activated", G_CALLBACK (on_activated), self);
}

GtkWidget *
glow_diff_sandwich_new (GlowComparison *comparison)
{
  GlowDiffSandwich *self = g_object_new (GLOW_TYPE_DIFF_SANDWICH, NULL);

  self->comparison = g_object_ref (comparison);
  g_signal_connect_object (comparison, "changed", G_CALLBACK (on_changed), self, 0);
  return GTK_WIDGET (self);
}
