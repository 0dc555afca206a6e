/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plans: clocks that share no factor, events by goal, perf's arguments and words there and back, presets, notes. */
#include <afterglow/capture.h>

#include "capture/capture-private.h"

#include <math.h>
#include <string.h>

static guint
gcd (guint a, guint b)
{
  return b == 0 ? a : gcd (b, a % b);
}

/* The rule at the top of clocks.c, for every rate that somebody may ask for. */
static void
test_clocks (void)
{
  static const guint beats[] = { 50, 60, 100, 250, 1000 };

  for (guint rate = 1; rate <= 20000; rate++)
    {
      guint rates[3], n = glow_capture_split_rate (rate, rates), sum = 0;

      for (guint i = 0; i < n; i++)
        {
          sum += rates[i];
          for (guint j = 0; j < i; j++)
            g_assert_cmpuint (gcd (rates[i], rates[j]), ==, 1);
          g_assert_true (i == 0 || rates[i] > rates[i - 1]);
          for (guint b = 0; rate >= 93 && b < G_N_ELEMENTS (beats); b++)
            {
              g_assert_cmpuint (rates[i] / gcd (rates[i], beats[b]), >=, 8);
              g_assert_cmpuint (beats[b] % rates[i], !=, 0);
              g_assert_cmpuint (rates[i] % beats[b], !=, 0);
            }
        }
      g_assert_cmpuint (sum, ==, rate);
      g_assert_cmpuint (n, >=, rate >= 93 ? 3 : rate >= 8 ? 2 : 1);
      if (rate >= 93)
        g_assert_cmpfloat (rates[n - 1] - rates[0], <=, 0.36 * rate / n);
      else if (n == 2)
        g_assert_cmpuint (rates[1], <=, 3 * rates[0] + 3);
    }
}

static GlowCapturePlan *
new_plan (GlowCaptureGoal goal)
{
  static const char *const command[] = { "sh", "-c", "exit 3", NULL };
  GlowCapturePlan *plan = glow_capture_plan_new ();

  plan->command = g_strdupv ((char **) command);
  plan->goal = goal;
  if (goal == GLOW_CAPTURE_FUNCTION)
    {
      plan->function_binary = g_strdup ("/proc/self/exe");
      plan->function = g_strdup ("ns::handle(int)");
    }
  glow_capture_plan_set_events (plan);
  return plan;
}

/* Tracepoints have no frequency, clocks have one, and together those of the clocks are the rate. */
static void
test_goals (void)
{
  for (GlowCaptureGoal goal = GLOW_CAPTURE_CPU; goal < GLOW_CAPTURE_CUSTOM; goal++)
    {
      g_autoptr(GlowCapturePlan) plan = new_plan (goal);
      g_autoptr(GError) error = NULL;
      guint sum = 0;

      g_assert_true (glow_capture_plan_check (plan, &error));
      g_assert_no_error (error);
      for (guint i = 0; i < plan->events->len; i++)
        {
          const GlowCaptureEvent *event = g_ptr_array_index (plan->events, i);

          g_assert_true (strchr (event->name, ':') == NULL || event->frequency == 0);
          sum += event->frequency;
        }
      g_assert_true (sum == plan->rate || (sum == 0 && goal >= GLOW_CAPTURE_SYSCALLS));
      g_assert_cmpuint (plan->probes->len, ==, goal == GLOW_CAPTURE_FUNCTION ? 2 : 0);
    }
}

static void
check_round_trip (const GlowCapturePlan *plan)
{
  g_autoptr(GlowCapturePlan) back = glow_capture_plan_copy (plan);
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) words = glow_capture_plan_dup_perf_command (plan, NULL, &error), again = NULL;
  g_autofree char *line = NULL;

  g_assert_no_error (error);
  line = g_strjoinv (" ", words);
  g_test_message ("%s", line);
  g_assert_true (glow_capture_plan_set_perf_command (back, (const char *const *) words, &error));
  g_assert_no_error (error);
  again = glow_capture_plan_dup_perf_command (back, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_strv_equal ((const char *const *) words, (const char *const *) again));
  g_assert_cmpint (back->goal, ==, plan->goal);
  g_assert_true (glow_capture_plan_equal (plan, back));
}

