/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cells and headers of the tables. */
#include <config.h>

#include "ui/change-cell.h"
#include "ui/columns.h"
#include "ui/share-cell.h"

typedef struct {
  GlowCellKind kind;
  GlowCellBind bind;
  gpointer data;
} Cell;

static int asked_id;           /* main thread only: the sorter that was asked first */

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  const Cell *cell = data;
  GtkWidget *child;

  if (cell->kind == GLOW_CELL_SHARE)
    child = glow_share_cell_new (64);
  else if (cell->kind == GLOW_CELL_CHANGE)
    child = glow_change_cell_new ();
  else
    {
      child = gtk_label_new (NULL);
      gtk_label_set_xalign (GTK_LABEL (child), cell->kind == GLOW_CELL_NUMBER ? 1 : 0);
      /* A part of a number is another number. */
      if (cell->kind == GLOW_CELL_NUMBER)
        gtk_widget_add_css_class (child, "numeric");
      else
        {
          gtk_label_set_ellipsize (GTK_LABEL (child), PANGO_ELLIPSIZE_END);
          gtk_label_set_width_chars (GTK_LABEL (child), 10);
        }
    }
  gtk_list_item_set_child (item, child);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  const Cell *cell = data;

  cell->bind (item, gtk_list_item_get_child (item), cell->data);
}

static int
note_asked (gconstpointer a, gconstpointer b, gpointer data)
{
  asked_id = GPOINTER_TO_INT (data);
  return GTK_ORDERING_LARGER;
}

GtkColumnViewColumn *
glow_columns_add (GtkColumnView *view, const char *title, GlowCellKind kind, int sort_id, GlowCellBind bind, gpointer data)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr(GtkColumnViewColumn) column = NULL;
  Cell *cell = g_new0 (Cell, 1);

  *cell = (Cell) { kind, bind, data };
  g_signal_connect_data (factory, "setup", G_CALLBACK (on_setup), cell, (GClosureNotify) (GCallback) g_free, 0);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), cell);
  column = gtk_column_view_column_new (title, factory);
  gtk_column_view_column_set_resizable (column, TRUE);
  if (sort_id >= 0)
    {
      g_autoptr(GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (note_asked, GINT_TO_POINTER (sort_id), NULL));

      gtk_column_view_column_set_sorter (column, sorter);
    }
  gtk_column_view_append_column (view, column);
  return column;
}

static gboolean
fit (gpointer data)
{
  GtkColumnView *view = data;
  GtkAdjustment *across = gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (view));
  GListModel *columns = gtk_column_view_get_columns (view);

  g_object_set_data (G_OBJECT (view), "glow-fits", NULL);
  for (guint i = 0; across != NULL && gtk_adjustment_get_page_size (across) > 0 && i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr(GtkColumnViewColumn) column = g_list_model_get_item (columns, i);
      int needed = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (column), "glow-needed"));

      gboolean fits = gtk_adjustment_get_page_size (across) >= needed;

      if (needed == 0 || fits == gtk_column_view_column_get_visible (column))
        continue;
      /* A hidden column of fixed width keeps its place (GTK 4.8). */
      if (!fits)
        g_object_set_data (G_OBJECT (column), "glow-fixed", GINT_TO_POINTER (gtk_column_view_column_get_fixed_width (column)));
      gtk_column_view_column_set_fixed_width (column, fits ? GPOINTER_TO_INT (g_object_get_data (G_OBJECT (column), "glow-fixed")) : -1);
      gtk_column_view_column_set_visible (column, fits);
    }
  return G_SOURCE_REMOVE;
}

/* Told in the midst of an allocation, in which columns must not come or go. */
static void
on_width (GtkColumnView *view)
{
  if (g_object_get_data (G_OBJECT (view), "glow-fits") != NULL)
    return;
  g_object_set_data (G_OBJECT (view), "glow-fits", view);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, fit, g_object_ref (view), g_object_unref);
}

static void
on_across (GtkColumnView *view)
{
  GtkAdjustment *across = gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (view));

  if (across != NULL)
    g_signal_connect_object (across, "notify::page-size", G_CALLBACK (on_width), view, G_CONNECT_SWAPPED);
}

void
glow_columns_need (GtkColumnView *view, GtkColumnViewColumn *column, int width)
{
  if (g_object_get_data (G_OBJECT (view), "glow-needs") == NULL)
    {
      g_object_set_data (G_OBJECT (view), "glow-needs", view);
      g_signal_connect (view, "notify::hadjustment", G_CALLBACK (on_across), NULL);
      on_across (view);
    }
  g_object_set_data (G_OBJECT (column), "glow-needed", GINT_TO_POINTER (width));
}

gboolean
glow_columns_get_order (GtkColumnView *view, int *sort_id, gboolean *ascending)
{
  GtkSorter *sorter = gtk_column_view_get_sorter (view);
  g_autoptr(GObject) first = g_object_new (G_TYPE_OBJECT, NULL), second = g_object_new (G_TYPE_OBJECT, NULL);
  GtkOrdering order;

  asked_id = -1;
  order = gtk_sorter_compare (sorter, first, second);
  if (asked_id < 0)
    return FALSE;
  *sort_id = asked_id;
  *ascending = order == GTK_ORDERING_LARGER;
  return TRUE;
}

typedef struct {
  GtkColumnView *view;
  guint position;
} Scroll;

static gboolean
scroll (gpointer data)
{
  const Scroll *to = data;

  /* The action is the inner list's. */
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (to->view)); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_LIST_VIEW (child) && gtk_widget_get_mapped (child) && gtk_widget_get_height (child) > 0)
      gtk_widget_activate_action (child, "list.scroll-to-item", "u", to->position);
  return G_SOURCE_REMOVE;
}

static void
scroll_free (gpointer data)
{
  g_object_unref (((Scroll *) data)->view);
  g_free (data);
}

void
glow_columns_scroll_to (GtkColumnView *view, guint position)
{
  Scroll *to = g_new0 (Scroll, 1);

  /* A list that has not been laid out yet loses rows when it is scrolled (seen with GTK 4.8), so after the next frame. */
  *to = (Scroll) { g_object_ref (view), position };
  g_idle_add_full (GDK_PRIORITY_REDRAW + 20, scroll, to, scroll_free);
}

void
glow_columns_set_share (GtkWidget *cell, GlowCallTree *tree, guint64 weight)
{
  GlowShare share = glow_base_get_share (glow_call_tree_get_base (tree), weight);

  glow_share_cell_set (GLOW_SHARE_CELL (cell), share.share, share.low, share.high);
}

char *
glow_columns_dup_module (GlowCallTree *tree, guint32 frame)
{
  const char *name = glow_call_tree_get_module_name (tree, frame);

  return g_utf8_make_valid (name != NULL ? name : "", -1);
}
