/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The panel of one span. */
#include <config.h>

#include "ui/columns.h"
#include "ui/index-list.h"
#include "ui/job.h"
#include "ui/span-panel.h"
#include "ui/span-timeline.h"
#include "ui/strip-marks.h"

#include <afterglow/fields.h>
#include <afterglow/span-story.h>
#include <glib/gi18n.h>
#include <string.h>

typedef struct {
  GlowProfile *profile;
  char *kind;
  guint32 span;
  GlowSpanStory *story;
} Answer;

struct _GlowSpanPanel {
  GtkBox parent_instance;

  GlowDocument *document;
  GtkWidget *title, *numbers, *timeline, *outward, *in_order, *only, *stack;
  GlowIndexList *rows;
  GtkSingleSelection *chosen;
  Answer *answer;              /* (nullable) */
  gboolean own_change;
  GlowJobSlot job;
};

G_DEFINE_FINAL_TYPE (GlowSpanPanel, glow_span_panel, GTK_TYPE_BOX)

static guint back_signal;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->story, glow_span_story_free);
  g_clear_object (&answer->profile);
  g_free (answer->kind);
  g_free (answer);
}

/* ---- words ---- */

static const GlowSpanNode *
node_at (GlowSpanPanel *self, guint index)
{
  return &g_array_index (self->answer->story->nodes, GlowSpanNode, index);
}

static const char *
kind_label (GlowSpanPanel *self, const GlowSpanNode *node)
{
  return ((GlowSpanKind *) g_ptr_array_index (self->answer->story->kinds, node->kind))->label;
}

/* Which system call it is; or the letter with which the scheduler left the CPU: S asleep, D uninterruptible, R pushed off though it could run. (transfer full) (nullable) */
static char *
dup_state (GlowSpanPanel *self, const GlowSpanNode *node)
{
  GlowProfile *profile = self->answer->profile;
  const GlowSamples *samples = glow_profile_get_samples (profile);
  guint event = samples->event != NULL && node->first != GLOW_NONE ? samples->event[node->first] : 0, field, element;
  g_autoptr(GString) text = g_string_new (NULL);
  GlowFieldValue value;

  if (node->first == GLOW_NONE || !glow_profile_has_fields (profile))
    return NULL;
  if (strcmp (glow_profile_get_string (profile, glow_profile_get_events (profile, NULL)[event].name), "raw_syscalls:sys_enter") == 0
      && glow_profile_find_field (profile, event, "id", &field, &element) && glow_profile_read_field (profile, node->first, field, element, &value))
    return g_strdup (glow_syscall_get_name (profile, value.number));
  if (!glow_profile_find_field (profile, event, "prev_state", &field, &element)
      || !glow_profile_read_field (profile, node->first, field, element, &value))
    return NULL;
  glow_profile_append_field_text (profile, event, field, &value, text);
  if (g_str_has_prefix (text->str, "R"))
    g_string_append (text, _(", pre-empted"));
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

/* The innermost function of the program at a span's beginning; the kernel's where there is none. */
static const char *
function_of (GlowSpanPanel *self, guint32 sample)
{
  GlowProfile *profile = self->answer->profile;
  const GlowStacks *stacks = glow_profile_get_stacks (profile);
  const GlowFrame *frames = glow_profile_get_frames (profile, NULL);
  guint32 stack = sample != GLOW_NONE ? glow_profile_get_samples (profile)->stack[sample] : 0, innermost = stack;

  for (; stack != 0; stack = stacks->parent[stack])
    if (frames[stacks->item[stack]].kind != GLOW_FRAME_KERNEL && frames[stacks->item[stack]].kind != GLOW_FRAME_UNKNOWN)
      return glow_profile_get_string (profile, frames[stacks->item[stack]].name);
  return innermost != 0 ? glow_profile_get_string (profile, frames[stacks->item[innermost]].name) : "";
}

static void
set_text (GtkWidget *cell, char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);

  gtk_label_set_text (GTK_LABEL (cell), valid);
  g_free (text);
}

static const GlowSpanNode *
node_of (GlowSpanPanel *self, GtkListItem *item)
{
  return node_at (self, glow_index_list_get_index (gtk_list_item_get_item (item)));
}

static void
bind_start (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowSpanPanel *self = data;
  g_autofree char *offset = glow_text_duration ((double) (node_of (self, item)->start - node_at (self, 0)->start));

  set_text (cell, g_strdup_printf ("+%s", offset));
}

