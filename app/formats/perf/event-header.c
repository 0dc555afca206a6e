/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Payloads that describe themselves: user_events in the EventHeader encoding, whose fields each sample brings with it. Printed as names and
 * values in JSON's spelling.
 *
 * Format: eventheader.h of Microsoft's LinuxTracepoints (eventheader-tracepoint). */
#include "formats/cursor-private.h"
#include "formats/perf/event-header-private.h"

#include <arpa/inet.h>
#include <string.h>
#include <math.h>

enum { FLAG_LITTLE = 2, FLAG_EXTENSION = 4, EXTENSION_METADATA = 1, EXTENSION_MORE = 0x8000 };
enum { ENCODING_STRUCT = 1, ENCODING_V8, ENCODING_V16, ENCODING_V32, ENCODING_V64, ENCODING_V128, ENCODING_Z8, ENCODING_Z16, ENCODING_Z32, ENCODING_L8,
       ENCODING_L16, ENCODING_L32, ENCODING_BINARY, ENCODING_VALUE = 0x1f, ENCODING_FIXED = 0x20, ENCODING_VARIABLE = 0x40, ENCODING_MORE = 0x80 };
enum { FORMAT_DEFAULT, FORMAT_UNSIGNED, FORMAT_SIGNED, FORMAT_HEX, FORMAT_ERRNO, FORMAT_PID, FORMAT_TIME, FORMAT_BOOLEAN, FORMAT_FLOAT, FORMAT_BYTES,
       FORMAT_STRING8, FORMAT_UTF, FORMAT_UTF_BOM, FORMAT_XML, FORMAT_JSON, FORMAT_UUID, FORMAT_PORT, FORMAT_IP, FORMAT_IP_OBSOLETE };
#define MAX_DEPTH 8
#define MAX_VALUES 10000

typedef struct {
  GlowCursor names, payload;   /* what there is, and what it holds */
  GString *text;
  guint n_values;
} Decoder;

static gboolean decode_fields (Decoder *self, guint n, guint depth);

static void
append_quoted (GString *text, const char *bytes, gssize n)
{
  g_autofree char *valid = g_utf8_make_valid (bytes, n);

  g_string_append_c (text, '"');
  for (const char *at = valid; *at != '\0'; at++)
    if (*at == '"' || *at == '\\')
      g_string_append_printf (text, "\\%c", *at);
    else if ((guchar) *at < 0x20)
      g_string_append_printf (text, "\\u%04x", *at);
    else
      g_string_append_c (text, *at);
  g_string_append_c (text, '"');
}

static void
append_hex (GString *text, const guint8 *bytes, gsize n)
{
  g_string_append_c (text, '"');
  for (gsize i = 0; i < n; i++)
    g_string_append_printf (text, "%s%02X", i > 0 ? " " : "", bytes[i]);
  g_string_append_c (text, '"');
}

static guint64
load (const guint8 *bytes, guint size, gboolean swap)
{
  guint64 value = 0;

  for (guint i = 0; i < size; i++)
    value |= (guint64) bytes[swap != (G_BYTE_ORDER == G_BIG_ENDIAN) ? size - 1 - i : i] << (8 * i);
  return value;
}

static gint64
sign (guint64 value, guint size)
{
  return (gint64) (value << (64 - 8 * size)) >> (64 - 8 * size);
}

/* Characters of 1, 2 or 4 bytes. */
static void
append_characters (GString *text, const guint8 *bytes, gsize n, guint size, gboolean swap, gboolean latin)
{
  g_autoptr(GString) own = g_string_new (NULL);

  if (size == 1 && !latin)
    g_string_append_len (own, (const char *) bytes, n);
  for (gsize i = 0; (size > 1 || latin) && i < n; i++)
    {
      gunichar letter = load (bytes + i * size, size, swap);

      if (size == 2 && letter >= 0xd800 && letter < 0xdc00 && i + 1 < n)
        letter = 0x10000 + ((letter - 0xd800) << 10) + ((guint32) load (bytes + ++i * size, size, swap) - 0xdc00);
      g_string_append_unichar (own, letter < 0x110000 && !(letter >= 0xd800 && letter < 0xe000) ? letter : 0xfffd);
    }
  /* A NUL within is a letter like any other. */
  g_string_append_c (text, '"');
  for (gsize i = 0; i < own->len;)
    {
      gsize part = strnlen (own->str + i, own->len - i);
      gsize at = text->len;

      append_quoted (text, own->str + i, part);
      g_string_erase (text, at, 1);
      g_string_truncate (text, text->len - 1);
      i += part;
      if (i < own->len)
        {
          g_string_append (text, "\\u0000");
          i++;
        }
    }
  g_string_append_c (text, '"');
}

