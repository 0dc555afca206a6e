/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a reader of one format gives to the registry, and the input it is handed. */
#pragma once
#include <afterglow/error.h>
#include <afterglow/load.h>

G_BEGIN_DECLS

/* Bytes to read: a mapped file, or a stream (pipe, standard input, decompressor) behind the same calls.
 * gzip, zstd, xz (and bzip2 where the library is there) are undone before a format sees the bytes. */
typedef struct _GlowInput GlowInput;

/* For a profile that reads fields out of the recording later on; glow_input_free() lets go of it. (transfer full) */
GlowInput    *glow_input_ref        (GlowInput *self);
void          glow_input_free       (GlowInput *self);
/* Whether a mapped file became shorter since. */
gboolean      glow_input_is_cut     (GlowInput *self);
const char   *glow_input_get_name   (GlowInput *self);           /* for messages */
const char   *glow_input_get_path   (GlowInput *self);           /* (nullable): where it lies, for files beside it */
guint64       glow_input_get_size   (GlowInput *self);           /* bytes as stored; 0 where not known */
/* When it was changed and made, ns since 1970; 0 where it is no file, or its file system does not tell. */
void          glow_input_get_dates  (GlowInput *self, gint64 *changed, gint64 *born);
gboolean      glow_input_is_mapped  (GlowInput *self);           /* an uncompressed regular file */
/* At least the first @wanted bytes if there are as many; stays readable until the first read. */
const guint8 *glow_input_peek       (GlowInput *self, gsize wanted, gsize *n, GError **error);
/* The whole content in one piece: the mapping itself, or the stream spooled to an unlinked temporary file and mapped.
 * Valid until the input is freed. */
const guint8 *glow_input_map        (GlowInput *self, gsize *n, GCancellable *cancellable, GError **error);
/* The next bytes of a stream: up to @n; 0 at the end, −1 with @error. Damage in a compressed stream ends it with @error after all that could be undone. */
gssize        glow_input_read       (GlowInput *self, void *buffer, gsize n, GCancellable *cancellable, GError **error);
/* (nullable): what ended the bytes early, once they were read (or mapped) to their end: GLOW_ERROR_DAMAGED for compressed streams, else
 * as GIO reports it. The loader makes it a warning; a reader need not. */
const GError *glow_input_get_damage (GlowInput *self);
/* "gzip", "gzip, UTF-16LE", …; NULL where the bytes are as they lie. */
const char   *glow_input_get_coding (GlowInput *self);

/* All of @bytes, whatever interrupts it; FALSE with errno. */
gboolean      glow_write_all        (int fd, const guint8 *bytes, gsize n);

typedef struct {
  GlowFormatInfo info;
  /* How sure, 0 (no) … 100, from the first bytes. */
  int          (*recognise) (const guint8 *head, gsize n);
  /* A profile with stacks; without names where the format needs symbols. Damage goes to the profile's warnings. */
  GlowProfile *(*read)      (GlowInput *input, const GlowLoadOptions *options, GCancellable *cancellable, GError **error);
  /* (nullable): whether two files are parts of one recording, from all their bytes. */
  gboolean     (*is_part)   (const guint8 *a, gsize n_a, const guint8 *b, gsize n_b);
  /* (nullable): several parts as one recording. Those from @n_headed on are data alone, told by the header of the first. */
  GlowProfile *(*read_parts) (GlowInput *const *inputs, guint n, guint n_headed, const GlowLoadOptions *options, GCancellable *cancellable,
                              GError **error);
  /* (nullable): as @read for a file that is mapped and may grow. At first *@state is NULL, and stays so where nothing is to come; afterwards
   * only what is new is read. @state_free ends it. */
  GlowProfile *(*read_on)   (GlowInput *input, gpointer *state, const GlowLoadOptions *options, GCancellable *cancellable, GError **error);
  /* Of those with @read_on, from the first bytes: whether nothing is to come. */
  gboolean     (*is_finished) (const guint8 *head, gsize n);
  /* Whether what was written on since belongs to what was read; *@more: whether there is more to read. */
  gboolean     (*can_read_on) (gpointer state, gsize n, gboolean *more);
  void         (*state_free) (gpointer state);
  /* (nullable): the fields of a recording that was read before, of what its source saved. NULL where that does not hold together. (transfer full) */
  struct _GlowFieldSource *(*fields_again) (GlowInput *input, GVariant *saved, GBytes *rows, const GlowProfileInfo *info, const GlowLoadOptions *options);
  /* (nullable): whether appended bytes make sense without those before them. */
  gboolean     (*ends_whole) (const guint8 *bytes, gsize n);
} GlowFormat;

extern const GlowFormat glow_format_perf_data;
extern const GlowFormat glow_format_folded;
extern const GlowFormat glow_format_pack;
extern const GlowFormat glow_format_perf_script;

G_END_DECLS
