/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of the CPUs somebody used, and what counters say of a command: the two things that the cost of a recording is told from. */
#include <config.h>

#include "capture/measure-private.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Of all threads of a process that are there, in seconds. */
double
glow_capture_read_tasks (guint pid)
{
  g_autofree char *folder = g_strdup_printf ("/proc/%u/task", pid);
  g_autoptr(GDir) tasks = g_dir_open (folder, 0, NULL);
  const char *name;
  double sum = 0;

  while (tasks != NULL && (name = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, "schedstat", NULL), *text = NULL;

      if (g_file_get_contents (path, &text, NULL, NULL))
        sum += g_ascii_strtoull (text, NULL, 10) / 1e9;
    }
  return sum;
}

/* All that is not idle or waiting for a disk. */
static double
read_system (void)
{
  g_autofree char *text = NULL;
  guint64 n[8] = { 0 };

  if (!g_file_get_contents ("/proc/stat", &text, NULL, NULL)
      || sscanf (text, "cpu %" G_GINT64_MODIFIER "u %" G_GINT64_MODIFIER "u %" G_GINT64_MODIFIER "u %" G_GINT64_MODIFIER "u %" G_GINT64_MODIFIER "u %" G_GINT64_MODIFIER "u %"
                 G_GINT64_MODIFIER "u", &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6]) != 7)
    return NAN;
  return (double) (n[0] + n[1] + n[2] + n[5] + n[6]) / sysconf (_SC_CLK_TCK);
}

static double
read_cgroup (const char *cgroup)
{
  g_autofree char *mount = glow_capture_cgroup_mount (), *path = mount != NULL ? g_build_filename (mount, cgroup, "cpu.stat", NULL) : NULL, *text = NULL;
  const char *line;

  if (path == NULL || !g_file_get_contents (path, &text, NULL, NULL) || (line = strstr (text, "usage_usec ")) == NULL)
    return NAN;
  return g_ascii_strtoull (line + strlen ("usage_usec "), NULL, 10) / 1e6;
}

/* Seconds of CPU time since somewhen; NAN where that cannot be told. Of processes only threads that are there. */
double
glow_capture_read_usage (const GlowCapturePlan *plan)
{
  double sum = 0;

  if (plan->target == GLOW_CAPTURE_SYSTEM)
    return read_system ();
  if (plan->target == GLOW_CAPTURE_CGROUP)
    return read_cgroup (plan->cgroup);
  for (guint i = 0; i < plan->processes->len; i++)
    sum += glow_capture_read_tasks (g_array_index (plan->processes, GlowCaptureProcess, i).pid);
  return plan->processes->len > 0 ? sum : NAN;
}

static int
open_counter (guint pid, guint32 type, guint64 config, gboolean kernel)
{
  struct perf_event_attr attr = {
    .type = type, .size = sizeof attr, .config = config, .disabled = 1, .inherit = 1, .enable_on_exec = 1, .exclude_kernel = !kernel, .exclude_hv = 1,
    .read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
  };

  return (int) syscall (SYS_perf_event_open, &attr, (pid_t) pid, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* What perf stat would: from its exec on, with all that it starts. The kernel's instructions too where this user may count them. */
void
glow_capture_counts_open (GlowCaptureCounts *self, guint pid)
{
  self->task_clock = open_counter (pid, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, TRUE);
  if (self->task_clock < 0)
    self->task_clock = open_counter (pid, PERF_TYPE_SOFTWARE, PERF_COUNT_SW_TASK_CLOCK, FALSE);
  self->instructions = open_counter (pid, PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, TRUE);
  if (self->instructions < 0)
    self->instructions = open_counter (pid, PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, FALSE);
}

/* Scaled to the whole time where a counter had to be shared. */
static double
take_count (int *fd)
{
  guint64 value[3] = { 0 };
  double count = NAN;

  if (*fd >= 0 && read (*fd, value, sizeof value) == sizeof value && value[2] > 0)
    count = (double) value[0] * ((double) value[1] / (double) value[2]);
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
  return count;
}

/* Closes it. NAN where there is no such counter. */
void
glow_capture_counts_take (GlowCaptureCounts *self, double *task_clock, double *instructions)
{
  *task_clock = take_count (&self->task_clock);
  *instructions = take_count (&self->instructions);
}
