/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a duration belongs. Edges are whole nanoseconds, so that which bucket a duration is in never depends on rounding. */
#include <afterglow/histogram.h>

#include <math.h>

/* RELATIVE: the bucket of durations of 0, which have no logarithm. */
#define ZERO_INDEX -1
#define TWO_TO_64 18446744073709551616.0

/* RELATIVE: largest whole duration in bucket @index or any below. */
static guint64
relative_last (const GlowBuckets *buckets, gint64 index)
{
  double bound = index < 0 ? 0 : exp ((double) index * buckets->log_gamma);

  return bound >= TWO_TO_64 ? G_MAXUINT64 : (guint64) bound;
}

static gint64
relative_index (const GlowBuckets *buckets, guint64 duration)
{
  gint64 index = duration == 0 ? ZERO_INDEX : (gint64) ceil (log ((double) duration) / buckets->log_gamma);

  /* The logarithm may be off by one unit in its last place; the edges decide. */
  while (duration > relative_last (buckets, index))
    index++;
  while (index > ZERO_INDEX && duration <= relative_last (buckets, index - 1))
    index--;
  return index;
}

static gint64
explicit_index (const GlowBuckets *buckets, guint64 duration)
{
  guint low = 0, high = buckets->n;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (duration <= buckets->le_ns[middle])
        high = middle;
      else
        low = middle + 1;
    }
  return low;
}

/**
 * glow_buckets_index:
 *
 * Returns: the bucket of a duration; ascends with it. O(1), EXPLICIT O(log n)
 */
gint64
glow_buckets_index (const GlowBuckets *buckets, guint64 duration_ns)
{
  guint octave;

  switch (buckets->kind)
    {
    case GLOW_BUCKETS_RELATIVE:
      return relative_index (buckets, duration_ns);
    case GLOW_BUCKETS_LINEAR:
      if (duration_ns < buckets->start_ns)
        return -1;
      return MIN ((duration_ns - buckets->start_ns) / buckets->step_ns, (guint64) buckets->n);
    case GLOW_BUCKETS_EXPLICIT:
      return explicit_index (buckets, duration_ns);
    case GLOW_BUCKETS_LOG_LINEAR:
    case GLOW_BUCKETS_LOG2:
    default:
      if (duration_ns >> buckets->bits == 0)
        return (gint64) duration_ns;
      octave = 63 - __builtin_clzll (duration_ns);
      return ((gint64) (octave - buckets->bits) << buckets->bits) + (gint64) (duration_ns >> (octave - buckets->bits));
    }
}

static gboolean
log_linear_bounds (const GlowBuckets *buckets, gint64 index, GlowBucketBounds *bounds)
{
  guint64 parts = G_GUINT64_CONSTANT (1) << buckets->bits, shift, width;

  if (index < 0 || (guint64) index >= (65 - buckets->bits) * parts)
    return FALSE;
  shift = (guint64) index < parts ? 0 : ((guint64) index >> buckets->bits) - 1;
  width = G_GUINT64_CONSTANT (1) << shift;
  bounds->first_ns = bounds->lower_ns = ((guint64) index - shift * parts) << shift;
  bounds->last_ns = bounds->first_ns + (width - 1);
  bounds->upper_ns = bounds->last_ns == G_MAXUINT64 ? G_MAXUINT64 : bounds->last_ns + 1;
  return TRUE;
}

/**
 * glow_buckets_get_bounds:
 * @bounds: (out caller-allocates): set where TRUE is returned
 */
gboolean
glow_buckets_get_bounds (const GlowBuckets *buckets, gint64 index, GlowBucketBounds *bounds)
{
  switch (buckets->kind)
    {
    case GLOW_BUCKETS_RELATIVE:
      if (index < ZERO_INDEX || (index > 0 && relative_last (buckets, index - 1) == G_MAXUINT64))
        return FALSE;
      bounds->lower_ns = index == ZERO_INDEX ? 0 : relative_last (buckets, index - 1);
      bounds->last_ns = bounds->upper_ns = relative_last (buckets, index);
      bounds->first_ns = index == ZERO_INDEX ? 0 : bounds->lower_ns + 1;
      return bounds->first_ns <= bounds->last_ns;
    case GLOW_BUCKETS_LINEAR:
      if (index < (buckets->start_ns > 0 ? -1 : 0) || index > (gint64) buckets->n)
        return FALSE;
      bounds->first_ns = bounds->lower_ns = index < 0 ? 0 : buckets->start_ns + (guint64) index * buckets->step_ns;
      bounds->upper_ns = index < 0 ? buckets->start_ns : index == (gint64) buckets->n ? GLOW_BUCKETS_INFINITE : bounds->lower_ns + buckets->step_ns;
      bounds->last_ns = index == (gint64) buckets->n ? G_MAXUINT64 : bounds->upper_ns - 1;
      return TRUE;
    case GLOW_BUCKETS_EXPLICIT:
      if (index < 0 || index > (gint64) buckets->n)
        return FALSE;
      bounds->lower_ns = index == 0 ? 0 : buckets->le_ns[index - 1];
      bounds->last_ns = bounds->upper_ns = index == (gint64) buckets->n ? GLOW_BUCKETS_INFINITE : buckets->le_ns[index];
      bounds->first_ns = index == 0 ? 0 : bounds->lower_ns + 1;
      return index == 0 || bounds->lower_ns < G_MAXUINT64;
    case GLOW_BUCKETS_LOG_LINEAR:
    case GLOW_BUCKETS_LOG2:
    default:
      return log_linear_bounds (buckets, index, bounds);
    }
}

double
glow_buckets_estimate (const GlowBuckets *buckets, gint64 index)
{
  GlowBucketBounds bounds;

  if (!glow_buckets_get_bounds (buckets, index, &bounds))
    return NAN;
  if (buckets->kind == GLOW_BUCKETS_RELATIVE)
    return index == ZERO_INDEX ? 0 : 2 * exp ((double) index * buckets->log_gamma) / (exp (buckets->log_gamma) + 1);
  if (bounds.upper_ns == GLOW_BUCKETS_INFINITE && buckets->kind != GLOW_BUCKETS_LOG_LINEAR && buckets->kind != GLOW_BUCKETS_LOG2)
    return NAN;
  return ((double) bounds.first_ns + (double) bounds.last_ns) / 2;
}

double
glow_buckets_relative_error (const GlowBuckets *buckets)
{
  switch (buckets->kind)
    {
    case GLOW_BUCKETS_RELATIVE:
      return buckets->alpha;
    case GLOW_BUCKETS_LOG_LINEAR:
    case GLOW_BUCKETS_LOG2:
      return ldexp (1, -(int) buckets->bits - 1);
    case GLOW_BUCKETS_LINEAR:
    case GLOW_BUCKETS_EXPLICIT:
    default:
      return NAN;
    }
}

guint64
glow_buckets_span (const GlowBuckets *buckets, guint64 lowest_ns, guint64 highest_ns)
{
  if (lowest_ns > highest_ns)
    return 0;
  return (guint64) (glow_buckets_index (buckets, highest_ns) - glow_buckets_index (buckets, lowest_ns)) + 1;
}
