/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names made shorter: what tells two functions apart is mostly at their end, so where it is written and templates' arguments go first, then namespaces in
 * the middle, then those at the beginning, and only then the end. */
#include <config.h>

#include <afterglow/names.h>
#include <afterglow/painter.h>

#include <string.h>

/* Below so many characters the last part of a name says more than its first and its last. */
#define ROOM_FOR_FIRST 14

/* Whether a [ behind a name has types in it, as Go writes them, and no number and nothing. */
static gboolean
is_type_list (const char *name, const char *at)
{
  const char *end = strchr (at, ']');

  return at > name && (g_ascii_isalnum (at[-1]) || at[-1] == '_') && end != NULL && end > at + 1 && strspn (at + 1, "0123456789,") < (gsize) (end - at - 1);
}

/* The text with every balanced <…>, (…) and […] of it as "<…>", "(…)" and "[…]". "operator<" and "->" are no brackets. (transfer full) */
static char *
without_arguments (const char *name)
{
  GString *text = g_string_new (NULL);
  guint depth = 0;

  for (const char *at = name; *at != '\0'; at++)
    {
      gboolean arrow = *at == '>' && at > name && at[-1] == '-';
      gboolean operator = at - name >= 8 && strncmp (at - 8, "operator", 8) == 0;
      gboolean open = ((*at == '<' || *at == '(') && !operator && at > name && strncmp (at, "(anonymous", 10) != 0)
                      || (*at == '[' && (depth > 0 || is_type_list (name, at)));

      if (operator && (*at == '<' || *at == '>'))
        {
          g_string_append_c (text, *at);
          if (at[1] == *at)
            g_string_append_c (text, *++at);
          continue;
        }
      if (open && depth++ == 0)
        g_string_append_printf (text, "%c…", *at);
      else if ((*at == '>' || *at == ')' || *at == ']') && !arrow && depth > 0 && --depth == 0)
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

  /* "{{closure}}" and a lambda's "operator()" say nothing by themselves. */
  if (next != NULL && next[2] != '\0')
    return (next[2] == '{' && strstr (next + 2, "::") == NULL) || g_str_has_prefix (next + 2, "operator()") ? NULL : next + 2;
  if (g_str_has_prefix (name, "(…).") && name[strlen ("(…).")] != '\0')
    return name + strlen ("(…).");   /* the receiver of a method of Go */
  if (slash != NULL && slash > name && slash[1] != '\0')
    return slash + 1;
  if (dot != NULL && dot > name && dot[1] != '\0' && strchr (dot + 1, '.') != NULL)
    return dot + 1;
  return NULL;
}

/* The last part of a::b::C<…> up to @end. */
static const char *
last_part (const char *at, const char *end)
{
  const char *part = at;

  for (guint depth = 0; at < end; at++)
    {
      depth += *at == '<';
      depth -= *at == '>' && depth > 0;
      if (depth == 0 && at + 2 < end && at[0] == ':' && at[1] == ':')
        part = at + 2;
    }
  return part;
}

/* "<alloc::vec::Vec<…> as core::iter::Extend>::extend" as "<Vec<…> as Extend>::extend"; with @brief "<Vec<…>>::extend". (nullable) (transfer full) */
static char *
shorten_impl (const char *name, gboolean brief)
{
  const char *end = name, *as;
  guint depth = 0;
  GString *text;

  if (*name != '<')
    return NULL;
  do
    {
      depth += *end == '<';
      depth -= *end == '>' && (end == name || end[-1] != '-');
    }
  while (depth > 0 && *++end != '\0');
  if (*end == '\0' || end[1] != ':')
    return NULL;
  as = g_strstr_len (name, end - name, " as ");
  text = g_string_new ("<");
  {
    const char *type_end = as != NULL ? as : end, *type = last_part (name + 1, type_end);

    g_string_append_len (text, type, type_end - type);
    if (as != NULL && !brief)
      {
        const char *trait = last_part (as + 4, end);

        g_string_append (text, " as ");
        g_string_append_len (text, trait, end - trait);
      }
  }
  g_string_append (text, end);
  return g_string_free (text, FALSE);
}

/* Where " (hot.js:3, optimised)" begins, what a name has at its end to say where it is written. NULL: it has none. */
static const char *
find_place (const char *name)
{
  gsize n = strlen (name);
  guint depth = 0;

  if (n < 4 || name[n - 1] != ')')
    return NULL;
  for (const char *at = name + n - 1; at > name; at--)
    {
      depth += *at == ')';
      if (*at == '(' && --depth == 0)
        return at > name + 1 && at[-1] == ' ' && strncmp (at, "(anonymous", 10) != 0 ? at - 1 : NULL;
    }
  return NULL;
}

static gboolean
has_room (const char *text, guint max_characters)
{
  return strlen (text) <= max_characters || g_utf8_strlen (text, -1) <= max_characters;
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
  g_autofree char *brief = NULL, *bare = NULL, *impl = NULL, *first = NULL, *head = NULL;
  const char *at, *place, *join;

  if (has_room (name, max_characters))
    return g_strdup (name);
  if (max_characters < 2)
    return g_strdup ("");
  place = find_place (name);
  bare = g_strndup (name, place != NULL ? (gsize) (place - name) : glow_name_length_written (name));
  if (has_room (bare, max_characters))
    return g_steal_pointer (&bare);
  brief = without_arguments (bare);
  for (guint i = 0; i < 2 && !has_room (brief, max_characters); i++)
    if ((impl = shorten_impl (brief, i == 1)) != NULL)
      {
        g_free (brief);
        brief = g_steal_pointer (&impl);
      }
  join = *brief != '<' && max_characters >= ROOM_FOR_FIRST ? strstr (brief, "::") : NULL;
  first = join != NULL && join > brief ? g_strndup (brief, join - brief) : NULL;
  /* The middle goes first, as long as more than the last part is left behind it. */
  for (at = first != NULL && !has_room (brief, max_characters) ? skip_namespace (brief) : NULL; at != NULL; at = skip_namespace (at))
    if (skip_namespace (at) != NULL && at > join + 2 && g_utf8_strlen (at, -1) + g_utf8_strlen (first, -1) + 5 <= max_characters)
      return g_strconcat (first, "::…::", at, NULL);
  for (at = brief; at != NULL; at = skip_namespace (at))
    {
      glong length = g_utf8_strlen (at, -1);

      if (first != NULL && at > join + 2 && length + g_utf8_strlen (first, -1) + 5 <= max_characters)
        return g_strconcat (first, "::…::", at, NULL);
      if (length + (at > brief) <= max_characters)
        return g_strconcat (at > brief ? "…" : "", at, NULL);
      if (skip_namespace (at) == NULL)
        break;
    }
  head = g_utf8_substring (at, 0, MIN ((glong) max_characters - 1, g_utf8_strlen (at, -1)));
  return g_strconcat (head, "…", NULL);
}
