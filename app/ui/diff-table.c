/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of what changed. Which rows, and in what order, is found in a worker; cells are filled as they come into sight. */
#include <config.h>

#include "ui/change-columns.h"
#include "ui/diff-table.h"
#include "ui/diff-words.h"
#include "ui/index-list.h"
#include "ui/job.h"

#include <afterglow/diff-paint.h>
#include <afterglow/diff-text.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

/* Rows are made anew where a table scrolls: after the panes have shown a choice, not before. In ms. */
#define FOLLOWS 60

typedef enum { BY_EVIDENCE, BY_NAME, BY_MODULE, BY_BEFORE, BY_AFTER, BY_CHANGE, BY_Q } Sort;

typedef struct {
  GlowDiff *diff;
  GlowDiffKind kind;
  GlowDiffMeasure measure;
  gboolean only;
  char *filter;                /* folded; "" */
  Sort sort;
  gboolean ascending;
} Question;

typedef struct {
  GlowDiff *diff;
  GlowDiffKind kind;
  GlowDiffMeasure measure;
  GArray *order;               /* of guint32: rows */
  gboolean has_modules;
  double largest;              /* |change| or end of an interval, of what matters or, where nothing does, of all */
} Answer;

struct _GlowDiffTable {
  GtkBox parent_instance;

  GlowComparison *comparison;
  GtkWidget *view, *kind, *measure, *filter, *only, *count, *bar;
  GtkColumnViewColumn *module;
  GlowChangeColumns changes;
  GlowIndexList *list;
  GtkSingleSelection *selection;
  Answer *answer;              /* (nullable) */
  gboolean syncing, narrow;
  guint follow_timer;
  GlowJobSlot job;
};

G_DEFINE_FINAL_TYPE (GlowDiffTable, glow_diff_table, GTK_TYPE_BOX)

static guint activated_signal;

static void
question_free (gpointer data)
{
  Question *self = data;

  glow_diff_unref (self->diff);
  g_free (self->filter);
  g_free (self);
}

static void
answer_free (gpointer data)
{
  Answer *self = data;

  glow_diff_unref (self->diff);
  g_array_unref (self->order);
  g_free (self);
}

/* ---- which rows ---- */

static gboolean
matches (const Question *question, const GlowDiffRow *row)
{
  g_autofree char *name = NULL, *folded = NULL, *module = NULL, *folded_module = NULL;

  if (question->only && !row->change[question->measure].matters)
    return FALSE;
  if (*question->filter == '\0')
    return TRUE;
  name = glow_diff_dup_display_name (question->diff, question->kind, row->key);
  folded = g_utf8_casefold (name, -1);
  if (strstr (folded, question->filter) != NULL)
    return TRUE;
  if (question->kind != GLOW_DIFF_FUNCTIONS)
    return FALSE;
  module = glow_diff_words_module (question->diff, row->key);
  folded_module = g_utf8_casefold (module, -1);
  return strstr (folded_module, question->filter) != NULL;
}

static int
compare_numbers (double a, double b)
{
  /* What was not tested comes last. */
  if (isnan (a) || isnan (b))
    return isnan (a) - isnan (b);
  return a < b ? -1 : a > b;
}

static int
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  const Question *question = data;
  const GArray *rows = glow_diff_get_rows (question->diff, question->kind);
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;
  const GlowDiffRow *left = &g_array_index (rows, GlowDiffRow, x), *right = &g_array_index (rows, GlowDiffRow, y);
  const GlowDiffChange *one = &left->change[question->measure], *two = &right->change[question->measure];
  int order = 0;

  switch (question->sort)
    {
    case BY_NAME: order = strcmp (glow_diff_get_name (question->diff, question->kind, left->key), glow_diff_get_name (question->diff, question->kind, right->key)); break;
    case BY_MODULE: order = g_strcmp0 (glow_diff_get_module (question->diff, left->key), glow_diff_get_module (question->diff, right->key)); break;
    case BY_BEFORE: order = compare_numbers (one->value[GLOW_BEFORE], two->value[GLOW_BEFORE]); break;
    case BY_AFTER: order = compare_numbers (one->value[GLOW_AFTER], two->value[GLOW_AFTER]); break;
    case BY_CHANGE: order = compare_numbers (one->change, two->change); break;
    case BY_Q: order = compare_numbers (one->q, two->q); break;
    case BY_EVIDENCE: break;
    }
  if (!question->ascending)
    order = -order;
  return order != 0 ? order : x < y ? -1 : x > y;
}

