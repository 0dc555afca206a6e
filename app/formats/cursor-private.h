/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one place where untrusted bytes are measured before they are read. A read past the end makes the cursor fail and gives 0;
 * every later read gives 0 too, so that a reader may check once at the end of a record. */
#pragma once
#include <glib.h>

#include <string.h>

G_BEGIN_DECLS

typedef struct {
  const guint8 *at, *end;
  gboolean swap;               /* the file's byte order is not this machine's */
  gboolean failed;
} GlowCursor;

static inline GlowCursor
glow_cursor (const guint8 *bytes, gsize n, gboolean swap)
{
  return (GlowCursor) { bytes, n > 0 ? bytes + n : bytes, swap, FALSE };   /* NULL + 0 is not defined */
}

static inline gsize
glow_cursor_remaining (const GlowCursor *self)
{
  return self->end - self->at;
}

/* @n bytes, or NULL where there are fewer. */
static inline const guint8 *
glow_cursor_take (GlowCursor *self, guint64 n)
{
  const guint8 *bytes = self->at;

  if (self->failed || n > glow_cursor_remaining (self))
    {
      self->failed = TRUE;
      self->at = self->end;
      return NULL;
    }
  self->at += n;
  return bytes;
}

static inline guint64
glow_cursor_u64 (GlowCursor *self)
{
  const guint8 *bytes = glow_cursor_take (self, sizeof (guint64));
  guint64 value = 0;

  if (bytes == NULL)
    return 0;
  memcpy (&value, bytes, sizeof value);
  return self->swap ? GUINT64_SWAP_LE_BE (value) : value;
}

static inline guint32
glow_cursor_u32 (GlowCursor *self)
{
  const guint8 *bytes = glow_cursor_take (self, sizeof (guint32));
  guint32 value = 0;

  if (bytes == NULL)
    return 0;
  memcpy (&value, bytes, sizeof value);
  return self->swap ? GUINT32_SWAP_LE_BE (value) : value;
}

static inline guint16
glow_cursor_u16 (GlowCursor *self)
{
  const guint8 *bytes = glow_cursor_take (self, sizeof (guint16));
  guint16 value = 0;

  if (bytes == NULL)
    return 0;
  memcpy (&value, bytes, sizeof value);
  return self->swap ? GUINT16_SWAP_LE_BE (value) : value;
}

/* The bytes up to a NUL or the end; the cursor moves behind them. */
static inline const char *
glow_cursor_string (GlowCursor *self, gsize *length)
{
  const char *text = (const char *) self->at;
  gsize n = strnlen (text, glow_cursor_remaining (self));

  *length = n;
  self->at += MIN (n + 1, glow_cursor_remaining (self));
  return text;
}

G_END_DECLS
