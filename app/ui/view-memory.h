/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* How a file was looked at last. Kept in the user's state directory, the oldest forgotten first. */
typedef struct {
  char *query;                 /* words */
  char *zoom, *selected;       /* stacks; (nullable) */
  char *page;
} GlowViewMemory;

/* (transfer full) (nullable) */
GlowViewMemory *glow_view_memory_load (const char *path);
void            glow_view_memory_save (const char *path, const GlowViewMemory *memory);
void            glow_view_memory_free (GlowViewMemory *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowViewMemory, glow_view_memory_free)

G_END_DECLS
