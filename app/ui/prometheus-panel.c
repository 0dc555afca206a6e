/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps what a service counted and compares it with the spans that are shown, anew whenever others are. */
#include <config.h>

#include "ui/exemplars.h"
#include "ui/job.h"
#include "ui/latency-map.h"
#include "ui/prometheus-dialog.h"
#include "ui/prometheus-panel.h"
#include "ui/quantile-strip.h"
#include "ui/window.h"

#include <afterglow/text.h>
#include <glib/gi18n.h>
#include <math.h>

struct _GlowPrometheusPanel {
  GtkBox parent_instance;

  GlowDocument *document;
  GlowTimeStrip *strip;
  GlowLatencyView *latency;
  GtkWidget *map;              /* (nullable) */
  GtkWidget *beside, *heading, *words, *quantiles;   /* in the latency view */
  GlowHistograms *histograms;  /* (nullable) */
  GlowProfile *of;             /* (nullable): the recording that it is beside */
  GlowJobSlot job;
};

G_DEFINE_FINAL_TYPE (GlowPrometheusPanel, glow_prometheus_panel, GTK_TYPE_BOX)

/* ---- comparing ---- */

typedef struct {
  GlowHistograms *histograms;
  GlowProfile *profile;
  GlowQuery *query;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  glow_histograms_unref (request->histograms);
  g_object_unref (request->profile);
  glow_query_unref (request->query);
  g_free (request);
}

/* What the query keeps of the time, on the wall clock: its own times, from the first to the last, else the recording's. */
static void
find_window (const Request *request, gint64 *from, gint64 *to)
{
  g_autoptr(GArray) ranges = NULL;
  gint64 offset = glow_profile_get_info (request->profile)->wall_clock_offset;

  *from = *to = GLOW_TIME_UNKNOWN;
  if (!glow_profile_get_wall_window (request->profile, from, to) || !glow_query_dup_time_ranges (request->query, request->profile, &ranges, NULL) || ranges == NULL)
    return;
  for (guint i = 0; i + 1 < ranges->len; i += 2)
    {
      guint64 low = g_array_index (ranges, guint64, i), high = g_array_index (ranges, guint64, i + 1);

      if (i == 0)
        *from = MAX (*from, (gint64) MIN (low, (guint64) G_MAXINT64 / 2) + offset);
      if (i + 2 >= ranges->len)
        *to = MIN (*to, (gint64) MIN (high, (guint64) G_MAXINT64 / 2) + offset);
    }
}

static gpointer
compare (gpointer data, GCancellable *cancellable, GError **error)
{
  const Request *request = data;
  g_autoptr(GPtrArray) series = glow_histograms_choose (request->histograms, error);
  g_autoptr(GlowLatency) latency = series != NULL ? glow_latency_compute (request->profile, request->query, cancellable, error) : NULL;
  gint64 from, to;

  if (latency == NULL)
    return NULL;
  find_window (request, &from, &to);
  return glow_histogram_comparison_new (latency, glow_histogram_new_sum (series, from, to), glow_histograms_is_exponential (request->histograms));
}

static char *
dup_words (const GlowHistogramComparison *comparison)
{
  g_autofree char *count = glow_text_count ((guint64) llround (CLAMP (comparison->n_server, 0, 9e18))), *verdict = NULL;
  g_autofree char *p = comparison->test.p < 0.001 ? g_strdup ("< 0.001") : g_strdup_printf ("= %.2g", comparison->test.p);

  if (isnan (comparison->test.p))
    verdict = g_strdup (_("too few to tell whether it is like the spans"));
  else
    verdict = g_strdup_printf (comparison->test.p < 0.05 ? _("differs from the spans by more than chance (p %s)") : _("nothing says that it differs from the spans (p %s)"), p);
  return g_strdup_printf (_("%s observations · %s"), count, verdict);
}

static void
compared (gpointer owner, gpointer result, const GError *error)
{
  GlowPrometheusPanel *self = owner;
  GlowHistogramComparison *comparison = result;
  g_autofree char *words = NULL;

  if (comparison != NULL && comparison->n_server > 0)
    words = dup_words (comparison);
  else
    words = g_strdup (error != NULL ? error->message : _("The service observed nothing in this time"));
  gtk_label_set_text (GTK_LABEL (self->words), words);
  gtk_widget_set_tooltip_text (self->words, words);
  gtk_widget_set_visible (self->quantiles, comparison != NULL);
  glow_quantile_strip_set (GLOW_QUANTILE_STRIP (self->quantiles), comparison);
}

