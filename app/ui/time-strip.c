/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time strip. What is seen is an interval of the recording; what is selected is the query's own time terms. The counts come from a density
 * that is computed in a worker once for each query, so that zooming and hovering only look up. */
#include <config.h>

#include "ui/compat.h"
#include "ui/job.h"
#include "ui/look.h"
#include "ui/time-strip.h"

#include <afterglow/heat-map.h>
#include <afterglow/time-axis.h>
#include <glib/gi18n.h>
#include <math.h>

#define MAP_HEIGHT 56
#define HEADER 18
#define AXIS 16
#define MARGIN 8
#define WHEEL_FACTOR 1.25
#define LABEL_WIDTH 90
#define NARROWEST_SPAN 100     /* ns */
#define NO_TIME G_MAXUINT64

struct _GlowTimeStrip {
  GtkWidget parent_instance;

  GlowDocument *document;
  GlowJobSlot job;
  GlowDensity *density;        /* (nullable) */
  GlowQuery *asked;            /* (nullable): what the density is of, or will be */
  GlowProfile *asked_of;       /* (nullable) */
  GlowHeatMap *map;            /* (nullable): of the view below */
  guint64 from, to;            /* ns: what is seen */
  double drag_x, drag_to;      /* pixels; drag_to < 0: no drag */
  double pointer_x, drag_pan_from;
  gboolean has_pointer, pans;
  guint64 cursor;              /* ns: of the keyboard; NO_TIME: none */
  guint64 anchor;              /* ns: the other end of what Shift and the arrows select */
};

G_DEFINE_FINAL_TYPE (GlowTimeStrip, glow_time_strip, GTK_TYPE_WIDGET)

static void update_accessible (GlowTimeStrip *self);

/* ---- what is seen ---- */

static double
map_width (GlowTimeStrip *self)
{
  return MAX (gtk_widget_get_width (GTK_WIDGET (self)) - 2 * MARGIN, 1);
}

static void
drop_map (GlowTimeStrip *self)
{
  g_clear_pointer (&self->map, glow_heat_map_free);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static GlowHeatMap *
get_map (GlowTimeStrip *self)
{
  GlowHeatMapOptions options = { self->from, self->to, map_width (self), MAP_HEIGHT, 0 };

  if (self->density == NULL || gtk_widget_get_width (GTK_WIDGET (self)) <= 2 * MARGIN)
    return NULL;
  options.rows = g_settings_get_uint (glow_look_get_settings (), "strip-rows");
  if (self->map == NULL || self->map->options.width != options.width)
    {
      g_clear_pointer (&self->map, glow_heat_map_free);
      self->map = glow_heat_map_compute (self->density, &options);
    }
  return self->map;
}

static void
set_view (GlowTimeStrip *self, double from, double span)
{
  double start, end;

  if (self->density == NULL)
    return;
  start = glow_density_get_from (self->density);
  end = (double) glow_density_get_to (self->density) + 1;
  span = CLAMP (span, MIN (NARROWEST_SPAN, end - start), end - start);
  from = CLAMP (from, start, end - span);
  self->from = (guint64) from;
  self->to = (guint64) (from + span);
  drop_map (self);
}

static void
zoom_about (GlowTimeStrip *self, double x, double factor)
{
  double share = CLAMP ((x - MARGIN) / map_width (self), 0, 1), span = (double) (self->to - self->from);

  set_view (self, self->from + share * span * (1 - 1 / factor), span / factor);
}

/* ---- what is selected ---- */

static guint64
column_time (const GlowHeatMap *map, guint column)
{
  return map->first + column * map->column;
}

static void
select_times (GlowTimeStrip *self, guint64 from, guint64 to, gboolean add)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  guint64 start = glow_profile_get_start (glow_density_get_profile (self->density));
  char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *value = NULL;
  GlowQuery *changed;

  g_ascii_formatd (low, sizeof low, "%.9f", (from - MIN (from, start)) / 1e9);
  g_ascii_formatd (high, sizeof high, "%.9f", (to - MIN (to, start)) / 1e9);
  value = g_strdup_printf ("%s,%s", low, high);
  changed = add ? glow_query_with (query, GLOW_QUERY_TIME, value, NULL) : glow_query_with_only (query, GLOW_QUERY_TIME, value, NULL);
  if (changed != NULL)
    glow_document_set_query (self->document, changed);
}

