/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names for a profile's locations: module by module in two threads, each distinct location once. Inline frames and unwound stacks
 * come in here too when they are read: a location may be given a list of frames instead of one. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "model/memory-private.h"
#include "model/profile-private.h"
#include "symbols/container-roots-private.h"
#include "symbols/doubts-private.h"
#include "symbols/elf-file-private.h"
#include "symbols/dependencies-private.h"
#include "symbols/inlines-private.h"
#include "symbols/jit-places-private.h"
#include "symbols/module-files-private.h"
#include "symbols/store-private.h"
#include "symbols/symbol-table-private.h"
#include "symbols/symbolise-private.h"
#include "symbols/unwind-private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* Each is a file that stays open. */
#define CFI_AHEAD 200
/* Looking for inlined functions at a place, as a multiple of looking for its symbol. */
#define INLINES_TAKE 100
#define MANY_JOBS 50

typedef enum { JOB_WAITS, JOB_RUNS, JOB_DONE } JobState;

typedef struct {
  guint32 index;               /* of the module, or GLOW_NONE */
  GArray *locations;           /* of guint32 */
  GlowSymbolTable *table;      /* (nullable) */
  GlowModule *module;          /* the named profile's; while stacks are still being resolved, @early */
  GlowModule early;
  const char *path;
  gint state;                  /* JobState: of its files */
  guint64 work;                /* how much there is to do, roughly */
  GlowSymbolStatus status;
  const GArray *recorded;      /* (nullable) of GlowRecordedSymbol */
  char *file;                  /* (nullable): where the names are from */
  gboolean restricted;
  gboolean guessed;            /* a map of a process in a container, known by its addresses alone */
  GlowInlines *inlines;        /* (nullable): keeps the names below */
  GlowCfi *cfi;                /* (nullable): opened ahead, to be asked about chains of frame pointers */
  GPtrArray *inlined;          /* of const char *: those of all locations, one after another */
  GArray *n_inlined;           /* of guint32, by location */
  guint32 *symbol_of;          /* by location: index into the table + 1, 0 where there is none */
  guint32 *frame_of_symbol;    /* + 1, by symbol of the table; 0: not met yet */
} Job;

typedef struct {
  const GlowProfileInfo *info;
  const char *const *files;    /* recordings */
  const GlowLoadOptions *options;
  GCancellable *cancellable;
  GlowStrings *strings;
  guint8 kernel_id[20];
  guint kernel_id_length;
  const GlowLocation *locations;
  GlowDoubts *doubts;          /* (nullable) */
  gint cfi_left;               /* files that may be kept open for their unwind tables */
  gint done, all;
  GMutex lock;                 /* of waiting for a job's state */
  GCond changed;
} Work;

/* Files of modules are opened by one thread while another still resolves stacks. */
struct _GlowSymbolLoader {
  Work work;
  GlowNamePlaces places;       /* the options of the reading do not last as long */
  GlowProfileInfo info;
  GPtrArray *files;            /* of char*, the last is NULL */
  GPtrArray *jobs;             /* of Job, by module; NULL: not wanted yet */
  GStringChunk *chunk;
  GThreadPool *pool;
  gint stopped;
};

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job == NULL)
    return;
  g_array_unref (job->locations);
  g_clear_pointer (&job->table, glow_symbol_table_free);
  g_clear_pointer (&job->inlined, g_ptr_array_unref);
  g_clear_pointer (&job->n_inlined, g_array_unref);
  g_clear_pointer (&job->inlines, glow_inlines_free);
  g_clear_pointer (&job->cfi, glow_cfi_free);
  g_free (job->symbol_of);
  g_free (job->frame_of_symbol);
  g_free (job->file);
  g_free (job);
}

static GlowSymbolStatus
load_elf (Work *work, Job *job, const char *path)
{
  const char *const *debug_dirs = work->options->debug_dirs;
  g_autoptr(GPtrArray) places = glow_module_dup_places (job->module, path, work->files, work->options);
  GlowSymbolStatus status = GLOW_SYMBOLS_NO_FILE;

  glow_container_add_places (places, job->module, path);
  for (guint i = 0; i < places->len; i++)
    {
      const char *place = g_ptr_array_index (places, i);
      g_autoptr(GlowSymbolTable) table = NULL;
      GlowElfResult result;

      if (!glow_file_exists (place))
        continue;
      table = glow_symbol_table_new ();
      result = glow_elf_read_symbols (table, place, job->module->build_id, MIN (job->module->build_id_length, 20), debug_dirs);
      if (result == GLOW_ELF_MISMATCH)
        status = GLOW_SYMBOLS_BUILD_ID_MISMATCH;
      else if (result == GLOW_ELF_NO_SYMBOLS && status != GLOW_SYMBOLS_BUILD_ID_MISMATCH)
        status = GLOW_SYMBOLS_NONE;
      else if (result == GLOW_ELF_OK)
        {
          job->file = g_strdup (place);
          job->table = g_steal_pointer (&table);
          return job->table->full ? GLOW_SYMBOLS_FULL : GLOW_SYMBOLS_DYNAMIC_ONLY;
        }
    }
  return status;
}

