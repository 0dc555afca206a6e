/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes to read, wherever they are: a mapped file, a pipe, standard input, each perhaps compressed, perhaps UTF-16 text. Where anything is
 * decoded, a thread of its own does it a few buffers ahead of the reader (input-pump.c). */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/input-object-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

GlowInput *
glow_input_ref (GlowInput *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

/**
 * glow_input_free:
 *
 * Lets go of it; the last who does ends the thread that reads ahead and unmaps what was mapped.
 */
void
glow_input_free (GlowInput *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->pump, glow_pump_free);
  g_clear_pointer (&self->decoder, glow_decoder_free);
  g_clear_object (&self->text);
  g_clear_object (&self->cancellable);
  if (self->map != NULL && self->bytes == NULL && !self->map_is_borrowed)
    glow_guard_unmap (self->map, MAX (self->map_size, self->map_reserved));
  g_clear_pointer (&self->bytes, g_bytes_unref);
  if (self->spool != NULL)
    {
      munmap (self->spool, self->spool_n);
      close (self->spool_fd);
    }
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->raw);
  g_free (self->wide);
  g_free (self->head);
  g_free (self->name);
  g_free (self->path);
  g_free (self->coding);
  g_clear_error (&self->damage);
  g_free (self);
}

const char *
glow_input_get_name (GlowInput *self)
{
  return self->name;
}

const char *
glow_input_get_path (GlowInput *self)
{
  return self->path;
}

guint64
glow_input_get_size (GlowInput *self)
{
  return self->size;
}

void
glow_file_get_dates (int fd, const char *path, gint64 *changed, gint64 *born)
{
  struct statx status;

  *changed = *born = 0;
  if (statx (fd, path, AT_EMPTY_PATH, STATX_MTIME | STATX_BTIME, &status) < 0)
    return;
  *changed = status.stx_mtime.tv_sec * G_GINT64_CONSTANT (1000000000) + status.stx_mtime.tv_nsec;
  if (status.stx_mask & STATX_BTIME)
    *born = status.stx_btime.tv_sec * G_GINT64_CONSTANT (1000000000) + status.stx_btime.tv_nsec;
}

void
glow_input_get_dates (GlowInput *self, gint64 *changed, gint64 *born)
{
  *changed = *born = 0;
  if (self->path != NULL && self->fd >= 0)
    glow_file_get_dates (self->fd, "", changed, born);
}

gboolean
glow_input_is_mapped (GlowInput *self)
{
  return self->map != NULL && self->decoder == NULL && self->text == NULL;
}

gboolean
glow_input_is_cut (GlowInput *self)
{
  return self->map != NULL && glow_guard_was_hit (self->map);
}

/**
 * glow_input_reserve:
 * @reserve: bytes
 *
 * Maps a mapped file anew with room to grow: what is appended to it shows behind what is there, and pointers stay good. Before anything
 * points into it.
 *
 * Returns: FALSE where that is not to be had; the input is as it was
 */
gboolean
glow_input_reserve (GlowInput *self, gsize reserve)
{
  gpointer map;

  if (!glow_input_is_mapped (self) || self->path == NULL || reserve < self->map_size)
    return FALSE;
  map = glow_guard_map (self->fd, reserve);
  if (map == NULL)
    return FALSE;
  glow_guard_unmap (self->map, MAX (self->map_size, self->map_reserved));
  self->map = map;
  self->map_reserved = reserve;
  return TRUE;
}

/**
 * glow_input_follow:
 * @n: (out): bytes there are now
 *
 * Looks whether the file at the input's path is still the one that is open, and how long it is. The input's own size follows.
 *
 * Returns: FALSE where it is another one, became shorter, or outgrew what was reserved
 */
gboolean
glow_input_follow (GlowInput *self, gsize *n)
{
  struct stat own, there;

  if (self->map_reserved == 0 || fstat (self->fd, &own) < 0 || stat (self->path, &there) < 0 || own.st_dev != there.st_dev || own.st_ino != there.st_ino
      || (guint64) own.st_size < self->map_size || (guint64) own.st_size > self->map_reserved || glow_guard_was_hit (self->map))
    return FALSE;
  *n = self->size = self->map_size = own.st_size;
  return TRUE;
}

