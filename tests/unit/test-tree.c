/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Queries and trees against a reference that keeps every stack as text and counts slowly: random samples, random queries, every number. */
#include <afterglow/afterglow.h>
#include "model/call-tree-private.h"
#include "model/profile-private.h"
#include "model/trie-private.h"

#include <stdlib.h>
#include <string.h>

#define N_SAMPLES 4000
#define N_FUNCTIONS 12
#define N_THREADS 6

typedef struct {
  guint64 time, weight;
  guint thread, cpu, event;
  GPtrArray *path;             /* of names, root first */
} Sample;

typedef struct {
  GlowProfile *profile;
  GArray *samples;             /* of Sample */
} Fixture;

static const char *const function_names[N_FUNCTIONS] = { "main", "parse", "draw", "a::b<int>", "malloc", "free", "x (y)", "lock", "do_it", "read", "idle", "z;z" };
static const char *const comms[N_THREADS] = { "web", "web", "db", "db worker", "[kworker]", "cron" };
static const int pids[N_THREADS] = { 10, 10, 20, 20, 30, 40 }, tids[N_THREADS] = { 10, 11, 20, 21, 30, 40 };

static void
sample_clear (gpointer data)
{
  g_ptr_array_unref (((Sample *) data)->path);
}

static void
add_tables (GlowProfileBuilder *builder)
{
  for (guint m = 0; m < 3; m++)
    {
      g_autofree char *name = g_strdup_printf ("lib%u.so", m);
      GlowModule module = { .name = glow_strings_intern (builder->strings, name, -1), .kind = GLOW_MODULE_USER };

      module.path = module.name;
      g_array_append_val (builder->modules, module);
    }
  for (guint f = 0; f < N_FUNCTIONS; f++)
    {
      guint32 name = glow_strings_intern (builder->strings, function_names[f], -1);
      GlowFrame frame = { .name = name, .raw_name = name, .module = f % 3, .kind = GLOW_FRAME_USER };

      g_assert_cmpuint (glow_profile_builder_frame (builder, &frame), ==, f);
    }
  for (guint t = 0; t < N_THREADS; t++)
    {
      guint32 comm = glow_strings_intern (builder->strings, comms[t], -1);
      GlowThread thread = { pids[t], tids[t], comm, (guint32) pids[t] / 10 - 1, 0, 0, G_MAXUINT64 };

      g_array_append_val (builder->threads, thread);
      if (t == 0 || pids[t] != pids[t - 1])
        {
          GlowProcess process = { pids[t], comm };

          g_array_append_val (builder->processes, process);
        }
    }
  for (guint e = 0; e < 2; e++)
    {
      GlowEvent event = { .name = glow_strings_intern (builder->strings, e == 0 ? "cpu-clock" : "sched:switch", -1),
                          .unit = e == 0 ? GLOW_UNIT_NANOSECONDS : GLOW_UNIT_EVENTS, .is_tracepoint = e == 1 };

      g_array_append_val (builder->events, event);
    }
}

static Fixture *
fixture_new (guint32 seed)
{
  GRand *random = g_rand_new_with_seed (seed);
  Fixture *self = g_new0 (Fixture, 1);
  GlowProfileBuilder *builder = glow_profile_builder_new ();
  GlowSampleArrays columns = { .n = N_SAMPLES };
  GlowStackArrays stacks;
  GlowTrie trie;

  add_tables (builder);
  builder->named = TRUE;
  glow_trie_init (&trie, 0);
  self->samples = g_array_new (FALSE, TRUE, sizeof (Sample));
  g_array_set_clear_func (self->samples, sample_clear);
  columns.time = malloc (N_SAMPLES * sizeof (guint64));
  columns.weight = malloc (N_SAMPLES * sizeof (guint64));
  columns.thread = malloc (N_SAMPLES * sizeof (guint32));
  columns.stack = malloc (N_SAMPLES * sizeof (guint32));
  columns.cpu = malloc (N_SAMPLES * sizeof (guint16));
  columns.event = malloc (N_SAMPLES * sizeof (guint16));
  for (guint i = 0; i < N_SAMPLES; i++)
    {
      Sample sample = { 5000000000 + i * G_GUINT64_CONSTANT (1000000), 0, g_rand_int_range (random, 0, N_THREADS), g_rand_int_range (random, 0, 5),
                        g_rand_int_range (random, 0, 4) == 0, g_ptr_array_new () };
      guint depth = g_rand_int_range (random, 0, 9);
      guint32 stack = 0;

      sample.weight = sample.event == 0 ? (guint64) g_rand_int_range (random, 1, 2000000) : 1;
      for (guint d = 0; d < depth; d++)
        {
          guint function = d == 0 ? g_rand_int_range (random, 0, 2) : g_rand_int_range (random, 0, N_FUNCTIONS);

          g_ptr_array_add (sample.path, (gpointer) function_names[function]);
          stack = glow_trie_intern (&trie, stack, function);
        }
      columns.time[i] = sample.time;
      columns.weight[i] = sample.weight;
      columns.thread[i] = sample.thread;
      columns.cpu[i] = sample.cpu;
      columns.event[i] = sample.event;
      columns.stack[i] = stack;
      g_array_append_val (self->samples, sample);
    }
  builder->info.first_time = 5000000000;
  builder->info.last_time = 5000000000 + (N_SAMPLES - 1) * G_GUINT64_CONSTANT (1000000);
  stacks = (GlowStackArrays) { trie.n, malloc (trie.n * sizeof (guint32)), malloc (trie.n * sizeof (guint32)) };
  memcpy (stacks.parent, trie.parent, trie.n * sizeof (guint32));
  memcpy (stacks.item, trie.item, trie.n * sizeof (guint32));
  glow_trie_clear (&trie);
  self->profile = glow_profile_builder_finish (builder, &columns, &stacks, NULL, NULL, 0, NULL, 0);
  g_rand_free (random);
  return self;
}

