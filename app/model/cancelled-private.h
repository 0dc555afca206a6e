/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the load that this thread works for was cancelled: for loops deep below the loader, whose functions have no cancellable. What they
 * leave is thrown away, but must hold together until then. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Loops look up once in so many rounds: some milliseconds. */
#define GLOW_CANCELLED_EVERY 0xffff

static inline gboolean
glow_cancelled (gsize i)
{
  return (i & GLOW_CANCELLED_EVERY) == 0 && g_cancellable_is_cancelled (g_cancellable_get_current ());
}

G_END_DECLS
