/* SPDX-License-Identifier: GPL-3.0-or-later */
/* gzip, zstd, xz and bzip2 behind one streaming interface. The libraries do the work; here is only what they leave open:
 * members and frames that follow each other, padding, and a sentence for each kind of damage. */
#include <config.h>

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "formats/decompress-private.h"
#include <afterglow/error.h>

#include <lzma.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#ifdef HAVE_BZIP2
#include <bzlib.h>
#endif

/* Dictionaries as large as a file claims are not made: xz -9 needs 65 MiB, zstd --long=27 128 MiB. */
#define XZ_MEMORY_LIMIT (512u << 20)

struct _GlowDecoder {
  GlowCompression compression;
  gboolean between;            /* at the edge of a member: an end here is a proper end */
  guint stalls;                /* calls that neither used nor made anything although they could */
  guint64 made;
  z_stream zlib;
  ZSTD_DStream *zstd;
  lzma_stream lzma;
#ifdef HAVE_BZIP2
  bz_stream bzip2;
#endif
};

GlowCompression
glow_compression_recognise (const guint8 *head, gsize n)
{
  static const guint8 zstd_magic[] = { 0x28, 0xb5, 0x2f, 0xfd }, xz_magic[] = { 0xfd, '7', 'z', 'X', 'Z', 0 };
  static const guint8 bzip2_magic[] = { 0x31, 0x41, 0x59, 0x26, 0x53, 0x59 };

  if (n >= 3 && head[0] == 0x1f && head[1] == 0x8b && head[2] == 8)
    return GLOW_COMPRESSION_GZIP;
  if (n >= 4 && memcmp (head, zstd_magic, 4) == 0)
    return GLOW_COMPRESSION_ZSTD;
  /* A skippable frame, as pzstd begins its files with. */
  if (n >= 4 && (head[0] & 0xf0) == 0x50 && head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18)
    return GLOW_COMPRESSION_ZSTD;
  if (n >= 6 && memcmp (head, xz_magic, 6) == 0)
    return GLOW_COMPRESSION_XZ;
  if (n >= 10 && memcmp (head, "BZh", 3) == 0 && head[3] >= '1' && head[3] <= '9' && memcmp (head + 4, bzip2_magic, 6) == 0)
    return GLOW_COMPRESSION_BZIP2;
  return GLOW_COMPRESSION_NONE;
}

const char *
glow_compression_get_label (GlowCompression compression)
{
  static const char *const labels[] = { "", "gzip", "zstd", "xz", "bzip2" };

  g_return_val_if_fail (compression < G_N_ELEMENTS (labels), "");
  return labels[compression];
}

static gboolean
begin (GlowDecoder *self)
{
  switch (self->compression)
    {
    case GLOW_COMPRESSION_GZIP:
      return inflateInit2 (&self->zlib, 15 + 16) == Z_OK;
    case GLOW_COMPRESSION_ZSTD:
      self->zstd = ZSTD_createDStream ();
      return self->zstd != NULL;
    case GLOW_COMPRESSION_XZ:
      return lzma_stream_decoder (&self->lzma, XZ_MEMORY_LIMIT, LZMA_CONCATENATED) == LZMA_OK;
    case GLOW_COMPRESSION_BZIP2:
#ifdef HAVE_BZIP2
      return BZ2_bzDecompressInit (&self->bzip2, 0, 0) == BZ_OK;
#endif
    case GLOW_COMPRESSION_NONE:
    default:
      return FALSE;
    }
}

/**
 * glow_decoder_new:
 * @compression: not %GLOW_COMPRESSION_NONE
 *
 * Returns: (transfer full): a decoder, or %NULL with %GLOW_ERROR_UNSUPPORTED where this build lacks the library
 */
GlowDecoder *
glow_decoder_new (GlowCompression compression, GError **error)
{
  GlowDecoder *self = g_new0 (GlowDecoder, 1);

  self->compression = compression;
  if (begin (self))
    return self;
  g_free (self);
  g_set_error (error, GLOW_ERROR, GLOW_ERROR_UNSUPPORTED, _("is compressed with %s, which this build does not read"),
               glow_compression_get_label (compression));
  return NULL;
}

