/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanes in the order of time: states of a small recording to the nanosecond, summaries against a look at everything, how long a sample stands, hostile
 * times, trees of spans, the order and places of rows, and two pictures (GLOW_UPDATE_PICTURES=1 writes them anew: look at them). */
#include <afterglow/afterglow.h>
#include "compare-pictures.h"
#include "model/fields-private.h"
#include "model/profile-private.h"
#include "model/trie-private.h"

#include <stdlib.h>
#include <string.h>

enum { CLOCK, SWITCH, WAKING, BEGIN, END, N_EVENTS };
#define MS G_GUINT64_CONSTANT (1000000)

/* ---- recordings ---- */

typedef struct {
  guint64 time;
  guint thread, cpu, event;
  gint64 next;                 /* of a switch: the thread that comes, of a wake-up: whom */
  guint64 state;               /* of a switch: prev_state */
  guint64 prev;                /* of a switch: whom the event says it left */
  guint path[6], depth;
} Sample;

typedef struct {
  GlowFieldSource source;
  GArray *samples;             /* of Sample */
} Source;

static const GlowField switch_fields[] = { { .name = "prev_pid", .kind = GLOW_FIELD_SIGNED }, { .name = "prev_state", .kind = GLOW_FIELD_SIGNED },
                                           { .name = "next_pid", .kind = GLOW_FIELD_SIGNED } };
static const GlowField waking_fields[] = { { .name = "pid", .kind = GLOW_FIELD_SIGNED } };

static const GlowField *
source_list (GlowFieldSource *source, guint32 event, guint *n)
{
  *n = event == SWITCH ? 3 : event == WAKING ? 1 : 0;
  return event == SWITCH ? switch_fields : event == WAKING ? waking_fields : NULL;
}

