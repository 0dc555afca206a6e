/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Conditions on fields: "prev_state & 2 && prev_comm ~ 'kworker*'". */
#pragma once
#include <afterglow/fields.h>

G_BEGIN_DECLS

typedef struct _GlowWhere GlowWhere;

/* GLOW_ERROR_SELECTION with the place of what is wrong. */
GlowWhere          *glow_where_parse      (const char *text, GError **error);
void                glow_where_free       (GlowWhere *self);
/* NULL-terminated: the fields it names, as it names them. */
const char *const  *glow_where_get_fields (const GlowWhere *self);
/* (transfer full): a column whose @has is 1 where the condition holds, and which has no values; kept for the next who asks. A sample that lacks a field
 * does not fulfil a comparison with it, nor its opposite. O(samples × terms) */
GlowFieldColumn    *glow_where_compute    (const char *text, GlowProfile *profile, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowWhere, glow_where_free)

G_END_DECLS
