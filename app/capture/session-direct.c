/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recording as this user: one perf for the session, or one for each process, told over --control when to begin, to rest and to go on. It dies with this
 * program, having written what it has; a terminal's signals reach it through the session alone. */
#include <config.h>

#include "capture/session-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define KILL_AFTER_S 10
#define MOST_MESSAGE 4096

typedef struct {
  GlowCaptureDirect *owner;
  GSubprocess *process;
  GDataInputStream *messages;
  GString *said;               /* the end of what it wrote to standard error */
  int control, answer;
  guint watch;                 /* of @answer */
  guint n_unanswered;          /* orders */
  gboolean ended, failed;
  double seconds;
} Recorder;

struct _GlowCaptureDirect {
  GlowCaptureSession *session;
  GCancellable *cancellable;
  GPtrArray *recorders;
  char *perf;
  char *group;                 /* of probes; NULL: none */
  guint next_probe;
  guint idle, kill_timer;
  gboolean runs, pausing, stopping;
};

static void start_recorders (GlowCaptureDirect *self);

static void
recorder_free (gpointer data)
{
  Recorder *recorder = data;

  g_clear_handle_id (&recorder->watch, g_source_remove);
  if (recorder->process != NULL && !recorder->ended)
    g_subprocess_send_signal (recorder->process, SIGINT);
  g_clear_object (&recorder->process);
  g_clear_object (&recorder->messages);
  g_string_free (recorder->said, TRUE);
  if (recorder->control >= 0)
    close (recorder->control);
  if (recorder->answer >= 0)
    close (recorder->answer);
  g_free (recorder);
}

void
glow_capture_direct_free (GlowCaptureDirect *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->idle, g_source_remove);
  g_clear_handle_id (&self->kill_timer, g_source_remove);
  g_ptr_array_unref (self->recorders);
  g_object_unref (self->cancellable);
  if (self->group != NULL)
    glow_capture_probes_remove (self->group);
  g_free (self->group);
  g_free (self->perf);
  g_free (self);
}

/* ---- how it ends ---- */

static char *
dup_reason (GlowCaptureDirect *self, gboolean failed, const char *said)
{
  const GlowCapturePlan *plan = self->session->plan;

  if (strstr (said, g_strerror (ENOSPC)) != NULL || strstr (said, "No space left") != NULL)
    return g_strdup ("disk");
  if (failed)
    return g_strdup ("failed");
  /* perf ends once it has written more than it may. */
  return g_strdup (plan->size > 0 && strstr (said, "size limit") != NULL ? "size" : "ended");
}

/* What a person can use of perf's many lines: those that are no headings. */
static char *
dup_message (const char *said)
{
  g_auto(GStrv) lines = g_strsplit (said, "\n", -1);
  GString *message = g_string_new (NULL);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_strstrip (lines[i]);
      if (*lines[i] == '\0' || strcmp (lines[i], "Error:") == 0 || g_str_has_prefix (lines[i], "Usage:") || g_str_has_prefix (lines[i], "[ perf record:"))
        continue;
      g_string_append_printf (message, "%s%s", message->len > 0 ? " " : "", lines[i]);
    }
  return g_string_free (message, FALSE);
}

static void
end_if_all_did (GlowCaptureDirect *self)
{
  GlowCaptureSession *session = self->session;
  const Recorder *bad = NULL;
  g_autofree char *reason = NULL, *message = NULL;
  GError *error = NULL;

  for (guint i = 0; i < self->recorders->len; i++)
    {
      const Recorder *recorder = g_ptr_array_index (self->recorders, i);

      if (!recorder->ended)
        return;
      if (recorder->failed)
        bad = recorder;
    }
  reason = dup_reason (self, bad != NULL, bad != NULL ? bad->said->str : ((Recorder *) g_ptr_array_index (self->recorders, 0))->said->str);
  if (bad != NULL && !self->runs)
    {
      message = dup_message (bad->said->str);
      error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, _("perf could not record: %s"), *message != '\0' ? message : _("it said nothing"));
    }
  glow_capture_session_ended (session, reason, error);
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr(GError) error = NULL;
  GSubprocess *process = G_SUBPROCESS (source);
  Recorder *recorder = data;
  GlowCaptureDirect *self;
  gboolean waited = g_subprocess_wait_finish (process, result, &error);

  if (!waited && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self = recorder->owner;
  recorder->ended = TRUE;
  /* perf ends as the signal says that it was stopped by. */
  recorder->failed = g_subprocess_get_if_signaled (process) ? !self->stopping || g_subprocess_get_term_sig (process) == SIGKILL
                                                            : g_subprocess_get_exit_status (process) != 0;
  /* The others of a session that cannot be whole. */
  if (recorder->failed && !self->runs && !self->stopping)
    glow_capture_direct_stop (self);
  end_if_all_did (self);
}

