/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --debuginfod: names that are not here, from servers, once the selection is known. */
#include "config.h"
#include <glib/gi18n.h>
#include <string.h>
#include "cli/cli.h"

/* What a module must have of the selection's weight to be asked for where all its frames have names: better ones are worth less. */
#define WORTH_ASKING 0.001

typedef struct {
  const GlowLoadOptions *load;
  const char *name;
  double done, all;
} Step;

static void
on_bytes (guint64 bytes, guint64 total, gpointer data)
{
  const Step *step = data;
  GlowProgress progress = {
    .stage = GLOW_STAGE_FETCHING,
    .fraction = (step->done + (total > 0 ? (double) bytes / total : 0)) / step->all,
    .bytes = bytes,
    .bytes_total = total,
    .detail = step->name,
  };

  if (step->load->progress != NULL)
    step->load->progress (&progress, step->load->user_data);
}

/* What was fetched in words; a line, so that nobody wonders where the names are from. */
static void
say_fetched (const char *label, guint n, guint64 bytes, guint n_missing)
{
  g_autofree char *size = glow_text_bytes (bytes), *line = NULL;

  if (n + n_missing == 0)
    return;
  line = g_strdup_printf (ngettext ("names of %u module fetched (%s)", "names of %u modules fetched (%s)", n), n, size);
  if (n_missing > 0)
    glow_cli_complain (label, ngettext ("%s; no server has %u other", "%s; no server has %u others", n_missing), line, n_missing);
  else
    glow_cli_complain (label, "%s", line);
}

gboolean
glow_cli_fetch_names (GlowProfile **profile, const GlowCliOptions *options, const GlowLoadOptions *load, const char *label, gboolean *read_again,
                      GError **error)
{
  GCancellable *cancellable = glow_cli_get_cancellable ();
  const GlowModule *modules = glow_profile_get_modules (*profile, NULL);
  g_autoptr(GlowQuery) query = glow_cli_query_all_events (*profile, options->query);
  g_autoptr(GlowCallTree) tree = glow_call_tree_compute (*profile, query, cancellable, NULL);
  g_autoptr(GArray) wanted = NULL;
  g_autoptr(GError) failure = NULL;
  GlowProfile *named;
  guint n_found = 0, n_missing = 0;
  guint64 all_bytes = 0;
  gboolean programs = FALSE;

  /* A selection that is wrong is told by whoever shows it. */
  if (tree == NULL)
    return !g_cancellable_set_error_if_cancelled (cancellable, error);
  wanted = glow_call_tree_compute_wanted (tree);
  for (guint i = 0; i < wanted->len && failure == NULL; i++)
    {
      const GlowWantedModule *row = &g_array_index (wanted, GlowWantedModule, i);
      const GlowModule *module = &modules[row->module];
      Step step = { load, glow_profile_get_string (*profile, module->name), i, wanted->len };
      GlowFetched fetched;
      GlowFetchResult result;

      if (row->unnamed == 0 && row->total_share < WORTH_ASKING)
        continue;
      result = glow_fetch_module (module, on_bytes, &step, &fetched, cancellable, &failure);
      n_found += result == GLOW_FETCH_FOUND;
      n_missing += result == GLOW_FETCH_NOT_THERE;
      all_bytes += fetched.bytes;
      programs |= fetched.program;
    }
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!options->quiet)
    say_fetched (label, n_found, all_bytes, n_missing);
  if (failure != NULL)
    glow_cli_complain (label, "%s", failure->message);
  /* Without a program's call frame information its stacks broke; they are unwound while the recording is read. */
  *read_again = programs && glow_profile_get_info (*profile)->broken_stacks > 0;
  if (n_found == 0 || *read_again)
    return TRUE;
  named = glow_profile_name_again (*profile, load, cancellable, error);
  if (named == NULL)
    return FALSE;
  g_object_unref (*profile);
  *profile = named;
  return TRUE;
}
