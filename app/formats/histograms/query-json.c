/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of Prometheus' query API: vectors and matrices of classic series (a value a bound) and of native histograms.
 *
 * Source: Prometheus documentation, “HTTP API”: instant and range queries, native histograms, exemplars. */
#include <config.h>

#include "formats/histograms/histograms-private.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#define WORTH_A_LOOK 4096

int
glow_query_json_recognise (const char *text, gsize n)
{
  g_autofree char *head = g_strndup (text, MIN (n, WORTH_A_LOOK));
  const char *at = head;

  while (g_ascii_isspace (*at))
    at++;
  if (*at != '{')
    return 0;
  return strstr (at, "\"resultType\"") != NULL ? 95 : strstr (at, "\"status\"") != NULL && strstr (at, "\"data\"") != NULL ? 80 : 0;
}

/* ---- looking into JSON whose shape is not known ---- */

static JsonObject *
member_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static JsonArray *
member_array (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static const char *
node_string (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

static const char *
member_string (JsonObject *object, const char *name)
{
  return object != NULL ? node_string (json_object_get_member (object, name)) : NULL;
}

/* A number, or one as text, as Prometheus writes values; NaN: none. */
static double
node_number (JsonNode *node)
{
  const char *text = node_string (node);
  double value;
  char *end;

  if (text != NULL)
    {
      value = g_ascii_strtod (text, &end);
      return end > text && *end == '\0' ? value : NAN;
    }
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return NAN;
  return json_node_get_value_type (node) == G_TYPE_DOUBLE || json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_double (node) : NAN;
}

static gint64
node_time (JsonNode *node)
{
  double seconds = node_number (node);

  /* Milliseconds are all they have: nanoseconds of a double would be noise. */
  return isfinite (seconds) && fabs (seconds) < 9e9 ? (gint64) round (seconds * 1e3) * 1000000 : GLOW_TIME_UNKNOWN;
}

/* The whole text as one object. (transfer full) */
static JsonParser *
parse (const char *text, gsize n, JsonObject **root, GError **error)
{
  g_autoptr(JsonParser) parser = json_parser_new ();
  const char *at = text, *value, *problem;
  gsize length;

  *root = NULL;
  if (!glow_json_next (&at, text + n, &value, &length, &problem))
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED, "%s", problem != NULL ? _(problem) : _("expected a JSON object"));
      return NULL;
    }
  if (!g_utf8_validate (value, length, NULL))
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED, _("JSON that is not UTF-8"));
      return NULL;
    }
  if (!json_parser_load_from_data (parser, value, length, error))
    {
      g_autofree char *why = error != NULL && *error != NULL ? g_strdup ((*error)->message) : NULL;

      g_clear_error (error);
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED, _("JSON that cannot be read: %s"), why != NULL ? why : "");
      return NULL;
    }
  if (json_parser_get_root (parser) == NULL || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED, _("expected a JSON object"));
      return NULL;
    }
  *root = json_node_get_object (json_parser_get_root (parser));
  return g_steal_pointer (&parser);
}

/* ---- series ---- */

typedef struct {
  GlowHistogramsDraft *draft;
  gboolean dropped;            /* a value was none */
} Answer;

static GArray *
read_labels (JsonObject *metric, char **name, char **le)
{
  GArray *labels = glow_labels_new ();
  g_autoptr(GList) members = metric != NULL ? json_object_get_members (metric) : NULL;

  for (GList *m = members; m != NULL; m = m->next)
    {
      const char *value = member_string (metric, m->data);

      if (value == NULL)
        continue;
      if (strcmp (m->data, "__name__") == 0)
        *name = g_strdup (value);
      else if (strcmp (m->data, "le") == 0)
        *le = g_strdup (value);
      else
        glow_labels_add (labels, m->data, -1, value, -1);
    }
  return labels;
}

