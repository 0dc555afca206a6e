/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/query.h>

G_BEGIN_DECLS

/* How a query's samples lie in time: counts of any interval, exactly, without another pass over the samples. Immutable. */
typedef struct _GlowDensity GlowDensity;

/* @query's own time terms are left out: what is drawn to choose a time from must show all of it. NULL with @error where the recording has no
 * times (GLOW_ERROR_SELECTION) or the query cannot be answered. */
GlowDensity *glow_density_compute   (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error);
GlowDensity *glow_density_ref       (GlowDensity *self);
void         glow_density_unref     (GlowDensity *self);

GlowProfile *glow_density_get_profile (GlowDensity *self);      /* (transfer none) */
gsize        glow_density_get_n     (GlowDensity *self);        /* samples in all */
guint64      glow_density_get_from  (GlowDensity *self);        /* ns on the recording's clock: its first and last time */
guint64      glow_density_get_to    (GlowDensity *self);
/* Samples before @time. O(log of the samples in a 65,536th of the recording) */
gsize        glow_density_before    (GlowDensity *self, guint64 time);
/* Samples of each of @n_cells intervals of @width ns that follow one another from @from on. O(n_cells) such steps. Returns the largest. */
guint32      glow_density_count     (GlowDensity *self, guint64 from, guint64 width, guint n_cells, guint32 *counts);

/**
 * glow_gaps_compute:
 *
 * When nothing at all was recorded, of no event and no thread: stretches longer than chance leaves between so many samples (where they were independent,
 * one in a hundred recordings had one). Nothing ran, or nobody was recording; a recording does not tell which. O(samples)
 *
 * Returns: (transfer full) (nullable) (element-type guint64): pairs [from, to) in ns, ascending; %NULL where cancelled
 */
GArray      *glow_gaps_compute      (GlowProfile *profile, GCancellable *cancellable);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowDensity, glow_density_unref)

G_END_DECLS
