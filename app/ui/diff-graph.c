/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pane of before and after: lays out what can be seen of the union, paints its side of it, and tells the comparison what a person does. */
#include <config.h>

#include "ui/diff-graph.h"
#include "ui/diff-words.h"
#include "ui/look.h"

#include <glib/gi18n.h>
#include <math.h>

#define WHEEL_FACTOR 1.25
#define MIN_WIDTH 1.0          /* pixels below which frames are merged */

struct _GlowDiffGraph {
  GtkWidget parent_instance;

  GlowComparison *comparison;
  gint side;
  GlowFlamePainter *painter;
  GlowLayout *layout;          /* (nullable) */
  GtkWidget *menu;             /* (nullable) */
  double font_size;
  double pointer_x;            /* < 0: not here */
  double drag_from, drag_to, drag_scroll;
  gboolean dragged;
};

G_DEFINE_FINAL_TYPE (GlowDiffGraph, glow_diff_graph, GTK_TYPE_WIDGET)

static gboolean
is_icicle (void)
{
  return g_settings_get_boolean (glow_look_get_settings (), "icicle");
}

/* ---- geometry ---- */

static GlowLayout *
get_layout (GlowDiffGraph *self)
{
  GlowCallTree *tree = glow_comparison_get_tree (self->comparison);
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  GlowLayoutOptions options = { 0, 1, width, MIN_WIDTH, 0, 0 };

  if (tree == NULL || width < 1)
    return NULL;
  glow_comparison_get_sight (self->comparison, &options.from, &options.to);
  if (self->layout == NULL || self->layout->tree != tree || self->layout->options.width != width || self->layout->options.from != options.from
      || self->layout->options.to != options.to)
    {
      g_clear_pointer (&self->layout, glow_layout_free);
      self->layout = glow_layout_compute (tree, &options);
    }
  return self->layout;
}

/* As far as this pane can scroll: another may be as high as it likes, they scroll together. */
static double
get_scroll (GlowDiffGraph *self)
{
  GlowLayout *layout = get_layout (self);
  double rows = layout != NULL ? layout->max_depth + 1 : 1;
  double most = MAX (rows * glow_look_get_row_height () - gtk_widget_get_height (GTK_WIDGET (self)), 0);

  return MIN (glow_comparison_get_scroll (self->comparison), most);
}

static void
scroll_by (GlowDiffGraph *self, double pixels)
{
  glow_comparison_set_scroll (self->comparison, get_scroll (self) + pixels);
  glow_comparison_set_scroll (self->comparison, get_scroll (self));
}

static double
row_y (GlowDiffGraph *self, guint depth)
{
  double row = glow_look_get_row_height (), height = gtk_widget_get_height (GTK_WIDGET (self));

  return is_icicle () ? depth * row - get_scroll (self) : height - (depth + 1) * row + get_scroll (self);
}

static const GlowRect *
rect_at (GlowDiffGraph *self, double x, double y)
{
  GlowLayout *layout = get_layout (self);
  double height = gtk_widget_get_height (GTK_WIDGET (self)), depth = floor (((is_icicle () ? y : height - y) + get_scroll (self)) / glow_look_get_row_height ());

  return layout != NULL && depth >= 0 ? glow_layout_find (layout, x, (guint) depth) : NULL;
}

/* Moves as little as is needed for the chosen path to be seen. */
static void
reveal (GlowDiffGraph *self)
{
  GlowCallTree *tree = glow_comparison_get_tree (self->comparison);
  guint32 node = glow_comparison_get_selected (self->comparison);
  double from, to, low, high, y, row = glow_look_get_row_height (), width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));

  if (tree == NULL || node == GLOW_NONE || height < 1)
    return;
  glow_comparison_get_sight (self->comparison, &low, &high);
  glow_layout_node_extent (tree, node, &from, &to);
  if ((MIN (to, high) - MAX (from, low)) / (high - low) * width < MIN_WIDTH && to > from)
    {
      const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
      guint32 at = node;

      while (at != 0 && nodes->total[nodes->parent[at]] < nodes->total[node] * (width / 12))
        at = nodes->parent[at];
      glow_comparison_zoom_to (self->comparison, at, GTK_WIDGET (self));
    }
  y = row_y (self, glow_call_tree_get_nodes (tree)->depth[node]);
  if (y < 0)
    scroll_by (self, is_icicle () ? y : -y);
  else if (y + row > height)
    scroll_by (self, is_icicle () ? y + row - height : height - y - row);
}

