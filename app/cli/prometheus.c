/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A service's own histogram beside a recording's spans: from files, or asked from a server for the recording's time. Passwords come from the
 * environment or from a file: the command line is for everyone to read. */
#include "config.h"
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <afterglow/text.h>
#include "cli/prometheus.h"

void
glow_cli_prometheus_clear (GlowCliPrometheus *self)
{
  g_strfreev (self->sources);
  g_free (self->promql);
  g_free (self->unit);
  g_free (self->step_word);
  g_free (self->auth_file);
  g_free (self->ca_file);
  g_free (self->sum_by);
}

/* "15s", "500ms", "1m", "30" */
static gboolean
parse_step (const char *word, double *seconds)
{
  static const struct { const char *unit; double factor; } units[] = { { "", 1 }, { "ms", 1e-3 }, { "s", 1 }, { "m", 60 }, { "h", 3600 } };
  char *end;

  *seconds = g_ascii_strtod (word, &end);
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (end > word && strcmp (end, units[i].unit) == 0)
      {
        *seconds *= units[i].factor;
        return isfinite (*seconds) && *seconds >= 1e-3;
      }
  return FALSE;
}

gboolean
glow_cli_prometheus_check (GlowCliPrometheus *self)
{
  static const char *const units[] = { "ns", "us", "ms", "s", NULL };

  if (self->step_word != NULL && !parse_step (self->step_word, &self->step))
    {
      glow_cli_complain (NULL, _("latency: --step “%s”: expected a duration of at least 1 ms, as 15s"), self->step_word);
      return FALSE;
    }
  if (self->unit != NULL && glow_cli_choose ("--unit", self->unit, units) < 0)
    return FALSE;
  for (guint i = 0; self->sources != NULL && self->sources[i] != NULL; i++)
    {
      if (!glow_prometheus_is_url (self->sources[i]))
        continue;
      if (self->sources[1] != NULL)
        {
          glow_cli_complain (NULL, _("latency: --prometheus: an address is asked alone; several may be files of one service"));
          return FALSE;
        }
      if (self->promql == NULL)
        {
          glow_cli_complain (NULL, _("latency: --prometheus %s: --promql says which histogram, as http_request_duration_seconds{job=\"shop\"}"), self->sources[i]);
          return FALSE;
        }
    }
  return TRUE;
}

/* ---- who asks ---- */

typedef struct { char *user, *password, *token; } Credentials;

static void
credentials_clear (Credentials *self)
{
  g_free (self->user);
  g_free (self->password);
  g_free (self->token);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Credentials, credentials_clear)

/* "machine HOST login USER password PASSWORD", in any number of lines; the first that is for this host, or "default". */
static gboolean
read_netrc (const char *text, const char *host, Credentials *credentials)
{
  g_auto(GStrv) words = g_strsplit_set (text, " \t\r\n", -1);
  gboolean ours = FALSE;
  char **word = NULL;

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (words[i][0] == '\0')
        continue;
      if (word == NULL && strcmp (words[i], "machine") != 0 && strcmp (words[i], "default") != 0 && strcmp (words[i], "login") != 0
          && strcmp (words[i], "password") != 0)
        continue;
      if (word == NULL && strcmp (words[i], "default") == 0)
        {
          if (credentials->user != NULL)
            return TRUE;
          ours = TRUE;
          continue;
        }
      if (word == NULL)
        {
          word = &words[i];
          continue;
        }
      if (strcmp (*word, "machine") == 0)
        {
          if (ours && credentials->user != NULL)
            return TRUE;
          ours = g_ascii_strcasecmp (words[i], host) == 0;
        }
      else if (ours)
        {
          char **slot = strcmp (*word, "login") == 0 ? &credentials->user : &credentials->password;

          g_free (*slot);
          *slot = g_strdup (words[i]);
        }
      word = NULL;
    }
  return credentials->user != NULL;
}

