/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a comparison: what is compared (comparison.c), reading (comparison-read.c), what is seen (comparison-sight.c), what is chosen
 * (comparison-choice.c). */
#pragma once
#include "ui/comparison.h"
#include "ui/job.h"

G_BEGIN_DECLS

/* A run: a file of its own, or the document. */
typedef struct {
  char *path;                  /* (nullable): NULL is the document */
  GlowQuery *query;            /* (nullable): NULL is the document's */
  GlowProfile *profile;        /* (nullable): of a file that has been read */
} GlowComparedRun;

/* What a reading worker tells; it may outlive the comparison. */
typedef struct {
  gatomicrefcount ref_count;
  GMutex lock;
  double fraction;
  char *text;                  /* (nullable) */
} GlowReadingNote;

struct _GlowComparison {
  GObject parent_instance;

  GlowDocument *document;
  char **document_paths;       /* that the runs were chosen for */
  GPtrArray *runs[GLOW_N_SIDES];   /* of GlowComparedRun */
  GlowComparisonState state;
  GError *error;
  guint n_watchers;
  gboolean is_stale, everywhere;

  GlowReadingNote *note;       /* (nullable): while reading */
  guint note_timer;
  GlowJobSlot read_job, compute_job, width_job, search_job;

  GlowDiffOptions options, computed_options;   /* computed_options: of the diff, for going back; no pointers of its own */
  double units[GLOW_N_SIDES];
  GlowDiff *diff;              /* (nullable) */
  char *findings, *limits;
  GlowDiffWidth width, next_width;
  GlowSearch *search;

  guint32 selected, selected_key, hover;
  gboolean leads;              /* the document is told of a choice, and tells of it */
  guint lead_timer, rest_timer;
  double finest;               /* of paths: a share that somebody wants to see the callees of; 1: nobody asked */
  double from, to, scroll;
  double start_from, start_to, end_from, end_to;   /* of a movement */
  gint64 start_time;
  GtkWidget *mover;            /* (nullable): whose clock drives it */
  guint tick;
};

void glow_comparison_tell        (GlowComparison *self, GlowComparedChanges changes);
/* Reads what has not been read, then computes. */
void glow_comparison_start       (GlowComparison *self);
void glow_comparison_compute     (GlowComparison *self);
void glow_comparison_fail        (GlowComparison *self, const GError *error);
/* Once what is seen has come to rest, the union is looked into more finely where it needs that. */
void glow_comparison_sight_rests (GlowComparison *self);
void glow_comparison_look_finer  (GlowComparison *self);
void glow_comparison_stop_moving (GlowComparison *self);
void glow_comparison_stop_leading (GlowComparison *self);
/* The document's choice, here. */
void glow_comparison_follow_choice (GlowComparison *self);
void glow_reading_note_unref     (GlowReadingNote *self);
void glow_compared_run_free      (gpointer data);

G_END_DECLS
