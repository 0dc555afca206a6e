/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One recording that runs: its state, its files, its figures, marks and notes. Who runs perf is the business of session-direct.c and session-helper.c. */
#include <config.h>

#include "capture/session-private.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <time.h>

#define TICK_MS 500

G_DEFINE_FINAL_TYPE (GlowCaptureSession, glow_capture_session, G_TYPE_OBJECT)

static guint changed_signal;

static void
tell_changed (GlowCaptureSession *self)
{
  g_signal_emit (self, changed_signal, 0);
}

static void
set_state (GlowCaptureSession *self, GlowCaptureState state)
{
  self->state = state;
  tell_changed (self);
}

/* ---- figures ---- */

static void
update_figures (GlowCaptureSession *self)
{
  guint64 bytes = 0;

  self->figures.elapsed = self->elapsed + (self->running_since != 0 ? (g_get_monotonic_time () - self->running_since) / 1e6 : 0);
  for (guint i = 0; i < self->files->len; i++)
    {
      const GlowCaptureFile *file = g_ptr_array_index (self->files, i);
      GStatBuf status;

      if (g_stat (file->path, &status) == 0)
        bytes += status.st_size;
    }
  for (guint i = 0; i < self->counters->len; i++)
    glow_capture_counter_update (g_ptr_array_index (self->counters, i), &self->figures);
  self->figures.bytes = bytes;
  if (self->direct != NULL)
    self->figures.recorder_seconds = glow_capture_direct_get_seconds (self->direct);
  if (self->service != NULL)
    self->figures.recorder_seconds = glow_capture_service_get_seconds (self->service);
}

static void
hold_clock (GlowCaptureSession *self)
{
  if (self->running_since == 0)
    return;
  self->elapsed += (g_get_monotonic_time () - self->running_since) / 1e6;
  self->running_since = 0;
}

static gboolean
on_tick (gpointer data)
{
  GlowCaptureSession *self = data;

  update_figures (self);
  /* The service sees to it itself, and would whether this program lives or not. */
  if (self->direct != NULL && self->plan->duration > 0 && self->figures.elapsed >= self->plan->duration && self->state == GLOW_CAPTURE_RUNNING)
    {
      if (self->reason == NULL)
        self->reason = g_strdup ("duration");
      glow_capture_session_stop (self);
    }
  else
    {
      if (self->direct != NULL && self->state == GLOW_CAPTURE_RUNNING && !self->measures)
        glow_capture_direct_flush (self->direct);
      tell_changed (self);
    }
  return G_SOURCE_CONTINUE;
}

/* A tick that comes when the time is up, however short it is. */
static guint
get_tick (GlowCaptureSession *self)
{
  double left = self->plan->duration > 0 ? (self->plan->duration - self->elapsed) * 1000 : TICK_MS;

  return (guint) CLAMP (left, 1, TICK_MS);
}

static void
start_ticks (GlowCaptureSession *self)
{
  g_clear_handle_id (&self->tick, g_source_remove);
  self->tick = g_timeout_add (get_tick (self), on_tick, self);
}

/* What is known so far, so that it is there if this program dies. */
static void
save_notes (GlowCaptureSession *self)
{
  const GlowCaptureNotes notes = { .plan = self->plan, .marks = self->marks, .figures = self->figures, .overhead = self->overhead };
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < self->files->len; i++)
    if (!glow_capture_notes_save (&notes, ((const GlowCaptureFile *) g_ptr_array_index (self->files, i))->path, &error))
      {
        g_warning ("%s", error->message);
        return;
      }
}

const GlowCaptureFigures *
glow_capture_session_update (GlowCaptureSession *self)
{
  update_figures (self);
  return &self->figures;
}

/* ---- what ways tell ---- */

void
glow_capture_session_runs (GlowCaptureSession *self)
{
  if (self->state != GLOW_CAPTURE_STARTING && self->state != GLOW_CAPTURE_PAUSED)
    return;
  self->began = TRUE;
  self->running_since = g_get_monotonic_time ();
  start_ticks (self);
  if (self->barrier != NULL)
    glow_capture_barrier_release (self->barrier);
  set_state (self, GLOW_CAPTURE_RUNNING);
}

void
glow_capture_session_rests (GlowCaptureSession *self)
{
  hold_clock (self);
  if (self->state == GLOW_CAPTURE_RUNNING)
    set_state (self, GLOW_CAPTURE_PAUSED);
}

static void
clear_ways (GlowCaptureSession *self)
{
  g_clear_pointer (&self->direct, glow_capture_direct_free);
  g_clear_pointer (&self->service, glow_capture_service_free);
}

