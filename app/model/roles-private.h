/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "model/profile-private.h"

G_BEGIN_DECLS

/* Rules that tell a function's role, as data/roles.txt describes them. */
typedef struct _GlowRoles GlowRoles;

/* @extra: (nullable): text of rules to be looked at first; lines that cannot be read go to @warnings (nullable) under the name @where. */
GlowRoles *glow_roles_new      (const char *extra, const char *where, GlowWarnings *warnings);
void       glow_roles_free     (GlowRoles *self);
GlowRole   glow_roles_find     (const GlowRoles *self, const char *name, const char *module, GlowFrameKind kind);
/* Gives every frame of a named profile in the making its role, and those of language runtimes their kind. O(frames) */
void       glow_roles_classify (GlowProfileBuilder *builder);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowRoles, glow_roles_free)

G_END_DECLS
