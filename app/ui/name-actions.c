/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Actions that are about where names and sources come from: places on this machine, and debuginfod servers. */
#include <config.h>

#include "ui/compat.h"
#include "ui/editor.h"
#include "ui/look.h"
#include "ui/window.h"

#include <glib/gi18n.h>
#include <string.h>

static GlowDocument *
document_of (gpointer window)
{
  return glow_window_get_document (window);
}

/* What was chosen is for one of the options of the command; which one waits with the window, for there is one dialog at a time. */
static void
on_name_source (gpointer window, const char *const *paths)
{
  const char *word = g_object_get_data (G_OBJECT (window), "glow-name-source");

  if (paths[0] == NULL || word == NULL)
    return;
  for (guint i = 0; paths[i] != NULL; i++)
    glow_name_sources_set (glow_document_get_name_sources (document_of (window)), word, paths[i]);
  glow_document_reload (document_of (window));
}

static const struct {
  const char *word, *title;
  GlowChooseMode mode;
} name_sources[] = {
  { "sysroot", N_("A Copy of the Recorded Machine’s Files"), GLOW_CHOOSE_FOLDER },
  { "symfs", N_("A Folder that Stands for /"), GLOW_CHOOSE_FOLDER },
  { "debug-dir", N_("A Folder of Debug Files"), GLOW_CHOOSE_FOLDER },
  { "kallsyms", N_("A Copy of the Recorded Machine’s /proc/kallsyms"), GLOW_CHOOSE_FILES },
  { "vmlinux", N_("A Kernel Image"), GLOW_CHOOSE_FILES },
};

static void
choose_name_source (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  const char *word = g_variant_get_string (parameter, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (name_sources); i++)
    {
      const GlowChooseOptions options = { name_sources[i].mode, _(name_sources[i].title), _("_Choose"), NULL, NULL };

      if (strcmp (name_sources[i].word, word) != 0)
        continue;
      g_object_set_data (G_OBJECT (window), "glow-name-source", (gpointer) name_sources[i].word);
      glow_compat_choose_files (window, &options, on_name_source, window);
    }
}

/* "sysroot:/path": the same without a dialog. */
static void
set_name_source (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  g_auto(GStrv) parts = g_strsplit (g_variant_get_string (parameter, NULL), ":", 2);

  if (parts[0] == NULL || parts[1] == NULL)
    return;
  glow_name_sources_set (glow_document_get_name_sources (document_of (window)), parts[0], parts[1]);
  glow_document_reload (document_of (window));
}

static void
on_fetch_answer (gpointer window, const char *response)
{
  if (strcmp (response, "allow") == 0 || strcmp (response, "never") == 0)
    g_settings_set_string (glow_look_get_settings (), "debuginfod", response);
  if (strcmp (response, "allow") == 0)
    glow_fetch_start (glow_window_get_fetch (window));
}

/* Build-ids tell which software was recorded: nobody is asked for any before somebody has read that. */
static void
fetch_names (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  const char *const responses[] = { "cancel", _("_Not Now"), "never", _("N_ever"), "allow", _("_Fetch Names"), NULL };
  GlowFetch *fetch = glow_window_get_fetch (window);
  g_autofree char *setting = g_settings_get_string (glow_look_get_settings (), "debuginfod"), *servers = NULL, *body = NULL;
  g_auto(GStrv) names = glow_debuginfod_dup_servers ();
  guint n = glow_fetch_get_n_chosen (fetch);

  if (strcmp (setting, "allow") == 0)
    {
      glow_fetch_start (fetch);
      return;
    }
  servers = g_strjoinv ("\n", names);
  body = g_strdup_printf (ngettext ("The build-id of %u module is sent to:\n\n%s\n\nIt tells which build of which software was recorded. Nothing else of the "
                                    "recording is sent, but the path of a source file when one is opened. What comes is kept in the cache that other debuginfod clients use too. The answer is "
                                    "remembered; Preferences change it.",
                                    "The build-ids of %u modules are sent to:\n\n%s\n\nThey tell which builds of which software were recorded. Nothing else of "
                                    "the recording is sent, but the path of a source file when one is opened. What comes is kept in the cache that other debuginfod clients use too. The answer is "
                                    "remembered; Preferences change it.", n), n, servers);
  glow_compat_ask (window, _("Fetch names from debuginfod servers?"), body, responses, on_fetch_answer, window);
}

static void
cancel_fetch (GSimpleAction *action, GVariant *parameter, gpointer window)
{
  glow_fetch_cancel (glow_window_get_fetch (window));
}

/* ---- sources ---- */

typedef struct {
  GlowModule module;
  char *file;
  guint line;
} SourceRequest;

static void
source_request_free (gpointer data)
{
  SourceRequest *request = data;

  g_free (request->file);
  g_free (request);
}

static void
fetch_source (GTask *task, gpointer window, gpointer data, GCancellable *cancellable)
{
  const SourceRequest *request = data;
  GError *error = NULL;
  char *path = glow_fetch_source (&request->module, request->file, cancellable, &error);

  if (path != NULL)
    g_task_return_pointer (task, path, g_free);
  else
    g_task_return_error (task, error);
}

static void
source_came (GObject *window, GAsyncResult *result, gpointer data)
{
  const SourceRequest *request = g_task_get_task_data (G_TASK (result));
  g_autoptr(GError) error = NULL;
  g_autofree char *path = g_task_propagate_pointer (G_TASK (result), &error);

  if (path == NULL || !glow_editor_open (path, MAX (request->line, 1), &error))
    glow_window_toast (GLOW_WINDOW (window), error->message);
}

gboolean
glow_window_fetch_source (GlowWindow *self, const GlowSource *source)
{
  GlowCallTree *tree = glow_document_get_tree (document_of (self));
  guint32 frame = glow_document_get_selected_frame (document_of (self));
  g_autofree char *setting = g_settings_get_string (glow_look_get_settings (), "debuginfod");
  g_autoptr(GTask) task = NULL;
  SourceRequest *request;
  guint32 module, n;
  const GlowModule *modules;

  if (g_file_test (source->file, G_FILE_TEST_EXISTS) || strcmp (setting, "allow") != 0 || glow_fetch_get_obstacle () != NULL || tree == NULL
      || frame == GLOW_NONE)
    return FALSE;
  module = glow_call_tree_get_frame (tree, frame)->module;
  modules = glow_profile_get_modules (glow_call_tree_get_profile (tree), &n);
  if (module >= n || modules[module].build_id_length < 2)
    return FALSE;
  request = g_new0 (SourceRequest, 1);
  *request = (SourceRequest) { modules[module], g_strdup (source->file), source->line };
  task = g_task_new (self, NULL, source_came, NULL);
  g_task_set_task_data (task, request, source_request_free);
  g_task_run_in_thread (task, fetch_source);
  glow_window_toast (self, _("Fetching the source"));
  return TRUE;
}

void
glow_window_add_name_actions (GlowWindow *self)
{
  static const GActionEntry entries[] = {
    { .name = "choose-names", .activate = choose_name_source, .parameter_type = "s" },
    { .name = "set-names", .activate = set_name_source, .parameter_type = "s" },
    { .name = "fetch-names", .activate = fetch_names },
    { .name = "cancel-fetch", .activate = cancel_fetch },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}
