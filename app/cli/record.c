/* SPDX-License-Identifier: GPL-3.0-or-later */
/* afterglow-cli record: records as the window does. A signal ends the recording as it should, and what a script needs to know of it is in the exit status. */
#include "config.h"
#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "cli/record.h"

typedef struct {
  GlowCaptureSession *session;
  GMainLoop *loop;
  int interrupted;             /* the first signal; 0: none */
  gboolean impatient;          /* there was a second one: the command is not waited for */
  gboolean terminal;           /* a line on it says how far it is */
  gboolean told_waiting;
} Run;

static void
wipe_line (Run *self)
{
  if (self->terminal)
    g_printerr ("\r\033[K");
}

static void
print_line (Run *self)
{
  const GlowCaptureFigures *figures = glow_capture_session_get_figures (self->session);
  g_autofree char *elapsed = NULL, *samples = NULL, *bytes = NULL;

  if (!self->terminal || glow_capture_session_get_state (self->session) != GLOW_CAPTURE_RUNNING)
    return;
  elapsed = glow_text_duration (figures->elapsed * 1e9);
  samples = glow_text_count (figures->samples);
  bytes = glow_text_bytes (figures->bytes);
  wipe_line (self);
  g_printerr (_("Recording: %s, %s samples, %s; Ctrl+C ends it"), elapsed, samples, bytes);
}

static gboolean
is_command_there (Run *self)
{
  return glow_capture_session_get_command_pid (self->session) != 0 && glow_capture_session_get_command_status (self->session) == -1;
}

static void
on_changed (GlowCaptureSession *session, gpointer data)
{
  Run *self = data;
  GlowCaptureState state = glow_capture_session_get_state (session);

  print_line (self);
  if (state < GLOW_CAPTURE_DONE)
    return;
  wipe_line (self);
  if (state == GLOW_CAPTURE_FAILED || self->impatient || !is_command_there (self))
    g_main_loop_quit (self->loop);
  else if (!self->told_waiting)
    {
      self->told_waiting = TRUE;
      if (self->terminal)
        g_printerr ("%s\n", _("The recording is whole; waiting for the command to end."));
    }
}

/* A terminal's signal has reached the command already, being of the same group. */
static void
on_signal (int number, gboolean from_kernel, gpointer data)
{
  Run *self = data;

  self->impatient = self->interrupted != 0;
  if (self->interrupted == 0)
    self->interrupted = number;
  if (!from_kernel)
    glow_capture_session_signal (self->session, number);
  if (glow_capture_session_get_state (self->session) >= GLOW_CAPTURE_DONE)
    g_main_loop_quit (self->loop);
  else
    glow_capture_session_stop (self->session);
}

static int
report (const GlowCliRecord *record, const GError *error)
{
  const char *file = g_error_matches (error, GLOW_ERROR, GLOW_ERROR_OUTPUT) ? record->output : NULL;

  /* What to run elsewhere stands on lines of its own. */
  if (strchr (error->message, '\n') != NULL)
    {
      g_printerr ("afterglow-cli: %s\n", error->message);
      return GLOW_CLI_EXIT_UNREADABLE;
    }
  return glow_cli_report (file, error);
}

static int
finish (Run *self, const GlowCliRecord *record, GlowCaptureWay way, const GlowCaptureOverhead *overhead)
{
  const GError *error = glow_capture_session_get_error (self->session);
  int command_status = glow_capture_session_get_command_status (self->session), status;
  GlowCaptureEstimate estimate;

  if (error != NULL)
    return self->interrupted != 0 ? 128 + self->interrupted : report (record, error);
  glow_capture_estimate_init (&estimate, record->plan, record->event_seconds);
  status = glow_cli_record_print_done (record, way, &estimate, overhead, self->session);
  if (status != GLOW_CLI_EXIT_DONE)
    return status;
  if (record->pass_exit_status && command_status != -1)
    return WIFSIGNALED (command_status) ? 128 + WTERMSIG (command_status) : WEXITSTATUS (command_status);
  if (glow_capture_session_get_figures (self->session)->samples > 0)
    return GLOW_CLI_EXIT_DONE;
  glow_cli_complain (record->output, "%s", _("no samples in it"));
  return self->interrupted != 0 ? 128 + self->interrupted : GLOW_CLI_EXIT_NOTHING;
}

