/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page about the lanes: which, in which order, what their colours mean and where they are known from. Lanes are made anew for another recording and
 * for other events; of a query they only have to know what it keeps. */
#include <config.h>

#include "ui/job.h"
#include "ui/look.h"
#include "ui/time-order-view.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#define STEPS 1000             /* of progress */
#define TICK 100               /* ms between two looks at it */

typedef struct { guint64 start, end; guint32 thread; } Wanted;

/* Shared with the worker, which may outlive the page. */
typedef struct {
  gatomicrefcount ref_count;
  int done;                    /* in STEPS */
} Progress;

struct _GlowTimeOrderView {
  GtkBox parent_instance;

  GlowDocument *document;
  GlowTimeline *timeline;      /* (nullable) */
  char *asked_events;          /* (nullable): what @timeline is of, or will be */
  GlowProfile *asked_of;       /* (nullable) */
  GlowQuery *chosen_of;        /* (nullable): the query that is marked, or will be */
  GtkWidget *stack, *area, *order, *cpus, *only, *seen, *legend, *source, *bar, *message;
  GlowJobSlot job, choice_job;
  Progress *progress;          /* (nullable) */
  guint tick;
  Wanted wanted;
  gboolean is_wanted;
};

G_DEFINE_FINAL_TYPE (GlowTimeOrderView, glow_time_order_view, GTK_TYPE_BOX)

static void
progress_unref (Progress *self)
{
  if (g_atomic_ref_count_dec (&self->ref_count))
    g_free (self);
}

/* ---- words ---- */

static void
append_state (GString *text, GlowTaskState state, const char *sign, const char *label)
{
  GlowColor color = glow_timeline_state_color (state, glow_look_get_theme ());

  g_string_append_printf (text, "%s<span foreground=\"#%02x%02x%02x\">%s</span> %s", text->len > 0 ? "   " : "", (guint) (color.red * 255), (guint) (color.green * 255),
                          (guint) (color.blue * 255), sign, label);
}

/* As high as they are in the lanes: colours need not be seen. */
static void
update_legend (GlowTimeOrderView *self)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *count = NULL, *source = NULL;
  gsize unseen;

  if (self->timeline == NULL)
    return;
  unseen = glow_timeline_get_n_unseen (self->timeline);
  if (glow_timeline_has_switches (self->timeline))
    {
      append_state (text, GLOW_TASK_RUNNING, "█", _("running"));
      if (unseen > 0)
        append_state (text, GLOW_TASK_WOKEN, "▆", _("runnable, maybe running"));
      append_state (text, GLOW_TASK_QUEUED, "▅", _("waiting for a CPU"));
      append_state (text, GLOW_TASK_BLOCKED, "▃", _("blocked"));
      append_state (text, GLOW_TASK_UNKNOWN, "▁", _("not known"));
    }
  gtk_label_set_markup (GTK_LABEL (self->legend), text->str);
  gtk_widget_set_visible (self->legend, text->len > 0);
  count = glow_text_count (unseen);
  if (!glow_timeline_has_switches (self->timeline))
    source = g_strdup (_("From samples alone: no sched_switch was recorded, and gaps are not known"));
  else if (!glow_timeline_has_wakeups (self->timeline))
    source = g_strdup (_("From sched_switch without wake-ups"));
  else if (unseen > 0)
    source = g_strdup_printf (ngettext ("From sched_switch and wake-ups, %s switch missing", "From sched_switch and wake-ups, %s switches missing", unseen), count);
  else
    source = g_strdup (_("From sched_switch and wake-ups"));
  gtk_label_set_text (GTK_LABEL (self->source), source);
  gtk_widget_set_tooltip_text (self->source,
                               _("Without wake-ups, a wait for a CPU counts as blocked. A switch is missing where a thread ran that nothing had let run: when it got its CPU is not known.\n\n"
                                 "A sample's stack is drawn for at most three quarters of its period to either side, and never over a time off the CPU. "
                                 "Equal stacks side by side are drawn as one; where samples are denser than pixels, the stack of most of them is drawn."));
}

