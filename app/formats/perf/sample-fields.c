/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of perf's samples: raw data by the event's format, and what stands beside the stack. Nothing is decoded while a recording is read:
 * a sample keeps the place of its record, and the recording stays mapped. Compressed records are unpacked again, into a file without a
 * name, when a field is first asked for. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/perf/data-source-private.h"
#include "formats/perf/event-header-private.h"
#include "formats/perf/sample-fields-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zstd.h>

/* Fields that are not of raw data, in the order perf has them. */
typedef enum {
  OWN_ADDR, OWN_PHYS_ADDR, OWN_WEIGHT, OWN_INS_LAT, OWN_RETIRE_LAT, OWN_DATA_SRC, OWN_MEM_OP, OWN_MEM_LVL, OWN_MEM_SNOOP, OWN_MEM_TLB, OWN_MEM_LOCK,
  OWN_MEM_BLK, OWN_TRANSACTION, OWN_DATA_PAGE_SIZE, OWN_CODE_PAGE_SIZE, OWN_RAW, N_OWN
} OwnField;

static const struct {
  const char *name, *type;
  guint64 sample_type;
  guint8 kind, unit;
  gboolean is_address, has_words;
} own_fields[N_OWN] = {
  [OWN_ADDR] = { "addr", "u64", SAMPLE_ADDR, GLOW_FIELD_UNSIGNED, GLOW_UNIT_UNKNOWN, TRUE, FALSE },
  [OWN_PHYS_ADDR] = { "phys_addr", "u64", SAMPLE_PHYS_ADDR, GLOW_FIELD_UNSIGNED, GLOW_UNIT_UNKNOWN, TRUE, FALSE },
  [OWN_WEIGHT] = { "weight", "u64", SAMPLE_WEIGHT | SAMPLE_WEIGHT_STRUCT, GLOW_FIELD_UNSIGNED, GLOW_UNIT_UNKNOWN, FALSE, FALSE },
  [OWN_INS_LAT] = { "ins_lat", "u16", SAMPLE_WEIGHT_STRUCT, GLOW_FIELD_UNSIGNED, GLOW_UNIT_UNKNOWN, FALSE, FALSE },
  [OWN_RETIRE_LAT] = { "retire_lat", "u16", SAMPLE_WEIGHT_STRUCT, GLOW_FIELD_UNSIGNED, GLOW_UNIT_UNKNOWN, FALSE, FALSE },
  [OWN_DATA_SRC] = { "data_src", "u64", SAMPLE_DATA_SRC, GLOW_FIELD_UNSIGNED, GLOW_UNIT_UNKNOWN, TRUE, TRUE },
  [OWN_MEM_OP] = { "mem_op", "u64", SAMPLE_DATA_SRC, GLOW_FIELD_UNSIGNED, GLOW_UNIT_UNKNOWN, TRUE, TRUE },
  [OWN_MEM_LVL] = { "mem_lvl", "u64", SAMPLE_DATA_SRC, GLOW_FIELD_UNSIGNED, GLOW_UNIT_UNKNOWN, TRUE, TRUE },
  [OWN_MEM_SNOOP] = { "mem_snoop", "u64", SAMPLE_DATA_SRC, GLOW_FIELD_UNSIGNED, GLOW_UNIT_UNKNOWN, TRUE, TRUE },
  [OWN_MEM_TLB] = { "mem_tlb", "u64", SAMPLE_DATA_SRC, GLOW_FIELD_UNSIGNED, GLOW_UNIT_UNKNOWN, TRUE, TRUE },
  [OWN_MEM_LOCK] = { "mem_lock", "u64", SAMPLE_DATA_SRC, GLOW_FIELD_UNSIGNED, GLOW_UNIT_UNKNOWN, TRUE, TRUE },
  [OWN_MEM_BLK] = { "mem_blk", "u64", SAMPLE_DATA_SRC, GLOW_FIELD_UNSIGNED, GLOW_UNIT_UNKNOWN, TRUE, TRUE },
  [OWN_TRANSACTION] = { "transaction", "u64", SAMPLE_TRANSACTION, GLOW_FIELD_UNSIGNED, GLOW_UNIT_UNKNOWN, TRUE, TRUE },
  [OWN_DATA_PAGE_SIZE] = { "data_page_size", "u64", SAMPLE_DATA_PAGE_SIZE, GLOW_FIELD_UNSIGNED, GLOW_UNIT_BYTES, FALSE, FALSE },
  [OWN_CODE_PAGE_SIZE] = { "code_page_size", "u64", SAMPLE_CODE_PAGE_SIZE, GLOW_FIELD_UNSIGNED, GLOW_UNIT_BYTES, FALSE, FALSE },
  [OWN_RAW] = { "raw", "u8[]", SAMPLE_RAW, GLOW_FIELD_BYTES, GLOW_UNIT_UNKNOWN, FALSE, FALSE },
};

