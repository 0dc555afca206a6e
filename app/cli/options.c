/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that mean the same in every subcommand: the selection, where names come from, JSON, progress. A repeated
 * option adds an alternative; what a value may be is the query's business, so that window and command agree. */
#include "config.h"
#include <glib/gi18n.h>
#include <string.h>
#include "cli/cli.h"

/* What the callbacks fill; GOption hands it to them as the group's data. */
typedef struct {
  GlowCliOptions *options;
  char *kallsyms, *vmlinux, *symfs, *sysroot;
  int threads;
  gboolean help, no_symbols, debuginfod, no_cache;
} Parse;

static const char *const weight_words[] = { "event", "samples", "time", NULL };
static const char *const order_words[] = { "heavy", "name", NULL };
static const char *const roots_words[] = { "none", "comm", "process", "thread", "cgroup", NULL };

static int
index_of_word (const char *word, const char *const *words)
{
  for (int i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], word) == 0)
      return i;
  return -1;
}

static void
set_choice_error (GError **error, const char *option, const char *word, const char *const *words)
{
  g_autofree char *known = g_strjoinv (", ", (char **) words);
  g_autofree char *shown = g_utf8_make_valid (word, -1);

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _("%s: “%s” is not known; expected one of %s"), option, shown, known);
}

int
glow_cli_choose (const char *option, const char *word, const char *const *words)
{
  g_autoptr(GError) error = NULL;
  int index = index_of_word (word, words);

  if (index < 0)
    {
      set_choice_error (&error, option, word, words);
      glow_cli_complain (NULL, "%s", error->message);
    }
  return index;
}

/* Takes the place of the query where there is one; an error of the selection is an error of the option. */
static gboolean
replace_query (GlowCliOptions *options, const char *option, GlowQuery *query, GError *problem, GError **error)
{
  if (query == NULL)
    {
      /* Most of the engine's sentences begin with the option's word themselves. */
      gboolean named = g_str_has_prefix (problem->message, option);

      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s%s%s", named ? "" : option, named ? "" : ": ", problem->message);
      g_error_free (problem);
      return FALSE;
    }
  glow_query_unref (options->query);
  options->query = query;
  return TRUE;
}

static gboolean
add_term (GlowCliOptions *options, const char *option, GlowQueryField field, const char *value, GError **error)
{
  GError *problem = NULL;
  GlowQuery *query = glow_query_with (options->query, field, value, &problem);

  return replace_query (options, option, query, problem, error);
}

static gboolean
parse_term (const char *option, const char *value, gpointer data, GError **error)
{
  Parse *parse = data;
  GlowQueryField field;

  if (!glow_query_field_from_word (option + 2, &field))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION, _("Unknown option %s"), option);
      return FALSE;
    }
  if (field == GLOW_QUERY_EVENT)
    parse->options->selects_event = TRUE;
  if (field == GLOW_QUERY_PID || field == GLOW_QUERY_TID)
    {
      g_auto(GStrv) numbers = g_strsplit (value, ",", -1);

      if (numbers[0] == NULL)
        return add_term (parse->options, option, field, "", error);
      for (guint i = 0; numbers[i] != NULL; i++)
        if (!add_term (parse->options, option, field, numbers[i], error))
          return FALSE;
      return TRUE;
    }
  return add_term (parse->options, option, field, value, error);
}