static void
bind_duration (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  const GlowSpanNode *node = node_of (data, item);

  set_text (cell, glow_text_duration ((double) (node->end - node->start)));
}

static void
bind_kind (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  const GlowSpanNode *node = node_of (data, item);
  g_autofree char *state = dup_state (data, node);

  set_text (cell, state != NULL ? g_strdup_printf ("%*s%s (%s)", (int) MIN (node->depth, 20) * 4, "", kind_label (data, node), state)
                                : g_strdup_printf ("%*s%s", (int) MIN (node->depth, 20) * 4, "", kind_label (data, node)));
}

static void
bind_function (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  set_text (cell, g_strdup (function_of (data, node_of (data, item)->first)));
}

/* From the outermost inward, a line a function. */
static void
show_stack (GlowSpanPanel *self, const GlowSpanNode *node)
{
  GlowProfile *profile = self->answer->profile;
  const GlowStacks *stacks = glow_profile_get_stacks (profile);
  const GlowFrame *frames = glow_profile_get_frames (profile, NULL);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *valid = NULL;

  for (guint32 at = node->first != GLOW_NONE ? glow_profile_get_samples (profile)->stack[node->first] : 0; at != 0; at = stacks->parent[at])
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", glow_profile_get_string (profile, frames[stacks->item[at]].name));
  valid = g_utf8_make_valid (text->len > 0 ? text->str : _("no stack was recorded here"), -1);
  gtk_label_set_text (GTK_LABEL (self->stack), valid);
}

/* ---- walking ---- */

static void
on_chosen (GlowSpanPanel *self)
{
  guint position = gtk_single_selection_get_selected (self->chosen);

  if (self->own_change || self->answer == NULL || position >= self->answer->story->nodes->len)
    return;
  show_stack (self, node_at (self, position));
  glow_span_timeline_set (GLOW_SPAN_TIMELINE (self->timeline), self->answer->profile, self->answer->story, position);
}

static void
go_to (GlowSpanPanel *self, const GlowSpanNode *node)
{
  guint32 row = glow_span_story_find (self->answer->story, self->answer->profile, node);
  g_autofree char *kind = g_strdup (((GlowSpanKind *) g_ptr_array_index (self->answer->story->kinds, node->kind))->id);

  if (row != GLOW_NONE)
    glow_span_panel_show (self, self->answer->profile, kind, row);
}

static void
on_activate (GtkColumnView *view, guint position, GlowSpanPanel *self)
{
  GlowSpanNode node;

  if (self->answer == NULL || position == 0 || position >= self->answer->story->nodes->len)
    return;
  node = *node_at (self, position);
  go_to (self, &node);
}

static void
on_outward (GlowSpanPanel *self)
{
  GlowSpanNode node;

  if (self->answer == NULL || !self->answer->story->is_inside)
    return;
  node = self->answer->story->around;
  go_to (self, &node);
}

static void
on_back (GlowSpanPanel *self)
{
  g_signal_emit (self, back_signal, 0);
}

/* Its time, its thread, all that was recorded of it. */
static void
on_only (GlowSpanPanel *self)
{
  const GlowSpanNode *own = self->answer != NULL ? node_at (self, 0) : NULL;
  g_autofree char *time = NULL, *tid = NULL;
  g_autoptr(GlowQuery) bare = NULL, timed = NULL, longer = NULL, shorter = NULL;
  GlowQuery *query;

  if (own == NULL)
    return;
  time = glow_strip_dup_time (self->answer->profile, own->start, own->end);
  tid = g_strdup_printf ("%d", glow_profile_get_threads (self->answer->profile, NULL)[self->answer->story->thread].tid);
  bare = glow_query_without (glow_document_get_query (self->document), GLOW_QUERY_SPANS, NULL);
  longer = glow_query_without (bare, GLOW_QUERY_LONGER, NULL);
  shorter = glow_query_without (longer, GLOW_QUERY_SHORTER, NULL);
  timed = glow_query_with_only (shorter, GLOW_QUERY_TIME, time, NULL);
  query = timed != NULL ? glow_query_with_only (timed, GLOW_QUERY_TID, tid, NULL) : NULL;
  if (query == NULL)
    return;
  glow_document_set_query (self->document, query);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.view", "s", "flame");
}

/* ---- answers ---- */

static gpointer
compute (gpointer data, GCancellable *cancellable, GError **error)
{
  const Answer *request = data;
  GlowSpanStory *story = glow_span_story_compute (request->profile, request->kind, request->span, cancellable, error);
  Answer *answer;

  if (story == NULL)
    return NULL;
  answer = g_new0 (Answer, 1);
  *answer = (Answer) { g_object_ref (request->profile), g_strdup (request->kind), request->span, story };
  return answer;
}

