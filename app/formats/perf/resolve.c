/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From raw addresses to locations, and from rows to columns. Each distinct (address space, address) is looked up once; samples of a
 * process whose maps changed under its addresses take the version of their time. A location is a place in a file: processes that have the
 * file mapped, each where its address space was randomised to, share locations and chains. */
#include <config.h>

#include <inttypes.h>
#include <glib/gi18n-lib.h>

#include "formats/perf/perf-private.h"
#include "model/memory-private.h"
#include "symbols/symbolise-private.h"

#include <stdlib.h>
#include <string.h>

/* So many rows take some milliseconds. */
#define CHECK_EVERY 0xffff
/* Places that were looked up last, a power of two: code of the kernel and of what processes were forked from comes again under every one of them. */
#define RECENT 8192
/* Room that is asked for at once; what stays empty is never touched. */
#define LOCATIONS_AT_ONCE (1u << 22)
#define CHAINS_AT_ONCE (1u << 20)
#define MANY_SPACES 8

typedef struct {
  guint64 ip;
  const SpaceMaps *maps;       /* NULL: none */
  guint32 location;
  guint8 kind;
} Recent;

/* Threads that were never called anything else, by their numbers. */
#define THREADS 4096

typedef struct {
  gint32 pid, tid;
  guint32 row;                 /* + 1; 0: none */
} ConstantThread;

typedef struct {
  PerfReader *reader;
  GlowTrie chains;             /* items are locations */
  GlowLocation *locations;
  guint32 n_locations, locations_capacity;
  guint32 *slots;
  guint32 mask;
  guint32 kernel_module, guest_kernel, guest_user;
  guint32 *resolved;           /* of the decoder at hand: chain of each raw node */
  GHashTable *versions;        /* (raw node, version) → chain */
  GlowSymbolLoader *loader;    /* (nullable): opens the files of modules that occur */
  guint32 last_wanted;
  gboolean keep_addresses;
  guint8 *status;              /* by chain, as far as @n_status; the rest have none */
  guint32 n_status;
  Recent *recent;
} Resolver;

/**
 * perf_begin_symbols:
 *
 * Has symbols opened in a thread, as it becomes known whose are needed.
 */
void
perf_begin_symbols (PerfReader *self)
{
  gboolean doubted = FALSE;

  for (guint i = 0; i < self->events->len; i++)
    {
      guint64 type = g_array_index (self->events, PerfEvent, i).sample_type;

      doubted |= self->dialect == PERF_DIALECT_PERF && type & SAMPLE_CALLCHAIN && !(type & SAMPLE_STACK_USER);
    }
  self->loader = glow_symbol_loader_new (&self->builder->info, self->builder->files, self->options, doubted, self->cancellable);
}

/* The first place of a module: its symbols will be needed. */
static void
want_symbols (Resolver *self, guint32 index)
{
  GlowProfileBuilder *builder = self->reader->builder;
  const GlowModule *module = &g_array_index (builder->modules, GlowModule, index);

  if (!g_hash_table_contains (builder->recorded_symbols, GUINT_TO_POINTER (index)))
    glow_symbol_loader_want (self->loader, index, module, glow_strings_get (builder->strings, module->path));
}

static inline guint32
slot_of (const Resolver *self, const GlowLocation *location)
{
  guint64 key = (self->keep_addresses ? location->address : location->offset) ^ (guint64) location->module << 40;

  return (key * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)) >> 32 & self->mask;
}

static void
grow_locations (Resolver *self)
{
  guint32 mask = self->mask * 2 + 1;

  self->locations = glow_grow (self->locations, self->n_locations, (gsize) self->locations_capacity * 2, sizeof (GlowLocation));
  self->locations_capacity = self->locations_capacity * 2;
  free (self->slots);
  self->slots = glow_allocate0 ((gsize) mask + 1, sizeof (guint32));
  self->mask = mask;
  for (guint32 i = 0; i < self->n_locations; i++)
    {
      guint32 at = slot_of (self, &self->locations[i]);

      while (self->slots[at] != 0)
        at = (at + 1) & mask;
      self->slots[at] = i + 1;
    }
}

