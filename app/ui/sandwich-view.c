/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sandwich page: callers above, the function between, callees below. */
#include <config.h>

#include "ui/call-tree-view.h"
#include "ui/flame-words.h"
#include "ui/sandwich-layout.h"
#include "ui/tree-table.h"

#include <glib/gi18n.h>

typedef struct {
  GlowDocument *document;
  GlowSandwichLayout layout;
  GlowCallTree *tree;          /* (nullable): what is shown is of it */
} View;

static void
refresh (View *self)
{
  const GlowFunctionFacts *facts = glow_facts_get (glow_document_get_facts (self->document));
  GlowCallTree *tree = glow_document_get_tree (self->document);
  const GlowCallTreeNodes *nodes;
  g_autofree char *name = NULL, *where = NULL, *total = NULL, *own = NULL, *line = NULL;

  if (!gtk_widget_get_mapped (self->layout.stack))
    return;
  if (facts == NULL)
    {
      /* Nothing chosen: the last function stays, as long as it is of what is shown. */
      if (tree != self->tree)
        glow_sandwich_layout_show (&self->layout, NULL, NULL);
      return;
    }
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  self->tree = glow_call_tree_ref (facts->tree);
  nodes = glow_call_tree_get_nodes (facts->callees);
  glow_tree_table_set_tree (GLOW_TREE_TABLE (self->layout.callers), facts->callers);
  glow_tree_table_set_tree (GLOW_TREE_TABLE (self->layout.callees), facts->callees);
  name = g_utf8_make_valid (glow_call_tree_get_frame_name (facts->tree, facts->frame), -1);
  where = glow_flame_words_where (facts->tree, facts->frame);
  total = glow_flame_words_share (facts->tree, nodes->total[0]);
  own = glow_flame_words_share (facts->tree, nodes->self[0]);
  line = g_strdup_printf (_("%s · total %s · self %s"), where, total, own);
  glow_sandwich_layout_show (&self->layout, name, line);
}

static void
on_map (View *self)
{
  glow_facts_watch (glow_document_get_facts (self->document));
  refresh (self);
}

static void
on_unmap (View *self)
{
  glow_facts_unwatch (glow_document_get_facts (self->document));
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

GtkWidget *
glow_sandwich_view_new (GlowDocument *document)
{
  View *self = g_new0 (View, 1);
  GClosure *closure;

  self->document = g_object_ref (document);
  glow_sandwich_layout_init (&self->layout, glow_tree_table_new (_("Caller")), glow_tree_table_new (_("Callee")));
  g_signal_connect (self->layout.callers, "node-activated", G_CALLBACK (on_activated), self);
  g_signal_connect (self->layout.callees, "node-activated", G_CALLBACK (on_activated), self);
  g_signal_connect_swapped (self->layout.stack, "map", G_CALLBACK (on_map), self);
  g_signal_connect_swapped (self->layout.stack, "unmap", G_CALLBACK (on_unmap), self);
  closure = g_cclosure_new_swap (G_CALLBACK (on_changed), self, view_free);
  g_object_watch_closure (G_OBJECT (self->layout.stack), closure);
  g_signal_connect_closure (document, "changed", closure, FALSE);
  return self->layout.stack;
}
