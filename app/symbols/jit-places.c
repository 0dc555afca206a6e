/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the files of just-in-time compilers are looked for. They are written to /tmp under the number that the process has for itself: in a container that
 * is another /tmp and another number. What was found is judged by whether it knows the addresses that were recorded, for numbers are used again. */
#include <config.h>

#include "symbols/dependencies-private.h"
#include "symbols/jit-places-private.h"
#include "symbols/module-files-private.h"
#include "symbols/store-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of a map whose name does not say whose it is: of the addresses, at least so many in a hundred. */
#define SURE_PERCENT 90
#define MAX_PROCESSES 100000

/* The inode of a namespace of a living process; 0 where there is none to be seen. */
static guint64
namespace_of (const char *pid, const char *kind)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/ns/%s", pid, kind);
  struct stat status;

  return stat (path, &status) == 0 ? status.st_ino : 0;
}

guint32
glow_jit_inner_pid (guint32 pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/status", pid), *text = NULL;
  const char *line, *last;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (line = strstr (text, "\nNSpid:")) == NULL)
    return pid;
  line += strlen ("\nNSpid:");
  last = line + strcspn (line, "\n");
  while (last > line && g_ascii_isdigit (last[-1]))
    last--;
  return MAX ((guint32) g_ascii_strtoull (last, NULL, 10), 1);
}

char *
glow_jit_dup_process_root (guint32 pid, guint64 mount_namespace)
{
  g_autofree char *own = g_strdup_printf ("%u", pid);
  guint64 mine = namespace_of ("self", "mnt"), its = namespace_of (own, "mnt");
  const char *name;
  GDir *proc;
  char *root = NULL;

  /* The number may be another process's by now: where the recording says which namespace it was in, that is asked. */
  if (its != 0 && (mount_namespace == 0 || its == mount_namespace))
    {
      if (its != mine)
        glow_dependencies_unknown ();      /* a process lives as long as it does */
      return its != mine ? g_strdup_printf ("/proc/%u/root", pid) : NULL;
    }
  if (mount_namespace == 0 || mount_namespace == mine || (proc = g_dir_open ("/proc", 0, NULL)) == NULL)
    return NULL;
  for (guint looks = 0; root == NULL && looks < MAX_PROCESSES && (name = g_dir_read_name (proc)) != NULL;)
    if (g_ascii_isdigit (*name) && ++looks > 0 && namespace_of (name, "mnt") == mount_namespace)
      root = g_strdup_printf ("/proc/%s/root", name);
  g_dir_close (proc);
  if (root != NULL)
    glow_dependencies_unknown ();
  return root;
}

/* A plain file, opened without waiting for what only looks like one: a container is not trusted with a pipe or a link into this machine. */
static gboolean
is_plain (const char *path)
{
  struct stat status;
  g_autoptr(GBytes) member = NULL;

  if (lstat (path, &status) == 0)
    return S_ISREG (status.st_mode);
  member = glow_store_find (path);
  return member != NULL;
}

/* The folder that stands for the recorded machine's root. (nullable) */
static const char *
get_root (const GlowLoadOptions *options)
{
  return options == NULL ? NULL : options->symfs != NULL ? options->symfs : options->sysroot;
}

typedef struct {
  char *path;
  gboolean guessed;
} Place;

static void
place_clear (gpointer data)
{
  g_free (((Place *) data)->path);
}

static void
add_place (GArray *places, char *path, gboolean guessed)
{
  Place place = { path, guessed };

  g_array_append_val (places, place);
}

/* Every map in a container's /tmp: the number that a dead process had in there is not recorded. */
static void
add_all_maps (GArray *places, const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;

  glow_dependencies_saw (folder);

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL && places->len < 1000)
    if (g_str_has_prefix (name, "perf-") && g_str_has_suffix (name, ".map"))
      add_place (places, g_build_filename (folder, name, NULL), TRUE);
  if (dir != NULL)
    g_dir_close (dir);
}

