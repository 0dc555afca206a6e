/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The grammar of a selection's values, and the one spelling that each is kept in. */
#include <config.h>

#include <afterglow/error.h>
#include <afterglow/quantile.h>
#include <glib/gi18n-lib.h>

#include "model/query-private.h"
#include "model/where-private.h"

#include <string.h>

#define SECOND G_GINT64_CONSTANT (1000000000)
#define MOST_SECONDS G_GINT64_CONSTANT (4000000000)

/* A decimal number without sign: its whole part, and the rest times 10^9; further digits are dropped. */
static gboolean
read_decimal (const char **at, gint64 *whole_part, gint64 *nano)
{
  gint64 whole = 0, part = 0, scale = SECOND;
  const char *p = *at;
  gboolean any = FALSE;

  for (; g_ascii_isdigit (*p); p++, any = TRUE)
    {
      if (whole > G_MAXINT64 / 10 - 1)
        return FALSE;
      whole = whole * 10 + (*p - '0');
    }
  if (*p == '.')
    for (p++; g_ascii_isdigit (*p); p++, any = TRUE)
      {
        scale /= 10;
        part += (*p - '0') * scale;
      }
  *whole_part = whole;
  *nano = part;
  *at = p;
  return any;
}

static gboolean
read_seconds (const char *text, GlowTimeBound *bound)
{
  static const struct { const char *suffix; gint64 times, per; } units[] = {
    { "", 1, 1 }, { "s", 1, 1 }, { "ms", 1, 1000 }, { "us", 1, 1000000 }, { "µs", 1, 1000000 }, { "ns", 1, SECOND }, { "min", 60, 1 },
  };
  const char *at = text;
  gint64 whole, nano;

  if (*text == '\0')
    return TRUE;
  if (!read_decimal (&at, &whole, &nano))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (at, units[i].suffix) == 0)
      {
        gint64 unit = SECOND / units[i].per * units[i].times;

        if (whole > MOST_SECONDS * SECOND / unit)
          return FALSE;
        bound->is_set = TRUE;
        bound->ns = whole * unit + nano / units[i].per * units[i].times;
        return TRUE;
      }
  return FALSE;
}

static gboolean
read_wall (const char *text, GlowTimeBound *bound)
{
  g_autoptr(GTimeZone) utc = g_time_zone_new_utc ();
  g_autofree char *dated = NULL;
  g_autoptr(GDateTime) when = NULL;

  if (*text == '\0')
    return TRUE;
  bound->has_date = strchr (text, 'T') != NULL;
  dated = bound->has_date ? g_strdup (text) : g_strconcat ("1970-01-01T", text, NULL);
  when = g_date_time_new_from_iso8601 (dated, utc);
  if (when == NULL)
    return FALSE;
  bound->is_set = bound->is_wall = TRUE;
  bound->ns = g_date_time_to_unix (when) * SECOND + (gint64) g_date_time_get_microsecond (when) * 1000;
  return TRUE;
}

gboolean
glow_time_term_parse (const char *text, GlowTimeTerm *term, GError **error)
{
  const char *dots = strstr (text, ".."), *split = dots != NULL ? dots : strchr (text, ',');
  g_autofree char *from = NULL, *to = NULL;
  gboolean good;

  memset (term, 0, sizeof *term);
  from = split != NULL ? g_strstrip (g_strndup (text, split - text)) : NULL;
  to = split != NULL ? g_strstrip (g_strdup (split + (dots != NULL ? 2 : 1))) : NULL;
  good = split != NULL && (dots != NULL ? read_wall (from, &term->from) && read_wall (to, &term->to)
                                        : read_seconds (from, &term->from) && read_seconds (to, &term->to));
  if (good && (term->from.is_set || term->to.is_set)
      && !(dots == NULL && term->from.is_set && term->to.is_set && term->from.ns >= term->to.ns))
    return TRUE;
  g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION,
               _("Time “%s”: expected FROM,TO in seconds from the start, as “1.5,2.5” or “500ms,”, or wall clock as "
                 "“14:03:10..14:03:12”"), text);
  return FALSE;
}

