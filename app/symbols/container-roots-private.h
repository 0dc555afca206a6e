/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/profile.h>

G_BEGIN_DECLS

/* Adds to @places where the file @path of a module lies that a container sees: under the root of a process that still runs (root_pid). Without a
 * build-id to compare, that is the only one that is certain: then it comes first, and what lies at @path on this machine is another file. */
void     glow_container_add_root   (GPtrArray *places, const GlowModule *module, const char *path);
/* The file systems that container tools keep, below @base: all of their folders are looked through. */
void     glow_container_add_stored (GPtrArray *places, const char *base, const char *path);
/* The same on this machine, for a module that was not in any of @places: once, and only where a build-id tells the right file. TRUE where there are more. */
gboolean glow_container_add_more   (GPtrArray *places, gboolean *looked, const GlowModule *module, const char *path);

G_END_DECLS
