/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom a recording is of. A process is its number and start time, held by a descriptor: what /proc says of a number is that process' as long as the
 * descriptor's process lives. Own are processes that the caller could trace by himself, by the kernel's rules; a control group is found by its number.
 *
 * Source: ptrace(2), "Ptrace access mode checking", without its capabilities: user ids and group ids of all kinds equal, and dumpable, which shows in
 * who owns the files in /proc/PID. */
#include "helper/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define CGROUP2_MAGIC 0x63677270
#define PF_KTHREAD 0x200000     /* of the ninth field of /proc/PID/stat: one of them has a root of its own */
#define KERNFS_HANDLE 0xfe      /* FILEID_KERNFS: the handle is the inode's number */

#define refuse(error, code, ...) (g_set_error (error, G_IO_ERROR, G_IO_ERROR_##code, __VA_ARGS__), FALSE)

typedef struct {
  char comm[17];
  guint64 start_time;
  uid_t owner;                  /* of /proc/PID/environ: root where it is not to be looked into */
  uid_t uids[4];                /* real, effective, saved, of files */
  gid_t gids[4];
  gboolean same_root;
} Looks;

static gsize
read_below (int folder, const char *name, char *buffer, gsize size)
{
  int fd = openat (folder, name, O_RDONLY | O_CLOEXEC);
  gssize n = fd >= 0 ? read (fd, buffer, size - 1) : -1;

  if (fd >= 0)
    close (fd);
  buffer[MAX (n, 0)] = '\0';
  return MAX (n, 0);
}

/* What /proc says of it. */
static gboolean
look_at (guint pid, Looks *looks)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u", pid);
  int folder = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  char text[4096], *comm, *at;
  struct stat about, root, ours;
  gboolean is_right = FALSE, is_kernel = FALSE;

  if (folder < 0)
    return FALSE;
  memset (looks, 0, sizeof *looks);
  read_below (folder, "stat", text, sizeof text);
  comm = strchr (text, '(');
  at = strrchr (text, ')');     /* a name may hold brackets itself: the last one ends it */
  if (comm != NULL && at != NULL)
    {
      g_strlcpy (looks->comm, comm + 1, MIN (sizeof looks->comm, (gsize) (at - comm)));
      for (guint field = 2; at != NULL && field < 22; field++)
        {
          at = strchr (at + 1, ' ');
          if (at != NULL && field == 8)
            is_kernel = (g_ascii_strtoull (at, NULL, 10) & PF_KTHREAD) != 0;
        }
      /* The folder itself is always its user's; files in it are root's where the kernel lets nobody look into the process. */
      is_right = at != NULL && fstatat (folder, "environ", &about, AT_SYMLINK_NOFOLLOW) == 0;
    }
  if (is_right)
    {
      looks->start_time = g_ascii_strtoull (at, NULL, 10);
      looks->owner = about.st_uid;
      read_below (folder, "status", text, sizeof text);
      at = strstr (text, "\nUid:");     /* of the kernel: a name's newlines are escaped */
      is_right = at != NULL && sscanf (at, "\nUid: %u %u %u %u Gid: %u %u %u %u", &looks->uids[0], &looks->uids[1], &looks->uids[2], &looks->uids[3],
                                       &looks->gids[0], &looks->gids[1], &looks->gids[2], &looks->gids[3]) == 8;
    }
  looks->same_root = is_kernel || fstatat (folder, "root/.", &root, 0) != 0
                     || (stat ("/", &ours) == 0 && root.st_dev == ours.st_dev && root.st_ino == ours.st_ino);
  close (folder);
  return is_right;
}

static gboolean
is_own (const Looks *looks, const HelperCaller *caller)
{
  gboolean knows_group = FALSE;

  for (guint i = 0; i < 4; i++)
    if (looks->uids[i] != caller->uid || looks->gids[i] != looks->gids[0])
      return FALSE;
  for (guint i = 0; i < caller->groups->len; i++)
    knows_group |= g_array_index (caller->groups, gid_t, i) == looks->gids[0];
  return knows_group && looks->owner == caller->uid;
}

/* One process, looked at while @pidfd holds it. */
static gboolean
check_process (int pidfd, const HelperProcess *process, Looks *looks, GError **error)
{
  struct pollfd ended = { pidfd, POLLIN, 0 };

  if (!look_at (process->pid, looks) || poll (&ended, 1, 0) != 0)
    return refuse (error, NOT_FOUND, "There is no process %u any more", process->pid);
  if (looks->start_time != process->start_time)
    return refuse (error, NOT_FOUND, "The process %u began at %" PRIu64 ", not at %" PRIu64 ": it is another one", process->pid, looks->start_time,
                   process->start_time);
  return TRUE;
}

/* For people who are asked: letters that no display reads as anything else. */
static void
append_name (GString *words, const char *name)
{
  for (; *name != '\0' && words->len < 400; name++)
    g_string_append_c (words, g_ascii_isalnum (*name) || strchr ("_-+./:@ ", *name) != NULL ? *name : '?');
}