static void
fixture_free (Fixture *self)
{
  g_object_unref (self->profile);
  g_array_unref (self->samples);
  g_free (self);
}

/* ---- the reference ---- */

typedef struct {
  gint event;                  /* 0, 1 */
  gint pid, tid, cpu;          /* −1: any */
  const char *comm;            /* whole name; NULL: any */
  gint module;                 /* −1: any */
  const char *focus, *hide;    /* whole names; NULL: none */
  double from, to;             /* seconds; to < 0: all */
  gboolean collapse, inverted, by_samples;
  GlowRoots roots;
} Wish;

static guint
module_of (const char *name)
{
  guint f = 0;

  while (strcmp (function_names[f], name) != 0)
    f++;
  return f % 3;
}

static gboolean
on_path (const Sample *sample, const char *name)
{
  for (guint i = 0; i < sample->path->len; i++)
    if (strcmp (g_ptr_array_index (sample->path, i), name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
wanted (const Wish *wish, const Sample *sample)
{
  double seconds = (sample->time - 5000000000) / 1e9;
  gboolean module = wish->module < 0;

  for (guint i = 0; i < sample->path->len; i++)
    module |= (gint) module_of (g_ptr_array_index (sample->path, i)) == wish->module;
  return (gint) sample->event == wish->event && (wish->pid < 0 || pids[sample->thread] == wish->pid)
         && (wish->tid < 0 || tids[sample->thread] == wish->tid) && (wish->cpu < 0 || (gint) sample->cpu == wish->cpu)
         && (wish->comm == NULL || strcmp (comms[sample->thread], wish->comm) == 0) && module
         && (wish->focus == NULL || on_path (sample, wish->focus)) && (wish->to < 0 || (seconds >= wish->from && seconds < wish->to));
}

/* The names of a sample as the wish shows them. (transfer full) */
static GPtrArray *
shown_path (const Wish *wish, const Sample *sample)
{
  GPtrArray *path = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < sample->path->len; i++)
    {
      const char *name = g_ptr_array_index (sample->path, i);

      if (wish->hide != NULL && strcmp (name, wish->hide) == 0)
        continue;
      if (wish->collapse && path->len > 0 && strcmp (g_ptr_array_index (path, path->len - 1), name) == 0)
        continue;
      g_ptr_array_add (path, g_strdup (name));
    }
  for (guint i = 0; wish->inverted && i < path->len / 2; i++)
    {
      gpointer swap = path->pdata[i];

      path->pdata[i] = path->pdata[path->len - 1 - i];
      path->pdata[path->len - 1 - i] = swap;
    }
  if (wish->roots == GLOW_ROOTS_COMM)
    g_ptr_array_insert (path, 0, g_strdup (comms[sample->thread]));
  else if (wish->roots == GLOW_ROOTS_PROCESS)
    g_ptr_array_insert (path, 0, g_strdup_printf ("%s-%d", comms[sample->thread], pids[sample->thread]));
  else if (wish->roots == GLOW_ROOTS_THREAD)
    g_ptr_array_insert (path, 0, g_strdup_printf ("%s-%d/%d", comms[sample->thread], pids[sample->thread], tids[sample->thread]));
  return path;
}

typedef struct {
  guint64 total, self, samples;
} Counts;

/* Every path from the root with its counts. (transfer full) (element-type utf8 Counts) */
static GHashTable *
reference (const Fixture *fixture, const Wish *wish)
{
  GHashTable *paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; i < fixture->samples->len; i++)
    {
      const Sample *sample = &g_array_index (fixture->samples, Sample, i);
      g_autoptr(GPtrArray) path = NULL;
      g_autoptr(GString) text = g_string_new ("");
      guint64 weight = wish->by_samples ? 1 : sample->weight;

      if (!wanted (wish, sample))
        continue;
      path = shown_path (wish, sample);
      for (guint d = 0; d <= path->len; d++)
        {
          Counts *counts;

          if (d > 0)
            g_string_append_printf (text, "/%s", (const char *) g_ptr_array_index (path, d - 1));
          counts = g_hash_table_lookup (paths, text->str);
          if (counts == NULL)
            {
              counts = g_new0 (Counts, 1);
              g_hash_table_insert (paths, g_strdup (text->str), counts);
            }
          counts->total += weight;
          counts->samples++;
          counts->self += d == path->len ? weight : 0;
        }
    }
  return paths;
}

static GlowQuery *
take (GlowQuery *old, GlowQuery *new)
{
  g_assert_nonnull (new);
  glow_query_unref (old);
  return new;
}

static GlowQuery *
query_of (const Wish *wish)
{
  GlowQuery *query = glow_query_new ();
  g_autoptr(GError) error = NULL;
  const struct { gint value; GlowQueryField field; } numbers[] = { { wish->pid, GLOW_QUERY_PID }, { wish->tid, GLOW_QUERY_TID }, { wish->cpu, GLOW_QUERY_CPU } };
  const struct { const char *value; GlowQueryField field; } names[] = { { wish->focus, GLOW_QUERY_FOCUS }, { wish->hide, GLOW_QUERY_HIDE } };

  query = take (query, glow_query_with (query, GLOW_QUERY_EVENT, wish->event == 0 ? "cpu-clock" : "sched:switch", &error));
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (numbers[i].value >= 0)
      {
        g_autofree char *text = g_strdup_printf ("%d", numbers[i].value);

        query = take (query, glow_query_with (query, numbers[i].field, text, &error));
      }
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (names[i].value != NULL)
      {
        g_autofree char *escaped = g_regex_escape_string (names[i].value, -1), *pattern = g_strdup_printf ("^%s$", escaped);

        query = take (query, glow_query_with (query, names[i].field, pattern, &error));
      }
  if (wish->comm != NULL)
    {
      g_autofree char *glob = g_strdelimit (g_strdup (wish->comm), "[]", '?');

      query = take (query, glow_query_with (query, GLOW_QUERY_COMM, glob, &error));
    }
  if (wish->module >= 0)
    {
      g_autofree char *glob = g_strdup_printf ("lib%d*", wish->module);

      query = take (query, glow_query_with (query, GLOW_QUERY_MODULE, glob, &error));
    }
  if (wish->to >= 0)
    {
      g_autofree char *range = g_strdup_printf ("%g,%g", wish->from, wish->to);

      query = take (query, glow_query_with (query, GLOW_QUERY_TIME, range, &error));
    }
  g_assert_no_error (error);
  query = take (query, glow_query_with_collapse_recursion (query, wish->collapse));
  query = take (query, glow_query_with_inverted (query, wish->inverted));
  query = take (query, glow_query_with_roots (query, wish->roots));
  return take (query, glow_query_with_weight (query, wish->by_samples ? GLOW_WEIGHT_SAMPLES : GLOW_WEIGHT_EVENT));
}

static char *
path_of (GlowCallTree *tree, guint32 node)
{
  GString *text = g_string_new ("");

  for (; node != 0; node = glow_call_tree_get_nodes (tree)->parent[node])
    {
      g_string_prepend (text, glow_call_tree_get_name (tree, node));
      g_string_prepend (text, "/");
    }
  return g_string_free (text, FALSE);
}

static void
assert_tree (GlowCallTree *tree, GHashTable *paths)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);

  if (g_hash_table_size (paths) == 0)
    {
      g_assert_cmpuint (nodes->total[0], ==, 0);
      return;
    }
  g_assert_cmpuint (nodes->n_nodes, ==, g_hash_table_size (paths));
  for (guint32 i = 0; i < nodes->n_nodes; i++)
    {
      g_autofree char *path = path_of (tree, i);
      const Counts *counts = g_hash_table_lookup (paths, path);

      g_assert_nonnull (counts);
      g_assert_cmpuint (nodes->total[i], ==, counts->total);
      g_assert_cmpuint (nodes->self[i], ==, counts->self);
      g_assert_cmpuint (nodes->samples_total[i], ==, counts->samples);
      if (i > 0)
        g_assert_cmpuint (nodes->parent[i], <, i);
      for (guint32 c = 0; c + 1 < nodes->n_children[i]; c++)
        g_assert_cmpuint (nodes->total[nodes->first_child[i] + c], >=, nodes->total[nodes->first_child[i] + c + 1]);
    }
}

