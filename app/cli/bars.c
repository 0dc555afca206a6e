/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars and columns of a terminal, and histograms as pictures: what both kinds of input of `latency` end in. */
#include "config.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>
#include <afterglow/latency-picture.h>
#include "cli/prometheus.h"

void
glow_cli_append_bar (GString *text, double share, guint width)
{
  guint eighths = (guint) ceil (CLAMP (share, 0, 1) * width * 8), cells = eighths / 8;

  for (guint b = 0; b < cells; b++)
    g_string_append (text, "\xe2\x96\x88");
  if (eighths % 8 > 0)
    {
      g_string_append_unichar (text, 0x2590 - eighths % 8);
      cells++;
    }
  for (; cells < width; cells++)
    g_string_append_c (text, ' ');
}

void
glow_cli_append_padded (GString *text, const char *cell, guint width, gboolean right)
{
  glong length = g_utf8_strlen (cell, -1), blanks = MAX ((glong) width - length, 0);

  if (!right)
    g_string_append (text, cell);
  g_string_append_printf (text, "%*s", (int) blanks, "");
  if (right)
    g_string_append (text, cell);
}

int
glow_cli_latency_draw (GlowLatencyPicture *picture, const char *path, const char *format_word, const char *title, const char *file, double width, gboolean dark)
{
  static const char *const words[] = { "svg", "png", "pdf", NULL };
  g_autofree char *name = g_filename_display_basename (glow_cli_file_label (file));
  GlowLatencyPictureOptions options = { .width = width, .title = title != NULL ? title : name, .theme = dark ? GLOW_THEME_DARK : GLOW_THEME_LIGHT };
  GlowPictureFormat format = GLOW_PICTURE_SVG;
  GlowCliOutput *output;
  GError *error = NULL;
  int chosen;

  if (format_word != NULL)
    {
      if ((chosen = glow_cli_choose ("--format", format_word, words)) < 0)
        return GLOW_CLI_EXIT_USAGE;
      format = chosen == 1 ? GLOW_PICTURE_PNG : chosen == 2 ? GLOW_PICTURE_PDF : GLOW_PICTURE_SVG;
    }
  else if (strcmp (path, "-") != 0 && !glow_picture_format_from_path (path, &format))
    {
      glow_cli_complain (NULL, _("latency: -o %s: the ending is none of .svg, .png, .pdf; --format says it outright"), path);
      return GLOW_CLI_EXIT_USAGE;
    }
  if (glow_latency_picture_get_n (picture) == 0)
    {
      glow_cli_complain (file, _("no durations are left to draw"));
      return GLOW_CLI_EXIT_NOTHING;
    }
  output = glow_cli_output_open (path, &error);
  if (output == NULL)
    {
      int status = glow_cli_report (path, error);

      g_error_free (error);
      return status;
    }
  glow_latency_picture_write (picture, format, &options, glow_cli_output_get_stream (output), glow_cli_get_cancellable (), &error);
  return glow_cli_output_finish (output, error);
}
