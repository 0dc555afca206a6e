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

typedef struct {
  GlowFormatInfo info;
  /* How sure, 0 (no) … 100, from the first bytes. */
  int          (*recognise) (const guint8 *head, gsize n);
  /* A profile with stacks; without names where the format needs symbols. Damage goes to the profile's warnings. */
  GlowProfile *(*read)      (GlowInput *input, const GlowLoadOptions *options, GCancellable *cancellable, GError **error);
} GlowFormat;

extern const GlowFormat glow_format_perf_data;
extern const GlowFormat glow_format_folded;
extern const GlowFormat glow_format_pack;
extern const GlowFormat glow_format_perf_script;

G_END_DECLS
