/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Before and after: what is matched, what is summed, how it is judged; gates; the union and its pictures. Whether what it calls a change is one is in
 * test-diff-truth.c. */
#include <afterglow/afterglow.h>
#include "analysis/match-private.h"
#include "near.h"

#include <glib/gstdio.h>
#include <string.h>

/* ---- names ---- */

static void
test_names (void)
{
  static const struct { const char *name, *stripped; } cases[] = {
    { "finish_task_switch.isra.0", "finish_task_switch" },
    { "do_work.constprop.0.isra.0", "do_work" },
    { "parse.part.12.cold", "parse" },
    { "parse.cold", "parse" },
    { "parse.cold.3", "parse" },
    { "my.partial", "my.partial" },
    { "ns::work(int) [clone .part.0]", "ns::work(int)" },
    { "f.llvm.1234567890123", "f" },
    { "f.__uniq.987654.llvm.12", "f" },
    { "a::b::h0123456789abcdef", "a::b" },
    { "a::hash", "a::hash" },
    { "std[85fb5f6e4a9d1e90]::io::read", "std::io::read" },
    { "main::work::{closure#3}", "main::work::{closure}" },
    { "foo(int)::{lambda(int)#2}::operator()(int) const", "foo(int)::{lambda(int)}::operator()(int) const" },
    { "foo(int)::$_12::operator()() const", "foo(int)::$_::operator()() const" },
    { "foo()::'lambda3'(int)", "foo()::'lambda'(int)" },
    { "main.serve.func2.1", "main.serve.func" },
    { "main.serve.func2", "main.serve.func" },
    { "main.(*T).function2", "main.(*T).function2" },
    { "com.acme.Main$$Lambda$14/0x0000000800c03000.run", "com.acme.Main$$Lambda.run" },
    { "com.acme.Main.lambda$main$3", "com.acme.Main.lambda$main$" },
    { "LazyCompile:*fib /srv/app.js:3", "LazyCompile:fib /srv/app.js:3" },
    { "memcpy@@GLIBC_2.14", "memcpy" },
    { "read@plt", "read@plt" },
    { "sys_read_[k]", "sys_read" },
    { "0x7f12ab34cd56", "[address]" },
    { "vector<int, 8>::at", "vector<int, 8>::at" },
    { ".cold", ".cold" },      /* nothing would be left */
    { "\xff\xfe.isra.0", "\xff\xfe" },
  };
  static const struct { const char *name, *stripped; } modules[] = {
    { "perf-1234.map", "[jit]" }, { "jitted-12-7.so", "[jit]" }, { "libfoo.so.1 (deleted)", "libfoo.so.1" }, { "libssl.so.3", "libssl.so.3" },
  };
  GlowMatchRules *rules = glow_match_rules_new ("function - /^Old(\\w+)$/ New\\1\n# remark\nfunction nonsense\nfunction - /(/\n");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *stripped = glow_match_strip_function (rules, cases[i].name);

      g_assert_cmpstr (stripped, ==, cases[i].stripped);
    }
  for (guint i = 0; i < G_N_ELEMENTS (modules); i++)
    {
      g_autofree char *stripped = glow_match_strip_module (rules, modules[i].name);

      g_assert_cmpstr (stripped, ==, modules[i].stripped);
    }
  {
    g_autofree char *own = glow_match_strip_function (rules, "OldName");

    g_assert_cmpstr (own, ==, "NewName");
  }
  glow_match_rules_free (rules);
}

/* ---- two folded texts ---- */

static GlowProfile *
load_text (const char *text)
{
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;
  int fd = g_file_open_tmp ("glow-XXXXXX.folded", &path, NULL);
  GlowProfile *profile;

  close (fd);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  profile = glow_profile_load_path (path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_unlink (path);
  return profile;
}

/* Runs of each side, NULL between and at the end. */
static GlowDiff *
diff_of (const char *const *texts, const GlowDiffOptions *options)
{
  g_autoptr(GPtrArray) before = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_diff_run_free), after = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_diff_run_free);
  g_autoptr(GlowQuery) query = glow_query_new ();
  g_autoptr(GError) error = NULL;
  GPtrArray *sides[2] = { before, after };
  GlowDiff *diff;

  for (guint s = 0; s < 2; s++, texts++)
    for (; *texts != NULL; texts++)
      {
        g_autoptr(GlowProfile) profile = load_text (*texts);

        g_ptr_array_add (sides[s], glow_diff_run_new (profile, query, s == 0 ? "before" : "after"));
      }
  diff = glow_diff_compute (before, after, options, NULL, &error);
  g_assert_no_error (error);
  return diff;
}

static const GlowDiffRow *
find_row (GlowDiff *diff, GlowDiffKind kind, const char *name)
{
  const GArray *rows = glow_diff_get_rows (diff, kind);

  for (guint i = 0; i < rows->len; i++)
    if (strcmp (glow_diff_get_name (diff, kind, g_array_index (rows, GlowDiffRow, i).key), name) == 0)
      return &g_array_index (rows, GlowDiffRow, i);
  return NULL;
}