static Wish
random_wish (GRand *random)
{
#define ONE_IN(n) (g_rand_int_range (random, 0, n) == 0)
  Wish wish = { .event = ONE_IN (3), .pid = -1, .tid = -1, .cpu = -1, .module = -1, .to = -1 };

  if (ONE_IN (4))
    wish.pid = pids[g_rand_int_range (random, 0, N_THREADS)];
  if (ONE_IN (5))
    wish.tid = tids[g_rand_int_range (random, 0, N_THREADS)];
  if (ONE_IN (4))
    wish.cpu = g_rand_int_range (random, 0, 6);
  if (ONE_IN (4))
    wish.comm = comms[g_rand_int_range (random, 0, N_THREADS)];
  if (ONE_IN (4))
    wish.module = g_rand_int_range (random, 0, 3);
  if (ONE_IN (3))
    wish.focus = function_names[g_rand_int_range (random, 0, N_FUNCTIONS)];
  if (ONE_IN (3))
    wish.hide = function_names[g_rand_int_range (random, 0, N_FUNCTIONS)];
  if (ONE_IN (3))
    {
      int from = g_rand_int_range (random, 0, 30);

      wish.from = from / 10.0;
      wish.to = (from + g_rand_int_range (random, 1, 20)) / 10.0;
    }
  wish.collapse = ONE_IN (3);
  wish.inverted = ONE_IN (3);
  wish.by_samples = ONE_IN (2);
  wish.roots = ONE_IN (2) ? GLOW_ROOTS_NONE : g_rand_int_range (random, 0, 4);
  return wish;
}

