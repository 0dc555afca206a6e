/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/latency-view.h"
#include "ui/time-strip.h"

#include <afterglow/histogram-compare.h>

G_BEGIN_DECLS

/* A service's histogram beside the recording: its map of latency over time under the strip, and its quantiles beside the exact ones under the histogram of
 * spans. There from the moment that one is chosen until it is closed, or another recording comes. */
#define GLOW_TYPE_PROMETHEUS_PANEL (glow_prometheus_panel_get_type ())
G_DECLARE_FINAL_TYPE (GlowPrometheusPanel, glow_prometheus_panel, GLOW, PROMETHEUS_PANEL, GtkBox)

GtkWidget *glow_prometheus_panel_new (GlowDocument *document, GlowTimeStrip *strip, GlowLatencyView *latency);
/* (transfer none): with one histogram of durations. */
void       glow_prometheus_panel_set (GlowPrometheusPanel *self, GlowHistograms *histograms);
/* A dialog that asks for one. */
void       glow_prometheus_panel_ask (GlowPrometheusPanel *self);

G_END_DECLS
