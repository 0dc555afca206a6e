/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The symbols of one module, by start, in the terms of GlowLocation.offset. Text belongs to the table. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint64 start, end;          /* end > start after glow_symbol_table_seal() */
  const char *name;
  guint8 rank;                 /* higher wins among symbols of one address */
} GlowSymbol;

typedef struct {
  GArray *symbols;             /* of GlowSymbol */
  GStringChunk *names;
  char *text;                  /* (nullable): names that need not be copied lie here */
  gboolean full;               /* a .symtab (or a kernel's list), not exports alone */
} GlowSymbolTable;

typedef enum { GLOW_ELF_OK, GLOW_ELF_NO_FILE, GLOW_ELF_MISMATCH, GLOW_ELF_NO_SYMBOLS } GlowElfResult;

GlowSymbolTable  *glow_symbol_table_new  (void);
void              glow_symbol_table_free (GlowSymbolTable *self);
void              glow_symbol_table_add  (GlowSymbolTable *self, guint64 start, guint64 size, const char *name, gsize length, guint8 rank);
/* @name is not copied, and lasts as long as the table. */
void              glow_symbol_table_add_kept (GlowSymbolTable *self, guint64 start, guint64 size, const char *name, guint8 rank);
/* Before any is added: about how many there will be. */
void              glow_symbol_table_reserve (GlowSymbolTable *self, guint n);
void              glow_symbol_table_seal (GlowSymbolTable *self);
/* (nullable) O(log n) */
const GlowSymbol *glow_symbol_table_find (const GlowSymbolTable *self, guint64 offset);

/* Adds the symbols of an ELF file, and of its debug file where there is one. */
GlowElfResult     glow_elf_read_symbols  (GlowSymbolTable *self, const char *path, const guint8 *build_id, guint build_id_length,
                                          const char *const *debug_dirs);
/* Those of the running kernel's vdso. */
GlowElfResult     glow_elf_read_vdso     (GlowSymbolTable *self, const guint8 *build_id, guint build_id_length);
/* Its image. (transfer full) (nullable) */
GBytes           *glow_vdso_dup_bytes    (void);
/* Lines of /proc/kallsyms; FALSE where the file holds no addresses (kptr_restrict). */
gboolean          glow_kallsyms_read     (GlowSymbolTable *self, const char *path, gboolean *restricted);
/* Whether a list says that @name stands at @address. */
gboolean          glow_kallsyms_agrees   (const char *path, const char *name, guint64 address);
/* Lines of perf-PID.map. */
gboolean          glow_perf_map_read     (GlowSymbolTable *self, const char *path);
/* The build-id of the running kernel: its length, 0 where not known. */
guint             glow_running_kernel_build_id (guint8 build_id[20]);
/* As perf prints it: without parameters. (transfer full) (nullable): NULL where not mangled. */
char             *glow_demangle          (const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowSymbolTable, glow_symbol_table_free)

G_END_DECLS
