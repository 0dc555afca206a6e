/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files of a session. A recording grows under its own name where that is free, so that it can be opened while it grows; where an older one has the name,
 * it grows beside it and takes its place when it is whole. Its notes lie beside it, and it is locked as long as the session lives: one without a lock
 * whose notes give no reason for its end is that of a session that died. */
#include <config.h>

#include "capture/session-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void
set_error (GError **error, const char *path)
{
  int code = errno;
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, GLOW_ERROR, GLOW_ERROR_OUTPUT, _("“%s” could not be written: %s"), shown, g_strerror (code));
}

/* Empty, of this user alone: what is in memory of a program is nobody else's. */
static int
make_empty (const char *final, char **path)
{
  int fd = g_open (final, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  struct stat status;

  if (fd >= 0 || errno != EEXIST || (g_stat (final, &status) == 0 && !S_ISREG (status.st_mode)))
    {
      *path = g_strdup (final);
      return fd;
    }
  *path = g_strconcat (final, ".new-XXXXXX", NULL);
  return g_mkstemp_full (*path, O_WRONLY | O_CLOEXEC, 0600);
}

/* The first notes say what is meant; FALSE with @error. */
static gboolean
lock_file (GlowCaptureFile *self, const GlowCapturePlan *plan, GError **error)
{
  const GlowCaptureNotes notes = { .plan = (GlowCapturePlan *) plan };

  /* A description of its own: the recorder's would keep the lock when this program is gone. */
  self->lock = open (self->path, O_RDONLY | O_CLOEXEC);
  if (self->lock < 0 || flock (self->lock, LOCK_EX | LOCK_NB) != 0)
    {
      set_error (error, self->path);
      return FALSE;
    }
  return glow_capture_notes_save (&notes, self->path, error);
}

GlowCaptureFile *
glow_capture_file_new (const char *final, const GlowCapturePlan *plan, gboolean listed, GError **error)
{
  GlowCaptureFile *self = g_new0 (GlowCaptureFile, 1);
  int fd;

  self->lock = -1;
  self->listed = listed;
  self->final = g_canonicalize_filename (final, NULL);
  fd = make_empty (self->final, &self->path);
  if (fd < 0)
    set_error (error, self->final);
  else
    close (fd);
  if (fd < 0 || !lock_file (self, plan, error))
    {
      if (fd >= 0)
        glow_capture_file_discard (self);
      glow_capture_file_free (self);
      return NULL;
    }
  if (listed)
    glow_capture_recent_add (self->path);
  return self;
}

gboolean
glow_capture_file_finish (GlowCaptureFile *self, const GlowCaptureNotes *notes, GError **error)
{
  g_autofree char *beside = NULL;

  if (strcmp (self->path, self->final) != 0)
    {
      g_autofree char *before = g_strdup (self->path);

      beside = glow_capture_notes_dup_path (self->path);
      if (g_rename (self->path, self->final) != 0)
        {
          set_error (error, self->final);
          return FALSE;
        }
      g_free (self->path);
      self->path = g_strdup (self->final);
      g_unlink (beside);
      if (self->listed)
        glow_capture_recent_rename (before, self->path);
    }
  return glow_capture_notes_save (notes, self->path, error);
}

void
glow_capture_file_discard (GlowCaptureFile *self)
{
  g_autofree char *notes = glow_capture_notes_dup_path (self->path);

  g_unlink (self->path);
  g_unlink (notes);
  if (self->listed)
    glow_capture_recent_rename (self->path, NULL);
}

void
glow_capture_file_free (GlowCaptureFile *self)
{
  if (self->lock >= 0)
    close (self->lock);
  g_free (self->path);
  g_free (self->final);
  g_free (self);
}