#define BEFORE "main;parse;lex.isra.0 40\nmain;parse;lex.isra.0;lex.cold 10\nmain;gc;sweep 50\nmain;work 400\nmain;idle 500\n"
#define AFTER "main;parse;lex.constprop.1 130\nmain;gc;lazy_sweep 60\nmain;work 410\nmain;idle 600\n"

static void
test_rows (void)
{
  GlowDiffOptions options = { .margin = 0.01 };
  g_autoptr(GlowDiff) diff = diff_of ((const char *const[]) { BEFORE, NULL, AFTER, NULL }, &options);
  const GlowDiffRow *lex = find_row (diff, GLOW_DIFF_FUNCTIONS, "lex.constprop.1"), *gone = find_row (diff, GLOW_DIFF_FUNCTIONS, "sweep"), *come = find_row (diff, GLOW_DIFF_FUNCTIONS, "lazy_sweep");
  GlowShareChange expected = glow_share_change (130, 1200, 50, 1000, 0.95);
  const GArray *renames = glow_diff_get_renames (diff);

  /* Three spellings are one function, and where it calls itself it counts once. */
  g_assert_nonnull (lex);
  g_assert_null (find_row (diff, GLOW_DIFF_FUNCTIONS, "lex.isra.0"));
  g_assert_cmpfloat (lex->samples[0], ==, 50);
  assert_close (lex->change[GLOW_DIFF_TOTAL].change, expected.change, 1e-12);
  assert_close (lex->change[GLOW_DIFF_TOTAL].low, expected.change_low, 1e-12);
  assert_close (lex->change[GLOW_DIFF_TOTAL].high, expected.change_high, 1e-12);
  assert_close (lex->change[GLOW_DIFF_TOTAL].p, expected.p, 1e-12);
  assert_close (lex->change[GLOW_DIFF_SELF].change, expected.change, 1e-12);
  g_assert_cmpint (lex->change[GLOW_DIFF_TOTAL].evidence, ==, GLOW_DIFF_GREW);
  g_assert_true (lex->change[GLOW_DIFF_TOTAL].matters);
  g_assert_true (glow_diff_row_is_gone (gone) && !glow_diff_row_is_new (gone));
  g_assert_true (glow_diff_row_is_new (come) && !glow_diff_row_is_gone (come));
  /* All of it on both sides: no change at all, and proven. */
  g_assert_cmpint (find_row (diff, GLOW_DIFF_FUNCTIONS, "main")->change[GLOW_DIFF_TOTAL].evidence, ==, GLOW_DIFF_EQUIVALENT);
  /* 40 % and 34 % of a thousand: never "unchanged". */
  g_assert_cmpint (find_row (diff, GLOW_DIFF_FUNCTIONS, "idle")->change[GLOW_DIFF_TOTAL].evidence, ==, GLOW_DIFF_NO_EVIDENCE);
  g_assert_cmpuint (renames->len, ==, 1);
  g_assert_cmpstr (glow_diff_get_name (diff, GLOW_DIFF_FUNCTIONS, g_array_index (renames, GlowDiffRename, 0).before), ==, "sweep");
  g_assert_cmpstr (glow_diff_get_name (diff, GLOW_DIFF_FUNCTIONS, g_array_index (renames, GlowDiffRename, 0).after), ==, "lazy_sweep");
}

/* Asked for, it is one function; and with exact names each spelling is one of its own. */
static void
test_renames (void)
{
  g_autoptr(GHashTable) renames = g_hash_table_new (g_str_hash, g_str_equal);
  GlowDiffOptions options = { .renames = renames }, exact = { .exact_names = TRUE };
  g_autoptr(GlowDiff) diff = NULL, plain = diff_of ((const char *const[]) { BEFORE, NULL, AFTER, NULL }, &exact);

  g_hash_table_insert (renames, (gpointer) "sweep", (gpointer) "lazy_sweep");
  diff = diff_of ((const char *const[]) { BEFORE, NULL, AFTER, NULL }, &options);
  g_assert_null (find_row (diff, GLOW_DIFF_FUNCTIONS, "sweep"));
  assert_close (find_row (diff, GLOW_DIFF_FUNCTIONS, "lazy_sweep")->change[GLOW_DIFF_TOTAL].change, 60 / 1200. - 50 / 1000., 1e-12);
  g_assert_cmpuint (glow_diff_get_renames (diff)->len, ==, 0);
  g_assert_nonnull (find_row (plain, GLOW_DIFF_FUNCTIONS, "lex.isra.0"));
  g_assert_nonnull (find_row (plain, GLOW_DIFF_FUNCTIONS, "lex.constprop.1"));
}

