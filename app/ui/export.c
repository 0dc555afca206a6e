/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Taking the view away: pictures, folded text, tables, the clipboard, paper. Of the flame graph, or of both sides where their page shows. All work is done
 * in a worker. */
#include <config.h>

#include "ui/compat.h"
#include "ui/look.h"
#include "ui/window.h"

#include <afterglow/fold.h>
#include <glib/gi18n.h>
#include <string.h>

typedef enum { TO_FILE, TO_CLIPBOARD, TO_PAPER } Target;

typedef struct {
  Target target;
  GlowCallTree *tree;          /* (nullable): of the flame graph … */
  GlowPictureOptions picture;
  GlowPictureFormat format;
  gboolean folded;
  GlowDiff *diff;              /* (nullable): … or of both sides */
  GlowDiffExportOptions both;
  GlowDiffFormat both_format;
  char *path, *title, *search;
  GBytes *bytes;               /* (nullable): what was made for the clipboard */
} Export;

static void
export_free (gpointer data)
{
  Export *self = data;

  g_clear_pointer (&self->tree, glow_call_tree_unref);
  g_clear_pointer (&self->diff, glow_diff_unref);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_free (self->path);
  g_free (self->title);
  g_free (self->search);
  g_free (self);
}

static void
take_tree (Export *self, GlowWindow *window)
{
  GlowDocument *document = glow_window_get_document (window);

  self->tree = glow_call_tree_ref (glow_document_get_tree (document));
  self->title = glow_document_dup_title (document);
  if (glow_document_get_search (document) != NULL)
    self->search = g_strdup (glow_document_get_search_text (document));
  self->picture = (GlowPictureOptions) {
    .width = 1200,
    .title = self->title,
    .search = self->search,
    .palette = glow_look_get_palette (),
    .theme = glow_look_get_theme (),
    .icicle = g_settings_get_boolean (glow_look_get_settings (), "icicle"),
    .inverted = glow_query_get_inverted (glow_document_get_query (document)),
  };
  glow_flame_view_get_window (glow_window_get_flame (window), &self->picture.from, &self->picture.to);
}

static void
take_diff (Export *self, GlowWindow *window)
{
  GlowComparison *comparison = glow_diff_view_get_comparison (glow_window_get_diff (window));
  g_autofree char *before = glow_comparison_dup_label (comparison, GLOW_BEFORE), *after = glow_comparison_dup_label (comparison, GLOW_AFTER);

  self->diff = glow_diff_ref (glow_comparison_get_diff (comparison));
  self->title = g_strdup_printf ("%s ↔ %s", before, after);
  if (glow_comparison_get_search (comparison) != NULL)
    self->search = g_strdup (glow_document_get_search_text (glow_window_get_document (window)));
  glow_diff_view_get_export (glow_window_get_diff (window), &self->both);
  self->both.search = self->search;
  self->both.theme = glow_look_get_theme ();
}

/* Of what the window shows. (transfer full) (nullable) */
static Export *
export_new (GlowWindow *window, Target target, const char *path)
{
  Export *self;

  if (glow_document_get_tree (glow_window_get_document (window)) == NULL)
    return NULL;
  self = g_new0 (Export, 1);
  self->target = target;
  self->path = g_strdup (path);
  if (glow_window_shows_diff (window))
    take_diff (self, window);
  else
    take_tree (self, window);
  return self;
}

/* ---- the worker ---- */

static gboolean
write_to (Export *self, GOutputStream *stream, GCancellable *cancellable, GError **error)
{
  if (self->diff != NULL)
    return glow_diff_write (self->diff, self->both_format, &self->both, stream, cancellable, error);
  if (self->folded)
    return glow_fold_write (glow_call_tree_get_profile (self->tree), glow_call_tree_get_query (self->tree), GLOW_PREFIX_NONE, FALSE, stream, cancellable, error);
  return glow_picture_write (self->tree, self->format, &self->picture, stream, cancellable, error);
}

/* Written beside and renamed over, so that nothing half-written is left. */
static gboolean
write_file (Export *self, GCancellable *cancellable, GError **error)
{
  g_autoptr(GFile) file = g_file_new_for_path (self->path);
  g_autoptr(GFileOutputStream) stream = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, cancellable, error);
  g_autoptr(GCancellable) discard = g_cancellable_new ();

  if (stream == NULL)
    return FALSE;
  if (write_to (self, G_OUTPUT_STREAM (stream), cancellable, error))
    return g_output_stream_close (G_OUTPUT_STREAM (stream), cancellable, error);
  /* What was there before stays. */
  g_cancellable_cancel (discard);
  g_output_stream_close (G_OUTPUT_STREAM (stream), discard, NULL);
  return FALSE;
}

