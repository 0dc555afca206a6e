/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A timeline: times at the top, names at the left, lanes, and above them what is selected, who woke whom, and where the keyboard is. */
#include <config.h>

#include "draw/timeline-lane-private.h"
#include "draw/timeline-rows-private.h"

#include <afterglow/text.h>
#include <afterglow/time-axis.h>
#include <glib/gi18n-lib.h>

#include <math.h>

#define LABEL_WIDTH 90
#define MOST_ARROWS 150        /* more hide what they are about: then only those of the lane in focus */
#define HEAD 4.0               /* pixels of an arrow's head */

GlowTimelinePainter *
glow_timeline_painter_new (const char *font)
{
  GlowTimelinePainter *self = g_new0 (GlowTimelinePainter, 1);

  self->lettering = glow_lettering_new (font != NULL ? font : "sans-serif 8");
  self->labels = g_array_new (FALSE, FALSE, sizeof (GlowLaneLabel));
  self->path = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->runs = g_array_new (FALSE, TRUE, sizeof (GlowLaneRun));
  return self;
}

void
glow_timeline_painter_free (GlowTimelinePainter *self)
{
  glow_lettering_free (self->lettering);
  g_clear_object (&self->profile);
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  g_clear_pointer (&self->surface, cairo_surface_destroy);
  g_free (self->fills);
  g_free (self->texts);
  g_free (self->has_color);
  g_free (self->sums);
  g_array_unref (self->labels);
  g_array_unref (self->path);
  g_array_unref (self->runs);
  g_free (self);
}

static void
prepare (GlowTimelinePainter *self, cairo_t *cr, GlowProfile *profile, const GlowTimelineView *view, const GlowTimelinePaintOptions *options)
{
  GlowCallTree *tree = options->tree != NULL && glow_call_tree_get_profile (options->tree) == profile ? options->tree : NULL;
  guint n_columns = (guint) MAX (view->width - view->gutter, 1);
  guint32 n_frames;

  glow_lettering_prepare (self->lettering, cr);
  if (self->n_columns != n_columns)
    {
      self->n_columns = n_columns;
      self->sums = g_renew (GlowLaneSum, self->sums, n_columns);
    }
  if (self->profile == profile && self->tree == tree && self->palette == options->palette && self->theme == options->theme)
    return;
  if (self->profile != profile)
    glow_lettering_clear (self->lettering);
  g_set_object (&self->profile, profile);
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  self->tree = tree != NULL ? glow_call_tree_ref (tree) : NULL;
  self->palette = options->palette;
  self->theme = options->theme;
  glow_profile_get_frames (profile, &n_frames);
  g_free (self->fills);
  g_free (self->texts);
  g_free (self->has_color);
  self->fills = g_new (GlowColor, n_frames + 1);
  self->texts = g_new (GlowColor, n_frames + 1);
  self->has_color = g_new0 (guint8, n_frames + 1);
}

static void
set_ink (cairo_t *cr, GlowTheme theme, double alpha)
{
  GlowColor ink = glow_timeline_ink (theme);

  cairo_set_source_rgba (cr, ink.red, ink.green, ink.blue, alpha);
}

/* ---- times ---- */

static void
paint_axis (GlowTimelinePainter *self, cairo_t *cr, const GlowTimelineView *view, GlowTheme theme)
{
  guint64 origin = glow_profile_get_info (self->profile)->has_wall_clock ? 0 : glow_profile_get_start (self->profile);
  guint64 step = glow_time_axis_choose_step (view->to - view->from, (guint) MAX ((view->width - view->gutter) / LABEL_WIDTH, 1));
  guint64 behind = view->from - MIN (view->from, origin), time = origin + behind / step * step;

  for (; time <= view->to; time += step)
    {
      double x = glow_timeline_view_x (view, time);
      g_autofree char *label = NULL;

      if (x >= view->gutter)
        {
          label = glow_time_axis_dup_label (self->profile, time, step);
          set_ink (cr, theme, 0.10);
          cairo_rectangle (cr, floor (x), view->axis - 3, 1, view->height);
          cairo_fill (cr);
          set_ink (cr, theme, 0.72);
          if (x < view->width - 8)
            glow_lettering_show_text (self->lettering, cr, label, MIN (x + 3, view->width - 4), 1, x > view->width - LABEL_WIDTH ? 1 : 0, LABEL_WIDTH);
        }
      if (time > G_MAXUINT64 - step)
        break;
    }
}

