/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is seen of a timeline: a window of time and how far the rows are scrolled. Everything is painted from summaries anew each time; nothing here costs
 * what was recorded. */
#include <config.h>

#include "ui/look.h"
#include "ui/time-order-area-private.h"

#include <afterglow/time-axis.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define AXIS 20.0
#define GUTTER 190.0
#define NARROW_GUTTER 110.0    /* where the area is narrower than four times the other */
#define WHEEL_FACTOR 1.25
#define NARROWEST 50.0         /* ns */
#define ZOOM_TIME 180000       /* µs */
#define MOST_WINDOWS 100
#define FEW_LANES 12

G_DEFINE_FINAL_TYPE (GlowTimeOrderArea, glow_time_order_area, GTK_TYPE_WIDGET)

static guint moved_signal;

static void
tell_moved (GlowTimeOrderArea *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, moved_signal, 0);
}

/* ---- rows ---- */

static void
update_adjustment (GlowTimeOrderArea *self)
{
  double page = MAX (self->view.height - AXIS, 1), height = self->rows != NULL ? self->rows->height : 0;

  gtk_adjustment_configure (self->adjustment, CLAMP (self->view.scroll, 0, MAX (height - page, 0)), 0, MAX (height, page), 24, page * 0.9, page);
}

GlowTimelineRows *
glow_time_order_area_get_rows (GlowTimeOrderArea *self)
{
  if (self->rows == NULL && self->timeline != NULL)
    {
      self->arrangement.lane_ok = self->only_chosen && self->choice != NULL ? self->choice->lane_ok : NULL;
      self->arrangement.folded = self->folded;
      self->arrangement.unfolded = self->unfolded;
      self->rows = glow_timeline_rows_compute (self->timeline, &self->arrangement);
      update_adjustment (self);
    }
  return self->rows;
}

/* The focus stays on its lane, wherever that goes. */
static void
drop_rows (GlowTimeOrderArea *self)
{
  GlowTimelineRow old = { .lane = GLOW_NONE };
  gboolean had = self->rows != NULL && self->row < self->rows->rows->len;

  if (had)
    old = g_array_index (self->rows->rows, GlowTimelineRow, self->row);
  g_clear_pointer (&self->rows, glow_timeline_rows_free);
  if (had && glow_time_order_area_get_rows (self) != NULL)
    {
      self->row = G_MAXUINT;
      for (guint i = 0; i < self->rows->rows->len && self->row == G_MAXUINT; i++)
        {
          const GlowTimelineRow *row = &g_array_index (self->rows->rows, GlowTimelineRow, i);

          if (row->is_group == old.is_group && row->lane == old.lane && row->process == old.process)
            self->row = i;
        }
    }
  tell_moved (self);
}

void
glow_time_order_area_fold_all (GlowTimeOrderArea *self, gboolean folded)
{
  guint32 n_processes;

  glow_profile_get_processes (glow_timeline_get_profile (self->timeline), &n_processes);
  memset (self->folded, folded ? 1 : 0, n_processes + 1);
  drop_rows (self);
  glow_time_order_area_set_focus (self, self->row, self->time, self->span);
}

void
glow_time_order_area_toggle (GlowTimeOrderArea *self, guint index)
{
  GlowTimelineRows *rows = glow_time_order_area_get_rows (self);
  const GlowTimelineRow *row;
  guint32 n_processes;

  if (rows == NULL || index >= rows->rows->len)
    return;
  row = &g_array_index (rows->rows, GlowTimelineRow, index);
  glow_profile_get_processes (glow_timeline_get_profile (self->timeline), &n_processes);
  if (row->is_group)
    self->folded[row->process == GLOW_NONE ? n_processes : row->process] ^= 1;
  else
    self->unfolded[row->lane] ^= 1;
  drop_rows (self);
  glow_time_order_area_set_focus (self, self->row, self->time, self->span);
}

/* ---- the window of time ---- */

void
glow_time_order_area_set_window (GlowTimeOrderArea *self, double from, double span)
{
  double start, end;

  if (self->timeline == NULL)
    return;
  start = (double) glow_timeline_get_from (self->timeline);
  end = (double) glow_timeline_get_to (self->timeline) + 1;
  span = CLAMP (span, MIN (NARROWEST, end - start), end - start);
  from = CLAMP (from, start, end - span);
  self->view.from = MAX ((guint64) from, glow_timeline_get_from (self->timeline));
  self->view.to = span >= 1.8e19 ? G_MAXUINT64 : self->view.from + MIN ((guint64) span, G_MAXUINT64 - self->view.from);
  tell_moved (self);
}