gboolean
glow_number_range_parse (const char *text, guint32 *first, guint32 *last)
{
  g_auto(GStrv) ends = g_strsplit (text, "-", 2);
  guint64 low, high;

  if (!g_ascii_string_to_unsigned (ends[0] != NULL ? ends[0] : "", 10, 0, G_MAXINT32, &low, NULL))
    return FALSE;
  high = low;
  if (ends[1] != NULL && (!g_ascii_string_to_unsigned (ends[1], 10, low, G_MAXINT32, &high, NULL)))
    return FALSE;
  *first = low;
  *last = high;
  return TRUE;
}

GRegex *
glow_regex_compile (const char *pattern, gboolean case_sensitive, GError **error)
{
  g_autoptr(GError) broken = NULL;
  GRegex *regex = g_regex_new (pattern, G_REGEX_OPTIMIZE | (case_sensitive ? 0 : G_REGEX_CASELESS), 0, &broken);

  if (regex == NULL)
    {
      /* GLib's sentence repeats the pattern; where it is wrong and why is what is left. */
      const char *place = strstr (broken->message, " at char ");

      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("Pattern “%s”: %s"), pattern, place != NULL ? place + 1 : broken->message);
    }
  return regex;
}

static char *
canonical_time (const char *value, GError **error)
{
  GlowTimeTerm term;
  GString *text;

  if (!glow_time_term_parse (value, &term, error))
    return NULL;
  if (term.from.is_wall || term.to.is_wall)
    return g_strdup (value);
  text = g_string_new (NULL);
  for (guint i = 0; i < 2; i++)
    {
      const GlowTimeBound *bound = i == 0 ? &term.from : &term.to;

      if (bound->is_set)
        {
          g_string_append_printf (text, "%" G_GINT64_FORMAT ".%09" G_GINT64_FORMAT, bound->ns / SECOND, bound->ns % SECOND);
          while (text->str[text->len - 1] == '0')
            g_string_truncate (text, text->len - 1);
          if (text->str[text->len - 1] == '.')
            g_string_truncate (text, text->len - 1);
        }
      if (i == 0)
        g_string_append_c (text, ',');
    }
  return g_string_free (text, FALSE);
}

char *
glow_query_dup_time_words (const char *value)
{
  g_autofree char *canonical = canonical_time (value, NULL);
  const char *comma = canonical != NULL && strstr (canonical, "..") == NULL ? strchr (canonical, ',') : NULL;

  if (comma == NULL)
    return g_utf8_make_valid (value, -1);
  if (comma == canonical)
    return g_strdup_printf (_("up to %s\xe2\x80\x89s"), comma + 1);
  if (comma[1] == '\0')
    return g_strdup_printf (_("from %.*s\xe2\x80\x89s"), (int) (comma - canonical), canonical);
  return g_strdup_printf (_("%.*s\xe2\x80\x93%s\xe2\x80\x89s"), (int) (comma - canonical), canonical, comma + 1);
}

gboolean
glow_query_kind_matches (const char *glob, GlowFrameKind kind, GlowRole role)
{
  return (kind != GLOW_FRAME_GROUP && g_pattern_match_simple (glob, glow_frame_kind_get_id (kind)))
         || (role != GLOW_ROLE_NONE && g_pattern_match_simple (glob, glow_role_get_id (role)));
}

const char *
glow_query_kind_get_label (const char *id)
{
  for (guint kind = 0; kind < GLOW_N_FRAME_KINDS; kind++)
    if (strcmp (glow_frame_kind_get_id (kind), id) == 0)
      return glow_frame_kind_get_label (kind);
  for (guint role = GLOW_ROLE_NONE + 1; role < GLOW_N_ROLES; role++)
    if (strcmp (glow_role_get_id (role), id) == 0)
      return glow_role_get_label (role);
  return NULL;
}

/* A glob that no kind and no role has is a slip. */
static gboolean
check_kind (GlowQueryField field, const char *value, GError **error)
{
  g_autoptr(GString) known = g_string_new (NULL);

  for (guint kind = 0; kind < GLOW_N_FRAME_KINDS; kind++)
    {
      if (glow_query_kind_matches (value, kind, GLOW_ROLE_NONE))
        return TRUE;
      if (kind != GLOW_FRAME_GROUP)
        g_string_append_printf (known, "%s%s", known->len > 0 ? ", " : "", glow_frame_kind_get_id (kind));
    }
  for (guint role = GLOW_ROLE_NONE + 1; role < GLOW_N_ROLES; role++)
    {
      if (glow_query_kind_matches (value, GLOW_FRAME_GROUP, role))
        return TRUE;
      g_string_append_printf (known, ", %s", glow_role_get_id (role));
    }
  g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("--%s “%s”: expected one of %s"), glow_query_field_get_word (field), value, known->str);
  return FALSE;
}

