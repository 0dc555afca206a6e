/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Android's simpleperf adds to the format: symbols in the recording, records longer than 64 KiB, ids in records of their own.
 *
 * Sources of the format: simpleperf/record_file_format.h, record_file.proto and record.h of Android's system/extras. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/perf/perf-private.h"

enum { DSO_KERNEL, DSO_KERNEL_MODULE, DSO_ELF_FILE, DSO_DEX_FILE };

typedef struct {
  char *path;
  guint32 type;
  guint64 min_vaddr, file_offset;      /* of the executable segment: its address in the file's own terms, and where it lies */
  GArray *symbols;                     /* of GlowRecordedSymbol, by the file's own addresses */
} File;

/* Symbols are by the file's own addresses; locations by offset in the file. */
static void
take_file (PerfReader *self, File *file)
{
  guint64 shift = file->file_offset - file->min_vaddr;
  guint32 module;

  if (file->path == NULL || *file->path == '\0' || file->symbols->len == 0)
    {
      g_array_unref (file->symbols);
      g_free (file->path);
      return;
    }
  module = perf_module (self, file->path, file->type <= DSO_KERNEL_MODULE ? 1 : 2, -1, NULL, 0);
  if (file->type == DSO_ELF_FILE)
    {
      g_hash_table_insert (self->symbol_shifts, GUINT_TO_POINTER (module), g_memdup2 (&shift, sizeof shift));
      for (guint i = 0; i < file->symbols->len; i++)
        g_array_index (file->symbols, GlowRecordedSymbol, i).start += shift;
    }
  g_hash_table_insert (self->builder->recorded_symbols, GUINT_TO_POINTER (module), file->symbols);
  g_free (file->path);
}

/**
 * perf_simpleperf_files:
 *
 * The FILE feature: structures, each with its size before it.
 */
void
perf_simpleperf_files (PerfReader *self, const guint8 *bytes, gsize n)
{
  GlowCursor cursor = glow_cursor (bytes, n, self->swap);

  while (glow_cursor_remaining (&cursor) >= 4)
    {
      guint32 size = glow_cursor_u32 (&cursor), n_symbols;
      const guint8 *entry = glow_cursor_take (&cursor, size);
      GlowCursor fields = glow_cursor (entry, entry != NULL ? size : 0, self->swap);
      File file = { 0 };
      const char *text;
      gsize length;

      if (entry == NULL)
        return;
      text = glow_cursor_string (&fields, &length);
      file.path = g_strndup (text, length);
      file.type = glow_cursor_u32 (&fields);
      file.min_vaddr = glow_cursor_u64 (&fields);
      n_symbols = glow_cursor_u32 (&fields);
      file.symbols = g_array_new (FALSE, FALSE, sizeof (GlowRecordedSymbol));
      for (guint32 i = 0; i < n_symbols && glow_cursor_remaining (&fields) >= 13; i++)
        {
          GlowRecordedSymbol symbol;

          symbol.start = glow_cursor_u64 (&fields);
          symbol.size = glow_cursor_u32 (&fields);
          text = glow_cursor_string (&fields, &length);
          symbol.name = glow_strings_intern (self->builder->strings, text, length);
          g_array_append_val (file.symbols, symbol);
        }
      if (file.type == DSO_ELF_FILE && glow_cursor_remaining (&fields) >= 8)
        file.file_offset = glow_cursor_u64 (&fields);
      take_file (self, &file);
    }
}

/* ---- protobuf: a field is a varint of (number << 3 | kind) and its content ---- */

static guint64
read_varint (GlowCursor *cursor)
{
  guint64 value = 0;

  for (guint shift = 0; shift < 64; shift += 7)
    {
      const guint8 *byte = glow_cursor_take (cursor, 1);

      if (byte == NULL)
        return 0;
      value |= (guint64) (*byte & 0x7f) << shift;
      if (!(*byte & 0x80))
        return value;
    }
  cursor->failed = TRUE;
  return 0;
}

