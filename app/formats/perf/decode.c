/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sample records to rows, and their chains into a trie of raw addresses. This is the hot path: no allocation a sample, one probe of
 * the hash table a frame. What an address means is found out later, once for each distinct one. */
#include "formats/perf/perf-private.h"

#include <stdlib.h>

#define CONTEXT_MAX ((guint64) -4095)
#define CONTEXT_HV ((guint64) -32)
#define CONTEXT_KERNEL ((guint64) -128)
#define CONTEXT_USER ((guint64) -512)
#define CONTEXT_USER_DEFERRED ((guint64) -640)
#define CONTEXT_GUEST ((guint64) -2048)
#define CONTEXT_GUEST_KERNEL ((guint64) -2176)
#define CONTEXT_GUEST_USER ((guint64) -2560)
/* perf's own default of kernel.perf_event_max_stack. */
#define DEFAULT_MAX_STACK 127
/* perf's numbers of the register that holds the return address: AArch64's and ARM's. */
#define LINK_REGISTERS (G_GUINT64_CONSTANT (1) << 30 | G_GUINT64_CONSTANT (1) << 14)
#define MAX_POINTERS 256       /* user frames by frame pointers beside a record of calls */

void
perf_decoder_init (PerfDecoder *self, const PerfReader *reader)
{
  memset (self, 0, sizeof *self);
  self->reader = reader;
  self->last_event = G_MAXUINT;
  self->root_pid = G_MININT32;
  raw_trie_init (&self->trie);
}

void
perf_decoder_clear (PerfDecoder *self)
{
  raw_trie_clear (&self->trie);
  free (self->samples);
  self->samples = NULL;
  g_clear_pointer (&self->cgroup, g_free);
  g_clear_pointer (&self->place, free);
  g_clear_pointer (&self->deferred, g_array_unref);
  g_clear_pointer (&self->dumps, g_array_unref);
  g_clear_pointer (&self->counters, g_hash_table_unref);
}

static guint8
kind_of_cpumode (guint16 misc)
{
  static const guint8 kinds[8] = {
    GLOW_FRAME_USER, GLOW_FRAME_KERNEL, GLOW_FRAME_USER, GLOW_FRAME_HYPERVISOR, GLOW_FRAME_GUEST, GLOW_FRAME_GUEST,
    GLOW_FRAME_USER, GLOW_FRAME_USER,
  };

  return kinds[misc & MISC_CPUMODE];
}

static guint8
kind_of_context (guint64 context, guint8 kind)
{
  switch (context)
    {
    case CONTEXT_HV: return GLOW_FRAME_HYPERVISOR;
    case CONTEXT_KERNEL: return GLOW_FRAME_KERNEL;
    case CONTEXT_USER:
    case CONTEXT_USER_DEFERRED: return GLOW_FRAME_USER;
    case CONTEXT_GUEST:
    case CONTEXT_GUEST_KERNEL:
    case CONTEXT_GUEST_USER: return GLOW_FRAME_GUEST;
    default: return kind;
    }
}

static guint32
root_of (PerfDecoder *self, gint32 pid)
{
  if (pid != self->root_pid)
    {
      self->root = raw_trie_intern (&self->trie, 0, (guint32) pid, RAW_ROOT_KIND);
      self->root_pid = pid;
    }
  return self->root;
}

static inline guint64
load_u64 (const guint8 *bytes, gboolean swap)
{
  guint64 value;

  memcpy (&value, bytes, sizeof value);
  return swap ? GUINT64_SWAP_LE_BE (value) : value;
}

/* Leaf first in the file, root first in the trie. The kinds are known only from the leaf's side, so that segments are found first.
 * @cookie: (out): of the deferred user half, 0 where the chain is whole */
