/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page of slow spans: one sentence, the functions behind it with their evidence, and the spans themselves, slowest first. A function that is
 * chosen here is chosen everywhere; a span that is activated becomes the time and thread of the query. */
#include <config.h>

#include <adwaita.h>

#include "ui/columns.h"
#include "ui/index-list.h"
#include "ui/job.h"
#include "ui/share-cell.h"
#include "ui/span-list.h"
#include "ui/tail-view.h"

#include <afterglow/baseline.h>
#include <glib/gi18n.h>

typedef struct {
  GlowProfile *profile;
  GlowQuery *query;
  guint64 bound;
  gboolean of_baseline;        /* a time against another; there are no spans then */
  GlowTail *tail;              /* (nullable) */
  GlowSpanChoice *choice;
  char *message;               /* (nullable): why there is nothing to compare */
} Answer;

struct _GlowTailView {
  GtkBox parent_instance;

  GlowDocument *document;
  GtkWidget *stack, *sentence, *base, *at_gap, *paned, *spans;
  GtkColumnViewColumn *first_side, *second_side;
  AdwStatusPage *none;
  GlowIndexList *function_rows;
  GtkSingleSelection *chosen;
  Answer *answer;              /* (nullable) */
  gboolean own_change;
  char *kind;                  /* (nullable): of the spans that are compared */
  GlowJobSlot job;
};

G_DEFINE_FINAL_TYPE (GlowTailView, glow_tail_view, GTK_TYPE_BOX)

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->tail, glow_tail_free);
  g_clear_pointer (&answer->choice, glow_span_choice_free);
  g_clear_pointer (&answer->query, glow_query_unref);
  g_clear_object (&answer->profile);
  g_free (answer->message);
  g_free (answer);
}

/* ---- cells ---- */

static const GlowTailRow *
row_of (GlowTailView *self, GtkListItem *item)
{
  return &g_array_index (self->answer->tail->rows, GlowTailRow, glow_index_list_get_index (gtk_list_item_get_item (item)));
}

static const GlowFrame *
frame_of (GlowTailView *self, const GlowTailRow *row)
{
  return &glow_profile_get_frames (self->answer->profile, NULL)[row->frame];
}

static void
set_text (GtkWidget *cell, char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  gtk_label_set_text (GTK_LABEL (cell), valid);
  g_free (text);
}

static void
bind_tail_share (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  glow_share_cell_set (GLOW_SHARE_CELL (cell), row_of (data, item)->share.share1, 0, 0);
}

static void
bind_rest_share (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  glow_share_cell_set (GLOW_SHARE_CELL (cell), row_of (data, item)->share.share2, 0, 0);
}

static void
bind_change (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  const GlowTailRow *row = row_of (data, item);

  /* Points of a share, with a sign: an interval of a difference may hold both. */
  set_text (cell, g_strdup_printf (_("%+.1f to %+.1f"), row->share.change_low * 100, row->share.change_high * 100));
}

static void
bind_q (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  const GlowTailRow *row = row_of (data, item);

  set_text (cell, row->q < 0.0001 ? g_strdup ("< 0.0001") : g_strdup_printf ("%.4f", row->q));
}

static void
bind_evidence (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  const GlowTailRow *row = row_of (data, item);

  if (((GlowTailView *) data)->answer->of_baseline)
    set_text (cell, g_strdup (row->q >= 0.05 ? _("no evidence") : row->share.change > 0 ? _("more than the baseline") : _("less than the baseline")));
  else
    set_text (cell, g_strdup (row->q >= 0.05 ? _("no evidence") : row->share.change > 0 ? _("more in the slow") : _("less in the slow")));
}

static void
bind_function (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowTailView *self = data;

  set_text (cell, g_strdup (glow_profile_get_string (self->answer->profile, frame_of (self, row_of (self, item))->name)));
}

static void
bind_module (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowTailView *self = data;
  guint32 n;
  const GlowModule *modules = glow_profile_get_modules (self->answer->profile, &n);
  const GlowFrame *frame = frame_of (self, row_of (self, item));

  set_text (cell, g_strdup (frame->module < n ? glow_profile_get_string (self->answer->profile, modules[frame->module].name) : ""));
}

/* ---- choosing ---- */

static void
on_function (GlowTailView *self)
{
  guint position = gtk_single_selection_get_selected (self->chosen);

  if (self->own_change || self->answer == NULL || self->answer->tail == NULL || position >= self->answer->tail->rows->len)
    return;
  glow_document_select_frame (self->document, g_array_index (self->answer->tail->rows, GlowTailRow, position).frame);
}

/* ---- answers ---- */