static void
test_union (void)
{
  g_autoptr(GlowDiff) diff = diff_of ((const char *const[]) { BEFORE, NULL, AFTER, NULL }, NULL);
  const GlowDiffNodes *nodes = glow_diff_get_nodes (diff);
  double before = 0, after = 0;

  for (guint32 i = 0; i < nodes->n_nodes; i++)
    {
      double children[2] = { 0, 0 };

      before += nodes->weight[GLOW_BEFORE][i];
      after += nodes->weight[GLOW_AFTER][i];
      for (guint32 c = nodes->first_child[i]; c < nodes->first_child[i] + nodes->n_children[i]; c++)
        {
          g_assert_cmpuint (nodes->parent[c], ==, i);
          g_assert_cmpuint (nodes->depth[c], ==, nodes->depth[i] + 1);
          if (c > nodes->first_child[i])
            g_assert_cmpfloat (MAX (nodes->total[0][c], nodes->total[1][c]), <=, MAX (nodes->total[0][c - 1], nodes->total[1][c - 1]));
          for (guint s = 0; s < 2; s++)
            children[s] += nodes->total[s][c];
        }
      for (guint s = 0; s < 2; s++)
        assert_close (nodes->total[s][i], nodes->self[s][i] + children[s], 1e-12);
    }
  assert_close (before, 1000, 1e-12);
  assert_close (after, 1200, 1e-12);
  for (GlowDiffWidth w = 0; w < GLOW_N_DIFF_WIDTHS; w++)
    {
      GlowCallTree *tree = glow_diff_get_tree (diff, w);
      const GlowCallTreeNodes *widths = glow_call_tree_get_nodes (tree);
      GlowLayoutOptions window = { 0, 1, 1000, 0.01, 0, 0 };
      g_autoptr(GlowLayout) layout = glow_layout_compute (tree, &window);
      GlowDiffWidth back;

      g_assert_true (tree == glow_diff_get_tree (diff, w));
      g_assert_cmpuint (widths->n_nodes, ==, nodes->n_nodes);
      g_assert_true (glow_diff_width_from_id (glow_diff_width_get_id (w), &back) && back == w);
      for (guint32 i = 0; i < nodes->n_nodes; i++)
        {
          double width = glow_diff_get_node_width (diff, w, i), b = nodes->total[0][i], a = nodes->total[1][i];

          if (w == GLOW_DIFF_WIDTH_BEFORE || w == GLOW_DIFF_WIDTH_AFTER)
            assert_close (width, w == GLOW_DIFF_WIDTH_BEFORE ? b : a, 1e-9);
          if (w == GLOW_DIFF_WIDTH_LARGER)
            g_assert_cmpfloat (width, >=, MAX (a, b) - 1e-12);
          if (w == GLOW_DIFF_WIDTH_CHANGE)
            g_assert_cmpfloat (width, >=, fabs (a - b) - 1e-12);
        }
      g_assert_cmpuint (layout->n_rects, >, 3);
    }
  {
    /* lazy_sweep is on one side only, gc on both, and what is gone has its place all the same. */
    gboolean exact;
    GlowCallTree *tree = glow_diff_get_tree (diff, GLOW_DIFF_WIDTH_LARGER);
    guint32 node = glow_call_tree_find_stack (tree, "main;gc;sweep", &exact);

    g_assert_true (exact);
    g_assert_cmpfloat (nodes->total[GLOW_AFTER][node], ==, 0);
    g_assert_cmpint (nodes->evidence[node], ==, GLOW_DIFF_SHRANK);
    assert_close (glow_diff_get_node_change (diff, node).change, -0.05, 1e-12);
  }
}

/* Who calls it and what it calls, of both sides; shares stay those of the whole. */
static void
test_about (void)
{
  g_autoptr(GlowDiff) diff = diff_of ((const char *const[]) { "a;f;x 10\nb;f;y 20\nb;c 70\n", NULL, "a;f;x 40\nb;f;z 20\nb;c 40\n", NULL }, NULL);
  guint32 key = find_row (diff, GLOW_DIFF_FUNCTIONS, "f")->key, gone = find_row (diff, GLOW_DIFF_FUNCTIONS, "y")->key;
  g_autoptr(GlowDiff) callees = glow_diff_compute_about (diff, key, FALSE, NULL), callers = glow_diff_compute_about (diff, key, TRUE, NULL);
  g_autoptr(GlowDiff) once = glow_diff_compute_about (diff, gone, TRUE, NULL);
  const GlowDiffNodes *below = glow_diff_get_nodes (callees), *above = glow_diff_get_nodes (callers), *one = glow_diff_get_nodes (once);

  g_assert_cmpuint (below->n_nodes, ==, 4);
  assert_close (below->total[GLOW_BEFORE][0], 0.3, 1e-12);
  assert_close (below->total[GLOW_AFTER][0], 0.6, 1e-12);
  for (guint32 i = 1; i < below->n_nodes; i++)
    {
      const char *name = glow_diff_get_name (callees, GLOW_DIFF_FUNCTIONS, below->key[i]);

      assert_close (below->total[GLOW_AFTER][i], strcmp (name, "x") == 0 ? 0.4 : strcmp (name, "z") == 0 ? 0.2 : 0, 1e-12);
      assert_close (glow_diff_get_node_change (callees, i).change, below->total[GLOW_AFTER][i] - below->total[GLOW_BEFORE][i], 1e-12);
    }
  g_assert_cmpuint (above->n_nodes, ==, 3);
  assert_close (above->total[GLOW_AFTER][1], 0.4, 1e-12);
  assert_close (one->total[GLOW_BEFORE][0], 0.2, 1e-12);
  assert_close (one->total[GLOW_AFTER][0], 0, 0);
  g_assert_nonnull (glow_diff_get_tree (callers, GLOW_DIFF_WIDTH_LARGER));
  g_assert_true (glow_diff_get_rows (callers, GLOW_DIFF_FUNCTIONS) == glow_diff_get_rows (diff, GLOW_DIFF_FUNCTIONS));
}

