/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What takes a while and ends in an answer, waited for: rights, estimates, measured overhead. */
#include "config.h"
#include <glib/gi18n.h>
#include "cli/record.h"

typedef struct {
  GMainLoop *loop;
  GAsyncResult *result;
} Wait;

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  Wait *wait = data;

  wait->result = g_object_ref (result);
  g_main_loop_quit (wait->loop);
}

static GAsyncResult *
wait_for (Wait *wait)
{
  wait->loop = g_main_loop_new (NULL, FALSE);
  g_main_loop_run (wait->loop);
  g_main_loop_unref (wait->loop);
  return wait->result;
}

GlowCaptureAbilities *
glow_cli_record_ask (GError **error)
{
  Wait wait = { NULL };
  g_autoptr(GAsyncResult) result = NULL;

  glow_capture_abilities_load_async (glow_cli_get_cancellable (), on_answer, &wait);
  result = wait_for (&wait);
  return glow_capture_abilities_load_finish (result, error);
}

GlowCaptureEstimate *
glow_cli_record_estimate (const GlowCliRecord *record, GlowCaptureWay way, GError **error)
{
  Wait wait = { NULL };
  g_autoptr(GAsyncResult) result = NULL;

  glow_capture_estimate_measure_async (record->plan, way, record->event_seconds, glow_cli_get_cancellable (), on_answer, &wait);
  result = wait_for (&wait);
  return glow_capture_estimate_measure_finish (result, error);
}

static void
on_progress (goffset done, goffset all, gpointer data)
{
  GlowProgress progress = { .stage = GLOW_STAGE_READING, .fraction = (double) done / (double) all };

  glow_cli_progress_func (&progress, data);
}

GlowCaptureOverhead *
glow_cli_record_overhead (const GlowCliRecord *record, GlowCaptureWay way, GError **error)
{
  Wait wait = { NULL };
  g_autoptr(GAsyncResult) result = NULL;
  GlowCliProgress *progress = record->quiet ? NULL : glow_cli_progress_new (_("overhead"), FALSE);

  glow_capture_overhead_measure_async (record->plan, way, record->blocks, glow_cli_get_cancellable (), progress != NULL ? on_progress : NULL, progress, on_answer,
                                       &wait);
  result = wait_for (&wait);
  glow_cli_progress_free (progress);
  return glow_capture_overhead_measure_finish (result, error);
}
