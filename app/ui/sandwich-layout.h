/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

/* How a sandwich stands: callers above, the function between, callees below; a page of its own while there is none. Of one recording and of both. */
typedef struct {
  GtkWidget *stack;            /* the page */
  GtkWidget *callers, *callees;   /* tables */
  GtkWidget *middle, *name, *where;
} GlowSandwichLayout;

/* Takes the (floating) tables. */
void glow_sandwich_layout_init (GlowSandwichLayout *self, GtkWidget *callers, GtkWidget *callees);
/* Shows the tables, and which function they are of; @name NULL: that none is chosen. */
void glow_sandwich_layout_show (GlowSandwichLayout *self, const char *name, const char *where);
/* Something to do with the function, beside its name. */
void glow_sandwich_layout_add  (GlowSandwichLayout *self, GtkWidget *widget);

G_END_DECLS
