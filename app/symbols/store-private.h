/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that lie inside another: the members of an archive, found by path like files on disk, and never written there. Whoever looks for files of
 * modules goes through glow_file_exists(), glow_file_get_contents() and glow_elf_open(), which know both. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _GlowStore GlowStore;

/* @path: of the archive; @bytes: it, not compressed; @fd: a file that holds just these, taken, or −1. Its members are then found below glow_store_get_root(), until it is freed. */
GlowStore  *glow_store_new      (const char *path, GBytes *bytes, int fd);
/* The same for an archive that is opened when a member is first looked for, if it is then as it was: @open fills it. */
typedef void (*GlowStoreOpen) (GlowStore *self);
GlowStore  *glow_store_new_later (const char *path, GlowStoreOpen open);
/* For that: @fd as above. */
void        glow_store_fill     (GlowStore *self, GBytes *bytes, int fd);
void        glow_store_free     (GlowStore *self);
/* Of the archive. */
const char *glow_store_get_path (GlowStore *self);
const char *glow_store_get_root (GlowStore *self);
/* A @name that is there already is replaced, as when an archive is unpacked. */
void        glow_store_add      (GlowStore *self, const char *name, gsize offset, gsize n);
void        glow_store_add_link (GlowStore *self, const char *name, const char *target);
/* (transfer none) (nullable): a member, links followed. */
GBytes     *glow_store_get      (GlowStore *self, const char *name);

/* The member that @path stands for in any store. (transfer full) (nullable) */
GBytes     *glow_store_find     (const char *path);
/* The member that @path stands for, in memory of its own that may be written to, as libelf does: pages are copied when they are. (nullable) */
char       *glow_store_map      (const char *path, gsize *n);
void        glow_store_unmap    (char *bytes, gsize n);
/* A regular file, on disk or in a store. */
gboolean    glow_file_exists    (const char *path);
gboolean    glow_file_get_contents (const char *path, char **contents, gsize *n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowStore, glow_store_free)

G_END_DECLS
