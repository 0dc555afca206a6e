/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan is a value: what is to be recorded, why and how much. What can be recorded at all is decided by the parser of the privileged service, whoever
 * records; here stands what only a person can mean. */
#include <config.h>

#include "capture/capture-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define DEFAULT_RATE 99
#define DEFAULT_STACK_SIZE 8192
#define DEFAULT_MAX_STACK 127

void
glow_capture_event_free (gpointer data)
{
  GlowCaptureEvent *event = data;

  g_free (event->name);
  g_free (event->label);
  g_free (event);
}

void
glow_capture_probe_free (gpointer data)
{
  GlowCaptureProbe *probe = data;

  g_free (probe->binary);
  g_free (probe->symbol);
  g_free (probe->label);
  g_free (probe);
}

/**
 * glow_capture_plan_new:
 *
 * Returns: (transfer full): where CPU time of a command goes, at 99 Hz by interleaved clocks, with stacks by frame pointers; the command is still to be said
 */
GlowCapturePlan *
glow_capture_plan_new (void)
{
  GlowCapturePlan *plan = g_new0 (GlowCapturePlan, 1);

  plan->processes = g_array_new (FALSE, TRUE, sizeof (GlowCaptureProcess));
  plan->events = g_ptr_array_new_with_free_func (glow_capture_event_free);
  plan->probes = g_ptr_array_new_with_free_func (glow_capture_probe_free);
  plan->rate = DEFAULT_RATE;
  plan->call_graph = GLOW_CAPTURE_FP;
  plan->stack_size = DEFAULT_STACK_SIZE;
  plan->max_stack = DEFAULT_MAX_STACK;
  plan->inherit = TRUE;
  glow_capture_plan_set_events (plan);
  return plan;
}

/**
 * glow_capture_plan_copy:
 *
 * Returns: (transfer full): an equal plan
 */
GlowCapturePlan *
glow_capture_plan_copy (const GlowCapturePlan *plan)
{
  GlowCapturePlan *copy = g_memdup2 (plan, sizeof *plan);

  copy->command = g_strdupv (plan->command);
  copy->directory = g_strdup (plan->directory);
  copy->environment = g_strdupv (plan->environment);
  copy->processes = g_array_copy (plan->processes);
  copy->cgroup = g_strdup (plan->cgroup);
  copy->function_binary = g_strdup (plan->function_binary);
  copy->function = g_strdup (plan->function);
  copy->events = g_ptr_array_new_with_free_func (glow_capture_event_free);
  copy->probes = g_ptr_array_new_with_free_func (glow_capture_probe_free);
  for (guint i = 0; i < plan->events->len; i++)
    {
      GlowCaptureEvent *event = g_memdup2 (g_ptr_array_index (plan->events, i), sizeof *event);

      event->name = g_strdup (event->name);
      event->label = g_strdup (event->label);
      g_ptr_array_add (copy->events, event);
    }
  for (guint i = 0; i < plan->probes->len; i++)
    {
      GlowCaptureProbe *probe = g_memdup2 (g_ptr_array_index (plan->probes, i), sizeof *probe);

      probe->binary = g_strdup (probe->binary);
      probe->symbol = g_strdup (probe->symbol);
      probe->label = g_strdup (probe->label);
      g_ptr_array_add (copy->probes, probe);
    }
  return copy;
}

void
glow_capture_plan_free (GlowCapturePlan *plan)
{
  if (plan == NULL)
    return;
  g_strfreev (plan->command);
  g_free (plan->directory);
  g_strfreev (plan->environment);
  g_array_unref (plan->processes);
  g_free (plan->cgroup);
  g_free (plan->function_binary);
  g_free (plan->function);
  g_ptr_array_unref (plan->events);
  g_ptr_array_unref (plan->probes);
  g_free (plan);
}

static gboolean
equal_words (char **a, char **b)
{
  static const char *const none[] = { NULL };

  return g_strv_equal (a != NULL ? (const char *const *) a : none, b != NULL ? (const char *const *) b : none);
}

static gboolean
equal_events (const GPtrArray *a, const GPtrArray *b)
{
  for (guint i = 0; i < a->len && a->len == b->len; i++)
    {
      const GlowCaptureEvent *one = g_ptr_array_index (a, i), *other = g_ptr_array_index (b, i);

      if (strcmp (one->name, other->name) != 0 || g_strcmp0 (one->label, other->label) != 0 || one->frequency != other->frequency || one->period != other->period)
        return FALSE;
    }
  return a->len == b->len;
}

static gboolean
equal_probes (const GPtrArray *a, const GPtrArray *b)
{
  for (guint i = 0; i < a->len && a->len == b->len; i++)
    {
      const GlowCaptureProbe *one = g_ptr_array_index (a, i), *other = g_ptr_array_index (b, i);

      if (strcmp (one->binary, other->binary) != 0 || g_strcmp0 (one->symbol, other->symbol) != 0 || strcmp (one->label, other->label) != 0
          || one->offset != other->offset || one->is_return != other->is_return)
        return FALSE;
    }
  return a->len == b->len;
}

static gboolean
equal_processes (const GArray *a, const GArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    {
      const GlowCaptureProcess *left = &g_array_index (a, GlowCaptureProcess, i), *right = &g_array_index (b, GlowCaptureProcess, i);

      if (left->pid != right->pid || left->start_time != right->start_time)
        return FALSE;
    }
  return TRUE;
}

