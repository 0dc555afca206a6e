/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program whose change is known: planted COMPRESS OTHERS ROUNDS. compress() does COMPRESS times, expand() and collect() OTHERS times the work of any of forty
 * steps, which all do the same: what the one takes of the others leaves the steps what they had. main() calls them all, so that no caller's share says
 * what its callees' do. How long a call takes is random, so that no sampler is in step with it. */
#include <stdint.h>
#include <stdlib.h>

static volatile uint64_t sink;
static uint64_t seed = 88172645463325252u;

/* Not a function, so that there is none inside those that call it. */
#define WORK(n) do { seed ^= seed << 13; seed ^= seed >> 7; seed ^= seed << 17; \
                     for (unsigned i = 0, end = (n) / 2 + (unsigned) (seed % (n)); i < end; i++) sink = sink * 31 + 7; } while (0)

static __attribute__ ((noinline)) void
compress (unsigned n)
{
  WORK (n);
}

static __attribute__ ((noinline)) void
expand (unsigned n)
{
  WORK (n);
  sink++;
}

static __attribute__ ((noinline)) void
collect (unsigned n)
{
  WORK (n);
  sink--;
}

#define STEP(n) static __attribute__ ((noinline)) void step_##n (void) { WORK (4000 + n); }
#define TEN(n) STEP (n##0) STEP (n##1) STEP (n##2) STEP (n##3) STEP (n##4) STEP (n##5) STEP (n##6) STEP (n##7) STEP (n##8) STEP (n##9)
#define NAME(n) step_##n,
#define NAMES(n) NAME (n##0) NAME (n##1) NAME (n##2) NAME (n##3) NAME (n##4) NAME (n##5) NAME (n##6) NAME (n##7) NAME (n##8) NAME (n##9)
TEN (1) TEN (2) TEN (3) TEN (4)
static void (*const steps[]) (void) = { NAMES (1) NAMES (2) NAMES (3) NAMES (4) };

int
main (int argc, char **argv)
{
  unsigned times = argc > 1 ? (unsigned) atoi (argv[1]) : 16, others = argc > 2 ? (unsigned) atoi (argv[2]) : 10, rounds = argc > 3 ? (unsigned) atoi (argv[3]) : 400;

  for (unsigned i = 0; i < rounds; i++)
    {
      for (unsigned s = 0; s < sizeof steps / sizeof *steps; s++)
        steps[s] ();
      compress (4000 * times);
      expand (4000 * others);
      collect (4000 * others);
    }
  return 0;
}
