/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/comparison.h"

G_BEGIN_DECLS

/* What changed, a row a function, module, thread or container, with evidence. A function that is chosen here is chosen in the panes. */
#define GLOW_TYPE_DIFF_TABLE (glow_diff_table_get_type ())
G_DECLARE_FINAL_TYPE (GlowDiffTable, glow_diff_table, GLOW, DIFF_TABLE, GtkBox)

/* "activated" (a function's key): it is to be shown by itself. */
GtkWidget      *glow_diff_table_new         (GlowComparison *comparison);
GlowDiffKind    glow_diff_table_get_kind    (GlowDiffTable *self);
GlowDiffMeasure glow_diff_table_get_measure (GlowDiffTable *self);
gboolean        glow_diff_table_get_only    (GlowDiffTable *self);     /* only what changed and matters */
void            glow_diff_table_toggle_only (GlowDiffTable *self);
void            glow_diff_table_next_measure (GlowDiffTable *self);
/* Room for fewer columns. */
void            glow_diff_table_set_narrow  (GlowDiffTable *self, gboolean narrow);

G_END_DECLS
