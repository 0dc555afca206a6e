/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of record, as a plan. A preset is what the others change, wherever on the line it stands. */
#include "config.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>
#include <unistd.h>
#include <afterglow/cgroup.h>
#include "cli/record.h"

#define DEFAULT_OUTPUT "perf.data"
#define DEFAULT_EVENT_SECONDS 200e-6
#define DEFAULT_BLOCKS 5
#define MOST_SECONDS 86400

typedef struct {
  GlowCliRecord *record;
  char *goal, *why, *clock, *call_graph, *duration, *size, *function, *way, *preset, *event_length, *cgroup, *directory, *overhead;
  char **events, **pids, **environment, **rest;
  int rate, stack_size, max_stack, compression, buffer;
  gboolean kernel, no_kernel, per_process, no_inherit, switches, cgroups, system, interaction, no_interaction, help;
} Parse;

G_GNUC_PRINTF (2, 3) static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error, g_error_new_valist (G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, format, arguments));
  va_end (arguments);
  return FALSE;
}

static gboolean
choose (const char *option, const char *word, const char *const *words, guint *value, GError **error)
{
  g_autofree char *known = g_strjoinv (", ", (char **) words);

  if (word == NULL)
    return TRUE;
  for (guint i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], word) == 0)
      {
        *value = i;
        return TRUE;
      }
  return fail (error, _("%s: “%s” is not known; expected one of %s"), option, word, known);
}

/* "30", "30s", "1.5m", "200us". */
static gboolean
read_seconds (const char *option, const char *text, double *seconds, GError **error)
{
  static const struct { const char *unit; double seconds; } units[] = {
    { "", 1 }, { "s", 1 }, { "ms", 1e-3 }, { "us", 1e-6 }, { "µs", 1e-6 }, { "ns", 1e-9 }, { "m", 60 }, { "min", 60 }, { "h", 3600 },
  };
  char *end;
  double number;

  if (text == NULL)
    return TRUE;
  number = g_ascii_strtod (text, &end);
  for (guint i = 0; end > text && i < G_N_ELEMENTS (units); i++)
    if (strcmp (units[i].unit, end) == 0 && isfinite (number) && number > 0 && number * units[i].seconds <= MOST_SECONDS)
      {
        *seconds = number * units[i].seconds;
        return TRUE;
      }
  return fail (error, _("%s: “%s”; expected a time up to a day, as 30, 500ms, 10m"), option, text);
}

static gboolean
read_bytes (const char *option, const char *text, guint64 *bytes, GError **error)
{
  static const char letters[] = "BKMGT";
  char *end;
  guint64 number;
  const char *letter;

  if (text == NULL)
    return TRUE;
  number = g_ascii_strtoull (text, &end, 10);
  letter = *end != '\0' ? strchr (letters, g_ascii_toupper (*end)) : letters;
  if (end == text || number == 0 || letter == NULL || (*end != '\0' && end[1] != '\0') || number > (guint64) G_MAXINT64 >> (10 * (letter - letters)))
    return fail (error, _("%s: “%s”; expected bytes, as 100M or 2G"), option, text);
  *bytes = number << (10 * (letter - letters));
  return TRUE;
}

static gboolean
set_number (const char *option, int value, int least, int most, guint *place, GError **error)
{
  if (value == -1)
    return TRUE;
  if (value < least || value > most)
    return fail (error, _("%s: %d; expected %d to %d"), option, value, least, most);
  *place = (guint) value;
  return TRUE;
}

/* "BINARY:SYMBOL": of several colons the first behind which everything may be a name, since a name may have colons in it and a path rarely has. */
static gboolean
read_function (GlowCapturePlan *plan, const char *text, GError **error)
{
  const char *colon = text != NULL ? strchr (text, ':') : NULL;
  g_autofree char *binary = NULL, *found = NULL;

  if (text == NULL)
    return TRUE;
  while (colon != NULL && colon > text)
    {
      g_autofree char *part = g_strndup (text, colon - text);

      if (g_file_test (part, G_FILE_TEST_EXISTS))
        break;
      colon = strchr (colon + 1, ':');
    }
  if (colon == NULL)
    colon = strchr (text, ':');
  if (colon == NULL || colon == text || colon[1] == '\0')
    return fail (error, _("--function: “%s”; expected a program or library and a function in it, as /usr/bin/app:handle"), text);
  binary = g_strndup (text, colon - text);
  found = strchr (binary, '/') == NULL && !g_file_test (binary, G_FILE_TEST_EXISTS) ? g_find_program_in_path (binary) : NULL;
  g_free (plan->function_binary);
  g_free (plan->function);
  plan->function_binary = g_canonicalize_filename (found != NULL ? found : binary, NULL);
  plan->function = g_strdup (colon + 1);
  if (!g_file_test (plan->function_binary, G_FILE_TEST_IS_REGULAR))
    return fail (error, _("--function: “%s” is not a file"), binary);
  return TRUE;
}

