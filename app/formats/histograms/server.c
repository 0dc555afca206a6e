/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Asks a Prometheus server (or what speaks as one) for the histograms of a time.
 *
 * Source: Prometheus documentation, “HTTP API”. */
#include <config.h>

#include "formats/histograms/histograms-private.h"

#include <afterglow/prometheus.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

gboolean
glow_prometheus_is_url (const char *text)
{
  return g_ascii_strncasecmp (text, "http://", 7) == 0 || g_ascii_strncasecmp (text, "https://", 8) == 0;
}

#ifndef HAVE_SOUP

gboolean
glow_prometheus_can_query (void)
{
  return FALSE;
}

GlowHistograms *
glow_prometheus_query (const GlowPrometheusRequest *request, GCancellable *cancellable, GError **error)
{
  g_set_error (error, GLOW_ERROR, GLOW_ERROR_UNSUPPORTED, _("This build cannot ask servers: it was made without libsoup. Save the answer to a file, and open that"));
  return NULL;
}

#else

#include <dlfcn.h>
#include <libsoup/soup.h>

#define LARGEST (256 << 20)
#define TIMEOUT 30
/* How far around the window scrapes are looked for: Prometheus itself takes a value for this long as the latest. */
#define LOOK_BACK 300
#define POINTS 240             /* of a range, where no step is said: as many as a strip has room for */

/* Loaded when a server is asked for the first time: what it brings along takes longer to start than the command itself. */
#define SOUP_FUNCTIONS(X) \
  X (soup_form_encode) X (soup_message_add_flags) X (soup_message_get_reason_phrase) \
  X (soup_message_get_request_headers) X (soup_message_get_response_headers) X (soup_message_get_status) \
  X (soup_message_get_tls_peer_certificate_errors) X (soup_message_get_uri) X (soup_message_headers_get_one) \
  X (soup_message_headers_replace) X (soup_message_new) X (soup_message_set_request_body_from_bytes) \
  X (soup_session_new_with_options) X (soup_session_send) X (soup_session_set_tls_database)

#define POINTER(name) __typeof__ (&name) name;
static struct { SOUP_FUNCTIONS (POINTER) } soup;
#undef POINTER

static gboolean
load_soup (void)
{
#define ENTRY(name) { #name, (void **) &soup.name },
  const struct { const char *name; void **to; } functions[] = { SOUP_FUNCTIONS (ENTRY) };
#undef ENTRY
  static gsize once;

  if (g_once_init_enter (&once))
    {
      void *handle = dlopen ("libsoup-3.0.so.0", RTLD_NOW | RTLD_LOCAL);
      gboolean whole = handle != NULL;

      for (guint i = 0; whole && i < G_N_ELEMENTS (functions); i++)
        whole = (*functions[i].to = dlsym (handle, functions[i].name)) != NULL;
      g_once_init_leave (&once, whole ? 1 : 2);
    }
  return once == 1;
}

typedef struct {
  const GlowPrometheusRequest *request;
  SoupSession *session;
  char *base;                  /* without a slash at its end */
  GCancellable *cancellable;
} Client;

/* ---- one call ---- */

static void
set_tls_error (SoupMessage *message, const char *host, GError **error)
{
  GTlsCertificateFlags flags = soup.soup_message_get_tls_peer_certificate_errors (message);
  const char *why = (flags & G_TLS_CERTIFICATE_UNKNOWN_CA) != 0 ? _("it is signed by nobody who is trusted here")
                  : (flags & G_TLS_CERTIFICATE_BAD_IDENTITY) != 0 ? _("it is for another name")
                  : (flags & G_TLS_CERTIFICATE_EXPIRED) != 0 ? _("it has expired")
                  : (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED) != 0 ? _("it is not valid yet")
                  : (flags & G_TLS_CERTIFICATE_REVOKED) != 0 ? _("it was revoked") : _("it cannot be verified");

  g_clear_error (error);
  g_set_error (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE, _("The certificate of %s was refused: %s. Nothing was sent"), host, why);
}

static void
authorize (Client *client, SoupMessage *message)
{
  SoupMessageHeaders *headers = soup.soup_message_get_request_headers (message);
  const GlowPrometheusRequest *request = client->request;

  if (request->token != NULL)
    {
      g_autofree char *value = g_strconcat ("Bearer ", request->token, NULL);

      soup.soup_message_headers_replace (headers, "Authorization", value);
    }
  else if (request->user != NULL)
    {
      g_autofree char *pair = g_strconcat (request->user, ":", request->password != NULL ? request->password : "", NULL);
      g_autofree char *coded = g_base64_encode ((const guchar *) pair, strlen (pair));
      g_autofree char *value = g_strconcat ("Basic ", coded, NULL);

      soup.soup_message_headers_replace (headers, "Authorization", value);
    }
}

