/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/latency.h>

#include "analysis/span-rows-private.h"

G_BEGIN_DECLS

/**
 * glow_contrast_compute:
 * @rows: (element-type GlowSpanRowPiece): will be sorted; the span of a piece is its cluster's number
 * @is_first: by cluster: of the first side, else of the second
 * @tail: (out): its rows, and how many pieces and clusters with pieces there are. rows stays %NULL where either side has none
 *
 * O(pieces × depth)
 *
 * Returns: %FALSE where cancelled
 */
gboolean glow_contrast_compute (GlowProfile *profile, GArray *rows, const guint8 *is_first, GlowTail *tail, GCancellable *cancellable);

G_END_DECLS
