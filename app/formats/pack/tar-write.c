/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tar archive, compressed with zstd while it is written. Names and sizes that the plain header has no room for go into a pax header before it. */
#include <config.h>

#include "formats/pack/tar-private.h"

#include <afterglow/error.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <zstd.h>

#define BLOCK 512
#define LEVEL 9
/* Tables of one library are like those of the next: a window over several of them. Every decoder takes it without being asked. */
#define WINDOW_LOG 25

struct _GlowTarWriter {
  GOutputStream *stream;
  ZSTD_CCtx *encoder;
  guint8 *buffer;
  gsize n_buffer;
  guint64 written;
};

GlowTarWriter *
glow_tar_writer_new (GOutputStream *stream)
{
  GlowTarWriter *self = g_new0 (GlowTarWriter, 1);

  self->stream = stream;
  self->encoder = ZSTD_createCCtx ();
  ZSTD_CCtx_setParameter (self->encoder, ZSTD_c_compressionLevel, LEVEL);
  ZSTD_CCtx_setParameter (self->encoder, ZSTD_c_windowLog, WINDOW_LOG);
  ZSTD_CCtx_setParameter (self->encoder, ZSTD_c_checksumFlag, 1);
  /* Where the library was built without threads, it stays with one. */
  ZSTD_CCtx_setParameter (self->encoder, ZSTD_c_nbWorkers, MIN (g_get_num_processors (), 2));
  self->n_buffer = ZSTD_CStreamOutSize ();
  self->buffer = g_malloc (self->n_buffer);
  return self;
}

void
glow_tar_writer_free (GlowTarWriter *self)
{
  if (self == NULL)
    return;
  ZSTD_freeCCtx (self->encoder);
  g_free (self->buffer);
  g_free (self);
}

guint64
glow_tar_writer_get_written (GlowTarWriter *self)
{
  return self->written;
}

static gboolean
encode (GlowTarWriter *self, gconstpointer bytes, gsize n, ZSTD_EndDirective end, GCancellable *cancellable, GError **error)
{
  ZSTD_inBuffer in = { bytes, n, 0 };
  gsize left;

  do
    {
      ZSTD_outBuffer out = { self->buffer, self->n_buffer, 0 };

      left = ZSTD_compressStream2 (self->encoder, &out, &in, end);
      if (ZSTD_isError (left))
        {
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_OUTPUT, _("Compressing failed: %s"), ZSTD_getErrorName (left));
          return FALSE;
        }
      if (!g_output_stream_write_all (self->stream, self->buffer, out.pos, NULL, cancellable, error))
        return FALSE;
      self->written += out.pos;
    }
  while (end == ZSTD_e_end ? left > 0 : in.pos < in.size);
  return TRUE;
}

static gboolean
write_padded (GlowTarWriter *self, gconstpointer bytes, gsize n, GCancellable *cancellable, GError **error)
{
  static const guint8 zeros[BLOCK];

  return encode (self, bytes, n, ZSTD_e_continue, cancellable, error)
         && encode (self, zeros, n % BLOCK != 0 ? BLOCK - n % BLOCK : 0, ZSTD_e_continue, cancellable, error);
}

static gboolean
write_header (GlowTarWriter *self, const char *name, char type, const char *target, guint64 size, gint64 time, GCancellable *cancellable, GError **error)
{
  guint8 block[BLOCK] = { 0 };
  guint sum = 0;

  memcpy (block, name, MIN (strlen (name), 100));
  g_snprintf ((char *) block + 100, 8, "%07o", type == '2' ? 0777 : 0644);
  g_snprintf ((char *) block + 108, 8, "%07o", 0);
  g_snprintf ((char *) block + 116, 8, "%07o", 0);
  g_snprintf ((char *) block + 124, 12, "%011" G_GINT64_MODIFIER "o", MIN (size, G_GUINT64_CONSTANT (077777777777)));
  g_snprintf ((char *) block + 136, 12, "%011" G_GINT64_MODIFIER "o", (guint64) CLAMP (time, 0, G_GINT64_CONSTANT (077777777777)));
  memset (block + 148, ' ', 8);
  block[156] = type;
  memcpy (block + 157, target, MIN (strlen (target), 100));
  memcpy (block + 257, "ustar\0" "00", 8);
  for (guint i = 0; i < BLOCK; i++)
    sum += block[i];
  g_snprintf ((char *) block + 148, 8, "%06o", sum);
  block[155] = ' ';
  return encode (self, block, BLOCK, ZSTD_e_continue, cancellable, error);
}

/* "LENGTH KEY=VALUE\n", where the length counts its own digits. */
static void
append_pax (GString *records, const char *key, const char *value)
{
  gsize rest = strlen (key) + strlen (value) + 3, digits = 1;

  for (gsize room = 10; rest + digits >= room; room *= 10)
    digits++;
  g_string_append_printf (records, "%" G_GSIZE_FORMAT " %s=%s\n", rest + digits, key, value);
}

static gboolean
write_member (GlowTarWriter *self, const char *name, char type, const char *target, guint64 size, gint64 time, GCancellable *cancellable, GError **error)
{
  g_autoptr(GString) records = g_string_new (NULL);

  if (strlen (name) > 100)
    append_pax (records, "path", name);
  if (strlen (target) > 100)
    append_pax (records, "linkpath", target);
  if (size > G_GUINT64_CONSTANT (077777777777))
    {
      g_autofree char *digits = g_strdup_printf ("%" G_GUINT64_FORMAT, size);

      append_pax (records, "size", digits);
    }
  if (records->len > 0
      && (!write_header (self, "PaxHeaders/long", 'x', "", records->len, time, cancellable, error)
          || !write_padded (self, records->str, records->len, cancellable, error)))
    return FALSE;
  return write_header (self, name, type, target, size, time, cancellable, error);
}

gboolean
glow_tar_writer_add (GlowTarWriter *self, const char *name, gconstpointer bytes, gsize n, gint64 time, GCancellable *cancellable, GError **error)
{
  return write_member (self, name, '0', "", n, time, cancellable, error) && write_padded (self, bytes, n, cancellable, error);
}

gboolean
glow_tar_writer_add_link (GlowTarWriter *self, const char *name, const char *target, gint64 time, GCancellable *cancellable, GError **error)
{
  return write_member (self, name, '2', target, 0, time, cancellable, error);
}

gboolean
glow_tar_writer_finish (GlowTarWriter *self, GCancellable *cancellable, GError **error)
{
  static const guint8 zeros[2 * BLOCK];

  return encode (self, zeros, sizeof zeros, ZSTD_e_continue, cancellable, error) && encode (self, NULL, 0, ZSTD_e_end, cancellable, error);
}