/* [time, "value"] */
static void
read_value (Answer *answer, GlowSeriesDraft *series, double le, JsonArray *pair)
{
  gint64 time = pair != NULL && json_array_get_length (pair) == 2 ? node_time (json_array_get_element (pair, 0)) : GLOW_TIME_UNKNOWN;
  GlowLeCount count = { le, time != GLOW_TIME_UNKNOWN ? node_number (json_array_get_element (pair, 1)) : NAN };
  GlowSnapshot *snapshot;

  if (isnan (count.cumulative) || count.cumulative < 0)
    {
      answer->dropped = TRUE;
      return;
    }
  snapshot = glow_series_draft_at (series, time);
  if (snapshot->le == NULL)
    snapshot->le = g_array_new (FALSE, FALSE, sizeof (GlowLeCount));
  g_array_append_val (snapshot->le, count);
}

/* [time, {"count": …, "sum": …, "buckets": [[rule, "lower", "upper", "count"], …]}] */
static void
read_native (Answer *answer, GlowSeriesDraft *series, JsonArray *pair)
{
  gint64 time = pair != NULL && json_array_get_length (pair) == 2 ? node_time (json_array_get_element (pair, 0)) : GLOW_TIME_UNKNOWN;
  JsonNode *second = time != GLOW_TIME_UNKNOWN ? json_array_get_element (pair, 1) : NULL;
  JsonObject *histogram = second != NULL && JSON_NODE_HOLDS_OBJECT (second) ? json_node_get_object (second) : NULL;
  JsonArray *buckets = member_array (histogram, "buckets");
  GlowSnapshot *snapshot;

  if (histogram == NULL)
    {
      answer->dropped = TRUE;
      return;
    }
  snapshot = glow_series_draft_at (series, time);
  g_clear_pointer (&snapshot->buckets, g_array_unref);
  snapshot->buckets = g_array_new (FALSE, FALSE, sizeof (GlowNativeBucket));
  snapshot->count = node_number (json_object_get_member (histogram, "count"));
  snapshot->sum = node_number (json_object_get_member (histogram, "sum"));
  for (guint i = 0; buckets != NULL && i < json_array_get_length (buckets); i++)
    {
      JsonNode *element = json_array_get_element (buckets, i);
      JsonArray *bucket = JSON_NODE_HOLDS_ARRAY (element) ? json_node_get_array (element) : NULL;
      GlowNativeBucket row;

      if (bucket == NULL || json_array_get_length (bucket) != 4)
        {
          answer->dropped = TRUE;
          continue;
        }
      row.lower = node_number (json_array_get_element (bucket, 1));
      row.upper = node_number (json_array_get_element (bucket, 2));
      row.count = node_number (json_array_get_element (bucket, 3));
      /* Ascending, as subtracting one time from another counts on. */
      if (!(row.lower < row.upper) || !(row.count >= 0) || !isfinite (row.count)
          || (snapshot->buckets->len > 0 && row.lower < g_array_index (snapshot->buckets, GlowNativeBucket, snapshot->buckets->len - 1).upper))
        answer->dropped = TRUE;
      else
        g_array_append_val (snapshot->buckets, row);
    }
}

static char *
family_of (const char *name)
{
  return g_str_has_suffix (name, "_bucket") ? g_strndup (name, strlen (name) - strlen ("_bucket")) : g_strdup (name);
}

