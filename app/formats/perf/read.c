/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walks the records of a perf.data file: file or pipe, plain or compressed. Every record is stepped over by its own size, so that a
 * type that is not known costs nothing but a line in the warnings; damage ends the walk, and what was read stays. */
#include <config.h>

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "formats/perf/perf-private.h"

#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

#define PROGRESS_STEP (4u << 20)
#define PARALLEL_FROM (16u << 20)
#define TELL_STEP (256u << 10)

/* What replaying the side-band fills. */
void
perf_tables_init (PerfReader *self)
{
  self->arena = glow_arena_new ();
  self->spaces = g_hash_table_new_full (NULL, NULL, NULL, perf_space_clear);
  self->threads = g_hash_table_new (NULL, NULL);
  self->process_rows = g_hash_table_new (NULL, NULL);
  self->modules = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->module_of_text = g_hash_table_new (NULL, NULL);
  self->kernel = perf_space_new (self);
}

void
perf_tables_clear (PerfReader *self)
{
  g_hash_table_unref (self->spaces);
  g_hash_table_unref (self->threads);
  g_hash_table_unref (self->process_rows);
  g_hash_table_unref (self->modules);
  g_hash_table_unref (self->module_of_text);
  glow_arena_free (self->arena);
}

void
perf_reader_init (PerfReader *self, const GlowLoadOptions *options, GCancellable *cancellable)
{
  memset (self, 0, sizeof *self);
  self->options = options;
  self->cancellable = cancellable;
  self->builder = glow_profile_builder_new ();
  self->events = g_array_new (FALSE, TRUE, sizeof (PerfEvent));
  g_array_set_clear_func (self->events, perf_event_clear);
  self->event_of_id = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->side = g_ptr_array_new_with_free_func (g_free);
  perf_tables_init (self);
  self->build_ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->other_counts = g_hash_table_new (NULL, NULL);
  self->namespaces = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->living = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->cgroups = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->pmus = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->deferred = g_hash_table_new_full (perf_counter_hash, perf_counter_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->stack_tables = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_hash_table_unref);
  self->jit_tables = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->symbol_shifts = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->spool = -1;
  self->plain = g_byte_array_new ();
  self->packed = g_array_new (FALSE, FALSE, sizeof (PerfPiece));
  self->segments = g_array_new (FALSE, FALSE, sizeof (PerfSegment));
  g_array_set_clear_func (self->segments, perf_segment_clear);
  perf_decoder_init (&self->decoder, self);
}

void
perf_reader_clear (PerfReader *self)
{
  g_clear_pointer (&self->builder, glow_profile_builder_free);
  g_array_unref (self->events);
  g_hash_table_unref (self->event_of_id);
  g_ptr_array_unref (self->side);
  g_clear_pointer (&self->loader, glow_symbol_loader_free);
  perf_tables_clear (self);
  g_hash_table_unref (self->build_ids);
  g_hash_table_unref (self->other_counts);
  g_hash_table_unref (self->namespaces);
  g_hash_table_unref (self->living);
  g_hash_table_unref (self->cgroups);
  g_hash_table_unref (self->pmus);
  g_hash_table_unref (self->deferred);
  g_hash_table_unref (self->stack_tables);
  g_ptr_array_unref (self->jit_tables);
  g_hash_table_unref (self->symbol_shifts);
  g_clear_pointer (&self->split, g_byte_array_unref);
  g_byte_array_unref (self->plain);
  g_array_unref (self->packed);
  g_array_unref (self->segments);
  if (self->spool >= 0)
    close (self->spool);
  if (self->zstd != NULL)
    ZSTD_freeDStream (self->zstd);
  perf_decoder_clear (&self->decoder);
}

static void
count_unknown (PerfReader *self, guint32 type)
{
  g_autofree char *key = g_strdup_printf ("%u", type);

  glow_warnings_add (self->builder->warnings, "unknown-record", key, 1, self->current_offset,
                     _("A newer version may know it; samples are not affected."),
                     _("Records of type %u are not known here (first at byte %" PRIu64 "); stepped over by their size"), type,
                     self->current_offset);
}

