/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of quantiles on one logarithmic axis: a bar is the service's bucket, a tick in it what Prometheus would interpolate, a dot the exact quantile with
 * its interval. The numbers stand beside them. */
#include <config.h>

#include "ui/compat.h"
#include "ui/look.h"
#include "ui/quantile-strip.h"

#include <afterglow/text.h>
#include <glib/gi18n.h>
#include <math.h>

#define ROW 20
#define MARGIN 8
#define LABEL 44
#define WORDS 0.52             /* of the width, for numbers */
#define HEAD 16
#define EXACT 0.46             /* of that, for the exact ones */
#define NARROW 560             /* below it, numbers alone */

struct _GlowQuantileStrip {
  GtkWidget parent_instance;

  GlowHistogramComparison *comparison;         /* (nullable) */
};

G_DEFINE_FINAL_TYPE (GlowQuantileStrip, glow_quantile_strip, GTK_TYPE_WIDGET)

static char *
dup_bound (double ns)
{
  return isinf (ns) ? g_strdup (ns < 0 ? "−∞" : "+Inf") : glow_text_duration (MAX (ns, 0));
}

static char *
dup_exact (const GlowQuantile *quantile)
{
  g_autofree char *value = glow_text_duration ((double) quantile->value_ns), *low = glow_text_duration ((double) quantile->low_ns);
  g_autofree char *high = glow_text_duration ((double) quantile->high_ns), *needs = glow_text_count (quantile->needs);

  if (quantile->has_value && quantile->is_known)
    return g_strdup_printf ("%s (%s–%s)", value, low, high);
  return quantile->needs > 0 ? g_strdup_printf (_("not determined: needs ≥ %s"), needs) : g_strdup (_("not determined"));
}

static char *
dup_service (const GlowPrometheusQuantile *quantile)
{
  g_autofree char *value = dup_bound (quantile->value), *low = dup_bound (quantile->low), *high = dup_bound (quantile->high);

  if (isnan (quantile->value))
    return g_strdup (_("no observations"));
  return isinf (quantile->high) ? g_strdup_printf (_("above %s"), low) : g_strdup_printf (_("%s in %s–%s"), value, low, high);
}

/* ---- painting ---- */

typedef struct { double low, high, left, width; } Scale;

static void
widen (Scale *scale, double ns)
{
  if (!(ns > 0) || isinf (ns))
    return;
  scale->low = MIN (scale->low, ns);
  scale->high = MAX (scale->high, ns);
}

static void
fit (GlowQuantileStrip *self, Scale *scale)
{
  scale->low = INFINITY;
  scale->high = 0;
  for (guint i = 0; i < G_N_ELEMENTS (self->comparison->quantiles); i++)
    {
      const GlowComparedQuantile *quantile = &self->comparison->quantiles[i];

      widen (scale, quantile->server.low);
      widen (scale, quantile->server.high);
      widen (scale, quantile->server.value);
      if (quantile->exact.has_value)
        widen (scale, (double) quantile->exact.value_ns);
    }
  if (isinf (scale->low))
    scale->low = 1, scale->high = 10;
  scale->low /= 1.5;
  scale->high *= 1.5;
}

static double
to_x (const Scale *scale, double ns)
{
  return scale->left + CLAMP (ns > 0 ? log (ns / scale->low) / log (scale->high / scale->low) : 0, 0, 1) * scale->width;
}

static void
paint_row (const GlowComparedQuantile *quantile, const Scale *scale, cairo_t *cr, double y, gboolean dark)
{
  double low = to_x (scale, quantile->server.low), high = isinf (quantile->server.high) ? scale->left + scale->width : to_x (scale, quantile->server.high);
  double middle = y + ROW / 2.0;

  if (!isnan (quantile->server.value))
    {
      cairo_set_source_rgba (cr, dark ? 1.0 : 0.80, dark ? 0.64 : 0.33, dark ? 0.28 : 0.0, 0.35);
      cairo_rectangle (cr, low, middle - 6, MAX (high - low, 1), 12);
      cairo_fill (cr);
      cairo_set_source_rgb (cr, dark ? 1.0 : 0.70, dark ? 0.64 : 0.28, dark ? 0.28 : 0.0);
      if (!isinf (quantile->server.high))
        {
          cairo_rectangle (cr, floor (to_x (scale, quantile->server.value)) - 1, middle - 6, 2, 12);
          cairo_fill (cr);
        }
    }
  if (!quantile->exact.has_value || !quantile->exact.is_known)
    return;
  cairo_set_source_rgb (cr, dark ? 0.45 : 0.10, dark ? 0.70 : 0.37, dark ? 1.0 : 0.75);
  cairo_set_line_width (cr, 2);
  cairo_move_to (cr, to_x (scale, (double) quantile->exact.low_ns), middle);
  cairo_line_to (cr, to_x (scale, (double) quantile->exact.high_ns), middle);
  cairo_stroke (cr);
  cairo_arc (cr, to_x (scale, (double) quantile->exact.value_ns), middle, 3.5, 0, 2 * G_PI);
  cairo_fill (cr);
}

