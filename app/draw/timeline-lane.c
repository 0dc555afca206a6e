/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One lane of a timeline. Bands and stacks are written into small pictures of a pixel a column, and those are put on the canvas whole: what a lane costs
 * is its columns times the rows that are shown, whether one sample or a million lie behind. */
#include <config.h>

#include "draw/timeline-lane-private.h"
#include "draw/timeline-rows-private.h"

#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define FADE 0.62f             /* towards the ground, of what is not asked for */
#define WAIT 0.55f             /* of stacks in which a thread only waits */
#define LABEL_FROM 18.0        /* pixels */

GlowColor
glow_timeline_ground (GlowTheme theme)
{
  return theme == GLOW_THEME_DARK || theme == GLOW_THEME_DARK_CONTRAST ? (GlowColor) { 0.14f, 0.14f, 0.14f } : (GlowColor) { 1, 1, 1 };
}

GlowColor
glow_timeline_ink (GlowTheme theme)
{
  return theme == GLOW_THEME_DARK || theme == GLOW_THEME_DARK_CONTRAST ? (GlowColor) { 1, 1, 1 } : (GlowColor) { 0, 0, 0 };
}

GlowColor
glow_timeline_mix (GlowColor a, GlowColor b, float part)
{
  return (GlowColor) { a.red + (b.red - a.red) * part, a.green + (b.green - a.green) * part, a.blue + (b.blue - a.blue) * part };
}

/* Blue runs and orange waits for a CPU, which colour-blind eyes keep apart; the heights of the bands tell them without colour. */
GlowColor
glow_timeline_state_color (GlowTaskState state, GlowTheme theme)
{
  gboolean dark = theme == GLOW_THEME_DARK || theme == GLOW_THEME_DARK_CONTRAST;
  static const GlowColor light_colors[GLOW_N_TASK_STATES] = {
    { 0.85f, 0.85f, 0.85f }, { 0.11f, 0.44f, 0.85f }, { 0.50f, 0.71f, 0.93f }, { 0.90f, 0.49f, 0.05f }, { 0.56f, 0.52f, 0.62f }, { 1, 1, 1 },
  };
  static const GlowColor dark_colors[GLOW_N_TASK_STATES] = {
    { 0.28f, 0.28f, 0.28f }, { 0.36f, 0.66f, 1.00f }, { 0.22f, 0.42f, 0.68f }, { 1.00f, 0.63f, 0.22f }, { 0.55f, 0.52f, 0.62f }, { 0.14f, 0.14f, 0.14f },
  };

  return dark ? dark_colors[state] : light_colors[state];
}

/* How high a band stands where a thread is in one state all the time. */
static double
band_height (GlowTaskState state)
{
  static const double heights[GLOW_N_TASK_STATES] = { 0.14, 1, 0.8, 0.62, 0.3, 0 };

  return heights[state];
}

static inline guint32
pixel_of (GlowColor color)
{
  return 0xff000000u | (guint32) (color.red * 255 + 0.5f) << 16 | (guint32) (color.green * 255 + 0.5f) << 8 | (guint32) (color.blue * 255 + 0.5f);
}

/* ---- what is painted into ---- */

static guint32 *
begin_pixels (GlowTimelinePainter *self, guint n_rows, int *stride)
{
  if (self->surface == NULL || cairo_image_surface_get_width (self->surface) != (int) self->n_columns
      || cairo_image_surface_get_height (self->surface) < (int) n_rows)
    {
      g_clear_pointer (&self->surface, cairo_surface_destroy);
      self->surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) self->n_columns, (int) MAX (n_rows, 16));
    }
  cairo_surface_flush (self->surface);
  *stride = cairo_image_surface_get_stride (self->surface) / 4;
  self->n_rows = n_rows;
  memset (cairo_image_surface_get_data (self->surface), 0, (gsize) *stride * 4 * n_rows);
  return (guint32 *) cairo_image_surface_get_data (self->surface);
}