/* ---- painting ---- */

static void
glow_diff_graph_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GlowDiffGraph *self = GLOW_DIFF_GRAPH (widget);
  int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  GlowLayout *layout = get_layout (self);
  GlowDiffPane pane = { glow_comparison_get_diff (self->comparison), self->side, glow_comparison_get_width (self->comparison) };
  double size = glow_look_get_row_height () * 0.46;
  GlowPaintOptions options;
  cairo_t *cr;

  if (layout == NULL || height < 1)
    return;
  if (size != self->font_size)
    {
      char number[G_ASCII_DTOSTR_BUF_SIZE];
      g_autofree char *font = g_strconcat ("sans-serif ", g_ascii_formatd (number, sizeof number, "%.2f", size), NULL);

      self->font_size = size;
      glow_flame_painter_set_font (self->painter, font);
    }
  options = (GlowPaintOptions) {
    .theme = glow_look_get_theme (),
    .icicle = is_icicle (),
    .row_height = glow_look_get_row_height (),
    .height = height,
    .scroll = get_scroll (self),
    .hover_frame = glow_comparison_get_hover (self->comparison),
    .selected_node = glow_comparison_get_selected (self->comparison),
    .search = glow_comparison_get_search (self->comparison),
    .diff = &pane,
  };
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, width, height));
  glow_flame_painter_paint (self->painter, cr, layout, &options);
  cairo_destroy (cr);
}

static void
glow_diff_graph_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  GlowDiffGraph *self = GLOW_DIFF_GRAPH (widget);

  if (self->menu != NULL)
    gtk_popover_present (GTK_POPOVER (self->menu));
}

/* ---- pointer ---- */

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, gpointer data)
{
  GlowDiffGraph *self = data;
  const GlowRect *rect = rect_at (self, x, y);

  self->pointer_x = x;
  glow_comparison_set_hover (self->comparison,
                             rect != NULL && rect->n_merged == 0 ? glow_diff_get_nodes (glow_comparison_get_diff (self->comparison))->key[rect->node] : GLOW_NONE);
}

static void
on_leave (GtkEventControllerMotion *controller, gpointer data)
{
  GlowDiffGraph *self = data;

  self->pointer_x = -1;
  glow_comparison_set_hover (self->comparison, GLOW_NONE);
}

static gboolean
on_scroll (GtkEventControllerScroll *controller, double dx, double dy, gpointer data)
{
  GlowDiffGraph *self = data;
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  gboolean touchpad = gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_SURFACE, shift = (state & GDK_SHIFT_MASK) != 0;
  double width = MAX (gtk_widget_get_width (GTK_WIDGET (self)), 1), rows = dy != 0 ? dy : dx;

  if (shift)
    scroll_by (self, (is_icicle () ? 1 : -1) * rows * (touchpad ? 1 : 3 * glow_look_get_row_height ()));
  else if (touchpad && !(state & GDK_CONTROL_MASK))
    {
      glow_comparison_pan (self->comparison, dx / width);
      scroll_by (self, (is_icicle () ? 1 : -1) * dy);
    }
  else if (dx != 0)
    glow_comparison_pan (self->comparison, dx * 60 / width);
  else
    glow_comparison_zoom_about (self->comparison, self->pointer_x >= 0 ? self->pointer_x / width : 0.5, pow (WHEEL_FACTOR, touchpad ? -dy / 20 : -dy));
  return GDK_EVENT_STOP;
}

static void
popup_menu (GlowDiffGraph *self, double x, double y)
{
  if (self->menu == NULL || glow_comparison_get_selected (self->comparison) == GLOW_NONE)
    return;
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
}

