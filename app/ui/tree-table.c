/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of a call tree: the call tree view has one, the sandwich has two. */
#include <config.h>

#include "ui/columns.h"
#include "ui/node-list.h"
#include "ui/tree-table.h"

#include <afterglow/painter.h>
#include <afterglow/text.h>
#include <glib/gi18n.h>

#define NAME_CHARACTERS 18

struct _GlowTreeTable {
  GtkBox parent_instance;
  GtkWidget *column_view;
  GlowCallTree *tree;          /* (nullable) */
  GlowNodeList *roots;         /* (nullable) */
  GtkTreeListModel *model;     /* (nullable) */
  GtkSingleSelection *selection;   /* (nullable) */
  GlowNodeOrder order;
  gboolean ascending;
  gboolean syncing;
};

G_DEFINE_FINAL_TYPE (GlowTreeTable, glow_tree_table, GTK_TYPE_BOX)

enum { NODE_SELECTED, NODE_ACTIVATED, N_SIGNALS };
static guint signals[N_SIGNALS];

static GlowNodeRow *
row_of (GtkListItem *item)
{
  return gtk_tree_list_row_get_item (gtk_list_item_get_item (item));
}

static void
bind_total (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  g_autoptr(GlowNodeRow) row = row_of (item);
  GlowCallTree *tree = glow_node_row_get_tree (row);

  glow_columns_set_share (cell, tree, glow_call_tree_get_nodes (tree)->total[glow_node_row_get_node (row)]);
}

static void
bind_self (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  g_autoptr(GlowNodeRow) row = row_of (item);
  GlowCallTree *tree = glow_node_row_get_tree (row);

  glow_columns_set_share (cell, tree, glow_call_tree_get_nodes (tree)->self[glow_node_row_get_node (row)]);
}

static void
bind_samples (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  g_autoptr(GlowNodeRow) row = row_of (item);
  g_autofree char *text = glow_text_count (glow_call_tree_get_nodes (glow_node_row_get_tree (row))->samples_total[glow_node_row_get_node (row)]);

  gtk_label_set_text (GTK_LABEL (cell), text);
}

static void
bind_module (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  g_autoptr(GlowNodeRow) row = row_of (item);
  GlowCallTree *tree = glow_node_row_get_tree (row);
  g_autofree char *name = glow_columns_dup_module (tree, glow_call_tree_get_nodes (tree)->frame[glow_node_row_get_node (row)]);

  gtk_label_set_text (GTK_LABEL (cell), name);
}

static void
setup_name (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GtkWidget *expander = gtk_tree_expander_new (), *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  /* However deep and however narrow the window: a table that scrolls sideways beats one without names. */
  gtk_label_set_width_chars (GTK_LABEL (label), NAME_CHARACTERS);
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), label);
  gtk_list_item_set_child (item, expander);
}

static void
bind_name (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (item));
  g_autoptr(GlowNodeRow) row = row_of (item);
  g_autofree char *name = glow_call_tree_dup_display_name (glow_node_row_get_tree (row), glow_node_row_get_node (row));
  g_autofree char *label = glow_label_shorten (name, 120);
  GlowCallTree *tree = glow_node_row_get_tree (row);
  g_autofree char *full = glow_call_tree_dup_full_name (tree, glow_call_tree_get_nodes (tree)->frame[glow_node_row_get_node (row)]);

  gtk_tree_expander_set_list_row (expander, gtk_list_item_get_item (item));
  gtk_label_set_text (GTK_LABEL (gtk_tree_expander_get_child (expander)), label);
  gtk_widget_set_tooltip_text (gtk_tree_expander_get_child (expander), full);
}

static void
unbind_name (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (item)), NULL);
}

static GListModel *
make_children (gpointer item, gpointer data)
{
  GlowTreeTable *self = data;
  GlowNodeRow *row = item;
  GlowCallTree *tree = glow_node_row_get_tree (row);

  if (glow_call_tree_get_nodes (tree)->n_children[glow_node_row_get_node (row)] == 0)
    return NULL;
  return G_LIST_MODEL (glow_node_list_new (tree, glow_node_row_get_node (row), self->order, self->ascending));
}

