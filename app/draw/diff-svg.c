/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A diff as SVG: two panes with the same rectangles in the same order, so that the script (picture.js) moves them in step. A true picture where scripts do
 * not run. */
#include <config.h>

#include "draw/diff-picture-private.h"
#include "draw/picture-private.h"
#include "draw/svg-text-private.h"
#include "picture-script.h"

#include <afterglow/diff-text.h>
#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define CHUNK (1u << 16)
#define FOOT 58.0
#define MARK_ROOM 12.0

static void
append_attribute (GString *out, const char *name, double value)
{
  g_string_append_printf (out, " %s=\"", name);
  glow_svg_append_number (out, value);
  g_string_append_c (out, '"');
}

static void
append_text (GString *out, const char *attributes, double x, double y, const char *text)
{
  g_string_append_printf (out, "<text%s%s", *attributes != '\0' ? " " : "", attributes);
  append_attribute (out, "x", x);
  append_attribute (out, "y", y);
  g_string_append_c (out, '>');
  glow_svg_append_escaped (out, text);
  g_string_append (out, "</text>\n");
}

/* A line of prose that ends before @room does, as near as letters without their widths tell. */
static void
append_line (const GlowDiffPicture *self, GString *out, double y, double letter, const char *attributes, const char *text)
{
  glong room = (glong) ((self->width - 2 * GLOW_DIFF_MARGIN) / letter);
  g_autofree char *head = g_utf8_strlen (text, -1) > room ? g_utf8_substring (text, 0, MAX (room - 1, 1)) : NULL;
  g_autofree char *cut = head != NULL ? g_strconcat (head, "…", NULL) : NULL;

  append_text (out, attributes, GLOW_DIFF_MARGIN, y, cut != NULL ? cut : text);
}

static void
append_head (const GlowDiffPicture *self, GString *out)
{
  gboolean dark = self->options.theme == GLOW_THEME_DARK || self->options.theme == GLOW_THEME_DARK_CONTRAST;
  const char *ink = dark ? "#eeeeee" : "#222222", *paper = dark ? "#1f1f1f" : "#ffffff";

  g_string_append (out, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title desc\"");
  append_attribute (out, "width", self->width);
  append_attribute (out, "height", self->height);
  g_string_append (out, " viewBox=\"0 0 ");
  glow_svg_append_number (out, self->width);
  g_string_append_c (out, ' ');
  glow_svg_append_number (out, self->height);
  g_string_append (out, "\">\n<title id=\"title\">");
  glow_svg_append_escaped (out, self->title);
  g_string_append (out, "</title>\n<desc id=\"desc\">");
  glow_svg_append_escaped (out, self->subtitle);
  g_string_append_printf (out,
                          "</desc>\n<style>svg text{font:%.1fpx 'DejaVu Sans',Verdana,sans-serif;fill:%s}svg .h{font-size:16px;font-weight:bold}svg .s{font-weight:bold}"
                          ".f text{fill:#17171c;pointer-events:none}.f{cursor:pointer}.f:focus{outline:none}.f:hover .r,.f:focus .r,.twin .r{stroke:%s;stroke-width:1.3}"
                          ".m .r{stroke:#8a1a99;stroke-width:2}.faded{opacity:.35}.e{pointer-events:none}.n .r{stroke:%s;stroke-width:1}.g .r{stroke:%s;stroke-width:1;stroke-dasharray:3 2}"
                          ".a .r{fill:%s;fill-opacity:.01;stroke:%s;stroke-opacity:.45;stroke-width:1;stroke-dasharray:3 2}.b{cursor:pointer}svg .b{fill:%s}%s</style>\n"
                          "<defs><pattern id=\"uncertain\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\"><path d=\"M-1,7l8,-8\" stroke=\"#ffffff\" stroke-width=\"1.6\" "
                          "stroke-opacity=\".75\"/></pattern></defs>\n<rect width=\"100%%\" height=\"100%%\" fill=\"%s\"/>\n",
                          GLOW_DIFF_TEXT, ink, ink, ink, ink, paper, ink, dark ? "#78aeed" : "#1c71d8", dark ? ".p text{fill:#ffffff;paint-order:stroke;stroke:#1f1f1f;stroke-width:2.6px;stroke-linejoin:round}" : "", paper);
  append_line (self, out, 26, 11, "class=\"h\"", self->title);
  append_line (self, out, 46, 6.8, "", self->subtitle);
  for (guint i = 0; i < self->lines->len; i++)
    append_line (self, out, 66 + i * 15, 6.8, "", g_ptr_array_index (self->lines, i));
  for (guint p = 0; p < self->n_panes; p++)
    append_text (out, "class=\"s\"", self->left[p], self->top - 9, self->heads[p]);
  append_text (out, "class=\"b\" id=\"reset\" tabindex=\"0\" role=\"button\" text-anchor=\"end\" visibility=\"hidden\"", self->width - 90, 26, _("Whole graph"));
  append_text (out, "class=\"b\" id=\"search\" tabindex=\"0\" role=\"button\" text-anchor=\"end\" visibility=\"hidden\"", self->width - 10, 26, _("Search…"));
  append_text (out, "id=\"found\" text-anchor=\"end\"", self->width - 10, 46, "");
}

