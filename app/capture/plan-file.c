/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan as a key file: what a preset holds, and, with its target, what the notes of a recording hold. What differs from a new plan stands there, so that a
 * preset says what somebody chose. */
#include <config.h>

#include "capture/capture-private.h"

#include <glib/gi18n-lib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define GROUP "Capture"
#define TARGET "Target"

const char *const glow_capture_goal_words[] = { "cpu", "waiting", "function", "syscalls", "locks", "io", "everything", "custom", NULL };
const char *const glow_capture_clock_words[] = { "interleaved", "single", "random", NULL };
const char *const glow_capture_call_graph_words[] = { "none", "fp", "dwarf", "lbr", NULL };
static const char *const target_words[] = { "command", "processes", "cgroup", "system", NULL };

typedef enum { KEY_WORD, KEY_NUMBER, KEY_LONG, KEY_SECONDS, KEY_FLAG, KEY_TEXT } KeyKind;

#define PLACE(field) G_STRUCT_OFFSET (GlowCapturePlan, field)

static const struct {
  const char *name;
  gsize place;
  guint8 kind;
  const char *const *words;
  gboolean of_target;
} keys[] = {
  { "Goal", PLACE (goal), KEY_WORD, glow_capture_goal_words },
  { "FunctionBinary", PLACE (function_binary), KEY_TEXT },
  { "Function", PLACE (function), KEY_TEXT },
  { "Clock", PLACE (clock), KEY_WORD, glow_capture_clock_words },
  { "Rate", PLACE (rate), KEY_NUMBER },
  { "CallGraph", PLACE (call_graph), KEY_WORD, glow_capture_call_graph_words },
  { "StackSize", PLACE (stack_size), KEY_NUMBER },
  { "MaxStack", PLACE (max_stack), KEY_NUMBER },
  { "Kernel", PLACE (kernel), KEY_FLAG },
  { "Switches", PLACE (switches), KEY_FLAG },
  { "ControlGroups", PLACE (cgroups), KEY_FLAG },
  { "Compression", PLACE (compression), KEY_NUMBER },
  { "Buffer", PLACE (buffer), KEY_NUMBER },
  { "Duration", PLACE (duration), KEY_SECONDS },
  { "Size", PLACE (size), KEY_LONG },
  { "Inherit", PLACE (inherit), KEY_FLAG },
  { "PerProcess", PLACE (per_process), KEY_FLAG, NULL, TRUE },
  { "Kind", PLACE (target), KEY_WORD, target_words, TRUE },
  { "Directory", PLACE (directory), KEY_TEXT, NULL, TRUE },
  { "ControlGroup", PLACE (cgroup), KEY_TEXT, NULL, TRUE },
};

static void
set_list (GKeyFile *file, const char *group, const char *key, char **values)
{
  if (values != NULL && values[0] != NULL)
    g_key_file_set_string_list (file, group, key, (const char *const *) values, g_strv_length (values));
}

static void
write_events (GKeyFile *file, const GlowCapturePlan *plan)
{
  g_auto(GStrv) events = g_new0 (char *, plan->events->len + 1), probes = g_new0 (char *, plan->probes->len + 1);

  for (guint i = 0; i < plan->events->len; i++)
    events[i] = glow_capture_event_dup_word (g_ptr_array_index (plan->events, i));
  for (guint i = 0; i < plan->probes->len; i++)
    {
      const GlowCaptureProbe *probe = g_ptr_array_index (plan->probes, i);

      /* The place is what may hold any character, and stands last. */
      probes[i] = probe->symbol != NULL
                    ? g_strdup_printf ("%s %s symbol %s %s", probe->label, probe->is_return ? "return" : "entry", probe->symbol, probe->binary)
                    : g_strdup_printf ("%s %s offset %" PRIu64 " %s", probe->label, probe->is_return ? "return" : "entry", probe->offset, probe->binary);
    }
  set_list (file, GROUP, "Events", events);
  set_list (file, GROUP, "Probes", probes);
}

