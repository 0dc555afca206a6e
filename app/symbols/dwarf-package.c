/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DWARF packages, which libdw reads from version 0.190 on only. A unit's parts are stretches of the package's sections; with the addresses that its
 * skeleton has in the program they make an ELF file of one unit. Such a file is laid out in memory as headers, then the package and the program as
 * they are on disk: nothing is copied, and what it has of them is for the section headers to say.
 *
 * Source: DWARF 5, 7.3.5; for DWARF 4 the GNU project's "DebugFissionDWP". */
#include "symbols/dwarf-package-private.h"
#include "symbols/elf-file-private.h"

#include <dwarf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_COLUMNS 16
/* A map has few units next to what a process may map; hostile ones end here. */
#define MAX_UNITS 15000

enum { PART_INFO = 1, PART_ABBREV = 3, PART_LINE = 4, PART_STR_OFFSETS = 6, PART_RNGLISTS = 8 };

/* Bytes of a file. */
typedef struct {
  guint64 offset, size;
} Stretch;

typedef struct {
  guint8 *bytes;
  gsize size;
  Elf *elf;
  Dwarf *dwarf;
} Image;

struct _GlowDwarfPackage {
  int fd, program_fd;
  Elf *elf, *program;
  guint64 size, program_size;
  Stretch parts[9], str;       /* by part, whole */
  const guint8 *index;
  gsize n_index;
  guint n_columns, n_units, n_slots, version;
  GHashTable *images;          /* id → Image; the value NULL: tried */
};

static void
image_free (gpointer data)
{
  Image *image = data;

  if (image == NULL)
    return;
  if (image->dwarf != NULL)
    dwarf_end (image->dwarf);
  if (image->elf != NULL)
    elf_end (image->elf);
  munmap (image->bytes, image->size);
  g_free (image);
}

static guint32
word (const GlowDwarfPackage *self, guint64 at)
{
  guint32 value = 0;

  if (at <= self->n_index && self->n_index - at >= 4)
    memcpy (&value, self->index + at, 4);
  return value;
}

/* A section that lies in the file as it is; size 0 where there is none such. */
static Stretch
find_section (Elf *elf, const char *wanted, guint64 file_size)
{
  Elf_Scn *section = NULL;
  gsize names;

  if (elf_getshdrstrndx (elf, &names) < 0)
    return (Stretch) { 0, 0 };
  while ((section = elf_nextscn (elf, section)) != NULL)
    {
      GElf_Shdr header;
      const char *name;

      if (gelf_getshdr (section, &header) == NULL || header.sh_type == SHT_NOBITS || header.sh_flags & SHF_COMPRESSED
          || (name = elf_strptr (elf, names, header.sh_name)) == NULL || strcmp (name, wanted) != 0)
        continue;
      if (header.sh_offset <= file_size && header.sh_size <= file_size - header.sh_offset)
        return (Stretch) { header.sh_offset, header.sh_size };
    }
  return (Stretch) { 0, 0 };
}

static gboolean
read_index (GlowDwarfPackage *self)
{
  Stretch section = find_section (self->elf, ".debug_cu_index", self->size);
  gsize n;
  const char *bytes = elf_rawfile (self->elf, &n);

  if (section.size < 16 || bytes == NULL || n < section.offset + section.size)
    return FALSE;
  self->index = (const guint8 *) bytes + section.offset;
  self->n_index = section.size;
  self->version = word (self, 0) & 0xffff;
  self->n_columns = word (self, 4);
  self->n_units = word (self, 8);
  self->n_slots = word (self, 12);
  return (self->version == 2 || self->version == 5) && self->n_columns > 0 && self->n_columns <= MAX_COLUMNS && self->n_slots > 0
         && (self->n_slots & (self->n_slots - 1)) == 0
         && 16 + (guint64) self->n_slots * 12 + ((guint64) self->n_units * 2 + 1) * self->n_columns * 4 <= self->n_index;
}