/* Beside everything else that happened then, in a window that has such a view. */
static void
show_in_order (GlowSpanPanel *self, const GlowSpanNode *own)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  gboolean can = G_IS_ACTION_MAP (root) && g_action_map_lookup_action (G_ACTION_MAP (root), "show-span") != NULL;

  gtk_widget_set_visible (self->in_order, can);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->in_order), NULL);
  if (!can)
    return;
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->in_order), "(ttu)", own->start, own->end, self->answer->story->thread);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->in_order), "win.show-span");
}

static void
computed (gpointer owner, gpointer result, const GError *error)
{
  GlowSpanPanel *self = owner;
  const GlowSpanNode *own;
  const GlowThread *thread;
  g_autofree char *duration = NULL, *begins = NULL, *comm = NULL, *title = NULL, *words = NULL, *around = NULL;

  self->own_change = TRUE;
  glow_span_timeline_set (GLOW_SPAN_TIMELINE (self->timeline), NULL, NULL, 0);
  glow_index_list_set_n (self->rows, 0);
  g_clear_pointer (&self->answer, answer_free);
  self->answer = result;
  self->own_change = FALSE;
  if (self->answer == NULL)
    {
      gtk_label_set_text (GTK_LABEL (self->title), error != NULL ? error->message : "");
      gtk_label_set_text (GTK_LABEL (self->numbers), "");
      gtk_label_set_text (GTK_LABEL (self->stack), "");
      return;
    }
  own = node_at (self, 0);
  thread = &glow_profile_get_threads (self->answer->profile, NULL)[self->answer->story->thread];
  duration = glow_text_duration ((double) (own->end - own->start));
  begins = glow_time_axis_dup_label (self->answer->profile, own->start, 1000);
  comm = g_utf8_make_valid (glow_profile_get_string (self->answer->profile, thread->comm), -1);
  title = g_strdup_printf (_("%s: %s, from %s, %s %d"), kind_label (self, own), duration, begins, comm, thread->tid);
  words = glow_span_timeline_dup_words (self->answer->story);
  gtk_label_set_text (GTK_LABEL (self->title), title);
  gtk_label_set_text (GTK_LABEL (self->numbers), words);
  gtk_widget_set_visible (self->outward, self->answer->story->is_inside);
  if (self->answer->story->is_inside)
    {
      around = g_strdup_printf (_("Out to %s"), kind_label (self, &self->answer->story->around));
      gtk_button_set_label (GTK_BUTTON (self->outward), around);
    }
  show_in_order (self, own);
  glow_index_list_set_n (self->rows, self->answer->story->nodes->len);
  gtk_single_selection_set_selected (self->chosen, 0);
  show_stack (self, own);
  glow_span_timeline_set (GLOW_SPAN_TIMELINE (self->timeline), self->answer->profile, self->answer->story, 0);
}

void
glow_span_panel_show (GlowSpanPanel *self, GlowProfile *profile, const char *kind, guint32 span)
{
  Answer *request = g_new0 (Answer, 1);

  *request = (Answer) { g_object_ref (profile), g_strdup (kind), span };
  glow_job_start (&self->job, self, compute, request, answer_free, answer_free, computed);
}

void
glow_span_panel_clear (GlowSpanPanel *self)
{
  glow_job_cancel (&self->job);
  computed (self, NULL, NULL);
}

/* ---- making ---- */

static GtkWidget *
new_table (GlowSpanPanel *self)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  GtkColumnView *view;

  self->rows = glow_index_list_new ();
  self->chosen = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->rows)));
  view = GTK_COLUMN_VIEW (gtk_column_view_new (GTK_SELECTION_MODEL (self->chosen)));
  glow_columns_add (view, _("Begins"), GLOW_CELL_NUMBER, -1, bind_start, self);
  glow_columns_add (view, _("Duration"), GLOW_CELL_NUMBER, -1, bind_duration, self);
  gtk_column_view_column_set_expand (glow_columns_add (view, _("What"), GLOW_CELL_TEXT, -1, bind_kind, self), TRUE);
  gtk_column_view_column_set_expand (glow_columns_add (view, _("Where It Begins"), GLOW_CELL_TEXT, -1, bind_function, self), TRUE);
  g_signal_connect_object (self->chosen, "notify::selected", G_CALLBACK (on_chosen), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (view, "activate", G_CALLBACK (on_activate), self, 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, _("What lies in the span"), -1);
  gtk_widget_add_css_class (GTK_WIDGET (view), "data-table");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (view));
  gtk_widget_set_hexpand (scrolled, TRUE);
  gtk_widget_set_vexpand (scrolled, TRUE);
  return scrolled;
}

