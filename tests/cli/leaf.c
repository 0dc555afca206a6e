/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What frame pointers miss: leaf SECONDS. Built with frame pointers, but not in leaves. */
#include <stdlib.h>
#include <time.h>

#define KEEP __attribute__ ((noinline, noclone))

static volatile unsigned long sink;

/* Called by name, from a function that has a frame. */
KEEP static unsigned long
leaf_step (unsigned long n)
{
  for (int i = 0; i < 400; i++)
    n = n * 6364136223846793005ul ^ n >> 7;
  return n;
}

KEEP static unsigned long burn_step (unsigned long n) { unsigned long sum = n; for (int i = 0; i < 40; i++) sum += leaf_step (sum + i); sink += sum; return sum; }
KEEP static unsigned long outer_step (unsigned long n) { unsigned long sum = burn_step (n); sink += sum; return sum + 1; }

/* Its caller is called through a pointer. */
KEEP static unsigned long
pointed_step (unsigned long n)
{
  for (int i = 0; i < 9000; i++)
    n = n * 2862933555777941757ul ^ n >> 9;
  return n;
}

KEEP static unsigned long pointing_step (unsigned long n) { unsigned long sum = pointed_step (n); sink += sum; return sum + 3; }
static unsigned long (*volatile pointer) (unsigned long) = pointing_step;

/* The frame pointer holds something else: no caller can be found. */
KEEP static unsigned long
lost_step (unsigned long n)
{
#if defined __x86_64__
  __asm__ volatile ("push %%rbp\n\t.cfi_adjust_cfa_offset 8\n\txor %%ebp, %%ebp\n\tmov $9000, %%ecx\n1:\timul $77, %0, %0\n\tdec %%ecx\n\tjnz 1b\n\tpop %%rbp\n\t.cfi_adjust_cfa_offset -8"
                    : "+r" (n) : : "rcx", "cc", "memory");
#endif
  return n;
}

int
main (int argc, char **argv)
{
  clock_t end = clock () + (clock_t) ((argc > 1 ? atof (argv[1]) : 0.3) * CLOCKS_PER_SEC);

  while (clock () < end)
    {
      outer_step (sink);
      sink += pointer (sink);
      sink += lost_step (sink);
    }
  return sink == 42;
}
