/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a call tree holds its nodes: for what makes trees. */
#pragma once
#include "model/trie-private.h"

#include <afterglow/call-tree.h>

G_BEGIN_DECLS

struct _GlowCallTree {
  gatomicrefcount ref_count;
  GlowProfile *profile;
  GlowQuery *query;
  GlowCallTreeNodes nodes;
  GlowBase base;
  guint8 *has_event;           /* by event, 1 where samples of it were summed */
  GlowFrame *group_frames;
  GPtrArray *group_names;      /* of char* */
  guint32 *group_rank;         /* place of each group in order of their names; NULL where there are none */
  guint32 *group_of_thread, *group_of_row;   /* (nullable): index into the groups by thread row; by sample */
  GHashTable *tears;           /* node → GlowTear; NULL: not asked for yet */
  guint32 n_profile_frames, n_frames;
  guint32 root_frame;
  double min_share;            /* callees of what has less of the root's weight are left out; 0: none are */
};

/* Weights on the nodes of a trie whose items are frames; parent[i] < i. The arrays stay the caller's. */
typedef struct {
  guint32 n;
  const guint32 *parent, *frame;
  guint64 *self, *samples;     /* own weight of each node; overwritten with totals. @samples NULL: they are the weights */
} GlowTreeInput;

/* How stacks are to be seen. */
typedef struct {
  const guint8 *hidden;        /* by frame of the profile; NULL: none */
  gboolean collapse;           /* frames that repeat themselves are one */
} GlowTreeTransform;

/* Stacks with their weights, for trees that begin at the leaves. */
typedef struct {
  guint32 stack;
  guint64 weight, samples;
} GlowWeighedStack;

GlowCallTree *glow_call_tree_new   (GlowProfile *profile, const GlowQuery *query);
/* Totals, order and numbering. O(n log siblings). FALSE where cancelled. */
gboolean      glow_call_tree_build (GlowCallTree *self, GlowTreeInput *input, const GlowTreeTransform *transform, GCancellable *cancellable);
/* From the leaves: @stacks lie side by side by group, @group_ends says where each of @n_groups ends; no groups: all hang below the root.
 * O(Σ depths of the stacks that are wide enough). */
gboolean      glow_call_tree_build_inverted (GlowCallTree *self, const GlowWeighedStack *stacks, gsize n, const gsize *group_ends, guint n_groups,
                                             const GlowTreeTransform *transform, GCancellable *cancellable);

G_END_DECLS
