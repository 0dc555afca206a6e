/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Function symbols of ELF files through libelf: .symtab, else .dynsym with what split debug files and .gnu_debugdata add. A file
 * whose build-id is not the recorded one gives nothing. */
#include "symbols/elf-file-private.h"
#include "symbols/symbol-table-private.h"

#include <lzma.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#define MAX_MINI_DEBUG (256u << 20)

static gboolean
is_executable (Elf *elf, guint16 index)
{
  GElf_Shdr header;
  Elf_Scn *section = index < SHN_LORESERVE ? elf_getscn (elf, index) : NULL;

  return section != NULL && gelf_getshdr (section, &header) != NULL && (header.sh_flags & SHF_EXECINSTR);
}

/* Labels that tell assemblers and disassemblers what follows, code or data: no functions. "$d.12" too. */
static gboolean
is_mapping_symbol (guint machine, const char *name)
{
  switch (machine)
    {
    case EM_ARM:
      return name[0] == '$' && strchr ("atd", name[1]) != NULL && (name[2] == '\0' || name[2] == '.');
    case EM_AARCH64:
      return name[0] == '$' && (name[1] == 'x' || name[1] == 'd') && (name[2] == '\0' || name[2] == '.');
    case EM_RISCV:
      return (name[0] == '$' && (name[1] == 'x' || name[1] == 'd')) || g_str_has_prefix (name, ".L");
    default:
      return FALSE;
    }
}

/* The function descriptors of 64-bit PowerPC's first ABI: a symbol stands for three words, the first of which says where the code is. */
typedef struct {
  Elf_Data *data;              /* as it lies in the file; NULL: none */
  guint64 address;
  gboolean big;
} Descriptors;

static Descriptors
find_descriptors (Elf *elf, const GElf_Ehdr *ehdr)
{
  Descriptors found = { NULL, 0, ehdr->e_ident[EI_DATA] == ELFDATA2MSB };
  Elf_Scn *section = NULL;
  GElf_Shdr header;
  const char *name;

  while (ehdr->e_machine == EM_PPC64 && (section = elf_nextscn (elf, section)) != NULL)
    if (gelf_getshdr (section, &header) != NULL && header.sh_type == SHT_PROGBITS
        && (name = elf_strptr (elf, ehdr->e_shstrndx, header.sh_name)) != NULL && strcmp (name, ".opd") == 0)
      {
        found.data = elf_rawdata (section, NULL);
        found.address = header.sh_addr;
        break;
      }
  return found;
}

/* Where the code of a symbol begins. */
static guint64
code_address (const GElf_Ehdr *ehdr, const Descriptors *descriptors, const GElf_Sym *symbol)
{
  guint64 value = symbol->st_value, code;

  /* The lowest bit chooses an instruction set: Thumb, MIPS16, microMIPS. */
  if ((ehdr->e_machine == EM_ARM || ehdr->e_machine == EM_MIPS) && GELF_ST_TYPE (symbol->st_info) != STT_NOTYPE)
    return value & ~(guint64) 1;
  if (descriptors->data == NULL || descriptors->data->d_buf == NULL || value < descriptors->address
      || descriptors->data->d_size < 8 || value - descriptors->address > descriptors->data->d_size - 8)
    return value;
  memcpy (&code, (const guint8 *) descriptors->data->d_buf + (value - descriptors->address), 8);
  return descriptors->big ? GUINT64_FROM_BE (code) : GUINT64_FROM_LE (code);
}

