/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes that can be attached to, from /proc. */
#include <config.h>

#include "capture/capture-private.h"
#include "model/profile-private.h"

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
