/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file header and the feature sections behind the data. */
#include <config.h>

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "formats/perf/perf-private.h"

enum {
  FEATURE_TRACING_DATA = 1, FEATURE_BUILD_ID, FEATURE_HOSTNAME, FEATURE_OSRELEASE, FEATURE_VERSION, FEATURE_ARCH, FEATURE_NRCPUS,
  FEATURE_CPUDESC, FEATURE_CPUID, FEATURE_TOTAL_MEM, FEATURE_CMDLINE, FEATURE_EVENT_DESC, FEATURE_PMU_MAPPINGS = 16, FEATURE_SAMPLE_TIME = 21,
  FEATURE_CLOCKID = 23, FEATURE_CLOCK_DATA = 29, FEATURE_LAST = 31,
  FEATURE_SIMPLEPERF_FILE = 128, FEATURE_SIMPLEPERF_META, FEATURE_SIMPLEPERF_UNWIND, FEATURE_SIMPLEPERF_UNWIND_FILE,
  FEATURE_SIMPLEPERF_FILE2, FEATURE_SIMPLEPERF_ETM_BRANCHES, FEATURE_SIMPLEPERF_INIT_MAP,
  FEATURE_HIPERF_SYMBOLS = 192, FEATURE_HIPERF_STACKS = 197, FEATURE_HIPERF_LAST = 198,
};
#define BUILD_ID_SIZE_BIT (1 << 15)

/* u32 length, then bytes that end in a NUL within it. */
static char *
read_string (GlowCursor *cursor)
{
  guint32 length = glow_cursor_u32 (cursor);
  const guint8 *bytes = glow_cursor_take (cursor, length);

  return bytes != NULL ? g_strndup ((const char *) bytes, length) : NULL;
}

static void
keep_string (PerfReader *self, GlowCursor *cursor, const char **where)
{
  g_autofree char *text = read_string (cursor);

  if (text != NULL && *text != '\0')
    *where = g_string_chunk_insert_const (self->builder->chunk, text);
}

static void
read_command_line (PerfReader *self, GlowCursor *cursor)
{
  g_autoptr(GString) line = g_string_new (NULL);
  guint32 n;

  /* hiperf writes one string, not a list of words. */
  if (self->dialect == PERF_DIALECT_HIPERF)
    {
      keep_string (self, cursor, &self->builder->info.command_line);
      return;
    }
  n = glow_cursor_u32 (cursor);
  for (guint32 i = 0; i < n && !cursor->failed; i++)
    {
      g_autofree char *word = read_string (cursor);

      if (word == NULL)
        break;
      if (i > 0)
        g_string_append_c (line, ' ');
      g_string_append (line, word);
    }
  if (line->len > 0)
    self->builder->info.command_line = g_string_chunk_insert_const (self->builder->chunk, line->str);
}

/* Names of events, and in old files the only place where their ids are. */
static void
read_event_desc (PerfReader *self, GlowCursor *cursor)
{
  guint32 n = glow_cursor_u32 (cursor), attr_size = glow_cursor_u32 (cursor);

  for (guint32 i = 0; i < n && !cursor->failed; i++)
    {
      PerfEvent event;
      g_autofree char *name = NULL;
      guint32 n_ids;
      const guint8 *ids;

      if (!perf_attr_read (cursor, attr_size, &event))
        return;
      n_ids = glow_cursor_u32 (cursor);
      name = read_string (cursor);
      ids = n_ids <= glow_cursor_remaining (cursor) / 8 ? glow_cursor_take (cursor, (guint64) n_ids * 8) : NULL;
      if (name == NULL || (ids == NULL && n_ids > 0))
        return;
      if (i < self->events->len)
        {
          PerfEvent *known = &g_array_index (self->events, PerfEvent, i);

          if (known->name == NULL && *name != '\0')
            known->name = g_steal_pointer (&name);
        }
    }
}