/* A line "bearer TOKEN", "basic USER:PASSWORD", or a netrc. */
static gboolean
read_auth_file (const char *path, const char *url, Credentials *credentials)
{
  g_autofree char *text = NULL, *host = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  GStatBuf status;
  char *colon, *line;

  if (!g_file_get_contents (path, &text, NULL, &error))
    {
      glow_cli_complain (path, "%s", error->message);
      return FALSE;
    }
  if (g_stat (path, &status) == 0 && S_ISREG (status.st_mode) && (status.st_mode & 0077) != 0)
    glow_cli_complain (path, _("note: others may read this file; “chmod 600” keeps them from it"));
  line = g_strstrip (text);
  if (g_ascii_strncasecmp (line, "bearer ", 7) == 0 && strpbrk (g_strstrip (line + 7), " \t\r\n") == NULL)
    {
      credentials->token = g_strdup (g_strstrip (line + 7));
      return TRUE;
    }
  if (g_ascii_strncasecmp (line, "basic ", 6) == 0 && (colon = strchr (line, ':')) != NULL && strpbrk (colon, "\r\n") == NULL)
    {
      credentials->user = g_strstrip (g_strndup (line + 6, colon - line - 6));
      credentials->password = g_strdup (colon + 1);
      return TRUE;
    }
  host = g_strdup (uri != NULL && g_uri_get_host (uri) != NULL ? g_uri_get_host (uri) : "");
  if (read_netrc (text, host, credentials))
    return TRUE;
  glow_cli_complain (path, _("expected “bearer TOKEN”, “basic USER:PASSWORD”, or a line “machine %s login USER password PASSWORD”"), host);
  return FALSE;
}

static gboolean
find_credentials (const GlowCliPrometheus *self, Credentials *credentials)
{
  if (self->auth_file != NULL)
    return read_auth_file (self->auth_file, self->sources[0], credentials);
  credentials->token = g_strdup (g_getenv ("AFTERGLOW_PROMETHEUS_TOKEN"));
  credentials->user = g_strdup (g_getenv ("AFTERGLOW_PROMETHEUS_USER"));
  credentials->password = g_strdup (g_getenv ("AFTERGLOW_PROMETHEUS_PASSWORD"));
  return TRUE;
}

/* ---- reading and asking ---- */

void
glow_cli_print_histogram_warnings (const GlowCliOptions *options, const char *file, GlowHistograms *histograms)
{
  for (guint i = 0; !options->quiet && i < glow_warnings_get_n (histograms->warnings); i++)
    {
      const GlowWarning *warning = glow_warnings_get (histograms->warnings, i);
      g_autofree char *count = glow_text_count (warning->count), *times = g_strdup_printf (_(" (%s times)"), count);

      glow_cli_complain (file, _("warning: %s%s"), warning->message, warning->count > 1 ? times : "");
    }
}

static GlowHistograms *
ask (const GlowCliPrometheus *self, GlowProfile *profile, int *status)
{
  g_auto(Credentials) credentials = { 0 };
  GlowPrometheusRequest request = { .url = self->sources[0], .promql = self->promql, .step = self->step, .ca_file = self->ca_file };
  g_autoptr(GError) error = NULL;
  GlowHistograms *histograms;

  if (!glow_profile_get_wall_window (profile, &request.from, &request.to))
    {
      glow_cli_complain (glow_profile_get_files (profile)[0],
                         _("its clock does not tell the time of day, so there is no time to ask the server for; record with “perf record -k CLOCK_MONOTONIC”, "
                           "or give --prometheus a file"));
      *status = GLOW_CLI_EXIT_NOTHING;
      return NULL;
    }
  if (!find_credentials (self, &credentials))
    {
      *status = GLOW_CLI_EXIT_UNREADABLE;
      return NULL;
    }
  request.token = credentials.token;
  request.user = credentials.user;
  request.password = credentials.password;
  histograms = glow_prometheus_query (&request, glow_cli_get_cancellable (), &error);
  if (histograms == NULL)
    *status = glow_cli_report (NULL, error);
  return histograms;
}