gboolean
perf_wants_place (guint64 sample_types)
{
  return (sample_types & (SAMPLE_RAW | SAMPLE_ADDR | SAMPLE_WEIGHT | SAMPLE_WEIGHT_STRUCT | SAMPLE_DATA_SRC | SAMPLE_TRANSACTION | SAMPLE_PHYS_ADDR
                          | SAMPLE_DATA_PAGE_SIZE | SAMPLE_CODE_PAGE_SIZE)) != 0;
}

/* Places of what was decompressed are counted from here on, of what lies in files from 0: 16 GiB each at most. */
#define UNPACKED_FROM (G_GUINT64_CONSTANT (1) << 31)
/* Bases of segments lie at multiples of every unit. */
#define ALIGNMENT 8

/* What places are multiples of: perf's records lie at multiples of 8 bytes, simpleperf's at those of 4, and damage knows no such rule. */
static guint
unit_of (PerfDialect dialect, guint64 n_bytes)
{
  return n_bytes < (64u << 20) ? 1 : dialect != PERF_DIALECT_PERF && n_bytes < G_GUINT64_CONSTANT (8) << 30 ? 4 : 8;
}

/**
 * perf_segment_begin:
 *
 * The data at hand, from data_offset on, is another file's. The first one decides the unit of places, which must do for all: see PerfReader.room.
 */
void
perf_segment_begin (PerfReader *self)
{
  const PerfSegment *last = self->segments->len > 0 ? &g_array_index (self->segments, PerfSegment, self->segments->len - 1) : NULL;
  PerfSegment segment = { glow_input_ref (self->input), self->bytes + self->data_offset, self->n_bytes - self->data_offset, 0 };

  if (last == NULL)
    self->unit = unit_of (self->dialect, MAX (self->room, self->n_bytes));
  segment.base = last != NULL ? (last->base + last->n + ALIGNMENT - 1) & ~(guint64) (ALIGNMENT - 1) : 0;
  g_array_append_val (self->segments, segment);
  self->stream_starts = TRUE;
}

void
perf_segment_clear (gpointer segment)
{
  glow_input_free (((PerfSegment *) segment)->input);
}

/**
 * perf_place_of:
 * @body: a sample, behind its record's header
 *
 * Returns: the record's place in PerfReader.unit from 1: in the data of all files, or from 2³¹ on among what was decompressed; 0 where it
 * has none
 */
guint32
perf_place_of (const PerfReader *self, const guint8 *body)
{
  const guint8 *record = body - 8;
  const PerfSegment *segment = &g_array_index (self->segments, PerfSegment, self->segments->len - 1);
  guint64 unit = self->unit;
  guint64 at;

  if (record >= segment->data && record < self->bytes + self->n_bytes)
    at = segment->base + (record - segment->data);
  else if (self->plain->len > 0 && record >= self->plain->data && record < self->plain->data + self->plain->len)
    at = UNPACKED_FROM * unit + self->plain_start + (record - self->plain->data);
  else
    return 0;
  if (at % unit != 0 || at / unit >= G_MAXUINT32 || (at / unit >= UNPACKED_FROM && record >= segment->data && record < self->bytes + self->n_bytes))
    return 0;
  return at / unit + 1;
}

/* ---- which fields there are ---- */

