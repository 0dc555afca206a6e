/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes that can be attached to, from /proc. */
#include <config.h>

#include "capture/capture-private.h"
#include <afterglow/cgroup.h>

#include <glib/gstdio.h>
#include <math.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_COMMAND 4096

gboolean
glow_capture_read_stat (guint pid, guint64 *start_time, guint64 *ticks, char **comm)
{
  char path[32];
  g_autofree char *text = NULL;
  g_auto(GStrv) fields = NULL;
  const char *open, *close;

  g_snprintf (path, sizeof path, "/proc/%u/stat", pid);
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  /* A name may hold anything, and ends at the last bracket. */
  open = strchr (text, '(');
  close = strrchr (text, ')');
  if (open == NULL || close == NULL || close[1] == '\0')
    return FALSE;
  fields = g_strsplit (close + 2, " ", -1);
  if (g_strv_length (fields) < 20)
    return FALSE;
  if (start_time != NULL)
    *start_time = g_ascii_strtoull (fields[19], NULL, 10);
  if (ticks != NULL)
    *ticks = g_ascii_strtoull (fields[11], NULL, 10) + g_ascii_strtoull (fields[12], NULL, 10);
  if (comm != NULL)
    *comm = g_strndup (open + 1, close - open - 1);
  return TRUE;
}

/**
 * glow_capture_process_find:
 * @process: (out): the process that has this number now
 *
 * Returns: %FALSE where there is none
 */
gboolean
glow_capture_process_find (guint pid, GlowCaptureProcess *process)
{
  process->pid = pid;
  return glow_capture_read_stat (pid, &process->start_time, NULL, NULL);
}

/* Whether the process has another root folder, as in a container: its paths are of other files here. Unknown is taken for no. */
static gboolean
has_foreign_root (guint pid)
{
  char path[32];
  GStatBuf own, other;

  g_snprintf (path, sizeof path, "/proc/%u/root/", pid);
  return g_stat ("/", &own) == 0 && g_stat (path, &other) == 0 && (own.st_dev != other.st_dev || own.st_ino != other.st_ino);
}

/* Of the processes that are named; of all where none is. */
gboolean
glow_capture_has_foreign_roots (const GlowCaptureSubject *subject)
{
  g_autoptr(GDir) listing = subject->n_processes == 0 ? g_dir_open ("/proc", 0, NULL) : NULL;
  const char *name;
  guint64 pid;

  for (guint i = 0; i < subject->n_processes; i++)
    if (has_foreign_root (subject->processes[i].pid))
      return TRUE;
  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    if (g_ascii_string_to_unsigned (name, 10, 1, G_MAXINT32, &pid, NULL) && has_foreign_root ((guint) pid))
      return TRUE;
  return FALSE;
}

static void
row_free (gpointer data)
{
  GlowCaptureRow *row = data;

  g_free (row->comm);
  g_free (row->command);
  g_free (row->user);
  g_free (row->container);
  g_free (row->cgroup);
  g_free (row);
}

/* Words with blanks between; %NULL for the kernel's threads, which have none. */
static char *
read_command (guint pid)
{
  char path[32];
  g_autofree char *text = NULL;
  gsize n;

  g_snprintf (path, sizeof path, "/proc/%u/cmdline", pid);
  if (!g_file_get_contents (path, &text, &n, NULL) || n == 0)
    return NULL;
  n = MIN (n, MOST_COMMAND);
  for (gsize i = 0; i + 1 < n; i++)
    if (text[i] == '\0')
      text[i] = ' ';
  text[n - 1] = '\0';
  g_strchomp (text);
  return g_utf8_make_valid (text, -1);
}

static char *
read_cgroup (guint pid)
{
  char path[32];
  g_autofree char *text = NULL;
  const char *line;

  g_snprintf (path, sizeof path, "/proc/%u/cgroup", pid);
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  line = g_str_has_prefix (text, "0::") ? text : strstr (text, "\n0::");
  if (line == NULL)
    return NULL;
  line = strstr (line, "0::") + 3;
  return g_strndup (line, strcspn (line, "\n"));
}

