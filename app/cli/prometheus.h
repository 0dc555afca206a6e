/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Histograms of others in `latency`: beside a recording, and alone. */
#pragma once
#include <afterglow/histogram-compare.h>
#include <afterglow/latency-picture.h>
#include <afterglow/prometheus.h>
#include "cli/cli.h"

G_BEGIN_DECLS

/* What the command line says of them. */
typedef struct {
  char **sources;              /* (nullable): files, or one address */
  char *promql, *unit, *step_word, *auth_file, *ca_file, *sum_by;
  double step;                 /* seconds; 0: chosen */
} GlowCliPrometheus;

/* FALSE: wrong, everything having been said. */
gboolean        glow_cli_prometheus_check (GlowCliPrometheus *self);
void            glow_cli_prometheus_clear (GlowCliPrometheus *self);
/* Read, or asked for the time of @profile. NULL with *status, the reason having been printed. */
GlowHistograms *glow_cli_prometheus_load  (const GlowCliPrometheus *self, const GlowCliOptions *options, GlowProfile *profile, int *status);
/* Of one kind of spans; NULL with *status. */
GlowHistogramComparison *glow_cli_prometheus_compare (GlowHistograms *histograms, GlowProfile *profile, const GlowLatency *latency, int *status);
void            glow_cli_prometheus_append (GString *text, const GlowHistograms *histograms, GlowProfile *profile, const GlowHistogramComparison *comparison);
void            glow_cli_prometheus_json   (JsonBuilder *builder, const GlowHistograms *histograms, const GlowHistogramComparison *comparison);
void            glow_cli_print_histogram_warnings (const GlowCliOptions *options, const char *file, GlowHistograms *histograms);

/* histograms.c: files that hold histograms and no recording. */
typedef struct {
  const GlowCliPrometheus *prometheus;
  char **gates;
  const char *output, *format, *title;
  double width;
  gboolean dark;
} GlowCliHistograms;
int             glow_cli_histograms_run (const GlowCliHistograms *self, const GlowCliOptions *options);

/* latency.c */
gboolean        glow_cli_parse_gate (const char *text, double *q, gboolean *is_less, double *ns);

/* bars.c. @format_word (nullable) outright, else by the path's ending. Returns the exit status. */
int             glow_cli_latency_draw (GlowLatencyPicture *picture, const char *path, const char *format_word, const char *title, const char *file, double width,
                                       gboolean dark);
/* "▏" to "█": @share of @width cells. */
void            glow_cli_append_bar (GString *text, double share, guint width);
/* @text and blanks up to @width cells; before it where @right. */
void            glow_cli_append_padded (GString *text, const char *cell, guint width, gboolean right);

G_END_DECLS
