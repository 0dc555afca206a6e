/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/picture.h>

G_BEGIN_DECLS

/* Options with their defaults put in, the layout, and the words: what every kind of picture is drawn from. */
typedef struct {
  GlowCallTree *tree;
  GlowPictureOptions options;
  GlowLayout *layout;
  GlowSearch *search;          /* (nullable) */
  char *title, *subtitle;
  double width, height, top, row;   /* top: where the graph begins, below title and subtitle; row: a frame's height */
  guint rows;
} GlowPicture;

double   glow_picture_row_y     (const GlowPicture *self, guint depth);
/* A name that fits into @width at @size pixels of type; "" where not even two letters do. (transfer full) */
char    *glow_picture_fit_label (const char *name, double width, double size);
gboolean glow_picture_write_svg (const GlowPicture *self, GOutputStream *output, GCancellable *cancellable, GError **error);

/* Text for markup: what XML 1.0 cannot hold becomes U+FFFD. */
void     glow_svg_append_escaped (GString *out, const char *text);
/* At most two decimals, by C's rules whatever the locale. */
void     glow_svg_append_number  (GString *out, double value);
/* PNG or PDF of what @draw draws. */
typedef struct { double width, height, scale; const char *title; } GlowPageSize;
typedef void (*GlowDrawFunc) (gconstpointer data, cairo_t *cr);
gboolean glow_picture_write_page (const GlowPageSize *page, GlowDrawFunc draw, gconstpointer data, GlowPictureFormat format, GOutputStream *output,
                                  GCancellable *cancellable, GError **error);

G_END_DECLS