static void
read_pipe_attr (PerfReader *self, const guint8 *record, gsize size)
{
  GlowCursor cursor = glow_cursor (record, size, self->swap), peek = cursor;
  PerfEvent event;
  guint32 attr_size;

  glow_cursor_take (&peek, 4);
  attr_size = glow_cursor_u32 (&peek);
  if (attr_size < 48 || attr_size > size)
    attr_size = MIN (size, 64);
  if (perf_attr_read (&cursor, attr_size, &event))
    perf_reader_add_event (self, &event, cursor.at, glow_cursor_remaining (&cursor) / 8);
}

/* EVENT_UPDATE: a name (2) for the event with an id. */
static void
read_event_update (PerfReader *self, const guint8 *record, gsize size)
{
  GlowCursor cursor = glow_cursor (record, size, self->swap);
  guint64 what = glow_cursor_u64 (&cursor), id = glow_cursor_u64 (&cursor);
  guint index = perf_reader_event_of_id (self, id);
  gsize length;
  const char *name;

  if (cursor.failed || what != 2 || index >= self->events->len)
    return;
  name = glow_cursor_string (&cursor, &length);
  if (length > 0)
    {
      PerfEvent *event = &g_array_index (self->events, PerfEvent, index);

      g_free (event->name);
      event->name = g_strndup (name, length);
    }
}

/* An id that samples name, and its path. */
static void
read_cgroup (PerfReader *self, const guint8 *record, gsize size)
{
  GlowCursor cursor = glow_cursor (record, size, self->swap);
  guint64 id = glow_cursor_u64 (&cursor);
  gsize length;
  const char *path = glow_cursor_string (&cursor, &length);

  if (!cursor.failed && length > 0)
    g_hash_table_insert (self->cgroups, g_memdup2 (&id, sizeof id),
                         GUINT_TO_POINTER (glow_strings_intern (self->builder->strings, path, length)));
}

static void
read_aux (PerfReader *self, guint32 type, const guint8 *record, gsize size)
{
  GlowCursor cursor = glow_cursor (record, size, self->swap);

  if (type == RECORD_AUXTRACE_INFO)
    self->aux_kind = glow_cursor_u32 (&cursor);
  else
    self->aux_bytes += glow_cursor_u64 (&cursor);
}

static void
count_lost (PerfReader *self, guint32 type, const guint8 *record, gsize size)
{
  GlowCursor cursor = glow_cursor (record, size, self->swap);
  guint64 *sum = type == RECORD_LOST ? &self->builder->info.lost_events : &self->builder->info.lost_samples, lost;

  if (type == RECORD_LOST)
    glow_cursor_take (&cursor, 8);
  lost = glow_cursor_u64 (&cursor);
  *sum += lost;
  perf_mark (self, GLOW_MARK_LOST, lost, record, size);
}

static void
count_throttled (PerfReader *self, guint32 type, const guint8 *record, gsize size)
{
  guint64 *sum = type == RECORD_THROTTLE ? &self->builder->info.throttled : &self->builder->info.unthrottled;

  (*sum)++;
  perf_mark (self, type == RECORD_THROTTLE ? GLOW_MARK_THROTTLED : GLOW_MARK_UNTHROTTLED, 1, record, size);
}

static gsize walk (PerfReader *self, const guint8 *bytes, gsize n, gboolean in_file, gboolean last);

/* COMPRESSED: a piece of one zstd stream; records may begin in one piece and end in another. */
static void
read_compressed (PerfReader *self, const guint8 *bytes, gsize n)
{
  ZSTD_inBuffer in = { bytes, n, 0 };
  gboolean full = TRUE;

  if (self->zstd == NULL)
    self->zstd = ZSTD_createDStream ();
  self->compressed = TRUE;
  g_array_append_vals (self->packed, &(PerfPiece) { bytes, n, self->stream_starts }, 1);
  self->stream_starts = FALSE;
  while (in.pos < in.size || full)
    {
      gsize used = self->plain->len, result;
      ZSTD_outBuffer out;

      g_byte_array_set_size (self->plain, used + (1u << 20));
      out = (ZSTD_outBuffer) { self->plain->data + used, 1u << 20, 0 };
      result = ZSTD_decompressStream (self->zstd, &out, &in);
      g_byte_array_set_size (self->plain, used + (ZSTD_isError (result) ? 0 : out.pos));
      if (ZSTD_isError (result))
        {
          glow_warnings_add (self->builder->warnings, "damaged-compression", NULL, 1, self->current_offset, NULL,
                             _("The compressed data at byte %" PRIu64 " is damaged (%s); the samples in it are lost"),
                             self->current_offset, ZSTD_getErrorName (result));
          ZSTD_initDStream (self->zstd);
          break;
        }
      full = out.pos == out.size;
      used = walk (self, self->plain->data, self->plain->len, FALSE, FALSE);
      g_byte_array_remove_range (self->plain, 0, used);
      self->plain_start += used;
    }
}

