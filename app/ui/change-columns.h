/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/diff.h>
#include "ui/columns.h"

G_BEGIN_DECLS

/* The columns that say how much something changed, and with what evidence: the same in the table of changes, the call tree and the sandwich of both
 * sides. What is without evidence is told more quietly. */

/* What stands in one row. */
typedef struct {
  GlowDiff *diff;
  GlowDiffChange change;
  const char *word;            /* "grew", "new", …; not to be freed */
  double largest;              /* change that fills half a bar, in the base */
} GlowShownChange;
typedef void (*GlowChangeAt) (GtkListItem *item, gpointer data, GlowShownChange *shown);

/* Ids of sorting (see glow_columns_add()). */
typedef struct { int before, after, change, q; } GlowChangeSorts;
/* Columns that give way where there is little room. */
typedef struct { GtkColumnViewColumn *interval, *word, *bars; } GlowChangeColumns;

void glow_change_columns_add        (GtkColumnView *view, const GlowChangeSorts *sorts, GlowChangeAt at, gpointer data, GlowChangeColumns *columns);
/* Where there is little room, what cannot be done without. */
void glow_change_columns_set_narrow (const GlowChangeColumns *columns, gboolean narrow);
/* Takes @text; quietly where it does not matter. */
void glow_change_columns_set_text   (GtkWidget *label, const GlowDiffChange *change, char *text);
/* The same for a name, which stands out where it matters. */
void glow_change_columns_set_name   (GtkWidget *label, const GlowDiffChange *change, char *text);

G_END_DECLS
