/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several profiles as one. Tables are interned anew, so that the same function, thread or module of two files is one; samples are
 * merged by time where all have it and stand one file after the other where one has not. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "model/clocks-private.h"
#include "model/fields-private.h"
#include "model/profile-storage-private.h"
#include "model/trie-private.h"

#include <afterglow/error.h>

#include <stdlib.h>
#include <string.h>

/* What one source's ids became. */
typedef struct {
  GlowProfile *profile;
  guint32 *strings, *modules, *frames, *processes, *threads, *events, *stacks;
  guint32 chain_offset, location_offset, inline_offset;
  GlowClockPlace place;
  guint32 origin;              /* string: the file, where there are several machines; else 0 */
} Source;

typedef struct {
  guint64 time;
  guint32 source;
  gsize index;
} Entry;

static void
source_clear (Source *self)
{
  g_free (self->strings);
  g_free (self->modules);
  g_free (self->frames);
  g_free (self->processes);
  g_free (self->threads);
  g_free (self->events);
  g_free (self->stacks);
}

static void
merge_strings (GlowProfileBuilder *builder, Source *source)
{
  guint32 n = glow_strings_get_n (source->profile->strings);

  source->strings = g_new (guint32, n);
  for (guint32 i = 0; i < n; i++)
    {
      gsize length;
      const char *bytes = glow_strings_get_bytes (source->profile->strings, i, &length);

      source->strings[i] = glow_strings_intern (builder->strings, bytes, length);
    }
}

static guint32
find_module (GArray *modules, const GlowModule *module)
{
  for (guint32 i = 0; i < modules->len; i++)
    {
      const GlowModule *other = &g_array_index (modules, GlowModule, i);

      if (other->path == module->path && other->name == module->name && other->kind == module->kind && other->pid == module->pid
          && other->build_id_length == module->build_id_length
          && memcmp (other->build_id, module->build_id, module->build_id_length) == 0)
        return i;
    }
  g_array_append_vals (modules, module, 1);
  return modules->len - 1;
}

static void
merge_modules (GlowProfileBuilder *builder, Source *source)
{
  GArray *modules = source->profile->modules;

  source->modules = g_new (guint32, modules->len + 1);
  for (guint32 i = 0; i < modules->len; i++)
    {
      GlowModule module = g_array_index (modules, GlowModule, i);
      const GArray *symbols = glow_profile_get_recorded_symbols (source->profile, i);

      module.name = source->strings[module.name];
      module.path = source->strings[module.path];
      module.symbol_file = source->strings[module.symbol_file];
      source->modules[i] = find_module (builder->modules, &module);
      if (symbols != NULL && !g_hash_table_contains (builder->recorded_symbols, GUINT_TO_POINTER (source->modules[i])))
        {
          GArray *copy = g_array_sized_new (FALSE, FALSE, sizeof (GlowRecordedSymbol), symbols->len);

          g_array_append_vals (copy, symbols->data, symbols->len);
          for (guint k = 0; k < copy->len; k++)
            {
              GlowRecordedSymbol *symbol = &g_array_index (copy, GlowRecordedSymbol, k);

              symbol->name = source->strings[symbol->name];
              symbol->file = source->strings[symbol->file];
            }
          g_hash_table_insert (builder->recorded_symbols, GUINT_TO_POINTER (source->modules[i]), copy);
        }
    }
}

static void
merge_frames (GlowProfileBuilder *builder, Source *source)
{
  GArray *frames = source->profile->frames;

  source->frames = g_new (guint32, frames->len + 1);
  for (guint32 i = 0; i < frames->len; i++)
    {
      GlowFrame frame = g_array_index (frames, GlowFrame, i);

      frame.name = source->strings[frame.name];
      frame.raw_name = source->strings[frame.raw_name];
      frame.file = source->strings[frame.file];
      if (frame.module != GLOW_NONE)
        frame.module = source->modules[frame.module];
      source->frames[i] = glow_profile_builder_frame (builder, &frame);
    }
}

