/* SPDX-License-Identifier: GPL-3.0-or-later */
/* afterglow-cli script: every sample as the text of perf script. */
#include "config.h"
#include <glib/gi18n.h>
#include <afterglow/script.h>
#include "cli/cli.h"

static int
run (const GlowCliCommand *command, int argc, char **argv)
{
  g_autofree char *words = NULL;
  g_autofree char *path = NULL;
  gboolean nanoseconds = FALSE;
  const GOptionEntry own[] = {
    { "fields", 'F', 0, G_OPTION_ARG_FILENAME, &words, N_("only these: comm,pid,tid,cpu,time,period,event,ip,…"), N_("FIELD,…") },
    { "ns", 0, 0, G_OPTION_ARG_NONE, &nanoseconds, N_("times with nine decimals instead of six"), NULL },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &path, N_("write here instead of to standard output"), N_("OUT") },
    { NULL }
  };
  g_auto(GlowCliOptions) options = { 0 };
  g_autoptr(GlowProfile) profile = NULL;
  g_autoptr(GlowQuery) query = NULL;
  GlowScriptFields fields = GLOW_SCRIPT_ALL;
  GlowCliOutput *output;
  GError *error = NULL;
  int status = glow_cli_options_parse (&options, command, GLOW_CLI_ONE_FILE, own, argc, argv);

  if (status >= 0)
    return status;
  if (words != NULL && !glow_script_fields_parse (words, &fields, &error))
    {
      glow_cli_complain (NULL, "script: --fields: %s", error->message);
      g_error_free (error);
      return GLOW_CLI_EXIT_USAGE;
    }
  profile = glow_cli_load (&options, (const char *const *) options.files, &status);
  if (profile == NULL)
    return status;
  query = glow_cli_query_all_events (profile, options.query);
  output = glow_cli_output_open (path, &error);
  if (output == NULL)
    {
      status = glow_cli_report (path, error);
      g_error_free (error);
      return status;
    }
  glow_script_write (profile, query, fields, nanoseconds, &options.load, glow_cli_output_get_stream (output), glow_cli_get_cancellable (),
                     &error);
  return glow_cli_output_finish (output, error);
}

const GlowCliCommand glow_cli_script = {
  .name = "script",
  .arguments = "FILE",
  .summary = N_("every sample as text, as tools for perf script output read it"),
  .notes = N_("Fields, as with perf script -F: comm pid tid cpu time period event trace ip sym\n"
              "symoff dso; these are printed unless --fields names some. Further ones: addr\n"
              "data_src weight ins_lat retire_lat phys_addr data_page_size code_page_size\n"
              "transaction; srcline: the line of source each frame stands at. +NAME adds,\n"
              "-NAME leaves out; one not recorded is left out. All events are printed unless\n"
              "--event chooses. Folded stacks are sums, not samples: for them there is nothing\n"
              "to print (exit status 4)."),
  .run = run,
};
