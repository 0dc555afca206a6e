/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/interval.h>
#include <afterglow/query.h>

G_BEGIN_DECLS

/* The answer to a query on a profile: merged stacks with weights. Immutable, reference counted; holds a reference on its profile.
 * Node 0 is the root ("all"). Arrays are n_nodes long. Siblings are contiguous: the children of i are
 * first_child[i] … first_child[i] + n_children[i] − 1, in the query's order (heavy first, or by name). parent[i] < i for i > 0. */
typedef struct _GlowCallTree GlowCallTree;

typedef struct {
  guint32 n_nodes;
  guint32 max_depth;           /* the root has depth 0 */
  const guint32 *parent;
  const guint32 *frame;        /* index for glow_call_tree_get_frame(); the root's is GLOW_NONE */
  const guint32 *first_child;
  const guint32 *n_children;
  const guint16 *depth;        /* saturates */
  const guint64 *total;        /* weight */
  const guint64 *self;
  const guint64 *samples_total;   /* may be the same array as total where a weight counts samples */
  const guint64 *samples_self;
} GlowCallTreeNodes;

/* What every percentage of this tree is of. */
typedef struct {
  guint64 weight;              /* = total[0] */
  guint64 samples;             /* = samples_total[0] */
  guint64 profile_weight;      /* of the same events and weight kind, without any filter */
  guint64 profile_samples;
  double effective_n;          /* Kish (Σw)²/Σw²; = samples where weights are equal */
  GlowUnit unit;
  guint8 decimals;             /* weights are times 10^decimals */
  double seconds;              /* CPU or event time the weight stands for; NaN where not known */
} GlowBase;

/* What @weight is of the base, with the 95 % interval that every number here is shown with. */
GlowShare glow_base_get_share (const GlowBase *base, guint64 weight);

/* Linear in samples, then in nodes. Uses threads. NULL with G_IO_ERROR_CANCELLED, or GLOW_ERROR_SELECTION (unknown event, …).
 * Nothing left after the selection is not an error: a tree of one node with weight 0. */
GlowCallTree *glow_call_tree_compute (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error);
/* The same without the callees of nodes that have less than @min_share of the whole: nobody looks into what is too narrow to draw. What is
 * left is exact. */
GlowCallTree *glow_call_tree_compute_visible (GlowProfile *profile, const GlowQuery *query, double min_share, GCancellable *cancellable, GError **error);
/* For looking at: the same, but where the tree would be very large (millions of nodes), callees of what is far too narrow for any screen are left
 * out. Functions, searches and trees about one function are exact all the same; they are computed from stacks then. */
GlowCallTree *glow_call_tree_compute_for_view (GlowProfile *profile, const GlowQuery *query, GCancellable *cancellable, GError **error);
/* Whether nothing is left out; whether the callees of @node are. */
gboolean      glow_call_tree_is_whole (GlowCallTree *self);
gboolean      glow_call_tree_is_cut   (GlowCallTree *self, guint32 node);
/* The same question, looked into so that below @node nothing is missing that could be seen if it filled a screen. (transfer full) */
GlowCallTree *glow_call_tree_refine   (GlowCallTree *self, guint32 node, GCancellable *cancellable, GError **error);
/* The same about the heaviest node of a function, which need not be in @self. (transfer full) (nullable): NULL with no error: it does not occur. */
GlowCallTree *glow_call_tree_refine_frame (GlowCallTree *self, guint32 frame, GCancellable *cancellable, GError **error);
/* How much of the weight has an innermost function without a name, in [0, 1]. O(nodes), of a tree that is cut O(samples + stacks). */
double        glow_call_tree_compute_unnamed_share (GlowCallTree *self, GCancellable *cancellable);
GlowCallTree *glow_call_tree_ref     (GlowCallTree *self);
void          glow_call_tree_unref   (GlowCallTree *self);

