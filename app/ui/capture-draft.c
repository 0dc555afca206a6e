/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plan in the making. Whatever is said of it (who records, what it could miss, what it costs) is of the plan as it is now: each change makes the sentence
 * anew at once, and a probe a moment later, where nobody has to be asked for that. */
#include <config.h>

#include "ui/capture-draft.h"
#include "ui/look.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

#define PROBE_AFTER_MS 1200
#define BLOCKS 3

struct _GlowCaptureDraft {
  GObject parent_instance;

  GlowCapturePlan *plan;
  char *command;               /* as it was typed */
  char **words;                /* (nullable) */
  GlowCaptureAbilities *abilities;     /* (nullable) */
  GCancellable *asking;        /* of abilities */

  GlowCaptureWay way;
  gboolean has_way, is_whole;
  GError *problem;

  double event_seconds;
  GlowCaptureEstimate estimate;
  guint timer;
  GCancellable *probe;         /* (nullable): while it runs */
  GError *probe_problem;

  GlowCaptureOverhead *overhead;
  GCancellable *overhead_run;  /* (nullable): while it runs */
  double overhead_fraction;
  GError *overhead_problem;
};

G_DEFINE_FINAL_TYPE (GlowCaptureDraft, glow_capture_draft, G_TYPE_OBJECT)

static guint changed_signal;

static void
tell (GlowCaptureDraft *self, guint changes)
{
  g_signal_emit (self, changed_signal, 0, changes);
}

/* ---- who records ---- */

static void
find_way (GlowCaptureDraft *self)
{
  g_clear_error (&self->problem);
  self->has_way = FALSE;
  self->is_whole = self->words != NULL || glow_capture_plan_check (self->plan, &self->problem);
  if (!self->is_whole || self->abilities == NULL)
    return;
  if (self->words == NULL)
    self->has_way = glow_capture_plan_choose_way (self->plan, self->abilities, GLOW_CAPTURE_EITHER, &self->way, &self->problem);
  else if (self->abilities->perf_version != NULL && !self->abilities->sandboxed)
    {
      /* What no plan can say is run by nobody else; whether rights suffice perf will say. */
      self->way = GLOW_CAPTURE_DIRECT;
      self->has_way = TRUE;
    }
  else
    g_set_error_literal (&self->problem, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, _("There is no perf here that could run this command"));
}

static void
on_abilities (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr(GError) error = NULL;
  GlowCaptureAbilities *abilities = glow_capture_abilities_load_finish (result, &error);
  GlowCaptureDraft *self = data;

  if (abilities == NULL)
    {
      /* Cancelled: it is no more. */
      return;
    }
  g_clear_pointer (&self->abilities, glow_capture_abilities_free);
  self->abilities = abilities;
  find_way (self);
  tell (self, GLOW_DRAFT_ABILITIES | GLOW_DRAFT_PLAN);
}

const GlowCaptureAbilities *
glow_capture_draft_get_abilities (GlowCaptureDraft *self)
{
  return self->abilities;
}

gboolean
glow_capture_draft_get_way (GlowCaptureDraft *self, GlowCaptureWay *way, const char **problem)
{
  if (way != NULL)
    *way = self->way;
  if (problem != NULL)
    *problem = self->problem != NULL ? self->problem->message : NULL;
  return self->has_way;
}

gboolean
glow_capture_draft_is_whole (GlowCaptureDraft *self)
{
  return self->is_whole;
}

/* ---- what it could miss and cost ---- */

static void
on_probed (GObject *source, GAsyncResult *result, gpointer data)
{
  GlowCaptureDraft *self = data;
  g_autoptr(GError) error = NULL;
  g_autofree GlowCaptureEstimate *estimate = glow_capture_estimate_measure_finish (result, &error);

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_clear_object (&self->probe);
      if (estimate != NULL)
        self->estimate = *estimate;
      else
        self->probe_problem = g_steal_pointer (&error);
      tell (self, GLOW_DRAFT_ESTIMATE);
    }
  g_object_unref (self);
}

static void
stop_probe (GlowCaptureDraft *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  if (self->probe != NULL)
    g_cancellable_cancel (self->probe);
  g_clear_object (&self->probe);
  g_clear_error (&self->probe_problem);
}

