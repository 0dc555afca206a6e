/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which lanes stand where, and what lies at a place of one: geometry alone. */
#include <config.h>

#include "draw/timeline-rows-private.h"

#include <math.h>
#include <stdlib.h>

#define MOST_FRAMES 64         /* rows of an unfolded lane; what is deeper is told by the pointer */

GlowRowParts
glow_timeline_row_parts (const GlowLane *lane, gboolean open)
{
  GlowRowParts parts = { .spans = GLOW_ROW_PAD };

  parts.n_spans = open ? lane->n_span_rows : MIN (lane->n_span_rows, GLOW_ROW_THIN_SPANS);
  parts.span_height = open ? GLOW_ROW_SPAN : GLOW_ROW_SPAN_THIN;
  parts.band = parts.spans + parts.n_spans * parts.span_height + (parts.n_spans > 0 ? 1 : 0);
  parts.stacks = parts.band + (lane->n_changes > 0 ? GLOW_ROW_BAND + 1 : 0);
  parts.frame_height = open ? GLOW_ROW_FRAME : GLOW_ROW_STRIP;
  parts.n_frames = lane->is_cpu ? 1 : open ? CLAMP (MAX (lane->depth, lane->wait_depth), 1, MOST_FRAMES) : 1;
  return parts;
}

static double
lane_height (const GlowLane *lane, gboolean open)
{
  GlowRowParts parts = glow_timeline_row_parts (lane, open);

  return parts.stacks + parts.n_frames * parts.frame_height + GLOW_ROW_PAD;
}

static double
activity_of (GlowTimeline *timeline, const GlowLane *lane)
{
  return glow_timeline_has_switches (timeline) ? (double) lane->ns[GLOW_TASK_RUNNING] + 1e-6 * lane->n_samples : lane->n_samples;
}

typedef struct {
  guint32 lane;
  guint32 process;
  double activity;
  guint64 first;
  gint64 id;
} Place;

typedef struct {
  GlowLaneOrder order;
  const double *activity;      /* by process */
  const guint64 *first;
  const GlowProcess *processes;
} Order;

static int
compare_doubles (double a, double b)
{
  return a < b ? 1 : a > b ? -1 : 0;
}

static int
compare_places (gconstpointer a, gconstpointer b, gpointer data)
{
  const Place *left = a, *right = b;
  const Order *order = data;

  if (left->process != right->process)
    {
      gint32 left_pid = order->processes[left->process].pid, right_pid = order->processes[right->process].pid;
      int by = order->order == GLOW_LANES_BY_ACTIVITY ? compare_doubles (order->activity[left->process], order->activity[right->process])
               : order->order == GLOW_LANES_BY_FIRST && order->first[left->process] != order->first[right->process]
               ? (order->first[left->process] < order->first[right->process] ? -1 : 1) : 0;

      return by != 0 ? by : left_pid != right_pid ? (left_pid < right_pid ? -1 : 1) : left->process < right->process ? -1 : 1;
    }
  if (order->order == GLOW_LANES_BY_ACTIVITY && left->activity != right->activity)
    return compare_doubles (left->activity, right->activity);
  if (order->order == GLOW_LANES_BY_FIRST && left->first != right->first)
    return left->first < right->first ? -1 : 1;
  return left->id != right->id ? (left->id < right->id ? -1 : 1) : left->lane < right->lane ? -1 : left->lane > right->lane;
}

static void
add_row (GlowTimelineRows *self, GlowTimelineRow row)
{
  row.y = self->height;
  self->height += row.height;
  g_array_append_val (self->rows, row);
}

static void
add_lane (GlowTimelineRows *self, const GlowTimelineArrangement *arrangement, const GlowLane *lanes, guint32 lane, double share)
{
  gboolean open = arrangement->unfolded != NULL && arrangement->unfolded[lane];

  add_row (self, (GlowTimelineRow) { FALSE, lanes[lane].process, lane, 0, open, share, NAN, 0, lane_height (&lanes[lane], open) });
}

