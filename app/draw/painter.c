/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws the rectangles of a layout. A repaint costs the rectangles and labels on screen: colours are kept by frame, and a name is shaped
 * once, in full and in its short form, and then cut glyph by glyph to whatever width zooming gives it. */
#include <config.h>

#include "draw/lettering-private.h"

#include <afterglow/painter.h>
#include <afterglow/stack-quality.h>

#include <math.h>

#define TOOTH 3.0              /* pixels: height and half the width of a torn edge's teeth */
#define MARK 7.0               /* pixels: a plus or minus before the label of a new or gone path */

struct _GlowFlamePainter {
  GlowLettering *lettering;    /* keys are frames */
  GlowCallTree *tree;          /* whose frames the caches are of */
  GlowPalette palette;
  GlowTheme theme;
  GlowColor *fills, *texts;    /* by frame */
  guint8 *has_color;
  cairo_pattern_t *hatch;
};

GlowFlamePainter *
glow_flame_painter_new (const char *font)
{
  GlowFlamePainter *self = g_new0 (GlowFlamePainter, 1);

  self->lettering = glow_lettering_new (font);
  return self;
}

void
glow_flame_painter_free (GlowFlamePainter *self)
{
  glow_lettering_free (self->lettering);
  g_clear_pointer (&self->tree, glow_call_tree_unref);
  g_clear_pointer (&self->hatch, cairo_pattern_destroy);
  g_free (self->fills);
  g_free (self->texts);
  g_free (self->has_color);
  g_free (self);
}

void
glow_flame_painter_set_font (GlowFlamePainter *self, const char *font)
{
  glow_lettering_set_font (self->lettering, font);
}

/* Caches are of one tree and one choice of colours. Frames of another tree of the same profile are the same but for its groups. */
static void
prepare (GlowFlamePainter *self, cairo_t *cr, GlowCallTree *tree, const GlowPaintOptions *options)
{
  glow_lettering_prepare (self->lettering, cr);
  if (self->tree != tree || self->palette != options->palette || self->theme != options->theme)
    {
      guint32 n = glow_call_tree_get_n_frames (tree) + 1;

      if (self->tree != tree)
        glow_lettering_clear (self->lettering);
      g_clear_pointer (&self->tree, glow_call_tree_unref);
      self->tree = glow_call_tree_ref (tree);
      self->palette = options->palette;
      self->theme = options->theme;
      g_free (self->fills);
      g_free (self->texts);
      g_free (self->has_color);
      self->fills = g_new (GlowColor, n);
      self->texts = g_new (GlowColor, n);
      self->has_color = g_new0 (guint8, n);
    }
}

static guint32
get_colors (GlowFlamePainter *self, guint32 frame)
{
  guint32 slot = MIN (frame, glow_call_tree_get_n_frames (self->tree));

  if (!self->has_color[slot])
    {
      glow_palette_get_color (self->palette, self->theme, self->tree, frame, &self->fills[slot], &self->texts[slot]);
      self->has_color[slot] = TRUE;
    }
  return slot;
}

static const GlowLabel *
get_label (GlowFlamePainter *self, guint32 node, guint32 frame)
{
  const GlowLabel *label = glow_lettering_lookup (self->lettering, frame);
  g_autofree char *name = NULL;

  if (label != NULL)
    return label;
  name = glow_call_tree_dup_display_name (self->tree, node);
  return glow_lettering_add (self->lettering, frame, name);
}

/* Thin lines from the lower left to the upper right. */
static cairo_pattern_t *
get_hatch (GlowFlamePainter *self)
{
  if (self->hatch == NULL)
    {
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 6, 6);
      cairo_t *cr = cairo_create (surface);

      cairo_set_source_rgba (cr, 1, 1, 1, 0.42);
      cairo_set_line_width (cr, 1.2);
      for (int i = -6; i <= 6; i += 6)
        {
          cairo_move_to (cr, i - 1, 7);
          cairo_line_to (cr, i + 7, -1);
        }
      cairo_stroke (cr);
      cairo_destroy (cr);
      self->hatch = cairo_pattern_create_for_surface (surface);
      cairo_pattern_set_extend (self->hatch, CAIRO_EXTEND_REPEAT);
      cairo_surface_destroy (surface);
    }
  return self->hatch;
}

static gboolean
is_uncertain (GlowCallTree *tree, guint32 node, double above)
{
  guint64 weight = glow_call_tree_get_nodes (tree)->total[node];
  GlowShare share;

  if (above <= 0 || weight == 0 || node == 0)
    return FALSE;
  share = glow_base_get_share (glow_call_tree_get_base (tree), weight);
  return (share.high - share.low) / 2 > above * share.share;
}

static inline GlowColor
mix (GlowColor a, GlowColor b, float part)
{
  return (GlowColor) { a.red + (b.red - a.red) * part, a.green + (b.green - a.green) * part, a.blue + (b.blue - a.blue) * part };
}

