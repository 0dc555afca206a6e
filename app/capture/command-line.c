/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan as the arguments of perf, by the builder of the privileged service, and arguments that somebody wrote back to a plan. What the vocabulary has no word for is
 * not guessed at: it is named, and such a line can be run directly as it stands. */
#include <config.h>

#include "capture/capture-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define PROBE_GROUP "afterglow"
#define STAND_IN 1             /* process of a command that does not run yet */

/* ---- plan to arguments ---- */

char **
glow_capture_plan_dup_perf_command (const GlowCapturePlan *plan, const char *output, GError **error)
{
  const GlowCaptureProcess stand_in = { STAND_IN, 1 };
  gboolean launched = plan->target == GLOW_CAPTURE_COMMAND;
  GlowCaptureSubject subject = { launched ? &stand_in : (const GlowCaptureProcess *) plan->processes->data, launched ? 1 : plan->processes->len, 1 };
  g_autoptr(HelperRequest) request = NULL;
  g_auto(GStrv) probes = glow_capture_plan_dup_probe_events (plan, PROBE_GROUP), words = NULL;
  g_autoptr(GStrvBuilder) shown = g_strv_builder_new ();
  gboolean random = plan->clock == GLOW_CAPTURE_RANDOM;

  request = glow_capture_plan_parse_request (plan, &subject, error);
  if (request == NULL)
    return NULL;
  words = helper_request_dup_command (request, random ? "afterglow-helper" : "perf", NULL, plan->cgroup, (const char *const *) probes,
                                      output != NULL ? output : "perf.data", FALSE);
  for (guint i = 0; words[i] != NULL; i++)
    if (!launched || !g_str_has_prefix (words[i], "--pid="))
      g_strv_builder_add (shown, words[i]);
  if (launched && plan->command != NULL)
    {
      g_strv_builder_add (shown, "--");
      g_strv_builder_addv (shown, (const char **) plan->command);
    }
  return g_strv_builder_end (shown);
}

char **
glow_capture_plan_dup_probe_commands (const GlowCapturePlan *plan, gboolean remove)
{
  g_autoptr(GStrvBuilder) lines = g_strv_builder_new ();

  for (guint i = 0; i < plan->probes->len; i++)
    {
      const GlowCaptureProbe *probe = g_ptr_array_index (plan->probes, i);
      g_autofree char *binary = g_shell_quote (probe->binary), *definition = NULL, *quoted = NULL, *line = NULL;

      if (remove)
        definition = g_strdup_printf (PROBE_GROUP ":%s", probe->label);
      else if (probe->symbol != NULL)
        definition = g_strdup_printf (PROBE_GROUP ":%s=%s%s", probe->label, probe->symbol, probe->is_return ? "%return" : "");
      else
        definition = g_strdup_printf (PROBE_GROUP ":%s=0x%" G_GINT64_MODIFIER "x%s", probe->label, probe->offset, probe->is_return ? "%return" : "");
      quoted = g_shell_quote (definition);
      line = remove ? g_strdup_printf ("perf probe --del %s", quoted) : g_strdup_printf ("perf probe -x %s %s", binary, quoted);
      g_strv_builder_add (lines, line);
    }
  return g_strv_builder_end (lines);
}

/* ---- arguments to a plan ---- */

typedef struct {
  GlowCapturePlan *plan;
  GPtrArray *unknown;          /* words outside of the vocabulary, owned by the argument vector */
  guint frequency;             /* of events without their own */
  guint64 count;
  gboolean user_chains, kernel_seen, user_seen;
  const char *const *rest;     /* the words behind "--" */
  GError *error;
} Words;

G_GNUC_PRINTF (2, 3) static void
fail (Words *self, const char *format, ...)
{
  va_list arguments;

  if (self->error != NULL)
    return;
  va_start (arguments, format);
  self->error = g_error_new_valist (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, format, arguments);
  va_end (arguments);
}

