/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libdw finds shared debug information by the path of the file it was given, and under /usr/lib/debug. Files in a sysroot, in perf's cache or in a packed
 * recording have it elsewhere. */
#include "symbols/alt-file-private.h"
#include "symbols/elf-file-private.h"
#include "symbols/module-files-private.h"
#include "symbols/store-private.h"

#include <string.h>

#define STANDARD "/usr/lib/debug"

/* The name in .gnu_debugaltlink; the build-id follows it. */
static const char *
find_link (Elf *elf, guint8 build_id[20], guint *n)
{
  Elf_Scn *section = NULL;
  gsize names;

  if (elf_getshdrstrndx (elf, &names) < 0)
    return NULL;
  while ((section = elf_nextscn (elf, section)) != NULL)
    {
      GElf_Shdr header;
      const char *name, *end;
      Elf_Data *data;

      if (gelf_getshdr (section, &header) == NULL || (name = elf_strptr (elf, names, header.sh_name)) == NULL || strcmp (name, ".gnu_debugaltlink") != 0
          || (data = elf_getdata (section, NULL)) == NULL || data->d_buf == NULL || (end = memchr (data->d_buf, '\0', data->d_size)) == NULL)
        continue;
      *n = MIN (data->d_size - (end + 1 - (const char *) data->d_buf), 20);
      memcpy (build_id, end + 1, *n);
      return data->d_buf;
    }
  return NULL;
}

static gboolean
is_build_at (const char *path, const guint8 *build_id, guint n)
{
  guint8 own[20];
  int fd;
  Elf *elf = glow_file_exists (path) ? glow_elf_open (path, &fd) : NULL;
  gboolean fits = FALSE;

  if (elf != NULL)
    {
      fits = glow_elf_get_build_id (elf, own) == n && memcmp (own, build_id, n) == 0;
      glow_elf_close (elf, fd);
    }
  return fits;
}

char *
glow_alt_file_dup_place (Elf *elf, const char *path, const char *const *debug_dirs, guint8 build_id[20], guint *n)
{
  const char *link = find_link (elf, build_id, n);
  g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *folder = g_path_get_dirname (path), *hex = NULL;
  const char *cache = strstr (path, "/.build-id/");

  if (link == NULL || *n < 2)
    return NULL;
  hex = glow_build_id_dup_hex (build_id, *n, TRUE);
  if (cache != NULL)
    g_ptr_array_add (places, g_strdup_printf ("%.*s/.build-id/%s/debug", (int) (cache - path), path, hex));
  g_ptr_array_add (places, *link == '/' ? g_strdup (link) : g_build_filename (folder, link, NULL));
  for (guint i = 0; debug_dirs != NULL && debug_dirs[i] != NULL; i++)
    {
      g_ptr_array_add (places, g_strdup_printf ("%s/.build-id/%s.debug", debug_dirs[i], hex));
      if (g_str_has_prefix (link, STANDARD "/"))
        g_ptr_array_add (places, g_build_filename (debug_dirs[i], link + strlen (STANDARD), NULL));
    }
  g_ptr_array_add (places, g_strdup_printf (STANDARD "/.build-id/%s.debug", hex));
  /* "../../../.dwz/x" is told from where packages put the debug file, which may have been reached by a link. */
  if (strstr (link, ".dwz/") != NULL)
    g_ptr_array_add (places, g_strconcat (STANDARD "/", strstr (link, ".dwz/"), NULL));
  for (guint i = 0; i < places->len; i++)
    if (is_build_at (g_ptr_array_index (places, i), build_id, *n))
      return g_strdup (g_ptr_array_index (places, i));
  return NULL;
}

void
glow_alt_file_open (GlowAltFile *self, Dwarf *dwarf, Elf *elf, const char *path, const char *const *debug_dirs)
{
  guint8 build_id[20];
  guint n = 0;
  g_autofree char *place = glow_alt_file_dup_place (elf, path, debug_dirs, build_id, &n);

  *self = (GlowAltFile) { -1, NULL, NULL };
  self->elf = place != NULL ? glow_elf_open (place, &self->fd) : NULL;
  self->dwarf = self->elf != NULL ? dwarf_begin_elf (self->elf, DWARF_C_READ, NULL) : NULL;
  if (self->dwarf != NULL)
    dwarf_setalt (dwarf, self->dwarf);
}

void
glow_alt_file_close (GlowAltFile *self)
{
  if (self->dwarf != NULL)
    dwarf_end (self->dwarf);
  if (self->elf == NULL)
    return;
  glow_elf_close (self->elf, self->fd);
}