static void
draw_ring (cairo_t *cr, double x, double y, double width, double height, const GlowColor *color, double thickness)
{
  cairo_set_source_rgb (cr, color->red, color->green, color->blue);
  cairo_set_line_width (cr, thickness);
  cairo_rectangle (cr, x + thickness / 2, y + thickness / 2, MAX (width - thickness, 0.5), MAX (height - thickness, 0.5));
  cairo_stroke (cr);
}

/* The edge towards the callers, torn like paper over the part of the width that lacks some: a shape, for colours may not tell. */
static void
draw_tear (cairo_t *cr, GlowCallTree *tree, guint32 node, double x, double y, double width, double height, gboolean icicle, const GlowColor *ground,
           const GlowColor *ink)
{
  const GlowTear *tear = glow_call_tree_get_tear (tree, node);
  guint64 total = glow_call_tree_get_nodes (tree)->total[node];
  double torn, edge = icicle ? y : y + height, tip = icicle ? TOOTH : -TOOTH;

  if (tear == NULL || total == 0)
    return;
  torn = MIN (MAX (width * tear->weight / total, 2 * TOOTH), width);
  cairo_save (cr);
  cairo_rectangle (cr, x, y, torn, height);
  cairo_clip (cr);
  cairo_move_to (cr, x, edge);
  for (double at = x; at < x + torn; at += 2 * TOOTH)
    {
      cairo_line_to (cr, at + TOOTH, edge + tip);
      cairo_line_to (cr, at + 2 * TOOTH, edge);
    }
  cairo_set_source_rgb (cr, ground->red, ground->green, ground->blue);
  cairo_fill_preserve (cr);
  cairo_set_source_rgba (cr, ink->red, ink->green, ink->blue, 0.7);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_restore (cr);
}

static void
fill_rectangle (cairo_t *cr, const GlowColor *color, double x, double y, double width, double height)
{
  cairo_set_source_rgb (cr, color->red, color->green, color->blue);
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
}

/* What a rectangle of a diff has beyond its colour: the border of a new or gone path, dashed where this side has none of it, and its sign. */
static void
draw_diff_marks (cairo_t *cr, const GlowDiffStyle *style, double x, double y, double width, double height, const GlowColor *ground_ink)
{
  static const double dashes[] = { 3, 2 };
  const GlowColor *color = style->is_absent ? ground_ink : &style->text;

  if (style->mark == 0 || width < 2)
    return;
  cairo_save (cr);
  cairo_set_source_rgba (cr, color->red, color->green, color->blue, style->is_absent ? 0.45 : 0.85);
  cairo_set_line_width (cr, 1);
  if (style->is_absent || style->mark < 0)
    cairo_set_dash (cr, dashes, 2, 0);
  cairo_rectangle (cr, x + 0.5, y + 0.5, MAX (width - 1, 0.5), MAX (height - 1, 0.5));
  cairo_stroke (cr);
  if (width > GLOW_LETTERING_NARROW && height >= 10 && !style->is_absent)
    {
      double middle = round (y + height / 2) + 0.5, left = x + GLOW_LETTERING_PADDING;

      cairo_set_dash (cr, NULL, 0, 0);
      cairo_set_line_width (cr, 1.4);
      cairo_move_to (cr, left, middle);
      cairo_rel_line_to (cr, MARK - 1, 0);
      if (style->mark > 0)
        {
          cairo_move_to (cr, left + (MARK - 1) / 2, middle - (MARK - 1) / 2);
          cairo_rel_line_to (cr, 0, MARK - 1);
        }
      cairo_stroke (cr);
    }
  cairo_restore (cr);
}

/**
 * glow_flame_painter_paint:
 *
 * O(rectangles of @layout); shapes a name at its first sight.
 */
