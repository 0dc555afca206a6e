/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything in a recording that is not a sample but says what samples mean: which thread was called what, and what was mapped
 * where, when. Collected while reading, replayed in order of time afterwards. */
#include <config.h>

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "formats/perf/perf-private.h"

/* A bit that mmap() does not have. */
#define SIMPLEPERF_PROT_JIT 0x4000

/**
 * perf_trailer:
 * @record: the bytes behind the header of a record that is not a sample
 * @tid: (out): thread, as it was where the trailer has none
 * @time: (out): ns
 *
 * The sample_id trailer, whose fields are those of its event.
 *
 * Returns: FALSE where the record has no time
 */
gboolean
perf_trailer (const PerfReader *self, const guint8 *record, gsize size, gint32 *tid, guint64 *time)
{
  const PerfEvent *event;
  guint64 type;
  gsize length;
  GlowCursor cursor;

  if (self->events->len == 0)
    return FALSE;
  event = &g_array_index (self->events, PerfEvent, 0);
  if (!(event->flags & PERF_FLAG_SAMPLE_ID_ALL))
    return FALSE;
  if (self->events->len > 1 && event->sample_type & SAMPLE_IDENTIFIER && size >= 8)
    {
      guint index;

      cursor = glow_cursor (record + size - 8, 8, self->swap);
      index = perf_reader_event_of_id (self, glow_cursor_u64 (&cursor));
      if (index < self->events->len)
        event = &g_array_index (self->events, PerfEvent, index);
    }
  type = event->sample_type;
  length = 8 * (!!(type & SAMPLE_TID) + !!(type & SAMPLE_TIME) + !!(type & SAMPLE_ID) + !!(type & SAMPLE_STREAM_ID)
                + !!(type & SAMPLE_CPU) + !!(type & SAMPLE_IDENTIFIER));
  if (!(type & SAMPLE_TIME) || length > size)
    return FALSE;
  cursor = glow_cursor (record + size - length, length, self->swap);
  if (type & SAMPLE_TID)
    {
      glow_cursor_take (&cursor, 4);
      *tid = glow_cursor_u32 (&cursor);
    }
  *time = glow_cursor_u64 (&cursor);
  return TRUE;
}

static guint32
intern (PerfReader *self, GlowCursor *cursor)
{
  gsize length;
  const char *text = glow_cursor_string (cursor, &length);

  return glow_strings_intern (self->builder->strings, text, length);
}

static void
read_map (PerfReader *self, GlowCursor *cursor, guint32 type, guint16 misc, SideBand *side)
{
  side->kind = SIDE_MMAP;
  side->cpumode = misc & MISC_CPUMODE;
  side->pid = glow_cursor_u32 (cursor);
  side->tid = glow_cursor_u32 (cursor);
  side->start = glow_cursor_u64 (cursor);
  side->length = glow_cursor_u64 (cursor);
  side->pgoff = glow_cursor_u64 (cursor);
  if (type == RECORD_MMAP2)
    {
      const guint8 *identity = glow_cursor_take (cursor, 24);

      side->is_jit_file = (glow_cursor_u32 (cursor) & SIMPLEPERF_PROT_JIT) != 0 && self->dialect == PERF_DIALECT_SIMPLEPERF;
      glow_cursor_take (cursor, 4);
      if (identity != NULL && misc & MISC_MMAP_BUILD_ID && identity[0] <= 20)
        {
          side->build_id_length = identity[0];
          memcpy (side->build_id, identity + 4, side->build_id_length);
        }
      else if (identity != NULL)
        {
          GlowCursor file = glow_cursor (identity + 8, 8, self->swap);

          side->inode = glow_cursor_u64 (&file);
        }
    }
  side->text = intern (self, cursor);
}

static void
read_ksymbol (PerfReader *self, GlowCursor *cursor, SideBand *side)
{
  guint16 type, flags;

  side->kind = SIDE_KSYMBOL;
  side->start = glow_cursor_u64 (cursor);
  side->length = glow_cursor_u32 (cursor);
  type = glow_cursor_u16 (cursor);
  flags = glow_cursor_u16 (cursor);
  side->is_program = !(flags & 1) && type <= 2;
  side->text = intern (self, cursor);
}