static gboolean
try_kallsyms (Job *job, const char *path)
{
  g_autoptr(GlowSymbolTable) table = NULL;
  gboolean restricted;

  if (path == NULL || (!g_file_test (path, G_FILE_TEST_EXISTS) && !glow_file_exists (path)))
    return FALSE;
  table = glow_symbol_table_new ();
  if (!glow_kallsyms_read (table, path, &restricted))
    {
      job->restricted |= restricted;
      return FALSE;
    }
  job->file = g_strdup (path);
  job->table = g_steal_pointer (&table);
  return TRUE;
}

/* For recordings without build-ids (pipes, perf record -z): the same release, laid out at the same addresses. */
static gboolean
is_running_kernel (Work *work)
{
  const GlowProfileInfo *info = work->info;
  struct utsname running;

  return info->os_release != NULL && info->kernel_reference != NULL && uname (&running) == 0 && strcmp (running.release, info->os_release) == 0
         && glow_kallsyms_agrees ("/proc/kallsyms", info->kernel_reference, info->kernel_reference_address);
}

/* From its cache, else from the running kernel where it is the one that recorded. */
static GlowSymbolStatus
load_vdso (Work *work, Job *job, const char *path)
{
  GlowSymbolStatus status = load_elf (work, job, path);
  g_autoptr(GlowSymbolTable) table = NULL;
  GlowElfResult result;

  glow_dependencies_saw ("/proc/kallsyms");
  if (job->table != NULL || strcmp (path, "[vdso]") != 0
      || (job->module->build_id_length == 0 && !glow_elf_vdso_is_of (work->info->os_release, work->info->arch, work->info->hostname)))
    return status;
  table = glow_symbol_table_new ();
  result = glow_elf_read_vdso (table, job->module->build_id, MIN (job->module->build_id_length, 20));
  if (result == GLOW_ELF_OK)
    {
      job->file = g_strdup ("[vdso]");
      job->table = g_steal_pointer (&table);
      return GLOW_SYMBOLS_DYNAMIC_ONLY;
    }
  return result == GLOW_ELF_MISMATCH ? GLOW_SYMBOLS_BUILD_ID_MISMATCH : status;
}

/* An uncompressed kernel image: its symbols are moved to where the recording says that one of them stood (address randomisation). */
static GlowSymbolStatus
load_vmlinux (Work *work, Job *job, const char *path)
{
  const GlowProfileInfo *info = work->info;
  g_autoptr(GlowSymbolTable) table = glow_symbol_table_new ();
  const GlowSymbol *reference = NULL;
  GlowElfResult result = glow_elf_read_symbols (table, path, job->module->build_id, job->module->build_id_length, NULL);

  if (result != GLOW_ELF_OK)
    return result == GLOW_ELF_MISMATCH ? GLOW_SYMBOLS_BUILD_ID_MISMATCH : result == GLOW_ELF_NO_FILE ? GLOW_SYMBOLS_NO_FILE : GLOW_SYMBOLS_NONE;
  for (guint i = 0; info->kernel_reference != NULL && i < table->symbols->len; i++)
    if (strcmp (g_array_index (table->symbols, GlowSymbol, i).name, info->kernel_reference) == 0)
      reference = &g_array_index (table->symbols, GlowSymbol, i);
  if (reference == NULL)
    return GLOW_SYMBOLS_NONE;
  {
    guint64 slide = info->kernel_reference_address - reference->start;

    for (guint i = 0; i < table->symbols->len; i++)
      {
        g_array_index (table->symbols, GlowSymbol, i).start += slide;
        g_array_index (table->symbols, GlowSymbol, i).end += slide;
      }
  }
  job->file = g_strdup (path);
  job->table = g_steal_pointer (&table);
  return GLOW_SYMBOLS_FULL;
}

/* Images are looked at last, for they lack the names of modules. One without a build-id to compare must be where the release says. */
static gboolean
load_kernel_image (Work *work, Job *job)
{
  g_autoptr(GPtrArray) places = glow_kernel_dup_places (job->module, work->info->os_release, work->files, work->options);

  for (guint i = 0; i < places->len && job->table == NULL; i++)
    if (glow_file_exists (g_ptr_array_index (places, i)))
      load_vmlinux (work, job, g_ptr_array_index (places, i));
  return job->table != NULL;
}

