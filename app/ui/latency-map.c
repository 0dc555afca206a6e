/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Latency over time. The spans are indexed in a worker once for each query; zooming, hovering and brushing only count cells. */
#include <config.h>

#include "ui/exemplars.h"
#include "ui/job.h"
#include "ui/latency-map.h"
#include "ui/look.h"
#include "ui/strip-marks.h"

#include <afterglow/baseline.h>
#include <afterglow/heat-map.h>
#include <afterglow/latency-map-chart.h>
#include <afterglow/text.h>
#include <afterglow/time-axis.h>
#include <glib/gi18n.h>
#include <math.h>

#define MAP_HEIGHT 64
#define HEADER 18
#define FOOT 4
#define MARGIN GLOW_TIME_STRIP_MARGIN
#define LOWEST_ROW 4.0         /* pixels */
#define TICKS 3
#define NONE G_MAXUINT

/* Cells of a map, both ends counted. */
typedef struct { guint column[2], row[2]; } Cells;

struct _GlowLatencyMapArea {
  GtkWidget parent_instance;

  GlowDocument *document;
  GlowTimeStrip *strip;
  GlowLatencyView *latency;
  gboolean has_room;
  GlowJobSlot job;
  GlowLatencyIndex *index;     /* (nullable) */
  GlowQuery *asked;            /* (nullable): what the index is of, or will be */
  GlowProfile *asked_of;       /* (nullable) */
  GlowLatencyMap *map;         /* (nullable): of the view */
  GlowLatencyMap *service;     /* (nullable): what a service counted, shown instead of spans */
  char *service_name;
  GPtrArray *exemplars;        /* (nullable): of GlowMarkedExemplar */
  guint exemplar;              /* the last one that was looked at; NONE */
  GlowLatencyMapView view;
  gboolean drags, has_pointer;
  double drag_x, drag_y, to_x, to_y, pointer_x, pointer_y;
  guint cursor_column, cursor_row;     /* of the keyboard; NONE */
  guint anchor_column, anchor_row;
};

G_DEFINE_FINAL_TYPE (GlowLatencyMapArea, glow_latency_map_area, GTK_TYPE_WIDGET)

/* ---- what is seen ---- */

static void
drop_map (GlowLatencyMapArea *self)
{
  g_clear_pointer (&self->map, glow_latency_map_free);
  self->cursor_column = self->anchor_column = NONE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* As many rows a decade as can be told apart. */
static guint
choose_rows (GlowLatencyMapArea *self)
{
  static const guint choices[] = { 20, 10, 5, 2 };

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    if (glow_latency_index_get_n_rows (self->index, choices[i]) * LOWEST_ROW <= MAP_HEIGHT)
      return choices[i];
  return 1;
}

static const GlowLatencyMap *
get_map (GlowLatencyMapArea *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self)) - 2 * MARGIN;
  const GlowProfileInfo *info = self->asked_of != NULL ? glow_profile_get_info (self->asked_of) : NULL;
  GlowHeatMapOptions options = { .width = width, .height = MAP_HEIGHT };
  guint64 from, to, column, first;

  if ((self->index == NULL && self->service == NULL) || info == NULL || width < 10)
    return NULL;
  if (!glow_time_strip_get_view (self->strip, &from, &to))
    {
      from = info->first_time;
      to = info->last_time + 1;
    }
  if (self->service != NULL)
    {
      self->view = (GlowLatencyMapView) { .from = from, .to = to, .width = width, .height = MAP_HEIGHT };
      glow_latency_map_view_fit (&self->view, self->service);
      return self->service;
    }
  if (self->map != NULL && self->view.from == from && self->view.to == to && self->view.width == width)
    return self->map;
  drop_map (self);
  options.from = from;
  options.to = to;
  /* The columns are those of the strip. */
  column = glow_heat_map_choose_column (&options);
  first = info->first_time + (MAX (from, info->first_time) - info->first_time) / column * column;
  self->map = glow_latency_index_compute_map (self->index, first, column, (guint) ((to - MIN (to, first)) / column + 1), choose_rows (self));
  self->view = (GlowLatencyMapView) { .from = from, .to = to, .width = width, .height = MAP_HEIGHT };
  if (self->map != NULL)
    glow_latency_map_view_fit (&self->view, self->map);
  return self->map;
}