void
glow_capture_draft_measure (GlowCaptureDraft *self)
{
  stop_probe (self);
  if (!self->has_way || self->words != NULL)
    return;
  self->probe = g_cancellable_new ();
  glow_capture_estimate_measure_async (self->plan, self->way, self->event_seconds, self->probe, on_probed, g_object_ref (self));
  tell (self, GLOW_DRAFT_ESTIMATE);
}

static gboolean
on_timer (gpointer data)
{
  GlowCaptureDraft *self = data;

  self->timer = 0;
  glow_capture_draft_measure (self);
  return G_SOURCE_REMOVE;
}

/* A probe by the service would ask for a password: only when somebody presses for it. */
static void
estimate (GlowCaptureDraft *self)
{
  stop_probe (self);
  glow_capture_estimate_init (&self->estimate, self->plan, self->event_seconds);
  if (self->has_way && self->way == GLOW_CAPTURE_DIRECT && self->words == NULL && self->overhead_run == NULL)
    self->timer = g_timeout_add (PROBE_AFTER_MS, on_timer, self);
}

gboolean
glow_capture_draft_is_measuring (GlowCaptureDraft *self)
{
  return self->probe != NULL;
}

const char *
glow_capture_draft_get_measure_problem (GlowCaptureDraft *self)
{
  return self->probe_problem != NULL ? self->probe_problem->message : NULL;
}

const GlowCaptureEstimate *
glow_capture_draft_get_estimate (GlowCaptureDraft *self)
{
  return &self->estimate;
}

double
glow_capture_draft_get_event (GlowCaptureDraft *self)
{
  return self->event_seconds;
}

void
glow_capture_draft_set_event (GlowCaptureDraft *self, double seconds)
{
  GlowCaptureEstimate fresh;

  if (seconds == self->event_seconds)
    return;
  self->event_seconds = seconds;
  /* Nothing that was measured depends on it. */
  glow_capture_estimate_init (&fresh, self->plan, seconds);
  self->estimate.event_seconds = fresh.event_seconds;
  self->estimate.event_probability = fresh.event_probability;
  tell (self, GLOW_DRAFT_ESTIMATE);
}

/* ---- overhead ---- */

static void
on_overhead (GObject *source, GAsyncResult *result, gpointer data)
{
  GlowCaptureDraft *self = data;
  g_autoptr(GError) error = NULL;
  GlowCaptureOverhead *overhead = glow_capture_overhead_measure_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_free (overhead);
  else
    {
      g_clear_object (&self->overhead_run);
      g_free (self->overhead);
      self->overhead = overhead;
      self->overhead_problem = g_steal_pointer (&error);
      tell (self, GLOW_DRAFT_OVERHEAD);
    }
  g_object_unref (self);
}

static void
on_overhead_progress (goffset now, goffset total, gpointer data)
{
  GlowCaptureDraft *self = data;

  if (self->overhead_run == NULL)
    return;
  self->overhead_fraction = total > 0 ? (double) now / total : 0;
  tell (self, GLOW_DRAFT_OVERHEAD);
}

static void
stop_overhead (GlowCaptureDraft *self)
{
  if (self->overhead_run != NULL)
    g_cancellable_cancel (self->overhead_run);
  g_clear_object (&self->overhead_run);
  g_clear_error (&self->overhead_problem);
  g_clear_pointer (&self->overhead, g_free);
}

void
glow_capture_draft_measure_overhead (GlowCaptureDraft *self)
{
  stop_overhead (self);
  stop_probe (self);
  if (!self->has_way)
    return;
  self->overhead_run = g_cancellable_new ();
  self->overhead_fraction = 0;
  glow_capture_overhead_measure_async (self->plan, self->way, BLOCKS, self->overhead_run, on_overhead_progress, self, on_overhead, g_object_ref (self));
  tell (self, GLOW_DRAFT_OVERHEAD | GLOW_DRAFT_ESTIMATE);
}

gboolean
glow_capture_draft_is_measuring_overhead (GlowCaptureDraft *self, double *fraction)
{
  *fraction = self->overhead_fraction;
  return self->overhead_run != NULL;
}

const GlowCaptureOverhead *
glow_capture_draft_get_overhead (GlowCaptureDraft *self)
{
  return self->overhead;
}

const char *
glow_capture_draft_get_overhead_problem (GlowCaptureDraft *self)
{
  return self->overhead_problem != NULL ? self->overhead_problem->message : NULL;
}