static GlowSymbolStatus
load_kernel (Work *work, Job *job)
{
  static const char *const leaves[] = { "/kallsyms", NULL };
  const char *const *files = work->files;
  g_autoptr(GPtrArray) places = glow_module_dup_build_id_places (job->module, files, work->options->debug_dirs, leaves);
  GlowSymbolStatus status;

  /* Whether it is the one that runs now is asked below. */
  glow_dependencies_saw ("/proc/kallsyms");
  if (try_kallsyms (job, work->options->kallsyms))
    return GLOW_SYMBOLS_FULL;
  if (work->options->vmlinux != NULL && job->module->kind == GLOW_MODULE_KERNEL)
    return load_vmlinux (work, job, work->options->vmlinux);
  for (guint i = 0; i < places->len; i++)
    if (try_kallsyms (job, g_ptr_array_index (places, i)))
      return GLOW_SYMBOLS_FULL;
  for (guint i = 0; files[i] != NULL; i++)
    {
      g_autofree char *beside = g_strconcat (files[i], ".kallsyms", NULL);

      if (try_kallsyms (job, beside))
        return GLOW_SYMBOLS_FULL;
    }
  if (job->module->build_id_length == 0 ? is_running_kernel (work)
                                        : work->kernel_id_length > 0 && glow_elf_is_build (work->kernel_id, work->kernel_id_length, job->module->build_id,
                                                                                           job->module->build_id_length))
    status = try_kallsyms (job, "/proc/kallsyms") ? GLOW_SYMBOLS_FULL : GLOW_SYMBOLS_NO_FILE;
  else
    status = job->module->build_id_length == 0 ? GLOW_SYMBOLS_NO_FILE : GLOW_SYMBOLS_BUILD_ID_MISMATCH;
  if (job->table == NULL && job->module->kind == GLOW_MODULE_KERNEL && load_kernel_image (work, job))
    return GLOW_SYMBOLS_FULL;
  return status;
}

static GlowSymbolStatus
load_perf_map (Work *work, Job *job)
{
  g_autofree guint64 *addresses = g_new (guint64, job->locations->len + 1);

  for (guint i = 0; i < job->locations->len; i++)
    addresses[i] = work->locations[g_array_index (job->locations, guint32, i)].offset;
  job->table = glow_jit_find_map (job->module, work->files, work->options, addresses, job->locations->len, &job->file,
                                  &job->guessed);
  return job->table != NULL ? GLOW_SYMBOLS_FULL : GLOW_SYMBOLS_NO_FILE;
}

/* What the recording itself says of a module. */
static void
load_recorded (Work *work, Job *job)
{
  job->table = glow_symbol_table_new ();
  job->table->full = TRUE;
  for (guint i = 0; i < job->recorded->len; i++)
    {
      const GlowRecordedSymbol *symbol = &g_array_index (job->recorded, GlowRecordedSymbol, i);
      gsize length;
      const char *name = glow_strings_get_bytes (work->strings, symbol->name, &length);

      glow_symbol_table_add (job->table, symbol->start, symbol->size, name, length, 1);
    }
  glow_symbol_table_seal (job->table);
}

/* What was inlined at each place of the module. */
static void
find_inlined (Work *work, Job *job)
{
  job->inlined = g_ptr_array_new ();
  job->n_inlined = g_array_sized_new (FALSE, FALSE, sizeof (guint32), job->locations->len);
  for (guint i = 0; i < job->locations->len; i++)
    {
      guint32 n;

      if (g_cancellable_is_cancelled (work->cancellable))
        break;
      n = glow_inlines_find (job->inlines, work->locations[g_array_index (job->locations, guint32, i)].offset, job->inlined);
      g_array_append_val (job->n_inlined, n);
    }
}

static GlowDoubtful
doubtful (const Job *job)
{
  return (GlowDoubtful) { job->module, job->table, job->file, job->locations };
}

/* The files of a module: everything that can be done before it is known which of its places occur. */
static void
open_files (Work *work, Job *job)
{
  const char *path = job->path;
  GlowSymbolStatus status = GLOW_SYMBOLS_NO_FILE;

  if (job->recorded != NULL && job->recorded->len > 0)
    {
      load_recorded (work, job);
      status = GLOW_SYMBOLS_FULL;
    }
  else
    switch ((GlowModuleKind) job->module->kind)
      {
      case GLOW_MODULE_KERNEL:
      case GLOW_MODULE_BPF:
      case GLOW_MODULE_KERNEL_MODULE:
        status = load_kernel (work, job);
        break;
      case GLOW_MODULE_JIT:
        status = load_perf_map (work, job);
        break;
      case GLOW_MODULE_VDSO:
        status = load_vdso (work, job, path);
        break;
      case GLOW_MODULE_USER:
        /* The kernel's page of stepped instructions is no file and has no names. */
        status = strcmp (path, "[uprobes]") == 0 ? GLOW_SYMBOLS_NOT_NEEDED : load_elf (work, job, path);
        break;
      case GLOW_MODULE_GUEST_KERNEL:
      case GLOW_MODULE_GUEST_USER:
      case GLOW_MODULE_OTHER:
        break;
      }
  if (job->module->kind == GLOW_MODULE_USER && job->recorded == NULL && job->file != NULL && !g_cancellable_is_cancelled (work->cancellable))
    {
      job->inlines = glow_inlines_open (job->file, work->options->debug_dirs, FALSE, work->cancellable);
      if (g_atomic_int_add (&work->cfi_left, -1) > 0)
        job->cfi = glow_cfi_open (job->file, job->module->build_id, MIN (job->module->build_id_length, 20), NULL);
    }
  job->status = status;
}

