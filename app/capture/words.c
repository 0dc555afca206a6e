/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan as the words of `afterglow-cli record` that say the same: what differs from a new plan. */
#include <config.h>

#include "capture/capture-private.h"

#include <string.h>

/* Quoted only where a shell would take it for something else. */
void
glow_capture_append_word (GString *line, const char *separator, const char *word)
{
  gboolean plain = *word != '\0' && word[strspn (word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,=+@%")] == '\0';
  g_autofree char *quoted = plain ? g_strdup (word) : g_shell_quote (word);

  g_string_append_printf (line, "%s%s", separator, quoted);
}

char *
glow_capture_dup_line (const char *const *words)
{
  GString *line = g_string_new (NULL);

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    glow_capture_append_word (line, i > 0 ? " " : "", words[i]);
  return g_string_free (line, FALSE);
}

static void
add (GString *line, const char *option, const char *value)
{
  g_string_append_printf (line, " %s", option);
  if (value != NULL)
    glow_capture_append_word (line, " ", value);
}

static void
add_number (GString *line, const char *option, guint64 value)
{
  g_string_append_printf (line, " %s %" G_GUINT64_FORMAT, option, value);
}

static void
add_target (GString *line, const GlowCapturePlan *plan)
{
  for (guint i = 0; plan->target == GLOW_CAPTURE_PROCESSES && i < plan->processes->len; i++)
    add_number (line, "--pid", g_array_index (plan->processes, GlowCaptureProcess, i).pid);
  if (plan->target == GLOW_CAPTURE_CGROUP && plan->cgroup != NULL)
    add (line, "--cgroup", plan->cgroup);
  if (plan->target == GLOW_CAPTURE_SYSTEM)
    add (line, "--system", NULL);
  if (plan->per_process)
    add (line, "--per-process", NULL);
}

static void
add_custom (GString *line, const GlowCapturePlan *plan)
{
  for (guint i = 0; i < plan->events->len; i++)
    {
      g_autofree char *word = glow_capture_event_dup_word (g_ptr_array_index (plan->events, i));

      add (line, "--event", word);
    }
  for (guint i = 0; i < plan->probes->len; i++)
    {
      const GlowCaptureProbe *probe = g_ptr_array_index (plan->probes, i);
      g_autofree char *place = probe->symbol != NULL ? g_strdup_printf ("%s:%s", probe->binary, probe->symbol) : NULL;

      /* The entry and its return are one word. */
      if (place != NULL && !probe->is_return)
        add (line, "--function", place);
    }
}

char *
glow_capture_plan_dup_words (const GlowCapturePlan *plan)
{
  g_autoptr(GlowCapturePlan) plain = glow_capture_plan_new ();
  GString *line = g_string_new ("afterglow-cli record");

  add_target (line, plan);
  if (plan->goal == GLOW_CAPTURE_CUSTOM)
    add_custom (line, plan);
  else if (plan->goal == GLOW_CAPTURE_FUNCTION)
    {
      g_autofree char *place = g_strdup_printf ("%s:%s", plan->function_binary != NULL ? plan->function_binary : "", plan->function != NULL ? plan->function : "");

      add (line, "--function", place);
    }
  else if (plan->goal != plain->goal)
    add (line, "--goal", glow_capture_goal_words[plan->goal]);
  if (plan->goal != GLOW_CAPTURE_CUSTOM && plan->clock != plain->clock)
    add (line, "--clock", glow_capture_clock_words[plan->clock]);
  if (plan->goal != GLOW_CAPTURE_CUSTOM && plan->rate != plain->rate)
    add_number (line, "--rate", plan->rate);
  if (plan->call_graph != plain->call_graph)
    add (line, "--call-graph", glow_capture_call_graph_words[plan->call_graph]);
  if (plan->call_graph == GLOW_CAPTURE_DWARF && plan->stack_size != plain->stack_size)
    add_number (line, "--stack-size", plan->stack_size);
  if (plan->max_stack != plain->max_stack)
    add_number (line, "--max-stack", plan->max_stack);
  if (plan->kernel)
    add (line, "--kernel", NULL);
  if (plan->switches && plan->goal == GLOW_CAPTURE_CUSTOM)
    add (line, "--switches", NULL);
  if (plan->cgroups)
    add (line, "--cgroups", NULL);
  if (!plan->inherit)
    add (line, "--no-inherit", NULL);
  if (plan->compression > 0)
    add_number (line, "--compression", plan->compression);
  if (plan->buffer > 0)
    add_number (line, "--buffer", plan->buffer);
  if (plan->duration > 0)
    {
      char text[G_ASCII_DTOSTR_BUF_SIZE];

      add (line, "--duration", g_ascii_dtostr (text, sizeof text, plan->duration));
    }
  if (plan->size > 0)
    add_number (line, "--size", plan->size);
  if (plan->target != GLOW_CAPTURE_COMMAND)
    return g_string_free (line, FALSE);
  if (plan->directory != NULL)
    add (line, "--directory", plan->directory);
  for (guint i = 0; plan->environment != NULL && plan->environment[i] != NULL; i++)
    add (line, "--env", plan->environment[i]);
  if (plan->command != NULL && plan->command[0] != NULL)
    g_string_append (line, " --");
  for (guint i = 0; plan->command != NULL && plan->command[i] != NULL; i++)
    glow_capture_append_word (line, " ", plan->command[i]);
  return g_string_free (line, FALSE);
}
