/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "model/selection-private.h"

G_BEGIN_DECLS

/* What all samples of an event come to. */
typedef struct { guint64 weight, count, rows; } GlowEventTotals;

/* By event. O(samples) the first time, then kept with the profile. (transfer none): good as long as the profile */
const GlowEventTotals *glow_event_totals_get (GlowProfile *profile);
/* The weight and the samples of all that a selection's events have, whatever else it leaves out. FALSE where samples weigh what a field says. */
gboolean glow_event_totals_sum (const GlowSelection *selection, guint64 *weight, guint64 *samples);

G_END_DECLS
