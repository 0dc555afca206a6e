/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jitdump files: what a just-in-time compiler wrote of its code while it ran. Read where a recording says that one was mapped, so that `perf inject
 * --jit` is not needed. Addresses are used again and again; a place is looked up by address and time.
 *
 * Source of the format: tools/perf/Documentation/jitdump-specification.txt of Linux. */
#include <config.h>

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "formats/perf/perf-private.h"

#include <string.h>

#define MAGIC 0x4A695444u
#define ARCH_TIMESTAMP 1
/* Pieces of code that lie over one another and are looked at for one address: more than any compiler leaves behind. */
#define LOOKS_AT_MOST 4096
enum { JIT_CODE_LOAD, JIT_CODE_MOVE, JIT_CODE_DEBUG_INFO, JIT_CODE_CLOSE, JIT_CODE_UNWINDING_INFO };

/* "/tmp/.debug/jit/x/jit-1234.dump": the name that the specification demands. */
gboolean
perf_is_jitdump (const char *path)
{
  const char *slash = strrchr (path, '/'), *name = slash != NULL ? slash + 1 : path;
  gsize digits;

  if (!g_str_has_prefix (name, "jit-"))
    return FALSE;
  digits = strspn (name + 4, "0123456789");
  return digits > 0 && strcmp (name + 4 + digits, ".dump") == 0;
}

/* Under the given root, where it was written, and beside the recording. */
static char *
read_dump (PerfReader *self, const char *path, gsize *n)
{
  const char *own = glow_input_get_path (self->input), *symfs = self->options != NULL ? self->options->symfs : NULL;
  g_autofree char *root = symfs != NULL ? g_build_filename (symfs, path, NULL) : NULL, *folder = own != NULL ? g_path_get_dirname (own) : NULL;
  g_autofree char *name = g_path_get_basename (path), *beside = folder != NULL ? g_build_filename (folder, name, NULL) : NULL;
  const char *places[] = { root, symfs == NULL ? path : NULL, beside };
  char *bytes = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (places) && bytes == NULL; i++)
    if (places[i] != NULL && g_file_test (places[i], G_FILE_TEST_IS_REGULAR))
      g_file_get_contents (places[i], &bytes, n, NULL);
  return bytes;
}

typedef struct {
  PerfReader *reader;
  Space *space;
  GArray *symbols;             /* of GlowRecordedSymbol, of the dump's module */
  GHashTable *names;           /* address (guint64 *) → name: moved code keeps its own */
  guint32 module;
  guint64 used;                /* offsets given to code so far: each piece of code has its own, wherever it lay */
} Dump;

static void
add_code (Dump *self, guint64 address, guint64 size, guint64 time, guint32 name)
{
  JitCode code = { address, address + size, time, self->used, self->module };
  GlowRecordedSymbol symbol = { self->used, size, name };

  if (size == 0 || address + size < address || self->used + size < size)
    return;
  g_array_append_val (self->space->jit, code);
  g_array_append_val (self->symbols, symbol);
  g_hash_table_insert (self->names, g_memdup2 (&address, sizeof address), GUINT_TO_POINTER (name));
  self->used += size;
}

static void
read_record (Dump *self, GlowCursor body, guint32 id, guint64 time)
{
  guint64 address, old, size;
  gsize length;
  const char *name;

  glow_cursor_take (&body, 16);          /* pid, tid, vma */
  if (id == JIT_CODE_MOVE)
    {
      old = glow_cursor_u64 (&body);
      address = glow_cursor_u64 (&body);
      size = glow_cursor_u64 (&body);
      if (!body.failed)
        add_code (self, address, size, time, GPOINTER_TO_UINT (g_hash_table_lookup (self->names, &old)));
      return;
    }
  address = glow_cursor_u64 (&body);
  size = glow_cursor_u64 (&body);
  glow_cursor_take (&body, 8);           /* index */
  name = glow_cursor_string (&body, &length);
  /* The code itself follows: a size that it does not have is damage. */
  if (!body.failed && length > 0 && size <= glow_cursor_remaining (&body))
    add_code (self, address, size, time, glow_strings_intern (self->reader->builder->strings, name, length));
}

static gint
compare_code (gconstpointer a, gconstpointer b)
{
  const JitCode *left = a, *right = b;

  if (left->start != right->start)
    return left->start < right->start ? -1 : 1;
  return left->from < right->from ? -1 : left->from > right->from;
}

