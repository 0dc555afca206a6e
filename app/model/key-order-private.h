/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sorting by numbers of 64 bits, in time that grows with what is sorted and not faster. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint64 key;
  guint32 row;
} GlowKeyOrder;

GlowKeyOrder *glow_sort_by_key (GlowKeyOrder *order, gsize n);
/* Ascending, in place, by the bits that differ. O(n) for each eleven of them. */
void glow_sort_numbers (guint64 *numbers, gsize n);

G_END_DECLS
