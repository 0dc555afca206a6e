/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Files that a load looked at or for, besides the recording: what comes of the load holds as long as they are as they were. Thread-safe; while
 * several loads run, each is told of the others' files too. */
typedef struct _GlowDependencies GlowDependencies;

/* @own: (nullable): the recording, which is known by its bytes. */
GlowDependencies *glow_dependencies_begin (const char *own);
/* Stops listening. */
void              glow_dependencies_end   (GlowDependencies *self);
void              glow_dependencies_free  (GlowDependencies *self);

/* A file or folder is about to be looked at, whether it is there or not. */
void              glow_dependencies_saw     (const char *path);
/* Something was used that cannot be looked at again. */
void              glow_dependencies_unknown (void);

/* What a file was like: enough to know that it was not written to, replaced, made or removed since. */
typedef struct {
  guint64 exists, size, mtime, ctime, inode, device;   /* times in ns; /proc/kallsyms stands for the running kernel and its modules, by their hash */
} GlowFileState;
void              glow_file_state_read (GlowFileState *self, const char *path);

gboolean          glow_dependencies_are_known (GlowDependencies *self);
/* Calls back for each file with its state when it was first looked at. */
typedef void (*GlowDependencyFunc) (const char *path, const GlowFileState *state, gpointer data);
void              glow_dependencies_foreach (GlowDependencies *self, GlowDependencyFunc func, gpointer data);
guint             glow_dependencies_get_n (GlowDependencies *self);

G_END_DECLS
