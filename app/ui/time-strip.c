/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The time strip. What is seen is an interval of the recording; what is selected is the query's own time terms. The counts come from a density
 * that is computed in a worker once for each query, so that zooming and hovering only look up. */
#include <config.h>

#include "ui/compat.h"
#include "ui/job.h"
#include "ui/look.h"
#include "ui/recorded.h"
#include "ui/strip-marks.h"
#include "ui/time-strip.h"

#include <afterglow/heat-map.h>
#include <afterglow/time-axis.h>
#include <glib/gi18n.h>
#include <math.h>

#define MAP_HEIGHT 56
#define ROW_HEIGHT 4           /* of a map with more rows than fit */
#define LANE_HEIGHT 24         /* of an event's rate */
#define HEADER 18
#define AXIS 16
#define MARGIN GLOW_TIME_STRIP_MARGIN
#define WHEEL_FACTOR 1.25
#define LABEL_WIDTH 90
#define NARROWEST_SPAN 100     /* ns */
#define NO_TIME G_MAXUINT64

struct _GlowTimeStrip {
  GtkWidget parent_instance;

  GlowDocument *document;
  GlowJobSlot job;
  GlowDensity *density;        /* (nullable) */
  GArray *gaps;                /* (nullable): pairs of ns */
  GArray *lanes;               /* (nullable): each event's rate, where that is what is drawn */
  GlowQuery *asked;            /* (nullable): what the density is of, or will be */
  GlowProfile *asked_of;       /* (nullable) */
  GlowHeatMap *map;            /* (nullable): of the view below */
  guint64 from, to;            /* ns: what is seen */
  double drag_x, drag_to;      /* pixels; drag_to < 0: no drag */
  double pointer_x, drag_pan_from;
  gboolean has_pointer, pans, marks_baseline;
  guint64 cursor;              /* ns: of the keyboard; NO_TIME: none */
  guint64 anchor;              /* ns: the other end of what Shift and the arrows select */
  GtkWidget *menu;             /* (nullable): popover */
};

G_DEFINE_FINAL_TYPE (GlowTimeStrip, glow_time_strip, GTK_TYPE_WIDGET)

static guint view_changed_signal;

static void update_accessible (GlowTimeStrip *self);

/* ---- what is seen ---- */

static double
map_width (GlowTimeStrip *self)
{
  return MAX (gtk_widget_get_width (GTK_WIDGET (self)) - 2 * MARGIN, 1);
}

static gboolean
shows_rate (void)
{
  return g_settings_get_enum (glow_look_get_settings (), "strip") == 1;
}

/* As many rows as somebody chose have their room, and as many lanes as there are events. */
static int
map_height (GlowTimeStrip *self)
{
  guint rows = g_settings_get_uint (glow_look_get_settings (), "strip-rows");

  if (shows_rate ())
    return MAX (self->lanes != NULL ? (int) self->lanes->len * LANE_HEIGHT : 0, MAP_HEIGHT);
  return MAX ((int) rows * ROW_HEIGHT, MAP_HEIGHT);
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
  GlowHeatMapOptions options = { self->from, self->to, map_width (self), map_height (self), 0 };

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
  g_signal_emit (self, view_changed_signal, 0);
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
select_times (GlowTimeStrip *self, GlowQueryField field, guint64 from, guint64 to, gboolean add)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  g_autofree char *value = glow_strip_dup_time (glow_density_get_profile (self->density), from, to);
  GlowQuery *changed;

  changed = add ? glow_query_with (query, field, value, NULL) : glow_query_with_only (query, field, value, NULL);
  if (changed != NULL)
    glow_document_set_query (self->document, changed);
}

static void
select_columns (GlowTimeStrip *self, GlowQueryField field, guint first, guint last, gboolean add)
{
  GlowHeatMap *map = get_map (self);

  if (map != NULL)
    select_times (self, field, column_time (map, first), column_time (map, last + 1), add);
}

