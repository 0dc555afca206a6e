/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include <afterglow/duration-chart.h>

G_BEGIN_DECLS

/* A histogram of durations to brush in: "brushed" (low, high in ns as guint64; high G_MAXUINT64: no end; 0, 0: nothing). */
#define GLOW_TYPE_DURATION_AREA (glow_duration_area_get_type ())
G_DECLARE_FINAL_TYPE (GlowDurationArea, glow_duration_area, GLOW, DURATION_AREA, GtkWidget)

GtkWidget *glow_duration_area_new         (void);
/* Borrowed: @latency (nullable) and @marked (nullable) must stay until others are set. */
void       glow_duration_area_set_latency (GlowDurationArea *self, const GlowLatency *latency);
void       glow_duration_area_set_marked  (GlowDurationArea *self, const guint8 *marked);
/* @bounds: (nullable) (element-type guint64): of GLOW_BARS_EXPLICIT; a reference is taken. */
void       glow_duration_area_set_bars    (GlowDurationArea *self, GlowBars bars, gboolean by_time, gboolean log_count, GArray *bounds);
/* (nullable) (transfer none): as it is drawn now */
const GlowDurationChart *glow_duration_area_get_chart (GlowDurationArea *self);
void       glow_duration_area_set_brush   (GlowDurationArea *self, guint64 low, guint64 high);

G_END_DECLS
