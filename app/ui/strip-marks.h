/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include <afterglow/heat-map.h>

G_BEGIN_DECLS

/* What is drawn over a map of time: what the recording missed, and what was chosen. All at the origin of @cr, as high as the map. */

/* How a chosen time stands out, each otherwise than by colour alone: a whole outline, or a dashed one with stripes. */
typedef enum { GLOW_BAND_SELECTED, GLOW_BAND_BASELINE } GlowBand;

/* @x0, @x1: pixels; what lies outside @width is cut off. */
void  glow_strip_draw_band  (cairo_t *cr, double width, double height, double x0, double x1, GlowBand band);
/* Stretches without any record (pairs of ns), hatched. */
void  glow_strip_draw_gaps  (cairo_t *cr, const GlowHeatMap *map, const GArray *gaps, GlowTheme theme);
/* Lost records and throttling. */
void  glow_strip_draw_marks (cairo_t *cr, const GlowHeatMap *map, GlowProfile *profile);
/* What somebody marked while it was recorded (of GlowCaptureMark, nullable): a line with its text. @x, @y: of the map in the widget. */
void  glow_strip_draw_notes (GtkWidget *widget, GtkSnapshot *snapshot, const GlowHeatMap *map, const GPtrArray *notes, double x, double y);
/* (transfer full) (nullable): their texts in [from, to) */
char *glow_strip_dup_notes  (const GPtrArray *notes, guint64 from, guint64 to);
/* (transfer full) (nullable): what of all this happened in [from, to), in words */
char *glow_strip_dup_events (GlowProfile *profile, const GArray *gaps, guint64 from, guint64 to);

/* A line of words, less prominent than what it is about; @align 0: begins at x, 1: ends there. @on_plate: can be read over what is drawn. */
void  glow_strip_draw_text  (GtkWidget *widget, GtkSnapshot *snapshot, const char *text, double x, double y, double align, double most, gboolean on_plate);
/* A time as a query has it: "1.25,2.5", seconds from the start. (transfer full) */
char *glow_strip_dup_time   (GlowProfile *profile, guint64 from, guint64 to);

/* strip-lanes.c: the rate of each event against its own highest, one below the other. */
/* (transfer full): of the events with most samples, in the order of the recording; O(samples) for each */
GArray *glow_strip_lanes_compute    (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable);
void    glow_strip_lanes_draw       (const GArray *lanes, cairo_t *cr, const GlowHeatMap *map, GlowTheme theme);
/* @x, @y: of the map in the widget */
void    glow_strip_lanes_draw_names (const GArray *lanes, GtkWidget *widget, GtkSnapshot *snapshot, const GlowHeatMap *map, double x, double y);

/* strip-menu.c (transfer full) */
GMenu  *glow_strip_menu_new         (void);

G_END_DECLS