typedef struct {
  guint32 number;
  guint64 value;               /* of a varint or fixed field */
  GlowCursor content;          /* of a length-delimited one */
} Field;

static gboolean
next_field (GlowCursor *cursor, Field *field)
{
  guint64 key, length;
  const guint8 *bytes;

  if (cursor->failed || glow_cursor_remaining (cursor) == 0)
    return FALSE;
  key = read_varint (cursor);
  *field = (Field) { .number = key >> 3, .content = glow_cursor (cursor->at, 0, FALSE) };
  switch (key & 7)
    {
    case 0: field->value = read_varint (cursor); break;
    case 1: field->value = glow_cursor_u64 (cursor); break;
    case 5: field->value = glow_cursor_u32 (cursor); break;
    case 2:
      length = read_varint (cursor);
      bytes = glow_cursor_take (cursor, length);
      if (bytes != NULL)
        field->content = glow_cursor (bytes, length, FALSE);
      break;
    default: cursor->failed = TRUE;
    }
  return !cursor->failed;
}

static guint32
intern_content (PerfReader *self, const Field *field)
{
  return glow_strings_intern (self->builder->strings, (const char *) field->content.at, glow_cursor_remaining (&field->content));
}

static GlowRecordedSymbol
read_symbol (PerfReader *self, GlowCursor content)
{
  GlowRecordedSymbol symbol = { 0 };
  Field field;

  while (next_field (&content, &field))
    switch (field.number)
      {
      case 1: symbol.start = field.value; break;
      case 2: symbol.size = field.value; break;
      case 3: symbol.name = intern_content (self, &field); break;
      }
  return symbol;
}

/**
 * perf_simpleperf_files2:
 *
 * The FILE2 feature: protobuf messages FileFeature, each with its size before it.
 */
void
perf_simpleperf_files2 (PerfReader *self, const guint8 *bytes, gsize n)
{
  GlowCursor cursor = glow_cursor (bytes, n, self->swap);

  while (glow_cursor_remaining (&cursor) >= 4)
    {
      guint32 size = glow_cursor_u32 (&cursor);
      const guint8 *message = glow_cursor_take (&cursor, size);
      GlowCursor fields = glow_cursor (message, message != NULL ? size : 0, FALSE);
      File file = { .symbols = g_array_new (FALSE, FALSE, sizeof (GlowRecordedSymbol)) };
      Field field, inner;

      while (next_field (&fields, &field))
        switch (field.number)
          {
          case 1:
            g_free (file.path);
            file.path = g_strndup ((const char *) field.content.at, glow_cursor_remaining (&field.content));
            break;
          case 2: file.type = field.value; break;
          case 3: file.min_vaddr = field.value; break;
          case 4:
            {
              GlowRecordedSymbol symbol = read_symbol (self, field.content);

              g_array_append_val (file.symbols, symbol);
              break;
            }
          case 6:
            if (next_field (&field.content, &inner) && inner.number == 1)
              file.file_offset = inner.value;
            break;
          }
      if (fields.failed)
        glow_warnings_add (self->builder->warnings, "damaged-header", "file2", 1, fields.at - self->bytes, NULL,
                           _("The recorded symbols are damaged; those before the damage are used"));
      take_file (self, &file);
    }
}

/* "cpu-cycles,0,0" a line. */
static void
name_events (PerfReader *self, const char *lines)
{
  g_auto(GStrv) each = g_strsplit (lines, "\n", 10000);

  for (guint i = 0; each[i] != NULL; i++)
    {
      g_auto(GStrv) parts = g_strsplit (each[i], ",", 3);

      if (g_strv_length (parts) != 3)
        continue;
      for (guint e = 0; e < self->events->len; e++)
        {
          PerfEvent *event = &g_array_index (self->events, PerfEvent, e);

          if (event->name == NULL && event->type == g_ascii_strtoull (parts[1], NULL, 10)
              && event->config == g_ascii_strtoull (parts[2], NULL, 10))
            event->name = g_strdup (parts[0]);
        }
    }
}

