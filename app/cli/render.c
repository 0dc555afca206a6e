/* SPDX-License-Identifier: GPL-3.0-or-later */
/* afterglow-cli render: a flame graph as SVG, PNG or PDF. */
#include "config.h"
#include <glib/gi18n.h>
#include <math.h>
#include <string.h>
#include "cli/cli.h"

static const char *const format_words[] = { "svg", "png", "pdf", NULL };

/* Cairo's surfaces end at 32767 pixels; a page of a metre is enough for anyone. */
#define MAX_PIXELS 32767

typedef struct {
  GlowPictureOptions picture;
  char *path, *format_word, *palette_word, *title, *subtitle, *search;
  gboolean dark;
  GlowPictureFormat format;
} Render;

static void
render_clear (Render *self)
{
  g_free (self->path);
  g_free (self->format_word);
  g_free (self->palette_word);
  g_free (self->title);
  g_free (self->subtitle);
  g_free (self->search);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Render, render_clear)

static gboolean
check_number (const char *option, double value, double limit)
{
  if (isfinite (value) && value >= 0 && value <= limit)
    return TRUE;
  glow_cli_complain (NULL, _("render: %s: %g; expected a number from 0 to %g"), option, value, limit);
  return FALSE;
}

static gboolean
choose_format (Render *self)
{
  int index;

  if (self->path == NULL)
    {
      glow_cli_complain (NULL, _("render: no output was given; expected -o OUT.svg, OUT.png or OUT.pdf"));
      return FALSE;
    }
  if (self->format_word != NULL)
    {
      index = glow_cli_choose ("--format", self->format_word, format_words);
      self->format = index == 1 ? GLOW_PICTURE_PNG : index == 2 ? GLOW_PICTURE_PDF : GLOW_PICTURE_SVG;
      return index >= 0;
    }
  if (strcmp (self->path, "-") == 0)
    {
      self->format = GLOW_PICTURE_SVG;
      return TRUE;
    }
  if (glow_picture_format_from_path (self->path, &self->format))
    return TRUE;
  glow_cli_complain (NULL, _("render: -o %s: the ending is none of .svg, .png, .pdf; --format says it outright"), self->path);
  return FALSE;
}

/* What is wrong with the choices is said before a large file is read for them. */
static gboolean
check (Render *self)
{
  g_autoptr(GRegex) regex = NULL;
  g_autoptr(GError) error = NULL;

  if (!choose_format (self)
      || !check_number ("--width", self->picture.width, MAX_PIXELS)
      || !check_number ("--height", self->picture.height, MAX_PIXELS)
      || !check_number ("--min-width", self->picture.min_width, MAX_PIXELS)
      || !check_number ("--scale", self->picture.scale, 16))
    return FALSE;
  if (self->palette_word != NULL && !glow_palette_from_id (self->palette_word, &self->picture.palette))
    {
      const char *ids[GLOW_N_PALETTES + 1] = { NULL };

      for (guint i = 0; i < GLOW_N_PALETTES; i++)
        ids[i] = glow_palette_get_id (i);
      glow_cli_choose ("--palette", self->palette_word, ids);
      return FALSE;
    }
  if (self->search != NULL)
    {
      regex = g_regex_new (self->search, G_REGEX_OPTIMIZE, 0, &error);
      if (regex == NULL)
        {
          glow_cli_complain (NULL, "render: --search: %s", error->message);
          return FALSE;
        }
    }
  self->picture.theme = self->dark ? GLOW_THEME_DARK : GLOW_THEME_LIGHT;
  self->picture.title = self->title;
  self->picture.subtitle = self->subtitle;
  self->picture.search = self->search;
  return TRUE;
}

static int
run (const GlowCliCommand *command, int argc, char **argv)
{
  g_auto(Render) render = { 0 };
  const GOptionEntry own[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &render.path, N_("the picture: .svg, .png or .pdf; - for stdout"), N_("OUT") },
    { "format", 0, 0, G_OPTION_ARG_STRING, &render.format_word, N_("svg, png, pdf; else the ending of OUT says it"), N_("FORMAT") },
    { "width", 0, 0, G_OPTION_ARG_DOUBLE, &render.picture.width, N_("1200 unless given (PDF: points)"), N_("PIXELS") },
    { "height", 0, 0, G_OPTION_ARG_DOUBLE, &render.picture.height, N_("as deep as the stacks unless given"), N_("PIXELS") },
    { "min-width", 0, 0, G_OPTION_ARG_DOUBLE, &render.picture.min_width, N_("narrower frames are merged or left out"), N_("PIXELS") },
    { "scale", 0, 0, G_OPTION_ARG_DOUBLE, &render.picture.scale, N_("PNG: device pixels a pixel"), N_("FACTOR") },
    { "title", 0, 0, G_OPTION_ARG_STRING, &render.title, N_("the file's name unless given"), N_("TEXT") },
    { "subtitle", 0, 0, G_OPTION_ARG_STRING, &render.subtitle, N_("what percentages are of, unless given"), N_("TEXT") },
    { "palette", 0, 0, G_OPTION_ARG_STRING, &render.palette_word, N_("colours by kind (default), role, module, hash"), N_("NAME") },
    { "icicle", 0, 0, G_OPTION_ARG_NONE, &render.picture.icicle, N_("roots at the top"), NULL },
    { "search", 0, 0, G_OPTION_ARG_STRING, &render.search, N_("mark functions that match; no share changes"), N_("REGEX") },
    { "dark", 0, 0, G_OPTION_ARG_NONE, &render.dark, N_("on a dark ground"), NULL },
    { NULL }
  };
  g_auto(GlowCliOptions) options = { 0 };
  g_autoptr(GlowCallTree) tree = NULL;
  GlowCliOutput *output;
  GError *error = NULL;
  int status = glow_cli_options_parse (&options, command, GLOW_CLI_WITH_SHAPE, own, argc, argv);

  if (status >= 0)
    return status;
  if (!check (&render))
    return GLOW_CLI_EXIT_USAGE;
  tree = glow_cli_load_tree (&options, glow_picture_get_min_share (render.format, &render.picture), &status);
  if (tree == NULL)
    return status;
  render.picture.inverted = glow_query_get_inverted (options.query);
  output = glow_cli_output_open (render.path, &error);
  if (output == NULL)
    {
      status = glow_cli_report (render.path, error);
      g_error_free (error);
      return status;
    }
  glow_picture_write (tree, render.format, &render.picture, glow_cli_output_get_stream (output), glow_cli_get_cancellable (), &error);
  return glow_cli_output_finish (output, error);
}

const GlowCliCommand glow_cli_render = {
  .name = "render",
  .arguments = "FILE… -o OUT",
  .summary = N_("a flame graph as SVG (zooms and searches in any browser), PNG or PDF"),
  .notes = N_("The file appears when it is whole: nothing half-written is left behind, and an\n"
              "older picture of that name stays until then."),
  .run = run,
};