GlowHistograms *
glow_cli_prometheus_load (const GlowCliPrometheus *self, const GlowCliOptions *options, GlowProfile *profile, int *status)
{
  gboolean is_url = glow_prometheus_is_url (self->sources[0]);
  g_autoptr(GlowHistograms) histograms = NULL;
  g_autoptr(GError) error = NULL;

  if (is_url)
    histograms = ask (self, profile, status);
  else
    {
      histograms = glow_histograms_load_paths ((const char *const *) self->sources, glow_cli_get_cancellable (), &error);
      if (histograms == NULL)
        *status = glow_cli_report (self->sources[0], error);
    }
  if (histograms == NULL)
    return NULL;
  glow_cli_print_histogram_warnings (options, self->sources[0], histograms);
  if (self->unit != NULL)
    glow_histograms_set_unit (histograms, self->unit);
  if (!is_url && self->promql != NULL && !glow_histograms_select (histograms, self->promql, &error))
    {
      *status = glow_cli_report (NULL, error);
      return NULL;
    }
  return g_steal_pointer (&histograms);
}

/* Those of the recording's time where both tell the time of day; what a file holds otherwise. */
GlowHistogramComparison *
glow_cli_prometheus_compare (GlowHistograms *histograms, GlowProfile *profile, const GlowLatency *latency, int *status)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) series = glow_histograms_choose (histograms, &error);
  GlowHistogram *server;
  gint64 from = GLOW_TIME_UNKNOWN, to = GLOW_TIME_UNKNOWN;

  if (series == NULL)
    {
      g_autofree char *message = g_strconcat (error->message, _(" (--promql NAME, --unit s)"), NULL);

      glow_cli_complain (NULL, "%s", message);
      *status = GLOW_CLI_EXIT_USAGE;
      return NULL;
    }
  glow_profile_get_wall_window (profile, &from, &to);
  server = glow_histogram_new_sum (series, from, to);
  if (server->count <= 0)
    {
      glow_cli_complain (histograms->source, _("%s has no observations in the recording's time"), server->name);
      glow_histogram_free (server);
      *status = GLOW_CLI_EXIT_NOTHING;
      return NULL;
    }
  return glow_histogram_comparison_new (latency, server, glow_histograms_is_exponential (histograms));
}

/* ---- text ---- */

/* With its day where that is another than @beside's. */
static char *
dup_clock (gint64 time, gint64 beside)
{
  g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc (time / 1000000000);
  gboolean is_same_day = time / G_GINT64_CONSTANT (86400000000000) == beside / G_GINT64_CONSTANT (86400000000000);

  return date != NULL ? g_date_time_format (date, is_same_day ? "%H:%M:%S" : "%F %H:%M:%S") : g_strdup ("?");
}

static char *
dup_bound (double ns)
{
  return isinf (ns) ? g_strdup (ns < 0 ? "−∞" : "+Inf") : glow_text_duration (ns);
}

static char *
dup_prometheus_quantile (const GlowPrometheusQuantile *quantile)
{
  g_autofree char *value = NULL, *low = NULL, *high = NULL;

  if (isnan (quantile->value))
    return g_strdup (_("not a number"));
  value = isinf (quantile->high) ? NULL : dup_bound (quantile->value);
  low = dup_bound (quantile->low);
  high = dup_bound (quantile->high);
  /* What the server answers there is the bucket's lower bound: the quantile lies anywhere above it. */
  if (value == NULL)
    return g_strdup_printf (_("above %s, in %s … %s"), low, low, high);
  return g_strdup_printf (_("%s, in %s … %s"), value, low, high);
}

static char *
dup_exact (const GlowQuantile *quantile)
{
  g_autofree char *value = glow_text_duration ((double) quantile->value_ns), *low = NULL, *high = NULL;

  if (!quantile->has_value || !quantile->is_known)
    return g_strdup (_("not determined"));
  low = glow_text_duration ((double) quantile->low_ns);
  high = glow_text_duration ((double) quantile->high_ns);
  return g_strdup_printf (_("%s (%s to %s)"), value, low, high);
}

