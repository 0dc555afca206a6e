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

/* @segments are those of the file that was mapped: a debug file's own have no contents, but equal addresses. */
static guint
add_table (GlowSymbolTable *self, Elf *elf, guint type, const GArray *segments)
{
  Elf_Scn *section = NULL;
  guint added = 0;

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
          if (name == NULL || *name == '\0' || *name == '$' || !glow_elf_to_offset (segments, symbol.st_value, &offset))
            continue;
          version = strchr (name, '@');
          glow_symbol_table_add (self, offset, symbol.st_size, name, version != NULL && version > name ? (gsize) (version - name) : strlen (name),
                                 (bind == STB_GLOBAL ? 2 : bind == STB_LOCAL ? 1 : 0) + (kind == STT_NOTYPE ? 0 : 4));
          added++;
        }
    }
  return added;
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
  guint64 entry_size = 16, first = 1;

  if (elf_getshdrstrndx (elf, &names) < 0 || gelf_getehdr (elf, &ehdr) == NULL)
    return;
  while ((section = elf_nextscn (elf, section)) != NULL)
    {
      const char *name;

      if (gelf_getshdr (section, &header) == NULL || (name = elf_strptr (elf, names, header.sh_name)) == NULL)
        continue;
      if (strcmp (name, ".plt.sec") == 0 || (strcmp (name, ".plt") == 0 && plt == NULL))
        {
          plt = section;
          plt_header = header;
          first = strcmp (name, ".plt.sec") == 0 ? 0 : ehdr.e_machine == EM_AARCH64 ? 2 : 1;
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
      guint64 info, offset;

      if (header.sh_type == SHT_RELA && gelf_getrela (data, i, &rela) != NULL)
        info = rela.r_info;
      else if (header.sh_type == SHT_REL && gelf_getrel (data, i, &rel) != NULL)
        info = rel.r_info;
      else
        continue;
      if (gelf_getsym (symbols, GELF_R_SYM (info), &symbol) == NULL || gelf_getshdr (section, &symbols_header) == NULL)
        continue;
      name = elf_strptr (elf, symbols_header.sh_link, symbol.st_name);
      if (name == NULL || *name == '\0' || (i + first + 1) * entry_size > plt_header.sh_size)
        continue;
      if (!glow_elf_to_offset (segments, plt_header.sh_addr + (i + first) * entry_size, &offset))
        continue;
      label = g_strconcat (name, "@plt", NULL);
      glow_symbol_table_add (self, offset, entry_size, label, strlen (label), 0);
    }
}

static gboolean
add_debug_file (GlowSymbolTable *self, const char *path, const guint8 *build_id, guint build_id_length, const GArray *segments)
{
  guint8 own[20];
  guint n, added = 0;
  int fd;
  Elf *elf = glow_elf_open (path, &fd);

  if (elf == NULL)
    return FALSE;
  n = glow_elf_get_build_id (elf, own);
  if (build_id_length == 0 || (n == build_id_length && memcmp (own, build_id, n) == 0))
    added = add_table (self, elf, SHT_SYMTAB, segments);
  elf_end (elf);
  close (fd);
  return added > 0;
}

/* Split debug information. */
static gboolean
add_split_debug (GlowSymbolTable *self, Elf *elf, const char *path, const guint8 *build_id, guint build_id_length,
                 const char *const *debug_dirs, const GArray *segments)
{
  g_autoptr(GPtrArray) places = glow_elf_dup_debug_places (elf, path, build_id, build_id_length, debug_dirs);

  for (guint i = 0; i < places->len; i++)
    if (add_debug_file (self, g_ptr_array_index (places, i), build_id, build_id_length, segments))
      return TRUE;
  return FALSE;
}

/* MiniDebugInfo: a small ELF file with the symbols, compressed with xz inside a section. */
static gboolean
add_mini_debug (GlowSymbolTable *self, Elf *elf, const GArray *segments)
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
        added = add_table (self, inner, SHT_SYMTAB, segments) > 0;
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

  if (build_id_length > 0 && n > 0 && (memcmp (own, build_id, MIN (n, build_id_length)) != 0))
    return GLOW_ELF_MISMATCH;
  segments = glow_elf_dup_segments (elf);
  self->full = add_table (self, elf, SHT_SYMTAB, segments) > 0;
  if (!self->full)
    {
      self->full = add_split_debug (self, elf, path, own, n, debug_dirs, segments) || add_mini_debug (self, elf, segments);
      add_table (self, elf, SHT_DYNSYM, segments);
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
  elf_end (elf);
  close (fd);
  return result;
}

/**
 * glow_elf_read_vdso:
 *
 * The symbols of the vdso that the running kernel maps into this process.
 */
GlowElfResult
glow_elf_read_vdso (GlowSymbolTable *self, const guint8 *build_id, guint build_id_length)
{
  gulong address = getauxval (AT_SYSINFO_EHDR);
  const Elf64_Ehdr *header = (const Elf64_Ehdr *) address;
  GlowElfResult result;
  gsize size;
  Elf *elf;

  /* An image of the kernel's own making: its section headers are its end. */
  if (address == 0 || memcmp (header->e_ident, ELFMAG, SELFMAG) != 0 || header->e_ident[EI_CLASS] != ELFCLASS64)
    return GLOW_ELF_NO_FILE;
  size = header->e_shoff + (gsize) header->e_shnum * header->e_shentsize;
  elf_version (EV_CURRENT);
  elf = elf_memory ((char *) address, size);
  result = elf != NULL ? read_elf (self, elf, "[vdso]", build_id, build_id_length, NULL) : GLOW_ELF_NO_FILE;
  elf_end (elf);
  return result;
}
