/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where files of modules are looked for. A path is only a hint: whoever opens the file compares its build-id with the recorded one. */
#include "symbols/debuginfod-private.h"
#include "symbols/module-files-private.h"
#include "symbols/store-private.h"

#include <string.h>

#define LINKS_AT_MOST 40

/* Takes @folder. */
static void
add_folder (GPtrArray *dirs, char *folder)
{
  if (g_ptr_array_find_with_equal_func (dirs, folder, g_str_equal, NULL))
    g_free (folder);
  else
    g_ptr_array_add (dirs, folder);
}

static void
add_debug_root (GPtrArray *dirs, const char *root)
{
  if (root != NULL)
    add_folder (dirs, g_build_filename (root, "usr/lib/debug", NULL));
}

void
glow_name_places_init (GlowNamePlaces *self, const GlowLoadOptions *options, const char *const *more)
{
  self->options = options != NULL ? *options : (GlowLoadOptions) { 0 };
  self->debug_dirs = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; self->options.debug_dirs != NULL && self->options.debug_dirs[i] != NULL; i++)
    add_folder (self->debug_dirs, g_strdup (self->options.debug_dirs[i]));
  add_debug_root (self->debug_dirs, self->options.symfs);
  add_debug_root (self->debug_dirs, self->options.sysroot);
  for (guint i = 0; more != NULL && more[i] != NULL; i++)
    add_folder (self->debug_dirs, g_strdup (more[i]));
  g_ptr_array_add (self->debug_dirs, NULL);
  self->options.debug_dirs = (const char *const *) self->debug_dirs->pdata;
}

void
glow_name_places_clear (GlowNamePlaces *self)
{
  g_clear_pointer (&self->debug_dirs, g_ptr_array_unref);
}

char *
glow_build_id_dup_hex (const guint8 *build_id, guint n, gboolean folders)
{
  GString *hex = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (hex, "%02x%s", build_id[i], folders && i == 0 ? "/" : "");
  return g_string_free (hex, FALSE);
}

char *
glow_module_dup_build_id (const GlowModule *module, gboolean folders)
{
  return glow_build_id_dup_hex (module->build_id, module->build_id_length, folders);
}

GPtrArray *
glow_module_dup_build_id_places (const GlowModule *module, const char *const *recordings, const char *const *debug_dirs, const char *const *leaves)
{
  GPtrArray *places = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *hex = NULL, *cache = NULL;

  if (module->build_id_length < 2)
    return places;
  hex = glow_module_dup_build_id (module, TRUE);
  cache = g_build_filename (g_get_home_dir (), ".debug", NULL);
  for (guint leaf = 0; leaves[leaf] != NULL; leaf++)
    {
      for (guint i = 0; recordings[i] != NULL; i++)
        g_ptr_array_add (places, g_strdup_printf ("%s.symbols/.build-id/%s%s", recordings[i], hex, leaves[leaf]));
      for (guint i = 0; debug_dirs != NULL && debug_dirs[i] != NULL; i++)
        g_ptr_array_add (places, g_strdup_printf ("%s/.build-id/%s%s", debug_dirs[i], hex, leaves[leaf]));
      g_ptr_array_add (places, g_strdup_printf ("%s/.build-id/%s%s", cache, hex, leaves[leaf]));
    }
  return places;
}

char *
glow_root_dup_path (const char *root, const char *path)
{
  g_autoptr(GPtrArray) rest = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GString) at = g_string_new (root);
  gsize bare;
  guint links = 0;

  while (at->len > 0 && at->str[at->len - 1] == '/')
    g_string_truncate (at, at->len - 1);
  bare = at->len;
  g_ptr_array_add (rest, g_strdup (path));
  while (rest->len > 0)
    {
      g_autofree char *piece = g_ptr_array_steal_index (rest, rest->len - 1), *target = NULL;
      char *slash;
      gsize before = at->len;

      slash = strchr (piece, '/');
      if (slash != NULL)
        {
          if (slash[1] != '\0')
            g_ptr_array_add (rest, g_strdup (slash + 1));
          *slash = '\0';
        }
      if (*piece == '\0' || strcmp (piece, ".") == 0)
        continue;
      if (strcmp (piece, "..") == 0)
        {
          const char *last = strrchr (at->str + bare, '/');

          g_string_truncate (at, last != NULL ? (gsize) (last - at->str) : bare);
          continue;
        }
      g_string_append_printf (at, "/%s", piece);
      target = links < LINKS_AT_MOST ? g_file_read_link (at->str, NULL) : NULL;
      if (target == NULL)
        continue;
      links++;
      g_string_truncate (at, *target == '/' ? bare : before);
      g_ptr_array_add (rest, g_steal_pointer (&target));
    }
  return g_strdup (at->str);
}

