/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/call-tree.h>
#include <afterglow/evidence.h>

G_BEGIN_DECLS

/*
 * Before and after. Each side is a set of *runs*: a profile and a query each. Functions are matched by name and module, with what compilers add
 * stripped (data/match-rules.txt). A GlowDiff is immutable, reference counted, and read by any thread without a lock.
 *
 * One run a side: samples are the evidence, with the design effect of bursts where the recordings have times. It says whether the *recordings*
 * differ. More runs on a side: runs are the evidence. Only that says whether the *code* differs.
 */
typedef struct _GlowDiff GlowDiff;

enum { GLOW_BEFORE, GLOW_AFTER, GLOW_N_SIDES };

/* What numbers are of. A *value* below is in this: */
typedef enum {
  GLOW_DIFF_SHARE,             /* share of the side's weight, in [0, 1] */
  GLOW_DIFF_TIME,              /* weight of one run, in the event's unit: ns, events, bytes */
  GLOW_DIFF_RATE,              /* the same per second of the recording */
  GLOW_DIFF_PER_UNIT,          /* the same per unit of GlowDiffRun.units */
  GLOW_N_DIFF_BASES
} GlowDiffBase;

typedef enum { GLOW_DIFF_FUNCTIONS, GLOW_DIFF_MODULES, GLOW_DIFF_THREADS, GLOW_DIFF_CONTAINERS, GLOW_N_DIFF_KINDS } GlowDiffKind;
typedef enum { GLOW_DIFF_TOTAL, GLOW_DIFF_SELF, GLOW_N_DIFF_MEASURES } GlowDiffMeasure;

typedef enum {
  GLOW_DIFF_NO_EVIDENCE,       /* never to be read as "unchanged" */
  GLOW_DIFF_GREW,              /* q is below the level */
  GLOW_DIFF_SHRANK,
  GLOW_DIFF_EQUIVALENT         /* two one-sided tests say: the change is smaller than the margin */
} GlowDiffEvidence;
const char *glow_diff_evidence_get_id    (GlowDiffEvidence evidence);    /* "no-evidence", "grew", "shrank", "equivalent": stable, for JSON */
const char *glow_diff_evidence_get_label (GlowDiffEvidence evidence);    /* translated */
const char *glow_diff_kind_get_id        (GlowDiffKind kind);            /* "function", "module", "thread", "container" */

/* One recording, or one selection of it. */
typedef struct {
  GlowProfile *profile;
  GlowQuery *query;
  char *label;                 /* the file's name, or the words of the selection */
  double units;                /* requests, builds, … that it did; for GLOW_DIFF_PER_UNIT */
} GlowDiffRun;
/* References both, copies @label. (transfer full) */
GlowDiffRun *glow_diff_run_new  (GlowProfile *profile, const GlowQuery *query, const char *label);
void         glow_diff_run_free (GlowDiffRun *self);

typedef struct {
  GlowDiffBase base;
  char *unit;                  /* (nullable): the name of a unit: "request" */
  double level;                /* q below this is evidence; 0: 0.05 */
  double floor;                /* smaller changes are not worth colour, as a share of the whole; 0: 0.001 (0.1 pp) */
  double margin;               /* changes below are "equivalent" when that is proven, as a share of the whole; 0: 0.005 */
  GlowDiscovery discovery;
  gboolean permutation;        /* rows of runs are tested by permutation, which asks for no distribution and needs four runs a side; 10 ms a function
                                  from 11 against 11 runs on. Paths stay with Welch's */
  gboolean pool_runs;          /* the runs of a side are one recording: samples stay the evidence */
  gboolean exact_names;        /* nothing is stripped from names */
  gboolean top_down;           /* paths: only those are tested whose caller has changed (Yekutieli 2008) */
  GHashTable *renames;         /* (nullable): name before → name after, both as shown or as stripped */
  double min_share;            /* paths below this share on both sides are not looked into and not tested; 0: all are */
  gboolean no_paths;           /* no tree is wanted: tables only */
} GlowDiffOptions;

/* What one line, or one rectangle, says. */
typedef struct {
  double value[GLOW_N_SIDES];
  double change, low, high;    /* after − before, with 95 % interval */
  double p, q;                 /* NaN: not tested, as there is too little of it for any test to tell */
  guint8 evidence;             /* GlowDiffEvidence */
  guint8 matters;              /* grew or shrank, by at least the floor */
} GlowDiffChange;

typedef struct {
  guint32 key;                 /* of its kind; see glow_diff_get_name() */
  double samples[GLOW_N_SIDES];   /* that hold it */
  GlowDiffChange change[GLOW_N_DIFF_MEASURES];
} GlowDiffRow;

/* The change, either way, that would have been found four times of five with this evidence; in the base. */
double glow_diff_change_get_seen (const GlowDiffChange *change);

