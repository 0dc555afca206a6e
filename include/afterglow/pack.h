/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/load.h>

G_BEGIN_DECLS

typedef struct {
  const GlowLoadOptions *load; /* (nullable): where files were looked for */
  gboolean whole_files;        /* not only their tables */
  gboolean no_inlines;         /* leave debug information away */
  gboolean all_modules;        /* those without samples too */
} GlowPackOptions;

/* What became of one module, or of a file beside the recording. */
typedef struct {
  char *name;                  /* as people see it */
  char *why;                   /* (nullable): translated: why it is not there */
  guint64 original, packed;    /* bytes of the file here, and of what was taken of it, not compressed */
} GlowPackEntry;

typedef struct {
  GPtrArray *taken, *missing;  /* of GlowPackEntry */
  guint64 recording;           /* bytes */
  guint64 written;             /* bytes of the whole pack, compressed */
} GlowPackSummary;

/* Writes the recording at @path, of which @profile was made, with the files that its names come from, as one file that opens anywhere.
 * NULL with @error. Blocks. */
GlowPackSummary *glow_pack_write (GlowProfile *profile, const char *path, const GlowPackOptions *options, GOutputStream *stream, GCancellable *cancellable,
                                  GError **error);
void             glow_pack_summary_free (GlowPackSummary *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowPackSummary, glow_pack_summary_free)

G_END_DECLS
