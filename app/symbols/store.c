/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members of archives as files. All stores that are alive stand in one list; each has a root that no other has, so that the files of two recordings
 * never mix. */
#include "symbols/dependencies-private.h"
#include "symbols/store-private.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Links to links to links end here. */
#define FOLLOW_AT_MOST 16

struct _GlowStore {
  char *root, *path;
  GBytes *bytes;               /* NULL: not opened yet */
  int fd;
  GlowStoreOpen open;          /* (nullable): what is still to be called; locked */
  GlowFileState state;         /* where it was not opened at once */
  GHashTable *members;         /* name → GBytes */
  GHashTable *links;           /* name → target, as written */
};

static GMutex lock, opening;
static GPtrArray *stores;      /* of GlowStore */
static gint n_later;           /* of them, not opened yet */

static gboolean
is_taken (const char *root)
{
  for (guint i = 0; i < stores->len; i++)
    if (strcmp (((GlowStore *) g_ptr_array_index (stores, i))->root, root) == 0)
      return TRUE;
  return FALSE;
}

static GlowStore *
store_new (const char *path, GlowStoreOpen open)
{
  GlowStore *self = g_new0 (GlowStore, 1);

  self->fd = -1;
  self->open = open;
  if (open != NULL)
    {
      glow_file_state_read (&self->state, path);
      g_atomic_int_inc (&n_later);
    }
  self->path = g_strdup (path);
  self->members = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->links = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->root = g_strdup (path);
  g_mutex_lock (&lock);
  if (stores == NULL)
    stores = g_ptr_array_new ();
  for (guint i = 2; is_taken (self->root); i++)
    {
      g_free (self->root);
      self->root = g_strdup_printf ("%s#%u", path, i);
    }
  g_ptr_array_add (stores, self);
  g_mutex_unlock (&lock);
  return self;
}

void
glow_store_fill (GlowStore *self, GBytes *bytes, int fd)
{
  self->bytes = g_bytes_ref (bytes);
  self->fd = fd;
}

GlowStore *
glow_store_new (const char *path, GBytes *bytes, int fd)
{
  GlowStore *self = store_new (path, NULL);

  glow_store_fill (self, bytes, fd);
  return self;
}

GlowStore *
glow_store_new_later (const char *path, GlowStoreOpen open)
{
  return store_new (path, open);
}

void
glow_store_free (GlowStore *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&lock);
  g_ptr_array_remove (stores, self);
  g_mutex_unlock (&lock);
  if (self->open != NULL)
    g_atomic_int_add (&n_later, -1);
  g_hash_table_unref (self->members);
  g_hash_table_unref (self->links);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->root);
  g_free (self->path);
  g_free (self);
}

const char *
glow_store_get_path (GlowStore *self)
{
  return self->path;
}

const char *
glow_store_get_root (GlowStore *self)
{
  return self->root;
}

/* "a/./b/../c" as "a/c"; NULL where it leads out of the archive. */
static char *
dup_normal (const char *name)
{
  g_auto(GStrv) parts = g_strsplit (name, "/", -1);
  g_autoptr(GPtrArray) kept = g_ptr_array_new ();

  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (*parts[i] == '\0' || strcmp (parts[i], ".") == 0)
        continue;
      if (strcmp (parts[i], "..") != 0)
        g_ptr_array_add (kept, parts[i]);
      else if (kept->len > 0)
        g_ptr_array_set_size (kept, kept->len - 1);
      else
        return NULL;
    }
  g_ptr_array_add (kept, NULL);
  return g_strjoinv ("/", (char **) kept->pdata);
}

void
glow_store_add (GlowStore *self, const char *name, gsize offset, gsize n)
{
  char *normal = dup_normal (name);

  if (normal == NULL)
    return;
  g_mutex_lock (&lock);
  g_hash_table_remove (self->links, normal);
  g_hash_table_insert (self->members, normal, g_bytes_new_from_bytes (self->bytes, offset, n));
  g_mutex_unlock (&lock);
}

void
glow_store_add_link (GlowStore *self, const char *name, const char *target)
{
  char *normal = dup_normal (name);

  if (normal == NULL)
    return;
  g_mutex_lock (&lock);
  g_hash_table_insert (self->links, normal, g_strdup (target));
  g_mutex_unlock (&lock);
}

/* @name with the first of its parts that is a link replaced; NULL where none is, or where it leads outside. */
static char *
dup_followed (GlowStore *self, const char *name)
{
  for (const char *end = strchrnul (name, '/');; end = strchrnul (end + 1, '/'))
    {
      g_autofree char *part = g_strndup (name, end - name);
      const char *target = g_hash_table_lookup (self->links, part);

      if (target != NULL)
        {
          g_autofree char *folder = g_path_get_dirname (part);
          g_autofree char *joined = *target == '/' ? g_strconcat (target, end, NULL) : g_strconcat (folder, "/", target, end, NULL);

          return dup_normal (joined);
        }
      if (*end == '\0')
        return NULL;
    }
}

