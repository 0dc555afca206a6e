/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder of profiles that took long to make: one entry a recording and set of options, written beside and renamed, the least lately used removed
 * when there are too many. Whatever goes wrong here is a miss and nothing else. */
#include <config.h>

#include "formats/cache/cache-private.h"
#include "model/memory-private.h"

#include <afterglow/cache.h>
#include <glib/gstdio.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Smaller files, and what is read faster than this, are read again. */
#define LEAST_BYTES 1000000
#define LEAST_SECONDS 0.15
#define SECONDS_FOR_100_MB 0.25
/* One entry must leave room for others. */
#define MOST_OF_CACHE 2
#define SUFFIX ".profile"
#define TEMPORARY ".XXXXXX"
/* What a program that died was writing. */
#define STALE_SECONDS 3600

struct _GlowCacheEntry {
  char *recording, *path;      /* of the entry */
  gboolean always;
  GlowImageKey key;
  struct stat status;
  GlowDependencies *dependencies;
  gint64 began;
  GlowProfile *profile;
};

static GMutex lock;
static GCond changed;
static guint writing;

static char *
dup_folder (void)
{
  return g_build_filename (g_get_user_cache_dir (), "afterglow", "profiles", NULL);
}

/* What keeps entries from being forged by those who can write recordings, but not here. */
static gboolean
read_seed (const char *folder, GlowHash *seed)
{
  g_autofree char *path = g_build_filename (folder, "seed", NULL), *temporary = g_strconcat (path, TEMPORARY, NULL), *text = NULL;
  gsize n;
  int fd;

  if (g_file_get_contents (path, &text, &n, NULL) && n == sizeof *seed)
    {
      memcpy (seed, text, sizeof *seed);
      return TRUE;
    }
  fd = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0)
    return FALSE;
  if (getrandom (seed, sizeof *seed, 0) != sizeof *seed || write (fd, seed, sizeof *seed) != sizeof *seed)
    n = 0;
  else
    n = link (temporary, path) == 0 || (errno != EEXIST && rename (temporary, path) == 0) ? sizeof *seed : 0;
  close (fd);
  g_unlink (temporary);
  /* Another program was first: then its seed is the one. */
  if (n == 0)
    {
      g_clear_pointer (&text, g_free);
      if (!g_file_get_contents (path, &text, &n, NULL) || n != sizeof *seed)
        return FALSE;
      memcpy (seed, text, sizeof *seed);
    }
  return TRUE;
}

/* What else than bytes an answer depends on, as text. (transfer full) */
static char *
describe (const char *path, const char *real, const GlowLoadOptions *options)
{
  /* Files beside it, and labels, are called as it was. */
  GString *text = g_string_new (path);
  g_autofree char *languages = g_strjoinv (":", (char **) g_get_language_names ());

  g_string_append_printf (text, "\n%s\n%s\n%d\n%d\n%s\n%s\n%s\n%s\n", real, languages, (int) geteuid (), options->no_symbols,
                          options->kallsyms != NULL ? options->kallsyms : "", options->vmlinux != NULL ? options->vmlinux : "",
                          options->symfs != NULL ? options->symfs : "", options->sysroot != NULL ? options->sysroot : "");
  for (guint i = 0; options->debug_dirs != NULL && options->debug_dirs[i] != NULL; i++)
    g_string_append_printf (text, "%s\n", options->debug_dirs[i]);
  g_string_append_printf (text, "%s\n%s\n", g_get_home_dir (), g_get_user_config_dir ());
  return g_string_free (text, FALSE);
}

static void
entry_free (GlowCacheEntry *self)
{
  if (self->dependencies != NULL)
    glow_dependencies_free (self->dependencies);
  g_clear_object (&self->profile);
  g_free (self->recording);
  g_free (self->path);
  g_free (self);
}