void
glow_capture_draft_cancel (GlowCaptureDraft *self)
{
  stop_probe (self);
  if (self->overhead_run != NULL)
    stop_overhead (self);
  tell (self, GLOW_DRAFT_ESTIMATE | GLOW_DRAFT_OVERHEAD);
}

/* ---- the plan ---- */

GlowCapturePlan *
glow_capture_draft_get_plan (GlowCaptureDraft *self)
{
  return self->plan;
}

static void
plan_changed (GlowCaptureDraft *self, guint more)
{
  stop_overhead (self);
  find_way (self);
  estimate (self);
  tell (self, GLOW_DRAFT_PLAN | GLOW_DRAFT_ESTIMATE | GLOW_DRAFT_OVERHEAD | more);
}

void
glow_capture_draft_edited (GlowCaptureDraft *self, gboolean events)
{
  g_clear_pointer (&self->words, g_strfreev);
  if (events)
    glow_capture_plan_set_events (self->plan);
  plan_changed (self, 0);
}

static void
move_target (GlowCapturePlan *to, const GlowCapturePlan *from)
{
  to->target = from->target;
  g_strfreev (to->command);
  to->command = g_strdupv (from->command);
  g_free (to->directory);
  to->directory = g_strdup (from->directory);
  g_strfreev (to->environment);
  to->environment = g_strdupv (from->environment);
  g_array_set_size (to->processes, 0);
  g_array_append_vals (to->processes, from->processes->data, from->processes->len);
  g_free (to->cgroup);
  to->cgroup = g_strdup (from->cgroup);
  to->per_process = from->per_process;
}

void
glow_capture_draft_take_plan (GlowCaptureDraft *self, const GlowCapturePlan *plan)
{
  GlowCapturePlan *copy = glow_capture_plan_copy (plan);

  move_target (copy, self->plan);
  glow_capture_plan_free (self->plan);
  self->plan = copy;
  g_clear_pointer (&self->words, g_strfreev);
  plan_changed (self, 0);
}

void
glow_capture_draft_take_whole_plan (GlowCaptureDraft *self, const GlowCapturePlan *plan)
{
  GlowCapturePlan *copy = glow_capture_plan_copy (plan);

  glow_capture_plan_free (self->plan);
  self->plan = copy;
  g_free (self->command);
  self->command = glow_capture_dup_line ((const char *const *) copy->command);
  g_clear_pointer (&self->words, g_strfreev);
  plan_changed (self, GLOW_DRAFT_TARGET);
}

gboolean
glow_capture_draft_set_command (GlowCaptureDraft *self, const char *line, GError **error)
{
  char **words = NULL;
  g_autofree char *stripped = g_strstrip (g_strdup (line));
  gboolean good = *stripped == '\0' || g_shell_parse_argv (stripped, NULL, &words, error);

  g_free (self->command);
  self->command = g_strdup (line);
  g_strfreev (self->plan->command);
  self->plan->command = words;
  glow_capture_draft_edited (self, FALSE);
  return good;
}

const char *
glow_capture_draft_get_command (GlowCaptureDraft *self)
{
  return self->command != NULL ? self->command : "";
}

const char *const *
glow_capture_draft_get_words (GlowCaptureDraft *self)
{
  return (const char *const *) self->words;
}

void
glow_capture_draft_set_words (GlowCaptureDraft *self, const char *const *words)
{
  char **copy = g_strdupv ((char **) words);

  g_strfreev (self->words);
  self->words = copy;
  plan_changed (self, 0);
}

/* ---- where it goes ---- */

char *
glow_capture_draft_dup_folder (void)
{
  g_autofree char *folder = g_settings_get_string (glow_look_get_settings (), "capture-folder");

  return *folder != '\0' ? g_steal_pointer (&folder) : g_build_filename (g_get_user_data_dir (), "afterglow", "recordings", NULL);
}

static char *
dup_subject (const GlowCapturePlan *plan)
{
  switch (plan->target)
    {
    case GLOW_CAPTURE_COMMAND:
      return plan->command != NULL && plan->command[0] != NULL ? g_path_get_basename (plan->command[0]) : g_strdup ("command");
    case GLOW_CAPTURE_PROCESSES:
      return plan->processes->len == 1 ? g_strdup_printf ("process-%u", g_array_index (plan->processes, GlowCaptureProcess, 0).pid)
                                       : g_strdup_printf ("%u-processes", plan->processes->len);
    case GLOW_CAPTURE_CGROUP:
      return plan->cgroup != NULL ? g_path_get_basename (plan->cgroup) : g_strdup ("container");
    case GLOW_CAPTURE_SYSTEM:
    default:
      return g_strdup ("system");
    }
}

