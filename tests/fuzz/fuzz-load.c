/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes through the whole of loading: recognition, decompression, reading, call tree. */
#include <afterglow/afterglow.h>

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const GlowLoadOptions options = { .no_symbols = TRUE, .n_threads = 1 };
  g_autoptr(GlowProfile) profile = NULL;
  int fd = memfd_create ("input", MFD_CLOEXEC);

  if (fd < 0)
    return 0;
  if (write (fd, data, size) == (gssize) size && lseek (fd, 0, SEEK_SET) == 0)
    profile = glow_profile_load_fd (fd, "input", &options, NULL, NULL);
  if (profile != NULL)
    {
      g_autoptr(GlowQuery) query = glow_query_new ();
      g_autoptr(GlowCallTree) tree = glow_call_tree_compute (profile, query, NULL, NULL);
    }
  close (fd);
  return 0;
}
