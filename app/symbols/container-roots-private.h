/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/profile.h>

G_BEGIN_DECLS

/* Adds to @places where the file @path of a module may lie that a container sees: under the root of a process that still runs (root_pid), and in
 * the file systems that container tools keep. Without a build-id to compare, the process's own root is the only one that is certain: then
 * it comes first, and what lies at @path on this machine is another file. */
void  glow_container_add_places (GPtrArray *places, const GlowModule *module, const char *path);
/* The same with @base in the place of "/". */
void  glow_container_add_stored (GPtrArray *places, const char *base, const char *path);

G_END_DECLS
