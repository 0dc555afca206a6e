/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the service starts of itself has no environment, and no right to trace itself, which a search for leaks needs. */
const char *__asan_default_options (void);
const char *__ubsan_default_options (void);

const char *
__asan_default_options (void)
{
  return "detect_leaks=0";
}

const char *
__ubsan_default_options (void)
{
  return "print_stacktrace=1";
}
