/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recordings on one clock: each case says what two files note, and what must come of them. */
#include "model/clocks-private.h"
#include "model/profile-private.h"

#include <stdlib.h>
#include <string.h>

#define S G_GINT64_CONSTANT (1000000000)
#define NOW (G_GINT64_CONSTANT (1767225600) * S)

typedef struct {
  const char *host, *release;
  guint8 kernel_id;            /* 0: none */
  guint64 reference;           /* address of _text; 0: none */
  GlowClock clock;
  gint64 wall;                 /* offset; 0: not noted */
  GlowCounterClock tsc;
  gint64 first, last;          /* ns */
  gint64 born, changed;        /* of the file */
} Noted;

typedef struct {
  const char *name;
  Noted a, b;
  GlowBoot boot;
  gboolean joined;
  gint64 shift;                /* of b; where not joined, of its start to a's */
  const char *code;            /* the warning there must be; NULL: none */
} Case;

#define FILE_OF(end) NOW + (end) - 5 * S, NOW + (end)

static const Case cases[] = {
  { "one boot by the wall clock", { "h", "6.1", 1, 7, GLOW_CLOCK_MONOTONIC, NOW, .first = 5 * S, .last = 9 * S },
    { "h", "6.1", 1, 7, GLOW_CLOCK_MONOTONIC, NOW + S / 100, .first = 3 * S, .last = 4 * S }, GLOW_BOOT_SAME, TRUE, 0, NULL },
  { "two boots by the wall clock", { "h", "6.1", 1, 7, GLOW_CLOCK_MONOTONIC, NOW, .first = 5 * S, .last = 9 * S },
    { "h", "6.1", 1, 7, GLOW_CLOCK_MONOTONIC, NOW + 500 * S, .first = 3 * S, .last = 4 * S }, GLOW_BOOT_OTHER, TRUE, 500 * S, "clocks-by-wall" },
  { "two hosts by the wall clock", { "h", "6.1", 1, 7, GLOW_CLOCK_MONOTONIC, NOW, .first = 5 * S, .last = 9 * S },
    { "i", "6.1", 1, 7, GLOW_CLOCK_BOOTTIME, NOW - 90 * S, .first = 100 * S, .last = 104 * S }, GLOW_BOOT_OTHER, TRUE, -90 * S, "clocks-by-wall" },
  { "two clocks of one host", { "h", "6.1", 1, 7, GLOW_CLOCK_MONOTONIC, NOW, .first = 5 * S, .last = 9 * S },
    { "h", "6.1", 1, 7, GLOW_CLOCK_MONOTONIC_RAW, NOW + 2 * S, .first = 3 * S, .last = 4 * S }, GLOW_BOOT_UNKNOWN, TRUE, 2 * S, "clocks-by-wall" },
  { "real time needs nothing", { "h", "6.1", 1, 7, GLOW_CLOCK_REALTIME, 0, .first = NOW, .last = NOW + 9 * S },
    { "i", "6.2", 2, 8, GLOW_CLOCK_MONOTONIC, NOW, .first = 3 * S, .last = 4 * S }, GLOW_BOOT_OTHER, TRUE, NOW, "clocks-by-wall" },
  { "the kernel's clock, two hosts", { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 5 * S, .last = 9 * S },
    { "i", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 3 * S, .last = 4 * S }, GLOW_BOOT_OTHER, FALSE, 2 * S, "clocks-not-joined" },
  { "the kernel's clock, nothing else", { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 5 * S, .last = 9 * S },
    { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 30 * S, .last = 40 * S }, GLOW_BOOT_UNKNOWN, FALSE, -25 * S, "clocks-not-joined" },
  { "another kernel", { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 5 * S, .last = 9 * S },
    { "h", "6.1", 2, 7, GLOW_CLOCK_KERNEL, 0, .first = 5 * S, .last = 9 * S }, GLOW_BOOT_OTHER, FALSE, 0, "clocks-not-joined" },
  { "the kernel lay elsewhere", { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, { 1, 2, 3 }, 5 * S, 9 * S },
    { "h", "6.1", 1, 8, GLOW_CLOCK_KERNEL, 0, { 1, 2, 3 }, 5 * S, 9 * S }, GLOW_BOOT_OTHER, FALSE, 0, "clocks-not-joined" },
  { "one way to read the counter", { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, { 77, 1 << 20, 21 }, 5 * S, 9 * S },
    { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, { 77, 1 << 20, 21 }, 50 * S, 90 * S }, GLOW_BOOT_SAME, TRUE, 0, NULL },
  { "dates of files, apart", { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 5 * S, .last = 9 * S, FILE_OF (9 * S) },
    { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 30 * S, .last = 40 * S, FILE_OF (41 * S) }, GLOW_BOOT_SAME, TRUE, 0, NULL },
  { "dates of files, close but each written as it went", { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 5 * S, .last = 9 * S, FILE_OF (9 * S) },
    { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 7 * S, .last = 11 * S, FILE_OF (11 * S) }, GLOW_BOOT_SAME, TRUE, 0, NULL },
  /* Two boots, each recorded from its fifth second, copied together: dates and times agree, and say nothing. */
  { "dates of copies", { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 5 * S, .last = 9 * S, .born = NOW, .changed = NOW },
    { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 5 * S, .last = 10 * S, .born = NOW, .changed = NOW }, GLOW_BOOT_UNKNOWN, FALSE, 0, "clocks-not-joined" },
  { "dates of copies, later times", { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 5 * S, .last = 9 * S, .born = NOW, .changed = NOW },
    { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 95 * S, .last = 99 * S, .born = NOW, .changed = NOW }, GLOW_BOOT_UNKNOWN, FALSE, -90 * S, "clocks-not-joined" },
  { "no host's name", { NULL, NULL, 0, 0, GLOW_CLOCK_KERNEL, 0, .first = 5 * S, .last = 9 * S, FILE_OF (9 * S) },
    { NULL, NULL, 0, 0, GLOW_CLOCK_KERNEL, 0, .first = 30 * S, .last = 40 * S, FILE_OF (41 * S) }, GLOW_BOOT_UNKNOWN, FALSE, -25 * S, "clocks-not-joined" },
  { "one with the wall clock", { "h", "6.1", 1, 7, GLOW_CLOCK_MONOTONIC, NOW, .first = 5 * S, .last = 9 * S },
    { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 6 * S, .last = 9 * S }, GLOW_BOOT_UNKNOWN, FALSE, -S, "clocks-not-joined" },
  { "an unknown clock", { "h", "6.1", 1, 7, GLOW_CLOCK_UNKNOWN, 0, .first = 5 * S, .last = 9 * S },
    { "h", "6.1", 1, 7, GLOW_CLOCK_UNKNOWN, 0, .first = 6 * S, .last = 9 * S }, GLOW_BOOT_UNKNOWN, FALSE, -S, "clocks-not-joined" },
};