/* The format of a tracepoint that this machine's kernel made, where the recording brings none: its number and name must agree. */
static char *
dup_running_format (const PerfEvent *event)
{
  static const char *const roots[] = { "/sys/kernel/tracing", "/sys/kernel/debug/tracing" };
  const char *colon = event->name != NULL ? strchr (event->name, ':') : NULL;
  g_autofree char *system = NULL, *wanted = NULL;

  if (colon == NULL || strchr (event->name, '/') != NULL || strstr (event->name, "..") != NULL)
    return NULL;
  system = g_strndup (event->name, colon - event->name);
  wanted = g_strdup_printf ("\nID: %" G_GUINT64_FORMAT "\n", event->config);
  for (guint i = 0; i < G_N_ELEMENTS (roots); i++)
    {
      g_autofree char *path = g_build_filename (roots[i], "events", system, colon + 1, "format", NULL), *text = NULL;

      if (g_file_get_contents (path, &text, NULL, NULL) && strstr (text, wanted) != NULL)
        return g_steal_pointer (&text);
    }
  return NULL;
}

static void
make_fields (PerfFields *self, guint32 index)
{
  const PerfEvent *event = &g_array_index (self->events, PerfEvent, index);
  EventFields *made = &self->fields[index];

  made->fields = g_array_new (FALSE, FALSE, sizeof (GlowField));
  made->own = g_array_new (FALSE, FALSE, sizeof (guint));
  if (event->type == 2 && event->sample_type & SAMPLE_RAW)
    {
      g_autofree char *running = event->format == NULL && self->is_this_kernel ? dup_running_format (event) : NULL;
      const char *text = event->format != NULL ? event->format : running;

      if (text != NULL)
        made->tracepoint = perf_tracepoint_parse (text, event->name != NULL ? event->name : "", self->long_size, self->swap);
      for (guint i = 0; made->tracepoint != NULL && i < made->tracepoint->fields->len; i++)
        g_array_append_val (made->fields, g_array_index (made->tracepoint->fields, TracepointField, i).field);
    }
  made->n_raw = made->fields->len;
  for (guint i = 0; i < N_OWN; i++)
    {
      GlowField field = { own_fields[i].name, own_fields[i].type, own_fields[i].kind, own_fields[i].unit, FALSE, own_fields[i].is_address, own_fields[i].has_words };

      if ((event->sample_type & own_fields[i].sample_type) == 0 || (i == OWN_RAW && made->tracepoint != NULL))
        continue;
      /* A tracepoint's own field of the name comes first. */
      if (made->tracepoint != NULL && perf_tracepoint_find (made->tracepoint, field.name, strlen (field.name)) >= 0)
        continue;
      g_array_append_val (made->fields, field);
      g_array_append_val (made->own, i);
    }
}

static const EventFields *
get_fields (PerfFields *self, guint32 event)
{
  if (event >= self->events->len)
    return NULL;
  if (g_once_init_enter (&self->fields[event].made))
    {
      make_fields (self, event);
      g_once_init_leave (&self->fields[event].made, 1);
    }
  return &self->fields[event];
}

static const GlowField *
list (GlowFieldSource *source, guint32 event, guint *n)
{
  const EventFields *fields = get_fields ((PerfFields *) source, event);

  *n = fields != NULL ? fields->fields->len : 0;
  return fields != NULL ? (const GlowField *) fields->fields->data : NULL;
}

/* ---- compressed recordings ---- */

/* The same bytes in the same order as when the recording was read. */
static gboolean
unpack (PerfFields *self, int fd, GCancellable *cancellable)
{
  ZSTD_DStream *stream = ZSTD_createDStream ();
  g_autofree guint8 *buffer = g_malloc (1u << 20);
  gboolean fine = TRUE;

  for (guint i = 0; fine && i < self->packed->len; i++)
    {
      const PerfPiece *piece = &g_array_index (self->packed, PerfPiece, i);
      ZSTD_inBuffer in = { piece->bytes, piece->n, 0 };
      gboolean full = TRUE;

      if (piece->starts)
        ZSTD_initDStream (stream);

      while (fine && (in.pos < in.size || full))
        {
          ZSTD_outBuffer out = { buffer, 1u << 20, 0 };
          gsize result = ZSTD_decompressStream (stream, &out, &in);

          if (ZSTD_isError (result))
            {
              ZSTD_initDStream (stream);
              break;
            }
          full = out.pos == out.size;
          fine = glow_write_all (fd, buffer, out.pos) && !g_cancellable_is_cancelled (cancellable);
          self->n_plain += out.pos;
        }
    }
  ZSTD_freeDStream (stream);
  return fine;
}