static void
append_heading (GString *text, const GlowHistograms *histograms, GlowProfile *profile, const GlowHistogramComparison *comparison)
{
  const GlowHistogram *server = comparison->server;
  g_autofree char *count = glow_text_count ((guint64) llround (MIN (server->count, 9e18)));
  gint64 from = 0, to = 0, day;

  day = glow_profile_get_wall_window (profile, &from, &to) ? from : server->to;
  g_string_append_printf (text, _("  Beside %s of %s: %s observations"), server->name[0] != '\0' ? server->name : histograms->format, histograms->source, count);
  if (server->n_series > 1)
    g_string_append_printf (text, ngettext (" of %u series", " of %u series", server->n_series), server->n_series);
  if (server->from != GLOW_TIME_UNKNOWN && server->to != GLOW_TIME_UNKNOWN && server->to > server->from)
    {
      g_autofree char *first = dup_clock (server->from, day), *last = dup_clock (server->to, day);

      g_string_append_printf (text, _(", %s to %s"), first, last);
      if (to > from)
        {
          g_autofree char *start = dup_clock (from, day), *end = dup_clock (to, day);

          g_string_append_printf (text, _(" (the recording: %s to %s, UTC)"), start, end);
        }
    }
  else
    g_string_append (text, _(" since it began: pages of before and after the recording would tell what lies between"));
  g_string_append_c (text, '\n');
}

static void
append_buckets (GString *text, const GlowHistogramComparison *comparison)
{
  double most = 0;

  for (guint i = 0; i < comparison->buckets->len; i++)
    {
      const GlowComparedBucket *bucket = &g_array_index (comparison->buckets, GlowComparedBucket, i);

      most = MAX (most, MAX (bucket->spans / MAX (comparison->n_spans, 1), bucket->server / MAX (comparison->n_server, 1)));
    }
  for (guint i = 0; i < comparison->buckets->len; i++)
    {
      const GlowComparedBucket *bucket = &g_array_index (comparison->buckets, GlowComparedBucket, i);
      double ours = bucket->spans / MAX (comparison->n_spans, 1), theirs = bucket->server / MAX (comparison->n_server, 1);
      g_autofree char *low = dup_bound (MAX (bucket->lower, 0)), *high = dup_bound (bucket->upper);
      g_autofree char *share1 = glow_text_share (ours), *share2 = glow_text_share (theirs);

      if (bucket->upper <= 0 || (bucket->spans == 0 && bucket->server == 0))
        continue;
      g_string_append (text, "  ");
      glow_cli_append_padded (text, low, 10, TRUE);
      g_string_append (text, " … ");
      glow_cli_append_padded (text, high, 10, FALSE);
      g_string_append (text, " ");
      glow_cli_append_padded (text, share1, 9, TRUE);
      g_string_append (text, " ");
      glow_cli_append_bar (text, ours / most, 16);
      glow_cli_append_padded (text, share2, 9, TRUE);
      g_string_append (text, " ");
      glow_cli_append_bar (text, theirs / most, 16);
      g_string_append_c (text, '\n');
    }
}

void
glow_cli_prometheus_append (GString *text, const GlowHistograms *histograms, GlowProfile *profile, const GlowHistogramComparison *comparison)
{
  const GlowTest *test = &comparison->test;

  append_heading (text, histograms, profile, comparison);
  g_string_append (text, "         ");
  glow_cli_append_padded (text, _("exact, of the spans"), 34, FALSE);
  glow_cli_append_padded (text, _("histogram_quantile of them"), 36, FALSE);
  g_string_append_printf (text, "%s\n", _("histogram_quantile of the service"));
  for (guint i = 0; i < G_N_ELEMENTS (comparison->quantiles); i++)
    {
      const GlowComparedQuantile *quantile = &comparison->quantiles[i];
      g_autofree char *label = glow_quantile_dup_label (quantile->exact.q), *exact = dup_exact (&quantile->exact);
      g_autofree char *spans = dup_prometheus_quantile (&quantile->spans), *server = dup_prometheus_quantile (&quantile->server);

      g_string_append (text, "  ");
      glow_cli_append_padded (text, label, 7, FALSE);
      glow_cli_append_padded (text, exact, 34, FALSE);
      glow_cli_append_padded (text, spans, 36, FALSE);
      g_string_append_printf (text, "%s\n", server);
    }
  g_string_append (text, "                           ");
  glow_cli_append_padded (text, _("spans"), 26, FALSE);
  g_string_append_printf (text, "%s\n", _("service"));
  append_buckets (text, comparison);
  if (isnan (test->p))
    g_string_append (text, _("  Too few to tell whether the two are alike.\n"));
  else
    g_string_append_printf (text, test->p < 0.05 ? _("  The two differ by more than chance: χ² %.4g, %.0f degrees of freedom, p %.2g\n")
                                                 : _("  Nothing says that the two differ: χ² %.4g, %.0f degrees of freedom, p %.2g\n"),
                            test->statistic, test->degrees, test->p);
}

