/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/load.h>

G_BEGIN_DECLS

/* Where a function is written. */
typedef struct {
  char *file;                  /* as the debug information has it, made absolute by the folder it was compiled in */
  guint line;                  /* of its declaration; of its first instruction where that is not known; 0 where neither is */
} GlowSource;

GlowSource *glow_source_find (GlowProfile *profile, guint32 frame, const GlowLoadOptions *options, GCancellable *cancellable, GError **error);
void        glow_source_free (GlowSource *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowSource, glow_source_free)

/* Lines of a profile's places in code. Keeps the debug information that was asked of open. Not thread-safe. */
typedef struct _GlowSourceLines GlowSourceLines;

GlowSourceLines *glow_source_lines_new  (GlowProfile *profile, const GlowLoadOptions *options, GCancellable *cancellable);
void             glow_source_lines_free (GlowSourceLines *self);
gboolean         glow_source_lines_find (GlowSourceLines *self, guint32 location, guint frame, GlowSource *line);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowSourceLines, glow_source_lines_free)

G_END_DECLS
