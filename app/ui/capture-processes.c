/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What runs now, listed anew every two seconds by a worker: processes, of which several may be ticked, or the containers that they are in, of which one may
 * be. Rows stay the same objects while what they stand for lives, so that neither the keyboard nor the scroll position is lost to an update. */
#include <config.h>

#include "ui/capture-parts.h"
#include "ui/columns.h"
#include "ui/job.h"
#include "ui/rows.h"

#include <afterglow/text.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define EVERY_MS 2000
#define FIRST_MS 400           /* until there are two listings to tell the use of CPUs from */
#define NAMED 4                /* of those that are chosen */

/* ---- what a row stands for ---- */

#define GLOW_TYPE_CAPTURE_ITEM (glow_capture_item_get_type ())
G_DECLARE_FINAL_TYPE (GlowCaptureItem, glow_capture_item, GLOW, CAPTURE_ITEM, GObject)

struct _GlowCaptureItem {
  GObject parent_instance;
  char *key;
  GlowCaptureProcess process;
  char *name, *command, *user, *container;
  char *cgroup;                /* (nullable) */
  double cpu;
  guint n;                     /* processes, of a container */
  gboolean is_seen;            /* in the listing that is being taken */
  char *text;                  /* what is searched in */
};

G_DEFINE_FINAL_TYPE (GlowCaptureItem, glow_capture_item, G_TYPE_OBJECT)

static void
glow_capture_item_finalize (GObject *object)
{
  GlowCaptureItem *self = GLOW_CAPTURE_ITEM (object);

  g_free (self->key);
  g_free (self->name);
  g_free (self->command);
  g_free (self->user);
  g_free (self->container);
  g_free (self->cgroup);
  g_free (self->text);
  G_OBJECT_CLASS (glow_capture_item_parent_class)->finalize (object);
}

static void
glow_capture_item_class_init (GlowCaptureItemClass *class)
{
  G_OBJECT_CLASS (class)->finalize = glow_capture_item_finalize;
}

static void
glow_capture_item_init (GlowCaptureItem *self)
{
}

/* ---- the list ---- */

enum { CHOSEN, NAME, PID, USER, CPU, CONTAINER, N_COLUMNS };

typedef struct {
  GlowCaptureDraft *draft;
  gboolean containers;
  GtkWidget *box, *view, *search, *summary, *each, *each_group;
  GListStore *store;
  GtkFilter *filter;
  GtkSorter *by_cpu;
  GHashTable *items;           /* of GlowCaptureItem by key; the store owns them */
  GPtrArray *cells[N_COLUMNS]; /* of GtkListItem: that are shown */
  GPtrArray *before;           /* the last listing */
  GlowJobSlot job;
  guint timer, n_listings;
  gboolean is_showing;
} List;

/* Who waits to be told of a cell's row. */
typedef struct { List *list; int column; } Column;

static gboolean
is_chosen (List *self, const GlowCaptureItem *item)
{
  const GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);

  if (self->containers)
    return g_strcmp0 (plan->cgroup, item->cgroup) == 0;
  for (guint i = 0; i < plan->processes->len; i++)
    {
      const GlowCaptureProcess *process = &g_array_index (plan->processes, GlowCaptureProcess, i);

      if (process->pid == item->process.pid && process->start_time == item->process.start_time)
        return TRUE;
    }
  return FALSE;
}

static void
show_summary (List *self)
{
  const GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);
  g_autoptr(GString) names = g_string_new (NULL);
  g_autofree char *words = NULL;
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->store)); i++)
    {
      g_autoptr(GlowCaptureItem) item = g_list_model_get_item (G_LIST_MODEL (self->store), i);

      if (!is_chosen (self, item))
        continue;
      if (n < NAMED && self->containers)
        g_string_append (names, item->name);
      else if (n < NAMED)
        g_string_append_printf (names, "%s%s (%u)", n > 0 ? ", " : "", item->name, item->process.pid);
      n++;
    }
  if (n > NAMED)
    g_string_append (names, " …");
  if (n > 0)
    words = self->containers ? g_strdup_printf (_("Chosen: %s"), names->str) : g_strdup_printf (ngettext ("%u chosen: %s", "%u chosen: %s", n), n, names->str);
  glow_rows_set_words (self->summary, words != NULL ? words : self->containers ? _("Choose one.") : _("Choose one or several: Space or Enter ticks a row."));
  self->is_showing = TRUE;
  gtk_widget_set_visible (self->each_group, !self->containers && plan->processes->len > 1);
  gtk_switch_set_active (GTK_SWITCH (self->each), plan->per_process);
  self->is_showing = FALSE;
}

