/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files, and which selections of them, are before and which are after. */
#include "config.h"
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include "cli/diff-private.h"

/* No file is called so; it stands where the "--" stood. */
#define MIDDLE "\001--"

void
glow_cli_diff_mark_middle (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    if (strcmp (argv[i], "--") == 0)
      {
        argv[i] = (char *) MIDDLE;
        return;
      }
}

typedef struct { char *path; gint64 time; } Candidate;

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  const Candidate *left = a, *right = b;

  if (left->time != right->time)
    return left->time > right->time ? -1 : 1;
  return strcmp (right->path, left->path);
}

static void
candidate_clear (gpointer data)
{
  g_free (((Candidate *) data)->path);
}

/* Regular files of the folder, but for those that are compared with them and hidden ones; the newest @last, oldest first. */
static GPtrArray *
list_baseline (const char *folder, guint last, char **after, GError **error)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, error);
  g_autoptr(GArray) found = g_array_new (FALSE, FALSE, sizeof (Candidate));
  GPtrArray *paths;
  const char *name;

  if (dir == NULL)
    return NULL;
  g_array_set_clear_func (found, candidate_clear);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      Candidate one = { g_build_filename (folder, name, NULL), 0 };
      struct stat own, other;
      gboolean is_after = FALSE;

      if (name[0] == '.' || stat (one.path, &own) != 0 || !S_ISREG (own.st_mode))
        {
          g_free (one.path);
          continue;
        }
      for (guint i = 0; after[i] != NULL; i++)
        is_after |= stat (after[i], &other) == 0 && other.st_dev == own.st_dev && other.st_ino == own.st_ino;
      one.time = (gint64) own.st_mtim.tv_sec * G_GINT64_CONSTANT (1000000000) + own.st_mtim.tv_nsec;
      if (is_after)
        g_free (one.path);
      else
        g_array_append_val (found, one);
    }
  g_array_sort (found, compare_times);
  paths = g_ptr_array_new_with_free_func (g_free);
  for (guint i = MIN (found->len, last); i-- > 0;)
    g_ptr_array_add (paths, g_strdup (g_array_index (found, Candidate, i).path));
  return paths;
}

/* The common selection and what is said of one side. (transfer full) */
static GlowQuery *
side_query (const GlowQuery *common, const char *time, const char *words, const char *option)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *all = glow_query_dup_words (common), *joined = g_strjoin (" ", all, words, NULL);
  g_autoptr(GlowQuery) query = words != NULL ? glow_query_parse_words (joined, &error) : glow_query_ref ((GlowQuery *) common);
  GlowQuery *timed;

  if (query != NULL && time == NULL)
    return g_steal_pointer (&query);
  timed = query != NULL ? glow_query_with_only (query, GLOW_QUERY_TIME, time, &error) : NULL;
  if (timed == NULL)
    glow_cli_complain (NULL, "diff: --%s%s: %s", option, words != NULL && query == NULL ? "" : "-time", error->message);
  return timed;
}

static gboolean
is_selection (const GlowCliDiffSides *self)
{
  return self->before_time != NULL || self->after_time != NULL || self->before_words != NULL || self->after_words != NULL;
}

/* Files of both sides by what stands between them. FALSE after a complaint. */
static gboolean
split (const GlowCliDiffSides *self, GPtrArray *before, GPtrArray *after, int *status)
{
  char **files = self->options.files;
  guint n = g_strv_length (files), middle = n;
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < n; i++)
    if (strcmp (files[i], MIDDLE) == 0)
      middle = i;
  for (guint i = 0; i < n; i++)
    if (i != middle)
      g_ptr_array_add (middle < n ? (i < middle ? before : after) : self->baseline != NULL ? after : before, g_strdup (files[i]));
  *status = GLOW_CLI_EXIT_USAGE;
  if (self->baseline != NULL)
    {
      g_autoptr(GPtrArray) found = NULL;

      if (before->len > 0)
        {
          glow_cli_complain (NULL, _("diff: --baseline takes the files before from its folder: give those after alone"));
          return FALSE;
        }
      g_ptr_array_add (after, NULL);
      found = list_baseline (self->baseline, (guint) self->last, (char **) after->pdata, &error);
      g_ptr_array_set_size (after, (gint) after->len - 1);
      if (found == NULL)
        {
          *status = glow_cli_report (self->baseline, error);
          return FALSE;
        }
      if (found->len < 2)
        {
          glow_cli_complain (self->baseline, _("%u recordings in it; a noise floor takes two or more"), found->len);
          *status = GLOW_CLI_EXIT_NOTHING;
          return FALSE;
        }
      for (guint i = 0; i < found->len; i++)
        g_ptr_array_add (before, g_strdup (g_ptr_array_index (found, i)));
    }
  else if (middle == n)
    {
      if (before->len == 2)
        {
          g_ptr_array_add (after, g_strdup (g_ptr_array_index (before, 1)));
          g_ptr_array_set_size (before, 1);
        }
      else if (before->len == 1 && is_selection (self))
        g_ptr_array_add (after, g_strdup (g_ptr_array_index (before, 0)));
    }
  if (before->len > 0 && after->len > 0)
    return TRUE;
  glow_cli_complain (NULL, middle == n && before->len == 1 ? _("diff: one file was given; expected one before and one after, or --before-time and --after-time for two parts of one")
                           : middle == n ? _("diff: several files and no -- between those before and those after")
                                         : _("diff: no file on one side of the --"));
  return FALSE;
}