static gboolean
parse_setting (const char *option, const char *value, gpointer data, GError **error)
{
  Parse *parse = data;
  const GlowQuery *query = parse->options->query;
  const char *const *words = strcmp (option, "--weight") == 0 ? weight_words : strcmp (option, "--order") == 0 ? order_words : roots_words;
  int index = index_of_word (value, words);
  GlowQuery *next;

  if (words == weight_words && g_str_has_prefix (value, "field:"))
    {
      GError *problem = NULL;

      next = glow_query_with_weight_field (query, value + strlen ("field:"), &problem);
      return replace_query (parse->options, option, next, problem, error);
    }
  if (index < 0)
    {
      set_choice_error (error, option, value, words);
      return FALSE;
    }
  if (words == weight_words)
    next = glow_query_with_weight (query, index == 0 ? GLOW_WEIGHT_EVENT : index == 1 ? GLOW_WEIGHT_SAMPLES : GLOW_WEIGHT_TIME);
  else if (words == order_words)
    next = glow_query_with_order (query, index == 0 ? GLOW_ORDER_HEAVY : GLOW_ORDER_NAME);
  else
    next = glow_query_with_roots (query, index == 0 ? GLOW_ROOTS_NONE : index == 1 ? GLOW_ROOTS_COMM : index == 2 ? GLOW_ROOTS_PROCESS :
                                  index == 3 ? GLOW_ROOTS_THREAD : GLOW_ROOTS_CGROUP);
  return replace_query (parse->options, option, next, NULL, error);
}

static gboolean
parse_split (const char *option, const char *value, gpointer data, GError **error)
{
  Parse *parse = data;
  GError *problem = NULL;
  GlowQuery *next = glow_query_with_split (parse->options->query, value, &problem);

  return replace_query (parse->options, option, next, problem, error);
}

static gboolean
parse_switch (const char *option, const char *value, gpointer data, GError **error)
{
  Parse *parse = data;
  const GlowQuery *query = parse->options->query;
  GlowQuery *next = strcmp (option, "--inverted") == 0 ? glow_query_with_inverted (query, TRUE)
                                                       : glow_query_with_collapse_recursion (query, TRUE);

  return replace_query (parse->options, option, next, NULL, error);
}

static gboolean
parse_debug_dir (const char *option, const char *value, gpointer data, GError **error)
{
  Parse *parse = data;

  g_ptr_array_add (parse->options->debug_dirs, g_strdup (value));
  return TRUE;
}

#define TERM(word, description, argument) \
  { word, 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, (gpointer) parse_term, description, argument }
#define SETTING(word, description, argument) \
  { word, 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, (gpointer) parse_setting, description, argument }
#define SWITCH(word, description) \
  { word, 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK, (gpointer) parse_switch, description, NULL }

static const GOptionEntry selection_entries[] = {
  TERM ("event", N_("only this event; see “info” for their names"), N_("NAME")),
  TERM ("time", N_("seconds from the start, either may be left out"), N_("FROM,TO")),
  TERM ("baseline-time", N_("what “top” and “latency” compare it with, as --time"), "A,B"),
  TERM ("comm", N_("only threads of this name"), N_("GLOB")),
  TERM ("pid", N_("only these processes"), N_("N,…")),
  TERM ("tid", N_("only these threads"), N_("N,…")),
  TERM ("cpu", N_("only these CPUs, as in 0,2-5"), N_("LIST")),
  TERM ("cgroup", N_("only these containers, by name or path"), N_("GLOB")),
  TERM ("module", N_("only stacks with code of this module"), N_("GLOB")),
  TERM ("kind", N_("only stacks with code of this kind: kernel, jit, gc …"), N_("GLOB")),
  TERM ("focus", N_("only stacks with such a function"), N_("REGEX")),
  TERM ("hide", N_("take such functions out of the stacks"), N_("REGEX")),
  TERM ("hide-kind", N_("take code of this kind out of the stacks"), N_("GLOB")),
  TERM ("where", N_("only samples whose fields are so, as in 'ret < 0'"), N_("CONDITION")),
  TERM ("spans", N_("only what lies in spans of this kind; see “latency”"), N_("KIND")),
  TERM ("longer", N_("only spans of at least this: 18ms, p99"), N_("DURATION")),
  TERM ("shorter", N_("only spans below this"), N_("DURATION")),
  TERM ("span-stacks", N_("inside, edge (stacks by duration) or both"), N_("WHICH")),
  SWITCH ("collapse-recursion", N_("show a function that calls itself once")),
  SETTING ("weight", N_("what to count: event, samples, time, field:FIELD"), N_("KIND")),
  { "split", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, (gpointer) parse_split, N_("a first row by the values of this field"), N_("FIELD") },
  { NULL }
};

