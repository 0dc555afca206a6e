/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shaping is dear and names come again and again: what was shaped is kept, until there is too much of it. */
#include <config.h>

#include "draw/lettering-private.h"

#include <afterglow/painter.h>

#include <math.h>
#include <string.h>

#define MAX_NAME 400           /* characters of a name that are shaped at all */
#define MAX_LABELS 8192        /* shaped names kept */
#define BRIEF 26
#define LAST 10

/* A shaped text, in pieces of one font each. */
typedef struct {
  GSList *runs;                /* of PangoGlyphItem */
  double width;                /* pixels */
} Shaped;

struct _GlowLabel {
  gint64 key;                  /* first: the table's key */
  Shaped full, brief, last;    /* the name; without what can be left out in its middle; its last part alone. Empty where no shorter */
};

struct _GlowLettering {
  PangoContext *context;
  PangoFontDescription *font;
  PangoLayout *layout;
  GHashTable *labels;          /* by key, GlowLabel */
  Shaped ellipsis;
  double ascent, line_height;  /* pixels */
  double scale;                /* device scale the labels were shaped for */
};

static void
shaped_clear (Shaped *self)
{
  g_slist_free_full (g_steal_pointer (&self->runs), (GDestroyNotify) pango_glyph_item_free);
  self->width = 0;
}

static void
label_free (gpointer data)
{
  GlowLabel *label = data;

  shaped_clear (&label->full);
  shaped_clear (&label->brief);
  shaped_clear (&label->last);
  g_free (label);
}

static void
shape (GlowLettering *self, const char *text, Shaped *shaped)
{
  PangoLayoutLine *line;

  pango_layout_set_text (self->layout, text, -1);
  line = pango_layout_get_line_readonly (self->layout, 0);
  for (GSList *run = line->runs; run != NULL; run = run->next)
    {
      PangoGlyphItem *item = pango_glyph_item_copy (run->data);

      shaped->width += pango_units_to_double (pango_glyph_string_get_width (item->glyphs));
      shaped->runs = g_slist_append (shaped->runs, item);
    }
}

static void
drop_labels (GlowLettering *self)
{
  PangoFontMetrics *metrics;

  g_hash_table_remove_all (self->labels);
  shaped_clear (&self->ellipsis);
  pango_layout_context_changed (self->layout);
  metrics = pango_context_get_metrics (self->context, self->font, NULL);
  self->ascent = pango_units_to_double (pango_font_metrics_get_ascent (metrics));
  self->line_height = self->ascent + pango_units_to_double (pango_font_metrics_get_descent (metrics));
  pango_font_metrics_unref (metrics);
  shape (self, "…", &self->ellipsis);
}

GlowLettering *
glow_lettering_new (const char *font)
{
  GlowLettering *self = g_new0 (GlowLettering, 1);

  self->context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  self->layout = pango_layout_new (self->context);
  pango_layout_set_single_paragraph_mode (self->layout, TRUE);
  self->labels = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, label_free);
  self->scale = 1;
  glow_lettering_set_font (self, font);
  return self;
}

void
glow_lettering_free (GlowLettering *self)
{
  shaped_clear (&self->ellipsis);
  g_hash_table_unref (self->labels);
  g_clear_pointer (&self->font, pango_font_description_free);
  g_object_unref (self->layout);
  g_object_unref (self->context);
  g_free (self);
}

void
glow_lettering_set_font (GlowLettering *self, const char *font)
{
  g_clear_pointer (&self->font, pango_font_description_free);
  self->font = pango_font_description_from_string (font != NULL ? font : "sans-serif 8.5");
  pango_layout_set_font_description (self->layout, self->font);
  drop_labels (self);
}

void
glow_lettering_prepare (GlowLettering *self, cairo_t *cr)
{
  double scale_x = 1, scale_y = 1;

  cairo_surface_get_device_scale (cairo_get_target (cr), &scale_x, &scale_y);
  if (scale_x != self->scale)
    {
      self->scale = scale_x;
      pango_cairo_update_context (cr, self->context);
      drop_labels (self);
    }
  if (g_hash_table_size (self->labels) > MAX_LABELS)
    glow_lettering_clear (self);
}

