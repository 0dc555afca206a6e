/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What bpftrace prints of hist() and lhist(), as text or with -f json, and BCC's tables of the same kind ("0 -> 1 : 12 |**  |").
 *
 * Source: bpftrace's reference, “hist”, “lhist”, “output formats”; BCC's tutorial for its histograms. */
#include <config.h>

#include "formats/histograms/histograms-private.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#define LONGEST_LINE 4096

typedef struct {
  GlowHistogramsDraft *draft;
  char *name, *key;            /* of the map whose rows come; NULL: none */
  char *unit;                  /* (nullable): BCC's heading */
  GArray *rows;                /* of GlowNativeBucket */
  guint64 line;
} Reader;

/* "2K", "1Mi", "-5": octaves of 1024. Where it ends; NULL: none. */
static const char *
read_bound (const char *at, double *bound)
{
  static const char letters[] = "KMGTPE";
  char *end;
  const char *letter;

  *bound = g_ascii_strtod (at, &end);
  if (end == at)
    return NULL;
  letter = *end != '\0' ? strchr (letters, *end) : NULL;
  if (letter != NULL)
    {
      *bound *= exp2 (10.0 * (letter - letters + 1));
      end += end[1] == 'i' ? 2 : 1;
    }
  return end;
}

static const char *
skip_blanks (const char *at)
{
  while (*at == ' ' || *at == '\t')
    at++;
  return at;
}

/* "[4, 8)   2 |@@@|", "[0]   5 |", "(..., 0)   1 |", "[100, ...)   3 |" */
static gboolean
read_row (const char *at, GlowNativeBucket *row)
{
  char *end;

  at = skip_blanks (at);
  if (*at != '[' && *at != '(')
    return FALSE;
  if (g_str_has_prefix (at, "(..., "))
    {
      row->lower = -INFINITY;
      at += strlen ("(..., ");
    }
  else
    {
      if ((at = read_bound (at + 1, &row->lower)) == NULL)
        return FALSE;
      if (*at == ']')
        row->upper = row->lower + 1;
      else if (g_str_has_prefix (at, ", "))
        at += 2;
      else
        return FALSE;
    }
  if (*at != ']')
    {
      if (g_str_has_prefix (at, "..."))
        {
          row->upper = INFINITY;
          at += 3;
        }
      else if ((at = read_bound (at, &row->upper)) == NULL)
        return FALSE;
      if (*at != ')' && *at != ']')
        return FALSE;
    }
  at = skip_blanks (at + 1);
  row->count = g_ascii_strtod (at, &end);
  return end > at && *skip_blanks (end) == '|' && row->count >= 0 && isfinite (row->count) && row->lower < row->upper;
}

/* BCC: "   4 -> 7          : 12       |****      |"; a row of a linear one: "   5   : 3   |**  |" */
static gboolean
read_bcc_row (const char *at, GlowNativeBucket *row)
{
  char *end;

  at = skip_blanks (at);
  if (!g_ascii_isdigit (*at))
    return FALSE;
  row->lower = row->upper = g_ascii_strtod (at, &end);
  at = skip_blanks (end);
  if (g_str_has_prefix (at, "-> "))
    {
      row->upper = g_ascii_strtod (at + 3, &end);
      at = skip_blanks (end);
    }
  row->upper += 1;
  if (*at != ':')
    return FALSE;
  at = skip_blanks (at + 1);
  row->count = g_ascii_strtod (at, &end);
  return end > at && *skip_blanks (end) == '|' && row->count >= 0 && isfinite (row->count) && row->lower < row->upper;
}

/* ---- maps ---- */

