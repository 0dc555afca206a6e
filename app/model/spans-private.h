/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/spans.h>

G_BEGIN_DECLS

/* What pairing leaves: whole and cut spans in the order of their ends; spans.c sorts them. */
typedef struct {
  guint64 start, end;
  guint32 first, last, thread;
  guint8 cut;
} GlowSpanRow;

/* (transfer full) (element-type GlowSpanRow); NULL with @error. */
GArray *glow_spans_pair (GlowProfile *profile, const GlowSpanKind *kind, gsize *unpaired_starts, gsize *unpaired_ends, GCancellable *cancellable,
                         GError **error);
/* The event of this name; GLOW_NONE where there is none. */
guint32 glow_span_event (GlowProfile *profile, const char *name);

G_END_DECLS
