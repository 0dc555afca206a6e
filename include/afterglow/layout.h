/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/call-tree.h>

G_BEGIN_DECLS

/* Pure geometry: the rectangles of a call tree that can be seen in a window of it, and nothing more.
 * The horizontal axis is the share of the root's weight: the whole tree is [0, 1]; zooming is a narrower window [from, to].
 * Frames wider than the window are clipped to it, so ancestors of a zoomed frame fill the width. */
typedef struct {
  guint32 node;                /* for a merged rectangle: the first of the siblings that were too narrow to draw alone */
  guint32 n_merged;            /* 0 for a frame of its own; else how many siblings it stands for */
  guint16 depth;               /* 0 is the root */
  float x, width;              /* pixels from the left edge of the view, clipped to it */
} GlowRect;

typedef struct {
  double from, to;             /* shares of the root's weight, 0 ≤ from < to ≤ 1 */
  double width;                /* pixels that the window fills */
  double min_width;            /* pixels; narrower siblings are merged into one rectangle, or left out below a tenth of it */
  guint first_depth, n_depths; /* rows that can be seen; n_depths 0: all */
} GlowLayoutOptions;

typedef struct {
  GlowLayoutOptions options;
  guint32 n_rects;
  const GlowRect *rects;       /* by depth, then from left to right */
  guint32 max_depth;           /* the deepest row that has a rectangle in this window, even outside the asked rows */
  GlowCallTree *tree;
} GlowLayout;

/* O(rectangles seen). (transfer full) */
GlowLayout     *glow_layout_compute (GlowCallTree *tree, const GlowLayoutOptions *options);
void            glow_layout_free    (GlowLayout *self);
const GlowRect *glow_layout_find    (const GlowLayout *self, double x, guint depth);    /* (nullable): what lies under a point */
/* Where a node stands, as shares of the root's weight. O(depth × siblings). */
void            glow_layout_node_extent (GlowCallTree *tree, guint32 node, double *from, double *to);
/* The deepest node that fills the window [from, to]: what a zoom by wheel has arrived at. O(depth × siblings). */
guint32         glow_layout_find_container (GlowCallTree *tree, double from, double to);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowLayout, glow_layout_free)

G_END_DECLS