/* What lies below 4 GiB is kept apart: processes of 32 bits have a vdso of their own, under the same name. */
static guint32
intern_location (Resolver *self, const GlowLocation *location)
{
  guint32 at = slot_of (self, location);

  for (; self->slots[at] != 0; at = (at + 1) & self->mask)
    {
      const GlowLocation *known = &self->locations[self->slots[at] - 1];

      if (known->offset == location->offset && known->module == location->module && known->kind == location->kind
          && (self->keep_addresses ? known->address == location->address : (known->address >> 32 == 0) == (location->address >> 32 == 0)))
        return self->slots[at] - 1;
    }
  self->locations[self->n_locations++] = *location;
  self->slots[at] = self->n_locations;
  if (self->loader != NULL && location->module != GLOW_NONE && location->module != self->last_wanted)
    want_symbols (self, self->last_wanted = location->module);
  if (self->n_locations == self->locations_capacity)
    grow_locations (self);
  return self->n_locations - 1;
}

/* What of its samples' stacks was found to be missing is noted of the chain. */
static void
note_status (Resolver *self, guint32 chain, guint8 status)
{
  if (chain >= self->n_status)
    {
      guint32 n = MAX (chain + 1, self->n_status * 2);

      self->status = g_realloc (self->status, n);
      memset (self->status + self->n_status, 0, n - self->n_status);
      self->n_status = n;
    }
  self->status[chain] |= status;
}

static guint32
locate (Resolver *self, const Space *space, const SpaceMaps *maps, guint64 ip, guint8 kind, guint64 time)
{
  GlowLocation location = { .address = ip, .offset = ip, .module = GLOW_NONE, .frame = GLOW_NONE, .symbol_offset = G_MAXUINT64, .kind = kind };
  const SpaceMaps *table = kind == GLOW_FRAME_KERNEL ? self->reader->kernel->versions[0].maps : kind == GLOW_FRAME_GUEST ? NULL : maps;
  const JitCode *code = kind == GLOW_FRAME_USER && space != NULL && space->jit != NULL ? perf_jit_find (space, ip, time) : NULL;
  const SpaceMap *map;
  const JitLine *line;

  if (code != NULL)
    {
      location.module = code->module;
      location.offset = ip - code->start + code->base;
      line = perf_jit_find_line (space, code, location.offset);
      if (line != NULL)
        {
          location.source_file = line->file;
          location.source_line = line->line;
        }
    }
  else if (table != NULL)
    {
      map = perf_maps_find (table, ip);
      if (map != NULL)
        {
          guint8 module_kind = g_array_index (self->reader->builder->modules, GlowModule, map->module).kind;

          location.module = map->module;
          if (module_kind == GLOW_MODULE_USER || module_kind == GLOW_MODULE_VDSO)
            location.offset = ip - map->start + map->pgoff;
        }
    }
  if (location.module == GLOW_NONE && kind == GLOW_FRAME_KERNEL)
    {
      if (self->kernel_module == GLOW_NONE)
        self->kernel_module = perf_module (self->reader, "[kernel.kallsyms]", 1, -1, NULL, 0);
      location.module = self->kernel_module;
    }
  if (location.module == GLOW_NONE && kind == GLOW_FRAME_GUEST)
    {
      /* The maps of a virtual machine are its own: all that is told is which half of its memory it was. */
      gboolean in_kernel = ip >> 63;
      guint32 *module = in_kernel ? &self->guest_kernel : &self->guest_user;

      if (*module == GLOW_NONE)
        *module = perf_module (self->reader, in_kernel ? "[guest.kernel.kallsyms]" : "[guest.user]", in_kernel ? 4 : 5, -1, NULL, 0);
      location.module = *module;
    }
  return intern_location (self, &location);
}

/* The same, for places that come again and again. Compiled code is not one of them: what stood at a place changes with time. */
static guint32
locate_again (Resolver *self, const Space *space, const SpaceMaps *maps, guint64 ip, guint8 kind, guint64 time)
{
  const SpaceMaps *table = kind == GLOW_FRAME_KERNEL ? self->reader->kernel->versions[0].maps : maps;
  Recent *recent;

  if (table == NULL || (kind == GLOW_FRAME_USER && space != NULL && space->jit != NULL))
    return locate (self, space, maps, ip, kind, time);
  /* What is below is the same for all that were forked from one. */
  if (table->below != NULL && perf_maps_find_own (table, ip) == NULL)
    table = table->below;
  recent = &self->recent[((ip ^ GPOINTER_TO_SIZE (table) << 7) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)) >> 40 & (RECENT - 1)];
  if (recent->ip != ip || recent->maps != table || recent->kind != kind)
    *recent = (Recent) { ip, table, locate (self, space, table, ip, kind, time), kind };
  return recent->location;
}

