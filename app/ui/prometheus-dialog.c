/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which histogram to compare with. Address, expression and user are remembered; a password or token only in the keyring, and only where somebody wants it. */
#include <config.h>

#include "ui/compat.h"
#include "ui/job.h"
#include "ui/look.h"
#include "ui/prometheus-dialog.h"
#include "ui/rows.h"
#include "ui/secrets.h"

#include <afterglow/prometheus.h>
#include <glib/gi18n.h>
#include <string.h>

enum { NOBODY, BASIC, BEARER };

struct _GlowPrometheusDialog {
  AdwWindow parent_instance;

  GlowProfile *profile;
  gint64 from, to;             /* wall clock, ns; 0, 0: not known */
  GtkWidget *source, *promql, *unit, *server, *who, *user, *secret, *keep, *problem, *compare, *spinner;
  GlowJobSlot job;
};

G_DEFINE_FINAL_TYPE (GlowPrometheusDialog, glow_prometheus_dialog, ADW_TYPE_WINDOW)

static guint chosen_signal;
static const char *const unit_words[] = { NULL, "s", "ms", "us", "ns" };

/* ---- the question ---- */

typedef struct {
  char *source, *promql, *user, *secret;
  const char *unit;            /* (nullable) */
  guint who;
  gboolean keep, was_kept;
  gint64 from, to;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_free (question->source);
  g_free (question->promql);
  g_free (question->user);
  g_free (question->secret);
  g_free (question);
}

static GlowHistograms *
ask_server (Question *question, GCancellable *cancellable, GError **error)
{
  GlowPrometheusRequest request = { .url = question->source, .promql = question->promql, .from = question->from, .to = question->to };
  const char *user = question->who == BASIC ? question->user : "";
  gboolean was_typed = question->who != NOBODY && *question->secret != '\0';
  GlowHistograms *histograms;
  g_autoptr(GError) problem = NULL;

  if (question->who != NOBODY && !was_typed && question->keep)
    {
      char *kept = glow_secrets_lookup (question->source, user, cancellable, NULL);

      if (kept != NULL)
        {
          g_free (question->secret);
          question->secret = kept;
        }
    }
  if (question->who == BASIC)
    {
      request.user = question->user;
      request.password = question->secret;
    }
  else if (question->who == BEARER)
    request.token = question->secret;
  histograms = glow_prometheus_query (&request, cancellable, error);
  if (histograms == NULL || question->who == NOBODY)
    return histograms;
  /* What let us in is worth keeping; what is not to be kept is forgotten. */
  if (!question->keep && question->was_kept)
    glow_secrets_forget (question->source, user, cancellable);
  else if (question->keep && was_typed && !glow_secrets_store (question->source, user, question->secret, cancellable, &problem))
    glow_warnings_add (histograms->warnings, "not-kept", NULL, 1, 0, NULL, _("The password was not kept: %s"), problem->message);
  return histograms;
}

static gpointer
work (gpointer data, GCancellable *cancellable, GError **error)
{
  Question *question = data;
  gboolean is_url = glow_prometheus_is_url (question->source);
  const char *paths[] = { question->source, NULL };
  g_autoptr(GlowHistograms) histograms = is_url ? ask_server (question, cancellable, error) : glow_histograms_load_paths (paths, cancellable, error);
  g_autoptr(GPtrArray) series = NULL;

  if (histograms == NULL)
    return NULL;
  if (question->unit != NULL)
    glow_histograms_set_unit (histograms, question->unit);
  if (!is_url && *question->promql != '\0' && !glow_histograms_select (histograms, question->promql, error))
    return NULL;
  series = glow_histograms_choose (histograms, error);
  return series != NULL ? g_steal_pointer (&histograms) : NULL;
}

static void
show_working (GlowPrometheusDialog *self, gboolean works)
{
  gtk_widget_set_sensitive (self->compare, !works);
  gtk_widget_set_visible (self->spinner, works);
  if (works)
    gtk_spinner_start (GTK_SPINNER (self->spinner));
  else
    gtk_spinner_stop (GTK_SPINNER (self->spinner));
}

static void
answered (gpointer owner, gpointer result, const GError *error)
{
  GlowPrometheusDialog *self = owner;

  show_working (self, FALSE);
  if (result == NULL)
    {
      glow_rows_set_words (self->problem, error != NULL ? error->message : _("No histogram came of it"));
      return;
    }
  g_signal_emit (self, chosen_signal, 0, result);
  glow_histograms_unref (result);
  gtk_window_destroy (GTK_WINDOW (self));
}

