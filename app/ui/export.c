/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking the view away: pictures, folded text, the clipboard, paper. Writing is done in a worker. */
#include <config.h>

#include "ui/compat.h"
#include "ui/look.h"
#include "ui/window.h"

#include <afterglow/fold.h>
#include <glib/gi18n.h>
#include <string.h>

typedef struct {
  GlowCallTree *tree;
  GlowPictureOptions options;
  GlowPictureFormat format;
  char *path, *title, *search;
  gboolean folded;
} Export;

static void
export_free (gpointer data)
{
  Export *self = data;

  glow_call_tree_unref (self->tree);
  g_free (self->path);
  g_free (self->title);
  g_free (self->search);
  g_free (self);
}

/* The picture is of what the flame view shows. (transfer full) (nullable) */
static Export *
export_new (GlowWindow *window, const char *path)
{
  GlowDocument *document = glow_window_get_document (window);
  GlowCallTree *tree = glow_document_get_tree (document);
  Export *self;

  if (tree == NULL)
    return NULL;
  self = g_new0 (Export, 1);
  self->tree = glow_call_tree_ref (tree);
  self->path = g_strdup (path);
  self->title = glow_document_dup_title (document);
  if (glow_document_get_search (document) != NULL)
    self->search = g_strdup (glow_document_get_search_text (document));
  self->options = (GlowPictureOptions) {
    .width = 1200,
    .title = self->title,
    .search = self->search,
    .palette = glow_look_get_palette (),
    .theme = glow_look_get_theme (),
    .icicle = g_settings_get_boolean (glow_look_get_settings (), "icicle"),
    .inverted = glow_query_get_inverted (glow_document_get_query (document)),
  };
  glow_flame_view_get_window (glow_window_get_flame (window), &self->options.from, &self->options.to);
  return self;
}

static gboolean
write_folded (Export *self, GCancellable *cancellable, GError **error)
{
  g_autoptr(GFile) file = g_file_new_for_path (self->path);
  g_autoptr(GFileOutputStream) stream = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, cancellable, error);

  return stream != NULL
         && glow_fold_write (glow_call_tree_get_profile (self->tree), glow_call_tree_get_query (self->tree), GLOW_PREFIX_NONE, FALSE,
                             G_OUTPUT_STREAM (stream), cancellable, error)
         && g_output_stream_close (G_OUTPUT_STREAM (stream), cancellable, error);
}

static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Export *self = data;
  GError *error = NULL;
  gboolean written = self->folded ? write_folded (self, cancellable, &error)
                                  : glow_picture_save (self->tree, self->path, self->format, &self->options, cancellable, &error);

  if (written)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
worked (GObject *source, GAsyncResult *result, gpointer data)
{
  GlowWindow *window = GLOW_WINDOW (source);
  const Export *self = g_task_get_task_data (G_TASK (result));
  g_autoptr(GError) error = NULL;
  g_autofree char *name = g_filename_display_basename (self->path), *words = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    words = g_strdup_printf (_("Saved “%s”"), name);
  else
    words = g_strdup_printf (_("“%s” could not be saved: %s"), name, error->message);
  glow_window_toast (window, words);
}

static void
start (GlowWindow *window, Export *self)
{
  g_autoptr(GTask) task = g_task_new (window, NULL, worked, NULL);

  g_task_set_task_data (task, self, export_free);
  g_task_run_in_thread (task, work);
}

void
glow_window_export_to (GlowWindow *window, const char *path)
{
  Export *self = export_new (window, path);

  if (self == NULL)
    return;
  if (!glow_picture_format_from_path (path, &self->format))
    {
      /* A name without an ending of ours is a picture that any browser opens. */
      char *longer = g_strconcat (path, ".svg", NULL);

      g_free (self->path);
      self->path = longer;
      self->format = GLOW_PICTURE_SVG;
    }
  start (window, self);
}

