/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where profiles are made: readers fill a builder and hand over their columns; here they are counted, and sealed. */
#include "model/arena-private.h"
#include "model/cancelled-private.h"
#include "model/fields-private.h"
#include "model/memory-private.h"
#include "model/profile-storage-private.h"
#include "model/roles-private.h"
#include "model/stack-order-private.h"
#include "model/trie-private.h"

#include <afterglow/cgroup.h>

#include <stdlib.h>
#include <string.h>

/* Which take a millisecond to look through. */
#define MANY_FRAMES 2000

static guint
frame_hash (gconstpointer key)
{
  const GlowFrame *frame = key;

  return (frame->name * 2654435761u) ^ (frame->module * 40503u) ^ frame->kind;
}

static gboolean
frame_equal (gconstpointer a, gconstpointer b)
{
  const GlowFrame *left = a, *right = b;

  return left->name == right->name && left->module == right->module && left->kind == right->kind;
}

/**
 * glow_profile_builder_new:
 *
 * Returns: (transfer full): an empty builder with its own strings and warnings
 */
GlowProfileBuilder *
glow_profile_builder_new (void)
{
  GlowProfileBuilder *self = g_new0 (GlowProfileBuilder, 1);

  self->strings = glow_strings_new ();
  self->warnings = glow_warnings_new ();
  self->chunk = g_string_chunk_new (1024);
  self->modules = g_array_new (FALSE, TRUE, sizeof (GlowModule));
  self->frames = g_array_new (FALSE, TRUE, sizeof (GlowFrame));
  self->threads = g_array_new (FALSE, TRUE, sizeof (GlowThread));
  self->processes = g_array_new (FALSE, TRUE, sizeof (GlowProcess));
  self->events = g_array_new (FALSE, TRUE, sizeof (GlowEvent));
  self->records = g_array_new (FALSE, TRUE, sizeof (GlowRecordCount));
  self->marks = g_array_new (FALSE, TRUE, sizeof (GlowMark));
  self->files = g_ptr_array_new_with_free_func (g_free);
  self->recorded_symbols = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  self->frame_keys = glow_arena_new ();
  self->frame_index = g_hash_table_new (frame_hash, frame_equal);
  return self;
}

void
glow_profile_builder_free (GlowProfileBuilder *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->strings, glow_strings_unref);
  g_clear_pointer (&self->warnings, glow_warnings_unref);
  g_clear_pointer (&self->chunk, g_string_chunk_free);
  g_clear_pointer (&self->modules, g_array_unref);
  g_clear_pointer (&self->frames, g_array_unref);
  g_clear_pointer (&self->threads, g_array_unref);
  g_clear_pointer (&self->processes, g_array_unref);
  g_clear_pointer (&self->events, g_array_unref);
  g_clear_pointer (&self->records, g_array_unref);
  g_clear_pointer (&self->marks, g_array_unref);
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->recorded_symbols, g_hash_table_unref);
  g_clear_pointer (&self->frame_index, g_hash_table_unref);
  g_clear_pointer (&self->frame_keys, glow_arena_free);
  g_clear_pointer (&self->fields, glow_field_source_unref);
  free (self->chain_status);
  g_free (self->missed_callers);
  g_clear_pointer (&self->header, g_variant_dict_unref);
  g_free (self);
}

void
glow_profile_info_keep (GlowProfileInfo *info, GStringChunk *chunk)
{
  const char **members[] = {
    &info->format, &info->format_detail, &info->hostname, &info->os_release, &info->arch, &info->perf_version, &info->command_line,
    &info->cpu_description, &info->cpu_id, &info->clock_name, &info->kernel_reference,
  };

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (*members[i] != NULL)
      *members[i] = g_string_chunk_insert_const (chunk, *members[i]);
}

GlowProfileBuilder *
glow_profile_builder_copy (GlowProfileBuilder *self)
{
  GlowProfileBuilder *copy = glow_profile_builder_new ();

  if (self->header != NULL)
    {
      g_autoptr(GVariant) header = g_variant_ref_sink (g_variant_dict_end (self->header));

      /* Whoever looks into a dictionary ends it. */
      g_variant_dict_unref (self->header);
      self->header = g_variant_dict_new (header);
      copy->header = g_variant_dict_new (header);
    }

  glow_strings_unref (copy->strings);
  copy->strings = glow_strings_copy (self->strings);
  glow_warnings_add_all (copy->warnings, self->warnings);
  for (guint i = 0; i < self->files->len; i++)
    g_ptr_array_add (copy->files, g_strdup (g_ptr_array_index (self->files, i)));
  g_array_append_vals (copy->marks, self->marks->data, self->marks->len);
  copy->info = self->info;
  glow_profile_info_keep (&copy->info, copy->chunk);
  return copy;
}

