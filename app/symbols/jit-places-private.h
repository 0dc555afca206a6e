/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "symbols/symbol-table-private.h"

#include <afterglow/load.h>

G_BEGIN_DECLS

/* Where a path of a process in another mount namespace is seen from here: below /proc/PID/root of the process itself or of another in that namespace.
 * @mount_namespace: inode of it, 0 where not known. (nullable) (transfer full): a folder; NULL where no such process lives, or it is our own namespace. */
char *glow_jit_dup_process_root (guint32 pid, guint64 mount_namespace);
/* Its number in its own pid namespace; @pid itself where it is not known. */
guint32 glow_jit_inner_pid       (guint32 pid);

/* The perf-PID.map of a module that knows the most of @addresses. (nullable) (transfer full). @file: (out): where it is; @guessed: (out): its name does
 * not say that it is of this process, its addresses do. */
GlowSymbolTable *glow_jit_find_map (const GlowModule *module, const char *const *recordings, const GlowLoadOptions *options, const guint64 *addresses,
                                    guint n_addresses, char **file, gboolean *guessed);
/* (transfer full) (element-type utf8): where a dump that was mapped as @path may lie, the surest first. */
GPtrArray       *glow_jit_dup_dump_places (const char *path, guint32 pid, guint64 mount_namespace, const char *recording,
                                           const GlowLoadOptions *options);

G_END_DECLS