/* A function that compilers have split is one, also where one spelling calls the other. */
static void
test_about_spellings (void)
{
  g_autoptr(GlowDiff) diff = diff_of ((const char *const[]) { "a;f;x 10\nb;f.cold 20\na;f;f.part.0;x 10\nb;c 60\n", NULL, "a;f;x 40\nb;c 60\n", NULL }, NULL);
  guint32 key = find_row (diff, GLOW_DIFF_FUNCTIONS, "f")->key;
  g_autoptr(GlowDiff) callees = glow_diff_compute_about (diff, key, FALSE, NULL), callers = glow_diff_compute_about (diff, key, TRUE, NULL);
  const GlowDiffNodes *below = glow_diff_get_nodes (callees), *above = glow_diff_get_nodes (callers);

  assert_close (below->total[GLOW_BEFORE][0], 0.4, 1e-12);
  assert_close (above->total[GLOW_BEFORE][0], 0.4, 1e-12);
  g_assert_cmpuint (above->n_nodes, ==, 3);
  for (guint32 i = 1; i < above->n_nodes; i++)
    assert_close (above->total[GLOW_BEFORE][i], 0.2, 1e-12);
}

/* From a frame to its key and back; paths by keys. */
static void
test_ways (void)
{
  g_autoptr(GlowDiff) diff = diff_of ((const char *const[]) { "a;f;x 10\nb;f 20\n", NULL, "b;f;x 40\na;c 40\n", NULL }, NULL);
  const GlowDiffNodes *nodes = glow_diff_get_nodes (diff);
  guint32 keys[3], frame;
  gboolean exact;

  for (guint i = 0; i < 3; i++)
    keys[i] = find_row (diff, GLOW_DIFF_FUNCTIONS, (const char *const[]) { "b", "f", "x" }[i])->key;
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    for (guint i = 0; i < 3; i++)
      {
        frame = glow_diff_get_frame (diff, s, 0, keys[i]);
        g_assert_cmpuint (frame, !=, GLOW_NONE);
        g_assert_cmpuint (glow_diff_get_key (diff, s, 0, frame), ==, keys[i]);
      }
  g_assert_cmpuint (glow_diff_get_key (diff, GLOW_BEFORE, 0, 1000), ==, GLOW_NONE);
  frame = glow_diff_find_path (diff, keys, 3, &exact);
  g_assert_true (exact);
  g_assert_cmpuint (nodes->key[frame], ==, keys[2]);
  assert_close (nodes->total[GLOW_AFTER][frame], 0.5, 1e-12);
  keys[1] = find_row (diff, GLOW_DIFF_FUNCTIONS, "c")->key;
  frame = glow_diff_find_path (diff, keys, 3, &exact);
  g_assert_false (exact);
  g_assert_cmpuint (nodes->key[frame], ==, keys[0]);
}

/* Paths that are left out for being narrow on both sides change nothing above them; tables do not know of it. */
static void
test_pruned (void)
{
  GlowDiffOptions narrow = { .min_share = 0.2 }, none = { .no_paths = TRUE };
  g_autoptr(GlowDiff) diff = diff_of ((const char *const[]) { BEFORE, NULL, AFTER, NULL }, &narrow), whole = diff_of ((const char *const[]) { BEFORE, NULL, AFTER, NULL }, &none);

  g_assert_cmpuint (glow_diff_get_nodes (diff)->n_nodes, ==, 6);        /* all, main and its four */
  g_assert_null (glow_diff_get_nodes (whole));
  g_assert_null (glow_diff_get_tree (whole, GLOW_DIFF_WIDTH_LARGER));
  assert_close (find_row (diff, GLOW_DIFF_FUNCTIONS, "sweep")->change[GLOW_DIFF_TOTAL].p, find_row (whole, GLOW_DIFF_FUNCTIONS, "sweep")->change[GLOW_DIFF_TOTAL].p, 0);
}

static gboolean
has_caveat (GlowDiff *diff, const char *code)
{
  for (guint i = 0; i < glow_diff_get_caveats (diff)->len; i++)
    if (strcmp (((GlowDiffCaveat *) g_ptr_array_index (glow_diff_get_caveats (diff), i))->code, code) == 0)
      return TRUE;
  return FALSE;
}

/* What the kernel does in interrupts is the neighbours' as much as the program's: said where it has changed, and only then. */
static void
test_interrupts (void)
{
  g_autoptr(GlowDiff) busy = diff_of ((const char *const[]) { "main;work 1000\nmain;work;asm_sysvec_reschedule_ipi_[k];schedule_[k] 5\n", NULL,
                                                              "main;work 1000\nmain;work;asm_sysvec_reschedule_ipi_[k];schedule_[k] 150\n", NULL }, NULL);
  g_autoptr(GlowDiff) quiet = diff_of ((const char *const[]) { "main;work 1000\nmain;work;asm_sysvec_reschedule_ipi_[k] 5\n", NULL,
                                                               "main;work 1000\nmain;work;asm_sysvec_reschedule_ipi_[k] 6\n", NULL }, NULL);

  g_assert_true (has_caveat (busy, "interrupts"));
  g_assert_false (has_caveat (quiet, "interrupts"));
}

