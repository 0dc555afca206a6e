/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program whose stacks are known: chains MODE SECONDS. Each mode burns time in `burn` below a chain of functions that the test knows. */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEEP __attribute__ ((noinline, noclone))

static volatile unsigned long sink;
static double until;

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

/* Inlined, one into the other, and both into `burn`. */
static inline __attribute__ ((always_inline)) unsigned long twist (unsigned long x) { return x * 6364136223846793005ul; }
static inline __attribute__ ((always_inline)) unsigned long mix (unsigned long x, unsigned long i) { return twist (x ^ i) + (twist (i) >> 7); }

/* What follows each call keeps it from becoming a jump. */
KEEP static unsigned long
burn (unsigned long n)
{
  unsigned long sum = n;

  for (unsigned long i = 0; i < 20000; i++)
    sum = mix (sum, i);
  return sum;
}

KEEP static unsigned long gamma_step (unsigned long n) { unsigned long x = burn (n); sink += x; return x + 1; }

/* A frame whose size is not known beforehand: its rule goes by another register. */
KEEP static unsigned long
beta_step (unsigned long n)
{
  char text[n % 64 + 32];

  memset (text, (int) n, sizeof text);
  sink += gamma_step (n) + (unsigned long) text[n % 8];
  return sink;
}

KEEP static unsigned long alpha_step (unsigned long n) { unsigned long x = beta_step (n); sink += x; return x + 3; }

KEEP static unsigned long
deep (unsigned long n, int depth)
{
  unsigned long x = depth == 0 ? alpha_step (n) : deep (n + 1, depth - 1);

  sink += x;
  return x + 5;
}

KEEP static void
on_signal (int number)
{
  sink += burn (number);
}

KEEP static unsigned long raise_step (unsigned long n) { raise (SIGUSR1); sink += n; return sink; }

static jmp_buf place;

KEEP static void jump_step (unsigned long n) { sink += burn (n); longjmp (place, 1); }

KEEP static unsigned long
land_step (unsigned long n)
{
  if (setjmp (place) == 0)
    jump_step (n);
  sink += gamma_step (n);
  return sink;
}

int
main (int argc, char **argv)
{
  const char *mode = argc > 1 ? argv[1] : "plain";
  unsigned long n = 0;

  signal (SIGUSR1, on_signal);
  until = argc > 2 ? atof (argv[2]) : 0.3;
  while (now () < until)
    {
      if (strcmp (mode, "deep") == 0)
        sink += deep (n++, 200);
      else if (strcmp (mode, "signal") == 0)
        sink += raise_step (n++);
      else if (strcmp (mode, "jump") == 0)
        sink += land_step (n++);
      else
        sink += alpha_step (n++);
    }
  return sink == 42;
}
