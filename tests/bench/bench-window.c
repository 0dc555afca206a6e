/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench-window FILE [SECONDS]: the window on FILE, driven for SECONDS (60): zoom, pan, hover and search in turn. Prints how long it took until
 * the first graph was painted and until everything had its name, what memory is needed against the bytes of the profile's columns and
 * strings, and for each kind of input the time from it to the end of the painting of its frame, by the frame clock. */
#include "ui/application.h"
#include "ui/look.h"
#include "ui/window.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* The last two are of the lanes in the order of time, if the recording has times. */
typedef enum { ZOOM, PAN, HOVER, SEARCH, LANE_ZOOM, LANE_PAN, N_KINDS } Kind;

typedef struct {
  GlowWindow *window;
  const char *path;
  gint64 started, opened, first_graph, first_paint, deadline, input;
  glong rss_before;            /* KiB */
  double seconds;
  guint step;
  Kind kind;
  GArray *times[N_KINDS];      /* of double, ms */
  GRand *random;
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

/* KiB */
static glong
private_memory (void)
{
  g_autofree char *status = NULL;
  const char *line;

  g_file_get_contents ("/proc/self/status", &status, NULL, NULL);
  line = status != NULL ? strstr (status, "RssAnon:") : NULL;
  return line != NULL ? atol (line + strlen ("RssAnon:")) : 0;
}

static void
report (Bench *self)
{
  static const char *const names[N_KINDS] = { "zoom", "pan", "hover", "search", "lane zoom", "lane pan" };
  GlowCallTree *tree = glow_document_get_tree (glow_window_get_document (self->window));

  GlowProfile *profile = glow_document_get_profile (glow_window_get_document (self->window));
  double bytes = glow_profile_get_memory (profile);
  struct rusage usage;
  glong now = private_memory ();

  getrusage (RUSAGE_SELF, &usage);
  printf ("profile %.0f MB; private memory now %.0f MB, %.0f MB before the file was read: %.2f × the profile; at most, the mapped file included,"
          " %.0f MB\n", bytes / 1e6, now / 1e3, self->rss_before / 1e3, (now - self->rss_before) * 1024.0 / bytes, usage.ru_maxrss / 1e3);
  printf ("%u nodes%s; first graph painted %.0f ms after the file was opened, with every name after %.0f ms (window there after %.0f ms)\n",
          glow_call_tree_get_nodes (tree)->n_nodes, glow_call_tree_is_whole (tree) ? "" : " (cut)", (self->first_graph - self->opened) / 1e3,
          (self->first_paint - self->opened) / 1e3, (self->opened - self->started) / 1e3);
  for (guint k = 0; k < N_KINDS; k++)
    printf ("%-9s %5u inputs  median %5.1f ms  p99 %5.1f ms  worst %5.1f ms\n", names[k], self->times[k]->len, quantile (self->times[k], 0.5),
            quantile (self->times[k], 0.99), quantile (self->times[k], 1));
}

/* One input a frame. */
static gboolean
act (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Bench *self = data;
  GlowDocument *document = glow_window_get_document (self->window);
  GlowCallTree *tree = glow_document_get_tree (document);
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (tree);
  GlowTimeOrderArea *area = glow_time_order_view_get_area (glow_window_get_time_order (self->window));

  if (g_get_monotonic_time () > self->deadline)
    {
      report (self);
      fflush (stdout);
      exit (0);
    }
  self->input = g_get_monotonic_time ();
  /* The second half of the time is the lanes'. */
  if (self->input > self->deadline - (gint64) (self->seconds * G_USEC_PER_SEC / 2))
    {
      if (strcmp (glow_window_get_view (self->window), "time") != 0)
        glow_window_set_view (self->window, "time");
      if (glow_time_order_view_get_timeline (glow_window_get_time_order (self->window)) == NULL)
        {
          self->input = 0;
          return G_SOURCE_CONTINUE;
        }
    }
  self->kind = glow_window_get_view (self->window)[0] == 't' ? LANE_ZOOM + self->step / 40 % 2 : self->step / 40 % LANE_ZOOM;
  switch (self->kind)
    {
    case ZOOM: glow_flame_view_zoom_by (glow_window_get_flame (self->window), self->step / 20 % 2 == 0 ? 1.25 : 0.8); break;
    case PAN: glow_flame_view_pan (glow_window_get_flame (self->window), self->step / 20 % 2 == 0 ? 25 : -25); break;
    case HOVER: glow_document_set_hover (document, nodes->frame[g_rand_int_range (self->random, 1, MIN (nodes->n_nodes, 2000))]); break;
    case SEARCH: glow_document_set_search (document, self->step % 40 == 0 ? "e" : self->step % 40 == 20 ? "parse|read" : "a"); break;
    case LANE_ZOOM: glow_time_order_area_zoom_by (area, self->step / 20 % 2 == 0 ? 1.25 : 0.8); break;
    case LANE_PAN: glow_time_order_area_pan (area, self->step / 20 % 2 == 0 ? 25 : -25); break;
    case N_KINDS: break;
    }
  gtk_widget_queue_draw (widget);
  self->step++;
  return G_SOURCE_CONTINUE;
}

static void
on_after_paint (GdkFrameClock *clock, gpointer data)
{
  Bench *self = data;
  GlowDocument *document = glow_window_get_document (self->window);
  double ms = (g_get_monotonic_time () - self->input) / 1e3;

  if (self->first_paint == 0)
    {
      if (glow_document_get_tree (document) != NULL && self->first_graph == 0)
        self->first_graph = g_get_monotonic_time ();
      if (glow_document_get_tree (document) == NULL || glow_document_is_naming (document))
        return;
      self->first_paint = g_get_monotonic_time ();
      self->deadline = self->first_paint + (gint64) (self->seconds * G_USEC_PER_SEC);
      gtk_widget_add_tick_callback (GTK_WIDGET (self->window), act, self, NULL);
      return;
    }
  if (self->input != 0)
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
  self->rss_before = private_memory ();
  self->opened = g_get_monotonic_time ();
  glow_window_open (self->window, (const char *[]) { self->path, NULL });
}

int
main (int argc, char **argv)
{
  g_autoptr(AdwApplication) application = NULL;
  Bench bench = { .started = g_get_monotonic_time (), .path = argv[1], .seconds = argc > 2 ? atof (argv[2]) : 60 };

  if (argc < 2)
    {
      fprintf (stderr, "usage: bench-window FILE [SECONDS]\n");
      return 2;
    }
  bench.random = g_rand_new_with_seed (5);
  for (guint k = 0; k < N_KINDS; k++)
    bench.times[k] = g_array_new (FALSE, FALSE, sizeof (double));
  application = glow_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_signal_handlers_disconnect_matched (application, G_SIGNAL_MATCH_ID, g_signal_lookup ("activate", G_TYPE_APPLICATION), 0, NULL, NULL, NULL);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), &bench);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