/* Once, by whoever comes first. @wait: for another thread that is at it. */
static void
open_files_once (Work *work, Job *job, gboolean wait)
{
  if (g_atomic_int_compare_and_exchange (&job->state, JOB_WAITS, JOB_RUNS))
    {
      open_files (work, job);
      g_mutex_lock (&work->lock);
      g_atomic_int_set (&job->state, JOB_DONE);
      g_cond_broadcast (&work->changed);
      g_mutex_unlock (&work->lock);
    }
  else if (wait)
    {
      g_mutex_lock (&work->lock);
      while (g_atomic_int_get (&job->state) != JOB_DONE)
        g_cond_wait (&work->changed, &work->lock);
      g_mutex_unlock (&work->lock);
    }
}

static void
find_symbols (const Work *work, Job *job)
{
  gboolean own_vdso = g_strcmp0 (job->file, "[vdso]") == 0;

  job->symbol_of = g_new0 (guint32, job->locations->len + 1);
  for (guint i = 0; job->table->symbols->len > 0 && i < job->locations->len; i++)
    {
      const GlowLocation *location = &work->locations[g_array_index (job->locations, guint32, i)];
      /* Processes of 32 bits have a vdso of their own, under the same name. */
      const GlowSymbol *symbol = own_vdso && location->address <= G_MAXUINT32 ? NULL : glow_symbol_table_find (job->table, location->offset);

      job->symbol_of[i] = symbol != NULL ? symbol - (const GlowSymbol *) job->table->symbols->data + 1 : 0;
    }
}

static void
run_job (gpointer data, gpointer user_data)
{
  Job *job = data;
  Work *work = user_data;

  if (job->index == GLOW_NONE || g_cancellable_is_cancelled (work->cancellable))
    return;
  open_files_once (work, job, TRUE);
  if (job->table != NULL)
    find_symbols (work, job);
  if (job->inlines != NULL)
    find_inlined (work, job);
  if (work->doubts != NULL)
    {
      const GlowDoubtful module = doubtful (job);

      glow_doubts_check (work->doubts, &module, g_steal_pointer (&job->cfi), work->cancellable);
    }
  g_atomic_int_inc (&work->done);
  if (work->options->progress != NULL)
    {
      GlowProgress progress = {
        .stage = GLOW_STAGE_SYMBOLISING,
        .fraction = (double) g_atomic_int_get (&work->done) / MAX (work->all, 1),
        .detail = glow_strings_get (work->strings, job->module->name),
      };

      work->options->progress (&progress, work->options->user_data);
    }
}

static GlowFrameKind
kind_of (const GlowLocation *location, const GlowModule *module)
{
  if (location->kind == GLOW_FRAME_KERNEL || location->kind == GLOW_FRAME_GUEST || location->kind == GLOW_FRAME_HYPERVISOR)
    return location->kind;
  return module != NULL && module->kind == GLOW_MODULE_JIT ? GLOW_FRAME_JIT : GLOW_FRAME_USER;
}

/* Where a function of a just-in-time compiler is written, as its dump says. */
static void
add_source (GlowFrame *frame, const Job *job, guint64 start)
{
  guint lower = 0, upper = job->recorded != NULL ? job->recorded->len : 0;

  while (lower < upper)
    {
      guint middle = (lower + upper) / 2;
      const GlowRecordedSymbol *symbol = &g_array_index (job->recorded, GlowRecordedSymbol, middle);

      if (symbol->start == start)
        {
          frame->file = symbol->file;
          frame->line = symbol->line;
          return;
        }
      if (symbol->start < start)
        lower = middle + 1;
      else
        upper = middle;
    }
}

static guint32
unnamed_frame (GlowProfileBuilder *builder, const Job *job)
{
  GlowFrame frame = { .module = job->index, .kind = GLOW_FRAME_UNKNOWN };
  g_autofree char *name = NULL;

  if (job->index == GLOW_NONE)
    name = g_strdup ("[unknown]");
  else
    {
      const char *own = glow_strings_get (builder->strings, job->module->name);

      name = *own == '[' ? g_strdup (own) : g_strdup_printf ("[%s]", own);
    }
  frame.name = frame.raw_name = glow_strings_intern (builder->strings, name, -1);
  return glow_profile_builder_frame (builder, &frame);
}