guint32
glow_profile_builder_frame (GlowProfileBuilder *self, const GlowFrame *frame)
{
  gpointer found;

  if (g_hash_table_lookup_extended (self->frame_index, frame, NULL, &found))
    return GPOINTER_TO_UINT (found);
  g_array_append_vals (self->frames, frame, 1);
  g_hash_table_insert (self->frame_index, glow_arena_grow (self->frame_keys, frame, sizeof *frame, sizeof *frame),
                       GUINT_TO_POINTER (self->frames->len - 1));
  return self->frames->len - 1;
}

/* Sample counts and weights by event. */
static void
count_events (GlowProfile *self)
{
  const GlowSamples *samples = &self->samples;

  for (guint e = 0; e < self->events->len; e++)
    {
      GlowEvent *event = &g_array_index (self->events, GlowEvent, e);

      event->n_samples = event->total_weight = event->sum_squared_weight = 0;
      event->sum_squared = 0;
    }
  for (gsize i = 0; i < samples->n; i++)
    {
      guint e = samples->event != NULL ? samples->event[i] : 0;
      guint64 weight = samples->weight != NULL ? samples->weight[i] : 1;
      GlowEvent *event;

      if (glow_cancelled (i))
        break;
      if (G_UNLIKELY (e >= self->events->len))
        continue;
      event = &g_array_index (self->events, GlowEvent, e);
      event->n_samples++;
      event->total_weight += weight;
      event->sum_squared += (double) weight * (double) weight;
    }
  for (guint e = 0; e < self->events->len; e++)
    {
      GlowEvent *event = &g_array_index (self->events, GlowEvent, e);

      event->sum_squared_weight = event->sum_squared < 1.8e19 ? (guint64) event->sum_squared : G_MAXUINT64;
    }
}

/* Clocks and counters before tracepoints, then the one with the most samples. */
static guint32
choose_main_event (GlowProfile *self)
{
  guint32 best = 0;

  for (guint32 e = 1; e < self->events->len; e++)
    {
      const GlowEvent *a = &g_array_index (self->events, GlowEvent, best), *b = &g_array_index (self->events, GlowEvent, e);
      gboolean a_counts = !a->is_tracepoint && !a->is_off_cpu && a->n_samples > 0, b_counts = !b->is_tracepoint && !b->is_off_cpu && b->n_samples > 0;

      if (a_counts != b_counts ? b_counts : b->n_samples > a->n_samples)
        best = e;
    }
  /* A two-column folded file is looked at from its second column, as flamegraph.pl does. */
  if (self->events->len == 2 && strcmp (glow_strings_get (self->strings, g_array_index (self->events, GlowEvent, 1).name), "after") == 0)
    best = 1;
  return best;
}

static void
count_unknown_leaves (GlowProfile *self)
{
  guint64 unknown = 0;

  for (gsize i = 0; i < self->samples.n; i++)
    {
      guint32 stack = self->samples.stack[i];

      if (stack != 0 && g_array_index (self->frames, GlowFrame, self->stacks.item[stack]).kind == GLOW_FRAME_UNKNOWN)
        unknown++;
    }
  self->info.unknown_leaf_samples = unknown;
}

static gint
compare_marks (gconstpointer a, gconstpointer b)
{
  const GlowMark *left = a, *right = b;

  return left->time < right->time ? -1 : left->time > right->time;
}

/* Samples by what their chains lack. Formats without chains have said so themselves. */
static void
take_chain_status (GlowProfile *self, GlowProfileBuilder *builder)
{
  guint8 *status = g_steal_pointer (&builder->chain_status), any = 0;
  guint32 n = self->chains.stacks.n;
  guint64 counts[256] = { 0 };

  self->chains.status = NULL;
  for (guint32 i = 0; status != NULL && i < n; i++)
    any |= status[i];
  if ((any & (GLOW_STACK_LACKS | GLOW_STACK_REPAIRED | GLOW_STACK_EXACT)) == 0)
    {
      free (status);
      return;
    }
  self->chains.status = glow_profile_take_column (self, status, n);
  for (gsize i = 0; i < self->samples.n; i++)
    counts[status[self->samples.chain[i]]]++;
  self->info.truncated_stacks = self->info.broken_stacks = self->info.skipped_stacks = self->info.repaired_stacks = self->info.torn_stacks = 0;
  for (guint flags = 0; flags < G_N_ELEMENTS (counts); flags++)
    {
      self->info.truncated_stacks += flags & (GLOW_STACK_CUT | GLOW_STACK_LIMIT) ? counts[flags] : 0;
      self->info.broken_stacks += flags & GLOW_STACK_BROKEN ? counts[flags] : 0;
      self->info.skipped_stacks += flags & GLOW_STACK_SKIPPED ? counts[flags] : 0;
      self->info.torn_stacks += flags & GLOW_STACK_LACKS ? counts[flags] : 0;
      self->info.repaired_stacks += flags & GLOW_STACK_REPAIRED ? counts[flags] : 0;
    }
}