static void
test_random_queries (void)
{
  Fixture *fixture = fixture_new (42);
  GRand *random = g_rand_new_with_seed (4711);
  guint answered = 0;

  for (guint i = 0; i < 200; i++)
    {
      Wish wish = random_wish (random);
      g_autoptr(GlowQuery) query = query_of (&wish), again = NULL;
      g_autoptr(GHashTable) paths = reference (fixture, &wish);
      g_autofree char *words = glow_query_dup_words (query);
      g_autoptr(GError) error = NULL;
      g_autoptr(GlowCallTree) tree = glow_call_tree_compute (fixture->profile, query, NULL, &error);

      g_test_message ("%s", words);
      g_assert_no_error (error);
      assert_tree (tree, paths);
      answered += g_hash_table_size (paths) > 1;
      again = glow_query_parse_words (words, &error);
      g_assert_no_error (error);
      g_assert_true (glow_query_equal (query, again));
    }
  g_assert_cmpuint (answered, >, 80);
  g_rand_free (random);
  fixture_free (fixture);
}

static gint
compare_function_frames (gconstpointer a, gconstpointer b)
{
  const GlowFunction *left = a, *right = b;

  return left->frame < right->frame ? -1 : left->frame > right->frame;
}

static void
assert_same_functions (GlowCallTree *whole, GlowCallTree *cut)
{
  g_autoptr(GArray) one = glow_call_tree_compute_functions (whole, NULL), other = glow_call_tree_compute_functions (cut, NULL);

  g_array_sort (one, compare_function_frames);
  g_array_sort (other, compare_function_frames);
  g_assert_cmpmem (one->data, one->len * sizeof (GlowFunction), other->data, other->len * sizeof (GlowFunction));
  g_assert_cmpfloat (glow_call_tree_compute_unnamed_share (whole, NULL), ==, glow_call_tree_compute_unnamed_share (cut, NULL));
}

