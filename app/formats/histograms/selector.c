/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PromQL's vector selectors, name{label="x",other!~"y"}: for files, which no server selects from. */
#include <config.h>

#include "formats/histograms/histograms-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct {
  char *label, *value;
  gboolean negated;
  GRegex *regex;               /* NULL: equal */
} Matcher;

static void
matcher_free (gpointer data)
{
  Matcher *matcher = data;

  g_free (matcher->label);
  g_free (matcher->value);
  g_clear_pointer (&matcher->regex, g_regex_unref);
  g_free (matcher);
}

static const char *
skip_blanks (const char *at)
{
  while (g_ascii_isspace (*at))
    at++;
  return at;
}

static const char *
read_word (const char *at, char **word)
{
  const char *start = at;

  while (g_ascii_isalnum (*at) || *at == '_' || *at == ':')
    at++;
  *word = at > start && !g_ascii_isdigit (*start) ? g_strndup (start, at - start) : NULL;
  return *word != NULL ? at : NULL;
}

static const char *
read_string (const char *at, char **string)
{
  char quote = *at;
  g_autoptr(GString) text = g_string_new (NULL);

  if (quote != '"' && quote != '\'' && quote != '`')
    return NULL;
  for (at++; *at != '\0' && *at != quote; at++)
    if (*at == '\\' && quote != '`' && at[1] != '\0')
      g_string_append_c (text, *++at == 'n' ? '\n' : *at == 't' ? '\t' : *at);
    else
      g_string_append_c (text, *at);
  if (*at != quote)
    return NULL;
  *string = g_string_free (g_steal_pointer (&text), FALSE);
  return at + 1;
}

static Matcher *
matcher_new (const char *label, const char *sign, const char *value)
{
  Matcher *matcher = g_new0 (Matcher, 1);

  matcher->label = g_strdup (label);
  matcher->value = g_strdup (value);
  matcher->negated = sign[0] == '!';
  if (sign[1] == '~')
    {
      /* Anchored at both ends, as Prometheus has it. */
      g_autofree char *whole = g_strdup_printf ("^(?:%s)$", value);

      matcher->regex = g_regex_new (whole, G_REGEX_DOTALL | G_REGEX_DOLLAR_ENDONLY, 0, NULL);
    }
  return matcher;
}

static const char *
read_matcher (const char *at, GPtrArray *matchers)
{
  static const char *const signs[] = { "=~", "!~", "!=", "=" };
  g_autofree char *label = NULL, *value = NULL;
  const char *sign = NULL;
  Matcher *matcher;

  if (*at == '"')
    at = read_string (at, &label);
  else
    at = read_word (at, &label);
  if (at == NULL)
    return NULL;
  at = skip_blanks (at);
  for (guint i = 0; i < G_N_ELEMENTS (signs) && sign == NULL; i++)
    if (g_str_has_prefix (at, signs[i]))
      sign = signs[i];
  if (sign == NULL || (at = read_string (skip_blanks (at + strlen (sign)), &value)) == NULL)
    return NULL;
  matcher = matcher_new (label, strcmp (sign, "=") == 0 ? "==" : sign, value);
  g_ptr_array_add (matchers, matcher);
  return sign[1] == '~' && matcher->regex == NULL ? NULL : skip_blanks (at);
}

/* (nullable) (transfer full): what must hold, the name as label __name__. */
static GPtrArray *
parse (const char *selector)
{
  g_autoptr(GPtrArray) matchers = g_ptr_array_new_with_free_func (matcher_free);
  g_autofree char *name = NULL;
  const char *at = skip_blanks (selector);

  /* bpftrace's maps have names with @. */
  if (*at == '@')
    {
      const char *start = at++;

      while (g_ascii_isalnum (*at) || *at == '_')
        at++;
      name = g_strndup (start, at - start);
    }
  else if (*at != '{' && (at = read_word (at, &name)) == NULL)
    return NULL;
  if (name != NULL)
    g_ptr_array_add (matchers, matcher_new ("__name__", "==", name));
  at = skip_blanks (at);
  if (*at == '{')
    {
      for (at = skip_blanks (at + 1); *at != '}';)
        {
          if (*at == '\0' || (at = read_matcher (at, matchers)) == NULL || (*at != ',' && *at != '}'))
            return NULL;
          if (*at == ',')
            at = skip_blanks (at + 1);
        }
      at = skip_blanks (at + 1);
    }
  return *at == '\0' && matchers->len > 0 ? g_steal_pointer (&matchers) : NULL;
}

gboolean
glow_prometheus_is_selector (const char *promql)
{
  g_autoptr(GPtrArray) matchers = parse (promql);

  return matchers != NULL;
}

static gboolean
fits (const Matcher *matcher, const char *value)
{
  gboolean is_so = matcher->regex != NULL ? g_regex_match (matcher->regex, value, 0, NULL) : strcmp (matcher->value, value) == 0;

  return is_so != matcher->negated;
}

static gboolean
is_chosen (const GlowHistogramSeries *series, GPtrArray *matchers)
{
  g_autofree char *bucket_name = g_strconcat (series->name, "_bucket", NULL);

  for (guint i = 0; i < matchers->len; i++)
    {
      const Matcher *matcher = g_ptr_array_index (matchers, i);
      const char *value;

      if (strcmp (matcher->label, "__name__") == 0)
        {
          if (!fits (matcher, series->name) && (matcher->negated || !fits (matcher, bucket_name)))
            return FALSE;
          continue;
        }
      value = glow_labels_get (series->labels, matcher->label);
      if (!fits (matcher, value != NULL ? value : ""))
        return FALSE;
    }
  return TRUE;
}

gboolean
glow_histograms_select (GlowHistograms *self, const char *selector, GError **error)
{
  g_autoptr(GPtrArray) matchers = parse (selector);
  g_autoptr(GPtrArray) names = NULL;
  g_autofree char *known = NULL;
  guint n = 0;

  if (matchers == NULL)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” is no selector of series; expected name{label=\"value\"}"), selector);
      return FALSE;
    }
  for (guint i = 0; i < self->series->len; i++)
    n += is_chosen (g_ptr_array_index (self->series, i), matchers);
  if (n == 0)
    {
      names = glow_histograms_list_names (self);
      g_ptr_array_set_size (names, MIN (names->len, 20));
      g_ptr_array_add (names, NULL);
      known = g_strjoinv (", ", (char **) names->pdata);
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” chooses none of the histograms in “%s”: %s"), selector, self->source, known);
      return FALSE;
    }
  for (guint i = self->series->len; i-- > 0;)
    if (!is_chosen (g_ptr_array_index (self->series, i), matchers))
      g_ptr_array_remove_index (self->series, i);
  return TRUE;
}