static void
seal (GlowProfile *self, GlowProfileBuilder *builder)
{
  self->strings = g_steal_pointer (&builder->strings);
  self->warnings = g_steal_pointer (&builder->warnings);
  self->frames = g_steal_pointer (&builder->frames);
  self->modules = g_steal_pointer (&builder->modules);
  self->threads = g_steal_pointer (&builder->threads);
  self->processes = g_steal_pointer (&builder->processes);
  self->events = g_steal_pointer (&builder->events);
  self->records = g_steal_pointer (&builder->records);
  self->marks = g_steal_pointer (&builder->marks);
  g_array_sort (self->marks, compare_marks);
  self->recorded_symbols = g_steal_pointer (&builder->recorded_symbols);
  g_ptr_array_add (builder->files, NULL);
  self->files = (char **) g_ptr_array_free (g_steal_pointer (&builder->files), FALSE);
  self->info = builder->info;
  self->named = builder->named;
  self->fields = g_steal_pointer (&builder->fields);
  if (builder->header != NULL)
    self->header = g_variant_ref_sink (g_variant_dict_end (builder->header));
}

/* Each path once: threads of one container share it. */
static void
name_cgroups (GlowProfileBuilder *self)
{
  g_autoptr(GHashTable) known = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < self->threads->len; i++)
    {
      GlowThread *thread = &g_array_index (self->threads, GlowThread, i);
      gpointer path = GUINT_TO_POINTER (thread->cgroup), name = g_hash_table_lookup (known, path);

      if (thread->cgroup != 0 && name == NULL)
        {
          g_autofree char *text = glow_cgroup_dup_name (glow_strings_get (self->strings, thread->cgroup), NULL);

          name = GUINT_TO_POINTER (glow_strings_intern (self->strings, text, -1));
          g_hash_table_insert (known, path, name);
        }
      thread->cgroup_name = GPOINTER_TO_UINT (name);
    }
}

typedef struct {
  const guint32 *from, *table;
  guint32 *to;
  gsize start, end;
} MapBlock;

static gpointer
map_block (gpointer data)
{
  MapBlock *block = data;

  for (gsize i = block->start; i < block->end; i++)
    block->to[i] = block->table[block->from[i]];
  return NULL;
}

/* One look-up a sample, in two halves. @to may be @from. */
static void
map_samples (const guint32 *from, guint32 *to, gsize n, const guint32 *table)
{
  MapBlock half[2] = { { from, table, to, 0, n / 2 }, { from, table, to, n / 2, n } };
  GThread *thread = NULL;

  if (n > 200000)
    thread = g_thread_try_new ("glow-map", map_block, &half[0], NULL);
  if (thread == NULL)
    map_block (&half[0]);
  map_block (&half[1]);
  if (thread != NULL)
    g_thread_join (thread);
}

/**
 * glow_profile_builder_finish:
 * @self: (transfer full): the builder
 * @samples: columns; the arrays are taken
 * @stacks: call stacks, whose items are frames; the arrays are taken
 * @chains: (nullable): address chains, whose items are locations; taken
 * @locations: (nullable): taken
 * @inline_frames: (nullable): taken
 *
 * Seals a profile. O(samples).
 *
 * Returns: (transfer full): the profile
 */
