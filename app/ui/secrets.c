/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keyring, through libsecret; without it nothing is kept, and every question asks anew. */
#include <config.h>

#include "ui/secrets.h"

#include <glib/gi18n.h>

#ifdef HAVE_SECRET

#include <libsecret/secret.h>

static const SecretSchema schema = {
  AFTERGLOW_APPLICATION_ID ".Server", SECRET_SCHEMA_NONE,
  { { "server", SECRET_SCHEMA_ATTRIBUTE_STRING }, { "user", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
  0, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
};

gboolean
glow_secrets_are_there (void)
{
  return TRUE;
}

char *
glow_secrets_lookup (const char *server, const char *user, GCancellable *cancellable, GError **error)
{
  char *secret = secret_password_lookup_sync (&schema, cancellable, error, "server", server, "user", user, NULL);
  char *copy = g_strdup (secret);

  secret_password_free (secret);
  return copy;
}

gboolean
glow_secrets_store (const char *server, const char *user, const char *secret, GCancellable *cancellable, GError **error)
{
  g_autofree char *label = *user != '\0' ? g_strdup_printf (_("Afterglow: %s at %s"), user, server) : g_strdup_printf (_("Afterglow: token for %s"), server);

  return secret_password_store_sync (&schema, SECRET_COLLECTION_DEFAULT, label, secret, cancellable, error, "server", server, "user", user, NULL);
}

void
glow_secrets_forget (const char *server, const char *user, GCancellable *cancellable)
{
  secret_password_clear_sync (&schema, cancellable, NULL, "server", server, "user", user, NULL);
}

#else

gboolean
glow_secrets_are_there (void)
{
  return FALSE;
}

char *
glow_secrets_lookup (const char *server, const char *user, GCancellable *cancellable, GError **error)
{
  return NULL;
}

gboolean
glow_secrets_store (const char *server, const char *user, const char *secret, GCancellable *cancellable, GError **error)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, _("This build has no keyring to keep passwords in"));
  return FALSE;
}

void
glow_secrets_forget (const char *server, const char *user, GCancellable *cancellable)
{
}

#endif
