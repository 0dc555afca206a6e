/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The flame graph. What is seen is a window [from, to] of the root's weight and a number of rows scrolled out; everything a person does
 * here moves that window, the ring, or the pointer's highlight. The layout is computed anew where the window moved, never for a hover. */
#include <config.h>

#include "ui/flame-view.h"
#include "ui/flame-words.h"
#include "ui/look.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define ZOOM_TIME 180000       /* µs */
#define WHEEL_FACTOR 1.25
#define MIN_WIDTH 1.0          /* pixels below which frames are merged */

struct _GlowFlameView {
  GtkWidget parent_instance;

  GlowDocument *document;
  GlowFlamePainter *painter;
  GlowLayout *layout;          /* (nullable): of the window below */
  GtkWidget *menu;             /* (nullable): popover */
  double font_size;

  double from, to;
  double scroll;               /* pixels of rows */
  double start_from, start_to, end_from, end_to;   /* of the animation */
  gint64 start_time;
  guint tick;
  gboolean own_zoom;           /* the document's zoom is being set by this view */
  gboolean own_choice;         /* the document's selection is being set by a click here: it is seen already */

  double pointer_x, pointer_y;
  gboolean has_pointer;
  double drag_from, drag_to, drag_scroll;
  gboolean dragged;
  double pinch_from, pinch_to;
};

G_DEFINE_FINAL_TYPE (GlowFlameView, glow_flame_view, GTK_TYPE_WIDGET)

static gboolean
is_icicle (void)
{
  return g_settings_get_boolean (glow_look_get_settings (), "icicle");
}

/* ---- geometry ---- */

static void
drop_layout (GlowFlameView *self)
{
  g_clear_pointer (&self->layout, glow_layout_free);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static GlowLayout *
get_layout (GlowFlameView *self)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  double width = gtk_widget_get_width (GTK_WIDGET (self));

  if (tree == NULL || width < 1)
    return NULL;
  if (self->layout == NULL || self->layout->tree != tree || self->layout->options.width != width)
    {
      GlowLayoutOptions options = { self->from, self->to, width, MIN_WIDTH, 0, 0 };

      g_clear_pointer (&self->layout, glow_layout_free);
      self->layout = glow_layout_compute (tree, &options);
    }
  return self->layout;
}

static double
max_scroll (GlowFlameView *self)
{
  GlowLayout *layout = get_layout (self);
  double rows = layout != NULL ? layout->max_depth + 1 : 1;

  return MAX (rows * glow_look_get_row_height () - gtk_widget_get_height (GTK_WIDGET (self)), 0);
}

static void
set_scroll (GlowFlameView *self, double scroll)
{
  self->scroll = CLAMP (scroll, 0, max_scroll (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The narrowest window that can be zoomed to: a hundredth of the lightest weight there can be, in double's exactness. */
static double
min_span (GlowFlameView *self)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  double all = tree != NULL ? glow_call_tree_get_nodes (tree)->total[0] : 1;

  return MAX (0.5 / MAX (all, 1), 1e-11);
}

static void
set_window (GlowFlameView *self, double from, double to)
{
  double span = CLAMP (to - from, min_span (self), 1);

  from = CLAMP (from, 0, 1 - span);
  self->from = from;
  self->to = from + span;
  drop_layout (self);
  self->scroll = CLAMP (self->scroll, 0, max_scroll (self));
}

static int
depth_at (GlowFlameView *self, double y)
{
  double row = glow_look_get_row_height (), height = gtk_widget_get_height (GTK_WIDGET (self));

  return (int) floor (((is_icicle () ? y : height - y) + self->scroll) / row);
}

static const GlowRect *
rect_at (GlowFlameView *self, double x, double y)
{
  GlowLayout *layout = get_layout (self);
  int depth = depth_at (self, y);

  return layout != NULL && depth >= 0 ? glow_layout_find (layout, x, depth) : NULL;
}

/* Where a node's row begins, from the top of the widget. */
static double
row_y (GlowFlameView *self, guint depth)
{
  double row = glow_look_get_row_height (), height = gtk_widget_get_height (GTK_WIDGET (self));

  return is_icicle () ? depth * row - self->scroll : height - (depth + 1) * row + self->scroll;
}

/* ---- zooming ---- */

static gboolean
animate (GtkWidget *widget, GdkFrameClock *clock, gpointer unused)
{
  GlowFlameView *self = GLOW_FLAME_VIEW (widget);
  double t = CLAMP ((gdk_frame_clock_get_frame_time (clock) - self->start_time) / (double) ZOOM_TIME, 0, 1);
  double eased = 1 - pow (1 - t, 3);

  set_window (self, self->start_from + (self->end_from - self->start_from) * eased, self->start_to + (self->end_to - self->start_to) * eased);
  if (t < 1)
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  return G_SOURCE_REMOVE;
}

static void
stop_animation (GlowFlameView *self)
{
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
}

static void
move_window (GlowFlameView *self, double from, double to)
{
  stop_animation (self);
  if (!glow_look_has_motion (GTK_WIDGET (self)) || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    {
      set_window (self, from, to);
      return;
    }
  self->start_from = self->from;
  self->start_to = self->to;
  self->end_from = from;
  self->end_to = to;
  self->start_time = gdk_frame_clock_get_frame_time (gtk_widget_get_frame_clock (GTK_WIDGET (self)));
  self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), animate, NULL, NULL);
}

/* Tells the document what the window has come to, without being moved by it. */
static void
report_window (GlowFlameView *self)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);

  if (tree == NULL)
    return;
  self->own_zoom = TRUE;
  glow_document_set_zoom (self->document, glow_layout_find_container (tree, self->from, self->to));
  self->own_zoom = FALSE;
}

