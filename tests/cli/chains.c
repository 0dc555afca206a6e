/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program whose stacks are known: chains MODE SECONDS [LOG [LIBRARY LIBRARY]]. Each mode spends time below a chain of functions that the test
 * knows; "all" is one after another. LOG says which chain stood when (chains.h); the libraries are those of chains-library.c. */
#define _GNU_SOURCE
#include "chains.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#define MAX_ENTRIES 400000

static volatile unsigned long sink;
static struct { uint64_t n, reserved; ChainEntry entries[MAX_ENTRIES]; } *chain_log;
static const char *libraries[2];

static uint64_t
clock_ns (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

#ifndef WITHOUT_LOG
KEEP ChainEntry *
chain_begin (const char *chain)
{
  static __thread uint32_t thread;
  static ChainEntry none;
  ChainEntry *entry = &none;
  uint64_t at = chain_log != NULL ? __atomic_fetch_add (&chain_log->n, 1, __ATOMIC_RELAXED) : MAX_ENTRIES;

  if (thread == 0)
    thread = gettid ();
  if (at < MAX_ENTRIES)
    entry = &chain_log->entries[at];
  entry->thread = thread;
  strncpy (entry->chain, chain, sizeof entry->chain - 1);
  entry->begin = clock_ns (CLOCK_MONOTONIC);
  return entry;
}

KEEP void
chain_end (ChainEntry *entry)
{
  entry->end = clock_ns (CLOCK_MONOTONIC);
}
#endif

/* Inlined, one into the other, and both into `burn`. */
static inline __attribute__ ((always_inline)) unsigned long twist (unsigned long x) { return x * 6364136223846793005ul; }
static inline __attribute__ ((always_inline)) unsigned long mix (unsigned long x, unsigned long i) { return twist (x ^ i) + (twist (i) >> 7); }

/* What follows each call keeps it from becoming a jump. */
KEEP unsigned long
burn (const char *chain, unsigned long n)
{
  ChainEntry *entry = chain_begin (chain);
  unsigned long sum = n;

  for (unsigned long i = 0; i < 40000; i++)
    sum = mix (sum, i);
  chain_end (entry);
  return sum;
}

KEEP static unsigned long gamma_step (const char *chain, unsigned long n) { unsigned long x = burn (chain, n); sink += x; return x + 1; }

/* A frame whose size is not known beforehand: its rule goes by another register. */
KEEP static unsigned long
beta_step (const char *chain, unsigned long n)
{
  char text[n % 64 + 32];

  memset (text, (int) n, sizeof text);
  sink += gamma_step (chain, n) + (unsigned long) text[n % 8];
  return sink;
}

static inline __attribute__ ((always_inline)) unsigned long lift (const char *chain, unsigned long n) { unsigned long x = beta_step (chain, n); sink += x; return x; }

KEEP static unsigned long alpha_step (const char *chain, unsigned long n) { unsigned long x = lift (chain, n); sink += x; return x + 3; }
KEEP static unsigned long plain_step (unsigned long n) { return alpha_step ("plain", n) + sink; }

KEEP static unsigned long
deep (unsigned long n, int depth)
{
  unsigned long x = depth == 0 ? alpha_step ("deep", n) : deep (n + 1, depth - 1);

  sink += x;
  return x + 5;
}

KEEP static unsigned long deep_step (unsigned long n) { return deep (n, 200) + sink; }
KEEP static unsigned long abyss_step (unsigned long n) { return deep (n, 20000) + sink; }

/* A frame that is aligned more than its caller's: where that one is, is an expression. */
KEEP static unsigned long
aligned_step (unsigned long n)
{
  char text[n % 64 + 32];
  struct { __attribute__ ((aligned (64))) unsigned long values[8]; } wide;

  memset (text, (int) n, sizeof text);
  memset (&wide, 1, sizeof wide);
  sink += (uintptr_t) &wide % 64;
  sink += burn ("aligned", n) + (unsigned long) text[n % 8] + wide.values[n % 8];
  return sink;
}

/* Small functions that come and go: places before a frame is made and after it was left. */
KEEP static unsigned long count (unsigned long n) { return n < 2 ? n + sink : count (n - 1) + count (n - 2); }

KEEP static unsigned long
small_step (unsigned long n)
{
  ChainEntry *entry = chain_begin ("small");

  for (int i = 0; i < 30; i++)
    n += count (8);
  chain_end (entry);
  return n;
}

/* ---- signals ---- */

KEEP static void on_signal (int number) { sink += burn ("signal", number); }
KEEP static void on_alternate (int number) { sink += burn ("alternate", number); }

KEEP static unsigned long raise_step (unsigned long n) { raise (SIGUSR1); sink += n; return sink; }
KEEP static unsigned long alternate_step (unsigned long n) { raise (SIGUSR2); sink += n; return sink; }

/* A handler that comes between any two instructions. */
KEEP static void
on_alarm (int number)
{
  for (int i = 0; i < 8; i++)
    sink += burn ("alarm", number);
}

KEEP static unsigned long
alarm_step (unsigned long n)
{
  struct itimerval often = { { 0, 700 }, { 0, 700 } }, never = { { 0, 0 }, { 0, 0 } };
  ChainEntry *entry = chain_begin ("interrupted");

  signal (SIGALRM, on_alarm);
  setitimer (ITIMER_REAL, &often, NULL);
  for (int i = 0; i < 30000; i++)
    n += count (8);
  setitimer (ITIMER_REAL, &never, NULL);
  chain_end (entry);
  return n;
}

/* ---- jumps ---- */

static jmp_buf place;

KEEP static void jump_step (unsigned long n) { sink += burn ("jump", n); longjmp (place, 1); }

KEEP static unsigned long
land_step (unsigned long n)
{
  if (setjmp (place) == 0)
    jump_step (n);
  sink += burn ("landed", n);
  return sink;
}

KEEP static _Noreturn void leave_step (unsigned long n) { sink += burn ("noreturn", n); longjmp (place, 1); }
/* Its last instruction is the call: where that would return to is another function. */
KEEP static _Noreturn void last_step (unsigned long n) { sink += n; leave_step (n); }

KEEP static unsigned long
noreturn_step (unsigned long n)
{
  if (setjmp (place) == 0)
    last_step (n);
  return sink;
}

KEEP static unsigned long tail_second (unsigned long n) { sink += burn ("tail", n); return sink; }
KEEP static unsigned long tail_first (unsigned long n) { return tail_second (n + 1); }
KEEP static unsigned long tail_step (unsigned long n) { sink += tail_first (n); return sink; }

/* What is not expected stands apart from the rest of its function. */
KEEP __attribute__ ((cold)) static unsigned long unlikely_work (unsigned long n) { return burn ("cold", n) + sink; }

KEEP static unsigned long
cold_step (unsigned long n)
{
  if (__builtin_expect (n % 3 != 3, 0))
    sink += unlikely_work (n) * n;
  else
    sink += count (3);
  return sink;
}

/* ---- other stacks ---- */

static ucontext_t outside, inside;
static char *other_stack;

KEEP static unsigned long context_step (unsigned long n) { sink += burn ("context", n); return sink; }

static void
context_root (void)
{
  for (unsigned long n = 0;; n++)
    {
      sink += context_step (n);
      swapcontext (&inside, &outside);
    }
}

KEEP static unsigned long
switch_step (unsigned long n)
{
  if (other_stack == NULL)
    {
      other_stack = malloc (65536);
      getcontext (&inside);
      inside.uc_stack.ss_sp = other_stack;
      inside.uc_stack.ss_size = 65536;
      inside.uc_link = NULL;
      makecontext (&inside, context_root, 0);
    }
  swapcontext (&outside, &inside);
  return n;
}

static void *
thread_root (void *seconds)
{
  uint64_t until = clock_ns (CLOCK_THREAD_CPUTIME_ID) + (uint64_t) (*(double *) seconds * 1e9);

  for (unsigned long n = 0; clock_ns (CLOCK_THREAD_CPUTIME_ID) < until; n++)
    sink += alpha_step ("thread", n);
  return NULL;
}

KEEP static unsigned long
thread_step (unsigned long n)
{
  pthread_t threads[2];
  double seconds = 0.01;

  for (int i = 0; i < 2; i++)
    if (pthread_create (&threads[i], NULL, thread_root, &seconds) != 0)
      abort ();
  for (int i = 0; i < 2; i++)
    pthread_join (threads[i], NULL);
  return n;
}

/* ---- other files ---- */

KEEP static unsigned long
clock_step (unsigned long n)
{
  ChainEntry *entry = chain_begin ("vdso");

  for (int i = 0; i < 2000; i++)
    n += clock_ns (CLOCK_MONOTONIC);
  chain_end (entry);
  return n;
}

/* Calls from file to file, so short that the way there is much of them. */
KEEP static unsigned long
plt_step (unsigned long n)
{
  ChainEntry *entry = chain_begin ("plt");
  unsigned int seed = n;

  for (int i = 0; i < 5000; i++)
    n += rand_r (&seed);
  chain_end (entry);
  return n;
}

#ifndef WITHOUT_LIBRARIES
/* Two libraries that come and go, and lie where the other was. */
KEEP static unsigned long
load_step (unsigned long n)
{
  for (int i = 0; i < 2; i++)
    {
      void *library = dlopen (libraries[i], RTLD_NOW);
      unsigned long (*work) (unsigned long (*) (const char *, unsigned long), unsigned long);

      if (library == NULL)
        {
          fprintf (stderr, "%s\n", dlerror ());
          abort ();
        }
      *(void **) &work = dlsym (library, "library_work");
      sink += work (burn, n);
      dlclose (library);
    }
  return sink;
}
#else
#define load_step NULL
#endif

static const struct { const char *name; unsigned long (*run) (unsigned long); } modes[] = {
  { "plain", plain_step }, { "deep", deep_step }, { "abyss", abyss_step }, { "aligned", aligned_step }, { "small", small_step }, { "signal", raise_step },
  { "alternate", alternate_step }, { "alarm", alarm_step }, { "jump", land_step }, { "noreturn", noreturn_step }, { "tail", tail_step },
  { "cold", cold_step }, { "context", switch_step }, { "thread", thread_step }, { "vdso", clock_step }, { "plt", plt_step }, { "load", load_step },
  { "throw", throw_step }, { "resume", resume_step }, { "sort", sort_step },
};

int
main (int argc, char **argv)
{
  static char alternate[65536];
  const char *mode = argc > 1 ? argv[1] : "plain";
  uint64_t share = (argc > 2 ? atof (argv[2]) : 0.3) * 1e9;
  struct sigaction action = { .sa_handler = on_alternate, .sa_flags = SA_ONSTACK };
  stack_t stack = { .ss_sp = alternate, .ss_size = sizeof alternate };
  int all = strcmp (mode, "all") == 0;

  if (argc > 3)
    {
      int fd = open (argv[3], O_RDWR | O_CREAT | O_TRUNC, 0600);

      chain_log = ftruncate (fd, sizeof *chain_log) == 0 ? mmap (NULL, sizeof *chain_log, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
      if (chain_log == MAP_FAILED)
        return 1;
    }
  for (int i = 0; i < 2 && argc > 4 + i; i++)
    libraries[i] = argv[4 + i];
  signal (SIGUSR1, on_signal);
  sigaltstack (&stack, NULL);
  sigaction (SIGUSR2, &action, NULL);
  for (unsigned long m = 0; m < sizeof modes / sizeof modes[0]; m++)
    {
      uint64_t until = clock_ns (CLOCK_PROCESS_CPUTIME_ID) + share;

      /* What needs a larger copy of the stack than the others, or cannot be whole, is asked for by name. */
      if (all ? strcmp (modes[m].name, "deep") == 0 || strcmp (modes[m].name, "abyss") == 0 || strcmp (modes[m].name, "alternate") == 0 : strcmp (modes[m].name, mode) != 0)
        continue;
      if (modes[m].run == NULL || (strcmp (modes[m].name, "load") == 0 && libraries[1] == NULL))
        continue;
      for (unsigned long n = 0; clock_ns (CLOCK_PROCESS_CPUTIME_ID) < until; n++)
        sink += modes[m].run (n);
    }
  return sink == 42;
}