static gboolean
source_prepare (GlowFieldSource *source, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static gboolean
source_read (GlowFieldSource *source, gsize row, guint32 event, guint field, guint element, GlowFieldValue *value)
{
  const Sample *sample = &g_array_index (((Source *) source)->samples, Sample, row);

  *value = (GlowFieldValue) { .kind = GLOW_FIELD_SIGNED };
  value->number = event == WAKING || field == 2 ? (guint64) sample->next : field == 1 ? sample->state : sample->prev;
  return event == SWITCH || event == WAKING;
}

static gboolean
source_is_damaged (GlowFieldSource *source)
{
  return FALSE;
}

static void
source_free (GlowFieldSource *source)
{
  g_array_unref (((Source *) source)->samples);
  g_free (source);
}

static const GlowFieldSourceClass source_class = { .list = source_list, .prepare = source_prepare, .read = source_read, .is_damaged = source_is_damaged,
                                                   .free = source_free };

/* Takes @samples, which are in the order of time. Thread t has the number t, but 0 is idle and the last is one that the kernel gave no number; CPU clock of a
 * millisecond, unless @by_count. */
static GlowProfile *
finish (GArray *samples, guint n_threads, gboolean by_count)
{
  static const char *const names[N_EVENTS] = { "cpu-clock", "sched:sched_switch", "sched:sched_waking", "app:request_begin", "app:request_end" };
  static const char *const functions[] = { "main", "serve", "parse", "wait_for_it", "write_log", "vfs_write" };
  GlowProfileBuilder *builder = glow_profile_builder_new ();
  gsize n = samples->len;
  GlowSampleArrays columns = { .n = n, .time = malloc (n * 8 + 8), .thread = malloc (n * 4 + 4), .cpu = malloc (n * 2 + 2), .stack = malloc (n * 4 + 4),
                               .event = malloc (n * 2 + 2) };
  Source *source = g_new0 (Source, 1);
  GlowStackArrays stacks;
  GlowTrie trie;

  glow_field_source_init (&source->source, &source_class);
  source->samples = samples;
  builder->fields = &source->source;
  for (guint f = 0; f < G_N_ELEMENTS (functions); f++)
    {
      GlowFrame frame = { .name = glow_strings_intern (builder->strings, functions[f], -1), .module = GLOW_NONE, .kind = f == 5 ? GLOW_FRAME_KERNEL : GLOW_FRAME_USER };

      frame.raw_name = frame.name;
      glow_profile_builder_frame (builder, &frame);
    }
  for (guint t = 0; t < n_threads; t++)
    {
      g_autofree char *name = t == 0 ? g_strdup ("swapper") : g_strdup_printf ("worker-%u", t);
      gint32 number = t == n_threads - 1 ? -1 : (gint32) t;
      GlowThread thread = { number, number, glow_strings_intern (builder->strings, name, -1), t % 2, 0, 0, G_MAXUINT64 };

      g_array_append_val (builder->threads, thread);
    }
  g_array_append_val (builder->processes, ((GlowProcess) { 100, glow_strings_intern (builder->strings, "server", -1) }));
  g_array_append_val (builder->processes, ((GlowProcess) { 200, glow_strings_intern (builder->strings, "logger", -1) }));
  for (guint e = 0; e < N_EVENTS; e++)
    {
      GlowEvent event = { .name = glow_strings_intern (builder->strings, names[e], -1), .unit = e == CLOCK && !by_count ? GLOW_UNIT_NANOSECONDS : GLOW_UNIT_EVENTS,
                          .is_tracepoint = e != CLOCK, .period = e == CLOCK ? MS : 1 };

      g_array_append_val (builder->events, event);
    }
  glow_trie_init (&trie, 0);
  for (gsize i = 0; i < n; i++)
    {
      const Sample *sample = &g_array_index (samples, Sample, i);
      guint32 stack = 0;

      for (guint d = 0; d < sample->depth; d++)
        stack = glow_trie_intern (&trie, stack, sample->path[d]);
      columns.time[i] = sample->time;
      columns.thread[i] = sample->thread;
      columns.cpu[i] = sample->cpu;
      columns.event[i] = sample->event;
      columns.stack[i] = stack;
    }
  stacks = (GlowStackArrays) { trie.n, malloc (trie.n * 4), malloc (trie.n * 4) };
  memcpy (stacks.parent, trie.parent, trie.n * 4);
  memcpy (stacks.item, trie.item, trie.n * 4);
  glow_trie_clear (&trie);
  builder->named = TRUE;
  builder->info.first_time = n > 0 ? g_array_index (samples, Sample, 0).time : 0;
  builder->info.last_time = n > 0 ? g_array_index (samples, Sample, n - 1).time : 0;
  return glow_profile_builder_finish (builder, &columns, &stacks, NULL, NULL, 0, NULL, 0);
}

static GArray *
samples_new (void)
{
  return g_array_new (FALSE, TRUE, sizeof (Sample));
}

static void
add (GArray *samples, guint64 time, guint thread, guint cpu, guint event, gint64 next, guint64 state)
{
  Sample sample = { time, thread, cpu, event, next, state, thread, { 0, 1, event == SWITCH ? 3 : 2 }, 3 };

  g_array_append_val (samples, sample);
}

static GlowTimeline *
compute (GlowProfile *profile)
{
  GlowTimelineOptions options = { NULL, TRUE };
  g_autoptr(GError) error = NULL;
  GlowTimeline *timeline = glow_timeline_compute (profile, &options, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return timeline;
}

/* ---- states ---- */

/* Five threads whose every change is known. 1 blocks in D and is woken by 2; 2 is pushed off by 3; 3 exits, by then without a number; the switch to 4 was
 * not recorded. */
static GlowProfile *
small_profile (gboolean by_count)
{
  GArray *samples = samples_new ();

  add (samples, 10 * MS, 1, 0, CLOCK, 0, 0);
  add (samples, 11 * MS, 1, 0, CLOCK, 0, 0);
  add (samples, 12 * MS, 1, 0, SWITCH, 2, 2);          /* 1 → 2, uninterruptible */
  add (samples, 13 * MS, 2, 0, CLOCK, 0, 0);
  add (samples, 14 * MS, 2, 0, WAKING, 1, 0);
  add (samples, 15 * MS, 2, 0, SWITCH, 3, 256);        /* 2 → 3, pre-empted */
  add (samples, 16 * MS, 3, 0, WAKING, 2, 0);          /* needs no waking: it waits for a CPU already */
  add (samples, 17 * MS, 5, 0, SWITCH, 1, 32);         /* 3 → 1: it has ended, and has no number any more */
  g_array_index (samples, Sample, 7).prev = 3;
  add (samples, 18 * MS, 1, 0, SWITCH, 0, 1);          /* 1 → idle */
  add (samples, 20 * MS, 4, 1, SWITCH, 0, 1);          /* 4 → idle, never seen before */
  add (samples, 29 * MS, 4, 1, CLOCK, 0, 0);           /* it runs again, nothing said so */
  add (samples, 30 * MS, 0, 0, CLOCK, 0, 0);
  return finish (samples, 6, by_count);
}

typedef struct { guint64 ms; guint8 state; char letter; guint32 on; } Expected;

static void
assert_changes (GlowTimeline *timeline, guint32 thread, const Expected *expected, guint n)
{
  guint32 lane = glow_timeline_find_lane (timeline, thread);
  const GlowLane *own = &glow_timeline_get_lanes (timeline, NULL, NULL)[lane];
  const GlowTaskChange *changes = glow_timeline_get_changes (timeline, lane);

  g_assert_cmpuint (own->n_changes, ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_test_message ("thread %u, change %u", thread, i);
      g_assert_cmpuint (changes[i].time, ==, expected[i].ms * MS);
      g_assert_cmpuint (changes[i].state, ==, expected[i].state);
      g_assert_cmpint (changes[i].letter, ==, expected[i].letter);
      g_assert_cmpuint (changes[i].on, ==, expected[i].on);
    }
}

static void
test_states (void)
{
  static const Expected one[] = { { 10, GLOW_TASK_RUNNING, 0, 0 }, { 12, GLOW_TASK_BLOCKED, 'D', 0 }, { 14, GLOW_TASK_QUEUED, 0, GLOW_NONE },
                                  { 17, GLOW_TASK_RUNNING, 0, 0 }, { 18, GLOW_TASK_BLOCKED, 'S', 0 } };
  static const Expected two[] = { { 12, GLOW_TASK_RUNNING, 0, 0 }, { 15, GLOW_TASK_QUEUED, 'R', 0 } };
  static const Expected three[] = { { 15, GLOW_TASK_RUNNING, 0, 0 }, { 17, GLOW_TASK_GONE, 'Z', 0 } };
  static const Expected four[] = { { 20, GLOW_TASK_BLOCKED, 'S', 1 }, { 28, GLOW_TASK_UNKNOWN, 0, GLOW_NONE }, { 29, GLOW_TASK_RUNNING, 0, 1 } };
  static const Expected four_by_count[] = { { 20, GLOW_TASK_UNKNOWN, 'S', 1 }, { 29, GLOW_TASK_RUNNING, 0, 1 } };
  g_autoptr(GlowProfile) profile = small_profile (FALSE), counted = small_profile (TRUE);
  g_autoptr(GlowTimeline) timeline = compute (profile), other = compute (counted);
  const GlowLane *lanes = glow_timeline_get_lanes (timeline, NULL, NULL);
  guint32 lane = glow_timeline_find_lane (timeline, 1);
  GlowLaneSum sum;

  g_assert_true (glow_timeline_has_switches (timeline) && glow_timeline_has_wakeups (timeline));
  assert_changes (timeline, 1, one, G_N_ELEMENTS (one));
  assert_changes (timeline, 3, three, G_N_ELEMENTS (three));
  /* A thread of which only a clock's silence is known cannot have run for longer than its period. */
  assert_changes (timeline, 4, four, G_N_ELEMENTS (four));
  assert_changes (other, 4, four_by_count, G_N_ELEMENTS (four_by_count));
  g_assert_cmpuint (glow_timeline_get_n_unseen (timeline), ==, 1);
  /* Where switches are missing, one that waits for a CPU to the end may have had it. */
  g_assert_cmpuint (glow_timeline_get_changes (timeline, glow_timeline_find_lane (timeline, 2))[1].state, ==, GLOW_TASK_WOKEN);
  g_assert_cmpuint (glow_timeline_get_changes (timeline, glow_timeline_find_lane (timeline, 2))[0].time, ==, two[0].ms * MS);
  /* Its waker is the thread of its wake-up; it waits in the stack it left with. */
  g_assert_cmpuint (glow_profile_get_samples (profile)->thread[glow_timeline_get_changes (timeline, lane)[2].sample], ==, 2);
  g_assert_cmpuint (glow_timeline_find_leaving (timeline, lane, 2), ==, 1);
  g_assert_cmpuint (glow_timeline_find_leaving (timeline, lane, 3), ==, GLOW_NONE);
  glow_timeline_sum (timeline, lane, 11 * MS, 18 * MS, &sum);
  g_assert_cmpuint (sum.ns[GLOW_TASK_RUNNING], ==, 2 * MS);
  g_assert_cmpuint (sum.ns[GLOW_TASK_BLOCKED], ==, 2 * MS);
  g_assert_cmpuint (sum.ns[GLOW_TASK_QUEUED], ==, 3 * MS);
  g_assert_cmpuint (sum.n_samples, ==, 1);
  g_assert_cmpuint (lanes[lane].ns[GLOW_TASK_BLOCKED], ==, 14 * MS);
  /* CPU 0 ran 1, 2, 3, 1 and nothing. */
  for (guint32 l = 0;; l++)
    if (lanes[l].is_cpu && lanes[l].cpu == 0)
      {
        const GlowTaskChange *changes = glow_timeline_get_changes (timeline, l);
        static const guint threads[] = { 1, 2, 3, 1 };

        g_assert_cmpuint (lanes[l].n_changes, ==, 5);
        for (guint i = 0; i < 4; i++)
          g_assert_cmpuint (changes[i].on, ==, glow_timeline_find_lane (timeline, threads[i]));
        g_assert_cmpuint (changes[4].state, ==, GLOW_TASK_GONE);
        break;
      }
}

/* ---- summaries ---- */

static GArray *
random_samples (guint32 seed, guint n, guint n_threads, guint64 start, guint64 span)
{
  GRand *random = g_rand_new_with_seed (seed);
  GArray *samples = samples_new ();
  guint64 time = start;

  for (guint i = 0; i < n; i++)
    {
      Sample sample = { .time = i == n - 1 ? start + span : time, .cpu = (guint) g_rand_int_range (random, 0, 3), .depth = 3 };

      sample.thread = (guint) g_rand_int_range (random, 1, (gint32) n_threads - 1);
      sample.prev = sample.thread;
      sample.event = (guint) g_rand_int_range (random, 0, 5);
      sample.next = g_rand_int_range (random, 0, (gint32) n_threads - 1);
      sample.state = (guint64) g_rand_int_range (random, 0, 4);
      for (guint d = 0; d < 3; d++)
        sample.path[d] = (guint) g_rand_int_range (random, 0, 6);
      g_array_append_val (samples, sample);
      if (g_rand_int_range (random, 0, 4) != 0)
        time = MIN (time + (guint64) g_rand_double_range (random, 0, 2.6 * span / n), start + span);
    }
  g_rand_free (random);
  return samples;
}

/* A look at every change. */
static guint64
time_in (GlowTimeline *timeline, guint32 lane, guint8 state, guint64 from, guint64 to)
{
  const GlowTaskChange *changes = glow_timeline_get_changes (timeline, lane);
  guint32 n = glow_timeline_get_lanes (timeline, NULL, NULL)[lane].n_changes;
  guint64 start = glow_timeline_get_from (timeline), end = glow_timeline_get_to (timeline), sum = 0;

  for (gint64 i = -1; i < n; i++)
    {
      guint64 low = i < 0 ? start : changes[i].time, high = i + 1 < n ? changes[i + 1].time : end;
      guint8 own = i < 0 ? GLOW_TASK_UNKNOWN : changes[i].state;

      low = MAX (low, from);
      high = MIN (high, to);
      if (own == state && high > low)
        sum += high - low;
    }
  return sum;
}

static void
assert_sums (GlowTimeline *timeline, guint64 from, guint64 to, guint n)
{
  g_autofree GlowLaneSum *sums = g_new (GlowLaneSum, n);
  guint32 n_lanes;
  const GlowLane *lanes = glow_timeline_get_lanes (timeline, &n_lanes, NULL);
  const GlowSamples *samples = glow_profile_get_samples (glow_timeline_get_profile (timeline));

  for (guint32 l = 0; l < n_lanes; l++)
    {
      guint64 ns[GLOW_N_TASK_STATES] = { 0 };
      guint32 n_samples = 0, n_changes = 0, expected = 0;

      glow_timeline_columns (timeline, l, from, to, n, sums);
      for (guint c = 0; c < n; c++)
        {
          for (guint s = 0; s < GLOW_N_TASK_STATES; s++)
            ns[s] += sums[c].ns[s];
          n_samples += sums[c].n_samples;
          n_changes += sums[c].n_changes;
          g_assert_true ((sums[c].stack == GLOW_NONE) == (sums[c].n_samples == 0));
        }
      for (guint s = 0; s < GLOW_N_TASK_STATES; s++)
        g_assert_cmpuint (ns[s], ==, time_in (timeline, l, s, from, to));
      for (guint32 i = 0; i < lanes[l].n_samples; i++)
        {
          guint64 time = samples->time[glow_timeline_get_sample (timeline, l, i)];

          expected += time >= from && time < to;
        }
      g_assert_cmpuint (n_samples, ==, expected);
      expected = 0;
      for (guint32 i = 0; i < lanes[l].n_changes; i++)
        expected += glow_timeline_get_changes (timeline, l)[i].time >= from && glow_timeline_get_changes (timeline, l)[i].time < to;
      g_assert_cmpuint (n_changes, ==, expected);
    }
}

static void
test_sums (void)
{
  static const guint columns[] = { 1, 2, 7, 64, 1000, 5000 };
  g_autoptr(GlowProfile) profile = finish (random_samples (3, 20000, 7, 777, G_GUINT64_CONSTANT (9000000000)), 7, FALSE);
  g_autoptr(GlowTimeline) timeline = compute (profile);
  GRand *random = g_rand_new_with_seed (5);

  for (guint c = 0; c < G_N_ELEMENTS (columns); c++)
    for (guint i = 0; i < 10; i++)
      {
        guint64 from = 777 + (guint64) g_rand_double_range (random, 0, 8e9), span = (guint64) g_rand_double_range (random, 1, i < 5 ? 1e6 : 9e9);

        assert_sums (timeline, from, from + span, columns[c]);
      }
  assert_sums (timeline, 0, G_MAXUINT64, 1000);
  g_rand_free (random);
}

/* Where one stack is of most samples, it is what is told of them, however many they are. */
static void
test_majority (void)
{
  GArray *samples = samples_new ();
  g_autoptr(GlowProfile) profile = NULL;
  g_autoptr(GlowTimeline) timeline = NULL;
  GRand *random = g_rand_new_with_seed (9);
  guint32 wanted, lane;

  for (guint i = 0; i < 50000; i++)
    {
      Sample sample = { .time = i * 1000, .thread = 1, .event = CLOCK, .depth = 2, .path = { 0, i < 25000 ? 1 : 2 } };

      if (g_rand_int_range (random, 0, 10) < 3)
        sample.path[1] = 3 + (guint) g_rand_int_range (random, 0, 3);
      g_array_append_val (samples, sample);
    }
  profile = finish (samples, 3, FALSE);
  timeline = compute (profile);
  lane = glow_timeline_find_lane (timeline, 1);
  for (guint n = 1000; n <= 25000; n += 3000)
    for (guint half = 0; half < 2; half++)
      {
        GlowLaneSum sum;

        glow_timeline_sum (timeline, lane, half * 25000 * 1000, (half * 25000 + n) * 1000, &sum);
        wanted = glow_profile_get_stacks (profile)->item[sum.stack];
        g_assert_cmpuint (sum.n_samples, ==, n);
        g_assert_cmpuint (wanted, ==, half == 0 ? 1 : 2);
      }
  g_rand_free (random);
}

/* ---- slices ---- */

static void
test_slices (void)
{
  g_autoptr(GlowProfile) profile = small_profile (FALSE);
  g_autoptr(GlowTimeline) timeline = compute (profile);
  guint32 lane = glow_timeline_find_lane (timeline, 1);
  g_autoptr(GArray) slices = glow_timeline_slices (timeline, lane, 0, G_MAXUINT64, 1000);
  const GlowLaneSlice *slice = (const GlowLaneSlice *) slices->data;
  static const struct { guint64 start, end; guint n; guint8 state; } expected[] = {
    { 10 * MS, 11 * MS + MS / 2, 2, GLOW_TASK_RUNNING },      /* two equal samples: half a period on either side, but not before it was known to run */
    { 12 * MS, 14 * MS, 0, GLOW_TASK_BLOCKED }, { 14 * MS, 17 * MS, 0, GLOW_TASK_QUEUED }, { 18 * MS, 30 * MS, 0, GLOW_TASK_BLOCKED },
  };

  g_assert_cmpuint (slices->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < slices->len; i++)
    {
      g_assert_cmpuint (slice[i].start, ==, i == 0 ? 10 * MS - MS / 2 : expected[i].start);
      g_assert_cmpuint (slice[i].end, ==, expected[i].end);
      g_assert_cmpuint (slice[i].n, ==, expected[i].n);
      g_assert_cmpuint (slice[i].state, ==, expected[i].state);
    }
  /* Too many are not asked for. */
  g_assert_null (glow_timeline_slices (timeline, lane, 0, G_MAXUINT64, 3));
}

/* No slice of samples reaches over a time off the CPU, none is longer than its samples' periods, and they do not overlap. */
static void
test_slice_bounds (void)
{
  g_autoptr(GlowProfile) profile = finish (random_samples (11, 3000, 6, 1000000000, 3000 * MS), 6, FALSE);
  g_autoptr(GlowTimeline) timeline = compute (profile);
  guint32 n_threads;
  const GlowLane *lanes = glow_timeline_get_lanes (timeline, NULL, &n_threads);

  for (guint32 l = 0; l < n_threads; l++)
    {
      g_autoptr(GArray) slices = glow_timeline_slices (timeline, l, 0, G_MAXUINT64, 100000);
      guint64 last = 0;
      guint n = 0;

      for (guint i = 0; i < slices->len; i++)
        {
          const GlowLaneSlice *slice = &g_array_index (slices, GlowLaneSlice, i);

          if (slice->n == 0)
            continue;
          n += slice->n;
          g_assert_cmpuint (slice->start, <=, slice->end);
          g_assert_cmpuint (slice->start, >=, last);
          g_assert_cmpuint (slice->end - slice->start, <=, slice->n * (MS + MS / 2));
          for (guint s = GLOW_TASK_QUEUED; s <= GLOW_TASK_BLOCKED; s++)
            g_assert_cmpuint (time_in (timeline, l, s, slice->start, slice->end), ==, 0);
          last = slice->end;
        }
      g_assert_cmpuint (n, ==, lanes[l].n_samples);
    }
}

/* ---- hostile times ---- */

static void
look_everywhere (GlowTimeline *timeline)
{
  GlowTimelineArrangement arrangement = { 0 };
  g_autoptr(GlowTimelineRows) rows = glow_timeline_rows_compute (timeline, &arrangement);
  g_autoptr(GlowTimelinePainter) painter = glow_timeline_painter_new (NULL);
  GlowTimelinePaintOptions options = { .hover_frame = GLOW_NONE, .selected_frame = GLOW_NONE, .focus_lane = GLOW_NONE };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 400, 200);
  const guint64 from[] = { 0, glow_timeline_get_from (timeline), G_MAXUINT64 - 10 }, width[] = { 1, 1000, G_MAXUINT64 };

  for (guint i = 0; i < G_N_ELEMENTS (from); i++)
    for (guint w = 0; w < G_N_ELEMENTS (width); w++)
      {
        GlowTimelineView view = { from[i], from[i] + MIN (width[w], G_MAXUINT64 - from[i]), 400, 200, 100, 20, 0 };
        cairo_t *cr = cairo_create (surface);

        glow_timeline_painter_paint (painter, cr, rows, &view, &options);
        cairo_destroy (cr);
        for (double y = 0; y < 200; y += 7)
          for (double x = 0; x < 400; x += 33)
            {
              GlowTimelineHit hit;
              g_autofree char *words = NULL, *spoken = NULL;

              glow_timeline_hit (rows, &view, x, y, &hit);
              words = glow_timeline_dup_hit_words (rows, &hit);
              spoken = glow_timeline_dup_spoken (rows, &hit);
              g_assert_true (g_utf8_validate (words, -1, NULL) && g_utf8_validate (spoken, -1, NULL));
            }
      }
  cairo_surface_destroy (surface);
}

static void
test_hostile (void)
{
  static const guint64 spans[] = { 0, 1, G_MAXUINT64 };

  for (guint s = 0; s < G_N_ELEMENTS (spans); s++)
    {
      g_autoptr(GlowProfile) profile = finish (random_samples (s, 500, 5, 0, spans[s]), 5, FALSE);
      g_autoptr(GlowTimeline) timeline = compute (profile);

      assert_sums (timeline, 0, G_MAXUINT64, 300);
      look_everywhere (timeline);
    }
  {
    /* Backwards: what comes of it is not asked, but that it ends. */
    GArray *samples = random_samples (4, 500, 5, 1000, 1000000);
    g_autoptr(GlowProfile) profile = NULL;
    g_autoptr(GlowTimeline) timeline = NULL;

    for (guint i = 0; i < samples->len / 2; i++)
      {
        Sample other = g_array_index (samples, Sample, i);

        g_array_index (samples, Sample, i) = g_array_index (samples, Sample, samples->len - 1 - i);
        g_array_index (samples, Sample, samples->len - 1 - i) = other;
      }
    profile = finish (samples, 5, FALSE);
    timeline = compute (profile);
    look_everywhere (timeline);
  }
}

/* ---- spans ---- */

static void
test_spans (void)
{
  GArray *samples = samples_new ();
  g_autoptr(GlowProfile) profile = NULL;
  g_autoptr(GlowTimeline) timeline = NULL;
  GRand *random = g_rand_new_with_seed (2);
  const GlowLaneSpan *spans;
  guint depth = 0;
  guint32 n, lane;

  for (guint i = 0; i < 3000; i++)
    {
      gboolean ends = depth > 0 && (depth == 5 || g_rand_int_range (random, 0, 2) == 0);

      add (samples, 1000 + i * 10, 1, 0, ends ? END : BEGIN, 0, 0);
      depth += ends ? -1 : 1;
    }
  add (samples, 100000, 2, 0, CLOCK, 0, 0);
  profile = finish (samples, 4, FALSE);
  timeline = compute (profile);
  lane = glow_timeline_find_lane (timeline, 1);
  n = glow_timeline_get_lanes (timeline, NULL, NULL)[lane].n_spans;
  spans = glow_timeline_get_spans (timeline, lane);
  g_assert_cmpuint (glow_timeline_get_span_kinds (timeline)->len, ==, 1);
  g_assert_cmpuint (n, ==, 1500 + (depth + 1) / 2);
  for (guint32 i = 0; i < n; i++)
    {
      guint32 parent = GLOW_NONE;

      /* The innermost that holds it, found by looking at all. */
      for (guint32 o = 0; o < i; o++)
        if (spans[o].start <= spans[i].start && spans[o].end >= spans[i].end && (parent == GLOW_NONE || spans[o].start >= spans[parent].start))
          parent = o;
      g_assert_cmpuint (spans[i].parent, ==, parent);
      g_assert_true (parent == GLOW_NONE || spans[i].row > spans[parent].row);
      g_assert_true (spans[i].start == spans[i].end || glow_timeline_find_span (timeline, lane, spans[i].start) != GLOW_NONE);
    }
  for (guint row = 0; row < GLOW_TIMELINE_SPAN_ROWS; row++)
    {
      guint32 n_row;
      const guint32 *indices = glow_timeline_get_span_row (timeline, lane, row, &n_row);

      for (guint32 i = 1; i < n_row; i++)
        g_assert_cmpuint (spans[indices[i]].start, >=, spans[indices[i - 1]].end);
    }
  g_rand_free (random);
}

/* ---- rows ---- */

static void
assert_lanes (GlowTimeline *timeline, const GlowTimelineArrangement *arrangement, const char *expected)
{
  g_autoptr(GlowTimelineRows) rows = glow_timeline_rows_compute (timeline, arrangement);
  g_autoptr(GString) text = g_string_new (NULL);
  double y = 0;

  for (guint i = 0; i < rows->rows->len; i++)
    {
      const GlowTimelineRow *row = &g_array_index (rows->rows, GlowTimelineRow, i);
      g_autofree char *name = glow_timeline_dup_row_name (rows, i);

      g_string_append_printf (text, row->is_group ? "[%s]" : "%s ", name);
      g_assert_cmpfloat (row->y, ==, y);
      g_assert_cmpuint (glow_timeline_rows_at (rows, y + row->height / 2), ==, i);
      y += row->height;
    }
  g_assert_cmpfloat (rows->height, ==, y);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
test_rows (void)
{
  g_autoptr(GlowProfile) profile = small_profile (FALSE);
  g_autoptr(GlowTimeline) timeline = compute (profile);
  GlowTimelineArrangement arrangement = { .order = GLOW_LANES_BY_ACTIVITY };
  guint8 folded[3] = { 0, 1, 1 }, ok[16] = { 0 };

  assert_lanes (timeline, &arrangement, "[CPUs]CPU 0 CPU 1 [logger 200]worker-1 1 worker-3 3 [server 100]worker-2 2 worker-4 4 ");
  arrangement.order = GLOW_LANES_BY_ID;
  assert_lanes (timeline, &arrangement, "[CPUs]CPU 0 CPU 1 [server 100]worker-2 2 worker-4 4 [logger 200]worker-1 1 worker-3 3 ");
  arrangement.order = GLOW_LANES_BY_FIRST;
  arrangement.folded = folded;
  arrangement.without_cpus = TRUE;
  assert_lanes (timeline, &arrangement, "[logger 200][server 100]worker-2 2 worker-4 4 ");
  folded[1] = 0;
  ok[glow_timeline_find_lane (timeline, 3)] = 1;
  arrangement.lane_ok = ok;
  assert_lanes (timeline, &arrangement, "[logger 200]worker-3 3 ");
}

static void
test_hit (void)
{
  g_autoptr(GlowProfile) profile = small_profile (FALSE);
  g_autoptr(GlowTimeline) timeline = compute (profile);
  guint8 unfolded[16] = { 0 };
  GlowTimelineArrangement arrangement = { .without_cpus = TRUE, .unfolded = unfolded };
  g_autoptr(GlowTimelineRows) rows = NULL;
  GlowTimelineView view = { 10 * MS, 30 * MS + 1, 1100, 400, 100, 20, 0 };
  GlowTimelineHit hit;
  g_autofree char *words = NULL;
  double y;

  unfolded[glow_timeline_find_lane (timeline, 1)] = 1;
  rows = glow_timeline_rows_compute (timeline, &arrangement);
  y = view.axis + g_array_index (rows->rows, GlowTimelineRow, 1).y;
  glow_timeline_hit (rows, &view, glow_timeline_view_x (&view, 13 * MS), y + 6, &hit);
  g_assert_cmpuint (hit.part, ==, GLOW_TIMELINE_BAND);
  g_assert_cmpuint (glow_timeline_get_changes (timeline, hit.lane)[hit.change].state, ==, GLOW_TASK_BLOCKED);
  words = glow_timeline_dup_hit_words (rows, &hit);
  g_assert_nonnull (strstr (words, "uninterruptible, D"));
  g_assert_nonnull (strstr (words, "Woken by worker-2 2 at"));
  g_assert_nonnull (strstr (words, "← serve"));
  /* The second frame from the root of the stack that ran. */
  glow_timeline_hit (rows, &view, glow_timeline_view_x (&view, 10 * MS + MS / 2), y + 13 + 15 + 7, &hit);
  g_assert_cmpuint (hit.part, ==, GLOW_TIMELINE_STACK);
  g_assert_cmpuint (hit.slice.n, ==, 2);
  g_assert_cmpuint (glow_profile_get_stacks (profile)->item[hit.node], ==, 1);
  glow_timeline_hit (rows, &view, 50, y + 6, &hit);
  g_assert_cmpuint (hit.part, ==, GLOW_TIMELINE_NAME);
  glow_timeline_hit (rows, &view, 500, 5, &hit);
  g_assert_cmpuint (hit.part, ==, GLOW_TIMELINE_AXIS);
  glow_timeline_hit (rows, &view, 500, 399, &hit);
  g_assert_cmpuint (hit.row, ==, G_MAXUINT);
}

/* Columns that are narrower than a nanosecond: a band without gaps all the same. */
static void
test_narrowest (void)
{
  g_autoptr(GlowProfile) profile = small_profile (FALSE);
  g_autoptr(GlowTimeline) timeline = compute (profile);
  GlowTimelineArrangement arrangement = { .without_cpus = TRUE };
  g_autoptr(GlowTimelineRows) rows = glow_timeline_rows_compute (timeline, &arrangement);
  g_autoptr(GlowTimelinePainter) painter = glow_timeline_painter_new (NULL);
  GlowTimelineView view = { 13 * MS, 13 * MS + 50, 700, 100, 100, 20, 0 };
  GlowTimelinePaintOptions options = { .hover_frame = GLOW_NONE, .selected_frame = GLOW_NONE, .focus_lane = GLOW_NONE };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 700, 100);
  cairo_t *cr = cairo_create (surface);
  const guint8 *row;
  guint painted = 0;

  glow_timeline_painter_paint (painter, cr, rows, &view, &options);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  /* The foot of the band of the first lane, which is blocked then. */
  row = cairo_image_surface_get_data (surface) + cairo_image_surface_get_stride (surface) * (20 + 22 + 3 + 7);
  for (guint x = 100; x < 700; x++)
    painted += row[4 * x + 3] != 0;
  g_assert_cmpuint (painted, >=, 595);
  cairo_surface_destroy (surface);
}

/* ---- what a query keeps ---- */

static void
test_choice (void)
{
  g_autoptr(GlowProfile) profile = small_profile (FALSE);
  g_autoptr(GlowTimeline) timeline = compute (profile);
  g_autoptr(GlowQuery) all = glow_query_new (), thread = glow_query_with (all, GLOW_QUERY_TID, "2", NULL), timed = glow_query_with (all, GLOW_QUERY_TIME, "0,0.001", NULL);
  g_autoptr(GlowQuery) focus = glow_query_with (all, GLOW_QUERY_FOCUS, "^parse$", NULL);
  g_autoptr(GlowTimelineChoice) none = glow_timeline_choice_compute (timeline, timed, NULL, NULL), one = glow_timeline_choice_compute (timeline, thread, NULL, NULL);
  g_autoptr(GlowTimelineChoice) stacks = glow_timeline_choice_compute (timeline, focus, NULL, NULL);
  const GlowSamples *samples = glow_profile_get_samples (profile);

  g_assert_null (none->lane_ok);
  g_assert_null (none->stack_ok);
  for (guint t = 1; t < 6; t++)
    g_assert_cmpuint (one->lane_ok[glow_timeline_find_lane (timeline, t)], ==, t == 2);
  for (gsize i = 0; i < samples->n; i++)
    g_assert_cmpuint (stacks->stack_ok[samples->stack[i]], ==, samples->event[i] != SWITCH);
}

static void
test_cancel (void)
{
  g_autoptr(GlowProfile) profile = small_profile (FALSE);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  GlowTimelineOptions options = { NULL, TRUE };

  g_cancellable_cancel (cancellable);
  g_assert_null (glow_timeline_compute (profile, &options, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* ---- pictures ---- */

/* Requests that are parsed, wait for the log, and are told by the logger: 1 and 2 serve, 3 writes. */
static GlowProfile *
picture_profile (void)
{
  GArray *samples = samples_new ();
  guint64 time = 1000 * MS;

  for (guint i = 0; i < 12; i++, time += 20 * MS)
    {
      guint own = 1 + i % 2;
      Sample in_log = { time + 9 * MS, 3, 1, CLOCK, 0, 0, 3, { 0, 4, 5 }, 3 };

      add (samples, time, 0, 0, SWITCH, own, 0);
      add (samples, time + 1 * MS, own, 0, BEGIN, 0, 0);
      for (guint s = 0; s < 4; s++)
        add (samples, time + (2 + s) * MS, own, 0, CLOCK, 0, 0);
      add (samples, time + 6 * MS, own, 0, WAKING, 3, 0);
      add (samples, time + 7 * MS, own, 0, SWITCH, 0, i == 5 ? 2 : 1);
      add (samples, time + 8 * MS, 0, 1, SWITCH, 3, 0);
      g_array_append_val (samples, in_log);
      in_log.time += MS;
      g_array_append_val (samples, in_log);
      add (samples, time + 12 * MS, 3, 1, WAKING, own, 0);
      add (samples, time + 13 * MS, 3, 1, SWITCH, 0, 1);
      add (samples, time + 15 * MS, 0, 0, SWITCH, own, 0);
      add (samples, time + 16 * MS, own, 0, CLOCK, 0, 0);
      add (samples, time + 17 * MS, own, 0, END, 0, 0);
      add (samples, time + 18 * MS, own, 0, SWITCH, 0, 1);
    }
  return finish (samples, 5, FALSE);
}

static void
test_picture (gconstpointer data)
{
  gboolean dark = GPOINTER_TO_INT (data);
  const char *name = dark ? "timeline-dark.png" : "timeline.png";
  g_autoptr(GlowProfile) profile = picture_profile ();
  g_autoptr(GlowTimeline) timeline = compute (profile);
  g_autoptr(GlowQuery) query = glow_query_new ();
  g_autoptr(GlowCallTree) tree = glow_call_tree_compute (profile, query, NULL, NULL);
  g_autoptr(GlowSearch) search = dark ? glow_search_compute (tree, "parse", FALSE, NULL, NULL) : NULL;
  g_autoptr(GlowTimelinePainter) painter = glow_timeline_painter_new (NULL);
  g_autoptr(GArray) ranges = g_array_new (FALSE, FALSE, sizeof (guint64));
  guint8 unfolded[16] = { 0 };
  GlowTimelineArrangement arrangement = { .order = GLOW_LANES_BY_ID, .unfolded = unfolded };
  g_autoptr(GlowTimelineRows) rows = NULL;
  guint64 start = 1000 * MS, selected[2] = { start + 18 * MS, start + 40 * MS };
  GlowTimelineView view = { start, start + (dark ? 240 : 60) * MS, 700, 330, 170, 20, 0 };
  GlowTimelinePaintOptions options = { .theme = dark ? GLOW_THEME_DARK : GLOW_THEME_LIGHT, .tree = tree, .search = search, .hover_frame = GLOW_NONE,
                                       .selected_frame = GLOW_NONE, .focus_lane = glow_timeline_find_lane (timeline, 1), .focus_from = start + 7 * MS,
                                       .focus_to = start + 12 * MS, .is_focused = TRUE };
  g_autofree char *reference = g_test_build_filename (G_TEST_DIST, "pictures", name, NULL);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 700, 330), *second;
  cairo_t *cr = cairo_create (surface);

  g_array_append_vals (ranges, selected, 2);
  options.ranges = ranges;
  unfolded[glow_timeline_find_lane (timeline, 1)] = unfolded[glow_timeline_find_lane (timeline, 3)] = 1;
  rows = glow_timeline_rows_compute (timeline, &arrangement);
  cairo_set_source_rgb (cr, dark ? 0.14 : 1, dark ? 0.14 : 1, dark ? 0.14 : 1);
  cairo_paint (cr);
  glow_timeline_painter_paint (painter, cr, rows, &view, &options);
  cairo_destroy (cr);
  if (g_getenv ("GLOW_UPDATE_PICTURES") != NULL)
    g_assert_cmpint (cairo_surface_write_to_png (surface, reference), ==, CAIRO_STATUS_SUCCESS);
  second = cairo_image_surface_create_from_png (reference);
  g_assert_cmpint (cairo_surface_status (second), ==, CAIRO_STATUS_SUCCESS);
  g_test_message ("%s: %.4f of the pixels differ", name, picture_difference (surface, second));
  g_assert_cmpfloat (picture_difference (surface, second), <, 0.02);
  /* And the comparison can fail: the same a little later is another picture. */
  view.from += 5 * MS;
  cr = cairo_create (surface);
  cairo_set_source_rgb (cr, dark ? 0.14 : 1, dark ? 0.14 : 1, dark ? 0.14 : 1);
  cairo_paint (cr);
  glow_timeline_painter_paint (painter, cr, rows, &view, &options);
  cairo_destroy (cr);
  g_assert_cmpfloat (picture_difference (surface, second), >, 0.02);
  cairo_surface_destroy (surface);
  cairo_surface_destroy (second);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timeline/states", test_states);
  g_test_add_func ("/timeline/sums", test_sums);
  g_test_add_func ("/timeline/majority", test_majority);
  g_test_add_func ("/timeline/slices", test_slices);
  g_test_add_func ("/timeline/slice-bounds", test_slice_bounds);
  g_test_add_func ("/timeline/hostile", test_hostile);
  g_test_add_func ("/timeline/spans", test_spans);
  g_test_add_func ("/timeline/rows", test_rows);
  g_test_add_func ("/timeline/hit", test_hit);
  g_test_add_func ("/timeline/narrowest", test_narrowest);
  g_test_add_func ("/timeline/choice", test_choice);
  g_test_add_func ("/timeline/cancel", test_cancel);
  g_test_add_data_func ("/timeline/picture/light", GINT_TO_POINTER (FALSE), test_picture);
  g_test_add_data_func ("/timeline/picture/dark", GINT_TO_POINTER (TRUE), test_picture);
  return g_test_run ();
}
