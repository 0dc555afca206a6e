/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of functions. */
#include <config.h>

#include "ui/columns.h"
#include "ui/function-list.h"
#include "ui/functions-view.h"
#include "ui/job.h"

#include <glib/gi18n.h>

struct _GlowFunctionsView {
  GtkBox parent_instance;
  GlowDocument *document;
  GlowFunctionList *list;
  GtkSingleSelection *selection;
  GtkWidget *column_view, *filter, *count;
  GlowCallTree *tree;          /* whose functions are listed, or being computed */
  GlowJobSlot job;
  gboolean syncing;
};

G_DEFINE_FINAL_TYPE (GlowFunctionsView, glow_functions_view, GTK_TYPE_BOX)

static const GlowFunction *
function_of (GtkListItem *item)
{
  return glow_function_row_get (gtk_list_item_get_item (item));
}

static void
bind_name (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowFunctionsView *self = data;
  g_autofree char *name = glow_call_tree_dup_full_name (self->tree, function_of (item)->frame);
  g_autofree char *shown = glow_call_tree_dup_frame_display_name (self->tree, function_of (item)->frame);
  g_autofree char *label = glow_label_shorten (shown, 120);

  gtk_label_set_text (GTK_LABEL (cell), label);
  gtk_widget_set_tooltip_text (cell, name);
}

static void
bind_self (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  glow_columns_set_share (cell, GLOW_FUNCTIONS_VIEW (data)->tree, function_of (item)->self);
}

static void
bind_total (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  glow_columns_set_share (cell, GLOW_FUNCTIONS_VIEW (data)->tree, function_of (item)->total);
}

static void
bind_interval (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowShare share = glow_base_get_share (glow_call_tree_get_base (GLOW_FUNCTIONS_VIEW (data)->tree), function_of (item)->self);
  GlowInterval interval = { share.low, share.high };
  g_autofree char *text = glow_text_interval (&interval);

  gtk_label_set_text (GTK_LABEL (cell), text);
}

static void
bind_samples (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  g_autofree char *text = glow_text_count (function_of (item)->samples_total);

  gtk_label_set_text (GTK_LABEL (cell), text);
}

static void
bind_module (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  g_autofree char *name = glow_columns_dup_module (GLOW_FUNCTIONS_VIEW (data)->tree, function_of (item)->frame);

  gtk_label_set_text (GTK_LABEL (cell), name);
}

static void
show_count (GlowFunctionsView *self)
{
  guint all = glow_function_list_get_n_all (self->list), shown = g_list_model_get_n_items (G_LIST_MODEL (self->list));
  g_autofree char *of = glow_text_count (all), *some = glow_text_count (shown);
  g_autofree char *text = shown == all ? g_strdup_printf (ngettext ("%s function", "%s functions", all), of)
                                       : g_strdup_printf (_("%s of %s functions"), some, of);

  gtk_label_set_text (GTK_LABEL (self->count), text);
}

/* The document's selection, here. */
static void
sync_selection (GlowFunctionsView *self)
{
  guint32 frame = glow_document_get_selected_frame (self->document);
  guint position = frame != GLOW_NONE && self->tree == glow_document_get_tree (self->document) ? glow_function_list_find (self->list, frame)
                                                                                              : G_MAXUINT;

  self->syncing = TRUE;
  gtk_single_selection_set_selected (self->selection, position == G_MAXUINT ? GTK_INVALID_LIST_POSITION : position);
  if (position != G_MAXUINT && gtk_widget_get_mapped (GTK_WIDGET (self)))
    glow_columns_scroll_to (GTK_COLUMN_VIEW (self->column_view), position);
  self->syncing = FALSE;
}

static void
on_selected (GlowFunctionsView *self)
{
  GlowFunctionRow *row = gtk_single_selection_get_selected_item (self->selection);

  if (row != NULL && !self->syncing)
    glow_document_select_frame (self->document, glow_function_row_get (row)->frame);
}

static void
on_activate (GtkColumnView *view, guint position, gpointer data)
{
  gtk_widget_activate_action (GTK_WIDGET (view), "win.sandwich", NULL);
}

static void
on_order (GlowFunctionsView *self)
{
  gboolean ascending;
  int order;

  if (self->document == NULL)
    return;                    /* a column view takes its columns away one by one */
  self->syncing = TRUE;
  if (glow_columns_get_order (GTK_COLUMN_VIEW (self->column_view), &order, &ascending))
    glow_function_list_set_order (self->list, order, ascending);
  self->syncing = FALSE;
  sync_selection (self);
}

static void
on_filter (GlowFunctionsView *self)
{
  self->syncing = TRUE;
  glow_function_list_set_filter (self->list, gtk_editable_get_text (GTK_EDITABLE (self->filter)));
  self->syncing = FALSE;
  show_count (self);
  sync_selection (self);
}

static gpointer
compute (gpointer data, GCancellable *cancellable, GError **error)
{
  return glow_call_tree_compute_functions (data, cancellable);
}

static void
computed (gpointer owner, gpointer result, const GError *error)
{
  GlowFunctionsView *self = owner;

  self->syncing = TRUE;
  glow_function_list_set (self->list, self->tree, result);
  self->syncing = FALSE;
  show_count (self);
  sync_selection (self);
}

