/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clocks against lock-step. A clock of f Hz that samples work which repeats W times a second sees it at f / gcd (f, W) places and at no others: at 100 Hz and
 * 100 repeats that is one place, and what runs elsewhere is never seen. Several clocks without common factors meet only once a second, and a path that one of
 * them misses shows against the others. */
#include <config.h>

#include "capture/capture-private.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LEAST_FOR_THREE 93     /* below, three such parts may lie more than a third apart */
#define LEAST_FOR_TWO 8
#define PLACES 8               /* at which the rates of work below are to be seen at least */

/* How often a second kernels and programs like to do things: timers, mains, frames. What divides them has fewer places with them, too. */
static const guint beats[] = { 50, 60, 100, 250, 1000 };

static guint
gcd (guint a, guint b)
{
  while (b != 0)
    {
      guint rest = a % b;

      a = b;
      b = rest;
    }
  return a;
}

static guint
count_places (guint rate)
{
  guint least = rate;

  for (guint i = 0; i < G_N_ELEMENTS (beats); i++)
    least = MIN (least, rate / gcd (rate, beats[i]));
  return least;
}

/* A quick clock has many places even where it shares much with the work; it is to have most of those that it could have. */
static gboolean
is_free (guint rate)
{
  return count_places (rate) >= MAX (PLACES, rate / PLACES);
}

/* From equal parts outwards, as long as a smaller spread can be found: some tens of steps. */
static gboolean
split_in_three (guint rate, guint *rates)
{
  guint best = G_MAXUINT;

  for (guint a = rate / 3; a > 1 && (rate - 3 * a) / 2 < best; a--)
    for (guint b = (rate - a - 1) / 2; b > a && rate - a - b - a < best; b--)
      {
        guint c = rate - a - b;

        if (gcd (a, b) != 1 || gcd (a, c) != 1 || gcd (b, c) != 1 || !is_free (a) || !is_free (b) || !is_free (c))
          continue;
        best = c - a;
        rates[0] = a;
        rates[1] = b;
        rates[2] = c;
      }
  return best != G_MAXUINT;
}

static gboolean
split_in_two (guint rate, guint places, guint *rates)
{
  /* Not further apart than one to three. */
  for (guint a = (rate - 1) / 2; a > 1 && a >= rate / 4; a--)
    if (gcd (a, rate) == 1 && count_places (a) >= places && count_places (rate - a) >= places)
      {
        rates[0] = a;
        rates[1] = rate - a;
        return TRUE;
      }
  return FALSE;
}

/**
 * glow_capture_split_rate:
 * @rate: Hz
 * @rates: (out caller-allocates): room for three
 *
 * Rates without common factors, as nearly equal as can be, whose sum is @rate. From 93 Hz on there are three, each of which sees work that repeats 50, 60,
 * 100, 250 or 1000 times a second at 8 places or more, and at an eighth of those it could have, so that none of them is a divisor of these or a multiple. From 8 Hz on there are two, at as many
 * places as such slow clocks allow; below, one.
 *
 * Returns: how many, 1 to 3; their order is ascending
 */
guint
glow_capture_split_rate (guint rate, guint *rates)
{
  if (rate >= LEAST_FOR_THREE && split_in_three (rate, rates))
    return 3;
  for (guint places = PLACES; places > 0 && rate >= LEAST_FOR_TWO; places--)
    if (split_in_two (rate, places, rates))
      return 2;
  rates[0] = rate;
  return 1;
}

/* Opens the event for this process as perf would; the count is of no interest. */
gboolean
glow_capture_can_open (guint32 type, guint64 config, gint64 pid, int cpu, gboolean kernel)
{
  struct perf_event_attr attr = {
    .type = type, .size = sizeof attr, .config = config, .sample_period = 1000000, .disabled = 1,
    .sample_type = PERF_SAMPLE_IP | (type == PERF_TYPE_TRACEPOINT ? PERF_SAMPLE_RAW : 0),
    .exclude_kernel = !kernel, .exclude_hv = 1,
  };
  int fd = (int) syscall (SYS_perf_event_open, &attr, (pid_t) pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);

  if (fd < 0)
    return FALSE;
  close (fd);
  return TRUE;
}

static gpointer
find_clock (gpointer data)
{
  /* Where this process may not open anything, as in a sandbox, the kernel still tells which counters there are. */
  if (glow_capture_can_open (PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, 0, -1, FALSE))
    return (gpointer) "cycles";
  if (!glow_capture_can_open (PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, 0, -1, FALSE)
      && (g_file_test ("/sys/bus/event_source/devices/cpu", G_FILE_TEST_EXISTS) || g_file_test ("/sys/bus/event_source/devices/cpu_core", G_FILE_TEST_EXISTS)))
    return (gpointer) "cycles";
  return (gpointer) "cpu-clock";
}

const char *
glow_capture_clock_event (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, find_clock, NULL);
}