static void
add_cpus (GlowTimelineRows *self, const GlowTimelineArrangement *arrangement, const GlowLane *lanes, guint32 from, guint32 n, guint32 n_processes)
{
  gboolean open = arrangement->folded == NULL || !arrangement->folded[n_processes];
  double duration = MAX ((double) (glow_timeline_get_to (self->timeline) - glow_timeline_get_from (self->timeline)), 1);
  gboolean known = glow_timeline_has_switches (self->timeline);
  double ran = 0;

  if (from == n)
    return;
  for (guint32 l = from; l < n; l++)
    ran += (double) lanes[l].ns[GLOW_TASK_RUNNING];
  add_row (self, (GlowTimelineRow) { TRUE, GLOW_NONE, GLOW_NONE, n - from, open, known ? ran / duration / (n - from) : NAN, known ? ran : NAN, 0, GLOW_ROW_GROUP });
  for (guint32 l = from; open && l < n; l++)
    add_lane (self, arrangement, lanes, l, known ? lanes[l].ns[GLOW_TASK_RUNNING] / duration : NAN);
}

GlowTimelineRows *
glow_timeline_rows_compute (GlowTimeline *timeline, const GlowTimelineArrangement *arrangement)
{
  GlowTimelineRows *self = g_new0 (GlowTimelineRows, 1);
  guint32 n, n_threads, n_processes;
  const GlowLane *lanes = glow_timeline_get_lanes (timeline, &n, &n_threads);
  const GlowProcess *processes = glow_profile_get_processes (glow_timeline_get_profile (timeline), &n_processes);
  g_autoptr(GArray) places = g_array_new (FALSE, FALSE, sizeof (Place));
  g_autofree double *activity = g_new0 (double, n_processes + 1), *ran = g_new0 (double, n_processes + 1);
  g_autofree guint64 *first = g_new (guint64, n_processes + 1);
  g_autofree guint32 *counts = g_new0 (guint32, n_processes + 1);
  Order order = { arrangement->order, activity, first, processes };
  double all = 0;

  self->timeline = glow_timeline_ref (timeline);
  self->rows = g_array_new (FALSE, TRUE, sizeof (GlowTimelineRow));
  for (guint32 p = 0; p < n_processes; p++)
    first[p] = G_MAXUINT64;
  for (guint32 l = 0; l < n_threads; l++)
    {
      Place place = { l, lanes[l].process, activity_of (timeline, &lanes[l]), lanes[l].first_time, lanes[l].tid };

      /* The idle thread runs on every CPU at once, and nothing is what it does. */
      if ((lanes[l].n_samples == 0 && lanes[l].n_changes == 0 && lanes[l].n_spans == 0) || lanes[l].process >= n_processes || lanes[l].tid == 0)
        continue;
      all += place.activity;
      self->n_lanes++;
      if (arrangement->lane_ok != NULL && !arrangement->lane_ok[l])
        continue;
      activity[place.process] += place.activity;
      ran[place.process] += (double) lanes[l].ns[GLOW_TASK_RUNNING];
      first[place.process] = MIN (first[place.process], place.first);
      counts[place.process]++;
      g_array_append_val (places, place);
    }
  self->n_shown = places->len;
  g_array_sort_with_data (places, compare_places, &order);
  if (!arrangement->without_cpus)
    add_cpus (self, arrangement, lanes, n_threads, n, n_processes);
  for (guint i = 0; i < places->len;)
    {
      guint32 process = g_array_index (places, Place, i).process;
      gboolean open = arrangement->folded == NULL || !arrangement->folded[process];

      add_row (self, (GlowTimelineRow) { TRUE, process, GLOW_NONE, counts[process], open, all > 0 ? activity[process] / all : 0,
                                         glow_timeline_has_switches (timeline) ? ran[process] : NAN, 0, GLOW_ROW_GROUP });
      for (; i < places->len && g_array_index (places, Place, i).process == process; i++)
        if (open)
          add_lane (self, arrangement, lanes, g_array_index (places, Place, i).lane, all > 0 ? g_array_index (places, Place, i).activity / all : 0);
    }
  return self;
}