/**
 * glow_capture_plan_equal:
 *
 * Returns: whether both record the same of the same
 */
gboolean
glow_capture_plan_equal (const GlowCapturePlan *a, const GlowCapturePlan *b)
{
  return a->target == b->target && a->goal == b->goal && a->clock == b->clock && a->rate == b->rate && a->call_graph == b->call_graph
         && a->stack_size == b->stack_size && a->max_stack == b->max_stack && a->kernel == b->kernel && a->switches == b->switches && a->cgroups == b->cgroups
         && a->compression == b->compression && a->buffer == b->buffer && a->duration == b->duration && a->size == b->size && a->inherit == b->inherit
         && a->per_process == b->per_process && equal_processes (a->processes, b->processes)
         && equal_words (a->command, b->command) && equal_words (a->environment, b->environment) && g_strcmp0 (a->directory, b->directory) == 0
         && g_strcmp0 (a->cgroup, b->cgroup) == 0 && g_strcmp0 (a->function_binary, b->function_binary) == 0 && g_strcmp0 (a->function, b->function) == 0
         && equal_events (a->events, b->events) && equal_probes (a->probes, b->probes);
}

G_GNUC_PRINTF (2, 3) static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list arguments;
  g_autofree char *message = NULL;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, message);
  return FALSE;
}

static gboolean
check_target (const GlowCapturePlan *plan, GError **error)
{
  switch (plan->target)
    {
    case GLOW_CAPTURE_COMMAND:
      if (plan->command == NULL || plan->command[0] == NULL || *plan->command[0] == '\0')
        return refuse (error, "%s", _("No command was given; name the program that is to be started, with its arguments"));
      if (plan->per_process)
        return refuse (error, "%s", _("A launched command is one process: a recording for each is made of processes that run already"));
      if (plan->directory != NULL && !g_file_test (plan->directory, G_FILE_TEST_IS_DIR))
        return refuse (error, _("“%s” is not a folder: the command cannot be started there"), plan->directory);
      break;
    case GLOW_CAPTURE_PROCESSES:
      if (plan->processes->len == 0)
        return refuse (error, "%s", _("No process was chosen"));
      break;
    case GLOW_CAPTURE_CGROUP:
      if (plan->cgroup == NULL || *plan->cgroup == '\0')
        return refuse (error, "%s", _("No container was chosen"));
      break;
    case GLOW_CAPTURE_SYSTEM:
      break;
    }
  if (plan->per_process && plan->target != GLOW_CAPTURE_PROCESSES)
    return refuse (error, "%s", _("A recording for each process needs processes to be named"));
  return TRUE;
}

static gboolean
check_events (const GlowCapturePlan *plan, GError **error)
{
  if (plan->goal == GLOW_CAPTURE_FUNCTION && (plan->function == NULL || *plan->function == '\0' || plan->function_binary == NULL || *plan->function_binary == '\0'))
    return refuse (error, "%s", _("No function was named; it is a program or library, and the name of a function in it"));
  for (guint i = 0; i < plan->probes->len; i++)
    {
      const GlowCaptureProbe *probe = g_ptr_array_index (plan->probes, i);

      if (!g_file_test (probe->binary, G_FILE_TEST_IS_REGULAR))
        return refuse (error, _("“%s” is not a file: a function's probe is made in its program or library"), probe->binary);
    }
  if (plan->clock == GLOW_CAPTURE_RANDOM && (plan->events->len != 1 || plan->probes->len > 0))
    return refuse (error, "%s", _("Random gaps are for one clock alone (where CPU time goes); take interleaved clocks beside other events"));
  if (plan->clock == GLOW_CAPTURE_RANDOM && plan->call_graph > GLOW_CAPTURE_FP)
    return refuse (error, "%s", _("Random gaps are recorded with stacks by frame pointers, or without stacks"));
  if (plan->events->len + plan->probes->len == 0)
    return refuse (error, "%s", _("No event was chosen"));
  for (guint i = 0; i < plan->events->len; i++)
    {
      const GlowCaptureEvent *event = g_ptr_array_index (plan->events, i);

      if (event->frequency > 0 && strchr (event->name, ':') != NULL)
        return refuse (error, _("“%s” is a tracepoint: at %u Hz most of its events would be lost. Without a rate each is recorded"), event->name, event->frequency);
    }
  return TRUE;
}

/**
 * glow_capture_plan_check:
 *
 * Returns: whether it can be recorded; else G_IO_ERROR_INVALID_ARGUMENT names what stands against it and what to do
 */
gboolean
glow_capture_plan_check (const GlowCapturePlan *plan, GError **error)
{
  const GlowCaptureProcess stand_in = { 1, 1 };
  const GlowCaptureSubject subject = {
    plan->target == GLOW_CAPTURE_COMMAND ? &stand_in : (const GlowCaptureProcess *) plan->processes->data,
    plan->target == GLOW_CAPTURE_COMMAND ? 1 : plan->processes->len, 1,
  };
  g_autoptr(HelperRequest) request = NULL;

  if (!check_target (plan, error) || !check_events (plan, error))
    return FALSE;
  request = glow_capture_plan_parse_request (plan, &subject, error);
  return request != NULL;
}