static gboolean
open_processes (HelperTargets *targets, HelperRequest *request, const HelperCaller *caller, GError **error)
{
  g_autoptr(GString) words = g_string_new (NULL);
  gid_t first = targets->gid;

  targets->own = TRUE;
  for (guint i = 0; i < request->processes->len; i++)
    {
      const HelperProcess *process = &g_array_index (request->processes, HelperProcess, i);
      int pidfd = syscall (SYS_pidfd_open, process->pid, 0);
      Looks looks;

      if (pidfd < 0)
        return refuse (error, NOT_FOUND, "There is no process %u: %s", process->pid, g_strerror (errno));
      g_array_append_val (targets->pidfds, pidfd);
      if (!check_process (pidfd, process, &looks, error))
        return FALSE;
      targets->own = targets->own && is_own (&looks, caller);
      if (i == 0)
        first = looks.gids[0];
      request->foreign_roots |= !looks.same_root;
      g_string_append_printf (words, "%s%u ", i > 0 ? ", " : "", process->pid);
      append_name (words, looks.comm);
    }
  /* The kernel wants the tracer's group to be the traced one's: it is one of the caller's. */
  if (targets->own)
    targets->gid = first;
  targets->words = g_string_free (g_steal_pointer (&words), FALSE);
  return TRUE;
}

/* Whether any process has another root than this one. */
static gboolean
is_any_root_foreign (void)
{
  g_autoptr(GDir) processes = g_dir_open ("/proc", 0, NULL);
  gboolean is_foreign = FALSE;
  const char *name;
  Looks looks;

  while (processes != NULL && !is_foreign && (name = g_dir_read_name (processes)) != NULL)
    if (g_ascii_isdigit (*name) && look_at (strtoul (name, NULL, 10), &looks))
      is_foreign = !looks.same_root;
  return is_foreign;
}

static gboolean
open_cgroup (HelperTargets *targets, guint64 number, GError **error)
{
  static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
  struct { struct file_handle head; guint64 number; } handle = { { sizeof number, KERNFS_HANDLE }, number };
  g_autofree char *link = NULL, *path = NULL;
  const char *mount = NULL;
  struct statfs about;
  int folder, fd;

  for (guint i = 0; i < G_N_ELEMENTS (mounts); i++)
    if (statfs (mounts[i], &about) == 0 && about.f_type == CGROUP2_MAGIC)
      mount = mounts[i];
  folder = mount != NULL ? open (mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  fd = folder >= 0 ? open_by_handle_at (folder, &handle.head, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  if (fd >= 0)
    {
      link = g_strdup_printf ("/proc/self/fd/%d", fd);
      path = g_file_read_link (link, NULL);
      close (fd);
    }
  if (folder >= 0)
    close (folder);
  /* perf parts names at commas. */
  if (path == NULL || !g_str_has_prefix (path, mount) || path[strlen (mount)] != '/' || strchr (path, ',') != NULL || g_str_has_suffix (path, " (deleted)"))
    return refuse (error, NOT_FOUND, "There is no control group %" PRIu64 " that can be recorded", number);
  targets->cgroup = g_strdup (path + strlen (mount) + 1);
  return TRUE;
}

HelperTargets *
helper_targets_open (HelperRequest *request, const HelperCaller *caller, GError **error)
{
  g_autoptr(HelperTargets) targets = g_new0 (HelperTargets, 1);
  g_autoptr(GString) words = g_string_new (NULL);

  targets->pidfds = g_array_new (FALSE, FALSE, sizeof (int));
  targets->gid = caller->groups->len > 0 ? g_array_index (caller->groups, gid_t, 0) : (gid_t) 65534;
  if (request->target == HELPER_TARGET_PROCESSES)
    return open_processes (targets, request, caller, error) ? g_steal_pointer (&targets) : NULL;
  request->foreign_roots = is_any_root_foreign ();
  if (request->target == HELPER_TARGET_CGROUP && !open_cgroup (targets, request->cgroup, error))
    return NULL;
  append_name (words, targets->cgroup != NULL ? targets->cgroup : "");
  targets->words = targets->cgroup != NULL ? g_string_free (g_steal_pointer (&words), FALSE) : g_strdup ("*");
  return g_steal_pointer (&targets);
}

gboolean
helper_targets_check (const HelperTargets *targets, const HelperRequest *request, const HelperCaller *caller, GError **error)
{
  g_autoptr(HelperTargets) again = g_new0 (HelperTargets, 1);
  gboolean own = TRUE;

  again->pidfds = g_array_new (FALSE, FALSE, sizeof (int));
  for (guint i = 0; i < targets->pidfds->len; i++)
    {
      const HelperProcess *process = &g_array_index (request->processes, HelperProcess, i);
      Looks looks;

      if (!check_process (g_array_index (targets->pidfds, int, i), process, &looks, error))
        return FALSE;
      own = own && is_own (&looks, caller);
    }
  if (targets->own && !own)
    return refuse (error, PERMISSION_DENIED, "One of the processes is not the caller's own any more");
  return targets->cgroup == NULL
         || (open_cgroup (again, request->cgroup, error)
             && (g_str_equal (again->cgroup, targets->cgroup) || refuse (error, NOT_FOUND, "The control group was renamed")));
}

void
helper_targets_free (HelperTargets *targets)
{
  if (targets == NULL)
    return;
  for (guint i = 0; i < targets->pidfds->len; i++)
    close (g_array_index (targets->pidfds, int, i));
  g_array_unref (targets->pidfds);
  g_free (targets->cgroup);
  g_free (targets->words);
  g_free (targets);
}