static void
write_target (GKeyFile *file, const GlowCapturePlan *plan)
{
  g_auto(GStrv) processes = g_new0 (char *, plan->processes->len + 1);

  for (guint i = 0; i < plan->processes->len; i++)
    {
      const GlowCaptureProcess *process = &g_array_index (plan->processes, GlowCaptureProcess, i);

      processes[i] = g_strdup_printf ("%u %" PRIu64, process->pid, process->start_time);
    }
  set_list (file, TARGET, "Command", plan->command);
  set_list (file, TARGET, "Environment", plan->environment);
  set_list (file, TARGET, "Processes", processes);
}

GKeyFile *
glow_capture_plan_to_key_file (const GlowCapturePlan *plan, gboolean with_target)
{
  g_autoptr(GlowCapturePlan) plain = glow_capture_plan_new ();
  GKeyFile *file = g_key_file_new ();

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *group = keys[i].of_target ? TARGET : GROUP;
      gconstpointer value = G_STRUCT_MEMBER_P (plan, keys[i].place), usual = G_STRUCT_MEMBER_P (plain, keys[i].place);

      if (keys[i].of_target && !with_target)
        continue;
      switch ((KeyKind) keys[i].kind)
        {
        case KEY_WORD:
          if (*(const guint *) value != *(const guint *) usual || i == 0)
            g_key_file_set_string (file, group, keys[i].name, keys[i].words[*(const guint *) value]);
          break;
        case KEY_NUMBER:
          if (*(const guint *) value != *(const guint *) usual)
            g_key_file_set_uint64 (file, group, keys[i].name, *(const guint *) value);
          break;
        case KEY_LONG:
          if (*(const guint64 *) value != *(const guint64 *) usual)
            g_key_file_set_uint64 (file, group, keys[i].name, *(const guint64 *) value);
          break;
        case KEY_SECONDS:
          if (*(const double *) value != *(const double *) usual)
            g_key_file_set_double (file, group, keys[i].name, *(const double *) value);
          break;
        case KEY_FLAG:
          if (*(const gboolean *) value != *(const gboolean *) usual)
            g_key_file_set_boolean (file, group, keys[i].name, *(const gboolean *) value);
          break;
        case KEY_TEXT:
          if (*(char *const *) value != NULL)
            g_key_file_set_string (file, group, keys[i].name, *(char *const *) value);
          break;
        }
    }
  if (plan->goal == GLOW_CAPTURE_CUSTOM)
    write_events (file, plan);
  if (with_target)
    write_target (file, plan);
  return file;
}

static gboolean
read_word (GKeyFile *file, const char *group, const char *name, const char *const *words, guint *value, GError **error)
{
  g_autofree char *word = g_key_file_get_string (file, group, name, error), *known = NULL;

  if (word == NULL)
    return FALSE;
  for (guint i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], word) == 0)
      {
        *value = i;
        return TRUE;
      }
  known = g_strjoinv (", ", (char **) words);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("“%s” is “%s”; one of %s is expected"), name, word, known);
  return FALSE;
}

static gboolean
read_key (GKeyFile *file, guint index, GlowCapturePlan *plan, GError **error)
{
  const char *group = keys[index].of_target ? TARGET : GROUP, *name = keys[index].name;
  gpointer value = G_STRUCT_MEMBER_P (plan, keys[index].place);
  g_autoptr(GError) own = NULL;
  guint64 number;

  if (!g_key_file_has_key (file, group, name, NULL))
    return TRUE;
  switch ((KeyKind) keys[index].kind)
    {
    case KEY_WORD:
      return read_word (file, group, name, keys[index].words, value, error);
    case KEY_NUMBER:
    case KEY_LONG:
      number = g_key_file_get_uint64 (file, group, name, &own);
      if (own == NULL && keys[index].kind == KEY_NUMBER && number > G_MAXUINT32)
        g_set_error (&own, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("“%s” is %" PRIu64 "; at most %u is expected"), name, number, G_MAXUINT32);
      if (keys[index].kind == KEY_NUMBER)
        *(guint *) value = (guint) number;
      else
        *(guint64 *) value = number;
      break;
    case KEY_SECONDS:
      *(double *) value = g_key_file_get_double (file, group, name, &own);
      if (own == NULL && !(*(double *) value >= 0 && *(double *) value <= 86400))
        g_set_error (&own, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("“%s” is %g; 0 to 86400 seconds are expected"), name, *(double *) value);
      break;
    case KEY_FLAG:
      *(gboolean *) value = g_key_file_get_boolean (file, group, name, &own);
      break;
    case KEY_TEXT:
      g_free (*(char **) value);
      *(char **) value = g_key_file_get_string (file, group, name, &own);
      break;
    }
  if (own == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&own));
  return FALSE;
}

