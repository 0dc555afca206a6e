/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact probabilities of counts, from the mode outwards. */
#include <stats/discrete-private.h>

#include <math.h>

/* As R does: outcomes as likely as the observed one are not lost to the last bit. */
#define AS_LIKELY (1 + 1e-7)
#define NOTHING 1e-290
/* Relative to the mode; with the tails' geometric fall the rest is below 1e-15. */
#define NEGLIGIBLE 1e-20

static double
binomial_ratio (const GlowDiscrete *self, double x)
{
  return (self->n - x) / (x + 1) * self->odds;
}

GlowDiscrete
glow_discrete_binomial (double n, double p)
{
  return (GlowDiscrete) { .highest = n, .mode = CLAMP (floor ((n + 1) * p), 0, n), .n = n, .odds = p / (1 - p), .ratio = binomial_ratio };
}

static double
hypergeometric_ratio (const GlowDiscrete *self, double x)
{
  return (self->k - x) / (x + 1) * ((self->n1 - x) / (self->n2 - self->k + x + 1));
}

GlowDiscrete
glow_discrete_hypergeometric (double k, double n1, double n2)
{
  GlowDiscrete self = { .lowest = MAX (k - n2, 0), .highest = MIN (k, n1), .k = k, .n1 = n1, .n2 = n2, .ratio = hypergeometric_ratio };

  self.mode = CLAMP (floor ((n1 + 1) * ((k + 1) / (n1 + n2 + 2))), self.lowest, self.highest);
  return self;
}

/* Sums of the side of the mode that @step (±1) leads to, relative to the mode: all of it, and what is at most @limit. */
static void
sum_side (const GlowDiscrete *self, int step, double limit, double *all, double *unlikely)
{
  double weight = 1;

  for (double x = self->mode; step > 0 ? x < self->highest : x > self->lowest; x += step)
    {
      weight *= step > 0 ? self->ratio (self, x) : 1 / self->ratio (self, x - 1);
      *all += weight;
      if (weight <= limit)
        *unlikely += weight;
      if (weight < NEGLIGIBLE * MIN (limit, 1))
        break;
    }
}

double
glow_discrete_two_sided (const GlowDiscrete *self, double observed)
{
  double weight = 1, all = 1, unlikely = 0;

  for (double x = self->mode; x < observed && weight > NOTHING; x++)
    weight *= self->ratio (self, x);
  for (double x = self->mode; x > observed && weight > NOTHING; x--)
    weight /= self->ratio (self, x - 1);
  if (!(weight > NOTHING))
    return 0;
  weight *= AS_LIKELY;
  if (weight >= 1)
    return 1;
  sum_side (self, 1, weight, &all, &unlikely);
  sum_side (self, -1, weight, &all, &unlikely);
  return MIN (unlikely / all, 1);
}

GArray *
glow_discrete_window (const GlowDiscrete *self, double *first)
{
  GArray *window = g_array_new (FALSE, FALSE, sizeof (double));
  double weight = 1, sum = 0;

  for (double x = self->mode; weight >= NEGLIGIBLE; x--)
    {
      *first = x;
      g_array_append_val (window, weight);
      if (x <= self->lowest)
        break;
      weight /= self->ratio (self, x - 1);
    }
  for (guint i = 0; i < window->len / 2; i++)
    {
      double *left = &g_array_index (window, double, i), *right = &g_array_index (window, double, window->len - 1 - i), kept = *left;

      *left = *right;
      *right = kept;
    }
  weight = 1;
  for (double x = self->mode; x < self->highest; x++)
    {
      weight *= self->ratio (self, x);
      if (weight < NEGLIGIBLE)
        break;
      g_array_append_val (window, weight);
    }
  for (guint i = 0; i < window->len; i++)
    sum += g_array_index (window, double, i);
  for (guint i = 0; i < window->len; i++)
    g_array_index (window, double, i) /= sum;
  return window;
}
