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
  GlowFrame *group_frames;
  GPtrArray *group_names;      /* of char* */
  guint32 n_profile_frames, n_frames;
  guint32 root_frame;
  double min_share;            /* callees of what has less of the root's weight are left out; 0: none are */
};

/* Weights on the nodes of a trie whose items are frames; parent[i] < i. The arrays stay the caller's. */
typedef struct {
  guint32 n;
  const guint32 *parent, *frame;
  guint64 *self, *samples;     /* own weight of each node; overwritten with totals */
} GlowTreeInput;

GlowCallTree *glow_call_tree_new   (GlowProfile *profile, const GlowQuery *query);
/* Totals, order and numbering. O(n log children). */
gboolean      glow_call_tree_build (GlowCallTree *self, GlowTreeInput *input, GCancellable *cancellable);

G_END_DECLS
