/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names on rectangles: shaped once, in full and in short forms, and then cut glyph by glyph to whatever room zooming gives them. */
#pragma once
#include <cairo.h>
#include <pango/pangocairo.h>

G_BEGIN_DECLS

#define GLOW_LETTERING_NARROW 14.0     /* pixels below which nothing is labelled */
#define GLOW_LETTERING_PADDING 3.0     /* pixels on either side of a label */

typedef struct _GlowLettering GlowLettering;
typedef struct _GlowLabel GlowLabel;

GlowLettering   *glow_lettering_new      (const char *font);    /* a Pango font description; NULL for the default */
void             glow_lettering_free     (GlowLettering *self);
void             glow_lettering_set_font (GlowLettering *self, const char *font);
/* Once before labels are shown on @cr: at another device scale glyphs have other widths. */
void             glow_lettering_prepare  (GlowLettering *self, cairo_t *cr);
void             glow_lettering_clear    (GlowLettering *self);
/* A name is shaped at its first sight: look it up by a key of the caller's, add it where that finds nothing. (transfer none) */
const GlowLabel *glow_lettering_lookup   (GlowLettering *self, guint64 key);
const GlowLabel *glow_lettering_add      (GlowLettering *self, guint64 key, const char *name);
/* Within [x, x + width) of a row of this height, in the source of @cr; nothing where there is no room for three letters. */
void             glow_lettering_show     (GlowLettering *self, cairo_t *cr, const GlowLabel *label, double x, double y, double width, double height);
double           glow_label_get_width    (const GlowLabel *label);      /* pixels of the name in full */
/* A text that is not kept. @align: 0 begins at @x, 1 ends there. */
void             glow_lettering_show_text (GlowLettering *self, cairo_t *cr, const char *text, double x, double y, double align, double most);

G_END_DECLS