/* The function that has the code gets those that were inlined into it put on top. */
static void
add_inlined (GlowProfileBuilder *builder, const Job *job, guint from, guint n, GHashTable *known, GlowLocation *location, GArray *inline_frames)
{
  guint32 outer = location->frame;

  location->n_inlined = n;
  location->first_inlined = inline_frames->len;
  for (guint i = 0; i < n; i++)
    {
      const char *raw = g_ptr_array_index (job->inlined, from + i);
      gpointer found = g_hash_table_lookup (known, raw);
      guint32 frame;

      if (found == NULL)
        {
          g_autofree char *demangled = glow_demangle (raw);
          GlowFrame own = { .module = job->index, .kind = GLOW_FRAME_INLINED };

          own.raw_name = glow_strings_intern (builder->strings, raw, -1);
          own.name = demangled != NULL ? glow_strings_intern (builder->strings, demangled, -1) : own.raw_name;
          found = GUINT_TO_POINTER (glow_profile_builder_frame (builder, &own) + 1);
          g_hash_table_insert (known, (gpointer) raw, found);
        }
      frame = GPOINTER_TO_UINT (found) - 1;
      if (i == 0)
        location->frame = frame;
      else
        g_array_append_val (inline_frames, frame);
    }
  if (n > 0)
    g_array_append_val (inline_frames, outer);
}

static guint32
symbol_frame (GlowProfileBuilder *builder, Job *job, const GlowSymbol *symbol, GlowFrameKind kind)
{
  guint at = symbol - (const GlowSymbol *) job->table->symbols->data;

  if (job->frame_of_symbol == NULL)
    job->frame_of_symbol = g_new0 (guint32, job->table->symbols->len);
  if (job->frame_of_symbol[at] == 0)
    {
      g_autofree char *demangled = glow_demangle (symbol->name);
      GlowFrame frame = { .module = job->index, .kind = kind };

      frame.raw_name = glow_strings_intern (builder->strings, symbol->name, -1);
      frame.name = demangled != NULL ? glow_strings_intern (builder->strings, demangled, -1) : frame.raw_name;
      add_source (&frame, job, symbol->start);
      job->frame_of_symbol[at] = glow_profile_builder_frame (builder, &frame) + 1;
    }
  return job->frame_of_symbol[at] - 1;
}

/* Frames for the locations of one module; symbols that do not occur are never demangled. */
static void
name_locations (GlowProfileBuilder *builder, Job *job, GlowLocation *locations, GArray *inline_frames)
{
  g_autoptr(GHashTable) known = g_hash_table_new (NULL, NULL);     /* names are the debug information's own: equal ones of a unit are one */
  guint32 unnamed = GLOW_NONE;
  guint inlined = 0;

  for (guint i = 0; i < job->locations->len; i++)
    {
      guint n_inlined = job->n_inlined != NULL && i < job->n_inlined->len ? g_array_index (job->n_inlined, guint32, i) : 0;
      GlowLocation *location = &locations[g_array_index (job->locations, guint32, i)];
      const GlowSymbol *symbol = job->symbol_of != NULL && job->symbol_of[i] > 0
                                   ? &g_array_index (job->table->symbols, GlowSymbol, job->symbol_of[i] - 1) : NULL;

      if (symbol == NULL)
        {
          if (unnamed == GLOW_NONE)
            unnamed = unnamed_frame (builder, job);
          location->frame = unnamed;
          location->symbol_offset = G_MAXUINT64;
          inlined += n_inlined;
          continue;
        }
      location->frame = symbol_frame (builder, job, symbol, kind_of (location, job->module));
      location->symbol_offset = location->offset - symbol->start;
      add_inlined (builder, job, inlined, n_inlined, known, location, inline_frames);
      inlined += n_inlined;
    }
}

/* ---- chains of frame pointers ---- */

typedef struct {
  GlowProfileBuilder *builder;
  GPtrArray *jobs;
} Naming;

static guint32
missed_frame (gpointer data, guint32 module, const GlowSymbol *symbol)
{
  const Naming *naming = data;

  return symbol_frame (naming->builder, g_ptr_array_index (naming->jobs, MIN (module, naming->jobs->len - 1)), symbol, GLOW_FRAME_USER);
}

static void
warn_of_stacks (GlowProfileBuilder *builder, const GlowSamples *samples)
{
  guint64 skipped = 0, broken = 0;

  for (gsize i = 0; i < samples->n; i++)
    {
      guint8 status = builder->chain_status[samples->chain[i]];

      skipped += (status & GLOW_STACK_SKIPPED) != 0;
      broken += (status & (GLOW_STACK_BROKEN | GLOW_STACK_EXACT)) == GLOW_STACK_BROKEN;
    }
  if (skipped > 0)
    glow_warnings_add (builder->warnings, "missing-callers", NULL, skipped, 0,
                       _("Record with --call-graph dwarf, or build with -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer -fno-shrink-wrap."),
                       _("Frame pointers missed a caller: the function that it called keeps none of its own at that place"));
  if (broken > 0)
    glow_warnings_add (builder->warnings, "stacks-without-start", NULL, broken, 0,
                       _("Record with --call-graph dwarf, or build what is named under “info” with -fno-omit-frame-pointer."),
                       _("Stacks do not go back to where a thread begins: frame pointers were lost on the way"));
}