static gpointer
compute (gpointer data, GCancellable *cancellable, GError **error)
{
  const Answer *request = data;
  Answer *answer = g_new0 (Answer, 1);
  g_autoptr(GError) nothing = NULL;

  *answer = (Answer) { g_object_ref (request->profile), glow_query_ref (request->query), request->bound };
  answer->of_baseline = request->of_baseline;
  if (request->of_baseline)
    {
      answer->tail = glow_baseline_compute (request->profile, request->query, cancellable, &nothing);
      answer->message = nothing != NULL ? g_strdup (nothing->message) : NULL;
      return answer;
    }
  answer->choice = glow_span_choice_compute (request->profile, request->query, cancellable, error);
  if (answer->choice == NULL)
    {
      answer_free (answer);
      return NULL;
    }
  answer->tail = glow_tail_compute (request->profile, request->query, request->bound, cancellable, &nothing);
  return answer;
}

/* What 100 % is, and what evidence is counted in. (transfer full) */
static char *
dup_base (const GlowTail *tail)
{
  g_autofree char *long_ones = glow_text_count (tail->samples_long), *others = glow_text_count (tail->samples_short), *block = NULL;

  if (tail->is_of_time)
    {
      block = glow_text_duration ((double) tail->block);
      return g_strdup_printf (tail->is_of_rest
                                ? _("100 %% = %s samples outside the baseline, and %s in it; a thread for %s is the unit of evidence; q by Benjamini and Hochberg")
                                : _("100 %% = %s samples of the selection, and %s of the baseline; a thread for %s is the unit of evidence; q by Benjamini and Hochberg"),
                              long_ones, others, block);
    }
  return g_strdup_printf (tail->has_waits
                            ? _("100 %% = the time of %s pieces (samples and waits) of the slow spans, and of %s of the rest; spans are the unit of evidence; q by Benjamini and Hochberg")
                            : _("100 %% = %s samples inside the slow spans, and %s inside the rest, without time off the CPU; spans are the unit of evidence; q by Benjamini and Hochberg"),
                          long_ones, others);
}

static gboolean
has_gap (const GlowTailView *self)
{
  return self->answer != NULL && !self->answer->of_baseline && self->answer->tail != NULL && self->answer->tail->gap > 0;
}

static void
show_gap (GlowTailView *self)
{
  g_autofree char *gap = has_gap (self) ? glow_text_duration ((double) self->answer->tail->gap) : NULL, *words = NULL;

  gtk_widget_set_visible (self->at_gap, gap != NULL);
  if (gap == NULL)
    return;
  words = g_strdup_printf (_("Compare Those of at Least %s"), gap);
  gtk_button_set_label (GTK_BUTTON (self->at_gap), words);
}

/* The histogram is brushed there too, so that every view shows the group that is compared. */
static void
on_gap (GlowTailView *self)
{
  g_autoptr(GlowQuery) without = NULL, spans = NULL;
  g_autofree char *kind = NULL, *bound = NULL;
  guint64 gap;
  GlowQuery *query;

  if (!has_gap (self) || self->kind == NULL)
    return;
  gap = self->answer->tail->gap;
  kind = g_strdup (self->kind);
  bound = g_strdup_printf ("%" G_GUINT64_FORMAT "ns", gap);
  without = glow_query_without (glow_document_get_query (self->document), GLOW_QUERY_SHORTER, NULL);
  spans = glow_query_with (without, GLOW_QUERY_SPANS, kind, NULL);
  query = spans != NULL ? glow_query_with_only (spans, GLOW_QUERY_LONGER, bound, NULL) : NULL;
  if (query != NULL)
    glow_document_set_query (self->document, query);
  glow_tail_view_compare (self, kind, gap);
}

static void
computed (gpointer owner, gpointer result, const GError *error)
{
  GlowTailView *self = owner;
  g_autofree char *sentence = NULL, *base = NULL, *bound = NULL;
  gboolean of_time;

  self->own_change = TRUE;
  glow_index_list_set_n (self->function_rows, 0);
  g_clear_pointer (&self->answer, answer_free);
  self->answer = result;
  if (self->answer == NULL)
    {
      glow_span_list_take (GLOW_SPAN_LIST (self->spans), NULL, NULL);
      gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "none");
      self->own_change = FALSE;
      return;
    }
  of_time = self->answer->of_baseline;
  bound = glow_text_duration ((double) self->answer->bound);
  if (self->answer->tail != NULL)
    {
      sentence = glow_tail_dup_sentence (self->answer->tail, self->answer->profile);
      base = dup_base (self->answer->tail);
      glow_index_list_set_n (self->function_rows, self->answer->tail->rows->len);
    }
  else if (of_time)
    sentence = g_strdup (self->answer->message != NULL ? self->answer->message : _("There is nothing to compare"));
  else
    sentence = g_strdup_printf (_("Nothing to compare: there are no samples inside spans of at least %s, or none inside the others"), bound);
  gtk_label_set_text (GTK_LABEL (self->sentence), sentence);
  show_gap (self);
  gtk_label_set_text (GTK_LABEL (self->base), base != NULL ? base : "");
  gtk_column_view_column_set_title (self->first_side, !of_time ? _("Slow") : self->answer->tail != NULL && self->answer->tail->is_of_rest ? _("Other times") : _("Selection"));
  gtk_column_view_column_set_title (self->second_side, of_time ? _("Baseline") : _("Rest"));
  gtk_widget_set_visible (self->spans, !of_time);
  glow_span_list_take (GLOW_SPAN_LIST (self->spans), self->answer->profile, g_steal_pointer (&self->answer->choice));
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "answer");
  self->own_change = FALSE;
}