static gboolean
read_pids (GlowCapturePlan *plan, char **lists, GError **error)
{
  for (guint i = 0; lists != NULL && lists[i] != NULL; i++)
    {
      g_auto(GStrv) numbers = g_strsplit (lists[i], ",", -1);

      for (guint n = 0; numbers[n] != NULL; n++)
        {
          GlowCaptureProcess process = { 0 };
          guint64 pid;

          if (!g_ascii_string_to_unsigned (numbers[n], 10, 1, G_MAXINT32, &pid, NULL))
            return fail (error, _("--pid: “%s”; expected numbers of processes"), lists[i]);
          if (!glow_capture_process_find ((guint) pid, &process))
            return fail (error, _("--pid: there is no process %u"), (guint) pid);
          g_array_append_val (plan->processes, process);
        }
    }
  if (plan->processes->len > 0)
    plan->target = GLOW_CAPTURE_PROCESSES;
  return TRUE;
}

/* A path below the mount of control groups, or a container's name, as `info` shows it: of one that runs. */
static gboolean
read_cgroup (GlowCapturePlan *plan, const char *text, GError **error)
{
  g_autoptr(GPtrArray) rows = NULL;
  g_autoptr(GPatternSpec) pattern = NULL;

  if (text == NULL)
    return TRUE;
  plan->target = GLOW_CAPTURE_CGROUP;
  if (*text == '/')
    {
      plan->cgroup = g_strdup (text);
      return TRUE;
    }
  rows = glow_capture_list_processes (NULL);
  pattern = g_pattern_spec_new (text);
  for (guint i = 0; i < rows->len; i++)
    {
      const GlowCaptureRow *row = g_ptr_array_index (rows, i);
      g_autofree char *name = row->cgroup != NULL ? glow_cgroup_dup_name (row->cgroup, NULL) : NULL;

      if (name == NULL || !g_pattern_spec_match_string (pattern, name) || g_strcmp0 (plan->cgroup, row->cgroup) == 0)
        continue;
      if (plan->cgroup != NULL)
        return fail (error, _("--cgroup: “%s” fits “%s” and “%s”; expected one"), text, plan->cgroup, row->cgroup);
      plan->cgroup = g_strdup (row->cgroup);
    }
  return plan->cgroup != NULL || fail (error, _("--cgroup: nothing that runs is in a container called “%s”; expected a name, or a path that begins with /"), text);
}

static gboolean
read_events (GlowCapturePlan *plan, char **words, GError **error)
{
  g_autoptr(GError) own = NULL;

  if (words == NULL || glow_capture_plan_set_event_words (plan, (const char *const *) words, &own))
    return TRUE;
  return fail (error, "--event: %s", own->message);
}

static gboolean
read_call_graph (GlowCapturePlan *plan, const char *text, GError **error)
{
  g_auto(GStrv) parts = text != NULL ? g_strsplit (text, ",", 2) : NULL;
  guint64 size;

  if (text == NULL)
    return TRUE;
  if (!choose ("--call-graph", parts[0], glow_capture_call_graph_words, (guint *) &plan->call_graph, error))
    return FALSE;
  if (parts[0] == NULL || parts[1] == NULL)
    return TRUE;
  if (plan->call_graph != GLOW_CAPTURE_DWARF || !g_ascii_string_to_unsigned (parts[1], 10, 64, 65528, &size, NULL))
    return fail (error, _("--call-graph: “%s”; expected none, fp, lbr, dwarf or dwarf,BYTES"), text);
  plan->stack_size = (guint) size;
  return TRUE;
}

