/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables under everything: strings, stack trie, warnings, the builder's profiles and their merging. */
#include "model/profile-private.h"
#include "model/trie-private.h"

#include <stdlib.h>
#include <string.h>

static void
test_strings (void)
{
  g_autoptr(GlowStrings) strings = glow_strings_new ();
  g_autoptr(GlowStrings) copy = NULL;
  g_autofree char *long_text = g_strnfill (1 << 20, 'x');
  g_autofree char *display = NULL;
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 id;
  gsize length;

  g_assert_cmpuint (glow_strings_intern (strings, "", 0), ==, 0);
  for (guint i = 0; i < 100000; i++)
    {
      g_autofree char *text = g_strdup_printf ("name %u", i);

      id = glow_strings_intern (strings, text, -1);
      g_array_append_val (ids, id);
    }
  for (guint i = 0; i < 100000; i++)
    {
      g_autofree char *text = g_strdup_printf ("name %u", i);

      g_assert_cmpuint (glow_strings_intern (strings, text, -1), ==, g_array_index (ids, guint32, i));
      g_assert_cmpstr (glow_strings_get (strings, g_array_index (ids, guint32, i)), ==, text);
    }
  id = glow_strings_intern (strings, long_text, -1);
  g_assert_cmpstr (glow_strings_get (strings, id), ==, long_text);
  id = glow_strings_intern (strings, "a\0b", 3);
  g_assert_cmpuint (id, !=, glow_strings_intern (strings, "a", 1));
  g_assert_cmpmem (glow_strings_get_bytes (strings, id, &length), 3, "a\0b", 3);
  g_assert_cmpuint (length, ==, 3);
  g_assert_false (glow_strings_find (strings, "never seen", -1, NULL));
  copy = glow_strings_copy (strings);
  g_assert_cmpuint (glow_strings_get_n (copy), ==, glow_strings_get_n (strings));
  g_assert_cmpuint (glow_strings_intern (copy, "name 99999", -1), ==, g_array_index (ids, guint32, 99999));
  id = glow_strings_intern (strings, "bad \xff byte\n\xe2\x80\xae", -1);
  display = glow_strings_dup_display (strings, id);
  g_assert_cmpstr (display, ==, "bad \xef\xbf\xbd byte\xef\xbf\xbd\xef\xbf\xbd");
}

static void
test_trie (void)
{
  g_autoptr(GHashTable) reference = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  GRand *random = g_rand_new_with_seed (7);
  GlowTrie trie;

  glow_trie_init (&trie, 0);
  for (guint i = 0; i < 300000; i++)
    {
      guint32 parent = g_rand_int_range (random, 0, MIN (trie.n, 5000)), item = g_rand_int_range (random, 0, 200), id;
      gint64 key = ((gint64) parent << 32) | item;
      gpointer known;

      id = glow_trie_intern (&trie, parent, item);
      g_assert_cmpuint (trie.parent[id], ==, parent);
      g_assert_cmpuint (trie.item[id], ==, item);
      g_assert_cmpuint (parent, <, id);
      if (g_hash_table_lookup_extended (reference, &key, NULL, &known))
        g_assert_cmpuint (GPOINTER_TO_UINT (known), ==, id);
      else
        g_hash_table_insert (reference, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (id));
    }
  g_assert_cmpuint (g_hash_table_size (reference), ==, trie.n - 1);
  glow_trie_clear (&trie);
  g_rand_free (random);
}

static void
test_warnings (void)
{
  g_autoptr(GlowWarnings) warnings = glow_warnings_new (), all = glow_warnings_new ();

  glow_warnings_add (warnings, "bad-line", NULL, 1, 12, "Look there.", "line %d is bad", 12);
  glow_warnings_add (warnings, "bad-line", NULL, 2, 40, NULL, "line %d is bad", 40);
  glow_warnings_add (warnings, "unknown-record", "99", 1, 512, NULL, "record of type 99");
  glow_warnings_add (warnings, "unknown-record", "98", 1, 600, NULL, "record of type 98");
  g_assert_cmpuint (glow_warnings_get_n (warnings), ==, 3);
  g_assert_cmpuint (glow_warnings_get (warnings, 0)->count, ==, 3);
  g_assert_cmpuint (glow_warnings_get (warnings, 0)->first_at, ==, 12);
  g_assert_cmpstr (glow_warnings_get (warnings, 0)->message, ==, "line 12 is bad");
  g_assert_cmpstr (glow_warnings_get (warnings, 0)->advice, ==, "Look there.");
  glow_warnings_add_all (all, warnings);
  glow_warnings_add_all (all, warnings);
  g_assert_cmpuint (glow_warnings_get_n (all), ==, 3);
  g_assert_cmpuint (glow_warnings_get (all, 0)->count, ==, 6);
}

