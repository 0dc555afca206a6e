/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include "ui/name-sources.h"
#include <afterglow/fields.h>

G_BEGIN_DECLS

/* What is known of a function beside its node: computed in workers after it has been selected. */
typedef struct {
  GlowCallTree *tree;          /* it is of */
  guint32 frame;
  GlowCallTree *callers, *callees;
  gboolean has_spread;
  GlowFrameSpread spread;
} GlowFunctionFacts;

/* The values of one field among a function's samples. */
typedef struct {
  char *name;
  GArray *shares;              /* of GlowFieldShare, the most frequent first */
  guint n_distinct;
} GlowFieldFacts;

/* Asks about one function at a time; the newest question wins, and is answered while anybody watches: what nobody sees would only make what is seen wait.
 * "changed" when something more is known. */
#define GLOW_TYPE_FACTS (glow_facts_get_type ())
G_DECLARE_FINAL_TYPE (GlowFacts, glow_facts, GLOW, FACTS, GObject)

GlowFacts               *glow_facts_new    (void);
/* @frame may be GLOW_NONE: nothing is asked any more. */
void                     glow_facts_ask    (GlowFacts *self, GlowCallTree *tree, guint32 frame, const GlowNameSources *sources);
/* A view shows itself, or no longer does. */
void                     glow_facts_watch  (GlowFacts *self);
void                     glow_facts_unwatch (GlowFacts *self);
/* The source is wanted, whoever watches. */
void                     glow_facts_seek_source (GlowFacts *self);
const GlowFunctionFacts *glow_facts_get    (GlowFacts *self);      /* (nullable): not known yet */
/* Where the function is written. (nullable): not known (yet); @reason then says why, or is NULL while it is looked for. */
const GlowSource        *glow_facts_get_source (GlowFacts *self, const char **reason);
/* Values of fields are looked at only where someone wants to see them. */
void                     glow_facts_want_fields (GlowFacts *self, gboolean want);
/* (nullable) (element-type GlowFieldFacts): not wanted, or not known yet */
const GPtrArray         *glow_facts_get_fields (GlowFacts *self);
void                     glow_facts_stop   (GlowFacts *self);

G_END_DECLS
