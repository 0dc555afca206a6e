/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The colours of heat maps. */
#include <config.h>

#include "draw/heat-private.h"

#include <math.h>

void
glow_heat_set_color (cairo_t *cr, GlowTheme theme, double heat)
{
  gboolean dark = theme == GLOW_THEME_DARK || theme == GLOW_THEME_DARK_CONTRAST;
  static const double light_stops[][3] = { { 1.00, 0.93, 0.86 }, { 0.99, 0.68, 0.45 }, { 0.91, 0.40, 0.25 }, { 0.66, 0.13, 0.10 } };
  static const double dark_stops[][3] = { { 0.24, 0.17, 0.14 }, { 0.60, 0.27, 0.14 }, { 0.93, 0.52, 0.20 }, { 1.00, 0.89, 0.62 } };
  const double (*stops)[3] = dark ? dark_stops : light_stops;
  double at = CLAMP (heat, 0, 1) * 3, part;
  guint below = MIN ((guint) at, 2);

  part = at - below;
  cairo_set_source_rgb (cr, stops[below][0] + part * (stops[below + 1][0] - stops[below][0]),
                        stops[below][1] + part * (stops[below + 1][1] - stops[below][1]),
                        stops[below][2] + part * (stops[below + 1][2] - stops[below][2]));
}

guint
glow_heat_shade (double count, double largest)
{
  return count > 0 ? 1 + (guint) ((GLOW_HEAT_SHADES - 1) * pow (MIN (count / largest, 1), 0.8)) : 0;
}
