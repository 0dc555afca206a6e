/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench-diff-window BEFORE AFTER [SECONDS]: the page of before and after, driven for SECONDS (20): zoom, pan, hover and choice in turn, both panes in step.
 * Prints how long it took until both were painted, and for each kind of input the time from it to the end of the painting of its frame, by the
 * frame clock. Made for two folded files of a million stacks each. */
#include "ui/application.h"
#include "ui/window.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef enum { ZOOM, PAN, HOVER, CHOICE, N_KINDS } Kind;

typedef struct {
  GlowWindow *window;
  const char *before, *after;
  gint64 asked, deadline, input, last_beat, worst_gap;
  gboolean is_asked;
  double seconds;
  guint step;
  Kind kind;
  GArray *times[N_KINDS];      /* of double, ms */
} Bench;

static int
compare (gconstpointer a, gconstpointer b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return first < second ? -1 : first > second;
}

static double
quantile (GArray *times, double q)
{
  g_array_sort (times, compare);
  return times->len > 0 ? g_array_index (times, double, MIN ((guint) (q * times->len), times->len - 1)) : NAN;
}

static void
report (Bench *self)
{
  static const char *const names[N_KINDS] = { "zoom", "pan", "hover", "choice" };

  for (guint k = 0; k < N_KINDS; k++)
    printf ("%-7s %5u inputs  median %5.1f ms  p99 %5.1f ms  worst %5.1f ms\n", names[k], self->times[k]->len, quantile (self->times[k], 0.5), quantile (self->times[k], 0.99),
            quantile (self->times[k], 1));
}

/* One input a frame. */
static gboolean
act (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Bench *self = data;
  GlowComparison *comparison = glow_diff_view_get_comparison (glow_window_get_diff (self->window));
  GlowDiff *diff = glow_comparison_get_diff (comparison);
  const GlowDiffNodes *nodes = glow_diff_get_nodes (diff);

  if (g_get_monotonic_time () > self->deadline)
    {
      report (self);
      fflush (stdout);
      exit (0);
    }
  self->input = g_get_monotonic_time ();
  self->kind = self->step / 40 % N_KINDS;
  switch (self->kind)
    {
    case ZOOM: glow_comparison_zoom_about (comparison, 0.3, self->step / 20 % 2 == 0 ? 1.25 : 0.8); break;
    case PAN: glow_comparison_pan (comparison, self->step / 20 % 2 == 0 ? 0.03 : -0.03); break;
    case HOVER: glow_comparison_set_hover (comparison, nodes->key[1 + self->step * 7919u % MIN (nodes->n_nodes - 1, 2000)]); break;
    case CHOICE: glow_comparison_set_selected (comparison, 1 + self->step * 7919u % MIN (nodes->n_nodes - 1, 200)); break;
    case N_KINDS: break;
    }
  gtk_widget_queue_draw (widget);
  self->step++;
  return G_SOURCE_CONTINUE;
}

/* How long the main loop did not come round while files were read and compared. */
static gboolean
beat (gpointer data)
{
  Bench *self = data;
  gint64 now = g_get_monotonic_time ();

  if (self->last_beat != 0)
    self->worst_gap = MAX (self->worst_gap, now - self->last_beat);
  self->last_beat = now;
  return self->deadline == 0;
}

static void
on_after_paint (GdkFrameClock *clock, gpointer data)
{
  Bench *self = data;
  GlowDocument *document = glow_window_get_document (self->window);
  GlowDiffView *view = glow_window_get_diff (self->window);
  double ms = (g_get_monotonic_time () - self->input) / 1e3;

  if (!self->is_asked && glow_document_get_tree (document) != NULL && !glow_document_is_naming (document))
    {
      self->is_asked = TRUE;
      self->asked = g_get_monotonic_time ();
      g_timeout_add (2, beat, self);
      glow_window_compare (self->window, (const char *[]) { self->before, NULL });
    }
  else if (self->is_asked && self->deadline == 0 && glow_window_shows_diff (self->window))
    {
      printf ("%u paths of both; panes painted %.0f ms after the file was chosen (it was read and compared); the main loop stood still for %.1f ms at most\n",
              glow_diff_get_nodes (glow_comparison_get_diff (glow_diff_view_get_comparison (view)))->n_nodes, (g_get_monotonic_time () - self->asked) / 1e3, self->worst_gap / 1e3);
      self->deadline = g_get_monotonic_time () + (gint64) (self->seconds * G_USEC_PER_SEC);
      gtk_widget_add_tick_callback (GTK_WIDGET (view), act, self, NULL);
    }
  else if (self->input != 0)
    g_array_append_val (self->times[self->kind], ms);
  self->input = 0;
}

static void
on_activate (GApplication *application, gpointer data)
{
  Bench *self = data;

  self->window = glow_window_new (ADW_APPLICATION (application));
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1400, 900);
  gtk_window_present (GTK_WINDOW (self->window));
  g_signal_connect (gtk_widget_get_frame_clock (GTK_WIDGET (self->window)), "after-paint", G_CALLBACK (on_after_paint), self);
  glow_window_open (self->window, (const char *[]) { self->after, NULL });
}

int
main (int argc, char **argv)
{
  g_autoptr(AdwApplication) application = NULL;
  Bench bench = { .seconds = argc > 3 ? atof (argv[3]) : 20 };

  if (argc < 3)
    {
      fprintf (stderr, "usage: bench-diff-window BEFORE AFTER [SECONDS]\n");
      return 2;
    }
  bench.before = argv[1];
  bench.after = argv[2];
  for (guint k = 0; k < N_KINDS; k++)
    bench.times[k] = g_array_new (FALSE, FALSE, sizeof (double));
  application = glow_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_signal_handlers_disconnect_matched (application, G_SIGNAL_MATCH_ID, g_signal_lookup ("activate", G_TYPE_APPLICATION), 0, NULL, NULL, NULL);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), &bench);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
