/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is seen of a timeline: a window of time and how far the rows are scrolled. Everything is painted from summaries anew each time; nothing here costs
 * what was recorded. */
#include <config.h>

#include "ui/look.h"
#include "ui/time-order-area-private.h"

#include <glib/gi18n.h>
#include <math.h>

#define GUTTER 190.0           /* at most; of a narrow area a part */
#define NARROW_GUTTER 110.0
#define GUTTER_SHARE 0.22
#define WHEEL_FACTOR 1.25

G_DEFINE_FINAL_TYPE (GlowTimeOrderArea, glow_time_order_area, GTK_TYPE_WIDGET)

static guint moved_signal;

void
glow_time_order_area_tell_moved (GlowTimeOrderArea *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, moved_signal, 0);
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
      cairo_rectangle (cr, 1, GLOW_TIME_ORDER_AXIS + row->y - self->view.scroll + 1, self->view.width - 2, row->height - 3);
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
  self->view.axis = GLOW_TIME_ORDER_AXIS;
  self->view.gutter = round (CLAMP (width * GUTTER_SHARE, NARROW_GUTTER, GUTTER));
  glow_time_order_area_update_adjustment (self);
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
    glow_time_order_area_zoom_about (self, x, pow (WHEEL_FACTOR, touchpad ? -dy / 20 : -dy));
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
      glow_time_order_area_pan_from (self, self->pan_from, -dx);
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
  glow_time_order_area_zoom_about (self, x, MAX (scale, 1e-3));
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
  to = MIN (g_array_index (ranges, guint64, 1), glow_time_order_area_end_of (self->timeline));
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

  glow_time_order_area_stop (self);
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
