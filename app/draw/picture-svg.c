/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SVG: a true picture where scripts do not run; where they do, it zooms, searches and tells details. Names go through one escape, and
 * the script sets them as text alone, never as markup. */
#include <config.h>

#include "draw/picture-private.h"
#include "draw/svg-text-private.h"
#include "picture-script.h"

#include <afterglow/stack-quality.h>
#include <afterglow/text.h>
#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define TEXT_SIZE 11.5
#define MARGIN 10.0
#define TOOTH 3.0              /* height and half the width of a torn edge's teeth; the script has it too */
#define CHUNK (1u << 16)
/* Rectangles whose text is kept at once: some megabytes; and from how many on two threads are worth it. */
#define BATCH 16384u
#define PARALLEL_FROM 512u

static void
append_head (const GlowPicture *self, GString *out)
{
  gboolean dark = self->options.theme == GLOW_THEME_DARK || self->options.theme == GLOW_THEME_DARK_CONTRAST;
  const char *ink = dark ? "#eeeeee" : "#222222", *paper = dark ? "#1f1f1f" : "#ffffff";

  g_string_append (out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title desc\" width=\"");
  glow_svg_append_number (out, self->width);
  g_string_append (out, "\" height=\"");
  glow_svg_append_number (out, self->height);
  g_string_append (out, "\" viewBox=\"0 0 ");
  glow_svg_append_number (out, self->width);
  g_string_append_c (out, ' ');
  glow_svg_append_number (out, self->height);
  g_string_append (out, "\">\n<title id=\"title\">");
  glow_svg_append_escaped (out, self->title);
  g_string_append (out, "</title>\n<desc id=\"desc\">");
  glow_svg_append_escaped (out, self->subtitle);
  g_string_append_printf (out,
                          "</desc>\n<style>text{font:%.1fpx 'DejaVu Sans',Verdana,sans-serif;fill:%s}.h{font-size:16px;font-weight:bold}"
                          ".f text{fill:#1a1a1f;pointer-events:none}.f{cursor:pointer}.f:focus{outline:none}.f:hover rect,.f:focus rect"
                          "{stroke:%s;stroke-width:1.2}.m rect{stroke:#8a1a99;stroke-width:1.8}.faded{opacity:.35}.t{fill:%s;stroke:%s;stroke-width:.8;pointer-events:none}.b{cursor:pointer;fill:#3584e4}</style>\n"
                          "<rect width=\"100%%\" height=\"100%%\" fill=\"%s\"/>\n<text class=\"h\" x=\"10\" y=\"26\">",
                          TEXT_SIZE, ink, ink, paper, ink, paper);
  glow_svg_append_escaped (out, self->title);
  g_string_append (out, "</text>\n<text x=\"10\" y=\"46\">");
  glow_svg_append_escaped (out, self->subtitle);
  g_string_append (out, "</text>\n<text class=\"b\" id=\"reset\" tabindex=\"0\" role=\"button\" text-anchor=\"end\" visibility=\"hidden\" y=\"26\" x=\"");
  glow_svg_append_number (out, self->width - 90);
  g_string_append (out, "\">");
  glow_svg_append_escaped (out, _("Whole graph"));
  g_string_append (out, "</text>\n<text class=\"b\" id=\"search\" tabindex=\"0\" role=\"button\" text-anchor=\"end\" visibility=\"hidden\" y=\"26\" x=\"");
  glow_svg_append_number (out, self->width - 10);
  g_string_append (out, "\">");
  glow_svg_append_escaped (out, _("Search…"));
  g_string_append (out, "</text>\n<text id=\"found\" text-anchor=\"end\" y=\"46\" x=\"");
  glow_svg_append_number (out, self->width - 10);
  g_string_append (out, "\"></text>\n");
}

