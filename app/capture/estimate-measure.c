/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a recording costs on this machine, measured: one sample on a loop of known work, whose speed with and without the recorder is compared at a rate at
 * which the difference shows; then, of what runs already, how many samples and bytes there are in a second by the plan itself. */
#include <config.h>

#include "capture/measure-private.h"

#include <math.h>
#include <string.h>

#define LOOP_BLOCKS 5
#define LOOP_WINDOW_MS 80
#define LOOP_RATE 4000
#define PROBE_SECONDS 2.0

/* What one sample costs, as long as this program runs: the machine does not change meanwhile. */
typedef struct {
  gboolean calls, kernel;
  GlowCaptureCallGraph call_graph;
  GlowCaptureClock clock;
  GlowCaptureWay way;
  guint stack_size;
  double seconds, low, high;   /* of the sampled, each sample */
  double recorder;             /* of the recorder, each sample */
  double bytes;                /* each sample */
} Cost;

typedef struct {
  GlowCapturePlan *plan;
  GlowCaptureWay way;
  GlowCaptureEstimate estimate;
  Cost cost;
  GlowCaptureScratch scratch;
  GlowCaptureLoop *loop;
  GlowCaptureSession *session;
  GlowCaptureWindows *windows;
  GlowCaptureFigures before;   /* when it began to run */
  double usage;
  gulong handler;
  gboolean runs, measured, is_probe;
  gint64 began;
} Measure;

static Cost known[8];
static guint n_known, next_known;

static void
end_session (Measure *self)
{
  if (self->session != NULL)
    {
      g_clear_signal_handler (&self->handler, self->session);
      g_clear_pointer (&self->windows, glow_capture_windows_free);
      g_clear_object (&self->session);
    }
  g_clear_pointer (&self->loop, glow_capture_loop_free);
}

static void
measure_free (gpointer data)
{
  Measure *self = data;

  end_session (self);
  glow_capture_scratch_clear (&self->scratch);
  glow_capture_plan_free (self->plan);
  g_free (self);
}

static gboolean
is_traced (const GlowCapturePlan *plan)
{
  guint traced = plan->probes->len;

  for (guint i = 0; i < plan->events->len; i++)
    traced += ((const GlowCaptureEvent *) g_ptr_array_index (plan->events, i))->frequency == 0;
  return traced > 0;
}

static Cost
cost_of (const GlowCapturePlan *plan, GlowCaptureWay way)
{
  return (Cost) { .calls = is_traced (plan), .kernel = plan->kernel, .call_graph = plan->call_graph, .clock = plan->clock, .way = way, .stack_size = plan->stack_size };
}

static const Cost *
find_cost (const Cost *wanted)
{
  for (guint i = 0; i < n_known; i++)
    if (known[i].calls == wanted->calls && known[i].kernel == wanted->kernel && known[i].call_graph == wanted->call_graph && known[i].clock == wanted->clock
        && known[i].way == wanted->way && known[i].stack_size == wanted->stack_size)
      return &known[i];
  return NULL;
}

static void
fail (GTask *task, GError *error)
{
  Measure *self = g_task_get_task_data (task);

  end_session (self);
  if (!g_task_get_completed (task))
    g_task_return_error (task, error);
  else
    g_error_free (error);
  g_object_unref (task);
}

static void
finish (GTask *task)
{
  Measure *self = g_task_get_task_data (task);
  GlowCaptureEstimate *estimate = &self->estimate;
  gboolean launched = self->plan->target == GLOW_CAPTURE_COMMAND;
  double recorder = NAN;

  estimate->sample_seconds = self->cost.seconds;
  estimate->sample_seconds_low = self->cost.low;
  estimate->sample_seconds_high = self->cost.high;
  if (launched && !self->cost.calls)
    {
      /* Of each CPU that it will keep busy. */
      estimate->samples_per_second = glow_capture_plan_sum_rates (self->plan);
      estimate->bytes_per_second = estimate->samples_per_second * self->cost.bytes;
      recorder = estimate->samples_per_second * self->cost.recorder;
    }
  if (!launched)
    recorder = self->cost.recorder;
  if (launched ? !self->cost.calls : estimate->busy_cpus > 0)
    {
      double busy = launched ? 1 : estimate->busy_cpus;

      estimate->overhead = (estimate->samples_per_second * self->cost.seconds + recorder) / busy;
      estimate->overhead_low = (estimate->samples_per_second * self->cost.low + recorder) / busy;
      estimate->overhead_high = (estimate->samples_per_second * self->cost.high + recorder) / busy;
    }
  end_session (self);
  g_task_return_pointer (task, g_memdup2 (estimate, sizeof *estimate), g_free);
  g_object_unref (task);
}

