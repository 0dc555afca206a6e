/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench-query [SAMPLES [STACKS]]: how long a change of the query takes on a profile in memory (10 million samples, a million distinct stacks
 * unless said otherwise), as a window asks it, and what the profile takes. Each row is the least of five; the limit is one pass over the columns that the
 * query has to read, adding each sample's weight to a counter of its stack, on one thread. */
#include <afterglow/afterglow.h>
#include "model/profile-private.h"
#include "model/trie-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static GlowProfile *
make_profile (gsize n, guint32 n_stacks)
{
  GRand *random = g_rand_new_with_seed (1);
  GlowProfileBuilder *builder = glow_profile_builder_new ();
  GlowSampleArrays columns = { .n = n };
  GlowStackArrays stacks;
  GlowTrie trie;

  for (guint m = 0; m < 20; m++)
    {
      g_autofree char *name = g_strdup_printf ("lib%u.so", m);
      GlowModule module = { .name = glow_strings_intern (builder->strings, name, -1), .kind = GLOW_MODULE_USER };

      module.path = module.name;
      g_array_append_val (builder->modules, module);
    }
  for (guint f = 0; f < 20000; f++)
    {
      g_autofree char *name = g_strdup_printf ("function_%u::with<a, template>", f);
      GlowFrame frame = { .name = glow_strings_intern (builder->strings, name, -1), .module = f % 20, .kind = GLOW_FRAME_USER };

      frame.raw_name = frame.name;
      glow_profile_builder_frame (builder, &frame);
    }
  for (guint t = 0; t < 64; t++)
    {
      GlowThread thread = { 100 + (gint32) t / 4, 100 + (gint32) t, glow_strings_intern (builder->strings, "worker", -1), t / 4, 0, 0, G_MAXUINT64 };
      GlowProcess process = { thread.pid, thread.comm };

      g_array_append_val (builder->threads, thread);
      if (t % 4 == 0)
        g_array_append_val (builder->processes, process);
    }
  {
    GlowEvent event = { .name = glow_strings_intern (builder->strings, "cpu-clock", -1), .unit = GLOW_UNIT_NANOSECONDS };

    g_array_append_val (builder->events, event);
  }
  builder->named = TRUE;
  glow_trie_init (&trie, 0);
  /* Paths of 8 to 39 frames that leave an older one somewhere, as programs' do. */
  while (trie.n < n_stacks)
    {
      guint32 node = (guint32) g_rand_int_range (random, 0, trie.n);
      guint depth = 0, end = (guint) g_rand_int_range (random, 8, 40);

      for (guint32 at = node; at != 0; at = trie.parent[at])
        depth++;
      for (; depth < end && trie.n < n_stacks; depth++)
        node = glow_trie_intern (&trie, node, (guint32) g_rand_int_range (random, 0, 20000));
    }
  columns.time = malloc (n * sizeof (guint64));
  columns.weight = malloc (n * sizeof (guint64));
  columns.thread = malloc (n * sizeof (guint32));
  columns.stack = malloc (n * sizeof (guint32));
  columns.cpu = malloc (n * sizeof (guint16));
  columns.event = calloc (n, sizeof (guint16));
  for (gsize i = 0; i < n; i++)
    {
      double place = g_rand_double (random);

      columns.time[i] = 1000 + i * 1000;
      columns.weight[i] = 1000000;
      columns.thread[i] = g_rand_int_range (random, 0, 64);
      columns.cpu[i] = columns.thread[i] % 8;
      columns.stack[i] = 1 + (guint32) (place * place * (trie.n - 1));
    }
  builder->info.first_time = 1000;
  builder->info.last_time = 1000 + n * 1000;
  stacks = (GlowStackArrays) { trie.n, malloc (trie.n * sizeof (guint32)), malloc (trie.n * sizeof (guint32)) };
  memcpy (stacks.parent, trie.parent, trie.n * sizeof (guint32));
  memcpy (stacks.item, trie.item, trie.n * sizeof (guint32));
  glow_trie_clear (&trie);
  g_rand_free (random);
  return glow_profile_builder_finish (builder, &columns, &stacks, NULL, NULL, 0, NULL, 0);
}

