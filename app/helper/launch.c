/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts a recorder as the caller and not as root, with the few capabilities that its request needs, as ambient ones. So it cannot write what the caller
 * could not write; the kernel lets nobody without the same capabilities look into it; files of anyone else are not its own by user id.
 *
 * Source: capabilities(7), "Ambient capability set" and "Safety checking for capability-dumb binaries"; credentials(7). */
#include "helper/helper.h"

#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static gboolean
set_capabilities (guint64 wanted)
{
  struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
  struct __user_cap_data_struct data[2];

  for (guint i = 0; i < 2; i++)
    data[i].effective = data[i].permitted = data[i].inheritable = wanted >> 32 * i;
  return syscall (SYS_capset, &header, data) == 0;
}

static void
set_limit (int resource, guint64 value)
{
  struct rlimit limit = { value, value };

  setrlimit (resource, &limit);
}

/* Between fork and exec: system calls alone. Anything that does not come about ends the child. */
static void
take_powers (gpointer data)
{
  const HelperPowers *powers = data;
  pid_t parent = getppid ();
  sigset_t none;
  gboolean is_right = setsid () > 0;

  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  signal (SIGPIPE, SIG_DFL);
  umask (077);
  set_limit (RLIMIT_CORE, 0);
  set_limit (RLIMIT_MEMLOCK, powers->locked_memory);
  set_limit (RLIMIT_NOFILE, 65536);
  if (geteuid () == 0)
    {
      for (int capability = 0; prctl (PR_CAPBSET_READ, capability) >= 0; capability++)
        if ((powers->capabilities >> capability & 1) == 0)
          is_right = is_right && prctl (PR_CAPBSET_DROP, capability) == 0;
      is_right = is_right && setgroups (powers->n_groups, powers->groups) == 0;
      is_right = is_right && prctl (PR_SET_KEEPCAPS, 1) == 0;
      is_right = is_right && setresgid (powers->gid, powers->gid, powers->gid) == 0;
      is_right = is_right && setresuid (powers->uid, powers->uid, powers->uid) == 0;
      is_right = is_right && set_capabilities (powers->capabilities);
      for (int capability = 0; capability < 64; capability++)
        if (powers->capabilities >> capability & 1)
          is_right = is_right && prctl (PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0;
    }
  is_right = is_right && prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  /* If the service is killed, recorders end: probes can be removed then. */
  is_right = is_right && prctl (PR_SET_PDEATHSIG, SIGTERM) == 0 && getppid () == parent;
  if (!is_right)
    _exit (126);
}

GPid
helper_launch (char **argv, const HelperPowers *powers, const int fds[5], GError **error)
{
  /* No configuration of anyone: perf reads /etc/perfconfig and ~/.perfconfig unless this names the one file. */
  static const char *const environment[] = { "LC_ALL=C", "PERF_CONFIG=/dev/null", NULL };
  int targets[3], sources[3];
  GPid pid = 0;
  guint n = 0;

  for (int i = 0; i < 3; i++)
    if (fds[2 + i] >= 0)
      {
        sources[n] = fds[2 + i];
        targets[n++] = 3 + i;
      }
  return g_spawn_async_with_pipes_and_fds ("/", (const char *const *) argv, environment,
                                           G_SPAWN_DO_NOT_REAP_CHILD | (fds[0] < 0 ? G_SPAWN_STDOUT_TO_DEV_NULL : 0), take_powers, (gpointer) powers, -1,
                                           fds[0], fds[1], sources, targets, n, &pid, NULL, NULL, NULL, error)
             ? pid
             : 0;
}
