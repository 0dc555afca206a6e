/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/latency.h>

G_BEGIN_DECLS

/* @query without its time, and with its baseline in place of it; %NULL where it has no baseline. (transfer full) (nullable) */
GlowQuery *glow_query_dup_baseline (const GlowQuery *query);

/**
 * glow_baseline_compute:
 * @query: with a BASELINE_TIME term. Its TIME terms are the first side, or, without any, everything but the baseline. What lies in both is the first side's
 *
 * Samples of one thread that follow one another are alike, so what evidence is counted in is a thread for a while: a second, or a fifth of the shorter
 * side where that is less (at least a millisecond). Otherwise as glow_tail_compute(). O(samples × depth)
 *
 * Returns: (transfer full): or %NULL with @error, GLOW_ERROR_EMPTY where either side has no samples
 */
GlowTail  *glow_baseline_compute (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error);

G_END_DECLS
