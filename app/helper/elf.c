/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where in a file a function begins. The file is the caller's and may be anything, or change while it is read: each number is read once, checked, and
 * used from a copy; nothing is mapped; tables are read in pieces of one size. No more of the format than that, so no library that knows all of it.
 *
 * Source: System V ABI, chapters 4 and 5 (object files, program headers); linux/elf.h. */
#include "helper/helper.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define PIECE      65536
#define MOST_LOADS 64
#define MOST_SECTIONS 65536
#define MOST_TABLE (G_GUINT64_CONSTANT (512) << 20)     /* bytes of a table of symbols or of names */
#define MOST_PLACES 4096        /* where names end alike */

#define refuse(error, ...) (g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, __VA_ARGS__), FALSE)

typedef struct {
  guint64 offset, address, size;
} Load;

typedef struct {
  guint32 type, link;
  guint64 offset, size, entry;
} Section;

typedef struct {
  int fd;
  gboolean is_64, is_big;
  guint machine;
  guint n_loads, n_sections;
  Load loads[MOST_LOADS];       /* that may be executed */
  guint64 sections;             /* offset */
  guint section_size;
} Elf;

static gboolean
read_at (int fd, guint64 offset, void *buffer, gsize n)
{
  return offset <= G_MAXINT64 - n && pread (fd, buffer, n, offset) == (gssize) n;
}

static guint64
number_at (const Elf *elf, const guint8 *bytes, guint width)
{
  guint64 value = 0;

  for (guint i = 0; i < width; i++)
    value |= (guint64) bytes[elf->is_big ? width - 1 - i : i] << 8 * i;
  return value;
}