static gpointer
find_rows (gpointer data, GCancellable *cancellable, GError **error)
{
  const Question *question = data;
  const GArray *rows = glow_diff_get_rows (question->diff, question->kind);
  g_autoptr(GArray) all = glow_diff_dup_order (question->diff, question->kind, question->measure);
  Answer *answer = g_new0 (Answer, 1);
  double of_all = 0;

  *answer = (Answer) { glow_diff_ref (question->diff), question->kind, question->measure, g_array_new (FALSE, FALSE, sizeof (guint32)), FALSE, 0 };
  for (guint i = 0; i < all->len; i++)
    {
      guint32 index = g_array_index (all, guint32, i);
      const GlowDiffRow *row = &g_array_index (rows, GlowDiffRow, index);
      const GlowDiffChange *change = &row->change[question->measure];

      if (i % 1024 == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        {
          answer_free (answer);
          return NULL;
        }
      answer->has_modules |= question->kind == GLOW_DIFF_FUNCTIONS && glow_diff_get_module (question->diff, row->key) != NULL;
      of_all = MAX (of_all, fabs (change->change));
      if (change->matters)
        answer->largest = MAX (answer->largest, MAX (fabs (change->change), isfinite (change->low) && isfinite (change->high) ? MAX (fabs (change->low), fabs (change->high)) : 0));
      if (matches (question, row))
        g_array_append_val (answer->order, index);
    }
  if (answer->largest <= 0)
    answer->largest = MAX (of_all, glow_diff_get_step_least (question->diff, 2));
  if (question->sort != BY_EVIDENCE)
    g_array_sort_with_data (answer->order, compare, (gpointer) question);
  return answer;
}

static const GlowDiffRow *
nth_row (const Answer *answer, guint position)
{
  return &g_array_index (glow_diff_get_rows (answer->diff, answer->kind), GlowDiffRow, g_array_index (answer->order, guint32, position));
}

/* The comparison's choice, here. */
static void
sync_selection (GlowDiffTable *self)
{
  guint32 key = glow_comparison_get_selected_key (self->comparison);
  guint position = GTK_INVALID_LIST_POSITION;

  for (guint i = 0; self->answer != NULL && self->answer->kind == GLOW_DIFF_FUNCTIONS && key != GLOW_NONE && i < self->answer->order->len; i++)
    if (nth_row (self->answer, i)->key == key)
      {
        position = i;
        break;
      }
  self->syncing = TRUE;
  gtk_single_selection_set_selected (self->selection, position);
  if (position != GTK_INVALID_LIST_POSITION && gtk_widget_get_mapped (GTK_WIDGET (self)))
    glow_columns_scroll_to (GTK_COLUMN_VIEW (self->view), position);
  self->syncing = FALSE;
}

static gboolean
follow (gpointer data)
{
  GlowDiffTable *self = data;

  self->follow_timer = 0;
  sync_selection (self);
  return G_SOURCE_REMOVE;
}

static void
show_count (GlowDiffTable *self)
{
  g_autofree char *some = NULL, *all = NULL, *words = NULL;

  if (self->answer == NULL)
    return;
  some = glow_text_count (self->answer->order->len);
  all = glow_text_count (glow_diff_get_rows (self->answer->diff, self->answer->kind)->len);
  switch (self->answer->kind)
    {
    case GLOW_DIFF_MODULES: words = g_strdup_printf (_("%s of %s modules"), some, all); break;
    case GLOW_DIFF_THREADS: words = g_strdup_printf (_("%s of %s threads"), some, all); break;
    case GLOW_DIFF_CONTAINERS: words = g_strdup_printf (_("%s of %s containers"), some, all); break;
    case GLOW_DIFF_FUNCTIONS:
    case GLOW_N_DIFF_KINDS: words = g_strdup_printf (_("%s of %s functions"), some, all); break;
    }
  gtk_label_set_text (GTK_LABEL (self->count), words);
}

static void
found (gpointer owner, gpointer result, const GError *error)
{
  GlowDiffTable *self = owner;

  if (result == NULL)
    return;
  self->syncing = TRUE;
  glow_index_list_set_n (self->list, 0);
  g_clear_pointer (&self->answer, answer_free);
  self->answer = result;
  gtk_column_view_column_set_visible (self->module, self->answer->has_modules && !self->narrow);
  glow_index_list_set_n (self->list, self->answer->order->len);
  self->syncing = FALSE;
  show_count (self);
  sync_selection (self);
}

static void
refresh (GlowDiffTable *self)
{
  GlowDiff *diff = self->comparison != NULL ? glow_comparison_get_diff (self->comparison) : NULL;
  Question *question;
  int sort = BY_EVIDENCE;
  gboolean ascending = TRUE;

  if (diff == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  glow_columns_get_order (GTK_COLUMN_VIEW (self->view), &sort, &ascending);
  question = g_new0 (Question, 1);
  *question = (Question) { glow_diff_ref (diff), glow_diff_table_get_kind (self), glow_diff_table_get_measure (self), glow_diff_table_get_only (self),
                           g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->filter)), -1), (Sort) sort, ascending };
  glow_job_start (&self->job, self, find_rows, question, question_free, answer_free, found);
}