/**
 * perf_sideband_add:
 * @record: the bytes behind the header
 *
 * Keeps what the record says; its strings are interned, so that its bytes may go.
 */
void
perf_sideband_add (PerfReader *self, guint32 type, guint16 misc, const guint8 *record, gsize size)
{
  GlowCursor cursor = glow_cursor (record, size, self->swap);
  SideBand side = { .pid = -1, .tid = -1 };
  gint32 tid;

  switch (type)
    {
    case RECORD_MMAP:
    case RECORD_MMAP2:
      read_map (self, &cursor, type, misc, &side);
      break;
    case RECORD_COMM:
      side.kind = SIDE_COMM;
      side.pid = glow_cursor_u32 (&cursor);
      side.tid = glow_cursor_u32 (&cursor);
      side.text = intern (self, &cursor);
      break;
    case RECORD_FORK:
    case RECORD_EXIT:
      side.kind = type == RECORD_FORK ? SIDE_FORK : SIDE_EXIT;
      side.pid = glow_cursor_u32 (&cursor);
      side.ppid = glow_cursor_u32 (&cursor);
      side.tid = glow_cursor_u32 (&cursor);
      side.ptid = glow_cursor_u32 (&cursor);
      side.time = glow_cursor_u64 (&cursor);
      break;
    case RECORD_KSYMBOL:
      read_ksymbol (self, &cursor, &side);
      break;
    default:
      return;
    }
  if (cursor.failed)
    {
      glow_warnings_add (self->builder->warnings, "damaged-record", NULL, 1, self->current_offset, NULL,
                         _("A record of type %u at byte %" PRIu64 " is shorter than its fields"), type, self->current_offset);
      return;
    }
  if (!perf_trailer (self, record, size, &tid, &side.time) && side.kind != SIDE_FORK && side.kind != SIDE_EXIT)
    side.time = self->decoder.last_time;     /* older perf: a record holds from where it stands in the file */
  /* What perf says of processes as it finds them has no time. In a later part it is as they were when that part began. */
  if (side.time == 0)
    side.time = self->part_from;
  if (self->n_side % SIDE_BLOCK == 0)
    g_ptr_array_add (self->side, g_new (SideBand, SIDE_BLOCK));
  *perf_side (self, self->n_side++) = side;
}

/* ---- threads ---- */

static guint32
process_row (PerfReader *self, gint32 pid, guint32 comm)
{
  guint32 row = GPOINTER_TO_UINT (g_hash_table_lookup (self->process_rows, GINT_TO_POINTER (pid)));

  if (row == 0)
    {
      GlowProcess process = { .pid = pid, .comm = comm };

      g_array_append_val (self->builder->processes, process);
      row = self->builder->processes->len;
      g_hash_table_insert (self->process_rows, GINT_TO_POINTER (pid), GUINT_TO_POINTER (row));
    }
  return row - 1;
}

static guint32
thread_row (PerfReader *self, gint32 pid, gint32 tid, guint32 comm, guint64 time)
{
  GlowThread thread = { .pid = pid, .tid = tid, .comm = comm, .start_time = time, .end_time = G_MAXUINT64 };

  thread.process = process_row (self, pid, comm);
  if (pid == tid)
    g_array_index (self->builder->processes, GlowProcess, thread.process).comm = comm;
  g_array_append_val (self->builder->threads, thread);
  return self->builder->threads->len - 1;
}

static ThreadSpans *
spans_of (PerfReader *self, gint32 tid)
{
  ThreadSpans *spans = g_hash_table_lookup (self->threads, GINT_TO_POINTER (tid));

  if (spans == NULL)
    {
      spans = glow_arena_take0 (self->arena, sizeof *spans);
      g_hash_table_insert (self->threads, GINT_TO_POINTER (tid), spans);
    }
  return spans;
}