static const GOptionEntry shape_entries[] = {
  SETTING ("order", N_("siblings by weight (heavy, default) or name"), N_("ORDER")),
  SETTING ("roots", N_("first row by none, comm, process, thread, cgroup"), N_("KIND")),
  SWITCH ("inverted", N_("begin at the innermost functions, callers above")),
  { NULL }
};

void
glow_cli_options_clear (GlowCliOptions *self)
{
  g_clear_pointer (&self->query, glow_query_unref);
  g_clear_pointer (&self->debug_dirs, g_ptr_array_unref);
  g_clear_pointer (&self->files, g_strfreev);
  g_free ((char *) self->load.kallsyms);
  g_free ((char *) self->load.vmlinux);
  g_free ((char *) self->load.symfs);
  g_free ((char *) self->load.sysroot);
  memset (&self->load, 0, sizeof self->load);
}

void
glow_cli_context_add (GOptionContext *context, const char *name, const char *title, const GOptionEntry *entries, gpointer data)
{
  GOptionGroup *group = g_option_group_new (name, title, title, data, NULL);

  g_option_group_add_entries (group, entries);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  g_option_context_add_group (context, group);
}

static int
check_files (GlowCliOptions *self, const GlowCliCommand *command, GlowCliOptionFlags flags)
{
  guint n_stdin = 0;

  if (self->files == NULL || self->files[0] == NULL)
    {
      glow_cli_complain (NULL, _("%s: no file was given; expected a path, or - for standard input"), command->name);
      return GLOW_CLI_EXIT_USAGE;
    }
  if ((flags & GLOW_CLI_ONE_FILE) != 0 && self->files[1] != NULL)
    {
      glow_cli_complain (NULL, _("%s: %u files were given; expected one"), command->name, g_strv_length (self->files));
      return GLOW_CLI_EXIT_USAGE;
    }
  for (guint i = 0; self->files[i] != NULL; i++)
    n_stdin += strcmp (self->files[i], "-") == 0;
  if (n_stdin > 1)
    {
      glow_cli_complain (NULL, _("%s: - was given %u times; standard input can be read once"), command->name, n_stdin);
      return GLOW_CLI_EXIT_USAGE;
    }
  return -1;
}

/* GOption names an option in its message; what is missing is where to look. */
int
glow_cli_say_wrong (const GlowCliCommand *command, const GError *error)
{
  g_autofree char *message = g_utf8_make_valid (error->message, -1);

  glow_cli_complain (NULL, _("%s: %s (see “afterglow-cli %s --help”)"), command->name, message, command->name);
  return GLOW_CLI_EXIT_USAGE;
}

GOptionContext *
glow_cli_context_new (const GlowCliCommand *command)
{
  GOptionContext *context = g_option_context_new (command->arguments);

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, _(command->summary));
  if (command->notes != NULL)
    g_option_context_set_description (context, _(command->notes));
  return context;
}

