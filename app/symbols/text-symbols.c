/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symbols that come as lines of text: kallsyms, and the maps that just-in-time compilers write for perf. */
#include "symbols/store-private.h"
#include "symbols/symbol-table-private.h"

#include <string.h>

/* About as many bytes has a line of kallsyms. */
#define LINE_OF_KALLSYMS 48

/* Hexadecimal digits up to something else. */
static const char *
read_hex (const char *at, const char *end, guint64 *value)
{
  guint64 number = 0;

  for (; at < end; at++)
    {
      guint8 digit = (guint8) *at - '0';

      if (digit > 9)
        {
          digit = (guint8) ((*at | 0x20) - 'a');
          if (digit > 5)
            break;
          digit += 10;
        }
      number = number << 4 | digit;
    }
  *value = number;
  return at;
}

gboolean
glow_kallsyms_read (GlowSymbolTable *self, const char *path, gboolean *restricted)
{
  gsize length;
  guint64 any = 0;

  *restricted = FALSE;
  if (!glow_file_get_contents (path, &self->text, &length))
    return FALSE;
  glow_symbol_table_reserve (self, length / LINE_OF_KALLSYMS);
  for (char *at = self->text, *end = at + length; at < end;)
    {
      char *line_end = memchr (at, '\n', end - at), *name, *tab, type;
      guint64 address;
      gsize digits;

      if (line_end == NULL)
        line_end = end;
      digits = read_hex (at, line_end, &address) - at;
      name = at + digits;
      type = line_end - name > 3 && name > at && name[0] == ' ' && name[2] == ' ' ? name[1] : '\0';
      if (type == 't' || type == 'T' || type == 'w' || type == 'W')
        {
          name += 3;
          tab = memchr (name, '\t', line_end - name);
          any |= address;
          *(tab != NULL ? tab : line_end) = '\0';
          glow_symbol_table_add_kept (self, address, 0, name, type == 'T' ? 2 : type == 't' ? 1 : 0);
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

  return address != 0 && glow_file_get_contents (path, &text, NULL) && strstr (text, line) != NULL;
}

typedef struct {
  guint64 start, end;
  const char *name;
  gsize length;
} MapLine;

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint64 left = *(const guint64 *) a, right = *(const guint64 *) b;

  return left < right ? -1 : left > right;
}

static guint
place_of (const GArray *bounds, guint64 number)
{
  guint lower = 0, upper = bounds->len;

  while (lower < upper)
    {
      guint middle = (lower + upper) / 2;

      if (g_array_index (bounds, guint64, middle) < number)
        lower = middle + 1;
      else
        upper = middle;
    }
  return lower;
}

/* Memory of code is used again, and lines are only ever added: what a later line says of an address holds, an earlier one keeps what is left of it.
 * O(n log n): from the last line to the first, each takes the pieces between bounds that are still free. */
static void
add_latest (GlowSymbolTable *self, const GArray *lines)
{
  g_autoptr(GArray) bounds = g_array_sized_new (FALSE, FALSE, sizeof (guint64), 2 * lines->len);
  g_autofree guint32 *owner = NULL, *next = NULL;
  guint n = 0;

  for (guint i = 0; i < lines->len; i++)
    g_array_append_vals (bounds, &g_array_index (lines, MapLine, i).start, 1), g_array_append_vals (bounds, &g_array_index (lines, MapLine, i).end, 1);
  g_array_sort (bounds, compare_numbers);
  for (guint i = 0; i < bounds->len; i++)
    if (n == 0 || g_array_index (bounds, guint64, n - 1) != g_array_index (bounds, guint64, i))
      g_array_index (bounds, guint64, n++) = g_array_index (bounds, guint64, i);
  g_array_set_size (bounds, n);
  owner = g_new0 (guint32, n + 1);
  next = g_new (guint32, n + 1);
  for (guint i = 0; i <= n; i++)
    next[i] = i;
  for (guint i = lines->len; i-- > 0;)
    {
      const MapLine *line = &g_array_index (lines, MapLine, i);
      guint end = place_of (bounds, line->end);

      for (guint at = place_of (bounds, line->start);;)
        {
          /* The first free piece from here on; the way there is made shorter for those that come after. */
          while (next[at] != at)
            at = next[at] = next[next[at]];
          if (at >= end)
            break;
          owner[at] = i + 1;
          next[at] = at + 1;
        }
    }
  for (guint at = 0; at + 1 < n; at++)
    if (owner[at] != 0)
      {
        const MapLine *line = &g_array_index (lines, MapLine, owner[at] - 1);
        guint64 start = g_array_index (bounds, guint64, at);

        while (at + 2 < n && owner[at + 1] == owner[at])
          at++;
        glow_symbol_table_add (self, start, g_array_index (bounds, guint64, at + 1) - start, line->name, line->length, 1);
      }
}

gboolean
glow_perf_map_read (GlowSymbolTable *self, const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr(GArray) lines = g_array_new (FALSE, FALSE, sizeof (MapLine));
  gsize length;

  if (!glow_file_get_contents (path, &text, &length))
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
            {
              MapLine line = { start, start + MIN (size, G_MAXUINT64 - start), next + 1, line_end - next - 1 };

              if (line.end > line.start)
                g_array_append_val (lines, line);
              else
                glow_symbol_table_add (self, start, 0, line.name, line.length, 1);
            }
        }
      at = line_end + 1;
    }
  if (lines->len == 0 && self->symbols->len == 0)
    return FALSE;
  add_latest (self, lines);
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
