/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The legend of before and after: a row of colours with what each begins at, and the signs. */
#include <config.h>

#include "ui/compat.h"
#include "ui/diff-legend.h"
#include "ui/look.h"

#include <afterglow/diff-text.h>
#include <glib/gi18n.h>

#define SWATCH 34
#define HEIGHT 10
#define GAP 12
#define N_SIGNS 4

struct _GlowDiffLegend {
  GtkWidget parent_instance;
  GlowComparison *comparison;
};

G_DEFINE_FINAL_TYPE (GlowDiffLegend, glow_diff_legend, GTK_TYPE_WIDGET)

static PangoLayout *
new_layout (GtkWidget *widget, const char *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (widget, text);

  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  return layout;
}

static int
text_width (GtkWidget *widget, const char *text)
{
  g_autoptr(PangoLayout) layout = new_layout (widget, text);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  return width;
}

/* The signs, and what each means. */
static const char *
get_sign (guint index)
{
  const char *const words[N_SIGNS] = { _("new"), _("gone"), _("uncertain"), _("no evidence") };

  return words[index];
}

static int
signs_width (GtkWidget *widget)
{
  int width = 0;

  for (guint i = 0; i < N_SIGNS; i++)
    width += GAP + 18 + 4 + text_width (widget, get_sign (i));
  return width;
}

static void
glow_diff_legend_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  g_autoptr(PangoLayout) layout = new_layout (widget, "+10");
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = HEIGHT + 2 + height;
  else
    {
      *natural = (2 * GLOW_DIFF_STEPS + 1) * SWATCH + 24 + signs_width (widget);
      *minimum = 200;
    }
}

static void
show_text (GtkWidget *widget, cairo_t *cr, double middle, double y, const char *text)
{
  g_autoptr(PangoLayout) layout = new_layout (widget, text);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  cairo_move_to (cr, middle - width / 2.0, y);
  pango_cairo_show_layout (cr, layout);
}

static void
draw_sign (cairo_t *cr, guint index, const GlowColor *fill, const GdkRGBA *ink, double x, double y)
{
  static const double dashes[] = { 3, 2 };

  cairo_set_source_rgb (cr, fill->red, fill->green, fill->blue);
  cairo_rectangle (cr, x, y, 18, HEIGHT + 2);
  cairo_fill (cr);
  cairo_save (cr);
  cairo_rectangle (cr, x, y, 18, HEIGHT + 2);
  cairo_clip (cr);
  cairo_set_line_width (cr, 1.2);
  if (index == 2)
    {
      cairo_set_source_rgba (cr, 1, 1, 1, 0.8);
      for (double at = -12; at < 18; at += 6)
        {
          cairo_move_to (cr, x + at, y + HEIGHT + 2);
          cairo_rel_line_to (cr, HEIGHT + 2, -HEIGHT - 2);
        }
      cairo_stroke (cr);
    }
  else if (index < 2)
    {
      cairo_set_source_rgb (cr, 0.09, 0.09, 0.11);
      cairo_move_to (cr, x + 4, y + 6);
      cairo_rel_line_to (cr, 7, 0);
      if (index == 0)
        {
          cairo_move_to (cr, x + 7.5, y + 2.5);
          cairo_rel_line_to (cr, 0, 7);
        }
      cairo_stroke (cr);
      gdk_cairo_set_source_rgba (cr, ink);
      if (index == 1)
        cairo_set_dash (cr, dashes, 2, 0);
      cairo_rectangle (cr, x + 0.5, y + 0.5, 17, HEIGHT + 1);
      cairo_stroke (cr);
    }
  cairo_restore (cr);
}

