/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The latency pane: which spans, in which bars, their quantiles, and a range of them by brush or by words. */
#include <config.h>

#include "ui/duration-area.h"
#include "ui/job.h"
#include "ui/latency-numbers.h"
#include "ui/latency-view.h"
#include "ui/look.h"

#include <afterglow/latency.h>
#include <glib/gi18n.h>
#include <string.h>

/* An answer, kept while it is drawn. */
typedef struct {
  GlowLatency *latency;
  GlowQuery *query;            /* what it answers */
  GlowProfile *profile;
} Answer;

struct _GlowLatencyView {
  GtkBox parent_instance;

  GlowDocument *document;
  GtkWidget *kinds, *bars, *values, *range, *bounds, *shows, *numbers, *area;
  GArray *le;                  /* (nullable) of guint64: explicit bounds */
  GPtrArray *known;            /* of GlowSpanKind; (nullable) */
  GlowProfile *known_of;
  gboolean own_change;
  guint chosen;                /* of @known */
  Answer *answer;              /* (nullable) */
  GlowQuery *asked;            /* (nullable) */
  guint8 *marked;              /* (nullable) */
  GlowJobSlot kinds_job, job, mark_job;
};

G_DEFINE_FINAL_TYPE (GlowLatencyView, glow_latency_view, GTK_TYPE_BOX)

static guint answered_signal;

static void ask (GlowLatencyView *self);
static void follow_query (GlowLatencyView *self);
static void show_bars (GlowLatencyView *self);
static void show_stacks (GlowLatencyView *self);

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->latency, glow_latency_free);
  g_clear_pointer (&answer->query, glow_query_unref);
  g_clear_object (&answer->profile);
  g_free (answer);
}

static const char *
term_of (const GlowQuery *query, GlowQueryField wanted)
{
  for (guint i = 0; i < glow_query_get_n_terms (query); i++)
    {
      GlowQueryField field;
      const char *value = glow_query_get_term (query, i, &field);

      if (field == wanted)
        return value;
    }
  return NULL;
}

const char *
glow_latency_view_get_kind (GlowLatencyView *self)
{
  const char *of_query = term_of (glow_document_get_query (self->document), GLOW_QUERY_SPANS);

  if (of_query != NULL)
    return of_query;
  return self->known != NULL && self->chosen < self->known->len ? ((GlowSpanKind *) g_ptr_array_index (self->known, self->chosen))->id : NULL;
}

const char *
glow_latency_view_get_label (GlowLatencyView *self)
{
  return self->answer != NULL ? self->answer->latency->choice->spans->kind->label : "";
}

/* ---- the range ---- */

static guint64
bound_of (const GlowLatency *latency, const GlowQuery *query, GlowQueryField field, guint64 otherwise)
{
  const char *value = term_of (query, field);
  char *end;
  double number, q;

  if (value == NULL)
    return otherwise;
  if (glow_quantile_parse (value, &q))
    return glow_latency_get_quantile (latency, q).value_ns;
  number = g_ascii_strtod (value, &end);
  return (guint64) (number * (strcmp (end, "s") == 0 ? 1e9 : strcmp (end, "ms") == 0 ? 1e6 : strcmp (end, "us") == 0 ? 1e3 : 1) + 0.5);
}

guint64
glow_latency_view_get_bound (GlowLatencyView *self)
{
  const GlowQuery *query = glow_document_get_query (self->document);

  if (self->answer == NULL || self->answer->latency->choice->n_base == 0)
    return 0;
  return bound_of (self->answer->latency, query, GLOW_QUERY_LONGER, glow_latency_get_quantile (self->answer->latency, 0.99).value_ns);
}

