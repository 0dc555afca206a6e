/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <cairo.h>
#include <afterglow/palette.h>

/* Shades that cells are painted in: each is one path, a few dozen fills instead of thousands. */
#define GLOW_HEAT_SHADES 24

/* @heat in [0, 1]: from nothing (the paper's own colour) over orange to a red that black and white both stand out from; one lightness after another,
 * so that it holds without colour too. */
void  glow_heat_set_color (cairo_t *cr, GlowTheme theme, double heat);
/* 0 for nothing, else 1 to GLOW_HEAT_SHADES. */
guint glow_heat_shade     (double count, double largest);