static void
draw_text (GtkWidget *widget, GtkSnapshot *snapshot, const char *text, double x, double y, double most, gboolean dim)
{
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  GdkRGBA color;
  int height;

  pango_layout_set_width (layout, (int) (most * PANGO_SCALE));
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_get_pixel_size (layout, NULL, &height);
  glow_compat_get_color (widget, &color);
  if (dim)
    color.alpha *= 0.75f;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) x, (float) (y + (ROW - height) / 2.0)));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static void
glow_quantile_strip_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GlowQuantileStrip *self = GLOW_QUANTILE_STRIP (widget);
  GlowTheme theme = glow_look_get_theme ();
  gboolean dark = theme == GLOW_THEME_DARK || theme == GLOW_THEME_DARK_CONTRAST;
  double width = gtk_widget_get_width (widget) - 2 * MARGIN, words = width < NARROW ? width - LABEL : width * WORDS;
  Scale scale = { .left = MARGIN + LABEL, .width = width - LABEL - words - 12 };
  cairo_t *cr;

  if (self->comparison == NULL)
    return;
  fit (self, &scale);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) gtk_widget_get_width (widget), (float) gtk_widget_get_height (widget)));
  for (guint i = 0; i < G_N_ELEMENTS (self->comparison->quantiles) && scale.width > 40; i++)
    paint_row (&self->comparison->quantiles[i], &scale, cr, HEAD + i * ROW, dark);
  cairo_destroy (cr);
  draw_text (widget, snapshot, _("Exact, of the spans"), MARGIN + width - words, -2, words * EXACT - 8, TRUE);
  draw_text (widget, snapshot, _("Service, histogram_quantile"), MARGIN + width - words * (1 - EXACT), -2, words * (1 - EXACT), TRUE);
  if (scale.width > 40)
    draw_text (widget, snapshot, _("● exact  ▮ the service’s bucket"), scale.left, -2, scale.width, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (self->comparison->quantiles); i++)
    {
      const GlowComparedQuantile *quantile = &self->comparison->quantiles[i];
      g_autofree char *label = glow_quantile_dup_label (quantile->exact.q), *exact = dup_exact (&quantile->exact), *service = dup_service (&quantile->server);
      double left = MARGIN + width - words;

      draw_text (widget, snapshot, label, MARGIN, HEAD + i * ROW, LABEL, TRUE);
      draw_text (widget, snapshot, exact, left, HEAD + i * ROW, words * EXACT - 8, FALSE);
      draw_text (widget, snapshot, service, left + words * EXACT, HEAD + i * ROW, words * (1 - EXACT), FALSE);
    }
}

static void
glow_quantile_strip_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEAD + ROW * 4 : 200;
}

/* ---- what it shows ---- */

static void
update_accessible (GlowQuantileStrip *self)
{
  g_autoptr(GString) words = g_string_new (_("Quantiles, exact from spans and by the service's histogram"));
  g_autoptr(GString) tooltip = g_string_new (NULL);

  for (guint i = 0; self->comparison != NULL && i < G_N_ELEMENTS (self->comparison->quantiles); i++)
    {
      const GlowComparedQuantile *quantile = &self->comparison->quantiles[i];
      g_autofree char *label = glow_quantile_dup_label (quantile->exact.q), *exact = dup_exact (&quantile->exact), *service = dup_service (&quantile->server);
      g_autofree char *spans = dup_service (&quantile->spans);

      g_string_append_printf (words, _("; %s: exact %s, service %s"), label, exact, service);
      g_string_append_printf (tooltip, _("%s%s: %s exact; histogram_quantile of these spans would say %s, of the service's counts %s"), i > 0 ? "\n" : "", label,
                              exact, spans, service);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words->str, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), tooltip->len > 0 ? tooltip->str : NULL);
}

void
glow_quantile_strip_set (GlowQuantileStrip *self, GlowHistogramComparison *comparison)
{
  g_clear_pointer (&self->comparison, glow_histogram_comparison_free);
  self->comparison = comparison;
  update_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
glow_quantile_strip_finalize (GObject *object)
{
  g_clear_pointer (&GLOW_QUANTILE_STRIP (object)->comparison, glow_histogram_comparison_free);
  G_OBJECT_CLASS (glow_quantile_strip_parent_class)->finalize (object);
}

static void
glow_quantile_strip_class_init (GlowQuantileStripClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = glow_quantile_strip_finalize;
  widget_class->snapshot = glow_quantile_strip_snapshot;
  widget_class->measure = glow_quantile_strip_measure;
  gtk_widget_class_set_css_name (widget_class, "quantilestrip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
redraw (GtkWidget *widget)
{
  gtk_widget_queue_draw (widget);
}

static void
glow_quantile_strip_init (GlowQuantileStrip *self)
{
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  glow_look_watch (GTK_WIDGET (self), G_CALLBACK (redraw));
}

GtkWidget *
glow_quantile_strip_new (void)
{
  return g_object_new (GLOW_TYPE_QUANTILE_STRIP, NULL);
}
