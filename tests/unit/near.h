/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>
#include <math.h>

/* Equal but for rounding: @tolerance is relative, and absolute near 0. NaN and infinities are equal to their like only. */
static inline void
assert_close (double actual, double expected, double tolerance)
{
  if (isnan (expected) || isinf (expected))
    g_assert_true (isnan (expected) ? isnan (actual) : actual == expected);
  else if (!(fabs (actual - expected) <= tolerance * MAX (fabs (expected), 1e-3)))
    g_error ("%.15g where %.15g was expected", actual, expected);
}
