/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What loading once and reading on share. */
#pragma once
#include "formats/input-private.h"
#include "symbols/module-files-private.h"
#include "symbols/store-private.h"

G_BEGIN_DECLS

/* The code of what is said of files beside a recording: true only of the moment. */
#define GLOW_WARNING_MORE_PARTS "more-parts"

/* What perf archive writes beside a recording is called like it, with this behind. */
#define GLOW_ARCHIVE_SUFFIX ".tar.bz2"

typedef struct {
  GlowNamePlaces places;       /* with the options to read with */
  GlowStore *archive;          /* (nullable): what perf archive wrote beside it */
  const char *more[2];
} GlowLoadPlaces;

/* Around the reading of @input. */
void              glow_load_begin     (GlowLoadPlaces *self, GlowInput *input, const GlowLoadOptions *options, GCancellable *cancellable);
/* Takes @profile (nullable), and gives it back, or %NULL where reading was cancelled. */
GlowProfile      *glow_load_end       (GlowLoadPlaces *self, GlowProfile *profile, GCancellable *cancellable, GError **error);

/* The format of what @input holds; %NULL with one sentence in @error. */
const GlowFormat *glow_load_recognise (GlowInput *input, GCancellable *cancellable, GError **error);
/* What is to be said of the file that is not about its content: damage, parts beside it (@path: nullable, not looked for). */
void              glow_load_note      (GlowProfile *profile, GlowInput *input, const char *path);
/* Shows what is there, then gives it names. Takes @profile (nullable). */
GlowProfile      *glow_load_finish    (GlowProfile *profile, const GlowLoadOptions *options, GCancellable *cancellable, GError **error);

G_END_DECLS
