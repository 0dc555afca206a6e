/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sample holds besides its address and chain: counter values before the chain, registers, stack dump and container behind it. Only
 * recordings that have what is wanted here pay for it. */
#include "formats/perf/perf-private.h"

#define BRANCH_COUNTERS (G_GUINT64_CONSTANT (1) << 19)
#define BRANCH_HW_INDEX (G_GUINT64_CONSTANT (1) << 17)
#define HIPERF_SERVER_PID (G_GUINT64_CONSTANT (1) << 31)
/* More counters than any machine has: the rest are not noted. */
#define MAX_COUNTERS 1000000

guint
perf_counter_hash (gconstpointer key)
{
  const CounterKey *counter = key;
  guint64 x = (counter->id ^ (guint64) counter->tid << 32) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);

  return x >> 32;
}

gboolean
perf_counter_equal (gconstpointer a, gconstpointer b)
{
  const CounterKey *left = a, *right = b;

  return left->id == right->id && left->tid == right->tid;
}

static void
note_counter (PerfDecoder *self, guint event_index, guint64 id, gint32 tid, const CounterValue *value)
{
  guint named = perf_reader_event_of_id (self->reader, id);
  guint index = named != G_MAXUINT ? named : event_index;
  const PerfEvent *event = &g_array_index (self->reader->events, PerfEvent, index);
  CounterKey key = { id, event->flags & PERF_FLAG_INHERIT ? tid : -1 };
  CounterValue *known;

  if (self->counters == NULL)
    self->counters = g_hash_table_new_full (perf_counter_hash, perf_counter_equal, g_free, g_free);
  known = g_hash_table_lookup (self->counters, &key);
  if (known == NULL && g_hash_table_size (self->counters) >= MAX_COUNTERS)
    return;
  if (known == NULL)
    g_hash_table_insert (self->counters, g_memdup2 (&key, sizeof key), known = g_new0 (CounterValue, 1));
  *known = *value;
  known->event = index;
}

/**
 * perf_read_values:
 * @cursor: at the values of a sample; moves behind them
 * @event_index: whose read format it is
 * @id: of the event, 0 where the sample has none
 *
 * Keeps the last value of each counter. Values grow, so that the last is the sum so far.
 *
 * Format: struct read_format of include/uapi/linux/perf_event.h
 */
void
perf_read_values (PerfDecoder *self, GlowCursor *cursor, guint event_index, guint64 id, gint32 tid)
{
  guint64 format = g_array_index (self->reader->events, PerfEvent, event_index).read_format, n = 1;
  CounterValue value = { 0 };

  if (format & READ_GROUP)
    {
      n = glow_cursor_u64 (cursor);
      value.enabled = format & READ_ENABLED ? glow_cursor_u64 (cursor) : 0;
      value.running = format & READ_RUNNING ? glow_cursor_u64 (cursor) : 0;
    }
  for (guint64 i = 0; i < n && !cursor->failed; i++)
    {
      value.value = glow_cursor_u64 (cursor);
      if (!(format & READ_GROUP))
        {
          value.enabled = format & READ_ENABLED ? glow_cursor_u64 (cursor) : 0;
          value.running = format & READ_RUNNING ? glow_cursor_u64 (cursor) : 0;
        }
      if (format & READ_ID)
        id = glow_cursor_u64 (cursor);
      if (format & READ_LOST)
        glow_cursor_take (cursor, 8);
      /* A group without ids: only its leader, the sampled event, can be told. */
      if (!cursor->failed && (i == 0 || format & READ_ID))
        note_counter (self, event_index, id, tid, &value);
    }
}

/**
 * perf_add_counters:
 *
 * Sums the counters of each event into its row of the profile. What each counted up to its last sample: READ records are of inherited
 * threads alone, and would make a part look like the whole. An inheriting event has a counter a processor, each enabled for all of its
 * thread's time and running for its processor's part of it: they share one time.
 */
