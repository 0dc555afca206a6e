/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/document.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A button that asks about the fields of samples: a condition, what samples weigh, what the first row is split by. Hidden where a recording
 * has no fields. */
GtkWidget *glow_field_button_new (GlowDocument *document);

G_END_DECLS
