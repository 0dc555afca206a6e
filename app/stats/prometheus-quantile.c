/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a Prometheus server would answer from buckets, and how little it can know: the bucket is the uncertainty. */
#include <afterglow/quantile.h>

#include <math.h>

#define UNKNOWN ((GlowPrometheusQuantile) { NAN, NAN, NAN })

/* Outside [0, 1] the answer is infinite, as the server's is. */
static gboolean
is_answered_by_q (double q, GlowPrometheusQuantile *answer)
{
  if (q >= 0 && q <= 1)
    return FALSE;
  *answer = isnan (q) ? UNKNOWN : q < 0 ? (GlowPrometheusQuantile) { -INFINITY, -INFINITY, -INFINITY } : (GlowPrometheusQuantile) { INFINITY, INFINITY, INFINITY };
  return TRUE;
}

/**
 * glow_quantile_prometheus:
 * @le: (array length=n): upper bounds, ascending; equal ones are added up
 * @cumulative: (array length=n): counts, or rates, at most each bound; a dip is raised to what stands before it
 *
 * Linear inside the bucket. The lowest bucket starts at 0 if its bound is above 0, and is its own bound otherwise; a quantile in the +Inf
 * bucket is the bound below it. NaN without observations, with one bucket only, or where the last bound is not +Inf. O(n).
 *
 * Source: Prometheus documentation, “Query functions”, histogram_quantile().
 */
GlowPrometheusQuantile
glow_quantile_prometheus (const double *le, const double *cumulative, gsize n, double q)
{
  g_autofree double *bounds = g_new (double, n + 1);
  g_autofree double *counts = g_new (double, n + 1);
  GlowPrometheusQuantile answer = UNKNOWN;
  double rank, low, count;
  gsize m = 0, b = 0;

  if (is_answered_by_q (q, &answer))
    return answer;
  for (gsize i = 0; i < n; i++)
    if (m > 0 && bounds[m - 1] == le[i])
      counts[m - 1] += cumulative[i];
    else
      {
        bounds[m] = le[i];
        counts[m++] = cumulative[i];
      }
  for (gsize i = 1; i < m; i++)
    if (!(counts[i] >= counts[i - 1]))
      counts[i] = counts[i - 1];
  if (m < 2 || !(bounds[m - 1] == INFINITY) || !(counts[m - 1] > 0))
    return answer;
  rank = q * counts[m - 1];
  while (b < m - 1 && !(counts[b] >= rank))
    b++;
  if (b == m - 1)
    return (GlowPrometheusQuantile) { bounds[m - 2], bounds[m - 2], INFINITY };
  if (b == 0 && bounds[0] <= 0)
    return (GlowPrometheusQuantile) { bounds[0], -INFINITY, bounds[0] };
  low = b > 0 ? bounds[b - 1] : 0;
  count = counts[b];
  if (b > 0)
    {
      count -= counts[b - 1];
      rank -= counts[b - 1];
    }
  /* q = 0 with an empty lowest bucket: 0/0 there, and NaN is what the server says. */
  answer.value = low + (bounds[b] - low) * (rank / count);
  answer.low = low;
  answer.high = bounds[b];
  return answer;
}

/**
 * glow_quantile_prometheus_native:
 * @buckets: (array length=n): ascending, the zero bucket (lower ≤ 0 ≤ upper) among them
 *
 * Takes the zero bucket to end at 0 on the side where the histogram has no other buckets.
 *
 * Source: as glow_quantile_prometheus(), for native histograms.
 */
GlowPrometheusQuantile
glow_quantile_prometheus_native (const GlowNativeBucket *buckets, gsize n, double q, gboolean is_exponential)
{
  GlowPrometheusQuantile answer = UNKNOWN;
  GlowNativeBucket bucket = { 0 };
  gboolean has_negative = FALSE, has_positive = FALSE, is_forward = q < 0.5;
  double total = 0, count = 0, rank, fraction;

  if (is_answered_by_q (q, &answer))
    return answer;
  for (gsize i = 0; i < n; i++)
    {
      total += buckets[i].count;
      has_negative |= buckets[i].upper < 0 || (buckets[i].upper == 0 && buckets[i].lower < 0);
      has_positive |= buckets[i].lower > 0 || (buckets[i].lower == 0 && buckets[i].upper > 0);
    }
  if (!(total > 0))
    return answer;
  /* From the nearer end, as the server does: the same rounding, and the same choice where the rank falls on an edge. */
  rank = (is_forward ? q : 1 - q) * total;
  for (gsize i = 0; i < n; i++)
    {
      const GlowNativeBucket *next = &buckets[is_forward ? i : n - 1 - i];

      if (next->count <= 0)
        continue;
      bucket = *next;
      count += bucket.count;
      if (count >= rank)
        break;
    }
  if (bucket.lower < 0 && bucket.upper > 0)
    {
      if (!has_negative && has_positive)
        bucket.lower = 0;
      else if (has_negative && !has_positive)
        bucket.upper = 0;
    }
  rank = MIN (rank, count);
  fraction = (is_forward ? rank - (count - bucket.count) : count - rank) / bucket.count;
  answer.low = bucket.lower;
  answer.high = bucket.upper;
  if (!is_exponential || (bucket.lower <= 0 && bucket.upper >= 0))
    answer.value = bucket.lower + (bucket.upper - bucket.lower) * fraction;
  else if (bucket.lower > 0)
    answer.value = exp2 (log2 (bucket.lower) + (log2 (bucket.upper) - log2 (bucket.lower)) * fraction);
  else
    answer.value = -exp2 (log2 (-bucket.upper) + (log2 (-bucket.lower) - log2 (-bucket.upper)) * (1 - fraction));
  return answer;
}

/**
 * glow_native_bucket_bound:
 *
 * Source: Prometheus documentation, “Native Histograms”, standard exponential schemas.
 */
double
glow_native_bucket_bound (int schema, int index)
{
  return exp2 (ldexp (index, -schema));
}
