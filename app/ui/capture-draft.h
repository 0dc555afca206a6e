/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once
#include <afterglow/capture.h>

G_BEGIN_DECLS

/* What is about to be recorded, while somebody makes up their mind: the plan, who could record it here, what it could miss and cost. The parts of the dialog
 * change the plan, say so, and listen to "changed" (GlowDraftChanges). */
#define GLOW_TYPE_CAPTURE_DRAFT (glow_capture_draft_get_type ())
G_DECLARE_FINAL_TYPE (GlowCaptureDraft, glow_capture_draft, GLOW, CAPTURE_DRAFT, GObject)

typedef enum {
  GLOW_DRAFT_PLAN = 1 << 0,
  GLOW_DRAFT_TARGET = 1 << 1,      /* of the plan, from elsewhere than the part that sets it */
  GLOW_DRAFT_ABILITIES = 1 << 2,
  GLOW_DRAFT_ESTIMATE = 1 << 3,
  GLOW_DRAFT_OVERHEAD = 1 << 4,
} GlowDraftChanges;

/* As it was left the last time. Asks what can be recorded here. */
GlowCaptureDraft *glow_capture_draft_new (void);
/* Remembers it for the next time. */
void              glow_capture_draft_remember (GlowCaptureDraft *self);

/* To be changed in place; then glow_capture_draft_edited(). (transfer none) */
GlowCapturePlan  *glow_capture_draft_get_plan (GlowCaptureDraft *self);
/* @events: what they come to may be different now. */
void              glow_capture_draft_edited   (GlowCaptureDraft *self, gboolean events);
/* Another way of recording the same target. */
void              glow_capture_draft_take_plan (GlowCaptureDraft *self, const GlowCapturePlan *plan);
/* Another target too. */
void              glow_capture_draft_take_whole_plan (GlowCaptureDraft *self, const GlowCapturePlan *plan);

/* The command as a line of a shell: quotes and backslashes, no variables. FALSE with @error where it is not one; the plan has no command then. */
gboolean          glow_capture_draft_set_command (GlowCaptureDraft *self, const char *line, GError **error);
const char       *glow_capture_draft_get_command (GlowCaptureDraft *self);

/* perf's own words, which no plan can say (nullable): they run as they are. Forgotten with the next change of the plan. */
const char *const *glow_capture_draft_get_words (GlowCaptureDraft *self);
void              glow_capture_draft_set_words  (GlowCaptureDraft *self, const char *const *words);

const GlowCaptureAbilities *glow_capture_draft_get_abilities (GlowCaptureDraft *self);     /* (nullable): not known yet */
/* Who records; FALSE where nobody can, with what to do about that (transfer none). Nothing is said before abilities are known. */
gboolean          glow_capture_draft_get_way  (GlowCaptureDraft *self, GlowCaptureWay *way, const char **problem);
/* Whether what is missing is something that somebody has yet to say, and not a right. */
gboolean          glow_capture_draft_is_whole (GlowCaptureDraft *self);

/* How long a single event is that should be seen, in seconds. */
double            glow_capture_draft_get_event (GlowCaptureDraft *self);
void              glow_capture_draft_set_event (GlowCaptureDraft *self, double seconds);
const GlowCaptureEstimate *glow_capture_draft_get_estimate (GlowCaptureDraft *self);
void              glow_capture_draft_measure  (GlowCaptureDraft *self);
gboolean          glow_capture_draft_is_measuring (GlowCaptureDraft *self);
const char       *glow_capture_draft_get_measure_problem (GlowCaptureDraft *self);         /* (nullable) */

/* Off, on, on, off, in blocks; takes as long as the command does, times four a block. */
void              glow_capture_draft_measure_overhead (GlowCaptureDraft *self);
gboolean          glow_capture_draft_is_measuring_overhead (GlowCaptureDraft *self, double *fraction);
const GlowCaptureOverhead *glow_capture_draft_get_overhead (GlowCaptureDraft *self);       /* (nullable): of the plan as it is */
const char       *glow_capture_draft_get_overhead_problem (GlowCaptureDraft *self);        /* (nullable) */
/* Ends measuring of either kind. */
void              glow_capture_draft_cancel   (GlowCaptureDraft *self);

/* Where recordings are kept, and how one that begins now is called there. (transfer full) */
char             *glow_capture_draft_dup_folder (void);
char             *glow_capture_draft_dup_output (GlowCaptureDraft *self);

G_END_DECLS