static void
stop_animation (GlowTimeOrderArea *self)
{
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
}

static gboolean
animate (GtkWidget *widget, GdkFrameClock *clock, gpointer unused)
{
  GlowTimeOrderArea *self = GLOW_TIME_ORDER_AREA (widget);
  double t = CLAMP ((gdk_frame_clock_get_frame_time (clock) - self->start_time) / (double) ZOOM_TIME, 0, 1), eased = 1 - pow (1 - t, 3);
  double from = (double) self->start.from + ((double) self->end.from - (double) self->start.from) * eased;
  double to = (double) self->start.to + ((double) self->end.to - (double) self->start.to) * eased;

  /* Doubles are coarser than a nanosecond where clocks are large; the end is exact. */
  if (t < 1)
    {
      glow_time_order_area_set_window (self, from, to - from);
      return G_SOURCE_CONTINUE;
    }
  self->view.from = self->end.from;
  self->view.to = self->end.to;
  self->tick = 0;
  tell_moved (self);
  return G_SOURCE_REMOVE;
}

static void
move_window (GlowTimeOrderArea *self, guint64 from, guint64 to)
{
  guint64 first = glow_timeline_get_from (self->timeline), last = glow_timeline_get_to (self->timeline);

  stop_animation (self);
  last += last < G_MAXUINT64;
  from = CLAMP (from, first, last);
  to = CLAMP (to, from, last);
  if ((double) (to - from) < NARROWEST)
    {
      to = MIN (from + (guint64) NARROWEST, last);
      from = MAX (to - MIN (to, (guint64) NARROWEST), first);
    }
  if (to <= from)
    return;
  self->start = (GlowTimeWindow) { self->view.from, self->view.to };
  self->end = (GlowTimeWindow) { from, to };
  if (!glow_look_has_motion (GTK_WIDGET (self)) || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      self->view.from = from;
      self->view.to = to;
      tell_moved (self);
      return;
    }
  self->start_time = gdk_frame_clock_get_frame_time (gtk_widget_get_frame_clock (GTK_WIDGET (self)));
  self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), animate, NULL, NULL);
}

void
glow_time_order_area_go (GlowTimeOrderArea *self, guint64 from, guint64 to)
{
  GlowTimeWindow window = { self->view.from, self->view.to };

  if (self->timeline == NULL)
    return;
  if (self->windows->len == MOST_WINDOWS)
    g_array_remove_index (self->windows, 0);
  g_array_append_val (self->windows, window);
  move_window (self, from, to);
}

void
glow_time_order_area_go_back (GlowTimeOrderArea *self)
{
  GlowTimeWindow window;

  if (self->timeline == NULL)
    return;
  window = (GlowTimeWindow) { glow_timeline_get_from (self->timeline), glow_timeline_get_to (self->timeline) };
  if (self->windows->len > 0)
    {
      window = g_array_index (self->windows, GlowTimeWindow, self->windows->len - 1);
      g_array_set_size (self->windows, self->windows->len - 1);
    }
  move_window (self, window.from, window.to);
}

void
glow_time_order_area_go_around (GlowTimeOrderArea *self, guint64 start, guint64 end)
{
  guint64 margin = MAX ((end - start) / 10, 1);

  glow_time_order_area_go (self, start - MIN (start, margin), end > G_MAXUINT64 - margin ? G_MAXUINT64 : end + margin);
}

static void
zoom_about (GlowTimeOrderArea *self, double x, double factor)
{
  double share = CLAMP ((x - self->view.gutter) / MAX (self->view.width - self->view.gutter, 1), 0, 1), span = (double) (self->view.to - self->view.from);
  double now = MAX (span / factor, NARROWEST), by = share * (span - now);

  /* By whole ns from where it is: doubles cannot tell neighbouring ones of a clock that counts from 1970. */
  if (self->timeline == NULL)
    return;
  stop_animation (self);
  if (factor > 1 && by > 0 && now < 1e15)
    {
      self->view.from += (guint64) by;
      self->view.to = self->view.from + MAX ((guint64) now, 1);
      tell_moved (self);
    }
  else if (factor > 1)
    {
      self->view.to = self->view.from + MIN ((guint64) now, self->view.to - self->view.from);
      tell_moved (self);
    }
  else
    {
      guint64 first = glow_timeline_get_from (self->timeline), last = glow_timeline_get_to (self->timeline);
      double left = share * (now - span), right = (1 - share) * (now - span);

      last += last < G_MAXUINT64;
      self->view.from = left >= (double) (self->view.from - first) ? first : self->view.from - (guint64) left;
      self->view.to = right >= (double) (last - self->view.to) ? last : self->view.to + (guint64) right;
      tell_moved (self);
    }
}