void
glow_timeline_rows_free (GlowTimelineRows *self)
{
  glow_timeline_unref (self->timeline);
  g_array_unref (self->rows);
  g_free (self);
}

guint
glow_timeline_rows_at (const GlowTimelineRows *self, double y)
{
  guint lower = 0, upper = self->rows->len;

  while (lower + 1 < upper)
    {
      guint middle = (lower + upper) / 2;

      if (g_array_index (self->rows, GlowTimelineRow, middle).y <= y)
        lower = middle;
      else
        upper = middle;
    }
  return lower;
}

guint
glow_timeline_rows_find (const GlowTimelineRows *self, guint32 lane)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (!g_array_index (self->rows, GlowTimelineRow, i).is_group && g_array_index (self->rows, GlowTimelineRow, i).lane == lane)
      return i;
  return G_MAXUINT;
}

/* ---- times ---- */

double
glow_timeline_view_x (const GlowTimelineView *self, guint64 time)
{
  double by = time >= self->from ? (double) (time - self->from) : -(double) (self->from - time);

  return self->gutter + by / MAX ((double) (self->to - self->from), 1) * (self->width - self->gutter);
}

guint64
glow_timeline_view_time (const GlowTimelineView *self, double x)
{
  double share = CLAMP ((x - self->gutter) / MAX (self->width - self->gutter, 1), 0, 1), by = share * (double) (self->to - self->from);

  return by >= (double) (self->to - self->from) ? self->to : self->from + (guint64) by;
}

/* ---- what is there ---- */

/* The stack cut off behind @n frames. */
static guint32
ancestor (GlowTimeline *timeline, guint32 stack, guint n)
{
  const GlowStacks *stacks = glow_profile_get_stacks (glow_timeline_get_profile (timeline));

  for (guint depth = glow_timeline_get_depth (timeline, stack); depth > n; depth--)
    stack = stacks->parent[stack];
  return stack;
}

/* The slice at a time, or what the majority of the samples behind the pixel say. */
static void
find_slice (const GlowTimelineRows *rows, const GlowTimelineView *view, GlowTimelineHit *hit)
{
  guint64 end = hit->time > G_MAXUINT64 - hit->width ? G_MAXUINT64 : hit->time + hit->width;
  g_autoptr(GArray) slices = glow_timeline_slices (rows->timeline, hit->lane, view->from, view->to, glow_timeline_most_slices (view));
  GlowLaneSum sum;

  if (slices == NULL)
    {
      guint32 left;

      glow_timeline_sum (rows->timeline, hit->lane, hit->time, end, &sum);
      left = sum.n_samples == 0 && hit->change != GLOW_NONE ? glow_timeline_find_leaving (rows->timeline, hit->lane, hit->change) : GLOW_NONE;
      if (sum.n_samples > 0)
        hit->slice = (GlowLaneSlice) { hit->time, end, sum.stack, GLOW_NONE, sum.n_samples, GLOW_TASK_RUNNING };
      else if (left != GLOW_NONE)
        {
          const GlowTaskChange *changes = glow_timeline_get_changes (rows->timeline, hit->lane);
          const GlowSamples *samples = glow_profile_get_samples (glow_timeline_get_profile (rows->timeline));

          hit->slice = (GlowLaneSlice) { hit->time, end, samples->stack[changes[left].sample], changes[left].sample, 0, changes[hit->change].state };
        }
      hit->n_merged = sum.n_samples;
      return;
    }
  for (guint i = 0; i < slices->len; i++)
    {
      const GlowLaneSlice *slice = &g_array_index (slices, GlowLaneSlice, i);

      if (slice->start <= hit->time && slice->end > hit->time)
        {
          hit->slice = *slice;
          return;
        }
      /* Moments, and what is narrower than a pixel, are found beside them; a wait belongs to its own state alone. */
      if (slice->n > 0 && slice->start < end && slice->end >= hit->time && hit->slice.sample == GLOW_NONE)
        hit->slice = *slice;
    }
}