static GBytes *
read_body (Client *client, GInputStream *stream, GError **error)
{
  g_autoptr(GByteArray) body = g_byte_array_new ();
  guint8 buffer[32768];
  gssize n;

  while ((n = g_input_stream_read (stream, buffer, sizeof buffer, client->cancellable, error)) > 0)
    {
      g_byte_array_append (body, buffer, n);
      if (body->len > LARGEST)
        {
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_UNSUPPORTED, _("the answer has more than %u MiB: choose fewer series, or a longer step"), LARGEST >> 20);
          return NULL;
        }
    }
  return n < 0 ? NULL : g_byte_array_free_to_bytes (g_steal_pointer (&body));
}

static void
set_status_error (Client *client, SoupMessage *message, GBytes *body, GError **error)
{
  guint status = soup.soup_message_get_status (message);
  const char *location = soup.soup_message_headers_get_one (soup.soup_message_get_response_headers (message), "Location");
  gsize n;
  const char *text = g_bytes_get_data (body, &n);
  g_autofree char *problem = n > 0 ? glow_query_json_dup_problem (text, n) : NULL;
  const char *reason = problem != NULL ? problem : soup.soup_message_get_reason_phrase (message);

  if (status == SOUP_STATUS_UNAUTHORIZED || status == SOUP_STATUS_FORBIDDEN || status == SOUP_STATUS_PROXY_UNAUTHORIZED)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, client->request->user == NULL && client->request->token == NULL
                 ? _("%s wants to know who asks (%u %s): give a user and a password, or a token") : _("%s refused the user, the password or the token (%u %s)"),
                 client->base, status, reason);
  else if (SOUP_STATUS_IS_REDIRECTION (status))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("%s has moved (%u %s) to %s: give that address if it is to be trusted"), client->base, status, reason,
                 location != NULL ? location : _("an address that it does not tell"));
  else if (status == SOUP_STATUS_BAD_REQUEST || status == SOUP_STATUS_UNPROCESSABLE_ENTITY)
    g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("%s refused the question (%u): %s"), client->base, status, reason);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("%s answered %u: %s"), client->base, status, reason);
}

