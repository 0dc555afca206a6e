/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings that were made here: a list of paths in the user's state folder, newest last, changed under a lock, since windows and commands record at once. */
#include <config.h>

#include "capture/capture-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define MOST 200

static char *
dup_list_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "afterglow", "captures", NULL);
}

/* Of char*, oldest first. */
static GPtrArray *
read_list (void)
{
  g_autofree char *path = dup_list_path (), *text = NULL;
  g_auto(GStrv) lines = NULL;
  GPtrArray *list = g_ptr_array_new_with_free_func (g_free);

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return list;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0')
      g_ptr_array_add (list, g_strcompress (lines[i]));
  return list;
}

static void
write_list (GPtrArray *list)
{
  g_autofree char *path = dup_list_path ();
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = list->len > MOST ? list->len - MOST : 0; i < list->len; i++)
    {
      g_autofree char *line = g_strescape (g_ptr_array_index (list, i), NULL);

      g_string_append_printf (text, "%s\n", line);
    }
  if (!g_file_set_contents_full (path, text->str, text->len, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL))
    g_debug ("%s could not be written", path);
}

static void
change (const char *from, const char *to)
{
  g_autofree char *path = dup_list_path (), *folder = g_path_get_dirname (path), *lock_path = g_strconcat (path, ".lock", NULL);
  g_autoptr(GPtrArray) list = NULL;
  int lock;

  g_mkdir_with_parents (folder, 0700);
  lock = open (lock_path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (lock < 0)
    return;
  if (flock (lock, LOCK_EX) == 0)
    {
      list = read_list ();
      for (guint i = list->len; i > 0; i--)
        if (g_strcmp0 (g_ptr_array_index (list, i - 1), from) == 0 || g_strcmp0 (g_ptr_array_index (list, i - 1), to) == 0)
          g_ptr_array_remove_index (list, i - 1);
      if (to != NULL)
        g_ptr_array_add (list, g_strdup (to));
      write_list (list);
    }
  close (lock);
}

void
glow_capture_recent_add (const char *path)
{
  change (NULL, path);
}

void
glow_capture_recent_rename (const char *from, const char *to)
{
  change (from, to);
}

/* Its notes are there without a reason, and nobody holds it. */
static gboolean
is_unfinished (const char *recording)
{
  g_autoptr(GlowCaptureNotes) notes = glow_capture_notes_load (recording, NULL);
  int fd;
  gboolean is_free;

  if (notes == NULL || notes->reason != NULL)
    return FALSE;
  fd = open (recording, O_RDONLY | O_CLOEXEC);
  is_free = fd >= 0 && flock (fd, LOCK_SH | LOCK_NB) == 0;
  if (fd >= 0)
    close (fd);
  return is_free;
}

static GPtrArray *
list_by (gboolean unfinished)
{
  g_autoptr(GPtrArray) list = read_list ();
  GPtrArray *found = g_ptr_array_new_with_free_func (g_free);

  for (guint i = list->len; i > 0; i--)
    {
      const char *path = g_ptr_array_index (list, i - 1);
      GStatBuf status;

      if (g_stat (path, &status) == 0 && S_ISREG (status.st_mode) && (!unfinished || (status.st_size > 0 && is_unfinished (path))))
        g_ptr_array_add (found, g_strdup (path));
    }
  return found;
}

/**
 * glow_capture_recent_load:
 *
 * Returns: (transfer full) (element-type filename): recordings that were made here and are still there, newest first
 */
GPtrArray *
glow_capture_recent_load (void)
{
  return list_by (FALSE);
}

/**
 * glow_capture_unfinished_load:
 *
 * Reads the notes of each recent recording.
 *
 * Returns: (transfer full) (element-type filename): those whose session died, newest first; what was written until then can be opened
 */
GPtrArray *
glow_capture_unfinished_load (void)
{
  return list_by (TRUE);
}

void
glow_capture_forget_unfinished (const char *recording)
{
  g_autoptr(GlowCaptureNotes) notes = glow_capture_notes_load (recording, NULL);
  g_autoptr(GError) error = NULL;

  if (notes == NULL || notes->reason != NULL)
    return;
  notes->reason = g_strdup ("interrupted");
  if (!glow_capture_notes_save (notes, recording, &error))
    g_debug ("%s", error->message);
}

gboolean
glow_capture_delete (const char *recording, GError **error)
{
  g_autofree char *notes = glow_capture_notes_dup_path (recording);

  if (g_unlink (recording) != 0 && errno != ENOENT)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "“%s”: %s", recording, g_strerror (errno));
      return FALSE;
    }
  g_unlink (notes);
  glow_capture_recent_rename (recording, NULL);
  return TRUE;
}
