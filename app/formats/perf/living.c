/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a recording's processes can still be asked on this machine: their containers, where the recording does not say them, and the files that
 * they see. A pid alone proves nothing. First the recording must be of this boot: host, kernel, and either its distance from the wall clock
 * or the date of its file. Then the process must have started when the recording says, or before it was first seen, and run a program that
 * the recording saw in it. What cannot be proved is left unknown.
 *
 * A process that has ended has its container from one that lives in the same mount namespace, where the recording has both (--namespaces).
 *
 * Sources: proc(5); PERF_RECORD_NAMESPACES in include/uapi/linux/perf_event.h; cgroups(7). */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/perf/perf-private.h"
#include "symbols/symbol-table-private.h"

#include <afterglow/cgroup.h>

#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define SECOND G_GINT64_CONSTANT (1000000000)
/* Of the wall clock against the others, over a machine's life: it is set, and disciplined. */
#define SAME_BOOT (2 * SECOND)
/* The kernel's own clock is not disciplined: it may be 200 ppm off the one that /proc counts on. */
#define DRIFT 5000
#define LEAST_MARGIN (SECOND / 2)
/* From so many records of what happened to processes on, the list of those that run is cheaper than asking for each. */
#define MANY 1000

typedef struct {
  guint64 first;               /* ns: of its first sample; G_MAXUINT64: none */
  guint64 forked;              /* 0: before the recording, or not told */
  guint64 namespace_id;        /* of mounts; 0 where not recorded */
} Seen;

typedef struct {
  guint32 cgroup;              /* string; 0: not known */
  gboolean runs, has_root;     /* has_root: the files that it sees are not ours */
} Living;

/* ---- this boot ---- */

static gint64
now (clockid_t clock)
{
  struct timespec time = { 0, 0 };

  clock_gettime (clock, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

static gboolean
is_this_kernel (PerfReader *self)
{
  guint8 running[20];
  guint n = glow_running_kernel_build_id (running);
  GBytes *recorded = g_hash_table_lookup (self->build_ids, "[kernel.kallsyms]");

  return recorded == NULL || n == 0 || (g_bytes_get_size (recorded) >= n && memcmp (g_bytes_get_data (recorded, NULL), running, n) == 0);
}

static gboolean
is_this_boot (PerfReader *self, guint64 last_sample)
{
  const GlowProfileInfo *info = &self->builder->info;
  struct utsname running;
  gint64 offset;

  if (info->hostname == NULL || info->os_release == NULL || uname (&running) < 0 || strcmp (running.nodename, info->hostname) != 0
      || strcmp (running.release, info->os_release) != 0 || !is_this_kernel (self))
    return FALSE;
  offset = now (CLOCK_REALTIME) - now (info->clock == GLOW_CLOCK_BOOTTIME ? CLOCK_BOOTTIME : CLOCK_MONOTONIC);
  if (info->has_wall_clock && (info->clock == GLOW_CLOCK_MONOTONIC || info->clock == GLOW_CLOCK_BOOTTIME))
    return ABS (info->wall_clock_offset - offset) < SAME_BOOT;
  /* The file was closed soon after the last sample: its date and that sample's time are as far apart as the clocks. */
  return info->file_time > 0 && ABS (info->file_time - (gint64) last_sample - offset) < SAME_BOOT + (gint64) (last_sample / DRIFT);
}

/* ---- this process ---- */

static char *
read_proc (gint32 pid, const char *leaf)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/%s", pid, leaf);
  char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) ? text : NULL;
}

static char *
read_proc_link (gint32 pid, const char *leaf)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/%s", pid, leaf);

  return g_file_read_link (path, NULL);
}

/* ns since boot; 0 where there is no such process. */
static gint64
start_of (gint32 pid)
{
  g_autofree char *stat = read_proc (pid, "stat");
  const char *at = stat != NULL ? strrchr (stat, ')') : NULL;
  gint64 ticks = sysconf (_SC_CLK_TCK);

  /* The name is in parentheses and may hold anything; 20 fields on is the start. */
  for (guint i = 0; at != NULL && i < 20; i++)
    at = strchr (at + 1, ' ');
  return at != NULL && ticks > 0 ? (gint64) (g_ascii_strtoull (at + 1, NULL, 10) * (SECOND / ticks)) : 0;
}

