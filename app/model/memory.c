/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/memory-private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE ((gsize) 2 << 20)

/**
 * glow_allocate:
 * @n: elements
 * @size: bytes of each
 *
 * Returns: (transfer full): memory with any contents, never %NULL; free() it
 */
gpointer
glow_allocate (gsize n, gsize size)
{
  gsize bytes = 0;
  gpointer memory = NULL;

  if (!__builtin_mul_overflow (MAX (n, 1), size, &bytes) && bytes < G_MAXSIZE - HUGE_PAGE)
    memory = bytes < 2 * HUGE_PAGE ? malloc (bytes) : aligned_alloc (HUGE_PAGE, (bytes + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1));
  if (memory == NULL)
    g_error ("Out of memory: %" G_GSIZE_FORMAT " × %" G_GSIZE_FORMAT " bytes", n, size);
  if (bytes >= 2 * HUGE_PAGE)
    madvise (memory, bytes, MADV_HUGEPAGE);
  return memory;
}

/**
 * glow_allocate0:
 *
 * As glow_allocate(), zeroed.
 */
gpointer
glow_allocate0 (gsize n, gsize size)
{
  gpointer memory = glow_allocate (n, size);

  memset (memory, 0, MAX (n, 1) * size);
  return memory;
}