static void
zoom_about (GlowFlameView *self, double x, double factor)
{
  double span = self->to - self->from, width = MAX (gtk_widget_get_width (GTK_WIDGET (self)), 1);
  double at = self->from + span * x / width, now = CLAMP (span / factor, min_span (self), 1);

  stop_animation (self);
  set_window (self, at - now * x / width, at - now * x / width + now);
  report_window (self);
}

void
glow_flame_view_zoom_by (GlowFlameView *self, double factor)
{
  zoom_about (self, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0, factor);
}

void
glow_flame_view_pan (GlowFlameView *self, double pixels)
{
  double by = pixels * (self->to - self->from) / MAX (gtk_widget_get_width (GTK_WIDGET (self)), 1);

  stop_animation (self);
  set_window (self, self->from + by, self->to + by);
  report_window (self);
}

void
glow_flame_view_zoom_out (GlowFlameView *self)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  const GlowCallTreeNodes *nodes;
  guint32 node = glow_document_get_zoom (self->document), at;

  if (tree == NULL)
    return;
  nodes = glow_call_tree_get_nodes (tree);
  if (nodes->total[0] > 0 && (self->to - self->from) * 1.0001 < (double) nodes->total[node] / nodes->total[0])
    at = node;                 /* the wheel went below a frame: first back to the whole of it */
  else
    {
      at = node;
      while (at != 0 && nodes->total[at] == nodes->total[node])
        at = nodes->parent[at];
    }
  glow_document_set_zoom (self->document, at);
}

/* ---- the ring ---- */

static void
update_accessible (GlowFlameView *self)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  guint32 node = glow_document_get_selected (self->document);
  g_autofree char *words = NULL;

  if (tree == NULL)
    words = g_strdup (_("Flame graph"));
  else if (node == GLOW_NONE)
    {
      g_autofree char *base = glow_text_base (tree);

      words = g_strdup_printf (_("Flame graph of %s. Arrow keys walk the frames"), base);
    }
  else
    words = glow_flame_words_spoken (tree, node);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

/* Moves as little as is needed for the selected frame to be seen. */
static void
reveal (GlowFlameView *self, guint32 node)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  double from, to, y, row = glow_look_get_row_height (), height = gtk_widget_get_height (GTK_WIDGET (self));
  double width = gtk_widget_get_width (GTK_WIDGET (self)), seen;

  if (tree == NULL || height < 1)
    return;
  glow_layout_node_extent (tree, node, &from, &to);
  seen = (MIN (to, self->to) - MAX (from, self->from)) / (self->to - self->from) * width;
  if (seen < MIN_WIDTH)
    {
      /* Merged with its siblings or out of sight: the nearest caller that makes it wide enough to be seen. */
      guint32 at = node;
      const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);

      while (at != 0 && nodes->total[nodes->parent[at]] < nodes->total[node] * (width / 12))
        at = nodes->parent[at];
      glow_document_set_zoom (self->document, at);
    }
  y = row_y (self, glow_call_tree_get_nodes (tree)->depth[node]);
  if (y < 0)
    set_scroll (self, self->scroll + (is_icicle () ? y : -y));
  else if (y + row > height)
    set_scroll (self, self->scroll + (is_icicle () ? y + row - height : height - y - row));
}

