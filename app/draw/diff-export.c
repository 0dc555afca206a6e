/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A diff as a file: which writer writes what. */
#include <config.h>

#include "draw/diff-export-private.h"

#include <afterglow/picture.h>

#include <string.h>

gboolean
glow_diff_format_from_path (const char *path, GlowDiffFormat *format)
{
  static const struct { const char *ending; GlowDiffFormat format; } endings[] = {
    { ".svg", GLOW_DIFF_SVG }, { ".png", GLOW_DIFF_PNG }, { ".pdf", GLOW_DIFF_PDF }, { ".html", GLOW_DIFF_HTML }, { ".htm", GLOW_DIFF_HTML },
    { ".csv", GLOW_DIFF_CSV }, { ".md", GLOW_DIFF_MARKDOWN }, { ".folded", GLOW_DIFF_FOLDED }, { ".txt", GLOW_DIFF_TEXT }, { ".json", GLOW_DIFF_JSON },
  };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    {
      gsize n = strlen (path), m = strlen (endings[i].ending);

      if (n > m && g_ascii_strcasecmp (path + n - m, endings[i].ending) == 0)
        {
          *format = endings[i].format;
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
glow_diff_format_has_paths (GlowDiffFormat format)
{
  return format <= GLOW_DIFF_HTML || format == GLOW_DIFF_FOLDED;
}

double
glow_diff_get_min_share (GlowDiffFormat format, const GlowDiffExportOptions *options)
{
  GlowPictureOptions picture = { .width = options->merged ? options->width : options->width / 2, .min_width = options->min_width, .from = options->from, .to = options->to };

  if (format > GLOW_DIFF_HTML)
    return 0;
  return glow_picture_get_min_share (format == GLOW_DIFF_HTML ? GLOW_PICTURE_SVG : (GlowPictureFormat) format, &picture);
}

gboolean
glow_diff_write (GlowDiff *self, GlowDiffFormat format, const GlowDiffExportOptions *options, GOutputStream *output, GCancellable *cancellable, GError **error)
{
  g_autoptr(GString) text = g_string_new (NULL);

  switch (format)
    {
    case GLOW_DIFF_SVG:
    case GLOW_DIFF_PNG:
    case GLOW_DIFF_PDF: return glow_diff_write_picture (self, format, options, output, cancellable, error);
    case GLOW_DIFF_HTML: return glow_diff_write_html (self, options, output, cancellable, error);
    case GLOW_DIFF_FOLDED: return glow_diff_write_folded (self, options, output, cancellable, error);
    case GLOW_DIFF_CSV: glow_diff_append_csv (self, options, text); break;
    case GLOW_DIFF_MARKDOWN: glow_diff_append_markdown (self, options, text); break;
    case GLOW_DIFF_JSON: glow_diff_append_json (self, options, text); break;
    case GLOW_DIFF_TEXT:
    case GLOW_N_DIFF_FORMATS: glow_diff_append_text (self, options, text); break;
    }
  return g_output_stream_write_all (output, text->str, text->len, NULL, cancellable, error);
}
