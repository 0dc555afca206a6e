/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The latency pane: which spans, in which bars, their quantiles, and a range of them by brush or by words. */
#include <config.h>

#include "ui/duration-area.h"
#include "ui/job.h"
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
  GtkWidget *kinds, *bars, *values, *range, *compare, *numbers, *area;
  GPtrArray *known;            /* of GlowSpanKind; (nullable) */
  GlowProfile *known_of;
  gboolean own_change;
  Answer *answer;              /* (nullable) */
  GlowQuery *asked;            /* (nullable) */
  guint8 *marked;              /* (nullable) */
  GlowJobSlot kinds_job, job, mark_job;
};

G_DEFINE_FINAL_TYPE (GlowLatencyView, glow_latency_view, GTK_TYPE_BOX)

static void ask (GlowLatencyView *self);

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
  guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->kinds));

  if (of_query != NULL)
    return of_query;
  return self->known != NULL && chosen < self->known->len ? ((GlowSpanKind *) g_ptr_array_index (self->known, chosen))->id : NULL;
}

/* ---- words ---- */

static char *
dup_numbers (const GlowLatency *latency)
{
  GString *text = g_string_new (NULL);
  g_autofree char *n = glow_text_count (latency->choice->n_base);

  for (guint i = 0; i < GLOW_LATENCY_QUANTILES; i++)
    {
      const GlowQuantile *quantile = &latency->quantiles[i];
      g_autofree char *label = glow_quantile_dup_label (quantile->q), *value = glow_text_duration ((double) quantile->value_ns);

      if (quantile->has_value && (quantile->is_known || quantile->q >= 1))
        g_string_append_printf (text, "%s %s  ", label, value);
    }
  g_string_append_printf (text, "n = %s", n);
  if (latency->n_censored > 0)
    {
      g_autofree char *cut = glow_text_count (latency->n_censored);

      g_string_append_printf (text, ngettext (", %s cut", ", %s cut", latency->n_censored), cut);
    }
  return g_string_free (text, FALSE);
}

/* Each with its interval, or what it would need. */
static char *
dup_evidence (const GlowLatency *latency)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < GLOW_LATENCY_QUANTILES; i++)
    {
      const GlowQuantile *quantile = &latency->quantiles[i];
      g_autofree char *label = glow_quantile_dup_label (quantile->q), *value = glow_text_duration ((double) quantile->value_ns);
      g_autofree char *low = glow_text_duration ((double) quantile->low_ns), *high = glow_text_duration ((double) quantile->high_ns);
      g_autofree char *needs = glow_text_count (quantile->needs);

      if (text->len > 0)
        g_string_append_c (text, '\n');
      if (quantile->is_known)
        g_string_append_printf (text, _("%s %s, 95 %% interval %s to %s"), label, value, low, high);
      else if (quantile->q >= 1)
        g_string_append_printf (text, "%s %s", label, value);
      else
        g_string_append_printf (text, _("%s not determined: needs %s spans or more"), label, needs);
    }
  if (latency->choice->spans->unpaired_starts + latency->choice->spans->unpaired_ends > 0)
    {
      g_autofree char *starts = glow_text_count (latency->choice->spans->unpaired_starts), *ends = glow_text_count (latency->choice->spans->unpaired_ends);

      g_string_append_c (text, '\n');
      g_string_append_printf (text, _("Events without their other half: %s beginnings, %s ends"), starts, ends);
    }
  return g_string_free (text, FALSE);
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
  return (guint64) (number * (strcmp (end, "s") == 0 ? 1e9 : strcmp (end, "ms") == 0 ? 1e6 : strcmp (end, "us") == 0 ? 1e3 : 1));
}

guint64
glow_latency_view_get_bound (GlowLatencyView *self)
{
  const GlowQuery *query = glow_document_get_query (self->document);

  if (self->answer == NULL || self->answer->latency->choice->n_base == 0)
    return 0;
  return bound_of (self->answer->latency, query, GLOW_QUERY_LONGER, self->answer->latency->quantiles[2].value_ns);
}