void
glow_decoder_free (GlowDecoder *self)
{
  if (self == NULL)
    return;
  inflateEnd (&self->zlib);
  ZSTD_freeDStream (self->zstd);
  lzma_end (&self->lzma);
#ifdef HAVE_BZIP2
  BZ2_bzDecompressEnd (&self->bzip2);
#endif
  g_free (self);
}

static gboolean
damaged (GlowDecoder *self, GError **error, const char *what)
{
  g_set_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED, _("its %s stream is damaged after %" PRIu64 " bytes of content: %s"),
               glow_compression_get_label (self->compression), self->made, what);
  return FALSE;
}

typedef enum { STEP_MORE, STEP_MEMBER_END, STEP_DAMAGED } Step;

static Step
step_gzip (GlowDecoder *self, const guint8 **in, gsize *n_in, guint8 **out, gsize *n_out, GError **error)
{
  int result;

  self->zlib.next_in = (Bytef *) *in;
  self->zlib.avail_in = MIN (*n_in, G_MAXINT);
  self->zlib.next_out = *out;
  self->zlib.avail_out = MIN (*n_out, G_MAXINT);
  result = inflate (&self->zlib, Z_NO_FLUSH);
  *n_in -= self->zlib.next_in - *in;
  *in = self->zlib.next_in;
  *n_out -= self->zlib.next_out - *out;
  *out = self->zlib.next_out;
  if (result == Z_STREAM_END)
    return STEP_MEMBER_END;
  if (result == Z_OK || result == Z_BUF_ERROR)
    return STEP_MORE;
  damaged (self, error, self->zlib.msg != NULL ? self->zlib.msg : zError (result));
  return STEP_DAMAGED;
}

static Step
step_zstd (GlowDecoder *self, const guint8 **in, gsize *n_in, guint8 **out, gsize *n_out, GError **error)
{
  ZSTD_inBuffer input = { *in, *n_in, 0 };
  ZSTD_outBuffer output = { *out, *n_out, 0 };
  gsize result = ZSTD_decompressStream (self->zstd, &output, &input);

  *in += input.pos;
  *n_in -= input.pos;
  *out += output.pos;
  *n_out -= output.pos;
  if (ZSTD_isError (result))
    {
      damaged (self, error, ZSTD_getErrorName (result));
      return STEP_DAMAGED;
    }
  return result == 0 ? STEP_MEMBER_END : STEP_MORE;
}

static Step
step_xz (GlowDecoder *self, const guint8 **in, gsize *n_in, guint8 **out, gsize *n_out, gboolean last, GError **error)
{
  lzma_ret result;

  self->lzma.next_in = *in;
  self->lzma.avail_in = *n_in;
  self->lzma.next_out = *out;
  self->lzma.avail_out = *n_out;
  result = lzma_code (&self->lzma, last ? LZMA_FINISH : LZMA_RUN);
  *in = self->lzma.next_in;
  *n_in = self->lzma.avail_in;
  *out = self->lzma.next_out;
  *n_out = self->lzma.avail_out;
  switch ((int) result)
    {
    case LZMA_STREAM_END:
      return STEP_MEMBER_END;
    case LZMA_OK:
    case LZMA_BUF_ERROR:
      return STEP_MORE;
    case LZMA_MEMLIMIT_ERROR:
      damaged (self, error, _("it needs a dictionary of more than 512 MiB"));
      return STEP_DAMAGED;
    case LZMA_OPTIONS_ERROR:
      damaged (self, error, _("it uses options that this library does not know"));
      return STEP_DAMAGED;
    default:
      damaged (self, error, _("its data are corrupt"));
      return STEP_DAMAGED;
    }
}

