/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of one recording: recorders attach while nothing is recorded yet; who they attached to is looked at again; then they are told to begin. It
 * ends when it was told to, its time is over, its file is large enough, its disk full enough, its caller gone or nobody left to record: an interrupt
 * first, and what has not ended after five seconds is killed. All runs in the one thread, so that nothing happens between two lines of a function. */
#include "helper/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif

#define TICK          100       /* ms between looks at files and disks */
#define A_PROGRESS    10        /* ticks */
#define PATIENCE      5000      /* ms from an interrupt to a kill */
#define MOST_WAITING  60        /* s that recorders may take to attach, or to answer an order */
#define MOST_MESSAGE  1000      /* bytes of what perf says that are kept */
#define AT_ONCE       16        /* pieces that are read before anybody else has a turn */
#define A_DAY         (24u * 3600 * 1000)
#define MEMORY_SHARE  16        /* one in so many of the memory may become ring buffers of a recording */

enum { ASKING, ATTACHING, BEGINNING, RUNNING, PAUSED, ENDING };

typedef struct {
  HelperRecording *recording;
  GPid pid;
  int pidfd, control, answers, errors;
  guint sources[3];
  guint awaited;                /* answers to orders */
  GString *said;
  gboolean has_ended;
  int status;
  double cpu_seconds;
  guint64 written;              /* bytes, of what is written to pipes */
} Recorder;

static void check_answers (HelperRecording *recording);
static guint64 measure (HelperRecording *recording, double *cpu_seconds);

static void
set_failure (HelperRecording *recording, const char *message)
{
  if (recording->message == NULL)
    recording->message = g_utf8_make_valid (message, -1);
}

static void
log_recording (HelperRecording *recording, const char *what)
{
  g_autoptr(GString) events = g_string_new (NULL);
  const char *target = recording->targets != NULL ? recording->targets->words : "symbols of the kernel";
  g_autofree char *uid = NULL;
  double cpu_seconds;
  guint64 bytes = measure (recording, &cpu_seconds);

  for (guint i = 0; recording->request != NULL && i < recording->request->events->len; i++)
    {
      const HelperEvent *event = g_ptr_array_index (recording->request->events, i);

      g_string_append_printf (events, "%s%s %u Hz/%" G_GUINT64_FORMAT, events->len > 0 ? ", " : "", event->name, event->frequency, event->period);
    }
  for (guint i = 0; recording->request != NULL && i < recording->request->probes->len; i++)
    g_string_append_printf (events, "%s%s", events->len > 0 ? ", " : "", ((HelperProbe *) g_ptr_array_index (recording->request->probes, i))->label);
  uid = g_strdup_printf ("%u", recording->caller.uid);
  g_log_structured (G_LOG_DOMAIN, G_LOG_LEVEL_MESSAGE, "AFTERGLOW_UID", uid, "AFTERGLOW_TARGET", target, "AFTERGLOW_EVENTS", events->str,
                    "MESSAGE", "Recording %u of user %s %s: %s (%s), %" G_GUINT64_FORMAT " bytes", recording->id, uid, what, target, events->str, bytes);
}

/* ---- figures ---- */

/* CPU time and bytes that a recorder has used up to now. */
static void
measure_recorder (Recorder *recorder)
{
  g_autofree char *stat_path = g_strdup_printf ("/proc/%d/stat", recorder->pid), *io_path = g_strdup_printf ("/proc/%d/io", recorder->pid);
  g_autofree char *text = recorder->has_ended ? NULL : helper_read_text (stat_path), *io = recorder->has_ended ? NULL : helper_read_text (io_path);
  const char *at = text != NULL ? strrchr (text, ')') : NULL, *wrote = io != NULL ? strstr (io, "wchar: ") : NULL;
  unsigned long user, kernel;

  if (at != NULL && sscanf (at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel) == 2)
    recorder->cpu_seconds = (double) (user + kernel) / sysconf (_SC_CLK_TCK);
  if (wrote != NULL)
    recorder->written = g_ascii_strtoull (wrote + strlen ("wchar: "), NULL, 10);
}

static gint64
recorded_until_now (const HelperRecording *recording)
{
  return recording->recorded + (recording->since != 0 ? g_get_monotonic_time () - recording->since : 0);
}

