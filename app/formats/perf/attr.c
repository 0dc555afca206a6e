/* SPDX-License-Identifier: GPL-3.0-or-later */
/* perf_event_attr of any size and byte order, and the names that perf gives to events that bring none. */
#include "formats/perf/perf-private.h"


/* A 64-bit word of bit fields: written by a machine of the other byte order, the bits of each byte are mirrored, the bytes are not. */
static guint64
read_flags (const guint8 *bytes, gboolean swap)
{
  guint64 flags = 0;

  for (guint i = 0; i < 8; i++)
    {
      guint8 byte = bytes[i];

      if (swap)
        {
          guint8 mirrored = 0;

          for (guint bit = 0; bit < 8; bit++)
            mirrored |= ((byte >> bit) & 1) << (7 - bit);
          byte = mirrored;
        }
      flags |= (guint64) byte << (8 * i);
    }
  return flags;
}

/**
 * perf_attr_read:
 * @cursor: at the attribute
 * @n: bytes the container gives it; its own size field may say less
 *
 * Reads the fields that are known; those of a newer perf are stepped over.
 */
gboolean
perf_attr_read (GlowCursor *cursor, gsize n, PerfEvent *event)
{
  const guint8 *bytes = glow_cursor_take (cursor, n);
  guint8 whole[128] = { 0 };
  GlowCursor fields;
  gsize own;

  memset (event, 0, sizeof *event);
  if (bytes == NULL || n < 48)
    return FALSE;
  fields = glow_cursor (bytes, n, cursor->swap);
  event->type = glow_cursor_u32 (&fields);
  event->size = glow_cursor_u32 (&fields);
  own = event->size >= 48 && event->size <= n ? event->size : n;
  memcpy (whole, bytes, MIN (own, sizeof whole));
  fields = glow_cursor (whole, sizeof whole, cursor->swap);
  fields.at += 8;
  event->config = glow_cursor_u64 (&fields);
  event->sample_period = glow_cursor_u64 (&fields);
  event->sample_type = glow_cursor_u64 (&fields);
  event->read_format = glow_cursor_u64 (&fields);
  event->flags = read_flags (glow_cursor_take (&fields, 8), cursor->swap);
  fields.at = whole + 72;
  event->branch_sample_type = glow_cursor_u64 (&fields);
  event->regs_user = glow_cursor_u64 (&fields);
  fields.at += 4;
  event->clockid = (gint32) glow_cursor_u32 (&fields);
  event->regs_intr = glow_cursor_u64 (&fields);
  fields.at += 4;
  event->max_stack = glow_cursor_u16 (&fields);
  event->fixed_prefix = (event->sample_type & SAMPLE_READ) == 0;
  return TRUE;
}

void
perf_event_clear (gpointer data)
{
  PerfEvent *event = data;

  g_clear_pointer (&event->name, g_free);
  g_clear_pointer (&event->format, g_free);
}

/* "L1-dcache-load-misses": cache, operation and result are bytes of the configuration. */
static gboolean
append_cache_name (GString *name, guint64 config)
{
  static const char *const caches[] = { "L1-dcache", "L1-icache", "LLC", "dTLB", "iTLB", "branch", "node" };
  static const char *const operations[][2] = { { "loads", "load" }, { "stores", "store" }, { "prefetches", "prefetch" } };
  guint cache = config & 0xff, operation = config >> 8 & 0xff, result = config >> 16 & 0xff;

  if (cache >= G_N_ELEMENTS (caches) || operation >= G_N_ELEMENTS (operations) || result > 1)
    return FALSE;
  g_string_append_printf (name, "%s-%s%s", caches[cache], operations[operation][result], result == 1 ? "-misses" : "");
  return TRUE;
}

/**
 * perf_event_dup_name:
 * @pmus: (nullable): names of the kernel's event sources by type, as the recording notes them
 *
 * Returns: (transfer full): the name perf would print for an event that brings none: "cycles:u", "cpu-clock", "raw 0x1c2"
 */
char *
perf_event_dup_name (const PerfEvent *event, GHashTable *pmus)
{
  static const char *const hardware[] = {
    "cycles", "instructions", "cache-references", "cache-misses", "branches", "branch-misses", "bus-cycles",
    "stalled-cycles-frontend", "stalled-cycles-backend", "ref-cycles",
  };
  static const char *const software[] = {
    "cpu-clock", "task-clock", "page-faults", "context-switches", "cpu-migrations", "minor-faults", "major-faults",
    "alignment-faults", "emulation-faults", "dummy", "bpf-output", "cgroup-switches",
  };
  GString *name = g_string_new (NULL);

  if (event->type == 0 && event->config < G_N_ELEMENTS (hardware))
    g_string_append (name, hardware[event->config]);
  else if (event->type == 1 && event->config < G_N_ELEMENTS (software))
    g_string_append (name, software[event->config]);
  else if (event->type == 2)
    g_string_append_printf (name, "tracepoint:%" G_GUINT64_FORMAT, event->config);
  else if (event->type == 3 && append_cache_name (name, event->config))
    ;
  else if (event->type > 5 && pmus != NULL && g_hash_table_contains (pmus, GUINT_TO_POINTER (event->type)))
    g_string_append_printf (name, "%s/config=0x%" G_GINT64_MODIFIER "x/", (char *) g_hash_table_lookup (pmus, GUINT_TO_POINTER (event->type)),
                            event->config);
  else
    g_string_append_printf (name, "raw 0x%" G_GINT64_MODIFIER "x", event->config);
  if (event->flags & (PERF_FLAG_EXCLUDE_USER | PERF_FLAG_EXCLUDE_KERNEL) && event->type != 2)
    g_string_append_printf (name, ":%s%s", event->flags & PERF_FLAG_EXCLUDE_USER ? "" : "u",
                            event->flags & PERF_FLAG_EXCLUDE_KERNEL ? "" : "k");
  return g_string_free (name, FALSE);
}

/**
 * perf_reader_add_event:
 * @event: its contents are taken
 * @ids: (nullable): bytes of the event's ids, in the file's order
 *
 * Returns: the event's index
 */
guint
perf_reader_add_event (PerfReader *self, PerfEvent *event, const guint8 *ids, gsize n_ids)
{
  GlowCursor cursor = glow_cursor (ids, ids != NULL ? n_ids * 8 : 0, self->swap);
  guint index = self->events->len;

  if (index >= G_MAXUINT16)
    {
      perf_event_clear (event);
      return 0;
    }
  g_array_append_vals (self->events, event, 1);
  self->sample_types |= event->sample_type;
  self->needs_tail |= event->branch_sample_type & BRANCH_CALL_STACK || event->sample_type & SAMPLE_CGROUP || (event->sample_type & SAMPLE_REGS_USER && event->sample_type & (SAMPLE_STACK_USER | SAMPLE_CALLCHAIN));
  while (glow_cursor_remaining (&cursor) >= 8)
    {
      guint64 id = glow_cursor_u64 (&cursor);

      g_hash_table_insert (self->event_of_id, g_memdup2 (&id, sizeof id), GUINT_TO_POINTER (index + 1));
    }
  return index;
}

guint
perf_reader_event_of_id (const PerfReader *self, guint64 id)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->event_of_id, &id)) - 1;
}
