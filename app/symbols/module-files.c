/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the files of modules are looked for. */
#include "symbols/module-files-private.h"

char *
glow_module_dup_build_id (const GlowModule *module, gboolean folders)
{
  GString *hex = g_string_new (NULL);

  for (guint i = 0; i < module->build_id_length; i++)
    g_string_append_printf (hex, "%02x%s", module->build_id[i], folders && i == 0 ? "/" : "");
  return g_string_free (hex, FALSE);
}

GPtrArray *
glow_module_dup_build_id_places (const GlowModule *module, const char *const *recordings, const char *const *leaves)
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
      g_ptr_array_add (places, g_strdup_printf ("%s/.build-id/%s%s", cache, hex, leaves[leaf]));
    }
  return places;
}

GPtrArray *
glow_module_dup_places (const GlowModule *module, const char *path, const char *const *recordings, const GlowLoadOptions *options)
{
  static const char *const leaves[] = { "/elf", "/vdso", "", ".debug", NULL };
  GPtrArray *places = glow_module_dup_build_id_places (module, recordings, leaves);

  if (options != NULL && options->symfs != NULL)
    g_ptr_array_insert (places, 0, g_build_filename (options->symfs, path, NULL));
  else if (*path == '/')
    g_ptr_array_add (places, g_strdup (path));
  return places;
}
