/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A library that comes and goes: loaded LIBRARY SECONDS. The library's step calls back into the program. With -DLIBRARY the library itself. */
#include <stdlib.h>

#define KEEP __attribute__ ((noinline, noclone))

#ifdef LIBRARY

static volatile unsigned long sink;

KEEP unsigned long library_step (unsigned long n, unsigned long (*back) (unsigned long));

unsigned long
library_step (unsigned long n, unsigned long (*back) (unsigned long))
{
  unsigned long sum = back (n);

  sink += sum;
  return sum + 1;
}

#else

#include <dlfcn.h>
#include <time.h>

static volatile unsigned long sink;

KEEP static unsigned long
spin_step (unsigned long n)
{
  for (int i = 0; i < 200000; i++)
    n = n * 6364136223846793005ul ^ n >> 7;
  return n;
}

KEEP static unsigned long back_step (unsigned long n) { unsigned long sum = spin_step (n); sink += sum; return sum + 2; }

KEEP static unsigned long
load_step (const char *path)
{
  void *library = dlopen (path, RTLD_NOW);
  unsigned long (*step) (unsigned long, unsigned long (*) (unsigned long));
  struct timespec time;
  unsigned long sum;

  if (library == NULL)
    exit (1);
  step = (unsigned long (*) (unsigned long, unsigned long (*) (unsigned long))) dlsym (library, "library_step");
  sum = step (sink, back_step);
  for (int i = 0; i < 4000; i++)
    {
      clock_gettime (CLOCK_MONOTONIC, &time);
      sum += time.tv_nsec;
    }
  dlclose (library);
  sink += sum;
  return sum;
}

int
main (int argc, char **argv)
{
  clock_t end = clock () + (clock_t) ((argc > 2 ? atof (argv[2]) : 0.3) * CLOCKS_PER_SEC);

  while (argc > 1 && clock () < end)
    sink += load_step (argv[1]);
  return sink == 42;
}

#endif