static void
select_columns (GlowTimeStrip *self, guint first, guint last, gboolean add)
{
  GlowHeatMap *map = get_map (self);

  if (map != NULL)
    select_times (self, column_time (map, first), column_time (map, last + 1), add);
}

static void
select_nothing (GlowTimeStrip *self)
{
  glow_document_set_query (self->document, glow_query_without (glow_document_get_query (self->document), GLOW_QUERY_TIME, NULL));
}

/* (transfer full) (nullable): pairs of ns that the query keeps */
static GArray *
dup_selected (GlowTimeStrip *self)
{
  GArray *ranges = NULL;

  if (self->density != NULL)
    glow_query_dup_time_ranges (glow_document_get_query (self->document), glow_density_get_profile (self->density), &ranges, NULL);
  return ranges;
}

/* ---- painting ---- */

static void
draw_text (GlowTimeStrip *self, GtkSnapshot *snapshot, const char *text, double x, double y, double align, double most)
{
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  GdkRGBA color;
  int width, height;

  pango_layout_set_width (layout, (int) (most * PANGO_SCALE));
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_get_pixel_size (layout, &width, &height);
  glow_compat_get_color (GTK_WIDGET (self), &color);
  color.alpha *= 0.7;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (x - align * width), (float) y));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

/* (transfer full): an interval in words, with what lies in it; its ends as exact as what can be chosen */
static char *
dup_words (GlowTimeStrip *self, guint64 from, guint64 to)
{
  GlowProfile *profile = glow_density_get_profile (self->density);
  guint64 step = MIN (glow_time_axis_choose_step (to - from, 100), self->map != NULL ? self->map->column : G_MAXUINT64), n = glow_density_before (self->density, to) - glow_density_before (self->density, from);
  g_autofree char *low = glow_time_axis_dup_label (profile, from, step), *high = glow_time_axis_dup_label (profile, to, step), *count = glow_text_count (n);

  return g_strdup_printf (ngettext ("%s to %s: %s sample", "%s to %s: %s samples", n), low, high, count);
}

static void
draw_header (GlowTimeStrip *self, GtkSnapshot *snapshot, const GlowHeatMap *map)
{
  g_autofree char *column = glow_text_duration ((double) map->column), *title = NULL, *words = NULL;
  double width = map_width (self);

  if (self->drag_to >= 0 && !self->pans)
    {
      guint a = glow_heat_map_column_at (map, self->drag_x - MARGIN), b = glow_heat_map_column_at (map, self->drag_to - MARGIN);

      words = dup_words (self, column_time (map, MIN (a, b)), column_time (map, MAX (a, b) + 1));
    }
  else if (self->has_pointer)
    {
      guint at = glow_heat_map_column_at (map, self->pointer_x - MARGIN);

      words = dup_words (self, column_time (map, at), column_time (map, at + 1));
    }
  title = g_strdup_printf (_("Time · %s a column · drag: select · double click: a period · wheel: zoom"), column);
  draw_text (self, snapshot, title, MARGIN, 1, 0, words != NULL ? width * 0.6 : width);
  if (words != NULL)
    draw_text (self, snapshot, words, MARGIN + width, 1, 1, width * 0.4);
}

static void
draw_axis (GlowTimeStrip *self, GtkSnapshot *snapshot)
{
  GlowProfile *profile = glow_density_get_profile (self->density);
  guint64 origin = glow_profile_get_info (profile)->has_wall_clock ? 0 : glow_profile_get_start (profile);
  guint64 step = glow_time_axis_choose_step (self->to - self->from, (guint) (map_width (self) / LABEL_WIDTH));
  guint64 time = origin + ((self->from - MIN (self->from, origin)) + step - 1) / step * step;

  for (; time <= self->to; time += step)
    {
      double x = MARGIN + (double) (time - self->from) / (self->to - self->from) * map_width (self);
      g_autofree char *label = glow_time_axis_dup_label (profile, time, step);
      double align = x < MARGIN + LABEL_WIDTH / 3.0 ? 0 : x > MARGIN + map_width (self) - LABEL_WIDTH / 3.0 ? 1 : 0.5;

      draw_text (self, snapshot, label, x, HEADER + MAP_HEIGHT + 1, align, LABEL_WIDTH);
      if (time > G_MAXUINT64 - step)
        break;
    }
}