static void
glow_span_panel_init (GlowSpanPanel *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *back = gtk_button_new_with_label (_("All Spans")), *paned = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);
  GtkWidget *scrolled = gtk_scrolled_window_new ();

  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  self->title = gtk_label_new (NULL);
  self->numbers = gtk_label_new (NULL);
  self->stack = gtk_label_new (NULL);
  self->timeline = glow_span_timeline_new ();
  self->outward = gtk_button_new ();
  self->only = gtk_button_new_with_label (_("Only This Span"));
  gtk_widget_set_tooltip_text (self->only, _("Its time and its thread alone become the query"));
  gtk_widget_add_css_class (bar, "view-bar");
  gtk_widget_add_css_class (self->title, "heading");
  gtk_widget_add_css_class (self->numbers, "dim-label");
  gtk_widget_add_css_class (self->numbers, "numeric");
  gtk_widget_add_css_class (self->numbers, "span-numbers");
  gtk_widget_add_css_class (self->stack, "span-stack");
  gtk_label_set_ellipsize (GTK_LABEL (self->title), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_widget_set_hexpand (self->title, TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (self->numbers), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (self->numbers), 0);
  gtk_label_set_xalign (GTK_LABEL (self->stack), 0);
  gtk_label_set_yalign (GTK_LABEL (self->stack), 0);
  gtk_label_set_selectable (GTK_LABEL (self->stack), TRUE);
  gtk_widget_set_visible (self->outward, FALSE);
  self->in_order = gtk_button_new_with_label (_("In Time Order"));
  gtk_widget_set_visible (self->in_order, FALSE);
  gtk_widget_set_tooltip_text (self->in_order, _("Beside everything else that happened then"));
  for (guint i = 0; i < 5; i++)
    gtk_box_append (GTK_BOX (bar), (GtkWidget *[]) { back, self->title, self->outward, self->in_order, self->only }[i]);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), self->stack);
  gtk_paned_set_start_child (GTK_PANED (paned), new_table (self));
  gtk_paned_set_end_child (GTK_PANED (paned), scrolled);
  gtk_paned_set_shrink_end_child (GTK_PANED (paned), FALSE);
  gtk_paned_set_resize_end_child (GTK_PANED (paned), FALSE);
  gtk_widget_set_size_request (scrolled, 180, -1);
  gtk_widget_set_vexpand (paned, TRUE);
  for (guint i = 0; i < 4; i++)
    gtk_box_append (GTK_BOX (self), (GtkWidget *[]) { bar, self->timeline, self->numbers, paned }[i]);
  g_signal_connect_swapped (back, "clicked", G_CALLBACK (on_back), self);
  g_signal_connect_swapped (self->outward, "clicked", G_CALLBACK (on_outward), self);
  g_signal_connect_swapped (self->only, "clicked", G_CALLBACK (on_only), self);
}

GtkWidget *
glow_span_panel_new (GlowDocument *document)
{
  GlowSpanPanel *self = g_object_new (GLOW_TYPE_SPAN_PANEL, NULL);

  self->document = g_object_ref (document);
  return GTK_WIDGET (self);
}

static void
glow_span_panel_dispose (GObject *object)
{
  GlowSpanPanel *self = GLOW_SPAN_PANEL (object);

  glow_job_cancel (&self->job);
  if (self->timeline != NULL)
    glow_span_timeline_set (GLOW_SPAN_TIMELINE (self->timeline), NULL, NULL, 0);
  self->timeline = NULL;
  g_clear_object (&self->document);
  G_OBJECT_CLASS (glow_span_panel_parent_class)->dispose (object);
}

static void
glow_span_panel_finalize (GObject *object)
{
  GlowSpanPanel *self = GLOW_SPAN_PANEL (object);

  g_clear_pointer (&self->answer, answer_free);
  g_clear_object (&self->rows);
  G_OBJECT_CLASS (glow_span_panel_parent_class)->finalize (object);
}

static void
glow_span_panel_class_init (GlowSpanPanelClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_span_panel_dispose;
  G_OBJECT_CLASS (class)->finalize = glow_span_panel_finalize;
  back_signal = g_signal_new ("back", GLOW_TYPE_SPAN_PANEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}
