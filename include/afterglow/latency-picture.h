/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/histogram-compare.h>
#include <afterglow/picture.h>

G_BEGIN_DECLS

/* Histograms as a picture: a panel a kind, one below the other. In SVG every bar, line and curve says in a title what it is, as browsers show under the
 * pointer and screen readers read. */
typedef struct _GlowLatencyPicture GlowLatencyPicture;

typedef struct {
  double width;                /* pixels (PDF: points); 0: 900 */
  double scale;                /* device pixels a pixel, PNG only; 0: 1 */
  const char *title;           /* (nullable) */
  const char *subtitle;        /* (nullable) */
  GlowTheme theme;
} GlowLatencyPictureOptions;

GlowLatencyPicture *glow_latency_picture_new            (void);
void                glow_latency_picture_free           (GlowLatencyPicture *self);
/* Spans, in @buckets (nullable: as fine as there is room for), with their quantiles and intervals. */
void                glow_latency_picture_add_latency    (GlowLatencyPicture *self, const GlowLatency *latency, const GlowBuckets *buckets);
/* Counts of another, in the buckets that it has; a quantile is drawn as wide as its bucket. */
void                glow_latency_picture_add_histogram  (GlowLatencyPicture *self, const char *name, const GlowHistogram *histogram, gboolean is_exponential);
/* Spans in a service's buckets, and the service's own counts as an outline, both as shares. */
void                glow_latency_picture_add_comparison (GlowLatencyPicture *self, const GlowLatency *latency, const GlowHistogramComparison *comparison);
guint               glow_latency_picture_get_n          (const GlowLatencyPicture *self);
/* GLOW_ERROR_EMPTY without panels. */
gboolean            glow_latency_picture_write          (GlowLatencyPicture *self, GlowPictureFormat format, const GlowLatencyPictureOptions *options,
                                                         GOutputStream *output, GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowLatencyPicture, glow_latency_picture_free)

G_END_DECLS