static Cells
cells_between (GlowLatencyMapArea *self, const GlowLatencyMap *map, double x0, double y0, double x1, double y1)
{
  Cells cells;
  guint columns[2], rows[2];

  glow_latency_map_view_cell_at (&self->view, map, x0 - MARGIN, y0 - HEADER, &columns[0], &rows[0]);
  glow_latency_map_view_cell_at (&self->view, map, x1 - MARGIN, y1 - HEADER, &columns[1], &rows[1]);
  cells = (Cells) { { MIN (columns[0], columns[1]), MAX (columns[0], columns[1]) }, { MIN (rows[0], rows[1]), MAX (rows[0], rows[1]) } };
  return cells;
}

static Cells
cells_of_keys (GlowLatencyMapArea *self)
{
  return (Cells) { { MIN (self->anchor_column, self->cursor_column), MAX (self->anchor_column, self->cursor_column) },
                   { MIN (self->anchor_row, self->cursor_row), MAX (self->anchor_row, self->cursor_row) } };
}

/* ---- the query ---- */

static void
brush (GlowLatencyMapArea *self, const GlowLatencyMap *map, const Cells *cells)
{
  g_autofree char *time = glow_strip_dup_time (self->asked_of, map->time[cells->column[0]], map->time[cells->column[1] + 1]);
  g_autoptr(GlowQuery) query = NULL;

  query = glow_query_with_only (glow_document_get_query (self->document), GLOW_QUERY_TIME, time, NULL);
  if (query == NULL)
    return;
  /* The lowest and the highest row stand for what is shorter and longer still. */
  glow_latency_view_set_range (self->latency, query, cells->row[0] == 0 ? 0 : map->bound[cells->row[0]],
                               cells->row[1] + 1 == map->n_rows ? G_MAXUINT64 : map->bound[cells->row[1] + 1]);
}

static void
brush_nothing (GlowLatencyMapArea *self)
{
  g_autoptr(GlowQuery) query = glow_query_without (glow_document_get_query (self->document), GLOW_QUERY_TIME, NULL);

  glow_latency_view_set_range (self->latency, query, 0, G_MAXUINT64);
}

/* ---- words ---- */

static char *
dup_bound (guint64 ns)
{
  return ns == GLOW_BUCKETS_INFINITE ? g_strdup ("+Inf") : glow_text_duration ((double) ns);
}

/* "1.20 s to 1.25 s, 10 ms to 12.6 ms: 7 spans" */
static char *
dup_words (GlowLatencyMapArea *self, const GlowLatencyMap *map, const Cells *cells)
{
  guint64 from = map->time[cells->column[0]], to = map->time[cells->column[1] + 1], n;
  guint64 step = glow_time_axis_choose_step (self->view.to - self->view.from, 200);
  g_autofree char *begin = glow_time_axis_dup_label (self->asked_of, from, step), *end = glow_time_axis_dup_label (self->asked_of, to, step);
  g_autofree char *low = dup_bound (map->bound[cells->row[0]]), *high = dup_bound (map->bound[cells->row[1] + 1]), *count = NULL;

  n = (guint64) (glow_latency_map_sum (map, cells->column[0], cells->column[1], cells->row[0], cells->row[1]) + 0.5);
  count = glow_text_count (n);
  if (self->service != NULL)
    return g_strdup_printf (ngettext ("%s to %s, %s to %s: %s observation", "%s to %s, %s to %s: %s observations", n), begin, end, low, high, count);
  return g_strdup_printf (ngettext ("%s to %s, %s to %s: %s span", "%s to %s, %s to %s: %s spans", n), begin, end, low, high, count);
}

