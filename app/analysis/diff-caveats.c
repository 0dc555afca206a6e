/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why two sides cannot be compared quite fairly, and what each reason does to the numbers. */
#include <config.h>

#include "analysis/diff-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define RATES_ALIKE 0.05       /* relative */
#define DURATIONS_ALIKE 0.5
#define LOSS_WORTH_A_WORD 0.001
#define UNNAMED_ALIKE 0.05     /* points of share */
#define PERIOD_AT_LEAST 1000   /* weights of folded text that are surely no numbers of samples */

static void
caveat_free (gpointer data)
{
  GlowDiffCaveat *caveat = data;

  g_free (caveat->code);
  g_free (caveat->message);
  g_free (caveat->effect);
  g_free (caveat);
}

/* Takes @message. */
static void
add (GlowDiff *self, const char *code, gboolean is_grave, char *message, const char *effect)
{
  GlowDiffCaveat *caveat = g_new0 (GlowDiffCaveat, 1);

  caveat->code = g_strdup (code);
  caveat->message = message;
  caveat->effect = g_strdup (effect);
  caveat->is_grave = is_grave;
  g_ptr_array_insert (self->caveats, is_grave ? 0 : -1, caveat);
}

/* ---- what a run says of itself ---- */

static const GlowProfileInfo *
info_of (const GlowDiffSum *run)
{
  return glow_profile_get_info (run->run->profile);
}

typedef char *(*Describe) (const GlowDiffSum *run);     /* (transfer full) (nullable): not known */