/* Weights that are all multiples of a period are not so many samples. */
static void
test_periods (void)
{
  g_autoptr(GString) before = g_string_new (NULL), after = g_string_new (NULL);
  g_autoptr(GlowDiff) diff = NULL;

  for (guint i = 0; i < 40; i++)
    {
      g_string_append_printf (before, "main;f%u %u\n", i, 250000 * (10 + i % 7));
      g_string_append_printf (after, "main;f%u %u\n", i, 250000 * (10 + (i + 1) % 7));
    }
  diff = diff_of ((const char *const[]) { before->str, NULL, after->str, NULL }, NULL);
  assert_close (glow_diff_get_side (diff, GLOW_BEFORE)->effective_n, glow_diff_get_side (diff, GLOW_BEFORE)->samples / 250000, 1e-9);
  g_assert_cmpuint (glow_diff_count (diff, GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL, GLOW_DIFF_GREW, FALSE), ==, 0);
  g_assert_true (has_caveat (diff, "periods"));
}

static void
test_base (void)
{
  GlowDiffOptions options = { .base = GLOW_DIFF_TIME };
  g_autoptr(GlowDiff) diff = diff_of ((const char *const[]) { BEFORE, NULL, AFTER, NULL }, &options);
  const GlowDiffRow *work = find_row (diff, GLOW_DIFF_FUNCTIONS, "work");

  assert_close (work->change[GLOW_DIFF_TOTAL].value[0], 400, 1e-12);
  assert_close (work->change[GLOW_DIFF_TOTAL].value[1], 410, 1e-12);
  assert_close (work->change[GLOW_DIFF_TOTAL].p, glow_test_rates (410, 1, 400, 1).p, 1e-9);
  assert_close (work->change[GLOW_DIFF_TOTAL].low, glow_interval_rate_difference (410, 1, 400, 1, 0.95).low, 1e-9);
}

/* ---- runs ---- */

/* R: t.test (a, b); with one run t.test (b, mu = x) with its standard error × √(n + 1), as Sokal and Rohlf's 9.5. */
static void
test_runs_test (void)
{
  static const double a[] = { 30.02, 29.99, 30.11, 29.97, 30.01, 29.99 }, b[] = { 29.89, 29.93, 29.72, 29.98, 30.02, 29.98 }, one = 30.5;
  GlowWelch welch = glow_test_runs (a, 6, b, 6, 0, 0, 0.95), single = glow_test_runs (&one, 1, b, 6, 0, 0, 0.95), wide;
  double mean = 0, squares = 0;

  assert_close (welch.test.statistic, 1.95900600, 1e-6);
  assert_close (welch.test.degrees, 7.03055987, 1e-6);
  assert_close (welch.test.p, 0.09077332, 1e-6);
  for (guint i = 0; i < 6; i++)
    mean += b[i] / 6;
  for (guint i = 0; i < 6; i++)
    squares += (b[i] - mean) * (b[i] - mean) / 5;
  assert_close (single.difference, one - mean, 1e-12);
  assert_close (single.test.statistic, (one - mean) / sqrt (squares * 7 / 6), 1e-9);
  g_assert_cmpfloat (single.test.degrees, ==, 5);
  /* Never seen before in runs that all agree: only sampling tells how sure that is. */
  {
    static const double none[] = { 0, 0, 0, 0 }, some = 0.01;

    g_assert_true (isnan (glow_test_runs (&some, 1, none, 4, 0, 0, 0.95).test.p));
    wide = glow_test_runs (&some, 1, none, 4, 0.01 * 0.01, 0.01 * 0.01, 0.95);
    g_assert_cmpfloat (wide.test.p, >, 0.3);
  }
  g_assert_true (isnan (glow_test_runs (&one, 1, &one, 1, 0, 0, 0.95).test.p));
  /* power.t.test (sd = 1, delta = 1, power = 0.8): 16.71; (sd = 1, delta = 2): 5.09, which Student's quantiles make 6. */
  g_assert_cmpfloat (glow_runs_needed (1, 1, 0.05, 0.8), ==, 17);
  g_assert_cmpfloat (glow_runs_needed (1, 2, 0.05, 0.8), ==, 6);
  g_assert_true (isinf (glow_runs_needed (1, 0, 0.05, 0.8)));
}

