/* SPDX-License-Identifier: GPL-3.0-or-later */
/* afterglow-cli pack: a recording with what its names come from, as one file. */
#include "config.h"
#include <glib/gi18n.h>
#include <string.h>
#include "cli/cli.h"

static void
append_entries (GString *text, const char *title, GPtrArray *entries)
{
  if (entries->len == 0)
    return;
  g_string_append_printf (text, "%s\n", title);
  for (guint i = 0; i < entries->len; i++)
    {
      const GlowPackEntry *entry = g_ptr_array_index (entries, i);
      g_autofree char *original = glow_text_bytes (entry->original), *packed = glow_text_bytes (entry->packed);

      if (entry->why != NULL)
        g_string_append_printf (text, "  %s — %s\n", entry->name, entry->why);
      else if (entry->packed < entry->original)
        g_string_append_printf (text, _("  %12s  %s, of %s\n"), packed, entry->name, original);
      else
        g_string_append_printf (text, "  %12s  %s\n", packed, entry->name);
    }
}

static int
print_summary (const GlowPackSummary *summary, const char *path)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *recording = glow_text_bytes (summary->recording), *written = glow_text_bytes (summary->written);
  g_autofree char *shown = g_filename_display_name (path);

  g_string_append_printf (text, _("%s: %s, with a recording of %s\n"), shown, written, recording);
  append_entries (text, _("Taken:"), summary->taken);
  append_entries (text, _("Not there:"), summary->missing);
  return glow_cli_print (text->str, text->len);
}

static int
run (const GlowCliCommand *command, int argc, char **argv)
{
  g_autofree char *path = NULL;
  gboolean full = FALSE, no_inlines = FALSE, only_used = FALSE, all = FALSE;
  const GOptionEntry own[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &path, N_("write here; FILE.afterglow-pack without it"), N_("OUT") },
    { "full", 0, 0, G_OPTION_ARG_NONE, &full, N_("whole files of modules, not only their tables"), NULL },
    { "no-inlines", 0, 0, G_OPTION_ARG_NONE, &no_inlines, N_("without what inlined functions and source lines need"), NULL },
    { "only-used", 0, 0, G_OPTION_ARG_NONE, &only_used, N_("only modules that occur in stacks (default)"), NULL },
    { "all", 0, 0, G_OPTION_ARG_NONE, &all, N_("every module that was mapped"), NULL },
    { NULL }
  };
  g_auto(GlowCliOptions) options = { 0 };
  g_autoptr(GlowProfile) profile = NULL;
  g_autoptr(GlowPackSummary) summary = NULL;
  GlowPackOptions pack = { 0 };
  GlowCliOutput *output;
  GError *error = NULL;
  int status = glow_cli_options_parse (&options, command, GLOW_CLI_ONE_FILE, own, argc, argv);

  if (status >= 0)
    return status;
  if (only_used && all)
    {
      glow_cli_complain (NULL, _("pack: --only-used and --all: one of them"));
      return GLOW_CLI_EXIT_USAGE;
    }
  if (options.load.no_symbols || !g_file_test (options.files[0], G_FILE_TEST_IS_REGULAR))
    {
      if (options.load.no_symbols)
        glow_cli_complain (NULL, _("pack: --no-symbols: without names there is nothing to pack"));
      else
        glow_cli_complain (options.files[0], _("is no regular file; a recording is packed as it lies on disk"));
      return options.load.no_symbols ? GLOW_CLI_EXIT_USAGE : GLOW_CLI_EXIT_UNREADABLE;
    }
  profile = glow_cli_load (&options, (const char *const *) options.files, &status);
  if (profile == NULL)
    return status;
  if (path == NULL)
    path = g_strconcat (options.files[0], ".afterglow-pack", NULL);
  output = glow_cli_output_open (path, &error);
  if (output == NULL)
    {
      status = glow_cli_report (path, error);
      g_error_free (error);
      return status;
    }
  pack = (GlowPackOptions) { .load = &options.load, .whole_files = full, .no_inlines = no_inlines, .all_modules = all };
  summary = glow_pack_write (profile, options.files[0], &pack, glow_cli_output_get_stream (output), glow_cli_get_cancellable (), &error);
  status = glow_cli_output_finish (output, error);
  if (status == GLOW_CLI_EXIT_DONE && strcmp (path, "-") != 0 && !options.quiet)
    status = print_summary (summary, path);
  return status;
}

const GlowCliCommand glow_cli_pack = {
  .name = "pack",
  .arguments = "FILE",
  .summary = N_("one file with the recording and what its names come from, to open anywhere"),
  .notes = N_("Takes the tables of modules that name, unwind and tell inlined functions, lists\n"
              "of kernel symbols, and what just-in-time compilers wrote, each of the build that\n"
              "was recorded. The pack opens like any recording. It is a tar archive in zstd:\n"
              "“tar --zstd -xf” unpacks it into a recording with its files beside it."),
  .run = run,
};