static void
merge_threads (GlowProfileBuilder *builder, Source *source, GHashTable *process_index, GHashTable *thread_index)
{
  GArray *processes = source->profile->processes, *threads = source->profile->threads;

  source->processes = g_new (guint32, processes->len + 1);
  for (guint32 i = 0; i < processes->len; i++)
    {
      GlowProcess process = g_array_index (processes, GlowProcess, i);
      g_autofree char *key = NULL;
      gpointer found;

      process.comm = source->strings[process.comm];
      process.origin = source->origin;
      key = g_strdup_printf ("%u %d %u", source->place.machine, process.pid, process.comm);
      if (!g_hash_table_lookup_extended (process_index, key, NULL, &found))
        {
          g_array_append_val (builder->processes, process);
          found = GUINT_TO_POINTER (builder->processes->len - 1);
          g_hash_table_insert (process_index, g_steal_pointer (&key), found);
        }
      source->processes[i] = GPOINTER_TO_UINT (found);
      g_array_index (builder->processes, GlowProcess, source->processes[i]).is_running |= process.is_running;
    }
  source->threads = g_new (guint32, threads->len + 1);
  for (guint32 i = 0; i < threads->len; i++)
    {
      GlowThread thread = g_array_index (threads, GlowThread, i);
      g_autofree char *key = NULL;
      gpointer found;

      thread.comm = source->strings[thread.comm];
      thread.cgroup = source->strings[thread.cgroup];
      thread.process = source->processes[thread.process];
      if (thread.start_time != 0)
        thread.start_time += source->place.shift;
      if (thread.end_time != G_MAXUINT64)
        thread.end_time += source->place.shift;
      key = g_strdup_printf ("%d %d %u %u %u", thread.pid, thread.tid, thread.comm, thread.process, thread.cgroup);
      if (g_hash_table_lookup_extended (thread_index, key, NULL, &found))
        {
          GlowThread *known = &g_array_index (builder->threads, GlowThread, GPOINTER_TO_UINT (found));

          known->start_time = MIN (known->start_time, thread.start_time);
          known->end_time = MAX (known->end_time, thread.end_time);
          known->cgroup_at_opening |= thread.cgroup_at_opening;
        }
      else
        {
          g_array_append_val (builder->threads, thread);
          found = GUINT_TO_POINTER (builder->threads->len - 1);
          g_hash_table_insert (thread_index, g_steal_pointer (&key), found);
        }
      source->threads[i] = GPOINTER_TO_UINT (found);
    }
}

static void
merge_records (GlowProfileBuilder *builder, const Source *source)
{
  for (guint i = 0; i < source->profile->records->len; i++)
    {
      GlowRecordCount record = g_array_index (source->profile->records, GlowRecordCount, i);
      guint at = 0;

      record.name = source->strings[record.name];
      while (at < builder->records->len && g_array_index (builder->records, GlowRecordCount, at).name != record.name)
        at++;
      if (at < builder->records->len)
        g_array_index (builder->records, GlowRecordCount, at).count += record.count;
      else
        g_array_append_val (builder->records, record);
    }
}

static void
merge_marks (GlowProfileBuilder *builder, const Source *source)
{
  for (guint i = 0; i < source->profile->marks->len; i++)
    {
      GlowMark mark = g_array_index (source->profile->marks, GlowMark, i);

      mark.time += source->place.shift;
      g_array_append_val (builder->marks, mark);
    }
}

static void
merge_events (GlowProfileBuilder *builder, Source *source)
{
  GArray *events = source->profile->events;
  guint32 n_known = builder->events->len;
  g_autofree guint8 *taken = g_new0 (guint8, n_known + 1);

  source->events = g_new (guint32, events->len + 1);
  for (guint32 i = 0; i < events->len; i++)
    {
      GlowEvent event = g_array_index (events, GlowEvent, i);
      guint32 at;

      event.name = source->strings[event.name];
      event.clock = source->strings[event.clock];
      /* Clocks beside each other have one name in a recording that is still written: the first is the first, the second the second. */
      for (at = 0; at < n_known; at++)
        {
          GlowEvent *known = &g_array_index (builder->events, GlowEvent, at);

          if (!taken[at] && known->name == event.name && known->unit == event.unit && known->weight_counts_samples == event.weight_counts_samples)
            {
              known->weight_decimals = MAX (known->weight_decimals, event.weight_decimals);
              if (known->frequency_hz != event.frequency_hz)
                known->frequency_hz = 0;
              if (known->period != event.period)
                known->period = 0;
              known->counted += event.counted;
              known->time_enabled += event.time_enabled;
              known->time_running += event.time_running;
              break;
            }
        }
      if (at < n_known)
        taken[at] = TRUE;
      else
        {
          at = builder->events->len;
          g_array_append_val (builder->events, event);
        }
      source->events[i] = at;
    }
}