void
glow_lettering_clear (GlowLettering *self)
{
  g_hash_table_remove_all (self->labels);
}

const GlowLabel *
glow_lettering_lookup (GlowLettering *self, guint64 key)
{
  gint64 own = (gint64) key;

  return g_hash_table_lookup (self->labels, &own);
}

/* Whether @text is the beginning of @name, but for an ellipsis at its end. */
static gboolean
is_head (const char *text, const char *name)
{
  gsize n = strlen (text) - (g_str_has_suffix (text, "…") ? strlen ("…") : 0);

  return strncmp (text, name, n) == 0;
}

const GlowLabel *
glow_lettering_add (GlowLettering *self, guint64 key, const char *name)
{
  GlowLabel *label = g_new0 (GlowLabel, 1);
  g_autofree char *shown = g_utf8_strlen (name, -1) > MAX_NAME ? glow_label_shorten (name, MAX_NAME) : g_strdup (name);
  g_autofree char *brief = glow_label_shorten (shown, BRIEF), *last = glow_label_shorten (shown, LAST);

  label->key = (gint64) key;
  shape (self, shown, &label->full);
  /* Cut at the right is what is done here anyway; a short form is worth keeping where it lost its middle or its head. */
  if (!is_head (brief, shown))
    shape (self, brief, &label->brief);
  if (!is_head (last, shown) && strcmp (last, brief) != 0)
    shape (self, g_str_has_prefix (last, "…") ? last + strlen ("…") : last, &label->last);
  g_hash_table_replace (self->labels, &label->key, label);
  return label;
}

static void
show_shaped (cairo_t *cr, const Shaped *shaped, double x, double y, double room, const Shaped *ellipsis)
{
  gboolean cut = shaped->width > room;
  double end = x + (cut ? room - ellipsis->width : room);

  for (GSList *run = shaped->runs; run != NULL; run = run->next)
    {
      const PangoGlyphItem *item = run->data;
      PangoGlyphString part = *item->glyphs;
      double width = 0;

      for (part.num_glyphs = 0; part.num_glyphs < item->glyphs->num_glyphs; part.num_glyphs++)
        {
          double advance = pango_units_to_double (item->glyphs->glyphs[part.num_glyphs].geometry.width);

          if (cut && x + width + advance > end)
            break;
          width += advance;
        }
      cairo_move_to (cr, x, y);
      pango_cairo_show_glyph_string (cr, item->item->analysis.font, &part);
      x += width;
      if (part.num_glyphs < item->glyphs->num_glyphs)
        break;
    }
  if (cut && ellipsis->runs != NULL)
    {
      const PangoGlyphItem *item = ellipsis->runs->data;

      cairo_move_to (cr, x, y);
      pango_cairo_show_glyph_string (cr, item->item->analysis.font, item->glyphs);
    }
}

void
glow_lettering_show (GlowLettering *self, cairo_t *cr, const GlowLabel *label, double x, double y, double width, double height)
{
  double room = width - 2 * GLOW_LETTERING_PADDING, baseline = round (y + (height - self->line_height) / 2 + self->ascent);
  const Shaped *chosen = &label->full;

  if (chosen->width > room && label->brief.runs != NULL)
    chosen = &label->brief;
  if (chosen->width > room && label->last.runs != NULL)
    chosen = &label->last;
  /* Two letters and an ellipsis tell nothing. */
  if (chosen->width > room && room < self->ellipsis.width * 3.2)
    return;
  show_shaped (cr, chosen, x + GLOW_LETTERING_PADDING, baseline, room, &self->ellipsis);
}

double
glow_label_get_width (const GlowLabel *label)
{
  return label->full.width;
}

void
glow_lettering_show_text (GlowLettering *self, cairo_t *cr, const char *text, double x, double y, double align, double most)
{
  Shaped shaped = { NULL, 0 };

  shape (self, text, &shaped);
  show_shaped (cr, &shaped, x - align * MIN (shaped.width, most), round (y + self->ascent), most, &self->ellipsis);
  shaped_clear (&shaped);
}
