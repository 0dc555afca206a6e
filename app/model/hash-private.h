/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What hashes here are made of: a product of 128 bits, folded. As wyhash and others do. */
#pragma once
#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

static inline guint64
glow_hash_product (guint64 a, guint64 b)
{
  __uint128_t product = (__uint128_t) a * b;

  return (guint64) product ^ (guint64) (product >> 64);
}

/* Eight bytes at any address. */
static inline guint64
glow_hash_word (gconstpointer at)
{
  guint64 word;

  memcpy (&word, at, sizeof word);
  return word;
}

G_END_DECLS
