/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names for a profile's locations: module by module in two threads, each distinct location once. Inline frames and unwound stacks
 * come in here too when they are read: a location may be given a list of frames instead of one. */
#include <config.h>

#include "model/memory-private.h"
#include "symbols/module-files-private.h"
#include "symbols/symbol-job-private.h"
#include "symbols/symbolise-private.h"

#include <stdlib.h>
#include <string.h>

#define CFI_AHEAD 200
/* Looking for inlined functions at a place, as a multiple of looking for its symbol. */
#define INLINES_TAKE 100
#define MANY_JOBS 50

/* Files of modules are opened by one thread while another still resolves stacks. */
struct _GlowSymbolLoader {
  GlowSymbolWork work;
  GlowNamePlaces places;       /* the options of the reading do not last as long */
  GlowProfileInfo info;
  GPtrArray *files;            /* of char*, the last is NULL */
  GPtrArray *jobs;             /* of GlowSymbolJob, by module; NULL: not wanted yet */
  GStringChunk *chunk;
  GThreadPool *pool;
  gint stopped;
};

/* What was inlined at each place of the module. */
static void
find_inlined (GlowSymbolWork *work, GlowSymbolJob *job)
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

static void
find_symbols (const GlowSymbolWork *work, GlowSymbolJob *job)
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
  GlowSymbolJob *job = data;
  GlowSymbolWork *work = user_data;

  if (job->index == GLOW_NONE || g_cancellable_is_cancelled (work->cancellable))
    return;
  glow_symbol_job_open (work, job, TRUE);
  if (job->table != NULL)
    find_symbols (work, job);
  if (job->inlines != NULL)
    find_inlined (work, job);
  if (work->doubts != NULL)
    {
      const GlowDoubtful module = glow_symbol_job_get_doubtful (job);

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

/* ---- ahead of time ---- */

static void
run_early (gpointer data, gpointer user_data)
{
  GlowSymbolLoader *self = user_data;

  if (!g_atomic_int_get (&self->stopped) && !g_cancellable_is_cancelled (self->work.cancellable))
    glow_symbol_job_open (&self->work, data, FALSE);
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
  self->jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_symbol_job_free);
  self->work = (GlowSymbolWork) { .info = &self->info, .files = (const char *const *) self->files->pdata, .cancellable = cancellable };
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
  GlowSymbolJob *job;

  if (index >= self->jobs->len)
    g_ptr_array_set_size (self->jobs, index + 1);
  /* Which map of a just-in-time compiler is meant is told by the places that occur. */
  if (g_ptr_array_index (self->jobs, index) != NULL || module->kind == GLOW_MODULE_JIT)
    return;
  job = glow_symbol_job_new (index);
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
static GlowSymbolJob *
take_job (GlowSymbolLoader *loader, guint32 index, GlowModule *module, const char *path)
{
  GlowSymbolJob *job = NULL;

  if (loader != NULL && index < loader->jobs->len)
    {
      job = g_ptr_array_index (loader->jobs, index);
      g_ptr_array_index (loader->jobs, index) = NULL;
    }
  if (job == NULL)
    job = glow_symbol_job_new (index);
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
  const GlowSymbolJob *left = *(GlowSymbolJob *const *) a, *right = *(GlowSymbolJob *const *) b;

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
      GlowSymbolJob *job = g_ptr_array_index (jobs, i);
      gint state = g_atomic_int_get (&job->state);

      if (job->locations->len == 0)
        continue;
      job->work = state == GLOW_SYMBOL_JOB_RUNS ? 0 : job->locations->len * (guint64) (state == GLOW_SYMBOL_JOB_DONE && job->inlines != NULL ? INLINES_TAKE : 1);
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
  GlowSymbolWork own = { .info = glow_profile_get_info (profile), .files = glow_profile_get_files (profile), .cancellable = cancellable };
  GlowSymbolWork *work = &own;
  GlowProfile *named;

  if (chains == NULL || (options != NULL && options->no_symbols))
    return g_object_ref (profile);
  glow_name_places_init (&places, options, glow_profile_get_places (profile));
  own.options = options = &places.options;
  loader = g_object_steal_data (G_OBJECT (profile), GLOW_SYMBOL_LOADER_KEY);
  jobs = g_ptr_array_new_with_free_func (glow_symbol_job_free);
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
      GlowSymbolJob *job = take_job (loader, i, module, glow_strings_get (builder->strings, module->path));
      const GArray *recorded = glow_profile_get_recorded_symbols (profile, i);

      if (recorded != NULL)
        job->recorded = recorded;
      g_ptr_array_add (jobs, job);
    }
  g_ptr_array_add (jobs, glow_symbol_job_new (GLOW_NONE));
  locations = glow_allocate (chains->n_locations, sizeof (GlowLocation));
  memcpy (locations, chains->locations, chains->n_locations * sizeof (GlowLocation));
  for (guint32 i = 0; i < chains->n_locations; i++)
    g_array_append_val (((GlowSymbolJob *) g_ptr_array_index (jobs, MIN (locations[i].module, n_modules)))->locations, i);
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
      GlowSymbolJob *job = g_ptr_array_index (jobs, i);

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
      GlowSymbolJob *job = g_ptr_array_index (jobs, i);

      if (job->locations->len == 0)
        continue;
      glow_symbol_job_name (builder, job, locations, inline_frames);
      glow_symbol_job_warn (builder, job);
      if (job->file != NULL)
        job->module->symbol_file = glow_strings_intern (builder->strings, job->file, -1);
    }
  if (doubts != NULL)
    glow_symbol_settle_doubts (doubts, builder, profile, locations, jobs, options == NULL || !options->as_recorded);
  glow_symbol_warn_of_unverified (builder, jobs);
  n_inline_frames = inline_frames->len;
  named = glow_profile_builder_finish_names (builder, profile, locations, (guint32 *) (gpointer) g_array_free (g_steal_pointer (&inline_frames), FALSE),
                                             n_inline_frames);
  free_jobs_beside (jobs);
  return named;
}
