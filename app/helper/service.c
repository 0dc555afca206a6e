/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The D-Bus side: who asks, limits, and which method is which. Nothing is decided here but how many may ask at once. */
#include "helper/helper.h"

#include "helper-interface.h"

#include <glib-unix.h>
#include <unistd.h>

#define MOST_RUNNING 8          /* recordings of all callers */
#define MOST_ASKING  16         /* … with those that wait for an answer of polkit's */
#define MOST_A_USER  4
#define IDLE         60         /* s without anything to do until it ends */

typedef struct {
  GMainLoop *loop;
  GPtrArray *recordings;        /* of HelperRecording, owned by themselves */
  guint name, idle, sweep;
  gboolean is_leaving;
  int status;
} Service;

static gboolean
on_left (gpointer data)
{
  Service *service = data;

  service->idle = 0;
  g_main_loop_quit (service->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
on_idle (gpointer data)
{
  Service *service = data;

  /* The name goes first: what is asked after that starts another one. */
  service->is_leaving = TRUE;
  g_clear_handle_id (&service->name, g_bus_unown_name);
  service->idle = g_timeout_add (200, on_left, service);
  return G_SOURCE_REMOVE;
}

static void
look_for_work (Service *service)
{
  g_clear_handle_id (&service->idle, g_source_remove);
  if (service->recordings->len == 0 && service->sweep == 0)
    service->idle = service->is_leaving ? g_idle_add (on_idle, service) : g_timeout_add_seconds (IDLE, on_idle, service);
}

static void
on_gone (HelperRecording *recording, gpointer data)
{
  Service *service = data;

  g_ptr_array_remove_fast (service->recordings, recording);
  look_for_work (service);
}

static HelperRecording *
find (Service *service, const char *sender, guint id)
{
  for (guint i = 0; i < service->recordings->len; i++)
    {
      HelperRecording *recording = g_ptr_array_index (service->recordings, i);

      if (g_str_equal (recording->sender, sender) && (id == 0 || recording->id == id))
        return recording;
    }
  return NULL;
}

#define refuse(error, code, ...) (g_set_error (error, G_IO_ERROR, G_IO_ERROR_##code, __VA_ARGS__), FALSE)

static gboolean
check_limits (Service *service, HelperRecording *recording, GError **error)
{
  guint n_running = 0, n_of_user = 0;

  for (guint i = 0; i < service->recordings->len; i++)
    {
      const HelperRecording *other = g_ptr_array_index (service->recordings, i);

      n_running += other->recorders->len > 0;
      n_of_user += other->caller.uid == recording->caller.uid;
    }
  if (n_running >= MOST_RUNNING)
    return refuse (error, BUSY, "There are %u recordings already", n_running);
  if (n_of_user > MOST_A_USER)
    return refuse (error, BUSY, "The user %u has %u recordings already", recording->caller.uid, n_of_user - 1);
  return TRUE;
}

static gboolean
open_outputs (HelperRecording *recording, GVariant *handles, GError **error)
{
  guint n_expected = recording->request != NULL && recording->request->per_process ? recording->request->processes->len : 1;
  gsize n = g_variant_n_children (handles);
  int n_fds = 0;
  const int *fds = recording->fds != NULL ? g_unix_fd_list_peek_fds (recording->fds, &n_fds) : NULL;

  if (n != n_expected)
    return refuse (error, INVALID_ARGUMENT, "There are %zu outputs; %u are expected", n, n_expected);
  for (gsize i = 0; i < n; i++)
    {
      HelperOutput output = { 0 };
      int handle;

      g_variant_get_child (handles, i, "h", &handle);
      if (handle < 0 || handle >= n_fds)
        return refuse (error, INVALID_ARGUMENT, "An output is %d, which is no descriptor of the message", handle);
      if (!helper_output_check (fds[handle], recording->caller.uid, &output, error))
        return FALSE;
      for (guint j = 0; j < recording->outputs->len; j++)
        if (g_array_index (recording->outputs, HelperOutput, j).device == output.device && g_array_index (recording->outputs, HelperOutput, j).inode == output.inode)
          return refuse (error, INVALID_ARGUMENT, "Two outputs are the same file");
      g_array_append_val (recording->outputs, output);
    }
  return TRUE;
}

static void
on_authorised (GObject *source, GAsyncResult *result, gpointer data)
{
  HelperRecording *recording = data;
  Service *service = recording->gone_data;
  g_autoptr(GError) error = NULL;

  if (helper_authority_ask_finish (result, &error) && check_limits (service, recording, &error))
    helper_recording_start (recording);
  else
    helper_recording_refuse (recording, error);
}

/* The caller's user and groups are known: what was asked can be looked at with his eyes. */
static void
consider (HelperRecording *recording)
{
  Service *service = recording->gone_data;
  HelperRequest *request = recording->request;
  GVariant *parameters = g_dbus_method_invocation_get_parameters (recording->invocation);
  g_autoptr(GVariant) handles = NULL, handle = NULL;
  g_autoptr(GString) events = g_string_new (NULL);
  g_autoptr(GError) error = NULL;
  gboolean interactive;

  handle = g_variant_get_child_value (parameters, 1);
  handles = request != NULL ? g_variant_ref (handle) : g_variant_ref_sink (g_variant_new_array (NULL, &handle, 1));
  if (request != NULL)
    interactive = request->interactive;
  else
    g_variant_get_child (parameters, 0, "b", &interactive);
  if (!check_limits (service, recording, &error) || !open_outputs (recording, handles, &error) || (request != NULL && !helper_facts_check_events (request, &error)))
    {
      helper_recording_refuse (recording, error);
      return;
    }
  if (request != NULL)
    recording->targets = helper_targets_open (request, &recording->caller, &error);
  if (error != NULL)
    {
      helper_recording_refuse (recording, error);
      return;
    }
  for (guint i = 0; request != NULL && i < request->events->len; i++)
    g_string_append_printf (events, "%s%s", events->len > 0 ? ", " : "", ((HelperEvent *) g_ptr_array_index (request->events, i))->name);
  for (guint i = 0; request != NULL && i < request->probes->len; i++)
    g_string_append_printf (events, "%s%s", events->len > 0 ? ", " : "", ((HelperProbe *) g_ptr_array_index (request->probes, i))->label);
  helper_authority_ask (recording->sender, recording->caller.uid, request != NULL ? helper_rights_needed (request, recording->targets) : HELPER_RIGHT_SYSTEM,
                        request != NULL ? recording->targets->words : "*", events->str, interactive, recording->cancellable, on_authorised, recording);
}

static void
on_credentials (GObject *source, GAsyncResult *result, gpointer data)
{
  HelperRecording *recording = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error), credentials = NULL, groups = NULL;
  guint32 uid;

  if (answer == NULL)
    {
      helper_recording_refuse (recording, error);
      return;
    }
  credentials = g_variant_get_child_value (answer, 0);
  if (!g_variant_lookup (credentials, "UnixUserID", "u", &uid))
    {
      error = g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "The bus does not know the caller's user");
      helper_recording_refuse (recording, error);
      return;
    }
  recording->caller.uid = uid;
  groups = g_variant_lookup_value (credentials, "UnixGroupIDs", G_VARIANT_TYPE ("au"));
  for (gsize i = 0; groups != NULL && i < g_variant_n_children (groups); i++)
    {
      guint32 group;

      g_variant_get_child (groups, i, "u", &group);
      g_array_append_val (recording->caller.groups, group);
    }
  consider (recording);
}