static guint32
node_at (GlowTreeTable *self, guint position)
{
  g_autoptr(GtkTreeListRow) tree_row = gtk_tree_list_model_get_row (self->model, position);
  g_autoptr(GlowNodeRow) row = tree_row != NULL ? gtk_tree_list_row_get_item (tree_row) : NULL;

  return row != NULL ? glow_node_row_get_node (row) : GLOW_NONE;
}

static guint32
selected_node (GlowTreeTable *self)
{
  guint position = self->selection != NULL ? gtk_single_selection_get_selected (self->selection) : GTK_INVALID_LIST_POSITION;

  return position != GTK_INVALID_LIST_POSITION ? node_at (self, position) : GLOW_NONE;
}

static void
on_selected (GlowTreeTable *self)
{
  guint32 node = selected_node (self);

  if (node != GLOW_NONE && !self->syncing)
    g_signal_emit (self, signals[NODE_SELECTED], 0, node);
}

static void
on_activate (GtkColumnView *view, guint position, gpointer data)
{
  GlowTreeTable *self = data;
  guint32 node = node_at (self, position);

  if (node != GLOW_NONE)
    g_signal_emit (self, signals[NODE_ACTIVATED], 0, node);
}

static void
rebuild (GlowTreeTable *self)
{
  self->syncing = TRUE;
  gtk_column_view_set_model (GTK_COLUMN_VIEW (self->column_view), NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_object (&self->roots);
  if (self->tree != NULL)
    {
      self->roots = glow_node_list_new (self->tree, 0, self->order, self->ascending);
      self->model = gtk_tree_list_model_new (G_LIST_MODEL (g_object_ref (self->roots)), FALSE, FALSE, make_children, self, NULL);
      self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->model)));
      gtk_single_selection_set_autoselect (self->selection, FALSE);
      gtk_single_selection_set_can_unselect (self->selection, TRUE);
      gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
      g_signal_connect_object (self->selection, "notify::selected", G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
      gtk_column_view_set_model (GTK_COLUMN_VIEW (self->column_view), GTK_SELECTION_MODEL (self->selection));
    }
  self->syncing = FALSE;
}

void
glow_tree_table_set_tree (GlowTreeTable *self, GlowCallTree *tree)
{
  gboolean ascending;
  int order;

  if (tree == self->tree)
    return;
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  self->tree = tree != NULL ? glow_call_tree_ref (tree) : NULL;
  if (glow_columns_get_order (GTK_COLUMN_VIEW (self->column_view), &order, &ascending))
    {
      self->order = order;
      self->ascending = ascending;
    }
  rebuild (self);
}

GlowCallTree *
glow_tree_table_get_tree (GlowTreeTable *self)
{
  return self->tree;
}

/* The row of a node, its way unfolded. (transfer full) (nullable) */
static GtkTreeListRow *
unfold (GlowTreeTable *self, guint32 node)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (self->tree);
  g_autoptr(GArray) way = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr(GtkTreeListRow) row = NULL;

  for (guint32 at = node; at != 0; at = nodes->parent[at])
    g_array_append_val (way, at);
  for (guint i = way->len; i-- > 0;)
    {
      guint32 at = g_array_index (way, guint32, i);
      GtkTreeListRow *next;

      if (row == NULL)
        next = gtk_tree_list_model_get_child_row (self->model, glow_node_list_find (self->roots, at));
      else
        {
          gtk_tree_list_row_set_expanded (row, TRUE);
          next = gtk_tree_list_row_get_child_row (row, glow_node_list_find (GLOW_NODE_LIST (gtk_tree_list_row_get_children (row)), at));
        }
      g_set_object (&row, next);
      g_clear_object (&next);
      if (row == NULL)
        return NULL;
    }
  return g_steal_pointer (&row);
}

void
glow_tree_table_select (GlowTreeTable *self, guint32 node)
{
  g_autoptr(GtkTreeListRow) row = NULL;

  if (self->tree == NULL || node == selected_node (self))
    return;
  self->syncing = TRUE;
  if (node != GLOW_NONE && node != 0)
    row = unfold (self, node);
  gtk_single_selection_set_selected (self->selection, row != NULL ? gtk_tree_list_row_get_position (row) : GTK_INVALID_LIST_POSITION);
  if (row != NULL)
    glow_columns_scroll_to (GTK_COLUMN_VIEW (self->column_view), gtk_tree_list_row_get_position (row));
  self->syncing = FALSE;
}