static void
test_runs_diff (void)
{
  g_autoptr(GlowDiff) diff = diff_of ((const char *const[]) { "m;f 100\nm;g 900\n", "m;f 140\nm;g 860\n", "m;f 60\nm;g 940\n", "m;f 120\nm;g 880\n", NULL,
                                                              "m;f 150\nm;g 850\n", "m;f 110\nm;g 890\n", "m;f 170\nm;g 830\n", "m;f 90\nm;g 910\n", NULL }, NULL);
  GlowDiffOptions pool = { .pool_runs = TRUE };
  g_autoptr(GlowDiff) pooled = diff_of ((const char *const[]) { "m;f 100\nm;g 900\n", "m;f 140\nm;g 860\n", "m;f 60\nm;g 940\n", "m;f 120\nm;g 880\n", NULL,
                                                                "m;f 150\nm;g 850\n", "m;f 110\nm;g 890\n", "m;f 170\nm;g 830\n", "m;f 90\nm;g 910\n", NULL }, &pool);
  static const double before[] = { 0.1, 0.14, 0.06, 0.12 }, after[] = { 0.15, 0.11, 0.17, 0.09 };
  const GlowDiffChange *change = &find_row (diff, GLOW_DIFF_FUNCTIONS, "f")->change[GLOW_DIFF_TOTAL];
  GlowWelch welch = glow_test_welch (after, 4, before, 4, 0.95);
  gboolean exact;

  g_assert_true (glow_diff_by_runs (diff) && !glow_diff_by_runs (pooled));
  assert_close (change->change, welch.difference, 1e-12);
  assert_close (change->p, welch.test.p, 1e-9);
  assert_close (change->low, welch.low, 1e-9);
  g_assert_cmpint (change->evidence, ==, GLOW_DIFF_NO_EVIDENCE);
  /* The samples of the same runs would call it a change: runs vary by more than samples tell. */
  g_assert_cmpint (find_row (pooled, GLOW_DIFF_FUNCTIONS, "f")->change[GLOW_DIFF_TOTAL].evidence, ==, GLOW_DIFF_GREW);
  {
    guint32 node = glow_call_tree_find_stack (glow_diff_get_tree (diff, GLOW_DIFF_WIDTH_LARGER), "m;f", &exact);

    g_assert_true (exact);
    assert_close (glow_diff_get_node_change (diff, node).p, welch.test.p, 1e-9);
  }
}

/* Four runs against four that do not overlap: the least that a permutation of them can be, 2 of 70. */
static void
test_permutation (void)
{
  GlowDiffOptions options = { .permutation = TRUE, .no_paths = TRUE };
  g_autoptr(GlowDiff) diff = diff_of ((const char *const[]) { "m;f 100\nm;g 900\n", "m;f 140\nm;g 860\n", "m;f 60\nm;g 940\n", "m;f 120\nm;g 880\n", NULL,
                                                              "m;f 150\nm;g 850\n", "m;f 210\nm;g 790\n", "m;f 170\nm;g 830\n", "m;f 190\nm;g 810\n", NULL }, &options);

  assert_close (find_row (diff, GLOW_DIFF_FUNCTIONS, "f")->change[GLOW_DIFF_TOTAL].p, 2 / 70., 1e-12);
}

/* A path is only asked about where its caller has changed, and is never surer than that. */
static void
test_top_down (void)
{
  GlowDiffOptions options = { .top_down = TRUE, .level = 0.2 };
  g_autoptr(GlowDiff) diff = diff_of ((const char *const[]) { "a;x 100\na;y 100\nb;z 200\nc 600\n", NULL, "a;x 170\na;y 30\nb;z 330\nc 470\n", NULL }, &options);
  GlowCallTree *tree = glow_diff_get_tree (diff, GLOW_DIFF_WIDTH_LARGER);
  const GlowDiffNodes *nodes = glow_diff_get_nodes (diff);
  gboolean exact;
  guint32 hidden = glow_call_tree_find_stack (tree, "a;x", &exact), seen = glow_call_tree_find_stack (tree, "b;z", &exact);

  /* x and y have changed, but what calls them has not: it is the price of asking fewer questions. */
  g_assert_true (isnan (nodes->q[hidden]));
  g_assert_cmpint (nodes->evidence[seen], ==, GLOW_DIFF_GREW);
  g_assert_cmpfloat (nodes->q[seen], >=, nodes->q[nodes->parent[seen]]);
}

