/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ui/document.h"

G_BEGIN_DECLS

/* The top table: every function with self and total, sorted and filtered; its selection is the document's. */
#define GLOW_TYPE_FUNCTIONS_VIEW (glow_functions_view_get_type ())
G_DECLARE_FINAL_TYPE (GlowFunctionsView, glow_functions_view, GLOW, FUNCTIONS_VIEW, GtkBox)

GtkWidget *glow_functions_view_new (GlowDocument *document);

G_END_DECLS
