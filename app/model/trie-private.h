/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* The prefix trie that interns stacks: (parent, item) → dense id from 1; 0 is the root. parent[id] < id.
 * Open addressing over huge pages; the hot path is inline in the C file's users through glow_trie_intern(). */
typedef struct {
  guint32 n;                   /* nodes, the root included */
  guint32 capacity;
  guint32 *parent;
  guint32 *item;
  guint64 mask;                /* private: hash table of ids */
  guint32 *slots;
} GlowTrie;

void    glow_trie_init   (GlowTrie *self, guint32 expected);
void    glow_trie_clear  (GlowTrie *self);
void    glow_trie_grow   (GlowTrie *self);                       /* called by intern */

static inline guint64
glow_trie_hash (guint32 parent, guint32 item)
{
  guint64 x = (((guint64) parent << 32) | item) * G_GUINT64_CONSTANT (0x9E3779B97F4A7C15);

  x ^= x >> 32;
  x *= G_GUINT64_CONSTANT (0xD6E8FEB86659FD93);
  return x ^ (x >> 29);
}

static inline guint32
glow_trie_intern (GlowTrie *self, guint32 parent, guint32 item)
{
  guint64 at;
  guint32 id;

  if (G_UNLIKELY (self->n >= self->capacity || (guint64) self->n * 10 > self->mask * 6))
    glow_trie_grow (self);
  for (at = glow_trie_hash (parent, item) & self->mask; (id = self->slots[at]) != 0; at = (at + 1) & self->mask)
    if (self->parent[id] == parent && self->item[id] == item)
      return id;
  id = self->n++;
  self->parent[id] = parent;
  self->item[id] = item;
  self->slots[at] = id;
  return id;
}

G_END_DECLS
