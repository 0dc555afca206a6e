/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A copy of an ELF file with what names, unwinding and inlined functions need, and without the rest. */
#pragma once
#include <gelf.h>
#include <glib.h>

G_BEGIN_DECLS

/* (transfer full) (nullable): NULL where @elf is too damaged to be copied in part. @dwarf: with what inlined functions and source lines need.
 * The copy is read as the file is, by program headers and sections; sections left out have a place and a size, but no bytes, as in debug files. */
GBytes *glow_elf_dup_tables (Elf *elf, gboolean dwarf);

G_END_DECLS