static guint64
measure (HelperRecording *recording, double *cpu_seconds)
{
  guint64 bytes = 0;

  *cpu_seconds = 0;
  for (guint i = 0; i < recording->recorders->len; i++)
    {
      Recorder *recorder = g_ptr_array_index (recording->recorders, i);

      measure_recorder (recorder);
      *cpu_seconds += recorder->cpu_seconds;
      if (i < recording->outputs->len && g_array_index (recording->outputs, HelperOutput, i).is_pipe)
        bytes += recorder->written;
    }
  for (guint i = 0; i < recording->outputs->len; i++)
    helper_output_measure (&g_array_index (recording->outputs, HelperOutput, i), &bytes, &recording->is_full);
  return bytes;
}

static GVariant *
dup_figures (HelperRecording *recording)
{
  g_auto(GVariantDict) figures = G_VARIANT_DICT_INIT (NULL);
  double cpu_seconds;
  guint64 bytes = measure (recording, &cpu_seconds);

  g_variant_dict_insert (&figures, "elapsed", "d", recorded_until_now (recording) / 1e6);
  g_variant_dict_insert (&figures, "bytes", "t", bytes);
  g_variant_dict_insert (&figures, "cpu-seconds", "d", cpu_seconds);
  g_variant_dict_insert (&figures, "paused", "b", recording->state == PAUSED);
  if (recording->state == ENDING && recording->message != NULL)
    g_variant_dict_insert (&figures, "message", "s", recording->message);
  return g_variant_dict_end (&figures);
}

static void
tell_caller (HelperRecording *recording, const char *signal, GVariant *arguments)
{
  g_dbus_connection_emit_signal (recording->bus, recording->sender, HELPER_PATH, HELPER_NAME, signal, arguments, NULL);
}

/* ---- its end ---- */

static void
recorder_free (gpointer data)
{
  Recorder *recorder = data;

  for (guint i = 0; i < G_N_ELEMENTS (recorder->sources); i++)
    g_clear_handle_id (&recorder->sources[i], g_source_remove);
  for (guint i = 0; i < 4; i++)
    {
      const int fds[] = { recorder->pidfd, recorder->control, recorder->answers, recorder->errors };

      if (fds[i] >= 0)
        close (fds[i]);
    }
  g_string_free (recorder->said, TRUE);
  g_free (recorder);
}

static void
recording_free (HelperRecording *recording)
{
  g_clear_handle_id (&recording->watch, g_bus_unwatch_name);
  g_clear_handle_id (&recording->tick, g_source_remove);
  g_clear_handle_id (&recording->ending, g_source_remove);
  g_clear_handle_id (&recording->waiting, g_source_remove);
  g_clear_object (&recording->fds);
  g_clear_object (&recording->cancellable);
  g_clear_object (&recording->bus);
  g_ptr_array_unref (recording->recorders);
  g_array_unref (recording->outputs);
  g_array_unref (recording->caller.groups);
  helper_targets_free (recording->targets);
  helper_probes_free (recording->probes);
  helper_request_free (recording->request);
  g_free (recording->message);
  g_free (recording->sender);
  g_free (recording);
}

/* All recorders have ended, or none began. */
static void
finish (HelperRecording *recording, const GError *error)
{
  GDBusMethodInvocation *invocation = g_steal_pointer (&recording->invocation), *order = g_steal_pointer (&recording->order);

  if (recording->probes != NULL)
    helper_probes_remove (recording->probes);
  if (recording->request == NULL && recording->recorders->len > 0 && g_strcmp0 (recording->reason, "ended") != 0)
    set_failure (recording, "The symbols were not written to their end");
  if (recording->recorders->len > 0)
    log_recording (recording, recording->message != NULL ? "failed" : recording->reason);
  if (order != NULL)
    g_dbus_method_invocation_return_error (order, G_IO_ERROR, G_IO_ERROR_FAILED, "The recording has ended");
  if (invocation != NULL && error != NULL)
    g_dbus_method_invocation_return_gerror (invocation, error);
  else if (invocation != NULL && (recording->request != NULL || recording->message != NULL))
    g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_FAILED, "%s",
                                           recording->message != NULL ? recording->message : "The recording ended before it began");
  else if (invocation != NULL)
    g_dbus_method_invocation_return_value (invocation, NULL);
  else if (recording->watch != 0)
    tell_caller (recording, "Finished", g_variant_new ("(us@a{sv})", recording->id, recording->message != NULL ? "failed" : recording->reason,
                                                       dup_figures (recording)));
  recording->gone (recording, recording->gone_data);
  recording_free (recording);
}

void
helper_recording_refuse (HelperRecording *recording, const GError *error)
{
  finish (recording, error);
}