GlowCacheEntry *
glow_cache_entry_new (const char *path, const GlowLoadOptions *options)
{
  g_autofree char *folder = NULL, *real = NULL, *text = NULL, *name = NULL;
  GlowCacheEntry *self;
  GlowHash seed, hash;
  struct stat status;

  if (options == NULL || options->cache == GLOW_CACHE_NONE || strcmp (path, "-") == 0 || stat (path, &status) != 0 || !S_ISREG (status.st_mode)
      || (options->cache != GLOW_CACHE_ALWAYS && status.st_size < LEAST_BYTES))
    return NULL;
  folder = dup_folder ();
  real = realpath (path, NULL);
  if (real == NULL || g_mkdir_with_parents (folder, 0700) != 0 || !read_seed (folder, &seed))
    return NULL;
  text = describe (path, real, options);
  hash = glow_hash_bytes (text, strlen (text), &seed);
  name = g_strdup_printf ("%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x" SUFFIX, hash.a, hash.b);
  self = g_new0 (GlowCacheEntry, 1);
  self->recording = g_strdup (path);
  self->path = g_build_filename (folder, name, NULL);
  self->always = options->cache == GLOW_CACHE_ALWAYS;
  self->key = (GlowImageKey) { .seed = seed, .size = status.st_size };
  self->status = status;
  return self;
}

static gboolean
is_as_it_was (const struct stat *then, const struct stat *now)
{
  return then->st_dev == now->st_dev && then->st_ino == now->st_ino && then->st_size == now->st_size && then->st_mtim.tv_sec == now->st_mtim.tv_sec
         && then->st_mtim.tv_nsec == now->st_mtim.tv_nsec && then->st_ctim.tv_sec == now->st_ctim.tv_sec
         && then->st_ctim.tv_nsec == now->st_ctim.tv_nsec;
}

/* Hashes the recording as it is. FALSE where that is not what @self->status says. */
static gboolean
hash_recording (GlowCacheEntry *self, GCancellable *cancellable)
{
  struct stat now;
  int fd = open (self->recording, O_RDONLY | O_CLOEXEC);
  gboolean ok = fd >= 0 && fstat (fd, &now) == 0 && is_as_it_was (&self->status, &now)
                && glow_hash_file (fd, 0, self->key.size, &self->key.seed, &self->key.content, NULL, cancellable) && fstat (fd, &now) == 0
                && is_as_it_was (&self->status, &now);

  if (fd >= 0)
    close (fd);
  return ok;
}

GlowProfile *
glow_cache_entry_load (GlowCacheEntry *self, const GlowLoadOptions *options, GCancellable *cancellable)
{
  GlowProfile *profile = NULL;
  g_autoptr(GBytes) image = NULL;
  guint8 head[GLOW_IMAGE_HEAD], *bytes;
  struct stat status;
  GlowHash own;
  int fd = open (self->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

  if (fd < 0)
    return NULL;
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && (guint64) status.st_size > sizeof head && (guint64) status.st_size <= GLOW_CACHE_SIZE
      && pread (fd, head, sizeof head, 0) == sizeof head && glow_profile_image_is_of_size (head, status.st_size, self->key.size))
    {
      /* Read, not mapped: nothing that is done to the file now can change what was checked. */
      bytes = glow_allocate (status.st_size, 1);
      memcpy (bytes, head, sizeof head);
      image = g_bytes_new_with_free_func (bytes, status.st_size, free, bytes);
      if (glow_hash_file (fd, sizeof head, status.st_size - sizeof head, &self->key.seed, &own, bytes + sizeof head, cancellable)
          && hash_recording (self, cancellable))
        profile = glow_profile_image_read (image, &own, &self->key, self->recording, options);
      /* What was opened of the recording meanwhile is what was hashed. */
      if (profile != NULL && (stat (self->recording, &status) != 0 || !is_as_it_was (&self->status, &status)))
        g_clear_object (&profile);
    }
  /* Lately used. */
  if (profile != NULL)
    futimens (fd, NULL);
  close (fd);
  return profile;
}

void
glow_cache_entry_begin (GlowCacheEntry *self)
{
  g_autofree char *roles = g_build_filename (g_get_user_config_dir (), "afterglow", "roles.txt", NULL);

  self->began = g_get_monotonic_time ();
  self->dependencies = glow_dependencies_begin (self->recording);
  glow_dependencies_saw (roles);
}

/* ---- the folder ---- */

typedef struct {
  char *path;
  guint64 size;
  gint64 used;
} Kept;

static void
kept_clear (gpointer data)
{
  g_free (((Kept *) data)->path);
}