gboolean
glow_latency_view_get_range (GlowLatencyView *self, guint64 *low, guint64 *high)
{
  const GlowQuery *query = glow_document_get_query (self->document);

  if (self->answer == NULL || term_of (query, GLOW_QUERY_SPANS) == NULL || (term_of (query, GLOW_QUERY_LONGER) == NULL && term_of (query, GLOW_QUERY_SHORTER) == NULL))
    return FALSE;
  *low = bound_of (self->answer->latency, query, GLOW_QUERY_LONGER, 0);
  *high = bound_of (self->answer->latency, query, GLOW_QUERY_SHORTER, G_MAXUINT64);
  return TRUE;
}

static void
show_brush (GlowLatencyView *self)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  const char *longer = term_of (query, GLOW_QUERY_LONGER), *shorter = term_of (query, GLOW_QUERY_SHORTER);
  g_autofree char *words = NULL;
  guint64 low, high;

  show_stacks (self);
  if (self->answer == NULL)
    return;
  if (!glow_latency_view_get_range (self, &low, &high))
    low = high = 0;
  glow_duration_area_set_brush (GLOW_DURATION_AREA (self->area), low, high);
  words = shorter == NULL ? g_strdup (longer != NULL ? longer : "") : g_strdup_printf ("%s..%s", longer != NULL ? longer : "", shorter);
  if (!gtk_widget_has_focus (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->range)))))
    gtk_editable_set_text (GTK_EDITABLE (self->range), words);
  g_signal_emit (self, answered_signal, 0);
}

/* @longer, @shorter: (nullable): as words of a query. FALSE where they are none. */
static gboolean
set_range (GlowLatencyView *self, const GlowQuery *whole, const char *longer, const char *shorter)
{
  const char *kind = glow_latency_view_get_kind (self);
  g_autoptr(GlowQuery) bare = glow_query_without (whole, GLOW_QUERY_LONGER, NULL);
  g_autoptr(GlowQuery) none = glow_query_without (bare, GLOW_QUERY_SHORTER, NULL), query = NULL, from = NULL;
  GlowQuery *to;

  if (kind == NULL)
    return FALSE;
  if (longer == NULL && shorter == NULL)
    {
      /* Two events that somebody named stay the kind that is shown: no list has them. */
      glow_document_set_query (self->document, strstr (kind, "..") != NULL ? g_steal_pointer (&none) : glow_query_without (none, GLOW_QUERY_SPANS, NULL));
      return TRUE;
    }
  query = glow_query_with (none, GLOW_QUERY_SPANS, kind, NULL);
  from = longer != NULL ? glow_query_with (query, GLOW_QUERY_LONGER, longer, NULL) : glow_query_ref (query);
  to = from != NULL && shorter != NULL ? glow_query_with (from, GLOW_QUERY_SHORTER, shorter, NULL) : g_steal_pointer (&from);
  if (to == NULL)
    return FALSE;
  glow_document_set_query (self->document, to);
  return TRUE;
}

/* As people write it: three digits say where a range begins well enough. */
static guint64
round_down (guint64 ns)
{
  guint64 unit = 1;

  while (ns / unit >= 1000)
    unit *= 10;
  return ns / unit * unit;
}

static void
set_numbers (GlowLatencyView *self, const GlowQuery *query, guint64 low, guint64 high)
{
  g_autofree char *longer = g_strdup_printf ("%" G_GUINT64_FORMAT "ns", low);
  g_autofree char *shorter = high != G_MAXUINT64 ? g_strdup_printf ("%" G_GUINT64_FORMAT "ns", high) : NULL;

  set_range (self, query, low > 0 ? longer : NULL, high > 0 ? shorter : NULL);
}

void
glow_latency_view_set_range (GlowLatencyView *self, const GlowQuery *query, guint64 low, guint64 high)
{
  set_numbers (self, query, round_down (low), high == G_MAXUINT64 ? high : round_down (high));
}

static void
on_brushed (GlowDurationArea *area, guint64 low, guint64 high, gpointer data)
{
  GlowLatencyView *self = data;

  set_numbers (self, glow_document_get_query (self->document), low, high);
}

