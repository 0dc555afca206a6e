/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes to read, wherever they are: a mapped file, a pipe, standard input, each perhaps compressed, perhaps UTF-16 text.
 * Three layers, each a read function: raw bytes, decompressed bytes, UTF-8 bytes. Where anything is decoded, a thread of its own runs
 * the layers a few buffers ahead of the reader. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/decompress-private.h"
#include "formats/input-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define RAW_BUFFER (256 * 1024)
#define PUMP_BUFFERS 4
#define PUMP_SIZE (1024 * 1024)

typedef struct {
  guint8 *bytes;
  gsize n;
} Chunk;

/* Buffers that a thread fills ahead of the reader, in a ring. */
typedef struct {
  GThread *thread;
  GMutex lock;
  GCond changed;
  GCancellable *stop;
  Chunk chunks[PUMP_BUFFERS];
  guint filled, taken;         /* running counts; filled − taken ≤ PUMP_BUFFERS */
  gsize at;                    /* in the chunk being taken */
  gboolean finished;
} Pump;

struct _GlowInput {
  char *name, *path, *coding;
  int fd;
  guint64 size;
  gboolean blocks;             /* a read may wait: a pipe, a terminal */
  GCancellable *cancellable;   /* of the opening; peeking has none of its own */

  guint8 *map;                 /* the file as it lies */
  gsize map_size, map_at;
  guint8 *raw;                 /* read from a stream, not yet taken */
  gsize raw_n, raw_at;
  gboolean raw_end;

  GlowDecoder *decoder;
  gboolean decoder_finished, trailing;

  GConverter *text;            /* from UTF-16 */
  guint8 *wide;
  gsize wide_n, wide_at;
  gboolean wide_end;

  guint8 *head;                /* decoded and peeked at */
  gsize head_n, head_at, head_size;
  gboolean head_end;           /* the content ends within the head */
  Pump *pump;
  GError *damage;

  guint8 *spool;
  gsize spool_n;
};

static void
pump_free (Pump *pump)
{
  if (pump == NULL)
    return;
  g_cancellable_cancel (pump->stop);
  g_mutex_lock (&pump->lock);
  pump->finished = TRUE;
  g_cond_broadcast (&pump->changed);
  g_mutex_unlock (&pump->lock);
  g_thread_join (pump->thread);
  g_object_unref (pump->stop);
  for (guint i = 0; i < PUMP_BUFFERS; i++)
    g_free (pump->chunks[i].bytes);
  g_mutex_clear (&pump->lock);
  g_cond_clear (&pump->changed);
  g_free (pump);
}

/**
 * glow_input_free:
 *
 * Ends the thread that reads ahead, unmaps what was mapped.
 */
void
glow_input_free (GlowInput *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->pump, pump_free);
  g_clear_pointer (&self->decoder, glow_decoder_free);
  g_clear_object (&self->text);
  g_clear_object (&self->cancellable);
  if (self->map != NULL)
    munmap (self->map, self->map_size);
  if (self->spool != NULL)
    munmap (self->spool, self->spool_n);
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

gboolean
glow_input_is_mapped (GlowInput *self)
{
  return self->map != NULL && self->decoder == NULL && self->text == NULL;
}

const GError *
glow_input_get_damage (GlowInput *self)
{
  return self->damage;
}

const char *
glow_input_get_coding (GlowInput *self)
{
  return self->coding;
}

/* Waits until a stream has bytes, its other end is gone, or the work is cancelled. */
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
static gboolean
fill_raw (GlowInput *self, gsize wanted, GCancellable *cancellable, GError **error)
{
  if (self->raw == NULL)
    self->raw = g_malloc (RAW_BUFFER);
  if (self->raw_n - self->raw_at < wanted && self->raw_at > 0)
    {
      memmove (self->raw, self->raw + self->raw_at, self->raw_n - self->raw_at);
      self->raw_n -= self->raw_at;
      self->raw_at = 0;
    }
  while (!self->raw_end && self->raw_n - self->raw_at < wanted)
    {
      gssize got = read_fd (self, self->raw + self->raw_n, RAW_BUFFER - self->raw_n, cancellable, error);

      if (got < 0)
        return FALSE;
      self->raw_n += got;
      self->raw_end = got == 0;
    }
  return TRUE;
}

/* Layer 1: bytes as they lie. */
static gssize
read_raw (GlowInput *self, guint8 *buffer, gsize n, GCancellable *cancellable, GError **error)
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
    return read_raw (self, buffer, n, cancellable, error);
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
          if (!fill_raw (self, GLOW_COMPRESSION_HEAD, cancellable, error))
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
  got = read_plain (self, self->wide + self->wide_n, RAW_BUFFER - self->wide_n, cancellable, error);
  if (got < 0)
    return FALSE;
  self->wide_n += got;
  self->wide_end = got == 0;
  return TRUE;
}

/* Layer 3: UTF-8. */
static gssize
read_text (GlowInput *self, guint8 *buffer, gsize n, GCancellable *cancellable, GError **error)
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