static void
find_span (const GlowTimelineRows *rows, GlowTimelineHit *hit, guint row)
{
  const GlowLaneSpan *spans = glow_timeline_get_spans (rows->timeline, hit->lane);
  guint32 n, lower = 0, upper;
  const guint32 *indices = glow_timeline_get_span_row (rows->timeline, hit->lane, row, &n);

  upper = n;
  while (lower < upper)
    {
      guint32 middle = lower + (upper - lower) / 2;

      if (spans[indices[middle]].end <= hit->time)
        lower = middle + 1;
      else
        upper = middle;
    }
  if (lower < n && spans[indices[lower]].start < hit->time + hit->width)
    hit->span = indices[lower];
}

static void
find_moment (const GlowTimelineRows *rows, const GlowTimelineView *view, guint64 time, GlowTimelineHit *hit)
{
  hit->time = time;
  hit->width = (guint64) ((double) (view->to - view->from) / MAX (view->width - view->gutter, 1)) + 1;
  hit->change = glow_timeline_find_change (rows->timeline, hit->lane, time);
  find_slice (rows, view, hit);
}

static const GlowTimelineHit nothing = { .row = G_MAXUINT, .lane = GLOW_NONE, .change = GLOW_NONE, .span = GLOW_NONE, .slice = { .sample = GLOW_NONE } };

void
glow_timeline_hit (const GlowTimelineRows *rows, const GlowTimelineView *view, double x, double y, GlowTimelineHit *hit)
{
  double at = y - view->axis + view->scroll;
  const GlowTimelineRow *row;
  const GlowLane *lane;
  GlowRowParts parts;

  *hit = nothing;
  hit->time = glow_timeline_view_time (view, x);
  if (y < view->axis)
    {
      hit->part = GLOW_TIMELINE_AXIS;
      return;
    }
  if (rows->rows->len == 0 || at >= rows->height)
    return;
  hit->row = glow_timeline_rows_at (rows, at);
  row = &g_array_index (rows->rows, GlowTimelineRow, hit->row);
  hit->part = GLOW_TIMELINE_NAME;
  if (row->is_group)
    return;
  hit->lane = row->lane;
  if (x < view->gutter)
    return;
  lane = &glow_timeline_get_lanes (rows->timeline, NULL, NULL)[row->lane];
  parts = glow_timeline_row_parts (lane, row->open);
  at -= row->y;
  find_moment (rows, view, hit->time, hit);
  if (at < parts.band && parts.n_spans > 0)
    {
      hit->part = GLOW_TIMELINE_SPAN;
      find_span (rows, hit, (guint) CLAMP ((at - parts.spans) / parts.span_height, 0, parts.n_spans - 1.0));
    }
  else if (at < parts.stacks)
    hit->part = GLOW_TIMELINE_BAND;
  else
    {
      guint depth = (guint) ((at - parts.stacks) / parts.frame_height), has;

      hit->part = GLOW_TIMELINE_STACK;
      has = glow_timeline_get_depth (rows->timeline, hit->slice.stack);
      if (hit->slice.stack != 0 && (!row->open || depth < has))
        hit->node = row->open && depth < parts.n_frames ? ancestor (rows->timeline, hit->slice.stack, depth + 1) : hit->slice.stack;
    }
}

void
glow_timeline_hit_moment (const GlowTimelineRows *rows, const GlowTimelineView *view, guint32 lane, guint64 time, GlowTimelineHit *hit)
{
  *hit = nothing;
  hit->lane = lane;
  hit->row = glow_timeline_rows_find (rows, lane);
  hit->part = GLOW_TIMELINE_STACK;
  find_moment (rows, view, time, hit);
  hit->node = hit->slice.stack;
}
