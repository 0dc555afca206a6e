/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is seen of a comparison, in every pane at once: the window of the union's width, the rows that are scrolled out, the function under the pointer. */
#include <config.h>

#include "ui/comparison-private.h"
#include "ui/look.h"

#include <math.h>

#define MOVE_TIME 180000       /* µs */
#define LEAST_SPAN 1e-9
#define REST 150               /* ms without a movement */

void
glow_comparison_get_sight (GlowComparison *self, double *from, double *to)
{
  *from = self->from;
  *to = self->to;
}

double
glow_comparison_get_scroll (GlowComparison *self)
{
  return self->scroll;
}

void
glow_comparison_set_scroll (GlowComparison *self, double scroll)
{
  scroll = MAX (scroll, 0);
  if (scroll == self->scroll)
    return;
  self->scroll = scroll;
  glow_comparison_tell (self, GLOW_COMPARED_SIGHT);
}

static gboolean
rested (gpointer data)
{
  GlowComparison *self = data;

  self->rest_timer = 0;
  glow_comparison_look_finer (self);
  return G_SOURCE_REMOVE;
}

void
glow_comparison_sight_rests (GlowComparison *self)
{
  g_clear_handle_id (&self->rest_timer, g_source_remove);
  self->rest_timer = g_timeout_add (REST, rested, self);
}

static void
put_sight (GlowComparison *self, double from, double to)
{
  double span = CLAMP (to - from, LEAST_SPAN, 1);

  self->from = CLAMP (from, 0, 1 - span);
  self->to = self->from + span;
  glow_comparison_tell (self, GLOW_COMPARED_SIGHT);
}

static void
on_mover_gone (gpointer data, GObject *gone)
{
  GlowComparison *self = data;

  self->mover = NULL;
  self->tick = 0;
}

void
glow_comparison_stop_moving (GlowComparison *self)
{
  if (self->mover == NULL)
    return;
  g_object_weak_unref (G_OBJECT (self->mover), on_mover_gone, self);
  gtk_widget_remove_tick_callback (self->mover, self->tick);
  self->mover = NULL;
  self->tick = 0;
}

void
glow_comparison_set_sight (GlowComparison *self, double from, double to)
{
  glow_comparison_stop_moving (self);
  put_sight (self, from, to);
  glow_comparison_sight_rests (self);
}

static gboolean
move (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  GlowComparison *self = data;
  double t = CLAMP ((gdk_frame_clock_get_frame_time (clock) - self->start_time) / (double) MOVE_TIME, 0, 1), eased = 1 - pow (1 - t, 3);

  put_sight (self, self->start_from + (self->end_from - self->start_from) * eased, self->start_to + (self->end_to - self->start_to) * eased);
  if (t < 1)
    return G_SOURCE_CONTINUE;
  g_object_weak_unref (G_OBJECT (self->mover), on_mover_gone, self);
  self->mover = NULL;
  self->tick = 0;
  glow_comparison_sight_rests (self);
  return G_SOURCE_REMOVE;
}

void
glow_comparison_move_sight (GlowComparison *self, double from, double to, GtkWidget *widget)
{
  glow_comparison_stop_moving (self);
  if (widget == NULL || !gtk_widget_get_mapped (widget) || !glow_look_has_motion (widget))
    {
      glow_comparison_set_sight (self, from, to);
      return;
    }
  self->start_from = self->from;
  self->start_to = self->to;
  self->end_from = from;
  self->end_to = to;
  self->start_time = gdk_frame_clock_get_frame_time (gtk_widget_get_frame_clock (widget));
  self->mover = widget;
  g_object_weak_ref (G_OBJECT (widget), on_mover_gone, self);
  self->tick = gtk_widget_add_tick_callback (widget, move, self, NULL);
}

void
glow_comparison_zoom_to (GlowComparison *self, guint32 node, GtkWidget *widget)
{
  GlowCallTree *tree = glow_comparison_get_tree (self);
  double from = 0, to = 1;

  if (tree == NULL)
    return;
  glow_layout_node_extent (tree, node, &from, &to);
  if (to > from)
    glow_comparison_move_sight (self, from, to, widget);
}

void
glow_comparison_zoom_out (GlowComparison *self, GtkWidget *widget)
{
  GlowCallTree *tree = glow_comparison_get_tree (self);
  const GlowCallTreeNodes *nodes;
  double from, to;
  guint32 at;

  if (tree == NULL)
    return;
  nodes = glow_call_tree_get_nodes (tree);
  at = glow_layout_find_container (tree, self->from, self->to);
  glow_layout_node_extent (tree, at, &from, &to);
  /* Below a frame: first to the whole of it. */
  while (at != 0 && to - from <= (self->to - self->from) * 1.0001)
    {
      at = nodes->parent[at];
      glow_layout_node_extent (tree, at, &from, &to);
    }
  glow_comparison_move_sight (self, from, to, widget);
}

void
glow_comparison_zoom_about (GlowComparison *self, double at, double factor)
{
  double span = self->to - self->from, now = CLAMP (span / factor, LEAST_SPAN, 1), middle = self->from + span * at;

  glow_comparison_set_sight (self, middle - now * at, middle - now * at + now);
}

void
glow_comparison_pan (GlowComparison *self, double share)
{
  double by = share * (self->to - self->from);

  glow_comparison_set_sight (self, self->from + by, self->to + by);
}

guint32
glow_comparison_get_hover (GlowComparison *self)
{
  return self->hover;
}

void
glow_comparison_set_hover (GlowComparison *self, guint32 key)
{
  if (key == self->hover)
    return;
  self->hover = key;
  glow_comparison_tell (self, GLOW_COMPARED_HOVER);
}