static gboolean
on_kill_time (gpointer data)
{
  GlowCaptureDirect *self = data;

  self->kill_timer = 0;
  for (guint i = 0; i < self->recorders->len; i++)
    {
      Recorder *recorder = g_ptr_array_index (self->recorders, i);

      if (!recorder->ended)
        g_subprocess_force_exit (recorder->process);
    }
  return G_SOURCE_REMOVE;
}

void
glow_capture_direct_stop (GlowCaptureDirect *self)
{
  if (self->stopping)
    return;
  self->stopping = TRUE;
  for (guint i = 0; i < self->recorders->len; i++)
    {
      Recorder *recorder = g_ptr_array_index (self->recorders, i);

      if (!recorder->ended)
        g_subprocess_send_signal (recorder->process, SIGINT);
    }
  /* Probes were being made still. */
  if (self->recorders->len == 0)
    glow_capture_session_ended (self->session, NULL, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Stopped before the recording had begun")));
  else
    self->kill_timer = g_timeout_add_seconds (KILL_AFTER_S, on_kill_time, self);
}

/* ---- what it says ---- */

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, &error);
  Recorder *recorder = data;

  if (line == NULL)
    return;
  g_string_append_printf (recorder->said, "%s\n", line);
  if (recorder->said->len > MOST_MESSAGE)
    g_string_erase (recorder->said, 0, recorder->said->len - MOST_MESSAGE);
  g_data_input_stream_read_line_async (G_DATA_INPUT_STREAM (source), G_PRIORITY_HIGH, recorder->owner->cancellable, on_line, recorder);
}

static gboolean
have_all_answered (GlowCaptureDirect *self)
{
  for (guint i = 0; i < self->recorders->len; i++)
    if (((const Recorder *) g_ptr_array_index (self->recorders, i))->n_unanswered > 0)
      return FALSE;
  return TRUE;
}

/* Each order is answered by one word. */
static guint
count_answers (const char *text, gsize n)
{
  guint count = 0;

  for (const char *p = text; (p = memmem (p, n - (p - text), "ack", 3)) != NULL; p += 3)
    count++;
  return count;
}

static gboolean
on_answer (int fd, GIOCondition condition, gpointer data)
{
  Recorder *recorder = data;
  GlowCaptureDirect *self = recorder->owner;
  char text[256];
  gssize n = read (fd, text, sizeof text);

  if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
    {
      recorder->watch = 0;
      return G_SOURCE_REMOVE;
    }
  if (n < 0 || recorder->n_unanswered == 0)
    return G_SOURCE_CONTINUE;
  recorder->n_unanswered -= MIN (count_answers (text, n), recorder->n_unanswered);
  if (have_all_answered (self) && !self->stopping)
    {
      self->runs = TRUE;
      if (self->pausing)
        glow_capture_session_rests (self->session);
      else
        glow_capture_session_runs (self->session);
    }
  return G_SOURCE_CONTINUE;
}

static void
tell (Recorder *recorder, const char *orders)
{
  for (const char *p = orders; (p = strchr (p, '\n')) != NULL; p++)
    recorder->n_unanswered++;
  if (write (recorder->control, orders, strlen (orders)) < 0)
    g_debug ("perf takes no orders: %s", g_strerror (errno));
}

static char *
dup_orders (GlowCaptureDirect *self, HelperOrder order)
{
  GlowCaptureProcess own;
  GlowCaptureSubject subject = glow_capture_session_get_subject (self->session, &own);
  g_autoptr(HelperRequest) request = self->session->words == NULL ? glow_capture_plan_parse_request (self->session->plan, &subject, NULL) : NULL;
  g_auto(GStrv) probes = self->group != NULL ? glow_capture_plan_dup_probe_events (self->session->plan, self->group) : NULL;

  if (request == NULL)
    return g_strdup (order == HELPER_PAUSE ? "disable\n" : "enable\n");
  return helper_request_dup_orders (request, (const char *const *) probes, order);
}

void
glow_capture_direct_pause (GlowCaptureDirect *self, gboolean paused)
{
  g_autofree char *orders = dup_orders (self, paused ? HELPER_PAUSE : HELPER_RESUME);

  self->pausing = paused;
  for (guint i = 0; i < self->recorders->len; i++)
    tell (g_ptr_array_index (self->recorders, i), orders);
}

