/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/call-tree.h>

G_BEGIN_DECLS

typedef enum { GLOW_PALETTE_KIND, GLOW_PALETTE_MODULE, GLOW_PALETTE_HASH, GLOW_PALETTE_ROLE, GLOW_N_PALETTES } GlowPalette;
typedef enum { GLOW_THEME_LIGHT, GLOW_THEME_DARK, GLOW_THEME_LIGHT_CONTRAST, GLOW_THEME_DARK_CONTRAST, GLOW_N_THEMES } GlowTheme;
typedef struct { float red, green, blue; } GlowColor;

const char *glow_palette_get_id    (GlowPalette palette);        /* "kind" */
const char *glow_palette_get_label (GlowPalette palette);        /* translated */
gboolean    glow_palette_from_id   (const char *id, GlowPalette *palette);
/* Deterministic: the same frame has the same colour in every file and on every machine. Text keeps 4.5:1 (7:1 in high contrast). */
void        glow_palette_get_color (GlowPalette palette, GlowTheme theme, GlowCallTree *tree, guint32 frame, GlowColor *fill, GlowColor *text);
double      glow_color_contrast    (const GlowColor *a, const GlowColor *b);    /* WCAG 2 */
/* What the colours mean, for a legend: the kinds or roles that occur; nothing for colours that mean none. (transfer full) (element-type GlowLegendItem) */
typedef struct { char *label; GlowColor fill; char *id; } GlowLegendItem;
/* The colour of a kind or a role in the palette that is by it, without the shade that a name gives. */
GlowColor   glow_palette_get_kind_color (GlowFrameKind kind);
GlowColor   glow_palette_get_role_color (GlowRole role);
/* What a frame is in words, for where its colour cannot be seen: "kernel", "runtime, GC". (transfer full) */
char       *glow_palette_dup_words  (const GlowFrame *frame);
GPtrArray  *glow_palette_dup_legend (GlowPalette palette, GlowTheme theme, GlowCallTree *tree, guint max_items);

G_END_DECLS
