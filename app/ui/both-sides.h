/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/comparison.h"

G_BEGIN_DECLS

/* A page that is of one recording, and of both while there is a diff: a switch above it says so and turns it off, here and on the other pages. */
#define GLOW_TYPE_BOTH_SIDES (glow_both_sides_get_type ())
G_DECLARE_FINAL_TYPE (GlowBothSides, glow_both_sides, GLOW, BOTH_SIDES, GtkBox)

/* Takes the (floating) pages; @both is one of those below. */
GtkWidget *glow_both_sides_new (GlowComparison *comparison, GtkWidget *alone, GtkWidget *both);

/* So many pixels of width: tables of both have fewer columns where there are few. */
void       glow_both_sides_set_room (GlowBothSides *self, int width);

/* Pages of both. They compute while they are seen. */
#define GLOW_TYPE_DIFF_TREE_VIEW (glow_diff_tree_view_get_type ())
G_DECLARE_FINAL_TYPE (GlowDiffTreeView, glow_diff_tree_view, GLOW, DIFF_TREE_VIEW, GtkBox)
#define GLOW_TYPE_DIFF_SANDWICH (glow_diff_sandwich_get_type ())
G_DECLARE_FINAL_TYPE (GlowDiffSandwich, glow_diff_sandwich, GLOW, DIFF_SANDWICH, GtkBox)
GtkWidget *glow_diff_tree_view_new (GlowComparison *comparison);
GtkWidget *glow_diff_sandwich_new  (GlowComparison *comparison);

G_END_DECLS
