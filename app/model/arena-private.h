/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory for many small things that are all given back at once: thousands of processes have a few pieces each, and malloc() would spend more on
 * keeping them, and on giving them back one by one, than is spent on what they are for. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _GlowArena GlowArena;

GlowArena *glow_arena_new  (void);
void       glow_arena_free (GlowArena *self);
/* @n bytes with any contents, aligned for 64-bit numbers and pointers; they last as long as @self. */
gpointer   glow_arena_take (GlowArena *self, gsize n);
/* The same, zeroed. */
gpointer   glow_arena_take0 (GlowArena *self, gsize n);
/* @n bytes that begin with the @used ones at @old (nullable), which are not to be used any more. */
gpointer   glow_arena_grow (GlowArena *self, gconstpointer old, gsize used, gsize n);

G_END_DECLS
