/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The timeline of one span. Its pieces are told apart by pattern as well as by colour. */
#include <config.h>

#include "ui/look.h"
#include "ui/span-timeline.h"

#include <afterglow/text.h>
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define MARGIN 10
#define ROW 9                  /* of what lies in the span */
#define MOST_ROWS 4
#define BAND 16
#define TICKS 8

struct _GlowSpanTimeline {
  GtkWidget parent_instance;

  GlowProfile *profile;        /* (nullable) */
  const GlowSpanStory *story;  /* (nullable) */
  guint chosen;
};

G_DEFINE_FINAL_TYPE (GlowSpanTimeline, glow_span_timeline, GTK_TYPE_WIDGET)

static guint
n_rows (const GlowSpanStory *story)
{
  guint deepest = 0;

  for (guint i = 1; story != NULL && i < story->nodes->len; i++)
    deepest = MAX (deepest, g_array_index (story->nodes, GlowSpanNode, i).depth);
  return MIN (deepest, MOST_ROWS);
}

static void
glow_span_timeline_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? (int) n_rows (GLOW_SPAN_TIMELINE (widget)->story) * ROW + BAND + TICKS + 4 : 100;
}

static double
x_of (const GlowSpanNode *own, double width, guint64 time)
{
  return MARGIN + (width - 2 * MARGIN) * (double) (CLAMP (time, own->start, own->end) - own->start) / MAX ((double) (own->end - own->start), 1);
}

static void
stripes (cairo_t *cr, double x0, double x1, double y, double height, double lean)
{
  cairo_save (cr);
  cairo_rectangle (cr, x0, y, x1 - x0, height);
  cairo_clip (cr);
  for (double x = floor ((x0 - height) / 5) * 5; x < x1 + height; x += 5)
    {
      cairo_move_to (cr, x, y + height);
      cairo_line_to (cr, x + lean * height, y);
    }
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  cairo_restore (cr);
}

static void
draw_pieces (const GlowSpanStory *story, cairo_t *cr, const GlowSpanNode *own, double width, double y)
{
  static const struct { double red, green, blue, lean; } looks[] = { { 0.93, 0.60, 0.25, 0 }, { 0.35, 0.50, 0.85, 1 }, { 0.80, 0.25, 0.25, -1 }, { 0.55, 0.55, 0.55, 1 } };

  for (guint i = 0; i < story->pieces->len; i++)
    {
      const GlowSpanPiece *piece = &g_array_index (story->pieces, GlowSpanPiece, i);
      double x0 = x_of (own, width, piece->from), x1 = MAX (x_of (own, width, piece->to), x0 + 0.5);

      cairo_set_source_rgba (cr, looks[piece->state].red, looks[piece->state].green, looks[piece->state].blue, piece->state == GLOW_PIECE_RUNNING ? 1 : 0.45);
      cairo_rectangle (cr, x0, y, x1 - x0, BAND);
      cairo_fill (cr);
      if (piece->state == GLOW_PIECE_RUNNING || x1 - x0 < 4)
        continue;
      cairo_set_source_rgb (cr, looks[piece->state].red, looks[piece->state].green, looks[piece->state].blue);
      stripes (cr, x0, x1, y, BAND, looks[piece->state].lean);
    }
}

