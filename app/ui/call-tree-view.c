/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call tree page: the table, and what unfolds it. */
#include <config.h>

#include "ui/call-tree-view.h"
#include "ui/tree-table.h"

#include <glib/gi18n.h>

typedef struct {
  GlowDocument *document;
  GtkWidget *page, *table;
} View;

static void
refresh (View *self)
{
  if (!gtk_widget_get_mapped (self->page))
    return;
  glow_tree_table_set_tree (GLOW_TREE_TABLE (self->table), glow_document_get_tree (self->document));
  glow_tree_table_select (GLOW_TREE_TABLE (self->table), glow_document_get_selected (self->document));
  glow_document_look_closer (self->document);
}

static void
on_changed (View *self, guint changes)
{
  if (changes & (GLOW_CHANGED_TREE | GLOW_CHANGED_SELECTION))
    refresh (self);
}

static void
on_node_selected (View *self, guint node)
{
  glow_document_set_selected (self->document, node);
}

static void
on_node_activated (View *self, guint node)
{
  glow_document_set_selected (self->document, node);
  glow_document_set_zoom (self->document, node);
  gtk_widget_activate_action (self->page, "win.view", "s", "flame");
}

static void
on_heaviest (View *self)
{
  glow_tree_table_expand_heaviest (GLOW_TREE_TABLE (self->table), NULL);
}

static void
view_free (gpointer data, GClosure *unused)
{
  View *self = data;

  g_object_unref (self->document);
  g_free (self);
}

GtkWidget *
glow_call_tree_view_new (GlowDocument *document)
{
  View *self = g_new0 (View, 1);
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *button = gtk_button_new_with_mnemonic (_("Unfold the _heaviest path"));
  GtkWidget *hint = gtk_label_new (_("Double click or Enter shows the row in the flame graph"));
  GClosure *closure;

  self->document = g_object_ref (document);
  self->page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  self->table = glow_tree_table_new (_("Function"));
  gtk_widget_add_css_class (bar, "view-bar");
  gtk_box_append (GTK_BOX (bar), button);
  gtk_widget_add_css_class (hint, "dim-label");
  gtk_label_set_ellipsize (GTK_LABEL (hint), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (bar), hint);
  gtk_box_append (GTK_BOX (self->page), bar);
  gtk_box_append (GTK_BOX (self->page), self->table);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_heaviest), self);
  g_signal_connect_swapped (self->table, "node-selected", G_CALLBACK (on_node_selected), self);
  g_signal_connect_swapped (self->table, "node-activated", G_CALLBACK (on_node_activated), self);
  g_signal_connect_swapped (self->page, "map", G_CALLBACK (refresh), self);
  closure = g_cclosure_new_swap (G_CALLBACK (on_changed), self, view_free);
  g_object_watch_closure (G_OBJECT (self->page), closure);
  g_signal_connect_closure (document, "changed", closure, FALSE);
  return self->page;
}