static gboolean
read_probe (GlowCapturePlan *plan, const char *text, GError **error)
{
  g_auto(GStrv) words = g_strsplit (text, " ", 5);
  GlowCaptureProbe *probe;
  gboolean by_symbol;

  if (g_strv_length (words) != 5)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("“Probes” holds “%s”; label, entry or return, symbol or offset, which, and a file are expected"), text);
      return FALSE;
    }
  by_symbol = strcmp (words[2], "symbol") == 0;
  probe = g_new0 (GlowCaptureProbe, 1);
  *probe = (GlowCaptureProbe) { g_strdup (words[4]), by_symbol ? g_strdup (words[3]) : NULL, by_symbol ? 0 : g_ascii_strtoull (words[3], NULL, 10),
                                strcmp (words[1], "return") == 0, g_strdup (words[0]) };
  g_ptr_array_add (plan->probes, probe);
  return TRUE;
}

static gboolean
read_events (GKeyFile *file, GlowCapturePlan *plan, GError **error)
{
  g_auto(GStrv) events = g_key_file_get_string_list (file, GROUP, "Events", NULL, NULL), probes = g_key_file_get_string_list (file, GROUP, "Probes", NULL, NULL);
  g_autoptr(GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GError) own = NULL;

  g_ptr_array_set_size (plan->events, 0);
  g_ptr_array_set_size (plan->probes, 0);
  for (guint i = 0; events != NULL && events[i] != NULL; i++)
    g_ptr_array_add (plan->events, glow_capture_event_parse (events[i], NULL, NULL, unknown, &own));
  if (own == NULL && unknown->len > 0)
    g_set_error (&own, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("“%s” is not known of an event"), (char *) g_ptr_array_index (unknown, 0));
  for (guint i = 0; own == NULL && probes != NULL && probes[i] != NULL; i++)
    read_probe (plan, probes[i], &own);
  if (own == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&own));
  return FALSE;
}

static void
read_target (GKeyFile *file, GlowCapturePlan *plan)
{
  g_auto(GStrv) processes = g_key_file_get_string_list (file, TARGET, "Processes", NULL, NULL);

  plan->command = g_key_file_get_string_list (file, TARGET, "Command", NULL, NULL);
  plan->environment = g_key_file_get_string_list (file, TARGET, "Environment", NULL, NULL);
  for (guint i = 0; processes != NULL && processes[i] != NULL; i++)
    {
      GlowCaptureProcess process = { 0 };

      if (sscanf (processes[i], "%u %" G_GINT64_MODIFIER "u", &process.pid, &process.start_time) == 2)
        g_array_append_val (plan->processes, process);
    }
}

/* G_IO_ERROR_INVALID_DATA, or a GKeyFileError, names the key. */
GlowCapturePlan *
glow_capture_plan_from_key_file (GKeyFile *file, GError **error)
{
  g_autoptr(GlowCapturePlan) plan = glow_capture_plan_new ();

  if (!g_key_file_has_group (file, GROUP))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, _("There is no group “%s”"), GROUP);
      return NULL;
    }
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (!read_key (file, i, plan, error))
      return NULL;
  read_target (file, plan);
  if (plan->goal != GLOW_CAPTURE_CUSTOM)
    glow_capture_plan_set_events (plan);
  else if (!read_events (file, plan, error))
    return NULL;
  return g_steal_pointer (&plan);
}
