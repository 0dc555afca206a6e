/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A request as arguments. Everything in them is a number, a word of this file, a name of the closed grammar or a path that the caller of this function
 * vouches for; each argument is one word, so that nothing has to be quoted.
 *
 * perf: --buildid-mmap, so that it neither reads its own output again at the end (the owner of that file can write to it meanwhile) nor copies files
 * into a cache. For processes that were there before, perf reads build-ids by path, in its own root: where that is not theirs, none is better than
 * another file's. --no-bpf-event, because describing the kernel's programs asks for more rights than sampling. Options as of perf 5.12 and later. */
#include "helper/request.h"

#include <inttypes.h>
#include <string.h>

G_GNUC_PRINTF (2, 3) static void
add (GPtrArray *words, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (words, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* What perf calls an event: what it is found by in the recording, and in orders. */
static char *
dup_event_name (const HelperRequest *request, const HelperEvent *event)
{
  gboolean is_tracepoint = helper_event_describe (event->name, NULL, NULL) == HELPER_EVENT_TRACEPOINT;

  return event->label != NULL ? g_strdup (event->label) : g_strconcat (event->name, request->kernel || is_tracepoint ? NULL : ":u", NULL);
}

/* perf's names stand in quotes: its parser takes some of them, such as cpu-clock and freq, for words of its own otherwise. */
static void
add_event (GPtrArray *words, const HelperRequest *request, const HelperEvent *event)
{
  gboolean is_tracepoint = helper_event_describe (event->name, NULL, NULL) == HELPER_EVENT_TRACEPOINT;
  const char *user = request->kernel || is_tracepoint ? "" : "u";
  g_autofree char *name = dup_event_name (request, event);
  g_autoptr(GString) terms = g_string_new (NULL);

  if (!is_tracepoint)
    {
      if (event->frequency > 0)
        g_string_append_printf (terms, ",freq=%u", event->frequency);
      else
        g_string_append_printf (terms, ",period=%" PRIu64, MAX (event->period, 1));
      g_string_append_printf (terms, ",name='%s'", name);
    }
  if (request->max_stack != 127 && request->call_graph != HELPER_CALL_GRAPH_NONE)
    g_string_append_printf (terms, ",max-stack=%u", request->max_stack);
  add (words, "--event=%s%s%s%s%s", event->name, terms->len > 0 ? "/" : "", terms->len > 0 ? terms->str + 1 : "", terms->len > 0 ? "/" : "", user);
}

static char *
join_pids (const HelperRequest *request, const HelperProcess *process)
{
  GString *text = g_string_new (NULL);

  if (process != NULL)
    g_string_append_printf (text, "%u", process->pid);
  for (guint i = 0; process == NULL && i < request->processes->len; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? "," : "", g_array_index (request->processes, HelperProcess, i).pid);
  return g_string_free (text, FALSE);
}

/* What both recorders are told alike. */
static void
add_target (GPtrArray *words, const HelperRequest *request, const HelperProcess *process, const char *cgroup)
{
  g_autofree char *pids = join_pids (request, process);

  if (request->target == HELPER_TARGET_PROCESSES)
    add (words, "--pid=%s", pids);
  else
    add (words, "--all-cpus");
  if (request->target == HELPER_TARGET_CGROUP)
    add (words, "--cgroup=%s", cgroup);
  if (!request->inherit)
    add (words, "--no-inherit");
  if (request->size > 0)
    add (words, "--max-size=%" PRIu64 "B", request->size);
}

static void
add_random (GPtrArray *words, const HelperRequest *request)
{
  const HelperEvent *event = g_ptr_array_index (request->events, 0);

  add (words, "--event=%s", event->name);
  if (event->label != NULL)
    add (words, "--name=%s", event->label);
  if (event->frequency > 0)
    add (words, "--freq=%u", event->frequency);
  else
    add (words, "--count=%" PRIu64, event->period);
  if (request->kernel)
    add (words, "--kernel");
  if (request->call_graph == HELPER_CALL_GRAPH_NONE)
    add (words, "--call-graph=none");
  else if (request->max_stack != 127)
    add (words, "--max-stack=%u", request->max_stack);
}

static void
add_perf (GPtrArray *words, const HelperRequest *request, const char *const *probe_events)
{
  const char *user = request->kernel ? "" : "u";
  guint64 period = 1;

  add (words, "--clockid=CLOCK_MONOTONIC");
  add (words, request->foreign_roots ? "--no-buildid" : "--buildid-mmap");
  add (words, "--no-bpf-event");
  for (guint i = 0; i < request->events->len; i++)
    {
      const HelperEvent *event = g_ptr_array_index (request->events, i);

      if (helper_event_describe (event->name, NULL, NULL) == HELPER_EVENT_TRACEPOINT)
        period = MAX (event->period, 1);
      add_event (words, request, event);
    }
  for (guint i = 0; probe_events != NULL && probe_events[i] != NULL; i++)
    if (request->max_stack != 127 && request->call_graph != HELPER_CALL_GRAPH_NONE)
      add (words, "--event=%s/max-stack=%u/%s", probe_events[i], request->max_stack, user);
    else
      add (words, "--event=%s%s%s", probe_events[i], *user != '\0' ? ":" : "", user);
  /* Of the events above it reaches tracepoints alone: the others say their own. */
  if (period > 1)
    add (words, "--count=%" PRIu64, period);
  if (request->call_graph == HELPER_CALL_GRAPH_DWARF)
    add (words, "--call-graph=dwarf,%u", request->stack_size);
  else if (request->call_graph != HELPER_CALL_GRAPH_NONE)
    add (words, "--call-graph=%s", request->call_graph == HELPER_CALL_GRAPH_LBR ? "lbr" : "fp");
  if (!request->kernel && request->call_graph != HELPER_CALL_GRAPH_NONE)
    add (words, "--user-callchains");
  if (request->compression > 0)
    add (words, "--compression-level=%u", request->compression);
  if (request->switches)
    add (words, "--switch-events");
  if (request->cgroups)
    add (words, "--all-cgroups");
}

char **
helper_request_dup_command (const HelperRequest *request, const char *program, const HelperProcess *process, const char *cgroup,
                            const char *const *probe_events, const char *output, gboolean control)
{
  gboolean is_random = request->sampler == HELPER_SAMPLER_RANDOM;
  GPtrArray *words = g_ptr_array_new ();

  add (words, "%s", program);
  add (words, "%s", is_random ? "sample" : "record");
  add (words, "--output=%s", output);
  add (words, "--mmap-pages=%uK", request->buffer);
  if (control)
    {
      add (words, "--delay=-1");
      add (words, "--control=fd:%d,%d", HELPER_CONTROL_FD, HELPER_ANSWER_FD);
    }
  if (is_random)
    add_random (words, request);
  else
    add_perf (words, request, probe_events);
  add_target (words, request, process, cgroup);
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_free (words, FALSE);
}

/* perf reads orders of up to 63 bytes. */
#define LONGEST_NAME 54

static gboolean
append_order (GString *orders, const char *verb, const char *name)
{
  g_string_append_printf (orders, "%s %s\n", verb, name);
  return strlen (name) <= LONGEST_NAME;
}

char *
helper_request_dup_orders (const HelperRequest *request, const char *const *probe_events, HelperOrder order)
{
  const char *verb = order == HELPER_PAUSE ? "disable" : "enable";
  g_autoptr(GString) orders = g_string_new (NULL);
  gboolean fits = TRUE;

  for (guint i = 0; order != HELPER_BEGIN && request->sampler == HELPER_SAMPLER_PERF && i < request->events->len; i++)
    {
      g_autofree char *name = dup_event_name (request, g_ptr_array_index (request->events, i));

      fits &= append_order (orders, verb, name);
    }
  for (guint i = 0; order != HELPER_BEGIN && probe_events != NULL && probe_events[i] != NULL; i++)
    fits &= append_order (orders, verb, probe_events[i]);
  if (orders->len == 0 || !fits)
    g_string_printf (orders, "%s\n", verb);
  return g_string_free (g_steal_pointer (&orders), FALSE);
}