static gpointer
run_pump (gpointer data)
{
  GlowInput *self = data;
  Pump *pump = self->pump;
  gboolean more = TRUE;

  while (more)
    {
      g_autoptr(GError) error = NULL;
      Chunk *chunk;
      gssize got;

      g_mutex_lock (&pump->lock);
      while (pump->filled - pump->taken == PUMP_BUFFERS && !pump->finished)
        g_cond_wait (&pump->changed, &pump->lock);
      more = !pump->finished;
      chunk = &pump->chunks[pump->filled % PUMP_BUFFERS];
      g_mutex_unlock (&pump->lock);
      if (!more)
        break;
      if (chunk->bytes == NULL)
        chunk->bytes = g_malloc (PUMP_SIZE);
      got = read_text (self, chunk->bytes, PUMP_SIZE, pump->stop, &error);
      g_mutex_lock (&pump->lock);
      chunk->n = MAX (got, 0);
      more = got > 0;
      if (got > 0)
        pump->filled++;
      else
        pump->finished = TRUE;
      if (error != NULL && self->damage == NULL)
        self->damage = g_steal_pointer (&error);
      g_cond_broadcast (&pump->changed);
      g_mutex_unlock (&pump->lock);
    }
  return NULL;
}

static void
start_pump (GlowInput *self)
{
  Pump *pump = g_new0 (Pump, 1);

  g_mutex_init (&pump->lock);
  g_cond_init (&pump->changed);
  pump->stop = g_cancellable_new ();
  self->pump = pump;
  pump->thread = g_thread_new ("glow-decode", run_pump, self);
}

static void
wake_pump (GCancellable *cancellable, gpointer data)
{
  Pump *pump = data;

  g_mutex_lock (&pump->lock);
  g_cond_broadcast (&pump->changed);
  g_mutex_unlock (&pump->lock);
}

static gssize
read_pump (Pump *pump, void *buffer, gsize n, GCancellable *cancellable, GError **error)
{
  gulong handler = cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (wake_pump), pump, NULL) : 0;
  gboolean cancelled = FALSE;
  Chunk *chunk = NULL;
  gsize take;

  g_mutex_lock (&pump->lock);
  while (pump->filled == pump->taken && !pump->finished && !(cancelled = g_cancellable_is_cancelled (cancellable)))
    g_cond_wait (&pump->changed, &pump->lock);
  if (pump->filled != pump->taken)
    chunk = &pump->chunks[pump->taken % PUMP_BUFFERS];
  g_mutex_unlock (&pump->lock);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
  if (cancelled)
    {
      g_cancellable_set_error_if_cancelled (cancellable, error);
      return -1;
    }
  if (chunk == NULL)
    return 0;
  take = MIN (n, chunk->n - pump->at);
  memcpy (buffer, chunk->bytes + pump->at, take);
  pump->at += take;
  if (pump->at == chunk->n)
    {
      pump->at = 0;
      g_mutex_lock (&pump->lock);
      pump->taken++;
      g_cond_broadcast (&pump->changed);
      g_mutex_unlock (&pump->lock);
    }
  return take;
}

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
    got = read_raw (self, buffer, n, cancellable, error);
  else if (self->decoder == NULL && self->text == NULL)
    {
      g_autoptr(GError) local = NULL;

      got = read_raw (self, buffer, n, cancellable, &local);
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
        start_pump (self);
      got = read_pump (self->pump, buffer, n, cancellable, error);
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
      gssize got = read_text (self, self->head + self->head_n, wanted - self->head_n, self->cancellable, &local);

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

static gboolean
write_all (int fd, const guint8 *bytes, gsize n)
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
  g_autofree guint8 *buffer = g_malloc (PUMP_SIZE);

  *n = 0;
  for (;;)
    {
      g_autoptr(GError) local = NULL;
      gssize got = glow_input_read (self, buffer, PUMP_SIZE, cancellable, &local);

      if (got < 0 && g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (got <= 0)
        return TRUE;
      if (!write_all (fd, buffer, got))
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
  close (fd);
  if (map == NULL)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("“%s” holds 0 bytes, expected a recording"), self->name);
      return NULL;
    }
  self->spool = map;
  self->spool_n = *n;
  return map;
}

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
      if (!fill_raw (self, GLOW_COMPRESSION_HEAD, cancellable, error))
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
  self->wide = g_malloc (RAW_BUFFER);
  if (self->head_n > 2)
    memcpy (self->wide, self->head + 2, self->wide_n = self->head_n - 2);
  self->head_n = 0;
  self->wide_end = self->head_end;
  self->head_end = FALSE;
  if (self->map != NULL && self->decoder == NULL)
    self->map_at = 2;
  return TRUE;
}

/* Takes @fd. */
static GlowInput *
open_taken (int fd, const char *path, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr(GlowInput) self = g_new0 (GlowInput, 1);
  struct stat status;
  gsize n;

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
      gpointer map = mmap (NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);

      self->size = status.st_size;
      if (map != MAP_FAILED)
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
  if (!start_decoder (self, cancellable, error))
    return NULL;
  if (self->map == NULL && self->raw_n == 0)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("“%s” is empty: 0 bytes, expected a recording"), name);
      return NULL;
    }
  if (!start_text (self, error))
    return NULL;
  if (!glow_input_is_mapped (self) && self->text == NULL)
    {
      glow_input_peek (self, 4, &n, NULL);
      if (n == 0)
        {
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("“%s” is empty: its %s stream holds 0 bytes, expected a recording"), name,
                       self->coding);
          return NULL;
        }
    }
  return g_steal_pointer (&self);
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
