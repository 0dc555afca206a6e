/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Debug information for libdw, which unpacks every compressed section when it opens a file, one after another. Who wants functions needs neither
 * lines nor the places of variables, which are half of it: the other sections are unpacked here, side by side, into an ELF file in memory that has
 * nothing else.
 *
 * Source: Oracle, Linker and Libraries Guide, "Section Compression"; sections of DWARF 5, 7.3.2 and 7.27. */
#include <config.h>

#include "symbols/dwarf-open-private.h"

#include <gelf.h>
#ifdef HAVE_LIBDEFLATE
#include <libdeflate.h>
#endif
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#ifndef ELFCOMPRESS_ZSTD
#define ELFCOMPRESS_ZSTD 2
#endif

/* What one byte can become at most: deflate's own bound; more is a lie about the size. */
#define DEFLATE_AT_MOST 1032u
/* Unpacked between looks at the cancellable. */
#define STRIDE ((gsize) 8 << 20)
/* Unpacked in one go, in well under a tenth of a second. */
#define AT_ONCE ((gsize) 32 << 20)
#define IMAGE_AT_MOST ((guint64) 8 << 30)

static const char *const wanted[] = {
  ".debug_info", ".debug_abbrev", ".debug_str", ".debug_line_str", ".debug_ranges", ".debug_rnglists", ".debug_aranges", ".debug_types",
  ".debug_addr", ".debug_str_offsets", ".gnu_debugaltlink", ".debug_line",
};
/* How many of them functions need. */
#define N_OF_FUNCTIONS (G_N_ELEMENTS (wanted) - 1)

typedef struct {
  const guint8 *packed;
  gsize n_packed, size;        /* @size: unpacked */
  guint32 method;              /* 0: as it is */
  guint name;                  /* in @wanted */
  guint8 *to;
  gboolean done;
} Section;

typedef struct {
  Section sections[G_N_ELEMENTS (wanted)];
  guint n;
  gint next;
  gboolean lines;
  GCancellable *cancellable;
} Unpacking;

static gint
compare_sections (gconstpointer a, gconstpointer b)
{
  const Section *left = a, *right = b;

  return left->size > right->size ? -1 : left->size < right->size;
}

static gboolean
inflate_section (Section *section, GCancellable *cancellable)
{
  z_stream stream = { .next_in = (guint8 *) section->packed, .next_out = section->to };
  gsize in = section->n_packed, out = section->size;
  int result = Z_OK;

#ifdef HAVE_LIBDEFLATE
  if (section->size <= AT_ONCE)
    {
      struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor ();
      gboolean done = decompressor != NULL
                      && libdeflate_zlib_decompress (decompressor, section->packed, section->n_packed, section->to, section->size, NULL) == LIBDEFLATE_SUCCESS;

      libdeflate_free_decompressor (decompressor);
      return done;
    }
#endif
  if (inflateInit (&stream) != Z_OK)
    return FALSE;
  do
    {
      if (stream.avail_in == 0)
        in -= stream.avail_in = (uInt) MIN (in, G_MAXINT);
      if (stream.avail_out == 0)
        out -= stream.avail_out = (uInt) MIN (out, STRIDE);
      result = inflate (&stream, Z_NO_FLUSH);
    }
  while (result == Z_OK && !g_cancellable_is_cancelled (cancellable) && (stream.avail_in > 0 || in > 0) && (stream.avail_out > 0 || out > 0));
  out += stream.avail_out;
  inflateEnd (&stream);
  return result == Z_STREAM_END && out == 0;
}

/* The largest that is left, until none is. */
static gpointer
unpack (gpointer data)
{
  Unpacking *self = data;
  guint i;

  while ((i = (guint) g_atomic_int_add (&self->next, 1)) < self->n)
    {
      Section *section = &self->sections[i];

      if (section->method == ELFCOMPRESS_ZLIB)
        section->done = inflate_section (section, self->cancellable);
      else if (section->method == ELFCOMPRESS_ZSTD)
        section->done = ZSTD_decompress (section->to, section->size, section->packed, section->n_packed) == section->size;
      else
        {
          memcpy (section->to, section->packed, section->size);
          section->done = TRUE;
        }
    }
  return NULL;
}