static const char *
text_of (GtkWidget *row)
{
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

static void
remember (GlowPrometheusDialog *self)
{
  GSettings *settings = glow_look_get_settings ();

  g_settings_set_string (settings, "prometheus-source", text_of (self->source));
  g_settings_set_string (settings, "prometheus-promql", text_of (self->promql));
  g_settings_set_uint (settings, "prometheus-who", adw_combo_row_get_selected (ADW_COMBO_ROW (self->who)));
  g_settings_set_string (settings, "prometheus-user", text_of (self->user));
  g_settings_set_boolean (settings, "prometheus-keep", gtk_switch_get_active (GTK_SWITCH (self->keep)));
}

static void
on_compare (GlowPrometheusDialog *self)
{
  Question *question;
  gboolean is_url = glow_prometheus_is_url (text_of (self->source)), was_kept;

  if (*text_of (self->source) == '\0' || glow_job_is_running (&self->job))
    return;
  if (is_url && *text_of (self->promql) == '\0')
    {
      glow_rows_set_words (self->problem, _("Which histogram? Its name, as http_request_duration_seconds{job=\"shop\"}"));
      gtk_widget_grab_focus (self->promql);
      return;
    }
  if (is_url && self->to <= self->from)
    {
      glow_rows_set_words (self->problem, _("This recording does not tell the time of day, so there is no time to ask the server for. Choose a file, or record with “perf record -k CLOCK_MONOTONIC”"));
      return;
    }
  was_kept = g_settings_get_boolean (glow_look_get_settings (), "prometheus-keep");
  remember (self);
  glow_rows_set_words (self->problem, NULL);
  show_working (self, TRUE);
  question = g_new0 (Question, 1);
  *question = (Question) { g_strstrip (g_strdup (text_of (self->source))), g_strstrip (g_strdup (text_of (self->promql))), g_strdup (text_of (self->user)),
                           g_strdup (text_of (self->secret)), unit_words[adw_combo_row_get_selected (ADW_COMBO_ROW (self->unit))],
                           adw_combo_row_get_selected (ADW_COMBO_ROW (self->who)), gtk_switch_get_active (GTK_SWITCH (self->keep)), was_kept, self->from, self->to };
  glow_job_start (&self->job, self, work, question, question_free, (GDestroyNotify) glow_histograms_unref, answered);
}

/* ---- what is asked for ---- */

static void
on_source (GlowPrometheusDialog *self)
{
  gboolean is_url = glow_prometheus_is_url (text_of (self->source));
  guint who = adw_combo_row_get_selected (ADW_COMBO_ROW (self->who));

  gtk_widget_set_visible (self->server, is_url);
  gtk_widget_set_visible (self->user, who == BASIC);
  gtk_widget_set_visible (self->secret, who != NOBODY);
  gtk_widget_set_visible (glow_rows_get_row (self->keep), who != NOBODY && glow_secrets_are_there ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->secret), who == BEARER ? _("Token") : _("Password"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->promql), is_url ? _("PromQL: a histogram's name, or an expression") : _("Which histogram, where the file has several"));
  gtk_widget_set_sensitive (self->compare, *text_of (self->source) != '\0');
}

static void
on_file (gpointer data, const char *const *paths)
{
  GlowPrometheusDialog *self = data;

  if (paths[0] != NULL)
    gtk_editable_set_text (GTK_EDITABLE (self->source), paths[0]);
  g_object_unref (self);
}

static void
on_browse (GtkButton *button, gpointer data)
{
  GlowPrometheusDialog *self = data;
  const GlowChooseOptions options = { .mode = GLOW_CHOOSE_FILES, .title = _("A Histogram"), .accept = _("_Choose") };

  glow_compat_choose_files (GTK_WINDOW (self), &options, on_file, g_object_ref (self));
}

/* ---- making ---- */

static char *
dup_window_words (GlowPrometheusDialog *self)
{
  g_autoptr(GDateTime) from = g_date_time_new_from_unix_utc (self->from / 1000000000), to = g_date_time_new_from_unix_utc (self->to / 1000000000);
  g_autofree char *first = from != NULL ? g_date_time_format (from, "%F %T") : NULL, *last = to != NULL ? g_date_time_format (to, "%T UTC") : NULL;

  if (self->to <= self->from || first == NULL || last == NULL)
    return g_strdup (_("This recording does not tell the time of day: a server cannot be asked, a file is taken whole"));
  return g_strdup_printf (_("Of the recording's time: %s to %s"), first, last);
}