static gboolean
prepare (GlowFieldSource *source, GCancellable *cancellable, GError **error)
{
  PerfFields *self = (PerfFields *) source;
  gboolean fine = TRUE;
  int fd;

  if (self->packed == NULL || g_atomic_int_get (&self->unpacked))
    return TRUE;
  g_mutex_lock (&self->unpack_lock);
  if (!self->unpacked)
    {
      fd = open (g_get_tmp_dir (), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
      if (fd < 0)
        fd = memfd_create ("afterglow-fields", MFD_CLOEXEC);
      self->n_plain = 0;
      fine = fd >= 0 && unpack (self, fd, cancellable);
      if (fine && self->n_plain > 0)
        {
          guint8 *map = mmap (NULL, self->n_plain, PROT_READ, MAP_PRIVATE, fd, 0);

          fine = map != MAP_FAILED;
          if (fine)
            self->plain = map;
        }
      if (fine)
        g_atomic_int_set (&self->unpacked, TRUE);
      if (fd >= 0)
        close (fd);
      if (!fine && !g_cancellable_set_error_if_cancelled (cancellable, error))
        g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _("Fields of this compressed recording cannot be unpacked into %s: %s"),
                     g_get_tmp_dir (), g_strerror (errno));
    }
  g_mutex_unlock (&self->unpack_lock);
  return fine;
}

/* ---- values ---- */

/* A sample's record, measured. */
static gboolean
find_record (PerfFields *self, gsize row, GlowCursor *cursor)
{
  guint64 at, unpacked_from = UNPACKED_FROM * self->unit;
  const guint8 *bytes = NULL;
  gsize n = 0;
  guint32 type;
  guint16 size;

  if (row >= self->n_rows || self->places[row] == 0)
    return FALSE;
  at = (guint64) (self->places[row] - 1) * self->unit;
  if (at >= unpacked_from)
    {
      at -= unpacked_from;
      bytes = self->plain;
      n = bytes != NULL ? self->n_plain : 0;
    }
  else
    for (guint i = self->segments->len; i-- > 0 && bytes == NULL;)
      {
        const PerfSegment *segment = &g_array_index (self->segments, PerfSegment, i);

        if (at < segment->base)
          continue;
        at -= segment->base;
        bytes = segment->data;
        n = segment->n;
      }
  if (at + 8 > n)
    return FALSE;
  *cursor = glow_cursor (bytes + at, n - at, self->swap);
  type = glow_cursor_u32 (cursor);
  glow_cursor_take (cursor, 2);
  size = glow_cursor_u16 (cursor);
  if (type != RECORD_SAMPLE || size < 8 || size > n - at)
    return FALSE;
  cursor->end = bytes + at + size;
  return TRUE;
}

static void
skip_values (GlowCursor *cursor, guint64 format)
{
  guint64 n = 1, each = 8 + (format & READ_ID ? 8 : 0) + (format & READ_LOST ? 8 : 0), times = 8 * (!!(format & READ_ENABLED) + !!(format & READ_RUNNING));

  if (format & READ_GROUP)
    n = glow_cursor_u64 (cursor);
  glow_cursor_take (cursor, n <= glow_cursor_remaining (cursor) / 8 ? n * each + times : G_MAXUINT64);
}