/* All raw nodes of processes with one version, in one pass; GLOW_NONE marks those that need a time. FALSE where cancelled. */
static gboolean
resolve_nodes (Resolver *self, const RawTrie *raw)
{
  g_autofree Space **space_of_node = g_new0 (Space *, raw->n);
  g_autofree guint8 *many = g_new0 (guint8, raw->n);

  self->resolved = g_renew (guint32, self->resolved, raw->n);
  self->resolved[0] = 0;
  for (guint32 i = 1; i < raw->n; i++)
    {
      guint32 parent = raw->nodes[i].parent;

      if ((i & CHECK_EVERY) == 0 && g_cancellable_is_cancelled (self->reader->cancellable))
        return FALSE;
      if (raw->nodes[i].kind == RAW_ROOT_KIND)
        {
          Space *space = g_hash_table_lookup (self->reader->spaces, GINT_TO_POINTER ((gint32) raw->nodes[i].ip));

          space_of_node[i] = space;
          many[i] = space != NULL && (space->n_versions > 1 || space->jit_reused);
          self->resolved[i] = 0;
          continue;
        }
      space_of_node[i] = space_of_node[parent];
      many[i] = many[parent];
      if (many[i])
        {
          self->resolved[i] = GLOW_NONE;
          continue;
        }
      self->resolved[i] = glow_trie_intern (&self->chains, self->resolved[parent],
                                            locate_again (self, space_of_node[i],
                                                          space_of_node[i] != NULL ? space_of_node[i]->versions[0].maps : NULL,
                                                          raw->nodes[i].ip, raw->nodes[i].kind, 0));
      if (G_UNLIKELY (raw->nodes[i].status != 0))
        note_status (self, self->resolved[i], raw->nodes[i].status);
    }
  return TRUE;
}

/* A chain of a process whose maps changed: by the version of the sample's time. */
static guint32
resolve_at (Resolver *self, const RawTrie *raw, guint32 node, guint64 time)
{
  guint32 path[4096], n = 0, chain = 0, at = node;
  Space *space;
  const SpaceMaps *maps;
  guint version;
  guint64 key;
  gpointer known;

  while (raw->nodes[at].kind != RAW_ROOT_KIND && n < G_N_ELEMENTS (path))
    {
      path[n++] = at;
      at = raw->nodes[at].parent;
    }
  space = at != 0 ? g_hash_table_lookup (self->reader->spaces, GINT_TO_POINTER ((gint32) raw->nodes[at].ip)) : NULL;
  if (space == NULL)
    return 0;
  maps = perf_space_at (space, time, &version);
  key = (guint64) version << 32 | node;
  if (!space->jit_reused && g_hash_table_lookup_extended (self->versions, &key, NULL, &known))
    return GPOINTER_TO_UINT (known);
  while (n-- > 0)
    chain = glow_trie_intern (&self->chains, chain, locate_again (self, space, maps, raw->nodes[path[n]].ip, raw->nodes[path[n]].kind, time));
  if (raw->nodes[node].status != 0)
    note_status (self, chain, raw->nodes[node].status);
  if (!space->jit_reused)
    g_hash_table_insert (self->versions, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (chain));
  return chain;
}

/* ---- frames before names ---- */

static guint32
module_frame (Resolver *self, guint32 module, guint8 kind)
{
  GlowProfileBuilder *builder = self->reader->builder;
  g_autofree char *name = NULL;
  GlowFrame frame = { .module = module, .kind = GLOW_FRAME_UNKNOWN };

  if (module == GLOW_NONE)
    name = g_strdup ("[unknown]");
  else
    {
      const char *own = glow_strings_get (builder->strings, g_array_index (builder->modules, GlowModule, module).name);

      name = *own == '[' ? g_strdup (own) : g_strdup_printf ("[%s]", own);
    }
  frame.name = frame.raw_name = glow_strings_intern (builder->strings, name, -1);
  return glow_profile_builder_frame (builder, &frame);
}

