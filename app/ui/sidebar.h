/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ui/document.h"

G_BEGIN_DECLS

/* Events, processes and threads, containers, CPUs and modules with their shares. Choosing one is a term of the query. */
GtkWidget *glow_sidebar_new (GlowDocument *document);

G_END_DECLS