/* Numbers of event sources are this machine's own; their names are not. */
static void
read_pmus (PerfReader *self, GlowCursor *cursor)
{
  guint32 n = glow_cursor_u32 (cursor);

  for (guint32 i = 0; i < n && !cursor->failed; i++)
    {
      guint32 type = glow_cursor_u32 (cursor);
      char *name = read_string (cursor);

      if (name != NULL)
        g_hash_table_insert (self->pmus, GUINT_TO_POINTER (type), name);
    }
}

/**
 * perf_build_ids_read:
 *
 * The HEADER_BUILD_ID feature: a list of records of their own kind.
 */
void
perf_build_ids_read (PerfReader *self, GlowCursor *cursor)
{
  while (glow_cursor_remaining (cursor) >= 36)
    {
      const guint8 *start = cursor->at, *id;
      guint16 misc, size;
      gsize length, id_length = 20, rest;
      const char *name;

      glow_cursor_take (cursor, 4);
      misc = glow_cursor_u16 (cursor);
      size = glow_cursor_u16 (cursor);
      glow_cursor_take (cursor, 4);
      id = glow_cursor_take (cursor, 24);
      if (id == NULL || size < 36 || (gsize) (cursor->end - start) < size)
        return;
      if (misc & BUILD_ID_SIZE_BIT && id[20] > 0 && id[20] <= 20)
        id_length = id[20];
      rest = size - 36;
      name = (const char *) glow_cursor_take (cursor, rest);
      length = name != NULL ? strnlen (name, rest) : 0;
      if (length > 0)
        g_hash_table_insert (self->build_ids, g_strndup (name, length), g_bytes_new (id, id_length));
    }
}

/**
 * perf_feature_read:
 * @feature: its bit
 */
void
perf_feature_read (PerfReader *self, guint feature, const guint8 *bytes, gsize n)
{
  GlowCursor cursor = glow_cursor (bytes, n, self->swap);
  GlowProfileInfo *info = &self->builder->info;

  perf_header_fact (self, feature, cursor);
  switch (feature)
    {
    case FEATURE_TRACING_DATA:
      self->tracing = bytes;
      self->n_tracing = n;
      break;
    case FEATURE_BUILD_ID: perf_build_ids_read (self, &cursor); break;
    case FEATURE_HOSTNAME: keep_string (self, &cursor, &info->hostname); break;
    case FEATURE_OSRELEASE: keep_string (self, &cursor, &info->os_release); break;
    case FEATURE_VERSION: keep_string (self, &cursor, &info->perf_version); break;
    case FEATURE_ARCH: keep_string (self, &cursor, &info->arch); break;
    case FEATURE_CPUDESC: keep_string (self, &cursor, &info->cpu_description); break;
    case FEATURE_CPUID: keep_string (self, &cursor, &info->cpu_id); break;
    case FEATURE_CMDLINE: read_command_line (self, &cursor); break;
    case FEATURE_EVENT_DESC: read_event_desc (self, &cursor); break;
    case FEATURE_PMU_MAPPINGS: read_pmus (self, &cursor); break;
    case FEATURE_CLOCK_DATA: perf_clock_data_read (self, &cursor); break;
    case FEATURE_SIMPLEPERF_FILE: perf_simpleperf_files (self, bytes, n); break;
    case FEATURE_SIMPLEPERF_FILE2: perf_simpleperf_files2 (self, bytes, n); break;
    case FEATURE_SIMPLEPERF_META: perf_simpleperf_meta (self, bytes, n); break;
    case FEATURE_SIMPLEPERF_INIT_MAP: perf_walk_records (self, bytes, n); break;
    case FEATURE_HIPERF_SYMBOLS: perf_hiperf_files (self, bytes, n); break;
    case FEATURE_HIPERF_STACKS: perf_hiperf_stacks (self, bytes, n); break;
    case FEATURE_NRCPUS:
      info->n_cpus_available = glow_cursor_u32 (&cursor);
      info->n_cpus_online = glow_cursor_u32 (&cursor);
      break;
    case FEATURE_TOTAL_MEM:
      info->memory_bytes = glow_cursor_u64 (&cursor) * 1024;
      break;
    case FEATURE_SAMPLE_TIME:
      self->sample_first = glow_cursor_u64 (&cursor);
      self->sample_last = glow_cursor_u64 (&cursor);
      break;
    default:
      if (feature > FEATURE_LAST && (feature < FEATURE_SIMPLEPERF_FILE || feature > FEATURE_SIMPLEPERF_INIT_MAP)
          && (feature < FEATURE_HIPERF_SYMBOLS || feature > FEATURE_HIPERF_LAST))
        {
          g_autofree char *key = g_strdup_printf ("%u", feature);

          glow_warnings_add (self->builder->warnings, "unknown-feature", key, 1, bytes - self->bytes, NULL,
                             _("Header feature %u is not known here and was left out"), feature);
        }
    }
  if (cursor.failed)
    glow_warnings_add (self->builder->warnings, "damaged-header", NULL, 1, bytes - self->bytes, NULL,
                       _("Header feature %u is damaged: it ends before its own length"), feature);
}

