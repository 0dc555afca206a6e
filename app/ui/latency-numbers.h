/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/latency.h>

G_BEGIN_DECLS

/* Quantiles in words. (transfer full) */

/* In a line: each with its interval, or what it would need. */
char *glow_latency_numbers_dup          (const GlowLatency *latency);
/* At length, with what could not be paired; @le (nullable) (element-type guint64): and what histogram_quantile() would say of a histogram with these bounds. */
char *glow_latency_numbers_dup_evidence (const GlowLatency *latency, const GArray *le);

G_END_DECLS