static void
update_seen (GlowTimeOrderView *self)
{
  g_autofree char *seen = glow_time_order_area_dup_seen (GLOW_TIME_ORDER_AREA (self->area));

  gtk_label_set_text (GTK_LABEL (self->seen), seen != NULL ? seen : "");
}

/* ---- what the query keeps ---- */

typedef struct { GlowTimeline *timeline; GlowQuery *query; } ChoiceRequest;

static void
choice_request_free (gpointer data)
{
  ChoiceRequest *request = data;

  glow_timeline_unref (request->timeline);
  glow_query_unref (request->query);
  g_free (request);
}

static gpointer
compute_choice (gpointer data, GCancellable *cancellable, GError **error)
{
  ChoiceRequest *request = data;

  return glow_timeline_choice_compute (request->timeline, request->query, cancellable, error);
}

static void
choice_done (gpointer owner, gpointer result, const GError *error)
{
  GlowTimeOrderView *self = owner;

  glow_time_order_area_set_choice (GLOW_TIME_ORDER_AREA (self->area), result);
  update_seen (self);
}

/* Quantiles of spans are those of the query's times; nothing else here is of a time. (transfer full) */
static GlowQuery *
dup_query (GlowTimeOrderView *self)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  GlowQueryField field;

  for (guint i = 0; i < glow_query_get_n_terms (query); i++)
    {
      glow_query_get_term (query, i, &field);
      if (field == GLOW_QUERY_SPANS)
        return glow_query_ref ((GlowQuery *) query);
    }
  return glow_query_without (query, GLOW_QUERY_TIME, NULL);
}

static void
ask_choice (GlowTimeOrderView *self)
{
  g_autoptr(GlowQuery) query = dup_query (self);
  ChoiceRequest *request;

  if (self->timeline == NULL || (self->chosen_of != NULL && glow_query_equal (self->chosen_of, query)))
    return;
  g_clear_pointer (&self->chosen_of, glow_query_unref);
  self->chosen_of = glow_query_ref (query);
  request = g_new0 (ChoiceRequest, 1);
  *request = (ChoiceRequest) { glow_timeline_ref (self->timeline), glow_query_ref (query) };
  glow_job_start (&self->choice_job, self, compute_choice, request, choice_request_free, (GDestroyNotify) glow_timeline_choice_free, choice_done);
}

/* ---- lanes ---- */

typedef struct {
  GlowProfile *profile;
  guint8 *events;              /* (nullable) */
  Progress *progress;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_object_unref (request->profile);
  g_free (request->events);
  progress_unref (request->progress);
  g_free (request);
}

static void
on_progress (double done, gpointer data)
{
  Request *request = data;

  g_atomic_int_set (&request->progress->done, (int) (done * STEPS));
}

static gpointer
compute (gpointer data, GCancellable *cancellable, GError **error)
{
  Request *request = data;
  GlowTimelineOptions options = { request->events, TRUE };

  return glow_timeline_compute (request->profile, &options, on_progress, request, cancellable, error);
}

static gboolean
on_tick (gpointer data)
{
  GlowTimeOrderView *self = data;

  if (self->progress != NULL)
    gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->bar), g_atomic_int_get (&self->progress->done) / (double) STEPS);
  return G_SOURCE_CONTINUE;
}

static void
end_work (GlowTimeOrderView *self)
{
  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_pointer (&self->progress, progress_unref);
}

/* What is not shown is not there for a screen reader either. */
static void
show_page (GlowTimeOrderView *self, const char *name)
{
  GtkWidget *page = gtk_stack_get_child_by_name (GTK_STACK (self->stack), name);

  gtk_widget_set_visible (page, TRUE);
  gtk_stack_set_visible_child (GTK_STACK (self->stack), page);
  for (GtkWidget *child = gtk_widget_get_first_child (self->stack); child != NULL; child = gtk_widget_get_next_sibling (child))
    gtk_widget_set_visible (child, child == page);
}

