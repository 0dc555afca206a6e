/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The trie of raw addresses that chains are interned into while a recording is read: a root a process, so that equal addresses of two
 * processes stay apart. What an address means is found out later, once for each distinct node. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Side by side, for a probe asks for all of it. */
typedef struct {
  guint64 ip;
  guint32 parent;
  guint8 kind;                 /* GlowFrameKind; RAW_ROOT_KIND for a process's root, whose ip is the pid */
  guint8 status;               /* GlowStackFlags of samples whose chain ends there */
} RawNode;

typedef struct {
  guint32 n, capacity;
  RawNode *nodes;
  guint64 mask;
  guint32 *slots;
} RawTrie;
#define RAW_ROOT_KIND 0xff

void raw_trie_init  (RawTrie *self);
void raw_trie_clear (RawTrie *self);
void raw_trie_grow  (RawTrie *self);

static inline guint64
raw_hash (guint32 parent, guint64 ip, guint8 kind)
{
  guint64 x = (parent + ((guint64) kind << 32) + G_GUINT64_CONSTANT (0x9E3779B97F4A7C15)) * G_GUINT64_CONSTANT (0xBF58476D1CE4E5B9);

  x ^= x >> 32;
  x = (x ^ ip) * G_GUINT64_CONSTANT (0x94D049BB133111EB);
  return x ^ (x >> 29);
}

/* The child of @parent with this address and kind, made where there is none. One probe a call but for collisions. */
static inline guint32
raw_trie_intern (RawTrie *self, guint32 parent, guint64 ip, guint8 kind)
{
  guint64 at;
  guint32 id;

  if (G_UNLIKELY (self->n >= self->capacity || (guint64) self->n * 2 > self->mask))
    raw_trie_grow (self);
  for (at = raw_hash (parent, ip, kind) & self->mask; (id = self->slots[at]) != 0; at = (at + 1) & self->mask)
    {
      const RawNode *node = &self->nodes[id];

      if (node->ip == ip && node->parent == parent && node->kind == kind)
        return id;
    }
  id = self->n++;
  self->nodes[id] = (RawNode) { ip, parent, kind, 0 };
  self->slots[at] = id;
  return id;
}

G_END_DECLS
