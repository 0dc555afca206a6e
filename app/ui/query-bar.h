/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ui/document.h"

G_BEGIN_DECLS

/* The query in words above every view: a chip a term, removed by its ×; the base of every percentage; back and forward. */
GtkWidget *glow_query_bar_new   (GlowDocument *document);
/* The way from the root to what is zoomed, each step a button. */
GtkWidget *glow_breadcrumbs_new (GlowDocument *document);

G_END_DECLS