/* GET where the address stays short enough for every proxy, else POST. Takes @form. (transfer full) */
static GBytes *
call (Client *client, const char *path, char *form, GError **error)
{
  g_autofree char *text = form, *address = NULL;
  gboolean is_long = strlen (text) > 2000;
  g_autoptr(SoupMessage) message = NULL;
  g_autoptr(GInputStream) stream = NULL;
  g_autoptr(GBytes) body = NULL;

  address = g_strconcat (client->base, path, is_long ? "" : "?", is_long ? "" : text, NULL);
  message = soup.soup_message_new (is_long ? "POST" : "GET", address);
  if (message == NULL)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” is no address of a server"), client->base);
      return NULL;
    }
  if (is_long)
    {
      g_autoptr(GBytes) bytes = g_bytes_new (text, strlen (text));

      soup.soup_message_set_request_body_from_bytes (message, "application/x-www-form-urlencoded", bytes);
    }
  soup.soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE);
  authorize (client, message);
  stream = soup.soup_session_send (client->session, message, client->cancellable, error);
  if (stream == NULL)
    {
      if (error != NULL && g_error_matches (*error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
        set_tls_error (message, g_uri_get_host (soup.soup_message_get_uri (message)), error);
      else if (error != NULL && !g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_prefix_error (error, _("%s cannot be asked: "), client->base);
      return NULL;
    }
  body = read_body (client, stream, error);
  if (body == NULL)
    {
      if (error != NULL && !g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_prefix_error (error, _("%s: "), client->base);
      return NULL;
    }
  if (!SOUP_STATUS_IS_SUCCESSFUL (soup.soup_message_get_status (message)))
    {
      set_status_error (client, message, body, error);
      return NULL;
    }
  return g_steal_pointer (&body);
}

/* ---- the questions ---- */

static char *
seconds_text (double seconds)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.3f", seconds));
}

/* A selector of a name → one of its buckets too, and of the native histogram of that name: whichever the server has. (transfer full) */
static char *
widen_selector (const char *selector)
{
  gsize n = strcspn (selector, "{ \t");
  g_autofree char *name = g_strndup (selector, n), *escaped = NULL;
  const char *rest = strchr (selector + n, '{');

  if (n == 0)
    return g_strdup (selector);
  if (g_str_has_suffix (name, "_bucket"))
    name[n - strlen ("_bucket")] = '\0';
  escaped = g_regex_escape_string (name, -1);
  return g_strdup_printf ("{__name__=~\"%s(_bucket)?\"%s%s", escaped, rest != NULL && strcspn (rest + 1, " \t}") > 0 ? "," : "", rest != NULL ? rest + 1 : "}");
}

static double
choose_step (const GlowPrometheusRequest *request, double window)
{
  if (request->step > 0)
    return request->step;
  return MAX (ceil (window / POINTS), 1);
}

/* Forms of the two questions: a selector's own scrapes, or an expression at equal steps. */
static GBytes *
ask_for_series (Client *client, double from, double to, double *step, GError **error)
{
  const GlowPrometheusRequest *request = client->request;
  g_autofree char *start = NULL, *end = NULL, *by = NULL;

  if (request->step <= 0 && glow_prometheus_is_selector (request->promql))
    {
      g_autofree char *selector = widen_selector (request->promql);
      g_autofree char *query = g_strdup_printf ("%s[%.0fs]", selector, ceil (to - from) + 2 * LOOK_BACK);

      *step = 0;
      end = seconds_text (to + LOOK_BACK);
      return call (client, "/api/v1/query", soup.soup_form_encode ("query", query, "time", end, NULL), error);
    }
  *step = choose_step (request, to - from);
  start = seconds_text (from - *step);
  end = seconds_text (to + *step);
  by = seconds_text (*step);
  return call (client, "/api/v1/query_range", soup.soup_form_encode ("query", request->promql, "start", start, "end", end, "step", by, NULL), error);
}

/* What only some servers have: no error where it is not there. */
static void
ask_for_more (Client *client, GlowHistograms *histograms, double from, double to)
{
  g_autofree char *start = seconds_text (from), *end = seconds_text (to), *selector = NULL;
  g_autoptr(GBytes) version = call (client, "/api/v1/status/buildinfo", g_strdup (""), NULL), exemplars = NULL;
  gsize n;
  const char *text;

  if (version != NULL)
    {
      g_autoptr(GRegex) regex = g_regex_new ("\"version\"\\s*:\\s*\"([0-9][^\"]*)\"", 0, 0, NULL);
      g_autoptr(GMatchInfo) match = NULL;
      g_autofree char *whole = NULL;

      text = g_bytes_get_data (version, &n);
      whole = g_strndup (text, MIN (n, 65536));
      if (g_utf8_validate (whole, -1, NULL) && g_regex_match (regex, whole, 0, &match))
        histograms->server_version = g_match_info_fetch (match, 1);
    }
  selector = glow_prometheus_is_selector (client->request->promql) ? widen_selector (client->request->promql) : g_strdup (client->request->promql);
  exemplars = call (client, "/api/v1/query_exemplars", soup.soup_form_encode ("query", selector, "start", start, "end", end, NULL), NULL);
  if (exemplars != NULL)
    {
      text = g_bytes_get_data (exemplars, &n);
      glow_query_json_add_exemplars (histograms, text, n, NULL);
    }
}

/* Scrapes were asked for around the window too: only what touches it is kept. */
static void
keep_window (GlowHistograms *histograms, gint64 from, gint64 to)
{
  for (guint i = histograms->series->len; i-- > 0;)
    {
      GlowHistogramSeries *series = g_ptr_array_index (histograms->series, i);

      for (guint k = series->intervals->len; k-- > 0;)
        {
          const GlowHistogramInterval *interval = g_ptr_array_index (series->intervals, k);

          if ((interval->to != GLOW_TIME_UNKNOWN && interval->to <= from) || (interval->from != GLOW_TIME_UNKNOWN && interval->from >= to))
            g_ptr_array_remove_index (series->intervals, k);
        }
      if (series->intervals->len == 0)
        g_ptr_array_remove_index (histograms->series, i);
    }
}

/* A function's answer has no name: it is called by the expression, and its unit is that of the first name in it that says one. */
static void
name_answers (GlowHistograms *histograms, const char *promql)
{
  for (guint i = 0; i < histograms->series->len; i++)
    {
      GlowHistogramSeries *series = g_ptr_array_index (histograms->series, i);
      g_autoptr(GRegex) regex = NULL;
      g_autoptr(GMatchInfo) match = NULL;

      if (series->name[0] != '\0')
        continue;
      g_free (series->name);
      series->name = g_strdup (promql);
      regex = g_regex_new ("[a-zA-Z_:][a-zA-Z0-9_:]*", 0, 0, NULL);
      for (g_regex_match (regex, promql, 0, &match); series->ns_per_unit == 0 && g_match_info_matches (match); g_match_info_next (match, NULL))
        {
          g_autofree char *word = g_match_info_fetch (match, 0);

          if (strchr (word, '_') != NULL)
            glow_unit_from_name (word, &series->unit, &series->ns_per_unit);
        }
    }
}

static GlowHistograms *
read_answer (Client *client, GBytes *body, double step, GError **error)
{
  const GlowPrometheusRequest *request = client->request;
  GlowHistogramsDraft *draft = glow_histograms_draft_new (client->base);
  g_autoptr(GlowHistograms) histograms = NULL;
  gsize n;
  const char *text = g_bytes_get_data (body, &n);

  draft->step = step;
  draft->are_rates = step > 0 && (strstr (request->promql, "rate(") != NULL || strstr (request->promql, "rate (") != NULL);
  if (n == 0 || !glow_query_json_read (draft, text, n, client->cancellable, error))
    {
      if (n == 0)
        g_set_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED, _("an empty answer"));
      g_prefix_error (error, _("%s: "), client->base);
      glow_histograms_draft_free (draft);
      return NULL;
    }
  histograms = glow_histograms_draft_finish (draft, NULL);
  if (histograms != NULL)
    {
      keep_window (histograms, request->from, request->to);
      name_answers (histograms, request->promql);
    }
  if (histograms == NULL || histograms->series->len == 0)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("%s has no histogram “%s” in that time: it needs buckets (series with le), or native histograms, "
                                                          "and two scrapes around it"), client->base, request->promql);
      return NULL;
    }
  return g_steal_pointer (&histograms);
}

