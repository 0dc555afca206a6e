/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Recording through the privileged service: files are handed over as descriptors, what it records comes into them. It ends when this program leaves the
 * bus, so that nothing has to be ended when this program dies. */
#include <config.h>

#include "capture/session-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

struct _GlowCaptureService {
  GlowCaptureSession *session;
  GDBusConnection *bus;
  GCancellable *cancellable;
  guint subscription, watch;
  guint recording;
  gboolean has_recording, stopping;
  double seconds;
  GVariant *early;             /* (nullable): Finished that came before the number of the recording */
};

void
glow_capture_service_free (GlowCaptureService *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  if (self->subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  if (self->watch != 0)
    g_bus_unwatch_name (self->watch);
  /* Who frees a session without stopping it does not want it to run on. */
  if (self->has_recording && !self->stopping)
    g_dbus_connection_call (self->bus, GLOW_CAPTURE_SERVICE, GLOW_CAPTURE_SERVICE_PATH, GLOW_CAPTURE_SERVICE, "Stop", g_variant_new ("(u)", self->recording),
                            NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
  g_clear_pointer (&self->early, g_variant_unref);
  g_clear_object (&self->bus);
  g_object_unref (self->cancellable);
  g_free (self);
}

double
glow_capture_service_get_seconds (GlowCaptureService *self)
{
  return self->seconds;
}

/* ---- what it tells ---- */

static void
take_finished (GlowCaptureService *self, GVariant *arguments)
{
  g_autoptr(GVariant) figures = NULL;
  const char *reason, *message = "";
  guint recording;
  GError *error = NULL;

  g_variant_get (arguments, "(u&s@a{sv})", &recording, &reason, &figures);
  if (recording != self->recording)
    return;
  self->has_recording = FALSE;
  g_variant_lookup (figures, "cpu-seconds", "d", &self->seconds);
  g_variant_lookup (figures, "message", "&s", &message);
  /* What it could write before it failed is kept. */
  if (strcmp (reason, "failed") == 0 && self->session->figures.samples == 0)
    error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, _("perf could not record: %s"), *message != '\0' ? message : _("it said nothing"));
  glow_capture_session_ended (self->session, reason, error);
}

static void
on_signal (GDBusConnection *bus, const char *sender, const char *path, const char *interface, const char *name, GVariant *arguments, gpointer data)
{
  GlowCaptureService *self = data;

  if (strcmp (name, "Progress") == 0 && g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(ua{sv})")))
    {
      g_autoptr(GVariant) figures = g_variant_get_child_value (arguments, 1);

      g_variant_lookup (figures, "cpu-seconds", "d", &self->seconds);
    }
  else if (strcmp (name, "Finished") == 0 && g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(usa{sv})")))
    {
      if (self->has_recording)
        take_finished (self, arguments);
      else
        {
          g_clear_pointer (&self->early, g_variant_unref);
          self->early = g_variant_ref (arguments);
        }
    }
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  GlowCaptureService *self = data;

  /* Before it was asked it need not be there: it is started then. */
  if (!self->has_recording)
    return;
  self->has_recording = FALSE;
  glow_capture_session_ended (self->session, "failed",
                              self->session->figures.samples > 0 ? NULL
                                                                 : g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, _("The recording service ended unexpectedly")));
}

/* ---- what it is told ---- */

static void
on_told (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  GlowCaptureService *self = data;

  if (answer == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (answer == NULL)
    {
      g_debug ("%s", error->message);
      return;
    }
  /* The answer to Pause or Resume. */
  if (self->session->state == GLOW_CAPTURE_RUNNING)
    glow_capture_session_rests (self->session);
  else if (self->session->state == GLOW_CAPTURE_PAUSED)
    glow_capture_session_runs (self->session);
}

static void
tell (GlowCaptureService *self, const char *method, GAsyncReadyCallback callback)
{
  g_dbus_connection_call (self->bus, GLOW_CAPTURE_SERVICE, GLOW_CAPTURE_SERVICE_PATH, GLOW_CAPTURE_SERVICE, method, g_variant_new ("(u)", self->recording), NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->cancellable, callback, callback != NULL ? self : NULL);
}

void
glow_capture_service_pause (GlowCaptureService *self, gboolean paused)
{
  if (self->has_recording)
    tell (self, paused ? "Pause" : "Resume", on_told);
}

void
glow_capture_service_stop (GlowCaptureService *self)
{
  self->stopping = TRUE;
  if (self->has_recording)
    tell (self, "Stop", NULL);
  else
    {
      /* The question for rights may stand still; the answer is of no interest any more, and leaving the bus ends what it would begin. */
      g_cancellable_cancel (self->cancellable);
      glow_capture_session_ended (self->session, NULL, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _("Stopped before the recording had begun")));
    }
}

/* ---- how it begins ---- */

static void
on_recording (GObject *source, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  g_autoptr(GVariant) answer = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source), NULL, result, &error);
  GlowCaptureService *self = data;

  if (answer == NULL)
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_error_free (error);
          return;
        }
      glow_capture_service_strip (error);
      glow_capture_session_ended (self->session, NULL, error);
      return;
    }
  g_variant_get (answer, "(ut)", &self->recording, NULL);
  self->has_recording = TRUE;
  glow_capture_session_runs (self->session);
  if (self->early != NULL)
    {
      g_autoptr(GVariant) early = g_steal_pointer (&self->early);

      take_finished (self, early);
    }
}