/* Everything of a sample but its stack. Order: perf_output_sample() of kernel/events/core.c */
static gboolean
read_sample (PerfFields *self, gsize row, const PerfEvent *event, guint64 *addr, PerfSampleTail *tail)
{
  guint64 type = event->sample_type, n;
  GlowCursor cursor;

  if (!find_record (self, row, &cursor))
    return FALSE;
  glow_cursor_take (&cursor, 8 * (!!(type & SAMPLE_IDENTIFIER) + !!(type & SAMPLE_IP) + !!(type & SAMPLE_TID) + !!(type & SAMPLE_TIME)));
  *addr = type & SAMPLE_ADDR ? glow_cursor_u64 (&cursor) : 0;
  glow_cursor_take (&cursor, 8 * (!!(type & SAMPLE_ID) + !!(type & SAMPLE_STREAM_ID) + !!(type & SAMPLE_CPU) + !!(type & SAMPLE_PERIOD)));
  if (type & SAMPLE_READ)
    skip_values (&cursor, event->read_format);
  if (type & SAMPLE_CALLCHAIN)
    {
      n = glow_cursor_u64 (&cursor);
      glow_cursor_take (&cursor, n <= glow_cursor_remaining (&cursor) / 8 ? n * 8 : G_MAXUINT64);
    }
  perf_sample_tail (&cursor, event, self->dialect, tail);
  /* Raw data that is there is good, whatever follows it. */
  return tail->raw != NULL || !cursor.failed;
}

static gboolean
read_own (guint own, const PerfEvent *event, guint64 addr, const PerfSampleTail *tail, guint element, GlowFieldValue *value)
{
  value->kind = own_fields[own].kind;
  switch (own)
    {
    case OWN_ADDR: value->number = addr; return TRUE;
    case OWN_PHYS_ADDR: value->number = tail->phys_addr; return TRUE;
    case OWN_WEIGHT: value->number = event->sample_type & SAMPLE_WEIGHT_STRUCT ? (guint32) tail->weight : tail->weight; return TRUE;
    case OWN_INS_LAT: value->number = tail->weight >> 32 & 0xffff; return TRUE;
    case OWN_RETIRE_LAT: value->number = tail->weight >> 48; return TRUE;
    case OWN_DATA_SRC: value->number = tail->data_source; return TRUE;
    case OWN_TRANSACTION: value->number = tail->transaction; return TRUE;
    case OWN_DATA_PAGE_SIZE: value->number = tail->data_page_size; return TRUE;
    case OWN_CODE_PAGE_SIZE: value->number = tail->code_page_size; return TRUE;
    case OWN_RAW:
      if (tail->raw == NULL || (element != G_MAXUINT && element >= tail->n_raw))
        return FALSE;
      if (element != G_MAXUINT)
        {
          value->kind = GLOW_FIELD_UNSIGNED;
          value->number = tail->raw[element];
          return TRUE;
        }
      value->bytes = tail->raw;
      value->n_bytes = tail->n_raw;
      value->element_size = 1;
      return TRUE;
    default:
      value->number = perf_memory_part (tail->data_source, own - OWN_MEM_OP);
      return TRUE;
    }
}

static gboolean
read_value (GlowFieldSource *source, gsize row, guint32 event_index, guint field, guint element, GlowFieldValue *value)
{
  PerfFields *self = (PerfFields *) source;
  const EventFields *fields = get_fields (self, event_index);
  const PerfEvent *event;
  PerfSampleTail tail;
  guint64 addr;

  *value = (GlowFieldValue) { 0 };
  if (fields == NULL || field >= fields->fields->len)
    return FALSE;
  event = &g_array_index (self->events, PerfEvent, event_index);
  if (!read_sample (self, row, event, &addr, &tail))
    return FALSE;
  if (field >= fields->n_raw)
    return read_own (g_array_index (fields->own, guint, field - fields->n_raw), event, addr, &tail, element, value);
  return tail.raw != NULL && perf_tracepoint_read (&(TracepointData) { fields->tracepoint, tail.raw, tail.n_raw }, field, element, value);
}

/* ---- as the event prints itself ---- */

