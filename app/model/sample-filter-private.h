/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A query's answer sample by sample, for what prints samples and not sums. */
#pragma once
#include <afterglow/query.h>

G_BEGIN_DECLS

/* (transfer full): one byte a sample, 1 where it is selected. O(samples) */
guint8 *glow_sample_filter_compute (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error);
/* (transfer full) (nullable): one byte a frame, 1 where the query hides it; NULL where it hides none. O(frames) */
guint8 *glow_sample_filter_dup_hidden_frames (GlowProfile *profile, const GlowQuery *query);

G_END_DECLS
