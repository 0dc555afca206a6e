/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/histogram-compare.h>
#include <afterglow/latency-map-chart.h>
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Observations that a service kept to show, as marks on a map of latency over time. */
typedef struct {
  guint64 time, duration;      /* ns, on the recording's clock */
  char *text;                  /* labels, one a line */
  char *trace;                 /* (nullable): the trace's id */
} GlowMarkedExemplar;

/* By time. (transfer full) (element-type GlowMarkedExemplar) */
GPtrArray *glow_exemplars_list  (GPtrArray *series, gint64 wall_clock_offset);
void       glow_exemplars_paint (GPtrArray *exemplars, const GlowLatencyMapView *view, cairo_t *cr, gboolean dark, guint chosen);
/* The nearest within reach of a place of the map; G_MAXUINT: none. */
guint      glow_exemplars_find  (GPtrArray *exemplars, const GlowLatencyMapView *view, double x, double y);
/* The next one in view after @chosen (G_MAXUINT: the first); G_MAXUINT where there is none. */
guint      glow_exemplars_next  (GPtrArray *exemplars, const GlowLatencyMapView *view, guint chosen);
/* What it is, beside it, with its trace to copy. */
void       glow_exemplars_show  (GtkWidget *widget, const GlowMarkedExemplar *exemplar, double x, double y);

G_END_DECLS
