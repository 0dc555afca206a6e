/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <adwaita.h>
#include "ui/capture-draft.h"

G_BEGIN_DECLS

/* What to record, why, and how much. "record": somebody pressed it; the draft has a way then. "open" (a path): what was recorded elsewhere. */
#define GLOW_TYPE_CAPTURE_DIALOG (glow_capture_dialog_get_type ())
G_DECLARE_FINAL_TYPE (GlowCaptureDialog, glow_capture_dialog, GLOW, CAPTURE_DIALOG, AdwWindow)

/* @plan: (nullable): begin with this one, in place of the last time's. */
GlowCaptureDialog *glow_capture_dialog_new       (GtkWindow *parent, const char *title, const GlowCapturePlan *plan);
GlowCaptureDraft  *glow_capture_dialog_get_draft (GlowCaptureDialog *self);

G_END_DECLS
