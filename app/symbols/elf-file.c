/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening ELF files, and finding what belongs to them. */
#include "symbols/debuginfod-private.h"
#include "symbols/dependencies-private.h"
#include "symbols/elf-file-private.h"
#include "symbols/module-files-private.h"
#include "symbols/store-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static guint
find_build_id (Elf_Data *data, guint8 build_id[20])
{
  gsize at = 0, name_at, desc_at;
  GElf_Nhdr note;

  while (data != NULL && (at = gelf_getnote (data, at, &note, &name_at, &desc_at)) > 0)
    if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 && memcmp ((char *) data->d_buf + name_at, "GNU", 4) == 0)
      {
        guint n = MIN (note.n_descsz, 20);

        memcpy (build_id, (guint8 *) data->d_buf + desc_at, n);
        return n;
      }
  return 0;
}

guint
glow_elf_get_build_id (Elf *elf, guint8 build_id[20])
{
  Elf_Scn *section = NULL;
  gsize n_sections = 0, n_segments = 0;
  guint n = 0;

  while ((section = elf_nextscn (elf, section)) != NULL && n == 0)
    {
      GElf_Shdr header;

      if (gelf_getshdr (section, &header) != NULL && header.sh_type == SHT_NOTE)
        n = find_build_id (elf_getdata (section, NULL), build_id);
    }
  if (n > 0 || (elf_getshdrnum (elf, &n_sections) == 0 && n_sections > 0) || elf_getphdrnum (elf, &n_segments) != 0)
    return n;
  for (gsize i = 0; i < n_segments && i < 1024 && n == 0; i++)
    {
      GElf_Phdr header;

      if (gelf_getphdr (elf, i, &header) != NULL && header.p_type == PT_NOTE)
        n = find_build_id (elf_getdata_rawchunk (elf, header.p_offset, header.p_filesz, header.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR), build_id);
    }
  return n;
}

gboolean
glow_elf_is_build (const guint8 *own, guint n_own, const guint8 *recorded, guint n_recorded)
{
  /* perf pads short build-ids with zeros to 20 bytes where it does not write their length. */
  return n_recorded == 0 || (n_own > 0 && memcmp (own, recorded, MIN (n_own, n_recorded)) == 0);
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

      /* Without bytes in the file nothing was mapped from it; debug files made by objcopy say so, and have offsets that mean nothing. */
      if (gelf_getphdr (elf, i, &header) == NULL || header.p_type != PT_LOAD || header.p_filesz == 0)
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
  glow_dependencies_saw (path);
  *fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (*fd < 0)
    {
      gsize n;
      char *bytes = glow_store_map (path, &n);

      elf = bytes != NULL ? elf_memory (bytes, n) : NULL;
      if (elf == NULL && bytes != NULL)
        glow_store_unmap (bytes, n);
    }
  else
    elf = elf_begin (*fd, ELF_C_READ_MMAP, NULL);
  if (elf != NULL && elf_kind (elf) == ELF_K_ELF)
    return elf;
  if (elf != NULL)
    glow_elf_close (elf, *fd);
  else if (*fd >= 0)
    close (*fd);
  return NULL;
}

void
glow_elf_close (Elf *elf, int fd)
{
  gsize n = 0;
  char *bytes = fd < 0 ? elf_rawfile (elf, &n) : NULL;

  elf_end (elf);
  if (fd >= 0)
    close (fd);
  else if (bytes != NULL)
    glow_store_unmap (bytes, n);
}

gboolean
glow_elf_vdso_is_of (const char *os_release, const char *arch, const char *hostname)
{
  struct utsname running;

  return os_release != NULL && uname (&running) == 0 && strcmp (running.release, os_release) == 0
         && (arch == NULL || strcmp (running.machine, arch) == 0) && (hostname == NULL || strcmp (running.nodename, hostname) == 0);
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

/* The folder of @path as the recorded machine called it, where @path lies in the same root as @debug_dir: that is SYSROOT/usr/lib/debug for
 * SYSROOT/usr/bin/program. */
static const char *
folder_in_root (const char *debug_dir, const char *folder)
{
  gsize n = strlen (debug_dir) - (g_str_has_suffix (debug_dir, "/usr/lib/debug") ? strlen ("/usr/lib/debug") : strlen (debug_dir));

  return n > 0 && strncmp (folder, debug_dir, n) == 0 && folder[n] == '/' ? folder + n : folder;
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
  g_autofree char *link = dup_debug_link (elf), *folder = g_path_get_dirname (path), *name = g_path_get_basename (path);

  /* As perf's cache and packed recordings lay them: a folder a build, with "elf" and "debug" in it. */
  if (g_str_has_suffix (path, "/elf"))
    g_ptr_array_add (places, g_build_filename (folder, "debug", NULL));
  if (build_id_length > 1)
    {
      g_autofree char *hex = glow_build_id_dup_hex (build_id, build_id_length, TRUE);

      for (guint l = 0; l < G_N_ELEMENTS (lists); l++)
        for (guint i = 0; lists[l][i] != NULL; i++)
          g_ptr_array_add (places, g_strdup_printf ("%s/.build-id/%s.debug", lists[l][i], hex));
      g_ptr_array_add (places, glow_debuginfod_dup_cached (build_id, build_id_length, "debuginfo"));
    }
  if (link != NULL)
    {
      g_ptr_array_add (places, g_build_filename (folder, link, NULL));
      g_ptr_array_add (places, g_build_filename (folder, ".debug", link, NULL));
    }
  for (guint l = 0; l < G_N_ELEMENTS (lists); l++)
    for (guint i = 0; lists[l][i] != NULL; i++)
      {
        const char *inside = folder_in_root (lists[l][i], folder);

        if (link != NULL)
          g_ptr_array_add (places, g_build_filename (lists[l][i], inside, link, NULL));
        /* A file without a name for its debug file is not looked for by a name that it may share with another build. */
        if (build_id_length > 1)
          g_ptr_array_add (places, g_strdup_printf ("%s%s/%s.debug", lists[l][i], inside, name));
      }
  return places;
}