/* A path of the union of both sides' trees. Numbering as in GlowCallTreeNodes: siblings are contiguous, the larger (of both sides) first. */
typedef struct {
  guint32 n_nodes, max_depth;
  const guint32 *parent, *key, *first_child, *n_children;     /* key: of a function; GLOW_NONE for the root */
  const guint16 *depth;
  const double *total[GLOW_N_SIDES], *self[GLOW_N_SIDES];     /* values */
  const double *weight[GLOW_N_SIDES];                         /* self, as recorded: sums over runs, in the event's unit */
  const float *q;              /* of total; NaN where not tested */
  const guint8 *evidence, *matters;
  const guint8 *is_uncertain;  /* the interval reaches half the change and more to either side of it */
  double largest_change;       /* |change| of a path's total, of all paths the most */
} GlowDiffNodes;

typedef struct {
  guint n_runs;
  double samples, effective_n; /* of all runs */
  double weight;               /* in the event's unit, decimals applied */
  double value;                /* of the whole, in the base: 1 for shares */
  double seconds;              /* of CPU; NaN where not known */
  double duration;             /* seconds of recording; NaN where there are no times */
  guint64 clusters;            /* seconds, or parts of them, that samples were told apart by; 0: taken as independent */
  GlowUnit unit;
} GlowDiffSide;

/* Why the two cannot be compared quite fairly. */
typedef struct {
  char *code;                  /* "events", "rate", "machine", "kernel", "lost", "duration", …: stable */
  char *message;               /* translated: what differs */
  char *effect;                /* translated: what that does to the numbers */
  gboolean is_grave;           /* numbers mean something else, not only less */
} GlowDiffCaveat;

/* Functions that have gone and come at the same place. */
typedef struct {
  guint32 before, after;       /* keys */
  double likeness;             /* of their callers and callees, in [0, 1] */
} GlowDiffRename;

/**
 * glow_diff_compute:
 * @before: (element-type GlowDiffRun): at least one
 * @after: (element-type GlowDiffRun): at least one
 * @options: (nullable):
 *
 * O(samples × depth) for the design effect where there are times, O(nodes of all trees) for the rest; two threads. Blocks: call it in a worker.
 *
 * Sources: shares by z or Fisher's test with Newcombe's interval, rates by the conditional binomial test, runs by Welch's test with the
 * variance of sampling as its least; many of them by Benjamini and Hochberg. What cannot be significant whatever its split between the sides is
 * not tested and not counted (Tarone 1990).
 *
 * Returns: (transfer full): or %NULL with @error: GLOW_ERROR_EMPTY where a side has no samples, GLOW_ERROR_SELECTION, G_IO_ERROR_CANCELLED
 */
GlowDiff *glow_diff_compute (GPtrArray *before, GPtrArray *after, const GlowDiffOptions *options, GCancellable *cancellable, GError **error);
/* A sandwich's halves: what one function calls, or who calls it (from it outwards), of all runs of @self, whose rows, sides and numbers it shares. A
 * function with several spellings on one side (f, f.cold) is all of them. O(nodes) (transfer full) (nullable): NULL where cancelled */
GlowDiff *glow_diff_compute_about (GlowDiff *self, guint32 key, gboolean callers, GCancellable *cancellable);
GlowDiff *glow_diff_ref     (GlowDiff *self);
void      glow_diff_unref   (GlowDiff *self);

const GlowDiffOptions *glow_diff_get_options (GlowDiff *self);      /* with their defaults put in */
const GlowDiffSide    *glow_diff_get_side    (GlowDiff *self, guint side);
const GlowDiffRun     *glow_diff_get_run     (GlowDiff *self, guint side, guint run);
gboolean               glow_diff_by_runs     (GlowDiff *self);      /* runs are the evidence, not samples */
/* One row a function, module, thread name or container that occurs, by key. (element-type GlowDiffRow) (transfer none) */
const GArray          *glow_diff_get_rows    (GlowDiff *self, GlowDiffKind kind);
/* Indices of rows (guint32): evidence that matters first, then evidence, then the rest, each by |change|. (transfer full) O(n log n) */
GArray                *glow_diff_dup_order   (GlowDiff *self, GlowDiffKind kind, GlowDiffMeasure measure);
guint                  glow_diff_count       (GlowDiff *self, GlowDiffKind kind, GlowDiffMeasure measure, GlowDiffEvidence evidence, gboolean that_matter);
const char            *glow_diff_get_name    (GlowDiff *self, GlowDiffKind kind, guint32 key);      /* as recorded after, or before where it has gone */
const char            *glow_diff_get_module  (GlowDiff *self, guint32 key);                         /* (nullable): of a function */
GlowFrameKind          glow_diff_get_frame_kind (GlowDiff *self, guint32 key);
const char            *glow_diff_get_annotation (GlowDiff *self, guint32 key);                      /* of a function in folded text: "_[k]", or "" */
char                  *glow_diff_dup_display_name (GlowDiff *self, GlowDiffKind kind, guint32 key); /* for people: valid UTF-8 */
gboolean               glow_diff_row_is_new  (const GlowDiffRow *row);
gboolean               glow_diff_row_is_gone (const GlowDiffRow *row);
/* The frame of a function in a run's profile, to show it there; GLOW_NONE where it does not occur. */
guint32                glow_diff_get_frame   (GlowDiff *self, guint side, guint run, guint32 key);
/* And back: the function that a frame of a run's profile is; GLOW_NONE where it is not one of the profile's. O(1) */
guint32                glow_diff_get_key     (GlowDiff *self, guint side, guint run, guint32 frame);