/* Lost records are told behind the gap they left: nothing is known about what happened shortly before such a line. */
static void
paint_losses (GlowTimelinePainter *self, cairo_t *cr, const GlowTimelineView *view)
{
  guint32 n;
  const GlowMark *marks = glow_profile_get_marks (self->profile, &n);
  double last = -HUGE_VAL, throttled = -1;

  for (guint32 i = 0; i < n; i++)
    {
      double x = glow_timeline_view_x (view, marks[i].time);

      if (marks[i].kind == GLOW_MARK_LOST && x >= view->gutter && x < view->width && x - last >= 1)
        {
          last = x;
          cairo_set_source_rgba (cr, 0.75, 0.10, 0.25, 0.8);
          cairo_rectangle (cr, floor (x), view->axis - 6, 1, view->height);
          cairo_rectangle (cr, floor (x) - 3, view->axis - 6, 7, 4);
          cairo_fill (cr);
        }
      else if (marks[i].kind == GLOW_MARK_THROTTLED && throttled < 0)
        throttled = x;
      else if (marks[i].kind == GLOW_MARK_UNTHROTTLED && throttled >= 0)
        {
          cairo_set_source_rgba (cr, 0.45, 0.25, 0.70, 0.9);
          cairo_rectangle (cr, MAX (throttled, view->gutter), view->axis - 3, MAX (MIN (x, view->width) - MAX (throttled, view->gutter), 0), 3);
          cairo_fill (cr);
          throttled = -1;
        }
    }
}

/* ---- names ---- */

static void
paint_share (cairo_t *cr, double share, double x, double y, double width, double height, GlowTheme theme)
{
  if (!isfinite (share))
    return;
  set_ink (cr, theme, 0.08);
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
  cairo_set_source_rgb (cr, 0.93, 0.62, 0.26);
  cairo_rectangle (cr, x, y, CLAMP (share, 0, 1) * width, height);
  cairo_fill (cr);
}

/* Down where there is more to see below, to the right where it is put away. */
static void
paint_arrowhead (cairo_t *cr, double x, double y, gboolean open)
{
  cairo_move_to (cr, x - (open ? 4 : 2), y - (open ? 2 : 4));
  cairo_line_to (cr, x + (open ? 4 : 3), y - (open ? 2 : 0));
  cairo_line_to (cr, x - (open ? 0 : 2), y + (open ? 3 : 4));
  cairo_close_path (cr);
  cairo_fill (cr);
}

static void
paint_group (GlowTimelinePainter *self, cairo_t *cr, const GlowTimelineRows *rows, guint index, double y, const GlowTimelineView *view, GlowTheme theme)
{
  const GlowTimelineRow *row = &g_array_index (rows->rows, GlowTimelineRow, index);
  g_autofree char *name = glow_timeline_dup_row_name (rows, index), *share = NULL, *totals = NULL, *ran = NULL;
  double middle = y + row->height / 2;

  set_ink (cr, theme, 0.055);
  cairo_rectangle (cr, 0, y, view->width, row->height - 1);
  cairo_fill (cr);
  set_ink (cr, theme, 0.75);
  paint_arrowhead (cr, 9, middle, row->open);
  set_ink (cr, theme, 0.95);
  glow_lettering_show_text (self->lettering, cr, name, 18, y + 4, 0, view->gutter - 24);
  totals = g_strdup_printf (row->process == GLOW_NONE ? ngettext ("%u CPU", "%u CPUs", row->n_lanes) : ngettext ("%u thread", "%u threads", row->n_lanes), row->n_lanes);
  if (isfinite (row->ran))
    {
      ran = glow_text_duration (row->ran);
      share = g_strdup_printf (_("%s, ran %s"), totals, ran);
    }
  set_ink (cr, theme, 0.65);
  glow_lettering_show_text (self->lettering, cr, share != NULL ? share : totals, view->gutter + 6, y + 4, 0, MAX (view->width - view->gutter - 12, 1));
}