static void
merge_stacks (GlowTrie *trie, Source *source)
{
  const GlowStacks *stacks = &source->profile->stacks;

  source->stacks = g_new (guint32, stacks->n);
  source->stacks[0] = 0;
  for (guint32 i = 1; i < stacks->n; i++)
    source->stacks[i] = glow_trie_intern (trie, source->stacks[stacks->parent[i]], source->frames[stacks->item[i]]);
}

/* Address chains of different files are laid one behind the other: equal ones would have to lie in equal address spaces. */
static gboolean
merge_chains (GlowProfileBuilder *builder, Source *sources, guint n, GlowStackArrays *chains, GlowLocation **locations, guint32 *n_locations,
              guint32 **inline_frames, guint32 *n_inline_frames)
{
  guint64 nodes = 1, all_locations = 0, all_inline = 0;
  guint32 at = 1;

  for (guint s = 0; s < n; s++)
    {
      const GlowChains *own = &sources[s].profile->chains;

      if (!sources[s].profile->has_chains)
        continue;
      nodes += own->stacks.n - 1;
      all_locations += own->n_locations;
      for (guint32 i = 0; i < own->n_locations; i++)
        all_inline = MAX (all_inline, (guint64) own->locations[i].first_inlined + own->locations[i].n_inlined);
    }
  if (nodes == 1 || nodes >= G_MAXUINT32 || all_locations >= G_MAXUINT32)
    return FALSE;
  *chains = (GlowStackArrays) { nodes, malloc (nodes * sizeof (guint32)), malloc (nodes * sizeof (guint32)) };
  *locations = malloc (MAX (all_locations, 1) * sizeof (GlowLocation));
  *inline_frames = malloc (MAX (all_inline * n, 1) * sizeof (guint32));
  *n_locations = *n_inline_frames = 0;
  builder->chain_status = calloc (nodes, 1);
  chains->parent[0] = 0;
  chains->item[0] = G_MAXUINT32;
  for (guint s = 0; s < n; s++)
    {
      const GlowChains *own = &sources[s].profile->chains;
      Source *source = &sources[s];
      guint32 own_inline = 0;

      if (!source->profile->has_chains)
        continue;
      source->chain_offset = at - 1;
      source->location_offset = *n_locations;
      source->inline_offset = *n_inline_frames;
      for (guint32 i = 1; i < own->stacks.n; i++, at++)
        {
          chains->parent[at] = own->stacks.parent[i] == 0 ? 0 : own->stacks.parent[i] + source->chain_offset;
          chains->item[at] = own->stacks.item[i] + source->location_offset;
          builder->chain_status[at] = own->status != NULL ? own->status[i] : 0;
        }
      for (guint32 i = 0; i < own->n_locations; i++)
        {
          GlowLocation *location = &(*locations)[(*n_locations)++];

          *location = own->locations[i];
          own_inline = MAX (own_inline, location->first_inlined + location->n_inlined);
          location->first_inlined += source->inline_offset;
          location->source_file = source->strings[location->source_file];
          if (location->module != GLOW_NONE)
            location->module = source->modules[location->module];
          if (location->frame != GLOW_NONE)
            location->frame = source->frames[location->frame];
        }
      for (guint32 i = 0; i < own_inline; i++)
        (*inline_frames)[(*n_inline_frames)++] = source->frames[own->inline_frames[i]];
    }
  return TRUE;
}

/* Runs of entries, each in order of time, merged two by two: stable, O(samples × log files). */
static Entry *
order_by_time (Source *sources, guint n, gsize n_samples)
{
  Entry *from = g_new (Entry, n_samples + 1), *to = g_new (Entry, n_samples + 1);
  g_autofree gsize *starts = g_new (gsize, n + 1);
  gsize at = 0;
  guint n_runs = n;

  for (guint s = 0; s < n; s++)
    {
      const GlowSamples *own = &sources[s].profile->samples;

      starts[s] = at;
      for (gsize i = 0; i < own->n; i++)
        from[at++] = (Entry) { own->time != NULL ? own->time[i] + sources[s].place.shift : 0, s, i };
    }
  starts[n] = at;
  for (guint s = 0; s < n; s++)
    if (sources[s].profile->samples.time == NULL)
      n_runs = 1;              /* no common order: as they stand */
  while (n_runs > 1)
    {
      guint runs = 0;

      for (guint r = 0; r < n_runs; r += 2)
        {
          gsize a = starts[r], middle = starts[r + 1], b = middle, end = r + 2 <= n_runs ? starts[r + 2] : middle, out = a;

          while (a < middle || b < end)
            to[out++] = b >= end || (a < middle && from[a].time <= from[b].time) ? from[a++] : from[b++];
          starts[runs++] = starts[r];
        }
      starts[runs] = at;
      n_runs = runs;
      {
        Entry *swap = from;

        from = to;
        to = swap;
      }
    }
  g_free (to);
  return from;
}