/* perf sleeps until a buffer is half full, which at a clock's rates takes seconds; any order wakes it up, and then it writes what there is. */
void
glow_capture_direct_flush (GlowCaptureDirect *self)
{
  for (guint i = 0; i < self->recorders->len; i++)
    {
      Recorder *recorder = g_ptr_array_index (self->recorders, i);

      if (!recorder->ended && recorder->n_unanswered == 0)
        tell (recorder, "ping\n");
    }
}

/* ---- how it begins ---- */

/* Between fork and exec. */
static void
prepare_child (gpointer data)
{
  sigset_t none;

  /* A program with a thread for its signals has them blocked everywhere else; what is blocked stays so over an exec. */
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  signal (SIGINT, SIG_DFL);
  setpgid (0, 0);
  prctl (PR_SET_PDEATHSIG, SIGINT);
  if (getppid () != GPOINTER_TO_INT (data))
    _exit (127);
}

/* Words that somebody wrote, but for where the output goes. */
static char **
dup_own_words (GlowCaptureDirect *self, const char *output)
{
  g_autoptr(GStrvBuilder) words = g_strv_builder_new ();
  g_autofree char *place = g_strconcat ("--output=", output, NULL), *control = g_strdup_printf ("--control=fd:%d,%d", HELPER_CONTROL_FD, HELPER_ANSWER_FD);
  char **own = self->session->words;
  gboolean options = TRUE;
  guint n = g_strv_length (own);

  g_strv_builder_add_many (words, self->perf, "record", place, control, NULL);
  for (guint i = 2; i < n; i++)
    {
      options &= strcmp (own[i], "--") != 0;
      if (options && (strcmp (own[i], "-o") == 0 || strcmp (own[i], "--output") == 0))
        i++;
      else if (!options || !(g_str_has_prefix (own[i], "--output=") || (g_str_has_prefix (own[i], "-o") && own[i][2] != '-')))
        g_strv_builder_add (words, own[i]);
    }
  return g_strv_builder_end (words);
}

/* Ring buffers of an ordinary user's recorders are charged together: kernel.perf_event_mlock_kb, 516 KiB a CPU as a rule. */
static void
share_buffer (HelperRequest *request, guint n)
{
  while (n > 1 && geteuid () != 0 && request->buffer > 32 && request->buffer * n > 512)
    request->buffer /= 2;
}

static char **
dup_words (GlowCaptureDirect *self, guint index, GError **error)
{
  GlowCaptureSession *session = self->session;
  const GlowCapturePlan *plan = session->plan;
  const GlowCaptureFile *file = g_ptr_array_index (session->files, index);
  GlowCaptureProcess own;
  GlowCaptureSubject subject = glow_capture_session_get_subject (session, &own);
  g_autoptr(HelperRequest) request = NULL;
  g_auto(GStrv) probes = self->group != NULL ? glow_capture_plan_dup_probe_events (plan, self->group) : NULL;
  const char *program = plan->clock == GLOW_CAPTURE_RANDOM ? glow_capture_sampler_path () : self->perf;

  if (session->words != NULL)
    return dup_own_words (self, file->path);
  request = glow_capture_plan_parse_request (plan, &subject, error);
  if (request == NULL)
    return NULL;
  request->foreign_roots = glow_capture_has_foreign_roots (&subject);
  share_buffer (request, session->files->len);
  return helper_request_dup_command (request, program, plan->per_process ? &g_array_index (request->processes, HelperProcess, index) : NULL, plan->cgroup,
                                     (const char *const *) probes, file->path, TRUE);
}

static gboolean
start_recorder (GlowCaptureDirect *self, guint index, GError **error)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_auto(GStrv) words = dup_words (self, index, error);
  g_autofree char *orders = NULL;
  Recorder *recorder;
  int control[2], answer[2];

  if (words == NULL || !g_unix_open_pipe (control, FD_CLOEXEC, error))
    return FALSE;
  if (!g_unix_open_pipe (answer, FD_CLOEXEC, error))
    {
      close (control[0]);
      close (control[1]);
      return FALSE;
    }
  g_unix_set_fd_nonblocking (answer[0], TRUE, NULL);
  recorder = g_new0 (Recorder, 1);
  *recorder = (Recorder) { .owner = self, .said = g_string_new (NULL), .control = control[1], .answer = answer[0] };
  g_ptr_array_add (self->recorders, recorder);
  g_subprocess_launcher_take_fd (launcher, control[0], HELPER_CONTROL_FD);
  g_subprocess_launcher_take_fd (launcher, answer[1], HELPER_ANSWER_FD);
  g_subprocess_launcher_set_child_setup (launcher, prepare_child, GINT_TO_POINTER (getpid ()), NULL);
  /* What a person has set for perf must not change what was said here. */
  g_subprocess_launcher_setenv (launcher, "PERF_CONFIG", "/dev/null", TRUE);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  recorder->process = g_subprocess_launcher_spawnv (launcher, (const char *const *) words, error);
  if (recorder->process == NULL)
    {
      recorder->ended = TRUE;
      return FALSE;
    }
  recorder->messages = g_data_input_stream_new (g_subprocess_get_stderr_pipe (recorder->process));
  g_data_input_stream_read_line_async (recorder->messages, G_PRIORITY_HIGH, self->cancellable, on_line, recorder);
  recorder->watch = g_unix_fd_add (recorder->answer, G_IO_IN, on_answer, recorder);
  g_subprocess_wait_async (recorder->process, self->cancellable, on_ended, recorder);
  /* It begins resting, and answers when it does not any more. */
  orders = dup_orders (self, HELPER_BEGIN);
  tell (recorder, orders);
  return TRUE;
}

