/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening source where somebody can change it. */
#include <config.h>

#include "ui/editor.h"
#include "ui/look.h"

#include <afterglow/error.h>
#include <glib/gi18n.h>
#include <string.h>

/* %f and %l inside the words of a command; the words themselves are parsed first, so that no path is ever parsed as shell. */
static char *
substitute (const char *word, const char *path, guint line)
{
  GString *text = g_string_new (NULL);

  for (; *word != '\0'; word++)
    if (word[0] == '%' && word[1] == 'f')
      g_string_append (text, path), word++;
    else if (word[0] == '%' && word[1] == 'l')
      g_string_append_printf (text, "%u", line), word++;
    else
      g_string_append_c (text, *word);
  return g_string_free (text, FALSE);
}

gboolean
glow_editor_open (const char *path, guint line, GError **error)
{
  g_autofree char *command = g_settings_get_string (glow_look_get_settings (), "editor"), *uri = NULL;
  g_auto(GStrv) words = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_FAILED, _("The source is not on this machine: %s"), path);
      return FALSE;
    }
  if (*command == '\0')
    {
      uri = g_filename_to_uri (path, NULL, error);
      return uri != NULL && g_app_info_launch_default_for_uri (uri, NULL, error);
    }
  if (!g_shell_parse_argv (command, NULL, &words, error))
    return FALSE;
  for (guint i = 0; words[i] != NULL; i++)
    {
      char *word = substitute (words[i], path, line);

      g_free (words[i]);
      words[i] = word;
    }
  return g_spawn_async (NULL, words, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, error);
}
