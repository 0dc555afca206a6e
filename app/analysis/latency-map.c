/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Durations over time as counts of cells. Of spans, the beginnings are kept sorted within each fine row of durations, so that a cell at any zoom is
 * the difference of two searches and painting never depends on how many spans there are. */
#include <config.h>

#include <afterglow/latency-map.h>

#include <math.h>
#include <string.h>

#define FINEST GLOW_LATENCY_INDEX_FINEST
#define DECADES 20             /* 64 bits of ns are a little more than 19 */

/* ---- the map ---- */

GlowLatencyMap *
glow_latency_map_new (const guint64 *time, guint n_columns, const guint64 *bound, guint n_rows)
{
  GlowLatencyMap *self = g_new0 (GlowLatencyMap, 1);

  self->n_columns = n_columns;
  self->n_rows = n_rows;
  self->time = g_memdup2 (time, (n_columns + (gsize) 1) * sizeof (guint64));
  self->bound = g_memdup2 (bound, (n_rows + (gsize) 1) * sizeof (guint64));
  self->count = g_new0 (double, MAX ((gsize) n_columns * n_rows, 1));
  return self;
}

void
glow_latency_map_free (GlowLatencyMap *self)
{
  g_free (self->time);
  g_free (self->bound);
  g_free (self->count);
  g_free (self);
}

double
glow_latency_map_get (const GlowLatencyMap *self, guint column, guint row)
{
  g_return_val_if_fail (column < self->n_columns && row < self->n_rows, NAN);
  return self->count[(gsize) column * self->n_rows + row];
}

void
glow_latency_map_set (GlowLatencyMap *self, guint column, guint row, double count)
{
  g_return_if_fail (column < self->n_columns && row < self->n_rows);
  self->count[(gsize) column * self->n_rows + row] = count;
  if (count > self->largest)
    self->largest = count;
}

double
glow_latency_map_sum (const GlowLatencyMap *self, guint first_column, guint last_column, guint first_row, guint last_row)
{
  double sum = 0;

  for (guint c = first_column; c <= last_column && c < self->n_columns; c++)
    for (guint r = first_row; r <= last_row && r < self->n_rows; r++)
      {
        double count = self->count[(gsize) c * self->n_rows + r];

        sum += isnan (count) ? 0 : count;
      }
  return sum;
}

/* ---- spans ---- */

struct _GlowLatencyIndex {
  gatomicrefcount ref_count;
  guint64 edge[FINEST * DECADES + 2];  /* ns: fine row r is [edge[r], edge[r + 1]) */
  guint first, last;           /* fine rows that hold something */
  gsize offset[FINEST * DECADES + 2];
  guint64 *start;              /* ns: row by row, ascending in each */
  gsize n;
};

static void
fill_edges (GlowLatencyIndex *self)
{
  for (guint r = 0; r <= FINEST * DECADES + 1; r++)
    {
      double edge = pow (10, (double) r / FINEST);

      /* Nothing takes part of a ns, so some of the first rows are empty. */
      self->edge[r] = r == 0 ? 0 : edge >= 1.8446744073709550e19 ? GLOW_BUCKETS_INFINITE : (guint64) ceil (edge - 1e-6);
    }
}

static guint
row_of (const GlowLatencyIndex *self, guint64 duration)
{
  guint row = duration > 1 ? MIN ((guint) (log10 ((double) duration) * FINEST), FINEST * DECADES) : 0;

  /* The logarithm is right to within a row. */
  while (row > 0 && self->edge[row] > duration)
    row--;
  while (row < FINEST * DECADES && self->edge[row + 1] <= duration)
    row++;
  return row;
}

