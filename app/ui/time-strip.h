/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/document.h"

G_BEGIN_DECLS

/* Samples over time above every view: a drag selects a time, which becomes a term of the query. Not there for recordings without times. */
#define GLOW_TYPE_TIME_STRIP (glow_time_strip_get_type ())
G_DECLARE_FINAL_TYPE (GlowTimeStrip, glow_time_strip, GLOW, TIME_STRIP, GtkWidget)

GtkWidget *glow_time_strip_new (GlowDocument *document);

G_END_DECLS