static char *
dup_title (const GlowDiffPicture *self, const GlowRect *rect, const char *name)
{
  g_autofree char *evidence = NULL;
  GlowDiffChange change;

  if (rect->n_merged > 0)
    return g_strdup_printf (ngettext ("%u narrow frame", "%u narrow frames", rect->n_merged), rect->n_merged);
  change = glow_diff_get_node_change (self->diff, rect->node);
  evidence = glow_diff_text_evidence (self->diff, &change);
  return g_strdup_printf ("%s — %s", name, evidence);
}

static void
append_frame (const GlowDiffPicture *self, GString *out, guint pane_number, const GlowRect *rect, const char *name, const char *title)
{
  GlowDiffPane pane = glow_diff_picture_pane (self, pane_number);
  const GlowDiffNodes *nodes = glow_diff_get_nodes (self->diff);
  gboolean dark = self->options.theme == GLOW_THEME_DARK || self->options.theme == GLOW_THEME_DARK_CONTRAST;
  double x = self->left[pane_number] + rect->x, y = glow_diff_picture_row_y (self, rect->depth), gap = rect->width > 3 ? 1 : 0, width = MAX (rect->width - gap, 0.1);
  g_autofree char *label = NULL;
  GlowDiffStyle style;

  glow_diff_pane_get_style (&pane, self->options.theme, rect->node, &style);
  if (rect->n_merged > 0)
    style = (GlowDiffStyle) { .fill = glow_diff_get_color (self->options.theme, 0), .part = 1 };
  g_string_append_printf (out, "<g class=\"f%s%s\" tabindex=\"-1\"", style.is_absent ? " a" : style.mark > 0 ? " n" : style.mark < 0 ? " g" : "", style.part < 0.9 && dark ? " p" : "");
  if (rect->n_merged == 0)
    {
      append_attribute (out, "data-before", nodes->total[GLOW_BEFORE][rect->node] / MAX (nodes->total[GLOW_BEFORE][0], 1e-300) * 100);
      append_attribute (out, "data-after", nodes->total[GLOW_AFTER][rect->node] / MAX (nodes->total[GLOW_AFTER][0], 1e-300) * 100);
    }
  if (style.is_absent)
    g_string_append (out, " data-absent=\"1\"");
  g_string_append (out, "><title>");
  glow_svg_append_escaped (out, title);
  g_string_append (out, "</title><rect class=\"r\"");
  append_attribute (out, "x", x);
  append_attribute (out, "y", y);
  append_attribute (out, "width", width);
  append_attribute (out, "height", GLOW_DIFF_ROW - 1);
  if (!style.is_absent)
    {
      g_string_append (out, " fill=\"");
      glow_svg_append_color (out, &style.fill);
      g_string_append (out, style.part < 1 ? "\" fill-opacity=\".28\"/>" : "\"/>");
    }
  else
    g_string_append (out, "/>");
  if (style.part < 1 && !style.is_absent)
    {
      g_string_append_printf (out, "<rect class=\"e\" data-part=\"%.4f\"", style.part);
      append_attribute (out, "x", x);
      append_attribute (out, "y", y);
      append_attribute (out, "width", width * style.part);
      append_attribute (out, "height", GLOW_DIFF_ROW - 1);
      g_string_append (out, " fill=\"");
      glow_svg_append_color (out, &style.fill);
      g_string_append (out, "\"/>");
    }
  if (style.is_uncertain && !style.is_absent && width > 4)
    {
      g_string_append (out, "<rect class=\"e\" data-part=\"1\" fill=\"url(#uncertain)\"");
      append_attribute (out, "x", x);
      append_attribute (out, "y", y);
      append_attribute (out, "width", width);
      append_attribute (out, "height", GLOW_DIFF_ROW - 1);
      g_string_append (out, "/>");
    }
  label = rect->n_merged == 0 && !style.is_absent ? glow_picture_fit_label (name, width - (style.mark != 0 ? MARK_ROOM : 0), GLOW_DIFF_TEXT) : g_strdup ("");
  if (*label != '\0')
    {
      g_string_append (out, "<text");
      append_attribute (out, "x", x + 3);
      append_attribute (out, "y", y + GLOW_DIFF_ROW - 5);
      g_string_append (out, style.mark > 0 ? ">+ " : style.mark < 0 ? ">− " : ">");
      glow_svg_append_escaped (out, label);
      g_string_append (out, "</text>");
    }
  g_string_append (out, "</g>\n");
}

