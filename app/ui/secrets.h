/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Passwords and tokens for servers, in the desktop's keyring and nowhere else. All block (the keyring may ask a person to unlock it): call them in a worker. */
gboolean glow_secrets_are_there (void);                  /* this build has a keyring to ask */
/* (transfer full) (nullable): NULL where none is kept, or with @error where the keyring cannot be asked */
char    *glow_secrets_lookup    (const char *server, const char *user, GCancellable *cancellable, GError **error);
gboolean glow_secrets_store     (const char *server, const char *user, const char *secret, GCancellable *cancellable, GError **error);
void     glow_secrets_forget    (const char *server, const char *user, GCancellable *cancellable);

G_END_DECLS