/* Text that may begin with a mark of its own size and byte order. */
static void
append_marked (GString *text, const guint8 *bytes, gsize n, guint size, gboolean swap)
{
  static const struct { guint8 mark[4], n, size; gboolean big; } marks[] = {
    { { 0xff, 0xfe, 0, 0 }, 4, 4, FALSE }, { { 0, 0, 0xfe, 0xff }, 4, 4, TRUE }, { { 0xef, 0xbb, 0xbf }, 3, 1, FALSE }, { { 0xff, 0xfe }, 2, 2, FALSE },
    { { 0xfe, 0xff }, 2, 2, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (n >= marks[i].n && memcmp (bytes, marks[i].mark, marks[i].n) == 0)
      {
        bytes += marks[i].n;
        n -= marks[i].n;
        size = marks[i].size;
        swap = marks[i].big == (G_BYTE_ORDER == G_LITTLE_ENDIAN);
        break;
      }
  append_characters (text, bytes, n / size, size, swap, FALSE);
}

static void
append_time (GString *text, gint64 seconds)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc (seconds);
  g_autofree char *words = time != NULL ? g_date_time_format (time, "\"%Y-%m-%dT%H:%M:%SZ\"") : NULL;

  if (words != NULL)
    g_string_append (text, words);
  else
    g_string_append_printf (text, "\"TIME(%" G_GINT64_FORMAT ")\"", seconds);
}

static void
append_float (GString *text, const guint8 *bytes, guint size, gboolean swap)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  guint64 bits = load (bytes, size, swap);
  guint32 low = bits;
  double value;
  float narrow;

  memcpy (&narrow, &low, sizeof narrow);
  memcpy (&value, &bits, sizeof value);
  if (size == 4)
    value = narrow;
  if (isnan (value) || isinf (value))
    g_string_append (text, isnan (value) ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"");
  else
    g_string_append (text, g_ascii_formatd (digits, sizeof digits, size == 4 ? "%.9g" : "%.17g", value));
}

static void
append_address (GString *text, const guint8 *bytes, gboolean six)
{
  char shown[INET6_ADDRSTRLEN];

  g_string_append_printf (text, "\"%s\"", inet_ntop (six ? AF_INET6 : AF_INET, bytes, shown, sizeof shown) != NULL ? shown : "?");
}

