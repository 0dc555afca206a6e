/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The three layers of an input: bytes as they lie, decompressed, UTF-8. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/input-object-private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

static gboolean
wait_for_bytes (GlowInput *self, GCancellable *cancellable, GError **error)
{
  GPollFD cancel;
  struct pollfd fds[2] = { { .fd = self->fd, .events = POLLIN } };
  nfds_t n = 1;
  gboolean waiting = TRUE;

  if (cancellable != NULL && g_cancellable_make_pollfd (cancellable, &cancel))
    fds[n++] = (struct pollfd) { .fd = cancel.fd, .events = POLLIN };
  while (waiting)
    waiting = poll (fds, n, -1) < 0 && errno == EINTR;
  if (n > 1)
    g_cancellable_release_fd (cancellable);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}

static gssize
read_fd (GlowInput *self, void *buffer, gsize n, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      gssize got;

      if (self->blocks && !wait_for_bytes (self, cancellable, error))
        return -1;
      got = read (self->fd, buffer, n);
      if (got >= 0)
        return got;
      if (errno == EINTR || errno == EAGAIN)
        continue;
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _("“%s” cannot be read: %s"), self->name, g_strerror (errno));
      return -1;
    }
}

/* At least @wanted raw bytes in the buffer, if there are as many. */
gboolean
glow_input_fill_raw (GlowInput *self, gsize wanted, GCancellable *cancellable, GError **error)
{
  if (self->raw == NULL)
    self->raw = g_malloc (GLOW_RAW_BUFFER);
  if (self->raw_n - self->raw_at < wanted && self->raw_at > 0)
    {
      memmove (self->raw, self->raw + self->raw_at, self->raw_n - self->raw_at);
      self->raw_n -= self->raw_at;
      self->raw_at = 0;
    }
  while (!self->raw_end && self->raw_n - self->raw_at < wanted)
    {
      gssize got = read_fd (self, self->raw + self->raw_n, GLOW_RAW_BUFFER - self->raw_n, cancellable, error);

      if (got < 0)
        return FALSE;
      self->raw_n += got;
      self->raw_end = got == 0;
    }
  return TRUE;
}

/* Layer 1: bytes as they lie. */
gssize
glow_input_read_raw (GlowInput *self, guint8 *buffer, gsize n, GCancellable *cancellable, GError **error)
{
  gsize take;

  if (self->map != NULL)
    {
      take = MIN (n, self->map_size - self->map_at);
      memcpy (buffer, self->map + self->map_at, take);
      self->map_at += take;
      return take;
    }
  if (self->raw_n > self->raw_at)
    {
      take = MIN (n, self->raw_n - self->raw_at);
      memcpy (buffer, self->raw + self->raw_at, take);
      self->raw_at += take;
      return take;
    }
  return self->raw_end ? 0 : read_fd (self, buffer, n, cancellable, error);
}

/* Layer 2: decompressed. */
static gssize
read_plain (GlowInput *self, guint8 *buffer, gsize n, GCancellable *cancellable, GError **error)
{
  guint8 *out = buffer;
  gsize n_out = n;

  if (self->decoder == NULL)
    return glow_input_read_raw (self, buffer, n, cancellable, error);
  while (n_out > 0 && !self->decoder_finished)
    {
      const guint8 *in;
      gsize n_in;
      gboolean last, ok;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return -1;
      if (self->map != NULL)
        {
          in = self->map + self->map_at;
          n_in = self->map_size - self->map_at;
          last = TRUE;
        }
      else
        {
          if (!glow_input_fill_raw (self, GLOW_COMPRESSION_HEAD, cancellable, error))
            return -1;
          in = self->raw + self->raw_at;
          n_in = self->raw_n - self->raw_at;
          last = self->raw_end;
        }
      ok = glow_decoder_step (self->decoder, &in, &n_in, &out, &n_out, last, &self->decoder_finished, &self->trailing, error);
      if (self->map != NULL)
        self->map_at = self->map_size - n_in;
      else
        self->raw_at = self->raw_n - n_in;
      if (!ok)
        {
          self->decoder_finished = TRUE;
          if (out == buffer)
            return -1;
          /* What was made comes first; the next call ends the content. */
          g_propagate_error (&self->damage, g_steal_pointer (error));
          return out - buffer;
        }
      if (self->decoder_finished && self->trailing)
        g_set_error (&self->damage, GLOW_ERROR, GLOW_ERROR_DAMAGED, _("bytes of another kind follow its %s stream; they were left out"),
                     self->coding);
    }
  return out - buffer;
}

/* More UTF-16 behind what is left of it. */
static gboolean
fill_wide (GlowInput *self, GCancellable *cancellable, GError **error)
{
  gssize got;

  memmove (self->wide, self->wide + self->wide_at, self->wide_n - self->wide_at);
  self->wide_n -= self->wide_at;
  self->wide_at = 0;
  if (self->wide_end)
    return TRUE;
  got = read_plain (self, self->wide + self->wide_n, GLOW_RAW_BUFFER - self->wide_n, cancellable, error);
  if (got < 0)
    return FALSE;
  self->wide_n += got;
  self->wide_end = got == 0;
  return TRUE;
}

/* Layer 3: UTF-8. */
gssize
glow_input_read_text (GlowInput *self, guint8 *buffer, gsize n, GCancellable *cancellable, GError **error)
{
  if (self->text == NULL)
    return read_plain (self, buffer, n, cancellable, error);
  for (;;)
    {
      g_autoptr(GError) local = NULL;
      gsize used = 0, made = 0;
      GConverterResult result;

      if (self->wide_n - self->wide_at < 64 && !fill_wide (self, cancellable, error))
        return -1;
      if (self->wide_n == self->wide_at)
        return 0;
      result = g_converter_convert (self->text, self->wide + self->wide_at, self->wide_n - self->wide_at, buffer, n,
                                    self->wide_end ? G_CONVERTER_INPUT_AT_END : 0, &used, &made, &local);
      self->wide_at += used;
      if (made > 0)
        return made;
      if (result == G_CONVERTER_FINISHED)
        return 0;
      if (result == G_CONVERTER_ERROR && g_error_matches (local, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) && !self->wide_end)
        {
          if (!fill_wide (self, cancellable, error))
            return -1;
        }
      else if (result == G_CONVERTER_ERROR)
        {
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED, _("its UTF-16 text is damaged: %s"), local->message);
          return -1;
        }
    }
}
