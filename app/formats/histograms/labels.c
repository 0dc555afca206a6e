/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels of series: in order, so that equal ones are equal text; as Prometheus' text formats and selectors write them. */
#include "formats/histograms/histograms-private.h"

#include <string.h>

static void
clear_label (gpointer data)
{
  GlowLabel *label = data;

  g_free (label->name);
  g_free (label->value);
}

GArray *
glow_labels_new (void)
{
  GArray *labels = g_array_new (FALSE, FALSE, sizeof (GlowLabel));

  g_array_set_clear_func (labels, clear_label);
  return labels;
}

/* Text of any encoding becomes UTF-8 here, once. */
static char *
dup_text (const char *text, gssize n)
{
  return g_utf8_make_valid (text, n);
}

void
glow_labels_add (GArray *labels, const char *name, gssize n_name, const char *value, gssize n_value)
{
  GlowLabel label = { dup_text (name, n_name), dup_text (value, n_value) };

  g_array_append_val (labels, label);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (((const GlowLabel *) a)->name, ((const GlowLabel *) b)->name);
}

void
glow_labels_sort (GArray *labels)
{
  g_array_sort (labels, compare);
}

GArray *
glow_labels_copy (const GArray *labels)
{
  GArray *copy = glow_labels_new ();

  for (guint i = 0; labels != NULL && i < labels->len; i++)
    glow_labels_add (copy, g_array_index (labels, GlowLabel, i).name, -1, g_array_index (labels, GlowLabel, i).value, -1);
  return copy;
}

const char *
glow_labels_get (const GArray *labels, const char *name)
{
  for (guint i = 0; i < labels->len; i++)
    if (strcmp (g_array_index (labels, GlowLabel, i).name, name) == 0)
      return g_array_index (labels, GlowLabel, i).value;
  return NULL;
}

/**
 * glow_labels_dup_text:
 * @labels: (element-type GlowLabel)
 *
 * Returns: (transfer full): as Prometheus writes them, with its escapes; "" where there are none
 */
char *
glow_labels_dup_text (const GArray *labels)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < labels->len; i++)
    {
      const GlowLabel *label = &g_array_index (labels, GlowLabel, i);

      g_string_append_printf (text, "%s%s=\"", i > 0 ? "," : "{", label->name);
      for (const char *c = label->value; *c != '\0'; c++)
        if (*c == '\n')
          g_string_append (text, "\\n");
        else
          {
            if (*c == '"' || *c == '\\')
              g_string_append_c (text, '\\');
            g_string_append_c (text, *c);
          }
      g_string_append_c (text, '"');
    }
  if (labels->len > 0)
    g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}

/* ---- reading ---- */

static const char *
skip_blanks (const char *at, const char *end)
{
  while (at < end && (*at == ' ' || *at == '\t'))
    at++;
  return at;
}

static gboolean
is_name_byte (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == ':' || c == '.' || (guchar) c >= 0x80;
}

/* From behind the opening quote to behind the closing one. Other escapes than \\, \" and \n keep their backslash, as Prometheus has it. */
static const char *
read_quoted (const char *at, const char *end, GString *text)
{
  for (; at < end && *at != '"'; at++)
    if (*at == '\\' && at + 1 < end && (at[1] == '\\' || at[1] == '"' || at[1] == 'n'))
      g_string_append_c (text, *++at == 'n' ? '\n' : *at);
    else
      g_string_append_c (text, *at);
  return at < end ? at + 1 : NULL;
}

static const char *
read_pair (const char *at, const char *end, GArray *labels, char **name)
{
  g_autoptr(GString) key = g_string_new (NULL), value = g_string_new (NULL);

  if (*at == '"')
    {
      if ((at = read_quoted (at + 1, end, key)) == NULL)
        return NULL;
    }
  else
    while (at < end && is_name_byte (*at))
      g_string_append_c (key, *at++);
  at = skip_blanks (at, end);
  if (at < end && *at != '=' && name != NULL && *name == NULL)
    {
      *name = dup_text (key->str, key->len);
      return at;
    }
  if (key->len == 0 || at >= end || *at != '=')
    return NULL;
  at = skip_blanks (at + 1, end);
  if (at >= end || *at != '"' || (at = read_quoted (at + 1, end, value)) == NULL)
    return NULL;
  glow_labels_add (labels, key->str, key->len, value->str, value->len);
  return skip_blanks (at, end);
}

const char *
glow_labels_parse (const char *at, const char *end, GArray *labels, char **name)
{
  if (at >= end || *at != '{')
    return NULL;
  for (at = skip_blanks (at + 1, end); at < end && *at != '}';)
    {
      if ((at = read_pair (at, end, labels, name)) == NULL || at >= end || (*at != ',' && *at != '}'))
        return NULL;
      if (*at == ',')
        at = skip_blanks (at + 1, end);
    }
  return at < end ? at + 1 : NULL;
}