static void
discard_files (GlowCaptureSession *self)
{
  for (guint i = 0; i < self->files->len; i++)
    glow_capture_file_discard (g_ptr_array_index (self->files, i));
}

static void
set_outputs (GlowCaptureSession *self)
{
  g_clear_pointer (&self->outputs, g_strfreev);
  self->outputs = g_new0 (char *, self->files->len + 1);
  for (guint i = 0; i < self->files->len; i++)
    self->outputs[i] = g_strdup (((const GlowCaptureFile *) g_ptr_array_index (self->files, i))->path);
}

static gboolean
finish_files (GlowCaptureSession *self, GError **error)
{
  const GlowCaptureNotes notes = { .plan = self->plan, .marks = self->marks, .reason = self->reason, .figures = self->figures, .overhead = self->overhead };

  for (guint i = 0; i < self->files->len; i++)
    if (!glow_capture_file_finish (g_ptr_array_index (self->files, i), &notes, error))
      return FALSE;
  set_outputs (self);
  return TRUE;
}

static void
fail (GlowCaptureSession *self, GError *error)
{
  g_clear_error (&self->error);
  self->error = error;
  discard_files (self);
  g_clear_pointer (&self->barrier, glow_capture_barrier_free);
  set_state (self, GLOW_CAPTURE_FAILED);
}

void
glow_capture_session_ended (GlowCaptureSession *self, const char *reason, GError *error)
{
  g_autoptr(GlowCaptureSession) alive G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr(GError) own = NULL;

  if (self->state == GLOW_CAPTURE_DONE || self->state == GLOW_CAPTURE_FAILED)
    {
      g_clear_error (&error);
      return;
    }
  g_clear_handle_id (&self->tick, g_source_remove);
  hold_clock (self);
  update_figures (self);
  clear_ways (self);
  if (self->reason == NULL)
    self->reason = g_strdup (reason != NULL ? reason : "ended");
  if (self->discarded)
    {
      g_clear_error (&error);
      discard_files (self);
      set_state (self, GLOW_CAPTURE_DONE);
      return;
    }
  /* Its command stands at the barrier still, and will not be let go. */
  if (error == NULL && !self->began)
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Stopped before the recording had begun"));
  if (error == NULL && self->barrier != NULL && glow_capture_barrier_failed (self->barrier, &own))
    error = g_steal_pointer (&own);
  if (error != NULL || !finish_files (self, &own))
    fail (self, error != NULL ? error : g_steal_pointer (&own));
  else
    set_state (self, GLOW_CAPTURE_DONE);
}

GlowCaptureSubject
glow_capture_session_get_subject (GlowCaptureSession *self, GlowCaptureProcess *own)
{
  GlowCaptureSubject subject = { (const GlowCaptureProcess *) self->plan->processes->data, self->plan->processes->len, 0 };

  if (self->barrier != NULL)
    {
      own->pid = glow_capture_barrier_get_pid (self->barrier);
      glow_capture_read_stat (own->pid, &own->start_time, NULL, NULL);
      subject.processes = own;
      subject.n_processes = 1;
    }
  if (self->plan->target == GLOW_CAPTURE_CGROUP)
    subject.cgroup = glow_capture_cgroup_id (self->plan->cgroup, NULL);
  return subject;
}

const char *
glow_capture_sampler_path (void)
{
  const char *path = g_getenv ("AFTERGLOW_HELPER");

  return path != NULL && *path != '\0' ? path : AFTERGLOW_HELPER_PATH;
}

/* ---- beginning ---- */

static void
on_command_ended (int wait_status, gpointer data)
{
  GlowCaptureSession *self = data;
  g_autoptr(GlowCaptureSession) alive G_GNUC_UNUSED = g_object_ref (self);

  self->command_status = wait_status;
  if (self->state < GLOW_CAPTURE_STOPPING)
    {
      if (self->reason == NULL)
        self->reason = g_strdup ("ended");
      glow_capture_session_stop (self);
    }
  else
    tell_changed (self);
}

/* "out.data", or "out-1234.data" for each process. */
static char *
dup_file_name (GlowCaptureSession *self, guint index)
{
  const char *base = strrchr (self->output, '/') != NULL ? strrchr (self->output, '/') + 1 : self->output, *dot = strrchr (base, '.');
  guint pid;

  if (!self->plan->per_process)
    return g_strdup (self->output);
  pid = g_array_index (self->plan->processes, GlowCaptureProcess, index).pid;
  if (dot == NULL || dot == base)
    return g_strdup_printf ("%s-%u", self->output, pid);
  return g_strdup_printf ("%.*s-%u%s", (int) (dot - self->output), self->output, pid, dot);
}

