/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The view of each file, remembered. */
#include <config.h>

#include "ui/view-memory.h"

#include <stdlib.h>

#define MAX_FILES 300

static char *
dup_store_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "afterglow", "views.ini", NULL);
}

static char *
dup_group (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, absolute, -1);
}

GlowViewMemory *
glow_view_memory_load (const char *path)
{
  g_autofree char *store = dup_store_path (), *group = dup_group (path);
  g_autoptr(GKeyFile) file = g_key_file_new ();
  GlowViewMemory *self;

  if (!g_key_file_load_from_file (file, store, G_KEY_FILE_NONE, NULL) || !g_key_file_has_group (file, group))
    return NULL;
  self = g_new0 (GlowViewMemory, 1);
  self->query = g_key_file_get_string (file, group, "query", NULL);
  self->zoom = g_key_file_get_string (file, group, "zoom", NULL);
  self->selected = g_key_file_get_string (file, group, "selected", NULL);
  self->page = g_key_file_get_string (file, group, "page", NULL);
  return self;
}

static void
forget_oldest (GKeyFile *file)
{
  gsize n;
  g_auto(GStrv) groups = g_key_file_get_groups (file, &n);

  while (n >= MAX_FILES)
    {
      guint oldest = 0;
      gint64 oldest_time = G_MAXINT64;

      for (guint i = 0; groups[i] != NULL; i++)
        {
          gint64 time = g_key_file_get_int64 (file, groups[i], "time", NULL);

          if (g_key_file_has_group (file, groups[i]) && time < oldest_time)
            {
              oldest = i;
              oldest_time = time;
            }
        }
      g_key_file_remove_group (file, groups[oldest], NULL);
      n--;
    }
}

void
glow_view_memory_save (const char *path, const GlowViewMemory *memory)
{
  g_autofree char *store = dup_store_path (), *group = dup_group (path), *folder = g_path_get_dirname (store);
  g_autoptr(GKeyFile) file = g_key_file_new ();
  g_autoptr(GError) error = NULL;

  g_mkdir_with_parents (folder, 0700);
  g_key_file_load_from_file (file, store, G_KEY_FILE_NONE, NULL);
  forget_oldest (file);
  g_key_file_set_string (file, group, "query", memory->query != NULL ? memory->query : "");
  g_key_file_set_string (file, group, "zoom", memory->zoom != NULL ? memory->zoom : "");
  g_key_file_set_string (file, group, "selected", memory->selected != NULL ? memory->selected : "");
  g_key_file_set_string (file, group, "page", memory->page != NULL ? memory->page : "flame");
  g_key_file_set_int64 (file, group, "time", g_get_real_time () / G_USEC_PER_SEC);
  if (!g_key_file_save_to_file (file, store, &error))
    g_message ("The view could not be remembered: %s", error->message);
}

void
glow_view_memory_free (GlowViewMemory *self)
{
  g_free (self->query);
  g_free (self->zoom);
  g_free (self->selected);
  g_free (self->page);
  g_free (self);
}
