/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <elfutils/libdw.h>
#include <glib.h>

G_BEGIN_DECLS

/* Names of functions from debug information. Not thread-safe. */
typedef struct _GlowScopedNames GlowScopedNames;

/* @steps: what may still be walked, less after each walk; must stay. */
GlowScopedNames *glow_scoped_names_new  (guint64 *steps);
void             glow_scoped_names_free (GlowScopedNames *self);
/* As the linker has it; where that is not told, as it is written with the scopes around it, in languages that have them. (nullable): it has no name.
 * Good as long as @self and what @die is of. */
const char      *glow_scoped_names_find (GlowScopedNames *self, Dwarf_Die *die);

G_END_DECLS