static void
show_message (GlowTimeOrderView *self, const char *text)
{
  gtk_label_set_text (GTK_LABEL (self->message), text);
  show_page (self, "message");
}

static void
computed (gpointer owner, gpointer result, const GError *error)
{
  GlowTimeOrderView *self = owner;
  guint32 n, n_threads;

  end_work (self);
  if (result == NULL)
    {
      show_message (self, error != NULL ? error->message : _("Nothing came of it"));
      return;
    }
  g_clear_pointer (&self->timeline, glow_timeline_unref);
  self->timeline = result;
  show_page (self, "lanes");
  glow_time_order_area_set_timeline (GLOW_TIME_ORDER_AREA (self->area), self->timeline);
  g_clear_pointer (&self->chosen_of, glow_query_unref);
  ask_choice (self);
  update_legend (self);
  update_seen (self);
  glow_timeline_get_lanes (self->timeline, &n, &n_threads);
  gtk_widget_set_visible (self->cpus, n > n_threads);
  if (self->is_wanted)
    glow_time_order_area_show (GLOW_TIME_ORDER_AREA (self->area), self->wanted.start, self->wanted.end, self->wanted.thread);
  self->is_wanted = FALSE;
}

/* (transfer full): the query's events, as one text; "" where it names none. @marks: by event; NULL for none */
static char *
dup_events (GlowTimeOrderView *self, GlowProfile *profile, guint8 **marks)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  GString *text = g_string_new (NULL);
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (profile, &n);

  *marks = g_new0 (guint8, n + 1);
  for (guint32 e = 0; e < n; e++)
    if (glow_query_has_term (query, GLOW_QUERY_EVENT, glow_profile_get_string (profile, events[e].name)))
      {
        (*marks)[e] = 1;
        g_string_append_printf (text, "%u,", e);
      }
  if (text->len == 0)
    g_clear_pointer (marks, g_free);
  return g_string_free (text, FALSE);
}

static void
ask (GlowTimeOrderView *self)
{
  GlowProfile *profile = glow_document_get_profile (self->document);
  g_autofree char *events = NULL;
  g_autofree guint8 *marks = NULL;
  Request *request;

  if (!gtk_widget_get_mapped (GTK_WIDGET (self)) || profile == NULL)
    return;
  events = dup_events (self, profile, &marks);
  if (self->asked_of == profile && g_strcmp0 (self->asked_events, events) == 0)
    {
      ask_choice (self);
      return;
    }
  g_set_object (&self->asked_of, profile);
  g_free (self->asked_events);
  self->asked_events = g_steal_pointer (&events);
  end_work (self);
  self->progress = g_new0 (Progress, 1);
  g_atomic_ref_count_init (&self->progress->ref_count);
  g_atomic_ref_count_inc (&self->progress->ref_count);
  request = g_new0 (Request, 1);
  *request = (Request) { g_object_ref (profile), g_steal_pointer (&marks), self->progress };
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->bar), 0);
  if (self->timeline == NULL)
    show_page (self, "working");
  self->tick = g_timeout_add (TICK, on_tick, self);
  glow_job_start (&self->job, self, compute, request, request_free, (GDestroyNotify) glow_timeline_unref, computed);
}

static void
on_cancel (GlowTimeOrderView *self)
{
  glow_job_cancel (&self->job);
  end_work (self);
  g_clear_object (&self->asked_of);
  show_message (self, _("Cancelled. Come back to this page to begin again"));
}

static void
forget (GlowTimeOrderView *self)
{
  glow_job_cancel (&self->job);
  glow_job_cancel (&self->choice_job);
  end_work (self);
  self->is_wanted = FALSE;
  glow_time_order_area_set_timeline (GLOW_TIME_ORDER_AREA (self->area), NULL);
  g_clear_pointer (&self->timeline, glow_timeline_unref);
  g_clear_pointer (&self->chosen_of, glow_query_unref);
  g_clear_object (&self->asked_of);
}