static void
test_cancelled (void)
{
  g_autoptr(GPtrArray) side = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_diff_run_free);
  g_autoptr(GlowProfile) profile = load_text (BEFORE);
  g_autoptr(GlowQuery) query = glow_query_new (), none = glow_query_with (query, GLOW_QUERY_FOCUS, "nothing", NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL, empty = NULL;

  g_ptr_array_add (side, glow_diff_run_new (profile, query, "it"));
  g_cancellable_cancel (cancellable);
  g_assert_null (glow_diff_compute (side, side, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_ptr_array_set_size (side, 0);
  g_ptr_array_add (side, glow_diff_run_new (profile, none, "it"));
  g_assert_null (glow_diff_compute (side, side, NULL, NULL, &empty));
  g_assert_error (empty, GLOW_ERROR, GLOW_ERROR_EMPTY);
}

/* ---- gates ---- */

static void
test_gate_grammar (void)
{
  static const struct { const char *text; guint n; GlowDiffKind kind; GlowDiffMeasure measure; const char *glob; double threshold; const char *unit; char level_kind; double level; gboolean shrinks; } good[] = {
    { "total:ParseJson>+1pp", 1, GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL, "ParseJson", 1, "pp", 'q', 0.05, FALSE },
    { "total:ParseJson>+1pp, self:*>+2pp@q0.01, module:libssl*>10%", 3, GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL, "ParseJson", 1, "pp", 'q', 0.05, FALSE },
    { "self:*>+2pp@q0.01", 1, GLOW_DIFF_FUNCTIONS, GLOW_DIFF_SELF, "*", 2, "pp", 'q', 0.01, FALSE },
    { "module:libssl*>10%", 1, GLOW_DIFF_MODULES, GLOW_DIFF_TOTAL, "libssl*", 10, "%", 'q', 0.05, FALSE },
    { "share:>1pp", 1, GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL, "*", 1, "pp", 'q', 0.05, FALSE },
    { "thread:worker?>1.5x@sure", 1, GLOW_DIFF_THREADS, GLOW_DIFF_TOTAL, "worker?", 1.5, "x", 's', 0.05, FALSE },
    { "container:web*>.5pp@p0.001", 1, GLOW_DIFF_CONTAINERS, GLOW_DIFF_TOTAL, "web*", 0.5, "pp", 'p', 0.001, FALSE },
    { "total:cache_hit<-3pp", 1, GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL, "cache_hit", 3, "pp", 'q', 0.05, TRUE },
    { "total:vector<int, 8>::operator>>*>2ms", 1, GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL, "vector<int, 8>::operator>>*", 2, "ms", 'q', 0.05, FALSE },
    { "total:std::map<a, b>::find>1pp,self:x>1pp", 2, GLOW_DIFF_FUNCTIONS, GLOW_DIFF_TOTAL, "std::map<a, b>::find", 1, "pp", 'q', 0.05, FALSE },
  };
  static const char *const bad[] = { "", "total", "total:", "total:x", "total:x>", "total:x>1", "total:x>1kg", "total:x>-1pp", "total:x<1pp", "total:x>1pp@", "total:x>1pp@q", "total:x>1pp@q2",
                                     "total:x>1pp@r0.1", "sum:x>1pp", "total:x>0.5x", "total:x>1pp,", "total:x>1pp, self:y" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GPtrArray) gates = glow_diff_gates_parse (good[i].text, &error);
      const GlowDiffGate *gate;

      g_assert_no_error (error);
      g_assert_cmpuint (gates->len, ==, good[i].n);
      gate = g_ptr_array_index (gates, 0);
      g_assert_cmpint (gate->kind, ==, good[i].kind);
      g_assert_cmpint (gate->measure, ==, good[i].measure);
      g_assert_cmpstr (gate->glob, ==, good[i].glob);
      g_assert_cmpfloat (gate->threshold, ==, good[i].threshold);
      g_assert_cmpstr (gate->unit, ==, good[i].unit);
      g_assert_cmpint (gate->level_kind, ==, good[i].level_kind);
      g_assert_cmpfloat (gate->level, ==, good[i].level);
      g_assert_cmpint (gate->shrinks, ==, good[i].shrinks);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (glow_diff_gates_parse (bad[i], &error));
      g_assert_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION);
    }
}

static void
test_gates (void)
{
  static const struct { const char *gate; gboolean held; guint named, failures, unsure; } cases[] = {
    { "total:lex>+1pp", FALSE, 1, 1, 0 },                 /* 5.0 % → 10.8 %, by the name that both builds have */
    { "total:lex>+1pp@sure", FALSE, 1, 1, 0 },
    { "total:lex>+5pp@sure", TRUE, 1, 0, 1 },             /* beyond, but the interval is not */
    { "total:lex>+6pp", TRUE, 1, 0, 0 },
    { "total:lex>+100%", FALSE, 1, 1, 0 },
    { "total:lex>2x", FALSE, 1, 1, 0 },
    { "total:lex>3x", TRUE, 1, 0, 0 },
    { "self:*>+1pp", FALSE, 6, 2, 0 },                    /* lex and lazy_sweep */
    { "total:sweep>+1pp", TRUE, 1, 0, 0 },                /* it shrank */
    { "total:sweep<-1pp", FALSE, 1, 1, 0 },
    { "total:idle>+0.1%", TRUE, 1, 0, 0 },
    { "total:nothing>+1pp", TRUE, 0, 0, 0 },
    { "module:*>1pp", TRUE, 0, 0, 0 },
  };
  g_autoptr(GlowDiff) diff = diff_of ((const char *const[]) { BEFORE, NULL, AFTER, NULL }, NULL);
  g_autoptr(GPtrArray) timed = glow_diff_gates_parse ("total:lex>2ms", NULL);
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GPtrArray) gates = glow_diff_gates_parse (cases[i].gate, NULL), verdicts = glow_diff_check_gates (diff, gates, NULL);
      const GlowDiffVerdict *verdict = g_ptr_array_index (verdicts, 0);

      g_test_message ("%s: %u named, %u fail, %u unsure", cases[i].gate, verdict->n_named, verdict->failures->len, verdict->n_unsure);
      g_assert_cmpint (verdict->held, ==, cases[i].held);
      g_assert_cmpuint (verdict->failures->len, ==, cases[i].failures);
      g_assert_cmpuint (verdict->n_unsure, ==, cases[i].unsure);
      if (cases[i].named != 6)
        g_assert_cmpuint (verdict->n_named, ==, cases[i].named);
    }
  g_assert_null (glow_diff_check_gates (diff, timed, &error));
  g_assert_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION);
}

/* ---- colours and files ---- */

/* sRGB to CIE 1976 lightness. */
static double
lightness (const GlowColor *color)
{
  const float channels[3] = { color->red, color->green, color->blue };
  static const double weights[3] = { 0.2126, 0.7152, 0.0722 };
  double sum = 0;

  for (guint i = 0; i < 3; i++)
    sum += weights[i] * (channels[i] <= 0.04045 ? channels[i] / 12.92 : pow ((channels[i] + 0.055) / 1.055, 2.4));
  return sum > 0.008856 ? 116 * cbrt (sum) - 16 : 903.3 * sum;
}