static void
assert_same_nodes (GlowCallTree *one, GlowCallTree *other)
{
  const GlowCallTreeNodes *left = glow_call_tree_get_nodes (one), *right = glow_call_tree_get_nodes (other);

  g_assert_cmpuint (left->n_nodes, ==, right->n_nodes);
  g_assert_cmpmem (left->total, left->n_nodes * sizeof (guint64), right->total, right->n_nodes * sizeof (guint64));
  g_assert_cmpmem (left->self, left->n_nodes * sizeof (guint64), right->self, right->n_nodes * sizeof (guint64));
  g_assert_cmpmem (left->frame + 1, (left->n_nodes - 1) * sizeof (guint32), right->frame + 1, (right->n_nodes - 1) * sizeof (guint32));
}

/* Nodes as in the whole tree; none left out that is wide enough, or below the node that is looked into. */
static void
assert_cut (GlowCallTree *cut, GHashTable *paths, guint64 floor, guint32 about)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (cut);

  for (guint32 i = 0; i < nodes->n_nodes; i++)
    {
      g_autofree char *path = path_of (cut, i);
      const Counts *counts = g_hash_table_lookup (paths, path);
      guint64 below = 0;
      gboolean inside = FALSE;

      g_assert_nonnull (counts);
      g_assert_cmpuint (nodes->total[i], ==, counts->total);
      g_assert_cmpuint (nodes->self[i], ==, counts->self);
      g_assert_cmpuint (nodes->samples_total[i], ==, counts->samples);
      for (guint32 c = 0; c < nodes->n_children[i]; c++)
        {
          g_assert_cmpuint (nodes->parent[nodes->first_child[i] + c], ==, i);
          below += nodes->total[nodes->first_child[i] + c];
        }
      for (guint32 at = i; about != 0 && at != 0; at = nodes->parent[at])
        inside |= at == about;
      if (nodes->total[i] >= floor || (inside && nodes->total[i] >= nodes->total[about] / 16384))
        g_assert_false (glow_call_tree_is_cut (cut, i));
      if (!glow_call_tree_is_cut (cut, i))
        g_assert_cmpuint (below + nodes->self[i], ==, nodes->total[i]);
    }
}

/* Trees of which the narrow part is left out say the same of all that is in them, and of functions, searches, callers and callees. */
static void
test_cut (void)
{
  Fixture *fixture = fixture_new (43);
  GRand *random = g_rand_new_with_seed (4712);
  guint n_cut = 0, refined = 0;

  for (guint i = 0; i < 200; i++)
    {
      Wish wish = random_wish (random);
      g_autoptr(GlowQuery) query = query_of (&wish);
      g_autoptr(GHashTable) paths = reference (fixture, &wish);
      g_autoptr(GlowCallTree) whole = glow_call_tree_compute (fixture->profile, query, NULL, NULL);
      g_autoptr(GlowCallTree) cut = glow_call_tree_compute_visible (fixture->profile, query, 0.03, NULL, NULL);
      g_autoptr(GlowSearch) one = glow_search_compute (whole, "^(parse|web.*)$", TRUE, NULL, NULL);
      g_autoptr(GlowSearch) other = glow_search_compute (cut, "^(parse|web.*)$", TRUE, NULL, NULL);
      const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (cut);
      guint64 floor = (guint64) (0.03 * nodes->total[0]);
      guint32 frame = g_rand_int_range (random, 0, N_FUNCTIONS), narrow = 0;

      if (g_hash_table_size (paths) == 0)
        continue;
      assert_cut (cut, paths, floor, 0);
      n_cut += glow_call_tree_get_nodes (whole)->n_nodes > nodes->n_nodes;
      assert_same_functions (whole, cut);
      g_assert_cmpuint (one->weight, ==, other->weight);
      g_assert_cmpuint (one->samples, ==, other->samples);
      for (guint turn = 0; turn < 2; turn++)
        {
          GlowCallTree *(*compute) (GlowCallTree *, guint32, GCancellable *) = turn == 0 ? glow_call_tree_compute_callers : glow_call_tree_compute_callees;
          g_autoptr(GlowCallTree) left = compute (whole, frame, NULL), right = compute (cut, frame, NULL);

          assert_same_nodes (left, right);
        }
      for (guint32 n = 1; n < nodes->n_nodes && narrow == 0; n++)
        if (glow_call_tree_is_cut (cut, n))
          narrow = n;
      if (narrow != 0)
        {
          g_autoptr(GlowCallTree) finer = glow_call_tree_refine (cut, narrow, NULL, NULL);
          gboolean exact;
          guint32 about = glow_call_tree_find_like (finer, cut, narrow, &exact);

          g_assert_true (exact);
          g_assert_false (glow_call_tree_is_cut (finer, about));
          assert_cut (finer, paths, floor, about);
          refined++;
        }
      if (glow_call_tree_find_frame (whole, frame) != GLOW_NONE)
        {
          g_autoptr(GlowCallTree) finer = glow_call_tree_refine_frame (cut, frame, NULL, NULL);
          guint32 found = glow_call_tree_find_frame (finer, frame);

          g_assert_cmpuint (found, !=, GLOW_NONE);
          g_assert_cmpuint (glow_call_tree_get_nodes (finer)->total[found], ==,
                            glow_call_tree_get_nodes (whole)->total[glow_call_tree_find_frame (whole, frame)]);
        }
    }
  g_assert_cmpuint (n_cut, >, 80);
  g_assert_cmpuint (refined, >, 80);
  g_rand_free (random);
  fixture_free (fixture);
}

