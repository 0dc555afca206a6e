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

G_END_DECLS
