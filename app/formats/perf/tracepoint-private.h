/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The format of one tracepoint, as the kernel writes it into events/SYSTEM/NAME/format: its fields, and how it prints itself. */
#pragma once
#include <afterglow/fields.h>

G_BEGIN_DECLS

typedef struct {
  GlowField field;
  guint32 offset, size;        /* in the raw data; of a dynamic array: of the word that says where it lies */
  guint8 element_size;         /* of arrays */
  gboolean is_signed, is_array, is_dynamic, is_relative;
} TracepointField;

typedef struct _PrintFormat PrintFormat;

typedef struct {
  GArray *fields;              /* of TracepointField */
  PrintFormat *print;          /* (nullable): none, or not understood */
  guint8 long_size;            /* of the recorded machine */
  gboolean swap;
} Tracepoint;

/* Raw data of one sample, with what is needed to read it. */
typedef struct {
  const Tracepoint *format;
  const guint8 *bytes;
  gsize n;
} TracepointData;

/* Names a kernel address: appends "symbol+0x1c" or "symbol"; FALSE where it has no name. */
typedef gboolean (*TracepointNamer) (gpointer data, guint64 address, gboolean with_offset, GString *text);

/* tracepoint.c. @event: "sched:sched_switch". (nullable): NULL where @text is no format. */
Tracepoint *perf_tracepoint_parse (const char *text, const char *event, guint8 long_size, gboolean swap);
void        perf_tracepoint_free  (Tracepoint *self);
/* Index, −1 where there is none of that name. */
int         perf_tracepoint_find  (const Tracepoint *self, const char *name, gsize n);
/* @element: of an array of numbers; G_MAXUINT: the whole. */
gboolean    perf_tracepoint_read  (const TracepointData *data, guint field, guint element, GlowFieldValue *value);
/* Numbers and arrays as the kernel's tools print them where no print format does. */
void        perf_tracepoint_append_plain (const Tracepoint *self, guint field, const GlowFieldValue *value, GString *text);

/* print-format.c. The text behind "print fmt: ". (nullable) */
PrintFormat *perf_print_format_parse (const Tracepoint *tracepoint, const char *text);
void         perf_print_format_free  (PrintFormat *self);
/* FALSE where the data is too short for it; what was printed before stays. */
gboolean     perf_print_format_append (const PrintFormat *self, const TracepointData *data, TracepointNamer namer, gpointer user_data, GString *text);
/* Whether the format prints @field by a table of flags or symbols, or as a pointer; and a value of it in those words. */
gboolean     perf_print_format_has_words (const PrintFormat *self, guint field);
gboolean     perf_print_format_is_address (const PrintFormat *self, guint field);
/* Whether that pointer is printed as the name of a place in the kernel's code (%pS and its kin). */
gboolean     perf_print_format_is_code (const PrintFormat *self, guint field);
void         perf_print_format_append_words (const PrintFormat *self, guint field, guint64 value, GString *text);

G_END_DECLS