static void
paint_name (GlowTimelinePainter *self, cairo_t *cr, const GlowTimelineRows *rows, const GlowTimelineRow *row, double y, const GlowTimelineView *view,
            const GlowTimelinePaintOptions *options)
{
  gboolean fades = options->lane_ok != NULL && row->lane != GLOW_NONE && !options->lane_ok[row->lane] && !glow_timeline_get_lanes (rows->timeline, NULL, NULL)[row->lane].is_cpu;
  gboolean bar = view->gutter >= 170;       /* else the name needs the room */

  set_ink (cr, options->theme, 0.45);
  if (!glow_timeline_get_lanes (rows->timeline, NULL, NULL)[row->lane].is_cpu)
    paint_arrowhead (cr, 20, y + 10, row->open);
  set_ink (cr, options->theme, fades ? 0.55 : 0.9);
  glow_lettering_show (self->lettering, cr, glow_timeline_get_label (self, rows->timeline, GLOW_LABEL_LANE + row->lane), 24, y + 2, view->gutter - (bar ? 70 : 28), 16);
  if (bar)
    paint_share (cr, row->share, view->gutter - 44, y + 8, 38, 5, options->theme);
  set_ink (cr, options->theme, 0.07);
  cairo_rectangle (cr, 0, y + row->height - 1, view->width, 1);
  cairo_fill (cr);
}

/* ---- who woke whom ---- */

typedef struct {
  const GlowTimelineRows *rows;
  const GlowTimelineView *view;
  guint *row_of_lane;          /* those that are seen; G_MAXUINT */
  guint n;                     /* arrows painted */
} Arrows;

static double
band_y (const Arrows *self, guint index)
{
  const GlowTimelineRow *row = &g_array_index (self->rows->rows, GlowTimelineRow, index);
  GlowRowParts parts = glow_timeline_row_parts (&glow_timeline_get_lanes (self->rows->timeline, NULL, NULL)[row->lane], row->open);

  return self->view->axis + row->y - self->view->scroll + parts.band + GLOW_ROW_BAND / 2;
}

static void
paint_arrow (cairo_t *cr, double x, double from, double to)
{
  double sign = to > from ? 1 : -1;

  cairo_move_to (cr, x, from);
  cairo_line_to (cr, x, to - sign * HEAD);
  cairo_stroke (cr);
  cairo_arc (cr, x, from, 2, 0, 2 * G_PI);
  cairo_fill (cr);
  cairo_move_to (cr, x, to);
  cairo_line_to (cr, x - HEAD * 0.75, to - sign * HEAD);
  cairo_line_to (cr, x + HEAD * 0.75, to - sign * HEAD);
  cairo_close_path (cr);
  cairo_fill (cr);
}

/* How many wake-ups there may be of a lane: twice as many changes. */
static guint32
count_changes (const Arrows *self, guint32 lane, guint32 *first)
{
  guint32 end = glow_timeline_find_change (self->rows->timeline, lane, self->view->to);

  *first = glow_timeline_find_change (self->rows->timeline, lane, self->view->from);
  *first = *first == GLOW_NONE ? 0 : *first;
  end = end == GLOW_NONE ? 0 : end + 1;
  return end - MIN (*first, end);
}