static gboolean
add_descriptor (GUnixFDList *list, const char *path, int flags, gint *index, GError **error)
{
  int fd = open (path, flags | O_CLOEXEC);

  if (fd < 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), _("“%s” could not be opened: %s"), path, g_strerror (errno));
      return FALSE;
    }
  *index = g_unix_fd_list_append (list, fd, error);
  close (fd);
  return *index >= 0;
}

/* Descriptors of the binaries of probes come first: they are what the request's handles count from. */
static GVariant *
build_call (GlowCaptureService *self, GUnixFDList *list, GError **error)
{
  GlowCaptureSession *session = self->session;
  GlowCaptureProcess own;
  GlowCaptureSubject subject = glow_capture_session_get_subject (session, &own);
  g_autoptr(GPtrArray) binaries = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GVariant) request = glow_capture_plan_dup_request (session->plan, &subject, session->interactive, binaries);
  GVariantBuilder outputs;
  gint index = -1;

  g_variant_builder_init (&outputs, G_VARIANT_TYPE ("ah"));
  for (guint i = 0; i < binaries->len; i++)
    if (!add_descriptor (list, g_ptr_array_index (binaries, i), O_RDONLY, &index, error))
      {
        g_variant_builder_clear (&outputs);
        return NULL;
      }
  for (guint i = 0; i < session->files->len; i++)
    {
      if (!add_descriptor (list, ((const GlowCaptureFile *) g_ptr_array_index (session->files, i))->path, O_RDWR, &index, error))
        {
          g_variant_builder_clear (&outputs);
          return NULL;
        }
      g_variant_builder_add (&outputs, "h", index);
    }
  return g_variant_new ("(@a{sv}@ah)", request, g_variant_builder_end (&outputs));
}

GlowCaptureService *
glow_capture_service_start (GlowCaptureSession *session, GError **error)
{
  g_autoptr(GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, error);
  g_autoptr(GUnixFDList) list = g_unix_fd_list_new ();
  GlowCaptureService *self;
  GVariant *call;

  if (bus == NULL)
    return NULL;
  self = g_new0 (GlowCaptureService, 1);
  self->session = session;
  self->bus = g_steal_pointer (&bus);
  self->cancellable = g_cancellable_new ();
  call = build_call (self, list, error);
  if (call == NULL)
    {
      glow_capture_service_free (self);
      return NULL;
    }
  self->subscription = g_dbus_connection_signal_subscribe (self->bus, GLOW_CAPTURE_SERVICE, GLOW_CAPTURE_SERVICE, NULL, GLOW_CAPTURE_SERVICE_PATH, NULL,
                                                           G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self, NULL);
  self->watch = g_bus_watch_name_on_connection (self->bus, GLOW_CAPTURE_SERVICE, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL, on_vanished, self, NULL);
  /* As long as somebody thinks about a password. */
  g_dbus_connection_call_with_unix_fd_list (self->bus, GLOW_CAPTURE_SERVICE, GLOW_CAPTURE_SERVICE_PATH, GLOW_CAPTURE_SERVICE, "Record", call,
                                            G_VARIANT_TYPE ("(ut)"), session->interactive ? G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION : G_DBUS_CALL_FLAGS_NONE,
                                            G_MAXINT, list, self->cancellable, on_recording, self);
  return self;
}
