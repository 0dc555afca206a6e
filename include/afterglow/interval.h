/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct { double low, high; } GlowInterval;

/**
 * glow_interval_wilson:
 * @k: samples that contain the frame
 * @n: samples in the query, n ≥ k; may be an effective n (not whole)
 * @confidence: two-sided, in (0, 1); 0.95 is customary
 *
 * Score interval of a share. Keeps its coverage at small @k, where the normal one collapses to a point.
 *
 * Source: Wilson (1927), J. Am. Stat. Assoc. 22(158).
 * Returns: bounds as shares in [0, 1]; {0, 1} where @n is 0
 */
GlowInterval glow_interval_wilson (double k, double n, double confidence);
/* Exact Poisson interval of a count (Garwood 1936): χ²(α/2, 2k)/2 … χ²(1−α/2, 2k+2)/2. */
GlowInterval glow_interval_poisson (double k, double confidence);
/* Kish (1965): (Σw)²/Σw²; 0 where there are no weights. */
double       glow_effective_n (double sum, double sum_of_squares);

typedef struct {
  double mean, error;          /* of the mean; NAN where there is one value */
  GlowInterval interval;
} GlowMean;

/**
 * glow_interval_mean:
 * @values: (array length=n): independent, n ≥ 1
 *
 * Mean with Student's interval: mean ± t · s / √n with n − 1 degrees of freedom; NANs as bounds of a single value.
 *
 * Source: Student (1908), Biometrika 6(1).
 */
GlowMean     glow_interval_mean (const double *values, gsize n, double confidence);

typedef struct {
  double share, low, high;     /* in [0, 1] */
  double samples, n;           /* k of n as shown; n is the effective one where used */
} GlowShare;
/* A frame's share by weight with Wilson bounds at the base's effective n (p̂ = w/Σw, k = p̂·n_eff). */
GlowShare    glow_share_compute (guint64 weight, guint64 base_weight, double effective_n, double confidence);

typedef struct {
  gboolean is_known;           /* FALSE: fewer than five blocks, or a share of 0 or 1, of which blocks say nothing */
  double low, high;            /* in [0, 1] */
  double design_effect;        /* variance by blocks ÷ variance of as many independent samples */
  guint n_blocks;
} GlowBlockShare;
/* A share whose samples come in blocks that are not independent inside. @part and @whole: weights of the share and of all, by block. */
GlowBlockShare glow_share_by_blocks (const double *part, const double *whole, guint n_blocks, double effective_n, double confidence);

G_END_DECLS