/* Lost records are told behind the gap they left; throttling lasts until it is told to be over. */
static void
draw_marks (GlowTimeStrip *self, cairo_t *cr, const GlowHeatMap *map)
{
  guint32 n;
  const GlowMark *marks = glow_profile_get_marks (glow_density_get_profile (self->density), &n);
  double throttled = -1, lost = -HUGE_VAL;

  for (guint32 i = 0; i < n; i++)
    {
      double x = glow_heat_map_x (map, marks[i].time);

      if (marks[i].kind == GLOW_MARK_LOST)
        {
          /* Thousands may lie on one pixel. */
          if (x < 0 || x > map->options.width || fabs (x - lost) < 1)
            continue;
          lost = x;
          cairo_set_source_rgb (cr, 0.75, 0.10, 0.25);
          cairo_move_to (cr, x - 4, 0);
          cairo_line_to (cr, x + 4, 0);
          cairo_line_to (cr, x, 6);
          cairo_close_path (cr);
          cairo_fill (cr);
          cairo_rectangle (cr, x - 0.5, 0, 1, map->options.height);
          cairo_fill (cr);
        }
      else if (marks[i].kind == GLOW_MARK_THROTTLED && throttled < 0)
        throttled = x;
      else if (marks[i].kind == GLOW_MARK_UNTHROTTLED && throttled >= 0)
        {
          cairo_set_source_rgba (cr, 0.45, 0.25, 0.70, 0.9);
          cairo_rectangle (cr, throttled, map->options.height - 3, MAX (x - throttled, 2), 3);
          cairo_fill (cr);
          throttled = -1;
        }
    }
}

static void
outline (cairo_t *cr, const GlowHeatMap *map, double from, double to)
{
  GdkRGBA accent = { 0.21f, 0.52f, 0.89f, 1 };

  cairo_set_source_rgba (cr, accent.red, accent.green, accent.blue, 0.14);
  cairo_rectangle (cr, from, 0, to - from, map->options.height);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, accent.red, accent.green, accent.blue);
  cairo_set_line_width (cr, 2);
  cairo_rectangle (cr, from, 1, MAX (to - from, 2), map->options.height - 2);
  cairo_stroke (cr);
}

static void
draw_selection (GlowTimeStrip *self, cairo_t *cr, const GlowHeatMap *map)
{
  g_autoptr(GArray) ranges = dup_selected (self);

  if (self->drag_to >= 0 && !self->pans)
    {
      guint a = glow_heat_map_column_at (map, self->drag_x - MARGIN), b = glow_heat_map_column_at (map, self->drag_to - MARGIN);

      outline (cr, map, glow_heat_map_x (map, column_time (map, MIN (a, b))), glow_heat_map_x (map, column_time (map, MAX (a, b) + 1)));
    }
  else
    for (guint r = 0; ranges != NULL && r + 1 < ranges->len; r += 2)
      outline (cr, map, CLAMP (glow_heat_map_x (map, g_array_index (ranges, guint64, r)), -4, map->options.width + 4),
                     CLAMP (glow_heat_map_x (map, g_array_index (ranges, guint64, r + 1)), -4, map->options.width + 4));
  if (self->cursor != NO_TIME && gtk_widget_has_focus (GTK_WIDGET (self)))
    {
      double x = glow_heat_map_x (map, self->cursor), width = MAX (glow_heat_map_x (map, self->cursor + map->column) - x, 3);

      cairo_set_source_rgb (cr, 0.21, 0.52, 0.89);
      cairo_set_line_width (cr, 1.5);
      cairo_rectangle (cr, x - 1, 0.75, width + 1, map->options.height - 1.5);
      cairo_stroke (cr);
    }
}