static guint64
take_number (Words *self, const char *option, const char *text, guint64 least, guint64 most)
{
  return glow_capture_parse_number (option, text, least, most, &self->error);
}

/* "512K" in KiB, pages without a letter. perf rounds pages up to a power of two. */
static void
take_buffer (Words *self, const char *text)
{
  guint64 number = 0;
  char *end;
  const guint64 units[] = { 1, 1024, 1024 * 1024, 1024 * 1024 * 1024 };
  const char *letter;

  number = g_ascii_strtoull (text, &end, 10);
  letter = strchr ("BKMG", g_ascii_toupper (*end));
  if (*end == '\0')
    number *= 4096;
  else if (letter == NULL || end[1] != '\0')
    number = 0;
  else
    number *= units[letter - "BKMG"];
  number /= 1024;
  if (end == text || number == 0 || number > 65536 || (number & (number - 1)) != 0)
    fail (self, _("-m: “%s”; pages, or bytes as in 512K, are expected, a power of two up to 64M"), text);
  else
    self->plan->buffer = (guint) number;
}

static void
take_size (Words *self, const char *text)
{
  char *end;
  guint64 number = g_ascii_strtoull (text, &end, 10);
  const char *letter = *end != '\0' ? strchr ("BKMG", g_ascii_toupper (*end)) : "B";

  if (end == text || number == 0 || letter == NULL || (*end != '\0' && end[1] != '\0'))
    fail (self, _("--max-size: “%s”; bytes as in 100M are expected"), text);
  else
    self->plan->size = number << (10 * (letter - "BKMG"));
}

static void
take_call_graph (Words *self, const char *text)
{
  g_auto(GStrv) parts = g_strsplit (text, ",", 2);

  if (parts[0] != NULL && strcmp (parts[0], "fp") == 0 && parts[1] == NULL)
    self->plan->call_graph = GLOW_CAPTURE_FP;
  else if (parts[0] != NULL && strcmp (parts[0], "lbr") == 0 && parts[1] == NULL)
    self->plan->call_graph = GLOW_CAPTURE_LBR;
  else if (parts[0] != NULL && strcmp (parts[0], "dwarf") == 0)
    {
      self->plan->call_graph = GLOW_CAPTURE_DWARF;
      self->plan->stack_size = parts[1] != NULL ? (guint) take_number (self, "--call-graph", parts[1], 8, 65528) : 8192;
    }
  else
    fail (self, _("--call-graph: “%s”; fp, dwarf, dwarf,BYTES or lbr is expected"), text);
}

static void
take_pids (Words *self, const char *text)
{
  g_auto(GStrv) parts = g_strsplit (text, ",", -1);

  self->plan->target = GLOW_CAPTURE_PROCESSES;
  g_array_set_size (self->plan->processes, 0);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      GlowCaptureProcess process = { (guint) take_number (self, "-p", parts[i], 1, G_MAXINT32), 0 };

      if (self->error == NULL && !glow_capture_read_stat (process.pid, &process.start_time, NULL, NULL))
        fail (self, _("There is no process %u"), process.pid);
      g_array_append_val (self->plan->processes, process);
    }
}

/* "u" and no letter are what the vocabulary has. */
static void
take_modifier (Words *self, const char *word, const char *modifier, gboolean tracepoint)
{
  /* Of a tracepoint in the kernel nothing is left at ":u". */
  if (strcmp (modifier, "u") == 0 && (!tracepoint || g_str_has_prefix (word, PROBE_GROUP ":")))
    self->user_seen = TRUE;
  else if (*modifier != '\0')
    g_ptr_array_add (self->unknown, g_strdup (word));
  else if (!tracepoint)
    self->kernel_seen = TRUE;
}

static void
take_event (Words *self, const char *word)
{
  g_autofree char *modifier = NULL;
  GlowCaptureEvent *event = glow_capture_event_parse (word, &modifier, &self->plan->max_stack, self->unknown, &self->error);

  take_modifier (self, word, modifier, strchr (event->name, ':') != NULL);
  g_ptr_array_add (self->plan->events, event);
}

