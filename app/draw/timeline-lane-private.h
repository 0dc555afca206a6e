/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "draw/lettering-private.h"

#include <afterglow/timeline-chart.h>

G_BEGIN_DECLS

/* A label that is shown when what lies below it has been painted. */
typedef struct {
  double x, y, width, height;
  guint64 key;                 /* frame, or GLOW_LABEL_KIND + a kind of spans */
  GlowColor ink;
} GlowLaneLabel;
/* Equal frames side by side, of which only the last stack is different. */
typedef struct {
  guint32 node;                /* the stack down to this frame; 0: none */
  gboolean waits, fades;       /* a wait; not what the query keeps */
  double x0, x1;               /* pixels */
} GlowLaneRun;

#define GLOW_LABEL_KIND (G_GUINT64_CONSTANT (1) << 32)
#define GLOW_LABEL_LANE (G_GUINT64_CONSTANT (2) << 32)
#define GLOW_LABEL_PROCESS (G_GUINT64_CONSTANT (3) << 32)

struct _GlowTimelinePainter {
  GlowLettering *lettering;
  GlowProfile *profile;        /* whose frames the caches are of */
  GlowCallTree *tree;          /* (nullable): of @profile */
  GlowPalette palette;
  GlowTheme theme;
  GlowColor *fills, *texts;    /* by frame */
  guint8 *has_color;
  GlowLaneSum *sums;           /* by column */
  guint n_columns;
  cairo_surface_t *surface;    /* columns × rows of frames */
  guint n_rows;
  GArray *labels;              /* of GlowLaneLabel */
  GArray *path;                /* of guint32: a stack, from its root */
  GArray *runs;                /* by depth: what is being drawn */
};

void      glow_timeline_paint_lane (GlowTimelinePainter *self, cairo_t *cr, const GlowTimelineRows *rows, const GlowTimelineRow *row, double y,
                                    const GlowTimelineView *view, const GlowTimelinePaintOptions *options);
GlowColor glow_timeline_ground     (GlowTheme theme);
GlowColor glow_timeline_ink        (GlowTheme theme);
GlowColor glow_timeline_mix        (GlowColor a, GlowColor b, float part);
/* (transfer none): shaped when first seen */
const GlowLabel *glow_timeline_get_label (GlowTimelinePainter *self, GlowTimeline *timeline, guint64 key);

G_END_DECLS