static void
make_stacks (Resolver *self, GlowSampleArrays *samples, GlowStackArrays *stacks)
{
  g_autofree guint32 *stack_of_chain = g_new0 (guint32, self->chains.n);
  g_autofree guint32 *frame_of_module = NULL;
  guint n_modules = self->reader->builder->modules->len;
  GlowTrie trie;

  frame_of_module = g_new (guint32, n_modules + 1);
  for (guint i = 0; i <= n_modules; i++)
    frame_of_module[i] = module_frame (self, i < n_modules ? i : GLOW_NONE, GLOW_FRAME_USER);
  glow_trie_init (&trie, 0);
  for (guint32 i = 1; i < self->chains.n; i++)
    {
      guint32 module = self->locations[self->chains.item[i]].module;

      __builtin_prefetch (&self->locations[self->chains.item[MIN (i + GLOW_AHEAD, self->chains.n - 1)]]);
      stack_of_chain[i] = glow_trie_intern (&trie, stack_of_chain[self->chains.parent[i]], frame_of_module[MIN (module, n_modules)]);
    }
  for (guint32 i = 0; i < self->n_locations; i++)
    self->locations[i].frame = frame_of_module[MIN (self->locations[i].module, n_modules)];
  for (gsize i = 0; i < samples->n; i++)
    samples->stack[i] = stack_of_chain[samples->chain[i]];
  *stacks = (GlowStackArrays) { trie.n, g_steal_pointer (&trie.parent), g_steal_pointer (&trie.item) };
  glow_trie_clear (&trie);
}

/* Events that count the same at rates of their own are clocks beside each other: what runs in step with one of them shows against the others. */
static void
find_clocks (PerfReader *self)
{
  GlowEvent *rows = (GlowEvent *) self->builder->events->data;

  for (guint i = 0; i < self->events->len; i++)
    for (guint j = 0; j < i; j++)
      {
        const PerfEvent *a = &g_array_index (self->events, PerfEvent, i), *b = &g_array_index (self->events, PerfEvent, j);
        g_autofree char *counted = NULL;

        if (a->type != b->type || a->config != b->config || ((a->flags ^ b->flags) & PERF_FLAGS_EXCLUDE) != 0 || rows[i].is_tracepoint || rows[i].is_off_cpu
            || rows[j].is_off_cpu || glow_event_get_rate (&rows[i]) == 0 || glow_event_get_rate (&rows[j]) == 0)
          continue;
        counted = g_strdup_printf ("%u:%" PRIx64 ":%" PRIx64, a->type, a->config, a->flags & PERF_FLAGS_EXCLUDE);
        rows[i].clock = rows[j].clock = glow_strings_intern (self->builder->strings, counted, -1);
      }
}

static void
add_events (PerfReader *self)
{
  for (guint i = 0; i < self->events->len; i++)
    {
      const PerfEvent *event = &g_array_index (self->events, PerfEvent, i);
      g_autofree char *name = event->name != NULL ? g_strdup (event->name) : perf_event_dup_name (event, self->pmus);
      GlowEvent row = {
        .name = glow_strings_intern (self->builder->strings, name, -1),
        .unit = (event->type == 1 && event->config <= 1) || perf_event_is_off_cpu (event) ? GLOW_UNIT_NANOSECONDS : GLOW_UNIT_EVENTS,
        .is_tracepoint = event->type == 2,
        .is_off_cpu = perf_event_is_off_cpu (event),
      };

      /* What is summed by time has neither rate nor period, whatever its attribute says. */
      if (row.is_off_cpu)
        ;
      else if (event->flags & PERF_FLAG_FREQ)
        row.frequency_hz = event->sample_period;
      else
        row.period = event->sample_period;
      g_array_append_val (self->builder->events, row);
      self->builder->info.max_stack = MAX (self->builder->info.max_stack, event->max_stack);
      self->builder->info.has_frame_pointers |= self->dialect == PERF_DIALECT_PERF && event->sample_type & SAMPLE_CALLCHAIN;
    }
  find_clocks (self);
}

/* The row of @thread in a container: the first container takes the thread's own row, each other one has a row more. */
static guint32
thread_in_cgroup (PerfReader *self, GHashTable *rows, guint32 thread, guint64 cgroup)
{
  guint32 path = GPOINTER_TO_UINT (g_hash_table_lookup (self->cgroups, &cgroup));
  guint64 key = (guint64) thread << 32 | path, own = (guint64) thread << 32 | GLOW_NONE;
  guint32 found = thread;
  gpointer known;

  if (g_hash_table_lookup_extended (rows, &key, NULL, &known))
    return GPOINTER_TO_UINT (known);
  if (g_hash_table_contains (rows, &own))
    {
      GlowThread row = g_array_index (self->builder->threads, GlowThread, thread);

      g_array_append_val (self->builder->threads, row);
      found = self->builder->threads->len - 1;
    }
  else
    g_hash_table_insert (rows, g_memdup2 (&own, sizeof own), NULL);
  g_array_index (self->builder->threads, GlowThread, found).cgroup = path;
  g_hash_table_insert (rows, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (found));
  return found;
}

