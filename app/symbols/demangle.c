/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names as people wrote them: C++, Rust and D by libiberty; Java's method descriptors, which no library reads, here. Go's names are plain. */
#include "symbols/symbol-table-private.h"

#include <libiberty/demangle.h>
#include <stdlib.h>
#include <string.h>

/* Names longer than this are not demangled: hostile ones grow without bound. */
#define MAX_MANGLED 8192

/* One type of a descriptor; NULL where it is none. */
static const char *
append_java_type (GString *text, const char *at)
{
  static const struct { char code; const char *name; } types[] = {
    { 'B', "byte" }, { 'C', "char" }, { 'D', "double" }, { 'F', "float" }, { 'I', "int" }, { 'J', "long" }, { 'S', "short" },
    { 'V', "void" }, { 'Z', "boolean" },
  };
  guint arrays = 0;

  for (; *at == '['; at++)
    arrays++;
  if (*at == 'L')
    {
      const char *end = strchr (at, ';');
      gsize start = text->len;

      if (end == NULL || end == at + 1)
        return NULL;
      g_string_append_len (text, at + 1, end - at - 1);
      for (gsize i = start; i < text->len; i++)
        if (text->str[i] == '/')
          text->str[i] = '.';
      at = end + 1;
    }
  else
    {
      guint i = 0;

      while (i < G_N_ELEMENTS (types) && types[i].code != *at)
        i++;
      if (i == G_N_ELEMENTS (types))
        return NULL;
      g_string_append (text, types[i].name);
      at++;
    }
  while (arrays-- > 0)
    g_string_append (text, "[]");
  return at;
}

/* "Ljava/lang/String;equals(Ljava/lang/Object;)Z" → "java.lang.String.equals(java.lang.Object)", as perf prints it: without what is returned.
 *
 * Format: The Java Virtual Machine Specification, 4.3.3. */
static char *
demangle_java (const char *name)
{
  g_autoptr(GString) text = g_string_new (NULL), ignored = g_string_new (NULL);
  const char *at = append_java_type (text, name), *open = at != NULL ? strchr (at, '(') : NULL;
  gboolean first = TRUE;

  if (at == NULL || open == NULL || open == at)
    return NULL;
  g_string_append_c (text, '.');
  g_string_append_len (text, at, open - at);
  g_string_append_c (text, '(');
  for (at = open + 1; at != NULL && *at != ')' && *at != '\0'; first = FALSE)
    {
      if (!first)
        g_string_append (text, ", ");
      at = append_java_type (text, at);
    }
  if (at == NULL || *at != ')')
    return NULL;
  g_string_append_c (text, ')');
  at = append_java_type (ignored, at + 1);
  return at != NULL && *at == '\0' ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

/**
 * glow_demangle:
 *
 * Returns: (transfer full) (nullable): without parameters where the language's names have them apart; %NULL where @name is not mangled
 */
char *
glow_demangle (const char *name)
{
  char *demangled, *copy;

  if ((name[0] != '_' && name[0] != '.' && name[0] != 'L') || strlen (name) > MAX_MANGLED)
    return NULL;
  if (name[0] == 'L')
    return strchr (name, ';') != NULL ? demangle_java (name) : NULL;
  demangled = cplus_demangle (name, DMGL_AUTO);
  if (demangled == NULL && name[1] == 'D')
    demangled = dlang_demangle (name, 0);
  if (demangled == NULL)
    return NULL;
  copy = g_strdup (demangled);
  free (demangled);
  return copy;
}
