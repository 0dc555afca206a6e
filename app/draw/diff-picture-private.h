/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every picture of a diff is drawn from: the layout that both panes have in common, where they stand, the words. */
#pragma once
#include "draw/diff-export-private.h"

#include <afterglow/diff-paint.h>
#include <afterglow/layout.h>

G_BEGIN_DECLS

#define GLOW_DIFF_MARGIN 10.0
#define GLOW_DIFF_ROW 17.0
#define GLOW_DIFF_TEXT 11.5
#define GLOW_DIFF_SWATCH 34.0

typedef struct {
  GlowDiff *diff;
  GlowDiffExportOptions options;
  GlowCallTree *tree;
  GlowLayout *layout;
  GlowSearch *search;          /* (nullable) */
  guint n_panes;
  double left[2], pane_width;  /* of panes */
  double width, height, top;   /* top: where frames begin */
  guint rows;
  char *title, *subtitle;
  GPtrArray *lines;            /* of char*: statements below the subtitle */
  char *heads[2];              /* of panes */
} GlowDiffPicture;

gboolean     glow_diff_picture_init  (GlowDiffPicture *self, GlowDiff *diff, GlowDiffFormat format, const GlowDiffExportOptions *options, double height, GError **error);
void         glow_diff_picture_clear (GlowDiffPicture *self);
GlowDiffPane glow_diff_picture_pane  (const GlowDiffPicture *self, guint pane);
double       glow_diff_picture_row_y (const GlowDiffPicture *self, guint depth);
/* The markup of the picture alone, without an XML declaration. */
gboolean     glow_diff_write_svg     (const GlowDiffPicture *self, GOutputStream *output, GCancellable *cancellable, GError **error);

G_END_DECLS