static void
select_and_reveal (GlowFlameView *self, guint32 node)
{
  if (node == glow_document_get_selected (self->document))
    reveal (self, node);
  else
    glow_document_set_selected (self->document, node);
}

static void
choose (GlowFlameView *self, guint32 node)
{
  self->own_choice = TRUE;
  glow_document_set_selected (self->document, node);
  self->own_choice = FALSE;
}

/* The neighbour on the same row, as seen. */
static guint32
beside (GlowFlameView *self, guint32 node, int step)
{
  GlowLayout *layout = get_layout (self);
  guint depth = glow_call_tree_get_nodes (layout->tree)->depth[node];
  gint64 place = -1;

  for (guint32 i = 0; i < layout->n_rects && place < 0; i++)
    if (layout->rects[i].node == node && layout->rects[i].n_merged == 0)
      place = i;
  for (place += step; place >= 0 && place < layout->n_rects && layout->rects[place].depth == depth; place += step)
    if (layout->rects[place].n_merged == 0)
      return layout->rects[place].node;
  return node;
}

static void
walk (GlowFlameView *self, guint key)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  const GlowCallTreeNodes *nodes = tree != NULL ? glow_call_tree_get_nodes (tree) : NULL;
  guint32 node = glow_document_get_selected (self->document), to = node;
  gboolean deeper = (key == GDK_KEY_Up) != is_icicle ();

  if (nodes == NULL)
    return;
  if (node == GLOW_NONE || key == GDK_KEY_Home)
    {
      select_and_reveal (self, glow_document_get_zoom (self->document));
      return;
    }
  if (key == GDK_KEY_Left || key == GDK_KEY_Right)
    to = beside (self, node, key == GDK_KEY_Left ? -1 : 1);
  else if (deeper && nodes->n_children[node] > 0)
    {
      to = nodes->first_child[node];
      for (guint32 i = 1; i < nodes->n_children[node]; i++)
        if (nodes->total[nodes->first_child[node] + i] > nodes->total[to])
          to = nodes->first_child[node] + i;
    }
  else if (!deeper && node != 0)
    to = nodes->parent[node];
  if (to == node)
    gtk_widget_error_bell (GTK_WIDGET (self));
  select_and_reveal (self, to);
}

guint
glow_flame_view_step_match (GlowFlameView *self, int step, guint *n)
{
  GlowCallTree *tree = glow_document_get_tree (self->document);
  const GlowSearch *search = glow_document_get_search (self->document);
  const GlowCallTreeNodes *nodes;
  guint32 selected = glow_document_get_selected (self->document), first = GLOW_NONE, last = GLOW_NONE, next = GLOW_NONE, before = GLOW_NONE;
  guint32 chosen;
  guint place, before_place = 0, next_place = 0, count = 0;

  *n = 0;
  if (tree == NULL || search == NULL || search->n_nodes == 0)
    return 0;
  nodes = glow_call_tree_get_nodes (tree);
  for (guint32 i = 1; i < nodes->n_nodes; i++)
    {
      if (!search->frame_matches[nodes->frame[i]])
        continue;
      last = i;
      if (++count == 1)
        first = i;
      if (selected != GLOW_NONE && i < selected)
        {
          before = i;
          before_place = count;
        }
      if (next == GLOW_NONE && (selected == GLOW_NONE || i > selected))
        {
          next = i;
          next_place = count;
        }
    }
  if (step > 0)
    {
      chosen = next != GLOW_NONE ? next : first;
      place = next != GLOW_NONE ? next_place : 1;
    }
  else
    {
      chosen = before != GLOW_NONE ? before : last;
      place = before != GLOW_NONE ? before_place : count;
    }
  select_and_reveal (self, chosen);
  *n = count;
  return place;
}

/* ---- painting ---- */

static void
update_font (GlowFlameView *self)
{
  double size = glow_look_get_row_height () * 0.46;

  if (size == self->font_size)
    return;
  self->font_size = size;
  {
    char number[G_ASCII_DTOSTR_BUF_SIZE];
    g_autofree char *font = g_strconcat ("sans-serif ", g_ascii_formatd (number, sizeof number, "%.2f", size), NULL);

    glow_flame_painter_set_font (self->painter, font);
  }
}