static GtkWidget *
new_page (GlowPrometheusDialog *self)
{
  const char *const units[] = { _("As Its Name Says"), _("Seconds"), _("Milliseconds"), _("Microseconds"), _("Nanoseconds"), NULL };
  const char *const who[] = { _("Nobody"), _("User and Password"), _("Token"), NULL };
  GtkWidget *page = adw_preferences_page_new (), *browse = glow_rows_new_icon ("document-open-symbolic", _("Choose a File"));
  AdwPreferencesGroup *what = ADW_PREFERENCES_GROUP (adw_preferences_group_new ()), *server = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  AdwPreferencesGroup *said = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  g_autofree char *words = dup_window_words (self);

  adw_preferences_group_set_description (what, words);
  self->source = glow_rows_add (what, _("Address of a Prometheus server, or a file"), adw_entry_row_new ());
  gtk_widget_set_tooltip_text (browse, _("Choose a file: Prometheus text or OpenMetrics, an answer of the query API, an HdrHistogram log, bpftrace's hist()"));
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (self->source), browse);
  g_signal_connect (browse, "clicked", G_CALLBACK (on_browse), self);
  self->promql = glow_rows_add (what, _("PromQL"), adw_entry_row_new ());
  self->unit = glow_rows_add_choice (what, _("Its Numbers Are"), units);
  self->server = GTK_WIDGET (server);
  self->who = glow_rows_add_choice (server, _("Ask As"), who);
  self->user = glow_rows_add (server, _("User"), adw_entry_row_new ());
  self->secret = glow_rows_add (server, _("Password"), adw_password_entry_row_new ());
  self->keep = glow_rows_add_switch (server, _("Keep in the Keyring"), _("Used again where the field above is left empty"));
  self->problem = glow_rows_new_words ("error");
  adw_preferences_group_add (said, self->problem);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), what);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), server);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), said);
  return page;
}

static void
recall (GlowPrometheusDialog *self)
{
  GSettings *settings = glow_look_get_settings ();
  g_autofree char *source = g_settings_get_string (settings, "prometheus-source"), *promql = g_settings_get_string (settings, "prometheus-promql");
  g_autofree char *user = g_settings_get_string (settings, "prometheus-user");

  gtk_editable_set_text (GTK_EDITABLE (self->source), source);
  gtk_editable_set_text (GTK_EDITABLE (self->promql), promql);
  gtk_editable_set_text (GTK_EDITABLE (self->user), user);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self->who), MIN (g_settings_get_uint (settings, "prometheus-who"), BEARER));
  gtk_switch_set_active (GTK_SWITCH (self->keep), g_settings_get_boolean (settings, "prometheus-keep") && glow_secrets_are_there ());
}

GlowPrometheusDialog *
glow_prometheus_dialog_new (GtkWindow *parent, GlowProfile *profile)
{
  GlowPrometheusDialog *self = g_object_new (GLOW_TYPE_PROMETHEUS_DIALOG, "transient-for", parent, "modal", TRUE, "default-width", 560, "default-height", 520,
                                             "title", _("Compare with Prometheus"), NULL);
  GtkWidget *content = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *header = adw_header_bar_new (), *cancel = gtk_button_new_with_mnemonic (_("_Cancel")), *page;

  g_set_object (&self->profile, profile);
  glow_profile_get_wall_window (profile, &self->from, &self->to);
  self->compare = gtk_button_new_with_mnemonic (_("C_ompare"));
  self->spinner = gtk_spinner_new ();
  gtk_widget_set_visible (self->spinner, FALSE);
  gtk_widget_add_css_class (self->compare, "suggested-action");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (cancel), "window.close");
  adw_header_bar_set_show_start_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_set_show_end_title_buttons (ADW_HEADER_BAR (header), FALSE);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), cancel);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->compare);
  adw_header_bar_pack_end (ADW_HEADER_BAR (header), self->spinner);
  page = new_page (self);
  gtk_widget_set_vexpand (page, TRUE);
  gtk_box_append (GTK_BOX (content), header);
  gtk_box_append (GTK_BOX (content), page);
  adw_window_set_content (ADW_WINDOW (self), content);
  g_signal_connect_object (self->compare, "clicked", G_CALLBACK (on_compare), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->source, "changed", G_CALLBACK (on_source), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->who, "notify::selected", G_CALLBACK (on_source), self, G_CONNECT_SWAPPED);
  for (guint i = 0; i < 4; i++)
    g_signal_connect_object ((GtkWidget *[]) { self->source, self->promql, self->user, self->secret }[i], "entry-activated", G_CALLBACK (on_compare), self, G_CONNECT_SWAPPED);
  recall (self);
  on_source (self);
  gtk_widget_grab_focus (self->source);
  return self;
}

static gboolean
on_escape (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  gtk_window_close (GTK_WINDOW (widget));
  return TRUE;
}

static void
glow_prometheus_dialog_dispose (GObject *object)
{
  GlowPrometheusDialog *self = GLOW_PROMETHEUS_DIALOG (object);

  glow_job_cancel (&self->job);
  g_clear_object (&self->profile);
  G_OBJECT_CLASS (glow_prometheus_dialog_parent_class)->dispose (object);
}

static void
glow_prometheus_dialog_class_init (GlowPrometheusDialogClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_prometheus_dialog_dispose;
  chosen_signal = g_signal_new ("chosen", GLOW_TYPE_PROMETHEUS_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  gtk_widget_class_add_binding (GTK_WIDGET_CLASS (class), GDK_KEY_Escape, 0, on_escape, NULL);
}

static void
glow_prometheus_dialog_init (GlowPrometheusDialog *self)
{
}