/* First the selection, then the baseline. */
static void
select_nothing (GlowTimeStrip *self)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  GlowQueryField field = glow_query_has_term (query, GLOW_QUERY_TIME, NULL) ? GLOW_QUERY_TIME : GLOW_QUERY_BASELINE_TIME;

  glow_document_set_query (self->document, glow_query_without (query, field, NULL));
}

/* (transfer full) (nullable): pairs of ns that the query keeps, or compares with */
static GArray *
dup_selected (GlowTimeStrip *self, GlowQueryField field)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  g_autoptr(GlowQuery) baseline = field == GLOW_QUERY_BASELINE_TIME ? glow_query_dup_baseline (query) : NULL;
  GArray *ranges = NULL;

  if (self->density != NULL && (field == GLOW_QUERY_TIME || baseline != NULL))
    glow_query_dup_time_ranges (baseline != NULL ? baseline : query, glow_density_get_profile (self->density), &ranges, NULL);
  return ranges;
}

/* ---- painting ---- */

/* (transfer full): an interval in words, with what lies in it; its ends as exact as what can be chosen */
static char *
dup_words (GlowTimeStrip *self, guint64 from, guint64 to)
{
  GlowProfile *profile = glow_density_get_profile (self->density);
  guint64 step = MIN (glow_time_axis_choose_step (to - from, 100), self->map != NULL ? self->map->column : G_MAXUINT64), n = glow_density_before (self->density, to) - glow_density_before (self->density, from);
  g_autofree char *low = glow_time_axis_dup_label (profile, from, step), *high = glow_time_axis_dup_label (profile, to, step), *count = glow_text_count (n);
  g_autofree char *events = glow_strip_dup_events (profile, self->gaps, from, to);
  g_autofree char *notes = glow_strip_dup_notes (glow_recorded_get_marks (self->document), from, to);
  g_autofree char *words = g_strdup_printf (ngettext ("%s to %s: %s sample", "%s to %s: %s samples", n), low, high, count);

  return g_strconcat (words, events != NULL ? " · " : "", events != NULL ? events : "", notes != NULL ? " · " : "", notes, NULL);
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
  title = g_strdup_printf (_("Time · %s a column · drag: select · Shift: a baseline · double click: a period · wheel: zoom"), column);
  glow_strip_draw_text (GTK_WIDGET (self), snapshot, title, MARGIN, 1, 0, words != NULL ? width * 0.6 : width, FALSE);
  if (words != NULL)
    glow_strip_draw_text (GTK_WIDGET (self), snapshot, words, MARGIN + width, 1, 1, width * 0.4, FALSE);
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

      glow_strip_draw_text (GTK_WIDGET (self), snapshot, label, x, HEADER + map_height (self) + 1, align, LABEL_WIDTH, FALSE);
      if (time > G_MAXUINT64 - step)
        break;
    }
}

static void
draw_bands (GlowTimeStrip *self, cairo_t *cr, const GlowHeatMap *map, GlowQueryField field)
{
  GlowBand band = field == GLOW_QUERY_TIME ? GLOW_BAND_SELECTED : GLOW_BAND_BASELINE;
  g_autoptr(GArray) ranges = dup_selected (self, field);

  if (self->drag_to >= 0 && !self->pans && self->marks_baseline == (field == GLOW_QUERY_BASELINE_TIME))
    {
      guint a = glow_heat_map_column_at (map, self->drag_x - MARGIN), b = glow_heat_map_column_at (map, self->drag_to - MARGIN);

      glow_strip_draw_band (cr, map->options.width, map->options.height, glow_heat_map_x (map, column_time (map, MIN (a, b))),
                            glow_heat_map_x (map, column_time (map, MAX (a, b) + 1)), band);
    }
  else
    for (guint r = 0; ranges != NULL && r + 1 < ranges->len; r += 2)
      glow_strip_draw_band (cr, map->options.width, map->options.height, glow_heat_map_x (map, g_array_index (ranges, guint64, r)),
                            glow_heat_map_x (map, g_array_index (ranges, guint64, r + 1)), band);
}