/* A row for samples of files that know no threads, beside files that do. */
static guint32
nameless_thread (GlowProfileBuilder *builder)
{
  GlowProcess process = { .pid = -1 };
  GlowThread thread = { .pid = -1, .tid = -1, .process = builder->processes->len, .end_time = G_MAXUINT64 };

  g_array_append_val (builder->processes, process);
  g_array_append_val (builder->threads, thread);
  return builder->threads->len - 1;
}

static guint64
weight_of (const Source *source, const GlowProfileBuilder *builder, gsize i)
{
  const GlowSamples *own = &source->profile->samples;
  guint e = own->event != NULL ? own->event[i] : 0;
  guint64 weight = own->weight != NULL ? own->weight[i] : 1;
  guint8 have, want;

  if (e >= source->profile->events->len)
    return weight;
  have = g_array_index (source->profile->events, GlowEvent, e).weight_decimals;
  want = g_array_index (builder->events, GlowEvent, source->events[e]).weight_decimals;
  for (; have < want; have++)
    weight *= 10;
  return weight;
}

/* Fields stay where they are: each row of the whole knows the file and row it came from. */
static void
merge_field_sources (GlowProfileBuilder *builder, Source *sources, guint n, const Entry *order, gsize n_samples)
{
  g_autofree GlowFieldSource **own = g_new0 (GlowFieldSource *, n);
  g_autofree const guint32 **events = g_new0 (const guint32 *, n);
  g_autofree guint *n_events = g_new0 (guint, n);
  gboolean any = FALSE;
  guint16 *of;
  guint32 *rows;

  for (guint s = 0; s < n; s++)
    {
      own[s] = sources[s].profile->fields;
      events[s] = sources[s].events;
      n_events[s] = sources[s].profile->events->len;
      any |= own[s] != NULL;
    }
  if (!any || n > G_MAXUINT16)
    return;
  of = malloc ((n_samples + 1) * sizeof (guint16));
  rows = malloc ((n_samples + 1) * sizeof (guint32));
  for (gsize k = 0; k < n_samples; k++)
    {
      of[k] = order[k].source;
      rows[k] = order[k].index;
    }
  builder->fields = glow_field_source_merge (own, n, events, n_events, builder->events->len, of, rows);
}

static void
merge_samples (GlowProfileBuilder *builder, Source *sources, guint n, gboolean with_chains, GlowSampleArrays *out)
{
  gboolean time = FALSE, thread = FALSE, cpu = FALSE;
  g_autofree Entry *order = NULL;
  guint32 nameless = GLOW_NONE;

  for (guint s = 0; s < n; s++)
    {
      const GlowSamples *own = &sources[s].profile->samples;

      out->n += own->n;
      time |= own->time != NULL;
      thread |= own->thread != NULL;
      cpu |= own->cpu != NULL;
    }
  order = order_by_time (sources, n, out->n);
#define COLUMN(type) malloc (MAX (out->n, 1) * sizeof (type))
  out->time = time ? COLUMN (guint64) : NULL;
  out->thread = thread ? COLUMN (guint32) : NULL;
  out->cpu = cpu ? COLUMN (guint16) : NULL;
  out->event = COLUMN (guint16);
  out->weight = COLUMN (guint64);
  out->stack = COLUMN (guint32);
  out->chain = with_chains ? COLUMN (guint32) : NULL;
#undef COLUMN
  merge_field_sources (builder, sources, n, order, out->n);
  for (gsize k = 0; k < out->n; k++)
    {
      const Source *source = &sources[order[k].source];
      const GlowSamples *own = &source->profile->samples;
      gsize i = order[k].index;

      if (time)
        out->time[k] = own->time != NULL ? own->time[i] + source->place.shift : builder->info.first_time;
      if (thread && own->thread != NULL)
        out->thread[k] = source->threads[own->thread[i]];
      else if (thread)
        {
          if (nameless == GLOW_NONE)
            nameless = nameless_thread (builder);
          out->thread[k] = nameless;
        }
      if (cpu)
        out->cpu[k] = own->cpu != NULL ? own->cpu[i] : G_MAXUINT16;
      out->event[k] = source->events[own->event != NULL ? own->event[i] : 0];
      out->weight[k] = weight_of (source, builder, i);
      out->stack[k] = source->stacks[own->stack[i]];
      if (with_chains)
        out->chain[k] = own->chain != NULL && own->chain[i] != 0 ? own->chain[i] + source->chain_offset : 0;
    }
}