static void
glow_flame_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GlowFlameView *self = GLOW_FLAME_VIEW (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  GlowLayout *layout = get_layout (self);
  GlowPaintOptions options;
  cairo_t *cr;

  if (layout == NULL || height < 1)
    return;
  update_font (self);
  options = (GlowPaintOptions) {
    .palette = glow_look_get_palette (),
    .theme = glow_look_get_theme (),
    .icicle = is_icicle (),
    .row_height = glow_look_get_row_height (),
    .height = height,
    .scroll = self->scroll,
    .hover_frame = glow_document_get_hover (self->document),
    .selected_node = glow_document_get_selected (self->document),
    .search = glow_document_get_search (self->document),
    .uncertain_above = glow_look_get_uncertain (),
  };
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  glow_flame_painter_paint (self->painter, cr, layout, &options);
  cairo_destroy (cr);
}

static void
glow_flame_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GlowFlameView *self = GLOW_FLAME_VIEW (widget);

  if (self->menu != NULL)
    gtk_popover_present (GTK_POPOVER (self->menu));
  self->scroll = CLAMP (self->scroll, 0, max_scroll (self));
}

/* ---- what people do ---- */

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, gpointer data)
{
  GlowFlameView *self = data;
  GlowCallTree *tree = glow_document_get_tree (self->document);
  const GlowRect *rect = rect_at (self, x, y);

  self->pointer_x = x;
  self->pointer_y = y;
  self->has_pointer = TRUE;
  glow_document_set_hover (self->document, rect != NULL && rect->n_merged == 0 ? glow_call_tree_get_nodes (tree)->frame[rect->node] : GLOW_NONE);
}

static void
on_leave (GtkEventControllerMotion *controller, gpointer data)
{
  GlowFlameView *self = data;

  self->has_pointer = FALSE;
  glow_document_set_hover (self->document, GLOW_NONE);
}

static gboolean
on_scroll (GtkEventControllerScroll *controller, double dx, double dy, gpointer data)
{
  GlowFlameView *self = data;
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  gboolean touchpad = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_SURFACE;
  double row = glow_look_get_row_height (), x = self->has_pointer ? self->pointer_x : gtk_widget_get_width (GTK_WIDGET (self)) / 2.0;

  if ((state & GDK_SHIFT_MASK) || (touchpad && !(state & GDK_CONTROL_MASK)))
    {
      double rows = dy != 0 ? dy : (state & GDK_SHIFT_MASK ? dx : 0);

      if (dx != 0 && !(state & GDK_SHIFT_MASK))
        glow_flame_view_pan (self, dx);
      if (rows != 0)
        set_scroll (self, self->scroll + (is_icicle () ? 1 : -1) * rows * (touchpad ? 1 : 3 * row));
      return GDK_EVENT_STOP;
    }
  if (dx != 0)
    glow_flame_view_pan (self, dx * 60);
  if (dy != 0)
    zoom_about (self, x, pow (WHEEL_FACTOR, touchpad ? -dy / 20 : -dy));
  return GDK_EVENT_STOP;
}

static void
popup_menu (GlowFlameView *self, double x, double y)
{
  if (self->menu == NULL || glow_document_get_selected (self->document) == GLOW_NONE)
    return;
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
on_pressed (GtkGestureClick *gesture, int n_press, double x, double y, gpointer data)
{
  GlowFlameView *self = data;
  const GlowRect *rect = rect_at (self, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture)) == GDK_BUTTON_SECONDARY && rect != NULL && rect->n_merged == 0)
    {
      choose (self, rect->node);
      popup_menu (self, x, y);
    }
}

static void
on_released (GtkGestureClick *gesture, int n_press, double x, double y, gpointer data)
{
  GlowFlameView *self = data;
  const GlowRect *rect = rect_at (self, x, y);

  if (self->dragged || gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture)) != GDK_BUTTON_PRIMARY)
    return;
  if (rect == NULL)
    choose (self, GLOW_NONE);
  else if (rect->n_merged > 0)
    {
      /* Frames too narrow to draw: a double click goes to where they are wide enough. */
      double span = (self->to - self->from) * MAX (rect->width, 1) / gtk_widget_get_width (GTK_WIDGET (self));
      double at = self->from + (self->to - self->from) * (rect->x + rect->width / 2) / gtk_widget_get_width (GTK_WIDGET (self));

      if (n_press > 1)
        move_window (self, at - span, at + span);
    }
  else if (n_press > 1)
    glow_document_set_zoom (self->document, rect->node);
  else
    choose (self, rect->node);
}

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y, gpointer data)
{
  GlowFlameView *self = data;

  self->drag_from = self->from;
  self->drag_to = self->to;
  self->drag_scroll = self->scroll;
  self->dragged = FALSE;
}