static void
test_perf_command (void)
{
  for (GlowCaptureGoal goal = GLOW_CAPTURE_CPU; goal < GLOW_CAPTURE_CUSTOM; goal++)
    for (guint variant = 0; variant < 8; variant++)
      {
        g_autoptr(GlowCapturePlan) plan = new_plan (goal);

        plan->kernel = variant % 2 == 1;
        plan->call_graph = variant % 4;
        plan->stack_size = plan->call_graph == GLOW_CAPTURE_DWARF ? 16384 : 8192;
        plan->clock = variant < 4 ? GLOW_CAPTURE_INTERLEAVED : GLOW_CAPTURE_SINGLE;
        plan->rate = 99 + 100 * variant;
        plan->compression = variant == 5 ? 3 : 0;
        plan->inherit = variant != 6;
        plan->size = variant == 7 ? 1000000 : 0;
        plan->max_stack = variant == 3 ? 64 : 127;
        plan->buffer = variant == 2 ? 1024 : 0;
        glow_capture_plan_set_events (plan);
        if (plan->call_graph == GLOW_CAPTURE_NO_STACKS)
          plan->max_stack = 127;
        check_round_trip (plan);
        if (variant == 4)
          {
            plan->target = GLOW_CAPTURE_SYSTEM;
            g_clear_pointer (&plan->command, g_strfreev);
            check_round_trip (plan);
          }
      }
}

static void
expect_words (const char *line, gboolean fine, const char *said)
{
  g_autoptr(GlowCapturePlan) plan = new_plan (GLOW_CAPTURE_CPU), before = glow_capture_plan_copy (plan);
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) words = NULL;
  gboolean taken;

  g_assert_true (g_shell_parse_argv (line, NULL, &words, NULL));
  taken = glow_capture_plan_set_perf_command (plan, (const char *const *) words, &error);
  g_test_message ("%s: %s", line, error != NULL ? error->message : "taken");
  g_assert_cmpint (taken, ==, fine);
  if (fine)
    return;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
  g_assert_nonnull (strstr (error->message, said));
  g_assert_true (glow_capture_plan_equal (plan, before));
}

/* What people write by hand. */
static void
test_own_words (void)
{
  g_autoptr(GlowCapturePlan) plan = new_plan (GLOW_CAPTURE_CPU);
  const char *usual[] = { "perf", "record", "-F", "99", "-g", "--", "make", "-j4", NULL };
  g_autoptr(GError) error = NULL;

  g_assert_true (glow_capture_plan_set_perf_command (plan, usual, &error));
  g_assert_no_error (error);
  g_assert_cmpint (plan->goal, ==, GLOW_CAPTURE_CPU);
  g_assert_cmpint (plan->clock, ==, GLOW_CAPTURE_SINGLE);
  g_assert_cmpuint (plan->rate, ==, 99);
  g_assert_cmpint (plan->call_graph, ==, GLOW_CAPTURE_FP);
  g_assert_true (plan->kernel);
  g_assert_cmpstr (plan->command[1], ==, "-j4");

  expect_words ("perf record -e cycles:u,sched:sched_switch -F 99 true", FALSE, "sched:sched_switch");
  expect_words ("perf record -e sched:sched_switch -e cpu-clock/freq=99/ -g true", TRUE, NULL);
  expect_words ("perf record -F99 -a -g --call-graph dwarf,4096 -z -m 128", TRUE, NULL);
  expect_words ("perf record --off-cpu -F 99 true", FALSE, "--off-cpu");
  expect_words ("perf record -e cycles:ppp true", FALSE, "cycles:ppp");
  expect_words ("perf record -b -e cycles true", FALSE, "-b");
  expect_words ("perf record -k CLOCK_REALTIME true", FALSE, "CLOCK_REALTIME");
  expect_words ("perf record -F many true", FALSE, "many");
  expect_words ("perf record -e", FALSE, "-e");
  expect_words ("perf stat true", FALSE, "perf record");
  expect_words ("perf record -a true", FALSE, "true");
  expect_words ("perf record -p 99999999 -g", FALSE, "99999999");
}

