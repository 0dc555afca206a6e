/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pictures of a call tree: what they have in common, and PNG and PDF through cairo. SVG has a file of its own. */
#include <config.h>

#include "draw/picture-private.h"

#include <afterglow/error.h>
#include <afterglow/text.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include <cairo-pdf.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#define ROW_HEIGHT 17.0
#define TEXT_SIZE 11.5
#define MARGIN 10.0
#define MAX_PIXELS 32767

gboolean
glow_picture_format_from_path (const char *path, GlowPictureFormat *format)
{
  static const char *const endings[] = { ".svg", ".png", ".pdf" };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      gsize n = strlen (path), m = strlen (endings[i]);

      if (n > m && g_ascii_strcasecmp (path + n - m, endings[i]) == 0)
        {
          *format = i;
          return TRUE;
        }
    }
  return FALSE;
}

double
glow_picture_row_y (const GlowPicture *self, guint depth)
{
  return self->top + (self->options.icicle ? depth : self->rows - 1 - depth) * self->row;
}

char *
glow_picture_fit_label (const char *name, double width, double size)
{
  double room = (width - 6) / (size * 0.6);

  return glow_label_shorten (name, (guint) CLAMP (room, 0, 4096));
}

static void
set_defaults (GlowPictureOptions *options, GlowPictureFormat format)
{
  if (options->width <= 0)
    options->width = 1200;
  if (options->to <= options->from)
    options->from = 0, options->to = 1;
  if (options->min_width <= 0)
    options->min_width = format == GLOW_PICTURE_SVG ? 0.1 : 0.5;
}

double
glow_picture_get_min_share (GlowPictureFormat format, const GlowPictureOptions *options)
{
  GlowPictureOptions own = *options;

  set_defaults (&own, format);
  /* A little less, so that no rounding decides. */
  return 0.99 * own.min_width * (own.to - own.from) / MAX (own.width - 2 * MARGIN, 1);
}

static gboolean
picture_init (GlowPicture *self, GlowCallTree *tree, GlowPictureFormat format, const GlowPictureOptions *options, GError **error)
{
  static const GlowPictureOptions none;
  const char *const *files = glow_profile_get_files (glow_call_tree_get_profile (tree));
  GlowLayoutOptions layout;
  guint room;

  memset (self, 0, sizeof *self);
  self->tree = tree;
  self->options = options != NULL ? *options : none;
  if (glow_call_tree_get_nodes (tree)->total[0] == 0)
    {
      g_set_error_literal (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("Nothing is left to show: no samples, or none after the selection"));
      return FALSE;
    }
  set_defaults (&self->options, format);
  self->width = self->options.width;
  self->row = ROW_HEIGHT;
  self->top = 62;
  if (self->options.search != NULL)
    {
      self->search = glow_search_compute (tree, self->options.search, TRUE, NULL, error);
      if (self->search == NULL)
        return FALSE;
    }
  layout = (GlowLayoutOptions) { self->options.from, self->options.to, self->width - 2 * MARGIN, self->options.min_width, 0, 0 };
  self->layout = glow_layout_compute (tree, &layout);
  self->rows = self->layout->max_depth + 1;
  self->height = self->top + self->rows * self->row + 44;
  if (self->options.height > 0)
    {
      room = (guint) MAX ((self->options.height - self->top - 44) / self->row, 1);
      self->rows = MIN (self->rows, room);
      self->height = self->options.height;
    }
  self->title = self->options.title != NULL ? g_utf8_make_valid (self->options.title, -1)
                : files[0] != NULL          ? g_filename_display_basename (files[0])
                                            : g_strdup (_("Flame graph"));
  self->subtitle = self->options.subtitle != NULL ? g_utf8_make_valid (self->options.subtitle, -1) : glow_text_base (tree);
  return TRUE;
}

static void
picture_clear (GlowPicture *self)
{
  g_clear_pointer (&self->layout, glow_layout_free);
  g_clear_pointer (&self->search, glow_search_free);
  g_free (self->title);
  g_free (self->subtitle);
}

