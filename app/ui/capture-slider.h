/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

/* A row with a slider in equal ratios and the number beside it. "moved" when somebody changed it. */
#define GLOW_TYPE_CAPTURE_SLIDER (glow_capture_slider_get_type ())
G_DECLARE_FINAL_TYPE (GlowCaptureSlider, glow_capture_slider, GLOW, CAPTURE_SLIDER, AdwPreferencesRow)

/* @endless: (nullable): what 0 is called, which the slider then has at its right end. (transfer floating) */
GtkWidget *glow_capture_slider_new       (const char *title, const char *unit, double low, double high, const char *endless);
void       glow_capture_slider_add_mark  (GlowCaptureSlider *self, double value, const char *label);
void       glow_capture_slider_set_high  (GlowCaptureSlider *self, double high);
double     glow_capture_slider_get_value (GlowCaptureSlider *self);
void       glow_capture_slider_set_value (GlowCaptureSlider *self, double value);

G_END_DECLS
