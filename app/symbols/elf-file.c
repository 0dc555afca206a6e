/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening ELF files, and finding what belongs to them. */
#include "symbols/elf-file-private.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

guint
glow_elf_get_build_id (Elf *elf, guint8 build_id[20])
{
  Elf_Scn *section = NULL;

  while ((section = elf_nextscn (elf, section)) != NULL)
    {
      GElf_Shdr header;
      Elf_Data *data;
      gsize at = 0, name_at, desc_at;
      GElf_Nhdr note;

      if (gelf_getshdr (section, &header) == NULL || header.sh_type != SHT_NOTE)
        continue;
      data = elf_getdata (section, NULL);
      while (data != NULL && (at = gelf_getnote (data, at, &note, &name_at, &desc_at)) > 0)
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp ((char *) data->d_buf + name_at, "GNU", 4) == 0)
          {
            guint n = MIN (note.n_descsz, 20);

            memcpy (build_id, (guint8 *) data->d_buf + desc_at, n);
            return n;
          }
    }
  return 0;
}

GArray *
glow_elf_dup_segments (Elf *elf)
{
  GArray *segments = g_array_new (FALSE, FALSE, sizeof (GlowElfSegment));
  gsize n = 0;

  elf_getphdrnum (elf, &n);
  for (gsize i = 0; i < n && i < 1024; i++)
    {
      GElf_Phdr header;
      GlowElfSegment segment;

      if (gelf_getphdr (elf, i, &header) == NULL || header.p_type != PT_LOAD)
        continue;
      segment = (GlowElfSegment) { header.p_vaddr, header.p_offset, header.p_memsz };
      g_array_append_val (segments, segment);
    }
  return segments;
}

/* An address as the offset in the file that a map would have shown. */
gboolean
glow_elf_to_offset (const GArray *segments, guint64 vaddr, guint64 *offset)
{
  for (guint i = 0; i < segments->len; i++)
    {
      const GlowElfSegment *segment = &g_array_index (segments, GlowElfSegment, i);

      if (vaddr >= segment->vaddr && vaddr - segment->vaddr < segment->size)
        {
          *offset = vaddr - segment->vaddr + segment->offset;
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
glow_elf_to_vaddr (const GArray *segments, guint64 offset, guint64 *vaddr)
{
  for (guint i = 0; i < segments->len; i++)
    {
      const GlowElfSegment *segment = &g_array_index (segments, GlowElfSegment, i);

      if (offset >= segment->offset && offset - segment->offset < segment->size)
        {
          *vaddr = offset - segment->offset + segment->vaddr;
          return TRUE;
        }
    }
  return FALSE;
}

Elf *
glow_elf_open (const char *path, int *fd)
{
  Elf *elf;

  elf_version (EV_CURRENT);
  *fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (*fd < 0)
    return NULL;
  elf = elf_begin (*fd, ELF_C_READ_MMAP, NULL);
  if (elf == NULL || elf_kind (elf) != ELF_K_ELF)
    {
      elf_end (elf);
      close (*fd);
      return NULL;
    }
  return elf;
}

/* The file name in .gnu_debuglink. */
static char *
dup_debug_link (Elf *elf)
{
  Elf_Scn *section = NULL;
  gsize names;

  if (elf_getshdrstrndx (elf, &names) < 0)
    return NULL;
  while ((section = elf_nextscn (elf, section)) != NULL)
    {
      GElf_Shdr header;
      const char *name;
      Elf_Data *data;
      g_autofree char *link = NULL;

      if (gelf_getshdr (section, &header) == NULL || (name = elf_strptr (elf, names, header.sh_name)) == NULL
          || strcmp (name, ".gnu_debuglink") != 0 || (data = elf_getdata (section, NULL)) == NULL || data->d_buf == NULL)
        continue;
      link = g_strndup (data->d_buf, data->d_size);
      return *link != '\0' && strchr (link, '/') == NULL ? g_steal_pointer (&link) : NULL;
    }
  return NULL;
}

/**
 * glow_elf_dup_debug_places:
 * @debug_dirs: (nullable): NULL-terminated, looked into before the standard one
 *
 * By build-id first, then by the name in .gnu_debuglink: beside the file, in .debug below it, and under the standard folder, as GDB looks.
 */
GPtrArray *
glow_elf_dup_debug_places (Elf *elf, const char *path, const guint8 *build_id, guint build_id_length, const char *const *debug_dirs)
{
  static const char *const standard[] = { "/usr/lib/debug", NULL };
  const char *const *lists[] = { debug_dirs != NULL ? debug_dirs : standard + 1, standard };
  GPtrArray *places = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *link = dup_debug_link (elf), *folder = NULL;

  if (build_id_length > 1)
    {
      g_autoptr(GString) hex = g_string_new (NULL);

      for (guint i = 0; i < build_id_length; i++)
        g_string_append_printf (hex, "%02x%s", build_id[i], i == 0 ? "/" : "");
      for (guint l = 0; l < G_N_ELEMENTS (lists); l++)
        for (guint i = 0; lists[l][i] != NULL; i++)
          g_ptr_array_add (places, g_strdup_printf ("%s/.build-id/%s.debug", lists[l][i], hex->str));
    }
  if (link != NULL)
    {
      folder = g_path_get_dirname (path);
      g_ptr_array_add (places, g_build_filename (folder, link, NULL));
      g_ptr_array_add (places, g_build_filename (folder, ".debug", link, NULL));
      for (guint l = 0; l < G_N_ELEMENTS (lists); l++)
        for (guint i = 0; lists[l][i] != NULL; i++)
          g_ptr_array_add (places, g_build_filename (lists[l][i], folder, link, NULL));
    }
  return places;
}