#define COPY(type, ...) memcpy (malloc (sizeof ((type[]) { __VA_ARGS__ })), (type[]) { __VA_ARGS__ }, sizeof ((type[]) { __VA_ARGS__ }))

/* main → work, main → rest; two addresses of work in one module. */
static GlowProfile *
make_profile (const char *file, guint64 first_time, gint32 pid)
{
  GlowProfileBuilder *builder = glow_profile_builder_new ();
  GlowModule module = { .name = glow_strings_intern (builder->strings, "prog", -1), .path = glow_strings_intern (builder->strings, "/bin/prog", -1) };
  GlowEvent event = { .name = glow_strings_intern (builder->strings, "cycles", -1), .unit = GLOW_UNIT_EVENTS };
  GlowProcess process = { .pid = pid, .comm = glow_strings_intern (builder->strings, "prog", -1) };
  GlowThread thread = { .pid = pid, .tid = pid, .comm = process.comm, .end_time = G_MAXUINT64 };
  GlowFrame frame = { .name = glow_strings_intern (builder->strings, "[prog]", -1), .kind = GLOW_FRAME_UNKNOWN };
  GlowSampleArrays samples = { .n = 4 };
  GlowStackArrays stacks, chains;
  GlowLocation *locations = calloc (4, sizeof (GlowLocation));

  frame.raw_name = frame.name;
  g_array_append_val (builder->modules, module);
  g_array_append_val (builder->events, event);
  g_array_append_val (builder->processes, process);
  g_array_append_val (builder->threads, thread);
  g_ptr_array_add (builder->files, g_strdup (file));
  glow_profile_builder_frame (builder, &frame);
  for (guint i = 0; i < 4; i++)
    locations[i] = (GlowLocation) { .address = 0x1000 + i, .offset = i, .module = 0, .frame = 0, .symbol_offset = G_MAXUINT64, .kind = GLOW_FRAME_USER };
  builder->info.first_time = first_time;
  builder->info.last_time = first_time + 30;
  builder->info.hostname = "here";
  builder->info.clock = GLOW_CLOCK_MONOTONIC;
  builder->info.has_wall_clock = TRUE;
  builder->info.wall_clock_offset = 1000;
  samples.time = COPY (guint64, first_time, first_time + 10, first_time + 20, first_time + 30);
  samples.thread = COPY (guint32, 0, 0, 0, 0);
  samples.weight = COPY (guint64, 5, 1, 1, 3);
  samples.stack = COPY (guint32, 2, 2, 2, 1);
  samples.chain = COPY (guint32, 2, 3, 4, 1);
  stacks = (GlowStackArrays) { 3, COPY (guint32, 0, 0, 1), COPY (guint32, GLOW_NONE, 0, 0) };
  chains = (GlowStackArrays) { 5, COPY (guint32, 0, 0, 1, 1, 1), COPY (guint32, GLOW_NONE, 0, 1, 2, 3) };
  return glow_profile_builder_finish (builder, &samples, &stacks, &chains, locations, 4, NULL, 0);
}

static GlowProfile *
give_names (GlowProfile *profile)
{
  static const char *const names[] = { "main", "work", "work", "rest" };
  GlowProfileBuilder *builder = glow_profile_builder_new_names (profile);
  GlowLocation *locations = malloc (4 * sizeof (GlowLocation));
  guint32 *inlined = malloc (sizeof (guint32));

  memcpy (locations, glow_profile_get_chains (profile)->locations, 4 * sizeof (GlowLocation));
  for (guint i = 0; i < 4; i++)
    {
      GlowFrame frame = { .name = glow_strings_intern (builder->strings, names[i], -1), .kind = GLOW_FRAME_USER };

      frame.raw_name = frame.name;
      locations[i].frame = glow_profile_builder_frame (builder, &frame);
    }
  /* "rest" is inlined into "work". */
  inlined[0] = locations[1].frame;
  locations[3].n_inlined = 1;
  return glow_profile_builder_finish_names (builder, profile, locations, inlined, 1);
}

