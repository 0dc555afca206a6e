/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A diff as a page by itself: what was found, what cannot be said, the picture in step, the table. Loads nothing; prints well. */
#include <config.h>

#include "draw/diff-picture-private.h"
#include "draw/svg-text-private.h"
#include "diff-page-script.h"

#include <afterglow/diff-text.h>
#include <glib/gi18n-lib.h>

#include <math.h>
#include <string.h>

#define MOST_ROWS 5000
#define BAR 150.0              /* pixels */

static const char style[] =
  ":root{color-scheme:light dark;--ink:#1e1e22;--dim:#5e5c64;--paper:#fafafa;--card:#fff;--line:#deddda;--grew:#c64600;--shrank:#1c71d8}"
  "@media(prefers-color-scheme:dark){:root{--ink:#f0f0f0;--dim:#b0afb4;--paper:#1d1d20;--card:#28282c;--line:#45454b;--grew:#ffa348;--shrank:#78aeed}}"
  "body{font:15px/1.45 'Adwaita Sans',Cantarell,system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;max-width:1660px;padding:18px 24px}"
  "h1{font-size:22px;margin:0 0 2px}.dim{color:var(--dim)}p{margin:6px 0;max-width:110ch}.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px;margin:14px 0;"
  "overflow-x:auto}ul.caveats{list-style:none;padding:0;margin:0}ul.caveats li{margin:4px 0}ul.caveats b:before{content:'⚠ '}"
  "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{padding:4px 10px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}"
  "th:first-child,td:first-child{text-align:left;white-space:normal;overflow-wrap:anywhere;min-width:20ch;max-width:52ch}th button{font:inherit;font-weight:bold;color:inherit;background:none;border:0;padding:0;cursor:pointer}"
  "th[aria-sort=descending] button:after{content:' ↓'}th[aria-sort=ascending] button:after{content:' ↑'}tr.grew .c{color:var(--grew);font-weight:bold}tr.shrank .c{color:var(--shrank);font-weight:bold}"
  "tr.none,tr.equivalent{color:var(--dim)}#tools{display:flex;gap:18px;align-items:center;flex-wrap:wrap;margin-bottom:8px}#tools[hidden]{display:none}input[type=search]{font:inherit;padding:3px 8px;min-width:24ch}"
  "td svg{display:block}.card>svg{max-width:100%;min-width:900px;height:auto;border-radius:6px}";

static void
append_element (GString *out, const char *name, const char *attributes, const char *text)
{
  g_string_append_printf (out, "<%s%s%s>", name, *attributes != '\0' ? " " : "", attributes);
  glow_svg_append_escaped (out, text);
  g_string_append_printf (out, "</%s>\n", name);
}

/* A bar from nothing to the change, with the interval as whiskers; all rows by one scale. */
static void
append_bar (GString *out, const GlowDiffChange *change, double largest)
{
  double middle = BAR / 2, scale = largest > 0 ? (BAR / 2 - 2) / largest : 0, end = middle + change->change * scale;
  double low = CLAMP (middle + change->low * scale, 0, BAR), high = CLAMP (middle + change->high * scale, 0, BAR);
  const char *fill = !change->matters ? "#9a9996" : change->change > 0 ? "#e66100" : "#3584e4";

  g_string_append_printf (out, "<td><svg width=\"%.0f\" height=\"14\" aria-hidden=\"true\"><path d=\"M%.0f,0v14\" stroke=\"#9a9996\" stroke-width=\".6\"/><rect y=\"2\" height=\"10\"", BAR, middle);
  g_string_append (out, " x=\"");
  glow_svg_append_number (out, MIN (middle, end));
  g_string_append (out, "\" width=\"");
  glow_svg_append_number (out, MAX (fabs (end - middle), 0.5));
  g_string_append_printf (out, "\" fill=\"%s\"/>", fill);
  if (isfinite (change->low) && isfinite (change->high))
    {
      g_string_append (out, "<path stroke=\"currentColor\" stroke-width=\"1.2\" d=\"M");
      glow_svg_append_number (out, low);
      g_string_append (out, ",7H");
      glow_svg_append_number (out, high);
      g_string_append (out, "\"/>");
    }
  g_string_append (out, "</svg></td>");
}

