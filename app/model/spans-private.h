/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/spans.h>

G_BEGIN_DECLS

/* Fields that together say which beginning an end belongs to. */
#define GLOW_SPAN_MAX_KEYS 4

/* What pairing leaves: whole and cut spans in the order of their ends; spans.c sorts them. */
typedef struct {
  guint64 start, end;
  guint32 first, last, thread;
  guint8 cut;
} GlowSpanRow;

/* What could not be paired, or only by half. */
typedef struct {
  gsize starts, ends;          /* without their other half */
  gsize by_wakeup;             /* off the CPU, with a wake-up but no switch back */
} GlowUnpaired;

/* (transfer full) (element-type GlowSpanRow); NULL with @error. */
GArray *glow_spans_pair (GlowProfile *profile, const GlowSpanKind *kind, GlowUnpaired *unpaired, GCancellable *cancellable, GError **error);
/* The event that wakes threads; GLOW_NONE where there is none that says whom. */
guint32 glow_span_wake_event (GlowProfile *profile);
/* The event of this name; GLOW_NONE where there is none. */
guint32 glow_span_event (GlowProfile *profile, const char *name);

G_END_DECLS