/* ---- cells ---- */

static const GlowDiffRow *
row_of (GlowDiffTable *self, GtkListItem *item)
{
  return nth_row (self->answer, glow_index_list_get_index (gtk_list_item_get_item (item)));
}

static const GlowDiffChange *
change_of (GlowDiffTable *self, GtkListItem *item)
{
  return &row_of (self, item)->change[self->answer->measure];
}

static void
change_at (GtkListItem *item, gpointer data, GlowShownChange *shown)
{
  GlowDiffTable *self = data;

  *shown = (GlowShownChange) { self->answer->diff, *change_of (self, item), glow_diff_row_get_word (row_of (self, item), self->answer->measure), self->answer->largest };
}

static void
bind_name (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowDiffTable *self = data;
  char *name = glow_diff_dup_display_name (self->answer->diff, self->answer->kind, row_of (self, item)->key);

  gtk_widget_set_tooltip_text (cell, name);
  glow_change_columns_set_name (cell, change_of (self, item), name);
}

static void
bind_module (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowDiffTable *self = data;

  glow_change_columns_set_text (cell, change_of (self, item),
                                self->answer->kind == GLOW_DIFF_FUNCTIONS ? glow_diff_words_module (self->answer->diff, row_of (self, item)->key) : g_strdup (""));
}

/* ---- what people do ---- */

static void
on_selected (GlowDiffTable *self)
{
  guint position = gtk_single_selection_get_selected (self->selection);

  if (self->syncing || self->answer == NULL || self->answer->kind != GLOW_DIFF_FUNCTIONS || position >= self->answer->order->len
      || self->answer->diff != glow_comparison_get_diff (self->comparison))
    return;
  self->syncing = TRUE;        /* it is seen where it was clicked */
  glow_comparison_select_key (self->comparison, nth_row (self->answer, position)->key);
  self->syncing = FALSE;
}

static void
on_activate (GtkColumnView *view, guint position, gpointer data)
{
  GlowDiffTable *self = data;

  if (self->answer != NULL && self->answer->kind == GLOW_DIFF_FUNCTIONS && position < self->answer->order->len)
    g_signal_emit (self, activated_signal, 0, (guint) nth_row (self->answer, position)->key);
}

static void
on_changed (GlowComparison *comparison, guint changes, gpointer data)
{
  GlowDiffTable *self = data;

  if ((changes & GLOW_COMPARED_DIFF) && glow_comparison_get_diff (comparison) == NULL)
    {
      glow_job_cancel (&self->job);
      self->syncing = TRUE;
      glow_index_list_set_n (self->list, 0);
      self->syncing = FALSE;
      g_clear_pointer (&self->answer, answer_free);
    }
  else if (changes & GLOW_COMPARED_DIFF)
    refresh (self);
  else if ((changes & GLOW_COMPARED_SELECTION) && !self->syncing)
    {
      g_clear_handle_id (&self->follow_timer, g_source_remove);
      self->follow_timer = g_timeout_add (FOLLOWS, follow, self);
    }
}

static void
glow_diff_table_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (glow_diff_table_parent_class)->map (widget);
  refresh (GLOW_DIFF_TABLE (widget));
}

GlowDiffKind
glow_diff_table_get_kind (GlowDiffTable *self)
{
  return gtk_drop_down_get_selected (GTK_DROP_DOWN (self->kind));
}

GlowDiffMeasure
glow_diff_table_get_measure (GlowDiffTable *self)
{
  return gtk_drop_down_get_selected (GTK_DROP_DOWN (self->measure)) == 1 ? GLOW_DIFF_SELF : GLOW_DIFF_TOTAL;
}

gboolean
glow_diff_table_get_only (GlowDiffTable *self)
{
  return gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->only));
}

void
glow_diff_table_toggle_only (GlowDiffTable *self)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->only), !glow_diff_table_get_only (self));
}

void
glow_diff_table_next_measure (GlowDiffTable *self)
{
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->measure), glow_diff_table_get_measure (self) == GLOW_DIFF_TOTAL ? 1 : 0);
}

void
glow_diff_table_set_narrow (GlowDiffTable *self, gboolean narrow)
{
  self->narrow = narrow;
  glow_change_columns_set_narrow (&self->changes, narrow);
  gtk_column_view_column_set_visible (self->module, !narrow && self->answer != NULL && self->answer->has_modules);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->bar), narrow ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
}

/* ---- making ---- */