/* The kinds of samples there are decide which columns exist. FALSE where cancelled. */
static gboolean
make_columns (PerfReader *self, Resolver *resolver, PerfDecoder *decoders, guint n_decoders, GlowSampleArrays *out)
{
  gboolean time = FALSE, cpu = FALSE;
  GlowKeyOrder *order;
  gsize at = 0, n = 0;
  g_autofree RawSample **rows = NULL;
  g_autofree guint32 *chains = NULL;
  g_autofree ConstantThread *constant = NULL;
  guint32 last_thread = GLOW_NONE;
  g_autofree guint64 *cgroups = NULL;
  guint32 *places = NULL;
  g_autoptr(GHashTable) cgroup_rows = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  for (guint i = 0; i < self->events->len; i++)
    {
      guint64 type = g_array_index (self->events, PerfEvent, i).sample_type;

      time |= (type & SAMPLE_TIME) != 0;
      cpu |= (type & SAMPLE_CPU) != 0;
    }
  for (guint d = 0; d < n_decoders; d++)
    n += decoders[d].n;
  order = g_new (GlowKeyOrder, MAX (n, 1));
  rows = g_new (RawSample *, MAX (n, 1));
  chains = g_new (guint32, MAX (n, 1));
  if (self->sample_types & SAMPLE_CGROUP)
    cgroups = g_new0 (guint64, MAX (n, 1));
  for (guint d = 0; d < n_decoders; d++)
    {
      if (!resolve_nodes (resolver, &decoders[d].trie))
        {
          g_free (order);
          return FALSE;
        }
      for (gsize i = 0; i < decoders[d].n; i++, at++)
        {
          RawSample *sample = &decoders[d].samples[i];
          guint32 chain = resolver->resolved[sample->chain];

          if ((i & CHECK_EVERY) == 0 && g_cancellable_is_cancelled (self->cancellable))
            break;
          chains[at] = chain != GLOW_NONE ? chain : resolve_at (resolver, &decoders[d].trie, sample->chain, sample->time);
          rows[at] = sample;
          if (cgroups != NULL && decoders[d].cgroup != NULL)
            cgroups[at] = decoders[d].cgroup[i];
          order[at] = (GlowKeyOrder) { sample->time, at };
        }
      g_hash_table_remove_all (resolver->versions);
    }
  if (time && !g_cancellable_is_cancelled (self->cancellable))
    order = glow_sort_by_key (order, n);
  if (g_cancellable_is_cancelled (self->cancellable))
    {
      g_free (order);
      return FALSE;
    }
  constant = g_new0 (ConstantThread, THREADS);
  out->n = n;
  out->time = time ? glow_allocate (n, sizeof (guint64)) : NULL;
  out->cpu = cpu ? glow_allocate (n, sizeof (guint16)) : NULL;
  out->thread = glow_allocate (n, sizeof (guint32));
  out->event = glow_allocate (n, sizeof (guint16));
  out->weight = glow_allocate (n, sizeof (guint64));
  out->stack = glow_allocate (n, sizeof (guint32));
  out->chain = glow_allocate (n, sizeof (guint32));
  if (perf_wants_place (self->sample_types))
    places = glow_allocate (n, sizeof (guint32));
  for (gsize i = 0; i < n; i++)
    {
      const RawSample *sample = rows[order[i].row];
      ConstantThread *known;

      if ((i & CHECK_EVERY) == 0 && g_cancellable_is_cancelled (self->cancellable))
        break;
      if (places != NULL)
        {
          const PerfDecoder *decoder = decoders;
          gsize row = order[i].row;

          for (; row >= decoder->n; decoder++)
            row -= decoder->n;
          places[i] = decoder->place != NULL ? decoder->place[row] : 0;
        }
      if (time)
        out->time[i] = sample->time;
      if (cpu)
        out->cpu[i] = sample->cpu;
      known = &constant[(guint32) sample->tid % THREADS];
      if (known->row != 0 && known->tid == sample->tid && known->pid == sample->pid)
        last_thread = known->row - 1;
      else
        {
          const ThreadSpans *spans;

          last_thread = perf_thread_at (self, sample->pid, sample->tid, sample->time);
          spans = g_hash_table_lookup (self->threads, GINT_TO_POINTER (sample->tid));
          *known = (ConstantThread) { sample->pid, sample->tid, spans->n == 1 ? last_thread + 1 : 0 };
        }
      out->thread[i] = cgroups != NULL ? thread_in_cgroup (self, cgroup_rows, last_thread, cgroups[order[i].row]) : last_thread;
      out->event[i] = sample->event;
      out->weight[i] = sample->weight;
      out->chain[i] = chains[order[i].row];
    }
  g_free (order);
  self->builder->fields = perf_fields_new (self, places, n);
  return !g_cancellable_is_cancelled (self->cancellable);
}