static void
update_accessible (GlowLatencyMapArea *self)
{
  const GlowLatencyMap *map = get_map (self);
  g_autofree char *words = NULL, *at = NULL;

  if (map != NULL && self->cursor_column != NONE)
    {
      Cells cells = cells_of_keys (self);

      at = dup_words (self, map, &cells);
    }
  if (self->service != NULL)
    words = at != NULL ? g_strdup_printf (_("Counted by the service, %s"), at)
                       : g_strdup_printf (_("%s over time, as the service counted it. Arrow keys walk, with Shift they select; E shows exemplars"), self->service_name);
  else
    words = at != NULL ? g_strdup_printf (_("Latency over time, %s"), at)
                     : g_strdup_printf (_("Latency over time of %s. Arrow keys walk, with Shift they select"), glow_latency_view_get_label (self->latency));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

/* ---- painting ---- */

/* Durations inside the map, at its right edge: its left one is where the strip begins. */
static void
draw_ticks (GlowLatencyMapArea *self, GtkSnapshot *snapshot)
{
  g_autoptr(GArray) ticks = glow_latency_map_view_dup_ticks (&self->view, TICKS);

  for (guint i = 0; i < ticks->len; i++)
    {
      guint64 tick = g_array_index (ticks, guint64, i);
      g_autofree char *label = glow_text_duration ((double) tick);
      double y = CLAMP (glow_latency_map_view_y (&self->view, tick) - 8, 0, MAP_HEIGHT - 15);

      glow_strip_draw_text (GTK_WIDGET (self), snapshot, label, MARGIN + self->view.width - 3, HEADER + y, 1, 80, TRUE);
    }
}

static void
draw_header (GlowLatencyMapArea *self, GtkSnapshot *snapshot, const GlowLatencyMap *map)
{
  g_autofree char *title = NULL, *words = NULL;
  double width = self->view.width;

  if (self->service == NULL)
    title = g_strdup_printf (_("Latency over time · %s · drag: times and durations"), glow_latency_view_get_label (self->latency));
  else
    title = g_strdup_printf (self->exemplars->len > 0 ? _("%s · as the service counted it · ◆ exemplars: click") : _("%s · as the service counted it"), self->service_name);
  if (self->drags || self->has_pointer)
    {
      Cells cells = self->drags ? cells_between (self, map, self->drag_x, self->drag_y, self->to_x, self->to_y)
                                : cells_between (self, map, self->pointer_x, self->pointer_y, self->pointer_x, self->pointer_y);

      words = dup_words (self, map, &cells);
    }
  glow_strip_draw_text (GTK_WIDGET (self), snapshot, title, MARGIN, 1, 0, words != NULL ? width * 0.5 : width, FALSE);
  if (words != NULL)
    glow_strip_draw_text (GTK_WIDGET (self), snapshot, words, MARGIN + width, 1, 1, width * 0.5, FALSE);
}

static void
outline (GlowLatencyMapArea *self, cairo_t *cr, double x0, double x1, double y0, double y1)
{
  double left = CLAMP (x0, -4, self->view.width + 4), right = CLAMP (x1, -4, self->view.width + 4);

  cairo_set_source_rgba (cr, 0.21, 0.52, 0.89, 0.14);
  cairo_rectangle (cr, left, y0, right - left, y1 - y0);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0.21, 0.52, 0.89);
  cairo_set_line_width (cr, 2);
  cairo_rectangle (cr, left, y0 + 1, MAX (right - left, 2), MAX (y1 - y0 - 2, 1));
  cairo_stroke (cr);
}

static void
outline_cells (GlowLatencyMapArea *self, cairo_t *cr, const GlowLatencyMap *map, const Cells *cells)
{
  outline (self, cr, glow_latency_map_view_x (&self->view, map->time[cells->column[0]]), glow_latency_map_view_x (&self->view, map->time[cells->column[1] + 1]),
           glow_latency_map_view_y (&self->view, map->bound[cells->row[1] + 1]), glow_latency_map_view_y (&self->view, map->bound[cells->row[0]]));
}