static guint32
intern_chain (PerfDecoder *self, const guint8 *ips, gsize n, gint32 pid, guint8 kind, gboolean swap, guint64 *cookie)
{
  struct { gsize from, to; guint8 kind; } segments[16];
  guint n_segments = 0;
  guint32 node;
  gsize from = 0;

  *cookie = 0;
  for (gsize i = 0; i <= n; i++)
    {
      guint64 ip = i < n ? load_u64 (ips + 8 * i, swap) : CONTEXT_MAX;

      if (G_LIKELY (ip < CONTEXT_MAX))
        continue;
      if (i > from && n_segments < G_N_ELEMENTS (segments))
        {
          segments[n_segments].from = from;
          segments[n_segments].to = i;
          segments[n_segments++].kind = kind;
        }
      if (ip == CONTEXT_USER_DEFERRED && i + 1 < n)
        *cookie = load_u64 (ips + 8 * ++i, swap);
      kind = kind_of_context (ip, kind);
      from = i + 1;
    }
  if (n_segments == 0)
    return 0;
  /* Chains of the kernel alone stand under one root, whatever process they were met in. */
  node = segments[n_segments - 1].kind == GLOW_FRAME_KERNEL ? 0 : root_of (self, pid);
  while (n_segments-- > 0)
    for (gsize i = segments[n_segments].to; i-- > segments[n_segments].from;)
      node = raw_trie_intern (&self->trie, node, load_u64 (ips + 8 * i, swap), segments[n_segments].kind);
  return node;
}

/**
 * perf_decoder_intern:
 * @ips: addresses in this machine's order, leaf first, context markers among them
 *
 * Returns: the node of a user chain of @pid; its root where the chain is empty
 */
guint32
perf_decoder_intern (PerfDecoder *self, const guint64 *ips, gsize n, gint32 pid)
{
  guint64 cookie;
  guint32 node = intern_chain (self, (const guint8 *) ips, n, pid, GLOW_FRAME_USER, FALSE, &cookie);

  return node != 0 ? node : root_of (self, pid);
}

/* Where in a sample its id stands, by the first event's layout: all events agree up to there. */
static guint
find_event (PerfDecoder *self, const guint8 *body, gsize n)
{
  const GArray *events = self->reader->events;
  guint64 type = g_array_index (events, PerfEvent, 0).sample_type, id;
  gsize at = 0;
  guint event;

  if (events->len == 1)
    return 0;
  if (!(type & SAMPLE_IDENTIFIER))
    {
      if (!(type & SAMPLE_ID))
        return 0;
      at = 8 * (!!(type & SAMPLE_IP) + !!(type & SAMPLE_TID) + !!(type & SAMPLE_TIME) + !!(type & SAMPLE_ADDR));
    }
  if (at + 8 > n)
    return 0;
  id = load_u64 (body + at, self->reader->swap);
  if (G_LIKELY (id == self->last_id && self->last_event != G_MAXUINT))
    return self->last_event;
  event = perf_reader_event_of_id (self->reader, id);
  if (event == G_MAXUINT)
    {
      if (self->unknown_ids++ == 0)
        self->first_unknown_id = id;
      return 0;
    }
  self->last_id = id;
  self->last_event = event;
  return event;
}

static void
grow_samples (PerfDecoder *self)
{
  self->capacity = self->capacity > 0 ? self->capacity * 2 : 1 << 14;
  self->samples = realloc (self->samples, self->capacity * sizeof (RawSample));
  if (self->samples == NULL)
    g_error ("Out of memory: %" G_GSIZE_FORMAT " samples", self->capacity);
  if (self->reader->sample_types & SAMPLE_CGROUP)
    {
      gsize known = self->cgroup != NULL ? self->n : 0;

      self->cgroup = g_realloc_n (self->cgroup, self->capacity, sizeof (guint64));
      memset (self->cgroup + known, 0, (self->capacity - known) * sizeof (guint64));
    }
  if (perf_wants_place (self->reader->sample_types))
    {
      gsize known = self->place != NULL ? self->n : 0;

      self->place = realloc (self->place, self->capacity * sizeof (guint32));
      if (self->place == NULL)
        g_error ("Out of memory: %" G_GSIZE_FORMAT " samples", self->capacity);
      memset (self->place + known, 0, (self->capacity - known) * sizeof (guint32));
    }
}

/* The sample at hand waits for its user half. */
static void
defer (PerfDecoder *self, guint64 cookie)
{
  DeferredSample deferred = { self->n, cookie };

  if (self->deferred == NULL)
    self->deferred = g_array_new (FALSE, FALSE, sizeof (DeferredSample));
  g_array_append_val (self->deferred, deferred);
}