static void on_changed (GlowCaptureSession *session, gpointer data);

static void
start_session (GTask *task, const GlowCapturePlan *plan, const char *name)
{
  Measure *self = g_task_get_task_data (task);
  g_autofree char *path = g_build_filename (self->scratch.folder, name, NULL);

  self->session = glow_capture_session_new_measuring (plan, path);
  self->runs = FALSE;
  self->handler = g_signal_connect (self->session, "changed", G_CALLBACK (on_changed), task);
  glow_capture_session_start (self->session, self->way);
}

/* ---- a recording by the plan itself, of what runs ---- */

static void
start_probe (GTask *task)
{
  Measure *self = g_task_get_task_data (task);
  g_autoptr(GlowCapturePlan) plan = glow_capture_plan_copy (self->plan);

  if (plan->target == GLOW_CAPTURE_COMMAND)
    {
      finish (task);
      return;
    }
  plan->duration = PROBE_SECONDS;
  plan->size = 0;
  plan->per_process = FALSE;
  self->is_probe = TRUE;
  start_session (task, plan, "probe.data");
}

static void
take_probe (GTask *task)
{
  Measure *self = g_task_get_task_data (task);
  const GlowCaptureFigures *after = glow_capture_session_get_figures (self->session);
  double seconds = after->elapsed - self->before.elapsed, wall = (g_get_monotonic_time () - self->began) / 1e6;

  self->estimate.busy_cpus = (glow_capture_read_usage (self->plan) - self->usage) / wall;
  if (!isfinite (self->estimate.busy_cpus) || self->estimate.busy_cpus < 0.005)
    self->estimate.busy_cpus = 0;
  self->estimate.samples_per_second = (double) (after->samples - self->before.samples) / seconds;
  self->estimate.bytes_per_second = (double) (after->bytes - self->before.bytes) / seconds;
  self->cost.recorder = (after->recorder_seconds - self->before.recorder_seconds) / seconds;
  finish (task);
}

/* ---- one sample, on a loop ---- */

static void
read_loop (double *work, double *cpu, gpointer data)
{
  Measure *self = g_task_get_task_data (data);

  *work = (double) glow_capture_loop_get_work (self->loop);
  *cpu = glow_capture_read_tasks (glow_capture_loop_get_pid (self->loop));
}

static void
on_windows (const GlowCaptureWindow *windows, guint n_blocks, const GError *error, gpointer data)
{
  GTask *task = data;
  Measure *self = g_task_get_task_data (task);
  double logarithms[LOOP_BLOCKS], seconds = 0, low, high, slower;

  if (error != NULL)
    {
      fail (task, g_error_copy (error));
      return;
    }
  for (guint b = 0; b < n_blocks; b++)
    {
      logarithms[b] = 0;
      for (guint i = 4 * b; i < 4 * b + 4; i++)
        {
          /* CPU time that a unit of work takes. */
          double each = log (windows[i].cpu / windows[i].work) / 2;

          logarithms[b] += glow_capture_window_is_on (i) ? each : -each;
          seconds += glow_capture_window_is_on (i) ? windows[i].cpu : 0;
        }
    }
  slower = glow_capture_change_of_blocks (logarithms, n_blocks, &low, &high);
  /* To be divided by the samples of these seconds, when all of them are in the file. */
  self->cost.seconds = slower * seconds;
  self->cost.low = low * seconds;
  self->cost.high = high * seconds;
  self->measured = TRUE;
  glow_capture_session_stop (self->session);
}

