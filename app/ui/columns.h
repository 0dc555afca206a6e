/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include <afterglow/call-tree.h>

G_BEGIN_DECLS

/* What the tables have in common: cells of one look, and headers that say what to sort by without sorting objects. */

typedef void (*GlowCellBind) (GtkListItem *item, GtkWidget *cell, gpointer data);
typedef enum { GLOW_CELL_TEXT, GLOW_CELL_NUMBER, GLOW_CELL_SHARE, GLOW_CELL_CHANGE } GlowCellKind;

/* (transfer none): the column, which @view owns. @sort_id ≥ 0: its header sorts by it. */
GtkColumnViewColumn *glow_columns_add (GtkColumnView *view, const char *title, GlowCellKind kind, int sort_id, GlowCellBind bind, gpointer data);
/* Shows @column only where the table is at least @width pixels wide: a name that has to be scrolled to is no name. */
void      glow_columns_need       (GtkColumnView *view, GtkColumnViewColumn *column, int width);
/* What the headers say now: FALSE where nothing has been clicked. A column view does not tell (before GTK 4.10), so two probes are
 * compared and the column that is asked first notes itself. */
gboolean  glow_columns_get_order (GtkColumnView *view, int *sort_id, gboolean *ascending);
void      glow_columns_scroll_to (GtkColumnView *view, guint position);
/* "numeric" and right for numbers; fills a cell of a share of the tree's base with its interval. */
void      glow_columns_set_share (GtkWidget *cell, GlowCallTree *tree, guint64 weight);
char     *glow_columns_dup_module (GlowCallTree *tree, guint32 frame);

G_END_DECLS
