/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sandwich page: callers above, the function between, callees below. Both trees are computed when they are looked at. */
#include <config.h>

#include <adwaita.h>

#include "ui/call-tree-view.h"
#include "ui/flame-words.h"
#include "ui/job.h"
#include "ui/tree-table.h"

#include <glib/gi18n.h>

typedef struct {
  GlowDocument *document;
  GtkWidget *page, *stack, *callers, *callees, *name, *where;
  GlowCallTree *tree;          /* (nullable): what is shown is of it */
  guint32 frame;
  GlowJobSlot job;
} View;

typedef struct {
  GlowCallTree *tree, *callers, *callees;
  guint32 frame;
} Answer;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->tree, glow_call_tree_unref);
  g_clear_pointer (&answer->callers, glow_call_tree_unref);
  g_clear_pointer (&answer->callees, glow_call_tree_unref);
  g_free (answer);
}

static gpointer
compute (gpointer data, GCancellable *cancellable, GError **error)
{
  Answer *request = data, *answer = g_new0 (Answer, 1);

  answer->callers = glow_call_tree_compute_callers (request->tree, request->frame, cancellable);
  answer->callees = glow_call_tree_compute_callees (request->tree, request->frame, cancellable);
  return answer;
}

static View *view_of (gpointer page);

static void
computed (gpointer owner, gpointer result, const GError *error)
{
  View *self = view_of (owner);
  Answer *answer = result;
  const GlowCallTreeNodes *nodes;
  g_autofree char *name = NULL, *where = NULL, *total = NULL, *own = NULL, *line = NULL;

  if (answer == NULL || answer->callees == NULL || answer->callers == NULL)
    {
      g_clear_pointer (&answer, answer_free);
      return;
    }
  nodes = glow_call_tree_get_nodes (answer->callees);
  glow_tree_table_set_tree (GLOW_TREE_TABLE (self->callers), answer->callers);
  glow_tree_table_set_tree (GLOW_TREE_TABLE (self->callees), answer->callees);
  name = g_utf8_make_valid (glow_call_tree_get_frame_name (self->tree, self->frame), -1);
  where = glow_flame_words_where (self->tree, self->frame);
  total = glow_flame_words_share (self->tree, nodes->total[0]);
  own = glow_flame_words_share (self->tree, nodes->self[0]);
  line = g_strdup_printf (_("%s · total %s · self %s"), where, total, own);
  gtk_label_set_text (GTK_LABEL (self->name), name);
  gtk_label_set_text (GTK_LABEL (self->where), line);
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "tables");
  answer_free (answer);
}

static void
refresh (View *self)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  guint32 frame = glow_document_get_selected_frame (self->document);
  Answer *request;

  if (!gtk_widget_get_mapped (self->page) || (tree == self->tree && frame == self->frame))
    return;
  if (tree != NULL && frame == GLOW_NONE && tree == self->tree)
    return;                    /* nothing chosen: the last function stays */
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  self->tree = tree != NULL ? glow_call_tree_ref (tree) : NULL;
  self->frame = frame;
  if (tree == NULL || frame == GLOW_NONE)
    {
      glow_job_cancel (&self->job);
      gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "none");
      return;
    }
  request = g_new0 (Answer, 1);
  request->tree = glow_call_tree_ref (tree);
  request->frame = frame;
  glow_job_start (&self->job, self->page, compute, request, answer_free, answer_free, computed);
}

static void
on_changed (View *self, guint changes)
{
  if (changes & (GLOW_CHANGED_TREE | GLOW_CHANGED_SELECTION))
    refresh (self);
}

/* Double click makes the row's function the one between. */
static void
on_activated (GtkWidget *table, guint node, View *self)
{
  GlowCallTree *tree = glow_tree_table_get_tree (GLOW_TREE_TABLE (table));

  glow_document_select_frame (self->document, glow_call_tree_get_nodes (tree)->frame[node]);
}

static View *
view_of (gpointer page)
{
  return g_object_get_data (page, "glow-view");
}

static void
view_free (gpointer data)
{
  View *self = data;

  glow_job_cancel (&self->job);
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  g_object_unref (self->document);
  g_free (self);
}

static void
on_destroy (View *self)
{
  glow_job_cancel (&self->job);
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
  self->frame = GLOW_NONE;
  self->page = self->stack = gtk_stack_new ();
  g_object_set_data_full (G_OBJECT (self->page), "glow-view", self, view_free);
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
  g_signal_connect_swapped (self->page, "destroy", G_CALLBACK (on_destroy), self);
  g_signal_connect_swapped (self->page, "map", G_CALLBACK (refresh), self);
  closure = g_cclosure_new_swap (G_CALLBACK (on_changed), self, NULL);
  g_object_watch_closure (G_OBJECT (self->page), closure);
  g_signal_connect_closure (document, "changed", closure, FALSE);
  return self->page;
}