/* @segments are those of the file that was mapped: a debug file's own have no contents, but equal addresses. @descriptors are its too. */
static guint
add_table (GlowSymbolTable *self, Elf *elf, guint type, const GArray *segments, const Descriptors *descriptors)
{
  Elf_Scn *section = NULL;
  guint added = 0;
  GElf_Ehdr ehdr;

  if (gelf_getehdr (elf, &ehdr) == NULL)
    return 0;
  while ((section = elf_nextscn (elf, section)) != NULL)
    {
      GElf_Shdr header;
      Elf_Data *data;
      gsize n;

      if (gelf_getshdr (section, &header) == NULL || header.sh_type != type || header.sh_entsize == 0)
        continue;
      data = elf_getdata (section, NULL);
      n = data != NULL ? data->d_size / header.sh_entsize : 0;
      for (gsize i = 0; i < n; i++)
        {
          GElf_Sym symbol;
          const char *name, *version;
          guint64 offset;
          guint kind, bind;

          if (gelf_getsym (data, i, &symbol) == NULL || symbol.st_shndx == SHN_UNDEF)
            continue;
          kind = GELF_ST_TYPE (symbol.st_info);
          bind = GELF_ST_BIND (symbol.st_info);
          if (kind != STT_FUNC && kind != STT_GNU_IFUNC && !(kind == STT_NOTYPE && is_executable (elf, symbol.st_shndx)))
            continue;
          name = elf_strptr (elf, header.sh_link, symbol.st_name);
          if (name == NULL || *name == '\0' || is_mapping_symbol (ehdr.e_machine, name)
              || !glow_elf_to_offset (segments, code_address (&ehdr, descriptors, &symbol), &offset))
            continue;
          version = strchr (name, '@');
          glow_symbol_table_add (self, offset, symbol.st_size, name, version != NULL && version > name ? (gsize) (version - name) : strlen (name),
                                 (bind == STB_GLOBAL ? 2 : bind == STB_LOCAL ? 1 : 0) + (kind == STT_NOTYPE ? 0 : 4));
          added++;
        }
    }
  return added;
}

/* How long the beginning of a procedure linkage table is, and each entry. Source: the psABI supplements, as binutils lays them. */
static gboolean
get_plt_sizes (guint machine, gboolean is_second, guint64 *first, guint64 *entry)
{
  switch (machine)
    {
    case EM_X86_64:
    case EM_386:
      *first = is_second ? 0 : 16;
      *entry = 16;
      return TRUE;
    case EM_AARCH64:
    case EM_LOONGARCH:
    case EM_RISCV:
      *first = 32;
      *entry = 16;
      return TRUE;
    case EM_ARM:
      *first = 20;
      *entry = 12;
      return TRUE;
    case EM_S390:
      *first = *entry = 32;
      return TRUE;
    default:
      return FALSE;            /* not code (PowerPC), or of entries that differ in length (MIPS) */
    }
}

/* Entries of the procedure linkage table, named as perf does. */
static void
add_plt (GlowSymbolTable *self, Elf *elf, const GArray *segments)
{
  Elf_Scn *section = NULL, *relocations = NULL, *plt = NULL;
  gsize names;
  GElf_Shdr plt_header = { 0 }, header;
  GElf_Ehdr ehdr;
  Elf_Data *data, *symbols;
  guint64 entry_size = 0, first = 0;

  if (elf_getshdrstrndx (elf, &names) < 0 || gelf_getehdr (elf, &ehdr) == NULL)
    return;
  while ((section = elf_nextscn (elf, section)) != NULL)
    {
      const char *name;
      gboolean is_second;

      if (gelf_getshdr (section, &header) == NULL || (name = elf_strptr (elf, names, header.sh_name)) == NULL)
        continue;
      is_second = strcmp (name, ".plt.sec") == 0;
      if ((is_second || (strcmp (name, ".plt") == 0 && plt == NULL)) && get_plt_sizes (ehdr.e_machine, is_second, &first, &entry_size))
        {
          plt = section;
          plt_header = header;
        }
      else if (strcmp (name, ".rela.plt") == 0 || strcmp (name, ".rel.plt") == 0)
        relocations = section;
    }
  if (plt == NULL || relocations == NULL || gelf_getshdr (relocations, &header) == NULL || header.sh_entsize == 0)
    return;
  data = elf_getdata (relocations, NULL);
  section = elf_getscn (elf, header.sh_link);
  symbols = section != NULL ? elf_getdata (section, NULL) : NULL;
  if (data == NULL || symbols == NULL)
    return;
  for (gsize i = 0; i < data->d_size / header.sh_entsize; i++)
    {
      GElf_Rela rela;
      GElf_Rel rel;
      GElf_Sym symbol;
      GElf_Shdr symbols_header;
      const char *name;
      g_autofree char *label = NULL;
      guint64 info, offset, at = first + i * entry_size;

      if (header.sh_type == SHT_RELA && gelf_getrela (data, i, &rela) != NULL)
        info = rela.r_info;
      else if (header.sh_type == SHT_REL && gelf_getrel (data, i, &rel) != NULL)
        info = rel.r_info;
      else
        continue;
      if (gelf_getsym (symbols, GELF_R_SYM (info), &symbol) == NULL || gelf_getshdr (section, &symbols_header) == NULL)
        continue;
      name = elf_strptr (elf, symbols_header.sh_link, symbol.st_name);
      if (name == NULL || *name == '\0' || at + entry_size > plt_header.sh_size)
        continue;
      if (!glow_elf_to_offset (segments, plt_header.sh_addr + at, &offset))
        continue;
      label = g_strconcat (name, "@plt", NULL);
      glow_symbol_table_add (self, offset, entry_size, label, strlen (label), 0);
    }
}

