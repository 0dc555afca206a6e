/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <cairo.h>
#include <afterglow/diff-paint.h>
#include <afterglow/layout.h>
#include <afterglow/palette.h>

G_BEGIN_DECLS

/* Draws layouts with cairo, text with Pango. Keeps shaped labels between calls; one painter a widget or picture; not thread-safe. */
typedef struct _GlowFlamePainter GlowFlamePainter;

typedef struct {
  GlowPalette palette;
  GlowTheme theme;
  gboolean icicle;             /* root at the top */
  double row_height;           /* pixels */
  double height;               /* of the area; flames stand on its lower edge, icicles hang from the upper */
  double scroll;               /* pixels of rows scrolled out at the root's side */
  guint32 hover_frame;         /* all frames of this function are highlighted; GLOW_NONE */
  guint32 selected_node;       /* has the ring; GLOW_NONE */
  const GlowSearch *search;    /* (nullable): matches are marked, others fade */
  const GlowDiffPane *diff;    /* (nullable): the layout is of glow_diff_get_tree(); colours, borders and hatches are of the change */
  double uncertain_above;      /* frames whose relative half-width exceeds this are hatched; 0: never */
} GlowPaintOptions;

GlowFlamePainter *glow_flame_painter_new  (const char *font);    /* a Pango font description; NULL for the default */
void              glow_flame_painter_free (GlowFlamePainter *self);
void              glow_flame_painter_set_font (GlowFlamePainter *self, const char *font);
void              glow_flame_painter_paint (GlowFlamePainter *self, cairo_t *cr, const GlowLayout *layout, const GlowPaintOptions *options);
/* A name shortened in the middle of its templates and namespaces first, then at the right with "…". (transfer full) */
char             *glow_label_shorten (const char *name, guint max_characters);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowFlamePainter, glow_flame_painter_free)

G_END_DECLS
