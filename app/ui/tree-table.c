/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of a call tree: the call tree view has one, the sandwich has two. Of one recording it has shares; of two, changes with their evidence. */
#include <config.h>

#include "ui/change-columns.h"
#include "ui/diff-words.h"
#include "ui/node-list.h"
#include "ui/tree-table.h"

#include <afterglow/painter.h>
#include <afterglow/text.h>
#include <glib/gi18n.h>
#include <math.h>

#define NAME_CHARACTERS 18
#define NAME_CHARACTERS_OF_BOTH 13     /* beside more columns */

typedef enum { IN_ORDER, BY_TOTAL, BY_SELF, BY_SAMPLES, BY_BEFORE, BY_AFTER, BY_CHANGE, BY_Q } Order;

struct _GlowTreeTable {
  GtkBox parent_instance;
  GtkWidget *column_view;
  GtkColumnViewColumn *module;
  gboolean is_of_both;
  GlowChangeColumns changes;   /* where it is of both */
  GlowDiff *diff;              /* (nullable): @tree is the union of */
  double largest;              /* change of a path of it */
  guint32 shown_node;          /* what was asked for last, for a row has seven cells */
  GlowDiffChange shown;
  GlowCallTree *tree;          /* (nullable) */
  GlowNodeList *roots;         /* (nullable) */
  GtkTreeListModel *model;     /* (nullable) */
  GtkSingleSelection *selection;   /* (nullable) */
  Order order;
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

/* ---- of both ---- */

static const GlowDiffChange *
change_of (GlowTreeTable *self, guint32 node)
{
  if (node != self->shown_node)
    self->shown = glow_diff_get_node_change (self->diff, node);
  self->shown_node = node;
  return &self->shown;
}

static void
change_at (GtkListItem *item, gpointer data, GlowShownChange *shown)
{
  GlowTreeTable *self = data;
  g_autoptr(GlowNodeRow) row = row_of (item);
  guint32 node = glow_node_row_get_node (row);

  *shown = (GlowShownChange) { self->diff, *change_of (self, node), glow_diff_words_evidence (self->diff, node), self->largest };
}

/* ---- names ---- */

static void
setup_name (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GlowTreeTable *self = data;
  GtkWidget *expander = gtk_tree_expander_new (), *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  /* However deep and however narrow the window: a table that scrolls sideways beats one without names. */
  gtk_label_set_width_chars (GTK_LABEL (label), self->is_of_both ? NAME_CHARACTERS_OF_BOTH : NAME_CHARACTERS);
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), label);
  gtk_list_item_set_child (item, expander);
}

static void
bind_name (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GlowTreeTable *self = data;
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (item));
  g_autoptr(GlowNodeRow) row = row_of (item);
  g_autofree char *name = glow_call_tree_dup_display_name (glow_node_row_get_tree (row), glow_node_row_get_node (row));
  char *label = glow_label_shorten (name, 120);
  GlowCallTree *tree = glow_node_row_get_tree (row);
  g_autofree char *full = glow_call_tree_dup_full_name (tree, glow_call_tree_get_nodes (tree)->frame[glow_node_row_get_node (row)]);

  gtk_tree_expander_set_list_row (expander, gtk_list_item_get_item (item));
  gtk_widget_set_tooltip_text (gtk_tree_expander_get_child (expander), full);
  if (self->diff != NULL)
    {
      glow_change_columns_set_name (gtk_tree_expander_get_child (expander), change_of (self, glow_node_row_get_node (row)), label);
      return;
    }
  gtk_label_set_text (GTK_LABEL (gtk_tree_expander_get_child (expander)), label);
  g_free (label);
}

static void
unbind_name (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (item)), NULL);
}

/* ---- rows ---- */

/* What it is sorted by; of NaN, not tested, last whichever way. */
static double
sort_value (GlowTreeTable *self, guint32 node)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (self->tree);
  const GlowDiffNodes *both = self->diff != NULL ? glow_diff_get_nodes (self->diff) : NULL;

  switch (self->order)
    {
    case BY_SELF: return (double) nodes->self[node];
    case BY_SAMPLES: return (double) nodes->samples_total[node];
    case BY_BEFORE: return both->total[GLOW_BEFORE][node];
    case BY_AFTER: return both->total[GLOW_AFTER][node];
    case BY_CHANGE: return both->total[GLOW_AFTER][node] - both->total[GLOW_BEFORE][node];
    case BY_Q: return isnan (both->q[node]) ? self->ascending ? INFINITY : -INFINITY : both->q[node];
    case BY_TOTAL:
    case IN_ORDER: break;
    }
  return (double) nodes->total[node];
}

static int
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  GlowTreeTable *self = data;
  guint32 first = *(const guint32 *) a, second = *(const guint32 *) b;
  double one = sort_value (self, first), two = sort_value (self, second);

  if (one == two)
    return first < second ? -1 : first > second;
  return (one < two) == self->ascending ? -1 : 1;
}

static GlowNodeList *
list_children (GlowTreeTable *self, guint32 node)
{
  gboolean as_it_is = self->order == IN_ORDER
                      || (self->order == BY_TOTAL && !self->ascending && glow_query_get_order (glow_call_tree_get_query (self->tree)) == GLOW_ORDER_HEAVY);

  return glow_node_list_new (self->tree, node, as_it_is ? NULL : compare, self);
}