/* "120000" or "120000,118000": of both sides. */
static gboolean
read_units (const char *words, double units[2])
{
  char *end;

  units[0] = units[1] = g_ascii_strtod (words, &end);
  if (end == words)
    return FALSE;
  if (*end == ',')
    {
      const char *second = end + 1;

      units[1] = g_ascii_strtod (second, &end);
      if (end == second)
        return FALSE;
    }
  return *end == '\0' && units[0] > 0 && units[1] > 0 && isfinite (units[0]) && isfinite (units[1]);
}

static int
load_side (GlowCliDiffSides *self, GPtrArray *paths, const GlowQuery *query, double units, gboolean is_baseline, GHashTable *loaded, GPtrArray *runs)
{
  guint skipped = 0;

  for (guint i = 0; i < paths->len; i++)
    {
      const char *files[2] = { g_ptr_array_index (paths, i), NULL };
      GlowProfile *profile = g_hash_table_lookup (loaded, files[0]);
      GlowDiffRun *run;
      int status = GLOW_CLI_EXIT_UNREADABLE;

      if (profile == NULL)
        {
          profile = glow_cli_load (&self->options, files, &status);
          if (profile == NULL && is_baseline && status == GLOW_CLI_EXIT_UNREADABLE && glow_cli_interrupted () == 0 && !self->options.strict)
            {
              skipped++;
              continue;
            }
          if (profile == NULL)
            return status;
          g_hash_table_insert (loaded, g_strdup (files[0]), profile);
          g_ptr_array_add (self->warnings, glow_profile_get_warnings (profile));
        }
      run = glow_diff_run_new (profile, query, glow_cli_file_label (files[0]));
      /* Units are of the whole side. */
      run->units = units / paths->len;
      g_ptr_array_add (runs, run);
      g_ptr_array_add (self->files, g_strdup (files[0]));
    }
  if (skipped > 0)
    glow_cli_complain (self->baseline, ngettext ("note: %u file in it is no recording and was left out", "note: %u files in it are no recordings and were left out", skipped), skipped);
  if (runs->len < (is_baseline ? 2 : 1))
    {
      glow_cli_complain (self->baseline, _("%u recordings in it; a noise floor takes two or more"), runs->len);
      return GLOW_CLI_EXIT_NOTHING;
    }
  return -1;
}

int
glow_cli_diff_load_sides (GlowCliDiffSides *self, const char *unit_words)
{
  g_autoptr(GPtrArray) before = g_ptr_array_new_with_free_func (g_free), after = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GHashTable) loaded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  g_autoptr(GlowQuery) before_query = NULL, after_query = NULL;
  double units[2] = { 1, 1 };
  int status;

  self->before = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_diff_run_free);
  self->after = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_diff_run_free);
  self->files = g_ptr_array_new_with_free_func (g_free);
  self->warnings = g_ptr_array_new ();
  if (!split (self, before, after, &status))
    return status;
  if (unit_words != NULL && !read_units (unit_words, units))
    {
      glow_cli_complain (NULL, _("diff: --base: “%s”; expected how many there were, or BEFORE,AFTER, as request=120000,118000"), unit_words);
      return GLOW_CLI_EXIT_USAGE;
    }
  before_query = side_query (self->options.query, self->before_time, self->before_words, "before");
  after_query = before_query != NULL ? side_query (self->options.query, self->after_time, self->after_words, "after") : NULL;
  if (after_query == NULL)
    return GLOW_CLI_EXIT_USAGE;
  status = load_side (self, before, before_query, units[0], self->baseline != NULL, loaded, self->before);
  self->n_before_files = self->files->len;
  if (status < 0)
    status = load_side (self, after, after_query, units[1], FALSE, loaded, self->after);
  g_ptr_array_add (self->files, NULL);
  return status;
}

void
glow_cli_diff_sides_clear (GlowCliDiffSides *self)
{
  glow_cli_options_clear (&self->options);
  g_free (self->before_time);
  g_free (self->after_time);
  g_free (self->before_words);
  g_free (self->after_words);
  g_free (self->baseline);
  g_clear_pointer (&self->before, g_ptr_array_unref);
  g_clear_pointer (&self->after, g_ptr_array_unref);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
}