/* "p99", "≥ p99", "18ms..", "18ms..60ms", "..2ms" */
static void
on_range (GtkEntry *entry, gpointer data)
{
  GlowLatencyView *self = data;
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (entry))));
  const char *words = text, *dots;
  g_autofree char *from = NULL, *to = NULL;
  gboolean good;

  if (g_str_has_prefix (words, "\xe2\x89\xa5"))
    words += 3;
  else if (g_str_has_prefix (words, ">="))
    words += 2;
  else if (*words == '>')
    words++;
  dots = strstr (words, "..");
  from = g_strstrip (g_strndup (words, dots != NULL ? (gsize) (dots - words) : strlen (words)));
  to = g_strstrip (g_strdup (dots != NULL ? dots + 2 : ""));
  good = set_range (self, glow_document_get_query (self->document), *from != '\0' ? from : NULL, *to != '\0' ? to : NULL);
  if (good)
    gtk_widget_remove_css_class (GTK_WIDGET (entry), "error");
  else
    gtk_widget_add_css_class (GTK_WIDGET (entry), "error");
}

/* ---- answers ---- */

static gpointer
compute (gpointer data, GCancellable *cancellable, GError **error)
{
  const Answer *request = data;
  GlowLatency *latency = glow_latency_compute (request->profile, request->query, cancellable, error);
  Answer *answer;

  if (latency == NULL)
    return NULL;
  answer = g_new0 (Answer, 1);
  *answer = (Answer) { latency, glow_query_ref (request->query), g_object_ref (request->profile) };
  return answer;
}

typedef struct {
  GlowProfile *profile;
  GlowQuery *query;
  GlowSpanChoice *choice;
  guint32 frame;
} MarkRequest;

static void
mark_request_free (gpointer data)
{
  MarkRequest *request = data;

  g_object_unref (request->profile);
  glow_query_unref (request->query);
  g_clear_pointer (&request->choice, glow_span_choice_free);
  g_free (request);
}

static gpointer
compute_marks (gpointer data, GCancellable *cancellable, GError **error)
{
  MarkRequest *request = data;

  request->choice = glow_span_choice_compute (request->profile, request->query, cancellable, error);
  return request->choice != NULL ? glow_latency_mark_spans (request->profile, request->query, request->choice, request->frame, cancellable) : NULL;
}

static void
marks_done (gpointer owner, gpointer result, const GError *error)
{
  GlowLatencyView *self = owner;

  glow_duration_area_set_marked (GLOW_DURATION_AREA (self->area), result);
  g_free (self->marked);
  self->marked = result;
}

/* The chosen function in each bar. */
static void
ask_marks (GlowLatencyView *self)
{
  guint32 frame = glow_document_get_selected_frame (self->document), n;
  GlowProfile *profile = glow_document_get_profile (self->document);
  MarkRequest *request;

  glow_job_cancel (&self->mark_job);
  glow_duration_area_set_marked (GLOW_DURATION_AREA (self->area), NULL);
  if (self->answer == NULL || profile != self->answer->profile)
    return;
  glow_profile_get_frames (profile, &n);
  if (frame >= n)
    return;
  request = g_new0 (MarkRequest, 1);
  *request = (MarkRequest) { g_object_ref (profile), glow_query_ref (self->answer->query), NULL, frame };
  glow_job_start (&self->mark_job, self, compute_marks, request, mark_request_free, g_free, marks_done);
}

static void
update_accessible (GlowLatencyView *self)
{
  g_autofree char *numbers = glow_latency_numbers_dup (self->answer->latency), *words = NULL;

  words = g_strdup_printf (_("Histogram of %s: %s"), self->answer->latency->choice->spans->kind->label, numbers);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->area), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

