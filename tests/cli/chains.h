/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a program of known stacks says where it is: an entry in a file that is mapped by all, of the clock's time from which on and up to which its
 * thread's stack began with a chain. Both times are read while the chain stands, so that what a sampler sees between them has it for certain. */
#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __clang__
#define KEEP __attribute__ ((noinline))
#else
#define KEEP __attribute__ ((noinline, noclone))
#endif

typedef struct {
  uint64_t begin, end;         /* CLOCK_MONOTONIC, ns; an end of 0: it never came */
  uint32_t thread, reserved;
  char chain[16];
} ChainEntry;

#ifdef WITHOUT_LOG
/* For tests that want a leaf which calls nothing. */
static inline ChainEntry *chain_begin (const char *chain) { return (void) chain, (ChainEntry *) 0; }
static inline void        chain_end   (ChainEntry *entry) { (void) entry; }
#else
/* @chain is a name that the test knows the functions of. The clock is read last. */
ChainEntry   *chain_begin (const char *chain);
/* The clock is read first. */
void          chain_end   (ChainEntry *entry);
#endif
/* Time spent at the end of a chain. */
unsigned long burn        (const char *chain, unsigned long n);

/* What C cannot do, where it was linked in (chains-cxx.cc). */
__attribute__ ((weak)) unsigned long throw_step (unsigned long n);
__attribute__ ((weak)) unsigned long resume_step (unsigned long n);
__attribute__ ((weak)) unsigned long sort_step (unsigned long n);

#ifdef __cplusplus
}
#endif