/* "file, version 2, little-endian, zstd, as simpleperf writes it" */
static void
add_format (PerfReader *self)
{
  static const char *const dialects[] = { "", ", as simpleperf writes it", ", as hiperf writes it" };
  g_autofree char *detail = g_strdup_printf ("%s, version 2, %s-endian%s%s", self->pipe ? "pipe" : "file", self->swap ? "big" : "little",
                                             self->compressed ? ", zstd" : "", dialects[self->dialect]);

  self->builder->info.format_detail = g_string_chunk_insert (self->builder->chunk, detail);
}

static void
add_decoder_warnings (PerfReader *self, PerfDecoder *decoders, guint n_decoders)
{
  for (guint d = 0; d < n_decoders; d++)
    {
      if (decoders[d].bad_samples > 0)
        glow_warnings_add (self->builder->warnings, "damaged-sample", NULL, decoders[d].bad_samples, decoders[d].first_bad, NULL,
                           _("A sample at byte %" PRIu64 " is shorter than its fields; its stack was left out"), decoders[d].first_bad);
      if (decoders[d].unknown_ids > 0)
        glow_warnings_add (self->builder->warnings, "unknown-event-id", NULL, decoders[d].unknown_ids, 0, NULL,
                           _("Samples name an event id (%" PRIu64 ") that the header does not describe; counted with the first event"),
                           decoders[d].first_unknown_id);
      if (decoders[d].guest_samples > 0)
        glow_warnings_add (self->builder->warnings, "guest-samples", NULL, decoders[d].guest_samples, 0,
                           _("Record inside the machine, or with perf kvm --guest --guestkallsyms --guestmodules (or --guestmount), and open its report."),
                           _("Samples were taken in virtual machines, whose code has no names here"));
      if (decoders[d].n_unplaced > 0)
        glow_warnings_add (self->builder->warnings, "fields-out-of-reach", NULL, decoders[d].n_unplaced, 0, NULL,
                           _("The fields of samples that lie beyond the first 16 GiB, or at no multiple of 8 bytes, are not read"));
      if (decoders[d].limited_chains > 0)
        glow_warnings_add (self->builder->warnings, "stack-limit", NULL, decoders[d].limited_chains, 0,
                           _("Raise kernel.perf_event_max_stack, and record with --max-stack."),
                           _("Call chains reached the most frames that the recording keeps; their outer callers are missing"));
    }
}

/* Before anybody else has the profile. */
static void
add_sampled_warnings (GlowProfile *profile)
{
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (profile, &n);

  for (guint32 e = 0; e < n; e++)
    if (glow_event_is_sampled (&events[e]))
      {
        const char *name = glow_profile_get_string (profile, events[e].name);

        glow_warnings_add (glow_profile_get_warnings (profile), "events-sampled", name, events[e].total_weight - events[e].n_samples, 0,
                           _("Record tracepoints and probes with -c 1, or period=1 for each: -F is for clocks and counters."),
                           _("Only some of the events of “%s” were recorded: spans from them are too long, or of what does not belong together"), name);
      }
}

static void
free_columns (GlowSampleArrays *samples)
{
  free (samples->time);
  free (samples->cpu);
  free (samples->thread);
  free (samples->event);
  free (samples->weight);
  free (samples->stack);
  free (samples->chain);
}

static GlowProfile *
cancelled (PerfReader *self, GError **error)
{
  g_cancellable_set_error_if_cancelled (self->cancellable, error);
  return NULL;
}

/**
 * perf_prepare:
 *
 * What can be done of resolving before all samples are decoded: who was called what, and what was mapped where.
 *
 * Returns: FALSE where cancelled
 */