static void
glow_span_timeline_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GlowSpanTimeline *self = GLOW_SPAN_TIMELINE (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget), y = 2 + n_rows (self->story) * (double) ROW, last = -10;
  gboolean dark = glow_look_get_theme () == GLOW_THEME_DARK || glow_look_get_theme () == GLOW_THEME_DARK_CONTRAST;
  const GlowSpanNode *own;
  const guint64 *times;
  cairo_t *cr;

  if (self->story == NULL)
    return;
  own = &g_array_index (self->story->nodes, GlowSpanNode, 0);
  times = glow_profile_get_samples (self->profile)->time;
  cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height));
  for (guint i = 1; i < self->story->nodes->len; i++)
    {
      const GlowSpanNode *node = &g_array_index (self->story->nodes, GlowSpanNode, i);
      double x0 = x_of (own, width, node->start), x1 = MAX (x_of (own, width, node->end), x0 + 1);

      if (node->depth > MOST_ROWS)
        continue;
      cairo_set_source_rgba (cr, dark ? 1 : 0, dark ? 1 : 0, dark ? 1 : 0, i == self->chosen ? 0.9 : 0.30);
      cairo_rectangle (cr, x0, 2 + (MIN (node->depth, MOST_ROWS) - 1) * (double) ROW, x1 - x0, ROW - 2);
      cairo_fill (cr);
    }
  draw_pieces (self->story, cr, own, width, y);
  if (self->chosen > 0 && self->chosen < self->story->nodes->len)
    {
      const GlowSpanNode *node = &g_array_index (self->story->nodes, GlowSpanNode, self->chosen);
      double x0 = x_of (own, width, node->start), x1 = x_of (own, width, node->end);

      cairo_set_source_rgb (cr, 0.21, 0.52, 0.89);
      cairo_set_line_width (cr, 2);
      cairo_rectangle (cr, x0, y, MAX (x1 - x0, 2), BAND);
      cairo_stroke (cr);
    }
  cairo_set_source_rgba (cr, dark ? 1 : 0, dark ? 1 : 0, dark ? 1 : 0, 0.7);
  for (guint i = 0; i < self->story->samples->len; i++)
    {
      double x = x_of (own, width, times[g_array_index (self->story->samples, guint32, i)]);

      if (x - last < 1)
        continue;
      last = x;
      cairo_rectangle (cr, x - 0.5, y + BAND + 2, 1, TICKS - 3);
    }
  cairo_fill (cr);
  cairo_destroy (cr);
}

char *
glow_span_timeline_dup_words (const GlowSpanStory *story)
{
  static const char *const states[] = { N_("running %s"), N_("blocked %s"), N_("waiting for a CPU %s"), N_("off the CPU %s") };
  g_autofree char *samples = glow_text_count (story->samples->len), *count = NULL;
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      const char *format = _(states[i]), *place = strstr (format, "%s");
      g_autofree char *time = glow_text_duration ((double) story->time[i]);

      if (!story->has_pieces || story->time[i] == 0)
        continue;
      g_string_append_printf (text, "%s%.*s%s%s", text->len > 0 ? " · " : "", (int) (place - format), format, time, place + 2);
    }
  if (!story->has_pieces)
    g_string_append (text, _("no sched_switch was recorded: whether it ran is not known"));
  count = g_strdup_printf (ngettext (" · %s sample", " · %s samples", story->samples->len), samples);
  g_string_append (text, count);
  return g_string_free (text, FALSE);
}

void
glow_span_timeline_set (GlowSpanTimeline *self, GlowProfile *profile, const GlowSpanStory *story, guint chosen)
{
  g_set_object (&self->profile, profile);
  self->story = story;
  self->chosen = chosen;
  if (story != NULL)
    {
      g_autofree char *words = glow_span_timeline_dup_words (story), *label = g_strdup_printf (_("Timeline of the span: %s"), words);

      gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
    }
  gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
glow_span_timeline_dispose (GObject *object)
{
  g_clear_object (&GLOW_SPAN_TIMELINE (object)->profile);
  G_OBJECT_CLASS (glow_span_timeline_parent_class)->dispose (object);
}

static void
glow_span_timeline_class_init (GlowSpanTimelineClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = glow_span_timeline_dispose;
  widget_class->snapshot = glow_span_timeline_snapshot;
  widget_class->measure = glow_span_timeline_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
glow_span_timeline_init (GlowSpanTimeline *self)
{
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  glow_look_watch (GTK_WIDGET (self), G_CALLBACK (gtk_widget_queue_draw));
}

GtkWidget *
glow_span_timeline_new (void)
{
  return g_object_new (GLOW_TYPE_SPAN_TIMELINE, NULL);
}