static void
on_drag_update (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  GlowFlameView *self = data;
  double by = dx * (self->drag_to - self->drag_from) / MAX (gtk_widget_get_width (GTK_WIDGET (self)), 1);

  if (!self->dragged && !gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, (int) dx, (int) dy))
    return;
  if (!self->dragged)
    gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "grabbing");
  self->dragged = TRUE;
  stop_animation (self);
  set_window (self, self->drag_from - by, self->drag_to - by);
  set_scroll (self, self->drag_scroll + (is_icicle () ? -dy : dy));
}

static void
on_drag_end (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  GlowFlameView *self = data;

  gtk_widget_set_cursor (GTK_WIDGET (self), NULL);
  if (self->dragged)
    report_window (self);
}

static void
on_pinch_begin (GtkGesture *gesture, GdkEventSequence *sequence, gpointer data)
{
  GlowFlameView *self = data;

  self->pinch_from = self->from;
  self->pinch_to = self->to;
}

static void
on_pinch (GtkGestureZoom *gesture, double scale, gpointer data)
{
  GlowFlameView *self = data;
  double x = 0, y = 0, width = MAX (gtk_widget_get_width (GTK_WIDGET (self)), 1), span = self->pinch_to - self->pinch_from, at, now;

  gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y);
  at = self->pinch_from + span * x / width;
  now = CLAMP (span / MAX (scale, 1e-3), min_span (self), 1);
  stop_animation (self);
  set_window (self, at - now * x / width, at - now * x / width + now);
  report_window (self);
}

static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, gpointer data)
{
  GlowFlameView *self = data;
  double height = gtk_widget_get_height (GTK_WIDGET (self));

  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Up: case GDK_KEY_Down: case GDK_KEY_Left: case GDK_KEY_Right: case GDK_KEY_Home:
      if (state & GDK_SHIFT_MASK)
        glow_flame_view_pan (self, key == GDK_KEY_Left ? -60 : key == GDK_KEY_Right ? 60 : 0);
      else
        walk (self, key);
      return GDK_EVENT_STOP;
    case GDK_KEY_Page_Up: case GDK_KEY_Page_Down:
      set_scroll (self, self->scroll + ((key == GDK_KEY_Page_Up) != is_icicle () ? 1 : -1) * height * 0.8);
      return GDK_EVENT_STOP;
    case GDK_KEY_Return: case GDK_KEY_KP_Enter: case GDK_KEY_ISO_Enter:
      if (glow_document_get_selected (self->document) != GLOW_NONE)
        glow_document_set_zoom (self->document, glow_document_get_selected (self->document));
      return GDK_EVENT_STOP;
    case GDK_KEY_BackSpace: case GDK_KEY_Escape:
      glow_flame_view_zoom_out (self);
      return GDK_EVENT_STOP;
    case GDK_KEY_plus: case GDK_KEY_equal: case GDK_KEY_KP_Add:
      glow_flame_view_zoom_by (self, 1.6);
      return GDK_EVENT_STOP;
    case GDK_KEY_minus: case GDK_KEY_KP_Subtract:
      glow_flame_view_zoom_by (self, 1 / 1.6);
      return GDK_EVENT_STOP;
    case GDK_KEY_Menu: case GDK_KEY_F10:
      if (key == GDK_KEY_F10 && !(state & GDK_SHIFT_MASK))
        return GDK_EVENT_PROPAGATE;
      {
        guint32 node = glow_document_get_selected (self->document);
        double from, to, width = gtk_widget_get_width (GTK_WIDGET (self));

        if (node == GLOW_NONE)
          return GDK_EVENT_STOP;
        glow_layout_node_extent (glow_document_get_tree (self->document), node, &from, &to);
        popup_menu (self, CLAMP (((from + to) / 2 - self->from) / (self->to - self->from), 0, 1) * width,
                    row_y (self, glow_call_tree_get_nodes (glow_document_get_tree (self->document))->depth[node]) + 4);
      }
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static gboolean
on_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer unused)
{
  GlowFlameView *self = GLOW_FLAME_VIEW (widget);
  GlowCallTree *tree = glow_document_get_tree (self->document);
  const GlowRect *rect = keyboard ? NULL : rect_at (self, x, y);
  g_autofree char *markup = NULL;

  if (rect == NULL || self->dragged)
    return FALSE;
  markup = glow_flame_words_tooltip (tree, rect);
  gtk_tooltip_set_markup (tooltip, markup);
  gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle) { x - 4, (int) row_y (self, rect->depth), 8, (int) glow_look_get_row_height () });
  return TRUE;
}