/* The table of sections behind the data. */
static void
read_features (PerfReader *self, const guint64 bitmap[4])
{
  guint64 at = self->data_offset + self->data_size;
  GlowCursor table;

  if (self->data_size == 0 || at > self->n_bytes)
    return;
  if (bitmap[3] != 0)
    self->dialect = PERF_DIALECT_HIPERF;
  else if (bitmap[2] != 0)
    self->dialect = PERF_DIALECT_SIMPLEPERF;
  table = glow_cursor (self->bytes + at, self->n_bytes - at, self->swap);
  for (guint feature = 0; feature < 256; feature++)
    {
      guint64 offset, size;

      if (!(bitmap[feature / 64] >> (feature % 64) & 1))
        continue;
      offset = glow_cursor_u64 (&table);
      size = glow_cursor_u64 (&table);
      if (table.failed || offset > self->n_bytes || size > self->n_bytes - offset)
        {
          glow_warnings_add (self->builder->warnings, "damaged-header", NULL, 1, at, _("Record again, or open it where it was recorded."),
                             _("The header's section %u lies outside the file (offset %" PRIu64 ", %" PRIu64 " bytes)"),
                             feature, offset, size);
          if (table.failed)
            return;
          continue;
        }
      perf_feature_read (self, feature, self->bytes + offset, size);
    }
  if (self->tracing != NULL)
    perf_tracing_read (self, self->tracing, self->n_tracing);
}

static void
read_attrs (PerfReader *self, guint64 offset, guint64 size, guint64 entry_size)
{
  GlowCursor cursor;

  if (offset > self->n_bytes || size > self->n_bytes - offset || entry_size < 64 || entry_size > 4096)
    {
      glow_warnings_add (self->builder->warnings, "damaged-header", NULL, 1, 24, NULL,
                         _("The event descriptions lie outside the file or have an impossible size (%" PRIu64 " bytes each)"), entry_size);
      return;
    }
  cursor = glow_cursor (self->bytes + offset, size, self->swap);
  while (glow_cursor_remaining (&cursor) >= entry_size)
    {
      PerfEvent event;
      guint64 ids_offset, ids_size;

      if (!perf_attr_read (&cursor, entry_size - 16, &event))
        break;
      ids_offset = glow_cursor_u64 (&cursor);
      ids_size = glow_cursor_u64 (&cursor);
      if (ids_offset > self->n_bytes || ids_size > self->n_bytes - ids_offset)
        ids_size = 0;
      perf_reader_add_event (self, &event, ids_size > 0 ? self->bytes + ids_offset : NULL, ids_size / 8);
    }
}

/**
 * perf_header_read:
 *
 * File or pipe, either byte order. Sets where the data lies.
 */
gboolean
perf_header_read (PerfReader *self, GError **error)
{
  GlowCursor cursor;
  guint64 size, attr_size, attrs_offset, attrs_size, bitmap[4];

  if (self->n_bytes < 16)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED, _("“%s” ends after %zu bytes, inside the perf.data header of at least 16"),
                   glow_input_get_name (self->input), self->n_bytes);
      return FALSE;
    }
  self->swap = memcmp (self->bytes, "2ELIFREP", 8) == 0;