/* ---- cells ---- */

static void
fill_cell (List *self, int column, GtkListItem *cell)
{
  const GlowCaptureItem *item = gtk_list_item_get_item (cell);
  GtkWidget *child = gtk_list_item_get_child (cell);
  g_autofree char *number = NULL;
  gboolean was_showing = self->is_showing;

  switch (column)
    {
    case CHOSEN:
      number = self->containers ? g_strdup_printf (_("Record %s"), item->name) : g_strdup_printf (_("Record %s (%u)"), item->name, item->process.pid);
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, number, -1);
      self->is_showing = TRUE;
      gtk_check_button_set_active (GTK_CHECK_BUTTON (child), is_chosen (self, item));
      self->is_showing = was_showing;
      return;
    case NAME:
      gtk_label_set_text (GTK_LABEL (child), item->command != NULL && *item->command != '\0' ? item->command : item->name);
      gtk_widget_set_tooltip_text (child, item->command);
      return;
    case PID:
      number = g_strdup_printf ("%u", self->containers ? item->n : item->process.pid);
      gtk_label_set_text (GTK_LABEL (child), number);
      return;
    case CPU:
      number = isnan (item->cpu) ? g_strdup ("") : glow_text_share (item->cpu);
      gtk_label_set_text (GTK_LABEL (child), item->cpu > 0 ? number : isnan (item->cpu) ? "" : "0");
      return;
    case USER:
      gtk_label_set_text (GTK_LABEL (child), item->user);
      return;
    default:
      gtk_label_set_text (GTK_LABEL (child), item->container != NULL ? item->container : "");
      gtk_widget_set_tooltip_text (child, item->cgroup);
      return;
    }
}

static void
fill_cells (List *self, int column)
{
  for (guint i = 0; i < self->cells[column]->len; i++)
    fill_cell (self, column, g_ptr_array_index (self->cells[column], i));
}

static void
set_chosen (List *self, const GlowCaptureItem *item, gboolean chosen)
{
  GlowCapturePlan *plan = glow_capture_draft_get_plan (self->draft);

  if (chosen == is_chosen (self, item))
    return;
  if (self->containers)
    {
      g_free (plan->cgroup);
      plan->cgroup = chosen ? g_strdup (item->cgroup) : NULL;
    }
  else if (chosen)
    g_array_append_val (plan->processes, item->process);
  else
    for (guint i = 0; i < plan->processes->len; i++)
      if (g_array_index (plan->processes, GlowCaptureProcess, i).pid == item->process.pid)
        g_array_remove_index (plan->processes, i--);
  glow_capture_draft_edited (self->draft, FALSE);
  fill_cells (self, CHOSEN);
  show_summary (self);
}

static void
on_check (GtkCheckButton *check, GtkListItem *cell)
{
  List *self = g_object_get_data (G_OBJECT (check), "glow-list");

  if (!self->is_showing && gtk_list_item_get_item (cell) != NULL)
    set_chosen (self, gtk_list_item_get_item (cell), gtk_check_button_get_active (check));
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *cell, Column *column)
{
  GtkWidget *child;

  if (column->column == CHOSEN)
    {
      child = gtk_check_button_new ();
      g_object_set_data (G_OBJECT (child), "glow-list", column->list);
      g_signal_connect (child, "toggled", G_CALLBACK (on_check), cell);
    }
  else
    {
      gboolean is_number = column->column == PID || column->column == CPU;

      child = gtk_label_new (NULL);
      gtk_label_set_xalign (GTK_LABEL (child), is_number ? 1 : 0);
      gtk_label_set_ellipsize (GTK_LABEL (child), PANGO_ELLIPSIZE_END);
      gtk_label_set_width_chars (GTK_LABEL (child), column->column == NAME ? 14 : is_number ? 6 : 8);
      if (is_number)
        gtk_widget_add_css_class (child, "numeric");
    }
  gtk_list_item_set_child (cell, child);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *cell, Column *column)
{
  g_ptr_array_add (column->list->cells[column->column], cell);
  fill_cell (column->list, column->column, cell);
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *cell, Column *column)
{
  g_ptr_array_remove_fast (column->list->cells[column->column], cell);
}