GlowProfile *
glow_profile_builder_finish (GlowProfileBuilder *self, GlowSampleArrays *samples, GlowStackArrays *stacks, GlowStackArrays *chains,
                             GlowLocation *locations, guint32 n_locations, guint32 *inline_frames, guint32 n_inline_frames)
{
  GlowProfile *profile = g_object_new (GLOW_TYPE_PROFILE, NULL);
  guint32 *moved = glow_stacks_order (stacks);
  gsize n = samples->n;

  if (moved != NULL)
    map_samples (samples->stack, samples->stack, n, moved);
  free (moved);
  if (self->named)
    glow_roles_classify (self);
  name_cgroups (self);
  seal (profile, self);
  profile->chunk = g_steal_pointer (&self->chunk);
  profile->samples = (GlowSamples) {
    .n = n,
    .time = glow_profile_take_column (profile, samples->time, n * sizeof (guint64)),
    .thread = glow_profile_take_column (profile, samples->thread, n * sizeof (guint32)),
    .cpu = glow_profile_take_column (profile, samples->cpu, n * sizeof (guint16)),
    .event = glow_profile_take_column (profile, samples->event, n * sizeof (guint16)),
    .weight = glow_profile_take_column (profile, samples->weight, n * sizeof (guint64)),
    .stack = glow_profile_take_column (profile, samples->stack, n * sizeof (guint32)),
    .chain = glow_profile_take_column (profile, samples->chain, n * sizeof (guint32)),
  };
  profile->stacks = (GlowStacks) {
    .n = stacks->n,
    .parent = glow_profile_take_column (profile, stacks->parent, (gsize) stacks->n * sizeof (guint32)),
    .item = glow_profile_take_column (profile, stacks->item, (gsize) stacks->n * sizeof (guint32)),
  };
  if (chains != NULL)
    {
      profile->has_chains = TRUE;
      profile->chains.stacks = (GlowStacks) {
        .n = chains->n,
        .parent = glow_profile_take_column (profile, chains->parent, (gsize) chains->n * sizeof (guint32)),
        .item = glow_profile_take_column (profile, chains->item, (gsize) chains->n * sizeof (guint32)),
      };
      profile->chains.locations = glow_profile_take_column (profile, locations, (gsize) n_locations * sizeof (GlowLocation));
      profile->chains.n_locations = n_locations;
      profile->chains.inline_frames = glow_profile_take_column (profile, inline_frames, (gsize) n_inline_frames * sizeof (guint32));
      take_chain_status (profile, self);
    }
  count_events (profile);
  profile->main_event = choose_main_event (profile);
  if (profile->named)
    count_unknown_leaves (profile);
  glow_profile_builder_free (self);
  return profile;
}

/**
 * glow_profile_builder_new_names:
 * @profile: an unnamed profile with address chains
 *
 * Returns: (transfer full): a builder that starts from @profile's tables; its frames are empty, for naming makes them
 */
GlowProfileBuilder *
glow_profile_builder_new_names (GlowProfile *profile)
{
  GlowProfileBuilder *self = glow_profile_builder_new ();

  glow_strings_unref (self->strings);
  self->strings = glow_strings_copy (profile->strings);
  glow_warnings_add_all (self->warnings, profile->warnings);
  g_array_append_vals (self->modules, profile->modules->data, profile->modules->len);
  g_array_append_vals (self->threads, profile->threads->data, profile->threads->len);
  g_array_append_vals (self->processes, profile->processes->data, profile->processes->len);
  g_array_append_vals (self->events, profile->events->data, profile->events->len);
  g_array_append_vals (self->records, profile->records->data, profile->records->len);
  g_array_append_vals (self->marks, profile->marks->data, profile->marks->len);
  for (guint i = 0; profile->files[i] != NULL; i++)
    g_ptr_array_add (self->files, g_strdup (profile->files[i]));
  self->info = profile->info;
  self->fields = profile->fields != NULL ? glow_field_source_ref (profile->fields) : NULL;
  if (profile->chains.status != NULL)
    {
      self->chain_status = malloc (profile->chains.stacks.n);
      memcpy (self->chain_status, profile->chains.status, profile->chains.stacks.n);
    }
  return self;
}

/* A column of another profile, kept alive by this one. */
static void
share_columns (GlowProfile *self, GlowProfile *other)
{
  for (guint i = 0; i < other->columns->len; i++)
    {
      GBytes *column = g_ptr_array_index (other->columns, i);
      gconstpointer data = g_bytes_get_data (column, NULL);

      /* What naming makes anew is not shared. */
      if (data == other->samples.stack || data == other->stacks.parent || data == other->stacks.item || data == other->chains.locations
          || data == other->chains.inline_frames || data == other->chains.status)
        continue;
      g_ptr_array_add (self->columns, g_bytes_ref (column));
      self->memory += g_bytes_get_size (column);
    }
}

/* What functions are for, by their names, while another thread makes stacks of them. */
typedef struct {
  GlowProfileBuilder *builder;
  GCancellable *cancellable;   /* (nullable) */
} Classifying;

static gpointer
classify (gpointer data)
{
  const Classifying *self = data;

  if (self->cancellable != NULL)
    g_cancellable_push_current (self->cancellable);
  glow_roles_classify (self->builder);
  if (self->cancellable != NULL)
    g_cancellable_pop_current (self->cancellable);
  return NULL;
}