GlowLatencyIndex *
glow_latency_index_new (const GlowSpanChoice *choice)
{
  const GlowSpans *spans = choice->spans;
  GlowLatencyIndex *self = g_new0 (GlowLatencyIndex, 1);
  g_autofree guint16 *rows = g_new (guint16, spans->n + 1);
  gsize next[FINEST * DECADES + 2];

  g_atomic_ref_count_init (&self->ref_count);
  fill_edges (self);
  self->n = choice->n_base;
  self->start = g_new (guint64, choice->n_base + 1);
  for (gsize i = 0; i < spans->n; i++)
    if (choice->is_base[i])
      {
        rows[i] = (guint16) row_of (self, spans->end[i] - spans->start[i]);
        self->offset[rows[i] + 1]++;
      }
  self->first = G_MAXUINT;
  for (guint r = 0; r <= FINEST * DECADES; r++)
    {
      if (self->offset[r + 1] > 0)
        {
          self->first = MIN (self->first, r);
          self->last = r;
        }
      self->offset[r + 1] += self->offset[r];
    }
  /* Spans come by their beginnings: so do those of each row. */
  memcpy (next, self->offset, sizeof next);
  for (gsize i = 0; i < spans->n; i++)
    if (choice->is_base[i])
      self->start[next[rows[i]]++] = spans->start[i];
  return self;
}

GlowLatencyIndex *
glow_latency_index_ref (GlowLatencyIndex *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
glow_latency_index_unref (GlowLatencyIndex *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->start);
  g_free (self);
}

gsize
glow_latency_index_get_n (const GlowLatencyIndex *self)
{
  return self->n;
}

guint
glow_latency_index_get_n_rows (const GlowLatencyIndex *self, guint rows_a_decade)
{
  guint group = FINEST / CLAMP (rows_a_decade, 1, FINEST);

  return self->n > 0 ? self->last / group - self->first / group + 1 : 0;
}

/* The first of [lower, upper) that begins at @time or later. Steps that double: the next column is near. */
static gsize
find_time (const guint64 *start, gsize lower, gsize upper, guint64 time)
{
  gsize step = 1;

  while (lower + step < upper && start[lower + step] < time)
    {
      lower += step;
      step *= 2;
    }
  upper = MIN (upper, lower + step);
  while (lower < upper)
    {
      gsize middle = lower + (upper - lower) / 2;

      if (start[middle] < time)
        lower = middle + 1;
      else
        upper = middle;
    }
  return lower;
}

static void
count_row (const GlowLatencyIndex *self, guint fine, GlowLatencyMap *map, guint row)
{
  gsize end = self->offset[fine + 1], before = find_time (self->start, self->offset[fine], end, map->time[0]);

  for (guint c = 0; c < map->n_columns && before < end; c++)
    {
      gsize next = find_time (self->start, before, end, map->time[c + 1]);

      if (next > before)
        glow_latency_map_set (map, c, row, glow_latency_map_get (map, c, row) + (double) (next - before));
      before = next;
    }
}

GlowLatencyMap *
glow_latency_index_compute_map (const GlowLatencyIndex *self, guint64 from, guint64 column, guint n_columns, guint rows_a_decade)
{
  guint group = FINEST / CLAMP (rows_a_decade, 1, FINEST), n_rows = glow_latency_index_get_n_rows (self, rows_a_decade);
  g_autofree guint64 *time = NULL, *bound = NULL;
  GlowLatencyMap *map;

  if (n_rows == 0 || n_columns == 0)
    return NULL;
  time = g_new (guint64, n_columns + 1);
  bound = g_new (guint64, n_rows + 1);
  for (guint c = 0; c <= n_columns; c++)
    time[c] = c > 0 && column > (G_MAXUINT64 - from) / c ? G_MAXUINT64 : from + c * column;
  for (guint r = 0; r <= n_rows; r++)
    bound[r] = self->edge[MIN ((self->first / group + r) * group, FINEST * DECADES + 1)];
  map = glow_latency_map_new (time, n_columns, bound, n_rows);
  for (guint fine = self->first; fine <= self->last; fine++)
    count_row (self, fine, map, fine / group - self->first / group);
  return map;
}
