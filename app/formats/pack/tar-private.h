/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tar archives: POSIX.1-2001 (pax) as it is written everywhere, with GNU's long names read too. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum { GLOW_TAR_FILE, GLOW_TAR_LINK, GLOW_TAR_OTHER } GlowTarKind;

typedef struct {
  GlowTarKind kind;
  const char *name, *target;   /* good until the next member; target: of a link */
  gsize offset, size;          /* of a file's bytes in the archive */
} GlowTarMember;

typedef struct {
  const guint8 *bytes;
  gsize n, at;
  GString *name, *target;      /* of the member at hand */
  GString *next_name, *next_target;    /* from headers that come before it */
  guint64 next_size;
  gboolean has_next_size;
} GlowTarReader;

gboolean glow_tar_recognise   (const guint8 *head, gsize n);
void     glow_tar_reader_init (GlowTarReader *self, const guint8 *bytes, gsize n);
void     glow_tar_reader_clear (GlowTarReader *self);
/* FALSE at the end. *damage is set where the archive does not end there as it should: at this byte. */
gboolean glow_tar_reader_next (GlowTarReader *self, GlowTarMember *member, gboolean *damage);

/* Writes a tar archive inside one zstd frame. */
typedef struct _GlowTarWriter GlowTarWriter;
GlowTarWriter *glow_tar_writer_new  (GOutputStream *stream);     /* stays the caller's */
void           glow_tar_writer_free (GlowTarWriter *self);
/* @time: seconds since 1970. */
gboolean       glow_tar_writer_add  (GlowTarWriter *self, const char *name, gconstpointer bytes, gsize n, gint64 time, GCancellable *cancellable, GError **error);
gboolean       glow_tar_writer_add_link (GlowTarWriter *self, const char *name, const char *target, gint64 time, GCancellable *cancellable, GError **error);
gboolean       glow_tar_writer_finish (GlowTarWriter *self, GCancellable *cancellable, GError **error);
guint64        glow_tar_writer_get_written (GlowTarWriter *self);    /* bytes, compressed */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowTarWriter, glow_tar_writer_free)

G_END_DECLS
