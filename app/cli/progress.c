/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bar on standard error: what is being done, how far, how fast. On a terminal one line that rewrites itself; with
 * --progress elsewhere a plain line about once a second. */
#include "config.h"
#include <glib/gi18n.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "cli/cli.h"

#define BAR_CELLS 20
#define FIRST_AFTER_US (200 * 1000)          /* short work shows nothing */
#define TERMINAL_EVERY_US (100 * 1000)
#define LINES_EVERY_US (1000 * 1000)

struct _GlowCliProgress {
  GMutex lock;                 /* reports come from several workers */
  char *label;
  gboolean terminal;
  gint64 started, last;
  int stage;
  gint64 stage_started;
  gboolean shown;
};

GlowCliProgress *
glow_cli_progress_new (const char *label, gboolean always)
{
  gboolean terminal = isatty (STDERR_FILENO);
  GlowCliProgress *self;

  if (!terminal && !always)
    return NULL;
  self = g_new0 (GlowCliProgress, 1);
  g_mutex_init (&self->lock);
  self->label = g_filename_display_basename (label);
  self->terminal = terminal;
  self->stage = -1;
  self->started = g_get_monotonic_time ();
  return self;
}

static guint
terminal_columns (void)
{
  struct winsize size;

  return ioctl (STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static char *
dup_line (GlowCliProgress *self, const GlowProgress *progress, gint64 now)
{
  GString *line = g_string_new (NULL);
  double seconds = (now - self->stage_started) / 1e6;
  double fraction = progress->fraction;

  g_string_append_printf (line, "%s %s", glow_stage_get_label (progress->stage), self->label);
  if (fraction >= 0)
    {
      int filled = CLAMP (fraction, 0, 1) * BAR_CELLS;

      g_string_append (line, "  [");
      for (int i = 0; i < BAR_CELLS; i++)
        g_string_append_c (line, i < filled ? '#' : '.');
      g_string_append_printf (line, "] %3.0f %%", CLAMP (fraction, 0, 1) * 100);
    }
  if (progress->bytes > 0)
    {
      g_autofree char *done = glow_text_bytes (progress->bytes);

      g_string_append_printf (line, "  %s", done);
      if (seconds > 0.05 && progress->stage == GLOW_STAGE_READING)
        {
          g_autofree char *rate = glow_text_bytes (progress->bytes / seconds);

          /* Translators: a rate, as in “512 MB/s” */
          g_string_append_printf (line, _(", %s/s"), rate);
        }
    }
  if (progress->detail != NULL)
    {
      g_autofree char *detail = g_utf8_make_valid (progress->detail, -1);

      g_string_append_printf (line, "  %s", detail);
    }
  return g_string_free (line, FALSE);
}

static void
show (GlowCliProgress *self, const char *line)
{
  glong columns = terminal_columns () - 1;
  g_autofree char *cut = NULL;

  if (!self->terminal)
    {
      fprintf (stderr, "%s\n", line);
      return;
    }
  cut = g_utf8_strlen (line, -1) > columns ? g_utf8_substring (line, 0, columns) : g_strdup (line);
  fprintf (stderr, "\r%s\033[K", cut);
  fflush (stderr);
  self->shown = TRUE;
}

void
glow_cli_progress_func (const GlowProgress *progress, gpointer user_data)
{
  GlowCliProgress *self = user_data;
  gint64 now = g_get_monotonic_time ();
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (progress->stage != self->stage)
    {
      self->stage = progress->stage;
      self->stage_started = now;
    }
  if (self->terminal
      ? now - self->started < FIRST_AFTER_US || now - self->last < TERMINAL_EVERY_US
      : self->last != 0 && now - self->last < LINES_EVERY_US)
    return;
  if (progress->stage == GLOW_STAGE_DONE)
    return;
  self->last = now;
  {
    g_autofree char *line = dup_line (self, progress, now);

    show (self, line);
  }
}

void
glow_cli_progress_free (GlowCliProgress *self)
{
  if (self == NULL)
    return;
  if (self->shown)
    {
      fputs ("\r\033[K", stderr);
      fflush (stderr);
    }
  g_mutex_clear (&self->lock);
  g_free (self->label);
  g_free (self);
}
