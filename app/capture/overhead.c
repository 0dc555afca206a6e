/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a recording costs its target, measured on it: a command is run without, with, with and without the recorder, block by block; of what runs already the
 * recorder rests and runs in that order. A block's value is the mean logarithm of on ÷ off, in which what drifts steadily cancels; the
 * blocks' mean has Student's interval (STATISTICS C6 of the design). */
#include <config.h>

#include "capture/measure-private.h"

#include <afterglow/text.h>

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>
#include <sys/wait.h>

#define LEAST_BLOCKS 2
#define WINDOW_MS 500
#define MOST_COST 0.03         /* more is said, with the rate that meets it */

typedef struct {
  double wall, task_clock, instructions;
} Run;

typedef struct {
  GlowCapturePlan *plan;
  GlowCaptureWay way;
  guint n_blocks, index;
  Run *runs;
  GlowCaptureScratch scratch;
  GFileProgressCallback progress;
  gpointer progress_data;
  GlowCaptureSession *session;
  GlowCaptureBarrier *barrier;
  GlowCaptureWindows *windows;
  GlowCaptureCounts counts;
  GlowCaptureOverhead overhead;
  gulong handler;
  guint idle;
  gint64 began;
} Measure;

static void
end_run (Measure *self)
{
  double unused;

  if (self->session != NULL)
    g_clear_signal_handler (&self->handler, self->session);
  g_clear_pointer (&self->windows, glow_capture_windows_free);
  g_clear_object (&self->session);
  g_clear_pointer (&self->barrier, glow_capture_barrier_free);
  glow_capture_counts_take (&self->counts, &unused, &unused);
}

static void
measure_free (gpointer data)
{
  Measure *self = data;

  end_run (self);
  g_clear_handle_id (&self->idle, g_source_remove);
  glow_capture_scratch_clear (&self->scratch);
  glow_capture_plan_free (self->plan);
  g_free (self->runs);
  g_free (self);
}

