/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symbols that come as lines of text: kallsyms, and the maps that just-in-time compilers write for perf. */
#include "symbols/symbol-table-private.h"

#include <string.h>

/* Hexadecimal digits up to something else. */
static const char *
read_hex (const char *at, const char *end, guint64 *value)
{
  guint64 number = 0;

  for (; at < end && g_ascii_isxdigit (*at); at++)
    number = number << 4 | (guint64) g_ascii_xdigit_value (*at);
  *value = number;
  return at;
}

gboolean
glow_kallsyms_read (GlowSymbolTable *self, const char *path, gboolean *restricted)
{
  g_autofree char *text = NULL;
  gsize length;
  guint64 any = 0;

  *restricted = FALSE;
  if (!g_file_get_contents (path, &text, &length, NULL))
    return FALSE;
  for (const char *at = text, *end = text + length; at < end;)
    {
      const char *line_end = memchr (at, '\n', end - at), *name, *tab;
      guint64 address;

      if (line_end == NULL)
        line_end = end;
      name = read_hex (at, line_end, &address);
      if (line_end - name > 3 && name > at && name[0] == ' ' && name[2] == ' ' && strchr ("tTwW", name[1]) != NULL)
        {
          char type = name[1];

          name += 3;
          tab = memchr (name, '\t', line_end - name);
          any |= address;
          glow_symbol_table_add (self, address, 0, name, (tab != NULL ? tab : line_end) - name, type == 'T' ? 2 : type == 't' ? 1 : 0);
        }
      at = line_end + 1;
    }
  *restricted = self->symbols->len > 0 && any == 0;
  if (any == 0)
    return FALSE;
  self->full = TRUE;
  glow_symbol_table_seal (self);
  return TRUE;
}

gboolean
glow_kallsyms_agrees (const char *path, const char *name, guint64 address)
{
  g_autofree char *text = NULL, *line = g_strdup_printf ("%016" G_GINT64_MODIFIER "x T %s\n", address, name);

  return address != 0 && g_file_get_contents (path, &text, NULL, NULL) && strstr (text, line) != NULL;
}

gboolean
glow_perf_map_read (GlowSymbolTable *self, const char *path)
{
  g_autofree char *text = NULL;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, NULL))
    return FALSE;
  for (const char *at = text, *end = text + length; at < end;)
    {
      const char *line_end = memchr (at, '\n', end - at), *next;
      guint64 start, size;

      if (line_end == NULL)
        line_end = end;
      if (line_end - at > 2 && at[0] == '0' && at[1] == 'x')
        at += 2;
      next = read_hex (at, line_end, &start);
      if (next > at && next < line_end && *next == ' ')
        {
          if (line_end - next > 3 && next[1] == '0' && next[2] == 'x')
            next += 2;
          next = read_hex (next + 1, line_end, &size);
          if (next + 1 < line_end && *next == ' ')
            glow_symbol_table_add (self, start, size, next + 1, line_end - next - 1, 1);
        }
      at = line_end + 1;
    }
  if (self->symbols->len == 0)
    return FALSE;
  self->full = TRUE;
  glow_symbol_table_seal (self);
  return TRUE;
}

guint
glow_running_kernel_build_id (guint8 build_id[20])
{
  g_autofree char *notes = NULL;
  gsize length;

  if (!g_file_get_contents ("/sys/kernel/notes", &notes, &length, NULL))
    return 0;
  for (gsize at = 0; at + 12 <= length;)
    {
      guint32 name, description, type;

      memcpy (&name, notes + at, 4);
      memcpy (&description, notes + at + 4, 4);
      memcpy (&type, notes + at + 8, 4);
      at += 12;
      if (name > length - at || ((name + 3) & ~3u) > length - at || description > length - at - ((name + 3) & ~3u))
        return 0;
      if (type == 3 && name == 4 && memcmp (notes + at, "GNU", 4) == 0)
        {
          memcpy (build_id, notes + at + 4, MIN (description, 20));
          return MIN (description, 20);
        }
      at += ((name + 3) & ~3u) + ((description + 3) & ~3u);
    }
  return 0;
}
