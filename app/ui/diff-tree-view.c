/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call tree of both sides: the union as a table, and what unfolds it. */
#include <config.h>

#include "ui/both-sides.h"
#include "ui/job.h"
#include "ui/tree-table.h"

#include <glib/gi18n.h>

struct _GlowDiffTreeView {
  GtkBox parent_instance;
  GlowComparison *comparison;
  GtkWidget *table;
  GlowJobSlot job;
  GlowDiff *weighing;          /* (nullable): what the job weighs */
};

G_DEFINE_FINAL_TYPE (GlowDiffTreeView, glow_diff_tree_view, GTK_TYPE_BOX)

static void
refresh (GlowDiffTreeView *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  glow_tree_table_set_diff (GLOW_TREE_TABLE (self->table), glow_comparison_get_diff (self->comparison), glow_comparison_get_tree (self->comparison));
  glow_tree_table_select (GLOW_TREE_TABLE (self->table), glow_comparison_get_selected (self->comparison));
}

static void
glow_diff_tree_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (glow_diff_tree_view_parent_class)->map (widget);
  glow_comparison_watch (GLOW_DIFF_TREE_VIEW (widget)->comparison);
  refresh (GLOW_DIFF_TREE_VIEW (widget));
}

static void
glow_diff_tree_view_unmap (GtkWidget *widget)
{
  glow_comparison_unwatch (GLOW_DIFF_TREE_VIEW (widget)->comparison);
  GTK_WIDGET_CLASS (glow_diff_tree_view_parent_class)->unmap (widget);
}

static void
on_changed (GlowComparison *comparison, guint changes, gpointer data)
{
  if (changes & (GLOW_COMPARED_DIFF | GLOW_COMPARED_SELECTION))
    refresh (data);
}

static void
on_node_selected (GlowDiffTreeView *self, guint node)
{
  glow_comparison_set_selected (self->comparison, node);
  glow_comparison_look_closer (self->comparison, node);
}

static void
on_node_activated (GlowDiffTreeView *self, guint node)
{
  glow_comparison_set_selected (self->comparison, node);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.open-in-both", NULL);
}

/* ---- the way of most of the change ---- */

static void on_unfold (GlowDiffTreeView *self);

static gpointer
weigh_changes (gpointer diff, GCancellable *cancellable, GError **error)
{
  return glow_call_tree_ref (glow_diff_get_tree (diff, GLOW_DIFF_WIDTH_CHANGE));
}

static void
weighed (gpointer owner, gpointer result, const GError *error)
{
  GlowDiffTreeView *self = owner;
  g_autoptr(GlowCallTree) by = result;

  /* Whoever has gone to another page by now has chosen something else. */
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  /* Paths that were looked into meanwhile are another tree, with other numbers. */
  if (glow_tree_table_get_diff (GLOW_TREE_TABLE (self->table)) == self->weighing)
    glow_tree_table_expand_heaviest (GLOW_TREE_TABLE (self->table), by);
  else
    on_unfold (self);
}

static void
on_unfold (GlowDiffTreeView *self)
{
  GlowDiff *diff = glow_tree_table_get_diff (GLOW_TREE_TABLE (self->table));

  g_clear_pointer (&self->weighing, glow_diff_unref);
  if (diff == NULL)
    return;
  self->weighing = glow_diff_ref (diff);
  glow_job_start (&self->job, self, weigh_changes, glow_diff_ref (diff), (GDestroyNotify) glow_diff_unref, (GDestroyNotify) glow_call_tree_unref, weighed);
}

static void
glow_diff_tree_view_dispose (GObject *object)
{
  GlowDiffTreeView *self = GLOW_DIFF_TREE_VIEW (object);

  glow_job_cancel (&self->job);
  g_clear_pointer (&self->weighing, glow_diff_unref);
  g_clear_object (&self->comparison);
  G_OBJECT_CLASS (glow_diff_tree_view_parent_class)->dispose (object);
}

static void
glow_diff_tree_view_class_init (GlowDiffTreeViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_diff_tree_view_dispose;
  GTK_WIDGET_CLASS (class)->map = glow_diff_tree_view_map;
  GTK_WIDGET_CLASS (class)->unmap = glow_diff_tree_view_unmap;
}

static void
glow_diff_tree_view_init (GlowDiffTreeView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *button = gtk_button_new_with_mnemonic (_("Unfold where _most has changed"));
  GtkWidget *hint = gtk_label_new (_("Double click or Enter opens the function in both recordings"));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  self->table = glow_tree_table_new_of_both (_("Function"));
  gtk_widget_add_css_class (bar, "view-bar");
  gtk_widget_add_css_class (hint, "dim-label");
  gtk_label_set_ellipsize (GTK_LABEL (hint), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (bar), button);
  gtk_box_append (GTK_BOX (bar), hint);
  gtk_box_append (GTK_BOX (self), bar);
  gtk_box_append (GTK_BOX (self), self->table);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_unfold), self);
  g_signal_connect_swapped (self->table, "node-selected", G_CALLBACK (on_node_selected), self);
  g_signal_connect_swapped (self->table, "node-activated", G_CALLBACK (on_node_activated), self);
}

GtkWidget *
glow_diff_tree_view_new (GlowComparison *comparison)
{
  GlowDiffTreeView *self = g_object_new (GLOW_TYPE_DIFF_TREE_VIEW, NULL);

  self->comparison = g_object_ref (comparison);
  g_signal_connect_object (comparison, "changed", G_CALLBACK (on_changed), self, 0);
  return GTK_WIDGET (self);
}
