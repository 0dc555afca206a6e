/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a kernel would record of a program, taken by itself: linked into one, it writes registers and stack of each tick to the file GLOW_SAMPLES, in
 * perf's order of registers, and at the end its memory map to GLOW_SAMPLES.maps. For processors that this machine has none of, under qemu-user. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#define STACK 16384
#define MOST 400

static int file = -1;
static int taken;
static uintptr_t top;

static void
on_tick (int number, siginfo_t *info, void *data)
{
  const ucontext_t *context = data;
  uint64_t registers[40] = { 0 }, sp, n;
  unsigned count;

  if (file < 0 || taken++ >= MOST)
    return;
#if defined __aarch64__
  for (count = 0; count < 31; count++)
    registers[count] = context->uc_mcontext.regs[count];
  registers[count++] = sp = context->uc_mcontext.sp;
  registers[count++] = context->uc_mcontext.pc;
#elif defined __arm__
  const unsigned long *first = &context->uc_mcontext.arm_r0;

  for (count = 0; count < 16; count++)
    registers[count] = first[count];
  sp = registers[13];
#else
#error "sampler.c does not know this processor's registers"
#endif
  n = top - sp < STACK ? top - sp : STACK;
  /* A record: how many registers, they, how many bytes of stack, they. */
  uint64_t head = count;

  if (write (file, &head, 8) != 8 || write (file, registers, 8 * count) != (ssize_t) (8 * count) || write (file, &n, 8) != 8
      || write (file, (void *) (uintptr_t) sp, n) != (ssize_t) n)
    _exit (3);
  (void) number;
  (void) info;
}

static void
write_maps (void)
{
  char path[4096], buffer[65536];
  int from = open ("/proc/self/maps", O_RDONLY), to;
  ssize_t n;

  snprintf (path, sizeof path, "%s.maps", getenv ("GLOW_SAMPLES"));
  to = open (path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  while ((n = read (from, buffer, sizeof buffer)) > 0)
    if (write (to, buffer, n) != n)
      _exit (3);
}

__attribute__ ((constructor)) static void
start (void)
{
  struct sigaction action = { .sa_sigaction = on_tick, .sa_flags = SA_SIGINFO | SA_RESTART };
  struct itimerval every = { { 0, 5000 }, { 0, 5000 } };
  char line[512];
  FILE *maps = fopen ("/proc/self/maps", "r");

  if (getenv ("GLOW_SAMPLES") == NULL || maps == NULL)
    return;
  while (fgets (line, sizeof line, maps) != NULL)
    {
      unsigned long long from, to;

      if (sscanf (line, "%llx-%llx", &from, &to) == 2 && (uintptr_t) line >= from && (uintptr_t) line < to)
        top = to;
    }
  fclose (maps);
  file = open (getenv ("GLOW_SAMPLES"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  atexit (write_maps);
  sigaction (SIGALRM, &action, NULL);
  setitimer (ITIMER_REAL, &every, NULL);
}
