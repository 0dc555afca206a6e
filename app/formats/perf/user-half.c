/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user half of a chain, when more is known of it than the sample's own addresses: unwound from a dump, from the processor's record of calls, from a
 * later record. What two sources know of one stack is put together at an address that both have. */
#include "formats/perf/perf-private.h"

/* A call is at most so many bytes long: a return address lies no further behind the address of its call. */
#define CALL_AT_MOST 8

/**
 * perf_join_user:
 * @ips: addresses of the user half, leaf first
 *
 * Puts a user half under the kernel half of @sample's chain; what of the chain was the user's is replaced.
 */
void
perf_join_user (PerfDecoder *decoder, RawSample *sample, const guint64 *ips, gsize n)
{
  RawTrie *trie = &decoder->trie;
  g_autoptr(GArray) kernel = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 node = sample->chain;

  for (; node != 0 && trie->nodes[node].kind != RAW_ROOT_KIND; node = trie->nodes[node].parent)
    if (trie->nodes[node].kind != GLOW_FRAME_USER)
      g_array_append_val (kernel, node);
  node = perf_decoder_intern (decoder, ips, n, sample->pid);
  for (guint i = kernel->len; i-- > 0;)
    {
      guint32 own = g_array_index (kernel, guint32, i);

      node = raw_trie_intern (trie, node, trie->nodes[own].ip, trie->nodes[own].kind);
    }
  sample->chain = node;
}

/**
 * perf_user_half:
 * @ips: gets at most @max addresses, leaf first
 *
 * Returns: how many user addresses the chain of @sample has, at most @max
 */
guint
perf_user_half (const PerfDecoder *decoder, const RawSample *sample, guint64 *ips, guint max)
{
  const RawTrie *trie = &decoder->trie;
  guint n = 0;

  for (guint32 node = sample->chain; node != 0 && trie->nodes[node].kind != RAW_ROOT_KIND && n < max; node = trie->nodes[node].parent)
    if (trie->nodes[node].kind == GLOW_FRAME_USER)
      ips[n++] = trie->nodes[node].ip;
  return n;
}

/* The return address of the call at @call, among those that frame pointers led to; the leaf itself is none. */
static guint
find_return (const guint64 *pointers, guint n, guint64 call)
{
  for (guint i = 1; i < n; i++)
    if (pointers[i] > call && pointers[i] - call <= CALL_AT_MOST)
      return i;
  return 0;
}

/**
 * perf_splice_user:
 * @ips: the half that is exact as far as it goes, leaf first, addresses of calls; room for @max
 * @n: how many there are
 * @pointers: the half that frame pointers led to, leaf first
 * @joined: (out): whether the first goes on with the end of the other
 * @missed: (out): whether the first has callers that the other lacks
 *
 * Where the outermost call of the exact half has its return address in the other, what follows there follows here. O(n × n_pointers), for
 * exact halves that ended too early: 32 calls of a processor's record, or what a dump held.
 *
 * Returns: how many addresses @ips has now
 */
guint
perf_splice_user (guint64 *ips, guint n, guint max, const guint64 *pointers, guint n_pointers, gboolean *joined, gboolean *missed)
{
  guint at = n > 0 ? find_return (pointers, n_pointers, ips[n - 1]) : 0;

  *joined = at > 0;
  *missed = FALSE;
  for (guint i = 1; i < n && !*missed; i++)
    *missed = find_return (pointers, n_pointers, ips[i]) == 0;
  for (guint i = at + 1; at > 0 && i < n_pointers && n < max; i++)
    ips[n++] = pointers[i];
  return n;
}