/* FALSE where libdw is to open the file itself: nothing is compressed, or something in it may lead to other files, which it finds by this one's place.
 * What is compressed with zstd libdw reads from version 0.189 on only. */
static gboolean
list_sections (Unpacking *self, Elf *elf)
{
  Elf_Scn *scn = NULL;
  gsize names;
  gboolean any = FALSE, zstd = FALSE, leads = FALSE;
  GElf_Ehdr ehdr;
  guint64 sum = 0;

  if (elf_getshdrstrndx (elf, &names) < 0 || gelf_getehdr (elf, &ehdr) == NULL || ehdr.e_ident[EI_CLASS] != ELFCLASS64
      || ehdr.e_ident[EI_DATA] != (G_BYTE_ORDER == G_LITTLE_ENDIAN ? ELFDATA2LSB : ELFDATA2MSB) || (ehdr.e_type != ET_EXEC && ehdr.e_type != ET_DYN))
    return FALSE;
  while ((scn = elf_nextscn (elf, scn)) != NULL)
    {
      GElf_Shdr header;
      GElf_Chdr compression;
      const char *name;
      Elf_Data *raw;
      Section section = { 0 };

      if (gelf_getshdr (scn, &header) == NULL || (name = elf_strptr (elf, names, header.sh_name)) == NULL || header.sh_type == SHT_NOBITS)
        continue;
      if (g_str_has_prefix (name, ".zdebug_"))
        return FALSE;
      leads |= strcmp (name, ".gnu_debugaltlink") == 0 || strcmp (name, ".debug_addr") == 0 || strcmp (name, ".debug_sup") == 0;
      if (g_str_has_prefix (name, ".debug_"))
        any |= (header.sh_flags & SHF_COMPRESSED) != 0;
      while (section.name < G_N_ELEMENTS (wanted) && strcmp (name, wanted[section.name]) != 0)
        section.name++;
      if (section.name >= (self->lines ? G_N_ELEMENTS (wanted) : N_OF_FUNCTIONS) || (raw = elf_rawdata (scn, NULL)) == NULL || raw->d_buf == NULL)
        continue;
      section.packed = raw->d_buf;
      section.n_packed = section.size = raw->d_size;
      if (header.sh_flags & SHF_COMPRESSED)
        {
          if (raw->d_size <= sizeof (Elf64_Chdr) || gelf_getchdr (scn, &compression) == NULL)
            return FALSE;
          section.packed += sizeof (Elf64_Chdr);
          section.n_packed -= sizeof (Elf64_Chdr);
          section.method = compression.ch_type;
          section.size = compression.ch_size;
          zstd |= section.method == ELFCOMPRESS_ZSTD;
          if ((section.method != ELFCOMPRESS_ZLIB && section.method != ELFCOMPRESS_ZSTD)
              || (section.method == ELFCOMPRESS_ZLIB && section.size / DEFLATE_AT_MOST > section.n_packed))
            return FALSE;
        }
      for (guint i = 0; i < self->n; i++)
        if (self->sections[i].name == section.name)
          return FALSE;
      sum += section.size;
      if (section.size > IMAGE_AT_MOST || sum > IMAGE_AT_MOST)
        return FALSE;
      self->sections[self->n++] = section;
    }
  return any && self->n > 0 && (zstd || !leads);
}

