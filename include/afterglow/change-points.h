/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * glow_change_points_find:
 * @counts: (array length=n): events of equal intervals, one after another; 0 or more
 * @n_segments: (out): at least 1 where @n > 0
 *
 * Cuts a series where its level changes: the cuts that make the counts likeliest, as Poisson counts of one level in each segment, where every segment
 * costs 3 ln n. Counts that scatter more than Poisson's (neighbours are compared) are believed so much less. O(n²).
 *
 * Source: optimal partitioning: Jackson et al. (2005), IEEE Signal Processing Letters 12(2); the penalty in the manner of Schwarz (1978), Ann. Stat. 6(2).
 *
 * Returns: (transfer full) (array): where each segment begins, ascending, and @n behind them
 */
guint *glow_change_points_find (const double *counts, guint n, guint *n_segments);

G_END_DECLS
