/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts what a recording holds while it is written: a pass over the headers of new records, without decoding any. Numbers are those of what was written,
 * which is behind what happened by what lies in the ring buffers.
 *
 * Source of the format: tools/perf/Documentation/perf.data-file-format.txt. */
#include <config.h>

#include "capture/session-private.h"
#include "formats/perf/perf-private.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#define HEADER_BYTES 104
#define DATA_PLACE 40          /* in the header: where data begins */
#define BLOCK (256 * 1024)

/* Bytes of records that come in pieces. */
typedef struct {
  guint8 head[24];             /* of the record at hand: what is looked at */
  gsize n_head;
  guint64 left;                /* bytes of it that are to be skipped */
  guint64 packed;              /* of these, how many are compressed records */
} Walk;

struct _GlowCaptureCounter {
  int fd;
  guint64 place;               /* 0: the header is not there yet */
  gboolean is_lost;            /* what is there is no recording: nothing is counted */
  Walk outer, inner;
  guint8 *block, *unpacked;
  ZSTD_DStream *stream;
};

GlowCaptureCounter *
glow_capture_counter_new (const char *path)
{
  GlowCaptureCounter *self = g_new0 (GlowCaptureCounter, 1);

  self->fd = open (path, O_RDONLY | O_CLOEXEC);
  return self;
}

void
glow_capture_counter_free (GlowCaptureCounter *self)
{
  if (self->fd >= 0)
    close (self->fd);
  ZSTD_freeDStream (self->stream);
  g_free (self->block);
  g_free (self->unpacked);
  g_free (self);
}

static void walk (GlowCaptureCounter *self, Walk *at, const guint8 *bytes, gsize n, GlowCaptureFigures *figures);

/* The recording's one stream, whose records may be torn between two pieces of it. */
static void
unpack (GlowCaptureCounter *self, const guint8 *bytes, gsize n, GlowCaptureFigures *figures)
{
  ZSTD_inBuffer in = { bytes, n, 0 };

  if (self->stream == NULL)
    {
      self->stream = ZSTD_createDStream ();
      self->unpacked = g_malloc (BLOCK);
    }
  for (;;)
    {
      ZSTD_outBuffer out = { self->unpacked, BLOCK, 0 };

      if (ZSTD_isError (ZSTD_decompressStream (self->stream, &out, &in)))
        {
          self->is_lost = TRUE;
          return;
        }
      walk (self, &self->inner, self->unpacked, out.pos, figures);
      if (self->is_lost || (in.pos == in.size && out.pos < out.size))
        return;
    }
}

static void
count_record (const guint8 *head, GlowCaptureFigures *figures)
{
  guint32 type;
  guint64 number;

  memcpy (&type, head, sizeof type);
  if (type == RECORD_SAMPLE)
    figures->samples++;
  else if (type == RECORD_THROTTLE)
    figures->throttled++;
  else if (type == RECORD_LOST || type == RECORD_LOST_SAMPLES)
    {
      /* u64 id, u64 lost; or u64 lost alone */
      memcpy (&number, head + (type == RECORD_LOST ? 16 : 8), sizeof number);
      figures->lost += number;
    }
}

/* The second kind is padded. */
static guint64
measure_packed (const guint8 *head, guint64 left)
{
  guint32 type;
  guint64 size;

  memcpy (&type, head, sizeof type);
  memcpy (&size, head + 8, sizeof size);
  return type == RECORD_COMPRESSED ? left : type == RECORD_COMPRESSED2 ? MIN (size, left) : 0;
}

/* How much of a record has to be seen to count it, and how long it is with what follows it; 0: damage. */
static gsize
measure (Walk *at, guint64 *length)
{
  guint16 size;
  guint32 type;
  guint64 behind = 0;

  memcpy (&type, at->head, sizeof type);
  memcpy (&size, at->head + 6, sizeof size);
  *length = size;
  if (size < 8)
    return 0;
  if (type == RECORD_AUXTRACE && at->n_head >= 16)
    memcpy (&behind, at->head + 8, sizeof behind);
  *length += behind;
  return type == RECORD_LOST ? 24 : type == RECORD_LOST_SAMPLES || type == RECORD_AUXTRACE || type == RECORD_COMPRESSED2 ? 16 : 8;
}

static void
walk (GlowCaptureCounter *self, Walk *at, const guint8 *bytes, gsize n, GlowCaptureFigures *figures)
{
  while (n > 0 && !self->is_lost)
    {
      gsize wanted = 8;
      guint64 length = 0;

      if (at->left > 0)
        {
          gsize part = MIN (at->left, n);

          if (at == &self->outer && at->packed > 0)
            {
              gsize packed = MIN (part, at->packed);

              unpack (self, bytes, packed, figures);
              at->packed -= packed;
            }
          at->left -= part;
          bytes += part;
          n -= part;
          continue;
        }
      if (at->n_head >= 8)
        wanted = measure (at, &length);
      if (at->n_head < wanted)
        {
          gsize part = MIN (wanted - at->n_head, n);

          memcpy (at->head + at->n_head, bytes, part);
          at->n_head += part;
          bytes += part;
          n -= part;
          if (at->n_head < 8 || at->n_head < (wanted = measure (at, &length)))
            {
              self->is_lost |= at->n_head >= 8 && wanted == 0;
              continue;
            }
        }
      if (wanted == 0 || length < wanted)
        {
          self->is_lost = TRUE;
          return;
        }
      count_record (at->head, figures);
      at->left = length - wanted;
      at->packed = measure_packed (at->head, at->left);
      at->n_head = 0;
    }
}

static gboolean
find_data (GlowCaptureCounter *self)
{
  guint8 header[HEADER_BYTES];
  guint64 place;

  if (self->place != 0)
    return TRUE;
  if (pread (self->fd, header, sizeof header, 0) != sizeof header)
    return FALSE;
  memcpy (&place, header + DATA_PLACE, sizeof place);
  self->is_lost = memcmp (header, "PERFILE2", 8) != 0 || place < sizeof header;
  self->place = place;
  return !self->is_lost;
}

/* Where data ends: what stands behind it is no record. 0: it is not known yet, everything is data. */
static guint64
find_end (GlowCaptureCounter *self)
{
  guint64 range[2] = { 0, 0 };

  if (pread (self->fd, range, sizeof range, DATA_PLACE) != sizeof range)
    return G_MAXUINT64;
  return range[1] > 0 ? range[0] + range[1] : G_MAXUINT64;
}

void
glow_capture_counter_update (GlowCaptureCounter *self, GlowCaptureFigures *figures)
{
  guint64 end;

  if (self->fd < 0 || self->is_lost || !find_data (self))
    return;
  if (self->block == NULL)
    self->block = g_malloc (BLOCK);
  end = find_end (self);
  while (self->place < end)
    {
      gssize n = pread (self->fd, self->block, MIN (BLOCK, end - self->place), self->place);

      if (n <= 0)
        return;
      self->place += n;
      walk (self, &self->outer, self->block, n, figures);
    }
}