static void
test_key_file (void)
{
  for (GlowCaptureGoal goal = GLOW_CAPTURE_CPU; goal <= GLOW_CAPTURE_CUSTOM; goal++)
    {
      g_autoptr(GlowCapturePlan) plan = new_plan (goal == GLOW_CAPTURE_CUSTOM ? GLOW_CAPTURE_FUNCTION : goal), back = NULL;
      g_autoptr(GKeyFile) file = NULL;
      g_autoptr(GError) error = NULL;
      GlowCaptureProcess process;

      /* What lies between its members is nobody's. */
      memset (&process, goal + 1, sizeof process);
      process.pid = 17;
      process.start_time = 123456789012;
      plan->goal = goal;
      plan->rate = 499;
      plan->duration = 2.5;
      plan->size = G_GUINT64_CONSTANT (1) << 40;
      plan->kernel = TRUE;
      plan->directory = g_strdup ("/tmp/a;b \\ c");
      g_array_append_val (plan->processes, process);
      glow_capture_plan_set_events (plan);
      file = glow_capture_plan_to_key_file (plan, TRUE);
      back = glow_capture_plan_from_key_file (file, &error);
      g_assert_no_error (error);
      g_assert_true (glow_capture_plan_equal (plan, back));
    }
}

/* Whether clocks of random phase, or gaps drawn anew, hit one stretch of @seconds that begins somewhere. */
static gboolean
simulate_hit (const GlowCapturePlan *plan, double seconds, GRand *rand)
{
  for (guint i = 0; i < plan->events->len; i++)
    {
      double period = 1.0 / ((const GlowCaptureEvent *) g_ptr_array_index (plan->events, i))->frequency;
      double next = plan->clock == GLOW_CAPTURE_RANDOM ? -log (1 - g_rand_double (rand)) * period : g_rand_double (rand) * period;

      if (next < seconds)
        return TRUE;
    }
  return FALSE;
}

/* Against draws, and the numbers of the design: 30 ms and 92 ms at 99 Hz, 200 µs seen with 0.02. */
static void
test_estimate (void)
{
  const guint draws = 200000;
  g_autoptr(GRand) rand = g_rand_new_with_seed (7);

  for (GlowCaptureClock clock = GLOW_CAPTURE_INTERLEAVED; clock <= GLOW_CAPTURE_RANDOM; clock++)
    {
      g_autoptr(GlowCapturePlan) plan = new_plan (GLOW_CAPTURE_CPU);
      const double lengths[] = { 200e-6, 1e-3, 9e-3 };

      plan->clock = clock;
      glow_capture_plan_set_events (plan);
      for (guint l = 0; l < G_N_ELEMENTS (lengths); l++)
        {
          GlowCaptureEstimate estimate;
          guint hits = 0;
          double error;

          glow_capture_estimate_init (&estimate, plan, lengths[l]);
          for (guint i = 0; i < draws; i++)
            hits += simulate_hit (plan, lengths[l], rand);
          error = sqrt (estimate.event_probability * (1 - estimate.event_probability) / draws);
          g_assert_cmpfloat_with_epsilon ((double) hits / draws, estimate.event_probability, 5 * error);
          g_assert_cmpfloat_with_epsilon (estimate.certain_seconds, 0.0303, 1e-4);
          g_assert_cmpfloat_with_epsilon (estimate.five_seconds, 0.0925, 1e-4);
          g_assert_true (l > 0 || fabs (estimate.event_probability - 0.02) < 0.001);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/capture/clocks", test_clocks);
  g_test_add_func ("/capture/goals", test_goals);
  g_test_add_func ("/capture/perf-command", test_perf_command);
  g_test_add_func ("/capture/own-words", test_own_words);
  g_test_add_func ("/capture/key-file", test_key_file);
  g_test_add_func ("/capture/estimate", test_estimate);
  return g_test_run ();
}
