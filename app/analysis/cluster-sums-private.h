/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples that come in clusters (spans, seconds of a thread) on two sides: sums for one function, and how alike the samples of a cluster are. */
#pragma once
#include <afterglow/evidence.h>

G_BEGIN_DECLS

/* Of one function on one side; see GlowClusterSums. */
typedef struct {
  double y, y_y, y_n;          /* over clusters: weight, weight², weight × the cluster's whole weight */
  guint64 samples;
  guint32 clusters;            /* that hold it */
} GlowClusterPart;

/* Of one side as a whole. */
typedef struct {
  double n, n_n;               /* over clusters: weight, weight² */
  double w_w;                  /* over samples: weight² */
  guint32 clusters;
} GlowClusterSide;

/* What a weight is divided by to be a number of independent samples (Kish), over both sides. */
double glow_cluster_scale       (const GlowClusterSide *sides);
/*
 * How alike the samples of one cluster are in having a function: the intraclass correlation, from the clusters of both sides together, at most 1.
 * @own_shares: each side around its own share, else around the common one, as if there were no difference.
 */
double glow_cluster_correlation (const GlowClusterSide *sides, const GlowClusterPart *a, const GlowClusterPart *b, double scale, gboolean own_shares);
/* 1 + (size of the cluster that a sample is in, on average, − 1) × correlation. Source: Kish, Survey Sampling (1965), section 5.4. */
double glow_cluster_effect      (const GlowClusterSide *side, double scale, double correlation);

G_END_DECLS
