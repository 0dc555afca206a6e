/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program that knows how long its requests take: requests MODE N [SEED]. It prints, for each call of handle_request, the thread, when it began and how
 * long it took in ns (CLOCK_MONOTONIC). MODE lock: one in fifty waits for a lock that a logger holds for four milliseconds. MODE plain: requests of
 * random length that all do the same. MODE nested: each calls itself down to a random depth. MODE convoy: eight threads at a counter whose lock is held
 * for 30 µs. MODE gc: all stop for a collector now and then. MODE read: one in forty waits for a byte that comes late. MODE starve: another program's
 * work takes the only CPU away for 8 ms at a time; the last line is "hog" and how long it ran on the CPU. */
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NOINLINE __attribute__ ((noinline))
#define MAX 200000

static struct { uint64_t start, duration; long thread; } logged[MAX];
static volatile unsigned n_logged;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static volatile uint64_t sink;
static volatile int rolling, stopping;
static __thread uint64_t seed = 88172645463325252u;
static pthread_mutex_t counter_lock = PTHREAD_MUTEX_INITIALIZER, world_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t world_goes_on = PTHREAD_COND_INITIALIZER;
static volatile int world_stopped;
static int answers[2], questions[2];
static unsigned n_requests;
static volatile uint64_t hogged;

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
count_request (void)
{
  pthread_mutex_lock (&counter_lock);
  spin (30000);
  pthread_mutex_unlock (&counter_lock);
}

static NOINLINE void
wait_for_collector (void)
{
  pthread_mutex_lock (&world_lock);
  while (world_stopped)
    pthread_cond_wait (&world_goes_on, &world_lock);
  pthread_mutex_unlock (&world_lock);
}

static void *
collector (void *unused)
{
  while (!stopping)
    {
      usleep (40000);
      pthread_mutex_lock (&world_lock);
      world_stopped = 1;
      pthread_mutex_unlock (&world_lock);
      spin (5000000);
      pthread_mutex_lock (&world_lock);
      world_stopped = 0;
      pthread_cond_broadcast (&world_goes_on);
      pthread_mutex_unlock (&world_lock);
    }
  return NULL;
}

static NOINLINE void
read_answer (unsigned i)
{
  char late = i % 40 == 39;

  if (write (questions[1], &late, 1) != 1 || read (answers[0], &late, 1) != 1)
    abort ();
}

static void *
answerer (void *unused)
{
  char late;

  while (read (questions[0], &late, 1) == 1)
    {
      if (late)
        usleep (6000);
      if (write (answers[1], &late, 1) != 1)
        break;
    }
  return NULL;
}

static void *
hog (void *unused)
{
  struct timespec ran;

  while (!stopping)
    {
      usleep (32000);
      spin (8000000);
    }
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &ran);
  hogged = (uint64_t) ran.tv_sec * 1000000000u + (uint64_t) ran.tv_nsec;
  return NULL;
}

static NOINLINE void
handle_request (int mode, unsigned i, int depth)
{
  uint64_t start = now (), work = 100000 + next_random () % 300000;

  parse_request (work / 2);
  if (mode == 'l' && i % 50 == 49)
    wait_for_log ();
  if (mode == 'c')
    count_request ();
  if (mode == 'g' && world_stopped)
    wait_for_collector ();
  if (mode == 'r')
    read_answer (i);
  if (depth > 0)
    handle_request (mode, i, depth - 1);
  answer_request (work / 2);
  {
    uint64_t end = now ();
    unsigned at = __atomic_fetch_add (&n_logged, 1, __ATOMIC_RELAXED);

    if (at < MAX)
      {
        logged[at].start = start;
        logged[at].duration = end - start;
        logged[at].thread = syscall (SYS_gettid);
      }
  }
}

static void *
worker (void *own_seed)
{
  seed ^= (uintptr_t) own_seed;
  for (unsigned i = 0; i < n_requests; i++)
    handle_request ('c', i, 0);
  return NULL;
}

static void *
watch_requests (void *mode)
{
  return *(int *) mode == 'g' ? collector (NULL) : *(int *) mode == 'r' ? answerer (NULL) : *(int *) mode == 's' ? hog (NULL) : logger (NULL);
}

int
main (int argc, char **argv)
{
  int mode = argc > 1 ? argv[1][0] : 'p';
  unsigned n = argc > 2 ? (unsigned) atoi (argv[2]) : 1000;
  pthread_t thread, workers[8];
  cpu_set_t only;

  seed += argc > 3 ? strtoull (argv[3], NULL, 10) * 0x9e3779b97f4a7c15u : 0;
  if (pipe (questions) != 0 || pipe (answers) != 0)
    return 1;
  CPU_ZERO (&only);
  CPU_SET (0, &only);
  if (mode == 's')
    sched_setaffinity (0, sizeof only, &only);
  n_requests = n / 8;
  pthread_create (&thread, NULL, watch_requests, &mode);
  for (uintptr_t i = 0; i < 8 && mode == 'c'; i++)
    pthread_create (&workers[i], NULL, worker, (void *) (i * 7919 + 1));
  for (uintptr_t i = 0; i < 8 && mode == 'c'; i++)
    pthread_join (workers[i], NULL);
  for (unsigned i = 0; i < n && mode != 'c'; i++)
    handle_request (mode, i, mode == 'n' ? (int) (next_random () % 4) : 0);
  stopping = 1;
  close (questions[1]);
  pthread_join (thread, NULL);
  for (unsigned i = 0; i < n_logged && i < MAX; i++)
    printf ("%ld %llu %llu\n", logged[i].thread, (unsigned long long) logged[i].start, (unsigned long long) logged[i].duration);
  if (mode == 's')
    printf ("hog %llu\n", (unsigned long long) hogged);
  return 0;
}