gboolean
glow_span_bound_parse (const char *text, guint64 *ns, double *q)
{
  GlowTimeBound bound = { 0 };

  *q = -1;
  *ns = 0;
  if (glow_quantile_parse (text, q))
    return TRUE;
  *q = -1;
  if (*text == '\0' || !read_seconds (text, &bound))
    return FALSE;
  *ns = (guint64) bound.ns;
  return TRUE;
}

/* In the largest unit that is not larger, "6.6ms"; quantiles as "p99.9". */
static char *
canonical_span_bound (GlowQueryField field, const char *value, GError **error)
{
  static const struct { guint64 ns; const char *unit; } units[] = { { SECOND, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
  guint64 ns;
  double q;

  if (!glow_span_bound_parse (value, &ns, &q))
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("--%s “%s”: expected a duration as 18ms or 1.5s, or a quantile as p99"),
                   glow_query_field_get_word (field), value);
      return NULL;
    }
  if (q >= 0)
    return glow_quantile_dup_label (q);
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (ns >= units[i].ns || i + 1 == G_N_ELEMENTS (units))
      {
        GString *text = g_string_new (NULL);

        g_string_append_printf (text, "%" G_GUINT64_FORMAT ".%09" G_GUINT64_FORMAT, ns / units[i].ns, ns % units[i].ns * (SECOND / units[i].ns));
        while (text->str[text->len - 1] == '0')
          g_string_truncate (text, text->len - 1);
        if (text->str[text->len - 1] == '.')
          g_string_truncate (text, text->len - 1);
        g_string_append (text, units[i].unit);
        return g_string_free (text, FALSE);
      }
  return NULL;
}

static gboolean
check_span_stacks (const char *value, GError **error)
{
  if (strcmp (value, "inside") == 0 || strcmp (value, "edge") == 0 || strcmp (value, "both") == 0)
    return TRUE;
  g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("--span-stacks “%s”: expected one of %s"), value, "inside, edge, both");
  return FALSE;
}

char **
glow_query_canonical_values (GlowQueryField field, const char *value, GError **error)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *canonical = NULL;
  g_autoptr(GRegex) regex = NULL;
  g_autoptr(GlowWhere) where = NULL;
  g_auto(GStrv) parts = NULL;

  if (value == NULL || *value == '\0')
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("--%s has an empty value"), glow_query_field_get_word (field));
      return NULL;
    }
  if ((field == GLOW_QUERY_TIME || field == GLOW_QUERY_BASELINE_TIME) && (canonical = canonical_time (value, error)) == NULL)
    return NULL;
  if ((field == GLOW_QUERY_LONGER || field == GLOW_QUERY_SHORTER) && (canonical = canonical_span_bound (field, value, error)) == NULL)
    return NULL;
  if (field == GLOW_QUERY_SPAN_STACKS && !check_span_stacks (value, error))
    return NULL;
  if ((field == GLOW_QUERY_FOCUS || field == GLOW_QUERY_HIDE) && (regex = glow_regex_compile (value, TRUE, error)) == NULL)
    return NULL;
  if ((field == GLOW_QUERY_KIND || field == GLOW_QUERY_HIDE_KIND) && !check_kind (field, value, error))
    return NULL;
  if (field == GLOW_QUERY_WHERE && (where = glow_where_parse (value, error)) == NULL)
    return NULL;
  if (field != GLOW_QUERY_PID && field != GLOW_QUERY_TID && field != GLOW_QUERY_CPU)
    {
      g_strv_builder_add (builder, canonical != NULL ? canonical : value);
      return g_strv_builder_end (builder);
    }
  parts = g_strsplit (value, ",", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      guint32 first, last;
      g_autofree char *text = NULL;

      if (!glow_number_range_parse (g_strstrip (parts[i]), &first, &last) || (first != last && field != GLOW_QUERY_CPU))
        {
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("--%s “%s”: “%s” is not a number"), glow_query_field_get_word (field),
                       value, parts[i]);
          return NULL;
        }
      text = first == last ? g_strdup_printf ("%u", first) : g_strdup_printf ("%u-%u", first, last);
      g_strv_builder_add (builder, text);
    }
  return g_strv_builder_end (builder);
}
