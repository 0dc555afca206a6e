/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which lanes there are and where they stand: what was put away or unfolded stays so whatever comes to be known of the recording. */
#include <config.h>

#include "ui/time-order-area-private.h"

#include <string.h>

#define FEW_LANES 12

void
glow_time_order_area_update_adjustment (GlowTimeOrderArea *self)
{
  double page = MAX (self->view.height - GLOW_TIME_ORDER_AXIS, 1), height = self->rows != NULL ? self->rows->height : 0;

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
      glow_time_order_area_update_adjustment (self);
    }
  return self->rows;
}

/* The focus stays on its lane, wherever that goes. */
void
glow_time_order_area_drop_rows (GlowTimeOrderArea *self)
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
  glow_time_order_area_tell_moved (self);
}

void
glow_time_order_area_fold_all (GlowTimeOrderArea *self, gboolean folded)
{
  guint32 n_processes;

  glow_profile_get_processes (glow_timeline_get_profile (self->timeline), &n_processes);
  memset (self->folded, folded ? 1 : 0, n_processes + 1);
  glow_time_order_area_drop_rows (self);
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
  glow_time_order_area_drop_rows (self);
  glow_time_order_area_set_focus (self, self->row, self->time, self->span);
}

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

void
glow_time_order_area_set_timeline (GlowTimeOrderArea *self, GlowTimeline *timeline)
{
  g_autoptr(GlowTimeline) old = g_steal_pointer (&self->timeline);
  g_autoptr(GlowTimelineRows) old_rows = g_steal_pointer (&self->rows);
  gboolean whole = old == NULL || (self->view.from == glow_timeline_get_from (old) && self->view.to == glow_time_order_area_end_of (old));
  gboolean same = timeline != NULL && old != NULL && glow_timeline_get_from (old) == glow_timeline_get_from (timeline);
  guint32 thread = GLOW_NONE;

  glow_time_order_area_stop (self);
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
      self->view.to = glow_time_order_area_end_of (timeline);
    }
  if (same && thread != GLOW_NONE && glow_time_order_area_get_rows (self) != NULL)
    self->row = glow_timeline_rows_find (self->rows, glow_timeline_find_lane (timeline, thread));
  glow_time_order_area_tell_moved (self);
  glow_time_order_area_say_focus (self);
}

void
glow_time_order_area_set_choice (GlowTimeOrderArea *self, GlowTimelineChoice *choice)
{
  g_clear_pointer (&self->choice, glow_timeline_choice_free);
  self->choice = choice;
  self->arrangement.lane_ok = NULL;
  if (self->only_chosen)
    glow_time_order_area_drop_rows (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
glow_time_order_area_set_order (GlowTimeOrderArea *self, GlowLaneOrder order)
{
  self->arrangement.order = order;
  glow_time_order_area_drop_rows (self);
}

void
glow_time_order_area_set_cpus (GlowTimeOrderArea *self, gboolean shown)
{
  self->arrangement.without_cpus = !shown;
  glow_time_order_area_drop_rows (self);
}

void
glow_time_order_area_set_only_chosen (GlowTimeOrderArea *self, gboolean only)
{
  self->only_chosen = only;
  glow_time_order_area_drop_rows (self);
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
      glow_time_order_area_drop_rows (self);
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
  gtk_adjustment_set_value (self->adjustment, g_array_index (rows->rows, GlowTimelineRow, row).y - (self->view.height - GLOW_TIME_ORDER_AXIS) / 3);
  gtk_widget_grab_focus (GTK_WIDGET (self));
  glow_time_order_area_set_focus (self, row, start, span);
}