/* Callers that were passed over, and outermost frames that begin nothing: put right or marked, and told. */
static void
settle_doubts (GlowDoubts *doubts, GlowProfileBuilder *builder, GlowProfile *profile, const GlowLocation *locations, GPtrArray *jobs, gboolean repair)
{
  g_autofree GlowDoubtful *modules = g_new (GlowDoubtful, jobs->len);
  guint32 n = glow_profile_get_chains (profile)->stacks.n;
  Naming naming = { builder, jobs };

  for (guint i = 0; i < jobs->len; i++)
    modules[i] = doubtful (g_ptr_array_index (jobs, i));
  if (builder->chain_status == NULL)
    builder->chain_status = calloc (n, 1);
  if (builder->chain_status == NULL)
    return;
  glow_doubts_settle (doubts, locations, modules, jobs->len, repair ? missed_frame : NULL, &naming, builder->chain_status, &builder->missed_callers);
  warn_of_stacks (builder, glow_profile_get_samples (profile));
}

static void
add_warnings (GlowProfileBuilder *builder, const Job *job)
{
  const char *name;

  if (job->index == GLOW_NONE)
    return;
  name = glow_strings_get (builder->strings, job->module->name);
  if (job->guessed)
    glow_warnings_add (builder->warnings, "jit-map-guessed", name, job->locations->len, 0, NULL,
                       _("“%s” was taken from “%s”, which knows the recorded addresses: the process is gone, and its number in its container is not recorded"),
                       name, job->file);
  if (job->module->symbols == GLOW_SYMBOLS_BUILD_ID_MISMATCH)
    glow_warnings_add (builder->warnings, "build-id-mismatch", name, job->locations->len, 0,
                       _("Open it where it was recorded, or give the files of that build with --sysroot, --symfs, --debug-dir or --kallsyms."),
                       _("“%s” here is another build than the one recorded; no names were taken from it"), name);
  else if (job->module->symbols == GLOW_SYMBOLS_NO_FILE && job->restricted)
    glow_warnings_add (builder->warnings, "kernel-addresses-hidden", NULL, job->locations->len, 0,
                       _("Open it as root, or lower kernel.kptr_restrict."), _("/proc/kallsyms shows no addresses to this user; the kernel is not named"));
  else if (job->module->symbols == GLOW_SYMBOLS_NO_FILE || job->module->symbols == GLOW_SYMBOLS_NONE)
    glow_warnings_add (builder->warnings, "no-symbols", name, job->locations->len, 0,
                       job->module->kind == GLOW_MODULE_JIT && job->module->pid != 0
                         ? _("It is code that was compiled while it ran: let its compiler write a map for perf (java -XX:+DumpPerfMapAtExit, node --perf-basic-prof, "
                             "python -X perf, DOTNET_PerfMapEnabled=1), and keep that in /tmp or beside the recording.")
                         : _("Install its debug symbols, or open the recording where they are."),
                       _("No symbols for “%s”: %s"), name,
                       glow_symbol_status_get_label (job->module->symbols));
}

/* Names from files that nothing says are those that ran: right where they have not been built anew since. */
static void
warn_of_unverified (GlowProfileBuilder *builder, GPtrArray *jobs)
{
  const char *first = NULL;
  guint n = 0;

  for (guint i = 0; i < jobs->len; i++)
    {
      const Job *job = g_ptr_array_index (jobs, i);

      if (job->file == NULL || job->module == NULL || job->module->kind != GLOW_MODULE_USER || job->module->build_id_length > 0)
        continue;
      first = n++ == 0 ? glow_strings_get (builder->strings, job->module->name) : first;
    }
  if (n > 0)
    glow_warnings_add (builder->warnings, "unverified-names", NULL, n, 0, _("Record with perf record --buildid-mmap to be sure of the names."),
                       ngettext ("The recording has no build-id of “%s”: its names are right if it was not built anew since",
                                 "The recording has no build-id of “%s” and others: their names are right if they were not built anew since", n),
                       first);
}

/* ---- ahead of time ---- */

static Job *
job_new (guint32 index)
{
  Job *job = g_new0 (Job, 1);

  job->index = index;
  job->locations = g_array_new (FALSE, FALSE, sizeof (guint32));
  return job;
}

static void
run_early (gpointer data, gpointer user_data)
{
  GlowSymbolLoader *self = user_data;

  if (!g_atomic_int_get (&self->stopped) && !g_cancellable_is_cancelled (self->work.cancellable))
    open_files_once (&self->work, data, FALSE);
}

/**
 * glow_symbol_loader_new:
 * @info: what the recording says of itself
 * @files: (element-type utf8): the recordings
 * @doubted: stacks were walked by frame pointers: how modules unwind will be asked too
 *
 * Begins to open symbols in a thread of its own, those of modules that are asked for with glow_symbol_loader_want().
 *
 * Returns: (transfer full) (nullable): %NULL where names are not wanted, or there is one processor only
 */
