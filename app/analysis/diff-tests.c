/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether what is different is a difference: one pair of recordings by their samples, several runs a side by runs. */
#include <config.h>

#include "analysis/diff-private.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

#define CONFIDENCE 0.95
#define EQUIVALENCE_LEVEL 0.05
/* Beyond, the normal distribution's answer is as good as the exact one: far above or below any level. */
#define SURE_Z 6.0
#define UNSURE_Z 1.0
/* So many need no memory of their own. */
#define FEW_RUNS 16
#define POWER_Z 0.8416212335729143     /* 80 % */
/* Clusters that hold a function, of which its own correlation is as well known as that of all functions. */
#define KNOWN_FROM 8.0

/* ---- sides ---- */

static void
sum_side (GlowDiff *self, guint s)
{
  GlowDiffSide *side = &self->sides[s];
  double squares = 0;

  *side = (GlowDiffSide) { .n_runs = self->runs[s]->len, .unit = ((GlowDiffSum *) g_ptr_array_index (self->runs[s], 0))->unit };
  for (guint r = 0; r < self->runs[s]->len; r++)
    {
      const GlowDiffSum *run = g_ptr_array_index (self->runs[s], r);

      side->samples += run->samples;
      side->weight += run->weight;
      side->seconds += run->seconds;
      side->duration += run->duration;
      side->value += run->weight * glow_diff_factor (self, run);
      squares += run->effective_n > 0 ? run->weight * run->weight / run->effective_n : 0;
      self->clusters[s].n += run->clusters.n;
      self->clusters[s].n_n += run->clusters.n_n;
      self->clusters[s].w_w += run->clusters.w_w;
      self->clusters[s].clusters += run->clusters.clusters;
    }
  side->effective_n = glow_effective_n (side->weight, squares);
  side->clusters = self->clusters[s].clusters;
}

static GlowClusterPart
sum_parts (const GlowDiff *self, guint side, guint32 item, guint measure)
{
  GlowClusterPart sum = { 0 };

  for (guint r = 0; r < self->runs[side]->len; r++)
    {
      const GlowDiffSum *run = g_ptr_array_index (self->runs[side], r);
      const GlowClusterPart *part = &run->parts[measure][item];

      sum.y += part->y;
      sum.y_y += part->y_y;
      sum.y_n += part->y_n;
    }
  return sum;
}

/* Correlations of all items, and the mean over functions, by the variance of their shares: the less is known of one of its own (in few clusters a burst may
 * have been missed), the less it is believed to have less than others. */
static void
find_correlations (GlowDiff *self)
{
  double sum = 0, weights = 0, n = self->clusters[0].n + self->clusters[1].n;

  for (guint s = 0; s < GLOW_N_SIDES; s++)
    for (guint r = 0; r < self->runs[s]->len; r++)
      if (((GlowDiffSum *) g_ptr_array_index (self->runs[s], r))->parts[0] == NULL)
        return;
  self->cluster_scale = glow_cluster_scale (self->clusters);
  for (guint m = 0; m < GLOW_N_DIFF_MEASURES; m++)
    {
      self->correlation[m] = g_new0 (double, self->offset[GLOW_N_DIFF_KINDS] + 1);
      self->doubt[m] = g_new0 (double, self->offset[GLOW_N_DIFF_KINDS] + 1);
      for (guint32 item = 0; item < self->offset[GLOW_N_DIFF_KINDS]; item++)
        {
          GlowClusterPart before = sum_parts (self, GLOW_BEFORE, item, m), after = sum_parts (self, GLOW_AFTER, item, m);
          double share = (before.y + after.y) / n, held, variance = share * (1 - share);

          self->correlation[m][item] = glow_cluster_correlation (self->clusters, &before, &after, self->cluster_scale, TRUE);
          held = before.y_y + after.y_y > 0 ? (before.y + after.y) * (before.y + after.y) / (before.y_y + after.y_y) : 0;
          self->doubt[m][item] = KNOWN_FROM / (KNOWN_FROM + held);
          if (m != GLOW_DIFF_TOTAL || item >= self->offset[GLOW_DIFF_MODULES] || variance <= 0)
            continue;
          sum += variance * self->correlation[m][item];
          weights += variance;
        }
    }
  self->alike = weights > 0 ? MAX (sum / weights, 0) : 0;
}