/* A field of a structure that exists in both classes. */
#define FIELD(elf, bytes, Type, field) \
  ((elf)->is_64 ? number_at (elf, (bytes) + offsetof (Elf64_##Type, field), sizeof ((Elf64_##Type *) NULL)->field) \
                : number_at (elf, (bytes) + offsetof (Elf32_##Type, field), sizeof ((Elf32_##Type *) NULL)->field))
#define SIZE(elf, Type) ((elf)->is_64 ? sizeof (Elf64_##Type) : sizeof (Elf32_##Type))

static gboolean
read_section (const Elf *elf, guint i, Section *section)
{
  guint8 bytes[sizeof (Elf64_Shdr)];

  if (!read_at (elf->fd, elf->sections + (guint64) i * elf->section_size, bytes, SIZE (elf, Shdr)))
    return FALSE;
  section->type = FIELD (elf, bytes, Shdr, sh_type);
  section->link = FIELD (elf, bytes, Shdr, sh_link);
  section->offset = FIELD (elf, bytes, Shdr, sh_offset);
  section->size = FIELD (elf, bytes, Shdr, sh_size);
  section->entry = FIELD (elf, bytes, Shdr, sh_entsize);
  return TRUE;
}

static gboolean
open_elf (Elf *elf, GError **error)
{
  guint8 head[sizeof (Elf64_Ehdr)] = { 0 }, bytes[sizeof (Elf64_Phdr)];
  guint64 offset;
  guint n, size;
  Section first;

  if (!read_at (elf->fd, 0, head, sizeof (Elf32_Ehdr)) || memcmp (head, ELFMAG, SELFMAG) != 0
      || (head[EI_CLASS] != ELFCLASS32 && head[EI_CLASS] != ELFCLASS64) || (head[EI_DATA] != ELFDATA2LSB && head[EI_DATA] != ELFDATA2MSB))
    return refuse (error, "The binary is not an ELF file");
  elf->is_64 = head[EI_CLASS] == ELFCLASS64;
  elf->is_big = head[EI_DATA] == ELFDATA2MSB;
  if (elf->is_64 && !read_at (elf->fd, sizeof (Elf32_Ehdr), head + sizeof (Elf32_Ehdr), sizeof head - sizeof (Elf32_Ehdr)))
    return refuse (error, "The binary ends inside its header");
  elf->machine = FIELD (elf, head, Ehdr, e_machine);
  offset = FIELD (elf, head, Ehdr, e_phoff);
  n = FIELD (elf, head, Ehdr, e_phnum);
  size = FIELD (elf, head, Ehdr, e_phentsize);
  for (guint i = 0; i < n && elf->n_loads < MOST_LOADS; i++)
    {
      Load *load = &elf->loads[elf->n_loads];

      if (size < SIZE (elf, Phdr) || offset > G_MAXINT64 || !read_at (elf->fd, offset + (guint64) i * size, bytes, SIZE (elf, Phdr)))
        return refuse (error, "The binary ends inside its program headers");
      if (FIELD (elf, bytes, Phdr, p_type) != PT_LOAD || (FIELD (elf, bytes, Phdr, p_flags) & PF_X) == 0)
        continue;
      load->offset = FIELD (elf, bytes, Phdr, p_offset);
      load->address = FIELD (elf, bytes, Phdr, p_vaddr);
      load->size = FIELD (elf, bytes, Phdr, p_filesz);
      if (load->offset > G_MAXINT64 || load->size > G_MAXINT64 - load->offset || load->address > G_MAXUINT64 - load->size)
        return refuse (error, "A program header of the binary reaches past the end of numbers");
      elf->n_loads++;
    }
  elf->sections = FIELD (elf, head, Ehdr, e_shoff);
  elf->section_size = FIELD (elf, head, Ehdr, e_shentsize);
  elf->n_sections = FIELD (elf, head, Ehdr, e_shnum);
  if (elf->sections == 0 || elf->sections > G_MAXINT64 || elf->section_size < SIZE (elf, Shdr))
    elf->n_sections = 0;
  else if (elf->n_sections == 0 && read_section (elf, 0, &first))
    elf->n_sections = MIN (first.size, MOST_SECTIONS);  /* more than 65,279 of them: the number stands in the first */
  return TRUE;
}

static gboolean
to_offset (const Elf *elf, guint64 address, guint64 *offset)
{
  for (guint i = 0; i < elf->n_loads; i++)
    if (address >= elf->loads[i].address && address - elf->loads[i].address < elf->loads[i].size)
      {
        *offset = address - elf->loads[i].address + elf->loads[i].offset;
        return TRUE;
      }
  return FALSE;
}

static gboolean
is_code (const Elf *elf, guint64 offset)
{
  for (guint i = 0; i < elf->n_loads; i++)
    if (offset >= elf->loads[i].offset && offset - elf->loads[i].offset < elf->loads[i].size)
      return TRUE;
  return FALSE;
}

/* Where in a table of names one that reads @symbol begins; also inside of others, which linkers let end alike. */
static GHashTable *
find_name (const Elf *elf, const Section *names, const char *symbol)
{
  g_autoptr(GHashTable) places = g_hash_table_new (g_direct_hash, g_direct_equal);
  g_autofree char *piece = g_malloc (PIECE);
  gsize n = strlen (symbol) + 1;

  for (guint64 at = 0; at < names->size; at += PIECE - n + 1)
    {
      gsize size = MIN (PIECE, names->size - at);

      if (!read_at (elf->fd, names->offset + at, piece, size))
        break;
      for (char *found = piece; (found = memmem (found, piece + size - found, symbol, n)) != NULL; found++)
        if (g_hash_table_size (places) < MOST_PLACES)
          g_hash_table_add (places, GSIZE_TO_POINTER (at + (found - piece)));
    }
  return g_steal_pointer (&places);
}

/* Functions of one table that are called by one of @names, or with %NULL those that begin at *@offset. Returns how many different places that are. */
static guint
find_function (const Elf *elf, const Section *table, GHashTable *names, guint64 *offset)
{
  g_autofree guint8 *piece = g_malloc (PIECE);
  gsize size = SIZE (elf, Sym), a_piece = PIECE / size * size;
  guint64 place, found = 0;
  guint n = 0;

  for (guint64 at = 0; at < table->size; at += a_piece)
    {
      gsize bytes = MIN (a_piece, table->size - at) / size * size;

      if (bytes == 0 || !read_at (elf->fd, table->offset + at, piece, bytes))
        break;
      for (guint8 *symbol = piece; symbol < piece + bytes; symbol += size)
        {
          guint64 address = FIELD (elf, symbol, Sym, st_value) & (elf->machine == EM_ARM ? ~(guint64) 1 : ~(guint64) 0);

          if (ELF64_ST_TYPE (FIELD (elf, symbol, Sym, st_info)) != STT_FUNC || FIELD (elf, symbol, Sym, st_shndx) == SHN_UNDEF
              || !to_offset (elf, address, &place))
            continue;
          if (names != NULL ? !g_hash_table_contains (names, GSIZE_TO_POINTER (FIELD (elf, symbol, Sym, st_name))) : place != *offset)
            continue;
          n += n == 0 || place != found;
          found = place;
        }
    }
  if (n > 0)
    *offset = found;
  return n;
}

gboolean
helper_elf_find (int fd, const char *symbol, gboolean must_begin, guint64 *offset, GError **error)
{
  static const guint32 kinds[] = { SHT_SYMTAB, SHT_DYNSYM };
  Elf elf = { .fd = fd };

  if (!open_elf (&elf, error))
    return FALSE;
  if (symbol == NULL && !is_code (&elf, *offset))
    return refuse (error, "There is no code of the binary at its byte %" PRIu64, *offset);
  if (symbol == NULL && !must_begin)
    return TRUE;
  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++)
    for (guint i = 0; i < elf.n_sections; i++)
      {
        Section table, text;
        g_autoptr(GHashTable) names = NULL;
        guint n;

        if (!read_section (&elf, i, &table))
          break;
        if (table.type != kinds[kind] || table.size > MOST_TABLE || table.link >= elf.n_sections || !read_section (&elf, table.link, &text)
            || text.type != SHT_STRTAB || text.size > MOST_TABLE)
          continue;
        names = symbol != NULL ? find_name (&elf, &text, symbol) : NULL;
        if (names != NULL && g_hash_table_size (names) == 0)
          continue;
        n = find_function (&elf, &table, names, offset);
        if (n > 1)
          return refuse (error, "There are several functions “%.64s” in the binary; an offset says which", symbol);
        if (n == 1)
          return TRUE;
      }
  return symbol != NULL ? refuse (error, "There is no function “%.64s” in the binary", symbol)
                        : refuse (error, "No function of the binary is known to begin at its byte %" PRIu64, *offset);
}
