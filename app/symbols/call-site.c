/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Direct calls in x86 code ("e8" and a distance of 32 bits). Bytes are searched, not decoded: what looks like a call and is none is rare, and what is asked is
 * whether a call may have been made. */
#include "symbols/call-site-private.h"

#include "symbols/elf-file-private.h"

#include <string.h>

#define CALL 0xe8
#define CALL_SIZE 5
#define MAX_FUNCTION (1u << 18)

/* Code in a file: sections that packed recordings leave out are not there. */
typedef struct {
  guint64 offset, n;
  const guint8 *bytes;
} Code;

typedef struct {
  Elf *elf;                    /* (nullable) */
  int fd;
  GArray *code;                /* of Code; empty where it is not x86's */
} File;

typedef struct {
  guint64 function, target;
  const File *file;
  gboolean elsewhere;
} Pair;

struct _GlowCallSites {
  GHashTable *files;           /* path, by where its text lies → File */
  GHashTable *pairs;           /* Pair → whether it calls + 1 */
};

static guint
pair_hash (gconstpointer key)
{
  const Pair *pair = key;

  return (guint) ((pair->function * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15) ^ pair->target) >> 16) ^ (guint) (GPOINTER_TO_SIZE (pair->file) >> 4);
}

static gboolean
pair_equal (gconstpointer a, gconstpointer b)
{
  const Pair *left = a, *right = b;

  return left->function == right->function && left->target == right->target && left->elsewhere == right->elsewhere && left->file == right->file;
}

static void
file_free (gpointer data)
{
  File *file = data;

  if (file->elf != NULL)
    glow_elf_close (file->elf, file->fd);
  g_array_unref (file->code);
  g_free (file);
}

/* Offsets are those that were mapped: a section's by the segment that holds it, for a copy of the file's tables may have moved its bytes. */
static void
find_code (File *file)
{
  g_autoptr(GArray) segments = glow_elf_dup_segments (file->elf);
  Elf_Scn *section = NULL;

  while ((section = elf_nextscn (file->elf, section)) != NULL)
    {
      GElf_Shdr header;
      Elf_Data *data;
      Code code;

      if (gelf_getshdr (section, &header) == NULL || header.sh_type != SHT_PROGBITS || !(header.sh_flags & SHF_EXECINSTR)
          || !glow_elf_to_offset (segments, header.sh_addr, &code.offset) || (data = elf_rawdata (section, NULL)) == NULL || data->d_buf == NULL)
        continue;
      code.n = data->d_size;
      code.bytes = data->d_buf;
      g_array_append_val (file->code, code);
    }
}

/* At most @n bytes from @offset on. (nullable): none are there. */
static const guint8 *
code_at (const File *file, guint64 offset, gsize *n)
{
  for (guint i = 0; i < file->code->len; i++)
    {
      const Code *code = &g_array_index (file->code, Code, i);

      if (offset < code->offset || offset - code->offset >= code->n)
        continue;
      *n = MIN (*n, code->n - (offset - code->offset));
      return code->bytes + (offset - code->offset);
    }
  return NULL;
}

GlowCallSites *
glow_call_sites_new (void)
{
  GlowCallSites *self = g_new0 (GlowCallSites, 1);

  self->files = g_hash_table_new_full (NULL, NULL, NULL, file_free);
  self->pairs = g_hash_table_new_full (pair_hash, pair_equal, g_free, NULL);
  return self;
}

void
glow_call_sites_free (GlowCallSites *self)
{
  g_hash_table_unref (self->files);
  g_hash_table_unref (self->pairs);
  g_free (self);
}

static const File *
open_file (GlowCallSites *self, const char *path)
{
  File *file = g_hash_table_lookup (self->files, path);
  GElf_Ehdr header;

  if (file != NULL)
    return file;
  file = g_new0 (File, 1);
  file->code = g_array_new (FALSE, FALSE, sizeof (Code));
  file->elf = glow_elf_open (path, &file->fd);
  if (file->elf != NULL && gelf_getehdr (file->elf, &header) != NULL && (header.e_machine == EM_X86_64 || header.e_machine == EM_386))
    find_code (file);
  g_hash_table_insert (self->files, (gpointer) path, file);
  return file;
}

static guint64
target_of (const guint8 *call, guint64 offset)
{
  gint32 distance;

  memcpy (&distance, call + 1, sizeof distance);
  return offset + CALL_SIZE + (guint64) (gint64) GINT32_FROM_LE (distance);
}

gboolean
glow_call_sites_get_target (GlowCallSites *self, const char *path, guint64 offset, guint64 *target)
{
  const File *file = open_file (self, path);
  gsize n = CALL_SIZE;
  const guint8 *bytes = offset > CALL_SIZE ? code_at (file, offset - CALL_SIZE, &n) : NULL;

  if (bytes == NULL || n != CALL_SIZE || *bytes != CALL)
    return FALSE;
  *target = target_of (bytes, offset - CALL_SIZE);
  return TRUE;
}

/* No function of the file's own: nothing, or an entry of a table of procedure linkage. */
static gboolean
is_elsewhere (const GlowSymbolTable *table, guint64 to)
{
  const GlowSymbol *symbol = glow_symbol_table_find (table, to);

  return symbol == NULL || g_str_has_suffix (symbol->name, "@plt");
}

static gboolean
search (const guint8 *code, gsize n, guint64 start, guint64 target, gboolean elsewhere, const GlowSymbolTable *table)
{
  for (gsize i = 0; i + CALL_SIZE <= n; i++)
    {
      guint64 to;

      /* "call *address(%rip)" */
      if (elsewhere && code[i] == 0xff && code[i + 1] == 0x15)
        return TRUE;
      if (code[i] != CALL)
        continue;
      to = target_of (code + i, start + i);
      if (to == target)
        return TRUE;
      if (elsewhere && to < start + (1u << 30) && is_elsewhere (table, to))
        return TRUE;
    }
  return FALSE;
}

gboolean
glow_call_sites_calls (GlowCallSites *self, const char *path, const GlowSymbolTable *table, const GlowSymbol *function, guint64 target, gboolean elsewhere)
{
  const File *file = open_file (self, path);
  Pair pair = { function->start, target, file, elsewhere };
  gpointer known = g_hash_table_lookup (self->pairs, &pair);
  gsize n = MIN (function->end - function->start, MAX_FUNCTION);
  const guint8 *code;
  gboolean calls;

  if (known != NULL)
    return GPOINTER_TO_INT (known) - 1;
  code = code_at (file, function->start, &n);
  calls = code != NULL && search (code, n, function->start, target, elsewhere, table);
  g_hash_table_insert (self->pairs, g_memdup2 (&pair, sizeof pair), GINT_TO_POINTER (calls + 1));
  return calls;
}