/**
 * glow_input_new_part:
 * @whole: a mapped file, which must stay as long as the part
 *
 * Returns: (transfer full): @n bytes of it from @from on, as a mapped file of their own
 */
GlowInput *
glow_input_new_part (GlowInput *whole, gsize from, gsize n)
{
  GlowInput *self = g_new0 (GlowInput, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->fd = -1;
  self->name = g_strdup (whole->name);
  self->path = g_strdup (whole->path);
  self->map = whole->map + from;
  self->map_size = self->size = n;
  self->map_is_borrowed = TRUE;
  return self;
}

const GError *
glow_input_get_damage (GlowInput *self)
{
  if (self->damage == NULL && self->map != NULL && glow_guard_was_hit (self->map))
    g_set_error_literal (&self->damage, GLOW_ERROR, GLOW_ERROR_DAMAGED, _("it became shorter while it was read"));
  return self->damage;
}

const char *
glow_input_get_coding (GlowInput *self)
{
  return self->coding;
}

/* Waits until a stream has bytes, its other end is gone, or the work is cancelled. */
/**
 * glow_input_read:
 * @buffer: room for @n bytes
 *
 * The next bytes of the content, decompressed, UTF-16 made UTF-8. Where the content was decoded, that is done ahead in a thread.
 *
 * Returns: bytes read; 0 at the end; −1 with @error: cancelled, or the bytes ended early (after all that could be had)
 */
gssize
glow_input_read (GlowInput *self, void *buffer, gsize n, GCancellable *cancellable, GError **error)
{
  gssize got;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  if (self->head_at < self->head_n)
    {
      gsize take = MIN (n, self->head_n - self->head_at);

      memcpy (buffer, self->head + self->head_at, take);
      self->head_at += take;
      return take;
    }
  if (self->head_end)
    got = 0;
  else if (glow_input_is_mapped (self))
    got = glow_input_read_raw (self, buffer, n, cancellable, error);
  else if (self->decoder == NULL && self->text == NULL)
    {
      g_autoptr(GError) local = NULL;

      got = glow_input_read_raw (self, buffer, n, cancellable, &local);
      if (got < 0 && g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return -1;
        }
      if (got < 0)
        self->damage = g_steal_pointer (&local);
    }
  else
    {
      if (self->pump == NULL)
        glow_input_start_pump (self);
      got = glow_pump_read (self->pump, buffer, n, cancellable, error);
      if (got < 0)
        return -1;
    }
  if (got > 0 || self->damage == NULL)
    return got;
  g_propagate_error (error, g_error_copy (self->damage));
  return -1;
}

/**
 * glow_input_peek:
 * @wanted: bytes to look at
 * @n: (out): how many there are, fewer than @wanted only where the content ends before
 *
 * Returns: (transfer none): the beginning of the content, good until the first read; %NULL with @error where not even one byte
 * could be had for damage
 */
const guint8 *
glow_input_peek (GlowInput *self, gsize wanted, gsize *n, GError **error)
{
  if (glow_input_is_mapped (self))
    {
      *n = MIN (wanted, self->map_size);
      return self->map;
    }
  if (self->head_size < wanted)
    {
      self->head = g_realloc (self->head, wanted);
      self->head_size = wanted;
    }
  while (self->head_n < wanted && !self->head_end)
    {
      g_autoptr(GError) local = NULL;
      gssize got = glow_input_read_text (self, self->head + self->head_n, wanted - self->head_n, self->cancellable, &local);

      if (got > 0)
        {
          self->head_n += got;
          continue;
        }
      self->head_end = TRUE;
      if (local != NULL && self->damage == NULL)
        self->damage = g_steal_pointer (&local);
    }
  *n = self->head_n;
  if (self->head_n == 0 && self->damage != NULL)
    {
      g_propagate_error (error, g_error_copy (self->damage));
      return NULL;
    }
  return self->head;
}

static int
open_spool (void)
{
  int fd = open (g_get_tmp_dir (), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

  return fd >= 0 ? fd : memfd_create ("afterglow-spool", MFD_CLOEXEC);
}

gboolean
glow_write_all (int fd, const guint8 *bytes, gsize n)
{
  while (n > 0)
    {
      gssize done = write (fd, bytes, n);

      if (done < 0 && errno == EINTR)
        continue;
      if (done < 0)
        return FALSE;
      bytes += done;
      n -= done;
    }
  return TRUE;
}

/* Everything that is left of the stream into a file without a name. */
static gboolean
spool (GlowInput *self, int fd, gsize *n, GCancellable *cancellable, GError **error)
{
  g_autofree guint8 *buffer = g_malloc (GLOW_PUMP_SIZE);

  *n = 0;
  for (;;)
    {
      g_autoptr(GError) local = NULL;
      gssize got = glow_input_read (self, buffer, GLOW_PUMP_SIZE, cancellable, &local);

      if (got < 0 && g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (got <= 0)
        return TRUE;
      if (!glow_write_all (fd, buffer, got))
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _("“%s” cannot be unpacked into %s: %s"), self->name,
                       g_get_tmp_dir (), g_strerror (errno));
          return FALSE;
        }
      *n += got;
    }
}

/**
 * glow_input_map:
 * @n: (out): bytes of content
 *
 * Before any read. A stream is written to a file without a name in the temporary folder first, or to memory where that folder
 * cannot hold such files. A stream that ends early is mapped as far as it came; see glow_input_get_damage().
 *
 * Returns: (transfer none): the whole content, good as long as the input; %NULL with @error
 */
const guint8 *
glow_input_map (GlowInput *self, gsize *n, GCancellable *cancellable, GError **error)
{
  int fd;
  gpointer map = NULL;

  if (glow_input_is_mapped (self))
    {
      *n = self->map_size;
      return self->map;
    }
  if (self->spool != NULL)
    {
      *n = self->spool_n;
      return self->spool;
    }
  fd = open_spool ();
  if (fd >= 0 && !spool (self, fd, n, cancellable, error))
    {
      close (fd);
      return NULL;
    }
  if (fd >= 0 && *n > 0)
    map = mmap (NULL, *n, PROT_READ, MAP_PRIVATE, fd, 0);
  if (fd < 0 || map == MAP_FAILED)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _("“%s” cannot be unpacked into %s: %s"), self->name,
                   g_get_tmp_dir (), g_strerror (errno));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  if (map == NULL)
    {
      close (fd);
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("“%s” holds 0 bytes, expected a recording"), self->name);
      return NULL;
    }
  self->spool = map;
  self->spool_n = *n;
  self->spool_fd = fd;
  return map;
}