/* Events are separated by commas, but for those between slashes. */
static void
take_events (Words *self, const char *list)
{
  gboolean inside = FALSE;
  const char *start = list;

  for (const char *p = list;; p++)
    {
      inside ^= *p == '/';
      if (*p != '\0' && (*p != ',' || inside))
        continue;
      if (p > start)
        {
          g_autofree char *word = g_strndup (start, p - start);

          take_event (self, word);
        }
      if (*p == '\0')
        return;
      start = p + 1;
    }
}

typedef enum {
  OPTION_EVENT, OPTION_FREQUENCY, OPTION_COUNT, OPTION_GRAPH, OPTION_CALL_GRAPH, OPTION_PID, OPTION_ALL, OPTION_CGROUP, OPTION_OUTPUT, OPTION_CLOCK,
  OPTION_SWITCHES, OPTION_CGROUPS, OPTION_COMPRESSION, OPTION_BUFFER, OPTION_SIZE, OPTION_NO_INHERIT, OPTION_USER_CHAINS, OPTION_ALL_USER, OPTION_IGNORED
} OptionId;

/* How perf takes a value: never, always, or only where it is put to the option ("-z3", "--compression-level=3"). */
typedef enum { VALUE_NONE, VALUE_NEEDED, VALUE_ATTACHED } OptionValue;

static const struct { const char *name; char letter; guint8 id, value; } options[] = {
  { "event", 'e', OPTION_EVENT, VALUE_NEEDED },
  { "freq", 'F', OPTION_FREQUENCY, VALUE_NEEDED },
  { "count", 'c', OPTION_COUNT, VALUE_NEEDED },
  { "call-graph", '\0', OPTION_CALL_GRAPH, VALUE_NEEDED },
  { "pid", 'p', OPTION_PID, VALUE_NEEDED },
  { "all-cpus", 'a', OPTION_ALL, VALUE_NONE },
  { "cgroup", 'G', OPTION_CGROUP, VALUE_NEEDED },
  { "output", 'o', OPTION_OUTPUT, VALUE_NEEDED },
  { "clockid", 'k', OPTION_CLOCK, VALUE_NEEDED },
  { "switch-events", '\0', OPTION_SWITCHES, VALUE_NONE },
  { "all-cgroups", '\0', OPTION_CGROUPS, VALUE_NONE },
  { "compression-level", 'z', OPTION_COMPRESSION, VALUE_ATTACHED },
  { "mmap-pages", 'm', OPTION_BUFFER, VALUE_NEEDED },
  { "max-size", '\0', OPTION_SIZE, VALUE_NEEDED },
  { "no-inherit", 'i', OPTION_NO_INHERIT, VALUE_NONE },
  { "user-callchains", '\0', OPTION_USER_CHAINS, VALUE_NONE },
  { "all-user", '\0', OPTION_ALL_USER, VALUE_NONE },
  /* What is done in any case, or changes nothing that is recorded. */
  { "buildid-mmap", '\0', OPTION_IGNORED, VALUE_NONE },
  { "no-buildid", 'B', OPTION_IGNORED, VALUE_NONE },
  { "no-buildid-cache", 'N', OPTION_IGNORED, VALUE_NONE },
  { "no-bpf-event", '\0', OPTION_IGNORED, VALUE_NONE },
  { "quiet", 'q', OPTION_IGNORED, VALUE_NONE },
  { NULL, 'g', OPTION_GRAPH, VALUE_NONE },
};

static void
add_unknown (Words *self, const char *word, const char *value)
{
  g_ptr_array_add (self->unknown, value != NULL && strstr (word, value) == NULL ? g_strdup_printf ("%s %s", word, value) : g_strdup (word));
}