/* Sorted by @value, read as @text. */
static void
append_cell (GString *out, const char *attributes, double value, const char *text)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (out, "<td%s data-value=\"%s\">", attributes, isfinite (value) ? g_ascii_formatd (number, sizeof number, "%.9g", value) : "");
  glow_svg_append_escaped (out, text);
  g_string_append (out, "</td>");
}

static void
append_row (GlowDiff *self, GString *out, const GlowDiffExportOptions *options, GlowDiffMeasure measure, const GlowDiffRow *row, double largest)
{
  static const char *const classes[] = { "none", "grew", "shrank", "equivalent" };
  const GlowDiffChange *change = &row->change[measure];
  const char *module = options->kind == GLOW_DIFF_FUNCTIONS ? glow_diff_get_module (self, row->key) : NULL;
  g_autofree char *name = glow_diff_dup_display_name (self, options->kind, row->key), *before = glow_diff_text_value (self, change->value[GLOW_BEFORE]);
  g_autofree char *after = glow_diff_text_value (self, change->value[GLOW_AFTER]), *difference = glow_diff_text_change (self, change->change);
  g_autofree char *interval = glow_diff_text_interval (self, change), *q = glow_diff_text_q (change->q);

  g_string_append_printf (out, "<tr class=\"%s\"%s><td>", classes[change->evidence], change->matters ? " data-matters=\"1\"" : "");
  glow_svg_append_escaped (out, name);
  if (module != NULL && name[0] != '[')
    {
      g_string_append (out, " <span class=\"dim\">");
      glow_svg_append_escaped (out, module);
      g_string_append (out, "</span>");
    }
  g_string_append (out, "</td>");
  append_cell (out, "", change->value[GLOW_BEFORE], glow_diff_row_is_new (row) ? "–" : before);
  append_cell (out, "", change->value[GLOW_AFTER], glow_diff_row_is_gone (row) ? "–" : after);
  append_cell (out, " class=\"c\"", change->change, difference);
  append_bar (out, change, largest);
  append_cell (out, "", change->low, interval);
  append_cell (out, "", change->q, q);
  g_string_append (out, "<td>");
  glow_svg_append_escaped (out, glow_diff_row_get_word (row, measure));
  g_string_append (out, "</td></tr>\n");
}

static void
append_table (GlowDiff *self, GString *out, const GlowDiffExportOptions *options)
{
  const char *const heads[] = { _("Function"), _("Before"), _("After"), _("Change"), "", _("95 % interval"), "q", _("Evidence") };
  const GArray *rows = glow_diff_get_rows (self, options->kind);

  g_string_append (out, "<div class=\"card\"><div id=\"tools\" hidden><label><input type=\"radio\" name=\"measure\" value=\"total\"");
  g_string_append_printf (out, "%s> %s</label><label><input type=\"radio\" name=\"measure\" value=\"self\"%s> %s</label>", options->measure == GLOW_DIFF_TOTAL ? " checked" : "", _("Total"),
                          options->measure == GLOW_DIFF_SELF ? " checked" : "", _("Self"));
  g_string_append_printf (out, "<label><input type=\"checkbox\" id=\"only\"> %s</label><input type=\"search\" id=\"words\" placeholder=\"%s\" aria-label=\"%s\"><span class=\"dim\" id=\"left\"></span></div>\n",
                          _("Only what changed and matters"), _("Search…"), _("Search functions"));
  g_string_append (out, "<table id=\"rows\"><thead><tr>");
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    if (*heads[i] != '\0')
      g_string_append_printf (out, "<th scope=\"col\"><button>%s</button></th>", heads[i]);
    else
      g_string_append (out, "<td></td>");
  g_string_append (out, "</tr></thead>\n");
  for (guint m = 0; m < GLOW_N_DIFF_MEASURES; m++)
    {
      GlowDiffExportOptions own = { .kind = options->kind, .measure = m, .limit = MOST_ROWS, .only_matters = options->only_matters };
      double largest = 0;
      guint n_left;
      g_autoptr(GArray) order = glow_diff_list_rows (self, &own, &n_left);

      for (guint i = 0; i < order->len; i++)
        {
          const GlowDiffChange *change = &g_array_index (rows, GlowDiffRow, g_array_index (order, guint32, i)).change[m];

          largest = MAX (largest, MAX (fabs (change->change), change->matters ? MAX (fabs (change->low), fabs (change->high)) : 0));
        }
      g_string_append_printf (out, "<tbody%s>\n", m != (guint) options->measure ? " hidden" : "");
      for (guint i = 0; i < order->len; i++)
        append_row (self, out, options, m, &g_array_index (rows, GlowDiffRow, g_array_index (order, guint32, i)), largest);
      g_string_append (out, "</tbody>\n");
      if (n_left > 0 && m == (guint) options->measure)
        {
          g_string_append (out, "<caption>");
          g_string_append_printf (out, ngettext ("and %u more", "and %u more", n_left), n_left);
          g_string_append (out, "</caption>");
        }
    }
  g_string_append (out, "</table></div>\n");
}

