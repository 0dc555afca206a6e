/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An ELF file as far as symbols and source lines need it: which build it is, where its bytes lie in memory, where its debug file is. */
#pragma once
#include <gelf.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint64 vaddr, offset, size;
} GlowElfSegment;

/* (nullable): read-only and mapped; NULL where there is no ELF file. Close with elf_end() and close(). */
Elf       *glow_elf_open         (const char *path, int *fd);
/* Its length; 0 where there is none. */
guint      glow_elf_get_build_id (Elf *elf, guint8 build_id[20]);
/* (transfer full): of GlowElfSegment, what is loaded. */
GArray    *glow_elf_dup_segments (Elf *elf);
gboolean   glow_elf_to_offset    (const GArray *segments, guint64 vaddr, guint64 *offset);
gboolean   glow_elf_to_vaddr     (const GArray *segments, guint64 offset, guint64 *vaddr);
/* (transfer full): (element-type utf8): where split debug information of this file may lie, the likeliest first. */
GPtrArray *glow_elf_dup_debug_places (Elf *elf, const char *path, const guint8 *build_id, guint build_id_length, const char *const *debug_dirs);

G_END_DECLS