/* (nullable): NULL with no_paths */
const GlowDiffNodes   *glow_diff_get_nodes   (GlowDiff *self);
/* All that is known of a path. */
GlowDiffChange         glow_diff_get_node_change (GlowDiff *self, guint32 node);
char                  *glow_diff_dup_path    (GlowDiff *self, guint32 node);      /* "root;…;node" */
/* The node of a path, by the functions from the root's callee on; @exact: whether it goes all the way. O(Σ siblings) */
guint32                glow_diff_find_path   (GlowDiff *self, const guint32 *keys, guint n, gboolean *exact);

/* What a path is as wide as. */
typedef enum {
  GLOW_DIFF_WIDTH_BEFORE, GLOW_DIFF_WIDTH_AFTER,
  GLOW_DIFF_WIDTH_LARGER,      /* self weights of the larger side: nothing is hidden, equal paths stand at equal places */
  GLOW_DIFF_WIDTH_CHANGE,      /* |increase| + |decrease| of self weights below it */
  GLOW_N_DIFF_WIDTHS
} GlowDiffWidth;
const char *glow_diff_width_get_id    (GlowDiffWidth width);                 /* "before", "after", "larger", "change" */
const char *glow_diff_width_get_label (GlowDiffWidth width);                 /* translated */
gboolean    glow_diff_width_from_id   (const char *id, GlowDiffWidth *width);
/* The union as a call tree: for layouts, search and painters, whose nodes are those of glow_diff_get_nodes() and whose frames are keys. Made once for
 * each width and kept. (transfer none) (nullable): NULL with no_paths. Its weights are widths, not samples. */
GlowCallTree         *glow_diff_get_tree     (GlowDiff *self, GlowDiffWidth width);
/* How wide a path is in that tree, as a value in the base. */
double                glow_diff_get_node_width (GlowDiff *self, GlowDiffWidth width, guint32 node);

/* In order of weight. (element-type GlowDiffCaveat) (transfer none) */
const GPtrArray       *glow_diff_get_caveats (GlowDiff *self);
/* Proposals, the likeliest first; none is ever applied unasked. (element-type GlowDiffRename) (transfer none) */
const GArray          *glow_diff_get_renames (GlowDiff *self);
/* Samples a side (independent ones), or runs a side that vary by @run_spread, to find a change from @value to @value + @change four times of five.
 * Infinite for no change. */
double                 glow_diff_get_needed  (GlowDiff *self, double value, double change, double run_spread);

/* ---- gates ---- */

/*
 * GATE  = SCOPE ":" GLOB ">" ["+"] NUMBER UNIT ["@" LEVEL]
 * SCOPE = "total" | "self" | "module" | "thread" | "container" | "share" (= total of every function)
 * UNIT  = "pp" (points of share) | "%" (of its own value before) | "x" (times its value before) | "ns" | "us" | "ms" | "s" (bases of time)
 * LEVEL = "q" NUMBER (false discovery rate over what the gate names; "q0.05" unless given) | "p" NUMBER | "sure" (the whole interval is beyond)
 *
 * A gate fails where something it names grew: by more than the number, and with evidence. What shrank never fails, nor what cannot be told.
 * "<-" in place of ">" asks the same of what shrank.
 */
typedef struct {
  char *expression;
  GlowDiffKind kind;
  GlowDiffMeasure measure;
  char *glob;
  double threshold;            /* in @unit, positive */
  char unit[4];
  gboolean shrinks;            /* fails where it shrank */
  char level_kind;             /* 'q', 'p', 's' (sure) */
  double level;
} GlowDiffGate;

typedef struct { guint32 row; double q; } GlowDiffGateFailure;

typedef struct {
  const GlowDiffGate *gate;
  gboolean held;
  guint n_named;               /* rows that the glob names */
  guint n_unsure;              /* of these: beyond the threshold, but without evidence */
  double seen;                 /* smallest change, in the base, that would have been found four times of five in what it names; NaN: nothing named */
  GArray *failures;            /* of GlowDiffGateFailure, the largest change first */
} GlowDiffVerdict;

/* Several, separated by commas. (element-type GlowDiffGate) (transfer full): or NULL with GLOW_ERROR_SELECTION, which says where it went wrong */
GPtrArray *glow_diff_gates_parse (const char *text, GError **error);
/* (element-type GlowDiffVerdict) (transfer full) O(gates × rows). GLOW_ERROR_SELECTION: a unit that the base does not have */
GPtrArray *glow_diff_check_gates (GlowDiff *self, const GPtrArray *gates, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GlowDiff, glow_diff_unref)

G_END_DECLS
