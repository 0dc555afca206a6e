/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <afterglow/call-tree.h>

G_BEGIN_DECLS

/* A call tree for reading in a terminal, or as a list of the nodes worth showing. */

/**
 * glow_text_tree_list:
 * @tree: a call tree
 * @min_share: nodes with a smaller share of the base than this, in [0, 1], are left out with all below them
 * @left_out: (out) (nullable): whether there were any
 *
 * Returns: (transfer full) (element-type guint32): the nodes that are left, parents before children and siblings in the
 *   tree's order, as a depth-first walk meets them. Linear in the nodes looked at.
 */
GArray  *glow_text_tree_list  (GlowCallTree *tree, double min_share, gboolean *left_out);

/**
 * glow_text_tree_write:
 * @tree: a call tree
 * @min_share: as for glow_text_tree_list()
 * @output: where UTF-8 text goes
 * @cancellable: (nullable):
 * @error:
 *
 * One line a node: total share with its 95 % interval, self share, and the name behind lines that show the branching. A chain of
 * single callees is not indented, so that a stack of sixty calls stays readable in eighty columns.
 *
 * Returns: whether all was written
 */
gboolean glow_text_tree_write (GlowCallTree *tree, double min_share, GOutputStream *output, GCancellable *cancellable, GError **error);

G_END_DECLS
