/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every entry of a table is walked once: where it begins, which registers its instructions name, how many rows it remembers, how long it is. What the index
 * of a table points at has to be the beginning of an entry that was walked.
 *
 * Sources: DWARF 5, 6.4; Linux Standard Base 5.0, 10.6 (.eh_frame, .eh_frame_hdr). */
#include "symbols/cfi-check-private.h"

#include <dwarf.h>
#include <string.h>

/* No architecture has so many; compilers nest two or three deep; the longest functions have some ten thousand bytes of instructions. */
#define REGISTERS 1024
#define REMEMBERED 64
#define PROGRAM_AT_MOST (1u << 18)

typedef struct {
  const guint8 *bytes;
  gsize n, at;
  gboolean big, failed;
} Reader;

typedef struct {
  guint pointer_size;          /* of what its entries begin with; 0: not understood */
  gboolean has_data;           /* entries have a length of further data */
} Common;

typedef struct {
  const guint8 *bytes;
  gsize n;
  gboolean is_eh, big;
  guint address_size;
  GHashTable *commons;         /* offset + 1 → Common */
  const Common *common;        /* the last that was looked up, at @common_at */
  gsize common_at;
  guint8 *entries;             /* a bit for each offset: whether what belongs to a function begins there */
} Table;

static guint64
take (Reader *self, guint size)
{
  guint64 value = 0;

  if (self->n - self->at < size)
    {
      self->failed = TRUE;
      self->at = self->n;
      return 0;
    }
  for (guint i = 0; i < size; i++)
    value |= (guint64) self->bytes[self->at + (self->big ? size - 1 - i : i)] << 8 * i;
  self->at += size;
  return value;
}

static guint64
take_leb (Reader *self)
{
  guint64 value = 0;
  guint8 byte = 0x80;

  for (guint shift = 0; byte & 0x80 && !self->failed; shift += 7)
    {
      byte = take (self, 1);
      if (shift < 64)
        value |= (guint64) (byte & 0x7f) << shift;
    }
  return value;
}

static void
pass_leb (Reader *self)
{
  while (self->at < self->n && self->bytes[self->at] & 0x80)
    self->at++;
  if (self->at < self->n)
    self->at++;
  else
    self->failed = TRUE;
}

static void
pass (Reader *self, guint64 n)
{
  if (n > self->n - self->at)
    self->failed = TRUE;
  else
    self->at += n;
}

/* Bytes of an encoded pointer; 0: of no fixed length, or not known. */
static guint
encoded_size (guint8 encoding, guint address_size)
{
  if ((encoding & 0x70) == 0x50)
    return 0;
  switch (encoding & 0x0f)
    {
    case DW_EH_PE_absptr: return address_size;
    case DW_EH_PE_udata2: case DW_EH_PE_sdata2: return 2;
    case DW_EH_PE_udata4: case DW_EH_PE_sdata4: return 4;
    case DW_EH_PE_udata8: case DW_EH_PE_sdata8: return 8;
    default: return 0;
    }
}

/* Instructions to the end of @self. What libdw does not know it refuses there: so does this, without harm. */
static gboolean
is_program_sane (Reader *self, guint pointer_size)
{
  guint remembered = 0;

  if (self->n - self->at > PROGRAM_AT_MOST)
    return FALSE;
  while (self->at < self->n && !self->failed)
    {
      guint8 op = self->bytes[self->at++];
      guint64 reg = 0;

      if (op >> 6 != 0)
        {
          if (op >> 6 == 2)
            pass_leb (self);
          continue;
        }
      switch (op)
        {
        case DW_CFA_nop: case DW_CFA_GNU_window_save: break;
        case DW_CFA_set_loc: pass (self, pointer_size); break;
        case DW_CFA_advance_loc1: pass (self, 1); break;
        case DW_CFA_advance_loc2: pass (self, 2); break;
        case DW_CFA_advance_loc4: pass (self, 4); break;
        case DW_CFA_MIPS_advance_loc8: pass (self, 8); break;
        case DW_CFA_remember_state:
          if (++remembered > REMEMBERED)
            return FALSE;
          break;
        case DW_CFA_restore_state: remembered -= remembered > 0; break;
        case DW_CFA_restore_extended: case DW_CFA_undefined: case DW_CFA_same_value:
          reg = take_leb (self);
          break;
        case DW_CFA_offset_extended: case DW_CFA_register: case DW_CFA_offset_extended_sf: case DW_CFA_val_offset: case DW_CFA_val_offset_sf:
        case DW_CFA_GNU_negative_offset_extended:
          reg = take_leb (self);
          take_leb (self);
          break;
        case DW_CFA_def_cfa: case DW_CFA_def_cfa_sf:
          pass_leb (self);
          pass_leb (self);
          break;
        case DW_CFA_def_cfa_register: case DW_CFA_def_cfa_offset: case DW_CFA_def_cfa_offset_sf: case DW_CFA_GNU_args_size: pass_leb (self); break;
        case DW_CFA_def_cfa_expression: pass (self, take_leb (self)); break;
        case DW_CFA_expression: case DW_CFA_val_expression:
          reg = take_leb (self);
          pass (self, take_leb (self));
          break;
        default: return TRUE;
        }
      if (reg >= REGISTERS)
        return FALSE;
    }
  return TRUE;
}