static void
insert_span (PerfReader *self, ThreadSpans *spans, guint at, const ThreadSpan *span)
{
  if (spans->n == spans->room)
    {
      spans->room = MAX (2, 2 * spans->room);
      spans->spans = glow_arena_grow (self->arena, spans->spans, spans->n * sizeof *span, spans->room * sizeof *span);
    }
  memmove (&spans->spans[at + 1], &spans->spans[at], (spans->n - at) * sizeof *span);
  spans->spans[at] = *span;
  spans->n++;
}

/* From @time on @tid is @comm of @pid; a new row unless nothing changed. */
static void
name_thread (PerfReader *self, gint32 pid, gint32 tid, guint32 comm, guint64 time)
{
  ThreadSpans *spans = spans_of (self, tid);
  ThreadSpan span = { time, 0 };

  if (spans->n > 0)
    {
      const ThreadSpan *last = &spans->spans[spans->n - 1];
      GlowThread *row = &g_array_index (self->builder->threads, GlowThread, last->row);

      if (row->pid == pid && row->comm == comm)
        return;
      row->end_time = MIN (row->end_time, time);
    }
  span.row = thread_row (self, pid, tid, comm, time);
  insert_span (self, spans, spans->n, &span);
}

/**
 * perf_thread_at:
 *
 * Returns: the row of the thread as it was at @time; one made for it where the recording says nothing of it
 */
guint32
perf_thread_at (PerfReader *self, gint32 pid, gint32 tid, guint64 time)
{
  ThreadSpans *spans = spans_of (self, tid);
  g_autofree char *name = NULL;
  guint lower = 0, upper = spans->n;

  while (lower < upper)
    {
      guint middle = (lower + upper) / 2;

      if (spans->spans[middle].from <= time)
        lower = middle + 1;
      else
        upper = middle;
    }
  /* Samples a moment before the first word of a thread belong to it all the same. */
  for (guint i = lower > 0 ? lower - 1 : 0; i < spans->n; i++)
    {
      guint32 row = spans->spans[i].row;

      if (g_array_index (self->builder->threads, GlowThread, row).pid == pid)
        return row;
      if (i >= lower)
        break;
    }
  name = tid == 0 ? g_strdup ("swapper") : g_strdup_printf (":%d", tid);
  {
    ThreadSpan span = { time, thread_row (self, pid, tid, glow_strings_intern (self->builder->strings, name, -1), time) };

    if (spans->n == 0)
      span.from = 0;
    insert_span (self, spans, lower, &span);
    return span.row;
  }
}

/* ---- modules and maps ---- */