void
glow_diff_sum_sides (GlowDiff *self)
{
  for (guint i = 0; i < glow_diff_n_runs (self); i++)
    {
      GlowDiffSum *run = glow_diff_nth_run (self, i);

      run->exposure = self->options.base == GLOW_DIFF_RATE       ? run->duration
                      : self->options.base == GLOW_DIFF_PER_UNIT ? run->run->units
                                                                 : 1;
    }
  for (guint s = 0; s < GLOW_N_SIDES; s++)
    sum_side (self, s);
  if (!self->by_runs)
    find_correlations (self);
}

/* ---- one test ---- */

/* @share: of the side's weight that the item has. */
static GlowDiffEstimate
estimate (const GlowDiff *self, guint side, double share, guint32 item, GlowDiffMeasure measure)
{
  const GlowDiffSide *own = &self->sides[side];
  GlowDiffEstimate answer = { share * own->value, 0, own->effective_n };

  if (self->correlation[measure] != NULL && self->clusters[side].clusters > 1)
    answer.n = MAX (answer.n / glow_cluster_effect (&self->clusters[side], self->cluster_scale, MAX (self->correlation[measure][item], self->doubt[measure][item] * self->alike)), 1);
  answer.k = share * answer.n;
  return answer;
}

/* How much further a t value lies than a normal one: variances are known from so many clusters. */
static double
degrees (const GlowDiff *self, GlowDiffMeasure measure)
{
  double clusters = (double) self->clusters[0].clusters + self->clusters[1].clusters;

  return self->correlation[measure] != NULL && clusters > 2 ? clusters - 2 : INFINITY;
}

/* Of a normal deviate's p, that of one whose variance was estimated. */
static double
doubted_p (double p, double freedom)
{
  if (!isfinite (freedom) || !(p > 0 && p < 1))
    return p;
  return 2 * gsl_cdf_tdist_Q (gsl_cdf_ugaussian_Qinv (p / 2), freedom);
}

/* An estimate of fewer samples, so that normal bounds reach as far as those of t. */
static GlowDiffEstimate
doubted_estimate (const GlowDiffEstimate *estimate, double freedom)
{
  GlowDiffEstimate answer = *estimate;
  double ratio = isfinite (freedom) ? gsl_cdf_ugaussian_Pinv (0.5 + CONFIDENCE / 2) / gsl_cdf_tdist_Pinv (0.5 + CONFIDENCE / 2, freedom) : 1;

  answer.n *= ratio * ratio;
  answer.k *= ratio * ratio;
  return answer;
}

/* Whether even the most one-sided split of so few would be no evidence; such tests only cost the others. */
static gboolean
is_hopeless (const GlowDiff *self, double k, double n1, double n2)
{
  double share = MIN (n1, n2) / (n1 + n2);

  return !(k > 0) || k * log (share) > log (self->options.level);
}

static GlowDiffChange
test_samples (const GlowDiff *self, const GlowDiffEstimate *before, const GlowDiffEstimate *after, GlowDiffMeasure measure)
{
  double freedom = degrees (self, measure);
  const GlowDiffEstimate least_before = doubted_estimate (before, freedom), least_after = doubted_estimate (after, freedom);
  GlowDiffChange change = { .value = { before->value, after->value }, .change = after->value - before->value, .p = NAN, .q = NAN };
  double exposures[2];
  GlowInterval interval;

  if (self->options.base == GLOW_DIFF_SHARE)
    {
      interval = glow_interval_newcombe (least_after.k, least_after.n, least_before.k, least_before.n, CONFIDENCE);
      if (!is_hopeless (self, before->k + after->k, before->n, after->n))
        change.p = doubted_p (glow_test_shares (after->k, after->n, before->k, before->n).p, freedom);
    }
  else
    {
      /* So that count ÷ exposure is the value. */
      exposures[0] = self->sides[0].value > 0 ? before->n / self->sides[0].value : 0;
      exposures[1] = self->sides[1].value > 0 ? after->n / self->sides[1].value : 0;
      interval = glow_interval_rate_difference (least_after.k, exposures[1] * least_after.n / after->n, least_before.k, exposures[0] * least_before.n / before->n, CONFIDENCE);
      if (!is_hopeless (self, before->k + after->k, exposures[0], exposures[1]))
        change.p = doubted_p (glow_test_rates (after->k, exposures[1], before->k, exposures[0]).p, freedom);
    }
  change.low = interval.low;
  change.high = interval.high;
  return change;
}

