/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/latency-view.h"
#include "ui/time-strip.h"

G_BEGIN_DECLS

/* Latency over time, under the strip and in step with it: of the kind of spans that the histogram shows. A rectangle of it becomes a time and a range of
 * durations of the query. Not there where a recording has no spans, or where somebody hid it. */
#define GLOW_TYPE_LATENCY_MAP_AREA (glow_latency_map_area_get_type ())
G_DECLARE_FINAL_TYPE (GlowLatencyMapArea, glow_latency_map_area, GLOW, LATENCY_MAP_AREA, GtkWidget)

GtkWidget *glow_latency_map_area_new (GlowDocument *document, GlowTimeStrip *strip, GlowLatencyView *latency);
/* The same of what a service counted, with its exemplars (transfer full) (element-type GlowMarkedExemplar). Takes @map. */
GtkWidget *glow_latency_map_area_new_of_service (GlowDocument *document, GlowTimeStrip *strip, GlowLatencyView *latency, GlowLatencyMap *map, const char *name,
                                                 GPtrArray *exemplars);
/* It gives way to the graph where a window is low. */
void       glow_latency_map_area_set_has_room (GlowLatencyMapArea *self, gboolean has_room);

G_END_DECLS
