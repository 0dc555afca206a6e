/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/profile.h>

G_BEGIN_DECLS

/* What samples hold beside time, thread and stack: the raw fields of tracepoints by their format, and what a processor notes of a memory
 * access. Nothing of it is decoded while a recording is read: each sample keeps the place of its record, the recording stays mapped, and a
 * column is made when it is first asked for, and kept.
 *
 * A field is named by its name, or by event and name: "bytes_req", "kmalloc:bytes_req", "kmem:kmalloc:bytes_req". An element of an array of
 * numbers has its index behind it: "args[2]". */

typedef enum { GLOW_FIELD_UNSIGNED, GLOW_FIELD_SIGNED, GLOW_FIELD_TEXT, GLOW_FIELD_BYTES } GlowFieldKind;

typedef struct {
  const char *name;
  const char *type;            /* as the kernel writes it: "pid_t", "char[16]", "__data_loc char[]" */
  guint8 kind;                 /* GlowFieldKind */
  guint8 unit;                 /* GlowUnit of its values: bytes and ns where name and type tell so, else GLOW_UNIT_UNKNOWN */
  gboolean is_common;          /* of every tracepoint (common_pid) */
  gboolean is_address;         /* a place in memory: printed as such, never summed */
  gboolean has_words;          /* values have names: flags, symbols, memory levels */
} GlowField;

typedef struct {
  guint8 kind;                 /* GlowFieldKind */
  guint8 element_size;         /* of BYTES: 1, 2, 4 or 8 */
  guint64 number;              /* of SIGNED: sign-extended */
  const guint8 *bytes;         /* TEXT and BYTES: in the recording, not NUL-terminated; good as long as the profile */
  gsize n_bytes;
} GlowFieldValue;

/* Values by sample. Immutable, reference counted. */
typedef struct {
  gatomicrefcount ref_count;
  gsize n;                     /* as many as the profile has samples */
  guint8 kind;                 /* UNSIGNED, SIGNED or TEXT */
  guint8 unit;                 /* GlowUnit */
  gboolean is_address;
  guint64 *value;              /* numbers as GlowFieldValue.number; TEXT: ids of @texts */
  guint8 *has;                 /* 1 where the sample has the field */
  GlowStrings *texts;          /* (nullable): of TEXT */
  gsize n_present, n_negative;
} GlowFieldColumn;

GlowFieldColumn *glow_field_column_ref   (GlowFieldColumn *self);
void             glow_field_column_unref (GlowFieldColumn *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowFieldColumn, glow_field_column_unref)

gboolean         glow_profile_has_fields  (GlowProfile *self);
/**
 * glow_profile_get_fields:
 * @event: index of a GlowEvent
 * @n: (out): how many
 *
 * Returns: (transfer none) (nullable): the fields of the event's samples in the order of its format; O(1) after the first call
 */
const GlowField *glow_profile_get_fields  (GlowProfile *self, guint32 event, guint *n);
/* What @event is called by in a field's name: whether @name, as above, names a field of it. @field is its index, @element that of the array's
 * element, 0 where it is none. */
gboolean         glow_profile_find_field  (GlowProfile *self, guint32 event, const char *name, guint *field, guint *element);
/**
 * glow_profile_read_field:
 * @sample: its row
 * @field: index among the fields of its event
 *
 * One value, decoded now. Any thread.
 *
 * Returns: FALSE where the sample's record does not hold it
 */
gboolean         glow_profile_read_field  (GlowProfile *self, gsize sample, guint field, guint element, GlowFieldValue *value);
/* The value as people read it: words where values have names, hexadecimal for addresses; bytes as the kernel's tools print arrays. */
void             glow_profile_append_field_text (GlowProfile *self, guint32 event, guint field, const GlowFieldValue *value, GString *text);
/* A sample as its event's own format prints it, which is what perf script -F trace prints. FALSE where there is none. */
gboolean         glow_profile_append_trace (GlowProfile *self, gsize sample, GString *text);
/**
 * glow_profile_compute_field:
 * @name: a field, as above; one without an event is of all events that have it
 *
 * A column of values, made in two threads where there are many samples, and kept for the next who asks. O(samples) the first time.
 *
 * Returns: (transfer full): the column, or NULL with GLOW_ERROR_SELECTION where no event has such a field, GLOW_ERROR_DAMAGED where the
 *   recording changed since it was read, or cancellation
 */
GlowFieldColumn *glow_profile_compute_field (GlowProfile *self, const char *name, GCancellable *cancellable, GError **error);

/* The heaviest values of a field among some samples. */
typedef struct {
  char *text;                  /* as people read it */
  guint64 samples;
} GlowFieldShare;
/**
 * glow_profile_compute_field_shares:
 * @keep: one byte a sample, 1 where it counts
 * @n: at most so many
 * @n_distinct: (out): how many values there are
 *
 * Returns: (transfer full) (element-type GlowFieldShare): the values that most samples have, most first; NULL with @error
 */
GArray          *glow_profile_compute_field_shares (GlowProfile *self, const char *name, const guint8 *keep, guint n, guint *n_distinct,
                                                    GCancellable *cancellable, GError **error);

G_END_DECLS