static gint
compare_kept (gconstpointer a, gconstpointer b)
{
  gint64 left = ((const Kept *) a)->used, right = ((const Kept *) b)->used;

  return left < right ? -1 : left > right;
}

/* Oldest first. What was never finished is removed on the way. (transfer full) */
static GArray *
list_kept (guint64 *size)
{
  g_autofree char *folder = dup_folder ();
  GDir *dir = g_dir_open (folder, 0, NULL);
  GArray *kept = g_array_new (FALSE, FALSE, sizeof (Kept));
  const char *name;

  g_array_set_clear_func (kept, kept_clear);
  *size = 0;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      Kept one = { g_build_filename (folder, name, NULL), 0, 0 };
      struct stat status;

      if (strstr (name, SUFFIX) == NULL || lstat (one.path, &status) != 0 || !S_ISREG (status.st_mode))
        {
          g_free (one.path);
          continue;
        }
      one.size = status.st_size;
      one.used = (gint64) status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
      if (!g_str_has_suffix (name, SUFFIX))
        {
          if (g_get_real_time () / 1000000 - status.st_mtim.tv_sec > STALE_SECONDS)
            g_unlink (one.path);
          g_free (one.path);
          continue;
        }
      *size += one.size;
      g_array_append_val (kept, one);
    }
  if (dir != NULL)
    g_dir_close (dir);
  g_array_sort (kept, compare_kept);
  return kept;
}

static guint64
remove_down_to (guint64 limit)
{
  guint64 size, removed = 0;
  g_autoptr(GArray) kept = list_kept (&size);

  for (guint i = 0; i < kept->len && size - removed > limit; i++)
    if (g_unlink (g_array_index (kept, Kept, i).path) == 0)
      removed += g_array_index (kept, Kept, i).size;
  return removed;
}

guint64
glow_cache_get_size (void)
{
  guint64 size;

  g_array_unref (list_kept (&size));
  return size;
}

guint64
glow_cache_clear (void)
{
  return remove_down_to (0);
}

static gpointer
write_entry (gpointer data)
{
  GlowCacheEntry *self = data;
  g_autofree char *temporary = g_strconcat (self->path, TEMPORARY, NULL);
  int fd = hash_recording (self, NULL) ? g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0600) : -1;

  if (fd >= 0)
    {
      struct stat status;
      gboolean ok = glow_profile_image_write (self->profile, self->dependencies, &self->key, fd) && fstat (fd, &status) == 0
                    && (guint64) status.st_size <= GLOW_CACHE_SIZE / MOST_OF_CACHE;

      if (close (fd) != 0 || !ok || g_rename (temporary, self->path) != 0)
        g_unlink (temporary);
      else
        remove_down_to (GLOW_CACHE_SIZE);
    }
  entry_free (self);
  g_mutex_lock (&lock);
  writing--;
  g_cond_broadcast (&changed);
  g_mutex_unlock (&lock);
  return NULL;
}

void
glow_cache_entry_finish (GlowCacheEntry *self, GlowProfile *profile)
{
  double seconds = (g_get_monotonic_time () - self->began) / 1e6;
  gboolean slow = self->always || (seconds >= LEAST_SECONDS && seconds >= self->key.size / 1e8 * SECONDS_FOR_100_MB);
  GThread *thread;

  if (self->dependencies != NULL)
    glow_dependencies_end (self->dependencies);
  if (profile == NULL || self->dependencies == NULL || !slow || !glow_dependencies_are_known (self->dependencies)
      || !glow_profile_image_can_write (profile) || glow_profile_get_memory (profile) > GLOW_CACHE_SIZE / MOST_OF_CACHE)
    {
      entry_free (self);
      return;
    }
  self->profile = g_object_ref (profile);
  g_mutex_lock (&lock);
  writing++;
  g_mutex_unlock (&lock);
  thread = g_thread_try_new ("glow-cache", write_entry, self, NULL);
  if (thread != NULL)
    g_thread_unref (thread);
  else
    write_entry (self);
}

void
glow_cache_flush (void)
{
  g_mutex_lock (&lock);
  while (writing > 0)
    g_cond_wait (&changed, &lock);
  g_mutex_unlock (&lock);
}
