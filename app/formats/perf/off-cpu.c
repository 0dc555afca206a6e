/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time that threads did not run: samples of perf record --off-cpu, whose weight is nanoseconds, and of simpleperf's --trace-offcpu, which are
 * switches that last until the thread's next sample.
 *
 * Formats: tools/perf/util/bpf_off_cpu.c and evsel.c of Linux (sums written at the end with a time that is none; since 2025 single waits in
 * the raw data of a BPF output event); simpleperf/doc of Android's system/extras. */
#include "formats/perf/perf-private.h"

#define SOFTWARE_BPF_OUTPUT 10
/* Sums have times from here on: they are to stand behind all others. */
#define NO_TIME (~G_GUINT64_CONSTANT (0) << 32)

gboolean
perf_event_is_off_cpu (const PerfEvent *event)
{
  return event->type == 1 && event->config == SOFTWARE_BPF_OUTPUT && event->name != NULL && strcmp (event->name, "offcpu-time") == 0;
}

/**
 * perf_off_cpu_unpack:
 * @cursor: at the size of the raw data
 * @ips: (out) (nullable): the chain, leaf first, in the file's order
 *
 * A wait that was told through BPF: process and thread, nanoseconds, chain, container.
 */
gboolean
perf_off_cpu_unpack (GlowCursor *cursor, RawSample *sample, const guint8 **ips, guint64 *n_ips, guint64 *cgroup)
{
  guint32 size = glow_cursor_u32 (cursor);
  const guint8 *raw = glow_cursor_take (cursor, size);
  GlowCursor own = glow_cursor (raw, raw != NULL ? size : 0, cursor->swap);

  sample->pid = glow_cursor_u32 (&own);
  sample->tid = glow_cursor_u32 (&own);
  sample->weight = glow_cursor_u64 (&own);
  *n_ips = glow_cursor_u64 (&own);
  *ips = glow_cursor_take (&own, *n_ips <= glow_cursor_remaining (&own) / 8 ? *n_ips * 8 : G_MAXUINT64);
  if (own.failed)
    *n_ips = 0;
  *cgroup = glow_cursor_remaining (&own) >= 8 ? glow_cursor_u64 (&own) : 0;
  return !own.failed;
}

/**
 * perf_off_cpu_place_sums:
 *
 * Sums of waits have no time of their own and no processor: they get the last time that is one.
 */
void
perf_off_cpu_place_sums (PerfReader *self, PerfDecoder *decoders, guint n_decoders)
{
  guint64 last = 0;
  gboolean any = FALSE;

  for (guint i = 0; i < self->events->len; i++)
    any |= perf_event_is_off_cpu (&g_array_index (self->events, PerfEvent, i));
  for (guint d = 0; any && d < n_decoders; d++)
    for (gsize i = 0; i < decoders[d].n; i++)
      if (decoders[d].samples[i].time < NO_TIME)
        last = MAX (last, decoders[d].samples[i].time);
  for (guint d = 0; any && d < n_decoders; d++)
    for (gsize i = 0; i < decoders[d].n; i++)
      if (decoders[d].samples[i].time >= NO_TIME)
        {
          decoders[d].samples[i].time = last;
          decoders[d].samples[i].cpu = G_MAXUINT16;
        }
}

/**
 * perf_off_cpu_measure:
 * @samples: columns in order of time
 *
 * simpleperf's switches: each weighs the time until its thread's next sample; one without a next weighs nothing. O(samples)
 */
void
perf_off_cpu_measure (PerfReader *self, GlowSampleArrays *samples)
{
  g_autofree guint8 *is_switch = g_new0 (guint8, self->events->len + 1);
  g_autofree guint64 *next = g_new0 (guint64, self->builder->threads->len + 1);
  g_autoptr(GHashTable) first_row = g_hash_table_new (NULL, NULL);
  gboolean any = FALSE;

  for (guint i = 0; self->trace_off_cpu && i < self->events->len; i++)
    any |= is_switch[i] = g_strcmp0 (g_array_index (self->events, PerfEvent, i).name, "sched:sched_switch") == 0;
  if (!any || samples->time == NULL)
    return;
  for (gsize i = samples->n; i-- > 0;)
    {
      /* A thread has a row for each name it had: its time goes on across them. */
      gpointer tid = GINT_TO_POINTER (g_array_index (self->builder->threads, GlowThread, samples->thread[i]).tid), known;
      guint32 row = samples->thread[i];

      if (g_hash_table_lookup_extended (first_row, tid, NULL, &known))
        row = GPOINTER_TO_UINT (known);
      else
        g_hash_table_insert (first_row, tid, GUINT_TO_POINTER (row));
      if (is_switch[samples->event[i]])
        samples->weight[i] = next[row] > samples->time[i] ? next[row] - samples->time[i] : 0;
      next[row] = samples->time[i];
    }
  for (guint i = 0; i < self->events->len; i++)
    if (is_switch[i])
      {
        GlowEvent *event = &g_array_index (self->builder->events, GlowEvent, i);

        event->unit = GLOW_UNIT_NANOSECONDS;
        event->is_off_cpu = TRUE;
      }
}