/* Programs were moved to /usr and left links behind, which a copy of a file system may lack. */
static void
add_in_root (GPtrArray *places, const char *root, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);

  g_ptr_array_add (places, glow_root_dup_path (root, path));
  if (g_str_has_prefix (path, "/lib") || g_str_has_prefix (path, "/bin/") || g_str_has_prefix (path, "/sbin/"))
    {
      g_autofree char *moved = g_strconcat ("/usr", path, NULL);

      g_ptr_array_add (places, glow_root_dup_path (root, moved));
    }
  /* A folder of files without folders, as for a board or a phone. */
  g_ptr_array_add (places, glow_root_dup_path (root, name));
}

static gboolean
has_root (const GlowLoadOptions *options)
{
  return options != NULL && (options->symfs != NULL || options->sysroot != NULL);
}

gboolean
glow_places_are_here (const char *const *recordings, const GlowLoadOptions *options)
{
  for (guint i = 0; recordings[i] != NULL; i++)
    {
      g_autoptr(GBytes) member = glow_store_find (recordings[i]);

      if (member != NULL)
        return FALSE;
    }
  return !has_root (options);
}

GPtrArray *
glow_module_dup_places (const GlowModule *module, const char *path, const char *const *recordings, const GlowLoadOptions *options)
{
  static const char *const leaves[] = { "/elf", "/vdso", "", ".debug", NULL };
  GPtrArray *places = glow_module_dup_build_id_places (module, recordings, options != NULL ? options->debug_dirs : NULL, leaves);

  if (options != NULL && options->symfs != NULL)
    g_ptr_array_insert (places, 0, glow_root_dup_path (options->symfs, path));
  if (options != NULL && options->sysroot != NULL)
    add_in_root (places, options->sysroot, path);
  /* Packed recordings have by path what has no build-id. */
  for (guint i = 0; module->build_id_length == 0 && recordings[i] != NULL; i++)
    g_ptr_array_add (places, g_strdup_printf ("%s.symbols/root/%s/elf", recordings[i], path));
  if (*path == '/' && (module->build_id_length > 0 ? !has_root (options) : glow_places_are_here (recordings, options)))
    g_ptr_array_add (places, g_strdup (path));
  if (module->build_id_length > 1)
    g_ptr_array_add (places, glow_debuginfod_dup_cached (module->build_id, module->build_id_length, "executable"));
  return places;
}

GPtrArray *
glow_kernel_dup_places (const GlowModule *module, const char *release, const char *const *recordings, const GlowLoadOptions *options)
{
  static const char *const leaves[] = { "/vmlinux", "/elf", ".debug", NULL };
  static const char *const images[] = { "usr/lib/debug/boot/vmlinux-%s", "usr/lib/debug/lib/modules/%s/vmlinux", "boot/vmlinux-%s",
                                        "lib/modules/%s/build/vmlinux" };
  GPtrArray *places = glow_module_dup_build_id_places (module, recordings, options != NULL ? options->debug_dirs : NULL, leaves);
  const char *root = options == NULL ? "/" : options->symfs != NULL ? options->symfs : options->sysroot != NULL ? options->sysroot : "/";

  for (guint i = 0; release != NULL && strchr (release, '/') == NULL && i < G_N_ELEMENTS (images); i++)
    {
      g_auto(GStrv) parts = g_strsplit (images[i], "%s", 2);
      g_autofree char *path = g_strjoin (NULL, parts[0], release, parts[1], NULL);

      g_ptr_array_add (places, glow_root_dup_path (root, path));
    }
  if (module->build_id_length > 1)
    g_ptr_array_add (places, glow_debuginfod_dup_cached (module->build_id, module->build_id_length, "debuginfo"));
  return places;
}
