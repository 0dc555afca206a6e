/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory of the trie of raw addresses: large tables on huge pages, for its probes miss the cache more often than not. */
#include "formats/perf/raw-trie-private.h"
#include "model/memory-private.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_NODES 4096
/* Smaller tables grow by more at once: what they have is copied seldom. */
#define MANY_NODES (1u << 17)

void
raw_trie_init (RawTrie *self)
{
  memset (self, 0, sizeof *self);
  self->capacity = FIRST_NODES;
  self->mask = 2 * FIRST_NODES - 1;
  self->nodes = glow_allocate (self->capacity, sizeof (RawNode));
  self->slots = glow_allocate0 (self->mask + 1, sizeof (guint32));
  self->nodes[0] = (RawNode) { 0, 0, RAW_ROOT_KIND, 0 };
  self->n = 1;
}

void
raw_trie_clear (RawTrie *self)
{
  free (self->nodes);
  free (self->slots);
  memset (self, 0, sizeof *self);
}

/**
 * raw_trie_grow:
 *
 * Makes room for one more node, in the table and in its index.
 */
void
raw_trie_grow (RawTrie *self)
{
  guint times = self->capacity < MANY_NODES ? 4 : 2;

  if (self->n >= self->capacity)
    {
      if (self->capacity >= G_MAXUINT32 / 2)
        g_error ("A recording cannot have more than %u distinct chains", G_MAXUINT32 / 2);
      self->nodes = glow_grow (self->nodes, self->n, (gsize) times * self->capacity, sizeof (RawNode));
      self->capacity *= times;
    }
  if ((guint64) self->n * 2 > self->mask)
    {
      guint64 mask = (self->mask + 1) * times - 1;
      guint32 *slots = glow_allocate0 (mask + 1, sizeof (guint32));

      for (guint32 id = 1; id < self->n; id++)
        {
          const RawNode *node = &self->nodes[id];
          guint64 at = raw_hash (node->parent, node->ip, node->kind) & mask;

          while (slots[at] != 0)
            at = (at + 1) & mask;
          slots[at] = id;
        }
      free (self->slots);
      self->slots = slots;
      self->mask = mask;
    }
}
