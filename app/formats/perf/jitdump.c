/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jitdump files: what a just-in-time compiler wrote of its code while it ran. Read where a recording says that one was mapped, so that `perf inject
 * --jit` is not needed. Addresses are used again and again; a place is looked up by address and time.
 *
 * Source of the format: tools/perf/Documentation/jitdump-specification.txt of Linux. */
#include <config.h>

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "formats/perf/perf-private.h"
#include "symbols/jit-places-private.h"
#include "symbols/store-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Of the places where it may lie, the file that was mapped: the one with its inode, else the one that says it is of this process, else the first. In a
 * container another process may have had the same number, and written a file of the same name. */
static char *
read_dump (PerfReader *self, const char *path, const SideBand *side, gsize *n, char **where)
{
  g_autoptr(GPtrArray) places = glow_jit_dup_dump_places (path, side->pid, perf_mount_namespace (self, side->pid), glow_input_get_path (self->input),
                                                          self->options);
  const char *chosen = NULL;
  guint best = 0;
  char *bytes = NULL;

  for (guint i = 0; i < places->len && best < 3; i++)
    {
      const char *place = g_ptr_array_index (places, i);
      struct stat status;
      guint32 head[6] = { 0 };
      guint rank = 1;
      g_autoptr(GBytes) member = glow_store_find (place);
      int fd = member == NULL ? open (place, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW) : -1;

      /* What was packed is the one. */
      if (member != NULL)
        {
          best = 3;
          chosen = place;
        }
      if (fd >= 0 && fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
        {
          if (pread (fd, head, sizeof head, 0) == sizeof head && (head[0] == MAGIC ? head[5] : GUINT32_SWAP_LE_BE (head[5])) == (guint32) side->pid)
            rank = 2;
          if (side->build_id_length == 0 && side->inode != 0 && (guint64) status.st_ino == side->inode)
            rank = 3;
          if (rank > best)
            {
              best = rank;
              chosen = place;
            }
        }
      if (fd >= 0)
        close (fd);
    }
  if (chosen != NULL)
    glow_file_get_contents (chosen, &bytes, n);
  *where = g_strdup (chosen);
  return bytes;
}

typedef struct {
  PerfReader *reader;
  Space *space;
  GArray *symbols;             /* of GlowRecordedSymbol, of the dump's module */
  GHashTable *codes;           /* address (guint64 *) → index of JitCode and symbol: moved code keeps its name and its table */
  guint32 first;               /* index of the dump's first piece of code in the space's */
  guint32 module;
  GHashTable *debug;           /* address (guint64 *) → GArray of JitLine: of code that is still to come; offsets are addresses */
  gsize first_line;            /* of this dump in the space's */
  guint n_described, n_damaged;   /* pieces of code with lines; with lines that cannot be right */
  gboolean begins_early, ends_late;   /* lines of some piece lie before 64 bytes into it; behind its end */
  guint32 pending;             /* the table that came before the code it is of: index + 1; 0: none */
  guint64 used;                /* offsets given to code so far: each piece of code has its own, wherever it lay */
} Dump;

/* Some compilers give the addresses of lines as they are, some add the 64 bytes of the ELF header that perf inject puts before the code. */
#define ELF_HEADER 64

static gboolean
is_file_name (const char *name, gsize length)
{
  if (length == 0 || !g_utf8_validate (name, length, NULL))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (g_ascii_iscntrl (name[i]))
      return FALSE;
  return TRUE;
}

/* Lines of code that will be loaded: address and count, then for each the address, line, discriminator, and a file, "\377" where it is the one before.
 * Some V8 wrote whatever lay in memory for a file's name: then there is nothing to be had of the piece. */
static void
read_lines (Dump *self, GlowCursor body)
{
  GlowStrings *strings = self->reader->builder->strings;
  guint64 address = glow_cursor_u64 (&body), n = glow_cursor_u64 (&body);
  g_autoptr(GArray) lines = NULL;
  guint32 file = 0;

  if (body.failed || n == 0 || n > glow_cursor_remaining (&body) / 18)
    {
      self->n_damaged += n > 0;
      return;
    }
  lines = g_array_sized_new (FALSE, FALSE, sizeof (JitLine), n);
  for (guint64 i = 0; i < n; i++)
    {
      JitLine line = { .module = self->module };
      gsize length;
      const char *name;

      line.offset = glow_cursor_u64 (&body);
      line.line = glow_cursor_u32 (&body);
      glow_cursor_take (&body, 4);
      name = glow_cursor_string (&body, &length);
      if (body.failed || line.offset < address || (!(length == 1 && (guint8) *name == 0xff) && !is_file_name (name, length)))
        {
          self->n_damaged++;
          return;
        }
      if ((guint8) *name != 0xff)
        file = glow_strings_intern (strings, name, length);
      line.file = file;
      g_array_append_val (lines, line);
    }
  g_hash_table_insert (self->debug, g_memdup2 (&address, sizeof address), g_steal_pointer (&lines));
}

static gint
compare_lines (gconstpointer a, gconstpointer b)
{
  const JitLine *left = a, *right = b;

  if (left->module != right->module)
    return left->module < right->module ? -1 : 1;
  return left->offset < right->offset ? -1 : left->offset > right->offset;
}

/* The lines that were told for code at @address become those of its offsets. @symbol: gets the first. */
static void
place_lines (Dump *self, guint64 address, guint64 size, GlowRecordedSymbol *symbol)
{
  GArray *lines = g_hash_table_lookup (self->debug, &address);

  if (lines == NULL)
    return;
  for (guint i = 0; i < lines->len; i++)
    if (g_array_index (lines, JitLine, i).offset - address > size + ELF_HEADER)
      {
        self->n_damaged++;
        g_hash_table_remove (self->debug, &address);
        return;
      }
  if (self->space->jit_lines == NULL)
    self->space->jit_lines = g_array_new (FALSE, FALSE, sizeof (JitLine));
  for (guint i = 0; i < lines->len; i++)
    {
      JitLine line = g_array_index (lines, JitLine, i);
      guint64 into = line.offset - address;

      self->begins_early |= into < ELF_HEADER;
      self->ends_late |= into >= size;
      line.offset = self->used + into;
      g_array_append_val (self->space->jit_lines, line);
    }
  if (lines->len > 0)
    {
      symbol->file = g_array_index (lines, JitLine, 0).file;
      symbol->line = g_array_index (lines, JitLine, 0).line;
    }
  self->n_described++;
  g_hash_table_remove (self->debug, &address);
}

/* When all is read it is plain whether this compiler counts the header: then no line at all lies in the first 64 bytes of its code. */
static void
settle_lines (Dump *self)
{
  GArray *lines = self->space->jit_lines;

  if (lines == NULL)
    return;
  if (!self->begins_early && (self->ends_late || self->n_described >= 8))
    for (guint i = self->first_line; i < lines->len; i++)
      g_array_index (lines, JitLine, i).offset -= ELF_HEADER;
  g_array_sort (lines, compare_lines);
}

static void
add_code (Dump *self, guint64 address, guint64 size, guint64 time, guint32 name, guint32 unwinding)
{
  JitCode code = { address, address + size, time, self->used, self->module, unwinding };
  GlowRecordedSymbol symbol = { self->used, size, name };

  if (size == 0 || address + size < address || self->used + size < size)
    return;
  place_lines (self, address, size, &symbol);
  g_array_append_val (self->space->jit, code);
  g_array_append_val (self->symbols, symbol);
  g_hash_table_insert (self->codes, g_memdup2 (&address, sizeof address), GUINT_TO_POINTER (self->symbols->len));
  self->used += size;
}

static void
move_code (Dump *self, GlowCursor *body, guint64 time)
{
  guint64 old = glow_cursor_u64 (body), address = glow_cursor_u64 (body), size = glow_cursor_u64 (body);
  guint at = GPOINTER_TO_UINT (g_hash_table_lookup (self->codes, &old));

  if (body->failed || at == 0)
    return;
  add_code (self, address, size, time, g_array_index (self->symbols, GlowRecordedSymbol, at - 1).name,
            g_array_index (self->space->jit, JitCode, self->first + at - 1).unwinding);
}

static void
load_code (Dump *self, GlowCursor *body, guint64 time)
{
  guint64 address = glow_cursor_u64 (body), size = glow_cursor_u64 (body);
  guint32 unwinding = self->pending;
  gsize length;
  const char *name;

  self->pending = 0;
  glow_cursor_take (body, 8);            /* index */
  name = glow_cursor_string (body, &length);
  /* The code itself follows: a size that it does not have is damage. */
  if (!body->failed && length > 0 && size <= glow_cursor_remaining (body))
    add_code (self, address, size, time, glow_strings_intern (self->reader->builder->strings, name, length), unwinding);
}

/* Whether an .eh_frame begins here: with a common information entry that fits. */
static gboolean
begins_table (GlowCursor cursor)
{
  guint32 length = glow_cursor_u32 (&cursor), id = glow_cursor_u32 (&cursor);

  return !cursor.failed && length >= 8 && length - 4 <= glow_cursor_remaining (&cursor) && id == 0;
}

/* Call frame information of the code that comes next. Compilers write the table and then its header, as perf reads it; the specification has them the
 * other way round. */
static void
take_unwinding (Dump *self, GlowCursor *body)
{
  guint64 all = glow_cursor_u64 (body), header = glow_cursor_u64 (body), n;
  GlowCursor table;

  glow_cursor_take (body, 8);            /* how much of it was mapped */
  self->pending = 0;
  if (body->failed || all > glow_cursor_remaining (body) || header > all)
    {
      glow_warnings_add (self->reader->builder->warnings, "jitdump-damaged", NULL, 1, 0, NULL,
                         _("Call frame information in a jitdump file is longer than its record; the code goes without"));
      return;
    }
  n = all - header;
  table = glow_cursor (body->at, n, body->swap);
  if (!begins_table (table))
    table = glow_cursor (body->at + header, n, body->swap);
  if (!begins_table (table))
    return;
  g_ptr_array_add (self->reader->jit_tables, g_bytes_new (table.at, n));
  self->pending = self->reader->jit_tables->len;
}

static void
read_record (Dump *self, GlowCursor body, guint32 id, guint64 time)
{
  if (id == JIT_CODE_UNWINDING_INFO)
    {
      take_unwinding (self, &body);
      return;
    }
  glow_cursor_take (&body, 16);          /* pid, tid, vma */
  if (id == JIT_CODE_MOVE)
    move_code (self, &body, time);
  else
    load_code (self, &body, time);
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

/* A dump's times can be compared with samples' in two cases: both are of CLOCK_MONOTONIC, or the dump has the processor's counter and the recording says
 * how that became its clock. */
static gboolean
clocks_agree (const PerfReader *self, guint64 flags)
{
  const PerfEvent *event = self->events->len > 0 ? &g_array_index (self->events, PerfEvent, 0) : NULL;
  gboolean chosen = event != NULL && event->flags & PERF_FLAG_USE_CLOCKID;

  if (flags & ARCH_TIMESTAMP)
    return !chosen && self->time_mult != 0;
  return chosen && event->clockid == CLOCK_MONOTONIC;
}

static guint64
to_recording_clock (const PerfReader *self, guint64 flags, guint64 time)
{
  guint64 low = time & ((G_GUINT64_CONSTANT (1) << self->time_shift) - 1);

  if (!(flags & ARCH_TIMESTAMP))
    return time;
  return self->time_zero + (time >> self->time_shift) * self->time_mult + ((low * self->time_mult) >> self->time_shift);
}

/**
 * perf_jitdump_read:
 * @path: as it was mapped by the process that @space is of
 * @side: the record that says so
 */
void
perf_jitdump_read (PerfReader *self, Space *space, const char *path, const SideBand *side)
{
  gsize n = 0;
  g_autofree char *where = NULL, *bytes = read_dump (self, path, side, &n, &where);
  gboolean timed;
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
  g_array_index (self->builder->modules, GlowModule, dump.module).symbol_file = glow_strings_intern (self->builder->strings, where, -1);
  dump.symbols = g_hash_table_lookup (self->builder->recorded_symbols, GUINT_TO_POINTER (dump.module));
  if (dump.symbols != NULL)
    return;                    /* mapped once more: it has been read */
  dump.symbols = g_array_new (FALSE, FALSE, sizeof (GlowRecordedSymbol));
  dump.debug = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) g_array_unref);
  dump.first_line = space->jit_lines != NULL ? space->jit_lines->len : 0;
  timed = clocks_agree (self, flags);
  dump.codes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  if (space->jit == NULL)
    space->jit = g_array_new (FALSE, FALSE, sizeof (JitCode));
  dump.first = space->jit->len;
  cursor.at = (const guint8 *) bytes + header;
  while (glow_cursor_remaining (&cursor) >= 16)
    {
      guint32 id = glow_cursor_u32 (&cursor), size = glow_cursor_u32 (&cursor);
      guint64 time = glow_cursor_u64 (&cursor);
      const guint8 *body = size >= 16 ? glow_cursor_take (&cursor, size - 16) : NULL;

      if (body == NULL || id == JIT_CODE_CLOSE)
        break;
      if (id == JIT_CODE_LOAD || id == JIT_CODE_MOVE || id == JIT_CODE_UNWINDING_INFO)
        /* Where times cannot be compared the last owner of an address is all there is. */
        read_record (&dump, glow_cursor (body, size - 16, cursor.swap), id, timed ? to_recording_clock (self, flags, time) : 0);
      else if (id == JIT_CODE_DEBUG_INFO)
        read_lines (&dump, glow_cursor (body, size - 16, cursor.swap));
    }
  g_hash_table_insert (self->builder->recorded_symbols, GUINT_TO_POINTER (dump.module), dump.symbols);
  g_hash_table_unref (dump.codes);
  g_hash_table_unref (dump.debug);
  settle_lines (&dump);
  if (dump.n_damaged > 0)
    glow_warnings_add (self->builder->warnings, "jitdump-lines", path, dump.n_damaged, 0, NULL,
                       _("“%s” names source lines of %u pieces of code in a way that cannot be right; they were left out"), path, dump.n_damaged);
  seal (space);
  if (!timed && space->jit_reused)
    glow_warnings_add (self->builder->warnings, "jitdump-clock", path, 1, 0, _("Record with perf record -k mono."),
                       _("“%s” used some addresses more than once, and its times are of another clock than the recording's: the last name of an address "
                         "is shown for all of its samples"), path);
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

/**
 * perf_jit_find_line:
 * @offset: in the dump's module, inside @code
 *
 * Returns: (nullable): the last line that begins at or before it
 */
const JitLine *
perf_jit_find_line (const Space *space, const JitCode *code, guint64 offset)
{
  JitLine key = { offset, code->module, 0, 0 };
  guint lower = 0, upper = space->jit_lines != NULL ? space->jit_lines->len : 0;
  const JitLine *line;

  while (lower < upper)
    {
      guint middle = (lower + upper) / 2;

      if (compare_lines (&g_array_index (space->jit_lines, JitLine, middle), &key) <= 0)
        lower = middle + 1;
      else
        upper = middle;
    }
  line = lower > 0 ? &g_array_index (space->jit_lines, JitLine, lower - 1) : NULL;
  return line != NULL && line->module == code->module && line->offset >= code->base ? line : NULL;
}