/* ms */
static double
limit (GlowProfile *profile)
{
  const GlowSamples *samples = glow_profile_get_samples (profile);
  g_autofree guint64 *sums = g_new0 (guint64, glow_profile_get_stacks (profile)->n);
  gint64 start = g_get_monotonic_time ();

  for (gsize i = 0; i < samples->n; i++)
    sums[samples->stack[i]] += samples->weight[i];
  return (g_get_monotonic_time () - start) / 1e3;
}

int
main (int argc, char **argv)
{
  static const char *const queries[] = { "", "--pid 103", "--cpu 0-3 --time 1,6", "--focus 'function_12.*'", "--module lib3.so", "--hide 'function_1.*'",
                                         "--collapse-recursion", "--weight samples", "--inverted", "--inverted --collapse-recursion",
                                         "--roots process", "--roots thread", "--roots process --inverted" };
  gsize n = argc > 1 ? strtoull (argv[1], NULL, 10) : 10000000;
  guint32 n_stacks = argc > 2 ? (guint32) strtoul (argv[2], NULL, 10) : 1000000;
  g_autoptr(GlowProfile) profile = make_profile (n, n_stacks);
  const GlowStacks *stacks = glow_profile_get_stacks (profile);
  double columns = n * (8.0 + 8 + 4 + 4 + 2 + 2) + stacks->n * 8.0, least_limit = G_MAXDOUBLE;

  for (guint i = 0; i < 5; i++)
    least_limit = MIN (least_limit, limit (profile));
  printf ("%zu samples, %u stacks; limit %.0f ms; profile %.0f MB = %.2f × its columns\n", n, stacks->n, least_limit,
          glow_profile_get_memory (profile) / 1e6, glow_profile_get_memory (profile) / columns);
  for (guint q = 0; q < G_N_ELEMENTS (queries); q++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GlowQuery) query = glow_query_parse_words (queries[q], &error);
      double least = G_MAXDOUBLE;
      guint32 nodes = 0;
      double functions = 0, refined = 0;
      gboolean whole = TRUE;

      g_assert_no_error (error);
      for (guint i = 0; i < 5 && (i == 0 || least < 1000); i++)
        {
          gint64 start = g_get_monotonic_time ();
          g_autoptr(GlowCallTree) tree = glow_call_tree_compute_for_view (profile, query, NULL, &error);

          g_assert_no_error (error);
          least = MIN (least, (g_get_monotonic_time () - start) / 1e3);
          nodes = glow_call_tree_get_nodes (tree)->n_nodes;
          whole = glow_call_tree_is_whole (tree);
          if (i == 0)
            {
              g_autoptr(GArray) rows = NULL;

              start = g_get_monotonic_time ();
              rows = glow_call_tree_compute_functions (tree, NULL);
              functions = (g_get_monotonic_time () - start) / 1e3;
              if (!whole)
                {
                  g_autoptr(GlowCallTree) finer = NULL;

                  start = g_get_monotonic_time ();
                  finer = glow_call_tree_refine (tree, glow_call_tree_get_nodes (tree)->first_child[0], NULL, NULL);
                  refined = (g_get_monotonic_time () - start) / 1e3;
                }
            }
        }
      if (q == 0)
        {
          struct rusage usage;

          getrusage (RUSAGE_SELF, &usage);
          printf ("peak memory of the process with a tree: %.0f MB = %.2f × the columns\n", usage.ru_maxrss / 1e3, usage.ru_maxrss * 1024.0 / columns);
        }
      printf ("%-32s %7.0f ms  %5.1f × limit  %9u nodes%s  functions %5.0f ms", *queries[q] != '\0' ? queries[q] : "(everything)", least,
              least / least_limit, nodes, whole ? "      " : ", cut ", functions);
      if (refined > 0)
        printf ("  about one node %5.0f ms", refined);
      printf ("\n");
    }
  return 0;
}
