/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Large arrays that are written or probed at random: on 4 KiB pages most of the time would go to page faults and the TLB, so they ask for
 * huge pages. Freed with free(). Out of memory ends the program, as in GLib. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* So many elements before their turn those of large tables that are read in no order are fetched. */
#define GLOW_AHEAD 12

gpointer glow_allocate  (gsize n, gsize size);
gpointer glow_allocate0 (gsize n, gsize size);
gpointer glow_grow      (gpointer old, gsize used, gsize n, gsize size);

G_END_DECLS