static void
take_loop (GTask *task)
{
  Measure *self = g_task_get_task_data (task);
  const GlowCaptureFigures *after = glow_capture_session_get_figures (self->session);
  double samples = (double) (after->samples - self->before.samples);
  double windows = 2 * LOOP_BLOCKS * LOOP_WINDOW_MS / 1e3, share = windows / MAX (after->elapsed - self->before.elapsed, windows);

  /* A machine on which sampling seems to make work faster is one on which nothing can be measured now. */
  if (samples < 1 || !(self->cost.high > 0))
    self->cost.seconds = self->cost.low = self->cost.high = self->cost.recorder = self->cost.bytes = NAN;
  else
    {
      /* It also runs while windows change. */
      self->cost.seconds = MAX (self->cost.seconds / (samples * share), 0);
      self->cost.low = MAX (self->cost.low / (samples * share), 0);
      self->cost.high = MAX (self->cost.high / (samples * share), 0);
      self->cost.recorder = (after->recorder_seconds - self->before.recorder_seconds) / samples;
      self->cost.bytes = (double) (after->bytes - self->before.bytes) / samples;
    }
  if (isfinite (self->cost.seconds))
    {
      known[next_known++ % G_N_ELEMENTS (known)] = self->cost;
      n_known = MIN (n_known + 1, G_N_ELEMENTS (known));
    }
  end_session (self);
  start_probe (task);
}

static guint
choose_loop_rate (void)
{
  g_autofree char *text = NULL;
  guint64 most = g_file_get_contents ("/proc/sys/kernel/perf_event_max_sample_rate", &text, NULL, NULL) ? g_ascii_strtoull (text, NULL, 10) : LOOP_RATE;

  return (guint) CLAMP (most, 1, LOOP_RATE);
}

static void
start_loop (GTask *task)
{
  Measure *self = g_task_get_task_data (task);
  g_autoptr(GlowCapturePlan) plan = glow_capture_plan_copy (self->plan);
  GlowCaptureProcess process = { 0 };
  GError *error = NULL;

  self->loop = glow_capture_loop_new (self->cost.calls, &error);
  if (self->loop == NULL)
    {
      fail (task, error);
      return;
    }
  process.pid = glow_capture_loop_get_pid (self->loop);
  glow_capture_read_stat (process.pid, &process.start_time, NULL, NULL);
  plan->target = GLOW_CAPTURE_PROCESSES;
  g_array_set_size (plan->processes, 0);
  g_array_append_val (plan->processes, process);
  plan->goal = self->cost.calls ? GLOW_CAPTURE_SYSCALLS : GLOW_CAPTURE_CPU;
  plan->rate = choose_loop_rate ();
  plan->duration = 0;
  plan->size = 0;
  plan->per_process = FALSE;
  glow_capture_plan_set_events (plan);
  start_session (task, plan, "loop.data");
}

static void
on_changed (GlowCaptureSession *session, gpointer data)
{
  GTask *task = data;
  Measure *self = g_task_get_task_data (task);
  GlowCaptureState state = glow_capture_session_get_state (session);

  if (state == GLOW_CAPTURE_RUNNING && !self->runs)
    {
      self->runs = TRUE;
      self->before = *glow_capture_session_update (session);
      self->usage = glow_capture_read_usage (self->plan);
      self->began = g_get_monotonic_time ();
      if (!self->is_probe)
        self->windows = glow_capture_windows_start (session, LOOP_BLOCKS, LOOP_WINDOW_MS, read_loop, NULL, on_windows, task);
    }
  else if (state == GLOW_CAPTURE_FAILED)
    fail (task, g_error_copy (glow_capture_session_get_error (session)));
  else if (state == GLOW_CAPTURE_DONE && self->is_probe)
    take_probe (task);
  else if (state == GLOW_CAPTURE_DONE && self->measured)
    take_loop (task);
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
 * glow_capture_estimate_measure_async:
 * @way: GLOW_CAPTURE_DIRECT or GLOW_CAPTURE_HELPER
 *
 * Of a command some two seconds, of what runs some four; what one sample costs is measured once for each kind of stacks.
 */
void
glow_capture_estimate_measure_async (const GlowCapturePlan *plan, GlowCaptureWay way, double event_seconds, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Measure *self = g_new0 (Measure, 1);
  const Cost *cost;
  GError *error = NULL;

  self->plan = glow_capture_plan_copy (plan);
  self->way = way;
  self->cost = cost_of (plan, way);
  glow_capture_estimate_init (&self->estimate, plan, event_seconds);
  g_task_set_task_data (task, self, measure_free);
  if (!glow_capture_scratch_init (&self->scratch, task, on_cancelled, &error))
    {
      fail (task, error);
      return;
    }
  cost = find_cost (&self->cost);
  if (cost != NULL)
    self->cost = *cost;
  if (cost != NULL || (self->cost.calls && plan->target == GLOW_CAPTURE_COMMAND))
    start_probe (task);
  else
    start_loop (task);
}

GlowCaptureEstimate *
glow_capture_estimate_measure_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