GlowDwarfPackage *
glow_dwarf_package_open (const char *path, Elf *elf, int fd)
{
  static const struct { guint part; const char *name; } names[] = {
    { PART_INFO, ".debug_info.dwo" }, { PART_ABBREV, ".debug_abbrev.dwo" }, { PART_LINE, ".debug_line.dwo" },
    { PART_STR_OFFSETS, ".debug_str_offsets.dwo" }, { PART_RNGLISTS, ".debug_rnglists.dwo" },
  };
  g_autofree char *place = g_strconcat (path, ".dwp", NULL);
  g_autoptr(GlowDwarfPackage) self = NULL;
  struct stat own, program;
  int package_fd;
  Elf *package = fd >= 0 && gelf_getclass (elf) == ELFCLASS64 ? glow_elf_open (place, &package_fd) : NULL;

  if (package == NULL)
    return NULL;
  self = g_new0 (GlowDwarfPackage, 1);
  self->elf = package;
  self->fd = package_fd;
  self->program = elf;
  self->program_fd = fd;
  self->images = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, image_free);
  if (package_fd < 0 || fstat (package_fd, &own) != 0 || fstat (fd, &program) != 0 || gelf_getclass (package) != ELFCLASS64)
    return NULL;
  self->size = own.st_size;
  self->program_size = program.st_size;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    self->parts[names[i].part] = find_section (package, names[i].name, self->size);
  self->str = find_section (package, ".debug_str.dwo", self->size);
  return read_index (self) ? g_steal_pointer (&self) : NULL;
}

void
glow_dwarf_package_free (GlowDwarfPackage *self)
{
  g_hash_table_unref (self->images);
  glow_elf_close (self->elf, self->fd);
  g_free (self);
}

/* The row of a unit in the tables behind the hash table; 0 where it has none. */
static guint32
find_row (const GlowDwarfPackage *self, guint64 id)
{
  guint32 mask = self->n_slots - 1, at = id & mask, step = ((id >> 32) & mask) | 1;

  for (guint32 i = 0; i < self->n_slots; i++, at = (at + step) & mask)
    {
      guint64 own = word (self, 16 + (guint64) at * 8) | (guint64) word (self, 20 + (guint64) at * 8) << 32;
      guint32 row = word (self, 16 + (guint64) self->n_slots * 8 + (guint64) at * 4);

      if (row == 0 && own == 0)
        return 0;
      if (own == id)
        return row <= self->n_units ? row : 0;
    }
  return 0;
}

/* From @base on, where the skeleton says that what is the unit's begins. */
static Stretch
from_base (Stretch stretch, Dwarf_Die *skeleton, guint name, guint gnu_name)
{
  Dwarf_Attribute attribute;
  Dwarf_Word base = 0;

  if (dwarf_attr (skeleton, name, &attribute) != NULL || dwarf_attr (skeleton, gnu_name, &attribute) != NULL)
    dwarf_formudata (&attribute, &base);
  if (base > stretch.size)
    return (Stretch) { 0, 0 };
  return (Stretch) { stretch.offset + base, stretch.size - base };
}