static void
read_series (Answer *answer, JsonObject *result)
{
  g_autofree char *name = NULL, *le_text = NULL, *family = NULL;
  g_autoptr(GArray) labels = read_labels (member_object (result, "metric"), &name, &le_text);
  JsonArray *values = member_array (result, "values"), *value = member_array (result, "value");
  JsonArray *histograms = member_array (result, "histograms"), *histogram = member_array (result, "histogram");
  GlowSeriesDraft *series;
  double le;
  char *end;

  family = family_of (name != NULL ? name : "");
  if (histograms != NULL || histogram != NULL)
    {
      series = glow_histograms_draft_series (answer->draft, family, labels, GLOW_HISTOGRAM_NATIVE);
      series->is_counter = name != NULL;
      for (guint i = 0; histograms != NULL && i < json_array_get_length (histograms); i++)
        if (JSON_NODE_HOLDS_ARRAY (json_array_get_element (histograms, i)))
          read_native (answer, series, json_array_get_array_element (histograms, i));
      if (histogram != NULL)
        read_native (answer, series, histogram);
    }
  if (le_text == NULL || (values == NULL && value == NULL))
    return;
  le = g_ascii_strtod (le_text, &end);
  if (end == le_text || *end != '\0' || isnan (le))
    {
      answer->dropped = TRUE;
      return;
    }
  series = glow_histograms_draft_series (answer->draft, family, labels, GLOW_HISTOGRAM_CLASSIC);
  series->is_counter = name != NULL;
  for (guint i = 0; values != NULL && i < json_array_get_length (values); i++)
    if (JSON_NODE_HOLDS_ARRAY (json_array_get_element (values, i)))
      read_value (answer, series, le, json_array_get_array_element (values, i));
  if (value != NULL)
    read_value (answer, series, le, value);
}

/* A function's answer has no name. Counts that never fall and are whole are counters all the same (sum by (le) of them); others are rates or
 * increases, each of its own step. */
static void
decide_counters (GlowHistogramsDraft *draft)
{
  for (guint i = 0; i < draft->drafts->len; i++)
    {
      GlowSeriesDraft *series = g_ptr_array_index (draft->drafts, i);
      g_autoptr(GHashTable) last = g_hash_table_new_full (g_double_hash, g_double_equal, g_free, g_free);
      gboolean whole = TRUE, falls = FALSE;

      if (series->is_counter || series->series->form != GLOW_HISTOGRAM_CLASSIC)
        {
          if (!series->is_counter && draft->are_rates && draft->step > 0)
            series->scale = draft->step;
          continue;
        }
      for (guint s = 0; s < series->snapshots->len; s++)
        {
          const GlowSnapshot *snapshot = &g_array_index (series->snapshots, GlowSnapshot, s);

          for (guint k = 0; snapshot->le != NULL && k < snapshot->le->len; k++)
            {
              const GlowLeCount *count = &g_array_index (snapshot->le, GlowLeCount, k);
              const double *before = g_hash_table_lookup (last, &count->le);

              whole &= count->cumulative == floor (count->cumulative);
              falls |= before != NULL && count->cumulative < *before;
              g_hash_table_replace (last, g_memdup2 (&count->le, sizeof (double)), g_memdup2 (&count->cumulative, sizeof (double)));
            }
        }
      series->is_counter = whole && !falls && !draft->are_rates && series->snapshots->len > 1;
      if (!series->is_counter && draft->are_rates && draft->step > 0)
        series->scale = draft->step;
    }
}

char *
glow_query_json_dup_problem (const char *text, gsize n)
{
  JsonObject *root;
  g_autoptr(JsonParser) parser = parse (text, n, &root, NULL);
  const char *type, *message;

  if (parser == NULL || g_strcmp0 (member_string (root, "status"), "error") != 0)
    return NULL;
  type = member_string (root, "errorType");
  message = member_string (root, "error");
  return g_strdup_printf ("%s%s%s", type != NULL ? type : "", type != NULL ? ": " : "", message != NULL ? message : _("no reason was given"));
}