/* Those to one lane, from wherever; a waker that cannot be seen lies beyond the edge that its arrow comes from. */
static void
paint_arrows_to (Arrows *self, cairo_t *cr, guint index)
{
  GlowTimeline *timeline = self->rows->timeline;
  const GlowTimelineRow *row = &g_array_index (self->rows->rows, GlowTimelineRow, index);
  const GlowLane *lane = &glow_timeline_get_lanes (timeline, NULL, NULL)[row->lane];
  const GlowTaskChange *changes = glow_timeline_get_changes (timeline, row->lane);
  const GlowSamples *samples = glow_profile_get_samples (glow_timeline_get_profile (timeline));
  guint32 first, n = count_changes (self, row->lane, &first);

  if (lane->is_cpu || n > 2 * MOST_ARROWS)
    return;
  for (guint32 c = first; c < first + n && self->n < MOST_ARROWS; c++)
    {
      guint32 waker, at;
      double x = glow_timeline_view_x (self->view, changes[c].time), to = band_y (self, index), from;

      if ((changes[c].state != GLOW_TASK_QUEUED && changes[c].state != GLOW_TASK_WOKEN) || changes[c].letter != 0 || x < self->view->gutter)
        continue;
      waker = glow_timeline_find_lane (timeline, samples->thread[changes[c].sample]);
      at = waker != GLOW_NONE ? self->row_of_lane[waker] : G_MAXUINT;
      if (waker == row->lane || glow_timeline_get_lanes (timeline, NULL, NULL)[waker].tid == 0)
        continue;              /* by a timer, or a device */
      from = at != G_MAXUINT ? band_y (self, at) : to - 14;
      paint_arrow (cr, floor (x) + 0.5, from, from < to ? to - 3 : to + 3);
      self->n++;
    }
}

static void
paint_arrows (cairo_t *cr, const GlowTimelineRows *rows, const GlowTimelineView *view, guint first, guint end, const GlowTimelinePaintOptions *options)
{
  guint32 n, n_threads, unused;
  guint64 all = 0;
  Arrows arrows = { rows, view, NULL, 0 };

  if (!glow_timeline_has_wakeups (rows->timeline))
    return;
  glow_timeline_get_lanes (rows->timeline, &n, &n_threads);
  arrows.row_of_lane = g_new (guint, n + 1);
  for (guint32 l = 0; l < n; l++)
    arrows.row_of_lane[l] = G_MAXUINT;
  for (guint i = first; i < end; i++)
    if (!g_array_index (rows->rows, GlowTimelineRow, i).is_group)
      arrows.row_of_lane[g_array_index (rows->rows, GlowTimelineRow, i).lane] = i;
  for (guint i = first; i < end; i++)
    if (!g_array_index (rows->rows, GlowTimelineRow, i).is_group && g_array_index (rows->rows, GlowTimelineRow, i).lane < n_threads)
      all += count_changes (&arrows, g_array_index (rows->rows, GlowTimelineRow, i).lane, &unused);
  set_ink (cr, options->theme, 0.45);
  cairo_set_line_width (cr, 1);
  for (guint i = first; i < end; i++)
    if (!g_array_index (rows->rows, GlowTimelineRow, i).is_group && (all <= 2 * MOST_ARROWS || g_array_index (rows->rows, GlowTimelineRow, i).lane == options->focus_lane))
      paint_arrows_to (&arrows, cr, i);
  g_free (arrows.row_of_lane);
}

/* ---- what is selected ---- */

static void
paint_selection (cairo_t *cr, const GlowTimelineView *view, const GArray *ranges)
{
  for (guint r = 0; ranges != NULL && r + 1 < ranges->len; r += 2)
    {
      double x0 = CLAMP (glow_timeline_view_x (view, g_array_index (ranges, guint64, r)), view->gutter - 3, view->width + 3);
      double x1 = CLAMP (glow_timeline_view_x (view, g_array_index (ranges, guint64, r + 1)), view->gutter - 3, view->width + 3);

      if (x1 <= view->gutter || x0 >= view->width)
        continue;
      cairo_save (cr);
      cairo_rectangle (cr, view->gutter, 0, view->width - view->gutter, view->height);
      cairo_clip (cr);
      cairo_set_source_rgba (cr, 0.21, 0.52, 0.89, 0.10);
      cairo_rectangle (cr, x0, view->axis, x1 - x0, view->height);
      cairo_fill (cr);
      cairo_set_source_rgb (cr, 0.21, 0.52, 0.89);
      cairo_set_line_width (cr, 2);
      cairo_rectangle (cr, x0, view->axis - 2, MAX (x1 - x0, 2), view->height - view->axis + 6);
      cairo_stroke (cr);
      cairo_restore (cr);
    }
}

