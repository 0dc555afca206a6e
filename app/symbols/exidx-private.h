/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ARM's own tables of how to unwind (.ARM.exidx and .ARM.extab), which libdw does not read. */
#pragma once
#include "symbols/unwind-private.h"

#include <gelf.h>

G_BEGIN_DECLS

typedef struct _GlowExidx GlowExidx;

/* (nullable): @elf has none. It must live as long. */
GlowExidx *glow_exidx_new  (Elf *elf);
void       glow_exidx_free (GlowExidx *self);
/* From @state, which is at @address (as the file has it, in the call where it is a caller), to its caller. O(log functions). */
GlowStep   glow_exidx_step (const GlowExidx *self, guint64 address, gboolean is_caller, GlowUnwindState *state, const GlowStackDump *dump);

G_END_DECLS
