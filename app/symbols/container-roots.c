/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that containers see, looked for from outside of them. What is found here is always compared by build-id by whoever opens it. */
#include "symbols/container-roots-private.h"
#include "symbols/dependencies-private.h"

#include <glob.h>
#include <string.h>

/* Where container tools keep the roots of what runs, and the layers of what does not. */
static const char *const stores[] = {
  "run/containerd/io.containerd.runtime.v2.task/*/*/rootfs",
  "run/docker/runtime-runc/moby/*/rootfs",
  "var/lib/docker/overlay2/*/merged",
  "var/lib/docker/overlay2/*/diff",
  "var/lib/docker/rootfs/overlayfs/*",
  "var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/*/fs",
  "var/lib/containers/storage/overlay/*/merged",
  "var/lib/containers/storage/overlay/*/diff",
  "home/*/.local/share/containers/storage/overlay/*/merged",
  "home/*/.local/share/containers/storage/overlay/*/diff",
  "var/lib/lxc/*/rootfs",
  "var/lib/machines/*",
};

/* What a Flatpak application sees as /app and /usr. */
static const struct {
  const char *inside, *store;
} flatpak[] = {
  { "/app/", "var/lib/flatpak/app/*/current/active/files" },
  { "/app/", "home/*/.local/share/flatpak/app/*/current/active/files" },
  { "/usr/", "var/lib/flatpak/runtime/*/*/*/active/files" },
  { "/usr/", "home/*/.local/share/flatpak/runtime/*/*/*/active/files" },
};

/* What is looked through, whether it is there or not: what is put there later changes the answer. */
static void
note_folders (const char *pattern)
{
  const char *star = strchr (pattern, '*'), *next = star != NULL ? strchr (star + 1, '*') : NULL;
  g_autofree char *first = star != NULL ? g_strndup (pattern, star - 1 - pattern) : NULL, *second = NULL;
  glob_t found;

  if (first == NULL)
    return;
  glow_dependencies_saw (first);
  if (next == NULL)
    return;
  second = g_strndup (pattern, strchr (star, '/') - pattern);
  if (glob (second, GLOB_NOSORT | GLOB_ONLYDIR, NULL, &found) == 0)
    for (gsize i = 0; i < found.gl_pathc; i++)
      {
        g_autofree char *rest = g_strconcat (found.gl_pathv[i], strchr (star, '/'), NULL);

        note_folders (rest);
      }
  globfree (&found);
}

static void
add_found (GPtrArray *places, const char *base, const char *store, const char *path)
{
  g_autofree char *pattern = g_build_filename (base, store, NULL);
  glob_t found;

  note_folders (pattern);
  if (glob (pattern, GLOB_NOSORT | GLOB_ONLYDIR, NULL, &found) == 0)
    for (gsize i = 0; i < found.gl_pathc; i++)
      {
        char *place = g_build_filename (found.gl_pathv[i], path, NULL);

        if (g_file_test (place, G_FILE_TEST_IS_REGULAR))
          g_ptr_array_add (places, place);
        else
          g_free (place);
      }
  globfree (&found);
}

void
glow_container_add_stored (GPtrArray *places, const char *base, const char *path)
{
  if (*path != '/' || strstr (path, "/../") != NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (stores); i++)
    add_found (places, base, stores[i], path);
  for (guint i = 0; i < G_N_ELEMENTS (flatpak); i++)
    if (g_str_has_prefix (path, flatpak[i].inside))
      add_found (places, base, flatpak[i].store, path + strlen (flatpak[i].inside));
}

void
glow_container_add_root (GPtrArray *places, const GlowModule *module, const char *path)
{
  if (*path != '/')
    return;
  if (module->root_pid != 0 && !module->deleted)
    {
      char *own = g_strdup_printf ("/proc/%u/root%s", module->root_pid, path);

      if (module->build_id_length > 0)
        g_ptr_array_add (places, own);
      else
        {
          for (guint i = places->len; i-- > 0;)
            if (strcmp (g_ptr_array_index (places, i), path) == 0)
              g_ptr_array_remove_index (places, i);
          g_ptr_array_insert (places, 0, own);
        }
    }
}

gboolean
glow_container_add_more (GPtrArray *places, gboolean *looked, const GlowModule *module, const char *path)
{
  guint n = places->len;

  if (*looked || module->build_id_length == 0)
    return FALSE;
  *looked = TRUE;
  glow_container_add_stored (places, "/", path);
  return places->len > n;
}
