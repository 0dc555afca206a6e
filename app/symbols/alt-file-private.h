/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What dwz moved out of several debug files into one that they share (.gnu_debugaltlink), found where debug files are found. */
#pragma once
#include <elfutils/libdw.h>
#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  int fd;
  Elf *elf;
  Dwarf *dwarf;
} GlowAltFile;

/* The shared file of the debug file @elf at @path, and its build-id. (transfer full) (nullable): none, or it is not here. */
char *glow_alt_file_dup_place (Elf *elf, const char *path, const char *const *debug_dirs, guint8 build_id[20], guint *n);
/* Opens it for @dwarf, which is of @elf. To be closed after @dwarf. */
void  glow_alt_file_open      (GlowAltFile *self, Dwarf *dwarf, Elf *elf, const char *path, const char *const *debug_dirs);
void  glow_alt_file_close     (GlowAltFile *self);

G_END_DECLS
