/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures of a diff: both sides beside each other over one layout, or one graph coloured by change. PNG and PDF here, SVG in diff-svg.c. */
#include <config.h>

#include "draw/diff-picture-private.h"
#include "draw/picture-private.h"

#include <afterglow/diff-text.h>
#include <afterglow/error.h>
#include <afterglow/painter.h>
#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define FOOT 58.0
#define HEAD 66.0              /* title and subtitle */
#define LINE 15.0

static char *
dup_label (GlowDiff *diff, guint side)
{
  const GlowDiffRun *run = glow_diff_get_run (diff, side, 0);
  guint more = glow_diff_get_side (diff, side)->n_runs - 1;
  g_autofree char *name = g_filename_display_basename (run->label), *selection = glow_query_dup_words (run->query);
  gboolean same = glow_diff_get_run (diff, 0, 0)->profile == glow_diff_get_run (diff, 1, 0)->profile;

  if (more > 0)
    return g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", more), name, more);
  return same && *selection != '\0' ? g_strdup_printf ("%s %s", name, selection) : g_steal_pointer (&name);
}

static void
find_words (GlowDiffPicture *self)
{
  GlowDiff *diff = self->diff;
  const GPtrArray *caveats = glow_diff_get_caveats (diff);
  g_autofree char *before = dup_label (diff, GLOW_BEFORE), *after = dup_label (diff, GLOW_AFTER);
  g_autofree char *base = glow_diff_text_base (diff), *findings = glow_diff_text_findings (diff, GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL);

  self->title = self->options.title != NULL ? g_utf8_make_valid (self->options.title, -1) : g_strdup_printf ("%s ↔ %s", before, after);
  self->subtitle = self->options.subtitle != NULL ? g_utf8_make_valid (self->options.subtitle, -1) : g_strdup_printf ("%s. %s", base, findings);
  self->lines = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < caveats->len; i++)
    {
      const GlowDiffCaveat *caveat = g_ptr_array_index (caveats, i);

      g_ptr_array_add (self->lines, g_strdup_printf ("⚠ %s. %s.", caveat->message, caveat->effect));
    }
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    {
      g_autofree char *words = glow_diff_text_side (diff, s);

      self->heads[s] = self->n_panes == 1 ? g_strdup ("") : g_strdup_printf ("%s %s — %s", s == GLOW_BEFORE ? _("Before:") : _("After:"), s == GLOW_BEFORE ? before : after, words);
    }
}

/* @height: of a page; 0: as deep as the stacks. */
gboolean
glow_diff_picture_init (GlowDiffPicture *self, GlowDiff *diff, GlowDiffFormat format, const GlowDiffExportOptions *options, double height, GError **error)
{
  GlowLayoutOptions layout;

  memset (self, 0, sizeof *self);
  self->diff = diff;
  self->options = *options;
  self->tree = glow_diff_get_tree (diff, options->widths);
  if (self->tree == NULL || glow_call_tree_get_nodes (self->tree)->total[0] == 0)
    {
      g_set_error_literal (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("Nothing is left to show: no path has any width"));
      return FALSE;
    }
  if (options->search != NULL)
    {
      self->search = glow_search_compute (self->tree, options->search, TRUE, NULL, error);
      if (self->search == NULL)
        return FALSE;
    }
  if (self->options.width <= 0)
    self->options.width = 1600;
  if (self->options.to <= self->options.from)
    self->options.from = 0, self->options.to = 1;
  if (self->options.min_width <= 0)
    self->options.min_width = format == GLOW_DIFF_SVG || format == GLOW_DIFF_HTML ? 0.1 : 0.5;
  self->width = self->options.width;
  self->n_panes = options->merged ? 1 : 2;
  self->pane_width = (self->width - (self->n_panes + 1) * GLOW_DIFF_MARGIN) / self->n_panes;
  for (guint p = 0; p < self->n_panes; p++)
    self->left[p] = GLOW_DIFF_MARGIN + p * (self->pane_width + GLOW_DIFF_MARGIN);
  find_words (self);
  layout = (GlowLayoutOptions) { self->options.from, self->options.to, self->pane_width, self->options.min_width, 0, 0 };
  self->layout = glow_layout_compute (self->tree, &layout);
  self->rows = self->layout->max_depth + 1;
  self->top = HEAD + self->lines->len * LINE + (self->n_panes > 1 ? 24 : 0);
  self->height = self->top + self->rows * GLOW_DIFF_ROW + FOOT;
  if (height > 0)
    {
      self->rows = MIN (self->rows, (guint) MAX ((height - self->top - FOOT) / GLOW_DIFF_ROW, 1));
      self->height = height;
    }
  return TRUE;
}

