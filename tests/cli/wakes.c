/* SPDX-License-Identifier: GPL-3.0-or-later */
/* wakes ROUNDS: two threads, of which one asks the other and waits for the answer; each prints at the end how long it ran by its own clock. */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static sem_t ask, answer;
static volatile unsigned long sink;
static int rounds, stop;

static double
clock_of (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static void
spin (double seconds)
{
  double end = clock_of (CLOCK_THREAD_CPUTIME_ID) + seconds;

  while (clock_of (CLOCK_THREAD_CPUTIME_ID) < end)
    for (int i = 0; i < 1000; i++)
      sink += i;
}

__attribute__ ((noinline)) static void
serve_request (void)
{
  spin (0.002);
  sink++;
}

__attribute__ ((noinline)) static void
hand_over (sem_t *to)
{
  sem_post (to);
  sink++;
}

static void *
server (void *unused)
{
  pthread_setname_np (pthread_self (), "server");
  for (sem_wait (&ask); !stop; sem_wait (&ask))
    {
      serve_request ();
      hand_over (&answer);
    }
  printf ("server %ld %.6f\n", (long) gettid (), clock_of (CLOCK_THREAD_CPUTIME_ID));
  return NULL;
}

int
main (int argc, char **argv)
{
  pthread_t thread;

  rounds = argc > 1 ? atoi (argv[1]) : 100;
  sem_init (&ask, 0, 0);
  sem_init (&answer, 0, 0);
  pthread_create (&thread, NULL, server, NULL);
  pthread_setname_np (pthread_self (), "client");
  for (int i = 0; i < rounds; i++)
    {
      spin (0.0005);
      hand_over (&ask);
      sem_wait (&answer);
      usleep (1000);
    }
  stop = 1;
  sem_post (&ask);
  pthread_join (thread, NULL);
  printf ("client %ld %.6f\n", (long) gettid (), clock_of (CLOCK_THREAD_CPUTIME_ID));
  return 0;
}