typedef struct {
  gpointer map;
  gsize n;
  gboolean guarded;
} TakenMap;

static void
taken_map_free (gpointer data)
{
  TakenMap *taken = data;

  if (taken->guarded)
    glow_guard_unmap (taken->map, taken->n);
  else
    munmap (taken->map, taken->n);
  g_free (taken);
}

/**
 * glow_input_take_map:
 *
 * Returns: (transfer full): the whole content, as glow_input_map() gives it; %NULL with @error
 */
GBytes *
glow_input_take_map (GlowInput *self, int *fd, GCancellable *cancellable, GError **error)
{
  gsize n;
  const guint8 *map = glow_input_map (self, &n, cancellable, error);
  TakenMap *taken;

  *fd = -1;
  if (map == NULL)
    return NULL;
  if (self->bytes != NULL && map == self->map)
    return g_bytes_ref (self->bytes);
  taken = g_new (TakenMap, 1);
  *taken = (TakenMap) { (gpointer) map, n, map == self->map };
  if (taken->guarded)
    {
      self->map = NULL;
      *fd = fcntl (self->fd, F_DUPFD_CLOEXEC, 3);
    }
  else
    {
      self->spool = NULL;
      *fd = self->spool_fd;
      self->spool_fd = -1;
    }
  return g_bytes_new_with_free_func (map, n, taken_map_free, taken);
}
