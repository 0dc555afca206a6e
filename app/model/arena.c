/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/arena-private.h"
#include "model/memory-private.h"

#include <stdlib.h>
#include <string.h>

/* Blocks grow from the first to the last of these: the large ones lie on huge pages. */
#define FIRST_BLOCK ((gsize) 16 << 10)
#define LAST_BLOCK ((gsize) 4 << 20)

struct _GlowArena {
  GPtrArray *blocks;
  char *at;
  gsize left, next_block;
};

GlowArena *
glow_arena_new (void)
{
  GlowArena *self = g_new0 (GlowArena, 1);

  self->blocks = g_ptr_array_new_with_free_func (free);
  self->next_block = FIRST_BLOCK;
  return self;
}

void
glow_arena_free (GlowArena *self)
{
  g_ptr_array_unref (self->blocks);
  g_free (self);
}

gpointer
glow_arena_take (GlowArena *self, gsize n)
{
  gpointer taken;

  n = (n + 7) & ~(gsize) 7;
  if (G_UNLIKELY (n > self->left))
    {
      gsize block = MAX (n, self->next_block);

      self->at = glow_allocate (block, 1);
      self->left = block;
      self->next_block = MIN (self->next_block * 4, LAST_BLOCK);
      g_ptr_array_add (self->blocks, self->at);
    }
  taken = self->at;
  self->at += n;
  self->left -= n;
  return taken;
}

gpointer
glow_arena_take0 (GlowArena *self, gsize n)
{
  return memset (glow_arena_take (self, n), 0, n);
}

gpointer
glow_arena_grow (GlowArena *self, gconstpointer old, gsize used, gsize n)
{
  gpointer taken = glow_arena_take (self, n);

  if (used > 0)
    memcpy (taken, old, used);
  return taken;
}