void
glow_diff_picture_clear (GlowDiffPicture *self)
{
  g_clear_pointer (&self->layout, glow_layout_free);
  g_clear_pointer (&self->search, glow_search_free);
  g_clear_pointer (&self->lines, g_ptr_array_unref);
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self->heads[0]);
  g_free (self->heads[1]);
}

GlowDiffPane
glow_diff_picture_pane (const GlowDiffPicture *self, guint pane)
{
  return (GlowDiffPane) { self->diff, self->n_panes == 1 ? -1 : (gint) pane, self->options.widths };
}

double
glow_diff_picture_row_y (const GlowDiffPicture *self, guint depth)
{
  return self->top + (self->options.icicle ? depth : self->rows - 1 - depth) * GLOW_DIFF_ROW;
}

/* ---- cairo ---- */

/* One line, cut at the right where it is too long. */
static void
show_text (cairo_t *cr, double x, double y, double size, gboolean bold, double room, const char *text)
{
  g_autofree char *shown = g_strdup (text);
  cairo_text_extents_t extents;

  cairo_select_font_face (cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size (cr, size);
  cairo_text_extents (cr, shown, &extents);
  for (glong n = g_utf8_strlen (text, -1); extents.x_advance > room && n > 1;)
    {
      g_autofree char *head = NULL;

      n = MIN (n - 1, (glong) (n * room / extents.x_advance));
      head = g_utf8_substring (text, 0, MAX (n, 1));
      g_free (shown);
      shown = g_strconcat (head, "…", NULL);
      cairo_text_extents (cr, shown, &extents);
    }
  cairo_move_to (cr, x, y);
  cairo_show_text (cr, shown);
}

static void
draw_legend (const GlowDiffPicture *self, cairo_t *cr, GlowTheme theme, double ink)
{
  double x = GLOW_DIFF_MARGIN, y = self->height - FOOT + 14;

  for (gint step = -GLOW_DIFF_STEPS; step <= GLOW_DIFF_STEPS; step++)
    {
      GlowColor color = glow_diff_get_color (theme, step);
      g_autofree char *label = step == 0 ? g_strdup (_("no evidence")) : glow_diff_dup_step_label (self->diff, step);
      double width = step == 0 ? 2.6 * GLOW_DIFF_SWATCH : GLOW_DIFF_SWATCH;
      cairo_text_extents_t extents;

      cairo_set_source_rgb (cr, color.red, color.green, color.blue);
      cairo_rectangle (cr, x, y, width - 1, 13);
      cairo_fill (cr);
      cairo_set_source_rgb (cr, ink, ink, ink);
      cairo_select_font_face (cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
      cairo_set_font_size (cr, 10.5);
      cairo_text_extents (cr, label, &extents);
      show_text (cr, x + (width - extents.x_advance) / 2, y + 26, 10.5, FALSE, width + 40, label);
      x += width;
    }
  show_text (cr, x + 8, y + 26, 10.5, FALSE, 60, glow_diff_get_options (self->diff)->base == GLOW_DIFF_SHARE ? _("points") : "");
  show_text (cr, x + 60, y + 11, 10.5, FALSE, self->width - x - 70,
             self->n_panes > 1 && self->options.widths == GLOW_DIFF_WIDTH_LARGER
               ? _("+ new · − gone, dashed · hatched: uncertain size · filled part: what this side has")
               : _("+ new · − gone, dashed · hatched: uncertain size"));
  show_text (cr, x + 60, y + 26, 10.5, FALSE, self->width - x - 70, _("Coloured: q below the level and a change above the least; grey says nothing, not that nothing changed"));
}

static void
draw_picture (const GlowDiffPicture *self, cairo_t *cr)
{
  GlowTheme theme = self->options.theme;
  gboolean dark = theme == GLOW_THEME_DARK || theme == GLOW_THEME_DARK_CONTRAST;
  double ink = dark ? 0.93 : 0.13, paper = dark ? 0.12 : 1, room = self->width - 2 * GLOW_DIFF_MARGIN;
  g_autoptr(GlowFlamePainter) painter = glow_flame_painter_new (NULL);

  cairo_set_source_rgb (cr, paper, paper, paper);
  cairo_paint (cr);
  cairo_set_source_rgb (cr, ink, ink, ink);
  show_text (cr, GLOW_DIFF_MARGIN, 26, 16, TRUE, room, self->title);
  show_text (cr, GLOW_DIFF_MARGIN, 46, 12, FALSE, room, self->subtitle);
  for (guint i = 0; i < self->lines->len; i++)
    show_text (cr, GLOW_DIFF_MARGIN, HEAD + i * LINE, 11, FALSE, room, g_ptr_array_index (self->lines, i));
  for (guint p = 0; p < self->n_panes; p++)
    {
      GlowDiffPane pane = glow_diff_picture_pane (self, p);
      GlowPaintOptions options = {
        .theme = theme,
        .icicle = self->options.icicle,
        .row_height = GLOW_DIFF_ROW,
        .height = self->rows * GLOW_DIFF_ROW,
        .hover_frame = GLOW_NONE,
        .selected_node = GLOW_NONE,
        .search = self->search,
        .diff = &pane,
      };

      cairo_set_source_rgb (cr, ink, ink, ink);
      show_text (cr, self->left[p], self->top - 9, 12, TRUE, self->pane_width, self->heads[p]);
      cairo_save (cr);
      cairo_translate (cr, self->left[p], self->top);
      cairo_rectangle (cr, 0, 0, self->pane_width, options.height);
      cairo_clip (cr);
      glow_flame_painter_paint (painter, cr, self->layout, &options);
      cairo_restore (cr);
    }
  draw_legend (self, cr, theme, ink);
}

static void
draw_whole (gconstpointer data, cairo_t *cr)
{
  draw_picture (data, cr);
}

gboolean
glow_diff_write_picture (GlowDiff *self, GlowDiffFormat format, const GlowDiffExportOptions *options, GOutputStream *output, GCancellable *cancellable, GError **error)
{
  static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  GlowDiffPicture picture;
  gboolean written = glow_diff_picture_init (&picture, self, format, options, 0, error);

  if (written && format == GLOW_DIFF_SVG)
    written = g_output_stream_write_all (output, declaration, strlen (declaration), NULL, cancellable, error) && glow_diff_write_svg (&picture, output, cancellable, error);
  else if (written)
    {
      GlowPicturePage page = { (GlowPictureFormat) format, picture.width, picture.height, picture.options.scale, picture.title };

      written = glow_picture_write_cairo (&page, draw_whole, &picture, output, cancellable, error);
    }
  glow_diff_picture_clear (&picture);
  return written;
}

gboolean
glow_diff_draw (GlowDiff *self, const GlowDiffExportOptions *options, double width, double height, cairo_t *cr, GError **error)
{
  GlowDiffExportOptions own = *options;
  GlowDiffPicture picture;
  gboolean ready;

  own.width = width;
  ready = glow_diff_picture_init (&picture, self, GLOW_DIFF_PDF, &own, height, error);
  if (ready)
    draw_picture (&picture, cr);
  glow_diff_picture_clear (&picture);
  return ready;
}
