/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one file in which deprecated calls are allowed: what GTK 4.8 and libadwaita 1.2 have, and newer ones have replaced. */
#include <config.h>

#include "ui/compat.h"

#include <glib/gi18n.h>

G_GNUC_BEGIN_IGNORE_DEPRECATIONS

typedef struct {
  GlowFilesChosen chosen;
  gpointer data;
} Choice;

static void
on_chosen (GtkNativeDialog *dialog, int response, gpointer data)
{
  Choice *choice = data;
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GListModel) files = gtk_file_chooser_get_files (GTK_FILE_CHOOSER (dialog));

  for (guint i = 0; response == GTK_RESPONSE_ACCEPT && i < g_list_model_get_n_items (files); i++)
    {
      g_autoptr(GFile) file = g_list_model_get_item (files, i);
      char *path = g_file_get_path (file);

      if (path != NULL)
        g_ptr_array_add (paths, path);
    }
  g_ptr_array_add (paths, NULL);
  choice->chosen (choice->data, (const char *const *) paths->pdata);
  g_free (choice);
  g_object_unref (dialog);
}

void
glow_compat_choose_files (GtkWindow *parent, const GlowChooseOptions *options, GlowFilesChosen chosen, gpointer data)
{
  static const GtkFileChooserAction actions[] = { GTK_FILE_CHOOSER_ACTION_OPEN, GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, GTK_FILE_CHOOSER_ACTION_SAVE };
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (options->title, parent, actions[options->mode], options->accept, NULL);
  Choice *choice = g_new0 (Choice, 1);

  *choice = (Choice) { chosen, data };
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_chooser_set_select_multiple (GTK_FILE_CHOOSER (dialog), options->mode == GLOW_CHOOSE_FILES);
  if (options->name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), options->name);
  for (const char *const *filter = options->filters; filter != NULL && filter[0] != NULL; filter += 2)
    {
      g_autoptr(GtkFileFilter) own = gtk_file_filter_new ();

      gtk_file_filter_set_name (own, filter[0]);
      gtk_file_filter_add_pattern (own, filter[1]);
      gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), own);
    }
  g_signal_connect (dialog, "response", G_CALLBACK (on_chosen), choice);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

typedef struct {
  GlowAnswered answered;
  gpointer data;
} Question;

static void
on_answer (AdwMessageDialog *dialog, const char *response, gpointer data)
{
  Question *question = data;

  question->answered (question->data, response);
}

void
glow_compat_ask (GtkWindow *parent, const char *heading, const char *body, const char *const *responses, GlowAnswered answered, gpointer data)
{
  GtkWidget *dialog = adw_message_dialog_new (parent, heading, body);
  Question *question = g_new0 (Question, 1);

  *question = (Question) { answered, data };
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), responses[0]);
  for (const char *const *response = responses; response[0] != NULL; response += 2)
    adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), response[0], response[1]);
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_answer), question, (GClosureNotify) (GCallback) g_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
glow_compat_about (GtkWindow *parent)
{
  adw_show_about_window (parent,
                         "application-name", _("Afterglow"),
                         "application-icon", AFTERGLOW_APPLICATION_ID,
                         "version", AFTERGLOW_VERSION,
                         "developer-name", _("The Afterglow developers"),
                         "comments", _("Flame graphs that carry their evidence"),
                         "license-type", GTK_LICENSE_GPL_3_0,
                         NULL);
}

void
glow_compat_shortcuts (GtkWindow *parent)
{
  g_autoptr(GtkBuilder) builder = gtk_builder_new_from_resource ("/io/github/afterglow/Afterglow/ui/shortcuts.ui");
  GtkWindow *window = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));

  gtk_window_set_transient_for (window, parent);
  gtk_window_present (window);
}

GtkWindow *
glow_compat_preferences (GtkWindow *parent, AdwPreferencesPage *page)
{
  AdwPreferencesWindow *window = ADW_PREFERENCES_WINDOW (adw_preferences_window_new ());

  gtk_window_set_transient_for (GTK_WINDOW (window), parent);
  gtk_window_set_modal (GTK_WINDOW (window), FALSE);
  adw_preferences_window_set_search_enabled (window, FALSE);
  adw_preferences_window_add (window, page);
  return GTK_WINDOW (window);
}

void
glow_compat_get_color (GtkWidget *widget, GdkRGBA *color)
{
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), color);
}

G_GNUC_END_IGNORE_DEPRECATIONS
