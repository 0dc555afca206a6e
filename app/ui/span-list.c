/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of spans: rows are numbers in an order that a worker made, so that a million of them scroll and sort. */
#include <config.h>

#include "ui/columns.h"
#include "ui/index-list.h"
#include "ui/job.h"
#include "ui/span-list.h"
#include "ui/span-panel.h"

#include <glib/gi18n.h>
#include <stdlib.h>
#include <string.h>

enum { BY_DURATION, BY_START, BY_THREAD };

/* What a worker sorts; holds what it needs. */
typedef struct {
  GlowProfile *profile;
  GlowSpans *spans;
  guint32 *order;              /* of spans */
  gsize n;
  int by;
  gboolean ascending;
} Order;

struct _GlowSpanList {
  GtkBox parent_instance;

  GlowDocument *document;
  GtkWidget *stack, *panel, *view;
  GlowIndexList *rows;
  Order *shown;                /* (nullable) */
  GlowJobSlot job;
};

static guint opened_signal;

G_DEFINE_FINAL_TYPE (GlowSpanList, glow_span_list, GTK_TYPE_BOX)

static void
order_free (gpointer data)
{
  Order *order = data;

  g_clear_object (&order->profile);
  g_clear_pointer (&order->spans, glow_spans_unref);
  g_free (order->order);
  g_free (order);
}

static void
show_page (GlowSpanList *self, const char *page)
{
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), page);
  g_signal_emit (self, opened_signal, 0, strcmp (page, "span") == 0);
}

/* ---- sorting ---- */

static int
compare (const void *a, const void *b, void *data)
{
  const Order *order = data;
  const GlowSpans *spans = order->spans;
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;
  guint64 left = spans->end[x] - spans->start[x], right = spans->end[y] - spans->start[y];
  int result = 0;

  if (order->by == BY_THREAD)
    {
      const GlowThread *threads = glow_profile_get_threads (order->profile, NULL);
      const GlowThread *one = &threads[spans->thread[x]], *two = &threads[spans->thread[y]];

      result = one->comm != two->comm ? strcmp (glow_profile_get_string (order->profile, one->comm), glow_profile_get_string (order->profile, two->comm)) : 0;
      if (result == 0)
        result = one->tid < two->tid ? -1 : one->tid > two->tid;
    }
  else if (order->by == BY_DURATION)
    result = left < right ? -1 : left > right;
  if (result == 0)
    return x < y ? -1 : x > y;        /* rows are by beginning */
  return order->ascending ? result : -result;
}

static gpointer
sort (gpointer data, GCancellable *cancellable, GError **error)
{
  const Order *request = data;
  Order *order = g_new0 (Order, 1);

  *order = *request;
  order->profile = g_object_ref (request->profile);
  order->spans = glow_spans_ref (request->spans);
  order->order = g_memdup2 (request->order, (request->n + 1) * sizeof (guint32));
  if (order->by != BY_START)
    qsort_r (order->order, order->n, sizeof (guint32), compare, order);
  else if (!order->ascending)
    for (gsize i = 0; i < order->n / 2; i++)
      {
        guint32 swap = order->order[i];

        order->order[i] = order->order[order->n - 1 - i];
        order->order[order->n - 1 - i] = swap;
      }
  return order;
}

static void
sorted (gpointer owner, gpointer result, const GError *error)
{
  GlowSpanList *self = owner;

  glow_index_list_set_n (self->rows, 0);
  g_clear_pointer (&self->shown, order_free);
  self->shown = result;
  if (self->shown != NULL)
    glow_index_list_set_n (self->rows, (guint) MIN (self->shown->n, G_MAXUINT - 1));
}

/* Takes @request. */
static void
start (GlowSpanList *self, Order *request)
{
  if (!glow_columns_get_order (GTK_COLUMN_VIEW (self->view), &request->by, &request->ascending))
    {
      request->by = BY_DURATION;
      request->ascending = FALSE;
    }
  glow_job_start (&self->job, self, sort, request, order_free, order_free, sorted);
}

/* All that are listed, in the order of their beginnings. */
static Order *
new_order (GlowProfile *profile, GlowSpans *spans, const guint32 *rows, gsize n)
{
  Order *order = g_new0 (Order, 1);

  *order = (Order) { g_object_ref (profile), glow_spans_ref (spans), g_memdup2 (rows, (n + 1) * sizeof (guint32)), n };
  return order;
}

static int
compare_rows (const void *a, const void *b)
{
  guint32 left = *(const guint32 *) a, right = *(const guint32 *) b;

  return left < right ? -1 : left > right;
}

static void
on_order (GlowSpanList *self)
{
  Order *request;

  if (self->shown == NULL)
    return;
  request = new_order (self->shown->profile, self->shown->spans, self->shown->order, self->shown->n);
  qsort (request->order, request->n, sizeof (guint32), compare_rows);
  start (self, request);
}