static int
compare (gconstpointer a, gconstpointer b, gpointer column)
{
  const GlowCaptureItem *left = a, *right = b;
  double first = isnan (left->cpu) ? -1 : left->cpu, second = isnan (right->cpu) ? -1 : right->cpu;

  switch (GPOINTER_TO_INT (column))
    {
    case PID:
      return left->n != right->n ? (left->n < right->n ? -1 : 1) : left->process.pid < right->process.pid ? -1 : left->process.pid > right->process.pid;
    case CPU:
      return first < second ? -1 : first > second;
    case USER:
      return g_utf8_collate (left->user, right->user);
    case CONTAINER:
      return g_strcmp0 (left->container, right->container);
    default:
      return g_utf8_collate (left->name, right->name);
    }
}

static GtkColumnViewColumn *
add_column (List *self, const char *title, int id, gboolean expand)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr(GtkColumnViewColumn) column = NULL;
  Column *own = g_new0 (Column, 1);

  *own = (Column) { self, id };
  g_signal_connect_data (factory, "setup", G_CALLBACK (on_setup), own, (GClosureNotify) (GCallback) g_free, 0);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), own);
  g_signal_connect (factory, "unbind", G_CALLBACK (on_unbind), own);
  column = gtk_column_view_column_new (title, factory);
  gtk_column_view_column_set_expand (column, expand);
  gtk_column_view_column_set_resizable (column, id != CHOSEN);
  if (id != CHOSEN)
    {
      g_autoptr(GtkSorter) sorter = GTK_SORTER (gtk_custom_sorter_new (compare, GINT_TO_POINTER (id), NULL));

      gtk_column_view_column_set_sorter (column, sorter);
      if (id == CPU)
        self->by_cpu = sorter;
    }
  gtk_column_view_append_column (GTK_COLUMN_VIEW (self->view), column);
  return column;
}

/* ---- listing ---- */

static GlowCaptureItem *
find_item (List *self, const char *key)
{
  GlowCaptureItem *item = g_hash_table_lookup (self->items, key);

  if (item == NULL)
    {
      item = g_object_new (GLOW_TYPE_CAPTURE_ITEM, NULL);
      item->key = g_strdup (key);
    }
  return item;
}

static void
set_string (char **field, const char *text)
{
  if (g_strcmp0 (*field, text) == 0)
    return;
  g_free (*field);
  *field = text != NULL ? g_utf8_make_valid (text, -1) : NULL;
}

static void
add_up (double *sum, double more)
{
  *sum = isnan (*sum) ? more : isnan (more) ? *sum : *sum + more;
}

static void
take_row (List *self, const GlowCaptureRow *row, GPtrArray *fresh)
{
  g_autofree char *key = self->containers ? g_strdup (row->cgroup) : g_strdup_printf ("%u %" G_GUINT64_FORMAT, row->process.pid, row->process.start_time);
  GlowCaptureItem *item;
  g_autofree char *joined = NULL;

  /* The group of everything is the whole machine, which has a button of its own. */
  if (key == NULL || (self->containers && strcmp (key, "/") == 0))
    return;
  item = find_item (self, key);
  if (self->containers && item->is_seen)
    {
      item->n++;
      add_up (&item->cpu, row->cpu_share);
      if (strcmp (item->user, row->user) != 0)
        set_string (&item->user, _("several"));
      return;
    }
  item->is_seen = TRUE;
  item->process = row->process;
  item->cpu = row->cpu_share;
  item->n = self->containers ? 1 : 0;
  set_string (&item->name, self->containers ? (row->container != NULL ? row->container : row->cgroup) : row->comm);
  set_string (&item->command, self->containers ? NULL : row->command);
  set_string (&item->user, row->user);
  set_string (&item->container, self->containers ? row->cgroup : row->container);
  set_string (&item->cgroup, row->cgroup);
  joined = g_strdup_printf ("%s\n%s\n%s\n%s\n%u", item->name, item->command != NULL ? item->command : "", item->user, item->container != NULL ? item->container : "",
                            item->process.pid);
  g_free (item->text);
  item->text = g_utf8_casefold (joined, -1);
  if (g_hash_table_lookup (self->items, key) == NULL)
    {
      g_hash_table_insert (self->items, item->key, item);
      g_ptr_array_add (fresh, item);
    }
}

/* Where somebody points or types rows stay where they are. */
static gboolean
is_in_use (List *self)
{
  GtkStateFlags flags = gtk_widget_get_state_flags (self->view);

  return (flags & (GTK_STATE_FLAG_PRELIGHT | GTK_STATE_FLAG_FOCUS_WITHIN)) != 0;
}