#if G_BYTE_ORDER == G_BIG_ENDIAN
  self->swap = memcmp (self->bytes, "PERFILE2", 8) == 0;
#endif
  if (memcmp (self->bytes, "PERFFILE", 8) == 0)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_UNSUPPORTED, _("“%s” is a version 1 perf.data file (perf before 2010); expected version 2"),
                   glow_input_get_name (self->input));
      return FALSE;
    }
  cursor = glow_cursor (self->bytes + 8, self->n_bytes - 8, self->swap);
  size = glow_cursor_u64 (&cursor);
  if (size == 16)
    {
      self->pipe = TRUE;
      self->data_offset = 16;
      self->data_size = self->n_bytes - 16;
      return TRUE;
    }
  attr_size = glow_cursor_u64 (&cursor);
  attrs_offset = glow_cursor_u64 (&cursor);
  attrs_size = glow_cursor_u64 (&cursor);
  self->data_offset = glow_cursor_u64 (&cursor);
  self->data_size = glow_cursor_u64 (&cursor);
  glow_cursor_take (&cursor, 16);
  for (guint i = 0; i < 4; i++)
    bitmap[i] = size >= 104 ? glow_cursor_u64 (&cursor) : 0;
  if (cursor.failed || self->data_offset > self->n_bytes)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_DAMAGED,
                   _("“%s”: the perf.data header says the data begins at byte %" PRIu64 ", the file has %zu"),
                   glow_input_get_name (self->input), self->data_offset, self->n_bytes);
      return FALSE;
    }
  if (!self->continued)
    read_attrs (self, attrs_offset, attrs_size, attr_size);
  if (self->data_size > self->n_bytes - self->data_offset)
    {
      glow_warnings_add (self->builder->warnings, "truncated", NULL, 1, self->n_bytes,
                         _("What was written before the end is shown; copy the file again if it should be whole."),
                         _("The file ends after %zu bytes; its data should reach to %" PRIu64), self->n_bytes,
                         self->data_offset + self->data_size);
      self->data_size = self->n_bytes - self->data_offset;
    }
  else if (self->data_size == 0)
    {
      self->unfinished = TRUE;
      self->data_size = self->n_bytes - self->data_offset;
      return TRUE;
    }
  read_features (self, bitmap);
  return TRUE;
}

/**
 * perf_header_first_time:
 * @bytes: a whole file
 *
 * Returns: the time of the first sample as the header notes it, ns; G_MAXUINT64 where it does not
 */
guint64
perf_header_first_time (const guint8 *bytes, gsize n)
{
  GlowCursor cursor = glow_cursor (bytes, n, G_BYTE_ORDER == G_BIG_ENDIAN ? memcmp (bytes, "PERFILE2", MIN (n, 8)) == 0
                                                                           : memcmp (bytes, "2ELIFREP", MIN (n, 8)) == 0);
  guint64 at, size, bitmap, offset = 0, length = 0;

  glow_cursor_take (&cursor, 40);
  at = glow_cursor_u64 (&cursor);
  size = glow_cursor_u64 (&cursor);
  glow_cursor_take (&cursor, 16);
  bitmap = glow_cursor_u64 (&cursor);
  if (cursor.failed || size == 0 || at > n || size > n - at || !(bitmap >> FEATURE_SAMPLE_TIME & 1))
    return G_MAXUINT64;
  cursor = glow_cursor (bytes + at + size, n - at - size, cursor.swap);
  for (guint feature = 0; feature <= FEATURE_SAMPLE_TIME; feature++)
    if (bitmap >> feature & 1)
      {
        offset = glow_cursor_u64 (&cursor);
        length = glow_cursor_u64 (&cursor);
      }
  if (cursor.failed || offset > n || length > n - offset)
    return G_MAXUINT64;
  cursor = glow_cursor (bytes + offset, length, cursor.swap);
  at = glow_cursor_u64 (&cursor);
  return cursor.failed ? G_MAXUINT64 : at;
}
