/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Choosing buckets: by relative error, by octaves, by the data's own spread, by the bounds that a service uses. */
#include <afterglow/error.h>
#include <afterglow/histogram.h>

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define ALPHA_AT_LEAST 1e-4
#define ALPHA_AT_MOST 0.5
#define BITS_AT_MOST 10
#define LINEAR_STEPS_AT_MOST (1u << 20)
/* More bars than any screen has columns; a longer tail makes them wider. */
#define FREEDMAN_DIACONIS_STEPS_AT_MOST 2000
/* The largest power of ten in 64 bits. */
#define STEP_AT_MOST 1e19
#define TWO_TO_64 18446744073709551616.0

/**
 * glow_buckets_relative:
 * @alpha: largest relative error, in [0.0001, 0.5]; %GLOW_BUCKETS_DEFAULT_ERROR is 1 %, about 115 buckets a decade
 *
 * Bucket i holds (γ^(i−1), γ^i] with γ = (1 + α) / (1 − α); durations of 0 have bucket −1.
 *
 * Source: Masson, Rim and Lee (2019), DDSketch, PVLDB 12(12), section 2.
 */
GlowBuckets
glow_buckets_relative (double alpha)
{
  GlowBuckets buckets = { .kind = GLOW_BUCKETS_RELATIVE };

  buckets.alpha = alpha > 0 ? CLAMP (alpha, ALPHA_AT_LEAST, ALPHA_AT_MOST) : GLOW_BUCKETS_DEFAULT_ERROR;
  buckets.log_gamma = log1p (buckets.alpha) - log1p (-buckets.alpha);
  return buckets;
}

/**
 * glow_buckets_log_linear:
 * @bits: 2^bits equal buckets in each octave, at most 10
 *
 * Durations below 2^bits ns have a bucket each. Relative error 2^−(bits + 1) by the middle of a bucket.
 *
 * Source: HdrHistogram (Tene 2012), whose significant digits choose the bits.
 */
GlowBuckets
glow_buckets_log_linear (guint bits)
{
  return (GlowBuckets) { .kind = GLOW_BUCKETS_LOG_LINEAR, .bits = MIN (bits, BITS_AT_MOST) };
}

GlowBuckets
glow_buckets_log2 (void)
{
  return (GlowBuckets) { .kind = GLOW_BUCKETS_LOG2 };
}

/**
 * glow_buckets_linear:
 * @start_ns: where the first step begins; what is shorter shares bucket −1
 * @step_ns: at least 1
 * @n: steps, at most 1,048,576; what is longer shares bucket @n
 */
GlowBuckets
glow_buckets_linear (guint64 start_ns, guint64 step_ns, guint n)
{
  GlowBuckets buckets = { .kind = GLOW_BUCKETS_LINEAR, .start_ns = start_ns, .step_ns = MAX (step_ns, 1) };

  buckets.n = MIN (MIN (n, LINEAR_STEPS_AT_MOST), (G_MAXUINT64 - start_ns) / buckets.step_ns);
  return buckets;
}

/* The 1, 2 or 5 times a power of ten that is nearest by ratio; never below 1. */
static double
nice_step (double step)
{
  double power, rest;

  if (!(step > 1))
    return 1;
  power = pow (10, floor (log10 (step)));
  rest = step / power;
  return power * (rest < M_SQRT2 ? 1 : rest < sqrt (10) ? 2 : rest < sqrt (50) ? 5 : 10);
}

/**
 * glow_buckets_linear_for:
 * @sorted: (array length=n): ascending durations
 * @n: 0 gives one step of 1 ns
 *
 * Steps of about 2·IQR·n^(−1/3), rounded to 1, 2 or 5 times a power of ten, from the shortest to the longest duration. A tail that would
 * need more than 2,000 steps makes them wider. O(1).
 *
 * Source: Freedman and Diaconis (1981), Z. Wahrscheinlichkeitstheorie 57.
 */