void
glow_flame_painter_paint (GlowFlamePainter *self, cairo_t *cr, const GlowLayout *layout, const GlowPaintOptions *options)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (layout->tree);
  gboolean dark = options->theme == GLOW_THEME_DARK || options->theme == GLOW_THEME_DARK_CONTRAST;
  const GlowColor ground = dark ? (GlowColor) { 0.14f, 0.14f, 0.14f } : (GlowColor) { 1, 1, 1 };
  const GlowColor ink = dark ? (GlowColor) { 1, 1, 1 } : (GlowColor) { 0, 0, 0 };
  const GlowColor match_ring = { 0.56f, 0.05f, 0.60f }, focus_ring = { 0.10f, 0.37f, 0.84f };
  double row = options->row_height, gap = row > 6 ? 1 : 0;
  const GlowRect *selected = NULL;
  double selected_y = 0;

  prepare (self, cr, layout->tree, options);
  for (guint32 i = 0; i < layout->n_rects; i++)
    {
      const GlowRect *rect = &layout->rects[i];
      double y = options->icicle ? rect->depth * row - options->scroll : options->height - (rect->depth + 1) * row + options->scroll;
      double x = rect->x, width = rect->width;
      guint32 frame = nodes->frame[rect->node], slot;
      gboolean match, hover, is_uncertain_change = FALSE;
      GlowDiffStyle style = { .part = 1 };
      GlowColor fill, label;

      if (y + row < 0 || y > options->height)
        continue;
      if (width >= 3)
        {
          /* Whole pixels keep edges sharp; half a pixel of error is less than what a gap hides anyway. */
          double right = round (x + width);

          x = round (x);
          width = right - x - 1;
        }
      slot = get_colors (self, frame);
      fill = self->fills[slot];
      label = self->texts[slot];
      if (options->diff != NULL)
        {
          glow_diff_pane_get_style (options->diff, options->theme, rect->node, &style);
          fill = style.fill;
          label = style.text;
          is_uncertain_change = style.is_uncertain;
          /* What stands for several is of no colour: they need not agree. */
          if (rect->n_merged > 0)
            fill = glow_diff_get_color (options->theme, 0);
        }
      match = options->search != NULL && frame != GLOW_NONE && rect->n_merged == 0 && options->search->frame_matches[frame];
      hover = options->hover_frame != GLOW_NONE && frame == options->hover_frame && rect->n_merged == 0;
      if (rect->n_merged > 0)
        fill = mix (fill, ground, 0.35f);
      if (options->search != NULL && !match)
        fill = mix (fill, ground, 0.62f);
      if (hover)
        fill = mix (fill, (GlowColor) { 1, 1, 1 }, 0.45f);
      if (style.part < 1 && rect->n_merged == 0)
        {
          GlowColor rest = mix (fill, ground, style.is_absent ? 1 : 0.72f);

          fill_rectangle (cr, &rest, x, y, MAX (width, 0.5), row - gap);
          if (!style.is_absent)
            fill_rectangle (cr, &fill, x, y, MAX (width * style.part, 0.5), row - gap);
        }
      else if (!style.is_absent || rect->n_merged > 0)
        fill_rectangle (cr, &fill, x, y, MAX (width, 0.5), row - gap);
      if (width > 8 && rect->n_merged == 0
          && (options->diff != NULL ? is_uncertain_change && !style.is_absent : is_uncertain (layout->tree, rect->node, options->uncertain_above)))
        {
          cairo_set_source (cr, get_hatch (self));
          cairo_rectangle (cr, x, y, width, row - gap);
          cairo_fill (cr);
        }
      if (width > 2 * TOOTH && row >= 8 && rect->n_merged == 0)
        draw_tear (cr, layout->tree, rect->node, x, y, width, row - gap, options->icicle, &ground, &ink);
      if (rect->n_merged == 0 && options->diff != NULL)
        draw_diff_marks (cr, &style, x, y, width, row - gap, &ink);
      if (match && width > 2)
        draw_ring (cr, x, y, width, row - gap, &match_ring, 1.5);
      if (hover && width > 3)
        draw_ring (cr, x, y, width, row - gap, &ink, 1);
      if (rect->node == options->selected_node && rect->n_merged == 0)
        {
          selected = rect;
          selected_y = y;
        }
      if (width > GLOW_LETTERING_NARROW && rect->n_merged == 0 && row >= 10 && !style.is_absent)
        {
          /* On what search has faded towards the ground, the ground's own ink reads best. */
          const GlowColor *text = options->search != NULL && !match && dark ? &ink : &label;
          double indent = style.mark != 0 ? MARK + 2 : 0;

          cairo_set_source_rgb (cr, text->red, text->green, text->blue);
          if (!dark || style.part >= 1 || text == &ink)
            glow_lettering_show (self->lettering, cr, get_label (self, rect->node, frame), x + indent, y, width - indent, row - gap);
          else
            {
              /* A label over what is filled and what is nearly the ground has the ink of each. */
              for (guint part = 0; part < 2; part++)
                {
                  cairo_save (cr);
                  cairo_rectangle (cr, part == 0 ? x : x + width * style.part, y, width * (part == 0 ? style.part : 1 - style.part), row);
                  cairo_clip (cr);
                  if (part == 1)
                    cairo_set_source_rgb (cr, ink.red, ink.green, ink.blue);
                  glow_lettering_show (self->lettering, cr, get_label (self, rect->node, frame), x + indent, y, width - indent, row - gap);
                  cairo_restore (cr);
                }
            }
        }
    }
  if (selected != NULL)
    {
      draw_ring (cr, selected->x - 1, selected_y - 1, MAX (selected->width, 3) + 1, row + 1, dark ? &ink : &focus_ring, 2);
      if (dark)
        draw_ring (cr, selected->x + 1, selected_y + 1, MAX (selected->width - 3, 1), row - 3, &focus_ring, 1);
    }
}