static const char *
base_name (const char *path)
{
  const char *slash = strrchr (path, '/');

  return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/**
 * perf_module:
 * @path: as recorded
 * @pid: for modules whose names are in one process
 *
 * Returns: the index of the module
 */
guint32
perf_module (PerfReader *self, const char *path, guint8 cpumode, gint32 pid, const guint8 *build_id, guint build_id_length)
{
  GlowModule module = { .kind = GLOW_MODULE_USER };
  gboolean kernel = cpumode == 1, guest = cpumode == 4 || cpumode == 5;
  g_autofree char *key = NULL, *name = NULL, *clean = NULL;
  g_autoptr(GString) other = NULL;
  gboolean is_own = build_id_length > 0;     /* the map's own, not one that the header has by name */
  GBytes *known;
  gpointer found;

  if (kernel && (g_str_has_prefix (path, "[kernel.kallsyms]") || g_str_has_prefix (path, "[kernel]")))
    path = "[kernel.kallsyms]";
  if (g_str_has_suffix (path, " (deleted)"))
    {
      module.deleted = TRUE;
      clean = g_strndup (path, strlen (path) - strlen (" (deleted)"));
      path = clean;
    }
  if (!kernel && !guest && (strcmp (path, "//anon") == 0 || g_str_has_prefix (path, "/memfd:") || g_str_has_prefix (path, "[anon")
                            || *path == '\0' || strcmp (path, "/dev/zero") == 0 || g_str_has_prefix (path, "/SYSV")))
    module.kind = GLOW_MODULE_JIT;
  else if (strcmp (path, "[heap]") == 0 || strncmp (path, "[stack", 6) == 0)
    module.kind = GLOW_MODULE_JIT;
  if (module.kind != GLOW_MODULE_JIT)
    pid = 0;
  known = g_hash_table_lookup (self->build_ids, path);
  if (build_id_length == 0 && known != NULL)
    build_id = g_bytes_get_data (known, (gsize *) &(gsize) { 0 }), build_id_length = MIN (g_bytes_get_size (known), 20);
  key = g_strdup_printf ("%d %d %s", pid, kernel, path);
  if (g_hash_table_lookup_extended (self->modules, key, NULL, &found))
    {
      GlowModule *same = &g_array_index (self->builder->modules, GlowModule, GPOINTER_TO_UINT (found));

      if (same->build_id_length == 0 && build_id_length > 0)
        {
          same->build_id_length = build_id_length;
          memcpy (same->build_id, build_id, build_id_length);
        }
      if (!is_own || (same->build_id_length == build_id_length && memcmp (same->build_id, build_id, build_id_length) == 0))
        return GPOINTER_TO_UINT (found);
      /* Containers have files of one name that are not one file. */
      other = g_string_new (key);
      for (guint i = 0; i < build_id_length; i++)
        g_string_append_printf (other, "%s%02x", i == 0 ? " " : "", build_id[i]);
      g_free (key);
      key = g_string_free (g_steal_pointer (&other), FALSE);
      if (g_hash_table_lookup_extended (self->modules, key, NULL, &found))
        return GPOINTER_TO_UINT (found);
    }
  if (guest && cpumode == 5)
    module.kind = GLOW_MODULE_GUEST_USER, name = g_strdup (*path == '[' ? path : base_name (path));
  else if (guest)
    module.kind = GLOW_MODULE_GUEST_KERNEL, name = g_strdup ("[guest.kernel]");
  else if (kernel && strcmp (path, "[kernel.kallsyms]") == 0)
    module.kind = GLOW_MODULE_KERNEL, name = g_strdup ("[kernel]");
  else if (kernel && (g_str_has_prefix (path, "bpf_") || g_str_has_prefix (path, "[bpf")))
    module.kind = GLOW_MODULE_BPF, name = g_strdup ("[bpf]");
  else if (kernel)
    {
      const char *base = base_name (path), *dot = strstr (base, ".ko");

      module.kind = GLOW_MODULE_KERNEL_MODULE;
      name = *base == '[' ? g_strdup (base) : g_strdup_printf ("[%.*s]", (int) (dot != NULL ? dot - base : (gssize) strlen (base)), base);
      if (*base != '[')
        g_strdelimit (name, "-", '_');
    }
  else if (strcmp (path, "[vdso]") == 0 || strcmp (path, "[vsyscall]") == 0)
    module.kind = GLOW_MODULE_VDSO, name = g_strdup (path);
  else if (module.kind == GLOW_MODULE_JIT)
    name = *path == '[' ? g_strdup (path) : g_strdup_printf ("perf-%d.map", pid), module.pid = pid, module.mount_namespace = perf_mount_namespace (self, pid);
  else
    name = g_strdup (base_name (path));
  module.name = glow_strings_intern (self->builder->strings, name, -1);
  module.path = glow_strings_intern (self->builder->strings, path, -1);
  module.build_id_length = build_id_length;
  if (build_id_length > 0)
    memcpy (module.build_id, build_id, build_id_length);
  g_array_append_val (self->builder->modules, module);
  found = GUINT_TO_POINTER (self->builder->modules->len - 1);
  g_hash_table_insert (self->modules, g_steal_pointer (&key), found);
  return GPOINTER_TO_UINT (found);
}

/* The module of a map. A path that is mapped again and again, by thousands of processes, is looked at once; not those whose names are in one process. */
static guint32
module_of_map (PerfReader *self, const SideBand *side, const char *path, gboolean kernel)
{
  guint8 cpumode = side->cpumode == 4 ? 4 : kernel ? 1 : 2;
  gpointer key = GSIZE_TO_POINTER ((gsize) side->text << 3 | cpumode), known = g_hash_table_lookup (self->module_of_text, key);
  const GlowModule *module;
  guint32 index;

  if (known != NULL)
    {
      module = &g_array_index (self->builder->modules, GlowModule, GPOINTER_TO_UINT (known) - 1);
      if (side->build_id_length == 0 || (module->build_id_length == side->build_id_length && memcmp (module->build_id, side->build_id, side->build_id_length) == 0))
        return GPOINTER_TO_UINT (known) - 1;
    }
  index = perf_module (self, path, cpumode, side->pid, side->build_id, side->build_id_length);
  module = &g_array_index (self->builder->modules, GlowModule, index);
  if (module->kind != GLOW_MODULE_JIT)
    g_hash_table_insert (self->module_of_text, key, GUINT_TO_POINTER (index + 1));
  return index;
}

/* Nearly every recording that may have samples of the kernel has some, and its list of symbols is long: it is read while the rest is still sorted out. */
static void
want_kernel (PerfReader *self, guint32 index)
{
  gboolean sampled = FALSE;

  for (guint i = 0; i < self->events->len; i++)
    sampled |= !(g_array_index (self->events, PerfEvent, i).flags & PERF_FLAG_EXCLUDE_KERNEL);
  if (!sampled || self->loader != NULL)
    return;
  perf_begin_symbols (self);
  if (self->loader != NULL)
    glow_symbol_loader_want (self->loader, index, &g_array_index (self->builder->modules, GlowModule, index), "[kernel.kallsyms]");
}

static gboolean
is_of_kernel (const SideBand *side)
{
  return side->cpumode == 1 || side->cpumode == 4 || side->pid == -1;
}

static void
replay_map (PerfReader *self, const SideBand *side)
{
  const char *path = glow_strings_get (self->builder->strings, side->text);
  gboolean kernel = is_of_kernel (side);
  SpaceMap map = {
    .start = side->start,
    .end = side->start + MIN (side->length, G_MAXUINT64 - side->start),
    .pgoff = side->pgoff,
    .kind = kernel ? GLOW_FRAME_KERNEL : GLOW_FRAME_USER,
  };

  if (map.end <= map.start)
    return;
  map.module = module_of_map (self, side, path, kernel);
  if (kernel)
    {
      /* The kernel's own map often reaches over its modules: it is what is left where nothing else is. */
      if (g_array_index (self->builder->modules, GlowModule, map.module).kind == GLOW_MODULE_KERNEL)
        {
          /* "[kernel.kallsyms]_text": its offset is where that symbol was, which tells one boot's layout from another's. */
          if (side->cpumode != 4 && g_str_has_prefix (path, "[kernel.kallsyms]_"))
            {
              self->builder->info.kernel_reference = g_string_chunk_insert_const (self->builder->chunk, path + strlen ("[kernel.kallsyms]"));
              self->builder->info.kernel_reference_address = side->pgoff;
              want_kernel (self, map.module);
            }
          return;
        }
      perf_space_add_map (self, self->kernel, &map, 0);
    }
  else
    {
      const guint64 *shift = g_hash_table_lookup (self->symbol_shifts, GUINT_TO_POINTER (map.module));

      if (perf_is_jitdump (path))
        perf_jitdump_read (self, perf_space_of (self, side->pid), path, side);
      if (side->is_jit_file)
        map.pgoff = map.start + (shift != NULL ? *shift : 0);
      perf_space_add_map (self, perf_space_of (self, side->pid), &map, side->time);
    }
}

static void
replay_fork (PerfReader *self, const SideBand *side)
{
  const ThreadSpans *parent = spans_of (self, side->ptid);
  guint32 comm = 0;

  if (parent->n > 0)
    comm = g_array_index (self->builder->threads, GlowThread, parent->spans[parent->n - 1].row).comm;
  else
    {
      g_autofree char *name = g_strdup_printf (":%d", side->tid);

      comm = glow_strings_intern (self->builder->strings, name, -1);
    }
  name_thread (self, side->pid, side->tid, comm, side->time);
  if (side->pid != side->ppid)
    perf_space_fork (self, perf_space_of (self, side->pid), g_hash_table_lookup (self->spaces, GINT_TO_POINTER (side->ppid)), side->time);
}

static void
replay_ksymbol (PerfReader *self, const SideBand *side)
{
  SpaceMap map = { side->start, side->start + side->length, side->start, 0, GLOW_FRAME_KERNEL };
  GlowRecordedSymbol symbol = { side->start, side->length, side->text };
  GArray *symbols;

  if (!side->is_program || side->length == 0)
    return;
  map.module = perf_module (self, "bpf_prog", 1, -1, NULL, 0);
  perf_space_add_map (self, self->kernel, &map, 0);
  symbols = g_hash_table_lookup (self->builder->recorded_symbols, GUINT_TO_POINTER (map.module));
  if (symbols == NULL)
    {
      symbols = g_array_new (FALSE, FALSE, sizeof (GlowRecordedSymbol));
      g_hash_table_insert (self->builder->recorded_symbols, GUINT_TO_POINTER (map.module), symbols);
    }
  g_array_append_val (symbols, symbol);
}

static gint
compare_symbols (gconstpointer a, gconstpointer b)
{
  const GlowRecordedSymbol *left = a, *right = b;

  return left->start < right->start ? -1 : left->start > right->start;
}

/* By time; what has one time stays in the order of the recording. (transfer full) */
static GlowKeyOrder *
dup_order (const PerfReader *self)
{
  GlowKeyOrder *order = g_new (GlowKeyOrder, self->n_side + 1);

  for (guint i = 0; i < self->n_side; i++)
    order[i] = (GlowKeyOrder) { perf_side (self, i)->time, i };
  return glow_sort_by_key (order, self->n_side);
}

/**
 * perf_sideband_set_roots:
 *
 * Says of modules whose files lie under the root of a process alone which one that is: the first that mapped it.
 */
void
perf_sideband_set_roots (PerfReader *self)
{
  g_autofree GlowKeyOrder *order = dup_order (self);

  for (guint i = 0; i < self->n_side; i++)
    {
      const SideBand *side = perf_side (self, order[i].row);
      GlowModule *module;

      if (side->kind != SIDE_MMAP || side->length == 0 || is_of_kernel (side) || !perf_has_own_root (self, side->pid))
        continue;
      module = &g_array_index (self->builder->modules, GlowModule,
                               module_of_map (self, side, glow_strings_get (self->builder->strings, side->text), FALSE));
      if (module->root_pid == 0)
        module->root_pid = side->pid;
    }
}

/**
 * perf_sideband_replay:
 *
 * Builds thread rows, processes, modules and address spaces. O(n log n) in side-band records, plus the maps of forked processes that change them.
 *
 * Returns: FALSE where cancelled
 */
gboolean
perf_sideband_replay (PerfReader *self)
{
  GHashTableIter iter;
  gpointer symbols;
  GlowKeyOrder *order = dup_order (self);

  for (guint i = 0; i < self->n_side; i++)
    {
      const SideBand *side = perf_side (self, order[i].row);

      if ((i & 0xfff) == 0 && g_cancellable_is_cancelled (self->cancellable))
        break;
      switch ((SideKind) side->kind)
        {
        case SIDE_MMAP:
          replay_map (self, side);
          break;
        case SIDE_COMM:
          /* Maps outlive an exec until others take their place, as in perf: samples of the exec itself still have addresses of the
           * old program. */
          name_thread (self, side->pid, side->tid, side->text, side->time);
          break;
        case SIDE_FORK:
          replay_fork (self, side);
          break;
        case SIDE_EXIT:
          {
            const ThreadSpans *spans = spans_of (self, side->tid);

            if (spans->n > 0)
              g_array_index (self->builder->threads, GlowThread, spans->spans[spans->n - 1].row).end_time = side->time;
            break;
          }
        case SIDE_KSYMBOL:
          replay_ksymbol (self, side);
          break;
        }
    }
  g_free (order);
  g_hash_table_iter_init (&iter, self->builder->recorded_symbols);
  while (g_hash_table_iter_next (&iter, NULL, &symbols))
    g_array_sort (symbols, compare_symbols);
  return !g_cancellable_is_cancelled (self->cancellable);
}