/* ---- the document ---- */

static void
on_changed (GlowDocument *document, guint changes, gpointer data)
{
  GlowFlameView *self = data;
  GlowCallTree *tree = glow_document_get_tree (document);
  double from = 0, to = 1;

  if (changes & GLOW_CHANGED_TREE)
    drop_layout (self);
  if ((changes & GLOW_CHANGED_ZOOM) && !self->own_zoom)
    {
      if (tree != NULL)
        glow_layout_node_extent (tree, glow_document_get_zoom (document), &from, &to);
      if (to <= from)
        from = 0, to = 1;
      if (changes & GLOW_CHANGED_TREE)
        {
          stop_animation (self);
          set_window (self, from, to);
        }
      else
        move_window (self, from, to);
    }
  if (changes & (GLOW_CHANGED_SELECTION | GLOW_CHANGED_TREE))
    {
      update_accessible (self);
      if ((changes & GLOW_CHANGED_SELECTION) && !(changes & GLOW_CHANGED_TREE) && glow_document_get_selected (document) != GLOW_NONE
          && !self->own_choice && gtk_widget_get_mapped (GTK_WIDGET (self)))
        reveal (self, glow_document_get_selected (document));
    }
  if (changes & (GLOW_CHANGED_SELECTION | GLOW_CHANGED_HOVER | GLOW_CHANGED_SEARCH | GLOW_CHANGED_TREE))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_look (GlowFlameView *self)
{
  drop_layout (self);
}

void
glow_flame_view_get_window (GlowFlameView *self, double *from, double *to)
{
  *from = self->tick != 0 ? self->end_from : self->from;
  *to = self->tick != 0 ? self->end_to : self->to;
}

void
glow_flame_view_set_menu (GlowFlameView *self, GMenuModel *menu)
{
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  self->menu = gtk_popover_menu_new_from_model (menu);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
}

static void
add_controllers (GlowFlameView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new (), *key = gtk_event_controller_key_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new (), *pinch = gtk_gesture_zoom_new ();

  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "enter", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  gtk_widget_add_controller (widget, motion);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll), self);
  gtk_widget_add_controller (widget, scroll);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  g_signal_connect (click, "pressed", G_CALLBACK (on_pressed), self);
  g_signal_connect (click, "released", G_CALLBACK (on_released), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_drag_end), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  g_signal_connect (pinch, "begin", G_CALLBACK (on_pinch_begin), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (on_pinch), self);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (widget, key);
}

GtkWidget *
glow_flame_view_new (GlowDocument *document)
{
  GlowFlameView *self = g_object_new (GLOW_TYPE_FLAME_VIEW, NULL);

  self->document = g_object_ref (document);
  g_signal_connect_object (document, "changed", G_CALLBACK (on_changed), self, 0);
  update_accessible (self);
  return GTK_WIDGET (self);
}

static void
glow_flame_view_dispose (GObject *object)
{
  GlowFlameView *self = GLOW_FLAME_VIEW (object);

  stop_animation (self);
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_clear_pointer (&self->layout, glow_layout_free);
  g_clear_pointer (&self->painter, glow_flame_painter_free);
  g_clear_object (&self->document);
  G_OBJECT_CLASS (glow_flame_view_parent_class)->dispose (object);
}

static void
glow_flame_view_class_init (GlowFlameViewClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = glow_flame_view_dispose;
  widget_class->snapshot = glow_flame_view_snapshot;
  widget_class->size_allocate = glow_flame_view_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "flameview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TREE);
}

static void
glow_flame_view_init (GlowFlameView *self)
{
  self->to = 1;
  self->painter = glow_flame_painter_new (NULL);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (on_query_tooltip), NULL);
  add_controllers (self);
  glow_look_watch (GTK_WIDGET (self), G_CALLBACK (on_look));
}
