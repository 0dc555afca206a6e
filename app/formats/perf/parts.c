/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From files to one recording: a file alone; parts that perf record --switch-output wrote one after the other; a folder of --threads, whose data
 * lies beside its header; and a file that perf is still writing, which is read on from where it ended.
 *
 * Parts share one reader, so that a thread or a map that an earlier part tells of is known in the later ones: perf tells anew only of the
 * processes that it was started on. */
#include <config.h>

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "formats/input-private.h"
#include "formats/perf/perf-private.h"

#include <zstd.h>

#define HEADER_BYTES 104
#define BLOCK 4096
/* A file that grows may become so many times longer: places of records are counted in units that do not change then. */
#define ROOM_TO_GROW 16
#define MANY_SAMPLES 20000

/* The reader's own decoder comes first, where it has anything. Its arrays move while they are used, so that it is taken out and put back. */
static GlowProfile *
resolve (PerfReader *self, GArray *decoders, GError **error)
{
  gboolean prepared = perf_prepare (self), own;
  GlowProfile *profile;

  perf_read_finish (self, decoders);
  own = self->decoder.n > 0 || decoders->len == 0;
  if (g_cancellable_set_error_if_cancelled (self->cancellable, error) || !prepared)
    return NULL;
  self->builder->info.unfinished = self->unfinished;
  if (self->unfinished)
    glow_warnings_add (self->builder->warnings, "truncated", NULL, 1, self->data_offset,
                       _("Stop perf record with SIGINT, so that it writes its header."),
                       _("The recording was not finished: perf did not write the size of its data; read to the end of the file"));
  if (own)
    g_array_prepend_val (decoders, self->decoder);
  profile = perf_resolve (self, (PerfDecoder *) (gpointer) decoders->data, decoders->len, error);
  if (own)
    {
      self->decoder = g_array_index (decoders, PerfDecoder, 0);
      g_array_remove_index (decoders, 0);
    }
  return profile;
}

static void
clear_decoders (GArray *decoders)
{
  for (guint i = 0; i < decoders->len; i++)
    perf_decoder_clear (&g_array_index (decoders, PerfDecoder, i));
  g_array_unref (decoders);
}

static void
note_file (PerfReader *self, GlowInput *input)
{
  const char *path = glow_input_get_path (input);
  guint64 size = glow_input_get_size (input);

  g_ptr_array_add (self->builder->files, g_strdup (path != NULL ? path : glow_input_get_name (input)));
  self->builder->info.format = "perf.data";
  self->builder->info.file_bytes += size > 0 ? size : self->n_bytes;
  glow_input_get_dates (input, &self->builder->info.file_time, &self->builder->info.file_born);
}

/**
 * perf_last_time:
 *
 * Returns: the latest time of a sample, ns
 */
guint64
perf_last_time (const PerfDecoder *decoders, guint n_decoders)
{
  guint64 time = 0;

  for (guint i = 0; i < n_decoders; i++)
    time = MAX (time, decoders[i].last_time);
  return time;
}

/* The latest time that was read of, for what the next part says without one. */
static guint64
last_time (const PerfReader *self, const GArray *decoders)
{
  guint64 time = MAX (self->decoder.last_time, perf_last_time ((const PerfDecoder *) (gconstpointer) decoders->data, decoders->len));

  for (guint i = 0; i < self->n_side; i++)
    time = MAX (time, perf_side (self, i)->time);
  return time;
}

static gboolean
read_part (PerfReader *self, GlowInput *input, gboolean headed, GError **error)
{
  self->input = input;
  self->bytes = glow_input_map (input, &self->n_bytes, self->cancellable, error);
  if (self->bytes == NULL)
    return FALSE;
  if (!headed)
    {
      self->data_offset = 0;
      self->data_size = self->n_bytes;
    }
  else if (!perf_header_read (self, error))
    return FALSE;
  note_file (self, input);
  perf_segment_begin (self);
  if (self->zstd != NULL)
    ZSTD_initDStream (self->zstd);
  self->plain_start += self->plain->len;
  g_byte_array_set_size (self->plain, 0);
  perf_read_data (self, TRUE);
  self->continued = TRUE;
  return TRUE;
}