const GlowCallTreeNodes *glow_call_tree_get_nodes (GlowCallTree *self);
const GlowBase   *glow_call_tree_get_base    (GlowCallTree *self);
gboolean                 glow_call_tree_has_event (GlowCallTree *self, guint32 event);   /* samples of it are in the tree */
GlowProfile      *glow_call_tree_get_profile (GlowCallTree *self);
const GlowQuery  *glow_call_tree_get_query   (GlowCallTree *self);
/* Frames of the profile, then the group frames this tree made (GLOW_FRAME_GROUP). Valid as long as the tree. */
const GlowFrame  *glow_call_tree_get_frame   (GlowCallTree *self, guint32 frame);
guint32           glow_call_tree_get_n_frames (GlowCallTree *self);
const char       *glow_call_tree_get_frame_name (GlowCallTree *self, guint32 frame);   /* raw bytes; those of groups included */
const char       *glow_call_tree_get_module_name (GlowCallTree *self, guint32 frame);  /* (nullable) raw bytes; NULL where not known */
const char       *glow_call_tree_get_name    (GlowCallTree *self, guint32 node);     /* raw bytes; "all" for the root */
/* For people: valid UTF-8 without controls, names of just-in-time compilers made readable. */
char             *glow_call_tree_dup_display_name (GlowCallTree *self, guint32 node);
char             *glow_call_tree_dup_frame_display_name (GlowCallTree *self, guint32 frame);
/* The whole name as the recording has it, as valid UTF-8 without controls. */
char             *glow_call_tree_dup_full_name (GlowCallTree *self, guint32 frame);
char             *glow_call_tree_dup_stack   (GlowCallTree *self, guint32 node);     /* "root;…;node" */
/* The node of @self with the same path as @other_node has in @other, or its deepest ancestor that is there (*exact says which). By names. */
guint32           glow_call_tree_find_like   (GlowCallTree *self, GlowCallTree *other, guint32 other_node, gboolean *exact);
/* The same for a stack as glow_call_tree_dup_stack() writes it. */
guint32           glow_call_tree_find_stack  (GlowCallTree *self, const char *stack, gboolean *exact);
/* The heaviest node of a function; GLOW_NONE where it does not occur. */
guint32           glow_call_tree_find_frame  (GlowCallTree *self, guint32 frame);

/* Sums over nodes for one function: recursion counted once. */
typedef struct {
  guint32 frame;
  guint64 self, total;         /* weight */
  guint64 samples_self, samples_total;
} GlowFunction;

/* One row a frame that occurs, unordered. Linear in nodes. (transfer full) (element-type GlowFunction) */
GArray *glow_call_tree_compute_functions (GlowCallTree *self, GCancellable *cancellable);
/* In how many threads and processes, CPUs and distinct stacks a function was seen under the tree's query. */
typedef struct {
  guint32 n_threads, n_processes, n_stacks;
  gboolean has_threads;        /* the recording says which thread a sample is of */
  guint64 first_time, last_time;   /* ns, of the samples that hold it; 0 where there are no times */
  GlowBlockShare blocks;       /* the function's share by seconds of each thread */
} GlowFrameSpread;
/* FALSE where cancelled, or for a group frame. Linear in samples and stacks. */
/* One byte a sample, 1 where it is in the tree and has the function on its stack; GLOW_NONE: all of the tree. O(samples + stacks).
 * (transfer full) (nullable): NULL where cancelled */
guint8          *glow_call_tree_compute_frame_samples (GlowCallTree *self, guint32 frame, GCancellable *cancellable);
gboolean         glow_call_tree_compute_frame_spread (GlowCallTree *self, guint32 frame, GlowFrameSpread *spread, GCancellable *cancellable);
/* Trees about one function: what it calls (its subtrees merged, root = the function), or who calls it (inverted). Same base. */
GlowCallTree *glow_call_tree_compute_callees (GlowCallTree *self, guint32 frame, GCancellable *cancellable);
GlowCallTree *glow_call_tree_compute_callers (GlowCallTree *self, guint32 frame, GCancellable *cancellable);

/* Weight by thread, process, CPU, module or event under the same query, for a sidebar. One pass over samples. */
typedef enum { GLOW_BREAKDOWN_EVENT, GLOW_BREAKDOWN_PROCESS, GLOW_BREAKDOWN_THREAD, GLOW_BREAKDOWN_CPU, GLOW_BREAKDOWN_MODULE, GLOW_BREAKDOWN_CGROUP,
               GLOW_BREAKDOWN_KIND } GlowBreakdownKind;
typedef struct { guint32 index; /* of event, process, thread, module; CPU number; string id of the cgroup's name; kind, or GLOW_N_FRAME_KINDS + role */ guint64 weight, samples; } GlowBreakdownRow;
/* (transfer full) heaviest first. The query's own terms of that same field are left out, so that alternatives stay visible. */
GArray *glow_breakdown_compute (GlowProfile *profile, const GlowQuery *query, GlowBreakdownKind kind, GCancellable *cancellable, GError **error);

/* Marks what matches, never changes weights. */
typedef struct {
  guint64 weight, samples;     /* of stacks that hold a match, each counted once */
  guint32 n_nodes;
  guint8 *frame_matches;       /* by frame index, 1 where the name matches; n_frames long */
} GlowSearch;
GlowSearch *glow_search_compute (GlowCallTree *tree, const char *regex, gboolean case_sensitive, GCancellable *cancellable, GError **error);
void        glow_search_free    (GlowSearch *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowCallTree, glow_call_tree_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowSearch, glow_search_free)

G_END_DECLS