/* A value of a fixed size. */
static void
append_value (GString *text, const guint8 *bytes, guint size, guint format, gboolean swap)
{
  guint64 value = size <= 8 ? load (bytes, size, swap) : 0;
  const char *name;

  if (size == 16)
    {
      if (format == FORMAT_UUID)
        g_string_append_printf (text, "\"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x\"", bytes[0], bytes[1], bytes[2], bytes[3], bytes[4],
                                bytes[5], bytes[6], bytes[7], bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]);
      else if (format == FORMAT_IP || format == FORMAT_IP_OBSOLETE)
        append_address (text, bytes, TRUE);
      else
        append_hex (text, bytes, size);
      return;
    }
  switch (format)
    {
    case FORMAT_SIGNED:
    case FORMAT_PID: g_string_append_printf (text, "%" G_GINT64_FORMAT, sign (value, size)); break;
    case FORMAT_ERRNO:
      name = sign (value, size) > 0 && sign (value, size) < 4096 ? strerrorname_np (sign (value, size)) : NULL;
      g_string_append_printf (text, "\"%s(%" G_GINT64_FORMAT ")\"", name != NULL ? name : "ERRNO", sign (value, size));
      break;
    case FORMAT_HEX: g_string_append_printf (text, "\"0x%" G_GINT64_MODIFIER "X\"", value); break;
    case FORMAT_TIME: append_time (text, sign (value, size)); break;
    case FORMAT_BOOLEAN:
      if (value < 2)
        g_string_append (text, value != 0 ? "true" : "false");
      else
        g_string_append_printf (text, "\"BOOL(%" G_GINT64_FORMAT ")\"", size < 4 ? (gint64) value : sign (value, size));
      break;
    case FORMAT_FLOAT:
      if (size >= 4)
        append_float (text, bytes, size, swap);
      else
        g_string_append_printf (text, "%" G_GUINT64_FORMAT, value);
      break;
    case FORMAT_BYTES: append_hex (text, bytes, size); break;
    case FORMAT_STRING8: append_characters (text, bytes, 1, size, swap, TRUE); break;
    case FORMAT_UTF: append_characters (text, bytes, 1, size, swap, TRUE); break;
    case FORMAT_PORT: g_string_append_printf (text, "%u", size == 2 ? bytes[0] << 8 | bytes[1] : (guint) value); break;
    case FORMAT_IP:
    case FORMAT_IP_OBSOLETE:
      if (size == 4)
        append_address (text, bytes, FALSE);
      else
        g_string_append_printf (text, "%" G_GUINT64_FORMAT, value);
      break;
    default: g_string_append_printf (text, "%" G_GUINT64_FORMAT, value);
    }
}

static gboolean
decode_value (Decoder *self, guint encoding, guint format, guint depth)
{
  GlowCursor *payload = &self->payload;
  const guint8 *bytes;
  guint size;
  gsize n = 0;

  if (self->n_values++ > MAX_VALUES)
    return FALSE;
  switch (encoding)
    {
    case ENCODING_V8:
    case ENCODING_V16:
    case ENCODING_V32:
    case ENCODING_V64:
    case ENCODING_V128:
      size = 1u << (encoding - ENCODING_V8);
      bytes = glow_cursor_take (payload, size);
      if (bytes != NULL)
        append_value (self->text, bytes, size, format, payload->swap);
      return bytes != NULL;
    case ENCODING_Z8:
    case ENCODING_Z16:
    case ENCODING_Z32:
      size = 1u << (encoding - ENCODING_Z8);
      bytes = payload->at;
      while (glow_cursor_remaining (payload) >= (n + 1) * size && load (bytes + n * size, size, payload->swap) != 0)
        n++;
      glow_cursor_take (payload, MIN ((n + 1) * size, glow_cursor_remaining (payload)));
      break;
    case ENCODING_L8:
    case ENCODING_L16:
    case ENCODING_L32:
    case ENCODING_BINARY:
      size = encoding == ENCODING_BINARY ? 1 : 1u << (encoding - ENCODING_L8);
      n = glow_cursor_u16 (payload);
      bytes = glow_cursor_take (payload, n * size);
      if (bytes == NULL)
        return FALSE;
      break;
    default: return FALSE;
    }
  if (format >= FORMAT_UTF_BOM && format <= FORMAT_JSON && encoding != ENCODING_BINARY)
    append_marked (self->text, bytes, n * size, size, payload->swap);
  else if (format == FORMAT_BYTES || encoding == ENCODING_BINARY)
    append_hex (self->text, bytes, n * size);
  else
    append_characters (self->text, bytes, n, size, payload->swap, format == FORMAT_STRING8);
  return TRUE;
}

/* What stands behind a field's name: how it lies in the payload, how it is to be read, its tag, and how many a list of fixed length has. */
typedef struct { guint encoding, format, tag, count; } Description;

static Description
take_description (GlowCursor *names)
{
  const guint8 *byte = glow_cursor_take (names, 1);
  Description own = { byte != NULL ? *byte : 0, 0, 0, 1 };

  if (own.encoding & ENCODING_MORE)
    {
      byte = glow_cursor_take (names, 1);
      own.format = byte != NULL ? *byte : 0;
      if (own.format & ENCODING_MORE)
        own.tag = glow_cursor_u16 (names);
      own.format &= 0x7f;
    }
  if (own.encoding & ENCODING_FIXED)
    own.count = glow_cursor_u16 (names);
  return own;
}

