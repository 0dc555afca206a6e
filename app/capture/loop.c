/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Known work, to see what sampling costs the sampled: a child that counts what it does in memory that is shared with this program. */
#include <config.h>

#include "capture/measure-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEPTH 30               /* calls: as deep as programs are as a rule */
#define FRAME 256              /* bytes of each, so that copies of stacks are as large as they are asked for */
#define STEPS 2000

struct _GlowCaptureLoop {
  pid_t pid;
  volatile guint64 *work;
};

/* Only system calls and arithmetic: it may be the child of a program with threads. */
G_GNUC_NO_INLINE static void
work_at_depth (volatile guint64 *work, guint depth, gboolean calls)
{
  volatile guint8 frame[FRAME];

  frame[0] = (guint8) depth;
  if (depth > 0)
    {
      work_at_depth (work, depth - 1, calls);
      /* Something to come back for, so that the call is none that is jumped to. */
      frame[1] = frame[0];
      return;
    }
  while (*work != G_MAXUINT64)
    {
      for (guint i = 0; i < STEPS; i++)
        if (calls && i % 100 == 0)
          syscall (SYS_getppid);
        else
          frame[2] += (guint8) i;
      *work += 1;
    }
}

GlowCaptureLoop *
glow_capture_loop_new (gboolean calls, GError **error)
{
  void *shared = mmap (NULL, sizeof (guint64), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  GlowCaptureLoop *self;
  pid_t parent = getpid (), pid;

  if (shared == MAP_FAILED)
    {
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
      return NULL;
    }
  pid = fork ();
  if (pid == 0)
    {
      prctl (PR_SET_PDEATHSIG, SIGKILL);
      /* It never execs: what it has of this program's locks and pipes it would keep. */
      syscall (SYS_close_range, 3u, ~0u, 0u);
      if (getppid () == parent)
        work_at_depth (shared, DEPTH, calls);
      _exit (0);
    }
  if (pid < 0)
    {
      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (errno), g_strerror (errno));
      munmap (shared, sizeof (guint64));
      return NULL;
    }
  self = g_new0 (GlowCaptureLoop, 1);
  self->pid = pid;
  self->work = shared;
  return self;
}

guint
glow_capture_loop_get_pid (GlowCaptureLoop *self)
{
  return self->pid;
}

guint64
glow_capture_loop_get_work (GlowCaptureLoop *self)
{
  return *self->work;
}

void
glow_capture_loop_free (GlowCaptureLoop *self)
{
  if (self == NULL)
    return;
  kill (self->pid, SIGKILL);
  waitpid (self->pid, NULL, 0);
  munmap ((void *) self->work, sizeof (guint64));
  g_free (self);
}