static void
append_statements (GlowDiff *self, GString *out, const GlowDiffPicture *picture)
{
  const GPtrArray *caveats = glow_diff_get_caveats (self);
  const GArray *renames = glow_diff_get_renames (self);
  g_autofree char *limits = glow_diff_text_limits (self), *options = NULL;

  append_element (out, "h1", "", picture->title);
  append_element (out, "p", "class=\"dim\"", picture->subtitle);
  if (caveats->len + renames->len > 0)
    {
      g_string_append (out, "<div class=\"card\"><ul class=\"caveats\">\n");
      for (guint i = 0; i < caveats->len; i++)
        {
          const GlowDiffCaveat *caveat = g_ptr_array_index (caveats, i);

          g_string_append (out, "<li><b>");
          glow_svg_append_escaped (out, caveat->message);
          g_string_append (out, ".</b> ");
          glow_svg_append_escaped (out, caveat->effect);
          g_string_append (out, ".</li>\n");
        }
      for (guint i = 0; i < renames->len; i++)
        {
          const GlowDiffRename *rename = &g_array_index (renames, GlowDiffRename, i);
          g_autofree char *before = glow_diff_dup_display_name (self, GLOW_DIFF_FUNCTIONS, rename->before), *after = glow_diff_dup_display_name (self, GLOW_DIFF_FUNCTIONS, rename->after);
          g_autofree char *text = g_strdup_printf (_("Likely renamed: %s → %s (callers and callees agree to %.0f %%)"), before, after, rename->likeness * 100);

          append_element (out, "li", "", text);
        }
      g_string_append (out, "</ul></div>\n");
    }
  append_element (out, "p", "", limits);
  options = g_strdup_printf (_("Evidence: q < %g (%s). Coloured from %.2g points of the whole on; equivalent: proven to be within ±%.2g points."), glow_diff_get_options (self)->level,
                             glow_diff_get_options (self)->discovery == GLOW_DISCOVERY_BY ? "Benjamini–Yekutieli" : "Benjamini–Hochberg", glow_diff_get_options (self)->floor * 100,
                             glow_diff_get_options (self)->margin * 100);
  append_element (out, "p", "class=\"dim\"", options);
}

gboolean
glow_diff_write_html (GlowDiff *self, const GlowDiffExportOptions *options, GOutputStream *output, GCancellable *cancellable, GError **error)
{
  g_autoptr(GString) out = g_string_new ("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>");
  GlowDiffPicture picture;
  gboolean written = glow_diff_picture_init (&picture, self, GLOW_DIFF_HTML, options, 0, error);

  if (written)
    {
      glow_svg_append_escaped (out, picture.title);
      g_string_append_printf (out, "</title><style>%s</style></head><body>\n", style);
      append_statements (self, out, &picture);
      /* What the page says above need not stand in the picture again. */
      g_ptr_array_set_size (picture.lines, 0);
      picture.height -= picture.top;
      picture.top = picture.n_panes > 1 ? 62 : 54;
      picture.height += picture.top;
      *picture.title = *picture.subtitle = '\0';
      g_string_append (out, "<div class=\"card\">");
      written = g_output_stream_write_all (output, out->str, out->len, NULL, cancellable, error) && glow_diff_write_svg (&picture, output, cancellable, error);
    }
  if (written)
    {
      g_string_assign (out, "</div>\n");
      append_table (self, out, options);
      g_string_append_printf (out, "<script>\n%s</script>\n</body></html>\n", diff_page_script);
      written = g_output_stream_write_all (output, out->str, out->len, NULL, cancellable, error);
    }
  glow_diff_picture_clear (&picture);
  return written;
}
