/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the files of the command line to a profile or a tree, with everything a person or a script is told on the way:
 * progress, warnings one line each, errors with their exit status. */
#include "config.h"
#include <glib/gi18n.h>
#include <string.h>
#include <afterglow/fields.h>
#include "cli/cli.h"

/* A badly damaged file has hundreds of kinds of complaints; a terminal has some fifty lines. `info` shows all. */
#define MAX_WARNINGS 12

const char *
glow_cli_file_label (const char *file)
{
  return strcmp (file, "-") == 0 ? _("standard input") : file;
}

static void
print_line (const char *file, const char *message)
{
  g_autofree char *shown = file != NULL ? g_filename_display_name (glow_cli_file_label (file)) : NULL;
  g_autofree char *line = g_utf8_make_valid (message, -1);

  g_strdelimit (line, "\r\n", ' ');
  if (shown != NULL)
    g_printerr ("afterglow-cli: %s: %s\n", shown, line);
  else
    g_printerr ("afterglow-cli: %s\n", line);
}

void
glow_cli_complain (const char *file, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  print_line (file, message);
}

/* A message that begins with the name of its file, for a line that already does. */
static const char *
without_name (const char *file, const char *message)
{
  g_autofree char *shown = file != NULL ? g_filename_display_name (glow_cli_file_label (file)) : NULL;
  g_autofree char *quoted = shown != NULL ? g_strdup_printf ("“%s”", shown) : NULL;

  if (quoted == NULL || !g_str_has_prefix (message, quoted))
    return message;
  message += strlen (quoted);
  return message + strspn (message, ": ");
}