static GArray *
list_map_places (const GlowModule *module, const char *const *recordings, const GlowLoadOptions *options)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (Place));
  g_autofree char *name = g_strdup_printf ("perf-%u.map", module->pid), *root = NULL;
  const char *symfs = get_root (options);

  g_array_set_clear_func (places, place_clear);
  for (guint i = 0; recordings[i] != NULL; i++)
    {
      g_autofree char *folder = g_path_get_dirname (recordings[i]);

      add_place (places, g_strdup_printf ("%s.maps/%s", recordings[i], name), FALSE);
      add_place (places, g_build_filename (folder, name, NULL), FALSE);
    }
  if (symfs != NULL)
    {
      g_autofree char *folder = g_build_filename (symfs, "tmp", NULL);

      add_place (places, g_build_filename (folder, name, NULL), FALSE);
      if (module->mount_namespace != 0)
        add_all_maps (places, folder);
      return places;
    }
  if (!glow_places_are_here (recordings, options))
    return places;
  root = glow_jit_dup_process_root (module->pid, module->mount_namespace);
  if (root != NULL)
    {
      g_autofree char *folder = g_build_filename (root, "tmp", NULL);
      guint32 inner = glow_jit_inner_pid (module->pid);
      g_autofree char *inner_name = g_strdup_printf ("perf-%u.map", inner);
      g_autofree char *own = g_strdup_printf ("/proc/%u/root", module->pid);

      if (strcmp (root, own) == 0)
        add_place (places, g_build_filename (folder, inner_name, NULL), FALSE);
      add_place (places, g_build_filename (folder, name, NULL), FALSE);
      add_all_maps (places, folder);
    }
  add_place (places, g_build_filename ("/tmp", name, NULL), FALSE);
  return places;
}

static guint
count_known (const GlowSymbolTable *table, const guint64 *addresses, guint n)
{
  guint known = 0;

  for (guint i = 0; i < n; i++)
    known += glow_symbol_table_find (table, addresses[i]) != NULL;
  return known;
}

/**
 * glow_jit_find_map:
 *
 * O(symbols of the maps there are + addresses × maps). Where several know equally much, the surest place wins; without @addresses the first does.
 */
GlowSymbolTable *
glow_jit_find_map (const GlowModule *module, const char *const *recordings, const GlowLoadOptions *options, const guint64 *addresses, guint n_addresses,
                   char **file, gboolean *guessed)
{
  g_autoptr(GArray) places = list_map_places (module, recordings, options);
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GlowSymbolTable *best = NULL;
  guint best_known = 0;

  for (guint i = 0; i < places->len; i++)
    {
      const Place *place = &g_array_index (places, Place, i);
      g_autoptr(GlowSymbolTable) table = NULL;
      guint known;

      glow_dependencies_saw (place->path);
      if (!g_hash_table_add (seen, place->path) || !is_plain (place->path))
        continue;
      table = glow_symbol_table_new ();
      if (!glow_perf_map_read (table, place->path))
        continue;
      known = count_known (table, addresses, n_addresses);
      /* One that knows nothing is of a process that had the number before or after. */
      if (known == 0 && n_addresses > 0)
        continue;
      if (place->guessed ? (guint64) known * 100 < (guint64) n_addresses * SURE_PERCENT || known <= best_known : best != NULL && known <= best_known)
        continue;
      g_clear_pointer (&best, glow_symbol_table_free);
      g_free (*file);
      best = g_steal_pointer (&table);
      best_known = known;
      *file = g_strdup (place->path);
      *guessed = place->guessed;
      if (known == n_addresses)
        break;
    }
  return best;
}

GPtrArray *
glow_jit_dup_dump_places (const char *path, guint32 pid, guint64 mount_namespace, const char *recording, const GlowLoadOptions *options)
{
  GPtrArray *places = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *name = g_path_get_basename (path), *folder = recording != NULL ? g_path_get_dirname (recording) : NULL, *root = NULL;
  const char *recordings[] = { recording, NULL };

  if (get_root (options) != NULL)
    g_ptr_array_add (places, glow_root_dup_path (get_root (options), path));
  else if (glow_places_are_here (recordings, options))
    {
      root = glow_jit_dup_process_root (pid, mount_namespace);
      if (root != NULL)
        g_ptr_array_add (places, g_build_filename (root, path, NULL));
      g_ptr_array_add (places, g_strdup (path));
    }
  if (recording != NULL)
    {
      g_ptr_array_add (places, g_strdup_printf ("%s.maps/%s", recording, name));
      g_ptr_array_add (places, g_build_filename (folder, name, NULL));
    }
  for (guint i = 0; i < places->len; i++)
    glow_dependencies_saw (g_ptr_array_index (places, i));
  return places;
}