static void
paint_focus (cairo_t *cr, const GlowTimelineRows *rows, const GlowTimelineView *view, guint index, const GlowTimelinePaintOptions *options)
{
  const GlowTimelineRow *row = &g_array_index (rows->rows, GlowTimelineRow, index);
  double y = view->axis + row->y - view->scroll, x0 = CLAMP (glow_timeline_view_x (view, options->focus_from), view->gutter - 4, view->width + 4);
  double x1 = CLAMP (glow_timeline_view_x (view, options->focus_to), view->gutter - 4, view->width + 4), height = row->height - 2 * GLOW_ROW_PAD;
  GlowRowParts parts = glow_timeline_row_parts (&glow_timeline_get_lanes (rows->timeline, NULL, NULL)[row->lane], row->open);
  double top = options->focus_is_span ? parts.spans + MIN (options->focus_row, MAX (parts.n_spans, 1) - 1) * parts.span_height : parts.band;

  if (options->focus_is_span)
    height = parts.span_height;
  else
    height = row->height - GLOW_ROW_PAD - parts.band;
  cairo_set_source_rgba (cr, 0.21, 0.52, 0.89, options->is_focused ? 1 : 0.45);
  cairo_rectangle (cr, 0, y + 1, 3, row->height - 2);
  cairo_fill (cr);
  if (x1 < view->gutter || x0 > view->width)
    return;
  cairo_set_line_width (cr, 2);
  cairo_rectangle (cr, x0 - 1, y + top - 1, MAX (x1 - x0, 3) + 2, height + 1);
  cairo_stroke (cr);
}

void
glow_timeline_painter_paint (GlowTimelinePainter *self, cairo_t *cr, const GlowTimelineRows *rows, const GlowTimelineView *view,
                             const GlowTimelinePaintOptions *options)
{
  guint first = glow_timeline_rows_at (rows, view->scroll), end;

  if (view->width <= view->gutter + 1 || view->to <= view->from)
    return;
  prepare (self, cr, glow_timeline_get_profile (rows->timeline), view, options);
  paint_axis (self, cr, view, options->theme);
  cairo_save (cr);
  cairo_rectangle (cr, 0, view->axis, view->width, MAX (view->height - view->axis, 0));
  cairo_clip (cr);
  for (end = first; end < rows->rows->len; end++)
    {
      const GlowTimelineRow *row = &g_array_index (rows->rows, GlowTimelineRow, end);
      double y = view->axis + row->y - view->scroll;

      if (y >= view->height)
        break;
      if (row->is_group)
        {
          paint_group (self, cr, rows, end, y, view, options->theme);
          continue;
        }
      paint_name (self, cr, rows, row, y, view, options);
      cairo_save (cr);
      cairo_rectangle (cr, view->gutter, y, view->width - view->gutter, row->height);
      cairo_clip (cr);
      glow_timeline_paint_lane (self, cr, rows, row, y, view, options);
      cairo_restore (cr);
    }
  paint_arrows (cr, rows, view, first, end, options);
  cairo_restore (cr);
  paint_losses (self, cr, view);
  paint_selection (cr, view, options->ranges);
  cairo_save (cr);
  cairo_rectangle (cr, 0, view->axis, view->width, MAX (view->height - view->axis, 0));
  cairo_clip (cr);
  for (guint i = first; i < end; i++)
    if (!g_array_index (rows->rows, GlowTimelineRow, i).is_group && g_array_index (rows->rows, GlowTimelineRow, i).lane == options->focus_lane)
      paint_focus (cr, rows, view, i, options);
  cairo_restore (cr);
}
