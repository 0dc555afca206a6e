/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which events a goal needs. Each has its own rate: clocks a frequency, tracepoints none (every one is recorded), since a frequency on a tracepoint keeps a
 * few of its events and loses the rest. What begins and what ends something is recorded both, so that it can be paired. */
#include <config.h>

#include "capture/capture-private.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

static const char *const waiting_events[] = { "sched:sched_switch", "sched:sched_waking", "sched:sched_wakeup", "sched:sched_wakeup_new", NULL };
static const char *const syscall_events[] = { "raw_syscalls:sys_enter", "raw_syscalls:sys_exit", NULL };
static const char *const contention_events[] = { "lock:contention_begin", "lock:contention_end", NULL };
static const char *const futex_events[] = { "syscalls:sys_enter_futex", "syscalls:sys_exit_futex", NULL };
/* As many as a request may hold. */
static const char *const io_events[] = {
  "block:block_rq_issue", "block:block_rq_complete",
  "syscalls:sys_enter_openat", "syscalls:sys_exit_openat", "syscalls:sys_enter_read", "syscalls:sys_exit_read",
  "syscalls:sys_enter_write", "syscalls:sys_exit_write", "syscalls:sys_enter_pread64", "syscalls:sys_exit_pread64",
  "syscalls:sys_enter_pwrite64", "syscalls:sys_exit_pwrite64", "syscalls:sys_enter_fsync", "syscalls:sys_exit_fsync",
  "syscalls:sys_enter_fdatasync", "syscalls:sys_exit_fdatasync", NULL
};

static void
add_event (GlowCapturePlan *plan, const char *name, const char *label, guint frequency, guint64 period)
{
  GlowCaptureEvent *event = g_new0 (GlowCaptureEvent, 1);

  *event = (GlowCaptureEvent) { g_strdup (name), g_strdup (label), frequency, period };
  g_ptr_array_add (plan->events, event);
}

static void
add_each (GlowCapturePlan *plan, const char *const *names)
{
  for (guint i = 0; names[i] != NULL; i++)
    add_event (plan, names[i], NULL, 0, 0);
}

static void
add_clocks (GlowCapturePlan *plan)
{
  guint rates[3], n;

  switch (plan->clock)
    {
    case GLOW_CAPTURE_SINGLE:
      add_event (plan, glow_capture_clock_event (), NULL, plan->rate, 0);
      break;
    case GLOW_CAPTURE_RANDOM:
      /* The sampler sets its gaps itself, which it can do with a timer alone. */
      add_event (plan, "cpu-clock", NULL, plan->rate, 0);
      break;
    case GLOW_CAPTURE_INTERLEAVED:
      n = glow_capture_split_rate (plan->rate, rates);
      for (guint i = 0; i < n; i++)
        {
          const char label[] = { 'c', 'l', 'k', (char) ('A' + i), '\0' };

          add_event (plan, glow_capture_clock_event (), label, rates[i], 0);
        }
      break;
    }
}

#define MOST_LABEL 24          /* of 32 that a label may have, without what is put behind it */

/* "ns::handle<int>(x)" to what may be the name of an event. */
static char *
dup_label (const char *function)
{
  GString *label = g_string_new (NULL);

  for (const char *p = function; *p != '\0' && *p != '(' && label->len < MOST_LABEL - 2; p++)
    if (g_ascii_isalnum (*p) || *p == '_')
      g_string_append_c (label, *p);
    else if (label->len > 0 && label->str[label->len - 1] != '_')
      g_string_append_c (label, '_');
  if (label->len == 0 || g_ascii_isdigit (label->str[0]))
    g_string_prepend (label, "f_");
  return g_string_free (label, FALSE);
}

static void
add_probes (GlowCapturePlan *plan)
{
  g_autofree char *label = NULL;

  if (plan->function == NULL || plan->function_binary == NULL)
    return;
  label = dup_label (plan->function);
  for (guint i = 0; i < 2; i++)
    {
      GlowCaptureProbe *probe = g_new0 (GlowCaptureProbe, 1);

      /* How perf calls them, too. */
      *probe = (GlowCaptureProbe) { g_strdup (plan->function_binary), g_strdup (plan->function), 0, i == 1, g_strconcat (label, i == 1 ? "__return" : "", NULL) };
      g_ptr_array_add (plan->probes, probe);
    }
}

/* Since Linux 5.19. Who may not look whether they are there asks how old the kernel is. */
gboolean
glow_capture_has_contention_events (void)
{
  struct utsname name;
  guint major = 0, minor = 0;

  if (g_file_test ("/sys/kernel/tracing/events", G_FILE_TEST_IS_DIR))
    return g_file_test ("/sys/kernel/tracing/events/lock/contention_begin", G_FILE_TEST_IS_DIR);
  return uname (&name) == 0 && sscanf (name.release, "%u.%u", &major, &minor) == 2 && (major > 5 || (major == 5 && minor >= 19));
}

/**
 * glow_capture_plan_set_events:
 *
 * Sets events, probes and what goes with them anew, by goal, clock and rate. Does nothing to GLOW_CAPTURE_CUSTOM.
 */
void
glow_capture_plan_set_events (GlowCapturePlan *plan)
{
  if (plan->goal == GLOW_CAPTURE_CUSTOM)
    return;
  g_ptr_array_set_size (plan->events, 0);
  g_ptr_array_set_size (plan->probes, 0);
  /* Of a thread alone sched_switch tells when it left the CPU; these records tell when it came back. */
  plan->switches = plan->goal == GLOW_CAPTURE_WAITING || plan->goal == GLOW_CAPTURE_EVERYTHING;
  switch (plan->goal)
    {
    case GLOW_CAPTURE_CPU:
      add_clocks (plan);
      break;
    case GLOW_CAPTURE_WAITING:
      add_each (plan, waiting_events);
      add_clocks (plan);
      break;
    case GLOW_CAPTURE_FUNCTION:
      add_probes (plan);
      add_clocks (plan);
      break;
    case GLOW_CAPTURE_SYSCALLS:
      add_each (plan, syscall_events);
      break;
    case GLOW_CAPTURE_LOCKS:
      if (glow_capture_has_contention_events ())
        add_each (plan, contention_events);
      add_each (plan, futex_events);
      break;
    case GLOW_CAPTURE_IO:
      add_each (plan, io_events);
      break;
    case GLOW_CAPTURE_EVERYTHING:
      add_each (plan, waiting_events);
      add_each (plan, syscall_events);
      add_clocks (plan);
      add_event (plan, "page-faults", NULL, 0, 1);
      break;
    case GLOW_CAPTURE_CUSTOM:
      break;
    }
}

guint
glow_capture_plan_sum_rates (const GlowCapturePlan *plan)
{
  guint sum = 0;

  for (guint i = 0; i < plan->events->len; i++)
    sum += ((const GlowCaptureEvent *) g_ptr_array_index (plan->events, i))->frequency;
  return sum;
}
