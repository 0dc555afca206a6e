/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <cairo.h>
#include <glib.h>
#include <stdlib.h>

/* The share of pixels that are visibly different. */
static inline double
picture_difference (cairo_surface_t *a, cairo_surface_t *b)
{
  int width = cairo_image_surface_get_width (a), height = cairo_image_surface_get_height (a), stride = cairo_image_surface_get_stride (a);
  const guint8 *first = cairo_image_surface_get_data (a), *second = cairo_image_surface_get_data (b);
  guint64 different = 0;

  if (width != cairo_image_surface_get_width (b) || height != cairo_image_surface_get_height (b))
    return 1;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      {
        int worst = 0;

        for (int c = 0; c < 3; c++)
          worst = MAX (worst, abs (first[y * stride + 4 * x + c] - second[y * stride + 4 * x + c]));
        different += worst > 40;
      }
  return (double) different / ((guint64) width * height);
}