void
glow_time_order_area_zoom_by (GlowTimeOrderArea *self, double factor)
{
  double x = (self->view.gutter + self->view.width) / 2;

  if (self->row != G_MAXUINT && self->time >= self->view.from && self->time < self->view.to)
    x = glow_timeline_view_x (&self->view, self->time);
  zoom_about (self, x, factor);
}

/* From @origin on, in whole ns. */
static void
pan_from (GlowTimeOrderArea *self, guint64 origin, double pixels)
{
  guint64 span = self->view.to - self->view.from, first, last;
  double by = pixels * (double) span / MAX (self->view.width - self->view.gutter, 1);

  if (self->timeline == NULL)
    return;
  stop_animation (self);
  first = glow_timeline_get_from (self->timeline);
  last = glow_timeline_get_to (self->timeline);
  last += last < G_MAXUINT64;
  if (by < 0)
    self->view.from = -by >= (double) (origin - first) ? first : origin - (guint64) -by;
  else
    self->view.from = by >= (double) (last - origin - MIN (span, last - origin)) ? last - MIN (span, last - first) : origin + (guint64) by;
  self->view.to = self->view.from + span;
  tell_moved (self);
}

void
glow_time_order_area_pan (GlowTimeOrderArea *self, double pixels)
{
  pan_from (self, self->view.from, pixels);
}

char *
glow_time_order_area_dup_seen (GlowTimeOrderArea *self)
{
  GlowTimelineRows *rows = glow_time_order_area_get_rows (self);
  GlowProfile *profile;
  g_autofree char *from = NULL, *to = NULL, *duration = NULL, *shown = NULL, *all = NULL;
  guint64 step;

  if (rows == NULL)
    return NULL;
  profile = glow_timeline_get_profile (self->timeline);
  step = glow_time_axis_choose_step (self->view.to - self->view.from, 100);
  from = glow_time_axis_dup_label (profile, self->view.from, step);
  to = glow_time_axis_dup_label (profile, self->view.to, step);
  duration = glow_text_duration ((double) (self->view.to - self->view.from));
  shown = glow_text_count (rows->n_shown);
  all = glow_text_count (rows->n_lanes);
  if (rows->n_shown < rows->n_lanes)
    return g_strdup_printf (_("%s to %s (%s) · %s of %s threads"), from, to, duration, shown, all);
  return g_strdup_printf (ngettext ("%s to %s (%s) · %s thread", "%s to %s (%s) · %s threads", rows->n_lanes), from, to, duration, all);
}

/* ---- what is selected ---- */

/* (transfer full): a time in seconds from the start, exactly: a clock's ns do not go into a double. */
static char *
dup_seconds (guint64 time, guint64 start)
{
  guint64 by = time - MIN (time, start);

  return g_strdup_printf ("%" G_GUINT64_FORMAT ".%09" G_GUINT64_FORMAT, by / 1000000000, by % 1000000000);
}

void
glow_time_order_area_select (GlowTimeOrderArea *self, guint64 from, guint64 to, guint32 lane, gboolean add)
{
  const GlowQuery *query = glow_document_get_query (self->document);
  guint64 start = glow_profile_get_start (glow_timeline_get_profile (self->timeline));
  const GlowLane *own = lane != GLOW_NONE ? &glow_timeline_get_lanes (self->timeline, NULL, NULL)[lane] : NULL;
  g_autofree char *low = dup_seconds (from, start), *high = dup_seconds (to, start), *value = g_strdup_printf ("%s,%s", low, high), *who = NULL;
  GlowQuery *changed = add ? glow_query_with (query, GLOW_QUERY_TIME, value, NULL) : glow_query_with_only (query, GLOW_QUERY_TIME, value, NULL);

  if (changed != NULL && own != NULL && (own->is_cpu || own->tid >= 0))
    {
      g_autoptr(GlowQuery) timed = changed;

      who = g_strdup_printf ("%d", own->is_cpu ? (gint) own->cpu : own->tid);
      changed = glow_query_with_only (timed, own->is_cpu ? GLOW_QUERY_CPU : GLOW_QUERY_TID, who, NULL);
    }
  if (changed != NULL)
    glow_document_set_query (self->document, changed);
}

static gboolean
knows_frames (GlowTimeOrderArea *self)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);

  return tree != NULL && self->timeline != NULL && glow_call_tree_get_profile (tree) == glow_timeline_get_profile (self->timeline);
}

