/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/load.h>

G_BEGIN_DECLS

/* A new profile with names for every location of @profile: module by module, in threads. @options gives search places and progress.
 * Returns @profile itself, referenced, where it has no address chains or options->no_symbols is set.
 * Modules that could not be named, and why, are in the new profile's modules and warnings. */
GlowProfile *glow_profile_symbolise (GlowProfile *profile, const GlowLoadOptions *options, GCancellable *cancellable, GError **error);

/* Opens the files of modules while stacks are still being resolved. A reader gives it to its profile as data of this key (with
 * glow_symbol_loader_free()), and symbolising goes on from there. */
typedef struct _GlowSymbolLoader GlowSymbolLoader;
#define GLOW_SYMBOL_LOADER_KEY "glow-symbol-loader"
GlowSymbolLoader *glow_symbol_loader_new  (const GlowProfileInfo *info, const GPtrArray *files, const GlowLoadOptions *options, gboolean doubted,
                                           GCancellable *cancellable);
void              glow_symbol_loader_want (GlowSymbolLoader *self, guint32 index, const GlowModule *module, const char *path);
void              glow_symbol_loader_free (GlowSymbolLoader *self);

G_END_DECLS
