/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files names came from, and which were looked for in vain: a debug file that is installed later must be found although the recording was
 * opened before. Whoever opens a file says so here first. */
#include "symbols/dependencies-private.h"

#include <string.h>
#include <sys/stat.h>

#define KERNEL "/proc/kallsyms"

struct _GlowDependencies {
  char *own;                   /* (nullable) */
  GHashTable *files;           /* path → GlowFileState */
  gboolean unknown;
};

static GMutex lock;
static GPtrArray *listening;   /* of GlowDependencies */

GlowDependencies *
glow_dependencies_begin (const char *own)
{
  GlowDependencies *self = g_new0 (GlowDependencies, 1);

  self->own = g_strdup (own);
  self->files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_mutex_lock (&lock);
  if (listening == NULL)
    listening = g_ptr_array_new ();
  g_ptr_array_add (listening, self);
  g_mutex_unlock (&lock);
  return self;
}

void
glow_dependencies_end (GlowDependencies *self)
{
  g_mutex_lock (&lock);
  g_ptr_array_remove_fast (listening, self);
  g_mutex_unlock (&lock);
}

void
glow_dependencies_free (GlowDependencies *self)
{
  g_hash_table_unref (self->files);
  g_free (self->own);
  g_free (self);
}

/* The boot, and names and places of the modules that are loaded: not how often they are used. */
static guint64
hash_kernel (void)
{
  g_autofree char *boot = NULL, *modules = NULL;
  guint64 hash = 14695981039346656037u;

  g_file_get_contents ("/proc/sys/kernel/random/boot_id", &boot, NULL, NULL);
  g_file_get_contents ("/proc/modules", &modules, NULL, NULL);
  for (const char *at = boot; at != NULL && *at != '\0'; at++)
    hash = (hash ^ (guint8) *at) * 1099511628211u;
  for (const char *at = modules; at != NULL && *at != '\0';)
    {
      gsize name = strcspn (at, " \n");

      for (gsize i = 0; i < name; i++)
        hash = (hash ^ (guint8) at[i]) * 1099511628211u;
      at += strcspn (at, "\n");
      at += *at == '\n';
    }
  return hash;
}

void
glow_file_state_read (GlowFileState *self, const char *path)
{
  struct stat status;

  memset (self, 0, sizeof *self);
  if (strcmp (path, KERNEL) == 0)
    {
      self->exists = 1;
      self->size = hash_kernel ();
      return;
    }
  if (stat (path, &status) != 0)
    return;
  *self = (GlowFileState) {
    1, (guint64) status.st_size, (guint64) status.st_mtim.tv_sec * 1000000000 + (guint64) status.st_mtim.tv_nsec,
    (guint64) status.st_ctim.tv_sec * 1000000000 + (guint64) status.st_ctim.tv_nsec, status.st_ino, status.st_dev,
  };
}

void
glow_dependencies_saw (const char *path)
{
  GlowFileState state;
  gboolean read = FALSE;

  g_mutex_lock (&lock);
  for (guint i = 0; listening != NULL && i < listening->len; i++)
    {
      GlowDependencies *self = g_ptr_array_index (listening, i);

      if (g_strcmp0 (path, self->own) == 0 || g_hash_table_contains (self->files, path))
        continue;
      if (!read)
        glow_file_state_read (&state, path);
      read = TRUE;
      g_hash_table_insert (self->files, g_strdup (path), g_memdup2 (&state, sizeof state));
    }
  g_mutex_unlock (&lock);
}

void
glow_dependencies_unknown (void)
{
  g_mutex_lock (&lock);
  for (guint i = 0; listening != NULL && i < listening->len; i++)
    ((GlowDependencies *) g_ptr_array_index (listening, i))->unknown = TRUE;
  g_mutex_unlock (&lock);
}

gboolean
glow_dependencies_are_known (GlowDependencies *self)
{
  return !self->unknown;
}

guint
glow_dependencies_get_n (GlowDependencies *self)
{
  return g_hash_table_size (self->files);
}

void
glow_dependencies_foreach (GlowDependencies *self, GlowDependencyFunc func, gpointer data)
{
  GHashTableIter iter;
  gpointer path, state;

  g_hash_table_iter_init (&iter, self->files);
  while (g_hash_table_iter_next (&iter, &path, &state))
    func (path, state, data);
}