int
glow_cli_options_parse (GlowCliOptions *self, const GlowCliCommand *command, GlowCliOptionFlags flags,
                        const GOptionEntry *own, int argc, char **argv)
{
  Parse parse = { .options = self };
  GOptionEntry names[] = {
    { "kallsyms", 0, 0, G_OPTION_ARG_FILENAME, &parse.kallsyms, N_("kernel names from this copy of kallsyms"), N_("FILE") },
    { "vmlinux", 0, 0, G_OPTION_ARG_FILENAME, &parse.vmlinux, N_("kernel names from this image"), N_("FILE") },
    { "sysroot", 0, 0, G_OPTION_ARG_FILENAME, &parse.sysroot, N_("a copy of the recorded machine's files"), N_("FOLDER") },
    { "as-recorded", 0, 0, G_OPTION_ARG_NONE, &self->load.as_recorded, N_("do not put back callers that frame pointers missed"), NULL },
    { "symfs", 0, 0, G_OPTION_ARG_FILENAME, &parse.symfs, N_("look binaries up below this folder"), N_("FOLDER") },
    { "debug-dir", 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK, (gpointer) parse_debug_dir,
      N_("also look for debug files here; may be repeated"), N_("FOLDER") },
    { "debuginfod", 0, 0, G_OPTION_ARG_NONE, &parse.debuginfod, N_("ask the servers of DEBUGINFOD_URLS for what lacks"), NULL },
    { "no-symbols", 0, 0, G_OPTION_ARG_NONE, &parse.no_symbols, N_("leave addresses unnamed"), NULL },
    { NULL }
  };
  GOptionEntry json[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, N_("print one JSON object instead of text"), NULL },
    { NULL }
  };
  GOptionEntry general[] = {
    { "strict", 0, 0, G_OPTION_ARG_NONE, &self->strict, N_("fail (3) where a file is damaged in part"), NULL },
    { "no-cache", 0, 0, G_OPTION_ARG_NONE, &parse.no_cache, N_("read the file itself, and keep nothing of it"), NULL },
    { "threads", 0, 0, G_OPTION_ARG_INT, &parse.threads, N_("threads for reading; 0, the default: one a CPU"), N_("N") },
    { "progress", 0, 0, G_OPTION_ARG_NONE, &self->progress, N_("show progress even where there is no terminal"), NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &self->quiet, N_("print no warnings"), NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &parse.help, N_("show these options"), NULL },
    { NULL }
  };
  GOptionEntry files[] = {
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->files, NULL, NULL },
    { NULL }
  };
  g_autoptr(GOptionContext) context = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *own_title = g_strdup_printf (_("Options of %s:"), command->name);
  g_autofree char *usage = g_strdup_printf ("afterglow-cli %s", command->name);
  gboolean parsed;

  self->query = glow_query_new ();
  self->debug_dirs = g_ptr_array_new_with_free_func (g_free);

  context = glow_cli_context_new (command);
  if (own != NULL)
    glow_cli_context_add (context, "own", own_title, own, NULL);
  if ((flags & GLOW_CLI_WITH_JSON) != 0)
    glow_cli_context_add (context, "json", _("Form:"), json, NULL);
  glow_cli_context_add (context, "selection", _("Selection (repeated: alternatives):"), selection_entries, &parse);
  if ((flags & GLOW_CLI_WITH_SHAPE) != 0)
    glow_cli_context_add (context, "shape", _("Arrangement:"), shape_entries, &parse);
  glow_cli_context_add (context, "names", _("Names:"), names, &parse);
  glow_cli_context_add (context, "general", _("General:"), general, &parse);
  g_option_context_add_main_entries (context, files, NULL);

  /* The usage line takes the program's name. */
  g_set_prgname (usage);
  parsed = g_option_context_parse (context, &argc, &argv, &error);
  self->load.kallsyms = parse.kallsyms;
  self->load.vmlinux = parse.vmlinux;
  self->load.symfs = parse.symfs;
  self->load.sysroot = parse.sysroot;
  self->debuginfod = parse.debuginfod;
  if (!parsed)
    return glow_cli_say_wrong (command, error);
  if (parse.help)
    {
      g_autofree char *help = g_option_context_get_help (context, FALSE, NULL);

      return glow_cli_print (help, strlen (help));
    }
  if (parse.threads < 0)
    {
      glow_cli_complain (NULL, _("%s: --threads: %d; expected 0 or more"), command->name, parse.threads);
      return GLOW_CLI_EXIT_USAGE;
    }
  if (parse.debuginfod && parse.no_symbols)
    {
      glow_cli_complain (NULL, _("%s: --debuginfod and --no-symbols: names are fetched or left away, not both"), command->name);
      return GLOW_CLI_EXIT_USAGE;
    }
  g_ptr_array_add (self->debug_dirs, NULL);
  self->load.debug_dirs = (const char *const *) self->debug_dirs->pdata;
  self->load.no_symbols = parse.no_symbols;
  self->load.n_threads = parse.threads;
  self->load.cache = parse.no_cache ? GLOW_CACHE_NONE : GLOW_CACHE_WORTHWHILE;
  return check_files (self, command, flags);
}