static void
test_functions (void)
{
  Fixture *fixture = fixture_new (7);
  Wish wish = { .pid = -1, .tid = -1, .cpu = -1, .module = -1, .to = -1 };
  g_autoptr(GlowQuery) query = query_of (&wish);
  g_autoptr(GlowCallTree) tree = glow_call_tree_compute (fixture->profile, query, NULL, NULL);
  g_autoptr(GArray) functions = glow_call_tree_compute_functions (tree, NULL);

  g_assert_cmpuint (functions->len, ==, N_FUNCTIONS);
  for (guint f = 0; f < functions->len; f++)
    {
      const GlowFunction *function = &g_array_index (functions, GlowFunction, f);
      const char *name = glow_call_tree_get_frame_name (tree, function->frame);
      g_autoptr(GlowCallTree) callers = glow_call_tree_compute_callers (tree, function->frame, NULL);
      g_autoptr(GlowCallTree) callees = glow_call_tree_compute_callees (tree, function->frame, NULL);
      GlowFrameSpread spread;
      guint64 total = 0, self = 0, samples = 0, seen_threads = 0;

      for (guint i = 0; i < fixture->samples->len; i++)
        {
          const Sample *sample = &g_array_index (fixture->samples, Sample, i);

          if (!wanted (&wish, sample) || !on_path (sample, name))
            continue;
          total += sample->weight;
          samples++;
          seen_threads |= 1 << sample->thread;
          if (strcmp (g_ptr_array_index (sample->path, sample->path->len - 1), name) == 0)
            self += sample->weight;
        }
      g_assert_cmpuint (function->total, ==, total);
      g_assert_cmpuint (function->self, ==, self);
      g_assert_cmpuint (function->samples_total, ==, samples);
      g_assert_cmpuint (glow_call_tree_get_nodes (callers)->total[0], ==, total);
      g_assert_cmpuint (glow_call_tree_get_nodes (callees)->total[0], ==, total);
      g_assert_true (glow_call_tree_compute_frame_spread (tree, function->frame, &spread, NULL));
      g_assert_cmpuint (spread.n_threads, ==, __builtin_popcountll (seen_threads));
    }
  fixture_free (fixture);
}

static void
test_search (void)
{
  Fixture *fixture = fixture_new (9);
  Wish wish = { .pid = -1, .tid = -1, .cpu = -1, .module = -1, .to = -1 };
  g_autoptr(GlowQuery) query = query_of (&wish);
  g_autoptr(GlowCallTree) tree = glow_call_tree_compute (fixture->profile, query, NULL, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GlowSearch) search = glow_search_compute (tree, "^(parse|DRAW)$", FALSE, NULL, &error), exact = NULL;
  guint64 weight = 0, samples = 0;

  g_assert_no_error (error);
  for (guint i = 0; i < fixture->samples->len; i++)
    {
      const Sample *sample = &g_array_index (fixture->samples, Sample, i);

      if (!wanted (&wish, sample) || (!on_path (sample, "parse") && !on_path (sample, "draw")))
        continue;
      weight += sample->weight;
      samples++;
    }
  g_assert_cmpuint (search->weight, ==, weight);
  g_assert_cmpuint (search->samples, ==, samples);
  exact = glow_search_compute (tree, "DRAW", TRUE, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (exact->n_nodes, ==, 0);
  g_assert_null (glow_search_compute (tree, "(", TRUE, NULL, &error));
  g_assert_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION);
  fixture_free (fixture);
}

