/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <afterglow/call-tree.h>

G_BEGIN_DECLS

#define GLOW_TYPE_NODE_ROW (glow_node_row_get_type ())
G_DECLARE_FINAL_TYPE (GlowNodeRow, glow_node_row, GLOW, NODE_ROW, GObject)
GlowCallTree *glow_node_row_get_tree (GlowNodeRow *self);
guint32       glow_node_row_get_node (GlowNodeRow *self);

/* The callees of one node as a list model, in an order of their own; objects only for rows that show. */
#define GLOW_TYPE_NODE_LIST (glow_node_list_get_type ())
G_DECLARE_FINAL_TYPE (GlowNodeList, glow_node_list, GLOW, NODE_LIST, GObject)

/* @compare (nullable: in the tree's own order) gets pointers to nodes (guint32) and @data, now and not later. O(n log n) in the node's children. */
GlowNodeList *glow_node_list_new  (GlowCallTree *tree, guint32 node, GCompareDataFunc compare, gpointer data);
/* Where a child stands; G_MAXUINT where it is none of them. */
guint         glow_node_list_find (GlowNodeList *self, guint32 child);

G_END_DECLS
