/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where data goes: standard output, or a file that is written beside its name and renamed when it is whole. A signal, a full
 * disk or a failure half-way leaves neither a truncated file nor a temporary one, and an older file of that name as it was. */
#include "config.h"
#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/cli.h"

#define BUFFER_SIZE (1024 * 1024)

struct _GlowCliOutput {
  GOutputStream *stream;
  char *label;                 /* for messages */
  char *path;                  /* what the temporary file is renamed to; NULL where there is none */
  char *temporary;
};

/* What the signal thread has to remove. One output at a time is open. */
static GMutex temporary_lock;
static char *temporary_path;

static void
set_temporary (const char *path)
{
  g_mutex_lock (&temporary_lock);
  g_free (temporary_path);
  temporary_path = g_strdup (path);
  g_mutex_unlock (&temporary_lock);
}

void
glow_cli_output_remove_temporary (void)
{
  g_mutex_lock (&temporary_lock);
  if (temporary_path != NULL)
    g_unlink (temporary_path);
  g_clear_pointer (&temporary_path, g_free);
  g_mutex_unlock (&temporary_lock);
}

static void
set_output_error (GError **error, const char *what, int code)
{
  g_autofree char *shown = g_filename_display_name (what);

  g_set_error (error, GLOW_ERROR, GLOW_ERROR_OUTPUT, _("“%s” could not be written: %s"), shown, g_strerror (code));
}

/* The mode that a plain open() would have given it. */
static mode_t
default_mode (void)
{
  mode_t mask = umask (0);

  umask (mask);
  return 0666 & ~mask;
}

static int
open_beside (GlowCliOutput *self, const char *path, GError **error)
{
  struct stat status;
  gboolean exists = stat (path, &status) == 0;
  g_autofree char *target = NULL;
  g_autofree char *folder = NULL;
  char *real;
  int fd;

  /* Devices, pipes and sockets have nothing to be renamed over. */
  if (exists && !S_ISREG (status.st_mode))
    {
      fd = open (path, O_WRONLY | O_CLOEXEC);
      if (fd < 0)
        set_output_error (error, path, errno);
      return fd;
    }
  /* The file a symbolic link points to is replaced, the link stays. */
  real = exists ? realpath (path, NULL) : NULL;
  target = g_strdup (real != NULL ? real : path);
  free (real);
  folder = g_path_get_dirname (target);
  self->temporary = g_build_filename (folder, ".afterglow-XXXXXX", NULL);
  fd = g_mkstemp_full (self->temporary, O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      set_output_error (error, path, errno);
      g_clear_pointer (&self->temporary, g_free);
      return -1;
    }
  set_temporary (self->temporary);
  if (fchmod (fd, exists ? status.st_mode & 07777 : default_mode ()) != 0)
    g_debug ("fchmod: %s", g_strerror (errno));
  self->path = g_steal_pointer (&target);
  return fd;
}

GlowCliOutput *
glow_cli_output_open (const char *path, GError **error)
{
  GlowCliOutput *self = g_new0 (GlowCliOutput, 1);
  g_autoptr(GOutputStream) raw = NULL;
  int fd = STDOUT_FILENO;
  gboolean to_file = path != NULL && strcmp (path, "-") != 0;

  if (to_file)
    {
      fd = open_beside (self, path, error);
      if (fd < 0)
        {
          g_free (self);
          return NULL;
        }
    }
  self->label = to_file ? g_filename_display_name (path) : g_strdup (_("standard output"));
  raw = g_unix_output_stream_new (fd, to_file);
  self->stream = g_buffered_output_stream_new_sized (raw, BUFFER_SIZE);
  return self;
}

GOutputStream *
glow_cli_output_get_stream (GlowCliOutput *self)
{
  return self->stream;
}

static void
output_free (GlowCliOutput *self)
{
  glow_cli_output_remove_temporary ();
  g_object_unref (self->stream);
  g_free (self->label);
  g_free (self->path);
  g_free (self->temporary);
  g_free (self);
}

/* Ends as a command does that never heard of SIGPIPE, which is what a shell expects of a pipeline. */
static void
die_of_closed_pipe (void)
{
  sigset_t pipe_signal;

  glow_cli_output_remove_temporary ();
  signal (SIGPIPE, SIG_DFL);
  sigemptyset (&pipe_signal);
  sigaddset (&pipe_signal, SIGPIPE);
  pthread_sigmask (SIG_UNBLOCK, &pipe_signal, NULL);
  raise (SIGPIPE);
}

int
glow_cli_output_finish (GlowCliOutput *self, GError *error)
{
  g_autoptr(GError) failure = error;
  int status = GLOW_CLI_EXIT_DONE;

  /* Closing flushes; it is done after a failure as well, when what it says no longer matters. */
  g_output_stream_close (self->stream, glow_cli_get_cancellable (), failure == NULL ? &failure : NULL);
  if (failure == NULL && self->path != NULL)
    {
      if (g_rename (self->temporary, self->path) == 0)
        set_temporary (NULL);
      else
        set_output_error (&failure, self->label, errno);
    }
  if (failure != NULL)
    {
      if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE) && self->path == NULL)
        die_of_closed_pipe ();
      /* What is wrong with the question or its answer is not the output's fault. */
      status = glow_cli_report (failure->domain == GLOW_ERROR && failure->code != GLOW_ERROR_OUTPUT ? NULL : self->label, failure);
    }
  output_free (self);
  return status;
}

int
glow_cli_print (const char *text, gsize length)
{
  GError *error = NULL;
  GlowCliOutput *output = glow_cli_output_open (NULL, &error);

  g_output_stream_write_all (glow_cli_output_get_stream (output), text, length, NULL, glow_cli_get_cancellable (), &error);
  return glow_cli_output_finish (output, error);
}
