/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations counted by bucket. The durations themselves stay with the caller, so another choice of buckets is another count. */
#include <afterglow/histogram.h>

typedef struct { guint64 count, sum_ns; } Cell;

static guint64
add_saturating (guint64 a, guint64 b)
{
  return a > G_MAXUINT64 - b ? G_MAXUINT64 : a + b;
}

/**
 * glow_buckets_count:
 * @durations: (array length=n): in any order; ascending ones are counted fastest
 * @with_empty: FALSE leaves out buckets that hold nothing
 *
 * O(n + buckets); memory by the buckets between the shortest and the longest (at most 222,000 of 16 bytes, at α = 0.01 %).
 *
 * Returns: (element-type GlowBucketRow) (transfer full): ascending; without rows if @n is 0
 */
GArray *
glow_buckets_count (const GlowBuckets *buckets, const guint64 *durations, gsize n, gboolean with_empty)
{
  GArray *rows = g_array_new (FALSE, TRUE, sizeof (GlowBucketRow));
  g_autofree Cell *cells = NULL;
  GlowBucketBounds bounds = { .first_ns = 1, .last_ns = 0 };
  guint64 shortest, longest, n_cells;
  gint64 base;
  Cell *cell;

  if (n == 0)
    return rows;
  shortest = longest = durations[0];
  for (gsize i = 1; i < n; i++)
    {
      shortest = MIN (shortest, durations[i]);
      longest = MAX (longest, durations[i]);
    }
  base = glow_buckets_index (buckets, shortest);
  n_cells = glow_buckets_span (buckets, shortest, longest);
  cell = cells = g_new0 (Cell, n_cells);
  for (gsize i = 0; i < n; i++)
    {
      /* Neighbours in time or in order often share a bucket: the logarithm is for those that do not. */
      if (durations[i] < bounds.first_ns || durations[i] > bounds.last_ns)
        {
          gint64 index = glow_buckets_index (buckets, durations[i]);

          cell = &cells[index - base];
          glow_buckets_get_bounds (buckets, index, &bounds);
        }
      cell->count++;
      cell->sum_ns = add_saturating (cell->sum_ns, durations[i]);
    }
  for (guint64 i = 0; i < n_cells; i++)
    if ((cells[i].count > 0 || with_empty) && glow_buckets_get_bounds (buckets, base + (gint64) i, &bounds))
      {
        GlowBucketRow row = { base + (gint64) i, bounds.first_ns, bounds.last_ns, bounds.lower_ns, bounds.upper_ns, cells[i].count, cells[i].sum_ns };

        g_array_append_val (rows, row);
      }
  return rows;
}

/**
 * glow_bucket_rows_merge:
 * @a: (element-type GlowBucketRow): of glow_buckets_count()
 * @b: (element-type GlowBucketRow): of equal buckets
 *
 * Returns: (element-type GlowBucketRow) (transfer full): rows of either, counts and sums added
 */
GArray *
glow_bucket_rows_merge (const GArray *a, const GArray *b)
{
  GArray *rows = g_array_sized_new (FALSE, TRUE, sizeof (GlowBucketRow), MAX (a->len, b->len));
  guint i = 0, j = 0;

  while (i < a->len || j < b->len)
    {
      const GlowBucketRow *left = i < a->len ? &g_array_index (a, GlowBucketRow, i) : NULL;
      const GlowBucketRow *right = j < b->len ? &g_array_index (b, GlowBucketRow, j) : NULL;
      GlowBucketRow row = left == NULL || (right != NULL && right->index < left->index) ? *right : *left;

      if (left != NULL && right != NULL && left->index == right->index)
        {
          row.count = add_saturating (left->count, right->count);
          row.sum_ns = add_saturating (left->sum_ns, right->sum_ns);
        }
      i += left != NULL && left->index == row.index;
      j += right != NULL && right->index == row.index;
      g_array_append_val (rows, row);
    }
  return rows;
}