/* Only what is looked at is computed. */
static void
refresh (GlowFunctionsView *self)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);

  if (tree == self->tree || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  glow_job_cancel (&self->job);
  self->syncing = TRUE;
  glow_function_list_set (self->list, NULL, NULL);
  self->syncing = FALSE;
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  if (tree == NULL)
    return;
  self->tree = glow_call_tree_ref (tree);
  glow_job_start (&self->job, self, compute, glow_call_tree_ref (tree), (GDestroyNotify) glow_call_tree_unref, (GDestroyNotify) g_array_unref,
                  computed);
}

static void
on_changed (GlowDocument *document, guint changes, gpointer data)
{
  if (changes & GLOW_CHANGED_TREE)
    refresh (data);
  else if (changes & GLOW_CHANGED_SELECTION)
    sync_selection (data);
}

static void
glow_functions_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (glow_functions_view_parent_class)->map (widget);
  refresh (GLOW_FUNCTIONS_VIEW (widget));
  sync_selection (GLOW_FUNCTIONS_VIEW (widget));
}

GtkWidget *
glow_functions_view_new (GlowDocument *document)
{
  GlowFunctionsView *self = g_object_new (GLOW_TYPE_FUNCTIONS_VIEW, NULL);

  self->document = g_object_ref (document);
  g_signal_connect_object (document, "changed", G_CALLBACK (on_changed), self, 0);
  return GTK_WIDGET (self);
}

static void
glow_functions_view_dispose (GObject *object)
{
  GlowFunctionsView *self = GLOW_FUNCTIONS_VIEW (object);

  glow_job_cancel (&self->job);
  if (self->list != NULL)
    glow_function_list_set (self->list, NULL, NULL);
  g_clear_object (&self->selection);
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (glow_functions_view_parent_class)->dispose (object);
}

static void
glow_functions_view_finalize (GObject *object)
{
  g_clear_object (&GLOW_FUNCTIONS_VIEW (object)->list);
  G_OBJECT_CLASS (glow_functions_view_parent_class)->finalize (object);
}

static void
glow_functions_view_class_init (GlowFunctionsViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_functions_view_dispose;
  G_OBJECT_CLASS (class)->finalize = glow_functions_view_finalize;
  GTK_WIDGET_CLASS (class)->map = glow_functions_view_map;
}

static void
add_columns (GlowFunctionsView *self)
{
  GtkColumnView *view = GTK_COLUMN_VIEW (self->column_view);
  GtkColumnViewColumn *column = glow_columns_add (view, _("Self"), GLOW_CELL_SHARE, GLOW_FUNCTION_BY_SELF, bind_self, self);

  gtk_column_view_sort_by_column (view, column, GTK_SORT_DESCENDING);
  glow_columns_need (view, glow_columns_add (view, _("Self, 95 % interval"), GLOW_CELL_NUMBER, -1, bind_interval, self), 860);
  glow_columns_add (view, _("Total"), GLOW_CELL_SHARE, GLOW_FUNCTION_BY_TOTAL, bind_total, self);
  glow_columns_need (view, glow_columns_add (view, _("Samples"), GLOW_CELL_NUMBER, GLOW_FUNCTION_BY_SAMPLES, bind_samples, self), 720);
  column = glow_columns_add (view, _("Function"), GLOW_CELL_TEXT, GLOW_FUNCTION_BY_NAME, bind_name, self);
  gtk_column_view_column_set_expand (column, TRUE);
  column = glow_columns_add (view, _("Module"), GLOW_CELL_TEXT, GLOW_FUNCTION_BY_MODULE, bind_module, self);
  gtk_column_view_column_set_fixed_width (column, 160);
  glow_columns_need (view, column, 640);
}

static void
glow_functions_view_init (GlowFunctionsView *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *scrolled = gtk_scrolled_window_new ();

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  self->list = glow_function_list_new ();
  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->list)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);

  self->filter = gtk_search_entry_new ();
  gtk_widget_set_hexpand (self->filter, TRUE);
  g_object_set (self->filter, "placeholder-text", _("Functions or modules that hold…"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->filter), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Filter functions"), -1);
  g_signal_connect_object (self->filter, "search-changed", G_CALLBACK (on_filter), self, G_CONNECT_SWAPPED);
  self->count = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->count, "dim-label");
  gtk_box_append (GTK_BOX (bar), self->filter);
  gtk_box_append (GTK_BOX (bar), self->count);
  gtk_widget_add_css_class (bar, "view-bar");
  gtk_box_append (GTK_BOX (self), bar);

  self->column_view = gtk_column_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)));
  gtk_widget_add_css_class (self->column_view, "data-table");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->column_view), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Functions"), -1);
  g_signal_connect (self->column_view, "activate", G_CALLBACK (on_activate), NULL);
  add_columns (self);
  g_signal_connect_object (gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->column_view)), "changed", G_CALLBACK (on_order), self,
                           G_CONNECT_SWAPPED);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->column_view);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_box_append (GTK_BOX (self), scrolled);
}
