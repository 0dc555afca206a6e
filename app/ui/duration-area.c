/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws a histogram and lets a range of it be brushed, with the pointer or with the arrow keys. */
#include <config.h>

#include "ui/compat.h"
#include "ui/duration-area.h"
#include "ui/look.h"

#include <afterglow/text.h>
#include <glib/gi18n.h>
#include <math.h>

#define MARGIN 8
#define TOP 14
#define AXIS 16
#define LABEL_WIDTH 64
#define NONE G_MAXUINT

struct _GlowDurationArea {
  GtkWidget parent_instance;

  const GlowLatency *latency;  /* (nullable) */
  const guint8 *marked;        /* (nullable) */
  GlowBars bars;
  gboolean by_time, log_count;
  GArray *bounds;              /* (nullable) of guint64 */
  guint64 low, high;           /* ns that are brushed; 0, 0: nothing */
  GlowDurationChart *chart;    /* (nullable) */
  double drag_x, drag_to;      /* pixels; drag_to < 0: no drag */
  guint cursor, anchor;        /* bars, of the keyboard */
};

G_DEFINE_FINAL_TYPE (GlowDurationArea, glow_duration_area, GTK_TYPE_WIDGET)

static guint brushed_signal;

static void
drop_chart (GlowDurationArea *self)
{
  g_clear_pointer (&self->chart, glow_duration_chart_free);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static GlowDurationChart *
get_chart (GlowDurationArea *self)
{
  GlowDurationChartOptions options = { .width = gtk_widget_get_width (GTK_WIDGET (self)) - 2 * MARGIN,
                                       .height = gtk_widget_get_height (GTK_WIDGET (self)) - TOP - AXIS, .bars = self->bars, .by_time = self->by_time,
                                       .log_count = self->log_count, .marked = self->marked };

  if (self->bounds != NULL)
    {
      options.bounds = (const guint64 *) self->bounds->data;
      options.n_bounds = self->bounds->len;
    }

  if (self->latency == NULL || options.width < 10 || options.height < 10)
    return NULL;
  if (self->chart == NULL || self->chart->options.width != options.width || self->chart->options.height != options.height)
    {
      g_clear_pointer (&self->chart, glow_duration_chart_free);
      self->chart = glow_duration_chart_compute (self->latency, &options);
    }
  return self->chart->bars->len > 0 ? self->chart : NULL;
}

static const GlowDurationBar *
bar_at (const GlowDurationChart *chart, guint index)
{
  return &g_array_index (chart->bars, GlowDurationBar, index);
}

/* As people write it: three digits say where a bar begins well enough, but where bars are narrower than those tell apart. Down, so that the bar
 * itself stays inside. */
static guint64
round_down (guint64 ns, guint64 width)
{
  guint64 unit = 1;

  while (ns / unit >= 1000 && unit <= width / 100)
    unit *= 10;
  return ns / unit * unit;
}

/* From one bar to another; up to the last means without end. */
static void
brush (GlowDurationArea *self, guint a, guint b)
{
  GlowDurationChart *chart = get_chart (self);
  guint first = MIN (a, b), last = MAX (a, b);

  if (chart == NULL)
    return;
  first = MIN (first, chart->bars->len - 1);
  last = MIN (last, chart->bars->len - 1);
  g_signal_emit (self, brushed_signal, 0, round_down (bar_at (chart, first)->low, bar_at (chart, first)->high - bar_at (chart, first)->low),
                 last + 1 == chart->bars->len ? G_MAXUINT64 : round_down (bar_at (chart, last)->high, bar_at (chart, last)->high - bar_at (chart, last)->low));
}

/* ---- painting ---- */

static void
draw_text (GlowDurationArea *self, GtkSnapshot *snapshot, const char *text, double x, double y, double align)
{
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  double widest = gtk_widget_get_width (GTK_WIDGET (self));
  GdkRGBA color;
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  glow_compat_get_color (GTK_WIDGET (self), &color);
  color.alpha *= 0.75;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) CLAMP (x - align * width, 2, MAX (widest - width - 2, 2)), (float) y));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

