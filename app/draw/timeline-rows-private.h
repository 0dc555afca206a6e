/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where things stand within a lane's row: spans first, then the band of its state, then its stacks. */
#pragma once
#include <afterglow/timeline-chart.h>

G_BEGIN_DECLS

#define GLOW_ROW_GROUP 22.0            /* pixels: a group's heading */
#define GLOW_ROW_PAD 3.0               /* above and below a lane */
#define GLOW_ROW_BAND 8.0
#define GLOW_ROW_STRIP 13.0            /* of the innermost frame alone */
#define GLOW_ROW_FRAME 15.0            /* of each frame of a lane that is unfolded */
#define GLOW_ROW_SPAN 14.0             /* of a row of spans of a lane that is unfolded */
#define GLOW_ROW_SPAN_THIN 4.0         /* of one that is not */
#define GLOW_ROW_THIN_SPANS 3          /* rows of spans that such a lane shows */

typedef struct {
  double spans, band, stacks;  /* pixels from the row's top */
  double span_height, frame_height;
  guint n_spans, n_frames;     /* rows that are shown */
} GlowRowParts;

GlowRowParts glow_timeline_row_parts (const GlowLane *lane, gboolean open);
/* At most so many slices are told apart: beyond, columns are drawn. */
static inline guint
glow_timeline_most_slices (const GlowTimelineView *view)
{
  return (guint) MAX (2 * (view->width - view->gutter), 64);
}

G_END_DECLS