/* (transfer full) (nullable): the address without what was copied with it from a browser. */
static char *
dup_base (const char *url, GError **error)
{
  g_autoptr(GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, error), base = NULL;
  g_autofree char *path = NULL;
  const char *pages[] = { "/graph", "/query", "/api/v1", "/api/v1/query", "/api/v1/query_range" };

  if (uri == NULL)
    return NULL;
  if (g_uri_get_userinfo (uri) != NULL)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("an address with a user in it: such addresses end up in logs and in lists of processes. "
                                                              "Give user and password apart from it"));
      return NULL;
    }
  path = g_strdup (g_uri_get_path (uri));
  while (g_str_has_suffix (path, "/"))
    path[strlen (path) - 1] = '\0';
  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    if (g_str_has_suffix (path, pages[i]))
      {
        path[strlen (path) - strlen (pages[i])] = '\0';
        break;
      }
  base = g_uri_build (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri), g_uri_get_port (uri), path, NULL, NULL);
  g_free (path);
  path = g_uri_to_string (base);
  while (g_str_has_suffix (path, "/"))
    path[strlen (path) - 1] = '\0';
  return g_steal_pointer (&path);
}

static gboolean
trust (SoupSession *session, const char *ca_file, GError **error)
{
  g_autofree char *absolute = g_canonicalize_filename (ca_file, NULL);
  g_autoptr(GTlsDatabase) database = g_tls_file_database_new (absolute, error);

  if (database == NULL)
    {
      g_prefix_error (error, _("“%s”: "), ca_file);
      return FALSE;
    }
  soup.soup_session_set_tls_database (session, database);
  return TRUE;
}

gboolean
glow_prometheus_can_query (void)
{
  return load_soup ();
}

GlowHistograms *
glow_prometheus_query (const GlowPrometheusRequest *request, GCancellable *cancellable, GError **error)
{
  g_autofree char *base = dup_base (request->url, error);
  Client client = { .request = request, .base = base, .cancellable = cancellable };
  g_autoptr(SoupSession) session = NULL;
  double from = request->from / 1e9, to = request->to / 1e9, step;
  g_autoptr(GBytes) body = NULL;
  g_autoptr(GlowHistograms) histograms = NULL;

  if (base == NULL)
    return NULL;
  if (!load_soup ())
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_UNSUPPORTED, _("libsoup 3, which asks servers, is not installed. Save the answer to a file, and open that"));
      return NULL;
    }
  client.session = session = soup.soup_session_new_with_options ("timeout", request->timeout > 0 ? request->timeout : TIMEOUT,
                                                                 "user-agent", "afterglow/" AFTERGLOW_VERSION, NULL);
  if (request->ca_file != NULL && !trust (session, request->ca_file, error))
    return NULL;
  body = ask_for_series (&client, from, to, &step, error);
  histograms = body != NULL ? read_answer (&client, body, step, error) : NULL;
  if (histograms == NULL)
    return NULL;
  ask_for_more (&client, histograms, from, to);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  if ((request->token != NULL || request->user != NULL) && g_ascii_strncasecmp (base, "http:", 5) == 0)
    glow_warnings_add (histograms->warnings, "password-in-clear", NULL, 1, 0, _("Ask by https:// if the server can."),
                       _("the password or token went to %s without encryption"), base);
  return g_steal_pointer (&histograms);
}

#endif
