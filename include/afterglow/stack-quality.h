/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/call-tree.h>

G_BEGIN_DECLS

/* How whole the stacks of a recording are: what samples lack, and in which module it is lost. Samples, not weights. */
typedef struct {
  guint32 module;              /* GlowModule; GLOW_NONE: in none */
  guint64 samples;             /* whose stack ends or has a gap in it */
  guint64 cut, limit, broken, skipped;    /* of them; a sample may be in several */
} GlowModuleQuality;

typedef struct {
  guint64 samples;             /* that have a chain of addresses */
  guint64 whole;               /* of them: nothing speaks against their stacks */
  guint64 cut, limit, broken, skipped, repaired;
  GArray *modules;             /* of GlowModuleQuality, most samples first */
} GlowStackQuality;

/* Linear in samples and chains. (transfer full): all 0 where the format has no addresses. */
GlowStackQuality *glow_stack_quality_compute (GlowProfile *profile);
void              glow_stack_quality_free    (GlowStackQuality *self);
/* What a flag means, in a few translated words: "copied stack ended". */
const char       *glow_stack_flag_get_label  (GlowStackFlags flag);

/* What is missing next to a node of a call tree: weights of its samples under the tree's query. */
typedef struct {
  guint32 node;
  guint64 cut, limit, broken;  /* the node is outermost, its callers are not in the recording */
  guint64 skipped;             /* its immediate caller is missing: what the tree has below it is the caller's caller */
  guint64 weight;              /* of samples that lack either */
} GlowTear;

/* (nullable): NULL where all of the node's stacks are whole, and in trees from the leaves or about one function. The first call is linear in samples and
 * chains; later ones are a look-up. Any thread. */
const GlowTear   *glow_call_tree_get_tear    (GlowCallTree *tree, guint32 node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowStackQuality, glow_stack_quality_free)

G_END_DECLS
