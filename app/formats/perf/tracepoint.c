/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tracepoint formats: from "field:pid_t prev_pid; offset:24; size:4; signed:1;" to values in raw data.
 *
 * Format: include/trace/stages/ and kernel/trace/trace_events.c of Linux; how values are printed that no print format prints: libtraceevent. */
#include <config.h>

#include "formats/perf/tracepoint-private.h"
#include "model/fields-private.h"

#include <string.h>

#define MAX_FIELDS 1000

/* The word behind "key:" in a field's line. */
static guint64
get_number (const char *line, const char *key)
{
  const char *at = strstr (line, key);

  return at != NULL ? g_ascii_strtoull (at + strlen (key), NULL, 10) : 0;
}

/* Bytes of an element by its type's name, where the kernel says only the size of the whole. */
static guint8
size_of_type (const char *type, guint8 long_size)
{
  static const struct { const char *word; guint8 size; } words[] = {
    { "u8", 1 }, { "s8", 1 }, { "char", 1 }, { "bool", 1 }, { "u16", 2 }, { "s16", 2 }, { "short", 2 }, { "u64", 8 }, { "s64", 8 },
    { "long long", 8 }, { "u32", 4 }, { "s32", 4 }, { "int64", 8 }, { "int32", 4 }, { "int16", 2 }, { "int8", 1 }, { "cpumask", 0 }, { "long", 0 },
    { "size_t", 0 }, { "int", 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (type, words[i].word) != NULL)
      return words[i].size != 0 ? words[i].size : long_size;
  return 1;
}

static gboolean
is_word (char letter)
{
  return g_ascii_isalnum (letter) || letter == '_';
}

/* "__data_loc char[] name", "char comm[16]", "const char * filename", "unsigned long args[6]". Takes the declaration apart. */
static gboolean
read_declaration (TracepointField *field, char *text, guint8 long_size)
{
  char *end = g_strchomp (text) + strlen (text), *name, *bracket;
  gsize count = 0;
  g_autofree char *suffix = NULL;

  if (end > text && end[-1] == ']' && (bracket = strrchr (text, '[')) != NULL)
    {
      field->is_array = TRUE;
      count = g_ascii_strtoull (bracket + 1, NULL, 10);
      suffix = g_strdup (bracket);
      *bracket = '\0';
      end = bracket;
    }
  while (end > text && g_ascii_isspace (end[-1]))
    *--end = '\0';
  for (name = end; name > text && is_word (name[-1]);)
    name--;
  if (*name == '\0')
    return FALSE;
  field->field.name = g_strdup (name);
  *name = '\0';
  g_strstrip (text);
  if (g_str_has_prefix (text, "__data_loc ") || g_str_has_prefix (text, "__rel_loc "))
    {
      field->is_relative = text[2] == 'r';
      field->is_dynamic = field->is_array = TRUE;
    }
  field->field.type = suffix != NULL ? g_strconcat (text, suffix, NULL) : g_strdup (text);
  if (field->is_dynamic)
    field->element_size = size_of_type (text, long_size);
  else if (field->is_array)
    field->element_size = count > 0 && field->size % count == 0 ? field->size / count : size_of_type (text, long_size);
  if (field->is_array && field->element_size != 1 && field->element_size != 2 && field->element_size != 4 && field->element_size != 8)
    field->element_size = 1;
  if (field->is_array)
    field->field.kind = field->element_size == 1 && strstr (text, "char") != NULL && strstr (text, "unsigned char") == NULL ? GLOW_FIELD_TEXT : GLOW_FIELD_BYTES;
  else if (field->size != 1 && field->size != 2 && field->size != 4 && field->size != 8)
    {
      field->field.kind = GLOW_FIELD_BYTES;
      field->element_size = 1;
    }
  else
    field->field.kind = field->is_signed ? GLOW_FIELD_SIGNED : GLOW_FIELD_UNSIGNED;
  field->field.is_address = !field->is_array && strchr (text, '*') != NULL;
  return TRUE;
}

static void
clear_field (gpointer data)
{
  TracepointField *field = data;

  g_free ((char *) field->field.name);
  g_free ((char *) field->field.type);
}

static void
add_line (Tracepoint *self, const char *line, const char *event)
{
  const char *start = strstr (line, "field:"), *end = start != NULL ? strchr (start, ';') : NULL;
  TracepointField field = { { 0 } };
  g_autofree char *text = NULL;

  if (end == NULL || self->fields->len >= MAX_FIELDS)
    return;
  /* The kernel's records of raw data are no longer than 16 bits say. */
  if (get_number (end, "offset:") > G_MAXUINT16 || get_number (end, "size:") > G_MAXUINT16)
    return;
  field.offset = get_number (end, "offset:");
  field.size = get_number (end, "size:");
  field.is_signed = get_number (end, "signed:") != 0;
  text = g_strndup (start + strlen ("field:"), end - start - strlen ("field:"));
  if (!read_declaration (&field, text, self->long_size))
    {
      clear_field (&field);
      return;
    }
  field.field.is_common = g_str_has_prefix (field.field.name, "common_");
  field.field.unit = glow_field_guess_unit (event, field.field.name, field.field.type, field.field.kind);
  g_array_append_val (self->fields, field);
}

/**
 * perf_tracepoint_parse:
 * @event: its whole name, which says what units its fields may have
 *
 * Lines that are not understood are left out. O(text).
 */
Tracepoint *
perf_tracepoint_parse (const char *text, const char *event, guint8 long_size, gboolean swap)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  const char *print = strstr (text, "print fmt: ");
  Tracepoint *self = g_new0 (Tracepoint, 1);

  self->long_size = long_size == 4 ? 4 : 8;
  self->swap = swap;
  self->fields = g_array_new (FALSE, FALSE, sizeof (TracepointField));
  g_array_set_clear_func (self->fields, clear_field);
  for (guint i = 0; lines[i] != NULL; i++)
    if (strstr (lines[i], "field:") != NULL && !g_str_has_prefix (lines[i], "print fmt"))
      add_line (self, lines[i], event);
  if (self->fields->len == 0)
    {
      perf_tracepoint_free (self);
      return NULL;
    }
  if (print != NULL)
    self->print = perf_print_format_parse (self, print + strlen ("print fmt: "));
  for (guint i = 0; self->print != NULL && i < self->fields->len; i++)
    {
      TracepointField *field = &g_array_index (self->fields, TracepointField, i);

      field->field.has_words = perf_print_format_has_words (self->print, i);
      field->field.is_address |= !field->is_array && perf_print_format_is_address (self->print, i);
    }
  return self;
}