static void
test_breakdown (void)
{
  Fixture *fixture = fixture_new (11);
  Wish all = { .pid = -1, .tid = -1, .cpu = -1, .module = -1, .to = -1 }, one = { .pid = 20, .tid = -1, .cpu = 2, .module = 1, .to = -1 };
  const Wish *const wishes[] = { &all, &one };

  for (guint w = 0; w < 2; w++)
    {
      g_autoptr(GlowQuery) query = query_of (wishes[w]);
      const struct { GlowBreakdownKind kind; gboolean pid, cpu, module; } kinds[] = { { GLOW_BREAKDOWN_PROCESS, TRUE, FALSE, FALSE },
                                                                                      { GLOW_BREAKDOWN_CPU, FALSE, TRUE, FALSE },
                                                                                      { GLOW_BREAKDOWN_MODULE, FALSE, FALSE, TRUE } };

      for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
        {
          Wish open = *wishes[w];
          g_autoptr(GError) error = NULL;
          g_autoptr(GArray) rows = glow_breakdown_compute (fixture->profile, query, kinds[k].kind, NULL, &error);
          guint64 last = G_MAXUINT64;

          g_assert_no_error (error);
          open.pid = kinds[k].pid ? -1 : open.pid;
          open.cpu = kinds[k].cpu ? -1 : open.cpu;
          open.module = kinds[k].module ? -1 : open.module;
          g_assert_cmpuint (rows->len, >, 0);
          for (guint r = 0; r < rows->len; r++)
            {
              const GlowBreakdownRow *row = &g_array_index (rows, GlowBreakdownRow, r);
              Wish with = open;
              guint64 weight = 0;

              if (kinds[k].pid)
                with.pid = glow_profile_get_processes (fixture->profile, NULL)[row->index].pid;
              if (kinds[k].cpu)
                with.cpu = (gint) row->index;
              if (kinds[k].module)
                with.module = (gint) row->index;
              for (guint i = 0; i < fixture->samples->len; i++)
                if (wanted (&with, &g_array_index (fixture->samples, Sample, i)))
                  weight += g_array_index (fixture->samples, Sample, i).weight;
              g_assert_cmpuint (row->weight, ==, weight);
              g_assert_cmpuint (row->weight, <=, last);
              last = row->weight;
            }
        }
    }
  fixture_free (fixture);
}

static void
test_find (void)
{
  Fixture *fixture = fixture_new (13);
  Wish all = { .pid = -1, .tid = -1, .cpu = -1, .module = -1, .to = -1 }, part = { .pid = 10, .tid = -1, .cpu = -1, .module = -1, .to = -1 };
  g_autoptr(GlowQuery) first_query = query_of (&all), second_query = query_of (&part);
  g_autoptr(GlowCallTree) first = glow_call_tree_compute (fixture->profile, first_query, NULL, NULL);
  g_autoptr(GlowCallTree) second = glow_call_tree_compute (fixture->profile, second_query, NULL, NULL);
  guint n_exact = 0;

  for (guint32 i = 0; i < glow_call_tree_get_nodes (second)->n_nodes; i++)
    {
      g_autofree char *path = path_of (second, i), *stack = glow_call_tree_dup_stack (second, i), *found_path = NULL;
      gboolean exact;
      guint32 found = glow_call_tree_find_like (first, second, i, &exact);

      found_path = path_of (first, found);
      g_assert_true (exact);
      g_assert_cmpstr (found_path, ==, path);
      g_assert_cmpuint (glow_call_tree_find_stack (first, stack, &exact), ==, found);
      g_assert_true (exact);
    }
  for (guint32 i = 0; i < glow_call_tree_get_nodes (first)->n_nodes; i++)
    {
      g_autofree char *path = path_of (first, i), *found_path = NULL;
      gboolean exact;
      guint32 found = glow_call_tree_find_like (second, first, i, &exact);

      found_path = path_of (second, found);
      g_assert_true (g_str_has_prefix (path, found_path));
      g_assert_true (exact == (strcmp (path, found_path) == 0));
      n_exact += exact;
    }
  g_assert_cmpuint (n_exact, ==, glow_call_tree_get_nodes (second)->n_nodes);
  fixture_free (fixture);
}

