/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How sure a share is when samples come in bursts: whole blocks of time are drawn again, not samples. */
#include <afterglow/interval.h>

#include <math.h>
#include <stdlib.h>

#define DRAWS 1000
#define DRAWS_AT_LEAST 200
#define WORK_AT_MOST 20000000
#define BLOCKS_AT_LEAST 5
/* The same answer for the same recording, every time. */
#define SEED 20161

static int
compare (const void *a, const void *b)
{
  double left = *(const double *) a, right = *(const double *) b;

  return left < right ? -1 : left > right;
}

/**
 * glow_share_by_blocks:
 * @part: (array length=n_blocks): weight of the share in each block
 * @whole: (array length=n_blocks): weight of everything in each block
 * @effective_n: of all samples
 * @confidence: two-sided, in (0, 1)
 *
 * Block bootstrap, percentile interval; blocks without samples are not drawn. O(1000 × blocks), fewer draws above 20,000 blocks.
 *
 * Source: Künsch (1989), Ann. Stat. 17(3), with blocks that do not overlap (Carlstein 1986); design effect: Kish (1965).
 */
GlowBlockShare
glow_share_by_blocks (const double *part, const double *whole, guint n_blocks, double effective_n, double confidence)
{
  GlowBlockShare result = { 0 };
  g_autofree guint *used = g_new (guint, n_blocks + 1);
  g_autofree double *shares = g_new (double, DRAWS);
  double sum_part = 0, sum_whole = 0, share, mean = 0, variance = 0;
  guint draws;
  GRand *random;

  for (guint b = 0; b < n_blocks; b++)
    if (whole[b] > 0)
      {
        used[result.n_blocks++] = b;
        sum_part += part[b];
        sum_whole += whole[b];
      }
  share = sum_whole > 0 ? sum_part / sum_whole : 0;
  if (result.n_blocks < BLOCKS_AT_LEAST || share <= 0 || share >= 1 || effective_n <= 0)
    return result;
  draws = CLAMP (WORK_AT_MOST / result.n_blocks, DRAWS_AT_LEAST, DRAWS);
  random = g_rand_new_with_seed (SEED);
  for (guint d = 0; d < draws; d++)
    {
      double drawn_part = 0, drawn_whole = 0;

      for (guint i = 0; i < result.n_blocks; i++)
        {
          guint b = used[g_rand_int (random) % result.n_blocks];

          drawn_part += part[b];
          drawn_whole += whole[b];
        }
      shares[d] = drawn_part / drawn_whole;
      mean += shares[d] / draws;
    }
  g_rand_free (random);
  for (guint d = 0; d < draws; d++)
    variance += (shares[d] - mean) * (shares[d] - mean) / (draws - 1);
  qsort (shares, draws, sizeof *shares, compare);
  result.low = shares[(guint) floor ((1 - confidence) / 2 * (draws - 1))];
  result.high = shares[(guint) ceil ((1 + confidence) / 2 * (draws - 1))];
  result.design_effect = variance / (share * (1 - share) / effective_n);
  result.is_known = TRUE;
  return result;
}
