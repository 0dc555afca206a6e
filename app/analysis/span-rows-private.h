/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/spans.h>

G_BEGIN_DECLS

/* A piece of a span's time with one stack: of a sample inside it, or of a wait of its thread as far as that lies inside. */
typedef struct {
  guint32 span, stack;
  guint64 weight;
} GlowSpanRowPiece;

/**
 * glow_span_rows_compute:
 * @query: which samples; its span terms must be gone
 * @has_waits: (out): waits are in it, on one base of time with what ran
 *
 * A moment is the outermost base span's of its thread. O(samples + spans log spans)
 *
 * Returns: (transfer full) (element-type GlowSpanRowPiece): in the order of time, waits last; %NULL with @error
 */
GArray *glow_span_rows_compute (GlowProfile *profile, const GlowSpanChoice *choice, const GlowQuery *query, gboolean *has_waits, GCancellable *cancellable,
                                GError **error);

G_END_DECLS
