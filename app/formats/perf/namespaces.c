/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which mount namespace a process was in: what its just-in-time compiler wrote is seen from there. */
#include <config.h>

#include "formats/perf/perf-private.h"

/* Index of the mount namespace among those of a record; include/uapi/linux/perf_event.h of Linux. */
#define MOUNT_NAMESPACE 5

/**
 * perf_namespaces_read:
 * @body: the bytes behind the header: pid, tid, a count, then a device and an inode for each kind
 *
 * A later record of a process takes the place of an earlier one: its files are looked for where it was last.
 */
void
perf_namespaces_read (PerfReader *self, const guint8 *body, gsize size)
{
  GlowCursor cursor = glow_cursor (body, size, self->swap);
  gint32 pid = glow_cursor_u32 (&cursor);
  guint64 n, inode;

  glow_cursor_take (&cursor, 4);
  n = glow_cursor_u64 (&cursor);
  if (n <= MOUNT_NAMESPACE)
    return;
  glow_cursor_take (&cursor, MOUNT_NAMESPACE * 16 + 8);
  inode = glow_cursor_u64 (&cursor);
  if (!cursor.failed && inode != 0)
    g_hash_table_insert (self->namespaces, GINT_TO_POINTER (pid), g_memdup2 (&inode, sizeof inode));
}

/**
 * perf_mount_namespace:
 *
 * Returns: its inode; 0 where the recording does not say
 */
guint64
perf_mount_namespace (const PerfReader *self, gint32 pid)
{
  const guint64 *inode = g_hash_table_lookup (self->namespaces, GINT_TO_POINTER (pid));

  return inode != NULL ? *inode : 0;
}