static void
fail_later (GlowCaptureDirect *self, GError *error)
{
  glow_capture_session_ended (self->session, NULL, error);
}

static void
start_recorders (GlowCaptureDirect *self)
{
  GError *error = NULL;

  for (guint i = 0; i < self->session->files->len; i++)
    if (!start_recorder (self, i, &error))
      {
        fail_later (self, error);
        return;
      }
}

static void make_probes (GlowCaptureDirect *self);

static void
on_probes (GObject *source, GAsyncResult *result, gpointer data)
{
  GlowCaptureDirect *self = data;
  GSubprocess *process = G_SUBPROCESS (source);
  g_autofree char *said = NULL, *message = NULL;
  g_autoptr(GError) error = NULL;

  if (!g_subprocess_communicate_utf8_finish (process, result, NULL, &said, &error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        fail_later (self, g_steal_pointer (&error));
      return;
    }
  if (g_subprocess_get_if_exited (process) && g_subprocess_get_exit_status (process) == 0)
    {
      make_probes (self);
      return;
    }
  message = dup_message (said != NULL ? said : "");
  fail_later (self, g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, _("The probe of “%s” could not be made: %s"),
                                 self->session->plan->function != NULL ? self->session->plan->function : "", message));
}

static void
make_probes (GlowCaptureDirect *self)
{
  const GlowCapturePlan *plan = self->session->plan;
  g_autoptr(GSubprocess) process = NULL;
  g_auto(GStrv) words = NULL;
  GError *error = NULL;

  if (self->session->words != NULL || self->next_probe == plan->probes->len)
    {
      start_recorders (self);
      return;
    }
  words = glow_capture_probes_dup_command (plan, self->perf, self->group, self->next_probe, &self->next_probe);
  process = g_subprocess_newv ((const char *const *) words, G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
  if (process == NULL)
    fail_later (self, error);
  else
    g_subprocess_communicate_utf8_async (process, NULL, self->cancellable, on_probes, self);
}

static gboolean
begin (gpointer data)
{
  GlowCaptureDirect *self = data;

  self->idle = 0;
  make_probes (self);
  return G_SOURCE_REMOVE;
}

GlowCaptureDirect *
glow_capture_direct_start (GlowCaptureSession *session, GError **error)
{
  g_autofree char *perf = g_find_program_in_path ("perf");
  GlowCaptureDirect *self;

  if (perf == NULL && session->plan->clock != GLOW_CAPTURE_RANDOM)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, _("There is no perf on this machine; it is in the package linux-perf, linux-tools or perf"));
      return NULL;
    }
  self = g_new0 (GlowCaptureDirect, 1);
  self->session = session;
  self->perf = g_steal_pointer (&perf);
  self->cancellable = g_cancellable_new ();
  self->recorders = g_ptr_array_new_with_free_func (recorder_free);
  if (session->plan->probes->len > 0 && session->words == NULL)
    {
      glow_capture_probes_sweep ();
      self->group = glow_capture_probe_group ();
    }
  /* Whatever comes of it comes after the session has this. */
  self->idle = g_idle_add (begin, self);
  return self;
}

double
glow_capture_direct_get_seconds (GlowCaptureDirect *self)
{
  double sum = 0;

  for (guint i = 0; i < self->recorders->len; i++)
    {
      Recorder *recorder = g_ptr_array_index (self->recorders, i);
      const char *pid = recorder->process != NULL ? g_subprocess_get_identifier (recorder->process) : NULL;

      /* What it used to the last look stays known when it is gone. */
      if (pid != NULL)
        recorder->seconds = MAX (glow_capture_read_tasks ((guint) g_ascii_strtoull (pid, NULL, 10)), recorder->seconds);
      sum += recorder->seconds;
    }
  return sum;
}