GlowSymbolLoader *
glow_symbol_loader_new (const GlowProfileInfo *info, const GPtrArray *files, const GlowLoadOptions *options, gboolean doubted, GCancellable *cancellable)
{
  GlowSymbolLoader *self;

  if ((options != NULL && (options->no_symbols || options->n_threads == 1)) || g_get_num_processors () < 2)
    return NULL;
  self = g_new0 (GlowSymbolLoader, 1);
  self->chunk = g_string_chunk_new (1024);
  self->info = (GlowProfileInfo) {
    .os_release = info->os_release != NULL ? g_string_chunk_insert (self->chunk, info->os_release) : NULL,
    .kernel_reference = info->kernel_reference != NULL ? g_string_chunk_insert (self->chunk, info->kernel_reference) : NULL,
    .kernel_reference_address = info->kernel_reference_address,
  };
  self->files = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (self->files, g_strdup (g_ptr_array_index (files, i)));
  g_ptr_array_add (self->files, NULL);
  self->jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) job_free);
  self->work = (Work) { .info = &self->info, .files = (const char *const *) self->files->pdata, .cancellable = cancellable };
  self->work.cfi_left = doubted ? CFI_AHEAD : 0;
  glow_name_places_init (&self->places, options, NULL);
  self->work.options = &self->places.options;
  g_mutex_init (&self->work.lock);
  g_cond_init (&self->work.changed);
  self->work.kernel_id_length = glow_running_kernel_build_id (self->work.kernel_id);
  self->pool = g_thread_pool_new (run_early, self, 1, FALSE, NULL);
  return self;
}

/**
 * glow_symbol_loader_want:
 * @path: of @module
 *
 * To be called from one thread; a module that was asked for already costs nothing.
 */
void
glow_symbol_loader_want (GlowSymbolLoader *self, guint32 index, const GlowModule *module, const char *path)
{
  Job *job;

  if (index >= self->jobs->len)
    g_ptr_array_set_size (self->jobs, index + 1);
  /* Which map of a just-in-time compiler is meant is told by the places that occur. */
  if (g_ptr_array_index (self->jobs, index) != NULL || module->kind == GLOW_MODULE_JIT)
    return;
  job = job_new (index);
  job->early = *module;
  job->module = &job->early;
  job->path = g_string_chunk_insert (self->chunk, path);
  g_ptr_array_index (self->jobs, index) = job;
  g_thread_pool_push (self->pool, job, NULL);
}

/* Waits for the module that is being opened, not for others. */
void
glow_symbol_loader_free (GlowSymbolLoader *self)
{
  g_atomic_int_set (&self->stopped, TRUE);
  if (self->pool != NULL)
    g_thread_pool_free (self->pool, FALSE, TRUE);
  g_ptr_array_unref (self->jobs);
  g_ptr_array_unref (self->files);
  g_string_chunk_free (self->chunk);
  glow_name_places_clear (&self->places);
  g_mutex_clear (&self->work.lock);
  g_cond_clear (&self->work.changed);
  g_free (self);
}

/* The job of a module: what was begun early, where it was. */
static Job *
take_job (GlowSymbolLoader *loader, guint32 index, GlowModule *module, const char *path)
{
  Job *job = NULL;

  if (loader != NULL && index < loader->jobs->len)
    {
      job = g_ptr_array_index (loader->jobs, index);
      g_ptr_array_index (loader->jobs, index) = NULL;
    }
  if (job == NULL)
    job = job_new (index);
  if (job->path == NULL)
    {
      job->early = *module;
      job->module = &job->early;
      job->path = path;
    }
  return job;
}

static gint
compare_work (gconstpointer a, gconstpointer b)
{
  const Job *left = *(Job *const *) a, *right = *(Job *const *) b;

  return left->work > right->work ? -1 : left->work < right->work;
}

/* Those that take longest come first: what was inlined is looked for one function at a time. Those that another thread is still at come last:
 * nobody waits while there is other work. */
static void
push_jobs (GThreadPool *pool, GPtrArray *jobs)
{
  g_autoptr(GPtrArray) order = g_ptr_array_sized_new (jobs->len);

  for (guint i = 0; i < jobs->len; i++)
    {
      Job *job = g_ptr_array_index (jobs, i);
      gint state = g_atomic_int_get (&job->state);

      if (job->locations->len == 0)
        continue;
      job->work = state == JOB_RUNS ? 0 : job->locations->len * (guint64) (state == JOB_DONE && job->inlines != NULL ? INLINES_TAKE : 1);
      g_ptr_array_add (order, job);
    }
  g_ptr_array_sort (order, compare_work);
  for (guint i = 0; i < order->len; i++)
    g_thread_pool_push (pool, g_ptr_array_index (order, i), NULL);
}

static gpointer
free_jobs (gpointer jobs)
{
  g_ptr_array_unref (jobs);
  return NULL;
}

/* Tables of symbols and debug information, which nobody waits for. */
static void
free_jobs_beside (GPtrArray *jobs)
{
  GThread *thread = jobs->len > MANY_JOBS ? g_thread_try_new ("glow-free", free_jobs, jobs, NULL) : NULL;

  if (thread != NULL)
    g_thread_unref (thread);
  else
    free_jobs (jobs);
}

/**
 * glow_profile_name_again:
 * @profile: named or not
 *
 * Looks for names once more, as after files of modules have come. The recording is not read again.
 *
 * Returns: (transfer full): a profile of the same samples, or %NULL where cancelled
 */
