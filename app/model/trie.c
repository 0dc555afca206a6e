/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Storage of the prefix trie. The slots are probed at random: on 4 KiB pages most of the time would go to the TLB, so the big
 * arrays ask for huge pages. */
#include "model/memory-private.h"
#include "model/trie-private.h"

#include <stdlib.h>
#include <string.h>

/**
 * glow_trie_init:
 * @expected: nodes to make room for at once; 0 for a small one
 */
void
glow_trie_init (GlowTrie *self, guint32 expected)
{
  guint64 slots = 256;

  while (slots * 6 < (guint64) expected * 10)
    slots *= 2;
  memset (self, 0, sizeof *self);
  self->capacity = MAX (expected, 64);
  self->parent = malloc ((gsize) self->capacity * sizeof (guint32));
  self->item = malloc ((gsize) self->capacity * sizeof (guint32));
  if (self->parent == NULL || self->item == NULL)
    g_error ("Out of memory: a stack table of %u nodes", self->capacity);
  self->mask = slots - 1;
  self->slots = glow_allocate0 (slots, sizeof (guint32));
  self->parent[0] = 0;
  self->item[0] = G_MAXUINT32;
  self->n = 1;
}

/**
 * glow_trie_clear:
 *
 * Frees what is left. The parent and item arrays may have been taken before (set them to NULL): they are plain malloc memory.
 */
void
glow_trie_clear (GlowTrie *self)
{
  free (self->parent);
  free (self->item);
  free (self->slots);
  memset (self, 0, sizeof *self);
}

/**
 * glow_trie_grow:
 *
 * Makes room for at least one more node: for glow_trie_intern() alone.
 */
void
glow_trie_grow (GlowTrie *self)
{
  if (self->n >= self->capacity)
    {
      guint64 capacity = (guint64) self->capacity + self->capacity / 2 + 64;

      if (self->n >= G_MAXUINT32 - 1)
        g_error ("A stack table cannot hold more than %u nodes", G_MAXUINT32 - 1);
      self->capacity = MIN (capacity, G_MAXUINT32 - 1);
      self->parent = realloc (self->parent, (gsize) self->capacity * sizeof (guint32));
      self->item = realloc (self->item, (gsize) self->capacity * sizeof (guint32));
      if (self->parent == NULL || self->item == NULL)
        g_error ("Out of memory: a stack table of %u nodes", self->capacity);
    }
  if ((guint64) self->n * 10 > self->mask * 6)
    {
      guint64 mask = self->mask * 2 + 1;
      guint32 *slots = glow_allocate0 (mask + 1, sizeof (guint32));

      /* Ids are handed out in order, so walking them reads parent and item from front to back. */
      for (guint32 id = 1; id < self->n; id++)
        {
          guint64 at = glow_trie_hash (self->parent[id], self->item[id]) & mask;

          while (slots[at] != 0)
            at = (at + 1) & mask;
          slots[at] = id;
        }
      free (self->slots);
      self->slots = slots;
      self->mask = mask;
    }
}