/**
 * perf_simpleperf_meta:
 *
 * The META_INFO feature: pairs of strings.
 */
void
perf_simpleperf_meta (PerfReader *self, const guint8 *bytes, gsize n)
{
  GlowCursor cursor = glow_cursor (bytes, n, self->swap);
  GlowProfileInfo *info = &self->builder->info;

  self->dialect = PERF_DIALECT_SIMPLEPERF;
  while (glow_cursor_remaining (&cursor) > 0)
    {
      gsize key_length, length;
      const char *key = glow_cursor_string (&cursor, &key_length), *value = glow_cursor_string (&cursor, &length);
      g_autofree char *name = g_strndup (key, key_length), *text = g_strndup (value, length);

      if (strcmp (name, "event_type_info") == 0)
        name_events (self, text);
      else if (strcmp (name, "simpleperf_version") == 0 && *text != '\0')
        {
          g_autofree char *version = g_strdup_printf ("simpleperf %s", text);

          info->perf_version = g_string_chunk_insert_const (self->builder->chunk, version);
        }
      else if (strcmp (name, "trace_offcpu") == 0)
        self->trace_off_cpu = strcmp (text, "true") == 0;
      else if (strcmp (name, "clockid") == 0 && strcmp (text, "monotonic") == 0)
        info->clock_name = "CLOCK_MONOTONIC";
    }
}

/* EVENT_ID: pairs of attribute and id, where a pipe has no id section. */
static void
read_event_ids (PerfReader *self, GlowCursor *cursor)
{
  guint64 n = glow_cursor_u64 (cursor);

  for (guint64 i = 0; i < n && glow_cursor_remaining (cursor) >= 16; i++)
    {
      guint64 event = glow_cursor_u64 (cursor), id = glow_cursor_u64 (cursor);

      if (event < self->events->len)
        g_hash_table_insert (self->event_of_id, g_memdup2 (&id, sizeof id), GUINT_TO_POINTER (event + 1));
    }
}

/* The pieces of a record that is longer than 64 KiB, header included. */
static void
read_whole (PerfReader *self)
{
  g_autoptr(GByteArray) whole = g_steal_pointer (&self->split);
  GlowCursor cursor;
  guint32 type;

  if (whole == NULL || whole->len < 8)
    return;
  cursor = glow_cursor (whole->data, 8, self->swap);
  type = glow_cursor_u32 (&cursor);
  if (type != RECORD_SIMPLEPERF + 4 && type != RECORD_SIMPLEPERF + 5)
    perf_simpleperf_record (self, type, whole->data + 8, whole->len - 8);
}

/**
 * perf_simpleperf_record:
 *
 * A record of simpleperf's own.
 *
 * Returns: FALSE where the type is not known
 */
gboolean
perf_simpleperf_record (PerfReader *self, guint32 type, const guint8 *body, gsize size)
{
  GlowCursor cursor = glow_cursor (body, size, self->swap);

  self->dialect = PERF_DIALECT_SIMPLEPERF;
  switch (type - RECORD_SIMPLEPERF)
    {
    case 4:                    /* SPLIT */
      if (self->split == NULL)
        self->split = g_byte_array_new ();
      if (self->split->len + size <= self->n_bytes)
        g_byte_array_append (self->split, body, size);
      return TRUE;
    case 5:                    /* SPLIT_END */
      read_whole (self);
      return TRUE;
    case 6:                    /* EVENT_ID */
      read_event_ids (self, &cursor);
      return TRUE;
    case 9:                    /* TRACING_DATA */
      {
        guint32 length = glow_cursor_u32 (&cursor);
        const guint8 *data = glow_cursor_take (&cursor, length);

        if (data != NULL)
          perf_tracing_read (self, data, length);
        return TRUE;
      }
    default:
      return perf_record_name (type) != NULL;
    }
}