/* The entry at @offset: its contents behind its length, and its id. FALSE where none is whole. */
static gboolean
open_entry (const Table *self, gsize offset, Reader *entry, guint32 *id, gsize *id_at)
{
  Reader reader = { self->bytes, self->n, offset, self->big, FALSE };
  guint64 length = take (&reader, 4);

  *id_at = reader.at;
  if (reader.failed || length < 4 || length > self->n - reader.at)
    return FALSE;
  reader.n = reader.at + length;
  *id = take (&reader, 4);
  *entry = reader;
  return TRUE;
}

static gboolean
read_augmentation (const Table *self, Reader *entry, const char *letters, Common *common)
{
  if (*letters == '\0')
    return TRUE;
  if (*letters != 'z')
    return FALSE;
  common->has_data = TRUE;
  {
    guint64 length = take_leb (entry);
    gsize end = entry->at + length;

    if (entry->failed || length > entry->n - entry->at)
      return FALSE;
    for (letters++; *letters != '\0'; letters++)
      if (*letters == 'R')
        common->pointer_size = encoded_size (take (entry, 1), self->address_size);
      else if (*letters == 'L')
        take (entry, 1);
      else if (*letters == 'P')
        {
          guint size = encoded_size (take (entry, 1), self->address_size);

          if (size == 0)
            return FALSE;
          pass (entry, size);
        }
      else if (*letters != 'S' && *letters != 'B')
        return FALSE;
    entry->at = end;
  }
  return !entry->failed && common->pointer_size > 0;
}

/* The common entry at @offset, looked at once. (nullable): none, or not a sane one */
static const Common *
common_at (Table *self, gsize offset)
{
  Common *common = g_hash_table_lookup (self->commons, GSIZE_TO_POINTER (offset + 1));
  const char *letters;
  Reader entry;
  guint32 id;
  gsize id_at;
  guint8 version;

  if (common != NULL)
    return common->pointer_size > 0 ? common : NULL;
  common = g_new0 (Common, 1);
  g_hash_table_insert (self->commons, GSIZE_TO_POINTER (offset + 1), common);
  if (offset >= self->n || !open_entry (self, offset, &entry, &id, &id_at) || id != (self->is_eh ? 0 : G_MAXUINT32))
    return NULL;
  version = take (&entry, 1);
  letters = (const char *) entry.bytes + entry.at;
  if (memchr (letters, 0, entry.n - entry.at) == NULL)
    return NULL;
  pass (&entry, strlen (letters) + 1);
  common->pointer_size = self->address_size;
  if (version >= 4)
    {
      common->pointer_size = take (&entry, 1);
      take (&entry, 1);
    }
  take_leb (&entry);
  take_leb (&entry);
  if (version == 1)
    take (&entry, 1);
  else
    take_leb (&entry);
  if (entry.failed || (common->pointer_size != 4 && common->pointer_size != 8) || !read_augmentation (self, &entry, letters, common)
      || !is_program_sane (&entry, common->pointer_size))
    {
      common->pointer_size = 0;
      return NULL;
    }
  return common;
}

/* Thousands of entries in a row have one. */
static const Common *
last_common_at (Table *self, gsize offset)
{
  if (self->common == NULL || self->common_at != offset)
    {
      self->common = common_at (self, offset);
      self->common_at = offset;
    }
  return self->common;
}

static gboolean
is_table_sane (Table *self)
{
  for (gsize offset = 0; offset + 4 <= self->n;)
    {
      const Common *common;
      Reader entry, length = { self->bytes, self->n, offset, self->big, FALSE };
      guint32 id;
      gsize id_at, start = offset;

      /* Where one object's table ends another's may follow. */
      if (take (&length, 4) == 0)
        {
          offset += 4;
          continue;
        }
      if (!open_entry (self, offset, &entry, &id, &id_at))
        return FALSE;
      offset = entry.n;
      if (id == (self->is_eh ? 0 : G_MAXUINT32))
        {
          if (common_at (self, start) == NULL)
            return FALSE;
          continue;
        }
      common = self->is_eh && id > id_at ? NULL : last_common_at (self, self->is_eh ? id_at - id : id);
      if (common == NULL)
        return FALSE;
      pass (&entry, 2 * common->pointer_size);
      if (common->has_data)
        pass (&entry, take_leb (&entry));
      if (entry.failed || !is_program_sane (&entry, common->pointer_size))
        return FALSE;
      self->entries[start >> 3] |= 1u << (start & 7);
    }
  return TRUE;
}