static void
glow_time_strip_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GlowTimeStrip *self = GLOW_TIME_STRIP (widget);
  GlowHeatMap *map = get_map (self);
  cairo_t *cr;

  if (map == NULL)
    return;
  draw_header (self, snapshot, map);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, HEADER, (float) (map->options.width + 2 * MARGIN), MAP_HEIGHT));
  cairo_translate (cr, MARGIN, HEADER);
  glow_heat_map_paint (map, cr, glow_look_get_theme (), g_settings_get_enum (glow_look_get_settings (), "strip") == 1 ? GLOW_STRIP_RATE : GLOW_STRIP_HEAT);
  draw_marks (self, cr, map);
  draw_selection (self, cr, map);
  cairo_destroy (cr);
  draw_axis (self, snapshot);
}

static void
glow_time_strip_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEADER + MAP_HEIGHT + AXIS + 2 : 120;
}

/* ---- what people do ---- */

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, gpointer data)
{
  GlowTimeStrip *self = data;

  self->pointer_x = x;
  self->has_pointer = TRUE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_leave (GtkEventControllerMotion *controller, gpointer data)
{
  GlowTimeStrip *self = data;

  self->has_pointer = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
on_scroll (GtkEventControllerScroll *controller, double dx, double dy, gpointer data)
{
  GlowTimeStrip *self = data;
  gboolean touchpad = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_SURFACE;

  if (dx != 0)
    set_view (self, self->from + dx * (touchpad ? 1 : 60) / map_width (self) * (self->to - self->from), (double) (self->to - self->from));
  if (dy != 0)
    zoom_about (self, self->has_pointer ? self->pointer_x : MARGIN + map_width (self) / 2, pow (WHEEL_FACTOR, touchpad ? -dy / 20 : -dy));
  return GDK_EVENT_STOP;
}

static gboolean
has_modifier (GtkGesture *gesture, GdkModifierType modifier)
{
  return (gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture)) & modifier) != 0;
}

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y, gpointer data)
{
  GlowTimeStrip *self = data;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drag_x = x;
  self->pans = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture)) == GDK_BUTTON_MIDDLE;
  self->drag_pan_from = (double) self->from;
}