/* The processor's record of calls is as long as it has places: what was called before them is lost. */
static gboolean
is_full_record (guint64 n)
{
  return n == 8 || n == 16 || n == 32;
}

/* The processor's own record of calls: where the last call went to, and where each was made. It holds the user half alone; callers beyond its
 * length are those of the frame pointers, where the recording has both.
 *
 * Order: resolve_lbr_callchain_sample() of tools/perf/util/machine.c */
static void
join_branches (PerfDecoder *self, const PerfSampleTail *tail)
{
  RawSample *sample = &self->samples[self->n];
  guint64 ips[64 + MAX_POINTERS], pointers[MAX_POINTERS], to = load_u64 (tail->branches + 8, self->reader->swap);
  guint n = 0, n_pointers = perf_user_half (self, sample, pointers, MAX_POINTERS);
  gboolean joined, missed;

  /* In a sample of the kernel the last call went there: that is the kernel half's to tell. */
  if (to >> 63 == 0)
    ips[n++] = to;
  for (guint64 i = 0; i < tail->n_branches && n < 64; i++)
    ips[n++] = load_u64 (tail->branches + 24 * i, self->reader->swap);
  n = perf_splice_user (ips, n, G_N_ELEMENTS (ips), pointers, n_pointers, &joined, &missed);
  perf_join_user (self, sample, ips, n);
  self->trie.nodes[sample->chain].status |= GLOW_STACK_EXACT | (joined && missed ? GLOW_STACK_REPAIRED : 0)
                                      | (!joined && is_full_record (tail->n_branches) ? GLOW_STACK_LIMIT : 0);
}

/* What follows the chain, where the recording has something there that is wanted. */
static void
decode_tail (PerfDecoder *self, GlowCursor *cursor, const PerfEvent *event, guint8 kind)
{
  RawSample *sample = &self->samples[self->n];
  PerfSampleTail tail;

  if (cursor->failed)
    return;
  perf_sample_tail (cursor, event, self->reader->dialect, &tail);
  if (self->cgroup != NULL)
    self->cgroup[self->n] = cursor->failed ? 0 : tail.cgroup;
  if (!cursor->failed && event->branch_sample_type & BRANCH_CALL_STACK && tail.n_branches > 0)
    join_branches (self, &tail);
  if (!cursor->failed && tail.registers != NULL && (tail.stack != NULL || event->regs_user & LINK_REGISTERS))
    perf_stack_dump_add (self, sample->event, &tail);
  if (tail.has_stack_id && sample->chain == 0)
    {
      g_autoptr(GArray) ips = perf_hiperf_dup_chain (self->reader, sample->pid, tail.stack_id);
      guint64 cookie;

      if (ips->len > 0)
        sample->chain = intern_chain (self, (const guint8 *) ips->data, ips->len, sample->pid, kind, FALSE, &cookie);
    }
}

/* Context markers are in the count, but not among the frames that a limit is of. */
static void
note_limit (PerfDecoder *self, const guint8 *ips, gsize n, const PerfEvent *event)
{
  guint64 frames = 0;

  for (gsize i = 0; i < n; i++)
    frames += load_u64 (ips + 8 * i, self->reader->swap) < CONTEXT_MAX;
  if (frames < (event->max_stack > 0 ? event->max_stack : DEFAULT_MAX_STACK))
    return;
  self->trie.nodes[self->samples[self->n].chain].status |= GLOW_STACK_LIMIT;
  self->limited_chains++;
}

/**
 * perf_decode_sample:
 * @record: the bytes behind the record's header
 * @size: how many
 * @offset: of the record in the file, for warnings
 *
 * A sample whose fields do not fit is counted as bad; what could be read of it before is kept where it has its address.
 */
