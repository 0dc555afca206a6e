/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings made by hand: samples of a clock, and of the beginning and end of a call. */
#pragma once
#include <afterglow/afterglow.h>
#include "model/profile-private.h"
#include "model/trie-private.h"

#include <stdlib.h>
#include <string.h>

enum { CLOCK, ENTRY, EXIT };

typedef struct {
  guint64 time;
  guint thread, event;
  guint path[8], depth;        /* functions, root first */
} Sample;

typedef struct {
  GArray *samples;             /* of Sample */
  guint n_functions, n_threads;
} Recording;

static Recording *
recording_new (guint n_functions, guint n_threads)
{
  Recording *self = g_new0 (Recording, 1);

  self->samples = g_array_new (FALSE, TRUE, sizeof (Sample));
  self->n_functions = n_functions;
  self->n_threads = n_threads;
  return self;
}

static void
recording_free (Recording *self)
{
  g_array_unref (self->samples);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Recording, recording_free)

static void
add (Recording *self, guint64 time, guint thread, guint event, guint depth, const guint *path)
{
  Sample sample = { time, thread, event, { 0 }, depth };

  for (guint i = 0; i < depth; i++)
    sample.path[i] = path[i];
  g_array_append_val (self->samples, sample);
}

static gint
compare_times (gconstpointer a, gconstpointer b)
{
  const Sample *left = a, *right = b;

  return left->time < right->time ? -1 : left->time > right->time;
}

/* Threads are "t0", "t1", …; functions "f0", "f1", …; samples weigh a millisecond. */
static GlowProfile *
recording_finish (Recording *self)
{
  static const char *const events[] = { "cpu-clock", "app:call_entry", "app:call_exit" };
  GlowProfileBuilder *builder = glow_profile_builder_new ();
  gsize n = self->samples->len;
  GlowSampleArrays columns = { .n = n, .time = malloc (n * 8 + 8), .thread = malloc (n * 4 + 4), .stack = malloc (n * 4 + 4), .event = malloc (n * 2 + 2),
                               .weight = malloc (n * 8 + 8) };
  GlowStackArrays stacks;
  GlowTrie trie;

  g_array_sort (self->samples, compare_times);
  for (guint f = 0; f < self->n_functions; f++)
    {
      g_autofree char *name = g_strdup_printf ("f%u", f);
      guint32 id = glow_strings_intern (builder->strings, name, -1);
      GlowFrame frame = { .name = id, .raw_name = id, .module = GLOW_NONE, .kind = GLOW_FRAME_USER };

      g_assert_cmpuint (glow_profile_builder_frame (builder, &frame), ==, f);
    }
  for (guint t = 0; t < self->n_threads; t++)
    {
      g_autofree char *name = g_strdup_printf ("t%u", t);
      GlowThread thread = { 1, (gint32) t + 1, glow_strings_intern (builder->strings, name, -1), 0, 0, 0, G_MAXUINT64 };

      g_array_append_val (builder->threads, thread);
    }
  g_array_append_val (builder->processes, ((GlowProcess) { 1, 0 }));
  for (guint e = 0; e < 3; e++)
    {
      GlowEvent event = { .name = glow_strings_intern (builder->strings, events[e], -1), .unit = e == CLOCK ? GLOW_UNIT_NANOSECONDS : GLOW_UNIT_EVENTS,
                          .is_tracepoint = e != CLOCK };

      g_array_append_val (builder->events, event);
    }
  glow_trie_init (&trie, 0);
  for (gsize i = 0; i < n; i++)
    {
      const Sample *sample = &g_array_index (self->samples, Sample, i);
      guint32 stack = 0;

      for (guint d = 0; d < sample->depth; d++)
        stack = glow_trie_intern (&trie, stack, sample->path[d]);
      columns.time[i] = sample->time;
      columns.thread[i] = sample->thread;
      columns.event[i] = sample->event;
      columns.weight[i] = sample->event == CLOCK ? 1000000 : 1;
      columns.stack[i] = stack;
    }
  stacks = (GlowStackArrays) { trie.n, malloc (trie.n * 4), malloc (trie.n * 4) };
  memcpy (stacks.parent, trie.parent, trie.n * 4);
  memcpy (stacks.item, trie.item, trie.n * 4);
  glow_trie_clear (&trie);
  builder->named = TRUE;
  builder->info.first_time = g_array_index (self->samples, Sample, 0).time;
  builder->info.last_time = g_array_index (self->samples, Sample, n - 1).time;
  return glow_profile_builder_finish (builder, &columns, &stacks, NULL, NULL, 0, NULL, 0);
}
