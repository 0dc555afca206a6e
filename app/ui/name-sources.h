/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/afterglow.h>

G_BEGIN_DECLS

/* Where the names of a document are looked for: what --sysroot, --symfs, --debug-dir, --kallsyms and --vmlinux say. Their own copies. */
typedef struct {
  char *sysroot, *symfs, *kallsyms, *vmlinux;
  GPtrArray *debug_dirs;       /* of char *, NULL-terminated */
} GlowNameSources;

GlowNameSources *glow_name_sources_new  (void);
GlowNameSources *glow_name_sources_copy (const GlowNameSources *self);
void             glow_name_sources_free (GlowNameSources *self);
void             glow_name_sources_add_debug_dir (GlowNameSources *self, const char *folder);
/* Sets what the option of that name would: "sysroot", "symfs", "kallsyms", "vmlinux", "debug-dir" (one more). */
void             glow_name_sources_set  (GlowNameSources *self, const char *word, const char *path);
/* Good as long as @self is not changed. */
GlowLoadOptions  glow_name_sources_get_options (const GlowNameSources *self);
/* The words of the command for it, each with a space before; "" for none. (transfer full) */
char            *glow_name_sources_dup_words (const GlowNameSources *self);

G_END_DECLS
