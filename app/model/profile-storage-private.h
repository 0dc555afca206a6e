/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a profile holds its arrays: for profile.c and what makes profiles, not for readers. */
#pragma once
#include "model/profile-private.h"

G_BEGIN_DECLS

/* One array, shared by the profiles that came from the same reading. */
typedef GBytes GlowColumn;

/* What glow_profile_keep() was given. */
typedef struct {
  gpointer data;
  GDestroyNotify free_data;
} GlowKept;

struct _GlowProfile {
  GObject parent_instance;
  GlowStrings *strings;
  GlowWarnings *warnings;
  GStringChunk *chunk;         /* owned by @chunk_owner where that is set */
  GlowProfile *chunk_owner;    /* (nullable): the profile that this one gave names to */
  GlowProfileInfo info;
  GlowSamples samples;
  GlowStacks stacks;
  GlowChains chains;
  gboolean has_chains;
  GArray *frames, *modules, *threads, *processes, *events, *records, *marks;
  char **files;
  GHashTable *recorded_symbols;   /* (nullable) */
  GPtrArray *columns;          /* of GBytes: what the pointers above point into */
  guint32 main_event;
  gboolean named;
  gsize memory;
  struct _GlowFieldSource *fields;   /* (nullable) */
  GPtrArray *places;           /* of char *, NULL-terminated; (nullable) */
  GArray *kept;                /* of GlowKept; (nullable) */
  GVariant *header;            /* (nullable) */
  gpointer name_ranks;         /* (nullable): made when first asked for */
};

/* Takes a malloc'ed array into @self; returns it as it was. NULL stays NULL. */
gpointer glow_profile_take_column (GlowProfile *self, gpointer data, gsize bytes);
/* A part of @whole, which lasts as long as the profile. */
void     glow_profile_share_column (GlowProfile *self, GBytes *whole, gconstpointer data, gsize bytes);

G_END_DECLS
