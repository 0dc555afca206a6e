/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HdrHistogram's encodings: V2 (ZigZag LEB128 counts, runs of zeros), V1 and V0 (counts as words), of whole numbers or of doubles.
 *
 * Source: HdrHistogram's documentation of its encoding, “HdrHistogram V2 encoding”; its classes AbstractHistogram and DoubleHistogram for V0 and V1. */
#include <config.h>

#include "formats/cursor-private.h"
#include "formats/histograms/hdr-private.h"

#include <afterglow/quantile.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <zlib.h>

#define V0_COOKIE 0x1c849308
#define V0_COMPRESSED 0x1c849309
#define V1_COOKIE 0x1c849301
#define V1_COMPRESSED 0x1c849302
#define V2_COOKIE 0x1c849303
#define V2_COMPRESSED 0x1c849304
#define DOUBLE_COOKIE 0x0c72124e
#define DOUBLE_COMPRESSED 0x0c72124f
/* Five digits over all of 63 bits, nine bytes each: what a whole encoding has at most is below this. */
#define LARGEST (128 << 20)

typedef struct {
  guint unit_magnitude;        /* log2 of the lowest value that is told apart */
  guint half_magnitude;        /* log2 of half the sub-buckets */
  double ratio;                /* values are whole numbers times this */
} Shape;

static guint32
cookie_base (guint32 cookie)
{
  return cookie & ~0xf0u;
}

/* ---- buckets ---- */

/* FALSE: beyond 63 bits. */
static gboolean
add_bucket (GArray *buckets, const Shape *shape, guint64 index, guint64 count)
{
  guint64 half = G_GUINT64_CONSTANT (1) << shape->half_magnitude, sub = index & (half - 1);
  gint64 octave = (gint64) (index >> shape->half_magnitude) - 1;
  GlowNativeBucket bucket;
  guint shift;

  if (octave < 0)
    octave = 0;
  else
    sub += half;
  shift = (guint) MIN (octave, 64) + shape->unit_magnitude;
  if (shift + shape->half_magnitude + 1 > 63)
    return FALSE;
  bucket.lower = (double) (sub << shift) * shape->ratio;
  bucket.upper = (double) ((sub + 1) << shift) * shape->ratio;
  bucket.count = (double) count;
  g_array_append_val (buckets, bucket);
  return TRUE;
}

/* ZigZag LEB128: seven bits a byte, the ninth byte whole. */
static gint64
read_zigzag (GlowCursor *cursor)
{
  guint64 value = 0;

  for (guint i = 0; i < 9; i++)
    {
      const guint8 *byte = glow_cursor_take (cursor, 1);

      if (byte == NULL)
        return 0;
      if (i == 8)
        value |= (guint64) *byte << 56;
      else
        value |= (guint64) (*byte & 0x7f) << (7 * i);
      if ((*byte & 0x80) == 0)
        break;
    }
  return (gint64) (value >> 1) ^ -(gint64) (value & 1);
}

static const char *
read_counts (GlowCursor *cursor, guint word, const Shape *shape, GArray *buckets)
{
  guint64 index = 0;

  while (glow_cursor_remaining (cursor) >= MAX (word, 1) || (word == 0 && glow_cursor_remaining (cursor) > 0))
    {
      gint64 count = word == 0 ? read_zigzag (cursor) : word == 2 ? (gint16) glow_cursor_u16 (cursor)
                   : word == 4 ? (gint32) glow_cursor_u32 (cursor) : (gint64) glow_cursor_u64 (cursor);

      if (cursor->failed)
        return N_("the histogram ends within a count");
      if (count < 0 && word != 0)
        return N_("the histogram has a count below zero");
      if (count < 0)
        {
          /* So many empty ones. */
          if (count < -(gint64) G_MAXINT32)
            return N_("the histogram has more empty buckets than there can be");
          index += (guint64) -count;
          continue;
        }
      if (count > 0 && !add_bucket (buckets, shape, index, (guint64) count))
        return N_("the histogram has a bucket beyond 63 bits");
      index++;
    }
  return NULL;
}

/* ---- encodings ---- */