static guint32
frame_of (GlowTimeOrderArea *self, const GlowTimelineHit *hit)
{
  if (hit->part != GLOW_TIMELINE_STACK || hit->node == 0 || !knows_frames (self))
    return GLOW_NONE;
  return glow_profile_get_stacks (glow_timeline_get_profile (self->timeline))->item[hit->node];
}

/* ---- painting ---- */

static void
glow_time_order_area_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GlowTimeOrderArea *self = GLOW_TIME_ORDER_AREA (widget);
  GlowTimelineRows *rows = glow_time_order_area_get_rows (self);
  const GlowLaneSpan *spans;
  g_autoptr(GArray) ranges = NULL;
  GlowTimelinePaintOptions options;
  GlowTimelineHit hit;
  guint64 from, to;
  cairo_t *cr;

  if (rows == NULL)
    return;
  self->view.scroll = gtk_adjustment_get_value (self->adjustment);
  glow_query_dup_time_ranges (glow_document_get_query (self->document), glow_timeline_get_profile (self->timeline), &ranges, NULL);
  options = (GlowTimelinePaintOptions) {
    .palette = glow_look_get_palette (),
    .theme = glow_look_get_theme (),
    .tree = glow_document_get_tree (self->document),
    .search = glow_document_get_search (self->document),
    .stack_ok = self->choice != NULL ? self->choice->stack_ok : NULL,
    .lane_ok = self->choice != NULL ? self->choice->lane_ok : NULL,
    .ranges = ranges,
    .span_kind = self->choice != NULL ? self->choice->span_kind : NULL,
    .span_low = self->choice != NULL ? self->choice->span_low : 0,
    .span_high = self->choice != NULL ? self->choice->span_high : 0,
    .hover_frame = knows_frames (self) ? glow_document_get_hover (self->document) : GLOW_NONE,
    .selected_frame = knows_frames (self) ? glow_document_get_selected_frame (self->document) : GLOW_NONE,
    .focus_lane = GLOW_NONE,
    .is_focused = gtk_widget_has_focus (widget),
  };
  if (glow_time_order_area_get_focus (self, &hit, &from, &to))
    {
      spans = glow_timeline_get_spans (self->timeline, hit.lane);
      options.focus_lane = hit.lane;
      options.focus_from = from;
      options.focus_to = to;
      options.focus_is_span = hit.span != GLOW_NONE;
      options.focus_row = hit.span != GLOW_NONE ? spans[hit.span].row : 0;
    }
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) self->view.width, (float) self->view.height));
  glow_timeline_painter_paint (self->painter, cr, rows, &self->view, &options);
  if (!glow_time_order_area_get_focus (self, &hit, &from, &to) && self->row < rows->rows->len)
    {
      const GlowTimelineRow *row = &g_array_index (rows->rows, GlowTimelineRow, self->row);

      cairo_set_source_rgba (cr, 0.21, 0.52, 0.89, options.is_focused ? 1 : 0.45);
      cairo_set_line_width (cr, 2);
      cairo_rectangle (cr, 1, AXIS + row->y - self->view.scroll + 1, self->view.width - 2, row->height - 3);
      cairo_stroke (cr);
    }
  if (self->drags && !self->pans)
    {
      double x0 = MAX (MIN (self->drag_x, self->drag_to_x), self->view.gutter), x1 = MIN (MAX (self->drag_x, self->drag_to_x), self->view.width);

      cairo_set_source_rgba (cr, 0.21, 0.52, 0.89, 0.18);
      cairo_rectangle (cr, x0, 0, x1 - x0, self->view.height);
      cairo_fill (cr);
    }
  cairo_destroy (cr);
}

static void
glow_time_order_area_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GlowTimeOrderArea *self = GLOW_TIME_ORDER_AREA (widget);

  self->view.width = width;
  self->view.height = height;
  self->view.axis = AXIS;
  self->view.gutter = width < 4 * GUTTER ? NARROW_GUTTER : GUTTER;
  update_adjustment (self);
}

static void
glow_time_order_area_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
                              int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_VERTICAL ? 60 : 120;
  *natural = orientation == GTK_ORIENTATION_VERTICAL ? 300 : 400;
}

/* ---- what people do ---- */

static gboolean
hit_at (GlowTimeOrderArea *self, double x, double y, GlowTimelineHit *hit)
{
  GlowTimelineRows *rows = glow_time_order_area_get_rows (self);

  if (rows == NULL)
    return FALSE;
  glow_timeline_hit (rows, &self->view, x, y, hit);
  return TRUE;
}

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, gpointer data)
{
  GlowTimeOrderArea *self = data;
  GlowTimelineHit hit;

  self->pointer_x = x;
  self->pointer_y = y;
  self->has_pointer = TRUE;
  if (!self->drags && hit_at (self, x, y, &hit))
    glow_document_set_hover (self->document, frame_of (self, &hit));
}