static void
on_record (Service *service, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  const char *sender = g_dbus_method_invocation_get_sender (invocation);
  gboolean is_symbols = g_str_equal (g_dbus_method_invocation_get_method_name (invocation), "ReadKernelSymbols");
  g_autoptr(GVariant) dictionary = is_symbols ? NULL : g_variant_get_child_value (parameters, 0);
  g_autoptr(HelperRequest) request = NULL;
  GUnixFDList *fds = g_dbus_message_get_unix_fd_list (g_dbus_method_invocation_get_message (invocation));
  HelperRecording *recording;
  GError *error = NULL;

  if (dictionary != NULL)
    request = helper_request_parse (dictionary, &error);
  if (error == NULL && (find (service, sender, 0) != NULL || service->recordings->len >= MOST_ASKING))
    error = g_error_new (G_IO_ERROR, G_IO_ERROR_BUSY, "There is a recording of this caller already, or too many of others");
  if (error != NULL)
    {
      g_dbus_method_invocation_take_error (invocation, error);
      return;
    }
  recording = helper_recording_new (invocation, on_gone, service);
  recording->request = g_steal_pointer (&request);
  recording->fds = fds != NULL ? g_object_ref (fds) : NULL;
  recording->caller.uid = (uid_t) -1;
  g_ptr_array_add (service->recordings, recording);
  look_for_work (service);
  g_dbus_connection_call (recording->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetConnectionCredentials",
                          g_variant_new ("(s)", sender), G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NONE, 10000, recording->cancellable, on_credentials,
                          recording);
}