static GBytes *
get_locked (GlowStore *self, const char *name)
{
  g_autofree char *at = dup_normal (name);

  for (guint i = 0; at != NULL && i < FOLLOW_AT_MOST; i++)
    {
      GBytes *bytes = g_hash_table_lookup (self->members, at);
      char *next;

      if (bytes != NULL)
        return bytes;
      next = dup_followed (self, at);
      g_free (at);
      at = next;
    }
  return NULL;
}

GBytes *
glow_store_get (GlowStore *self, const char *name)
{
  GBytes *bytes;

  g_mutex_lock (&lock);
  bytes = get_locked (self, name);
  g_mutex_unlock (&lock);
  return bytes;
}

static gboolean
is_below (const char *path, const GlowStore *store)
{
  gsize n = strlen (store->root);

  return strncmp (path, store->root, n) == 0 && path[n] == '/';
}

/* Opens the archive that @path may be in, where nobody has looked into it yet. Whoever looks meanwhile waits. */
static void
open_now (const char *path)
{
  GlowStore *found = NULL;
  GlowFileState now;

  if (g_atomic_int_get (&n_later) == 0)
    return;
  g_mutex_lock (&opening);
  g_mutex_lock (&lock);
  for (guint i = 0; found == NULL && i < stores->len; i++)
    {
      GlowStore *one = g_ptr_array_index (stores, i);

      if (one->open != NULL && is_below (path, one))
        found = one;
    }
  g_mutex_unlock (&lock);
  if (found != NULL)
    {
      glow_file_state_read (&now, found->path);
      if (memcmp (&now, &found->state, sizeof now) == 0)
        found->open (found);
      found->open = NULL;
      g_atomic_int_add (&n_later, -1);
    }
  g_mutex_unlock (&opening);
}

/* With the lock held. */
static GBytes *
find_locked (const char *path, GlowStore **store)
{
  for (guint i = 0; stores != NULL && i < stores->len; i++)
    {
      GlowStore *one = g_ptr_array_index (stores, i);
      GBytes *bytes = is_below (path, one) ? get_locked (one, path + strlen (one->root) + 1) : NULL;

      *store = one;
      if (bytes != NULL)
        return bytes;
    }
  return NULL;
}

GBytes *
glow_store_find (const char *path)
{
  g_autofree char *archive = NULL;
  GlowStore *store;
  GBytes *bytes;

  open_now (path);
  g_mutex_lock (&lock);
  bytes = find_locked (path, &store);
  if (bytes != NULL)
    {
      g_bytes_ref (bytes);
      archive = g_strdup (store->path);
    }
  g_mutex_unlock (&lock);
  if (archive != NULL)
    glow_dependencies_saw (archive);
  return bytes;
}

static gsize
page_rest (gsize at)
{
  return at % (gsize) sysconf (_SC_PAGESIZE);
}

char *
glow_store_map (const char *path, gsize *n)
{
  GlowStore *store;
  g_autoptr(GBytes) bytes = NULL;
  const char *data;
  char *map;
  gsize rest = 0;

  open_now (path);
  g_mutex_lock (&lock);
  bytes = find_locked (path, &store);
  if (bytes == NULL || g_bytes_get_size (bytes) == 0)
    {
      bytes = NULL;
      g_mutex_unlock (&lock);
      return NULL;
    }
  g_bytes_ref (bytes);
  data = g_bytes_get_data (bytes, n);
  if (store->fd >= 0)
    {
      gsize offset = data - (const char *) g_bytes_get_data (store->bytes, NULL);

      rest = page_rest (offset);
      map = mmap (NULL, *n + rest, PROT_READ | PROT_WRITE, MAP_PRIVATE, store->fd, offset - rest);
    }
  else
    {
      map = mmap (NULL, *n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (map != MAP_FAILED)
        memcpy (map, data, *n);
    }
  g_mutex_unlock (&lock);
  return map != MAP_FAILED ? map + rest : NULL;
}

void
glow_store_unmap (char *bytes, gsize n)
{
  gsize rest = page_rest ((gsize) bytes);

  munmap (bytes - rest, n + rest);
}

gboolean
glow_file_exists (const char *path)
{
  g_autoptr(GBytes) member = NULL;

  glow_dependencies_saw (path);
  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return TRUE;
  member = glow_store_find (path);
  return member != NULL;
}

gboolean
glow_file_get_contents (const char *path, char **contents, gsize *n)
{
  g_autoptr(GBytes) member = glow_store_find (path);
  gsize size;
  gconstpointer data;

  glow_dependencies_saw (path);
  if (member == NULL)
    return g_file_get_contents (path, contents, n, NULL);
  data = g_bytes_get_data (member, &size);
  *contents = g_malloc (size + 1);
  if (size > 0)
    memcpy (*contents, data, size);
  (*contents)[size] = '\0';
  if (n != NULL)
    *n = size;
  return TRUE;
}