static void
computed (gpointer owner, gpointer result, const GError *error)
{
  GlowLatencyView *self = owner;
  g_autofree char *numbers = NULL, *evidence = NULL;

  glow_duration_area_set_latency (GLOW_DURATION_AREA (self->area), NULL);
  g_clear_pointer (&self->answer, answer_free);
  gtk_widget_set_visible (GTK_WIDGET (self), result != NULL);
  if (result == NULL)
    {
      g_signal_emit (self, answered_signal, 0);
      return;
    }
  self->answer = result;
  glow_duration_area_set_latency (GLOW_DURATION_AREA (self->area), self->answer->latency);
  numbers = glow_latency_numbers_dup (self->answer->latency);
  evidence = glow_latency_numbers_dup_evidence (self->answer->latency, self->le);
  gtk_label_set_text (GTK_LABEL (self->numbers), numbers);
  show_bars (self);
  gtk_widget_set_tooltip_text (self->numbers, evidence);
  update_accessible (self);
  show_brush (self);
  ask_marks (self);
}

static void
ask (GlowLatencyView *self)
{
  static const GlowQueryField own[] = { GLOW_QUERY_LONGER, GLOW_QUERY_SHORTER, GLOW_QUERY_SPAN_STACKS, GLOW_QUERY_BASELINE_TIME };
  GlowProfile *profile = glow_document_get_profile (self->document);
  const char *kind = glow_latency_view_get_kind (self);
  g_autoptr(GlowQuery) query = NULL;
  Answer *request;

  if (profile == NULL || kind == NULL || profile != self->known_of)
    return;
  query = glow_query_with (glow_document_get_query (self->document), GLOW_QUERY_SPANS, kind, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    {
      GlowQuery *less = glow_query_without (query, own[i], NULL);

      glow_query_unref (query);
      query = less;
    }
  if (self->asked != NULL && glow_query_equal (self->asked, query) && self->answer != NULL && self->answer->profile == profile)
    {
      show_brush (self);
      return;
    }
  g_clear_pointer (&self->asked, glow_query_unref);
  self->asked = glow_query_ref (query);
  request = g_new0 (Answer, 1);
  *request = (Answer) { NULL, glow_query_ref (query), g_object_ref (profile) };
  glow_job_start (&self->job, self, compute, request, answer_free, answer_free, computed);
}

/* ---- kinds ---- */

static gpointer
list_kinds (gpointer data, GCancellable *cancellable, GError **error)
{
  return glow_span_kinds_list (data);
}

/* Functions that were probed come before what every thread does. */
static void
kinds_done (gpointer owner, gpointer result, const GError *error)
{
  GlowLatencyView *self = owner;
  GtkStringList *labels = gtk_string_list_new (NULL);

  g_clear_pointer (&self->known, g_ptr_array_unref);
  self->known = result;
  self->own_change = TRUE;
  for (guint i = 0; self->known != NULL && i < self->known->len; i++)
    gtk_string_list_append (labels, ((GlowSpanKind *) g_ptr_array_index (self->known, i))->label);
  /* What no list has: two events that somebody names. */
  gtk_string_list_append (labels, _("Between Two Events\xe2\x80\xa6"));
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->kinds), G_LIST_MODEL (labels));
  g_object_unref (labels);
  self->own_change = FALSE;
  follow_query (self);
  gtk_widget_set_visible (GTK_WIDGET (self), self->known != NULL && self->known->len > 0);
  ask (self);
}

static void
ask_kinds (GlowLatencyView *self)
{
  GlowProfile *profile = glow_document_get_profile (self->document);

  if (profile == self->known_of || profile == NULL)
    return;
  g_set_object (&self->known_of, profile);
  glow_job_start (&self->kinds_job, self, list_kinds, g_object_ref (profile), g_object_unref, (GDestroyNotify) g_ptr_array_unref, kinds_done);
}

void
glow_latency_view_set_kind (GlowLatencyView *self, const char *id)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  g_autoptr(GlowQuery) bare = glow_query_without (query, GLOW_QUERY_LONGER, NULL), none = glow_query_without (bare, GLOW_QUERY_SHORTER, NULL);
  GlowQuery *changed = glow_query_with (none, GLOW_QUERY_SPANS, id, NULL);

  if (changed != NULL)
    glow_document_set_query (self->document, changed);
}