/* The edge towards the callers, torn over the part of the width that lacks some. The script draws it anew where a zoom changes the width. */
static void
append_tear (const GlowPicture *self, GString *out, const GlowRect *rect, double y, double width)
{
  const GlowTear *tear = rect->n_merged == 0 && width > 2 * TOOTH ? glow_call_tree_get_tear (self->tree, rect->node) : NULL;
  guint64 total = glow_call_tree_get_nodes (self->tree)->total[rect->node];
  double x = MARGIN + rect->x, edge = self->options.icicle ? y : y + self->row - 1, tip = self->options.icicle ? TOOTH : -TOOTH, torn;

  if (tear == NULL || total == 0)
    return;
  torn = MIN (MAX (width * tear->weight / total, 2 * TOOTH), width);
  g_string_append (out, "<path class=\"t\" data-torn=\"");
  glow_svg_append_number (out, MIN (1, (double) tear->weight / total));
  g_string_append (out, "\" d=\"M");
  glow_svg_append_number (out, x);
  g_string_append_c (out, ',');
  glow_svg_append_number (out, edge);
  for (double at = 0; at + 2 * TOOTH <= torn; at += 2 * TOOTH)
    {
      g_string_append (out, "l3,");
      glow_svg_append_number (out, tip);
      g_string_append (out, "l3,");
      glow_svg_append_number (out, -tip);
    }
  g_string_append (out, "\"/>");
}

static void
append_frame (const GlowPicture *self, GString *out, const GlowRect *rect)
{
  const GlowCallTreeNodes *nodes = glow_call_tree_get_nodes (self->tree);
  guint32 frame = nodes->frame[rect->node];
  gboolean match = self->search != NULL && rect->n_merged == 0 && frame != GLOW_NONE && self->search->frame_matches[frame];
  double y = glow_picture_row_y (self, rect->depth), gap = rect->width > 3 ? 1 : 0;
  g_autofree char *name = glow_call_tree_dup_display_name (self->tree, rect->node), *label = NULL, *evidence = NULL;
  g_autofree char *full = glow_call_tree_dup_full_name (self->tree, frame);
  g_autofree char *torn = rect->n_merged == 0 ? glow_text_tear (self->tree, rect->node) : NULL;
  guint64 weight = nodes->total[rect->node], samples = nodes->samples_total[rect->node];
  GlowColor fill, text;

  for (guint32 i = 1; i < rect->n_merged; i++)
    {
      weight += nodes->total[rect->node + i];
      samples += nodes->samples_total[rect->node + i];
    }
  evidence = glow_text_evidence (self->tree, weight, samples);
  glow_palette_get_color (self->options.palette, self->options.theme, self->tree, frame, &fill, &text);
  g_string_append_printf (out, "<g class=\"f%s\"%s><title>", match ? " m" : "", rect->width >= 3 ? " tabindex=\"-1\"" : "");
  if (rect->n_merged > 0)
    {
      g_autofree char *many = g_strdup_printf (ngettext ("%u narrow frame", "%u narrow frames", rect->n_merged), rect->n_merged);

      glow_svg_append_escaped (out, many);
    }
  else
    glow_svg_append_escaped (out, full);
  g_string_append (out, " — ");
  glow_svg_append_escaped (out, evidence);
  if (rect->n_merged == 0 && frame != GLOW_NONE && glow_call_tree_get_frame (self->tree, frame)->kind != GLOW_FRAME_GROUP)
    {
      g_autofree char *words = glow_palette_dup_words (glow_call_tree_get_frame (self->tree, frame));

      g_string_append (out, ", ");
      glow_svg_append_escaped (out, words);
    }
  if (torn != NULL)
    {
      g_string_append (out, ". ");
      glow_svg_append_escaped (out, torn);
    }
  g_string_append (out, "</title><rect x=\"");
  glow_svg_append_number (out, MARGIN + rect->x);
  g_string_append (out, "\" y=\"");
  glow_svg_append_number (out, y);
  g_string_append (out, "\" width=\"");
  glow_svg_append_number (out, MAX (rect->width - gap, 0.1));
  g_string_append (out, "\" height=\"");
  glow_svg_append_number (out, self->row - 1);
  g_string_append (out, rect->width > 6 ? "\" rx=\"2\" fill=\"" : "\" fill=\"");
  glow_svg_append_color (out, &fill);
  g_string_append (out, "\"/>");
  append_tear (self, out, rect, y, rect->width - gap);
  label = rect->n_merged == 0 ? glow_picture_fit_label (name, rect->width, TEXT_SIZE) : g_strdup ("");
  if (*label != '\0')
    {
      g_string_append (out, "<text x=\"");
      glow_svg_append_number (out, MARGIN + rect->x + 3);
      g_string_append (out, "\" y=\"");
      glow_svg_append_number (out, y + self->row - 5);
      g_string_append (out, "\">");
      glow_svg_append_escaped (out, label);
      g_string_append (out, "</text>");
    }
  g_string_append (out, "</g>\n");
}

