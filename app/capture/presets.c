/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans by name, without their target: a few that are built in, and the user's own as key files, which can be given to somebody else. */
#include <config.h>

#include "capture/capture-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#define ENDING ".afterglow-capture"

static const struct {
  const char *name;
  GlowCaptureGoal goal;
  GlowCaptureClock clock;
  GlowCaptureCallGraph call_graph;
  guint rate;
  gboolean kernel;
  double duration;
} built_in[] = {
  { "cpu", GLOW_CAPTURE_CPU, GLOW_CAPTURE_INTERLEAVED, GLOW_CAPTURE_FP, 99 },
  { "cpu-kernel", GLOW_CAPTURE_CPU, GLOW_CAPTURE_INTERLEAVED, GLOW_CAPTURE_FP, 99, TRUE },
  { "cpu-dwarf", GLOW_CAPTURE_CPU, GLOW_CAPTURE_INTERLEAVED, GLOW_CAPTURE_DWARF, 99 },
  { "cpu-fine", GLOW_CAPTURE_CPU, GLOW_CAPTURE_INTERLEAVED, GLOW_CAPTURE_FP, 997 },
  { "cpu-random", GLOW_CAPTURE_CPU, GLOW_CAPTURE_RANDOM, GLOW_CAPTURE_FP, 99 },
  { "waiting", GLOW_CAPTURE_WAITING, GLOW_CAPTURE_INTERLEAVED, GLOW_CAPTURE_FP, 99, TRUE },
  { "syscalls", GLOW_CAPTURE_SYSCALLS, GLOW_CAPTURE_INTERLEAVED, GLOW_CAPTURE_FP, 99 },
  { "locks", GLOW_CAPTURE_LOCKS, GLOW_CAPTURE_INTERLEAVED, GLOW_CAPTURE_FP, 99 },
  { "io", GLOW_CAPTURE_IO, GLOW_CAPTURE_INTERLEAVED, GLOW_CAPTURE_FP, 99 },
  { "everything", GLOW_CAPTURE_EVERYTHING, GLOW_CAPTURE_INTERLEAVED, GLOW_CAPTURE_FP, 199, TRUE, 10 },
};

static char *
dup_folder (void)
{
  return g_build_filename (g_get_user_config_dir (), "afterglow", "captures", NULL);
}

static gboolean
is_path (const char *name)
{
  return strchr (name, '/') != NULL || g_str_has_suffix (name, ENDING);
}

static char *
dup_path (const char *name)
{
  g_autofree char *folder = dup_folder (), *file = g_strconcat (name, ENDING, NULL);

  return is_path (name) ? g_strdup (name) : g_build_filename (folder, file, NULL);
}

static gboolean
is_built_in (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (built_in); i++)
    if (strcmp (built_in[i].name, name) == 0)
      return TRUE;
  return FALSE;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return g_utf8_collate (*(const char *const *) a, *(const char *const *) b);
}

/**
 * glow_capture_presets_load:
 *
 * Returns: (transfer full) (element-type utf8): their names, built-in ones first
 */
GPtrArray *
glow_capture_presets_load (void)
{
  g_autofree char *folder = dup_folder ();
  g_autoptr(GDir) listing = g_dir_open (folder, 0, NULL);
  g_autoptr(GPtrArray) own = g_ptr_array_new ();
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *file;

  for (guint i = 0; i < G_N_ELEMENTS (built_in); i++)
    g_ptr_array_add (names, g_strdup (built_in[i].name));
  while (listing != NULL && (file = g_dir_read_name (listing)) != NULL)
    if (g_str_has_suffix (file, ENDING) && strlen (file) > strlen (ENDING) && g_utf8_validate (file, -1, NULL))
      g_ptr_array_add (own, g_strndup (file, strlen (file) - strlen (ENDING)));
  g_ptr_array_sort (own, compare_names);
  for (guint i = 0; i < own->len; i++)
    g_ptr_array_add (names, g_ptr_array_index (own, i));
  return names;
}