static GlowProfile *
make_profile (const Noted *noted, const char *file)
{
  GlowProfileBuilder *builder = glow_profile_builder_new ();
  GlowProfileInfo *info = &builder->info;
  GlowProcess process = { .pid = 42, .comm = glow_strings_intern (builder->strings, "work", -1) };
  GlowThread thread = { .pid = 42, .tid = 42, .comm = process.comm, .end_time = G_MAXUINT64 };
  GlowModule kernel = { .name = glow_strings_intern (builder->strings, "[kernel]", -1), .kind = GLOW_MODULE_KERNEL, .build_id_length = 20 };
  GlowEvent event = { .name = glow_strings_intern (builder->strings, "cycles", -1) };
  GlowSampleArrays samples = { .n = 2, .time = calloc (2, sizeof (guint64)), .thread = calloc (2, sizeof (guint32)), .stack = calloc (2, sizeof (guint32)) };
  GlowStackArrays stacks = { 1, calloc (1, sizeof (guint32)), calloc (1, sizeof (guint32)) };

  info->hostname = noted->host;
  info->os_release = noted->release;
  info->kernel_reference = noted->reference != 0 ? "_text" : NULL;
  info->kernel_reference_address = noted->reference;
  info->clock = noted->clock;
  info->has_wall_clock = noted->wall != 0;
  info->wall_clock_offset = noted->wall;
  info->tsc = noted->tsc;
  info->first_time = noted->first;
  info->last_time = noted->last;
  info->file_born = noted->born;
  info->file_time = noted->changed;
  memset (kernel.build_id, noted->kernel_id, sizeof kernel.build_id);
  if (noted->kernel_id != 0)
    g_array_append_val (builder->modules, kernel);
  g_array_append_val (builder->events, event);
  g_array_append_val (builder->processes, process);
  g_array_append_val (builder->threads, thread);
  g_ptr_array_add (builder->files, g_strdup (file));
  samples.time[0] = noted->first;
  samples.time[1] = noted->last;
  return glow_profile_builder_finish (builder, &samples, &stacks, NULL, NULL, 0, NULL, 0);
}

static gboolean
has_warning (GlowWarnings *warnings, const char *code)
{
  for (guint i = 0; i < glow_warnings_get_n (warnings); i++)
    if (strcmp (glow_warnings_get (warnings, i)->code, code) == 0)
      return TRUE;
  return FALSE;
}