/* ---- files ---- */

static Elf_Data *
find_section (Elf *elf, const char *wanted, GElf_Shdr *header)
{
  Elf_Scn *section = NULL;
  gsize names;

  if (elf_getshdrstrndx (elf, &names) < 0)
    return NULL;
  while ((section = elf_nextscn (elf, section)) != NULL)
    {
      const char *name;

      if (gelf_getshdr (section, header) != NULL && (name = elf_strptr (elf, names, header->sh_name)) != NULL && strcmp (name, wanted) == 0
          && header->sh_type != SHT_NOBITS)
        return elf_rawdata (section, NULL);
    }
  return NULL;
}

static gboolean
check (Elf *elf, const char *name, gboolean is_eh, GElf_Shdr *header, guint8 **entries)
{
  Elf_Data *data = find_section (elf, name, header);
  Table table = { .is_eh = is_eh };
  gboolean sane;
  const char *ident;

  if (data == NULL || data->d_buf == NULL || data->d_size == 0)
    return TRUE;
  ident = elf_getident (elf, NULL);
  table.bytes = data->d_buf;
  header->sh_size = table.n = data->d_size;
  table.big = ident[EI_DATA] == ELFDATA2MSB;
  table.address_size = ident[EI_CLASS] == ELFCLASS64 ? 8 : 4;
  table.commons = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  table.entries = g_malloc0 (table.n / 8 + 1);
  sane = is_table_sane (&table);
  g_hash_table_unref (table.commons);
  if (sane && entries != NULL)
    *entries = table.entries;
  else
    g_free (table.entries);
  return sane;
}

/* The index of @entries, in its usual form, for it is all that linkers write: 32-bit distances. */
static gboolean
is_index_sane (Elf *elf, const GElf_Phdr *segment, const GElf_Shdr *table, gsize size, const guint8 *entries)
{
  gsize file_size;
  const guint8 *file = (const guint8 *) elf_rawfile (elf, &file_size);
  Reader reader = { .big = elf_getident (elf, NULL)[EI_DATA] == ELFDATA2MSB };
  guint64 n, at;
  guint8 kinds[4];

  if (segment->p_offset > file_size || segment->p_filesz > file_size - segment->p_offset)
    return FALSE;
  reader.bytes = file + segment->p_offset;
  reader.n = segment->p_filesz;
  for (guint i = 0; i < 4; i++)
    kinds[i] = take (&reader, 1);
  if (kinds[0] != 1 || kinds[1] != (DW_EH_PE_pcrel | DW_EH_PE_sdata4))
    return FALSE;
  at = segment->p_vaddr + 4 + (guint64) (gint64) (gint32) take (&reader, 4);
  if (reader.failed || at != table->sh_addr)
    return FALSE;
  /* Without a list libdw walks the entries. */
  if (kinds[2] == DW_EH_PE_omit || kinds[3] == DW_EH_PE_omit)
    return TRUE;
  if (kinds[2] != DW_EH_PE_udata4 || kinds[3] != (DW_EH_PE_datarel | DW_EH_PE_sdata4))
    return FALSE;
  n = take (&reader, 4);
  if (reader.failed || n > (reader.n - reader.at) / 8)
    return FALSE;
  for (guint64 i = 0; i < n; i++)
    {
      take (&reader, 4);
      at = segment->p_vaddr + (guint64) (gint64) (gint32) take (&reader, 4) - table->sh_addr;
      if (at >= size || !(entries[at >> 3] & 1u << (at & 7)))
        return FALSE;
    }
  return TRUE;
}

gboolean
glow_cfi_eh_is_sane (Elf *elf)
{
  g_autofree guint8 *entries = NULL;
  GElf_Shdr table;
  gsize n = 0;

  if (!check (elf, ".eh_frame", TRUE, &table, &entries))
    return FALSE;
  elf_getphdrnum (elf, &n);
  for (gsize i = 0; i < n; i++)
    {
      GElf_Phdr segment;

      /* An index without the section that it is of would be taken from the file as it comes. */
      if (gelf_getphdr (elf, i, &segment) != NULL && segment.p_type == PT_GNU_EH_FRAME
          && (entries == NULL || !is_index_sane (elf, &segment, &table, table.sh_size, entries)))
        return FALSE;
    }
  return TRUE;
}

gboolean
glow_cfi_debug_is_sane (Elf *elf)
{
  GElf_Shdr header;

  /* The second is an older way to say that it is compressed; libdw leaves the name as it was. */
  return check (elf, ".debug_frame", FALSE, &header, NULL) && check (elf, ".zdebug_frame", FALSE, &header, NULL);
}
