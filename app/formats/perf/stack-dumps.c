/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples of perf record --call-graph dwarf: the user half of their stacks is in a copy of the stack's memory. Noted while reading; unwound when
 * the side-band has been replayed, for only then it is known what was mapped where. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/perf/perf-private.h"
#include "symbols/container-roots-private.h"
#include "symbols/elf-file-private.h"
#include "symbols/module-files-private.h"
#include "symbols/store-private.h"
#include "symbols/unwind-private.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_FRAMES 2048
/* Tables of just-in-time code that are kept open. */
#define MAX_CODES 20000

/* A recording's bytes are mapped as long as it is read, but not those that were decompressed: they go to a file without a name. */
static gboolean
spool (PerfReader *reader, const PerfSampleTail *tail, gsize n_registers, StackDump *dump)
{
  if (reader->spool < 0)
    {
      reader->spool = open (g_get_tmp_dir (), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
      if (reader->spool < 0)
        reader->spool = memfd_create ("afterglow-stacks", MFD_CLOEXEC);
    }
  if (reader->spool < 0 || pwrite (reader->spool, tail->registers, n_registers, reader->spool_size) != (gssize) n_registers
      || (tail->stack_size > 0
          && pwrite (reader->spool, tail->stack, tail->stack_size, reader->spool_size + n_registers) != (gssize) tail->stack_size))
    return FALSE;
  dump->offset = reader->spool_size;
  dump->registers = dump->stack = NULL;
  reader->spool_size += n_registers + tail->stack_size;
  return TRUE;
}

/**
 * perf_stack_dump_add:
 *
 * Notes the dump of the sample at hand.
 */
void
perf_stack_dump_add (PerfDecoder *self, guint event, const PerfSampleTail *tail)
{
  const PerfReader *reader = self->reader;
  gsize n_registers = 8 * (gsize) __builtin_popcountll (g_array_index (reader->events, PerfEvent, event).regs_user);
  StackDump dump = { .row = self->n, .registers = tail->registers, .stack = tail->stack, .stack_size = tail->stack_size, .event = event,
                     .is_32 = tail->abi == 1 };

  if (tail->stack == NULL)
    {
      /* A caller's address that is still in a register: of use where there is a chain to put it into. */
      dump.stack = tail->registers;
      dump.stack_size = 0;
    }
  if (tail->stack_size > G_MAXUINT32)
    return;
  /* Compressed recordings have one decoder, the reader's own. */
  if ((tail->registers < reader->bytes || tail->registers >= reader->bytes + reader->n_bytes)
      && !spool ((PerfReader *) reader, tail, n_registers, &dump))
    return;
  if (self->dumps == NULL)
    self->dumps = g_array_new (FALSE, FALSE, sizeof (StackDump));
  g_array_append_val (self->dumps, dump);
}

/* ---- unwinding ---- */

/* One a thread: libdw is not to be shared. */
typedef struct {
  PerfReader *reader;
  PerfDecoder *decoder;
  const guint8 *spooled;
  GPtrArray *cfis;             /* of GlowCfi by module; NULL: not looked for yet, or none */
  guint8 *looked;              /* by module */
  const SpaceMaps *maps;       /* of the sample at hand */
  const SpaceMap *last;        /* of @maps: the one that held the address before; NULL: none */
  const Space *space;          /* of the sample at hand, at @time */
  guint64 time;
  GHashTable *jit;             /* JitCode → GlowCfi, or NULL where it has no table; NULL: none looked for yet */
  PerfTrampolines *trampolines;   /* (nullable) */
  GlowArch arch;
} Worker;

static GlowCfi *
open_module (Worker *self, guint32 index)
{
  const GlowModule *module = &g_array_index (self->reader->builder->modules, GlowModule, index);
  const char *path = glow_strings_get (self->reader->builder->strings, module->path);
  const GlowLoadOptions *options = self->reader->options;
  g_autoptr(GPtrArray) files = g_ptr_array_new ();
  g_autoptr(GPtrArray) places = NULL;
  const GlowProfileInfo *info = &self->reader->builder->info;
  GlowCfi *cfi = NULL;
  gboolean looked = FALSE;

  if (module->kind != GLOW_MODULE_USER && module->kind != GLOW_MODULE_VDSO)
    return NULL;
  for (guint i = 0; i < self->reader->builder->files->len; i++)
    g_ptr_array_add (files, g_ptr_array_index (self->reader->builder->files, i));
  g_ptr_array_add (files, NULL);
  places = glow_module_dup_places (module, path, (const char *const *) files->pdata, options);
  glow_container_add_root (places, module, path);
  for (guint i = 0; cfi == NULL && (i < places->len || glow_container_add_more (places, &looked, module, path)); i++)
    if (glow_file_exists (g_ptr_array_index (places, i)))
      cfi = glow_cfi_open (g_ptr_array_index (places, i), module->build_id, MIN (module->build_id_length, 20),
                           options != NULL ? options->debug_dirs : NULL);
  /* Without perf's copy of it, the running kernel's own, where it is the one that recorded. */
  if (cfi == NULL && module->kind == GLOW_MODULE_VDSO && (module->build_id_length > 0 || glow_elf_vdso_is_of (info->os_release, info->arch, info->hostname)))
    cfi = glow_cfi_open_vdso (module->build_id, MIN (module->build_id_length, 20));
  return cfi;
}

static void
free_cfi (gpointer cfi)
{
  if (cfi != NULL)
    glow_cfi_free (cfi);
}

/* Compiled code that a jitdump tells of. */
static gboolean
find_code (Worker *self, guint64 pc, GlowCfi **cfi, guint64 *offset)
{
  const JitCode *code = perf_jit_find (self->space, pc, self->time);
  gpointer known;

  if (code == NULL)
    return FALSE;
  *cfi = NULL;
  *offset = pc - code->start;
  if (code->unwinding == 0)
    return TRUE;
  if (self->jit == NULL)
    self->jit = g_hash_table_new_full (NULL, NULL, NULL, free_cfi);
  if (!g_hash_table_lookup_extended (self->jit, code, NULL, &known))
    {
      gsize n;
      const guint8 *table = g_bytes_get_data (g_ptr_array_index (self->reader->jit_tables, code->unwinding - 1), &n);

      if (g_hash_table_size (self->jit) >= MAX_CODES)
        g_hash_table_remove_all (self->jit);
      known = glow_cfi_new_for_code (self->arch, self->reader->swap != (G_BYTE_ORDER == G_BIG_ENDIAN), table, n, code->start, code->end - code->start);
      g_hash_table_insert (self->jit, (gpointer) code, known);
    }
  *cfi = known;
  return TRUE;
}

static gboolean
find (gpointer data, guint64 pc, GlowCfi **cfi, guint64 *offset)
{
  Worker *self = data;
  const SpaceMap *map = self->last;

  if (G_UNLIKELY (self->space != NULL && self->space->jit != NULL) && find_code (self, pc, cfi, offset))
    return TRUE;
  if (map == NULL || pc < map->start || pc >= map->end)
    map = perf_maps_find (self->maps, pc);
  if (map == NULL)
    return FALSE;
  self->last = map;
  if (!self->looked[map->module])
    {
      self->looked[map->module] = TRUE;
      g_ptr_array_index (self->cfis, map->module) = open_module (self, map->module);
    }
  *cfi = g_ptr_array_index (self->cfis, map->module);
  *offset = pc - map->start + map->pgoff;
  if (G_UNLIKELY (*cfi == NULL) && g_array_index (self->reader->builder->modules, GlowModule, map->module).kind == GLOW_MODULE_JIT)
    {
      if (self->trampolines == NULL)
        self->trampolines = perf_trampolines_new ();
      *cfi = perf_trampolines_find (self->trampolines, self->reader, map->module, self->arch, pc, offset);
    }
  return TRUE;
}

/* Registers alone, beside a chain of frame pointers (perf record -g on AArch64 and ARM): a leaf that has no frame of its own has its caller's address
 * in the link register, where the frame pointers go by it. */
static void
repair_leaf (Worker *self, RawSample *sample, GlowArch arch, const guint8 *registers, guint64 mask)
{
  static const GlowStackDump nothing = { NULL, 0, 0, FALSE };
  guint64 ips[MAX_FRAMES], offset, sp;
  guint n = perf_user_half (self->decoder, sample, ips, MAX_FRAMES - 1);
  GlowUnwindState state;
  GlowCfi *cfi = NULL;
  gboolean interrupted;

  if (n == 0 || (arch != GLOW_ARCH_AARCH64 && arch != GLOW_ARCH_ARM))
    return;
  /* perf keeps the link register alone: the place is the chain's, and no rule that reads memory will do. */
  glow_unwind_state_from_perf (&state, arch, mask, registers, self->reader->swap, &sp);
  state.pc = ips[0];
  state.known |= G_GUINT64_CONSTANT (1) << glow_unwind_stack_register (arch);
  if (!find (self, ips[0], &cfi, &offset) || cfi == NULL
      || glow_cfi_step (cfi, arch, offset, FALSE, &state, &nothing, &interrupted) != GLOW_STEP_DONE)
    return;
  state.pc = glow_unwind_strip (arch, state.pc);
  if ((n > 1 && state.pc == ips[1]) || !find (self, state.pc, &cfi, &offset))
    return;
  memmove (&ips[2], &ips[1], (n - 1) * sizeof *ips);
  ips[1] = state.pc;
  perf_join_user (self->decoder, sample, ips, n + 1);
  self->decoder->trie.nodes[sample->chain].status |= GLOW_STACK_REPAIRED;
}

static void
unwind_sample (Worker *self, const StackDump *dump)
{
  PerfReader *reader = self->reader;
  RawSample *sample = &self->decoder->samples[dump->row];
  guint64 mask = g_array_index (reader->events, PerfEvent, dump->event).regs_user, pcs[MAX_FRAMES], sp;
  const guint8 *registers = dump->registers != NULL ? dump->registers : self->spooled + dump->offset;
  GlowStackDump memory = { dump->stack != NULL ? dump->stack : registers + 8 * (gsize) __builtin_popcountll (mask), dump->stack_size, 0, reader->swap };
  GlowUnwinder unwinder = { glow_arch_from_name (reader->builder->info.arch, dump->is_32), find, self };
  guint64 pointers[MAX_FRAMES];
  guint8 status = GLOW_STACK_EXACT;
  gboolean joined = FALSE, missed = FALSE;
  GlowUnwindState state;
  GlowUnwound end;
  const SpaceMaps *maps;
  guint n, n_pointers, version;

  self->space = g_hash_table_lookup (reader->spaces, GINT_TO_POINTER (sample->pid));
  self->time = sample->time;
  self->arch = unwinder.arch;
  if (self->space == NULL)
    return;
  maps = perf_space_at (self->space, sample->time, &version);
  if (maps != self->maps)
    self->last = NULL;
  self->maps = maps;
  if (dump->stack_size == 0)
    {
      repair_leaf (self, sample, unwinder.arch, registers, mask);
      return;
    }
  if (!glow_unwind_state_from_perf (&state, unwinder.arch, mask, registers, reader->swap, &sp))
    return;
  memory.address = sp;
  end = glow_unwind (&unwinder, &state, &memory, pcs, MAX_FRAMES, &n);
  /* Recorders other than perf keep the chain of frame pointers beside the dump. */
  n_pointers = perf_user_half (self->decoder, sample, pointers, MAX_FRAMES);
  if (n_pointers > 1)
    {
      guint unwound = n;

      if (end != GLOW_UNWOUND_WHOLE)
        n = perf_splice_user (pcs, n, MAX_FRAMES, pointers, n_pointers, &joined, &missed);
      else
        missed = n > n_pointers;
      if (end != GLOW_UNWOUND_WHOLE && !joined && unwound <= n_pointers)
        return;
      status |= missed ? GLOW_STACK_REPAIRED : 0;
    }
  if (!joined && end == GLOW_UNWOUND_CUT)
    {
      self->decoder->unwound_cut++;
      status |= GLOW_STACK_CUT;
    }
  else if (!joined && end == GLOW_UNWOUND_BROKEN)
    {
      self->decoder->unwound_broken++;
      status |= GLOW_STACK_BROKEN;
    }
  perf_join_user (self->decoder, sample, pcs, n);
  self->decoder->trie.nodes[sample->chain].status |= status;
}

static gpointer
unwind_decoder (gpointer data)
{
  Worker *self = data;
  guint n_modules = self->reader->builder->modules->len;

  self->cfis = g_ptr_array_new_full (n_modules + 1, NULL);
  g_ptr_array_set_size (self->cfis, n_modules);
  self->looked = g_new0 (guint8, n_modules + 1);
  for (guint i = 0; i < self->decoder->dumps->len; i++)
    {
      if ((i & 0xff) == 0 && g_cancellable_is_cancelled (self->reader->cancellable))
        break;
      unwind_sample (self, &g_array_index (self->decoder->dumps, StackDump, i));
    }
  for (guint i = 0; i < n_modules; i++)
    if (g_ptr_array_index (self->cfis, i) != NULL)
      glow_cfi_free (g_ptr_array_index (self->cfis, i));
  g_ptr_array_unref (self->cfis);
  g_clear_pointer (&self->jit, g_hash_table_unref);
  g_clear_pointer (&self->trampolines, perf_trampolines_free);
  g_free (self->looked);
  return NULL;
}

/**
 * perf_stack_dumps_unwind:
 *
 * Replaces the user halves of chains by what the dumps tell, each decoder's in a thread of its own. After the side-band was replayed.
 * O(frames), with a look into call frame information for each distinct place.
 */
void
perf_stack_dumps_unwind (PerfReader *self, PerfDecoder *decoders, guint n_decoders)
{
  const guint8 *spooled = NULL;
  g_autofree Worker *workers = g_new0 (Worker, n_decoders);
  g_autofree GThread **threads = g_new0 (GThread *, n_decoders);
  guint64 cut = 0, broken = 0;

  if (self->spool >= 0 && self->spool_size > 0)
    spooled = mmap (NULL, self->spool_size, PROT_READ, MAP_PRIVATE, self->spool, 0);
  if (spooled == MAP_FAILED)
    return;
  for (guint d = 0; d < n_decoders; d++)
    {
      if (decoders[d].dumps == NULL)
        continue;
      workers[d] = (Worker) { .reader = self, .decoder = &decoders[d], .spooled = spooled };
      threads[d] = g_thread_new ("glow-unwind", unwind_decoder, &workers[d]);
    }
  for (guint d = 0; d < n_decoders; d++)
    {
      if (threads[d] == NULL)
        continue;
      g_thread_join (threads[d]);
      cut += decoders[d].unwound_cut;
      broken += decoders[d].unwound_broken;
    }
  if (spooled != NULL)
    munmap ((gpointer) spooled, self->spool_size);
  if (cut > 0)
    glow_warnings_add (self->builder->warnings, "stack-dump-ended", NULL, cut, 0,
                       _("Record with a larger stack dump: --call-graph dwarf,16384 or more."),
                       _("The copied stack ended before the call chain did; what could be unwound is shown"));
  if (broken > 0)
    glow_warnings_add (self->builder->warnings, "broken-stack", NULL, broken, 0,
                       _("Open the recording where its binaries are, or give their place with --symfs."),
                       _("Call chains end at a place whose caller is not known: no call frame information for it"));
}