static char *
dup_user (GHashTable *users, uid_t uid)
{
  const char *name = g_hash_table_lookup (users, GUINT_TO_POINTER (uid));
  const struct passwd *entry;

  if (name == NULL)
    {
      entry = getpwuid (uid);
      g_hash_table_insert (users, GUINT_TO_POINTER (uid), entry != NULL ? g_strdup (entry->pw_name) : g_strdup_printf ("%u", uid));
      name = g_hash_table_lookup (users, GUINT_TO_POINTER (uid));
    }
  return g_strdup (name);
}

static const GlowCaptureRow *
find_before (GPtrArray *before, const GlowCaptureProcess *process)
{
  /* Both are in the order of their numbers. */
  guint low = 0, high = before != NULL ? before->len : 0;

  while (low < high)
    {
      guint middle = (low + high) / 2;
      const GlowCaptureRow *row = g_ptr_array_index (before, middle);

      if (row->process.pid == process->pid)
        return row->process.start_time == process->start_time ? row : NULL;
      if (row->process.pid < process->pid)
        low = middle + 1;
      else
        high = middle;
    }
  return NULL;
}

static GlowCaptureRow *
read_row (guint pid, GHashTable *users, GPtrArray *before)
{
  g_autofree char *command = read_command (pid), *comm = NULL;
  GlowCaptureProcess process = { pid, 0 };
  const GlowCaptureRow *old;
  GlowCaptureRow *row;
  GlowCgroupKind kind;
  char path[32];
  GStatBuf status;
  guint64 ticks;

  g_snprintf (path, sizeof path, "/proc/%u", pid);
  if (command == NULL || g_stat (path, &status) != 0 || !glow_capture_read_stat (pid, &process.start_time, &ticks, &comm))
    return NULL;
  row = g_new0 (GlowCaptureRow, 1);
  row->process = process;
  row->comm = g_utf8_make_valid (comm, -1);
  row->command = g_steal_pointer (&command);
  row->user = dup_user (users, status.st_uid);
  row->own = status.st_uid == geteuid ();
  row->cgroup = read_cgroup (pid);
  row->ticks = ticks;
  row->read_at = g_get_monotonic_time ();
  if (row->cgroup != NULL)
    {
      row->container = glow_cgroup_dup_name (row->cgroup, &kind);
      if (kind != GLOW_CGROUP_CONTAINER && kind != GLOW_CGROUP_POD)
        g_clear_pointer (&row->container, g_free);
    }
  old = find_before (before, &process);
  row->cpu_share = old != NULL && row->read_at > old->read_at
                     ? (double) (ticks - old->ticks) / sysconf (_SC_CLK_TCK) / ((row->read_at - old->read_at) / 1e6) : NAN;
  return row;
}

static gint
compare_pids (gconstpointer a, gconstpointer b)
{
  const GlowCaptureRow *one = *(GlowCaptureRow *const *) a, *other = *(GlowCaptureRow *const *) b;

  return one->process.pid < other->process.pid ? -1 : one->process.pid > other->process.pid;
}

/**
 * glow_capture_list_processes:
 * @before: (nullable): the listing before, for the use of the CPU since then
 *
 * Reads /proc: some 20 ms for a thousand processes. The kernel's own threads are none: they are recorded with the whole machine.
 *
 * Returns: (transfer full) (element-type GlowCaptureRow): by number
 */
GPtrArray *
glow_capture_list_processes (GPtrArray *before)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func (row_free);
  g_autoptr(GHashTable) users = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_autoptr(GDir) listing = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    {
      guint64 pid;
      GlowCaptureRow *row = g_ascii_string_to_unsigned (name, 10, 1, G_MAXINT32, &pid, NULL) && pid != (guint64) getpid () ? read_row ((guint) pid, users, before)
                                                                                                                         : NULL;

      if (row != NULL)
        g_ptr_array_add (rows, row);
    }
  g_ptr_array_sort (rows, compare_pids);
  return rows;
}
