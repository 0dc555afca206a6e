/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A hash of all bytes of a file that costs no more than reading them: products of words with secrets, as wyhash and others do, four lanes side by
 * side so that the processor need not wait for one. 128 bits: equal by chance once in 10³⁸. */
#include "formats/cache/cache-private.h"
#include "model/hash-private.h"

#include <string.h>
#include <unistd.h>

#define LANES 4

/* 64 bytes into the lanes. */
static inline void
add_line (guint64 a[LANES], guint64 b[LANES], const guint8 *at, const GlowHash *seed)
{
  for (guint k = 0; k < LANES; k++)
    {
      guint64 low = glow_hash_word (at + 16 * k), high = glow_hash_word (at + 16 * k + 8);

      a[k] = glow_hash_product (a[k] ^ low ^ seed->a, high ^ seed->b);
      b[k] = glow_hash_product (b[k] ^ high ^ 0xA0761D6478BD642Fu, low ^ seed->a ^ 0xE7037ED1A0B428DBu) + low;
    }
}

GlowHash
glow_hash_join (GlowHash left, GlowHash right)
{
  return (GlowHash) { glow_hash_product (left.a ^ 0x8EBC6AF09C88C6E3u, right.a ^ 0x589965CC75374CC3u) ^ (left.b + right.b),
                      glow_hash_product (left.b ^ 0x1D8E4E27C47D124Fu, right.b ^ 0xEB44ACCAB455D165u) ^ (left.a - right.a) };
}

GlowHash
glow_hash_bytes (gconstpointer bytes, gsize n, const GlowHash *seed)
{
  const guint8 *at = bytes;
  guint64 a[LANES], b[LANES];
  guint8 rest[64] = { 0 };
  GlowHash hash = { n ^ seed->a, glow_hash_product (n ^ seed->b, 0x9E3779B97F4A7C15u) };

  for (guint k = 0; k < LANES; k++)
    {
      a[k] = seed->a + k * 0x9E3779B97F4A7C15u;
      b[k] = seed->b - k * 0xD6E8FEB86659FD93u;
    }
  for (; n >= 64; at += 64, n -= 64)
    add_line (a, b, at, seed);
  if (n > 0)
    {
      memcpy (rest, at, n);
      add_line (a, b, rest, seed);
    }
  for (guint k = 0; k < LANES; k++)
    hash = glow_hash_join (hash, (GlowHash) { a[k], b[k] });
  return hash;
}

GlowHash
glow_hash_of_blocks (const GlowHash *blocks, gsize n, guint64 size)
{
  GlowHash hash = { size, ~size };

  for (gsize i = 0; i < n; i++)
    hash = glow_hash_join (hash, blocks[i]);
  return hash;
}

typedef struct {
  int fd;
  guint64 from, size;
  const GlowHash *seed;
  guint8 *keep;
  GCancellable *cancellable;
  GlowHash *blocks;
  gsize n;
  gint next;
  gint failed;
} Work;

static gpointer
hash_blocks (gpointer data)
{
  Work *self = data;
  g_autofree guint8 *buffer = self->keep == NULL ? g_malloc (MIN (GLOW_HASH_BLOCK, self->size) + 1) : NULL;
  gsize i;

  while ((i = (gsize) g_atomic_int_add (&self->next, 1)) < self->n && !g_atomic_int_get (&self->failed))
    {
      gsize at = i * GLOW_HASH_BLOCK, wanted = MIN (GLOW_HASH_BLOCK, self->size - at), got = 0;
      guint8 *bytes = self->keep != NULL ? self->keep + at : buffer;

      while (got < wanted)
        {
          gssize more = pread (self->fd, bytes + got, wanted - got, (off_t) (self->from + at + got));

          if (more <= 0 || g_cancellable_is_cancelled (self->cancellable))
            {
              g_atomic_int_set (&self->failed, TRUE);
              return NULL;
            }
          got += more;
        }
      self->blocks[i] = glow_hash_bytes (bytes, wanted, self->seed);
    }
  return NULL;
}

gboolean
glow_hash_file (int fd, guint64 from, guint64 size, const GlowHash *seed, GlowHash *hash, guint8 *keep, GCancellable *cancellable)
{
  Work work = { .fd = fd, .from = from, .size = size, .seed = seed, .keep = keep, .cancellable = cancellable,
                .n = (size + GLOW_HASH_BLOCK - 1) / GLOW_HASH_BLOCK };
  g_autofree GlowHash *blocks = work.blocks = g_new0 (GlowHash, work.n + 1);
  GThread *thread = work.n > 1 ? g_thread_try_new ("glow-hash", hash_blocks, &work, NULL) : NULL;

  hash_blocks (&work);
  if (thread != NULL)
    g_thread_join (thread);
  *hash = glow_hash_of_blocks (blocks, work.n, size);
  return !work.failed;
}