/* What the query has: its times over the whole height, its durations over the whole width, and where both are, what they share. */
static void
draw_selection (GlowLatencyMapArea *self, cairo_t *cr)
{
  g_autoptr(GArray) ranges = NULL;
  guint64 low = 0, high = G_MAXUINT64;
  gboolean has_range = glow_latency_view_get_range (self->latency, &low, &high);
  double head = has_range ? glow_latency_map_view_y (&self->view, high) : 0, foot = has_range ? glow_latency_map_view_y (&self->view, low) : self->view.height;

  glow_query_dup_time_ranges (glow_document_get_query (self->document), self->asked_of, &ranges, NULL);
  if (ranges == NULL && has_range)
    outline (self, cr, -4, self->view.width + 4, head, foot);
  for (guint r = 0; ranges != NULL && r + 1 < ranges->len; r += 2)
    outline (self, cr, glow_latency_map_view_x (&self->view, g_array_index (ranges, guint64, r)),
             glow_latency_map_view_x (&self->view, g_array_index (ranges, guint64, r + 1)), head, foot);
}

static void
glow_latency_map_area_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GlowLatencyMapArea *self = GLOW_LATENCY_MAP_AREA (widget);
  const GlowLatencyMap *map = get_map (self);
  cairo_t *cr;

  if (map == NULL)
    return;
  draw_header (self, snapshot, map);
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, HEADER, (float) (self->view.width + 2 * MARGIN), MAP_HEIGHT));
  cairo_translate (cr, MARGIN, 0 + HEADER);
  glow_latency_map_paint (map, &self->view, cr, glow_look_get_theme ());
  if (self->exemplars != NULL)
    {
      GlowTheme theme = glow_look_get_theme ();

      glow_exemplars_paint (self->exemplars, &self->view, cr, theme == GLOW_THEME_DARK || theme == GLOW_THEME_DARK_CONTRAST, self->exemplar);
    }
  if (self->drags)
    {
      Cells cells = cells_between (self, map, self->drag_x, self->drag_y, self->to_x, self->to_y);

      outline_cells (self, cr, map, &cells);
    }
  else
    draw_selection (self, cr);
  if (self->cursor_column != NONE && gtk_widget_has_focus (widget))
    {
      Cells cells = { { self->cursor_column, self->cursor_column }, { self->cursor_row, self->cursor_row } };

      outline_cells (self, cr, map, &cells);
    }
  cairo_destroy (cr);
  draw_ticks (self, snapshot);
}

static void
glow_latency_map_area_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEADER + MAP_HEIGHT + FOOT : 120;
}