static void
on_leave (GtkEventControllerMotion *controller, gpointer data)
{
  GlowTimeOrderArea *self = data;

  self->has_pointer = FALSE;
  glow_document_set_hover (self->document, GLOW_NONE);
}

static void
scroll_rows (GlowTimeOrderArea *self, double pixels)
{
  gtk_adjustment_set_value (self->adjustment, gtk_adjustment_get_value (self->adjustment) + pixels);
}

static gboolean
on_scroll (GtkEventControllerScroll *controller, double dx, double dy, gpointer data)
{
  GlowTimeOrderArea *self = data;
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  gboolean touchpad = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_SURFACE;
  gboolean on_names = self->has_pointer && self->pointer_x < self->view.gutter;
  double x = self->has_pointer ? self->pointer_x : (self->view.gutter + self->view.width) / 2;

  if ((state & GDK_SHIFT_MASK) || on_names || (touchpad && !(state & GDK_CONTROL_MASK)))
    {
      if (dx != 0 && !(state & GDK_SHIFT_MASK))
        glow_time_order_area_pan (self, dx * (touchpad ? 1 : 60));
      scroll_rows (self, (dy != 0 ? dy : (state & GDK_SHIFT_MASK) ? dx : 0) * (touchpad ? 1 : 60));
      return GDK_EVENT_STOP;
    }
  if (dx != 0)
    glow_time_order_area_pan (self, dx * 60);
  if (dy != 0)
    zoom_about (self, x, pow (WHEEL_FACTOR, touchpad ? -dy / 20 : -dy));
  return GDK_EVENT_STOP;
}

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y, gpointer data)
{
  GlowTimeOrderArea *self = data;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drag_x = self->drag_to_x = x;
  self->drag_y = self->drag_to_y = y;
  self->drags = FALSE;
  self->pans = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture)) == GDK_BUTTON_MIDDLE || x < self->view.gutter;
  self->pan_from = self->view.from;
  self->pan_scroll = gtk_adjustment_get_value (self->adjustment);
}

static void
on_drag_update (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  GlowTimeOrderArea *self = data;

  if (!self->drags && !gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, (int) dx, self->pans ? (int) dy : 0))
    return;
  self->drags = TRUE;
  self->drag_to_x = self->drag_x + dx;
  self->drag_to_y = self->drag_y + dy;
  if (self->pans)
    {
      gtk_adjustment_set_value (self->adjustment, self->pan_scroll - dy);
      pan_from (self, self->pan_from, -dx);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* Within one lane it is a time of a thread, over several, or along the times, a time. */
static void
on_drag_end (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  GlowTimeOrderArea *self = data;
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  GlowTimelineHit first, last;

  if (self->drags && !self->pans && hit_at (self, self->drag_x, self->drag_y, &first) && hit_at (self, self->drag_to_x, self->drag_to_y, &last))
    {
      gboolean one = first.row == last.row && first.lane != GLOW_NONE && first.part != GLOW_TIMELINE_AXIS && !(state & GDK_SHIFT_MASK);

      if (first.time != last.time)
        glow_time_order_area_select (self, MIN (first.time, last.time), MAX (first.time, last.time), one ? first.lane : GLOW_NONE,
                                     (state & GDK_CONTROL_MASK) != 0);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_pressed (GtkGestureClick *gesture, int n_press, double x, double y, gpointer data)
{
  gtk_widget_grab_focus (GTK_WIDGET (data));
}

/* The selected time at @time fills the width. */
static void
go_to_selected (GlowTimeOrderArea *self, guint64 time)
{
  g_autoptr(GArray) ranges = NULL;

  glow_query_dup_time_ranges (glow_document_get_query (self->document), glow_timeline_get_profile (self->timeline), &ranges, NULL);
  for (guint r = 0; ranges != NULL && r + 1 < ranges->len; r += 2)
    if (time >= g_array_index (ranges, guint64, r) && time < g_array_index (ranges, guint64, r + 1))
      {
        glow_time_order_area_go_around (self, MAX (g_array_index (ranges, guint64, r), glow_timeline_get_from (self->timeline)),
                                        MIN (g_array_index (ranges, guint64, r + 1), glow_timeline_get_to (self->timeline)));
        return;
      }
}

static void
on_released (GtkGestureClick *gesture, int n_press, double x, double y, gpointer data)
{
  GlowTimeOrderArea *self = data;
  GlowTimelineHit hit;
  guint64 from, to;
  guint32 frame;

  if (self->drags)
    {
      self->drags = FALSE;
      return;
    }
  if (!hit_at (self, x, y, &hit))
    return;
  if (n_press == 2 && hit.part == GLOW_TIMELINE_AXIS)
    go_to_selected (self, hit.time);
  if (hit.row == G_MAXUINT)
    return;
  if (hit.part == GLOW_TIMELINE_NAME)
    {
      self->row = hit.row;
      if (n_press == 1)
        glow_time_order_area_toggle (self, hit.row);
      return;
    }
  frame = frame_of (self, &hit);
  self->row = hit.row;
  self->time = hit.time;
  self->span = hit.part == GLOW_TIMELINE_SPAN ? hit.span : GLOW_NONE;
  glow_time_order_area_say_focus (self);
  if (frame != GLOW_NONE)
    glow_document_select_frame (self->document, frame);
  if (n_press == 2 && glow_time_order_area_get_focus (self, &hit, &from, &to))
    glow_time_order_area_go_around (self, from, to);
}

static void
on_pinch_begin (GtkGesture *gesture, GdkEventSequence *sequence, gpointer data)
{
  GlowTimeOrderArea *self = data;

  self->pinch_from = self->view.from;
  self->pinch_to = self->view.to;
}

static void
on_pinch (GtkGestureZoom *gesture, double scale, gpointer data)
{
  GlowTimeOrderArea *self = data;
  double x = 0, y = 0;

  gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y);
  self->view.from = self->pinch_from;
  self->view.to = self->pinch_to;
  zoom_about (self, x, MAX (scale, 1e-3));
}

static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, gpointer data)
{
  return glow_time_order_area_key (data, key, state);
}

static gboolean
on_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer unused)
{
  GlowTimeOrderArea *self = GLOW_TIME_ORDER_AREA (widget);
  g_autofree char *words = NULL;
  GlowTimelineHit hit;

  if (keyboard || self->drags || !hit_at (self, x, y, &hit))
    return FALSE;
  words = glow_timeline_dup_hit_words (self->rows, &hit);
  if (*words == '\0')
    return FALSE;
  gtk_tooltip_set_text (tooltip, words);
  gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle) { x - 2, y - 6, 4, 12 });
  return TRUE;
}