static char *
describe_events (const GlowDiffSum *run)
{
  g_autoptr(GString) text = g_string_new (NULL);
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (run->run->profile, &n);

  for (guint32 e = 0; e < n; e++)
    if (glow_call_tree_has_event (run->tree, e) && events[e].n_samples > 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", glow_profile_get_string (run->run->profile, events[e].name));
  /* Folded text does not say what it counts. */
  return text->len > 0 && strcmp (text->str, "samples") != 0 ? g_utf8_make_valid (text->str, -1) : NULL;
}

static char *
describe_machine (const GlowDiffSum *run)
{
  const GlowProfileInfo *info = info_of (run);
  g_autoptr(GString) text = g_string_new (NULL);

  if (info->cpu_description != NULL)
    g_string_append (text, info->cpu_description);
  if (info->n_cpus_online > 0)
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT " CPUs", text->len > 0 ? ", " : "", info->n_cpus_online);
  if (info->arch != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", info->arch);
  return text->len > 0 ? g_utf8_make_valid (text->str, -1) : NULL;
}

static char *
describe_host (const GlowDiffSum *run)
{
  return info_of (run)->hostname != NULL ? g_utf8_make_valid (info_of (run)->hostname, -1) : NULL;
}

static char *
describe_kernel (const GlowDiffSum *run)
{
  return info_of (run)->os_release != NULL ? g_utf8_make_valid (info_of (run)->os_release, -1) : NULL;
}

static char *
describe_format (const GlowDiffSum *run)
{
  return info_of (run)->format != NULL ? g_strdup (info_of (run)->format) : NULL;
}

static char *
describe_unit (const GlowDiffSum *run)
{
  return g_strdup (glow_unit_get_id (run->unit));
}

/* What the runs of one side say, each once. (transfer full) (nullable): nothing is known */
static char *
describe_side (const GlowDiff *self, guint side, Describe describe)
{
  g_autoptr(GPtrArray) said = g_ptr_array_new_with_free_func (g_free);
  GString *text = g_string_new (NULL);

  for (guint r = 0; r < self->runs[side]->len; r++)
    {
      char *words = describe (g_ptr_array_index (self->runs[side], r));

      if (words == NULL || g_ptr_array_find_with_equal_func (said, words, g_str_equal, NULL))
        {
          g_free (words);
          continue;
        }
      g_string_append_printf (text, "%s%s", text->len > 0 ? " | " : "", words);
      g_ptr_array_add (said, words);
    }
  return g_string_free (text, text->len == 0);
}

static void
compare_words (GlowDiff *self, const char *code, gboolean is_grave, Describe describe, const char *what, const char *effect)
{
  g_autofree char *before = describe_side (self, GLOW_BEFORE, describe), *after = describe_side (self, GLOW_AFTER, describe);

  if (before != NULL && after != NULL && strcmp (before, after) != 0)
    add (self, code, is_grave, g_strdup_printf ("%s: %s → %s", what, before, after), effect);
}

/* ---- numbers ---- */

/* Samples a second of CPU, of all clocks that count the same, where the recording says it; 0 where not. */
static double
rate_of (const GlowDiffSum *run)
{
  const GlowEvent *first = NULL;
  double rate = 0;
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (run->run->profile, &n);

  for (guint32 e = 0; e < n; e++)
    if (glow_call_tree_has_event (run->tree, e) && events[e].n_samples > 0)
      {
        if (first == NULL)
          first = &events[e];
        if (glow_event_is_beside (first, &events[e]))
          rate += glow_event_get_rate (&events[e]);
      }
  return rate;
}

/* Mean over the runs of a side; NaN where one does not know. */
static double
mean_of (const GlowDiff *self, guint side, double (*value) (const GlowDiffSum *run))
{
  double sum = 0;

  for (guint r = 0; r < self->runs[side]->len; r++)
    sum += value (g_ptr_array_index (self->runs[side], r)) / self->runs[side]->len;
  return sum;
}

static void
compare_rates (GlowDiff *self)
{
  double before = mean_of (self, GLOW_BEFORE, rate_of), after = mean_of (self, GLOW_AFTER, rate_of);

  if (before > 0 && after > 0 && fabs (before - after) > RATES_ALIKE * MAX (before, after))
    add (self, "rate", FALSE, g_strdup_printf (_("Other rate: %.0f Hz → %.0f Hz"), before, after),
         self->options.base == GLOW_DIFF_SHARE
           ? _("Shares and times hold; the side with fewer samples has the wider intervals, and is blind to more")
           : _("Times are weighed by the rate and hold; counts of samples do not"));
}

static double
duration_of (const GlowDiffSum *run)
{
  return run->duration;
}

static void
compare_durations (GlowDiff *self)
{
  double before = mean_of (self, GLOW_BEFORE, duration_of), after = mean_of (self, GLOW_AFTER, duration_of);

  if (before > 0 && after > 0 && fabs (before - after) > DURATIONS_ALIKE * MAX (before, after))
    add (self, "duration", self->options.base == GLOW_DIFF_TIME, g_strdup_printf (_("Other duration: %.1f s → %.1f s"), before, after),
         self->options.base == GLOW_DIFF_TIME
           ? _("Times grow with the duration: compare shares, or times per second or per request, unless both did the same work")
           : _("What happens once (start-up, warm-up) has a larger share of the shorter one"));
}

static double
loss_of (const GlowDiffSum *run)
{
  const GlowProfileInfo *info = info_of (run);
  double lost = (double) MAX (info->lost_samples, info->lost_events), kept = (double) glow_profile_get_samples (run->run->profile)->n;

  return lost > 0 ? lost / (lost + kept) : 0;
}

static void
tell_loss (GlowDiff *self)
{
  double before = mean_of (self, GLOW_BEFORE, loss_of), after = mean_of (self, GLOW_AFTER, loss_of);
  g_autofree char *effect = NULL;

  if (MAX (before, after) < LOSS_WORTH_A_WORD)
    return;
  effect = g_strdup_printf (_("A share p of what was kept lies in truth between p(1 − L) and p(1 − L) + L: up to %.1f points before and %.1f after are not known, whatever the "
                              "intervals say"), before * 100, after * 100);
  add (self, "lost", MAX (before, after) > 0.05, g_strdup_printf (_("Lost samples: %.1f %% → %.1f %%"), before * 100, after * 100), effect);
}

static double
throttled_of (const GlowDiffSum *run)
{
  return (double) info_of (run)->throttled;
}

static double
torn_of (const GlowDiffSum *run)
{
  gsize n = glow_profile_get_samples (run->run->profile)->n;

  return n > 0 ? (double) info_of (run)->torn_stacks / (double) n : 0;
}

static double
unnamed_of (const GlowDiffSum *run)
{
  return glow_call_tree_compute_unnamed_share (run->plain, NULL);
}

static double
multiplexed_of (const GlowDiffSum *run)
{
  double least = 1;
  guint32 n;
  const GlowEvent *events = glow_profile_get_events (run->run->profile, &n);

  for (guint32 e = 0; e < n; e++)
    if (glow_call_tree_has_event (run->tree, e) && events[e].time_enabled > 0)
      least = MIN (least, (double) events[e].time_running / (double) events[e].time_enabled);
  return least;
}

static void
compare_quality (GlowDiff *self)
{
  double unnamed[2] = { mean_of (self, GLOW_BEFORE, unnamed_of), mean_of (self, GLOW_AFTER, unnamed_of) };
  double torn[2] = { mean_of (self, GLOW_BEFORE, torn_of), mean_of (self, GLOW_AFTER, torn_of) };
  double throttled = mean_of (self, GLOW_BEFORE, throttled_of) + mean_of (self, GLOW_AFTER, throttled_of);
  double running[2] = { mean_of (self, GLOW_BEFORE, multiplexed_of), mean_of (self, GLOW_AFTER, multiplexed_of) };

  if (fabs (unnamed[0] - unnamed[1]) > UNNAMED_ALIKE)
    add (self, "symbols", TRUE, g_strdup_printf (_("Functions without names: %.1f %% → %.1f %%"), unnamed[0] * 100, unnamed[1] * 100),
         _("What has a name on one side only looks new or gone; symbols for the other would tell"));
  if (fabs (torn[0] - torn[1]) > UNNAMED_ALIKE)
    add (self, "stacks", TRUE, g_strdup_printf (_("Stacks that lack callers: %.1f %% → %.1f %%"), torn[0] * 100, torn[1] * 100),
         _("Totals of callers and paths change with what was unwound; self weights hold"));
  if (throttled > 0)
    add (self, "throttled", FALSE, g_strdup_printf (_("The kernel held sampling back %.0f times"), throttled),
         _("Busy moments have fewer samples than they deserve"));
  if (MIN (running[0], running[1]) < 0.99)
    add (self, "multiplexed", FALSE, g_strdup_printf (_("The counter ran %.0f %% → %.0f %% of the time"), running[0] * 100, running[1] * 100),
         _("What it did meanwhile is scaled up, not measured"));
}

/* Weights of folded text, which never says what it counts. */
static void
doubt_weights (GlowDiff *self)
{
  for (guint i = 0; i < glow_diff_n_runs (self); i++)
    {
      const GlowDiffSum *run = glow_diff_nth_run (self, i);
      const GlowSamples *samples = glow_profile_get_samples (run->run->profile);
      gsize rows = samples->n;

      if (strcmp (info_of (run)->format != NULL ? info_of (run)->format : "", "folded") != 0 || rows == 0)
        continue;
      if (run->effective_n < 0.9 * run->samples)
        add (self, "periods", FALSE, g_strdup_printf (_("“%s”: all weights are multiples of %.0f"), run->run->label, run->samples / run->effective_n),
             _("They are taken for periods: one such number is one sample, as it is written by tools that add up periods"));
      else if (run->samples / (double) rows > PERIOD_AT_LEAST * 10 && run->samples > 1e7)
        add (self, "periods", TRUE, g_strdup_printf (_("“%s”: weights are very large for numbers of samples"), run->run->label),
             _("If they are periods or times, intervals are far too narrow and nearly everything is called a change: fold it by samples"));
    }
}

static void
tell_dependence (GlowDiff *self)
{
  if (self->by_runs)
    return;
  if (self->correlation[0] == NULL)
    add (self, "independence", FALSE, g_strdup (_("No times: samples are taken as independent")),
         _("Bursts cannot be told; where samples come in bursts, intervals are too narrow"));
}

static gboolean
is_same_recording (const GlowDiff *self)
{
  const GlowDiffSum *before = g_ptr_array_index (self->runs[0], 0), *after = g_ptr_array_index (self->runs[1], 0);

  return glow_diff_n_runs (self) == 2 && before->run->profile == after->run->profile;
}

/* Where the kernel takes a CPU away from what it ran: x86 (arch/x86/include/asm/idtentry.h, kernel/entry/common.c), Arm (arch/arm64/kernel/entry-common.c). */
static gboolean
is_interrupt (const char *name)
{
  static const char *const entries[] = { "asm_sysvec_*", "asm_common_interrupt*", "irqentry_*", "__irq_exit_rcu*", "irq_exit_rcu*", "apic_timer_interrupt*", "el0_interrupt*",
                                         "el0t_64_irq*", "el1_interrupt*", "do_IRQ*" };

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    if (g_pattern_match_simple (entries[i], name))
      return TRUE;
  return FALSE;
}

/* How often a program was interrupted, and by what, is its neighbours' doing as much as its own. */
static void
compare_interrupts (GlowDiff *self)
{
  const GArray *rows = self->rows[GLOW_DIFF_FUNCTIONS];
  double value[GLOW_N_SIDES] = { 0, 0 }, most = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const GlowDiffRow *row = &g_array_index (rows, GlowDiffRow, i);
      const GlowDiffChange *change = &row->change[GLOW_DIFF_TOTAL];

      if (!change->matters || fabs (change->change) <= most || glow_diff_get_frame_kind (self, row->key) != GLOW_FRAME_KERNEL
          || !is_interrupt (glow_diff_get_name (self, GLOW_DIFF_FUNCTIONS, row->key)))
        continue;
      most = fabs (change->change);
      value[GLOW_BEFORE] = change->value[GLOW_BEFORE] / self->sides[GLOW_BEFORE].value;
      value[GLOW_AFTER] = change->value[GLOW_AFTER] / self->sides[GLOW_AFTER].value;
    }
  if (most > 0)
    add (self, "interrupts", FALSE, g_strdup_printf (_("Interrupts have %.1f %% of it before and %.1f %% after"), 100 * value[GLOW_BEFORE], 100 * value[GLOW_AFTER]),
         _("How often the kernel takes the CPU away depends on what else the machine does: what it does then, the scheduler with it, may differ for the same code"));
}