static void
on_changed (GlowDocument *document, guint changes, gpointer data)
{
  GlowTimeOrderView *self = data;

  if ((changes & GLOW_CHANGED_STATE) && glow_document_get_state (document) == GLOW_DOCUMENT_LOADING)
    forget (self);
  if (changes & (GLOW_CHANGED_PROFILE | GLOW_CHANGED_QUERY | GLOW_CHANGED_TREE))
    ask (self);
}

/* ---- the page ---- */

static void
on_order (GlowTimeOrderView *self)
{
  glow_time_order_area_set_order (GLOW_TIME_ORDER_AREA (self->area), gtk_drop_down_get_selected (GTK_DROP_DOWN (self->order)));
}

static void
on_cpus (GlowTimeOrderView *self)
{
  glow_time_order_area_set_cpus (GLOW_TIME_ORDER_AREA (self->area), gtk_check_button_get_active (GTK_CHECK_BUTTON (self->cpus)));
}

static void
on_only (GlowTimeOrderView *self)
{
  glow_time_order_area_set_only_chosen (GLOW_TIME_ORDER_AREA (self->area), gtk_check_button_get_active (GTK_CHECK_BUTTON (self->only)));
}

static GtkWidget *
new_label (const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, style);
  return label;
}

static GtkWidget *
new_bar (GlowTimeOrderView *self)
{
  const char *const orders[] = { _("Most active first"), _("By number"), _("By first seen"), NULL };
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *scrolled = gtk_scrolled_window_new ();

  self->order = gtk_drop_down_new_from_strings (orders);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->order), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Order of lanes"), -1);
  self->cpus = gtk_check_button_new_with_label (_("CPUs"));
  gtk_check_button_set_active (GTK_CHECK_BUTTON (self->cpus), TRUE);
  self->only = gtk_check_button_new_with_label (_("Only the Query's"));
  gtk_widget_set_tooltip_text (self->only, _("Lanes that the query does not keep are put away, not only faded"));
  self->seen = new_label ("numeric");
  gtk_widget_add_css_class (self->seen, "dim-label");
  gtk_widget_set_hexpand (self->seen, TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->seen), 1);
  g_signal_connect_object (self->order, "notify::selected", G_CALLBACK (on_order), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->cpus, "toggled", G_CALLBACK (on_cpus), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->only, "toggled", G_CALLBACK (on_only), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (row), self->order);
  gtk_box_append (GTK_BOX (row), self->cpus);
  gtk_box_append (GTK_BOX (row), self->only);
  gtk_box_append (GTK_BOX (row), self->seen);
  gtk_widget_add_css_class (row, "time-order-row");
  /* A narrow window cuts the row off; it is not made wider by it. */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), row);
  return scrolled;
}

static GtkWidget *
new_lanes (GlowTimeOrderView *self)
{
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *lanes = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *foot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *scrollbar;

  self->area = glow_time_order_area_new (self->document);
  scrollbar = gtk_scrollbar_new (GTK_ORIENTATION_VERTICAL, glow_time_order_area_get_adjustment (GLOW_TIME_ORDER_AREA (self->area)));
  self->legend = new_label ("hint");
  gtk_label_set_width_chars (GTK_LABEL (self->legend), 22);
  self->source = new_label ("hint");
  gtk_widget_add_css_class (self->source, "dim-label");
  gtk_widget_set_hexpand (self->source, TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->source), 1);
  gtk_box_append (GTK_BOX (lanes), self->area);
  gtk_box_append (GTK_BOX (lanes), scrollbar);
  gtk_box_append (GTK_BOX (foot), self->legend);
  gtk_box_append (GTK_BOX (foot), self->source);
  gtk_widget_add_css_class (foot, "time-order-foot");
  gtk_box_append (GTK_BOX (page), new_bar (self));
  gtk_box_append (GTK_BOX (page), lanes);
  gtk_box_append (GTK_BOX (page), foot);
  g_signal_connect_object (self->area, "moved", G_CALLBACK (update_seen), self, G_CONNECT_SWAPPED);
  return page;
}