static void
take_option (Words *self, OptionId id, const char *word, const char *value)
{
  GlowCapturePlan *plan = self->plan;

  switch (id)
    {
    case OPTION_EVENT:
      take_events (self, value);
      break;
    case OPTION_FREQUENCY:
      if (strcmp (value, "max") == 0)
        add_unknown (self, word, value);
      else
        self->frequency = (guint) take_number (self, "-F", value, 1, G_MAXUINT32);
      break;
    case OPTION_COUNT:
      self->count = take_number (self, "-c", value, 1, G_MAXINT64);
      break;
    case OPTION_GRAPH:
      plan->call_graph = GLOW_CAPTURE_FP;
      break;
    case OPTION_CALL_GRAPH:
      take_call_graph (self, value);
      break;
    case OPTION_PID:
      take_pids (self, value);
      break;
    case OPTION_ALL:
      if (plan->target != GLOW_CAPTURE_CGROUP)
        plan->target = GLOW_CAPTURE_SYSTEM;
      break;
    case OPTION_CGROUP:
      if (strchr (value, ',') != NULL)
        add_unknown (self, word, value);
      plan->target = GLOW_CAPTURE_CGROUP;
      g_free (plan->cgroup);
      plan->cgroup = g_strdup (value);
      break;
    case OPTION_CLOCK:
      /* Marks and merged recordings stand on this clock. */
      if (strcmp (value, "CLOCK_MONOTONIC") != 0 && strcmp (value, "monotonic") != 0 && strcmp (value, "mono") != 0 && strcmp (value, "1") != 0)
        add_unknown (self, word, value);
      break;
    case OPTION_SWITCHES:
      plan->switches = TRUE;
      break;
    case OPTION_CGROUPS:
      plan->cgroups = TRUE;
      break;
    case OPTION_COMPRESSION:
      plan->compression = value != NULL ? (guint) take_number (self, "-z", value, 0, 22) : 1;
      break;
    case OPTION_BUFFER:
      take_buffer (self, value);
      break;
    case OPTION_SIZE:
      take_size (self, value);
      break;
    case OPTION_NO_INHERIT:
      plan->inherit = FALSE;
      break;
    case OPTION_USER_CHAINS:
      self->user_chains = TRUE;
      break;
    case OPTION_ALL_USER:
      self->user_seen = TRUE;
      break;
    case OPTION_OUTPUT:
    case OPTION_IGNORED:
      break;
    }
}

/* One word of perf's, and its value in it or behind it. Returns how many words were taken; 0: the command begins here. */
static guint
take_word (Words *self, const char *const *words)
{
  const char *word = words[0], *equals = g_str_has_prefix (word, "--") ? strchr (word, '=') : NULL;

  if (word[0] != '-' || word[1] == '\0')
    return 0;
  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      const char *name = options[i].name, *value = NULL;
      gboolean is_long = name != NULL && g_str_has_prefix (word, "--") && strncmp (word + 2, name, strlen (name)) == 0
                         && (word[2 + strlen (name)] == '\0' || word[2 + strlen (name)] == '=');
      gboolean is_short = !is_long && word[1] == options[i].letter && options[i].letter != '\0';

      if (!is_long && !is_short)
        continue;
      if (is_long && equals != NULL)
        value = equals + 1;
      else if (is_short && word[2] != '\0')
        value = word + 2;
      if (options[i].value == VALUE_NONE && value != NULL)
        break;
      if (options[i].value == VALUE_NEEDED && value == NULL)
        {
          if (words[1] == NULL)
            {
              fail (self, _("%s: a value is expected behind it"), word);
              return 1;
            }
          take_option (self, options[i].id, word, words[1]);
          return 2;
        }
      take_option (self, options[i].id, word, value);
      return 1;
    }
  g_ptr_array_add (self->unknown, g_strdup (word));
  /* A value that stands apart is taken for the unknown word's, so that it is not taken for a command. */
  return words[1] != NULL && words[1][0] != '-' && equals == NULL ? 2 : 1;
}