GlowBuckets
glow_buckets_linear_for (const guint64 *sorted, gsize n)
{
  double step, range;
  guint64 step_ns, start_ns;

  if (n == 0)
    return glow_buckets_linear (0, 1, 1);
  range = (double) (sorted[n - 1] - sorted[0]);
  step = 2 * (double) (sorted[(n - 1) - (n - 1) / 4] - sorted[(n - 1) / 4]) / cbrt ((double) n);
  /* Half of all durations equal: no spread to go by. Sturges' number of steps. */
  if (!(step > 0))
    step = range / (1 + log2 ((double) n));
  step = nice_step (step);
  while (range / step + 2 > FREEDMAN_DIACONIS_STEPS_AT_MOST)
    step = nice_step (step * 2.2);
  step_ns = (guint64) MIN (step, STEP_AT_MOST);
  start_ns = sorted[0] / step_ns * step_ns;
  return glow_buckets_linear (start_ns, step_ns, (sorted[n - 1] - start_ns) / step_ns + 1);
}

/**
 * glow_buckets_explicit:
 * @le_ns: (array length=n) (transfer none): ascending distinct upper bounds, +Inf left out; must live as long as the value
 */
GlowBuckets
glow_buckets_explicit (const guint64 *le_ns, guint n)
{
  return (GlowBuckets) { .kind = GLOW_BUCKETS_EXPLICIT, .le_ns = le_ns, .n = n };
}

/* ns of what stands behind a number, and goes past it; seconds where nothing does. */
static double
read_unit (char **at)
{
  static const struct { const char *word; double ns; } units[] = { { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "\xc2\xb5s", 1e3 }, { "ns", 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (strcmp (*at, units[i].word) == 0)
      {
        *at += strlen (*at);
        return units[i].ns;
      }
  return 1e9;
}

/**
 * glow_buckets_parse_le:
 * @text: upper bounds in seconds, or with a unit (s, ms, us, µs, ns), divided by commas or blanks; “+Inf” may stand last
 *
 * Returns: (element-type guint64) (transfer full) (nullable): ns, for glow_buckets_explicit(); %GLOW_ERROR_SELECTION
 */
GArray *
glow_buckets_parse_le (const char *text, GError **error)
{
  g_autoptr (GArray) bounds = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_auto (GStrv) words = g_strsplit_set (text, ", \t\n", -1);
  gboolean is_ended = FALSE;

  for (char **word = words; *word != NULL; word++)
    {
      char *end;
      double ns, whole;
      guint64 bound;

      if (**word == '\0')
        continue;
      ns = g_ascii_strtod (*word, &end);
      ns *= end > *word ? read_unit (&end) : 1;
      if (*end != '\0' || !(ns >= 0) || is_ended || (isfinite (ns) && ns >= TWO_TO_64))
        {
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("“%s” is no upper bound of a bucket: expected seconds, as 0.005, ascending"), *word);
          return NULL;
        }
      if (isinf (ns))
        {
          is_ended = TRUE;
          continue;
        }
      /* 0.1 s is not a double, 100,000,000 ns is what was meant; a real fraction of a nanosecond is rounded down, as d ≤ le asks. */
      whole = round (ns);
      bound = (guint64) (fabs (ns - whole) <= whole * 1e-12 ? MIN (whole, TWO_TO_64 - 4096) : floor (ns));
      if (bounds->len > 0 && bound <= g_array_index (bounds, guint64, bounds->len - 1))
        {
          g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("The bound “%s” is not above the one before it"), *word);
          return NULL;
        }
      g_array_append_val (bounds, bound);
    }
  if (bounds->len == 0)
    {
      g_set_error (error, GLOW_ERROR, GLOW_ERROR_SELECTION, _("No upper bounds in “%s”"), text);
      return NULL;
    }
  return g_steal_pointer (&bounds);
}

gboolean
glow_buckets_equal (const GlowBuckets *a, const GlowBuckets *b)
{
  return a->kind == b->kind && a->alpha == b->alpha && a->bits == b->bits && a->start_ns == b->start_ns && a->step_ns == b->step_ns &&
         a->n == b->n && (a->kind != GLOW_BUCKETS_EXPLICIT || a->n == 0 || a->le_ns == b->le_ns || memcmp (a->le_ns, b->le_ns, a->n * sizeof *a->le_ns) == 0);
}
