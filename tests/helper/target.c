/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests of the privileged service record: target spin | calls N | maps | threads | periodic. Says "ready" when it has begun. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <fcntl.h>
#include <unistd.h>

#ifdef __clang__
#define NEVER_INLINE __attribute__ ((noinline))
#else
#define NEVER_INLINE __attribute__ ((noinline, noclone))
#endif

static volatile uint64_t sink;

static uint64_t
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (uint64_t) time.tv_sec * 1000000000 + time.tv_nsec;
}

static NEVER_INLINE void
hot_path (uint64_t until)
{
  while (now () < until)
    for (int i = 0; i < 200; i++)
      sink += i;
}

static NEVER_INLINE void
cold_path (uint64_t until)
{
  while (now () < until)
    for (int i = 0; i < 200; i++)
      sink -= i;
}

/* Not static, so that it is among the symbols under this name. */
void afterglow_probed (int n);

NEVER_INLINE void
afterglow_probed (int n)
{
  sink += n;
  __asm__ volatile ("" ::: "memory");
}

static void *
spin (void *data)
{
  for (;;)
    hot_path (UINT64_MAX);
  return data;
}

/* Each 10 ms: 3 ms of hot_path(), 7 ms of cold_path(), from a phase that is another one each time it is started. */
static void
periodic (void)
{
  uint64_t begin = now ();

  for (;; begin += 10000000)
    {
      hot_path (begin + 3000000);
      cold_path (begin + 10000000);
    }
}

/* A thread and a process each 50 ms, which work for 30 ms. */
static void *
short_work (void *data)
{
  hot_path (now () + 30000000);
  return data;
}

int
main (int argc, char **argv)
{
  const char *mode = argc > 1 ? argv[1] : "spin";

  printf ("ready\n");
  fflush (stdout);
  if (strcmp (mode, "spin") == 0)
    spin (NULL);
  else if (strcmp (mode, "periodic") == 0)
    periodic ();
  else if (strcmp (mode, "calls") == 0)
    {
      getchar ();
      for (int i = 0; i < atoi (argv[2]); i++)
        {
          afterglow_probed (i);
          usleep (100);
        }
      printf ("done\n");
      fflush (stdout);
      getchar ();
    }
  else if (strcmp (mode, "maps") == 0)
    for (int i = 0;; i++)
      {
        int file = open (argv[0], O_RDONLY);

        mmap (NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, file, 0);
        close (file);
        hot_path (now () + 50000000);
      }
  else if (strcmp (mode, "threads") == 0)
    for (;;)
      {
        pthread_t thread;

        pthread_create (&thread, NULL, short_work, NULL);
        if (fork () == 0)
          {
            short_work (NULL);
            _exit (0);
          }
        pthread_join (thread, NULL);
        wait (NULL);
        usleep (20000);
      }
  return 0;
}