/* One record that is not a sample. */
static void
read_other (PerfReader *self, guint32 type, guint16 misc, const guint8 *body, gsize size)
{
  GlowCursor cursor = glow_cursor (body, size, self->swap);

  perf_count_record (self, type);
  switch (type)
    {
    case RECORD_MMAP:
    case RECORD_MMAP2:
    case RECORD_COMM:
    case RECORD_FORK:
    case RECORD_EXIT:
    case RECORD_KSYMBOL:
      perf_sideband_add (self, type, misc, body, size);
      break;
    case RECORD_NAMESPACES: perf_namespaces_read (self, body, size); break;
    case RECORD_TIME_CONV:
      self->time_shift = glow_cursor_u64 (&cursor);
      self->time_mult = glow_cursor_u64 (&cursor);
      self->time_zero = glow_cursor_u64 (&cursor);
      if (cursor.failed || self->time_shift >= 64)
        self->time_mult = 0;
      break;
    case RECORD_CGROUP: read_cgroup (self, body, size); break;
    case RECORD_CALLCHAIN_DEFERRED: perf_deferred_add (self, body, size); break;
    case RECORD_AUXTRACE_INFO:
    case RECORD_AUXTRACE: read_aux (self, type, body, size); break;
    case RECORD_LOST:
    case RECORD_LOST_SAMPLES:
      count_lost (self, type, body, size);
      break;
    case RECORD_THROTTLE:
    case RECORD_UNTHROTTLE: count_throttled (self, type, body, size); break;
    case RECORD_SWITCH: perf_mark_switch (self, misc, body, size); break;
    case RECORD_HEADER_ATTR: read_pipe_attr (self, body, size); break;
    case RECORD_EVENT_UPDATE: read_event_update (self, body, size); break;
    case RECORD_HEADER_BUILD_ID:
      {
        GlowCursor whole = glow_cursor (body - 8, size + 8, self->swap);

        perf_build_ids_read (self, &whole);
        break;
      }
    case RECORD_HEADER_FEATURE:
      if (size >= 8)
        {
          guint64 feature = glow_cursor_u64 (&cursor);

          perf_feature_read (self, feature < G_MAXUINT ? feature : G_MAXUINT, body + 8, size - 8);
        }
      break;
    case RECORD_HEADER_TRACING_DATA:
      /* simpleperf has the data inside the record; perf, in a pipe, behind it. */
      if (!self->pipe)
        {
          guint32 length = glow_cursor_u32 (&cursor);
          const guint8 *data = glow_cursor_take (&cursor, length);

          if (data != NULL)
            perf_tracing_read (self, data, length);
        }
      break;
    case RECORD_COMPRESSED: read_compressed (self, body, size); break;
    case RECORD_COMPRESSED2:
      {
        guint64 length = glow_cursor_u64 (&cursor);

        if (!cursor.failed)
          read_compressed (self, body + 8, MIN (length, size - 8));
        break;
      }
    default:
      if (type > RECORD_SIMPLEPERF ? !perf_simpleperf_record (self, type, body, size) : perf_record_name (type) == NULL)
        count_unknown (self, type);
    }
}

/* Bytes behind a record that its size field does not count: AUX area data and tracing data. */
static guint64
trailing_bytes (PerfReader *self, guint32 type, const guint8 *body, gsize size)
{
  GlowCursor cursor = glow_cursor (body, size, self->swap);

  if (type == RECORD_AUXTRACE)
    return glow_cursor_u64 (&cursor);
  if (type == RECORD_HEADER_TRACING_DATA && self->pipe)
    return ((guint64) glow_cursor_u32 (&cursor) + 7) & ~(guint64) 7;
  return 0;
}

void
perf_report (PerfReader *self, guint64 at, guint64 samples)
{
  GlowProgress progress = {
    .stage = GLOW_STAGE_READING,
    .fraction = self->data_size > 0 ? (double) at / self->data_size : -1,
    .bytes = at,
    .bytes_total = self->data_size,
    .samples = samples,
  };

  if (self->options != NULL && self->options->progress != NULL)
    self->options->progress (&progress, self->options->user_data);
}