void
glow_diff_find_caveats (GlowDiff *self)
{
  self->caveats = g_ptr_array_new_with_free_func (caveat_free);
  tell_dependence (self);
  doubt_weights (self);
  if (is_same_recording (self))
    {
      const GlowDiffSum *before = g_ptr_array_index (self->runs[0], 0), *after = g_ptr_array_index (self->runs[1], 0);

      if (glow_query_equal (before->run->query, after->run->query))
        add (self, "same", TRUE, g_strdup (_("Both sides are the same samples")), _("There is no difference to be found"));
      return;
    }
  compare_words (self, "events", TRUE, describe_events, _("Other events"), _("Shares are of different things: what costs cycles need not cost time or misses"));
  compare_words (self, "units", TRUE, describe_unit, _("Other units"), _("Only shares can be compared, and they are of different things"));
  compare_words (self, "machine", FALSE, describe_machine, _("Other machine"), _("Times differ by what the machine is; shares too, where memory and CPU differ unlike"));
  compare_words (self, "host", FALSE, describe_host, _("Other host"), _("The same code may run beside other work, at another clock"));
  compare_words (self, "kernel", FALSE, describe_kernel, _("Other kernel"), _("Kernel functions may have changed their names and costs: differences below them are the kernel's"));
  compare_words (self, "format", FALSE, describe_format, _("Other format"), _("What one does not tell (times, modules, threads) is not compared"));
  compare_rates (self);
  compare_durations (self);
  tell_loss (self);
  compare_quality (self);
  compare_interrupts (self);
}