static gboolean
set_target (const Parse *parse, GlowCapturePlan *plan, GError **error)
{
  guint n;

  n = (parse->pids != NULL) + (parse->cgroup != NULL) + parse->system + (parse->rest != NULL && parse->rest[0] != NULL);
  if (n > 1)
    return fail (error, "%s", _("a command, --pid, --cgroup and --system: one of them is recorded"));
  if (!read_pids (plan, parse->pids, error) || !read_cgroup (plan, parse->cgroup, error))
    return FALSE;
  if (parse->system)
    plan->target = GLOW_CAPTURE_SYSTEM;
  plan->command = g_strdupv (parse->rest);
  plan->directory = g_strdup (parse->directory);
  plan->environment = g_strdupv (parse->environment);
  for (guint i = 0; plan->environment != NULL && plan->environment[i] != NULL; i++)
    if (strchr (plan->environment[i], '=') == NULL || plan->environment[i][0] == '=')
      return fail (error, _("--env: “%s”; expected NAME=VALUE"), plan->environment[i]);
  plan->per_process = parse->per_process;
  return TRUE;
}

static gboolean
set_plan (const Parse *parse, GlowCapturePlan *plan, GError **error)
{
  if (parse->goal != NULL && parse->why != NULL)
    return fail (error, "%s", _("--goal and --why are one option; expected it once"));
  if ((parse->goal != NULL || parse->why != NULL) && parse->events != NULL)
    return fail (error, "%s", _("--goal and --event: a goal sets its events itself"));
  if (parse->function != NULL && parse->goal == NULL && parse->why == NULL)
    plan->goal = GLOW_CAPTURE_FUNCTION;
  if (!read_function (plan, parse->function, error) || !choose ("--goal", parse->goal, glow_capture_goal_words, (guint *) &plan->goal, error)
      || !choose ("--why", parse->why, glow_capture_goal_words, (guint *) &plan->goal, error)
      || !choose ("--clock", parse->clock, glow_capture_clock_words, (guint *) &plan->clock, error) || !read_call_graph (plan, parse->call_graph, error)
      || !set_number ("--rate", parse->rate, 1, 100000, &plan->rate, error) || !set_number ("--stack-size", parse->stack_size, 64, 65528, &plan->stack_size, error)
      || !set_number ("--max-stack", parse->max_stack, 1, 4096, &plan->max_stack, error)
      || !set_number ("--compression", parse->compression, 0, 22, &plan->compression, error)
      || !set_number ("--buffer", parse->buffer, 4, 65536, &plan->buffer, error) || !read_seconds ("--duration", parse->duration, &plan->duration, error)
      || !read_bytes ("--size", parse->size, &plan->size, error))
    return FALSE;
  if (plan->goal == GLOW_CAPTURE_CUSTOM && parse->events == NULL && (parse->goal != NULL || parse->why != NULL))
    return fail (error, "%s", _("--goal custom: its events are named by --event"));
  plan->kernel = (plan->kernel || parse->kernel) && !parse->no_kernel;
  plan->inherit &= !parse->no_inherit;
  plan->cgroups |= parse->cgroups;
  glow_capture_plan_set_events (plan);
  if (!read_events (plan, parse->events, error))
    return FALSE;
  plan->switches |= parse->switches;
  return set_target (parse, plan, error);
}

static gboolean
set_record (const Parse *parse, GlowCliRecord *record, GError **error)
{
  static const char *const ways[] = { "either", "direct", "helper", NULL };
  guint64 blocks = DEFAULT_BLOCKS;

  record->event_seconds = DEFAULT_EVENT_SECONDS;
  /* Somebody who could be asked for a password looks at a terminal. */
  record->interactive = parse->interaction || (!parse->no_interaction && isatty (STDIN_FILENO) && isatty (STDERR_FILENO));
  if (parse->interaction && parse->no_interaction)
    return fail (error, "%s", _("--interaction and --no-interaction: one of them"));
  if (!choose ("--way", parse->way, ways, (guint *) &record->way, error) || !read_seconds ("--event-length", parse->event_length, &record->event_seconds, error))
    return FALSE;
  if (parse->overhead != NULL)
    {
      if (*parse->overhead != '\0' && !g_ascii_string_to_unsigned (parse->overhead, 10, 2, 1000, &blocks, NULL))
        return fail (error, _("--overhead: “%s”; expected 2 to 1000 blocks"), parse->overhead);
      record->blocks = (guint) blocks;
    }
  if (record->output == NULL)
    record->output = g_strdup (DEFAULT_OUTPUT);
  return TRUE;
}

static gboolean
parse_overhead (const char *option, const char *value, gpointer data, GError **error)
{
  Parse *parse = data;

  g_free (parse->overhead);
  parse->overhead = g_strdup (value != NULL ? value : "");
  return TRUE;
}

