/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <elfutils/libdw.h>
#include <glib.h>

G_BEGIN_DECLS

/* A DWARF package (.dwp): the .dwo files of a program in one. Not thread-safe. */
typedef struct _GlowDwarfPackage GlowDwarfPackage;

/* That of the program at @path, which is open as @elf on @fd; both must stay so. (nullable): there is none beside it. */
GlowDwarfPackage *glow_dwarf_package_open (const char *path, Elf *elf, int fd);
void              glow_dwarf_package_free (GlowDwarfPackage *self);
/* The unit that @skeleton, whose identity is @id, stands for. FALSE where it is not in the package. @unit is good as long as @self. */
gboolean          glow_dwarf_package_find (GlowDwarfPackage *self, Dwarf_Die *skeleton, guint64 id, Dwarf_Die *unit);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowDwarfPackage, glow_dwarf_package_free)

G_END_DECLS
