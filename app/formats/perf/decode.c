/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sample records to rows, and their chains into a trie of raw addresses. This is the hot path: no allocation a sample, one probe of
 * the hash table a frame. What an address means is found out later, once for each distinct one. */
#include "formats/perf/perf-private.h"

#include <stdlib.h>
#include <sys/mman.h>

#define CONTEXT_MAX ((guint64) -4095)
#define CONTEXT_HV ((guint64) -32)
#define CONTEXT_KERNEL ((guint64) -128)
#define CONTEXT_USER ((guint64) -512)
#define CONTEXT_USER_DEFERRED ((guint64) -640)
#define CONTEXT_GUEST ((guint64) -2048)
#define CONTEXT_GUEST_KERNEL ((guint64) -2176)
#define CONTEXT_GUEST_USER ((guint64) -2560)
#define HUGE_PAGE (2u << 20)
/* perf's own default of kernel.perf_event_max_stack. */
#define DEFAULT_MAX_STACK 127

static void *
allocate (gsize bytes)
{
  void *memory = bytes < HUGE_PAGE ? malloc (bytes) : aligned_alloc (HUGE_PAGE, (bytes + HUGE_PAGE - 1) & ~((gsize) HUGE_PAGE - 1));

  if (memory == NULL)
    g_error ("Out of memory: %" G_GSIZE_FORMAT " bytes for call chains", bytes);
  if (bytes >= HUGE_PAGE)
    madvise (memory, bytes, MADV_HUGEPAGE);
  return memory;
}

static inline guint64
raw_hash (guint32 parent, guint64 ip, guint8 kind)
{
  guint64 x = (parent + ((guint64) kind << 32) + G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)) * G_GUINT64_CONSTANT (0xBF58476D1CE4E5B9);

  x ^= x >> 32;
  x = (x ^ ip) * G_GUINT64_CONSTANT (0x94D049BB133111EB);
  return x ^ (x >> 29);
}

void
raw_trie_init (RawTrie *self)
{
  memset (self, 0, sizeof *self);
  self->capacity = 1u << 16;
  self->mask = (1u << 17) - 1;
  self->parent = allocate (self->capacity * sizeof (guint32));
  self->ip = allocate (self->capacity * sizeof (guint64));
  self->kind = allocate (self->capacity);
  self->slots = allocate ((self->mask + 1) * sizeof (guint32));
  memset (self->slots, 0, (self->mask + 1) * sizeof (guint32));
  self->parent[0] = 0;
  self->ip[0] = 0;
  self->kind[0] = RAW_ROOT_KIND;
  self->n = 1;
}

void
raw_trie_clear (RawTrie *self)
{
  free (self->parent);
  free (self->ip);
  free (self->kind);
  free (self->slots);
  memset (self, 0, sizeof *self);
}

static gpointer
moved (gpointer old, gsize used, gsize wanted)
{
  gpointer memory = allocate (wanted);

  memcpy (memory, old, used);
  free (old);
  return memory;
}

static void
raw_trie_grow (RawTrie *self)
{
  if (self->n >= self->capacity)
    {
      if (self->capacity >= G_MAXUINT32 / 2)
        g_error ("A recording cannot have more than %u distinct chains", G_MAXUINT32 / 2);
      self->parent = moved (self->parent, self->n * sizeof (guint32), 2 * (gsize) self->capacity * sizeof (guint32));
      self->ip = moved (self->ip, self->n * sizeof (guint64), 2 * (gsize) self->capacity * sizeof (guint64));
      self->kind = moved (self->kind, self->n, 2 * (gsize) self->capacity);
      self->capacity *= 2;
    }
  if ((guint64) self->n * 2 > self->mask)
    {
      guint64 mask = self->mask * 2 + 1;
      guint32 *slots = allocate ((mask + 1) * sizeof (guint32));

      memset (slots, 0, (mask + 1) * sizeof (guint32));
      for (guint32 id = 1; id < self->n; id++)
        {
          guint64 at = raw_hash (self->parent[id], self->ip[id], self->kind[id]) & mask;

          while (slots[at] != 0)
            at = (at + 1) & mask;
          slots[at] = id;
        }
      free (self->slots);
      self->slots = slots;
      self->mask = mask;
    }
}

static inline guint32
raw_trie_intern (RawTrie *self, guint32 parent, guint64 ip, guint8 kind)
{
  guint64 at;
  guint32 id;

  if (G_UNLIKELY (self->n >= self->capacity || (guint64) self->n * 2 > self->mask))
    raw_trie_grow (self);
  for (at = raw_hash (parent, ip, kind) & self->mask; (id = self->slots[at]) != 0; at = (at + 1) & self->mask)
    if (self->ip[id] == ip && self->parent[id] == parent && self->kind[id] == kind)
      return id;
  id = self->n++;
  self->parent[id] = parent;
  self->ip[id] = ip;
  self->kind[id] = kind;
  self->slots[at] = id;
  return id;
}

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

/* Leaf first in the file, root first in the trie. The kinds are known only from the leaf's side, so that segments are found first. */
static guint32
intern_chain (PerfDecoder *self, const guint8 *ips, gsize n, gint32 pid, guint8 kind)
{
  struct { gsize from, to; guint8 kind; } segments[16];
  gboolean swap = self->reader->swap;
  guint n_segments = 0;
  guint32 node;
  gsize from = 0;

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

/* PERF_SAMPLE_READ: what precedes the chain has the length the read format says. */
static void
skip_read (GlowCursor *cursor, guint64 format)
{
  guint64 times = !!(format & READ_ENABLED) + !!(format & READ_RUNNING), extra = !!(format & READ_ID) + !!(format & READ_LOST);

  if (format & READ_GROUP)
    {
      guint64 n = glow_cursor_u64 (cursor);

      if (n > glow_cursor_remaining (cursor) / 8)
        n = G_MAXUINT32;       /* damage: let the cursor fail */
      glow_cursor_take (cursor, 8 * (times + n * (1 + extra)));
    }
  else
    glow_cursor_take (cursor, 8 * (1 + times + extra));
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
  guint64 type = event->sample_type, ip = 0, n_ips = 0;
  const guint8 *ips = NULL;
  guint8 kind = kind_of_cpumode (misc);
  RawSample *sample;

  if (self->n == self->capacity)
    grow_samples (self);
  sample = &self->samples[self->n];
  *sample = (RawSample) { .pid = -1, .tid = -1, .cpu = G_MAXUINT16, .event = event_index, .weight = 1, .time = self->last_time };
  if (!(event->flags & PERF_FLAG_FREQ) && event->sample_period > 0)
    sample->weight = event->sample_period;
  if (type & SAMPLE_IDENTIFIER)
    glow_cursor_take (&cursor, 8);
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
    glow_cursor_take (&cursor, 8);
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
    skip_read (&cursor, event->read_format);
  if (type & SAMPLE_CALLCHAIN)
    {
      n_ips = glow_cursor_u64 (&cursor);
      if (n_ips > glow_cursor_remaining (&cursor) / 8)
        cursor.failed = TRUE;
      else
        ips = glow_cursor_take (&cursor, n_ips * 8);
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
    sample->chain = intern_chain (self, ips, n_ips, sample->pid, kind);
  if (sample->chain == 0 && (type & SAMPLE_IP))
    sample->chain = raw_trie_intern (&self->trie, kind == GLOW_FRAME_KERNEL ? 0 : root_of (self, sample->pid), ip, kind);
  if (n_ips >= (event->max_stack > 0 ? event->max_stack : DEFAULT_MAX_STACK))
    self->truncated_chains++;
  self->n++;
}
