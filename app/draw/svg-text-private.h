/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/palette.h>

G_BEGIN_DECLS

/* Text for markup: what XML 1.0 cannot hold becomes U+FFFD. */
void glow_svg_append_escaped (GString *out, const char *text);
/* At most two decimals, by C's rules whatever the locale. */
void glow_svg_append_number  (GString *out, double value);
void glow_svg_append_color   (GString *out, const GlowColor *color);

G_END_DECLS
