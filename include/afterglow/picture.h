/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>
#include <afterglow/painter.h>

G_BEGIN_DECLS

typedef enum { GLOW_PICTURE_SVG, GLOW_PICTURE_PNG, GLOW_PICTURE_PDF } GlowPictureFormat;

typedef struct {
  double width;                /* pixels (PDF: points); 0: 1200 */
  double height;               /* 0: as deep as the tree */
  double min_width;            /* pixels; 0: 0.1 for SVG, 0.5 for the others */
  double scale;                /* device pixels a pixel, PNG only; 0: 1 */
  double from, to;             /* the window of the tree to draw; both 0: all of it */
  const char *title, *subtitle;   /* (nullable): the title defaults to the file's name, the subtitle to the base of the percentages */
  const char *search;          /* (nullable): a regex to mark */
  GlowPalette palette;
  GlowTheme theme;
  gboolean icicle;
  gboolean inverted;           /* as the tree's query */
} GlowPictureOptions;

/* The ending of @path to a format; FALSE where it is none of them. */
gboolean glow_picture_format_from_path (const char *path, GlowPictureFormat *format);
/* The share of the root's weight below which a picture does not look into a frame: for glow_call_tree_compute_visible(). */
double   glow_picture_get_min_share (GlowPictureFormat format, const GlowPictureOptions *options);
/* SVG: self-contained and interactive (zoom, search, details in any browser), a true picture where scripts do not run. */
gboolean glow_picture_write (GlowCallTree *tree, GlowPictureFormat format, const GlowPictureOptions *options,
                             GOutputStream *output, GCancellable *cancellable, GError **error);
/* Onto any cairo context, from (0, 0): for a printer. @options' width and height are those of the page. */
gboolean glow_picture_draw  (GlowCallTree *tree, const GlowPictureOptions *options, cairo_t *cr, GError **error);
/* Written beside and renamed, so that no half-written file is left. */
gboolean glow_picture_save  (GlowCallTree *tree, const char *path, GlowPictureFormat format, const GlowPictureOptions *options,
                             GCancellable *cancellable, GError **error);

G_END_DECLS
