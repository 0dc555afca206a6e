/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prometheus' text format 0.0.4 and OpenMetrics 1.0: the histograms of a page, at one time or several, with exemplars.
 *
 * Source: Prometheus documentation, “Exposition formats”; OpenMetrics 1.0 (draft-richih-opsawg-openmetrics). */
#include <config.h>

#include "formats/histograms/histograms-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

typedef struct {
  GlowHistogramsDraft *draft;
  GHashTable *types;           /* family → its word */
  GHashTable *units;           /* family → its word */
  gboolean is_openmetrics;     /* times are seconds, else milliseconds */
  guint64 line;
} Page;

static const char *const suffixes[] = { "_bucket", "_sum", "_count", "_gsum", "_gcount", "_created" };
enum { BUCKET, SUM, COUNT, GSUM, GCOUNT, CREATED };

static const char *
skip_blanks (const char *at)
{
  while (*at == ' ' || *at == '\t')
    at++;
  return at;
}

/* A number as Go reads it. Where it ends; NULL: none. */
static const char *
read_number (const char *at, double *number)
{
  char *end;

  *number = g_ascii_strtod (at, &end);
  return end > at && (*end == '\0' || *end == ' ' || *end == '\t' || *end == '"') ? end : NULL;
}

static gint64
to_time (const Page *page, double number)
{
  double ns = number * (page->is_openmetrics ? 1e9 : 1e6);

  return isfinite (ns) && fabs (ns) < 9e18 ? (gint64) (page->is_openmetrics ? floor (number) * 1e9 + round ((number - floor (number)) * 1e9) : ns) : GLOW_TIME_UNKNOWN;
}

static void
complain (Page *page, const char *code, const char *what)
{
  g_autofree char *line = g_strdup_printf ("%" G_GUINT64_FORMAT, page->line);

  glow_warnings_add (page->draft->histograms->warnings, code, what, 1, page->line, NULL, _("line %s: %s"), line, what);
}

/* "# TYPE name histogram", "# UNIT name seconds" */
static void
read_comment (Page *page, const char *at)
{
  g_auto(GStrv) words = g_strsplit_set (at, " \t", 4);
  char *name;

  if (g_strv_length (words) != 4 || words[3][0] == '\0')
    return;
  name = words[2];
  /* Names of any letters stand in quotes. */
  if (name[0] == '"' && strlen (name) > 2)
    {
      name[strlen (name) - 1] = '\0';
      name++;
    }
  if (strcmp (words[1], "TYPE") == 0)
    g_hash_table_replace (page->types, g_strdup (name), g_strdup (g_strstrip (words[3])));
  else if (strcmp (words[1], "UNIT") == 0)
    g_hash_table_replace (page->units, g_strdup (name), g_strdup (g_strstrip (words[3])));
}

/* What follows the value: a time, and an exemplar. FALSE: something else. */
static gboolean
read_rest (Page *page, const char *at, gint64 *time, GArray **exemplar, double *exemplar_value, gint64 *exemplar_time)
{
  double number;

  at = skip_blanks (at);
  if (*at != '\0' && *at != '#')
    {
      if ((at = read_number (at, &number)) == NULL)
        return FALSE;
      *time = to_time (page, number);
      at = skip_blanks (at);
    }
  if (*at == '\0')
    return TRUE;
  if (*at != '#')
    return FALSE;
  at = skip_blanks (at + 1);
  *exemplar = glow_labels_new ();
  if ((at = glow_labels_parse (at, at + strlen (at), *exemplar, NULL)) == NULL || (at = read_number (skip_blanks (at), exemplar_value)) == NULL)
    return FALSE;
  at = skip_blanks (at);
  if (*at == '\0')
    return TRUE;
  if ((at = read_number (at, &number)) == NULL || *skip_blanks (at) != '\0')
    return FALSE;
  *exemplar_time = to_time (page, number);
  return TRUE;
}

static void
put (Page *page, guint suffix, const char *family, const char *type, GArray *labels, const char *le_text, double value, gint64 time,
     GArray **exemplar, double exemplar_value, gint64 exemplar_time)
{
  GlowSeriesDraft *series = glow_histograms_draft_series (page->draft, family, labels, GLOW_HISTOGRAM_CLASSIC);
  const char *unit = g_hash_table_lookup (page->units, family);
  GlowSnapshot *snapshot;
  GlowLeCount count = { 0, value };
  char *end;

  if (unit != NULL)
    glow_unit_parse (unit, &series->series->unit, &series->series->ns_per_unit);
  series->is_counter = type == NULL || strcmp (type, "gaugehistogram") != 0;
  if (suffix == CREATED)
    {
      series->created = isfinite (value) && fabs (value) < 9e9 ? (gint64) (value * 1e9) : GLOW_TIME_UNKNOWN;
      return;
    }
  snapshot = glow_series_draft_at (series, time);
  if (suffix == SUM || suffix == GSUM)
    snapshot->sum = value;
  else if (suffix == COUNT || suffix == GCOUNT)
    snapshot->count = value;
  if (suffix != BUCKET)
    return;
  count.le = g_ascii_strtod (le_text, &end);
  if (end == le_text || *end != '\0' || isnan (count.le) || isnan (value) || value < 0)
    {
      complain (page, "bad-bucket", _("a bucket whose bound or count is no number was left out"));
      return;
    }
  if (snapshot->le == NULL)
    snapshot->le = g_array_new (FALSE, FALSE, sizeof (GlowLeCount));
  g_array_append_val (snapshot->le, count);
  if (*exemplar != NULL)
    glow_series_draft_exemplar (series, exemplar_time, exemplar_value, g_steal_pointer (exemplar));
}