/* By the time of the first sample; those that do not tell it stay behind, in the order they came in. (transfer container) */
static GlowInput **
dup_sorted (GlowInput *const *inputs, guint n, GCancellable *cancellable)
{
  GlowInput **sorted = g_memdup2 (inputs, n * sizeof *inputs);
  g_autofree guint64 *times = g_new (guint64, n);

  for (guint i = 0; i < n; i++)
    {
      gsize size;
      const guint8 *bytes = glow_input_map (inputs[i], &size, cancellable, NULL);
      guint64 time = bytes != NULL ? perf_header_first_time (bytes, size) : G_MAXUINT64;
      guint at = i;

      for (; at > 0 && times[at - 1] > time; at--)
        {
          times[at] = times[at - 1];
          sorted[at] = sorted[at - 1];
        }
      times[at] = time;
      sorted[at] = inputs[i];
    }
  return sorted;
}

typedef struct {
  PerfReader reader;
  GArray *decoders;
} Reading;

/* Hundreds of thousands of pieces, and tables of many pages, where there were many processes: nobody waits for them. */
static gpointer
free_reading (gpointer data)
{
  Reading *self = data;

  clear_decoders (self->decoders);
  perf_reader_clear (&self->reader);
  g_free (self);
  return NULL;
}

/**
 * perf_read_parts:
 * @n_headed: how many of @inputs have a header; the rest is data of the first one's
 *
 * O(samples + side-band × log side-band), as for one file.
 */
GlowProfile *
perf_read_parts (GlowInput *const *inputs, guint n, guint n_headed, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  g_autofree GlowInput **sorted = dup_sorted (inputs, n_headed, cancellable);
  Reading *reading = g_new (Reading, 1);
  GThread *thread = NULL;
  GlowProfile *profile = NULL;
  gboolean ok = TRUE;

  reading->decoders = g_array_new (FALSE, FALSE, sizeof (PerfDecoder));
  perf_reader_init (&reading->reader, options, cancellable);
  for (guint i = 0; i < n && n > 1; i++)
    reading->reader.room += glow_input_get_size (inputs[i]);
  for (guint i = 0; i < n && ok; i++)
    {
      /* Files of one folder were written side by side; parts one after the other. */
      perf_read_finish (&reading->reader, reading->decoders);
      if (i > 0 && i < n_headed)
        reading->reader.part_from = last_time (&reading->reader, reading->decoders);
      ok = read_part (&reading->reader, i < n_headed ? sorted[i] : inputs[i], i < n_headed, error);
    }
  if (ok)
    profile = resolve (&reading->reader, reading->decoders, error);
  else
    perf_read_finish (&reading->reader, reading->decoders);
  if (profile != NULL && glow_profile_get_samples (profile)->n > MANY_SAMPLES)
    thread = g_thread_try_new ("perf-free", free_reading, reading, NULL);
  if (thread != NULL)
    g_thread_unref (thread);
  else
    free_reading (reading);
  return profile;
}

GlowProfile *
perf_read_input (GlowInput *input, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  return perf_read_parts (&input, 1, 1, options, cancellable, error);
}

/* ---- parts of one recording ---- */

/* The section of event descriptions, and one of its ids after the other. */
static gboolean
find_attrs (const guint8 *bytes, gsize n, GlowCursor *attrs, guint64 *entry_size)
{
  GlowCursor cursor = glow_cursor (bytes, n, FALSE);
  guint64 offset, size;

  if (n < HEADER_BYTES || (memcmp (bytes, "PERFILE2", 8) != 0 && memcmp (bytes, "2ELIFREP", 8) != 0))
    return FALSE;
  cursor.swap = (memcmp (bytes, "2ELIFREP", 8) == 0) != (G_BYTE_ORDER == G_BIG_ENDIAN);
  glow_cursor_take (&cursor, 8);
  if (glow_cursor_u64 (&cursor) < HEADER_BYTES)
    return FALSE;
  *entry_size = glow_cursor_u64 (&cursor);
  offset = glow_cursor_u64 (&cursor);
  size = glow_cursor_u64 (&cursor);
  if (offset > n || size > n - offset || *entry_size < 64 || *entry_size > BLOCK || size < *entry_size)
    return FALSE;
  *attrs = glow_cursor (bytes + offset, size, cursor.swap);
  return TRUE;
}