static gboolean
add_debug_file (GlowSymbolTable *self, const char *path, const guint8 *build_id, guint build_id_length, const GArray *segments,
                const Descriptors *descriptors)
{
  guint8 own[20];
  guint n, added = 0;
  int fd;
  Elf *elf = glow_elf_open (path, &fd);

  if (elf == NULL)
    return FALSE;
  n = glow_elf_get_build_id (elf, own);
  if (glow_elf_is_build (own, n, build_id, build_id_length))
    added = add_table (self, elf, SHT_SYMTAB, segments, descriptors);
  glow_elf_close (elf, fd);
  return added > 0;
}

/* Split debug information. */
static gboolean
add_split_debug (GlowSymbolTable *self, Elf *elf, const char *path, const guint8 *build_id, guint build_id_length,
                 const char *const *debug_dirs, const GArray *segments, const Descriptors *descriptors)
{
  g_autoptr(GPtrArray) places = glow_elf_dup_debug_places (elf, path, build_id, build_id_length, debug_dirs);

  for (guint i = 0; i < places->len; i++)
    if (add_debug_file (self, g_ptr_array_index (places, i), build_id, build_id_length, segments, descriptors))
      return TRUE;
  return FALSE;
}

/* MiniDebugInfo: a small ELF file with the symbols, compressed with xz inside a section. */
static gboolean
add_mini_debug (GlowSymbolTable *self, Elf *elf, const GArray *segments, const Descriptors *descriptors)
{
  Elf_Scn *section = NULL;
  gsize names;
  gboolean added = FALSE;

  if (elf_getshdrstrndx (elf, &names) < 0)
    return FALSE;
  while ((section = elf_nextscn (elf, section)) != NULL)
    {
      GElf_Shdr header;
      const char *name;
      Elf_Data *data;
      g_autoptr(GByteArray) plain = g_byte_array_new ();
      lzma_stream stream = LZMA_STREAM_INIT;
      lzma_ret result;
      Elf *inner;

      if (gelf_getshdr (section, &header) == NULL || (name = elf_strptr (elf, names, header.sh_name)) == NULL
          || strcmp (name, ".gnu_debugdata") != 0 || (data = elf_getdata (section, NULL)) == NULL)
        continue;
      if (lzma_stream_decoder (&stream, MAX_MINI_DEBUG, 0) != LZMA_OK)
        return FALSE;
      stream.next_in = data->d_buf;
      stream.avail_in = data->d_size;
      do
        {
          guint used = plain->len;

          g_byte_array_set_size (plain, used + (1u << 20));
          stream.next_out = plain->data + used;
          stream.avail_out = 1u << 20;
          result = lzma_code (&stream, LZMA_FINISH);
          g_byte_array_set_size (plain, used + (1u << 20) - stream.avail_out);
        }
      while (result == LZMA_OK && plain->len < MAX_MINI_DEBUG);
      lzma_end (&stream);
      inner = plain->len > 0 ? elf_memory ((char *) plain->data, plain->len) : NULL;
      if (inner != NULL && elf_kind (inner) == ELF_K_ELF)
        added = add_table (self, inner, SHT_SYMTAB, segments, descriptors) > 0;
      elf_end (inner);
      return added;
    }
  return FALSE;
}