int
glow_cli_report (const char *file, const GError *error)
{
  int interrupted = glow_cli_interrupted ();

  if (interrupted != 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return interrupted;
  print_line (file, without_name (file, error->message));
  if (g_error_matches (error, GLOW_ERROR, GLOW_ERROR_SELECTION))
    return GLOW_CLI_EXIT_USAGE;
  if (g_error_matches (error, GLOW_ERROR, GLOW_ERROR_EMPTY))
    return GLOW_CLI_EXIT_NOTHING;
  return GLOW_CLI_EXIT_UNREADABLE;
}

static void
print_warnings (const char *file, GlowWarnings *warnings)
{
  guint n = glow_warnings_get_n (warnings);

  for (guint i = 0; i < MIN (n, MAX_WARNINGS); i++)
    {
      const GlowWarning *warning = glow_warnings_get (warnings, i);
      g_autoptr(GString) line = g_string_new (NULL);

      g_string_append_printf (line, _("warning: %s"), warning->message);
      if (warning->count > 1)
        {
          g_autofree char *count = glow_text_count (warning->count);

          g_string_append_printf (line, _(" (%s times)"), count);
        }
      print_line (file, line->str);
    }
  if (n > MAX_WARNINGS)
    glow_cli_complain (file, ngettext ("warning: and %u more kind of warning; “afterglow-cli info” lists it",
                                       "warning: and %u more kinds of warnings; “afterglow-cli info” lists them", n - MAX_WARNINGS),
                       n - MAX_WARNINGS);
}

/* Several files are one profile, whose warnings no longer say which of them they are about. */
static char *
dup_files_label (const char *const *files)
{
  guint n = g_strv_length ((char **) files);

  if (n == 1)
    return g_strdup (files[0]);
  return g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", n - 1), glow_cli_file_label (files[0]), n - 1);
}

static GlowProfile *
load_files (const char *const *files, const GlowLoadOptions *options, GError **error)
{
  if (files[1] == NULL)
    return glow_profile_load_path (files[0], options, glow_cli_get_cancellable (), error);
  return glow_profile_load_paths (files, options, glow_cli_get_cancellable (), error);
}

GlowProfile *
glow_cli_load (const GlowCliOptions *options, const char *const *files, int *status)
{
  GlowLoadOptions load = options->load;
  g_autofree char *label = dup_files_label (files);
  GlowCliProgress *progress = glow_cli_progress_new (glow_cli_file_label (label), options->progress);
  g_autoptr(GlowProfile) profile = NULL;
  g_autoptr(GError) error = NULL;
  GlowWarnings *warnings;
  gboolean fetched = TRUE;

  if (progress != NULL)
    {
      load.progress = glow_cli_progress_func;
      load.user_data = progress;
    }
  profile = load_files (files, &load, &error);
  if (profile != NULL && options->debuginfod)
    {
      gboolean read_again = FALSE;

      fetched = glow_cli_fetch_names (&profile, options, &load, label, &read_again, &error);
      if (fetched && read_again && !g_strv_contains (files, "-"))
        {
          g_object_unref (profile);
          profile = load_files (files, &load, &error);
        }
    }
  glow_cli_progress_free (progress);

  if (profile == NULL || !fetched)
    {
      *status = glow_cli_report (label, error);
      return NULL;
    }
  warnings = glow_profile_get_warnings (profile);
  if (!options->quiet)
    print_warnings (label, warnings);
  for (guint i = 0; options->strict && i < glow_warnings_get_n (warnings); i++)
    if (glow_warning_is_loss (glow_warnings_get (warnings, i)))
      {
        glow_cli_complain (label, _("damaged in part (%s); refused because of --strict"), glow_warnings_get (warnings, i)->code);
        *status = GLOW_CLI_EXIT_UNREADABLE;
        return NULL;
      }
  return g_steal_pointer (&profile);
}

void
glow_cli_note_weight (const GlowCliOptions *options, GlowProfile *profile)
{
  const char *name = glow_query_get_weight_field (options->query);
  g_autoptr(GlowFieldColumn) column = name != NULL ? glow_profile_compute_field (profile, name, glow_cli_get_cancellable (), NULL) : NULL;
  g_autofree char *count = column != NULL && column->n_negative > 0 ? glow_text_count (column->n_negative) : NULL;

  if (count != NULL && !options->quiet)
    glow_cli_complain (NULL, _("note: “%s” is negative in %s samples (errors, as a rule), which weigh nothing"), name, count);
}

GlowCallTree *
glow_cli_load_tree (const GlowCliOptions *options, double min_share, int *status)
{
  const char *const *files = (const char *const *) options->files;
  g_autofree char *label = dup_files_label (files);
  g_autoptr(GlowProfile) profile = glow_cli_load (options, files, status);
  g_autoptr(GlowCallTree) tree = NULL;
  g_autoptr(GError) error = NULL;

  if (profile == NULL)
    return NULL;
  glow_cli_note_weight (options, profile);
  tree = glow_call_tree_compute_visible (profile, options->query, min_share, glow_cli_get_cancellable (), &error);
  if (tree == NULL)
    {
      *status = glow_cli_report (label, error);
      return NULL;
    }
  if (glow_call_tree_get_base (tree)->samples == 0)
    {
      if (glow_profile_get_samples (profile)->n == 0)
        glow_cli_complain (label, _("no samples in it"));
      else
        glow_cli_complain (label, _("no samples are left after the selection"));
      *status = GLOW_CLI_EXIT_NOTHING;
      return NULL;
    }
  return g_steal_pointer (&tree);
}

/* Each sample is printed with its own weight and none is added to another: what they count need not be the same. */
GlowQuery *
glow_cli_query_all_events (GlowProfile *profile, const GlowQuery *query)
{
  GlowQuery *all = glow_query_with_weight (query, GLOW_WEIGHT_SAMPLES);
  const GlowEvent *events;
  guint32 n;

  if (glow_query_has_term (query, GLOW_QUERY_EVENT, NULL))
    return all;
  events = glow_profile_get_events (profile, &n);
  for (guint32 i = 0; i < n; i++)
    {
      GlowQuery *more = glow_query_with (all, GLOW_QUERY_EVENT, glow_profile_get_string (profile, events[i].name), NULL);

      if (more == NULL)
        continue;
      glow_query_unref (all);
      all = more;
    }
  return all;
}