static void
on_drag_update (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  GlowTimeStrip *self = data;

  if (self->drag_to < 0 && !gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, (int) dx, 0))
    return;
  self->drag_to = MAX (self->drag_x + dx, 0);
  if (self->pans)
    set_view (self, self->drag_pan_from - dx / map_width (self) * (self->to - self->from), (double) (self->to - self->from));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_drag_end (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  GlowTimeStrip *self = data;
  GlowHeatMap *map = get_map (self);
  gboolean dragged = self->drag_to >= 0 && !self->pans;

  if (dragged && map != NULL)
    {
      guint a = glow_heat_map_column_at (map, self->drag_x - MARGIN), b = glow_heat_map_column_at (map, self->drag_to - MARGIN);

      self->drag_to = -1;
      select_columns (self, MIN (a, b), MAX (a, b), has_modifier (GTK_GESTURE (gesture), GDK_CONTROL_MASK));
    }
  self->drag_to = -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_pressed (GtkGestureClick *gesture, int n_press, double x, double y, gpointer data)
{
  GlowTimeStrip *self = data;
  GlowHeatMap *map = get_map (self);
  guint first, last;

  if (n_press != 2 || map == NULL)
    return;
  glow_heat_map_find_period (map, glow_heat_map_column_at (map, x - MARGIN), &first, &last);
  select_columns (self, first, last, has_modifier (GTK_GESTURE (gesture), GDK_CONTROL_MASK));
}

/* The keyboard's cursor is a column; Shift and the arrows select from where they began. */
static void
move_cursor (GlowTimeStrip *self, int columns, gboolean extend)
{
  GlowHeatMap *map = get_map (self);
  gint64 time, first;

  if (map == NULL)
    return;
  first = (gint64) map->first;
  time = self->cursor != NO_TIME ? (gint64) self->cursor + columns * (gint64) map->column : first;
  time = CLAMP (time, (gint64) glow_density_get_from (self->density), (gint64) glow_density_get_to (self->density));
  time = first + (time - first) / (gint64) map->column * (gint64) map->column;
  if (!extend || self->anchor == NO_TIME)
    self->anchor = extend && self->cursor != NO_TIME ? self->cursor : (guint64) time;
  self->cursor = (guint64) time;
  if (self->cursor < self->from || self->cursor + map->column > self->to)
    set_view (self, (double) self->cursor - (self->to - self->from) / 2.0, (double) (self->to - self->from));
  if (extend)
    select_times (self, MIN (self->anchor, self->cursor), MAX (self->anchor, self->cursor) + map->column, FALSE);
  update_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, gpointer data)
{
  GlowTimeStrip *self = data;
  GlowHeatMap *map = get_map (self);
  double middle = MARGIN + map_width (self) / 2;

  if (map == NULL || state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return GDK_EVENT_PROPAGATE;
  if (self->cursor != NO_TIME)
    middle = MARGIN + CLAMP (glow_heat_map_x (map, self->cursor), 0, map->options.width);
  switch (key)
    {
    case GDK_KEY_Left: move_cursor (self, -1, state & GDK_SHIFT_MASK); return GDK_EVENT_STOP;
    case GDK_KEY_Right: move_cursor (self, 1, state & GDK_SHIFT_MASK); return GDK_EVENT_STOP;
    case GDK_KEY_Page_Up: move_cursor (self, -10, state & GDK_SHIFT_MASK); return GDK_EVENT_STOP;
    case GDK_KEY_Page_Down: move_cursor (self, 10, state & GDK_SHIFT_MASK); return GDK_EVENT_STOP;
    case GDK_KEY_plus: case GDK_KEY_equal: case GDK_KEY_KP_Add: case GDK_KEY_Up: zoom_about (self, middle, 1.6); return GDK_EVENT_STOP;
    case GDK_KEY_minus: case GDK_KEY_KP_Subtract: case GDK_KEY_Down: zoom_about (self, middle, 1 / 1.6); return GDK_EVENT_STOP;
    case GDK_KEY_Return: case GDK_KEY_KP_Enter: case GDK_KEY_ISO_Enter:
      if (self->cursor != NO_TIME)
        {
          guint first, last;

          glow_heat_map_find_period (map, glow_heat_map_column_at (map, glow_heat_map_x (map, self->cursor) + 0.5), &first, &last);
          select_columns (self, first, last, FALSE);
        }
      return GDK_EVENT_STOP;
    case GDK_KEY_Escape: case GDK_KEY_BackSpace:
      select_nothing (self);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* ---- the document ---- */

static void
update_accessible (GlowTimeStrip *self)
{
  GlowHeatMap *map = get_map (self);
  g_autoptr(GArray) ranges = dup_selected (self);
  g_autofree char *seen = NULL, *words = NULL;

  if (self->density == NULL)
    return;
  seen = dup_words (self, self->from, self->to);
  if (self->cursor != NO_TIME && map != NULL && gtk_widget_has_focus (GTK_WIDGET (self)))
    {
      g_autofree char *at = dup_words (self, self->cursor, self->cursor + map->column);

      words = g_strdup_printf (_("Time, %s"), at);
    }
  else if (ranges != NULL && ranges->len > 0)
    {
      guint64 from = MAX (g_array_index (ranges, guint64, 0), glow_density_get_from (self->density));
      g_autofree char *chosen = dup_words (self, from, MIN (g_array_index (ranges, guint64, 1), glow_density_get_to (self->density) + 1));

      words = g_strdup_printf (_("Time, selected %s"), chosen);
    }
  else
    words = g_strdup_printf (_("Time, %s. Arrow keys walk, with Shift they select"), seen);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

typedef struct { GlowProfile *profile; GlowQuery *query; } Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_object_unref (request->profile);
  glow_query_unref (request->query);
  g_free (request);
}

static gpointer
compute (gpointer data, GCancellable *cancellable, GError **error)
{
  Request *request = data;

  return glow_density_compute (request->profile, request->query, cancellable, error);
}

static void
computed (gpointer owner, gpointer result, const GError *error)
{
  GlowTimeStrip *self = owner;
  /* A recording that grows keeps being shown whole, or in the part that somebody chose. */
  gboolean whole = self->density == NULL || (self->from == glow_density_get_from (self->density) && self->to == glow_density_get_to (self->density) + 1);

  if (result == NULL)
    return;
  g_clear_pointer (&self->density, glow_density_unref);
  self->density = result;
  if (whole)
    set_view (self, glow_density_get_from (self->density), G_MAXDOUBLE);
  drop_map (self);
  update_accessible (self);
}

static void
ask (GlowTimeStrip *self)
{
  GlowProfile *profile = glow_document_get_profile (self->document);
  g_autoptr(GlowQuery) query = NULL;
  const GlowProfileInfo *info = profile != NULL ? glow_profile_get_info (profile) : NULL;
  gboolean has_times = info != NULL && glow_profile_get_samples (profile)->time != NULL && info->last_time > info->first_time;
  gboolean wanted = has_times && g_settings_get_enum (glow_look_get_settings (), "strip") != 2;
  Request *request;

  gtk_widget_set_visible (GTK_WIDGET (self), wanted);
  if (!wanted)
    return;
  query = glow_query_without (glow_document_get_query (self->document), GLOW_QUERY_TIME, NULL);
  if (self->asked != NULL && self->asked_of == profile && glow_query_equal (self->asked, query))
    return;
  g_clear_pointer (&self->asked, glow_query_unref);
  self->asked = glow_query_ref (query);
  g_set_object (&self->asked_of, profile);
  request = g_new0 (Request, 1);
  *request = (Request) { g_object_ref (profile), glow_query_ref (query) };
  glow_job_start (&self->job, self, compute, request, request_free, (GDestroyNotify) glow_density_unref, computed);
}

static void
on_changed (GlowDocument *document, guint changes, gpointer data)
{
  GlowTimeStrip *self = data;

  if ((changes & GLOW_CHANGED_STATE) && glow_document_get_state (document) == GLOW_DOCUMENT_LOADING)
    {
      glow_job_cancel (&self->job);
      g_clear_pointer (&self->density, glow_density_unref);
      g_clear_pointer (&self->asked, glow_query_unref);
      self->cursor = self->anchor = NO_TIME;
      drop_map (self);
    }
  if (changes & (GLOW_CHANGED_PROFILE | GLOW_CHANGED_QUERY | GLOW_CHANGED_TREE))
    {
      ask (self);
      update_accessible (self);
      gtk_widget_queue_draw (GTK_WIDGET (self));
    }
}

static void
on_look (GlowTimeStrip *self)
{
  ask (self);
  drop_map (self);
}

static void
glow_time_strip_dispose (GObject *object)
{
  GlowTimeStrip *self = GLOW_TIME_STRIP (object);

  glow_job_cancel (&self->job);
  g_clear_pointer (&self->map, glow_heat_map_free);
  g_clear_pointer (&self->density, glow_density_unref);
  g_clear_pointer (&self->asked, glow_query_unref);
  g_clear_object (&self->asked_of);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (glow_time_strip_parent_class)->dispose (object);
}

static void
glow_time_strip_class_init (GlowTimeStripClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = glow_time_strip_dispose;
  widget_class->snapshot = glow_time_strip_snapshot;
  widget_class->measure = glow_time_strip_measure;
  gtk_widget_class_set_css_name (widget_class, "timestrip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
glow_time_strip_init (GlowTimeStrip *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new (), *key = gtk_event_controller_key_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new ();

  self->drag_to = -1;
  self->cursor = self->anchor = NO_TIME;
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_visible (widget, FALSE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll), self);
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key), self);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_drag_end), self);
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, key);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  glow_look_watch (widget, G_CALLBACK (on_look));
}

GtkWidget *
glow_time_strip_new (GlowDocument *document)
{
  GlowTimeStrip *self = g_object_new (GLOW_TYPE_TIME_STRIP, NULL);

  self->document = g_object_ref (document);
  g_signal_connect_object (document, "changed", G_CALLBACK (on_changed), self, 0);
  return GTK_WIDGET (self);
}