/* Another kind: of the query, where it has one. */
static void
on_kind (GlowLatencyView *self)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->kinds));

  if (self->own_change || self->known == NULL)
    return;
  if (chosen == self->known->len)
    {
      follow_query (self);
      gtk_widget_activate_action (GTK_WIDGET (self), "win.spans-between", NULL);
      return;
    }
  if (chosen >= self->known->len)
    return;
  self->chosen = chosen;
  if (term_of (query, GLOW_QUERY_SPANS) != NULL)
    glow_document_set_query (self->document, glow_query_with (query, GLOW_QUERY_SPANS, ((GlowSpanKind *) g_ptr_array_index (self->known, chosen))->id, NULL));
  else
    ask (self);
}

/* The query's kind is the one that is chosen; without one, what was. */
static void
follow_query (GlowLatencyView *self)
{
  const char *kind = term_of (glow_document_get_query (self->document), GLOW_QUERY_SPANS);
  guint place = self->known != NULL && self->chosen < self->known->len ? self->chosen : 0;

  if (self->known == NULL)
    return;
  for (guint i = 0; kind != NULL && i < self->known->len; i++)
    if (strcmp (((GlowSpanKind *) g_ptr_array_index (self->known, i))->id, kind) == 0)
      self->chosen = place = i;
  if (kind != NULL && strstr (kind, "..") != NULL)
    place = self->known->len;
  self->own_change = TRUE;
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->kinds), place);
  self->own_change = FALSE;
}

/* ---- bars ---- */

static void
show_bars (GlowLatencyView *self)
{
  GlowBars bars = (GlowBars) gtk_drop_down_get_selected (GTK_DROP_DOWN (self->bars));
  guint height = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->values));
  const GlowDurationChart *chart;
  g_autofree char *words = NULL;

  gtk_widget_set_visible (self->bounds, bars == GLOW_BARS_EXPLICIT);
  glow_duration_area_set_bars (GLOW_DURATION_AREA (self->area), bars, height % 2 == 1, height >= 2, self->le);
  chart = glow_duration_area_get_chart (GLOW_DURATION_AREA (self->area));
  if (chart != NULL && chart->relative_error > 0)
    words = g_strdup_printf (_("Bars of the histogram: a bar's middle is within %.1f\xe2\x80\x89%% of every duration in it; quantiles are exact"), chart->relative_error * 100);
  gtk_widget_set_tooltip_text (self->bars, words != NULL ? words : _("Bars of the histogram; quantiles are exact"));
}

/* "5ms, 10ms, 25ms" or, as Prometheus has them, "0.005,0.01,0.025". */
static void
on_bounds (GtkEntry *entry, gpointer data)
{
  GlowLatencyView *self = data;
  g_autoptr(GError) error = NULL;
  GArray *le = glow_buckets_parse_le (gtk_editable_get_text (GTK_EDITABLE (entry)), &error);

  (le == NULL ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (GTK_WIDGET (entry), "error");
  gtk_widget_set_tooltip_text (GTK_WIDGET (entry), le == NULL ? error->message : _("Upper bounds: 5ms, 10ms, 25ms, or seconds as a service's le: 0.005, 0.01"));
  if (le == NULL)
    return;
  g_clear_pointer (&self->le, g_array_unref);
  self->le = le;
  show_bars (self);
  if (self->answer != NULL)
    {
      g_autofree char *evidence = glow_latency_numbers_dup_evidence (self->answer->latency, self->le);

      gtk_widget_set_tooltip_text (self->numbers, evidence);
    }
}

/* ---- what the graph shows ---- */

static const char *const stacks_ids[] = { "inside", "edge", "both" };

static void
show_stacks (GlowLatencyView *self)
{
  const char *chosen = term_of (glow_document_get_query (self->document), GLOW_QUERY_SPAN_STACKS);
  gboolean waits = self->answer != NULL && self->answer->latency->choice->spans->kind->waits;
  guint place = waits ? 1 : 0;

  for (guint i = 0; chosen != NULL && i < G_N_ELEMENTS (stacks_ids); i++)
    if (strcmp (stacks_ids[i], chosen) == 0)
      place = i;
  gtk_widget_set_sensitive (self->shows, term_of (glow_document_get_query (self->document), GLOW_QUERY_SPANS) != NULL);
  self->own_change = TRUE;
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->shows), place);
  self->own_change = FALSE;
}