GtkWidget *
glow_diff_table_new (GlowComparison *comparison)
{
  GlowDiffTable *self = g_object_new (GLOW_TYPE_DIFF_TABLE, NULL);

  self->comparison = g_object_ref (comparison);
  g_signal_connect_object (comparison, "changed", G_CALLBACK (on_changed), self, 0);
  return GTK_WIDGET (self);
}

static void
glow_diff_table_dispose (GObject *object)
{
  GlowDiffTable *self = GLOW_DIFF_TABLE (object);

  glow_job_cancel (&self->job);
  g_clear_handle_id (&self->follow_timer, g_source_remove);
  g_clear_object (&self->selection);
  g_clear_object (&self->comparison);
  G_OBJECT_CLASS (glow_diff_table_parent_class)->dispose (object);
}

static void
glow_diff_table_finalize (GObject *object)
{
  GlowDiffTable *self = GLOW_DIFF_TABLE (object);

  g_clear_pointer (&self->answer, answer_free);
  g_clear_object (&self->list);
  G_OBJECT_CLASS (glow_diff_table_parent_class)->finalize (object);
}

static void
glow_diff_table_class_init (GlowDiffTableClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_diff_table_dispose;
  G_OBJECT_CLASS (class)->finalize = glow_diff_table_finalize;
  GTK_WIDGET_CLASS (class)->map = glow_diff_table_map;
  activated_signal = g_signal_new ("activated", GLOW_TYPE_DIFF_TABLE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static GtkWidget *
new_choice (GlowDiffTable *self, const char *const *words, const char *name)
{
  GtkWidget *choice = gtk_drop_down_new_from_strings (words);

  gtk_accessible_update_property (GTK_ACCESSIBLE (choice), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_object (choice, "notify::selected", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  return choice;
}

static GtkWidget *
new_bar (GlowDiffTable *self)
{
  const char *const kinds[] = { _("Functions"), _("Modules"), _("Threads"), _("Containers"), NULL }, *const measures[] = { _("Total"), _("Self"), NULL };
  GtkWidget *choices = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *names = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->kind = new_choice (self, kinds, _("Rows of the table"));
  self->measure = new_choice (self, measures, _("Total or self"));
  self->filter = gtk_search_entry_new ();
  gtk_widget_set_hexpand (self->filter, TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->filter), 6);
  g_object_set (self->filter, "placeholder-text", _("Names that hold…"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->filter), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Filter the table of changes"), -1);
  g_signal_connect_object (self->filter, "search-changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  self->only = gtk_toggle_button_new_with_label (_("What Matters"));
  gtk_widget_set_tooltip_text (self->only, _("Only what changed, with evidence, by enough to matter (O); the thresholds are set under Evidence"));
  g_signal_connect_object (self->only, "toggled", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  self->count = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->count, "dim-label");
  gtk_widget_add_css_class (self->count, "numeric");
  gtk_box_append (GTK_BOX (choices), self->kind);
  gtk_box_append (GTK_BOX (choices), self->measure);
  gtk_box_append (GTK_BOX (choices), self->only);
  gtk_box_append (GTK_BOX (names), self->filter);
  gtk_box_append (GTK_BOX (names), self->count);
  gtk_widget_set_hexpand (names, TRUE);
  self->bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  gtk_box_append (GTK_BOX (self->bar), choices);
  gtk_box_append (GTK_BOX (self->bar), names);
  gtk_widget_add_css_class (self->bar, "view-bar");
  return self->bar;
}

static void
add_columns (GlowDiffTable *self)
{
  static const GlowChangeSorts sorts = { BY_BEFORE, BY_AFTER, BY_CHANGE, BY_Q };
  GtkColumnView *view = GTK_COLUMN_VIEW (self->view);

  gtk_column_view_column_set_expand (glow_columns_add (view, _("Name"), GLOW_CELL_TEXT, BY_NAME, bind_name, self), TRUE);
  self->module = glow_columns_add (view, _("Module"), GLOW_CELL_TEXT, BY_MODULE, bind_module, self);
  gtk_column_view_column_set_visible (self->module, FALSE);
  glow_change_columns_add (view, &sorts, change_at, self, &self->changes);
}

static void
glow_diff_table_init (GlowDiffTable *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  self->list = glow_index_list_new ();
  self->selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->list)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected", G_CALLBACK (on_selected), self, G_CONNECT_SWAPPED);
  self->view = gtk_column_view_new (GTK_SELECTION_MODEL (g_object_ref (self->selection)));
  gtk_widget_add_css_class (self->view, "data-table");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _("What changed"), -1);
  add_columns (self);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (on_activate), self, 0);
  g_signal_connect_object (gtk_column_view_get_sorter (GTK_COLUMN_VIEW (self->view)), "changed", G_CALLBACK (refresh), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self), new_bar (self));
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->view);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_box_append (GTK_BOX (self), scrolled);
}
