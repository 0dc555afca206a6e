/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include <afterglow/diff.h>

G_BEGIN_DECLS

/* A call tree as a table whose rows unfold. Rows are made as they show. */
#define GLOW_TYPE_TREE_TABLE (glow_tree_table_get_type ())
G_DECLARE_FINAL_TYPE (GlowTreeTable, glow_tree_table, GLOW, TREE_TABLE, GtkBox)

/* @title: of the column of names, and the table's name for screen readers */
GtkWidget *glow_tree_table_new      (const char *title);
void       glow_tree_table_set_tree (GlowTreeTable *self, GlowCallTree *tree);   /* (nullable) */
GlowCallTree *glow_tree_table_get_tree (GlowTreeTable *self);                /* (nullable) */
/* Unfolds the way to a node and selects it; GLOW_NONE: nothing. Emits no signal. */
void       glow_tree_table_select   (GlowTreeTable *self, guint32 node);
/* Unfolds the heaviest way below the selected row, or from the top; @by (nullable: the table's own) is a tree of the same nodes whose weights are meant. */
void       glow_tree_table_expand_heaviest (GlowTreeTable *self, GlowCallTree *by);
/* Of two recordings: before, after, change and evidence. */
GtkWidget *glow_tree_table_new_of_both (const char *title);
/* @diff (nullable) with a tree of its union. */
void       glow_tree_table_set_diff (GlowTreeTable *self, GlowDiff *diff, GlowCallTree *tree);
GlowDiff  *glow_tree_table_get_diff (GlowTreeTable *self);                 /* (nullable) */
/* Which columns there is room for: 0: what cannot be done without, 1: more, 2: all. */
void       glow_tree_table_set_room (GlowTreeTable *self, guint room);
/* Signals: "node-selected" (guint node), "node-activated" (guint node). */

G_END_DECLS
