/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of system calls. Their numbers differ between architectures: those of the one that this was built on are known. */
#include <config.h>

#include <afterglow/spans.h>

#include "syscall-names.h"

#include <string.h>
#include <sys/utsname.h>

const char *
glow_syscall_get_name (GlowProfile *profile, guint64 number)
{
  const char *arch = glow_profile_get_info (profile)->arch;
  struct utsname own;
  guint lower = 0, upper = G_N_ELEMENTS (syscall_names);

  if (arch == NULL || uname (&own) != 0 || strcmp (arch, own.machine) != 0)
    return NULL;
  while (lower < upper)
    {
      guint middle = (lower + upper) / 2;

      if (syscall_names[middle].number < number)
        lower = middle + 1;
      else
        upper = middle;
    }
  return lower < G_N_ELEMENTS (syscall_names) && syscall_names[lower].number == number ? syscall_names[lower].name : NULL;
}