/* Counted since boot with the time that the machine slept: never earlier than the recording's clock would have it. */
static gboolean
started_in_time (const PerfReader *self, const Seen *seen, gint64 start)
{
  gboolean exact = self->builder->info.clock == GLOW_CLOCK_MONOTONIC || self->builder->info.clock == GLOW_CLOCK_BOOTTIME;
  gint64 margin = LEAST_MARGIN + (exact ? 0 : start / DRIFT), slept = now (CLOCK_BOOTTIME) - now (CLOCK_MONOTONIC);

  if (start <= 0 || seen->first == G_MAXUINT64)
    return FALSE;
  if (seen->forked > 0)
    return ABS (start - (gint64) seen->forked) <= margin && (slept < LEAST_MARGIN || self->builder->info.clock == GLOW_CLOCK_BOOTTIME);
  return start + margin <= (gint64) seen->first;
}

/* Whether the recording saw the program in it that it runs. */
static gboolean
runs_recorded_program (const PerfReader *self, gint32 pid)
{
  g_autofree char *exe = read_proc_link (pid, "exe"), *name = exe != NULL ? g_path_get_basename (exe) : NULL;

  for (guint i = 0; name != NULL && i < self->n_side; i++)
    {
      const SideBand *side = perf_side (self, i);
      const char *path, *slash;

      if (side->kind != SIDE_MMAP || side->pid != pid)
        continue;
      path = glow_strings_get (self->builder->strings, side->text);
      slash = strrchr (path, '/');
      if (strcmp (slash != NULL ? slash + 1 : path, name) == 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * perf_cgroup_of_proc:
 * @text: /proc/PID/cgroup
 *
 * A process is in a group of each hierarchy. That of perf's own controller is what a recording would have said; where it is not mounted, that
 * of the unified one, of systemd, or the deepest.
 *
 * Returns: (transfer full) (nullable): the path
 */
char *
perf_cgroup_of_proc (const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  const char *best = NULL;
  int best_rank = -1;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *controllers = strchr (lines[i], ':'), *path = controllers != NULL ? strchr (controllers + 1, ':') : NULL;
      g_autofree char *names = path != NULL ? g_strndup (controllers + 1, path - controllers - 1) : NULL;
      g_auto(GStrv) list = names != NULL ? g_strsplit (names, ",", -1) : NULL;
      int rank;

      if (path == NULL || strcmp (path + 1, "/") == 0 || path[1] != '/')
        continue;
      rank = g_strv_contains ((const char *const *) list, "perf_event") ? 3 : *names == '\0' ? 2 : strcmp (names, "name=systemd") == 0 ? 1 : 0;
      if (rank < best_rank || (rank == best_rank && strlen (path + 1) <= strlen (best)))
        continue;
      best = path + 1;
      best_rank = rank;
    }
  return best != NULL ? g_strdup (best) : NULL;
}

/* Whether what it sees as its files is not what we see. */
static gboolean
has_own_root (gint32 pid)
{
  g_autofree char *root = g_strdup_printf ("/proc/%d/root", pid), *own = g_file_read_link ("/proc/self/ns/mnt", NULL);
  g_autofree char *its = read_proc_link (pid, "ns/mnt");
  struct stat here, there;

  if (own == NULL || its == NULL || stat ("/", &here) < 0 || stat (root, &there) < 0)
    return FALSE;
  return strcmp (own, its) != 0 || here.st_dev != there.st_dev || here.st_ino != there.st_ino;
}

/* ---- all of them ---- */

static Seen *
seen_of (GHashTable *all, gint32 pid)
{
  Seen *seen = g_hash_table_lookup (all, GINT_TO_POINTER (pid));

  if (seen == NULL)
    {
      seen = g_new0 (Seen, 1);
      seen->first = G_MAXUINT64;
      g_hash_table_insert (all, GINT_TO_POINTER (pid), seen);
    }
  return seen;
}

/* @running: (nullable): nothing is known of others. O(samples + side-band) */
static GHashTable *
collect (PerfReader *self, PerfDecoder *decoders, guint n_decoders, GHashTable *running)
{
  GHashTable *all = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  GHashTableIter iter;
  gpointer pid, inode;

  for (guint d = 0; d < n_decoders; d++)
    {
      gint32 last_pid = -1;
      Seen *seen = NULL;           /* of @last_pid; NULL: not asked for */

      for (gsize i = 0; i < decoders[d].n; i++)
        {
          const RawSample *sample = &decoders[d].samples[i];

          if (sample->pid <= 0)
            continue;
          if (sample->pid != last_pid)
            {
              last_pid = sample->pid;
              seen = running == NULL || g_hash_table_contains (running, GINT_TO_POINTER (last_pid)) ? seen_of (all, last_pid) : NULL;
            }
          if (seen != NULL)
            seen->first = MIN (seen->first, sample->time);
        }
    }
  for (guint i = 0; i < self->n_side; i++)
    {
      const SideBand *side = perf_side (self, i);

      if (side->kind == SIDE_FORK && side->pid != side->ppid && side->pid == side->tid && side->time > 0
          && (running == NULL || g_hash_table_contains (running, GINT_TO_POINTER (side->pid))))
        seen_of (all, side->pid)->forked = side->time;
    }
  g_hash_table_iter_init (&iter, self->namespaces);
  while (g_hash_table_iter_next (&iter, &pid, &inode))
    seen_of (all, GPOINTER_TO_INT (pid))->namespace_id = *(guint64 *) inode;
  return all;
}

static Living *
living_of (PerfReader *self, gint32 pid)
{
  Living *living = g_hash_table_lookup (self->living, GINT_TO_POINTER (pid));

  if (living == NULL)
    {
      living = g_new0 (Living, 1);
      g_hash_table_insert (self->living, GINT_TO_POINTER (pid), living);
    }
  return living;
}

static void
ask (PerfReader *self, gint32 pid)
{
  Living *living = living_of (self, pid);
  g_autofree char *text = read_proc (pid, "cgroup"), *path = text != NULL ? perf_cgroup_of_proc (text) : NULL;

  living->runs = TRUE;
  if (path != NULL)
    living->cgroup = glow_strings_intern (self->builder->strings, path, -1);
  living->has_root = has_own_root (pid);
}

/* Up to the container: below it, a process may be anywhere. (transfer full) (nullable) */
static char *
dup_container (const char *path)
{
  g_autofree char *at = g_strdup (path);
  char *found = NULL;

  while (at[1] != '\0')
    {
      GlowCgroupKind kind;
      g_autofree char *up = g_path_get_dirname (at);

      g_free (glow_cgroup_dup_name (at, &kind));
      if (kind != GLOW_CGROUP_CONTAINER)
        break;
      g_free (found);
      found = g_steal_pointer (&at);
      at = g_steal_pointer (&up);
    }
  return found;
}

/* Those that share a namespace of mounts, which is not the machine's own, with one that could be asked and is still in it. */
static void
ask_neighbours (PerfReader *self, GHashTable *seen)
{
  g_autoptr(GHashTable) containers = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, NULL);
  g_autofree char *ours = g_file_read_link ("/proc/1/ns/mnt", NULL);
  GHashTableIter iter;
  gpointer pid, value;

  g_hash_table_iter_init (&iter, self->living);
  while (g_hash_table_iter_next (&iter, &pid, &value))
    {
      const Living *living = value;
      Seen *own = g_hash_table_lookup (seen, pid);
      g_autofree char *now_in = read_proc_link (GPOINTER_TO_INT (pid), "ns/mnt"), *recorded = NULL, *container = NULL;

      if (living->cgroup == 0 || own == NULL || own->namespace_id == 0 || now_in == NULL)
        continue;
      recorded = g_strdup_printf ("mnt:[%" G_GUINT64_FORMAT "]", own->namespace_id);
      container = dup_container (glow_strings_get (self->builder->strings, living->cgroup));
      if (container != NULL && strcmp (recorded, now_in) == 0 && g_strcmp0 (recorded, ours) != 0)
        g_hash_table_insert (containers, &own->namespace_id, GUINT_TO_POINTER (glow_strings_intern (self->builder->strings, container, -1)));
    }
  g_hash_table_iter_init (&iter, seen);
  while (g_hash_table_iter_next (&iter, &pid, &value))
    {
      const Seen *own = value;
      gpointer container = own->namespace_id != 0 ? g_hash_table_lookup (containers, &own->namespace_id) : NULL;

      if (container != NULL && living_of (self, GPOINTER_TO_INT (pid))->cgroup == 0)
        living_of (self, GPOINTER_TO_INT (pid))->cgroup = GPOINTER_TO_UINT (container);
    }
}

/* Whether @pid still runs, and its files lie under /proc/@pid/root alone. */
gboolean
perf_has_own_root (const PerfReader *self, gint32 pid)
{
  const Living *living = g_hash_table_lookup (self->living, GINT_TO_POINTER (pid));

  return living != NULL && living->has_root;
}

/* pids of all that run. (transfer full) (nullable): where that cannot be told */
static GHashTable *
list_running (void)
{
  g_autoptr(GDir) dir = g_dir_open ("/proc", 0, NULL);
  GHashTable *pids = dir != NULL ? g_hash_table_new (NULL, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_ascii_isdigit (*name))
      g_hash_table_add (pids, GINT_TO_POINTER ((gint32) g_ascii_strtoll (name, NULL, 10)));
  return pids;
}

/**
 * perf_find_living:
 *
 * After the side-band was replayed: its modules are told under which root they lie. O(samples + side-band) where the recording is of this boot,
 * O(1) where it is of another host or kernel.
 */
void
perf_find_living (PerfReader *self, PerfDecoder *decoders, guint n_decoders)
{
  g_autoptr(GHashTable) seen = NULL, running = NULL;
  gboolean any = FALSE;
  GHashTableIter iter;
  gpointer pid, value;

  g_hash_table_remove_all (self->living);
  if (self->dialect != PERF_DIALECT_PERF || self->builder->info.clock == GLOW_CLOCK_UNKNOWN || self->builder->info.clock == GLOW_CLOCK_REALTIME
      || !is_this_boot (self, perf_last_time (decoders, n_decoders)))
    return;
  if (self->n_side > MANY)
    running = list_running ();
  /* Those that are gone matter only where they may have been neighbours of those that run. */
  seen = collect (self, decoders, n_decoders, g_hash_table_size (self->namespaces) == 0 ? running : NULL);
  g_hash_table_iter_init (&iter, seen);
  while (g_hash_table_iter_next (&iter, &pid, &value))
    if ((running == NULL || g_hash_table_contains (running, pid)) && started_in_time (self, value, start_of (GPOINTER_TO_INT (pid))) && runs_recorded_program (self, GPOINTER_TO_INT (pid)))
      ask (self, GPOINTER_TO_INT (pid));
  if (g_hash_table_size (self->namespaces) > 0)
    ask_neighbours (self, seen);
  g_hash_table_iter_init (&iter, self->living);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    any |= ((const Living *) value)->has_root;
  if (any)
    perf_sideband_set_roots (self);
}

/**
 * perf_add_living:
 *
 * Marks processes that still run, and gives threads the containers that the recording does not say.
 */
void
perf_add_living (PerfReader *self)
{
  GlowProfileBuilder *builder = self->builder;
  gboolean recorded = (self->sample_types & SAMPLE_CGROUP) != 0;
  guint n = 0;

  if (g_hash_table_size (self->living) == 0)
    return;
  for (guint i = 0; i < builder->processes->len; i++)
    {
      GlowProcess *process = &g_array_index (builder->processes, GlowProcess, i);
      const Living *living = g_hash_table_lookup (self->living, GINT_TO_POINTER (process->pid));

      process->is_running = living != NULL && living->runs;
      n += living != NULL && living->cgroup != 0;
    }
  for (guint i = 0; i < builder->threads->len && !recorded; i++)
    {
      GlowThread *thread = &g_array_index (builder->threads, GlowThread, i);
      const Living *living = g_hash_table_lookup (self->living, GINT_TO_POINTER (thread->pid));

      if (living == NULL || living->cgroup == 0)
        continue;
      thread->cgroup = living->cgroup;
      thread->cgroup_at_opening = TRUE;
    }
  if (!recorded && n > 0)
    glow_warnings_add (builder->warnings, "containers-as-of-opening", NULL, n, 0,
                       _("Record with perf record --all-cgroups to have them of every sample, and of processes that end."),
                       _("The recording does not say which containers its processes were in; those that still run were asked as it was opened"));
}