static gboolean
make_files (GlowCaptureSession *self, GError **error)
{
  guint n = self->plan->per_process ? self->plan->processes->len : 1;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = dup_file_name (self, i);
      GlowCaptureFile *file = glow_capture_file_new (name, self->plan, !self->measures, error);

      if (file == NULL)
        return FALSE;
      g_ptr_array_add (self->files, file);
      g_ptr_array_add (self->counters, glow_capture_counter_new (file->path));
    }
  set_outputs (self);
  return TRUE;
}

static gboolean
begin (GlowCaptureSession *self, GlowCaptureWay way, GError **error)
{
  if (self->words == NULL && !glow_capture_plan_check (self->plan, error))
    return FALSE;
  if (self->plan->target == GLOW_CAPTURE_CGROUP && self->words == NULL && glow_capture_cgroup_id (self->plan->cgroup, error) == 0)
    return FALSE;
  if (!make_files (self, error))
    return FALSE;
  if (self->plan->target == GLOW_CAPTURE_COMMAND && self->words == NULL)
    {
      self->barrier = glow_capture_barrier_new (self->plan, self->measures, on_command_ended, self, error);
      if (self->barrier == NULL)
        return FALSE;
    }
  if (way == GLOW_CAPTURE_HELPER)
    self->service = glow_capture_service_start (self, error);
  else
    self->direct = glow_capture_direct_start (self, error);
  return self->service != NULL || self->direct != NULL;
}

static void
start (GlowCaptureSession *self, GlowCaptureWay way)
{
  GError *error = NULL;

  g_return_if_fail (self->state == GLOW_CAPTURE_STARTING && self->files->len == 0);
  if (!begin (self, way, &error))
    fail (self, error);
}

/**
 * glow_capture_session_start:
 * @way: as glow_capture_plan_choose_way() chose it; GLOW_CAPTURE_EITHER is taken for GLOW_CAPTURE_DIRECT
 *
 * Begins. A launched command stands at a barrier until the recording runs. Failures come as GLOW_CAPTURE_FAILED.
 */
void
glow_capture_session_start (GlowCaptureSession *self, GlowCaptureWay way)
{
  start (self, way);
}

/**
 * glow_capture_session_start_words:
 * @words: argv of a perf record
 *
 * Runs them as they are, directly, but for the output, which is the session's.
 */
void
glow_capture_session_start_words (GlowCaptureSession *self, const char *const *words)
{
  self->words = g_strdupv ((char **) words);
  start (self, GLOW_CAPTURE_DIRECT);
}

/**
 * glow_capture_session_set_interactive:
 *
 * Whether somebody may be asked for a password, which is so at first: not where nobody looks, as in a job of cron.
 */
void
glow_capture_session_set_interactive (GlowCaptureSession *self, gboolean interactive)
{
  self->interactive = interactive;
}

/**
 * glow_capture_session_set_overhead:
 *
 * What was measured of the plan before, to be kept with the recording. Before the session begins.
 */
void
glow_capture_session_set_overhead (GlowCaptureSession *self, const GlowCaptureOverhead *overhead)
{
  g_free (self->overhead);
  self->overhead = g_memdup2 (overhead, sizeof *overhead);
}

/* ---- while it runs ---- */

void
glow_capture_session_pause (GlowCaptureSession *self)
{
  if (self->state != GLOW_CAPTURE_RUNNING)
    return;
  if (self->direct != NULL)
    glow_capture_direct_pause (self->direct, TRUE);
  else if (self->service != NULL)
    glow_capture_service_pause (self->service, TRUE);
}

void
glow_capture_session_resume (GlowCaptureSession *self)
{
  if (self->state != GLOW_CAPTURE_PAUSED)
    return;
  if (self->direct != NULL)
    glow_capture_direct_pause (self->direct, FALSE);
  else if (self->service != NULL)
    glow_capture_service_pause (self->service, FALSE);
}

void
glow_capture_session_mark (GlowCaptureSession *self, const char *text)
{
  GlowCaptureMark *mark;
  struct timespec now;

  if (self->state != GLOW_CAPTURE_RUNNING && self->state != GLOW_CAPTURE_PAUSED)
    return;
  clock_gettime (CLOCK_MONOTONIC, &now);
  mark = g_new0 (GlowCaptureMark, 1);
  *mark = (GlowCaptureMark) { (guint64) now.tv_sec * 1000000000 + now.tv_nsec, g_strdup (text) };
  g_ptr_array_add (self->marks, mark);
  save_notes (self);
  tell_changed (self);
}

