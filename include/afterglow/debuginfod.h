/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/call-tree.h>
#include <afterglow/load.h>

G_BEGIN_DECLS

/* Files of modules from debuginfod servers, asked for by build-id. Nothing here asks a server unless glow_fetch_module() is called: whether somebody
 * agreed to that is the caller's to know. What comes is kept in the cache that all clients of debuginfod share, where names are looked for anyway. */

/* Whether this build can ask servers. */
gboolean    glow_debuginfod_is_supported (void);
/* NULL-terminated, of DEBUGINFOD_URLS; none where it is not set. (transfer full) */
char      **glow_debuginfod_dup_servers  (void);
/* Sets DEBUGINFOD_URLS where it is not set: from @servers (nullable, words apart by spaces), else from the system's /etc/debuginfod. Changes
 * the environment: while the program starts. */
void        glow_debuginfod_find_servers (const char *servers);

/* A module whose names are not all there and that a server can be asked for. */
typedef struct {
  guint32 module;              /* of the profile */
  guint64 unnamed;             /* weight of the tree that passes through code of it without a name */
  guint64 total;               /* weight of the tree that passes through any code of it */
  double unnamed_share, total_share;   /* of the tree */
} GlowWantedModule;
/* Those that occur in @tree, the ones with most to gain first. (transfer full) (element-type GlowWantedModule) O(nodes) */
GArray     *glow_call_tree_compute_wanted (GlowCallTree *tree);

typedef enum { GLOW_FETCH_FOUND, GLOW_FETCH_NOT_THERE, GLOW_FETCH_FAILED } GlowFetchResult;

typedef struct {
  guint64 bytes;               /* of the files that are in the cache now */
  gboolean program;            /* the file itself is */
  gboolean debug;              /* its debug information is */
} GlowFetched;

/* @total is 0 where it is not known yet. From a worker thread. */
typedef void (*GlowFetchFunc) (guint64 bytes, guint64 total, gpointer user_data);

/* The file of @module, and its debug information, into the cache. Blocks; a cancelled one returns at once. GLOW_FETCH_FAILED with @error: cancelled, or
 * a sentence of why no server answered. */
GlowFetchResult glow_fetch_module (const GlowModule *module, GlowFetchFunc progress, gpointer user_data, GlowFetched *fetched, GCancellable *cancellable,
                                   GError **error);
/* A source file of the build. (transfer full): its path in the cache. */
char       *glow_fetch_source (const GlowModule *module, const char *file, GCancellable *cancellable, GError **error);

G_END_DECLS