static GtkWidget *
new_working (GlowTimeOrderView *self)
{
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12), *label = gtk_label_new (_("Putting threads and CPUs in the order of time…"));
  GtkWidget *cancel = gtk_button_new_with_label (_("Cancel"));

  self->bar = gtk_progress_bar_new ();
  gtk_widget_set_size_request (self->bar, 260, -1);
  gtk_widget_set_halign (cancel, GTK_ALIGN_CENTER);
  gtk_widget_set_halign (page, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (page, GTK_ALIGN_CENTER);
  gtk_widget_set_vexpand (page, TRUE);
  g_signal_connect_object (cancel, "clicked", G_CALLBACK (on_cancel), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (page), label);
  gtk_box_append (GTK_BOX (page), self->bar);
  gtk_box_append (GTK_BOX (page), cancel);
  return page;
}

static GtkWidget *
new_message (GlowTimeOrderView *self)
{
  self->message = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->message), TRUE);
  gtk_label_set_justify (GTK_LABEL (self->message), GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars (GTK_LABEL (self->message), 60);
  gtk_widget_add_css_class (self->message, "dim-label");
  gtk_widget_set_vexpand (self->message, TRUE);
  return self->message;
}

GlowTimeOrderArea *
glow_time_order_view_get_area (GlowTimeOrderView *self)
{
  return GLOW_TIME_ORDER_AREA (self->area);
}

GlowTimeline *
glow_time_order_view_get_timeline (GlowTimeOrderView *self)
{
  return self->timeline;
}

void
glow_time_order_view_show (GlowTimeOrderView *self, guint64 start, guint64 end, guint32 thread)
{
  gboolean working = glow_job_is_running (&self->job);

  self->wanted = (Wanted) { start, end, thread };
  self->is_wanted = working || self->timeline == NULL;
  if (!self->is_wanted)
    glow_time_order_area_show (GLOW_TIME_ORDER_AREA (self->area), start, end, thread);
}

static void
glow_time_order_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (glow_time_order_view_parent_class)->map (widget);
  ask (GLOW_TIME_ORDER_VIEW (widget));
}

static void
glow_time_order_view_dispose (GObject *object)
{
  GlowTimeOrderView *self = GLOW_TIME_ORDER_VIEW (object);

  glow_job_cancel (&self->job);
  glow_job_cancel (&self->choice_job);
  end_work (self);
  g_clear_pointer (&self->timeline, glow_timeline_unref);
  g_clear_pointer (&self->chosen_of, glow_query_unref);
  g_clear_pointer (&self->asked_events, g_free);
  g_clear_object (&self->asked_of);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (glow_time_order_view_parent_class)->dispose (object);
}

static void
glow_time_order_view_class_init (GlowTimeOrderViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_time_order_view_dispose;
  GTK_WIDGET_CLASS (class)->map = glow_time_order_view_map;
}

static void
glow_time_order_view_init (GlowTimeOrderView *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
}

GtkWidget *
glow_time_order_view_new (GlowDocument *document)
{
  GlowTimeOrderView *self = g_object_new (GLOW_TYPE_TIME_ORDER_VIEW, NULL);

  self->document = g_object_ref (document);
  self->stack = gtk_stack_new ();
  gtk_stack_add_named (GTK_STACK (self->stack), new_working (self), "working");
  gtk_stack_add_named (GTK_STACK (self->stack), new_lanes (self), "lanes");
  gtk_stack_add_named (GTK_STACK (self->stack), new_message (self), "message");
  gtk_widget_set_vexpand (self->stack, TRUE);
  show_page (self, "working");
  gtk_widget_add_css_class (GTK_WIDGET (self), "time-order-card");
  gtk_box_append (GTK_BOX (self), self->stack);
  g_signal_connect_object (document, "changed", G_CALLBACK (on_changed), self, 0);
  glow_look_watch (GTK_WIDGET (self), G_CALLBACK (update_legend));
  return GTK_WIDGET (self);
}