static void
draw_selection (GlowTimeStrip *self, cairo_t *cr, const GlowHeatMap *map)
{
  draw_bands (self, cr, map, GLOW_QUERY_BASELINE_TIME);
  draw_bands (self, cr, map, GLOW_QUERY_TIME);
  if (self->cursor != NO_TIME && gtk_widget_has_focus (GTK_WIDGET (self)))
    {
      double x = glow_heat_map_x (map, self->cursor), width = MAX (glow_heat_map_x (map, self->cursor + map->column) - x, 3);

      cairo_set_source_rgb (cr, 0.21, 0.52, 0.89);
      cairo_set_line_width (cr, 1.5);
      cairo_rectangle (cr, x - 1, 0.75, width + 1, map->options.height - 1.5);
      cairo_stroke (cr);
    }
}

/* A band says what it is, where there is room. */
static void
draw_band_names (GlowTimeStrip *self, GtkSnapshot *snapshot, const GlowHeatMap *map)
{
  g_autoptr(GArray) ranges = dup_selected (self, GLOW_QUERY_BASELINE_TIME);

  for (guint r = 0; ranges != NULL && r + 1 < ranges->len; r += 2)
    {
      double from = MAX (glow_heat_map_x (map, g_array_index (ranges, guint64, r)), 0);
      double to = MIN (glow_heat_map_x (map, g_array_index (ranges, guint64, r + 1)), map->options.width);

      if (to - from > 60)
        glow_strip_draw_text (GTK_WIDGET (self), snapshot, _("baseline"), MARGIN + from + 4, HEADER + map->options.height - 17, 0, 200, TRUE);
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
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, HEADER, (float) (map->options.width + 2 * MARGIN), (float) map->options.height));
  cairo_translate (cr, MARGIN, HEADER);
  glow_strip_draw_gaps (cr, map, self->gaps, glow_look_get_theme ());
  if (shows_rate () && self->lanes != NULL && self->lanes->len > 1)
    glow_strip_lanes_draw (self->lanes, cr, map, glow_look_get_theme ());
  else
    glow_heat_map_paint (map, cr, glow_look_get_theme (), shows_rate () ? GLOW_STRIP_RATE : GLOW_STRIP_HEAT);
  glow_strip_draw_marks (cr, map, glow_density_get_profile (self->density));
  draw_selection (self, cr, map);
  cairo_destroy (cr);
  if (shows_rate () && self->lanes != NULL && self->lanes->len > 0)
    glow_strip_lanes_draw_names (self->lanes, GTK_WIDGET (self), snapshot, map, MARGIN, HEADER);
  draw_band_names (self, snapshot, map);
  glow_strip_draw_notes (widget, snapshot, map, glow_recorded_get_marks (self->document), MARGIN, HEADER);
  draw_axis (self, snapshot);
}

static void
glow_time_strip_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEADER + map_height (GLOW_TIME_STRIP (widget)) + AXIS + 2 : 120;
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

  if (gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture)) == GDK_BUTTON_SECONDARY)
    {
      gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_DENIED);
      return;
    }
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drag_x = x;
  self->marks_baseline = has_modifier (GTK_GESTURE (gesture), GDK_SHIFT_MASK);
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
      select_columns (self, self->marks_baseline ? GLOW_QUERY_BASELINE_TIME : GLOW_QUERY_TIME, MIN (a, b), MAX (a, b),
                      has_modifier (GTK_GESTURE (gesture), GDK_CONTROL_MASK));
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
  select_columns (self, has_modifier (GTK_GESTURE (gesture), GDK_SHIFT_MASK) ? GLOW_QUERY_BASELINE_TIME : GLOW_QUERY_TIME, first, last,
                  has_modifier (GTK_GESTURE (gesture), GDK_CONTROL_MASK));
}

/* The keyboard's cursor is a column; Shift and the arrows select from where they began. */
static void show_menu (GlowTimeStrip *self, double x, double y);

