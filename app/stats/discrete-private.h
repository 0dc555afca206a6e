/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/*
 * A distribution over whole numbers with one mode, by the ratio of neighbours. Walked from the mode outwards nothing overflows and
 * nothing cancels, whatever the counts are; what is walked is a few standard deviations, O(√n).
 */
typedef struct _GlowDiscrete GlowDiscrete;
struct _GlowDiscrete {
  double lowest, highest, mode;
  double n, odds;            /* binomial */
  double k, n1, n2;          /* hypergeometric: k of n1 + n2 are marked, n1 are drawn */
  double (*ratio) (const GlowDiscrete *self, double x);   /* P(x + 1) / P(x) */
};

GlowDiscrete glow_discrete_binomial (double n, double p);
GlowDiscrete glow_discrete_hypergeometric (double k, double n1, double n2);
/* P of all outcomes that are as unlikely as @observed or more; 0 where that is below 1e-290. */
double       glow_discrete_two_sided (const GlowDiscrete *self, double observed);
/* (element-type double) (transfer full): P(first), P(first + 1), … around the mode; what is left out sums to less than 1e-15. */
GArray      *glow_discrete_window (const GlowDiscrete *self, double *first);

G_END_DECLS
