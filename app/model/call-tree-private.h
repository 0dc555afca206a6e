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
  GHashTable *tears;           /* node → GlowTear; NULL: not asked for yet */
  guint32 n_profile_frames, n_frames;
  guint32 root_frame;
  double min_share;            /* callees of what has less of the root's weight are left out; 0: none are */
  gboolean cuts_large;         /* @min_share is set where the tree would be large */
  guint32 *group_of_thread, *group_of_row;   /* (nullable): by thread row, or by sample where a field's values are the groups */
  guint32 *about;              /* (nullable): frames from the root to the node that is looked into further than others */
  guint n_about;
};

/* Weights on the nodes of a trie whose items are frames; parent[i] < i. The arrays stay the caller's. */
typedef struct {
  guint32 n;
  const guint32 *parent, *frame;
  guint64 *self, *samples;     /* own weight of each node; overwritten with totals. @samples NULL: they are the weights */
} GlowTreeInput;

/* The children of each node of a trie: side by side already where it is numbered breadth first, else through a list. */
typedef struct {
  guint32 *first, *count, *list;
} GlowTreeSiblings;

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
/* Called when it is known how many nodes there may be: from so many on, trees that a window shows are cut. */
void          glow_call_tree_cut_if_large (GlowCallTree *self, guint64 n_nodes);
void          glow_tree_siblings_init  (GlowTreeSiblings *self, const GlowTreeInput *input);
void          glow_tree_siblings_clear (GlowTreeSiblings *self);
/* Totals, order and numbering. O(n log siblings). FALSE where cancelled. */
gboolean      glow_call_tree_build (GlowCallTree *self, GlowTreeInput *input, const GlowTreeTransform *transform, GCancellable *cancellable);
/* From the leaves. O(Σ depths of the stacks that are wide enough). */
gboolean      glow_call_tree_build_inverted (GlowCallTree *self, const GlowWeighedStack *stacks, gsize n, const GlowTreeTransform *transform,
                                             GCancellable *cancellable);
gboolean      glow_call_tree_build_inverted_part (GlowCallTree *self, guint32 root_frame, guint64 floor, const GlowWeighedStack *stacks, gsize n,
                                                  const GlowTreeTransform *transform, GCancellable *cancellable, GlowCallTreeNodes *nodes);
gboolean      glow_call_tree_build_part (GlowCallTree *self, guint32 root_frame, guint64 floor, GlowTreeInput *input, const GlowTreeSiblings *siblings,
                                         const GlowTreeTransform *transform, GCancellable *cancellable, GlowCallTreeNodes *nodes);
/* Roots of groups: @stacks lie side by side by group, equal ones more than once; what is in them afterwards
 * means nothing. */
gboolean      glow_call_tree_build_grouped (GlowCallTree *self, GlowWeighedStack *stacks, const gsize *group_ends, guint n_groups, gboolean inverted,
                                            const GlowTreeTransform *transform, GCancellable *cancellable);

/* The general question: @min_share as of _visible, or, with @cuts_large, chosen where the tree would be large; below the node at the end of
 * @about (frames from the root) the tree is as fine as if that node were all. */
typedef struct {
  double min_share;
  gboolean cuts_large;
  const guint32 *about;
  guint n_about;
  guint32 only;                /* a frame: stacks without it are left out; GLOW_NONE: all */
} GlowTreeCut;
GlowCallTree *glow_call_tree_compute_cut (GlowProfile *profile, const GlowQuery *query, const GlowTreeCut *cut, GCancellable *cancellable, GError **error);

/* What the tree's query selects, by stack. (transfer full), for free(). FALSE where cancelled; nothing is left then. O(samples) */
gboolean      glow_call_tree_sum_stacks (GlowCallTree *self, guint64 **weight, guint64 **samples, GCancellable *cancellable);
/* The same, of those stacks that are marked and of groups that are (nullable: of none), each sample once. */
void          glow_call_tree_sum_marked (GlowCallTree *self, const guint8 *stack_marked, const guint8 *group_marked, guint64 *weight, guint64 *samples,
                                         GCancellable *cancellable);
/* A tree that is cut does not hold every node: one of the same stacks, as far as they hold @frame, that does. (transfer full) (nullable) */
GlowCallTree *glow_call_tree_compute_whole_of (GlowCallTree *self, guint32 frame, GCancellable *cancellable);
/* sandwich.c: who calls, and what is called by, a function that all @chosen frames (by frame, n_frames long) are spellings of; the root is @frame. @self is
 * whole. (transfer full) (nullable): NULL where cancelled */
GlowCallTree *glow_call_tree_compute_callers_of (GlowCallTree *self, const guint8 *chosen, guint32 frame, GCancellable *cancellable);
GlowCallTree *glow_call_tree_compute_callees_of (GlowCallTree *self, const guint8 *chosen, guint32 frame, GCancellable *cancellable);
/* tree-cut.c: functions and search of trees that are cut */
void          glow_tree_cut_functions   (GlowCallTree *self, GlowFunction *sums, GCancellable *cancellable);
void          glow_tree_cut_search      (GlowCallTree *self, const guint8 *frame_matches, guint64 *weight, guint64 *samples, GCancellable *cancellable);

G_END_DECLS
