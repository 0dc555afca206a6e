/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/quantile.h>

G_BEGIN_DECLS

/* More of all spans cut than this share: the quantiles of those that ended are too short, take Kaplan–Meier's. */
#define GLOW_SURVIVAL_CUT_SHARE 0.01

/* After @time_ns a share of @survival goes on. One step a distinct duration at which spans ended. */
typedef struct {
  guint64 time_ns;
  guint64 at_risk;           /* spans known to have lasted at least time_ns */
  guint64 ended;             /* of these, at exactly time_ns */
  double survival;
  double low, high;          /* log-log interval; where survival is 0 both are 0 to 1: not determined */
} GlowSurvivalStep;

/* (element-type GlowSurvivalStep) (transfer full): @ended, @cut (right-censored): ascending durations. O(n_ended + n_cut). */
GArray      *glow_survival_compute (const guint64 *ended, gsize n_ended, const guint64 *cut, gsize n_cut, double confidence);
/* From the same curve without keeping it; interval by Brookmeyer and Crowley on the log-log bounds. */
GlowQuantile glow_survival_quantile (const guint64 *ended, gsize n_ended, const guint64 *cut, gsize n_cut, double q, double confidence);

G_END_DECLS