static void
show_brush (GlowLatencyView *self)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  const char *longer = term_of (query, GLOW_QUERY_LONGER), *shorter = term_of (query, GLOW_QUERY_SHORTER);
  g_autofree char *words = NULL;

  if (self->answer == NULL)
    return;
  if (term_of (query, GLOW_QUERY_SPANS) == NULL || (longer == NULL && shorter == NULL))
    glow_duration_area_set_brush (GLOW_DURATION_AREA (self->area), 0, 0);
  else
    glow_duration_area_set_brush (GLOW_DURATION_AREA (self->area), bound_of (self->answer->latency, query, GLOW_QUERY_LONGER, 0),
                                  bound_of (self->answer->latency, query, GLOW_QUERY_SHORTER, G_MAXUINT64));
  words = shorter == NULL ? g_strdup (longer != NULL ? longer : "") : g_strdup_printf ("%s..%s", longer != NULL ? longer : "", shorter);
  if (!gtk_widget_has_focus (GTK_WIDGET (gtk_editable_get_delegate (GTK_EDITABLE (self->range)))))
    gtk_editable_set_text (GTK_EDITABLE (self->range), words);
}

/* @longer, @shorter: (nullable): as words of a query. FALSE where they are none. */
static gboolean
set_range (GlowLatencyView *self, const char *longer, const char *shorter)
{
  const char *kind = glow_latency_view_get_kind (self);
  g_autoptr(GlowQuery) bare = glow_query_without (glow_document_get_query (self->document), GLOW_QUERY_LONGER, NULL);
  g_autoptr(GlowQuery) none = glow_query_without (bare, GLOW_QUERY_SHORTER, NULL), query = NULL, from = NULL;
  GlowQuery *to;

  if (kind == NULL)
    return FALSE;
  if (longer == NULL && shorter == NULL)
    {
      glow_document_set_query (self->document, glow_query_without (none, GLOW_QUERY_SPANS, NULL));
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

static void
on_brushed (GlowDurationArea *area, guint64 low, guint64 high, gpointer data)
{
  GlowLatencyView *self = data;
  g_autofree char *longer = g_strdup_printf ("%" G_GUINT64_FORMAT "ns", low);
  g_autofree char *shorter = high != G_MAXUINT64 ? g_strdup_printf ("%" G_GUINT64_FORMAT "ns", high) : NULL;

  set_range (self, low > 0 ? longer : NULL, high > 0 ? shorter : NULL);
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
  good = set_range (self, *from != '\0' ? from : NULL, *to != '\0' ? to : NULL);
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
  g_autofree char *numbers = dup_numbers (self->answer->latency), *words = NULL;

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
    return;
  self->answer = result;
  glow_duration_area_set_latency (GLOW_DURATION_AREA (self->area), self->answer->latency);
  numbers = dup_numbers (self->answer->latency);
  evidence = dup_evidence (self->answer->latency);
  gtk_label_set_text (GTK_LABEL (self->numbers), numbers);
  gtk_widget_set_tooltip_text (self->numbers, evidence);
  update_accessible (self);
  show_brush (self);
  ask_marks (self);
}

static void
ask (GlowLatencyView *self)
{
  static const GlowQueryField own[] = { GLOW_QUERY_LONGER, GLOW_QUERY_SHORTER, GLOW_QUERY_SPAN_STACKS };
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
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->kinds), G_LIST_MODEL (labels));
  g_object_unref (labels);
  self->own_change = FALSE;
  if (self->known == NULL || self->known->len == 0)
    gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  else
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

/* Another kind: of the query, where it has one. */
static void
on_kind (GlowLatencyView *self)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->kinds));

  if (self->own_change || self->known == NULL || chosen >= self->known->len)
    return;
  if (term_of (query, GLOW_QUERY_SPANS) != NULL)
    glow_document_set_query (self->document, glow_query_with (query, GLOW_QUERY_SPANS, ((GlowSpanKind *) g_ptr_array_index (self->known, chosen))->id, NULL));
  else
    ask (self);
}

