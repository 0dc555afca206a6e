/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members of a tar archive that lies in memory. Sizes are checked against what is there; names go nowhere but into a table.
 *
 * Source of the format: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Interchange Format"; the manual of GNU tar for its long names. */
#include "formats/pack/tar-private.h"

#include <string.h>

#define BLOCK 512
/* A name that is longer is none. */
#define NAME_AT_MOST (64 * 1024)

gboolean
glow_tar_recognise (const guint8 *head, gsize n)
{
  return n >= BLOCK && memcmp (head + 257, "ustar", 5) == 0;
}

void
glow_tar_reader_init (GlowTarReader *self, const guint8 *bytes, gsize n)
{
  *self = (GlowTarReader) { bytes, n, 0, g_string_new (NULL), g_string_new (NULL), g_string_new (NULL), g_string_new (NULL), 0, FALSE };
}

void
glow_tar_reader_clear (GlowTarReader *self)
{
  g_string_free (self->name, TRUE);
  g_string_free (self->target, TRUE);
  g_string_free (self->next_name, TRUE);
  g_string_free (self->next_target, TRUE);
}

/* Octal digits, or where the first bit is set a big-endian number; FALSE where neither, or beyond 64 bits. */
static gboolean
read_number (const guint8 *at, gsize n, guint64 *value)
{
  gboolean binary = (at[0] & 0x80) != 0;

  *value = 0;
  for (gsize i = 0; i < n; i++)
    {
      if (!binary && (at[i] == ' ' || at[i] == '\0'))
        {
          if (*value == 0 && at[i] == ' ')
            continue;
          break;
        }
      if ((!binary && (at[i] < '0' || at[i] > '7')) || *value >> (binary ? 56 : 61) != 0)
        return FALSE;
      *value = binary ? *value << 8 | (i == 0 ? at[i] & 0x7f : at[i]) : *value << 3 | (guint) (at[i] - '0');
    }
  return TRUE;
}

static gboolean
is_header (const guint8 *block)
{
  guint64 sum, own = 0;

  for (guint i = 0; i < BLOCK; i++)
    own += i >= 148 && i < 156 ? ' ' : block[i];
  return read_number (block + 148, 8, &sum) && sum == own;
}

/* "LENGTH KEY=VALUE\n", as often as there are bytes. */
static void
read_pax (GlowTarReader *self, const char *bytes, gsize n)
{
  while (n > 0)
    {
      char *end;
      g_autofree char *digits = g_strndup (bytes, MIN (n, 20));
      guint64 length = g_ascii_strtoull (digits, &end, 10);
      gsize head = end - digits + 1;
      const char *key, *value, *stop;

      if (*end != ' ' || length > n || length <= head || bytes[length - 1] != '\n')
        return;
      key = bytes + head;
      stop = bytes + length - 1;
      value = memchr (key, '=', stop - key);
      if (value == NULL)
        return;
      value++;
      if (value - key == 5 && memcmp (key, "path=", 5) == 0)
        g_string_append_len (g_string_truncate (self->next_name, 0), value, MIN (stop - value, NAME_AT_MOST));
      else if (value - key == 9 && memcmp (key, "linkpath=", 9) == 0)
        g_string_append_len (g_string_truncate (self->next_target, 0), value, MIN (stop - value, NAME_AT_MOST));
      else if (value - key == 5 && memcmp (key, "size=", 5) == 0)
        {
          g_autofree char *size = g_strndup (value, stop - value);

          self->has_next_size = g_ascii_string_to_unsigned (size, 10, 0, G_MAXUINT64, &self->next_size, NULL);
        }
      bytes += length;
      n -= length;
    }
}

static void
take_names (GlowTarReader *self, const guint8 *block)
{
  gboolean has_prefix = memcmp (block + 257, "ustar\0", 6) == 0 && block[345] != '\0';

  g_string_truncate (self->name, 0);
  g_string_truncate (self->target, 0);
  if (self->next_name->len > 0)
    g_string_append_len (self->name, self->next_name->str, self->next_name->len);
  else
    {
      if (has_prefix)
        g_string_append_printf (self->name, "%.155s/", (const char *) block + 345);
      g_string_append_printf (self->name, "%.100s", (const char *) block);
    }
  /* A second name of a member is told from the root, a link from where it lies. */
  if (block[156] == '1')
    g_string_append_c (self->target, '/');
  if (self->next_target->len > 0)
    g_string_append_len (self->target, self->next_target->str, self->next_target->len);
  else
    g_string_append_printf (self->target, "%.100s", (const char *) block + 157);
  g_string_truncate (self->next_name, 0);
  g_string_truncate (self->next_target, 0);
  self->has_next_size = FALSE;
}

gboolean
glow_tar_reader_next (GlowTarReader *self, GlowTarMember *member, gboolean *damage)
{
  *damage = FALSE;
  while (self->n - self->at >= BLOCK)
    {
      const guint8 *block = self->bytes + self->at;
      guint64 size;
      gsize content, left;
      guint8 type = block[156];

      if (block[0] == '\0')
        return FALSE;
      *damage = TRUE;
      if (!is_header (block) || !read_number (block + 124, 12, &size))
        return FALSE;
      content = self->at + BLOCK;
      left = self->n - content;
      if (type != 'x' && type != 'g' && type != 'L' && type != 'K' && self->has_next_size)
        size = self->next_size;
      /* Links and folders have no bytes, whatever their size says. */
      if (type == '1' || type == '2' || type == '5')
        size = 0;
      if (size > left)
        return FALSE;
      self->at = content + MIN ((size + BLOCK - 1) / BLOCK * BLOCK, left);
      *damage = FALSE;
      if (type == 'x')
        read_pax (self, (const char *) self->bytes + content, size);
      else if (type == 'L')
        g_string_append_printf (g_string_truncate (self->next_name, 0), "%.*s", (int) MIN (size, NAME_AT_MOST), (const char *) self->bytes + content);
      else if (type == 'K')
        g_string_append_printf (g_string_truncate (self->next_target, 0), "%.*s", (int) MIN (size, NAME_AT_MOST), (const char *) self->bytes + content);
      else if (type != 'g')
        {
          take_names (self, block);
          *member = (GlowTarMember) { type == '0' || type == '\0' || type == '7' ? GLOW_TAR_FILE : type == '2' || type == '1' ? GLOW_TAR_LINK : GLOW_TAR_OTHER,
                                      self->name->str, self->target->str, content, size };
          return TRUE;
        }
    }
  *damage = self->at < self->n;
  return FALSE;
}
