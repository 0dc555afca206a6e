/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/error.h>
#include <afterglow/profile.h>

G_BEGIN_DECLS

typedef enum { GLOW_STAGE_READING, GLOW_STAGE_SORTING, GLOW_STAGE_SYMBOLISING, GLOW_STAGE_FETCHING, GLOW_STAGE_DONE } GlowStage;
const char *glow_stage_get_label (GlowStage stage);

typedef struct {
  GlowStage stage;
  double fraction;             /* in [0, 1]; < 0 where the end is not known (a pipe) */
  guint64 bytes, bytes_total;  /* 0 where not known */
  guint64 samples;
  const char *detail;          /* (nullable): the module being read, … */
} GlowProgress;
/* Called from worker threads, at most some ten times a second. */
typedef void (*GlowProgressFunc) (const GlowProgress *progress, gpointer user_data);
/* Called once from a worker as soon as stacks are known, before names. The profile is complete but for its names. */
typedef void (*GlowPartialFunc) (GlowProfile *profile, gpointer user_data);

/* Whether a file that was opened before need not be read again. */
typedef enum {
  GLOW_CACHE_NONE,
  GLOW_CACHE_WORTHWHILE,       /* what takes long is kept; what is read fast is read */
  GLOW_CACHE_ALWAYS            /* for tests */
} GlowCacheUse;

typedef struct {
  GlowProgressFunc progress;   /* (nullable) */
  GlowPartialFunc partial;     /* (nullable) */
  gpointer user_data;
  gboolean no_symbols;         /* leave every address unnamed */
  gboolean keep_addresses;     /* one location for each address of each process: for comparing what was read; costs time and memory with the number of processes */
  gboolean as_recorded;        /* do not put back callers that frame pointers missed: mark them as missing */
  const char *kallsyms;        /* (nullable): a kallsyms file to take for the kernel */
  const char *vmlinux;         /* (nullable) */
  const char *symfs;           /* (nullable): a root to look binaries up under, and nowhere else by path */
  const char *sysroot;         /* (nullable): a copy of the recorded machine: binaries, their debug files, kernel images, maps */
  const char *const *debug_dirs;   /* (nullable): NULL-terminated; in addition to /usr/lib/debug and ~/.debug: debug files, or files by build-id */
  guint n_threads;             /* 0: as many as there are processors */
  GlowCacheUse cache;          /* of single files; see cache.h */
} GlowLoadOptions;

/* Recognises by content, never by name. "-" is standard input. @options may be NULL. Blocks: call it in a worker.
 * Damage is in the profile's warnings as long as anything could be read. */
GlowProfile *glow_profile_load_path  (const char *path, const GlowLoadOptions *options, GCancellable *cancellable, GError **error);
/* Several files as one profile. */
GlowProfile *glow_profile_load_paths (const char *const *paths, const GlowLoadOptions *options, GCancellable *cancellable, GError **error);
GlowProfile *glow_profile_load_fd    (int fd, const char *name, const GlowLoadOptions *options, GCancellable *cancellable, GError **error);

/* Names looked for once more, as after files of modules have come; the recording is not read again. (transfer full) */
GlowProfile *glow_profile_name_again (GlowProfile *profile, const GlowLoadOptions *options, GCancellable *cancellable, GError **error);

/* A file that is read while it is written: one in the making, or appended to. */
typedef struct _GlowGrowth GlowGrowth;
typedef enum {
  GLOW_GROWTH_NONE,            /* nothing new that could be read */
  GLOW_GROWTH_MORE,
  GLOW_GROWTH_REPLACED,        /* another file, or another content: to be loaded from its start */
} GlowGrowthState;
GlowProfile    *glow_profile_load_growing (const char *path, const GlowLoadOptions *options, GlowGrowth **growth, GCancellable *cancellable,
                                           GError **error);
GlowGrowthState glow_growth_check    (GlowGrowth *self);
GlowProfile    *glow_growth_read     (GlowGrowth *self, const GlowLoadOptions *options, GCancellable *cancellable, GError **error);
void            glow_growth_free     (GlowGrowth *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowGrowth, glow_growth_free)

/* The parts of a recording that lie beside @path (perf record --switch-output). (transfer full) (nullable) */
char          **glow_load_dup_parts  (const char *path);

/* The folder of perf record --threads that @path is, or whose header it is. (transfer full) (nullable) */
char           *glow_load_dup_folder (const char *path);

/* The formats that are read here: for file dialogs and help. NULL-terminated table. */
typedef struct { const char *id, *label, *mime_type; } GlowFormatInfo;
const GlowFormatInfo *glow_formats_list (guint *n);

G_END_DECLS
