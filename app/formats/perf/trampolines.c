/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pieces of code that Python 3.12 and later puts under each function of a script for perf's sake (python -X perf). They stand in perf-PID.map without a
 * word on how to unwind them, but there is one template for each architecture: copies of it are known by their name and size, and their rule is written here.
 *
 * Source of the templates: Python/asm_trampoline.S of CPython. */
#include <config.h>

#include "formats/perf/perf-private.h"
#include "symbols/jit-places-private.h"

#include <string.h>

/* Where the template's address does not matter: rules are by offset. */
#define NOMINAL_START 0x10000

typedef struct {
  GlowArch arch;
  guint size;                  /* of the code */
  guint8 cie[8], n_cie;        /* factors, return address, and the rules at the first instruction */
  guint8 fde[16], n_fde;       /* how they change */
} Template;

static const Template templates[] = {
  /* sub $8, %rsp; call *%rcx; add $8, %rsp; ret: the stack is 8 bytes deeper from the second instruction to the last. */
  { GLOW_ARCH_X86_64, 11, { 1, 0x78, 16 }, 3, { 0x44, 0x0e, 16, 0x46, 0x0e, 8 }, 6 },
  /* endbr64 before it */
  { GLOW_ARCH_X86_64, 15, { 1, 0x78, 16 }, 3, { 0x48, 0x0e, 16, 0x46, 0x0e, 8 }, 6 },
  /* stp x29, x30, [sp, -16]!; mov x29, sp; blr x3; ldp x29, x30, [sp], 16; ret */
  { GLOW_ARCH_AARCH64, 20, { 4, 0x78, 30 }, 3, { 0x41, 0x0e, 16, 0x9d, 2, 0x9e, 1, 0x43, 0xdd, 0xde, 0x0e, 0 }, 12 },
};

struct _PerfTrampolines {
  GHashTable *maps;            /* module index + 1 → GlowSymbolTable, or a table without symbols where there is no map */
  GlowCfi *cfis[G_N_ELEMENTS (templates)];
};

static void
put_u32 (GByteArray *out, guint32 value)
{
  guint32 little = GUINT32_TO_LE (value);

  g_byte_array_append (out, (const guint8 *) &little, 4);
}

static void
close_entry (GByteArray *out, guint start)
{
  static const guint8 nothing = 0;
  guint32 length;

  while ((out->len - start) % 8 != 0)
    g_byte_array_append (out, &nothing, 1);
  length = GUINT32_TO_LE (out->len - start - 4);
  memcpy (out->data + start, &length, 4);
}

/* An .eh_frame of one entry, as a compiler would have written it. */
static GlowCfi *
make_cfi (const Template *template)
{
  static const guint8 head[] = { 1, 'z', 'R', 0 }, encoding[] = { 1, 0x1b }, no_augmentation = 0;
  static const guint8 x86_start[] = { 0x0c, 7, 8, 0x90, 1 }, arm_start[] = { 0x0c, 31, 0 };
  g_autoptr(GByteArray) table = g_byte_array_new ();
  guint fde;

  put_u32 (table, 0);
  put_u32 (table, 0);
  g_byte_array_append (table, head, sizeof head);
  g_byte_array_append (table, template->cie, template->n_cie);
  g_byte_array_append (table, encoding, sizeof encoding);
  if (template->arch == GLOW_ARCH_X86_64)
    g_byte_array_append (table, x86_start, sizeof x86_start);
  else
    g_byte_array_append (table, arm_start, sizeof arm_start);
  close_entry (table, 0);
  fde = table->len;
  put_u32 (table, 0);
  put_u32 (table, fde + 4);
  /* The start of the code, counted from this field; the table follows the code, rounded up to 8 bytes. */
  put_u32 (table, -(((template->size + 7) & ~7u) + table->len));
  put_u32 (table, template->size);
  g_byte_array_append (table, &no_augmentation, 1);
  g_byte_array_append (table, template->fde, template->n_fde);
  close_entry (table, fde);
  put_u32 (table, 0);
  return glow_cfi_new_for_code (template->arch, FALSE, table->data, table->len, NOMINAL_START, template->size);
}

static GlowSymbolTable *
map_of (PerfTrampolines *self, PerfReader *reader, guint32 index)
{
  GlowSymbolTable *map = g_hash_table_lookup (self->maps, GUINT_TO_POINTER (index + 1));
  g_autoptr(GPtrArray) files = NULL;
  g_autofree char *file = NULL;
  gboolean guessed = FALSE;

  if (map != NULL)
    return map;
  files = g_ptr_array_new ();
  for (guint i = 0; i < reader->builder->files->len; i++)
    g_ptr_array_add (files, g_ptr_array_index (reader->builder->files, i));
  g_ptr_array_add (files, NULL);
  map = glow_jit_find_map (&g_array_index (reader->builder->modules, GlowModule, index), (const char *const *) files->pdata, reader->options, NULL, 0, &file,
                           &guessed);
  if (map == NULL)
    map = glow_symbol_table_new ();
  g_hash_table_insert (self->maps, GUINT_TO_POINTER (index + 1), map);
  return map;
}

PerfTrampolines *
perf_trampolines_new (void)
{
  PerfTrampolines *self = g_new0 (PerfTrampolines, 1);

  self->maps = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) glow_symbol_table_free);
  return self;
}

void
perf_trampolines_free (PerfTrampolines *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->maps);
  for (guint i = 0; i < G_N_ELEMENTS (templates); i++)
    g_clear_pointer (&self->cfis[i], glow_cfi_free);
  g_free (self);
}

/**
 * perf_trampolines_find:
 * @module: the index of a module of compiled code that no dump describes
 * @pc: an address in it
 * @offset: (out): of @pc in what the rules are of
 *
 * The map is read at the first question. Not thread-safe: one a thread.
 *
 * Returns: (transfer none) (nullable): the rules, where @pc lies in a trampoline
 */
GlowCfi *
perf_trampolines_find (PerfTrampolines *self, PerfReader *reader, guint32 module, GlowArch arch, guint64 pc, guint64 *offset)
{
  const GlowSymbol *symbol = glow_symbol_table_find (map_of (self, reader, module), pc);

  if (symbol == NULL || strncmp (symbol->name, "py::", 4) != 0)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (templates); i++)
    if (templates[i].arch == arch && templates[i].size == symbol->end - symbol->start)
      {
        if (self->cfis[i] == NULL)
          self->cfis[i] = make_cfi (&templates[i]);
        *offset = pc - symbol->start;
        return self->cfis[i];
      }
  return NULL;
}