/* Steps over records; returns the bytes of whole ones. @in_file: they lie in the file, where bytes may follow a record, and not in a buffer.
 * @last: what is left over is damage, not a piece to be continued. */
static gsize
walk (PerfReader *self, const guint8 *bytes, gsize n, gboolean in_file, gboolean last)
{
  gsize at = 0;

  while (at + 8 <= n)
    {
      PerfRecordHeader header = perf_record_header (bytes + at, self->swap);
      guint64 trailing;

      if (in_file)
        self->current_offset = bytes + at - self->bytes;
      if (header.size < 8)
        {
          glow_warnings_add (self->builder->warnings, "damaged-record", "size", 1, self->current_offset,
                             _("What was read before it is shown; copy the file again if it should be whole."),
                             _("A record at byte %" PRIu64 " says it has %u bytes, at least 8 are needed; reading ended there"),
                             self->current_offset, header.size);
          return n;
        }
      if (header.size > n - at)
        break;
      if (header.type == RECORD_SAMPLE)
        {
          self->counts[RECORD_SAMPLE]++;
          if (self->events->len > 0)
            perf_decode_sample (&self->decoder, bytes + at + 8, header.misc, header.size - 8, self->current_offset);
        }
      else
        read_other (self, header.type, header.misc, bytes + at + 8, header.size - 8);
      trailing = in_file ? trailing_bytes (self, header.type, bytes + at + 8, header.size - 8) : 0;
      if (trailing > n - at - header.size)
        {
          at = last ? n - 1 : at;
          break;
        }
      if (header.type == RECORD_HEADER_TRACING_DATA && trailing > 0)
        perf_tracing_read (self, bytes + at + header.size, trailing);
      at += header.size + trailing;
      /* A compressed byte stands for ten or so. */
      if (in_file && at - self->progress_at > (self->compressed ? PROGRESS_STEP / 16 : PROGRESS_STEP))
        {
          if (g_cancellable_is_cancelled (self->cancellable))
            return at;
          self->progress_at = at;
          perf_report (self, at, self->decoder.n);
        }
    }
  if (last && at < n)
    glow_warnings_add (self->builder->warnings, "truncated", NULL, 1, bytes + at - self->bytes,
                       _("What was written before the end is shown; copy the file again if it should be whole."),
                       _("The data ends inside a record at byte %zu"), (gsize) (bytes + at - self->bytes));
  return at;
}

/**
 * perf_walk_records:
 *
 * Records that stand in a section of the header.
 */
void
perf_walk_records (PerfReader *self, const guint8 *bytes, gsize n)
{
  self->current_offset = bytes - self->bytes;
  walk (self, bytes, n, FALSE, FALSE);
}

/* ---- two threads: one reads headers and the side-band ahead, both decode samples ---- */

/* What decoding depends on; it stands before the first sample, as a rule. */
static gboolean
changes_decoding (guint32 type)
{
  return type == RECORD_HEADER_ATTR || type == RECORD_EVENT_UPDATE || type == RECORD_HEADER_FEATURE || type == RECORD_HEADER_TRACING_DATA
         || type == RECORD_COMPRESSED || type == RECORD_COMPRESSED2 || type > RECORD_SIMPLEPERF;
}

/* Whether samples may be decoded apart from the rest: the side-band has times of its own, nothing is compressed, and no bytes lie
 * between the records. */
static gboolean
can_read_ahead (const PerfReader *self)
{
  const guint8 *bytes = self->bytes + self->data_offset;
  gsize n = self->data_size;
  const PerfEvent *event = self->events->len > 0 ? &g_array_index (self->events, PerfEvent, 0) : NULL;

  if (event == NULL || self->pipe || n < PARALLEL_FROM || !(event->flags & PERF_FLAG_SAMPLE_ID_ALL) || !(event->sample_type & SAMPLE_TIME))
    return FALSE;
  /* A compressed file has its first compressed record near its start, AUX data its info record. */
  for (gsize look = 0; look + 8 <= n && look < (4u << 20);)
    {
      PerfRecordHeader header = perf_record_header (bytes + look, self->swap);

      if (header.size < 8 || header.type == RECORD_COMPRESSED || header.type == RECORD_COMPRESSED2 || header.type == RECORD_AUXTRACE
          || header.type == RECORD_AUXTRACE_INFO || header.type == RECORD_HEADER_TRACING_DATA)
        return FALSE;
      look += header.size;
    }
  return TRUE;
}

