/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Columns of before, after, and what lies between. */
#include <config.h>

#include "ui/change-cell.h"
#include "ui/change-columns.h"

#include <afterglow/diff-paint.h>
#include <afterglow/diff-text.h>
#include <glib/gi18n.h>

/* Lives as long as the view. */
typedef struct { GlowChangeAt at; gpointer data; } Rows;

void
glow_change_columns_set_text (GtkWidget *label, const GlowDiffChange *change, char *text)
{
  (change->matters ? gtk_widget_remove_css_class : gtk_widget_add_css_class) (label, "dim-label");
  gtk_label_set_text (GTK_LABEL (label), text);
  g_free (text);
}

void
glow_change_columns_set_name (GtkWidget *label, const GlowDiffChange *change, char *text)
{
  (change->matters ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (label, "strong");
  glow_change_columns_set_text (label, change, text);
}

static GlowShownChange
change_at (GtkListItem *item, gpointer data)
{
  const Rows *rows = data;
  GlowShownChange shown = { 0 };

  rows->at (item, rows->data, &shown);
  return shown;
}

static void
bind_before (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowShownChange shown = change_at (item, data);

  glow_change_columns_set_text (cell, &shown.change, glow_diff_text_value (shown.diff, shown.change.value[GLOW_BEFORE]));
}

static void
bind_after (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowShownChange shown = change_at (item, data);

  glow_change_columns_set_text (cell, &shown.change, glow_diff_text_value (shown.diff, shown.change.value[GLOW_AFTER]));
}

static void
bind_change (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowShownChange shown = change_at (item, data);

  glow_change_columns_set_text (cell, &shown.change, glow_diff_text_change (shown.diff, shown.change.change));
}

static void
bind_interval (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowShownChange shown = change_at (item, data);

  glow_change_columns_set_text (cell, &shown.change, glow_diff_text_interval (shown.diff, &shown.change));
}

static void
bind_q (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowShownChange shown = change_at (item, data);

  glow_change_columns_set_text (cell, &shown.change, glow_diff_text_q (shown.change.q));
}

static void
bind_word (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowShownChange shown = change_at (item, data);

  glow_change_columns_set_text (cell, &shown.change, g_strdup (shown.word));
}

static void
bind_bar (GtkListItem *item, GtkWidget *cell, gpointer data)
{
  GlowShownChange shown = change_at (item, data);
  double scale = MAX (shown.largest, 1e-300);

  glow_change_cell_set (GLOW_CHANGE_CELL (cell), shown.change.change / scale, shown.change.low / scale, shown.change.high / scale,
                        shown.change.matters ? glow_diff_get_step (shown.diff, shown.change.change) : 0);
}

void
glow_change_columns_add (GtkColumnView *view, const GlowChangeSorts *sorts, GlowChangeAt at, gpointer data, GlowChangeColumns *columns)
{
  Rows *rows = g_new0 (Rows, 1);

  *rows = (Rows) { at, data };
  g_object_set_data_full (G_OBJECT (view), "glow-change-rows", rows, g_free);
  glow_columns_add (view, _("Before"), GLOW_CELL_NUMBER, sorts->before, bind_before, rows);
  glow_columns_add (view, _("After"), GLOW_CELL_NUMBER, sorts->after, bind_after, rows);
  glow_columns_add (view, _("Change"), GLOW_CELL_NUMBER, sorts->change, bind_change, rows);
  columns->interval = glow_columns_add (view, _("95 % of the Change"), GLOW_CELL_NUMBER, -1, bind_interval, rows);
  glow_columns_add (view, _("q"), GLOW_CELL_NUMBER, sorts->q, bind_q, rows);
  columns->word = glow_columns_add (view, _("Evidence"), GLOW_CELL_TEXT, -1, bind_word, rows);
  columns->bars = glow_columns_add (view, _("Less · More"), GLOW_CELL_CHANGE, -1, bind_bar, rows);
}

void
glow_change_columns_set_narrow (const GlowChangeColumns *columns, gboolean narrow)
{
  gtk_column_view_column_set_visible (columns->interval, !narrow);
  gtk_column_view_column_set_visible (columns->word, !narrow);
  gtk_column_view_column_set_visible (columns->bars, !narrow);
}