static void
read_kernel (PerfFields *self)
{
  g_autoptr(GlowSymbolTable) table = glow_symbol_table_new ();
  gboolean restricted;
  const char *path = self->kallsyms != NULL ? self->kallsyms : "/proc/kallsyms";

  /* Addresses are this boot's only where the recording's reference lies where it lay then. */
  if (self->kallsyms == NULL && (!self->is_this_kernel || self->reference == NULL || !glow_kallsyms_agrees (path, self->reference, self->reference_address)))
    return;
  if (glow_kallsyms_read (table, path, &restricted))
    self->kernel = g_steal_pointer (&table);
}

static gboolean
name_address (gpointer data, guint64 address, gboolean with_offset, GString *text)
{
  PerfFields *self = data;
  const GlowSymbol *symbol;

  if (g_once_init_enter (&self->named))
    {
      read_kernel (self);
      g_once_init_leave (&self->named, 1);
    }
  symbol = self->kernel != NULL ? glow_symbol_table_find (self->kernel, address) : NULL;
  if (symbol == NULL)
    return FALSE;
  g_string_append (text, symbol->name);
  if (with_offset)
    g_string_append_printf (text, "+0x%" G_GINT64_MODIFIER "x", address - symbol->start);
  return TRUE;
}

static void
append_text (GlowFieldSource *source, guint32 event, guint field, const GlowFieldValue *value, GString *text)
{
  PerfFields *self = (PerfFields *) source;
  const EventFields *fields = get_fields (self, event);
  guint own;

  if (fields == NULL || field >= fields->fields->len)
    return;
  if (field < fields->n_raw)
    {
      if (g_array_index (fields->fields, GlowField, field).has_words && value->kind <= GLOW_FIELD_SIGNED)
        perf_print_format_append_words (fields->tracepoint->print, field, value->number, text);
      else if (value->kind == GLOW_FIELD_UNSIGNED && fields->tracepoint->print != NULL && perf_print_format_is_code (fields->tracepoint->print, field)
               && name_address (self, value->number, TRUE, text))
        ;
      else
        perf_tracepoint_append_plain (fields->tracepoint, field, value, text);
      return;
    }
  own = g_array_index (fields->own, guint, field - fields->n_raw);
  if (own == OWN_DATA_SRC)
    perf_append_data_source (value->number, text);
  else if (own >= OWN_MEM_OP && own <= OWN_MEM_BLK)
    perf_append_memory_part (value->number, own - OWN_MEM_OP, text);
  else if (own == OWN_TRANSACTION)
    perf_append_transaction (value->number, text);
  else if (own == OWN_RAW)
    for (gsize i = 0; i < value->n_bytes; i++)
      g_string_append_printf (text, "%02x", value->bytes[i]);
  else
    g_string_append_printf (text, own_fields[own].is_address ? "0x%" G_GINT64_MODIFIER "x" : "%" G_GUINT64_FORMAT, value->number);
}

/* The fields that a sample of user_events describes itself, behind those of its format. */
static void
append_description (const EventFields *fields, const TracepointData *data, GString *text)
{
  int flags = perf_tracepoint_find (fields->tracepoint, "eventheader_flags", strlen ("eventheader_flags"));
  guint32 at = flags >= 0 ? g_array_index (fields->tracepoint->fields, TracepointField, flags).offset : 0;
  gsize before = text->len;

  if (flags < 0 || at >= data->n)
    return;
  g_string_append_c (text, ' ');
  if (!perf_event_header_append (data->bytes + at, data->n - at, text))
    g_string_truncate (text, before);
}

static gboolean
append_trace (GlowFieldSource *source, gsize row, guint32 event_index, GString *text)
{
  PerfFields *self = (PerfFields *) source;
  const EventFields *fields = get_fields (self, event_index);
  PerfSampleTail tail;
  TracepointData data;
  guint64 addr;

  if (fields == NULL || fields->tracepoint == NULL
      || !read_sample (self, row, &g_array_index (self->events, PerfEvent, event_index), &addr, &tail) || tail.raw == NULL)
    return FALSE;
  data = (TracepointData) { fields->tracepoint, tail.raw, tail.n_raw };
  if (fields->tracepoint->print != NULL)
    {
      gboolean whole = perf_print_format_append (fields->tracepoint->print, &data, name_address, self, text);

      append_description (fields, &data, text);
      return whole;
    }
  for (guint i = 0; i < fields->n_raw; i++)
    {
      const GlowField *field = &g_array_index (fields->fields, GlowField, i);
      GlowFieldValue value;

      if (field->is_common || !perf_tracepoint_read (&data, i, G_MAXUINT, &value))
        continue;
      g_string_append_printf (text, " %s=", field->name);
      perf_tracepoint_append_plain (fields->tracepoint, i, &value, text);
    }
  return TRUE;
}

