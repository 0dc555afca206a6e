/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names made shorter: what tells two functions apart is mostly at their end, so templates' arguments go first, then leading namespaces,
 * and only then the end. */
#include <config.h>

#include <afterglow/painter.h>

#include <string.h>

/* The text with every balanced <…> and (…) of it as "<…>" and "(…)". "operator<" and "->" are no brackets. (transfer full) */
static char *
without_arguments (const char *name)
{
  GString *text = g_string_new (NULL);
  guint depth = 0;

  for (const char *at = name; *at != '\0'; at++)
    {
      gboolean arrow = *at == '>' && at > name && at[-1] == '-';
      gboolean operator = at - name >= 8 && strncmp (at - 8, "operator", 8) == 0;
      gboolean open = (*at == '<' || *at == '(') && !operator && at > name && strncmp (at, "(anonymous", 10) != 0;

      if (operator && (*at == '<' || *at == '>'))
        {
          g_string_append_c (text, *at);
          if (at[1] == *at)
            g_string_append_c (text, *++at);
          continue;
        }
      if (open && depth++ == 0)
        g_string_append_printf (text, "%c…", *at);
      else if ((*at == '>' || *at == ')') && !arrow && depth > 0 && --depth == 0)
        g_string_append_c (text, *at);
      else if (depth == 0 && !open)
        g_string_append_c (text, *at);
    }
  if (depth > 0)
    g_string_assign (text, name);
  return g_string_free (text, FALSE);
}

/* Where the last part of a::b::c, a.b.C.d or a/b/c.d begins. */
static const char *
skip_namespace (const char *name)
{
  const char *next = strstr (name, "::");
  const char *dot = strchr (name, '.'), *slash = strchr (name, '/');

  if (next != NULL && next[2] != '\0')
    return next + 2;
  if (g_str_has_prefix (name, "(…).") && name[strlen ("(…).")] != '\0')
    return name + strlen ("(…).");   /* the receiver of a method of Go */
  if (slash != NULL && slash > name && slash[1] != '\0')
    return slash + 1;
  if (dot != NULL && dot > name && dot[1] != '\0' && strchr (dot + 1, '.') != NULL)
    return dot + 1;
  return NULL;
}

/**
 * glow_label_shorten:
 * @name: UTF-8
 * @max_characters: at least 1
 *
 * Returns: (transfer full): at most @max_characters of it; "" where not even two fit
 */
char *
glow_label_shorten (const char *name, guint max_characters)
{
  g_autofree char *brief = NULL, *head = NULL;
  const char *at;

  if (strlen (name) <= max_characters || g_utf8_strlen (name, -1) <= max_characters)
    return g_strdup (name);
  if (max_characters < 2)
    return g_strdup ("");
  brief = without_arguments (name);
  for (at = brief; at != NULL; at = skip_namespace (at))
    {
      glong length = g_utf8_strlen (at, -1);

      if (length + (at > brief) <= max_characters)
        return g_strconcat (at > brief ? "…" : "", at, NULL);
      if (skip_namespace (at) == NULL)
        break;
    }
  head = g_utf8_substring (at, 0, MIN ((glong) max_characters - 1, g_utf8_strlen (at, -1)));
  return g_strconcat (head, "…", NULL);
}
