/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of an ELF file alone: headers as they are, so that offsets in the file keep their meaning, and the bytes of the sections that are wanted, one
 * behind another. Headers are patched in the file's own class and byte order. */
#include "symbols/elf-tables-private.h"

#include <string.h>

/* Alignment of what is copied: enough for every table, which libelf may use in place. */
#define ALIGN 16

static const char *const always[] = { ".eh_frame", ".eh_frame_hdr", ".debug_frame", ".zdebug_frame", ".gnu_debugdata", ".gnu_debuglink", ".gnu_debugaltlink",
                                      ".opd", ".rela.plt", ".rel.plt", ".ARM.exidx", ".ARM.extab", ".ARM.attributes", ".sframe", NULL };
static const char *const for_dwarf[] = { "info", "abbrev", "str", "line_str", "line", "ranges", "rnglists", "addr", "str_offsets", "types", "aranges",
                                         "cu_index", "tu_index", NULL };

typedef struct {
  Elf *elf;
  const guint8 *bytes;
  gsize n_bytes;
  gboolean is_64, big;
  gsize names;                 /* section of section names */
  gsize n_sections;
  guint8 *linked;              /* a flag a section: names of symbols */
  GByteArray *out;
} Copy;

/* A number of @size bytes in the copy's byte order. */
static void
put (Copy *self, gsize at, guint64 value, guint size)
{
  for (guint i = 0; i < size; i++)
    self->out->data[at + (self->big ? size - 1 - i : i)] = value >> 8 * i;
}

static void
pad (Copy *self)
{
  static const guint8 zeros[ALIGN];

  if (self->out->len % ALIGN != 0)
    g_byte_array_append (self->out, zeros, ALIGN - self->out->len % ALIGN);
}

static gboolean
is_dwarf (const char *name)
{
  const char *rest = g_str_has_prefix (name, ".debug_") ? name + 7 : g_str_has_prefix (name, ".zdebug_") ? name + 8 : NULL;

  return rest != NULL && g_strv_contains (for_dwarf, rest);
}

/* Which sections symbol tables have their names in. (transfer full): a flag a section. */
static guint8 *
find_linked_strings (Copy *self)
{
  guint8 *linked = g_new0 (guint8, self->n_sections + 1);

  for (gsize i = 1; i < self->n_sections; i++)
    {
      Elf_Scn *section = elf_getscn (self->elf, i);
      GElf_Shdr header;

      if (section != NULL && gelf_getshdr (section, &header) != NULL && (header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM)
          && header.sh_link < self->n_sections)
        linked[header.sh_link] = TRUE;
    }
  return linked;
}

static gboolean
is_wanted (Copy *self, gsize index, const GElf_Shdr *header, gboolean dwarf)
{
  const char *name = elf_strptr (self->elf, self->names, header->sh_name);

  switch (header->sh_type)
    {
    case SHT_SYMTAB:
    case SHT_DYNSYM:
    case SHT_SYMTAB_SHNDX:
    case SHT_NOTE:
      return TRUE;
    case SHT_STRTAB:
      return index == self->names || self->linked[index];
    case SHT_NULL:
    case SHT_NOBITS:
      return FALSE;
    default:
      return name != NULL && (g_strv_contains (always, name) || (dwarf && is_dwarf (name)));
    }
}

/* What elf_begin() has checked only in part: tables of headers lie in the file. */
static gboolean
copy_headers (Copy *self, const GElf_Ehdr *ehdr)
{
  gsize n_segments = 0, size = self->is_64 ? sizeof (Elf64_Ehdr) : sizeof (Elf32_Ehdr);

  if (self->n_bytes < size || elf_getphdrnum (self->elf, &n_segments) != 0)
    return FALSE;
  g_byte_array_append (self->out, self->bytes, size);
  if (n_segments == 0)
    return TRUE;
  if (ehdr->e_phoff > self->n_bytes || n_segments > (self->n_bytes - ehdr->e_phoff) / MAX (ehdr->e_phentsize, 1))
    return FALSE;
  pad (self);
  put (self, self->is_64 ? G_STRUCT_OFFSET (Elf64_Ehdr, e_phoff) : G_STRUCT_OFFSET (Elf32_Ehdr, e_phoff), self->out->len, self->is_64 ? 8 : 4);
  for (gsize i = 0; i < n_segments; i++)
    {
      gsize at = self->out->len;
      GElf_Phdr header;

      g_byte_array_append (self->out, self->bytes + ehdr->e_phoff + i * ehdr->e_phentsize, ehdr->e_phentsize);
      /* It points to bytes of the file; the section of that name is found without it. */
      if (gelf_getphdr (self->elf, i, &header) != NULL && header.p_type == PT_GNU_EH_FRAME)
        put (self, at, PT_NULL, 4);
    }
  return TRUE;
}