void
glow_tail_view_compare_baseline (GlowTailView *self)
{
  GlowProfile *profile = glow_document_get_profile (self->document);
  const GlowQuery *query = glow_document_get_query (self->document);
  Answer *request;

  if (profile == NULL || !glow_query_has_term (query, GLOW_QUERY_BASELINE_TIME, NULL))
    return;
  request = g_new0 (Answer, 1);
  *request = (Answer) { g_object_ref (profile), glow_query_ref ((GlowQuery *) query), .of_baseline = TRUE };
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "busy");
  glow_job_start (&self->job, self, compute, request, answer_free, answer_free, computed);
}

void
glow_tail_view_compare (GlowTailView *self, const char *kind, guint64 bound)
{
  static const GlowQueryField own[] = { GLOW_QUERY_LONGER, GLOW_QUERY_SHORTER, GLOW_QUERY_SPAN_STACKS };
  GlowProfile *profile = glow_document_get_profile (self->document);
  GlowQuery *query = profile != NULL ? glow_query_with (glow_document_get_query (self->document), GLOW_QUERY_SPANS, kind, NULL) : NULL;
  Answer *request;

  if (query == NULL)
    return;
  g_free (self->kind);
  self->kind = g_strdup (kind);
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    {
      GlowQuery *less = glow_query_without (query, own[i], NULL);

      glow_query_unref (query);
      query = less;
    }
  request = g_new0 (Answer, 1);
  *request = (Answer) { g_object_ref (profile), query, bound };
  gtk_stack_set_visible_child_name (GTK_STACK (self->stack), "busy");
  glow_job_start (&self->job, self, compute, request, answer_free, answer_free, computed);
}

/* Where nothing lasts there is nothing to choose from. */
static void
show_whether_spans (GlowTailView *self)
{
  GlowProfile *profile = glow_document_get_profile (self->document);
  g_autoptr(GPtrArray) kinds = profile != NULL ? glow_span_kinds_list (profile) : NULL;
  gboolean has_any = kinds == NULL || kinds->len > 0;

  adw_status_page_set_title (self->none, has_any ? _("What do the slow ones do?") : _("No spans"));
  adw_status_page_set_description (self->none, has_any ? _("Brush a range of the histogram below, or leave it at p99, and compare.")
                                                     : _("This recording has no events that belong together: record a probe and its return, system calls, or "
                                                         "sched:sched_switch."));
  gtk_widget_set_visible (adw_status_page_get_child (self->none), has_any);
}

static void
on_changed (GlowDocument *document, guint changes, gpointer data)
{
  GlowTailView *self = data;

  /* Another profile has other frames. */
  if (changes & GLOW_CHANGED_PROFILE)
    {
      show_whether_spans (self);
      glow_job_cancel (&self->job);
      computed (self, NULL, NULL);
    }
}

/* ---- making ---- */

static GtkWidget *
in_scroller (GtkWidget *view, const char *name)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), view);
  gtk_widget_set_vexpand (scrolled, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_add_css_class (view, "data-table");
  return scrolled;
}

static GtkWidget *
new_functions (GlowTailView *self)
{
  GtkColumnView *view;

  self->function_rows = glow_index_list_new ();
  self->chosen = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->function_rows)));
  gtk_single_selection_set_autoselect (self->chosen, FALSE);
  view = GTK_COLUMN_VIEW (gtk_column_view_new (GTK_SELECTION_MODEL (self->chosen)));
  self->first_side = glow_columns_add (view, _("Slow"), GLOW_CELL_SHARE, -1, bind_tail_share, self);
  self->second_side = glow_columns_add (view, _("Rest"), GLOW_CELL_SHARE, -1, bind_rest_share, self);
  glow_columns_add (view, _("Points, 95 %"), GLOW_CELL_NUMBER, -1, bind_change, self);
  glow_columns_need (view, glow_columns_add (view, _("q"), GLOW_CELL_NUMBER, -1, bind_q, self), 680);
  glow_columns_need (view, glow_columns_add (view, _("Evidence"), GLOW_CELL_TEXT, -1, bind_evidence, self), 780);
  gtk_column_view_column_set_expand (glow_columns_add (view, _("Function"), GLOW_CELL_TEXT, -1, bind_function, self), TRUE);
  glow_columns_need (view, glow_columns_add (view, _("Module"), GLOW_CELL_TEXT, -1, bind_module, self), 900);
  g_signal_connect_object (self->chosen, "notify::selected", G_CALLBACK (on_function), self, G_CONNECT_SWAPPED);
  return in_scroller (GTK_WIDGET (view), _("Functions by evidence"));
}

