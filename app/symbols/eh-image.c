/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An ELF file in memory around call frame information that came alone: libdw reads it from files only. Just-in-time compilers write such tables beside their
 * code. */
#include "symbols/elf-file-private.h"

#include <string.h>

/* Offsets in the image: header, names of sections, then the table. */
static const char names[] = "\0.eh_frame\0.shstrtab";

#define TABLE_AT(size) (((size) + sizeof names + 7) & ~(gsize) 7)

/* A field of either class at its place, in the file's order. */
typedef struct {
  guint8 *at;
  gboolean big, wide;
} Out;

static void
put (Out *out, guint64 value, guint size)
{
  for (guint i = 0; i < size; i++)
    out->at[out->big ? size - 1 - i : i] = value >> 8 * i & 0xff;
  out->at += size;
}

static void
put_address (Out *out, guint64 value)
{
  put (out, value, out->wide ? 8 : 4);
}

static void
put_section (Out *out, guint32 name, guint32 type, guint64 address, guint64 offset, guint64 size)
{
  put (out, name, 4);
  put (out, type, 4);
  put_address (out, type == SHT_PROGBITS ? SHF_ALLOC : 0);
  put_address (out, address);
  put_address (out, offset);
  put_address (out, size);
  put (out, 0, 4);
  put (out, 0, 4);
  put_address (out, type == SHT_NULL ? 0 : 1);
  put_address (out, 0);
}

/**
 * glow_elf_image_of_table:
 * @machine: EM_X86_64, …
 * @table: the contents of .eh_frame
 * @address: where it stands
 * @size: (out): of the image
 *
 * Returns: (transfer full): an ELF file
 */
guint8 *
glow_elf_image_of_table (guint machine, gboolean wide, gboolean big, const guint8 *table, gsize n, guint64 address, gsize *size)
{
  gsize header = wide ? 64 : 52, section = wide ? 64 : 40, table_at = TABLE_AT (header), sections_at = (table_at + n + 7) & ~(gsize) 7;
  guint8 *image = g_malloc0 (sections_at + 3 * section);
  Out out = { image + EI_NIDENT, big, wide };

  memcpy (image, ELFMAG, SELFMAG);
  image[EI_CLASS] = wide ? ELFCLASS64 : ELFCLASS32;
  image[EI_DATA] = big ? ELFDATA2MSB : ELFDATA2LSB;
  image[EI_VERSION] = EV_CURRENT;
  put (&out, ET_DYN, 2);
  put (&out, machine, 2);
  put (&out, EV_CURRENT, 4);
  put_address (&out, 0);
  put_address (&out, 0);
  put_address (&out, sections_at);
  put (&out, 0, 4);
  put (&out, header, 2);
  put (&out, 0, 2);
  put (&out, 0, 2);
  put (&out, section, 2);
  put (&out, 3, 2);
  put (&out, 2, 2);
  memcpy (image + header, names, sizeof names);
  memcpy (image + table_at, table, n);
  out.at = image + sections_at;
  put_section (&out, 0, SHT_NULL, 0, 0, 0);
  put_section (&out, 1, SHT_PROGBITS, address, table_at, n);
  put_section (&out, 11, SHT_STRTAB, 0, header, sizeof names);
  *size = sections_at + 3 * section;
  return image;
}