static void
end_map (Reader *reader)
{
  g_autoptr(GArray) labels = glow_labels_new ();
  GlowSeriesDraft *series;

  if (reader->rows != NULL && reader->rows->len > 0)
    {
      if (reader->key != NULL)
        glow_labels_add (labels, "key", -1, reader->key, -1);
      series = glow_histograms_draft_series (reader->draft, reader->name != NULL ? reader->name : "", labels, GLOW_HISTOGRAM_TRACED);
      if (reader->unit != NULL)
        glow_unit_parse (reader->unit, &series->series->unit, &series->series->ns_per_unit);
      /* bpftrace prints no times: a map that is printed again and again is added up, as clear() between them has it. */
      glow_series_draft_interval (series, GLOW_TIME_UNKNOWN, reader->draft->file_time, g_steal_pointer (&reader->rows), NAN);
    }
  g_clear_pointer (&reader->rows, g_array_unref);
  g_clear_pointer (&reader->name, g_free);
  g_clear_pointer (&reader->key, g_free);
}

/* "@usecs[ksys_read, 5]:" Its key may have any letters. */
static gboolean
begin_map (Reader *reader, const char *line)
{
  const char *at = line + 1, *end = line + strlen (line);

  if (line[0] != '@')
    return FALSE;
  while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
    end--;
  if (end == line || end[-1] != ':')
    return FALSE;
  end--;
  while (at < end && (g_ascii_isalnum (*at) || *at == '_'))
    at++;
  if (at < end && (*at != '[' || end[-1] != ']'))
    return FALSE;
  end_map (reader);
  reader->name = g_strndup (line, at - line);
  if (at < end)
    reader->key = g_strndup (at + 1, end - at - 2);
  return TRUE;
}

/* BCC: "     usecs               : count     distribution", and above it "operation = read", "flags = Write". */
static gboolean
begin_bcc (Reader *reader, const char *line)
{
  const char *colon = strstr (line, " : count");
  g_autofree char *heading = NULL;

  if (strchr (line, '=') != NULL && strchr (line, '|') == NULL && strchr (line, ':') == NULL)
    {
      end_map (reader);
      reader->key = g_strstrip (g_strdup (line));
      return TRUE;
    }
  if (colon == NULL || strstr (colon, "distribution") == NULL)
    return FALSE;
  heading = g_steal_pointer (&reader->key);
  end_map (reader);
  reader->key = g_steal_pointer (&heading);
  g_free (reader->unit);
  reader->unit = g_strstrip (g_strndup (line, colon - line));
  reader->name = g_strdup (reader->unit);
  return TRUE;
}

static void
add_row (Reader *reader, const GlowNativeBucket *row)
{
  if (reader->rows == NULL)
    reader->rows = g_array_new (FALSE, FALSE, sizeof (GlowNativeBucket));
  if (reader->rows->len > 0 && row->lower < g_array_index (reader->rows, GlowNativeBucket, reader->rows->len - 1).upper)
    {
      g_autofree char *line = g_strdup_printf ("%" G_GUINT64_FORMAT, reader->line);

      glow_warnings_add (reader->draft->histograms->warnings, "bad-bucket", NULL, 1, reader->line, NULL,
                         _("line %s: a bucket that begins before the one above it ends was left out"), line);
      return;
    }
  g_array_append_val (reader->rows, *row);
}

static gboolean
read_text (Reader *reader, const char *text, gsize n, GCancellable *cancellable, GError **error)
{
  const char *end = text + n;

  for (const char *at = text; at < end;)
    {
      const char *stop = memchr (at, '\n', end - at);
      g_autofree char *line = g_strndup (at, MIN ((stop != NULL ? stop : end) - at, LONGEST_LINE));
      GlowNativeBucket row;

      at = stop != NULL ? stop + 1 : end;
      reader->line++;
      if (reader->line % 4096 == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_strchomp (line);
      if (read_row (line, &row) || read_bcc_row (line, &row))
        add_row (reader, &row);
      else if (!begin_map (reader, line) && !begin_bcc (reader, line))
        end_map (reader);
    }
  end_map (reader);
  return TRUE;
}

/* ---- JSON ---- */

static void
read_json_rows (Reader *reader, const char *name, const char *key, JsonNode *node)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  end_map (reader);
  reader->name = g_strdup (name);
  reader->key = g_strdup (key);
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (element) ? json_node_get_object (element) : NULL;
      GlowNativeBucket row = { -INFINITY, INFINITY, NAN };

      if (object == NULL)
        continue;
      row.count = json_object_get_double_member_with_default (object, "count", NAN);
      /* Both ends are in the bucket. */
      row.lower = json_object_get_double_member_with_default (object, "min", -INFINITY);
      row.upper = json_object_get_double_member_with_default (object, "max", INFINITY) + 1;
      if (row.count >= 0 && isfinite (row.count) && row.lower < row.upper)
        add_row (reader, &row);
    }
  end_map (reader);
}

