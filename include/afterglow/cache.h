/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Profiles that took long to make are kept in the user's cache folder ($XDG_CACHE_HOME/afterglow/profiles), at most this many bytes of them; those that
 * were not asked for longest go first. Safe to delete at any time. */
#define GLOW_CACHE_SIZE ((guint64) 512 << 20)

/* Bytes in it now. */
guint64 glow_cache_get_size (void);
/* Removes everything in it. Returns how many bytes that were. */
guint64 glow_cache_clear    (void);
/* Waits until everything that is being kept is on the disk: before a program ends. */
void    glow_cache_flush    (void);

G_END_DECLS