static int
record_it (const GlowCliRecord *record, GlowCaptureWay way, const GlowCaptureOverhead *overhead)
{
  Run self = { .terminal = isatty (STDERR_FILENO) && !record->quiet };
  int status;

  self.session = glow_capture_session_new (record->plan, record->output);
  self.loop = g_main_loop_new (NULL, FALSE);
  glow_capture_session_set_interactive (self.session, record->interactive);
  if (overhead != NULL)
    glow_capture_session_set_overhead (self.session, overhead);
  g_signal_connect (self.session, "changed", G_CALLBACK (on_changed), &self);
  glow_cli_take_signals (on_signal, &self);
  glow_capture_session_start (self.session, way);
  /* What fails at once has said so. */
  if (glow_capture_session_get_state (self.session) < GLOW_CAPTURE_DONE)
    g_main_loop_run (self.loop);
  glow_cli_take_signals (NULL, NULL);
  status = finish (&self, record, way, overhead);
  g_signal_handlers_disconnect_by_data (self.session, &self);
  g_object_unref (self.session);
  g_main_loop_unref (self.loop);
  return status;
}

static int
print_command (const GlowCliRecord *record)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = glow_capture_plan_dup_shell (record->plan, record->output, FALSE, &error);

  return text != NULL ? glow_cli_print (text, strlen (text)) : report (record, error);
}

static int
print_presets (void)
{
  g_autoptr(GPtrArray) names = glow_capture_presets_load ();
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (text, "%s\n", (char *) g_ptr_array_index (names, i));
  return glow_cli_print (text->str, text->len);
}

static gboolean
has_target (const GlowCapturePlan *plan)
{
  return plan->target != GLOW_CAPTURE_COMMAND || (plan->command != NULL && plan->command[0] != NULL);
}

static int
run (const GlowCliCommand *command, int argc, char **argv)
{
  g_auto(GlowCliRecord) record = { 0 };
  g_autoptr(GlowCaptureAbilities) abilities = NULL;
  g_autofree GlowCaptureOverhead *overhead = NULL;
  g_autofree GlowCaptureEstimate *estimate = NULL;
  g_autoptr(GError) error = NULL;
  GlowCaptureWay way;
  int status = glow_cli_record_parse (&record, command, argc, argv);

  if (status >= 0)
    return status;
  if (record.list_presets)
    return print_presets ();
  if (record.save_preset != NULL && !glow_capture_preset_save (record.plan, record.save_preset, &error))
    return report (&record, error);
  if (!has_target (record.plan))
    return GLOW_CLI_EXIT_DONE;
  if (record.print_command)
    return print_command (&record);
  abilities = glow_cli_record_ask (&error);
  if (abilities == NULL || !glow_capture_plan_choose_way (record.plan, abilities, record.way, &way, &error))
    return report (&record, error);
  if (record.blocks > 0)
    {
      overhead = glow_cli_record_overhead (&record, way, &error);
      if (overhead == NULL)
        return report (&record, error);
    }
  if (!record.estimate)
    return record_it (&record, way, overhead);
  estimate = glow_cli_record_estimate (&record, way, &error);
  return estimate != NULL ? glow_cli_record_print_estimate (&record, way, estimate, overhead) : report (&record, error);
}

const GlowCliCommand glow_cli_record = {
  .name = "record",
  .arguments = "[-- COMMAND…]",
  .summary = N_("record a command, processes, a container or the machine"),
  .notes = N_("Records with perf: as this user where rights allow it, else through the\n"
              "recording service. A command is held until the recording runs, and its end ends\n"
              "it; so do --duration, --size, Ctrl+C and SIGTERM, and what was recorded until\n"
              "then is whole. An older file of the name is replaced then and not before.\n"
              "\n"
              "A goal sets its events, each with its own rate: clocks sample, traced events are\n"
              "recorded each. Clocks are interleaved at rates without common factors, so that\n"
              "they cannot run in step with what they sample; --clock single can, --clock random\n"
              "draws each gap anew.\n"
              "\n"
              "  afterglow-cli record -o build.data -- make\n"
              "  afterglow-cli record --pid 4711 --goal waiting --kernel --duration 30\n"
              "  afterglow-cli record --function /usr/bin/app:handle_request --pid 4711\n"
              "  afterglow-cli record --estimate --duration 30 -- ./server\n"
              "\n"
              "The exit status is 0 also where a signal ended a recording that is kept; 130 or\n"
              "143 where nothing was; 4 where there are no samples in it."),
  .run = run,
};