static GBytes *
dup_ids (const guint8 *bytes, gsize n, const guint8 *entry, guint64 entry_size, gboolean swap)
{
  GlowCursor cursor = glow_cursor (entry + entry_size - 16, 16, swap);
  guint64 offset = glow_cursor_u64 (&cursor), size = glow_cursor_u64 (&cursor);

  return offset <= n && size <= n - offset && size > 0 ? g_bytes_new_static (bytes + offset, size) : NULL;
}

/**
 * perf_is_part:
 *
 * The kernel numbers counters, and gives no number twice while it runs: files whose events have the same descriptions and the same
 * numbers are of one run of perf record.
 */
gboolean
perf_is_part (const guint8 *a, gsize n_a, const guint8 *b, gsize n_b)
{
  GlowCursor left, right;
  guint64 size, other;

  if (!find_attrs (a, n_a, &left, &size) || !find_attrs (b, n_b, &right, &other) || size != other || left.swap != right.swap
      || glow_cursor_remaining (&left) != glow_cursor_remaining (&right))
    return FALSE;
  while (glow_cursor_remaining (&left) >= size)
    {
      const guint8 *own = glow_cursor_take (&left, size), *its = glow_cursor_take (&right, size);
      g_autoptr(GBytes) own_ids = dup_ids (a, n_a, own, size, left.swap), its_ids = dup_ids (b, n_b, its, size, left.swap);

      if (memcmp (own, its, size - 16) != 0 || own_ids == NULL || its_ids == NULL || !g_bytes_equal (own_ids, its_ids))
        return FALSE;
    }
  return TRUE;
}

/* ---- a file that grows ---- */

typedef struct {
  PerfReader reader;
  GArray *decoders;
  gsize next;                  /* in the file: where whole records ended */
  guint8 head[HEADER_BYTES];
  guint8 block[BLOCK];         /* the last bytes before @next */
  gsize n_block;
  gboolean finished;
} Growing;

void
perf_growing_free (gpointer state)
{
  Growing *self = state;

  clear_decoders (self->decoders);
  perf_reader_clear (&self->reader);
  g_free (self);
}

static void
remember (Growing *self)
{
  memcpy (self->head, self->reader.bytes, MIN (HEADER_BYTES, self->reader.n_bytes));
  self->n_block = MIN (BLOCK, self->next);
  memcpy (self->block, self->reader.bytes + self->next - self->n_block, self->n_block);
}

/* The size of the data and the features that follow it are written at the end; the rest of the header stays. */
static gboolean
same_head (const Growing *self)
{
  const guint8 *now = self->reader.bytes;

  if (self->reader.pipe)
    return memcmp (now, self->head, 16) == 0;
  return memcmp (now, self->head, 48) == 0 && memcmp (now + 56, self->head + 56, 16) == 0;
}

/**
 * perf_is_finished:
 *
 * Whether perf wrote the size of the data, as it does at the end. Of what is written to a pipe that cannot be told.
 */
gboolean
perf_is_finished (const guint8 *bytes, gsize n)
{
  GlowCursor cursor = glow_cursor (bytes, n, n >= 8 && (memcmp (bytes, "2ELIFREP", 8) == 0) != (G_BYTE_ORDER == G_BIG_ENDIAN));
  guint64 header, size;

  glow_cursor_take (&cursor, 8);
  header = glow_cursor_u64 (&cursor);
  glow_cursor_take (&cursor, 32);
  size = glow_cursor_u64 (&cursor);
  return !cursor.failed && header >= HEADER_BYTES && size > 0;
}

/**
 * perf_can_read_on:
 * @n: bytes of the file now
 * @more: (out): more of it can be read
 *
 * Whether the file is the one that was read, with something behind it: its header, and the last block that was read, are as they were.
 */
gboolean
perf_can_read_on (gpointer state, gsize n, gboolean *more)
{
  const Growing *self = state;

  *more = FALSE;
  if (n < self->next || !same_head (self) || memcmp (self->reader.bytes + self->next - self->n_block, self->block, self->n_block) != 0)
    return FALSE;
  *more = !self->finished && (n > self->reader.n_bytes || (!self->reader.pipe && memcmp (self->reader.bytes + 48, self->head + 48, 8) != 0));
  return TRUE;
}