/* What a look-up needs: order, the longest piece, and whether any address had more than one owner. */
static void
seal (Space *space)
{
  guint64 end = 0;

  g_array_sort (space->jit, compare_code);
  space->jit_longest = 0;
  space->jit_reused = FALSE;
  for (guint i = 0; i < space->jit->len; i++)
    {
      const JitCode *code = &g_array_index (space->jit, JitCode, i);

      space->jit_longest = MAX (space->jit_longest, code->end - code->start);
      space->jit_reused |= i > 0 && code->start < end;
      end = MAX (end, code->end);
    }
}

/**
 * perf_jitdump_read:
 * @path: as it was mapped by the process that @space is of
 */
void
perf_jitdump_read (PerfReader *self, Space *space, const char *path)
{
  gsize n = 0;
  g_autofree char *bytes = read_dump (self, path, &n);
  GlowCursor cursor = glow_cursor ((const guint8 *) bytes, n, FALSE);
  Dump dump = { .reader = self, .space = space };
  guint32 magic, header, version;
  guint64 flags;

  if (bytes == NULL)
    {
      glow_warnings_add (self->builder->warnings, "jitdump-missing", path, 1, 0, _("Keep the file where it was written, or beside the recording."),
                         _("“%s” is not here: the code that was compiled while it ran has no names"), path);
      return;
    }
  magic = glow_cursor_u32 (&cursor);
  cursor.swap = magic != MAGIC;
  version = glow_cursor_u32 (&cursor);
  header = glow_cursor_u32 (&cursor);
  glow_cursor_take (&cursor, 20);
  flags = glow_cursor_u64 (&cursor);
  if (cursor.failed || (magic != MAGIC && magic != GUINT32_SWAP_LE_BE (MAGIC)) || header < 40 || header > n)
    {
      glow_warnings_add (self->builder->warnings, "jitdump-damaged", path, 1, 0, NULL, _("“%s” is no jitdump file (version %u)"), path, version);
      return;
    }
  dump.module = perf_module (self, path, 2, -1, NULL, 0);
  g_array_index (self->builder->modules, GlowModule, dump.module).kind = GLOW_MODULE_JIT;
  dump.symbols = g_hash_table_lookup (self->builder->recorded_symbols, GUINT_TO_POINTER (dump.module));
  if (dump.symbols != NULL)
    return;                    /* mapped once more: it has been read */
  dump.symbols = g_array_new (FALSE, FALSE, sizeof (GlowRecordedSymbol));
  dump.names = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  if (space->jit == NULL)
    space->jit = g_array_new (FALSE, FALSE, sizeof (JitCode));
  cursor.at = (const guint8 *) bytes + header;
  while (glow_cursor_remaining (&cursor) >= 16)
    {
      guint32 id = glow_cursor_u32 (&cursor), size = glow_cursor_u32 (&cursor);
      /* By the processor's own clock times cannot be compared with the recording's: the last owner of an address is all there is. */
      guint64 time = glow_cursor_u64 (&cursor) * !(flags & ARCH_TIMESTAMP);
      const guint8 *body = size >= 16 ? glow_cursor_take (&cursor, size - 16) : NULL;

      if (body == NULL || id == JIT_CODE_CLOSE)
        break;
      if (id == JIT_CODE_LOAD || id == JIT_CODE_MOVE)
        read_record (&dump, glow_cursor (body, size - 16, cursor.swap), id, time);
    }
  g_hash_table_insert (self->builder->recorded_symbols, GUINT_TO_POINTER (dump.module), dump.symbols);
  g_hash_table_unref (dump.names);
  seal (space);
}

/**
 * perf_jit_find:
 *
 * Returns: (nullable): the code that lay at @address at @time; where it was written later than that (clocks that differ a little), the first
 */
const JitCode *
perf_jit_find (const Space *space, guint64 address, guint64 time)
{
  const JitCode *found = NULL;
  guint lower = 0, upper = space->jit->len;

  while (lower < upper)
    {
      guint middle = (lower + upper) / 2;

      if (g_array_index (space->jit, JitCode, middle).start <= address)
        lower = middle + 1;
      else
        upper = middle;
    }
  for (guint looks = 0; lower > 0 && looks < LOOKS_AT_MOST; lower--, looks++)
    {
      const JitCode *code = &g_array_index (space->jit, JitCode, lower - 1);

      if (address - code->start >= space->jit_longest)
        break;
      if (address >= code->end)
        continue;
      if (found == NULL || (code->from <= time && (found->from > time || code->from > found->from)) || (code->from > time && found->from > time && code->from < found->from))
        found = code;
    }
  return found;
}