static void
glow_diff_legend_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GlowDiffLegend *self = GLOW_DIFF_LEGEND (widget);
  GlowDiff *diff = glow_comparison_get_diff (self->comparison);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget), room;
  GlowTheme theme = glow_look_get_theme ();
  double swatch, x = 0;
  GdkRGBA ink;
  cairo_t *cr;

  if (diff == NULL)
    return;
  room = signs_width (widget);
  swatch = CLAMP ((width - 24 - (width > room + 260 ? room : 0)) / (2.0 * GLOW_DIFF_STEPS + 1), 12, SWATCH);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  glow_compat_get_color (widget, &ink);
  for (gint step = -GLOW_DIFF_STEPS; step <= GLOW_DIFF_STEPS; step++, x += swatch)
    {
      GlowColor fill = glow_diff_get_color (theme, step);
      g_autofree char *label = step != 0 ? glow_diff_dup_step_label (diff, step) : g_strdup ("");

      cairo_set_source_rgb (cr, fill.red, fill.green, fill.blue);
      cairo_rectangle (cr, x, 0, swatch - 1, HEIGHT);
      cairo_fill (cr);
      gdk_cairo_set_source_rgba (cr, &ink);
      if (swatch >= 24 || step == 0 || ABS (step) == GLOW_DIFF_STEPS)
        show_text (widget, cr, x + swatch / 2, HEIGHT + 1, label);
    }
  if (glow_diff_get_options (diff)->base == GLOW_DIFF_SHARE)
    show_text (widget, cr, x + 12, HEIGHT + 1, "pp");
  x += 24;
  for (guint i = 0; i < N_SIGNS && width > room + 260; i++)
    {
      GlowColor fill = glow_diff_get_color (theme, i == 0 ? 3 : i == 1 ? -3 : i == 2 ? 4 : 0);
      int words = text_width (widget, get_sign (i));

      x += GAP;
      draw_sign (cr, i, &fill, &ink, x, (height - HEIGHT - 2) / 2);
      gdk_cairo_set_source_rgba (cr, &ink);
      show_text (widget, cr, x + 22 + words / 2.0, (height - HEIGHT) / 2.0 - 3, get_sign (i));
      x += 22 + words;
    }
  cairo_destroy (cr);
}

static void
on_changed (GlowComparison *comparison, guint changes, gpointer data)
{
  GlowDiff *diff = glow_comparison_get_diff (comparison);
  g_autofree char *least = NULL, *most = NULL, *words = NULL;

  if (!(changes & GLOW_COMPARED_DIFF) || diff == NULL)
    return;
  least = glow_diff_text_change (diff, glow_diff_get_step_least (diff, 1));
  most = glow_diff_text_change (diff, glow_diff_get_step_least (diff, GLOW_DIFF_STEPS));
  words = g_strdup_printf (_("Orange grew, blue shrank, in five steps from %s to %s and more; grey: no evidence. A plus is new, a minus and a dashed border gone, a hatch uncertain"), least, most);
  gtk_accessible_update_property (GTK_ACCESSIBLE (data), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  gtk_widget_set_tooltip_text (data, words);
  gtk_widget_queue_draw (data);
}

GtkWidget *
glow_diff_legend_new (GlowComparison *comparison)
{
  GlowDiffLegend *self = g_object_new (GLOW_TYPE_DIFF_LEGEND, NULL);

  self->comparison = g_object_ref (comparison);
  g_signal_connect_object (comparison, "changed", G_CALLBACK (on_changed), self, 0);
  return GTK_WIDGET (self);
}

static void
glow_diff_legend_dispose (GObject *object)
{
  g_clear_object (&GLOW_DIFF_LEGEND (object)->comparison);
  G_OBJECT_CLASS (glow_diff_legend_parent_class)->dispose (object);
}

static void
glow_diff_legend_class_init (GlowDiffLegendClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = glow_diff_legend_dispose;
  widget_class->measure = glow_diff_legend_measure;
  widget_class->snapshot = glow_diff_legend_snapshot;
  gtk_widget_class_set_css_name (widget_class, "difflegend");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
glow_diff_legend_init (GlowDiffLegend *self)
{
  glow_look_watch (GTK_WIDGET (self), G_CALLBACK (gtk_widget_queue_draw));
}