static void
parse_clear (Parse *parse)
{
  char **texts[] = { &parse->goal, &parse->why, &parse->clock, &parse->call_graph, &parse->duration, &parse->size, &parse->function, &parse->way, &parse->preset,
                     &parse->event_length, &parse->cgroup, &parse->directory, &parse->overhead };
  char ***lists[] = { &parse->events, &parse->pids, &parse->environment, &parse->rest };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_clear_pointer (texts[i], g_free);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    g_clear_pointer (lists[i], g_strfreev);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parse, parse_clear)

static int
make_plan (const Parse *parse, GlowCliRecord *record, const GlowCliCommand *command)
{
  g_autoptr(GError) error = NULL;
  gboolean targeted;

  record->plan = parse->preset != NULL ? glow_capture_preset_load (parse->preset, &error) : glow_capture_plan_new ();
  if (record->plan == NULL || !set_plan (parse, record->plan, &error) || !set_record (parse, record, &error))
    return glow_cli_say_wrong (command, error);
  targeted = record->plan->target != GLOW_CAPTURE_COMMAND || (record->plan->command != NULL && record->plan->command[0] != NULL);
  /* A preset has no target, and can be saved without one. */
  if ((targeted || record->save_preset == NULL) && !record->list_presets && !glow_capture_plan_check (record->plan, &error))
    return glow_cli_say_wrong (command, error);
  return -1;
}