static void
move_cursor (GlowTimeStrip *self, gint64 columns, gboolean extend)
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
    select_times (self, GLOW_QUERY_TIME, MIN (self->anchor, self->cursor), MAX (self->anchor, self->cursor) + map->column, FALSE);
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
          select_columns (self, state & GDK_SHIFT_MASK ? GLOW_QUERY_BASELINE_TIME : GLOW_QUERY_TIME, first, last, FALSE);
        }
      return GDK_EVENT_STOP;
    case GDK_KEY_Escape: case GDK_KEY_BackSpace:
      select_nothing (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_Home: case GDK_KEY_End:
      move_cursor (self, (key == GDK_KEY_Home ? -1 : 1) * (gint64) ((glow_density_get_to (self->density) - glow_density_get_from (self->density)) / map->column + 1),
                   state & GDK_SHIFT_MASK);
      return GDK_EVENT_STOP;
    case GDK_KEY_Menu: case GDK_KEY_F10:
      if (key == GDK_KEY_F10 && !(state & GDK_SHIFT_MASK))
        return GDK_EVENT_PROPAGATE;
      show_menu (self, middle, HEADER + map->options.height);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

/* ---- the menu ---- */

static void
show_menu (GlowTimeStrip *self, double x, double y)
{
  if (self->menu == NULL)
    {
      g_autoptr(GMenu) model = glow_strip_menu_new ();

      self->menu = gtk_popover_menu_new_from_model (G_MENU_MODEL (model));
      gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
      gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
      gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
    }
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
on_secondary (GtkGestureClick *gesture, int n_press, double x, double y, gpointer data)
{
  show_menu (data, x, y);
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
}

static void
glow_time_strip_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GlowTimeStrip *self = GLOW_TIME_STRIP (widget);

  if (self->menu != NULL)
    gtk_popover_present (GTK_POPOVER (self->menu));
}

/* ---- the document ---- */

static void
update_accessible (GlowTimeStrip *self)
{
  GlowHeatMap *map = get_map (self);
  g_autoptr(GArray) ranges = dup_selected (self, GLOW_QUERY_TIME), compared = dup_selected (self, GLOW_QUERY_BASELINE_TIME);
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

      words = g_strdup_printf (compared != NULL ? _("Time, selected %s, with a baseline") : _("Time, selected %s"), chosen);
    }
  else if (compared != NULL && compared->len > 0)
    {
      guint64 from = MAX (g_array_index (compared, guint64, 0), glow_density_get_from (self->density));
      g_autofree char *chosen = dup_words (self, from, MIN (g_array_index (compared, guint64, 1), glow_density_get_to (self->density) + 1));

      words = g_strdup_printf (_("Time, baseline %s"), chosen);
    }
  else
    words = g_strdup_printf (_("Time, %s. Arrow keys walk, with Shift they select; B makes the selection the baseline"), seen);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

/* @gaps: (nullable): of the profile, where they are known from the query before */
typedef struct { GlowProfile *profile; GlowQuery *query; GArray *gaps; gboolean with_lanes; } Request;

typedef struct { GlowDensity *density; GArray *gaps, *lanes; } Answer;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_object_unref (request->profile);
  glow_query_unref (request->query);
  g_clear_pointer (&request->gaps, g_array_unref);
  g_free (request);
}

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  g_clear_pointer (&answer->density, glow_density_unref);
  g_clear_pointer (&answer->gaps, g_array_unref);
  g_clear_pointer (&answer->lanes, g_array_unref);
  g_free (answer);
}

static gpointer
compute (gpointer data, GCancellable *cancellable, GError **error)
{
  const Request *request = data;
  Answer *answer = g_new0 (Answer, 1);

  answer->density = glow_density_compute (request->profile, request->query, cancellable, error);
  if (answer->density == NULL)
    {
      g_free (answer);
      return NULL;
    }
  answer->gaps = request->gaps != NULL ? g_array_ref (request->gaps) : glow_gaps_compute (request->profile, cancellable);
  answer->lanes = request->with_lanes ? glow_strip_lanes_compute (request->profile, request->query, cancellable) : NULL;
  return answer;
}

static void
take (GlowTimeStrip *self, Answer *answer)
{
  g_clear_pointer (&self->density, glow_density_unref);
  g_clear_pointer (&self->gaps, g_array_unref);
  g_clear_pointer (&self->lanes, g_array_unref);
  if (answer == NULL)
    return;
  self->density = g_steal_pointer (&answer->density);
  self->gaps = g_steal_pointer (&answer->gaps);
  self->lanes = g_steal_pointer (&answer->lanes);
  answer_free (answer);
}