static void
read_json_value (Reader *reader, JsonObject *object)
{
  JsonNode *data = json_object_get_member (object, "data");
  JsonNode *type = json_object_get_member (object, "type");
  JsonObjectIter maps;
  const char *name;
  JsonNode *node;

  if (type == NULL || !JSON_NODE_HOLDS_VALUE (type) || g_strcmp0 (json_node_get_string (type), "hist") != 0 || data == NULL || !JSON_NODE_HOLDS_OBJECT (data))
    return;
  json_object_iter_init (&maps, json_node_get_object (data));
  while (json_object_iter_next (&maps, &name, &node))
    {
      JsonObjectIter keys;
      const char *key;
      JsonNode *rows;

      if (!JSON_NODE_HOLDS_OBJECT (node))
        {
          read_json_rows (reader, name, NULL, node);
          continue;
        }
      json_object_iter_init (&keys, json_node_get_object (node));
      while (json_object_iter_next (&keys, &key, &rows))
        read_json_rows (reader, name, key, rows);
    }
}

static gboolean
read_json (Reader *reader, const char *text, gsize n, GCancellable *cancellable, GError **error)
{
  const char *at = text, *end = text + n, *value, *problem;
  gsize length;

  while (glow_json_next (&at, end, &value, &length, &problem))
    {
      g_autoptr(JsonParser) parser = json_parser_new ();
      JsonNode *root;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (!g_utf8_validate (value, length, NULL) || !json_parser_load_from_data (parser, value, length, NULL))
        {
          glow_warnings_add (reader->draft->histograms->warnings, "bad-json", NULL, 1, value - text, NULL,
                             _("a value that is not JSON was left out"));
          continue;
        }
      root = json_parser_get_root (parser);
      if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
        read_json_value (reader, json_node_get_object (root));
    }
  if (problem != NULL)
    glow_warnings_add (reader->draft->histograms->warnings, "bad-json", problem, 1, at - text, NULL, "%s", _(problem));
  return TRUE;
}

/* ---- the format ---- */

gboolean
glow_bpftrace_read (GlowHistogramsDraft *draft, const char *text, gsize n, GCancellable *cancellable, GError **error)
{
  Reader reader = { .draft = draft };
  const char *at = text;
  gboolean ok;

  while (at < text + n && g_ascii_isspace (*at))
    at++;
  g_free (draft->histograms->format);
  draft->histograms->format = g_strdup ("bpftrace");
  ok = at < text + n && *at == '{' ? read_json (&reader, text, n, cancellable, error) : read_text (&reader, text, n, cancellable, error);
  if (!ok)
    g_clear_pointer (&reader.rows, g_array_unref);
  g_free (reader.name);
  g_free (reader.key);
  g_free (reader.unit);
  return ok;
}

int
glow_bpftrace_recognise (const char *text, gsize n)
{
  g_autofree char *head = g_strndup (text, n);
  g_auto(GStrv) lines = NULL;
  const char *at = head;

  while (g_ascii_isspace (*at))
    at++;
  if (*at == '{')
    return strstr (at, "\"type\"") != NULL && (strstr (at, "\"hist\"") != NULL || strstr (at, "\"attached_probes\"") != NULL) ? 85 : 0;
  lines = g_strsplit (head, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      GlowNativeBucket row;

      if (read_row (lines[i], &row) || (read_bcc_row (lines[i], &row) && strchr (lines[i], '|') != NULL))
        return 85;
    }
  return 0;
}