/* Each row of pixels @height high. */
static void
put_pixels (GlowTimelinePainter *self, cairo_t *cr, double x, double y, double height)
{
  cairo_surface_mark_dirty (self->surface);
  cairo_save (cr);
  cairo_translate (cr, x, y);
  cairo_rectangle (cr, 0, 0, self->n_columns, self->n_rows * height);
  cairo_clip (cr);
  cairo_scale (cr, 1, height);
  cairo_set_source_surface (cr, self->surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_restore (cr);
  /* What was recorded for later must not see what is painted next. */
  g_clear_pointer (&self->surface, cairo_surface_destroy);
}

/* ---- the band ---- */

static void
paint_band (GlowTimelinePainter *self, cairo_t *cr, double x, double y, const GlowTimelinePaintOptions *options, gboolean fades)
{
  static const guint8 order[] = { GLOW_TASK_RUNNING, GLOW_TASK_WOKEN, GLOW_TASK_QUEUED, GLOW_TASK_BLOCKED, GLOW_TASK_UNKNOWN };
  guint height = (guint) GLOW_ROW_BAND;
  guint32 colors[GLOW_N_TASK_STATES];
  int stride;
  guint32 *pixels = begin_pixels (self, height, &stride);

  for (guint s = 0; s < GLOW_N_TASK_STATES; s++)
    {
      GlowColor color = glow_timeline_state_color (s, options->theme);

      colors[s] = pixel_of (fades ? glow_timeline_mix (color, glow_timeline_ground (options->theme), FADE) : color);
    }
  for (guint c = 0; c < self->n_columns; c++)
    {
      const GlowLaneSum *sum = &self->sums[c];
      double all = 0, top = 0;
      guint filled = 0;

      for (guint s = 0; s < GLOW_N_TASK_STATES; s++)
        all += (double) sum->ns[s];
      for (guint o = 0; all > 0 && o < G_N_ELEMENTS (order); o++)
        {
          guint8 state = order[o];
          guint until;

          if (sum->ns[state] == 0)
            continue;
          /* Nothing that happened disappears: a row of pixels at least. */
          top += sum->ns[state] / all * band_height (state) * height;
          until = MIN (MAX ((guint) (top + 0.5), filled + 1), height);
          for (; filled < until; filled++)
            pixels[(gsize) (height - 1 - filled) * stride + c] = colors[state];
        }
    }
  put_pixels (self, cr, x, y, 1);
}

/* ---- frames ---- */

static void
get_colors (GlowTimelinePainter *self, guint32 frame, GlowColor *fill, GlowColor *text)
{
  if (!self->has_color[frame])
    {
      if (self->tree != NULL)
        glow_palette_get_color (self->palette, self->theme, self->tree, frame, &self->fills[frame], &self->texts[frame]);
      else
        {
          self->fills[frame] = glow_palette_get_kind_color (glow_profile_get_frames (self->profile, NULL)[frame].kind);
          self->texts[frame] = (GlowColor) { 0.1f, 0.1f, 0.12f };
        }
      self->has_color[frame] = TRUE;
    }
  *fill = self->fills[frame];
  *text = self->texts[frame];
}

typedef struct {
  GlowTimelinePainter *self;
  const GlowTimelinePaintOptions *options;
  guint32 *pixels;
  int stride;
  guint n_rows;
  double left, top, height;    /* where row 0 stands */
  gboolean leaves, fades;      /* the innermost frame alone; of a lane that was not asked for */
  const GlowStacks *stacks;
} Frames;

static void
end_run (Frames *frames, guint depth)
{
  GlowTimelinePainter *self = frames->self;
  const GlowTimelinePaintOptions *options = frames->options;
  GlowLaneRun *run = &g_array_index (self->runs, GlowLaneRun, depth);
  guint32 node = run->node, frame, pixel;
  GlowColor fill, text, ground = glow_timeline_ground (options->theme);
  gint from, to;
  gboolean faded = FALSE, match;

  run->node = 0;
  if (node == 0)
    return;
  frame = frames->stacks->item[node];
  get_colors (self, frame, &fill, &text);
  match = options->search != NULL && self->tree != NULL && options->search->frame_matches[frame];
  faded = run->fades || (options->search != NULL && !match);
  if (faded)
    fill = glow_timeline_mix (fill, ground, FADE);
  else if (run->waits)
    fill = glow_timeline_mix (fill, ground, WAIT);
  if (match)
    fill = glow_timeline_mix (fill, (GlowColor) { 0.80f, 0.25f, 0.85f }, 0.45f);
  if (frame == options->hover_frame)
    fill = glow_timeline_mix (fill, glow_timeline_ink (options->theme), 0.22f);
  if (frame == options->selected_frame)
    fill = glow_timeline_mix (fill, (GlowColor) { 0.10f, 0.37f, 0.84f }, 0.40f);
  from = (gint) floor (CLAMP (run->x0, 0, self->n_columns));
  to = (gint) floor (CLAMP (run->x1, 0, self->n_columns));
  /* A gap of a pixel keeps neighbours apart where there is room for it. */
  to = MAX (run->x1 - run->x0 >= 4 && run->x1 < self->n_columns ? to - 1 : to, from + 1);
  to = MIN (to, (gint) self->n_columns);
  pixel = pixel_of (fill);
  for (gint c = from; c < to; c++)
    frames->pixels[(gsize) depth * frames->stride + c] = pixel;
  if (to - from >= LABEL_FROM)
    {
      GlowLaneLabel label = { frames->left + from, frames->top + depth * frames->height, to - from, frames->height, frame, text };

      /* On what has faded the ground's own ink reads best. */
      if (faded || run->waits)
        label.ink = glow_timeline_ink (options->theme);
      g_array_append_val (self->labels, label);
    }
}

/* Whatever waits, waits in the scheduler: the innermost frame of the program says more. */
static guint32
skip_kernel (const Frames *frames, guint32 stack)
{
  const GlowFrame *all = glow_profile_get_frames (frames->self->profile, NULL);
  guint32 at = stack;

  while (at != 0 && all[frames->stacks->item[at]].kind == GLOW_FRAME_KERNEL)
    at = frames->stacks->parent[at];
  return at != 0 ? at : stack;
}

/* [x0, x1) with @stack; what goes on from before becomes wider. */
static void
add_stack (Frames *frames, guint32 stack, double x0, double x1, gboolean waits)
{
  GlowTimelinePainter *self = frames->self;
  gboolean fades = frames->fades || (frames->options->stack_ok != NULL && !frames->options->stack_ok[stack]);
  guint n = 0;

  g_array_set_size (self->path, 0);
  if (frames->leaves)
    {
      if (waits)
        stack = skip_kernel (frames, stack);
      g_array_append_val (self->path, stack);
    }
  else
    for (guint32 at = stack; at != 0; at = frames->stacks->parent[at])
      g_array_append_val (self->path, at);
  n = stack == 0 ? 0 : self->path->len;
  for (guint depth = 0; depth < frames->n_rows; depth++)
    {
      GlowLaneRun *run = &g_array_index (self->runs, GlowLaneRun, depth);
      guint32 node = depth < n ? g_array_index (self->path, guint32, n - 1 - depth) : 0;

      if (run->node != 0 && run->node == node && run->waits == waits && run->fades == fades && x0 - run->x1 < 0.5)
        {
          run->x1 = MAX (run->x1, x1);
          continue;
        }
      end_run (frames, depth);
      *run = (GlowLaneRun) { node, waits, fades, x0, x1 };
    }
}

static void
add_slices (Frames *frames, const GArray *slices, const GlowTimelineView *view)
{
  for (guint i = 0; i < slices->len; i++)
    {
      const GlowLaneSlice *slice = &g_array_index (slices, GlowLaneSlice, i);
      double x0 = glow_timeline_view_x (view, slice->start) - view->gutter, x1 = glow_timeline_view_x (view, slice->end) - view->gutter;

      if (x1 < 0 || x0 >= frames->self->n_columns)
        continue;
      add_stack (frames, slice->stack, x0, MAX (x1, x0 + 1), slice->n == 0);
    }
}

/* The stack that a thread waits in, where it did nothing else in a column. */
static guint32
find_wait (const GlowTimelineRows *rows, guint32 lane, guint64 time)
{
  guint32 change = glow_timeline_find_change (rows->timeline, lane, time), left;

  left = change != GLOW_NONE ? glow_timeline_find_leaving (rows->timeline, lane, change) : GLOW_NONE;
  if (left == GLOW_NONE)
    return 0;
  return glow_profile_get_samples (glow_timeline_get_profile (rows->timeline))->stack[glow_timeline_get_changes (rows->timeline, lane)[left].sample];
}

static void
add_columns (Frames *frames, const GlowTimelineRows *rows, const GlowTimelineRow *row, const GlowTimelineView *view)
{
  GlowTimelinePainter *self = frames->self;
  gboolean is_cpu = glow_timeline_get_lanes (rows->timeline, NULL, NULL)[row->lane].is_cpu;

  for (guint c = 0; c < self->n_columns; c++)
    {
      const GlowLaneSum *sum = &self->sums[c];
      guint32 stack = sum->stack;

      if (sum->n_samples == 0)
        stack = !is_cpu && sum->ns[GLOW_TASK_BLOCKED] + sum->ns[GLOW_TASK_QUEUED] > sum->ns[GLOW_TASK_RUNNING]
                ? find_wait (rows, row->lane, glow_timeline_view_time (view, view->gutter + c + 0.5)) : 0;
      add_stack (frames, stack, c, c + 1, sum->n_samples == 0);
    }
}

static void
paint_frames (GlowTimelinePainter *self, cairo_t *cr, const GlowTimelineRows *rows, const GlowTimelineRow *row, const GlowRowParts *parts, double y,
              const GlowTimelineView *view, const GlowTimelinePaintOptions *options, gboolean fades)
{
  g_autoptr(GArray) slices = glow_timeline_slices (rows->timeline, row->lane, view->from, view->to, glow_timeline_most_slices (view));
  Frames frames = { self, options, NULL, 0, parts->n_frames, view->gutter, y + parts->stacks, parts->frame_height, !row->open, fades,
                    glow_profile_get_stacks (self->profile) };

  frames.pixels = begin_pixels (self, parts->n_frames, &frames.stride);
  g_array_set_size (self->runs, 0);
  g_array_set_size (self->runs, parts->n_frames);
  if (slices != NULL)
    add_slices (&frames, slices, view);
  else
    add_columns (&frames, rows, row, view);
  for (guint depth = 0; depth < parts->n_frames; depth++)
    end_run (&frames, depth);
  put_pixels (self, cr, view->gutter, y + parts->stacks, parts->frame_height);
  if (parts->n_frames > 1)
    {
      GlowColor ground = glow_timeline_ground (options->theme);

      for (guint depth = 1; depth <= parts->n_frames; depth++)
        cairo_rectangle (cr, view->gutter, y + parts->stacks + depth * parts->frame_height - 1, self->n_columns, 1);
      cairo_set_source_rgb (cr, ground.red, ground.green, ground.blue);
      cairo_fill (cr);
    }
}

/* ---- who runs on a CPU ---- */

static void
paint_tasks (GlowTimelinePainter *self, cairo_t *cr, const GlowTimelineRows *rows, const GlowTimelineRow *row, const GlowRowParts *parts, double y,
             const GlowTimelineView *view, const GlowTimelinePaintOptions *options)
{
  guint32 n_changes = glow_timeline_get_lanes (rows->timeline, NULL, NULL)[row->lane].n_changes;
  const GlowTaskChange *changes = glow_timeline_get_changes (rows->timeline, row->lane);
  guint32 at = glow_timeline_find_change (rows->timeline, row->lane, view->from), next;

  for (at = at == GLOW_NONE ? 0 : at; at < n_changes && changes[at].time < view->to;)
    {
      double x0 = MAX (glow_timeline_view_x (view, changes[at].time), view->gutter);
      double x1 = at + 1 < n_changes ? glow_timeline_view_x (view, changes[at + 1].time) : view->width;

      x1 = MIN (x1, view->width);
      next = at + 1;
      /* Too many to be told apart: one stands for the pixel, and on to what begins at the next; the band tells how much of it was run. */
      if (x1 - x0 < 1)
        {
          guint32 behind = glow_timeline_find_change (rows->timeline, row->lane, glow_timeline_view_time (view, floor (x0) + 1));

          next = behind == GLOW_NONE ? next : MAX (behind, next);
        }
      if (changes[at].state == GLOW_TASK_RUNNING && changes[at].on != GLOW_NONE)
        {
          /* By process: the golden angle keeps neighbours apart. */
          guint32 process = glow_timeline_get_lanes (rows->timeline, NULL, NULL)[changes[at].on].process;
          double hue = fmod (process * 0.61803398875, 1), third = hue * 3;
          GlowColor color = { (float) (0.62 + 0.26 * fabs (fmod (third, 2) - 1)), (float) (0.62 + 0.26 * fabs (fmod (third + 0.67, 2) - 1)),
                              (float) (0.62 + 0.26 * fabs (fmod (third + 1.33, 2) - 1)) };

          if (options->lane_ok != NULL && !options->lane_ok[changes[at].on])
            color = glow_timeline_mix (color, glow_timeline_ground (options->theme), FADE);
          cairo_set_source_rgb (cr, color.red, color.green, color.blue);
          cairo_rectangle (cr, round (x0), y + parts->stacks, MAX (round (x1) - round (x0) - (x1 - x0 >= 4 ? 1 : 0), 1), parts->frame_height - 1);
          cairo_fill (cr);
          if (x1 - x0 >= LABEL_FROM)
            {
              GlowLaneLabel label = { round (x0), y + parts->stacks, x1 - x0 - 1, parts->frame_height, GLOW_LABEL_LANE + changes[at].on,
                                      { 0.10f, 0.10f, 0.12f } };

              g_array_append_val (self->labels, label);
            }
        }
      at = next;
    }
}

/* ---- spans ---- */

static GlowColor
kind_color (guint kind)
{
  static const GlowColor colors[] = { { 0.55f, 0.80f, 0.62f }, { 0.78f, 0.69f, 0.90f }, { 0.95f, 0.80f, 0.45f }, { 0.60f, 0.80f, 0.92f },
                                      { 0.93f, 0.68f, 0.68f }, { 0.75f, 0.82f, 0.50f } };

  return colors[kind % G_N_ELEMENTS (colors)];
}

static gboolean
is_chosen (GlowTimeline *timeline, const GlowLaneSpan *span, const GlowTimelinePaintOptions *options)
{
  const GlowSpanKind *kind = g_ptr_array_index ((GPtrArray *) glow_timeline_get_span_kinds (timeline), span->kind);
  guint64 duration = span->end - span->start;

  if (options->span_kind == NULL)
    return TRUE;
  return strcmp (kind->id, options->span_kind) == 0 && span->cut == GLOW_SPAN_WHOLE && duration >= options->span_low && duration < options->span_high;
}

static void
paint_span (GlowTimelinePainter *self, cairo_t *cr, GlowTimeline *timeline, const GlowLaneSpan *span, double x0, double x1, double y, double height,
            const GlowTimelinePaintOptions *options, gboolean fades)
{
  GlowColor color = kind_color (span->kind), ground = glow_timeline_ground (options->theme);
  gboolean chosen = is_chosen (timeline, span, options);
  double left = round (x0), right = MAX (round (x1) - (x1 - x0 >= 4 ? 1 : 0), left + 1);

  if (fades || !chosen)
    color = glow_timeline_mix (color, ground, FADE);
  cairo_set_source_rgb (cr, color.red, color.green, color.blue);
  cairo_rectangle (cr, left, y, right - left, height - 1);
  cairo_fill (cr);
  if (chosen && options->span_kind != NULL && right - left > 3)
    {
      cairo_set_source_rgb (cr, 0.10, 0.37, 0.84);
      cairo_set_line_width (cr, 1);
      cairo_rectangle (cr, left + 0.5, y + 0.5, right - left - 1, height - 2);
      cairo_stroke (cr);
    }
  if (right - left >= LABEL_FROM && height >= 10)
    {
      GlowLaneLabel label = { left, y, right - left, height - 1, GLOW_LABEL_KIND + span->kind, { 0.10f, 0.10f, 0.12f } };

      if (fades || !chosen)
        label.ink = glow_timeline_ink (options->theme);
      g_array_append_val (self->labels, label);
    }
}

/* The first of a row's spans that ends behind @time. */
static guint32
first_behind (const GlowLaneSpan *spans, const guint32 *indices, guint32 lower, guint32 n, guint64 time)
{
  guint32 upper = n;

  while (lower < upper)
    {
      guint32 middle = lower + (upper - lower) / 2;

      if (spans[indices[middle]].end < time)
        lower = middle + 1;
      else
        upper = middle;
    }
  return lower;
}

static void
paint_spans (GlowTimelinePainter *self, cairo_t *cr, const GlowTimelineRows *rows, const GlowTimelineRow *row, const GlowRowParts *parts, double y,
             const GlowTimelineView *view, const GlowTimelinePaintOptions *options, gboolean fades)
{
  const GlowLaneSpan *spans = glow_timeline_get_spans (rows->timeline, row->lane);

  for (guint r = 0; r < parts->n_spans; r++)
    {
      guint32 n, at;
      const guint32 *indices = glow_timeline_get_span_row (rows->timeline, row->lane, r, &n);

      for (at = first_behind (spans, indices, 0, n, view->from); at < n && spans[indices[at]].start < view->to;)
        {
          const GlowLaneSpan *span = &spans[indices[at]];
          double x0 = MAX (glow_timeline_view_x (view, span->start), view->gutter), x1 = MIN (glow_timeline_view_x (view, span->end), view->width);

          paint_span (self, cr, rows->timeline, span, x0, MAX (x1, x0 + 1), y + parts->spans + r * parts->span_height, parts->span_height, options, fades);
          at++;
          /* Those that end within the pixel just painted add nothing to it. */
          if (x1 - x0 < 1)
            at = first_behind (spans, indices, at, n, glow_timeline_view_time (view, floor (x0) + 1));
        }
    }
}

/* ---- all of it ---- */

const GlowLabel *
glow_timeline_get_label (GlowTimelinePainter *self, GlowTimeline *timeline, guint64 key)
{
  const GlowLabel *label = glow_lettering_lookup (self->lettering, key);
  g_autofree char *name = NULL, *valid = NULL;
  guint32 index = (guint32) key;

  if (label != NULL)
    return label;
  if (key >= GLOW_LABEL_PROCESS)
    name = NULL;
  else if (key >= GLOW_LABEL_LANE)
    name = glow_timeline_dup_lane_name (timeline, index);
  else if (key >= GLOW_LABEL_KIND)
    name = g_strdup (((const GlowSpanKind *) g_ptr_array_index ((GPtrArray *) glow_timeline_get_span_kinds (timeline), index))->label);
  else
    name = g_strdup (glow_profile_get_string (self->profile, glow_profile_get_frames (self->profile, NULL)[index].name));
  valid = g_utf8_make_valid (name != NULL ? name : "", -1);
  return glow_lettering_add (self->lettering, key, valid);
}

/* Where columns are narrower than a nanosecond, one of several holds all of it: the others before it are of the same. */
static void
spread_sums (GlowTimelinePainter *self, const GlowTimelineView *view)
{
  if (view->to - view->from >= self->n_columns)
    return;
  for (guint c = self->n_columns - 1; c-- > 0;)
    {
      const GlowLaneSum *next = &self->sums[c + 1];
      guint64 all = 0;

      for (guint s = 0; s < GLOW_N_TASK_STATES; s++)
        all += self->sums[c].ns[s];
      if (all == 0)
        memcpy (self->sums[c].ns, next->ns, sizeof next->ns);
    }
}

void
glow_timeline_paint_lane (GlowTimelinePainter *self, cairo_t *cr, const GlowTimelineRows *rows, const GlowTimelineRow *row, double y,
                          const GlowTimelineView *view, const GlowTimelinePaintOptions *options)
{
  const GlowLane *lane = &glow_timeline_get_lanes (rows->timeline, NULL, NULL)[row->lane];
  GlowRowParts parts = glow_timeline_row_parts (lane, row->open);
  gboolean fades = options->lane_ok != NULL && !lane->is_cpu && !options->lane_ok[row->lane];

  g_array_set_size (self->labels, 0);
  glow_timeline_columns (rows->timeline, row->lane, view->from, view->to, self->n_columns, self->sums);
  spread_sums (self, view);
  if (lane->n_changes > 0)
    paint_band (self, cr, view->gutter, y + parts.band, options, fades);
  if (lane->is_cpu && lane->n_changes > 0)
    paint_tasks (self, cr, rows, row, &parts, y, view, options);
  else
    paint_frames (self, cr, rows, row, &parts, y, view, options, fades);
  paint_spans (self, cr, rows, row, &parts, y, view, options, fades);
  for (guint i = 0; i < self->labels->len; i++)
    {
      const GlowLaneLabel *label = &g_array_index (self->labels, GlowLaneLabel, i);

      cairo_set_source_rgb (cr, label->ink.red, label->ink.green, label->ink.blue);
      glow_lettering_show (self->lettering, cr, glow_timeline_get_label (self, rows->timeline, label->key), label->x, label->y, label->width, label->height);
    }
}