/* An end that somebody asked for; perf writes what it has and then ends. */
void
glow_capture_session_stop (GlowCaptureSession *self)
{
  if (self->state >= GLOW_CAPTURE_STOPPING)
    return;
  if (self->reason == NULL)
    self->reason = g_strdup ("stopped");
  /* What the recorder used can be asked as long as it is there. */
  update_figures (self);
  hold_clock (self);
  self->state = GLOW_CAPTURE_STOPPING;
  if (self->direct != NULL)
    glow_capture_direct_stop (self->direct);
  else if (self->service != NULL)
    glow_capture_service_stop (self->service);
  tell_changed (self);
}

void
glow_capture_session_signal (GlowCaptureSession *self, int number)
{
  if (self->barrier != NULL)
    glow_capture_barrier_signal (self->barrier, number);
}

void
glow_capture_session_discard (GlowCaptureSession *self)
{
  self->discarded = TRUE;
  if (self->state == GLOW_CAPTURE_DONE)
    {
      discard_files (self);
      tell_changed (self);
    }
  else
    glow_capture_session_stop (self);
}

GlowCaptureState
glow_capture_session_get_state (GlowCaptureSession *self)
{
  return self->state;
}

const GlowCaptureFigures *
glow_capture_session_get_figures (GlowCaptureSession *self)
{
  return &self->figures;
}

const GError *
glow_capture_session_get_error (GlowCaptureSession *self)
{
  return self->error;
}

const char *
glow_capture_session_get_reason (GlowCaptureSession *self)
{
  return self->reason;
}

const char *const *
glow_capture_session_get_outputs (GlowCaptureSession *self)
{
  return (const char *const *) self->outputs;
}

guint
glow_capture_session_get_command_pid (GlowCaptureSession *self)
{
  return self->barrier != NULL ? glow_capture_barrier_get_pid (self->barrier) : 0;
}

int
glow_capture_session_get_command_status (GlowCaptureSession *self)
{
  return self->command_status;
}

static void
glow_capture_session_dispose (GObject *object)
{
  GlowCaptureSession *self = GLOW_CAPTURE_SESSION (object);

  g_clear_handle_id (&self->tick, g_source_remove);
  clear_ways (self);
  g_clear_pointer (&self->barrier, glow_capture_barrier_free);
  G_OBJECT_CLASS (glow_capture_session_parent_class)->dispose (object);
}

static void
glow_capture_session_finalize (GObject *object)
{
  GlowCaptureSession *self = GLOW_CAPTURE_SESSION (object);

  g_ptr_array_unref (self->files);
  g_ptr_array_unref (self->counters);
  g_ptr_array_unref (self->marks);
  g_strfreev (self->outputs);
  g_strfreev (self->words);
  g_clear_error (&self->error);
  g_free (self->reason);
  g_free (self->overhead);
  g_free (self->output);
  glow_capture_plan_free (self->plan);
  G_OBJECT_CLASS (glow_capture_session_parent_class)->finalize (object);
}

static void
glow_capture_session_class_init (GlowCaptureSessionClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = glow_capture_session_dispose;
  object_class->finalize = glow_capture_session_finalize;
  changed_signal = g_signal_new ("changed", GLOW_TYPE_CAPTURE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
glow_capture_session_init (GlowCaptureSession *self)
{
  self->files = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_capture_file_free);
  self->counters = g_ptr_array_new_with_free_func ((GDestroyNotify) glow_capture_counter_free);
  self->marks = g_ptr_array_new_with_free_func (glow_capture_mark_free);
  self->command_status = -1;
  self->interactive = TRUE;
}

/**
 * glow_capture_session_new:
 * @output: path of the recording; with per-process recordings each has the process's number before the ending
 *
 * Returns: (transfer full): a session that has not begun
 */
GlowCaptureSession *
glow_capture_session_new (const GlowCapturePlan *plan, const char *output)
{
  GlowCaptureSession *self = g_object_new (GLOW_TYPE_CAPTURE_SESSION, NULL);

  self->plan = glow_capture_plan_copy (plan);
  self->output = g_strdup (output);
  return self;
}

GlowCaptureSession *
glow_capture_session_new_measuring (const GlowCapturePlan *plan, const char *output)
{
  GlowCaptureSession *self = glow_capture_session_new (plan, output);

  self->measures = TRUE;
  return self;
}
