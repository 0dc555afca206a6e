/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which time is in sight: zoomed about a place, panned, gone to by a short animation, and gone back from. In whole ns: doubles cannot tell neighbouring ones
 * of a clock that counts from 1970. */
#include <config.h>

#include "ui/look.h"
#include "ui/time-order-area-private.h"

#include <afterglow/time-axis.h>
#include <glib/gi18n.h>
#include <math.h>

#define NARROWEST 50.0         /* ns */
#define ZOOM_TIME 180000       /* µs */
#define MOST_WINDOWS 100

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
  glow_time_order_area_tell_moved (self);
}

void
glow_time_order_area_stop (GlowTimeOrderArea *self)
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
  glow_time_order_area_tell_moved (self);
  return G_SOURCE_REMOVE;
}

static void
move_window (GlowTimeOrderArea *self, guint64 from, guint64 to)
{
  guint64 first = glow_timeline_get_from (self->timeline), last = glow_timeline_get_to (self->timeline);

  glow_time_order_area_stop (self);
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
      glow_time_order_area_tell_moved (self);
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

void
glow_time_order_area_zoom_about (GlowTimeOrderArea *self, double x, double factor)
{
  double share = CLAMP ((x - self->view.gutter) / MAX (self->view.width - self->view.gutter, 1), 0, 1), span = (double) (self->view.to - self->view.from);
  double now = MAX (span / factor, NARROWEST), by = share * (span - now);

  /* By whole ns from where it is: doubles cannot tell neighbouring ones of a clock that counts from 1970. */
  if (self->timeline == NULL)
    return;
  glow_time_order_area_stop (self);
  if (factor > 1 && by > 0 && now < 1e15)
    {
      self->view.from += (guint64) by;
      self->view.to = self->view.from + MAX ((guint64) now, 1);
      glow_time_order_area_tell_moved (self);
    }
  else if (factor > 1)
    {
      self->view.to = self->view.from + MIN ((guint64) now, self->view.to - self->view.from);
      glow_time_order_area_tell_moved (self);
    }
  else
    {
      guint64 first = glow_timeline_get_from (self->timeline), last = glow_timeline_get_to (self->timeline);
      double left = share * (now - span), right = (1 - share) * (now - span);

      last += last < G_MAXUINT64;
      self->view.from = left >= (double) (self->view.from - first) ? first : self->view.from - (guint64) left;
      self->view.to = right >= (double) (last - self->view.to) ? last : self->view.to + (guint64) right;
      glow_time_order_area_tell_moved (self);
    }
}

void
glow_time_order_area_zoom_by (GlowTimeOrderArea *self, double factor)
{
  double x = (self->view.gutter + self->view.width) / 2;

  if (self->row != G_MAXUINT && self->time >= self->view.from && self->time < self->view.to)
    x = glow_timeline_view_x (&self->view, self->time);
  glow_time_order_area_zoom_about (self, x, factor);
}

/* From @origin on, in whole ns. */
void
glow_time_order_area_pan_from (GlowTimeOrderArea *self, guint64 origin, double pixels)
{
  guint64 span = self->view.to - self->view.from, first, last;
  double by = pixels * (double) span / MAX (self->view.width - self->view.gutter, 1);

  if (self->timeline == NULL)
    return;
  glow_time_order_area_stop (self);
  first = glow_timeline_get_from (self->timeline);
  last = glow_timeline_get_to (self->timeline);
  last += last < G_MAXUINT64;
  if (by < 0)
    self->view.from = -by >= (double) (origin - first) ? first : origin - (guint64) -by;
  else
    self->view.from = by >= (double) (last - origin - MIN (span, last - origin)) ? last - MIN (span, last - first) : origin + (guint64) by;
  self->view.to = self->view.from + span;
  glow_time_order_area_tell_moved (self);
}

void
glow_time_order_area_pan (GlowTimeOrderArea *self, double pixels)
{
  glow_time_order_area_pan_from (self, self->view.from, pixels);
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

guint64
glow_time_order_area_end_of (GlowTimeline *timeline)
{
  guint64 to = glow_timeline_get_to (timeline);

  return to + (to < G_MAXUINT64);
}
