/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/load.h>

G_BEGIN_DECLS

/* A new profile with names for every location of @profile: module by module, in threads. @options gives search places and progress.
 * Returns @profile itself, referenced, where it has no address chains or options->no_symbols is set.
 * Modules that could not be named, and why, are in the new profile's modules and warnings. */
GlowProfile *glow_profile_symbolise (GlowProfile *profile, const GlowLoadOptions *options, GCancellable *cancellable, GError **error);

G_END_DECLS