/**
 * glow_capture_preset_load:
 * @name_or_path: a name; with a slash, or with the ending of presets, a path
 *
 * Returns: (transfer full) (nullable): the plan, of a command that is still to be said; %NULL with @error, which lists the names where there is none of this
 */
GlowCapturePlan *
glow_capture_preset_load (const char *name_or_path, GError **error)
{
  g_autofree char *path = dup_path (name_or_path), *known = NULL;
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autoptr(GError) own = NULL;
  GlowCapturePlan *plan;

  for (guint i = 0; i < G_N_ELEMENTS (built_in); i++)
    if (strcmp (built_in[i].name, name_or_path) == 0)
      {
        plan = glow_capture_plan_new ();
        plan->goal = built_in[i].goal;
        plan->clock = built_in[i].clock;
        plan->call_graph = built_in[i].call_graph;
        plan->rate = built_in[i].rate;
        plan->kernel = built_in[i].kernel;
        plan->duration = built_in[i].duration;
        glow_capture_plan_set_events (plan);
        return plan;
      }
  if (g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &own))
    {
      plan = glow_capture_plan_from_key_file (file, &own);
      if (plan != NULL)
        return plan;
    }
  if (g_error_matches (own, G_FILE_ERROR, G_FILE_ERROR_NOENT) && !is_path (name_or_path))
    {
      g_autoptr(GPtrArray) names = glow_capture_presets_load ();

      g_ptr_array_add (names, NULL);
      known = g_strjoinv (", ", (char **) names->pdata);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("There is no preset “%s”; one of %s, or a path, is expected"), name_or_path, known);
    }
  else
    g_set_error (error, own->domain, own->code, "“%s”: %s", path, own->message);
  return NULL;
}

/**
 * glow_capture_preset_save:
 *
 * Replaces one of this name; built-in ones cannot be (G_IO_ERROR_EXISTS).
 */
gboolean
glow_capture_preset_save (const GlowCapturePlan *plan, const char *name_or_path, GError **error)
{
  g_autofree char *path = dup_path (name_or_path), *folder = g_path_get_dirname (path);
  g_autoptr(GKeyFile) file = NULL;

  if (is_built_in (name_or_path))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _("“%s” is a preset that is built in; take another name"), name_or_path);
      return FALSE;
    }
  if (*name_or_path == '\0' || (*name_or_path == '.' && !is_path (name_or_path)))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_FILENAME, _("“%s” cannot be the name of a preset"), name_or_path);
      return FALSE;
    }
  if (!is_path (name_or_path) && g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "“%s”: %s", folder, g_strerror (errno));
      return FALSE;
    }
  file = glow_capture_plan_to_key_file (plan, FALSE);
  return g_key_file_save_to_file (file, path, error);
}

gboolean
glow_capture_preset_is_own (const char *name)
{
  return !is_built_in (name);
}

char *
glow_capture_plan_dup_preset (const GlowCapturePlan *plan)
{
  g_autoptr(GKeyFile) file = glow_capture_plan_to_key_file (plan, FALSE);

  return g_key_file_to_data (file, NULL, NULL);
}

/**
 * glow_capture_plan_parse_preset:
 *
 * Returns: (transfer full) (nullable): the plan, of a command that is still to be said; %NULL with G_IO_ERROR_INVALID_DATA or a GKeyFileError
 */
GlowCapturePlan *
glow_capture_plan_parse_preset (const char *text, GError **error)
{
  g_autoptr(GKeyFile) file = g_key_file_new ();

  return g_key_file_load_from_data (file, text, -1, G_KEY_FILE_NONE, error) ? glow_capture_plan_from_key_file (file, error) : NULL;
}

gboolean
glow_capture_preset_delete (const char *name, GError **error)
{
  g_autofree char *path = dup_path (name);

  if (g_unlink (path) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "“%s”: %s", path, g_strerror (errno));
  return FALSE;
}