/* Of one run, by sampling alone. */
static double
sampling_variance (const GlowDiff *self, guint side, double share)
{
  const GlowDiffSide *own = &self->sides[side];
  double n = own->n_runs > 0 ? own->effective_n / own->n_runs : 0;

  if (!(n > 0))
    return 0;
  if (self->options.base == GLOW_DIFF_SHARE)
    return share * (1 - share) / n;
  return share * own->value * own->value / n;
}

static GlowDiffChange
test_runs (const GlowDiff *self, const double *share, const double *values, gboolean permute)
{
  guint n_before = self->runs[0]->len, n_after = self->runs[1]->len;
  GlowDiffChange change = { .p = NAN, .q = NAN, .low = NAN, .high = NAN };
  double common = (share[0] * self->sides[0].effective_n + share[1] * self->sides[1].effective_n) / (self->sides[0].effective_n + self->sides[1].effective_n);
  GlowWelch welch = glow_test_runs (values + n_before, n_after, values, n_before, sampling_variance (self, GLOW_AFTER, common),
                                    sampling_variance (self, GLOW_BEFORE, common), CONFIDENCE);

  for (guint i = 0; i < n_before + n_after; i++)
    change.value[i >= n_before] += values[i] / (i < n_before ? n_before : n_after);
  change.change = change.value[1] - change.value[0];
  change.low = welch.low;
  change.high = welch.high;
  if (common > 0)
    change.p = permute ? glow_test_permutation (values + n_before, n_after, values, n_before).p : welch.test.p;
  return change;
}

GlowDiffChange
glow_diff_test (const GlowDiff *self, const double *share, const double *values, guint32 item, GlowDiffMeasure measure, gboolean permute)
{
  GlowDiffEstimate before, after;

  if (self->by_runs)
    return test_runs (self, share, values, permute);
  before = estimate (self, GLOW_BEFORE, share[0], item, measure);
  after = estimate (self, GLOW_AFTER, share[1], item, measure);
  return test_samples (self, &before, &after, measure);
}

void
glow_diff_judge (const GlowDiff *self, GlowDiffChange *change, gboolean equivalent)
{
  double whole = MAX (self->sides[0].value, self->sides[1].value);

  change->evidence = !isnan (change->q) && change->q < self->options.level && change->change != 0
                       ? (change->change > 0 ? GLOW_DIFF_GREW : GLOW_DIFF_SHRANK)
                     : equivalent ? GLOW_DIFF_EQUIVALENT
                                  : GLOW_DIFF_NO_EVIDENCE;
  change->matters = (change->evidence == GLOW_DIFF_GREW || change->evidence == GLOW_DIFF_SHRANK) && fabs (change->change) >= self->options.floor * whole;
}

/* ---- rows ---- */

/* p of "the change is the margin or more": by Newcombe's bounds where it is near any level, else by the width of the interval that is there. */
static double
equivalence (const GlowDiff *self, const GlowDiffChange *change, const double *share, guint32 item, GlowDiffMeasure measure)
{
  double margin = self->options.margin * self->sides[0].value, error = (change->high - change->low) / 2 / gsl_cdf_ugaussian_Pinv (0.5 + CONFIDENCE / 2);
  double z = error > 0 ? (margin - fabs (change->change)) / error : NAN;

  if (isnan (z))
    return NAN;
  if (!self->by_runs && self->options.base == GLOW_DIFF_SHARE && z > UNSURE_Z && z < SURE_Z)
    {
      GlowDiffEstimate before = estimate (self, GLOW_BEFORE, share[0], item, measure), after = estimate (self, GLOW_AFTER, share[1], item, measure);

      return doubted_p (glow_test_shares_equivalent (after.k, after.n, before.k, before.n, margin).p, degrees (self, measure));
    }
  return gsl_cdf_ugaussian_Q (z);
}

typedef struct {
  GlowDiffKind kind;
  double *p[GLOW_N_DIFF_MEASURES], *same[GLOW_N_DIFF_MEASURES];
  guint block;
} Testing;

