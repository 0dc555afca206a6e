/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the symbols of a module are from: its own file or debug file, the kernel's lists and images, maps of just-in-time compilers, or the recording. */
#include <config.h>

#include "symbols/container-roots-private.h"
#include "symbols/dependencies-private.h"
#include "symbols/elf-file-private.h"
#include "symbols/jit-places-private.h"
#include "symbols/module-files-private.h"
#include "symbols/store-private.h"
#include "symbols/symbol-job-private.h"

#include <string.h>
#include <sys/utsname.h>

GlowSymbolJob *
glow_symbol_job_new (guint32 index)
{
  GlowSymbolJob *job = g_new0 (GlowSymbolJob, 1);

  job->index = index;
  job->locations = g_array_new (FALSE, FALSE, sizeof (guint32));
  return job;
}

void
glow_symbol_job_free (gpointer data)
{
  GlowSymbolJob *job = data;

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
load_elf (GlowSymbolWork *work, GlowSymbolJob *job, const char *path)
{
  const char *const *debug_dirs = work->options->debug_dirs;
  g_autoptr(GPtrArray) places = glow_module_dup_places (job->module, path, work->files, work->options);
  GlowSymbolStatus status = GLOW_SYMBOLS_NO_FILE;
  gboolean looked = FALSE;

  glow_container_add_root (places, job->module, path);
  for (guint i = 0; i < places->len || glow_container_add_more (places, &looked, job->module, path); i++)
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
try_kallsyms (GlowSymbolJob *job, const char *path)
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
is_running_kernel (GlowSymbolWork *work)
{
  const GlowProfileInfo *info = work->info;
  struct utsname running;

  return info->os_release != NULL && info->kernel_reference != NULL && uname (&running) == 0 && strcmp (running.release, info->os_release) == 0
         && glow_kallsyms_agrees ("/proc/kallsyms", info->kernel_reference, info->kernel_reference_address);
}

/* From its cache, else from the running kernel where it is the one that recorded. */
static GlowSymbolStatus
load_vdso (GlowSymbolWork *work, GlowSymbolJob *job, const char *path)
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
load_vmlinux (GlowSymbolWork *work, GlowSymbolJob *job, const char *path)
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
load_kernel_image (GlowSymbolWork *work, GlowSymbolJob *job)
{
  g_autoptr(GPtrArray) places = glow_kernel_dup_places (job->module, work->info->os_release, work->files, work->options);

  for (guint i = 0; i < places->len && job->table == NULL; i++)
    if (glow_file_exists (g_ptr_array_index (places, i)))
      load_vmlinux (work, job, g_ptr_array_index (places, i));
  return job->table != NULL;
}

static GlowSymbolStatus
load_kernel (GlowSymbolWork *work, GlowSymbolJob *job)
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
load_perf_map (GlowSymbolWork *work, GlowSymbolJob *job)
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
load_recorded (GlowSymbolWork *work, GlowSymbolJob *job)
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

GlowDoubtful
glow_symbol_job_get_doubtful (const GlowSymbolJob *job)
{
  return (GlowDoubtful) { job->module, job->table, job->file, job->locations };
}

/* The files of a module: everything that can be done before it is known which of its places occur. */
static void
open_files (GlowSymbolWork *work, GlowSymbolJob *job)
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

void
glow_symbol_job_open (GlowSymbolWork *work, GlowSymbolJob *job, gboolean wait)
{
  if (g_atomic_int_compare_and_exchange (&job->state, GLOW_SYMBOL_JOB_WAITS, GLOW_SYMBOL_JOB_RUNS))
    {
      open_files (work, job);
      g_mutex_lock (&work->lock);
      g_atomic_int_set (&job->state, GLOW_SYMBOL_JOB_DONE);
      g_cond_broadcast (&work->changed);
      g_mutex_unlock (&work->lock);
    }
  else if (wait)
    {
      g_mutex_lock (&work->lock);
      while (g_atomic_int_get (&job->state) != GLOW_SYMBOL_JOB_DONE)
        g_cond_wait (&work->changed, &work->lock);
      g_mutex_unlock (&work->lock);
    }
}
