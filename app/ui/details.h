/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ui/document.h"

G_BEGIN_DECLS

/* What the selected frame knows: numbers with their evidence, where it was seen, callers and callees. */
#define GLOW_TYPE_DETAILS (glow_details_get_type ())
G_DECLARE_FINAL_TYPE (GlowDetails, glow_details, GLOW, DETAILS, GtkBox)

GtkWidget *glow_details_new (GlowDocument *document);

G_END_DECLS