static void
draw_axis (GlowDurationArea *self, GtkSnapshot *snapshot, const GlowDurationChart *chart, double y)
{
  g_autoptr(GArray) ticks = glow_duration_chart_dup_ticks (chart, (guint) MAX (chart->options.width / LABEL_WIDTH, 2));

  for (guint i = 0; i < ticks->len; i++)
    {
      g_autofree char *label = glow_text_duration (g_array_index (ticks, double, i));

      draw_text (self, snapshot, label, MARGIN + glow_duration_chart_x (chart, g_array_index (ticks, double, i)), y, 0.5);
    }
}

/* What bars are as high as, over them at the left: on plates, so that it can be read. */
static void
draw_values (GlowDurationArea *self, GtkSnapshot *snapshot, const GlowDurationChart *chart)
{
  g_autoptr(GArray) ticks = glow_duration_chart_dup_value_ticks (chart, 3);
  gboolean dark = glow_look_get_theme () == GLOW_THEME_DARK || glow_look_get_theme () == GLOW_THEME_DARK_CONTRAST;
  GdkRGBA plate = dark ? (GdkRGBA) { 0.1f, 0.1f, 0.1f, 0.72f } : (GdkRGBA) { 1, 1, 1, 0.78f };

  for (guint i = 0; i < ticks->len; i++)
    {
      double tick = g_array_index (ticks, double, i);
      g_autofree char *label = self->by_time ? glow_text_duration (tick) : glow_text_count ((guint64) tick);
      g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), label);
      double y = TOP + CLAMP (glow_duration_chart_y (chart, tick) - 8, 0, chart->options.height - 14);
      int width, height;

      pango_layout_get_pixel_size (layout, &width, &height);
      gtk_snapshot_append_color (snapshot, &plate, &GRAPHENE_RECT_INIT (MARGIN, (float) y, (float) width + 4, (float) height));
      draw_text (self, snapshot, label, MARGIN + 2, y, 0);
    }
}

static void
draw_quantile_labels (GlowDurationArea *self, GtkSnapshot *snapshot, const GlowDurationChart *chart)
{
  double last = -100;

  for (guint i = 0; i + 1 < GLOW_LATENCY_QUANTILES; i++)
    {
      const GlowQuantile *quantile = &self->latency->quantiles[i];
      double x = MARGIN + glow_duration_chart_x (chart, (double) quantile->value_ns);
      g_autofree char *label = glow_quantile_dup_label (quantile->q);

      if (!quantile->has_value || !quantile->is_known || x - last < 34)
        continue;
      draw_text (self, snapshot, label, x, 0, 0.5);
      last = x;
    }
}

static void
glow_duration_area_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GlowDurationArea *self = GLOW_DURATION_AREA (widget);
  GlowDurationChart *chart = get_chart (self);
  guint64 low = self->low, high = self->high;
  cairo_t *cr;

  if (chart == NULL)
    return;
  if (self->drag_to >= 0)
    {
      guint a = glow_duration_chart_bar_at (chart, self->drag_x - MARGIN), b = glow_duration_chart_bar_at (chart, self->drag_to - MARGIN);

      low = bar_at (chart, MIN (a, b))->low;
      high = bar_at (chart, MAX (a, b))->high;
    }
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, TOP, (float) (chart->options.width + 2 * MARGIN), (float) chart->options.height));
  cairo_translate (cr, MARGIN, TOP);
  glow_duration_chart_paint (chart, cr, glow_look_get_theme (), low, high);
  if (gtk_widget_has_focus (widget) && self->cursor < chart->bars->len)
    {
      double x = glow_duration_chart_x (chart, (double) bar_at (chart, self->cursor)->low);

      cairo_set_source_rgb (cr, 0.21, 0.52, 0.89);
      cairo_set_line_width (cr, 1.5);
      cairo_rectangle (cr, x - 1, 1, MAX (glow_duration_chart_x (chart, (double) bar_at (chart, self->cursor)->high) - x, 3) + 1, chart->options.height - 2);
      cairo_stroke (cr);
    }
  cairo_destroy (cr);
  draw_values (self, snapshot, chart);
  draw_quantile_labels (self, snapshot, chart);
  draw_axis (self, snapshot, chart, TOP + chart->options.height + 1);
}