static void
append_legend (const GlowDiffPicture *self, GString *out)
{
  double x = GLOW_DIFF_MARGIN, y = self->height - FOOT + 14;

  for (gint step = -GLOW_DIFF_STEPS; step <= GLOW_DIFF_STEPS; step++)
    {
      GlowColor color = glow_diff_get_color (self->options.theme, step);
      g_autofree char *label = step == 0 ? g_strdup (_("no evidence")) : glow_diff_dup_step_label (self->diff, step);
      double width = step == 0 ? 2.6 * GLOW_DIFF_SWATCH : GLOW_DIFF_SWATCH;

      g_string_append (out, "<rect");
      append_attribute (out, "x", x);
      append_attribute (out, "y", y);
      append_attribute (out, "width", width - 1);
      g_string_append (out, " height=\"13\" fill=\"");
      glow_svg_append_color (out, &color);
      g_string_append (out, "\"/>");
      append_text (out, "text-anchor=\"middle\"", x + width / 2, y + 26, label);
      x += width;
    }
  append_text (out, "", x + 8, y + 26, glow_diff_get_options (self->diff)->base == GLOW_DIFF_SHARE ? _("points") : "");
  append_text (out, "", x + 64, y + 11,
               self->n_panes > 1 && self->options.widths == GLOW_DIFF_WIDTH_LARGER
                 ? _("+ new · − gone, dashed · hatched: uncertain size · filled part: what this side has")
                 : _("+ new · − gone, dashed · hatched: uncertain size"));
  append_text (out, "id=\"details\"", x + 64, y + 28, "");
  g_string_append (out, "<script><![CDATA[\n");
  g_string_append (out, picture_script);
  g_string_append (out, "]]></script>\n</svg>\n");
}

static gboolean
flush (GString *out, gsize least, GOutputStream *output, GCancellable *cancellable, GError **error)
{
  if (out->len < least)
    return TRUE;
  if (!g_output_stream_write_all (output, out->str, out->len, NULL, cancellable, error))
    return FALSE;
  g_string_truncate (out, 0);
  return TRUE;
}

/**
 * glow_diff_write_svg:
 *
 * O(rectangles); @output gets it in pieces.
 */
gboolean
glow_diff_write_svg (const GlowDiffPicture *self, GOutputStream *output, GCancellable *cancellable, GError **error)
{
  g_autoptr(GString) out = g_string_sized_new (CHUNK + 4096);

  append_head (self, out);
  for (guint p = 0; p < self->n_panes; p++)
    {
      g_string_append_printf (out, "<g id=\"%s\"", p == 0 ? "frames" : "twins");
      append_attribute (out, "data-left", self->left[p]);
      append_attribute (out, "data-width", self->pane_width);
      g_string_append (out, ">\n");
      for (guint32 i = 0; i < self->layout->n_rects; i++)
        {
          const GlowRect *rect = &self->layout->rects[i];
          g_autofree char *name = NULL, *title = NULL;

          if (rect->depth >= self->rows)
            continue;
          name = glow_call_tree_dup_display_name (self->tree, rect->node);
          title = dup_title (self, rect, name);
          append_frame (self, out, p, rect, name, title);
          if (!flush (out, CHUNK, output, cancellable, error))
            return FALSE;
        }
      g_string_append (out, "</g>\n");
    }
  append_legend (self, out);
  return flush (out, 0, output, cancellable, error);
}
