/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the caller hands over to be written to. perf opens it anew through /proc/self/fd, as the caller: a descriptor never gives more than its owner could
 * open. What is checked here cannot be changed by swapping names, since there are none. */
#include "helper/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define LEAST_FREE (G_GUINT64_CONSTANT (256) << 20)     /* bytes */
#define LEAST_SHARE 20                                  /* one in twenty of the disk */
#define FUSE_MAGIC 0x65735546

#define refuse(error, ...) (g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, __VA_ARGS__), FALSE)

gboolean
helper_fd_may_wait (int fd)
{
  struct statfs about;

  return fstatfs (fd, &about) != 0 || about.f_type == FUSE_MAGIC;
}

static gboolean
is_too_full (int fd, gboolean *is_full)
{
  struct statvfs about;
  guint64 least;

  /* A file system without a size, such as that of memfds, has no floor either. */
  if (fstatvfs (fd, &about) != 0 || about.f_blocks == 0)
    return FALSE;
  least = MAX (LEAST_FREE, (guint64) about.f_blocks * about.f_frsize / LEAST_SHARE);
  *is_full = (guint64) about.f_bavail * about.f_frsize < least;
  return TRUE;
}

gboolean
helper_output_check (int fd, uid_t uid, HelperOutput *output, GError **error)
{
  int flags = fcntl (fd, F_GETFL);
  gboolean is_full = FALSE;
  struct statx about;

  if (flags < 0 || (flags & O_PATH) != 0 || (flags & O_ACCMODE) == O_RDONLY)
    return refuse (error, "The output is not open for writing");
  /* Without asking file systems over a network or in a program, which may not answer. */
  if (statx (fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &about) != 0)
    return refuse (error, "The output cannot be looked at: %s", g_strerror (errno));
  output->fd = fd;
  output->device = makedev (about.stx_dev_major, about.stx_dev_minor);
  output->inode = about.stx_ino;
  output->is_pipe = S_ISFIFO (about.stx_mode);
  if (output->is_pipe)
    return TRUE;
  if (!S_ISREG (about.stx_mode))
    return refuse (error, "The output is neither a regular file nor a pipe");
  if (about.stx_uid != uid)
    return refuse (error, "The output belongs to the user %u; it has to be of the user %u, who asks", about.stx_uid, uid);
  if (about.stx_size != 0)
    return refuse (error, "The output holds %" G_GUINT64_FORMAT " bytes; an empty file is expected", (guint64) about.stx_size);
  if (helper_fd_may_wait (fd))
    return refuse (error, "The output is on a file system that a program runs (FUSE); a pipe can be handed over instead");
  if (!is_too_full (fd, &is_full))
    return refuse (error, "The output is on a file system without a size; nothing would keep it from filling the memory");
  if (is_full)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "The output's disk is too full: %u MiB and one in %u of it stay free",
                   (guint) (LEAST_FREE >> 20), LEAST_SHARE);
      return FALSE;
    }
  return TRUE;
}

void
helper_output_measure (const HelperOutput *output, guint64 *bytes, gboolean *is_full)
{
  struct stat about;

  if (output->is_pipe)
    return;
  if (fstat (output->fd, &about) == 0)
    *bytes += about.st_size;
  is_too_full (output->fd, is_full);
}