static void
merge_info (GlowProfileBuilder *builder, Source *sources, guint n)
{
  GlowProfileInfo *info = &builder->info;
  gboolean all_joined = TRUE;

  for (guint s = 0; s < n; s++)
    {
      const GlowProfileInfo *own = &sources[s].profile->info;

      if (s == 0)
        {
          *info = *own;
          glow_profile_info_keep (info, builder->chunk);
          info->first_time += info->last_time > 0 ? sources[0].place.shift : 0;
          info->last_time += info->last_time > 0 ? sources[0].place.shift : 0;
          info->wall_clock_offset -= sources[0].place.shift;
          continue;
        }
      /* What the files disagree on is not known of the whole. */
#define AGREE(member) if (g_strcmp0 (info->member, own->member) != 0) info->member = NULL
      AGREE (format_detail);
      AGREE (hostname);
      AGREE (os_release);
      AGREE (arch);
      AGREE (perf_version);
      AGREE (command_line);
      AGREE (cpu_description);
      AGREE (cpu_id);
      AGREE (clock_name);
      if (g_strcmp0 (info->format, own->format) != 0)
        info->format = g_string_chunk_insert_const (builder->chunk, "mixed");
#undef AGREE
      if (own->last_time > 0)
        {
          guint64 first = own->first_time + sources[s].place.shift, last = own->last_time + sources[s].place.shift;

          info->first_time = info->last_time > 0 ? MIN (info->first_time, first) : first;
          info->last_time = MAX (info->last_time, last);
        }
      if (!info->has_wall_clock && own->has_wall_clock && sources[s].place.joined)
        {
          info->has_wall_clock = TRUE;
          info->wall_clock_offset = own->wall_clock_offset - sources[s].place.shift;
        }
      all_joined &= sources[s].place.joined;
      info->clock = sources[s].place.joined ? info->clock : GLOW_CLOCK_UNKNOWN;
      info->unfinished |= own->unfinished;
      info->file_time = info->file_born = 0;
      info->n_cpus_online = MAX (info->n_cpus_online, own->n_cpus_online);
      info->n_cpus_available = MAX (info->n_cpus_available, own->n_cpus_available);
      info->memory_bytes = MAX (info->memory_bytes, own->memory_bytes);
      info->lost_samples += own->lost_samples;
      info->lost_events += own->lost_events;
      info->throttled += own->throttled;
      info->unthrottled += own->unthrottled;
      info->truncated_stacks += own->truncated_stacks;
      info->broken_stacks += own->broken_stacks;
      info->skipped_stacks += own->skipped_stacks;
      info->torn_stacks += own->torn_stacks;
      info->repaired_stacks += own->repaired_stacks;
      info->file_bytes += own->file_bytes;
      info->max_stack = MAX (info->max_stack, own->max_stack);
      info->has_frame_pointers |= own->has_frame_pointers;
    }
  info->has_wall_clock &= all_joined;
}

/* Where the wall clock lay below the base's, times would be below zero: all are moved up, the distance from the wall clock down. */
static void
keep_times_positive (Source *sources, guint n)
{
  gint64 least = 0;

  for (guint s = 0; s < n; s++)
    if (sources[s].profile->samples.time != NULL && sources[s].profile->samples.n > 0)
      least = MIN (least, (gint64) sources[s].profile->info.first_time + sources[s].place.shift);
  for (guint s = 0; s < n; s++)
    sources[s].place.shift -= least;
}

