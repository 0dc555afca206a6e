/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exemplars as diamonds; each opens a small popover with its labels and, where it is of a trace, that trace's id to copy. */
#include <config.h>

#include "ui/exemplars.h"

#include <afterglow/text.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define SIZE 3.0               /* pixels from the middle of a mark to its corners */
#define REACH 8.0
#define NONE G_MAXUINT

static void
exemplar_free (gpointer data)
{
  GlowMarkedExemplar *exemplar = data;

  g_free (exemplar->text);
  g_free (exemplar->trace);
  g_free (exemplar);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  guint64 left = (*(const GlowMarkedExemplar *const *) a)->time, right = (*(const GlowMarkedExemplar *const *) b)->time;

  return left < right ? -1 : left > right;
}

/* Services call it by one of these. */
static const char *
trace_of (const GArray *labels)
{
  static const char *const names[] = { "trace_id", "traceID", "traceId", "TraceID", "trace" };
  const char *trace = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (names) && trace == NULL; i++)
    trace = glow_labels_get (labels, names[i]);
  return trace;
}

static GlowMarkedExemplar *
new_marked (const GlowExemplar *exemplar, double ns_per_unit, gint64 offset)
{
  GlowMarkedExemplar *marked = g_new0 (GlowMarkedExemplar, 1);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autofree char *duration = NULL;

  marked->time = (guint64) (exemplar->time - offset);
  marked->duration = (guint64) MIN (exemplar->value * ns_per_unit, 9e18);
  duration = glow_text_duration ((double) marked->duration);
  g_string_append (text, duration);
  for (guint i = 0; i < exemplar->labels->len; i++)
    g_string_append_printf (text, "\n%s = %s", g_array_index (exemplar->labels, GlowLabel, i).name, g_array_index (exemplar->labels, GlowLabel, i).value);
  marked->text = g_string_free (g_steal_pointer (&text), FALSE);
  marked->trace = g_strdup (trace_of (exemplar->labels));
  return marked;
}

GPtrArray *
glow_exemplars_list (GPtrArray *series, gint64 wall_clock_offset)
{
  GPtrArray *exemplars = g_ptr_array_new_with_free_func (exemplar_free);

  for (guint i = 0; i < series->len; i++)
    {
      const GlowHistogramSeries *one = g_ptr_array_index (series, i);

      for (guint k = 0; k < one->exemplars->len; k++)
        {
          const GlowExemplar *exemplar = g_ptr_array_index (one->exemplars, k);

          if (exemplar->time != GLOW_TIME_UNKNOWN && exemplar->time > wall_clock_offset && exemplar->value >= 0 && isfinite (exemplar->value))
            g_ptr_array_add (exemplars, new_marked (exemplar, one->ns_per_unit, wall_clock_offset));
        }
    }
  g_ptr_array_sort (exemplars, compare);
  return exemplars;
}

static gboolean
place (const GlowMarkedExemplar *exemplar, const GlowLatencyMapView *view, double *x, double *y)
{
  *x = glow_latency_map_view_x (view, exemplar->time);
  *y = glow_latency_map_view_y (view, exemplar->duration);
  return *x >= 0 && *x <= view->width;
}

void
glow_exemplars_paint (GPtrArray *exemplars, const GlowLatencyMapView *view, cairo_t *cr, gboolean dark, guint chosen)
{
  double x, y;

  for (guint i = 0; i < exemplars->len; i++)
    {
      double size = i == chosen ? SIZE + 2 : SIZE;

      if (!place (g_ptr_array_index (exemplars, i), view, &x, &y))
        continue;
      cairo_move_to (cr, x, y - size);
      cairo_line_to (cr, x + size, y);
      cairo_line_to (cr, x, y + size);
      cairo_line_to (cr, x - size, y);
      cairo_close_path (cr);
      /* Dark on light cells and light on dark ones: an edge of the other. */
      cairo_set_source_rgb (cr, dark ? 0.55 : 0.10, dark ? 0.85 : 0.30, dark ? 1.0 : 0.62);
      cairo_fill_preserve (cr);
      cairo_set_source_rgb (cr, dark ? 0.08 : 1, dark ? 0.08 : 1, dark ? 0.08 : 1);
      cairo_set_line_width (cr, i == chosen ? 1.5 : 1);
      cairo_stroke (cr);
    }
}

guint
glow_exemplars_find (GPtrArray *exemplars, const GlowLatencyMapView *view, double x, double y)
{
  guint nearest = NONE;
  double least = REACH, at_x, at_y;

  for (guint i = 0; i < exemplars->len; i++)
    if (place (g_ptr_array_index (exemplars, i), view, &at_x, &at_y) && hypot (at_x - x, at_y - y) < least)
      {
        least = hypot (at_x - x, at_y - y);
        nearest = i;
      }
  return nearest;
}

guint
glow_exemplars_next (GPtrArray *exemplars, const GlowLatencyMapView *view, guint chosen)
{
  double x, y;

  for (guint i = chosen == NONE ? 0 : chosen + 1; i < exemplars->len; i++)
    if (place (g_ptr_array_index (exemplars, i), view, &x, &y))
      return i;
  return chosen == NONE ? NONE : glow_exemplars_next (exemplars, view, NONE);
}

static void
on_copy (GtkButton *button, const char *trace)
{
  GtkWidget *popover = gtk_widget_get_ancestor (GTK_WIDGET (button), GTK_TYPE_POPOVER);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (button)), trace);
  gtk_popover_popdown (GTK_POPOVER (popover));
}

static void
on_closed (GtkWidget *popover)
{
  g_object_ref (popover);
  gtk_widget_unparent (popover);
  g_object_unref (popover);
}

void
glow_exemplars_show (GtkWidget *widget, const GlowMarkedExemplar *exemplar, double x, double y)
{
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6), *label = gtk_label_new (exemplar->text), *copy = NULL;

  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 48);
  gtk_widget_add_css_class (label, "numeric");
  gtk_box_append (GTK_BOX (box), label);
  if (exemplar->trace != NULL)
    {
      copy = gtk_button_new_with_mnemonic (_("_Copy Trace ID"));
      g_signal_connect_data (copy, "clicked", G_CALLBACK (on_copy), g_strdup (exemplar->trace), (GClosureNotify) (void (*) (void)) g_free, 0);
      gtk_box_append (GTK_BOX (box), copy);
    }
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  gtk_widget_set_parent (popover, widget);
  gtk_popover_set_pointing_to (GTK_POPOVER (popover), &(GdkRectangle) { (int) x - 3, (int) y - 3, 6, 6 });
  g_signal_connect (popover, "closed", G_CALLBACK (on_closed), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));
  if (copy != NULL)
    gtk_widget_grab_focus (copy);
}
