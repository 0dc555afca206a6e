/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A library that is loaded and unloaded by chains.c. Built twice, with WORK as the name of its function, and a name of its own for its chain. */
#include "chains.h"

#define TEXT(name) #name
#define NAME_OF(name) TEXT (name)

KEEP unsigned long
WORK (unsigned long (*spend) (const char *, unsigned long), unsigned long n)
{
  return spend (NAME_OF (WORK), n) + n;
}

unsigned long
library_work (unsigned long (*spend) (const char *, unsigned long), unsigned long n)
{
  return WORK (spend, n) + 1;
}
