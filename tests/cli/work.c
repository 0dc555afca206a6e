/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Something to record: work MODE, with threads, forks, one thread that computes for some seconds, or one that computes and now and then sleeps. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile double sink;

__attribute__ ((noinline)) static void
inner (int n)
{
  for (int i = 0; i < n; i++)
    sink += i * 1.5;
}

__attribute__ ((noinline)) static void
outer (int n)
{
  inner (n);
  inner (n / 2);
}

static void *
spin (void *data)
{
  struct timespec pause = { 0, 1000000 };

  for (int i = 0; i < 60; i++)
    {
      outer (400000);
      nanosleep (&pause, NULL);
    }
  return data;
}

int
main (int argc, char **argv)
{
  pthread_t threads[3];

  if (argc > 1 && strcmp (argv[1], "threads") == 0)
    {
      for (int i = 0; i < 3; i++)
        pthread_create (&threads[i], NULL, spin, NULL);
      for (int i = 0; i < 3; i++)
        pthread_join (threads[i], NULL);
    }
  else if (argc > 1 && strcmp (argv[1], "forks") == 0)
    for (int i = 0; i < 60; i++)
      {
        if (fork () == 0)
          {
            outer (200000);
            execl ("/bin/true", "true", NULL);
            _exit (1);
          }
        wait (NULL);
      }
  else if (argc > 2 && strcmp (argv[1], "for") == 0)
    for (time_t end = time (NULL) + atoi (argv[2]); time (NULL) < end;)
      outer (100000);
  else
    spin (NULL);
  return 0;
}
