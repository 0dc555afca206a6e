/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of call frame information, looked through before libdw may have them: it keeps a row as wide as the highest register that is named, and a copy for
 * each remembered one, so that a hostile table of a few bytes takes all the memory there is. */
#pragma once
#include <gelf.h>
#include <glib.h>

G_BEGIN_DECLS

/* Whether the .eh_frame of a file, and the index that is searched for it, are such as compilers make. TRUE where there is none. O(size of the table). */
gboolean glow_cfi_eh_is_sane    (Elf *elf);
/* The same for .debug_frame, after it was unpacked. */
gboolean glow_cfi_debug_is_sane (Elf *elf);

G_END_DECLS