static void
put_section (Copy *self, gsize at, gsize offset, guint type)
{
  put (self, at + 4, type, 4);
  if (self->is_64)
    put (self, at + G_STRUCT_OFFSET (Elf64_Shdr, sh_offset), offset, 8);
  else
    put (self, at + G_STRUCT_OFFSET (Elf32_Shdr, sh_offset), offset, 4);
}

GBytes *
glow_elf_dup_tables (Elf *elf, gboolean dwarf)
{
  Copy self = { .elf = elf };
  g_autoptr(GByteArray) out = g_byte_array_new ();
  g_autoptr(GArray) offsets = g_array_new (FALSE, TRUE, sizeof (guint32));
  g_autofree guint8 *linked = NULL;
  GElf_Ehdr ehdr;
  gsize table, room;

  self.out = out;
  self.bytes = (const guint8 *) elf_rawfile (elf, &self.n_bytes);
  if (self.bytes == NULL || gelf_getehdr (elf, &ehdr) == NULL || elf_getshdrnum (elf, &self.n_sections) != 0 || elf_getshdrstrndx (elf, &self.names) != 0)
    return NULL;
  self.is_64 = gelf_getclass (elf) == ELFCLASS64;
  self.big = ehdr.e_ident[EI_DATA] == ELFDATA2MSB;
  if (ehdr.e_shentsize != (self.is_64 ? sizeof (Elf64_Shdr) : sizeof (Elf32_Shdr)) || ehdr.e_shoff > self.n_bytes
      || self.n_sections > (self.n_bytes - ehdr.e_shoff) / ehdr.e_shentsize || !copy_headers (&self, &ehdr))
    return NULL;
  g_array_set_size (offsets, self.n_sections);
  linked = self.linked = find_linked_strings (&self);
  room = 2 * self.n_bytes;
  for (gsize i = 1; i < self.n_sections; i++)
    {
      Elf_Scn *section = elf_getscn (elf, i);
      GElf_Shdr header;

      if (section == NULL || gelf_getshdr (section, &header) == NULL || !is_wanted (&self, i, &header, dwarf) || header.sh_offset > self.n_bytes
          || header.sh_size > self.n_bytes - header.sh_offset || header.sh_size > G_MAXUINT32 / 2 - out->len)
        continue;
      /* Sections that lie over one another, as no linker leaves them, would make more of a file than it is. */
      if (header.sh_size > room)
        continue;
      room -= header.sh_size;
      pad (&self);
      g_array_index (offsets, guint32, i) = out->len;
      g_byte_array_append (out, self.bytes + header.sh_offset, header.sh_size);
    }
  pad (&self);
  table = out->len;
  g_byte_array_append (out, self.bytes + ehdr.e_shoff, self.n_sections * ehdr.e_shentsize);
  for (gsize i = 1; i < self.n_sections; i++)
    {
      Elf_Scn *section = elf_getscn (elf, i);
      guint32 offset = g_array_index (offsets, guint32, i);
      const char *name;
      GElf_Shdr header;

      if (section == NULL || gelf_getshdr (section, &header) == NULL)
        continue;
      name = elf_strptr (elf, self.names, header.sh_name);
      /* LLVM gives .eh_frame a type of its own, by which it is not looked for. */
      if (offset > 0)
        put_section (&self, table + i * ehdr.e_shentsize, offset, g_strcmp0 (name, ".eh_frame") == 0 ? SHT_PROGBITS : header.sh_type);
      else if (header.sh_type != SHT_NULL)
        put_section (&self, table + i * ehdr.e_shentsize, out->len, SHT_NOBITS);
    }
  put (&self, self.is_64 ? G_STRUCT_OFFSET (Elf64_Ehdr, e_shoff) : G_STRUCT_OFFSET (Elf32_Ehdr, e_shoff), table, self.is_64 ? 8 : 4);
  return g_byte_array_free_to_bytes (g_steal_pointer (&out));
}
