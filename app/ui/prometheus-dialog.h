/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include <afterglow/histogram-compare.h>

G_BEGIN_DECLS

/* Asks for a service's histogram: a file, or a server with what to ask it and as whom; reads or asks in a worker, and tells what went wrong where it was
 * asked for. "chosen" (GlowHistograms): it is there, and has one histogram of durations. */
#define GLOW_TYPE_PROMETHEUS_DIALOG (glow_prometheus_dialog_get_type ())
G_DECLARE_FINAL_TYPE (GlowPrometheusDialog, glow_prometheus_dialog, GLOW, PROMETHEUS_DIALOG, AdwWindow)

/* Of the time of @profile. */
GlowPrometheusDialog *glow_prometheus_dialog_new (GtkWindow *parent, GlowProfile *profile);

G_END_DECLS
