/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening an input, and finding out how its bytes are coded. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/input-object-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void
add_coding (GlowInput *self, const char *coding)
{
  char *joined = self->coding != NULL ? g_strdup_printf ("%s, %s", self->coding, coding) : g_strdup (coding);

  g_free (self->coding);
  self->coding = joined;
}

static gboolean
start_decoder (GlowInput *self, GCancellable *cancellable, GError **error)
{
  GlowCompression compression;
  g_autoptr(GError) local = NULL;

  if (self->map != NULL)
    compression = glow_compression_recognise (self->map, self->map_size);
  else
    {
      if (!glow_input_fill_raw (self, GLOW_COMPRESSION_HEAD, cancellable, error))
        return FALSE;
      compression = glow_compression_recognise (self->raw + self->raw_at, self->raw_n - self->raw_at);
    }
  if (compression == GLOW_COMPRESSION_NONE)
    return TRUE;
  self->decoder = glow_decoder_new (compression, &local);
  if (self->decoder == NULL)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_UNSUPPORTED, "“%s” %s", self->name, local->message);
      return FALSE;
    }
  add_coding (self, glow_compression_get_label (compression));
  return TRUE;
}

/* UTF-16 is text from a Windows shell's redirection; its mark is the only sign that is sure. */
static gboolean
start_text (GlowInput *self, GError **error)
{
  const char *charset = NULL;
  const guint8 *head;
  gsize n;

  if (glow_input_is_mapped (self))
    {
      head = self->map;
      n = self->map_size;
    }
  else
    {
      g_autoptr(GError) local = NULL;

      head = glow_input_peek (self, 4, &n, &local);
      if (head == NULL)
        {
          g_set_error (error, local->domain, local->code, _("“%s” cannot be read: %s"), self->name, local->message);
          return FALSE;
        }
    }
  if (n >= 4 && head[0] == 0xff && head[1] == 0xfe && head[3] == 0 && head[2] != 0)
    charset = "UTF-16LE";
  else if (n >= 4 && head[0] == 0xfe && head[1] == 0xff && head[2] == 0 && head[3] != 0)
    charset = "UTF-16BE";
  if (charset == NULL)
    return TRUE;
  self->text = G_CONVERTER (g_charset_converter_new ("UTF-8", charset, error));
  if (self->text == NULL)
    return FALSE;
  g_charset_converter_set_use_fallback (G_CHARSET_CONVERTER (self->text), TRUE);
  add_coding (self, charset);
  self->wide = g_malloc (GLOW_RAW_BUFFER);
  if (self->head_n > 2)
    memcpy (self->wide, self->head + 2, self->wide_n = self->head_n - 2);
  self->head_n = 0;
  self->wide_end = self->head_end;
  self->head_end = FALSE;
  if (self->map != NULL && self->decoder == NULL)
    self->map_at = 2;
  return TRUE;
}

/* What the bytes are wrapped in. FALSE where there are none. */
static gboolean
find_coding (GlowInput *self, GCancellable *cancellable, GError **error)
{
  gsize n;

  if (!start_decoder (self, cancellable, error))
    return FALSE;
  if (self->map == NULL && self->raw_n == 0)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("“%s” is empty: 0 bytes, expected a recording"), self->name);
      return FALSE;
    }
  if (!start_text (self, error))
    return FALSE;
  if (!glow_input_is_mapped (self) && self->text == NULL)
    {
      glow_input_peek (self, 4, &n, NULL);
      if (n == 0)
        {
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("“%s” is empty: its %s stream holds 0 bytes, expected a recording"), self->name,
                       self->coding);
          return FALSE;
        }
    }
  return TRUE;
}

/* Takes @fd. */
static GlowInput *
open_taken (int fd, const char *path, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowInput) self = g_new0 (GlowInput, 1);
  struct stat status;

  g_atomic_ref_count_init (&self->ref_count);
  self->fd = fd;
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  self->name = g_strdup (name);
  self->path = g_strdup (path);
  if (fstat (fd, &status) < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _("“%s” cannot be read: %s"), name, g_strerror (errno));
      return NULL;
    }
  if (S_ISDIR (status.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY, _("“%s” is a folder, expected a recording"), name);
      return NULL;
    }
  if (S_ISREG (status.st_mode) && status.st_size > 0 && lseek (fd, 0, SEEK_CUR) == 0)
    {
      gpointer map = glow_guard_map (fd, status.st_size);

      self->size = status.st_size;
      if (map != NULL)
        {
          self->map = map;
          self->map_size = status.st_size;
          madvise (map, self->map_size, MADV_SEQUENTIAL);
        }
    }
  self->blocks = !S_ISREG (status.st_mode);
  if (self->map == NULL && isatty (fd))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("“%s” is a terminal, expected a recording: a file or a pipe"), name);
      return NULL;
    }
  return find_coding (self, cancellable, error) ? g_steal_pointer (&self) : NULL;
}

/**
 * glow_input_open_path:
 * @path: a file, a named pipe, a device; "-" is standard input
 *
 * Waits for the first bytes of a pipe; @cancellable ends the wait.
 *
 * Returns: (transfer full): the input, or %NULL with one sentence in @error
 */
GlowInput *
glow_input_open_path (const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = NULL;
  int fd, saved;

  if (strcmp (path, "-") == 0)
    return glow_input_open_fd (STDIN_FILENO, _("standard input"), cancellable, error);
  /* Without O_NONBLOCK, opening a named pipe waits for its writer where nothing can cancel it. */
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  saved = errno;
  name = g_filename_display_name (path);
  if (fd >= 0)
    return open_taken (fd, path, name, cancellable, error);
  if (saved == ENXIO)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, _("“%s” is a socket or a device without a driver, expected a recording"),
                 name);
  else if (saved == ENOENT)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("“%s” does not exist"), name);
  else if (saved == EACCES || saved == EPERM)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, _("“%s” may not be read by this user: %s"), name, g_strerror (saved));
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), _("“%s” cannot be opened: %s"), name, g_strerror (saved));
  return NULL;
}

/**
 * glow_input_open_fd:
 * @fd: open for reading; stays the caller's, its offset moves where it is a stream
 * @name: for messages
 *
 * Returns: (transfer full): the input, or %NULL with one sentence in @error
 */
GlowInput *
glow_input_open_fd (int fd, const char *name, GCancellable *cancellable, GError **error)
{
  int own = fcntl (fd, F_DUPFD_CLOEXEC, 3);

  if (own < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _("%s cannot be read: %s"), name, g_strerror (errno));
      return NULL;
    }
  return open_taken (own, NULL, name, cancellable, error);
}

/**
 * glow_input_open_bytes:
 * @bytes: referenced
 * @path: (nullable): by which files beside it are looked for
 * @name: for messages
 *
 * Returns: (transfer full): the input, or %NULL with one sentence in @error
 */
GlowInput *
glow_input_open_bytes (GBytes *bytes, const char *path, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowInput) self = g_new0 (GlowInput, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->fd = -1;
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  self->name = g_strdup (name);
  self->path = g_strdup (path);
  self->size = g_bytes_get_size (bytes);
  if (self->size == 0)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("“%s” is empty: 0 bytes, expected a recording"), name);
      return NULL;
    }
  self->bytes = g_bytes_ref (bytes);
  self->map = (guint8 *) g_bytes_get_data (bytes, &self->map_size);
  return find_coding (self, cancellable, error) ? g_steal_pointer (&self) : NULL;
}