gboolean
glow_query_json_read (GlowHistogramsDraft *draft, const char *text, gsize n, GCancellable *cancellable, GError **error)
{
  JsonObject *root;
  g_autofree char *problem = glow_query_json_dup_problem (text, n);
  g_autoptr(JsonParser) parser = NULL;
  JsonArray *results, *notes;
  Answer answer = { .draft = draft };

  g_free (draft->histograms->format);
  draft->histograms->format = g_strdup ("Prometheus query");
  if (problem != NULL)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_FAILED, _("the server answered with an error: %s"), problem);
      return FALSE;
    }
  if ((parser = parse (text, n, &root, error)) == NULL)
    return FALSE;
  results = member_array (member_object (root, "data"), "result");
  if (results == NULL)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED, _("JSON without data.result, which answers of a query have"));
      return FALSE;
    }
  for (guint i = 0; i < json_array_get_length (results); i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (JSON_NODE_HOLDS_OBJECT (json_array_get_element (results, i)))
        read_series (&answer, json_array_get_object_element (results, i));
    }
  notes = member_array (root, "warnings");
  for (guint i = 0; notes != NULL && i < json_array_get_length (notes); i++)
    if (node_string (json_array_get_element (notes, i)) != NULL)
      glow_warnings_add (draft->histograms->warnings, "server-warning", node_string (json_array_get_element (notes, i)), 1, 0, NULL, "%s",
                         node_string (json_array_get_element (notes, i)));
  if (answer.dropped)
    glow_warnings_add (draft->histograms->warnings, "bad-bucket", NULL, 1, 0, NULL, _("values that are no counts or no buckets were left out"));
  decide_counters (draft);
  return TRUE;
}

/* ---- exemplars ---- */

static void
add_exemplar (GlowHistogramSeries *series, JsonObject *object)
{
  double value = node_number (json_object_get_member (object, "value"));
  g_autofree char *name = NULL, *le = NULL;
  GlowExemplar *exemplar;

  if (isnan (value))
    return;
  exemplar = g_new0 (GlowExemplar, 1);
  exemplar->time = node_time (json_object_get_member (object, "timestamp"));
  exemplar->value = value;
  exemplar->labels = read_labels (member_object (object, "labels"), &name, &le);
  g_ptr_array_add (series->exemplars, exemplar);
}

/* The series of the exemplars' own labels; else, of a sum over them, the first of that name or of no name. */
static GlowHistogramSeries *
find_series (GlowHistograms *histograms, const char *family, GArray *labels)
{
  g_autofree char *wanted = NULL;
  GlowHistogramSeries *other = NULL;

  glow_labels_sort (labels);
  wanted = glow_labels_dup_text (labels);
  for (guint i = 0; i < histograms->series->len; i++)
    {
      GlowHistogramSeries *series = g_ptr_array_index (histograms->series, i);
      g_autofree char *text = glow_labels_dup_text (series->labels);

      if (strcmp (series->name, family) == 0 && strcmp (text, wanted) == 0)
        return series;
      if (other == NULL && (strcmp (series->name, family) == 0 || strstr (series->name, family) != NULL))
        other = series;
    }
  return other;
}

static int
compare_exemplars (gconstpointer a, gconstpointer b)
{
  gint64 left = (*(const GlowExemplar *const *) a)->time, right = (*(const GlowExemplar *const *) b)->time;

  return left < right ? -1 : left > right;
}

gboolean
glow_query_json_add_exemplars (GlowHistograms *histograms, const char *text, gsize n, GError **error)
{
  JsonObject *root;
  g_autoptr(JsonParser) parser = parse (text, n, &root, error);
  JsonArray *data = parser != NULL ? member_array (root, "data") : NULL;

  if (parser == NULL)
    return FALSE;
  for (guint i = 0; data != NULL && i < json_array_get_length (data); i++)
    {
      JsonNode *element = json_array_get_element (data, i);
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (element) ? json_node_get_object (element) : NULL;
      JsonArray *exemplars = member_array (object, "exemplars");
      g_autofree char *name = NULL, *le = NULL, *family = NULL;
      g_autoptr(GArray) labels = read_labels (member_object (object, "seriesLabels"), &name, &le);
      GlowHistogramSeries *series;

      family = family_of (name != NULL ? name : "");
      series = find_series (histograms, family, labels);
      for (guint k = 0; series != NULL && exemplars != NULL && k < json_array_get_length (exemplars); k++)
        if (JSON_NODE_HOLDS_OBJECT (json_array_get_element (exemplars, k)))
          add_exemplar (series, json_array_get_object_element (exemplars, k));
      if (series != NULL)
        g_ptr_array_sort (series->exemplars, compare_exemplars);
    }
  return TRUE;
}
