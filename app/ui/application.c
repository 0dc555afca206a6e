/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The application: windows, the command line, keys. */
#include <config.h>

#include "ui/application.h"
#include "ui/compat.h"
#include "ui/look.h"
#include "ui/preferences.h"
#include "ui/window.h"

#include <glib/gi18n.h>
#include <string.h>

static void
new_window (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  gtk_window_present (GTK_WINDOW (glow_window_new (application)));
}

/* Where there is no window yet one is made. */
static void
capture (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  GtkWindow *active = gtk_application_get_active_window (application);
  GlowWindow *window = active != NULL && GLOW_IS_WINDOW (active) ? GLOW_WINDOW (active) : glow_window_new (application);

  gtk_window_present (GTK_WINDOW (window));
  glow_window_capture (window);
}

static void
preferences (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  glow_preferences_show (gtk_application_get_active_window (application));
}

static void
about (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  glow_compat_about (gtk_application_get_active_window (application));
}

static void
help (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  GtkWindow *window = gtk_application_get_active_window (application);

  /* Until there is a manual in Yelp, the keys are the help that is always there. */
  if (window != NULL)
    glow_compat_shortcuts (window);
}

static void
quit (GSimpleAction *action, GVariant *parameter, gpointer application)
{
  GList *windows = g_list_copy (gtk_application_get_windows (application));

  g_list_free_full (windows, (GDestroyNotify) gtk_window_close);
}

static void
add_actions (GtkApplication *application)
{
  static const GActionEntry entries[] = {
    { .name = "new-window", .activate = new_window }, { .name = "capture", .activate = capture }, { .name = "preferences", .activate = preferences }, { .name = "about", .activate = about },
    { .name = "help", .activate = help },             { .name = "quit", .activate = quit },
  };
  static const struct { const char *action, *keys[3]; } keys[] = {
    { "win.open", { "<Control>o" } },
    { "win.reload", { "<Control>r", "F5" } },
    { "win.capture", { "<Control><Shift>r" } },
    { "win.capture-mark", { "<Control>m" } },
    { "win.capture-pause", { "<Control><Shift>p" } },
    { "win.capture-stop", { "<Control>period" } },
    { "win.export", { "<Control>e" } },
    { "win.print", { "<Control>p" } },
    { "win.close", { "<Control>w" } },
    { "win.focus-search", { "<Control>f" } },
    { "win.next-match", { "<Control>g" } },
    { "win.previous-match", { "<Control><Shift>g" } },
    { "win.back", { "<Alt>Left" } },
    { "win.forward", { "<Alt>Right" } },
    { "win.clear-query", { "<Control>BackSpace" } },
    { "win.copy-frame", { "<Control>c" } },
    { "win.copy-stack", { "<Control><Shift>c" } },
    { "win.sidebar", { "F9" } },
    { "win.details", { "<Shift>F9" } },
    { "win.fullscreen", { "F11" } },
    { "win.shortcuts", { "<Control>question" } },
    { "app.new-window", { "<Control>n" } },
    { "app.preferences", { "<Control>comma" } },
    { "app.help", { "F1" } },
    { "app.quit", { "<Control>q" } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries), application);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (application, keys[i].action, (const char *const *) keys[i].keys);
}

static const char *const name_words[] = { "sysroot", "symfs", "debug-dir", "kallsyms", "vmlinux" };

static void
on_startup (GApplication *application, gpointer unused)
{
  g_autofree char *servers = g_settings_get_string (glow_look_get_settings (), "debuginfod-servers");

  /* The client library reads them from the environment. */
  glow_debuginfod_find_servers (servers);
  add_actions (GTK_APPLICATION (application));
  glow_look_follow_settings ();
  gtk_window_set_default_icon_name (AFTERGLOW_APPLICATION_ID);
}

static void
on_activate (GApplication *application, gpointer unused)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window == NULL)
    window = GTK_WINDOW (glow_window_new (ADW_APPLICATION (application)));
  gtk_window_present (window);
  if (g_object_steal_data (G_OBJECT (application), "glow-capture") != NULL)
    g_action_group_activate_action (G_ACTION_GROUP (application), "capture", NULL);
}

static void
open_paths (GApplication *application, const char *const *paths)
{
  GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (application));
  GlowWindow *window = active != NULL && GLOW_IS_WINDOW (active) ? GLOW_WINDOW (active) : glow_window_new (ADW_APPLICATION (application));

  for (guint i = 0; i < G_N_ELEMENTS (name_words); i++)
    {
      const char *const *values = g_object_get_data (G_OBJECT (application), name_words[i]);

      for (guint k = 0; values != NULL && values[k] != NULL; k++)
        glow_name_sources_set (glow_document_get_name_sources (glow_window_get_document (window)), name_words[i], values[k]);
    }
  gtk_window_present (GTK_WINDOW (window));
  glow_window_set_first_query (window, g_object_steal_data (G_OBJECT (application), "glow-query"));
  glow_window_open_asking (window, paths);
}

static void
on_open (GApplication *application, GFile **files, int n, const char *hint, gpointer unused)
{
  g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; i < n; i++)
    if (g_file_peek_path (files[i]) != NULL)
      g_ptr_array_add (paths, g_file_get_path (files[i]));
  g_ptr_array_add (paths, NULL);
  open_paths (application, (const char *const *) paths->pdata);
}