/* The query's kind is the one that is chosen. */
static void
follow_query (GlowLatencyView *self)
{
  const char *kind = term_of (glow_document_get_query (self->document), GLOW_QUERY_SPANS);

  for (guint i = 0; kind != NULL && self->known != NULL && i < self->known->len; i++)
    if (strcmp (((GlowSpanKind *) g_ptr_array_index (self->known, i))->id, kind) == 0)
      {
        self->own_change = TRUE;
        gtk_drop_down_set_selected (GTK_DROP_DOWN (self->kinds), i);
        self->own_change = FALSE;
      }
}

static void
on_bars (GlowLatencyView *self)
{
  glow_duration_area_set_bars (GLOW_DURATION_AREA (self->area), (GlowBars) gtk_drop_down_get_selected (GTK_DROP_DOWN (self->bars)),
                               gtk_drop_down_get_selected (GTK_DROP_DOWN (self->values)) == 1);
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
  g_free (self->marked);
  G_OBJECT_CLASS (glow_latency_view_parent_class)->finalize (object);
}

static void
glow_latency_view_class_init (GlowLatencyViewClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_latency_view_dispose;
  G_OBJECT_CLASS (class)->finalize = glow_latency_view_finalize;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (class), "latencyview");
}

static void
glow_latency_view_init (GlowLatencyView *self)
{
  const char *const no_kinds[] = { NULL };
  const char *const bars[] = { _("Logarithmic"), _("Powers of Two"), _("Equal Steps"), NULL };
  const char *const values[] = { _("Count"), _("Time"), NULL };
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *title = gtk_label_new (_("Latency")), *scrolled = gtk_scrolled_window_new ();

  self->kinds = new_choice (no_kinds, _("Kind of spans"));
  self->bars = new_choice (bars, _("Bars of the histogram"));
  self->values = new_choice (values, _("What bars are as high as"));
  self->range = gtk_entry_new ();
  self->compare = gtk_button_new_with_label (_("Compare Tail"));
  self->numbers = gtk_label_new (NULL);
  self->area = glow_duration_area_new ();
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (row, "latency-row");
  gtk_widget_add_css_class (self->numbers, "dim-label");
  gtk_widget_add_css_class (self->numbers, "numeric");
  gtk_label_set_ellipsize (GTK_LABEL (self->numbers), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (self->numbers), 0);
  gtk_widget_add_css_class (self->numbers, "latency-numbers");
  gtk_entry_set_placeholder_text (GTK_ENTRY (self->range), _("\xe2\x89\xa5 p99, 18ms..60ms"));
  gtk_editable_set_width_chars (GTK_EDITABLE (self->range), 13);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->range), 13);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->range), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Spans that last"), -1);
  gtk_widget_set_tooltip_text (self->range, _("Spans that last so long: p99, 18ms.., 18ms..60ms, ..2ms"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->compare), "win.compare-tail");
  gtk_widget_set_tooltip_text (self->compare, _("What the brushed spans, or those from p99 on, do that the others do not"));
  for (guint i = 0; i < 6; i++)
    gtk_box_append (GTK_BOX (row), (GtkWidget *[]) { title, self->kinds, self->bars, self->values, self->range, self->compare }[i]);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_EXTERNAL, GTK_POLICY_NEVER);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), row);
  gtk_box_append (GTK_BOX (self), scrolled);
  gtk_box_append (GTK_BOX (self), self->numbers);
  gtk_box_append (GTK_BOX (self), self->area);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect_object (self->kinds, "notify::selected", G_CALLBACK (on_kind), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->bars, "notify::selected", G_CALLBACK (on_bars), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->values, "notify::selected", G_CALLBACK (on_bars), self, G_CONNECT_SWAPPED);
  g_signal_connect (self->range, "activate", G_CALLBACK (on_range), self);
  g_signal_connect (self->area, "brushed", G_CALLBACK (on_brushed), self);
}
