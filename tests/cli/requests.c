/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program that knows how long its requests take: requests MODE N. It prints, for each call of handle_request, the thread, when it began and how
 * long it took in ns (CLOCK_MONOTONIC). MODE lock: one in fifty waits for a lock that a logger holds for four milliseconds. MODE plain: requests of
 * random length that all do the same. MODE nested: each calls itself down to a random depth. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifdef __clang__
#define NOINLINE __attribute__ ((noinline))
#else
#define NOINLINE __attribute__ ((noinline, noclone))
#endif
#define MAX 200000

static struct { uint64_t start, duration; long thread; } logged[MAX];
static unsigned n_logged;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static volatile uint64_t sink;
static volatile int rolling, stopping;
static uint64_t seed = 88172645463325252u;

static uint64_t
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (uint64_t) time.tv_sec * 1000000000u + (uint64_t) time.tv_nsec;
}

static uint64_t
next_random (void)
{
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed;
}

static NOINLINE void
spin (uint64_t ns)
{
  uint64_t end = now () + ns;

  while (now () < end)
    sink += sink * 31 + 7;
}

static NOINLINE void parse_request (uint64_t ns) { spin (ns); sink++; }
static NOINLINE void answer_request (uint64_t ns) { spin (ns); sink++; }

static NOINLINE void
wait_for_log (void)
{
  rolling = 1;
  while (rolling == 1)
    usleep (50);               /* until the logger holds the lock */
  pthread_mutex_lock (&log_lock);
  sink++;
  pthread_mutex_unlock (&log_lock);
}

static void *
logger (void *unused)
{
  while (!stopping)
    {
      if (rolling != 1)
        {
          usleep (100);
          continue;
        }
      pthread_mutex_lock (&log_lock);
      rolling = 2;
      usleep (4000);
      pthread_mutex_unlock (&log_lock);
      rolling = 0;
    }
  return NULL;
}

static NOINLINE void
handle_request (int mode, unsigned i, int depth)
{
  uint64_t start = now (), work = 100000 + next_random () % 300000;

  parse_request (work / 2);
  if (mode == 'l' && i % 50 == 49)
    wait_for_log ();
  if (depth > 0)
    handle_request (mode, i, depth - 1);
  answer_request (work / 2);
  if (n_logged < MAX)
    {
      logged[n_logged].start = start;
      logged[n_logged].duration = now () - start;
      logged[n_logged++].thread = syscall (SYS_gettid);
    }
}

int
main (int argc, char **argv)
{
  int mode = argc > 1 ? argv[1][0] : 'p';
  unsigned n = argc > 2 ? (unsigned) atoi (argv[2]) : 1000;
  pthread_t thread;

  pthread_create (&thread, NULL, logger, NULL);
  for (unsigned i = 0; i < n; i++)
    handle_request (mode, i, mode == 'n' ? (int) (next_random () % 4) : 0);
  stopping = 1;
  pthread_join (thread, NULL);
  for (unsigned i = 0; i < n_logged; i++)
    printf ("%ld %llu %llu\n", logged[i].thread, (unsigned long long) logged[i].start, (unsigned long long) logged[i].duration);
  return 0;
}