static void
ask (GlowPrometheusPanel *self)
{
  static const GlowQueryField own[] = { GLOW_QUERY_LONGER, GLOW_QUERY_SHORTER, GLOW_QUERY_SPAN_STACKS };
  GlowProfile *profile = glow_document_get_profile (self->document);
  const char *kind = glow_latency_view_get_kind (self->latency);
  g_autoptr(GlowQuery) query = NULL;
  Request *request;

  if (self->histograms == NULL || profile == NULL || kind == NULL)
    return;
  query = glow_query_with (glow_document_get_query (self->document), GLOW_QUERY_SPANS, kind, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    {
      GlowQuery *less = glow_query_without (query, own[i], NULL);

      glow_query_unref (query);
      query = less;
    }
  request = g_new0 (Request, 1);
  *request = (Request) { glow_histograms_ref (self->histograms), g_object_ref (profile), glow_query_ref (query) };
  glow_job_start (&self->job, self, compare, request, request_free, (GDestroyNotify) glow_histogram_comparison_free, compared);
}

/* ---- what is shown ---- */

static void
clear (GlowPrometheusPanel *self)
{
  glow_job_cancel (&self->job);
  g_clear_pointer (&self->histograms, glow_histograms_unref);
  g_clear_object (&self->of);
  if (self->map != NULL)
    gtk_box_remove (GTK_BOX (self), self->map);
  self->map = NULL;
  glow_quantile_strip_set (GLOW_QUANTILE_STRIP (self->quantiles), NULL);
  gtk_widget_set_visible (self->beside, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

void
glow_prometheus_panel_set (GlowPrometheusPanel *self, GlowHistograms *histograms)
{
  GlowProfile *profile = glow_document_get_profile (self->document);
  const GlowProfileInfo *info = profile != NULL ? glow_profile_get_info (profile) : NULL;
  g_autoptr(GPtrArray) series = glow_histograms_choose (histograms, NULL);
  g_autofree char *heading = NULL;
  const char *name;
  GlowLatencyMap *map;

  clear (self);
  if (series == NULL || info == NULL)
    return;
  self->histograms = glow_histograms_ref (histograms);
  g_set_object (&self->of, profile);
  name = ((GlowHistogramSeries *) g_ptr_array_index (series, 0))->name;
  map = info->has_wall_clock ? glow_histograms_compute_map (series, info->wall_clock_offset) : NULL;
  if (map != NULL)
    {
      self->map = glow_latency_map_area_new_of_service (self->document, self->strip, self->latency, map, name, glow_exemplars_list (series, info->wall_clock_offset));
      gtk_box_append (GTK_BOX (self), self->map);
    }
  gtk_widget_set_visible (GTK_WIDGET (self), map != NULL);
  heading = g_strdup_printf (_("%s of %s"), name[0] != '\0' ? name : histograms->format, histograms->source);
  gtk_label_set_text (GTK_LABEL (self->heading), name[0] != '\0' ? name : histograms->format);
  gtk_widget_set_tooltip_text (self->heading, heading);
  gtk_widget_set_visible (self->beside, TRUE);
  /* What could not be read, what went without encryption, what was not kept. */
  if (glow_warnings_get_n (histograms->warnings) > 0)
    glow_window_toast (GLOW_WINDOW (gtk_widget_get_root (GTK_WIDGET (self->latency))), glow_warnings_get (histograms->warnings, 0)->message);
  ask (self);
}

static void
on_chosen (GlowPrometheusDialog *dialog, gpointer histograms, gpointer data)
{
  glow_prometheus_panel_set (data, histograms);
}

void
glow_prometheus_panel_ask (GlowPrometheusPanel *self)
{
  GlowProfile *profile = glow_document_get_profile (self->document);
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self)));
  GlowPrometheusDialog *dialog;

  if (profile == NULL)
    return;
  dialog = glow_prometheus_dialog_new (window, profile);
  g_signal_connect_object (dialog, "chosen", G_CALLBACK (on_chosen), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_changed (GlowDocument *document, guint changes, gpointer data)
{
  GlowPrometheusPanel *self = data;

  if ((changes & GLOW_CHANGED_STATE) && glow_document_get_state (document) == GLOW_DOCUMENT_LOADING)
    clear (self);
}

/* ---- making ---- */

static void
glow_prometheus_panel_dispose (GObject *object)
{
  GlowPrometheusPanel *self = GLOW_PROMETHEUS_PANEL (object);

  glow_job_cancel (&self->job);
  g_clear_pointer (&self->histograms, glow_histograms_unref);
  g_clear_object (&self->of);
  g_clear_object (&self->document);
  g_clear_object (&self->strip);
  g_clear_object (&self->latency);
  G_OBJECT_CLASS (glow_prometheus_panel_parent_class)->dispose (object);
}

static void
glow_prometheus_panel_class_init (GlowPrometheusPanelClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_prometheus_panel_dispose;
}

static void
glow_prometheus_panel_init (GlowPrometheusPanel *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

static GtkWidget *
new_label (const char *class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, class);
  return label;
}

/* Under the histogram of spans, which is what it stands beside. */
static void
add_beside (GlowPrometheusPanel *self)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *close = gtk_button_new_from_icon_name ("window-close-symbolic");

  self->beside = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  self->heading = new_label ("heading");
  self->words = new_label ("dim-label");
  self->quantiles = glow_quantile_strip_new ();
  gtk_widget_set_hexpand (self->words, TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (self->heading), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_add_css_class (close, "flat");
  gtk_widget_set_tooltip_text (close, _("Stop comparing with it"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Stop comparing with it"), -1);
  g_signal_connect_object (close, "clicked", G_CALLBACK (clear), self, G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (row, "latency-row");
  gtk_box_append (GTK_BOX (row), self->heading);
  gtk_box_append (GTK_BOX (row), self->words);
  gtk_box_append (GTK_BOX (row), close);
  gtk_box_append (GTK_BOX (self->beside), row);
  gtk_box_append (GTK_BOX (self->beside), self->quantiles);
  gtk_widget_set_visible (self->beside, FALSE);
  gtk_box_append (GTK_BOX (self->latency), self->beside);
}

GtkWidget *
glow_prometheus_panel_new (GlowDocument *document, GlowTimeStrip *strip, GlowLatencyView *latency)
{
  GlowPrometheusPanel *self = g_object_new (GLOW_TYPE_PROMETHEUS_PANEL, "orientation", GTK_ORIENTATION_VERTICAL, NULL);

  self->document = g_object_ref (document);
  self->strip = g_object_ref (strip);
  self->latency = g_object_ref (latency);
  add_beside (self);
  g_signal_connect_object (document, "changed", G_CALLBACK (on_changed), self, 0);
  g_signal_connect_object (latency, "answered", G_CALLBACK (ask), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}