gboolean
perf_prepare (PerfReader *self)
{
  add_events (self);
  perf_clock_set (self);
  return perf_sideband_replay (self);
}

/**
 * perf_resolve:
 *
 * After perf_prepare().
 *
 * Takes what was read to its profile; self->builder is taken. O(samples + distinct chain nodes × log maps).
 */
GlowProfile *
perf_resolve (PerfReader *self, PerfDecoder *decoders, guint n_decoders, GError **error)
{
  Resolver resolver = { .reader = self, .kernel_module = GLOW_NONE, .guest_kernel = GLOW_NONE, .guest_user = GLOW_NONE, .last_wanted = GLOW_NONE,
                        .locations_capacity = 1 << 14, .mask = (1 << 15) - 1, .keep_addresses = self->options != NULL && self->options->keep_addresses };
  GlowSampleArrays samples = { 0 };
  GlowStackArrays stacks, chains;
  GlowProfileInfo *info = &self->builder->info;
  GlowProfile *profile;
  guint64 nodes = 0;
  gboolean whole;

  perf_find_living (self, decoders, n_decoders);
  add_format (self);
  perf_add_records (self);
  perf_add_counters (self, decoders, n_decoders);
  for (guint d = 0; d < n_decoders; d++)
    perf_deferred_join (self, &decoders[d]);
  perf_off_cpu_place_sums (self, decoders, n_decoders);
  perf_stack_dumps_unwind (self, decoders, n_decoders);
  if (g_cancellable_is_cancelled (self->cancellable))
    return cancelled (self, error);
  add_decoder_warnings (self, decoders, n_decoders);
  for (guint d = 0; d < n_decoders; d++)
    nodes += decoders[d].trie.n;
  /* Processes share most of theirs: small tables that stay in the processor's caches, and may grow, are faster than ones with room for all. */
  if (!resolver.keep_addresses && g_hash_table_size (self->spaces) >= MANY_SPACES)
    nodes /= 8;
  resolver.locations_capacity = CLAMP (nodes, resolver.locations_capacity, LOCATIONS_AT_ONCE);
  while (resolver.mask / 2 < resolver.locations_capacity)
    resolver.mask = resolver.mask * 2 + 1;
  resolver.locations = glow_allocate (resolver.locations_capacity, sizeof (GlowLocation));
  resolver.slots = glow_allocate0 ((gsize) resolver.mask + 1, sizeof (guint32));
  resolver.versions = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  if (self->loader == NULL)
    perf_begin_symbols (self);
  resolver.loader = g_steal_pointer (&self->loader);
  resolver.recent = g_new0 (Recent, RECENT);
  glow_trie_init (&resolver.chains, CLAMP (nodes, 1 << 16, CHAINS_AT_ONCE));
  whole = make_columns (self, &resolver, decoders, n_decoders, &samples);
  perf_add_living (self);
  if (whole)
    {
      perf_off_cpu_measure (self, &samples);
      make_stacks (&resolver, &samples, &stacks);
    }
  g_hash_table_unref (resolver.versions);
  g_free (resolver.recent);
  g_free (resolver.resolved);
  if (resolver.n_status > 0)
    {
      note_status (&resolver, resolver.chains.n - 1, 0);
      self->builder->chain_status = g_steal_pointer (&resolver.status);
    }
  free (resolver.slots);
  if (!whole)
    {
      glow_trie_clear (&resolver.chains);
      free (resolver.locations);
      free_columns (&samples);
      g_clear_pointer (&resolver.loader, glow_symbol_loader_free);
      return cancelled (self, error);
    }
  chains = (GlowStackArrays) { resolver.chains.n, g_steal_pointer (&resolver.chains.parent), g_steal_pointer (&resolver.chains.item) };
  glow_trie_clear (&resolver.chains);
  if (samples.n > 0 && samples.time != NULL)
    {
      info->first_time = samples.time[0];
      info->last_time = samples.time[samples.n - 1];
    }
  profile = glow_profile_builder_finish (g_steal_pointer (&self->builder), &samples, &stacks, &chains, resolver.locations,
                                         resolver.n_locations, NULL, 0);
  add_sampled_warnings (profile);
  if (resolver.loader != NULL)
    g_object_set_data_full (G_OBJECT (profile), GLOW_SYMBOL_LOADER_KEY, resolver.loader, (GDestroyNotify) glow_symbol_loader_free);
  return profile;
}