static void
on_shows (GlowLatencyView *self)
{
  guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->shows));
  GlowQuery *query;

  if (self->own_change || chosen >= G_N_ELEMENTS (stacks_ids))
    return;
  query = glow_query_with (glow_document_get_query (self->document), GLOW_QUERY_SPAN_STACKS, stacks_ids[chosen], NULL);
  if (query != NULL)
    glow_document_set_query (self->document, query);
}

static void
on_changed (GlowDocument *document, guint changes, gpointer data)
{
  GlowLatencyView *self = data;

  if ((changes & GLOW_CHANGED_STATE) && glow_document_get_state (document) == GLOW_DOCUMENT_LOADING)
    {
      glow_job_cancel (&self->kinds_job);
      glow_job_cancel (&self->job);
      glow_job_cancel (&self->mark_job);
      g_clear_object (&self->known_of);
      gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
    }
  if (changes & (GLOW_CHANGED_PROFILE | GLOW_CHANGED_TREE))
    ask_kinds (self);
  if (changes & (GLOW_CHANGED_QUERY | GLOW_CHANGED_TREE))
    {
      follow_query (self);
      ask (self);
    }
  if (changes & GLOW_CHANGED_SELECTION)
    ask_marks (self);
}

/* ---- making ---- */

static GtkWidget *
new_choice (const char *const *labels, const char *name)
{
  GtkWidget *choice = gtk_drop_down_new_from_strings (labels);

  gtk_widget_add_css_class (choice, "latency-choice");
  gtk_widget_set_tooltip_text (choice, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (choice), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_valign (choice, GTK_ALIGN_CENTER);
  return choice;
}

GtkWidget *
glow_latency_view_new (GlowDocument *document)
{
  GlowLatencyView *self = g_object_new (GLOW_TYPE_LATENCY_VIEW, "orientation", GTK_ORIENTATION_VERTICAL, NULL);

  self->document = g_object_ref (document);
  g_signal_connect_object (document, "changed", G_CALLBACK (on_changed), self, 0);
  return GTK_WIDGET (self);
}

static void
glow_latency_view_dispose (GObject *object)
{
  GlowLatencyView *self = GLOW_LATENCY_VIEW (object);

  glow_job_cancel (&self->kinds_job);
  glow_job_cancel (&self->job);
  glow_job_cancel (&self->mark_job);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (glow_latency_view_parent_class)->dispose (object);
}

static void
glow_latency_view_finalize (GObject *object)
{
  GlowLatencyView *self = GLOW_LATENCY_VIEW (object);

  g_clear_pointer (&self->known, g_ptr_array_unref);
  g_clear_object (&self->known_of);
  g_clear_pointer (&self->answer, answer_free);
  g_clear_pointer (&self->asked, glow_query_unref);
  g_clear_pointer (&self->le, g_array_unref);
  g_free (self->marked);
  G_OBJECT_CLASS (glow_latency_view_parent_class)->finalize (object);
}

static void
glow_latency_view_class_init (GlowLatencyViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_latency_view_dispose;
  G_OBJECT_CLASS (class)->finalize = glow_latency_view_finalize;
  answered_signal = g_signal_new ("answered", GLOW_TYPE_LATENCY_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "latencyview");
}

static GtkWidget *
new_entry (const char *placeholder, const char *name, const char *tooltip, int width)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), placeholder);
  gtk_editable_set_width_chars (GTK_EDITABLE (entry), width);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (entry), width);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_set_tooltip_text (entry, tooltip);
  return entry;
}

