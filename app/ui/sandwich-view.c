/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sandwich page: callers above, the function between, callees below. */
#include <config.h>

#include <adwaita.h>

#include "ui/call-tree-view.h"
#include "ui/flame-words.h"
#include "ui/tree-table.h"

#include <glib/gi18n.h>

typedef struct {
  GlowDocument *document;
  GtkWidget *page, *stack, *callers, *callees, *name, *where;
  GlowCallTree *tree;          /* (nullable): what is shown is of it */
} View;

static void
refresh (View *self)
{
  const GlowFunctionFacts *facts = glow_facts_get (glow_document_get_facts (self->document));
  GlowCallTree *tree = glow_document_get_tree (self->document);
  const GlowCallTreeNodes *nodes;
  g_autofree char *name = NULL, *where = NULL, *total = NULL, *own = NULL, *line = NULL;

  if (!gtk_widget_get_mapped (self->page))
    return;
  if (facts == NULL)
    {
      /* Nothing chosen: the last function stays, as long as it is of what is shown. */
      if (tree != self->tree)
        gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "none");
      return;
    }
  if (glow_tree_table_get_tree (GLOW_TREE_TABLE (self->callers)) == facts->callers)
    {
      gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "tables");
      return;
    }
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  self->tree = glow_call_tree_ref (facts->tree);
  nodes = glow_call_tree_get_nodes (facts->callees);
  glow_tree_table_set_tree (GLOW_TREE_TABLE (self->callers), facts->callers);
  glow_tree_table_set_tree (GLOW_TREE_TABLE (self->callees), facts->callees);
  name = g_utf8_make_valid (glow_call_tree_get_frame_name (facts->tree, facts->frame), -1);
  where = glow_flame_words_where (facts->tree, facts->frame);
  total = glow_flame_words_share (facts->tree, nodes->total[0]);
  own = glow_flame_words_share (facts->tree, nodes->self[0]);
  line = g_strdup_printf (_("%s · total %s · self %s"), where, total, own);
  gtk_label_set_text (GTK_LABEL (self->name), name);
  gtk_label_set_text (GTK_LABEL (self->where), line);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "tables");
}

static void
on_changed (View *self, guint changes)
{
  if (changes & (GLOW_CHANGED_TREE | GLOW_CHANGED_FACTS))
    refresh (self);
}

/* Double click makes the row's function the one between. */
static void
on_activated (GtkWidget *table, guint node, View *self)
{
  GlowCallTree *tree = glow_tree_table_get_tree (GLOW_TREE_TABLE (table));

  glow_document_select_frame (self->document, glow_call_tree_get_nodes (tree)->frame[node]);
}

static void
view_free (gpointer data, GClosure *unused)
{
  View *self = data;

  g_clear_pointer (&self->tree, glow_call_tree_unref);
  g_object_unref (self->document);
  g_free (self);
}

static GtkWidget *
with_heading (const char *heading, GtkWidget *table)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *label = gtk_label_new (heading);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  gtk_widget_add_css_class (label, "view-bar");
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), table);
  return box;
}

GtkWidget *
glow_sandwich_view_new (GlowDocument *document)
{
  View *self = g_new0 (View, 1);
  GtkWidget *tables = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *middle = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *lower = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  GtkWidget *none = g_object_new (ADW_TYPE_STATUS_PAGE, "title", _("No function chosen"), "description",
                                  _("Choose a frame in the flame graph or a row of a table; its callers and callees are shown here."), NULL);
  GClosure *closure;

  self->document = g_object_ref (document);
  self->page = self->stack = gtk_stack_new ();
  self->callers = glow_tree_table_new (_("Caller"));
  self->callees = glow_tree_table_new (_("Callee"));
  self->name = gtk_label_new (NULL);
  self->where = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->name, "title-4");
  gtk_widget_add_css_class (self->where, "dim-label");
  for (guint i = 0; i < 2; i++)
    {
      GtkWidget *label = i == 0 ? self->name : self->where;

      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
      gtk_label_set_selectable (GTK_LABEL (label), TRUE);
      gtk_box_append (GTK_BOX (middle), label);
    }
  gtk_widget_add_css_class (middle, "sandwich-middle");
  gtk_box_append (GTK_BOX (lower), middle);
  gtk_box_append (GTK_BOX (lower), with_heading (_("Callees: where it spends its time"), self->callees));
  gtk_paned_set_start_child (GTK_PANED (paned), with_heading (_("Callers: who it works for"), self->callers));
  gtk_paned_set_end_child (GTK_PANED (paned), lower);
  gtk_widget_set_vexpand (paned, TRUE);
  gtk_box_append (GTK_BOX (tables), paned);
  gtk_stack_add_named (GTK_STACK (self->stack), none, "none");
  gtk_stack_add_named (GTK_STACK (self->stack), tables, "tables");
  g_signal_connect (self->callers, "node-activated", G_CALLBACK (on_activated), self);
  g_signal_connect (self->callees, "node-activated", G_CALLBACK (on_activated), self);
  g_signal_connect_swapped (self->page, "map", G_CALLBACK (refresh), self);
  closure = g_cclosure_new_swap (G_CALLBACK (on_changed), self, view_free);
  g_object_watch_closure (G_OBJECT (self->page), closure);
  g_signal_connect_closure (document, "changed", closure, FALSE);
  return self->page;
}