/* Headers for the sections, where their bytes are to lie. (transfer full) (nullable) */
static guint8 *
lay_out (Unpacking *self, Elf *elf, gsize *size)
{
  guint n = self->n + 2;
  gsize at = sizeof (Elf64_Ehdr) + n * sizeof (Elf64_Shdr), names_at = at, name = 1;
  Elf64_Shdr *headers;
  Elf64_Ehdr *header;
  guint8 *bytes;
  GElf_Ehdr own;

  for (guint i = 0; i < self->n; i++)
    name += strlen (wanted[self->sections[i].name]) + 1;
  at = (at + name + 15) & ~(gsize) 15;
  for (guint i = 0; i < self->n; i++)
    at += (self->sections[i].size + 15) & ~(gsize) 15;
  bytes = gelf_getehdr (elf, &own) != NULL ? malloc (at) : NULL;
  if (bytes == NULL)
    return NULL;
  *size = at;
  memset (bytes, 0, names_at + name);
  header = (Elf64_Ehdr *) bytes;
  headers = (Elf64_Shdr *) (bytes + sizeof (Elf64_Ehdr));
  memcpy (header->e_ident, own.e_ident, EI_NIDENT);
  header->e_type = own.e_type;
  header->e_machine = own.e_machine;
  header->e_version = EV_CURRENT;
  header->e_shoff = sizeof (Elf64_Ehdr);
  header->e_ehsize = sizeof (Elf64_Ehdr);
  header->e_shentsize = sizeof (Elf64_Shdr);
  header->e_shnum = n;
  header->e_shstrndx = 1;
  headers[1] = (Elf64_Shdr) { .sh_type = SHT_STRTAB, .sh_offset = names_at, .sh_size = name, .sh_addralign = 1 };
  at = (names_at + name + 15) & ~(gsize) 15;
  name = 1;
  for (guint i = 0; i < self->n; i++)
    {
      Section *section = &self->sections[i];

      headers[i + 2] = (Elf64_Shdr) { .sh_name = name, .sh_type = SHT_PROGBITS, .sh_offset = at, .sh_size = section->size, .sh_addralign = 1 };
      strcpy ((char *) bytes + names_at + name, wanted[section->name]);
      name += strlen (wanted[section->name]) + 1;
      section->to = bytes + at;
      at += (section->size + 15) & ~(gsize) 15;
    }
  return bytes;
}

static gboolean
open_image (GlowDwarf *self, Elf *elf, gboolean lines, GCancellable *cancellable)
{
  Unpacking unpacking = { .lines = lines, .cancellable = cancellable };
  GThread *thread = NULL;
  gboolean whole = TRUE;
  gsize size;

  if (!list_sections (&unpacking, elf))
    return FALSE;
  qsort (unpacking.sections, unpacking.n, sizeof (Section), compare_sections);
  self->bytes = lay_out (&unpacking, elf, &size);
  if (self->bytes == NULL)
    return FALSE;
  if (g_get_num_processors () > 1)
    thread = g_thread_try_new ("glow-unpack", unpack, &unpacking, NULL);
  unpack (&unpacking);
  if (thread != NULL)
    g_thread_join (thread);
  for (guint i = 0; i < unpacking.n; i++)
    whole &= unpacking.sections[i].done;
  self->image = whole ? elf_memory ((char *) self->bytes, size) : NULL;
  self->dwarf = self->image != NULL ? dwarf_begin_elf (self->image, DWARF_C_READ, NULL) : NULL;
  if (self->dwarf == NULL)
    glow_dwarf_close (self);
  return self->dwarf != NULL;
}

/**
 * glow_dwarf_open:
 *
 * O(bytes of the sections that are compressed), on two threads.
 */
gboolean
glow_dwarf_open (GlowDwarf *self, Elf *elf, gboolean lines, GCancellable *cancellable)
{
  *self = (GlowDwarf) { NULL, NULL, NULL };
  if (!open_image (self, elf, lines, cancellable) && !g_cancellable_is_cancelled (cancellable))
    self->dwarf = dwarf_begin_elf (elf, DWARF_C_READ, NULL);
  return self->dwarf != NULL;
}

void
glow_dwarf_close (GlowDwarf *self)
{
  if (self->dwarf != NULL)
    dwarf_end (self->dwarf);
  if (self->image != NULL)
    elf_end (self->image);
  free (self->bytes);
  *self = (GlowDwarf) { NULL, NULL, NULL };
}