/* A structure that occurs no time has its fields described all the same. */
static void
skip_names (GlowCursor *names, guint n, guint depth)
{
  for (; n > 0 && depth <= MAX_DEPTH && !names->failed && glow_cursor_remaining (names) > 0; n--)
    {
      Description own;
      gsize length;

      glow_cursor_string (names, &length);
      own = take_description (names);
      if ((own.encoding & ENCODING_VALUE) == ENCODING_STRUCT)
        skip_names (names, own.format, depth + 1);
    }
}

static gboolean
decode_field (Decoder *self, guint depth)
{
  gsize length;
  const char *name = glow_cursor_string (&self->names, &length);
  Description own = take_description (&self->names);
  guint encoding = own.encoding & ENCODING_VALUE, format = own.format, count = own.encoding & ENCODING_VARIABLE ? glow_cursor_u16 (&self->payload) : own.count;
  gboolean list = (own.encoding & (ENCODING_FIXED | ENCODING_VARIABLE)) != 0;
  g_autofree char *whole = NULL;

  if (self->names.failed || self->payload.failed || depth > MAX_DEPTH)
    return FALSE;
  whole = own.tag != 0 ? g_strdup_printf ("%.*s;tag=0x%X", (int) length, name, own.tag) : g_strndup (name, length);
  append_quoted (self->text, whole, -1);
  g_string_append (self->text, list ? ": [" : ": ");
  if (encoding == ENCODING_STRUCT)
    {
      GlowCursor names = self->names;

      for (guint i = 0; i < count; i++)
        {
          self->names = names;
          g_string_append (self->text, i > 0 ? ", {" : "{");
          if (!decode_fields (self, format, depth + 1))
            return FALSE;
          g_string_append_c (self->text, '}');
        }
      if (count == 0)
        skip_names (&self->names, format, 0);
    }
  else
    for (guint i = 0; i < count; i++)
      {
        if (i > 0)
          g_string_append (self->text, ", ");
        if (!decode_value (self, encoding, format, depth))
          return FALSE;
      }
  if (list)
    g_string_append_c (self->text, ']');
  return TRUE;
}

static gboolean
decode_fields (Decoder *self, guint n, guint depth)
{
  for (guint i = 0; i < n && glow_cursor_remaining (&self->names) > 0; i++)
    {
      if (i > 0)
        g_string_append (self->text, ", ");
      if (!decode_field (self, depth))
        return FALSE;
    }
  return TRUE;
}

/**
 * perf_event_header_append:
 * @bytes: from the field eventheader_flags on
 *
 * Appends `{"name": value, …}`; what is damaged ends where it does. A payload without a description appends nothing.
 */
gboolean
perf_event_header_append (const guint8 *bytes, gsize n, GString *text)
{
  Decoder self = { .text = text };
  GlowCursor cursor;
  gsize length, start = text->len;
  gboolean more;

  if (n < 8 || !(bytes[0] & FLAG_EXTENSION))
    return FALSE;
  cursor = glow_cursor (bytes + 8, n - 8, ((bytes[0] & FLAG_LITTLE) != 0) != (G_BYTE_ORDER == G_LITTLE_ENDIAN));
  do
    {
      guint16 size = glow_cursor_u16 (&cursor), kind = glow_cursor_u16 (&cursor);
      const guint8 *own = glow_cursor_take (&cursor, size);

      if (own == NULL)
        return FALSE;
      more = (kind & EXTENSION_MORE) != 0;
      if ((kind & ~EXTENSION_MORE) == EXTENSION_METADATA)
        self.names = glow_cursor (own, size, cursor.swap);
    }
  while (more);
  if (self.names.at == NULL)
    return FALSE;
  self.payload = cursor;
  glow_cursor_string (&self.names, &length);               /* the event's name and attributes */
  g_string_append_c (text, '{');
  if (!decode_fields (&self, G_MAXUINT, 0))
    g_string_append (text, "…");
  g_string_append_c (text, '}');
  return text->len > start;
}
