/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work off the main thread, where only the newest answer counts. */
#include <config.h>

#include "ui/job.h"

typedef struct {
  GlowJobSlot *slot;
  GlowJobFunc func;
  gpointer data;
  GDestroyNotify free_data, free_result;
  GlowJobDone done;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job->free_data != NULL)
    job->free_data (job->data);
  g_free (job);
}

static void
run (GTask *task, gpointer owner, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;
  gpointer result = job->func (job->data, cancellable, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, result, job->free_result);
}

static void
finished (GObject *owner, GAsyncResult *result, gpointer user_data)
{
  GTask *task = G_TASK (result);
  Job *job = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr(GError) error = NULL;
  gpointer value;

  if (g_cancellable_is_cancelled (cancellable))
    return;
  value = g_task_propagate_pointer (task, &error);
  g_clear_object (&job->slot->cancellable);
  job->done (owner, value, error);
}

void
glow_job_start (GlowJobSlot *slot, gpointer owner, GlowJobFunc func, gpointer data, GDestroyNotify free_data, GDestroyNotify free_result,
                GlowJobDone done)
{
  Job *job = g_new0 (Job, 1);
  g_autoptr(GTask) task = NULL;

  *job = (Job) { slot, func, data, free_data, free_result, done };
  glow_job_cancel (slot);
  slot->cancellable = g_cancellable_new ();
  task = g_task_new (owner, slot->cancellable, finished, NULL);
  g_task_set_task_data (task, job, job_free);
  g_task_set_check_cancellable (task, FALSE);
  g_task_run_in_thread (task, run);
}

void
glow_job_cancel (GlowJobSlot *slot)
{
  if (slot->cancellable == NULL)
    return;
  g_cancellable_cancel (slot->cancellable);
  g_clear_object (&slot->cancellable);
}

gboolean
glow_job_is_running (const GlowJobSlot *slot)
{
  return slot->cancellable != NULL;
}