static void
glow_duration_area_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_VERTICAL ? TOP + AXIS + 60 : 120;
  *natural = orientation == GTK_ORIENTATION_VERTICAL ? TOP + AXIS + 110 : 400;
}

/* ---- what people do ---- */

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y, gpointer data)
{
  GlowDurationArea *self = data;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drag_x = x;
}

static void
on_drag_update (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  GlowDurationArea *self = data;

  if (self->drag_to < 0 && !gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, (int) dx, 0))
    return;
  self->drag_to = MAX (self->drag_x + dx, 0);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_drag_end (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  GlowDurationArea *self = data;
  GlowDurationChart *chart = get_chart (self);
  double to = self->drag_to;

  self->drag_to = -1;
  if (to >= 0 && chart != NULL)
    brush (self, glow_duration_chart_bar_at (chart, self->drag_x - MARGIN), glow_duration_chart_bar_at (chart, to - MARGIN));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* A double click takes a bar and everything longer. */
static void
on_pressed (GtkGestureClick *gesture, int n_press, double x, double y, gpointer data)
{
  GlowDurationArea *self = data;
  GlowDurationChart *chart = get_chart (self);

  if (n_press == 2 && chart != NULL)
    brush (self, glow_duration_chart_bar_at (chart, x - MARGIN), chart->bars->len - 1);
}

static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, gpointer data)
{
  GlowDurationArea *self = data;
  GlowDurationChart *chart = get_chart (self);
  gboolean extend = (state & GDK_SHIFT_MASK) != 0;

  if (chart == NULL || state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return GDK_EVENT_PROPAGATE;
  /* A narrower chart has fewer bars. */
  if (self->cursor != NONE)
    self->cursor = MIN (self->cursor, chart->bars->len - 1);
  switch (key)
    {
    case GDK_KEY_Left: case GDK_KEY_Right: case GDK_KEY_Home: case GDK_KEY_End:
      if (!extend || self->anchor == NONE)
        self->anchor = self->cursor != NONE ? self->cursor : 0;
      if (self->cursor == NONE)
        self->cursor = key == GDK_KEY_Left || key == GDK_KEY_End ? chart->bars->len - 1 : 0;
      else if (key == GDK_KEY_Home || key == GDK_KEY_End)
        self->cursor = key == GDK_KEY_Home ? 0 : chart->bars->len - 1;
      else
        self->cursor = key == GDK_KEY_Left ? MAX (self->cursor, 1) - 1 : MIN (self->cursor + 1, chart->bars->len - 1);
      if (extend)
        brush (self, self->anchor, self->cursor);
      gtk_widget_queue_draw (GTK_WIDGET (self));
      return GDK_EVENT_STOP;
    case GDK_KEY_Return: case GDK_KEY_KP_Enter: case GDK_KEY_ISO_Enter:
      if (self->cursor != NONE)
        brush (self, MIN (self->cursor, chart->bars->len - 1), chart->bars->len - 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Escape: case GDK_KEY_BackSpace:
      g_signal_emit (self, brushed_signal, 0, (guint64) 0, (guint64) 0);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static gboolean
on_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer unused)
{
  GlowDurationArea *self = GLOW_DURATION_AREA (widget);
  GlowDurationChart *chart = get_chart (self);
  const GlowDurationBar *bar;
  g_autofree char *low = NULL, *high = NULL, *count = NULL, *time = NULL, *text = NULL;
  gsize longer = 0;

  if (chart == NULL || keyboard)
    return FALSE;
  bar = bar_at (chart, glow_duration_chart_bar_at (chart, x - MARGIN));
  for (guint i = glow_duration_chart_bar_at (chart, x - MARGIN); i < chart->bars->len; i++)
    longer += bar_at (chart, i)->count;
  low = glow_text_duration ((double) bar->low);
  high = bar->high == G_MAXUINT64 ? g_strdup ("+Inf") : glow_text_duration ((double) bar->high);
  count = glow_text_count (bar->count);
  time = glow_text_duration (bar->time);
  {
    g_autofree char *above = glow_text_count (longer), *share = glow_text_share ((double) longer / self->latency->choice->n_base);

    text = g_strdup_printf (ngettext ("%s to %s: %s span, together %s\n%s (%s) last at least so long", "%s to %s: %s spans, together %s\n%s (%s) last at least so long",
                                      bar->count), low, high, count, time, above, share);
  }
  if (bar->marked > 0)
    {
      g_autofree char *marked = glow_text_count (bar->marked), *with = g_strdup_printf (_("%s\nThe chosen function was seen in %s of them"), text, marked);

      gtk_tooltip_set_text (tooltip, with);
    }
  else
    gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* ---- setting ---- */

void
glow_duration_area_set_latency (GlowDurationArea *self, const GlowLatency *latency)
{
  self->latency = latency;
  self->marked = NULL;
  self->cursor = self->anchor = NONE;
  drop_chart (self);
}

void
glow_duration_area_set_marked (GlowDurationArea *self, const guint8 *marked)
{
  self->marked = marked;
  drop_chart (self);
}

void
glow_duration_area_set_bars (GlowDurationArea *self, GlowBars bars, gboolean by_time, gboolean log_count, GArray *bounds)
{
  self->bars = bars == GLOW_BARS_EXPLICIT && bounds == NULL ? GLOW_BARS_LOG : bars;
  self->by_time = by_time;
  self->log_count = log_count;
  drop_chart (self);
  if (bounds != NULL)
    g_array_ref (bounds);
  g_clear_pointer (&self->bounds, g_array_unref);
  self->bounds = bounds;
  self->cursor = self->anchor = NONE;
  drop_chart (self);
}

const GlowDurationChart *
glow_duration_area_get_chart (GlowDurationArea *self)
{
  return get_chart (self);
}

void
glow_duration_area_set_brush (GlowDurationArea *self, guint64 low, guint64 high)
{
  self->low = low;
  self->high = high;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
glow_duration_area_dispose (GObject *object)
{
  GlowDurationArea *self = GLOW_DURATION_AREA (object);

  g_clear_pointer (&self->chart, glow_duration_chart_free);
  g_clear_pointer (&self->bounds, g_array_unref);
  G_OBJECT_CLASS (glow_duration_area_parent_class)->dispose (object);
}

static void
glow_duration_area_class_init (GlowDurationAreaClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = glow_duration_area_dispose;
  widget_class->snapshot = glow_duration_area_snapshot;
  widget_class->measure = glow_duration_area_measure;
  gtk_widget_class_set_css_name (widget_class, "durationarea");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  brushed_signal = g_signal_new ("brushed", GLOW_TYPE_DURATION_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_UINT64);
}

static void
on_look (GlowDurationArea *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
glow_duration_area_init (GlowDurationArea *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new ();

  self->drag_to = -1;
  self->cursor = self->anchor = NONE;
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_has_tooltip (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  g_signal_connect (widget, "query-tooltip", G_CALLBACK (on_query_tooltip), NULL);
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key), self);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_drag_end), self);
  gtk_widget_add_controller (widget, key);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  glow_look_watch (widget, G_CALLBACK (on_look));
}

GtkWidget *
glow_duration_area_new (void)
{
  return g_object_new (GLOW_TYPE_DURATION_AREA, NULL);
}