char *
glow_capture_draft_dup_output (GlowCaptureDraft *self)
{
  g_autofree char *folder = glow_capture_draft_dup_folder (), *subject = dup_subject (self->plan), *name = NULL;
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *when = g_date_time_format (now, "%Y-%m-%d-%H%M%S");

  name = g_strdup_printf ("%s-%s.data", subject, when);
  return g_build_filename (folder, name, NULL);
}

/* ---- from one time to the next ---- */

void
glow_capture_draft_remember (GlowCaptureDraft *self)
{
  GSettings *settings = glow_look_get_settings ();
  const GlowCapturePlan *plan = self->plan;
  g_autofree char *preset = glow_capture_plan_dup_preset (plan), *environment = glow_capture_dup_line ((const char *const *) plan->environment);

  g_settings_set_string (settings, "capture-plan", preset);
  g_settings_set_uint (settings, "capture-target", plan->target);
  g_settings_set_string (settings, "capture-command", glow_capture_draft_get_command (self));
  g_settings_set_string (settings, "capture-directory", plan->directory != NULL ? plan->directory : "");
  g_settings_set_string (settings, "capture-environment", environment);
  g_settings_set_double (settings, "capture-event", self->event_seconds);
}

/* Processes of the last time are gone or others by now: they are chosen anew. */
static void
recall (GlowCaptureDraft *self)
{
  GSettings *settings = glow_look_get_settings ();
  g_autofree char *preset = g_settings_get_string (settings, "capture-plan"), *directory = g_settings_get_string (settings, "capture-directory");
  g_autofree char *environment = g_settings_get_string (settings, "capture-environment");

  self->plan = *preset != '\0' ? glow_capture_plan_parse_preset (preset, NULL) : NULL;
  if (self->plan == NULL)
    {
      self->plan = glow_capture_plan_new ();
      glow_capture_plan_set_events (self->plan);
    }
  self->plan->target = g_settings_get_uint (settings, "capture-target");
  self->command = g_settings_get_string (settings, "capture-command");
  g_clear_pointer (&self->plan->command, g_strfreev);
  if (!g_shell_parse_argv (self->command, NULL, &self->plan->command, NULL))
    self->plan->command = NULL;
  g_free (self->plan->directory);
  self->plan->directory = *directory != '\0' ? g_steal_pointer (&directory) : NULL;
  g_clear_pointer (&self->plan->environment, g_strfreev);
  if (!g_shell_parse_argv (environment, NULL, &self->plan->environment, NULL))
    self->plan->environment = NULL;
  self->event_seconds = g_settings_get_double (settings, "capture-event");
}

GlowCaptureDraft *
glow_capture_draft_new (void)
{
  return g_object_new (GLOW_TYPE_CAPTURE_DRAFT, NULL);
}

static void
glow_capture_draft_dispose (GObject *object)
{
  GlowCaptureDraft *self = GLOW_CAPTURE_DRAFT (object);

  g_cancellable_cancel (self->asking);
  stop_probe (self);
  stop_overhead (self);
  G_OBJECT_CLASS (glow_capture_draft_parent_class)->dispose (object);
}

static void
glow_capture_draft_finalize (GObject *object)
{
  GlowCaptureDraft *self = GLOW_CAPTURE_DRAFT (object);

  g_clear_object (&self->asking);
  g_clear_error (&self->problem);
  glow_capture_plan_free (self->plan);
  g_free (self->command);
  g_strfreev (self->words);
  g_clear_pointer (&self->abilities, glow_capture_abilities_free);
  G_OBJECT_CLASS (glow_capture_draft_parent_class)->finalize (object);
}

static void
glow_capture_draft_class_init (GlowCaptureDraftClass *class)
{
  G_OBJECT_CLASS (class)->dispose = glow_capture_draft_dispose;
  G_OBJECT_CLASS (class)->finalize = glow_capture_draft_finalize;
  changed_signal = g_signal_new ("changed", GLOW_TYPE_CAPTURE_DRAFT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
glow_capture_draft_init (GlowCaptureDraft *self)
{
  recall (self);
  find_way (self);
  estimate (self);
  self->asking = g_cancellable_new ();
  glow_capture_abilities_load_async (self->asking, on_abilities, self);
}
