/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deferred user chains (Linux 6.18 and later): a sample taken in the kernel holds its kernel half and a cookie; the user half follows once,
 * when the thread goes back to user space, for all samples with that cookie. */
#include <config.h>

#include <glib/gi18n-lib.h>

#include "formats/perf/perf-private.h"

/**
 * perf_deferred_add:
 * @body: PERF_RECORD_CALLCHAIN_DEFERRED: cookie, number of addresses, addresses, trailer
 */
void
perf_deferred_add (PerfReader *self, const guint8 *body, gsize size)
{
  GlowCursor cursor = glow_cursor (body, size, self->swap);
  CounterKey key = { glow_cursor_u64 (&cursor), -1 };
  guint64 n = glow_cursor_u64 (&cursor), time;
  gint32 tid = -1;
  guint64 *ips;

  if (cursor.failed || n > glow_cursor_remaining (&cursor) / 8)
    {
      glow_warnings_add (self->builder->warnings, "damaged-record", "deferred", 1, self->current_offset, NULL,
                         _("A deferred call chain is longer than its record; it was left out"));
      return;
    }
  if (perf_trailer (self, body, size, &tid, &time))
    key.tid = tid;
  ips = g_new (guint64, MAX (n, 1));
  for (guint64 i = 0; i < n; i++)
    ips[i] = glow_cursor_u64 (&cursor);
  g_hash_table_insert (self->deferred, g_memdup2 (&key, sizeof key), g_bytes_new_take (ips, n * sizeof (guint64)));
}

/**
 * perf_deferred_join:
 *
 * Puts the user halves under the kernel halves. A sample whose user half never came (the recording ended first, or the record was lost)
 * keeps its kernel half and counts as cut.
 */
void
perf_deferred_join (PerfReader *self, PerfDecoder *decoder)
{
  guint64 missing = 0;

  if (decoder->deferred == NULL)
    return;
  for (guint i = 0; i < decoder->deferred->len; i++)
    {
      const DeferredSample *deferred = &g_array_index (decoder->deferred, DeferredSample, i);
      RawSample *sample = &decoder->samples[deferred->row];
      CounterKey key = { deferred->cookie, sample->tid };
      GBytes *bytes = g_hash_table_lookup (self->deferred, &key);
      gsize size;

      if (bytes == NULL)
        {
          key.tid = -1;
          bytes = g_hash_table_lookup (self->deferred, &key);
        }
      if (bytes == NULL)
        {
          decoder->trie.nodes[sample->chain].status |= GLOW_STACK_CUT;
          missing++;
          continue;
        }
      {
        const guint64 *ips = g_bytes_get_data (bytes, &size);

        perf_join_user (decoder, sample, ips, size / sizeof (guint64));
        /* By frame pointers or by SFrame tables: the kernel does not tell which, so that nothing is proved of what they missed. */
        decoder->trie.nodes[sample->chain].status |= GLOW_STACK_EXACT;
      }
    }
  if (missing > 0)
    glow_warnings_add (self->builder->warnings, "deferred-chain-missing", NULL, missing, 0,
                       _("The recording ended before the threads went back to user space, or records were lost."),
                       _("The user half of a deferred call chain is not in the recording; only its kernel half is shown"));
}