static gboolean
is_damaged (GlowFieldSource *source)
{
  const GArray *segments = ((PerfFields *) source)->segments;

  for (guint i = 0; i < segments->len; i++)
    if (glow_input_is_cut (g_array_index (segments, PerfSegment, i).input))
      return TRUE;
  return FALSE;
}

static void
fields_free (GlowFieldSource *source)
{
  PerfFields *self = (PerfFields *) source;

  for (guint i = 0; i < self->events->len; i++)
    {
      g_clear_pointer (&self->fields[i].tracepoint, perf_tracepoint_free);
      g_clear_pointer (&self->fields[i].fields, g_array_unref);
      g_clear_pointer (&self->fields[i].own, g_array_unref);
    }
  if (self->plain != NULL)
    munmap (self->plain, self->n_plain);
  g_clear_pointer (&self->packed, g_array_unref);
  g_clear_pointer (&self->kernel, glow_symbol_table_free);
  g_mutex_clear (&self->unpack_lock);
  g_array_unref (self->events);
  g_free (self->fields);
  g_free (self->kallsyms);
  g_free (self->reference);
  g_bytes_unref (self->rows);
  g_array_unref (self->segments);
  g_free (self);
}

static const GlowFieldSourceClass class = { list, prepare, read_value, append_text, append_trace, is_damaged, fields_free, perf_fields_save };

/* Same kernel, same machine: what tracefs and kallsyms say here is what they said there. */
static gboolean
is_running_here (const GlowProfileInfo *info)
{
  struct utsname here;

  return uname (&here) == 0 && g_strcmp0 (info->os_release, here.release) == 0 && g_strcmp0 (info->hostname, here.nodename) == 0;
}

PerfFields *
perf_fields_alloc (GArray *segments, GArray *events, GBytes *rows, const GlowProfileInfo *info, const GlowLoadOptions *options)
{
  PerfFields *self = g_new0 (PerfFields, 1);
  gsize size;

  glow_field_source_init (&self->parent, &class);
  g_mutex_init (&self->unpack_lock);
  self->segments = segments;
  self->events = events;
  self->fields = g_new0 (EventFields, events->len);
  self->rows = rows;
  self->places = g_bytes_get_data (rows, &size);
  self->n_rows = size / sizeof (guint32);
  self->is_this_kernel = is_running_here (info);
  self->kallsyms = g_strdup (options != NULL ? options->kallsyms : NULL);
  self->reference = g_strdup (info->kernel_reference);
  self->reference_address = info->kernel_reference_address;
  return self;
}

GlowFieldSource *
perf_fields_new (PerfReader *self, guint32 *places, gsize n)
{
  PerfFields *fields;
  GArray *segments;

  if (places == NULL || self->events->len == 0)
    {
      free (places);
      return NULL;
    }
  /* Copies: a file that grows has its own read on while these are used. */
  segments = g_array_sized_new (FALSE, FALSE, sizeof (PerfSegment), self->segments->len);
  g_array_set_clear_func (segments, perf_segment_clear);
  g_array_append_vals (segments, self->segments->data, self->segments->len);
  for (guint i = 0; i < segments->len; i++)
    glow_input_ref (g_array_index (segments, PerfSegment, i).input);
  fields = perf_fields_alloc (segments, g_array_ref (self->events), g_bytes_new_with_free_func (places, n * sizeof (guint32), free, places),
                              &self->builder->info, self->options);
  fields->swap = self->swap;
  fields->dialect = self->dialect;
  fields->long_size = self->long_size;
  fields->unit = self->unit;
  fields->packed = self->packed->len > 0 ? g_array_copy (self->packed) : NULL;
  return &fields->parent;
}
