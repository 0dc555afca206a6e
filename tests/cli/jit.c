/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A just-in-time compiler of three functions: jit FOLDER SECONDS. It writes a jitdump beside, and puts the second function where the first one was. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static FILE *dump;

static uint64_t
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

/* mov rcx, 200000; loop: dec rcx; jnz loop; ret */
static const unsigned char code[] = { 0x48, 0xc7, 0xc1, 0x40, 0x0d, 0x03, 0x00, 0x48, 0xff, 0xc9, 0x75, 0xfb, 0xc3 };

static void
load (unsigned char *place, const char *name, uint64_t index)
{
  struct { uint32_t id, size; uint64_t time; uint32_t pid, tid; uint64_t vma, address, code_size, index; } record = { 0 };

  memcpy (place, code, sizeof code);
  record.size = sizeof record + strlen (name) + 1 + sizeof code;
  record.time = now ();
  record.pid = record.tid = getpid ();
  record.vma = record.address = (uint64_t) (uintptr_t) place;
  record.code_size = sizeof code;
  record.index = index;
  fwrite (&record, sizeof record, 1, dump);
  fwrite (name, strlen (name) + 1, 1, dump);
  fwrite (code, sizeof code, 1, dump);
  fflush (dump);
}

static void
run (unsigned char *place, double seconds)
{
  uint64_t end = now () + (uint64_t) (seconds * 1e9);
  void (*function) (void) = (void (*) (void)) (uintptr_t) place;

  while (now () < end)
    function ();
}

int
main (int argc, char **argv)
{
  struct { uint32_t magic, version, size, machine, pad, pid; uint64_t time, flags; } header = { 0x4A695444, 1, 40, 62, 0, getpid (), now (), 0 };
  double seconds = argc > 2 ? atof (argv[2]) : 0.2;
  unsigned char *memory = mmap (NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char path[4096];

  snprintf (path, sizeof path, "%s/jit-%d.dump", argc > 1 ? argv[1] : "/tmp", getpid ());
  dump = fopen (path, "w+");
  if (dump == NULL || memory == MAP_FAILED)
    return 1;
  fwrite (&header, sizeof header, 1, dump);
  fflush (dump);
  /* That is how perf learns of the file. */
  if (mmap (NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno (dump), 0) == MAP_FAILED)
    return 1;
  load (memory, "jit_first", 0);
  load (memory + 4096, "Lorg/example/Loop;run(I)V", 1);
  run (memory, seconds);
  run (memory + 4096, seconds);
  load (memory, "jit_second", 2);
  run (memory, seconds);
  return 0;
}