void
perf_add_counters (PerfReader *self, PerfDecoder *decoders, guint n_decoders)
{
  g_autoptr(GHashTable) last = g_hash_table_new (perf_counter_hash, perf_counter_equal);
  g_autoptr(GHashTable) enabled = g_hash_table_new_full (perf_counter_hash, perf_counter_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer key, value;

  for (guint d = 0; d < n_decoders; d++)
    {
      if (decoders[d].counters == NULL)
        continue;
      g_hash_table_iter_init (&iter, decoders[d].counters);
      while (g_hash_table_iter_next (&iter, &key, &value))
        g_hash_table_replace (last, key, value);
    }
  g_hash_table_iter_init (&iter, last);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const CounterKey *counter_key = key;
      const CounterValue *counter = value;
      GlowEvent *event = &g_array_index (self->builder->events, GlowEvent, counter->event);
      CounterKey thread = { counter->event, counter_key->tid };
      guint64 *longest = counter_key->tid >= 0 ? g_hash_table_lookup (enabled, &thread) : NULL;

      event->counted += counter->value;
      event->time_running += counter->running;
      if (longest == NULL && counter_key->tid >= 0)
        g_hash_table_insert (enabled, g_memdup2 (&thread, sizeof thread), longest = g_new0 (guint64, 1));
      event->time_enabled += counter->enabled > (longest != NULL ? *longest : 0) ? counter->enabled - (longest != NULL ? *longest : 0) : 0;
      if (longest != NULL)
        *longest = MAX (*longest, counter->enabled);
    }
}

static void
take_branches (GlowCursor *cursor, guint64 branch_type, PerfSampleTail *tail)
{
  guint64 n = glow_cursor_u64 (cursor);

  if (branch_type & BRANCH_HW_INDEX)
    glow_cursor_take (cursor, 8);
  tail->branches = glow_cursor_take (cursor, n <= glow_cursor_remaining (cursor) / 24 ? n * 24 : G_MAXUINT64);
  tail->n_branches = tail->branches != NULL ? n : 0;
  if (branch_type & BRANCH_COUNTERS)
    glow_cursor_take (cursor, n * 8);
}

/* Values of the registers in @mask; NULL where there are none, as in kernel threads (no ABI). */
static const guint8 *
take_registers (GlowCursor *cursor, guint64 mask, guint64 *abi)
{
  *abi = glow_cursor_u64 (cursor);
  return *abi != 0 ? glow_cursor_take (cursor, (guint64) __builtin_popcountll (mask) * 8) : NULL;
}

/**
 * perf_sample_tail:
 * @cursor: behind the chain
 *
 * Steps over what follows the chain, and keeps what is asked for.
 *
 * Order of fields: perf_output_sample() of kernel/events/core.c
 */
void
perf_sample_tail (GlowCursor *cursor, const PerfEvent *event, PerfDialect dialect, PerfSampleTail *tail)
{
  guint64 type = event->sample_type, intr_abi;

  *tail = (PerfSampleTail) { 0 };
  if (type & SAMPLE_RAW)
    {
      tail->n_raw = glow_cursor_u32 (cursor);
      tail->raw = glow_cursor_take (cursor, tail->n_raw);
    }
  if (type & SAMPLE_BRANCH_STACK)
    take_branches (cursor, event->branch_sample_type, tail);
  if (type & SAMPLE_REGS_USER)
    tail->registers = take_registers (cursor, event->regs_user, &tail->abi);
  if (dialect == PERF_DIALECT_HIPERF && type & HIPERF_SERVER_PID)
    {
      guint64 n = glow_cursor_u64 (cursor);

      glow_cursor_take (cursor, n <= glow_cursor_remaining (cursor) / 8 ? n * 8 : G_MAXUINT64);
    }
  if (type & SAMPLE_STACK_USER)
    {
      guint64 size = glow_cursor_u64 (cursor);

      if (size > 0)
        {
          guint64 written;

          tail->stack = glow_cursor_take (cursor, size);
          written = glow_cursor_u64 (cursor);
          tail->stack_size = MIN (written, size);
        }
    }
  /* Two names of one place: a plain weight, or a structure of three. */
  if (type & (SAMPLE_WEIGHT | SAMPLE_WEIGHT_STRUCT))
    tail->weight = glow_cursor_u64 (cursor);
  if (type & SAMPLE_DATA_SRC)
    tail->data_source = glow_cursor_u64 (cursor);
  if (type & SAMPLE_TRANSACTION)
    tail->transaction = glow_cursor_u64 (cursor);
  if (type & SAMPLE_REGS_INTR)
    take_registers (cursor, event->regs_intr, &intr_abi);
  if (type & SAMPLE_PHYS_ADDR)
    tail->phys_addr = glow_cursor_u64 (cursor);
  if (type & SAMPLE_CGROUP)
    tail->cgroup = glow_cursor_u64 (cursor);
  if (type & SAMPLE_DATA_PAGE_SIZE)
    tail->data_page_size = glow_cursor_u64 (cursor);
  if (type & SAMPLE_CODE_PAGE_SIZE)
    tail->code_page_size = glow_cursor_u64 (cursor);
  if (dialect == PERF_DIALECT_HIPERF && !cursor->failed && glow_cursor_remaining (cursor) == 8)
    {
      tail->stack_id = glow_cursor_u64 (cursor);
      tail->has_stack_id = TRUE;
    }
}