static void
test_colors (void)
{
  static const GlowColor ink = { 0.09f, 0.09f, 0.11f };

  for (GlowTheme theme = 0; theme < GLOW_N_THEMES; theme++)
    for (gint step = -GLOW_DIFF_STEPS; step <= GLOW_DIFF_STEPS; step++)
      {
        GlowColor color = glow_diff_get_color (theme, step), stronger = glow_diff_get_color (theme, step > 0 ? step + 1 : step - 1);

        g_assert_cmpfloat (glow_color_contrast (&color, &ink), >=, 4.5);
        /* Steps differ without hue too. */
        if (step != 0 && ABS (step) < GLOW_DIFF_STEPS)
          g_assert_cmpfloat (lightness (&color) - lightness (&stronger), >, 3);
        /* What grew and what shrank are on opposite sides of blue against yellow, the axis that all but tritanopes have, and of red against green. */
        if (step > 0)
          g_assert_true (color.red > color.blue);
        else if (step < 0)
          g_assert_true (color.blue > color.red);
      }
}

static char *
write_diff (GlowDiff *diff, GlowDiffFormat format, const GlowDiffExportOptions *options)
{
  g_autoptr(GOutputStream) output = g_memory_output_stream_new_resizable ();
  g_autoptr(GError) error = NULL;

  g_assert_true (glow_diff_write (diff, format, options, output, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_output_stream_write_all (output, "", 1, NULL, NULL, NULL));
  g_output_stream_close (output, NULL, NULL);
  return g_memory_output_stream_steal_data (G_MEMORY_OUTPUT_STREAM (output));
}

static void
test_files (void)
{
  g_autoptr(GlowDiff) diff = diff_of ((const char *const[]) { BEFORE, NULL, AFTER, NULL }, NULL);
  GlowDiffExportOptions options = { .widths = GLOW_DIFF_WIDTH_LARGER }, half = options;
  g_autofree char *folded = write_diff (diff, GLOW_DIFF_FOLDED, &options), *csv = write_diff (diff, GLOW_DIFF_CSV, &options), *html = NULL, *scaled = NULL;
  GlowDiffFormat format;

  g_assert_cmpstr (folded, ==, "main;gc;lazy_sweep 0 60\nmain;gc;sweep 50 0\nmain;idle 500 600\nmain;parse;lex.constprop.1 40 130\nmain;parse;lex.constprop.1;lex.constprop.1 10 0\n"
                               "main;work 400 410\n");
  half.normalize = TRUE;
  scaled = write_diff (diff, GLOW_DIFF_FOLDED, &half);
  g_assert_nonnull (strstr (scaled, "main;gc;sweep 60 0\n"));
  g_assert_nonnull (strstr (csv, "\"lazy_sweep\",\"\",0,60,0,0.05,0.05,"));
  for (GlowDiffFormat f = 0; f < GLOW_N_DIFF_FORMATS; f++)
    {
      g_autofree char *data = write_diff (diff, f, &options);

      g_assert_true (*data != '\0');
      half.merged = TRUE;
      if (f <= GLOW_DIFF_HTML)
        {
          g_autofree char *merged = write_diff (diff, f, &half);

          g_assert_true (*merged != '\0');
        }
    }
  html = write_diff (diff, GLOW_DIFF_HTML, &options);
  g_assert_nonnull (strstr (html, "</html>"));
  g_assert_null (strstr (html, "http://www.w3.org/1999"));
  g_assert_true (glow_diff_format_from_path ("a.SVG", &format) && format == GLOW_DIFF_SVG);
  g_assert_true (glow_diff_format_from_path ("a.folded", &format) && format == GLOW_DIFF_FOLDED);
  g_assert_false (glow_diff_format_from_path ("svg", &format));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diff/names", test_names);
  g_test_add_func ("/diff/rows", test_rows);
  g_test_add_func ("/diff/renames", test_renames);
  g_test_add_func ("/diff/union", test_union);
  g_test_add_func ("/diff/about", test_about);
  g_test_add_func ("/diff/about-spellings", test_about_spellings);
  g_test_add_func ("/diff/ways", test_ways);
  g_test_add_func ("/diff/interrupts", test_interrupts);
  g_test_add_func ("/diff/pruned", test_pruned);
  g_test_add_func ("/diff/periods", test_periods);
  g_test_add_func ("/diff/base", test_base);
  g_test_add_func ("/diff/runs-test", test_runs_test);
  g_test_add_func ("/diff/runs", test_runs_diff);
  g_test_add_func ("/diff/permutation", test_permutation);
  g_test_add_func ("/diff/top-down", test_top_down);
  g_test_add_func ("/diff/cancelled", test_cancelled);
  g_test_add_func ("/diff/gate-grammar", test_gate_grammar);
  g_test_add_func ("/diff/gates", test_gates);
  g_test_add_func ("/diff/colors", test_colors);
  g_test_add_func ("/diff/files", test_files);
  return g_test_run ();
}
