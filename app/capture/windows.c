/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows of a recording that rests and runs: off, on, on, off. */
#include <config.h>

#include "capture/measure-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <math.h>

/* Until caches and clocks are again as they are in the middle of a window. */
#define SETTLE_MS 10

struct _GlowCaptureWindows {
  GlowCaptureSession *session;
  GlowCaptureWindow *windows;
  guint n_blocks, window_ms, index, timer;
  gulong handler;
  gboolean measuring;
  double work, cpu;
  gint64 began;
  GlowCaptureWindowRead read;
  GlowCaptureWindowsProgress progress;
  GlowCaptureWindowsDone done;
  gpointer data;
};

gboolean
glow_capture_window_is_on (guint index)
{
  return index % 4 == 1 || index % 4 == 2;
}

void
glow_capture_windows_free (GlowCaptureWindows *self)
{
  if (self == NULL)
    return;
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_signal_handler (&self->handler, self->session);
  g_object_unref (self->session);
  g_free (self->windows);
  g_free (self);
}

static void begin_window (GlowCaptureWindows *self);

static gboolean
on_window_end (gpointer data)
{
  GlowCaptureWindows *self = data;
  GlowCaptureWindow *window = &self->windows[self->index];
  double work, cpu;

  self->timer = 0;
  self->read (&work, &cpu, self->data);
  *window = (GlowCaptureWindow) { work - self->work, cpu - self->cpu, (g_get_monotonic_time () - self->began) / 1e6 };
  self->measuring = FALSE;
  self->index++;
  if (self->progress != NULL)
    self->progress (self->index, 4 * self->n_blocks, self->data);
  if (self->index == 4 * self->n_blocks)
    {
      g_clear_signal_handler (&self->handler, self->session);
      self->done (self->windows, self->n_blocks, NULL, self->data);
    }
  else
    begin_window (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_settled (gpointer data)
{
  GlowCaptureWindows *self = data;

  self->read (&self->work, &self->cpu, self->data);
  self->began = g_get_monotonic_time ();
  self->timer = g_timeout_add (self->window_ms, on_window_end, self);
  return G_SOURCE_REMOVE;
}

/* Once the recorder does as it is to do in this window. */
static void
begin_window (GlowCaptureWindows *self)
{
  GlowCaptureState state = glow_capture_session_get_state (self->session);
  gboolean on = glow_capture_window_is_on (self->index);

  if (self->measuring)
    return;
  if (state == GLOW_CAPTURE_RUNNING && !on)
    glow_capture_session_pause (self->session);
  else if (state == GLOW_CAPTURE_PAUSED && on)
    glow_capture_session_resume (self->session);
  else if (state == (on ? GLOW_CAPTURE_RUNNING : GLOW_CAPTURE_PAUSED))
    {
      self->measuring = TRUE;
      self->timer = g_timeout_add (SETTLE_MS, on_settled, self);
    }
}

static void
on_changed (GlowCaptureSession *session, gpointer data)
{
  GlowCaptureWindows *self = data;
  const GError *error = glow_capture_session_get_error (session);

  if (glow_capture_session_get_state (session) < GLOW_CAPTURE_STOPPING)
    {
      begin_window (self);
      return;
    }
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_signal_handler (&self->handler, self->session);
  if (error != NULL)
    self->done (NULL, 0, error, self->data);
  else
    {
      g_autoptr(GError) own = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, _("The recording ended before its cost was known"));

      self->done (NULL, 0, own, self->data);
    }
}

GlowCaptureWindows *
glow_capture_windows_start (GlowCaptureSession *session, guint n_blocks, guint window_ms, GlowCaptureWindowRead read, GlowCaptureWindowsProgress progress,
                            GlowCaptureWindowsDone done, gpointer data)
{
  GlowCaptureWindows *self = g_new0 (GlowCaptureWindows, 1);

  self->session = g_object_ref (session);
  self->n_blocks = n_blocks;
  self->window_ms = window_ms;
  self->windows = g_new0 (GlowCaptureWindow, 4 * n_blocks);
  self->read = read;
  self->progress = progress;
  self->done = done;
  self->data = data;
  self->handler = g_signal_connect (session, "changed", G_CALLBACK (on_changed), self);
  begin_window (self);
  return self;
}

double
glow_capture_change_of_blocks (const double *logarithms, guint n_blocks, double *low, double *high)
{
  GlowMean mean;

  *low = *high = NAN;
  for (guint i = 0; i < n_blocks; i++)
    if (!isfinite (logarithms[i]))
      return NAN;
  if (n_blocks < 2)
    return NAN;
  mean = glow_interval_mean (logarithms, n_blocks, 0.95);
  *low = expm1 (mean.interval.low);
  *high = expm1 (mean.interval.high);
  return expm1 (mean.mean);
}

gboolean
glow_capture_scratch_init (GlowCaptureScratch *self, GTask *task, GCancellableSourceFunc cancelled, GError **error)
{
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  self->folder = g_dir_make_tmp ("afterglow-measure-XXXXXX", error);
  if (self->folder == NULL || cancellable == NULL)
    return self->folder != NULL;
  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (cancelled), task, NULL);
  g_source_attach (self->cancelled, g_main_context_get_thread_default ());
  return TRUE;
}

void
glow_capture_scratch_clear (GlowCaptureScratch *self)
{
  g_autoptr(GDir) listing = self->folder != NULL ? g_dir_open (self->folder, 0, NULL) : NULL;
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      g_unlink (path);
    }
  if (self->folder != NULL)
    g_rmdir (self->folder);
  g_clear_pointer (&self->folder, g_free);
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);
}
