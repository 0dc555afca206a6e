/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bar with a whisker about the middle. */
#include <config.h>

#include "ui/change-cell.h"
#include "ui/look.h"

#include <math.h>

#define LEAST_WIDTH 70
#define WIDTH 190
#define HEIGHT 12

struct _GlowChangeCell {
  GtkWidget parent_instance;
  double change, low, high;
  gint step;
};

G_DEFINE_FINAL_TYPE (GlowChangeCell, glow_change_cell, GTK_TYPE_WIDGET)

static void
glow_change_cell_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? LEAST_WIDTH : HEIGHT;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? WIDTH : HEIGHT;
}

static void
glow_change_cell_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GlowChangeCell *self = GLOW_CHANGE_CELL (widget);
  GlowTheme theme = glow_look_get_theme ();
  gboolean dark = theme == GLOW_THEME_DARK || theme == GLOW_THEME_DARK_CONTRAST;
  GlowColor fill = glow_diff_get_color (theme, self->step);
  const GdkRGBA bar = { fill.red, fill.green, fill.blue, 1 }, axis = dark ? (GdkRGBA) { 1, 1, 1, 0.35 } : (GdkRGBA) { 0, 0, 0, 0.3 };
  const GdkRGBA whisker = dark ? (GdkRGBA) { 1, 1, 1, 0.9 } : (GdkRGBA) { 0.1, 0.1, 0.1, 0.85 };
  float half = gtk_widget_get_width (widget) / 2.0f, y = (gtk_widget_get_height (widget) - HEIGHT) / 2;
  float end = (float) (half + half * CLAMP (self->change, -1, 1)), low = (float) (half + half * CLAMP (self->low, -1, 1)), high = (float) (half + half * CLAMP (self->high, -1, 1));

  if (fabsf (end - half) >= 0.5f)
    gtk_snapshot_append_color (snapshot, &bar, &GRAPHENE_RECT_INIT (MIN (half, end), y, fabsf (end - half), HEIGHT));
  gtk_snapshot_append_color (snapshot, &axis, &GRAPHENE_RECT_INIT (half, y - 2, 1, HEIGHT + 4));
  if (high - low > 1)
    {
      gtk_snapshot_append_color (snapshot, &whisker, &GRAPHENE_RECT_INIT (low, y + HEIGHT / 2, high - low, 1));
      /* An end that is cut off has no stop. */
      if (self->low >= -1)
        gtk_snapshot_append_color (snapshot, &whisker, &GRAPHENE_RECT_INIT (low, y + 3, 1, HEIGHT - 5));
      if (self->high <= 1)
        gtk_snapshot_append_color (snapshot, &whisker, &GRAPHENE_RECT_INIT (high - 1, y + 3, 1, HEIGHT - 5));
    }
}

void
glow_change_cell_set (GlowChangeCell *self, double change, double low, double high, gint step)
{
  self->change = isfinite (change) ? change : 0;
  self->low = isfinite (low) ? low : self->change;
  self->high = isfinite (high) ? high : self->change;
  self->step = step;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GtkWidget *
glow_change_cell_new (void)
{
  return g_object_new (GLOW_TYPE_CHANGE_CELL, NULL);
}

static void
glow_change_cell_class_init (GlowChangeCellClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  widget_class->measure = glow_change_cell_measure;
  widget_class->snapshot = glow_change_cell_snapshot;
  gtk_widget_class_set_css_name (widget_class, "changecell");
  /* The numbers stand beside it. */
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
glow_change_cell_init (GlowChangeCell *self)
{
}
