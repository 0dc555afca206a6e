/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Python 3.12 does for perf, without Python: trampoline SECONDS [WAIT]. Each function of the script has a piece of code of its own that only calls the
 * interpreter loop, and a line in perf-PID.map; an earlier line of the same address stands before it, as of code that was dropped since. x86-64. With
 * -DTEMPLATE the pieces of code are those of CPython, which keep no frame pointer and of which nothing says how they are unwound. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

typedef long (*Evaluate) (int function);
typedef long (*Trampoline) (int function, Evaluate evaluate, int unused, Evaluate again);

static const char *const names[] = { "<module>", "Widget.spin", "outer", "middle", "leaf_hot" };
#define N_FUNCTIONS 5

#ifdef TEMPLATE
/* sub rsp, 8; call rcx; add rsp, 8; ret */
static const unsigned char code[] = { 0x48, 0x83, 0xec, 0x08, 0xff, 0xd1, 0x48, 0x83, 0xc4, 0x08, 0xc3 };
#else
/* push rbp; mov rbp, rsp; call rsi; pop rbp; ret */
static const unsigned char code[] = { 0x55, 0x48, 0x89, 0xe5, 0xff, 0xd6, 0x5d, 0xc3 };
#endif
static unsigned char *memory;
static volatile long sink;

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

/* Each function calls the next; the last one works. */
__attribute__ ((noinline)) long
_PyEval_EvalFrameDefault (int function)
{
  long sum = function;

  if (function + 1 < N_FUNCTIONS)
    sum += ((Trampoline) (uintptr_t) (memory + 64 * (function + 1))) (function + 1, _PyEval_EvalFrameDefault, 0, _PyEval_EvalFrameDefault);
  else
    for (int i = 0; i < 200000; i++)
      sum = sum * 31 + i;
  sink += sum;
  return sum + 1;
}

int
main (int argc, char **argv)
{
  double end = now () + (argc > 1 ? atof (argv[1]) : 0.3);
  char path[64];
  FILE *map;

  memory = mmap (NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  snprintf (path, sizeof path, "/tmp/perf-%d.map", getpid ());
  map = fopen (path, "w");
  if (memory == MAP_FAILED || map == NULL)
    return 1;
  fprintf (map, "%lx 1000 py::dropped:/srv/old.py\n", (unsigned long) memory);
  for (int i = 0; i < N_FUNCTIONS; i++)
    {
      memcpy (memory + 64 * i, code, sizeof code);
      fprintf (map, "%lx %zx py::%s:/srv/app/hot.py\n", (unsigned long) (memory + 64 * i), sizeof code, names[i]);
    }
  fclose (map);
  while (now () < end)
    ((Trampoline) (uintptr_t) memory) (0, _PyEval_EvalFrameDefault, 0, _PyEval_EvalFrameDefault);
  if (argc > 2)
    {
      puts ("waiting");
      fflush (stdout);
      sleep (atoi (argv[2]));
    }
  return sink == 42;
}