static void
test_case (gconstpointer data)
{
  const Case *wish = data;
  g_autoptr(GlowProfile) a = make_profile (&wish->a, "/x/a.data"), b = make_profile (&wish->b, "/x/b.data"), merged = NULL;
  GlowProfile *both[] = { a, b };
  g_autoptr(GlowWarnings) warnings = glow_warnings_new ();
  g_autofree GlowClockPlace *places = glow_clocks_join (both, 2, warnings);
  g_autofree char *reason = NULL;
  const GlowProcess *processes;
  const GlowThread *threads;
  const GlowSamples *samples;
  const GlowProfileInfo *info;
  gint64 from = 0;
  guint32 n;

  g_assert_cmpint (glow_clocks_same_boot (a, b, &reason), ==, wish->boot);
  g_assert_nonnull (reason);
  g_assert_cmpint (places[1].joined, ==, wish->joined);
  g_assert_cmpint (places[1].shift, ==, wish->shift);
  g_assert_cmpint (places[0].shift, ==, 0);
  g_assert_cmpint (places[0].machine == places[1].machine, ==, wish->boot == GLOW_BOOT_SAME);
  if (wish->code == NULL)
    g_assert_cmpuint (glow_warnings_get_n (warnings), ==, 0);
  else
    g_assert_true (has_warning (warnings, wish->code));
  /* One process of one boot, two where that is not known; all times in order, and the wall clock the same for each sample. */
  merged = glow_profile_merge (both, 2, NULL);
  processes = glow_profile_get_processes (merged, &n);
  g_assert_cmpuint (n, ==, wish->boot == GLOW_BOOT_SAME ? 1 : 2);
  for (guint32 i = 0; i < n; i++)
    g_assert_cmpstr (glow_profile_get_string (merged, processes[i].origin), ==, n == 1 ? "" : i == 0 ? "a.data" : "b.data");
  threads = glow_profile_get_threads (merged, &n);
  g_assert_cmpuint (n, ==, wish->boot == GLOW_BOOT_SAME ? 1 : 2);
  samples = glow_profile_get_samples (merged);
  info = glow_profile_get_info (merged);
  g_assert_cmpuint (samples->n, ==, 4);
  g_assert_cmpuint (info->first_time, ==, samples->time[0]);
  g_assert_cmpuint (info->last_time, ==, samples->time[3]);
  from = MIN (0, wish->b.first + wish->shift);
  for (guint i = 0; i < 4; i++)
    {
      gboolean is_a = n == 1 ? samples->time[i] == (guint64) wish->a.first || samples->time[i] == (guint64) wish->a.last
                             : strcmp (glow_profile_get_string (merged, processes[threads[samples->thread[i]].process].origin), "a.data") == 0;

      g_assert_true (i == 0 || samples->time[i - 1] <= samples->time[i]);
      if (!is_a)
        g_assert_true (samples->time[i] == (guint64) (wish->b.first + wish->shift - from) || samples->time[i] == (guint64) (wish->b.last + wish->shift - from));
      if (info->has_wall_clock && !is_a && wish->b.wall != 0)
        g_assert_true ((gint64) samples->time[i] + info->wall_clock_offset - wish->b.wall - wish->b.first <= wish->b.last - wish->b.first + S
                       && (gint64) samples->time[i] + info->wall_clock_offset - wish->b.wall >= wish->b.first - S);
    }
  if (!wish->joined)
    g_assert_false (info->has_wall_clock);
}

/* The kernel reads the counter in another way since a suspend: one moment has two times, and the counter tells that it is one. */
static void
test_counter (void)
{
  GlowCounterClock before = { 1000, 3 << 20, 22 }, after = { 5000000, 3 << 20, 22 };
  Noted a = { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, before, 5 * S, 9 * S, FILE_OF (9 * S) };
  Noted b = { "h", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, after, 20 * S, 29 * S, FILE_OF (29 * S) };
  g_autoptr(GlowProfile) first = make_profile (&a, "a"), second = make_profile (&b, "b");
  GlowProfile *both[] = { first, second };
  g_autoptr(GlowWarnings) warnings = glow_warnings_new ();
  g_autofree GlowClockPlace *places = glow_clocks_join (both, 2, warnings);

  g_assert_true (places[1].joined);
  g_assert_cmpint (ABS (places[1].shift - (1000 - 5000000)), <=, 2);      /* a counter's step is 0.75 ns */
}

/* Three files: the third is related to the second, and follows it though the first is related to neither. */
static void
test_groups (void)
{
  Noted a = { "x", "6.1", 1, 7, GLOW_CLOCK_KERNEL, 0, .first = 100 * S, .last = 109 * S };
  Noted b = { "y", "6.1", 1, 7, GLOW_CLOCK_MONOTONIC, NOW, .first = 5 * S, .last = 9 * S };
  Noted c = { "z", "6.1", 1, 7, GLOW_CLOCK_MONOTONIC, NOW - S, .first = 4 * S, .last = 9 * S };
  g_autoptr(GlowProfile) first = make_profile (&a, "a"), second = make_profile (&b, "b"), third = make_profile (&c, "c");
  GlowProfile *all[] = { first, second, third };
  g_autoptr(GlowWarnings) warnings = glow_warnings_new ();
  g_autofree GlowClockPlace *places = glow_clocks_join (all, 3, warnings);

  g_assert_false (places[1].joined || places[2].joined);
  g_assert_cmpint (places[1].shift - places[2].shift, ==, S);
  g_assert_cmpint (c.first + places[2].shift, ==, 100 * S);
  g_assert_cmpuint (places[1].machine, !=, places[2].machine);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/clocks/%s", cases[i].name);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/clocks/counter", test_counter);
  g_test_add_func ("/clocks/groups", test_groups);
  return g_test_run ();
}