void
glow_tree_table_expand_heaviest (GlowTreeTable *self)
{
  const GlowCallTreeNodes *nodes;
  guint32 node = selected_node (self);

  if (self->tree == NULL)
    return;
  nodes = glow_call_tree_get_nodes (self->tree);
  if (node == GLOW_NONE)
    node = 0;
  for (;;)
    {
      guint32 heaviest = 0;

      for (guint32 i = nodes->first_child[node], end = i + nodes->n_children[node]; i < end; i++)
        if (heaviest == 0 || nodes->total[i] > nodes->total[heaviest])
          heaviest = i;
      /* Where the way no longer has most of the weight, it is no longer the way. */
      if (heaviest == 0 || nodes->total[heaviest] * 2 < nodes->total[node])
        break;
      node = heaviest;
    }
  if (node != 0)
    {
      glow_tree_table_select (self, node);
      g_signal_emit (self, signals[NODE_SELECTED], 0, node);
    }
}

static void
on_order (GlowTreeTable *self)
{
  gboolean ascending;
  guint32 node;
  int order;

  if (self->tree == NULL || !glow_columns_get_order (GTK_COLUMN_VIEW (self->column_view), &order, &ascending)
      || ((int) self->order == order && self->ascending == ascending))
    return;
  node = selected_node (self);
  self->order = order;
  self->ascending = ascending;
  rebuild (self);
  glow_tree_table_select (self, node);
}

GtkWidget *
glow_tree_table_new (const char *title)
{
  GlowTreeTable *self = g_object_new (GLOW_TYPE_TREE_TABLE, NULL);
  GtkColumnView *view = GTK_COLUMN_VIEW (self->column_view);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkColumnViewColumn *column = glow_columns_add (view, _("Total"), GLOW_CELL_SHARE, GLOW_NODE_BY_TOTAL, bind_total, self);

  gtk_column_view_sort_by_column (view, column, GTK_SORT_DESCENDING);
  glow_columns_add (view, _("Self"), GLOW_CELL_SHARE, GLOW_NODE_BY_SELF, bind_self, self);
  glow_columns_need (view, glow_columns_add (view, _("Samples"), GLOW_CELL_NUMBER, GLOW_NODE_BY_SAMPLES, bind_samples, self), 740);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_name), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_name), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_name), self);
  column = gtk_column_view_column_new (title, factory);
  gtk_column_view_column_set_expand (column, TRUE);
  gtk_column_view_column_set_resizable (column, TRUE);
  gtk_column_view_append_column (view, column);
  g_object_unref (column);
  column = glow_columns_add (view, _("Module"), GLOW_CELL_TEXT, -1, bind_module, self);
  gtk_column_view_column_set_fixed_width (column, 150);
  glow_columns_need (view, column, 640);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_signal_connect_object (gtk_column_view_get_sorter (view), "changed", G_CALLBACK (on_order), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

static void
glow_tree_table_dispose (GObject *object)
{
  GlowTreeTable *self = GLOW_TREE_TABLE (object);

  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_object (&self->roots);
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  G_OBJECT_CLASS (glow_tree_table_parent_class)->dispose (object);
}

static void
glow_tree_table_class_init (GlowTreeTableClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_tree_table_dispose;
  signals[NODE_SELECTED] = g_signal_new ("node-selected", GLOW_TYPE_TREE_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[NODE_ACTIVATED] = g_signal_new ("node-activated", GLOW_TYPE_TREE_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
glow_tree_table_init (GlowTreeTable *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  self->column_view = gtk_column_view_new (NULL);
  gtk_widget_add_css_class (self->column_view, "data-table");
  g_signal_connect (self->column_view, "activate", G_CALLBACK (on_activate), self);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->column_view);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_widget_set_hexpand (scrolled, TRUE);
  gtk_box_append (GTK_BOX (self), scrolled);
}