/* "record", "perf record". */
static const char *const *
skip_name (Words *self, const char *const *words)
{
  const char *base = words[0] != NULL ? strrchr (words[0], '/') : NULL;

  base = base != NULL ? base + 1 : words[0];
  if (base == NULL || strcmp (base, "perf") != 0 || words[1] == NULL || strcmp (words[1], "record") != 0)
    {
      fail (self, "%s", _("A line that begins with “perf record” is expected"));
      return words;
    }
  return words + 2;
}

/* Events without a rate of their own get that of -F or -c; clocks and counters perf's own rate. */
static void
set_rates (Words *self)
{
  GlowCapturePlan *plan = self->plan;

  for (guint i = 0; i < plan->events->len; i++)
    {
      GlowCaptureEvent *event = g_ptr_array_index (plan->events, i);
      HelperEventKind kind = helper_event_describe (event->name, NULL, NULL);

      if (event->frequency > 0 || event->period > 0)
        continue;
      if (self->count > 0)
        event->period = kind == HELPER_EVENT_TRACEPOINT && self->count == 1 ? 0 : self->count;
      else if (self->frequency > 0)
        event->frequency = self->frequency;
      else if (kind != HELPER_EVENT_TRACEPOINT)
        event->frequency = 4000;
    }
}

static gboolean
is_goal (GlowCapturePlan *plan, GlowCaptureGoal goal, GlowCaptureClock clock, guint rate)
{
  g_autoptr(GlowCapturePlan) own = glow_capture_plan_copy (plan);

  own->goal = goal;
  own->clock = clock;
  own->rate = rate;
  glow_capture_plan_set_events (own);
  own->goal = plan->goal;
  own->clock = plan->clock;
  own->rate = plan->rate;
  if (!glow_capture_plan_equal (own, plan))
    return FALSE;
  plan->goal = goal;
  plan->clock = clock;
  plan->rate = rate;
  return TRUE;
}

/* The goal whose events these are; of a clock that leaves no trace in them, the one that was. */
static void
find_goal (GlowCapturePlan *plan)
{
  const GlowCaptureClock clocks[] = { plan->clock != GLOW_CAPTURE_RANDOM ? plan->clock : GLOW_CAPTURE_INTERLEAVED, GLOW_CAPTURE_INTERLEAVED, GLOW_CAPTURE_SINGLE };
  guint sum = glow_capture_plan_sum_rates (plan);

  for (GlowCaptureGoal goal = GLOW_CAPTURE_CPU; goal < GLOW_CAPTURE_CUSTOM; goal++)
    for (guint c = 0; c < G_N_ELEMENTS (clocks); c++)
      if (is_goal (plan, goal, clocks[c], sum > 0 ? sum : plan->rate))
        return;
  plan->goal = GLOW_CAPTURE_CUSTOM;
  plan->clock = GLOW_CAPTURE_SINGLE;
  plan->rate = sum > 0 ? sum : plan->rate;
}

/* "afterglow:f" of a plan's own probes stays one of them. */
static void
keep_probes (Words *self, const GlowCapturePlan *before)
{
  for (guint i = 0; i < self->plan->events->len;)
    {
      const GlowCaptureEvent *event = g_ptr_array_index (self->plan->events, i);
      const char *label = g_str_has_prefix (event->name, PROBE_GROUP ":") ? strchr (event->name, ':') + 1 : NULL;
      gboolean found = FALSE;

      for (guint p = 0; label != NULL && p < before->probes->len && !found; p++)
        {
          const GlowCaptureProbe *probe = g_ptr_array_index (before->probes, p);
          GlowCaptureProbe *copy;

          if (strcmp (probe->label, label) != 0)
            continue;
          copy = g_memdup2 (probe, sizeof *probe);
          copy->binary = g_strdup (probe->binary);
          copy->symbol = g_strdup (probe->symbol);
          copy->label = g_strdup (probe->label);
          g_ptr_array_add (self->plan->probes, copy);
          found = TRUE;
        }
      if (found)
        g_ptr_array_remove_index (self->plan->events, i);
      else
        i++;
    }
}