/* The shortest names that tell the files of several machines apart. */
static void
name_origins (GlowProfileBuilder *builder, Source *sources, guint n)
{
  gboolean several = FALSE, clash = FALSE;

  for (guint s = 1; s < n; s++)
    several |= sources[s].place.machine != sources[0].place.machine && sources[s].profile->processes->len > 0;
  for (guint s = 0; s < n && several; s++)
    for (guint t = 0; t < s; t++)
      {
        g_autofree char *own = g_path_get_basename (sources[s].profile->files[0]), *other = g_path_get_basename (sources[t].profile->files[0]);

        clash |= strcmp (own, other) == 0;
      }
  for (guint s = 0; s < n && several; s++)
    {
      const char *file = sources[sources[s].place.machine].profile->files[0];
      g_autofree char *name = clash ? g_strdup (file) : g_path_get_basename (file);

      sources[s].origin = glow_strings_intern (builder->strings, name, -1);
    }
}

static GlowProfile *
merge (GlowProfile *const *profiles, guint n, gboolean are_parts, GError **error)
{
  g_autofree Source *sources = NULL;
  g_autofree GlowClockPlace *places = NULL;
  g_autoptr(GHashTable) process_index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GHashTable) thread_index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GlowProfileBuilder *builder;
  GlowProfile *merged;
  GlowSampleArrays samples = { 0 };
  GlowStackArrays stacks, chains;
  GlowLocation *locations = NULL;
  guint32 *inline_frames = NULL, n_locations = 0, n_inline_frames = 0;
  gboolean with_chains;
  GlowTrie trie;

  if (n == 0)
    {
      g_set_error_literal (error, GLOW_ERROR, GLOW_ERROR_EMPTY, _("There is no recording to merge"));
      return NULL;
    }
  if (n == 1)
    return g_object_ref (profiles[0]);
  sources = g_new0 (Source, n);
  builder = glow_profile_builder_new ();
  glow_trie_init (&trie, 0);
  builder->named = TRUE;
  places = are_parts ? g_new0 (GlowClockPlace, n) : glow_clocks_join (profiles, n, builder->warnings);
  for (guint s = 0; s < n; s++)
    {
      sources[s].profile = profiles[s];
      sources[s].place = places[s];
      sources[s].place.joined |= are_parts;
    }
  keep_times_positive (sources, n);
  name_origins (builder, sources, n);
  for (guint s = 0; s < n; s++)
    {
      Source *source = &sources[s];

      builder->named &= profiles[s]->named;
      merge_strings (builder, source);
      merge_modules (builder, source);
      merge_frames (builder, source);
      merge_threads (builder, source, process_index, thread_index);
      merge_events (builder, source);
      merge_records (builder, source);
      merge_marks (builder, source);
      merge_stacks (&trie, source);
      glow_warnings_add_all (builder->warnings, profiles[s]->warnings);
      for (guint i = 0; profiles[s]->files[i] != NULL && (s == 0 || !are_parts); i++)
        g_ptr_array_add (builder->files, g_strdup (profiles[s]->files[i]));
    }
  merge_info (builder, sources, n);
  with_chains = merge_chains (builder, sources, n, &chains, &locations, &n_locations, &inline_frames, &n_inline_frames);
  merge_samples (builder, sources, n, with_chains, &samples);
  stacks = (GlowStackArrays) { trie.n, g_steal_pointer (&trie.parent), g_steal_pointer (&trie.item) };
  glow_trie_clear (&trie);
  for (guint s = 0; s < n; s++)
    source_clear (&sources[s]);
  merged = glow_profile_builder_finish (builder, &samples, &stacks, with_chains ? &chains : NULL, locations, n_locations,
                                        inline_frames, n_inline_frames);
  return merged;
}

/**
 * glow_profile_merge:
 * @profiles: (array length=n): profiles, all named or all unnamed
 * @n: at least 1
 *
 * Times are put on one clock where that can be done, and processes of several machines or boots are kept apart (clocks.c).
 * O(samples × log n + table sizes).
 *
 * Returns: (transfer full): one profile of all samples; @profiles[0] itself where it is alone
 */
GlowProfile *
glow_profile_merge (GlowProfile *const *profiles, guint n, GError **error)
{
  return merge (profiles, n, FALSE, error);
}

GlowProfile *
glow_profile_merge_parts (GlowProfile *const *profiles, guint n, GError **error)
{
  return merge (profiles, n, TRUE, error);
}
