/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Marks over a map of time: gaps, lost records, throttling, what was marked while it was recorded; the selection and the baseline. */
#include <config.h>

#include "ui/compat.h"
#include "ui/look.h"
#include "ui/strip-marks.h"

#include <afterglow/capture.h>
#include <afterglow/text.h>
#include <glib/gi18n.h>
#include <math.h>

#define HATCH 5                /* pixels between stripes */

static void
hatch (cairo_t *cr, double x0, double x1, double height)
{
  cairo_save (cr);
  cairo_rectangle (cr, x0, 0, x1 - x0, height);
  cairo_clip (cr);
  /* Stripes stand still while what they fill moves. */
  for (double x = floor ((x0 - height) / HATCH) * HATCH; x < x1; x += HATCH)
    {
      cairo_move_to (cr, x, height);
      cairo_line_to (cr, x + height, 0);
    }
  cairo_stroke (cr);
  cairo_restore (cr);
}

void
glow_strip_draw_band (cairo_t *cr, double width, double height, double x0, double x1, GlowBand band)
{
  static const double dashes[] = { 5, 3 };
  double from = CLAMP (x0, -4, width + 4), to = CLAMP (x1, -4, width + 4);

  cairo_save (cr);
  if (band == GLOW_BAND_SELECTED)
    {
      cairo_set_source_rgba (cr, 0.21, 0.52, 0.89, 0.14);
      cairo_rectangle (cr, from, 0, to - from, height);
      cairo_fill (cr);
      cairo_set_source_rgb (cr, 0.21, 0.52, 0.89);
    }
  else
    {
      cairo_set_source_rgba (cr, 0.57, 0.25, 0.67, 0.35);
      cairo_set_line_width (cr, 1);
      hatch (cr, from, to, height);
      cairo_set_source_rgb (cr, 0.57, 0.25, 0.67);
      cairo_set_dash (cr, dashes, 2, 0);
    }
  cairo_set_line_width (cr, 2);
  cairo_rectangle (cr, from, 1, MAX (to - from, 2), height - 2);
  cairo_stroke (cr);
  cairo_restore (cr);
}

void
glow_strip_draw_gaps (cairo_t *cr, const GlowHeatMap *map, const GArray *gaps, GlowTheme theme)
{
  gboolean dark = theme == GLOW_THEME_DARK || theme == GLOW_THEME_DARK_CONTRAST;

  cairo_save (cr);
  cairo_set_source_rgba (cr, dark ? 1 : 0, dark ? 1 : 0, dark ? 1 : 0, dark ? 0.22 : 0.18);
  cairo_set_line_width (cr, 1);
  for (guint g = 0; gaps != NULL && g + 1 < gaps->len; g += 2)
    {
      double x0 = MAX (glow_heat_map_x (map, g_array_index (gaps, guint64, g)), 0);
      double x1 = MIN (glow_heat_map_x (map, g_array_index (gaps, guint64, g + 1)), map->options.width);

      /* A stripe or two would not be seen for what they are. */
      if (x1 - x0 >= 4)
        hatch (cr, x0, x1, map->options.height);
    }
  cairo_restore (cr);
}

/* One event of each CPU is throttled by itself: it lasts while any is. */
static void
draw_throttling (cairo_t *cr, const GlowHeatMap *map, double from, double to)
{
  if (to < 0 || from > map->options.width)
    return;
  cairo_set_source_rgba (cr, 0.45, 0.25, 0.70, 0.9);
  cairo_rectangle (cr, from, map->options.height - 3, MAX (to - from, 2), 3);
  cairo_fill (cr);
}

/* Lost records are told behind the gap they left; throttling lasts until it is told to be over. */
void
glow_strip_draw_marks (cairo_t *cr, const GlowHeatMap *map, GlowProfile *profile)
{
  guint32 n;
  const GlowMark *marks = glow_profile_get_marks (profile, &n);
  double throttled = 0, lost = -HUGE_VAL;
  guint depth = 0;

  for (guint32 i = 0; i < n; i++)
    {
      double x = glow_heat_map_x (map, marks[i].time);

      if (marks[i].kind == GLOW_MARK_LOST)
        {
          /* Thousands may lie on one pixel. */
          if (x < 0 || x > map->options.width || fabs (x - lost) < 1)
            continue;
          lost = x;
          cairo_set_source_rgb (cr, 0.75, 0.10, 0.25);
          cairo_move_to (cr, x - 4, 0);
          cairo_line_to (cr, x + 4, 0);
          cairo_line_to (cr, x, 6);
          cairo_close_path (cr);
          cairo_fill (cr);
          cairo_rectangle (cr, x - 0.5, 0, 1, map->options.height);
          cairo_fill (cr);
        }
      else if (marks[i].kind == GLOW_MARK_THROTTLED && depth++ == 0)
        throttled = x;
      else if (marks[i].kind == GLOW_MARK_UNTHROTTLED && depth > 0 && --depth == 0)
        draw_throttling (cr, map, throttled, x);
    }
  /* It went on to the end, as far as was told. */
  if (depth > 0)
    draw_throttling (cr, map, throttled, glow_heat_map_x (map, glow_profile_get_info (profile)->last_time));
}

