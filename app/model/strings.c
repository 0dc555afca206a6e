/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interning table of byte strings. Text lies in blocks that never move, so that a pointer handed out stays good while the
 * table grows; the hash table holds ids and a tag of the hash, so that a probe seldom touches the text. */
#include "model/hash-private.h"

#include <afterglow/strings.h>

#include <string.h>

#define BLOCK_SIZE (256 * 1024)

struct _GlowStrings {
  gatomicrefcount ref_count;
  GPtrArray *blocks;           /* of char*, freed with g_free */
  char *block;
  gsize block_used, block_size;
  gsize text_bytes;
  const char **text;           /* by id */
  guint32 *length;
  guint32 *tag;                /* high half of the hash, by id */
  guint32 n, capacity;
  guint32 *slots;              /* id + 1 */
  guint32 mask;
};

static inline guint64
mix (guint64 a, guint64 b)
{
  return glow_hash_product (a ^ G_GUINT64_CONSTANT (0x9E3779B97F4A7C15), b ^ G_GUINT64_CONSTANT (0xD6E8FEB86659FD93));
}

static guint64
hash_bytes (const char *bytes, gsize length)
{
  guint64 hash = length, word;

  for (; length >= 8; bytes += 8, length -= 8)
    {
      memcpy (&word, bytes, 8);
      hash = mix (hash, word);
    }
  if (length > 0)
    {
      word = 0;
      memcpy (&word, bytes, length);
      hash = mix (hash, word);
    }
  return hash;
}

/**
 * glow_strings_new:
 *
 * Returns: (transfer full): a table that holds the empty string alone
 */
