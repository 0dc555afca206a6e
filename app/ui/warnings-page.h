/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ui/fetch.h"

G_BEGIN_DECLS

/* What the recording could not tell: warnings with counts, first place and advice; modules without names, and what would give them some. */
GtkWidget *glow_warnings_page_new (GlowDocument *document, GlowFetch *fetch);

G_END_DECLS