static double
read_double (GlowCursor *cursor)
{
  guint64 bits = glow_cursor_u64 (cursor);
  double value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

/* A histogram that is not compressed. */
static const char *
read_plain (const guint8 *bytes, gsize n, GArray *buckets)
{
  GlowCursor cursor = glow_cursor (bytes, n, G_BYTE_ORDER == G_LITTLE_ENDIAN);
  guint32 cookie = glow_cursor_u32 (&cursor), digits, length = 0;
  guint64 lowest;
  Shape shape = { .ratio = 1 };
  guint word = 0;

  if (cookie_base (cookie) == V0_COOKIE)
    {
      digits = glow_cursor_u32 (&cursor);
      lowest = glow_cursor_u64 (&cursor);
      glow_cursor_take (&cursor, 16);          /* the highest value, the sum of counts */
      length = glow_cursor_remaining (&cursor);
    }
  else if (cookie_base (cookie) == V1_COOKIE || cookie_base (cookie) == V2_COOKIE)
    {
      length = glow_cursor_u32 (&cursor);
      glow_cursor_u32 (&cursor);               /* of the array in memory; counts are told in order */
      digits = glow_cursor_u32 (&cursor);
      lowest = glow_cursor_u64 (&cursor);
      glow_cursor_u64 (&cursor);
      shape.ratio = read_double (&cursor);
    }
  else
    return N_("the histogram is of a version that is not known");
  if (cookie_base (cookie) != V2_COOKIE)
    word = cookie >> 4 & 0xe;
  if (cursor.failed || digits > 5 || lowest == 0 || lowest > G_MAXINT64 / 2 || !isfinite (shape.ratio) || shape.ratio <= 0
      || (cookie_base (cookie) != V2_COOKIE && word != 2 && word != 4 && word != 8))
    return N_("the head of the histogram is damaged");
  if (length > glow_cursor_remaining (&cursor))
    return N_("the histogram is shorter than it says");
  cursor.end = cursor.at + length;
  shape.unit_magnitude = 63 - __builtin_clzll (lowest);
  shape.half_magnitude = MAX ((guint) ceil (log2 (2 * pow (10, digits))), 1) - 1;
  return read_counts (&cursor, word, &shape, buckets);
}

static GBytes *
inflate_all (const guint8 *bytes, gsize n)
{
  z_stream stream = { .next_in = (Bytef *) bytes, .avail_in = (uInt) MIN (n, G_MAXUINT) };
  g_autoptr(GByteArray) out = g_byte_array_new ();
  guint8 buffer[16384];
  int result = Z_OK;

  if (inflateInit (&stream) != Z_OK)
    return NULL;
  while (result == Z_OK && out->len <= LARGEST)
    {
      stream.next_out = buffer;
      stream.avail_out = sizeof buffer;
      result = inflate (&stream, Z_NO_FLUSH);
      g_byte_array_append (out, buffer, sizeof buffer - stream.avail_out);
      if (stream.avail_out == sizeof buffer)
        break;
    }
  inflateEnd (&stream);
  return result == Z_STREAM_END && out->len <= LARGEST ? g_byte_array_free_to_bytes (g_steal_pointer (&out)) : NULL;
}

static const char *
read_encoded (const guint8 *bytes, gsize n, GArray *buckets, guint depth)
{
  GlowCursor cursor = glow_cursor (bytes, n, G_BYTE_ORDER == G_LITTLE_ENDIAN);
  guint32 cookie = glow_cursor_u32 (&cursor), length;
  const guint8 *compressed;
  g_autoptr(GBytes) plain = NULL;
  gconstpointer data;
  gsize size;

  if (cursor.failed || depth > 2)
    return N_("the histogram is shorter than its head");
  if (cookie == DOUBLE_COOKIE || cookie == DOUBLE_COMPRESSED)
    {
      /* Digits, and the ratio of the highest to the lowest; then a whole-number histogram that knows its ratio. */
      glow_cursor_take (&cursor, 12);
      return read_encoded (cursor.at, glow_cursor_remaining (&cursor), buckets, depth + 1);
    }
  if (cookie_base (cookie) != V0_COMPRESSED && cookie_base (cookie) != V1_COMPRESSED && cookie_base (cookie) != V2_COMPRESSED)
    return read_plain (bytes, n, buckets);
  length = glow_cursor_u32 (&cursor);
  compressed = glow_cursor_take (&cursor, MIN (length, glow_cursor_remaining (&cursor)));
  plain = compressed != NULL ? inflate_all (compressed, MIN (length, n)) : NULL;
  if (plain == NULL)
    return N_("the histogram's compressed bytes are damaged");
  data = g_bytes_get_data (plain, &size);
  return read_plain (data, size, buckets);
}

GArray *
glow_hdr_decode (const char *base64, const char **problem)
{
  g_autofree guint8 *bytes = NULL;
  g_autoptr(GArray) buckets = g_array_new (FALSE, FALSE, sizeof (GlowNativeBucket));
  gsize n = 0;

  bytes = *base64 != '\0' ? g_base64_decode (base64, &n) : NULL;
  *problem = read_encoded (bytes, n, buckets, 0);
  return *problem == NULL ? g_steal_pointer (&buckets) : NULL;
}
