/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include <afterglow/painter.h>

G_BEGIN_DECLS

/* What preferences and the desktop say of looks, in one place. */
GSettings  *glow_look_get_settings   (void);           /* (transfer none) */
GlowTheme   glow_look_get_theme      (void);
GlowPalette glow_look_get_palette    (void);
double      glow_look_get_row_height (void);
double      glow_look_get_uncertain  (void);           /* for GlowPaintOptions.uncertain_above */
gboolean    glow_look_has_motion     (GtkWidget *widget);   /* animations are wanted */
/* Applies the chosen colour scheme, now and whenever it changes. */
void        glow_look_follow_settings (void);
/* Calls back while @widget lives, whenever anything above may have changed. */
void        glow_look_watch          (GtkWidget *widget, GCallback callback);

G_END_DECLS
