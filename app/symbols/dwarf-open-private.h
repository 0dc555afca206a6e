/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <elfutils/libdw.h>
#include <gio/gio.h>

G_BEGIN_DECLS

/* Debug information as libdw sees it, of an open file that must stay open. */
typedef struct {
  Dwarf *dwarf;                /* (nullable) */
  Elf *image;                  /* (nullable): what was unpacked */
  guint8 *bytes;               /* of the image */
} GlowDwarf;

/* The functions of @elf, and with @lines the places in source of their code, without the sections that say nothing of them. FALSE where there is no
 * DWARF, or it was cancelled. */
gboolean glow_dwarf_open  (GlowDwarf *self, Elf *elf, gboolean lines, GCancellable *cancellable);
void     glow_dwarf_close (GlowDwarf *self);

G_END_DECLS