/* "-" is standard input of the process that was started, so it cannot be handed to one that runs already. */
/* "comm", "time" … as options of the command have them, to the words of a query. (transfer full) (nullable) */
static char *
dup_selection (GVariantDict *options)
{
  GString *words = g_string_new (NULL);
  const char *weight;
  gboolean collapse;

  for (GlowQueryField field = 0; field < GLOW_N_QUERY_FIELDS; field++)
    {
      const char *word = glow_query_field_get_word (field);
      g_autoptr(GVariant) values = g_variant_dict_lookup_value (options, word, G_VARIANT_TYPE_STRING_ARRAY);

      for (gsize i = 0; values != NULL && i < g_variant_n_children (values); i++)
        {
          g_autoptr(GVariant) value = g_variant_get_child_value (values, i);
          g_autofree char *quoted = g_shell_quote (g_variant_get_string (value, NULL));

          g_string_append_printf (words, "--%s %s ", word, quoted);
        }
    }
  if (g_variant_dict_lookup (options, "weight", "&s", &weight))
    g_string_append_printf (words, "--weight %s ", weight);
  if (g_variant_dict_lookup (options, "collapse-recursion", "b", &collapse))
    g_string_append (words, "--collapse-recursion ");
  return g_string_free (words, words->len == 0);
}

static int
on_local_options (GApplication *application, GVariantDict *options, gpointer unused)
{
  g_autofree char *words = NULL;
  gboolean named = FALSE;

  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("Afterglow %s\n", AFTERGLOW_VERSION);
      return 0;
    }
  if (g_variant_dict_contains (options, "capture"))
    {
      /* A program that runs already asks. */
      if (!g_application_register (application, NULL, NULL))
        return 1;
      if (g_application_get_is_remote (application))
        {
          g_action_group_activate_action (G_ACTION_GROUP (application), "capture", NULL);
          return 0;
        }
      g_object_set_data (G_OBJECT (application), "glow-capture", GINT_TO_POINTER (1));
      return -1;
    }
  words = dup_selection (options);
  if (words != NULL)
    {
      /* A query comes with its files, so it cannot be handed to a program that runs already. */
      g_autoptr(GError) error = NULL;
      GlowQuery *query = glow_query_parse_words (words, &error);

      if (query == NULL)
        {
          g_printerr ("afterglow: %s\n", error->message);
          return 2;
        }
      g_object_set_data_full (G_OBJECT (application), "glow-query", query, (GDestroyNotify) glow_query_unref);
    }
  for (guint i = 0; i < G_N_ELEMENTS (name_words); i++)
    {
      char **values;

      if (!g_variant_dict_lookup (options, name_words[i], "^aay", &values))
        continue;
      g_object_set_data_full (G_OBJECT (application), name_words[i], values, (GDestroyNotify) g_strfreev);
      named = TRUE;
    }
  if (words != NULL || named || g_variant_dict_contains (options, "stdin"))
    g_application_set_flags (application, g_application_get_flags (application) | G_APPLICATION_NON_UNIQUE);
  if (g_variant_dict_contains (options, "stdin"))
    g_object_set_data (G_OBJECT (application), "glow-stdin", GINT_TO_POINTER (1));
  return -1;
}

static void
on_activate_stdin (GApplication *application, gpointer unused)
{
  if (g_object_get_data (G_OBJECT (application), "glow-stdin") == NULL)
    return;
  g_object_set_data (G_OBJECT (application), "glow-stdin", NULL);
  open_paths (application, (const char *[]) { "-", NULL });
}

AdwApplication *
glow_application_new (void)
{
  static const GOptionEntry entries[] = {
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Print the version"), NULL },
    { "capture", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Ask what to record"), NULL },
    { "stdin", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Read standard input; so does - as a file"), NULL },
    { "weight", 0, 0, G_OPTION_ARG_STRING, NULL, N_("What to count: event, samples, time"), N_("KIND") },
    { "collapse-recursion", 0, 0, G_OPTION_ARG_NONE, NULL, N_("Show a function that calls itself once"), NULL },
    { NULL }
  };
  AdwApplication *application = g_object_new (ADW_TYPE_APPLICATION, "application-id", AFTERGLOW_APPLICATION_ID, "flags", G_APPLICATION_HANDLES_OPEN,
                                              "resource-base-path", "/io/github/afterglow/Afterglow", NULL);

  g_application_add_main_option_entries (G_APPLICATION (application), entries);
  for (GlowQueryField field = 0; field < GLOW_N_QUERY_FIELDS; field++)
    g_application_add_main_option (G_APPLICATION (application), glow_query_field_get_word (field), 0, 0, G_OPTION_ARG_STRING_ARRAY,
                                   _("Begin with this selection; see afterglow-cli"), _("VALUE"));
  for (guint i = 0; i < G_N_ELEMENTS (name_words); i++)
    g_application_add_main_option (G_APPLICATION (application), name_words[i], 0, 0, G_OPTION_ARG_FILENAME_ARRAY,
                                   _("Look for names there; see afterglow-cli"), _("PATH"));
  g_application_set_option_context_parameter_string (G_APPLICATION (application), _("[FILE…]"));
  g_signal_connect (application, "startup", G_CALLBACK (on_startup), NULL);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), NULL);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate_stdin), NULL);
  g_signal_connect (application, "open", G_CALLBACK (on_open), NULL);
  g_signal_connect (application, "handle-local-options", G_CALLBACK (on_local_options), NULL);
  return application;
}