void
glow_span_list_take (GlowSpanList *self, GlowProfile *profile, GlowSpanChoice *choice)
{
  Order *request;

  show_page (self, "list");
  glow_span_panel_clear (GLOW_SPAN_PANEL (self->panel));
  glow_job_cancel (&self->job);
  sorted (self, NULL, NULL);
  if (choice == NULL)
    return;
  request = g_new0 (Order, 1);
  *request = (Order) { g_object_ref (profile), glow_spans_ref (choice->spans), g_new (guint32, choice->n_base + 1) };
  for (gsize i = 0; i < choice->spans->n; i++)
    if (choice->is_base[i])
      request->order[request->n++] = (guint32) i;
  glow_span_choice_free (choice);
  start (self, request);
}

/* ---- cells ---- */

static guint32
span_of (GlowSpanList *self, GtkListItem *item)
{
  return self->shown->order[glow_index_list_get_index (gtk_list_item_get_item (item))];
}

static void
bind_duration (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowSpanList *self = data;
  guint32 span = span_of (self, item);
  g_autofree char *text = glow_text_duration ((double) (self->shown->spans->end[span] - self->shown->spans->start[span]));

  gtk_label_set_text (GTK_LABEL (cell), text);
}

static void
bind_start (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowSpanList *self = data;
  g_autofree char *text = glow_time_axis_dup_label (self->shown->profile, self->shown->spans->start[span_of (self, item)], 1000);

  gtk_label_set_text (GTK_LABEL (cell), text);
}

static void
bind_thread (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowSpanList *self = data;
  const GlowThread *thread = &glow_profile_get_threads (self->shown->profile, NULL)[self->shown->spans->thread[span_of (self, item)]];
  g_autofree char *text = g_strdup_printf ("%s %d", glow_profile_get_string (self->shown->profile, thread->comm), thread->tid), *valid = g_utf8_make_valid (text, -1);

  gtk_label_set_text (GTK_LABEL (cell), valid);
}

/* ---- one of them ---- */

static void
on_activate (GtkColumnView *view, guint position, GlowSpanList *self)
{
  if (self->shown == NULL || position >= self->shown->n)
    return;
  glow_span_panel_show (GLOW_SPAN_PANEL (self->panel), self->shown->profile, self->shown->spans->kind->id, self->shown->order[position]);
  show_page (self, "span");
}

static void
on_back (GlowSpanList *self)
{
  show_page (self, "list");
  gtk_widget_grab_focus (self->view);
}

/* ---- making ---- */

static GtkWidget *
new_list (GlowSpanList *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *heading = gtk_label_new (_("Slowest spans: activate one for its timeline, its waits and its stack"));
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkColumnView *view;

  self->rows = glow_index_list_new ();
  self->view = gtk_column_view_new (GTK_SELECTION_MODEL (gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->rows)))));
  view = GTK_COLUMN_VIEW (self->view);
  glow_columns_add (view, _("Duration"), GLOW_CELL_NUMBER, BY_DURATION, bind_duration, self);
  glow_columns_add (view, _("Begins"), GLOW_CELL_NUMBER, BY_START, bind_start, self);
  gtk_column_view_column_set_expand (glow_columns_add (view, _("Thread"), GLOW_CELL_TEXT, BY_THREAD, bind_thread, self), TRUE);
  g_signal_connect_object (view, "activate", G_CALLBACK (on_activate), self, 0);
  g_signal_connect_object (gtk_column_view_get_sorter (view), "changed", G_CALLBACK (on_order), self, G_CONNECT_SWAPPED);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Slowest spans"), -1);
  gtk_widget_add_css_class (self->view, "data-table");
  gtk_widget_add_css_class (heading, "heading");
  gtk_widget_add_css_class (heading, "view-bar");
  gtk_label_set_wrap (GTK_LABEL (heading), TRUE);
  gtk_label_set_xalign (GTK_LABEL (heading), 0);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->view);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_box_append (GTK_BOX (box), heading);
  gtk_box_append (GTK_BOX (box), scrolled);
  return box;
}

static void
glow_span_list_init (GlowSpanList *self)
{
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), new_list (self), "list");
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_widget_set_hexpand (self->stack, TRUE);
  gtk_box_append (GTK_BOX (self), self->stack);
}

GtkWidget *
glow_span_list_new (GlowDocument *document)
{
  GlowSpanList *self = g_object_new (GLOW_TYPE_SPAN_LIST, NULL);

  self->document = g_object_ref (document);
  self->panel = glow_span_panel_new (document);
  gtk_stack_add_named (GTK_STACK (self->stack), self->panel, "span");
  g_signal_connect_object (self->panel, "back", G_CALLBACK (on_back), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

static void
glow_span_list_dispose (GObject *object)
{
  GlowSpanList *self = GLOW_SPAN_LIST (object);

  glow_job_cancel (&self->job);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (glow_span_list_parent_class)->dispose (object);
}

static void
glow_span_list_finalize (GObject *object)
{
  GlowSpanList *self = GLOW_SPAN_LIST (object);

  g_clear_pointer (&self->shown, order_free);
  g_clear_object (&self->rows);
  G_OBJECT_CLASS (glow_span_list_parent_class)->finalize (object);
}

static void
glow_span_list_class_init (GlowSpanListClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_span_list_dispose;
  G_OBJECT_CLASS (class)->finalize = glow_span_list_finalize;
  opened_signal = g_signal_new ("opened", GLOW_TYPE_SPAN_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}