static void
show_text (cairo_t *cr, double x, double y, double size, gboolean bold, const char *text)
{
  cairo_select_font_face (cr, "sans-serif", CAIRO_FONT_SLANT_NORMAL, bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size (cr, size);
  cairo_move_to (cr, x, y);
  cairo_show_text (cr, text);
}

static void
draw_frames (const GlowPicture *self, cairo_t *cr, GlowTheme theme)
{
  g_autoptr(GlowFlamePainter) painter = glow_flame_painter_new (NULL);
  GlowPaintOptions options = {
    .palette = self->options.palette,
    .theme = theme,
    .icicle = self->options.icicle,
    .row_height = self->row,
    .height = self->rows * self->row,
    .hover_frame = GLOW_NONE,
    .selected_node = GLOW_NONE,
    .search = self->search,
  };

  cairo_save (cr);
  cairo_translate (cr, MARGIN, self->top);
  cairo_rectangle (cr, 0, 0, self->width - 2 * MARGIN, options.height);
  cairo_clip (cr);
  glow_flame_painter_paint (painter, cr, self->layout, &options);
  cairo_restore (cr);
}

static void
draw_picture (const GlowPicture *self, cairo_t *cr)
{
  GlowTheme theme = self->options.theme;
  gboolean dark = theme == GLOW_THEME_DARK || theme == GLOW_THEME_DARK_CONTRAST;
  g_autoptr(GPtrArray) legend = glow_palette_dup_legend (self->options.palette, theme, self->tree, GLOW_N_FRAME_KINDS);
  double x = MARGIN, ink = dark ? 0.93 : 0.13;

  cairo_set_source_rgb (cr, dark ? 0.12 : 1, dark ? 0.12 : 1, dark ? 0.12 : 1);
  cairo_paint (cr);
  cairo_set_source_rgb (cr, ink, ink, ink);
  show_text (cr, MARGIN, 26, 16, TRUE, self->title);
  show_text (cr, MARGIN, 46, 12, FALSE, self->subtitle);
  draw_frames (self, cr, theme);
  for (guint i = 0; i < legend->len; i++)
    {
      const GlowLegendItem *item = g_ptr_array_index (legend, i);
      double y = self->height - 24;
      cairo_text_extents_t extents;

      cairo_set_source_rgb (cr, item->fill.red, item->fill.green, item->fill.blue);
      cairo_rectangle (cr, x, y, 12, 12);
      cairo_fill (cr);
      cairo_set_source_rgb (cr, ink, ink, ink);
      show_text (cr, x + 17, y + 10, TEXT_SIZE, FALSE, item->label);
      cairo_text_extents (cr, item->label, &extents);
      x += 17 + extents.x_advance + 16;
    }
}

typedef struct {
  GOutputStream *output;
  GCancellable *cancellable;
  GError **error;
} Sink;

static cairo_status_t
write_bytes (void *closure, const unsigned char *data, unsigned int length)
{
  Sink *sink = closure;

  return g_output_stream_write_all (sink->output, data, length, NULL, sink->cancellable, sink->error) ? CAIRO_STATUS_SUCCESS
                                                                                                      : CAIRO_STATUS_WRITE_ERROR;
}

gboolean
glow_picture_write_page (const GlowPageSize *page, GlowDrawFunc draw, gconstpointer data, GlowPictureFormat format, GOutputStream *output,
                         GCancellable *cancellable, GError **error)
{
  g_autoptr(GError) local = NULL;
  Sink sink = { output, cancellable, &local };
  double scale = page->scale > 0 ? page->scale : 1;
  cairo_surface_t *surface;
  cairo_status_t status;
  cairo_t *cr;

  if (format == GLOW_PICTURE_PNG && (page->width * scale > MAX_PIXELS || page->height * scale > MAX_PIXELS))
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_OUTPUT, _("A PNG of %.0f × %.0f pixels is too large; at most %d each way: use SVG, or a smaller --scale"),
                   page->width * scale, page->height * scale, MAX_PIXELS);
      return FALSE;
    }
  if (format == GLOW_PICTURE_PNG)
    {
      surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) ceil (page->width * scale), (int) ceil (page->height * scale));
      cairo_surface_set_device_scale (surface, scale, scale);
    }
  else
    surface = cairo_pdf_surface_create_for_stream (write_bytes, &sink, page->width, page->height);
  if (format == GLOW_PICTURE_PDF)
    cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, page->title);
  cr = cairo_create (surface);
  draw (data, cr);
  status = cairo_status (cr);
  cairo_destroy (cr);
  if (format == GLOW_PICTURE_PNG && status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_write_to_png_stream (surface, write_bytes, &sink);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (status != CAIRO_STATUS_SUCCESS)
    g_set_error (error, GLOW_ERROR, GLOW_ERROR_OUTPUT, _("The picture could not be drawn: %s"), cairo_status_to_string (status));
  else
    return TRUE;
  return FALSE;
}

static void
draw_whole (gconstpointer data, cairo_t *cr)
{
  draw_picture (data, cr);
}

static gboolean
write_cairo (const GlowPicture *self, GlowPictureFormat format, GOutputStream *output, GCancellable *cancellable, GError **error)
{
  GlowPageSize page = { self->width, self->height, self->options.scale, self->title };

  return glow_picture_write_page (&page, draw_whole, self, format, output, cancellable, error);
}

gboolean
glow_picture_write (GlowCallTree *tree, GlowPictureFormat format, const GlowPictureOptions *options, GOutputStream *output,
                    GCancellable *cancellable, GError **error)
{
  GlowPicture picture;
  gboolean written;

  if (!picture_init (&picture, tree, format, options, error))
    {
      picture_clear (&picture);
      return FALSE;
    }
  written = format == GLOW_PICTURE_SVG ? glow_picture_write_svg (&picture, output, cancellable, error)
                                       : write_cairo (&picture, format, output, cancellable, error);
  picture_clear (&picture);
  return written;
}

gboolean
glow_picture_draw (GlowCallTree *tree, const GlowPictureOptions *options, cairo_t *cr, GError **error)
{
  GlowPicture picture;
  gboolean ready = picture_init (&picture, tree, GLOW_PICTURE_PDF, options, error);

  if (ready)
    draw_picture (&picture, cr);
  picture_clear (&picture);
  return ready;
}

gboolean
glow_picture_save (GlowCallTree *tree, const char *path, GlowPictureFormat format, const GlowPictureOptions *options,
                   GCancellable *cancellable, GError **error)
{
  g_autofree char *beside = g_strdup_printf ("%s.%d.part", path, (int) getpid ());
  g_autoptr(GFile) part = g_file_new_for_path (beside), final = g_file_new_for_path (path);
  g_autoptr(GFileOutputStream) stream = g_file_replace (part, NULL, FALSE, G_FILE_CREATE_NONE, cancellable, error);

  if (stream == NULL)
    return FALSE;
  if (glow_picture_write (tree, format, options, G_OUTPUT_STREAM (stream), cancellable, error)
      && g_output_stream_close (G_OUTPUT_STREAM (stream), cancellable, error)
      && g_file_move (part, final, G_FILE_COPY_OVERWRITE, cancellable, NULL, NULL, error))
    return TRUE;
  g_output_stream_close (G_OUTPUT_STREAM (stream), NULL, NULL);
  g_unlink (beside);
  return FALSE;
}