static void
fail (GTask *task, GError *error)
{
  Measure *self = g_task_get_task_data (task);

  if (self->session != NULL)
    glow_capture_session_signal (self->session, SIGTERM);
  if (self->barrier != NULL)
    glow_capture_barrier_signal (self->barrier, SIGTERM);
  end_run (self);
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* The tightest of what is known, for a decision. */
static double
choose_cost (const GlowCaptureOverhead *overhead)
{
  return isfinite (overhead->instructions) && overhead->instructions > overhead->task_clock ? overhead->instructions
         : isfinite (overhead->task_clock) ? overhead->task_clock : overhead->time;
}

static void
finish (GTask *task)
{
  Measure *self = g_task_get_task_data (task);
  double cost = choose_cost (&self->overhead);
  guint rate = glow_capture_plan_sum_rates (self->plan);

  /* What sampling costs grows with its rate. Tracepoints have none. */
  if (cost > MOST_COST && rate > 1)
    self->overhead.proposed_rate = MAX ((guint) (rate * MOST_COST / cost), 1);
  self->overhead.n_blocks = self->n_blocks;
  end_run (self);
  g_task_return_pointer (task, g_memdup2 (&self->overhead, sizeof self->overhead), g_free);
  g_object_unref (task);
}

static void
tell_progress (Measure *self, guint n_done)
{
  if (self->progress != NULL)
    self->progress (n_done, 4 * self->n_blocks, self->progress_data);
}

/* ---- a command, run anew ---- */

static void next_run (GTask *task);

static double
value_of (const Run *run, gsize place)
{
  return *(const double *) G_STRUCT_MEMBER_P (run, place);
}

static double
change_of_runs (Measure *self, gsize place, double *low, double *high)
{
  g_autofree double *logarithms = g_new0 (double, self->n_blocks);

  for (guint i = 0; i < 4 * self->n_blocks; i++)
    {
      double half = log (value_of (&self->runs[i], place)) / 2;

      logarithms[i / 4] += glow_capture_window_is_on (i) ? half : -half;
    }
  return glow_capture_change_of_blocks (logarithms, self->n_blocks, low, high);
}

static void
take_runs (GTask *task)
{
  Measure *self = g_task_get_task_data (task);
  GlowCaptureOverhead *overhead = &self->overhead;

  overhead->time = change_of_runs (self, G_STRUCT_OFFSET (Run, wall), &overhead->time_low, &overhead->time_high);
  overhead->task_clock = change_of_runs (self, G_STRUCT_OFFSET (Run, task_clock), &overhead->task_clock_low, &overhead->task_clock_high);
  overhead->instructions = change_of_runs (self, G_STRUCT_OFFSET (Run, instructions), &overhead->instructions_low, &overhead->instructions_high);
  finish (task);
}

static gboolean
on_idle (gpointer data)
{
  GTask *task = data;
  Measure *self = g_task_get_task_data (task);

  self->idle = 0;
  end_run (self);
  self->index++;
  tell_progress (self, self->index);
  if (self->index == 4 * self->n_blocks)
    take_runs (task);
  else
    next_run (task);
  return G_SOURCE_REMOVE;
}

/* The command has ended; what recorded it may still write. */
static void
take_run (Measure *self)
{
  Run *run = &self->runs[self->index];

  run->wall = (g_get_monotonic_time () - self->began) / 1e6;
  glow_capture_counts_take (&self->counts, &run->task_clock, &run->instructions);
}

static void
on_ended_alone (int wait_status, gpointer data)
{
  GTask *task = data;
  Measure *self = g_task_get_task_data (task);
  GError *error = NULL;

  take_run (self);
  if (glow_capture_barrier_failed (self->barrier, &error))
    fail (task, error);
  else
    self->idle = g_idle_add (on_idle, task);
}

static void
on_changed_run (GlowCaptureSession *session, gpointer data)
{
  GTask *task = data;
  Measure *self = g_task_get_task_data (task);
  Run *run = &self->runs[self->index];
  GlowCaptureState state = glow_capture_session_get_state (session);

  if (state == GLOW_CAPTURE_RUNNING && self->began == 0)
    self->began = g_get_monotonic_time ();
  if (glow_capture_session_get_command_status (session) != -1 && run->wall == 0 && self->began != 0)
    take_run (self);
  if (state == GLOW_CAPTURE_FAILED)
    fail (task, g_error_copy (glow_capture_session_get_error (session)));
  else if (state == GLOW_CAPTURE_DONE && run->wall > 0 && self->idle == 0)
    self->idle = g_idle_add (on_idle, task);
}

static void
next_run (GTask *task)
{
  Measure *self = g_task_get_task_data (task);
  g_autofree char *path = g_build_filename (self->scratch.folder, "run.data", NULL);
  /* What fails at once ends the task in here. */
  g_autoptr(GTask) alive G_GNUC_UNUSED = g_object_ref (task);
  GError *error = NULL;

  self->began = 0;
  if (glow_capture_window_is_on (self->index))
    {
      self->session = glow_capture_session_new_measuring (self->plan, path);
      self->handler = g_signal_connect (self->session, "changed", G_CALLBACK (on_changed_run), task);
      glow_capture_session_start (self->session, self->way);
      if (self->session != NULL && glow_capture_session_get_command_pid (self->session) != 0)
        glow_capture_counts_open (&self->counts, glow_capture_session_get_command_pid (self->session));
      return;
    }
  self->barrier = glow_capture_barrier_new (self->plan, TRUE, on_ended_alone, task, &error);
  if (self->barrier == NULL)
    {
      fail (task, error);
      return;
    }
  glow_capture_counts_open (&self->counts, glow_capture_barrier_get_pid (self->barrier));
  self->began = g_get_monotonic_time ();
  glow_capture_barrier_release (self->barrier);
}

/* ---- what runs already ---- */

static void
read_target (double *work, double *cpu, gpointer data)
{
  Measure *self = g_task_get_task_data (data);

  *work = 0;
  *cpu = glow_capture_read_usage (self->plan);
}

static void
on_window (guint n_done, guint n, gpointer data)
{
  tell_progress (g_task_get_task_data (data), n_done);
}

static void
on_windows (const GlowCaptureWindow *windows, guint n_blocks, const GError *error, gpointer data)
{
  GTask *task = data;
  Measure *self = g_task_get_task_data (task);
  GlowCaptureOverhead *overhead = &self->overhead;
  g_autofree double *logarithms = g_new0 (double, self->n_blocks);

  if (error != NULL)
    {
      fail (task, g_error_copy (error));
      return;
    }
  for (guint i = 0; i < 4 * n_blocks; i++)
    {
      double half = log (windows[i].cpu / windows[i].wall) / 2;

      logarithms[i / 4] += glow_capture_window_is_on (i) ? half : -half;
    }
  /* How much it got done is not known from outside; at a steady load what it uses for that is. */
  overhead->task_clock = glow_capture_change_of_blocks (logarithms, n_blocks, &overhead->task_clock_low, &overhead->task_clock_high);
  overhead->time = overhead->time_low = overhead->time_high = NAN;
  overhead->instructions = overhead->instructions_low = overhead->instructions_high = NAN;
  glow_capture_session_stop (self->session);
}

static void
on_changed_windows (GlowCaptureSession *session, gpointer data)
{
  GTask *task = data;
  Measure *self = g_task_get_task_data (task);
  GlowCaptureState state = glow_capture_session_get_state (session);

  if (state == GLOW_CAPTURE_RUNNING && self->windows == NULL)
    self->windows = glow_capture_windows_start (session, self->n_blocks, WINDOW_MS, read_target, on_window, on_windows, task);
  else if (state == GLOW_CAPTURE_FAILED)
    fail (task, g_error_copy (glow_capture_session_get_error (session)));
  else if (state == GLOW_CAPTURE_DONE && isnan (self->overhead.time))
    finish (task);
}

static void
start_windows (GTask *task)
{
  Measure *self = g_task_get_task_data (task);
  g_autofree char *path = g_build_filename (self->scratch.folder, "windows.data", NULL);

  self->overhead.by_windows = TRUE;
  self->plan->per_process = FALSE;
  self->session = glow_capture_session_new_measuring (self->plan, path);
  self->handler = g_signal_connect (self->session, "changed", G_CALLBACK (on_changed_windows), task);
  glow_capture_session_start (self->session, self->way);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer data)
{
  GError *error = NULL;

  g_cancellable_set_error_if_cancelled (cancellable, &error);
  fail (data, error);
  return G_SOURCE_REMOVE;
}

/**
 * glow_capture_overhead_measure_async:
 * @n_blocks: of four runs, or windows of half a second, each; at least 2, 5 or more for an interval that says something
 * @progress: (nullable): runs done, of how many
 *
 * Runs the plan's command 4 @n_blocks times, what it writes going nowhere; of what runs already it makes a recording that nobody keeps.
 */
void
glow_capture_overhead_measure_async (const GlowCapturePlan *plan, GlowCaptureWay way, guint n_blocks, GCancellable *cancellable, GFileProgressCallback progress,
                                     gpointer progress_data, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Measure *self = g_new0 (Measure, 1);
  GError *error = NULL;

  self->plan = glow_capture_plan_copy (plan);
  self->plan->duration = 0;
  self->plan->size = 0;
  self->way = way;
  self->n_blocks = MAX (n_blocks, LEAST_BLOCKS);
  self->runs = g_new0 (Run, 4 * self->n_blocks);
  self->counts = (GlowCaptureCounts) { -1, -1 };
  self->progress = progress;
  self->progress_data = progress_data;
  g_task_set_task_data (task, self, measure_free);
  if (!glow_capture_scratch_init (&self->scratch, task, on_cancelled, &error))
    {
      fail (task, error);
      return;
    }
  if (plan->target == GLOW_CAPTURE_COMMAND)
    next_run (task);
  else
    start_windows (task);
}

GlowCaptureOverhead *
glow_capture_overhead_measure_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* "+0.6 % (0.2 to 1.0 %)" */
static void
append_change (GString *text, const char *what, double change, double low, double high)
{
  if (!isfinite (change))
    return;
  g_string_append_printf (text, "%s%s %+.2f %% (%+.2f…%+.2f %%)", text->len > 0 ? ", " : "", what, 100 * change, 100 * low, 100 * high);
}

/**
 * glow_capture_overhead_dup_sentence:
 *
 * Returns: (transfer full): what it cost, with intervals; and, above 3 %, the rate that would meet it
 */
char *
glow_capture_overhead_dup_sentence (const GlowCaptureOverhead *overhead, const GlowCapturePlan *plan)
{
  GString *text = g_string_new (NULL);
  double cost = choose_cost (overhead);

  append_change (text, _("wall-clock time"), overhead->time, overhead->time_low, overhead->time_high);
  append_change (text, _("CPU time"), overhead->task_clock, overhead->task_clock_low, overhead->task_clock_high);
  append_change (text, _("instructions"), overhead->instructions, overhead->instructions_low, overhead->instructions_high);
  g_string_prepend (text, _("While it is recorded: "));
  g_string_append_printf (text, ngettext (", in %u block of off, on, on, off.", ", in %u blocks of off, on, on, off.", overhead->n_blocks), overhead->n_blocks);
  if (cost > MOST_COST && overhead->proposed_rate > 0)
    g_string_append_printf (text, _(" That is more than 3 %%; at %u Hz it would be less."), overhead->proposed_rate);
  else if (cost > MOST_COST)
    g_string_append (text, _(" That is more than 3 %; trace fewer events."));
  return g_string_free (text, FALSE);
}
