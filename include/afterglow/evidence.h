/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/interval.h>

G_BEGIN_DECLS

/*
 * Whether a difference is one. Counts are doubles because they may be effective ones: k and n of weighted or clustered samples
 * are both divided by the design effect first (glow_design_effect(), or n_eff = p̂·n_eff of n_eff). All tests are two-sided;
 * p is NaN where there is nothing to test (no samples on a side).
 */
typedef struct {
  double statistic;          /* z, t, U or χ²; of exact tests: NaN */
  double degrees;            /* of freedom, t and χ² */
  double p;
  gboolean is_exact;         /* p is summed over all outcomes, not taken from a limit */
} GlowTest;

/* Two shares k1/n1 and k2/n2. */
GlowTest     glow_test_shares (double k1, double n1, double k2, double n2);    /* the one to show: z or Fisher's */
GlowTest     glow_test_shares_z (double k1, double n1, double k2, double n2);
GlowTest     glow_test_shares_fisher (double k1, double n1, double k2, double n2);
/* k1/n1 − k2/n2, Newcombe's method 10. */
GlowInterval glow_interval_newcombe (double k1, double n1, double k2, double n2, double confidence);
/* p of “the shares differ by @margin or more”: small says they are equivalent. Never call a share unchanged without. */
GlowTest     glow_test_shares_equivalent (double k1, double n1, double k2, double n2, double margin);
/* Samples a side to find p1 → p2 with @power at level @alpha; how likely they find it. */
double       glow_shares_samples_needed (double p1, double p2, double alpha, double power);
double       glow_shares_power (double p1, double p2, double n, double alpha);

/* All that one line of a diff shows. change = share1 − share2: the first is the one that is asked about (tail, after). */
typedef struct {
  double share1, share2;
  double change, change_low, change_high;
  double p;
  gboolean is_exact;
} GlowShareChange;
GlowShareChange glow_share_change (double k1, double n1, double k2, double n2, double confidence);

/* Two Poisson rates k/exposure: exposure is seconds × CPUs, requests, …, the same unit on both sides. */
GlowTest     glow_test_rates (double k1, double exposure1, double k2, double exposure2);
/* k1/exposure1 − k2/exposure2, from the exact intervals of both. */
GlowInterval glow_interval_rate_difference (double k1, double exposure1, double k2, double exposure2, double confidence);
/* (k1/exposure1) / (k2/exposure2): exact (Clopper–Pearson). Infinity where k2 is 0. */
GlowInterval glow_interval_rate_ratio (double k1, double exposure1, double k2, double exposure2, double confidence);

typedef enum {
  GLOW_DISCOVERY_BH,         /* Benjamini–Hochberg: independent or positively dependent, as nested frames are */
  GLOW_DISCOVERY_BY,         /* Benjamini–Yekutieli: any dependence */
} GlowDiscovery;
/* @q: (out caller-allocates) (array length=n): adjusted p-values, in the order of @p; NaN stays NaN and is not counted. O(n log n). */
void         glow_q_values (const double *p, gsize n, GlowDiscovery method, double *q);

/* Values of whole runs, a number a run. */
typedef struct {
  double difference, low, high;   /* mean of a − mean of b, with interval */
  GlowTest test;
} GlowWelch;
GlowWelch    glow_test_welch (const double *a, gsize n_a, const double *b, gsize n_b, double confidence);
/* The same where a side may be one run alone, and where runs are known to vary at least so much (sampling). */
GlowWelch    glow_test_runs (const double *a, gsize n_a, const double *b, gsize n_b, double least_variance_a, double least_variance_b, double confidence);
/* Runs a side to find @change with @power, where runs vary by @deviation. */
double       glow_runs_needed (double deviation, double change, double alpha, double power);
GlowTest     glow_test_mann_whitney (const double *a, gsize n_a, const double *b, gsize n_b);
GlowTest     glow_test_permutation (const double *a, gsize n_a, const double *b, gsize n_b);

/* Two histograms on the same bins; bins that expect fewer than 5 are put together with their neighbours. */
GlowTest     glow_test_histograms (const double *a, const double *b, gsize n);

/*
 * Samples inside one span (or one thread-second) resemble each other. Sums over such clusters, y of n samples in each having the
 * frame: those with y = 0 add to n, n_n and clusters only, which is the same for every frame, so that a frame costs its own spans.
 */
typedef struct {
  double y, n;               /* Σy, Σn */
  double y_y, y_n, n_n;      /* Σy², Σyn, Σn² */
  double clusters;           /* those with n > 0 */
} GlowClusterSums;
/* Variance of the share Σy/Σn by clusters ÷ that of Σn independent samples, at least 1. 1 where fewer than two clusters or a share of 0 or 1. */
double       glow_design_effect (const GlowClusterSums *sums);
/* The correlation that makes it, at most 1; below 0 where the samples of a cluster differ more than chance would have it. */
double       glow_intraclass_correlation (const GlowClusterSums *sums);

G_END_DECLS
