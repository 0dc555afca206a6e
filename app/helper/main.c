/* SPDX-License-Identifier: GPL-3.0-or-later */
/* afterglow-helper: the privileged service, and what it starts of itself with less: "sample", which records with random gaps (also for anybody by hand),
 * and "symbols", which writes what the kernel's functions are called. */
#include "helper/helper.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The other end of the standard output may be slow: whoever started this ends it if it is too slow. */
static gboolean
copy_file (const char *path)
{
  g_autofree char *buffer = g_malloc (65536);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gssize n = -1;

  while (fd >= 0 && (n = read (fd, buffer, 65536)) > 0)
    for (gssize at = 0, written; at < n; at += written)
      if ((written = write (STDOUT_FILENO, buffer + at, n - at)) < 0)
        return FALSE;
  return n == 0;
}

int
helper_symbols_main (void)
{
  static const char head[] = "# modules\n";

  /* A kernel may know no modules. */
  if (copy_file ("/proc/kallsyms") && write (STDOUT_FILENO, head, strlen (head)) == (gssize) strlen (head)
      && (access ("/proc/modules", F_OK) != 0 || copy_file ("/proc/modules")))
    return 0;
  perror ("The kernel's symbols cannot be written");
  return 1;
}

int
main (int argc, char **argv)
{
  if (argc > 1 && strcmp (argv[1], "sample") == 0)
    return helper_sample_main (argc - 1, argv + 1);
  if (argc == 2 && strcmp (argv[1], "symbols") == 0)
    return helper_symbols_main ();
  if (argc != 1)
    {
      fprintf (stderr, "afterglow-helper is started by the system's bus; “afterglow-helper sample --help” says what else it does.\n");
      return 2;
    }
  signal (SIGPIPE, SIG_IGN);
  return helper_service_main ();
}