static void
on_pressed (GtkGestureClick *gesture, int n_press, double x, double y, gpointer data)
{
  GlowDiffGraph *self = data;
  const GlowRect *rect = rect_at (self, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture)) != GDK_BUTTON_SECONDARY || rect == NULL || rect->n_merged > 0)
    return;
  glow_comparison_set_selected (self->comparison, rect->node);
  popup_menu (self, x, y);
}

static void
on_released (GtkGestureClick *gesture, int n_press, double x, double y, gpointer data)
{
  GlowDiffGraph *self = data;
  const GlowRect *rect = rect_at (self, x, y);
  double from, to, width = MAX (gtk_widget_get_width (GTK_WIDGET (self)), 1);

  if (self->dragged || gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture)) != GDK_BUTTON_PRIMARY)
    return;
  if (rect == NULL)
    glow_comparison_set_selected (self->comparison, GLOW_NONE);
  else if (rect->n_merged > 0 && n_press > 1)
    {
      /* Too narrow to draw: to where they are wide enough. */
      double at, span;

      glow_comparison_get_sight (self->comparison, &from, &to);
      at = from + (to - from) * (rect->x + rect->width / 2) / width;
      span = (to - from) * MAX (rect->width, 1) / width;
      glow_comparison_move_sight (self->comparison, at - span, at + span, GTK_WIDGET (self));
    }
  else if (rect->n_merged == 0 && n_press > 1)
    glow_comparison_zoom_to (self->comparison, rect->node, GTK_WIDGET (self));
  else if (rect->n_merged == 0)
    glow_comparison_set_selected (self->comparison, rect->node);
}

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y, gpointer data)
{
  GlowDiffGraph *self = data;

  glow_comparison_get_sight (self->comparison, &self->drag_from, &self->drag_to);
  self->drag_scroll = get_scroll (self);
  self->dragged = FALSE;
}

static void
on_drag_update (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  GlowDiffGraph *self = data;
  double by = dx * (self->drag_to - self->drag_from) / MAX (gtk_widget_get_width (GTK_WIDGET (self)), 1);

  if (!self->dragged && !gtk_drag_check_threshold (GTK_WIDGET (self), 0, 0, (int) dx, (int) dy))
    return;
  self->dragged = TRUE;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "grabbing");
  glow_comparison_set_sight (self->comparison, self->drag_from - by, self->drag_to - by);
  glow_comparison_set_scroll (self->comparison, self->drag_scroll + (is_icicle () ? -dy : dy));
  glow_comparison_set_scroll (self->comparison, get_scroll (self));
}

static void
on_drag_end (GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
  gtk_widget_set_cursor (GTK_WIDGET (data), NULL);
}

/* ---- keys ---- */

/* The neighbour on the same row, as it is seen. */
static guint32
beside (GlowDiffGraph *self, guint32 node, int step)
{
  const GlowLayout *layout = get_layout (self);
  const GlowRect *last = NULL;
  gboolean passed = FALSE;

  for (guint32 i = 0; i < layout->n_rects; i++)
    {
      const GlowRect *rect = &layout->rects[i];

      if (rect->n_merged > 0 || rect->depth != glow_call_tree_get_nodes (layout->tree)->depth[node])
        continue;
      if (passed)
        return rect->node;
      if (rect->node == node && step < 0)
        return last != NULL ? last->node : node;
      passed = rect->node == node;
      last = rect;
    }
  return node;
}