#ifdef HAVE_BZIP2
static Step
step_bzip2 (GlowDecoder *self, const guint8 **in, gsize *n_in, guint8 **out, gsize *n_out, GError **error)
{
  int result;

  self->bzip2.next_in = (char *) *in;
  self->bzip2.avail_in = MIN (*n_in, G_MAXINT);
  self->bzip2.next_out = (char *) *out;
  self->bzip2.avail_out = MIN (*n_out, G_MAXINT);
  result = BZ2_bzDecompress (&self->bzip2);
  *n_in -= (const guint8 *) self->bzip2.next_in - *in;
  *in = (const guint8 *) self->bzip2.next_in;
  *n_out -= (guint8 *) self->bzip2.next_out - *out;
  *out = (guint8 *) self->bzip2.next_out;
  if (result == BZ_STREAM_END)
    return STEP_MEMBER_END;
  if (result == BZ_OK)
    return STEP_MORE;
  damaged (self, error, _("its data are corrupt"));
  return STEP_DAMAGED;
}
#endif

static Step
step (GlowDecoder *self, const guint8 **in, gsize *n_in, guint8 **out, gsize *n_out, gboolean last, GError **error)
{
  switch (self->compression)
    {
    case GLOW_COMPRESSION_GZIP:
      return step_gzip (self, in, n_in, out, n_out, error);
    case GLOW_COMPRESSION_ZSTD:
      return step_zstd (self, in, n_in, out, n_out, error);
    case GLOW_COMPRESSION_XZ:
      return step_xz (self, in, n_in, out, n_out, last, error);
    case GLOW_COMPRESSION_BZIP2:
#ifdef HAVE_BZIP2
      return step_bzip2 (self, in, n_in, out, n_out, error);
#endif
    case GLOW_COMPRESSION_NONE:
    default:
      damaged (self, error, "");
      return STEP_DAMAGED;
    }
}

/* After a member: zero padding is passed over, a further member of the same kind is begun, anything else is left. */
static gboolean
next_member (GlowDecoder *self, const guint8 **in, gsize *n_in, gboolean last, gboolean *finished, gboolean *trailing)
{
  while (*n_in > 0 && **in == 0)
    {
      (*in)++;
      (*n_in)--;
    }
  if (*n_in == 0)
    {
      *finished = last;
      return TRUE;
    }
  if (*n_in < GLOW_COMPRESSION_HEAD && !last)
    return TRUE;
  if (glow_compression_recognise (*in, *n_in) != self->compression)
    {
      *finished = TRUE;
      *trailing = TRUE;
      return TRUE;
    }
  self->between = FALSE;
  if (self->compression == GLOW_COMPRESSION_GZIP)
    return inflateReset (&self->zlib) == Z_OK;
#ifdef HAVE_BZIP2
  if (self->compression == GLOW_COMPRESSION_BZIP2)
    {
      BZ2_bzDecompressEnd (&self->bzip2);
      memset (&self->bzip2, 0, sizeof self->bzip2);
      return begin (self);
    }
#endif
  return TRUE;
}

/**
 * glow_decoder_step:
 *
 * One call of the library below. A caller that gets neither input used nor output made gives more input; between members it must
 * offer at least %GLOW_COMPRESSION_HEAD bytes, or say that they are the @last.
 *
 * Returns: %FALSE with %GLOW_ERROR_DAMAGED
 */
gboolean
glow_decoder_step (GlowDecoder *self, const guint8 **in, gsize *n_in, guint8 **out, gsize *n_out, gboolean last, gboolean *finished,
                   gboolean *trailing, GError **error)
{
  const guint8 *start_in = *in;
  guint8 *start_out = *out;
  Step result;

  *finished = FALSE;
  if (self->between)
    {
      if (!next_member (self, in, n_in, last, finished, trailing))
        return damaged (self, error, _("a further member cannot be begun"));
      if (*finished || self->between)
        return TRUE;
      start_in = *in;
    }
  result = step (self, in, n_in, out, n_out, last, error);
  self->made += *out - start_out;
  if (result == STEP_DAMAGED)
    return FALSE;
  if (result == STEP_MEMBER_END)
    {
      if (self->compression == GLOW_COMPRESSION_XZ)      /* the library has looked for further streams itself */
        *finished = TRUE;
      else
        self->between = TRUE;
      return TRUE;
    }
  if (*in != start_in || *out != start_out || *n_out == 0)
    self->stalls = 0;
  else if (last)
    return damaged (self, error, _("it ends in the middle"));
  else if (*n_in > 0 && ++self->stalls > 3)
    return damaged (self, error, _("its data lead nowhere"));
  return TRUE;
}