static Image *
make_image (const GlowDwarfPackage *self, Dwarf_Die *skeleton, guint32 row)
{
  static const struct { guint part; const char *name; } parts[] = {
    { PART_INFO, ".debug_info" }, { PART_ABBREV, ".debug_abbrev" }, { PART_LINE, ".debug_line" }, { PART_STR_OFFSETS, ".debug_str_offsets" },
    { PART_RNGLISTS, ".debug_rnglists" },
  };
  guint64 page = sysconf (_SC_PAGESIZE), table = 16 + (guint64) self->n_slots * 12, row_size = (guint64) self->n_columns * 4;
  guint64 package_at = page, program_at = page + ((self->size + page - 1) & ~(page - 1));
  gsize size = program_at + ((self->program_size + page - 1) & ~(page - 1));
  guint8 *bytes = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  Elf64_Ehdr *header = (Elf64_Ehdr *) bytes;
  Elf64_Shdr *headers = (Elf64_Shdr *) (bytes + sizeof *header);
  guint n = 2;
  char *names, *name;
  Image *image;

#define ADD_SECTION(text, stretch, at)                                                                                              \
  do                                                                                                                                \
    {                                                                                                                               \
      Stretch added = stretch;                                                                                                      \
      if (added.size == 0)                                                                                                          \
        break;                                                                                                                      \
      headers[n++] = (Elf64_Shdr) { .sh_name = name - names, .sh_type = SHT_PROGBITS, .sh_offset = (at) + added.offset,             \
                                    .sh_size = added.size, .sh_addralign = 1 };                                                     \
      name = stpcpy (name, text) + 1;                                                                                               \
    }                                                                                                                               \
  while (0)

  if (bytes == MAP_FAILED)
    return NULL;
  image = g_new0 (Image, 1);
  image->bytes = bytes;
  image->size = size;
  if (mmap (bytes + package_at, self->size, PROT_READ, MAP_PRIVATE | MAP_FIXED, self->fd, 0) == MAP_FAILED
      || mmap (bytes + program_at, self->program_size, PROT_READ, MAP_PRIVATE | MAP_FIXED, self->program_fd, 0) == MAP_FAILED)
    {
      image_free (image);
      return NULL;
    }
  names = (char *) bytes + page / 2;
  name = names + 1;
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    for (guint column = 0; column < self->n_columns; column++)
      if (word (self, table + column * 4) == parts[i].part)
        {
          Stretch whole = self->parts[parts[i].part];
          Stretch own = { word (self, table + row * row_size + column * 4), word (self, table + (self->n_units + row) * row_size + column * 4) };

          if (own.offset <= whole.size && own.size <= whole.size - own.offset)
            ADD_SECTION (parts[i].name, ((Stretch) { whole.offset + own.offset, own.size }), package_at);
          break;
        }
  ADD_SECTION (".debug_str", self->str, package_at);
  ADD_SECTION (".debug_addr", from_base (find_section (self->program, ".debug_addr", self->program_size), skeleton, DW_AT_addr_base, DW_AT_GNU_addr_base),
               program_at);
  if (self->version == 2)
    ADD_SECTION (".debug_ranges", from_base (find_section (self->program, ".debug_ranges", self->program_size), skeleton, DW_AT_GNU_ranges_base,
                                             DW_AT_GNU_ranges_base), program_at);
#undef ADD_SECTION
  headers[1] = (Elf64_Shdr) { .sh_type = SHT_STRTAB, .sh_offset = page / 2, .sh_size = page / 2, .sh_addralign = 1 };
  memcpy (header->e_ident, elf_getident (self->program, NULL), EI_NIDENT);
  header->e_type = ET_EXEC;
  header->e_machine = EM_NONE;
  header->e_version = EV_CURRENT;
  header->e_shoff = sizeof *header;
  header->e_ehsize = sizeof *header;
  header->e_shentsize = sizeof *headers;
  header->e_shnum = n;
  header->e_shstrndx = 1;
  image->elf = elf_memory ((char *) bytes, size);
  image->dwarf = image->elf != NULL ? dwarf_begin_elf (image->elf, DWARF_C_READ, NULL) : NULL;
  return image;
}

gboolean
glow_dwarf_package_find (GlowDwarfPackage *self, Dwarf_Die *skeleton, guint64 id, Dwarf_Die *unit)
{
  gpointer known;
  Image *image;
  Dwarf_CU *cu = NULL;

  if (!g_hash_table_lookup_extended (self->images, &id, NULL, &known))
    {
      guint32 row = g_hash_table_size (self->images) < MAX_UNITS ? find_row (self, id) : 0;

      known = row > 0 ? make_image (self, skeleton, row) : NULL;
      g_hash_table_insert (self->images, g_memdup2 (&id, sizeof id), known);
    }
  image = known;
  return image != NULL && image->dwarf != NULL && dwarf_get_units (image->dwarf, NULL, &cu, NULL, NULL, unit, NULL) == 0;
}
