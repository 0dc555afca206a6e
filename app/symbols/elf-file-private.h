/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An ELF file as far as symbols and source lines need it: which build it is, where its bytes lie in memory, where its debug file is. */
#pragma once
#include <gelf.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint64 vaddr, offset, size;
} GlowElfSegment;

/* (nullable): on disk or in a store (store-private.h), read-only; NULL where there is no ELF file. */
Elf       *glow_elf_open         (const char *path, int *fd);
void       glow_elf_close        (Elf *elf, int fd);
/* Whether the running kernel's vdso is that of a recording made on @hostname under the kernel @os_release of @arch (all nullable): it has no file, and
 * where a recording has no build-id of it either (perf record --buildid-mmap writes none), these are what there is to go by. */
gboolean   glow_elf_vdso_is_of   (const char *os_release, const char *arch, const char *hostname);
/* Its length; 0 where there is none. */
guint      glow_elf_get_build_id (Elf *elf, guint8 build_id[20]);
/* Whether a file with this build-id is the one that was recorded: any is, where the recording does not say; one without a build-id is not, where it does. */
gboolean   glow_elf_is_build     (const guint8 *own, guint n_own, const guint8 *recorded, guint n_recorded);
/* (transfer full): of GlowElfSegment, what is loaded. */
GArray    *glow_elf_dup_segments (Elf *elf);
gboolean   glow_elf_to_offset    (const GArray *segments, guint64 vaddr, guint64 *offset);
gboolean   glow_elf_to_vaddr     (const GArray *segments, guint64 offset, guint64 *vaddr);
/* (transfer full): (element-type utf8): where split debug information of this file may lie, the likeliest first. */
GPtrArray *glow_elf_dup_debug_places (Elf *elf, const char *path, const guint8 *build_id, guint build_id_length, const char *const *debug_dirs);
/* (transfer full): an ELF file around a table of call frame information that stands at @address. */
guint8    *glow_elf_image_of_table (guint machine, gboolean wide, gboolean big, const guint8 *table, gsize n, guint64 address, gsize *size);

G_END_DECLS
