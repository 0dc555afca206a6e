/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/comparison.h"

G_BEGIN_DECLS

/* One pane of a comparison. All panes of one comparison see the same window of the same union, so equal paths stand at equal places in them. */
#define GLOW_TYPE_DIFF_GRAPH (glow_diff_graph_get_type ())
G_DECLARE_FINAL_TYPE (GlowDiffGraph, glow_diff_graph, GLOW, DIFF_GRAPH, GtkWidget)

/* @side: GLOW_BEFORE, GLOW_AFTER, or −1 for both in one. */
GtkWidget *glow_diff_graph_new     (GlowComparison *comparison, gint side);
void       glow_diff_graph_set_menu (GlowDiffGraph *self, GMenuModel *menu);

G_END_DECLS
