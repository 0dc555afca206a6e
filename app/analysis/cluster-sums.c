/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much less samples say that come in clusters. */
#include <config.h>

#include "analysis/cluster-sums-private.h"

double
glow_cluster_scale (const GlowClusterSide *sides)
{
  double squares = sides[0].w_w + sides[1].w_w;

  return squares > 0 ? (sides[0].n + sides[1].n) / squares : 1;
}

/* Sums as they were if each cluster's weight had @shift × its size more of the function: a share moved without moving the residuals. */
static void
add_shifted (GlowClusterSums *sums, const GlowClusterSide *side, const GlowClusterPart *part, double shift)
{
  sums->y += part->y + shift * side->n;
  sums->y_y += part->y_y + 2 * shift * part->y_n + shift * shift * side->n_n;
  sums->y_n += part->y_n + shift * side->n_n;
}

double
glow_cluster_correlation (const GlowClusterSide *sides, const GlowClusterPart *a, const GlowClusterPart *b, double scale, gboolean own_shares)
{
  double n = sides[0].n + sides[1].n, share = n > 0 ? (a->y + b->y) / n : 0;
  GlowClusterSums sums = { .n = n * scale, .n_n = (sides[0].n_n + sides[1].n_n) * scale * scale, .clusters = (double) sides[0].clusters + sides[1].clusters };

  add_shifted (&sums, &sides[0], a, own_shares && sides[0].n > 0 ? share - a->y / sides[0].n : 0);
  add_shifted (&sums, &sides[1], b, own_shares && sides[1].n > 0 ? share - b->y / sides[1].n : 0);
  sums.y *= scale;
  sums.y_y *= scale * scale;
  sums.y_n *= scale * scale;
  return glow_intraclass_correlation (&sums);
}

double
glow_cluster_effect (const GlowClusterSide *side, double scale, double correlation)
{
  double size = side->n > 0 ? MAX (side->n_n / side->n * scale, 1) : 1;

  return 1 + (size - 1) * correlation;
}
