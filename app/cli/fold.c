/* SPDX-License-Identifier: GPL-3.0-or-later */
/* afterglow-cli fold: folded stacks, one line a distinct stack. */
#include "config.h"
#include <glib/gi18n.h>
#include "cli/cli.h"

static const char *const prefix_words[] = { "comm", "pid", "tid", "none", "cgroup", NULL };

static int
run (const GlowCliCommand *command, int argc, char **argv)
{
  g_autofree char *prefix_word = NULL;
  g_autofree char *path = NULL;
  gboolean annotate = FALSE;
  const GOptionEntry own[] = {
    { "prefix", 0, 0, G_OPTION_ARG_FILENAME, &prefix_word, N_("first frame: comm (default), pid, tid, cgroup, none"), N_("KIND") },
    { "annotate", 0, 0, G_OPTION_ARG_NONE, &annotate, N_("add _[k] kernel, _[i] inlined, _[j] JIT to names"), NULL },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &path, N_("write here instead of to standard output"), N_("OUT") },
    { NULL }
  };
  g_auto(GlowCliOptions) options = { 0 };
  g_autoptr(GlowProfile) profile = NULL;
  GlowCliOutput *output;
  GError *error = NULL;
  int prefix = 0;
  int status = glow_cli_options_parse (&options, command, 0, own, argc, argv);

  if (status >= 0)
    return status;
  if (prefix_word != NULL && (prefix = glow_cli_choose ("--prefix", prefix_word, prefix_words)) < 0)
    return GLOW_CLI_EXIT_USAGE;
  profile = glow_cli_load (&options, (const char *const *) options.files, &status);
  if (profile == NULL)
    return status;
  /* Folded input has no threads: what stands first in its lines stays first. */
  if (glow_profile_get_samples (profile)->thread == NULL)
    prefix = GLOW_PREFIX_NONE;
  glow_cli_note_weight (&options, profile);
  output = glow_cli_output_open (path, &error);
  if (output == NULL)
    {
      status = glow_cli_report (path, error);
      g_error_free (error);
      return status;
    }
  glow_fold_write (profile, options.query, (GlowPrefix) prefix, annotate, glow_cli_output_get_stream (output),
                   glow_cli_get_cancellable (), &error);
  return glow_cli_output_finish (output, error);
}

const GlowCliCommand glow_cli_fold = {
  .name = "fold",
  .arguments = "FILE…",
  .summary = N_("folded stacks: comm;root;…;leaf WEIGHT, one line a distinct stack"),
  .notes = N_("Lines are sorted bytewise; several files are merged. Weights are those of the\n"
              "event (nanoseconds for clocks) unless --weight says samples. Where a recording\n"
              "has several events, one is shown: --event chooses it."),
  .run = run,
};
