/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The privileged service on the system bus: whether it can be asked, and calls to it. The bus is that of DBUS_SYSTEM_BUS_ADDRESS where it is set, which is
 * also how a sandbox reaches its host. */
#include <config.h>

#include "capture/session-private.h"


/* What the bus and the service say of themselves, without their domains' names before it. */
void
glow_capture_service_strip (GError *error)
{
  g_dbus_error_strip_remote_error (error);
}

GVariant *
glow_capture_service_call (GDBusConnection *bus, const char *method, GVariant *arguments, const char *reply, GCancellable *cancellable, GError **error)
{
  GError *own = NULL;
  GVariant *answer = g_dbus_connection_call_sync (bus, GLOW_CAPTURE_SERVICE, GLOW_CAPTURE_SERVICE_PATH, GLOW_CAPTURE_SERVICE, method, arguments,
                                                  reply != NULL ? G_VARIANT_TYPE (reply) : NULL, G_DBUS_CALL_FLAGS_NONE, GLOW_CAPTURE_PATIENCE_MS, cancellable, &own);

  if (answer == NULL)
    {
      glow_capture_service_strip (own);
      g_propagate_error (error, own);
    }
  return answer;
}