/* Where the second decoder's part begins: the thread that decodes the first has begun while the records are walked over. Stacks that are to be unwound
 * take so much longer than that, that halves it is. */
static gsize
middle_of (const PerfReader *self)
{
  return self->sample_types & SAMPLE_STACK_USER ? self->data_size / 2 : self->data_size / 16 * 9;
}

/* Walks the headers, and does all that is not a sample. */
static void
walk_ahead (PerfReader *self)
{
  const guint8 *bytes = self->bytes + self->data_offset;
  gsize n = self->data_size, at = 0, check = 0, told = 0, middle = 0, middle_from = middle_of (self);

  while (at + 8 <= n)
    {
      PerfRecordHeader header = perf_record_header (bytes + at, self->swap);

      if (header.size < 8 || header.size > n - at)
        break;
      if (header.type == RECORD_SAMPLE)
        self->counts[RECORD_SAMPLE]++;
      else
        {
          if (self->ahead != NULL && changes_decoding (header.type))
            g_clear_pointer (&self->ahead, perf_ahead_drop);
          self->current_offset = self->data_offset + at;
          read_other (self, header.type, header.misc, bytes + at + 8, header.size - 8);
        }
      at += header.size;
      if (middle == 0 && at >= middle_from)
        middle = at;
      if (at - told > TELL_STEP)
        {
          /* Once: what was dropped is begun anew when all has been seen. */
          if (told == 0)
            self->ahead = perf_ahead_new (self);
          told = at;
          if (self->ahead != NULL)
            perf_ahead_walked (self->ahead, self->data_offset + (middle > 0 ? middle : at));
        }
      if (at - check > PROGRESS_STEP)
        {
          check = at;
          if (g_cancellable_is_cancelled (self->cancellable))
            break;
        }
    }
  if (at < n && !g_cancellable_is_cancelled (self->cancellable))
    glow_warnings_add (self->builder->warnings, "truncated", NULL, 1, self->data_offset + at,
                       _("What was written before the end is shown; copy the file again if it should be whole."),
                       _("The data ends inside a record at byte %" PRIu64), self->data_offset + at);
  if (self->ahead == NULL)
    self->ahead = perf_ahead_new (self);
  perf_ahead_end (self->ahead, self->data_offset + (middle > 0 ? middle : at), self->data_offset + at);
}

/**
 * perf_read_data:
 * @whole: no more bytes are to come: what is left over is damage
 *
 * Reads the @data_size bytes at @data_offset of @bytes. Samples may still be decoded when it returns: perf_read_finish() waits for them.
 *
 * Returns: how many bytes are whole records
 */
gsize
perf_read_data (PerfReader *self, gboolean whole)
{
  gsize done;

  if (whole && can_read_ahead (self))
    {
      walk_ahead (self);
      return self->data_size;
    }
  self->progress_at = 0;
  done = walk (self, self->bytes + self->data_offset, self->data_size, TRUE, whole);
  if (self->plain->len > 0 && whole)
    glow_warnings_add (self->builder->warnings, "truncated", "compressed", 1, self->n_bytes, NULL,
                       _("The compressed data ends inside a record; its last %u bytes were left out"), self->plain->len);
  return done;
}

/**
 * perf_read_finish:
 * @decoders: of PerfDecoder; those that were needed beside the reader's own are appended
 *
 * After perf_read_data(), before anybody else reads, or looks at samples.
 */
void
perf_read_finish (PerfReader *self, GArray *decoders)
{
  if (self->ahead != NULL)
    perf_ahead_finish (g_steal_pointer (&self->ahead), decoders);
}

static int
recognise (const guint8 *head, gsize n)
{
  return n >= 8 && (memcmp (head, "PERFILE2", 8) == 0 || memcmp (head, "2ELIFREP", 8) == 0 || memcmp (head, "PERFFILE", 8) == 0) ? 100 : 0;
}

const GlowFormat glow_format_perf_data = {
  .info = { "perf.data", N_("perf recording"), "application/x-perf-data" },
  .recognise = recognise,
  .read = perf_read_input,
  .is_part = perf_is_part,
  .read_parts = perf_read_parts,
  .read_on = perf_read_on,
  .is_finished = perf_is_finished,
  .can_read_on = perf_can_read_on,
  .state_free = perf_growing_free,
  .fields_again = perf_fields_again,
};