static void
append_foot (const GlowPicture *self, GString *out)
{
  g_autoptr(GPtrArray) legend = glow_palette_dup_legend (self->options.palette, self->options.theme, self->tree, GLOW_N_FRAME_KINDS);
  double x = self->width - MARGIN;

  g_string_append (out, "<text id=\"details\" x=\"10\" y=\"");
  glow_svg_append_number (out, self->height - 14);
  g_string_append (out, "\"></text>\n");
  for (guint i = legend->len; i-- > 0;)
    {
      const GlowLegendItem *item = g_ptr_array_index (legend, i);
      double width = g_utf8_strlen (item->label, -1) * TEXT_SIZE * 0.62;

      x -= width;
      g_string_append (out, "<text x=\"");
      glow_svg_append_number (out, x);
      g_string_append (out, "\" y=\"");
      glow_svg_append_number (out, self->height - 14);
      g_string_append (out, "\">");
      glow_svg_append_escaped (out, item->label);
      x -= 17;
      g_string_append (out, "</text><rect width=\"12\" height=\"12\" x=\"");
      glow_svg_append_number (out, x);
      g_string_append (out, "\" y=\"");
      glow_svg_append_number (out, self->height - 24);
      g_string_append (out, "\" fill=\"");
      glow_svg_append_color (out, &item->fill);
      g_string_append (out, "\"/>\n");
      x -= 14;
    }
  g_string_append (out, "<script><![CDATA[\n");
  g_string_append (out, picture_script);
  g_string_append (out, "]]></script>\n</svg>\n");
}

typedef struct {
  const GlowPicture *picture;
  GString *out;
  guint32 from, to;            /* rectangles */
} Frames;

static gpointer
append_frames (gpointer data)
{
  Frames *self = data;

  for (guint32 i = self->from; i < self->to; i++)
    if (self->picture->layout->rects[i].depth < self->picture->rows)
      append_frame (self->picture, self->out, &self->picture->layout->rects[i]);
  return NULL;
}

/* Two halves at the same time where there is enough to do: what takes long is words and numbers. */
static void
append_batch (const GlowPicture *self, GString *out, guint32 from, guint32 to)
{
  guint32 middle = to - from > PARALLEL_FROM ? from + (to - from) / 2 : to;
  g_autoptr(GString) rest = g_string_new (NULL);
  Frames first = { self, out, from, middle }, second = { self, rest, middle, to };
  GThread *thread = middle < to ? g_thread_try_new ("glow-svg", append_frames, &second, NULL) : NULL;

  append_frames (&first);
  if (thread != NULL)
    g_thread_join (thread);
  else
    append_frames (&second);
  g_string_append_len (out, rest->str, rest->len);
}

/**
 * glow_picture_write_svg:
 *
 * O(rectangles); @output gets it in pieces.
 */
gboolean
glow_picture_write_svg (const GlowPicture *self, GOutputStream *output, GCancellable *cancellable, GError **error)
{
  g_autoptr(GString) out = g_string_sized_new (CHUNK + 4096);

  append_head (self, out);
  g_string_append (out, "<g id=\"frames\">\n");
  for (guint32 from = 0, n = self->layout->n_rects; from < n; from += MIN (BATCH, n - from))
    {
      append_batch (self, out, from, from + MIN (BATCH, n - from));
      if (!g_output_stream_write_all (output, out->str, out->len, NULL, cancellable, error))
        return FALSE;
      g_string_truncate (out, 0);
    }
  g_string_append (out, "</g>\n");
  append_foot (self, out);
  return g_output_stream_write_all (output, out->str, out->len, NULL, cancellable, error);
}
