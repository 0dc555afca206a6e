/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls in x86 code: where the one before a return address leads, and whether a function has one that leads somewhere. Offsets are in the file. */
#pragma once
#include "symbols/symbol-table-private.h"

G_BEGIN_DECLS

typedef struct _GlowCallSites GlowCallSites;

GlowCallSites *glow_call_sites_new  (void);
void           glow_call_sites_free (GlowCallSites *self);
/* Where the direct call whose return address is @offset leads. FALSE where the bytes before it are none. @file: known by its address, as long as @self. */
gboolean       glow_call_sites_get_target (GlowCallSites *self, const char *file, guint64 offset, guint64 *target);
/* Whether the code of @function holds a direct call of @target; where @elsewhere, one that leaves the module's own functions (through a table of
 * procedure linkage or of addresses) will do. */
gboolean       glow_call_sites_calls (GlowCallSites *self, const char *file, const GlowSymbolTable *table, const GlowSymbol *function, guint64 target,
                                      gboolean elsewhere);

G_END_DECLS