/* Which suffix of a histogram's samples a name has; −1. */
static int
find_suffix (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (name, suffixes[i]) && strlen (name) > strlen (suffixes[i]))
      return i;
  return -1;
}

static gboolean
is_histogram_type (const char *type)
{
  return type != NULL && (strcmp (type, "histogram") == 0 || strcmp (type, "gaugehistogram") == 0);
}

/* Takes le out of labels. (transfer full) (nullable) */
static char *
take_le (GArray *labels)
{
  for (guint i = 0; i < labels->len; i++)
    {
      GlowLabel *label = &g_array_index (labels, GlowLabel, i);
      char *le;

      if (strcmp (label->name, "le") != 0)
        continue;
      le = g_strdup (label->value);
      g_array_remove_index (labels, i);
      return le;
    }
  return NULL;
}

static void
read_sample (Page *page, const char *at)
{
  g_autoptr(GArray) labels = glow_labels_new (), exemplar = NULL;
  g_autofree char *name = NULL, *family = NULL, *le = NULL;
  const char *type, *start = at;
  double value, exemplar_value = NAN;
  gint64 time = page->draft->file_time, exemplar_time = GLOW_TIME_UNKNOWN;
  int suffix;

  while (*at != '\0' && *at != '{' && *at != ' ' && *at != '\t')
    at++;
  if (at > start)
    name = g_strndup (start, at - start);
  at = skip_blanks (at);
  if (*at == '{')
    at = glow_labels_parse (at, at + strlen (at), labels, name == NULL ? &name : NULL);
  /* Prometheus' own dumps write the name as a label. */
  if (at != NULL && name == NULL && glow_labels_get (labels, "__name__") != NULL)
    for (guint i = 0; name == NULL; i++)
      if (strcmp (g_array_index (labels, GlowLabel, i).name, "__name__") == 0)
        {
          name = g_strdup (g_array_index (labels, GlowLabel, i).value);
          g_array_remove_index (labels, i);
        }
  if (at == NULL || name == NULL || (at = read_number (skip_blanks (at), &value)) == NULL
      || !read_rest (page, at, &time, &exemplar, &exemplar_value, &exemplar_time))
    {
      complain (page, "bad-line", _("expected NAME{LABEL=\"VALUE\",…} NUMBER, as Prometheus' text format has it; it was left out"));
      return;
    }
  suffix = find_suffix (name);
  if (suffix < 0)
    return;
  family = g_strndup (name, strlen (name) - strlen (suffixes[suffix]));
  type = g_hash_table_lookup (page->types, family);
  /* Where nothing says what it is, a bound does. A type of the whole name is another family that only looks like it. */
  if (g_hash_table_contains (page->types, name) || (!is_histogram_type (type) && suffix != BUCKET))
    return;
  le = take_le (labels);
  if (suffix == BUCKET && le == NULL)
    return;
  put (page, suffix, family, type, labels, le, value, time, &exemplar, exemplar_value, exemplar_time);
}

gboolean
glow_exposition_read (GlowHistogramsDraft *draft, const char *text, gsize n, GCancellable *cancellable, GError **error)
{
  g_autoptr(GHashTable) types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GHashTable) units = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GString) line = g_string_new (NULL);
  Page page = { .draft = draft, .types = types, .units = units };
  const char *end = text + n;

  page.is_openmetrics = g_strstr_len (text + (n > 64 ? n - 64 : 0), MIN (n, 64), "# EOF") != NULL;
  g_free (draft->histograms->format);
  draft->histograms->format = g_strdup (page.is_openmetrics ? "OpenMetrics" : "Prometheus text");
  for (const char *at = text; at < end;)
    {
      const char *stop = memchr (at, '\n', end - at);

      stop = stop != NULL ? stop : end;
      page.line++;
      g_string_truncate (line, 0);
      g_string_append_len (line, at, stop - at);
      at = stop + 1;
      if (page.line % 4096 == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (memchr (line->str, '\0', line->len) != NULL)
        {
          complain (&page, "bad-line", _("a byte 0 in text; the line was left out"));
          continue;
        }
      g_strchomp (line->str);
      if (g_str_has_prefix (line->str, "# "))
        read_comment (&page, line->str);
      else if (*skip_blanks (line->str) != '\0' && line->str[0] != '#')
        read_sample (&page, skip_blanks (line->str));
    }
  return TRUE;
}

int
glow_exposition_recognise (const char *text, gsize n)
{
  static const char *const types[] = { " counter", " gauge", " histogram", " gaugehistogram", " summary", " untyped", " unknown", " info", " stateset" };
  const char *end = text + n;

  for (const char *at = text; at < end;)
    {
      const char *stop = memchr (at, '\n', end - at);
      g_autofree char *line = g_strndup (at, MIN ((stop != NULL ? stop : end) - at, 4096));

      at = stop != NULL ? stop + 1 : end;
      g_strchomp (line);
      if (g_str_has_prefix (line, "# TYPE "))
        for (guint i = 0; i < G_N_ELEMENTS (types); i++)
          if (g_str_has_suffix (line, types[i]))
            return 95;
      if (line[0] != '#' && (strstr (line, "le=\"") != NULL) && strstr (line, "_bucket") != NULL && strchr (line, '{') != NULL)
        return 90;
    }
  return 0;
}
