/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanes by keyboard. The focus is a moment of a lane, or one of its spans: arrows walk lanes and what follows in time, S goes into the spans at the moment
 * and on into their children, P out to the parent, W to whoever woke the thread; G chooses the function
 * that stands there, and then its callers. What the focus is on is said in words each time. */
#include <config.h>

#include "ui/time-order-area-private.h"

#include <glib/gi18n.h>

#define ZOOM 1.6

static GlowTimelineRow *
row_at (GlowTimeOrderArea *self, guint row)
{
  GlowTimelineRows *rows = glow_time_order_area_get_rows (self);

  return rows != NULL && row < rows->rows->len ? &g_array_index (rows->rows, GlowTimelineRow, row) : NULL;
}

static const GlowLane *
lane_of (GlowTimeOrderArea *self, const GlowTimelineRow *row)
{
  return &glow_timeline_get_lanes (self->timeline, NULL, NULL)[row->lane];
}

/* How far an interval of a lane reaches that holds @time: a slice, else a state, else what a pixel is. */
static void
find_interval (GlowTimeOrderArea *self, const GlowTimelineHit *hit, guint64 *from, guint64 *to)
{
  const GlowTaskChange *changes = glow_timeline_get_changes (self->timeline, hit->lane);
  guint32 n = glow_timeline_get_lanes (self->timeline, NULL, NULL)[hit->lane].n_changes;

  if (hit->slice.end > hit->time && hit->slice.start <= hit->time && hit->n_merged == 0)
    {
      *from = hit->slice.start;
      *to = hit->slice.end;
    }
  else if (hit->change != GLOW_NONE && hit->n_merged == 0)
    {
      *from = changes[hit->change].time;
      *to = hit->change + 1 < n ? changes[hit->change + 1].time : glow_timeline_get_to (self->timeline);
    }
  else
    {
      *from = hit->time;
      *to = hit->time + MIN (hit->width, G_MAXUINT64 - hit->time);
    }
}

gboolean
glow_time_order_area_get_focus (GlowTimeOrderArea *self, GlowTimelineHit *hit, guint64 *from, guint64 *to)
{
  const GlowTimelineRow *row = row_at (self, self->row);

  if (row == NULL || row->is_group)
    return FALSE;
  glow_timeline_hit_moment (self->rows, &self->view, row->lane, self->time, hit);
  hit->row = self->row;
  hit->span = self->span < lane_of (self, row)->n_spans ? self->span : GLOW_NONE;
  if (hit->span != GLOW_NONE)
    {
      const GlowLaneSpan *span = &glow_timeline_get_spans (self->timeline, row->lane)[hit->span];

      *from = span->start;
      *to = span->end;
    }
  else
    find_interval (self, hit, from, to);
  return TRUE;
}