static void
computed (gpointer owner, gpointer result, const GError *error)
{
  GlowTimeStrip *self = owner;
  /* A recording that grows keeps being shown whole, or in the part that somebody chose. */
  gboolean whole = self->density == NULL || (self->from == glow_density_get_from (self->density) && self->to == glow_density_get_to (self->density) + 1);

  if (result == NULL)
    return;
  take (self, result);
  if (whole)
    set_view (self, glow_density_get_from (self->density), G_MAXDOUBLE);
  drop_map (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  update_accessible (self);
  g_signal_emit (self, view_changed_signal, 0);
}

static void
ask (GlowTimeStrip *self)
{
  GlowProfile *profile = glow_document_get_profile (self->document);
  g_autoptr(GlowQuery) timeless = NULL, query = NULL;
  const GlowProfileInfo *info = profile != NULL ? glow_profile_get_info (profile) : NULL;
  gboolean has_times = info != NULL && glow_profile_get_samples (profile)->time != NULL && info->last_time > info->first_time;
  gboolean wanted = has_times && g_settings_get_enum (glow_look_get_settings (), "strip") != 2;
  Request *request;

  gtk_widget_set_visible (GTK_WIDGET (self), wanted);
  if (!wanted)
    return;
  timeless = glow_query_without (glow_document_get_query (self->document), GLOW_QUERY_TIME, NULL);
  query = glow_query_without (timeless, GLOW_QUERY_BASELINE_TIME, NULL);
  if (self->asked != NULL && self->asked_of == profile && glow_query_equal (self->asked, query) && (!shows_rate () || self->lanes != NULL))
    return;
  g_clear_pointer (&self->asked, glow_query_unref);
  self->asked = glow_query_ref (query);
  request = g_new0 (Request, 1);
  *request = (Request) { g_object_ref (profile), glow_query_ref (query), NULL, shows_rate () };
  if (self->gaps != NULL && self->density != NULL && glow_density_get_profile (self->density) == profile)
    request->gaps = g_array_ref (self->gaps);
  g_set_object (&self->asked_of, profile);
  glow_job_start (&self->job, self, compute, request, request_free, answer_free, computed);
}

static void
on_changed (GlowDocument *document, guint changes, gpointer data)
{
  GlowTimeStrip *self = data;

  if ((changes & GLOW_CHANGED_STATE) && glow_document_get_state (document) == GLOW_DOCUMENT_LOADING)
    {
      glow_job_cancel (&self->job);
      take (self, NULL);
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
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
glow_time_strip_dispose (GObject *object)
{
  GlowTimeStrip *self = GLOW_TIME_STRIP (object);

  glow_job_cancel (&self->job);
  g_clear_pointer (&self->map, glow_heat_map_free);
  take (self, NULL);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
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
  widget_class->size_allocate = glow_time_strip_size_allocate;
  view_changed_signal = g_signal_new ("view-changed", GLOW_TYPE_TIME_STRIP, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "timestrip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
glow_time_strip_init (GlowTimeStrip *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new (), *key = gtk_event_controller_key_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new (), *secondary = gtk_gesture_click_new ();

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
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (secondary), GDK_BUTTON_SECONDARY);
  g_signal_connect (secondary, "pressed", G_CALLBACK (on_secondary), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (secondary));
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

gboolean
glow_time_strip_get_view (GlowTimeStrip *self, guint64 *from, guint64 *to)
{
  *from = self->from;
  *to = self->to;
  return self->density != NULL && gtk_widget_get_visible (GTK_WIDGET (self));
}

void
glow_time_strip_zoom (GlowTimeStrip *self, double share, double factor)
{
  if (self->density != NULL)
    zoom_about (self, MARGIN + share * map_width (self), factor);
}

void
glow_time_strip_move (GlowTimeStrip *self, double share)
{
  if (self->density != NULL)
    set_view (self, (double) self->from + share * (double) (self->to - self->from), (double) (self->to - self->from));
}
