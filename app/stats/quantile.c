/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact quantiles with intervals that assume nothing of the distribution, and the words for them. */
#include <afterglow/quantile.h>
#include <stats/discrete-private.h>

#include <math.h>
#include <string.h>

/* n·q of decimals such as 0.999 is a hair off a whole number. */
#define HAIR 1e-12

/* Ranks (from 1) of the shortest interval with the confidence, about evenly split; FALSE: even [1, n] has less. */
static gboolean
find_ranks (gsize n, double q, double confidence, gsize *rank_low, gsize *rank_high, double *coverage)
{
  GlowDiscrete below = glow_discrete_binomial ((double) n, q);   /* how many durations lie below the true quantile */
  double first, alpha = 1 - confidence, low_tail, high_tail, rounding = alpha * 1e-12;
  g_autoptr (GArray) window = glow_discrete_window (&below, &first);
  const double *p = (const double *) window->data;
  gsize base = (gsize) first, low = MAX (base, 1), high = MIN (base + window->len, n);

  /* The interval [x(low), x(high)] misses where fewer than low or at least high durations lie below. */
  low_tail = base == 0 ? p[0] : 0;
  high_tail = base + window->len > n ? p[n - base] : 0;
  if (low_tail + high_tail > alpha + rounding)
    return FALSE;
  while (low < high && low_tail + p[low - base] <= alpha / 2 && low_tail + p[low - base] + high_tail <= alpha)
    low_tail += p[low++ - base];
  while (low < high && high_tail + p[high - 1 - base] <= alpha / 2 && low_tail + high_tail + p[high - 1 - base] <= alpha)
    high_tail += p[--high - base];
  /* What even tails leave over goes to the side where it still shortens the interval. */
  while (low < high)
    {
      gboolean is_low = p[low - base] < p[high - 1 - base];

      if (low_tail + high_tail + (is_low ? p[low - base] : p[high - 1 - base]) > alpha)
        break;
      if (is_low)
        low_tail += p[low++ - base];
      else
        high_tail += p[--high - base];
    }
  *rank_low = low;
  *rank_high = high;
  *coverage = 1 - low_tail - high_tail;
  return TRUE;
}

/**
 * glow_quantile_compute:
 * @sorted: (array length=n): durations in ns, ascending
 * @q: share that does not exceed the quantile
 * @confidence: two-sided, in (0, 1)
 *
 * The value is the ⌈nq⌉-th duration. The interval lies between the order statistics r and s with P(r ≤ B < s) ≥ @confidence,
 * B ~ Binomial(n, q), summed exactly at every n. O(√(nq(1 − q))).
 *
 * Source: Conover, Practical Nonparametric Statistics (1999), section 3.2; David and Nagaraja, Order Statistics (2003), section 7.1.
 */
GlowQuantile
glow_quantile_compute (const guint64 *sorted, gsize n, double q, double confidence)
{
  GlowQuantile result = { .q = q, .needs = glow_quantile_needs (q, confidence) };
  double rank = ceil ((double) n * q * (1 - HAIR));
  gsize low, high;

  if (n == 0 || !(q >= 0 && q <= 1))
    return result;
  result.has_value = TRUE;
  result.value_ns = sorted[(gsize) CLAMP (rank, 1, (double) n) - 1];
  if (result.needs > 0 && find_ranks (n, q, confidence, &low, &high, &result.coverage))
    {
      result.is_known = TRUE;
      result.low_ns = MIN (sorted[low - 1], result.value_ns);
      result.high_ns = MAX (sorted[high - 1], result.value_ns);
    }
  return result;
}

/**
 * glow_quantile_needs:
 *
 * Returns: about ln(1 − confidence) / ln q at high q: 299 for p99, 2,995 for p99.9 at 95 %
 */
guint64
glow_quantile_needs (double q, double confidence)
{
  double alpha = 1 - confidence, n;

  if (!(q > 0 && q < 1) || !(confidence > 0 && confidence < 1))
    return 0;
  n = MAX (ceil (log (alpha) / log (MAX (q, 1 - q)) * (1 - HAIR)), 1);
  while (pow (q, n) + pow (1 - q, n) > alpha * (1 + HAIR))
    n++;
  return (guint64) n;
}

gboolean
glow_quantile_parse (const char *text, double *q)
{
  static const struct { const char *word; double q; } words[] = { { "min", 0 }, { "median", 0.5 }, { "max", 1 } };
  const char *number = text + 1;
  char decimal[32];
  double parsed;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_ascii_strcasecmp (text, words[i].word) == 0)
      {
        *q = words[i].q;
        return TRUE;
      }
  if ((*text != 'p' && *text != 'P') || !g_ascii_isdigit (*number) || strspn (number, "0123456789.") != strlen (number) ||
      strlen (number) > sizeof decimal - 4 || strchr (number, '.') != strrchr (number, '.'))
    return FALSE;
  /* Divided as text: 99.9 / 100 is not the double nearest to 0.999. */
  g_snprintf (decimal, sizeof decimal, "%se-2", number);
  parsed = g_ascii_strtod (decimal, NULL);
  if (!(parsed >= 0 && parsed <= 1))
    return FALSE;
  *q = parsed;
  return TRUE;
}

char *
glow_quantile_dup_label (double q)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (q <= 0)
    return g_strdup ("min");
  if (q >= 1)
    return g_strdup ("max");
  g_ascii_formatd (number, sizeof number, "%.12g", q * 100);
  if (strcmp (number, "100") == 0)
    g_ascii_dtostr (number, sizeof number, q * 100);
  return g_strconcat ("p", number, NULL);
}