static GtkWidget *
new_answer_page (GlowTailView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  self->paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  self->sentence = gtk_label_new (NULL);
  self->base = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->sentence, "title-4");
  gtk_widget_add_css_class (self->base, "dim-label");
  for (guint i = 0; i < 2; i++)
    {
      GtkWidget *label = (GtkWidget *[]) { self->sentence, self->base }[i];

      gtk_label_set_wrap (GTK_LABEL (label), TRUE);
      gtk_label_set_xalign (GTK_LABEL (label), 0);
    }
  gtk_label_set_selectable (GTK_LABEL (self->sentence), TRUE);
  gtk_widget_add_css_class (box, "tail-page");
  gtk_box_append (GTK_BOX (box), self->sentence);
  gtk_box_append (GTK_BOX (box), self->base);
  self->at_gap = gtk_button_new ();
  gtk_widget_set_halign (self->at_gap, GTK_ALIGN_START);
  gtk_widget_add_css_class (self->at_gap, "tail-gap");
  gtk_widget_set_visible (self->at_gap, FALSE);
  g_signal_connect_object (self->at_gap, "clicked", G_CALLBACK (on_gap), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), self->at_gap);
  gtk_paned_set_start_child (GTK_PANED (self->paned), new_functions (self));
  gtk_widget_set_vexpand (self->paned, TRUE);
  gtk_box_append (GTK_BOX (box), self->paned);
  return box;
}

/* One span takes the room of what all of them have in common. */
static void
on_opened (GlowSpanList *list, gboolean open, GlowTailView *self)
{
  gtk_widget_set_visible (self->sentence, !open);
  gtk_widget_set_visible (self->base, !open);
  gtk_widget_set_visible (self->at_gap, !open && has_gap (self));
  gtk_widget_set_visible (gtk_paned_get_start_child (GTK_PANED (self->paned)), !open);
}

GtkWidget *
glow_tail_view_new (GlowDocument *document)
{
  GlowTailView *self = g_object_new (GLOW_TYPE_TAIL_VIEW, "orientation", GTK_ORIENTATION_VERTICAL, NULL);

  self->document = g_object_ref (document);
  self->spans = glow_span_list_new (document);
  gtk_paned_set_end_child (GTK_PANED (self->paned), self->spans);
  g_signal_connect_object (self->spans, "opened", G_CALLBACK (on_opened), self, 0);
  g_signal_connect_object (document, "changed", G_CALLBACK (on_changed), self, 0);
  return GTK_WIDGET (self);
}

static void
glow_tail_view_dispose (GObject *object)
{
  GlowTailView *self = GLOW_TAIL_VIEW (object);

  glow_job_cancel (&self->job);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (glow_tail_view_parent_class)->dispose (object);
}

static void
glow_tail_view_finalize (GObject *object)
{
  GlowTailView *self = GLOW_TAIL_VIEW (object);

  g_clear_pointer (&self->answer, answer_free);
  g_clear_pointer (&self->kind, g_free);
  g_clear_object (&self->function_rows);
  G_OBJECT_CLASS (glow_tail_view_parent_class)->finalize (object);
}

static void
glow_tail_view_class_init (GlowTailViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_tail_view_dispose;
  G_OBJECT_CLASS (class)->finalize = glow_tail_view_finalize;
}

static void
glow_tail_view_init (GlowTailView *self)
{
  GtkWidget *none = adw_status_page_new ();
  GtkWidget *button = gtk_button_new_with_label (_("Compare Tail")), *spinner = gtk_spinner_new ();

  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.compare-tail");
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "pill");
  self->none = ADW_STATUS_PAGE (none);
  adw_status_page_set_child (self->none, button);
  gtk_spinner_start (GTK_SPINNER (spinner));
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), none, "none");
  gtk_stack_add_named (GTK_STACK (self->stack), spinner, "busy");
  gtk_stack_add_named (GTK_STACK (self->stack), new_answer_page (self), "answer");
  gtk_widget_set_vexpand (self->stack, TRUE);
  gtk_box_append (GTK_BOX (self), self->stack);
}