/* Everything an open file gives. */
static GlowElfResult
read_elf (GlowSymbolTable *self, Elf *elf, const char *path, const guint8 *build_id, guint build_id_length, const char *const *debug_dirs)
{
  g_autoptr(GArray) segments = NULL;
  guint8 own[20] = { 0 };
  guint n = glow_elf_get_build_id (elf, own);
  Descriptors descriptors;
  GElf_Ehdr ehdr;

  if (!glow_elf_is_build (own, n, build_id, build_id_length))
    return GLOW_ELF_MISMATCH;
  if (gelf_getehdr (elf, &ehdr) == NULL)
    return GLOW_ELF_NO_SYMBOLS;
  descriptors = find_descriptors (elf, &ehdr);
  segments = glow_elf_dup_segments (elf);
  self->full = add_table (self, elf, SHT_SYMTAB, segments, &descriptors) > 0;
  if (!self->full)
    {
      self->full = add_split_debug (self, elf, path, own, n, debug_dirs, segments, &descriptors)
                   || add_mini_debug (self, elf, segments, &descriptors);
      add_table (self, elf, SHT_DYNSYM, segments, &descriptors);
    }
  add_plt (self, elf, segments);
  if (self->symbols->len == 0)
    return GLOW_ELF_NO_SYMBOLS;
  glow_symbol_table_seal (self);
  return GLOW_ELF_OK;
}

/**
 * glow_elf_read_symbols:
 * @build_id: as recorded; not compared where @build_id_length is 0
 *
 * Returns: what came of it; a sealed table only where it is %GLOW_ELF_OK
 */
GlowElfResult
glow_elf_read_symbols (GlowSymbolTable *self, const char *path, const guint8 *build_id, guint build_id_length,
                       const char *const *debug_dirs)
{
  GlowElfResult result;
  int fd;
  Elf *elf = glow_elf_open (path, &fd);

  if (elf == NULL)
    return GLOW_ELF_NO_FILE;
  result = read_elf (self, elf, path, build_id, build_id_length, debug_dirs);
  glow_elf_close (elf, fd);
  return result;
}

/* The image that the running kernel maps into this process: its section headers are its end. */
static gconstpointer
find_vdso (gsize *n)
{
  gulong address = getauxval (AT_SYSINFO_EHDR);
  const Elf64_Ehdr *header = (const Elf64_Ehdr *) address;

  if (address == 0 || memcmp (header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64)
    return NULL;
  *n = header->e_shoff + (gsize) header->e_shnum * header->e_shentsize;
  return header;
}

GBytes *
glow_vdso_dup_bytes (void)
{
  gsize n;
  gconstpointer image = find_vdso (&n);

  return image != NULL ? g_bytes_new (image, n) : NULL;
}

/**
 * glow_elf_read_vdso:
 *
 * The symbols of the vdso that the running kernel maps into this process.
 */
GlowElfResult
glow_elf_read_vdso (GlowSymbolTable *self, const guint8 *build_id, guint build_id_length)
{
  GlowElfResult result;
  gsize size;
  gconstpointer image = find_vdso (&size);
  Elf *elf;

  if (image == NULL)
    return GLOW_ELF_NO_FILE;
  elf_version (EV_CURRENT);
  elf = elf_memory ((char *) image, size);
  result = elf != NULL ? read_elf (self, elf, "[vdso]", build_id, build_id_length, NULL) : GLOW_ELF_NO_FILE;
  elf_end (elf);
  return result;
}