int
glow_cli_record_parse (GlowCliRecord *self, const GlowCliCommand *command, int argc, char **argv)
{
  g_auto(Parse) parse = { .record = self, .rate = -1, .stack_size = -1, .max_stack = -1, .compression = -1, .buffer = -1 };
  const GOptionEntry whom[] = {
    { "pid", 'p', 0, G_OPTION_ARG_STRING_ARRAY, &parse.pids, N_("processes that run; may be repeated"), N_("N,…") },
    { "cgroup", 0, 0, G_OPTION_ARG_STRING, &parse.cgroup, N_("a container, by its name or its path"), N_("NAME") },
    { "system", 'a', 0, G_OPTION_ARG_NONE, &parse.system, N_("the whole machine"), NULL },
    { "per-process", 0, 0, G_OPTION_ARG_NONE, &parse.per_process, N_("a recording for each process, on one clock"), NULL },
    { "no-inherit", 0, 0, G_OPTION_ARG_NONE, &parse.no_inherit, N_("not what is started meanwhile"), NULL },
    { "directory", 'C', 0, G_OPTION_ARG_FILENAME, &parse.directory, N_("start the command in this folder"), N_("FOLDER") },
    { "env", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &parse.environment, N_("set this for the command; may be repeated"), N_("NAME=VALUE") },
    { NULL }
  };
  const GOptionEntry why[] = {
    { "goal", 0, 0, G_OPTION_ARG_STRING, &parse.goal, N_("cpu (default), waiting, function, syscalls, locks, io, everything"), N_("GOAL") },
    { "why", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &parse.why, NULL, NULL },
    { "function", 0, 0, G_OPTION_ARG_FILENAME, &parse.function, N_("each call of this function"), N_("BINARY:NAME") },
    { "event", 'e', 0, G_OPTION_ARG_STRING_ARRAY, &parse.events, N_("this event, as perf writes it; may be repeated"), N_("EVENT") },
    { "switches", 0, 0, G_OPTION_ARG_NONE, &parse.switches, N_("also when threads are switched"), NULL },
    { "cgroups", 0, 0, G_OPTION_ARG_NONE, &parse.cgroups, N_("also which container samples are in"), NULL },
    { NULL }
  };
  const GOptionEntry how[] = {
    { "rate", 'F', 0, G_OPTION_ARG_INT, &parse.rate, N_("samples a second of CPU time, of all clocks; 99"), N_("HZ") },
    { "clock", 0, 0, G_OPTION_ARG_STRING, &parse.clock, N_("interleaved (default), single, random"), N_("CLOCK") },
    { "call-graph", 0, 0, G_OPTION_ARG_STRING, &parse.call_graph, N_("fp (default), dwarf, lbr, none"), N_("KIND") },
    { "stack-size", 0, 0, G_OPTION_ARG_INT, &parse.stack_size, N_("bytes of stack in a sample, of dwarf; 8192"), N_("BYTES") },
    { "max-stack", 0, 0, G_OPTION_ARG_INT, &parse.max_stack, N_("frames at most; 127"), N_("N") },
    { "kernel", 0, 0, G_OPTION_ARG_NONE, &parse.kernel, N_("the kernel's own samples and stacks, too"), NULL },
    { "no-kernel", 0, 0, G_OPTION_ARG_NONE, &parse.no_kernel, N_("without them, where a preset has them"), NULL },
    { "duration", 0, 0, G_OPTION_ARG_STRING, &parse.duration, N_("end after this time: 30, 500ms, 10m"), N_("TIME") },
    { "size", 0, 0, G_OPTION_ARG_STRING, &parse.size, N_("end at this size: 100M"), N_("BYTES") },
    { "compression", 'z', 0, G_OPTION_ARG_INT, &parse.compression, N_("zstd’s level; 0, the default: none"), N_("LEVEL") },
    { "buffer", 0, 0, G_OPTION_ARG_INT, &parse.buffer, N_("KiB of ring buffer a CPU"), N_("KIB") },
    { "preset", 0, 0, G_OPTION_ARG_FILENAME, &parse.preset, N_("a preset by name or path; options change it"), N_("PRESET") },
    { "save-preset", 0, 0, G_OPTION_ARG_FILENAME, &self->save_preset, N_("keep these choices by this name"), N_("NAME") },
    { "list-presets", 0, 0, G_OPTION_ARG_NONE, &self->list_presets, N_("print the names of presets"), NULL },
    { NULL }
  };
  const GOptionEntry what[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &self->output, N_("write here; perf.data without it"), N_("OUT") },
    { "way", 0, 0, G_OPTION_ARG_STRING, &parse.way, N_("direct (this user), helper (the service), either (default)"), N_("WAY") },
    { "interaction", 0, 0, G_OPTION_ARG_NONE, &parse.interaction, N_("the service may ask for a password"), NULL },
    { "no-interaction", 0, 0, G_OPTION_ARG_NONE, &parse.no_interaction, N_("it may not (default where there is no terminal)"), NULL },
    { "estimate", 0, 0, G_OPTION_ARG_NONE, &self->estimate, N_("say what it would miss and cost; record nothing"), NULL },
    { "event-length", 0, 0, G_OPTION_ARG_STRING, &parse.event_length, N_("a single event that is asked about; 200us"), N_("TIME") },
    { "overhead", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK, (gpointer) parse_overhead, N_("measure the cost before: blocks of four runs; 5"), N_("BLOCKS") },
    { "print-command", 0, 0, G_OPTION_ARG_NONE, &self->print_command, N_("print what perf would be told; record nothing"), NULL },
    { "pass-exit-status", 0, 0, G_OPTION_ARG_NONE, &self->pass_exit_status, N_("end with the command’s exit status"), NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, N_("print one JSON object about it"), NULL },
    { NULL }
  };
  const GOptionEntry general[] = {
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &self->quiet, N_("print no summary"), NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &parse.help, N_("show these options"), NULL },
    { NULL }
  };
  const GOptionEntry rest[] = {
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &parse.rest, NULL, NULL },
    { NULL }
  };
  g_autoptr(GOptionContext) context = glow_cli_context_new (command);
  g_autoptr(GError) error = NULL;

  g_option_context_set_strict_posix (context, TRUE);
  glow_cli_context_add (context, "whom", _("Options of record, whom:"), whom, &parse);
  glow_cli_context_add (context, "why", _("Options of record, why:"), why, &parse);
  glow_cli_context_add (context, "how", _("Options of record, how much:"), how, &parse);
  glow_cli_context_add (context, "what", _("Options of record, what becomes of it:"), what, &parse);
  glow_cli_context_add (context, "general", _("General:"), general, &parse);
  g_option_context_add_main_entries (context, rest, NULL);
  g_set_prgname ("afterglow-cli record");
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return glow_cli_say_wrong (command, error);
  if (parse.help)
    {
      g_autofree char *help = g_option_context_get_help (context, FALSE, NULL);

      return glow_cli_print (help, strlen (help));
    }
  return make_plan (&parse, self, command);
}

void
glow_cli_record_clear (GlowCliRecord *self)
{
  g_clear_pointer (&self->plan, glow_capture_plan_free);
  g_clear_pointer (&self->output, g_free);
  g_clear_pointer (&self->save_preset, g_free);
}