void
perf_decode_sample (PerfDecoder *self, const guint8 *record, guint16 misc, gsize size, guint64 offset)
{
  GlowCursor cursor = glow_cursor (record, size, self->reader->swap);
  guint event_index = find_event (self, record, size);
  const PerfEvent *event = &g_array_index (self->reader->events, PerfEvent, event_index);
  guint64 type = event->sample_type, ip = 0, n_ips = 0, id = 0, cookie = 0;
  guint64 waited_in = 0;
  const guint8 *ips = NULL;
  guint8 kind = kind_of_cpumode (misc);
  gboolean waited = FALSE;
  RawSample *sample;

  if (self->n == self->capacity)
    grow_samples (self);
  sample = &self->samples[self->n];
  *sample = (RawSample) { .pid = -1, .tid = -1, .cpu = G_MAXUINT16, .event = event_index, .weight = 1, .time = self->last_time };
  if (!(event->flags & PERF_FLAG_FREQ) && event->sample_period > 0)
    sample->weight = event->sample_period;
  if (type & SAMPLE_IDENTIFIER)
    id = glow_cursor_u64 (&cursor);
  if (type & SAMPLE_IP)
    ip = glow_cursor_u64 (&cursor);
  if (type & SAMPLE_TID)
    {
      sample->pid = glow_cursor_u32 (&cursor);
      sample->tid = glow_cursor_u32 (&cursor);
    }
  if (type & SAMPLE_TIME)
    self->last_time = sample->time = glow_cursor_u64 (&cursor);
  if (type & SAMPLE_ADDR)
    glow_cursor_take (&cursor, 8);
  if (type & SAMPLE_ID)
    id = glow_cursor_u64 (&cursor);
  if (type & SAMPLE_STREAM_ID)
    glow_cursor_take (&cursor, 8);
  if (type & SAMPLE_CPU)
    {
      guint32 cpu = glow_cursor_u32 (&cursor);

      sample->cpu = cpu < G_MAXUINT16 ? cpu : G_MAXUINT16;
      glow_cursor_take (&cursor, 4);
    }
  if (type & SAMPLE_PERIOD)
    sample->weight = glow_cursor_u64 (&cursor);
  if (type & SAMPLE_READ)
    perf_read_values (self, &cursor, event_index, id, sample->tid);
  if (type & SAMPLE_CALLCHAIN)
    {
      n_ips = glow_cursor_u64 (&cursor);
      if (n_ips > glow_cursor_remaining (&cursor) / 8)
        cursor.failed = TRUE;
      else
        ips = glow_cursor_take (&cursor, n_ips * 8);
    }
  if (G_UNLIKELY (event->type == 1 && type & SAMPLE_RAW && !cursor.failed && perf_event_is_off_cpu (event)))
    {
      GlowCursor raw = cursor;

      waited = perf_off_cpu_unpack (&raw, sample, &ips, &n_ips, &waited_in);
      kind = GLOW_FRAME_USER;
      cursor.failed = !waited;
    }
  if (cursor.failed)
    {
      if (self->bad_samples++ == 0)
        self->first_bad = offset;
      if (glow_cursor_remaining (&cursor) == 0 && !(type & SAMPLE_IP))
        return;
      n_ips = 0;
    }
  if (n_ips > 0)
    sample->chain = intern_chain (self, ips, n_ips, sample->pid, kind, self->reader->swap, &cookie);
  if (G_UNLIKELY (cookie != 0))
    defer (self, cookie);
  if (G_UNLIKELY (self->reader->needs_tail))
    decode_tail (self, &cursor, event, kind);
  if (waited && self->cgroup != NULL)
    self->cgroup[self->n] = waited_in;
  self->guest_samples += kind == GLOW_FRAME_GUEST;
  if (sample->chain == 0 && (type & SAMPLE_IP) && !waited)
    sample->chain = raw_trie_intern (&self->trie, kind == GLOW_FRAME_KERNEL ? 0 : root_of (self, sample->pid), ip, kind);
  if (self->place != NULL)
    {
      self->place[self->n] = perf_place_of (self->reader, record);
      self->n_unplaced += self->place[self->n] == 0;
    }
  if (G_UNLIKELY (n_ips >= (event->max_stack > 0 ? event->max_stack : DEFAULT_MAX_STACK)))
    note_limit (self, ips, n_ips, event);
  else if (G_UNLIKELY (n_ips == 0 || self->reader->dialect != PERF_DIALECT_PERF))
    self->trie.nodes[sample->chain].status |= GLOW_STACK_EXACT;   /* a place and not a stack, or unwound by who recorded it */
  self->n++;
}