static void
walk (GlowDiffGraph *self, guint key)
{
  GlowDiff *diff = glow_comparison_get_diff (self->comparison);
  GlowCallTree *tree = glow_comparison_get_tree (self->comparison);
  const GlowCallTreeNodes *nodes;
  guint32 node = glow_comparison_get_selected (self->comparison), to = node;
  double low, high;

  if (diff == NULL || tree == NULL || get_layout (self) == NULL)
    return;
  nodes = glow_call_tree_get_nodes (tree);
  glow_comparison_get_sight (self->comparison, &low, &high);
  if (node == GLOW_NONE || key == GDK_KEY_Home)
    to = high - low < 1 ? glow_layout_find_container (tree, low, high) : 0;
  else if (key == GDK_KEY_Left || key == GDK_KEY_Right)
    to = beside (self, node, key == GDK_KEY_Left ? -1 : 1);
  else if ((key == GDK_KEY_Up) == is_icicle ())
    to = node != 0 ? nodes->parent[node] : node;
  else
    for (guint32 i = 0; i < nodes->n_children[node]; i++)
      if (to == node || nodes->total[nodes->first_child[node] + i] > nodes->total[to])
        to = nodes->first_child[node] + i;
  if (to == node)
    gtk_widget_error_bell (GTK_WIDGET (self));
  glow_comparison_set_selected (self->comparison, to);
}

static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state, gpointer data)
{
  GlowDiffGraph *self = data;
  guint32 node = glow_comparison_get_selected (self->comparison);
  double page = gtk_widget_get_height (GTK_WIDGET (self)) * 0.8;

  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Up: case GDK_KEY_Down: case GDK_KEY_Left: case GDK_KEY_Right: case GDK_KEY_Home:
      if (state & GDK_SHIFT_MASK)
        glow_comparison_pan (self->comparison, key == GDK_KEY_Left ? -0.1 : key == GDK_KEY_Right ? 0.1 : 0);
      else
        walk (self, key);
      return GDK_EVENT_STOP;
    case GDK_KEY_Page_Up: case GDK_KEY_Page_Down:
      scroll_by (self, ((key == GDK_KEY_Page_Up) != is_icicle () ? 1 : -1) * page);
      return GDK_EVENT_STOP;
    case GDK_KEY_Return: case GDK_KEY_KP_Enter: case GDK_KEY_ISO_Enter:
      if (node != GLOW_NONE)
        glow_comparison_zoom_to (self->comparison, node, GTK_WIDGET (self));
      return GDK_EVENT_STOP;
    case GDK_KEY_BackSpace: case GDK_KEY_Escape:
      glow_comparison_zoom_out (self->comparison, GTK_WIDGET (self));
      return GDK_EVENT_STOP;
    case GDK_KEY_plus: case GDK_KEY_equal: case GDK_KEY_KP_Add:
      glow_comparison_zoom_about (self->comparison, 0.5, 1.6);
      return GDK_EVENT_STOP;
    case GDK_KEY_minus: case GDK_KEY_KP_Subtract:
      glow_comparison_zoom_about (self->comparison, 0.5, 1 / 1.6);
      return GDK_EVENT_STOP;
    case GDK_KEY_F10: case GDK_KEY_Menu:
      if (node == GLOW_NONE || (key == GDK_KEY_F10 && !(state & GDK_SHIFT_MASK)))
        return GDK_EVENT_PROPAGATE;
      popup_menu (self, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0, row_y (self, glow_diff_get_nodes (glow_comparison_get_diff (self->comparison))->depth[node]));
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static gboolean
on_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip, gpointer unused)
{
  GlowDiffGraph *self = GLOW_DIFF_GRAPH (widget);
  const GlowRect *rect = keyboard ? NULL : rect_at (self, x, y);
  g_autofree char *markup = NULL;

  if (rect == NULL || self->dragged)
    return FALSE;
  markup = glow_diff_words_tooltip (glow_comparison_get_diff (self->comparison), rect);
  gtk_tooltip_set_markup (tooltip, markup);
  gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle) { x - 4, (int) row_y (self, rect->depth), 8, (int) glow_look_get_row_height () });
  return TRUE;
}

/* ---- the comparison ---- */

