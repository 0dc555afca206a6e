/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A launched command, held before its exec until the recording runs: nothing of it is missed, and what records it can be attached to it by its number, with
 * more rights than it has. It is a child of this program, as its user, in the folder and environment of the plan. */
#include <config.h>

#include "capture/session-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct _GlowCaptureBarrier {
  GPid pid;
  char *name;
  int go;                      /* written to: it begins; closed: it never does */
  int failure;                 /* tells the errno of an exec that failed */
  int error_code;
  guint watch;
  gboolean ended;
  GlowCaptureBarrierEnded ended_func;
  gpointer data;
};

/* NAME=VALUE of this program, with the plan's instead or beside them. */
static char **
dup_environment (const GlowCapturePlan *plan)
{
  char **environment = g_get_environ ();

  for (guint i = 0; plan->environment != NULL && plan->environment[i] != NULL; i++)
    {
      const char *equals = strchr (plan->environment[i], '=');
      g_autofree char *name = equals != NULL ? g_strndup (plan->environment[i], equals - plan->environment[i]) : g_strdup (plan->environment[i]);

      environment = equals != NULL ? g_environ_setenv (environment, name, equals + 1, TRUE) : g_environ_unsetenv (environment, name);
    }
  return environment;
}

/* In the child of a program that may have threads: nothing but system calls. */
G_NORETURN static void
stand_and_run (const char *path, const char *directory, char **command, char **environment, gboolean silent, int go, int failure)
{
  sigset_t none;
  char byte;
  gssize n;
  int code, nowhere;

  do
    n = read (go, &byte, 1);
  while (n < 0 && errno == EINTR);
  if (n == 1)
    {
      sigemptyset (&none);
      signal (SIGPIPE, SIG_DFL);
      signal (SIGINT, SIG_DFL);
      sigprocmask (SIG_SETMASK, &none, NULL);
      nowhere = silent ? open ("/dev/null", O_WRONLY | O_CLOEXEC) : -1;
      if (nowhere >= 0)
        {
          dup2 (nowhere, STDOUT_FILENO);
          dup2 (nowhere, STDERR_FILENO);
        }
      if (directory == NULL || chdir (directory) == 0)
        execve (path, command, environment);
      code = errno;
      n = write (failure, &code, sizeof code);
    }
  _exit (127);
}

/* Whoever asks first: perf may have ended with the command before anybody was told that the command has. */
static void
read_failure (GlowCaptureBarrier *self)
{
  int code = 0;

  if (self->error_code == 0 && read (self->failure, &code, sizeof code) == sizeof code)
    self->error_code = code;
}

static void
on_ended (GPid pid, int wait_status, gpointer data)
{
  GlowCaptureBarrier *self = data;

  self->watch = 0;
  self->ended = TRUE;
  read_failure (self);
  self->ended_func (wait_status, self->data);
}

GlowCaptureBarrier *
glow_capture_barrier_new (const GlowCapturePlan *plan, gboolean silent, GlowCaptureBarrierEnded ended, gpointer data, GError **error)
{
  const char *name = plan->command[0];
  g_autofree char *path = strchr (name, '/') != NULL ? g_strdup (name) : g_find_program_in_path (name);
  g_auto(GStrv) environment = dup_environment (plan);
  GlowCaptureBarrier *self;
  int go[2], failure[2];
  GPid pid;

  if (path == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("“%s” could not be started: there is no program of this name"), name);
      return NULL;
    }
  if (!g_unix_open_pipe (go, FD_CLOEXEC, error))
    return NULL;
  if (!g_unix_open_pipe (failure, FD_CLOEXEC, error))
    {
      close (go[0]);
      close (go[1]);
      return NULL;
    }
  pid = fork ();
  if (pid == 0)
    {
      /* Its own copy would keep the pipe open for it when this program is gone. */
      close (go[1]);
      stand_and_run (path, plan->directory, plan->command, environment, silent, go[0], failure[1]);
    }
  close (go[0]);
  close (failure[1]);
  if (pid < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _("“%s” could not be started: %s"), name, g_strerror (errno));
      close (go[1]);
      close (failure[0]);
      return NULL;
    }
  self = g_new0 (GlowCaptureBarrier, 1);
  *self = (GlowCaptureBarrier) { .pid = pid, .name = g_strdup (name), .go = go[1], .failure = failure[0], .ended_func = ended, .data = data };
  g_unix_set_fd_nonblocking (failure[0], TRUE, NULL);
  self->watch = g_child_watch_add (pid, on_ended, self);
  return self;
}

guint
glow_capture_barrier_get_pid (GlowCaptureBarrier *self)
{
  return self->pid;
}

void
glow_capture_barrier_release (GlowCaptureBarrier *self)
{
  if (self->go < 0)
    return;
  if (write (self->go, "", 1) != 1)
    g_debug ("%s is gone already", self->name);
  close (self->go);
  self->go = -1;
}

gboolean
glow_capture_barrier_failed (GlowCaptureBarrier *self, GError **error)
{
  read_failure (self);
  if (self->error_code == 0)
    return FALSE;
  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (self->error_code), _("“%s” could not be started: %s"), self->name, g_strerror (self->error_code));
  return TRUE;
}

void
glow_capture_barrier_signal (GlowCaptureBarrier *self, int number)
{
  if (!self->ended && self->go < 0)
    kill (self->pid, number);
}

void
glow_capture_barrier_free (GlowCaptureBarrier *self)
{
  if (self == NULL)
    return;
  if (self->go >= 0)
    close (self->go);
  if (self->watch != 0)
    {
      g_source_remove (self->watch);
      /* Somebody has to take its status when it ends. */
      g_child_watch_add (self->pid, (GChildWatchFunc) (void (*) (void)) g_spawn_close_pid, NULL);
    }
  close (self->failure);
  g_free (self->name);
  g_free (self);
}