/**
 * glow_profile_builder_finish_names:
 * @self: (transfer full): from glow_profile_builder_new_names(), with frames, modules and warnings filled
 * @profile: the profile it was made from
 * @locations: (transfer full): as many as @profile has, with frames set
 * @inline_frames: (transfer full) (nullable):
 *
 * Call stacks are the address chains with each location replaced by its frames, outermost first; chains that differ in addresses
 * of the same functions fall together; callers that a chain had missed stand where they belong. O(chain nodes + samples).
 *
 * Returns: (transfer full): the named profile
 */
GlowProfile *
glow_profile_builder_finish_names (GlowProfileBuilder *self, GlowProfile *profile, GlowLocation *locations, guint32 *inline_frames,
                                   guint32 n_inline_frames)
{
  const GlowStacks *chains = &profile->chains.stacks;
  GlowProfile *named = g_object_new (GLOW_TYPE_PROFILE, NULL);
  guint32 *stack_of_chain = glow_allocate0 (chains->n, sizeof (guint32));
  guint32 *moved, *column;
  GlowStackArrays stacks;
  GlowTrie trie;
  Classifying classifying = { self, g_cancellable_get_current () };
  GThread *thread = self->frames->len > MANY_FRAMES ? g_thread_try_new ("glow-roles", classify, &classifying, NULL) : NULL;

  g_return_val_if_fail (profile->has_chains, NULL);
  if (thread == NULL)
    classify (&classifying);
  glow_trie_init (&trie, chains->n / 4);
  for (guint32 i = 1; i < chains->n; i++)
    {
      const GlowLocation *location = &locations[chains->item[i]];
      guint32 stack = stack_of_chain[chains->parent[i]];

      __builtin_prefetch (&locations[chains->item[MIN (i + GLOW_AHEAD, chains->n - 1)]]);
      if (glow_cancelled (i))
        break;
      if (G_UNLIKELY (self->missed_callers != NULL && self->missed_callers[i] != GLOW_NONE))
        stack = glow_trie_intern (&trie, stack, self->missed_callers[i]);
      if (location->n_inlined > 0)
        {
          /* The real function is the outermost of the inlined ones, which are kept innermost first. */
          for (guint32 k = location->n_inlined; k-- > 0;)
            stack = glow_trie_intern (&trie, stack, inline_frames[location->first_inlined + k]);
        }
      stack_of_chain[i] = glow_trie_intern (&trie, stack, location->frame);
    }
  stacks = (GlowStackArrays) { trie.n, g_steal_pointer (&trie.parent), g_steal_pointer (&trie.item) };
  glow_trie_clear (&trie);
  moved = glow_stacks_order (&stacks);
  for (guint32 i = 0; moved != NULL && i < chains->n; i++)
    stack_of_chain[i] = moved[stack_of_chain[i]];
  free (moved);
  column = malloc (MAX (profile->samples.n, 1) * sizeof (guint32));
  map_samples (profile->samples.chain, column, profile->samples.n, stack_of_chain);
  if (thread != NULL)
    g_thread_join (thread);
  seal (named, self);
  named->named = TRUE;
  named->chunk = profile->chunk;
  named->chunk_owner = g_object_ref (profile);
  named->samples = profile->samples;
  named->chains = profile->chains;
  named->has_chains = TRUE;
  share_columns (named, profile);
  named->chains.locations = glow_profile_take_column (named, locations, (gsize) profile->chains.n_locations * sizeof (GlowLocation));
  named->chains.inline_frames = glow_profile_take_column (named, inline_frames, (gsize) n_inline_frames * sizeof (guint32));
  named->samples.stack = glow_profile_take_column (named, column, profile->samples.n * sizeof (guint32));
  named->stacks.n = stacks.n;
  named->stacks.parent = glow_profile_take_column (named, stacks.parent, (gsize) stacks.n * sizeof (guint32));
  named->stacks.item = glow_profile_take_column (named, stacks.item, (gsize) stacks.n * sizeof (guint32));
  named->main_event = profile->main_event;
  take_chain_status (named, self);
  if (named->info.skipped_stacks > 0)
    named->chains.call_stacks = glow_profile_take_column (named, stack_of_chain, (gsize) chains->n * sizeof (guint32));
  else
    free (stack_of_chain);
  named->header = profile->header != NULL ? g_variant_ref (profile->header) : NULL;
  count_unknown_leaves (named);
  glow_profile_builder_free (self);
  return named;
}
