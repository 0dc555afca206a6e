/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bar, its whisker, and its number. */
#include <config.h>

#include "ui/look.h"
#include "ui/share-cell.h"

#include <afterglow/text.h>

#define BAR_HEIGHT 12

struct _GlowShareCell {
  GtkWidget parent_instance;
  GtkWidget *label;
  int bar_width;
  double share, low, high;
};

G_DEFINE_FINAL_TYPE (GlowShareCell, glow_share_cell, GTK_TYPE_WIDGET)

static void
glow_share_cell_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
                         int *natural_baseline)
{
  gtk_widget_measure (GLOW_SHARE_CELL (widget)->label, orientation, -1, minimum, natural, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MAX (*minimum, 52) + GLOW_SHARE_CELL (widget)->bar_width + 8;
      *natural = *minimum;
    }
}

static void
glow_share_cell_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  gtk_widget_allocate (GLOW_SHARE_CELL (widget)->label, MAX (width - GLOW_SHARE_CELL (widget)->bar_width - 8, 0), height, -1,
                       gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT (GLOW_SHARE_CELL (widget)->bar_width + 8, 0)));
}

static void
glow_share_cell_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GlowShareCell *self = GLOW_SHARE_CELL (widget);
  int y = (gtk_widget_get_height (widget) - BAR_HEIGHT) / 2;
  GlowTheme theme = glow_look_get_theme ();
  gboolean dark = theme == GLOW_THEME_DARK || theme == GLOW_THEME_DARK_CONTRAST;
  const GdkRGBA trough = dark ? (GdkRGBA) { 1, 1, 1, 0.10 } : (GdkRGBA) { 0, 0, 0, 0.08 };
  const GdkRGBA bar = { 0.93, 0.62, 0.27, 1 }, whisker = dark ? (GdkRGBA) { 1, 1, 1, 0.85 } : (GdkRGBA) { 0.1, 0.1, 0.1, 0.8 };
  float from = self->low * self->bar_width, to = self->high * self->bar_width;

  gtk_snapshot_append_color (snapshot, &trough, &GRAPHENE_RECT_INIT (0, y, self->bar_width, BAR_HEIGHT));
  if (self->share > 0)
    gtk_snapshot_append_color (snapshot, &bar, &GRAPHENE_RECT_INIT (0, y, MAX (self->share * self->bar_width, 1), BAR_HEIGHT));
  if (to - from > 1)
    {
      gtk_snapshot_append_color (snapshot, &whisker, &GRAPHENE_RECT_INIT (from, y + BAR_HEIGHT / 2, to - from, 1));
      gtk_snapshot_append_color (snapshot, &whisker, &GRAPHENE_RECT_INIT (from, y + 3, 1, BAR_HEIGHT - 6));
      gtk_snapshot_append_color (snapshot, &whisker, &GRAPHENE_RECT_INIT (to - 1, y + 3, 1, BAR_HEIGHT - 6));
    }
  gtk_widget_snapshot_child (widget, self->label, snapshot);
}

void
glow_share_cell_set (GlowShareCell *self, double share, double low, double high)
{
  g_autofree char *text = glow_text_share (share);

  self->share = CLAMP (share, 0, 1);
  self->low = CLAMP (low, 0, 1);
  self->high = CLAMP (high, 0, 1);
  gtk_label_set_text (GTK_LABEL (self->label), text);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

GtkWidget *
glow_share_cell_new (int bar_width)
{
  GlowShareCell *self = g_object_new (GLOW_TYPE_SHARE_CELL, NULL);

  self->bar_width = bar_width;
  return GTK_WIDGET (self);
}

static void
glow_share_cell_dispose (GObject *object)
{
  g_clear_pointer (&GLOW_SHARE_CELL (object)->label, gtk_widget_unparent);
  G_OBJECT_CLASS (glow_share_cell_parent_class)->dispose (object);
}

static void
glow_share_cell_class_init (GlowShareCellClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = glow_share_cell_dispose;
  widget_class->measure = glow_share_cell_measure;
  widget_class->size_allocate = glow_share_cell_size_allocate;
  widget_class->snapshot = glow_share_cell_snapshot;
  gtk_widget_class_set_css_name (widget_class, "sharecell");
}

static void
glow_share_cell_init (GlowShareCell *self)
{
  self->label = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->label), 1);
  gtk_widget_add_css_class (self->label, "numeric");
  gtk_widget_set_parent (self->label, GTK_WIDGET (self));
}