/* ---- what people do ---- */

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, gpointer data)
{
  GlowLatencyMapArea *self = data;

  self->pointer_x = x;
  self->pointer_y = y;
  self->has_pointer = TRUE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_leave (GtkEventControllerMotion *controller, gpointer data)
{
  GlowLatencyMapArea *self = data;

  self->has_pointer = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Time is the strip's. */
static gboolean
on_scroll (GtkEventControllerScroll *controller, double dx, double dy, gpointer data)
{
  GlowLatencyMapArea *self = data;
  gboolean touchpad = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_SURFACE;
  double width = MAX (gtk_widget_get_width (GTK_WIDGET (self)) - 2 * MARGIN, 1);

  if (dx != 0)
    glow_time_strip_move (self->strip, dx * (touchpad ? 1 : 60) / width);
  if (dy != 0)
    glow_time_strip_zoom (self->strip, CLAMP ((self->pointer_x - MARGIN) / width, 0, 1), pow (1.25, touchpad ? -dy / 20 : -dy));
  return GDK_EVENT_STOP;
}

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y, gpointer data)
{
  GlowLatencyMapArea *self = data;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drag_x = x;
  self->drag_y = y;
}

static void
on_drag_update (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  GlowLatencyMapArea *self = data;

  if (!self->drags && !gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, (int) dx, (int) dy))
    return;
  self->drags = TRUE;
  self->to_x = self->drag_x + dx;
  self->to_y = self->drag_y + dy;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_drag_end (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  GlowLatencyMapArea *self = data;
  const GlowLatencyMap *map = get_map (self);
  gboolean dragged = self->drags;

  self->drags = FALSE;
  if (dragged && map != NULL)
    {
      Cells cells = cells_between (self, map, self->drag_x, self->drag_y, self->to_x, self->to_y);

      brush (self, map, &cells);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
show_exemplar (GlowLatencyMapArea *self, guint which)
{
  const GlowMarkedExemplar *exemplar = g_ptr_array_index (self->exemplars, which);

  self->exemplar = which;
  glow_exemplars_show (GTK_WIDGET (self), exemplar, MARGIN + glow_latency_map_view_x (&self->view, exemplar->time),
                       HEADER + glow_latency_map_view_y (&self->view, exemplar->duration));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_released (GtkGestureClick *gesture, int n_press, double x, double y, gpointer data)
{
  GlowLatencyMapArea *self = data;
  guint which = self->exemplars != NULL && get_map (self) != NULL && n_press == 1 ? glow_exemplars_find (self->exemplars, &self->view, x - MARGIN, y - HEADER) : NONE;

  if (which != NONE)
    show_exemplar (self, which);
}

/* A double click takes a cell's time and everything as long, or longer. */
static void
on_pressed (GtkGestureClick *gesture, int n_press, double x, double y, gpointer data)
{
  GlowLatencyMapArea *self = data;
  const GlowLatencyMap *map = get_map (self);

  if (n_press == 2 && map != NULL)
    {
      Cells cells = cells_between (self, map, x, y, x, y);

      cells.row[1] = map->n_rows - 1;
      brush (self, map, &cells);
    }
}

static void
move_cursor (GlowLatencyMapArea *self, const GlowLatencyMap *map, int columns, int rows, gboolean extend)
{
  if (self->cursor_column == NONE)
    {
      self->cursor_column = 0;
      self->cursor_row = map->n_rows - 1;
    }
  else
    {
      self->cursor_column = (guint) CLAMP ((gint64) self->cursor_column + columns, 0, (gint64) map->n_columns - 1);
      self->cursor_row = (guint) CLAMP ((gint64) self->cursor_row + rows, 0, (gint64) map->n_rows - 1);
    }
  if (!extend || self->anchor_column == NONE)
    {
      self->anchor_column = extend ? (guint) CLAMP ((gint64) self->cursor_column - columns, 0, (gint64) map->n_columns - 1) : self->cursor_column;
      self->anchor_row = extend ? (guint) CLAMP ((gint64) self->cursor_row - rows, 0, (gint64) map->n_rows - 1) : self->cursor_row;
    }
  if (extend)
    {
      Cells cells = cells_of_keys (self);

      brush (self, map, &cells);
    }
  update_accessible (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, gpointer data)
{
  GlowLatencyMapArea *self = data;
  const GlowLatencyMap *map = get_map (self);
  gboolean extend = (state & GDK_SHIFT_MASK) != 0;

  if (map == NULL || state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Left: move_cursor (self, map, -1, 0, extend); return GDK_EVENT_STOP;
    case GDK_KEY_Right: move_cursor (self, map, 1, 0, extend); return GDK_EVENT_STOP;
    case GDK_KEY_Up: move_cursor (self, map, 0, 1, extend); return GDK_EVENT_STOP;
    case GDK_KEY_Down: move_cursor (self, map, 0, -1, extend); return GDK_EVENT_STOP;
    case GDK_KEY_Page_Up: move_cursor (self, map, -10, 0, extend); return GDK_EVENT_STOP;
    case GDK_KEY_Page_Down: move_cursor (self, map, 10, 0, extend); return GDK_EVENT_STOP;
    case GDK_KEY_Home: move_cursor (self, map, -(int) map->n_columns, 0, extend); return GDK_EVENT_STOP;
    case GDK_KEY_End: move_cursor (self, map, (int) map->n_columns, 0, extend); return GDK_EVENT_STOP;
    case GDK_KEY_plus: case GDK_KEY_equal: case GDK_KEY_KP_Add: glow_time_strip_zoom (self->strip, 0.5, 1.6); return GDK_EVENT_STOP;
    case GDK_KEY_minus: case GDK_KEY_KP_Subtract: glow_time_strip_zoom (self->strip, 0.5, 1 / 1.6); return GDK_EVENT_STOP;
    case GDK_KEY_Return: case GDK_KEY_KP_Enter: case GDK_KEY_ISO_Enter:
      if (self->cursor_column != NONE)
        {
          Cells cells = { { self->cursor_column, self->cursor_column }, { self->cursor_row, map->n_rows - 1 } };

          brush (self, map, &cells);
        }
      return GDK_EVENT_STOP;
    case GDK_KEY_e:
      {
        guint next = self->exemplars != NULL ? glow_exemplars_next (self->exemplars, &self->view, self->exemplar) : NONE;

        if (next == NONE)
          return GDK_EVENT_PROPAGATE;
        show_exemplar (self, next);
        return GDK_EVENT_STOP;
      }
    case GDK_KEY_Escape: case GDK_KEY_BackSpace: brush_nothing (self); return GDK_EVENT_STOP;
    default: return GDK_EVENT_PROPAGATE;
    }
}

/* ---- the document ---- */

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
  const Request *request = data;
  g_autoptr(GlowSpanChoice) choice = glow_span_choice_compute (request->profile, request->query, cancellable, error);

  return choice != NULL && choice->n_base > 0 ? glow_latency_index_new (choice) : NULL;
}

static void
computed (gpointer owner, gpointer result, const GError *error)
{
  GlowLatencyMapArea *self = owner;

  g_clear_pointer (&self->index, glow_latency_index_unref);
  self->index = result;
  drop_map (self);
  gtk_widget_set_visible (GTK_WIDGET (self), result != NULL);
  update_accessible (self);
}

static void
ask (GlowLatencyMapArea *self)
{
  static const GlowQueryField own[] = { GLOW_QUERY_TIME, GLOW_QUERY_BASELINE_TIME, GLOW_QUERY_LONGER, GLOW_QUERY_SHORTER, GLOW_QUERY_SPAN_STACKS };
  GlowProfile *profile = glow_document_get_profile (self->document);
  const char *kind = glow_latency_view_get_kind (self->latency);
  gboolean wanted = profile != NULL && kind != NULL && self->has_room && g_settings_get_boolean (glow_look_get_settings (), "latency-map");
  g_autoptr(GlowQuery) query = NULL;
  Request *request;

  if (!wanted)
    {
      glow_job_cancel (&self->job);
      g_clear_pointer (&self->asked, glow_query_unref);
      computed (self, NULL, NULL);
      return;
    }
  query = glow_query_with (glow_document_get_query (self->document), GLOW_QUERY_SPANS, kind, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    {
      GlowQuery *less = glow_query_without (query, own[i], NULL);

      glow_query_unref (query);
      query = less;
    }
  if (self->asked != NULL && self->asked_of == profile && glow_query_equal (self->asked, query))
    return;
  g_clear_pointer (&self->asked, glow_query_unref);
  self->asked = glow_query_ref (query);
  g_set_object (&self->asked_of, profile);
  request = g_new0 (Request, 1);
  *request = (Request) { g_object_ref (profile), glow_query_ref (query) };
  glow_job_start (&self->job, self, compute, request, request_free, (GDestroyNotify) glow_latency_index_unref, computed);
}

static void
on_changed (GlowDocument *document, guint changes, gpointer data)
{
  GlowLatencyMapArea *self = data;

  if (self->service == NULL && (changes & GLOW_CHANGED_STATE) && glow_document_get_state (document) == GLOW_DOCUMENT_LOADING)
    {
      glow_job_cancel (&self->job);
      g_clear_pointer (&self->asked, glow_query_unref);
      computed (self, NULL, NULL);
    }
  if (changes & GLOW_CHANGED_QUERY)
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_view (GlowLatencyMapArea *self)
{
  guint64 from, to;

  /* Other samples in the same time change nothing here: the cell of the keyboard stays. */
  if (self->map != NULL && glow_time_strip_get_view (self->strip, &from, &to) && from == self->view.from && to == self->view.to)
    return;
  drop_map (self);
  update_accessible (self);
}

static void
on_look (GlowLatencyMapArea *self)
{
  if (self->service == NULL)
    ask (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
glow_latency_map_area_dispose (GObject *object)
{
  GlowLatencyMapArea *self = GLOW_LATENCY_MAP_AREA (object);

  glow_job_cancel (&self->job);
  g_clear_pointer (&self->map, glow_latency_map_free);
  g_clear_pointer (&self->service, glow_latency_map_free);
  g_clear_pointer (&self->service_name, g_free);
  g_clear_pointer (&self->exemplars, g_ptr_array_unref);
  g_clear_pointer (&self->index, glow_latency_index_unref);
  g_clear_pointer (&self->asked, glow_query_unref);
  g_clear_object (&self->asked_of);
  g_clear_object (&self->document);
  g_clear_object (&self->strip);
  g_clear_object (&self->latency);
  G_OBJECT_CLASS (glow_latency_map_area_parent_class)->dispose (object);
}

static void
glow_latency_map_area_class_init (GlowLatencyMapAreaClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = glow_latency_map_area_dispose;
  widget_class->snapshot = glow_latency_map_area_snapshot;
  widget_class->measure = glow_latency_map_area_measure;
  gtk_widget_class_set_css_name (widget_class, "latencymap");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
glow_latency_map_area_init (GlowLatencyMapArea *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new (), *key = gtk_event_controller_key_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new ();

  self->has_room = TRUE;
  self->cursor_column = self->anchor_column = self->exemplar = NONE;
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_visible (widget, FALSE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll), self);
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key), self);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  g_signal_connect (click, "released", G_CALLBACK (on_released), self);
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
glow_latency_map_area_new (GlowDocument *document, GlowTimeStrip *strip, GlowLatencyView *latency)
{
  GlowLatencyMapArea *self = g_object_new (GLOW_TYPE_LATENCY_MAP_AREA, NULL);

  self->document = g_object_ref (document);
  self->strip = g_object_ref (strip);
  self->latency = g_object_ref (latency);
  g_signal_connect_object (document, "changed", G_CALLBACK (on_changed), self, 0);
  g_signal_connect_object (strip, "view-changed", G_CALLBACK (on_view), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (latency, "answered", G_CALLBACK (ask), self, G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

GtkWidget *
glow_latency_map_area_new_of_service (GlowDocument *document, GlowTimeStrip *strip, GlowLatencyView *latency, GlowLatencyMap *map, const char *name,
                                      GPtrArray *exemplars)
{
  GlowLatencyMapArea *self = g_object_new (GLOW_TYPE_LATENCY_MAP_AREA, NULL);

  self->document = g_object_ref (document);
  self->strip = g_object_ref (strip);
  self->latency = g_object_ref (latency);
  self->service = map;
  self->service_name = g_strdup (name);
  self->exemplars = exemplars;
  g_set_object (&self->asked_of, glow_document_get_profile (document));
  g_signal_connect_object (document, "changed", G_CALLBACK (on_changed), self, 0);
  g_signal_connect_object (strip, "view-changed", G_CALLBACK (on_view), self, G_CONNECT_SWAPPED);
  gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  update_accessible (self);
  return GTK_WIDGET (self);
}

void
glow_latency_map_area_set_has_room (GlowLatencyMapArea *self, gboolean has_room)
{
  if (self->has_room == has_room)
    return;
  self->has_room = has_room;
  ask (self);
}