void
perf_tracepoint_free (Tracepoint *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->print, perf_print_format_free);
  g_array_unref (self->fields);
  g_free (self);
}

int
perf_tracepoint_find (const Tracepoint *self, const char *name, gsize n)
{
  for (guint i = 0; i < self->fields->len; i++)
    {
      const char *own = g_array_index (self->fields, TracepointField, i).field.name;

      if (strncmp (own, name, n) == 0 && own[n] == '\0')
        return i;
    }
  return -1;
}

static guint64
load (const guint8 *bytes, guint size, gboolean swap)
{
  guint16 u16;
  guint32 u32;
  guint64 u64;

  switch (size)
    {
    case 1: return *bytes;
    case 2:
      memcpy (&u16, bytes, 2);
      return swap ? GUINT16_SWAP_LE_BE (u16) : u16;
    case 4:
      memcpy (&u32, bytes, 4);
      return swap ? GUINT32_SWAP_LE_BE (u32) : u32;
    default:
      memcpy (&u64, bytes, 8);
      return swap ? GUINT64_SWAP_LE_BE (u64) : u64;
    }
}

static guint64
extend (guint64 value, guint size)
{
  switch (size)
    {
    case 1: return (guint64) (gint64) (gint8) value;
    case 2: return (guint64) (gint64) (gint16) value;
    case 4: return (guint64) (gint64) (gint32) value;
    default: return value;
    }
}

gboolean
perf_tracepoint_read (const TracepointData *data, guint index, guint element, GlowFieldValue *value)
{
  const TracepointField *field;
  gsize at, n;

  if (index >= data->format->fields->len)
    return FALSE;
  field = &g_array_index (data->format->fields, TracepointField, index);
  at = field->offset;
  n = field->size;
  if (at > data->n || n > data->n - at)
    return FALSE;
  if (field->is_dynamic)
    {
      guint64 place;

      if (n < 4)
        return FALSE;
      place = load (data->bytes + at, 4, data->format->swap);
      /* Relative ones count from behind the word. */
      at = (place & 0xffff) + (field->is_relative ? at + 4 : 0);
      n = place >> 16;
      if (at > data->n || n > data->n - at)
        return FALSE;
    }
  *value = (GlowFieldValue) { .kind = field->field.kind, .element_size = field->element_size, .bytes = data->bytes + at, .n_bytes = n };
  switch (field->field.kind)
    {
    case GLOW_FIELD_TEXT:
      value->n_bytes = strnlen ((const char *) value->bytes, n);
      return TRUE;
    case GLOW_FIELD_BYTES:
      if (element == G_MAXUINT)
        return TRUE;
      if (element >= n / field->element_size)
        return FALSE;
      value->kind = field->is_signed ? GLOW_FIELD_SIGNED : GLOW_FIELD_UNSIGNED;
      value->number = load (value->bytes + (gsize) element * field->element_size, field->element_size, data->format->swap);
      if (field->is_signed)
        value->number = extend (value->number, field->element_size);
      return TRUE;
    default:
      value->number = load (value->bytes, n, data->format->swap);
      if (field->is_signed)
        value->number = extend (value->number, n);
      return TRUE;
    }
}

static gboolean
is_printable (const guint8 *bytes, gsize n)
{
  gsize length = strnlen ((const char *) bytes, n);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isprint (bytes[i]) && !g_ascii_isspace (bytes[i]))
      return FALSE;
  return length > 0;
}

void
perf_tracepoint_append_plain (const Tracepoint *self, guint index, const GlowFieldValue *value, GString *text)
{
  const TracepointField *field = &g_array_index (self->fields, TracepointField, index);

  switch (value->kind)
    {
    case GLOW_FIELD_TEXT:
      g_string_append_len (text, (const char *) value->bytes, value->n_bytes);
      break;
    case GLOW_FIELD_BYTES:
      if (value->element_size == 1 && is_printable (value->bytes, value->n_bytes))
        {
          g_string_append_len (text, (const char *) value->bytes, strnlen ((const char *) value->bytes, value->n_bytes));
          break;
        }
      g_string_append (text, "ARRAY[");
      for (gsize i = 0; i + value->element_size <= value->n_bytes; i += value->element_size)
        g_string_append_printf (text, value->element_size == 1 ? "%s%02" G_GINT64_MODIFIER "x" : "%s%" G_GINT64_MODIFIER "x", i > 0 ? ", " : "",
                                load (value->bytes + i, value->element_size, self->swap));
      g_string_append_c (text, ']');
      break;
    case GLOW_FIELD_SIGNED:
      g_string_append_printf (text, "%" G_GINT64_FORMAT, (gint64) value->number);
      break;
    default:
      g_string_append_printf (text, field->field.is_address || strstr (field->field.type, "long") != NULL ? "0x%" G_GINT64_MODIFIER "x" : "%" G_GUINT64_FORMAT,
                              value->number);
    }
}