static void
take_rest (Words *self, const char *const *words)
{
  GlowCapturePlan *plan = self->plan;

  if (words[0] != NULL && strcmp (words[0], "--") == 0)
    words++;
  if (words[0] == NULL)
    return;
  if (plan->target != GLOW_CAPTURE_COMMAND)
    {
      fail (self, _("“%s”: a command is started, or what runs is recorded, not both"), words[0]);
      return;
    }
  plan->command = g_strdupv ((char **) words);
}

static void
fail_of_unknown (Words *self)
{
  g_autofree char *list = NULL;

  g_ptr_array_add (self->unknown, NULL);
  list = g_strjoinv (", ", (char **) self->unknown->pdata);
  fail (self, _("What Afterglow has no word for can only be run as it stands, by this user: %s"), list);
}

/* Whether the kernel's own is recorded: the letter of clocks and counters says it; where there are tracepoints alone, whose stacks they have. */
static void
set_kernel (Words *self)
{
  GlowCapturePlan *plan = self->plan;

  if (self->user_seen && self->kernel_seen)
    fail (self, "%s", _("Either all events are of user code alone (:u), or none"));
  else if (self->kernel_seen && self->user_chains)
    g_ptr_array_add (self->unknown, g_strdup ("--user-callchains"));
  else if (self->user_seen || self->kernel_seen || plan->call_graph != GLOW_CAPTURE_NO_STACKS)
    plan->kernel = self->kernel_seen || !(self->user_seen || self->user_chains);
}

/* What these events are given anyway need not be said. */
static void
set_buffer (GlowCapturePlan *plan)
{
  guint asked = plan->buffer;

  plan->buffer = 0;
  if (asked != glow_capture_plan_get_buffer (plan))
    plan->buffer = asked;
}

/**
 * glow_capture_plan_set_perf_command:
 *
 * Duration, folder and environment, which perf's arguments do not tell, stay; and so does the target where none is named.
 *
 * Returns: %FALSE with @error and @plan as it was, where words are wrong (G_IO_ERROR_INVALID_ARGUMENT)
 */
gboolean
glow_capture_plan_set_perf_command (GlowCapturePlan *plan, const char *const *words, GError **error)
{
  g_autoptr(GlowCapturePlan) own = glow_capture_plan_copy (plan);
  Words self = { .plan = own, .unknown = g_ptr_array_new_with_free_func (g_free) };
  GlowCapturePlan swap;
  gboolean has_target;

  g_ptr_array_set_size (own->events, 0);
  g_ptr_array_set_size (own->probes, 0);
  g_clear_pointer (&own->command, g_strfreev);
  own->target = GLOW_CAPTURE_COMMAND;
  own->call_graph = GLOW_CAPTURE_NO_STACKS;
  own->switches = own->cgroups = FALSE;
  own->compression = own->buffer = 0;
  own->size = 0;
  own->max_stack = 127;
  own->inherit = TRUE;
  for (words = skip_name (&self, words); self.error == NULL && words[0] != NULL && strcmp (words[0], "--") != 0;)
    {
      guint n = take_word (&self, words);

      if (n == 0)
        break;
      words += n;
    }
  if (self.error == NULL)
    take_rest (&self, words);
  if (own->events->len == 0)
    take_event (&self, glow_capture_clock_event ());
  keep_probes (&self, plan);
  set_rates (&self);
  set_kernel (&self);
  set_buffer (own);
  has_target = own->target != GLOW_CAPTURE_COMMAND || own->command != NULL;
  if (!has_target)
    {
      own->target = plan->target;
      own->command = g_strdupv (plan->command);
    }
  if (self.error == NULL && self.unknown->len > 0)
    fail_of_unknown (&self);
  g_ptr_array_unref (self.unknown);
  if (self.error != NULL)
    {
      g_propagate_error (error, self.error);
      return FALSE;
    }
  find_goal (own);
  if (has_target && !glow_capture_plan_check (own, error))
    return FALSE;
  swap = *plan;
  *plan = *own;
  *own = swap;
  return TRUE;
}
