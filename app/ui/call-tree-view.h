/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include "ui/document.h"

G_BEGIN_DECLS

/* The document's call tree as a table. */
GtkWidget *glow_call_tree_view_new (GlowDocument *document);
/* Who calls a function and what it calls: the document's selected function, in two tables. */
GtkWidget *glow_sandwich_view_new  (GlowDocument *document);

G_END_DECLS