static gboolean
on_patience_over (gpointer data)
{
  HelperRecording *recording = data;

  recording->ending = 0;
  for (guint i = 0; i < recording->recorders->len; i++)
    {
      Recorder *recorder = g_ptr_array_index (recording->recorders, i);

      /* Its number is its own until it is waited for. */
      if (!recorder->has_ended)
        {
          kill (-recorder->pid, SIGKILL);
          set_failure (recording, "The recorder did not end in time and was killed: the file may lack its end");
        }
    }
  return G_SOURCE_REMOVE;
}

void
helper_recording_stop (HelperRecording *recording, const char *reason)
{
  if (recording->state == ASKING)
    g_cancellable_cancel (recording->cancellable);
  if (recording->state == ASKING || recording->state == ENDING)
    return;
  recording->recorded = recorded_until_now (recording);
  recording->since = 0;
  recording->state = ENDING;
  recording->reason = reason;
  g_clear_handle_id (&recording->waiting, g_source_remove);
  recording->ending = g_timeout_add (PATIENCE, on_patience_over, recording);
  for (guint i = 0; i < recording->recorders->len; i++)
    if (!((Recorder *) g_ptr_array_index (recording->recorders, i))->has_ended)
      kill (-((Recorder *) g_ptr_array_index (recording->recorders, i))->pid, SIGINT);
}

/* What a recorder says, the last of it; FALSE at its end. A recorder without rights is its caller's to meddle with: it may say more than can ever be read. */
static gboolean
read_errors (Recorder *recorder)
{
  char text[512];
  gssize n = 1;

  for (guint i = 0; i < AT_ONCE && (n = read (recorder->errors, text, sizeof text)) > 0; i++)
    {
      g_string_append_len (recorder->said, text, n);
      if (recorder->said->len > MOST_MESSAGE)
        g_string_erase (recorder->said, 0, recorder->said->len - MOST_MESSAGE);
    }
  return n != 0;
}

