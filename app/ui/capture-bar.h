/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include <afterglow/capture.h>

G_BEGIN_DECLS

/* The bar of a recording: figures and buttons while it runs, what came of it afterwards; or an offer of one that was not finished. Its buttons are the
 * window's actions ("win.capture-…"). Hidden while there is nothing to say. */
#define GLOW_TYPE_CAPTURE_BAR (glow_capture_bar_get_type ())
G_DECLARE_FINAL_TYPE (GlowCaptureBar, glow_capture_bar, GLOW, CAPTURE_BAR, GtkWidget)

GtkWidget  *glow_capture_bar_new         (void);
/* (nullable): no more. */
void        glow_capture_bar_set_session (GlowCaptureBar *self, GlowCaptureSession *session);
/* @paths: recordings whose program died while it made them; the first is the one to open. */
void        glow_capture_bar_offer       (GlowCaptureBar *self, GPtrArray *paths);
/* What was typed as the text of a mark, or what a mark without one says (transfer full); the entry is empty then. */
char       *glow_capture_bar_take_mark   (GlowCaptureBar *self);
void        glow_capture_bar_focus_mark  (GlowCaptureBar *self);

G_END_DECLS