static void
on_scrolled (GlowTimeOrderArea *self)
{
  self->view.scroll = gtk_adjustment_get_value (self->adjustment);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* ---- what it is given ---- */

/* One lane shows what unfolding does: the busiest, where there are not so many that it would push the others out of sight. */
static void
arrange_first (GlowTimeOrderArea *self)
{
  guint32 n, n_threads, n_processes, busy = 0, busiest = GLOW_NONE;
  const GlowLane *lanes = glow_timeline_get_lanes (self->timeline, &n, &n_threads);

  glow_profile_get_processes (glow_timeline_get_profile (self->timeline), &n_processes);
  g_free (self->folded);
  g_free (self->unfolded);
  self->folded = g_new0 (guint8, n_processes + 1);
  self->unfolded = g_new0 (guint8, n + 1);
  for (guint32 l = 0; l < n_threads; l++)
    if (lanes[l].tid != 0 && lanes[l].n_samples > 0)
      {
        busy++;
        if (busiest == GLOW_NONE || lanes[l].ns[GLOW_TASK_RUNNING] > lanes[busiest].ns[GLOW_TASK_RUNNING]
            || (lanes[l].ns[GLOW_TASK_RUNNING] == lanes[busiest].ns[GLOW_TASK_RUNNING] && lanes[l].n_samples > lanes[busiest].n_samples))
          busiest = l;
      }
  if (busiest != GLOW_NONE && busy <= FEW_LANES)
    self->unfolded[busiest] = 1;
}

/* Another look at the same recording, with names, other events, or more of it: what was put away or unfolded stays so. Rows of threads and processes only
 * become more. */
static void
carry_over (GlowTimeOrderArea *self, GlowTimeline *old)
{
  guint32 n_old, n_new, n_processes, n_old_processes;
  const GlowLane *old_lanes = glow_timeline_get_lanes (old, &n_old, NULL), *lanes = glow_timeline_get_lanes (self->timeline, &n_new, NULL);
  g_autofree guint8 *folded = g_steal_pointer (&self->folded), *unfolded = g_steal_pointer (&self->unfolded);

  glow_profile_get_processes (glow_timeline_get_profile (old), &n_old_processes);
  glow_profile_get_processes (glow_timeline_get_profile (self->timeline), &n_processes);
  self->folded = g_new0 (guint8, n_processes + 1);
  self->unfolded = g_new0 (guint8, n_new + 1);
  memcpy (self->folded, folded, MIN (n_processes, n_old_processes));
  self->folded[n_processes] = folded[n_old_processes];
  for (guint32 l = 0; l < n_old; l++)
    if (unfolded[l] && !old_lanes[l].is_cpu)
      {
        guint32 lane = glow_timeline_find_lane (self->timeline, old_lanes[l].thread);

        if (lane != GLOW_NONE && lanes[lane].tid == old_lanes[l].tid)
          self->unfolded[lane] = 1;
      }
}

static guint64
end_of (GlowTimeline *timeline)
{
  guint64 to = glow_timeline_get_to (timeline);

  return to + (to < G_MAXUINT64);
}

void
glow_time_order_area_set_timeline (GlowTimeOrderArea *self, GlowTimeline *timeline)
{
  g_autoptr(GlowTimeline) old = g_steal_pointer (&self->timeline);
  g_autoptr(GlowTimelineRows) old_rows = g_steal_pointer (&self->rows);
  gboolean whole = old == NULL || (self->view.from == glow_timeline_get_from (old) && self->view.to == end_of (old));
  gboolean same = timeline != NULL && old != NULL && glow_timeline_get_from (old) == glow_timeline_get_from (timeline);
  guint32 thread = GLOW_NONE;

  stop_animation (self);
  if (old_rows != NULL && self->row < old_rows->rows->len && !g_array_index (old_rows->rows, GlowTimelineRow, self->row).is_group)
    thread = glow_timeline_get_lanes (old, NULL, NULL)[g_array_index (old_rows->rows, GlowTimelineRow, self->row).lane].thread;
  /* Of other lanes than these; the next choice comes by itself. */
  g_clear_pointer (&self->choice, glow_timeline_choice_free);
  self->timeline = timeline != NULL ? glow_timeline_ref (timeline) : NULL;
  self->row = G_MAXUINT;
  self->span = GLOW_NONE;
  if (same)
    carry_over (self, old);
  else if (timeline != NULL)
    {
      g_array_set_size (self->windows, 0);
      arrange_first (self);
      gtk_adjustment_set_value (self->adjustment, 0);
    }
  if (timeline != NULL && (whole || !same))
    {
      self->view.from = glow_timeline_get_from (timeline);
      self->view.to = end_of (timeline);
    }
  if (same && thread != GLOW_NONE && glow_time_order_area_get_rows (self) != NULL)
    self->row = glow_timeline_rows_find (self->rows, glow_timeline_find_lane (timeline, thread));
  tell_moved (self);
  glow_time_order_area_say_focus (self);
}

void
glow_time_order_area_set_choice (GlowTimeOrderArea *self, GlowTimelineChoice *choice)
{
  g_clear_pointer (&self->choice, glow_timeline_choice_free);
  self->choice = choice;
  self->arrangement.lane_ok = NULL;
  if (self->only_chosen)
    drop_rows (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
glow_time_order_area_set_order (GlowTimeOrderArea *self, GlowLaneOrder order)
{
  self->arrangement.order = order;
  drop_rows (self);
}

void
glow_time_order_area_set_cpus (GlowTimeOrderArea *self, gboolean shown)
{
  self->arrangement.without_cpus = !shown;
  drop_rows (self);
}

void
glow_time_order_area_set_only_chosen (GlowTimeOrderArea *self, gboolean only)
{
  self->only_chosen = only;
  drop_rows (self);
}

GtkAdjustment *
glow_time_order_area_get_adjustment (GlowTimeOrderArea *self)
{
  return self->adjustment;
}

void
glow_time_order_area_show (GlowTimeOrderArea *self, guint64 start, guint64 end, guint32 thread)
{
  GlowTimelineRows *rows = glow_time_order_area_get_rows (self);
  guint32 lane, span;
  guint row;

  if (rows == NULL)
    return;
  lane = thread != GLOW_NONE ? glow_timeline_find_lane (self->timeline, thread) : GLOW_NONE;
  if (lane != GLOW_NONE)
    {
      self->folded[glow_timeline_get_lanes (self->timeline, NULL, NULL)[lane].process] = 0;
      self->unfolded[lane] = 1;
      drop_rows (self);
      rows = self->rows;
    }
  glow_time_order_area_go_around (self, start, end);
  row = lane != GLOW_NONE ? glow_timeline_rows_find (rows, lane) : G_MAXUINT;
  if (row == G_MAXUINT)
    return;
  /* The span itself where it is one of the lane's. */
  for (span = glow_timeline_find_span (self->timeline, lane, start); span != GLOW_NONE; span = glow_timeline_get_spans (self->timeline, lane)[span].parent)
    if (glow_timeline_get_spans (self->timeline, lane)[span].start == start && glow_timeline_get_spans (self->timeline, lane)[span].end == end)
      break;
  self->row = row;
  self->time = start;
  self->span = span;
  gtk_adjustment_set_value (self->adjustment, g_array_index (rows->rows, GlowTimelineRow, row).y - (self->view.height - AXIS) / 3);
  gtk_widget_grab_focus (GTK_WIDGET (self));
  glow_time_order_area_set_focus (self, row, start, span);
}

/* A time that was chosen elsewhere is brought into sight, if nothing of it is. */
static void
follow_query (GlowTimeOrderArea *self)
{
  g_autoptr(GArray) ranges = NULL;
  guint64 from, to;

  if (self->timeline == NULL
      || !glow_query_dup_time_ranges (glow_document_get_query (self->document), glow_timeline_get_profile (self->timeline), &ranges, NULL)
      || ranges == NULL || ranges->len != 2)
    return;
  from = MAX (g_array_index (ranges, guint64, 0), glow_timeline_get_from (self->timeline));
  to = MIN (g_array_index (ranges, guint64, 1), end_of (self->timeline));
  if (from < to && (to <= self->view.from || from >= self->view.to))
    glow_time_order_area_go_around (self, from, to);
}

static void
on_changed (GlowDocument *document, guint changes, gpointer data)
{
  if (changes & GLOW_CHANGED_QUERY)
    follow_query (data);
  if (changes & (GLOW_CHANGED_SELECTION | GLOW_CHANGED_HOVER | GLOW_CHANGED_SEARCH | GLOW_CHANGED_TREE | GLOW_CHANGED_QUERY))
    gtk_widget_queue_draw (GTK_WIDGET (data));
}

GtkWidget *
glow_time_order_area_new (GlowDocument *document)
{
  GlowTimeOrderArea *self = g_object_new (GLOW_TYPE_TIME_ORDER_AREA, NULL);

  self->document = g_object_ref (document);
  g_signal_connect_object (document, "changed", G_CALLBACK (on_changed), self, 0);
  glow_time_order_area_set_focus (self, G_MAXUINT, 0, GLOW_NONE);
  return GTK_WIDGET (self);
}

static void
glow_time_order_area_dispose (GObject *object)
{
  GlowTimeOrderArea *self = GLOW_TIME_ORDER_AREA (object);

  stop_animation (self);
  g_clear_pointer (&self->rows, glow_timeline_rows_free);
  g_clear_pointer (&self->timeline, glow_timeline_unref);
  g_clear_pointer (&self->choice, glow_timeline_choice_free);
  g_clear_pointer (&self->painter, glow_timeline_painter_free);
  g_clear_pointer (&self->folded, g_free);
  g_clear_pointer (&self->unfolded, g_free);
  g_clear_pointer (&self->windows, g_array_unref);
  g_clear_object (&self->adjustment);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (glow_time_order_area_parent_class)->dispose (object);
}

static void
glow_time_order_area_class_init (GlowTimeOrderAreaClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = glow_time_order_area_dispose;
  widget_class->snapshot = glow_time_order_area_snapshot;
  widget_class->size_allocate = glow_time_order_area_size_allocate;
  widget_class->measure = glow_time_order_area_measure;
  moved_signal = g_signal_new ("moved", GLOW_TYPE_TIME_ORDER_AREA, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_css_name (widget_class, "timeorder");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
glow_time_order_area_init (GlowTimeOrderArea *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new (), *key = gtk_event_controller_key_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new (), *pinch = gtk_gesture_zoom_new ();

  self->painter = glow_timeline_painter_new (NULL);
  self->adjustment = g_object_ref_sink (gtk_adjustment_new (0, 0, 1, 1, 1, 1));
  self->windows = g_array_new (FALSE, FALSE, sizeof (GlowTimeWindow));
  self->row = G_MAXUINT;
  self->span = GLOW_NONE;
  self->anchor = G_MAXUINT64;
  gtk_widget_set_focusable (widget, TRUE);
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_widget_set_vexpand (widget, TRUE);
  gtk_widget_set_overflow (widget, GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_has_tooltip (widget, TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (on_query_tooltip), NULL);
  g_signal_connect_object (self->adjustment, "value-changed", G_CALLBACK (on_scrolled), self, G_CONNECT_SWAPPED);
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll), self);
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key), self);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  g_signal_connect (click, "released", G_CALLBACK (on_released), self);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_drag_end), self);
  g_signal_connect (pinch, "begin", G_CALLBACK (on_pinch_begin), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (on_pinch), self);
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, key);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
  glow_look_watch (widget, G_CALLBACK (gtk_widget_queue_draw));
}