static GtkWidget *
new_map_toggle (void)
{
  GtkWidget *toggle = gtk_toggle_button_new_with_label (_("Map"));

  gtk_widget_set_tooltip_text (toggle, _("Latency over time, under the time strip"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (toggle), "win.latency-map");
  return toggle;
}

static void
glow_latency_view_init (GlowLatencyView *self)
{
  const char *const no_kinds[] = { NULL };
  const char *const bars[] = { _("Log-Linear"), _("Powers of Two"), _("Equal Steps"), _("Own Bounds"), NULL };
  const char *const values[] = { _("Count"), _("Time"), _("Log Count"), _("Log Time"), NULL };
  const char *const stacks[] = { _("Inside"), _("At Start"), _("Both"), NULL };
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *title = gtk_label_new (_("Latency")), *scrolled = gtk_scrolled_window_new ();
  GtkWidget *compare = gtk_button_new_with_label (_("Compare Tail")), *map = new_map_toggle (), *service = gtk_button_new_with_label (_("Prometheus…"));

  self->kinds = new_choice (no_kinds, _("Kind of spans"));
  self->bars = new_choice (bars, _("Bars of the histogram"));
  self->values = new_choice (values, _("What bars are as high as: spans, or their time together; on a logarithmic axis a single span can be seen beside a million"));
  self->bounds = new_entry ("5ms, 10ms, 25ms", _("Upper bounds of bars"), _("Upper bounds: 5ms, 10ms, 25ms, or seconds as a service's le: 0.005, 0.01"), 16);
  self->range = new_entry (_("\xe2\x89\xa5 p99"), _("Spans that last"), _("Spans that last so long: p99, 18ms.., 18ms..60ms, ..2ms"), 11);
  self->shows = new_choice (stacks, _("What the graph shows of brushed spans: samples inside them; stacks at their start, by duration; both on one base of time"));
  self->numbers = gtk_label_new (NULL);
  self->area = glow_duration_area_new ();
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (row, "latency-row");
  gtk_widget_add_css_class (self->numbers, "dim-label");
  gtk_widget_add_css_class (self->numbers, "numeric");
  gtk_label_set_ellipsize (GTK_LABEL (self->numbers), PANGO_ELLIPSIZE_END);
  gtk_label_set_wrap (GTK_LABEL (self->numbers), TRUE);
  gtk_label_set_lines (GTK_LABEL (self->numbers), 2);
  gtk_label_set_xalign (GTK_LABEL (self->numbers), 0);
  gtk_widget_add_css_class (self->numbers, "latency-numbers");
  gtk_widget_set_visible (self->bounds, FALSE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (compare), "win.compare-tail");
  gtk_widget_set_tooltip_text (compare, _("What the brushed spans, or those from p99 on, do that the others do not"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (service), "win.compare-prometheus");
  gtk_widget_set_tooltip_text (service, _("Compare with a service's own histogram: a file, or a Prometheus server"));
  for (guint i = 0; i < 10; i++)
    gtk_box_append (GTK_BOX (row), (GtkWidget *[]) { title, self->kinds, self->bars, self->bounds, self->values, self->range, compare, self->shows, map, service }[i]);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), row);
  gtk_box_append (GTK_BOX (self), scrolled);
  gtk_box_append (GTK_BOX (self), self->numbers);
  gtk_box_append (GTK_BOX (self), self->area);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect_object (self->kinds, "notify::selected", G_CALLBACK (on_kind), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->bars, "notify::selected", G_CALLBACK (show_bars), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->values, "notify::selected", G_CALLBACK (show_bars), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->shows, "notify::selected", G_CALLBACK (on_shows), self, G_CONNECT_SWAPPED);
  g_signal_connect (self->range, "activate", G_CALLBACK (on_range), self);
  g_signal_connect (self->bounds, "activate", G_CALLBACK (on_bounds), self);
  g_signal_connect (self->area, "brushed", G_CALLBACK (on_brushed), self);
}