static void
test_layout (void)
{
  Fixture *fixture = fixture_new (17);
  g_autoptr(GlowQuery) query = glow_query_new ();
  g_autoptr(GlowCallTree) tree = glow_call_tree_compute (fixture->profile, query, NULL, NULL);
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  GRand *random = g_rand_new_with_seed (3);

  for (guint i = 0; i < 60; i++)
    {
      double from = g_rand_double_range (random, 0, 0.9), to = i == 0 ? 1 : g_rand_double_range (random, from + 0.01, 1);
      GlowLayoutOptions options = { i == 0 ? 0 : from, to, 1000, 1, 0, 0 };
      g_autoptr(GlowLayout) layout = glow_layout_compute (tree, &options);
      guint depth = 0;
      float end = 0;

      g_assert_cmpuint (layout->n_rects, >, 0);
      for (guint32 r = 0; r < layout->n_rects; r++)
        {
          const GlowRect *rect = &layout->rects[r];
          double left, right, middle = rect->x + rect->width / 2;

          g_assert_cmpuint (rect->depth, >=, depth);
          if (rect->depth > depth)
            end = 0;
          depth = rect->depth;
          g_assert_cmpfloat (rect->x, >=, end - 0.01f);
          end = rect->x + rect->width;
          g_assert_cmpfloat (end, <=, 1000.01f);
          g_assert_true (glow_layout_find (layout, middle, depth) == rect);
          if (rect->n_merged > 0)
            continue;
          glow_layout_node_extent (tree, rect->node, &left, &right);
          g_assert_cmpuint (nodes->depth[rect->node], ==, depth);
          g_assert_cmpfloat_with_epsilon (rect->x, MAX ((left - options.from) / (options.to - options.from), 0) * 1000, 0.01);
          g_assert_cmpfloat_with_epsilon (end, MIN ((right - options.from) / (options.to - options.from), 1) * 1000, 0.01);
          if (i == 0 && rect->depth > 0)
            {
              guint32 container = glow_layout_find_container (tree, left, right);

              /* A callee as wide as its caller stands for it. */
              g_assert_cmpuint (nodes->total[container], ==, nodes->total[rect->node]);
            }
        }
    }
  g_rand_free (random);
  fixture_free (fixture);
}

/* What a picture leaves unseen may be left out of its tree: the picture is the same. */
static void
test_visible (void)
{
  Fixture *fixture = fixture_new (19);
  GlowLayoutOptions options = { 0, 1, 300, 1, 0, 0 };
  guint32 least = G_MAXUINT32;

  for (guint turn = 0; turn < 2; turn++)
    {
      g_autoptr(GlowQuery) plain = glow_query_new (), query = glow_query_with_inverted (plain, turn == 1);
      g_autoptr(GlowCallTree) whole = glow_call_tree_compute (fixture->profile, query, NULL, NULL);
      g_autoptr(GlowCallTree) seen = glow_call_tree_compute_visible (fixture->profile, query, 0.99 / 300, NULL, NULL);
      g_autoptr(GlowLayout) first = glow_layout_compute (whole, &options), second = glow_layout_compute (seen, &options);

      least = MIN (least, glow_call_tree_get_nodes (whole)->n_nodes - glow_call_tree_get_nodes (seen)->n_nodes);
      g_assert_cmpuint (first->n_rects, ==, second->n_rects);
      for (guint32 r = 0; r < first->n_rects; r++)
        {
          g_assert_cmpfloat (first->rects[r].x, ==, second->rects[r].x);
          g_assert_cmpfloat (first->rects[r].width, ==, second->rects[r].width);
          g_assert_cmpuint (first->rects[r].depth, ==, second->rects[r].depth);
          g_assert_cmpuint (first->rects[r].n_merged, ==, second->rects[r].n_merged);
          g_assert_cmpstr (glow_call_tree_get_name (whole, first->rects[r].node), ==, glow_call_tree_get_name (seen, second->rects[r].node));
          if (first->rects[r].n_merged == 0)
            g_assert_cmpuint (glow_call_tree_get_nodes (whole)->self[first->rects[r].node], ==,
                              glow_call_tree_get_nodes (seen)->self[second->rects[r].node]);
        }
    }
  g_assert_cmpuint (least, >, 100);
  fixture_free (fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tree/random-queries", test_random_queries);
  g_test_add_func ("/tree/cut", test_cut);
  g_test_add_func ("/tree/functions", test_functions);
  g_test_add_func ("/tree/search", test_search);
  g_test_add_func ("/tree/breakdown", test_breakdown);
  g_test_add_func ("/tree/find", test_find);
  g_test_add_func ("/tree/layout", test_layout);
  g_test_add_func ("/tree/visible", test_visible);
  return g_test_run ();
}