static GListModel *
make_children (gpointer item, gpointer data)
{
  GlowTreeTable *self = data;
  GlowNodeRow *row = item;
  GlowCallTree *tree = glow_node_row_get_tree (row);

  if (glow_call_tree_get_nodes (tree)->n_children[glow_node_row_get_node (row)] == 0)
    return NULL;
  return G_LIST_MODEL (list_children (self, glow_node_row_get_node (row)));
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
      self->roots = list_children (self, 0);
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

/* Takes both. */
static void
show (GlowTreeTable *self, GlowDiff *diff, GlowCallTree *tree)
{
  gboolean ascending;
  int order;

  g_clear_pointer (&self->tree, glow_call_tree_unref);
  g_clear_pointer (&self->diff, glow_diff_unref);
  self->tree = tree;
  self->diff = diff;
  self->shown_node = GLOW_NONE;
  if (glow_columns_get_order (GTK_COLUMN_VIEW (self->column_view), &order, &ascending))
    {
      self->order = (Order) order;
      self->ascending = ascending;
    }
  rebuild (self);
}

void
glow_tree_table_set_tree (GlowTreeTable *self, GlowCallTree *tree)
{
  if (tree != self->tree)
    show (self, NULL, tree != NULL ? glow_call_tree_ref (tree) : NULL);
}

void
glow_tree_table_set_diff (GlowTreeTable *self, GlowDiff *diff, GlowCallTree *tree)
{
  if (diff == self->diff)
    return;
  /* Room for the whisker of the largest. */
  self->largest = diff != NULL ? 1.25 * glow_diff_get_nodes (diff)->largest_change : 0;
  show (self, diff != NULL ? glow_diff_ref (diff) : NULL, diff != NULL ? glow_call_tree_ref (tree) : NULL);
}

GlowDiff *
glow_tree_table_get_diff (GlowTreeTable *self)
{
  return self->diff;
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
glow_tree_table_expand_heaviest (GlowTreeTable *self, GlowCallTree *by)
{
  const GlowCallTreeNodes *nodes;
  guint32 node = selected_node (self);

  if (self->tree == NULL)
    return;
  nodes = glow_call_tree_get_nodes (by != NULL ? by : self->tree);
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
      g_autoptr(GtkTreeListRow) row = NULL;

      glow_tree_table_select (self, node);
      row = gtk_tree_list_model_get_row (self->model, gtk_single_selection_get_selected (self->selection));
      if (row != NULL)
        gtk_tree_list_row_set_expanded (row, TRUE);
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
  self->order = (Order) order;
  self->ascending = ascending;
  rebuild (self);
  glow_tree_table_select (self, node);
}

static void
add_name (GlowTreeTable *self, const char *title)
{
  GtkColumnView *view = GTK_COLUMN_VIEW (self->column_view);
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr(GtkColumnViewColumn) column = NULL;

  g_signal_connect (factory, "setup", G_CALLBACK (setup_name), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_name), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_name), self);
  column = gtk_column_view_column_new (title, factory);
  gtk_column_view_column_set_expand (column, TRUE);
  gtk_column_view_column_set_resizable (column, TRUE);
  gtk_column_view_append_column (view, column);
  self->module = glow_columns_add (view, _("Module"), GLOW_CELL_TEXT, -1, bind_module, self);
  if (!self->is_of_both)
    {
      gtk_column_view_column_set_fixed_width (self->module, 150);
      glow_columns_need (view, self->module, 640);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_signal_connect_object (gtk_column_view_get_sorter (view), "changed", G_CALLBACK (on_order), self, G_CONNECT_SWAPPED);
}

GtkWidget *
glow_tree_table_new (const char *title)
{
  GlowTreeTable *self = g_object_new (GLOW_TYPE_TREE_TABLE, NULL);
  GtkColumnView *view = GTK_COLUMN_VIEW (self->column_view);
  GtkColumnViewColumn *column = glow_columns_add (view, _("Total"), GLOW_CELL_SHARE, BY_TOTAL, bind_total, self);

  gtk_column_view_sort_by_column (view, column, GTK_SORT_DESCENDING);
  glow_columns_add (view, _("Self"), GLOW_CELL_SHARE, BY_SELF, bind_self, self);
  glow_columns_need (view, glow_columns_add (view, _("Samples"), GLOW_CELL_NUMBER, BY_SAMPLES, bind_samples, self), 740);
  add_name (self, title);
  return GTK_WIDGET (self);
}

GtkWidget *
glow_tree_table_new_of_both (const char *title)
{
  static const GlowChangeSorts sorts = { BY_BEFORE, BY_AFTER, BY_CHANGE, BY_Q };
  GlowTreeTable *self = g_object_new (GLOW_TYPE_TREE_TABLE, NULL);

  self->is_of_both = TRUE;
  add_name (self, title);
  glow_change_columns_add (GTK_COLUMN_VIEW (self->column_view), &sorts, change_at, self, &self->changes);
  return GTK_WIDGET (self);
}

void
glow_tree_table_set_room (GlowTreeTable *self, guint room)
{
  gtk_column_view_column_set_visible (self->module, room > 1);
  if (self->is_of_both)
    glow_change_columns_set_narrow (&self->changes, room == 0);
}

static void
glow_tree_table_dispose (GObject *object)
{
  GlowTreeTable *self = GLOW_TREE_TABLE (object);

  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_object (&self->roots);
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  g_clear_pointer (&self->diff, glow_diff_unref);
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