/* Of all that was read so far. What resolving fills and uses up is made anew; what was read stays. */
static GlowProfile *
resolve_so_far (Growing *self, GError **error)
{
  PerfReader view = self->reader;
  GlowProfile *profile;

  view.builder = glow_profile_builder_copy (self->reader.builder);
  perf_tables_init (&view);
  profile = resolve (&view, self->decoders, error);
  g_clear_pointer (&view.loader, glow_symbol_loader_free);
  perf_tables_clear (&view);
  g_clear_pointer (&view.builder, glow_profile_builder_free);
  self->reader.decoder = view.decoder;
  /* Stacks that were unwound need not be again. */
  for (guint i = 0; i <= self->decoders->len; i++)
    {
      PerfDecoder *decoder = i == 0 ? &self->reader.decoder : &g_array_index (self->decoders, PerfDecoder, i - 1);

      if (decoder->dumps != NULL)
        g_array_set_size (decoder->dumps, 0);
    }
  return profile;
}

/* Chains that wait for a later record are joined once, and tables of other tools' headers are filled while reading: those are read anew. */
static gboolean
can_grow (const PerfReader *reader)
{
  return (reader->unfinished || reader->pipe) && reader->dialect == PERF_DIALECT_PERF && g_hash_table_size (reader->deferred) == 0
         && reader->counts[RECORD_AUX] == 0;
}

static GlowProfile *
begin (GlowInput *input, gpointer *state, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  Growing *self = g_new0 (Growing, 1);
  PerfReader *reader = &self->reader;
  GlowProfile *profile = NULL;
  gboolean grows;

  self->decoders = g_array_new (FALSE, FALSE, sizeof (PerfDecoder));
  perf_reader_init (reader, options, cancellable);
  reader->input = input;
  reader->bytes = glow_input_map (input, &reader->n_bytes, cancellable, error);
  if (reader->bytes != NULL && perf_header_read (reader, error))
    {
      note_file (reader, input);
      grows = reader->unfinished || reader->pipe;
      reader->room = grows ? (guint64) reader->n_bytes * ROOM_TO_GROW : 0;
      perf_segment_begin (reader);
      self->next = reader->data_offset + perf_read_data (reader, !grows);
      if (can_grow (reader))
        {
          profile = resolve_so_far (self, error);
          remember (self);
          if (profile != NULL)
            {
              *state = self;
              return profile;
            }
        }
      else
        profile = resolve (reader, self->decoders, error);
    }
  perf_growing_free (self);
  return profile;
}

/**
 * perf_read_on:
 *
 * Reads what perf has written since, and makes a profile of everything. O(new records) for reading, O(all samples) for the profile.
 */
GlowProfile *
perf_read_on (GlowInput *input, gpointer *state, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  Growing *self = *state;
  PerfReader *reader;

  if (self == NULL)
    return begin (input, state, options, cancellable, error);
  reader = &self->reader;
  reader->options = options;
  reader->cancellable = cancellable;
  reader->bytes = glow_input_map (input, &reader->n_bytes, cancellable, error);
  if (reader->bytes == NULL)
    return NULL;
  if (reader->pipe)
    reader->data_size = reader->n_bytes - self->next;
  else
    {
      reader->continued = TRUE;
      reader->unfinished = FALSE;
      if (!perf_header_read (reader, error))
        return NULL;
      self->finished = !reader->unfinished;
      reader->data_size = reader->data_offset + reader->data_size - MIN (self->next, reader->data_offset + reader->data_size);
    }
  reader->builder->info.file_bytes = glow_input_get_size (input);
  glow_input_get_dates (input, &reader->builder->info.file_time, &reader->builder->info.file_born);
  reader->data_offset = self->next;
  g_array_index (reader->segments, PerfSegment, 0).n = reader->bytes + reader->n_bytes - g_array_index (reader->segments, PerfSegment, 0).data;
  self->next += perf_read_data (reader, FALSE);
  remember (self);
  return resolve_so_far (self, error);
}