GlowProfile *
glow_profile_name_again (GlowProfile *profile, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  GlowProfile *unnamed = glow_profile_get_unnamed (profile);

  return glow_profile_is_named (unnamed) ? g_object_ref (profile) : glow_profile_symbolise (unnamed, options, cancellable, error);
}

/**
 * glow_profile_symbolise:
 *
 * O(symbols of the modules that occur + locations × log symbols).
 *
 * Returns: (transfer full): a named profile, @profile itself where there is nothing to name, or %NULL where cancelled
 */
GlowProfile *
glow_profile_symbolise (GlowProfile *profile, const GlowLoadOptions *options, GCancellable *cancellable, GError **error)
{
  const GlowChains *chains = glow_profile_get_chains (profile);
  GPtrArray *jobs;
  GlowProfileBuilder *builder;
  GlowLocation *locations;
  g_autoptr(GlowDoubts) doubts = NULL;
  GThreadPool *pool;
  guint32 n_modules;
  g_autoptr(GArray) inline_frames = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint n_inline_frames;
  GlowSymbolLoader *loader;
  g_auto(GlowNamePlaces) places = { 0 };
  Work own = { .info = glow_profile_get_info (profile), .files = glow_profile_get_files (profile), .cancellable = cancellable };
  Work *work = &own;

  if (chains == NULL || (options != NULL && options->no_symbols))
    return g_object_ref (profile);
  glow_name_places_init (&places, options, glow_profile_get_places (profile));
  own.options = options = &places.options;
  loader = g_object_steal_data (G_OBJECT (profile), GLOW_SYMBOL_LOADER_KEY);
  jobs = g_ptr_array_new_with_free_func (job_free);
  builder = glow_profile_builder_new_names (profile);
  if (loader != NULL)
    {
      g_atomic_int_set (&loader->stopped, TRUE);
      work = &loader->work;
    }
  else
    {
      g_mutex_init (&own.lock);
      g_cond_init (&own.changed);
      own.kernel_id_length = glow_running_kernel_build_id (own.kernel_id);
    }
  work->strings = builder->strings;
  n_modules = builder->modules->len;
  for (guint32 i = 0; i < n_modules; i++)
    {
      GlowModule *module = &g_array_index (builder->modules, GlowModule, i);
      Job *job = take_job (loader, i, module, glow_strings_get (builder->strings, module->path));
      const GArray *recorded = glow_profile_get_recorded_symbols (profile, i);

      if (recorded != NULL)
        job->recorded = recorded;
      g_ptr_array_add (jobs, job);
    }
  g_ptr_array_add (jobs, job_new (GLOW_NONE));
  locations = glow_allocate (chains->n_locations, sizeof (GlowLocation));
  memcpy (locations, chains->locations, chains->n_locations * sizeof (GlowLocation));
  for (guint32 i = 0; i < chains->n_locations; i++)
    g_array_append_val (((Job *) g_ptr_array_index (jobs, MIN (locations[i].module, n_modules)))->locations, i);
  work->all = jobs->len;
  work->locations = locations;
  work->doubts = doubts = glow_doubts_new (profile);
  pool = g_thread_pool_new (run_job, work, options->n_threads > 0 ? (gint) options->n_threads : (gint) g_get_num_processors (),
                            FALSE, NULL);
  push_jobs (pool, jobs);
  g_thread_pool_free (pool, FALSE, TRUE);
  if (loader != NULL)
    g_thread_pool_free (g_steal_pointer (&loader->pool), FALSE, TRUE);
  for (guint i = 0; i < n_modules; i++)
    {
      Job *job = g_ptr_array_index (jobs, i);

      job->module = &g_array_index (builder->modules, GlowModule, i);
      job->module->symbols = job->locations->len > 0 ? job->status : GLOW_SYMBOLS_NOT_NEEDED;
    }
  if (loader != NULL)
    glow_symbol_loader_free (loader);
  else
    {
      g_mutex_clear (&own.lock);
      g_cond_clear (&own.changed);
    }
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      free (locations);
      glow_profile_builder_free (builder);
      g_ptr_array_unref (jobs);
      return NULL;
    }
  for (guint i = 0; i < jobs->len; i++)
    {
      Job *job = g_ptr_array_index (jobs, i);

      if (job->locations->len == 0)
        continue;
      name_locations (builder, job, locations, inline_frames);
      add_warnings (builder, job);
      if (job->file != NULL)
        job->module->symbol_file = glow_strings_intern (builder->strings, job->file, -1);
    }
  if (doubts != NULL)
    settle_doubts (doubts, builder, profile, locations, jobs, options == NULL || !options->as_recorded);
  warn_of_unverified (builder, jobs);
  free_jobs_beside (jobs);
  n_inline_frames = inline_frames->len;
  return glow_profile_builder_finish_names (builder, profile, locations, (guint32 *) (gpointer) g_array_free (g_steal_pointer (&inline_frames), FALSE),
                                            n_inline_frames);
}
