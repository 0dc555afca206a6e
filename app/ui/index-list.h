/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* A list of n rows that are numbers: what stands in row i is its owner's to know. Items are made only as they are looked at. */
#define GLOW_TYPE_INDEX_LIST (glow_index_list_get_type ())
G_DECLARE_FINAL_TYPE (GlowIndexList, glow_index_list, GLOW, INDEX_LIST, GObject)

GlowIndexList *glow_index_list_new   (void);
/* Other rows: as many, but all may have changed. */
void           glow_index_list_set_n (GlowIndexList *self, guint n);
/* The number of an item. */
guint          glow_index_list_get_index (gpointer item);

G_END_DECLS