static void
on_listed (gpointer owner, gpointer result, const GError *error)
{
  List *self = g_object_get_data (owner, "glow-list");
  g_autoptr(GPtrArray) rows = result, fresh = g_ptr_array_new_with_free_func (g_object_unref);

  if (rows == NULL)
    return;
  for (guint i = 0; i < rows->len; i++)
    take_row (self, g_ptr_array_index (rows, i), fresh);
  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (self->store)); i > 0; i--)
    {
      g_autoptr(GlowCaptureItem) item = g_list_model_get_item (G_LIST_MODEL (self->store), i - 1);

      if (!item->is_seen)
        {
          g_hash_table_remove (self->items, item->key);
          g_list_store_remove (self->store, i - 1);
        }
      item->is_seen = FALSE;
    }
  for (guint i = 0; i < fresh->len; i++)
    GLOW_CAPTURE_ITEM (g_ptr_array_index (fresh, i))->is_seen = FALSE;
  if (fresh->len > 0)
    g_list_store_splice (self->store, g_list_model_get_n_items (G_LIST_MODEL (self->store)), 0, fresh->pdata, fresh->len);
  if (self->n_listings < 2 || !is_in_use (self))
    gtk_sorter_changed (self->by_cpu, GTK_SORTER_CHANGE_DIFFERENT);
  /* Until somebody has moved, the busiest are in sight. */
  if (self->n_listings++ < 2 && g_list_model_get_n_items (G_LIST_MODEL (self->store)) > 0)
    {
      gtk_single_selection_set_selected (GTK_SINGLE_SELECTION (gtk_column_view_get_model (GTK_COLUMN_VIEW (self->view))), 0);
      glow_columns_scroll_to (GTK_COLUMN_VIEW (self->view), 0);
    }
  fill_cells (self, CPU);
  fill_cells (self, PID);
  show_summary (self);
  g_clear_pointer (&self->before, g_ptr_array_unref);
  self->before = g_steal_pointer (&rows);
}

static gpointer
list_processes (gpointer data, GCancellable *cancellable, GError **error)
{
  return glow_capture_list_processes (data);
}

static void
unref_listing (gpointer data)
{
  if (data != NULL)
    g_ptr_array_unref (data);
}

static gboolean
on_timer (gpointer data)
{
  List *self = data;

  self->timer = g_timeout_add (self->n_listings == 0 ? FIRST_MS : EVERY_MS, on_timer, self);
  if (!glow_job_is_running (&self->job))
    glow_job_start (&self->job, self->box, list_processes, self->before != NULL ? g_ptr_array_ref (self->before) : NULL, unref_listing,
                    (GDestroyNotify) g_ptr_array_unref, on_listed);
  return G_SOURCE_REMOVE;
}

/* Nothing is listed while nobody looks. */
static void
on_map (List *self)
{
  if (self->timer == 0)
    on_timer (self);
}

static void
on_unmap (List *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
}

/* ---- using it ---- */

static gboolean
matches (gpointer object, gpointer data)
{
  const GlowCaptureItem *item = object;
  const List *self = data;
  g_autofree char *wanted = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)), -1);

  return strstr (item->text, g_strstrip (wanted)) != NULL;
}

static void
on_search (List *self)
{
  gtk_filter_changed (self->filter, GTK_FILTER_CHANGE_DIFFERENT);
}

static void
toggle (List *self, guint position)
{
  g_autoptr(GlowCaptureItem) item = g_list_model_get_item (G_LIST_MODEL (gtk_column_view_get_model (GTK_COLUMN_VIEW (self->view))), position);

  if (item != NULL)
    set_chosen (self, item, !is_chosen (self, item));
}

static void
on_activate (GtkColumnView *view, guint position, List *self)
{
  toggle (self, position);
}

static gboolean
on_key (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, List *self)
{
  GtkSelectionModel *model = gtk_column_view_get_model (GTK_COLUMN_VIEW (self->view));

  if (key != GDK_KEY_space && key != GDK_KEY_KP_Space)
    return GDK_EVENT_PROPAGATE;
  toggle (self, gtk_single_selection_get_selected (GTK_SINGLE_SELECTION (model)));
  return GDK_EVENT_STOP;
}

static void
on_each (List *self)
{
  if (self->is_showing)
    return;
  glow_capture_draft_get_plan (self->draft)->per_process = gtk_switch_get_active (GTK_SWITCH (self->each));
  glow_capture_draft_edited (self->draft, FALSE);
}

