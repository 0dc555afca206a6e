/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/comparison.h"

G_BEGIN_DECLS

/* The page of before and after: what can be said, the graphs in step or merged, and the table. Actions of its own are "diff.…"; those that concern the
 * whole window ("win.compare-with", "win.view") it only asks for. */
#define GLOW_TYPE_DIFF_VIEW (glow_diff_view_get_type ())
G_DECLARE_FINAL_TYPE (GlowDiffView, glow_diff_view, GLOW, DIFF_VIEW, GtkBox)

GtkWidget      *glow_diff_view_new            (GlowDocument *document);
GlowComparison *glow_diff_view_get_comparison (GlowDiffView *self);
/* What is to have the keyboard when the page is shown. (nullable) */
GtkWidget      *glow_diff_view_get_first      (GlowDiffView *self);
/* Pixels of the window: with few, panes stand one above the other. */
void            glow_diff_view_set_room       (GlowDiffView *self, int width);
/* As a file is to be written: what is shown now, but for title and theme, which are the caller's. */
void            glow_diff_view_get_export     (GlowDiffView *self, GlowDiffExportOptions *options);
gboolean        glow_diff_view_is_merged      (GlowDiffView *self);

G_END_DECLS