GlowStrings *
glow_strings_new (void)
{
  GlowStrings *self = g_new0 (GlowStrings, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->blocks = g_ptr_array_new_with_free_func (g_free);
  self->mask = 255;
  self->slots = g_new0 (guint32, self->mask + 1);
  glow_strings_intern (self, "", 0);
  return self;
}

GlowStrings *
glow_strings_ref (GlowStrings *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glow_strings_unref (GlowStrings *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_ptr_array_unref (self->blocks);
  g_free (self->text);
  g_free (self->length);
  g_free (self->tag);
  g_free (self->slots);
  g_free (self);
}

/**
 * glow_strings_copy:
 *
 * Returns: (transfer full): a table with the same ids that grows on its own. O(bytes)
 */
GlowStrings *
glow_strings_copy (GlowStrings *self)
{
  GlowStrings *copy = glow_strings_new ();

  for (guint32 id = 1; id < self->n; id++)
    glow_strings_intern (copy, self->text[id], self->length[id]);
  return copy;
}

static void
grow_slots (GlowStrings *self)
{
  guint32 mask = self->mask * 2 + 1;
  guint32 *slots = g_new0 (guint32, (gsize) mask + 1);

  for (guint32 id = 0; id < self->n; id++)
    {
      guint32 at = hash_bytes (self->text[id], self->length[id]) & mask;

      while (slots[at] != 0)
        at = (at + 1) & mask;
      slots[at] = id + 1;
    }
  g_free (self->slots);
  self->slots = slots;
  self->mask = mask;
}

static const char *
keep_text (GlowStrings *self, const char *bytes, gsize length)
{
  char *text;

  if (length >= BLOCK_SIZE / 4)
    {
      text = g_malloc (length + 1);
      g_ptr_array_add (self->blocks, text);
    }
  else
    {
      if (self->block == NULL || self->block_size - self->block_used < length + 1)
        {
          self->block = g_malloc (BLOCK_SIZE);
          self->block_size = BLOCK_SIZE;
          self->block_used = 0;
          g_ptr_array_add (self->blocks, self->block);
        }
      text = self->block + self->block_used;
      self->block_used += length + 1;
    }
  if (length > 0)
    memcpy (text, bytes, length);
  text[length] = '\0';
  self->text_bytes += length + 1;
  return text;
}

/* The slot where the string is, or where it belongs. */
static guint32
find_slot (GlowStrings *self, const char *bytes, gsize length, guint64 hash)
{
  guint32 at, tag = hash >> 32;

  for (at = hash & self->mask; self->slots[at] != 0; at = (at + 1) & self->mask)
    {
      guint32 id = self->slots[at] - 1;

      if (self->tag[id] == tag && self->length[id] == length && memcmp (self->text[id], bytes, length) == 0)
        break;
    }
  return at;
}

/**
 * glow_strings_intern:
 * @bytes: any bytes; a NUL inside cannot be seen through glow_strings_get()
 * @length: in bytes, at most 4 GiB − 2; −1 where @bytes is NUL-terminated
 *
 * Returns: the id of the string, made if need be. Amortised O(length)
 */
guint32
glow_strings_intern (GlowStrings *self, const char *bytes, gssize length)
{
  gsize n = length < 0 ? strlen (bytes) : (gsize) length;
  guint64 hash;
  guint32 at, id;

  n = MIN (n, (gsize) G_MAXUINT32 - 1);
  if ((guint64) self->n * 10 > (guint64) self->mask * 6)
    grow_slots (self);
  hash = hash_bytes (bytes, n);
  at = find_slot (self, bytes, n, hash);
  if (self->slots[at] != 0)
    return self->slots[at] - 1;
  if (self->n == self->capacity)
    {
      self->capacity = self->capacity > 0 ? self->capacity * 2 : 256;
      self->text = g_renew (const char *, self->text, self->capacity);
      self->length = g_renew (guint32, self->length, self->capacity);
      self->tag = g_renew (guint32, self->tag, self->capacity);
    }
  id = self->n++;
  self->text[id] = keep_text (self, bytes, n);
  self->length[id] = n;
  self->tag[id] = hash >> 32;
  self->slots[at] = id + 1;
  return id;
}

/**
 * glow_strings_find:
 * @id: (out) (optional): where the string is known
 *
 * Returns: whether the table holds the string
 */
gboolean
glow_strings_find (GlowStrings *self, const char *bytes, gssize length, guint32 *id)
{
  gsize n = length < 0 ? strlen (bytes) : (gsize) length;
  guint32 at = find_slot (self, bytes, n, hash_bytes (bytes, n));

  if (self->slots[at] == 0)
    return FALSE;
  if (id != NULL)
    *id = self->slots[at] - 1;
  return TRUE;
}

const char *
glow_strings_get (GlowStrings *self, guint32 id)
{
  g_return_val_if_fail (id < self->n, "");
  return self->text[id];
}

const char *
glow_strings_get_bytes (GlowStrings *self, guint32 id, gsize *length)
{
  g_return_val_if_fail (id < self->n, "");
  *length = self->length[id];
  return self->text[id];
}

guint32
glow_strings_get_n (GlowStrings *self)
{
  return self->n;
}

gsize
glow_strings_get_memory (GlowStrings *self)
{
  return self->text_bytes + (gsize) self->capacity * (sizeof (char *) + 2 * sizeof (guint32)) + ((gsize) self->mask + 1) * sizeof (guint32);
}

/**
 * glow_strings_dup_display:
 *
 * Returns: (transfer full): valid UTF-8 without control characters, for labels. O(length)
 */
char *
glow_strings_dup_display (GlowStrings *self, guint32 id)
{
  g_autofree char *valid = NULL;
  GString *text;
  gsize length, plain;
  const char *bytes = glow_strings_get_bytes (self, id, &length);

  for (plain = 0; plain < length && bytes[plain] >= 0x20 && bytes[plain] < 0x7f; plain++)
    ;
  if (plain == length)
    return g_strndup (bytes, length);
  valid = g_utf8_make_valid (bytes, length);
  text = g_string_sized_new (length);
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      /* Controls, and the marks that turn writing direction round for everything that follows them. */
      if (g_unichar_iscntrl (c) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
        c = 0xfffd;
      g_string_append_unichar (text, c);
    }
  return g_string_free (text, FALSE);
}