static gboolean
write_bytes (Export *self, GCancellable *cancellable, GError **error)
{
  g_autoptr(GOutputStream) stream = g_memory_output_stream_new_resizable ();

  if (!write_to (self, stream, cancellable, error) || !g_output_stream_close (stream, NULL, error))
    return FALSE;
  self->bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (stream));
  return TRUE;
}

/* A diff as fine as what is made of it needs it. */
static gboolean
refine (Export *self, GCancellable *cancellable, GError **error)
{
  GlowDiff *fine;

  if (self->diff == NULL || !glow_diff_format_has_paths (self->both_format))
    return TRUE;
  fine = glow_comparison_refine (self->diff, glow_diff_get_min_share (self->both_format, &self->both), cancellable, error);
  if (fine == NULL)
    return FALSE;
  glow_diff_unref (self->diff);
  self->diff = fine;
  return TRUE;
}

static void
work (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Export *self = data;
  GError *error = NULL;
  gboolean done = refine (self, cancellable, &error);

  if (done && self->target != TO_PAPER)
    done = self->target == TO_FILE ? write_file (self, cancellable, &error) : write_bytes (self, cancellable, &error);
  if (done)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* ---- what comes of it ---- */

static void
tell_of_file (GlowWindow *window, const Export *self, const GError *error)
{
  g_autofree char *name = g_filename_display_basename (self->path);
  g_autofree char *words = error == NULL ? g_strdup_printf (_("Saved “%s”"), name) : g_strdup_printf (_("“%s” could not be saved: %s"), name, error->message);

  glow_window_toast (window, words);
}

static void
put_on_clipboard (GlowWindow *window, const Export *self, const GError *failure)
{
  g_autoptr(GError) error = failure != NULL ? g_error_copy (failure) : NULL;
  g_autoptr(GdkTexture) texture = failure == NULL ? gdk_texture_new_from_bytes (self->bytes, &error) : NULL;

  if (texture != NULL)
    gdk_clipboard_set_texture (gtk_widget_get_clipboard (GTK_WIDGET (window)), texture);
  glow_window_toast (window, texture != NULL ? _("Picture copied") : error->message);
}

static void
on_draw_page (GtkPrintOperation *operation, GtkPrintContext *context, int page, gpointer task)
{
  const Export *self = g_task_get_task_data (task);
  double scale = gtk_print_context_get_dpi_x (context) / 96, width = gtk_print_context_get_width (context) / scale, height = gtk_print_context_get_height (context) / scale;
  cairo_t *cr = gtk_print_context_get_cairo_context (context);
  GlowPictureOptions picture = self->picture;
  GlowDiffExportOptions both = self->both;
  g_autoptr(GError) error = NULL;

  picture.theme = both.theme = GLOW_THEME_LIGHT;
  picture.width = both.width = width;
  picture.height = height;
  cairo_scale (cr, scale, scale);
  if (!(self->diff != NULL ? glow_diff_draw (self->diff, &both, width, height, cr, &error) : glow_picture_draw (self->tree, &picture, cr, &error)))
    g_message ("Printing: %s", error->message);
}

static void
print (GlowWindow *window, GTask *task, const GError *failure)
{
  const Export *self = g_task_get_task_data (task);
  g_autoptr(GtkPrintOperation) operation = gtk_print_operation_new ();
  g_autoptr(GtkPageSetup) page = gtk_page_setup_new ();
  g_autoptr(GError) error = NULL;

  if (failure != NULL)
    {
      glow_window_toast (window, failure->message);
      return;
    }
  gtk_page_setup_set_orientation (page, GTK_PAGE_ORIENTATION_LANDSCAPE);
  gtk_print_operation_set_default_page_setup (operation, page);
  gtk_print_operation_set_n_pages (operation, 1);
  gtk_print_operation_set_job_name (operation, self->title);
  g_signal_connect_data (operation, "draw-page", G_CALLBACK (on_draw_page), g_object_ref (task), (GClosureNotify) (GCallback) g_object_unref, 0);
  if (gtk_print_operation_run (operation, GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG, GTK_WINDOW (window), &error) == GTK_PRINT_OPERATION_RESULT_ERROR)
    glow_window_toast (window, error->message);
}

static void
worked (GObject *source, GAsyncResult *result, gpointer data)
{
  GlowWindow *window = GLOW_WINDOW (source);
  const Export *self = g_task_get_task_data (G_TASK (result));
  g_autoptr(GError) error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  switch (self->target)
    {
    case TO_FILE: tell_of_file (window, self, error); break;
    case TO_CLIPBOARD: put_on_clipboard (window, self, error); break;
    case TO_PAPER: print (window, G_TASK (result), error); break;
    }
}

static void
start (GlowWindow *window, Export *self)
{
  g_autoptr(GTask) task = g_task_new (window, NULL, worked, NULL);

  g_task_set_task_data (task, self, export_free);
  g_task_run_in_thread (task, work);
}

/* ---- what is asked for ---- */

void
glow_window_export_to (GlowWindow *window, const char *path)
{
  Export *self = export_new (window, TO_FILE, path);
  gboolean known;

  if (self == NULL)
    return;
  known = self->diff != NULL ? glow_diff_format_from_path (path, &self->both_format) : glow_picture_format_from_path (path, &self->format);
  if (!known)
    {
      /* A name without an ending of ours is what any browser opens. */
      g_free (self->path);
      self->path = g_strconcat (path, self->diff != NULL ? ".html" : ".svg", NULL);
      self->both_format = GLOW_DIFF_HTML;
      self->format = GLOW_PICTURE_SVG;
    }
  start (window, self);
}

static void
on_path (gpointer window, const char *const *paths)
{
  if (paths[0] != NULL)
    glow_window_export_to (window, paths[0]);
}

void
glow_window_export (GlowWindow *self)
{
  const char *const of_both[] = { _("Page (HTML)"), "*.html", _("SVG, zooms in any browser"), "*.svg", _("PNG"), "*.png", _("PDF"), "*.pdf", _("Table (CSV)"), "*.csv",
                                  _("JSON"), "*.json", _("Markdown, for a review"), "*.md", _("Folded, before and after"), "*.folded", NULL };
  const char *const of_one[] = { _("SVG, zooms in any browser"), "*.svg", _("PNG"), "*.png", _("PDF"), "*.pdf", NULL };
  g_autofree char *title = glow_document_dup_title (glow_window_get_document (self)), *name = g_strconcat (title, ".svg", NULL);
  const GlowChooseOptions both = { GLOW_CHOOSE_SAVE, _("Save Before and After"), _("_Save"), "diff.html", of_both };
  const GlowChooseOptions one = { GLOW_CHOOSE_SAVE, _("Save Picture"), _("_Save"), name, of_one };

  glow_compat_choose_files (GTK_WINDOW (self), glow_window_shows_diff (self) ? &both : &one, on_path, self);
}

static void
on_folded_path (gpointer window, const char *const *paths)
{
  Export *self = paths[0] != NULL ? export_new (window, TO_FILE, paths[0]) : NULL;

  if (self == NULL)
    return;
  self->folded = TRUE;
  self->both_format = GLOW_DIFF_FOLDED;
  start (window, self);
}

void
glow_window_export_folded (GlowWindow *self)
{
  g_autofree char *title = glow_document_dup_title (glow_window_get_document (self)), *name = g_strconcat (glow_window_shows_diff (self) ? "diff" : title, ".folded", NULL);
  const GlowChooseOptions options = { GLOW_CHOOSE_SAVE, glow_window_shows_diff (self) ? _("Save Folded Stacks, Before and After") : _("Save Folded Stacks"), _("_Save"), name, NULL };

  glow_compat_choose_files (GTK_WINDOW (self), &options, on_folded_path, self);
}

void
glow_window_copy_picture (GlowWindow *window)
{
  Export *self = export_new (window, TO_CLIPBOARD, NULL);

  if (self == NULL)
    return;
  self->picture.scale = self->both.scale = gtk_widget_get_scale_factor (GTK_WIDGET (window));
  self->format = GLOW_PICTURE_PNG;
  self->both_format = GLOW_DIFF_PNG;
  start (window, self);
}

void
glow_window_print (GlowWindow *window)
{
  Export *self = export_new (window, TO_PAPER, NULL);

  if (self == NULL)
    return;
  self->both_format = GLOW_DIFF_PDF;
  start (window, self);
}