static void
on_changed (GlowCaptureDraft *draft, guint changes, GtkWidget *box)
{
  List *self = g_object_get_data (G_OBJECT (box), "glow-list");

  if (changes & GLOW_DRAFT_TARGET)
    {
      fill_cells (self, CHOSEN);
      show_summary (self);
    }
}

/* ---- making ---- */

static GtkWidget *
new_table (List *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkFilterListModel *filtered;
  GtkSortListModel *sorted;
  GtkColumnViewColumn *cpu;

  self->store = g_list_store_new (GLOW_TYPE_CAPTURE_ITEM);
  self->filter = GTK_FILTER (gtk_custom_filter_new (matches, self, NULL));
  filtered = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (self->store)), self->filter);
  self->view = gtk_column_view_new (NULL);
  sorted = gtk_sort_list_model_new (G_LIST_MODEL (filtered), g_object_ref (gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->view))));
  {
    g_autoptr(GtkSingleSelection) selection = gtk_single_selection_new (G_LIST_MODEL (sorted));

    gtk_column_view_set_model (GTK_COLUMN_VIEW (self->view), GTK_SELECTION_MODEL (selection));
  }
  add_column (self, NULL, CHOSEN, FALSE);
  add_column (self, self->containers ? _("Container") : _("Process"), NAME, TRUE);
  add_column (self, self->containers ? _("Processes") : _("PID"), PID, FALSE);
  add_column (self, _("User"), USER, FALSE);
  cpu = add_column (self, _("CPU"), CPU, FALSE);
  add_column (self, self->containers ? _("Control group") : _("Container"), CONTAINER, FALSE);
  gtk_column_view_sort_by_column (GTK_COLUMN_VIEW (self->view), cpu, GTK_SORT_DESCENDING);
  gtk_widget_add_css_class (self->view, "data-table");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, self->containers ? _("Containers") : _("Processes that run"), -1);
  g_signal_connect (self->view, "activate", G_CALLBACK (on_activate), self);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (self->view, keys);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->view);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scrolled), 210);
  gtk_widget_add_css_class (scrolled, "card");
  gtk_widget_set_overflow (scrolled, GTK_OVERFLOW_HIDDEN);
  return scrolled;
}

static void
list_free (gpointer data)
{
  List *self = data;

  on_unmap (self);
  glow_job_cancel (&self->job);
  g_object_unref (self->draft);
  g_object_unref (self->store);
  g_hash_table_unref (self->items);
  for (guint i = 0; i < N_COLUMNS; i++)
    g_ptr_array_unref (self->cells[i]);
  g_clear_pointer (&self->before, g_ptr_array_unref);
  g_free (self);
}

GtkWidget *
glow_capture_processes_new (GlowCaptureDraft *draft, gboolean containers)
{
  List *self = g_new0 (List, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  AdwPreferencesGroup *each = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  self->draft = g_object_ref (draft);
  self->containers = containers;
  self->box = box;
  self->items = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < N_COLUMNS; i++)
    self->cells[i] = g_ptr_array_new ();
  self->search = gtk_search_entry_new ();
  self->summary = glow_rows_new_words ("dim-label");
  self->each = glow_rows_add_switch (each, _("A recording for each"), _("One file a process, on one clock: opened together or apart"));
  self->each_group = GTK_WIDGET (each);
  gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->search), NULL);
  g_object_set (self->search, "placeholder-text", containers ? _("Search containers") : _("Search by name, command, user, number"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_PROPERTY_LABEL, containers ? _("Search containers") : _("Search processes"), -1);
  gtk_box_append (GTK_BOX (box), self->search);
  gtk_box_append (GTK_BOX (box), new_table (self));
  gtk_box_append (GTK_BOX (box), self->summary);
  gtk_box_append (GTK_BOX (box), self->each_group);
  g_object_set_data_full (G_OBJECT (box), "glow-list", self, list_free);
  g_signal_connect_swapped (self->search, "search-changed", G_CALLBACK (on_search), self);
  g_signal_connect_swapped (self->each, "notify::active", G_CALLBACK (on_each), self);
  g_signal_connect_swapped (box, "map", G_CALLBACK (on_map), self);
  g_signal_connect_swapped (box, "unmap", G_CALLBACK (on_unmap), self);
  g_signal_connect_object (draft, "changed", G_CALLBACK (on_changed), box, 0);
  show_summary (self);
  return box;
}
