/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where counts of equal intervals change their level. */
#include <config.h>

#include <afterglow/change-points.h>

#include <math.h>
#include <stdlib.h>

/* Median of χ² with one degree of freedom: what (a − b)² / (a + b) of two Poisson counts of one level has as its own. */
#define CHI_SQUARE_MEDIAN 0.45494

static int
compare (const void *a, const void *b)
{
  double left = *(const double *) a, right = *(const double *) b;

  return left < right ? -1 : left > right;
}

/* By how much neighbours differ more than Poisson counts would: from the median, so that the changes looked for have no say. At least 1. */
static double
dispersion (const double *counts, guint n)
{
  g_autofree double *ratios = g_new (double, n + 1);
  guint n_ratios = 0;

  for (guint i = 0; i + 1 < n; i++)
    if (counts[i] + counts[i + 1] > 0)
      ratios[n_ratios++] = (counts[i] - counts[i + 1]) * (counts[i] - counts[i + 1]) / (counts[i] + counts[i + 1]);
  if (n_ratios == 0)
    return 1;
  qsort (ratios, n_ratios, sizeof (double), compare);
  return MAX (ratios[n_ratios / 2] / CHI_SQUARE_MEDIAN, 1);
}

/* −2 × the log-likelihood of @n counts with this sum, of one Poisson level, but for what does not depend on the level. */
static double
cost (double sum, guint n)
{
  return sum > 0 ? -2 * sum * log (sum / n) : 0;
}

guint *
glow_change_points_find (const double *counts, guint n, guint *n_segments)
{
  g_autofree double *sums = g_new (double, n + 1), *best = g_new (double, n + 1);
  g_autofree guint *from = g_new (guint, n + 1);
  double phi = dispersion (counts, n), penalty = 3 * log (MAX (n, 2)) * phi;
  guint *starts, at, k = 0;

  sums[0] = 0;
  for (guint i = 0; i < n; i++)
    sums[i + 1] = sums[i] + counts[i];
  best[0] = -penalty;
  for (guint end = 1; end <= n; end++)
    {
      best[end] = HUGE_VAL;
      for (guint start = 0; start < end; start++)
        {
          double all = best[start] + cost (sums[end] - sums[start], end - start) + penalty;

          if (all < best[end])
            {
              best[end] = all;
              from[end] = start;
            }
        }
    }
  for (at = n; at > 0; at = from[at])
    k++;
  *n_segments = k;
  starts = g_new (guint, k + 1);
  starts[k] = n;
  for (at = n; at > 0; at = from[at])
    starts[--k] = from[at];
  return starts;
}