static void
say (GlowTimeOrderArea *self)
{
  GlowTimelineRows *rows = glow_time_order_area_get_rows (self);
  GlowTimelineHit hit = { .row = self->row, .lane = GLOW_NONE, .span = GLOW_NONE, .change = GLOW_NONE };
  const GlowTimelineRow *row = row_at (self, self->row);
  g_autofree char *words = NULL;
  guint64 from, to;

  if (rows == NULL)
    words = g_strdup (_("Time order"));
  else if (row == NULL)
    words = g_strdup_printf (ngettext ("Time order of %u lane. Arrow keys walk", "Time order of %u lanes. Arrow keys walk", rows->n_shown), rows->n_shown);
  else
    {
      if (!row->is_group)
        glow_time_order_area_get_focus (self, &hit, &from, &to);
      words = glow_timeline_dup_spoken (rows, &hit);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
}

/* As little as is needed. */
static void
reveal (GlowTimeOrderArea *self)
{
  const GlowTimelineRow *row = row_at (self, self->row);
  double page = self->view.height - self->view.axis, span = (double) (self->view.to - self->view.from);

  if (row == NULL)
    return;
  /* Of a lane higher than the page its head is enough, or whatever somebody scrolled to. */
  if (row->y < self->view.scroll && (row->height <= page || row->y + row->height < self->view.scroll + page / 2))
    gtk_adjustment_set_value (self->adjustment, row->y);
  else if (row->height <= page ? row->y + row->height > self->view.scroll + page : row->y > self->view.scroll + page / 2)
    gtk_adjustment_set_value (self->adjustment, MIN (row->y, row->y + row->height - page));
  if (!row->is_group && (self->time < self->view.from || self->time >= self->view.to))
    glow_time_order_area_set_window (self, (double) self->time - span / 2, span);
}

void
glow_time_order_area_set_focus (GlowTimeOrderArea *self, guint row, guint64 time, guint32 span)
{
  self->row = row;
  self->time = time;
  self->span = span;
  reveal (self);
  glow_time_order_area_say_focus (self);
}

void
glow_time_order_area_say_focus (GlowTimeOrderArea *self)
{
  self->chosen = 0;
  say (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit_by_name (self, "moved");
}

/* ---- in time ---- */

static gboolean
find_next (GlowTimeOrderArea *self, const GlowTimelineRow *row, guint64 behind, guint64 *time)
{
  const GlowLane *lane = lane_of (self, row);
  const GlowTaskChange *changes = glow_timeline_get_changes (self->timeline, row->lane);
  const guint64 *times = glow_profile_get_samples (glow_timeline_get_profile (self->timeline))->time;
  guint32 change = behind > 0 ? glow_timeline_find_change (self->timeline, row->lane, behind - 1) : GLOW_NONE;
  guint32 sample = glow_timeline_samples_before (self->timeline, row->lane, behind);

  change = change == GLOW_NONE ? 0 : change + 1;
  *time = G_MAXUINT64;
  if (change < lane->n_changes)
    *time = changes[change].time;
  if (sample < lane->n_samples)
    *time = MIN (*time, times[glow_timeline_get_sample (self->timeline, row->lane, sample)]);
  return *time != G_MAXUINT64;
}

static gboolean
find_previous (GlowTimeOrderArea *self, const GlowTimelineRow *row, guint64 before, guint64 *time)
{
  const GlowTaskChange *changes = glow_timeline_get_changes (self->timeline, row->lane);
  const guint64 *times = glow_profile_get_samples (glow_timeline_get_profile (self->timeline))->time;
  guint32 change = before > 0 ? glow_timeline_find_change (self->timeline, row->lane, before - 1) : GLOW_NONE;
  guint32 sample = glow_timeline_samples_before (self->timeline, row->lane, before);

  *time = 0;
  if (change != GLOW_NONE)
    *time = changes[change].time;
  if (sample > 0)
    *time = MAX (*time, times[glow_timeline_get_sample (self->timeline, row->lane, sample - 1)]);
  return change != GLOW_NONE || sample > 0;
}

/* The next of the same row of spans; one that is a sibling has the same parent, and the last of them is the end. */
static gboolean
step_span (GlowTimeOrderArea *self, const GlowTimelineRow *row, int step)
{
  const GlowLaneSpan *spans = glow_timeline_get_spans (self->timeline, row->lane);
  guint32 n = lane_of (self, row)->n_spans;

  for (gint64 at = (gint64) self->span + step; at >= 0 && at < n; at += step)
    if (spans[at].row == spans[self->span].row)
      {
        glow_time_order_area_set_focus (self, self->row, spans[at].start, (guint32) at);
        return TRUE;
      }
  return FALSE;
}

static gboolean
step_time (GlowTimeOrderArea *self, int step)
{
  GlowTimelineHit hit;
  guint64 from, to, time;

  if (!glow_time_order_area_get_focus (self, &hit, &from, &to))
    return FALSE;
  if (self->span != GLOW_NONE)
    return step_span (self, row_at (self, self->row), step);
  if (step > 0 ? !find_next (self, row_at (self, self->row), MAX (to, self->time + 1), &time) : !find_previous (self, row_at (self, self->row), from, &time))
    return FALSE;
  glow_time_order_area_set_focus (self, self->row, time, GLOW_NONE);
  return TRUE;
}

static gboolean
step_to_edge (GlowTimeOrderArea *self, gboolean last)
{
  const GlowTimelineRow *row = row_at (self, self->row);
  guint64 time;

  if (row == NULL || row->is_group)
    return FALSE;
  if (last ? !find_previous (self, row, G_MAXUINT64, &time) : !find_next (self, row, 0, &time))
    return FALSE;
  glow_time_order_area_set_focus (self, self->row, time, GLOW_NONE);
  return TRUE;
}

/* ---- between lanes, spans and threads ---- */

static gboolean
step_row (GlowTimeOrderArea *self, int step)
{
  GlowTimelineRows *rows = glow_time_order_area_get_rows (self);
  guint64 time = self->row == G_MAXUINT ? self->view.from + (self->view.to - self->view.from) / 2 : self->time;
  gint64 to = self->row == G_MAXUINT ? 0 : (gint64) self->row + step;

  if (rows == NULL || to < 0 || to >= rows->rows->len)
    return FALSE;
  glow_time_order_area_set_focus (self, (guint) to, time, GLOW_NONE);
  return TRUE;
}

/* The span at the moment; else the next, else the last. */
static guint32
find_span_near (GlowTimeOrderArea *self, const GlowTimelineRow *row)
{
  const GlowLaneSpan *spans = glow_timeline_get_spans (self->timeline, row->lane);
  guint32 n = lane_of (self, row)->n_spans, lower = 0, upper = n, at = glow_timeline_find_span (self->timeline, row->lane, self->time);

  if (at != GLOW_NONE || n == 0)
    return at;
  while (lower < upper)
    {
      guint32 middle = lower + (upper - lower) / 2;

      if (spans[middle].start < self->time)
        lower = middle + 1;
      else
        upper = middle;
    }
  return MIN (lower, n - 1);
}

/* The outermost span at the moment; from a span, its first child; from one without children, what its thread did in it. */
static gboolean
step_in (GlowTimeOrderArea *self)
{
  const GlowTimelineRow *row = row_at (self, self->row);
  const GlowLaneSpan *spans;
  guint32 n, at;

  if (row == NULL || row->is_group || (spans = glow_timeline_get_spans (self->timeline, row->lane)) == NULL)
    return FALSE;
  n = lane_of (self, row)->n_spans;
  if (self->span == GLOW_NONE)
    {
      at = find_span_near (self, row);
      while (at != GLOW_NONE && spans[at].parent != GLOW_NONE)
        at = spans[at].parent;
    }
  else
    {
      for (at = self->span + 1; at < n && spans[at].parent != self->span; at++)
        if (spans[at].start >= spans[self->span].end)
          at = n - 1;
      if (at >= n)
        {
          /* A wait is a leaf of the tree, and so is whatever it ran. */
          glow_time_order_area_set_focus (self, self->row, spans[self->span].start, GLOW_NONE);
          return TRUE;
        }
    }
  if (at == GLOW_NONE)
    return FALSE;
  glow_time_order_area_set_focus (self, self->row, spans[at].start, at);
  return TRUE;
}

static gboolean
step_out (GlowTimeOrderArea *self)
{
  const GlowTimelineRow *row = row_at (self, self->row);
  const GlowLaneSpan *spans;
  guint32 at;

  if (row == NULL || row->is_group || (spans = glow_timeline_get_spans (self->timeline, row->lane)) == NULL)
    return FALSE;
  at = self->span == GLOW_NONE ? glow_timeline_find_span (self->timeline, row->lane, self->time) : spans[self->span].parent;
  if (at == GLOW_NONE)
    return FALSE;
  glow_time_order_area_set_focus (self, self->row, spans[at].start, at);
  return TRUE;
}

/* To the thread that woke this one, at the moment that it did; from a CPU, to the thread that it runs. */
static gboolean
go_to_waker (GlowTimeOrderArea *self)
{
  const GlowTimelineRow *row = row_at (self, self->row);
  const GlowSamples *samples = glow_profile_get_samples (glow_timeline_get_profile (self->timeline));
  const GlowTaskChange *changes;
  guint32 at, n, sample;
  guint to;

  if (row == NULL || row->is_group)
    return FALSE;
  changes = glow_timeline_get_changes (self->timeline, row->lane);
  n = lane_of (self, row)->n_changes;
  at = glow_timeline_find_change (self->timeline, row->lane, self->time);
  if (lane_of (self, row)->is_cpu)
    {
      to = at != GLOW_NONE && changes[at].on != GLOW_NONE ? glow_timeline_rows_find (self->rows, changes[at].on) : G_MAXUINT;
      if (to != G_MAXUINT)
        glow_time_order_area_set_focus (self, to, self->time, GLOW_NONE);
      return to != G_MAXUINT;
    }
  /* From a wait to what ended it, from what runs to what let it run. */
  if (at != GLOW_NONE && changes[at].state == GLOW_TASK_RUNNING && at > 0)
    at--;
  else if (at != GLOW_NONE && changes[at].state == GLOW_TASK_BLOCKED && at + 1 < n)
    at++;
  if (at == GLOW_NONE || (changes[at].state != GLOW_TASK_QUEUED && changes[at].state != GLOW_TASK_WOKEN) || changes[at].letter != 0)
    return FALSE;
  sample = changes[at].sample;
  to = glow_timeline_rows_find (self->rows, glow_timeline_find_lane (self->timeline, samples->thread[sample]));
  if (to == G_MAXUINT)
    return FALSE;
  glow_time_order_area_set_focus (self, to, samples->time[sample], GLOW_NONE);
  return TRUE;
}

/* The next or previous moment, from the focus on, that search has marked in this lane. */
static gboolean
find_match (GlowTimeOrderArea *self, int step)
{
  const GlowSearch *search = glow_document_get_search (self->document);
  GlowCallTree *tree = glow_document_get_tree (self->document);
  GlowProfile *profile = glow_timeline_get_profile (self->timeline);
  const GlowSamples *samples = glow_profile_get_samples (profile);
  const GlowStacks *stacks = glow_profile_get_stacks (profile);
  const GlowTimelineRow *row = row_at (self, self->row);
  GlowTimelineHit hit;
  guint64 from, to;
  gint64 at;

  if (search == NULL || tree == NULL || glow_call_tree_get_profile (tree) != profile || row == NULL || row->is_group)
    return FALSE;
  glow_time_order_area_get_focus (self, &hit, &from, &to);
  at = (gint64) glow_timeline_samples_before (self->timeline, row->lane, step > 0 ? MAX (to, self->time + 1) : from) - (step > 0 ? 0 : 1);
  for (guint looked = 0; at >= 0 && at < lane_of (self, row)->n_samples && looked < 200000; at += step, looked++)
    {
      guint32 sample = glow_timeline_get_sample (self->timeline, row->lane, (guint32) at);

      for (guint32 stack = samples->stack[sample]; stack != 0; stack = stacks->parent[stack])
        if (search->frame_matches[stacks->item[stack]])
          {
            glow_time_order_area_set_focus (self, self->row, samples->time[sample], GLOW_NONE);
            glow_document_select_frame (self->document, stacks->item[stack]);
            return TRUE;
          }
    }
  return FALSE;
}

/* The innermost function of the moment's stack becomes the chosen one; asked again, its caller, and so on to the root. */
static gboolean
choose_function (GlowTimeOrderArea *self)
{
  GlowProfile *profile = glow_timeline_get_profile (self->timeline);
  GlowCallTree *tree = glow_document_get_tree (self->document);
  const GlowStacks *stacks = glow_profile_get_stacks (profile);
  g_autofree char *name = NULL, *words = NULL;
  GlowTimelineHit hit;
  guint64 from, to;

  if (tree == NULL || glow_call_tree_get_profile (tree) != profile || !glow_time_order_area_get_focus (self, &hit, &from, &to) || hit.slice.stack == 0)
    return FALSE;
  self->chosen = self->chosen != 0 ? stacks->parent[self->chosen] : hit.slice.stack;
  if (self->chosen == 0)
    self->chosen = hit.slice.stack;
  glow_document_select_frame (self->document, stacks->item[self->chosen]);
  name = glow_strings_dup_display (glow_profile_get_strings (profile), glow_profile_get_frames (profile, NULL)[stacks->item[self->chosen]].name);
  words = g_strdup_printf (_("Chosen: %s"), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, words, -1);
  return TRUE;
}

/* Shift and the arrows: from where they began to the end of what the focus is on. */
static gboolean
extend (GlowTimeOrderArea *self, int step)
{
  GlowTimelineHit hit;
  guint64 from, to;

  if (self->anchor == G_MAXUINT64 && glow_time_order_area_get_focus (self, &hit, &from, &to))
    self->anchor = step > 0 ? from : to;
  if (!step_time (self, step) || !glow_time_order_area_get_focus (self, &hit, &from, &to))
    return FALSE;
  glow_time_order_area_select (self, MIN (self->anchor, from), MAX (self->anchor, to), GLOW_NONE, FALSE);
  return TRUE;
}

static gboolean
zoom_to_focus (GlowTimeOrderArea *self)
{
  GlowTimelineHit hit;
  guint64 from, to;

  if (self->row == G_MAXUINT)
    return FALSE;
  if (!glow_time_order_area_get_focus (self, &hit, &from, &to))
    glow_time_order_area_toggle (self, self->row);
  else
    glow_time_order_area_go_around (self, from, to);
  return TRUE;
}

gboolean
glow_time_order_area_key (GlowTimeOrderArea *self, guint key, GdkModifierType state)
{
  gboolean shift = (state & GDK_SHIFT_MASK) != 0, done;
  double page = self->view.height - self->view.axis;
  GlowTimelineHit hit;
  guint64 from, to;

  if (glow_time_order_area_get_rows (self) == NULL || (state & GDK_ALT_MASK) || ((state & GDK_CONTROL_MASK) && key != GDK_KEY_Return))
    return GDK_EVENT_PROPAGATE;
  if (!shift)
    self->anchor = G_MAXUINT64;
  switch (key)
    {
    case GDK_KEY_Up: done = step_row (self, -1); break;
    case GDK_KEY_Down: done = step_row (self, 1); break;
    case GDK_KEY_Left: case GDK_KEY_Right:
      {
        int step = key == GDK_KEY_Left ? -1 : 1;
        const GlowTimelineRow *row = row_at (self, self->row);

        if (row != NULL && row->is_group && shift)
          {
            glow_time_order_area_fold_all (self, step < 0);
            done = TRUE;
          }
        else if (row != NULL && row->is_group)
          {
            if (row->open == (step < 0))
              glow_time_order_area_toggle (self, self->row);
            done = TRUE;
          }
        else if (row == NULL)
          done = step_row (self, 1);
        else
          done = shift ? extend (self, step) : step_time (self, step);
        break;
      }
    case GDK_KEY_Home: done = step_to_edge (self, FALSE); break;
    case GDK_KEY_End: done = step_to_edge (self, TRUE); break;
    case GDK_KEY_Page_Up: gtk_adjustment_set_value (self->adjustment, self->view.scroll - page * 0.9); done = TRUE; break;
    case GDK_KEY_Page_Down: gtk_adjustment_set_value (self->adjustment, self->view.scroll + page * 0.9); done = TRUE; break;
    case GDK_KEY_plus: case GDK_KEY_equal: case GDK_KEY_KP_Add: glow_time_order_area_zoom_by (self, ZOOM); done = TRUE; break;
    case GDK_KEY_minus: case GDK_KEY_KP_Subtract: glow_time_order_area_zoom_by (self, 1 / ZOOM); done = TRUE; break;
    case GDK_KEY_0: case GDK_KEY_KP_0:
      glow_time_order_area_go (self, glow_timeline_get_from (self->timeline), glow_timeline_get_to (self->timeline));
      done = TRUE;
      break;
    case GDK_KEY_Return: case GDK_KEY_KP_Enter: case GDK_KEY_ISO_Enter:
      if (!(state & GDK_CONTROL_MASK))
        done = zoom_to_focus (self);
      else if ((done = glow_time_order_area_get_focus (self, &hit, &from, &to)))
        glow_time_order_area_select (self, from, to, hit.lane, FALSE);
      break;
    case GDK_KEY_BackSpace: case GDK_KEY_Escape: glow_time_order_area_go_back (self); done = TRUE; break;
    case GDK_KEY_space: glow_time_order_area_toggle (self, self->row); done = TRUE; break;
    case GDK_KEY_s: done = step_in (self); break;
    case GDK_KEY_p: done = step_out (self); break;
    case GDK_KEY_g: done = choose_function (self); break;
    case GDK_KEY_w: done = go_to_waker (self); break;
    case GDK_KEY_n: done = find_match (self, 1); break;
    case GDK_KEY_N: done = find_match (self, -1); break;
    default:
      return GDK_EVENT_PROPAGATE;
    }
  if (!done)
    gtk_widget_error_bell (GTK_WIDGET (self));
  return GDK_EVENT_STOP;
}
