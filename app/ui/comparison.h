/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <gtk/gtk.h>
#include <afterglow/diff-export.h>
#include "ui/document.h"

G_BEGIN_DECLS

/* Before and after, as a window shows them: what is on each side, the diff that came of it, and what is zoomed to, chosen and searched for in both at once.
 * One side is the document (or both are: two selections of it); other recordings are read here, in a worker. Views listen to "changed" (GlowComparedChanges)
 * and ask. "refused" (a message): what was asked for cannot be computed, the last answer stays. */
#define GLOW_TYPE_COMPARISON (glow_comparison_get_type ())
G_DECLARE_FINAL_TYPE (GlowComparison, glow_comparison, GLOW, COMPARISON, GObject)

typedef enum { GLOW_COMPARISON_EMPTY, GLOW_COMPARISON_READING, GLOW_COMPARISON_COMPUTING, GLOW_COMPARISON_READY, GLOW_COMPARISON_FAILED } GlowComparisonState;

typedef enum {
  GLOW_COMPARED_STATE = 1 << 0,
  GLOW_COMPARED_PROGRESS = 1 << 1,
  GLOW_COMPARED_DIFF = 1 << 2,
  GLOW_COMPARED_WIDTH = 1 << 3,    /* rectangles are as wide as something else */
  GLOW_COMPARED_SIGHT = 1 << 4,    /* zoomed, moved or scrolled */
  GLOW_COMPARED_SELECTION = 1 << 5,
  GLOW_COMPARED_HOVER = 1 << 6,
  GLOW_COMPARED_SEARCH = 1 << 7,
} GlowComparedChanges;

GlowComparison     *glow_comparison_new           (GlowDocument *document);
GlowDocument       *glow_comparison_get_document  (GlowComparison *self);
/* These files, a run each, against the document, which is on the other side. */
void                glow_comparison_compare_files (GlowComparison *self, const char *const *paths, guint side);
/* More runs for a side. */
void                glow_comparison_add_files     (GlowComparison *self, const char *const *paths, guint side);
void                glow_comparison_remove_run    (GlowComparison *self, guint side, guint run);
/* Two selections of the document; both referenced. */
void                glow_comparison_compare_queries (GlowComparison *self, GlowQuery *before, GlowQuery *after);
void                glow_comparison_swap          (GlowComparison *self);
/* Ends reading and computing; what was there before stays. */
void                glow_comparison_cancel        (GlowComparison *self);
void                glow_comparison_clear         (GlowComparison *self);
/* A view shows itself, or no longer does: nothing is computed while nobody looks. */
void                glow_comparison_watch         (GlowComparison *self);
void                glow_comparison_unwatch       (GlowComparison *self);
/* Whether pages that are of one recording otherwise are of both while there is a diff. */
gboolean            glow_comparison_get_everywhere (GlowComparison *self);
void                glow_comparison_set_everywhere (GlowComparison *self, gboolean everywhere);

GlowComparisonState glow_comparison_get_state     (GlowComparison *self);
gboolean            glow_comparison_is_busy       (GlowComparison *self);     /* a newer answer is being computed */
const GError       *glow_comparison_get_error     (GlowComparison *self);
char               *glow_comparison_dup_progress  (GlowComparison *self, double *fraction);    /* < 0: the end is not known */
guint               glow_comparison_get_n_runs    (GlowComparison *self, guint side);
const char         *glow_comparison_get_path      (GlowComparison *self, guint side, guint run);   /* (nullable): NULL is the document */
gboolean            glow_comparison_is_selections (GlowComparison *self);     /* both sides are the document */
char               *glow_comparison_dup_label     (GlowComparison *self, guint side);

/* What is asked for; change it, then recompute. */
GlowDiffOptions    *glow_comparison_get_options   (GlowComparison *self);
double             *glow_comparison_get_units     (GlowComparison *self);     /* of both sides */
void                glow_comparison_recompute     (GlowComparison *self);
/* Names before and after, from now on one function. */
void                glow_comparison_rename        (GlowComparison *self, const char *before, const char *after);
void                glow_comparison_drop_renames  (GlowComparison *self);
/* The words of “afterglow-cli diff” for what is compared. (transfer full) */
char               *glow_comparison_dup_command   (GlowComparison *self, gboolean merged);
/* The diff as fine as a file needs it; blocks: for workers. (transfer full) */
GlowDiff           *glow_comparison_refine        (GlowDiff *diff, double min_share, GCancellable *cancellable, GError **error);

GlowDiff           *glow_comparison_get_diff      (GlowComparison *self);     /* (nullable) */
GlowCallTree       *glow_comparison_get_tree      (GlowComparison *self);     /* (nullable): the union, of the widths below */
const char         *glow_comparison_get_findings  (GlowComparison *self);     /* of functions, total; and what cannot be said */
const char         *glow_comparison_get_limits    (GlowComparison *self);
GlowDiffWidth       glow_comparison_get_width     (GlowComparison *self);
void                glow_comparison_set_width     (GlowComparison *self, GlowDiffWidth width);
const GlowSearch   *glow_comparison_get_search    (GlowComparison *self);     /* (nullable): of what the document searches for */

/* What is chosen here is chosen in the document, as far as it occurs there, and what is chosen there is chosen here. The document may look at a good deal for
 * it, so it is told when the choice has come to rest, or nobody looks any more; _lead(): now. */
void                glow_comparison_lead          (GlowComparison *self);
guint32             glow_comparison_get_selected  (GlowComparison *self);     /* a path; GLOW_NONE */
guint32             glow_comparison_get_selected_key (GlowComparison *self);  /* a function; GLOW_NONE */
void                glow_comparison_set_selected  (GlowComparison *self, guint32 node);
void                glow_comparison_select_key    (GlowComparison *self, guint32 key);
/* Callees of a path that were left out, for no pane is wide enough to show them, are computed, for a table shows them all the same. */
void                glow_comparison_look_closer   (GlowComparison *self, guint32 node);
/* The frame of a function in the document's profile; GLOW_NONE where it does not occur there. */
guint32             glow_comparison_find_in_document (GlowComparison *self, guint32 key);
/* The first run of another file that has it: its frame, and which run. GLOW_NONE: none. */
guint32             glow_comparison_find_elsewhere (GlowComparison *self, guint32 key, guint *side, guint *run);
/* Moves the choice to the next match (1) or the one before (−1); its place among *n, from 1; 0: none. */
guint               glow_comparison_step_match    (GlowComparison *self, int step, guint *n);
guint32             glow_comparison_get_hover     (GlowComparison *self);     /* a function; GLOW_NONE */
void                glow_comparison_set_hover     (GlowComparison *self, guint32 key);

/* ---- what is seen, in every pane ---- */

void                glow_comparison_get_sight     (GlowComparison *self, double *from, double *to);
double              glow_comparison_get_scroll    (GlowComparison *self);     /* pixels of rows */
void                glow_comparison_set_scroll    (GlowComparison *self, double scroll);
/* At once. */
void                glow_comparison_set_sight     (GlowComparison *self, double from, double to);
/* In a short movement that @widget's clock drives. */
void                glow_comparison_move_sight    (GlowComparison *self, double from, double to, GtkWidget *widget);
void                glow_comparison_zoom_to       (GlowComparison *self, guint32 node, GtkWidget *widget);
void                glow_comparison_zoom_out      (GlowComparison *self, GtkWidget *widget);
/* @at: a share of the pane's width. */
void                glow_comparison_zoom_about    (GlowComparison *self, double at, double factor);
void                glow_comparison_pan           (GlowComparison *self, double share);

G_END_DECLS