static void
append (GString *text, const char *words)
{
  g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", words);
}

char *
glow_strip_dup_events (GlowProfile *profile, const GArray *gaps, guint64 from, guint64 to)
{
  guint32 n;
  const GlowMark *marks = glow_profile_get_marks (profile, &n);
  g_autoptr(GString) text = g_string_new (NULL);
  guint64 lost = 0, throttled = 0, empty = 0;

  for (guint32 i = 0; i < n && marks[i].time < to; i++)
    if (marks[i].time >= from)
      {
        lost += marks[i].kind == GLOW_MARK_LOST ? marks[i].count : 0;
        throttled += marks[i].kind == GLOW_MARK_THROTTLED;
      }
  for (guint g = 0; gaps != NULL && g + 1 < gaps->len; g += 2)
    {
      guint64 low = MAX (g_array_index (gaps, guint64, g), from), high = MIN (g_array_index (gaps, guint64, g + 1), to);

      empty += high > low ? high - low : 0;
    }
  if (lost > 0)
    {
      g_autofree char *count = glow_text_count (lost), *words = g_strdup_printf (ngettext ("%s record lost before", "%s records lost before", lost), count);

      append (text, words);
    }
  if (throttled > 0)
    append (text, _("throttled"));
  /* A short one within a long time says nothing of it. */
  if (empty >= (to - from) / 2)
    {
      g_autofree char *length = glow_text_duration ((double) empty), *words = g_strdup_printf (_("nothing recorded for %s"), length);

      append (text, words);
    }
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

void
glow_strip_draw_text (GtkWidget *widget, GtkSnapshot *snapshot, const char *text, double x, double y, double align, double most, gboolean on_plate)
{
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  gboolean dark = glow_look_get_theme () == GLOW_THEME_DARK || glow_look_get_theme () == GLOW_THEME_DARK_CONTRAST;
  GdkRGBA color, plate = dark ? (GdkRGBA) { 0.1f, 0.1f, 0.1f, 0.72f } : (GdkRGBA) { 1, 1, 1, 0.78f };
  int width, height;

  pango_layout_set_width (layout, (int) (most * PANGO_SCALE));
  pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
  pango_layout_get_pixel_size (layout, &width, &height);
  glow_compat_get_color (widget, &color);
  color.alpha *= 0.7f;
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) (x - align * width), (float) y));
  if (on_plate)
    gtk_snapshot_append_color (snapshot, &plate, &GRAPHENE_RECT_INIT (-2, 0, (float) width + 4, (float) height));
  gtk_snapshot_append_layout (snapshot, layout, &color);
  gtk_snapshot_restore (snapshot);
}

void
glow_strip_draw_notes (GtkWidget *widget, GtkSnapshot *snapshot, const GlowHeatMap *map, const GPtrArray *notes, double x, double y)
{
  const GdkRGBA color = { 0.57f, 0.25f, 0.67f, 1 };

  for (guint i = 0; notes != NULL && i < notes->len; i++)
    {
      const GlowCaptureMark *note = g_ptr_array_index (notes, i);
      double at = glow_heat_map_x (map, note->time_ns);
      gboolean turns = at > map->options.width - 90;

      if (at < 0 || at > map->options.width)
        continue;
      gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT ((float) (x + at - 1), (float) y, 2, (float) map->options.height));
      glow_strip_draw_text (widget, snapshot, note->text, x + at + (turns ? -5 : 5), y + 1, turns ? 1 : 0, 180, TRUE);
    }
}

char *
glow_strip_dup_notes (const GPtrArray *notes, guint64 from, guint64 to)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; notes != NULL && i < notes->len; i++)
    {
      const GlowCaptureMark *note = g_ptr_array_index (notes, i);

      if (note->time_ns >= from && note->time_ns < to)
        append (text, note->text);
    }
  return text->len > 0 ? g_strdup (text->str) : NULL;
}

char *
glow_strip_dup_time (GlowProfile *profile, guint64 from, guint64 to)
{
  guint64 start = glow_profile_get_start (profile);
  char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (low, sizeof low, "%.9f", (from - MIN (from, start)) / 1e9);
  g_ascii_formatd (high, sizeof high, "%.9f", (to - MIN (to, start)) / 1e9);
  return g_strdup_printf ("%s,%s", low, high);
}