/* ---- JSON ---- */

static void
json_quantile (JsonBuilder *builder, const char *member, const GlowPrometheusQuantile *quantile)
{
  json_builder_set_member_name (builder, member);
  json_builder_begin_object (builder);
  glow_cli_json_number (builder, "value_ns", quantile->value);
  glow_cli_json_number (builder, "low_ns", quantile->low);
  glow_cli_json_number (builder, "high_ns", quantile->high);
  json_builder_end_object (builder);
}

static void
json_time (JsonBuilder *builder, const char *member, gint64 time)
{
  glow_cli_json_number (builder, member, time != GLOW_TIME_UNKNOWN ? (double) time / 1e9 : NAN);
}

void
glow_cli_prometheus_json (JsonBuilder *builder, const GlowHistograms *histograms, const GlowHistogramComparison *comparison)
{
  const GlowHistogram *server = comparison->server;

  json_builder_set_member_name (builder, "prometheus");
  json_builder_begin_object (builder);
  glow_cli_json_string (builder, "source", histograms->source);
  glow_cli_json_string (builder, "format", histograms->format);
  glow_cli_json_string (builder, "server_version", histograms->server_version);
  glow_cli_json_string (builder, "name", server->name);
  glow_cli_json_string (builder, "form", glow_histogram_form_get_id (server->form));
  glow_cli_json_count (builder, "series", server->n_series);
  json_time (builder, "from_s", server->from);
  json_time (builder, "to_s", server->to);
  glow_cli_json_number (builder, "observations", server->count);
  json_builder_set_member_name (builder, "quantiles");
  json_builder_begin_array (builder);
  for (guint i = 0; i < G_N_ELEMENTS (comparison->quantiles); i++)
    {
      const GlowComparedQuantile *quantile = &comparison->quantiles[i];

      json_builder_begin_object (builder);
      glow_cli_json_number (builder, "q", quantile->exact.q);
      glow_cli_json_number (builder, "exact_ns", quantile->exact.has_value && quantile->exact.is_known ? (double) quantile->exact.value_ns : NAN);
      json_quantile (builder, "spans", &quantile->spans);
      json_quantile (builder, "service", &quantile->server);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "buckets");
  json_builder_begin_array (builder);
  for (guint i = 0; i < comparison->buckets->len; i++)
    {
      const GlowComparedBucket *bucket = &g_array_index (comparison->buckets, GlowComparedBucket, i);

      if (bucket->upper <= 0)
        continue;
      json_builder_begin_object (builder);
      glow_cli_json_number (builder, "lower_ns", MAX (bucket->lower, 0));
      glow_cli_json_number (builder, "upper_ns", bucket->upper);
      glow_cli_json_number (builder, "spans", bucket->spans);
      glow_cli_json_number (builder, "service", bucket->server);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "chi_square");
  json_builder_begin_object (builder);
  glow_cli_json_number (builder, "statistic", isnan (comparison->test.p) ? NAN : comparison->test.statistic);
  glow_cli_json_number (builder, "degrees", comparison->test.degrees);
  glow_cli_json_number (builder, "p", comparison->test.p);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}
