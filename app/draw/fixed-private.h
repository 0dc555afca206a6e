/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers with a fixed count of decimals, as printf() writes them in C's locale, in a tenth of its time: pictures hold tens of thousands. */
#pragma once
#include <glib.h>
#include <math.h>

G_BEGIN_DECLS

#define GLOW_FIXED_SIZE 24
#define GLOW_FIXED_DECIMALS 2

/**
 * glow_fixed_write:
 * @text: where it is written, GLOW_FIXED_SIZE bytes
 * @decimals: at most GLOW_FIXED_DECIMALS
 *
 * Returns: (nullable): where in @text it begins; %NULL where it is negative or large, or lies so near between two that printing rounds by the last bits
 */
static inline char *
glow_fixed_write (char *text, double value, guint decimals)
{
  static const guint scales[GLOW_FIXED_DECIMALS + 1] = { 1, 10, 100 };
  double scaled = value * scales[decimals];
  char *end = text + GLOW_FIXED_SIZE;
  guint64 whole;

  if (!(value >= 0 && value < 1e9))
    return NULL;
  whole = (guint64) scaled;
  if (fabs (scaled - (double) whole - 0.5) <= 1e-4)
    return NULL;
  whole += scaled - (double) whole > 0.5;
  *--end = '\0';
  for (guint i = 0; i < decimals; i++, whole /= 10)
    *--end = '0' + whole % 10;
  if (decimals > 0)
    *--end = '.';
  do
    *--end = '0' + whole % 10;
  while ((whole /= 10) > 0);
  return end;
}

G_END_DECLS
