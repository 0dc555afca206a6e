/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench-diff BEFORE AFTER [PIXELS]: how long a diff of two profiles in memory takes: sums of functions, union, tests and layout as a window of so many
 * pixels (1600) asks for them. Made for two folded files of a million stacks each (make-stacks, or the generator of the benchmark kit, the
 * second with other weights). Each figure is the least of five. The trees of
 * both sides are made before, as a window has them; their time is told apart. */
#include <afterglow/afterglow.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TIMES 5

/* Of all threads: on a machine that others use too. */
static double
cpu_ms (void)
{
  return (double) clock () * 1e3 / CLOCKS_PER_SEC;
}

static double
ms_since (gint64 start)
{
  return (g_get_monotonic_time () - start) / 1e3;
}

/* ms of a repaint of both panes, their names being shaped already. */
static double
paint (GlowDiff *diff, const GlowLayout *layout, double width)
{
  g_autoptr(GlowFlamePainter) painter = glow_flame_painter_new (NULL);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) width, 900);
  cairo_t *cr = cairo_create (surface);
  double least = G_MAXDOUBLE;

  for (guint t = 0; t < TIMES; t++)
    {
      gint64 start = g_get_monotonic_time ();

      for (gint side = GLOW_BEFORE; side <= GLOW_AFTER; side++)
        {
          GlowDiffPane pane = { diff, side, GLOW_DIFF_WIDTH_LARGER };
          GlowPaintOptions options = { .row_height = 20, .height = 900, .hover_frame = GLOW_NONE, .selected_node = GLOW_NONE, .diff = &pane };

          glow_flame_painter_paint (painter, cr, layout, &options);
        }
      least = MIN (least, ms_since (start));
    }
  cairo_destroy (cr);
  cairo_surface_destroy (surface);
  return least;
}

static GlowProfile *
load (const char *path)
{
  g_autoptr(GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  GlowProfile *profile = glow_profile_load_path (path, NULL, NULL, &error);

  if (profile == NULL)
    {
      fprintf (stderr, "%s\n", error->message);
      exit (2);
    }
  printf ("%-28s %9.1f ms  %u stacks, %zu rows\n", path, ms_since (start), glow_profile_get_stacks (profile)->n, glow_profile_get_samples (profile)->n);
  return profile;
}

int
main (int argc, char **argv)
{
  double pixels = argc > 3 ? strtod (argv[3], NULL) : 1600, trees = G_MAXDOUBLE, all = G_MAXDOUBLE, cpu = G_MAXDOUBLE, tables = G_MAXDOUBLE, laid = G_MAXDOUBLE, painted = G_MAXDOUBLE;
  GlowProfile *profiles[2] = { NULL, NULL };
  g_autoptr(GlowQuery) query = glow_query_new ();
  GPtrArray *sides[2] = { NULL, NULL };
  GlowDiffOptions options = { .min_share = 0.99 / (pixels / 2) / 10 };

  if (argc < 3)
    {
      fprintf (stderr, "bench-diff BEFORE AFTER [PIXELS]\n");
      return 2;
    }
  for (guint s = 0; s < 2; s++)
    {
      profiles[s] = load (argv[1 + s]);
      sides[s] = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_diff_run_free);
      g_ptr_array_add (sides[s], glow_diff_run_new (profiles[s], query, argv[1 + s]));
    }
  for (guint i = 0; i < TIMES; i++)
    {
      gint64 start = g_get_monotonic_time ();
      g_autoptr(GlowCallTree) before = glow_call_tree_compute (profiles[0], query, NULL, NULL), after = glow_call_tree_compute (profiles[1], query, NULL, NULL);

      trees = MIN (trees, ms_since (start));
      if (i == 0)
        printf ("nodes of the trees: %u, %u\n", glow_call_tree_get_nodes (before)->n_nodes, glow_call_tree_get_nodes (after)->n_nodes);
    }
  for (guint i = 0; i < TIMES; i++)
    {
      g_autoptr(GError) error = NULL;
      gint64 start = g_get_monotonic_time ();
      GlowDiffOptions none = options;
      double used;
      GlowDiff *diff;
      GlowLayout *layout;
      GlowLayoutOptions window = { 0, 1, pixels / 2, 0.5, 0, 0 };

      none.no_paths = TRUE;
      diff = glow_diff_compute (sides[0], sides[1], &none, NULL, &error);
      g_assert_no_error (error);
      tables = MIN (tables, ms_since (start));
      glow_diff_unref (diff);
      start = g_get_monotonic_time ();
      used = cpu_ms ();
      diff = glow_diff_compute (sides[0], sides[1], &options, NULL, &error);
      g_assert_no_error (error);
      all = MIN (all, ms_since (start));
      cpu = MIN (cpu, cpu_ms () - used);
      start = g_get_monotonic_time ();
      layout = glow_layout_compute (glow_diff_get_tree (diff, GLOW_DIFF_WIDTH_LARGER), &window);
      laid = MIN (laid, ms_since (start));
      painted = MIN (painted, paint (diff, layout, pixels / 2));
      if (i == 0)
        printf ("nodes of the union: %u, functions: %u, rectangles: %u\n", glow_diff_get_nodes (diff)->n_nodes, glow_diff_get_rows (diff, GLOW_DIFF_FUNCTIONS)->len, layout->n_rects);
      glow_layout_free (layout);
      glow_diff_unref (diff);
    }
  printf ("%-44s %9.1f ms\n", "both trees, whole (one after the other)", trees);
  printf ("%-44s %9.1f ms\n", "diff, tables alone (trees included)", tables);
  printf ("%-44s %9.1f ms, %.1f ms of CPU\n", "diff: trees, sums, tests, union", all, cpu);
  printf ("%-44s %9.1f ms\n", "  of these the union and its tests", all - tables);
  printf ("%-44s %9.1f ms\n", "tree of widths and layout", laid);
  printf ("%-44s %9.1f ms\n", "both panes painted again", painted);
  for (guint s = 0; s < 2; s++)
    {
      g_ptr_array_unref (sides[s]);
      g_object_unref (profiles[s]);
    }
  return 0;
}