static void
on_picture_path (gpointer window, const char *const *paths)
{
  if (paths[0] != NULL)
    glow_window_export_to (window, paths[0]);
}

void
glow_window_export (GlowWindow *self)
{
  g_autofree char *title = glow_document_dup_title (glow_window_get_document (self)), *name = g_strconcat (title, ".svg", NULL);
  const char *const filters[] = { _("SVG, zooms in any browser"), "*.svg", _("PNG"), "*.png", _("PDF"), "*.pdf", NULL };
  const GlowChooseOptions options = { GLOW_CHOOSE_SAVE, _("Save Picture"), _("_Save"), name, filters };

  glow_compat_choose_files (GTK_WINDOW (self), &options, on_picture_path, self);
}

static void
on_folded_path (gpointer window, const char *const *paths)
{
  Export *self = paths[0] != NULL ? export_new (window, paths[0]) : NULL;

  if (self == NULL)
    return;
  self->folded = TRUE;
  start (window, self);
}

void
glow_window_export_folded (GlowWindow *self)
{
  g_autofree char *title = glow_document_dup_title (glow_window_get_document (self)), *name = g_strconcat (title, ".folded", NULL);
  const GlowChooseOptions options = { GLOW_CHOOSE_SAVE, _("Save Folded Stacks"), _("_Save"), name, NULL };

  glow_compat_choose_files (GTK_WINDOW (self), &options, on_folded_path, self);
}

void
glow_window_copy_picture (GlowWindow *window)
{
  Export *self = export_new (window, "");
  g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr(GdkTexture) texture = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;

  if (self == NULL)
    return;
  self->options.scale = gtk_widget_get_scale_factor (GTK_WIDGET (window));
  if (glow_picture_write (self->tree, GLOW_PICTURE_PNG, &self->options, stream, NULL, &error) && g_output_stream_close (stream, NULL, &error))
    {
      bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (stream));
      texture = gdk_texture_new_from_bytes (bytes, &error);
    }
  if (texture != NULL)
    gdk_clipboard_set_texture (gtk_widget_get_clipboard (GTK_WIDGET (window)), texture);
  glow_window_toast (window, texture != NULL ? _("Picture copied") : error->message);
  export_free (self);
}

static void
on_draw_page (GtkPrintOperation *operation, GtkPrintContext *context, int page, gpointer data)
{
  Export *self = data;
  double width = gtk_print_context_get_width (context), height = gtk_print_context_get_height (context);
  cairo_t *cr = gtk_print_context_get_cairo_context (context);
  GlowPictureOptions options = self->options;
  double scale = gtk_print_context_get_dpi_x (context) / 96;
  g_autoptr(GError) error = NULL;

  options.theme = GLOW_THEME_LIGHT;
  options.width = width / scale;
  options.height = height / scale;
  cairo_scale (cr, scale, scale);
  if (!glow_picture_draw (self->tree, &options, cr, &error))
    g_message ("Printing: %s", error->message);
}

void
glow_window_print (GlowWindow *window)
{
  Export *self = export_new (window, "");
  g_autoptr(GtkPrintOperation) operation = gtk_print_operation_new ();
  g_autoptr(GtkPageSetup) page = gtk_page_setup_new ();
  g_autoptr(GError) error = NULL;

  if (self == NULL)
    return;
  gtk_page_setup_set_orientation (page, GTK_PAGE_ORIENTATION_LANDSCAPE);
  gtk_print_operation_set_default_page_setup (operation, page);
  gtk_print_operation_set_n_pages (operation, 1);
  gtk_print_operation_set_job_name (operation, self->title);
  g_signal_connect_data (operation, "draw-page", G_CALLBACK (on_draw_page), self, (GClosureNotify) (GCallback) export_free, 0);
  if (gtk_print_operation_run (operation, GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG, GTK_WINDOW (window), &error) == GTK_PRINT_OPERATION_RESULT_ERROR)
    glow_window_toast (window, error->message);
}