static void
test_row (GlowDiff *self, Testing *testing, guint i)
{
  GlowDiffRow *row = &g_array_index (self->rows[testing->kind], GlowDiffRow, i);
  guint32 item = self->offset[testing->kind] + row->key;
  guint n = glow_diff_n_runs (self);
  double few[FEW_RUNS];
  g_autofree double *many = n > FEW_RUNS ? g_new (double, n) : NULL;
  double *values = many != NULL ? many : few;

  for (guint m = 0; m < GLOW_N_DIFF_MEASURES; m++)
    {
      double share[2] = { 0, 0 };

      for (guint r = 0; r < n; r++)
        {
          const GlowDiffSum *run = glow_diff_nth_run (self, r);
          const GlowDiffAmount *amount = &run->amounts[item];
          double weight = m == GLOW_DIFF_TOTAL ? amount->total : amount->self;

          share[run->side] += self->sides[run->side].value > 0 ? weight * glow_diff_factor (self, run) / self->sides[run->side].value : 0;
          values[r] = weight * glow_diff_factor (self, run) * (self->by_runs ? self->runs[run->side]->len : 1);
          if (m == GLOW_DIFF_TOTAL)
            row->samples[run->side] += amount->samples_total;
        }
      row->change[m] = glow_diff_test (self, share, values, item, m, self->options.permutation);
      testing->p[m][i] = row->change[m].p;
      testing->same[m][i] = equivalence (self, &row->change[m], share, item, m);
    }
}

static void
test_block (GlowDiff *self, guint block, gpointer data)
{
  Testing *testing = data;
  guint end = MIN ((block + 1) * testing->block, self->rows[testing->kind]->len);

  for (guint i = block * testing->block; i < end; i++)
    test_row (self, testing, i);
}

static void
test_kind (GlowDiff *self, GlowDiffKind kind)
{
  guint32 n = self->offset[kind + 1] - self->offset[kind];
  Testing testing = { .kind = kind, .block = 256 };

  self->rows[kind] = g_array_sized_new (FALSE, FALSE, sizeof (GlowDiffRow), n);
  for (guint32 key = 0; key < n; key++)
    {
      gboolean occurs = FALSE;

      for (guint r = 0; r < glow_diff_n_runs (self) && !occurs; r++)
        occurs = glow_diff_nth_run (self, r)->amounts[self->offset[kind] + key].total > 0;
      /* Roots that the query made are no functions. */
      if (occurs && (kind != GLOW_DIFF_FUNCTIONS || g_array_index (self->match.functions, GlowMatchFunction, key).kind != GLOW_FRAME_GROUP))
        {
          GlowDiffRow row = { .key = key };

          g_array_append_val (self->rows[kind], row);
        }
    }
  n = self->rows[kind]->len;
  for (guint m = 0; m < GLOW_N_DIFF_MEASURES; m++)
    {
      testing.p[m] = g_new (double, n + 1);
      testing.same[m] = g_new (double, n + 1);
    }
  for (guint i = 0; i < n; i++)
    for (guint m = 0; m < GLOW_N_DIFF_MEASURES; m++)
      testing.p[m][i] = testing.same[m][i] = NAN;
  glow_diff_in_parallel (self, (n + testing.block - 1) / testing.block, test_block, &testing);
  for (guint m = 0; m < GLOW_N_DIFF_MEASURES; m++)
    {
      g_autofree double *q = g_new (double, n + 1), *same = g_new (double, n + 1);

      glow_q_values (testing.p[m], n, self->options.discovery, q);
      glow_q_values (testing.same[m], n, self->options.discovery, same);
      for (guint i = 0; i < n; i++)
        {
          GlowDiffRow *row = &g_array_index (self->rows[kind], GlowDiffRow, i);

          row->change[m].q = q[i];
          glow_diff_judge (self, &row->change[m], same[i] < EQUIVALENCE_LEVEL);
        }
      g_free (testing.p[m]);
      g_free (testing.same[m]);
    }
}

void
glow_diff_test_rows (GlowDiff *self)
{
  for (guint k = 0; k < GLOW_N_DIFF_KINDS; k++)
    test_kind (self, k);
}

double
glow_diff_change_get_seen (const GlowDiffChange *change)
{
  double z = gsl_cdf_ugaussian_Pinv (0.5 + CONFIDENCE / 2);

  return (change->high - change->low) / 2 * (1 + POWER_Z / z);
}

double
glow_diff_get_needed (GlowDiff *self, double value, double change, double run_spread)
{
  if (self->by_runs)
    return glow_runs_needed (run_spread, change, 0.05, 0.8);
  if (self->options.base == GLOW_DIFF_SHARE)
    return glow_shares_samples_needed (CLAMP (value, 0, 1), CLAMP (value + change, 0, 1), 0.05, 0.8);
  return change != 0 && value > 0 ? ceil (2 * pow ((1.959963985 + POWER_Z) / change, 2) * value * MAX (self->sides[0].value, 1e-300)) : INFINITY;
}