static gboolean
on_errors (int fd, GIOCondition condition, gpointer data)
{
  Recorder *recorder = data;

  if (read_errors (recorder))
    return G_SOURCE_CONTINUE;
  recorder->sources[1] = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
on_recorder_ended (int fd, GIOCondition condition, gpointer data)
{
  Recorder *recorder = data;
  HelperRecording *recording = recorder->recording;
  gboolean was_told = recording->state == ENDING, is_well;
  struct rusage usage = { 0 };
  guint n_left = 0;

  recorder->sources[0] = 0;
  measure_recorder (recorder);
  if (wait4 (recorder->pid, &recorder->status, 0, &usage) != recorder->pid)
    recorder->status = -1;
  recorder->has_ended = TRUE;
  recorder->cpu_seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  read_errors (recorder);
  /* perf ends itself by the signal that it was told to end with. */
  is_well = WIFEXITED (recorder->status) ? WEXITSTATUS (recorder->status) == 0 : was_told && WTERMSIG (recorder->status) == SIGINT;
  if (!is_well)
    set_failure (recording, recorder->said->len > 0 ? g_strstrip (recorder->said->str) : "The recorder ended without a word");
  for (guint i = 0; i < recording->recorders->len; i++)
    n_left += !((Recorder *) g_ptr_array_index (recording->recorders, i))->has_ended;
  /* One that fails takes the others with it; those whose process has ended are done. */
  if (!is_well || n_left == 0)
    {
      double cpu_seconds;
      gboolean is_large = recording->request != NULL && recording->request->size > 0 && recording->state != ASKING
                          && measure (recording, &cpu_seconds) >= recording->request->size;

      helper_recording_stop (recording, is_large ? "size" : recording->is_full ? "disk" : "ended");
    }
  recorder->awaited = 0;
  if (n_left == 0)
    finish (recording, NULL);
  else
    check_answers (recording);
  return G_SOURCE_REMOVE;
}

/* ---- orders and answers ---- */

static gboolean
on_waited_too_long (gpointer data)
{
  HelperRecording *recording = data;

  recording->waiting = 0;
  set_failure (recording, "The recorder does not answer");
  helper_recording_stop (recording, "failed");
  return G_SOURCE_REMOVE;
}

static void
give_order (HelperRecording *recording, const char *orders)
{
  guint n = 0;

  for (const char *c = orders; *c != '\0'; c++)
    n += *c == '\n';
  for (guint i = 0; i < recording->recorders->len; i++)
    {
      Recorder *recorder = g_ptr_array_index (recording->recorders, i);

      if (recorder->has_ended)
        continue;
      /* An order that finds no room is as one that is not answered. */
      if (write (recorder->control, orders, strlen (orders)) < 0)
        g_debug ("No room for orders: %s", g_strerror (errno));
      recorder->awaited += n;
    }
  if (recording->waiting == 0)
    recording->waiting = g_timeout_add_seconds (MOST_WAITING, on_waited_too_long, recording);
}

static const char *const *
get_probe_events (const HelperRecording *recording)
{
  return recording->probes != NULL ? (const char *const *) recording->probes->events : NULL;
}

static void
begin (HelperRecording *recording)
{
  g_autofree char *orders = helper_request_dup_orders (recording->request, get_probe_events (recording), HELPER_BEGIN);
  g_autofree char *pause = helper_request_dup_orders (recording->request, get_probe_events (recording), HELPER_PAUSE);
  g_autofree char *both = g_strconcat (orders, recording->request->paused ? pause : NULL, NULL);
  g_autoptr(GError) error = NULL;

  if (!helper_targets_check (recording->targets, recording->request, &recording->caller, &error))
    {
      set_failure (recording, error->message);
      helper_recording_stop (recording, "failed");
      return;
    }
  recording->state = BEGINNING;
  give_order (recording, both);
}

/* All recorders did what they were told. */
static void
on_all_answered (HelperRecording *recording)
{
  g_clear_handle_id (&recording->waiting, g_source_remove);
  if (recording->state == ATTACHING)
    begin (recording);
  else if (recording->state == BEGINNING)
    {
      recording->state = recording->request->paused ? PAUSED : RUNNING;
      recording->since = recording->state == RUNNING ? g_get_monotonic_time () : 0;
      log_recording (recording, "runs");
      g_dbus_method_invocation_return_value (g_steal_pointer (&recording->invocation),
                                             g_variant_new ("(ut)", recording->id, (guint64) g_get_monotonic_time () * 1000));
    }
  else if (recording->order != NULL)
    g_dbus_method_invocation_return_value (g_steal_pointer (&recording->order), NULL);
}

static void
check_answers (HelperRecording *recording)
{
  guint n_awaited = 0;

  for (guint i = 0; i < recording->recorders->len; i++)
    n_awaited += ((Recorder *) g_ptr_array_index (recording->recorders, i))->awaited;
  if (n_awaited == 0 && recording->waiting != 0 && recording->state != ENDING)
    on_all_answered (recording);
}

static gboolean
on_answers (int fd, GIOCondition condition, gpointer data)
{
  Recorder *recorder = data;
  char text[64];
  gssize n = 1;

  for (guint j = 0; j < AT_ONCE && (n = read (fd, text, sizeof text)) > 0; j++)
    for (gssize i = 0; i < n; i++)
      recorder->awaited -= text[i] == '\n' && recorder->awaited > 0;
  if (n == 0)
    recorder->sources[2] = 0;
  check_answers (recorder->recording);
  return n == 0 ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

void
helper_recording_order (HelperRecording *recording, HelperOrder order, GDBusMethodInvocation *invocation)
{
  int wanted = order == HELPER_PAUSE ? PAUSED : RUNNING;
  g_autofree char *orders = NULL;

  if (recording->order != NULL || recording->request == NULL || (recording->state != RUNNING && recording->state != PAUSED))
    {
      g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_BUSY, "The recording is beginning, ending or being told something");
      return;
    }
  if (recording->state == wanted)
    {
      g_dbus_method_invocation_return_value (invocation, NULL);
      return;
    }
  recording->recorded = recorded_until_now (recording);
  recording->since = wanted == RUNNING ? g_get_monotonic_time () : 0;
  recording->state = wanted;
  recording->order = invocation;
  orders = helper_request_dup_orders (recording->request, get_probe_events (recording), order);
  give_order (recording, orders);
}

static gboolean
on_tick (gpointer data)
{
  HelperRecording *recording = data;
  const HelperRequest *request = recording->request;
  gint64 duration = request != NULL && request->duration > 0 ? request->duration : A_DAY;
  double cpu_seconds;
  guint64 bytes = measure (recording, &cpu_seconds);

  recording->n_ticks++;
  if (recording->state == ENDING)
    return G_SOURCE_CONTINUE;
  if (recording->is_full)
    helper_recording_stop (recording, "disk");
  else if (request != NULL && request->size > 0 && bytes >= request->size)
    helper_recording_stop (recording, "size");
  else if (recorded_until_now (recording) >= duration * 1000 || recording->n_ticks > A_DAY / TICK || (request == NULL && recording->n_ticks > 60 * A_PROGRESS))
    helper_recording_stop (recording, "duration");
  else if (request != NULL && (recording->state == RUNNING || recording->state == PAUSED) && recording->n_ticks % A_PROGRESS == 0)
    {
      /* perf writes when a buffer is half full, which may take minutes, and when it is spoken to. */
      if (recording->waiting == 0)
        give_order (recording, "ping\n");
      tell_caller (recording, "Progress", g_variant_new ("(u@a{sv})", recording->id, dup_figures (recording)));
    }
  /* The last piece of a duration is waited for to the millisecond. */
  if (recording->state == RUNNING && duration * 1000 - recorded_until_now (recording) < TICK * 1000)
    {
      recording->tick = g_timeout_add (MAX (1, (duration * 1000 - recorded_until_now (recording) + 999) / 1000), on_tick, recording);
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

/* ---- its beginning ---- */

static void
on_caller_gone (GDBusConnection *bus, const char *name, gpointer data)
{
  HelperRecording *recording = data;

  g_clear_handle_id (&recording->watch, g_bus_unwatch_name);
  helper_recording_stop (recording, "gone");
}

HelperRecording *
helper_recording_new (GDBusMethodInvocation *invocation, HelperRecordingGone gone, gpointer data)
{
  static guint n_made;
  HelperRecording *recording = g_new0 (HelperRecording, 1);

  recording->id = ++n_made;
  recording->invocation = invocation;
  recording->sender = g_strdup (g_dbus_method_invocation_get_sender (invocation));
  recording->bus = g_object_ref (g_dbus_method_invocation_get_connection (invocation));
  recording->cancellable = g_cancellable_new ();
  recording->recorders = g_ptr_array_new_with_free_func (recorder_free);
  recording->outputs = g_array_new (FALSE, TRUE, sizeof (HelperOutput));
  recording->caller.groups = g_array_new (FALSE, FALSE, sizeof (gid_t));
  recording->gone = gone;
  recording->gone_data = data;
  recording->watch = g_bus_watch_name_on_connection (recording->bus, recording->sender, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_caller_gone, recording, NULL);
  return recording;
}

/* What recorders may do: nothing where the kernel's own checks suffice. */
static guint64
powers_needed (const HelperRecording *recording)
{
  const HelperRequest *request = recording->request;
  guint64 powers = 0;
  gboolean has_tracepoints;
  struct utsname kernel;
  guint major = 0, minor = 0;

  if (request == NULL)
    return 1ull << CAP_SYSLOG;
  has_tracepoints = (helper_rights_needed (request, recording->targets) & HELPER_RIGHT_PROBES) != 0;
  if (!recording->targets->own || request->kernel || has_tracepoints || request->target != HELPER_TARGET_PROCESSES || helper_facts_paranoid () > 2)
    powers |= 1ull << CAP_PERFMON;
  /* tracefs is root's, and perf reads there how tracepoints look. */
  if (has_tracepoints)
    powers |= 1ull << CAP_DAC_READ_SEARCH;
  if (request->kernel)
    powers |= 1ull << CAP_SYSLOG;
  /* Which files others have mapped: CAP_PERFMON suffices in newer kernels; 6.18 is the one that this was seen on. */
  uname (&kernel);
  if (!recording->targets->own && (sscanf (kernel.release, "%u.%u", &major, &minor) != 2 || major < 6 || (major == 6 && minor < 18)))
    powers |= 1ull << CAP_SYS_PTRACE;
  return powers;
}

static gboolean
add_recorder (HelperRecording *recording, char **command, int output, gboolean is_pipe, const HelperPowers *powers, GError **error)
{
  Recorder *recorder = g_new0 (Recorder, 1);
  int control[2] = { -1, -1 }, answers[2] = { -1, -1 }, errors[2] = { -1, -1 };

  recorder->recording = recording;
  recorder->said = g_string_new (NULL);
  recorder->pidfd = -1;
  if (pipe2 (control, O_CLOEXEC) == 0 && pipe2 (answers, O_CLOEXEC) == 0 && pipe2 (errors, O_CLOEXEC) == 0)
    recorder->pid = helper_launch (command, powers, (int[]) { is_pipe ? output : -1, errors[1], is_pipe ? -1 : output, control[0], answers[1] }, error);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "No pipe to the recorder: %s", g_strerror (errno));
  close (control[0]);
  close (answers[1]);
  close (errors[1]);
  recorder->control = control[1];
  recorder->answers = answers[0];
  recorder->errors = errors[0];
  if (recorder->pid == 0)
    {
      recorder_free (recorder);
      return FALSE;
    }
  recorder->pidfd = syscall (SYS_pidfd_open, recorder->pid, 0);
  g_unix_set_fd_nonblocking (recorder->control, TRUE, NULL);
  g_unix_set_fd_nonblocking (recorder->answers, TRUE, NULL);
  g_unix_set_fd_nonblocking (recorder->errors, TRUE, NULL);
  recorder->sources[0] = g_unix_fd_add (recorder->pidfd, G_IO_IN, on_recorder_ended, recorder);
  recorder->sources[1] = g_unix_fd_add (recorder->errors, G_IO_IN | G_IO_HUP, on_errors, recorder);
  recorder->sources[2] = g_unix_fd_add (recorder->answers, G_IO_IN | G_IO_HUP, on_answers, recorder);
  g_ptr_array_add (recording->recorders, recorder);
  return TRUE;
}

/* Ring buffers are memory that cannot be swapped. */
static gboolean
check_memory (const HelperRequest *request, guint n_recorders, GError **error)
{
  guint64 asked = (guint64) request->buffer * 1024 * sysconf (_SC_NPROCESSORS_ONLN) * n_recorders;
  guint64 most = (guint64) sysconf (_SC_PHYS_PAGES) * sysconf (_SC_PAGESIZE) / MEMORY_SHARE;

  if (asked <= most)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“buffer” comes to %" G_GUINT64_FORMAT " MiB on all CPUs; at most %" G_GUINT64_FORMAT
               " MiB are expected", asked >> 20, most >> 20);
  return FALSE;
}

static gboolean
launch_all (HelperRecording *recording, GError **error)
{
  HelperRequest *request = recording->request;
  const HelperCaller *caller = &recording->caller;
  HelperPowers powers = { caller->uid, request != NULL ? recording->targets->gid : (gid_t) 65534, (const gid_t *) caller->groups->data, caller->groups->len,
                          powers_needed (recording), 0 };
  char *symbols[] = { (char *) "/proc/self/exe", (char *) "symbols", NULL };

  if (request == NULL)
    return add_recorder (recording, symbols, g_array_index (recording->outputs, HelperOutput, 0).fd, TRUE, &powers, error);
  if (!check_memory (request, recording->outputs->len, error) || !helper_targets_check (recording->targets, request, caller, error))
    return FALSE;
  if (request->sampler == HELPER_SAMPLER_PERF && helper_facts_perf () == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "There is no perf on this machine that belongs to root");
      return FALSE;
    }
  if (request->probes->len > 0)
    {
      recording->probes = helper_probes_make (request, recording->fds, recording->targets->own, error);
      if (recording->probes == NULL)
        return FALSE;
    }
  /* With that capability the kernel does not check whom a sampler follows into new threads and children, and numbers are used anew. */
  if (request->sampler == HELPER_SAMPLER_RANDOM && helper_rights_needed (request, recording->targets) == HELPER_RIGHT_OWN && powers.capabilities != 0)
    request->inherit = FALSE;
  /* A page more a CPU for each buffer's head. */
  powers.locked_memory = (guint64) (request->buffer + 64) * 1024 * sysconf (_SC_NPROCESSORS_CONF);
  for (guint i = 0; i < recording->outputs->len; i++)
    {
      const HelperOutput *output = &g_array_index (recording->outputs, HelperOutput, i);
      const HelperProcess *process = request->per_process ? &g_array_index (request->processes, HelperProcess, i) : NULL;
      g_auto(GStrv) command = helper_request_dup_command (
          request, request->sampler == HELPER_SAMPLER_RANDOM ? "/proc/self/exe" : helper_facts_perf (), process, recording->targets->cgroup,
          get_probe_events (recording), output->is_pipe ? "-" : "/proc/self/fd/3", TRUE);

      if (!add_recorder (recording, command, output->fd, output->is_pipe, &powers, error))
        return FALSE;
    }
  return TRUE;
}

void
helper_recording_start (HelperRecording *recording)
{
  g_autoptr(GError) error = NULL;

  recording->state = ATTACHING;
  if (!launch_all (recording, &error))
    {
      if (recording->recorders->len == 0)
        {
          finish (recording, error);
          return;
        }
      set_failure (recording, error->message);
      helper_recording_stop (recording, "failed");
      return;
    }
  recording->tick = g_timeout_add (TICK, on_tick, recording);
  if (recording->request != NULL)
    give_order (recording, "ping\n");
}
