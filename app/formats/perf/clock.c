/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which clock a recording's times are of, and what relates it to others: the wall clock at one moment, the processor's counter. */
#include <config.h>

#include "formats/perf/perf-private.h"

static const struct {
  gint32 id;                   /* of clock_gettime(2) */
  GlowClock clock;
  const char *name;
} clocks[] = {
  { 0, GLOW_CLOCK_REALTIME, "CLOCK_REALTIME" },
  { 1, GLOW_CLOCK_MONOTONIC, "CLOCK_MONOTONIC" },
  { 4, GLOW_CLOCK_MONOTONIC_RAW, "CLOCK_MONOTONIC_RAW" },
  { 7, GLOW_CLOCK_BOOTTIME, "CLOCK_BOOTTIME" },
  { 11, GLOW_CLOCK_TAI, "CLOCK_TAI" },
};

static void
set_clock (PerfReader *self, gint32 id)
{
  self->builder->info.clock = GLOW_CLOCK_UNKNOWN;
  for (guint i = 0; i < G_N_ELEMENTS (clocks); i++)
    if (clocks[i].id == id)
      {
        self->builder->info.clock = clocks[i].clock;
        self->builder->info.clock_name = clocks[i].name;
      }
}

/**
 * perf_clock_data_read:
 *
 * The CLOCK_DATA feature: version, clock, and both times of one moment.
 */
void
perf_clock_data_read (PerfReader *self, GlowCursor *cursor)
{
  guint32 version = glow_cursor_u32 (cursor), clock = glow_cursor_u32 (cursor);
  guint64 wall = glow_cursor_u64 (cursor), own = glow_cursor_u64 (cursor);

  if (cursor->failed || version < 1)
    return;
  self->builder->info.wall_clock_offset = (gint64) (wall - own);
  self->builder->info.has_wall_clock = TRUE;
  set_clock (self, (gint32) clock);
}

/**
 * perf_clock_set:
 *
 * By the events' attributes, where no feature said it. A recording without times has no clock.
 */
void
perf_clock_set (PerfReader *self)
{
  GlowProfileInfo *info = &self->builder->info;

  if (self->time_mult > 0)
    info->tsc = (GlowCounterClock) { self->time_zero, self->time_mult, self->time_shift };
  if (info->clock != GLOW_CLOCK_UNKNOWN || self->dialect == PERF_DIALECT_SIMPLEPERF || self->dialect == PERF_DIALECT_HIPERF)
    return;
  for (guint i = 0; i < self->events->len; i++)
    {
      const PerfEvent *event = &g_array_index (self->events, PerfEvent, i);

      if (!(event->sample_type & SAMPLE_TIME))
        continue;
      if (event->flags & PERF_FLAG_USE_CLOCKID)
        set_clock (self, event->clockid);
      else
        info->clock = GLOW_CLOCK_KERNEL;
      return;
    }
}
