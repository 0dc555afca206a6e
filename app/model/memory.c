/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/memory-private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HUGE_PAGE ((gsize) 2 << 20)
/* Of which malloc() is sure to make a mapping of its own. */
#define PAGES_FROM ((gsize) 33 << 20)

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
 * As glow_allocate(), zeroed. Large pieces are mappings whose pages come when they are used, so that this returns at once.
 */
gpointer
glow_allocate0 (gsize n, gsize size)
{
  gpointer memory;

  if (MAX (n, 1) < PAGES_FROM / size || n > (G_MAXSIZE - HUGE_PAGE) / size)
    {
      memory = glow_allocate (n, size);
      memset (memory, 0, MAX (n, 1) * size);
      return memory;
    }
  memory = calloc (n, size);
  if (memory == NULL)
    g_error ("Out of memory: %" G_GSIZE_FORMAT " × %" G_GSIZE_FORMAT " bytes", n, size);
  madvise ((gpointer) (((gsize) memory + HUGE_PAGE - 1) & ~(HUGE_PAGE - 1)), (n * size & ~(HUGE_PAGE - 1)) - HUGE_PAGE, MADV_HUGEPAGE);
  return memory;
}

/**
 * glow_grow:
 * @old: (transfer full) (nullable): from glow_allocate()
 * @used: elements of it that are kept
 * @n: elements
 * @size: bytes of each
 *
 * Large pieces are moved by moving their pages: nothing is copied, and nobody waits for that.
 *
 * Returns: (transfer full): memory that begins with what was there
 */
gpointer
glow_grow (gpointer old, gsize used, gsize n, gsize size)
{
  gpointer memory;

  if (used * size < PAGES_FROM || n > G_MAXSSIZE / size)
    {
      memory = glow_allocate (n, size);
      if (used > 0)
        memcpy (memory, old, used * size);
      free (old);
      return memory;
    }
  memory = realloc (old, n * size);
  if (memory == NULL)
    g_error ("Out of memory: %" G_GSIZE_FORMAT " × %" G_GSIZE_FORMAT " bytes", n, size);
  return memory;
}