static void
on_call (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *method, GVariant *parameters,
         GDBusMethodInvocation *invocation, gpointer data)
{
  Service *service = data;
  HelperRecording *recording = NULL;
  guint id;

  look_for_work (service);
  if (g_str_equal (method, "GetCapabilities"))
    {
      static GVariant *facts;
      static gint64 when;

      /* Not looked for anew each time that somebody asks in a loop. */
      if (facts == NULL || g_get_monotonic_time () - when > 10 * G_USEC_PER_SEC)
        {
          g_clear_pointer (&facts, g_variant_unref);
          facts = helper_facts_describe ();
          when = g_get_monotonic_time ();
        }
      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(@a{sv})", facts));
      return;
    }
  if (g_str_equal (method, "Record") || g_str_equal (method, "ReadKernelSymbols"))
    {
      on_record (service, parameters, invocation);
      return;
    }
  g_variant_get (parameters, "(u)", &id);
  recording = id != 0 ? find (service, sender, id) : NULL;
  if (recording == NULL)
    g_dbus_method_invocation_return_error (invocation, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no recording %u of this caller", id);
  else if (g_str_equal (method, "Stop"))
    {
      helper_recording_stop (recording, "stopped");
      g_dbus_method_invocation_return_value (invocation, NULL);
    }
  else
    helper_recording_order (recording, g_str_equal (method, "Pause") ? HELPER_PAUSE : HELPER_RESUME, invocation);
}

/* Probes of a service that was killed: its recorders may hold them for a moment longer. */
static gboolean
on_sweep (gpointer data)
{
  Service *service = data;

  if (!helper_probes_sweep ())
    return G_SOURCE_CONTINUE;
  service->sweep = 0;
  look_for_work (service);
  return G_SOURCE_REMOVE;
}

static void
on_name (GDBusConnection *bus, const char *name, gpointer data)
{
  Service *service = data;

  if (!helper_probes_sweep ())
    service->sweep = g_timeout_add (500, on_sweep, service);
  look_for_work (service);
}

static void
on_name_lost (GDBusConnection *bus, const char *name, gpointer data)
{
  Service *service = data;

  if (service->is_leaving)
    return;
  g_warning ("“%s” cannot be had on the bus", name);
  service->status = 1;
  g_main_loop_quit (service->loop);
}

static void
on_bus (GDBusConnection *bus, const char *name, gpointer data)
{
  static const GDBusInterfaceVTable table = { .method_call = on_call };
  g_autoptr(GError) error = NULL;

  if (g_dbus_connection_register_object (bus, HELPER_PATH, (GDBusInterfaceInfo *) &io_github_afterglow_helper1_interface, &table, data, NULL, &error) == 0)
    g_error ("%s", error->message);
}

/* Told to end by systemd: recordings end as if their callers had gone. */
static gboolean
on_terminate (gpointer data)
{
  Service *service = data;

  service->is_leaving = TRUE;
  for (guint i = service->recordings->len; i > 0; i--)
    helper_recording_stop (g_ptr_array_index (service->recordings, i - 1), "stopped");
  look_for_work (service);
  return G_SOURCE_CONTINUE;
}

int
helper_service_main (void)
{
  Service service = { 0 };

  service.loop = g_main_loop_new (NULL, FALSE);
  service.recordings = g_ptr_array_new ();
  helper_facts_perf ();
  g_unix_signal_add (SIGTERM, on_terminate, &service);
  service.name = g_bus_own_name (G_BUS_TYPE_SYSTEM, HELPER_NAME, G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE, on_bus, on_name, on_name_lost, &service, NULL);
  g_main_loop_run (service.loop);
  g_ptr_array_unref (service.recordings);
  g_main_loop_unref (service.loop);
  return service.status;
}