static char *
stack_text (GlowProfile *profile, guint32 stack)
{
  const GlowStacks *stacks = glow_profile_get_stacks (profile);
  const GlowFrame *frames = glow_profile_get_frames (profile, NULL);
  char *text = g_strdup ("");

  for (; stack != 0; stack = stacks->parent[stack])
    {
      char *longer = g_strconcat (glow_profile_get_string (profile, frames[stacks->item[stack]].name), *text != '\0' ? ";" : "", text, NULL);

      g_free (text);
      text = longer;
    }
  return text;
}

static void
test_names (void)
{
  static const char *const expected[] = { "main;work", "main;work", "main;work;rest", "main" };
  g_autoptr(GlowProfile) profile = make_profile ("a", 100, 1), named = give_names (profile);
  const GlowSamples *samples = glow_profile_get_samples (named);

  g_assert_false (glow_profile_is_named (profile));
  g_assert_true (glow_profile_is_named (named));
  g_assert_true (glow_profile_get_samples (profile)->time == samples->time);
  g_assert_cmpuint (samples->stack[0], ==, samples->stack[1]);
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *text = stack_text (named, samples->stack[i]);

      g_assert_cmpstr (text, ==, expected[i]);
    }
  g_assert_cmpuint (glow_profile_get_events (named, NULL)[0].total_weight, ==, 10);
  g_assert_cmpfloat (glow_profile_get_events (named, NULL)[0].sum_squared, ==, 36);
  g_assert_cmpuint (glow_profile_get_info (named)->unknown_leaf_samples, ==, 0);
  g_clear_object (&profile);
  g_assert_cmpuint (glow_profile_get_samples (named)->time[3], ==, 130);
}

static void
test_merge (void)
{
  g_autoptr(GlowProfile) a = make_profile ("a", 100, 1), b = make_profile ("b", 115, 1), c = make_profile ("c", 0, 2);
  g_autoptr(GlowProfile) named_a = give_names (a), named_b = give_names (b), named_c = give_names (c), merged = NULL;
  GlowProfile *all[3];
  const GlowSamples *samples;
  const GlowChains *chains;
  guint32 n;
  guint64 weight = 0;

  all[0] = named_a;
  all[1] = named_b;
  all[2] = named_c;
  merged = glow_profile_merge (all, 3, NULL);
  samples = glow_profile_get_samples (merged);
  chains = glow_profile_get_chains (merged);
  g_assert_cmpuint (samples->n, ==, 12);
  for (gsize i = 1; i < samples->n; i++)
    g_assert_cmpuint (samples->time[i - 1], <=, samples->time[i]);
  for (gsize i = 0; i < samples->n; i++)
    {
      weight += samples->weight[i];
      g_assert_cmpuint (samples->chain[i], <, chains->stacks.n);
      g_assert_cmpuint (chains->stacks.item[samples->chain[i]], <, chains->n_locations);
    }
  g_assert_cmpuint (weight, ==, 30);
  g_assert_cmpuint (glow_profile_get_stacks (merged)->n, ==, glow_profile_get_stacks (named_a)->n);
  glow_profile_get_threads (merged, &n);
  g_assert_cmpuint (n, ==, 2);
  glow_profile_get_modules (merged, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (g_strv_length ((char **) glow_profile_get_files (merged)), ==, 3);
  g_assert_cmpuint (glow_profile_get_start (merged), ==, 0);
  g_assert_cmpuint (glow_profile_get_duration (merged), ==, 145);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/strings", test_strings);
  g_test_add_func ("/model/trie", test_trie);
  g_test_add_func ("/model/warnings", test_warnings);
  g_test_add_func ("/model/names", test_names);
  g_test_add_func ("/model/merge", test_merge);
  return g_test_run ();
}
