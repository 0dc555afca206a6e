/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory of the trie of raw addresses: large tables on huge pages, for its probes miss the cache more often than not. */
#include "formats/perf/raw-trie-private.h"
#include "model/memory-private.h"

#include <stdlib.h>
#include <string.h>

void
raw_trie_init (RawTrie *self)
{
  memset (self, 0, sizeof *self);
  self->capacity = 1u << 16;
  self->mask = (1u << 17) - 1;
  self->parent = glow_allocate (self->capacity, sizeof (guint32));
  self->ip = glow_allocate (self->capacity, sizeof (guint64));
  self->kind = glow_allocate (self->capacity, 1);
  self->status = glow_allocate (self->capacity, 1);
  self->slots = glow_allocate0 (self->mask + 1, sizeof (guint32));
  self->parent[0] = 0;
  self->ip[0] = 0;
  self->kind[0] = RAW_ROOT_KIND;
  self->status[0] = 0;
  self->n = 1;
}

void
raw_trie_clear (RawTrie *self)
{
  free (self->parent);
  free (self->ip);
  free (self->kind);
  free (self->status);
  free (self->slots);
  memset (self, 0, sizeof *self);
}

/**
 * raw_trie_grow:
 *
 * Makes room for one more node, in the table and in the columns.
 */
void
raw_trie_grow (RawTrie *self)
{
  if (self->n >= self->capacity)
    {
      if (self->capacity >= G_MAXUINT32 / 2)
        g_error ("A recording cannot have more than %u distinct chains", G_MAXUINT32 / 2);
      self->parent = glow_grow (self->parent, self->n, 2 * (gsize) self->capacity, sizeof (guint32));
      self->ip = glow_grow (self->ip, self->n, 2 * (gsize) self->capacity, sizeof (guint64));
      self->kind = glow_grow (self->kind, self->n, 2 * (gsize) self->capacity, 1);
      self->status = glow_grow (self->status, self->n, 2 * (gsize) self->capacity, 1);
      self->capacity *= 2;
    }
  if ((guint64) self->n * 2 > self->mask)
    {
      guint64 mask = self->mask * 2 + 1;
      guint32 *slots = glow_allocate0 (mask + 1, sizeof (guint32));

      for (guint32 id = 1; id < self->n; id++)
        {
          guint64 at = raw_hash (self->parent[id], self->ip[id], self->kind[id]) & mask;

          while (slots[at] != 0)
            at = (at + 1) & mask;
          slots[at] = id;
        }
      free (self->slots);
      self->slots = slots;
      self->mask = mask;
    }
}
