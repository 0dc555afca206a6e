/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A just-in-time compiler whose code has a frame that only its own call frame information describes: jit-frames FOLDER SECONDS. The code is x86-64's. It
 * runs where it was written, and then where it was moved to. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define KEEP __attribute__ ((noinline, noclone))

static FILE *dump;
static volatile unsigned long sink;

static uint64_t
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

KEEP void callee_step (void);

void
callee_step (void)
{
  unsigned long n = sink;

  for (int i = 0; i < 20000; i++)
    n = n * 6364136223846793005ul ^ n >> 7;
  sink = n;
}

/* sub rsp, 104; call rdi; add rsp, 104; ret */
static const unsigned char code[] = { 0x48, 0x83, 0xec, 0x68, 0xff, 0xd7, 0x48, 0x83, 0xc4, 0x68, 0xc3 };

/* .eh_frame, 76 bytes: a common entry, one for the code with its start counted from here, an end; then the header that perf wants, 20 bytes. */
static unsigned
write_table (unsigned char *out)
{
  static const unsigned char common[] = { 20, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78, 16, 1, 0x1b, 0x0c, 7, 8, 0x90, 1, 0, 0 };
  /* after 4 bytes the frame is 112 long, after 6 more 8 again */
  static const unsigned char own[] = { 0, 0x44, 0x0e, 112, 0x46, 0x0e, 8 };
  int32_t start;
  uint32_t length = 44, back = 28, size = sizeof code;

  memset (out, 0, 96);
  memcpy (out, common, sizeof common);
  memcpy (out + 24, &length, 4);
  memcpy (out + 28, &back, 4);
  /* The table stands behind the code, rounded up to 8 bytes; this field is 32 bytes into it. */
  start = -(int32_t) (((sizeof code + 7) & ~7u) + 32);
  memcpy (out + 32, &start, 4);
  memcpy (out + 36, &size, 4);
  memcpy (out + 40, own, sizeof own);
  return 96;
}

static void
load (unsigned char *place, const char *name)
{
  struct { uint32_t id, size; uint64_t time; uint32_t pid, tid; uint64_t vma, address, code_size, index; } record = { 0 };
  struct { uint32_t id, size; uint64_t time, table_size, header_size, mapped; } unwinding = { 4, 0, now (), 0, 20, 0 };
  unsigned char table[128];

  memcpy (place, code, sizeof code);
  unwinding.table_size = write_table (table);
  unwinding.size = sizeof unwinding + unwinding.table_size;
  fwrite (&unwinding, sizeof unwinding, 1, dump);
  fwrite (table, unwinding.table_size, 1, dump);
  record.size = sizeof record + strlen (name) + 1 + sizeof code;
  record.time = now ();
  record.pid = record.tid = getpid ();
  record.vma = record.address = (uint64_t) (uintptr_t) place;
  record.code_size = sizeof code;
  fwrite (&record, sizeof record, 1, dump);
  fwrite (name, strlen (name) + 1, 1, dump);
  fwrite (code, sizeof code, 1, dump);
  fflush (dump);
}

static void
move (const unsigned char *from, unsigned char *to)
{
  struct { uint32_t id, size; uint64_t time; uint32_t pid, tid; uint64_t vma, old, new, code_size, index; } record = { 1, sizeof record, now (), 0, 0, 0, 0, 0, sizeof code, 0 };

  memcpy (to, from, sizeof code);
  record.pid = record.tid = getpid ();
  record.old = (uint64_t) (uintptr_t) from;
  record.vma = record.new = (uint64_t) (uintptr_t) to;
  fwrite (&record, sizeof record, 1, dump);
  fflush (dump);
}

typedef void (*Code) (void (*) (void));

KEEP static void run_code (Code function) { function (callee_step); sink++; }
KEEP static void run_moved (Code function) { function (callee_step); sink += 2; }

int
main (int argc, char **argv)
{
  struct { uint32_t magic, version, size, machine, pad, pid; uint64_t time, flags; } header = { 0x4A695444, 1, 40, 62, 0, getpid (), now (), 0 };
  uint64_t part = (uint64_t) ((argc > 2 ? atof (argv[2]) : 0.2) * 0.5e9), end;
  unsigned char *memory = mmap (NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char path[4096];

  snprintf (path, sizeof path, "%s/jit-%d.dump", argc > 1 ? argv[1] : "/tmp", getpid ());
  dump = fopen (path, "w+");
  if (dump == NULL || memory == MAP_FAILED)
    return 1;
  fwrite (&header, sizeof header, 1, dump);
  fflush (dump);
  if (mmap (NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno (dump), 0) == MAP_FAILED)
    return 1;
  load (memory, "jit_frame");
  for (end = now () + part; now () < end;)
    run_code ((Code) (uintptr_t) memory);
  move (memory, memory + 4096);
  for (end = now () + part; now () < end;)
    run_moved ((Code) (uintptr_t) (memory + 4096));
  return sink == 42;
}