static void
update_accessible (GlowDiffGraph *self)
{
  GlowDiff *diff = glow_comparison_get_diff (self->comparison);
  guint32 node = glow_comparison_get_selected (self->comparison);
  g_autofree char *pane = NULL, *chosen = NULL, *words = NULL;

  pane = g_strdup (self->side == GLOW_BEFORE ? _("Flame graph before") : self->side == GLOW_AFTER ? _("Flame graph after") : _("Flame graph of both sides"));
  if (diff != NULL && node != GLOW_NONE)
    {
      chosen = glow_diff_words_spoken (diff, node);
      words = g_strdup_printf ("%s: %s", pane, chosen);
    }
  else
    words = g_strdup_printf (_("%s. Arrow keys walk the frames"), pane);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

static void
on_changed (GlowComparison *comparison, guint changes, gpointer data)
{
  GlowDiffGraph *self = data;

  if (changes & (GLOW_COMPARED_DIFF | GLOW_COMPARED_WIDTH))
    g_clear_pointer (&self->layout, glow_layout_free);
  if (changes & (GLOW_COMPARED_DIFF | GLOW_COMPARED_SELECTION))
    update_accessible (self);
  if ((changes & GLOW_COMPARED_SELECTION) && !(changes & GLOW_COMPARED_DIFF) && gtk_widget_get_mapped (GTK_WIDGET (self)) && self->side != GLOW_AFTER)
    reveal (self);             /* of panes in step the first one leads */
  if (changes & ~(GLOW_COMPARED_STATE | GLOW_COMPARED_PROGRESS))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
glow_diff_graph_set_menu (GlowDiffGraph *self, GMenuModel *menu)
{
  g_clear_pointer (&self->menu, gtk_widget_unparent);
  self->menu = gtk_popover_menu_new_from_model (menu);
  gtk_popover_set_has_arrow (GTK_POPOVER (self->menu), FALSE);
  gtk_widget_set_halign (self->menu, GTK_ALIGN_START);
  gtk_widget_set_parent (self->menu, GTK_WIDGET (self));
}

static void
add_controllers (GlowDiffGraph *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new (), *key = gtk_event_controller_key_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *click = gtk_gesture_click_new (), *drag = gtk_gesture_drag_new ();

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  g_object_connect (motion, "signal::motion", on_motion, self, "signal::enter", on_motion, self, "signal::leave", on_leave, self, NULL);
  g_object_connect (click, "signal::pressed", on_pressed, self, "signal::released", on_released, self, NULL);
  g_object_connect (drag, "signal::drag-begin", on_drag_begin, self, "signal::drag-update", on_drag_update, self, "signal::drag-end", on_drag_end, self, NULL);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll), self);
  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (widget, key);
}

GtkWidget *
glow_diff_graph_new (GlowComparison *comparison, gint side)
{
  GlowDiffGraph *self = g_object_new (GLOW_TYPE_DIFF_GRAPH, NULL);

  self->comparison = g_object_ref (comparison);
  self->side = side;
  g_signal_connect_object (comparison, "changed", G_CALLBACK (on_changed), self, 0);
  update_accessible (self);
  return GTK_WIDGET (self);
}

static void
glow_diff_graph_dispose (GObject *object)
{
  GlowDiffGraph *self = GLOW_DIFF_GRAPH (object);

  g_clear_pointer (&self->menu, gtk_widget_unparent);
  g_clear_pointer (&self->layout, glow_layout_free);
  g_clear_pointer (&self->painter, glow_flame_painter_free);
  g_clear_object (&self->comparison);
  G_OBJECT_CLASS (glow_diff_graph_parent_class)->dispose (object);
}

static void
glow_diff_graph_class_init (GlowDiffGraphClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = glow_diff_graph_dispose;
  widget_class->snapshot = glow_diff_graph_snapshot;
  widget_class->size_allocate = glow_diff_graph_size_allocate;
  gtk_widget_class_set_css_name (widget_class, "flameview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TREE);
}

static void
glow_diff_graph_init (GlowDiffGraph *self)
{
  self->painter = glow_flame_painter_new (NULL);
  self->pointer_x = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "query-tooltip", G_CALLBACK (on_query_tooltip), NULL);
  add_controllers (self);
  glow_look_watch (GTK_WIDGET (self), G_CALLBACK (gtk_widget_queue_draw));
}
